"""The contract of each table of a study: its columns, what a cell may hold, what must hold between tables.

Contracts are checked on text: every failure is reported with its row, column and value before anything is converted.
:func:`typed` then gives the columns their types; it cannot fail on a table without findings.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

import pandas as pd

from netklynge.findings import Finding
from netklynge.study.layers import LAYERS, UNSTATED
from netklynge.study.older import taken_over
from netklynge.study.zones import NOT_RELEVANT, RINGS, zone_rings

__all__ = [
    "CATEGORY",
    "KINDS",
    "TABLES",
    "check_study",
    "check_table",
    "typed",
]

CATEGORY = "category"
ACTUAL, PLANNED, ABSENT, SOURCE_ONLY = "actual", "planned", "absent", "source_only"
ACTOR_STATUSES = (ACTUAL, PLANNED, SOURCE_ONLY)
TIE_STATUSES = (ACTUAL, PLANNED, ABSENT)
WHOLE, PART, UNIT, LINEAGE = "whole", "part", "unit", "lineage"
OWNERSHIPS = (WHOLE, PART, UNIT, LINEAGE)  # lineage: a merger or common origin, so none
CONFIDENCES = ("high", "medium", "low")
TOPICS = ("size", "large", "owner", "commitment", "body", "trust", "labour", "branch")  # of statements, beside layers
QUANTITIES = (
    "none",
    "hardly_any",
    "few",
    "some",
    "about_half",
    "many",
    "most",
    "nearly_all",
    "all",
    "more",
    "less",
)
KINDS: tuple[str, ...] = (
    "firm",
    "research",
    "education",
    "public",
    "investor",
    "network_org",
    "parent",
    CATEGORY,
)


@dataclass(frozen=True)
class Rule:
    """What one cell may hold: a pattern, and the codes of what is found when it does not or is blank."""

    pattern: str
    code: str
    choices: tuple[str, ...] = ()
    blank: str = "blank_name"
    dtype: str = "string[python]"  # faster than Arrow on the few thousand rows of a study
    required: bool = False


def _one_of(values: tuple[str, ...], what: str, required: bool = False) -> Rule:
    pattern = "|".join(values)
    return Rule(rf"(?:{pattern})", f"unknown_{what}", values, required=required)


# Control characters break XML and workbooks, and terminals obey them; digits other than 0-9 would turn into blanks.
_PLAIN = r"[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]"
_TEXT = Rule(rf"{_PLAIN}*", "control_character")
_NAME = Rule(rf"{_PLAIN}+", "control_in_name", required=True)
_YEAR = Rule(r"[1-9][0-9]{0,3}(?:\.0+)?", "no_year", dtype="Int64")
_NUMBER = Rule(r"[0-9]{1,15}(?:[.][0-9]{1,15})?", "no_number", dtype="Float64")
_SUM = Rule(r"-?[0-9]{1,15}(?:[.][0-9]{1,15})?", "no_amount", dtype="Float64")  # a credit note is below 0
_FLAG = Rule(r"[01](?:\.0+)?", "no_flag", dtype="boolean")
_RING = _one_of(RINGS, "ring")

TABLES: Mapping[str, Mapping[str, Rule]] = {
    "actors": {
        "actor": _NAME,
        "name": _TEXT,
        "aka": _TEXT,
        "kind": _one_of(KINDS, "kind"),
        "role": _TEXT,
        "sector": _TEXT,
        "place": _TEXT,
        "scale": _RING,
        "employees": _NUMBER,
        "employees_year": _YEAR,
        "founded": _YEAR,
        "closed": _YEAR,
        "owner_scale": _RING,
        "owner_country": Rule(r"[A-Z]{2}", "no_country"),
        "lines": _TEXT,
        "status": _one_of(ACTOR_STATUSES, "status"),
        "houses_only": _FLAG,
        "nace": _TEXT,
        "organisation_number": _TEXT,
        "branch_of": _TEXT,
    },
    "relations": {
        "source": _NAME,
        "target": _NAME,
        "layer": _one_of((*LAYERS, UNSTATED), "layer"),
        "directed": _FLAG,
        "scale": _RING,
        "strategic": _FLAG,
        "start": _YEAR,
        "end": _YEAR,
        "current": _FLAG,
        "content": _TEXT,
        "confidence": _one_of(CONFIDENCES, "confidence"),
        "lines": _TEXT,
        "status": _one_of(TIE_STATUSES, "status"),
        "ownership": _one_of(OWNERSHIPS, "ownership"),
        "amount": _SUM,
        "currency": Rule(r"[A-Z]{3}", "no_currency"),
        "amount_year": _YEAR,
    },
    "links": {
        "table": _TEXT,
        "item": _TEXT,
        "layer": _one_of(LAYERS, "layer"),
        "flow": _one_of(("in", "out", "both"), "flow"),
        "group": _TEXT,
        "n": _NUMBER,
        "scale": Rule(rf"{_PLAIN}+", "control_in_zone", blank="blank_zone", required=True),
        "value": _NUMBER,
        "unit": _one_of(("percent_of_firms", "percent_of_links", "percent_of_value", "count"), "unit"),
        "lines": _TEXT,
        "n_effective": _NUMBER,
    },
    "answers": {
        "respondent": _NAME,
        "question": _TEXT,
        "item": _TEXT,
        "answer": _TEXT,
        "weight": _NUMBER,
    },
    "statements": {
        "statement": _NAME,
        "subject": _NAME,
        "measure": _one_of(("members", "volume"), "measure"),
        "topic": _one_of((*LAYERS, *TOPICS), "topic", required=True),
        "flow": _one_of(("in", "out", "both"), "flow"),
        "peers": _FLAG,
        "scale": _RING,
        "quantity": _one_of(QUANTITIES, "quantity", required=True),
        "than": _TEXT,
        "year": _YEAR,
        "voice": _one_of(("author", "informant", "document"), "voice"),
        "confidence": _one_of(CONFIDENCES, "confidence"),
        "lines": _TEXT,
        "note": _TEXT,
    },
}


def check_table(table: str, frame: pd.DataFrame, file: str, own_layers: Collection[str] = ()) -> list[Finding]:
    """Findings of one table, read as text, against its contract.

    Parameters
    ----------
    table : str
        A key of :data:`TABLES`.
    frame : DataFrame of strings
        Indexed by editor row.
    file : str
        The name that findings bear.
    own_layers : collection of str
        Layers that the study names itself, in ``layers`` of its ``study.yaml``.
    """
    rules = TABLES[table]
    present = {name: rule for name, rule in rules.items() if name in frame.columns}
    missing = [name for name, rule in rules.items() if rule.required and name not in frame.columns]
    findings = [Finding(file, 1, name, "", "column_missing", name=name) for name in missing]
    for name, rule in present.items():
        cells = frame[name]
        pattern = re.compile(rule.pattern)
        also = own_layers if name in _OF_LAYERS else ()
        refused = [cell for cell in cells.dropna().unique() if not pattern.fullmatch(cell) and cell not in also]
        wrong = cells.isin(refused) | (cells.isna() if rule.required else False)
        for row, cell in cells[wrong.to_numpy(dtype=bool)].items():
            text, code = ("", rule.blank) if pd.isna(cell) else (str(cell), rule.code)
            given = {"choices": (*rule.choices, *also)} if rule.choices and text else {}
            findings.append(Finding(file, int(row), name, text, code, **given))
    return findings


_OF_LAYERS = ("layer", "topic")  # columns that name layers
NO_ROWS = pd.DataFrame(index=pd.RangeIndex(2, 2, name="row"))


def understood(
    given: Mapping[str, pd.DataFrame],
    files: Mapping[str, str],
    own_zones: Mapping[str, str] | None,
    own_layers: Collection[str] = (),
) -> tuple[dict[str, pd.DataFrame] | None, list[Finding]]:
    """Tables of text as a study holds them: checked, typed, facts of older files in the columns that they belong in.

    Parameters
    ----------
    given, files, own_zones
        As in :func:`check_study`; ``relations`` at least.
    own_layers
        As in :func:`check_table`.

    Returns
    -------
    tuple
        The typed tables, or None where a finding is an error; and the findings.
    """
    clear = {table: frame for table, frame in given.items() if not frame.columns.has_duplicates}
    clear, findings = taken_over(clear, files)
    for table, frame in clear.items():
        findings += check_table(table, frame, files[table], own_layers)
    findings += check_study(clear, files, own_zones)
    if any(f.severity == "error" for f in findings) or len(clear) < len(given):
        return None, findings
    frames = {table: typed(table, clear.get(table, NO_ROWS)).reset_index(drop=True) for table in TABLES}
    relations = frames["relations"]
    frames["relations"] = relations = relations.assign(layer=relations["layer"].fillna(UNSTATED))
    actors = frames["actors"] if "actors" in given else _actors_of(relations, frames["actors"])
    frames["actors"] = actors.assign(name=actors["name"].fillna(actors["actor"]))
    return frames, findings


def _actors_of(relations: pd.DataFrame, columns: pd.DataFrame) -> pd.DataFrame:
    """Actors known only as ends of ties; nothing but their ids is known of them."""
    names = pd.unique(pd.concat([relations["source"], relations["target"]], ignore_index=True))
    return columns.reindex(range(len(names))).assign(actor=pd.array(names, dtype="string"))


def typed(table: str, frame: pd.DataFrame) -> pd.DataFrame:
    """The table with its contract's columns in order and in their types; other columns follow as text.

    Columns of the contract that the file lacks are added as blanks.
    """
    rules = TABLES[table]
    columns = {
        name: _converted(frame[name], rule.dtype)
        if name in frame.columns
        else pd.Series(pd.NA, index=frame.index, dtype=rule.dtype)
        for name, rule in rules.items()
    }
    extra = {name: frame[name].astype("string") for name in frame.columns if name not in rules}
    return pd.DataFrame({**columns, **extra}, index=frame.index)


def _converted(text: pd.Series, dtype: str) -> pd.Series:
    if dtype.startswith("string"):
        return text.astype(dtype)
    numbers = pd.to_numeric(text, errors="coerce").astype("Float64")
    return numbers.astype(dtype)


def check_study(
    tables: Mapping[str, pd.DataFrame], files: Mapping[str, str], own_zones: Mapping[str, str] | None
) -> list[Finding]:
    """Findings that need more than one cell: ids, endpoints, loops, the order of dates, zones.

    Parameters
    ----------
    tables : mapping
        Table name to its text frame, indexed by editor row.
    files : mapping
        Table name to the file name that findings bear.
    own_zones : mapping
        Zones of the study's own, see :func:`netklynge.study.zones.zone_rings`; None when they could not be read.
    """
    findings: list[Finding] = []
    actors = tables.get("actors")
    relations = tables.get("relations")
    if actors is not None and "actor" in actors:
        findings += _duplicate_actors(actors, files["actors"])
        findings += _reversed_years(actors, "founded", "closed", files["actors"])
    if relations is not None and {"source", "target"} <= set(relations.columns):
        findings += _loops(relations, actors, files["relations"])
        findings += _reversed_years(relations, "start", "end", files["relations"])
        if actors is not None and "actor" in actors:
            findings += _dangling(relations, actors, files["relations"], files["actors"])
    links = tables.get("links")
    if links is not None and own_zones is not None and "scale" in links:
        findings += _unknown_zones(links, own_zones, files["links"])
    return findings


def _duplicate_actors(actors: pd.DataFrame, file: str) -> list[Finding]:
    first: dict[str, int] = {}
    findings = []
    for row, actor in actors["actor"].dropna().items():
        if actor in first:
            findings.append(Finding(file, int(row), "actor", actor, "actor_twice", row=first[actor]))
        first.setdefault(actor, row)
    return findings


def _dangling(relations: pd.DataFrame, actors: pd.DataFrame, file: str, actors_file: str) -> list[Finding]:
    known = set(actors["actor"].dropna())
    findings = []
    for column in ("source", "target"):
        ends = relations[column].dropna()
        for row, actor in ends[~ends.isin(known)].items():
            findings.append(Finding(file, int(row), column, actor, "no_such_actor", table=actors_file))
    return findings


def _loops(relations: pd.DataFrame, actors: pd.DataFrame | None, file: str) -> list[Finding]:
    loops = relations[relations["source"].notna() & (relations["source"] == relations["target"])]
    if actors is not None and {"actor", "kind"} <= set(actors.columns):
        groups = set(actors.loc[actors["kind"] == CATEGORY, "actor"])
        loops = loops[~loops["target"].isin(groups)]
    return [Finding(file, int(row), "target", str(actor), "self_tie") for row, actor in loops["target"].items()]


def _reversed_years(frame: pd.DataFrame, start: str, end: str, file: str) -> list[Finding]:
    if not {start, end} <= set(frame.columns):
        return []
    first, last = (pd.to_numeric(frame[c], errors="coerce") for c in (start, end))
    return [
        Finding(
            file,
            int(row),
            end,
            str(frame.at[row, end]),
            "years_reversed",
            column=start,
            year=frame.at[row, start],
        )
        for row in frame.index[(last < first).fillna(False)]
    ]


def _unknown_zones(links: pd.DataFrame, own_zones: Mapping[str, str], file: str) -> list[Finding]:
    findings = []
    for row, zone in links["scale"].dropna().items():
        if zone != NOT_RELEVANT and not zone_rings(zone, own_zones):
            choices = (*RINGS, NOT_RELEVANT)
            findings.append(Finding(file, int(row), "scale", zone, "unknown_zone", choices=choices))
    return findings
