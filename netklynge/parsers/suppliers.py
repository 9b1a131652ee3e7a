"""Supplier and customer lists, purchase and sales ledgers: who trades with whom, for how much, in which years.

A list belongs to a firm, its owner, and names the other ends; a ledger may name both ends. Columns are known
by their Norwegian or English names. Every row is either accepted or rejected with a reason.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import pandas as pd

from netklynge.files.outputs import write_csv
from netklynge.files.tables import TEXT_SUFFIXES, WORKBOOK_SUFFIXES, numbers, read_workbook, text_blocks
from netklynge.findings import REASON, Finding, InputError, from_refusals, refusal
from netklynge.parsers.matching import clusters, fold, match_names, organisation_number, read_decisions
from netklynge.parsers.places import PLACE_COLUMNS, country_code, ring_of, unplaced
from netklynge.study.loading import load
from netklynge.study.meta import Meta
from netklynge.study.study import Study

if TYPE_CHECKING:
    from rich.progress import Progress

__all__ = ["Imported", "check_ledger", "import_ledger", "is_ledger", "read_ledgers", "slug", "write_import"]

Direction = Literal["purchases", "sales"]

SUPPLIER, BUYER, OTHER = "supplier", "buyer", "other"
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
_PARTY = ("name", "orgnr", *PLACE_COLUMNS)
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
_MONTH, _DAY = r"(?:0?[1-9]|1[0-2])", r"(?:0?[1-9]|[12]\d|3[01])"
_DATE = re.compile(rf"(?:(\d{{4}})[-./]?{_MONTH}[-./]?{_DAY}|{_DAY}[-./ ]{_DAY}[-./ ](\d{{4}}))(?:[T ].*)?|(\d{{4}})")
_ENTRY_KEYS = [f"{role}_{field}" for role in (SUPPLIER, BUYER) for field in _PARTY]
REJECTED = ("file", "row", "column", "value", *REASON, "rows")


class Imported(NamedTuple):
    """What a ledger gives."""

    study: Study
    rejected: pd.DataFrame
    matches: pd.DataFrame
    unplaced: pd.DataFrame


class _Sheet(NamedTuple):
    """One list: a text file or a sheet of a workbook, in blocks, with what its name tells."""

    file: str
    owner: str
    direction: Direction | None
    blocks: Iterable[tuple[pd.DataFrame, list[Finding]]]
    size: int


# -- what the user calls ---------------------------------------------------------------------------------


def import_ledger(
    source: str | Path,
    *,
    owner: str | None = None,
    direction: Direction | None = None,
    meta: Mapping[str, Any] | None = None,
    decisions: pd.DataFrame | None = None,
    progress: bool = False,
) -> tuple[Study, pd.DataFrame]:
    r"""Make a study of a supplier list, a customer list, a ledger, or a folder of several firms' lists.

    Parameters
    ----------
    source : str or Path
        A text file, a workbook (every sheet whose columns are known) or a folder of such files.
    owner : str, optional
        The firm whose list it is; default the file's name without words such as "suppliers". A list that
        names both supplier and buyer needs none.
    direction : {"purchases", "sales"}, optional
        Whether the other ends sell to the owner or buy from it, for lists whose columns and name do not tell.
    meta : mapping
        What ``study.yaml`` holds; ``zones: places`` and ``country`` say which place lies in which ring.
    decisions : DataFrame, optional
        The user's ``matches.csv``, see :func:`netklynge.parsers.matching.read_decisions`.
    progress : bool
        Show a progress bar on stderr.

    Returns
    -------
    study : Study
        ``relations``: one supply tie per supplier and buyer, with ``start``, ``end`` (first and last year),
        ``current`` (seen in the reference year), ``entries`` (rows), ``priced`` (rows with an amount) and
        ``amount`` (their sum; ``amount_eur`` and so on where the list has several currencies). ``actors``:
        with ``orgnr`` and the spellings met as ``aka``. ``meta["import"]`` counts read, accepted, rejected.
    rejected : DataFrame
        ``file, row, column, value, wrong, right, rows``; `rows` says how many rows of the list it stands for.

    Raises
    ------
    InputError
        Nothing can be read there, no column names a supplier or customer, or the direction is not told.

    Notes
    -----
    The owners of lists are the firms of the district: those whose place is not told count as local.
    Read = accepted + rejected: ``relations["entries"].sum() + rejected["rows"].sum()``. Actors are joined as
    :func:`netklynge.match_names` says; what it only suspects stays apart.

    Examples
    --------
    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp()) / "Jotron leverandører.csv"
    >>> _ = file.write_text("Leverandør;Beløp;Dato;Poststed\nMectro A/S;1 200,50;03.02.2024;Horten\n"
    ...     "MECTRO;100;05.02.2025;HORTEN\nScantech;ti;;Oslo\n", encoding="utf-8")
    >>> study, rejected = import_ledger(file, meta={"zones": {"places": {"local": "Horten"}}})
    >>> study.relations[["source", "target", "scale", "start", "end", "amount"]].values.tolist()
    [['mectro', 'jotron', 'local', 2024, 2025, 1300.5]]
    >>> rejected[["row", "column", "value", "wrong"]].values.tolist()
    [[4, 'Beløp', 'ti', 'no number']]
    """
    given = read_ledgers(source, owner=owner, direction=direction, meta=meta, decisions=decisions, progress=progress)
    return given.study, given.rejected


def read_ledgers(
    source: str | Path,
    *,
    owner: str | None = None,
    direction: Direction | None = None,
    meta: Mapping[str, Any] | None = None,
    decisions: pd.DataFrame | None = None,
    progress: bool = False,
) -> Imported:
    """The same as :func:`import_ledger`, with the matches and the places that could not be placed."""
    with _progress(progress) as bar:
        entries, rejected = _read(Path(source), owner, direction, bar)
        bar.add_task("matching names", total=None)
        return _study(entries, rejected, dict(meta or {}), decisions, Path(source).stem)


def write_import(
    source: str | Path, folder: str | Path, *, meta: Mapping[str, Any] | None = None, **options: Any
) -> Imported:
    """Import `source` into a study folder, with ``rejected.csv``, ``matches.csv`` and ``unplaced.csv`` beside it.

    What the user wrote into ``matches.csv`` of an earlier run is kept and obeyed.
    """
    target = Path(folder)
    matches = target / "matches.csv"
    decisions = read_decisions(matches) if matches.is_file() else None
    result = read_ledgers(source, meta=meta, decisions=decisions, **options)
    result.study.save(target)
    write_csv(target / "rejected.csv", result.rejected)
    write_csv(matches, result.matches)
    write_csv(target / "unplaced.csv", result.unplaced)
    return result


def check_ledger(source: str | Path, **options: Any) -> list[Finding]:
    """Every row of a ledger that would be rejected, and every organisation number whose check digit fails.

    Raises
    ------
    InputError
        As :func:`import_ledger`.
    """
    entries, rejected = _read(Path(source), options.get("owner"), options.get("direction"), _progress(False))
    cells = rejected[["file", "row", "column", "value", "code", "args"]]
    findings = from_refusals(cells.itertuples(index=False, name=None))
    for role in (SUPPLIER, BUYER):
        numbered = entries[entries[f"{role}_orgnr"].str.replace(r"[\s.]", "", regex=True).str.fullmatch(r"\d{9}")]
        for file, row, number in (
            numbered[["file", "row", f"{role}_orgnr"]]
            .drop_duplicates(f"{role}_orgnr")
            .itertuples(index=False, name=None)
        ):
            if organisation_number(number) is None:
                findings.append(Finding(file, int(row), f"{role} organisation number", number, "check_digit"))
    return sorted(findings)


def is_ledger(path: str | Path) -> bool:
    """Whether the file's columns name a supplier or a customer, so that it can be imported without a codebook."""
    try:
        return any(_columns(next(iter(sheet.blocks))[0].columns) for sheet in _sheets(Path(path), None, None))
    except InputError:
        return False


# -- lists in --------------------------------------------------------------------------------------------


def _read(
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
                return (role, field) if field in _PARTY else None
    field = _FIELD_OF.get(words)
    return (OTHER if field in _PARTY else "", field) if field else None


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
    cells = {field: frame[columns["", field]] for field in _OF_ROW if ("", field) in columns}
    sales = _sold(cells["direction"]) if "direction" in cells and (OTHER, "name") in columns else None
    blank = pd.Series("", index=frame.index, dtype="string")
    for role in (SUPPLIER, BUYER):
        for field in _PARTY:
            cell = blank
            if (role, field) in columns:
                cell = frame[columns[role, field]].fillna("")
            elif sales is not None and (OTHER, field) in columns:
                cell = frame[columns[OTHER, field]].fillna("").where(sales == (role == BUYER), "")
            rows[f"{role}_{field}"] = cell
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
        nobody = (rows[f"{role}_name"] == "") & (rows[f"{role}_orgnr"] == "")
        column = columns.get((role, "name")) or columns.get((role, "orgnr")) or columns.get((OTHER, "name"), role)
        wrong.append((nobody, column, f"no_{role}"))
    refused = _refused(frame, rows, wrong)
    accepted = rows[~rows.index.isin(refused["row"])]
    priced = accepted["amount"].notna()
    return _summed(accepted.assign(entries=1, priced=priced.astype("int64"))), refused


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


def _progress(shown: bool) -> Progress:
    """Bars on stderr, one for each stage; none where nobody looks."""
    from rich.console import Console
    from rich.progress import Progress

    return Progress(console=Console(stderr=True), transient=True, disable=not shown)


def _weight(frame: pd.DataFrame) -> int:
    """A block's share of its file: characters and delimiters."""
    return int(frame.apply(lambda column: column.str.len().sum()).sum() + frame.size)


# -- from entries to a study -----------------------------------------------------------------------------


def _study(
    entries: pd.DataFrame,
    rejected: pd.DataFrame,
    meta: dict[str, Any],
    decisions: pd.DataFrame | None,
    name: str,
) -> Imported:
    read = int(entries["entries"].sum()) + len(rejected)
    parties, of_entry = _parties(entries)
    records = _records(parties)
    matches = match_names(records, decisions=decisions)
    heads = clusters(matches, records["actor"])
    parties["actor"] = parties["record"].map(records["actor"].map(heads))
    stated = meta.get("zones")
    zones = stated.get("places") if isinstance(stated, Mapping) else None
    parties["scale"] = ring_of(parties, zones, str(meta.get("country") or "NO"))
    entries = entries.assign(**{role: parties["actor"].to_numpy()[of_entry[role]] for role in (SUPPLIER, BUYER)})
    owners = set(entries[BUYER][entries["list"] == BUYER]) | set(entries[SUPPLIER][entries["list"] == SUPPLIER])
    own = entries[SUPPLIER] == entries[BUYER]
    rejected = pd.concat([rejected, _self_traded(entries[own])], ignore_index=True)
    actors = _actors(parties, records, heads, owners)
    relations = _relations(entries[~own], actors)
    year = meta.get("reference_year") or relations["end"].max()
    relations["current"] = (relations["end"] >= year).astype("Int64") if year is not pd.NA else pd.NA
    accepted = int(relations["entries"].sum())
    counts = {"read": read, "accepted": accepted, "rejected": int(rejected["rows"].sum())}
    told = {"reference_year": int(year)} if not pd.isna(year) else {}
    study = load({"actors": actors, "relations": relations})
    sums = [column for column in relations if column in ("entries", "priced") or "amount" in column]
    study = replace(
        study,
        relations=study.relations.assign(
            **{c: pd.to_numeric(study.relations[c]).astype(relations[c].dtype) for c in sums}
        ),
        name=str(meta.get("name") or slug(name)),
        meta=Meta.of({**meta, **told, "import": counts}),
    )
    lost = parties[~parties["actor"].isin(owners)]
    return Imported(study, rejected, matches, unplaced(lost, lost["scale"], lost["entries"]))


def _parties(entries: pd.DataFrame) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Each distinct party with its number of entries, and which party each entry's supplier and buyer is."""
    ends = [entries[[f"{role}_{f}" for f in _PARTY]].set_axis(list(_PARTY), axis=1) for role in (SUPPLIER, BUYER)]
    both = pd.concat(ends, ignore_index=True)
    groups = both.groupby(list(_PARTY), sort=False)
    number = groups.ngroup()
    parties = both.loc[~number.duplicated()].reset_index(drop=True)
    weights = pd.concat([entries["entries"]] * 2, ignore_index=True)
    parties["entries"] = weights.groupby(number).sum()
    parties["name"] = parties["name"].str.split().str.join(" ").where(parties["name"] != "", parties["orgnr"])
    parties["orgnr"] = parties["orgnr"].map(organisation_number).astype("string").fillna("")
    parties["country"] = parties["country"].map(lambda cell: country_code(cell) or cell)
    coded = parties["place"].str.fullmatch(r"\d{3,4}") & (parties["municipality"] == "")
    parties["municipality"] = parties["municipality"].mask(coded, parties["place"])
    parties["place"] = parties["place"].mask(coded, "")
    codes = number.to_numpy()
    return parties, {SUPPLIER: codes[: len(entries)], BUYER: codes[len(entries) :]}


def _records(parties: pd.DataFrame) -> pd.DataFrame:
    """What is matched: each distinct name, number, place and country, the most frequent first; with an id."""
    columns = ["name", "orgnr", "place", "country"]
    parties["record"] = parties.groupby(columns, sort=False).ngroup()
    weight = parties.groupby("record")["entries"].sum()
    records = parties.drop_duplicates("record").set_index("record")[columns].assign(entries=weight)
    records = records.sort_values(["entries", *columns], ascending=[False, *[True] * 4])
    ids = records["name"].map(slug)
    again = ids.groupby(ids).cumcount()
    taken = set(ids)
    actors = []
    for name, k in zip(ids, again, strict=True):
        unique = name
        while k and unique in taken:
            k += 1
            unique = f"{name}-{k}"
        taken.add(unique)
        actors.append(unique)
    return records.assign(actor=actors)


def slug(name: str) -> str:
    """An id from a name: letters a-z, digits and hyphens.

    Examples
    --------
    >>> slug("Vinghøg & Sønn A/S")
    'vinghog-sonn-a-s'
    """
    plain = unicodedata.normalize("NFKD", name.casefold().replace("ø", "o").replace("æ", "ae"))
    return re.sub(r"[^a-z0-9]+", "-", plain.encode("ascii", "ignore").decode()).strip("-") or "actor"


def _self_traded(entries: pd.DataFrame) -> pd.DataFrame:
    """Rows in which an actor trades with itself; one line for those that were summed together."""
    return pd.DataFrame(
        {
            "file": entries["file"],
            "row": entries["row"],
            "column": "",
            "value": entries[f"{SUPPLIER}_name"],
            **refusal("self_trade"),
            "rows": entries["entries"],
        }
    )


def _actors(parties: pd.DataFrame, records: pd.DataFrame, heads: Mapping[str, str], owners: set[str]) -> pd.DataFrame:
    first = records.set_index("actor")
    names = records.assign(head=records["actor"].map(heads)).groupby("head", sort=False)["name"].agg(dict.fromkeys)
    actors = pd.DataFrame({"actor": names.index, "name": first.loc[names.index, "name"].to_numpy()})
    others = [
        ";".join(k for k in spellings if k != name) for spellings, name in zip(names, actors["name"], strict=True)
    ]
    actors["aka"] = others
    actors["kind"] = "firm"
    for column in ("scale", "orgnr", *PLACE_COLUMNS):
        actors[column] = actors["actor"].map(_most(parties, column)).astype("string")
    actors.loc[actors["scale"].isna() & actors["actor"].isin(owners), "scale"] = "local"
    return actors.replace("", pd.NA).sort_values("actor", ignore_index=True)


def _most(parties: pd.DataFrame, column: str) -> pd.Series[Any]:
    """The value with most entries of each actor, blanks aside; the first by name where two have as many."""
    told = parties[parties[column].fillna("") != ""]
    weights = told.groupby(["actor", column])["entries"].sum().reset_index()
    best = weights.sort_values(["entries", column], ascending=[False, True]).drop_duplicates("actor")
    return best.set_index("actor")[column]


def _relations(entries: pd.DataFrame, actors: pd.DataFrame) -> pd.DataFrame:
    """One tie per supplier and buyer.

    Where both ends' lists tell of a tie, the amount is the buyer's, since the two tell of the same trade.
    """
    ends = [SUPPLIER, BUYER]
    ties = entries.groupby(ends).agg(
        start=("year", "min"), end=("year", "max"), entries=("entries", "sum"), lists=("list", "min")
    )  # fmt: skip
    files = entries[[*ends, "file"]].drop_duplicates().sort_values("file")
    ties["lines"] = files.drop_duplicates(ends).set_index(ends)["file"]
    several = files[files.duplicated(ends, keep=False)]
    ties["lines"] = several.groupby(ends)["file"].agg("; ".join).reindex(ties.index).fillna(ties["lines"])
    currencies = sorted(set(entries["currency"]) - {""})
    by_list = entries.groupby([*ends, "currency", "list"])[["priced", "amount"]].sum().reset_index()
    told = by_list[by_list["priced"] > 0].drop_duplicates([*ends, "currency"])  # "buyer" sorts before "supplier"
    ties["priced"] = told.groupby(ends)["priced"].sum()
    ties["priced"] = ties["priced"].fillna(0).astype("int64")
    for currency, sums in told.groupby("currency"):
        label = "amount" if not currency or len(currencies) < 2 else f"amount_{str(currency).lower()}"
        amounts = sums.set_index(ends)["amount"]
        ties[label] = amounts if label not in ties else ties[label].fillna(0) + amounts
    ties = ties.reset_index().rename(columns={SUPPLIER: "source", BUYER: "target"})
    rings = actors.set_index("actor")["scale"]
    other = ties["source"].where(ties["lists"] == BUYER, ties["target"])
    amounts = [column for column in ties.columns if str(column).startswith("amount")]
    ties[amounts] = ties[amounts].astype("float64")
    return ties.assign(layer="supply", directed=1, scale=other.map(rings)).drop(columns="lists")
