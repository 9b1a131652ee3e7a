"""Permutation p-values: by hand, and blanks."""

import numpy as np

from netklynge.chance import two_sided


def test_by_hand():
    simulated = np.arange(1.0, 20.0)[:, None]
    # 19 permutations and the observed 20: highest of 20, twice 1/20
    assert two_sided(simulated, [20.0])[0] == 0.1
    # the median: more than half on both sides, so 1
    assert two_sided(simulated, [10.0])[0] == 1


def test_blanks():
    simulated = np.array([[1.0, np.nan], [2.0, np.nan], [np.nan, np.nan]])
    assert two_sided(simulated, [3.0, np.nan])[0] == 2 / 3
    assert np.isnan(two_sided(simulated, [3.0, np.nan])[1])
