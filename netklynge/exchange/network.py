"""What a network file holds, whatever its format: actors and ties with the attributes that the file gives them.

Every reader of this wing gives a :class:`Network`. It keeps the file's own words; what they are taken for is decided in
one place, :mod:`netklynge.exchange.reading`. What a reader cannot keep it writes down with its line: nothing drops out
without a word.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from netklynge.findings import Finding

__all__ = ["Network", "Note"]


class Note(NamedTuple):
    """Something that was read in a way its owner should know of, or not kept."""

    line: int  # as an editor counts; 0 for the file as a whole
    text: str


@dataclass
class Network:
    """Actors and ties as a file gives them.

    Attributes
    ----------
    kind : str
        The format, as people call it.
    actors : list of dict
        Each with ``actor``, what tells it apart in the file, and perhaps ``name``, its label; then its attributes.
    ties : list of dict
        Each with ``source`` and ``target`` (of ``actors``), ``directed``, and perhaps ``relation`` (the name of the
        network or matrix it stands in) and ``weight``; then its attributes.
    two_mode : bool
        Ties run from members to what they are members of.
    taken : dict
        What was taken for what, for the receipt: role to the file's words.
    notes : list of Note
    findings : list of Finding
        What is wrong with the tables that it stands in: rows with too many cells, merged cells.
    """

    kind: str
    actors: list[dict[str, Any]] = field(default_factory=list)
    ties: list[dict[str, Any]] = field(default_factory=list)
    two_mode: bool = False
    taken: dict[str, str] = field(default_factory=dict)
    notes: list[Note] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    def note(self, line: int, text: str) -> None:
        """Write down what its owner should know."""
        self.notes.append(Note(line, text))

    def columns(self, rows: str) -> Iterator[str]:
        """The attributes that ``actors`` or ``ties`` bear, each once, in the order met."""
        yield from dict.fromkeys(key for row in getattr(self, rows) for key in row)
