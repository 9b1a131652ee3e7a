"""Synthetic microdata: made-up respondents whose answers give back published tables to their printed rounding.

Published margins become whole counts in three steps. Iterative proportional fitting (Deming & Stephan 1940) gives the
expected table. Controlled rounding (Cox 1987), here as a small integer programme, gives the nearest table of whole
numbers that *prints* as published. The counts are then dealt out to respondents at random, with a seed. Whatever
has no published margin is filled at random and means nothing.

References
----------
Deming, W. E. & Stephan, F. F. (1940). On a least squares adjustment of a sampled frequency table when the expected
marginal totals are known. Annals of Mathematical Statistics 11(4), 427-444.
Cox, L. H. (1987). A constructive procedure for unbiased controlled rounding. Journal of the American Statistical
Association 82(398), 520-524.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import yaml

from netklynge.files.extras import require
from netklynge.files.outputs import write_csv, write_text, written
from netklynge.files.tables import read_text_table
from netklynge.findings import InputError, NetklyngeError
from netklynge.parsers import codebook as codebooks
from netklynge.parsers.codebook import NONE, Codebook, Item, Question
from netklynge.parsers.surveyfiles import MISSING_KINDS, SYNTHETIC
from netklynge.study.loading import load as load_study
from netklynge.study.study import Study
from netklynge.study.zones import NOT_RELEVANT

__all__ = ["fit_margins", "printed_counts", "synthesize"]

TICKS_PER_FIRM = {"grid": 3.0, "yes_no": 1.2}  # where the number of ticks is not published
COOPERATING = 0.6  # share of a group's firms that the ticks of a gated grid are dealt to
_NOTE = "SYNTHETIC answers made by netklynge; no firm gave them"
_MARGINS = ("table", "question", "item", "group", "answer", "value", "base")


def synthesize(source: str | Path | Study | Codebook, firms: int, seed: int, path: str | Path) -> Path:
    """Write synthetic microdata that keep published margins.

    Parameters
    ----------
    source : str, Path, Study or Codebook
        A codebook (its ``margins`` name a file beside it), or a study with published answers; a codebook of its
        questions is then written beside the microdata.
    firms : int
        Number of respondents, dealt to the codebook's ``groups`` in proportion.
    seed : int
        The same seed gives the same bytes.
    path : str or Path
        ``.sav`` or ``.zsav`` (with labels) or ``.csv``.

    Returns
    -------
    Path
        The file, marked SYNTHETIC in its label and in a column ``synthetic``.

    Raises
    ------
    NetklyngeError
        Nothing is published to be kept, or the file cannot be written.

    Warns
    -----
    UserWarning
        So few firms cannot give the published numbers of a question; its answers are then as near as can be.

    Examples
    --------
    >>> import tempfile
    >>> from netklynge.parsers.microdata import import_survey
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = synthesize("nibr-2004", 147, 1, Path(folder) / "answers.sav")
    ...     study = import_survey(file, "nibr-2004").study
    >>> study.meta["synthetic"], len(study.actors[study.actors["kind"] == "firm"])
    (True, 147)
    """
    target = Path(path)
    if target.suffix.lower() not in (".sav", ".zsav", ".csv"):
        raise NetklyngeError(f"{target}: synthetic microdata are written as .sav, .zsav or .csv")
    if firms < 1:
        raise NetklyngeError(f"{firms} firms: give a number from 1 up")
    book, margins = _source(source, firms, target)
    random = np.random.default_rng(seed)
    groups = _groups(book, firms)
    columns = _respondent_columns(book, groups, random)
    answers: dict[str, pd.Series[Any]] = {}
    for question in book.questions:
        if question.synthetic:
            own = margins[margins["question"] == question.id]
            answers |= (
                _fitted(book, question, own, groups, random) if len(own) else _filled(book, question, firms, random)
            )
            if question.asked_if is not None and question.asked_if[0] in answers:
                _open_gate(question, answers)
    _close_gates(book, {**columns, **answers})
    frame = pd.DataFrame({SYNTHETIC: 1, **{**answers, **columns}}, index=range(firms))
    return _write(target, frame.copy(), book)


# -- from margins to counts --------------------------------------------------------------------------


def fit_margins(
    cells: pd.DataFrame, margins: pd.DataFrame, totals: pd.Series[float], rounds: int = 200
) -> pd.Series[float]:
    """Expected counts by iterative proportional fitting.

    Starting from ones, every published number in turn scales the cells that it sums, until nothing changes:
    ``x[cells of m] *= target(m) / sum(x[cells of m])``, with target = value for a count and value/100 times the total
    of its base for a percentage.

    Parameters
    ----------
    cells : DataFrame
        ``item``, ``group``, ``answer``: one row per cell.
    margins : DataFrame
        ``item``, ``group``, ``answer`` (blank: summed over), ``value``, ``base``: per cent of the answers to an
        ``item``, in a ``group``, of ``all``, or of the ``firms``; blank: a count.
    totals : Series
        For every cell the expected number of answers (of firms, where that is the base) to its item in its group;
        used for percentages only.
    rounds : int
        Sweeps at most.

    References
    ----------
    Deming & Stephan (1940), Annals of Mathematical Statistics 11(4), 427-444.

    Examples
    --------
    >>> cells = pd.DataFrame({"item": ["a", "a"], "group": ["", ""], "answer": ["local", "national"]})
    >>> margins = cells.assign(value=["30", "70"], base="item")
    >>> fit_margins(cells, margins, pd.Series([10.0, 10.0])).round(3).tolist()
    [3.0, 7.0]
    """
    members = [_members(cells, m) for m in margins.itertuples()]
    targets = []
    for m in margins.itertuples():
        value = float(str(m.value))
        of = float(totals[_base(cells, m)].groupby([cells["item"], cells["group"]]).first().sum()) if m.base else 100.0
        targets.append(value * of / 100)
    x = np.ones(len(cells))
    for _ in range(rounds):
        before = x.copy()
        for inside, target in zip(members, targets, strict=True):
            now = x[inside].sum()
            if now > 0:
                x[inside] *= target / now
        if np.allclose(x, before, rtol=1e-9, atol=1e-12):
            break
    return pd.Series(x, index=cells.index)


def _members(cells: pd.DataFrame, margin: Any) -> np.ndarray[Any, Any]:
    """Cells that a published number sums: those that agree with its item, group and answer, where it has them."""
    return _agreeing(cells, margin, ("item", "group", "answer"))


def _base(cells: pd.DataFrame, margin: Any) -> np.ndarray[Any, Any]:
    """Cells that make the denominator of a percentage."""
    keys = {"item": ("item", "group"), "firms": ("item", "group"), "group": ("group",)}
    return _agreeing(cells, margin, keys.get(margin.base, ()))


def _agreeing(cells: pd.DataFrame, margin: Any, keys: tuple[str, ...]) -> np.ndarray[Any, Any]:
    inside = np.ones(len(cells), bool)
    for key in keys:
        if getattr(margin, key):
            inside &= cells[key].to_numpy(object) == getattr(margin, key)
    return inside


def printed_counts(
    cells: pd.DataFrame,
    margins: pd.DataFrame,
    expected: pd.Series[float],
    firms: Mapping[str, int] | None = None,
    single: bool = False,
) -> pd.Series[int]:
    r"""Whole counts near to the expected ones that print as published.

    First the published numbers: whole numerators and denominators :math:`y`, as near to the expected ones as can be,
    such that every percentage :math:`v` printed with :math:`d` decimals comes out,
    :math:`|100\,\mathrm{num}/\mathrm{den} - v| < \tfrac12 10^{-d}`, and counts are kept as they are (an integer
    programme). Then the cells: the expected table fitted to :math:`y` and each cell rounded up or down so that all sums
    stay (controlled rounding).

    Parameters
    ----------
    cells, margins : DataFrame
        As for :func:`fit_margins`; the decimals are those of ``value`` as text. At most two different tables: more
        cannot always be rounded together.
    expected : Series
        One number per cell.
    firms : mapping, optional
        Group to its number of respondents, the base of percentages of firms. Where each gives one answer (`single`),
        the answers to an item cannot be more.

    Raises
    ------
    NetklyngeError
        No whole counts print so.

    References
    ----------
    Cox (1987), Journal of the American Statistical Association 82(398), 520-524.

    Examples
    --------
    >>> cells = pd.DataFrame({"item": ["a"] * 3, "group": [""] * 3, "answer": ["local", "national", "abroad"]})
    >>> margins = cells.assign(table="1", value=["33", "33", "33"], base="item")
    >>> printed_counts(cells, margins, pd.Series([4.0, 3.0, 3.0])).tolist()
    [3, 3, 3]
    """
    from scipy.sparse import csr_matrix
    from scipy.sparse.csgraph import connected_components

    margins = margins.reset_index(drop=True)
    inside = np.array([_members(cells, m) for m in margins.itertuples()])
    bases = np.array([_base(cells, m) & bool(m.base) for m in margins.itertuples()])
    bound = csr_matrix(inside | bases)
    blocks, of_cell = connected_components(bound.T @ bound, directed=False)  # each can be solved alone
    counts = np.zeros(len(cells), int)
    for block in range(blocks):
        own = of_cell == block
        x = expected.to_numpy(float)[own]
        told = margins[inside[:, own].any(axis=1)]
        if own.sum() == 1 and len(told) and (told["base"] == "").all():  # a published count
            counts[own] = int(float(told["value"].iloc[0]))
            continue
        tables = [
            _table(
                cells[own],
                part,
                inside[np.ix_(part.index, own)],
                bases[np.ix_(part.index, own)],
                x,
                firms or {},
                single,
            )
            for _, part in told.groupby("table", sort=False)
        ]
        counts[own] = _joint(x, tables, ", ".join(dict.fromkeys(told["table"])))
    return pd.Series(counts, index=cells.index)


def _joint(x: np.ndarray[Any, Any], tables: list[_Table], names: str) -> np.ndarray[Any, Any]:
    """Counts of cells that published numbers bind together; cells of which nothing is published are rounded."""
    if not tables:
        return np.asarray(np.rint(x), int)
    sums = _printed_sums(tables, names)
    for _ in range(500):
        for table, y in zip(tables, sums, strict=True):
            now = np.bincount(table.of_cell, weights=x, minlength=len(y))
            x = x * (y / np.where(now > 0, now, 1))[table.of_cell]
    return _rounded(x, tables, sums)


class _Table(NamedTuple):
    """A published table over classes of cells that none of its numbers tells apart: low <= rows @ counts <= high."""

    of_cell: np.ndarray[Any, Any]
    expected: np.ndarray[Any, Any]
    rows: np.ndarray[Any, Any]
    low: np.ndarray[Any, Any]
    high: np.ndarray[Any, Any]


def _table(
    cells: pd.DataFrame,
    margins: pd.DataFrame,
    numerators: np.ndarray[Any, Any],
    bases: np.ndarray[Any, Any],
    expected: np.ndarray[Any, Any],
    firms: Mapping[str, int],
    single: bool,
) -> _Table:
    pairs = cells[["item", "group"]].drop_duplicates() if single else cells.iloc[:0]
    capped = [
        ((cells["item"] == i) & (cells["group"] == g)).to_numpy(bool) for i, g in pairs[["item", "group"]].to_numpy()
    ]
    patterns, of_cell = np.unique(np.array([*numerators, *bases, *capped]).T, axis=0, return_inverse=True)
    count = len(margins)
    num, den, cap = np.split(patterns.T.astype(float), [count, 2 * count])
    limits: list[tuple[np.ndarray[Any, Any], float, float]] = []
    for m, above, below in zip(margins.itertuples(), num, den, strict=True):
        value, half = float(str(m.value)), 0.5 * 10.0 ** -len(str(m.value).partition(".")[2])
        # Rows are divided by 100 for the solver's sake. In whole numbers 100 num - (value +- half) den is zero (a tie,
        # which may round either way) or at least half of the last printed place away from zero.
        if not m.base:
            limits.append((above, value, value))
        elif m.base == "firms":
            n = firms[m.group]
            limits.append((above, ((value - half) * n + half / 2) / 100, ((value + half) * n - half / 2) / 100))
        else:
            limits.append((above - (value + half) / 100 * below, -np.inf, -half / 200))
            limits.append((above - (value - half) / 100 * below, half / 200, np.inf))
    limits += [(row, -np.inf, firms[group]) for row, group in zip(cap, pairs["group"], strict=True)]
    rows, low, high = (np.array(part) for part in zip(*limits, strict=True))
    weights = np.bincount(of_cell, weights=expected, minlength=len(patterns))
    return _Table(of_cell, weights, rows, low, high)


def _printed_sums(parts: list[_Table], tables: str) -> list[np.ndarray[Any, Any]]:
    """Whole sums of every table's classes that print as published, all tables with the same grand total."""
    from scipy.linalg import block_diag
    from scipy.optimize import Bounds, LinearConstraint, milp

    sizes = [len(part.expected) for part in parts]
    n = sum(sizes)
    matrix = block_diag(*[part.rows for part in parts])
    low, high = np.concatenate([part.low for part in parts]), np.concatenate([part.high for part in parts])
    x = np.concatenate([part.expected for part in parts])
    edges = np.cumsum([0, *sizes])
    link = [
        np.r_[np.ones(sizes[0]), np.zeros(n - sizes[0])] - _span(n, edges[k], edges[k + 1])
        for k in range(1, len(parts))
    ]
    one, zero = np.eye(n), np.zeros((len(matrix), n))
    constraints = [
        LinearConstraint(np.hstack([matrix, zero]), low, high),
        LinearConstraint(np.hstack([one, -one]), -np.inf, x),
        LinearConstraint(np.hstack([-one, -one]), -np.inf, -x),
    ]
    if link:
        constraints.append(LinearConstraint(np.hstack([np.array(link), np.zeros((len(link), n))]), 0, 0))
    for presolve in (True, False):  # the solver's presolve now and then gives up on what it can solve
        result = milp(
            np.r_[np.zeros(n), np.ones(n)],
            constraints=constraints,
            integrality=np.r_[np.ones(n), np.zeros(n)],
            bounds=Bounds(0, np.inf),
            # no time limit: the same on every machine
            options={"node_limit": 20000, "mip_rel_gap": 0.2, "presolve": presolve},
        )
        if result.status != 4:
            break
    if result.x is None:
        raise NetklyngeError(f"no whole numbers of so few firms print as {tables}; more firms may")
    return np.split(np.rint(result.x[:n]), edges[1:-1])


def _span(n: int, start: int, stop: int) -> np.ndarray[Any, Any]:
    span = np.zeros(n)
    span[start:stop] = 1
    return span


def _rounded(x: np.ndarray[Any, Any], parts: list[_Table], sums: list[np.ndarray[Any, Any]]) -> np.ndarray[Any, Any]:
    """Each cell rounded up or down, as near as can be, with the sums of every table kept.

    A transport problem: with up to two tables each vertex of the linear programme is whole.
    """
    from scipy.optimize import linprog

    floor = np.floor(x + 1e-6)
    floor_or_ceiling = np.column_stack([floor, np.where(x - floor > 1e-6, floor + 1, floor)])
    slope = 1 - 2 * (x - floor)
    sides = [np.equal.outer(np.arange(len(y)), part.of_cell).astype(float) for part, y in zip(parts, sums, strict=True)]
    result = linprog(
        slope, A_eq=np.vstack(sides), b_eq=np.concatenate(sums), bounds=floor_or_ceiling, method="highs-ds"
    )
    whole = np.rint(result.x) if result.x is not None else None
    if whole is None or not np.allclose(whole, result.x, atol=1e-6):
        raise NetklyngeError("the published tables cannot be rounded together; leave one of them out of the margins")
    return np.asarray(whole, int)


# -- from counts to respondents ----------------------------------------------------------------------


def _source(source: str | Path | Study | Codebook, firms: int, target: Path) -> tuple[Codebook, pd.DataFrame]:
    """The codebook and its margins as text; for a study, a codebook of its published answers, written beside."""
    if not isinstance(source, Study | Codebook):
        try:
            source = codebooks.load(source)
        except InputError as no_codebook:
            try:
                source = load_study(str(source))
            except InputError:
                raise no_codebook from None
    if isinstance(source, Codebook):
        if source.margins is None or source.folder is None:
            return source, pd.DataFrame(columns=list(_MARGINS))
        margins, findings = read_text_table(source.folder / source.margins)
        if findings:
            raise InputError(f"{source.folder / source.margins}: {findings[0]}")
        return source, margins.fillna("")
    content, margins = _of_study(source, firms)
    file = write_text(
        target.with_name(f"{target.stem}.codebook.yaml"),
        yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=110),
    )
    return codebooks.load(file), margins


def _of_study(study: Study, firms: int) -> tuple[dict[str, Any], pd.DataFrame]:
    """A questionnaire that asks what a study's published answers tell, and its margins."""
    questions: dict[str, Any] = {}
    margins = []
    keys = ["table", "item", "layer", "flow", "group", "unit"]
    links = study.links[study.links["value"].notna() & ~study.links["item"].fillna("").str.endswith(": all kinds")]
    for key, rows in links.groupby(keys, sort=False, dropna=False):
        told = {name: "" if pd.isna(value) else str(value) for name, value in zip(keys, key, strict=True)}
        total = float(rows["value"].sum())
        if told["unit"] == "percent_of_firms" or (told["unit"] != "count" and not 97 <= total <= 103):
            continue
        name = f"q{len(questions) + 1:02d}"
        question: dict[str, Any] = {
            "kind": "grid",
            "text": ", ".join(filter(None, [told["item"], told["group"]])),
            "layer": told["layer"],
            "flow": told["flow"] or "both",
        }
        zones = list(dict.fromkeys(rows["scale"]))
        if told["unit"] == "percent_of_value":
            question |= {"kind": "shares", "columns": {zone: f"{name}_{zone}" for zone in zones}}
        elif told["unit"] == "count" and total > firms:
            question |= {"columns": f"{name}_{{ring}}", "rings": zones}
            if NOT_RELEVANT in zones:
                zones.remove(NOT_RELEVANT)
                question |= {"rings": zones, "not_relevant": f"{name}_{NOT_RELEVANT}"}
        else:
            question |= {"column": name, "codes": dict(enumerate(zones, start=1))}
        questions[name] = question
        base = {"count": "", "percent_of_links": "item", "percent_of_value": "item"}[told["unit"]]
        margins += [
            (told["table"], name, "", "", zone, f"{float(value):g}", base)
            for zone, value in zip(rows["scale"], rows["value"], strict=True)
        ]
    if not questions:
        raise NetklyngeError(f"study '{study.name}' publishes no counts or shares by ring, so there is nothing to keep")
    meta = {key: study.meta[key] for key in ("country", "place", "zones") if key in study.meta}
    if study.reference_year is not None:
        meta["year"] = study.reference_year
    content = {
        "name": f"{study.name}-synthetic",
        "title": study.title,
        **meta,
        "missing": {"no_answer": [99], "not_asked": [98]},
        "respondent": {"id": "firm", "name": "firm_name"},
        "questions": questions,
    }
    return content, pd.DataFrame(margins, columns=list(_MARGINS))


def _groups(book: Codebook, firms: int) -> pd.Series[str]:
    """The group of each respondent, in proportion to the codebook's groups (largest remainders)."""
    if not book.groups:
        return pd.Series([""] * firms, dtype="string")
    sizes = pd.Series(book.groups, dtype=float)
    exact = sizes / sizes.sum() * firms
    whole = np.floor(exact).astype(int)
    rest = (exact - whole).sort_values(ascending=False, kind="stable").index[: firms - int(whole.sum())]
    whole[rest] += 1
    return pd.Series(np.repeat(whole.index.to_numpy(str), whole), dtype="string")


def _respondent_columns(
    book: Codebook, groups: pd.Series[str], random: np.random.Generator
) -> dict[str, pd.Series[Any]]:
    """Columns that describe respondents; organisation numbers, owners and weights are left out, never invented."""
    firms = len(groups)
    number = pd.Series(range(1, firms + 1)).astype(str).str.zfill(max(3, len(str(firms))))
    fill: dict[str, pd.Series[Any]] = {
        "id": "S" + number,
        "name": "Synthetic firm " + number,
        "employees": pd.Series(np.ceil(random.lognormal(2.8, 1.2, firms))),
    }
    if book.groups:
        fill |= {"group": groups, "place": groups}
    if book.head_office and "head_office" in book.respondent:
        fill["head_office"] = _codes(pd.Series(random.choice(list(book.head_office), firms)))
    return {column: fill[role] for role, column in book.respondent.items() if role in fill}


def _fitted(
    book: Codebook,
    question: Question,
    margins: pd.DataFrame,
    groups: pd.Series[str],
    random: np.random.Generator,
) -> dict[str, pd.Series[Any]]:
    """Answers to a question whose margins are published."""
    if question.kind == "shares":
        return _fitted_shares(question, margins, len(groups), random)
    ticks = not any("answer" in item.columns for item in question.items) or question.kind == "yes_no"
    told = [name for name in dict.fromkeys(margins["group"]) if name] or [""]
    if told == [""]:
        groups = pd.Series("", index=groups.index)
    firms = {**dict.fromkeys(told, 0), **groups.value_counts().to_dict(), "": len(groups)}
    answers = [name for name in dict.fromkeys(margins["answer"]) if name]
    cells = pd.DataFrame(
        [(item.id, group, answer) for group in told for item in question.items for answer in answers],
        columns=["item", "group", "answer"],
    )
    of_firms = bool((margins["base"] == "firms").any())
    each = TICKS_PER_FIRM[question.kind] / len(question.items) if ticks and not of_firms else 1.0
    expected = fit_margins(cells, margins, cells["group"].map(firms) * each)
    try:
        cells["count"] = printed_counts(cells, margins, expected, firms, single=not ticks)
        by = ["item", "group"] if not ticks else ["item", "group", "answer"]
        if (cells.groupby(by)["count"].transform("sum") > cells["group"].map(firms)).any():
            raise NetklyngeError("it has more answers than there are firms")
    except NetklyngeError as error:
        warnings.warn(f"question '{question.id}' is only near to what is published: {error}", stacklevel=3)
        cells["count"] = _nearest_counts(cells, expected, firms, single=not ticks)
    if NOT_RELEVANT in answers and ticks:
        return _dealt_rows(question, cells, groups, random)
    return (_dealt_ticks if ticks else _dealt_codes)(book, question, cells, groups, random)


def _nearest_counts(
    cells: pd.DataFrame, expected: pd.Series[float], firms: Mapping[str, int], single: bool
) -> pd.Series[int]:
    """Expected counts rounded, no more than there are firms."""
    most = cells["group"].map(firms).astype(float)
    if single:
        totals = expected.groupby([cells["item"], cells["group"]]).transform("sum")
        scaled = expected * np.minimum(1, most / totals.where(totals > 0, 1))
        before = scaled.groupby([cells["item"], cells["group"]]).cumsum()
        return (np.rint(before) - np.rint(before - scaled)).astype(int)
    return np.minimum(np.rint(expected), most).astype(int)


def _dealt_rows(
    question: Question, cells: pd.DataFrame, groups: pd.Series[str], random: np.random.Generator
) -> dict[str, pd.Series[Any]]:
    """Ticks beside a "not relevant": some respondents tick that, each other one a place, and some a second place."""
    columns = {column: pd.Series(0.0, index=groups.index) for column in question.columns}
    for group in dict.fromkeys(cells["group"]):
        for item in question.items:
            rows = cells[(cells["group"] == group) & (cells["item"] == item.id)].set_index("answer")["count"]
            firms = random.permutation(np.flatnonzero((groups == group).to_numpy(bool)))
            apart, rest = np.split(firms, [rows[NOT_RELEVANT]])
            columns[item.columns[NOT_RELEVANT]].iloc[apart] = 1.0
            places = rows.drop(NOT_RELEVANT)
            for turn, place in enumerate(random.permutation(np.repeat(places.index.to_numpy(str), places))):
                column = columns[item.columns[place]]
                free = rest[turn : turn + 1] if turn < len(rest) else rest[column.to_numpy()[rest] == 0]
                if len(free):  # none are left only where so few firms cannot print as published
                    column.iloc[random.choice(free)] = 1.0
    return columns


def _dealt_codes(
    book: Codebook,
    question: Question,
    cells: pd.DataFrame,
    groups: pd.Series[str],
    random: np.random.Generator,
) -> dict[str, pd.Series[Any]]:
    """One answer per respondent and item: in each group the same respondents answer, the others did not.

    A published count of missing answers is kept too. Groups without published numbers were not asked.
    """
    code_of = _code_of(book, question)
    columns = {
        item.columns["answer"]: pd.Series(code_of.get("not_asked"), index=groups.index, dtype=object)
        for item in question.items
    }
    counted = cells.groupby(["group", "item"], sort=False)["count"].sum()
    exact = "no_answer" in set(cells["answer"])  # then who is not counted was not asked
    for group in dict.fromkeys(cells["group"]):
        firms = random.permutation(np.flatnonzero((groups == group).to_numpy(bool)))
        for item in question.items:
            rows = cells[(cells["group"] == group) & (cells["item"] == item.id)]
            deck = random.permutation(np.repeat([code_of[a] for a in rows["answer"]], rows["count"]))
            column = columns[item.columns["answer"]]
            column.iloc[firms[: counted[group, item.id]]] = deck
            column.iloc[firms[counted[group, item.id] :]] = code_of.get("not_asked" if exact else "no_answer")
    return {name: _codes(column) for name, column in columns.items()}


def _dealt_ticks(
    book: Codebook,
    question: Question,
    cells: pd.DataFrame,
    groups: pd.Series[str],
    random: np.random.Generator,
) -> dict[str, pd.Series[Any]]:
    """Ticks: each cell is dealt to as many different respondents, some of whom tick more than others."""
    yes_no = question.kind == "yes_no"
    code_of = _code_of(book, question) if yes_no else {"yes": "1", "no": "0"}
    columns = {column: pd.Series(code_of["no"], index=groups.index, dtype=object) for column in question.columns}
    by_item = {item.id: item for item in question.items}
    for group, rows in cells.groupby("group", sort=False):
        firms = random.permutation(np.flatnonzero((groups == group).to_numpy(bool)))
        share = COOPERATING if question.asked_if is not None else 1.0
        pool = firms[: max(int(np.ceil(share * len(firms))), int(rows["count"].max()))]
        eager = random.gamma(2.0, size=len(pool)) + 0.1
        for row in rows[rows["count"] > 0].itertuples():
            chosen = random.choice(pool, size=row.count, replace=False, p=eager / eager.sum())
            item = by_item[row.item]
            columns[item.columns["answer" if yes_no else row.answer]].iloc[chosen] = code_of["yes"]
    return {name: _codes(column) for name, column in columns.items()}


def _fitted_shares(
    question: Question, margins: pd.DataFrame, firms: int, random: np.random.Generator
) -> dict[str, pd.Series[Any]]:
    """Shares of every respondent that add up to the total and whose means are the published ones (fitted)."""
    item = question.items[0]
    zones = [zone for zone in margins["answer"] if zone in item.columns]
    means = margins.set_index("answer")["value"].astype(float).reindex(zones).to_numpy()
    means = means / means.sum() * question.total
    x = random.dirichlet(np.full(len(zones), 1.5), firms)
    for _ in range(200):
        x *= means / x.mean(axis=0)
        x *= question.total / x.sum(axis=1, keepdims=True)
    return {item.columns[zone]: pd.Series(np.round(x[:, k], 2)) for k, zone in enumerate(zones)}


def _filled(book: Codebook, question: Question, firms: int, random: np.random.Generator) -> dict[str, pd.Series[Any]]:
    """Answers at random, where nothing is published; named partners are never invented."""
    if question.kind == "partners":
        return {column: pd.Series(pd.NA, index=range(firms), dtype="string") for column in question.columns}
    if question.kind == "shares":
        item = question.items[0]
        parts = random.multinomial(int(question.total), random.dirichlet(np.ones(len(item.columns)), firms))
        return {column: pd.Series(parts[:, k].astype(float)) for k, column in enumerate(item.columns.values())}
    if question.kind == "number":
        low = question.minimum or 0.0
        high = question.maximum if question.maximum is not None else low + 100.0
        return {column: pd.Series(np.round(random.uniform(low, high, firms))) for column in question.columns}
    columns = {}
    for item in question.items:
        for role, column in item.columns.items():
            if role == "answer":
                answers = [code for code, meaning in question.codes.items() if meaning not in (NONE, *MISSING_KINDS)]
                columns[column] = _codes(pd.Series(random.choice(answers, firms) if answers else [pd.NA] * firms))
            else:
                rate = 0.0 if role == NOT_RELEVANT else 0.15
                columns[column] = pd.Series((random.random(firms) < rate).astype(float))
    return columns


def _open_gate(question: Question, columns: dict[str, pd.Series[Any]]) -> None:
    """Let the gate of a question say who ticked something in it."""
    assert question.asked_if is not None
    gate, codes = question.asked_if
    answered = np.logical_or.reduce([pd.to_numeric(columns[c], errors="coerce") == 1 for c in question.columns])
    others = set(columns[gate].dropna().map(codebooks.code_key)) - set(codes)
    columns[gate] = _codes(pd.Series(codes[0], index=columns[gate].index).where(answered, min(others, default=pd.NA)))


def _close_gates(book: Codebook, columns: Mapping[str, pd.Series[Any]]) -> None:
    """Blank the answers of those who were not asked."""
    for question in book.questions:
        if question.asked_if is None or question.asked_if[0] not in columns:
            continue
        column, codes = question.asked_if
        asked = columns[column].map(codebooks.code_key, na_action="ignore").isin(codes)
        for name in question.columns:
            if name in columns:
                columns[name].loc[~asked] = np.nan


def _code_of(book: Codebook, question: Question) -> dict[str, str]:
    """Answer to code, missing answers too; the first code where several mean the same."""
    codes = [*question.codes.items(), *question.missing.items(), *book.missing.items()]
    return {meaning: code for code, meaning in reversed(codes)}


def _codes(column: pd.Series[Any]) -> pd.Series[Any]:
    """Codes as numbers when all of them are."""
    numeric = pd.to_numeric(column, errors="coerce")
    return numeric.astype(float) if numeric.notna().sum() == column.notna().sum() else column.astype("string")


# -- files out ---------------------------------------------------------------------------------------


def _write(target: Path, frame: pd.DataFrame, book: Codebook) -> Path:
    if target.suffix.lower() == ".csv":
        return write_csv(target, frame.map(lambda v: int(v) if isinstance(v, float) and v.is_integer() else v))
    require("survey", f"{target}: writing {target.suffix}")
    import pyreadstat

    labels, values, missing = _labels(book, frame)
    objects = frame.astype({name: object for name in frame if pd.api.types.is_string_dtype(frame[name].dtype)})
    with written(target) as temporary:
        pyreadstat.write_sav(
            objects.where(objects.notna(), None),
            str(temporary),
            file_label=_NOTE[:60],
            column_labels=labels,
            variable_value_labels=values,
            missing_ranges=missing,
            compress=target.suffix.lower() == ".zsav",
            note=[_NOTE, f"codebook: {book.name}"[:80]],
        )
        raw = bytearray(temporary.read_bytes())
        raw[92:109] = b"01 Jan 0000:00:00"  # the time of writing, so that the same seed gives the same bytes
        temporary.write_bytes(raw)
    return target


def _labels(
    book: Codebook, frame: pd.DataFrame
) -> tuple[dict[str, str], dict[str, dict[Any, str]], dict[str, list[Any]]]:
    """Variable labels, value labels and user-missing codes as SPSS keeps them."""
    labels = {
        SYNTHETIC: _NOTE,
        **{column: role.replace("_", " ") for role, column in book.respondent.items()},
    }
    values: dict[str, dict[Any, str]] = {SYNTHETIC: {1: "made-up answers"}}
    missing: dict[str, list[Any]] = {}
    for question in book.questions:
        for item in question.items:
            for role, column in item.columns.items():
                if column not in frame:
                    continue
                labels[column] = _label(question, item, role)
                if pd.api.types.is_string_dtype(frame[column].dtype) or question.kind in ("shares", "number"):
                    continue
                codes = dict(question.codes) if role == "answer" else {"0": "not ticked", "1": "ticked"}
                used = {code: kind for code, kind in {**book.missing, **question.missing}.items() if role == "answer"}
                values[column] = {
                    float(c): meaning.replace("_", " ") for c, meaning in {**used, **codes}.items() if _numeric(c)
                }
                absent = sorted(float(c) for c in used if _numeric(c) and c not in codes)[:3]
                if absent:
                    missing[column] = [*absent]
    return labels, values, missing


def _label(question: Question, item: Item, role: str) -> str:
    return ": ".join(
        part for part in (question.text, item.text if item.id else "", "" if role == "answer" else role) if part
    )


def _numeric(code: str) -> bool:
    return re.fullmatch(r"[+-]?\d+", code) is not None
