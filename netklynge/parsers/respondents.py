"""Who answered a survey: respondents told apart, those refused with the reason, and what they say of themselves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from netklynge.files.tables import numbers
from netklynge.findings import REASON, Finding, NetklyngeError, refusal, refusals_by_row
from netklynge.parsers.codebook import Codebook, code_key, code_keys
from netklynge.parsers.matching import fold, organisation_number
from netklynge.parsers.surveyfiles import SurveyFile
from netklynge.study.zones import RINGS

__all__ = ["CONTROL", "REJECTED", "actor_id", "described", "file_findings", "loose_ends", "lost_rows", "told_apart"]

REJECTED = ("file", "row", "respondent", "question", "item", "column", "value", "wrong", "right", "code", "args")
CONTROL = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]"


def told_apart(survey: SurveyFile, book: Codebook, names: Mapping[str, str]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Accepted respondents, indexed by editor row, and those refused with the reason."""
    frame = survey.frame
    told = {role: frame[names[column]] for role, column in book.respondent.items() if column in names}
    for role in ("place", "sector", "role", "group"):  # words, which a file may keep as labelled codes
        if role in told:
            told[role] = told[role].replace(dict(survey.values.get(names[book.respondent[role]], {})))
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
        "organisation_number": "organisation_number",
    }
    found = []
    for role, code in checks.items():
        column = names.get(book.respondent.get(role, ""))
        if column is None:
            continue
        texts = survey.frame[column].reindex(people.index)
        texts = texts[texts.notna() & ~texts.pipe(code_keys).isin(_respondent_missing(survey, book, column))]
        if code == "broken_name":
            bad = texts.str.contains(rf"[\r\n]|{CONTROL}", regex=True)
        else:
            bad = described(role, texts, book).isna()
        args = {"choices": (*book.head_office, *RINGS)} if role == "head_office" else {}
        found += [Finding(survey.file, int(row), column, str(texts[row]), code, **args) for row in texts.index[bad]]
    return found


def _respondent_missing(survey: SurveyFile, book: Codebook, column: str) -> set[str]:
    return {*book.missing, *map(code_key, survey.missing.get("*", {})), *map(code_key, survey.missing.get(column, {}))}


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
        return texts.map(organisation_number).astype("string")
    return texts


def actor_id(text: Any, prefix: str) -> str | None:
    """An id out of a name or number; one that starts with a digit gets a prefix, signs alone become their numbers."""
    text = code_key(text)
    if not text:
        return None
    folded = fold(text).replace(" ", "-") or "-".join(f"u{ord(sign):x}" for sign in text)
    return f"{prefix}-{folded}" if folded[:1].isdigit() else folded
