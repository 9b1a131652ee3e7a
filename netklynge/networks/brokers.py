"""Brokerage: who stands between whom, by the groups that the three belong to."""

from __future__ import annotations

from typing import Any, overload

import numpy as np
import numpy.typing as npt
import pandas as pd
from narwhals.typing import IntoFrameT

from netklynge.networks.arrays import (
    Groups,
    IndexedTies,
    Ties,
    adjacency,
    frame_like,
    group_codes,
    labels_of,
    simple_ties,
    triangles,
)
from netklynge.networks.inputs import Others

__all__ = ["ROLES", "brokerage"]

ROLES: tuple[str, ...] = ("coordinator", "itinerant", "gatekeeper", "representative", "liaison")

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

_UNKNOWN = len(ROLES)  # the column of brokered pairs in which somebody's group is unknown


@overload
def brokerage(ties: IntoFrameT, groups: Groups) -> IntoFrameT: ...
@overload
def brokerage(ties: Others, groups: Groups) -> pd.DataFrame: ...
def brokerage(ties: Ties, groups: Groups) -> Any:
    """Gould-Fernandez brokerage: how often each actor stands between two others, by role.

    Actor b brokers the ordered pair (a, c) when a -> b and b -> c but not a -> c, a and c different. With A
    for b's own group:

    ============== ======= ==============================================
    role           a b c   in words
    ============== ======= ==============================================
    coordinator    A A A   between two of its own group
    itinerant      B A B   between two of one other group
    gatekeeper     B A A   from another group into its own
    representative A A B   from its own group out to another
    liaison        B A C   between two different other groups
    ============== ======= ==============================================

    Under random ties of the same density d, with q = d²(1-d), each role is expected
    ``M q`` times with variance ``M q (1-q) + P d³ (1-d)³``, where M is the number of pairs (a, c) that the
    groups' sizes allow for the role, and P the number of ordered pairs of those that share a or share c.

    Parameters
    ----------
    ties : frame, graph, matrix or pairs
        Columns ``source`` and ``target``. Loops are left out and repeated ties count once; an undirected
        graph has each tie in both directions.
    groups : frame or mapping
        Columns ``actor`` and ``group``, or actor to group. Actors without ties count in the groups' sizes.

    Returns
    -------
    frame like `ties`
        One row per actor: ``actor``, ``group``, the five roles, their ``total``, ``unclassified``,
        ``expected_<role>`` and ``z_<role>`` for the roles and the total. Pairs in which somebody's group is
        unknown stand in ``unclassified`` and in no role; the roles of an actor without a group are blank.
        Density and expectation are taken over the actors whose group is known. z is blank where the role
        cannot vary.

    Raises
    ------
    NetklyngeError
        A column is missing, an actor stands in two groups, or no actor with a tie has a group.

    References
    ----------
    Gould, R. V. & Fernandez, R. M. (1989). Structures of mediation. *Sociological Methodology* 19, 89-126.

    Examples
    --------
    >>> ties = pd.DataFrame({"source": [1, 2, 3, 4, 3], "target": [2, 3, 4, 1, 5]})
    >>> roles = brokerage(ties, {1: "x", 2: "x", 3: "y", 4: "y", 5: "z"})
    >>> roles[["actor", "gatekeeper", "liaison"]].values.tolist()
    [[1, 1, 0], [2, 0, 0], [3, 1, 1], [4, 0, 0], [5, 0, 0]]
    """
    indexed, codes, labels = group_codes(ties, groups)
    binary = simple_ties(indexed)
    counts = _open_pairs(binary, codes, len(labels))
    roles = counts[:, :_UNKNOWN]
    observed = np.column_stack([roles, roles.sum(axis=1)])
    expected, variance = _moments(binary, codes, len(labels))
    z = np.full(expected.shape, np.nan)
    np.divide(observed - expected, np.sqrt(variance), out=z, where=variance > 0)
    names = (*ROLES, "total")
    unknown = codes < 0
    table = pd.DataFrame(
        {
            "actor": pd.Series(indexed.actors).infer_objects(),
            "group": pd.Series(labels_of(codes, labels)).convert_dtypes(),
            **{role: pd.Series(observed[:, k], dtype="Int64").mask(unknown) for k, role in enumerate(names)},
            "unclassified": counts[:, _UNKNOWN],
            **{f"expected_{role}": expected[:, k] for k, role in enumerate(names)},
            **{f"z_{role}": z[:, k] for k, role in enumerate(names)},
        }
    )
    return frame_like(table, ties)


def _open_pairs(ties: IndexedTies, codes: Ints, number: int) -> Ints:
    """Brokered pairs of each actor by role and, last, unclassified: the two-paths less those that close."""
    return _two_paths(ties, codes, number) - _closed_paths(ties, codes)


def _two_paths(ties: IndexedTies, codes: Ints, number: int) -> Ints:
    """Paths a -> b -> c with a and c different, by the role of b, whether or not a -> c."""
    source, target, known = ties.source, ties.target, codes >= 0
    matrix = adjacency(ties)
    returned = (matrix * matrix.T).tocoo()  # a -> b -> a leads nowhere

    def partners(actor: Ints, other: Ints) -> tuple[Ints, Ints, Ints]:
        """How many others of its own group each actor has, of other groups, and in all."""
        near, far = codes[actor] == codes[other], known[other]
        rows = near & far, ~near & far, slice(None)
        own, elsewhere, everybody = (np.bincount(actor[k], minlength=ties.size) for k in rows)
        return own, elsewhere, everybody

    in_own, in_other, in_all = partners(target, source)
    out_own, out_other, out_all = partners(source, target)
    back_own, back_other, back_all = partners(returned.row, returned.col)
    other_one = _through_one_group(ties, codes, number) - np.where(known, in_own * out_own, 0)
    paths = np.column_stack(
        [
            in_own * out_own - back_own,
            other_one - back_other,
            in_other * out_own,
            in_own * out_other,
            in_other * out_other - other_one,
            np.zeros(ties.size, dtype=np.int64),
        ]
    )
    paths[~known] = 0
    paths[:, _UNKNOWN] = in_all * out_all - back_all - paths.sum(axis=1)
    return paths


def _through_one_group(ties: IndexedTies, codes: Ints, number: int) -> Ints:
    """Paths a -> b -> c with a and c of one known group, a and c the same actor included."""
    from scipy.sparse import csr_array

    def by_group(actor: Ints, other: Ints) -> csr_array:
        rows = codes[other] >= 0
        cells = (actor[rows], codes[other[rows]])
        return csr_array((np.ones(len(cells[0]), dtype=np.int64), cells), shape=(ties.size, max(number, 1)))

    both = by_group(ties.target, ties.source) * by_group(ties.source, ties.target)
    return np.asarray(both.sum(axis=1)).ravel()


def _closed_paths(ties: IndexedTies, codes: Ints) -> Ints:
    """Paths a -> b -> c with a tie a -> c, by the role of b: each triangle in all six orders."""
    counts = np.zeros((ties.size, _UNKNOWN + 1), dtype=np.int64)
    for u, v, w, uv, uw, vw in triangles(ties):
        group = codes[u], codes[v], codes[w]
        known = (group[0] >= 0) & (group[1] >= 0) & (group[2] >= 0)
        same = {"uv": group[0] == group[1], "uw": group[0] == group[2], "vw": group[1] == group[2]}
        flag = {"uv": uv, "uw": uw, "vw": vw}
        corner = {"u": u, "v": v, "w": w}
        for a, b, c in ("uvw", "uwv", "vuw", "vwu", "wuv", "wvu"):
            closed = _runs(flag, a, b) & _runs(flag, b, c) & _runs(flag, a, c)
            role = _role(_between(same, a, b), _between(same, b, c), _between(same, a, c))
            role = np.where(known, role, _UNKNOWN)[closed]
            cells = np.bincount(corner[b][closed] * (_UNKNOWN + 1) + role, minlength=counts.size)
            counts += cells.reshape(counts.shape)
    return counts


def _runs(flag: dict[str, Ints], a: str, b: str) -> npt.NDArray[np.bool_]:
    """Whether a tie runs from corner a to corner b."""
    return (flag[a + b] & 1 if a < b else flag[b + a] & 2) > 0


def _between(sides: dict[str, Any], a: str, b: str) -> Any:
    return sides[min(a, b) + max(a, b)]


def _role(ab: Any, bc: Any, ac: Any) -> Ints:
    """Number of b's role from which of the three share a group."""
    role = np.select([ab & bc, ac, bc, ab], [0, 1, 2, 3], 4)
    return np.asarray(role, dtype=np.int64)


def _moments(ties: IndexedTies, codes: Ints, number: int) -> tuple[Floats, Floats]:
    """Expectation and variance of each role, and of the total, for each actor under random ties."""
    known = codes >= 0
    both = known[ties.source] & known[ties.target]
    size = float(known.sum())
    density = both.sum() / (size * (size - 1)) if size > 1 else np.nan
    members = np.bincount(codes[known], minlength=number).astype(np.float64)
    own = np.where(known, members[codes], np.nan)
    mates, others = own - 1, size - own

    def elsewhere(terms: Floats) -> Floats:
        return np.where(known, terms.sum() - terms[codes], np.nan)

    squares = elsewhere(members**2)
    pairs = elsewhere(members * (members - 1))
    triples = elsewhere(members * (members - 1) * (members - 2))
    # a liaison's a in group j, two different c outside j and outside b's own group
    spread = others**2 * others - others**2 - elsewhere(members**2) * (2 * others - 1) + elsewhere(members**3)
    rest = np.where(known, size - 1, np.nan)
    choices = np.column_stack(
        [
            mates * (mates - 1),
            pairs,
            others * mates,
            others * mates,
            others**2 - squares,
            rest * (rest - 1),
        ]
    )
    mixed = others * mates * (mates - 1 + others - 1)
    sharing = np.column_stack(
        [
            2 * mates * (mates - 1) * (mates - 2),
            2 * triples,
            mixed,
            mixed,
            2 * spread,
            2 * rest * (rest - 1) * (rest - 2),
        ]
    )
    q = density**2 * (1 - density)
    return choices * q, choices * q * (1 - q) + sharing * (density * (1 - density)) ** 3
