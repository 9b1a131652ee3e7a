"""The codebook: what it says is understood, and what it says wrongly is found in its line."""

from __future__ import annotations

import csv
import json
from itertools import pairwise

import pandas as pd
import pyreadstat
import pytest
import yaml

from netklynge.findings import InputError, StudyError
from netklynge.parsers.codes import code_key
from netklynge.surveys import codebook, drafts
from netklynge.surveys.microdata import import_survey
from netklynge.surveys.surveyfiles import SurveyFile, read_survey

GOOD = """\
name: mini
year: 2024
missing: {no_answer: [99], do_not_know: [98]}
respondent: {id: firm}
questions:
  where:
    kind: grid
    layer: supply
    flow: in
    columns: "w_{item}_{ring}"
    rings: {loc: local, nat: national}
    items: {parts: Parts, food: {text: Food, layer: service}}
  best:
    kind: choice
    column: best
    codes: {1: yes, 2: no}
"""


def _read(tmp_path, text):
    (tmp_path / "codebook.yaml").write_text(text, encoding="utf-8")
    return codebook.read(tmp_path / "codebook.yaml")


def test_patterns_become_columns_and_items_inherit(tmp_path):
    book, findings = _read(tmp_path, GOOD)
    assert findings == []
    parts, food = book.questions[0].items
    assert parts.columns == {"local": "w_parts_loc", "national": "w_parts_nat"}
    assert (parts.layer, food.layer, food.flow) == ("supply", "service", "in")
    assert book.questions[1].codes == {"1": "yes", "2": "no"}  # YAML's own yes and no stay words
    assert book.missing == {"99": "no_answer", "98": "do_not_know"}


@pytest.mark.parametrize(
    ("old", "new", "line", "value", "right"),
    [
        ("kind: grid", "kind: gird", 7, "gird", "grid"),
        ("layer: supply", "layer: suply", 8, "suply", "supply"),
        ("flow: in", "flow: inwards", 9, "inwards", "both"),
        ("nat: national", "nat: nationwide", 11, "nationwide", "national"),
        ("    columns: ", "    colums: ", 10, "colums", "columns"),
        ("do_not_know: [98]", "unsure: [98]", 3, "unsure", "do_not_know"),
        ("do_not_know: [98]", "do_not_know: [99]", 3, "99", "one meaning"),
        ("year: 2024", "year: soon", 2, "soon", "2004"),
        ("{id: firm}", "{place: town}", 4, "", "id"),
        ("column: best", "column: w_parts_loc", 13, "w_parts_loc", "one question"),
        ('"w_{item}_{ring}"', '"w_{item}_{slot}_{ring}"', 12, "w_{item}_{slot}_{ring}", "pattern"),
    ],
)
def test_every_mistake_is_found_in_its_line(tmp_path, old, new, line, value, right):
    assert old in GOOD
    book, findings = _read(tmp_path, GOOD.replace(old, new, 1))
    assert book is None
    hits = [f for f in findings if f.row == line and f.value == value and right in f.right]
    assert hits, findings


@pytest.mark.parametrize("text", ["a: [1", "", "- 1", "a: b: c"])
def test_no_yaml_or_no_codebook_is_an_input_error(tmp_path, text):
    with pytest.raises(InputError, match=r"codebook\.yaml"):
        _read(tmp_path, text)


def test_columns_that_are_not_there_are_findings_with_the_nearest_name(tmp_path):
    (tmp_path / "codebook.yaml").write_text(GOOD, encoding="utf-8")
    columns = ["FIRM", "w_parts_loc", "w_parts_natt", "w_food_loc", "w_food_nat", "best"]
    survey = SurveyFile("s.csv", "table", pd.DataFrame(columns=columns, dtype="string"))
    (finding,) = codebook.check(tmp_path / "codebook.yaml", survey)  # FIRM is firm in another case
    assert (finding.file, finding.row, finding.value) == ("codebook.yaml", 6, "w_parts_nat")
    assert "w_parts_natt" in finding.right


def test_aliases_and_optional_questions(tmp_path):
    text = GOOD + "    optional: yes\naliases: {w_parts_nat: [parts_norway]}\n"
    book, findings = _read(tmp_path, text)
    assert findings == []
    columns = ["firm", "w_parts_loc", "parts_norway", "w_food_loc", "w_food_nat"]
    names, missing = codebook.resolve(book, SurveyFile("s", "table", pd.DataFrame(columns=columns, dtype="string")))
    assert missing == []
    assert names["w_parts_nat"] == "parts_norway"


def test_load_raises_with_all_findings(tmp_path):
    (tmp_path / "codebook.yaml").write_text(GOOD.replace("grid", "x").replace("choice", "y"), encoding="utf-8")
    with pytest.raises(StudyError) as error:
        codebook.load(tmp_path)
    assert len(error.value.findings) == 2


@pytest.mark.parametrize("name", codebook.bundled())
def test_bundled_codebooks_keep_their_rules(name):
    assert codebook.check(name) == []


def test_cis_names_and_their_renames():
    # names and the rename of EG in 2024 as national offices use them (literature notes, section 1)
    columns = {name: set(codebook.load(f"cis/{name}").columns) for name in ("cis-2022", "cis-2024", "cis-2012")}
    grid = [f"COOP_{kind}_{place}" for kind in ("PRV_SUPPL", "UNIV") for place in ("NAT", "EU_EFTA", "NEU_NEFTA")]
    assert set(grid) <= columns["cis-2022"] & columns["cis-2024"]
    assert "COOP_EG_NAT" in columns["cis-2022"]
    assert "COOP_PRV_EG_NAT" in columns["cis-2024"]
    assert sum(c.startswith("COOP_") and c.count("_") >= 2 for c in columns["cis-2022"] - {"COOP_INN_XRND"}) == 30
    book = codebook.load("cis/cis-2022")
    assert "COOP_PUB_CLCU_NEU_EFTA" in book.aliases["COOP_PUB_CLCU_NEU_NEFTA"]
    old = {question.id: question.documented for question in codebook.load("cis/cis-2012").questions}
    assert old["markets"]
    assert not old["partners"]  # CO11... known from memory only


def test_codes_are_compared_as_people_write_them():
    assert [code_key(c) for c in (1, 1.0, "1,0", " 1 ", "01", "Ja ", True, "-77.0")] == [
        "1",
        "1",
        "1",
        "1",
        "01",
        "ja",
        "yes",
        "-77",
    ]


# -- drafts ------------------------------------------------------------------------------------------------


def _labelled(path):
    ring = {1.0: "Lokalt", 2.0: "Østlandet for øvrig", 3.0: "Landet for øvrig", 4.0: "Utlandet", 5.0: "Ikke relevant"}
    frame = pd.DataFrame(
        {
            "firma": ["A", "B", "C"],
            "ansatte": [3.0, 40.0, 5.0],
            "v1_1": [1.0, 5.0, 3.0],
            "v1_2": [2.0, 4.0, 9.0],
            "v2_lok": [10.0, 0.0, 50.0],
            "v2_nor": [20.0, 0.0, 25.0],
            "v2_utl": [70.0, 100.0, 25.0],
            "v3_lev_lok": [1.0, 0.0, 0.0],
            "v3_lev_utl": [0.0, 1.0, 0.0],
            "v4": [1.0, 2.0, 1.0],
            "v5": ["fritekst", "mer", "noe"],
        }
    )
    labels = {
        "v1_1": "Hvor er de viktigste: Leverandører av råvarer",
        "v1_2": "Hvor er de viktigste: Konkurrenter",
        "v2_lok": "Omsetning i prosent: Lokalt",
        "v2_nor": "Omsetning i prosent: Norge",
        "v2_utl": "Omsetning i prosent: Utlandet",
        "v3_lev_lok": "Samarbeid: Leverandører: Lokalt",
        "v3_lev_utl": "Samarbeid: Leverandører: Utlandet",
        "v4": "Produktinnovasjon",
    }
    values = {"v1_1": ring, "v1_2": {**ring, 9.0: "Vet ikke"}, "v4": {1.0: "Ja", 2.0: "Nei"}}
    values["v1_1"] = values["v1_2"]
    pyreadstat.write_sav(frame, str(path), column_labels=labels, variable_value_labels=values)
    return path


def test_a_draft_guesses_kinds_rings_and_missing_codes_and_loads(tmp_path):
    path = _labelled(tmp_path / "s.sav")
    text = drafts.draft(path)
    content = yaml.safe_load(text)
    questions = content["questions"]
    assert {name: q["kind"] for name, q in questions.items()} == {
        "v1": "grid",
        "v2": "shares",
        "v3": "grid",
        "v4": "yes_no",
    }
    assert questions["v1"]["codes"] == {
        "1": "local",
        "2": "regional",
        "3": "national",
        "4": "international",
        "5": "not_relevant",
    }
    assert questions["v1"]["items"]["1"]["layer"] == "supply"
    assert questions["v1"]["items"]["2"]["layer"] == "competition"
    assert questions["v2"]["columns"] == {"local": "v2_lok", "national": "v2_nor", "international": "v2_utl"}
    assert content["missing"] == {"do_not_know": ["9"]}
    assert content["respondent"]["id"] == "firma"
    assert content["unused"] == ["v5"]
    (tmp_path / "codebook.yaml").write_text(text, encoding="utf-8")
    imported = import_survey(path, tmp_path)
    assert imported.rejected.empty
    assert imported.findings == []


def test_a_draft_names_every_column_of_the_file(tmp_path):
    path = _labelled(tmp_path / "s.sav")
    text = drafts.draft(path)
    assert all(str(name) in text for name in read_survey(path).frame.columns)


def test_a_draft_sees_a_grid_asked_ring_by_ring(tmp_path):
    """As Qualtrics exports a side-by-side question: ring first, then kind of partner."""
    names = ["ResponseId", "Q1", "Q3", "Q4#1_1", "Q4#1_2", "Q4#2_1", "Q4#2_2"]
    texts = ["Response ID", "Name of your firm", "Number of employees"]
    texts += [f"Partners - {ring} - {kind}" for ring in ("Local", "Abroad") for kind in ("Suppliers", "Universities")]
    path = tmp_path / "q.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        imports = [json.dumps({"ImportId": name}) for name in names]
        csv.writer(file).writerows([names, texts, imports, ["R_1", "Bøe AS", "12", "1", "", "", "1"]])
    drafted = yaml.safe_load(drafts.draft(path))
    assert drafted["respondent"] == {"id": "ResponseId", "name": "Q1", "employees": "Q3"}
    items = drafted["questions"]["Q4"]["items"]
    assert [items[key]["text"] for key in ("1", "2")] == ["Suppliers", "Universities"]
    assert items["2"]["columns"] == {"local": "Q4#1_2", "international": "Q4#2_2"}
    assert (items["1"]["layer"], items["2"]["layer"]) == ("supply", "rd")


def test_a_codebook_that_unfolds_to_gigabytes_is_refused(tmp_path):
    bomb = tmp_path / "codebook.yaml"
    ten = ", ".join(["*{0}"] * 10)
    lines = [f"{k}: &{k} [{ten.format(before)}]\n" for before, k in pairwise("abcdefghij")]
    bomb.write_text("a: &a [x, x]\n" + "".join(lines))
    with pytest.raises(InputError, match=r"codebook.yaml:6: .*aliases .* unfold"):
        codebook.read(bomb)
