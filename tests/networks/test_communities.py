"""Communities and components: against networkx, planted parts, seeds."""

import random

import networkx as nx
import numpy as np
import pytest

from netklynge.networks.communities import components, leiden


def parts(table, column):
    return {frozenset(part["actor"]) for _, part in table.groupby(column)}


@pytest.mark.parametrize("seed", range(4))
def test_components_against_networkx(seed):
    graph = nx.gnp_random_graph(40, 0.03, seed=seed, directed=True)
    table = components(graph)
    assert parts(table, "component") == {frozenset(c) for c in nx.weakly_connected_components(graph)}
    assert parts(table, "strong") == {frozenset(c) for c in nx.strongly_connected_components(graph)}
    assert (table.groupby("component")["size"].first() == table["component"].value_counts().sort_index()).all()
    assert table.groupby("component")["size"].first().is_monotonic_decreasing


def test_leiden_finds_planted_parts():
    graph = nx.planted_partition_graph(4, 15, 0.7, 0.02, seed=2)
    table = leiden(graph)
    assert parts(table, "community") == {frozenset(range(k, k + 15)) for k in range(0, 60, 15)}
    expected = nx.community.modularity(graph, parts(table, "community"))
    assert table["modularity"].iloc[0] == pytest.approx(expected)


def test_leiden_on_the_karate_club():
    # best known modularity 0.4198 (Brandes et al. 2008, On modularity clustering)
    assert leiden(nx.karate_club_graph())["modularity"].iloc[0] == pytest.approx(0.4198, abs=5e-5)


def test_same_seed_and_the_caller_s_random_numbers_are_left_alone():
    graph = nx.gnp_random_graph(60, 0.08, seed=1)
    random.seed(3)
    expected = random.Random(3).random()
    one, two = leiden(graph, seed=5), leiden(graph, seed=5)
    assert random.random() == expected
    assert one.equals(two)


def test_isolates_are_parts_of_their_own():
    graph = nx.Graph([(0, 1)])
    graph.add_node(2)
    assert leiden(graph)["community"].tolist() == [1, 1, 2]
    assert np.isnan(leiden(nx.empty_graph(3))["modularity"]).all()
