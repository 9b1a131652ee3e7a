"""The published tables of the source regenerated: what agrees, and that what differs is the source's own."""

from __future__ import annotations

from pathlib import Path

import pytest

from netklynge.regions.regenerations import regenerate, regenerated_tables, regenerations_page


@pytest.fixture(scope="module")
def found():
    return regenerate()


def test_every_table_is_there(found):
    wanted = ["3.4", "4.1", "4.7", "4.8", "5.1", "5.5", "6.1", "v.2", "v.3", "v.4", "v.5", "v.6"]
    assert set(found["table"]) == {*wanted, "figure 8.1", "new firms' share", "target path"}


# the list of known errors of the source: D6, D7, D10, D18, EH11, EK3, ER5 and the target's rate, nothing else
OWN = {
    "4.1": {("17.0", "16.9")},
    "5.1": {("735", "736")},
    "6.1": {("-14.7", "-13.9")},
    "v.2": {("172", "171"), ("1176", "1093"), ("15", "13")},
    "target path": {("1.5", "1.6")},
}


@pytest.mark.parametrize("table", ["4.1", "4.7", "4.8", "5.1", "5.5", "6.1", "v.2", "v.3", "v.5", "figure 8.1"])
def test_what_differs_is_the_sources_own(found, table):
    off = found[(found["table"] == table) & ~found["fits"]]
    assert set(zip(off["printed"], off["recomputed"], strict=True)) == OWN.get(table, set())


def test_the_core_of_halden_and_two_slips_in_the_size_and_dynamics_tables(found):
    off = found[found["table"].isin(["v.4", "v.6"]) & ~found["fits"]]
    assert off["about"].str.contains("Halden, core|core1_manufacturing").all()
    assert {"819", "-13"} <= set(off["printed"])


def test_groups_of_table_34(found):
    groups = found[found["table"] == "3.4"]
    off = groups[~groups["fits"]]
    assert off["about"].str.contains("Kongsberg|technology_towns|rest_of_country").all()
    # sums of table v.3: 898 + 305 + 1592 to 1366 + 547 + 1580 jobs
    kongsberg = off[off["about"].str.contains("Kongsberg, high") & (off["figure"] == "change")]
    assert kongsberg[["printed", "recomputed"]].values.tolist() == [["284", "698"]]
    assert groups.loc[groups["about"].str.contains("services"), "fits"].all()


def test_share_of_new_firms_and_target(found):
    share = found[found["table"] == "new firms' share"].iloc[0]
    assert (share["printed"], share["recomputed"]) == ("19", "19")
    path = found[found["table"] == "target path"].set_index("figure")["recomputed"].to_dict()
    assert path == {
        "growth needed, % a year": "1.6",  # 1.556
        "2030 at 0.9 % a year": "30335",
        "growth needed from 2021, %": "1.85",
    }


def test_counts_add_up(found):
    table = regenerated_tables()
    assert (table["agree"] + table["differ"] == table["figures"]).all()
    assert table["figures"].sum() == len(found)
    assert (table.loc[table["differ"] > 0, "remark"] != "").all()


def test_the_page_in_the_docs_is_this_one():
    page = Path(__file__).parents[2] / "docs" / "published.md"
    assert page.read_text(encoding="utf-8") == regenerations_page()
