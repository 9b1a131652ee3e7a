"""GML files: nested lists of keys and values, as Himsolt's report defines them.

Read by hand, since networkx refuses parallel ties without ``multigraph 1`` and signed ``Inf``, and igraph drops what
it does not know.

References
----------
Himsolt, M. (1997). *GML: a portable graph file format*. University of Passau.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import Any

from netklynge.exchange.network import Network
from netklynge.findings import InputError

__all__ = ["read_gml"]

_TOKEN = re.compile(
    r"""(?P<skip>\s+|\#[^\n]*)|(?P<open>\[)|(?P<close>\])|"(?P<text>[^"]*)"|(?P<number>[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?(?=[\s\]]|$))
    |(?P<special>[+-]?(?:inf(?:inity)?|nan)\b)|(?P<key>[A-Za-z_][\w.:-]*)""",
    re.VERBOSE | re.IGNORECASE,
)
_DEPTH = 40
_OWN = ("id", "label", "graphics")


def read_gml(text: str) -> Network:
    """Read a GML file.

    Returns
    -------
    Network
        ``actor`` is the node's label where every label is there once, else its id; what ``graphics`` holds is told and
        left out, other nested lists are kept with their keys joined by a dot.

    Raises
    ------
    InputError
        Brackets do not match, a sign is none of the format's, or a tie names a node that is not there; with its line.

    Examples
    --------
    >>> net = read_gml('graph [ node [ id 1 label "a" v -Inf ] node [ id 2 label "b" ] edge [ source 1 target 2 ] ]')
    >>> net.actors[0]["v"], len(net.ties)
    (-inf, 1)
    """
    pairs = _list(_tokens(text), 0)
    graphs = [value for key, value, _ in pairs if key.lower() == "graph" and isinstance(value, list)]
    if not graphs:
        raise InputError("is no GML file: there is no 'graph ['")
    network = Network("GML")
    if len(graphs) > 1:
        network.note(0, f"{len(graphs)} graphs in the file; the first is read")
    graph = graphs[0]
    directed = any(key.lower() == "directed" and value == 1 for key, value, _ in graph)
    nodes = [
        (dict(_flat(value)), line) for key, value, line in graph if key.lower() == "node" and isinstance(value, list)
    ]
    edges = [
        (dict(_flat(value)), line) for key, value, line in graph if key.lower() == "edge" and isinstance(value, list)
    ]
    called_by = next((key for key in ("label", "name") if any(key in node for node, _ in nodes)), "id")
    labels = [str(node.get(called_by, node.get("id"))) for node, _ in nodes]
    unique = len(set(labels)) == len(labels) and all(label.strip() for label in labels)
    if not unique:
        network.note(0, "labels repeat; a node is called by its id, with the label as its name")
    columns = _columns(pairs)
    called: dict[Any, str] = {}
    drawn = 0
    for (node, line), label in zip(nodes, labels, strict=True):
        if "id" not in node:
            raise InputError(f"line {line}: a node has no id")
        if node["id"] in called:
            raise InputError(f"line {line}: node id {node['id']} stands twice")
        called[node["id"]] = label if unique else str(node["id"])
        drawn += any(key.startswith("graphics") for key in node)
        more = {key: value for key, value in node.items() if key.split(".")[0] not in _OWN}
        network.actors.append({"actor": called[node["id"]], "name": label, **_own_names(more, columns)})
    for edge, line in edges:
        ends = [edge.get("source"), edge.get("target")]
        lost = [str(end) for end in ends if end not in called]
        if lost:
            raise InputError(f"line {line}: a tie names node {lost[0]}, which is not there")
        more = {key: value for key, value in edge.items() if key.split(".")[0] not in ("source", "target", "graphics")}
        own = more.get("directed")
        network.ties.append(
            {
                "source": called[ends[0]],
                "target": called[ends[1]],
                **_own_names(more, columns),
                "directed": int(own) if own in (0, 1) else int(directed),
            }
        )
    if drawn:
        network.note(0, f"how {drawn} nodes are drawn (graphics) is not kept")
    network.taken = {
        "actors": "node",
        "ties": "edge",
        "direction": "directed 1" if directed else "undirected",
        "weight": next((key for key in ("weight", "value") if any(key in tie for tie in network.ties)), "none"),
    }
    return network


def _columns(pairs: list[tuple[str, Any, int]]) -> dict[str, str]:
    """Names of columns that no key of the format can bear, as netklynge writes them beside the graph."""
    told = (value for key, value, _ in pairs if key == "netklynge" and isinstance(value, list))
    columns = [dict(_flat(column)) for ours in told for key, column, _ in ours if isinstance(column, list)]
    return {str(column.get("key")): str(column.get("name")) for column in columns}


def _own_names(row: dict[str, Any], columns: dict[str, str]) -> dict[str, Any]:
    return {columns.get(key, key): value for key, value in row.items()} if columns else row


def _tokens(text: str) -> Iterator[tuple[str, Any, int]]:
    place, line = 0, 1
    while place < len(text):
        found = _TOKEN.match(text, place)
        if found is None:
            raise InputError(f"line {line}: '{text[place : place + 20].splitlines()[0]}' is not in the format")
        kind = str(found.lastgroup)
        if kind == "text":
            yield kind, html.unescape(found["text"]), line
        elif kind == "number":
            yield kind, float(found[0]) if re.search(r"[.eE]", found[0]) else int(found[0]), line
        elif kind == "special":
            yield kind, float(found[0].lower().replace("infinity", "inf")), line
        elif kind != "skip":
            yield kind, found[0], line
        line += text.count("\n", place, found.end())
        place = found.end()


def _list(tokens: Iterator[tuple[str, Any, int]], depth: int) -> list[tuple[str, Any, int]]:
    """Keys with their values up to the closing bracket; a value may be a list of its own."""
    if depth > _DEPTH:
        raise InputError(f"lists are nested deeper than {_DEPTH}")
    pairs: list[tuple[str, Any, int]] = []
    key: str | None = None
    for kind, value, line in tokens:
        if kind == "close":
            if depth == 0 or key is not None:
                raise InputError(
                    f"line {line}: ']' where " + ("nothing is open" if depth == 0 else f"'{key}' needs a value")
                )
            return pairs
        if key is None:
            if kind not in ("key", "special"):
                raise InputError(f"line {line}: '{value}' where a key should be")
            key = str(value)
        elif kind == "key":
            raise InputError(f"line {line}: '{value}' where '{key}' needs a value; text stands in quotes")
        else:
            pairs.append((key, _list(tokens, depth + 1) if kind == "open" else value, line))
            key = None
    if depth or key is not None:
        raise InputError("ends within a list" if depth else f"ends before the value of '{key}'")
    return pairs


def _flat(pairs: list[tuple[str, Any, int]], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Keys joined by a dot; of a key that stands several times the values joined, each once."""
    seen: dict[str, list[Any]] = {}
    for key, value, _ in pairs:
        if isinstance(value, list):
            for inner, more in _flat(value, f"{prefix}{key}."):
                seen.setdefault(inner, []).append(more)
        else:
            seen.setdefault(prefix + key, []).append(value)
    for key, values in seen.items():
        yield key, values[0] if len(values) == 1 else ";".join(map(str, values))
