"""From what is known of the hallmarks to a type: over the whole box of what the evidence allows.

Draws take sampling, the untold and the anchors together; the share of draws that give an answer is its certainty.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from netklynge.typology.anchors import TYPES, Anchors
from netklynge.typology.counts import Count

__all__ = ["ANSWERS", "WORDS", "Box", "decide", "draw_box", "members_of", "what_would_decide", "worded"]

NOTHING_FITS: tuple[str, ...] = ("no_local_system", "no_type_fits")
ANSWERS: tuple[str, ...] = (*TYPES, "mixed", *NOTHING_FITS)
WORDS: tuple[str, ...] = ("certain", "very_likely", "likely", "leans_to")

Floats = npt.NDArray[np.float64]
Names = npt.NDArray[Any]


def decide(members: Mapping[str, Floats], anchors: Anchors) -> tuple[dict[str, Floats], dict[str, Floats], Names]:
    """Type memberships and the name they give, for one district or many at once.

    Parameters
    ----------
    members : mapping
        Hallmark to its memberships, arrays of one shape; nan where the hallmark is not known.
    anchors : Anchors

    Returns
    -------
    low, high, names
        Type to the least and the greatest membership that the missing essential hallmarks allow, and the names.

    Notes
    -----
    A type fits when its membership is above ``named_above``. It is named when it fits and no other could; two that fit
    make "mixed". When none can, the district is "no_local_system" if its local trade is out too, else "no_type_fits".
    When what is missing could change the name, or no more than ``known_above`` of the hallmarks are known, it is
    "undetermined".
    """
    arrays = {name: np.atleast_1d(np.asarray(m, dtype=float)) for name, m in members.items()}
    shape = np.broadcast_shapes(*(m.shape for m in arrays.values()))
    low, high = {}, {}
    for name, ideal in anchors.types.items():
        least, most = np.ones(shape), np.ones(shape)
        for part in ideal.essential:
            least = np.minimum(least, part.membership(arrays, 0.0))
            most = np.minimum(most, part.membership(arrays, 1.0))
        for part in ideal.when_known:
            m = part.membership(arrays)
            least, most = (np.minimum(end, np.where(np.isnan(m), 1.0, m)) for end in (least, most))
        low[name], high[name] = least, most
    return low, high, _names(low, high, arrays, anchors, shape)


def _names(
    low: Mapping[str, Floats],
    high: Mapping[str, Floats],
    members: Mapping[str, Floats],
    anchors: Anchors,
    shape: tuple[int, ...],
) -> Names:
    above = anchors.rules["named_above"]
    fits = np.stack([low[t] for t in TYPES]) > above
    could = np.stack([high[t] for t in TYPES]) > above
    local = np.broadcast_to(members["local_trade"], shape)
    names = np.full(shape, "undetermined", dtype=object)
    none = ~could.any(axis=0)
    names[none & (local <= 0.5)] = "no_local_system"
    names[none & (local > 0.5)] = "no_type_fits"
    one = (fits.sum(axis=0) == 1) & (could.sum(axis=0) == 1)
    names[one] = np.array(TYPES, dtype=object)[fits.argmax(axis=0)][one]
    names[fits.sum(axis=0) > 1] = "mixed"
    known = np.mean([~np.isnan(np.broadcast_to(m, shape)) for m in members.values()], axis=0)
    names[known <= anchors.rules["known_above"]] = "undetermined"
    return names


# -- over the box ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Box:
    """Draws of what the evidence allows.

    Attributes
    ----------
    values : mapping
        Hallmark to its drawn values; nan where nothing at all is known of it.
    members : mapping
        Hallmark to its drawn memberships.
    types : mapping
        Type to its drawn memberships.
    names : array
        The answer of each draw.
    """

    values: Mapping[str, Floats]
    members: Mapping[str, Floats]
    types: Mapping[str, Floats]
    names: Names

    def shares(self) -> dict[str, float]:
        """Share of draws by answer, the most frequent first."""
        found, counts = np.unique(self.names.astype(str), return_counts=True)
        order = np.argsort(-counts, kind="stable")
        return {str(found[k]): round(float(counts[k] / len(self.names)), 6) for k in order}


def draw_box(
    found: Mapping[str, Count], anchors: Anchors, number: int, seed: int = 0, *, values: bool = True, moved: bool = True
) -> Box:
    """Draw hallmarks over their evidence and anchors over their ranges.

    Parameters
    ----------
    found : mapping
        Hallmark to what is known of it.
    anchors : Anchors
    number, seed : int
    values : bool
        Whether hallmarks are drawn; else each stays at the middle of what the evidence allows.
    moved : bool
        Whether anchors are drawn.
    """
    rng = np.random.default_rng(seed)
    drawn = {name: count.drawn(rng, number) for name, count in found.items()}
    if not values:
        drawn = {name: np.full(number, np.median(x)) for name, x in drawn.items()}
    members = {name: anchors.drawn(name, x, rng) if moved else anchors.membership(name, x) for name, x in drawn.items()}
    silent = {name for name, count in found.items() if not count.evidence}
    low, _, names = decide(_heard(_told_enough(members, found, anchors), silent, anchors), anchors)
    told = 1 - len(silent) / len(found)
    if told <= anchors.rules["known_above"]:
        names = np.full(number, "undetermined", dtype=object)
    return Box(drawn, members, low, names)


def _told_enough(members: Mapping[str, Floats], found: Mapping[str, Count], anchors: Anchors) -> dict[str, Floats]:
    """Memberships without those of conditions under `when_known` whose bounds leave most of the scale open.

    Silence lets such a condition off, so that next to silence must not hold it against a type: one named tie is no
    knowledge of how many have such ties.
    """
    essential = {name for ideal in anchors.types.values() for part in ideal.essential for name in part.hallmarks}
    when_known = {name for ideal in anchors.types.values() for part in ideal.when_known for name in part.hallmarks}
    widest = anchors.rules["known_width"]
    open_ = {n for n, c in found.items() if n in when_known - essential and not c.high - c.low <= widest}
    return {n: np.full_like(m, np.nan) if n in open_ else m for n, m in members.items()}


def _heard(members: Mapping[str, Floats], silent: set[str], anchors: Anchors) -> dict[str, Floats]:
    """Memberships without those of hallmarks that nothing is told of, unless a type cannot do without them."""
    needed = {name for ideal in anchors.types.values() for part in ideal.essential for name in part.hallmarks}
    return {n: np.full_like(m, np.nan) if n in silent and n not in needed else m for n, m in members.items()}


def members_of(found: Mapping[str, Count], anchors: Anchors) -> dict[str, tuple[float, float]]:
    """Hallmark to the least and greatest membership that its bounds allow."""
    out = {}
    for name, count in found.items():
        ends = anchors.membership(name, [count.low, count.high])
        out[name] = (float(ends.min()), float(ends.max()))
    return out


def worded(shares: Mapping[str, float], found: Mapping[str, Count], anchors: Anchors) -> tuple[str, str, float]:
    """The answer that draws give, the word for its certainty, and the share of draws that give it.

    A type of which an essential condition rests on silence alone, or on fewer than ``fewest`` units, is not named: its
    draws are nobody's evidence.
    """
    rules = anchors.rules
    best = next(iter(shares))
    share = shares[best]
    if best not in ANSWERS:
        return "undetermined", "undetermined", 0.0
    least = rules["nothing_fits"] if best in NOTHING_FITS else rules["leans_to"]
    if best in NOTHING_FITS:
        heard = not found["local_trade"].thin(rules["fewest"])
    else:
        named = TYPES if best == "mixed" else (best,)
        conditions = [part for t in named for part in anchors.types[t].essential]
        heard = all(any(not found[n].thin(rules["fewest"]) for n in part.hallmarks) for part in conditions)
    if share < least or not heard:
        return "undetermined", "undetermined", share
    word = next(word for word in WORDS if share >= rules[word])
    if best in NOTHING_FITS and word in ("certain", "very_likely"):
        word = "likely"  # see anchors.yaml: an absence is never more
    return best, word, share


# -- what would decide -------------------------------------------------------------------------------


def what_would_decide(found: Mapping[str, Count], box: Box, anchors: Anchors, number: int = 2) -> list[dict[str, Any]]:
    r"""The questions whose answers would tell most about the type.

    For each hallmark the mutual information of its drawn value (in thirds) and the answer,
    :math:`H(T) - \sum_k P(k) H(T \mid k)`, in bits: how much of the doubt goes when the value is known.

    References
    ----------
    Lindley, D. V. (1956). On a measure of the information provided by an experiment. Annals of Mathematical Statistics
    27(4), 986-1005.
    """
    doubt = _entropy(box.names)
    gains = {}
    for name, x in box.values.items():
        if np.isnan(x).any() or np.ptp(x) == 0:
            continue
        third = np.searchsorted(np.quantile(x, [1 / 3, 2 / 3]), x)
        parts = [box.names[third == k] for k in np.unique(third)]
        gains[name] = doubt - sum(len(p) / len(x) * _entropy(p) for p in parts)
    best = sorted(gains, key=lambda name: (-round(gains[name], 9), name))[:number]
    return [
        {"hallmark": name, **anchors.hallmarks[name]["ask"], "bits": round(gains[name], 4)}
        for name in best
        if gains[name] > 0.01
    ]


def _entropy(names: Names) -> float:
    p = np.unique(names.astype(str), return_counts=True)[1] / len(names)
    return float(-(p * np.log2(p)).sum())
