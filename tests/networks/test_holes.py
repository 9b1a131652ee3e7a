"""Constraint and effective size: Burt's and Borgatti's examples, networkx, and the formula cell by cell."""

import networkx as nx
import numpy as np
import pytest
from graphs import GIRLS

from netklynge.networks.holes import constraint

BORGATTI = nx.Graph("A-B A-F A-G A-E E-G F-G B-G B-D D-G G-C".replace("-", "").split())


def by_formula(graph):
    """Burt's two sums over dense matrices, for each pair and each third actor."""
    z = nx.to_numpy_array(graph)
    np.fill_diagonal(z, 0)
    z = (z > 0).astype(float) + (z.T > 0)
    n = len(z)
    found = {}
    for i, actor in enumerate(graph):
        partners = np.flatnonzero(z[i])
        p = z / np.where(z.sum(axis=1, keepdims=True) > 0, z.sum(axis=1, keepdims=True), 1)
        total = size = 0.0
        for j in partners:
            others = [q for q in range(n) if q not in (i, j)]
            total += (p[i, j] + sum(p[i, q] * p[q, j] for q in others)) ** 2
            size += 1 - sum(p[i, q] * z[j, q] / z[j].max() for q in others)
        found[actor] = (total if len(partners) else np.nan, size)
    return found


def test_eight_girls():
    table = constraint(GIRLS).set_index("actor")["constraint"]
    expected = {"Betty": 1, "Sue": 0.431, "Alice": 0.574, "Jane": 0.835, "Dale": 0.687, "Pam": 0.458, "Carol": 0.5,
                "Tina": 1}  # fmt: skip
    for actor, value in expected.items():
        assert table[actor] == pytest.approx(value, abs=1e-3)


def test_borgatti_1997():
    table = constraint(BORGATTI).set_index("actor")
    assert table.loc[["G", "A", "C"], "effective_size"].tolist() == pytest.approx([4.67, 2.5, 1], abs=5e-3)
    assert table.loc[["G", "A", "C"], "constraint"].tolist() == pytest.approx([0.400, 0.595, 1], abs=5e-4)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("directed", [False, True])
def test_formula_cell_by_cell(seed, directed):
    graph = nx.gnp_random_graph(11, 0.3, seed=seed, directed=directed)
    table = constraint(graph).set_index("actor")
    for actor, (total, size) in by_formula(graph).items():
        assert table.loc[actor, "constraint"] == pytest.approx(total, nan_ok=True)
        assert table.loc[actor, "effective_size"] == pytest.approx(size)


@pytest.mark.parametrize("seed", range(3))
def test_against_networkx(seed):
    graph = nx.gnp_random_graph(30, 0.2, seed=seed)
    table = constraint(graph).set_index("actor")
    for name, expected in (
        ("constraint", nx.constraint(graph)),
        ("effective_size", nx.effective_size(graph)),
    ):
        assert table[name].to_dict() == pytest.approx({i: expected[i] for i in graph}, nan_ok=True)


def test_isolate_loops_and_repeats():
    graph = nx.MultiDiGraph([("a", "b"), ("a", "b"), ("a", "a"), ("b", "c")])
    graph.add_node("alone")
    table = constraint(graph).set_index("actor")
    assert np.isnan(table.loc["alone", "constraint"])
    assert table.loc["alone", ["partners", "effective_size"]].tolist() == [0, 0]
    assert table.loc["b", ["partners", "constraint", "effective_size"]].tolist() == [2, 0.5, 2]
