"""Dependence: the star by hand, brute-force twins, and what the towns tell."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import netklynge as nk
from netklynge.facilitation.dependence import (
    if_leaves,
    leaving_effects,
    pipeline_holders,
    pipeline_reach,
    sole_partners,
)
from netklynge.findings import NetklyngeError


def study_of(ties, kinds=None):
    """Local actors, those that start with o national; ties in the layer told or in supply."""
    frame = pd.DataFrame([(*t, "supply")[:3] for t in ties], columns=["source", "target", "layer"])
    ids = sorted({*frame["source"], *frame["target"]})
    actors = pd.DataFrame({"actor": ids, "name": ids, "scale": ["national" if a[0] == "o" else "local" for a in ids]})
    return nk.load({"actors": actors.assign(kind=[(kinds or {}).get(a, "firm") for a in ids]), "relations": frame})


def test_the_star():
    """FRAMEWORKS E7, toy: five leaves round a centre."""
    star = pd.DataFrame({"source": "centre", "target": list("abcde")})
    row = leaving_effects(star, ["centre"]).iloc[0]
    assert (row["reach"], row["others"], row["pairs_lost"]) == (5, 5, 10)
    assert row["efficiency"] == pytest.approx(2 / 3)
    assert row["efficiency_without"] == 0
    assert (row["largest"], row["largest_without"]) == (6, 1)
    assert row["betweenness"] == pytest.approx(1)


TIES = st.lists(st.tuples(st.integers(0, 7), st.integers(0, 7)).filter(lambda t: t[0] != t[1]), min_size=1, max_size=14)


@settings(deadline=None, max_examples=30)
@given(TIES)
def test_what_is_lost_is_what_networkx_says(ties):
    graph = nx.Graph(ties)
    table = leaving_effects(pd.DataFrame(ties, columns=["source", "target"])).set_index("actor")
    assert set(table.index) == set(graph)
    for actor, row in table.iterrows():
        without = graph.subgraph(set(graph) - {actor})
        assert row["reach"] == graph.degree(actor)
        assert row["efficiency"] == pytest.approx(nx.global_efficiency(graph))
        if len(without) > 1:
            assert row["efficiency_without"] == pytest.approx(nx.global_efficiency(without))
        assert row["largest_without"] == max(map(len, nx.connected_components(without)), default=0)
        others = [(a, b) for a in without for b in without if a < b]
        lost = sum(nx.has_path(graph, a, b) and not nx.has_path(without, a, b) for a, b in others)
        assert row["pairs_lost"] == lost


@settings(deadline=None, max_examples=30)
@given(TIES, st.randoms())
def test_names_make_no_difference(ties, random):
    names = list("abcdefgh")
    random.shuffle(names)
    one = leaving_effects(pd.DataFrame(ties, columns=["source", "target"])).set_index("actor").sort_index()
    renamed = pd.DataFrame([(names[a], names[b]) for a, b in ties], columns=["source", "target"])
    other = leaving_effects(renamed).set_index("actor").loc[[names[a] for a in one.index]]
    np.testing.assert_allclose(one.astype(float), other.astype(float))


def test_an_actor_without_a_tie_is_told():
    with pytest.raises(NetklyngeError, match="'z' has no tie"):
        leaving_effects(pd.DataFrame({"source": ["a"], "target": ["b"]}), ["z"])


def test_six_three_and_one():
    """FRAMEWORKS E8, toy: 6, 3 and 1 outside ties give .46, and the first holds over half."""
    counts = {"a": 6, "b": 3, "c": 1}
    study = study_of([(actor, f"o{actor}{k}") for actor, n in counts.items() for k in range(n)])
    table = pipeline_holders(study)
    assert table["outside"].tolist() == [6, 3, 1]
    assert table["hhi"].round(9).tolist() == [0.46] * 3
    assert table["over_half"].tolist() == [True, False, False]
    assert [len(ties) for ties in table["ties"]] == [6, 3, 1]


def test_holders_agree_with_the_partners_of_the_firms():
    study = nk.load("raufoss")
    held = pipeline_holders(study).set_index("actor")["outside"]
    outside = nk.firms(study).set_index("actor")["outside"]
    assert held.to_dict() == {a: n for a, n in outside.items() if n and a in held.index}
    assert set(outside[outside > 0].index) - set(held.index) == set()


def test_two_steps_from_a_holder():
    study = study_of([("a", "o1"), ("a", "b"), ("b", "c"), ("c", "d")])
    assert pipeline_reach(study)[["holders", "within", "n"]].values.tolist() == [[1, 3, 4]]
    assert pipeline_reach(study, steps=3)["within"].tolist() == [4]


def test_one_customer_one_supplier_one_bridge():
    study = study_of([("a", "b"), ("b", "c"), ("c", "d"), ("d", "b"), ("a", "o1", "rd")])
    table = sole_partners(study)
    got = set(table[["actor", "on", "partner"]].itertuples(index=False, name=None))
    assert ("a", "customer", "b") in got
    assert ("d", "supplier", "c") in got
    assert ("b", "supplier", "a") not in got  # d supplies it too
    assert {(a, p) for a, on, p in got if on == "bridge"} == {("a", "b")}


def test_a_group_is_more_than_one_customer():
    study = study_of([("a", "group")], kinds={"group": "category"})
    assert sole_partners(study).empty


def test_without_rtim_five_of_raufoss_are_cut_off():
    """By hand: RISC, Startbua, and the three round Raufoss Metall reach the others through RTIM alone."""
    table = sole_partners(nk.load("raufoss"))
    behind = table[(table["on"] == "bridge") & (table["partner"] == "rtim")]
    assert set(behind["actor"]) == {"risc", "startbua", "ka-raufoss", "raufoss-metall", "raufoss-wg"}


@pytest.mark.parametrize("town", ["horten", "kongsberg", "raufoss"])
def test_losses_add_up_and_lead_back_to_ties(town):
    study = nk.load(town)
    table = if_leaves(study)
    assert (table["buzz_lost"] <= table["buzz"]).all()
    assert table["pipelines_lost"].sum() <= table["pipelines"].iloc[0]
    for row in table.to_dict("records"):
        told = study.relations.loc[list(row["ties"])]
        assert ((told["source"] == row["actor"]) | (told["target"] == row["actor"])).all()
        assert len(told) >= row["reach"]


def test_nobody_at_all():
    study = nk.load({"relations": pd.DataFrame({"source": ["a"], "target": ["b"]})})
    assert if_leaves(study).empty
    assert sole_partners(study).empty
    assert pipeline_holders(study).empty
