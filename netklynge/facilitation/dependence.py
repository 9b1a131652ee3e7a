"""Dependence: on one customer, one supplier, one bridge; and what is lost if an actor leaves.

Every number here counts told ties. Ties that nobody told make the actors that were told of look indispensable.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd
from narwhals.typing import IntoFrame

from netklynge.facilitation.contacts import (
    contacts,
    inside_contacts,
    outside_ties,
    ties_behind,
)
from netklynge.findings import NetklyngeError
from netklynge.networks.arrays import simple_ties, to_igraph
from netklynge.networks.concentration import hhi
from netklynge.study.ties import members

if TYPE_CHECKING:
    import igraph as ig

    from netklynge.study.study import Study

__all__ = ["if_leaves", "leaving_effects", "pipeline_holders", "pipeline_reach", "sole_partners"]

Ints = npt.NDArray[np.int64]


def sole_partners(study: Study) -> pd.DataFrame:
    """Members with one customer told, one supplier, or one contact inside that joins them to all others.

    A group of unnamed ones holds several, so whoever sells to a group does not depend on one customer. A bridge is an
    actor without which the member has no path to the largest part of the district.

    Returns
    -------
    DataFrame
        ``actor``, ``name``, ``on`` (customer, supplier, bridge), ``partner``, ``partner_name``, ``ties`` (labels of the
        rows of ``study.relations`` behind it); bridges last, those that most depend on first.

    Examples
    --------
    >>> import netklynge as nk
    >>> table = sole_partners(nk.load("horten"))
    >>> table.loc[table["on"] == "customer", ["actor", "partner"]].values.tolist()
    [['norspace', 'alcatel'], ['sensonor', 'memscap-horten']]
    """
    names = study.actors.set_index("actor")["name"]
    rows = contacts(study)
    trade = rows[(rows["layer"] == "supply") & rows["actor"].isin(study.firms["actor"])]
    sides = [("customer", trade[trade["gives"]]), ("supplier", trade[~trade["gives"]])]
    parts = [_only(side).assign(on=on) for on, side in sides] + [_behind_bridges(study)]
    table = pd.concat([part for part in parts if len(part)] or parts[:1], ignore_index=True)
    table = table.assign(name=table["actor"].map(names), partner_name=table["partner"].map(names))
    return table.reindex(columns=["actor", "name", "on", "partner", "partner_name", "ties"])


def _only(side: pd.DataFrame) -> pd.DataFrame:
    """Actors with one partner on this side, and it is named."""
    by = side.groupby("actor")
    one = side.drop_duplicates(["actor", "partner"]).groupby("actor").size() == 1
    named = ~by["category"].any()
    behind = ties_behind(side, "actor")
    chosen = one.index[one & named]
    return pd.DataFrame(
        {"actor": chosen, "partner": by["partner"].first()[chosen].to_numpy(), "ties": behind[chosen].to_numpy()}
    )


def _behind_bridges(study: Study) -> pd.DataFrame:
    """Members that only one actor joins to the largest part of the net of contacts inside."""
    ties = inside_contacts(study)
    network = simple_ties(ties, both_ways=True)
    graph = to_igraph(network).as_undirected()
    labels = ties_behind(pd.concat([ties, ties.rename(columns={"source": "target", "target": "source"})]), "source")
    found = []
    for cut in graph.articulation_points():
        pieces = _pieces_without(graph, cut)
        for piece in pieces[1:]:
            found += [(network.actors[actor], network.actors[cut], labels[network.actors[actor]]) for actor in piece]
    table = pd.DataFrame(found, columns=["actor", "partner", "ties"]).assign(on="bridge")
    weight = table["partner"].map(table["partner"].value_counts())
    order = table.assign(weight=weight).sort_values(["weight", "partner", "actor"], ascending=[False, True, True])
    return order.drop(columns="weight")


def _pieces_without(graph: ig.Graph, cut: int) -> list[list[int]]:
    """The parts that the part of `cut` falls into without it, largest first; actors by their number in the graph."""
    left = graph.subcomponent(cut)
    left.remove(cut)
    within = graph.induced_subgraph(left)
    numbers = sorted(left)
    pieces = [[numbers[k] for k in piece] for piece in within.connected_components()]
    return sorted(pieces, key=lambda piece: (-len(piece), piece))


# -- if an actor leaves ------------------------------------------------------------------------------


def leaving_effects(ties: IntoFrame, actors: Iterable[str] | None = None, top: int = 20) -> pd.DataFrame:
    r"""What the net of any ties loses without one of its actors.

    Efficiency is :math:`E = \frac{1}{n(n-1)} \sum_{i \ne j} 1 / d_{ij}` with shortest paths d, 0 for pairs that no path
    joins; without the actor it is taken over the others.

    Parameters
    ----------
    ties : frame or networkx graph
        Columns ``source`` and ``target``; directions make no difference.
    actors : iterable, optional
        Whom to take out, one at a time; default the `top` by betweenness.
    top : int

    Returns
    -------
    DataFrame
        ``actor``, ``reach`` and ``others`` (actors tied to it, of how many), ``betweenness`` (share of the pairs of
        others that it stands between), ``pairs_lost`` (pairs of others that only it joins), ``largest`` and
        ``largest_without`` (actors in the largest component), ``efficiency`` and ``efficiency_without``; most pairs
        lost first.

    Raises
    ------
    NetklyngeError
        One of `actors` has no tie, or a column is missing.

    References
    ----------
    Latora, V. & Marchiori, M. (2001). Efficient behavior of small-world networks. Physical Review Letters 87, 198701.
    Freeman, L. C. (1979). Centrality in social networks: conceptual clarification. Social Networks 1(3), 215-239.

    Examples
    --------
    >>> star = pd.DataFrame({"source": "centre", "target": list("abcde")})
    >>> row = leaving_effects(star, ["centre"]).iloc[0]
    >>> row[["reach", "pairs_lost", "efficiency", "efficiency_without"]].astype(float).round(3).tolist()
    [5.0, 10.0, 0.667, 0.0]
    """
    network = simple_ties(ties, both_ways=True)
    graph = to_igraph(network).as_undirected()
    number = {actor: k for k, actor in enumerate(network.actors)}
    between = np.asarray(graph.betweenness(), dtype=float)
    chosen = list(actors) if actors is not None else list(network.actors[np.argsort(-between, kind="stable")[:top]])
    unknown = [actor for actor in chosen if actor not in number]
    if unknown:
        raise NetklyngeError(f"actor '{unknown[0]}' has no tie, so nothing is lost without it; choose actors with ties")
    others = network.size - 1
    whole = _shape(graph)
    pairs = max(others * (others - 1) / 2, 1)
    degree = graph.degree()
    rows = []
    for actor in chosen:
        at = number[actor]
        without = graph.copy()
        without.delete_vertices(at)
        left = _shape(without)
        sizes = np.array([len(piece) for piece in _pieces_without(graph, at)], dtype=np.int64)
        lost = int((sizes.sum() ** 2 - (sizes**2).sum()) // 2)
        rows.append((actor, degree[at], others, between[at] / pairs, lost, whole[0], left[0], whole[1], left[1]))
    table = pd.DataFrame(rows, columns=_LEAVING)
    return table.sort_values(["pairs_lost", "betweenness"], ascending=False, kind="stable", ignore_index=True)


_LEAVING = [
    "actor",
    "reach",
    "others",
    "betweenness",
    "pairs_lost",
    "largest",
    "largest_without",
    "efficiency",
    "efficiency_without",
]


def _shape(graph: ig.Graph) -> tuple[int, float]:
    """Size of the largest component, and efficiency."""
    n = graph.vcount()
    if n < 2:
        return n, float("nan")
    return max(graph.connected_components().sizes()), _closeness(graph) / (n * (n - 1))


def _closeness(graph: ig.Graph) -> float:
    """Sum of 1 / d over all pairs, both ways: from all actors at once, one step of the shortest paths at a time."""
    if not graph.ecount():
        return 0.0
    beside = graph.get_adjacency_sparse().astype(np.float32)
    reached = np.eye(graph.vcount(), dtype=bool)
    front = reached
    total, step = 0.0, 0
    while front.any():
        step += 1
        front = (beside @ front.astype(np.float32) > 0) & ~reached
        reached = reached | front
        total += int(front.sum()) / step
    return total


def if_leaves(study: Study, actors: Iterable[str] | None = None, top: int = 20) -> pd.DataFrame:
    """What the district loses if a member leaves: reach, buzz and pipelines.

    Parameters
    ----------
    study : Study
    actors : iterable, optional
        Ids of members with a contact inside; default the `top` by betweenness.
    top : int

    Returns
    -------
    DataFrame
        The columns of :func:`leaving_effects` for contacts inside, with ``name``, ``buzz`` and ``buzz_lost`` (ties
        between members; those of this one), ``pipelines`` and ``pipelines_lost`` (distinct partners outside of all
        members; those that only this one has), ``ties`` and ``ties_outside`` (labels of the rows of
        ``study.relations`` behind what is lost inside and outside).

    Raises
    ------
    NetklyngeError
        One of `actors` has no contact inside.

    Examples
    --------
    >>> import netklynge as nk
    >>> table = if_leaves(nk.load("horten"))
    >>> table.loc[:1, ["actor", "reach", "buzz_lost"]].values.tolist()
    [['avanse', 7, 7], ['nce-horten', 5, 5]]
    """
    ties = inside_contacts(study)
    table = leaving_effects(ties, actors, top)
    far = outside_ties(study)
    holders = far.groupby("partner")["actor"].nunique()
    only = far[far["partner"].isin(holders.index[holders == 1])]
    alone = only.groupby("actor")["partner"].nunique()
    near = pd.concat([ties.rename(columns={end: "actor"})[["actor", "tie"]] for end in ("source", "target")])
    inside, outside = (ties_behind(part, "actor").to_dict() for part in (near, only))
    names = study.actors.set_index("actor")["name"]
    table.insert(1, "name", table["actor"].map(names))
    behind = [inside[actor] for actor in table["actor"]]
    return table.assign(
        buzz=len(ties),
        buzz_lost=[len(labels) for labels in behind],
        pipelines=len(holders),
        pipelines_lost=table["actor"].map(alone).fillna(0).astype(int),
        ties=behind,
        ties_outside=[outside.get(actor, ()) for actor in table["actor"]],
    )


# -- who holds the pipelines -------------------------------------------------------------------------


def pipeline_holders(study: Study) -> pd.DataFrame:
    r"""Who holds the partners outside, and how many hands they are in.

    With :math:`s_i` the member's share of all pipelines (member and distinct partner outside), the concentration is
    :math:`\sum_i s_i^2`.

    Returns
    -------
    DataFrame
        One row per member with a partner outside, most first: ``actor``, ``name``, ``outside`` (partners), ``n``
        (pipelines of all), ``share``, ``hhi`` (the same in each row), ``over_half`` (holds more than half of them all:
        a warning), ``ties``.

    References
    ----------
    Bathelt, H., Malmberg, A. & Maskell, P. (2004). Clusters and knowledge: local buzz, global pipelines and the process
    of knowledge creation. Progress in Human Geography 28(1), 31-56: pipelines; the concentration is ours.

    Examples
    --------
    >>> import netklynge as nk
    >>> holders = pipeline_holders(nk.load("raufoss"))
    >>> holders.loc[:0, ["actor", "outside", "n"]].values.tolist()
    [['nammo', 9, 57]]
    """
    rows = outside_ties(study)
    outside = rows.groupby("actor")["partner"].nunique().sort_values(ascending=False, kind="stable")
    names = study.actors.set_index("actor")["name"]
    share = outside / outside.sum()
    behind = ties_behind(rows, "actor")
    return pd.DataFrame(
        {
            "actor": outside.index,
            "name": names.reindex(outside.index).to_numpy(),
            "outside": outside.to_numpy(),
            "n": int(outside.sum()),
            "share": share.to_numpy(),
            "hhi": hhi(outside) if len(outside) else float("nan"),
            "over_half": (share > 0.5).to_numpy(),
            "ties": behind.reindex(outside.index).to_numpy(),
        }
    )


def pipeline_reach(study: Study, steps: int = 2) -> pd.DataFrame:
    """How many members are within so many steps inside of somebody with a partner outside.

    Parameters
    ----------
    study : Study
    steps : int

    Returns
    -------
    DataFrame
        One row: ``holders`` (members with a pipeline), ``within`` (members at most `steps` from one, themselves
        included), ``n`` (members), ``share``.

    Examples
    --------
    >>> import netklynge as nk
    >>> pipeline_reach(nk.load("horten"))[["within", "n"]].values.tolist()
    [[27, 41]]
    """
    everyone = members(study)["actor"]
    holders = set(outside_ties(study)["actor"])
    network = simple_ties(inside_contacts(study), list(everyone), both_ways=True)
    graph = to_igraph(network).as_undirected()
    starts = [k for k, actor in enumerate(network.actors) if actor in holders]
    reached = {actor for around in graph.neighborhood(starts, order=steps) for actor in around}
    n = len(everyone)
    share = len(reached) / n if n else float("nan")
    return pd.DataFrame({"holders": [len(starts)], "within": [len(reached)], "n": [n], "share": [share]})
