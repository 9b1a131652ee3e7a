"""Homophily: published mixing matrices, a brute-force twin, and what must not change the numbers."""

import itertools

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netklynge.findings import NetklyngeError
from netklynge.networks.homophily import assortativity, coleman, ei_index, mixing, orwg

# Catania, Coates, Kegeles et al. (1992), couples by women's and men's group, as used by Newman (2003)
CATANIA = [[506, 32, 69, 26], [23, 308, 114, 38], [26, 46, 599, 68], [10, 14, 47, 32]]
CLASSROOM = [[40, 5], [2, 41]]  # 26 pupils, 88 directed ties


def from_mixing(matrix, sizes):
    """Some ties with this mixing matrix between groups of these sizes (ties may repeat)."""
    groups = {f"{g}-{i}": g for g, size in enumerate(sizes) for i in range(size)}
    source, target = [], []
    for g, row in enumerate(matrix):
        for h, count in enumerate(row):
            pairs = [(i, j) for i in range(sizes[g]) for j in range(sizes[h]) if (g, i) != (h, j)]
            for i, j in itertools.islice(itertools.cycle(pairs), count):
                source.append(f"{g}-{i}")
                target.append(f"{h}-{j}")
    return pd.DataFrame({"source": source, "target": target}), groups


def network_row(table):
    return table[table["level"] == "network"].iloc[0]


@pytest.mark.parametrize(
    ("matrix", "sizes", "expected"),
    [
        # White's kinship: 10 nodes, 22 ties, 13 internal, 9 external (R package netseg, ei)
        ([[7, 4], [5, 6]], [5, 5], -0.181818),
        (CATANIA, [60, 50, 70, 30], -0.475996),
        (CLASSROOM, [13, 13], -0.840909),
    ],
)
def test_ei_of_published_tables(matrix, sizes, expected):
    ties, groups = from_mixing(matrix, sizes)
    row = network_row(ei_index(ties, groups))
    assert row["ei"] == pytest.approx(expected, abs=1e-6)
    assert row["internal"] == np.trace(matrix)
    assert row["internal"] + row["external"] == np.sum(matrix)


def test_assortativity_of_catania():
    assert assortativity(*from_mixing(CATANIA, [60, 50, 70, 30])) == pytest.approx(0.6214, abs=5e-5)


def test_assortativity_against_networkx():
    graph = nx.karate_club_graph()
    clubs = nx.get_node_attributes(graph, "club")
    expected = nx.attribute_assortativity_coefficient(graph, "club")
    assert assortativity(graph, clubs) == pytest.approx(expected)
    ties = nx.to_pandas_edgelist(graph)[["source", "target"]]
    assert assortativity(ties, clubs, directed=False) == pytest.approx(expected)


def test_coleman_1958():
    ties, groups = from_mixing([[45, 15], [20, 20]], [60, 40])
    assert coleman(ties, groups)["coleman"].tolist() == pytest.approx([0.38125, 0.175])


def test_coleman_below_expectation_is_measured_against_expectation():
    # 10 ties sent, 2 stay inside, 4 expected: (2 - 4) / 4
    ties, groups = from_mixing([[2, 8], [0, 0]], [5, 6])
    assert coleman(ties, groups)["coleman"].iloc[0] == pytest.approx(-0.5)


def test_expected_and_rescaled():
    # 2 * (3 * 7 + 7 * 3) / (10 * 9) - 1, by hand
    ties, groups = from_mixing([[3, 4], [5, 6]], [3, 7])
    row = network_row(ei_index(ties, groups))
    assert row["expected"] == pytest.approx(2 * 42 / 90 - 1)
    # densities: 9 / 21 outside, 9 / 24 inside (unordered pairs)
    assert row["rescaled"] == pytest.approx((9 / 21 - 9 / 24) / (9 / 21 + 9 / 24))


def test_rescaled_is_zero_where_all_have_ties():
    graph = nx.complete_graph(7, create_using=nx.DiGraph)
    table = ei_index(graph, {i: int(i < 2) for i in range(7)})
    assert table["rescaled"].tolist() == pytest.approx([0] * 10)
    assert table["ei"].tolist() == pytest.approx(table["expected"].tolist())


def test_expected_is_the_mean_over_all_deals():
    """The closed form against every way to deal two groups out over a small network."""
    graph = nx.gnp_random_graph(6, 0.5, seed=3, directed=True)
    found = []
    for members in itertools.combinations(range(6), 2):
        table = ei_index(graph, {i: int(i in members) for i in range(6)})
        found.append(network_row(table)["ei"])
    assert np.mean(found) == pytest.approx(network_row(table)["expected"])


def test_permutation_p_against_all_deals():
    """The simulated p near the exact one, from every way to deal the groups out."""
    graph = nx.Graph([(0, 1), (0, 2), (1, 2), (3, 4), (3, 5), (4, 5), (6, 3)])
    groups = {i: int(i > 2) for i in range(7)}
    observed = network_row(ei_index(graph, groups))["ei"]
    deals = [
        network_row(ei_index(graph, {i: int(i not in m) for i in range(7)}))["ei"]
        for m in itertools.combinations(range(7), 3)
    ]
    exact = min(1, 2 * min(np.mean(np.array(deals) <= observed), np.mean(np.array(deals) >= observed)))
    simulated = network_row(ei_index(graph, groups, permutations=20_000, seed=1))["p"]
    assert simulated == pytest.approx(exact, abs=0.01)


def test_actor_p_is_hypergeometric():
    # a has 2 partners, both of its group; of 5 others 2 are: chance 1/10, twice that
    ties = pd.DataFrame({"source": ["a", "a"], "target": ["b", "c"]})
    table = ei_index(ties, dict(zip("abcdef", "xxxyyy", strict=True)), permutations=1, seed=0)
    assert table.loc[table["actor"] == "a", "p"].iloc[0] == pytest.approx(0.2)
    assert np.isnan(table.loc[table["actor"] == "f", "p"].iloc[0])


def test_group_p_against_full_count():
    """The p of groups from a network where few deals are possible."""
    graph = nx.Graph([(0, 1), (2, 3), (3, 4)])
    groups = {i: "x" if i < 2 else "y" for i in range(5)}
    table = ei_index(graph, groups, permutations=20_000, seed=2).set_index("group")
    deals = []
    for m in itertools.combinations(range(5), 2):
        dealt = ei_index(graph, {i: "x" if i in m else "y" for i in range(5)})
        deals.append(dealt.loc[(dealt["level"] == "group") & (dealt["group"] == "x"), "ei"].iloc[0])
    exact = min(1, 2 * min(np.mean(np.array(deals) <= -1), np.mean(np.array(deals) >= -1)))
    assert table.loc["x", "p"].iloc[0] == pytest.approx(exact, abs=0.01)


def test_without_permutations_there_is_no_p():
    assert ei_index(nx.path_graph(4), {0: 1, 1: 1, 2: 2, 3: 2})["p"].isna().all()


def test_orwg_by_hand():
    # 3 of 6 ordered pairs inside a group of three, 2 of 6 towards and from one outsider: (3/3) / (2/4)
    ties = pd.DataFrame({"source": list("abcad"), "target": list("bcadb")})
    assert orwg(ties, {"a": 1, "b": 1, "c": 1, "d": 2}) == pytest.approx(2)
    assert orwg(pd.concat([ties, ties]), {"a": 1, "b": 1, "c": 1, "d": 2}) == pytest.approx(2)


def test_unknown_groups_are_counted_and_not_zero():
    ties = pd.DataFrame({"source": ["a", "a", "b"], "target": ["b", "c", "c"]})
    table = ei_index(ties, {"a": "x", "b": "y", "c": None})
    row = network_row(table)
    assert (row["internal"], row["external"], row["unknown"]) == (0, 1, 2)
    actors = table[table["level"] == "actor"].set_index("actor")
    assert actors.loc["c", ["internal", "external"]].isna().all()
    assert actors["unknown"].to_dict() == {"a": 1, "b": 1, "c": 2}


def test_loops_are_no_ties_and_rows_are():
    ties = pd.DataFrame({"source": ["a", "a", "a"], "target": ["a", "b", "b"]})
    groups = {"a": "x", "b": "x"}
    assert network_row(ei_index(ties, groups))["internal"] == 2
    assert network_row(ei_index(ties, groups, directed=False))["internal"] == 1


def test_undirected_graph_counts_edges_once():
    assert network_row(ei_index(nx.path_graph(3), {0: 1, 1: 1, 2: 2}))[["internal", "external"]].tolist() == [
        1,
        1,
    ]


def test_names_that_do_not_match_are_told():
    ties = pd.DataFrame({"source": [1], "target": [2]})
    with pytest.raises(NetklyngeError, match=r"ties name actors such as '1', groups such as '01'"):
        ei_index(ties, {"01": "x", "02": "y"})


@pytest.mark.parametrize("permutations", [-1])
def test_negative_permutations(permutations):
    with pytest.raises(NetklyngeError, match="-1"):
        ei_index(nx.path_graph(3), {0: 1, 1: 1, 2: 2}, permutations=permutations)


edges = st.lists(st.tuples(st.integers(0, 7), st.integers(0, 7)), min_size=1, max_size=30)
memberships = st.lists(st.integers(0, 2), min_size=8, max_size=8)


@given(edges, memberships)
@settings(max_examples=25, deadline=None)
def test_against_counting_one_by_one(pairs, of_actor):
    ties = pd.DataFrame(pairs, columns=["source", "target"])
    table = ei_index(ties, dict(enumerate(of_actor)))
    for _, row in table.iterrows():
        kept = [
            (a, b)
            for a, b in pairs
            if a != b
            and (row["level"] != "group" or row["group"] in (of_actor[a], of_actor[b]))
            and (row["level"] != "actor" or row["actor"] in (a, b))
        ]
        internal = sum(of_actor[a] == of_actor[b] for a, b in kept)
        assert (row["internal"], row["external"]) == (internal, len(kept) - internal)


@given(edges, memberships, st.permutations(range(8)), st.integers(0, 30))
@settings(max_examples=15, deadline=None)
def test_names_order_isolates_and_splitting(pairs, of_actor, names, cut):
    ties = pd.DataFrame(pairs, columns=["source", "target"])
    groups = dict(enumerate(of_actor))
    base = network_row(ei_index(ties, groups))
    renamed = ties.replace(dict(enumerate(names)))
    other = network_row(ei_index(renamed.iloc[::-1], {names[a]: g for a, g in groups.items()}))
    assert base.drop(["p", "group", "actor"]).equals(other.drop(["p", "group", "actor"]))
    parts = [network_row(ei_index(part, groups)) for part in (ties.iloc[:cut], ties.iloc[cut:])]
    for count in ("internal", "external"):
        assert parts[0][count] + parts[1][count] == base[count]
    more = network_row(ei_index(ties, {**groups, "alone": 0}))
    assert more["ei"] == base["ei"] or np.isnan(base["ei"])


def test_mixing_is_the_table():
    ties, groups = from_mixing(CLASSROOM, [13, 13])
    assert mixing(ties, groups)["ties"].tolist() == [40, 5, 2, 41]


def test_seed_repeats():
    graph, groups = nx.karate_club_graph(), {i: i % 3 for i in range(34)}
    one, two = (ei_index(graph, groups, permutations=50, seed=4) for _ in range(2))
    pd.testing.assert_frame_equal(one, two)
