"""Nothing is sent: the whole main job with sockets forbidden, and no temporary file left behind."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

FORBIDDEN = """
import socket, sys
def refuse(*args, **kwargs):
    raise AssertionError("a socket was asked for")
socket.socket.connect = socket.socket.connect_ex = socket.socket.bind = refuse
socket.create_connection = socket.getaddrinfo = socket.gethostbyname = refuse
class Refused(socket.socket):
    __init__ = refuse
socket.socket = Refused
import urllib.request, http.client
http.client.HTTPConnection.connect = refuse
from netklynge.cli.commands import main
sys.argv[0] = "netklynge"
main()
"""


def run(arguments, tmp_path):
    """The command line in a process without sockets, with a home and a temporary folder of its own."""
    for name in ("home", "temporary"):
        (tmp_path / name).mkdir(exist_ok=True)
    places = {"HOME": str(tmp_path / "home"), "TMPDIR": str(tmp_path / "temporary")}
    return subprocess.run(
        [sys.executable, "-c", FORBIDDEN, *map(str, arguments)],
        capture_output=True,
        text=True,
        env={**os.environ, **places},
        check=False,
    )


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    tmp_path = tmp_path_factory.mktemp("offline")
    return run(["report", "kongsberg", "-o", tmp_path / "out"], tmp_path), tmp_path


def test_the_main_job_asks_for_no_socket(done):
    process, tmp_path = done
    assert process.returncode == 0, process.stderr
    written = {str(path.relative_to(tmp_path / "out")) for path in (tmp_path / "out").rglob("*") if path.is_file()}
    assert {"report.html", "view.html", "result.json", "graph.graphml"} <= written


def test_no_temporary_file_is_left(done):
    _, tmp_path = done
    assert list((tmp_path / "temporary").rglob("*")) == []
    assert not [path for path in (tmp_path / "out").rglob("*") if path.name.startswith(".")]


LOADS = re.compile(
    r"""<(?:script|img|iframe|link|source|audio|video|embed|object)\b[^>]*\b(?:src|href|data)\s*=\s*["']?(?!data:|\#)[^"'>\s]+"""
    r"""|@import|url\(\s*["']?(?:https?:)?//""",
    re.IGNORECASE,
)


@pytest.mark.parametrize("page", ["report.html", "view.html"])
def test_pages_load_nothing_from_elsewhere(done, page):
    """Links between the pages of the report are places in the same folder."""
    _, tmp_path = done
    text = (tmp_path / "out" / page).read_text(encoding="utf-8")
    markup = re.sub(r"<script\b[^>]*>.*?</script>", "<script></script>", text, flags=re.DOTALL)
    own = {path.name for path in Path(tmp_path / "out").iterdir()}
    assert [found for found in LOADS.findall(markup) if not any(name in found for name in own)] == []
    for script in re.findall(r"<script\b[^>]*>(.*?)</script>", text, flags=re.DOTALL):
        assert not re.search(r"\b(?:fetch|XMLHttpRequest|WebSocket|EventSource|sendBeacon|importScripts)\s*\(", script)


def test_the_same_again_gives_the_same_bytes(done):
    _, tmp_path = done
    again = run(["report", "kongsberg", "-o", tmp_path / "again"], tmp_path)
    assert again.returncode == 0, again.stderr
    for path in (tmp_path / "out").rglob("*"):
        if path.is_file():
            other = tmp_path / "again" / path.relative_to(tmp_path / "out")
            assert path.read_bytes() == other.read_bytes(), path.name
