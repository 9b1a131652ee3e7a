"""A question put to the respondents of a survey: its cells in long form, and how each kind of question reads them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from netklynge.files.tables import numbers
from netklynge.findings import REASON, Finding, refusal, refusals_by_row
from netklynge.parsers.codes import code_key, code_keys
from netklynge.parsers.names import nobody
from netklynge.parsers.numbers import company_number
from netklynge.study.zones import NOT_RELEVANT, RINGS
from netklynge.surveys.questionnaire import NONE, PARTNER_ROLES, Codebook, Item, Question
from netklynge.surveys.surveyfiles import MISSING_KINDS, SurveyFile, missing_kind

__all__ = ["NOT_ASKED", "NO_ANSWER", "PARTNER", "Answers", "Asked", "stacked", "usable_questions"]

NO_ANSWER, NOT_ASKED = MISSING_KINDS[0], MISSING_KINDS[3]
_TICKED = frozenset({"1", "y", "yes", "ja", "j", "x", "true", "valgt", "selected", "checked", "quoted", "ticked"})
_UNTICKED = frozenset(
    {"0", "2", "n", "no", "nei", "false", "ikke valgt", "not selected", "unchecked", "not quoted", "not ticked"}
)
PARTNER = (
    "row", "question", "item", "name", "organisation_number", "place", "ring", "what", "strategic", "year", "kind",
    "layer", "flow",
)  # fmt: skip


@dataclass(frozen=True)
class Answers:
    """One question's answers: accepted and refused, the partners named, how many were read, and what was found."""

    accepted: pd.DataFrame
    refused: pd.DataFrame
    partners: pd.DataFrame
    read: int
    findings: tuple[Finding, ...] = ()


def usable_questions(book: Codebook, names: Mapping[str, str]) -> list[Question]:
    """Questions of which the file has at least one column."""
    return [question for question in book.questions if any(column in names for column in question.columns)]


class Asked:
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

    def answers(self) -> Answers:
        """Read the cells as the question's kind says; answers to a question that was not asked are refused."""
        cells = self._cells()
        asked = self._gate()
        cells["asked"] = cells["row"].map(asked).astype("boolean")
        found: list[Finding] = []
        if self.question.kind == "partners":
            cells, found = self._nobodies(cells)
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
        return Answers(accepted, refused, partners, int(units), tuple(found))

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
        gate = self.survey.frame[self.names[column]].reindex(self.people.index).pipe(code_keys)
        return gate.isin(codes).astype("boolean").mask(gate.isna())

    def _refuse(self, cells: pd.DataFrame, code: str, **args: Any) -> pd.DataFrame:
        return cells[["row", "item", "column", "value"]].assign(**refusal(code, **args))

    def _not_asked(self, cells: pd.DataFrame, answered: pd.Series[bool]) -> tuple[pd.Series[bool], pd.DataFrame]:
        """Cells of items that were answered although the question was not asked, and their refusal."""
        against = answered & (~cells["asked"]).fillna(False).astype(bool)
        if not against.any():
            return against, cells[against].reindex(columns=["row", "item", "column", "value", *REASON])
        assert self.question.asked_if is not None
        column, codes = self.question.asked_if
        return against, self._refuse(cells[against], "not_asked", column=self.names[column], codes=codes)

    def _blank(self, cells: pd.DataFrame) -> pd.Series[str]:
        """What a blank cell means."""
        blank = pd.Series(self.question.blank, index=cells.index, dtype="string")
        return blank.mask((~cells["asked"]).fillna(False).astype(bool), NOT_ASKED)

    def _choices(self) -> list[str]:
        """What the codes of the question are, for a finding."""
        told = [f"{code} ({meaning})" if code != meaning else code for code, meaning in self.question.codes.items()]
        labels = [
            f"{code} ({label})"
            for item in self.question.items
            for column in item.columns.values()
            for code, label in self.survey.values.get(self.names.get(column, ""), {}).items()
        ]
        return (told or list(dict.fromkeys(labels)))[:12]

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
        refusals = [refused, self._refuse(cells[outside], "code_unknown", choices=self._choices())]
        key = pd.MultiIndex.from_frame(cells[["row", "item"]])
        bad = key.isin(key[outside | against])
        both = (
            cells["answer"].isin([NOT_RELEVANT, NONE]) & pd.Series(key.duplicated(keep=False), index=cells.index) & ~bad
        )
        refusals.append(self._refuse(cells[both], "not_relevant_and_place"))
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
        code = "no_tick_count" if self.question.counts else "no_tick"
        against, not_asked = self._not_asked(cells, given)
        refusals = [self._refuse(cells[bad], code), not_asked]
        key = pd.MultiIndex.from_frame(cells[["row", "item"]])
        none = (cells["role"] == NOT_RELEVANT) & given
        rings = (cells["role"] != NOT_RELEVANT) & given
        clash = none & key.isin(key[rings])
        placed = cells[rings].groupby(["row", "item"], sort=False)["role"].agg(", ".join)
        with_rings = [{"places": placed[k]} for k in key[clash]]
        clashing = cells.loc[clash, ["row", "item", "column", "value"]]
        refusals.append(clashing.assign(**refusals_by_row("not_relevant_ticked", with_rings)))
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
        wide = wide.reindex(columns=list(PARTNER_ROLES)).astype("string").reset_index()
        codes = filled[filled["role"] == "ring"].set_index(["row", "item"])["code"]
        keys = pd.MultiIndex.from_frame(wide[["row", "item"]])
        code = codes.reindex(keys).array
        zones = (*RINGS, *self.book.own_zones)
        places = {**dict(zip(zones, zones, strict=True)), **self.question.codes}
        ring = pd.Series(code, index=wide.index, dtype="string").map(places)
        year = numbers(wide["year"].astype("string"))
        flags = {**dict.fromkeys(_TICKED, "1"), **dict.fromkeys(_UNTICKED, "0")}
        strategic = wide["strategic"].pipe(code_keys).map(flags)
        number = wide["organisation_number"].map(self._number, na_action="ignore")
        checks = (
            ("name", wide["name"].isna(), "partner_nameless"),
            ("ring", wide["ring"].notna() & ring.isna(), "partner_ring"),
            (
                "year",
                wide["year"].notna() & ~((year >= 1) & (year <= 9999) & (year == year.round())).fillna(False),
                "partner_year",
            ),
            ("strategic", wide["strategic"].notna() & strategic.isna(), "no_flag"),
            (
                "organisation_number",
                wide["organisation_number"].notna() & number.isna(),
                "company_number",
            ),
        )
        columns = filled.set_index(["row", "item", "role"])["column"]
        refusals = [not_asked]
        bad = pd.Series(keys.isin(pd.MultiIndex.from_frame(not_asked[["row", "item"]])), index=wide.index)
        for role, mask, code in checks:
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
                        **refusal(code, **({"choices": self._choices()} if role == "ring" else {})),
                    }
                )
            )
        refused = pd.concat(refusals).drop_duplicates(["row", "item"])
        named = wide.assign(ring=ring, year=year.astype("Int64"), strategic=strategic, organisation_number=number)[~bad]
        named = named.assign(name=named["name"].map(lambda v: " ".join(str(v).split()), na_action="ignore"))
        accepted = named[["row", "item"]].assign(answer=named["name"], amount=1.0)
        return accepted, refused, self._tied(named.assign(kind=self.question.partner_kind))

    def _number(self, text: str) -> str | None:
        return company_number(text, self.book.country)

    def _nobodies(self, cells: pd.DataFrame) -> tuple[pd.DataFrame, list[Finding]]:
        """The cells, with slots blank whose name names nobody ("ingen", "-"), and places that name none."""
        empty = cells["value"].isin([value for value in cells["value"].dropna().unique() if nobody(value)])
        names = cells[empty & (cells["role"] == "name") & cells["kind"].isna()]
        keys = pd.MultiIndex.from_frame(cells[["row", "item"]])
        unnamed = keys.isin(pd.MultiIndex.from_frame(names[["row", "item"]]))
        none = unnamed | (empty & cells["role"].isin(("place", "organisation_number", "what")))
        told = names.groupby("value", sort=True).size()
        found = [
            Finding(self.survey.file, 0, self.question.id, str(value), "names_nobody", cells=int(n))
            for value, n in told.items()
        ]
        return cells.assign(kind=cells["kind"].mask(none, NO_ANSWER)), found

    def _column(self, item: str, role: str) -> str:
        columns = next(i.columns for i in self.question.items if i.id == item)
        return self.names.get(columns.get(role, ""), columns.get(role, ""))

    def _tied(self, partners: pd.DataFrame) -> pd.DataFrame:
        """Partners with the layer and flow of their item."""
        partners = partners.reindex(columns=list(PARTNER))
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
        refusals = [refused, self._refuse(cells[bad], "no_share", total=question.total)]
        gone = cells["row"].isin(cells.loc[bad | against, "row"])
        sums = share.groupby(cells["row"]).sum(min_count=1)
        total = cells["row"].map(sums)
        off = given & ~gone & ((total - question.total).abs() > question.tolerance).fillna(False)
        first = cells[off].drop_duplicates("row")
        told = cells[off].groupby("row", sort=False)["value"].agg(" + ".join)
        limits = {"total": question.total, "tolerance": question.tolerance}
        wrong = refusals_by_row("shares_off", [{"sum": float(sums[row]), **limits} for row in first["row"]])
        summed = first[["row", "item", "column"]].assign(value=[told[row] for row in first["row"]], **wrong)
        gone |= cells["row"].isin(first["row"])
        failed = pd.concat([*refusals, summed]).drop_duplicates("row").set_index("row")
        everywhere = cells[gone]
        refused = everywhere[["row", "item"]].assign(
            **{name: everywhere["row"].map(failed[name]) for name in ("column", "value", *REASON)}
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
        endless = (low, high) == (-np.inf, np.inf)
        code, limits = ("answer_no_number", {}) if endless else ("answer_outside", {"low": low, "high": high})
        outside = self._refuse(cells[bad & ~against], code, **limits)
        kept = cells[~bad & ~against]
        answer = number[~bad & ~against].map(lambda v: f"{v:.15g}", na_action="ignore").astype("string")
        blank = self._blank(kept)
        answer = answer.where(answer.notna(), kept["kind"]).where(lambda a: a.notna(), blank)
        return (
            kept[["row", "item"]].assign(answer=answer, amount=1.0),
            pd.concat([refused, outside]),
            _NO_PARTNERS,
        )


_NO_PARTNERS = pd.DataFrame(columns=list(PARTNER))


def _roster_partner(item: Item) -> dict[str, str | None]:
    return {
        "name": item.actor.get("name", item.text),
        "place": item.actor.get("place"),
        "ring": item.actor.get("ring"),
    }


def stacked(parts: list[pd.DataFrame], columns: list[str]) -> pd.DataFrame:
    """Frames under one another, empty ones left out so that they do not decide the types."""
    filled = [part for part in parts if len(part)]
    return pd.concat(filled, ignore_index=True).reindex(columns=columns) if filled else pd.DataFrame(columns=columns)
