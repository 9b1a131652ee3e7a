"""Networks in tables: Gephi's, Kumu's and Polinode's node and edge tables, and matrices of who is tied to whom.

Headings are compared without regard to case, as their programs do.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from netklynge.exchange.network import Network
from netklynge.findings import InputError
from netklynge.study.contracts import KINDS

__all__ = ["edge_heads", "is_matrix", "node_heads", "read_matrix", "read_node_and_edge_tables"]

# heading (lower case) -> what it is; by the documentation of Gephi, Kumu, Polinode, Cytoscape, and Norwegian lists
_SOURCE = ("source", "from", "fra", "kilde", "node1", "ego")
_TARGET = ("target", "to", "til", "mål", "node2", "alter")
_NODE = ("id", "name", "label", "navn", "actor", "aktør", "node", "medlem")
_WEIGHT = ("weight", "strength", "vekt", "styrke", "value")
_DIRECTION = ("type", "direction", "directed", "retning")
_DIRECTED = ("directed", "rettet", "true", "1", "forward", "arrow")
_UNDIRECTED = ("undirected", "urettet", "mutual", "gjensidig", "false", "0", "none")
_RELATION = ("relation", "layer", "lag", "relasjon", "kind", "hva", "kobling", "type of tie")
_EMPTY = ("", "0", "0.0", "-", ".", "na", "nan")


def _column(columns: Sequence[str], names: Sequence[str]) -> str | None:
    lower = {str(column).strip().lower(): column for column in columns}
    return next((lower[name] for name in names if name in lower), None)


def edge_heads(columns: Sequence[str]) -> tuple[str, str] | None:
    """The headings of both ends of a tie, whatever their case; None if there are none."""
    source, target = _column(columns, _SOURCE), _column(columns, _TARGET)
    return (source, target) if source is not None and target is not None else None


def node_heads(columns: Sequence[str]) -> str | None:
    """The heading that names an actor; None if there is none."""
    return _column(columns, _NODE)


def _text(value: Any) -> str:
    text = "" if value is None or pd.isna(value) else str(value).strip()
    return text[1:] if text[:1] == "'" and text[1:2] in ("=", "+", "-", "@") else text  # as spreadsheets guard text


def read_node_and_edge_tables(
    edges: pd.DataFrame, nodes: pd.DataFrame | None = None, kind: str = "edge table"
) -> Network:
    """Ties from a table with a row each, actors from another where there is one.

    Parameters
    ----------
    edges : DataFrame
        Two columns of ends (Source and Target, From and To, Fra and Til), and perhaps a direction, weight and relation.
        Several targets in a cell are parted by ``|``, as Kumu does.
    nodes : DataFrame, optional
        A column Id, Label or Name; ties may name either. All other columns are attributes.

    Raises
    ------
    InputError
        There are no two ends, a tie lacks one, or an actor stands twice with one id; with the row, the header as 1.

    Examples
    --------
    >>> row = {"Source": "A", "Target": "B", "Type": "Undirected", "Weight": "2", "Label": "rd"}
    >>> ties = pd.DataFrame([row])
    >>> read_node_and_edge_tables(ties).ties
    [{'source': 'A', 'target': 'B', 'directed': 0, 'weight': 2.0, 'Label': 'rd'}]
    """
    heads = edge_heads([str(column) for column in edges.columns])
    if heads is None:
        raise InputError(f"no two columns are ends of a tie (Source and Target, From and To); it has {_told(edges)}")
    network = Network(kind)
    called = _nodes(network, nodes)
    columns = [str(column) for column in edges.columns]
    weight, relation = _column(columns, _WEIGHT), _column(columns, _RELATION)
    direction = _direction_column(edges, columns)
    if (relation is None and direction is None) or (relation is None and direction != _column(columns, ("type",))):
        relation = _column(columns, ("type",))
    own = {*heads, weight, relation, direction, _column(columns, ("id",))}
    more = [column for column in columns if column not in own]
    for number, row in enumerate(edges.to_dict("records"), start=2):
        source = _text(row[heads[0]])
        targets = (
            [part.strip() for part in _text(row[heads[1]]).split("|")] if kind == "Kumu" else [_text(row[heads[1]])]
        )
        if not source and not any(targets):
            network.note(number, "a row without ends is passed over")
            continue
        for target in targets:
            if not source or not target:
                raise InputError(f"row {number}: a tie lacks its {heads[0] if not source else heads[1]}")
            tie: dict[str, Any] = {"source": called.get(source, source), "target": called.get(target, target)}
            tie["directed"] = _directed(_text(row[direction]), number, network) if direction else 1
            if relation and _text(row[relation]):
                tie["relation"] = _text(row[relation])
            if weight and _text(row[weight]):
                tie["weight"] = _weight(_text(row[weight]), number, weight, network)
            tie.update({column: _text(row[column]) for column in more if _text(row[column])})
            network.ties.append(tie)
    kinds = [actor["Type"] for actor in network.actors if "Type" in actor and "kind" not in actor]
    if kind == "Kumu" and kinds and set(kinds) <= set(KINDS):
        for actor in network.actors:
            if "Type" in actor:
                actor["kind"] = actor.pop("Type")
    _unlisted(network, nodes is not None)
    network.taken = {
        "actors": f"column {node_heads([str(c) for c in nodes.columns])}" if nodes is not None else "ends of ties",
        "ties": f"columns {heads[0]} and {heads[1]}",
        "direction": f"column {direction}" if direction else "none told: as directed, from the first to the second",
        "weight": f"column {weight}" if weight else "none",
        "layer": f"column {relation}" if relation else "none",
    }
    return network


def _told(frame: pd.DataFrame) -> str:
    return ", ".join(f"'{column}'" for column in list(frame.columns)[:12]) or "no columns"


def _direction_column(edges: pd.DataFrame, columns: Sequence[str]) -> str | None:
    """The column that says whether ties are directed, known by what stands in it: Kumu's Type is a relation."""
    for name in _DIRECTION:
        column = _column(columns, (name,))
        if column is not None:
            values = {_text(value).lower() for value in edges[column]} - {""}
            if values and values <= {*_DIRECTED, *_UNDIRECTED}:
                return column
    return None


def _directed(text: str, row: int, network: Network) -> int:
    return 0 if text.lower() in _UNDIRECTED else 1


def _weight(text: str, row: int, column: str, network: Network) -> float | str:
    try:
        return float(text.replace(",", ".") if text.count(",") == 1 and "." not in text else text)
    except ValueError:
        network.note(row, f"'{text[:40]}' in column {column} is no number and is kept as text")
        return text


def _nodes(network: Network, nodes: pd.DataFrame | None) -> dict[str, str]:
    """Put in the actors of a node table; what each id or label is called."""
    called: dict[str, str] = {}
    if nodes is None:
        return called
    columns = [str(column) for column in nodes.columns]
    key = node_heads(columns)
    if key is None:
        raise InputError(f"the table of actors has no column Id, Label or Name; it has {_told(nodes)}")
    named = [column for word in ("name", "navn", "label") if (column := _column(columns, (word,))) and column != key]
    labels: dict[str, list[str]] = {}
    for number, row in enumerate(nodes.to_dict("records"), start=2):
        name = _text(row[key])
        if not name:
            if any(_text(value) for value in row.values()):
                raise InputError(f"row {number} of the actors: {key} is blank")
            continue
        if name in called:
            raise InputError(f"row {number} of the actors: '{name[:60]}' stands twice")
        called[name] = name
        actor: dict[str, Any] = {"actor": name}
        told = [_text(row[column]) for column in named if _text(row[column])]
        if told:
            actor["name"] = told[0]
        for text in dict.fromkeys(told):
            labels.setdefault(text, []).append(name)
        actor.update({c: _text(row[c]) for c in columns if c not in (key, *named) and _text(row[c])})
        network.actors.append(actor)
    called.update({text: ids[0] for text, ids in labels.items() if len(ids) == 1 and text not in called})
    return called


def _unlisted(network: Network, listed: bool) -> None:
    known = {actor["actor"] for actor in network.actors}
    new = [end for tie in network.ties for end in (tie["source"], tie["target"]) if end not in known]
    for end in dict.fromkeys(new):
        network.actors.append({"actor": end})
    if listed and new:
        names = list(dict.fromkeys(new))
        network.note(0, f"{len(names)} actors with ties are not in the list of actors: {', '.join(names[:5])}")


# -- matrices -----------------------------------------------------------------------------------------------


def is_matrix(frame: pd.DataFrame) -> bool:
    """Whether a table is a matrix: names in the first column, and numbers or blanks in all others.

    Examples
    --------
    >>> is_matrix(pd.DataFrame({"": ["Alfa", "Beta"], "Alfa": ["0", "1"], "Beta": ["1", ""]}))
    True
    >>> is_matrix(pd.DataFrame({"actor": ["a", "b"], "employees": ["5", "7"]}))
    False
    """
    if len(frame.columns) < 2 or not len(frame):
        return False
    rows = [_text(value) for value in frame.iloc[:, 0]]
    heads = [str(column).strip() for column in frame.columns[1:]]
    cells = frame.iloc[:, 1:].map(_text)
    numeric = cells.map(lambda text: text.lower() in _EMPTY or _is_number(text)).to_numpy().all()
    if not numeric or len(set(rows)) < len(rows) or not all(rows):
        return False
    if set(rows) == set(heads):
        return True
    blank_corner = str(frame.columns[0]).strip().lower() in ("", "unnamed: 0", "column 1")
    return blank_corner and not any(_is_number(text) for text in [*rows, *heads])


def _is_number(text: str) -> bool:
    try:
        float(text.replace(",", "."))
    except ValueError:
        return False
    return True


def read_matrix(frame: pd.DataFrame, relation: str | None = None) -> Network:
    """Ties from a matrix of names by names, valued or not; of other names at the head than at the side, two-mode.

    A cell that is blank, 0 or "-" holds no tie. A matrix whose cells mirror each other is undirected, each tie once;
    a tie of an actor to itself (the diagonal) is left out and told.

    Examples
    --------
    >>> frame = pd.DataFrame({"": ["Alfa", "Beta"], "Alfa": ["0", "0"], "Beta": ["2", "0"]})
    >>> read_matrix(frame).ties
    [{'source': 'Alfa', 'target': 'Beta', 'directed': 1, 'weight': 2.0}]
    """
    network = Network("matrix")
    rows = [_text(value) for value in frame.iloc[:, 0]]
    heads = [str(column).strip() for column in frame.columns[1:]]
    network.two_mode = not set(rows) & set(heads)
    names = list(dict.fromkeys([*rows, *heads]))
    network.actors = [
        {"actor": name, **({"mode": 1 if name in rows else 2} if network.two_mode else {})} for name in names
    ]
    cells: dict[tuple[str, str], float] = {}
    for row, values in zip(rows, frame.iloc[:, 1:].itertuples(index=False), strict=True):
        for head, value in zip(heads, values, strict=True):
            text = _text(value)
            if text.lower() not in _EMPTY:
                cells[row, head] = float(text.replace(",", "."))
    loops = [pair for pair in cells if pair[0] == pair[1]]
    if loops:
        network.note(0, f"{len(loops)} cells of the diagonal are left out: a tie of an actor to itself")
    here = {pair: value for pair, value in cells.items() if pair not in loops and value}
    square = set(rows) == set(heads)
    undirected = square and bool(here) and all(here.get((b, a)) == value for (a, b), value in here.items())
    order = {name: place for place, name in enumerate(names)}
    for (source, target), value in here.items():
        if undirected and order[source] > order[target]:
            continue
        tie: dict[str, Any] = {"source": source, "target": target, "directed": 0 if undirected else 1, "weight": value}
        network.ties.append({**tie, "relation": relation} if relation else tie)
    network.taken = {
        "actors": "names at the side and head",
        "ties": "cells that are not 0",
        "direction": "from the side to the head" if not undirected else "the cells mirror each other: undirected",
        "weight": "the value of a cell",
        "mode": "two" if network.two_mode else "one",
    }
    return network


def joined(networks: Mapping[str, Network], kind: str) -> Network:
    """Several matrices of the same actors as one network, each a relation of its own."""
    whole = Network(kind)
    seen: dict[str, dict[str, Any]] = {}
    for name, one in networks.items():
        for actor in one.actors:
            seen.setdefault(actor["actor"], {}).update(actor)
        whole.ties += [{**tie, "relation": tie.get("relation", name)} for tie in one.ties]
        whole.notes += [note._replace(text=f"{name}: {note.text}") for note in one.notes]
        whole.two_mode |= one.two_mode
        whole.taken = dict(one.taken)
    whole.actors = list(seen.values())
    whole.taken["layer"] = "names of sheets"
    return whole
