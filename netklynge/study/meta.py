"""What a study says of itself: ``study.yaml``, read once and typed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from netklynge.findings import Finding
from netklynge.study.layers import LAYERS, plain_layer
from netklynge.study.zones import RINGS

__all__ = ["COVERED", "Coverage", "Meta", "Report", "Respondents", "check_meta"]

COVERED = ("respondents", "all", "none")  # words that coverage knows; else a list of actors


@dataclass(frozen=True)
class Report:
    """The report that the study was coded from; blanks where it is not told."""

    title: str = ""
    number: str = ""
    publisher: str = ""

    def cite(self, *parts: str) -> str:
        """These parts (default: title, number, publisher) in one line, blanks left out.

        Examples
        --------
        >>> Report("Teknologibyene", "2005:11").cite()
        'Teknologibyene, 2005:11'
        """
        return ", ".join(text for part in parts or ("title", "number", "publisher") if (text := getattr(self, part)))


@dataclass(frozen=True)
class Respondents:
    """How many were asked and answered; None where it is not told."""

    asked: float | None = None
    answered: float | None = None


@dataclass(frozen=True)
class Coverage:
    """For whom silence about a layer means that there is no tie.

    ``of`` is "respondents", "all", "none", or "actors" with their ids in ``actors``.
    """

    of: str
    actors: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Meta(Mapping[str, Any]):
    """What ``study.yaml`` holds: typed where the package reads it, and as it was given for everything else.

    A mapping of what was given, and fields of what is read from it. A value of the wrong shape reads as not told.

    Parameters
    ----------
    given : mapping
        The content of the file.

    Examples
    --------
    >>> meta = Meta.of({"title": "Horten", "respondents": {"asked": None, "answered": 42}, "own": 1})
    >>> meta.title, meta.respondents.answered, meta["own"], "place" in meta
    ('Horten', 42.0, 1, False)
    """

    given: Mapping[str, Any] = field(default_factory=dict)
    name: str = ""
    title: str = ""
    title_nb: str = ""
    reference_year: int | None = None
    place: str = ""
    country: str = ""
    report: Report = field(default_factory=Report)
    zones: Mapping[str, str] = field(default_factory=dict)
    own_zones: Mapping[str, str] = field(default_factory=dict)
    own_layers: tuple[str, ...] = ()
    respondents: Respondents = field(default_factory=Respondents)
    coverage: Mapping[str, Coverage] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    synthetic: bool = False
    public: bool = False
    register: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, given: Mapping[str, Any] | None) -> Meta:
        """What a mapping says; a :class:`Meta` is read anew from what it was given."""
        told = dict(given or {})
        zones, report, asked = (_mapping(told.get(key)) for key in ("zones", "report", "respondents"))
        year = _number(told.get("reference_year"))
        notes = told.get("notes")
        return cls(
            given=told,
            **{key: _text(told.get(key)) for key in ("name", "title", "title_nb", "place", "country")},
            reference_year=None if year is None else int(year),
            report=Report(*(_text(report.get(key)) for key in ("title", "number", "publisher")))
            if report
            else Report(_text(told.get("report"))),
            zones={ring: _text(zones[ring]) for ring in RINGS if zones.get(ring)},
            own_zones={_text(zone): _text(rings) for zone, rings in _mapping(zones.get("own_zone_names")).items()},
            own_layers=_own_layers(told),
            respondents=Respondents(_number(asked.get("asked")), _number(asked.get("answered"))),
            coverage={
                str(layer): found
                for layer, of in _mapping(told.get("coverage")).items()
                if layer in (*LAYERS, *_own_layers(told)) and (found := _coverage(of)) is not None
            },
            notes=tuple(map(str, notes)) if isinstance(notes, list | tuple) else (str(notes),) if notes else (),
            synthetic=bool(told.get("synthetic")),
            public=bool(told.get("public")),
            register=_mapping(told.get("register")),
        )

    def __getitem__(self, key: str) -> Any:
        """What the file holds under `key`."""
        return self.given[key]

    def __iter__(self) -> Iterator[str]:
        """The keys that the file holds."""
        return iter(self.given)

    def __len__(self) -> int:
        """How many keys the file holds."""
        return len(self.given)

    def __repr__(self) -> str:
        return f"Meta({dict(self.given)!r})"


def check_meta(meta: Mapping[str, Any], file: str) -> list[Finding]:
    """Findings of what ``study.yaml`` says: its year, the rings of its own zones, its coverage."""
    findings = []
    year = meta.get("reference_year")
    if year is not None and (isinstance(year, bool) or not isinstance(year, int) or not 1 <= year <= 9999):
        findings.append(Finding(file, 0, "reference_year", str(year), "no_reference_year"))
    for zone, rings in _mapping(_mapping(meta.get("zones")).get("own_zone_names")).items():
        where = f"zones.own_zone_names.{zone}"
        strange = [ring for ring in str(rings).split(",") if ring.strip() not in RINGS]
        findings += [Finding(file, 0, where, str(rings), "unknown_ring_in_zone", rings=RINGS) for _ in strange]
    layers = meta.get("layers")
    if layers is not None and not isinstance(layers, list | Mapping):
        findings.append(Finding(file, 0, "layers", str(layers), "no_layers"))
    own = _own_layers(meta)
    named = list(layers) if isinstance(layers, list | Mapping) else []
    findings += [Finding(file, 0, "layers", str(name), "no_layer_name") for name in named if str(name) not in own]
    told = meta.get("coverage")
    if told is not None and not isinstance(told, Mapping):
        findings.append(Finding(file, 0, "coverage", str(told), "no_coverage"))
    for layer, of in _mapping(told).items():
        where = f"coverage.{layer}"
        if layer not in (*LAYERS, *own):
            findings.append(Finding(file, 0, where, str(layer), "unknown_layer", choices=(*LAYERS, *own)))
        elif _coverage(of) is None:
            findings.append(Finding(file, 0, where, str(of), "unknown_coverage", choices=COVERED))
    return findings


def _own_layers(meta: Mapping[str, Any]) -> tuple[str, ...]:
    """Layers of the study's own, from a list of names or a mapping of name to what it carries; none of ours."""
    told = meta.get("layers")
    names = [str(name) for name in told] if isinstance(told, list | Mapping) else []
    return tuple(dict.fromkeys(name for name in names if name and name not in LAYERS and plain_layer(name) == name))


def _coverage(told: Any) -> Coverage | None:
    of = told.get("of") if isinstance(told, Mapping) else told
    if isinstance(of, list) and all(isinstance(actor, str) for actor in of):
        return Coverage("actors", tuple(of))
    if isinstance(of, str) and of in COVERED:
        return Coverage(of)
    return None


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _text(value: Any) -> str:
    return "" if value is None else str(value)


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) and value == value else None
