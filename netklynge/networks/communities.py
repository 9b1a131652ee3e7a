"""Communities and components: the parts that a network falls into."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pandas as pd

from netklynge.networks.arrays import IndexedTies, adjacency, frame_like, simple_ties

__all__ = ["components", "leiden"]


def leiden(ties: Any, resolution: float = 1.0, seed: int = 0, rounds: int = -1) -> Any:
    """Communities by the Leiden algorithm: parts with more ties inside than their actors' ties would give.

    Maximises ``Q = Σ_c (w_c / w - resolution (s_c / 2w)²)``, with w the weight of all ties, w_c of those
    inside community c, and s_c the weights of its actors' ties added up. A returned tie weighs 2, another
    1.

    Parameters
    ----------
    ties : frame or networkx graph
        Columns ``source`` and ``target``; directions count as weights only, loops are left out, repeated ties
        count once. All nodes of a graph are counted.
    resolution : float
        Higher gives smaller communities.
    seed : int
        The same seed gives the same communities.
    rounds : int
        Rounds of the algorithm; -1 goes on until nothing improves, which takes minutes on a million ties.

    Returns
    -------
    frame like `ties`
        ``actor``, ``community`` (1 for the largest, then by size, then by first actor), ``size``, and
        ``modularity``, the same in each row (blank without ties). An actor without ties is a community.

    References
    ----------
    Traag, V. A., Waltman, L. & van Eck, N. J. (2019). From Louvain to Leiden: guaranteeing well-connected
    communities. *Scientific Reports* 9, 5233. Computed by igraph.

    Examples
    --------
    >>> import networkx as nx
    >>> leiden(nx.Graph(["ab", "bc", "ca", "de", "ef", "fd", "cd"]))["community"].tolist()
    [1, 1, 1, 2, 2, 2]
    """
    import igraph as ig

    network = simple_ties(ties)
    once = adjacency(network)
    strength = (once + once.T).tocoo()
    upper = strength.row < strength.col
    graph = ig.Graph(network.size, np.column_stack([strength.row[upper], strength.col[upper]]).tolist())
    graph.es["weight"] = strength.data[upper].tolist()
    ig.set_random_number_generator(random.Random(seed))
    try:
        found = graph.community_leiden("modularity", weights="weight", resolution=resolution, n_iterations=rounds)
    finally:
        ig.set_random_number_generator(random)
    part = np.asarray(found.membership, dtype=np.int64)
    quality = graph.modularity(part, weights="weight", resolution=resolution) if graph.ecount() else np.nan
    table = _parts(network, part, "community", "size").assign(modularity=float(quality))
    return frame_like(table, ties)


def components(ties: Any) -> Any:
    """Components: actors that some path of ties joins, and those that paths join in both directions.

    Parameters
    ----------
    ties : frame or networkx graph
        As in :func:`leiden`.

    Returns
    -------
    frame like `ties`
        ``actor``, ``component`` and ``size`` without regard to directions, ``strong`` and ``strong_size``
        along directions. Numbered from 1, largest first, then by first actor.

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
    """Actors with the number of their part, largest first, and its size."""
    labels, first, of_actor, sizes = np.unique(part, return_index=True, return_inverse=True, return_counts=True)
    place = np.empty(len(labels), dtype=np.int64)
    place[np.lexsort((first, -sizes))] = np.arange(1, len(labels) + 1)
    return pd.DataFrame(
        {
            "actor": pd.Series(network.actors).infer_objects(),
            name: place[of_actor],
            size: sizes[of_actor].astype(np.int64),
        }
    )
