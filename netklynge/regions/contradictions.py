"""Contradictions between published tables: one quantity printed in two ways.

Rows of two tables are linked when they speak of the same place and industry: by a code that both have, by like
labels, or by a large figure that both print. That two places have the same figure links nothing.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import combinations, permutations, product
from pathlib import Path

import numpy as np
import pandas as pd

from netklynge.findings import Finding, Phrase
from netklynge.regions.registers import CHANGE, JOBS, TOTAL, YEAR, concept, name_words
from netklynge.regions.rules import EPS, MANY, MOST, Floats, Sheet, sum_rows

__all__ = ["band_columns", "battery", "contradictions", "regroupings", "respondents", "same_place", "size_bands"]

ALIKE = 0.85  # likeness of labels (of all letters, the share in common runs) from which they are one
RARE = 0.01  # sets of rows that may give a group by chance, for the one found to be taken as its meaning
LARGE = 100  # a figure from which two tables do not print the same by chance


@dataclass(frozen=True)
class _Fact:
    """A level that a table prints of a place, an industry and a year."""

    sheet: int
    place: int
    column: str
    concept: frozenset[str]
    value: float


def _area(text: object) -> tuple[str, ...]:
    drop = {"municipality", "kommune", "town", "total", "totalt"}
    return tuple(w for w in name_words(str(text)) if w not in drop)


def _same_area(a: tuple[str, ...], b: tuple[str, ...]) -> bool:
    return bool(a and b) and a[0] == b[0] and (set(a) <= set(b) or set(b) <= set(a))


def same_place(first: object, second: object) -> bool:
    """Whether two names stand for one place, as "Horten" and "Horten municipality" do.

    Examples
    --------
    >>> same_place("Horten", "Horten municipality"), same_place("Horten", "Tonsberg_Horten_region")
    (True, False)
    """
    return _same_area(_area(first), _area(second))


def _pieces(label: object) -> set[str]:
    """A label's readings: without and inside its brackets, in plain words, without 'total' unless that is all."""
    text = str(label)
    readings = [re.sub(r"[\(\[][^)\]]*[\)\]]?", " ", text), *re.findall(r"[\(\[]([^)\]]+)", text)]
    out = set()
    for reading in readings:
        words = name_words(reading)
        kept = [w for w in words if w not in TOTAL] or words
        if kept:
            out.add(" ".join(kept))
    return out


def _alike(a: set[str], b: set[str]) -> float:
    if any(len(reading) > 3 for reading in a & b):
        return 1.0
    best = 0.0
    for x, y in product(a, b):
        if re.findall(r"\d", x) == re.findall(r"\d", y) and len(x) > 3 and len(y) > 3:
            best = max(best, SequenceMatcher(None, x, y).ratio())
    return best


@dataclass(frozen=True)
class _Row:
    sheet: int
    place: int
    area: tuple[str, ...]
    labels: dict[str, str]
    readings: set[str]
    levels: dict[frozenset[str], tuple[str, float]]


def _rows(sheets: Sequence[Sheet]) -> list[_Row]:
    areas = {a for s in sheets if s.region for a in map(_area, s.table.cells[s.region].dropna().unique()) if a}
    rows = []
    for number, sheet in enumerate(sheets):
        levels = {c: concept(c, sheet.table.years) for c in sheet.counts}
        if not any(levels.values()):
            continue
        named = name_words(Path(sheet.table.file).stem)
        own = next((a for a in sorted(areas) if a[0] in named), ())
        items = [c for c in sheet.labels if c != sheet.region]
        for place in range(len(sheet.table.cells)):
            cells = sheet.table.cells.iloc[place]
            area = _area(cells[sheet.region]) if sheet.region else own
            labels = {c: str(cells[c]) for c in items if pd.notna(cells[c])}
            told = {
                k: (c, float(sheet.numbers[c].iloc[place]))
                for c, k in levels.items()
                if k and pd.notna(sheet.numbers[c].iloc[place])
            }
            rows.append(_Row(number, place, area, labels, set().union(*map(_pieces, labels.values())), told))
    return rows


def contradictions(sheets: Sequence[Sheet]) -> Iterator[Finding]:
    """Levels (jobs, units, founded, closed) of one place, industry and year that tables print in two ways."""
    rows = _rows(sheets)
    by_sheet: dict[int, list[_Row]] = defaultdict(list)
    for row in rows:
        by_sheet[row.sheet].append(row)
    links: list[tuple[_Fact, _Fact]] = []
    for a, b in combinations(sorted(by_sheet), 2):
        for first, second in _linked(by_sheet[a], by_sheet[b]):
            for what in first.levels.keys() & second.levels.keys():
                (c1, v1), (c2, v2) = first.levels[what], second.levels[what]
                links.append((_Fact(a, first.place, c1, what, v1), _Fact(b, second.place, c2, what, v2)))
    yield from _told_differently(sheets, links, {(r.sheet, r.place): r for r in rows})


def _linked(first: Sequence[_Row], second: Sequence[_Row]) -> Iterator[tuple[_Row, _Row]]:
    """Rows of two tables about the same: by a shared code, by like labels, or by a large figure that both print."""
    theirs: dict[tuple[str, ...], list[_Row]] = defaultdict(list)
    for row in second:
        theirs[row.area].append(row)
    for area in dict.fromkeys(row.area for row in first):
        own = [row for row in first if row.area == area]
        block = [row for other, rows in theirs.items() if _same_area(area, other) for row in rows]
        for row in own:
            match = _match(row, own, [r for r in block if row.levels.keys() & r.levels.keys()])
            if match is not None:
                yield row, match


def _match(row: _Row, own: Sequence[_Row], near: Sequence[_Row]) -> _Row | None:
    coded = any(_shared_code(row, other) for other in near)
    same = [] if coded else [other for other in near if _common(row, other)]
    if len(same) == 1:
        return same[0]
    scored = [(_likeness(row, other), other) for other in near]
    best = max((score for score, _ in scored), default=0.0)
    chosen = [other for score, other in scored if score == best]
    if best >= ALIKE and len(chosen) == 1:
        return chosen[0]
    if best == 0 and coded:
        return None
    anchored = [other for other in near if _anchor(row, other, own, near)]
    return anchored[0] if len(anchored) == 1 else None


def _common(a: _Row, b: _Row) -> bool:
    return any(len(reading) > 3 for reading in a.readings & b.readings)


def _shared_code(a: _Row, b: _Row) -> str | None:
    return next((c for c in a.labels if c in b.labels and re.search(r"(_no|code|scope|sector)$", c)), None)


def _likeness(a: _Row, b: _Row) -> float:
    code = _shared_code(a, b)
    if code is not None:
        x, y = (re.sub(r"\(.*", "", r.labels[code]).strip().lower() for r in (a, b))
        return 1.0 if x == y else 0.0
    return _alike(a.readings, b.readings)


def _anchor(a: _Row, b: _Row, first: Sequence[_Row], second: Sequence[_Row]) -> bool:
    """Whether both print the same large figure, and no other row of their place does."""
    for what in a.levels.keys() & b.levels.keys():
        value = a.levels[what][1]
        if value >= LARGE and b.levels[what][1] == value:
            same = [sum(r.levels.get(what, ("", 0.0))[1] == value for r in rows) for rows in (first, second)]
            if same == [1, 1]:
                return True
    return False


def _told_differently(
    sheets: Sequence[Sheet], links: Sequence[tuple[_Fact, _Fact]], rows: dict[tuple[int, int], _Row]
) -> Iterator[Finding]:
    """One finding per quantity that is printed in two ways; one per area where two tables differ throughout."""
    apart: set[tuple[int, int, tuple[str, ...], frozenset[str]]] = set()
    pairs: dict[tuple[int, int, tuple[str, ...], frozenset[str]], list[tuple[_Fact, _Fact]]] = defaultdict(list)
    for a, b in links:
        pairs[a.sheet, b.sheet, rows[a.sheet, a.place].area, a.concept].append((a, b))
    for key, block in pairs.items():
        differ = [(a, b) for a, b in block if a.value != b.value]
        if len(block) >= 5 and len(differ) > len(block) / 2:
            apart.add(key)
            a, b = differ[0]
            yield sheets[b.sheet].finding(
                b.place,
                b.column,
                "other_scope",
                file=sheets[a.sheet].table.file,
                figure=float(a.value),
                off=len(differ),
                all=len(block),
                quantity=" ".join(key[2]),
            )
    other_scope = {(b, area, what) for _, b, area, what in apart}
    groups = _components(
        [
            (a, b)
            for a, b in links
            if not {(f.sheet, rows[f.sheet, f.place].area, f.concept) for f in (a, b)} & other_scope
        ]
    )
    for facts in groups:
        values = Counter(f.value for f in facts)
        if len(values) < 2:
            continue
        # the value that most tables print; of two that stand once each, that of the first table
        usual = max(values, key=lambda v: (values[v], -min(f.sheet for f in facts if f.value == v)))
        for odd in sorted((f for f in facts if f.value != usual), key=lambda f: (f.sheet, f.place)):
            told = {
                (f"{f.value:g}", sheets[f.sheet].table.file, int(sheets[f.sheet].table.cells.index[f.place]))
                for f in facts
                if f.value != odd.value
            }
            others = [Phrase("figure_in_row", figure=v, file=file, row=row) for v, file, row in sorted(told)]
            about = sheets[odd.sheet].about(odd.place)
            yield sheets[odd.sheet].finding(odd.place, odd.column, "told_differently", others=others, about=about)


def _components(links: Sequence[tuple[_Fact, _Fact]]) -> list[set[_Fact]]:
    import networkx as nx

    return [set(c) for c in nx.connected_components(nx.Graph(list(links)))]


# -- groups of industries ----------------------------------------------------------------------------------


def regroupings(sheets: Sequence[Sheet]) -> Iterator[Finding]:
    """Groups that are the sum of some rows of another table in most areas, and in the others are not.

    Which rows is learnt: the one set that gives the group in three areas and in half of them at the least, more often
    than chance allows among all sets and areas that there are.
    """
    quantities = [_quantities(sheet) for sheet in sheets]
    for (a, groups), (b, parts) in permutations(enumerate(sheets), 2):
        if groups.region and parts.region:
            for what in quantities[a].keys() & quantities[b].keys():
                yield from _regrouped(groups, quantities[a][what], parts, quantities[b][what])


def _quantities(sheet: Sheet) -> dict[frozenset[str], str]:
    """Levels and changes that a table prints, to their columns."""
    out: dict[frozenset[str], str] = {}
    for column in sheet.counts:
        what = concept(column, sheet.table.years)
        words = name_words(column)
        if CHANGE & set(words):
            years = [w for w in words if YEAR.fullmatch(w)] or [str(y) for y in sheet.table.years]
            what = frozenset({"change", *years}) if len(years) == 2 else None
        if what:
            out.setdefault(what, column)
    return out


def _regrouped(groups: Sheet, column: str, parts: Sheet, source: str) -> Iterator[Finding]:
    own, theirs = _by_area(groups, column), _by_area(parts, source)
    labels = set().union(*own.values()) if own else set()
    codes = sorted(set.intersection(*(set(found) for found in theirs.values()))) if theirs else []
    if not len(labels) < len(codes) <= MANY or labels & set(codes):
        return
    sets = np.array(list(product((False, True), repeat=len(codes)))[1:])
    slack = groups.half[column] + parts.half[source] * sets.sum(axis=1)
    unit = 2 * groups.half[column]
    for label in sorted(labels):
        told = []
        for area, found in own.items():
            match = next((t for a, t in theirs.items() if same_place(area, a)), None)
            if label in found and match is not None:
                place, value = found[label]
                sums = sets @ np.array([match[c][1] for c in codes])
                told.append((place, value, sums, np.abs(sums - value) <= slack + EPS))
        if len(told) < 3:
            continue
        fits = np.array([fit for *_, fit in told])
        best = int(np.argmax(fits.sum(axis=0) - sets.sum(axis=1) / MANY**2))
        kept = fits[:, best]
        if kept.all() or kept.sum() < max(3, len(told) / 2):
            continue
        # figures drawn between the least and the largest sum would be as near in as many areas for some set of rows
        near = max(abs(sums[best] - value) for (_, value, sums, _), fit in zip(told, kept, strict=True) if fit)
        luck = np.array([min(1, (2 * near + unit) / (np.ptp(sums) + unit)) for *_, sums, _ in told])
        if len(sets) * math.comb(len(told), int(kept.sum())) * np.prod(luck[kept]) > RARE:
            continue
        names = "+".join(c for c, taken in zip(codes, sets[best], strict=True) if taken)
        for (place, _, sums, _), fit in zip(told, kept, strict=True):
            if not fit:
                yield groups.finding(
                    place,
                    column,
                    "group_redrawn",
                    kept=int(kept.sum()),
                    all=len(told),
                    parts=names,
                    file=parts.table.file,
                    sum=float(sums[best]),
                    about=groups.about(place),
                )


def _by_area(sheet: Sheet, column: str) -> dict[str, dict[str, tuple[int, float]]]:
    """Rows that add up nothing, by area and label: their place and figure."""
    items = [c for c in sheet.labels if c != sheet.region]
    out: dict[str, dict[str, tuple[int, float]]] = defaultdict(dict)
    if items:
        cells, values = sheet.table.cells, sheet.values(column)
        sums = {place for place, _, _ in sum_rows(sheet)} | set(map(int, np.flatnonzero(sheet.totals)))
        for place, (area, label) in enumerate(zip(cells[sheet.region], cells[items[0]], strict=True)):
            if place not in sums and not pd.isna([area, label]).any() and np.isfinite(values[place]):
                out[str(area)][str(label)] = (place, float(values[place]))
    return out


# -- surveys and size classes -------------------------------------------------------------------------------


def battery(sheet: Sheet) -> tuple[list[str], dict[str, float]] | None:
    """Counts of answers whose rows add to one number of respondents per group: (columns, group to number)."""
    names = [c for c in sheet.counts if not TOTAL & set(name_words(c)) and c.lower() not in ("n", "rank")]
    if len(names) < 3 or len(sheet.numbers) < 4:
        return None
    sums = sheet.numbers[names].fillna(0).sum(axis=1)
    keys = sheet.table.cells[sheet.region] if sheet.region else pd.Series("", index=sums.index)
    by_group = sums.groupby(keys)
    return (
        (names, by_group.first().to_dict()) if (by_group.min() == by_group.max()).all() and (sums > 0).all() else None
    )


def respondents(sheets: Sequence[Sheet]) -> Iterator[Finding]:
    """A survey whose tables rest on different numbers of respondents of one place."""
    told: dict[tuple[str, str], list[tuple[Sheet, float]]] = defaultdict(list)
    for sheet in sheets:
        survey = re.search(r"\b([\w.]+)[- ]survey (\d{4})", sheet.table.comment)
        if not survey:
            continue
        name = f"{survey[1]} survey {survey[2]}"
        answers = battery(sheet)
        cells = sheet.table.cells
        if answers is not None and sheet.region:
            for area, n in answers[1].items():
                told[name, " ".join(_area(area))].append((sheet, n))
        elif {"group", "n"} <= set(cells.columns) and "n" in sheet.numbers:
            sizes = sheet.numbers["n"].groupby(cells["group"]).agg(["nunique", "first"])
            if (sizes["nunique"] == 1).all():
                for word in name_words(Path(sheet.table.file).stem):
                    told[name, word].append((sheet, float(sizes["first"].sum())))
    for (survey_name, area), numbers in sorted(told.items()):
        distinct = {n for _, n in numbers}
        if len(distinct) > 1 and any(s.region for s, _ in numbers):
            sheet, n = max(numbers, key=lambda t: sum(t[1] != m for _, m in numbers))
            others = [Phrase("figure_in_file", figure=float(m), file=s.table.file) for s, m in numbers if m != n]
            yield Finding(
                sheet.table.file,
                0,
                "",
                f"{n:g}",
                "respondents_differ",
                survey=survey_name,
                area=area,
                others=others,
            )


def size_bands(sheets: Sequence[Sheet]) -> Iterator[Finding]:
    """Shares by size class whose heads are not the bands that another table shows them to be."""
    for number, sheet in enumerate(sheets):
        heads = _stated_bands(sheet)
        if len(heads) < 2:
            continue
        for other, detail in enumerate(sheets):
            bands = band_columns(detail)
            if other == number or len(bands) <= len(heads):
                continue
            rows = _rows([sheet, detail])
            pairs = list(_linked([r for r in rows if r.sheet == 0], [r for r in rows if r.sheet == 1]))
            if len(pairs) < 3:
                continue
            shares = sheet.numbers[list(heads)].to_numpy()[[a.place for a, _ in pairs]]
            jobs = detail.numbers[[c for c, _ in bands]].to_numpy()[[b.place for _, b in pairs]]
            total = jobs.sum(axis=1, keepdims=True)
            parts = np.divide(jobs, total, out=np.zeros_like(jobs), where=total > 0)
            half = max(sheet.half[c] for c in heads)
            fit = {cuts: _grouped(parts, cuts) for cuts in combinations(range(1, len(bands)), len(heads) - 1)}
            good = {
                cuts: float((np.abs(100 * g - shares) <= 2 * half + EPS).all(axis=1).mean()) for cuts, g in fit.items()
            }
            cuts = max(good, key=lambda c: good[c])
            uppers = [bands[c - 1][1] for c in cuts]
            said = [upper for upper in heads.values() if upper is not None][: len(cuts)]
            if good[cuts] >= MOST and any(abs(u - s) > 1 for u, s in zip(uppers, said, strict=False)):
                yield Finding(
                    sheet.table.file,
                    sheet.table.header_row,
                    ", ".join(heads),
                    "; ".join(f"up to {s:g}" for s in said),
                    "bands_differ",
                    cuts=[float(u) for u in uppers],
                    file=detail.table.file,
                )


def _stated_bands(sheet: Sheet) -> dict[str, float | None]:
    """Upper ends of the size classes that the comment states, by the column of the class."""
    heads: dict[str, float | None] = {}
    for name, first, last in re.findall(r"\b([a-zæøå]+) ([<>]?\d+)(?:\s*[-–]\s*(\d+))?", sheet.table.comment.lower()):
        column = next((c for c in sheet.percents if name_words(c)[-1] == name), None)
        if column and column not in heads and (last or first[0] in "<>"):
            heads[column] = float(last) if last else None if first[0] == ">" else float(first[1:])
    return heads


def band_columns(sheet: Sheet) -> list[tuple[str, float]]:
    """Columns of jobs by size band with the upper ends of their bands."""
    bands = []
    for column in sheet.counts:
        words = name_words(column)
        if not JOBS & set(words):
            continue
        below = re.search(r"lt(\d+)$", column)
        between = re.search(r"(\d+)_(\d+)$", column)
        above = re.search(r"gt(\d+)$", column)
        if below or between or above:
            upper = float(below[1]) if below else float(between[2]) if between else math.inf
            bands.append((column, upper))
    return bands


def _grouped(parts: Floats, cuts: Sequence[int]) -> Floats:
    return np.add.reduceat(parts, [0, *cuts], axis=1)
