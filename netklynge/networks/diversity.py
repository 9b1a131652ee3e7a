"""Diversity: how many kinds of partners an actor has, and from how many places."""

from __future__ import annotations

from typing import Any, overload

import numpy as np
import numpy.typing as npt
import pandas as pd
from narwhals.typing import IntoFrameT

from netklynge.networks.arrays import (
    Groups,
    Ties,
    Weight,
    frame_like,
    group_codes,
    group_table,
    simple_ties,
)
from netklynge.networks.inputs import Others

__all__ = ["partner_breadth", "partner_diversity"]

Ints = npt.NDArray[np.int64]


@overload
def partner_diversity(ties: IntoFrameT, groups: Groups, weight: Weight = ...) -> IntoFrameT: ...
@overload
def partner_diversity(ties: Others, groups: Groups, weight: Weight = ...) -> pd.DataFrame: ...
def partner_diversity(ties: Ties, groups: Groups, weight: Weight = None) -> Any:
    """Blau's index and the index of qualitative variation of each actor's partners.

    With p_k the share of group k among an actor's partners whose group is known (with `weight`, of what its ties with
    them weigh, both ways): Blau's index ``1 - Σ p_k²``, the chance that two partners drawn with replacement are of
    different groups; and ``IQV = Blau / (1 - 1/K)``, K the groups that there are, so that 1 stands for all groups
    alike, however many there are.

    Parameters
    ----------
    ties : frame, graph, matrix or pairs
        Columns ``source`` and ``target``; directions make no difference, loops are left out, repeated ties count once
        (their weights add up).
    groups : frame or mapping
        Columns ``actor`` and ``group``, or actor to group: a kind, an industry, a ring. The groups in it are K.
    weight : str or bool, optional
        The column with the ties' weights; True for ``weight``.

    Returns
    -------
    frame like `ties`
        ``actor``, ``partners`` (distinct ones), ``unknown`` (of them, those whose group is unknown, which count
        nowhere else), ``kinds`` (groups among the others), ``blau`` (0 to 1 - 1/K) and ``iqv`` (0 to 1), both blank
        without a partner whose group is known, ``iqv`` also when there is one group only.

    Raises
    ------
    NetklyngeError
        The ties cannot be read, a weight is blank or negative, an actor stands in two groups, or no actor with a tie
        has a group.

    References
    ----------
    Blau, P. M. (1977). *Inequality and Heterogeneity*, Free Press, page 9. Mueller, J. H. & Schuessler, K. F. (1961).
    *Statistical Reasoning in Sociology*, Houghton Mifflin, pages 177-179 (IQV).

    Examples
    --------
    >>> ties = pd.DataFrame({"source": ["a", "a", "a"], "target": ["b", "c", "d"]})
    >>> kinds = {"b": "firm", "c": "firm", "d": "school"}
    >>> partner_diversity(ties, kinds).set_index("actor").loc["a", ["kinds", "blau", "iqv"]].round(3).tolist()
    [2.0, 0.444, 0.889]
    """
    indexed, codes, labels = group_codes(ties, groups, weight)
    both = simple_ties(indexed, both_ways=True)
    known = codes[both.target] >= 0
    number = max(len(labels), 1)
    cells = both.source[known] * number + codes[both.target[known]]
    shares = np.bincount(cells, weights=both.strength[known], minlength=both.size * number).reshape(both.size, number)
    total = shares.sum(axis=1, keepdims=True)
    np.divide(shares, total, out=shares, where=total > 0)
    blau = np.where(total[:, 0] > 0, 1 - (shares**2).sum(axis=1), np.nan)
    table = pd.DataFrame(
        {
            "actor": pd.Series(both.actors).infer_objects(),
            "partners": np.bincount(both.source, minlength=both.size),
            "unknown": np.bincount(both.source[~known], minlength=both.size),
            "kinds": (shares > 0).sum(axis=1),
            "blau": blau,
            "iqv": blau / (1 - 1 / number) if number > 1 else np.full(both.size, np.nan),
        }
    )
    return frame_like(table, ties)


@overload
def partner_breadth(ties: IntoFrameT, kinds: Groups, rings: Groups) -> IntoFrameT: ...
@overload
def partner_breadth(ties: Others, kinds: Groups, rings: Groups) -> pd.DataFrame: ...
def partner_breadth(ties: Ties, kinds: Groups, rings: Groups) -> Any:
    """How broadly each actor searches: kinds of partners, rings they sit in, and kinds by rings.

    The breadth of a search is the number of kinds of sources that are used at all; crossed with where the sources
    sit, it is the number of different (kind, ring) pairs among an actor's partners.

    Parameters
    ----------
    ties : frame, graph, matrix or pairs
        As in :func:`partner_diversity`.
    kinds, rings : frame or mapping
        Columns ``actor`` and ``group``, or actor to group: the kind of each partner, and where it sits.

    Returns
    -------
    frame like `ties`
        ``actor``, ``partners`` (distinct ones), ``unknown`` (of them, those whose kind or ring is unknown, which count
        nowhere else), ``kinds``, ``rings`` and ``breadth`` (different ones, and pairs of them, among the others), and
        ``possible`` (kinds times rings that there are).

    Raises
    ------
    NetklyngeError
        As in :func:`partner_diversity`.

    References
    ----------
    Laursen, K. & Salter, A. (2006). Open for innovation. *Strategic Management Journal* 27, 131-150 (breadth).

    Examples
    --------
    >>> ties = pd.DataFrame({"source": ["a", "a", "a"], "target": ["b", "c", "d"]})
    >>> kinds, rings = {"b": "firm", "c": "firm", "d": "school"}, {"b": "local", "c": "national", "d": "local"}
    >>> partner_breadth(ties, kinds, rings).set_index("actor").loc["a", ["kinds", "rings", "breadth"]].tolist()
    [2, 2, 3]
    """
    indexed, kind, kind_names = group_codes(ties, kinds)
    both = simple_ties(indexed, both_ways=True)
    actors, of = group_table(rings)
    ring_codes, ring_names = pd.factorize(of)
    index = pd.Index(actors, tupleize_cols=False).get_indexer(pd.Index(both.actors, tupleize_cols=False))
    ring = np.append(ring_codes, -1)[index]
    ours, theirs = both.source, both.target
    known = (kind[theirs] >= 0) & (ring[theirs] >= 0)
    ours, partner = ours[known], theirs[known]
    cells = kind[partner] * max(len(ring_names), 1) + ring[partner]

    def different(what: Ints) -> Ints:
        pairs = np.unique(np.column_stack([ours, what]), axis=0)
        return np.bincount(pairs[:, 0], minlength=both.size)

    table = pd.DataFrame(
        {
            "actor": pd.Series(both.actors).infer_objects(),
            "partners": np.bincount(both.source, minlength=both.size),
            "unknown": np.bincount(both.source[~known], minlength=both.size),
            "kinds": different(kind[partner]),
            "rings": different(ring[partner]),
            "breadth": different(cells),
            "possible": len(kind_names) * len(ring_names),
        }
    )
    return frame_like(table, ties)
