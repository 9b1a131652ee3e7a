"""Centralisation, density and reciprocity: whether a network hangs on few actors, and runs both ways."""

from __future__ import annotations

from collections.abc import Hashable, Iterable

import numpy as np
import numpy.typing as npt

from netklynge.findings import NetklyngeError
from netklynge.networks.arrays import IndexedTies, Ties, Weight, is_undirected, simple_ties, to_igraph

__all__ = ["MEASURES", "MODES", "centralization", "density", "reciprocity"]

MEASURES = ("degree", "betweenness", "closeness")
MODES = ("all", "in", "out")

Floats = npt.NDArray[np.float64]


def centralization(
    ties: Ties,
    measure: str = "degree",
    mode: str = "all",
    actors: Iterable[Hashable] | None = None,
    weight: Weight = None,
) -> float:
    """Freeman centralisation: how near the network is to one where a single actor has all the centrality.

    ``C = Σ_i (c_max - c_i) / max Σ_i (c_max - c_i)``, the maximum taken over all networks of n actors: 1 for
    a star, 0 for a ring. With centralities

    - degree: number of partners; maximum ``(n-1)(n-2)`` without directions, ``(n-1)²`` with;
    - betweenness: share of the pairs of others whose shortest paths run over the actor, of ``(n-1)(n-2)/2``
      pairs without directions and ``(n-1)(n-2)`` with; maximum ``n-1``;
    - closeness: ``(r / (n-1)) (r / Σ d)``, with r the actors within reach and d the distances to them, 0 for
      an actor that reaches nobody; maximum ``(n-1)(n-2)/(2n-3)`` without directions, ``n-1`` with. In a
      connected network this is Freeman's ``(n-1) / Σ d``; the factor ``r / (n-1)`` (Wasserman & Faust) makes
      it comparable in a network that falls into pieces.

    Parameters
    ----------
    ties : frame, graph, matrix or pairs
        Columns ``source`` and ``target``. Loops are left out, which is Freeman's definition, and repeated
        ties count once. All nodes of a graph are counted.
    measure : {"degree", "betweenness", "closeness"}
    mode : {"all", "in", "out"}
        ``all`` takes a tie in either direction as one between the two; ``in`` counts ties, and paths, that
        lead to an actor, ``out`` those that lead from it (betweenness is the same for both). An undirected
        graph is always taken as ``all``.
    actors : iterable, optional
        Actors to count even if they have no tie.
    weight : str or bool, optional
        The column with the ties' weights; True for ``weight``. Degree becomes strength, the sum of an actor's
        weights (Barrat et al.), and the maximum that of a star all of whose ties weigh as much as the heaviest
        there is: with equal weights the value is that without. Betweenness and closeness have no such maximum and
        take no weights.

    Returns
    -------
    float
        From 0 to 1; blank (nan) for fewer than three actors, and with `weight` where nothing weighs anything.

    Raises
    ------
    NetklyngeError
        The measure or the mode is unknown, `weight` goes with another measure than degree, or the ties cannot be
        read.

    References
    ----------
    Freeman, L. C. (1979). Centrality in social networks: conceptual clarification. *Social Networks* 1,
    215-239. Wasserman, S. & Faust, K. (1994). *Social Network Analysis*, Cambridge,
    pages 199-201. Barrat, A., Barthélemy, M., Pastor-Satorras, R. & Vespignani, A. (2004). The architecture of
    complex weighted networks. *PNAS* 101, 3747-3752, equation 2 (strength); Opsahl, T., Agneessens, F. & Skvoretz,
    J. (2010). Node centrality in weighted networks. *Social Networks* 32, 245-251 (what strength leaves out).

    Examples
    --------
    >>> import networkx as nx
    >>> centralization(nx.star_graph(5), "betweenness"), centralization(nx.cycle_graph(6))
    (1.0, 0.0)
    """
    if measure not in MEASURES:
        raise NetklyngeError(f"measure '{measure}' is unknown; choose one of {', '.join(MEASURES)}")
    if mode not in MODES:
        raise NetklyngeError(f"mode '{mode}' is unknown; choose one of {', '.join(MODES)}")
    if weight and measure != "degree":
        raise NetklyngeError(f"weight: {measure} has no centralisation with weights; choose measure 'degree'")
    mode = "all" if is_undirected(ties) else mode
    network = simple_ties(ties, actors, both_ways=mode == "all", weight=weight)
    n = network.size
    if n < 3:
        return np.nan
    directed = mode != "all"
    if measure == "degree":
        if weight and not len(network.source):
            return np.nan
        ends = network.target if mode == "in" else network.source
        values = np.bincount(ends, weights=network.weight, minlength=n).astype(float)
        most = float((n - 1) ** 2 if directed else (n - 1) * (n - 2)) * float(network.strength.max(initial=0) or 1)
    elif measure == "betweenness":
        # ties both ways as arcs: every unordered pair counts twice, so one denominator serves both cases
        values = np.asarray(to_igraph(network).betweenness()) / ((n - 1) * (n - 2))
        most = n - 1
    else:
        values = closeness(network, "in" if mode == "in" else "out")
        most = n - 1 if directed else (n - 1) * (n - 2) / (2 * n - 3)
    return float((values.max() - values).sum() / most)


def closeness(network: IndexedTies, mode: str) -> Floats:
    """Closeness of each actor within its reach, times the share of the others that is within reach."""
    graph = to_igraph(network)
    reached = np.asarray(graph.neighborhood_size(order=network.size, mode=mode), dtype=float) - 1
    within = np.asarray(graph.closeness(mode=mode, normalized=True))  # of the actors within reach
    return np.where(reached > 0, reached / (network.size - 1) * np.nan_to_num(within), 0.0)


def density(ties: Ties, actors: Iterable[Hashable] | None = None) -> float:
    """Share of the ordered pairs of actors that have a tie: ``m / (n (n-1))``; loops out, repeated ties once.

    Parameters
    ----------
    ties, actors
        As in :func:`centralization`.

    Returns
    -------
    float
        From 0 to 1; blank (nan) for fewer than two actors.

    Raises
    ------
    NetklyngeError
        The ties cannot be read.

    References
    ----------
    Wasserman, S. & Faust, K. (1994). *Social Network Analysis*, Cambridge, equation 4.17.

    Examples
    --------
    >>> import networkx as nx
    >>> density(nx.star_graph(3))
    0.5
    """
    network = simple_ties(ties, actors)
    pairs = network.size * (network.size - 1)
    return len(network.source) / pairs if pairs else np.nan


def reciprocity(ties: Ties) -> float:
    """Share of the directed ties that are returned; loops out, repeated ties once.

    Parameters
    ----------
    ties
        As in :func:`centralization`. An undirected tie is returned; an undirected graph gives 1.

    Returns
    -------
    float
        From 0 to 1; blank (nan) without ties.

    Raises
    ------
    NetklyngeError
        The ties cannot be read.

    References
    ----------
    Wasserman, S. & Faust, K. (1994). *Social Network Analysis*, Cambridge, section 13.3. The share of ties
    that are returned, not the share of tied pairs that are mutual.

    Examples
    --------
    >>> import pandas as pd
    >>> reciprocity(pd.DataFrame({"source": ["a", "b", "c"], "target": ["b", "a", "a"]})) == 2 / 3
    True
    """
    network = simple_ties(ties)
    forth = network.source * network.size + network.target
    back = network.target * network.size + network.source
    return float(np.isin(forth, back).mean()) if len(forth) else np.nan
