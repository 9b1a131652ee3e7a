"""GraphML and GEXF, the two XML formats of networks.

Read by hand: networkx drops attributes called ``id``, a second graph, one of two parallel ties with the same id, and
directions that differ from tie to tie. XML is parsed by defusedxml, which unfolds no entities.

References
----------
Brandes, U. et al. *The GraphML file format*, graphml.graphdrawing.org, specification and primer.
Heymann, S. et al. *GEXF file format*, gexf.net, schemas 1.1 to 1.3.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from netklynge.exchange.network import Network
from netklynge.findings import InputError

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

__all__ = ["read_gexf", "read_graphml"]

_TRUE, _FALSE = ("true", "1"), ("false", "0")
_WHOLE = ("int", "integer", "long", "short", "byte", "biginteger")
_REAL = ("float", "double", "bigdecimal")


def _root(raw: bytes) -> Element:
    from defusedxml import ElementTree  # type: ignore[import-untyped]
    from defusedxml.common import DefusedXmlException  # type: ignore[import-untyped]

    try:
        root: Element = ElementTree.fromstring(raw, forbid_dtd=False)
    except DefusedXmlException:
        raise InputError("declares XML entities, which graph files need not; save it anew without them") from None
    except ElementTree.ParseError as error:
        raise InputError(f"is no well-formed XML: {error}") from None
    return root


def _name(element: Element) -> str:
    """The element's name without its namespace, which differs between versions and programs."""
    return str(element.tag).rpartition("}")[2].lower()


def _within(element: Element, *names: str) -> Iterator[Element]:
    return (child for child in element if _name(child) in names)


def _typed(text: str | None, kind: str, network: Network) -> Any:
    """A value by the type that the file states; what is not of it stays text, and is told once."""
    told = (text or "").strip()
    if not told or told.lower() == "null":
        return None
    try:
        if kind in _WHOLE:
            return int(told) if told.lstrip("+-").isdigit() else int(float(told))
        if kind in _REAL:
            return float(told.replace("INF", "inf"))
    except (ValueError, OverflowError):
        network.note(0, f"'{told[:40]}' is said to be {kind} and is kept as text")
        return told
    if kind in ("boolean", "bool"):
        return True if told.lower() in _TRUE else False if told.lower() in _FALSE else told
    return text if kind == "string" else told


def _put(row: dict[str, Any], key: str, value: Any, own: Iterable[str] = ("actor", "source", "target")) -> None:
    """An attribute of the file under its own name, or with ``attribute_`` before it where that name is taken."""
    if value is not None:
        row[f"attribute_{key}" if key in own or key in row else key] = value


# -- GraphML ------------------------------------------------------------------------------------------------


def read_graphml(raw: bytes) -> Network:
    """Read a GraphML file.

    Returns
    -------
    Network
        ``actor`` is the node's id. Several graphs are relations (``relation`` is the graph's id or number); nodes of
        one id
        are one actor. ``directed`` is the tie's own, else its graph's. Ports, hyperedges and nested graphs are told.

    Raises
    ------
    InputError
        It is no well-formed XML, declares entities, holds no graph, or a tie names a node that is not there.

    Examples
    --------
    >>> text = ('<graphml><graph edgedefault="undirected"><node id="a"/><node id="b"/>'
    ...         '<edge source="a" target="b"/></graph></graphml>')
    >>> read_graphml(text.encode()).ties
    [{'source': 'a', 'target': 'b', 'directed': 0}]
    """
    root = _root(raw)
    if _name(root) != "graphml":
        raise InputError(f"is no GraphML file: its outermost element is <{_name(root)}>")
    network = Network("GraphML")
    keys = {key.get("id", ""): key for key in root.iter() if _name(key) == "key"}
    graphs = list(_within(root, "graph"))
    if not graphs:
        raise InputError("holds no <graph>")
    actors: dict[str, dict[str, Any]] = {}
    sets = [{node.get("id") for node in _within(graph, "node")} for graph in graphs]
    shared = sum(map(len, sets)) > len(set().union(*sets))
    for number, graph in enumerate(graphs, start=1):
        named = graph.get("id") or next((v for k, v in graph.attrib.items() if k.endswith("}caseId")), None)
        several = (named or str(number)) if len(graphs) > 1 else None
        _graphml_graph(graph, keys, actors, several, shared, network)
    network.actors = list(actors.values())
    _graphml_defaults(keys, network)
    if len(graphs) > 1:
        how = "a relation of its own" if shared else "a case of its own (column 'graph'), since they share no nodes"
        network.note(0, f"{len(graphs)} graphs are read, each as {how}")
    network.taken = {
        "actors": "node",
        "ties": "edge",
        "direction": "edgedefault and the directed of each edge",
        "layer": "graph" if len(graphs) > 1 else "none",
    }
    return network


def _graphml_graph(
    graph: Element,
    keys: dict[str, Element],
    actors: dict[str, dict[str, Any]],
    several: str | None,
    shared: bool,
    network: Network,
) -> None:
    canvas = any("networkcanvas" in key.lower() for key in graph.attrib)
    directed = graph.get("edgedefault", "directed").strip().lower() == "directed"
    for node in _within(graph, "node"):
        name = node.get("id")
        if name is None:
            raise InputError("a <node> has no id")
        row = actors.setdefault(name, {"actor": name})
        if several and not shared:
            row["graph"] = several
        for key, value in _graphml_data(node, keys, "node", network):
            if row.get(key) != value:
                _put(row, key, value)
        if any(True for _ in _within(node, "graph")):
            network.note(0, f"node '{name[:40]}' holds a graph of its own, which is not read")
    for edge in _within(graph, "edge"):
        ends = [edge.get("source"), edge.get("target")]
        lost = next((end for end in ends if end not in actors), None)
        if None in ends or lost is not None:
            raise InputError(f"a tie names node '{str(lost)[:40]}', which is not there")
        own = edge.get("directed", "").strip().lower()
        tie: dict[str, Any] = {
            "source": ends[0],
            "target": ends[1],
            "directed": int(own in _TRUE) if own else int(directed),
        }
        if several:
            tie["relation" if shared else "graph"] = several
        for key, value in _graphml_data(edge, keys, "edge", network):
            if key == "directed" and value in (True, False):
                if value is False:
                    tie["directed"] = 0  # what netklynge's older files wrote beside the format's own word
                continue
            if canvas and key == "label" and "relation" not in tie:
                key = "relation"  # Network Canvas' kind of edge
            _put(tie, key, value, ("source", "target", "directed"))
        network.ties.append(tie)
    hyper = sum(1 for _ in _within(graph, "hyperedge"))
    if hyper:
        network.note(0, f"{hyper} hyperedges are not read")


def _graphml_defaults(keys: dict[str, Element], network: Network) -> None:
    """What a key says of those who say nothing themselves."""
    for key, default in keys.items():
        text = next((child.text for child in _within(default, "default")), None)
        if text is None:
            continue
        label, kind = _graphml_key(default, key)
        value, where = _typed(text, kind, network), default.get("for", "all")
        for rows, what in ((network.actors, "node"), (network.ties, "edge")):
            if where in (what, "all"):
                for row in rows:
                    if label not in row:
                        _put(row, label, value)


def _graphml_key(key: Element, fallback: str) -> tuple[str, str]:
    return key.get("attr.name") or fallback, (key.get("attr.type") or "string").lower()


def _graphml_data(element: Element, keys: dict[str, Element], what: str, network: Network) -> Iterator[tuple[str, Any]]:
    for data in _within(element, "data"):
        key = keys.get(data.get("key", ""))
        if len(data):  # what programs draw with, as yEd's own elements
            network.note(0, f"a {what}'s <{_name(data[0])}> is how it is drawn, and is not kept")
            continue
        label, kind = _graphml_key(key, data.get("key", "")) if key is not None else (data.get("key", ""), "string")
        yield label, _typed(data.text, kind, network)


# -- GEXF ---------------------------------------------------------------------------------------------------


def read_gexf(raw: bytes) -> Network:
    """Read a GEXF file, versions 1.1 to 1.3.

    Returns
    -------
    Network
        ``actor`` is the node's id, ``name`` its label. ``directed`` is the edge's own type (directed, undirected,
        mutual:
        two ties would say it twice, so it is undirected), else the graph's default. ``start`` and ``end`` are the
        years of an edge or of its first spell.

    Raises
    ------
    InputError
        As :func:`read_graphml`.

    Examples
    --------
    >>> text = ('<gexf><graph defaultedgetype="directed"><nodes><node id="a" label="Alfa"/><node id="b"/></nodes>'
    ...         '<edges><edge source="a" target="b" type="undirected" weight="2"/></edges></graph></gexf>')
    >>> read_gexf(text.encode()).ties
    [{'source': 'a', 'target': 'b', 'directed': 0, 'weight': 2.0}]
    """
    root = _root(raw)
    if _name(root) != "gexf":
        raise InputError(f"is no GEXF file: its outermost element is <{_name(root)}>")
    graph = next(_within(root, "graph"), None)
    if graph is None:
        raise InputError("holds no <graph>")
    network = Network("GEXF")
    titles: dict[str, dict[str, tuple[str, str, str | None]]] = {"node": {}, "edge": {}}
    for group in _within(graph, "attributes"):
        for one in _within(group, "attribute"):
            default = next((child.text for child in _within(one, "default")), None)
            kind = (one.get("type") or "string").lower()
            titles.setdefault(group.get("class", "node"), {})[one.get("id", "")] = (
                str(one.get("title") or one.get("id", "")),
                kind,
                default,
            )
    seen: set[str] = set()
    for node in (one for one in graph.iter() if _name(one) == "node"):
        name = node.get("id")
        if name is None:
            raise InputError("a <node> has no id")
        if name in seen:
            raise InputError(f"node '{name[:40]}' stands twice")
        seen.add(name)
        row: dict[str, Any] = {"actor": name}
        if node.get("label"):
            row["name"] = node.get("label")
        for key, value in _gexf_values(node, titles["node"], network):
            if not (key in ("name", "label") and value == row.get("name")):
                _put(row, key, value)
        network.actors.append(row)
    default = graph.get("defaultedgetype", "undirected").strip().lower()
    for edge in (one for one in graph.iter() if _name(one) == "edge"):
        _gexf_edge(edge, default, titles["edge"], seen, network)
    drawn = any(_name(child) in ("size", "position", "color", "shape") for node in graph.iter() for child in node)
    if drawn:
        network.note(0, "how nodes and ties are drawn (viz) is not kept")
    network.taken = {
        "actors": "node",
        "ties": "edge",
        "direction": f"type of each edge, else {default}",
        "weight": "weight",
    }
    return network


def _gexf_values(
    element: Element, titles: dict[str, tuple[str, str, str | None]], network: Network
) -> Iterator[tuple[str, Any]]:
    told: set[str] = set()
    for group in _within(element, "attvalues"):
        for one in _within(group, "attvalue"):
            key = one.get("for") or one.get("id") or ""
            title, kind, _ = titles.get(key, (key, "string", None))
            if key in told:
                network.note(0, f"'{title}' has several values over time; the first is kept")
                continue
            told.add(key)
            yield title, _typed(one.get("value"), kind, network)
    for key, (title, kind, default) in titles.items():
        if default is not None and key not in told:
            yield title, _typed(default, kind, network)


def _gexf_edge(
    edge: Element, default: str, titles: dict[str, tuple[str, str, str | None]], seen: set[str], network: Network
) -> None:
    ends = [edge.get("source"), edge.get("target")]
    lost = next((end for end in ends if end not in seen), None)
    if None in ends or lost is not None:
        raise InputError(f"a tie names node '{str(lost)[:40]}', which is not there")
    kind = (edge.get("type") or default).strip().lower()
    tie: dict[str, Any] = {"source": ends[0], "target": ends[1], "directed": int(kind == "directed")}
    if edge.get("weight") is not None:
        tie["weight"] = _typed(edge.get("weight"), "float", network)
    if edge.get("label"):
        tie["label"] = edge.get("label")
    if edge.get("kind"):
        tie["relation"] = edge.get("kind")
    spells = [one for group in _within(edge, "spells") for one in _within(group, "spell")]
    if len(spells) > 1:
        network.note(0, f"the tie from '{ends[0]}' to '{ends[1]}' holds in {len(spells)} spells; the first is kept")
    spell = spells[0] if spells else edge
    for bound in ("start", "end"):
        text = spell.get(bound)
        if text:
            tie[bound] = int(text[:4]) if text[:4].isdigit() else _typed(text, "float", network)
    for key, value in _gexf_values(edge, titles, network):
        key = {"start_year": "start", "end_year": "end"}.get(key, key)
        if key == "directed" and value in (True, False):
            if value is False:
                tie["directed"] = 0
            continue
        if key != "networkx_key":
            _put(tie, key, value, ("source", "target", "directed"))
    network.ties.append(tie)
