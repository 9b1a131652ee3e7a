"""Core and periphery: the fit against correlations cell by cell, the exact search, and the search against it."""

import itertools

import networkx as nx
import numpy as np
import pytest

from netklynge.findings import NetklyngeError
from netklynge.networks import cores
from netklynge.networks.cores import BETWEEN, core_periphery


def correlation(graph, core, between):
    """Pearson correlation of ties and ideal over the cells that count."""
    cells = nx.to_numpy_array(graph, weight=None)
    inside = np.array([node in core for node in graph])
    ideal = np.full(cells.shape, {"ignore": np.nan, "ties": 1.0, "none": 0.0}[between])
    ideal[np.ix_(inside, inside)] = 1
    ideal[np.ix_(~inside, ~inside)] = 0
    np.fill_diagonal(ideal, np.nan)
    counted = ~np.isnan(ideal)
    if np.std(ideal[counted]) == 0 or np.std(cells[counted]) == 0:
        return -1.0
    return float(np.corrcoef(cells[counted], ideal[counted])[0, 1])


@pytest.mark.parametrize("between", BETWEEN)
@pytest.mark.parametrize("seed", range(3))
def test_exact_is_the_best_of_all_cores(between, seed):
    graph = nx.gnp_random_graph(7, 0.4, seed=seed, directed=seed % 2 == 1)
    table = core_periphery(graph, between)
    best = max(correlation(graph, set(core), between) for k in range(8) for core in itertools.combinations(graph, k))
    assert table["fit"].iloc[0] == pytest.approx(best)
    assert correlation(graph, set(table.loc[table["core"], "actor"]), between) == pytest.approx(best)
    assert table["exact"].all()


@pytest.mark.parametrize("between", BETWEEN)
def test_ideal_structure_fits_fully(between):
    """Borgatti & Everett's idealised pattern: a clique of four, each with its own periphery."""
    core = list(itertools.permutations("abcd", 2))
    rim = [(c, f"{c}{i}") for c in "abcd" for i in range(3)]
    spokes = {
        "ignore": rim,
        "ties": [(c, f"{d}{i}") for c in "abcd" for d in "abcd" for i in range(3)],
        "none": [],
    }
    graph = nx.DiGraph(core + spokes[between])
    graph.add_edges_from([(b, a) for a, b in graph.edges])
    graph.add_nodes_from(b for _, b in rim)
    table = core_periphery(graph, between)
    assert set(table.loc[table["core"], "actor"]) == set("abcd")
    assert table["fit"].iloc[0] == pytest.approx(1)


@pytest.mark.parametrize("between", BETWEEN)
@pytest.mark.parametrize("seed", range(6))
def test_search_finds_what_comparing_all_finds(between, seed, monkeypatch):
    graph = nx.gnp_random_graph(13, 0.3, seed=seed, directed=True)
    exact = core_periphery(graph, between)
    monkeypatch.setattr(cores, "EXACT_UP_TO", 0)
    searched = core_periphery(graph, between)
    assert not searched["exact"].any()
    assert searched["fit"].iloc[0] == pytest.approx(exact["fit"].iloc[0])


def test_search_on_a_planted_core():
    rng = np.random.default_rng(2)
    chance = np.full((80, 80), 0.03)
    chance[:12, :12] = 0.9
    chance[:12, 12:] = chance[12:, :12] = 0.3
    graph = nx.from_numpy_array(np.triu(rng.random((80, 80)) < chance, 1).astype(int))
    table = core_periphery(graph)
    core = set(table.loc[table["core"], "actor"])
    assert core >= set(range(12))
    assert table["fit"].iloc[0] == pytest.approx(correlation(graph, core, "ignore"))
    assert table["fit"].iloc[0] >= correlation(graph, set(range(12)), "ignore")
    assert table.loc[:11, "coreness"].min() > table.loc[12:, "coreness"].max()


def test_continuous_is_a_correlation_and_no_neighbour_is_better():
    graph = nx.karate_club_graph()
    table = core_periphery(graph)
    c = table["coreness"].to_numpy()
    cells, off = nx.to_numpy_array(graph, weight=None), ~np.eye(34, dtype=bool)

    def fit(c):
        return np.corrcoef(cells[off], np.outer(c, c)[off])[0, 1]

    assert table["fit_continuous"].iloc[0] == pytest.approx(fit(c))
    assert (c**2).sum() == pytest.approx(1)
    rng = np.random.default_rng(0)
    assert all(fit(np.abs(c + rng.normal(0, 0.02, 34))) <= fit(c) + 1e-9 for _ in range(200))
    # Borgatti & Everett's own measure ranks the two heads of the club first
    assert set(table.nlargest(2, "coreness")["actor"]) == {0, 33}


def test_same_seed_same_core():
    graph = nx.barabasi_albert_graph(60, 2, seed=3)
    one, two = (core_periphery(graph, "none", restarts=5, seed=7) for _ in range(2))
    assert one.equals(two)


@pytest.mark.parametrize("graph", [nx.empty_graph(5), nx.complete_graph(5), nx.path_graph(2)])
def test_without_structure_there_is_no_core(graph):
    table = core_periphery(graph)
    assert not table["core"].any()
    assert table[["fit", "fit_continuous"]].isna().all(axis=None)


def test_unknown_convention():
    with pytest.raises(NetklyngeError, match="ignore, ties, none"):
        core_periphery(nx.path_graph(3), between="half")
