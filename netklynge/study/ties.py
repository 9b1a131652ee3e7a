"""Which ties count: every rule on it, for all measures alike.

A tie counts for a measure when it is there (neither planned nor told to be absent), holds in the year that the study is
seen at, and has an end in the district. What a rule leaves out can be counted; nothing is dropped without a word.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import pandas as pd

from netklynge.study.contracts import ACTUAL, LINEAGE, PLANNED
from netklynge.study.layers import EVENT_LAYERS
from netklynge.study.views import once_at_any_cut, once_per_view
from netklynge.study.zones import inside

if TYPE_CHECKING:
    from netklynge.study.study import Study

__all__ = [
    "Period",
    "actual_ties",
    "are_actual",
    "between_outsiders",
    "both_ways",
    "district_ties",
    "held",
    "inside_ties",
    "members",
    "named_ties",
    "owners_above",
    "parks",
    "planned_ties",
    "undated",
    "untouched",
]

Period = Literal["current", "past", "all"]


# -- what is there -----------------------------------------------------------------------------------


def are_actual(ties: pd.DataFrame) -> pd.Series[bool]:
    """Whether each tie is there: one that is planned, or that the source says is absent, is none."""
    return ties["status"].fillna(ACTUAL) == ACTUAL


def planned_ties(study: Study) -> pd.DataFrame:
    """Ties that somebody means to make, whatever ``current`` says."""
    return study.relations[(study.relations["status"] == PLANNED).fillna(False)]


def in_period(ties: pd.DataFrame, period: Period) -> pd.DataFrame:
    """Ties in force (a blank ``current`` counts as in force), ties that are over, or the table as it is."""
    if period == "all":
        return ties
    current = ties["current"].fillna(True).astype(bool)
    return ties[are_actual(ties) & (current if period == "current" else ~current)]


# -- what is the district's --------------------------------------------------------------------------


def untouched(study: Study, ties: pd.DataFrame) -> pd.Series[bool]:
    """Which ties lie between two outsiders, actors or categories known to sit outside the cut.

    ``scale`` is told from the district's side of a tie, and such a tie has none. An actor of unknown place may be in
    the district, so a tie of it may be too.
    """
    within = inside(study.rings, study.boundary)
    outsiders = within.index[(~within).fillna(False).astype(bool)]
    return ties["source"].isin(outsiders) & ties["target"].isin(outsiders)


@once_per_view
def district_ties(study: Study, layer: str | None = None, period: Period = "current") -> pd.DataFrame:
    """The ties of :meth:`Study.ties` that are the district's: those between two outsiders are left out.

    Examples
    --------
    >>> import netklynge as nk
    >>> raufoss = nk.load("raufoss")
    >>> len(raufoss.ties("ownership")), len(district_ties(raufoss, "ownership"))
    (49, 34)
    """
    ties = study.ties(layer, period)
    return ties[~untouched(study, ties)]


def between_outsiders(study: Study, layer: str | None = None, period: Period = "current") -> int:
    """How many ties :func:`district_ties` leaves out.

    Examples
    --------
    >>> import netklynge as nk
    >>> between_outsiders(nk.load("raufoss"), "ownership")
    15
    """
    return len(study.ties(layer, period)) - len(district_ties(study, layer, period))


@once_per_view
def named_ties(study: Study, layer: str | None = None, period: Period = "current") -> pd.DataFrame:
    """The district's ties between named actors; those with a category at an end are left out (they count in shares)."""
    ties = district_ties(study, layer, period)
    return ties[~ties["source"].isin(study.categories) & ~ties["target"].isin(study.categories)]


def actual_ties(study: Study, named: bool = True) -> pd.DataFrame:
    """The district's ties that hold: no events (spin-offs), and none to categories where `named`.

    Examples
    --------
    >>> import netklynge as nk
    >>> bool(actual_ties(nk.load("horten"))["layer"].eq("spin_off").any())
    False
    """
    ties = named_ties(study) if named else district_ties(study)
    return ties[~ties["layer"].isin(EVENT_LAYERS)]


def inside_ties(study: Study, layer: str) -> pd.DataFrame:
    """Ties in force of one layer between two named actors inside the cut."""
    within = set(study.insiders["actor"])
    ties = study.ties(layer)
    return ties[ties["source"].isin(within) & ties["target"].isin(within)]


# -- directions --------------------------------------------------------------------------------------


def both_ways(ties: pd.DataFrame) -> pd.DataFrame:
    """Ties for a measure that reads directions: an undirected tie has no order, so it stands in it both ways.

    A blank ``directed`` counts as directed. A category's tie to itself stays one. The turned rows come last and keep
    their labels; all rows are directed then.

    Examples
    --------
    >>> ties = pd.DataFrame({"source": ["a", "b"], "target": ["b", "c"], "directed": [False, True]})
    >>> both_ways(ties)[["source", "target"]].agg("".join, axis=1).tolist()
    ['ab', 'bc', 'ba']
    """
    loose = ~ties["directed"].fillna(True).astype(bool) & (ties["source"] != ties["target"])
    turned = ties[loose].rename(columns={"source": "target", "target": "source"})[list(ties.columns)]
    whole = pd.concat([ties, turned])
    return whole.assign(directed=pd.array([True] * len(whole), dtype="boolean"))


# -- years -------------------------------------------------------------------------------------------


def held(study: Study, year: int) -> pd.Series[bool]:
    """Which ties are known to hold in `year`, events among them; see :meth:`Study.at` for what blank dates mean."""
    ties = study.relations
    known, happened = _known(study, year)
    return known.where(~ties["layer"].isin(EVENT_LAYERS), happened) & are_actual(ties)


def undated(study: Study, year: int) -> pd.Series[bool]:
    """Which ties may hold in `year` or not: their start is blank, and nothing that is told says that they did not."""
    ties = study.relations
    first, last = _bounds(study)
    over = ~ties["current"].fillna(True).astype(bool)
    possible = (first.isna() | (first <= year)) & (last.isna() | (last >= year))
    possible &= ~(over & ties["end"].isna() & (year >= _reference(study, year)))
    return ties["start"].isna() & possible & ~held(study, year) & are_actual(ties)


def _reference(study: Study, year: int) -> int:
    return study.reference_year if study.reference_year is not None else year


def _bounds(study: Study) -> tuple[pd.Series[float], pd.Series[float]]:
    """First and last year that each tie can hold in: its own dates, and those of its actors; nan where not told."""
    ties = study.relations
    dates = study.actors.set_index("actor")[["founded", "closed"]]
    ends = [ties[end] for end in ("source", "target")]
    first = pd.concat([ties["start"], *(end.map(dates["founded"]) for end in ends)], axis=1)
    last = pd.concat([ties["end"], *(end.map(dates["closed"]) for end in ends)], axis=1)
    return first.astype(float).max(axis=1), last.astype(float).min(axis=1)


def _known(study: Study, year: int) -> tuple[pd.Series[bool], pd.Series[bool]]:
    """Whether each tie is known to last in `year`, and whether it had happened by then."""
    ties = study.relations
    reference = _reference(study, year)
    over = ~ties["current"].fillna(True).astype(bool)
    start, end = (ties[side].astype(float) for side in ("start", "end"))
    happened = start.fillna(end).fillna(reference) <= year
    if year == study.reference_year:  # coded by hand for this very year; an event of it counts
        return ~over, happened | ~over
    first, last = _bounds(study)
    # A blank start is open or unknown: the tie is known for its last year, or by the reference year, and not before.
    begun = start.fillna(end.where(over)).fillna(reference) <= year
    lasting = ~over | end.notna() | (start.notna() & (year < reference))
    possible = (first.isna() | (first <= year)) & (last.isna() | (last >= year))
    return begun & lasting & possible, happened


# -- who stands above, and who can be met ------------------------------------------------------------


@once_at_any_cut
def owners_above(study: Study) -> dict[str, frozenset[str]]:
    """Each actor with all firms and owner groups above it along the ownership ties in force, itself included.

    Two actors whose sets meet belong to one owner group. The state, funds and joint bodies as owners make no group; a
    tie that tells a common origin (``ownership`` is lineage) is no ownership.
    """
    ties = study.ties("ownership")
    ties = ties[(ties["ownership"] != LINEAGE).fillna(True)]
    groups = set(study.actors.loc[study.actors["kind"].isin(["firm", "parent"]), "actor"])
    ties = ties[ties["source"].isin(groups)]
    owners: dict[str, list[str]] = {}
    for owner, owned in zip(ties["source"], ties["target"], strict=True):
        owners.setdefault(owned, []).append(owner)
    above: dict[str, frozenset[str]] = {}
    for actor in study.actors["actor"]:
        seen = {actor}
        waiting = [actor]
        while waiting:
            new = [owner for owner in owners.get(waiting.pop(), []) if owner not in seen]
            seen.update(new)
            waiting += new
        above[actor] = frozenset(seen)
    return above


@once_per_view
def members(study: Study) -> pd.DataFrame:
    """Named actors inside the cut that can be met: those of :attr:`Study.insiders` that do not just house others."""
    insiders = study.insiders
    return insiders[~insiders["actor"].isin(parks(study))]


def parks(study: Study) -> frozenset[str]:
    """Actors that only house others (``houses_only``): sharing a roof is no contact and no joint work."""
    actors = study.actors
    return frozenset(actors.loc[actors["houses_only"].fillna(False).astype(bool), "actor"])
