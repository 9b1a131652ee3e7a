"""One app on a desk: a lock that dies with its process, and a way for a second start to open the one that runs.

What the lock's file holds, the address and a secret, lets a second start ask the running app for a key. Only the
owner of the desk can read it. A key opens one browser once; what the browser then bears is another secret.
"""

from __future__ import annotations

import json
import os
import stat
import sys
import time
import urllib.request
from contextlib import suppress
from pathlib import Path
from typing import IO

from netklynge.files.outputs import folder
from netklynge.findings import NetklyngeError

__all__ = ["KNOCK", "claim", "knock", "private_folder", "redirect", "release", "tell"]

KNOCK = "x-netklynge-knock"
_FILE, _PAGE = ".netklynge-running", ".netklynge-open.html"
_PATIENCE = 30  # seconds for an app that has just begun to say where it is


def private_folder(desk: Path) -> Path:
    """Make the desk for its owner alone; one that is there is closed to others too unless it holds other things."""
    new = not desk.exists()
    folder(desk)
    ours = all(path.name.startswith(".") or (path / "original").is_dir() for path in desk.iterdir())
    if new or (ours and desk.stat().st_mode & 0o077):
        with suppress(OSError):  # somebody else's folder, or a system without modes
            desk.chmod(0o700)
    return desk.resolve()


def claim(desk: Path) -> IO[str] | None:
    """Lock the desk for this process; None when another has it."""
    while True:
        handle = os.open(desk / _FILE, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o600)
        file = os.fdopen(handle, "r+", encoding="utf-8")
        if not _locked(file):
            file.close()
            return None
        try:
            same = os.stat(desk / _FILE).st_ino == os.fstat(file.fileno()).st_ino
        except FileNotFoundError:
            same = False
        if same:
            return file
        file.close()  # the other process removed the file between our two steps


def _locked(file: IO[str]) -> bool:
    try:
        if sys.platform == "win32":
            import msvcrt

            file.seek(1 << 20)  # beyond what is written, which others must be able to read
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def tell(file: IO[str], address: str, secret: str) -> None:
    """Say where the app is, to a second start on the same desk."""
    file.seek(0)
    file.truncate()
    file.write(json.dumps({"address": address, "secret": secret}))
    file.flush()


def release(desk: Path, file: IO[str]) -> None:
    """Leave the desk to others."""
    for name in (_PAGE, _FILE):
        (desk / name).unlink(missing_ok=True)
    file.close()


def knock(desk: Path) -> str:
    """The address of the app that runs on this desk, with a key of its own.

    Raises
    ------
    NetklyngeError
        Something holds the desk and does not answer.
    """
    end = time.monotonic() + _PATIENCE
    while True:
        try:
            told = json.loads((desk / _FILE).read_text(encoding="utf-8"))
            asked = urllib.request.Request(f"{told['address']}/knock", b"", {KNOCK: told["secret"]})
            direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
            with direct.open(asked, timeout=_PATIENCE) as answer:
                return f"{told['address']}/?key={json.load(answer)['key']}"
        except (OSError, ValueError, KeyError) as error:
            if time.monotonic() > end:
                raise NetklyngeError(
                    f"{desk}: another netklynge is at work here and does not answer: {error}"
                ) from None
            time.sleep(0.2)


def redirect(desk: Path, address: str) -> Path:
    """A page that sends a browser to the address, so that the key stands in no command line; for its owner alone."""
    page = desk / _PAGE
    page.unlink(missing_ok=True)
    handle = os.open(page, os.O_WRONLY | os.O_CREAT | os.O_EXCL, stat.S_IRUSR | stat.S_IWUSR)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(
            '<!doctype html><html lang="en"><meta charset="utf-8"><title>netklynge</title>'
            '<meta name="referrer" content="no-referrer">'
            f'<meta http-equiv="refresh" content="0; url={address}"><a href="{address}">netklynge</a></html>\n'
        )
    return page
