"""A region's statistics from its tables: what :command:`netklynge region` writes.

Every table is asked what it holds. Jobs by region and industry give specialisation and, with two years, change and
shift-share; size bands give the size structure; founded and closed firms give rates and turbulence, and with
regions beside a nation the scoreboard's sign. Each figure that a table prints and that follows from others is
recomputed beside what is printed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from netklynge.findings import NetklyngeError
from netklynge.regions.auditing import audit, stock_rates
from netklynge.regions.contradictions import band_columns, same_place
from netklynge.regions.dynamics import firm_dynamics
from netklynge.regions.growth import change, dynamic_shift_share, shift_share
from netklynge.regions.nations import Base, find_nation, is_nation
from netklynge.regions.nesting import Counted, count_once
from netklynge.regions.registers import (
    REGION_NAMES,
    PublishedTable,
    concept,
    name_words,
    read_statbank,
    read_tables,
    table_files,
    tidy,
)
from netklynge.regions.rules import Sheet, elementary, recipe, recomputed, sum_rows
from netklynge.regions.scoreboard import signs
from netklynge.regions.specialisation import hachman, krugman, location_quotients, screen_industries, screens
from netklynge.study.meta import Meta

if TYPE_CHECKING:
    from netklynge.study.study import Study

__all__ = [
    "Statistic",
    "labelled",
    "nation_rows",
    "place_of",
    "places",
    "quotients_of",
    "region",
    "register_place",
    "statistics",
    "with_register",
]

OVER = 0.2  # a quotient above 1.2 is over-represented in the founding study (screen technology_regions)
_SMALL_CUTS = (49, 50)  # a band that ends here tells the jobs of small firms; "10-50" is taken as under 50
_SIZES = (("small", 0, 10), ("medium", 10, 100), ("large", 100, np.inf))


class Statistic(NamedTuple):
    """One table that was computed: from which file, what it is, and the figures."""

    source: str
    name: str
    table: pd.DataFrame

    @property
    def title(self) -> str:
        """Name of the table among the results."""
        return f"{self.source}_{self.name}" if self.source else self.name


def region(
    paths: Iterable[str | Path], reference: str | None = None, tolerance: float = 5.0
) -> dict[str, pd.DataFrame]:
    """Compute what the studies rest on from a region's tables.

    Parameters
    ----------
    paths : iterable of path
        Tables as :func:`netklynge.regions.registers.read_tables` reads them, folders of such, or JSON-stat files.
    reference : str, optional
        The region that stands for the nation; by default the one whose whole name or code says so (0, NO, Hele
        landet, Norway, rest of country), or that equals the sum of the others. Without one the nation is the sum
        of the regions, given three at least.
    tolerance : float
        Of the scoreboard's sign, in points.

    Returns
    -------
    dict
        Name to table. ``<file>_<statistic>`` with the statistics ``reading``
        (what the table was taken for), ``change, location_quotients, screens, profile,
        shift_share, size_structure, firm_dynamics, scoreboard``; ``scoreboard``, the signs of all regions;
        ``recomputed``, every figure that follows from others of its table, printed and recomputed; ``differences``,
        where they disagree and what else the checker finds.

    Raises
    ------
    InputError
        A file cannot be read.
    NetklyngeError
        Several regions could be the nation, or the reference is none of the regions.

    Examples
    --------
    >>> from netklynge.study.loading import surveys
    >>> out = region([surveys() / "published" / "jobs_by_sector_1997_2005.csv"])
    >>> parts = out["jobs_by_sector_1997_2005_shift_share"].set_index(["region", "industry"])
    >>> parts.loc[("Horten", "all"), ["change", "national", "mix", "competitive"]].astype(float).round(1).tolist()
    [-64.0, 656.9, -562.0, -158.9]
    """
    return {found.title: found.table for found in statistics(paths, reference, tolerance)}


def statistics(paths: Iterable[str | Path], reference: str | None = None, tolerance: float = 5.0) -> list[Statistic]:
    """The tables of :func:`region`, each with the file that it is from.

    Parameters
    ----------
    paths, reference, tolerance
        As of :func:`region`.

    Examples
    --------
    >>> import netklynge as nk
    >>> found = statistics([nk.study.surveys() / "published" / "jobs_by_sector_1997_2005.csv"])
    >>> [one.title for one in found if one.title.endswith("location_quotients")]
    ['jobs_by_sector_1997_2005_location_quotients']
    """
    found: list[Statistic] = []
    tables: list[PublishedTable] = []
    for path in table_files(paths):
        if path.suffix.lower() in (".json", ".json-stat"):
            for measure, register in read_statbank(path).groupby("measure", sort=False):
                found += [Statistic(f"{path.stem}_{measure}", *made) for made in _of_jobs(register, reference)]
        else:
            tables += read_tables(path)
    for table in tables:
        stem = re.sub(r"\W+", "_", table.file.rsplit(".", 1)[0] if "[" not in table.file else table.file).strip("_")
        sheet = Sheet(table)
        made = (*_of_register(sheet, reference), *_of_sizes(sheet), *_of_dynamics(sheet, reference, tolerance))
        found += [Statistic(stem, *one) for one in made]
    _check_reference(reference, found, tables)
    board = _scoreboard(found, tolerance)
    if len(board):
        found.append(Statistic("", "scoreboard", board))
    if tables:
        checked = [(f.file, f.row, f.column, f.value, f.wrong, f.right) for f in audit(tables)]
        columns = ["file", "row", "column", "value", "wrong", "right"]
        recomputations = pd.concat([recomputed(table) for table in tables], ignore_index=True)
        found.append(Statistic("", "recomputed", recomputations))
        found.append(Statistic("", "differences", pd.DataFrame(checked, columns=columns)))
    return found


def _check_reference(reference: str | None, found: Sequence[Statistic], tables: Sequence[PublishedTable]) -> None:
    """Refuse a reference that no table has."""
    if reference is None:
        return
    told = [one.table["region"] for one in found if "region" in one.table]
    told += [one.table.loc[one.table["what"] == "nation", "taken"] for one in found if one.name == "reading"]
    told += [table.cells[c] for table in tables for c in table.cells if c.lower() in REGION_NAMES]
    names = list(dict.fromkeys(str(name) for column in told for name in column.dropna()))
    if reference not in names:
        raise NetklyngeError(f"reference '{reference}' is no region; there are {', '.join(names) or 'none'}")


def _nation(regions: pd.Series, reference: str | None) -> str | None:
    """The region that is the nation by its name; None where none or several are."""
    if reference in set(regions):
        return reference
    named = [str(name) for name in regions.dropna().unique() if is_nation(name)]
    return named[0] if len(named) == 1 else None


# -- jobs by region and industry ---------------------------------------------------------------------------


def _of_register(sheet: Sheet, reference: str | None) -> Iterator[tuple[str, pd.DataFrame]]:
    levels = {c: what for c in sheet.counts if (what := concept(c, sheet.table.years))}
    wanted = [c for c, what in levels.items() if "jobs" in what and len(what) == 2]
    if sheet.region is None or not wanted or len(sheet.labels) < 2:
        return
    rows = sheet.table.cells[elementary(sheet)]
    items = [c for c in sheet.labels if c != sheet.region]
    years = {int(next(w for w in levels[c] if w.isdigit())) for c in wanted}
    year = next(iter(years)) if len(years) == 1 else None
    try:
        register = tidy(rows[[sheet.region, *items, *wanted]], sheet.region, items[0], year)
    except NetklyngeError:
        return
    register = register[register["year"].notna()]
    if register.duplicated(["region", "industry", "year"]).any():
        return
    names = rows.groupby(items[0])[items[1]].first() if len(items) > 1 else {}
    for name, frame in _of_jobs(register, reference):
        if "industry" in frame and len(items) > 1:
            frame.insert(2, "name", frame["industry"].map(names))
        yield name, frame


def _of_jobs(register: pd.DataFrame, reference: str | None) -> Iterator[tuple[str, pd.DataFrame]]:
    """What jobs by region, industry and year tell, and first how the table was read."""
    years = sorted({int(y) for y in register["year"].dropna()})
    if not years:
        return
    counted = count_once(register)
    jobs = counted.jobs
    last = jobs[jobs["year"] == years[-1]]
    base = find_nation(last, reference)
    nation = base.name
    told = last.dropna(subset=["value"])
    # a region of which an industry has no row, as in many a published table, cannot stand for the nation
    industries = jobs["industry"].nunique()
    theirs = told.loc[told["region"] == nation, "industry"].nunique()
    compared = industries >= 2 and (theirs == industries or (nation is None and told["region"].nunique() >= 3))
    unknown = jobs[jobs["value"].isna()]
    yield "reading", _reading(jobs, base, counted, unknown, years)
    if compared:
        totals = counted.totals
        sums = totals[totals["year"] == years[-1]].set_index("region")["value"] if len(totals) else None
        quotients = location_quotients(last, nation, totals=sums).assign(year=years[-1])
        yield "location_quotients", quotients
        known = quotients.dropna(subset=["lq"])
        held = [
            screen_industries(known, name)[["region", "industry", "stars", "passes"]].assign(screen=name)
            for name in screens()
        ]
        yield "screens", pd.concat(held, ignore_index=True)
        yield "profile", krugman(last, nation).merge(hachman(last, nation), on=["region", "jobs"])
    if len(years) >= 2:
        yield "change", change(jobs, years[0], years[-1]).assign(start=years[0], end=years[-1])
        # a withheld cell costs its own region the sum, not the others; without the nation's row it costs all
        whole = jobs.groupby(["region", "industry"])["value"].count().eq(len(years)).groupby(level="region").all()
        left_out = [] if nation is None else list(whole.index[~whole])
        if compared and (whole.all() if nation is None else nation in whole and whole[nation] and whole.sum() > 1):
            complete = jobs[~jobs["region"].isin(left_out)]
            parts = shift_share(complete, years[0], years[-1], nation)
            yield "shift_share", parts.assign(start=years[0], end=years[-1])
            if len(years) > 2:
                yield "dynamic_shift_share", dynamic_shift_share(complete, nation)


def _reading(
    jobs: pd.DataFrame, base: Base, counted: Counted, unknown: pd.DataFrame, years: Sequence[int]
) -> pd.DataFrame:
    """What the table was taken for: its years, regions, industries, nation, totals and withheld cells."""
    cells = [f"{r}, {i}, {y}" for r, i, y in unknown[["region", "industry", "year"]].itertuples(index=False, name=None)]
    rows = [
        ("years", ", ".join(map(str, years)), ""),
        ("regions", str(jobs["region"].nunique()), ""),
        ("industries", str(jobs["industry"].nunique()), ""),
        ("nation", base.name or "", base.why),
        *(("counted once", *line.split(": ", 1)) for line in counted.said),
        *(("withheld", cell, "unknown, not 0") for cell in cells),
    ]
    return pd.DataFrame(rows, columns=["what", "taken", "why"])


# -- sizes and dynamics ------------------------------------------------------------------------------------


def _labels(sheet: Sheet) -> pd.DataFrame:
    """What each row is about, and its ``scope``: single, joined (a row that says what it adds up) or total."""
    joined = {place for place, _, says in sum_rows(sheet) if says}
    scope = [
        "total" if total else "joined" if place in joined else "single" for place, total in enumerate(sheet.totals)
    ]
    return sheet.table.cells[sheet.labels].reset_index(drop=True).assign(scope=scope)


def labelled(table: pd.DataFrame) -> pd.DataFrame:
    """A table of sizes or dynamics with its labels called ``region``, ``industry`` and ``name``, as in the others."""
    if "scope" not in table or "region" in table:
        return table
    heads = list(table.columns[: list(table.columns).index("scope")])
    place = next((c for c in heads if c.lower() in REGION_NAMES), None)
    if place is None:
        return table
    items = [c for c in heads if c != place][:2]
    named = table.rename(columns={place: "region", **dict(zip(items, ("industry", "name"), strict=False))})
    return named if items else named.assign(industry="all", scope="total")


def _of_sizes(sheet: Sheet) -> Iterator[tuple[str, pd.DataFrame]]:
    """Share of the jobs by size class, and mean size, from columns of jobs by band."""
    bands = band_columns(sheet)
    if len(bands) < 2:
        return
    parts = {
        name: sum((sheet.values(c) for c, upper in bands if low < upper <= high), np.zeros(len(sheet.numbers)))
        for name, low, high in _SIZES
    }
    total = sum(parts.values())
    with np.errstate(divide="ignore", invalid="ignore"):
        shares = {f"pct_jobs_{name}": 100 * v / total for name, v in parts.items()}
        out = _labels(sheet).assign(jobs=total, **shares)
        units = next(
            (c for c in sheet.counts if "units" in (concept(c, sheet.table.years) or ()) and "total" in name_words(c)),
            None,
        )
        if units is not None:
            out = out.assign(units=sheet.values(units), mean_size=total / sheet.values(units))
    cut = next((upper for _, upper in bands if upper in _SMALL_CUTS), None)
    if cut is not None:
        out["jobs_under_50"] = sum(sheet.values(c) for c, upper in bands if upper <= cut)
    years = {w for c, _ in bands for w in concept(c, sheet.table.years) or () if w.isdigit() and len(w) == 4}
    yield "size_structure", out.assign(year=int(years.pop()) if len(years) == 1 else None)


def _of_dynamics(sheet: Sheet, reference: str | None, tolerance: float) -> Iterator[tuple[str, pd.DataFrame]]:
    found = stock_rates(sheet)
    if found is None:
        return
    ends = sheet.values(found.columns["stock"]) if "stock" in found.columns else np.full(len(sheet.numbers), np.nan)
    fits = [found.stocks.get(k, []) for k in range(len(sheet.numbers))]
    rows = _labels(sheet).assign(
        stock=[f[0] if f else np.nan for f in fits],
        stock_most=[f[-1] if f else np.nan for f in fits],
        founded=found.founded,
        closed=found.closed,
        stock_end=ends,
    )
    for name, values in found.rates.items():
        rows[f"{name}_printed"] = values
    table = firm_dynamics(rows)
    yield "firm_dynamics", table
    if sheet.region is not None:
        yield from _of_founding(sheet, table, reference, tolerance)


def _of_founding(
    sheet: Sheet, table: pd.DataFrame, reference: str | None, tolerance: float
) -> Iterator[tuple[str, pd.DataFrame]]:
    """The sign of new firms: each region's industries against the same industries of the nation.

    A row that says which industries it joins, such as "core(2+4)", is held against those industries together.
    """
    nation = _nation(table[sheet.region], reference)
    items = [c for c in sheet.labels if c != sheet.region]
    if nation is None or not items or "founded_pct_printed" not in table:
        return
    theirs = table[table[sheet.region] == nation].set_index(items[0])
    rows = []
    for row in table[table[sheet.region] != nation].to_dict("records"):
        codes = recipe(row[items[0]]) or [row[items[0]]]
        if set(codes) <= set(theirs.index):
            same = theirs.loc[codes]
            rate = 100 * same["founded"].sum() / same["stock"].sum(min_count=len(codes))
            told = (row[sheet.region], f"new firms: {row[items[0]]}", row["founded_pct_printed"], rate)
            rows.append((*told, "per cent of the stock", row["stock"], row["scope"]))
    columns = ["region", "indicator", "value", "nation", "unit", "n", "scope"]
    yield "scoreboard", signs(pd.DataFrame(rows, columns=columns), tolerance)


# -- all regions --------------------------------------------------------------------------------------------


def _scoreboard(found: Sequence[Statistic], tolerance: float) -> pd.DataFrame:
    """Every region's signs: its most over-represented industry, its jobs, its new firms."""
    rows: list[tuple[object, ...]] = []
    boards: list[pd.DataFrame] = []
    for source, name, table in found:
        if name == "location_quotients" and table["low"].notna().any():
            known = table[table["low"].notna()]  # a region that is withheld has no best
            best = known.loc[known.groupby("region", sort=False)["low"].idxmax()]
            for r in best.to_dict("records"):
                about = f"specialisation: {r['industry']} {r.get('name') or ''}".strip()
                rows.append((r["region"], about, r["lq"], 1.0, OVER, "location quotient", r["region_jobs"], source))
        if name == "shift_share":
            for r in table[(table["industry"] == "all") & (table["start_value"] > 0)].to_dict("records"):
                own, nation = (100 * r[part] / r["start_value"] for part in ("change", "national"))
                about = f"jobs: {r['start']}-{r['end']}"
                rows.append((r["region"], about, own, nation, tolerance, "per cent", r["start_value"], source))
        if name == "scoreboard":
            boards.append(table[table["scope"] != "single"].drop(columns="scope").assign(source=source))
    columns = ["region", "indicator", "value", "nation", "tolerance", "unit", "n", "source"]
    told = pd.DataFrame(rows, columns=columns)
    parts = [
        signs(block.drop(columns="tolerance"), float(limit)) for limit, block in told.groupby("tolerance", sort=False)
    ]
    whole = pd.concat([*parts, *boards], ignore_index=True) if parts or boards else pd.DataFrame(columns=columns)
    return whole.drop_duplicates(["region", "indicator", "value", "nation"], ignore_index=True)


def places(found: Iterable[Statistic], reference: str | None = None) -> list[str]:
    """Every region of the tables once, by the name that comes first; nations are left out."""
    found = list(found)
    bases = {str(n) for one in found if one.name == "reading" for n in one.table.query("what == 'nation'")["taken"]}
    out: list[str] = []
    for one in found:
        table = labelled(one.table)
        for name in dict.fromkeys(table["region"].dropna() if "region" in table else ()):
            nation = name == reference or str(name) in bases or is_nation(name)
            if not nation and not any(same_place(name, o) for o in out):
                out.append(str(name))
    return out


def nation_rows(table: pd.DataFrame, reference: str | None = None) -> pd.DataFrame:
    """The rows of the nation in a labelled table; none where it has none."""
    return table[table["region"] == _nation(table["region"], reference)]


def place_of(study: Study, names: Iterable[str]) -> str | None:
    """The region, of several, that a study is about: the one that has the study's name or title."""
    return next((n for n in names if same_place(n, study.name) or same_place(n, study.title)), None)


# -- joined to a study --------------------------------------------------------------------------------------


def register_place(study: Study, found: Iterable[Statistic]) -> str:
    """The region of the tables that a study is about.

    Raises
    ------
    NetklyngeError
        None has the study's name or title.
    """
    names = places(found)
    place = place_of(study, names)
    if place is None:
        there = ", ".join(names) or "none"
        raise NetklyngeError(f"no region of the tables is called '{study.name}' as the study is; there are: {there}")
    return place


def quotients_of(study: Study, found: Sequence[Statistic]) -> pd.DataFrame | None:
    """The location quotients of the region that a study is about, for the cluster question; None without any.

    Parameters
    ----------
    study : Study
    found : sequence of Statistic
        From :func:`statistics`.

    Examples
    --------
    >>> import netklynge as nk
    >>> found = statistics([nk.study.surveys() / "published" / "jobs_by_sector_1997_2005.csv"])
    >>> quotients_of(nk.load("kongsberg"), found) is not None
    True
    """
    return _about(study, found, "location_quotients")[1]


def with_register(study: Study, found: Sequence[Statistic]) -> Study:
    """The study with its region's jobs by size of establishment, for the size hallmarks of a study without sizes.

    Parameters
    ----------
    study : Study
    found : sequence of Statistic
        From :func:`statistics`.

    Returns
    -------
    Study
        With ``register`` in its meta data: ``source, year, jobs, units`` and, where a size band ends at 50,
        ``jobs_under_50``; as it is where no table has sizes of its region.

    Examples
    --------
    >>> import netklynge as nk
    >>> found = statistics([nk.study.surveys() / "published" / "establishments_and_jobs_by_size_2005.csv"])
    >>> with_register(nk.load("kongsberg"), found).meta["register"]["units"]
    231.0
    """
    source, rows = _about(study, found, "size_structure")
    whole = None if rows is None else rows[rows["scope"] == "total"]
    if whole is None or len(whole) != 1:
        return study
    row = whole.iloc[0]
    told = {key: float(row[key]) for key in ("jobs", "units", "jobs_under_50") if key in row and pd.notna(row[key])}
    year = {"year": int(row["year"])} if pd.notna(row["year"]) else {}
    return replace(study, meta=Meta.of({**study.meta, "register": {"source": source, **year, **told}}))


def _about(study: Study, found: Sequence[Statistic], name: str) -> tuple[str, pd.DataFrame | None]:
    """The first table of one kind that has the study's region: its source and those rows."""
    for one in found:
        if one.name == name and "region" in (table := labelled(one.table)):
            place = place_of(study, dict.fromkeys(table["region"].dropna()))
            if place is not None:
                return one.source, table[table["region"] == place]
    return "", None
