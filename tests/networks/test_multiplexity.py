"""Multiplexity: layer_overlap by hand, QAP against correlations cell by cell and all permutations."""

import itertools

import networkx as nx
import numpy as np
import pandas as pd
import pytest

from netklynge.findings import NetklyngeError
from netklynge.networks.multiplexity import layer_overlap, qap


def two_layers(seed, n=6, directed=True):
    graphs = [nx.gnp_random_graph(n, 0.4, seed=seed + k, directed=directed) for k in range(2)]
    frames = [nx.to_pandas_edgelist(g).assign(layer=name) for g, name in zip(graphs, ("rd", "supply"), strict=True)]
    return graphs, pd.concat(frames, ignore_index=True)


def test_overlap_by_hand():
    ties = pd.DataFrame(
        {
            "source": ["a", "b", "a", "b", "c", "a"],
            "target": ["b", "c", "b", "a", "a", "a"],
            "layer": ["rd", "rd", "supply", "supply", "supply", "supply"],
        }
    )
    row = layer_overlap(ties).iloc[0]
    assert (row["ties_first"], row["ties_second"], row["both"], row["either"]) == (2, 3, 1, 4)
    assert row["share_of_first"] == 0.5
    row = layer_overlap(ties, directed=False).iloc[0]
    assert (row["ties_first"], row["ties_second"], row["both"], row["either"]) == (2, 2, 1, 3)


@pytest.mark.parametrize("directed", [True, False])
@pytest.mark.parametrize("seed", range(3))
def test_correlation_cell_by_cell(seed, directed):
    graphs, ties = two_layers(seed, directed=directed)
    row = qap(ties, permutations=0, directed=directed, actors=range(6)).iloc[0]
    off = ~np.eye(6, dtype=bool)
    cells = [nx.to_numpy_array(g, nodelist=range(6))[off] for g in graphs]
    assert row["correlation"] == pytest.approx(np.corrcoef(*cells)[0, 1])


def test_p_against_all_permutations():
    graphs, ties = two_layers(11)
    one, two = (nx.to_numpy_array(g, nodelist=range(6)) for g in graphs)
    common = np.array([(one[np.ix_(p, p)] * two).sum() for p in map(list, itertools.permutations(range(6)))])
    observed = (one * two).sum()
    exact = min(1, 2 * min((common <= observed).mean(), (common >= observed).mean()))
    row = qap(ties, permutations=20_000, seed=1, actors=range(6)).iloc[0]
    assert row["both"] == observed
    assert row["p"] == pytest.approx(exact, abs=0.015)


def test_mean_of_permutations_is_expected():
    graphs, ties = two_layers(7)
    one, two = (nx.to_numpy_array(g, nodelist=range(6)) for g in graphs)
    common = [(one[np.ix_(p, p)] * two).sum() for p in map(list, itertools.permutations(range(6)))]
    assert qap(ties, 0, actors=range(6))["expected"].iloc[0] == pytest.approx(np.mean(common))


def test_a_layer_with_itself_under_another_name():
    graph = nx.gnp_random_graph(30, 0.1, seed=2, directed=True)
    edges = nx.to_pandas_edgelist(graph)
    ties = pd.concat([edges.assign(layer="a"), edges.assign(layer="b")])
    row = qap(ties, permutations=199, seed=1).iloc[0]
    assert row["correlation"] == pytest.approx(1)
    assert row["p"] == pytest.approx(2 / 200)


def test_layers_are_needed_and_never_pooled():
    with pytest.raises(NetklyngeError, match="'layer' is missing"):
        layer_overlap(pd.DataFrame({"source": ["a"], "target": ["b"]}))
    with pytest.raises(NetklyngeError, match="permutations is -5"):
        qap(two_layers(0)[1], permutations=-5)
    assert len(layer_overlap(two_layers(0)[1].query("layer == 'rd'"))) == 0


def test_a_tie_without_a_layer_is_told():
    ties = pd.DataFrame({"source": ["a", "x"], "target": ["b", "y"], "layer": ["rd", None]})
    with pytest.raises(NetklyngeError, match="row 1 has no layer"):
        layer_overlap(ties)


def test_a_graph_s_edges_have_layers():
    graph = nx.MultiGraph()
    graph.add_edges_from([("a", "b", {"layer": "rd"}), ("a", "b", {"layer": "supply"}), ("b", "c", {"layer": "rd"})])
    row = layer_overlap(graph).iloc[0]
    assert row[["ties_first", "ties_second", "both", "either"]].tolist() == [4, 2, 2, 4]
    # six ordered pairs: (6 x 2 - 4 x 2) / sqrt(4 x 2 x 2 x 4)
    assert qap(graph, permutations=10)["correlation"].iloc[0] == pytest.approx(0.5)
    with pytest.raises(NetklyngeError, match="attribute 'layer'"):
        qap(nx.path_graph(3))


@pytest.mark.parametrize("directed", [True, False])
def test_p_does_not_hang_on_rows_or_names(directed):
    ties = two_layers(2, directed=directed)[1]
    turned = ties.sample(frac=1, random_state=3)
    named = turned.assign(source=turned["source"].map("n{}".format), target=turned["target"].map("n{}".format))
    one, two, three = (qap(t, permutations=99, directed=directed)["p"].tolist() for t in (ties, turned, named))
    assert one == two == three
