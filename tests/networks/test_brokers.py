"""Brokerage: the reference network, R's sna, a brute-force twin, and invariants."""

import itertools

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netklynge.networks.brokers import ROLES, brokerage

SMALL = pd.DataFrame({"source": [1, 2, 3, 4, 3], "target": [2, 3, 4, 1, 5]})
GROUPS = {1: "x", 2: "x", 3: "y", 4: "y", 5: "z"}


def brute(pairs, groups):
    """Counts by role of each actor, triad by triad."""
    ties = {(a, b) for a, b in pairs if a != b}
    counts = {actor: dict.fromkeys((*ROLES, "unclassified"), 0) for actor in groups}
    for a, b, c in itertools.permutations(groups, 3):
        if (a, b) in ties and (b, c) in ties and (a, c) not in ties:
            ga, gb, gc = groups[a], groups[b], groups[c]
            if None in (ga, gb, gc):
                role = "unclassified"
            elif ga == gb == gc:
                role = "coordinator"
            elif ga == gc:
                role = "itinerant"
            elif gb == gc:
                role = "gatekeeper"
            elif ga == gb:
                role = "representative"
            else:
                role = "liaison"
            counts[b][role] += 1
    return counts


def test_reference_network():
    """1->2->3->4->1, 3->5 with groups {1,2}, {3,4}, {5}: roles by hand, as in R's sna."""
    table = brokerage(SMALL, GROUPS).set_index("actor")
    nonzero = {(a, r): table.loc[a, r] for a in table.index for r in ROLES if table.loc[a, r]}
    assert nonzero == {
        (1, "gatekeeper"): 1,
        (2, "representative"): 1,
        (3, "gatekeeper"): 1,
        (3, "liaison"): 1,
        (4, "representative"): 1,
    }
    assert table["total"].tolist() == [1, 1, 2, 1, 0]


def test_expectation_and_z_as_sna():
    """R, sna 2.7-1, brokerage(): exp.nli and z.nli of the reference network (columns by name: sna's w_O is the
    itinerant, b_OI the gatekeeper, b_IO the representative, b_O the liaison)."""
    table = brokerage(SMALL, GROUPS).set_index("actor")
    expected = {"itinerant": 0.09375, "gatekeeper": 0.140625, "representative": 0.140625, "liaison": 0.1875}
    for role, value in {**expected, "total": 0.5625}.items():
        assert table.loc[1, f"expected_{role}"] == pytest.approx(value)
    z1 = {
        "itinerant": -0.3136250,
        "gatekeeper": 2.0626612,
        "representative": -0.3375264,
        "liaison": -0.4140393,
    }
    for role, value in {**z1, "total": 0.4738282}.items():
        assert table.loc[1, f"z_{role}"] == pytest.approx(value, abs=1e-6)
    z3 = {"gatekeeper": 2.0626612, "liaison": 1.7941705, "total": 1.5568641}
    for role, value in z3.items():
        assert table.loc[3, f"z_{role}"] == pytest.approx(value, abs=1e-6)
    z5 = {"itinerant": -0.4435328, "liaison": -0.5511783, "total": -0.6092077}
    for role, value in z5.items():
        assert table.loc[5, f"z_{role}"] == pytest.approx(value, abs=1e-6)
    assert table["z_coordinator"].isna().all()


def test_moments_against_random_networks():
    """Expectation and variance over random networks of one density (Gould & Fernandez's null model)."""
    rng = np.random.default_rng(5)
    group, draws = np.array([0, 0, 0, 0, 1, 1, 1, 2, 2]), 40_000
    n, broker = len(group), 0
    chosen = rng.permutation(n * (n - 1))[:29]
    ties = np.zeros((n, n), dtype=bool)
    ties[~np.eye(n, dtype=bool)] = np.isin(np.arange(n * (n - 1)), chosen)
    source, target = ties.nonzero()
    row = brokerage(pd.DataFrame({"source": source, "target": target}), dict(enumerate(group)))
    row = row.set_index("actor").loc[broker]
    drawn = rng.random((draws, n, n)) < 29 / (n * (n - 1))
    brokered = drawn[:, :, [broker]] & drawn[:, [broker], :] & ~drawn & ~np.eye(n, dtype=bool)
    brokered[:, broker], brokered[:, :, broker] = False, False
    first, last = np.equal.outer(group, group[broker])[:, None], np.equal.outer(group, group[broker])[None]
    ends = np.equal.outer(group, group)
    cells = {
        "coordinator": first & last,
        "itinerant": ends & ~first,
        "gatekeeper": ~first & last,
        "representative": first & ~last,
        "liaison": ~ends & ~first & ~last,
    }
    for role, cell in cells.items():
        found = (brokered & cell).sum(axis=(1, 2))
        sd = (row[role] - row[f"expected_{role}"]) / row[f"z_{role}"]
        assert row[f"expected_{role}"] == pytest.approx(found.mean(), rel=0.03)
        assert sd == pytest.approx(found.std(), rel=0.03)


edges = st.lists(st.tuples(st.integers(0, 8), st.integers(0, 8)), max_size=60)
memberships = st.lists(st.sampled_from(["x", "y", "z", None]), min_size=9, max_size=9)


@given(edges, memberships)
@settings(max_examples=40, deadline=None)
def test_brute_force_twin(pairs, of_actor):
    groups = dict(enumerate(of_actor))
    if all(g is None for g in of_actor):
        groups[0] = "x"
    ties = pd.DataFrame(pairs, columns=["source", "target"], dtype="int64")
    tied = set(ties["source"]) | set(ties["target"])
    if tied and all(groups[a] is None for a in tied):
        groups[min(tied)] = "x"
    table = brokerage(ties, groups).set_index("actor")
    expected = brute(pairs, groups)
    for actor, counts in expected.items():
        assert table.loc[actor, "unclassified"] == counts["unclassified"]
        if groups[actor] is None:
            assert table.loc[actor, list(ROLES)].isna().all()
        else:
            assert {r: table.loc[actor, r] for r in ROLES} == {r: counts[r] for r in ROLES}


@pytest.mark.parametrize("seed", range(3))
def test_brute_force_twin_on_networkx(seed):
    graph = nx.gnp_random_graph(25, 0.2, seed=seed, directed=True)
    groups = {i: i % 4 for i in graph}
    table = brokerage(graph, groups).set_index("actor")
    expected = brute(graph.edges, groups)
    assert all(table.loc[a, r] == expected[a][r] for a in graph for r in ROLES)


@given(edges, st.lists(st.sampled_from("xyz"), min_size=9, max_size=9), st.permutations(range(9)))
@settings(max_examples=15, deadline=None)
def test_names_isolates_repeats_and_direction(pairs, of_actor, names):
    groups = dict(enumerate(of_actor))
    ties = pd.DataFrame(pairs, columns=["source", "target"], dtype="int64")
    base = brokerage(ties, groups).set_index("actor")[[*ROLES, "total"]]
    renamed = ties.replace(dict(enumerate(names)))
    other = brokerage(pd.concat([renamed, renamed]), {names[a]: g for a, g in groups.items()})
    other = other.set_index("actor")[[*ROLES, "total"]]
    assert all(base.loc[a].equals(other.loc[names[a]].rename(a)) for a in groups)
    more = brokerage(ties, {**groups, 9: "x"}).set_index("actor")[[*ROLES, "total"]]
    assert more.drop(9).equals(base)
    turned = brokerage(ties.rename(columns={"source": "target", "target": "source"}), groups).set_index("actor")
    swapped = turned.rename(columns={"gatekeeper": "representative", "representative": "gatekeeper"})
    assert swapped[[*ROLES, "total"]].equals(base)


def test_undirected_graph_runs_both_ways():
    table = brokerage(nx.path_graph(3), {0: "x", 1: "x", 2: "y"}).set_index("actor")
    assert table.loc[1, ["gatekeeper", "representative", "total"]].tolist() == [1, 1, 2]


def test_one_group_has_coordinators_only():
    graph = nx.gnp_random_graph(12, 0.3, seed=1, directed=True)
    table = brokerage(graph, dict.fromkeys(graph, "x"))
    assert (table["coordinator"] == table["total"]).all()
    assert (table["expected_coordinator"] == table["expected_total"]).all()
