"""Survey microdata and a codebook to a study: answers, link counts, ties, and what had to be refused.

A respondent is known, the partner kinds that it ticks are not: each ticked ring becomes a tie to a *category*, which
counts in shares and never in structure, and the ticks of all respondents become the counts of ``links``. Nothing is
dropped silently: of respondents and of answers alike, accepted + rejected = read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from netklynge import codebook as codebooks
from netklynge.codebook import NONE, Codebook, Item, Question, code_key
from netklynge.contracts import CATEGORY, TABLES, typed
from netklynge.findings import Finding, NetklyngeError
from netklynge.matching import fold, organisation_number
from netklynge.outputs import write_csv
from netklynge.study import Study
from netklynge.surveyfiles import MISSING_KINDS, SurveyFile, missing_kind, read_survey
from netklynge.tables import numbers
from netklynge.zones import NOT_RELEVANT, RINGS, zone_rings

__all__ = ["ALL", "Imported", "answer_table", "check_survey", "import_survey", "write_import"]

ALL = "all respondents"
NO_ANSWER, NOT_ASKED = MISSING_KINDS[0], MISSING_KINDS[3]
REJECTED = ("file", "row", "respondent", "question", "item", "column", "value", "wrong", "right")
_CONTROL = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]"
_TICKED = frozenset({"1", "y", "yes", "ja", "j", "x", "true", "valgt", "selected", "checked", "quoted", "ticked"})
_UNTICKED = frozenset(
    {
        "0",
        "2",
        "n",
        "no",
        "nei",
        "false",
        "ikke valgt",
        "not selected",
        "unchecked",
        "not quoted",
        "not ticked",
    }
)


class Imported(NamedTuple):
    """What an import gives.

    ``counts`` has one row each for ``respondents`` and ``answers`` with ``read``, ``accepted``, ``rejected``; an answer
    is one respondent's answer to one item of one question. Answers of refused respondents are not counted. ``findings``
    are those that refuse nothing, such as columns that the codebook names and the file lacks.
    """

    study: Study
    rejected: pd.DataFrame
    counts: pd.DataFrame
    findings: list[Finding]


def import_survey(source: str | Path | SurveyFile, codebook: str | Path | Codebook) -> Imported:
    """Turn survey microdata into a study.

    Parameters
    ----------
    source : str, Path or SurveyFile
        A file as :func:`netklynge.surveyfiles.read_survey` reads it.
    codebook : str, Path or Codebook
        What its columns mean, see :func:`netklynge.codebook.load`.

    Returns
    -------
    Imported
        The study, with tables

        - ``actors``: the respondents, the partners they name, and categories ``cat-<question>-<item>-<ring>``;
        - ``relations``: ties to named partners and, for every ticked ring, to its category;
        - ``links``: per question, item and ring the number of links (unit ``count``), ``n`` the respondents who
          answered the item, "not relevant" included; a row of all items where a question has several in one layer;
          shares as mean percentages (unit ``percent_of_value``);
        - ``answers``: every accepted answer, the four kinds of missing answer told apart.

        Rows refused, with the reason, stand in ``rejected``.

    Raises
    ------
    InputError
        The file or the codebook cannot be read.
    StudyError
        The codebook contradicts itself.
    NetklyngeError
        The file has no column that identifies respondents.
    """
    survey = source if isinstance(source, SurveyFile) else read_survey(source)
    book = codebooks.load(codebook)
    names, findings = codebooks.resolve(book, survey)
    people, refused_people = _respondents(survey, book, names)
    parts = [_Asked(survey, book, question, names, people).answers() for question in _usable(book, names)]
    answers = _joined([part.accepted for part in parts], ["row", "question", "item", "answer", "amount", "score"])
    refused = _joined(
        [part.refused for part in parts], ["row", "question", "item", "column", "value", "wrong", "right"]
    )
    key = ["row", "question", "item"]
    # An answer with one cell refused is refused whole: half an answer is none.
    whole = pd.MultiIndex.from_frame(answers[key]).isin(pd.MultiIndex.from_frame(refused[key]))
    answers = answers[~whole].reset_index(drop=True)
    refused = refused.assign(file=survey.file, respondent=refused["row"].map(people["actor"]))
    partners = _joined([part.partners for part in parts], list(_PARTNER))
    rejected = pd.concat([part.astype("string") for part in (refused_people, refused[list(REJECTED)])])
    rejected = rejected.assign(row=rejected["row"].astype("int64")).sort_values("row", kind="stable", ignore_index=True)
    counted = {
        "respondents": (len(survey.frame) + _lost_rows(survey), len(people), len(refused_people)),
        "answers": (
            sum(part.read for part in parts),
            len(answers.drop_duplicates(key)),
            len(refused.drop_duplicates(key)),
        ),
    }
    counts = pd.DataFrame.from_dict(counted, orient="index", columns=["read", "accepted", "rejected"]).rename_axis(
        "unit"
    )
    study = _study(survey, book, people, answers, partners, counts)
    return Imported(
        study,
        rejected,
        counts.reset_index(),
        [*_warnings(survey), *findings, *_loose_ends(survey, book, names, people)],
    )


def write_import(source: str | Path | SurveyFile, folder: str | Path, codebook: str | Path | Codebook) -> Imported:
    """Import a survey file into a study folder, with ``rejected.csv`` beside its tables; return what was imported."""
    imported = import_survey(source, codebook)
    imported.study.save(folder)
    write_csv(Path(folder) / "rejected.csv", imported.rejected)
    return imported


def check_survey(source: str | Path | SurveyFile, codebook: str | Path | Codebook) -> list[Finding]:
    """Every finding in a survey file and its codebook: refused respondents and answers, and what refuses nothing.

    Raises
    ------
    InputError
        The file or the codebook cannot be read.
    """
    survey = source if isinstance(source, SurveyFile) else read_survey(source)
    found = codebooks.check(codebook)
    if found:
        return sorted(found)
    imported = import_survey(survey, codebook)
    cells = imported.rejected.fillna("")
    refused = [
        Finding(file, int(row), column, value, wrong, right)
        for file, row, column, value, wrong, right in cells[
            ["file", "row", "column", "value", "wrong", "right"]
        ].itertuples(index=False)
    ]
    return sorted({*imported.findings, *refused})


def answer_table(study: Study, question: str | None = None, by: str | None = None) -> pd.DataFrame:
    """Count a study's answers: one row per question, item, answer and group.

    Parameters
    ----------
    study : Study
        With a table of answers.
    question : str, optional
        Only this question.
    by : str, optional
        A column of ``actors`` that parts the respondents, such as ``group``.

    Returns
    -------
    DataFrame
        ``question``, ``item``, ``answer``, ``group``, ``count`` (respondents), ``n`` (respondents of the group who were
        asked the item), ``share`` = count / n. "Not asked" is left out, the other kinds of missing answer count in n.

    Raises
    ------
    NetklyngeError
        The study has no answers, or no such question or column.
    """
    answers = study.answers
    if not len(answers):
        raise NetklyngeError(f"study '{study.name}' has no answers; import a survey with 'netklynge import' first")
    if question is not None:
        if question not in set(answers["question"]):
            known = ", ".join(pd.unique(answers["question"].dropna()))
            raise NetklyngeError(f"study '{study.name}' has no question '{question}'; it has {known}")
        answers = answers[answers["question"] == question]
    if by is not None and by not in study.actors.columns:
        raise NetklyngeError(f"actors of study '{study.name}' have no column '{by}'")
    groups = answers["respondent"].map(study.actors.set_index("actor")[by]) if by is not None else ALL
    rows = answers.assign(group=groups, item=answers["item"].fillna(""))
    rows = rows[rows["answer"] != NOT_ASKED]
    base = ["question", "item", "group"]
    n = rows.groupby(base, sort=False)["respondent"].nunique().rename("n")
    table = rows.groupby(["question", "item", "answer", "group"], sort=False)["respondent"].nunique().rename("count")
    out = table.reset_index().merge(n.reset_index(), on=base)
    return out.assign(share=out["count"] / out["n"])


# -- respondents -------------------------------------------------------------------------------------


def _respondents(survey: SurveyFile, book: Codebook, names: Mapping[str, str]) -> tuple[pd.DataFrame, pd.DataFrame]:
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
    people["key"] = told[identity].map(lambda v: _slug(v, "r"), na_action="ignore")
    reasons: list[tuple[pd.Series[bool], str, pd.Series[str], Any, str]] = []
    if book.completed is not None and book.completed[0] in names:
        gate = frame[names[book.completed[0]]]
        open_ = ~gate.pipe(_keys).isin(book.completed[1])
        wanted = " or ".join(book.completed[1])
        reasons.append((open_, names[book.completed[0]], gate, "not completed", wanted))
    reasons.append((people["key"].isna(), column, told[identity], "blank", "an id that no other respondent has"))
    valid = ~np.logical_or.reduce([np.asarray(mask, bool) for mask, *_ in reasons])
    keys = people["key"].where(valid)
    first = keys.dropna().drop_duplicates()
    first_row = pd.Series(first.index, index=first.array)
    twice = keys.notna() & keys.duplicated()
    stands = "respondent already stands in row " + keys.map(first_row).astype("Int64").astype("string")
    reasons.append((twice, column, told[identity], stands, "one row per respondent"))
    if "weight" in told:
        weight = numbers(told["weight"])
        wrong = told["weight"].notna() & ~(weight > 0).fillna(False)
        reasons.append(
            (
                wrong,
                names[book.respondent["weight"]],
                told["weight"],
                "no weight",
                "a number above 0, or blank",
            )
        )
        people["weight"] = weight
    refused = []
    gone = pd.Series(False, index=frame.index)
    for mask, where, value, wrong, right in reasons:
        rows = frame.index[mask.fillna(False).astype(bool) & ~gone]
        gone |= frame.index.isin(rows)
        refused.append(
            pd.DataFrame(
                {
                    "row": rows,
                    "column": where,
                    "value": value.reindex(rows).array,
                    "wrong": wrong if isinstance(wrong, str) else wrong.reindex(rows).array,
                    "right": right,
                }
            )
        )
    misfits = [f for f in survey.findings if f.row and not f.column]
    refused.append(
        pd.DataFrame(
            [(f.row, f.column, f.value, f.wrong, f.right) for f in misfits],
            columns=["row", "column", "value", "wrong", "right"],
        )
    )
    rejected = pd.concat([part for part in refused if len(part)] or refused[:1], ignore_index=True)
    rejected = rejected.assign(file=survey.file, question="respondent", item=pd.NA)
    rejected["respondent"] = rejected["row"].map(told[identity])
    people = people[~gone].rename(columns={"key": "actor"})
    return people, rejected[list(REJECTED)]


def _lost_rows(survey: SurveyFile) -> int:
    """Rows that the table reader could not fit under the header; they were read and refused."""
    return sum(bool(finding.row and not finding.column) for finding in survey.findings)


def _warnings(survey: SurveyFile) -> list[Finding]:
    return [finding for finding in survey.findings if finding.column or not finding.row]


def _loose_ends(survey: SurveyFile, book: Codebook, names: Mapping[str, str], people: pd.DataFrame) -> list[Finding]:
    """What accepted respondents say of themselves that cannot be read as it stands; it costs no respondent."""
    broken = ("a line break or control character within a name", "the name on one line")
    checks: dict[str, tuple[str, str]] = {
        **dict.fromkeys(("id", "name", "place", "owner"), broken),
        "employees": ("no number", "a number from 0 up, or blank"),
        "founded": ("no year", "a year as four digits, or blank"),
        "head_office": ("unknown head office", f"one of {', '.join((*book.head_office, *RINGS))}, or blank"),
        "owner_country": ("no country code", "two capital letters (ISO 3166-1), or blank"),
        "organisation_number": ("no organisation number (its check digit does not fit)", "nine digits, or blank"),
    }
    found = []
    for role, (wrong, right) in checks.items():
        column = names.get(book.respondent.get(role, ""))
        if column is None:
            continue
        texts = survey.frame[column].reindex(people.index)
        texts = texts[texts.notna() & ~texts.pipe(_keys).isin(_respondent_missing(survey, book, column))]
        if (wrong, right) == broken:
            bad = texts.str.contains(rf"[\r\n]|{_CONTROL}", regex=True)
        else:
            bad = _described(role, texts, book).isna()
        found += [Finding(survey.file, int(row), column, str(texts[row]), wrong, right) for row in texts.index[bad]]
    return found


def _respondent_missing(survey: SurveyFile, book: Codebook, column: str) -> set[str]:
    return {*book.missing, *map(code_key, survey.missing.get("*", {})), *map(code_key, survey.missing.get(column, {}))}


def _described(role: str, texts: pd.Series[str], book: Codebook) -> pd.Series[str]:
    """What a respondent says of itself, in the form of the actors table; blank where it cannot be read."""
    if role == "employees":
        number = numbers(texts)
        number = number.where((number >= 0) & (number < 1e9))
        return number.map(lambda v: f"{v:.3f}".rstrip("0").rstrip("."), na_action="ignore").astype("string")
    if role == "founded":
        year = numbers(texts)
        return year.where((year >= 1) & (year <= 9999) & (year == year.round())).astype("Int64").astype("string")
    if role == "head_office":
        return texts.pipe(_keys).map({**dict(zip(RINGS, RINGS, strict=True)), **book.head_office}).astype("string")
    if role == "owner_country":
        return texts.where(texts.str.fullmatch("[A-Z]{2}"))
    if role == "organisation_number":
        return texts.map(organisation_number).astype("string")
    return texts


def _keys(values: pd.Series[str]) -> pd.Series[str]:
    """Every cell as codes are compared; each distinct text is looked at once."""
    return values.map({text: code_key(text) for text in values.dropna().unique()}).astype("string")


def _slug(text: Any, prefix: str) -> str | None:
    """An id out of a name or number; one that starts with a digit gets a prefix, signs alone become their numbers."""
    text = code_key(text)
    if not text:
        return None
    folded = fold(text).replace(" ", "-") or "-".join(f"u{ord(sign):x}" for sign in text)
    return f"{prefix}-{folded}" if folded[:1].isdigit() else folded


# -- one question ------------------------------------------------------------------------------------

_PARTNER = (
    "row",
    "question",
    "item",
    "name",
    "organisation_number",
    "place",
    "ring",
    "what",
    "strategic",
    "year",
    "kind",
    "layer",
    "flow",
)


@dataclass(frozen=True)
class _Read:
    """One question's answers: accepted and refused, the partners named, and how many were read."""

    accepted: pd.DataFrame
    refused: pd.DataFrame
    partners: pd.DataFrame
    read: int


def _usable(book: Codebook, names: Mapping[str, str]) -> list[Question]:
    """Questions of which the file has at least one column."""
    return [question for question in book.questions if any(column in names for column in question.columns)]


class _Asked:
    """A question put to the accepted respondents: its cells in long form, and how each kind reads them."""

    def __init__(
        self,
        survey: SurveyFile,
        book: Codebook,
        question: Question,
        names: Mapping[str, str],
        people: pd.DataFrame,
    ) -> None:
        self.survey, self.book, self.question, self.names, self.people = survey, book, question, names, people

    def answers(self) -> _Read:
        """Read the cells as the question's kind says; answers to a question that was not asked are refused."""
        cells = self._cells()
        asked = self._gate()
        cells["asked"] = cells["row"].map(asked).astype("boolean")
        read = {
            "grid": self._ticks if not self._coded() else self._codes,
            "roster": self._roster,
            "partners": self._partners,
            "shares": self._shares,
            "number": self._numbers,
        }.get(self.question.kind, self._codes)
        accepted, refused, partners = read(cells)
        accepted = accepted.assign(question=self.question.id)
        accepted["score"] = accepted["answer"].map(self.question.scores)
        refused = refused.assign(question=self.question.id)
        units = cells.groupby("row", sort=False)["item"].nunique().sum()
        if self.question.kind == "partners":
            filled = cells[cells["kind"].isna() & cells["value"].notna()]
            units = len(filled.drop_duplicates(["row", "item"]))
        return _Read(accepted, refused, partners, int(units))

    # -- cells -----------------------------------------------------------------------------------------

    def _coded(self) -> bool:
        return any("answer" in item.columns for item in self.question.items)

    def _cells(self) -> pd.DataFrame:
        """Every cell of the question: row, item, role, column, value, code, and the kind of a missing answer.

        For shares, each ring is an item of its own, since each has an answer of its own.
        """
        rows = self.people.index.to_numpy()
        frame = self.survey.frame.loc[rows]
        cells: dict[str, list[Any]] = {
            "item": [],
            "role": [],
            "column": [],
            "value": [],
            "code": [],
            "kind": [],
        }
        shares = self.question.kind == "shares"
        count = 0
        for item in self.question.items:
            for role, column in item.columns.items():
                if column not in self.names:
                    continue
                name = self.names[column]
                values = frame[name].tolist()
                told = {value: self._told(name, value) for value in set(values) if value is not pd.NA}
                count += 1
                cells["item"] += [role if shares else item.id] * len(rows)
                cells["role"] += [role] * len(rows)
                cells["column"] += [name] * len(rows)
                cells["value"] += values
                cells["code"] += [told.get(value, (pd.NA, pd.NA))[0] for value in values]
                cells["kind"] += [told.get(value, (pd.NA, pd.NA))[1] for value in values]
        return pd.DataFrame({"row": np.tile(rows, count), **{k: pd.array(v, dtype="string") for k, v in cells.items()}})

    def _told(self, name: str, value: str) -> tuple[str, Any]:
        """The code of a cell, given as a code or as its label; and the kind of missing answer that it means."""
        code = code_key(value)
        labels = self.survey.values.get(name, {})
        if code not in self.question.codes and code not in map(code_key, labels):
            code = next((code_key(c) for c, label in labels.items() if code_key(label) == code), code)
        answer = self.question.codes.get(code, NOT_ASKED) not in MISSING_KINDS
        return code, pd.NA if answer else self._missing_codes(name).get(code, pd.NA)

    def _missing_codes(self, name: str) -> dict[str, str]:
        """Codes of missing answers: what the codebook says goes before what the file says."""
        declared = {**self.survey.missing.get("*", {}), **self.survey.missing.get(name, {})}
        labelled = {code: missing_kind(label) for code, label in self.survey.values.get(name, {}).items()}
        of_file = {code: kind for code, kind in labelled.items() if kind is not None} | declared
        of_codes = {code: meaning for code, meaning in self.question.codes.items() if meaning in MISSING_KINDS}
        of_book = self.book.missing
        if self.question.kind in ("shares", "number") or self.question.counts:  # 99 per cent is an answer
            of_book = {code: kind for code, kind in of_book.items() if code.startswith("-")}
        return {
            **{code_key(c): k for c, k in of_file.items()},
            **of_book,
            **self.question.missing,
            **of_codes,
        }

    def _gate(self) -> pd.Series[Any]:
        """Whether each respondent was asked: True, False, or blank when nobody can say."""
        asked = pd.Series(True, index=self.people.index, dtype="boolean")
        if self.question.asked_if is None or self.question.asked_if[0] not in self.names:
            return asked
        column, codes = self.question.asked_if
        gate = self.survey.frame[self.names[column]].reindex(self.people.index).pipe(_keys)
        return gate.isin(codes).astype("boolean").mask(gate.isna())

    def _refuse(self, cells: pd.DataFrame, wrong: Any, right: str) -> pd.DataFrame:
        return cells[["row", "item", "column", "value"]].assign(wrong=wrong, right=right)

    def _not_asked(self, cells: pd.DataFrame, answered: pd.Series[bool]) -> tuple[pd.Series[bool], pd.DataFrame]:
        """Cells of items that were answered although the question was not asked, and their refusal."""
        against = answered & (~cells["asked"]).fillna(False).astype(bool)
        if not against.any():
            return against, self._refuse(cells[against], "", "")
        assert self.question.asked_if is not None
        column, codes = self.question.asked_if
        wrong = f"answered, although '{self.names[column]}' says that the question was not asked"
        refused = self._refuse(
            cells[against], wrong, f"no answer here, or '{self.names[column]}' = {' or '.join(codes)}"
        )
        return against, refused

    def _blank(self, cells: pd.DataFrame) -> pd.Series[str]:
        """What a blank cell means."""
        blank = pd.Series(self.question.blank, index=cells.index, dtype="string")
        return blank.mask((~cells["asked"]).fillna(False).astype(bool), NOT_ASKED)

    def _right(self) -> str:
        """What the codes of the question are, for a finding."""
        told = [f"{code} ({meaning})" if code != meaning else code for code, meaning in self.question.codes.items()]
        labels = [
            f"{code} ({label})"
            for item in self.question.items
            for column in item.columns.values()
            for code, label in self.survey.values.get(self.names.get(column, ""), {}).items()
        ]
        return f"one of {', '.join((told or list(dict.fromkeys(labels)))[:12])}, or blank"

    # -- kinds -----------------------------------------------------------------------------------------

    def _codes(self, cells: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
        """One column per item whose code is the answer: coded grids, ratings, choices, yes/no."""
        question = self.question
        cells["part"] = cells["code"]
        if question.several:
            cells["part"] = cells["code"].str.split(r"\s*[,;|]\s*", regex=True)
            cells = cells.explode("part", ignore_index=True)
            cells["part"] = cells["part"].astype("string")
        meanings = question.codes or self._label_meanings()
        cells["answer"] = cells["part"].map(meanings) if meanings else cells["value"]
        answered = cells["value"].notna() & cells["kind"].isna()
        against, refused = self._not_asked(cells, answered)
        outside = answered & cells["answer"].isna() & ~against
        wrong = "code outside the labels"
        refusals = [refused, self._refuse(cells[outside], wrong, self._right())]
        key = pd.MultiIndex.from_frame(cells[["row", "item"]])
        bad = key.isin(key[outside | against])
        both = (
            cells["answer"].isin([NOT_RELEVANT, NONE]) & pd.Series(key.duplicated(keep=False), index=cells.index) & ~bad
        )
        refusals.append(self._refuse(cells[both], "'not relevant' together with a place", "one or the other"))
        bad |= key.isin(key[both])
        cells = cells[~bad]
        blank = self._blank(cells)
        answer = cells["answer"].where(cells["kind"].isna(), cells["kind"])
        answer = answer.where(answer.notna(), blank)
        accepted = cells[["row", "item"]].assign(answer=answer, amount=1.0).drop_duplicates()
        return accepted, pd.concat(refusals).drop_duplicates(["row", "item"]), _NO_PARTNERS

    def _label_meanings(self) -> dict[str, str]:
        """Code to label, where the codebook leaves the codes to the file's own labels."""
        return {
            code_key(code): label
            for item in self.question.items
            for column in item.columns.values()
            for code, label in self.survey.values.get(self.names.get(column, ""), {}).items()
            if missing_kind(label) is None
        }

    def _ticks(self, cells: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
        """One column per item and ring, ticked or not, or the number of links there."""
        cells = self._ticked(cells)
        given = cells["ticks"].fillna(0) > 0
        bad = cells["value"].notna() & cells["kind"].isna() & cells["ticks"].isna()
        right = "the number of links, from 0 up" if self.question.counts else "1 (ticked), 0 or blank (not ticked)"
        against, not_asked = self._not_asked(cells, given)
        refusals = [self._refuse(cells[bad], "neither ticked nor not", right), not_asked]
        key = pd.MultiIndex.from_frame(cells[["row", "item"]])
        none = (cells["role"] == NOT_RELEVANT) & given
        rings = (cells["role"] != NOT_RELEVANT) & given
        clash = none & key.isin(key[rings])
        placed = cells[rings].groupby(["row", "item"], sort=False)["role"].agg(", ".join)
        with_rings = [f"'not relevant' is ticked together with {placed[k]}" for k in key[clash]]
        refusals.append(self._refuse(cells[clash], with_rings, "either 'not relevant' or places"))
        refused = pd.concat(refusals)
        refused = refused.sort_values("row", kind="stable").drop_duplicates(["row", "item"])
        kept = cells[~key.isin(key[bad | against | clash])]
        ticked = kept[kept["ticks"].fillna(0) > 0]
        accepted = ticked[["row", "item"]].assign(answer=ticked["role"], amount=ticked["ticks"])
        rest = kept[
            ~pd.MultiIndex.from_frame(kept[["row", "item"]]).isin(pd.MultiIndex.from_frame(accepted[["row", "item"]]))
        ]
        return pd.concat([accepted, self._without_ticks(rest, set(accepted["row"]))]), refused, _NO_PARTNERS

    def _ticked(self, cells: pd.DataFrame) -> pd.DataFrame:
        """The cells with ``ticks``: 1 or 0, a number for counts, blank when the cell says neither."""
        if self.question.counts:
            ticks = numbers(cells["value"])
            ticks = ticks.where((ticks >= 0) & (ticks == ticks.round()))
        else:
            ticks = pd.Series(pd.NA, index=cells.index, dtype="Float64")
            ticks = ticks.mask(cells["code"].isin(_TICKED), 1.0).mask(cells["code"].isin(_UNTICKED), 0.0)
        return cells.assign(ticks=ticks.mask(cells["kind"].notna()))

    def _without_ticks(self, cells: pd.DataFrame, ticking: set[int]) -> pd.DataFrame:
        """What an item without a tick means: none, or one of the kinds of missing answer.

        It means none when the cells say "not ticked", or when the respondent ticked something else in the question.
        A respondent who was let into the question and ticked nothing in all of it has not answered.
        """
        if not len(cells):
            return cells[["row", "item"]].assign(answer=pd.Series(dtype="string"), amount=1.0)
        groups = cells.groupby(["row", "item"], sort=False)
        told = groups.agg(asked=("asked", "first"), kind=("kind", "first"), seen=("ticks", "max")).reset_index()
        gated = self.question.asked_if is not None and self.question.asked_if[0] in self.names
        ticks_elsewhere = told["row"].isin(ticking)
        seen = told["seen"].notna() & ~pd.Series(gated, index=told.index)
        answer = pd.Series(self.question.blank, index=told.index, dtype="string")
        answer = answer.mask(told["seen"].notna(), NO_ANSWER)
        answer = answer.mask(told["kind"].notna(), told["kind"])
        answer = answer.mask(told["kind"].isna() & (seen | ticks_elsewhere), NONE)
        answer = answer.mask((~told["asked"]).fillna(False).astype(bool), NOT_ASKED)
        return told[["row", "item"]].assign(answer=answer, amount=1.0)

    def _roster(self, cells: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
        """A list of named actors; each ticked one is a tie to it."""
        accepted, refused, _ = self._codes(cells)
        ticked = accepted[accepted["answer"] == "yes"]
        partners = [
            {
                "row": row,
                "item": item.id,
                **_roster_partner(item),
                "kind": item.actor.get("kind", self.question.partner_kind),
            }
            for item in self.question.items
            for row in ticked.loc[ticked["item"] == item.id, "row"]
        ]
        return accepted, refused, self._tied(pd.DataFrame(partners))

    def _partners(self, cells: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
        """Repeated groups of columns, each for one partner that the respondent names."""
        cells = cells[cells["kind"].isna()]
        filled = cells[cells["value"].notna()]
        _, not_asked = self._not_asked(filled, filled["value"].notna())
        wide = filled.pivot_table(index=["row", "item"], columns="role", values="value", aggfunc="first", sort=False)
        wide = wide.reindex(columns=list(codebooks.PARTNER_ROLES)).astype("string").reset_index()
        codes = filled[filled["role"] == "ring"].set_index(["row", "item"])["code"]
        keys = pd.MultiIndex.from_frame(wide[["row", "item"]])
        code = codes.reindex(keys).array
        zones = (*RINGS, *self.book.own_zones)
        places = {**dict(zip(zones, zones, strict=True)), **self.question.codes}
        ring = pd.Series(code, index=wide.index, dtype="string").map(places)
        year = numbers(wide["year"].astype("string"))
        strategic = wide["strategic"].pipe(_keys).map({**dict.fromkeys(_TICKED, "1"), **dict.fromkeys(_UNTICKED, "0")})
        number = wide["organisation_number"].map(organisation_number, na_action="ignore")
        own = wide["row"].map(self.people["actor"])
        myself = wide["name"].map(lambda v: _slug(v, "a"), na_action="ignore") == own
        checks = (
            ("name", wide["name"].isna(), "a partner without a name", "a name, or the whole group blank"),
            ("name", myself.fillna(False), "a respondent that names itself", "another actor"),
            ("ring", wide["ring"].notna() & ring.isna(), "unknown ring", self._right()),
            (
                "year",
                wide["year"].notna() & ~((year >= 1) & (year <= 9999) & (year == year.round())).fillna(False),
                "no year",
                "a year as four digits",
            ),
            ("strategic", wide["strategic"].notna() & strategic.isna(), "no flag", "1, 0 or blank"),
            (
                "organisation_number",
                wide["organisation_number"].notna() & number.isna(),
                "no organisation number (its check digit does not fit)",
                "nine digits, or blank",
            ),
        )
        columns = filled.set_index(["row", "item", "role"])["column"]
        refusals = [not_asked]
        bad = pd.Series(keys.isin(pd.MultiIndex.from_frame(not_asked[["row", "item"]])), index=wide.index)
        for role, mask, wrong, right in checks:
            hit = wide[mask.astype(bool) & ~bad]
            bad |= mask.astype(bool)
            where = [
                columns.get((row, item, role), self._column(item, role))
                for row, item in zip(hit["row"], hit["item"], strict=True)
            ]
            refusals.append(
                pd.DataFrame(
                    {
                        "row": hit["row"],
                        "item": hit["item"],
                        "column": where,
                        "value": hit[role],
                        "wrong": wrong,
                        "right": right,
                    }
                )
            )
        refused = pd.concat(refusals).drop_duplicates(["row", "item"])
        named = wide.assign(ring=ring, year=year.astype("Int64"), strategic=strategic, organisation_number=number)[~bad]
        named = named.assign(name=named["name"].map(lambda v: " ".join(str(v).split()), na_action="ignore"))
        accepted = named[["row", "item"]].assign(answer=named["name"], amount=1.0)
        return accepted, refused, self._tied(named.assign(kind=self.question.partner_kind))

    def _column(self, item: str, role: str) -> str:
        columns = next(i.columns for i in self.question.items if i.id == item)
        return self.names.get(columns.get(role, ""), columns.get(role, ""))

    def _tied(self, partners: pd.DataFrame) -> pd.DataFrame:
        """Partners with the layer and flow of their item."""
        partners = partners.reindex(columns=list(_PARTNER))
        by_item = {item.id: item for item in self.question.items}
        layer = [by_item[i].layer for i in partners["item"]]
        flow = [by_item[i].flow for i in partners["item"]]
        return partners.assign(question=self.question.id, layer=layer, flow=flow)

    def _shares(self, cells: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
        """Per cent by ring: each from 0 to the total, together the total within the tolerance; blanks count as 0."""
        question = self.question
        share = numbers(cells["value"].str.rstrip("% \u00a0")).mask(cells["kind"].notna())
        given = cells["value"].notna() & cells["kind"].isna()
        bad = given & ~((share >= 0) & (share <= question.total + question.tolerance)).fillna(False)
        against, refused = self._not_asked(cells, given)
        refusals = [refused, self._refuse(cells[bad], "no share", f"a number from 0 to {question.total:g}")]
        gone = cells["row"].isin(cells.loc[bad | against, "row"])
        sums = share.groupby(cells["row"]).sum(min_count=1)
        total = cells["row"].map(sums)
        off = given & ~gone & ((total - question.total).abs() > question.tolerance).fillna(False)
        first = cells[off].drop_duplicates("row")
        told = cells[off].groupby("row", sort=False)["value"].agg(" + ".join)
        wrong = [f"shares add up to {sums[row]:g}" for row in first["row"]]
        summed = self._refuse(
            first, wrong, f"shares that add up to {question.total:g}, give or take {question.tolerance:g}"
        )
        summed = summed.assign(value=[told[row] for row in first["row"]])
        gone |= cells["row"].isin(first["row"])
        failed = pd.concat([*refusals, summed]).drop_duplicates("row").set_index("row")
        everywhere = cells[gone]
        refused = everywhere[["row", "item"]].assign(
            **{name: everywhere["row"].map(failed[name]) for name in ("column", "value", "wrong", "right")}
        )
        kept = cells[~gone]
        value = share[~gone].where(kept["row"].map(sums).isna().to_numpy(), share[~gone].fillna(0))
        answer = value.map(lambda v: f"{v:g}", na_action="ignore").astype("string")
        blank = self._blank(kept)
        answer = answer.where(answer.notna(), kept["kind"]).where(lambda a: a.notna(), blank)
        return kept[["row", "item"]].assign(answer=answer, amount=value), refused, _NO_PARTNERS

    def _numbers(self, cells: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
        """Plain numbers between the stated limits."""
        low = -np.inf if self.question.minimum is None else self.question.minimum
        high = np.inf if self.question.maximum is None else self.question.maximum
        number = numbers(cells["value"]).mask(cells["kind"].notna())
        given = cells["value"].notna() & cells["kind"].isna()
        bad = given & ~((number >= low) & (number <= high)).fillna(False)
        against, refused = self._not_asked(cells, given)
        limits = "" if (low, high) == (-np.inf, np.inf) else f" from {low:g} to {high:g}"
        outside = self._refuse(cells[bad & ~against], "no number, or outside its limits", f"a number{limits}, or blank")
        kept = cells[~bad & ~against]
        answer = number[~bad & ~against].map(lambda v: f"{v:.15g}", na_action="ignore").astype("string")
        blank = self._blank(kept)
        answer = answer.where(answer.notna(), kept["kind"]).where(lambda a: a.notna(), blank)
        return (
            kept[["row", "item"]].assign(answer=answer, amount=1.0),
            pd.concat([refused, outside]),
            _NO_PARTNERS,
        )


_NO_PARTNERS = pd.DataFrame(columns=list(_PARTNER))


def _roster_partner(item: Item) -> dict[str, str | None]:
    return {
        "name": item.actor.get("name", item.text),
        "place": item.actor.get("place"),
        "ring": item.actor.get("ring"),
    }


def _joined(parts: list[pd.DataFrame], columns: list[str]) -> pd.DataFrame:
    """Frames under one another, empty ones left out so that they do not decide the types."""
    filled = [part for part in parts if len(part)]
    return pd.concat(filled, ignore_index=True).reindex(columns=columns) if filled else pd.DataFrame(columns=columns)


# -- the study ---------------------------------------------------------------------------------------


def _study(
    survey: SurveyFile,
    book: Codebook,
    people: pd.DataFrame,
    answers: pd.DataFrame,
    partners: pd.DataFrame,
    counts: pd.DataFrame,
) -> Study:
    placed = _placed(book, answers)
    categories = _categories(book, placed)
    actors, relations = _actors(book, people), _ties(book, people, placed)
    owners, owned = _owners(people)
    named, ties = _named(people, partners)
    tables = {
        "actors": _joined(
            [actors, named, owners, categories], list(dict.fromkeys([*TABLES["actors"], *actors.columns]))
        ),
        "relations": _joined([ties, owned, relations], list(TABLES["relations"])),
        "links": _links(book, people, answers),
        "answers": pd.DataFrame(
            {
                "respondent": answers["row"].map(people["actor"]),
                "question": answers["question"],
                "item": answers["item"].replace("", pd.NA),
                "answer": answers["answer"],
                "weight": answers["row"].map(people["weight"]) if "weight" in people else pd.NA,
                "score": answers["score"],
            }
        ),
    }
    named_once = tables["actors"].drop_duplicates("actor", ignore_index=True)
    names = named_once["name"].astype("string").fillna(named_once["actor"].astype("string"))
    tables["actors"] = named_once.assign(name=names)
    meta: dict[str, Any] = {"name": book.name, **book.meta}
    answered = {"read": int(counts.at["respondents", "read"]), "answered": len(people), "file": survey.file}
    stated = meta.get("respondents")
    meta["respondents"] = {**stated, **answered} if isinstance(stated, Mapping) else answered
    if survey.synthetic:
        meta["synthetic"] = True
        meta["title"] = f"SYNTHETIC: {meta.get('title', book.name)}"
    frames = {name: typed(name, frame.astype("string").apply(_printable)) for name, frame in tables.items()}
    return Study(name=book.name, meta=meta, sources=dict.fromkeys(frames, survey.file), **frames)


def _printable(texts: pd.Series[str]) -> pd.Series[str]:
    """Texts with a visible mark in place of each control character."""
    return texts.str.replace(_CONTROL, "\ufffd", regex=True)


def _actors(book: Codebook, people: pd.DataFrame) -> pd.DataFrame:
    """The respondents as actors of the district."""
    told = people.reindex(
        columns=["actor", "name", "place", "sector", "role", "owner_country", "group", "organisation_number"]
    ).astype("string")
    told["name"] = told["name"].map(lambda v: " ".join(str(v).split()), na_action="ignore")
    actors = told.assign(kind="firm", scale="local")
    for role in ("employees", "founded", "owner_country", "organisation_number"):
        if role in people:
            actors[role] = _described(role, people[role], book)
    if "employees" in actors and "reference_year" in book.meta:
        actors["employees_year"] = pd.Series(str(book.meta["reference_year"]), index=actors.index).where(
            actors["employees"].notna()
        )
    if "head_office" in people:
        office = _described("head_office", people["head_office"], book)
        actors["owner_scale"] = office.where(office.isin(RINGS))
    return actors.dropna(axis=1, how="all")


def _owners(people: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Owners that respondents name, and the ties from them."""
    if "owner" not in people:
        return pd.DataFrame(), pd.DataFrame()
    owned = people[people["owner"].notna()]
    owner = owned["owner"].map(lambda v: _slug(v, "a"))
    owned, owner = owned[owner != owned["actor"]], owner[owner != owned["actor"]]
    actors = pd.DataFrame({"actor": owner, "name": owned["owner"], "kind": "parent"})
    ties = pd.DataFrame(
        {"source": owner, "target": owned["actor"], "layer": "ownership", "directed": "1", "current": "1"}
    )
    return actors, ties


def _named(people: pd.DataFrame, partners: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Named partners as actors, and the ties to them; the same id is the same actor."""
    if not len(partners):
        return pd.DataFrame(), pd.DataFrame()
    partner = pd.Series(
        [
            _slug(name, "a") if pd.isna(number) else f"no-{number}"
            for number, name in zip(partners["organisation_number"], partners["name"], strict=True)
        ],
        index=partners.index,
        dtype="string",
    )
    ring = partners["ring"].where(partners["ring"].isin(RINGS)).astype("string")
    actors = pd.DataFrame(
        {
            "actor": partner,
            "name": partners["name"],
            "kind": partners["kind"],
            "place": partners["place"],
            "scale": ring,
        }
    )
    actors = actors.groupby("actor", sort=False, as_index=False).first()
    ends = _ends(partners["row"].map(people["actor"]), partner, partners["flow"])
    ties = ends.assign(
        layer=partners["layer"],
        scale=ring,
        strategic=partners["strategic"],
        start=partners["year"],
        current="1",
        content=partners["what"],
    )
    return actors, ties


def _ends(respondent: pd.Series[str], other: pd.Series[str], flow: pd.Series[str]) -> pd.DataFrame:
    """Source and target: what flows in comes from the other; without a direction the tie is undirected."""
    comes_in = flow == "in"
    return pd.DataFrame(
        {
            "source": other.where(comes_in, respondent),
            "target": respondent.where(comes_in, other),
            "directed": (flow != "both").astype(int).astype("string"),
        }
    )


def _placed(book: Codebook, answers: pd.DataFrame) -> pd.DataFrame:
    """Grid answers that name a place, with their category, layer and flow."""
    rows = []
    for question in book.questions:
        if question.kind == "grid":
            items = {item.id: item for item in question.items}
            zones = [*RINGS, *book.own_zones]
            part = answers[(answers["question"] == question.id) & answers["answer"].isin(zones)]
            category = [
                _slug(f"cat {question.id} {i} {zone}", "a")
                for i, zone in zip(part["item"], part["answer"], strict=True)
            ]
            rows.append(
                part.assign(
                    category=category,
                    layer=[items[i].layer for i in part["item"]],
                    flow=[items[i].flow for i in part["item"]],
                    text=[f"{question.text}: {items[i].text}" for i in part["item"]],
                    ring=[_ring(zone, book) for zone in part["answer"]],
                )
            )
    return _joined(rows, ["row", "question", "item", "answer", "category", "layer", "flow", "text", "ring"])


def _ring(zone: str, book: Codebook) -> str | None:
    """The ring of a zone; blank when it covers several."""
    rings = zone_rings(zone, book.own_zones)
    return rings[0] if len(rings) == 1 else None


def _categories(book: Codebook, placed: pd.DataFrame) -> pd.DataFrame:
    """The unknown partners: one category per question, item and ring."""
    first = placed.drop_duplicates("category")
    name = first["text"] + " (" + first["answer"] + ")" if len(first) else first["text"]
    return pd.DataFrame({"actor": first["category"], "name": name, "kind": CATEGORY, "scale": first["ring"]})


def _ties(book: Codebook, people: pd.DataFrame, placed: pd.DataFrame) -> pd.DataFrame:
    """For every ticked ring a tie between the respondent and its category."""
    ends = _ends(placed["row"].map(people["actor"]), placed["category"], placed["flow"])
    return ends.assign(layer=placed["layer"], scale=placed["ring"], current="1", content=placed["text"])


def _links(book: Codebook, people: pd.DataFrame, answers: pd.DataFrame) -> pd.DataFrame:
    """What all respondents answered: counts by ring for grids, mean percentages for shares."""
    weight = people["weight"].astype(float).fillna(1.0) if "weight" in people else pd.Series(1.0, index=people.index)
    rows: list[dict[str, Any]] = []
    for question in book.questions:
        given = answers[(answers["question"] == question.id) & ~answers["answer"].isin((*MISSING_KINDS[:2], NOT_ASKED))]
        if question.kind not in ("grid", "shares") or not len(given):
            continue
        given = given.assign(weight=given["row"].map(weight))
        groups: list[tuple[str, pd.DataFrame]] = [(ALL, given)]
        if question.by is not None:
            if question.by not in people:
                raise NetklyngeError(
                    f"{book.file}: question '{question.id}' is told by '{question.by}', which respondents lack"
                )
            groups += [(str(name), part) for name, part in given.groupby(given["row"].map(people[question.by]))]
        for group, part in groups:
            rows += (
                _grid_links(question, part, group) if question.kind == "grid" else _share_links(question, part, group)
            )
    return pd.DataFrame(rows, columns=list(TABLES["links"]))


def _grid_links(question: Question, given: pd.DataFrame, group: str) -> list[dict[str, Any]]:
    """Counts by item and zone, zeros too; and of all items of a layer where there are several."""
    zones = list(
        dict.fromkeys(
            [role for item in question.items for role in item.columns if role != "answer"]
            + [meaning for meaning in question.codes.values() if meaning not in (NONE, *MISSING_KINDS)]
        )
    )
    zones = [z for z in zones if z != NOT_RELEVANT] + (
        [NOT_RELEVANT] if NOT_RELEVANT in {*zones, *given["answer"]} else []
    )
    blocks = [
        (f"{question.text}: {item.text}" if item.id else question.text, item.layer, item.flow, [item.id])
        for item in question.items
    ]
    for layer, flow in dict.fromkeys((item.layer, item.flow) for item in question.items):
        ids = [item.id for item in question.items if (item.layer, item.flow) == (layer, flow)]
        if len(ids) > 1:
            blocks.append((f"{question.text}: all kinds", layer, flow, ids))
    rows = []
    for text, layer, flow, ids in blocks:
        part = given[given["item"].isin(ids)]
        value = (part["amount"].astype(float) * part["weight"]).groupby(part["answer"]).sum()
        n = part["row"].nunique()
        rows += [
            {
                "table": question.id,
                "item": text,
                "layer": layer,
                "flow": flow,
                "group": group,
                "n": n,
                "scale": zone,
                "value": f"{float(value.get(zone, 0)):.10g}",
                "unit": "count",
            }
            for zone in zones
            if n
        ]
    return rows


def _share_links(question: Question, given: pd.DataFrame, group: str) -> list[dict[str, Any]]:
    """Mean percentage by zone over the respondents who answered."""
    item = question.items[0]
    given = given[given["answer"] != NOT_RELEVANT]
    rows = []
    for zone in item.columns:
        part = given[given["item"] == zone]
        if len(part):
            mean = float(np.average(part["amount"].astype(float), weights=part["weight"])) * 100 / question.total
            rows.append(
                {
                    "table": question.id,
                    "item": f"{question.text} (mean of respondents)",
                    "layer": item.layer,
                    "flow": item.flow,
                    "group": group,
                    "n": part["row"].nunique(),
                    "scale": zone,
                    "value": f"{mean:.10g}",
                    "unit": "percent_of_value",
                }
            )
    return rows
