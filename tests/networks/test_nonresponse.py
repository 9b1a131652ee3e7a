"""Missing respondents: what the other side tells, what nobody tells, and rates."""

import networkx as nx
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netklynge.findings import NetklyngeError
from netklynge.networks.nonresponse import reconstruct, response_rates

REPORTS = pd.DataFrame({"source": ["a", "a", "b", "c"], "target": ["b", "d", "a", "a"]})


def test_by_hand():
    """a, b, c answered, d and e did not: a-b agree, c-a only c says, a-d is filled in, d-e is unknown."""
    told = reconstruct(REPORTS, ["a", "b", "c"], actors=list("abcde"))
    assert set(told.itertuples(index=False, name=None)) == {
        ("a", "b", "both"),
        ("b", "a", "both"),
        ("c", "a", "source"),
        ("a", "d", "source_only"),
        ("d", "a", "other_side"),
    }
    row = response_rates(REPORTS, ["a", "b", "c"], actors=list("abcde")).iloc[0]
    assert row["response_rate"] == pytest.approx(3 / 5)
    assert (row["pairs"], row["pairs_both"], row["pairs_one"], row["pairs_none"]) == (10, 3, 6, 1)
    assert row["known_share"] == pytest.approx(0.9)
    assert (row["tied"], row["agreed"]) == (2, 1)


def test_groups_beside_the_network():
    table = response_rates(REPORTS, ["a", "b", "c"], groups={"a": "x", "d": "x", "b": "y", "c": "y"})
    assert table["response_rate"].tolist() == [0.75, 0.5, 1.0]
    assert table["pairs_none"].tolist() == [0, 0, 0]


def test_one_sided_relations_are_not_turned_round():
    told = reconstruct(REPORTS, ["a", "b", "c"], mutual=False)
    assert "other_side" not in set(told["told_by"])
    assert len(told) == len(REPORTS)


def test_reports_of_those_who_did_not_answer_are_refused():
    with pytest.raises(NetklyngeError, match="'c' reports a tie but is not among the respondents"):
        reconstruct(REPORTS, ["a", "b"])


@given(st.integers(0, 1000), st.sets(st.integers(0, 11), min_size=1))
@settings(max_examples=30, deadline=None)
def test_a_mutual_network_is_whole_but_for_pairs_that_nobody_told(seed, answered):
    graph = nx.gnp_random_graph(12, 0.3, seed=seed)
    ties = [pair for a, b in graph.edges for pair in ((a, b), (b, a))]
    reports = pd.DataFrame([t for t in ties if t[0] in answered], columns=["source", "target"], dtype="int64")
    told = reconstruct(reports, answered, actors=range(12))
    found = set(zip(told["source"], told["target"], strict=True))
    assert found == {(a, b) for a, b in ties if a in answered or b in answered}
    row = response_rates(reports, answered, actors=range(12)).iloc[0]
    assert row["pairs_none"] == sum(a not in answered and b not in answered for a in range(12) for b in range(a))
    assert row["agreed"] == row["tied"]
