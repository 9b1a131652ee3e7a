"""Survey files in: every format gives the same survey, and each tool's quirks are taken away."""

from __future__ import annotations

import openpyxl
import pandas as pd
import pyreadstat
import pytest

from netklynge.findings import InputError
from netklynge.surveys.surveyfiles import missing_kind, read_survey

FRAME = pd.DataFrame({"firm": ["A", "B"], "q1": [1.0, 9.0], "share": [12.5, None]})
LABELS = {"firm": "Bedrift", "q1": "Hvor er leverandørene?", "share": "Andel"}
VALUES = {"q1": {1.0: "Lokalt", 9.0: "Vet ikke"}}


def _sav(path, **options):
    pyreadstat.write_sav(FRAME, str(path), column_labels=LABELS, variable_value_labels=VALUES, **options)
    return path


@pytest.mark.parametrize("suffix", [".sav", ".zsav", ".dta"])
def test_labels_and_values_of_statistical_packages(tmp_path, suffix):
    path = tmp_path / f"s{suffix}"
    if suffix == ".dta":
        pyreadstat.write_dta(
            FRAME, str(path), column_labels=LABELS, variable_value_labels={"q1": {1: "Lokalt", 9: "Vet ikke"}}
        )
    else:
        _sav(path, compress=suffix == ".zsav")
    survey = read_survey(path)
    assert survey.frame.index.tolist() == [2, 3]
    assert survey.frame["q1"].tolist() == ["1", "9"]
    assert survey.frame["share"].tolist() == ["12.5", pd.NA]
    assert survey.labels["q1"] == "Hvor er leverandørene?"
    assert survey.values["q1"] == {"1": "Lokalt", "9": "Vet ikke"}


def test_user_missing_codes_keep_their_value_and_their_kind(tmp_path):
    survey = read_survey(_sav(tmp_path / "s.sav", missing_ranges={"q1": [{"lo": 7, "hi": 9}]}))
    assert survey.frame["q1"].tolist() == ["1", "9"]
    assert survey.missing["q1"]["9"] == "do_not_know"  # by its label "Vet ikke"
    assert survey.missing["q1"]["7"] == "no_answer"  # declared, but without a label that tells more


def test_labels_in_two_encodings_within_one_stata_file_are_mended(tmp_path):
    path = tmp_path / "s.dta"
    labels = {"firm": "Kxy by utf", "q1": "Kz by latin", "share": ""}
    pyreadstat.write_dta(FRAME, str(path), column_labels=labels, version=15)
    raw = path.read_bytes()
    path.write_bytes(
        raw.replace(b"Kxy by utf", "Kø by utf".encode()).replace(b"Kz by latin", "Kø by latin".encode("latin-1"))
    )
    survey = read_survey(path)
    assert (survey.labels["firm"], survey.labels["q1"]) == ("Kø by utf", "Kø by latin")


def test_a_truncated_sav_is_refused_with_its_name(tmp_path):
    path = tmp_path / "s.sav"
    frame = pd.DataFrame({f"v{i}": range(500) for i in range(20)}).astype(float)
    pyreadstat.write_sav(frame, str(path))
    raw = path.read_bytes()
    for part in (100, len(raw) // 2, len(raw) - 9):
        path.write_bytes(raw[:part])
        with pytest.raises(InputError, match=r"s\.sav"):
            read_survey(path)


def test_the_mark_of_synthetic_answers_is_seen(tmp_path):
    assert read_survey(_sav(tmp_path / "a.sav", file_label="SYNTHETIC answers")).synthetic
    assert not read_survey(_sav(tmp_path / "b.sav")).synthetic
    (tmp_path / "c.csv").write_text("firm,synthetic\nA,1\n")
    assert read_survey(tmp_path / "c.csv").synthetic


@pytest.mark.parametrize(
    ("label", "kind"),
    [
        ("Vet ikke", "do_not_know"),
        ("Don't know", "do_not_know"),
        ("Ikke relevant", "not_relevant"),
        ("Not applicable", "not_relevant"),
        ("Ikke spurt", "not_asked"),
        ("Ubesvart", "no_answer"),
        ("Ikke besvart", "no_answer"),
        ("Ikke viktig", None),
        ("Ikke valgt", None),
        ("Lokalt", None),
    ],
)
def test_kinds_of_missing_answers_by_their_label(label, kind):
    assert missing_kind(label) == kind


# -- exports of survey tools, as the formats are described row by row in the literature notes ------------


def test_nettskjema_semicolons_quotes_and_option_columns(tmp_path):
    path = tmp_path / "data-123-2024.txt"
    path.write_text(
        '"$submission_id";"$created";"q1.local";"q1.abroad";"size"\n"31";"2023-06-12T13:33";"1";"0";"77.0"\n',
        encoding="utf-8",
    )
    survey = read_survey(path)
    assert survey.tool == "nettskjema"
    assert survey.frame.loc[2, ["q1.local", "q1.abroad", "size"]].tolist() == ["1", "0", "77.0"]


def test_limesurvey_code_and_text_in_one_header_and_formula_guard(tmp_path):
    path = tmp_path / "results-survey1.csv"
    text = (
        '"id. Response ID";"submitdate. Date";"Q3[SQ001]. Where? [Local]";"Q4. Name"\r\n'
        '"1";"2024-01-01";"Y";"\'=cmd"\r\n"2";"";"N/A";"B"\r\n\r\n'
    )
    path.write_bytes(text.encode("utf-8-sig"))
    survey = read_survey(path)
    assert survey.tool == "limesurvey"
    assert list(survey.frame.columns) == ["id", "submitdate", "Q3[SQ001]", "Q4"]
    assert survey.labels["Q3[SQ001]"] == "Where? [Local]"
    assert survey.frame["Q4"].tolist() == ["=cmd", "B"]
    assert survey.missing["*"]["N/A"] == "not_asked"


def test_qualtrics_three_header_rows(tmp_path):
    path = tmp_path / "q.csv"
    path.write_text(
        'StartDate,Q1,Q2_1\n"Start Date","Where are\nthey?","Local"\n'
        '"{""ImportId"":""startDate""}","{""ImportId"":""QID1""}","{""ImportId"":""QID2""}"\n2024-01-01,"1,3",1\n',
        encoding="utf-8",
    )
    survey = read_survey(path)
    assert survey.tool == "qualtrics"
    assert survey.labels["Q1"] == "Where are they?"
    assert survey.frame.index.tolist() == [4]
    assert survey.frame.loc[4, "Q1"] == "1,3"


def test_legacy_qualtrics_two_header_rows_and_an_empty_last_column(tmp_path):
    path = tmp_path / "q.csv"
    path.write_text("V1,V2,Q1,\nResponseID,ResponseSet,Where?,\nR_1,Default,2,\n", encoding="utf-8-sig")
    survey = read_survey(path)
    assert (survey.tool, survey.labels["Q1"]) == ("qualtrics", "Where?")
    assert survey.frame.to_numpy().tolist() == [["R_1", "Default", "2"]]


def _surveyxact(folder, header="respnokk\tc_1\tbasis_6_1\tbasis_7_1"):
    structure = (
        "questionName\tvariableName\tquestionType\tsubType\tquestionText\tchoiceValue\tchoiceText\r\n"
        'q6\tbasis_6_1\tmulti\t\t"Partnere \r\n"\t1\t"Valgt "\r\n'
        "q6\tbasis_6_1\tmulti\t\tPartnere\t0\tIkke valgt\r\n"
        "q7\tbasis_7_1\topen\t\tNavn\t\t\r\n"
    )
    (folder / "dataset.csv").write_bytes(f"{header}\r\n1\t1\t1\tBøe\r\n".encode("utf-16"))
    (folder / "structure.csv").write_bytes(structure.encode("utf-16"))
    (folder / "labels.csv").write_bytes("basis_6_1\tSamarbeid\r\n".encode("utf-16"))


def test_surveyxact_three_files_in_utf16(tmp_path):
    _surveyxact(tmp_path)
    for source in (tmp_path, tmp_path / "dataset.csv"):
        survey = read_survey(source)
        assert survey.tool == "surveyxact"
        assert survey.values["basis_6_1"] == {"1": "Valgt", "0": "Ikke valgt"}
        assert survey.labels["basis_6_1"] == "Samarbeid"
        assert survey.findings == ()


def test_surveyxact_cut_names_are_listed_and_not_guessed(tmp_path):
    _surveyxact(tmp_path, header="respnokk\tc_1\tbasis_1\tbasis_9")
    survey = read_survey(tmp_path)
    assert list(survey.frame.columns) == ["respnokk", "c_1", "basis_1", "basis_9"]
    assert [(f.column, "basis_6_1" in f.wrong or "basis_7_1" in f.wrong) for f in survey.findings] == [
        ("basis_1", True),
        ("basis_9", True),
    ]


def test_surveyxact_workbook_with_a_dataset_over_two_sheets(tmp_path):
    book = openpyxl.Workbook()
    book.active.title = "Dataset"
    for row in (["respnokk", "a"], [1, 1]):
        book.active.append(row)
    second = book.create_sheet("Dataset(2)")
    for row in (["respnokk", "b"], [1, 2]):
        second.append(row)
    structure = book.create_sheet("Structure")
    for row in (
        ["variableName", "questionText", "choiceValue", "choiceText"],
        ["a", "A?", 1, "Ja"],
        ["b", "B?", 2, "Nei"],
    ):
        structure.append(row)
    book.save(tmp_path / "s.xlsx")
    survey = read_survey(tmp_path / "s.xlsx")
    assert survey.frame.loc[2].tolist() == ["1", "1", "2"]
    assert survey.values == {"a": {"1": "Ja"}, "b": {"2": "Nei"}}


def test_questback_codes_for_not_seen(tmp_path):
    (tmp_path / "q.csv").write_text("lfdn;dispcode;v_1;v_2\n7;31;-77;0\n", encoding="latin-1")
    survey = read_survey(tmp_path / "q.csv")
    assert survey.tool == "questback"
    assert survey.missing["*"] == {"-77": "not_asked", "-66": "not_asked", "-99": "no_answer"}


def test_blank_and_repeated_column_names_get_names(tmp_path):
    (tmp_path / "q.csv").write_text("id,,a,a\n1,2,3,4\n")
    survey = read_survey(tmp_path / "q.csv")
    assert list(survey.frame.columns) == ["id", "column 2", "a", "a (2)"]
    assert len(survey.findings) == 2


def test_an_unknown_ending_says_which_are_known(tmp_path):
    (tmp_path / "s.pdf").write_bytes(b"%PDF")
    with pytest.raises(InputError, match=r"\.sav.*\.csv.*\.xlsx"):
        read_survey(tmp_path / "s.pdf")
