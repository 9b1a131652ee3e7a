"""NetDraw's VNA files and Graphviz' DOT files: small text formats of actors and ties.

References
----------
Borgatti, S. P. *NetDraw guide*, "VNA data format". Graphviz documentation, *The DOT language* (graphviz.org).
"""

from __future__ import annotations

import itertools
import re
from typing import Any

from netklynge.exchange.network import Network
from netklynge.findings import InputError

__all__ = ["read_dot", "read_vna"]


_CELL = re.compile(r'"((?:[^"]|"")*)"|([^\s,"]+)')


def _number(text: str) -> float | int | str:
    try:
        value = float(text)
    except ValueError:
        return text
    whole = int(value) if value.is_integer() and "." not in text and "e" not in text.lower() else value
    return whole if str(whole) == text else text  # 01 and 62.010 are codes


def read_vna(text: str) -> Network:
    r"""Read a VNA file: sections ``*node data``, ``*tie data``; how nodes are drawn (``*node properties``) is told.

    Returns
    -------
    Network
        Each column of the tie data beyond the first two is a relation, a tie where its number is not 0, with the
        number as ``weight``; columns of text are attributes of the tie.

    Raises
    ------
    InputError
        There is no ``*tie data``, or a row has too few cells, with its line.

    Examples
    --------
    >>> net = read_vna('*node data\nID kind\n"Alfa AS" firm\n*tie data\nfrom to supply rd\n"Alfa AS" Beta 2 0')
    >>> net.ties
    [{'source': 'Alfa AS', 'target': 'Beta', 'directed': 1, 'relation': 'supply', 'weight': 2}]
    """
    network = Network("VNA (NetDraw)")
    actors: dict[str, dict[str, Any]] = {}
    section, heading = "", None
    skipped: dict[str, int] = {}
    found = False
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        if line.lstrip().startswith("*"):
            section, heading = " ".join(line.strip().lstrip("*").lower().split()), None
            found |= section == "tie data"
            continue
        words = [found[2] if found[1] is None else found[1].replace('""', '"') for found in _CELL.finditer(line)]
        if section not in ("node data", "tie data"):
            skipped[section] = skipped.get(section, 0) + 1
        elif heading is None:
            heading = words
        elif section == "node data":
            if len(words) > len(heading):
                raise InputError(
                    f"line {number}: {len(words)} cells below {len(heading)} headings; quote names with blanks"
                )
            row = actors.setdefault(words[0], {"actor": words[0]})
            row.update({key: cell for key, cell in zip(heading[1:], words[1:], strict=False) if cell})
        else:
            if len(words) < 2 or len(words) > len(heading):
                raise InputError(
                    f"line {number}: {len(words)} cells below {len(heading)} headings; quote names with blanks"
                )
            for end in words[:2]:
                actors.setdefault(end, {"actor": end})
            _vna_tie(network, words, heading)
    if not found:
        raise InputError("is no VNA file with ties: '*tie data' is missing")
    for name, count in skipped.items():
        network.note(0, f"section *{name} ({count} lines) is how it is drawn, and is not kept")
    network.actors = list(actors.values())
    _undirect_mirrored(network)
    network.taken = {
        "actors": "*node data",
        "ties": "*tie data",
        "layer": "columns of numbers",
        "weight": "their numbers",
    }
    return network


def _undirect_mirrored(network: Network) -> None:
    """A relation whose every tie stands both ways with the same value is undirected, each tie once."""
    relations: dict[Any, dict[tuple[str, str], dict[str, Any]]] = {}
    for tie in network.ties:
        relations.setdefault(tie.get("relation"), {})[tie["source"], tie["target"]] = tie
    if sum(map(len, relations.values())) < len(network.ties):
        return  # a tie stands twice, which a matrix cannot say
    dropped: set[int] = set()
    for ties in relations.values():
        between = {pair: tie for pair, tie in ties.items() if pair[0] != pair[1]}
        if between and all(
            (b, a) in between and between[b, a].get("weight") == tie.get("weight") for (a, b), tie in between.items()
        ):
            seen: set[tuple[str, str]] = set()
            for (a, b), tie in between.items():
                tie["directed"] = 0
                if (b, a) in seen:
                    dropped.add(id(tie))
                seen.add((a, b))
    if dropped:
        network.note(0, "relations whose ties all stand both ways are read as undirected, each tie once")
        network.ties = [tie for tie in network.ties if id(tie) not in dropped]


def _vna_tie(network: Network, words: list[str], heading: list[str]) -> None:
    cells = {key: _number(cell) for key, cell in zip(heading[2:], words[2:], strict=False)}
    text = {key: value for key, value in cells.items() if isinstance(value, str)}
    numbers = {key: value for key, value in cells.items() if not isinstance(value, str)}
    base = {"source": words[0], "target": words[1], "directed": 1}
    if not numbers:
        network.ties.append({**base, **text})
    for key, value in numbers.items():
        if value:
            network.ties.append({**base, "relation": key, "weight": value, **text})


# -- DOT ----------------------------------------------------------------------------------------------------

_DOT = re.compile(
    r"(?P<skip>\s+|//[^\n]*|/\*.*?\*/|\#[^\n]*)|(?P<arrow>->|--)|(?P<sign>[{}\[\];,=:])"
    r'|"(?P<quoted>(?:[^"\\]|\\.)*)"|(?P<word>[^\s{}\[\];,=:"<-][^\s{}\[\];,=:"<]*?(?=->|--|[\s{}\[\];,=:"<]|$))|(?P<other>.)',
    re.DOTALL,
)


def read_dot(text: str) -> Network:
    """Read a DOT file: nodes, edges and chains of edges with their attributes; clusters are told, not kept.

    Raises
    ------
    InputError
        It is no graph, is not closed, or holds HTML labels.

    Examples
    --------
    >>> net = read_dot('digraph { a [label="Alfa AS"]; a -> b -> c [weight=2]; }')
    >>> [(tie["source"], tie["target"], tie["weight"]) for tie in net.ties]
    [('a', 'b', 2), ('b', 'c', 2)]
    """
    tokens = []
    for found in _DOT.finditer(text):
        if found.lastgroup == "other":
            line = text.count("\n", 0, found.start()) + 1
            raise InputError(f"line {line}: '{found[0]}' is not in the format that is read (HTML labels are not)")
        if found.lastgroup != "skip":
            value = re.sub(r'\\(["\\])', r"\1", found["quoted"]) if found.lastgroup == "quoted" else found[0]
            tokens.append((str(found.lastgroup), value))
    words = [value.lower() for kind, value in tokens[:4] if kind == "word"]
    if not words or not {"graph", "digraph"} & set(words):
        raise InputError("is no DOT file: it starts with 'graph' or 'digraph'")
    network = Network("DOT (Graphviz)")
    directed = "digraph" in words
    actors: dict[str, dict[str, Any]] = {}
    start = next((k for k, (kind, value) in enumerate(tokens) if (kind, value) == ("sign", "{")), None)
    if start is None:
        raise InputError("has no '{'")
    depth, clusters, opened = 1, 0, 0
    statement: list[tuple[str, str]] = []
    for kind, value in tokens[start + 1 :]:
        if kind == "sign" and value in "[]":
            opened += 1 if value == "[" else -1
        if kind == "sign" and value in "{}":
            _dot_statement(statement, actors, network, directed)
            statement = []
            depth += 1 if value == "{" else -1
            clusters += value == "{"
        elif (kind, value) == ("sign", ";"):
            _dot_statement(statement, actors, network, directed)
            statement = []
        else:
            begins = kind in ("word", "quoted") and statement and not opened and _ended(statement[-1])
            if begins:
                _dot_statement(statement, actors, network, directed)
                statement = []
            statement.append((kind, value))
    if depth:
        raise InputError("is not closed: '}' is missing")
    if clusters:
        network.note(0, f"{clusters} subgraphs: their ties are read, their frames are not kept")
    network.actors = list(actors.values())
    network.taken = {"actors": "node statements", "ties": "edges", "direction": "digraph" if directed else "graph"}
    return network


def _ended(last: tuple[str, str]) -> bool:
    """Whether the next word starts a statement of its own: the last one is a name, or a closed list of attributes."""
    return last == ("sign", "]") or (last[0] in ("word", "quoted") and last[1].lower() != "subgraph")


def _dot_statement(
    statement: list[tuple[str, str]], actors: dict[str, dict[str, Any]], network: Network, directed: bool
) -> None:
    cut = next((k for k, token in enumerate(statement) if token == ("sign", "[")), len(statement))
    ends, attributes = statement[:cut], _dot_attributes(statement[cut:])
    if ("sign", "=") in ends or not ends:
        return
    if ends[0][0] == "arrow" or ends[-1][0] == "arrow":
        raise InputError("has a tie to or from a group in braces ('a -> {b c}'), which is not read; write each tie out")
    names: list[str] = []
    port = False
    for kind, value in ends:
        if kind in ("word", "quoted") and not port:
            names.append(value)
        port = (kind, value) == ("sign", ":")
    if names and names[0].lower() in ("graph", "node", "edge", "subgraph") and len(names) <= 2:
        return
    for name in names:
        actors.setdefault(name, {"actor": name})
    if len(names) == 1:
        label = attributes.pop("label", None)
        actors[names[0]].update({**({"name": label} if label else {}), **attributes})
    towards = str(attributes.pop("dir", "forward" if directed else "none")).lower() if len(names) > 1 else ""
    for source, target in itertools.pairwise(names):
        ends_of = (target, source) if towards == "back" else (source, target)
        way = int(directed and towards not in ("none", "both"))
        network.ties.append({"source": ends_of[0], "target": ends_of[1], "directed": way, **attributes})


def _dot_attributes(tokens: list[tuple[str, str]]) -> dict[str, Any]:
    words = [value for kind, value in tokens if kind in ("word", "quoted")]
    return {key: _number(value) for key, value in zip(words[::2], words[1::2], strict=False)}
