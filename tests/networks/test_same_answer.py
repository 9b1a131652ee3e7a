"""The same network gives the same answer: rows in another order, other names, weights that are all alike."""

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import netklynge as nk
from netklynge.networks.arrays import in_order, simple_ties

GROUPS = {f"n{i}": "abc"[i % 3] for i in range(10)}

ties = st.lists(
    st.tuples(st.integers(0, 9), st.integers(0, 9), st.integers(1, 4), st.booleans()), min_size=3, max_size=40
).map(
    lambda rows: pd.DataFrame(
        {
            "source": [f"n{a}" for a, *_ in rows],
            "target": [f"n{b}" for _, b, *_ in rows],
            "weight": [float(w) for *_, w, _ in rows],
            "directed": [d for *_, d in rows],
            "layer": ["rd" if w % 2 else "supply" for *_, w, _ in rows],
        }
    )
)

MEASURES = {
    "ei_index": lambda t: nk.ei_index(t, GROUPS, permutations=20, weight=True),
    "coleman": lambda t: nk.coleman(t, GROUPS, weight=True),
    "mixing": lambda t: nk.mixing(t, GROUPS, directed=False, weight=True),
    "brokerage": lambda t: nk.brokerage(t, GROUPS),
    "constraint": lambda t: nk.constraint(t, weight=True),
    "core_periphery": lambda t: nk.core_periphery(t, restarts=3),
    "leiden": lambda t: nk.leiden(t, weight=True),
    "components": nk.components,
    "removal_loss": lambda t: nk.removal_loss(t, GROUPS, share=0.4),
    "external_reach": lambda t: nk.external_reach(t, GROUPS, weight=True),
    "qap": lambda t: nk.qap(t, permutations=20),
    "partner_diversity": lambda t: nk.partner_diversity(t, GROUPS, weight=True),
    "concentration": lambda t: nk.concentration_table(t, value="weight", replicates=50),
}
NUMBERING = {"leiden": ["community"], "components": ["component", "strong"]}  # a number is a name


@pytest.mark.parametrize("measure", MEASURES)
@given(ties, st.randoms(use_true_random=False))
@settings(max_examples=12, deadline=None)
def test_the_order_of_rows_changes_nothing(measure, rows, dice):
    assume((rows["source"] != rows["target"]).any())
    order = list(range(len(rows)))
    dice.shuffle(order)
    one, two = (MEASURES[measure](t) for t in (rows, rows.iloc[order].reset_index(drop=True)))
    key = [c for c in ("level", "group", "actor", "from_group", "to_group", "first", "measure") if c in one]
    one, two = (t.sort_values(key, ignore_index=True) for t in (one, two))
    pd.testing.assert_frame_equal(one, two, rtol=1e-12)


@given(ties, st.permutations(range(10)))
@settings(max_examples=25, deadline=None, derandomize=True)  # both searches are no proof of the best
def test_other_names_change_nothing(rows, names):
    """What belongs to the network stays the same, and what belongs to an actor goes where its name goes."""
    assume((rows["source"] != rows["target"]).any())
    new = {f"n{i}": f"m{name}" for i, name in enumerate(names)}
    named = rows.assign(source=rows["source"].map(new), target=rows["target"].map(new))
    groups = {new[actor]: group for actor, group in GROUPS.items()}
    one = nk.ei_index(rows, GROUPS, permutations=20).iloc[0]
    two = nk.ei_index(named, groups, permutations=20).iloc[0]
    assert one["ei"] == pytest.approx(two["ei"], nan_ok=True)
    for measure, columns in (("leiden", ["modularity"]), ("core_periphery", ["fit", "fit_continuous"])):
        first, second = (MEASURES[measure](t)[columns].iloc[0].to_numpy(dtype=float) for t in (rows, named))
        assert first == pytest.approx(second, nan_ok=True)
    holes, turned = (nk.constraint(t, weight=True).set_index("actor") for t in (rows, named))
    pd.testing.assert_frame_equal(holes.rename(index=new).sort_index(), turned.sort_index())


def test_names_do_not_touch_p_where_the_ties_tell_actors_apart():
    rng = np.random.default_rng(5)
    graph = nx.gnp_random_graph(24, 0.2, seed=11, directed=True)
    groups = {node: "ab"[int(rng.integers(2))] for node in graph}
    new = dict(zip(graph, rng.permutation(100)[:24].tolist(), strict=True))
    one = nk.ei_index(graph, groups, permutations=99)
    two = nk.ei_index(nx.relabel_nodes(graph, new), {new[k]: g for k, g in groups.items()}, permutations=99)
    assert one.loc[0, "p"] == two.loc[0, "p"]
    assert 0 < one.loc[0, "p"] <= 1


def test_actors_stand_in_an_order_that_their_names_do_not_make():
    graph = nx.gnp_random_graph(30, 0.15, seed=2)
    new = dict(zip(graph, np.random.default_rng(1).permutation(30).tolist(), strict=True))
    one, two = (in_order(simple_ties(g))[0] for g in (graph, nx.relabel_nodes(graph, new)))
    assert one.source.tolist() == two.source.tolist()
    assert one.target.tolist() == two.target.tolist()


EQUAL = {
    "coleman": lambda t, w: nk.coleman(t, GROUPS, weight=w)["coleman"],
    "ei_index": lambda t, w: nk.ei_index(t, GROUPS, weight=w)[["ei", "expected", "rescaled"]].stack(),
    "assortativity": lambda t, w: nk.assortativity(t, GROUPS, weight=w),
    "external_reach": lambda t, w: nk.external_reach(t, GROUPS, weight=w)[["reach", "direct", "indirect"]].stack(),
}


@pytest.mark.parametrize("measure", EQUAL)
@given(ties, st.sampled_from([1.0, 0.5, 7.0]))
@settings(max_examples=15, deadline=None)
def test_equal_weights_are_no_weights(measure, rows, each):
    assume((rows["source"] != rows["target"]).any())
    rows = rows.drop_duplicates(["source", "target"]).assign(weight=each, directed=True)
    if measure == "external_reach":  # where a tie both ways is as strong as two
        pairs = rows[["source", "target"]].apply(frozenset, axis=1)
        rows = rows[~pairs.duplicated()]
    plain, weighted = (EQUAL[measure](rows, w) for w in (None, True))
    assert np.asarray(weighted, dtype=float) == pytest.approx(np.asarray(plain, dtype=float), nan_ok=True)


@given(ties)
@settings(max_examples=15, deadline=None)
def test_a_whole_weight_is_so_many_ties(rows):
    rows = rows.assign(directed=True)
    many = rows.loc[rows.index.repeat(rows["weight"].astype(int))]
    assume((rows["source"] != rows["target"]).any())
    for measure in (nk.coleman, nk.ei_index):
        one, two = measure(rows, GROUPS, weight=True), measure(many, GROUPS)
        for column in ({"internal", "external", "ei", "sent", "coleman"}) & set(one.columns):
            a, b = (t[column].astype("Float64").to_numpy(dtype=float, na_value=np.nan) for t in (one, two))
            assert a == pytest.approx(b, nan_ok=True)
    assert nk.assortativity(rows, GROUPS, weight=True) == pytest.approx(nk.assortativity(many, GROUPS), nan_ok=True)


def test_strength_against_igraph_and_by_hand():
    # strengths 3, 4, 1 over the heaviest tie, 3: ((4-3) + 0 + (4-1)) / (2 x 1 x 3)
    assert nk.centralization([("a", "b", 3), ("b", "c", 1)], weight=True) == pytest.approx(4 / 6)
    star = [("hub", f"n{i}", 2.5) for i in range(6)]
    assert nk.centralization(star, weight=True) == pytest.approx(1)
    graph = nx.gnp_random_graph(12, 0.4, seed=3, directed=True)
    rng = np.random.default_rng(3)
    nx.set_edge_attributes(graph, {edge: float(rng.integers(1, 6)) for edge in graph.edges}, "weight")
    import igraph as ig

    strength = np.array(ig.Graph.from_networkx(graph).strength(mode="out", weights="weight"))
    heaviest = max(w for *_, w in graph.edges(data="weight"))
    expected = (strength.max() - strength).sum() / (11**2 * heaviest)
    assert nk.centralization(graph, mode="out", weight=True) == pytest.approx(expected)
    with pytest.raises(nk.NetklyngeError, match="closeness has no centralisation with weights"):
        nk.centralization(graph, "closeness", weight=True)


def test_assortativity_with_weights_against_igraph_and_networkx():
    graph = nx.gnp_random_graph(20, 0.3, seed=8)
    rng = np.random.default_rng(8)
    nx.set_edge_attributes(graph, {edge: float(rng.integers(1, 6)) for edge in graph.edges}, "weight")
    group = {node: int(rng.integers(3)) for node in graph}
    nx.set_node_attributes(graph, group, "group")
    whole = nx.MultiGraph()
    whole.add_nodes_from(graph.nodes(data=True))
    whole.add_edges_from((a, b) for a, b, w in graph.edges(data="weight") for _ in range(int(w)))
    expected = nx.attribute_assortativity_coefficient(whole, "group")
    assert nk.assortativity(graph, group, weight=True) == pytest.approx(expected)


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(1, 5)), min_size=1, max_size=20))
@settings(max_examples=50, deadline=None)
def test_gini_and_hhi_with_weights_are_values_repeated(rows):
    values, weights = [x for x, _ in rows], [f for _, f in rows]
    many = np.repeat(values, weights)
    for measure in (nk.gini, nk.hhi):
        assert measure(values, weights) == pytest.approx(measure(many), nan_ok=True)


def test_weights_of_gini_are_checked():
    with pytest.raises(nk.NetklyngeError, match="2 weights for 3 values"):
        nk.gini([1, 2, 3], [1, 1])
    with pytest.raises(nk.NetklyngeError, match="1 of 3 values have no weight"):
        nk.hhi([1, 2, 3], [1, None, 1])
    with pytest.raises(nk.NetklyngeError, match="k is -1"):
        nk.cr_k([1, 2, 3], -1)


def test_projection_with_strengths():
    # x: a 4, b 2 of two members; y: a 1, c 3 and b 2 of three
    rows = [("a", "x", 4), ("b", "x", 2), ("a", "y", 1), ("b", "y", 2), ("c", "y", 3)]
    frame = pd.DataFrame(rows, columns=["source", "target", "weight"])
    found = nk.project_memberships(frame, weight=True)
    assert found["weight"].tolist() == pytest.approx([3 + 1.5 / 2, 2 / 2, 2.5 / 2])
    pd.testing.assert_frame_equal(
        nk.project_memberships(frame.assign(weight=1), weight=True), nk.project_memberships(frame)
    )


def test_hierarchy_and_efficiency_cell_by_cell():
    graph = nx.gnp_random_graph(14, 0.3, seed=6)
    table = nk.constraint(graph).set_index("actor")
    for actor in graph:
        partners = list(graph[actor])
        assert table.loc[actor, "efficiency"] == pytest.approx(
            nx.effective_size(graph, [actor])[actor] / len(partners) if partners else np.nan, nan_ok=True
        )
        each = np.array([nx.local_constraint(graph, actor, j) for j in partners])
        n = len(each)
        expected = (each / each.mean() * np.log(each / each.mean())).sum() / (n * np.log(n)) if n > 1 else np.nan
        assert table.loc[actor, "hierarchy"] == pytest.approx(expected, nan_ok=True)
    assert nk.constraint(nx.complete_graph(5))["hierarchy"].tolist() == pytest.approx([0] * 5)


def test_names_of_old():
    for old, new in (("project", "project_memberships"), ("overlap", "layer_overlap"), ("response", "response_rates")):
        with pytest.warns(DeprecationWarning, match=new):
            assert getattr(nk, old) is getattr(nk, new)
