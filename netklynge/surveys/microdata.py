"""Survey microdata and a codebook to a study: answers, link counts, ties, and what had to be refused.

A respondent is known, the partner kinds that it ticks are not: each ticked ring becomes a tie to a *category*, which
counts in shares and never in structure, and the ticks of all respondents become the counts of ``links``. Nothing is
dropped silently: of respondents and of answers alike, accepted + rejected = read.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from netklynge.files.outputs import write_csv
from netklynge.findings import REASON, Finding, NetklyngeError, from_refusals, refusal
from netklynge.parsers.identities import Identified, actor_id, identify
from netklynge.parsers.imported import Imported
from netklynge.parsers.matching import read_decisions
from netklynge.parsers.places import ring_of, unplaced  # fmt: skip
from netklynge.study.contracts import CATEGORY, TABLES, typed
from netklynge.study.meta import Meta
from netklynge.study.study import Study
from netklynge.study.zones import RINGS, zone_rings
from netklynge.surveys import codebook as codebooks
from netklynge.surveys.links import ALL, links
from netklynge.surveys.questionnaire import Codebook
from netklynge.surveys.questions import NOT_ASKED, PARTNER, Asked, stacked, usable_questions
from netklynge.surveys.respondents import (
    CONTROL,
    REJECTED,
    described,
    file_findings,
    loose_ends,
    lost_rows,
    told_apart,
)
from netklynge.surveys.surveyfiles import SurveyFile, read_survey

__all__ = ["answer_table", "check_survey", "import_survey", "write_import"]


def import_survey(
    source: str | Path | SurveyFile, codebook: str | Path | Codebook, *, decisions: pd.DataFrame | None = None
) -> Imported:
    """Turn survey microdata into a study.

    Parameters
    ----------
    source : str, Path or SurveyFile
        A file as :func:`netklynge.read_survey` reads it.
    codebook : str, Path or Codebook
        What its columns mean, see :func:`netklynge.load`.
    decisions : DataFrame, optional
        The user's ``matches.csv``, see :func:`netklynge.parsers.matching.read_decisions`.

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
    people, refused_people = told_apart(survey, book, names)
    parts = [Asked(survey, book, question, names, people).answers() for question in usable_questions(book, names)]
    answers = stacked([part.accepted for part in parts], ["row", "question", "item", "answer", "amount", "score"])
    refused = stacked([part.refused for part in parts], ["row", "question", "item", "column", "value", *REASON])
    key = ["row", "question", "item"]
    # An answer with one cell refused is refused whole: half an answer is none.
    whole = pd.MultiIndex.from_frame(answers[key]).isin(pd.MultiIndex.from_frame(refused[key]))
    answers = answers[~whole].reset_index(drop=True)
    partners = stacked([part.partners for part in parts], list(PARTNER))
    whom = _identified(people, partners, book, decisions)
    partners = partners.assign(actor=whom.actors.iloc[: len(partners)].array)
    themselves = (partners["actor"] == partners["row"].map(people["actor"])).fillna(False).astype(bool)
    refused = pd.concat([refused, _own_names(survey, book, names, partners[themselves])], ignore_index=True)
    partners, answers = partners[~themselves], _without(answers, partners[themselves], key)
    refused = refused.assign(file=survey.file, respondent=refused["row"].map(people["actor"]))
    rejected = pd.concat([part.astype("string") for part in (refused_people, refused[list(REJECTED)])])
    rejected = rejected.assign(row=rejected["row"].astype("int64")).sort_values("row", kind="stable", ignore_index=True)
    counted = {
        "respondents": (len(survey.frame) + lost_rows(survey), len(people), len(refused_people)),
        "answers": (
            sum(part.read for part in parts),
            len(answers.drop_duplicates(key)),
            len(refused.drop_duplicates(key)),
        ),
    }
    counts = pd.DataFrame.from_dict(counted, orient="index", columns=["read", "accepted", "rejected"]).rename_axis(
        "unit"
    )
    owned = people.get("owner", pd.Series(dtype="string")).dropna()
    owners = pd.DataFrame(
        {"row": owned.index, "name": owned.array, "actor": whom.actors.iloc[len(whom.actors) - len(owned) :].array}
    )
    partners = partners.assign(ring=_rings(partners, people, book))
    study = _study(survey, book, people, answers, partners, owners, whom.spellings, counts)
    told = [finding for part in parts for finding in part.findings]
    placed = partners[partners["place"].notna()]
    return Imported(
        study,
        rejected,
        counts.reset_index(),
        [*file_findings(survey), *findings, *loose_ends(survey, book, names, people), *told],
        whom.matches,
        unplaced(placed, placed["ring"]),
    )


def write_import(source: str | Path | SurveyFile, folder: str | Path, codebook: str | Path | Codebook) -> Imported:
    """Import a survey file into a study folder, with ``rejected.csv`` beside its tables; return what was imported.

    Names that are, or may be, the same stand in ``matches.csv``; what the user wrote into it is kept and obeyed. Places
    that lie in no ring stand in ``unplaced.csv``.
    """
    matches = Path(folder) / "matches.csv"
    imported = import_survey(source, codebook, decisions=read_decisions(matches) if matches.is_file() else None)
    imported.study.save(folder)
    write_csv(Path(folder) / "rejected.csv", imported.rejected)
    if len(imported.matches) or matches.is_file():
        write_csv(matches, imported.matches)
    if len(imported.unplaced):
        write_csv(Path(folder) / "unplaced.csv", imported.unplaced)
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
    rows = cells[["file", "row", "column", "value", "code", "args"]].itertuples(index=False, name=None)
    return sorted({*imported.findings, *from_refusals(rows)})


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


# -- the study ---------------------------------------------------------------------------------------


def _study(
    survey: SurveyFile,
    book: Codebook,
    people: pd.DataFrame,
    answers: pd.DataFrame,
    partners: pd.DataFrame,
    owners: pd.DataFrame,
    spellings: Mapping[str, list[str]],
    counts: pd.DataFrame,
) -> Study:
    placed = _placed(book, answers)
    categories = _categories(book, placed)
    actors, relations = _actors(book, people), _ties(book, people, placed)
    parents, owned = _owners(people, owners)
    named, ties = _named(people, partners)
    tables = {
        "actors": stacked(
            [actors, named, parents, categories], list(dict.fromkeys([*TABLES["actors"], *actors.columns]))
        ),
        "relations": stacked([ties, owned, relations], list(TABLES["relations"])),
        "links": links(book, people, answers),
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
    others = {actor: [name for name in told if name != names[k]] for k, actor in enumerate(named_once["actor"])
              if len(told := spellings.get(actor, [])) > 1}  # fmt: skip
    if others:
        aka = named_once["actor"].map({actor: ";".join(told) for actor, told in others.items()})
        named_once["aka"] = aka.astype("string")
    tables["actors"] = named_once.assign(name=names)
    meta: dict[str, Any] = {"name": book.name, **book.meta}
    answered = {"read": int(counts.at["respondents", "read"]), "answered": len(people), "file": survey.file}
    stated = meta.get("respondents")
    meta["respondents"] = {**stated, **answered} if isinstance(stated, Mapping) else answered
    if survey.synthetic:
        meta["synthetic"] = True
        meta["title"] = f"SYNTHETIC: {meta.get('title', book.name)}"
    frames = {name: typed(name, frame.astype("string").apply(_printable)) for name, frame in tables.items()}
    return Study(name=book.name, meta=Meta.of(meta), sources=dict.fromkeys(frames, survey.file), **frames)


def _printable(texts: pd.Series[str]) -> pd.Series[str]:
    """Texts with a visible mark in place of each control character."""
    return texts.str.replace(CONTROL, "\ufffd", regex=True)


def _actors(book: Codebook, people: pd.DataFrame) -> pd.DataFrame:
    """The respondents as actors of the district."""
    told = people.reindex(
        columns=["actor", "name", "place", "sector", "role", "owner_country", "group", "organisation_number"]
    ).astype("string")
    told["name"] = told["name"].map(lambda v: " ".join(str(v).split()), na_action="ignore")
    actors = told.assign(kind="firm", scale="local")
    for role in ("employees", "founded", "owner_country", "organisation_number"):
        if role in people:
            actors[role] = described(role, people[role], book)
    if "employees" in actors and "reference_year" in book.meta:
        actors["employees_year"] = pd.Series(str(book.meta["reference_year"]), index=actors.index).where(
            actors["employees"].notna()
        )
    if "head_office" in people:
        office = described("head_office", people["head_office"], book)
        actors["owner_scale"] = office.where(office.isin(RINGS))
    return actors.dropna(axis=1, how="all")


def _identified(
    people: pd.DataFrame, partners: pd.DataFrame, book: Codebook, decisions: pd.DataFrame | None
) -> Identified:
    """Whom the named partners, and after them the owners, are among the respondents and one another."""
    respondents = people.copy()
    if "name" not in people:  # what tells them apart is what they are called
        respondents["name"] = people.get("id", people["actor"])
    if "organisation_number" in people:
        respondents["organisation_number"] = described("organisation_number", people["organisation_number"], book)
    owned = people.get("owner", pd.Series(dtype="string")).dropna()
    return identify(respondents, stacked([partners, pd.DataFrame({"name": owned})], list(PARTNER)), decisions)


def _own_names(survey: SurveyFile, book: Codebook, names: Mapping[str, str], partners: pd.DataFrame) -> pd.DataFrame:
    """The refusal of respondents that name themselves."""
    columns = {(q.id, item.id): item.columns.get("name") or item.columns.get("answer", "") for q in book.questions
               for item in q.items}  # fmt: skip
    where = [columns[key] for key in zip(partners["question"], partners["item"], strict=True)]
    return partners[["row", "question", "item"]].assign(
        column=[names.get(column, column) for column in where],
        value=partners["name"],
        **refusal("partner_self"),
    )


def _without(answers: pd.DataFrame, refused: pd.DataFrame, key: list[str]) -> pd.DataFrame:
    """The answers but for those of the refused rows."""
    gone = pd.MultiIndex.from_frame(answers[key]).isin(pd.MultiIndex.from_frame(refused[key]))
    return answers[~gone].reset_index(drop=True)


def _rings(partners: pd.DataFrame, people: pd.DataFrame, book: Codebook) -> pd.Series[str]:
    """The ring that each respondent tells of its partner, else local for respondents, else where its place lies."""
    ring = partners["ring"].astype("string")
    ring = ring.mask(ring.isna() & partners["actor"].isin(people["actor"]), RINGS[0])
    zones = book.meta.get("zones")
    placed = zones.get("places") if isinstance(zones, Mapping) else None
    return ring.fillna(ring_of(partners[["place"]], placed, book.country)) if placed and len(partners) else ring


def _owners(people: pd.DataFrame, owners: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Owners that respondents name, and the ties from them."""
    owned = owners["row"].map(people["actor"])
    owners, owned = owners[owners["actor"] != owned], owned[owners["actor"] != owned]
    new = owners[~owners["actor"].isin(people["actor"])]
    actors = pd.DataFrame({"actor": new["actor"], "name": new["name"], "kind": "parent"})
    ties = pd.DataFrame(
        {"source": owners["actor"], "target": owned, "layer": "ownership", "directed": "1", "current": "1"}
    )
    return actors, ties


def _named(people: pd.DataFrame, partners: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Named partners that are no respondents as actors, and the ties to all that are named."""
    if not len(partners):
        return pd.DataFrame(), pd.DataFrame()
    ring = partners["ring"].where(partners["ring"].isin(RINGS)).astype("string")
    columns = ["actor", "name", "kind", "place", "organisation_number"]
    actors = partners[columns].assign(scale=ring)[~partners["actor"].isin(people["actor"])]
    actors = actors.groupby("actor", sort=False, as_index=False).first()
    ends = _ends(partners["row"].map(people["actor"]), partners["actor"], partners["flow"])
    ties = ends.assign(
        layer=partners["layer"],
        scale=ring,
        strategic=partners["strategic"],
        start=partners["year"],
        current="1",
        content=partners["what"],
    )
    return actors.dropna(axis=1, how="all"), ties


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
                actor_id(f"cat {question.id} {i} {zone}", "a")
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
    return stacked(rows, ["row", "question", "item", "answer", "category", "layer", "flow", "text", "ring"])


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
