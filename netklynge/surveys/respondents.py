"""Who answered a survey: respondents told apart, those refused with the reason, and what they say of themselves."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from netklynge.files.tables import numbers
from netklynge.findings import REASON, Finding, NetklyngeError, refusal, refusals_by_row
from netklynge.parsers.codes import code_key, code_keys
from netklynge.parsers.identities import actor_id
from netklynge.parsers.names import fold, name_key, nobody
from netklynge.parsers.numbers import company_number
from netklynge.study.zones import RINGS
from netklynge.surveys.questionnaire import Codebook
from netklynge.surveys.surveyfiles import SurveyFile, missing_kind

__all__ = ["CONTROL", "REJECTED", "described", "file_findings", "loose_ends", "lost_rows", "told_apart"]

REJECTED = ("file", "row", "respondent", "question", "item", "column", "value", "wrong", "right", "code", "args")
_WORDS = ("name", "place", "sector", "role", "group", "owner", "owner_country")
CONTROL = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]"


def told_apart(survey: SurveyFile, book: Codebook, names: Mapping[str, str]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Accepted respondents, indexed by editor row, and those refused with the reason."""
    frame = survey.frame
    told = {role: frame[names[column]] for role, column in book.respondent.items() if column in names}
    gone_codes = {role: _missing_cells(role, told[role], survey, book, names[book.respondent[role]]) for role in told}
    for role in ("place", "sector", "role", "group"):  # words, which a file may keep as labelled codes
        if role in told:
            told[role] = told[role].replace(dict(survey.values.get(names[book.respondent[role]], {})))
    told = {role: cells.mask(gone_codes[role]) for role, cells in told.items()}
    for role in _WORDS:
        if role in told:
            told[role] = told[role].mask(told[role].isin([v for v in told[role].dropna().unique() if nobody(v)]))
    identity = next((role for role in ("id", "organisation_number", "name") if role in told), None)
    if identity is None:
        columns = ", ".join(
            book.respondent.get(r, "") for r in ("id", "organisation_number", "name") if r in book.respondent
        )
        raise NetklyngeError(
            f"{survey.file}: respondents cannot be told apart: the codebook names {columns}, which the file lacks"
        )
    column = names[book.respondent[identity]]
    people = pd.DataFrame(told, index=frame.index)
    people["key"] = told[identity].map(lambda v: actor_id(v, "r"), na_action="ignore")
    if identity == "name" and "place" in told:
        people["key"] = _by_place(people["key"], told["place"])
    reasons: list[tuple[pd.Series[bool], str, pd.Series[str], str, Mapping[str, Any]]] = []
    if book.completed is not None and book.completed[0] in names:
        gate = frame[names[book.completed[0]]]
        open_ = ~gate.pipe(code_keys).isin(book.completed[1])
        reasons.append((open_, names[book.completed[0]], gate, "not_completed", {"codes": book.completed[1]}))
    reasons.append((people["key"].isna(), column, told[identity], "blank_respondent", {}))
    valid = ~np.logical_or.reduce([np.asarray(mask, bool) for mask, *_ in reasons])
    keys = people["key"].where(valid)
    first = keys.dropna().drop_duplicates()
    first_row = pd.Series(first.index, index=first.array)
    twice = keys.notna() & keys.duplicated()
    reasons.append((twice, column, told[identity], "respondent_twice", {"row": keys.map(first_row)}))
    reasons += _twice(people[valid & ~twice], told, names, book)
    if "weight" in told:
        weight = numbers(told["weight"])
        wrong = told["weight"].notna() & ~(weight > 0).fillna(False)
        reasons.append((wrong, names[book.respondent["weight"]], told["weight"], "no_weight", {}))
        people["weight"] = weight
    refused = []
    gone = pd.Series(False, index=frame.index)
    for mask, where, value, code, args in reasons:
        rows = frame.index[mask.fillna(False).astype(bool) & ~gone]
        gone |= frame.index.isin(rows)
        cells = pd.DataFrame({"row": rows, "column": where, "value": value.reindex(rows).array})
        by_row = [{k: int(v[row]) if isinstance(v, pd.Series) else v for k, v in args.items()} for row in rows]
        refused.append(cells.assign(**refusals_by_row(code, by_row)))
    misfits = [f for f in survey.findings if f.row and not f.column]
    refused.append(
        pd.DataFrame(
            [{"row": f.row, "column": f.column, "value": f.value, **refusal(f.code, **dict(f.args))} for f in misfits],
            columns=["row", "column", "value", *REASON],
        )
    )
    rejected = pd.concat([part for part in refused if len(part)] or refused[:1], ignore_index=True)
    rejected = rejected.assign(file=survey.file, question="respondent", item=pd.NA)
    rejected["respondent"] = rejected["row"].map(told[identity])
    people = people[~gone].rename(columns={"key": "actor"})
    return people, rejected[list(REJECTED)]


def _by_place(keys: pd.Series[str], places: pd.Series[str]) -> pd.Series[str]:
    """Ids made of names, with the place at the end where respondents of one name sit at several places."""
    place = places.astype("string").map(fold, na_action="ignore").astype("string").replace("", pd.NA)
    several = place.groupby(keys).transform("nunique") > 1
    return keys.mask(several.fillna(False) & place.notna(), keys + "-" + place.str.replace(" ", "-"))


def _twice(
    people: pd.DataFrame, told: Mapping[str, pd.Series[str]], names: Mapping[str, str], book: Codebook
) -> list[tuple[pd.Series[bool], str, pd.Series[str], str, Mapping[str, Any]]]:
    """Respondents that stand twice under unlike ids: by organisation number, then by name and place."""
    cells = pd.DataFrame({role: told[role] for role in ("organisation_number", "name", "place") if role in told})
    cells = cells.reindex(people.index).reindex(columns=["organisation_number", "name", "place"]).astype("string")
    cells["organisation_number"] = described("organisation_number", cells["organisation_number"], book)
    of_number: dict[str, int] = {}
    of_name: dict[tuple[str, str], list[tuple[int, str]]] = {}
    first: dict[str, dict[int, int]] = {"organisation_number": {}, "name": {}}
    for row, number, name, place in cells.fillna("").itertuples(name=None):
        key = name_key(name), fold(place)
        alike = [line for line, other in of_name.get(key, ()) if not (number and other and number != other)]
        if number in of_number:
            first["organisation_number"][row] = of_number[number]
        elif key[0] and alike:
            first["name"][row] = alike[0]
        else:
            if number:
                of_number[number] = row
            of_name.setdefault(key, []).append((row, number))
    codes = {"organisation_number": "number_twice", "name": "name_twice"}
    reasons: list[tuple[pd.Series[bool], str, pd.Series[str], str, Mapping[str, Any]]] = []
    for role, rows in first.items():
        if rows:
            lines = pd.Series(rows, dtype="Int64").reindex(told[role].index)
            reasons.append((lines.notna(), names[book.respondent[role]], told[role], codes[role], {"row": lines}))
    return reasons


def lost_rows(survey: SurveyFile) -> int:
    """Rows that the table reader could not fit under the header; they were read and refused."""
    return sum(bool(finding.row and not finding.column) for finding in survey.findings)


def file_findings(survey: SurveyFile) -> list[Finding]:
    """What the reader of the file found that is no row it could not fit."""
    return [finding for finding in survey.findings if finding.column or not finding.row]


def loose_ends(survey: SurveyFile, book: Codebook, names: Mapping[str, str], people: pd.DataFrame) -> list[Finding]:
    """What accepted respondents say of themselves that cannot be read as it stands; it costs no respondent."""
    checks = {
        **dict.fromkeys(("id", "name", "place", "owner"), "broken_name"),
        "employees": "respondent_employees",
        "founded": "respondent_founded",
        "head_office": "unknown_head_office",
        "owner_country": "respondent_country",
        "organisation_number": "company_number",
    }
    found = []
    for role, code in checks.items():
        column = names.get(book.respondent.get(role, ""))
        if column is None:
            continue
        texts = survey.frame[column].reindex(people.index)
        texts = texts[texts.notna() & ~_missing_cells(role, texts, survey, book, column)]
        if code == "broken_name":
            bad = texts.str.contains(rf"[\r\n]|{CONTROL}", regex=True)
        else:
            bad = described(role, texts, book).isna()
        args = {"choices": (*book.head_office, *RINGS)} if role == "head_office" else {}
        found += [Finding(survey.file, int(row), column, str(texts[row]), code, **args) for row in texts.index[bad]]
    return found


def _missing_cells(
    role: str, cells: pd.Series[str], survey: SurveyFile, book: Codebook, column: str
) -> pd.Series[bool]:
    """Cells that the file or the codebook calls missing.

    An id has no missing codes of the codebook's, and a firm may well have 9 or 99 employees: such small codes hold
    for employees only where the file itself declares them. A code that the file labels as an answer is one.
    """
    labels = survey.values.get(column, {})
    codes = {code_key(c) for part in ("*", column) for c in survey.missing.get(part, {})}
    codes |= {code_key(c) for c, label in labels.items() if missing_kind(label) is not None}
    if role != "id":
        answers = {code_key(c) for c, label in labels.items() if missing_kind(label) is None}
        codes |= {
            c for c in book.missing if c not in answers and not (role == "employees" and re.fullmatch(r"\d\d?", c))
        }
    words = cells.map({v: missing_kind(v) is not None for v in cells.dropna().unique()}).fillna(False).astype(bool)
    return cells.pipe(code_keys).isin(codes) | (words if role in _WORDS else False)


def described(role: str, texts: pd.Series[str], book: Codebook) -> pd.Series[str]:
    """What a respondent says of itself, in the form of the actors table; blank where it cannot be read."""
    if role == "employees":
        number = numbers(texts)
        number = number.where((number >= 0) & (number < 1e9))
        return number.map(lambda v: f"{v:.3f}".rstrip("0").rstrip("."), na_action="ignore").astype("string")
    if role == "founded":
        year = numbers(texts)
        return year.where((year >= 1) & (year <= 9999) & (year == year.round())).astype("Int64").astype("string")
    if role == "head_office":
        return texts.pipe(code_keys).map({**dict(zip(RINGS, RINGS, strict=True)), **book.head_office}).astype("string")
    if role == "owner_country":
        return texts.where(texts.str.fullmatch("[A-Z]{2}"))
    if role == "organisation_number":
        return texts.map(lambda v: company_number(str(v), book.country), na_action="ignore").astype("string")
    return texts
