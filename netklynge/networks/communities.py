"""Communities and components: the parts that a network falls into."""

from __future__ import annotations

import random
from typing import Any, overload

import numpy as np
import pandas as pd
from narwhals.typing import IntoFrameT

from netklynge.findings import NetklyngeError
from netklynge.networks.arrays import (
    IndexedTies,
    Ties,
    Weight,
    adjacency,
    frame_like,
    in_order,
    name_order,
    simple_ties,
)
from netklynge.networks.inputs import Others

__all__ = ["components", "leiden"]

_RUNS, _MANY = 20, 1000  # runs of Leiden to take the best of, for so many actors; one for more


@overload
def leiden(
    ties: IntoFrameT,
    resolution: float = ...,
    seed: int = ...,
    rounds: int = ...,
    runs: int | None = ...,
    weight: Weight = ...,
) -> IntoFrameT: ...
@overload
def leiden(
    ties: Others,
    resolution: float = ...,
    seed: int = ...,
    rounds: int = ...,
    runs: int | None = ...,
    weight: Weight = ...,
) -> pd.DataFrame: ...
def leiden(
    ties: Ties,
    resolution: float = 1.0,
    seed: int = 0,
    rounds: int = -1,
    runs: int | None = None,
    weight: Weight = None,
) -> Any:
    """Communities by the Leiden algorithm: parts with more ties inside than their actors' ties would give.

    Maximises ``Q = Σ_c (w_c / w - resolution (s_c / 2w)²)``, with w the weight of all ties, w_c of those
    inside community c, and s_c the weights of its actors' ties added up. A returned tie weighs 2, another
    1; with `weight` a pair weighs what its ties, both ways, weigh together. One run of the algorithm need not find
    the highest Q: the best of several is given, and how many there were.

    Parameters
    ----------
    ties : frame, graph, matrix or pairs
        Columns ``source`` and ``target``; directions count as weights only, loops are left out, repeated ties
        count once (their weights add up). All nodes of a graph are counted.
    resolution : float
        Above 0; higher gives smaller communities.
    seed : int
        The same seed gives the same communities, whatever the order of rows.
    rounds : int
        Rounds of the algorithm; -1 goes on until nothing improves, which takes minutes on a million ties.
    runs : int, optional
        How many runs to take the best of; by default 20 up to 1,000 actors, else 1.
    weight : str or bool, optional
        The column with the ties' weights; True for ``weight``.

    Returns
    -------
    frame like `ties`
        ``actor``, ``community`` (1 for the largest, then by size, then by the first name), ``size``, and, the same
        in each row, ``modularity`` (blank without ties) and ``runs``. An actor without ties is a community.

    Raises
    ------
    NetklyngeError
        `resolution` is not above 0, `runs` is below 1, `rounds` is 0, or the ties cannot be read.

    References
    ----------
    Traag, V. A., Waltman, L. & van Eck, N. J. (2019). From Louvain to Leiden: guaranteeing well-connected
    communities. *Scientific Reports* 9, 5233. Computed by igraph. Weights: Newman, M. E. J. (2004). Analysis of
    weighted networks. *Physical Review E* 70, 056131, equation 9.

    Examples
    --------
    >>> import networkx as nx
    >>> leiden(nx.Graph(["ab", "bc", "ca", "de", "ef", "fd", "cd"]))["community"].tolist()
    [1, 1, 1, 2, 2, 2]
    """
    import igraph as ig

    if not 0 < resolution < float("inf"):
        raise NetklyngeError(f"resolution is {resolution}; it is a number above 0")
    if runs is not None and runs < 1:
        raise NetklyngeError(f"runs is {runs}; the best is of at least one run")
    if rounds == 0:
        raise NetklyngeError("rounds is 0; it is the number of rounds, or -1 to go on until nothing improves")

    given = simple_ties(ties, weight=weight)
    network, place = in_order(given)
    once = adjacency(network)
    strength = (once + once.T).tocoo()
    upper = strength.row < strength.col
    graph = ig.Graph(network.size, np.column_stack([strength.row[upper], strength.col[upper]]).tolist())
    graph.es["weight"] = strength.data[upper].tolist()
    runs = runs or (_RUNS if network.size <= _MANY else 1)
    best, part = -np.inf, np.arange(network.size)
    ig.set_random_number_generator(random.Random(seed))
    try:
        for _ in range(runs if graph.ecount() else 0):
            found = graph.community_leiden("modularity", weights="weight", resolution=resolution, n_iterations=rounds)
            quality = graph.modularity(found.membership, weights="weight", resolution=resolution)
            if quality > best + 1e-12:
                best, part = quality, np.asarray(found.membership, dtype=np.int64)
    finally:
        ig.set_random_number_generator(random)
    quality = float(best) if graph.ecount() else np.nan
    table = _parts(given, part[place], "community", "size").assign(modularity=quality, runs=runs)
    return frame_like(table, ties)


@overload
def components(ties: IntoFrameT) -> IntoFrameT: ...
@overload
def components(ties: Others) -> pd.DataFrame: ...
def components(ties: Ties) -> Any:
    """Components: actors that some path of ties joins, and those that paths join in both directions.

    Parameters
    ----------
    ties : frame, graph, matrix or pairs
        As in :func:`leiden`.

    Returns
    -------
    frame like `ties`
        ``actor``, ``component`` and ``size`` without regard to directions, ``strong`` and ``strong_size``
        along directions. Numbered from 1, largest first, then by the first name.

    Raises
    ------
    NetklyngeError
        The ties cannot be read.

    References
    ----------
    Wasserman, S. & Faust, K. (1994). *Social Network Analysis*, Cambridge, section 4.2.7 and 4.3.4.

    Examples
    --------
    >>> ties = pd.DataFrame({"source": ["a", "b", "c"], "target": ["b", "a", "d"]})
    >>> components(ties)[["component", "strong"]].values.tolist()
    [[1, 1], [1, 1], [2, 2], [2, 3]]
    """
    from scipy.sparse.csgraph import connected_components

    network = simple_ties(ties)
    matrix = adjacency(network)
    weak = connected_components(matrix, directed=False)[1].astype(np.int64)
    strong = connected_components(matrix, directed=True, connection="strong")[1].astype(np.int64)
    table = _parts(network, weak, "component", "size")
    both = _parts(network, strong, "strong", "strong_size")
    return frame_like(table.assign(strong=both["strong"], strong_size=both["strong_size"]), ties)


def _parts(network: IndexedTies, part: np.ndarray[Any, np.dtype[np.int64]], name: str, size: str) -> pd.DataFrame:
    """Actors with the number of their part, largest first, then by the first of its members' names, and its size."""
    labels, of_actor, sizes = np.unique(part, return_inverse=True, return_counts=True)
    order = name_order(network.actors)
    first = np.full(len(labels), len(part))
    np.minimum.at(first, of_actor[order], np.arange(len(part)))
    place = np.empty(len(labels), dtype=np.int64)
    place[np.lexsort((first, -sizes))] = np.arange(1, len(labels) + 1)
    return pd.DataFrame(
        {
            "actor": pd.Series(network.actors).infer_objects(),
            name: place[of_actor],
            size: sizes[of_actor].astype(np.int64),
        }
    )
