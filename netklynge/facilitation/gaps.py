"""What is missing: actors that stand alone, kinds of partner that peers have, stages of a value chain without a firm.

Told and missing are two things. An actor of whom no contact is told lacks nothing that we know of; only one whose
contacts are told can be seen to lack a kind of them.
"""

from __future__ import annotations

from itertools import chain as joined
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from netklynge.district.pipelines import partners
from netklynge.facilitation.contacts import contacts, ties_behind
from netklynge.findings import NetklyngeError
from netklynge.study.ties import members

if TYPE_CHECKING:
    from netklynge.study.study import Study

__all__ = [
    "PARTNER_KINDS",
    "chain_balance",
    "chain_gaps",
    "find_gaps",
    "isolates",
    "missing_kinds",
    "partner_kinds",
    "unfilled_kinds",
]

PARTNER_KINDS: tuple[str, ...] = (
    "supplier",
    "customer",
    "firm",
    "research",
    "education",
    "public",
    "investor",
    "network_org",
)
SIZE_BANDS = {0: "under 10", 10: "10 to 49", 50: "50 to 249", 250: "250 or more"}  # from so many employees
UNKNOWN_SIZE = "size not known"


# -- partners ----------------------------------------------------------------------------------------


def isolates(study: Study) -> pd.DataFrame:
    """Members that no tie inside the district is told of, neither with an actor nor with a group.

    Ownership counts here, so that a department is not alone; competition does not.

    Returns
    -------
    DataFrame
        ``actor``, ``name``, ``kind``, ``role``, ``outside`` (distinct named partners outside), ``unknown`` (partners
        whose ring nobody has said, who may sit inside), ``ties`` (labels of its contacts in the relations).

    Examples
    --------
    >>> import netklynge as nk
    >>> isolates(nk.load("kongsberg"))["actor"].tolist()[:3]
    ['essilor-norge', 'danfoss-esco', 'jernverket']
    """
    rows = contacts(study)
    everyone = members(study)
    tied = partners(study)
    near = set(tied.loc[tied["inside"].fillna(False).astype(bool) & (tied["layer"] != "competition"), "actor"])
    alone = everyone.loc[~everyone["actor"].isin(near), ["actor", "name", "kind", "role"]]
    named = rows[~rows["category"]]
    sides = {"outside": named[(~named["inside"]).fillna(False).astype(bool)], "unknown": named[named["inside"].isna()]}
    counts = {
        side: alone["actor"].map(part.groupby("actor")["partner"].nunique()).fillna(0).astype(int)
        for side, part in sides.items()
    }
    return alone.assign(**counts, ties=_of(alone["actor"], ties_behind(rows, "actor"))).reset_index(drop=True)


def _of(actors: pd.Series, behind: pd.Series) -> list[tuple[Any, ...]]:
    """The ties of each actor; an empty tuple where it has none."""
    known = behind.to_dict()
    return [known.get(actor, ()) for actor in actors]


def partner_kinds(study: Study) -> pd.DataFrame:
    """Which kinds of partner each member has.

    Whom a member buys from is a supplier and whom it sells to a customer; in the other layers partners go by their
    kind. A group of unnamed ones counts as supplier or customer only, since its kind is not told.

    Returns
    -------
    DataFrame
        One row per member and kind of partner: ``actor``, ``peers`` (the role and size band that it shares with its
        peers), ``partner_kind``, ``has`` (blank for a member without any contact told: not asked is not missing),
        ``has_inside`` and ``ties``.
    """
    everyone = members(study)
    rows = _with_kinds(study)
    told = set(contacts(study)["actor"])
    grid = pd.MultiIndex.from_product([everyone["actor"], PARTNER_KINDS], names=["actor", "partner_kind"])
    keys = ["actor", "partner_kind"]
    has = pd.Series(grid.isin(pd.MultiIndex.from_frame(rows[keys])), index=grid, dtype="boolean")
    near = rows[rows["inside"].fillna(False).astype(bool)]
    behind = ties_behind(rows, keys).to_dict()
    actors = grid.get_level_values("actor")
    return pd.DataFrame(
        {
            "actor": actors,
            "peers": actors.map(_peer_groups(study)),
            "partner_kind": grid.get_level_values("partner_kind"),
            "has": has.mask(~actors.isin(told)).to_numpy(),
            "has_inside": grid.isin(pd.MultiIndex.from_frame(near[keys])),
            "ties": [behind.get(pair, ()) for pair in grid],
        }
    )


def _with_kinds(study: Study) -> pd.DataFrame:
    """Contacts with the kind of the partner; those whose kind nobody has told, or that is none, are left out."""
    rows = contacts(study)
    kind = rows["partner"].map(study.actors.set_index("actor")["kind"]).astype("string")
    trade = pd.Series(np.where(rows["gives"], "customer", "supplier"), index=rows.index, dtype="string")
    kind = kind.mask(rows["layer"] == "supply", trade)
    return rows.assign(partner_kind=kind)[kind.isin(PARTNER_KINDS).fillna(False)]


def _peer_groups(study: Study) -> dict[str, str]:
    """Role and size band of each member, in words; the kind stands in for a role that nobody has told."""
    everyone = members(study).set_index("actor")
    sizes = study.sizes().reindex(everyone.index)
    bands = pd.cut(sizes, [*SIZE_BANDS, np.inf], right=False, labels=list(SIZE_BANDS.values())).astype("string")
    if "size_class" in everyone:  # what a public study shows in place of sizes
        bands = bands.fillna(everyone["size_class"])
    role = everyone["role"].fillna(everyone["kind"]).fillna("firm")
    return dict(zip(everyone.index, role + "; " + bands.fillna(UNKNOWN_SIZE), strict=True))


def missing_kinds(kinds: pd.DataFrame, least: float = 0.5, fewest: int = 2) -> pd.DataFrame:
    """Kinds of partner that most peers of an actor have and it has not.

    Parameters
    ----------
    kinds : DataFrame
        From :func:`partner_kinds`, or any frame with ``actor``, ``peers``, ``partner_kind``, ``has`` (blank where not
        asked or not relevant).
    least : float
        Share of the peers that must have it.
    fewest : int
        Peers with an answer, the actor itself not counted, that it takes to compare at all.

    Returns
    -------
    DataFrame
        ``actor``, ``peers``, ``partner_kind``, ``have`` and ``n`` (peers that have it, peers with an answer),
        ``share``; with the ``ties`` of those that have it where `kinds` has ties.

    References
    ----------
    Onsager, K. (ed.) (2005). Teknologibyene. NIBR-rapport 2005:11, the partner grid of the survey; the rule is ours.

    Examples
    --------
    >>> kinds = pd.DataFrame({"actor": list("abcde"), "peers": "workshop", "partner_kind": "research",
    ...     "has": pd.array([False, True, True, True, False], dtype="boolean")})
    >>> missing_kinds(kinds)[["actor", "have", "n"]].values.tolist()
    [['a', 3, 4], ['e', 3, 4]]
    """
    groups = kinds.assign(told=kinds["has"].notna(), having=kinds["has"].fillna(False).astype(bool))
    by = groups.groupby(["peers", "partner_kind"], sort=False)
    have, n = by["having"].transform("sum"), by["told"].transform("sum") - 1
    lacks = groups["told"] & ~groups["having"] & (n >= max(fewest, 1)) & (have >= least * n) & (have > 0)
    shown = kinds.loc[lacks, ["actor", "peers", "partner_kind"]]
    shown = shown.assign(have=have[lacks].astype(int), n=n[lacks].astype(int), share=(have / n.clip(lower=1))[lacks])
    if "ties" in kinds:
        having = groups[groups["having"]].groupby(["peers", "partner_kind"])["ties"]
        behind = having.agg(lambda ties: tuple(sorted(set(joined.from_iterable(ties)))))
        shown["ties"] = [behind[key] for key in zip(shown["peers"], shown["partner_kind"], strict=True)]
    return shown.reset_index(drop=True)


def unfilled_kinds(study: Study) -> pd.DataFrame:
    """Kinds of partner that members have outside and nobody has inside, and who outside fills them.

    A kind of which a partner's ring is unknown is left out: that partner may sit inside.

    Returns
    -------
    DataFrame
        ``partner_kind``, ``have`` and ``n`` (members that have one outside; members with any contact told), ``inside``
        (ids of members of that kind, to whom no contact is told), ``outside`` (ids of the named partners, those with
        most members first), ``ties``.

    Examples
    --------
    >>> import netklynge as nk
    >>> unfilled_kinds(nk.load("kongsberg"))[["partner_kind", "have", "n"]].values.tolist()
    [['customer', 5, 19]]
    """
    rows = _with_kinds(study)
    everyone = members(study)
    n = contacts(study)["actor"].nunique()
    table = []
    for kind in PARTNER_KINDS:
        some = rows[rows["partner_kind"] == kind]
        if not len(some) or some["inside"].fillna(True).any():
            continue
        named = some.loc[~some["category"]].groupby("partner")["actor"].nunique().sort_index()
        table.append(
            {
                "partner_kind": kind,
                "have": some["actor"].nunique(),
                "n": n,
                "inside": tuple(everyone.loc[(everyone["kind"] == kind).fillna(False), "actor"]),
                "outside": tuple(named.sort_values(ascending=False, kind="stable").index),
                "ties": tuple(sorted(set(some["tie"]))),
            }
        )
    return pd.DataFrame(table, columns=["partner_kind", "have", "n", "inside", "outside", "ties"])


# -- the value chain ---------------------------------------------------------------------------------


def chain_gaps(
    firms: pd.DataFrame,
    stages: pd.DataFrame,
    comparison: pd.DataFrame | None = None,
    below: float = 0.5,
    code: str = "nace",
) -> pd.DataFrame:
    r"""Stages of a value chain with no firm, or with few beside another region.

    With :math:`n_s` of :math:`n` firms in stage s, the share is :math:`n_s / n`; the ratio is the share divided by that
    of the comparison region.

    Parameters
    ----------
    firms : DataFrame
        One row per firm with its industry `code` (and ``actor``, if it has one); or one row per code with the number of
        firms in a column ``firms``.
    stages : DataFrame
        ``stage`` and `code`, stages in order; a firm belongs to the stage with the longest code that its own begins
        with. Dots and blanks do not count.
    comparison : DataFrame, optional
        The same as `firms` for another region.
    below : float
        A stage with a lower ratio is a gap.
    code : str
        Name of the column with the industry code.

    Returns
    -------
    DataFrame
        One row per stage in order, then ``outside the chain`` and ``code not told`` where there are such firms:
        ``stage``, ``firms``, ``n``, ``share``, ``comparison_share``, ``ratio``, ``gap``, ``actors``. Without a
        comparison only an empty stage is a gap; firms outside the chain have no share.

    Raises
    ------
    NetklyngeError
        A column is missing, or a code stands in two stages.

    References
    ----------
    Westgaard, H. & Lexander, M. (2006), master's thesis on regional innovation systems in Hedmark, figure 10: stages of
    the music industry with the number of firms in each. The ratio and its limit are ours.

    Examples
    --------
    >>> stages = pd.DataFrame({"stage": ["making", "selling", "repair"], "nace": ["22", "52.4", "52.7"]})
    >>> firms = pd.DataFrame({"nace": ["22.14", "22.15", "52.45", "72.10"]})
    >>> chain_gaps(firms, stages)[["stage", "firms", "gap"]].values.tolist()
    [['making', 2, False], ['selling', 1, False], ['repair', 0, True], ['outside the chain', 1, False]]
    """
    stage_of = _stage_codes(stages, code)
    table = _by_stage(firms, stage_of, code)
    other = None if comparison is None else _by_stage(comparison, stage_of, code)["share"]
    table["comparison_share"] = np.nan if other is None else other.reindex(table.index)
    table["ratio"] = table["share"] / table["comparison_share"].where(table["comparison_share"] > 0)
    real = table.index.isin(stage_of.values())
    table["gap"] = real & ((table["firms"] == 0) | (table["ratio"] < below))
    order = ["stage", "firms", "n", "share", "comparison_share", "ratio", "gap", "actors"]
    return table.rename_axis("stage").reset_index()[order]


OUTSIDE_CHAIN, NO_CODE = "outside the chain", "code not told"


def _stage_codes(stages: pd.DataFrame, code: str) -> dict[str, str]:
    """Industry code without dots to stage, in the order of the stages."""
    _need(stages, ("stage", code), "stages")
    found: dict[str, str] = {}
    for stage, text in zip(stages["stage"].astype(str), stages[code].astype(str), strict=True):
        bare = _bare(text)
        if found.setdefault(bare, stage) != stage:
            raise NetklyngeError(f"stages: code '{text}' stands in '{found[bare]}' and in '{stage}'; give it one stage")
    return found


def _need(frame: pd.DataFrame, columns: tuple[str, ...], what: str) -> None:
    for column in columns:
        if column not in frame.columns:
            has = ", ".join(map(str, frame.columns))
            raise NetklyngeError(f"{what}: column '{column}' is missing; it has {has}")


def _bare(code: str) -> str:
    return code.replace(".", "").replace(" ", "")


def _by_stage(firms: pd.DataFrame, stage_of: dict[str, str], code: str) -> pd.DataFrame:
    """Firms, share and actors of each stage; firms that no stage takes in rows of their own."""
    _need(firms, (code,), "firms")
    stages = list(dict.fromkeys(stage_of.values()))
    stage = [NO_CODE if pd.isna(text) else _stage(_bare(str(text)), stage_of) for text in firms[code]]
    count = firms["firms"] if "firms" in firms else pd.Series(1, index=firms.index)
    known = count.groupby(stage).sum()
    rest = [name for name in (OUTSIDE_CHAIN, NO_CODE) if known.get(name, 0)]
    table = pd.DataFrame({"firms": known.reindex([*stages, *rest], fill_value=0).astype(int)})
    n = int(table.loc[stages, "firms"].sum())
    share = table["firms"] / n if n else np.nan
    named = firms["actor"].groupby(stage).agg(tuple) if "actor" in firms else pd.Series(dtype=object)
    return table.assign(n=n, share=share).assign(
        share=lambda t: t["share"].where(t.index.isin(stages)), actors=[named.get(name, ()) for name in table.index]
    )


def _stage(code: str, stage_of: dict[str, str]) -> str:
    prefixes = (code[:length] for length in range(len(code), 0, -1))
    return next((stage_of[prefix] for prefix in prefixes if prefix in stage_of), OUTSIDE_CHAIN)


def chain_balance(
    areas: pd.DataFrame, first: str, second: str, area: str = "area", low: float = 0.8, high: float = 1.25
) -> pd.DataFrame:
    """Balance of two stages of a chain by area: deficit, balance or surplus of the second.

    The ratio is second / first: below `low` the area has a deficit of the second stage, above `high` a surplus.

    Parameters
    ----------
    areas : DataFrame
        One row per area with its share of the nation's `first` and `second` stage; stages in different units compare
        only as shares of the same whole.
    first, second, area : str
        Names of the columns.
    low, high : float

    Returns
    -------
    DataFrame
        ``area``, `first`, `second`, ``ratio``, ``state`` (deficit, balance, surplus; blank without a first stage); the
        last row, ``together``, adds up all areas.

    Raises
    ------
    NetklyngeError
        A column is missing.

    References
    ----------
    Johnstad, T. (2004). Klynger, nettverk og verdiskaping i Innlandet. NIBR-notat 2004:116, chapters 4-5: the three
    words; the limits are ours.

    Examples
    --------
    >>> wood = pd.DataFrame({"area": ["Hedmark", "Oppland"], "felling": [28, 13], "jobs": [18, 8]})
    >>> chain_balance(wood, "felling", "jobs")["ratio"].round(2).tolist()
    [0.64, 0.62, 0.63]
    """
    _need(areas, (area, first, second), "areas")
    table = areas[[area, first, second]].rename(columns={area: "area"})
    together = {"area": "together", first: table[first].sum(), second: table[second].sum()}
    table = pd.concat([table, pd.DataFrame([together])], ignore_index=True)
    ratio = table[second] / table[first].where(table[first] > 0)
    words = np.select([ratio < low, ratio <= high, ratio > high], ["deficit", "balance", "surplus"], "")
    return table.assign(ratio=ratio, state=pd.Series(words, dtype="string").replace("", pd.NA))


# -- together ----------------------------------------------------------------------------------------


def find_gaps(study: Study, stages: pd.DataFrame | None = None) -> pd.DataFrame:
    """All that is missing in a study, one row each.

    Parameters
    ----------
    study : Study
    stages : DataFrame, optional
        Stages of the value chain, as in :func:`chain_gaps`; the actors then need a column ``nace``.

    Returns
    -------
    DataFrame
        ``gap`` (isolate, missing_kind, unfilled_kind, empty_stage), ``actor`` and ``name`` (blank for the district as a
        whole), ``what`` (the kind of partner or the stage), ``have`` and ``n`` (how many of how many others have it),
        ``ties`` (labels of the rows of ``study.relations`` behind it).

    Raises
    ------
    NetklyngeError
        Stages are given and the actors have no column ``nace``.

    Examples
    --------
    >>> import netklynge as nk
    >>> find_gaps(nk.load("kongsberg"))["gap"].value_counts().to_dict()
    {'isolate': 5, 'missing_kind': 4, 'unfilled_kind': 1}
    """
    parts = [
        isolates(study)[["actor", "ties"]].assign(gap="isolate"),
        missing_kinds(partner_kinds(study)).rename(columns={"partner_kind": "what"}).assign(gap="missing_kind"),
        unfilled_kinds(study).rename(columns={"partner_kind": "what"}).assign(gap="unfilled_kind"),
    ]
    if stages is not None:
        _need(study.actors.dropna(axis=1, how="all"), ("nace",), "actors")
        chain = chain_gaps(study.firms, stages).rename(columns={"stage": "what", "firms": "have"})
        parts.append(chain[chain["gap"]].assign(gap="empty_stage", ties=[()] * int(chain["gap"].sum())))
    names = study.actors.set_index("actor")["name"]
    columns = ["gap", "actor", "what", "have", "n", "ties"]
    table = pd.concat([part.reindex(columns=columns).astype(object) for part in parts], ignore_index=True)
    table.insert(2, "name", table["actor"].map(names))
    return table.astype({"have": "Int64", "n": "Int64", "actor": "string", "name": "string", "what": "string"})
