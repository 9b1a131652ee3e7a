"""Suggestions: each reason on a small district, the order against brute force, and the honest test."""

from __future__ import annotations

import math

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import netklynge as nk
from netklynge.facilitation.affinity import (
    adamic_adar,
    common_neighbours,
    partner_weights,
    preferential_attachment,
    suggested,
)
from netklynge.facilitation.backtest import METHODS, evaluate_suggestions
from netklynge.facilitation.introductions import read_introductions, record_introduction
from netklynge.facilitation.suggestions import REASONS, listed, open_pairs, suggest, suggestion_reasons
from netklynge.findings import NetklyngeError
from netklynge.language import language
from netklynge.study.ties import members

KEY = "a secret of the user"


def district(ties, actors, **columns):
    """Ties as (source, target, layer); actors as id to (kind, scale); columns are further ones of the relations."""
    frame = pd.DataFrame(ties, columns=["source", "target", "layer"]).assign(**columns)
    rows = [{"actor": a, "name": a.upper(), "kind": kind, "scale": scale} for a, (kind, scale) in actors.items()]
    return nk.load({"actors": pd.DataFrame(rows), "relations": frame})


def firms(inside, outside=""):
    return dict.fromkeys(inside, ("firm", "local")) | dict.fromkeys(outside, ("firm", "national"))


def told(study, reason, **options):
    table = suggestion_reasons(study, **options)
    return table[table["reason"] == reason]


# -- reasons -----------------------------------------------------------------------------------------


def test_one_shared_partner_of_degree_two_weighs_1_4427():
    """FRAMEWORKS E1, toy: 1 / ln 2."""
    study = district([("a", "z", "rd"), ("b", "z", "rd")], firms("abz"))
    row = told(study, "shared_partners").iloc[0]
    assert (row["actor"], row["alter"], row["whom"], row["ties"]) == ("a", "b", ("z",), (0, 1))
    assert row["value"] == pytest.approx(1.4427, abs=1e-4)
    assert suggest(study).loc[0, "score"] == pytest.approx(1 / math.log(2))


def test_both_buy_from_the_same_supplier_outside():
    study = district([("o", "a", "supply"), ("o", "b", "supply"), ("b", "c", "supply")], firms("abc", "o"))
    row = told(study, "same_supplier").iloc[0]
    assert (row["actor"], row["alter"], row["whom"], row["ties"]) == ("a", "b", ("o",), (0, 1))
    assert "shared_partners" not in set(suggestion_reasons(study).query("actor == 'a' and alter == 'b'")["reason"])


def test_both_buy_from_a_group_without_names():
    actors = firms("ab") | {"group": ("category", "international")}
    study = district([("group", "a", "supply"), ("group", "b", "supply")], actors)
    assert told(study, "same_supplier_group")["whom"].tolist() == [("group",)]
    assert told(study, "same_supplier").empty


def test_both_buy_the_same_thing_from_different_suppliers():
    ties = [("o", "a", "supply"), ("p", "b", "supply"), ("p", "c", "supply")]
    study = district(ties, firms("abc", "op"), what=["Circuit boards; steel", "circuit boards", "glass"])
    row = told(study, "same_input")
    assert row[["actor", "alter", "what", "ties"]].values.tolist() == [["a", "b", ("circuit boards",), (0, 1)]]
    words = suggest(study).set_index(["actor", "alter"])["words"]
    assert "Both buy circuit boards outside, from different suppliers." in words["a", "b"]


def test_one_sells_what_the_other_buys_outside():
    study = district([("o", "a", "supply"), ("b", "c", "supply")], firms("abc", "o"), item=["castings", "castings"])
    row = told(study, "sells_what_is_bought")
    assert row[["first", "what", "whom", "ties"]].values.tolist() == [["b", ("castings",), ("o",), (0,)]]
    assert set(row["actor"]) | set(row["alter"]) == {"a", "b"}


def test_a_trade_told_as_sector_is_on_offer_too():
    study = district([("o", "a", "supply")], firms("ab", "o"))
    study.actors["sector"] = pd.Series([pd.NA, "Castings (steel)", "castings"], dtype="string")
    assert told(study, "sells_what_is_bought")["first"].tolist() == ["b"]


def test_the_only_bridge_between_two_groups():
    ties = [(a, b, "rd") for part in ("abc", "def") for a in part for b in part if a < b] + [("a", "g", "rd")]
    study = district(ties, firms("abcdefg"))
    row = told(study, "bridge").iloc[0]
    assert {row["actor"], row["alter"]} == {"a", "d"}
    assert {row["value"], row["n"]} == {4, 3}


def test_who_stands_alone_meets_the_body_that_knows_most():
    actors = firms("abcx") | {"net": ("network_org", "local")}
    study = district([("a", "b", "rd"), ("a", "c", "rd"), ("c", "net", "membership")], actors)
    row = told(study, "newcomer").iloc[0]
    assert (row["first"], row["value"], row["n"]) == ("x", 1, 5)
    assert {row["actor"], row["alter"]} == {"x", "net"}


def test_a_gatekeeper_whose_knowledge_does_not_arrive():
    ties = [
        ("h", "o", "rd"),
        ("h", "p", "rd"),
        ("h", "z", "rd"),
        ("b", "z", "informal"),
        ("z", "c", "rd"),
        ("c", "q", "rd"),
    ]
    study = district(ties, firms("hbzc", "opq"))
    rows = told(study, "outside_knowledge")
    assert rows[["first", "value"]].values.tolist() == [["c", 1], ["h", 2]]
    assert {frozenset(pair) for pair in zip(rows["actor"], rows["alter"], strict=True)} == {
        frozenset("bc"),
        frozenset("bh"),
    }
    assert rows["ties"].tolist()[1] == (0, 1)


def test_a_kind_of_partner_that_peers_have():
    actors = firms("abc") | {"r": ("research", "local")}
    study = district([("a", "r", "rd"), ("b", "r", "rd"), ("a", "c", "supply")], actors)
    row = told(study, "missing_kind").iloc[0]
    assert (row["first"], row["what"], row["value"], row["n"]) == ("c", ("research",), 2, 2)
    assert row["ties"] == (0, 1)


def test_who_is_never_suggested():
    actors = firms("abcdz", "o") | {"park": ("network_org", "local"), "group": ("category", "local")}
    ties = [(x, "z", "rd") for x in "abcd"] + [
        ("a", "b", "competition"),
        ("c", "a", "ownership"),
        ("o", "c", "ownership"),
    ]
    ties += [("o", "b", "ownership"), ("d", "park", "membership"), ("group", "z", "rd"), ("a", "park", "membership")]
    study = district(ties, actors)
    study.actors.loc[study.actors["actor"] == "park", "houses_only"] = True
    found = {
        frozenset(pair)
        for pair in zip(suggestion_reasons(study)["actor"], suggestion_reasons(study)["alter"], strict=True)
    }
    # a-b are tied, a-c and b-c belong to one owner group; groups and the park are left out
    assert found == {frozenset("ad"), frozenset("bd"), frozenset("cd")}


def test_ended_and_planned_ties_are_no_ties():
    study = district([("a", "z", "rd"), ("b", "z", "rd"), ("a", "b", "rd")], firms("abz"), current=["1", "1", "0"])
    assert suggest(study)[["actor", "alter"]].values.tolist() == [["a", "b"]]


def test_pairs_of_the_ledger_are_left_out(tmp_path):
    study = nk.load("raufoss")
    first = suggest(study, n=1).iloc[0]
    file = record_introduction(tmp_path / "i.csv", first["alter"], first["actor"], "refused", "2006-03-01", study=study)
    ledger = read_introductions(file)
    left = suggestion_reasons(study, ledger)
    assert not ((left["actor"] == first["actor"]) & (left["alter"] == first["alter"])).any()
    pairs = [
        set(suggest(s, lg, n=None)[["actor", "alter"]].itertuples(index=False, name=None))
        for s, lg in ((study, None), (study, ledger))
    ]
    assert pairs[0] - pairs[1] >= {(first["actor"], first["alter"])}


@pytest.fixture(scope="module", params=["horten", "kongsberg", "raufoss", "public horten", "public raufoss"])
def town(request):
    study = nk.load(request.param.split()[-1])
    return nk.public_study(study, key=KEY)[0] if request.param.startswith("public") else study


def test_every_suggestion_is_untied_inside_and_traceable(town):
    found = suggestion_reasons(town)
    ties = town.relations
    tied = {frozenset(pair) for pair in zip(town.ties()["source"], town.ties()["target"], strict=True)}
    inside = set(members(town)["actor"])
    assert set(found["reason"]) <= set(REASONS)
    for row in found.to_dict("records"):
        assert {row["actor"], row["alter"]} <= inside
        assert frozenset((row["actor"], row["alter"])) not in tied
        assert set(row["ties"]) <= set(ties.index)
        if row["reason"] == "shared_partners":
            ends = ties.loc[list(row["ties"]), ["source", "target"]].to_numpy()
            pairs = {(frozenset(pair) - {row["actor"], row["alter"]}) for pair in map(tuple, ends)}
            assert {p for pair in pairs for p in pair} == set(row["whom"])
            assert row["value"] == pytest.approx(sum(partner_weights(town)[p] for p in row["whom"]))


def test_the_order_of_rows_and_the_names_of_actors_change_nothing():
    study = nk.load("horten")
    shuffled = nk.load(
        {
            "actors": study.actors.sample(frac=1, random_state=1),
            "relations": study.relations.sample(frac=1, random_state=2),
        }
    )
    keys = ["actor", "alter", "reason"]
    local = ["shared_partners", "same_supplier_group", "newcomer", "outside_knowledge", "missing_kind"]
    one, other = (
        suggestion_reasons(s)[lambda t: t["reason"].isin(local)][keys].values.tolist() for s in (study, shuffled)
    )
    assert one == other


# -- the order ---------------------------------------------------------------------------------------

PAIRS = st.lists(
    st.tuples(st.integers(0, 6), st.integers(0, 6)).filter(lambda t: t[0] != t[1]), min_size=1, max_size=12
)


@settings(deadline=None, max_examples=30)
@given(PAIRS)
def test_scores_are_those_of_networkx(pairs):
    names = [f"a{k}" for k in range(7)]
    study = district([(names[a], names[b], "rd") for a, b in pairs], dict.fromkeys(names, ("firm", "local")))
    graph = nx.Graph()
    graph.add_nodes_from(names)
    graph.add_edges_from((names[a], names[b]) for a, b in pairs)
    places = np.nonzero(np.triu(np.ones((7, 7)), 1))
    ends = [(names[i], names[j]) for i, j in zip(*places, strict=True)]
    twins = {
        adamic_adar: nx.adamic_adar_index,
        preferential_attachment: nx.preferential_attachment,
        common_neighbours: lambda g, e: [(a, b, len(list(nx.common_neighbors(g, a, b)))) for a, b in e],
    }
    for ours, theirs in twins.items():
        np.testing.assert_allclose(
            ours(study)[places], [value for *_, value in theirs(graph, ends)], err_msg=ours.__name__
        )
    unmet = open_pairs(study)[places]
    assert unmet.tolist() == [not graph.has_edge(a, b) for a, b in ends]


def test_the_list_is_in_the_order_that_is_tested():
    study = nk.load("raufoss")
    place = {actor: k for k, actor in enumerate(members(study)["actor"])}
    table = suggest(study, n=None)
    scores = [suggested(study)[place[a], place[b]] for a, b in zip(table["actor"], table["alter"], strict=True)]
    assert scores == sorted(scores, reverse=True)
    assert table["rank"].tolist() == list(range(1, len(table) + 1))


def test_a_list_of_none_and_a_wrong_number():
    study = district([("a", "b", "rd")], firms("ab"))
    assert suggest(study).empty
    assert len(suggest(nk.load("horten"), n=0)) == 0
    with pytest.raises(NetklyngeError, match="from 0 up"):
        suggest(study, n=-1)


# -- the honest test ---------------------------------------------------------------------------------


def oracle(study):
    """Knows the three cliques of :func:`cliques`, whatever is hidden."""
    group = members(study)["actor"].str[0].to_numpy()
    return (group[:, None] == group[None, :]).astype(float)


def cliques():
    names = [f"{part}{k}" for part in "abc" for k in range(5)]
    ties = [(x, y, "rd") for x in names for y in names if x < y and x[0] == y[0]]
    return district(ties, dict.fromkeys(names, ("firm", "local")))


def test_a_ranking_that_knows_finds_all_and_one_that_does_not_finds_half():
    methods = {"oracle": oracle, "blind": lambda s: np.zeros((15, 15)), "wrong": lambda s: -oracle(s), **METHODS}
    table = evaluate_suggestions(cliques(), hidden=0.1, repeats=10, methods=methods).set_index("method")
    assert table.loc["oracle", ["auc", "precision_at_10"]].tolist() == [1, 0.3]
    assert table.loc["oracle", ["tied", "hidden", "pairs", "ceiling"]].tolist() == [30, 3, 78, 0.3]
    assert table.loc["blind", "auc"] == 0.5
    assert table.loc["wrong", "auc"] == 0
    assert table.loc["adamic_adar", "auc"] == 1  # cliques are what it is made for
    assert table.loc["chance", "precision_at_10"] == pytest.approx(3 / 78)


def test_what_is_hidden_is_gone_in_every_layer():
    study = cliques()
    both = nk.load(
        {"actors": study.actors, "relations": pd.concat([study.relations, study.relations.assign(layer="informal")])}
    )
    seen = []

    def spy(left):
        pairs = {frozenset(pair) for pair in zip(left.relations["source"], left.relations["target"], strict=True)}
        seen.append((len(pairs), len(left.relations)))
        return np.zeros((15, 15))

    evaluate_suggestions(both, hidden=0.2, repeats=3, methods={"spy": spy})
    assert seen == [(24, 48)] * 3


def test_one_layer_only_and_the_same_seed_the_same_table():
    study = nk.load("raufoss")
    table = evaluate_suggestions(study, repeats=3, layer="supply")
    assert table["tied"].iloc[0] < evaluate_suggestions(study, repeats=1)["tied"].iloc[0]
    pd.testing.assert_frame_equal(table, evaluate_suggestions(study, repeats=3, layer="supply"))


def test_too_few_ties_give_blanks_and_wrong_shares_are_told():
    table = evaluate_suggestions(district([("a", "b", "rd")], firms("abc")))
    assert table["auc"].iloc[:-1].isna().all()
    assert table["tied"].iloc[0] == 1
    for options in ({"hidden": 0}, {"hidden": 1}, {"repeats": 0}):
        with pytest.raises(NetklyngeError, match="between 0 and 1"):
            evaluate_suggestions(cliques(), **options)


def test_long_lists_are_cut_and_say_so():
    say = language("en")
    assert listed(["A"], say) == "A"
    assert listed(["A", "B"], say) == "A and B"
    assert listed(list("ABCDE"), say) == "A, B, C, D and E"
    assert listed(list("ABCDEF"), say) == "A, B, C, D and 2 more"
    assert listed(list("AB"), language("nb")) == "A og B"
