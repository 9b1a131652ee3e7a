"""What measures take: the same network in every dress gives the same, and what is none is refused in plain words."""

import duckdb
import igraph as ig
import networkx as nx
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
import scipy.sparse as sp

import netklynge as nk
from netklynge.findings import NetklyngeError
from netklynge.networks.arrays import simple_ties
from netklynge.networks.inputs import tie_rows

PAIRS = [(0, 1), (1, 2), (2, 0), (2, 3), (3, 4), (4, 2)]
FRAME = pd.DataFrame(PAIRS, columns=["source", "target"])
MATRIX = np.zeros((5, 5))
MATRIX[tuple(np.array(PAIRS).T)] = 1

DRESSES = {
    "pandas": FRAME,
    "polars": pl.from_pandas(FRAME),
    "polars-lazy": pl.from_pandas(FRAME).lazy(),
    "pyarrow": pa.Table.from_pandas(FRAME),
    "duckdb": duckdb.from_arrow(pa.Table.from_pandas(FRAME)),
    "networkx": nx.DiGraph(PAIRS),
    "igraph": ig.Graph(5, PAIRS, directed=True),
    "numpy": MATRIX,
    "numpy-bool": MATRIX.astype(bool),
    "scipy": sp.csr_array(MATRIX),
    "scipy-matrix": sp.coo_matrix(MATRIX),
    "pairs": PAIRS,
    "lists": [list(pair) for pair in PAIRS],
    "columns": {"source": FRAME["source"].tolist(), "target": FRAME["target"].tolist()},
}
MEASURES = {
    "constraint": nk.constraint,
    "components": nk.components,
    "leiden": nk.leiden,
    "core_periphery": nk.core_periphery,
    "ei_index": lambda ties: nk.ei_index(ties, {0: "a", 1: "a", 2: "b", 3: "b", 4: "b"}),
    "brokerage": lambda ties: nk.brokerage(ties, {0: "a", 1: "a", 2: "b", 3: "b", 4: "b"}),
    "external_reach": lambda ties: nk.external_reach(ties, {0: "a", 1: "a", 2: "b", 3: "b", 4: "b"}),
}


@pytest.mark.parametrize("dress", DRESSES)
@pytest.mark.parametrize("measure", MEASURES)
def test_every_dress_gives_the_same(dress, measure):
    found = MEASURES[measure](DRESSES[dress])
    if not isinstance(found, pd.DataFrame):
        found = (
            found.collect()
            if hasattr(found, "collect")
            else found.to_arrow_table()
            if hasattr(found, "to_arrow_table")
            else found
        )
        found = found.to_pandas()
    expected = MEASURES[measure](FRAME)
    key = list(expected.columns[:3])
    pd.testing.assert_frame_equal(
        found.sort_values(key, ignore_index=True), expected.sort_values(key, ignore_index=True), check_dtype=False
    )


@pytest.mark.parametrize("dress", DRESSES)
def test_numbers_too(dress):
    ties = DRESSES[dress]
    assert nk.density(ties) == 6 / 20
    assert nk.reciprocity(ties) == 0
    assert nk.centralization(ties) == pytest.approx(nk.centralization(FRAME))


def test_undirected_graphs_and_symmetric_matrices_run_both_ways():
    graph = nx.path_graph(4)
    for ties in (graph, ig.Graph.from_networkx(graph), nx.to_numpy_array(graph), nx.to_scipy_sparse_array(graph)):
        assert nk.reciprocity(ties) == 1
        assert nk.density(ties) == 0.5


def test_igraph_s_names_and_isolates():
    graph = ig.Graph(3, [(0, 1)])
    graph.vs["name"] = ["x", "y", "alone"]
    assert nk.components(graph)["actor"].tolist() == ["x", "y", "alone"]
    graph.vs["name"] = ["x", "x", "y"]
    with pytest.raises(NetklyngeError, match="same name"):
        nk.components(graph)


@pytest.mark.parametrize(
    ("ties", "words"),
    [
        (7, "a int cannot be read"),
        (None, "a NoneType cannot be read"),
        ("horten", "a str cannot be read"),
        (np.ones((2, 3)), r"shape \(2, 3\)"),
        (np.array([[0, np.nan], [1, 0]]), r"cell \(0, 1\) of the matrix is blank"),
        (np.array([["a", "b"], ["c", "d"]]), "its cells are numbers"),
        (["ab", "bc"], "item 0 is 'ab'"),
        ([("a",)], r"item 0 is \('a',\)"),
        ([("a", "")], "row 0: an end of the tie is blank"),
        ([("a", "b"), ("a", "  ")], "row 1: an end of the tie is blank"),
        ([("a", float("nan"))], "row 0: an end of the tie is blank"),
        (nx.DiGraph([("a", float("nan"))]), "blank"),
        ({"source": ["a"], "target": ["b", "c"]}, "mapping of columns"),
        ({"source": ["a"]}, "column 'target' is missing"),
        (pd.DataFrame({"source": ["a"], "target": ["b"], "directed": ["maybe"]}), "directed is 'maybe'"),
    ],
)
def test_what_is_no_network_is_refused(ties, words):
    with pytest.raises(NetklyngeError, match=words):
        nk.constraint(ties)


def test_a_study_is_pointed_to_its_ties():
    with pytest.raises(NetklyngeError, match=r"study\.ties"):
        nk.constraint(nk.load("horten"))


def test_blank_names_of_actors_and_of_members_of_groups():
    with pytest.raises(NetklyngeError, match="an actor's name is blank"):
        nk.density(FRAME, actors=[None])
    with pytest.raises(NetklyngeError, match="groups: row 0: the actor is blank"):
        nk.ei_index([("a", "b")], {" ": "x", "a": "y"})
    # a blank group is an unknown one, and no group of its own
    assert nk.ei_index([("a", "b")], {"a": "x", "b": ""})["unknown"].iloc[0] == 1


# -- direction of a row --------------------------------------------------------------------------------

MIXED = pd.DataFrame({"source": ["a", "b", "d"], "target": ["b", "c", "c"], "directed": [1, 0, 0]})
GROUPS = {"a": "x", "b": "x", "c": "y", "d": "y"}


@pytest.mark.parametrize("flags", [[1, 0, 0], [True, False, False], ["1", "0", "false"], [None, 0.0, 0]])
def test_a_row_of_directed_0_runs_both_ways(flags):
    rows = tie_rows(MIXED.assign(directed=flags))
    assert set(zip(rows.source, rows.target, strict=True)) == {
        ("a", "b"),
        ("b", "c"),
        ("c", "b"),
        ("d", "c"),
        ("c", "d"),
    }
    assert len(rows.source) == 5


DIRECTED = {
    "coleman": lambda ties: nk.coleman(ties, GROUPS),
    "brokerage": lambda ties: nk.brokerage(ties, GROUPS).sort_values("actor"),
    "assortativity": lambda ties: nk.assortativity(ties, GROUPS),
    "mixing": lambda ties: nk.mixing(ties, GROUPS),
    "reciprocity": nk.reciprocity,
    "cognitive_positions": lambda ties: nk.cognitive_positions(ties, GROUPS).sort_values("actor"),
    "constraint": lambda ties: nk.constraint(ties).sort_values("actor"),
    "ei_index": lambda ties: nk.ei_index(ties, GROUPS).sort_values(["level", "actor"]),
}


@pytest.mark.parametrize("measure", DIRECTED)
def test_an_undirected_tie_has_no_order(measure):
    turned = MIXED.copy()
    turned.loc[1:, ["source", "target"]] = MIXED.loc[1:, ["target", "source"]].to_numpy()
    one, two = DIRECTED[measure](MIXED), DIRECTED[measure](turned)
    if isinstance(one, float):
        assert one == two
    else:
        pd.testing.assert_frame_equal(one.reset_index(drop=True), two.reset_index(drop=True))


def test_undirected_rows_equal_an_undirected_graph():
    rows = pd.DataFrame({"source": ["a", "b", "d"], "target": ["b", "c", "c"], "directed": 0})
    graph = nx.Graph(rows[["source", "target"]].itertuples(index=False))
    for measure in ("coleman", "brokerage"):
        one, two = (DIRECTED[measure](ties).reset_index(drop=True) for ties in (rows, graph))
        pd.testing.assert_frame_equal(one, two)
    # E-I counts ties: one row is one, whichever way it was typed
    assert nk.ei_index(rows, GROUPS).loc[0, ["internal", "external"]].tolist() == [2, 1]


# -- weights -------------------------------------------------------------------------------------------


def test_weights_from_every_dress():
    amounts = [3.0, 1.0, 2.0, 5.0, 4.0, 1.5]
    frame = FRAME.assign(value=amounts)
    matrix = np.zeros((5, 5))
    matrix[tuple(np.array(PAIRS).T)] = amounts
    graph = nx.DiGraph()
    graph.add_weighted_edges_from([(*pair, w) for pair, w in zip(PAIRS, amounts, strict=True)], weight="value")
    other = ig.Graph(5, PAIRS, directed=True)
    other.es["value"] = amounts
    triples = [(*pair, w) for pair, w in zip(PAIRS, amounts, strict=True)]
    expected = nk.constraint(frame, weight="value").set_index("actor")
    for ties, weight in (
        (matrix, True),
        (sp.csr_array(matrix), True),
        (graph, "value"),
        (other, "value"),
        (triples, True),
    ):
        found = nk.constraint(ties, weight=weight).set_index("actor").loc[expected.index]
        pd.testing.assert_frame_equal(found, expected)
    assert expected["constraint"].tolist() == pytest.approx(
        [other.constraint(weights="value")[k] for k in expected.index]
    )


@pytest.mark.parametrize("wrong", [None, -1.0, "much", float("inf")])
def test_a_weight_is_a_number_from_0_up(wrong):
    frame = FRAME.assign(value=pd.Series([1.0] * 5 + [wrong], dtype=object))
    with pytest.raises(NetklyngeError, match="value"):
        nk.constraint(frame, weight="value")
    with pytest.raises(NetklyngeError, match="column 'amount' is missing"):
        nk.constraint(frame, weight="amount")


def test_repeated_ties_add_up_and_nothing_is_no_tie():
    rows = pd.DataFrame({"source": ["a", "a", "a"], "target": ["b", "b", "c"], "weight": [1, 2, 0]})
    network = simple_ties(rows, weight=True)
    assert network.weight.tolist() == [3]
    assert network.size == 3
