"""What a codebook says once it is read: questions, their items, and which column plays which role."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from netklynge.parsers.places import country_code
from netklynge.surveys.surveyfiles import MISSING_KINDS

if TYPE_CHECKING:
    pass

__all__ = ["FLOWS", "NONE", "PARTNER_ROLES", "QUESTION_KINDS", "Codebook", "Item", "Question"]


QUESTION_KINDS = ("grid", "roster", "partners", "shares", "rating", "choice", "yes_no", "number")


FLOWS = ("in", "out", "both")


PARTNER_ROLES = ("name", "organisation_number", "place", "ring", "what", "strategic", "year")


NONE = "none"  # the answer of a respondent who saw the question and ticked nothing


@dataclass(frozen=True)
class Item:
    """One row of a question: what it is called, and which column plays which role."""

    id: str
    text: str
    columns: Mapping[str, str]
    layer: str | None = None
    flow: str = "both"
    actor: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Question:
    """A question: its kind, its items, and what its codes mean. Keys are explained in ``docs/codebook.md``."""

    id: str
    kind: str
    text: str
    items: tuple[Item, ...]
    codes: Mapping[str, str] = field(default_factory=dict)
    scores: Mapping[str, str] = field(default_factory=dict)
    missing: Mapping[str, str] = field(default_factory=dict)
    by: str | None = None
    asked_if: tuple[str, tuple[str, ...]] | None = None
    total: float = 100.0
    tolerance: float = 1.0
    minimum: float | None = None
    maximum: float | None = None
    several: bool = False
    counts: bool = False
    optional: bool = False
    documented: bool = True
    partner_kind: str = "firm"
    blank: str = MISSING_KINDS[0]
    synthetic: bool = True

    @property
    def columns(self) -> list[str]:
        """Every column of the question, in order."""
        return [column for item in self.items for column in item.columns.values()]


@dataclass(frozen=True)
class Codebook:
    """A questionnaire as :func:`load` reads it."""

    name: str
    file: str
    respondent: Mapping[str, str]
    questions: tuple[Question, ...]
    head_office: Mapping[str, str] = field(default_factory=dict)
    completed: tuple[str, tuple[str, ...]] | None = None
    missing: Mapping[str, str] = field(default_factory=dict)
    aliases: Mapping[str, Sequence[str]] = field(default_factory=dict)
    groups: Mapping[str, int] = field(default_factory=dict)
    meta: Mapping[str, Any] = field(default_factory=dict)
    folder: Path | None = None
    margins: str | None = None
    lines: Mapping[tuple[str, ...], int] = field(default_factory=dict)

    @property
    def own_zones(self) -> Mapping[str, str]:
        """Zones of the survey's own, and the rings that each covers."""
        zones = self.meta.get("zones") or {}
        return dict(zones.get("own_zone_names") or {})

    @property
    def country(self) -> str:
        """ISO code of the country that the survey is of."""
        return country_code(str(self.meta.get("country") or "NO")) or "NO"

    @property
    def columns(self) -> list[str]:
        """Every column that the codebook names, each once, in order."""
        gates = [question.asked_if[0] for question in self.questions if question.asked_if]
        completed = [self.completed[0]] if self.completed else []
        asked = [column for question in self.questions for column in question.columns]
        return list(dict.fromkeys([*self.respondent.values(), *completed, *gates, *asked]))
