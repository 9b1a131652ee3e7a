"""Ties as arrays, triangles, and the same numbers and frame type from every engine."""

import engines
import networkx as nx
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netklynge.findings import NetklyngeError
from netklynge.networks.arrays import frame_like, group_codes, simple_ties, triangles
from netklynge.networks.brokers import brokerage
from netklynge.networks.centrality import centralization
from netklynge.networks.communities import components
from netklynge.networks.concentration import concentration_table
from netklynge.networks.cores import core_periphery
from netklynge.networks.holes import constraint
from netklynge.networks.homophily import ei_index
from netklynge.networks.memberships import project_memberships
from netklynge.networks.multiplexity import layer_overlap, qap
from netklynge.networks.reach import external_reach, neighbour_pipelines

TIES = pd.DataFrame(
    {
        "source": ["a", "b", "c", "a", "d", "e", "b", "a"],
        "target": ["b", "c", "a", "d", "e", "a", "e", "b"],
        "layer": ["rd", "rd", "supply", "supply", "rd", "supply", "rd", "supply"],
        "value": [1.0, 2.0, 3.0, None, 5.0, 6.0, 7.0, 8.0],
    }
)
GROUPS = pd.DataFrame({"actor": list("abcde"), "group": ["in", "in", "out", "out", None]})


MEASURES = {
    "ei_index": lambda ties, groups: ei_index(ties, groups, permutations=20, seed=1),
    "brokerage": brokerage,
    "constraint": lambda ties, groups: constraint(ties),
    "core_periphery": lambda ties, groups: core_periphery(ties),
    "components": lambda ties, groups: components(ties),
    "concentration": lambda ties, groups: concentration_table(ties, by=["layer"], replicates=20),
    "overlap": lambda ties, groups: layer_overlap(ties),
    "qap": lambda ties, groups: qap(ties, permutations=20, seed=1),
    "project_memberships": lambda ties, groups: project_memberships(ties),
    "external_reach": external_reach,
    "neighbour_pipelines": neighbour_pipelines,
}


@pytest.mark.parametrize("name", engines.NAMES)
@pytest.mark.parametrize("measure", MEASURES)
def test_every_engine_gives_the_same(name, measure):
    there = engines.ENGINES[name]
    given_back = MEASURES[measure](there(TIES), there(GROUPS))
    assert type(given_back) is type(there(TIES))
    expected = MEASURES[measure](TIES, GROUPS)
    pd.testing.assert_frame_equal(engines.as_pandas(given_back), expected, check_dtype=False)


def test_engines_may_differ_between_ties_and_groups():
    pl = pytest.importorskip("polars")
    assert isinstance(brokerage(TIES, pl.from_pandas(GROUPS)), pd.DataFrame)


def test_graphs_and_mappings_give_pandas():
    assert isinstance(constraint(nx.path_graph(3)), pd.DataFrame)
    assert isinstance(frame_like(TIES, {"a": 1}), pd.DataFrame)


pairs = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=60)


@given(pairs, st.integers(1, 50))
@settings(max_examples=60, deadline=None)
def test_triangles_against_all_triples(edges, candidates):
    network = simple_ties(pd.DataFrame(edges, columns=["source", "target"], dtype="int64"), range(10))
    ties = set(zip(network.source.tolist(), network.target.tolist(), strict=True))
    found = []
    for u, v, w, uv, uw, vw in triangles(network, candidates):
        for a, b, c, *flags in zip(u, v, w, uv, uw, vw, strict=True):
            found.append(frozenset((a, b, c)))
            for (i, j), flag in zip(((a, b), (a, c), (b, c)), flags, strict=True):
                assert flag == ((i, j) in ties) + 2 * ((j, i) in ties)
    joined = {frozenset(t) for t in ties}
    expected = {
        frozenset((i, j, k))
        for i in range(10)
        for j in range(i)
        for k in range(j)
        if {frozenset((i, j)), frozenset((i, k)), frozenset((j, k))} <= joined
    }
    assert len(found) == len(set(found))
    assert set(found) == expected


def test_triangles_of_networkx():
    graph = nx.barabasi_albert_graph(300, 6, seed=1)
    listed = sum(len(u) for u, *_ in triangles(simple_ties(graph)))
    assert listed == sum(nx.triangles(graph).values()) // 3


def test_simple_ties_keep_isolated_nodes_and_drop_loops():
    graph = nx.MultiDiGraph([(1, 2), (1, 2), (2, 2)])
    graph.add_node(3)
    network = simple_ties(graph)
    assert network.size == 3
    assert len(network.source) == 1


def test_groups_are_checked():
    with pytest.raises(NetklyngeError, match="'a' stands in two groups"):
        group_codes(TIES, pd.DataFrame({"actor": ["a", "a"], "group": [1, 2]}))
    with pytest.raises(NetklyngeError, match="column 'group' is missing"):
        group_codes(TIES, GROUPS.drop(columns="group"))
    with pytest.raises(NetklyngeError, match="row 1: the actor is blank"):
        group_codes(TIES, pd.DataFrame({"actor": ["a", None], "group": [1, 2]}))
    with pytest.raises(NetklyngeError, match="column 'target' is missing"):
        centralization(TIES.drop(columns="target"))


def test_a_repeated_row_of_groups_is_no_contradiction():
    codes = group_codes(TIES, pd.concat([GROUPS, GROUPS]))[1]
    assert np.array_equal(codes, [0, 0, 1, 1, -1])
