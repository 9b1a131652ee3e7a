"""Reach beyond the group: who is open to the outside, who brings it in, and whose neighbours are."""

from __future__ import annotations

from typing import Any, overload

import numpy as np
import numpy.typing as npt
import pandas as pd
from narwhals.typing import IntoFrameT

from netklynge.findings import NetklyngeError
from netklynge.networks.arrays import (
    Groups,
    IndexedTies,
    Ties,
    Weight,
    adjacency,
    frame_like,
    group_codes,
    in_order,
    labels_of,
    simple_ties,
)
from netklynge.networks.inputs import Others

__all__ = ["POSITIONS", "cognitive_positions", "external_reach", "neighbour_pipelines", "removal_loss"]

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]

POSITIONS: tuple[str, ...] = (
    "technological_gatekeeper",
    "active_mutual_exchanger",
    "weak_mutual_exchanger",
    "external_star",
    "isolated",
)


@overload
def cognitive_positions(
    ties: IntoFrameT,
    groups: Groups,
    open_from: float | None = ...,
    central_from: float | None = ...,
    source_below: float = ...,
    absorber_above: float = ...,
    weight: Weight = ...,
) -> IntoFrameT: ...
@overload
def cognitive_positions(
    ties: Others,
    groups: Groups,
    open_from: float | None = ...,
    central_from: float | None = ...,
    source_below: float = ...,
    absorber_above: float = ...,
    weight: Weight = ...,
) -> pd.DataFrame: ...
def cognitive_positions(
    ties: Ties,
    groups: Groups,
    open_from: float | None = None,
    central_from: float | None = None,
    source_below: float = 1.0,
    absorber_above: float = 2.0,
    weight: Weight = None,
) -> Any:
    """Giuliani and Bell's openness and cognitive positions of each actor in its group (its cluster).

    Knowledge runs from source to target. Within its group an actor absorbs from as many partners as it has
    ties in from, and transfers to as many as it has ties out to; the ratio is absorbed / transferred. Its
    openness is the number of partners in other groups, whichever way.

    ======================== ===== ======= ===========================================
    position                 open  central ratio
    ======================== ===== ======= ===========================================
    technological_gatekeeper yes   yes     below `source_below`: gives more than it gets
    active_mutual_exchanger  any   yes     any other (or not open, whatever the ratio)
    weak_mutual_exchanger    yes   no      up to `absorber_above`
    external_star            yes   no      above it, or no ties in the group at all
    isolated                 no    no      any
    ======================== ===== ======= ===========================================

    Parameters
    ----------
    ties : frame, graph, matrix or pairs
        Columns ``source`` and ``target``; loops are left out and repeated ties count once.
    groups : frame or mapping
        Columns ``actor`` and ``group``, or actor to group.
    open_from, central_from : float, optional
        An actor is open, or central, from so many outside partners, or so many absorbed and transferred. By
        default above the mean of its group.
    source_below, absorber_above : float
        Cut-offs of the ratio; one that transfers to nobody and absorbs from somebody has an infinite ratio.
    weight : str or bool, optional
        The column with the ties' strengths (advice given so many times); True for ``weight``. Absorbed, transferred
        and external are then sums of strengths, and ``partners_outside`` the number of partners behind ``external``.

    Returns
    -------
    frame like `ties`
        ``actor``, ``group``, ``absorbed``, ``transferred``, ``ratio``, ``external`` (distinct outside
        partners), ``unknown`` (partners whose group is unknown, which count nowhere), ``open``, ``central``,
        ``position``. All blank for an actor without a group.

    Raises
    ------
    NetklyngeError
        A column is missing, an actor stands in two groups, no actor with a tie has a group, or
        `source_below` exceeds `absorber_above`.

    References
    ----------
    Giuliani, E. & Bell, M. (2005). The micro-determinants of meso-level learning and innovation. *Research
    Policy* 34, 47-68, section 5. The paper describes the positions in words and places firms by their values;
    the rules that draw the lines are ours, and so all lines are arguments.

    Examples
    --------
    >>> ties = pd.DataFrame({"source": ["out", "a", "a", "b"], "target": ["a", "b", "c", "c"]})
    >>> table = cognitive_positions(ties, {"a": 1, "b": 1, "c": 1, "out": 2}, open_from=1, central_from=2)
    >>> table["position"].tolist()[:2]
    ['technological_gatekeeper', 'active_mutual_exchanger']
    """
    if source_below > absorber_above:
        raise NetklyngeError(f"source_below is {source_below:g}; it is at most absorber_above, {absorber_above:g}")
    indexed, codes, labels = group_codes(ties, groups, weight)
    network = simple_ties(indexed)
    inside = network.only((codes[network.source] == codes[network.target]) & (codes[network.source] >= 0))
    absorbed = np.bincount(inside.target, weights=inside.weight, minlength=network.size)
    transferred = np.bincount(inside.source, weights=inside.weight, minlength=network.size)
    _, partners_outside, unknown = _partners(network, codes)
    external = _partners(network, codes, counted=False)[1]
    known = codes >= 0
    ratio = np.divide(absorbed, transferred, out=np.full(network.size, np.nan), where=transferred > 0)
    ratio[(transferred == 0) & (absorbed > 0)] = np.inf
    opened = _reaches(external, open_from, codes, len(labels))
    central = _reaches(absorbed + transferred, central_from, codes, len(labels))
    weak = ratio <= absorber_above
    position = np.select(
        [opened & central & (ratio < source_below), central, opened & weak, opened],
        range(4),
        len(POSITIONS) - 1,
    )
    table = pd.DataFrame(
        {
            "actor": pd.Series(network.actors).infer_objects(),
            "group": pd.Series(labels_of(codes, labels)).convert_dtypes(),
            "absorbed": _blank_unless(known, absorbed),
            "transferred": _blank_unless(known, transferred),
            "ratio": np.where(known, ratio, np.nan),
            "external": _blank_unless(known, external),
            "unknown": unknown,
            "open": pd.Series(opened, dtype="boolean").where(known),
            "central": pd.Series(central, dtype="boolean").where(known),
            "position": pd.Series(np.array(POSITIONS)[position], dtype="string").where(known),
        }
    )
    if weight:
        table.insert(6, "partners_outside", _blank_unless(known, partners_outside))
    return frame_like(table, ties)


def _blank_unless(known: Flags, counts: npt.NDArray[Any]) -> Any:
    kind = "Float64" if counts.dtype.kind == "f" else "Int64"
    return pd.array(np.where(known, counts, np.nan), dtype=kind)


def _reaches(counts: npt.NDArray[Any], cut: float | None, codes: Ints, number: int) -> Flags:
    """Whether each count is at least `cut`; without one, above the mean of the actor's group."""
    if cut is not None:
        return np.asarray(counts >= cut)
    known = codes >= 0
    members = np.bincount(codes[known], minlength=number)
    total = np.bincount(codes[known], weights=counts[known], minlength=number)
    mean = np.divide(total, members, out=np.zeros(number), where=members > 0)
    return np.asarray(counts > np.append(mean, np.inf)[codes])


def _partners(network: IndexedTies, codes: Ints, counted: bool = True) -> Any:
    """Partners of each actor in its group, in other groups, and without a group; or what ties with them weigh."""
    both = simple_ties(network._replace(weight=None) if counted else network, both_ways=True)
    ours, theirs = codes[both.source], codes[both.target]
    placed = (ours >= 0) & (theirs >= 0)
    local, outside, unknown = (
        np.bincount(both.source[rows], weights=both.only(rows).weight, minlength=network.size)
        for rows in (placed & (ours == theirs), placed & (ours != theirs), ~placed)
    )
    return local, outside, unknown


@overload
def neighbour_pipelines(ties: IntoFrameT, groups: Groups) -> IntoFrameT: ...
@overload
def neighbour_pipelines(ties: Others, groups: Groups) -> pd.DataFrame: ...
def neighbour_pipelines(ties: Ties, groups: Groups) -> Any:
    """Pipelines of each actor, and of its neighbours: its partners in the same group.

    A pipeline is a partner in another group. The thesis to test with it: a firm learns more when its
    neighbours are well connected outside.

    Parameters
    ----------
    ties, groups
        As in :func:`cognitive_positions`; directions make no difference.

    Returns
    -------
    frame like `ties`
        ``actor``, ``group``, ``neighbours``, ``pipelines`` (its own), ``neighbours_pipelines`` (theirs added
        up), ``neighbours_mean`` (blank without neighbours), ``neighbours_with`` (those with any), ``unknown``
        (partners whose group is unknown). Blank for an actor without a group.

    Raises
    ------
    NetklyngeError
        As in :func:`cognitive_positions`.

    References
    ----------
    Bathelt, H., Malmberg, A. & Maskell, P. (2004). Clusters and knowledge: local buzz, global pipelines and
    the process of knowledge creation. *Progress in Human Geography* 28(1), 31-56.

    Examples
    --------
    >>> ties = pd.DataFrame({"source": ["a", "b", "b"], "target": ["b", "x", "y"]})
    >>> table = neighbour_pipelines(ties, {"a": "in", "b": "in", "x": "out", "y": "out"})
    >>> table.loc[0, ["pipelines", "neighbours_pipelines"]].tolist()
    [0, 2]
    """
    indexed, codes, labels = group_codes(ties, groups)
    network = simple_ties(indexed, both_ways=True)
    local, outside, unknown = _partners(network, codes)
    inside = (codes[network.source] == codes[network.target]) & (codes[network.source] >= 0)
    beside = adjacency(IndexedTies(network.actors, network.source[inside], network.target[inside]))
    theirs, having = beside @ outside, beside @ (outside > 0).astype(np.int64)
    known = codes >= 0
    mean = np.divide(theirs, local, out=np.full(network.size, np.nan), where=local > 0)
    table = pd.DataFrame(
        {
            "actor": pd.Series(network.actors).infer_objects(),
            "group": pd.Series(labels_of(codes, labels)).convert_dtypes(),
            "neighbours": _blank_unless(known, local),
            "pipelines": _blank_unless(known, outside),
            "neighbours_pipelines": _blank_unless(known, theirs),
            "neighbours_mean": mean,
            "neighbours_with": _blank_unless(known, having),
            "unknown": unknown,
        }
    )
    return frame_like(table, ties)


@overload
def external_reach(ties: IntoFrameT, groups: Groups, weight: Weight = ...) -> IntoFrameT: ...
@overload
def external_reach(ties: Others, groups: Groups, weight: Weight = ...) -> pd.DataFrame: ...
def external_reach(ties: Ties, groups: Groups, weight: Weight = None) -> Any:
    """Breschi and Lenzi's external reach of each group, and what of it runs over gatekeepers.

    With d_ij the shortest path from member i to outsider j, the group's reach is ``Σ_i Σ_j 1 / d_ij`` over
    the pairs that any path joins; per member it is the average distance-weighted reach. A pair is reached
    *directly* when a shortest path leaves the group at once, by a tie of i's own to the outside; else
    *indirectly*, with a member in between. A gatekeeper is a member with ties both outside and inside the
    group.

    Parameters
    ----------
    ties : frame, graph, matrix or pairs
        Columns ``source`` and ``target``; directions make no difference, loops are left out.
    groups : frame or mapping
        Columns ``actor`` and ``group``, or actor to group. Actors without a group carry paths, but are
        outsiders of no group.
    weight : str or bool, optional
        The column with the ties' strengths; True for ``weight``. A tie is then as long as the mean strength over its
        own (Opsahl et al. 2010), strengths of both directions added up: a step of ordinary strength is 1, one of
        twice that 1/2. With equal strengths the result is that without.

    Returns
    -------
    frame like `ties`
        One row per group: ``group``, ``actors``, ``gatekeepers``, ``reach``, ``reach_per_actor``, ``direct``,
        ``indirect`` (which add up to ``reach``), ``direct_gatekeepers`` (direct reach of gatekeepers), and as
        shares of ``reach``: ``share_gatekeepers`` (``(direct_gatekeepers + indirect) / reach``),
        ``share_direct``, ``share_indirect``. Blank shares where there is no reach.

    Raises
    ------
    NetklyngeError
        The ties cannot be read, an actor stands in two groups, no actor with a tie has a group, or a weight is blank
        or negative.

    Notes
    -----
    Time and memory grow with members x actors: for groups of some thousands.

    References
    ----------
    Breschi, S. & Lenzi, C. (2015). The role of external linkages and gatekeepers for the renewal and
    expansion of US cities' knowledge base, 1990-2004. *Regional Studies* 49(5), 782-797. The shares:
    Breschi, S. & Lenzi, C. (2017), in Glückler et al. (eds.), *Knowledge and Networks*, Springer, equations
    14.1-14.6. Lengths from strengths: Opsahl, T., Agneessens, F. & Skvoretz, J. (2010). Node centrality in weighted
    networks. *Social Networks* 32, 245-251.

    Examples
    --------
    >>> ties = pd.DataFrame({"source": ["a", "b"], "target": ["b", "x"]})
    >>> table = external_reach(ties, {"a": "in", "b": "in", "x": "out"})
    >>> table.loc[0, ["reach", "direct", "indirect"]].tolist()
    [1.5, 1.0, 0.5]
    """
    indexed, codes, labels = group_codes(ties, groups, weight)
    network = simple_ties(indexed, both_ways=True)
    if weight and len(network.source):
        network = network._replace(weight=network.strength.mean() / network.strength)
    rows = []
    for code, label in enumerate(labels):
        actors = int((codes == code).sum())
        direct, indirect, gatekeeper = _reach_of(network, codes, code)
        reach, own = direct.sum() + indirect.sum(), direct[gatekeeper].sum()
        shares = [part / reach if reach else np.nan for part in (own + indirect.sum(), own, indirect.sum())]
        rows.append(
            (
                label,
                actors,
                int(gatekeeper.sum()),
                reach,
                reach / actors,
                direct.sum(),
                indirect.sum(),
                own,
                *shares,
            )
        )
    columns = [
        "group",
        "actors",
        "gatekeepers",
        "reach",
        "reach_per_actor",
        "direct",
        "indirect",
        "direct_gatekeepers",
        "share_gatekeepers",
        "share_direct",
        "share_indirect",
    ]
    return frame_like(pd.DataFrame(rows, columns=columns), ties)


def _reach_of(network: IndexedTies, codes: Ints, code: int) -> tuple[Floats, Floats, Flags]:
    """Direct and indirect reach of each member of one group, and who of them are gatekeepers."""
    from scipy.sparse.csgraph import dijkstra

    members = np.flatnonzero(codes == code)
    outsiders = np.flatnonzero((codes >= 0) & (codes != code))
    ours = codes[network.source] == code
    inside = ours & (codes[network.target] == code)
    outside = ours & (codes[network.target] >= 0) & ~inside
    # a path may also leave by somebody whose group is unknown
    leaving = ours & ~inside
    first = np.unique(network.target[leaving])
    starts = np.concatenate([members, first])
    distance = dijkstra(adjacency(network), indices=starts, unweighted=network.weight is None)[:, outsiders]
    shortest, from_first = distance[: len(members)], distance[len(members) :]
    by_own_tie = np.full(shortest.shape, np.inf)
    place = np.empty(network.size, dtype=np.int64)
    place[members] = np.arange(len(members))
    np.minimum.at(
        by_own_tie,
        place[network.source[leaving]],
        from_first[np.searchsorted(first, network.target[leaving])] + network.strength[leaving][:, None],
    )
    closeness = np.divide(1.0, shortest, out=np.zeros(shortest.shape), where=np.isfinite(shortest))
    at_once = by_own_tie <= shortest * (1 + 1e-12)
    degree_in = np.bincount(network.source[inside], minlength=network.size)[members]
    degree_out = np.bincount(network.source[outside], minlength=network.size)[members]
    direct = np.where(at_once, closeness, 0).sum(axis=1)
    return direct, closeness.sum(axis=1) - direct, (degree_in > 0) & (degree_out > 0)


@overload
def removal_loss(ties: IntoFrameT, groups: Groups, share: float = ...) -> IntoFrameT: ...
@overload
def removal_loss(ties: Others, groups: Groups, share: float = ...) -> pd.DataFrame: ...
def removal_loss(ties: Ties, groups: Groups, share: float = 0.1) -> Any:
    """Breschi and Lenzi's loss: how much of a group's indirect reach hangs on its foremost gatekeepers.

    Each gatekeeper is removed by itself, to rank them by the indirect reach that goes with it; then the
    foremost `share` of them (at least one) together. Of gatekeepers with whom as much goes, the order in which the
    ties put them decides, and names only among alike ones.

    Parameters
    ----------
    ties, groups
        As in :func:`external_reach`.
    share : float
        Part of the gatekeepers to remove, rounded up.

    Returns
    -------
    frame like `ties`
        ``group``, ``gatekeepers``, ``removed``, ``indirect`` (reach before), ``left`` (after), ``loss``
        (``1 - left / indirect``; blank without indirect reach).

    Raises
    ------
    NetklyngeError
        `share` is not between 0 and 1, or as in :func:`external_reach`.

    Notes
    -----
    Takes as many computations of the reach as there are gatekeepers.

    References
    ----------
    Breschi, S. & Lenzi, C. (2017), as in :func:`external_reach`, page 297.

    Examples
    --------
    >>> ties = pd.DataFrame({"source": ["a", "b"], "target": ["b", "x"]})
    >>> removal_loss(ties, {"a": "in", "b": "in", "x": "out"}).loc[0, ["indirect", "loss"]].tolist()
    [0.5, 1.0]
    """
    if not 0 < share <= 1:
        raise NetklyngeError(f"share is {share:g}; it is above 0 and at most 1")
    indexed, codes, labels = group_codes(ties, groups)
    network, place = in_order(simple_ties(indexed, both_ways=True))
    codes = codes[np.argsort(place)]
    rows = []
    for code, label in enumerate(labels):
        _, indirect, gatekeeper = _reach_of(network, codes, code)
        keepers, before = np.flatnonzero(codes == code)[gatekeeper], float(indirect.sum())
        number = int(np.ceil(share * len(keepers)))
        left = [_left_without(network, codes, code, keepers[[k]]) for k in range(len(keepers))]
        foremost = keepers[np.argsort(left, kind="stable")[:number]]
        after = _left_without(network, codes, code, foremost)
        rows.append((label, len(keepers), number, before, after, 1 - after / before if before else np.nan))
    columns = ["group", "gatekeepers", "removed", "indirect", "left", "loss"]
    return frame_like(pd.DataFrame(rows, columns=columns), ties)


def _left_without(network: IndexedTies, codes: Ints, code: int, gone: Ints) -> float:
    """Indirect reach of the group when some of its members are gone."""
    stays = ~(np.isin(network.source, gone) | np.isin(network.target, gone))
    rest = IndexedTies(network.actors, network.source[stays], network.target[stays])
    return float(_reach_of(rest, codes, code)[1].sum())
