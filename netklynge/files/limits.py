"""What an input file may be at most, so that a hostile one costs little memory and time."""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import yaml

from netklynge.findings import InputError

__all__ = [
    "MAX_BYTES",
    "MAX_CELLS",
    "MAX_COLUMNS",
    "MAX_DEPTH",
    "MAX_ROWS",
    "MAX_SETTINGS",
    "MAX_UNPACKED",
    "check_archive",
    "check_size",
    "parse_yaml",
    "protected",
]

MAX_BYTES = 256 * 2**20  # of a file as it lies on the disk
MAX_UNPACKED = 512 * 2**20  # of everything inside a workbook
MAX_CELLS = 50_000_000  # of the rectangle that a sheet spans: readers make room for all of it
MAX_COLUMNS = 16_384  # of a table; what a spreadsheet holds
MAX_ROWS = 4_000_000  # of a table in memory; two million ties are the largest study that is
MAX_SETTINGS = 4 * 2**20  # bytes of a YAML file
MAX_DEPTH = 20  # levels of nesting in a YAML file

_BLOCK = 2**20
_COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # begins an old workbook and an encrypted new one
_MANIFEST = "META-INF/manifest.xml"
_CELL = re.compile(rb'<(?:\w+:)?c\s[^>]*?\br="([A-Z]{1,3})(\d{1,7})"')
_REPEATED = re.compile(
    rb'columns-repeated="\d{4,}"[^>]*value-type|value-type[^>]*columns-repeated="\d{4,}"'
    rb'|rows-repeated="\d{4,}"[^>]*>\s*<table:table-cell[^>]*value-type'
)


def check_size(path: Path, limit: int = MAX_BYTES) -> None:
    """Refuse a file that is larger than `limit`, or no regular file, before a byte of it is read.

    Raises
    ------
    InputError
        The file cannot be opened, is no regular file (a device never ends), or is too large.
    """
    try:
        size = path.stat().st_size
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: cannot be read: {getattr(error, 'strerror', None) or error}") from None
    if not path.is_file():
        raise InputError(f"{path}: no regular file; give a file on a disk")
    if size > limit:
        raise InputError(f"{path}: {size:,} bytes; at most {limit:,} are read, so split the file")


def check_archive(path: Path, limit: int = MAX_UNPACKED) -> None:
    """Refuse a workbook that is encrypted, unpacks to more than `limit` or spans too many cells.

    No zip archive passes that does. The sizes are those that the archive's directory states; unpackers stop at
    them. A sheet of two cells, one in the last row and column, spans seventeen thousand million.

    Raises
    ------
    InputError
        The file cannot be opened, is a damaged archive, needs a password, or unpacks to too much.
    """
    check_size(path)
    try:
        with path.open("rb") as file:
            compound = file.read(len(_COMPOUND)) == _COMPOUND
            locked = compound and "EncryptedPackage".encode("utf-16-le") in file.read(_BLOCK)
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from None
    if locked:
        raise protected(path)
    if not zipfile.is_zipfile(path):
        return
    try:
        with zipfile.ZipFile(path) as archive:
            unpacked = sum(part.file_size for part in archive.infolist())
            fits = unpacked <= limit
            locked = fits and _MANIFEST in archive.namelist() and b"encryption-data" in archive.read(_MANIFEST)
            wide = fits and not locked and any(_spans_too_much(archive, part) for part in archive.namelist())
    except (zipfile.BadZipFile, zlib.error, OSError, ValueError, RuntimeError) as error:
        raise InputError(f"{path}: the workbook is damaged or cut off ({error}); save it again as .xlsx") from None
    if not fits:
        raise InputError(
            f"{path}: unpacks to {unpacked:,} bytes; at most {limit:,} are read, so split it or save the sheet as .csv"
        )
    if locked:
        raise protected(path)
    if wide:
        raise InputError(f"{path}: a sheet spans more than {MAX_CELLS:,} cells; delete what lies far from the table")


def protected(path: Path) -> InputError:
    """The error of a workbook that needs a password."""
    return InputError(f"{path}: is protected by a password; open it with the password and save it without one")


def _spans_too_much(archive: zipfile.ZipFile, part: str) -> bool:
    """Whether a sheet has a cell far out, or (OpenDocument) one that is repeated a thousand times and more."""
    if part == "content.xml":
        with archive.open(part) as sheet:
            return any(_REPEATED.search(block) for block in _blocks(sheet))
    if not re.fullmatch(r"xl/worksheets/[^/]+\.xml", part):
        return False
    across, down = 1, 1
    with archive.open(part) as sheet:
        for block in _blocks(sheet):
            for letters, row in _CELL.findall(block):
                across = max(across, sum(26**k * (c - 64) for k, c in enumerate(reversed(letters))))
                down = max(down, int(row))
    return across * down > MAX_CELLS


def _blocks(file: IO[bytes]) -> Iterator[bytes]:
    """The file in blocks that overlap by more than a tag is long."""
    tail = b""
    while block := file.read(_BLOCK):
        yield tail + block
        tail = block[-500:]


def parse_yaml(text: str, most: int = 0) -> Any:
    r"""What a YAML text says, with plain values only: no tags, no deep nesting, no aliases that unfold to no end.

    A few lines of aliases stand for gigabytes as soon as somebody prints them.

    Parameters
    ----------
    text : str
    most : int
        How many values the whole may hold once its aliases are unfolded; 0 refuses aliases.

    Raises
    ------
    yaml.YAMLError
        The text is no YAML or uses what is refused; ``problem`` and ``problem_mark`` say what and where.

    Examples
    --------
    >>> parse_yaml("name: horten\nreference_year: 2005")
    {'name': 'horten', 'reference_year': 2005}
    """
    sizes: dict[str, int] = {}  # values under each anchor, unfolded
    nested: list[tuple[str | None, int]] = []  # collections that are open: anchor, values so far
    held = 0
    try:
        for event in yaml.parse(text, Loader=yaml.SafeLoader):
            if isinstance(event, yaml.AliasEvent):
                if not most:
                    raise _refused("an alias (*name); write the value out", event)
                held += sizes.get(str(event.anchor), most)  # not known: inside of what it stands for
                if held > most:
                    raise _refused(f"aliases (*name) that unfold to more than {most:,} values", event)
            elif isinstance(event, yaml.CollectionStartEvent):
                held += 1
                nested.append((event.anchor, held))
                if len(nested) > MAX_DEPTH:
                    raise _refused(f"nested deeper than {MAX_DEPTH} levels", event)
            elif isinstance(event, yaml.CollectionEndEvent):
                anchor, before = nested.pop()
                if anchor is not None:
                    sizes[anchor] = held - before + 1
            elif isinstance(event, yaml.ScalarEvent):
                held += 1
                if event.anchor is not None:
                    sizes[event.anchor] = 1
        return yaml.safe_load(text)
    except (ValueError, RecursionError, OverflowError) as error:  # a date 99-99-99, a number of 5,000 digits
        raise yaml.MarkedYAMLError(problem=f"a value that cannot be read: {error}") from None


def _refused(problem: str, event: Any) -> yaml.MarkedYAMLError:
    return yaml.MarkedYAMLError(problem=problem, problem_mark=event.start_mark)
