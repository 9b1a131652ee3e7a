"""Networks held in memory: networkx and igraph graphs, matrices, pairs."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

import numpy as np

from netklynge.exchange.network import Network
from netklynge.findings import InputError

__all__ = ["network_of"]


def network_of(source: Any) -> Network | None:
    """The network that an object is; None where it is none, perhaps a frame.

    Parameters
    ----------
    source : networkx graph, igraph graph, square numpy or scipy matrix, or list of pairs

    Raises
    ------
    InputError
        A matrix is not square, or what should be a pair is none.

    Examples
    --------
    >>> network_of([("a", "b"), ("b", "c")]).ties[1]
    {'source': 'b', 'target': 'c', 'directed': 1}
    """
    networkx, igraph, sparse = (sys.modules.get(name) for name in ("networkx", "igraph", "scipy.sparse"))
    if networkx is not None and isinstance(source, networkx.Graph):
        return _of_networkx(source)
    if igraph is not None and isinstance(source, igraph.Graph):
        return _of_igraph(source)
    if sparse is not None and sparse.issparse(source):
        return _of_matrix(source.tocoo())
    if isinstance(source, np.ndarray) and source.ndim == 2 and source.dtype.kind in "iufb":
        if source.shape[0] == source.shape[1]:
            rows, columns = np.nonzero(source)
            return _of_cells(rows, columns, source[rows, columns], source.shape)
        if source.shape[1] != 2:
            raise InputError(
                f"a matrix of {source.shape[0]} x {source.shape[1]} is not square; one of actors by actors is"
            )
    if isinstance(source, list | tuple | np.ndarray):
        return _of_pairs(source)
    return None


def _named(name: Any) -> str:
    if name is None or name != name or not str(name).strip():
        raise InputError(f"an actor is called {name!r}; a name or a number is right")
    return str(name)


def _row(data: Mapping[Any, Any]) -> dict[str, Any]:
    return {f"attribute_{k}" if k in ("actor", "source", "target") else str(k): v for k, v in data.items()}


def _of_networkx(graph: Any) -> Network:
    network = Network(f"networkx {type(graph).__name__}")
    network.actors = [{"actor": _named(node), **_row(data)} for node, data in graph.nodes(data=True)]
    for source, target, data in graph.edges(data=True):
        told = _row(data)
        directed = told.pop("directed", graph.is_directed())
        network.ties.append({**told, "source": str(source), "target": str(target), "directed": int(bool(directed))})
    network.taken = _taken("nodes", "edges", graph.is_directed(), network)
    return network


def _of_igraph(graph: Any) -> Network:
    network = Network("igraph Graph")
    unique = "name" in graph.vs.attributes() and len(set(map(str, graph.vs["name"]))) == graph.vcount()
    names = [_named(v["name"]) if unique else str(v.index) for v in graph.vs]
    for vertex, name in zip(graph.vs, names, strict=True):
        told = _row(vertex.attributes())
        network.actors.append({**told, "actor": name})
    for edge in graph.es:
        told = _row(edge.attributes())
        directed = told.pop("directed", None)
        ends = {"source": names[edge.source], "target": names[edge.target]}
        network.ties.append(
            {**told, **ends, "directed": int(graph.is_directed() if directed is None else bool(directed))}
        )
    network.taken = _taken("vertices", "edges", graph.is_directed(), network)
    return network


def _taken(actors: str, ties: str, directed: bool, network: Network) -> dict[str, str]:
    weighted = any("weight" in tie for tie in network.ties)
    return {
        "actors": actors,
        "ties": ties,
        "direction": "the graph's, or 'directed' of an edge: " + ("directed" if directed else "undirected"),
        "weight": "weight" if weighted else "none",
    }


def _of_matrix(matrix: Any) -> Network:
    return _of_cells(matrix.row, matrix.col, matrix.data, matrix.shape)


def _of_cells(rows: Any, columns: Any, values: Any, shape: tuple[int, int]) -> Network:
    if shape[0] != shape[1]:
        raise InputError(f"a matrix of {shape[0]} x {shape[1]} is not square; one of actors by actors is")
    network = Network("matrix")
    network.actors = [{"actor": str(k)} for k in range(shape[0])]
    cells = {(int(a), int(b)): float(v) for a, b, v in zip(rows, columns, values, strict=True) if v == v and float(v)}
    undirected = bool(cells) and all(cells.get((b, a)) == value for (a, b), value in cells.items())
    for (a, b), value in cells.items():
        if not (undirected and a > b):
            network.ties.append({"source": str(a), "target": str(b), "directed": int(not undirected), "weight": value})
    network.taken = {"actors": "rows, counted from 0", "ties": "cells that are not 0", "weight": "their values"}
    return network


def _of_pairs(pairs: Any) -> Network:
    network = Network("list of pairs")
    seen: dict[str, None] = {}
    for number, pair in enumerate(pairs, start=1):
        if isinstance(pair, str) or not hasattr(pair, "__len__") or len(pair) != 2:
            raise InputError(f"item {number} is {str(pair)[:40]!r}; a pair (source, target) is right")
        source, target = map(_named, pair)
        seen.update({source: None, target: None})
        network.ties.append({"source": source, "target": target, "directed": 1})
    network.actors = [{"actor": name} for name in seen]
    network.taken = {"actors": "both of each pair", "ties": "pairs", "direction": "from the first to the second"}
    return network
