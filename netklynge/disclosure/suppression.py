"""Which further cells to hide so that no unsafe one can be worked out from the sums.

A set of tables is a series of cell values and a list of sums (a total and its parts). Linked and hierarchical
tables are the same thing with more sums: a cell that stands in two tables is one cell.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from netklynge.findings import NetklyngeError

__all__ = ["Sums", "bounds", "check_sums", "discrepancies", "suppress"]

Sums = Sequence[tuple[Hashable, Sequence[Hashable]]]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

_EPS = 1e-6


def discrepancies(values: pd.Series, sums: Sums, rounding: float = 0) -> pd.DataFrame:
    """Totals that differ from the sum of their parts: columns total, stated, added.

    Parameters
    ----------
    values : Series
        By cell.
    sums : sequence of (total, parts)
    rounding : float
        How far a value may be from the exact one: 0.05 when one decimal is printed.

    Examples
    --------
    >>> cells = pd.Series({"a": 1, "b": 2, "all": 4})
    >>> discrepancies(cells, [("all", ["a", "b"])]).values.tolist()
    [['all', 4, 3]]
    """
    value = dict(zip(values.index, values, strict=True))
    rows = [(total, value[total], sum(value[part] for part in parts)) for total, parts in sums]
    slack = _slack(sums, rounding) + [_EPS * max(1, abs(stated)) for _, stated, _ in rows]
    wrong = [row for row, most in zip(rows, slack, strict=True) if abs(row[1] - row[2]) > most]
    return pd.DataFrame(wrong, columns=["total", "stated", "added"])


def _slack(sums: Sums, rounding: float) -> Floats:
    """How far each total may be from the sum of its parts when every cell is rounded."""
    return np.array([rounding * (len(parts) + 1) for _, parts in sums], dtype=float)


def check_sums(values: pd.Series, sums: Sums, rounding: float = 0) -> None:
    """Refuse tables that do not add up: what is wrong must be mended before anything can be protected.

    Raises
    ------
    NetklyngeError
        A total is not the sum of its parts, or a value is negative.
    """
    if (values < 0).any():
        cell = _named(values.index[values < 0][0])
        raise NetklyngeError(f"cell {cell} is negative; only counts and amounts from 0 up can be protected")
    wrong = discrepancies(values, sums, rounding)
    if len(wrong):
        rows = wrong.itertuples(index=False)
        told = [f"{_named(cell)}: {stated} stated, {added} added up" for cell, stated, added in rows]
        raise NetklyngeError("\n".join(["the table does not add up and was not protected:", *told]))


def _named(cell: Hashable) -> str:
    return " / ".join(map(str, cell)) if isinstance(cell, tuple) else str(cell)


def bounds(
    values: pd.Series,
    sums: Sums,
    hidden: Iterable[Hashable],
    known: Iterable[Hashable] = (),
    integer: bool = False,
    rounding: float = 0,
) -> pd.DataFrame:
    r"""What a reader can work out about hidden cells: the audit.

    For each hidden cell c the least and the greatest :math:`y_c` such that :math:`y \ge 0`, every shown cell
    is as shown, and every total is the sum of its parts; a linear programme each, or an integer programme.

    Parameters
    ----------
    values : Series
        True values by cell.
    sums : sequence of (total, parts)
    hidden : iterable of cells
    known : iterable of cells
        Hidden cells that this reader knows, such as its own answer.
    integer : bool
        Whether the reader knows that the values are whole numbers.
    rounding : float
        How far each value may be from the exact one.

    Returns
    -------
    DataFrame
        cell, low, high (infinite when nothing limits it); a row per hidden cell not known, in table order.

    References
    ----------
    Fischetti, M. and Salazar, J. J. (2001). Solving the cell suppression problem on tabular data with linear
    constraints. Management Science 47(7), 1008-1027: the attacker's problem.

    Examples
    --------
    >>> cells = pd.Series({"a": 4, "b": 2, "all": 6})
    >>> bounds(cells, [("all", ["a", "b"])], ["a", "b"]).values.tolist()
    [['a', 0.0, 6.0], ['b', 0.0, 6.0]]
    """
    from scipy.optimize import LinearConstraint, milp

    values = _plain(values)
    secret = values.index.isin(list(hidden)) & ~values.index.isin(list(known))
    matrix = _matrix(values.index, sums)
    given = -matrix[:, ~secret] @ values.to_numpy(dtype=float)[~secret]
    slack = _slack(sums, rounding)
    law = LinearConstraint(matrix[:, secret], given - slack, given + slack) if secret.any() and sums else ()
    rows = []
    for cell, goal in zip(values.index[secret], np.eye(secret.sum()), strict=True):
        least = milp(goal, constraints=law, integrality=int(integer))
        most = milp(-goal, constraints=law, integrality=int(integer))
        high = np.inf if most.x is None else abs(round(float(most.fun), 6))
        rows.append((cell, abs(round(float(least.fun), 6)), high))
    return pd.DataFrame(rows, columns=["cell", "low", "high"])


def suppress(
    values: pd.Series,
    sums: Sums,
    primary: Iterable[Hashable],
    width: float = 1,
    above: Mapping[Hashable, float] | None = None,
    owners: Mapping[Hashable, Hashable] | None = None,
    may_hide: Iterable[Hashable] | None = None,
    rounding: float = 0,
) -> list[Hashable]:
    r"""The cheapest set of cells to hide so that no primary cell can be worked out.

    Minimises :math:`\sum_i v_i x_i` (then the number of cells), x binary and 1 for the primary cells, such
    that for each primary cell, and each reader, the greatest minus the least value that agrees with what is
    shown is at least `width`. Solved by cuts: the integer programme proposes a set, linear programmes attack
    it, and the dual of each attack that succeeds becomes a constraint that every safe set keeps.

    Parameters
    ----------
    values : Series
        Values from 0 up, by cell.
    sums : sequence of (total, parts)
        All sums that a reader knows to hold, of all tables.
    primary : iterable of cells
        Cells that are unsafe in themselves.
    width : float
        How wide the interval of each must stay; any positive width excludes exact disclosure, 1 does so for
        counts.
    above : mapping, optional
        How far the upper end must lie above the value, by primary cell (what the p % rule asks for).
    owners : mapping, optional
        The one contributor of each cell that has only one. Each contributor knows its own cells and may
        attack the others with that knowledge.
    may_hide : iterable of cells, optional
        Cells that may be hidden besides the primary ones. Default: all that are no total.
    rounding : float
        How far each value may be from the exact one; totals may be off by as much for each part.

    Returns
    -------
    list of cells
        Primary and secondary, in table order.

    Raises
    ------
    NetklyngeError
        The table does not add up, or cannot be protected without hiding more than `may_hide`.

    References
    ----------
    Fischetti, M. and Salazar, J. J. (2001). Management Science 47(7), 1008-1027.

    Examples
    --------
    >>> cells = pd.Series({"a": 4, "b": 2, "c": 9, "all": 15})
    >>> suppress(cells, [("all", ["a", "b", "c"])], primary=["b"])
    ['a', 'b']
    """
    values = _plain(values)
    check_sums(values, sums, rounding)
    unsafe = values.index.isin(list(primary))
    if not unsafe.any() or not sums:
        return list(values.index[unsafe])
    totals = {total for total, _ in sums}
    free = set(values.index) - totals if may_hide is None else set(may_hide)
    candidate = values.index.isin(list(free)) | unsafe
    needs = np.array([float((above or {}).get(cell, 0)) for cell in values.index])
    readers = _readers(values.index, owners or {})
    table = _Table(values, sums, _matrix(values.index, sums), unsafe, width, needs, readers)
    cuts = list(_company(table.matrix, candidate))
    moves: list[Floats] = []
    while True:
        chosen = _cheapest(values.to_numpy(dtype=float), candidate, unsafe, cuts)
        if chosen is None:
            raise NetklyngeError(
                "the table cannot be protected while its totals are shown; hide totals too, or merge rows or columns"
            )
        found = _successes(table, chosen, moves)
        if not found:
            return list(values.index[chosen])
        cuts += found


def _plain(values: pd.Series) -> pd.Series:
    """The values by cells that are plain labels, tuples too."""
    return values.set_axis(pd.Index(list(values.index), tupleize_cols=False))


def _matrix(cells: pd.Index, sums: Sums) -> Floats:
    """One row per sum: 1 at its parts, -1 at its total."""
    place = {cell: k for k, cell in enumerate(cells)}
    matrix = np.zeros((len(sums), len(cells)))
    for row, (total, parts) in enumerate(sums):
        matrix[row, place[total]] = -1
        matrix[row, [place[part] for part in parts]] = 1
    return matrix


def _readers(cells: pd.Index, owners: Mapping[Hashable, Hashable]) -> list[Flags]:
    """What each reader knows: an outsider nothing, each lone contributor its own cells."""
    known: dict[Hashable, Flags] = {}
    for k, cell in enumerate(cells):
        if cell in owners:
            known.setdefault(owners[cell], np.zeros(len(cells), dtype=bool))[k] = True
    return [np.zeros(len(cells), dtype=bool), *known.values()]


def _company(matrix: Floats, candidate: Flags) -> Iterator[tuple[Floats, float]]:
    """A cell hidden alone in a sum is told by the rest: each needs another one (saves many attacks)."""
    for row in matrix:
        members = (row != 0) & candidate
        for cell in np.flatnonzero(members):
            cut = members.astype(float)
            cut[cell] = -1
            yield cut, 0.0


def _cheapest(
    values: Floats,
    candidate: Flags,
    unsafe: Flags,
    cuts: Sequence[tuple[Floats, float]],
) -> Flags | None:
    """The cheapest set that keeps all `cuts`; None if there is none."""
    from scipy.optimize import Bounds, LinearConstraint, milp
    from scipy.sparse import csr_array

    cost = values + 1 / (len(values) + 1)  # of sets of the same cost, the one with the fewest cells
    laws = LinearConstraint(csr_array(np.array([cut for cut, _ in cuts])), [need for _, need in cuts], np.inf)
    limits = Bounds(unsafe.astype(float), candidate.astype(float))
    best = milp(cost, integrality=1, bounds=limits, constraints=laws, options={"mip_rel_gap": 0})
    return None if best.x is None else best.x > 0.5


class _Table(NamedTuple):
    """What an attack needs to know: true values, sums, how wide and high intervals must be, who reads."""

    values: pd.Series
    sums: Sums
    matrix: Floats
    unsafe: Flags
    width: float
    above: Floats
    readers: Sequence[Flags]


def _successes(table: _Table, hidden: Flags, moves: list[Floats]) -> list[tuple[Floats, float]]:
    """A cut for each primary cell and reader for whom `hidden` is not enough; none if all is safe.

    `moves` collects whole-numbered moves between tables that look the same; one of them often proves several
    cells safe, which saves most of the linear programmes.
    """
    cuts, doubtful = [], []
    for known in table.readers:
        free = hidden & ~known
        for cell in np.flatnonzero(table.unsafe & ~known):
            if _safe(table, int(cell), [move for move in moves if not move[~free].any()]):
                continue
            (rise, above), (fall, below) = (_reach(table, int(cell), sign, free) for sign in (1, -1))
            wide, high = rise[cell] - fall[cell], rise[cell]
            for reached, cut, need in ((wide, above + below, table.width), (high, above, table.above[cell])):
                if reached < need - _EPS:
                    cuts.append(_strengthened(np.where(known, 0, cut), need, table.unsafe))
            whole = [move.round() for move in (rise, fall) if np.abs(move - move.round()).max() < _EPS]
            moves += whole
            if len(whole) < 2:
                doubtful.append(known)
    if not cuts and (table.values == table.values.round()).all():
        failed = [known for known in doubtful if _told(table, hidden, known)]
        cuts = [((~hidden & ~known).astype(float), 1.0) for known in failed]
    return cuts


def _safe(table: _Table, cell: int, moves: Sequence[Floats]) -> bool:
    """Whether moves that are open to a reader's imagination keep the cell wide and high enough."""
    reached = [move[cell] for move in moves]
    high, low = max(reached, default=0.0), min(reached, default=0.0)
    return bool(max(high, 0) - min(low, 0) >= table.width and max(high, 0) >= table.above[cell])


def _reach(table: _Table, cell: int, sign: int, free: Flags) -> tuple[Floats, Floats]:
    """The farthest move of the cell up (1) or down (-1), and coefficients that bound it for any set.

    Moves d keep every sum, ``-value <= d <= room`` where a cell is free and 0 elsewhere. By duality the reach
    under any other set x is at most the sum of ``coefficient * x``.
    """
    from scipy.optimize import linprog

    values = table.values.to_numpy(dtype=float)
    room = float(np.ceil(values.sum() + table.width + table.above.max(initial=0)))  # more than any need
    goal = np.zeros(len(values))
    goal[cell] = -sign
    limits = np.column_stack([-values * free, room * free])
    move = linprog(goal, A_eq=table.matrix, b_eq=np.zeros(len(table.matrix)), bounds=limits, method="highs")
    price = goal - table.matrix.T @ move.eqlin.marginals
    price[np.abs(price) < _EPS] = 0
    return move.x, np.where(price < 0, -price * room, price * values)


def _told(table: _Table, hidden: Flags, known: Flags) -> bool:
    """Whether whole numbers tell a reader what fractions do not."""
    cells = table.values.index
    told = bounds(table.values, table.sums, cells[hidden], cells[known], integer=True)
    told = told[told["cell"].isin(cells[table.unsafe])]
    return bool((told["high"] - told["low"] < table.width - _EPS).any())


def _strengthened(cut: Floats, need: float, unsafe: Flags) -> tuple[Floats, float]:
    """The same cut with the primary cells (always hidden) on the right, the rest clipped to it."""
    rest = need - float(cut[unsafe].sum())
    return np.where(unsafe, 0.0, np.minimum(cut, rest)), rest
