"""Mending: findings gathered as a person mends them, and what is right written into the files, cell by cell.

Works on a folder of files that are somebody's copy: the tables of a study as text, or a workbook. A workbook keeps
its form, drop-downs and notes; its formulas become the values that they last had.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from netklynge.files.outputs import write_bytes, written
from netklynge.files.tables import (
    TEXT_SUFFIXES,
    WORKBOOK_SUFFIXES,
    cell_text,
    decode,
    delimiter_of,
    numbers,
    read_table,
    read_workbook,
)
from netklynge.findings import Finding, InputError
from netklynge.language import LANGUAGES, language
from netklynge.study.contracts import TABLES

__all__ = ["SHOWN", "Change", "Fault", "actor_ids", "faults", "mend", "name_columns"]

SHOWN = 200  # faults that are gathered at a time; the next come up when these are mended
_WORKBOOK = ".xlsx"  # the one kind of workbook that can be written to without losing its form
_EDITABLE = re.compile(rf"({'|'.join(map(re.escape, TEXT_SUFFIXES))}|{re.escape(_WORKBOOK)}\[.*\])$")
_ACTORS = re.compile(r"^actors\.csv$|\[\s*actors\s*\]$", re.IGNORECASE)
_NEAR = 75  # how alike two words must be, of 100, for one to be offered for the other
_ONE_BY_ONE = frozenset({"actor_twice", "self_tie"})  # one value can never mend several such rows
_WHOLE = frozenset({"cells_merged", "too_many_cells", "column_twice"})  # wrong in more than one cell
_OTHERS_TOO = frozenset({"unknown_zone"})  # what is not among the choices may be right too
_YES, _NO = frozenset({"ja", "j", "yes", "y", "x", "true", "sann"}), frozenset({"nei", "n", "no", "false", "usann"})


class Fault(NamedTuple):
    """Findings that one entry mends: the same value, wrong in the same way, in one or more rows.

    ``found`` is the first of them. ``how`` says what is written: ``cell`` the value in each row, ``head`` the name of
    a column, ``file`` nothing, since only a spreadsheet program or an editor can mend it. ``choices`` are the values
    there are when they can be listed, ``perhaps`` what was most likely meant.
    """

    key: str
    found: Finding
    rows: tuple[int, ...]
    how: str
    choices: tuple[str, ...] = ()
    perhaps: str = ""

    @property
    def file(self) -> str:
        """The table it is in."""
        return self.found.file

    @property
    def column(self) -> str:
        """The column it is in."""
        return self.found.column

    @property
    def value(self) -> str:
        """What stands there."""
        return self.found.value

    @property
    def names_actor(self) -> bool:
        """Whether the id of an actor is to be entered."""
        return self.found.code == "no_such_actor"


class Change(NamedTuple):
    """One cell that is to be, or was, written; row 0 is the row of column names, a blank column the whole row."""

    file: str
    row: int
    column: str
    was: str
    now: str


# -- gathering -------------------------------------------------------------------------------------------


def faults(copy: Path, found: Sequence[Finding]) -> list[Fault]:
    r"""Gather findings as they are mended, each with what could be meant; at most :data:`SHOWN`.

    Parameters
    ----------
    copy : Path
        The folder with the files.
    found : sequence of Finding
        What :func:`netklynge.check` finds in them.

    Examples
    --------
    >>> import tempfile
    >>> import netklynge as nk
    >>> ties = Path(tempfile.mkdtemp()) / "ties.csv"
    >>> _ = ties.write_text("source,target,scale\na,b,lokalt\nb,c,lokalt\n")
    >>> [fault] = faults(ties.parent, nk.check(ties))
    >>> fault.rows, fault.column, fault.value, fault.perhaps
    ((2, 3), 'scale', 'lokalt', 'local')
    """
    groups: dict[tuple[object, ...], list[Finding]] = {}
    for finding in found:
        alone = not finding.value or finding.code in _ONE_BY_ONE
        place = (finding.file, finding.column, finding.value, finding.row if alone else 0)
        alike = (*place, finding.code, finding.args)
        groups.setdefault(alike, []).append(finding)
    tables = _tables(copy)
    heads = {file: list(frame.columns) for file, frame in tables.items() if _EDITABLE.search(file)}
    actors = _actors(tables)
    return [_fault(group, heads.get(group[0].file, []), actors) for group in list(groups.values())[:SHOWN]]


def _tables(copy: Path) -> dict[str, pd.DataFrame]:
    """Every table of the copy as text, by the name that findings give it."""
    tables: dict[str, pd.DataFrame] = {}
    for path in sorted(copy.iterdir()):
        if path.suffix in TEXT_SUFFIXES:
            tables[path.name] = read_table(path)[0]
        elif path.suffix in WORKBOOK_SUFFIXES:
            tables |= {f"{path.name}[{sheet}]": frame for sheet, (frame, _) in read_workbook(path).items()}
    return tables


def _fault(group: Sequence[Finding], heads: Sequence[str], actors: Mapping[str, str]) -> Fault:
    first = group[0]
    choices: tuple[str, ...] = ()
    how, perhaps = "cell", ""
    if first.code == "column_missing":
        ours = {column for rules in TABLES.values() for column in rules}
        choices = tuple(name for name in heads if name and name not in ours)
        how = "head" if choices else "file"
    elif first.code == "no_column_name" and heads:
        how = "head"
    elif first.column not in heads or first.row < 2 or first.code in _WHOLE:
        how = "file"
    elif first.code == "no_such_actor":
        perhaps = _nearest(first.value, actors)
    else:
        choices = _choices(first)
        perhaps = _nearest(first.value, _meanings(choices)) if choices else _meant(first)
    key = hashlib.sha256(repr(first).encode()).hexdigest()[:16]
    rows = tuple(finding.row for finding in group)
    return Fault(key, first, rows, how, choices, perhaps)


def _choices(finding: Finding) -> tuple[str, ...]:
    """The values of which one is right; none when other values may be right too."""
    choices = dict(finding.args).get("choices")
    return tuple(map(str, choices)) if isinstance(choices, tuple) and finding.code not in _OTHERS_TOO else ()


def _meanings(choices: Iterable[str]) -> dict[str, str]:
    """Each word that people may write for a coded value, in any language, and the value."""
    return {word.casefold(): c for c in choices for word in (*(language(code).text(c) for code in LANGUAGES), c)}


def _nearest(value: str, meanings: Mapping[str, str]) -> str:
    """What `value` most likely means; nothing when nothing is near."""
    from rapidfuzz import fuzz, process

    near = process.extractOne(value.casefold(), list(meanings), scorer=fuzz.ratio, score_cutoff=_NEAR)
    return meanings[near[0]] if near else ""


def _meant(finding: Finding) -> str:
    """What a number, a year or a yes that is written in another way most likely means."""
    value = finding.value.casefold()
    if finding.code == "no_number":
        digits = re.search(r"\d[\d\s.,\u00a0\u202f]*", value)
        number = numbers(pd.Series([digits.group() if digits else ""], dtype="string")).iloc[0]
        return "" if number is pd.NA else f"{number:.15g}"
    if finding.code == "no_year":
        year = re.search(r"\b(?:1[5-9]|20)\d\d\b", value)
        return year.group() if year else ""
    if finding.code == "no_flag":
        return "1" if value in _YES else "0" if value in _NO else ""
    return ""


def actor_ids(copy: Path) -> list[str]:
    """Ids of the actors in the copy."""
    return sorted(set(_actors(_tables(copy)).values()))


def _actors(tables: Mapping[str, pd.DataFrame]) -> dict[str, str]:
    """Each id, name and other name of an actor, and the id."""
    frame = next((frame for file, frame in tables.items() if _ACTORS.search(file)), None)
    if frame is None or frame.columns.has_duplicates or "actor" not in frame:
        return {}
    words: dict[str, str] = {}
    for column in ("aka", "name", "actor"):  # the id last: it wins over a name that reads the same
        if column in frame:
            known = frame[frame["actor"].notna() & frame[column].notna()]
            for actor, text in zip(known["actor"], known[column], strict=True):
                words |= {word.strip().casefold(): actor for word in text.split(";" if column == "aka" else "\0")}
    return words


# -- writing ---------------------------------------------------------------------------------------------


def mend(
    copy: Path, gathered: Sequence[Fault], entries: Mapping[str, str], dropped: Iterable[str] = ()
) -> list[Change]:
    r"""Write what was entered into the files; return what was changed.

    Parameters
    ----------
    copy : Path
        The folder with the files.
    gathered : sequence of Fault
        As :func:`faults` gives them.
    entries : mapping
        Key of a fault to the value that is right. A key that no fault has any more is passed over, and so is a
        value that is the one there.
    dropped : iterable of str
        Keys of faults whose rows are left out: they are made blank, so that the other rows keep their numbers.

    Raises
    ------
    NetklyngeError
        A file cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> import netklynge as nk
    >>> ties = Path(tempfile.mkdtemp()) / "ties.csv"
    >>> _ = ties.write_text("source,target,scale\na,b,lokalt\n")
    >>> [fault] = faults(ties.parent, nk.check(ties))
    >>> [change] = mend(ties.parent, [fault], {fault.key: "local"})
    >>> change.was, change.now, nk.check(ties)
    ('lokalt', 'local', [])
    """
    out = set(dropped)  # rows are left out last: no cell is written into one that is blank
    changes = [change for fault in gathered for change in _changes(fault, entries.get(fault.key), fault.key in out)]
    for file in dict.fromkeys(change.file for change in changes):
        path, sheet = _place(copy, file)
        mine = sorted((change for change in changes if change.file == file), key=lambda change: not change.column)
        if path.suffix == _WORKBOOK:
            _mend_workbook(path, sheet, mine)
        else:
            _mend_text(path, mine)
    return changes


def name_columns(path: Path, names: Mapping[str, str], table: str) -> None:
    """Give columns of a file other names and, in a workbook, the first sheet that is not empty that of the table.

    Parameters
    ----------
    path : Path
    names : mapping
        Name of a column to the one that it gets.
    table : str
        A key of :data:`netklynge.study.contracts.TABLES`.

    Raises
    ------
    InputError
        The file, or the column, cannot be written to.
    """
    changes = [Change(path.name, 0, theirs, theirs, ours) for theirs, ours in names.items()]
    if path.suffix in TEXT_SUFFIXES:
        _mend_text(path, changes)
    elif path.suffix == _WORKBOOK:
        sheets = read_workbook(path).items()
        _mend_workbook(path, next(sheet for sheet, (frame, _) in sheets if len(frame.columns)), changes, table)
    else:
        raise InputError("{file}: cannot be written to; save it as .xlsx and put it in again", file=path.name)


def _changes(fault: Fault, entry: str | None, left_out: bool) -> list[Change]:
    now = fault.value if entry is None else entry.strip()
    if fault.how == "cell" and left_out:
        return [Change(fault.file, row, "", "", "") for row in fault.rows]
    if fault.how == "cell" and now != fault.value:
        return [Change(fault.file, row, fault.column, fault.value, now) for row in fault.rows]
    if fault.how == "head" and now in fault.choices:  # the column that is missing is one with another name
        return [Change(fault.file, 0, now, now, fault.column)]
    if fault.how == "head" and now and not fault.choices:
        return [Change(fault.file, 0, fault.column, "", now)]
    return []


def _place(copy: Path, file: str) -> tuple[Path, str]:
    """The file, and the sheet in it, that a finding names."""
    for path in copy.iterdir():
        if file == path.name:
            return path, ""
        if file.startswith(f"{path.name}[") and file.endswith("]"):
            return path, file[len(path.name) + 1 : -1]
    raise InputError("{file}: no such file any more; put it in again", file=file)


def _header(rows: Iterable[Sequence[Any]]) -> tuple[int, list[str]]:
    """The place of the row of column names, from 0, and the names, as :mod:`netklynge.files.tables` reads them."""
    for place, row in enumerate(rows):
        names = ["" if cell is None else " ".join(cell_text(cell).split()) for cell in row]
        if any(names):
            return place, names
    return 0, []


def _column(names: Sequence[str], column: str) -> int:
    """The place of a column, counted from 0, by its name or, when it has none, by its number."""
    if column in names:
        return names.index(column)
    numbered = re.fullmatch(r"column (\d+)", column)
    if numbered is None:
        raise InputError("column '{column}' is not there any more; put the file in again", column=column)
    return int(numbered.group(1)) - 1


def _rows(path: Path) -> tuple[list[list[str]], str]:
    """The rows of a text table, blank ones too, and what parts its cells."""
    text, _ = decode(path.read_bytes())
    mark = delimiter_of(text)
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=mark)), mark


def _mend_text(path: Path, changes: Sequence[Change]) -> None:
    rows, mark = _rows(path)
    head, names = _header(rows)
    for change in changes:
        row = rows[change.row - 1 if change.row else head]
        if change.column:
            place = _column(names, change.column)
            row += [""] * (place + 1 - len(row))
            row[place] = change.now
        else:
            row.clear()
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=mark, lineterminator="\n").writerows(rows)
    write_bytes(path, out.getvalue().encode("utf-8-sig"))


def _book(path: Path) -> Any:
    """A workbook with the values of its formulas: without a spreadsheet program they would be blank once saved."""
    import openpyxl

    try:
        return openpyxl.load_workbook(path, data_only=True)
    except Exception as error:  # openpyxl raises whatever its parser stumbles over
        words = "{file}: cannot be written to: {error}; mend it in a spreadsheet program"
        raise InputError(words, file=path.name, error=error) from None


def _mend_workbook(path: Path, sheet: str, changes: Sequence[Change], title: str | None = None) -> None:
    book = _book(path)
    page = book[sheet]
    page.title = title or sheet
    head, names = _header(page.iter_rows(values_only=True))
    for change in changes:
        number = change.row or head + 1
        if change.column:
            cell = page.cell(number, _column(names, change.column) + 1)
            whole = re.fullmatch(r"0|[1-9]\d{0,14}", change.now)
            if cell.is_date:  # a number or a word in the form of a date would be read as another date
                cell.number_format = "General"
            cell.value = int(change.now) if whole else change.now or None
            if isinstance(cell.value, str):
                cell.data_type = "s"  # text, whatever it starts with; never a formula
        else:
            for cell in page[number]:
                cell.value = None
    with written(path) as temporary:
        book.save(temporary)
