"""Register tables in: jobs, establishments and accounts by region, industry and year, and published cross tables.

A table may be tidy (one figure a row) or a cross table (one column per year), delimited text or a workbook, with
comment lines that start with ``#`` above its header; or a JSON-stat file as a statistics office saves it.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import narwhals as nw
import pandas as pd
from narwhals.typing import IntoFrame

from netklynge.files.tables import TEXT_SUFFIXES, WORKBOOK_SUFFIXES, decode, delimiter_of, read_workbook
from netklynge.findings import InputError, NetklyngeError
from netklynge.study.loading import surveys

__all__ = [
    "Grouping",
    "PublishedTable",
    "concept",
    "figures",
    "group_industries",
    "name_words",
    "number",
    "pandas_frame",
    "places",
    "published",
    "read_register",
    "read_statbank",
    "read_tables",
    "table_files",
    "tidy",
]

REGION_NAMES = ("region", "area", "town", "municipality", "geography", "county")
INDUSTRY_NAMES = ("industry", "sector_no", "nace_code", "nace", "code", "sector", "no", "scope_no")
# words that tell what a column holds, in English and Norwegian
PERCENT = {"pct", "percent", "prosent", "share", "andel", "rate", "%"}
CHANGE = {"change", "endring", "difference", "diff", "net", "netto", "growth", "vekst"}
TOTAL = {"total", "totalt", "totals", "sum", "all", "alt"}
FOUNDED = {"founded", "established", "opened", "new", "etablert", "nyetablerte", "nye"}
CLOSED = {"closed", "nedlagt", "nedlagte", "shut"}
JOBS = {"employees", "employed", "employment", "emp", "jobs", "sysselsatte", "ansatte", "workplaces"}
UNITS = {"establishments", "est", "firms", "units", "bedrifter", "foretak", "plants"}
YEAR = re.compile(r"(?<!\d)(1[89]\d\d|20\d\d)(?!\d)")
# what offices print for a withheld or unknown figure, alone or as a flag of Eurostat's (": c")
WITHHELD = re.compile(r"(?::|\.{1,3}|-|[ncsx]|[(]D[)])(?: ?[bcdefnpsuz]{1,3})?", re.IGNORECASE)
_NUMBER = re.compile(r"[+-]?(?:\d+|\d{1,3}(?: \d{3})+)(?:[.,]\d+)?")


# -- files ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class PublishedTable:
    """A table as it stands in its file.

    Parameters
    ----------
    file : str
        The name that findings bear; for a workbook ``file[sheet]``.
    comment : str
        The comment lines above the header, without their ``#``.
    cells : DataFrame of strings
        As printed; indexed by the row that an editor shows.
    header_row : int
        The row of the header.
    """

    file: str
    comment: str
    cells: pd.DataFrame
    header_row: int = 1

    @property
    def years(self) -> tuple[int, ...]:
        """Years that the file's name tells, in order."""
        return tuple(int(y) for y in YEAR.findall(self.file))


def read_tables(path: str | Path) -> list[PublishedTable]:
    """Read the table of a text file, or each table of a workbook.

    Raises
    ------
    InputError
        The file cannot be read, holds no table, or a row does not fit its header.

    Examples
    --------
    >>> table = published("jobs_raufoss_1997_2005")
    >>> table.header_row, len(table.cells)
    (2, 4)
    """
    path = Path(path)
    if path.suffix.lower() in WORKBOOK_SUFFIXES:
        sheets = read_workbook(path)
        for _, found in sheets.values():
            if found:
                raise InputError(str(found[0]))
        return [PublishedTable(f"{path.name}[{name}]", "", cells) for name, (cells, _) in sheets.items() if len(cells)]
    try:
        text, _ = decode(path.read_bytes())
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from None
    lines = text.splitlines(keepends=True)
    above = next((k for k, line in enumerate(lines) if line.strip() and not line.startswith("#")), len(lines))
    comment = " ".join(line.lstrip("# ").strip() for line in lines[:above] if line.startswith("#"))
    body = "".join(lines[above:])
    if not body.strip():
        raise InputError(f"{path}: no table; a header row with column names and rows of figures are needed")
    reader = csv.reader(io.StringIO(body, newline=""), delimiter=delimiter_of(body))
    header = [name.strip() for name in next(reader)]
    if "" in header or len(set(header)) < len(header):
        raise InputError(f"{path}:{above + 1}: every column needs a name of its own ({', '.join(header)})")
    rows: dict[int, list[str | None]] = {}
    first = above + 2
    for values in reader:
        row, first = first, above + reader.line_num + 1
        if not any(v.strip() for v in values):
            continue
        if len(values) != len(header):
            raise InputError(
                f"{path}:{row}: {len(values)} cells in a table of {len(header)} columns; quote a cell that holds "
                "the separator"
            )
        rows[row] = [v.strip() or None for v in values]
    if not rows:
        raise InputError(f"{path}: no rows below the header")
    cells = pd.DataFrame(list(rows.values()), columns=header, dtype="string")
    return [PublishedTable(path.name, comment, cells.set_axis(pd.Index(list(rows), name="row")), above + 1)]


def table_files(paths: Iterable[str | Path]) -> list[Path]:
    """The files themselves, and for a folder every table file in it, by name."""
    files: list[Path] = []
    for path in map(Path, paths):
        if path.is_dir():
            found = sorted(p for p in path.iterdir() if p.suffix.lower() in (*TEXT_SUFFIXES, *WORKBOOK_SUFFIXES))
            if not found:
                raise InputError(f"{path}: no table in this folder; tables end in .csv, .tsv, .txt, .xlsx or .ods")
            files += found
        else:
            files.append(path)
    return files


def published(name: str) -> PublishedTable:
    """A published table that comes with the package, by its name.

    Raises
    ------
    NetklyngeError
        There is no such table; the message lists those there are.
    """
    folder = surveys() / "published"
    names = sorted(path.stem for path in folder.glob("*.csv"))
    if name not in names:
        raise NetklyngeError(f"no published table '{name}'; there are {', '.join(names)}")
    return read_tables(folder / f"{name}.csv")[0]


# -- figures -------------------------------------------------------------------------------------------


def number(text: object) -> float | None:
    """The number that a cell prints; None for words and blanks.

    A decimal comma, a true minus sign, thousands set apart by a blank, and a per cent sign are understood.

    Examples
    --------
    >>> number("1 234,5"), number("−3 %"), number("about 30")
    (1234.5, -3.0, None)
    """
    if not isinstance(text, str):
        return None
    plain = re.sub(r"[\s\u00a0\u202f]+", " ", text.replace("\u2212", "-")).strip().removesuffix("%").strip()
    if not _NUMBER.fullmatch(plain):
        return None
    return float(plain.replace(" ", "").replace(",", "."))


def places(text: object) -> int:
    """How many decimals a cell prints.

    Examples
    --------
    >>> places("12.50"), places("12")
    (2, 0)
    """
    tail = re.search(r"[.,](\d+)\D*$", text) if isinstance(text, str) else None
    return len(tail[1]) if tail else 0


def figures(cells: pd.DataFrame) -> pd.DataFrame:
    """The columns whose printed cells are all numbers, as numbers; blanks and signs of withheld figures stay unknown.

    Examples
    --------
    >>> figures(pd.DataFrame({"town": ["a", "b", "c"], "jobs": ["12", None, ":"]}))["jobs"].tolist()
    [12.0, nan, nan]
    """
    columns = {}
    for name in cells.columns:
        told = cells[name].dropna()
        told = told[[not WITHHELD.fullmatch(str(v).strip()) for v in told]]
        values = told.map(number)
        if len(told) and values.notna().all():
            columns[name] = values.astype(float).reindex(cells.index)
    return pd.DataFrame(columns, index=cells.index)


def name_words(name: object) -> list[str]:
    """The words of a column's or a file's name.

    Examples
    --------
    >>> name_words("rel_change_1997-2005 (%)")
    ['rel', 'change', '1997', '2005']
    """
    return [w for w in re.split(r"[\s_\W]+", str(name).lower()) if w]


def concept(column: str, years: Sequence[int]) -> frozenset[str] | None:
    """What a column counts, in words that tables share; None for rates, changes and all else.

    Parameters
    ----------
    column : str
    years : sequence of int
        Years of the table, for a column that tells none.

    Examples
    --------
    >>> sorted(concept("est_total", [2005])), sorted(concept("sysselsatte_1997", []))
    (['2005', 'units'], ['1997', 'jobs'])
    """
    words = name_words(column)
    kinds = set(words)
    if kinds & (PERCENT | CHANGE | {"turbulence", "index", "rank", "mean", "average", "no"}):
        return None
    what = (
        {"founded"}
        if kinds & FOUNDED
        else {"closed"}
        if kinds & CLOSED
        else {"jobs"}
        if kinds & JOBS
        else {"units"}
        if kinds & UNITS
        else set()
    )
    if not what:
        return None
    told = [w for w in words if YEAR.fullmatch(w)]
    if not told and not years:
        return None
    when = told or [str(y) for y in years]
    if what & {"jobs", "units"} and len(when) != 1:
        return None
    known = FOUNDED | CLOSED | JOBS | UNITS | TOTAL
    rest = [w for w in words if w not in known and not YEAR.fullmatch(w) and w not in ("of", "in")]
    return frozenset({*what, *when, *rest})


def pandas_frame(frame: IntoFrame) -> pd.DataFrame:
    """Any frame that narwhals knows, as a pandas frame."""
    if isinstance(frame, pd.DataFrame):
        return frame
    wrapped = nw.from_native(frame)  # type: ignore[call-overload]
    eager = wrapped.collect() if isinstance(wrapped, nw.LazyFrame) else wrapped
    return pd.DataFrame(eager.to_dict(as_series=False))


# -- tidy registers ------------------------------------------------------------------------------------


def tidy(
    frame: IntoFrame,
    region: str | None = None,
    industry: str | None = None,
    year: int | None = None,
) -> pd.DataFrame:
    """One figure a row from a register table, be it tidy or with one column per year.

    Parameters
    ----------
    frame : frame
        Figures as numbers or as text. A column ``year`` makes it a tidy table.
    region, industry : str, optional
        The columns that name region and industry; by default the first that bears a known name.
    year : int, optional
        The year of columns that tell none.

    Returns
    -------
    DataFrame
        ``region, industry, year, measure, value``; columns of changes are left out, since they follow from
        the others. Unknown figures stay as blanks.

    Raises
    ------
    NetklyngeError
        No column names regions or industries.

    Examples
    --------
    >>> wide = pd.DataFrame({"area": ["Horten"], "sector": ["ICT"], "jobs_1997": [1644], "jobs_2005": [1641]})
    >>> tidy(wide)
       region industry  year measure   value
    0  Horten      ICT  1997    jobs  1644.0
    1  Horten      ICT  2005    jobs  1641.0
    """
    table = pandas_frame(frame)
    region = region or _named(table, REGION_NAMES, "region")
    industry = industry or _named(table, INDUSTRY_NAMES, "industry")
    labels = [region, industry]
    numbers = figures(table.drop(columns=labels).astype("string"))
    years = numbers.pop("year") if "year" in numbers else None
    parts = []
    for name in numbers.columns:
        told = [int(y) for y in YEAR.findall(name)]
        if len(told) > 1 or CHANGE & set(name_words(name)):
            continue
        when = told[0] if told else year if years is None else years.astype("Int64")
        measure = YEAR.sub("", name).strip("_ ") or "value"
        parts.append(table[labels].assign(year=when, measure=measure, value=numbers[name]))
    if not parts:
        raise NetklyngeError("the table has no column of figures; one number per cell is needed")
    long = pd.concat(parts).rename(columns={region: "region", industry: "industry"})
    long["industry"] = long["industry"].astype("string").astype(object)
    return long.sort_index(kind="stable").reset_index(drop=True)


def _named(table: pd.DataFrame, names: Sequence[str], what: str) -> str:
    lower = {str(c).lower(): str(c) for c in table.columns}
    for name in names:
        if name in lower:
            return lower[name]
    raise NetklyngeError(
        f"no column names the {what}; call one of them '{names[0]}' or say which it is (columns: "
        f"{', '.join(map(str, table.columns))})"
    )


def read_register(path: str | Path, region: str | None = None, industry: str | None = None) -> pd.DataFrame:
    """Read a register file to one figure a row, see :func:`tidy`; JSON-stat files by :func:`read_statbank`.

    Raises
    ------
    InputError
        The file cannot be read.
    NetklyngeError
        No column names regions or industries.
    """
    path = Path(path)
    if path.suffix.lower() in (".json", ".json-stat"):
        return read_statbank(path)
    parts = []
    for table in read_tables(path):
        year = table.years[0] if len(set(table.years)) == 1 else None
        parts.append(tidy(table.cells, region, industry, year))
    return pd.concat(parts, ignore_index=True)


def read_statbank(path: str | Path, labels: bool = False) -> pd.DataFrame:
    """Read a JSON-stat 2 file as saved from a statbank.

    Parameters
    ----------
    path : path
    labels : bool
        Labels instead of codes for regions and industries.

    Returns
    -------
    DataFrame
        ``region, industry, year, measure, value`` and one column for each further dimension. The dimensions are
        found by the roles that the file states (geo, time, metric); the industry is the dimension whose name
        speaks of NACE, SIC or industry, else the first without a role. Withheld figures stay as blanks.

    Raises
    ------
    InputError
        The file is no JSON-stat dataset.
    """
    from pyjstat import pyjstat  # type: ignore[import-untyped]

    path = Path(path)
    try:
        data = pyjstat.Dataset.read(path.read_text(encoding="utf-8-sig"))
        ids = list(data["id"])
        frame = data.write("dataframe", naming="id")
        named = data.write("dataframe", naming="label") if labels else None
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from None
    except (ValueError, KeyError, TypeError, AttributeError, LookupError) as error:
        raise InputError(f"{path}: no JSON-stat 2 dataset: {error}; save the table as JSON-stat version 2") from None
    roles = {dim: role for role, dims in (data.get("role") or {}).items() for dim in dims}
    found = {role: next((d for d in ids if roles.get(d) == role), None) for role in ("geo", "time", "metric")}
    found["geo"] = found["geo"] or next((d for d in ids if d.lower().startswith("region")), None)
    found["time"] = found["time"] or next((d for d in ids if d.lower() in ("tid", "time", "year")), None)
    rest = [d for d in ids if d not in found.values()]
    industry = next((d for d in rest if re.search(r"nace|sic|n(æ|ae)ring|industr", d, re.IGNORECASE)), None)
    industry = industry or next(iter(rest), None)
    names = {found["geo"]: "region", industry: "industry", found["time"]: "year", found["metric"]: "measure"}
    if named is not None:
        for place, dim in enumerate(ids):
            if names.get(dim) in ("region", "industry"):
                frame[dim] = named.iloc[:, place]
    frame = frame.rename(columns={old: new for old, new in names.items() if old})
    if "measure" not in frame:
        frame["measure"] = "value"
    for name in ("region", "industry"):
        if name not in frame:
            frame[name] = "all"
    frame["year"] = (
        frame["year"].astype(str).str.extract(YEAR, expand=False).astype("Int64") if "year" in frame else pd.NA
    )
    first = ["region", "industry", "year", "measure", "value"]
    return frame[first + [c for c in frame.columns if c not in first]]


# -- industries grouped --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Grouping:
    """What :func:`group_industries` gives.

    Attributes
    ----------
    sums : DataFrame
        The register by group; never add groups up when ``overlaps`` has rows, use the row "all" instead.
    overlaps : DataFrame
        Codes that stand in several groups: ``code, groups, value``.
    residual : DataFrame
        Codes that no group takes: ``code, value, share`` of all.
    """

    sums: pd.DataFrame
    overlaps: pd.DataFrame
    residual: pd.DataFrame


def group_industries(
    register: IntoFrame,
    concordance: IntoFrame,
    code: str = "nace_code",
    group: str = "group",
    residual: str = "rest",
) -> Grouping:
    """Add industry codes up to groups by a concordance; groups may overlap, and what is left is the residual.

    A code belongs to every group of its longest prefix in the concordance: 35.114 goes with 35.114 if that stands
    there, else with 35.11, 35.1 or 35. Dots and blanks do not count.

    Parameters
    ----------
    register : frame
        With ``industry`` and ``value``; all other columns are kept as keys (see :func:`tidy`).
    concordance : frame
        One row per code and group; a blank group takes the code out of the groups without losing it.
    code, group : str
        Its columns.
    residual : str
        The name of what no group takes.

    Returns
    -------
    Grouping
        ``sums`` has the groups, the residual, and "all", which counts every code once; columns ``industry``,
        ``value`` (the sum of what is known) and ``codes``, ``unknown`` (how many codes, how many without a figure).

    Raises
    ------
    NetklyngeError
        A column is missing.

    Examples
    --------
    >>> jobs = pd.DataFrame({"region": "r", "industry": ["72.10", "73.10", "01.11"], "value": [5.0, 2.0, 3.0]})
    >>> groups = pd.DataFrame({"nace_code": ["72", "73", "73.1"], "group": ["ict", "rd", "knowledge"]})
    >>> group_industries(jobs, groups).sums[["industry", "value"]].values.tolist()
    [['all', 10.0], ['ict', 5.0], ['knowledge', 2.0], ['rest', 3.0]]
    """
    table, key = pandas_frame(register), pandas_frame(concordance)
    for frame, name, what in (
        (table, "industry", "register"),
        (table, "value", "register"),
        (key, code, "concordance"),
        (key, group, "concordance"),
    ):
        if name not in frame.columns:
            raise NetklyngeError(f"{what}: column '{name}' is missing; it has {', '.join(map(str, frame.columns))}")
    by_prefix: dict[str, list[str | None]] = {}
    for prefix, name in zip(key[code].astype(str), key[group], strict=True):
        by_prefix.setdefault(_bare(prefix), []).append(None if pd.isna(name) or str(name) == "none" else str(name))
    codes = table["industry"].astype(str).unique()
    member = {c: _groups_of(_bare(c), by_prefix) for c in codes}
    pairs = pd.DataFrame(
        [(c, g) for c, groups in member.items() for g in ({*groups} or {residual})] + [(c, "all") for c in codes],
        columns=["code", "to"],
    )
    keys = [c for c in table.columns if c not in ("industry", "value")]
    joined = table.assign(code=table["industry"].astype(str)).merge(pairs, on="code")
    joined["unknown"] = joined["value"].isna()
    sums = (
        joined.groupby([*keys, "to"], dropna=False, sort=True)
        .agg(
            value=("value", lambda v: v.sum(min_count=1)),
            codes=("code", "nunique"),
            unknown=("unknown", "sum"),
        )
        .reset_index()
        .rename(columns={"to": "industry"})
    )
    by_code = table.assign(code=table["industry"].astype(str)).groupby("code")["value"].sum(min_count=1)
    total = by_code.sum() or float("nan")
    shared = [(c, ", ".join(sorted(g)), by_code[c]) for c, g in sorted(member.items()) if len(g) > 1]
    left = [(c, by_code[c], by_code[c] / total) for c, g in sorted(member.items()) if not g]
    return Grouping(
        sums,
        pd.DataFrame(shared, columns=["code", "groups", "value"]),
        pd.DataFrame(left, columns=["code", "value", "share"]).sort_values("value", ascending=False, ignore_index=True),
    )


def _bare(code: str) -> str:
    return re.sub(r"[.\s]", "", code)


def _groups_of(code: str, by_prefix: dict[str, list[str | None]]) -> set[str]:
    """Groups of the longest prefix of `code`; a prefix ends in one 0 less where the key pads (30.0 is 30)."""
    for length in range(len(code), 1, -1):
        for prefix in _padded(code[:length]):
            if prefix in by_prefix:
                return {g for g in by_prefix[prefix] if g}
    return set()


def _padded(prefix: str) -> Iterable[str]:
    yield prefix
    if len(prefix) == 2:
        yield prefix + "0"
