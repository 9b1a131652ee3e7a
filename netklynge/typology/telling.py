"""Simulated districts as prose tells of them: few firms speak, the leaders first, and local ties are lost.

The truth is the same district with everybody asked and everything told; against it the verdict's words are measured.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from netklynge.typology.anchors import Anchors
from netklynge.typology.counts import Count, Register, count
from netklynge.typology.decisions import draw_box, worded
from netklynge.typology.hallmarks import narrowed
from netklynge.typology.simulation import RD, SUPPLY, District, Ties, arrays_of, draw
from netklynge.typology.statements import RULES, Claimed, quantities

__all__ = ["FALSE_SURVEY", "TELLINGS", "Telling", "answers", "tell", "told_counts", "told_vectors"]

EVERYTHING = {
    **dict.fromkeys(("response", "told", "named", "sizes", "seats", "asks_sizes", "asks_owners"), 1.0),
    **dict.fromkeys(("asks_cooperation", "asks_commitments", "asks_bodies"), 1.0),
    "publishes": 0.0,
}
Flags = npt.NDArray[np.bool_]


class Telling(NamedTuple):
    """How a study comes to know of a district; intervals are drawn from, district by district."""

    firms: tuple[float, float]  # share of firms that speak
    links: tuple[float, float]  # share of their ties that are told
    sizes: tuple[float, float]  # share of firms whose size is known, beside the leaders
    local_lost: float  # share of local ties that are lost on top
    complete: bool  # whether silence of those who speak is taken for no
    words: float  # probability that the author says of all firms how many, hallmark by hallmark
    register: float  # probability that there are figures of the register


TELLINGS: Mapping[str, Telling] = {
    "survey, most answer": Telling((0.50, 0.95), (1.0, 1.0), (0.40, 1.0), 0.0, True, 0.0, 0.5),
    "survey, few answer": Telling((0.10, 0.25), (1.0, 1.0), (0.05, 0.30), 0.0, True, 0.0, 0.5),
    "survey, few answer, few links told": Telling((0.10, 0.25), (0.10, 0.40), (0.05, 0.30), 0.0, True, 0.0, 0.5),
    "prose": Telling((0.10, 0.25), (0.10, 0.40), (0.05, 0.30), 0.7, False, 0.0, 0.0),
    "prose, with claims and a register": Telling((0.10, 0.25), (0.10, 0.40), (0.05, 0.30), 0.7, False, 0.6, 0.7),
}
# A survey that says it is complete and has lost local ties is believed: no method that takes it at its word sees that.
FALSE_SURVEY = Telling((0.35, 0.85), (1.0, 1.0), (0.05, 0.30), 0.7, True, 0.0, 0.5)
WRONG_WORD = 0.15  # of an author's claims, which are of the next word up or down


def told_counts(kind: str, seed: list[int], how: Telling, which: str = "other") -> dict[str, Count]:
    """What is known of every hallmark of a district of a kind that is told of in this way."""
    whole = draw(kind, seed, which, EVERYTHING)
    rng = np.random.default_rng([*seed, 1])
    d = arrays_of(tell(whole, how, rng))
    if rng.random() < how.register:
        d = d._replace(register=_register(whole))
    found = count(d)
    truth = count(arrays_of(whole))
    for name in RULES:
        if name in truth and rng.random() < how.words and truth[name].value == truth[name].value:
            found[name] = narrowed(found[name], _claim(truth[name].value, rng))
    return found


def tell(district: District, how: Telling, rng: np.random.Generator) -> District:
    """The district as it is told: leaders speak first, and are named and sized."""
    firms, ties, n = district.firms, district.ties, len(district.firms.size)
    number = max(1, round(rng.uniform(*how.firms) * n))
    speak = np.zeros(n, dtype=bool)
    speak[np.argsort(-(firms.leader * 2 + rng.random(n)))[:number]] = True
    links = rng.uniform(*how.links)
    kept = speak[ties.source] & (rng.random(len(ties.source)) < links)
    local = (ties.ring == 0) & np.isin(ties.layer, (SUPPLY, RD))
    kept &= ~(local & (rng.random(len(kept)) < how.local_lost))
    sizes = rng.uniform(*how.sizes)
    return district._replace(
        ties=Ties(
            ties.source[kept],
            ties.target[kept],
            ties.layer[kept],
            ties.ring[kept],
            ties.strategic[kept],
            ties.sells[kept],
        ),
        known_size=(rng.random(n) < sizes) | firms.leader,
        known_seat=district.known_seat & speak,
        answered=speak,
        complete=how.complete,
    )


def _register(d: District) -> Register:
    size = d.firms.size[~d.firms.public]
    small = float(size[size < 50].sum())
    return Register(float(len(size)), float(size.sum()), (small, small), float(size[size >= 100].sum()), "register")


def _claim(value: float, rng: np.random.Generator) -> Claimed:
    """What an author says of a true share: a word whose interval holds it, or the next one."""
    words = list(quantities()["words"].values())
    fitting = [k for k, (low, high) in enumerate(words) if low <= value <= high]
    k = int(rng.choice(fitting))
    if rng.random() < WRONG_WORD:
        k = int(np.clip(k + rng.choice([-1, 1]), 0, len(words) - 1))
    return Claimed(words[k][0], words[k][1], 2)


def answers(
    kinds: Mapping[str, str], count_each: int, seed: int, how: Telling, anchors: Anchors, draws: int = 1000
) -> pd.DataFrame:
    """Verdicts on districts of known kind: ``kind``, ``answer``, ``word``, ``share`` and whether it is ``right``.

    `kinds` maps what is simulated to the answers that are right, joined by spaces.
    """
    rows = []
    for i, (kind, right) in enumerate(kinds.items()):
        for k in range(count_each):
            found = told_counts(kind, [seed, i, k], how)
            box = draw_box(found, anchors, draws, seed)
            answer, word, share = worded(box.shares(), found, anchors)
            rows.append((kind, answer, word, share, answer in right.split()))
    return pd.DataFrame(rows, columns=["kind", "answer", "word", "share", "right"])


def told_vectors(kinds: Iterable[str], number: int, seed: int, which: str = "other") -> pd.DataFrame:
    """Hallmarks of districts that are told of selectively: ``telling``, ``kind`` and one column per hallmark."""
    rows = []
    for t, (name, how) in enumerate(TELLINGS.items()):
        for i, kind in enumerate(kinds):
            for k in range(number):
                found = told_counts(kind, [seed, t, i, k], how, which)
                rows.append({"telling": name, "kind": kind, **{h: c.guess() for h, c in found.items()}})
    return pd.DataFrame(rows)
