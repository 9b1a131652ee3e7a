"""What is missing is missing in every role, and weighted answers say how much they rest on."""

import pandas as pd
import pyreadstat
import pytest

import netklynge as nk
from netklynge.surveys.surveyfiles import missing_kind


def _sav(path, frame, labels=None, ranges=None):
    pyreadstat.write_sav(frame, str(path), variable_value_labels=labels or {}, missing_ranges=ranges or {})
    return path


def _book(path, text):
    path.write_text(f"name: m\nyear: 2024\n{text}", encoding="utf-8")
    return path


def test_codes_that_file_or_codebook_call_missing_hold_in_every_role(tmp_path):
    frame = pd.DataFrame(
        {"id": [1.0, 2, 3, 4], "size": [12.0, 9999, 30, 9], "born": [1990.0, 9998, 2001, 1985],
         "town": [1.0, 2, 98, 99], "owner": ["Konsern A", "99", "Ingen", ""],
         "w": [1.0, 2, 999, 1], "sup": [1.0, 2, 9, 1]}
    )  # fmt: skip
    labels = {"town": {1.0: "Horten", 2.0: "Oslo", 98.0: "Vet ikke", 99.0: "Ikke svart"}, "w": {999.0: "Mangler"}}
    file = _sav(tmp_path / "s.sav", frame, labels, {"size": [{"lo": 9998.0, "hi": 9999.0}], "w": [999.0]})
    book = _book(tmp_path / "b.yaml", """missing: {no_answer: [9998, 99, 9]}
respondent: {id: id, employees: size, founded: born, place: town, owner: owner, weight: w}
questions:
  sup: {kind: grid, layer: supply, flow: in, column: sup, codes: {1: local, 2: national}}
""")  # fmt: skip
    got = nk.import_survey(file, book)
    firms = got.study.actors[got.study.actors["kind"] == "firm"]
    assert firms["employees"].fillna(-1).tolist() == [12, -1, 30, 9]  # 9 employees are 9 employees
    assert firms["founded"].fillna(-1).tolist() == [1990, -1, 2001, 1985]
    assert firms["place"].fillna("").tolist() == ["Horten", "Oslo", "", ""]
    assert got.study.actors.query("kind == 'parent'")["name"].tolist() == ["Konsern A"]
    assert got.study.answers["weight"].fillna(-1).tolist() == [1, 2, -1, 1]
    assert not got.findings
    assert got.rejected.empty


def test_a_declared_range_is_missing_whole(tmp_path):
    frame = pd.DataFrame({"id": [1.0, 2, 3, 4], "exp": [10.0, 997, 998, 30], "part": [5.0, -8, -1, 6]})
    ranges = {"exp": [{"lo": 990.0, "hi": 999.0}], "part": [{"lo": -99.0, "hi": -1.0}]}
    book = _book(tmp_path / "b.yaml", """respondent: {id: id}
questions: {exp: {kind: number, column: exp}, part: {kind: number, column: part}}
""")  # fmt: skip
    answers = nk.import_survey(_sav(tmp_path / "s.sav", frame, ranges=ranges), book).study.answers
    assert answers["answer"].tolist() == ["10", "no_answer", "no_answer", "30", "5", "no_answer", "no_answer", "6"]


@pytest.mark.parametrize(
    "label",
    ["Mangler kompetanse", "Usikker etterspørsel", "Missing skills", "Filter- og renseutstyr", "Refused a bank loan",
     "Unsure about demand", "Manglende kapital", "Not relevant experience among applicants", "Ikke svart hull"],
)  # fmt: skip
def test_a_word_inside_a_label_makes_no_answer_missing(label):
    assert missing_kind(label) is None


@pytest.mark.parametrize(
    ("label", "kind"),
    [("Vet ikke", "do_not_know"), ("Don't know / no answer", "do_not_know"), ("Ubesvart", "no_answer"),
     ("Ikke svart", "no_answer"), ("Missing", "no_answer"), ("[Not asked]", "not_asked"), ("Uaktuelt", "not_relevant"),
     ("Mangler (vet ikke)", "no_answer"), ("Refused to answer", "no_answer"), ("Ønsker ikke å svare", "no_answer")],
)  # fmt: skip
def test_whole_labels_tell_the_kind(label, kind):
    assert missing_kind(label) == kind


def test_not_available_is_blank_in_surveys_and_ledgers(tmp_path):
    file = tmp_path / "s.csv"
    file.write_text('"id","firm","p1","sup","emp"\n1,"Alfa","Beta",1,10\n2,"Beta",NA,NA,NA\n', encoding="utf-8")
    book = _book(tmp_path / "b.yaml", """respondent: {id: id, name: firm, employees: emp}
questions:
  p: {kind: partners, layer: rd, slots: 1, columns: {name: "p{slot}"}}
  sup: {kind: grid, layer: supply, flow: in, column: sup, codes: {1: local, 2: national}}
""")  # fmt: skip
    got = nk.import_survey(file, book)
    assert got.rejected.empty
    assert got.study.answers["answer"].tolist() == ["Beta", "local", "no_answer"]
    assert got.study.relations.iloc[0][["source", "target"]].tolist() == ["r-1", "r-2"]
    ledger = tmp_path / "Fjordverk leverandører.csv"
    ledger.write_text(
        '"Leverandør","Beløp","Land"\n"Lysbue AS",500,NA\n"Kyst AS",NA,NA\nNA,20,"NO"\n', encoding="utf-8"
    )
    trade = nk.import_ledger(ledger)
    assert trade.rejected[["row", "wrong"]].values.tolist() == [[4, "no supplier is named"]]
    assert trade.study.actors.query("actor != 'fjordverk'")["scale"].isna().all()  # NA is not Namibia


def test_an_item_that_was_not_asked_for_a_ring_is_not_zero_for_it(tmp_path):
    file = tmp_path / "s.csv"
    file.write_text("id,a_loc,a_nat,b_int\n1,1,0,1\n2,0,1,0\n", encoding="utf-8")
    book = _book(tmp_path / "b.yaml", """respondent: {id: id}
questions:
  q:
    kind: grid
    layer: supply
    items: {a: {columns: {local: a_loc, national: a_nat}}, b: {columns: {international: b_int}}}
""")  # fmt: skip
    links = nk.import_survey(file, book).study.links
    assert links[links["item"] == "q: a"]["scale"].tolist() == ["local", "national"]
    assert links[links["item"] == "q: b"]["scale"].tolist() == ["international"]


GRID = """respondent: {id: id, weight: w}
questions:
  q: {kind: grid, layer: supply, flow: in, column: q, codes: {1: local, 2: national, 3: regional, 4: international}}
"""


@pytest.mark.parametrize(
    ("weights", "answers", "share", "effective", "low", "high"),
    [
        # worked by hand: 20 of 24; Kish 24^2 / 204; Wilson on that n
        ([10, 10, 1, 1, 1, 1], [1, 1, 2, 2, 2, 2], 0.833, 2.824, 0.299, 0.983),
        # 8 of 20 with equal weights: as unweighted
        ([50] * 20, [1] * 8 + [2] * 12, 0.4, 20, 0.219, 0.613),
    ],
)
def test_weighted_shares_rest_on_the_effective_n(tmp_path, weights, answers, share, effective, low, high):
    file = tmp_path / "s.csv"
    rows = [f"{k},{w},{a}" for k, (w, a) in enumerate(zip(weights, answers, strict=True))]
    file.write_text("\n".join(["id,w,q", *rows]), encoding="utf-8")
    imported = nk.import_survey(file, _book(tmp_path / "b.yaml", GRID))
    table = nk.locate(imported.study).query("source == 'published' and ring == 'local'").iloc[0]
    assert table["share"] == table["share_of_answers"] == pytest.approx(share, abs=5e-4)
    assert (table["n"], table["n_effective"]) == pytest.approx((len(weights), effective), abs=1e-3)
    assert (table["low"], table["high"]) == pytest.approx((low, high), abs=1e-3)
    imported.study.save(tmp_path / "study")
    again = nk.locate(nk.load(tmp_path / "study")).query("source == 'published' and ring == 'local'").iloc[0]
    assert again["high"] == pytest.approx(high, abs=1e-3)
