"""Which ties count: every rule on it, for all measures alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from netklynge.study.contracts import EVENT_LAYERS

if TYPE_CHECKING:
    from netklynge.study.study import Study, When

__all__ = ["CO_LOCATION", "PLANNED", "actual_ties", "inside_ties", "members", "named_ties", "owners_above", "parks"]

PLANNED = "planned:"  # in the content of a tie that is not there yet
CO_LOCATION = "park"  # in the role of a body: being housed by it is co-location, no joint work


def named_ties(study: Study, layer: str | None = None, when: When = "current") -> pd.DataFrame:
    """Ties between named actors: those with a category at an end are left out (categories count in shares only)."""
    ties = study.ties(layer, when)
    return ties[~ties["source"].isin(study.categories) & ~ties["target"].isin(study.categories)]


def actual_ties(study: Study, named: bool = True) -> pd.DataFrame:
    """Ties that are there: neither planned nor events (spin-offs), and none to categories where `named`.

    Examples
    --------
    >>> import netklynge as nk
    >>> bool(actual_ties(nk.load("horten"))["layer"].eq("spin_off").any())
    False
    """
    ties = named_ties(study) if named else study.ties()
    planned = ties["content"].str.startswith(PLANNED).fillna(False).astype(bool)
    return ties[~planned & ~ties["layer"].isin(EVENT_LAYERS)]


def inside_ties(study: Study, layer: str) -> pd.DataFrame:
    """Ties in force of one layer between two named actors inside the cut."""
    within = set(study.insiders["actor"])
    ties = study.ties(layer)
    return ties[ties["source"].isin(within) & ties["target"].isin(within)]


def owners_above(study: Study) -> dict[str, frozenset[str]]:
    """Each actor with all firms and owner groups above it along the ownership ties in force, itself included.

    Two actors whose sets meet belong to one owner group. The state, funds and joint bodies as owners make no group;
    ties that tell a common origin ("lineage:") are no ownership.
    """
    ties = study.ties("ownership")
    ties = ties[~ties["content"].str.startswith("lineage:").fillna(False).astype(bool)]
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


def members(study: Study) -> pd.DataFrame:
    """Named actors inside the cut that can be met: those of :attr:`Study.insiders` that do not just house others."""
    insiders = study.insiders
    return study.remember("members", lambda: insiders[~insiders["actor"].isin(parks(study))])


def parks(study: Study) -> frozenset[str]:
    """Actors that house others: not firms, with a role that says park."""
    actors = study.actors
    housing = actors["role"].str.contains(CO_LOCATION, case=False).fillna(False).astype(bool)
    return frozenset(actors.loc[housing & (actors["kind"] != "firm").fillna(True).astype(bool), "actor"])
