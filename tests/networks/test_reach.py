"""Reach: positions by hand, reach and its parts against shortest paths one by one."""

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netklynge.findings import NetklyngeError
from netklynge.networks.reach import cognitive_positions, external_reach, neighbour_pipelines, removal_loss

# a district of seven with two gatekeepers and one firm that only looks outwards
DISTRICT = nx.Graph(["ab", "bc", "cd", "ad", "aH", "HI", "dK", "eK", "fg"])
GROUPS = {**dict.fromkeys("abcdefg", "in"), **dict.fromkeys("HIK", "out")}


def reach_by_paths(graph, groups, group):
    """Direct and indirect reach from every shortest path; direct if one of them leaves at its first step."""
    direct, indirect = {}, {}
    members = [a for a in graph if groups[a] == group]
    for i in members:
        direct[i] = indirect[i] = 0.0
        for j in graph:
            if groups[j] in (group, None) or not nx.has_path(graph, i, j):
                continue
            paths = list(nx.all_shortest_paths(graph, i, j))
            at_once = any(groups[path[1]] != group for path in paths)
            (direct if at_once else indirect)[i] += 1 / (len(paths[0]) - 1)
    return direct, indirect


def test_district_by_hand():
    row = external_reach(DISTRICT, GROUPS).set_index("group").loc["in"]
    # leaving at the first step: a to H and on to I; d to K; e to K and, over d and a, to H and I
    direct = (1 + 1 / 2) + 1 + (1 + 1 / 4 + 1 / 5)
    # over others: a to K; b to H, I, K; c to K, H, I; d to H, I; f and g reach nobody
    indirect = 1 / 2 + (1 / 2 + 1 / 3 + 1 / 3) + (1 / 2 + 1 / 3 + 1 / 4) + (1 / 2 + 1 / 3)
    assert (row["direct"], row["indirect"]) == pytest.approx((direct, indirect))
    assert row["reach_per_actor"] == pytest.approx((direct + indirect) / 7)
    # a and d have ties both ways; e looks outwards only
    assert row["gatekeepers"] == 2
    assert row["share_direct"] == pytest.approx(2.5 / (direct + indirect))


@given(st.integers(0, 10_000))
@settings(max_examples=25, deadline=None)
def test_reach_against_paths_one_by_one(seed):
    graph = nx.gnp_random_graph(11, 0.2, seed=seed)
    rng = np.random.default_rng(seed)
    groups = {i: [None, "x", "y", "z"][k] for i, k in enumerate(rng.choice(4, 11, p=[0.1, 0.4, 0.3, 0.2]))}
    groups[0], groups[1] = "x", "y"
    if all(groups[a] is None for a in graph if graph.degree(a)):
        graph.add_edge(0, 1)
    table = external_reach(graph, groups).set_index("group")
    for group in table.index:
        direct, indirect = reach_by_paths(graph, groups, group)
        keepers = [
            a
            for a in direct
            if any(groups[b] == group for b in graph[a]) and any(groups[b] not in (group, None) for b in graph[a])
        ]
        row = table.loc[group]
        assert row["direct"] == pytest.approx(sum(direct.values()))
        assert row["indirect"] == pytest.approx(sum(indirect.values()))
        assert row["gatekeepers"] == len(keepers)
        assert row["direct_gatekeepers"] == pytest.approx(sum(direct[a] for a in keepers))
        if row["reach"]:
            assert row["share_gatekeepers"] == pytest.approx(row["share_direct"] + row["share_indirect"])


def test_loss_when_one_gatekeeper_carries_all():
    """A chain: without its only gatekeeper nothing is left. With a second way out of equal length, all is."""
    ties = pd.DataFrame({"source": ["a", "b", "c"], "target": ["b", "c", "X"]})
    groups = {"a": "in", "b": "in", "c": "in", "X": "out"}
    assert removal_loss(ties, groups).set_index("group").loc["in", "loss"] == pytest.approx(1)
    more = pd.concat([ties, pd.DataFrame({"source": ["b", "d"], "target": ["d", "X"]})])
    row = removal_loss(more, {**groups, "d": "in"}).set_index("group").loc["in"]
    assert (row["gatekeepers"], row["removed"]) == (2, 1)
    assert row["loss"] == pytest.approx(0)


def test_loss_against_removing_by_hand():
    graph, groups = nx.gnp_random_graph(16, 0.22, seed=4), {i: "in" if i < 9 else "out" for i in range(16)}
    row = removal_loss(graph, groups, share=0.5).set_index("group").loc["in"]
    keepers = [a for a in range(9) if any(b < 9 for b in graph[a]) and any(b >= 9 for b in graph[a])]

    def left(gone):
        rest = graph.copy()
        rest.remove_nodes_from(gone)
        return sum(reach_by_paths(rest, groups, "in")[1].values())

    foremost = sorted(keepers, key=lambda a: (left([a]), a))[: -(-len(keepers) // 2)]
    assert row["removed"] == len(foremost)
    assert row["left"] == pytest.approx(left(foremost))


def test_positions_by_hand():
    """Cluster a to e; a gives to three, gets from none and is open: gatekeeper. And so on, rule by rule."""
    ties = pd.DataFrame(
        [("a", "b"), ("a", "c"), ("a", "d"), ("b", "c"), ("c", "b"), ("X", "a"), ("Y", "a"), ("d", "X"), ("d", "Y"),
         ("d", "b"), ("f", "X"), ("Y", "f")],
        columns=["source", "target"],
    )  # fmt: skip
    groups = {**dict.fromkeys("abcdef", "in"), "X": "out", "Y": "out"}
    table = cognitive_positions(ties, groups, open_from=2, central_from=3).set_index("actor")
    assert table.loc[list("abcdef"), "position"].tolist() == [
        "technological_gatekeeper",
        "active_mutual_exchanger",
        "active_mutual_exchanger",
        "weak_mutual_exchanger",
        "isolated",
        "external_star",
    ]
    assert table.loc["b", ["absorbed", "transferred", "external"]].tolist() == [3, 1, 0]
    assert table.loc["b", "ratio"] == 3


def test_positions_default_cut_is_the_group_s_mean():
    ties = pd.DataFrame({"source": ["a", "a", "b"], "target": ["X", "Y", "X"]})
    table = cognitive_positions(ties, {"a": "in", "b": "in", "c": "in", "X": "out", "Y": "out"})
    assert table.set_index("actor").loc[["a", "b", "c"], "open"].tolist() == [True, False, False]


def test_actor_without_group_is_blank():
    ties = pd.DataFrame({"source": ["a", "a"], "target": ["b", "u"]})
    table = cognitive_positions(ties, {"a": "in", "b": "in", "u": None}).set_index("actor")
    assert table.loc["u", ["absorbed", "external", "position", "open"]].isna().all()
    assert table.loc["a", ["external", "unknown"]].tolist() == [0, 1]
    with pytest.raises(NetklyngeError, match="source_below"):
        cognitive_positions(ties, {"a": 1, "b": 1}, source_below=3, absorber_above=2)


@pytest.mark.parametrize("seed", range(4))
def test_neighbour_pipelines_one_by_one(seed):
    graph = nx.gnp_random_graph(14, 0.25, seed=seed, directed=True)
    groups = {i: i % 3 for i in graph}
    table = neighbour_pipelines(graph, groups).set_index("actor")
    both = graph.to_undirected()

    def pipes(a):
        return sum(groups[b] != groups[a] for b in both[a])

    for a in graph:
        neighbours = [b for b in both[a] if groups[b] == groups[a]]
        row = table.loc[a]
        assert (row["neighbours"], row["pipelines"]) == (len(neighbours), pipes(a))
        assert row["neighbours_pipelines"] == sum(map(pipes, neighbours))
        assert row["neighbours_with"] == sum(pipes(b) > 0 for b in neighbours)
        if neighbours:
            assert row["neighbours_mean"] == pytest.approx(np.mean([pipes(b) for b in neighbours]))
        else:
            assert pd.isna(row["neighbours_mean"])
