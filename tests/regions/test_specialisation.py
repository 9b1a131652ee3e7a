"""Location quotients, screens and indices of a region's mix."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netklynge.findings import NetklyngeError
from netklynge.regions.registers import published, tidy
from netklynge.regions.specialisation import (
    ellison_glaeser,
    hachman,
    krugman,
    location_quotients,
    screen_industries,
    screens,
)

# a 5x5 table with published quotients and indices (reference numbers)
FIVE = [[100, 0, 0, 0, 0], [0, 15, 5, 70, 10], [0, 20, 10, 20, 50], [0, 25, 30, 5, 40], [0, 40, 55, 5, 0]]


def _long(matrix) -> pd.DataFrame:
    rows = [(f"r{r}", f"i{i}", float(v)) for r, row in enumerate(matrix) for i, v in enumerate(row)]
    return pd.DataFrame(rows, columns=["region", "industry", "value"])


def _cell(jobs: int, total: int, nation: int, nation_total: int) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "region": ["a", "a", "n", "n"],
            "industry": ["x", "rest", "x", "rest"],
            "value": [jobs, total - jobs, nation, nation_total - nation],
        }
    )


def test_reference_table():
    lq = location_quotients(_long(FIVE)).pivot_table(index="region", columns="industry", values="lq")
    assert lq.loc["r0"].tolist() == [5, 0, 0, 0, 0]
    assert lq.loc["r1"].round(10).tolist() == [0, 0.75, 0.25, 3.5, 0.5]
    assert krugman(_long(FIVE))["krugman"].round(10).tolist() == [1.6, 1.0, 0.6, 0.7, 1.1]
    assert hachman(_long(FIVE))["hachman"].round(4).tolist() == [0.2, 0.3810, 0.5882, 0.6349, 0.4301]


def test_towns_of_table_v3():
    # quotients within the seven technology sectors 2005, rest of country as base (framework A2)
    jobs = tidy(published("jobs_by_sector_1997_2005").cells)
    jobs = jobs[
        (jobs["year"] == 2005) & jobs["industry"].isin(list("1234567")) & (jobs["region"] != "technology_towns")
    ]
    lq = location_quotients(jobs, "rest_of_country").set_index(["region", "industry"])["lq"].round(2)
    assert lq["Horten", "3"] == 8.68
    assert lq["Raufoss_VestreToten", "2"] == 6.14
    assert lq["Kongsberg", "2"] == 3.64
    assert lq["Kongsberg", "4"] == 3.42


def test_krugman_is_twice_the_index_of_dissimilarity():
    # segregation 2.5.4 (PySAL): Dissim of the region's jobs against the rest, industries as units: 0.4166666666666667
    assert krugman(_long([[30, 10, 5], [50, 60, 90]]), "r1")["krugman"].item() == pytest.approx(2 * 0.4166666666666667)


@pytest.mark.parametrize(
    ("jobs", "total", "nation", "nation_total", "passes"),
    [
        (51, 1000, 30, 1000, True),  # on the line: 51/1000 = 1.70 * 30/1000 exactly
        (51, 1000, 31, 1000, False),  # 1.645
        (49, 1000, 10, 1000, False),  # 4.9 % of the region's jobs
    ],
)
def test_innlandet_rule_on_its_line(jobs, total, nation, nation_total, passes):
    cells = screen_industries(location_quotients(_cell(jobs, total, nation, nation_total), "n"), "innlandet")
    assert bool(cells.loc[cells["industry"] == "x", "passes"].item()) is passes


def test_technology_regions_are_strict():
    on_size = screen_industries(location_quotients(_cell(1000, 2000, 10, 100), "n"), "technology_regions")
    on_quotient = screen_industries(location_quotients(_cell(1200, 10000, 100, 1000), "n"), "technology_regions")
    above = screen_industries(location_quotients(_cell(1201, 10000, 100, 1000), "n"), "technology_regions")
    assert [bool(c["passes"].iloc[0]) for c in (on_size, on_quotient, above)] == [False, False, True]


def test_agriculture_is_left_out_and_stars_are_counted():
    jobs = _cell(500, 1000, 10, 1000).replace("x", "agriculture")
    assert "agriculture" not in set(screen_industries(location_quotients(jobs, "n"), "innlandet")["industry"])
    stars = screen_industries(location_quotients(_cell(20000, 100000, 10, 1000), "n"), "solvell_ketels_lindqvist_2008")
    assert stars["stars"].iloc[0] == 3


def test_own_screens_and_their_errors(tmp_path):
    file = tmp_path / "own.yaml"
    file.write_text("mine:\n  tests:\n    - [lq, '>', '1']\n")
    cells = location_quotients(_cell(500, 1000, 10, 1000), "n")
    assert screen_industries(cells, screens(file)["mine"])["passes"].tolist() == [True, False]
    with pytest.raises(NetklyngeError, match="innlandet"):
        screen_industries(cells, "nothing")
    with pytest.raises(NetklyngeError, match="measures"):
        screen_industries(cells, {"tests": [["beauty", ">", "1"]]})


def test_unknown_is_not_nought():
    jobs = _cell(51, 1000, 30, 1000).astype({"value": float})
    jobs.loc[0, "value"] = np.nan
    found = location_quotients(jobs, "n").set_index(["region", "industry"])
    assert found.loc[("a", "x"), ["jobs", "region_jobs", "lq", "low", "high"]].isna().all()
    assert found.loc[("a", "x"), "lq_least"] == 0  # nothing is known of it
    assert found.loc[("a", "x"), "lq_most"] == pytest.approx(1 / 0.03)  # it could be all


def test_ellison_glaeser_by_hand():
    # one industry wholly in one of two equal regions: G = .5, sum x2 = .5, H = .5 -> (.5 - .25)/(.5 * .5) = 1
    jobs = _long([[20, 30], [0, 50]])
    plants = pd.DataFrame({"industry": ["i0", "i0", "i1"], "value": [10, 10, 80]})
    out = ellison_glaeser(jobs, plants).set_index("industry")
    assert out.loc["i0", "gamma"] == pytest.approx(1)
    assert np.isnan(out.loc["i1", "gamma"])  # one plant: nothing can be said


matrices = st.integers(2, 4).flatmap(
    lambda n: st.lists(st.lists(st.integers(0, 50), min_size=n, max_size=n).filter(any), min_size=2, max_size=5)
)


@settings(max_examples=20, deadline=None)
@given(matrices)
def test_bounds_and_weighted_mean(matrix):
    jobs = _long(matrix)
    cells = location_quotients(jobs)
    told = cells[cells["lq"].notna()]
    # an industry's quotients, weighted by the regions' jobs, have the mean 1
    means = (told["lq"] * told["region_jobs"]).groupby(told["industry"]).sum() / told["nation_total"].iloc[0]
    assert np.allclose(means, 1)
    assert ((told["low"] <= told["lq"] + 1e-9) & (told["lq"] <= told["high"] + 1e-9)).all()
    assert krugman(jobs)["krugman"].between(0, 2).all()
    assert hachman(jobs)["hachman"].between(0, 1 + 1e-9).all()
