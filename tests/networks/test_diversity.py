"""Diversity of partners: by hand, and against counting pair by pair."""

import itertools

import networkx as nx
import numpy as np
import pandas as pd
import pytest

import netklynge as nk


def test_by_hand():
    # two firms and one school of the two kinds there are: 1 - 4/9 - 1/9 = 4/9; over 1 - 1/2, 8/9
    ties = [("a", "b"), ("c", "a"), ("a", "d"), ("a", "e"), ("a", "a"), ("a", "b")]
    row = nk.partner_diversity(ties, {"b": "firm", "c": "firm", "d": "school"}).set_index("actor").loc["a"]
    assert row[["partners", "unknown", "kinds"]].tolist() == [4, 1, 2]
    assert row[["blau", "iqv"]].tolist() == pytest.approx([4 / 9, 8 / 9])


@pytest.mark.parametrize("seed", range(4))
def test_blau_is_the_chance_of_two_kinds(seed):
    graph = nx.gnp_random_graph(15, 0.3, seed=seed)
    rng = np.random.default_rng(seed)
    kinds = dict(zip(graph, rng.choice(["a", "b", "c"], 15).tolist(), strict=True))
    table = nk.partner_diversity(graph, kinds).set_index("actor")
    for actor in graph:
        partners = list(graph[actor])
        pairs = list(itertools.product(partners, repeat=2))
        expected = np.mean([kinds[a] != kinds[b] for a, b in pairs]) if pairs else np.nan
        assert table.loc[actor, "blau"] == pytest.approx(expected, nan_ok=True)
        assert table.loc[actor, "iqv"] == pytest.approx(expected * 3 / 2, nan_ok=True)


def test_weights_are_so_many_partners():
    kinds = {"b": "x", "c": "y", "d": "y", "e": "y"}
    weighted = nk.partner_diversity([("a", "b", 3), ("a", "c", 1)], kinds, weight=True).set_index("actor")
    assert weighted.loc["a", "blau"] == pytest.approx(1 - (3 / 4) ** 2 - (1 / 4) ** 2)
    assert weighted.loc["a", "partners"] == 2


def test_one_kind_has_no_variation_to_speak_of():
    row = nk.partner_diversity([("a", "b")], {"b": "x", "a": "x"}).iloc[0]
    assert row["blau"] == 0
    assert np.isnan(row["iqv"])


def test_breadth_counts_pairs_of_kind_and_ring():
    ties = pd.DataFrame({"source": ["a"] * 5, "target": list("bcdef")})
    kinds = {"b": "firm", "c": "firm", "d": "school", "e": "firm", "f": "school"}
    rings = {"b": "local", "c": "national", "d": "local", "e": "local"}
    row = nk.partner_breadth(ties, kinds, rings).set_index("actor").loc["a"]
    assert row.tolist() == [5, 1, 2, 2, 3, 4]
