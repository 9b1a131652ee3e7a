"""Files out: written under a temporary name beside their place, then moved into it, whole or not at all."""

from __future__ import annotations

import io
import os
import re
import shutil
import stat
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from math import isfinite
from numbers import Real
from pathlib import Path
from typing import TYPE_CHECKING

from netklynge.findings import NetklyngeError

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "file_name",
    "folder",
    "refuse_overwrite",
    "safe_cells",
    "safe_text",
    "write_bytes",
    "write_csv",
    "write_text",
    "write_workbook",
    "written",
    "written_folder",
]

# A cell runs as a formula when it starts with one of these; a spreadsheet that splits at another mark than
# the comma starts a cell after that mark too. Signs before a plain number are numbers.
_FORMULA = re.compile(r"(^|[;,|\t\r\n])([ \u00a0]*)(?=[=@＝＠]|[+\-＋－](?!\d+(?:[.,]\d+)*\s?%?(?:$|[;,|\t\r\n])))")
_RISKY = re.compile(r"[;,|\t\r\n]|\A[ \u00a0]*[=@＝＠+\-＋－]")  # what most cells have none of, quick to see
_RESERVED = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\..*)?")
_SHEET_MARKS = re.compile(r"[\[\]:*?/\\]")
_CELL = 32767  # characters that a workbook cell holds


@contextmanager
def written(path: Path) -> Iterator[Path]:
    """Give a temporary path beside `path`; on leaving without an error it takes the place of `path`.

    Whenever the process dies, `path` holds the old content or the new one, never a part. The temporary file
    can be read by its owner only.

    Raises
    ------
    NetklyngeError
        The place cannot be written to: a read-only folder, a full disk; or there is a link, a device or a folder.
    """
    path = Path(path)
    _refuse_other(path, stat.S_ISREG, "{path}: no regular file; give a file on a disk, or a new name")
    temporary: Path | None = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=".", suffix=".part", dir=path.parent)
        os.close(handle)
        temporary = Path(name)
        yield temporary
        _sync(temporary)
        os.chmod(temporary, 0o666 & ~_umask())
        os.replace(temporary, path)
    except (OSError, ValueError) as error:  # ValueError: NUL in a path
        raise _unwritable(path, error) from None
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)


@contextmanager
def written_folder(path: Path, force: bool = False) -> Iterator[Path]:
    """Give a temporary folder beside `path`; on leaving without an error it takes the place of `path`, whole.

    Files that lie in an old folder `path` and have no successor stay in it. When the process dies, `path` is
    the old folder or the new one: the two change places in one step. Where a system has no such step and the
    process dies between two renames, the old one lies beside it as ``.NAME.old`` and is put back by the next
    call. A folder that the user stands in stays, and its files are replaced one by one.

    Parameters
    ----------
    path : Path
    force : bool
        Whether files that are there already may be replaced.

    Raises
    ------
    NetklyngeError
        The place cannot be written to, is a link or a file, or files there would be replaced without `force`.
    """
    path = Path(path).absolute()
    _refuse_other(path, stat.S_ISDIR, "{path}: no folder; give a folder, or a new name for one")
    old = path.with_name(f".{path.name}.old")
    temporary: Path | None = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if old.is_dir() and not path.exists():
            os.replace(old, path)
        temporary = Path(tempfile.mkdtemp(prefix=".", suffix=".part", dir=path.parent))
        yield temporary
        made = sorted(file.relative_to(temporary) for file in temporary.rglob("*") if file.is_file())
        refuse_overwrite([path / file for file in made], force)
        if path.exists() and Path.cwd().is_relative_to(path):
            for file in made:
                (path / file).parent.mkdir(parents=True, exist_ok=True)
                os.replace(temporary / file, path / file)
            return
        if path.exists():
            _keep_others(path, temporary)
        os.chmod(temporary, 0o777 & ~_umask())
        if not path.exists():
            os.replace(temporary, path)
        elif not _exchanged(temporary, path):
            shutil.rmtree(old, ignore_errors=True)
            os.replace(path, old)
            os.replace(temporary, path)
        shutil.rmtree(old, ignore_errors=True)
    except OSError as error:
        raise _unwritable(path, error) from None
    finally:
        if temporary is not None:
            shutil.rmtree(temporary, ignore_errors=True)


def _refuse_other(path: Path, fits: Callable[[int], bool], words: str) -> None:
    """Refuse to put something in the place of what is of another kind; a link is never replaced, nor followed."""
    try:
        mode = path.lstat().st_mode
    except (OSError, ValueError):  # not there, or cannot be: that is told when it is written
        return
    if stat.S_ISLNK(mode):
        raise NetklyngeError("{path}: is a link; give the place that it leads to", path=path)
    if not fits(mode):
        raise NetklyngeError(words, path=path)


def _keep_others(path: Path, temporary: Path) -> None:
    for file in sorted(path.rglob("*")):
        heir = temporary / file.relative_to(path)
        if file.is_dir() and not file.is_symlink():
            heir.mkdir(exist_ok=True)
        elif not heir.exists():
            try:
                os.link(file, heir, follow_symlinks=False)
            except OSError:  # a system without links
                shutil.copy2(file, heir, follow_symlinks=False)


def _exchanged(one: Path, other: Path) -> bool:
    """Let two folders change places in one step; False where the system cannot."""
    import ctypes

    try:
        swap = ctypes.CDLL(None, use_errno=True).renameat2
    except (AttributeError, OSError, TypeError):  # no Linux, or an old one
        return False
    here, exchange = -100, 2  # AT_FDCWD, RENAME_EXCHANGE
    return bool(swap(here, os.fsencode(one), here, os.fsencode(other), exchange) == 0)


def _unwritable(path: Path, error: Exception) -> NetklyngeError:
    why = getattr(error, "strerror", None) or error
    return NetklyngeError("{path}: cannot be written: {why}", path=path, why=why)


def _sync(path: Path) -> None:
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def _umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


def refuse_overwrite(paths: Iterable[str | Path], force: bool = False) -> None:
    """Refuse to go on when one of `paths` is there already, unless `force`.

    Raises
    ------
    NetklyngeError
        The message names the first of them.
    """
    there = [] if force else [path for path in map(Path, paths) if path.exists() or path.is_symlink()]
    if there:
        words = "{path}: there already; give --force to replace it, or another place"
        if len(there) > 1:
            words = "{path} (and {more} more): there already; give --force to replace it, or another place"
            raise NetklyngeError(words, path=there[0], more=len(there) - 1)
        raise NetklyngeError(words, path=there[0])


def folder(path: Path) -> Path:
    """Make sure that the folder `path` is there; return it."""
    path = Path(path)
    try:
        path.mkdir(parents=True, exist_ok=True)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or error
        raise NetklyngeError("{path}: cannot be made: {why}", path=path, why=why) from None
    return path


def file_name(text: str, default: str = "study") -> str:
    """A plain file name from any text: no folders, no hidden files, no names that a system reserves.

    Examples
    --------
    >>> file_name("../../etc/passwd"), file_name("Møre og Romsdal"), file_name("..")
    ('etc-passwd', 'Møre-og-Romsdal', 'study')
    """
    plain = re.sub(r"[^\w.]+|\.\.+", "-", text)[:80].strip("-._")
    return f"{plain}-" if _RESERVED.fullmatch(plain) else plain or default


def write_bytes(path: Path, content: bytes) -> Path:
    """Write `content` to `path`, atomically; return `path`."""
    with written(path) as temporary:
        temporary.write_bytes(content)
    return Path(path)


def write_text(path: Path, text: str) -> Path:
    """Write `text` to `path` in UTF-8 with line feeds, atomically; return `path`."""
    return write_bytes(path, text.encode("utf-8", errors="replace"))


def write_csv(path: Path, frame: pd.DataFrame) -> Path:
    """Write a table for people to open in a spreadsheet: UTF-8, commas, formulas neutralised."""
    return write_text(path, safe_cells(frame).to_csv(index=False, lineterminator="\n"))


def safe_text(text: str) -> str:
    """The text with an apostrophe wherever a spreadsheet would begin to run it as a formula.

    Examples
    --------
    >>> safe_text("=cmd()"), safe_text("-5"), safe_text("-5 000"), safe_text("R&D; -3 %")
    ("'=cmd()", '-5', "'-5 000", 'R&D; -3 %')
    >>> safe_text("a;=cmd()")
    "a;'=cmd()"
    """
    return _FORMULA.sub(r"\1\2'", text) if _RISKY.search(text) else text


def safe_cells(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with every text, column names too, as :func:`safe_text` makes it; the rest stays as it is."""
    out = frame.copy()
    for place, dtype in enumerate(frame.dtypes):
        if dtype.kind not in "biufcmM":
            cells = frame.iloc[:, place].astype(object)
            texts = {cell for cell in cells if isinstance(cell, str)}
            unsafe = {text: safe for text in texts if (safe := safe_text(text)) != text}
            # a look-up by equality would take 1 for True, so only texts are looked up
            out.isetitem(place, [unsafe.get(c, c) if isinstance(c, str) else c for c in cells] if unsafe else cells)
    return out.rename(columns=lambda name: safe_text(name) if isinstance(name, str) else name)


def write_workbook(path: Path, sheets: Mapping[str, pd.DataFrame]) -> Path:
    """Write frames as the sheets of an Excel workbook; text is stored as text and never runs as a formula.

    The same frames give the same bytes.
    """
    import pandas as pd
    import xlsxwriter

    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True})
    book.set_properties({"created": datetime(2000, 1, 1)})
    for name, frame in sheets.items():
        sheet = book.add_worksheet(_SHEET_MARKS.sub("-", name)[:31])
        for column, head in enumerate(frame.columns):
            sheet.write_string(0, column, _printable(str(head)))
            for row, cell in enumerate(frame.iloc[:, column], start=1):
                if pd.isna(cell):
                    continue
                if pd.api.types.is_bool(cell):
                    sheet.write_boolean(row, column, bool(cell))
                elif isinstance(cell, Real) and isfinite(cell):
                    sheet.write_number(row, column, float(cell))
                else:
                    sheet.write_string(row, column, _printable(str(cell)))
    book.close()
    return write_bytes(path, buffer.getvalue())


def _printable(text: str) -> str:
    """Text that a workbook can hold: no control characters, not longer than a cell."""
    return re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]", "\ufffd", text)[:_CELL]
