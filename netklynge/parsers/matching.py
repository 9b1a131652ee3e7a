"""Who is who: the same actor under several names, matched by organisation number or by name.

A pair above the high score is matched and listed; a pair in the band below is listed for the user to decide;
nothing is merged that no row of the list tells.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from itertools import chain, pairwise, product
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from netklynge.files.tables import read_text_table
from netklynge.findings import Finding, NetklyngeError, StudyError
from netklynge.parsers.names import Name, fold, name_key, parsed
from netklynge.parsers.numbers import company_number
from netklynge.parsers.places import country_code

__all__ = ["HIGH", "LOW", "Against", "Basis", "match_names", "read_decisions"]

HIGH = 90.0
LOW = 75.0
SAME, DIFFERENT, ASK = "same", "different", "ask"
COLUMNS = (
    "left", "left_name", "left_place", "left_number", "right", "right_name", "right_place", "right_number", "score",
    "basis", "decision",
)  # fmt: skip

_BLOCK_PAIRS = 20_000  # a block with more pairs than this is too common a word to be worth comparing
_AT_A_TIME = 1 << 16  # pairs compared at a time
_ACRONYM = 3  # up to so many letters a name must be the same to the letter


class Basis(StrEnum):
    """What a pair rests on; the value is the word that ``matches.csv`` shows."""

    NUMBER = "organisation number"
    NAME = "name"
    ORDER = "name, words in another order"
    ONE_LETTER = "name, one letter off"
    TWO_LETTERS = "name, two letters off"
    SIMILAR = "similar"
    USER = "decided by the user"


class Against(StrEnum):
    """What speaks against a pair that its names speak for."""

    NUMBERS = "organisation numbers differ"
    BRANCH = "one name and place, two organisation numbers: perhaps a branch and its firm"
    COUNTRIES = "countries differ"
    LAWS = "legal forms of two countries"
    FORMS = "legal forms differ"
    PLACES = "places differ"
    PLACE_IN_NAME = "a place in one name, none with the other"
    ALIAS = "a short alias only"
    SLIP = "no number or place beside it"
    TWO = "fits two that differ"


_APART = frozenset({Against.NUMBERS, Against.BRANCH, Against.COUNTRIES, Against.LAWS, Against.FORMS, Against.PLACES})
_SLIPS = (Basis.ONE_LETTER, Basis.TWO_LETTERS)


class _Judged(NamedTuple):
    """A pair as it is judged: by what, how surely, what speaks against it, and words that only one name has."""

    score: float
    basis: Basis
    against: tuple[Against, ...] = ()
    more: str = ""

    def words(self) -> str:
        """As ``matches.csv`` tells it."""
        if self.against == (Against.NUMBERS,):
            return str(Against.NUMBERS)
        return "; ".join(filter(None, (str(self.basis), self.more, ", ".join(self.against))))

    def verdict(self, high: float) -> str:
        """Same, different, or for the user to decide."""
        if Against.NUMBERS in self.against:
            return DIFFERENT
        return SAME if self.score >= high else ASK


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
    name: Name
    place: str = ""


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
    95 and 92 for one and two misspelt letters in long words at one place. Every other pair scores at most just below
    `high`, by the similarity of its words, and so does a pair whose countries, places, legal forms (also AS and ASA)
    or digits contradict each other, one that is a letter off with no number or place beside it, and one name at one
    place under two numbers (perhaps a branch and its firm): a word more ("Raufoss") is another unit more often
    than a slip of the pen.

    Parameters
    ----------
    left, right : DataFrame
        With ``name`` and, each optional, ``actor`` (id; default the index), ``aka`` (other names, parted by
        ``;``), ``orgnr`` or ``organisation_number``, ``place``, ``country``. Without `right`, pairs within `left`.
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
        ``left, left_name, left_place, left_number, right, right_name, right_place, right_number, score, basis,
        decision``, where
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
    best = dict.fromkeys(_by_number(parties, right is None), _Judged(100.0, Basis.NUMBER))
    for i, j, alike in _candidates(variants, right is None, low):
        pair = variants[i].party, variants[j].party
        a, b = parties[pair[0]].number, parties[pair[1]].number
        if a and a == b:  # joined by number, be it along a chain
            continue
        judged = _compare(variants[i].name, variants[j].name, alike)
        if judged.score >= HIGH:
            judged = _contradicted(judged, parties, variants[i], variants[j])
        elif _unlike(judged, parties, variants[i], variants[j]):
            continue
        if judged.score >= low and (pair not in best or judged.score > best[pair].score):
            best[pair] = judged
    _doubt(best, parties, high)
    rows = [
        (*_shown(parties[a]), *_shown(parties[b]), round(judged.score, 1), judged.words(), judged.verdict(high))
        for (a, b), judged in best.items()
    ]
    pairs = _decided(pd.DataFrame(rows, columns=list(COLUMNS)), decisions, parties)
    order = ["score", "left_name", "right_name", "left", "right"]
    return pairs.sort_values(order, ascending=[False, True, True, True, True], ignore_index=True)


def _shown(party: _Party) -> tuple[str, str, str, str]:
    return party.actor, party.name, party.place, party.number or ""


def _doubt(best: dict[tuple[int, int], _Judged], parties: list[_Party], high: float) -> None:
    """Lower to the user's band the pairs in which one actor fits two that contradict each other.

    "Norvik" without a place is neither Norvik in Horten nor Norvik in Oslo, as long as these two may be two; nor is
    it one of two that bear unlike numbers, however their names are written.
    """
    fits: dict[int, dict[int, tuple[int, int]]] = {}
    for pair, judged in best.items():
        if judged.basis is not Basis.NUMBER and judged.verdict(high) == SAME:
            for one, other in (pair, pair[::-1]):
                fits.setdefault(one, {})[other] = pair
    doubtful: set[tuple[int, int]] = set()
    for (a, b), judged in best.items():
        if _APART & set(judged.against):
            left, right = fits.get(a, {}), fits.get(b, {})
            doubtful.update(pair for actor in left.keys() & right.keys() for pair in (left[actor], right[actor]))
    for actor, others in fits.items():
        if not parties[actor].number and len({parties[o].number for o in others} - {None}) > 1:
            doubtful.update(others.values())
    for pair in doubtful:
        judged = best[pair]
        best[pair] = judged._replace(score=min(judged.score, HIGH - 1), against=(*judged.against, Against.TWO))


def _parties(frame: pd.DataFrame, side: int) -> Iterator[_Party]:
    if "name" not in frame.columns:
        raise NetklyngeError("names to match: column 'name' is missing")
    cells = frame.reindex(columns=["name", "place", "aka", "country"]).astype("string").fillna("")
    blank = pd.Series(pd.NA, index=frame.index, dtype="string")
    number = frame.get("orgnr", blank).astype("string")  # ledgers call it so, surveys the other
    cells["number"] = number.fillna(frame.get("organisation_number", blank).astype("string")).fillna("")
    ids = frame.get("actor", frame.index)
    for actor, (name, place, aka, country, orgnr) in zip(ids, cells.itertuples(index=False, name=None), strict=True):
        land = country_code(country) or country
        yield _Party(side, str(actor), name, place, aka, land, company_number(orgnr, land) if orgnr else None)


def _variants(parties: list[_Party]) -> Iterator[_Variant]:
    """Each name that an actor goes by, once; "Scanmar, Horten" also as "Scanmar" at the place "Horten"."""
    for k, party in enumerate(parties):
        names = {name.joined: name for name in map(parsed, (*reversed(party.aka.split(";")), party.name))}
        for joined, name in names.items():
            if joined:
                yield _Variant(k, party.side, name)
        head, _, place = party.name.rpartition(",")
        if fold(head) and fold(place) and name_key(head) != name_key(party.name):
            yield _Variant(k, party.side, parsed(head), place.strip())


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


def _blocks(name: Name) -> set[str]:
    """Keys of which two names must share one to be compared."""
    joined = name.joined
    starts = {word[:4] for word in (joined, *name.words) if len(word) > 3}
    ends = {f"~{word[-4:]}" for word in (joined, *name.words) if len(word) > 5}
    # a short name is found by what is left without one letter, wherever it is misspelt
    without = {f"-{joined[:k]}{joined[k + 1 :]}" for k in range(len(joined))} if 5 < len(joined) < 13 else set()
    return {f"={joined}"} | starts | ends | without


def _compare(a: Name, b: Name, alike: float) -> _Judged:
    """Two names by themselves, which are so much alike."""
    if a.joined == b.joined:
        return _Judged(100.0, Basis.NAME)
    if sorted(a.words) == sorted(b.words):
        return _Judged(98.0, Basis.ORDER)
    slips = _slips(a.words, b.words)
    if slips is not None:
        return _Judged(95.0, Basis.ONE_LETTER) if slips == 1 else _Judged(92.0, Basis.TWO_LETTERS)
    return _Judged(min(alike, HIGH - 1), Basis.SIMILAR, more=_difference(a.words, b.words))


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
    return f"only one has: {', '.join(more)}" if set(a) <= set(b) or set(b) <= set(a) else ""


def _contradicted(judged: _Judged, parties: list[_Party], one: _Variant, two: _Variant) -> _Judged:
    """The pair, lowered into the user's band when something else speaks against it."""
    a, b = parties[one.party], parties[two.party]
    against = _against(parties, one, two)
    places = _places(parties, one, two)
    placed = all(places)
    if a.number and b.number:  # and unlike, else the pair would have been matched by number
        if placed and not against:  # a branch bears a number of its own
            return judged._replace(score=HIGH - 1, against=(Against.BRANCH,))
        return judged._replace(against=(Against.NUMBERS,))
    if (one.place or two.place) and not placed:
        against.append(Against.PLACE_IN_NAME)
    short = [v for v in (one, two) if len(v.name.joined) <= _ACRONYM]
    if short and name_key(a.name) != name_key(b.name) and any(v.name.law for v in short) and not placed:
        against.append(Against.ALIAS)
    if judged.basis in _SLIPS and not placed and not against:  # Johansen and Johnsen are two families
        against.append(Against.SLIP)
    return judged._replace(score=HIGH - 1, against=tuple(against)) if against else judged


def _unlike(judged: _Judged, parties: list[_Party], one: _Variant, two: _Variant) -> bool:
    """Whether names that are no more than similar need no decision, since something else speaks against them too.

    A name that has only a word more than the other may be another unit of the same firm, at another place.
    """
    if parties[one.party].number and parties[two.party].number:
        return True
    return not judged.more and bool(_against(parties, one, two))


def _against(parties: list[_Party], one: _Variant, two: _Variant) -> list[Against]:
    """What country, legal form and place say against a pair of names."""
    a, b = parties[one.party], parties[two.party]
    against = []
    if a.country and b.country and fold(a.country) != fold(b.country):
        against.append(Against.COUNTRIES)
    elif _laws(a, one) and _laws(b, two) and not _laws(a, one) & _laws(b, two):
        against.append(Against.LAWS)
    elif one.name.forms and two.name.forms and not one.name.forms & two.name.forms:
        against.append(Against.FORMS)
    places = _places(parties, one, two)
    if all(places) and not _same_place(*places):
        against.append(Against.PLACES)
    return against


def _laws(party: _Party, variant: _Variant) -> frozenset[str]:
    """The countries of a name's legal forms; "A/S" is Danish of a Danish firm."""
    return frozenset({"DK"}) if party.country == "DK" and "as" in variant.name.forms else variant.name.law


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
    told = decisions[decisions["decision"].isin([SAME, DIFFERENT])].reindex(columns=list(COLUMNS))
    numbered = dict(zip(_pair_keys(told, numbers=True), told["decision"], strict=True))
    words = dict(zip(_pair_keys(told), told["decision"], strict=True))
    keys = _pair_keys(pairs)
    exact = _pair_keys(pairs, numbers=True)
    said = pd.Series(
        [numbered.get(one, words.get(key)) for one, key in zip(exact, keys, strict=True)], pairs.index, dtype=object
    )
    by_user = said.notna()
    pairs = pairs.assign(
        decision=said.where(by_user, pairs["decision"]),
        basis=pairs["basis"].mask(by_user, str(Basis.USER)),
    )
    named: dict[tuple[str, ...], list[_Party]] = {}
    for party in parties:
        named.setdefault((party.name, party.place), []).append(party)
    sides = len({party.side for party in parties})
    rows = []
    for key in sorted(words.keys() - set(keys), key=sorted):
        for pair in product(*(named.get(name, []) for name in sorted(key))) if len(key) == 2 else ():
            one, two = sorted(pair, key=lambda party: party.side)
            if len({one.side, two.side}) == sides:
                rows.append((*_shown(one), *_shown(two), 100.0, str(Basis.USER), words[key]))
    return pd.concat([pairs, pd.DataFrame(rows, columns=list(COLUMNS))], ignore_index=True) if rows else pairs


def _pair_keys(pairs: pd.DataFrame, numbers: bool = False) -> list[frozenset[tuple[str, ...]]]:
    """What names a pair from run to run; the apostrophe that guards a spreadsheet is no part of a name.

    Numbers part a branch from its firm, which have one name and place.
    """
    parts = ("name", "place", "number") if numbers else ("name", "place")
    cells = pairs[[f"{side}_{part}" for side in ("left", "right") for part in parts]].astype("string").fillna("")
    rows = cells.apply(lambda column: column.str.removeprefix("'")).to_numpy().tolist()
    return [frozenset([tuple(row[: len(parts)]), tuple(row[len(parts) :])]) for row in rows]
