"""Founding and closing, size structure, what is new, what one firm explains."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netklynge.findings import NetklyngeError
from netklynge.regions.dynamics import (
    firm_dynamics,
    implied_stocks,
    incumbents_and_entrants,
    leave_one_out,
    new_firms_share,
    size_structure,
)
from netklynge.regions.registers import figures, published


@pytest.mark.parametrize(
    ("founded", "closed", "rates", "stocks"),
    [
        (213, 169, (131, 27, 236), [162]),  # Kongsberg, table v.6 (framework A7)
        (247, 201, (153, 29, 278), [161]),  # Horten
        (67, 49, (149, 40, 258), [45]),  # Raufoss
        (6, 16, (17, -29, 63), [35]),  # ICT in Horten, tables 4.8 and v.6
        (43, 57, (44, -14, 819), []),  # error D10
        (2941, 3155, (61, -13, 127), []),  # error D10
    ],
)
def test_stocks_behind_table_v6(founded, closed, rates, stocks):
    assert implied_stocks(founded, closed, *rates) == stocks


def test_table_v6_to_its_printed_digits():
    # every row of which the rates tell a stock is regenerated from counts and stock, but the two of error D10
    table = published("firm_dynamics_1998_2005")
    numbers = figures(table.cells).to_numpy()[:, 1:]  # founded, closed, net, founded %, net %, turbulence
    missed = []
    for row, (founded, closed, net, founded_pct, net_pct, turbulence) in zip(table.cells.index, numbers, strict=True):
        assert founded - closed == net
        if not turbulence:
            continue
        stocks = implied_stocks(int(founded), int(closed), founded_pct, net_pct, turbulence)
        if not stocks:
            missed.append(row)
            continue
        out = firm_dynamics(pd.DataFrame({"stock": [stocks[0]], "founded": [founded], "closed": [closed]})).iloc[0]
        printed = {"founded_pct": founded_pct, "net_pct": net_pct, "turbulence": turbulence}
        assert all(abs(out[k] - v) <= 0.5 for k, v in printed.items())
    assert missed == [47, 58]


def test_tables_48_and_55_are_regenerated():
    ict = firm_dynamics(pd.DataFrame({"stock": [35], "founded": [6], "closed": [16], "stock_end": [31]})).iloc[0]
    assert [round(ict[c]) for c in ("founded_pct", "turbulence", "balance_stock")] == [
        17,
        63,
        41,
    ]  # 41 is not 35: EH4
    town = firm_dynamics(pd.DataFrame({"stock": [162], "founded": [213], "closed": [169], "stock_end": [231]})).iloc[0]
    assert round(town["founded_pct"]) == 131
    assert town["balance_stock"] == 187  # error EK5


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 400), st.integers(0, 300), st.integers(0, 300))
def test_the_true_stock_is_among_the_implied(stock, founded, closed):
    rates = [100 * n / stock for n in (founded, founded - closed, founded + closed)]
    printed = [np.sign(r) * np.floor(abs(r) + 0.5) for r in rates]
    found = implied_stocks(founded, closed, *printed)
    brute = [
        s
        for s in range(1, 3000)
        if all(
            abs(100 * n / s - p) <= 0.5 + 1e-9
            for n, p in zip((founded, founded - closed, founded + closed), printed, strict=True)
        )
    ]
    if any(printed):
        assert stock in found
        assert found == brute


def test_no_rate_from_an_unknown_stock():
    out = firm_dynamics(pd.DataFrame({"stock": [0, np.nan], "founded": [2, 3], "closed": [1, 1]}))
    assert out["founded_pct"].isna().all()
    with pytest.raises(NetklyngeError, match="stock"):
        firm_dynamics(pd.DataFrame({"founded": [1], "closed": [1]}))


def test_size_structure_of_table_v2_from_table_v4():
    # bands under 10, 10-100, over 100 (what the numbers follow, error D8); printed shares and means of table v.2
    from netklynge.regions.statistics import region
    from netklynge.study.loading import surveys

    folder = surveys() / "published"
    sizes = region([folder / "establishments_and_jobs_by_size_2005.csv"])[
        "establishments_and_jobs_by_size_2005_size_structure"
    ]
    sizes = sizes[sizes["sector_no"] == "total"].set_index("area")
    printed = published("main_figures_towns_2005").cells
    printed = printed[printed["scope_no"] == "Teknologinæringer totalt"].set_index("area")
    for area in sizes.index:
        for ours, theirs in (
            ("pct_jobs_small", "pct_employees_small"),
            ("pct_jobs_medium", "pct_employees_medium"),
            ("pct_jobs_large", "pct_employees_large"),
            ("mean_size", "mean_establishment_size"),
        ):
            assert abs(sizes.loc[area, ours] - float(printed.loc[area, theirs])) <= 0.5 + 0.02, (area, ours)


def test_size_structure_of_units():
    units = pd.DataFrame({"employees": [9.9, 10, 99, 100, np.nan], "town": ["a"] * 5})
    out = size_structure(units, by="town")
    assert out["units"].tolist() == [1, 2, 1]
    assert out["unknown"].tolist() == [1, 1, 1]
    assert out["pct_jobs"].sum() == pytest.approx(100)
    assert out["disclosive"].tolist() == [True, True, True]
    assert out["largest_pct"].iloc[0] == pytest.approx(100 * 100 / 218.9)


def test_new_firms_share_of_construction():
    # 1,084 of 5,700 MNOK = 19.0 % (printed 19), 390 of 1,664 units = 23.4 %; 2.78 and 3.62 a unit (framework A11)
    new, old = 390, 1664 - 390
    firms = pd.DataFrame(
        {"founded": [2006] * new + [1990] * old, "value": [1084 / new] * new + [(5700 - 1084) / old] * old}
    )
    out = new_firms_share(firms, 2005).iloc[0]
    assert round(out["pct_value"], 1) == 19.0
    assert round(out["pct_units"], 1) == 23.4
    assert (round(out["value_per_new"], 2), round(out["value_per_old"], 2)) == (2.78, 3.62)
    assert (
        new_firms_share(pd.concat([firms, pd.DataFrame({"founded": [None], "value": [1.0]})]), 2005)["unknown"].item()
        == 1
    )


values = st.dictionaries(st.sampled_from("abcdefgh"), st.integers(0, 99), max_size=8)


@settings(max_examples=40, deadline=None)
@given(values, values)
def test_incumbents_entrants_leavers_add_up(first, last):
    frames = [pd.DataFrame({"firm": list(v), "value": [float(x) for x in v.values()]}) for v in (first, last)]
    out = incumbents_and_entrants(*frames).set_index("part")["change"]
    assert (
        out["incumbents"] + out["entrants"] + out["leavers"] == out["all"] == sum(last.values()) - sum(first.values())
    )


def test_leave_one_out_names_the_largest_first():
    # 2,900 MNOK, one firm 10 %: 2,610 without it (framework A12)
    firms = pd.DataFrame({"firm": ["road", "rest"], "value": [290.0, 2610.0]})
    out = leave_one_out(firms, lambda f: float(f["value"].sum()))
    assert out["firm"].tolist() == ["rest", "road"]
    assert out.set_index("firm").loc["road", "without"] == 2610
