"""Hallmarks of a study: the numbers that a district type is read from, with what they rest on.

What every hallmark measures stands in ``anchors.yaml``; it is counted in :mod:`netklynge.typology.counts`; here a study
becomes what is counted. The best evidence gives the value: register or census, survey answers, complete lists,
statements, ties that somebody chose to tell.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from netklynge.district.buzz import BODY_KINDS
from netklynge.district.hubs import find_hubs
from netklynge.district.location import inside_share
from netklynge.study.contracts import PLANNED, SOURCE_ONLY
from netklynge.study.layers import LAYERS
from netklynge.study.study import SIZE_WINDOW
from netklynge.study.ties import district_ties, owners_above, parks
from netklynge.study.views import once_per_view
from netklynge.study.zones import inside
from netklynge.typology.counts import (
    CATEGORY_INSIDE,
    ELSEWHERE,
    HALLMARKS,
    Arrays,
    Count,
    Register,
    count,
    sample,
    share,
)
from netklynge.typology.statements import Claimed, claimed

if TYPE_CHECKING:
    from netklynge.study.study import Study

__all__ = ["HALLMARKS", "arrays", "hallmarks", "measure", "narrowed"]

INDUSTRY = ("A", "B", "C", "D", "E", "F")  # sections of NACE that make and build things
CORE = ("core_firm", "core_firm_unit", "large_firm")  # roles of firms that a study says lead
EVIDENCE = ("known", "known_not", "untold")


@once_per_view
def measure(study: Study) -> dict[str, Count]:
    """What is known of every hallmark of the study's district at its cut and year."""
    claims = claimed(study)
    return {name: narrowed(c, claims.get(name)) for name, c in count(arrays(study)).items()}


def narrowed(found: Count, claim: Claimed | None) -> Count:
    """Bounds narrowed by claims; a better source stands as it is, and a contradiction widens."""
    if claim is None or found.evidence in ("register", "survey", "list"):
        return found
    low, high = max(found.low, claim.low), min(found.high, claim.high)
    if low > high:  # what is told by name and what is said of the group exclude each other
        low, high = min(found.low, claim.low), max(found.high, claim.high)
    said = "1 statement" if claim.claims == 1 else f"{claim.claims} statements"
    source = f"{said}; {found.source}"
    return replace(found, low=low, high=high, evidence="statement", source=source)


def hallmarks(study: Study) -> pd.DataFrame:
    """Measure every hallmark of the study's district at its cut and year.

    Returns
    -------
    DataFrame
        One row per hallmark: ``name``, ``value`` (among those of whom it is known; blank when it is known of nobody),
        ``n`` (links, firms, jobs that are known), ``of`` (how many there are, known or not; blank where that is untold
        too), ``source``, ``low`` and ``high`` (95 % interval of a sample, else bounds over the untold), ``known``,
        ``known_not``, ``untold`` and ``evidence`` (register, survey, list, statement, ties).

    References
    ----------
    Manski, C. F. (1989). Anatomy of the selection problem. Journal of Human Resources 24(3), 343-360.
    Manski, C. F. (2003). Partial Identification of Probability Distributions. Springer, ch. 1.

    Examples
    --------
    >>> import netklynge as nk
    >>> table = hallmarks(nk.load("kongsberg")).set_index("name")
    >>> table.loc["local_trade", ["value", "low", "high"]].astype(float).round(2).tolist()
    [0.2, 0.09, 0.39]
    """
    rows = [
        (name, c.value, c.n, c.n + c.untold, c.source, c.low, c.high, c.known, c.known_not, c.untold, c.evidence)
        for name, c in measure(study).items()
    ]
    columns = ["name", "value", "n", "of", "source", "low", "high", *EVIDENCE, "evidence"]
    return pd.DataFrame(rows, columns=columns)


# -- a study as arrays -------------------------------------------------------------------------------


def arrays(study: Study) -> Arrays:
    """The study's district at its cut and year as arrays; what is planned is not there."""
    rows = study.insiders
    rows = rows[~rows["status"].isin([PLANNED, SOURCE_ONLY]).fillna(False)]
    place = {actor: k for k, actor in enumerate(rows["actor"])}
    kinds = rows["kind"]
    seat = inside(rows["owner_scale"].astype("string"), study.boundary)
    outside = (~seat).astype("Float64").to_numpy(dtype=float, na_value=np.nan)
    ties, near, a, b = _ends(study, place)
    above = owners_above(study)
    pairs = zip(ties["source"], ties["target"], strict=True)
    kin = np.array([s != t and bool(above.get(s, set()) & above.get(t, set())) for s, t in pairs], dtype=bool)
    layer = ties["layer"].map({name: k for k, name in enumerate(LAYERS)}).fillna(-1).to_numpy(dtype=np.int64)
    owned = (ties["layer"] == "ownership").to_numpy(dtype=bool)
    asked, sampled = _coverage(study, place)
    table = find_hubs(study)
    leaders = set(table.loc[table["hub"], "actor"])
    firm = (kinds == "firm").fillna(True).to_numpy(dtype=bool)
    return Arrays(
        firm=firm,
        public=kinds.isin(["public", "education"]).to_numpy(dtype=bool),
        industrial=_industrial(rows),
        body=(kinds.isin(BODY_KINDS) & ~rows["actor"].isin(parks(study))).to_numpy(dtype=bool),
        hub=rows["actor"].isin(leaders).to_numpy(dtype=bool),
        size=study.sizes().reindex(rows["actor"]).to_numpy(dtype=float),
        outside=outside,
        steered=_steered(rows, outside, ties[owned], near[owned], place),
        state=_state(study, rows, ties[owned], place),
        asked=asked,
        sampled=sampled,
        a=a,
        b=b,
        layer=layer,
        near=near,
        strategic=ties["strategic"].astype("Float64").to_numpy(dtype=float, na_value=np.nan),
        kin=kin,
        shrink=_shrink(study),
        published=_published(study),
        register=_register(study),
    )


def _ends(study: Study, place: Mapping[str, int]) -> tuple[pd.DataFrame, Any, Any, Any]:
    ties = district_ties(study)
    rings = study.rings
    groups = dict.fromkeys(
        study.categories & set(rings.index[rings.isin(study.rings_inside()).fillna(False)]), CATEGORY_INSIDE
    )
    a, b = (
        ties[end].map({**groups, **place}).fillna(ELSEWHERE).to_numpy(dtype=np.int64) for end in ("source", "target")
    )
    partner = ties["target"].where(a >= 0, ties["source"]).map(rings)
    ring = ties["scale"].astype("string").fillna(partner.astype("string"))
    near = inside(ring, study.boundary).astype("Float64").to_numpy(dtype=float, na_value=np.nan)
    near = np.where((a != ELSEWHERE) & (b != ELSEWHERE) & ((a >= 0) & (b >= 0)), 1.0, near)
    mine = (a != ELSEWHERE) | (b != ELSEWHERE)  # a tie between two outsiders is not the district's
    return ties[mine], near[mine], a[mine], b[mine]


def _industrial(rows: pd.DataFrame) -> Any:
    """Bodies with an industrial role: by their industry, or a role that the study gives to firms of its core."""
    made = rows["nace"].str[:1].isin(INDUSTRY).fillna(False)
    return (made | rows["role"].isin(CORE).fillna(False)).to_numpy(dtype=bool)


def _steered(rows: pd.DataFrame, outside: Any, owned: pd.DataFrame, near: Any, place: Mapping[str, int]) -> Any:
    """Owned or run from outside: the owner's seat, a parent outside, or a branch unit."""
    told = np.array(outside, dtype=float)
    for target, side in zip(owned["target"], near, strict=True):
        if target in place and side == 0:
            told[place[target]] = 1.0
    told[rows["branch_of"].notna().to_numpy(dtype=bool)] = 1.0
    return told


def _state(study: Study, rows: pd.DataFrame, owned: pd.DataFrame, place: Mapping[str, int]) -> Any:
    """Whether the first owner told is public; a seat or an owner that is told and not public says no."""
    kinds = study.actors.set_index("actor")["kind"]
    told = np.where(rows["owner_scale"].notna().to_numpy(dtype=bool), 0.0, np.nan)
    public = owned["source"].map(kinds) == "public"
    for target, state in zip(owned["target"], public.fillna(False), strict=True):
        if target in place:
            k = place[target]
            told[k] = 1.0 if state or told[k] == 1.0 else 0.0
    return told


def _coverage(study: Study, place: Mapping[str, int]) -> tuple[Any, Any]:
    """Whose silence means no, by layer, and where those are a sample by design."""
    asked = np.zeros((len(place), len(LAYERS)), dtype=bool)
    sampled = np.zeros(len(LAYERS), dtype=bool)
    answered = set(study.answers["respondent"].dropna())
    for layer, entry in study.meta.coverage.items():
        of = entry.of
        column = LAYERS.index(layer)
        sampled[column] = of == "respondents"
        whose = answered if of == "respondents" else set(place) if of == "all" else set(entry.actors)
        asked[[k for actor, k in place.items() if actor in whose], column] = True
    return asked, sampled


def _shrink(study: Study) -> float:
    """The finite-population factor, where the study says how many a survey asked and how many answered."""
    asked, answered = study.meta.respondents.asked, study.meta.respondents.answered
    return float(np.sqrt(1 - answered / asked)) if asked and answered and 0 < answered <= asked else 1.0


def _published(study: Study) -> Count | None:
    """Published shares of supply links: purchases and both ways, since final goods that are sold are no local trade."""
    bought = replace(study, links=study.links[(study.links["flow"] != "out").fillna(True)])
    found = inside_share(bought, "supply")
    if found.unit == "ties" or not found.total > 0:
        return None
    source = found.source
    narrow = inside_share(bought.cut("local"), "supply")
    if narrow.unit == "ties" or narrow.source != source:
        source += " (not the source of the local cut)"
    n = found.n if found.n == found.n else study.meta.respondents.answered
    if n is None:
        return share(found.share, 1 - found.share, 0.0, source, "survey")
    worth = found.n_effective if found.n_effective == found.n_effective else n  # weighted answers tell less
    return sample(found.share * n, (1 - found.share) * n, float("nan"), source, worth, _shrink(study))


def _register(study: Study) -> Register | None:
    """Establishments of the study's place, which are those of no wider cut, in a year near its own."""
    told = study.meta.register
    if study.boundary != "local" or not told or not _near(study, told.get("year")):
        return None
    units, jobs, large = (_number(told.get(key)) for key in ("units", "jobs", "jobs_100_and_over"))
    small = told.get("jobs_under_50")
    least, most = (_number(x) for x in (small if isinstance(small, list) and len(small) == 2 else (small, small)))
    if not (units > 0 and jobs > 0):
        return None
    if not 0 <= least <= most <= jobs:
        least = most = float("nan")
    return Register(units, jobs, (least, most), large, f"register: {told.get('source', '')}")


def _number(value: Any) -> float:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else float("nan")


def _near(study: Study, year: Any) -> bool:
    """Whether a register's year is near enough to the study's; without a year it counts for the reference year only."""
    taken = year if isinstance(year, int) else study.reference_year
    return study.when is None or (taken is not None and abs(taken - study.when) <= SIZE_WINDOW)
