"""Rosters: filled in as each tool would write the answers, and read back to the ties that were put in."""

import csv

import openpyxl
import pandas as pd
import pytest
import yaml
from small_districts import district

import netklynge as nk
from netklynge.district.waves import respondent_test, tie_changes
from netklynge.files.tables import read_workbook
from netklynge.findings import NetklyngeError
from netklynge.parsers.names import fold
from netklynge.surveys.codebook import check
from netklynge.surveys.rosters import (
    SLOTS,
    TOOLS,
    read_roster,
    roster_actors,
    roster_codebook,
    roster_questions,
    write_roster,
    write_wave,
)

LAYERS = ["supply", "rd", "membership"]


def told(study, asked, listed):
    """What each respondent says of the study's ties: (respondent, question) to the partners it names."""
    answers = {}
    answering = set(listed.loc[listed["answers"], "actor"])
    everybody = set(listed["actor"])
    for q in asked.itertuples():
        ties = study.ties(q.layer)
        for source, target in zip(ties["source"], ties["target"], strict=True):
            sides = {"in": [(target, source)], "out": [(source, target)], "both": [(source, target), (target, source)]}
            for me, other in sides[q.flow]:
                if me in answering and other in everybody and other not in answers.get((me, q.question), []):
                    answers.setdefault((me, q.question), []).append(other)
    return answers


def expected(answers, asked):
    """The ties that these answers tell, each once; those without direction as sets."""
    flows = asked.set_index("question")[["layer", "flow"]]
    ties = set()
    for (me, question), partners in answers.items():
        layer, flow = flows.loc[question]
        for other in partners:
            ends = frozenset((me, other)) if flow == "both" else (other, me) if flow == "in" else (me, other)
            ties.add((layer, ends))
    return ties


def found(study):
    rows = study.relations
    free = ~rows["directed"].fillna(True).astype(bool)
    return {
        (layer, frozenset((a, b)) if loose else (a, b))
        for layer, a, b, loose in zip(rows["layer"], rows["source"], rows["target"], free, strict=True)
    }


def fill_workbook(path, answers, asked, label):
    """Type the answers into the workbook, a row per respondent, as somebody would in Excel."""
    book = openpyxl.load_workbook(path)
    sheet = book["answers"]
    heads = [cell.value for cell in sheet[1]]
    heading = asked.set_index("question")["head"]
    for row, me in enumerate(sorted({me for me, _ in answers}), start=2):
        sheet.cell(row, 1, label[me])
        for question, head in heading.items():
            for slot, other in enumerate(answers.get((me, question), [])[:SLOTS], start=1):
                sheet.cell(row, heads.index(f"{head} {slot}") + 1, label[other])
        sheet.cell(row, len(heads), "yes")
    book.save(path)


def limesurvey_export(structure, path, answers, label, code):
    """Answers as LimeSurvey exports them with question codes: Y or nothing, and the name that was shown."""
    rows = list(csv.DictReader(structure.read_text("utf-8-sig").splitlines(), delimiter="\t"))
    columns, question = ["id", "submitdate", "firm", "firmname"], ""
    for row in rows:
        if row["class"] == "Q":
            question = row["name"]
        elif row["class"] == "SQ":
            columns.append(f"{question}[{row['name']}]")
    lines = []
    for number, me in enumerate(sorted({me for me, _ in answers}), start=1):
        line = dict.fromkeys(columns, "")
        line |= {"id": str(number), "submitdate": "2026-01-02 10:00:00", "firm": code[me], "firmname": label[me]}
        for (who, asked), partners in answers.items():
            if who == me:
                line |= {f"{asked.replace('_', '')}[{code[other]}]": "Y" for other in partners}
        assert set(line) == set(columns)
        lines.append(line)
    pd.DataFrame(lines).to_csv(path, index=False, quoting=csv.QUOTE_ALL, encoding="utf-8-sig", lineterminator="\r\n")


def nettskjema_export(path, answers, asked, listed, book):
    """Answers as Nettskjema exports them with its codebook on: 1 or 0 for each option, the code of the own name."""
    items = list(book["questions"][asked["question"].iloc[0]]["items"])
    code = dict(zip(listed["actor"], items, strict=True))
    lines = []
    for number, me in enumerate(sorted({me for me, _ in answers}), start=1):
        line = {"$submission_id": str(number), "$created": "2026-01-02T10:00:00", "firm": code[me]}
        for question in asked["question"]:
            ticked = {code[other] for other in answers.get((me, question), [])}
            line |= {f"{question}.{item}": "1" if item in ticked else "0" for item in items}
        lines.append(line)
    pd.DataFrame(lines).to_csv(path, index=False, sep=";", quoting=csv.QUOTE_ALL)


def filled(study, tool, folder, layers=LAYERS, outside=True):
    """The roster of a study, answered with the study's own ties, as (file, codebook, answers, questions, actors)."""
    form, book = write_roster(study, folder / f"roster-{tool}", tool, layers, outside=outside, year=2026)
    asked, listed = roster_questions(study, layers), roster_actors(study, outside)
    answers = {key: partners[:SLOTS] for key, partners in told(study, asked, listed).items()}
    label, code = (dict(zip(listed["actor"], listed[c], strict=True)) for c in ("label", "code"))
    export = form
    if tool == "excel":
        fill_workbook(form, answers, asked, label)
    elif tool == "limesurvey":
        export = folder / "results-survey100001.csv"
        limesurvey_export(form, export, answers, label, code)
    else:
        export = folder / "data-1.txt"
        nettskjema_export(export, answers, asked, listed, yaml.safe_load(book.read_text("utf-8")))
    return export, book, answers, asked, listed


@pytest.mark.parametrize(
    ("name", "tool", "layers"),
    [
        ("horten", "excel", LAYERS),
        ("raufoss", "excel", LAYERS),
        ("horten", "limesurvey", ["supply"]),
        ("kongsberg", "limesurvey", ["membership"]),
        ("horten", "nettskjema", ["rd"]),
        ("kongsberg", "nettskjema", ["supply"]),
    ],
)
def test_the_ties_that_were_put_in_come_out(name, tool, layers, tmp_path):
    study = nk.load(name)
    export, book, answers, asked, listed = filled(study, tool, tmp_path, layers)
    assert answers
    assert check(book) == []
    imported = nk.import_survey(export, book)
    assert len(imported.rejected) == 0
    by_name = {fold(row.label): row.actor for row in listed.itertuples()}
    named = dict(zip(imported.study.actors["actor"], imported.study.actors["name"], strict=True))
    ids = {a: by_name[fold(n)] for a, n in named.items()}
    plain = {
        (layer, frozenset(ids[a] for a in ends) if isinstance(ends, frozenset) else tuple(ids[a] for a in ends))
        for layer, ends in found(imported.study)
    }
    assert plain == expected(answers, asked)
    again = read_roster(export, book, study)
    assert found(again.study) == expected(answers, asked)
    assert len(again.study.relations) == len(expected(answers, asked))
    assert again.study.reference_year == 2026


def test_the_next_wave_stands_beside_the_first(tmp_path):
    study = nk.load("raufoss")
    export, book, answers, *_ = filled(study, "excel", tmp_path)
    wave = write_wave(export, tmp_path / "wave", book, study).study
    assert found(nk.load(tmp_path / "wave")) == found(wave)
    changes = tie_changes(study, wave, LAYERS)
    assert "new" not in set(changes["state"])  # nothing was told that the study does not know
    assert (changes["state"] == "kept").sum() > 30
    people = set(wave.answers["respondent"])
    assert people == {me for me, _ in answers}
    known = wave.actors.set_index("actor")
    assert known.loc["sintef", "kind"] == "research"
    test = respondent_test(study, wave, (people, people), LAYERS)
    assert (test["left"] == 0).all()


def test_both_who_tell_a_tie_are_counted(tmp_path):
    study = district([{"actor": a, "name": a.upper(), "kind": "firm", "scale": "local"} for a in "ab"],
                     [{"source": "a", "target": "b", "layer": "supply"}])  # fmt: skip
    export, book, answers, *_ = filled(study, "excel", tmp_path)
    assert set(answers) == {("a", "supply_out"), ("b", "supply_in")}
    ties = read_roster(export, book, study).study.relations
    assert ties[["source", "target", "told_by"]].values.tolist() == [["a", "b", "2"]]


def test_a_name_that_is_not_in_the_list_can_be_written_in(tmp_path):
    study = nk.load("kongsberg")
    form, book = write_roster(study, tmp_path / "r.xlsx", layers=["rd"])
    workbook = openpyxl.load_workbook(form)
    workbook["answers"]["A2"] = "Danfoss Esco AS"
    workbook["answers"]["B2"] = "Somebody New"
    workbook.save(form)
    wave = read_roster(form, book, study).study
    assert "Somebody New" in set(wave.actors["name"])
    assert len(wave.relations) == 1


def test_a_respondent_who_names_nobody_has_answered(tmp_path):
    study = nk.load("kongsberg")
    form, book = write_roster(study, tmp_path / "r.xlsx", layers=["rd"], lang="nb")
    workbook = openpyxl.load_workbook(form)
    sheet = workbook["answers"]
    assert next(cell.value for cell in sheet[1]) == "Din organisasjon"
    sheet["A2"] = "Danfoss Esco AS"
    sheet.cell(2, sheet.max_column, "ja")
    workbook.save(form)
    wave = read_roster(form, book, study).study
    own = roster_actors(study).set_index("label").loc["Danfoss Esco AS", "actor"]
    assert set(wave.answers["respondent"]) == {own}
    assert len(wave.relations) == 0


def test_names_that_read_alike_are_told_apart():
    actors = [{"actor": a, "name": "Nord AS", "kind": "firm", "scale": "local"} for a in ("nord-1", "nord-2")]
    study = district(actors, [{"source": "nord-1", "target": "nord-2", "layer": "rd"}])
    assert roster_actors(study)["label"].tolist() == ["Nord AS (nord-1)", "Nord AS (nord-2)"]


@pytest.mark.parametrize("tool", TOOLS)
def test_hostile_names_run_nowhere(tool, tmp_path):
    names = ['=HYPERLINK("x")', "{SAVEDID}<b>", "A\tB | C"]
    actors = [{"actor": f"f{k}", "name": n, "kind": "firm", "scale": "local"} for k, n in enumerate(names)]
    study = district(actors, [{"source": "f0", "target": "f1", "layer": "rd"}])
    form, book = write_roster(study, tmp_path / "r", tool)
    assert check(book) == []
    if tool == "excel":
        cells = openpyxl.load_workbook(form)["actors"]["A"]
        assert all(cell.data_type == "s" for cell in cells)
    else:
        text = form.read_text("utf-8")
        assert "{SAVEDID}" not in text
        assert "<b>" not in text
        assert "A B / C" in text


def test_the_structure_keeps_to_what_limesurvey_takes(tmp_path):
    """Five characters for answers, letters and digits for codes, each code once, a parent before its parts."""
    form, _ = write_roster(nk.load("raufoss"), tmp_path / "r.txt", "limesurvey", outside=True)
    rows = list(csv.DictReader(form.read_text("utf-8-sig").splitlines(), delimiter="\t"))
    assert rows[0]["class"] == "S"
    questions = [row["name"] for row in rows if row["class"] == "Q"]
    assert len(questions) == len(set(questions))
    assert all(q.isalnum() and q[0].isalpha() and len(q) <= 20 for q in questions)
    assert all(len(row["name"]) <= 5 for row in rows if row["class"] == "A")
    assert all(row["name"].isalnum() for row in rows if row["class"] in ("A", "SQ"))
    assert {row["class"] for row in rows} == {"S", "SL", "G", "Q", "SQ", "A"}


def test_the_workbook_is_the_same_each_time_and_its_lists_name_everybody(tmp_path):
    study = nk.load("horten")
    one, two = (write_roster(study, tmp_path / f"{k}.xlsx", layers=["rd"])[0] for k in "ab")
    assert one.read_bytes() == two.read_bytes()
    sheets = read_workbook(one)
    assert next(iter(sheets)) == "answers"
    assert set(sheets["actors"][0]["actor"]) == set(study.insiders["actor"])
    rules = openpyxl.load_workbook(one)["answers"].data_validations.dataValidation
    assert {rule.formula1 for rule in rules if "actors" in rule.formula1} == {"actors!$A$2:$A$42"}


def test_what_cannot_be_asked_is_told(tmp_path):
    study = nk.load("horten")
    for wrong in ({"tool": "paper"}, {"layers": ["spin_off"]}):
        with pytest.raises(NetklyngeError, match=r"paper|spin_off"):
            write_roster(study, tmp_path / "r", **wrong)
    empty = district([{"actor": "x", "kind": "firm", "scale": "national"}, {"actor": "y", "scale": "national"}],
                     [{"source": "x", "target": "y", "layer": "rd"}])  # fmt: skip
    with pytest.raises(NetklyngeError, match="nobody is inside"):
        write_roster(empty, tmp_path / "r")
    write_roster(study, tmp_path / "r", layers=["rd"])
    with pytest.raises(NetklyngeError, match="there already"):
        write_roster(study, tmp_path / "r", layers=["rd"])


@pytest.mark.parametrize("tool", TOOLS)
def test_public_studies_make_rosters_of_pseudonyms(tool, tmp_path):
    study = nk.load("kongsberg")
    public, _ = nk.public_study(study, key="a secret of the user")
    form, book = write_roster(public, tmp_path / "r", tool, ["supply"])
    assert check(book) == []
    names = set(study.actors["name"]) - set(public.actors["name"])
    assert not names & set(roster_actors(public)["label"])
    assert form.stat().st_size


def test_the_codebook_of_each_tool_names_its_columns():
    book = roster_codebook(nk.load("kongsberg"), "excel", ["supply"])
    assert book["questions"]["supply_in"]["columns"] == {"name": "Buys from {slot}"}
    assert book["respondent"] == {"name": "Your organisation"}
