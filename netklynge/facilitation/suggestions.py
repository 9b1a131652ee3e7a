"""Who should meet whom: pairs of members without a tie, each with its reasons in words and numbers.

A suggestion is a pair and at least one reason; no reason, no suggestion. Reasons are kept apart and never added up. The
order of the list is another matter: it follows the partners that two members share (Adamic & Adar), the one plain rule
that stood the test of hidden ties in :func:`netklynge.evaluate_suggestions`. That a tie can be predicted does
not say that anybody wants it.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import combinations
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from netklynge.district.pipelines import mean_pipelines_around, partner_counts
from netklynge.facilitation.affinity import adamic_adar, partner_weights, preferential_attachment
from netklynge.facilitation.contacts import (
    contacts,
    inside_contacts,
    outside_ties,
    ties_behind,
)
from netklynge.facilitation.gaps import isolates, missing_kinds, partner_kinds
from netklynge.facilitation.introductions import pairs_in
from netklynge.findings import NetklyngeError
from netklynge.language import Language, language
from netklynge.networks.arrays import simple_ties
from netklynge.networks.communities import leiden
from netklynge.study.ties import district_ties, members, owners_above

if TYPE_CHECKING:
    from netklynge.study.study import Study

__all__ = ["REASONS", "listed", "names_of", "open_pairs", "ranked", "reason_words", "suggest", "suggestion_reasons"]

Flags = npt.NDArray[np.bool_]

REASONS: Mapping[str, tuple[str, str]] = {  # the words of each, for one and for several; a is whom it starts from
    "same_supplier": ("Both buy from {whom}, outside.",) * 2,
    "same_supplier_group": ("Both buy outside from a group that is told without names: {whom}.",) * 2,
    "same_input": ("Both buy {what} outside, from different suppliers.",) * 2,
    "sells_what_is_bought": ("{a} offers {what}, which {b} buys outside from {whom}.",) * 2,
    "shared_partners": ("Both are in touch with {whom}.",) * 2,
    "bridge": ("It would be the only tie between two groups: {value} members round {a} and {n} round {b}.",) * 2,
    "newcomer": (
        "No tie inside is told of {a}; {b} is in touch with one of {n} members.",
        "No tie inside is told of {a}; {b} is in touch with {value} of {n} members.",
    ),
    "outside_knowledge": (
        "{a} has a partner outside; {b} has none, nor has anybody it is in touch with inside.",
        "{a} has {value} partners outside; {b} has none, nor has anybody it is in touch with inside.",
    ),
    "missing_kind": ("{value} of {n} peers of {a} have a partner of the kind “{what}” and {a} has none; {b} is one.",)
    * 2,
}
_GOODS = ("what", "item")  # columns of relations that name what is bought
_BODIES = ("research", "education", "public", "investor", "network_org")  # kinds that a member can be introduced to
_LISTED = 4  # names in a sentence
_NO_TERMS = frozenset(["nace", "mixed"])  # words in a sector that name no trade


class Reason(NamedTuple):
    """One reason for one pair."""

    first: str  # whom the sentence starts from
    second: str
    reason: str
    value: float
    n: float
    whom: tuple[str, ...] = ()
    what: tuple[str, ...] = ()
    ties: tuple[Any, ...] = ()


# -- what the user calls -----------------------------------------------------------------------------


def suggest(
    study: Study, ledger: pd.DataFrame | None = None, n: int | None = 20, seed: int = 0, lang: str = "en"
) -> pd.DataFrame:
    r"""Pairs of members that should meet, best first.

    The score is Adamic and Adar's :math:`\sum_z 1 / \ln k_z` over the partners z that both have, inside or outside,
    with :math:`k_z` partners each; pairs with the same score come in the order of :math:`k_a k_b`, since more is known
    of those of whom more is told. See :func:`netklynge.evaluate_suggestions` for how good that order is.

    Parameters
    ----------
    study : Study
        Its cut says who is inside.
    ledger : DataFrame, optional
        From :func:`netklynge.read_introductions`; pairs in it are left out, whatever came of them.
    n : int, optional
        How many pairs; None for all.
    seed : int
        Of the groups between which a bridge is missing.
    lang : {"en", "nb"}
        Language of the words.

    Returns
    -------
    DataFrame
        ``rank``, ``actor``, ``alter``, ``actor_name``, ``alter_name``, ``score``, ``known`` (:math:`k_a k_b`),
        ``reasons`` (how many), ``words`` (one sentence each). Pairs with any tie in force, pairs in one owner group,
        groups and actors that only house others are left out.

    Raises
    ------
    NetklyngeError
        `n` is negative or the language is unknown.

    References
    ----------
    Adamic, L. A. & Adar, E. (2003). Friends and neighbors on the web. Social Networks 25(3), 211-230.
    Liben-Nowell, D. & Kleinberg, J. (2007). The link-prediction problem for social networks. Journal of the American
    Society for Information Science and Technology 58(7), 1019-1031.

    Examples
    --------
    >>> import netklynge as nk
    >>> suggest(nk.load("raufoss"), n=3)[["actor", "alter", "reasons"]].values.tolist()[0]
    ['hap-raufoss', 'rtim', 1]
    """
    if n is not None and n < 0:
        raise NetklyngeError(f"n is {n}; give how many pairs to suggest, from 0 up")
    found = suggestion_reasons(study, ledger, seed)
    best = ranked(study, found).head(n if n is not None else len(found))
    say, names = language(lang), names_of(study)
    told = found.merge(best[["actor", "alter"]])
    words = pd.Series([reason_words(row, names, say) for row in told.to_dict("records")], dtype="object")
    joined = told.assign(words=words).groupby(["actor", "alter"])["words"].agg(" ".join)
    best = best.join(joined, on=["actor", "alter"])
    columns = ["rank", "actor", "alter", "actor_name", "alter_name", "score", "known", "reasons", "words"]
    return best.assign(**{f"{end}_name": best[end].map(names) for end in ("actor", "alter")})[columns]


def ranked(study: Study, found: pd.DataFrame) -> pd.DataFrame:
    """Pairs that have reasons, in the order of the list: the first columns of :func:`suggest`, without names."""
    pairs = found.groupby(["actor", "alter"]).size().rename("reasons").reset_index()
    place = {actor: k for k, actor in enumerate(members(study)["actor"])}
    at = pairs["actor"].map(place).to_numpy(dtype=np.int64), pairs["alter"].map(place).to_numpy(dtype=np.int64)
    score, known = adamic_adar(study)[at].round(9), preferential_attachment(study)[at].astype(int)
    by = ["score", "known", "actor", "alter"]
    best = pairs.assign(score=score, known=known).sort_values(
        by, ascending=[False, False, True, True], ignore_index=True
    )
    return best.assign(rank=best.index + 1)


def suggestion_reasons(study: Study, ledger: pd.DataFrame | None = None, seed: int = 0) -> pd.DataFrame:
    """Every reason for every pair of members that may be introduced.

    ==================== ============================================================= ===========================
    reason               holds when                                                    value, n
    ==================== ============================================================= ===========================
    same_supplier        both buy from the same named partner outside                  partners
    same_supplier_group  both buy outside from the same group told without names       groups
    same_input           both buy the same thing outside, from different suppliers     things
    sells_what_is_bought one offers what the other buys outside                        things
    shared_partners      they have other partners in common                            Adamic-Adar sum, partners
    bridge               nobody joins their groups; each is the best connected of its  members of each
    newcomer             no tie inside is told of one; the other knows most members    its partners, members
    outside_knowledge    one has partners outside, the other and all round it none     partners outside, inside
    missing_kind         one lacks a kind of partner beside its peers, the other is it peers that have it, peers
    ==================== ============================================================= ===========================

    What is bought is what a column ``what`` or ``item`` of the relations names, else the supplier's industry
    (``nace``) and ``sector``, word for word; a member offers its own industry and sector, and what it is told to sell.

    Parameters
    ----------
    study, ledger, seed
        As in :func:`suggest`.

    Returns
    -------
    DataFrame
        ``actor``, ``alter`` (in the order of their ids), ``reason``, ``first`` (whom the reason starts from),
        ``value``, ``n``, ``whom`` (ids of the partners it names), ``what`` (things or kinds), ``ties`` (labels of the
        rows of ``study.relations`` behind it). Sorted by pair, then in the order above.

    Examples
    --------
    >>> import netklynge as nk
    >>> found = suggestion_reasons(nk.load("raufoss"))
    >>> found.loc[(found["actor"] == "hara") & (found["alter"] == "rtim"), ["reason", "whom"]].values.tolist()
    [['shared_partners', ('ntnu', 'sintef')]]
    """
    may_meet = _who_may_meet(study, ledger)
    purchases = _purchases(study)
    found: list[Reason] = [
        *_same_supplier(study, purchases, may_meet),
        *_same_things(study, purchases, may_meet),
        *_shared_partners(study, purchases, may_meet),
        *_bridges(study, may_meet, seed),
        *_newcomers(study, may_meet),
        *_outside_knowledge(study, may_meet),
        *_missing_kind(study, may_meet),
    ]
    rows = [(*sorted((r.first, r.second)), r.reason, r.first, *r[3:]) for r in found]
    columns = ["actor", "alter", "reason", "first", "value", "n", "whom", "what", "ties"]
    table = pd.DataFrame(rows, columns=columns).astype({"value": float, "n": float})
    table = table.sort_values("reason", key=lambda codes: codes.map(list(REASONS).index), kind="stable")
    return table.sort_values(["actor", "alter"], kind="stable", ignore_index=True)


def reason_words(reason: Mapping[Any, Any], names: Mapping[str, str], say: Language) -> str:
    """A row of :func:`suggestion_reasons` as a sentence."""
    second = reason["alter"] if reason["first"] == reason["actor"] else reason["actor"]
    whole = {key: say.number(reason[key]) for key in ("value", "n")}
    things = [say.text(thing) for thing in reason["what"]]
    one, several = REASONS[reason["reason"]]
    return say.text(one if reason["value"] == 1 else several).format(
        a=names[reason["first"]],
        b=names[second],
        whom=listed([names[partner] for partner in reason["whom"]], say),
        what=listed(things, say),
        **whole,
    )


def listed(words: list[str], say: Language) -> str:
    """Words as a list in a sentence; a long one is cut and says by how many."""
    more = len(words) - _LISTED
    if more > 1:
        return say.text("{some} and {k} more").format(some=", ".join(words[:_LISTED]), k=more)
    if len(words) < 2:
        return "".join(words)
    return say.text("{some} and {last}").format(some=", ".join(words[:-1]), last=words[-1])


def names_of(study: Study) -> dict[str, str]:
    """Name of each actor; its id where it has none."""
    actors = study.actors
    return dict(zip(actors["actor"], actors["name"].fillna(actors["actor"]), strict=True))


# -- who may be introduced ---------------------------------------------------------------------------

MayMeet = Callable[[str, str], bool]


def open_pairs(study: Study, ledger: pd.DataFrame | None = None) -> Flags:
    """Which pairs of members have no tie in force, are in different owner groups and not in the ledger.

    Returns
    -------
    array of bool
        Members by members, in the order of :func:`netklynge.study.ties.members`.
    """
    actors = members(study)["actor"]
    place = {actor: k for k, actor in enumerate(actors)}
    ties = district_ties(study)
    pairs = [*zip(ties["source"], ties["target"], strict=True), *map(tuple, pairs_in(ledger))]
    known = [(place[a], place[b]) for a, b in pairs if a in place and b in place]
    groups: dict[str, list[int]] = defaultdict(list)
    above = owners_above(study)
    for actor in actors:
        for owner in above[actor]:
            groups[owner].append(place[actor])
    unmet = ~np.eye(len(place), dtype=bool)
    for a, b in known:
        unmet[a, b] = unmet[b, a] = False
    for group in groups.values():
        unmet[np.ix_(group, group)] = False
    return unmet


def _who_may_meet(study: Study, ledger: pd.DataFrame | None) -> MayMeet:
    """Whether two actors are members and an open pair."""
    unmet = open_pairs(study, ledger)
    place = {actor: k for k, actor in enumerate(members(study)["actor"])}

    def may_meet(a: str, b: str) -> bool:
        return a in place and b in place and bool(unmet[place[a], place[b]])

    return may_meet


# -- reasons -----------------------------------------------------------------------------------------


def _purchases(study: Study) -> pd.DataFrame:
    """What members buy outside, tie by tie: the contacts in which they are the buyer, with a list of ``things``."""
    rows = contacts(study)
    outside = (~rows["inside"]).fillna(False).astype(bool)
    bought = rows[(rows["layer"] == "supply") & ~rows["gives"] & outside & rows["actor"].isin(members(study)["actor"])]
    named, trade = _goods(study), _trades(study)
    things = [named.get(tie) or trade[partner] for tie, partner in zip(bought["tie"], bought["partner"], strict=True)]
    return bought.assign(things=pd.Series(things, index=bought.index, dtype=object))


def _goods(study: Study) -> dict[Any, frozenset[str]]:
    """Things that each tie is told to be about, by its label."""
    ties = study.relations
    columns = [column for column in _GOODS if column in ties]
    rows = ties[columns].itertuples(index=False, name=None)
    return {tie: _terms(*row) for tie, row in zip(ties.index, rows, strict=True)} if columns else {}


def _trades(study: Study) -> dict[str, frozenset[str]]:
    """Industry and sector of each actor as terms."""
    actors = study.actors
    columns = [column for column in ("nace", "sector") if column in actors]
    return {actor: _terms(*row) for actor, *row in actors[["actor", *columns]].itertuples(index=False, name=None)}


def _terms(*texts: Any) -> frozenset[str]:
    """The terms that texts list, in small letters."""
    parts = [part.strip().casefold() for text in texts if pd.notna(text) for part in re.split(r"[;/:,()]", str(text))]
    return frozenset(parts) - _NO_TERMS - {""}


def _gathered(keys: Iterable[Any], values: Iterable[str]) -> dict[Any, set[str]]:
    """The set of values of each key."""
    found: dict[Any, set[str]] = defaultdict(set)
    for key, value in zip(keys, values, strict=True):
        found[key].add(value)
    return found


def _same_supplier(study: Study, purchases: pd.DataFrame, may_meet: MayMeet) -> Iterator[Reason]:
    """Both buy from the same partner outside; a class of a public study is no kind of supplier."""
    shown = purchases[~purchases["category"]] if study.meta.public else purchases
    behind = ties_behind(shown, ["actor", "partner"]).to_dict()
    shared: dict[tuple[str, str, bool], list[str]] = defaultdict(list)
    for (partner, group), buyers in shown.groupby(["partner", "category"])["actor"]:
        for a, b in combinations(sorted(set(buyers)), 2):
            if may_meet(a, b):
                shared[a, b, bool(group)].append(str(partner))
    for (a, b, group), whom in shared.items():
        ties = _joined(behind[end, partner] for end in (a, b) for partner in whom)
        reason = "same_supplier_group" if group else "same_supplier"
        yield Reason(a, b, reason, len(whom), len(whom), tuple(whom), (), ties)


def _joined(parts: Any) -> tuple[Any, ...]:
    return tuple(sorted({tie for part in parts for tie in part}))


def _same_things(study: Study, purchases: pd.DataFrame, may_meet: MayMeet) -> Iterator[Reason]:
    """Both buy the same thing from different suppliers outside, or one offers what the other buys there."""
    rows = purchases.explode("things").dropna(subset="things").rename(columns={"things": "thing"})
    keys = ["actor", "thing"]
    behind = ties_behind(rows, keys).to_dict()
    whom = _gathered(zip(rows["actor"], rows["thing"], strict=True), rows["partner"])
    buyers, sellers = _gathered(rows["thing"], rows["actor"]), _offers(study)
    same: dict[tuple[str, str], list[str]] = defaultdict(list)
    sells: dict[tuple[str, str], list[str]] = defaultdict(list)
    for thing in sorted(buyers):
        for a, b in combinations(sorted(buyers[thing]), 2):
            if may_meet(a, b) and not whom[a, thing] & whom[b, thing]:
                same[a, b].append(thing)
        for seller in sellers.get(thing, ()):
            for buyer in buyers[thing]:
                if may_meet(seller, buyer):
                    sells[seller, buyer].append(thing)
    for (a, b), what in same.items():
        ties = _joined(behind[end, thing] for end in (a, b) for thing in what)
        yield Reason(a, b, "same_input", len(what), len(what), (), tuple(what), ties)
    for (seller, buyer), what in sells.items():
        partners = tuple(sorted({partner for thing in what for partner in whom[buyer, thing]}))
        ties = _joined(behind[buyer, thing] for thing in what)
        yield Reason(seller, buyer, "sells_what_is_bought", len(what), len(what), partners, tuple(what), ties)


def _offers(study: Study) -> dict[str, list[str]]:
    """Things to the members that offer them: firms in that trade, and whoever is told to sell it."""
    offers: dict[str, set[str]] = defaultdict(set)
    trade = _trades(study)
    for firm in study.firms["actor"]:
        for thing in trade[firm]:
            offers[thing].add(firm)
    goods = _goods(study)
    sales = contacts(study)
    sales = sales[(sales["layer"] == "supply") & sales["gives"]]
    for seller, tie in zip(sales["actor"], sales["tie"], strict=True):
        for thing in goods.get(tie, ()):
            offers[thing].add(seller)
    return {thing: sorted(sellers) for thing, sellers in offers.items()}


def _shared_partners(study: Study, purchases: pd.DataFrame, may_meet: MayMeet) -> Iterator[Reason]:
    """Named partners that both have, other than suppliers outside that both buy from."""
    rows = contacts(study)
    named = rows[~rows["category"]]
    behind = ties_behind(named, ["actor", "partner"]).to_dict()
    buys = set(zip(purchases["actor"], purchases["partner"], strict=True))
    weight = partner_weights(study)
    shared: dict[tuple[str, str], list[str]] = defaultdict(list)
    for partner, actors in named.groupby("partner")["actor"]:
        for a, b in combinations(sorted(set(actors)), 2):
            if may_meet(a, b) and not {(a, partner), (b, partner)} <= buys:
                shared[a, b].append(str(partner))
    for (a, b), whom in shared.items():
        ordered = tuple(sorted(whom, key=lambda partner: (-weight[partner], partner)))
        ties = _joined(behind[end, partner] for end in (a, b) for partner in whom)
        yield Reason(a, b, "shared_partners", sum(weight[p] for p in ordered), len(whom), ordered, (), ties)


def _bridges(study: Study, may_meet: MayMeet, seed: int) -> Iterator[Reason]:
    """The best connected of two groups between which nobody has a tie; one alone is no group."""
    ties = inside_contacts(study)
    if not len(ties):
        return
    found = leiden(ties, seed=seed)
    group = dict(zip(found["actor"], found["community"], strict=True))
    degree = _inside_degrees(study)
    actors = sorted(group, key=lambda actor: (-degree[actor], actor))
    by_group: dict[int, list[str]] = defaultdict(list)
    for actor in actors:
        by_group[group[actor]].append(actor)
    joined = {frozenset((group[a], group[b])) for a, b in zip(ties["source"], ties["target"], strict=True)}
    behind = ties_behind(contacts(study)[lambda t: t["tie"].isin(ties["tie"])], "actor").to_dict()
    for one, other in combinations(sorted(by_group), 2):
        if frozenset((one, other)) in joined:
            continue
        pair = next(((a, b) for a in by_group[one] for b in by_group[other] if may_meet(a, b)), None)
        if pair is not None:
            sizes = len(by_group[one]), len(by_group[other])
            yield Reason(*pair, "bridge", *sizes, (), (), _joined(behind[end] for end in pair))


def _inside_degrees(study: Study) -> dict[str, int]:
    """Distinct members that each member is in touch with."""
    network = simple_ties(inside_contacts(study), list(members(study)["actor"]), both_ways=True)
    return dict(zip(network.actors, np.bincount(network.source, minlength=network.size).tolist(), strict=True))


def _newcomers(study: Study, may_meet: MayMeet) -> Iterator[Reason]:
    """Members that no tie inside is told of, each with the network body or else the member that knows most."""
    degree = _inside_degrees(study)
    everyone = members(study)
    bodies = set(everyone.loc[(everyone["kind"] == "network_org").fillna(False), "actor"])
    hosts = sorted((a for a in degree if degree[a]), key=lambda a: (a not in bodies, -degree[a], a))
    behind = ties_behind(contacts(study), "actor").to_dict()
    for actor in isolates(study)["actor"]:
        host = next((host for host in hosts if may_meet(actor, host)), None)
        if host is not None:
            yield Reason(actor, host, "newcomer", degree[host], len(degree), (), (), behind[host])


def _outside_knowledge(study: Study, may_meet: MayMeet) -> Iterator[Reason]:
    """A holder of pipelines, and a firm near it that has none and whose partners inside have none."""
    outside = partner_counts(study).set_index("actor")[["outside", "has_outside"]]
    around = mean_pipelines_around(study)
    firms = [a for a in study.firms["actor"] if not outside.at[a, "has_outside"] and not around.fillna(0)[a]]
    degree = _inside_degrees(study)
    near = _near(study)
    behind = ties_behind(outside_ties(study), "actor").to_dict()
    for firm in firms:
        for holder in sorted(near.get(firm, ())):
            value = int(outside.at[holder, "outside"])
            if value and may_meet(holder, firm):
                yield Reason(holder, firm, "outside_knowledge", value, degree[holder], (), (), behind[holder])


def _near(study: Study) -> dict[str, set[str]]:
    """Members near each firm: that share a partner with it, or its trade."""
    rows = contacts(study)
    trade = _trades(study)
    terms = pd.DataFrame(
        [(firm, term) for firm in study.firms["actor"] for term in trade[firm]], columns=["actor", "by"]
    )
    links = pd.concat([rows[["actor", "partner"]].rename(columns={"partner": "by"})[~rows["category"]], terms])
    everyone = _gathered(links["by"], links["actor"])
    near: dict[str, set[str]] = defaultdict(set)
    for actor, by in zip(links["actor"], links["by"], strict=True):
        near[actor] |= everyone[by]
    return near


def _missing_kind(study: Study, may_meet: MayMeet) -> Iterator[Reason]:
    """Members that lack a kind of partner beside their peers, with the member of that kind that most members know."""
    degree = _inside_degrees(study)
    kinds = members(study).groupby("kind")["actor"].agg(lambda a: sorted(a, key=lambda one: (-degree[one], one)))
    lacking = missing_kinds(partner_kinds(study))
    for row in lacking[lacking["partner_kind"].isin(_BODIES)].itertuples():
        body = next((b for b in kinds.get(row.partner_kind, ()) if may_meet(row.actor, b)), None)
        if body is not None:
            yield Reason(row.actor, body, "missing_kind", row.have, row.n, (), (row.partner_kind,), row.ties)
