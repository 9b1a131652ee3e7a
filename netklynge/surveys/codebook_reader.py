"""The content of a codebook's YAML to a :class:`Codebook`, with a finding and its line for whatever cannot be."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from netklynge.findings import Finding
from netklynge.parsers.codes import code_key, word
from netklynge.study.contracts import KINDS
from netklynge.study.layers import LAYERS
from netklynge.study.zones import NOT_RELEVANT, RINGS, zone_rings
from netklynge.surveys.questionnaire import FLOWS, NONE, PARTNER_ROLES, QUESTION_KINDS, Codebook, Item, Question
from netklynge.surveys.surveyfiles import MISSING_KINDS

if TYPE_CHECKING:
    pass

__all__ = ["Reader"]


_TOP = (
    "name",
    "title",
    "year",
    "country",
    "place",
    "report",
    "zones",
    "notes",
    "respondents",
    "missing",
    "aliases",
    "respondent",
    "questions",
    "unused",
    "groups",
    "margins",
)


_RESPONDENT = (
    "id",
    "name",
    "organisation_number",
    "place",
    "sector",
    "role",
    "employees",
    "founded",
    "owner",
    "head_office",
    "owner_country",
    "weight",
    "group",
    "completed",
)


_QUESTION = (
    "kind",
    "text",
    "layer",
    "flow",
    "rings",
    "columns",
    "column",
    "not_relevant",
    "items",
    "codes",
    "scores",
    "missing",
    "slots",
    "total",
    "tolerance",
    "minimum",
    "maximum",
    "several",
    "counts",
    "by",
    "asked_if",
    "optional",
    "names",
    "partner_kind",
    "synthetic",
    "blank",
)


_ITEM = ("text", "layer", "flow", "columns", "column", "not_relevant", "name", "place", "ring", "kind")


_NEEDS_LAYER = ("grid", "roster", "partners", "shares")


_YES_NO = {
    "1": "yes",
    "2": "no",
    "0": "no",
    "y": "yes",
    "n": "no",
    "yes": "yes",
    "no": "no",
    "ja": "yes",
    "nei": "no",
    "j": "yes",
    "true": "yes",
    "false": "no",
}


class Reader:
    """Turns the content of a YAML file into a codebook and notes what is wrong, with its line."""

    def __init__(self, path: Path, lines: Mapping[tuple[str, ...], int]) -> None:
        self.path = path
        self.lines = lines
        self.findings: list[Finding] = []

    def wrong(self, place: tuple[str, ...], value: Any, code: str, /, **args: Any) -> None:
        """Note a finding at the nearest line that the place has."""
        line = next((self.lines[place[:n]] for n in range(len(place), 0, -1) if place[:n] in self.lines), 0)
        self.findings.append(Finding(self.path.name, line, ".".join(place), _shown(value), code, **args))

    def codebook(self, content: Mapping[str, Any]) -> tuple[Codebook | None, list[Finding]]:
        """The codebook, None when there are findings, and those."""
        self._keys(content, _TOP, ())
        zones = content.get("zones") if isinstance(content.get("zones"), dict) else {}
        own = zones.get("own_zone_names") if isinstance(zones, dict) else None
        self.zones: Mapping[str, str] = own if isinstance(own, dict) else {}
        for zone, rings in self.zones.items():
            if not zone_rings(zone, self.zones):
                self.wrong(("zones", "own_zone_names", str(zone)), rings, "unknown_ring", choices=RINGS)
        respondent = self._mapping(content, "respondent", ())
        questions = self._mapping(content, "questions", ())
        self._keys(respondent, _RESPONDENT, ("respondent",))
        if "id" not in respondent and "name" not in respondent and "organisation_number" not in respondent:
            self.wrong(("respondent",), "", "nobody_told_apart")
        year = content.get("year")
        if year is not None and (isinstance(year, bool) or not isinstance(year, int)):
            self.wrong(("year",), year, "book_year")
        asked = tuple(self._question(str(key), spec) for key, spec in questions.items())
        self._columns_once(asked)
        office = respondent.get("head_office")
        office = office if isinstance(office, dict) else {"column": office} if office else {}
        columns = {role: str(column) for role, column in respondent.items() if role not in ("head_office", "completed")}
        if "column" in office:
            columns["head_office"] = str(office["column"])
        meta = {
            key: content[key]
            for key in ("title", "place", "country", "report", "zones", "respondents", "notes")
            if key in content
        }
        if year is not None:
            meta["reference_year"] = year
        book = Codebook(
            name=str(content.get("name") or self.path.stem),
            file=self.path.name,
            respondent=columns,
            questions=tuple(question for question in asked if question is not None),
            head_office=self._meanings(office.get("codes"), ("respondent", "head_office", "codes"), self._places()),
            completed=self._condition(respondent.get("completed"), ("respondent", "completed")),
            missing=self._missing(content.get("missing"), ("missing",)),
            aliases=self._aliases(content.get("aliases")),
            groups=self._groups(content.get("groups")),
            meta=meta,
            folder=self.path.parent,
            margins=str(content["margins"]) if content.get("margins") else None,
            lines=self.lines,
        )
        return (None if self.findings else book), sorted(self.findings)

    # -- parts of a codebook ---------------------------------------------------------------------------

    def _question(self, key: str, spec: Any) -> Question | None:
        place = ("questions", key)
        if not isinstance(spec, dict):
            self.wrong(place, spec, "no_question")
            return None
        self._keys(spec, _QUESTION, place)
        kind = str(spec.get("kind", ""))
        if kind not in QUESTION_KINDS:
            self.wrong((*place, "kind"), kind, "unknown_question", choices=QUESTION_KINDS)
            return None
        self._one_of(spec, "layer", LAYERS, place)
        self._one_of(spec, "flow", FLOWS, place)
        self._one_of(spec, "names", ("documented", "placeholder"), place)
        self._one_of(spec, "partner_kind", KINDS, place)
        self._one_of(spec, "blank", MISSING_KINDS, place)
        numbers = {
            name: self._number(spec, name, place) for name in ("total", "tolerance", "minimum", "maximum", "slots")
        }
        rings = self._rings(spec.get("rings"), (*place, "rings"))
        items = self._items(kind, spec, rings, int(numbers["slots"] or 0), place)
        allowed = {"grid": (*self._places(), NOT_RELEVANT, NONE), "partners": self._places()}.get(kind)
        codes = self._meanings(spec.get("codes"), (*place, "codes"), allowed)
        if kind in ("yes_no", "roster"):
            codes = codes or _YES_NO
        if kind == "grid" and not codes and any("answer" in item.columns for item in items):
            self.wrong(place, kind, "ring_of_code")
        return Question(
            id=key,
            kind=kind,
            text=str(spec.get("text") or key),
            items=items,
            codes=codes,
            scores={str(k): str(v) for k, v in spec.get("scores", {}).items()}
            if isinstance(spec.get("scores"), dict)
            else {},
            missing=self._missing(spec.get("missing"), (*place, "missing")),
            by=str(spec["by"]) if spec.get("by") else None,
            asked_if=self._condition(spec.get("asked_if"), (*place, "asked_if")),
            total=100.0 if numbers["total"] is None else numbers["total"],
            tolerance=1.0 if numbers["tolerance"] is None else numbers["tolerance"],
            minimum=numbers["minimum"],
            maximum=numbers["maximum"],
            several=bool(spec.get("several", False)),
            counts=bool(spec.get("counts", False)),
            optional=bool(spec.get("optional", False)),
            documented=spec.get("names") != "placeholder",
            partner_kind=str(spec.get("partner_kind", "firm")),
            blank=str(spec.get("blank", MISSING_KINDS[0])),
            synthetic=bool(spec.get("synthetic", True)),
        )

    def _items(
        self, kind: str, spec: Mapping[str, Any], rings: Mapping[str, str], slots: int, place: tuple[str, ...]
    ) -> tuple[Item, ...]:
        given = spec.get("items")
        if kind == "partners":
            if not slots:
                self.wrong(place, "", "no_slots")
            given = {str(slot): str(slot) for slot in range(1, slots + 1)}
        elif given is None:
            given = {"": str(spec.get("text") or place[-1])}
        elif isinstance(given, list):
            given = {str(name): str(name) for name in given}
        if not isinstance(given, dict) or not given:
            self.wrong((*place, "items"), given, "no_items")
            return ()
        items = []
        for key, value in given.items():
            here = (*place, "items", str(key)) if key else place
            own = value if isinstance(value, dict) else {"text": value}
            self._keys(own, _ITEM, here)
            self._one_of(own, "layer", LAYERS, here)
            self._one_of(own, "flow", FLOWS, here)
            self._one_of(own, "ring", RINGS, here)
            self._one_of(own, "kind", KINDS, here)
            layer = own.get("layer", spec.get("layer"))
            if kind in _NEEDS_LAYER and layer is None:
                self.wrong(here, layer, "no_layer", choices=LAYERS)
            actor = {role: str(own[role]) for role in ("name", "place", "ring", "kind") if own.get(role)}
            columns = self._columns(kind, {**spec, **own}, str(key), rings, here)
            text = own.get("text") or own.get("name") or key
            flow = str(own.get("flow") or spec.get("flow") or "both")
            items.append(Item(str(key), str(text), columns, str(layer) if layer else None, flow, actor))
        return tuple(items)

    def _columns(
        self, kind: str, spec: Mapping[str, Any], item: str, rings: Mapping[str, str], place: tuple[str, ...]
    ) -> dict[str, str]:
        """Role to column: rings for tick grids and shares, parts of a partner, else 'answer'."""
        many, one = spec.get("columns"), spec.get("column")
        if one is not None:
            return {"answer": self._filled(str(one), place, item=item)}
        if isinstance(many, str) and ("{ring}" in many or kind == "shares"):
            columns = {ring: self._filled(many, place, item=item, ring=part) for part, ring in rings.items()}
        elif isinstance(many, str):
            return {"answer": self._filled(many, place, item=item)}
        elif isinstance(many, dict):
            allowed = PARTNER_ROLES if kind == "partners" else self._places()
            for role in many:
                if role not in allowed:
                    self.wrong((*place, "columns", str(role)), role, "unknown_role", choices=allowed)
            columns = {str(role): self._filled(str(name), place, item=item, slot=item) for role, name in many.items()}
            if kind == "partners" and "name" not in columns:
                self.wrong((*place, "columns"), many, "partners_nameless")
        else:
            self.wrong(place, many, "no_columns")
            return {}
        if spec.get("not_relevant"):
            columns[NOT_RELEVANT] = self._filled(str(spec["not_relevant"]), place, item=item)
        return columns

    def _filled(self, pattern: str, place: tuple[str, ...], **parts: str) -> str:
        """The pattern with {item}, {ring} and {slot} filled in; other braces are left as they are."""
        for part in re.findall(r"\{(item|ring|slot)\}", pattern):
            if part not in parts:
                self.wrong(place, pattern, "nothing_to_fill", part=f"{{{part}}}")
        return re.sub(r"\{(item|ring|slot)\}", lambda match: parts.get(match[1], match[0]), pattern)

    def _rings(self, given: Any, place: tuple[str, ...]) -> dict[str, str]:
        if given is None:
            return {ring: ring for ring in RINGS}
        if isinstance(given, list):
            given = {ring: ring for ring in given}
        return dict(self._meanings(given, place, (*self._places(), NOT_RELEVANT), fold=False))

    def _places(self) -> tuple[str, ...]:
        return (*RINGS, *map(str, self.zones))

    def _meanings(
        self, given: Any, place: tuple[str, ...], allowed: Sequence[str] | None = None, fold: bool = True
    ) -> dict[str, str]:
        """Code or label to meaning."""
        if given is None:
            return {}
        if not isinstance(given, dict):
            self.wrong(place, given, "no_codes")
            return {}
        for code, meaning in given.items():
            if allowed is not None and meaning not in (*allowed, *MISSING_KINDS):
                self.wrong((*place, str(code)), meaning, "unknown_meaning", choices=(*allowed, *MISSING_KINDS))
        return {code_key(code) if fold else str(code): word(meaning) for code, meaning in given.items()}

    def _missing(self, given: Any, place: tuple[str, ...]) -> dict[str, str]:
        """Code to kind of missing answer, from kind to codes."""
        if given is None:
            return {}
        if not isinstance(given, dict):
            self.wrong(place, given, "no_missing_codes", choices=MISSING_KINDS)
            return {}
        found: dict[str, str] = {}
        for kind, codes in given.items():
            if kind not in MISSING_KINDS:
                self.wrong((*place, str(kind)), kind, "unknown_missing", choices=MISSING_KINDS)
            for code in codes if isinstance(codes, list) else [codes]:
                if code_key(code) in found:
                    other = found[code_key(code)]
                    self.wrong((*place, str(kind)), code, "code_twice", other=other)
                found[code_key(code)] = str(kind)
        return found

    def _condition(self, given: Any, place: tuple[str, ...]) -> tuple[str, tuple[str, ...]] | None:
        if given is None:
            return None
        if not isinstance(given, dict) or "column" not in given or "codes" not in given:
            self.wrong(place, given, "no_condition", example="{column: q14, codes: [1]}")
            return None
        codes = given["codes"] if isinstance(given["codes"], list) else [given["codes"]]
        return str(given["column"]), tuple(map(code_key, codes))

    def _aliases(self, given: Any) -> dict[str, Sequence[str]]:
        if given is None:
            return {}
        if not isinstance(given, dict):
            self.wrong(("aliases",), given, "no_aliases")
            return {}
        return {
            str(name): [str(o) for o in (other if isinstance(other, list) else [other])]
            for name, other in given.items()
        }

    def _groups(self, given: Any) -> dict[str, int]:
        if given is None:
            return {}
        if not isinstance(given, dict) or not all(isinstance(n, int) and n > 0 for n in given.values()):
            self.wrong(("groups",), given, "no_groups")
            return {}
        return {str(name): int(size) for name, size in given.items()}

    # -- small checks ----------------------------------------------------------------------------------

    def _mapping(self, content: Mapping[str, Any], key: str, place: tuple[str, ...]) -> Mapping[str, Any]:
        value = content.get(key)
        if not isinstance(value, dict) or not value:
            self.wrong((*place, key), value, "block_missing", key=key)
            return {}
        return value

    def _keys(self, given: Mapping[str, Any], known: Sequence[str], place: tuple[str, ...]) -> None:
        for key in given:
            if key not in known:
                near = difflib.get_close_matches(str(key), known, n=1)
                code, args = ("unknown_key_near", {"near": near[0]}) if near else ("unknown_key", {"choices": known})
                self.wrong((*place, str(key)), key, code, **args)

    def _one_of(self, spec: Mapping[str, Any], key: str, allowed: Sequence[str], place: tuple[str, ...]) -> None:
        if spec.get(key) is not None and spec[key] not in allowed:
            self.wrong((*place, key), spec[key], f"unknown_{key}", choices=allowed)

    def _number(self, spec: Mapping[str, Any], key: str, place: tuple[str, ...]) -> float | None:
        value = spec.get(key)
        if value is None:
            return None
        if (
            isinstance(value, bool)
            or not isinstance(value, int | float)
            or (key in ("slots", "tolerance") and value < 0)
        ):
            self.wrong((*place, key), value, "book_number")
            return None
        return float(value)

    def _columns_once(self, questions: Iterable[Question | None]) -> None:
        first: dict[str, str] = {}
        for question in questions:
            for column in question.columns if question is not None else ():
                if column in first:
                    assert question is not None
                    self.wrong(("questions", question.id), column, "column_of_two", question=first[column])
                first.setdefault(column, question.id if question is not None else "")


def _shown(value: Any) -> str:
    return "" if value is None else str(value)
