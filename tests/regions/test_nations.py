"""Which region is the nation, industries that hold others, and what is withheld."""

from __future__ import annotations

from itertools import product

import numpy as np
import pandas as pd
import pytest

from netklynge.findings import NetklyngeError
from netklynge.regions.growth import growth_index
from netklynge.regions.nations import find_nation
from netklynge.regions.nesting import count_once
from netklynge.regions.ratings import innovation_rates
from netklynge.regions.specialisation import location_quotients
from netklynge.regions.statistics import region
from netklynge.regions.withheld import cell_bounds


def _file(folder, text):
    path = folder / "jobs.csv"
    path.write_text(text, encoding="utf-8")
    return path


THREE = """region,industry,jobs_2010,jobs_2020
Nord-Norge,metal,1000,1200
Nord-Norge,food,1500,1500
Nord-Norge,it,1400,1500
Vestlandet,metal,2100,2100
Vestlandet,food,2900,3000
Vestlandet,it,2400,2500
Hele landet,metal,15000,16000
Hele landet,food,18000,18500
Hele landet,it,38000,42000
"""


def test_a_part_of_the_country_is_not_the_nation(tmp_path):
    out = region([_file(tmp_path, THREE)])
    cells = out["jobs_location_quotients"].set_index(["region", "industry"])
    assert cells.loc[("Vestlandet", "it"), "lq"] == pytest.approx((2500 / 7600) / (42000 / 76500))
    assert set(cells.index.get_level_values("region")) == {"Nord-Norge", "Vestlandet"}
    base = out["jobs_reading"].query("what == 'nation'")
    assert base[["taken", "why"]].values.tolist() == [["Hele landet", "by its name"]]


def test_two_that_fit_are_asked_for_and_a_reference_is_a_region(tmp_path):
    both = _file(tmp_path, THREE + "Norway,metal,1,1\nNorway,food,1,1\nNorway,it,1,1\n")
    with pytest.raises(NetklyngeError, match="Hele landet, Norway"):
        region([both])
    assert len(region([both], reference="Norway")["jobs_location_quotients"]) == 9
    with pytest.raises(NetklyngeError, match="Nord-Norge, Vestlandet"):
        region([_file(tmp_path, THREE)], reference="nosuch")


def test_the_sum_of_the_others_is_the_nation():
    parts = pd.DataFrame([(r, i, 10.0 * k + n) for k, r in enumerate("abc") for n, i in enumerate("xyz")])
    parts.columns = ["region", "industry", "value"]
    whole = parts.groupby("industry", as_index=False)["value"].sum().assign(region="Utopia")
    assert find_nation(pd.concat([parts, whole])).name == "Utopia"
    assert find_nation(parts).name is None


def test_nested_industries_are_counted_once():
    jobs = pd.DataFrame(
        [(r, i, 2020, v) for r in "ab" for i, v in (("A-S", 100.0), ("C", 60.0), ("10", 20.0), ("25", 30.0))],
        columns=["region", "industry", "year", "value"],
    )
    found = count_once(jobs)
    assert found.jobs.groupby("region")["value"].sum().tolist() == [100.0, 100.0]
    total = jobs.assign(industry=jobs["industry"].replace({"A-S": "00-99 Alle næringer"}))
    assert "00-99 Alle næringer" not in set(count_once(total).jobs["industry"])


@pytest.mark.parametrize("sign", ["", ":", "..", "."])
def test_a_withheld_cell_costs_neither_the_table_nor_the_others(tmp_path, sign):
    text = THREE.replace("Vestlandet,it,2400,2500", f"Vestlandet,it,2400,{sign}")
    out = region([_file(tmp_path, text)])
    cells = out["jobs_location_quotients"].set_index(["region", "industry"])
    assert pd.isna(cells.loc[("Vestlandet", "it"), "jobs"])
    full = region([_file(tmp_path, THREE)])
    theirs = full["jobs_location_quotients"].set_index(["region", "industry"])["lq"]
    pd.testing.assert_series_equal(cells.loc["Nord-Norge", "lq"], theirs.loc["Nord-Norge"])
    own = cells.loc["Vestlandet"]
    assert ((own["lq_least"] <= theirs.loc["Vestlandet"]) & (theirs.loc["Vestlandet"] <= own["lq_most"])).all()
    assert "Nord-Norge" in set(out["jobs_shift_share"]["region"])
    assert "Vestlandet, it, 2020" in out["jobs_reading"]["taken"].tolist()


def test_bounds_against_all_whole_numbers():
    m = pd.DataFrame([[np.nan, np.nan, 2.0], [np.nan, 3.0, np.nan]], index=["a", "b"], columns=list("xyz"))
    totals, nation = pd.Series({"a": 9.0, "b": 8.0}), pd.Series({"x": 4.0, "y": 8.0, "z": 6.0})
    fits = [
        (ax, ay, bx, bz)
        for ax, ay, bx, bz in product(range(10), repeat=4)
        if ax + ay + 2 == 9 and bx + 3 + bz == 8 and ax + bx <= 4 and ay + 3 <= 8 and 2 + bz <= 6
    ]
    low, high = cell_bounds(m, totals, nation)
    for k, (region_, industry) in enumerate((("a", "x"), ("a", "y"), ("b", "x"), ("b", "z"))):
        assert low.loc[region_, industry] == min(f[k] for f in fits)
        assert high.loc[region_, industry] == max(f[k] for f in fits)


def test_certain_ranges_hold_for_every_figure_that_may_stand_there():
    jobs = pd.DataFrame(
        [
            ("a", "x", np.nan),
            ("a", "y", 5.0),
            ("b", "x", 3.0),
            ("b", "y", 4.0),
            ("Norway", "x", 20.0),
            ("Norway", "y", 30.0),
        ],
        columns=["region", "industry", "value"],
    )
    told = location_quotients(jobs, "Norway").set_index(["region", "industry"])
    for hidden in range(18):
        lq = location_quotients(jobs.fillna({"value": float(hidden)}), "Norway").set_index(["region", "industry"])["lq"]
        assert (told["lq_least"] <= lq + 1e-9).all()
        assert (lq <= told["lq_most"] + 1e-9).all()


def test_two_measures_never_meet_and_other_codings_are_refused():
    jobs = pd.DataFrame({"region": ["a", "a"], "industry": "x", "year": 2010, "value": [100.0, 10.0]})
    with pytest.raises(NetklyngeError, match="twice"):
        growth_index(jobs, 2010)
    with pytest.raises(NetklyngeError, match="neither 1, 0 nor blank"):
        innovation_rates(pd.DataFrame({"product": [1, 2, 2], "process": [2, 2, 1]}))
