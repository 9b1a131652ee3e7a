"""Microdata to study: what was answered arrives, what cannot be is refused with its place, and nothing gets lost."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

import netklynge as nk
from netklynge.district import location
from netklynge.findings import NetklyngeError
from netklynge.parsers.names import nobody
from netklynge.study.loading import surveys
from netklynge.surveys import codebook as codebooks
from netklynge.surveys.microdata import answer_table, check_survey, import_survey
from netklynge.surveys.surveyfiles import SurveyFile

BOOK = """\
name: mini
year: 2024
zones: {own_zone_names: {rest: "regional, national"}}
missing: {no_answer: [99], do_not_know: [98], not_asked: [-77]}
respondent:
  id: firm
  name: name
  place: town
  group: town
  employees: size
  owner: owner
  head_office: {column: head, codes: {1: local, 2: international}}
questions:
  coop: {kind: yes_no, column: coop}
  partners:
    kind: grid
    text: partners
    layer: rd
    columns: "p_{item}_{ring}"
    rings: {l: local, n: national, i: international}
    not_relevant: "p_{item}_x"
    asked_if: {column: coop, codes: [1]}
    by: group
    items: {sup: Suppliers, uni: Universities}
  inputs:
    kind: grid
    text: inputs
    layer: supply
    flow: in
    column: inputs
    codes: {1: local, 2: rest, 3: international, 4: not_relevant, 5: none}
  sales:
    kind: shares
    text: sales
    layer: supply
    flow: out
    columns: {local: s_l, rest: s_r, international: s_i}
  weight_of:
    kind: rating
    column: rate
    codes: {1: high, 2: low}
    scores: {high: 2, low: 1}
  since: {kind: number, column: since, minimum: 1800, maximum: 2024}
  named:
    kind: partners
    layer: supply
    flow: in
    slots: 2
    columns:
      {name: "n{slot}", place: "t{slot}", ring: "r{slot}", what: "w{slot}", strategic: "st{slot}", year: "y{slot}"}
    codes: {1: local, 2: national, 3: international}
  list:
    kind: roster
    layer: membership
    columns: "m_{item}"
    items: {hub: {name: The Hub, kind: network_org, ring: local}}
"""
COLUMNS = [
    "firm", "name", "town", "size", "owner", "head", "coop",
    "p_sup_l", "p_sup_n", "p_sup_i", "p_sup_x", "p_uni_l", "p_uni_n", "p_uni_i", "p_uni_x",
    "inputs", "s_l", "s_r", "s_i", "rate", "since",
    "n1", "t1", "r1", "w1", "st1", "y1", "n2", "t2", "r2", "w2", "st2", "y2", "m_hub",
]  # fmt: skip


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    path = tmp_path_factory.mktemp("book") / "codebook.yaml"
    path.write_text(BOOK, encoding="utf-8")
    return codebooks.load(path)


def _survey(*rows, **options):
    frame = pd.DataFrame([{c: row.get(c) for c in COLUMNS} for row in rows], columns=COLUMNS, dtype="string")
    return SurveyFile("s.csv", "table", frame.set_axis(pd.RangeIndex(2, len(rows) + 2, name="row"), axis=0), **options)


def _answers(imported, question, item=None):
    rows = imported.study.answers
    rows = rows[rows["question"] == question]
    return rows[rows["item"] == item]["answer"].tolist() if item else rows["answer"].tolist()


def _refusal(imported):
    (row,) = (
        imported.rejected[imported.rejected["question"] != "respondent"]
        .drop_duplicates(["row", "question"])
        .to_dict("records")
    )
    return row


# -- what answers become -----------------------------------------------------------------------------------


def test_ticks_become_links_ties_to_categories_and_answers(book):
    rows = (
        {"firm": "a", "town": "X", "coop": "1", "p_sup_l": "1", "p_sup_n": "1", "p_uni_x": "1"},
        {"firm": "b", "town": "Y", "coop": "1", "p_sup_l": "1", "p_uni_l": "0"},
        {"firm": "c", "town": "Y", "coop": "2"},
    )
    got = import_survey(_survey(*rows), book).study
    links = got.links[got.links["table"] == "partners"].set_index(["item", "group", "scale"])
    assert links.loc[("partners: Suppliers", "all respondents", "local"), ["value", "n"]].tolist() == [2, 2]
    assert links.loc[("partners: Suppliers", "all respondents", "national"), "value"] == 1
    assert links.loc[("partners: Suppliers", "Y", "national"), ["value", "n"]].tolist() == [0, 1]
    assert links.loc[("partners: Universities", "all respondents", "not_relevant"), ["value", "n"]].tolist() == [1, 2]
    assert links.loc[("partners: all kinds", "all respondents", "local"), "value"] == 2
    ties = got.relations[got.relations["layer"] == "rd"]
    assert len(ties) == 3
    assert set(ties["target"]) == {"cat-partners-sup-local", "cat-partners-sup-national"}
    assert got.categories == {"cat-partners-sup-local", "cat-partners-sup-national"}
    assert sorted(ties["scale"]) == ["local", "local", "national"]
    assert not ties["directed"].any()  # flow both


def test_placeholders_count_in_shares_and_never_in_structure(book):
    got = import_survey(_survey({"firm": "a", "coop": "1", "p_sup_l": "1"}), book).study
    assert got.insiders["actor"].tolist() == ["a"]
    share = location.locate(got, "rd").query("item == 'partners: Suppliers' and ring == 'local'")["share"]
    assert set(share) == {1.0}


def test_missing_answers_are_told_apart(book):
    rows = (
        {"firm": "a", "coop": "1", "inputs": "99", "rate": "98"},
        {"firm": "b", "coop": "2", "inputs": "4", "rate": None},
        {"firm": "c", "coop": "1", "inputs": "5", "rate": "-77"},
        {"firm": "d", "coop": "1", "inputs": None, "rate": "1", "p_sup_l": "1", "p_uni_l": "0"},
    )
    got = import_survey(_survey(*rows), book)
    assert _answers(got, "inputs") == ["no_answer", "not_relevant", "none", "no_answer"]
    assert _answers(got, "weight_of") == ["do_not_know", "no_answer", "not_asked", "high"]
    # c was asked and ticked nothing at all: nobody knows; d ticked elsewhere in the question: none
    uni = got.study.answers.query("question == 'partners' and item == 'uni'").set_index("respondent")["answer"]
    assert uni.to_dict() == {"a": "no_answer", "b": "not_asked", "c": "no_answer", "d": "none"}
    links = got.study.links.query("table == 'inputs'").set_index("scale")
    assert links["n"].tolist() == [2] * 4  # "not relevant" and "none" are answers, the blanks are not
    assert links.loc["not_relevant", "value"] == 1


def test_99_per_cent_is_an_answer_though_99_means_no_answer(book):
    got = import_survey(_survey({"firm": "a", "s_l": "99", "s_i": "1"}), book)
    assert got.rejected.empty
    assert got.study.links.query("table == 'sales' and scale == 'local'")["value"].tolist() == [99]


def test_shares_are_means_of_respondents_and_blanks_are_zero(book):
    rows = ({"firm": "a", "s_l": "50,0", "s_r": "50"}, {"firm": "b", "s_i": "100 %"}, {"firm": "c"})
    got = import_survey(_survey(*rows), book).study
    sales = got.links.query("table == 'sales'").set_index("scale")
    assert sales["value"].to_dict() == {"local": 25, "rest": 25, "international": 50}
    assert set(sales["unit"]) == {"percent_of_value"}
    assert set(sales["n"]) == {2}
    assert sales.index.tolist() == ["local", "rest", "international"]


def test_a_zone_of_several_rings_leaves_the_ring_of_its_ties_blank(book):
    got = import_survey(_survey({"firm": "a", "inputs": "2"}), book).study
    (tie,) = got.relations.query("layer == 'supply'").to_dict("records")
    assert (tie["source"], tie["target"]) == ("cat-inputs-rest", "a")
    assert pd.isna(tie["scale"])
    assert got.own_zones == {"rest": "regional, national"}


def test_named_partners_rosters_and_owners_become_ties_between_actors(book):
    rows = (
        {"firm": "a", "name": "Bøe\nVerft", "n1": "Norautron AS", "r1": "1", "w1": "boards", "st1": "ja", "y1": "1999",
         "m_hub": "1", "owner": "Big Corp", "head": "2", "size": "1 200"},
        {"firm": "b", "n2": "NORAUTRON AS", "r2": "1"},
    )  # fmt: skip
    imported = import_survey(_survey(*rows), book)
    got = imported.study
    ties = got.relations.set_index(["source", "target", "layer"])
    assert ties.loc[("norautron-as", "a", "supply"), ["scale", "strategic", "start", "content"]].tolist() == [
        "local",
        True,
        1999,
        "boards",
    ]
    assert ("norautron-as", "b", "supply") in ties.index  # the same name in two answers is one actor
    assert ("a", "the-hub", "membership") in ties.index
    assert ("big-corp", "a", "ownership") in ties.index
    actors = got.actors.set_index("actor")
    assert actors.loc["a", ["name", "employees", "employees_year", "owner_scale", "scale"]].tolist() == [
        "Bøe Verft",
        1200,
        2024,
        "international",
        "local",
    ]
    assert actors.loc["the-hub", "kind"] == "network_org"
    assert [(f.row, f.column, f.wrong) for f in imported.findings] == [
        (2, "name", "a line break or control character within a name")
    ]


def test_labels_stand_for_their_codes(book):
    got = import_survey(_survey({"firm": "a", "inputs": "Lokalt"}, values={"inputs": {"1": "Lokalt"}}), book)
    assert _answers(got, "inputs") == ["local"]


def test_words_kept_as_labelled_codes_are_spelt_out(book):
    got = import_survey(_survey({"firm": "a", "town": "2"}, values={"town": {"2": "Horten"}}), book).study
    assert got.actors[["place", "group"]].iloc[0].tolist() == ["Horten", "Horten"]


def test_a_study_survives_the_way_through_its_folder(book, tmp_path):
    rows = (
        {"firm": "1", "coop": "1", "p_sup_l": "1", "inputs": "2", "n1": "Ås & Co", "r1": "3"},
        {"firm": "2", "s_l": "100"},
    )
    got = import_survey(_survey(*rows), book).study
    again = nk.load(got.save(tmp_path / "study"))
    for table in ("actors", "relations", "links", "answers"):
        pd.testing.assert_frame_equal(getattr(again, table), getattr(got, table), check_dtype=False)


def test_the_answer_table_counts_by_group(book):
    rows = [
        {"firm": str(i), "town": t, "rate": r}
        for i, (t, r) in enumerate([("X", "1"), ("X", "2"), ("Y", "99"), ("Y", "-77")])
    ]
    table = answer_table(import_survey(_survey(*rows), book).study, "weight_of", "group")
    cells = table.set_index(["group", "answer"])
    assert cells.loc[("X", "high"), ["count", "n"]].tolist() == [1, 2]
    assert cells.loc[("Y", "no_answer"), ["count", "n"]].tolist() == [1, 1]  # not asked is left out of n
    with pytest.raises(NetklyngeError, match="no question 'x'"):
        answer_table(import_survey(_survey(*rows), book).study, "x")


def test_synthetic_answers_mark_the_study(book):
    got = import_survey(_survey({"firm": "a"}, note="SYNTHETIC"), book).study
    assert got.meta["synthetic"] is True
    assert got.title.startswith("SYNTHETIC")


def test_what_respondents_say_of_themselves_and_nobody_can_read_is_told(book):
    got = import_survey(
        _survey({"firm": "a", "size": "about ten", "head": "7"}, {"firm": "b", "size": "-77", "head": "1"}), book
    )
    assert [(f.row, f.column, f.value) for f in got.findings] == [(2, "size", "about ten"), (2, "head", "7")]
    assert got.study.actors["owner_scale"].dropna().tolist() == ["local"]


# -- what is refused ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("row", "column", "value", "wrong", "right"),
    [
        ({"coop": "1", "p_sup_l": "1", "p_sup_x": "1"}, "p_sup_x", "1", "together with local", "either"),
        ({"coop": "1", "p_sup_l": "7"}, "p_sup_l", "7", "neither ticked", "1 (ticked)"),
        ({"coop": "2", "p_sup_l": "1"}, "p_sup_l", "1", "'coop' says", "'coop' = 1"),
        ({"inputs": "8"}, "inputs", "8", "outside the labels", "1 (local)"),
        ({"rate": "high"}, "rate", "high", "outside the labels", "1 (high)"),
        ({"s_l": "60", "s_i": "60"}, "s_l", "60 + 60", "add up to 120", "100, give or take 1"),
        ({"s_l": "x"}, "s_l", "x", "no share", "0 to 100"),
        ({"since": "1492"}, "since", "1492", "limits", "1800 to 2024"),
        ({"r1": "1", "w1": "boards"}, "n1", pd.NA, "without a name", "name"),
        ({"n1": "A", "y1": "99999"}, "y1", "99999", "no year", "four digits"),
        ({"n1": "A", "r1": "9"}, "r1", "9", "unknown ring", "1 (local)"),
        ({"n1": "Me"}, "n1", "Me", "names itself", "another"),
    ],
)  # fmt: skip
def test_each_contradiction_is_refused_with_its_place(book, row, column, value, wrong, right):
    imported = import_survey(_survey({"firm": "me"} | row), book)
    refused = _refusal(imported)
    assert (refused["file"], refused["row"], refused["respondent"], refused["column"]) == ("s.csv", 2, "me", column)
    assert (pd.isna(refused["value"]) and value is pd.NA) or refused["value"] == value
    assert wrong in refused["wrong"]
    assert right in refused["right"]
    assert len(imported.study.actors.query("actor == 'me'")) == 1  # one bad answer does not cost the respondent


def test_duplicate_blank_and_unfinished_respondents_are_refused(book):
    imported = import_survey(_survey({"firm": "a"}, {"firm": "A "}, {"firm": None}, {"firm": "b"}), book)
    assert imported.rejected[["row", "wrong"]].to_numpy().tolist() == [
        [3, "respondent already stands in row 2"],
        [4, "blank"],
    ]
    assert imported.counts.iloc[0].tolist() == ["respondents", 4, 2, 2]


def test_only_completed_answers_where_the_codebook_says_so(tmp_path):
    text = (
        "respondent: {id: firm, completed: {column: dispcode, codes: [31, 32]}}\n"
        "questions: {q: {kind: number, column: q}}\n"
    )
    (tmp_path / "codebook.yaml").write_text(text)
    frame = pd.DataFrame({"firm": ["a", "b"], "dispcode": ["31", "22"], "q": ["1", "2"]}, index=[2, 3], dtype="string")
    imported = import_survey(SurveyFile("q.csv", "questback", frame), tmp_path)
    assert imported.rejected[["row", "column", "value", "wrong", "right"]].to_numpy().tolist() == [
        [3, "dispcode", "22", "not completed", "31 or 32"]
    ]


def test_rows_that_no_table_could_hold_are_read_and_refused(book, tmp_path):
    path = tmp_path / "s.csv"
    path.write_text("firm,coop\na,1\nb,1,2,3\nc,2\n")
    imported = import_survey(path, book)
    assert imported.counts.iloc[0].tolist() == ["respondents", 3, 2, 1]
    assert imported.rejected["row"].tolist() == [3]


def test_check_lists_what_import_refuses_and_columns_that_are_not_there(book, tmp_path):
    path = tmp_path / "s.csv"
    path.write_text("firm;inputs\na;8\n", encoding="utf-8")
    found = [str(finding) for finding in check_survey(path, book)]
    assert "s.csv:2:inputs: '8': code outside the labels; one of 1 (local), 2 (rest), 3 (international), " in "\n".join(
        found
    )
    assert any(line.startswith("codebook.yaml:14:questions.coop: 'coop': s.csv has no such column") for line in found)


def test_several_codes_in_one_cell(tmp_path):
    text = (
        "respondent: {id: firm}\nquestions:\n  q: {kind: grid, layer: rd, column: q, several: yes,"
        " codes: {1: local, 2: national, 3: not_relevant}}\n"
    )
    (tmp_path / "codebook.yaml").write_text(text)
    frame = pd.DataFrame({"firm": ["a", "b", "c"], "q": ["1,2", "1;3", "2,7"]}, index=[2, 3, 4], dtype="string")
    imported = import_survey(SurveyFile("q.csv", "qualtrics", frame), tmp_path)
    assert imported.study.answers["answer"].tolist() == ["local", "national"]
    assert imported.rejected["row"].tolist() == [3, 4]
    assert imported.counts.iloc[1].tolist() == ["answers", 3, 1, 2]


def test_counts_in_a_grid_and_weights(tmp_path):
    text = (
        "respondent: {id: firm, weight: w}\nquestions:\n  q: {kind: grid, layer: rd, counts: yes,"
        " columns: 'q_{ring}', rings: [local, national]}\n"
    )
    (tmp_path / "codebook.yaml").write_text(text)
    frame = pd.DataFrame(
        {"firm": ["a", "b", "c"], "w": ["2", None, "-1"], "q_local": ["3", "1", "1"], "q_national": ["0", "2.5", "1"]},
        index=[2, 3, 4], dtype="string",
    )  # fmt: skip
    imported = import_survey(SurveyFile("q.csv", "table", frame), tmp_path)
    # the 3 links of the one who answered, whose weight weighs against nobody; b said two and a half links
    assert imported.study.links["value"].tolist() == [3, 0]
    assert imported.rejected[["row", "column"]].to_numpy().tolist() == [[3, "q_national"], [4, "w"]]


_CELL = st.one_of(
    st.none(),
    st.sampled_from(
        ["0", "1", "2", "3", "4", "5", "7", "50", "99", "98", "-77", "100", "1999", "x", "Y", "ja", "12,5", "A", "B"]
    ),
    st.text(max_size=3),
)


@settings(
    deadline=None,
    max_examples=20,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(rows=st.lists(st.fixed_dictionaries(dict.fromkeys(COLUMNS, _CELL)), min_size=0, max_size=4))
def test_accepted_and_rejected_are_what_was_read(book, rows):
    clean = [{k: (v.strip() or None) if v is not None else None for k, v in row.items()} for row in rows]
    imported = import_survey(_survey(*clean), book)
    counts = imported.counts.set_index("unit")
    assert (counts["accepted"] + counts["rejected"] == counts["read"]).all()
    assert counts.loc["respondents", "read"] == len(rows)
    # read, counted by hand: every respondent answers every item; of named partners only slots with something in them
    people = imported.study.actors.query("scale == 'local' and kind == 'firm'")
    kept = [i for i in range(len(rows)) if i + 2 not in set(imported.rejected.query("question == 'respondent'")["row"])]
    # a slot whose name names nobody ("-") is blank
    told = {c: lambda cell, c=c: cell not in (None, "99", "98", "-77") and not (c in "ntw" and nobody(cell))
            for c in ("n", "t", "r", "w", "st", "y")}  # fmt: skip
    slots = sum(any(said(clean[i][f"{c}{n}"]) for c, said in told.items())
                and (clean[i][f"n{n}"] in (None, "99", "98", "-77") or not nobody(clean[i][f"n{n}"]))
                for i in kept for n in (1, 2))  # fmt: skip
    assert counts.loc["answers", "read"] == len(kept) * (1 + 2 + 1 + 3 + 1 + 1 + 1) + slots
    assert set(imported.rejected["row"]) <= set(range(2, len(rows) + 2))
    assert imported.rejected[["file", "column", "wrong", "right"]].notna().all(axis=None)
    assert len(kept) <= len(people) + 1
    assert nk.load({t: getattr(imported.study, t) for t in ("actors", "relations")}).name


def test_a_file_that_libreoffice_saved_in_norwegian(tmp_path):
    """Windows-1252, semicolons, decimal commas; saved by LibreOffice 7.4 from synthetic answers."""
    book = tmp_path / "codebook.yaml"
    weighed = "respondent:\n  weight: vekt\n"
    text = (surveys() / "nibr-2004" / "codebook.yaml").read_text(encoding="utf-8")
    book.write_text(text.replace("respondent:\n", weighed).replace("margins: margins.csv\n", ""), encoding="utf-8")
    imported = import_survey(Path(__file__).parents[1] / "data" / "libreoffice-nb.csv", book)
    assert len(imported.rejected) == 0
    actors = imported.study.actors.set_index("actor")
    firms = actors[actors["kind"] == "firm"]
    assert len(firms) == 30
    assert firms.loc["s026", "name"] == 'Bedrift 25 Sjø & Kåre «Æsops»; Horten "AS"'
    weights = imported.study.answers.groupby("respondent")["weight"].first().astype(float)
    assert weights.iloc[:3].tolist() == [1.31, 1.323, 1.336]


# -- who is who ---------------------------------------------------------------------------------------------

WHO = """name: who
respondent: {id: id, name: name, organisation_number: org, place: town, owner: owner}
zones: {places: {local: [Horten], regional: [Oslo]}}
questions:
  p:
    kind: partners
    layer: rd
    slots: 2
    columns: {name: "p{slot}", ring: "r{slot}", organisation_number: "o{slot}", place: "t{slot}"}
"""  # fmt: skip


_WHO_COLUMNS = ["id", "name", "org", "town", "owner", *(f"{c}{k}" for k in (1, 2) for c in "prot")]


def _who(tmp_path, *rows, decisions=None):
    (tmp_path / "who.yaml").write_text(WHO, encoding="utf-8")
    told = [{"id": str(k), **row} for k, row in enumerate(rows, 1)]
    frame = pd.DataFrame([{c: row.get(c) for c in _WHO_COLUMNS} for row in told], columns=_WHO_COLUMNS, dtype="string")
    frame.index = pd.RangeIndex(2, len(told) + 2, name="row")
    return import_survey(SurveyFile("s.csv", "table", frame), tmp_path / "who.yaml", decisions=decisions)


def _ties(imported):
    return set(imported.study.relations[["source", "target"]].itertuples(index=False, name=None))


def test_a_named_respondent_is_the_respondent(tmp_path):
    got = _who(
        tmp_path,
        {"name": "Alfa AS", "org": "988077917", "p1": "Gamma AS", "r1": "local", "o1": "974760673"},
        {"name": "Gamma AS", "org": "974760673", "p1": "Alfa", "r1": "local", "o1": "988 077 917"},
    )
    assert _ties(got) == {("r-1", "r-2"), ("r-2", "r-1")}
    assert got.study.actors["actor"].tolist() == ["r-1", "r-2"]
    assert set(got.matches["decision"]) == {"same"}


def test_owners_are_looked_for_among_respondents_too(tmp_path):
    got = _who(tmp_path, {"name": "Alfa AS", "owner": "GAMMA"}, {"name": "Gamma AS", "owner": "-"})
    assert _ties(got) == {("r-2", "r-1")}
    assert len(got.study.actors) == 2


def test_two_partners_of_one_name_are_kept_apart_by_place(tmp_path):
    got = _who(
        tmp_path,
        {"name": "Delta", "p1": "Mekan AS", "t1": "Horten"},
        {"name": "Epsilon", "p1": "Mekan AS", "t1": "Oslo", "p2": "MEKAN", "t2": "Horten"},
    )
    named = got.study.actors[got.study.actors["actor"].str.startswith("mekan")]
    assert sorted(named["place"]) == ["Horten", "Oslo"]
    assert sorted(named["scale"]) == ["local", "regional"]
    assert len(got.study.relations) == 3


def test_naming_oneself_is_refused_by_number_and_by_name(tmp_path):
    got = _who(
        tmp_path,
        {"name": "Alfa AS", "org": "988077917", "p1": "Something", "o1": "988077917", "p2": "Beta"},
        {"name": "Gamma A/S", "p1": "GAMMA"},
    )
    assert got.rejected["wrong"].tolist() == ["a respondent that names itself"] * 2
    assert got.rejected["column"].tolist() == ["p1", "p1"]
    counts = got.counts.set_index("unit").loc["answers"]
    assert counts.tolist() == [3, 1, 2]


def test_what_the_user_decides_of_named_partners_is_obeyed(tmp_path):
    rows = ({"name": "Alfa AS", "p1": "Johnsen Mek"}, {"name": "Johansen Mek"})
    asked = _who(tmp_path, *rows)
    assert asked.matches["decision"].tolist() == ["ask"]
    assert len(asked.study.actors) == 3
    got = _who(tmp_path, *rows, decisions=asked.matches.assign(decision="same"))
    assert _ties(got) == {("r-1", "r-2")}


def test_a_respondent_under_two_ids_is_counted_once(tmp_path):
    got = _who(
        tmp_path,
        {"name": "Alfa AS", "org": "988077917"},
        {"name": "Alfa", "org": "988077917"},
        {"name": "ALFA A/S"},
        {"name": "Beta", "town": "Horten"},
        {"name": "Beta", "town": "Oslo"},
    )
    assert got.rejected[["row", "wrong"]].values.tolist() == [
        [3, "this organisation number already stands in row 2"],
        [4, "this name already stands in row 2"],
    ]
    assert got.counts.set_index("unit").loc["respondents"].tolist() == [5, 3, 2]


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(
        st.fixed_dictionaries({
            "name": st.sampled_from(["Alfa AS", "ALFA", "Beta", "Gamma ASA", "Gamma AS", "ingen"]),
            "org": st.sampled_from(["988077917", "974760673", None]),
            "p1": st.sampled_from(["Alfa", "beta as", "Gamma", "Delta", "-", None]),
            "o1": st.sampled_from(["988077917", "974760673", "923609016", None]),
            "t1": st.sampled_from(["Horten", "Oslo", None]),
        }),
        max_size=5,
    )
)  # fmt: skip
def test_no_valid_organisation_number_is_borne_by_two_actors(tmp_path, rows):
    got = _who(tmp_path, *rows)
    numbers = got.study.actors.get("organisation_number", pd.Series(dtype="string")).dropna()
    assert not numbers.duplicated().any()
    assert (got.counts["accepted"] + got.counts["rejected"] == got.counts["read"]).all()
    assert (got.study.relations["source"] != got.study.relations["target"]).all()


def test_partners_named_in_three_spellings_or_not_at_all(tmp_path):
    """The shape of a public report: spellings that never met, and "ingen" that met everywhere."""
    got = _who(
        tmp_path,
        {"name": "Nordstål AS", "org": "988077917", "p1": "Lysbue", "t1": "Horten", "p2": "-"},
        {"name": "Lysbue A/S", "p1": "NORDSTÅL", "t1": "Horten", "p2": "ingen"},
        {"name": "Kystplast AS", "p1": "Nordstaal as", "t1": "Horten", "p2": "Vet ikke"},
        {"name": "Havn AS", "p1": "Nordstål", "p2": "N/A"},
        {"name": "Tau AS", "p1": "ingen", "p2": "ingen"},
    )
    assert _ties(got) == {("r-1", "r-2"), ("r-2", "r-1"), ("r-3", "r-1"), ("r-4", "r-1")}
    assert len(got.study.actors) == 5
    assert {(f.value, f.wrong) for f in got.findings if f.column == "p"} == {
        ("-", "names nobody (1 cells)"), ("ingen", "names nobody (3 cells)"),
        ("Vet ikke", "names nobody (1 cells)"), ("N/A", "names nobody (1 cells)"),
    }  # fmt: skip
