"""A ledger's tables: columns known by their names, rows read, refused with the reason, and summed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import pandas as pd

from netklynge.files.tables import TEXT_SUFFIXES, WORKBOOK_SUFFIXES, numbers, read_workbook, text_blocks
from netklynge.findings import REASON, Finding, InputError, refusal
from netklynge.parsers.names import fold, nobody
from netklynge.parsers.places import PLACE_COLUMNS

if TYPE_CHECKING:
    from rich.progress import Progress

__all__ = [
    "BUYER", "PARTY", "REJECTED", "SUPPLIER", "Direction", "is_ledger", "progress_bars", "read_entries",
]  # fmt: skip

Direction = Literal["purchases", "sales"]
SUPPLIER = "supplier"
BUYER = "buyer"
OTHER = "other"
_ROLES = {
    SUPPLIER: ("leverandor", "supplier", "vendor", "selger", "seller", "kreditor", "creditor"),
    BUYER: ("kjoper", "kunde", "buyer", "customer", "client", "purchaser", "debitor", "debtor"),
}
_FIELDS = {
    "name": "navn name firma firmanavn company companyname bedrift bedriftsnavn foretak motpart counterparty",
    "orgnr": "orgnr organisasjonsnummer organisasjonsnr orgnummer orgno organisationnumber organizationnumber "
    "organisationno organizationno foretaksnummer companynumber registrationnumber vatnumber vatno mvanr",
    "place": "sted poststed by city town place kommune kommunenavn municipality location",
    "postcode": "postnr postnummer postkode postcode postalcode zip zipcode",
    "municipality": "kommunenr kommunenummer kommunekode municipalitynumber municipalitycode municipalityno",
    "country": "land landkode landnavn country countrycode countryname nasjon",
    "amount": "belop sum amount value verdi omsetning turnover netto nettobelop netamount totalt total totalbelop "
    "fakturabelop invoiceamount spend kjopesum innkjop salg belopnok amountnok belopeksmva amounteksmva sumnok",
    "date": "dato date fakturadato invoicedate bilagsdato bokforingsdato postingdate transaksjonsdato transactiondate",
    "year": "ar year regnskapsar fiscalyear arstall",
    "currency": "valuta valutakode currency currencycode",
    "direction": "retning direction kjopsalg kjopellersalg",
}
_FIELD_OF = {word: field for field, words in _FIELDS.items() for word in words.split()}
PARTY = ("name", "orgnr", *PLACE_COLUMNS)
_OF_ROW = ("amount", "date", "year", "currency", "direction")
_LINK_WORDS = ("ens", "ns", "s", "of", "til", "pa", "for")
_SIDES = {
    "purchases": (
        "kjop",
        "innkjop",
        "purchase",
        "purchases",
        "leverandorer",
        "suppliers",
        "supplier",
        "leverandor",
    ),
    "sales": ("salg", "sale", "sales", "kunder", "customers", "customer", "kunde"),
}
_SIDE_OF = {word: side for side, words in _SIDES.items() for word in words}
_LIST_WORDS = (*_SIDE_OF, "kundeliste", "leverandorliste", "liste", "list", "ledger", "reskontro", "data")
_MONTH = r"(?:0?[1-9]|1[0-2])"
_DAY = r"(?:0?[1-9]|[12]\d|3[01])"
_DATE = re.compile(rf"(?:(\d{{4}})[-./]?{_MONTH}[-./]?{_DAY}|{_DAY}[-./ ]{_DAY}[-./ ](\d{{4}}))(?:[T ].*)?|(\d{{4}})")
_ENTRY_KEYS = [f"{role}_{field}" for role in (SUPPLIER, BUYER) for field in PARTY]
REJECTED = ("file", "row", "column", "value", *REASON, "rows")


class _Sheet(NamedTuple):
    """One list: a text file or a sheet of a workbook, in blocks, with what its name tells."""

    file: str
    owner: str
    direction: Direction | None
    blocks: Iterable[tuple[pd.DataFrame, list[Finding]]]
    size: int


def is_ledger(path: str | Path) -> bool:
    """Whether the file's columns name a supplier or a customer, so that it can be imported without a codebook."""
    try:
        return any(_columns(next(iter(sheet.blocks))[0].columns) for sheet in _sheets(Path(path), None, None))
    except InputError:
        return False


def read_entries(
    source: Path, owner: str | None, direction: Direction | None, bar: Progress
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Entries summed by the two parties, year and currency; and what was rejected."""
    sums: list[pd.DataFrame] = []
    rejected: list[pd.DataFrame] = []
    sheets = list(_sheets(source, owner, direction))
    unknown: list[str] = []
    task = bar.add_task("reading", total=sum(sheet.size for sheet in sheets))
    for sheet in sheets:
        columns: dict[tuple[str, str], str] | None = None
        for frame, findings in sheet.blocks:
            if columns is None:
                _refuse_repeated(frame.columns, sheet.file)
                columns = _columns(frame.columns)
                if columns is None:
                    unknown.append(f"{sheet.file}: {', '.join(map(str, frame.columns)) or 'no columns'}")
                    break
                columns = _sided(columns, sheet, frame)
            accepted, refused = _block(frame, columns, sheet)
            misfits = pd.DataFrame(map(_misfit, findings), columns=list(REJECTED)).assign(rows=1)
            sums.append(accepted)
            rejected += [refused, misfits[misfits["column"] == ""]]
            bar.advance(task, 0 if bar.disable else _weight(frame))
            if len(sums) > 20:
                sums = [_summed(pd.concat(sums, ignore_index=True))]
    if not sums:
        raise InputError(
            f"{source}: no column names a supplier or a customer ({'; '.join(unknown) or 'no lists found'}); "
            "the first row must hold column names such as Leverandør, Kunde, Supplier, Customer, or Navn in a "
            "list whose file name says leverandører or kunder"
        )
    return _summed(pd.concat(sums, ignore_index=True)), pd.concat(rejected, ignore_index=True)[list(REJECTED)]


def _sheets(source: Path, owner: str | None, direction: Direction | None) -> Iterator[_Sheet]:
    suffixes = (*TEXT_SUFFIXES, *WORKBOOK_SUFFIXES)
    files = [source]
    if source.is_dir():
        files = sorted(f for f in source.iterdir() if f.suffix.lower() in suffixes and f.name[0] not in ".~")
    for file in files:
        told = owner or _owner(file.stem)
        if file.suffix.lower() in WORKBOOK_SUFFIXES:
            for name, sheet in read_workbook(file).items():
                side = direction or _side(name) or _side(file.stem)
                if len(sheet[0].columns):
                    yield _Sheet(f"{file.name}[{name}]", told, side, [sheet], _weight(sheet[0]))
        elif file.suffix.lower() in TEXT_SUFFIXES:
            size = file.stat().st_size if file.is_file() else 0
            yield _Sheet(file.name, told, direction or _side(file.stem), text_blocks(file), size)
        else:
            raise InputError(f"{file}: a supplier list is a file ending in one of {', '.join(suffixes)}")


def _side(name: str) -> Direction | None:
    """The direction that a file's or a sheet's name tells."""
    told = {side for word, side in _SIDE_OF.items() if any(part.startswith(word) for part in fold(name).split())}
    return told.pop() if len(told) == 1 else None  # type: ignore[return-value]


def _owner(stem: str) -> str:
    """The firm that a file's name tells: without words such as "leverandører" and without years."""
    words = [word for word in re.split(r"[\s_–-]+", stem) if word]
    kept = [w for w in words if fold(w) not in _LIST_WORDS and not re.fullmatch(r"(19|20)\d\d", w)]
    return " ".join(kept or words)


def _refuse_repeated(header: pd.Index[Any], file: str) -> None:
    repeated = header[header.duplicated()]
    if len(repeated):
        raise InputError(f"{file}: column name '{repeated[0]}' is used twice; each column needs a name of its own")


def _columns(header: Iterable[Any]) -> dict[tuple[str, str], str] | None:
    """What each known column means: (role, field) to column; None if no column names anybody."""
    found: dict[tuple[str, str], str] = {}
    for column in header:
        meaning = _meaning(str(column))
        if meaning:
            found.setdefault(meaning, str(column))
    return found if any(field in ("name", "orgnr") for _, field in found) else None


def _meaning(column: str) -> tuple[str, str] | None:
    spaced = re.sub(r"(?<=[a-zæøå])(?=[A-ZÆØÅ])", " ", column)
    words = fold(spaced).replace(" ", "")
    for role, names in _ROLES.items():
        for name in names:
            if words.startswith(name) or words.endswith(name):
                rest = words.removeprefix(name) if words.startswith(name) else words.removesuffix(name)
                options = [
                    rest,
                    *(rest.removeprefix(w) for w in _LINK_WORDS),
                    *(rest.removesuffix(w) for w in _LINK_WORDS),
                ]
                field = next(
                    (_FIELD_OF[o] for o in options if o in _FIELD_OF),
                    "name" if rest in ("", "e", "r") else None,
                )
                return (role, field) if field in PARTY else None
    field = _FIELD_OF.get(words)
    return (OTHER if field in PARTY else "", field) if field else None


def _sided(columns: dict[tuple[str, str], str], sheet: _Sheet, frame: pd.DataFrame) -> dict[tuple[str, str], str]:
    """The columns with "other" replaced by the role it plays; it stays where a column tells row by row."""
    named = {role for role, field in columns if field in ("name", "orgnr")}
    if SUPPLIER in named:
        other = SUPPLIER if sheet.direction != "sales" or BUYER not in named else BUYER
    elif BUYER in named:
        other = BUYER
    elif ("", "direction") in columns:
        return columns
    elif sheet.direction:
        other = SUPPLIER if sheet.direction == "purchases" else BUYER
    else:
        raise InputError(
            f"{sheet.file}: cannot tell purchases from sales; name the column Leverandør or Kunde, let the file "
            f"name say leverandører or kunder, or say which (columns: {', '.join(map(str, frame.columns))})"
        )
    sided = {key: column for key, column in columns.items() if key[0] != OTHER}
    sided["list", ""] = BUYER if other == SUPPLIER else SUPPLIER  # whose list it is
    for (role, field), column in columns.items():
        if role == OTHER:
            sided.setdefault((other, field), column)
    return sided


def _block(
    frame: pd.DataFrame, columns: Mapping[tuple[str, str], str], sheet: _Sheet
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """One block of a list: entries summed, and rows refused with the first thing that is wrong with each."""
    rows = pd.DataFrame({"file": sheet.file, "row": frame.index}, index=frame.index)
    cells = {field: _told(frame[columns["", field]]) for field in _OF_ROW if ("", field) in columns}
    sales = _sold(cells["direction"]) if "direction" in cells and (OTHER, "name") in columns else None
    blank = pd.Series("", index=frame.index, dtype="string")
    for role in (SUPPLIER, BUYER):
        for field in PARTY:
            cell = blank
            if (role, field) in columns:
                cell = frame[columns[role, field]].fillna("")
            elif sales is not None and (OTHER, field) in columns:
                cell = frame[columns[OTHER, field]].fillna("").where(sales == (role == BUYER), "")
            rows[f"{role}_{field}"] = cell.mask(
                cell.isin([text for text in cell.unique() if text and nobody(text)]), ""
            )
        others = {SUPPLIER, BUYER} - {role}
        if sales is not None:
            rows.loc[sales == (role == SUPPLIER), f"{role}_name"] = sheet.owner
        elif not any((role, field) in columns for field in ("name", "orgnr")) and others:
            rows[f"{role}_name"] = sheet.owner
    amounts = _amounts(cells["amount"]) if "amount" in cells else None
    rows["amount"] = amounts if amounts is not None else pd.array([pd.NA] * len(frame), dtype="Float64")
    rows["year"] = _years(cells.get("date"), cells.get("year"), frame.index)
    rows["currency"] = cells["currency"].fillna("").str.upper() if "currency" in cells else ""
    rows["list"] = columns["list", ""] if sales is None else sales.map({True: SUPPLIER, False: BUYER})
    wrong: list[tuple[pd.Series[bool], str, str]] = []
    if "amount" in cells:
        bad = cells["amount"].notna() & rows["amount"].isna()
        wrong.append((bad, columns["", "amount"], "ledger_amount"))
    for field in ("date", "year"):
        if field in cells:
            bad = cells[field].notna() & rows["year"].isna()
            wrong.append((bad, columns["", field], "ledger_date"))
            break
    if sales is not None:
        wrong.append((sales.isna(), columns["", "direction"], "no_direction"))
    for role in (SUPPLIER, BUYER):
        unnamed = (rows[f"{role}_name"] == "") & (rows[f"{role}_orgnr"] == "")
        column = columns.get((role, "name")) or columns.get((role, "orgnr")) or columns.get((OTHER, "name"), role)
        wrong.append((unnamed, column, f"no_{role}"))
    refused = _refused(frame, rows, wrong)
    accepted = rows[~rows.index.isin(refused["row"])]
    priced = accepted["amount"].notna()
    return _summed(accepted.assign(entries=1, priced=priced.astype("int64"))), refused


def _told(cells: pd.Series[str]) -> pd.Series[str]:
    """The cells, blank where R or pandas wrote that there is none."""
    return cells.mask(cells.isin(("NA", "NaN", "<NA>", "#N/A", "NULL")))


def _amounts(cells: pd.Series[str]) -> pd.Series[float]:
    """Amounts, with or without "kr", "NOK" or ",-" about them."""
    if cells.str.contains("[A-Za-z]|,-$", regex=True).any():
        cells = cells.str.replace(r"^(?:kr|Kr|KR|NOK)[.]?|(?:kr|Kr|KR)[.]?$|NOK$|,-$", "", regex=True)
    return numbers(cells)


def _sold(cells: pd.Series[str]) -> pd.Series[Any]:
    """Whether each row is a sale; blank where its cell says neither."""
    sides = cells.fillna("").map({c: _SIDE_OF.get(fold(c)) for c in cells.dropna().unique()})
    return (sides == "sales").astype("boolean").mask(sides.isna())


def _years(dates: pd.Series[str] | None, years: pd.Series[str] | None, index: pd.Index[Any]) -> Any:
    """Year of each row, from its date if it has one, else from its year; blank where neither tells."""
    found = pd.Series(pd.NA, index=index, dtype="Int64")
    for cells in (dates, years):
        if cells is not None:
            codes, told = pd.factorize(cells)
            years_told = pd.array([*map(_year, told), None], dtype="Int64")  # a blank cell's code is the last
            found = found.fillna(pd.Series(years_told.take(codes), index=index))
    return found


@lru_cache(maxsize=1 << 16)
def _year(cell: str) -> int | None:
    """Year of a date: 2024-05-31, 20240531, 31.05.2024, 31/5/2024, with or without a time, or the year alone."""
    match = _DATE.fullmatch(cell.strip())
    year = int(next(filter(None, match.groups()))) if match else 0
    return year if 1800 <= year <= 2200 else None


def _refused(
    frame: pd.DataFrame, rows: pd.DataFrame, wrong: Iterable[tuple[pd.Series[bool], str, str]]
) -> pd.DataFrame:
    parts = [pd.DataFrame(columns=list(REJECTED[:-1]))]
    left = pd.Series(True, index=frame.index)
    for bad, column, code in wrong:
        hit = frame.index[(bad.fillna(False).astype(bool) & left).to_numpy()]
        if hit.empty:
            continue
        left[hit] = False
        values = frame.loc[hit, column].fillna("") if column in frame.columns else ""
        parts.append(
            pd.DataFrame(
                {
                    "file": rows.loc[hit, "file"],
                    "row": hit,
                    "column": column,
                    "value": values,
                    **refusal(code),
                }
            )
        )
    return pd.concat(parts[1:] or parts, ignore_index=True).assign(rows=1)


def _misfit(finding: Finding) -> dict[str, object]:
    """A row that the table reader could not fit under the header, as one that is rejected."""
    place = {"file": finding.file, "row": finding.row, "column": finding.column, "value": finding.value}
    return {**place, **refusal(finding.code, **dict(finding.args))}


def _summed(entries: pd.DataFrame) -> pd.DataFrame:
    """Entries with the same parties, year and currency as one; ``file`` and ``row`` are those of the first."""
    import pyarrow as pa

    table = pa.Table.from_pandas(entries, preserve_index=False)
    keys = [*_ENTRY_KEYS, "list", "year", "currency"]
    sums = {"file": "first", "row": "first", "entries": "sum", "priced": "sum", "amount": "sum"}
    grouped = table.group_by(keys, use_threads=False).aggregate(list(sums.items())).rename_columns([*keys, *sums])
    kinds = {pa.int64(): pd.Int64Dtype(), pa.float64(): pd.Float64Dtype()}
    return grouped.to_pandas(types_mapper=lambda kind: kinds.get(kind, pd.StringDtype("pyarrow")))


def progress_bars(shown: bool) -> Progress:
    """Bars on stderr, one for each stage; none where nobody looks."""
    from rich.console import Console
    from rich.progress import Progress

    return Progress(console=Console(stderr=True), transient=True, disable=not shown)


def _weight(frame: pd.DataFrame) -> int:
    """A block's share of its file: characters and delimiters."""
    return int(frame.apply(lambda column: column.str.len().sum()).sum() + frame.size)
