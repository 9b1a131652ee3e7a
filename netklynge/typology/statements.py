"""What an author says of whole groups without counting ("few", "most"), as bounds of a hallmark.

Quantity words are intervals (``quantities.yaml``). A claim about a ring is a bound on the share inside the cut; claims
are joined by the interval that more than half of them hold, so that contradicting ones widen and none is averaged.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import pandas as pd

from netklynge.files.settings import bundled_settings
from netklynge.study.layers import COOPERATION
from netklynge.study.zones import RINGS

if TYPE_CHECKING:
    from netklynge.study.study import Study

__all__ = ["Claimed", "claimed", "fused", "quantities"]

Interval = tuple[float, float]
WINDOW = 5  # years from the year of the view that a claim may speak of, as for sizes


class Rule(NamedTuple):
    """Which claims speak of a hallmark."""

    topics: tuple[str, ...]
    measures: tuple[str, ...]
    kind: str  # "place": shares inside and outside add up; "has": firms may have both; "reach": outside is the mark
    peers: bool = False
    flows: tuple[str, ...] = ()
    part: bool = False  # what is said of all firms speaks of more than the hallmark: it bounds it from above alone


# How much of the firms' cooperation is inside is read as how many take part: either word says "little" or "much".
RULES: Mapping[str, Rule] = {
    "local_trade": Rule(("supply",), ("volume",), "place", flows=("in", "both")),
    "local_commitments": Rule(("commitment",), ("volume",), "place", flows=("in", "both")),
    "local_cooperation": Rule(COOPERATION, ("members", "volume"), "has", peers=True),
    "peer_cooperation": Rule(COOPERATION, ("members", "volume"), "has", peers=True, part=True),
    "inside_innovation": Rule(("rd", "alliance", "licence"), ("members",), "has"),
    "joint_bodies": Rule(("body",), ("members", "volume"), "has"),
    "outside_reach": Rule(("supply", "rd", "alliance", "licence", "service", "funding"), ("members",), "reach"),
    "outside_units": Rule(("owner", "branch"), ("members",), "seat"),
}


class Claimed(NamedTuple):
    """What claims make of a hallmark: its bounds, and how many claims they are."""

    low: float
    high: float
    claims: int


def quantities() -> Mapping[str, Any]:
    """What ``quantities.yaml`` says."""
    return bundled_settings("netklynge.typology", "quantities.yaml")


def fused(intervals: Sequence[Interval]) -> Interval:
    """From the least to the greatest point that more than half of the intervals hold; if none does, fewer.

    References
    ----------
    Marzullo, K. (1990). Tolerating failures of continuous-valued sensors. ACM Transactions on Computer Systems 8(4),
    284-304.

    Examples
    --------
    >>> fused([(0.0, 0.3), (0.1, 0.5), (0.2, 0.9)]), fused([(0.0, 0.2), (0.6, 1.0)])
    ((0.1, 0.5), (0.0, 1.0))
    """
    ends = sorted({end for interval in intervals for end in interval})
    for wanted in range(len(intervals) // 2 + 1, 0, -1):
        held = [end for end in ends if sum(low <= end <= high for low, high in intervals) >= wanted]
        if held:
            return held[0], held[-1]
    return 0.0, 1.0


def claimed(study: Study) -> dict[str, Claimed]:
    """Bounds by hallmark from the study's statements; hallmarks that no claim speaks of are left out."""
    told = study.statements
    words = quantities()
    rows = told[
        told["quantity"].isin(list(words["words"])) & told["confidence"].fillna("medium").isin(words["confidence"])
    ]
    if study.reference_year is not None and study.when is not None:
        near = (rows["year"].fillna(study.reference_year).astype(float) - study.when).abs() <= WINDOW
        rows = rows[near]
    rows = rows.drop_duplicates(["subject", "measure", "topic", "flow", "peers", "scale", "quantity"])
    out = {}
    for name, rule in RULES.items():
        told = [(row, i) for row in rows.to_dict("records") if (i := _interval(row, rule, study)) is not None]
        of_all = [(row, i) for row, i in told if row["subject"] == "firms"]
        # what is said of all goes before what is said of some; one claim alone binds if the author is sure of it
        enough = len(of_all) >= words["fewest"] or any(_sure(row) for row, _ in of_all)
        found = [i for _, i in (of_all if enough else told)]
        if not enough and 0 < len(found) < words["fewest"]:
            found = [_weakened(i) for i in found]
        if found:
            out[name] = Claimed(*fused(found), len(found))
    return out


def _text(value: Any) -> str:
    return "" if value is None or pd.isna(value) else str(value)


def _interval(row: Mapping[str, Any], rule: Rule, study: Study) -> Interval | None:
    """What one claim says of the share; None where it says nothing."""
    if row["topic"] not in rule.topics or row["measure"] not in rule.measures:
        return None
    flow = _text(row["flow"])
    if rule.flows and flow and flow not in rule.flows:
        return None
    if rule.peers and _text(row["peers"]) not in ("1", "True", "1.0"):
        return None
    low, high = quantities()["words"][row["quantity"]]
    ring = _text(row["scale"])
    bounds = _inside_cut((low, high), ring, row["topic"], rule, study)
    if bounds is None:
        return None
    if row["subject"] == "firms":
        if not rule.part:
            return bounds
        # firms that cooperate may do so with those they trade with: much of the whole says nothing of this part
        return (0.0, bounds[1]) if bounds[1] <= 0.5 else None
    if row["subject"] not in study.categories or study.rings.get(row["subject"]) not in study.rings_inside():
        return None
    return _weakened(bounds)


def _sure(row: Mapping[str, Any]) -> bool:
    return bool(_text(row["voice"]) == "author" and _text(row["confidence"]) == "high")


def _weakened(bounds: Interval) -> Interval:
    """Bounds of the whole from those of a part that is at least ``group_share`` of it, the rest being untold."""
    part = quantities()["group_share"]
    return part * bounds[0], 1 - part * (1 - bounds[1])


def _inside_cut(word: Interval, ring: str, topic: str, rule: Rule, study: Study) -> Interval | None:
    """A claim about one ring as bounds on the share that the hallmark asks for at the cut."""
    low, high = word
    within = study.rings_inside()
    beyond = [r for r in RINGS if r not in within]
    if not ring:
        return (low, 1.0) if rule.kind == "seat" and topic == "branch" else None
    inside = ring in within
    if rule.kind == "place":
        if inside:
            return (low, high if within == (ring,) else 1.0)
        return (1 - high if beyond == [ring] else 0.0, 1 - low)
    if rule.kind == "has":
        return (low, high if within == (ring,) else 1.0) if inside else None
    if not inside:
        return (low, high if beyond == [ring] and rule.kind == "seat" else 1.0)
    return (0.0, 1 - low) if rule.kind == "seat" else None
