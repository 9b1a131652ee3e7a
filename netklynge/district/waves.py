"""Two waves of a district, or two of its years, side by side: what stayed, what came, what went, and who moved.

Ties are compared layer by layer and never pooled. A wave is a study as it is seen: two surveys, or one study
:meth:`~netklynge.study.study.Study.at` two years. Another set of respondents looks like change, so the ties that the
same respondents told of in both waves are set apart, and tested by themselves.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from netklynge.chance import two_sided
from netklynge.findings import NetklyngeError
from netklynge.networks.communities import components
from netklynge.study.contracts import SOURCE_ONLY
from netklynge.study.ties import actual_ties
from netklynge.study.zones import RINGS, UNKNOWN

if TYPE_CHECKING:
    from netklynge.study.study import Study

__all__ = ["SCOPES", "actor_changes", "respondent_test", "tie_changes", "wave_measures", "wave_table"]

SCOPES = ("both", "all")  # ties among actors present in both waves, and all ties
KEPT, NEW, LOST = "kept", "new", "lost"
_ALL_RINGS = "all rings"
TIE_KEY = ["layer", "source", "target"]


# -- what changed ----------------------------------------------------------------------------------------------


def tie_changes(before: Study, after: Study, layers: Iterable[str] | None = None) -> pd.DataFrame:
    """Each tie of two waves: kept, new or lost.

    Parameters
    ----------
    before, after : Study
        The earlier wave and the later one, at the same cut.
    layers : iterable of str, optional
        Only these, each by itself.

    Returns
    -------
    DataFrame
        ``layer``, ``source``, ``target``, ``ring`` (how far the tie reaches: as coded, else the outer ring of its ends;
        in the later wave where it is there), ``ring_before``, ``state`` (kept, new, lost), ``both`` (both actors are
        present in both waves).

    Raises
    ------
    NetklyngeError
        The waves are given in the wrong order, have different cuts, or have no actor in common.

    Notes
    -----
    Ties between named actors in force; planned ties, categories and events (spin-offs) are left out. Direction counts
    unless one of the waves says that the tie has none. An actor is present in a year when a tie of the year names it or
    it is known to be founded by then; in the reference year, and in a study without one, all actors that are not closed
    are present.

    Examples
    --------
    >>> import netklynge as nk
    >>> raufoss = nk.load("raufoss")
    >>> tie_changes(raufoss.at(2000), raufoss.at(2005))["state"].value_counts().loc[["kept", "lost"]].tolist()
    [7, 11]
    """
    _check(before, after)
    first, second = _ties(before, layers), _ties(after, layers)
    both = pd.concat([first, second])
    loose = set(both.loc[both["loose"], ["layer", "low", "high"]].itertuples(index=False, name=None))
    old, new = (_keyed(ties, loose) for ties in (first, second))
    table = old.merge(new, on=TIE_KEY, how="outer", suffixes=("_before", ""), indicator="state")
    table["state"] = table["state"].map({"both": KEPT, "left_only": LOST, "right_only": NEW}).astype("string")
    table["ring"] = table["ring"].fillna(table["ring_before"])
    common = set(present_actors(before)["actor"]) & set(present_actors(after)["actor"])
    table["both"] = table["source"].isin(common) & table["target"].isin(common)
    return table[[*TIE_KEY, "ring", "ring_before", "state", "both"]].sort_values(TIE_KEY, ignore_index=True)


def _check(before: Study, after: Study) -> None:
    if before.boundary != after.boundary:
        raise NetklyngeError(f"the waves have the cuts {before.boundary} and {after.boundary}; give both the same one")
    if before.when is not None and after.when is not None and before.when > after.when:
        raise NetklyngeError(f"the first wave is of {before.when}, the second of {after.when}; give the earlier first")
    one, two = (study.actors.loc[~study.is_category, "actor"] for study in (before, after))
    if not one.isin(two).any():
        raise NetklyngeError(
            f"no named actor stands in both waves; {before.name} has actors such as '{_first(one)}', {after.name} such "
            f"as '{_first(two)}': give the same actor the same id (two public versions never share pseudonyms)"
        )


def _first(actors: pd.Series[str]) -> str:
    return str(actors.iloc[0]) if len(actors) else ""


def _ties(study: Study, layers: Iterable[str] | None) -> pd.DataFrame:
    """Actual ties with how far they reach, their ends in order (low, high), and whether they are without direction."""
    ties = actual_ties(study)
    if layers is not None:
        ties = ties[ties["layer"].isin([layers] if isinstance(layers, str) else list(layers))]
    ties = ties[ties["source"] != ties["target"]]
    own = pd.concat([ties[end].map(study.rings).map(_RANK) for end in ("source", "target")], axis=1)
    outer = own.max(axis=1, skipna=False).map(dict(enumerate(RINGS)))
    low = ties["source"].where(ties["source"] <= ties["target"], ties["target"])
    return pd.DataFrame(
        {
            "layer": ties["layer"],
            "source": ties["source"],
            "target": ties["target"],
            "ring": ties["scale"].astype(object).fillna(outer).fillna(UNKNOWN),
            "low": low,
            "high": ties["target"].where(low == ties["source"], ties["source"]),
            "loose": ~ties["directed"].fillna(True).astype(bool),
        }
    )


_RANK = {ring: k for k, ring in enumerate(RINGS)}


def _keyed(ties: pd.DataFrame, loose: set[tuple[str, str, str]]) -> pd.DataFrame:
    """Each tie once, under one name in both waves."""
    pairs = ties[["layer", "low", "high"]].itertuples(index=False, name=None)
    without = pd.Series([pair in loose for pair in pairs], index=ties.index, dtype=bool)
    named = ties.assign(
        source=ties["low"].where(without, ties["source"]), target=ties["high"].where(without, ties["target"])
    )
    return named[[*TIE_KEY, "ring"]].astype("string").drop_duplicates(TIE_KEY)


def present_actors(study: Study) -> pd.DataFrame:
    """Named actors that are known to be there in the wave, with their ring."""
    actors = study.actors[~study.is_category & (study.actors["status"] != SOURCE_ONLY).fillna(True)]
    if study.year is None or study.year == study.reference_year:
        year = study.when
        gone = actors["closed"].notna() if year is None else (actors["closed"] < year).fillna(False)
        known = ~gone.astype(bool)
    else:
        known = (actors["founded"] <= study.year).fillna(False).astype(bool)
    ties = actual_ties(study)
    there = actors[known | actors["actor"].isin(ties["source"]) | actors["actor"].isin(ties["target"])]
    return there[["actor", "name", "scale"]].rename(columns={"scale": "ring"})


def wave_table(before: Study, after: Study, layers: Iterable[str] | None = None) -> pd.DataFrame:
    r"""Ties kept, new and lost, by layer and ring.

    .. math:: \text{Jaccard} = \frac{k}{k + n + l}, \qquad \text{turnover} = \frac{n + l}{b + a}

    with k kept, n new and l lost ties, b and a the ties before and after.

    Parameters
    ----------
    before, after, layers
        As in :func:`tie_changes`.

    Returns
    -------
    DataFrame
        ``scope`` (both: among actors present in both waves; all), ``layer``, ``ring`` (and ``all rings``), ``before``,
        ``after``, ``kept``, ``new``, ``lost``, ``jaccard``, ``turnover``. A tie whose ring changed stands in its
        later one.

    References
    ----------
    Snijders, T. A. B., van de Bunt, G. G. & Steglich, C. E. G. (2010). Introduction to stochastic actor-based models.
    *Social Networks* 32, 44-60, section 4.2.1 (Jaccard: above .3 two waves of one network, below .2 hardly).

    Examples
    --------
    >>> import pandas as pd
    >>> import netklynge as nk
    >>> one, two = ("ab bc cd".split(), "bc cd de".split())
    >>> waves = [pd.DataFrame({"source": [t[0] for t in w], "target": [t[1] for t in w]}) for w in (one, two)]
    >>> table = wave_table(*map(nk.load, waves))
    >>> table.loc[table["ring"] == "all rings", ["scope", "kept", "new", "lost", "jaccard"]].values.tolist()
    [['both', 2, 0, 0, 1.0], ['all', 2, 1, 1, 0.5]]
    """
    changes = tie_changes(before, after, layers)
    parts = []
    for scope in SCOPES:
        rows = changes if scope == "all" else changes[changes["both"]]
        rows = pd.concat([rows.assign(ring=_ALL_RINGS), rows])
        parts.append(_states(rows, ["layer", "ring"]).reset_index().assign(scope=scope))
    table = pd.concat(parts, ignore_index=True)
    kept, new, lost = (table[state] for state in (KEPT, NEW, LOST))
    table = table.assign(before=kept + lost, after=kept + new, jaccard=kept / (kept + new + lost))
    table["turnover"] = (new + lost) / (table["before"] + table["after"])
    place = [_ALL_RINGS, *RINGS, UNKNOWN].index
    table = table.iloc[np.lexsort((table["ring"].map(place), table["layer"], table["scope"].map(SCOPES.index)))]
    columns = ["scope", "layer", "ring", "before", "after", KEPT, NEW, LOST, "jaccard", "turnover"]
    return table[columns].reset_index(drop=True)


def _states(ties: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    """How many ties were kept, new and lost, by these columns."""
    counts = [ties[ties["state"] == state].groupby(by).size().rename(state) for state in (KEPT, NEW, LOST)]
    return pd.concat(counts, axis=1).fillna(0).astype(int)


def actor_changes(before: Study, after: Study) -> pd.DataFrame:
    """Who stayed, joined or left, who moved to another ring, and how many ties each kept, won and lost.

    Returns
    -------
    DataFrame
        ``actor``, ``name``, ``state`` (stayed, joined, left), ``ring_before``, ``ring``, ``moved`` (blank unless both
        are known), ``kept``, ``new``, ``lost`` (ties in all layers, each layer's tie by itself).

    Examples
    --------
    >>> import netklynge as nk
    >>> raufoss = nk.load("raufoss")
    >>> actor_changes(raufoss.at(1985), raufoss.at(2005))["state"].value_counts().loc["left"]
    3
    """
    changes = tie_changes(before, after)
    old, new = present_actors(before), present_actors(after)
    table = old.merge(new, on="actor", how="outer", suffixes=("_before", ""), indicator="state")
    states = {"both": "stayed", "left_only": "left", "right_only": "joined"}
    table["state"] = table["state"].map(states).astype("string")
    table["name"] = table["name"].fillna(table["name_before"])
    table["moved"] = (table["ring"] != table["ring_before"]).astype("boolean")
    ends = pd.concat([changes.assign(actor=changes[end]) for end in ("source", "target")])
    table = table.join(_states(ends, ["actor"]), on="actor")
    table[[KEPT, NEW, LOST]] = table[[KEPT, NEW, LOST]].fillna(0).astype(int)
    return table[["actor", "name", "state", "ring_before", "ring", "moved", KEPT, NEW, LOST]]


def wave_measures(before: Study, after: Study, layers: Iterable[str] | None = None) -> pd.DataFrame:
    r"""Openness and cohesion in both waves: outside share, E-I index, components.

    E-I is :math:`(E - I) / (E + I)` over the ties that touch the district, with E those that lead out of it.

    Returns
    -------
    DataFrame
        One row per scope, layer and wave: ``scope``, ``layer``, ``wave`` (before, after), ``ties`` (that touch the
        district), ``outside``, ``outside_share``, ``ei``, ``tied`` (actors inside with a tie inside), ``components``,
        ``largest`` (their number, and the actors in the largest).

    References
    ----------
    Krackhardt, D. & Stern, R. N. (1988). Informal networks and organizational crises. *Social Psychology Quarterly*
    51(2), 123-140.

    Examples
    --------
    >>> import netklynge as nk
    >>> raufoss = nk.load("raufoss")
    >>> table = wave_measures(raufoss.at(1985), raufoss.at(2005), ["supply"])
    >>> table.loc[table["scope"] == "all", ["ties", "outside"]].values.tolist()
    [[3, 3], [23, 15]]
    """
    changes = tie_changes(before, after, layers)
    rows = []
    for scope in SCOPES:
        part = changes if scope == "all" else changes[changes["both"]]
        for layer in dict.fromkeys(changes["layer"]):
            for wave, study, gone in (("before", before, NEW), ("after", after, LOST)):
                ties = part[(part["layer"] == layer) & (part["state"] != gone)]
                own = set(study.insiders["actor"])
                near, far = ties["source"].isin(own), ties["target"].isin(own)
                beyond = ties[near ^ far]
                ends = beyond["target"].where(near[beyond.index], beyond["source"])
                out = int(ends.map(study.rings).notna().sum())
                inner = ties[near & far]
                known = out + len(inner)
                parts = components(inner[["source", "target"]])
                share = out / known if known else np.nan
                shape = parts[["component", "size"]].max().fillna(0).astype(int)
                rows.append((scope, layer, wave, known, out, share, 2 * share - 1, len(parts), *shape))
    columns = ["scope", "layer", "wave", "ties", "outside", "outside_share", "ei", "tied", "components", "largest"]
    return pd.DataFrame(rows, columns=columns)


# -- change, or other respondents -----------------------------------------------------------------------------


def respondent_test(
    before: Study,
    after: Study,
    respondents: tuple[Iterable[str], Iterable[str]] | None = None,
    layers: Iterable[str] | None = None,
    permutations: int = 1999,
    seed: int = 0,
) -> pd.DataFrame:
    r"""Whether the number of ties has changed, or others have answered.

    A tie is *comparable* when at least one of its actors answered in both waves and none in one wave only, so that
    the same respondents could tell of it twice. The change in the number of ties then parts exactly into that among
    the comparable ties and that among the others, which may be nothing but another set of respondents.

    The comparable change is tested by respondents, who answer for all their ties at once: each one's net change
    :math:`d_i` (new less lost; a tie between two of them counts half for each) keeps or turns its sign at random, and
    :math:`\sum d_i` is held against those sums. If nothing had changed, either wave could have come first.

    Parameters
    ----------
    before, after : Study
    respondents : pair of iterables, optional
        Who answered in each wave, those who named nobody too; by default whoever stands in the answers of each study.
    layers : iterable of str, optional
    permutations : int
    seed : int

    Returns
    -------
    DataFrame
        One row per layer: ``layer``, ``before``, ``after``, ``change`` (all ties), ``same_before``, ``same_after``,
        ``same_change`` (comparable ties), ``other_change``, ``p_same``; ``answered_both``, ``left``, ``joined``
        (numbers of respondents), ``p_left`` and ``p_joined`` (whether those who left had as many ties in the first
        wave as those who stayed, and those who joined in the second; labels dealt anew), ``finding`` (changed, not
        shown, not assessable). All p are two-sided.

    Raises
    ------
    NetklyngeError
        `permutations` is below 1, or as in :func:`tie_changes`.

    Notes
    -----
    It cannot tell change from the same people answering with more care, from another list of names, or from a
    questionnaire that asks otherwise; nor does it say what those who did not answer twice did. Where nobody is known to
    have answered, as in a study read out of a text, nothing can be told apart.

    References
    ----------
    Huisman, M. & Steglich, C. (2008). Treatment of non-response in longitudinal network studies. *Social Networks* 30,
    297-308. Good, P. (2005). *Permutation, Parametric, and Bootstrap Tests of Hypotheses*, Springer, ch. 3 (signs).

    Examples
    --------
    >>> import netklynge as nk
    >>> raufoss = nk.load("raufoss")
    >>> respondent_test(raufoss.at(1985), raufoss.at(2005), layers=["supply"])["finding"].tolist()
    ['not assessable']
    """
    if permutations < 1:
        raise NetklyngeError(f"permutations is {permutations}; it takes at least one to tell chance")
    changes = tie_changes(before, after, layers)
    one, two = (
        {str(a) for a in told} for told in (respondents or (s.answers["respondent"].dropna() for s in (before, after)))
    )
    both, left, joined = sorted(one & two), sorted(one - two), sorted(two - one)
    rng = np.random.default_rng(seed)
    rows = []
    for layer in dict.fromkeys(changes["layer"]):
        ties = changes[changes["layer"] == layer]
        twice = [ties[end].isin(both) for end in ("source", "target")]
        once = ties["source"].isin([*left, *joined]) | ties["target"].isin([*left, *joined])
        same = (twice[0] | twice[1]) & ~once
        counts = [_before_after(part) for part in (ties, ties[same])]
        change, kept_change = (b - a for a, b in counts)
        d = _net_change(ties[same], both)
        signs = rng.choice([-1.0, 1.0], size=(permutations, len(both)))
        p_same = float(two_sided((signs @ d)[:, None], np.array([d.sum()]))[0]) if both else np.nan
        p_left = _apart(ties[ties["state"] != NEW], left, both, permutations, rng)
        p_joined = _apart(ties[ties["state"] != LOST], joined, both, permutations, rng)
        finding = "not assessable" if not both else "changed" if p_same < 0.05 else "not shown"
        rows.append((layer, *counts[0], change, *counts[1], kept_change, change - kept_change, p_same,
                     len(both), len(left), len(joined), p_left, p_joined, finding))  # fmt: skip
    columns = ["layer", "before", "after", "change", "same_before", "same_after", "same_change", "other_change"]
    who = ["answered_both", "left", "joined", "p_left", "p_joined", "finding"]
    return pd.DataFrame(rows, columns=[*columns, "p_same", *who])


def _before_after(ties: pd.DataFrame) -> tuple[int, int]:
    return int((ties["state"] != NEW).sum()), int((ties["state"] != LOST).sum())


def _net_change(ties: pd.DataFrame, actors: list[str]) -> Any:
    """New less lost ties of each actor; a tie between two of them counts half for each."""
    sign = ties["state"].map({NEW: 1.0, LOST: -1.0, KEPT: 0.0}).astype(float)
    share = sign / (ties["source"].isin(actors).astype(int) + ties["target"].isin(actors))
    sums = sum(share.groupby(ties[end]).sum().reindex(actors).fillna(0) for end in ("source", "target"))
    return np.asarray(sums, dtype=float)


def _apart(
    ties: pd.DataFrame, some: list[str], others: list[str], permutations: int, rng: np.random.Generator
) -> float:
    """P of the difference in mean ties between some respondents and others, their labels dealt anew."""
    if not some or not others:
        return float("nan")
    ends = pd.concat([ties["source"], ties["target"]]).value_counts().reindex([*some, *others]).fillna(0)
    degrees = ends.to_numpy(dtype=float)
    drawn = rng.permuted(np.tile(degrees, (permutations, 1)), axis=1)[:, : len(some)].mean(axis=1)
    return float(two_sided(drawn[:, None], np.array([degrees[: len(some)].mean()]))[0])


# -- side by side ---------------------------------------------------------------------------------------------
