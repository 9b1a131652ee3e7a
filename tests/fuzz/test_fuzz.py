"""Every parser on bytes that are nearly right: a result or an error of ours, nothing else."""

from contextlib import suppress

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from parsers import PARSERS

from netklynge.findings import NetklyngeError

# Pieces that parsers trip over, put somewhere into a valid file.
PIECES = [
    b"\0", b"\xff", b"\xef\xbb\xbf", b"\xff\xfe", b'"', b"'", b"\r", b"\n\n", b",", b";", b"\t", b"-", b"- ", b": ",
    b"{", b"[", b"<", b">", b"&x;", b"&#0;", b"]]>", b"<!--", b"<![CDATA[", b"9" * 400, b"1e999", b"nan", b"\xd9\xa3",
    b"\xe2\x80\xae", b"%", b"*vertices 99999999\n", b"n=-1", b"NaN", b"true", b"!!x ", b"&a ", b"*a", b"2001-99-99",
]  # fmt: skip


@st.composite
def nearly(draw, valid):
    """A valid file with some pieces put in, cut out or doubled."""
    content = valid
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(content)))
        end = draw(st.integers(at, min(at + 40, len(content))))
        what = draw(st.sampled_from(["put", "cut", "double"]))
        piece = draw(st.sampled_from(PIECES) | st.binary(max_size=6)) if what == "put" else b""
        middle = content[at:end] * (2 if what == "double" else 0)
        content = content[:at] + piece + middle + content[end if what != "put" else at :]
    return content


NO_WRITER = {"old workbook"}  # no library here writes one


@pytest.mark.parametrize("parser", PARSERS, ids=lambda parser: parser.name)
def test_a_seed_is_read_without_a_finding(parser, tmp_path):
    path = tmp_path / f"file{parser.suffix}"
    path.write_bytes(parser.valid)
    if parser.name in NO_WRITER:
        with pytest.raises(NetklyngeError):
            parser.read(path)
    else:
        parser.read(path)


@pytest.mark.parametrize("parser", PARSERS, ids=lambda parser: parser.name)
def test_a_parser_answers_or_says_what_is_wrong(parser, tmp_path_factory):
    folder = tmp_path_factory.mktemp("fuzz")

    @settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
    @given(nearly(parser.valid))
    @example(parser.valid)
    @example(b"")
    @example(b"\0" * 64)
    def attempt(content):
        path = folder / f"file{parser.suffix}"
        path.write_bytes(content)
        with suppress(NetklyngeError):
            parser.read(path)

    attempt()
