"""From any network to the tables of a study, in one place: what is taken for actors, ties, layers, directions.

Columns of a study are taken over only where all their values keep the contract; else the column is an attribute of the
file's own and that is told. Nothing is guessed about who is inside: a network that names no rings has none.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from netklynge.exchange.network import Network, Note
from netklynge.files.tables import cell_text
from netklynge.findings import InputError
from netklynge.study.contracts import CATEGORY, TABLES
from netklynge.study.layers import LAYERS, UNSTATED, plain_layer
from netklynge.study.zones import RINGS

__all__ = ["Receipt", "layer_name", "reaches", "study_tables"]

# what others call our layers, in English and Norwegian; compared without case, blanks, hyphens and underscores
_CALLED: Mapping[str, str] = {
    name: layer
    for layer, names in {
        "supply": "supplies supplier suppliers leveranse leveranser levering leverandør kjøp",
        "rd": "r&d randd research researchanddevelopment fou f&u forskning forskningogutvikling",
        "ownership": "owns owner eierskap eier",
        "spin_off": "spinoff spinout knoppskyting avknopping avskalling",
        "service": "services tjeneste tjenester rådgivning",
        "funding": "finance financing finansiering",
        "education": "training utdanning opplæring",
        "mobility": "labourmobility mobilitet arbeidskraftmobilitet",
        "membership": "member memberships medlem medlemskap",
        "informal": "uformell uformelt",
        "licence": "license licensing lisens lisensiering",
        "alliance": "partnership allianse",
        "competition": "competitor konkurranse konkurrent",
        UNSTATED: "unstated",
    }.items()
    for name in (re.sub(r"[\s_-]", "", layer), *names.split())
}
_LAYER_COLUMNS = ("layer", "lag", "relation", "relasjon")
_PERHAPS = ("type", "kind", "label", "interaction", "edge_type", "tie", "name", "nettverk")
_FLAGS = ("directed", "strategic", "current", "houses_only", "peers")
_YES, _NO = ("1", "1.0", "true", "ja", "yes"), ("0", "0.0", "false", "nei", "no")
_CONTROL = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_SHOWN = 5


@dataclass(frozen=True)
class Receipt:
    """As what a network was read, and what could not be kept.

    Attributes
    ----------
    source, format : str
        The file or object, and its format as people call it.
    actors, ties : int
    layers : mapping
        Layer to the number of its ties.
    taken : mapping
        Role (actors, ties, layer, direction, weight, mode) to the file's own words for it.
    directed, undirected : int
        How many ties are of each kind.
    two_mode : bool
    attributes : mapping
        Table to the columns of the file's own that it bears.
    notes : tuple of Note
        What could not be kept or was read in a way its owner should know of, with line numbers where there are lines.

    Examples
    --------
    >>> import netklynge as nk
    >>> import networkx as nx
    >>> nk.load(nx.path_graph(3)).meta["reading"]["ties"]
    2
    """

    source: str
    format: str
    actors: int
    ties: int
    layers: Mapping[str, int]
    taken: Mapping[str, str]
    directed: int = 0
    undirected: int = 0
    two_mode: bool = False
    attributes: Mapping[str, Sequence[str]] = field(default_factory=dict)
    notes: tuple[Note, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Plain values, as JSON holds them."""
        return {
            "source": self.source,
            "format": self.format,
            "actors": self.actors,
            "ties": self.ties,
            "layers": dict(self.layers),
            "taken": dict(self.taken),
            "directed": self.directed,
            "undirected": self.undirected,
            "two_mode": self.two_mode,
            "attributes": {table: list(names) for table, names in self.attributes.items()},
            "notes": [{"line": note.line, "text": note.text} for note in self.notes],
        }

    def lines(self) -> list[str]:
        """The receipt as a reader of the command line sees it."""
        layers = ", ".join(f"{layer} {count}" for layer, count in self.layers.items()) or "none"
        told = [
            f"{self.source}: read as {self.format}: {self.actors} actors, {self.ties} ties"
            f" ({self.directed} directed, {self.undirected} undirected{', two-mode' if self.two_mode else ''})",
            f"  layers: {layers}",
        ]
        told += [f"  {role}: {words}" for role, words in self.taken.items()]
        told += [f"  own columns of {table}: {', '.join(names)}" for table, names in self.attributes.items() if names]
        return told + [f"  note: {f'line {note.line}: ' if note.line else ''}{note.text}" for note in self.notes]


def layer_name(text: str) -> str:
    """A relation's name as a layer: one of ours by its English or Norwegian name in any case, else its own words.

    Examples
    --------
    >>> layer_name("Leveranse"), layer_name("R&D"), layer_name("Friends")
    ('supply', 'rd', 'Friends')
    """
    return _CALLED.get(re.sub(r"[\s_-]", "", text).lower(), plain_layer(text))


def study_tables(network: Network, source: str) -> tuple[dict[str, pd.DataFrame], dict[str, Any], Receipt]:
    """The tables of a study, its meta data and the receipt.

    Parameters
    ----------
    network : Network
        As a reader gives it; not changed.
    source : str
        What findings and the receipt call it.

    Raises
    ------
    InputError
        An actor has no name, or two the same.
    """
    notes = list(network.notes)
    names = _names(network, notes)
    groups = {names[str(row["actor"])] for row in network.actors if str(row.get("kind", "")).strip() == CATEGORY}
    ties, kept = _ties(network, names, groups, notes)
    layers, taken_layer = _layers(ties, network.two_mode)
    actors = _table("actors", _actor_rows(network, names), notes)
    relations = _table("relations", ties, notes)
    relations["layer"] = pd.array(layers, dtype="string")
    relations["directed"] = pd.array([str(tie["directed"]) for tie in kept], dtype="string")
    scales = reaches(actors, relations)
    if scales is not None:
        relations["scale"] = scales
        notes.append(Note(0, "no tie says where its other end sits: taken from the rings of its actors"))
    own = [layer for layer in dict.fromkeys(layers) if layer not in (*LAYERS, UNSTATED)]
    taken = {role: words for role, words in network.taken.items() if role != "mode"}
    if taken_layer:
        taken["layer"] = taken_layer
    receipt = Receipt(
        source=source,
        format=network.kind,
        actors=len(actors),
        ties=len(relations),
        layers=dict(Counter(layers)),
        taken=taken,
        directed=sum(tie["directed"] == 1 for tie in kept),
        undirected=sum(tie["directed"] == 0 for tie in kept),
        two_mode=network.two_mode,
        attributes={
            table: [column for column in frame.columns if column not in TABLES[table]]
            for table, frame in (("actors", actors), ("relations", relations))
        },
        notes=tuple(dict.fromkeys(notes)),
    )
    meta: dict[str, Any] = {"layers": own} if own else {}
    return {"actors": _ordered("actors", actors), "relations": _ordered("relations", relations)}, meta, receipt


def reaches(actors: pd.DataFrame, relations: pd.DataFrame) -> pd.Series[str] | None:
    """Where each tie reaches by its actors' rings, the outer of both; None where ties say it or actors do not."""
    if "scale" not in actors or ("scale" in relations and relations["scale"].notna().any()) or not len(relations):
        return None
    place = {ring: k for k, ring in enumerate(RINGS)}
    rings = actors.set_index("actor")["scale"].map(place).astype("Float64")
    ends = pd.concat([relations[side].map(rings).astype("Float64") for side in ("source", "target")], axis=1)
    outer = ends.max(axis=1, skipna=False)
    return outer.map(dict(enumerate(RINGS)), na_action="ignore").astype("string")


def _names(network: Network, notes: list[Note]) -> dict[str, str]:
    """What each actor of the network is called in the study: without control characters, each once."""
    names: dict[str, str] = {}
    taken: set[str] = set()
    changed = 0
    for row in network.actors:
        own = str(row["actor"])
        if own in names:
            raise InputError(f"actor '{own[:60]}' stands twice")
        plain = " ".join(_CONTROL.sub(" ", own).split())
        if not plain:
            raise InputError("an actor has no name")
        name, number = plain, 2
        while name in taken:
            name, number = f"{plain} ({number})", number + 1
        changed += name != own
        taken.add(name)
        names[own] = name
    if changed:
        notes.append(Note(0, f"{changed} names of actors are written without line ends, double blanks and the like"))
    return names


def _actor_rows(network: Network, names: Mapping[str, str]) -> list[dict[str, Any]]:
    rows = []
    for row in network.actors:
        more = {key: value for key, value in row.items() if key not in ("actor", "name", "label", "mode")}
        label = row.get("name", row.get("label"))
        label = None if label is None else " ".join(_CONTROL.sub(" ", str(label)).split())
        told = {"actor": names[str(row["actor"])], **({"name": label} if label else {})}
        if "name" in row and row.get("label") not in (None, "", row["name"]):
            more["label"] = row["label"]
        if network.two_mode and row.get("mode") == 2 and "kind" not in row:
            more["kind"] = "network_org"
        if network.two_mode and "mode" in row:
            more["mode"] = row["mode"]
        rows.append({**told, **more})
    return rows


def _ties(
    network: Network, names: Mapping[str, str], groups: set[str], notes: list[Note]
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Ties with the study's names, those of an actor to itself left out and told."""
    ties: list[dict[str, Any]] = []
    loops: list[str] = []
    for tie in network.ties:
        try:
            source, target = names[str(tie["source"])], names[str(tie["target"])]
        except KeyError as error:
            raise InputError(f"a tie names {error}, who is not among the actors") from None
        if source == target and source not in groups:
            loops.append(source)
            continue
        ties.append({**tie, "source": source, "target": target})
    if loops:
        who = ", ".join(dict.fromkeys(loops[: _SHOWN * 4]))
        notes.append(Note(0, f"{len(loops)} ties of an actor to itself are left out: {_short(who)}"))
    return [{k: v for k, v in tie.items() if k != "directed"} for tie in ties], ties


def _short(text: str) -> str:
    return text if len(text) <= 120 else text[:119] + "…"


def _layers(ties: list[dict[str, Any]], two_mode: bool) -> tuple[list[str], str]:
    """The layer of each tie, taken out of its attributes, and the words for the receipt."""
    columns = list(dict.fromkeys(key for tie in ties for key in tie))
    lower = {column.strip().lower(): column for column in reversed(columns)}
    named = [lower[name] for name in _LAYER_COLUMNS if name in lower]
    for name in () if named else _PERHAPS:
        values = (
            [layer_name(str(tie[lower[name]])) for tie in ties if _told(tie.get(lower[name]))] if name in lower else []
        )
        if values and set(values) <= set(LAYERS):
            named = [lower[name]]
            break
    layers = []
    for tie in ties:
        told = next((layer_name(cell_text(tie[name])) for name in named if _told(tie.get(name))), "")
        if two_mode and told not in LAYERS:
            if told:
                tie["content"] = tie.get("content") or told
            told = "membership"
        layers.append(told or UNSTATED)
        kept = next((name for name in named if _told(tie.get(name))), None)
        for name in named:
            if name == kept or layer_name(cell_text(tie.get(name, ""))) == layers[-1]:
                tie.pop(name, None)
    if two_mode:
        return layers, "membership: the file has two kinds of actors, and ties from one to the other"
    return layers, " and ".join(f"'{name}'" for name in named)


def _told(value: Any) -> bool:
    if value is None or value is pd.NA or (isinstance(value, float) and math.isnan(value)):
        return False
    return bool(str(value).strip())


def _table(table: str, rows: list[dict[str, Any]], notes: list[Note]) -> pd.DataFrame:
    """Rows as a frame of text whose contract columns keep the contract; others get a name of their own."""
    rules = TABLES[table]
    columns = list(dict.fromkeys(key for row in rows for key in row))
    frame: dict[str, Any] = {}
    taken = set(columns)
    for column in columns:
        cells = [_cell(row.get(column)) for row in rows]
        name = " ".join(_CONTROL.sub(" ", str(column)).split()) or "attribute"
        own = name.removeprefix("attribute_")
        if own != name and own not in taken and own not in rules:
            name = own  # what a writer of ours had to rename
        if name in rules:
            if name in _FLAGS:
                cells = [_flag(cell) for cell in cells]
            pattern = re.compile(rules[name].pattern)
            wrong = next((cell for cell in cells if cell is not None and not pattern.fullmatch(cell)), None)
            if wrong is not None and "control" in rules[name].code:
                cells = [None if cell is None else _CONTROL.sub("\ufffd", cell) for cell in cells]
            elif wrong is not None:
                choices = rules[name].choices
                right = f"; it would be one of {', '.join(choices)}" if choices else ""
                notes.append(
                    Note(
                        0,
                        f"column '{name}' holds '{_short(wrong)}' and is kept as 'attribute_{name}'{right}",
                    )
                )
                name = f"attribute_{name}"
        else:
            cells = [
                None if cell is None else re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]", "\ufffd", cell) for cell in cells
            ]
        while name in frame:
            name += "_2"
        frame[name] = pd.array(cells, dtype="string")
    wanted = [name for name, rule in rules.items() if rule.required and name not in frame]
    made = pd.DataFrame(frame, index=pd.RangeIndex(2, len(rows) + 2, name="row"))
    for name in wanted:
        made[name] = pd.array([None] * len(rows), dtype="string")
    return made.loc[:, [c for c in made.columns if c in wanted or c in rules or made[c].notna().any()]]


def _cell(value: Any) -> str | None:
    if not _told(value):
        return None
    if hasattr(value, "item") and not isinstance(value, str):
        value = value.item()
    if isinstance(value, list | tuple | set):
        value = ";".join(map(str, value))
    return cell_text(value).strip() or None


def _flag(cell: str | None) -> str | None:
    if cell is None:
        return None
    return "1" if cell.lower() in _YES else "0" if cell.lower() in _NO else cell


def _ordered(table: str, frame: pd.DataFrame) -> pd.DataFrame:
    own: Iterable[str] = [column for column in TABLES[table] if column in frame.columns]
    return frame[[*own, *(column for column in frame.columns if column not in TABLES[table])]]
