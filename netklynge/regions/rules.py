"""What follows from what in a published table: sums, differences, rates, shares and means, learnt from its rows.

A rule is a table's own when most of its rows keep it; nothing is known of any table beforehand. Whether whole
numbers are counts or rounded figures is learnt too: in a table of rounded figures only what rounding cannot
explain breaks a rule.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations, permutations, product
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from netklynge.findings import Finding
from netklynge.regions.registers import (
    CHANGE,
    INDUSTRY_NAMES,
    PERCENT,
    REGION_NAMES,
    TOTAL,
    PublishedTable,
    figures,
    name_words,
    places,
)

__all__ = ["Rule", "Sheet", "elementary", "judged", "recipe", "recomputed", "sum_rows"]

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

MOST = 2 / 3  # a rule is a table's own when it holds in this share of the rows
SLIPS = 0.05  # figures are counts, not rounded, when no larger share of their rules (or one) misses the last digit
NARROW = 0.25  # a row tells of a rule when rounding moves what it expects by no larger share of the figure
LONG = 60  # letters from which a text is a remark and no label
MANY = 12  # columns of counts up to which every three are tried as a sum
EPS = 1e-6

_NO_LABEL = {"lines", "note", "notes", "doubt", "comment", "id", "source", "certainty"}


# -- a table as the checker sees it ------------------------------------------------------------------------


@dataclass(frozen=True)
class Sheet:
    """A published table with what its columns are: labels, years, shares, counts."""

    table: PublishedTable

    @cached_property
    def numbers(self) -> pd.DataFrame:
        """Columns of figures; codes of industries are labels, also where they are all digits."""
        codes = [c for c in self.table.cells if c.lower() in INDUSTRY_NAMES]
        return figures(self.table.cells.drop(columns=codes))

    @cached_property
    def half(self) -> dict[str, float]:
        """Half a unit of the last digit of each column."""
        return {
            c: 0.5 * 10.0 ** -max((places(v) for v in self.table.cells[c].dropna()), default=0)
            for c in self.numbers.columns
        }

    @cached_property
    def labels(self) -> list[str]:
        """Columns that say what a row is about."""
        return [
            c
            for c in self.table.cells.columns
            if c not in self.numbers.columns
            and not _NO_LABEL & set(name_words(c))
            and np.median([len(v) for v in self.table.cells[c].dropna()] or [LONG]) < LONG
        ]

    @cached_property
    def region(self) -> str | None:
        """The column that names places."""
        return next((c for c in self.labels if c.lower() in REGION_NAMES), None)

    @cached_property
    def percents(self) -> list[str]:
        """Columns of shares and rates."""
        return [c for c in self.numbers.columns if PERCENT & set(name_words(c))]

    @cached_property
    def counts(self) -> list[str]:
        """Columns of quantities, also with decimals."""
        return [c for c in self.numbers.columns if c not in self.percents and c not in self.years]

    @cached_property
    def totals(self) -> Bools:
        """Rows that a label calls a total."""
        flags = np.zeros(len(self.table.cells), dtype=bool)
        for column in self.labels:
            if column != self.region or len(self.labels) == 1:
                flags |= np.array(
                    [
                        bool(TOTAL & set(name_words(v))) if isinstance(v, str) else False
                        for v in self.table.cells[column]
                    ]
                )
        return flags

    @cached_property
    def row_rules(self) -> list[Rule]:
        """Rules that hold along the rows."""
        return list(_row_rules(self))

    @cached_property
    def arrays(self) -> dict[str, Floats]:
        """The figures of each column."""
        return {c: self.numbers[c].to_numpy(dtype=float) for c in self.numbers.columns}

    @cached_property
    def years(self) -> frozenset[str]:
        """Columns that hold years, which are no quantities."""
        return frozenset(c for c, v in self.arrays.items() if _is_year(v))

    def values(self, column: str) -> Floats:
        """The figures of a column; NaN where none is printed."""
        return self.arrays[column]

    def shown(self, column: str, value: float) -> str:
        """A figure with the decimals of its column."""
        digits = max(0, round(-math.log10(2 * self.half[column])))
        return f"{value:.{digits}f}" if digits else f"{value:.0f}"

    def finding(self, place: int, column: str, code: str, /, **args: Any) -> Finding:
        """A finding on one cell."""
        cell = self.table.cells[column].iloc[place] if column in self.table.cells else ""
        row = int(self.table.cells.index[place])
        return Finding(self.table.file, row, column, "" if pd.isna(cell) else str(cell), code, **args)

    def about(self, place: int) -> str:
        """What a row is about, in its own words."""
        told = [str(self.table.cells[c].iloc[place]) for c in self.labels if pd.notna(self.table.cells[c].iloc[place])]
        return ", ".join(dict.fromkeys(told))


def _is_year(values: Floats) -> bool:
    told = values[np.isfinite(values)]
    return bool(len(told)) and bool(((told >= 1800) & (told <= 2100) & (told % 1 == 0)).all())


# -- rules along the rows ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Rule:
    """A figure that follows from others: ``column`` in ``rows`` should be ``expected``."""

    column: str
    sources: tuple[str, ...]
    formula: str
    rows: npt.NDArray[np.int64]
    printed: Floats
    expected: Floats
    low: Floats
    high: Floats
    half: float
    trivial: Bools
    parts: tuple[tuple[int, ...], ...] = ()

    @property
    def exact(self) -> Bools:
        """Rows that keep the rule to the last digit, their figures being exact."""
        return np.abs(self.printed - self.expected) <= self.half + EPS

    @property
    def loose(self) -> Bools:
        """Rows that keep the rule if all their figures were rounded before printing."""
        return (self.printed + self.half >= self.low - EPS) & (self.printed - self.half <= self.high + EPS)


Formula = Callable[..., Floats]


def _rule(sheet: Sheet, target: str, sources: Sequence[str], formula: Formula, words: str) -> Rule | None:
    """The rule over all rows where it can be tested, or None when too few rows keep it."""
    columns = [sheet.values(c) for c in sources]
    printed = sheet.values(target)
    with np.errstate(divide="ignore", invalid="ignore"):
        expected = np.asarray(formula(*columns), dtype=float)
        corners = [
            formula(*(v + s * sheet.half[c] for v, s, c in zip(columns, signs, sources, strict=True)))
            for signs in product((-1, 1), repeat=len(sources))
        ]
        low, high = np.min(corners, axis=0), np.max(corners, axis=0)
    usable = np.isfinite(expected) & np.isfinite(printed) & np.isfinite(low) & np.isfinite(high)
    # a row tells something when its figures are not nought and not so small that rounding lets anything fit
    telling = usable & np.all([v != 0 for v in columns], axis=0) & (printed != 0)
    telling &= high - low <= NARROW * np.abs(printed) + EPS
    rows = np.flatnonzero(usable)
    rule = Rule(
        target,
        tuple(sources),
        words,
        rows,
        printed[rows],
        expected[rows],
        low[rows],
        high[rows],
        sheet.half[target],
        trivial=~telling[rows],
    )
    return rule if _is_kept(rule) else None


def _is_kept(rule: Rule) -> bool:
    """Whether enough telling rows keep a rule, and half of them to the last digit, so that it is no chance."""
    asked = int((~rule.trivial).sum())
    kept, exact = (int((flags & ~rule.trivial).sum()) for flags in (rule.loose, rule.exact))
    return asked >= 3 and kept >= MOST * asked and exact >= 0.5 * asked and rule.loose.mean() >= MOST


def _row_rules(sheet: Sheet) -> Iterator[Rule]:
    """Rules that hold along the rows."""
    yield from _three_way_sums(sheet)
    yield from _long_sums(sheet)
    for target in sheet.percents:
        rule = _best(_rates(sheet, target))
        if rule is None:
            rule = _best(_shares(sheet, target))
        if rule is not None:
            yield rule
    for target in sheet.counts:
        if {"mean", "average", "snitt", "per"} & set(name_words(target)):
            pairs = permutations([c for c in sheet.counts if c != target], 2)
            rule = _best(_rule(sheet, target, (a, b), lambda a, b: a / b, f"{a} / {b}") for a, b in pairs)
            if rule is not None:
                yield rule


def _best(rules: Iterable[Rule | None]) -> Rule | None:
    found = [r for r in rules if r is not None]
    return max(found, key=lambda r: (r.exact & ~r.trivial).sum(), default=None)


def _three_way_sums(sheet: Sheet) -> Iterator[Rule]:
    """Every c = b - a or c = a + b among three columns of counts."""
    telling = [c for c in sheet.counts if (CHANGE | TOTAL) & set(name_words(c))]
    for trio in combinations(sheet.counts, 3):
        if len(sheet.counts) > MANY and not set(trio) & set(telling):
            continue  # a wide table of years: only what calls itself a change or a total is one
        target = max(
            trio,
            key=lambda c: (
                bool(CHANGE & set(name_words(c))),
                bool(TOTAL & set(name_words(c))),
                sheet.counts.index(c),
            ),
        )
        a, b = (c for c in trio if c != target)
        yield from filter(
            None,
            (
                _rule(sheet, target, (a, b), lambda a, b: a + b, f"{a} + {b}"),
                _rule(sheet, target, (a, b), lambda a, b: b - a, f"{b} - {a}"),
                _rule(sheet, target, (a, b), lambda a, b: a - b, f"{a} - {b}"),
            ),
        )


def _long_sums(sheet: Sheet) -> Iterator[Rule]:
    """A column that is the sum of three or more neighbours right before or after it."""
    names = [c for c in sheet.numbers.columns if c not in sheet.years]
    for place, target in enumerate(names):
        for length in range(3, len(names)):
            runs = (
                names[place - length : place] if place >= length else [],
                names[place + 1 : place + 1 + length] if place + length < len(names) else [],
            )
            for run in filter(None, runs):
                if len({c in sheet.percents for c in run}) == 1:
                    rule = _sum_rule(sheet, target, run)
                    if rule is not None:
                        yield rule


def _sum_rule(sheet: Sheet, target: str, run: Sequence[str]) -> Rule | None:
    parts = np.column_stack([sheet.values(c) for c in run])
    printed = sheet.values(target)
    expected = parts.sum(axis=1)
    slack = sum(sheet.half[c] for c in run)
    rows = np.flatnonzero(np.isfinite(expected) & np.isfinite(printed))
    telling = ((parts[rows] != 0).sum(axis=1) >= 2) & (2 * slack <= NARROW * np.abs(printed[rows]))
    rule = Rule(
        target,
        tuple(run),
        "the sum of " + ", ".join(run),
        rows,
        printed[rows],
        expected[rows],
        expected[rows] - slack,
        expected[rows] + slack,
        sheet.half[target],
        trivial=~telling,
    )
    return rule if _is_kept(rule) else None


def _rates(sheet: Sheet, target: str) -> Iterator[Rule | None]:
    for a, b in permutations(sheet.counts, 2):
        yield _rule(sheet, target, (a, b), lambda a, b: 100 * (b - a) / a, f"100 ({b} - {a}) / {a}")
        if CHANGE & set(name_words(a)):
            yield _rule(sheet, target, (a, b), lambda a, b: 100 * a / (b - a), f"100 {a} / ({b} - {a})")


def _shares(sheet: Sheet, target: str) -> Iterator[Rule | None]:
    for a, b in permutations(sheet.counts, 2):
        yield _rule(sheet, target, (a, b), lambda a, b: 100 * a / b, f"100 {a} / {b}")
    for a in sheet.counts:
        parts = sheet.values(a)
        whole = parts[sheet.totals]
        base = whole[0] if len(whole) == 1 else np.nan if len(whole) else np.nansum(parts)
        if base > 0:
            yield _rule(sheet, target, (a,), lambda a, base=base: 100 * a / base, f"100 {a} / {base:g}")


# -- totals down the columns -------------------------------------------------------------------------------


def sum_rows(sheet: Sheet) -> Iterator[tuple[int, list[int], bool]]:
    """Rows that are sums of others: (place, parts, whether the label itself says which parts)."""
    cells = sheet.table.cells
    keys = cells[sheet.region].fillna("").tolist() if sheet.region and len(sheet.labels) > 1 else [""] * len(cells)
    items = [c for c in sheet.labels if c != sheet.region] or sheet.labels
    recipes = {
        place: codes for column in items for place, label in enumerate(cells[column]) if (codes := recipe(label))
    }
    plain = [k for k in range(len(cells)) if k not in recipes and not sheet.totals[k]]
    for place in map(int, np.flatnonzero(sheet.totals)):
        block = [k for k in plain if keys[k] == keys[place]]
        parts = [k for k in block if k < place] or block
        if place not in recipes and len(parts) >= 2:
            yield place, parts, False
    for place, codes in recipes.items():
        parts = [k for k in plain if keys[k] == keys[place] and any(str(cells[c].iloc[k]) in codes for c in items)]
        if len(parts) == len(codes):
            yield place, parts, True


def recipe(label: object) -> list[str]:
    """Codes that a label says it adds up: 'core(2+4)' gives 2 and 4, 'industry(1-4)' gives 1 to 4."""
    found = re.search(r"\((\d+-\d+|\d+(?:\+\d+)*)\b", label) if isinstance(label, str) else None
    if not found:
        return []
    if "-" in found[1]:
        first, last = map(int, found[1].split("-"))
        return [str(k) for k in range(first, last + 1)] if first < last <= first + 50 else []
    return found[1].split("+")


def _total_rules(sheet: Sheet) -> Iterator[Rule]:
    """The totals of each column: of columns that add up as a rule (counts do, rates do not), and in rows that do."""
    blocks = list(sum_rows(sheet))
    names = [c for c in sheet.numbers.columns if c not in sheet.years]
    values = sheet.numbers[names].to_numpy(dtype=float)
    slack = np.array([sheet.half[c] for c in names])
    fits = np.full((len(blocks), len(names)), np.nan)
    for k, (place, parts, _) in enumerate(blocks):
        off = np.abs(values[place] - values[parts].sum(axis=0))
        fits[k] = np.where(
            np.isnan(off) | (values[parts] == 0).all(axis=0), np.nan, off <= slack * (len(parts) + 1) + EPS
        )
    for _ in range(2):  # columns by all rows, then rows by the columns that add up, then columns again
        kept = [
            k for k, (_, _, says) in enumerate(blocks) if says or np.nansum(fits[k]) >= 0.5 * np.isfinite(fits[k]).sum()
        ]
        adds = [
            j for j in range(len(names)) if np.nansum(fits[kept, j]) >= max(1, 0.5 * np.isfinite(fits[kept, j]).sum())
        ]
        fits[:, [j for j in range(len(names)) if j not in adds]] = np.nan
    for j in adds:
        sums = [blocks[k][:2] for k in kept if np.isfinite(fits[k, j])]
        if sums:
            yield _column_rule(sheet, names[j], sums, "the sum of its rows")
    yield from _area_rules(sheet)


def _column_rule(sheet: Sheet, column: str, sums: Sequence[tuple[int, Sequence[int]]], words: str) -> Rule:
    values, half = sheet.values(column), sheet.half[column]
    rows = np.array([place for place, _ in sums])
    expected = np.array([values[list(parts)].sum() for _, parts in sums])
    slack = np.array([half * len(parts) for _, parts in sums])
    return Rule(
        column,
        (column,),
        words,
        rows,
        values[rows],
        expected,
        expected - slack,
        expected + slack,
        half,
        np.zeros(len(rows), dtype=bool),
        tuple(tuple(parts) for _, parts in sums),
    )


def _area_rules(sheet: Sheet) -> Iterator[Rule]:
    """An area that is, as a rule, the sum of all areas above it."""
    items = [c for c in sheet.labels if c != sheet.region]
    if sheet.region is None or not items:
        return
    places_ = sheet.table.cells[[sheet.region, items[0]]].dropna()
    areas, codes = (places_[c].unique() for c in places_)
    rows = np.full((len(areas), len(codes)), -1)
    at = sheet.table.cells.index.get_indexer(places_.index)
    rows[pd.Index(areas).get_indexer(places_[sheet.region]), pd.Index(codes).get_indexer(places_[items[0]])] = at
    for column in sheet.counts:
        figures_ = np.where(rows >= 0, sheet.values(column)[rows], np.nan)
        above, any_above = np.cumsum(figures_, axis=0), np.cumsum(np.abs(figures_), axis=0) > 0
        for n in range(3, len(areas)):
            told = np.flatnonzero(np.isfinite(above[n - 1] + figures_[n]) & any_above[n - 1])
            near = np.abs(figures_[n, told] - above[n - 1, told]) <= sheet.half[column] * (n + 1) + EPS
            if len(told) >= 2 and near.mean() >= MOST:
                sums = [(int(rows[n, code]), rows[:n, code].tolist()) for code in told]
                yield _column_rule(sheet, column, sums, f"the sum of {', '.join(areas[:n])}")


def elementary(sheet: Sheet) -> Bools:
    """Rows that are no sums of others: neither totals nor combinations nor areas that hold other areas."""
    sums = np.zeros(len(sheet.table.cells), dtype=bool) | sheet.totals
    sums[[place for place, _, _ in sum_rows(sheet)]] = True
    if sheet.region:
        cells = sheet.table.cells[sheet.region]
        wide = {cells.iloc[int(place)] for rule in _area_rules(sheet) for place in rule.rows}
        sums |= cells.isin(list(wide)).to_numpy()
    return ~sums


# -- which rows keep them ----------------------------------------------------------------------------------


def _families(rules: Sequence[Rule]) -> dict[str, int]:
    """Columns tied together by rules, as column to the number of its family."""
    family: dict[str, int] = {}
    for rule in rules:
        members = {rule.column, *rule.sources}
        old = {family[c] for c in members if c in family}
        new = min(old, default=len(family))
        for column in [*members, *(c for c, f in family.items() if f in old)]:
            family[column] = new
    return family


def judged(sheet: Sheet) -> Iterator[tuple[Rule, Bools]]:
    """Each rule with the rows that keep it, to the last digit where the table's figures are exact.

    Rules along the rows come first. A total that a slip in one of its parts explains keeps its rule.
    """
    rules = [*sheet.row_rules, *_total_rules(sheet)]
    family = _families(rules)
    slips = {
        (int(place), rule.column): float(rule.expected[k] - rule.printed[k])
        for rule in rules
        if not rule.parts
        for k, place in enumerate(rule.rows)
        if not rule.exact[k]
    }
    exact = [rule.exact | _explained(rule, slips) for rule in rules]
    # rules on whole numbers tell whether these are exact; printed shares never add up to the last digit
    whole = [all(c not in sheet.percents and sheet.half[c] == 0.5 for c in rule.sources) for rule in rules]
    missed: Counter[int] = Counter()
    tests: Counter[int] = Counter()
    for rule, kept, counts in zip(rules, exact, whole, strict=True):
        missed[family[rule.column]] += counts * int((rule.loose & ~kept & ~rule.trivial).sum())
        tests[family[rule.column]] += counts * int((~rule.trivial).sum())
    for rule, kept, counts in zip(rules, exact, whole, strict=True):
        number = family[rule.column]
        strict = counts and tests[number] >= 4 and missed[number] <= max(1, SLIPS * tests[number])
        yield rule, kept if strict else rule.loose | _explained(rule, slips)


def _explained(rule: Rule, slips: dict[tuple[int, str], float]) -> Bools:
    """Totals that add up once the parts that break rules of their own are mended."""
    mended = [sum(slips.get((p, rule.column), 0.0) for p in parts) for parts in rule.parts]
    if not any(mended):
        return np.zeros(len(rule.rows), dtype=bool)
    return np.array([m != 0 for m in mended]) & (np.abs(rule.expected + mended - rule.printed) <= rule.half + EPS)


def recomputed(table: PublishedTable) -> pd.DataFrame:
    """Every figure of a table that follows from others of it, as printed and as recomputed.

    Returns
    -------
    DataFrame
        ``file, row, about, column, formula, printed, recomputed, fits``; `fits` allows for rounding where the
        table's figures are rounded.

    Examples
    --------
    >>> from netklynge.regions.registers import published
    >>> table = recomputed(published("jobs_raufoss_1997_2005"))
    >>> table[~table["fits"]][["about", "printed", "recomputed"]].round(1).values.tolist()
    [['Other high-technology industry (incl. defence)', -14.7, -13.9]]
    """
    sheet = Sheet(table)
    rows = []
    for rule, kept in judged(sheet):
        for k, place in enumerate(rule.rows):
            rows.append(
                (
                    table.file,
                    int(table.cells.index[place]),
                    sheet.about(int(place)),
                    rule.column,
                    rule.formula,
                    rule.printed[k],
                    rule.expected[k],
                    bool(kept[k]),
                )
            )
    columns = ["file", "row", "about", "column", "formula", "printed", "recomputed", "fits"]
    return pd.DataFrame(rows, columns=columns).drop_duplicates(["row", "column", "formula"], ignore_index=True)
