"""Hubs against counting by hand, and the false hubs that degree alone would find."""

import statistics
from collections import defaultdict

import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_districts import FEW, district, insiders, sides, tables

import netklynge as nk
from netklynge.district.hubs import LARGE, find_hubs
from netklynge.study.zones import RINGS

BIG = {"kind": "firm", "scale": "local", "employees": 500}
SMALL = {"kind": "firm", "scale": "local", "employees": 10}


@FEW
@given(tables(), st.sampled_from(RINGS[:3]), st.sampled_from([LARGE, 400]))
def test_hubs_counted_by_hand(rows, cut, large):
    study = district(*rows).cut(cut)
    table = find_hubs(study, large).set_index("actor")
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
        several = [
            sum(2 if group else 1 for group in {p: g for p, gives, g in trade[actor] if gives is side}.values())
            for side in (True, False)
        ]
        partners = [firms[p]["employees"] for p in {p for p, _, group in trade[actor] if not group}]
        known = [one for one in partners if one]
        usual = statistics.median(known) if known else 0
        firm = firms[actor]["kind"] in ("firm", None)
        if row["dependents"] < 2:
            assert row["hub"] == bool(firm and max(several) > 1 and size and size >= max(large, usual))
        if size and jobs:
            assert row["jobs_share"] == pytest.approx(size / jobs)


def test_degree_alone_makes_no_hub():
    actors = [{"actor": "parent", **BIG}, {"actor": "buyer", **BIG}, *({"actor": f"s{k}", **SMALL} for k in range(4))]
    ties = [
        {"source": "parent", "target": f"s{k}", "layer": layer}
        for k in range(4)
        for layer in ("spin_off", "ownership", "rd", "membership")
    ]
    ties += [{"source": f"s{k}", "target": "buyer", "layer": "supply"} for k in (0, 1)]
    table = find_hubs(district(actors, ties)).set_index("actor")
    assert table.index[table["hub"]].tolist() == ["buyer"]
    assert table.loc["buyer", ["suppliers", "customers"]].tolist() == [2, 0]


def test_trade_across_the_cut_makes_no_hub():
    actors = [{"actor": "a", **BIG}, *({"actor": b, "kind": "firm", "scale": "regional"} for b in "bc")]
    study = district(actors, [{"source": b, "target": "a", "layer": "supply"} for b in "bc"])
    assert find_hubs(study)["hub"].sum() == 0
    assert find_hubs(study.cut("regional"))["hub"].sum() == 1


def test_a_category_of_local_suppliers_is_enough_but_no_number():
    actors = [{"actor": "a", **BIG}, {"actor": "cat-many", "kind": "category", "scale": "local"}]
    table = find_hubs(district(actors, [{"source": "cat-many", "target": "a", "layer": "supply"}]))
    assert table[["suppliers", "hub"]].values.tolist() == [[0, True]]


def test_one_tie_to_a_giant_makes_no_hub():
    # issue: "each supplier of a giant with 100 employees is one"; with two giants it is still smaller than they are
    actors = [{"actor": g, **BIG, "employees": 2000} for g in ("giant", "other")]
    actors += [{"actor": f"s{k}", **BIG, "employees": 100} for k in range(3)]
    ties = [{"source": f"s{k}", "target": "giant", "layer": "supply"} for k in range(3)]
    ties += [{"source": "s0", "target": "other", "layer": "supply"}]
    table = find_hubs(district(actors, ties))
    assert table.loc[table["hub"], "actor"].tolist() == ["giant"]


def test_an_institute_with_many_customers_is_no_hub():
    actors = [{"actor": "lab", "kind": "research", "scale": "local", "employees": 300}]
    actors += [{"actor": "cat-firms", "kind": "category", "scale": "local"}]
    table = find_hubs(district(actors, [{"source": "lab", "target": "cat-firms", "layer": "supply"}]))
    assert table[["customer_groups", "hub"]].values.tolist() == [[1, False]]


@pytest.mark.parametrize(("amounts", "dependents"), [((None, None), 2), ((10, 90), 0), ((90, 10), 2), ((90, None), 2)])
def test_smaller_partners_that_depend_make_a_hub(amounts, dependents):
    # each sells to the big one and to a stranger outside: half of its ties, and 10 or 90 per cent of its sales
    actors = [{"actor": "big", **BIG}, {"actor": "away", "kind": "firm", "scale": "national"}]
    actors += [{"actor": f"s{k}", **SMALL} for k in range(2)]
    ties = [
        {"source": f"s{k}", "target": target, "layer": "supply", "scale": scale, "amount": amount}
        for k in range(2)
        for target, scale, amount in (("big", "local", amounts[0]), ("away", "national", amounts[1]))
    ]
    row = find_hubs(district(actors, ties)).set_index("actor").loc["big"]
    assert row["dependents"] == dependents


def test_unknown_size_is_neither_large_nor_small():
    actors = [{"actor": "a", "kind": "firm", "scale": "local"}, {"actor": "b", **SMALL}]
    table = find_hubs(district(actors, [{"source": "a", "target": "b", "layer": "supply"}])).set_index("actor")
    assert table["large"].isna().to_dict() == {"a": True, "b": False}
    assert not table["hub"].any()


def test_a_size_of_long_ago_says_nothing():
    # FORMAT: "a size of 1918 says nothing of 2005"
    table = find_hubs(nk.load("kongsberg").at(1950)).set_index("actor")
    assert table["employees"].isna().all()
    assert not table["hub"].any()


def test_no_district_no_hubs():
    study = district([{"actor": "a"}, {"actor": "b"}], [{"source": "a", "target": "b", "layer": "supply"}])
    assert find_hubs(study).empty
    assert nk.classify(study).type == "undetermined"


@pytest.mark.parametrize(
    ("town", "cores"),
    [  # firms of 100 and over with a category or two named firms on one side inside, no smaller than these usually are
        ("horten", {"km-offshore-merchant-marine", "sensonor", "norautron", "ge-vingmed", "simrad"}),
        ("kongsberg", set()),
        ("raufoss", {"hara", "hap-raufoss"}),
    ],
)
def test_hubs_of_the_towns(town, cores):
    table = find_hubs(nk.load(town))
    assert set(table.loc[table["hub"], "actor"]) == cores
    assert table["employees"].where(table["hub"]).dropna().is_monotonic_decreasing
