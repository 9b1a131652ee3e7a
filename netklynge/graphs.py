"""From ties to graphs: networkx for users, igraph and integer arrays for measures."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import TYPE_CHECKING, Any, NamedTuple

import narwhals as nw
import numpy as np
import numpy.typing as npt
import pandas as pd

from netklynge.findings import NetklyngeError

if TYPE_CHECKING:
    import igraph as ig
    import networkx as nx

    from netklynge.study import Study, When

__all__ = ["IndexedTies", "exportable", "index_ties", "named_ties", "to_igraph", "to_networkx"]

Ints = npt.NDArray[np.int64]


class IndexedTies(NamedTuple):
    """Ties as integer arrays: tie k runs from ``actors[source[k]]`` to ``actors[target[k]]``."""

    actors: npt.NDArray[Any]
    source: Ints
    target: Ints

    @property
    def size(self) -> int:
        """Number of actors."""
        return len(self.actors)


def index_ties(ties: Any, actors: Iterable[Hashable] | None = None) -> IndexedTies:
    """Number the actors of any ties.

    Parameters
    ----------
    ties : frame or networkx graph
        Any frame that narwhals knows, with columns ``source`` and ``target``; or a networkx graph, whose
        undirected edges become ties in both directions.
    actors : iterable, optional
        Actors to number even if they have no tie (isolates); they come first, in this order.

    Returns
    -------
    IndexedTies
        Actors without a tie last in order of first appearance; ties in the order given. Nothing is merged.

    Raises
    ------
    NetklyngeError
        A column is missing, or an end of a tie is blank.

    Examples
    --------
    >>> ties = pd.DataFrame({"source": ["a", "b"], "target": ["b", "c"]})
    >>> index_ties(ties).target.tolist()
    [1, 2]
    """
    source, target = _ends(ties)
    first = np.asarray(list(actors), dtype=object) if actors is not None else np.empty(0, dtype=object)
    codes, names = pd.factorize(np.concatenate([first, source, target]))
    if (codes < 0).any():
        row = int(np.flatnonzero(codes < 0)[0] - len(first)) % max(len(source), 1)
        raise NetklyngeError(f"ties: row {row}: an end of the tie is blank; every tie needs a source and a target")
    ends = codes[len(first) :].astype(np.int64)
    return IndexedTies(np.asarray(names), ends[: len(source)], ends[len(source) :])


def _ends(ties: Any) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
    if hasattr(ties, "is_directed") and hasattr(ties, "edges"):
        pairs = list(ties.edges())
        if not ties.is_directed():
            pairs += [(b, a) for a, b in pairs if a != b]
        ends = np.empty((len(pairs), 2), dtype=object)
        for k, pair in enumerate(pairs):
            ends[k] = pair
        return ends[:, 0], ends[:, 1]
    frame = nw.from_native(ties)
    lacking = [c for c in ("source", "target") if c not in frame.collect_schema().names()]
    if lacking:
        raise NetklyngeError(f"ties: column '{lacking[0]}' is missing; ties need the columns source and target")
    frame = frame.select("source", "target")
    eager = frame.collect() if isinstance(frame, nw.LazyFrame) else frame
    return eager["source"].to_numpy(), eager["target"].to_numpy()


def named_ties(study: Study, layer: str | None = None, when: When = "current") -> pd.DataFrame:
    """Ties between named actors: those with a category at an end are left out (categories count in shares only)."""
    ties = study.ties(layer, when)
    return ties[~ties["source"].isin(study.categories) & ~ties["target"].isin(study.categories)]


def to_igraph(indexed: IndexedTies, directed: bool = True) -> ig.Graph:
    """An igraph graph from integer arrays; vertex k is ``indexed.actors[k]`` (attribute ``name``)."""
    import igraph as ig

    edges = np.column_stack([indexed.source, indexed.target])
    graph = ig.Graph(n=indexed.size, edges=edges.tolist(), directed=directed)
    graph.vs["name"] = list(indexed.actors)
    return graph


def to_networkx(study: Study, layer: str | None = None, when: When = "current") -> nx.MultiDiGraph:
    """The study's ties as a networkx multigraph, attributes kept.

    Parameters
    ----------
    study : Study
    layer : str, optional
        One layer (``customer`` is ``supply`` turned round); default all, each edge with its ``layer``.
    when : {"current", "past", "all"}

    Returns
    -------
    networkx.MultiDiGraph
        Nodes are actor ids, categories too (attribute ``kind``), all actors of the study for all layers and
        those with a tie for one layer. A tie is one edge; an undirected tie bears ``directed=False`` and runs
        as it is written. Blank attributes are left out.

    Examples
    --------
    >>> import netklynge as nk
    >>> graph = nk.load("horten").graph("supply")
    >>> graph.number_of_edges()
    39
    >>> graph.nodes["oswo"]["employees"]
    95.0
    """
    import networkx as nx

    ties = study.ties(layer, when)
    graph = nx.MultiDiGraph(name=study.name, layer=layer or "all")
    actors = study.actors
    if layer is not None:
        actors = actors[actors["actor"].isin(ties["source"]) | actors["actor"].isin(ties["target"])]
    graph.add_nodes_from((str(row.pop("actor")), row) for row in _stated(actors))
    graph.add_edges_from((row.pop("source"), row.pop("target"), row) for row in _stated(ties))
    return graph


def _stated(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows as dicts of plain Python values, blanks left out."""
    columns = [(str(c), frame[c].astype(object).tolist(), frame[c].notna().tolist()) for c in frame.columns]
    return [{name: values[k] for name, values, told in columns if told[k]} for k in range(len(frame))]


def exportable(graph: nx.MultiDiGraph) -> nx.MultiDiGraph:
    """A copy that every graph-file writer accepts: no None, only text, numbers and logical values."""
    import networkx as nx

    plain = nx.MultiDiGraph(**{k: _plain(v) for k, v in graph.graph.items() if v is not None})
    plain.add_nodes_from((n, {k: _plain(v) for k, v in d.items() if v is not None}) for n, d in graph.nodes(data=True))
    plain.add_edges_from(
        (u, v, {k: _plain(x) for k, x in d.items() if x is not None}) for u, v, d in graph.edges(data=True)
    )
    return plain


def _plain(value: Any) -> str | int | float | bool:
    if isinstance(value, np.generic):
        value = value.item()
    return value if isinstance(value, str | int | float | bool) else str(value)
