"""A study's ties as a networkx graph."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import pandas as pd

from netklynge.files.plain import plain

if TYPE_CHECKING:
    import igraph
    import networkx as nx

    from netklynge.study.study import Study
    from netklynge.study.ties import Period

__all__ = ["exportable", "to_igraph", "to_networkx", "to_pandas"]


def to_networkx(study: Study, layer: str | None = None, period: Period = "current") -> nx.MultiDiGraph:
    """The study's ties as a networkx multigraph, attributes kept.

    Parameters
    ----------
    study : Study
    layer : str, optional
        One layer (``customer`` is ``supply`` turned round); default all, each edge with its ``layer``.
    period : {"current", "past", "all"}

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

    ties = study.ties(layer, period)
    graph = nx.MultiDiGraph(name=study.name, layer=layer or "all")
    actors = study.actors
    if layer is not None:
        actors = actors[actors["actor"].isin(ties["source"]) | actors["actor"].isin(ties["target"])]
    graph.add_nodes_from((str(row.pop("actor")), row) for row in _stated(actors))
    graph.add_edges_from((row.pop("source"), row.pop("target"), row) for row in _stated(ties))
    return graph


def to_igraph(study: Study, layer: str | None = None, period: Period = "current") -> igraph.Graph:
    """The study's ties as a directed igraph graph, an undirected tie both ways.

    Parameters
    ----------
    study : Study
    layer, period
        As of :func:`to_networkx`.

    Returns
    -------
    igraph.Graph
        Vertices with their id as ``name`` and the study's name of them as ``label``, edges with ``directed``; columns
        that nobody filled are left out, blanks are None.

    Examples
    --------
    >>> import netklynge as nk
    >>> graph = nk.to_igraph(nk.load("kongsberg"), "rd")
    >>> graph.is_directed(), graph.reciprocity()
    (True, 1.0)
    """
    import igraph

    actors, ties = to_pandas(study, layer, period)
    graph = igraph.Graph(directed=True)
    ids = actors["actor"].tolist()
    graph.add_vertices(len(ids), {"name": ids})
    for name in actors.columns.drop("actor"):
        graph.vs["label" if name == "name" else name] = _or_none(actors[name])
    both = ties["directed"].eq(False).fillna(False).to_numpy(dtype=bool)
    back = ties[both].rename(columns={"source": "target", "target": "source"})
    whole = pd.concat([ties, back], ignore_index=True)
    place = {actor: k for k, actor in enumerate(ids)}
    graph.add_edges([(place[a], place[b]) for a, b in zip(whole["source"], whole["target"], strict=True)])
    for name in whole.columns.drop(["source", "target"]):
        graph.es[name] = _or_none(whole[name])
    return graph


class Frames(NamedTuple):
    """A study as frames."""

    actors: pd.DataFrame
    ties: pd.DataFrame


def to_pandas(study: Study, layer: str | None = None, period: Period = "current") -> Frames:
    """The study's actors and ties as two frames, the columns that nobody filled left out.

    Parameters
    ----------
    study : Study
    layer, period
        As of :func:`to_networkx`.

    Returns
    -------
    Frames
        ``actors`` and ``ties``.

    Examples
    --------
    >>> import netklynge as nk
    >>> actors, ties = nk.to_pandas(nk.load("horten"), "supply")
    >>> len(ties), list(ties.columns[:4])
    (39, ['source', 'target', 'layer', 'directed'])
    """
    ties = study.ties(layer, period)
    actors = study.actors
    if layer is not None:
        actors = actors[actors["actor"].isin(ties["source"]) | actors["actor"].isin(ties["target"])]
    kept = ("actor", "source", "target", "layer", "directed")
    frames = [
        frame.loc[:, [c for c in frame.columns if c in kept or frame[c].notna().any()]].reset_index(drop=True)
        for frame in (actors, ties)
    ]
    return Frames(frames[0], frames[1])


def _or_none(column: pd.Series) -> list[Any]:
    return [None if value is pd.NA or value != value else value for value in column.astype(object)]


def _stated(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows as dicts of plain Python values, blanks left out."""
    columns = [(str(c), frame[c].astype(object).tolist(), frame[c].notna().tolist()) for c in frame.columns]
    return [{name: values[k] for name, values, told in columns if told[k]} for k in range(len(frame))]


def exportable(graph: nx.MultiDiGraph) -> nx.MultiDiGraph:
    """A copy that every graph-file writer accepts: no None, only text, numbers and logical values."""
    import networkx as nx

    def stated(attributes: dict[str, Any]) -> dict[str, Any]:
        return {k: _writable(v) for k, v in attributes.items() if v is not None}

    copy = nx.MultiDiGraph(**stated(graph.graph))
    copy.add_nodes_from((n, stated(d)) for n, d in graph.nodes(data=True))
    copy.add_edges_from((u, v, stated(d)) for u, v, d in graph.edges(data=True))
    return copy


def _writable(value: Any) -> str | int | float | bool:
    value = plain(value, whole=False)
    return value if isinstance(value, str | int | float | bool) else str(value)
