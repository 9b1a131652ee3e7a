"""Mending: findings gathered as a person mends them, and what is right written into the files, cell by cell."""

import csv
from datetime import date

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import netklynge as nk
from netklynge.app import mending
from netklynge.findings import Finding


def test_what_is_entered_never_runs_and_formulas_keep_their_values(tmp_path):
    import xlsxwriter

    path = tmp_path / "copy" / "t.xlsx"
    path.parent.mkdir()
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("relations")
        sheet.write_row(0, 0, ["source", "target", "content", "scale"])
        sheet.write_row(1, 0, ["a", "b", "", "x"])
        sheet.write_formula(1, 2, '=CONCATENATE("m","n")', None, "mn")
    [fault] = mending.faults(path.parent, nk.check(path))
    mending.mend(path.parent, [fault], {fault.key: "=1+1"})
    cell = openpyxl.load_workbook(path)["relations"]["D2"]
    assert (cell.value, cell.data_type) == ("=1+1", "s")
    [fault] = mending.faults(path.parent, nk.check(path))
    mending.mend(path.parent, [fault], {fault.key: "local"})
    assert nk.load(path).relations.loc[0, ["content", "scale"]].tolist() == ["mn", "local"]


def test_a_missing_column_is_one_with_another_name(tmp_path):
    (tmp_path / "relations.csv").write_text("\nFra,target,layer\na,b,supply\n", encoding="utf-8")
    [fault] = [f for f in mending.faults(tmp_path, nk.check(tmp_path)) if f.found.code == "column_missing"]
    assert (fault.how, fault.choices) == ("head", ("Fra",))
    assert mending.mend(tmp_path, [fault], {fault.key: "Nobody"}) == []
    mending.mend(tmp_path, [fault], {fault.key: "Fra"})
    assert nk.load(tmp_path).relations["source"].tolist() == ["a"]


def test_a_column_without_a_name_gets_one(tmp_path):
    (tmp_path / "relations.csv").write_text("source,,target\na,x,b\n", encoding="utf-8")
    [fault] = mending.faults(tmp_path, nk.check(tmp_path))
    mending.mend(tmp_path, [fault], {fault.key: "content"})
    assert nk.load(tmp_path).relations["content"].tolist() == ["x"]


def test_a_missing_column_that_no_other_could_be(tmp_path):
    (tmp_path / "relations.csv").write_text("source,layer\na,supply\n", encoding="utf-8")
    [fault] = mending.faults(tmp_path, nk.check(tmp_path))
    assert (fault.column, fault.how) == ("target", "file")
    assert mending.mend(tmp_path, [fault], {fault.key: "x"}) == []


def test_what_only_a_spreadsheet_can_mend_is_said(tmp_path):
    (tmp_path / "relations.csv").write_text("source,target,target\na,b,c\nd,e,f,g\n", encoding="utf-8")
    faults = mending.faults(tmp_path, nk.check(tmp_path))
    assert {fault.how for fault in faults} == {"file"}
    before = (tmp_path / "relations.csv").read_bytes()
    assert mending.mend(tmp_path, faults, {f.key: "x" for f in faults}, [f.key for f in faults]) == []
    assert (tmp_path / "relations.csv").read_bytes() == before


WORDS = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]) | st.sampled_from(' ,;"'), max_size=6)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(st.tuples(WORDS, WORDS, WORDS), min_size=1, max_size=6),
    mark=st.sampled_from(",;\t"),
    blanks=st.integers(0, 2),
    data=st.data(),
)
def test_mending_one_cell_leaves_every_other_as_it_was(tmp_path, rows, mark, blanks, data):
    """The brute-force twin: the same cell set in the list of rows that the csv module reads."""
    path = tmp_path / "relations.csv"
    table = [["source", "target", "content"], *([] for _ in range(blanks)), *map(list, rows)]
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, delimiter=mark).writerows(table)
    row = data.draw(st.integers(blanks + 2, len(table)))
    value = data.draw(WORDS)
    found = Finding("relations.csv", row, "content", "\0", "control_character")
    fault = mending.Fault("k", found, (row,), "cell")
    mending.mend(tmp_path, [fault], {"k": value})
    table[row - 1][2] = value.strip()
    with path.open(encoding="utf-8-sig", newline="") as file:
        assert list(csv.reader(file, delimiter=mark)) == table


@pytest.mark.parametrize(
    ("column", "value", "perhaps"),
    [
        ("employees", "1 200 ansatte", "1200"),
        ("employees", "ca. 12,5", "12.5"),
        ("employees", "mange", ""),
        ("founded", "høsten 1998", "1998"),
        ("founded", "98", None),  # a year of two digits keeps the contract
        ("scale", "Nasjonalt", "national"),
        ("scale", "lokal", "local"),
        ("scale", "???", ""),
        ("kind", "Bedrift", "firm"),
    ],
)
def test_what_was_most_likely_meant(tmp_path, column, value, perhaps):
    (tmp_path / "relations.csv").write_text("source,target\na,b\n", encoding="utf-8")
    (tmp_path / "actors.csv").write_text(f'actor,{column}\na,"{value}"\nb,\n', encoding="utf-8")
    assert [fault.perhaps for fault in mending.faults(tmp_path, nk.check(tmp_path))] == [perhaps] * (
        perhaps is not None
    )


# -- dates in columns of whole numbers ---------------------------------------------------------------------


@pytest.mark.parametrize("column", ["start", "end", "employees", "employees_year", "founded", "closed"])
def test_a_date_where_a_whole_number_belongs_is_mended_as_what_was_entered(tmp_path, column):
    """2019 in a cell that has the form of a date would be read as the 2,019th day: 1905-07-11."""
    table = "relations" if column in ("start", "end") else "actors"
    book = openpyxl.Workbook()
    book.active.title = "relations"
    book.active.append(["source", "target"])
    book.active.append(["a", "b"])
    if table == "actors":
        sheet = book.create_sheet("actors")
        sheet.append(["actor", "name"])
        sheet.append(["a", "A"])
        sheet.append(["b", "B"])
    sheet = book[table]
    sheet.cell(1, 3, column)
    sheet.cell(2, 3, date(2019, 5, 1))
    path = tmp_path / "own.xlsx"
    book.save(path)
    [fault] = mending.faults(tmp_path, nk.check(path))
    assert fault.value == "2019-05-01"
    mending.mend(tmp_path, [fault], {fault.key: "2019"})
    assert nk.check(path) == []
    assert getattr(nk.load(path), table)[column].iloc[0] == 2019
