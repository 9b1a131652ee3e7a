"""Concentration: values by hand and by definition, blanks, intervals."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netklynge.findings import NetklyngeError
from netklynge.networks.concentration import concentration_table, cr_k, gini, hhi

values = st.lists(st.integers(0, 1000), min_size=1, max_size=30).filter(any)


@given(values)
@settings(max_examples=100, deadline=None)
def test_gini_is_half_the_relative_mean_difference(x):
    numbers = np.array(x, dtype=float)
    difference = np.abs(numbers[:, None] - numbers).mean()
    assert gini(x) == pytest.approx(difference / (2 * numbers.mean()))


@given(values)
@settings(max_examples=50, deadline=None)
def test_bounds(x):
    n = len(x)
    assert -1e-12 <= gini(x) <= (n - 1) / n + 1e-12
    assert 1 / n - 1e-12 <= hhi(x) <= 1 + 1e-12
    assert cr_k(x, n) == pytest.approx(1)
    assert cr_k(x, 1) <= cr_k(x, 2) + 1e-12


def test_by_hand():
    assert gini([0, 0, 0, 10]) == pytest.approx(0.75)
    assert hhi([60, 40]) == pytest.approx(0.52)
    assert cr_k([50, 30, 15, 5], 2) == pytest.approx(0.8)


def test_blanks_are_left_out_and_counted():
    frame = pd.DataFrame({"employees": [10, None, 30], "place": ["a", "a", "a"]})
    table = concentration_table(frame, "employees", by=["place"], replicates=0)
    assert table["n"].unique().tolist() == [2]
    assert table["missing"].unique().tolist() == [1]
    assert gini([10, None, 30]) == gini([10, 30])


def test_nothing_to_share():
    assert all(np.isnan(f([0, 0])) and np.isnan(f([])) for f in (gini, hhi, cr_k))


def test_groups_are_computed_by_themselves():
    frame = pd.DataFrame({"value": [1, 3, 5, 5], "layer": ["a", "a", "b", "b"]})
    table = concentration_table(frame, by=["layer"], replicates=0).set_index(["layer", "measure"])["value"]
    assert table["a", "gini"] == pytest.approx(gini([1, 3]))
    assert table["b", "gini"] == pytest.approx(0)


def test_interval_covers_the_truth_about_as_often_as_stated():
    """Gini of an exponential distribution is 1/2 (Cowell 2011); 95 % intervals from samples of 200."""
    rng = np.random.default_rng(0)
    covered = 0
    for seed in range(60):
        table = concentration_table(pd.DataFrame({"value": rng.exponential(size=200)}), replicates=300, seed=seed)
        low, high = table.loc[0, ["low", "high"]]
        covered += low <= 0.5 <= high
    assert covered / 60 > 0.85


def test_same_seed_same_interval():
    frame = pd.DataFrame({"value": [1, 5, 9, 30]})
    pd.testing.assert_frame_equal(concentration_table(frame, seed=3), concentration_table(frame, seed=3))


def test_bad_values_are_told():
    with pytest.raises(NetklyngeError, match="-1 is below 0"):
        gini([1, -1])
    with pytest.raises(NetklyngeError, match="'size' is missing"):
        concentration_table(pd.DataFrame({"value": [1]}), "size")
    with pytest.raises(NetklyngeError, match="needs numbers"):
        hhi(["many"])
