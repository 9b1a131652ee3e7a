"""Findings: every code has words in both languages, every code is used, and nothing is decided by words."""

import ast
import re
import string
from dataclasses import replace
from pathlib import Path

import pytest

import netklynge as nk
from netklynge import messages
from netklynge.app import mending
from netklynge.findings import Finding, InputError, Phrase, StudyError, from_refusals, refusal, refuse
from netklynge.language import language
from netklynge.messages import MESSAGES, PHRASES, Message

PACKAGE = Path(nk.__file__).parent
TEXTS = [text for message in MESSAGES.values() for text in (message.wrong, message.right)] + [*PHRASES.values()]


def places(text):
    return sorted((name, spec) for _, name, spec, _ in string.Formatter().parse(text) if name)


@pytest.mark.parametrize("text", dict.fromkeys(TEXTS))
def test_each_text_has_one_in_bokmaal_with_the_same_places(text):
    told = language("nb").text(text)
    assert places(told) == places(text)
    if re.sub(r"\{[^}]*\}|[^a-z]", "", text) and text not in {
        "one of same, different, ask",
        "survey, interview, document or judgement",
    }:
        assert told != text


def calls(name):
    """Every call of a function or method of this name in the package."""
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call):
                called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                if called == name:
                    yield path, node


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("Finding", 4), ("wrong", 2), ("finding", 2), ("refusal", 0), ("refusals_by_row", 0), ("_refuse", 1),
        ("Phrase", 0),
    ],
)  # fmt: skip
def test_no_finding_is_made_with_prose(name, place):
    known = MESSAGES.keys() | PHRASES.keys()
    made = [(path, node) for path, node in calls(name) if len(node.args) > place]
    assert made
    for path, node in made:
        for text in ast.walk(node.args[place]):
            if isinstance(text, ast.Constant) and isinstance(text.value, str) and name not in ("_refuse",):
                known_part = text.value in known or any(text.value in code for code in known)
                assert known_part, f"{path.name}:{node.lineno}: {text.value}"
                assert " " not in text.value, f"{path.name}:{node.lineno}: {text.value}"


def test_every_code_is_used():
    """By name in the code, or as the name of what is unknown (``unknown_`` and a column)."""
    source = "".join(path.read_text("utf-8") for path in PACKAGE.rglob("*.py") if path.name != "messages.py")
    said = {text for _, text in re.findall(r"([\"'])([a-z_]+)\1", source)}
    composed = {f"unknown_{word}" for word in said} | {"no_supplier", "no_buyer"}
    composed |= {f"no_such_column{doubt}{near}" for doubt in ("", "_doubt") for near in ("", "_near")}
    assert (MESSAGES.keys() | PHRASES.keys()) - said - composed == set()


def test_a_finding_wants_the_arguments_of_its_message():
    with pytest.raises(ValueError, match="does not go with"):
        Finding("a.csv", 2, "scale", "x", "unknown_ring")
    with pytest.raises(ValueError, match="does not go with"):
        Finding("a.csv", 2, "scale", "x", "no such code")


def test_a_finding_is_told_in_the_language_of_its_reader():
    finding = Finding("r.csv", 3, "source", "alfa", "no_such_actor", table="actors.csv")
    assert str(finding) == "r.csv:3:source: 'alfa': no such actor in actors.csv; an id from its column 'actor'"
    assert finding.told(language("en")) == str(finding)
    told = "r.csv:3:source: «alfa»: ingen slik aktør i actors.csv; en id fra kolonnen «actor» der"
    assert finding.told(language("nb")) == told


def test_lists_and_phrases_are_told_too():
    others = [
        Phrase("figure_in_row", figure=5, file="b.csv", row=7),
        Phrase("figure_in_row", figure=6.5, file="c", row=1),
    ]
    finding = Finding("a.csv", 2, "jobs", "4", "told_differently", others=others, about="food")
    assert finding.wrong == "the same is 5 in b.csv (row 7), 6.5 in c (row 1)"
    assert finding.words(language("nb"))[0] == "det samme er 5 i b.csv (rad 7), 6.5 i c (rad 1)"
    gate = Finding("a.csv", 2, "done", "3", "not_completed", codes=["1", "2"])
    assert gate.words(language("nb")) == ("ikke fullført", "1 eller 2")


def test_braces_in_a_value_are_no_places():
    finding = Finding("a.csv", 2, "{column}", "{value}", "no_such_actor", table="{table}{0}")
    assert finding.wrong == "no such actor in {table}{0}"


def test_a_refusal_comes_back_as_the_same_finding():
    told = refusal("not_asked", column="q1", codes=["1", "2"])
    [finding] = from_refusals([("f.csv", 4, "q2", "5", told["code"], told["args"])])
    assert finding == Finding("f.csv", 4, "q2", "5", "not_asked", column="q1", codes=("1", "2"))
    assert finding.words() == (told["wrong"], told["right"])


def test_a_notice_is_told_and_refuses_nothing(monkeypatch):
    monkeypatch.setattr(messages, "MESSAGES", MESSAGES)
    monkeypatch.setitem(MESSAGES, "self_tie", replace(MESSAGES["self_tie"], notice=True))
    notice = Finding("r.csv", 2, "target", "a", "self_tie")
    error = Finding("r.csv", 3, "start", "x", "no_year")
    assert (notice.severity, error.severity) == ("notice", "error")
    refuse([notice])
    with pytest.raises(StudyError, match=r"^1 finding must") as told:
        refuse([error, notice])
    assert told.value.findings == [error]


def test_a_study_with_notices_only_is_read_and_checked(tmp_path, monkeypatch):
    (tmp_path / "relations.csv").write_text("source,target\na,a\na,b\n", encoding="utf-8")
    with pytest.raises(StudyError):
        nk.load(tmp_path)
    monkeypatch.setitem(MESSAGES, "self_tie", replace(MESSAGES["self_tie"], notice=True))
    assert len(nk.load(tmp_path).relations) == 2
    assert [finding.code for finding in nk.check(tmp_path)] == ["self_tie"]


def test_other_words_change_nothing_that_is_mended(tmp_path, monkeypatch):
    (tmp_path / "actors.csv").write_text("actor,name,kind\nalfa,Alfa AS,firma\nalfa,B,firm\n", encoding="utf-8")
    rows = "source,target,scale,start,current\nalfa,Alfa AS,lokalt,i 1998,ja\nalfa,alfa,local,,\n"
    (tmp_path / "relations.csv").write_text(rows, encoding="utf-8")

    def mended():
        found = mending.faults(tmp_path, nk.check(tmp_path))
        return {(f.found.code, f.rows): (f.how, f.choices, f.perhaps) for f in found}

    before = mended()
    assert before["no_such_actor", (2,)] == ("cell", (), "alfa")
    assert before["no_year", (2,)] == ("cell", (), "1998")
    assert before["no_flag", (2,)] == ("cell", (), "1")
    assert before["unknown_ring", (2,)][2] == "local"
    for code, message in list(MESSAGES.items()):
        other = " ".join(f"{{{name}}}" for name in sorted(message.places))
        monkeypatch.setitem(MESSAGES, code, Message(f"quite other words {other}", "and others"))
    assert mended() == before


def test_what_is_refused_is_told_in_the_language_of_its_reader(tmp_path):
    with pytest.raises(InputError) as told:
        mending.name_columns(tmp_path / "list.ods", {}, "relations")
    assert str(told.value) == "list.ods: cannot be written to; save it as .xlsx and put it in again"
    assert (
        told.value.told(language("nb")) == "list.ods: kan ikke skrives til; lagre den som .xlsx og legg den inn igjen"
    )
    wrong = StudyError([Finding("r.csv", 3, "start", "x", "no_year")] * 3, shown=2)
    assert str(wrong).splitlines()[0] == "3 findings must be mended before this study can be used:"
    assert wrong.told(language("nb")).splitlines()[::3] == [
        "3 ting må rettes før denne studien kan brukes:",
        "... og 1 til",
    ]
    assert InputError("{as it stands}").told(language("nb")) == str(InputError("{as it stands}")) == "{as it stands}"


def test_every_refusal_with_arguments_has_one_in_bokmaal():
    for name in ("NetklyngeError", "InputError"):
        for path, node in calls(name):
            if node.keywords and isinstance(node.args[0], ast.Constant):
                assert language("nb").text(node.args[0].value) != node.args[0].value, f"{path.name}:{node.lineno}"
