"""Value creation and what follows from it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netklynge.findings import NetklyngeError
from netklynge.regions.economy import against_nation, milieu_size, regional_accounts, share_growth_factor


def _firms(**columns) -> pd.DataFrame:
    base = {
        "region": ["r", "n"],
        "industry": ["x", "x"],
        "wage_cost": [46.5, 500.0],
        "operating_result": [3.5, 100.0],
        "turnover": [100.0, 1000.0],
        "employees": [100, 1000],
    }
    return pd.DataFrame({**base, **columns})


def test_definitions_by_hand():
    out = regional_accounts(_firms(), ["region", "industry"]).set_index("region")
    assert out.loc["r", ["value_creation", "productivity", "margin", "wage_level"]].tolist() == [
        50.0,
        0.5,
        0.035,
        0.465,
    ]
    gap = against_nation(out.reset_index(), "n").iloc[0]
    assert gap["wage_capacity_pct"] == pytest.approx(-7)  # the smallest printed gap of an industry is 7 % below
    assert gap["productivity_gap_pct"] == pytest.approx(100 * (0.5 / 0.6 - 1))
    assert gap["margin_gap"] == pytest.approx(-6.5)
    assert gap["value_share_pct"] == pytest.approx(100 * 50 / 600)


def test_a_missing_part_is_refused_and_a_loss_stays():
    with pytest.raises(NetklyngeError, match="row 0: operating_result"):
        regional_accounts(_firms(operating_result=[np.nan, 1.0]), ["region"])
    with pytest.raises(NetklyngeError, match="employees"):
        regional_accounts(_firms().drop(columns="employees"), ["region"])
    loss = regional_accounts(_firms(operating_result=[-60.0, 1.0]), ["region"]).set_index("region")
    assert loss.loc["r", "value_creation"] == -13.5
    with pytest.raises(NetklyngeError, match="Norway"):
        against_nation(loss.reset_index(), "Norway")


def test_nation_of_the_same_industry():
    rows = pd.DataFrame(
        {
            "region": ["r", "r", "n", "n"],
            "industry": ["x", "y"] * 2,
            "value_creation": [1.0, 2, 10, 40],
            "productivity": 1.0,
            "margin": 0.1,
            "wage_level": [1.0, 1, 2, 4],
        }
    )
    assert against_nation(rows, "n")["wage_capacity_pct"].tolist() == [-50, -75]


def test_size_of_construction_lies_between_its_bounds():
    # V = 5,700 and n = 1,664: 75.5 <= S <= 3,079.7 (framework C2)
    out = milieu_size([5700 / 1664] * 1664).iloc[0]
    assert round(out["smallest_possible"], 1) == 75.5
    assert round(out["largest_possible"], 1) == 3079.7
    assert out["size"] == pytest.approx(out["largest_possible"])
    assert milieu_size([5700])["size"].item() == pytest.approx(out["smallest_possible"])


@settings(max_examples=40, deadline=None)
@given(st.lists(st.floats(0, 1e6), min_size=2, max_size=20), st.floats(0.01, 100))
def test_merging_never_raises_the_size(values, unit):
    whole = milieu_size(values)["size"].item()
    assert milieu_size([values[0] + values[1], *values[2:]])["size"].item() <= whole + 1e-6
    assert milieu_size([v * unit for v in values])["size"].item() == pytest.approx(whole * unit**0.5)
    assert milieu_size([*values, -5.0, np.nan])["left_out"].item() == 2


def test_share_of_the_county():
    # 51 -> 53 % of the county: 1.083 times the growth of its rest (framework A10)
    assert round(share_growth_factor(0.51, 0.53), 3) == 1.083
    with pytest.raises(NetklyngeError):
        share_growth_factor(0, 0.5)
