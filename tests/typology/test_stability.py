"""How sure a verdict is: draws, robustness and turning points against other ways to the same numbers."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

import netklynge as nk
from netklynge.typology.anchors import TYPES, load_anchors
from netklynge.typology.counts import sample
from netklynge.typology.decisions import WORDS, decide, draw_box, what_would_decide, worded
from netklynge.typology.hallmarks import measure
from netklynge.typology.stability import replicates, robustness, stability, turning_points

KONGSBERG = nk.load("kongsberg")


def test_draws_of_a_sample_are_jeffreys():
    # 0 of 10: the upper end of Jeffreys' interval is the .975 quantile of Beta(.5, 10.5); no zero is certain
    none = sample(0, 10, 0, "", 10, 1.0)
    drawn = none.drawn(np.random.default_rng(0), 40000)
    assert np.quantile(drawn, 0.975) == pytest.approx(stats.beta(0.5, 10.5).ppf(0.975), abs=0.01)
    assert np.quantile(drawn, 0.975) == pytest.approx(0.217, abs=0.01)
    # 22 of 39 and the finite-population factor of half a population: deviations shrink by the root of a half
    whole, half = (sample(22, 17, 0, "", 39, f).drawn(np.random.default_rng(0), 40000) for f in (1.0, np.sqrt(0.5)))
    assert half.std() / whole.std() == pytest.approx(np.sqrt(0.5))


def test_replicates_are_a_frame_that_seeds_repeat():
    one, again, other = (replicates(KONGSBERG, 300, seed) for seed in (0, 0, 1))
    pd.testing.assert_frame_equal(one, again)
    assert not one.equals(other)
    pd.testing.assert_frame_equal(one, replicates(KONGSBERG, 300))
    for name, found in measure(KONGSBERG).items():
        if found.evidence and not found.effective > 0:
            assert one[name].between(found.low, found.high).all() or np.isnan(found.low), name


def test_every_type_lies_between_its_corners():
    for town in ("horten", "kongsberg", "raufoss"):
        verdict = nk.classify(nk.load(town))
        box = draw_box(measure(nk.load(town)), load_anchors(), 400, moved=False)
        sampled = {name for name, found in measure(nk.load(town)).items() if found.effective > 0}
        for kind in TYPES:
            low, high = verdict.bounds[kind]
            inside = (box.types[kind] >= low - 1e-9) & (box.types[kind] <= high + 1e-9)
            # a survey's draws leave its 95 % interval in one case of twenty
            assert inside.mean() >= (0.9 if sampled else 1), (town, kind)


def test_the_silent_and_the_moved_are_drawn_apart():
    found = measure(KONGSBERG)
    still = draw_box(found, load_anchors(), 50, values=False, moved=False)
    assert all(np.ptp(x[~np.isnan(x)]) == 0 for x in still.values.values() if not np.isnan(x).all())
    assert len(still.shares()) == 1
    moved = draw_box(found, load_anchors(), 50, values=False)
    assert np.ptp(moved.members["local_trade"]) > 0


def test_the_doubt_that_a_question_takes_away_is_mutual_information():
    found, rules = measure(KONGSBERG), load_anchors()
    box = draw_box(found, rules, 1000)
    first = what_would_decide(found, box, rules)[0]
    x = box.values[first["hallmark"]]
    third = np.searchsorted(np.quantile(x, [1 / 3, 2 / 3]), x)
    table = pd.crosstab(third, box.names.astype(str)).to_numpy() / len(x)
    expected = np.outer(table.sum(axis=1), table.sum(axis=0))  # Shannon's definition over the joint distribution
    told = table > 0
    assert first["bits"] == pytest.approx((table[told] * np.log2(table[told] / expected[told])).sum(), abs=1e-4)


def test_words_are_those_of_the_calibrated_language():
    rules = load_anchors()
    found = measure(KONGSBERG)
    shares = {"certain": 1.0, "very_likely": 0.995, "likely": 0.7, "leans_to": 0.55, "undetermined": 0.45}
    for word, share in shares.items():
        assert worded({"satellite": share}, found, rules)[1] == word
    assert [rules.rules[word] for word in WORDS] == [1.0, 0.99, 0.66, 0.50]  # as the anchors file reasons them
    assert worded({"no_type_fits": 1.0}, found, rules)[1] == "likely"  # an absence is never more


def test_a_turning_point_is_where_a_fine_grid_turns():
    verdict, rules = nk.classify(KONGSBERG), load_anchors()
    fixed = dict(zip(verdict.hallmarks["name"], verdict.hallmarks["membership"], strict=True))

    def name(values):
        return str(decide({k: np.array([v]) for k, v in values.items()}, rules)[2][0])

    now = name(fixed)
    for row in turning_points(verdict).to_dict("records"):
        here = float(rules.membership(row["name"], row["turns_at"]))
        before = here + np.sign(fixed[row["name"]] - here) * 0.002
        assert name(fixed | {row["name"]: here}) == row["to"] != now
        assert name(fixed | {row["name"]: before}) == now


@given(
    st.lists(st.tuples(st.floats(0.01, 1), st.floats(0.01, 1), st.floats(0.01, 1)), min_size=1, max_size=8),
)
def test_robustness_by_hand(rows):
    own, other, outcome = (np.array(x) for x in zip(*rows, strict=True))
    found = robustness(own, [other], outcome)
    core = [min(a, b) for a, b in zip(own, other, strict=True)]
    shaky = any(a > 0.5 and 1 - b > 0.5 for a, b in zip(own, other, strict=True))
    possible = any(1 - a > 0.5 and b > 0.5 for a, b in zip(own, other, strict=True))
    both = sum(min(a, b) for a, b in zip(own, other, strict=True))
    either = sum(max(a, b) for a, b in zip(own, other, strict=True))
    assert found.rf_sc_min == pytest.approx(both / either)  # Oana & Schneider 2024: one alternative
    assert found.rank == 1 + possible + 2 * shaky
    kept = sum(min(c, y) for c, y in zip(core, outcome, strict=True))
    assert found.rf_cov == pytest.approx(kept / sum(min(a, y) for a, y in zip(own, outcome, strict=True)))


def test_stability_tells_all_parts():
    told = stability(KONGSBERG, 100, seed=1).stability
    assert told["replicates"] == 100
    assert sum(told["share_by_type"].values()) == pytest.approx(1)
    assert set(told["memberships"]) == set(TYPES)
    assert {"anchors", "turns", "decides", "without_doubtful"} <= set(told)
