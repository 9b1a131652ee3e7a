"""Districts that are told selectively: what is lost is lost, the leaders speak first, and strong words hold."""

from __future__ import annotations

import numpy as np
import pytest

from netklynge.typology.anchors import TYPES, load_anchors
from netklynge.typology.simulation import SUPPLY, draw
from netklynge.typology.telling import EVERYTHING, TELLINGS, answers, tell, told_counts


@pytest.mark.parametrize("name", list(TELLINGS))
def test_what_is_told_is_a_part_of_what_is(name):
    whole = draw("hub_and_spoke", 3, "other", EVERYTHING)
    told = tell(whole, TELLINGS[name], np.random.default_rng(1))
    assert set(zip(told.ties.source, told.ties.target, strict=True)) <= set(
        zip(whole.ties.source, whole.ties.target, strict=True)
    )
    assert told.answered[told.ties.source].all()
    assert told.known_size[whole.firms.leader].all()
    if told.answered.sum() >= whole.firms.leader.sum():
        assert told.answered[whole.firms.leader].all()


def test_prose_loses_local_ties_and_its_silence_is_no_no():
    shares = []
    for seed in range(30):
        whole = draw("small_firm", seed, "other", EVERYTHING)
        told = tell(whole, TELLINGS["prose"], np.random.default_rng(seed))
        for district in (whole, told):
            supply = district.ties.layer == SUPPLY
            shares.append(((district.ties.ring[supply] == 0).sum(), supply.sum()))
    near, every = np.array(shares).reshape(30, 2, 2).sum(axis=0).T  # supply ties, of the whole and as told
    assert near[1] / every[1] < 0.6 * near[0] / every[0]  # of local 3 in 10 stay, of others all
    found = told_counts("small_firm", [1, 2], TELLINGS["prose"])
    assert found["local_cooperation"].known_not == 0
    assert (found["local_trade"].low, found["local_trade"].high) == (0, 1)


def test_strong_words_hold_where_little_is_told():
    kinds = {**{t: t for t in TYPES}, "no_local_system": "no_local_system"}
    rules = load_anchors()
    rows = [answers(kinds, 6, 31, how, rules, 300) for name, how in TELLINGS.items() if "most" not in name]
    strong = [r for table in rows for r in table.itertuples() if r.word in ("certain", "very_likely")]
    assert len(strong) > 5
    assert np.mean([r.right for r in strong]) >= 0.95
    assert not [r for r in strong if r.answer in ("no_type_fits", "no_local_system")]
