"""Relatedness, density, reflections, complexity."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netklynge.findings import NetklyngeError
from netklynge.regions.relatedness import (
    advantages,
    complexity,
    industry_entries,
    industry_openings,
    proximities,
    reflections,
    relatedness_density,
)

# four countries, four products: C1 has P1-P4, C2 P2, C3 P3 P4, C4 P4 (framework A17, computed by hand)
FOUR = pd.DataFrame(
    [[1, 1, 1, 1], [0, 1, 0, 0], [0, 0, 1, 1], [0, 0, 0, 1]],
    index=["C1", "C2", "C3", "C4"],
    columns=["P1", "P2", "P3", "P4"],
)


def test_reflections_by_hand():
    regions, industries = reflections(FOUR, 2)
    assert regions["k1"].tolist() == [2, 2, 2.5, 3]
    assert regions["k2"].round(3).tolist() == [2.958, 2.5, 2.667, 2.333]
    assert industries["k1"].round(3).tolist() == [4, 2.5, 3, 2.333]


def test_proximities_and_density_by_hand():
    near = proximities(FOUR)
    pairs = [near.loc[f"P{a}", f"P{b}"] for a, b in ((1, 2), (1, 3), (1, 4), (2, 3), (2, 4), (3, 4))]
    assert np.round(pairs, 3).tolist() == [0.5, 0.5, 0.333, 0.5, 0.333, 0.667]
    density = relatedness_density(FOUR)
    assert density.loc["C3", ["P1", "P2"]].tolist() == [62.5, 62.5]
    assert density.loc["C2", ["P1", "P3", "P4"]].round(6).tolist() == [37.5, 30, 25]


def test_other_kinds_of_relatedness_by_definition():
    both = FOUR.T @ FOUR
    c = both.to_numpy() * (1 - np.eye(4))
    s, t = c.sum(axis=1), c.sum()
    for i in range(4):
        for j in range(4):
            if i != j:
                assert proximities(FOUR, "cosine").iloc[i, j] == pytest.approx(c[i, j] / np.sqrt(s[i] * s[j]))
                assert proximities(FOUR, "jaccard").iloc[i, j] == pytest.approx(c[i, j] / (s[i] + s[j] - c[i, j]))
                assert proximities(FOUR, "association").iloc[i, j] == pytest.approx(
                    (c[i, j] / t) / (s[i] / t * s[j] / t)
                )


def test_complexity_is_the_second_eigenvector():
    found = complexity(FOUR)
    regions, industries = found.regions, found.industries
    m = FOUR.to_numpy(float)
    # brute force: the matrix that is not symmetric, its eigenvalues in order
    walk = (m / m.sum(axis=1, keepdims=True)) @ (m / m.sum(axis=0)).T
    values, vectors = np.linalg.eig(walk)
    second = vectors[:, np.argsort(values.real)[-2]].real
    assert abs(np.corrcoef(second, regions["eci"])[0, 1]) == pytest.approx(1)
    assert np.corrcoef(regions["eci"], regions["diversity"])[0, 1] > 0
    assert regions["eci"].mean() == pytest.approx(0)
    assert regions["eci"].std(ddof=0) == pytest.approx(1)
    assert industries["ubiquity"].tolist() == [1, 2, 2, 3]


def test_complexity_as_another_library_has_it():
    # ecomplexity 0.5.3 on the same table (quotients from 1 up count), agreed to 2e-15
    table = [
        [66, 79, 3, 80, 46, 51, 62],
        [29, 96, 6, 28, 38, 56, 41],
        [13, 5, 1, 5, 15, 98, 19],
        [64, 74, 23, 28, 43, 26, 96],
        [18, 88, 79, 83, 12, 39, 62],
        [49, 66, 67, 65, 6, 94, 55],
        [89, 27, 36, 87, 19, 7, 37],
        [67, 12, 86, 34, 23, 54, 88],
        [87, 86, 31, 2, 77, 70, 76],
    ]
    jobs = pd.DataFrame(
        [(f"r{r}", f"i{i}", float(v)) for r, row in enumerate(table) for i, v in enumerate(row)],
        columns=["region", "industry", "value"],
    )
    theirs = [0.0436, 1.1933, 1.4960, 0.5947, -1.1095, -0.8671, -1.4123, -0.6775, 0.7388]
    found = complexity(advantages(jobs, at_least=True))
    assert found.regions["eci"].round(4).tolist() == theirs
    pci = [-0.3203, 0.588, -2.1466, -1.7699, 1.6768, 1.3153, 0.4343]
    assert found.industries["pci"].round(4).tolist() == pci


matrices = st.integers(3, 7).flatmap(
    lambda n: st.integers(3, 7).flatmap(
        lambda k: st.lists(st.lists(st.integers(0, 1), min_size=k, max_size=k), min_size=n, max_size=n)
    )
)


@given(matrices, st.randoms(use_true_random=False))
@settings(max_examples=60)
def test_complexity_knows_no_order_and_a_region_is_the_mean_of_its_industries(rows, chance):
    matrix = pd.DataFrame(rows, index=[f"r{k}" for k in range(len(rows))])
    try:
        found = complexity(matrix)
    except NetklyngeError:
        return
    order = list(matrix.index)
    chance.shuffle(order)
    again = complexity(matrix.loc[order])
    assert again.reason == found.reason
    eci, pci = found.regions.set_index("region")["eci"], found.industries.set_index("industry")["pci"]
    assert (bool(found.reason) and eci.isna().all() and pci.isna().all()) or not eci.isna().all()
    np.testing.assert_allclose(again.regions.set_index("region")["eci"].loc[matrix.index], eci, atol=1e-5)
    for region, row in matrix.iterrows():
        if not found.reason and row.any():
            assert eci[region] == pytest.approx(pci[row == 1].mean(), abs=1e-5)


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        # every region has advantages in exactly three industries
        (["111000", "110100", "101100", "001110", "000111", "100011"], "all regions have 3 industries"),
        # the second eigenvalue is double: another order of the rows gave other figures
        (["1111", "1100", "1010", "1001"], "not single"),
    ],
)
def test_complexity_that_cannot_be_told_is_blank_and_says_why(rows, reason):
    found = complexity(pd.DataFrame([[int(c) for c in row] for row in rows]))
    assert reason in found.reason
    assert found.regions["eci"].isna().all()
    assert found.industries["pci"].isna().all()
    assert found.regions["diversity"].notna().all()


def test_what_complexity_gave_once_still_works_and_warns():
    with pytest.warns(DeprecationWarning, match="regions"):
        regions, industries = complexity(FOUR)
    assert regions.loc["C1", "diversity"] == 4
    with pytest.warns(DeprecationWarning, match="regions"):
        assert complexity(FOUR)[1].equals(industries)


def test_relatedness_by_probability_against_pairs_counted_one_by_one():
    # EconGeo's default: observed over (T/2) (Si/T Sj/(T-Si) + Sj/T Si/(T-Sj)), cell by cell
    both = (FOUR.T @ FOUR).to_numpy()
    s = [sum(both[i][j] for j in range(4) if j != i) for i in range(4)]
    t = sum(s)
    near = proximities(FOUR, "probability")
    for i in range(4):
        for j in range(4):
            fair = (t / 2) * (s[i] / t * s[j] / (t - s[i]) + s[j] / t * s[i] / (t - s[j]))
            assert near.iloc[i, j] == pytest.approx(0 if i == j else both[i][j] / fair)


def test_entries_and_exits_count_only_what_could_happen():
    after = FOUR.copy()
    after.loc["C4", ["P1", "P4"]] = [1, 0]
    found = industry_entries(FOUR, after).set_index(["region", "industry"])
    assert found.loc[("C4", "P1"), "entry"] == 1
    assert found.loc[("C4", "P4"), "exit"] == 1
    assert found["entry"].notna().sum() == (FOUR == 0).to_numpy().sum()
    assert found["exit"].notna().sum() == (FOUR == 1).to_numpy().sum()
    assert found["entry"].sum() == found["exit"].sum() == 1
    gone = industry_entries(FOUR, after.drop(index="C1")).set_index(["region", "industry"])
    assert gone.loc["C1", ["entry", "exit"]].isna().all(axis=None)
    with pytest.raises(NetklyngeError, match="share no region"):
        industry_entries(FOUR, FOUR.rename(index=str.lower))


def test_complexity_refuses_parts():
    with pytest.raises(NetklyngeError, match="parts"):
        complexity(pd.DataFrame([[1, 0], [1, 0], [0, 1]]))
    with pytest.raises(NetklyngeError, match="three regions"):
        complexity(FOUR.iloc[:2])


def test_advantage_on_the_threshold():
    even = pd.DataFrame({"region": ["a", "a", "b", "b"], "industry": ["x", "y"] * 2, "value": [0.1, 0.2, 0.1, 0.2]})
    assert advantages(even).to_numpy().sum() == 0
    assert advantages(even, at_least=True).to_numpy().sum() == 4


def test_openings_leave_out_what_a_region_has():
    rng = np.random.default_rng(1)
    jobs = pd.DataFrame(
        [(f"r{r}", f"i{i}", float(v)) for r in range(8) for i, v in enumerate(rng.integers(1, 99, 6))],
        columns=["region", "industry", "value"],
    )
    matrix = advantages(jobs)
    found = industry_openings(jobs, "r3").set_index("industry")
    lacking = matrix.columns[matrix.loc["r3"] == 0]
    assert set(found.index) == set(lacking)
    assert found["density"].equals(relatedness_density(matrix).loc["r3", found.index].rename("density"))
    assert found["density"].is_monotonic_decreasing
    assert (found["lq"] <= 1).all()
    near = proximities(matrix)
    for industry, nearest in found["nearest"].items():
        assert near.loc[industry, nearest] == near.loc[industry, matrix.columns[matrix.loc["r3"] == 1]].max()
    with pytest.raises(NetklyngeError, match="r0"):
        industry_openings(jobs, "r9")


@settings(max_examples=40, deadline=None)
@given(st.lists(st.lists(st.integers(0, 1), min_size=4, max_size=4), min_size=3, max_size=6))
def test_density_lies_between_0_and_100(rows):
    density = relatedness_density(pd.DataFrame(rows)).to_numpy()
    assert ((density[np.isfinite(density)] >= 0) & (density[np.isfinite(density)] <= 100 + 1e-9)).all()
    near = proximities(pd.DataFrame(rows)).to_numpy()
    assert (near == near.T).all()
    assert (near.diagonal() == 0).all()
