"""What every writer starts from: a study's actors and ties as plain values, text that files can hold."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from netklynge.study.study import Study

__all__ = ["Outgoing", "apart", "clean"]

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


def clean(text: str) -> str:
    """Text without what XML and workbooks refuse."""
    return _CONTROL.sub("\ufffd", text)


@dataclass(frozen=True)
class Outgoing:
    """A study's actors and ties, blanks left out.

    Attributes
    ----------
    name : str
    actors : list of dict
        ``actor`` (unlike any other) and the columns that are told.
    ties : list of dict
        ``source``, ``target``, ``layer``, ``directed`` (1 where nobody says), and the columns that are told.
    """

    name: str
    actors: list[dict[str, Any]]
    ties: list[dict[str, Any]]

    @classmethod
    def of(cls, study: Study, layer: str | None = None) -> Outgoing:
        """All actors with all ties, or those of one layer with those who have them."""
        ties = study.ties(layer, "all")
        actors = study.actors
        if layer is not None:
            actors = actors[actors["actor"].isin(ties["source"]) | actors["actor"].isin(ties["target"])]
        rows, edges = _rows(actors), _rows(ties)
        known = {row["actor"] for row in rows}
        for tie in edges:
            tie["directed"] = int(tie.get("directed", 1))
            for end in (tie["source"], tie["target"]):
                if end not in known:  # a view of a year may lack an actor
                    known.add(end)
                    rows.append({"actor": end, "name": end})
        return cls(clean(study.name), rows, edges)

    def columns(self, rows: str) -> dict[str, type]:
        """Columns of ``actors`` or ``ties`` beyond their ids, each with the narrowest type that holds its values."""
        found: dict[str, set[type]] = {}
        for row in getattr(self, rows):
            for key, value in row.items():
                found.setdefault(key, set()).add(type(value))
        for key in ("actor", "source", "target", "directed"):
            found.pop(key, None)
        return {key: _widest(types) for key, types in found.items()}

    def node_frame(self) -> pd.DataFrame:
        """The actors as a table, columns without values left out."""
        return self._frame("actors", ["actor", "name"])

    def tie_frame(self) -> pd.DataFrame:
        """The ties as a table without ``directed``."""
        return self._frame("ties", ["source", "target", "layer"])

    def _frame(self, rows: str, first: list[str]) -> pd.DataFrame:
        columns = [*first, *(name for name in self.columns(rows) if name not in first)]
        data = {name: pd.array([_cell(row.get(name)) for row in getattr(self, rows)], dtype=object) for name in columns}
        frame = pd.DataFrame({k: data[name] for k, name in enumerate(columns)})
        return frame.set_axis([apart(name) for name in columns], axis=1)

    def labels(self) -> dict[str, str]:
        """What to call each actor where names must be unlike: its name, with its id where others have the name too."""
        counts = Counter(str(row.get("name", row["actor"])) for row in self.actors)
        ids = {row["actor"] for row in self.actors}
        called: dict[str, str] = {}
        for row in self.actors:
            name = str(row.get("name", row["actor"]))
            alone = counts[name] == 1 and (name == row["actor"] or name not in ids)
            label = (name if alone else f"{name} [{row['actor']}]").replace("|", "/")  # which parts targets in Kumu
            taken = set(called.values()) | ids - {row["actor"]} if "|" in name + row["actor"] else set()
            called[row["actor"]] = label if label not in taken else f"{label} ({len(called)})"
        return called

    def layers(self) -> list[str]:
        """Layers that have ties, in the order met."""
        return list(dict.fromkeys(tie["layer"] for tie in self.ties))

    def matrices(self) -> dict[str, dict[tuple[int, int], float]]:
        """Per layer the cells of who has how many ties (or how much weight) to whom; an undirected tie fills both."""
        place = {row["actor"]: k for k, row in enumerate(self.actors)}
        cells: dict[str, dict[tuple[int, int], float]] = {layer: {} for layer in self.layers()}
        for tie in self.ties:
            here = cells[tie["layer"]]
            weight = _weight(tie.get("weight"))
            a, b = place[tie["source"]], place[tie["target"]]
            for cell in {(a, b)} if tie["directed"] else {(a, b), (b, a)}:
                here[cell] = here.get(cell, 0) + weight
        return cells


# headings that programs take for their own; columns of a study called so are told apart
_TAKEN = frozenset(
    [
        "id",
        "label",
        "type",
        "strength",
        "from",
        "to",
        "direction",
        "directed",
        "relation",
        "lag",
        "relasjon",
        "vekt",
        "styrke",
        "retning",
        "value",
        "kilde",
        "mål",
        "fra",
        "til",
        "node1",
        "node2",
        "ego",
        "alter",
        "navn",
        "node",
        "medlem",
        "aktør",
        "kobling",
        "hva",
    ]
)
_SAME = ("Source", "Target", "Name", "Kind", "Layer", "Actor", "Weight")  # of columns of ours, but for a capital


def apart(name: str) -> str:
    """The heading of a column in a table whose program has words of its own."""
    return f"attribute_{name}" if name.strip().lower() in _TAKEN or name.strip() in _SAME else name


def _cell(value: Any) -> Any:
    return int(value) if isinstance(value, bool) else value


def _weight(value: Any) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError):
        return 1
    if number != number or number in (float("inf"), float("-inf")) or not number:
        return 1
    return int(number) if number.is_integer() else number


def _rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    columns = [(str(c), frame[c].astype(object).tolist(), frame[c].notna().tolist()) for c in frame.columns]
    return [{name: _plain(values[k]) for name, values, told in columns if told[k]} for k in range(len(frame))]


def _plain(value: Any) -> Any:
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return int(value)
    return (
        clean(value)
        if isinstance(value, str)
        else value
        if isinstance(value, bool | int | float)
        else clean(str(value))
    )


def _widest(types: set[type]) -> type:
    if types == {bool}:
        return bool
    if types == {int}:
        return int
    return float if types <= {int, float} else str
