"""Synthetic microdata: import and locate give back what the report prints, through whatever program they went."""

from __future__ import annotations

import csv
import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netklynge.district.location import locate
from netklynge.findings import NetklyngeError
from netklynge.study.loading import load, surveys
from netklynge.surveys import codebook as codebooks
from netklynge.surveys.margins import fit_margins, printed_counts
from netklynge.surveys.microdata import answer_table, import_survey
from netklynge.surveys.surveyfiles import read_survey
from netklynge.surveys.synthetic import synthesize


@pytest.fixture(scope="module")
def answers(tmp_path_factory):
    return synthesize("nibr-2004", 147, 1, tmp_path_factory.mktemp("synthetic") / "answers.sav")


@pytest.fixture(scope="module")
def study(answers):
    return import_survey(answers, "nibr-2004").study


@pytest.fixture(scope="module")
def margins():
    # as printed: table 8.1, chapter 8, figures v.14, v.17 and v.21, table 5.4 of NIBR-rapport 2005:11
    return pd.read_csv(surveys() / "nibr-2004" / "margins.csv", dtype=str, keep_default_na=False)


def _printed(number, like):
    return f"{number:.{len(like.partition('.')[2])}f}"


def _item_texts(question):
    return {item.id: f"{question.text}: {item.text}" for item in question.items} | {"": f"{question.text}: all kinds"}


def _question(name):
    return next(question for question in codebooks.load("nibr-2004").questions if question.id == name)


def test_everything_is_accepted_and_marked(answers, study):
    imported = import_survey(answers, "nibr-2004")
    assert imported.rejected.empty
    assert imported.findings == []
    assert (imported.counts["read"] == imported.counts["accepted"]).all()
    assert study.meta["synthetic"] is True
    assert study.title.startswith("SYNTHETIC")
    # the report gives these four numbers and 145 as their sum
    assert study.actors["group"].value_counts().to_dict() == {
        "Halden": 47,
        "Horten": 42,
        "Raufoss": 31,
        "Kongsberg": 27,
    }


def test_innovation_partners_by_town_and_ring_print_as_in_table_8_1(study, margins):
    table = locate(study, "rd").query("item == 'innovation partners: all kinds'").set_index(["group", "ring"])["share"]
    for row in margins[margins["table"] == "table 8.1"].itertuples():
        group = row.group or "all respondents"
        assert _printed(100 * table[group, row.answer], row.value) == row.value, row


def test_kinds_of_innovation_partners_print_as_in_chapter_8(study, margins):
    rows = locate(study, "rd").query("table == 'q15' and group == 'all respondents'").groupby("item")["count"].sum()
    names = _item_texts(_question("q15"))
    for row in margins[margins["table"] == "chapter 8"].itertuples():
        assert _printed(100 * rows[names[row.item]] / rows[names[""]], row.value) == row.value, row


def test_important_partners_print_as_in_figure_v_17(study, margins):
    rows = locate(study).query("table == 'q08'").set_index(["item", "ring"])
    names = _item_texts(_question("q08"))
    for row in margins[margins["table"] == "figure v.17"].itertuples():
        cell = rows.loc[[(names[row.item], row.answer)]].iloc[0]
        assert _printed(100 * cell["count"] / cell["n"], row.value) == row.value, row


def test_kongsberg_suppliers_print_as_in_table_5_4_out_of_104(study, margins):
    rows = locate(study, "supply").query("table == 'q08k'").set_index(["item", "ring"])["count"]
    names = _item_texts(_question("q08k"))
    total = rows[names[""]].sum()
    assert total == 104  # the footnote says 108, which no printed percentage fits
    for row in margins[(margins["table"] == "table 5.4") & (margins["answer"] != "")].itertuples():
        assert _printed(100 * rows[names[row.item], row.answer] / total, row.value) == row.value, row


def test_importance_of_near_actors_is_counted_as_in_figure_v_21(study, margins):
    counts = answer_table(study, "q10", "group").set_index(["group", "item", "answer"])["count"]
    for row in margins[margins["table"] == "figure v.21"].itertuples():
        assert counts.get((row.group, row.item, row.answer), 0) == int(row.value), row


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(tmp_path):
    files = [synthesize("raufoss", 50, seed, tmp_path / f"{k}.sav").read_bytes() for k, seed in enumerate((1, 1, 2))]
    assert files[0] == files[1] != files[2]


def test_nothing_is_invented_that_could_be_somebody(answers):
    frame = read_survey(answers).frame
    assert frame["firm_name"].str.startswith("Synthetic firm").all()
    assert (frame["synthetic"] == "1").all()


# -- the same answers through other programs ---------------------------------------------------------------


def _same_tables(study, other):
    keys = ["table", "item", "group", "scale"]
    mine, theirs = (s.links.set_index(keys)["value"].astype(float).sort_index() for s in (study, other))
    pd.testing.assert_series_equal(mine, theirs, check_exact=False, rtol=1e-6)


def test_a_csv_as_libreoffice_saves_it_in_norwegian(answers, study, tmp_path):
    frame = read_survey(answers).frame
    for column in ("q05_local", "q05_norway", "q05_abroad"):
        frame[column] = frame[column] + ",0"
    path = tmp_path / "svar.csv"
    frame.to_csv(path, sep=";", index=False, encoding="cp1252", lineterminator="\r\n")
    imported = import_survey(path, "nibr-2004")
    assert imported.rejected.empty
    assert imported.study.meta["synthetic"] is True  # by its column, since a CSV has no label
    _same_tables(study, imported.study)


def _renamed_codebook(path, bracket):
    """The bundled codebook with the column names that a survey tool would give."""
    text = (surveys() / "nibr-2004" / "codebook.yaml").read_text(encoding="utf-8").replace("margins: margins.csv", "")
    for name in ("q08", "q15"):
        text = text.replace(f'"{name}_{{item}}_{{ring}}"', f'"{bracket(name, "{item}_{ring}")}"')
    text = text.replace('"q08_{item}_nr"', f'"{bracket("q08", "{item}_nr")}"')
    path.write_text(text, encoding="utf-8")
    return path


def _renamed(frame, bracket):
    def name(column):
        stem, _, rest = column.partition("_")
        return bracket(stem, rest) if stem in ("q08", "q15") else column

    return frame.rename(columns=name)


def test_a_limesurvey_like_export(answers, study, tmp_path):
    def bracket(stem, rest):
        return f"{stem}[{rest}]"

    frame = _renamed(read_survey(answers).frame, bracket)
    grid = [c for c in frame.columns if "[" in c]
    frame[grid] = frame[grid].replace({"1": "Y", "0": None})  # LimeSurvey: ticked Y, not ticked empty
    frame.insert(0, "id", [str(i) for i in range(1, len(frame) + 1)])
    frame.insert(1, "submitdate", "2024-01-01 12:00:00")
    path = tmp_path / "results-survey1.csv"
    frame.fillna("").to_csv(
        path, sep=";", index=False, encoding="utf-8-sig", lineterminator="\r\n", quoting=csv.QUOTE_ALL
    )
    assert read_survey(path).tool == "limesurvey"
    imported = import_survey(path, _renamed_codebook(tmp_path / "codebook.yaml", bracket))
    assert imported.rejected.empty
    _same_tables(study, imported.study)


def test_a_qualtrics_like_export(answers, study, tmp_path):
    def bracket(stem, rest):
        return f"{stem}#{rest}"

    survey = read_survey(answers)
    frame = _renamed(survey.frame, bracket)
    grid = [c for c in frame.columns if "#" in c]
    frame[grid] = frame[grid].replace({"0": None})  # Qualtrics: ticked 1, not ticked blank
    frame.insert(0, "StartDate", "2024-01-01 12:00:00")
    texts = [survey.labels.get(column, column) for column in frame.columns]
    ids = [json.dumps({"ImportId": f"QID{i}"}) for i in range(len(frame.columns))]
    heads = pd.DataFrame([texts, ids], columns=frame.columns)
    path = tmp_path / "qualtrics.csv"
    pd.concat([heads, frame]).to_csv(path, index=False, encoding="utf-8")
    read = read_survey(path)
    assert (read.tool, read.frame.index[0]) == ("qualtrics", 4)
    imported = import_survey(path, _renamed_codebook(tmp_path / "codebook.yaml", bracket))
    assert imported.rejected.empty
    _same_tables(study, imported.study)


# -- studies and codebooks without margins -----------------------------------------------------------------


def test_a_study_gives_microdata_whose_counts_are_its_published_ones(tmp_path):
    path = synthesize("horten", 60, 3, tmp_path / "horten.sav")
    imported = import_survey(path, tmp_path / "horten.codebook.yaml")
    assert imported.rejected.empty
    published = load("horten").links.query("item == 'innovation partners'").set_index("scale")["value"]
    rows = (
        locate(imported.study, "rd")
        .query("item.str.startswith('innovation partners')", engine="python")
        .set_index("ring")
    )
    assert (100 * rows["share"]).round().to_dict() == published.to_dict()


def test_too_few_firms_are_told_and_never_too_many_ticks(tmp_path):
    with pytest.warns(UserWarning, match="is only near"):
        path = synthesize("kongsberg", 7, 1, tmp_path / "few.csv")
    assert import_survey(path, tmp_path / "few.codebook.yaml").rejected.empty


def test_only_formats_with_a_name_are_written(tmp_path):
    with pytest.raises(NetklyngeError, match=r"\.sav"):
        synthesize("nibr-2004", 147, 1, tmp_path / "answers.docx")


# -- fitting -----------------------------------------------------------------------------------------------


def test_proportional_fitting_reaches_both_margins():
    # Deming & Stephan's case of two margins: the fitted table is the product of the margins when it starts from ones
    cells = pd.DataFrame([(i, "", a) for i in "ab" for a in "xyz"], columns=["item", "group", "answer"])
    told = [("a", "", "30"), ("b", "", "70"), ("", "x", "20"), ("", "y", "30"), ("", "z", "50")]
    margins = pd.DataFrame(
        [(i, "", a, v, "") for i, a, v in told], columns=["item", "group", "answer", "value", "base"]
    )
    got = fit_margins(cells, margins, pd.Series(1.0, index=cells.index)).to_numpy().reshape(2, 3)
    assert np.allclose(got, np.outer([0.3, 0.7], [20, 30, 50]))


@settings(deadline=None, max_examples=20)
@given(counts=st.lists(st.integers(0, 30), min_size=2, max_size=5).filter(lambda c: sum(c) > 0), seed=st.integers(0, 9))
def test_counts_print_as_the_table_they_came_from(counts, seed):
    # any table printed from real counts can be printed again, from counts near to a wrong guess of the total
    total = sum(counts)
    cells = pd.DataFrame([("a", "", str(k)) for k in range(len(counts))], columns=["item", "group", "answer"])
    printed = [f"{100 * c / total:.1f}" for c in counts]
    if any(abs(1000 * c / total % 1 - 0.5) < 1e-9 for c in counts):
        return  # a tie, which may be printed either way
    margins = cells.assign(table="t", value=printed, base="item")
    expected = fit_margins(cells, margins, pd.Series(float(total + seed), index=cells.index))
    got = printed_counts(cells, margins, expected)
    assert [f"{100 * c / got.sum():.1f}" for c in got] == printed
