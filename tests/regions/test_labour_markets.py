"""The rule of Sforzi and ISTAT on small countries made by hand."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netklynge.findings import NetklyngeError
from netklynge.regions.labour_markets import labour_systems

COLUMNS = ["area", "sector", "industry", "size", "jobs", "firms"]


def country(*main: tuple) -> pd.DataFrame:
    """An area x whose manufacturing is given, and a large rest of the country with little manufacturing."""
    rows = [("x", "manufacturing", *cell) for cell in main]
    rows += [("x", "services", "services", None, 300, None)]
    rows += [
        ("rest", "manufacturing", "steel", size, jobs, 50)
        for size, jobs in (("small", 400), ("medium", 400), ("large", 400))
    ]
    rows += [("rest", "services", "services", None, 8000, None)]
    return pd.DataFrame(rows, columns=COLUMNS)


@pytest.mark.parametrize(
    ("main", "system", "fails_at"),
    [
        # by hand: x has 500 + 60 of 860 jobs in manufacturing against 1760 of 10060 in the country: quotient 3.7
        ([("knitwear", "small", 500, 90), ("steel", "large", 60, 1)], "small_firm", pd.NA),
        ([("knitwear", "small", 20, 4), ("knitwear", "large", 500, 1)], "large_firm", 2),
        # too few jobs in the main industry
        ([("knitwear", "small", 249, 60)], "other", 4),
        ([("knitwear", "small", 250, 60)], "small_firm", pd.NA),
        # one medium firm with more jobs than the small ones together
        ([("knitwear", "small", 100, 30), ("knitwear", "medium", 200, 1)], "other", 4),
        ([("knitwear", "small", 100, 30), ("knitwear", "medium", 200, 2)], "small_firm", pd.NA),
    ],
)
def test_steps(main, system, fails_at):
    row = labour_systems(country(*main)).set_index("area").loc["x"]
    assert row["system"] == system
    assert row["fails_at"] is pd.NA if fails_at is pd.NA else row["fails_at"] == fails_at


def test_services_elsewhere_fail_the_first_step():
    table = labour_systems(country(("knitwear", "small", 500, 90))).set_index("area")
    assert table.loc["rest", ["sector", "fails_at", "system"]].tolist() == ["services", 1, "other"]


def test_quotients_by_hand():
    row = labour_systems(country(("knitwear", "small", 500, 90), ("steel", "large", 60, 1))).set_index("area").loc["x"]
    assert row["sector_quotient"] == pytest.approx((560 / 860) / (1760 / 10060))
    assert row["industry_quotient"] == pytest.approx((500 / 560) / (500 / 1760))
    assert row["under_250"] == 1


@settings(max_examples=8, deadline=None)
@given(st.lists(st.integers(1, 1000), min_size=7, max_size=7), st.integers(2, 9))
def test_scaling_jobs_changes_no_quotient(jobs, factor):
    table = country(("knitwear", "small", 500, 90), ("steel", "large", 60, 1)).assign(jobs=jobs)
    one, many = labour_systems(table), labour_systems(table.assign(jobs=table["jobs"] * factor))
    columns = ["sector_quotient", "industry_quotient", "under_250"]
    pd.testing.assert_frame_equal(one[columns], many[columns])
    assert one["size_class"].tolist() == many["size_class"].tolist()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda t: t.drop(columns="size"), "column 'size' is missing"),
        (lambda t: t.assign(jobs=[-1, *t["jobs"][1:]]), "row 1: jobs: '-1'"),
        (lambda t: t.assign(size=["huge", *t["size"][1:]]), "row 1: size: 'huge'"),
    ],
)
def test_errors_name_the_cell(change, said):
    with pytest.raises(NetklyngeError, match=said):
        labour_systems(change(country(("knitwear", "small", 500, 90))))
