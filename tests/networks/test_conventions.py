"""The conventions card: numbers worked by hand, and ours equal to the measures themselves."""

import networkx as nx
import numpy as np
import pytest

import netklynge as nk
from netklynge.findings import NetklyngeError

PIECES = nx.Graph(["ab", "bc", "de"])
PIECES.add_node("f")
GROUPS = {"a": "x", "b": "x", "f": "x", "c": "y", "d": "y", "e": "y"}


def card(ties, groups=None):
    table = nk.conventions(ties, groups)
    actor = table["actor"].astype(object).where(table["actor"].notna(), None)
    keys = zip(table["measure"], actor, table["program"], table["convention"].str[:12], strict=True)
    return dict(zip(keys, table["value"], strict=True))


def test_closeness_in_pieces_by_hand():
    # b reaches 2 of 5 others in one step each; f reaches nobody
    found = card(PIECES)
    expected = {
        ("netklynge", "within reach"): 2 / 5 * 2 / 2,
        ("igraph", "within reach"): 1,
        ("networkx", "within reach"): 2 / 5,
        ("sna", "0 unless all"): 0,
        ("sna", "sum of inver"): 2 / 5,
        ("UCINET", "pairs withou"): 5 / (1 + 1 + 6 + 6 + 6),
    }
    for (program, words), value in expected.items():
        assert found["closeness", "b", program, words] == pytest.approx(value)
    assert found["closeness", "f", "netklynge", "within reach"] == 0
    assert np.isnan(found["closeness", "f", "igraph", "within reach"])
    assert found["closeness", "f", "UCINET", "pairs withou"] == pytest.approx(5 / 30)


def test_an_isolate_s_holes():
    found = {key[:3]: value for key, value in card(PIECES).items() if key[0] in ("effective size", "constraint")}
    assert found["effective size", "f", "netklynge"] == 0
    assert np.isnan(found["effective size", "f", "networkx"])
    assert found["effective size", "b", "UCINET"] == 2
    assert all(np.isnan(found["constraint", "f", program]) for program in ("netklynge", "igraph", "networkx"))


def test_borgatti_s_short_way_is_burt_s_without_directions_and_weights():
    graph = nx.Graph(["AB", "AF", "AG", "AE", "EG", "FG", "BG", "BD", "DG", "GC"])
    found = {key[:3]: value for key, value in card(graph).items() if key[0] == "effective size"}
    assert [found["effective size", "G", program] for program in ("netklynge", "networkx", "UCINET")] == pytest.approx(
        [14 / 3] * 3
    )


def test_a_star_of_eight():
    found = card(nx.star_graph(7))
    assert found["degree centralisation", None, "netklynge", "Freeman: wit"] == 1
    assert found["degree centralisation", None, "igraph", "room for loo"] == pytest.approx(0.75)
    assert found["degree centralisation", None, "sna", "as a directe"] == 1


def test_reciprocity_by_hand():
    # one mutual pair, one one-way, three actors: 2 of 3 ties, 1 of 2 tied pairs, 2 of 3 pairs mutual or empty
    ties = [("a", "b"), ("b", "a"), ("b", "c")]
    table = nk.conventions(ties).query("measure == 'reciprocity'")
    assert table["program"].tolist() == ["netklynge", "igraph", "igraph", "sna", "UCINET"]
    assert table["value"].tolist() == pytest.approx([2 / 3, 2 / 3, 1 / 2, 2 / 3, 1 / 2])
    found = card(ties)
    assert found["density", None, "netklynge", "of ordered p"] == 3 / 6
    assert found["density", None, "igraph", "of ordered p"] == pytest.approx(3 / 9)


def test_e_i_by_hand():
    # a-b and d-e inside, b-c across
    found = {key[2:]: value for key, value in card(PIECES, GROUPS).items() if key[0] == "E-I"}
    assert found["netklynge", "each tie onc"] == pytest.approx(-1 / 3)
    assert found["UCINET", "made symmetr"] == pytest.approx(-1 / 3)
    assert found["other", "groups added"] == 0
    assert found["other", "share of tie"] == pytest.approx(1 / 3)


def test_core_fits_are_three_numbers():
    graph = nx.Graph(["ab", "ac", "bc", "ad", "be", "cf"])
    table = nk.conventions(graph)
    found = table.loc[table["measure"] == "core fit", "value"].tolist()
    assert found[2] == pytest.approx(0.612, abs=5e-4)  # worked in the docstring of core_periphery
    assert found[0] == pytest.approx(1)  # a clique, and nobody in the periphery tied to another
    assert 0 < found[1] < 1


def test_no_ties_no_card():
    with pytest.raises(NetklyngeError, match="there are none"):
        nk.conventions(nx.empty_graph(3))
