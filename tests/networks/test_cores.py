"""Core and periphery: the fit against correlations cell by cell, the exact search, and the search against it."""

import itertools

import networkx as nx
import numpy as np
import pandas as pd
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


def squares(matrix, c):
    """What MINRES makes least, cell by cell."""
    off = ~np.eye(len(c), dtype=bool)
    return float(((matrix - np.outer(c, c))[off] ** 2).sum())


def test_coreness_of_the_karate_club():
    # own run of MINRES as Boyd et al. (2010) have it, by hand; members by their number in the club, from 1
    table = core_periphery(nx.karate_club_graph()).set_index("actor")
    expected = {34: 0.405, 1: 0.362, 3: 0.321, 33: 0.318}
    assert table["coreness"].nlargest(4).rename(lambda actor: actor + 1).to_dict() == pytest.approx(expected, abs=5e-4)
    cells, off = nx.to_numpy_array(nx.karate_club_graph(), weight=None), ~np.eye(34, dtype=bool)
    c = table.loc[range(34), "coreness"].to_numpy()
    assert (c**2).sum() == pytest.approx(1)
    assert table["fit_continuous"].iloc[0] == pytest.approx(np.corrcoef(cells[off], np.outer(c, c)[off])[0, 1])


@pytest.mark.parametrize("seed", range(4))
def test_coreness_is_where_alternating_least_squares_ends(seed):
    """Boyd et al.'s own way: each c_i in turn is the regression of its row on the others, until nothing moves."""
    graph = nx.barabasi_albert_graph(25, 3, seed=seed)
    if seed % 2:
        graph = nx.DiGraph([(a, b) for a, b in graph.edges] + [(b, a) for a, b in graph.edges if (a + b) % 3])
    matrix = nx.to_numpy_array(graph)
    mean, c = (matrix + matrix.T) / 2, np.ones(len(graph))
    for _ in range(3000):
        for i in range(len(c)):
            others = np.delete(np.arange(len(c)), i)
            c[i] = mean[i, others] @ c[others] / (c[others] @ c[others])
    table = core_periphery(graph, restarts=3)
    coreness = table.set_index("actor").loc[list(graph), "coreness"].to_numpy()
    assert coreness == pytest.approx(c / np.linalg.norm(c), abs=1e-5)
    rng = np.random.default_rng(seed)
    assert all(squares(matrix, c) <= squares(matrix, c + rng.normal(0, 0.05, len(c))) for _ in range(100))


def test_coreness_of_case_07_is_no_accident_of_the_search():
    """The highest correlation gave .1715 for all of the karate club and 1, 0, 0, ... for the Florentine families."""
    for graph in (nx.karate_club_graph(), nx.florentine_families_graph()):
        values = core_periphery(graph)["coreness"]
        assert values.max() < 0.95
        assert values.std() > 0.05


def test_coreness_of_a_star_is_the_limit_and_blank_where_two_middles_would_do():
    star = core_periphery(nx.star_graph(6))
    assert star["coreness"].tolist() == [1, 0, 0, 0, 0, 0, 0]
    assert star["fit_continuous"].iloc[0] == pytest.approx(1)
    assert core_periphery(nx.path_graph(3))["coreness"].tolist() == [0, 1, 0]
    two = core_periphery(nx.disjoint_union(nx.star_graph(3), nx.star_graph(3)))
    assert two["coreness"].isna().all()


@pytest.mark.parametrize("size", [12, 40])
@pytest.mark.parametrize("seed", range(3))
def test_the_order_of_rows_changes_nothing(size, seed):
    graph = nx.gnp_random_graph(size, 0.2, seed=seed, directed=True)
    rows = pd.DataFrame(list(graph.edges), columns=["source", "target"])
    one, two = (core_periphery(ties, restarts=5) for ties in (rows, rows.sample(frac=1, random_state=seed)))
    pd.testing.assert_frame_equal(
        one.sort_values("actor", ignore_index=True), two.sort_values("actor", ignore_index=True)
    )


def test_same_seed_same_core():
    graph = nx.barabasi_albert_graph(60, 2, seed=3)
    one, two = (core_periphery(graph, "none", restarts=5, seed=7) for _ in range(2))
    assert one.equals(two)


@pytest.mark.parametrize("graph", [nx.empty_graph(5), nx.complete_graph(5), nx.path_graph(2)])
def test_without_structure_there_is_no_core(graph):
    table = core_periphery(graph)
    assert not table["core"].any()
    assert table[["fit", "fit_continuous"]].isna().all(axis=None)


def test_restarts_are_checked():
    with pytest.raises(NetklyngeError, match="restarts is 0"):
        core_periphery(nx.path_graph(3), restarts=0)


def test_unknown_convention():
    with pytest.raises(NetklyngeError, match="ignore, ties, none"):
        core_periphery(nx.path_graph(3), between="half")
