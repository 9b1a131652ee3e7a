"""A first codebook from what a survey file says of itself: names of columns, question texts, labels of codes.

A draft is a guess that loads; somebody who knows the questionnaire reads it and mends it. What it cannot place is
listed under ``unused``, so that nothing is overlooked.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd
import yaml

from netklynge.files.tables import numbers
from netklynge.parsers.codes import code_key
from netklynge.study.zones import NOT_RELEVANT, RINGS
from netklynge.surveys.surveyfiles import SYNTHETIC, SurveyFile, missing_kind, read_survey

__all__ = ["draft"]

_ROLES: Mapping[str, str] = {
    "id": r"id|lfdn|respnokk|responseid|\$?submission_id|respondent(?:_?id)?|case_?id|firm|firma|l(?:ø|oe)penr",
    "organisation_number": r"org\w*[ _.]*(?:nr|num\w*)|organisasjonsnummer|organisation number",
    "name": r"(?:firm|firma|bedrift\w*|company|foretak\w*)[ _.]*(?:navn|name)|name|navn|"
    r"(?:name of|navn på)[\w ]*(?:firm|company|business|organi[sz]ation|firma|bedrift|virksomhet|foretak)\w*",
    "place": r"kommune|place|sted|town|by|poststed|municipality",
    "sector": r"n(?:æ|ae)ring\w*|sector|bransje|nace\w*|industry",
    "employees": r"(?:antall |number of )?(?:ansatte|employees)|emp(?:20)?\d*",
    "weight": r"w|weight|vekt",
}
_COMPLETED: Mapping[str, list[int]] = {"dispcode": [31, 32], "c_1": [1]}
_SYSTEM = re.compile(
    r"submitdate|lastpage|startlanguage|seed|startdate|enddate|recordeddate|status|ipaddress|progress|finished|"
    r"duration.*|distributionchannel|userlanguage|location(?:latitude|longitude)|recipient\w+|externalreference|"
    r"\$\w+|external_lfdn|tester|lastpage|quality|" + SYNTHETIC,
    flags=re.IGNORECASE,
)
_RING_WORDS: Mapping[str, str] = {
    "international": r"international\w*|internasjonal\w*|int|utland\w*|utenlands\w*|abroad|foreign|europ\w*|eu|neu|"
    r"world|verden|nordic|norden|usa|asia",
    "regional": r"regional\w*|reg|region\w*|fylke\w*|county|østland\w*|eastern",
    "national": r"national\w*|nasjonal\w*|nat|norge|norway|landet|own country|domestic|innland\w*",
    "local": r"local\w*|lokal\w*|loc|kommune\w*|municipality",
}
_TICKS = frozenset({"0", "1", "y", "n", "yes", "no", "ja", "nei", "valgt", "ikke valgt", "x"})
_RATED = r"viktig|important|importance|betydning|high|høy|medium|grad|strong|agree|enig"
_HEAD_OFFICE = r"head[ -]?office|hovedkontor"
_LAYERS: tuple[tuple[str, str, str], ...] = (
    (r"supplier|leverand|purchase|innkjøp|input", "supply", "in"),
    (r"customer|kunde|sales|salg|turnover|omsetning|market", "supply", "out"),
    (r"competitor|konkurrent", "competition", "both"),
)
_HEAD = """\
# A DRAFT, made from the names and labels in {file}. Read every line before you use it:
# - respondent: is 'id' the column that tells respondents apart? Which columns hold name, place, employees?
# - grids and shares: does each code or column mean the ring that is guessed? Is layer and flow right?
# - missing: are codes for no answer, do not know, not relevant and not asked told apart?
# - unused: what is listed there is left out. How to write a codebook: docs/codebook.md
"""


class _Column(NamedTuple):
    name: str
    parts: tuple[str, ...]
    label: str
    labels: Mapping[str, str]


def draft(source: str | Path | SurveyFile) -> str:
    """Draft a codebook, as YAML text with a heading that says what to check.

    Parameters
    ----------
    source : str, Path or SurveyFile
        A survey file, see :func:`netklynge.read_survey`.

    Raises
    ------
    InputError
        The file cannot be read.
    """
    survey = source if isinstance(source, SurveyFile) else read_survey(source)
    respondent = _respondent(survey)
    taken = {column if isinstance(column, str) else column["column"] for column in respondent.values()}
    columns = [
        _Column(name, _parts(name), survey.labels.get(name, ""), survey.values.get(name, {}))
        for name in map(str, survey.frame.columns)
        if name not in taken and not _SYSTEM.fullmatch(name)
    ]
    questions: dict[str, Any] = {}
    unused: list[str] = []
    for stem, group in groupby(columns, key=lambda column: (column.parts[0], _signature(column))):
        members = list(group)
        question = _question(survey, members)
        if question is None:
            unused += [column.name for column in members]
        else:
            if (
                "column" in question
                and question["kind"] == "grid"
                and re.search(_HEAD_OFFICE, question["text"], re.IGNORECASE)
            ):
                respondent["head_office"] = {"column": question["column"], "codes": question["codes"]}
            else:
                questions[_free(stem[0], questions)] = question
    content = {
        "name": re.sub(r"[^a-z0-9]+", "-", Path(survey.file).stem.casefold()).strip("-") or "survey",
        "title": Path(survey.file).stem,
        "missing": _missing(survey),
        "respondent": respondent,
        "questions": questions,
        "unused": unused,
    }
    kept = {key: value for key, value in content.items() if value}
    return _HEAD.format(file=survey.file) + yaml.safe_dump(kept, sort_keys=False, allow_unicode=True, width=110)


def _parts(name: str) -> tuple[str, ...]:
    """What a column name consists of: ``Q3[SQ001_2]``, ``q.row.column``, ``q08_support_loc``, ``q#1_1``."""
    return tuple(part for part in re.split(r"[\[\]._#\s]+", name) if part) or (name,)


def _signature(column: _Column) -> tuple[str, ...]:
    """What columns share that have the same labels."""
    return tuple(f"{code}={column.labels[code]}" for code in sorted(column.labels))


def _free(name: str, used: Iterable[str]) -> str:
    """The name, or the name with a letter behind it where it is taken."""
    if name not in used:
        return name
    return next(f"{name}-{n}" for n in range(2, 10_000) if f"{name}-{n}" not in used)


def _respondent(survey: SurveyFile) -> dict[str, Any]:
    found: dict[str, Any] = {}
    names = [str(name) for name in survey.frame.columns]
    for role, words in _ROLES.items():
        pattern = re.compile(words, flags=re.IGNORECASE)
        match = next((n for n in names if pattern.fullmatch(n) or pattern.fullmatch(survey.labels.get(n, ""))), None)
        if match is not None and match not in found.values():
            found[role] = match
    if not {"id", "name", "organisation_number"} & set(found):
        distinct = (n for n in names if survey.frame[n].notna().all() and survey.frame[n].is_unique)
        found["id"] = next(distinct, names[0])
    for column, codes in _COMPLETED.items():
        if column in names and survey.tool in ("questback", "surveyxact"):
            found["completed"] = {"column": column, "codes": codes}
    return found


def _missing(survey: SurveyFile) -> dict[str, list[str]]:
    """Codes that the whole file uses for a missing answer, by kind; a code with two meanings is left out.

    So is "not relevant": it is an answer of its own question, and its label tells it.
    """
    kinds: dict[str, set[str]] = {}
    for column, codes in survey.values.items():
        for code, label in codes.items():
            kind = survey.missing.get(column, {}).get(code) or missing_kind(label)
            kinds.setdefault(code_key(code), set()).add(kind or "answer")
    for codes in survey.missing.values():
        for code, kind in codes.items():
            kinds.setdefault(code_key(code), set()).add(kind)
    out: dict[str, list[str]] = {}
    for code, meanings in sorted(kinds.items()):
        (kind, *others) = meanings
        if not others and kind not in ("answer", NOT_RELEVANT):
            out.setdefault(kind, []).append(code)
    return out


# -- one question ------------------------------------------------------------------------------------


def _question(survey: SurveyFile, columns: list[_Column]) -> dict[str, Any] | None:
    """The question that columns with one stem and the same labels ask; None when nobody can say."""
    told = _told(columns)
    observed = {code_key(v) for c in columns for v in survey.frame[c.name].dropna().unique()}
    observed -= {code_key(code) for code in survey.missing.get("*", {})}
    rings = {code: _meaning(label) for code, label in columns[0].labels.items()}
    placed = {code: ring for code, ring in rings.items() if ring is not None}
    by_ring = [_ring_of_column(column) for column in columns]
    text = told["text"]
    if len(set(placed.values()) & set(RINGS)) >= 2:
        return {
            "kind": "grid",
            "text": text,
            **_layer(text),
            "codes": placed,
            **_items(columns, told, "grid"),
        }
    if all(by_ring) and len(set(by_ring)) >= 2 and observed <= _TICKS:
        return _tick_grid(columns, by_ring, text)
    if len(columns) > 1 and len(set(by_ring)) == len(columns) and all(r in RINGS for r in by_ring):
        shares = pd.DataFrame({c.name: numbers(survey.frame[c.name]) for c in columns})
        if (shares.sum(axis=1)[shares.notna().any(axis=1)].sub(100).abs() <= 2).mean() > 0.8:
            where = {str(ring): column.name for ring, column in zip(by_ring, columns, strict=True)}
            return {"kind": "shares", "text": text, **_layer(text), "columns": where}
    answers = {code: label for code, label in columns[0].labels.items() if missing_kind(label) is None}
    yes_no = {code_key(label) for label in answers.values()}
    if answers and yes_no <= {"yes", "no", "ja", "nei", "ticked", "not ticked", "valgt", "ikke valgt"}:
        codes = {
            code: "yes" if code_key(label) in ("yes", "ja", "ticked", "valgt") else "no"
            for code, label in answers.items()
        }
        return {"kind": "yes_no", "text": text, "codes": codes, **_items(columns, told, "yes_no")}
    if answers:
        rated = re.search(_RATED, " ".join(answers.values()), flags=re.IGNORECASE) is not None
        kind = "rating" if rated else "choice"
        return {"kind": kind, "text": text, "codes": answers, **_items(columns, told, kind)}
    if observed and observed <= _TICKS:
        return {"kind": "yes_no", "text": text, **_items(columns, told, "yes_no")}
    plain = pd.concat([survey.frame[c.name].dropna() for c in columns])
    if len(plain) and numbers(plain).notna().all():
        return {"kind": "number", "text": text, **_items(columns, told, "number")}
    return None


def _tick_grid(columns: list[_Column], rings: list[str | None], text: str) -> dict[str, Any]:
    """One item per kind of partner, each with a column per ring."""
    items: dict[str, Any] = {}
    for column, ring in zip(columns, rings, strict=True):
        key, words = _item_of_column(column, text)
        own = items.setdefault(key, {"text": words, "columns": {}})
        if ring == NOT_RELEVANT:
            own["not_relevant"] = column.name
        else:
            own["columns"].setdefault(str(ring), column.name)
    for own in items.values():
        own |= _layer(f"{own['text']} {text}")
    return {"kind": "grid", "text": text, "items": items}


def _items(columns: list[_Column], told: Mapping[str, Any], kind: str) -> dict[str, Any]:
    if len(columns) == 1:
        return {"column": columns[0].name}
    items: dict[str, Any] = {}
    for column, text in zip(columns, told["items"], strict=True):
        key = _free("_".join(column.parts[1:]) or column.name, items)
        items[key] = {"text": text, "column": column.name} | (_layer(text) if kind == "grid" else {})
    return {"items": items}


def _told(columns: list[_Column]) -> dict[str, Any]:
    """What the columns have in common in their labels, and what each says beyond it."""
    labels = [column.label or column.name for column in columns]
    if len(labels) == 1:
        return {"text": labels[0], "items": labels}
    common = labels[0][: _shared(min(labels), max(labels))]
    cut = max((common.rfind(mark) for mark in (":", " - ", "|", "?", "[")), default=-1)
    text = common[: cut + 1].strip(" :-|[") if cut > 0 else columns[0].parts[0]
    items = [label[cut + 1 :].strip(" :-|[]") if cut > 0 else label for label in labels]
    return {"text": text, "items": [item or label for item, label in zip(items, labels, strict=True)]}


def _shared(one: str, other: str) -> int:
    """How many signs two texts have in common from their beginning."""
    return next((k for k, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


def _segments(label: str) -> list[str]:
    """What a label says in turn: "Partners [Suppliers][Local]", "Partners - Local - Suppliers"."""
    return [part for part in re.split(r"\s*(?::| - |\||\]\[|\[|\])\s*", label.strip()) if part]


def _ring_first(column: _Column) -> bool:
    """Whether the ring stands before the item, as where Qualtrics asks ring by ring."""
    told = _segments(column.label)
    return len(told) > 1 and _meaning(told[-1]) is None and _meaning(told[-2]) is not None


def _item_of_column(column: _Column, text: str) -> tuple[str, str]:
    """Key and words of the item that a column of a grid asks about: what is left of it without its ring."""
    ring_first = _ring_first(column)
    key = "_".join(column.parts[2:] if ring_first else column.parts[1:-1]) or column.parts[0]
    told = _segments(column.label.removeprefix(text)) or [key]
    return key, told[-1] if ring_first else told[0]


def _ring_of_column(column: _Column) -> str | None:
    """The ring that a column stands for, from its label or the last part of its name."""
    if len(column.parts) > 1 and re.fullmatch("nr|na|not.?relevant", column.parts[-1], flags=re.IGNORECASE):
        return NOT_RELEVANT
    told = _segments(column.label)
    if told and _ring_first(column):
        return _meaning(told[-2])
    return (_meaning(told[-1]) if told else None) or (_meaning(column.parts[-1]) if len(column.parts) > 1 else None)


def _meaning(text: str) -> str | None:
    """The ring that words tell of, or "not relevant"; None when they tell of neither."""
    plain = text.replace("_", " ")
    if missing_kind(plain) == NOT_RELEVANT:
        return NOT_RELEVANT
    for ring, words in _RING_WORDS.items():
        if re.search(rf"\b(?:{words})\b", plain, flags=re.IGNORECASE):
            return ring
    return None


def _layer(text: str) -> dict[str, str]:
    """Layer and flow from the words of a question; research and development where nothing else is told."""
    for words, layer, flow in _LAYERS:
        if re.search(words, text, flags=re.IGNORECASE):
            return {"layer": layer, "flow": flow}
    return {"layer": "rd", "flow": "both"}
