"""The ledger: what may stand in it, what follows from it, and that it is written whole."""

from __future__ import annotations

from datetime import date, timedelta

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import netklynge as nk
from netklynge.facilitation.introductions import (
    STATES,
    brokered_share,
    introduction_states,
    pairs_in,
    read_introductions,
    record_introduction,
)
from netklynge.findings import InputError, NetklyngeError, StudyError


def ledger_of(*lines):
    rows = [(*line, "") for line in lines]
    frame = pd.DataFrame(rows, columns=["actor", "alter", "state", "date", "note"])
    return frame.assign(date=pd.to_datetime(frame["date"]))


def test_a_ledger_is_made_and_read_back(tmp_path):
    file = tmp_path / "introductions.csv"
    record_introduction(file, "oswo", "sensonor", "proposed", date(2006, 3, 1), "phoned\nboth", nk.load("horten"))
    record_introduction(file, "oswo", "sensonor", "met", "2006-03-20")
    table = read_introductions(file, nk.load("horten"))
    assert table[["actor", "alter", "state", "note"]].values.tolist() == [
        ["oswo", "sensonor", "proposed", "phoned both"],
        ["oswo", "sensonor", "met", ""],
    ]
    assert list(tmp_path.iterdir()) == [file]  # nothing temporary is left


def test_every_wrong_line_is_told_with_row_and_column(tmp_path):
    file = tmp_path / "introductions.csv"
    file.write_text(
        "actor,alter,state,date\noswo,oswo,met,2006-03-01\n,sensonor,met,2006-03-01\n"
        "oswo,nobody,talked,1.3.2006\noswo,cat-horten-systech,met,2006-02-30\n",
        encoding="utf-8",
    )
    with pytest.raises(StudyError) as error:
        read_introductions(file, nk.load("horten"))
    found = {(f.file, f.row, f.column) for f in error.value.findings}
    assert found == {
        ("introductions.csv", 2, "alter"),
        ("introductions.csv", 3, "actor"),
        ("introductions.csv", 4, "alter"),
        ("introductions.csv", 4, "state"),
        ("introductions.csv", 4, "date"),
        ("introductions.csv", 5, "alter"),
        ("introductions.csv", 5, "date"),
    }


def test_a_missing_column_and_a_missing_file_are_told(tmp_path):
    file = tmp_path / "introductions.csv"
    file.write_text("actor,alter,date\na,b,2006-03-01\n", encoding="utf-8")
    with pytest.raises(StudyError, match=r"introductions.csv:1:state"):
        read_introductions(file)
    with pytest.raises(InputError, match="no such file"):
        read_introductions(tmp_path / "none.csv")


def test_a_wrong_line_is_not_written(tmp_path):
    file = tmp_path / "introductions.csv"
    record_introduction(file, "a", "b", "proposed", "2006-03-01")
    before = file.read_bytes()
    with pytest.raises(StudyError, match=r"introductions\.csv:3:state"):
        record_introduction(file, "a", "c", "liked", "2006-03-02")
    assert file.read_bytes() == before


def test_a_note_runs_as_no_formula(tmp_path):
    file = record_introduction(tmp_path / "i.csv", "a", "b", "met", "2006-03-01", "=cmd()")
    assert read_introductions(file)["note"].tolist() == ["'=cmd()"]


def test_introduced_on_1_march_and_met_on_20_march_is_brokered():
    """FRAMEWORKS E3, toy: w = 90."""
    work = introduction_states(
        ledger_of(("a", "b", "proposed", "2006-03-01"), ("b", "a", "met", "2006-03-20")), within=90
    )
    assert work.loc[0, ["actor", "alter", "standing", "days", "brokered"]].tolist() == ["a", "b", "met", 19, True]
    assert not introduction_states(
        ledger_of(("a", "b", "proposed", "2006-03-01"), ("a", "b", "met", "2006-03-20")), within=18
    ).loc[0, "brokered"]


def test_last_met_400_days_ago_is_dormant():
    """FRAMEWORKS E3, toy: d = 365."""
    ledger = ledger_of(("a", "b", "met", "2006-01-01"))
    day = date(2006, 1, 1) + timedelta(days=400)
    assert introduction_states(ledger, day, dormant_after=365)["standing"].tolist() == ["dormant"]
    assert introduction_states(ledger, day, dormant_after=400)["standing"].tolist() == ["met"]


def test_proposed_long_ago_and_never_met_is_blocked():
    ledger = ledger_of(("a", "b", "proposed", "2006-01-01"), ("a", "c", "proposed", "2006-03-30"))
    work = introduction_states(ledger, "2006-04-02", within=90)
    assert work[["alter", "standing"]].values.tolist() == [["b", "blocked"], ["c", "proposed"]]


def test_a_meeting_before_any_proposal_is_not_brokered():
    work = introduction_states(ledger_of(("a", "b", "met", "2006-01-01"), ("a", "b", "proposed", "2006-01-05")))
    assert work["brokered"].tolist() == [False]
    assert brokered_share(work).values.tolist() == [[0, 1, 0.0]]


def test_what_is_later_than_the_day_is_not_known():
    ledger = ledger_of(("a", "b", "proposed", "2006-01-01"), ("a", "b", "refused", "2006-06-01"))
    assert introduction_states(ledger, "2006-01-31")["standing"].tolist() == ["proposed"]
    assert introduction_states(ledger)["standing"].tolist() == ["refused"]


def test_a_wrong_day_is_told():
    with pytest.raises(NetklyngeError, match="2006-03-01"):
        introduction_states(ledger_of(("a", "b", "met", "2006-01-01")), "1 March")
    with pytest.raises(NetklyngeError, match="days from 0 up"):
        introduction_states(ledger_of(("a", "b", "met", "2006-01-01")), within=-1)


LINES = st.lists(
    st.tuples(
        st.sampled_from("ab"),
        st.sampled_from("cd"),
        st.sampled_from(STATES),
        st.dates(date(2005, 1, 1), date(2007, 1, 1)),
    ),
    max_size=12,
    unique_by=lambda line: (line[0], line[1], line[3]),  # two lines of a pair on one day have no order of their own
)


@settings(deadline=None, max_examples=30)
@given(LINES, st.randoms())
def test_order_of_lines_and_of_ends_makes_no_difference(lines, random):
    ledger = ledger_of(*lines) if lines else ledger_of().astype({"actor": "string"})
    turned = [(b, a, s, d) if random.random() < 0.5 else (a, b, s, d) for a, b, s, d in lines]
    random.shuffle(turned)
    other = ledger_of(*turned) if lines else ledger
    pd.testing.assert_frame_equal(introduction_states(ledger, "2007-01-01"), introduction_states(other, "2007-01-01"))
    assert pairs_in(ledger) == pairs_in(other)
    assert len(introduction_states(ledger, "2007-01-01")) == len(pairs_in(ledger))
