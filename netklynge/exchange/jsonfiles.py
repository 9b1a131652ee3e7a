"""Networks in JSON: Kumu, Cytoscape, VOSviewer, and the node-link form of networkx and D3.

References
----------
Kumu documentation, "JSON"; Cytoscape.js documentation, "Elements JSON"; VOSviewer manual, "JSON files"; networkx,
``node_link_data``.
"""

from __future__ import annotations

import json
from typing import Any

from netklynge.exchange.network import Network
from netklynge.findings import InputError

__all__ = ["read_json_network"]

_DEPTH = 60


def read_json_network(text: str) -> Network:
    """Read a network in JSON, whichever of the four forms it has.

    Raises
    ------
    InputError
        It is no JSON, none of the forms, or a tie names an actor that is not there.

    Examples
    --------
    >>> net = read_json_network('{"nodes": [{"id": "a"}, {"id": "b"}], "links": [{"source": "a", "target": "b"}]}')
    >>> net.kind, net.ties
    ('JSON (node-link)', [{'source': 'a', 'target': 'b', 'directed': 0}])
    """
    try:
        told = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InputError(f"is no JSON: {error}") from None
    if isinstance(told, dict):
        for reader in (_kumu, _cytoscape, _vosviewer, _node_link):
            network = reader(told)
            if network is not None:
                return network
    keys = ", ".join(map(str, told)) if isinstance(told, dict) else type(told).__name__
    raise InputError(
        f"is no network in JSON: it has {keys[:200] or 'nothing'}; elements and connections (Kumu), elements.nodes and "
        "elements.edges (Cytoscape), network.items and network.links (VOSviewer) or nodes and links are right"
    )


def _rows(value: Any) -> list[dict[str, Any]] | None:
    return value if isinstance(value, list) and all(isinstance(row, dict) for row in value) else None


def _flat(row: dict[str, Any], without: tuple[str, ...], network: Network) -> dict[str, Any]:
    """Single values as attributes, lists of them joined; what is nested deeper is told and left out."""
    kept: dict[str, Any] = {}
    for key, value in row.items():
        if key in without or value is None:
            continue
        if isinstance(value, dict):
            kept.update({f"{key}.{inner}": v for inner, v in value.items() if isinstance(v, str | int | float | bool)})
        elif isinstance(value, list):
            kept[key] = ";".join(str(v) for v in value if isinstance(v, str | int | float | bool))
        else:
            kept[key] = value
    return kept


def _inner(row: dict[str, Any], key: str) -> dict[str, Any]:
    value = row.get(key)
    return value if isinstance(value, dict) else {}


def _ends(source: Any, target: Any, known: dict[str, str]) -> tuple[str, str]:
    ends = []
    for end in (source, target):
        name = known.get(str(end))
        if end is None or name is None:
            raise InputError(f"a tie names '{str(end)[:40]}', which is not among the actors")
        ends.append(name)
    return ends[0], ends[1]


def _kumu(told: dict[str, Any]) -> Network | None:
    elements, connections = _rows(told.get("elements")), _rows(told.get("connections"))
    if elements is None or connections is None:
        return None
    network = Network("Kumu")
    known: dict[str, str] = {}
    for row in elements:
        attributes = _inner(row, "attributes")
        label = row.get("label") or attributes.get("label") or row.get("_id")
        name = str(row.get("_id") or row.get("id") or label)
        known.update({name: name, str(label): name})
        network.actors.append(
            {
                "actor": name,
                "name": str(label),
                **_flat({**attributes, **row}, ("_id", "id", "label", "attributes"), network),
            }
        )
    for row in connections:
        attributes = _inner(row, "attributes")
        both = {**attributes, **row}
        source, target = _ends(row.get("from"), row.get("to"), known)
        tie = {
            "source": source,
            "target": target,
            "directed": int(str(both.get("direction", "")).lower() == "directed"),
        }
        relation = both.get("connection type") or both.get("type")
        if relation:
            tie["relation"] = str(relation)
        if isinstance(both.get("strength"), int | float):
            tie["weight"] = both["strength"]
        without = ("_id", "id", "from", "to", "direction", "type", "connection type", "strength", "attributes")
        network.ties.append({**tie, **_flat(both, without, network)})
    network.taken = {"actors": "elements", "ties": "connections", "layer": "type", "direction": "direction"}
    return network


def _cytoscape(told: dict[str, Any]) -> Network | None:
    elements = told.get("elements")
    if isinstance(elements, list):
        nodes = [
            row
            for row in elements
            if isinstance(row, dict) and row.get("group") != "edges" and "source" not in row.get("data", {})
        ]
        edges = [row for row in elements if isinstance(row, dict) and "source" in row.get("data", {})]
    elif isinstance(elements, dict):
        nodes, edges = _rows(elements.get("nodes")) or [], _rows(elements.get("edges")) or []
    else:
        return None
    if not nodes or not all(isinstance(row.get("data"), dict) for row in [*nodes, *edges]):
        return None
    network = Network("Cytoscape JSON")
    known: dict[str, str] = {}
    for row in nodes:
        data = row["data"]
        name = str(data.get("id"))
        known[name] = name
        label = data.get("name") or data.get("label")
        more = _flat(data, ("id", "name", "SUID", "selected", "shared_name"), network)
        network.actors.append({"actor": name, **({"name": str(label)} if label else {}), **more})
    for row in edges:
        data = row["data"]
        source, target = _ends(data.get("source"), data.get("target"), known)
        relation = data.get("interaction") or data.get("shared_interaction")
        without = ("id", "source", "target", "SUID", "selected", "interaction", "shared_interaction", "shared_name")
        tie = {"source": source, "target": target, "directed": 1, **({"relation": str(relation)} if relation else {})}
        network.ties.append({**tie, **_flat(data, without, network)})
    network.note(0, "Cytoscape does not say whether ties are directed: read as directed")
    network.taken = {"actors": "elements.nodes", "ties": "elements.edges", "layer": "interaction"}
    return network


def _vosviewer(told: dict[str, Any]) -> Network | None:
    inner = _inner(told, "network")
    items = _rows(inner.get("items"))
    if items is None:
        return None
    network = Network("VOSviewer JSON")
    known: dict[str, str] = {}
    for row in items:
        name = str(row.get("id"))
        known[name] = name
        network.actors.append(
            {"actor": name, "name": str(row.get("label") or name), **_flat(row, ("id", "label", "x", "y"), network)}
        )
    for row in _rows(inner.get("links")) or []:
        source, target = _ends(row.get("source_id"), row.get("target_id"), known)
        weight = row.get("strength", 1)
        network.ties.append({"source": source, "target": target, "directed": 0, "weight": weight})
    network.taken = {"actors": "items", "ties": "links", "weight": "strength", "direction": "undirected"}
    return network


def _node_link(told: dict[str, Any]) -> Network | None:
    nodes = _rows(told.get("nodes"))
    links = _rows(told.get("links")) if "links" in told else _rows(told.get("edges"))
    if nodes is None or links is None:
        return None
    network = Network("JSON (node-link)")
    known: dict[str, str] = {}
    directed = bool(told.get("directed", False))
    for place, row in enumerate(nodes):
        name = str(row.get("id", row.get("key", row.get("name", place))))
        known[name] = name
        known.setdefault(str(place), name)  # D3's old files count the nodes
        network.actors.append({"actor": name, **_flat(row, ("id",), network)})
    for row in links:
        source, target = _ends(row.get("source"), row.get("target"), known)
        tie = {"source": source, "target": target, "directed": int(row.get("directed", directed))}
        network.ties.append({**tie, **_flat(row, ("source", "target", "directed", "key"), network)})
    network.taken = {"actors": "nodes", "ties": "links", "direction": "directed" if directed else "undirected"}
    return network
