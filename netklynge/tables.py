"""Table files in: delimited text and workbooks, read as text cells so that nothing is guessed away.

Every cell arrives as a string or as a blank; what the text means is for the contracts to say.
The index of a frame is the row that an editor shows (the header is row 1).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd

from netklynge.findings import Finding, InputError

__all__ = ["TEXT_SUFFIXES", "WORKBOOK_SUFFIXES", "decode", "delimiter_of", "read_text_table", "read_workbook"]

TEXT_SUFFIXES = (".csv", ".tsv", ".tab", ".txt")
WORKBOOK_SUFFIXES = (".xlsx", ".xlsm", ".xls", ".ods")

_BOMS = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)


def decode(raw: bytes) -> tuple[str, str]:
    """Text and encoding of `raw`: by its byte-order mark, else UTF-8, else Windows-1252 (never an error)."""
    for mark, encoding in _BOMS:
        if raw.startswith(mark):
            return raw.decode(encoding, errors="replace"), encoding
    try:
        return raw.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        return raw.decode("cp1252", errors="replace"), "cp1252"


def delimiter_of(text: str) -> str:
    """The delimiter that occurs most often, outside quotes, in the first line of `text`."""
    first = next(iter(csv.reader(io.StringIO(text[:65536], newline=""), delimiter="\0")), [""])
    header = first[0] if first else ""
    unquoted = "".join(header.split('"')[::2]) or header
    return max(",;\t|", key=lambda mark: (unquoted.count(mark), mark == ","))


def read_text_table(path: Path) -> tuple[pd.DataFrame, list[Finding]]:
    """Read a delimited text file as strings.

    Returns
    -------
    frame, findings
        All rows whose number of cells fits the header, indexed by editor row; and a finding for each
        row that does not fit.

    Raises
    ------
    InputError
        The file cannot be opened, is empty, or holds no delimited text.
    """
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from None
    text, _ = decode(raw)
    if not text.strip():
        raise InputError(f"{path}: the file is empty; a header row with column names is needed")
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter_of(text))
    try:
        return _frame(_numbered(rows), path.name)
    except csv.Error as error:
        raise InputError(f"{path}: no delimited text: {error} (near row {rows.line_num})") from None


def read_workbook(path: Path) -> dict[str, tuple[pd.DataFrame, list[Finding]]]:
    """Read every sheet of a workbook as strings: sheet name to (frame, findings).

    Raises
    ------
    InputError
        The file is no workbook, is protected by a password, or is damaged.
    """
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        book = CalamineWorkbook.from_path(str(path))
        sheets = {name: book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in book.sheet_names}
    except (CalamineError, OSError, ValueError) as error:
        raise InputError(
            f"{path}: cannot be read as a workbook: {error}; save it as .xlsx without a password"
        ) from None
    return {
        name: _frame(((i, [_text(c) for c in row]) for i, row in enumerate(rows, start=1)), f"{path.name}[{name}]")
        for name, rows in sheets.items()
    }


def _numbered(rows: Iterator[list[str]]) -> Iterator[tuple[int, list[str]]]:
    """Rows with the number an editor shows, blank lines counted."""
    yield from enumerate(rows, start=1)


def _text(cell: Any) -> str:
    """A workbook cell as text: whole numbers without '.0', dates in ISO form, logical values as 1 and 0."""
    if isinstance(cell, bool):
        return str(int(cell))
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return cell.isoformat() if hasattr(cell, "isoformat") else str(cell)


def _frame(rows: Iterator[tuple[int, list[str]]], file: str) -> tuple[pd.DataFrame, list[Finding]]:
    findings: list[Finding] = []
    header: list[str] = []
    index: list[int] = []
    cells: list[list[str | None]] = []
    for number, row in rows:
        values = [cell.strip() for cell in row]
        if not any(values):
            continue
        if not header:
            header = values
            while header and not header[-1]:
                header.pop()
            findings += _header_findings(header, number, file)
            continue
        if any(values[len(header) :]):
            extra = "; ".join(v for v in values[len(header) :] if v)
            wrong = f"{len(values)} cells in a table of {len(header)} columns"
            findings.append(Finding(file, number, "", extra, wrong, "one cell per column; quote a cell with commas"))
            continue
        padded = values[: len(header)] + [""] * (len(header) - len(values))
        index.append(number)
        cells.append([value or None for value in padded])
    frame = pd.DataFrame(cells, columns=header, index=pd.Index(index, name="row"), dtype="string")
    return frame, findings


def _header_findings(header: list[str], row: int, file: str) -> list[Finding]:
    seen: set[str] = set()
    findings = []
    for place, name in enumerate(header, start=1):
        if not name:
            findings.append(Finding(file, row, f"column {place}", "", "no column name", "a name in every header cell"))
        elif name in seen:
            findings.append(Finding(file, row, name, name, "column name used twice", "each column name once"))
        seen.add(name)
    return findings
