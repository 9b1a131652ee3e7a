"""Centralisation, density and reciprocity: Freeman's own values and those of reference networks."""

import itertools

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from graphs import GIRLS

from netklynge.findings import NetklyngeError
from netklynge.networks.centrality import MEASURES, centralization, density, reciprocity


@pytest.mark.parametrize(
    ("graph", "values"),
    [
        # eight girls of Marketville; Padgett's marriages; Krackhardt's kite: Freeman centralisation, loops out
        (GIRLS, (0.2857, 0.3401, 0.3196)),
        (nx.florentine_families_graph(), (0.2747, 0.4368, 0.3225)),
        (nx.krackhardt_kite_graph(), (0.3333, 0.2963, 0.2704)),
    ],
)
def test_reference_networks(graph, values):
    found = [centralization(graph, measure) for measure in MEASURES]
    assert found == pytest.approx(values, abs=5e-5)


@pytest.mark.parametrize("measure", MEASURES)
@pytest.mark.parametrize("n", [4, 8, 11])
def test_star_and_ring(measure, n):
    """The definition: 1 for a star, 0 for a ring; with loops=True others give 0.75 for a star of eight."""
    assert centralization(nx.star_graph(n - 1), measure) == pytest.approx(1)
    assert centralization(nx.cycle_graph(n), measure) == pytest.approx(0)
    ring = nx.cycle_graph(n, create_using=nx.DiGraph)
    assert [centralization(ring, measure, mode) for mode in ("in", "out", "all")] == pytest.approx([0, 0, 0])


@pytest.mark.parametrize("measure", ["degree", "closeness"])
def test_directed_star(measure):
    ties = pd.DataFrame({"source": list("bcdef"), "target": ["a"] * 5})
    assert centralization(ties, measure, "in") == pytest.approx(1)
    assert centralization(ties, measure, "all") == pytest.approx(1)
    # each leaf has 1 of 5 and the centre 0: 5 * 0 ... so the centre alone differs
    assert centralization(ties, measure, "out") == pytest.approx(0.2 / 5 if measure == "closeness" else 1 / 25)


def test_directed_betweenness_star_has_ties_both_ways():
    ties = pd.DataFrame({"source": list("bcd") + ["a"] * 3, "target": ["a"] * 3 + list("bcd")})
    assert centralization(ties, "betweenness", "in") == pytest.approx(1)
    assert centralization(ties, "betweenness", "out") == pytest.approx(1)


@pytest.mark.parametrize("measure", MEASURES)
@pytest.mark.parametrize("mode", ["all", "in", "out"])
def test_no_network_of_four_exceeds_one(measure, mode):
    """The stated maxima are maxima: over all networks of four actors."""
    pairs = list(itertools.combinations(range(4), 2) if mode == "all" else itertools.permutations(range(4), 2))
    rng = np.random.default_rng(0)
    codes = range(2 ** len(pairs)) if mode == "all" else rng.choice(2 ** len(pairs), 300, replace=False)
    found = []
    for code in codes:
        graph = nx.empty_graph(4, create_using=nx.Graph if mode == "all" else nx.DiGraph)
        graph.add_edges_from(pair for k, pair in enumerate(pairs) if code >> k & 1)
        found.append(centralization(graph, measure, mode))
    assert max(found) <= 1 + 1e-12
    assert min(found) >= 0


def test_closeness_against_networkx_when_disconnected():
    graph = nx.disjoint_union(nx.path_graph(4), nx.star_graph(3))
    values = np.array(list(nx.closeness_centrality(graph).values()))
    n = len(values)
    expected = (values.max() - values).sum() / ((n - 1) * (n - 2) / (2 * n - 3))
    assert centralization(graph, "closeness") == pytest.approx(expected)


@pytest.mark.parametrize("seed", range(4))
def test_directed_against_networkx(seed):
    graph = nx.gnp_random_graph(9, 0.25, seed=seed, directed=True)
    n = len(graph)

    def spread(values):
        values = np.array(list(values.values()))
        return (values.max() - values).sum()

    assert centralization(graph, "degree", "in") == pytest.approx(spread(dict(graph.in_degree())) / (n - 1) ** 2)
    assert centralization(graph, "degree", "out") == pytest.approx(spread(dict(graph.out_degree())) / (n - 1) ** 2)
    assert centralization(graph, "betweenness", "in") == pytest.approx(
        spread(nx.betweenness_centrality(graph)) / (n - 1)
    )
    # networkx's directed closeness is over paths that lead to a node
    assert centralization(graph, "closeness", "in") == pytest.approx(spread(nx.closeness_centrality(graph)) / (n - 1))
    turned = graph.reverse()
    assert centralization(graph, "closeness", "out") == pytest.approx(centralization(turned, "closeness", "in"))


def test_loops_and_repeats_count_for_nothing():
    ties = nx.to_pandas_edgelist(nx.star_graph(5))
    more = pd.concat([ties, ties, pd.DataFrame({"source": [0, 1], "target": [0, 1]})])
    assert [centralization(more, m) for m in MEASURES] == [centralization(ties, m) for m in MEASURES]


def test_isolates_count():
    ties = pd.DataFrame({"source": ["a", "a"], "target": ["b", "c"]})
    assert centralization(ties) == pytest.approx(1)
    # degrees 2 1 1 0 among four: (0 + 1 + 1 + 2) / (3 * 2)
    assert centralization(ties, actors=["a", "b", "c", "d"]) == pytest.approx(4 / 6)


def test_too_small_and_unknown():
    assert np.isnan(centralization(nx.path_graph(2)))
    with pytest.raises(NetklyngeError, match="degree, betweenness, closeness"):
        centralization(nx.path_graph(3), "eigenvector")
    with pytest.raises(NetklyngeError, match="all, in, out"):
        centralization(nx.path_graph(3), mode="both")


@pytest.mark.parametrize("seed", range(3))
def test_density_and_reciprocity_against_networkx(seed):
    graph = nx.gnp_random_graph(15, 0.3, seed=seed, directed=True)
    assert density(graph) == pytest.approx(nx.density(graph))
    assert reciprocity(graph) == pytest.approx(nx.overall_reciprocity(graph))
