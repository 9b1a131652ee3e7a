"""A long fuzz run with atheris: ``python tests/fuzz/harness.py PARSER [-max_total_time=600]``.

What it finds is written down as a case in test_fuzz.py or test_hostile.py.
"""

import sys
import tempfile
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["netklynge"]):
    from parsers import PARSERS

    from netklynge.findings import NetklyngeError


def main() -> None:
    wanted = {parser.name: parser for parser in PARSERS}
    if len(sys.argv) < 2 or sys.argv[1] not in wanted:
        sys.exit(f"give a parser: {', '.join(wanted)}")
    parser = wanted[sys.argv.pop(1)]
    with tempfile.TemporaryDirectory() as folder:
        corpus = Path(folder) / "corpus"
        corpus.mkdir()
        (corpus / "valid").write_bytes(parser.valid)

        def one(content: bytes) -> None:
            path = Path(folder) / f"file{parser.suffix}"
            path.write_bytes(content)
            try:
                parser.read(path)
            except NetklyngeError:
                return

        atheris.Setup([*sys.argv, str(corpus)], one)
        atheris.Fuzz()


if __name__ == "__main__":
    main()
