"""Network Canvas' folder of CSV files: an ego, an attribute list and an edge list per interview and kind.

Each interview's ego is an actor with a tie to everybody it named (relation ``names``), and the edges are what the ego
told of ties among those. Alters of different interviews are different actors: the format does not say who is who.

References
----------
Network Canvas documentation, "CSV export: ego, alter attribute and edge list files".
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import pandas as pd

from netklynge.exchange.network import Network
from netklynge.findings import InputError

__all__ = ["is_canvas", "read_canvas"]

_EGO, _ALTER, _UUID = "networkCanvasEgoUUID", "networkCanvasUUID", re.compile(r"^networkCanvas|^ncUUID", re.IGNORECASE)
_SOURCE, _TARGET = "networkCanvasSourceUUID", "networkCanvasTargetUUID"


def is_canvas(tables: Mapping[str, pd.DataFrame]) -> bool:
    """Whether tables (name of the file to frame) are an export of Network Canvas."""
    return any(_EGO in frame.columns for frame in tables.values())


def read_canvas(tables: Mapping[str, pd.DataFrame]) -> Network:
    """Read the tables of an export folder.

    Raises
    ------
    InputError
        No file is an attribute list, or a tie names somebody who is in none.

    Examples
    --------
    >>> alters = pd.DataFrame({"networkCanvasEgoUUID": ["e1"], "networkCanvasUUID": ["u1"], "name": ["Avery"]})
    >>> net = read_canvas({"case_attributeList_person.csv": alters})
    >>> [(tie["source"], tie["target"], tie["relation"]) for tie in net.ties]
    [('e1', 'u1', 'names')]
    """
    network = Network("Network Canvas")
    egos: dict[str, dict[str, Any]] = {}
    alters: dict[str, dict[str, Any]] = {}
    edges: list[tuple[str, pd.DataFrame]] = []
    for file, frame in sorted(tables.items()):
        if {_SOURCE, _TARGET} <= set(frame.columns):
            edges.append((file, frame))
        elif {_EGO, _ALTER} <= set(frame.columns):
            kind = file.rpartition("attributeList_")[2].rpartition(".")[0]
            for row in frame.to_dict("records"):
                name = str(row[_ALTER])
                alters[name] = {"actor": name, "node_type": kind, **_kept(row)}
                egos.setdefault(str(row[_EGO]), {"actor": str(row[_EGO]), "node_type": "ego"})
                network.ties.append({"source": str(row[_EGO]), "target": name, "directed": 1, "relation": "names"})
        elif _EGO in frame.columns:
            for row in frame.to_dict("records"):
                egos[str(row[_EGO])] = {"actor": str(row[_EGO]), "node_type": "ego", **_kept(row)}
        else:
            network.note(0, f"{file}: is no file of Network Canvas and is not read")
    if not alters:
        raise InputError("holds no attribute list (a CSV with networkCanvasEgoUUID and networkCanvasUUID)")
    for file, frame in edges:
        relation = file.rpartition("edgeList_")[2].rpartition(".")[0] or "edge"
        for number, row in enumerate(frame.to_dict("records"), start=2):
            ends = [str(row[_SOURCE]), str(row[_TARGET])]
            lost = [end for end in ends if end not in alters]
            if lost:
                raise InputError(f"{file}: row {number}: '{lost[0][:40]}' is in no attribute list")
            network.ties.append(
                {"source": ends[0], "target": ends[1], "directed": 0, "relation": relation, **_kept(row)}
            )
    network.actors = [*egos.values(), *alters.values()]
    network.taken = {
        "actors": f"{len(egos)} egos and {len(alters)} alters",
        "ties": "egos' naming, and edge lists",
        "layer": "names, and the kind of each edge list",
        "direction": "naming is directed, edges are not",
    }
    return network


def _kept(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        str(k): v for k, v in row.items() if not _UUID.match(str(k)) and v is not None and not pd.isna(v) and v != ""
    }
