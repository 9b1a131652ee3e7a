"""The conventions card: measures that programs define differently, side by side on one network."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from netklynge.findings import NetklyngeError
from netklynge.networks.arrays import (
    Groups,
    IndexedTies,
    Ties,
    adjacency,
    simple_ties,
    to_igraph,
)
from netklynge.networks.centrality import centralization, closeness, density, reciprocity
from netklynge.networks.cores import BETWEEN, core_periphery
from netklynge.networks.holes import constraint
from netklynge.networks.homophily import ei_index

__all__ = ["conventions"]

Floats = npt.NDArray[np.float64]


class _Case(NamedTuple):
    """One network, as each program would be handed it."""

    ties: IndexedTies  # with directions
    both: IndexedTies  # without

    @property
    def n(self) -> int:
        return self.ties.size

    @property
    def distance(self) -> Floats:
        """Steps between actors without regard to directions; infinite where no path is."""
        from scipy.sparse.csgraph import shortest_path

        return np.asarray(shortest_path(adjacency(self.both), unweighted=True, directed=False))


Rows = Iterator[tuple[str, str, str, Any]]  # program, convention, how it was come by, value or values by actor


def conventions(ties: Ties, groups: Groups | None = None) -> pd.DataFrame:
    """What programs make of the same network where they define a measure differently, ours first.

    Before two numbers are compared, look here whether they are of one kind: ``netklynge`` as this package has it,
    ``igraph``, ``networkx``, ``sna`` (R) and ``UCINET``. Where Python has the program its own function is run; the
    others are computed from the definition in their manuals.

    Parameters
    ----------
    ties : frame, graph, matrix or pairs
        Columns ``source`` and ``target``; loops are left out and repeated ties count once, but for the E-I index.
    groups : frame or mapping, optional
        Columns ``actor`` and ``group``, or actor to group; without them there is no row of the E-I index.

    Returns
    -------
    DataFrame
        ``measure``, ``actor`` (blank for the network's own value), ``program``, ``convention`` (in words),
        ``source`` (``ours``, ``run``: the program's own function; ``definition``: by its manual) and ``value`` (blank
        where the convention leaves it undefined).

    Raises
    ------
    NetklyngeError
        The ties cannot be read, or there are none.

    References
    ----------
    Freeman, L. C. (1979), *Social Networks* 1, 215-239; Wasserman, S. & Faust, K. (1994), *Social Network Analysis*,
    Cambridge, pages 184-201 and 512-518; Borgatti, S. P. (1997), *Connections* 20(1), 35-38; Borgatti, S. P. &
    Everett, M. G. (2000), *Social Networks* 21, 375-395; Krackhardt, D. & Stern, R. N. (1988), *Social Psychology
    Quarterly* 51(2), 123-140. Butts, C. T. (2008). Social network analysis with sna. *Journal of Statistical
    Software* 24(6).

    Examples
    --------
    >>> card = conventions([("a", "b"), ("b", "c"), ("d", "e")])
    >>> of_b = card[(card["measure"] == "closeness") & (card["actor"] == "b")]
    >>> of_b[["program", "value"]].round(3).values.tolist()[:3]
    [['netklynge', 0.5], ['igraph', 1.0], ['networkx', 0.5]]
    """
    network = simple_ties(ties)
    if not len(network.source):
        raise NetklyngeError("ties: there are none, so that all conventions are blank; give a network with ties")
    case = _Case(network, simple_ties(network, both_ways=True))
    rows: list[tuple[Any, ...]] = []
    names = pd.Series(network.actors, dtype=object)
    for measure, told in _CARD.items():
        for program, convention, source, value in told(case):
            if np.ndim(value):
                rows += [
                    (measure, actor, program, convention, source, each)
                    for actor, each in zip(names, np.asarray(value, dtype=float), strict=True)
                ]
            else:
                rows.append((measure, None, program, convention, source, float(value)))
    if groups is not None:
        rows += [("E-I", None, *row) for row in _ei(ties, groups)]
    table = pd.DataFrame(rows, columns=["measure", "actor", "program", "convention", "source", "value"])
    return table.assign(actor=table["actor"].convert_dtypes())


def _closeness(case: _Case) -> Rows:
    import networkx as nx

    n, distance = case.n, case.distance
    reached = np.isfinite(distance)
    graph = nx.Graph(zip(case.both.source.tolist(), case.both.target.tolist(), strict=True))
    graph.add_nodes_from(range(n))
    everywhere = reached.all(axis=1)
    total = np.where(reached, distance, 0).sum(axis=1)
    filled = np.where(reached, distance, n).sum(axis=1)
    inverse = np.divide(1.0, distance, out=np.zeros((n, n)), where=reached & (distance > 0)).sum(axis=1)
    near = nx.closeness_centrality(graph)
    yield "netklynge", "within reach, times the share reached", "ours", closeness(case.both, "out")
    yield "igraph", "within reach only", "run", np.asarray(to_igraph(case.both, False).closeness(normalized=True))
    yield "networkx", "within reach, times the share reached", "run", np.array([near[k] for k in range(n)])
    yield (
        "sna",
        "0 unless all are reached",
        "definition",
        np.divide(n - 1, total, out=np.zeros(n), where=everywhere & (total > 0)),
    )
    yield "sna", "sum of inverse distances (suminvdir)", "definition", inverse / (n - 1)
    yield "UCINET", "pairs without a path count n steps", "definition", (n - 1) / filled
    yield "UCINET", "sum of reciprocal distances", "definition", inverse / (n - 1)


def _effective_size(case: _Case) -> Rows:
    import networkx as nx

    n = case.n
    graph = nx.Graph(zip(case.both.source.tolist(), case.both.target.tolist(), strict=True))
    graph.add_nodes_from(range(n))
    ours = constraint(_frame(case))["effective_size"].to_numpy()
    theirs = nx.effective_size(graph)
    matrix = np.asarray(adjacency(case.both).todense())
    partners = matrix.sum(axis=1)
    among = np.einsum("ij,jk,ik->i", matrix, matrix, matrix)
    redundancy = np.divide(among, partners, out=np.zeros(n), where=partners > 0)
    yield "netklynge", "Burt, returned ties stronger; 0 without partners", "ours", ours
    yield "networkx", "Burt, without directions; blank without partners", "run", np.array([theirs[k] for k in range(n)])
    yield "UCINET", "Borgatti, partners less their mean ties with each other", "definition", partners - redundancy


def _constraint(case: _Case) -> Rows:
    import networkx as nx

    graph = nx.Graph(zip(case.both.source.tolist(), case.both.target.tolist(), strict=True))
    graph.add_nodes_from(range(case.n))
    undirected = nx.constraint(graph)
    ours = constraint(_frame(case))["constraint"].to_numpy()
    yield "netklynge", "returned ties stronger; blank without partners", "ours", ours
    yield (
        "igraph",
        "returned ties stronger; blank without partners",
        "run",
        np.asarray(to_igraph(case.ties).constraint()),
    )
    yield (
        "networkx",
        "without directions; blank without partners",
        "run",
        np.array([undirected[k] for k in range(case.n)]),
    )


def _core_fit(case: _Case) -> Rows:
    words = {
        "ignore": "cells between core and periphery left out",
        "ties": "cells between core and periphery are ties",
        "none": "cells between core and periphery are none",
    }
    for between in BETWEEN:
        table = core_periphery(_frame(case), between)
        program = "netklynge" if between == "ignore" else "other"
        source = "ours" if between == "ignore" else "definition"
        yield program, words[between], source, float(table["fit"].iloc[0])
    yield (
        "netklynge",
        "continuous: correlation with the least-squares c_i c_j",
        "ours",
        float(table["fit_continuous"].iloc[0]),
    )


def _centralization(case: _Case) -> Rows:
    n = case.n
    degree = np.bincount(case.both.source, minlength=n)
    spread = float((degree.max() - degree).sum())
    yield "netklynge", "Freeman: without loops, (n-1)(n-2)", "ours", centralization(_frame(case))
    yield "igraph", "room for loops, n(n-1), its default", "definition", spread / (n * (n - 1)) if n > 1 else np.nan
    yield (
        "sna",
        "as a directed network, its default: 2(n-1)(n-2) of in- and outdegrees added",
        "definition",
        (_directed_degrees(case)),
    )


def _directed_degrees(case: _Case) -> float:
    n = case.n
    both = np.bincount(case.ties.source, minlength=n) + np.bincount(case.ties.target, minlength=n)
    return float((both.max() - both).sum() / (2 * (n - 1) * (n - 2))) if n > 2 else np.nan


def _reciprocity(case: _Case) -> Rows:
    n, m = case.n, len(case.ties.source)
    pairs = n * (n - 1) / 2
    tied = len(case.both.source) / 2
    mutual = m - tied
    graph = to_igraph(case.ties)
    yield "netklynge", "share of ties returned", "ours", reciprocity(_frame(case))
    yield "igraph", "share of ties returned (default)", "run", graph.reciprocity()
    yield "igraph", "share of tied pairs that are mutual (ratio)", "run", graph.reciprocity(mode="ratio")
    yield (
        "sna",
        "share of all pairs that are mutual or empty (dyadic, its default)",
        "definition",
        (1 - (tied - mutual) / pairs),
    )
    yield "UCINET", "share of tied pairs that are mutual (dyad-based)", "definition", mutual / tied


def _density(case: _Case) -> Rows:
    yield "netklynge", "of ordered pairs", "ours", density(_frame(case))
    yield "igraph", "of ordered pairs; loops=True makes room for loops", "run", to_igraph(case.ties).density(loops=True)


def _ei(ties: Ties, groups: Groups) -> Rows:
    own = ei_index(ties, groups)
    by_level: dict[str, Any] = dict(iter(_plain(own).groupby("level")))
    network, group = by_level["network"].iloc[0], by_level["group"]
    inside, across = float(network["internal"]), float(network["external"])
    yield "netklynge", "each tie once", "ours", float(network["ei"])
    pairs = _plain(ei_index(ties, groups, directed=False)).iloc[0]
    yield "UCINET", "made symmetric: each pair once", "definition", float(pairs["ei"])
    twice = float(group["external"].sum())
    total = twice + inside
    yield (
        "other",
        "groups added up: a tie across counts for both",
        "definition",
        ((twice - inside) / total if total else np.nan),
    )
    yield (
        "other",
        "share of ties across, 0 to 1",
        "definition",
        across / (across + inside) if across + inside else np.nan,
    )


def _plain(table: Any) -> pd.DataFrame:
    """A frame of any engine as pandas."""
    import narwhals as nw

    frame = nw.from_native(table)
    return (frame.collect() if isinstance(frame, nw.LazyFrame) else frame).to_pandas()


def _frame(case: _Case) -> Any:
    """The network with directions as a matrix, which keeps actors without ties."""
    return adjacency(case.ties)


_CARD: dict[str, Callable[[_Case], Rows]] = {
    "closeness": _closeness,
    "effective size": _effective_size,
    "constraint": _constraint,
    "core fit": _core_fit,
    "degree centralisation": _centralization,
    "reciprocity": _reciprocity,
    "density": _density,
}
