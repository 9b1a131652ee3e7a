"""Who is who: the same actor under several names, matched by organisation number or by name.

A pair above the high score is matched and listed; a pair in the band below is listed for the user to decide;
nothing is merged that no row of the list tells.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from itertools import chain, pairwise, product
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from netklynge.files.tables import read_text_table
from netklynge.findings import Finding, NetklyngeError, StudyError
from netklynge.study.study import Study

__all__ = [
    "HIGH",
    "LOW",
    "clusters",
    "fold",
    "match_names",
    "merge_actors",
    "name_key",
    "organisation_number",
    "read_decisions",
]

HIGH = 90.0
LOW = 75.0
SAME, DIFFERENT, ASK = "same", "different", "ask"
SIMILAR, USER = "similar", "decided by the user"
COLUMNS = (
    "left", "left_name", "left_place", "right", "right_name", "right_place", "score", "basis", "decision",
)  # fmt: skip

_LETTERS = str.maketrans({"æ": "a", "ø": "o", "ß": "ss", "ł": "l", "đ": "d"})  # NFKD parts all others
_BLOCK_PAIRS = 20_000  # a block with more pairs than this is too common a word to be worth comparing
_AT_A_TIME = 1 << 16  # pairs compared at a time
_ACRONYM = 3  # up to so many letters a name must be the same to the letter

# Legal form to the country whose law knows it; blank where several do.
_FORMS: Mapping[str, str] = {
    **dict.fromkeys(("as", "asa", "ans", "enk", "nuf", "ba", "al", "kf", "iks", "sf", "ks", "hf"), "NO"),
    **dict.fromkeys(("aksjeselskap", "aksjeselskapet"), "NO"),
    **dict.fromkeys(("ab", "aktiebolag", "publ"), "SE"),
    **dict.fromkeys(("aps", "aktieselskab"), "DK"),
    **dict.fromkeys(("oy", "oyj", "abp"), "FI"),
    **dict.fromkeys(("gmbh", "ag", "kg", "kgaa"), "DE"),
    **dict.fromkeys(("ltd", "limited", "plc", "llp"), "GB"),
    **dict.fromkeys(("inc", "incorporated", "corp", "corporation", "llc"), "US"),
    **dict.fromkeys(("bv", "nv"), "NL"),
    **dict.fromkeys(("sas", "sarl"), "FR"),
    **dict.fromkeys(("spa", "srl"), "IT"),
    **dict.fromkeys(("sa", "da", "co", "se", "company"), ""),
}
_LEADING_FORMS = ("as", "ab", "aktieselskabet", "aksjeselskapet")


class _Name(NamedTuple):
    """A name as it is compared: its words without legal forms, and the countries of those forms."""

    words: tuple[str, ...]
    law: frozenset[str]

    @property
    def joined(self) -> str:
        return "".join(self.words)


class _Party(NamedTuple):
    """An actor of one side, as it is matched."""

    side: int
    actor: str
    name: str
    place: str
    aka: str
    country: str
    number: str | None


class _Variant(NamedTuple):
    """One name of the party with this number; ``place`` where it was taken from the name itself."""

    party: int
    side: int
    name: _Name
    place: str = ""


@lru_cache(maxsize=1 << 16)
def fold(text: Any) -> str:
    """Text as it is compared: no case, punctuation or accents; å and aa are a, ø and oe are o, æ and ae are a.

    Examples
    --------
    >>> fold("Vinghøg, HORTEN"), fold("VINGHOEG Horten")
    ('vinghog horten', 'vinghog horten')
    """
    if text is None or text is pd.NA or text != text:
        return ""
    parted = unicodedata.normalize("NFKD", str(text).casefold().translate(_LETTERS))
    plain = "".join(c for c in parted if not unicodedata.combining(c))
    plain = re.sub(r"['’`´]", "", plain).replace("&", " og ")
    plain = re.sub(r"oe+", "o", re.sub(r"a[ae]+", "a", plain))  # how keyboards without å, æ, ø write them
    return " ".join(re.sub(r"[\W_]+", " ", plain).split())


def _name(text: Any) -> _Name:
    words: list[str] = []
    single = False
    for word in fold(text).split():
        if single and len(word) == 1 and not word.isdigit():  # "A/S", "N.V.", "Å.S.V.": letters of one word
            words[-1] += word
            continue
        single = len(word) == 1 and not word.isdigit()
        words.append("og" if word == "and" else word)
    law: set[str] = set()
    while len(words) > 1 and words[-1] in _FORMS:
        law.add(_FORMS[words.pop()])
    if len(words) > 1 and words[0] in _LEADING_FORMS:
        law.add(_FORMS.get(words.pop(0), ""))
    if len(words) > 1 and words[-1] == "og":  # "GmbH & Co KG"
        words.pop()
        while len(words) > 1 and words[-1] in _FORMS:
            law.add(_FORMS[words.pop()])
    return _Name(tuple(words), frozenset(law - {""}))


def name_key(name: Any) -> str:
    """What is left of a name when letters, spaces and legal forms no longer matter.

    Examples
    --------
    >>> name_key("A/S Norautron") == name_key("NORAUTRON AS") == name_key("Nor-Autron")
    True
    >>> name_key("Kongsberg Automotive Raufoss")
    'kongsbergautomotiveraufoss'
    """
    return _name(name).joined


def organisation_number(text: Any) -> str | None:
    """The Norwegian organisation number in a cell, or None if there is none whose MOD11 check digit fits.

    Spaces, dots, a leading ``NO`` and a trailing ``MVA`` do not matter.

    References
    ----------
    Brønnøysund Register Centre, "Organisasjonsnummeret": weights 3 2 7 6 5 4 3 2, modulus 11.

    Examples
    --------
    >>> organisation_number("NO 988 077 917 MVA")
    '988077917'
    >>> organisation_number("988077918") is None
    True
    """
    if isinstance(text, str) and not text:  # most cells of most lists
        return None
    from stdnum.no import orgnr

    digits = re.sub(r"^NO|MVA$|[\s.\-]", "", str(text).strip().upper())
    digits = re.sub(r"^NO|MVA$", "", digits)
    return digits if digits.isascii() and orgnr.is_valid(digits) else None


def match_names(
    left: pd.DataFrame,
    right: pd.DataFrame | None = None,
    *,
    high: float = HIGH,
    low: float = LOW,
    decisions: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Pairs of actors that are, or may be, the same.

    The score is 100 for equal organisation numbers and for names that are equal once case, punctuation,
    spaces, legal forms and the ways to write å, æ, ø are set aside; 98 for the same words in another order;
    95 and 92 for one and two misspelt letters in long words. Every other pair scores at most just below
    `high`, by the similarity of its words, and so does a pair whose countries, places, legal forms or digits
    contradict each other: a word more ("Raufoss") is another unit more often than a slip of the pen.

    Parameters
    ----------
    left, right : DataFrame
        With ``name`` and, each optional, ``actor`` (id; default the index), ``aka`` (other names, parted by
        ``;``), ``orgnr``, ``place``, ``country``. Without `right`, pairs within `left`.
    high : float
        From this score on a pair is the same.
    low : float
        From this score on a pair is listed for the user to decide, unless the names are no more than similar
        and organisation numbers, countries, legal forms or places differ too.
    decisions : DataFrame, optional
        What the user has decided before, see :func:`read_decisions`; it goes before any score, and pairs that
        the user added are in the list too.

    Returns
    -------
    DataFrame
        ``left, left_name, left_place, right, right_name, right_place, score, basis, decision``, where
        `decision` is ``same``, ``different`` (unlike organisation numbers, or the user's word) or ``ask``;
        highest score first.

    Raises
    ------
    NetklyngeError
        There is no column ``name``.

    Notes
    -----
    Only names that share the first or last four letters of a word, or (short names) all letters but one, are
    compared (blocking), and blocks of more than 20,000 pairs are left out; so a long name that is misspelt
    in every word is not found. Words are compared by Damerau-Levenshtein distance (restricted), the rest by
    rapidfuzz's token sort ratio.

    References
    ----------
    Christen, P. (2012): Data Matching. Springer, chapters 4 (indexing) and 5 (comparison).

    Examples
    --------
    >>> ledger = pd.DataFrame({"name": ["JOTRON A/S", "Kongsberg Automotive"]})
    >>> register = pd.DataFrame({"name": ["Jotron", "Kongsberg Automotive Raufoss AS"]})
    >>> match_names(ledger, register)[["left_name", "score", "decision"]].values.tolist()
    [['JOTRON A/S', 100.0, 'same'], ['Kongsberg Automotive', 84.4, 'ask']]
    """
    parties = [*_parties(left, 0), *(() if right is None else _parties(right, 1))]
    variants = list(_variants(parties))
    best = dict.fromkeys(_by_number(parties, right is None), (100.0, "organisation number"))
    numbered = set(best)
    for i, j, alike in _candidates(variants, right is None, low):
        pair = variants[i].party, variants[j].party
        if pair in numbered:
            continue
        score, basis = _compare(variants[i].name, variants[j].name, alike)
        if score >= HIGH:
            score, basis = _contradicted(score, basis, parties, variants[i], variants[j])
        elif _unlike(basis, parties, variants[i], variants[j]):
            continue
        if score >= low and score > best.get(pair, (0.0, ""))[0]:
            best[pair] = (score, basis)
    rows = [
        (*parties[a][1:4], *parties[b][1:4], round(score, 1), basis, _verdict(score, basis, high))
        for (a, b), (score, basis) in best.items()
    ]
    pairs = _decided(_doubted(pd.DataFrame(rows, columns=list(COLUMNS))), decisions, parties)
    order = ["score", "left_name", "right_name", "left", "right"]
    return pairs.sort_values(order, ascending=[False, True, True, True, True], ignore_index=True)


def _doubted(pairs: pd.DataFrame) -> pd.DataFrame:
    """The pairs, with those to ask about in which one actor fits two that contradict each other.

    "Norvik" without a place is neither Norvik in Horten nor Norvik in Oslo, as long as these two may be two.
    """
    named = (pairs["decision"] == SAME) & (pairs["basis"] != "organisation number")
    fits: dict[str, dict[str, int]] = {}
    for row, left, right in zip(pairs.index[named], pairs["left"][named], pairs["right"][named], strict=True):
        fits.setdefault(left, {})[right] = row
        fits.setdefault(right, {})[left] = row
    unlike = pairs[pairs["basis"].str.contains("differ|two countries", regex=True)]
    doubtful: set[int] = set()
    for left, right in zip(unlike["left"], unlike["right"], strict=True):
        one, two = fits.get(left, {}), fits.get(right, {})
        doubtful.update(row for actor in one.keys() & two.keys() for row in (one[actor], two[actor]))
    rows = sorted(doubtful)
    pairs.loc[rows, "decision"] = ASK
    pairs.loc[rows, "score"] = pairs.loc[rows, "score"].clip(upper=HIGH - 1)
    pairs.loc[rows, "basis"] += "; fits two that differ"
    return pairs


def _verdict(score: float, basis: str, high: float) -> str:
    if basis == "organisation numbers differ":
        return DIFFERENT
    return SAME if score >= high else ASK


def _parties(frame: pd.DataFrame, side: int) -> Iterator[_Party]:
    if "name" not in frame.columns:
        raise NetklyngeError("names to match: column 'name' is missing")
    cells = frame.reindex(columns=["name", "place", "aka", "country", "orgnr"]).astype("string").fillna("")
    ids = frame.get("actor", frame.index)
    for actor, (name, place, aka, country, orgnr) in zip(ids, cells.itertuples(index=False, name=None), strict=True):
        yield _Party(side, str(actor), name, place, aka, country, organisation_number(orgnr))


def _variants(parties: list[_Party]) -> Iterator[_Variant]:
    """Each name that an actor goes by, once; "Scanmar, Horten" also as "Scanmar" at the place "Horten"."""
    for k, party in enumerate(parties):
        names = {name.joined: name for name in map(_name, (*reversed(party.aka.split(";")), party.name))}
        for joined, name in names.items():
            if joined:
                yield _Variant(k, party.side, name)
        head, _, place = party.name.rpartition(",")
        if fold(head) and fold(place) and name_key(head) != name_key(party.name):
            yield _Variant(k, party.side, _name(head), place.strip())


def _by_number(parties: list[_Party], within: bool) -> Iterator[tuple[int, int]]:
    """Pairs of parties with the same organisation number; within one frame a chain is enough to join them."""
    groups: dict[str, list[int]] = {}
    for k, party in enumerate(parties):
        if party.number:
            groups.setdefault(party.number, []).append(k)
    for group in groups.values():
        if within:
            yield from pairwise(group)
        else:
            yield from ((a, b) for a in group for b in group if parties[a].side < parties[b].side)


def _candidates(variants: list[_Variant], within: bool, low: float) -> Iterator[tuple[int, int, float]]:
    """Pairs of variants that share a block and are alike enough to be looked at closely, and how alike they are."""
    from rapidfuzz import fuzz, process

    party = np.array([variant.party for variant in variants])
    spaced = np.array([" ".join(variant.name.words) for variant in variants], dtype=object)
    joined = np.array([variant.name.joined for variant in variants], dtype=object)
    options: dict[str, Any] = {"score_cutoff": low, "dtype": np.float64, "workers": -1}
    for one, two in _sharing(variants, within):
        apart = party[one] != party[two]
        one, two = one[apart], two[apart]
        words = process.cpdist(spaced[one], spaced[two], scorer=fuzz.token_sort_ratio, **options)
        letters = process.cpdist(joined[one], joined[two], scorer=fuzz.ratio, **options)
        alike = np.maximum(words, letters)
        kept = np.flatnonzero(alike >= low)
        yield from zip(one[kept].tolist(), two[kept].tolist(), alike[kept].tolist(), strict=True)


def _sharing(variants: list[_Variant], within: bool) -> Iterator[tuple[Any, Any]]:
    """Pairs of variants, of unlike sides or `within` the one side, that share a block of no common word; in parts."""
    keys = [[hash(key) for key in _blocks(variant.name)] for variant in variants]  # the keys would fill the memory
    table = pd.DataFrame({"one": np.repeat(np.arange(len(keys)), [*map(len, keys)]), "block": list(chain(*keys))})
    side = np.array([variant.side for variant in variants])[table["one"]]
    left, right = table[side == 0], table[side == (0 if within else 1)].rename(columns={"one": "two"})
    others = right["block"].value_counts()
    pairs = left["block"].map(left["block"].value_counts() * others)
    left = left[(pairs <= _BLOCK_PAIRS) & (pairs > (1 if within else 0))]
    part = left["block"].map(others).cumsum() // _AT_A_TIME
    for _, some in left.groupby(part.groupby(left["one"]).transform("first")):
        found = some.merge(right, on="block")
        found = found[found["one"] < found["two"]] if within else found
        found = found[["one", "two"]].drop_duplicates().sort_values(["one", "two"])
        yield found["one"].to_numpy(), found["two"].to_numpy()


def _blocks(name: _Name) -> set[str]:
    """Keys of which two names must share one to be compared."""
    joined = name.joined
    starts = {word[:4] for word in (joined, *name.words) if len(word) > 3}
    ends = {f"~{word[-4:]}" for word in (joined, *name.words) if len(word) > 5}
    # a short name is found by what is left without one letter, wherever it is misspelt
    without = {f"-{joined[:k]}{joined[k + 1 :]}" for k in range(len(joined))} if 5 < len(joined) < 13 else set()
    return {f"={joined}"} | starts | ends | without


def _compare(a: _Name, b: _Name, alike: float) -> tuple[float, str]:
    """Score and basis of two names by themselves, which are so much alike."""
    if a.joined == b.joined:
        return 100.0, "name"
    if sorted(a.words) == sorted(b.words):
        return 98.0, "name, words in another order"
    slips = _slips(a.words, b.words)
    if slips is not None:
        return (95.0, "name, one letter off") if slips == 1 else (92.0, "name, two letters off")
    return min(alike, HIGH - 1), _difference(a.words, b.words)


def _slips(a: tuple[str, ...], b: tuple[str, ...]) -> int | None:
    """Misspelt letters between names word by word; None when they are more than slips of the pen.

    A word of seven or eight letters may have one, a longer one two, a shorter word and a number none. Words
    that differ in their first or last letter ("Mectro", "Mectron") are more often two names.
    """
    from rapidfuzz.distance import OSA

    if len(a) != len(b):
        return None
    slips = 0
    for one, two in zip(a, b, strict=True):
        if one == two:
            continue
        length = max(len(one), len(two))
        ends = one[0] == two[0] and one[-1] == two[-1]
        if not ends or length < 7 or any(c.isdigit() for c in one + two):
            return None
        most = 1 if length < 9 else 2
        distance = OSA.distance(one, two, score_cutoff=most)
        if distance > most:
            return None
        slips += distance
    return slips if slips <= 2 else None


def _difference(a: tuple[str, ...], b: tuple[str, ...]) -> str:
    more = [w for w in (*a, *b) if w not in a or w not in b]
    return f"{SIMILAR}; only one has: {', '.join(more)}" if set(a) <= set(b) or set(b) <= set(a) else SIMILAR


def _contradicted(score: float, basis: str, parties: list[_Party], one: _Variant, two: _Variant) -> tuple[float, str]:
    """The score and basis, lowered into the user's band when something else speaks against the pair."""
    a, b = parties[one.party], parties[two.party]
    if a.number and b.number:  # and unlike, else the pair would have been matched by number
        return score, "organisation numbers differ"
    against = _against(parties, one, two)
    placed = all(_places(parties, one, two))
    if (one.place or two.place) and not placed:
        against.append("a place in one name, none with the other")
    short = [v for v in (one, two) if len(v.name.joined) <= _ACRONYM]
    if short and name_key(a.name) != name_key(b.name) and any(v.name.law for v in short) and not placed:
        against.append("a short alias only")
    return (HIGH - 1, f"{basis}; {', '.join(against)}") if against else (score, basis)


def _unlike(basis: str, parties: list[_Party], one: _Variant, two: _Variant) -> bool:
    """Whether names that are no more than similar need no decision, since something else speaks against them too.

    A name that has only a word more than the other may be another unit of the same firm, at another place.
    """
    if parties[one.party].number and parties[two.party].number:
        return True
    return basis == SIMILAR and bool(_against(parties, one, two))


def _against(parties: list[_Party], one: _Variant, two: _Variant) -> list[str]:
    """What country, legal form and place say against a pair of names."""
    a, b = parties[one.party], parties[two.party]
    against = []
    if a.country and b.country and fold(a.country) != fold(b.country):
        against.append("countries differ")
    elif one.name.law and two.name.law and not one.name.law & two.name.law:
        against.append("legal forms of two countries")
    places = _places(parties, one, two)
    if all(places) and not _same_place(*places):
        against.append("places differ")
    return against


def _places(parties: list[_Party], one: _Variant, two: _Variant) -> tuple[str, str]:
    return one.place or parties[one.party].place, two.place or parties[two.party].place


def _same_place(a: Any, b: Any) -> bool:
    """Whether two places may be one: "Horten" and "Horten, Vestfold", never "Horten" and "Oslo"."""
    one, two = set(fold(a).split()), set(fold(b).split())
    return one <= two or two <= one


# -- what the user decides -----------------------------------------------------------------------------


def read_decisions(path: str | Path) -> pd.DataFrame:
    """The user's ``matches.csv``: pairs listed by an earlier run with ``same``, ``different`` or ``ask``.

    Raises
    ------
    StudyError
        A column is missing, or a decision is none of the three; every such row is named.
    """
    file = Path(path)
    frame, findings = read_text_table(file)
    lacking = [c for c in ("left_name", "right_name", "decision") if c not in frame.columns]
    findings += [Finding(file.name, 1, c, "", "column_missing", name=c) for c in lacking]
    if not lacking:
        words = frame["decision"].fillna(ASK).str.strip().str.lower()
        wrong = words[~words.isin([SAME, DIFFERENT, ASK])]
        for row, word in zip(wrong.index.tolist(), wrong, strict=True):
            findings.append(Finding(file.name, row, "decision", word, "no_decision"))
        frame = frame.assign(decision=words)
    if findings:
        raise StudyError(findings)
    return frame.reindex(columns=list(COLUMNS))


def _decided(pairs: pd.DataFrame, decisions: pd.DataFrame | None, parties: list[_Party]) -> pd.DataFrame:
    """The pairs with the user's word in place of the program's, and those that only the user tells.

    By names and places, since ids may move.
    """
    if decisions is None or not len(decisions):
        return pairs
    told = decisions[decisions["decision"].isin([SAME, DIFFERENT])]
    words = dict(zip(_pair_keys(told), told["decision"], strict=True))
    keys = _pair_keys(pairs)
    said = pd.Series([words.get(key) for key in keys], index=pairs.index, dtype=object)
    by_user = said.notna()
    pairs = pairs.assign(
        decision=said.where(by_user, pairs["decision"]),
        basis=pairs["basis"].mask(by_user, USER),
    )
    named: dict[tuple[str, str], list[_Party]] = {}
    for party in parties:
        named.setdefault((party.name, party.place), []).append(party)
    sides = len({party.side for party in parties})
    rows = []
    for key in sorted(words.keys() - set(keys), key=sorted):
        for pair in product(*(named.get(name, []) for name in sorted(key))) if len(key) == 2 else ():
            one, two = sorted(pair, key=lambda party: party.side)
            if len({one.side, two.side}) == sides:
                rows.append((*one[1:4], *two[1:4], 100.0, USER, words[key]))
    return pd.concat([pairs, pd.DataFrame(rows, columns=list(COLUMNS))], ignore_index=True) if rows else pairs


def _pair_keys(pairs: pd.DataFrame) -> list[frozenset[tuple[str, str]]]:
    """What names a pair from run to run; the apostrophe that guards a spreadsheet is no part of a name."""
    cells = pairs[["left_name", "left_place", "right_name", "right_place"]].astype("string").fillna("")
    rows = cells.apply(lambda column: column.str.removeprefix("'")).to_numpy().tolist()
    return [frozenset([(name, place), (other, its_place)]) for name, place, other, its_place in rows]


def clusters(pairs: pd.DataFrame, actors: Iterable[str]) -> dict[str, str]:
    """Actor to the first actor, in the order of `actors`, that it is the same as.

    Pairs join in falling order of score; a join that would bring two actors together that a row calls
    different is left out.
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
    for left, right in zip(joins["left"], joins["right"], strict=True):
        if left not in order or right not in order:
            continue
        one, two = members[left], members[right]
        if one is two or any(apart[actor] & two for actor in one):
            continue
        small, large = sorted((one, two), key=len)
        large |= small
        members.update(dict.fromkeys(small, large))
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
