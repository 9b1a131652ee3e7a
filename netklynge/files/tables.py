"""Table files in: delimited text, workbooks and Parquet, read as text cells so that nothing is guessed away.

Every cell arrives as a string or as a blank; what the text means is for the contracts to say.
The index of a frame is the row that an editor shows (the header is row 1).
"""

from __future__ import annotations

import codecs
import csv
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice
from pathlib import Path
from typing import Any, TextIO

import numpy as np
import pandas as pd

from netklynge.files.limits import MAX_CELLS, MAX_COLUMNS, MAX_ROWS, MAX_UNPACKED, check_archive, check_size, protected
from netklynge.findings import Finding, InputError

__all__ = [
    "PARQUET_SUFFIXES",
    "TEXT_SUFFIXES",
    "WORKBOOK_SUFFIXES",
    "cell_text",
    "decode",
    "delimiter_of",
    "numbers",
    "read_parquet",
    "read_table",
    "read_text_table",
    "read_workbook",
    "text_blocks",
    "text_frame",
]

TEXT_SUFFIXES = (".csv", ".tsv", ".tab", ".txt")
WORKBOOK_SUFFIXES = (".xlsx", ".xlsm", ".xls", ".ods")
PARQUET_SUFFIXES = (".parquet", ".pq")

_SPACES = "[ '\t\n\r\u00a0\u2000-\u200b\u202f\u205f\u3000]"  # part thousands; Arrow's \s is ASCII's
_BLOCK = 20_000  # rows held as Python lists at a time; what is read before is held as Arrow text
_CELLS = 2_000_000  # cells held so at a time
_PROBE = 1 << 20
_PARQUET_ROWS = 1 << 16  # rows of a Parquet file that are unfolded at a time
_PLAIN = 1 << 26  # bytes of a block that Arrow parses at once; a larger one is read row by row
_LINE = 1 << 24  # characters of a line; longer ones are no delimited text

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


# -- encodings, delimiters, numbers ------------------------------------------------------------------


def decode(raw: bytes) -> tuple[str, str]:
    """Text and encoding of `raw`: by its byte-order mark or its NULs, else UTF-8, else Windows-1252.

    Never an error: bytes that Windows-1252 leaves undefined become replacement characters. Latin-1 text
    reads the same, since Windows-1252 differs from it in control characters only.

    Examples
    --------
    >>> decode("Tønsberg".encode("latin-1"))
    ('Tønsberg', 'cp1252')
    """
    encoding = _encoding(iter([raw]))
    return raw.decode(encoding, errors="replace"), encoding


def _encoding(blocks: Iterator[bytes]) -> str:
    """The encoding of a stream of blocks, which is read to its end only when it looks like UTF-8."""
    first = next(blocks, b"")
    for mark, encoding in _BOMS:
        if first.startswith(mark):
            return encoding
    head = first[:1000]
    if head[1::2].count(0) > len(head) // 4:
        return "utf-16-le"
    if head[0::2].count(0) > len(head) // 4:
        return "utf-16-be"
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for block in chain([first], blocks):
            decoder.decode(block)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"


def delimiter_of(text: str) -> str:
    """The delimiter that occurs most often, outside quotes, in the first line of `text` that is not blank.

    Examples
    --------
    >>> delimiter_of('"Omsetning, mill.";"Sted"')
    ';'
    """
    unquoted = "".join(text[:_PROBE].split('"')[::2])
    header = next((line for line in unquoted.splitlines() if line.strip()), "")
    return max(",;\t|", key=lambda mark: (header.count(mark), mark == ","))


def numbers(texts: pd.Series[str]) -> pd.Series[float]:
    """Numbers as people in Norway and elsewhere write them; blank where the text is no number.

    A comma is a decimal comma, unless it parts groups of three digits before a decimal point. Spaces of
    any width part thousands, and so do points before a decimal comma. A single point is a decimal point.

    Examples
    --------
    >>> numbers(pd.Series(["1 234,5", "1.234,50", "77.0", "1,234.5", "about ten"], dtype="string")).tolist()
    [1234.5, 1234.5, 77.0, 1234.5, <NA>]
    """
    bare = texts.astype("string").str.replace(_SPACES, "", regex=True).str.replace("−", "-")
    points = bare.str.fullmatch(r"[+-]?[0-9]{1,3}(?:,[0-9]{3})+\.[0-9]*").fillna(False).astype(bool)
    commas = bare.str.contains(",", regex=False).fillna(False).astype(bool) & ~points
    bare = bare.where(~points, bare.str.replace(",", ""))
    bare = bare.where(~commas, bare.str.replace(".", "", regex=False).str.replace(",", ".", regex=False))
    plain = bare.where(bare.str.fullmatch(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?").fillna(False))
    return plain.str.removeprefix("+").astype("double[pyarrow]").astype("Float64")


# -- readers -----------------------------------------------------------------------------------------


def read_table(path: Path) -> tuple[pd.DataFrame, list[Finding]]:
    """Read one table from a text file, a workbook (its first sheet that is not empty) or Parquet.

    Raises
    ------
    InputError
        The file cannot be read, or its ending is none of those known.
    """
    suffix = path.suffix.lower()
    if suffix in PARQUET_SUFFIXES:
        return read_parquet(path), []
    if suffix in WORKBOOK_SUFFIXES:
        sheets = read_workbook(path)
        filled = (sheet for sheet in sheets.values() if len(sheet[0].columns))
        first = next(filled, None)
        if first is None:
            raise InputError(f"{path}: every sheet is empty; a header row with column names is needed")
        return first
    if suffix in TEXT_SUFFIXES:
        return read_text_table(path)
    known = ", ".join((*TEXT_SUFFIXES, *WORKBOOK_SUFFIXES, *PARQUET_SUFFIXES))
    raise InputError(f"{path}: a table is a file ending in one of {known}")


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
    check_size(path)
    frames, findings = [], []
    for frame, found in text_blocks(path):
        frames.append(frame)
        findings += found
    return pd.concat(frames) if len(frames) > 1 else frames[0], findings


def text_blocks(path: Path, rows: int = _BLOCK) -> Iterator[tuple[pd.DataFrame, list[Finding]]]:
    """Read a delimited text file in blocks, for files larger than memory: frames as of :func:`read_text_table`.

    Encoding (UTF-8 with or without mark, UTF-16, Windows-1252 or Latin-1), delimiter (``,`` ``;`` tab ``|``)
    and line ends (LF, CRLF, CR) are found out from the file. The first block is given even if it has no rows.
    """
    try:
        with path.open("rb") as raw:
            encoding = _encoding(iter(lambda: raw.read(_PROBE), b""))
        with path.open(encoding=encoding, errors="replace", newline="") as text:
            probe = text.read(_PROBE)
            if not probe.strip("\ufeff \t\r\n\0"):
                raise InputError(f"{path}: the file is empty; a header row with column names is needed")
            delimiter = delimiter_of(probe)
        with path.open(encoding=encoding, errors="replace", newline="") as text:
            yield from _line_frames(_lines(text, path), delimiter, path, rows)
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from None


def _lines(text: TextIO, path: Path) -> Iterator[str]:
    """Lines of a file, none of them longer than memory should hold at once."""
    while line := text.readline(_LINE):
        if len(line) == _LINE:
            raise InputError(f"{path}: a line of more than {_LINE:,} characters; this is no delimited text")
        yield line


def read_workbook(path: Path) -> dict[str, tuple[pd.DataFrame, list[Finding]]]:
    """Read every sheet of a workbook (.xlsx, .xls, .ods) as strings: sheet name to (frame, findings).

    Merged cells are findings: only the first cell of a merge holds its value.

    Raises
    ------
    InputError
        The file is no workbook, is protected by a password, or is damaged.
    """
    from python_calamine import CalamineError, CalamineWorkbook, PasswordError

    check_archive(path)
    try:
        book = CalamineWorkbook.from_path(str(path))
        return {name: _sheet(book.get_sheet_by_name(name), f"{path.name}[{name}]") for name in book.sheet_names}
    except PasswordError:
        raise protected(path) from None
    except (CalamineError, OSError, ValueError) as error:
        raise InputError(
            f"{path}: cannot be read as a workbook: {error}; save it as .xlsx without a password"
        ) from None


def read_parquet(path: Path) -> pd.DataFrame:
    """Read a Parquet file as strings, rows counted as in a file with a header.

    Raises
    ------
    InputError
        The file cannot be opened, is no Parquet, or holds more than should lie in memory: a few kilobytes can stand
        for any number of equal rows.
    """
    import pyarrow
    from pyarrow import parquet

    check_size(path)
    try:
        with parquet.ParquetFile(path) as file:
            rows, width = file.metadata.num_rows, len(file.schema_arrow.names)
            if rows > MAX_ROWS or width > MAX_COLUMNS or rows * width > MAX_CELLS:
                raise InputError(
                    f"{path}: {rows:,} rows of {width:,} columns; at most {MAX_ROWS:,} rows, {MAX_COLUMNS:,} columns "
                    f"and {MAX_CELLS:,} cells are read into memory, so leave columns out or split the file"
                )
            texts = [f.name for f in file.schema_arrow if pyarrow.types.is_string(f.type)]
        frames: list[pd.DataFrame] = []
        held = read = 0
        with parquet.ParquetFile(path, read_dictionary=texts) as file:  # equal texts are held once until counted
            for batch in file.iter_batches(_PARQUET_ROWS):  # all is counted before any of it is kept
                held += sum(_unfolded(column) for column in batch.columns)
                if held > MAX_UNPACKED:
                    raise InputError(
                        f"{path}: unfolds to more than {MAX_UNPACKED:,} bytes; leave columns out or split the file"
                    )
        with parquet.ParquetFile(path, read_dictionary=texts) as file:
            for batch in file.iter_batches(_PARQUET_ROWS):
                frames.append(text_frame(batch.to_pandas(ignore_metadata=True), start=2 + read))
                read += len(batch)
            empty = file.schema_arrow.empty_table().to_pandas(ignore_metadata=True)
    except (pyarrow.ArrowException, OSError) as error:
        raise InputError(f"{path}: cannot be read as Parquet: {error}") from None
    return pd.concat(frames) if frames else text_frame(empty)


def _unfolded(column: Any) -> int:
    """Bytes of a column when each of its cells holds its own text."""
    import pyarrow
    from pyarrow import compute

    if not pyarrow.types.is_dictionary(column.type):
        return int(column.nbytes)
    lengths = compute.binary_length(column.dictionary)
    return int(compute.sum(lengths.take(column.indices).cast(pyarrow.int64())).as_py() or 0)


def text_frame(frame: pd.DataFrame, start: int = 2) -> pd.DataFrame:
    """A frame of any types as text cells: whole numbers plain, dates in ISO form, blanks for what is missing.

    The rows are numbered from `start`, which is 2 under a header.

    Examples
    --------
    >>> text_frame(pd.DataFrame({"size": [12.0, None], "share": [0.5, 1.0]})).to_dict("list")
    {'size': ['12', None], 'share': ['0.5', '1']}
    """
    columns = [_text_column(frame.iloc[:, i]) for i in range(frame.shape[1])]
    data = dict(enumerate(columns))
    out = pd.DataFrame(data, index=pd.RangeIndex(start, len(frame) + start, name="row"))
    return out.set_axis([str(name) for name in frame.columns], axis=1)


def cell_text(cell: Any) -> str:
    """A cell as text: whole numbers without '.0', no exponents, dates in ISO form, logical values as 1 and 0."""
    if isinstance(cell, bool):
        return str(int(cell))
    if isinstance(cell, float) and math.isfinite(cell):
        return np.format_float_positional(cell, precision=15, trim="-")
    if hasattr(cell, "isoformat"):
        return str(cell.isoformat()).removesuffix("T00:00:00")
    return str(cell)


_BLANKS = " \t\r\n"  # round a cell; other space marks may be part of a name


def _text_column(column: pd.Series[Any]) -> Any:
    texts = [None if pd.isna(value) else cell_text(value).strip(_BLANKS) or None for value in column.tolist()]
    return pd.array(texts, dtype="string")


def _sheet(sheet: Any, file: str) -> tuple[pd.DataFrame, list[Finding]]:
    """The one frame of a sheet, and findings that name its merged cells."""
    rows = ([cell_text(cell) for cell in row] for row in sheet.to_python(skip_empty_area=False))
    frames, findings = [], []
    for frame, found in _frames(rows, file, _BLOCK, sheet.merged_cell_ranges or ()):
        frames.append(frame)
        findings += found
    return pd.concat(frames) if len(frames) > 1 else frames[0], findings


class _Rows:
    """Rows under a header as they are gathered, numbered as an editor shows them, blank ones counted."""

    def __init__(self, rows: Iterator[Sequence[str]], file: str, merges: Sequence[Any] = ()) -> None:
        """Take the first of the rows that is not blank as the header.

        `merges` are ((first row, first column), (last row, last column)), counted from 0.
        """
        self.file = file
        self.number = 0
        self.header: list[str] = []
        self.findings: list[Finding] = []
        self.index: list[int] = []
        self.cells: list[Sequence[str]] = []
        for row in rows:
            self.number += 1
            self.header = [" ".join(cell.split()) for cell in row]
            while self.header and not self.header[-1]:
                self.header.pop()
            if self.header:
                merged = [m for m in merges if m[1][0] >= self.number - 1]
                self.findings += _header_findings(self.header, self.number, file, merged)
                self.findings += _merge_findings(merged, self.header, self.number, file)
                break
        if len(self.header) > MAX_COLUMNS:
            raise InputError(f"{file}: {len(self.header):,} columns; a table has at most {MAX_COLUMNS:,}")

    def add(self, row: Sequence[str]) -> None:
        """Gather a row; blank ones are passed over, one with more cells than the header is left out and found."""
        self.number += 1
        width = len(self.header)
        if len(row) != width:
            extra = "; ".join(cell.strip() for cell in row[width:] if cell.strip())
            if extra:
                cells = {"cells": len(row), "width": width}
                self.findings.append(Finding(self.file, self.number, "", extra, "too_many_cells", **cells))
                return
            row = [*row[:width], *[""] * (width - len(row))]
        if any(row):
            self.index.append(self.number)
            self.cells.append(row)

    def fitting(self, rows: int) -> int:
        """So many rows, or fewer where they are so wide that they would fill the memory."""
        return min(rows, max(1, _CELLS // max(1, len(self.header))))

    def take(self) -> tuple[pd.DataFrame, list[Finding]]:
        """What was gathered, as a frame with its findings; gathering begins anew."""
        columns = list(zip(*self.cells, strict=True)) if self.cells else [()] * len(self.header)
        taken = _frame(self.header, self.index, columns), self.findings
        self.index, self.cells, self.findings = [], [], []
        return taken

    def take_columns(
        self, columns: Sequence[Any], others: Mapping[int, Sequence[str]], rows: int
    ) -> tuple[pd.DataFrame, list[Finding]]:
        """The next so many rows as a frame: given by column, but for `others`, by their place among them."""
        first = self.number + 1
        index = [first + k for k in range(rows) if k not in others] if others else range(first, first + rows)
        for place, row in others.items():
            self.number = first + place - 1
            self.add(row)
        self.number = first + rows - 1
        frame = _frame(self.header, index, columns)
        if not self.cells:
            found, self.findings = self.findings, []
            return frame, found
        ragged, found = self.take()
        return pd.concat([frame, ragged]).sort_index(), found


def _frames(
    rows: Iterable[Sequence[str]], file: str, size: int, merges: Sequence[Any] = ()
) -> Iterator[tuple[pd.DataFrame, list[Finding]]]:
    """Frames of `size` rows each under the first row that is not blank; at least one frame."""
    rows = iter(rows)
    gathered = _Rows(rows, file, merges)
    size = gathered.fitting(size)
    given = False
    for row in rows:
        gathered.add(row)
        if len(gathered.cells) == size:
            yield gathered.take()
            given = True
    if gathered.cells or gathered.findings or not given:
        yield gathered.take()


def _line_frames(
    lines: Iterator[str], delimiter: str, path: Path, size: int
) -> Iterator[tuple[pd.DataFrame, list[Finding]]]:
    """The same of so many lines each: Arrow parses a block in which a line is a row, csv any other."""
    read = 0
    reader = csv.reader(lines, delimiter=delimiter)
    try:
        gathered = _Rows(reader, path.name)
        given = False
        size = gathered.fitting(size)
        while block := list(islice(lines, size)):
            read += reader.line_num
            reader = csv.reader(chain(block, lines), delimiter=delimiter)
            plain = _plain_columns(block, delimiter, len(gathered.header))
            if plain is not None:
                read += len(block)
                yield gathered.take_columns(*plain, len(block))
            else:
                while reader.line_num < len(block):  # a quoted cell may go on beyond the block
                    gathered.add(next(reader))
                yield gathered.take()
            given = True
        if not given:
            yield gathered.take()
    except csv.Error as error:
        raise InputError(f"{path}: no delimited text: {error} (near row {read + reader.line_num})") from None


def _plain_columns(block: list[str], delimiter: str, width: int) -> tuple[list[Any], dict[int, list[str]]] | None:
    """So many columns of lines that each hold a row, and the rows that are narrower or wider, by their place.

    None where a line holds no row, where most rows are wider than the header, or where Arrow cannot tell.
    """
    import pyarrow as pa
    from pyarrow import compute
    from pyarrow import csv as arrow_csv

    text = "".join(block).encode()
    wide = len(next(csv.reader(block[:1], delimiter=delimiter)))
    if len(text) > _PLAIN or wide > MAX_COLUMNS:
        return None
    names = [str(i) for i in range(wide)]
    others: dict[int, list[str]] = {}

    def passed_over(row: arrow_csv.InvalidRow) -> str:
        others[row.number - 1] = next(csv.reader([row.text], delimiter=delimiter), [])
        return "skip" if "\n" not in row.text and "\r" not in row.text else "error"

    try:
        table = arrow_csv.read_csv(
            pa.py_buffer(text),
            read_options=arrow_csv.ReadOptions(use_threads=False, block_size=_PLAIN, column_names=names),
            parse_options=arrow_csv.ParseOptions(
                delimiter=delimiter,
                newlines_in_values=True,
                ignore_empty_lines=False,
                invalid_row_handler=passed_over,
            ),
            convert_options=arrow_csv.ConvertOptions(column_types=dict.fromkeys(names, pa.large_string())),
        )
    except pa.ArrowInvalid:
        return None
    if len(table) + len(others) != len(block) or not len(table):
        return None
    if any(compute.max(compute.utf8_length(column)).as_py() for column in table.columns[width:]):
        return None
    last = [column[-1].as_py() for column in table.columns] if len(block) - 1 not in others else block[-1:]
    if '"' in block[-1] and any("\n" in cell or "\r" in cell for cell in last):
        return None  # a quoted cell goes on beyond the block
    missing = [pa.nulls(len(table), pa.large_string())] * (width - wide)
    return [*table.columns[:width], *missing], others


def _frame(header: list[str], index: Sequence[int], columns: Iterable[Any]) -> pd.DataFrame:
    """A frame of stripped strings without its blank rows, held as Arrow text: little more than the file's own size."""
    import pyarrow as pa
    from pyarrow import compute

    data = {}
    for i, column in enumerate(columns):
        cells = column if isinstance(column, (pa.ChunkedArray, pa.Array)) else pa.array(column, pa.large_string())
        stripped = compute.utf8_trim_whitespace(cells)
        data[i] = pd.array(compute.if_else(compute.equal(stripped, ""), None, stripped), dtype="string")
    frame = pd.DataFrame(data, index=pd.Index(index, name="row", dtype="int64")).set_axis(header, axis=1)
    return frame.dropna(how="all")


def _header_findings(header: list[str], row: int, file: str, merges: Sequence[Any]) -> list[Finding]:
    seen: set[str] = set()
    findings = []
    covered = {
        column
        for (first, left), (last, right) in merges
        if first < row <= last + 1
        for column in range(left + 1, right + 1)
    }
    for place, name in enumerate(header, start=1):
        if not name and place - 1 not in covered:
            findings.append(Finding(file, row, f"column {place}", "", "no_column_name"))
        elif name and name in seen:
            findings.append(Finding(file, row, name, name, "column_twice"))
        seen.add(name)
    return findings


def _merge_findings(merges: Sequence[Any], header: list[str], header_row: int, file: str) -> list[Finding]:
    findings = []
    for (first, left), (last, right) in merges:
        name = header[left] if left < len(header) else ""
        cells = f"{_letters(left)}{first + 1}:{_letters(right)}{last + 1}"
        code = "header_merged" if first < header_row else "cells_merged"
        findings.append(Finding(file, first + 1, name or f"column {left + 1}", name, code, cells=cells))
    return findings


def _letters(column: int) -> str:
    """The letters of a column as spreadsheets show them, counted from 0."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
