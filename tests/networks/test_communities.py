"""Communities and components: against networkx, planted parts, seeds."""

import random

import igraph as ig
import networkx as nx
import numpy as np
import pandas as pd
import pytest

from netklynge.findings import NetklyngeError
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


def partitions(items):
    """All ways to part a list."""
    if not items:
        yield []
        return
    first, *rest = items
    for parted in partitions(rest):
        for k in range(len(parted)):
            yield [*parted[:k], [first, *parted[k]], *parted[k + 1 :]]
        yield [[first], *parted]


@pytest.mark.parametrize("seed", range(4))
def test_best_of_several_runs_is_the_best_of_all_partitions(seed):
    graph = nx.gnp_random_graph(8, 0.4, seed=seed)
    best = max(nx.community.modularity(graph, parted) for parted in partitions(list(graph)))
    assert leiden(graph)["modularity"].iloc[0] == pytest.approx(best)


def test_several_runs_beat_one_and_the_number_is_said():
    """One run is not the highest modularity found: on sparse random graphs of 25 it often is not."""
    graphs = [nx.gnp_random_graph(25, 0.15, seed=seed) for seed in range(12)]
    one, many = ([leiden(graph, runs=runs)["modularity"].iloc[0] for graph in graphs] for runs in (1, 20))
    assert all(b >= a - 1e-12 for a, b in zip(one, many, strict=True))
    assert sum(many) > sum(one) + 1e-3
    assert leiden(graphs[0])["runs"].eq(20).all()


def test_weights_against_networkx_and_igraph():
    rng = np.random.default_rng(4)
    graph = nx.gnp_random_graph(24, 0.25, seed=4)
    nx.set_edge_attributes(graph, {edge: float(rng.integers(1, 9)) for edge in graph.edges}, "value")
    table = leiden(graph, weight="value")
    expected = nx.community.modularity(graph, parts(table, "community"), weight="value")
    assert table["modularity"].iloc[0] == pytest.approx(expected)
    other = ig.Graph.from_networkx(graph)
    best = max(other.community_leiden("modularity", weights="value", n_iterations=-1).modularity for _ in range(20))
    assert table["modularity"].iloc[0] >= best - 1e-9


@pytest.mark.parametrize("seed", range(3))
def test_the_order_of_rows_changes_nothing(seed):
    graph = nx.gnp_random_graph(30, 0.1, seed=seed)
    rows = pd.DataFrame(list(graph.edges), columns=["source", "target"])
    for measure in (leiden, components):
        one, two = (measure(ties).sort_values("actor", ignore_index=True) for ties in (rows, rows[::-1]))
        pd.testing.assert_frame_equal(one, two)


@pytest.mark.parametrize("wrong", [{"resolution": -1}, {"resolution": float("nan")}, {"runs": 0}, {"rounds": 0}])
def test_arguments_are_checked(wrong):
    with pytest.raises(NetklyngeError, match=next(iter(wrong))):
        leiden(nx.path_graph(4), **wrong)
