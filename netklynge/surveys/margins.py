"""Printed margins to expected counts: tables fitted to what was published, and what each number counts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from netklynge.findings import NetklyngeError

__all__ = ["fit_margins", "printed_counts"]


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
