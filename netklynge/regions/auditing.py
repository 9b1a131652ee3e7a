"""The checker of published tables: sums, shares, rates, recomputed indices, contradictions between tables.

Nothing is known beforehand of any table: see :mod:`netklynge.regions.rules` for what it learns within one, and
:mod:`netklynge.regions.contradictions` for what it compares between several.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import permutations
from pathlib import Path

import numpy as np
import pandas as pd

from netklynge.findings import Finding, Phrase
from netklynge.regions.contradictions import battery, contradictions, regroupings, respondents, size_bands
from netklynge.regions.dynamics import implied_stocks
from netklynge.regions.registers import (
    CHANGE,
    CLOSED,
    FOUNDED,
    PERCENT,
    TOTAL,
    UNITS,
    PublishedTable,
    name_words,
    places,
    read_tables,
    table_files,
)
from netklynge.regions.rules import EPS, Bools, Floats, Sheet, judged

__all__ = ["StockRates", "audit", "check_tables", "has_numbers", "stock_rates"]

_NUMBER_WORDS = {
    word: number
    for number, word in enumerate(
        ("two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"), start=2
    )
}

# -- rules that a row breaks -----------------------------------------------------------------------------


def _broken_rules(sheet: Sheet) -> Iterator[Finding]:
    """One finding per row and rule, at its first column."""
    broken: dict[tuple[int, str], dict[str, str]] = defaultdict(dict)
    for rule, kept in judged(sheet):
        for k in np.flatnonzero(~kept):
            kind = "" if rule.parts else rule.formula
            shown = sheet.shown(rule.column, float(rule.expected[k]))
            broken[int(rule.rows[k]), kind].setdefault(rule.column, shown)
    told: set[tuple[int, str]] = set()
    for (place, formula), values in broken.items():
        columns = [c for c in values if (place, c) not in told]
        told |= {(place, c) for c in columns}
        if columns:
            told_as: dict[str, object] = {"values": [values[columns[0]], *(f"{c} {values[c]}" for c in columns[1:])]}
            if formula:
                told_as["formula"] = formula
            code = "rule_broken" if formula else "sum_broken"
            yield sheet.finding(place, columns[0], code, about=sheet.about(place), **told_as)


# -- shares of a whole -----------------------------------------------------------------------------------


def _off_hundred(sheet: Sheet) -> Iterator[Finding]:
    """Shares of one whole that do not add to 100."""
    across = _share_runs(sheet)
    for run in across:
        parts = sheet.numbers[run].to_numpy(dtype=float)
        rows = np.flatnonzero(np.isfinite(parts).all(axis=1))
        off = parts[rows].sum(axis=1) - 100
        half = max(sheet.half[c] for c in run)
        if not _rounding_explains(off, len(run), half):
            for k in np.flatnonzero(np.abs(off) > half):
                yield sheet.finding(
                    int(rows[k]),
                    run[-1],
                    "row_off_hundred",
                    first=run[0],
                    last=run[-1],
                    sum=float(100 + off[k]),
                    about=sheet.about(int(rows[k])),
                )
    # a share that follows from counts in the table is judged there: if each is right, rounding is the reason
    used = {c for run in across for c in run} | {r.column for r in sheet.row_rules}
    for column in sheet.percents:
        if column in used or CHANGE & set(name_words(column)):
            continue
        values = sheet.values(column)
        rows = np.flatnonzero(~sheet.totals & np.isfinite(values))
        total = values[rows].sum()
        half = sheet.half[column]
        if len(rows) >= 3 and (values[rows] >= 0).all() and half < abs(total - 100) <= 3:
            yield sheet.finding(
                int(rows[-1]),
                column,
                "column_off_hundred",
                sum=float(total),
                count=len(rows),
                slack=float(half * len(rows)),
            )


def _share_runs(sheet: Sheet) -> list[list[str]]:
    """Neighbouring columns whose rows add to about 100."""
    names = [c for c in sheet.numbers.columns if not TOTAL & set(name_words(c)) and c not in sheet.years]
    order = {c: k for k, c in enumerate(sheet.table.cells.columns)}
    found: list[list[str]] = []
    for length in range(len(names), 2, -1):
        for start in range(len(names) - length + 1):
            run = names[start : start + length]
            if any(set(run) <= set(other) for other in found) or order[run[-1]] - order[run[0]] >= length:
                continue
            parts = np.column_stack([sheet.values(c) for c in run])
            parts = parts[np.isfinite(parts).all(axis=1)]
            inside = bool(((parts >= 0) & (parts <= 100)).all())
            if len(parts) >= 3 and inside and bool((np.abs(parts.sum(axis=1) - 100) <= 3).all()):
                found.append(run)
    return found


def _rounding_explains(off: Floats, parts: int, half: float) -> bool:
    """Whether sums miss 100 no further, and as a whole no more, than the rounding of their parts lets them."""
    if len(off) == 1:
        return bool(np.abs(off[0]) <= half)
    spread = 2 * half * (parts / 12) ** 0.5
    return bool(np.abs(off).max() <= half * parts + EPS and np.sqrt((off**2).mean()) <= 2 * spread)


# -- rates on a stock that is not printed ----------------------------------------------------------------


@dataclass(frozen=True)
class StockRates:
    """Founded and closed firms of a table, with the stocks at the start that its rates imply.

    Attributes
    ----------
    columns : dict
        What is told (founded, closed, stock, net, and rates) to its column.
    founded, closed : array
        One per row.
    rates : dict
        Rates by what they follow, whatever their head says.
    misnamed : str or None
        A column whose head says closed while its figures are net.
    stocks : dict
        Row to every whole stock that gives all its rates; rows without a telling rate are left out.
    """

    columns: dict[str, str]
    founded: Floats
    closed: Floats
    rates: dict[str, Floats]
    misnamed: str | None
    stocks: dict[int, list[int]]

    def told(self, place: int) -> dict[str, float]:
        """The rates that a row prints."""
        return {name: float(v[place]) for name, v in self.rates.items() if np.isfinite(v[place])}


def stock_rates(sheet: Sheet) -> StockRates | None:
    """Founded and closed firms and the stocks behind their rates; None when a table has no such rates."""
    columns = _dynamics_columns(sheet)
    if not {"founded", "closed"} <= columns.keys() or not {"founded_pct", "turbulence"} & columns.keys():
        return None
    founded, closed = sheet.values(columns["founded"]), sheet.values(columns["closed"])
    rates = {name: sheet.values(c) for name, c in columns.items() if name.endswith("_pct") or name == "turbulence"}
    misnamed = columns.get("closed_pct")
    if misnamed is not None:
        if _follows(sheet, misnamed, columns, founded - closed) > _follows(sheet, misnamed, columns, closed):
            rates["net_pct"] = rates.pop("closed_pct")
        else:
            misnamed = None
    found = StockRates(columns, founded, closed, rates, misnamed, {})
    for place in np.flatnonzero(np.isfinite(founded + closed)):
        told = found.told(int(place))
        if any(told.values()):
            found.stocks[int(place)] = _stocks(founded[place], closed[place], told)
    return found


def _stocks(founded: float, closed: float, told: dict[str, float]) -> list[int]:
    founded_pct, net_pct, turbulence = (told.get(name) for name in ("founded_pct", "net_pct", "turbulence"))
    return implied_stocks(int(founded), int(closed), founded_pct, net_pct, turbulence)


def _stock_rates(sheet: Sheet) -> Iterator[Finding]:
    """Rates that no stock gives, heads that name another rate, stocks that do not close."""
    found = stock_rates(sheet)
    if found is None:
        return
    if found.misnamed is not None:
        yield Finding(
            sheet.table.file,
            sheet.table.header_row,
            found.misnamed,
            found.misnamed,
            "rate_misnamed",
        )
    for place, fits in found.stocks.items():
        if not fits and len(found.told(place)) > 1:
            yield _no_stock(sheet, place, found)
    yield from _open_balance(sheet, found)


def _dynamics_columns(sheet: Sheet) -> dict[str, str]:
    found: dict[str, str] = {}
    for column in sheet.numbers.columns:
        words = set(name_words(column))
        printed_as = re.search(r"printed_as_(\w+)", column)
        said = set(name_words(printed_as[1])) if printed_as else words
        kinds = (
            ("founded", FOUNDED & said),
            ("closed", CLOSED & said),
            ("turbulence", {"turbulence"} & words),
            ("net", CHANGE & words),
            ("stock", UNITS & words),
        )
        what = next((kind for kind, told in kinds if told), None)
        if what:
            percent = bool(PERCENT & words) and what != "turbulence"
            found.setdefault(f"{what}_pct" if percent else what, column)
    return found


def _follows(sheet: Sheet, rate: str, columns: dict[str, str], count: Floats) -> float:
    """In which share of the rows a rate is that of `count`, on the stock that the founding rate implies."""
    if "founded_pct" not in columns:
        return 0.0
    base = columns["founded_pct"]
    with np.errstate(divide="ignore", invalid="ignore"):
        first = sheet.values(columns["founded"])
        low = 100 * first / (sheet.values(base) + sheet.half[base])
        high = 100 * first / (sheet.values(base) - sheet.half[base])
        ends = np.sort([100 * count / low, 100 * count / high], axis=0)
        printed, half = sheet.values(rate), sheet.half[rate]
    usable = (sheet.values(base) > 5) & np.isfinite(ends).all(axis=0) & np.isfinite(printed)
    fits = (printed + half >= ends[0] - EPS) & (printed - half <= ends[1] + EPS)
    return float(fits[usable].mean()) if usable.any() else 0.0


def _no_stock(sheet: Sheet, place: int, found: StockRates) -> Finding:
    """The row's finding, at the rate without which the others agree on a stock."""
    founded, closed, told = found.founded[place], found.closed[place], found.told(place)
    counts = {"founded_pct": founded, "net_pct": founded - closed, "turbulence": founded + closed}
    for name in sorted(counts.keys() & told.keys(), key=lambda n: n != "turbulence"):
        fits = _stocks(founded, closed, {k: v for k, v in told.items() if k != name})
        if fits:
            rates = sorted({round(100 * counts[name] / s) for s in fits})
            column = found.columns.get(name) or found.columns["closed_pct"]
            return sheet.finding(place, column, "rate_off", stock=_span(fits), rates=rates, about=sheet.about(place))
    column = next(found.columns[n] for n in ("founded_pct", "turbulence") if n in found.columns)
    return sheet.finding(place, column, "no_stock", about=sheet.about(place))


def _open_balance(sheet: Sheet, found: StockRates) -> Iterator[Finding]:
    """One finding per table: units at the end - founded + closed is not the stock that the rates imply."""
    if "stock" not in found.columns:
        return
    column = found.columns["stock"]
    start = sheet.values(column) - found.founded + found.closed
    tested = {p: fits for p, fits in found.stocks.items() if fits and np.isfinite(start[p])}
    off = [p for p, fits in tested.items() if not fits[0] <= start[p] <= fits[-1]]
    if off:
        yield sheet.finding(
            off[0],
            column,
            "open_balance",
            start=float(start[off[0]]),
            stock=_span(tested[off[0]]),
            about=sheet.about(off[0]),
            off=len(off),
            tested=len(tested),
        )


def _span(numbers: Sequence[int]) -> Phrase | str:
    return str(numbers[0]) if len(numbers) == 1 else Phrase("span", first=numbers[0], last=numbers[-1])


# -- surveys ---------------------------------------------------------------------------------------------


def _shifted_codes(sheet: Sheet) -> Iterator[Finding]:
    """Rows whose answers stand in a column that all other rows leave empty, and leave the usual one empty."""
    answers_of = battery(sheet)
    if answers_of is None:
        return
    names, _ = answers_of
    answers = sheet.numbers[names].fillna(0).to_numpy()
    shares = answers / answers.sum(axis=1, keepdims=True)
    for p, q in permutations(range(len(names)), 2):
        odd = (shares[:, q] == 0) & (shares[:, p] >= 0.4)
        usual = (shares[:, q] > 0) & (shares[:, p] <= 0.1)
        if 1 <= odd.sum() <= usual.sum() / 2 and (odd | usual).all() and np.median(shares[usual, q]) >= 0.25:
            for place in np.flatnonzero(odd):
                yield sheet.finding(
                    int(place),
                    names[p],
                    "codes_shifted",
                    count=float(answers[place, p]),
                    all=float(answers[place].sum()),
                    usual=names[q],
                    others=int(usual.sum()),
                    about=sheet.about(int(place)),
                )


def _granularity(sheet: Sheet) -> Iterator[Finding]:
    """Shares that no count out of the stated number gives."""
    stated = re.search(r"\bn ?= ?(\d+)[^,;.]*(?:, ?(\d+))?", sheet.table.comment)
    if not stated:
        return
    numbers = [int(s) for s in stated.groups() if s]
    columns = [c for run in _square_runs(sheet) for c in run]
    shares = sheet.numbers[columns].to_numpy().ravel() if columns else np.empty(0)
    shares = shares[np.isfinite(shares)]
    half = max((sheet.half[c] for c in columns), default=0.5)
    if len(shares) < 5 or half >= 50 / max(numbers):
        return

    def fits(n: int) -> Bools:
        return np.abs(np.round(shares * n / 100) * 100 / n - shares) <= half + EPS

    if any(fits(n).all() for n in numbers):
        return
    better = next((n for n in range(2, 2 * max(numbers)) if fits(n).all()), None)
    misses = int((~fits(max(numbers))).sum())
    yield Finding(
        sheet.table.file,
        sheet.table.header_row,
        columns[0],
        stated[0].strip(),
        "share_of_another" if better else "share_of_no_count",
        misses=misses,
        all=len(shares),
        numbers=numbers,
        **({"better": better} if better else {}),
    )


def _square_runs(sheet: Sheet) -> list[list[str]]:
    """Share columns of a table that is one whole: its total row adds to 100 and it has decimals."""
    names = [c for c in sheet.numbers.columns if not TOTAL & set(name_words(c)) and sheet.half[c] < 0.5]
    total = sheet.numbers[names][sheet.totals]
    near = len(total) == 1 and bool(abs(float(total.iloc[0].sum()) - 100) <= 1)
    return [names] if names and near else []


def _zone_counts(sheet: Sheet) -> Iterator[Finding]:
    """Counts of one question's zones that do not add to its n; shares that do not add to 100."""
    cells = sheet.table.cells
    if not {"table", "item", "scale", "value", "unit", "n"} <= set(cells.columns):
        return
    keys = [c for c in ("table", "item", "group", "flow", "unit") if c in cells.columns]
    for key, block in cells.groupby(keys, dropna=False, sort=False):
        unit = str(dict(zip(keys, key, strict=True))["unit"])
        places_ = [int(cells.index.get_loc(i)) for i in block.index]
        values = pd.to_numeric(block["value"], errors="coerce")
        n = pd.to_numeric(block["n"], errors="coerce").dropna().unique()
        whole = 100.0 if unit.startswith("percent") else float(n[0]) if len(n) == 1 else math.nan
        if len(block) < 3 or block["scale"].nunique() != len(block) or values.isna().any():
            continue
        slack = 0.5 if unit == "count" else max(0.5 * 10.0 ** -places(v) for v in block["value"])
        off = values.sum() - whole
        if slack < abs(off) <= 3 and (unit == "count" or len(block) >= 4):
            yield sheet.finding(
                places_[-1],
                "value",
                "zones_off",
                count=len(block),
                item=key[1],
                sum=float(values.sum()),
                whole=whole,
            )


# -- order, ranks, titles --------------------------------------------------------------------------------


def _broken_order(sheet: Sheet) -> Iterator[Finding]:
    """Rows out of order in a table whose title says that it is ranked."""
    title = sheet.table.comment.lower()
    if not re.search(r"\b(ranked|ranking|rangert|sorted|sortert|largest|største)\b", title):
        return
    for column in sheet.counts:
        values = sheet.values(column)
        rows = np.flatnonzero(np.isfinite(values))
        if len(rows) < 6 or len(rows) < len(values) or "rank" in name_words(column):
            continue
        falls = values[rows]
        if _longest_fall(falls) >= 0.8 * len(rows):
            for k in np.flatnonzero(np.diff(falls) > 0):
                yield sheet.finding(
                    int(rows[k + 1]),
                    column,
                    "out_of_order",
                    above=float(falls[k]),
                    about=sheet.about(int(rows[k + 1])),
                )


def _longest_fall(values: Floats) -> int:
    best: list[int] = []
    for k, v in enumerate(values):
        best.append(1 + max((best[j] for j in range(k) if values[j] >= v), default=0))
    return max(best, default=0)


def _impossible_ranks(sheet: Sheet) -> Iterator[Finding]:
    """Ranks that no ranking with ties gives."""
    keys = [c for c in sheet.table.cells.columns if c in ("group", "list", sheet.region)]
    for column in sheet.numbers.columns:
        if not {"rank", "midrank", "rang"} & set(name_words(column)):
            continue
        blocks = (
            [sheet.numbers[column]]
            if not keys
            else [b for _, b in sheet.numbers[column].groupby([sheet.table.cells[k] for k in keys], sort=False)]
        )
        for block in blocks:
            told = block.dropna()
            ways = [told.rank(method=m) for m in ("min", "average", "max", "dense")]  # type: ignore[arg-type]
            if (
                len(told) >= 4
                and told.min() <= 2
                and told.duplicated().sum() < len(told) / 2
                and not any((told == w).all() for w in ways)
            ):
                nearest = min(ways, key=lambda w: int((told != w).sum()))
                place = int(sheet.numbers.index.get_loc(told.index[(told != nearest)][0]))
                rank = float(nearest[told.index[(told != nearest)][0]])
                yield sheet.finding(place, column, "impossible_rank", rank=rank, about=sheet.about(place))


def _title_counts(sheet: Sheet) -> Iterator[Finding]:
    """A title that announces another number of rows."""
    said = re.search(r"\bthe (\w+) (?:largest|biggest|smallest|most important)\b", sheet.table.comment.lower())
    if said and said[1] in _NUMBER_WORDS and _NUMBER_WORDS[said[1]] != len(sheet.table.cells):
        yield Finding(
            sheet.table.file,
            sheet.table.header_row,
            "",
            said[0],
            "title_count",
            count=len(sheet.table.cells),
            said=_NUMBER_WORDS[said[1]],
        )


def _missing_nation(sheet: Sheet) -> Iterator[Finding]:
    """A title that promises the nation's figures beside a place's, and a table without them."""
    title = sheet.table.comment.lower()
    said = re.search(r"\b(?:and|og) (?:the )?(?:country|nation|norway|landet|norge)\b", title)
    words = {
        w
        for text in [*sheet.table.cells.columns, *sheet.table.cells[sheet.labels].to_numpy().ravel()]
        for w in name_words(str(text))
    }
    if said and not words & {"country", "nation", "national", "norway", "landet", "norge", "nasjonalt"}:
        yield Finding(
            sheet.table.file,
            sheet.table.header_row,
            "",
            said[0],
            "nation_missing",
        )


def _told_twice(sheet: Sheet) -> Iterator[Finding]:
    """Rows of a table of statements that say the same of different values."""
    cells = sheet.table.cells
    if "value" not in sheet.numbers.columns or "indicator" not in cells.columns:
        return
    keys = [c for c in sheet.labels if "qualifier" not in c and not c.endswith(("_id", "_no"))]
    for _, block in cells.groupby(keys, dropna=False, sort=False):
        values = block["value"].dropna()
        if len(set(values)) > 1:
            place = int(cells.index.get_loc(values.index[-1]))
            others = [Phrase("figure_of_row", figure=str(v), row=i) for i, v in values.iloc[:-1].items()]
            yield sheet.finding(place, "value", "told_twice", others=others, about=sheet.about(place))


# -- all of it -------------------------------------------------------------------------------------------


_ALONE = (
    _broken_rules,
    _off_hundred,
    _stock_rates,
    _shifted_codes,
    _granularity,
    _zone_counts,
    _broken_order,
    _impossible_ranks,
    _title_counts,
    _missing_nation,
    _told_twice,
)
_TOGETHER = (contradictions, regroupings, respondents, size_bands)


def audit(tables: Iterable[PublishedTable]) -> list[Finding]:
    """Check tables, each alone and all together; see :func:`check_tables`."""
    sheets = [Sheet(table) for table in tables]
    findings = [found for sheet in sheets for check in _ALONE for found in check(sheet)]
    findings += [found for check in _TOGETHER for found in check(sheets)]
    return sorted(set(findings))


def has_numbers(path: str | Path) -> bool:
    """Whether a source holds published tables: columns beyond the first, with a digit in one of their cells.

    Raises
    ------
    InputError
        A file cannot be read.
    """
    tables = [table for file in table_files([path]) for table in read_tables(file)]
    return any(
        table.cells.iloc[:, k].astype("string").str.contains(r"\d", regex=True).fillna(False).any()
        for table in tables
        for k in range(1, table.cells.shape[1])
    )


def check_tables(paths: Iterable[str | Path]) -> list[Finding]:
    """Check published tables: within each, and, when several are given, against each other.

    Parameters
    ----------
    paths : iterable of path
        Delimited text with comment lines above the header, workbooks, or folders of such files.

    Returns
    -------
    list of Finding
        Sorted by file, row and column; empty when everything adds up.

    Raises
    ------
    InputError
        A file cannot be read.

    Notes
    -----
    Checked within a table: sums across and down, differences, rates of change, shares, means, shares of a whole
    that miss 100, rates on a stock that is not printed, heads that name another rate, answers with shifted codes,
    shares that no count out of the stated n gives (the GRIM test), broken order, impossible ranks. Between tables:
    the same quantity printed in two ways, groups drawn otherwise in some areas, respondents of one survey, heads of
    size classes. That two places have the same figure is no finding.

    References
    ----------
    Brown, N. J. L. & Heathers, J. A. J. 2017, Social Psychological and Personality Science 8(4), 363-369 (GRIM).

    Examples
    --------
    >>> from netklynge.study.loading import surveys
    >>> for finding in check_tables([surveys() / "published" / "jobs_horten_and_region_1997_2005.csv"]):
    ...     print(finding.row, finding.column, finding.value, finding.wrong)
    10 rel_change_pct 17.0 does not follow: 100 (employees_2005 - employees_1997) / employees_1997 is 16.9
    """
    return audit([table for path in table_files(paths) for table in read_tables(path)])
