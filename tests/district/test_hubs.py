"""Hubs against counting by hand, and the false hubs that degree alone would find."""

from collections import defaultdict

import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_districts import FEW, district, insiders, sides, tables

import netklynge as nk
from netklynge.district.hubs import LARGE, hubs
from netklynge.study.zones import RINGS

BIG = {"kind": "firm", "scale": "local", "employees": 500}
SMALL = {"kind": "firm", "scale": "local", "employees": 10}


@FEW
@given(tables(), st.sampled_from(RINGS[:3]), st.sampled_from([LARGE, 400]))
def test_hubs_counted_by_hand(rows, cut, large):
    study = district(*rows).cut(cut)
    table = hubs(study, large).set_index("actor")
    trade = defaultdict(set)
    for actor, partner, _, gives, side, group in sides(study, "supply"):
        if side:
            trade[actor].add((partner, gives, group))
    firms = {row["actor"]: row for row in insiders(study)}
    shown = {a for a, row in firms.items() if row["kind"] in ("firm", None) or trade[a]}
    assert set(table.index) == shown
    jobs = sum(row["employees"] or 0 for a, row in firms.items() if row["kind"] in ("firm", None))
    for actor, row in table.iterrows():
        size = firms[actor]["employees"]
        assert row["suppliers"] == len({p for p, gives, group in trade[actor] if not gives and not group})
        assert row["customers"] == len({p for p, gives, group in trade[actor] if gives and not group})
        assert row["trades_inside"] == bool(trade[actor])
        assert row["hub"] == bool(trade[actor] and size and size >= large)
        if size and jobs:
            assert row["jobs_share"] == pytest.approx(size / jobs)


def test_degree_alone_makes_no_hub():
    actors = [{"actor": "parent", **BIG}, {"actor": "buyer", **BIG}, *({"actor": f"s{k}", **SMALL} for k in range(4))]
    ties = [
        {"source": "parent", "target": f"s{k}", "layer": layer}
        for k in range(4)
        for layer in ("spin_off", "ownership", "rd", "membership")
    ]
    ties += [{"source": "s0", "target": "buyer", "layer": "supply"}]
    table = hubs(district(actors, ties)).set_index("actor")
    assert table.index[table["hub"]].tolist() == ["buyer"]
    assert table.loc["buyer", ["suppliers", "customers"]].tolist() == [1, 0]


def test_trade_across_the_cut_makes_no_hub():
    actors = [{"actor": "a", **BIG}, {"actor": "b", "kind": "firm", "scale": "regional"}]
    study = district(actors, [{"source": "b", "target": "a", "layer": "supply"}])
    assert hubs(study)["hub"].sum() == 0
    assert hubs(study.cut("regional"))["hub"].sum() == 1


def test_a_category_of_local_suppliers_is_enough_but_no_number():
    actors = [{"actor": "a", **BIG}, {"actor": "cat-many", "kind": "category", "scale": "local"}]
    table = hubs(district(actors, [{"source": "cat-many", "target": "a", "layer": "supply"}]))
    assert table[["suppliers", "hub"]].values.tolist() == [[0, True]]


def test_unknown_size_is_neither_large_nor_small():
    actors = [{"actor": "a", "kind": "firm", "scale": "local"}, {"actor": "b", **SMALL}]
    table = hubs(district(actors, [{"source": "a", "target": "b", "layer": "supply"}])).set_index("actor")
    assert table["large"].isna().to_dict() == {"a": True, "b": False}
    assert not table["hub"].any()


def test_a_size_of_long_ago_says_nothing():
    # FORMAT: "a size of 1918 says nothing of 2005"
    table = hubs(nk.load("kongsberg").at(1950)).set_index("actor")
    assert table["employees"].isna().all()
    assert not table["hub"].any()


def test_no_district_no_hubs():
    study = district([{"actor": "a"}, {"actor": "b"}], [{"source": "a", "target": "b", "layer": "supply"}])
    assert hubs(study).empty
    assert nk.classify(study).type == "undetermined"


@pytest.mark.parametrize(
    ("town", "cores"),
    [  # firms of 100 and over in the actor files that trade inside
        ("horten", {"km-offshore-merchant-marine", "sensonor", "norautron", "ge-vingmed", "simrad"}),
        ("kongsberg", set()),
        ("raufoss", {"hara", "ka-raufoss", "plastal-raufoss", "hap-raufoss", "raufoss-metall"}),
    ],
)
def test_hubs_of_the_towns(town, cores):
    table = hubs(nk.load(town))
    assert set(table.loc[table["hub"], "actor"]) == cores
    assert table["employees"].where(table["hub"]).dropna().is_monotonic_decreasing
