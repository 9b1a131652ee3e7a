"""Projection of memberships: Newman's weights against networkx and by their sums."""

import networkx as nx
import numpy as np
import pandas as pd
import pytest

from netklynge.findings import NetklyngeError
from netklynge.networks.memberships import project_memberships


@pytest.mark.parametrize("seed", range(4))
def test_against_networkx(seed):
    graph = nx.bipartite.random_graph(12, 8, 0.3, seed=seed)
    table = pd.DataFrame([(a, b) for a, b in graph.edges], columns=["source", "target"])
    expected = nx.bipartite.collaboration_weighted_projected_graph(graph, range(12))
    found = {frozenset((r.source, r.target)): r.weight for r in project_memberships(table).itertuples()}
    assert found == pytest.approx({frozenset((a, b)): w for a, b, w in expected.edges(data="weight")})


def test_weights_add_up_to_bodies_with_company():
    rng = np.random.default_rng(1)
    table = pd.DataFrame({"source": rng.integers(0, 30, 80), "target": rng.integers(0, 12, 80)})
    ties = project_memberships(table)
    sums = ties.groupby("source")["weight"].sum().add(ties.groupby("target")["weight"].sum(), fill_value=0)
    distinct = table.drop_duplicates()
    size = distinct.groupby("target")["source"].transform("size")
    expected = distinct[size > 1].groupby("source").size()
    pd.testing.assert_series_equal(sums, expected.astype(float), check_names=False)


def test_one_big_association_is_no_clique():
    table = pd.DataFrame({"source": [*range(100), 0, 1], "target": ["all"] * 100 + ["board"] * 2})
    ties = project_memberships(table).set_index(["source", "target"])
    assert ties.loc[(0, 1), "weight"] == pytest.approx(1 + 1 / 99)
    assert ties.loc[(0, 2), "weight"] == pytest.approx(1 / 99)
    assert project_memberships(table, largest=10)[["source", "target", "shared"]].values.tolist() == [[0, 1, 1]]


def test_a_name_on_both_sides_means_two_things():
    table = pd.DataFrame({"source": ["a", "b", "c", "a"], "target": ["a", "a", "b", "b"]})
    assert project_memberships(table)[["source", "target", "weight"]].values.tolist() == [
        ["a", "b", 1.0],
        ["a", "c", 1.0],
    ]


def test_largest_is_checked():
    with pytest.raises(NetklyngeError, match="largest is 1"):
        project_memberships(pd.DataFrame({"source": ["a"], "target": ["b"]}), largest=1)
