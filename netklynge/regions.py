"""A region's statistics from its tables: what :command:`netklynge region` writes.

Every table is asked what it holds. Jobs by region and industry give specialisation and, with two years, change and
shift-share; size bands give the size structure; founded and closed firms give rates and turbulence, and with
regions beside a nation the scoreboard's sign. Each figure that a table prints and that follows from others is
recomputed beside what is printed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from netklynge.auditing import audit, stock_rates
from netklynge.contradictions import band_columns
from netklynge.dynamics import firm_dynamics
from netklynge.findings import NetklyngeError
from netklynge.growth import change, dynamic_shift_share, shift_share
from netklynge.outputs import file_name, write_csv, written_folder
from netklynge.registers import (
    PublishedTable,
    concept,
    name_words,
    read_statbank,
    read_tables,
    table_files,
    tidy,
)
from netklynge.rules import Sheet, elementary, recipe, recomputed
from netklynge.scoreboard import signs
from netklynge.specialisation import hachman, krugman, location_quotients, screen, screens

__all__ = ["region", "write_region"]

_NATION = re.compile(r"(?:^|_|\b)(?:rest|nation|norway|country|landet|norge)(?:_|\b)", re.IGNORECASE)
_SIZES = (("small", 0, 10), ("medium", 10, 100), ("large", 100, np.inf))


def region(
    paths: Iterable[str | Path], reference: str | None = None, tolerance: float = 5.0
) -> dict[str, pd.DataFrame]:
    """Compute what the studies rest on from a region's tables.

    Parameters
    ----------
    paths : iterable of path
        Tables as :func:`netklynge.registers.read_tables` reads them, folders of such, or JSON-stat files.
    reference : str, optional
        The region that stands for the nation; by default the one that is called so (nation, Norway, rest of
        country). Without one the nation is the sum of the regions, given three at least.
    tolerance : float
        Of the scoreboard's sign, in points.

    Returns
    -------
    dict
        Name to table. ``<file>_<statistic>`` with the statistics ``change, location_quotients, screens, profile,
        shift_share, size_structure, firm_dynamics, scoreboard``; ``recomputed``, every figure that follows from
        others of its table, printed and recomputed; ``differences``, where they disagree and what else the checker
        finds.

    Raises
    ------
    InputError
        A file cannot be read.

    Examples
    --------
    >>> from netklynge.study import surveys
    >>> out = region([surveys() / "published" / "jobs_by_sector_1997_2005.csv"])
    >>> parts = out["jobs_by_sector_1997_2005_shift_share"].set_index(["region", "industry"])
    >>> parts.loc[("Horten", "all"), ["change", "national", "mix", "competitive"]].astype(float).round(1).tolist()
    [-64.0, 656.9, -562.0, -158.9]
    """
    out: dict[str, pd.DataFrame] = {}
    tables: list[PublishedTable] = []
    for path in table_files(paths):
        if path.suffix.lower() in (".json", ".json-stat"):
            for measure, register in read_statbank(path).groupby("measure", sort=False):
                out |= {f"{path.stem}_{measure}_{k}": v for k, v in _of_jobs(register, reference)}
        else:
            tables += read_tables(path)
    for table in tables:
        stem = re.sub(
            r"\W+", "_", table.file.rsplit(".", 1)[0] if "[" not in table.file else table.file
        ).strip("_")
        sheet = Sheet(table)
        for name, frame in (
            *_of_register(sheet, reference),
            *_of_sizes(sheet),
            *_of_dynamics(sheet, reference, tolerance),
        ):
            out[f"{stem}_{name}"] = frame
    if tables:
        out["recomputed"] = pd.concat([recomputed(table) for table in tables], ignore_index=True)
        findings = [(f.file, f.row, f.column, f.value, f.wrong, f.right) for f in audit(tables)]
        out["differences"] = pd.DataFrame(
            findings, columns=["file", "row", "column", "value", "wrong", "right"]
        )
    return out


def write_region(
    paths: Iterable[str | Path],
    target: str | Path,
    reference: str | None = None,
    tolerance: float = 5.0,
    force: bool = False,
) -> list[Path]:
    """Write every table of :func:`region` as a CSV file into a folder, all or none; return the files.

    Raises
    ------
    InputError
        A file cannot be read.
    NetklyngeError
        Files there would be replaced and `force` is not given, or the folder cannot be written to.
    """
    tables = region(paths, reference, tolerance)
    files = {file_name(name, "table") + ".csv": frame for name, frame in tables.items()}
    with written_folder(Path(target), force) as folder:
        for name, frame in files.items():
            write_csv(folder / name, frame)
    return [Path(target) / name for name in files]


def _nation(regions: Iterable[object], reference: str | None) -> str | None:
    names = list(dict.fromkeys(str(r) for r in regions))
    if reference in names:
        return reference
    return next((name for name in names if _NATION.search(name)), None)


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
    register = register[register["year"].notna()].dropna(subset=["value"])
    if not register.duplicated(["region", "industry", "year"]).any():
        yield from _of_jobs(register, reference)


def _of_jobs(register: pd.DataFrame, reference: str | None) -> Iterator[tuple[str, pd.DataFrame]]:
    years = sorted({int(y) for y in register["year"].dropna()})
    nation = _nation(register["region"], reference)
    industries = register["industry"].nunique()
    theirs = register.loc[register["region"] == nation, "industry"].nunique()
    compared = industries >= 2 and (
        theirs == industries or (nation is None and register["region"].nunique() >= 3)
    )
    if years and compared:
        last = register[register["year"] == years[-1]].dropna(subset=["value"])
        quotients = location_quotients(last, nation)
        yield "location_quotients", quotients
        held = [
            screen(quotients, name)[["region", "industry", "stars", "passes"]].assign(screen=name)
            for name in screens()
        ]
        yield "screens", pd.concat(held, ignore_index=True)
        yield "profile", krugman(last, nation).merge(hachman(last, nation), on=["region", "jobs"])
    if len(years) >= 2:
        yield "change", change(register, years[0], years[-1])
        whole = register.groupby(["region", "industry"])["value"].count() == len(years)
        if compared and whole.all():
            yield "shift_share", shift_share(register, years[0], years[-1], nation)
            if len(years) > 2:
                yield "dynamic_shift_share", dynamic_shift_share(register, nation)


# -- sizes and dynamics ------------------------------------------------------------------------------------


def _labels(sheet: Sheet) -> pd.DataFrame:
    return sheet.table.cells[sheet.labels].reset_index(drop=True)


def _of_sizes(sheet: Sheet) -> Iterator[tuple[str, pd.DataFrame]]:
    """Share of the jobs by size class, and mean size, from columns of jobs by band."""
    bands = band_columns(sheet)
    if len(bands) < 2:
        return
    parts = {
        name: sum(
            (sheet.values(c) for c, upper in bands if low < upper <= high), np.zeros(len(sheet.numbers))
        )
        for name, low, high in _SIZES
    }
    total = sum(parts.values())
    with np.errstate(divide="ignore", invalid="ignore"):
        shares = {f"pct_jobs_{name}": 100 * v / total for name, v in parts.items()}
        out = _labels(sheet).assign(jobs=total, **shares)
        units = next(
            (
                c
                for c in sheet.counts
                if "units" in (concept(c, sheet.table.years) or ()) and "total" in name_words(c)
            ),
            None,
        )
        if units is not None:
            out = out.assign(units=sheet.values(units), mean_size=total / sheet.values(units))
    yield "size_structure", out


def _of_dynamics(sheet: Sheet, reference: str | None, tolerance: float) -> Iterator[tuple[str, pd.DataFrame]]:
    found = stock_rates(sheet)
    if found is None:
        return
    ends = (
        sheet.values(found.columns["stock"])
        if "stock" in found.columns
        else np.full(len(sheet.numbers), np.nan)
    )
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
            rows.append((row[sheet.region], f"new firms: {row[items[0]]}", row["founded_pct_printed"], rate))
    yield (
        "scoreboard",
        signs(pd.DataFrame(rows, columns=["region", "indicator", "value", "nation"]), tolerance),
    )
