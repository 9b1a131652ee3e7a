"""Rules for unsafe cells: tables of the literature, exactness on the line, protection of whole tables."""

from fractions import Fraction

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netklynge.disclosure.protection import (
    TOTAL,
    Rules,
    audit_table,
    dominated,
    narrow,
    protect_table,
    tabulate,
    unsafe_because,
)
from netklynge.findings import NetklyngeError

# contributions; unsafe at p = 10; n = 2, k = 90: above the line, on it (literature notes, section 5)
CELLS = [
    ([100], True, True, False),
    ([90, 10], True, True, False),
    ([80, 20], True, True, False),
    ([70, 30], True, True, False),
    ([80, 10, 10], False, False, True),
    ([70, 10, 10, 10], False, False, False),
    ([60, 20, 10, 10], False, False, False),
    ([50, 25, 25], False, False, False),
]


@pytest.mark.parametrize(("cell", "p10", "above", "on_the_line"), CELLS)
def test_cells_of_the_literature(cell, p10, above, on_the_line):
    assert narrow(cell, 10) == p10
    assert dominated(cell, 2, 90) == above
    assert dominated(cell, 2, 90, at_least=True) == (above or on_the_line)


def test_a_cell_of_fifty_twenty_five_twenty_five_is_safe_at_fifty_per_cent_too():
    assert not narrow([50, 25, 25], 50)


def test_units_of_one_owner_count_as_one():
    cell, owners = [700, 200, 60, 40, 10], [6, 6, 7, 8, 9]
    assert not narrow(cell, 10)  # 110 > 70
    assert narrow(cell, 10, owners)  # 50 < 90


@pytest.mark.parametrize("cell", [[100, 40, 10], [100, 10, 10]])
def test_what_lies_exactly_on_the_line_is_safe_however_it_is_written(cell):
    """Floating shares answer these two differently at p = 10."""
    for kind in (int, float, Fraction):
        assert not narrow([kind(x) for x in cell], 10)
        assert not narrow([kind(x) / 10 for x in cell], 10)
        assert narrow([kind(x) for x in cell], Fraction(1001, 100))


# Contributions of the tau-Argus manual's table; p = 15 gives the primaries that the manual marks.
ARGUS = [
    [[200, 100, 50], [100, 50, 40], [100, 40, 10], [50, 40, 25]],
    [[50, 40, 25], [200, 100, 40], [50, 40, 25], [100, 10, 10]],
    [[100, 50, 40], [50, 40, 25], [200, 100, 25], [100, 40, 25]],
    [[50, 25, 25], [100, 50, 25], [50, 40, 25], [200, 100, 10]],
]


def argus():
    rows = [
        (r, c, amount, f"{r}{c}{k}")
        for r, line in enumerate(ARGUS, start=1)
        for c, cell in enumerate(line, start=1)
        for k, amount in enumerate(cell)
    ]
    return pd.DataFrame(rows, columns=["row", "column", "amount", "firm"])


def test_p_15_marks_the_manuals_primaries_and_the_optimum_follows():
    table = tabulate(argus(), ["row", "column"], "amount", "firm", Rules(p=15))
    marked = table[table["reason"] != ""]
    assert list(zip(marked["row"], marked["column"], strict=True)) == [(1, 3), (2, 4), (3, 3), (4, 4)]
    assert table.loc[(table["row"] == 1) & (table["column"] == TOTAL), "value"].item() == 805
    assert table.loc[(table["row"] == TOTAL) & (table["column"] == TOTAL), "value"].item() == 2980 + 10
    protected = protect_table(table.drop(columns="above"), ["row", "column"])
    more = protected[protected["hidden"] == "secondary"]
    assert list(zip(more["row"], more["column"], strict=True)) == [(1, 4), (2, 1), (3, 4), (4, 1)]


def test_the_p_rules_own_protection_is_kept():
    table = tabulate(argus(), ["row", "column"], "amount", "firm", Rules(p=15))
    protected = protect_table(table, ["row", "column"])
    told = audit_table(table, protected, ["row", "column"]).set_index(["row", "column"])
    marked = table[table["reason"] != ""].set_index(["row", "column"])
    assert (marked["above"] > 0).all()
    assert (told.loc[marked.index, "high"] >= marked["value"] + marked["above"] - 1e-6).all()


def test_threshold_counts_contributors_not_records():
    assert unsafe_because([1, 1, 1], Rules()) == ""
    assert unsafe_because([1, 1, 1], Rules(), owners=["a", "a", "b"]) == "threshold"


def test_zeros_are_below_the_threshold_unless_told_otherwise():
    assert unsafe_because([], Rules(), amounts=False) == "threshold"
    assert unsafe_because([], Rules(zeros=False), amounts=False) == ""
    assert unsafe_because([], Rules(), amounts=True) == ""


def test_rules_that_cannot_be_are_refused():
    with pytest.raises(NetklyngeError, match="needs both n and k"):
        Rules(n=2)
    with pytest.raises(NetklyngeError, match="protects nothing"):
        Rules(threshold=0)
    with pytest.raises(NetklyngeError, match="negative"):
        narrow([5, -1])


def test_a_table_with_wrong_margins_or_doubled_cells_is_not_protected():
    table = pd.DataFrame({"ring": ["local", "abroad", TOTAL], "value": [9, 2, 12]})
    with pytest.raises(NetklyngeError, match="total: 12 stated, 11 added up"):
        protect_table(table, ["ring"])
    with pytest.raises(NetklyngeError, match="stands twice"):
        protect_table(pd.concat([table, table]), ["ring"])
    with pytest.raises(NetklyngeError, match="lacks the column 'value'"):
        protect_table(table[["ring"]], ["ring"])


@settings(max_examples=10, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from("xyz")), min_size=8, max_size=40),
    st.integers(2, 4),
)
def test_no_unsafe_count_can_be_told_from_what_is_shown(rows, threshold):
    records = pd.DataFrame(rows, columns=["row", "column"])
    rules = Rules(threshold=threshold)
    table = tabulate(records, ["row", "column"], rules=rules)
    protected = protect_table(table, ["row", "column"], rules, hide_totals=True)
    shown = table[protected["hidden"] == ""]
    assert (shown["contributors"] >= threshold).all()
    told = audit_table(table, protected, ["row", "column"], integer=True)
    unsafe = table[table["reason"] != ""].merge(told, on=["row", "column"])
    assert (unsafe["high"] - unsafe["low"] >= 1).all()
    assert protected["value"].isna().equals(protected["hidden"] != "")


def test_a_firm_alone_in_a_cell_of_amounts_is_taken_to_know_it_one_counted_is_not():
    records = pd.DataFrame({"row": list("abcc"), "amount": [15, 17, 30, 32], "firm": [1, 2, 3, 4]})
    assert tabulate(records, ["row"], "amount", "firm")["lone"].tolist()[:2] == [1, 2]
    assert tabulate(records, ["row"], owner="firm")["lone"].isna().all()
