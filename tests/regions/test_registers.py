"""Register tables in: formats, years, groups of industries."""

from __future__ import annotations

import json

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from registers import STATBANK

from netklynge.findings import InputError, NetklyngeError
from netklynge.regions.registers import (
    concept,
    group_industries,
    number,
    published,
    read_register,
    read_statbank,
    read_tables,
    tidy,
)


def test_comment_lines_and_editor_rows(tmp_path):
    file = tmp_path / "jobs_2005.csv"
    file.write_text("# source: own\n# second\n\narea;sector;employees\nA;ict;1 200\n\nB;ict;30,5\n", encoding="cp1252")
    table = read_tables(file)[0]
    assert table.comment == "source: own second"
    assert table.header_row == 4
    assert table.cells.index.tolist() == [5, 7]
    assert read_register(file)[["year", "value"]].values.tolist() == [[2005, 1200.0], [2005, 30.5]]


@pytest.mark.parametrize("text", ["", "# only a remark\n", "a,b\n", "a,b\n1,2,3\n", "a,a\n1,2\n", "a,\n1,2\n"])
def test_what_cannot_be_read_is_said(tmp_path, text):
    file = tmp_path / "bad.csv"
    file.write_text(text)
    with pytest.raises(InputError, match=r"bad\.csv"):
        read_tables(file)


def test_workbook_and_text_give_the_same(tmp_path):
    frame = pd.DataFrame(
        {"area": ["A", "B"], "sector": ["x", "x"], "employees_1997": [10, 20], "employees_2005": [12, 18]}
    )
    frame.to_excel(tmp_path / "jobs.xlsx", index=False, sheet_name="jobs")
    frame.to_csv(tmp_path / "jobs.csv", index=False)
    pd.testing.assert_frame_equal(read_register(tmp_path / "jobs.xlsx"), read_register(tmp_path / "jobs.csv"))


def test_statbank(tmp_path):
    file = tmp_path / "table.json"
    file.write_text(json.dumps(STATBANK), encoding="utf-8")
    frame = read_statbank(file)
    assert frame.columns.tolist() == ["region", "industry", "year", "measure", "value"]
    assert frame.loc[0].tolist() == ["0604", "26", 2019, "Jobs", 1.0]
    assert frame["value"].isna().tolist() == [False] * 6 + [True, False]  # withheld is not nought
    assert read_statbank(file, labels=True).loc[7, ["region", "industry"]].tolist() == ["Horten", "Transport"]
    file.write_text('{"a": 1}')
    with pytest.raises(InputError, match="JSON-stat"):
        read_statbank(file)


def test_tidy_keeps_every_level_of_table_v3():
    # table v.3: 55 rows, two years; the changes are left out, they follow
    long = tidy(published("jobs_by_sector_1997_2005").cells)
    assert len(long) == 55 * 2
    assert set(long["year"]) == {1997, 2005}
    horten = long[(long["region"] == "Horten") & (long["industry"] == "3")]
    assert horten["value"].tolist() == [1644.0, 1641.0]


def test_tidy_says_which_column_it_lacks():
    with pytest.raises(NetklyngeError, match="region"):
        tidy(pd.DataFrame({"industry": ["a"], "jobs_2005": [1]}))


def test_groups_of_table_v1():
    # table v.1: 35.114 is apart from 35.1 (other technology manufacturing), 72.2 is ICT service
    key = published("nace_industry_groups").cells
    jobs = pd.DataFrame(
        {
            "region": "r",
            "industry": ["35.114", "35.111", "72.20", "32.10", "01.11"],
            "value": [10.0, 20.0, 5.0, 7.0, 100.0],
        }
    )
    groups = group_industries(jobs, key, group="report_group_no_inferred")
    sums = groups.sums.set_index("industry")["value"]
    assert sums["5"] == 5
    assert sums["3"] == 7
    assert sums["all"] == 142
    assert sums["rest"] == 120  # 35.111 (taken out by the key) and 01.11
    assert groups.residual["code"].tolist() == ["01.11", "35.111"]
    assert groups.residual["share"].round(4).tolist() == [round(100 / 142, 4), round(20 / 142, 4)]


@settings(max_examples=15, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(["10.1", "10.2", "20.1", "30.1"]), st.integers(0, 99)),
        min_size=1,
        max_size=12,
    )
)
def test_union_counts_every_code_once(rows):
    # overlapping groups double count; the union never does (framework A13)
    jobs = pd.DataFrame(rows, columns=["industry", "value"]).groupby("industry", as_index=False)["value"].sum()
    jobs["value"] = jobs["value"].astype(float)
    key = pd.DataFrame({"nace_code": ["10", "10.1", "10.1", "20"], "group": ["food", "meat", "cold", "wood"]})
    out = group_industries(jobs, key)
    sums = out.sums.set_index("industry")["value"]
    overlap = jobs.loc[jobs["industry"] == "10.1", "value"].sum()
    assert sums["all"] == jobs["value"].sum()
    assert sums.drop("all").sum() == sums["all"] + overlap
    assert out.overlaps["code"].tolist() == (["10.1"] if "10.1" in set(jobs["industry"]) else [])


def test_any_frame_will_do():
    pl = pytest.importorskip("polars")
    from netklynge.regions.specialisation import location_quotients

    jobs = pd.DataFrame({"region": ["a", "a", "b", "b"], "industry": ["x", "y"] * 2, "value": [1.0, 3.0, 5.0, 2.0]})
    pd.testing.assert_frame_equal(location_quotients(pl.DataFrame(jobs.to_dict("list"))), location_quotients(jobs))


def test_numbers_as_printed():
    assert number("1\u00a0234") == 1234
    assert number("+3,5 %") == 3.5
    assert number("1997-2005") is None
    assert concept("rel_change_pct", [1997]) is None
    assert concept("firms_closed_1998_2005", []) == concept("closed_1998_2005", [])
