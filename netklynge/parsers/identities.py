"""Who is who, one room for all sources: respondents, those they name, ledgers, rosters, earlier waves."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from netklynge.findings import NetklyngeError
from netklynge.parsers.codes import code_key
from netklynge.parsers.matching import DIFFERENT, SAME, Basis, match_names
from netklynge.parsers.names import fold
from netklynge.study.study import Study

__all__ = [
    "Identified",
    "actor_id",
    "clusters",
    "free_id",
    "identify",
    "merge_actors",
    "number_marks",
    "records_of",
    "slug",
]


def clusters(
    pairs: pd.DataFrame, actors: Iterable[str], marks: Mapping[str, Collection[str]] | None = None
) -> dict[str, str]:
    """Actor to the first actor, in the order of `actors`, that it is the same as.

    Pairs join in falling order of score, those by organisation number first; a join that would bring two actors
    together that a row calls different is left out.

    Parameters
    ----------
    pairs : DataFrame
        ``left, right, score, decision`` and, where it is there, ``basis``, as :func:`netklynge.match_names` gives.
    actors : iterable of str
        Every actor, joined or not.
    marks : mapping, optional
        Actor to what no other actor can bear, such as its organisation number: actors with unlike marks of a kind
        (the text before ``:``) are only joined by the user's word.
    """
    order = {actor: k for k, actor in enumerate(actors)}
    members = {actor: {actor} for actor in order}
    apart: dict[str, set[str]] = {actor: set() for actor in order}
    unlike = pairs[pairs["decision"] == DIFFERENT]
    for left, right in zip(unlike["left"], unlike["right"], strict=True):
        if left in order and right in order:
            apart[left].add(right)
            apart[right].add(left)
    joins = pairs[pairs["decision"] == SAME].sort_values("score", ascending=False, kind="stable")
    basis = joins["basis"] if "basis" in joins else pd.Series("", index=joins.index)
    joins = joins.loc[[*joins.index[basis == Basis.NUMBER], *joins.index[basis != Basis.NUMBER]]]
    by_user = (joins["basis"] == Basis.USER) if "basis" in joins else pd.Series(False, index=joins.index)
    borne = {actor: dict(mark.split(":", 1) for mark in (marks or {}).get(actor, ())) for actor in order}
    bears = {actor: {kind: {mark} for kind, mark in mine.items()} for actor, mine in borne.items()}
    for left, right, told in zip(joins["left"], joins["right"], by_user, strict=True):
        if left not in order or right not in order:
            continue
        one, two = members[left], members[right]
        if one is two or any(apart[actor] & two for actor in one):
            continue
        mine, theirs = bears[left], bears[right]
        if not told and any(mine[kind] != theirs[kind] for kind in mine.keys() & theirs.keys()):
            continue
        both = {kind: mine.get(kind, set()) | theirs.get(kind, set()) for kind in mine.keys() | theirs.keys()}
        small, large = sorted((one, two), key=len)
        large |= small
        members.update(dict.fromkeys(small, large))
        bears.update(dict.fromkeys(large, both))
    heads = {id(group): min(group, key=order.__getitem__) for group in members.values()}
    return {actor: heads[id(group)] for actor, group in members.items()}


def merge_actors(study: Study, decisions: pd.DataFrame) -> Study:
    """The study with every pair whose `decision` is ``same`` made one actor.

    The first of them in the table keeps its id; names of the others become aliases, its blanks are filled
    from them, ties and answers go to it, and no row of ties is lost.

    Parameters
    ----------
    study : Study
    decisions : DataFrame
        ``left``, ``right`` (actor ids) and ``decision``; ``score`` orders the joins if it is there.

    Raises
    ------
    NetklyngeError
        Two actors to be merged have a tie with one another, which would become a tie of an actor to itself.

    Examples
    --------
    >>> import netklynge as nk
    >>> study = nk.load({"relations": pd.DataFrame({"source": ["a", "A as"], "target": ["b", "c"]})})
    >>> same = pd.DataFrame({"left": ["a"], "right": ["A as"], "decision": ["same"]})
    >>> merge_actors(study, same).relations[["source", "target"]].values.tolist()
    [['a', 'b'], ['a', 'c']]
    """
    scored = decisions if "score" in decisions else decisions.assign(score=100.0)
    heads = clusters(scored, study.actors["actor"])
    actors = study.actors.assign(_head=study.actors["actor"].map(heads))
    names = {head: _aliases(group) for head, group in actors.groupby("_head", sort=False)}
    merged = actors.groupby("_head", sort=False, as_index=False).first()
    merged = merged.assign(aka=merged["_head"].map(names).astype("string")).drop(columns="_head")
    ends = {end: study.relations[end].map(heads).astype("string") for end in ("source", "target")}
    relations = study.relations.assign(**ends)
    loops = relations[(ends["source"] == ends["target"]) & (study.relations["source"] != study.relations["target"])]
    if len(loops):
        tie = study.relations.loc[loops.index[0]]
        raise NetklyngeError(
            f"'{tie['source']}' and '{tie['target']}' are to be one actor but have a tie ({tie['layer']}) with "
            "one another; write 'different' for the pair in matches.csv or take out the tie"
        )
    answers = study.answers.assign(respondent=study.answers["respondent"].replace(heads))
    return replace(
        study,
        actors=merged[list(study.actors.columns)].astype(study.actors.dtypes),
        relations=relations.astype(study.relations.dtypes),
        answers=answers.astype(study.answers.dtypes),
    )


def _aliases(group: pd.DataFrame) -> str | None:
    """Names and aliases of one actor but for its first name, in order, each once."""
    told = zip(group["name"], group["aka"], strict=True)
    names = [part for name, aka in told for part in (str(name), *_parts(aka))]
    return ";".join(list(dict.fromkeys(names))[1:]) or None


def _parts(aka: Any) -> list[str]:
    return [part.strip() for part in str(aka).split(";") if part.strip()] if aka is not pd.NA else []


def records_of(parties: pd.DataFrame) -> pd.DataFrame:
    """What is matched: each distinct name, number, place and country, the most frequent first; with an id."""
    columns = ["name", "orgnr", "place", "country"]
    parties["record"] = parties.groupby(columns, sort=False).ngroup()
    weight = parties.groupby("record")["entries"].sum()
    records = parties.drop_duplicates("record").set_index("record")[columns].assign(entries=weight)
    records = records.sort_values(["entries", *columns], ascending=[False, *[True] * 4])
    ids = records["name"].map(slug)
    again = ids.groupby(ids).cumcount()
    taken = set(ids)
    actors = []
    for name, k in zip(ids, again, strict=True):
        unique = name
        while k and unique in taken:
            k += 1
            unique = f"{name}-{k}"
        taken.add(unique)
        actors.append(unique)
    return records.assign(actor=actors)


@dataclass(frozen=True)
class Identified:
    """Whom a survey's names mean: the actor of each named row, the spellings of each actor, and the pairs matched."""

    actors: pd.Series[str]
    spellings: Mapping[str, list[str]]
    matches: pd.DataFrame


def identify(respondents: pd.DataFrame, named: pd.DataFrame, decisions: pd.DataFrame | None = None) -> Identified:
    """Find those whom respondents name among the respondents and among one another.

    Parameters
    ----------
    respondents : DataFrame
        ``actor`` and, each optional, ``name``, ``place``, ``organisation_number``.
    named : DataFrame
        ``name``, ``place``, ``organisation_number``: one row for each time that somebody is named.
    decisions : DataFrame, optional
        The user's ``matches.csv``, see :func:`netklynge.parsers.matching.read_decisions`.

    Returns
    -------
    Identified
        A name keeps the respondent's id where it is a respondent, else it gets one of its own; two of one name who
        are kept apart, by place or number, have two.
    """
    columns = ["name", "place", "organisation_number"]
    told = named.reindex(columns=columns).astype("string").fillna("")
    distinct = told.drop_duplicates(ignore_index=True)
    ours = respondents.reindex(columns=["actor", *columns]).astype("string").fillna("")
    ours["name"] = ours["name"].where(ours["name"] != "", ours["actor"])
    theirs = distinct.assign(actor=[f"\0{k}" for k in range(len(distinct))])
    records = pd.concat([ours, theirs], ignore_index=True)
    pairs = match_names(records, decisions=decisions)
    both = pairs["left"].isin(ours["actor"]) & pairs["right"].isin(ours["actor"])
    pairs = pairs[~both].reset_index(drop=True)  # respondents were told apart before, by their own id
    marks = number_marks(records.rename(columns={"organisation_number": "orgnr"}))
    for actor in ours["actor"]:
        marks.setdefault(actor, []).append(f"respondent:{actor}")
    heads = clusters(pairs, records["actor"], marks)
    ids = dict(zip(ours["actor"], ours["actor"], strict=True))
    taken = set(ids)
    for name, _, number, actor in distinct.assign(actor=theirs["actor"]).itertuples(index=False, name=None):
        if heads[actor] == actor:
            ids[actor] = free_id(f"no-{number.lower()}" if number else str(actor_id(name, "a")), taken)
    spellings: dict[str, list[str]] = {}
    for name, actor in zip(records["name"], records["actor"], strict=True):
        if name and name not in spellings.setdefault(ids[heads[actor]], []):
            spellings[ids[heads[actor]]].append(name)
    final = {actor: ids[heads[actor]] for actor in records["actor"]}
    of = dict(zip(distinct.itertuples(index=False, name=None), theirs["actor"].map(final), strict=True))
    shown = pairs.assign(left=pairs["left"].map(final), right=pairs["right"].map(final))
    actors = [of[row] for row in told.itertuples(index=False, name=None)]
    return Identified(pd.Series(actors, index=named.index, dtype="string"), spellings, shown)


def free_id(wanted: str, taken: set[str]) -> str:
    """The id, with a number where it is taken already; it is taken from now on."""
    unique, k = wanted, 1
    while unique in taken:
        k += 1
        unique = f"{wanted}-{k}"
    taken.add(unique)
    return unique


def number_marks(records: pd.DataFrame) -> dict[str, list[str]]:
    """The organisation number of each record as a mark for :func:`clusters`."""
    return {
        actor: [f"number:{number}"] for actor, number in zip(records["actor"], records["orgnr"], strict=True) if number
    }


def slug(name: str) -> str:
    """An id from a name: letters a-z, digits and hyphens.

    Examples
    --------
    >>> slug("Vinghøg & Sønn A/S")
    'vinghog-sonn-a-s'
    """
    plain = unicodedata.normalize("NFKD", name.casefold().replace("ø", "o").replace("æ", "ae"))
    return re.sub(r"[^a-z0-9]+", "-", plain.encode("ascii", "ignore").decode()).strip("-") or "actor"


def actor_id(text: Any, prefix: str) -> str | None:
    """An id out of a name or number; one that starts with a digit gets a prefix, signs alone become their numbers."""
    text = code_key(text)
    if not text:
        return None
    folded = fold(text).replace(" ", "-") or "-".join(f"u{ord(sign):x}" for sign in text)
    return f"{prefix}-{folded}" if folded[:1].isdigit() else folded
