"""The facilitator's workbook: it loads as it is, its drop-downs are the contract's choices, its bytes are stable."""

import re
from pathlib import Path

import openpyxl
import pytest

import netklynge as nk
from netklynge.parsers.template import write_template
from netklynge.study.contracts import KINDS, TABLES
from netklynge.study.layers import LAYERS
from netklynge.study.zones import RINGS

BUNDLED = Path(__file__).parents[2] / "surveys" / "template" / "study-template.xlsx"


def test_the_bundled_workbook_is_what_the_program_writes(tmp_path):
    assert write_template(tmp_path / "x.xlsx").read_bytes() == BUNDLED.read_bytes()


def test_the_example_is_a_study_without_findings():
    assert nk.check(BUNDLED) == []
    study = nk.load(BUNDLED)
    assert study.graph("supply").has_edge("fjordmek", "nordsonar")
    assert study.reference_year == 2025
    assert study.meta["zones"]["local"]


def test_filled_in_by_hand_and_by_another_program(tmp_path):
    book = openpyxl.load_workbook(BUNDLED)
    book["actors"].append(["new-firm", "=New & Co", None, "firm", None, None, None, "regional"])
    book["actors"].cell(book["actors"].max_row, 2).data_type = "s"
    book["relations"].append(["new-firm", "nordsonar", "rd", 0])
    book.save(tmp_path / "filled.xlsx")
    study = nk.load(tmp_path / "filled.xlsx")
    assert len(study.actors) == 5
    assert study.actors.set_index("actor").at["new-firm", "name"] == "=New & Co"


def test_a_wrong_entry_is_found_in_its_sheet_and_row(tmp_path):
    book = openpyxl.load_workbook(BUNDLED)
    book["actors"]["D2"] = "company"
    book.save(tmp_path / "filled.xlsx")
    (finding,) = nk.check(tmp_path / "filled.xlsx")
    assert (finding.file, finding.row, finding.column) == ("filled.xlsx[actors]", 2, "kind")


@pytest.mark.parametrize(
    ("sheet", "column", "choices"),
    [
        ("actors", "kind", KINDS),
        ("actors", "scale", RINGS),
        ("relations", "layer", LAYERS),
        ("relations", "confidence", ("high", "medium", "low")),
        ("links", "scale", (*RINGS, "not_relevant")),
    ],
)
def test_drop_downs_offer_what_the_contract_takes(sheet, column, choices):
    page = openpyxl.load_workbook(BUNDLED)[sheet]
    letter = next(cell.column_letter for cell in page[1] if cell.value == column)
    told = [v.formula1 for v in page.data_validations.dataValidation if str(v.sqref).startswith(f"{letter}2:")]
    assert told == ['"' + ",".join(choices) + '"']


def test_every_column_is_the_contracts_and_explained_in_both_languages():
    book = openpyxl.load_workbook(BUNDLED)
    guide = [(row[0].value or "", row[1].value or "") for row in book["readme"]]
    for sheet in ("actors", "relations", "links"):
        for cell in book[sheet][1]:
            assert cell.value in TABLES[sheet]
            assert cell.comment
            start = re.compile(rf"{sheet}: {cell.value}: .+")
            assert sum(bool(start.match(en) and start.match(nb)) for en, nb in guide) == 1


def test_without_the_example_there_are_no_rows(tmp_path):
    study = nk.load(write_template(tmp_path / "empty.xlsx", example=False))
    assert len(study.actors) == len(study.relations) == len(study.links) == 0
