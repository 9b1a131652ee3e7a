"""Secondary suppression: known optima and bounds, a brute-force twin, traps."""

from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netklynge.disclosure.suppression import bounds, discrepancies, suppress
from netklynge.findings import NetklyngeError


def crossed(rows):
    """Cells (row, column) counted from 1 with margins 't', and what adds up."""
    inner = np.array(rows)
    height, width = inner.shape
    across, down = range(1, width + 1), range(1, height + 1)
    values = {(r, c): int(inner[r - 1, c - 1]) for r in down for c in across}
    values |= {(r, "t"): int(inner[r - 1].sum()) for r in down}
    values |= {("t", c): int(inner[:, c - 1].sum()) for c in across} | {("t", "t"): int(inner.sum())}
    sums = [((r, "t"), [(r, c) for c in across]) for r in down]
    sums += [(("t", c), [(r, c) for r in down]) for c in across]
    sums += [(("t", "t"), [(r, "t") for r in down]), (("t", "t"), [("t", c) for c in across])]
    return pd.Series(values.values(), index=pd.Index(values.keys(), tupleize_cols=False)), sums


# The tau-Argus manual's 4 x 4 table; optima by brute force in R (issue 7's literature notes, section 5).
ARGUS = [[350, 190, 150, 115], [115, 340, 115, 120], [190, 115, 325, 165], [100, 175, 115, 310]]
OPTIMA = [
    ([[5, 2, 0], [6, 3, 4]], [(1, 3)], [(1, 2), (2, 2), (2, 3)], 9),
    ([[18, 2], [14, 19], [12, 10], [11, 14]], [(1, 2)], [(1, 1), (3, 1), (3, 2)], 40),
    (ARGUS, [(1, 3), (2, 4), (3, 3), (4, 4)], [(1, 4), (2, 1), (3, 4), (4, 1)], 495),
    (ARGUS, [(2, 3), (2, 4)], [(1, 3), (1, 4)], 265),
]


@pytest.mark.parametrize(("rows", "primary", "secondary", "cost"), OPTIMA)
def test_known_optimal_patterns(rows, primary, secondary, cost):
    values, sums = crossed(rows)
    more = [cell for cell in suppress(values, sums, primary) if cell not in primary]
    assert sorted(more) == secondary
    assert sum(values[values.index.isin(more)]) == cost


TWO_PER_LINE = [[30, 47, 64, 89], [90, 124, 5, 31], [92, 100, 59, 85], [800, 991, 651, 685]]
STARS = {  # bounds computed in R: two hidden cells per line do not protect (1, 2)
    (1, 1): (25, 94),
    (1, 2): (47, 47),
    (1, 3): (0, 69),
    (2, 1): (26, 95),
    (2, 3): (0, 69),
    (3, 2): (0, 185),
    (3, 4): (0, 185),
    (4, 2): (906, 1091),
    (4, 4): (585, 770),
}


def limits(told):
    return {cell: (low, high) for cell, low, high in told.itertuples(index=False)}


def test_two_hidden_cells_per_line_do_not_protect():
    values, sums = crossed(TWO_PER_LINE)
    assert limits(bounds(values, sums, STARS)) == STARS
    assert limits(bounds(values, sums, STARS, integer=True)) == STARS


def test_the_cheapest_cure_of_that_table_is_one_more_cell():
    values, sums = crossed(TWO_PER_LINE)
    hidden = suppress(values, sums, STARS)
    assert set(hidden) - set(STARS) == {(2, 4)}
    assert limits(bounds(values, sums, hidden))[(1, 2)] == (0, 78)


def test_hidden_zeros_are_told_by_a_total_until_their_neighbour_goes_too():
    values, sums = crossed([[5, 0, 0], [6, 3, 4]])
    mates = [(1, 2), (1, 3), (2, 2), (2, 3)]
    told = limits(bounds(values, sums, mates))
    assert told[(1, 2)] == told[(1, 3)] == (0, 0)
    hidden = suppress(values, sums, [(1, 2), (1, 3)])
    assert set(hidden) - {(1, 2), (1, 3)} == {(1, 1), (2, 1), (2, 2), (2, 3)}


def test_a_lone_contributor_may_not_learn_its_neighbour():
    values = pd.Series({"a": 52, "b": 15, "c": 62, "d": 17, "all": 146})
    sums = [("all", ["a", "b", "c", "d"])]
    assert suppress(values, sums, ["b", "d"]) == ["b", "d"]
    assert limits(bounds(values, sums, ["b", "d"], known=["b"])) == {"d": (17, 17)}
    hidden = suppress(values, sums, ["b", "d"], owners={"b": "the firm"})
    assert hidden == ["a", "b", "d"]
    assert limits(bounds(values, sums, hidden, known=["b"]))["d"] == (0, 69)


def test_tables_that_are_safe_alone_and_not_together():
    """A, B | K, L, M unsafe; table one by (A B I J | K L M N), table two by (L M | rest)."""
    values = {"A": 2, "B": 2, "I": 8, "J": 8, "K": 3, "L": 3, "M": 3, "N": 7}
    totals = {"first": 20, "second": 16, "LM": 6, "rest": 30}
    one = [("first", list("ABIJ")), ("second", list("KLMN"))]
    two = [("LM", list("LM")), ("rest", list("ABIJKN"))]
    cells = pd.Series({**values, **totals})
    unsafe = list("ABKLM")
    assert suppress(cells, one, unsafe) == unsafe
    assert suppress(cells, two, unsafe) == unsafe
    assert limits(bounds(cells, [*one, *two], unsafe))["K"] == (3, 3)
    assert suppress(cells, [*one, *two], unsafe) == [*unsafe, "N"]


def test_a_table_that_does_not_add_up_is_reported_and_not_protected():
    """The manual prints 795 for 805 in its first row and 2940 for 2990."""
    values, sums = crossed(ARGUS)
    values[values.index.isin([(1, "t")])] = 795
    wrong = discrepancies(values, sums)
    assert [(1, "t"), 795, 805] in wrong.values.tolist()
    with pytest.raises(NetklyngeError, match=r"1 / t: 795 stated, 805 added up"):
        suppress(values, sums, [(1, 3)])


def test_a_negative_cell_is_refused():
    with pytest.raises(NetklyngeError, match="cell a is negative"):
        suppress(pd.Series({"a": -1, "b": 2, "all": 1}), [("all", ["a", "b"])], ["a"])


def test_what_cannot_be_protected_is_said_and_totals_can_be_hidden():
    values = pd.Series({"a": 0, "b": 0, "all": 0})
    sums = [("all", ["a", "b"])]
    with pytest.raises(NetklyngeError, match="while its totals are shown"):
        suppress(values, sums, ["a"])
    assert "all" in suppress(values, sums, ["a"], may_hide=["a", "b", "all"])


def test_the_upper_end_can_be_asked_to_lie_far_enough_above():
    values = pd.Series({"a": 100, "b": 5, "c": 40, "all": 145})
    sums = [("all", ["a", "b", "c"])]
    assert suppress(values, sums, ["a"]) == ["a", "b"]
    assert suppress(values, sums, ["a"], above={"a": 30}) == ["a", "c"]


def test_whole_numbers_can_tell_more_than_fractions():
    """2a + b and a + 2b known through sums of linked cells: the audit with whole numbers is never wider."""
    values, sums = crossed([[1, 2, 0], [0, 1, 4], [3, 0, 1]])
    hidden = [(1, 1), (1, 2), (2, 2), (2, 3), (3, 1), (3, 3)]
    loose, tight = (bounds(values, sums, hidden, integer=flag) for flag in (False, True))
    assert (tight["low"] >= loose["low"]).all()
    assert (tight["high"] <= loose["high"]).all()


def cheapest_by_trial(values, sums, primary, inner):
    """The least cost over all sets: every subset of the inner cells, each audited."""
    others = [cell for cell in inner if cell not in primary]
    best = None
    for size in range(len(others) + 1):
        for more in combinations(others, size):
            cost = sum(values[values.index.isin(more)])
            if best is not None and cost >= best:
                continue
            told = bounds(values, sums, [*primary, *more])
            told = told[told["cell"].isin(primary)]
            if (told["high"] - told["low"] >= 1 - 1e-6).all():
                best = cost
    return best


@settings(max_examples=12, deadline=None)
@given(st.lists(st.lists(st.integers(0, 9), min_size=3, max_size=3), min_size=2, max_size=2), st.data())
def test_no_set_is_cheaper_and_none_of_its_cells_is_told(rows, data):
    values, sums = crossed(rows)
    inner = [cell for cell in values.index if "t" not in cell]
    primary = data.draw(st.lists(st.sampled_from(inner), min_size=1, max_size=2, unique=True))
    best = cheapest_by_trial(values, sums, primary, inner)
    if best is None:
        with pytest.raises(NetklyngeError):
            suppress(values, sums, primary)
        return
    hidden = suppress(values, sums, primary)
    cost = values[values.index.isin(hidden)].sum() - values[values.index.isin(primary)].sum()
    assert cost == best
    told = bounds(values, sums, hidden).set_index("cell")
    assert (told["high"] - told["low"])[told.index.isin(primary)].min() >= 1 - 1e-6


@settings(max_examples=15, deadline=None)
@given(st.lists(st.lists(st.integers(0, 30), min_size=4, max_size=4), min_size=3, max_size=3))
def test_bounds_hold_the_truth(rows):
    values, sums = crossed(rows)
    hidden = [(1, 1), (1, 2), (2, 1), (2, 2), (3, 4)]
    for cell, low, high in bounds(values, sums, hidden).itertuples(index=False):
        assert low <= dict(values.items())[cell] <= high
