"""The page of suggestions: whole, offline, escaped, traceable, in both languages, also of a public study."""

from __future__ import annotations

import re

import pandas as pd
import pytest

import netklynge as nk
from netklynge.facilitation.introductions import read_introductions, record_introduction
from netklynge.facilitation.suggestions import REASONS
from netklynge.findings import NetklyngeError
from netklynge.language import language
from netklynge.pages import suggestions as advice

KEY = "a secret of the user"


@pytest.fixture(scope="module", autouse=True)
def few_repeats():
    """Two repeats of the test on the page, so that it is quick."""
    before, advice.REPEATS = advice.REPEATS, 2
    yield
    advice.REPEATS = before


def triple(name="{}", **columns):
    """Two firms that share a partner."""
    actors = pd.DataFrame(
        {"actor": list("abz"), "name": [name.format(a) for a in "abz"], "kind": "firm", "scale": "local"}
    )
    ties = pd.DataFrame({"source": list("ab"), "target": ["z", "z"], "layer": "rd"}).assign(**columns)
    return nk.load({"actors": actors, "relations": ties})


@pytest.fixture(scope="module")
def page():
    return advice.render_suggestions(nk.load("horten"))


def test_the_page_is_whole_and_asks_for_nothing_outside(page):
    assert not re.search(r"(https?:)?//[a-z0-9-]+\.[a-z]", page, re.IGNORECASE)
    assert "default-src 'none'" in page
    for anchor in re.findall(r'href="#([\w-]+)"', page):
        assert f'id="{anchor}"' in page
    assert "65 pairs of members without a known tie" in page


def test_every_reason_on_the_page_opens_its_ties(page):
    cards = re.findall(r"<article.*?</article>", page, re.DOTALL)
    assert len(cards) >= 20
    assert all(card.count("<details>") >= 1 and "<li>" in card for card in cards)
    first = next(card for card in cards if "Scanmar – Simrad" in card)
    assert "Both are in touch with FFI and Havforskningsinstituttet." in first
    assert first.count("<li>") == 4


def test_every_name_is_escaped():
    evil = '<script>alert("x")</script>&\'"'
    written = advice.render_suggestions(triple(evil, content=[evil, evil]))
    assert "<script>alert" not in written
    assert "&lt;script&gt;alert" in written


def test_a_page_is_kept_unless_forced(tmp_path):
    study = triple()
    file = advice.write_suggestions(study, tmp_path / "page.html")
    with pytest.raises(NetklyngeError, match="--force"):
        advice.write_suggestions(study, file)
    before = file.read_bytes()
    assert advice.write_suggestions(study, file, force=True).read_bytes() == before


def test_the_ledger_is_the_work_list(tmp_path):
    study = nk.load("horten")
    file = record_introduction(tmp_path / "i.csv", "scanmar", "simrad", "proposed", "2006-03-01", "<b>rang</b>")
    written = advice.render_suggestions(study, ledger=read_introductions(file))
    assert "Scanmar – Simrad</h4>" not in written
    assert "Scanmar – Simrad</th>" in written
    assert "&lt;b&gt;rang" in written


@pytest.mark.parametrize("name", ["horten", "raufoss"])
def test_no_text_of_the_page_is_left_in_english(name, monkeypatch):
    study = nk.load(name)
    said = language("nb")
    asked: set[str] = set()
    original = type(said).text

    def listening(self, message):
        asked.add(message)
        return original(self, message)

    monkeypatch.setattr(type(said), "text", listening)
    advice.render_suggestions(study, "nb")
    asked |= {words for pair in REASONS.values() for words in pair} | set(advice.TITLES.values())
    left = {text for text in asked if text and said.translations.gettext(text) == text}
    assert left <= {"investor", "under 10"}  # spelt alike in both languages


def test_a_public_study_names_nobody():
    study = nk.load("horten")
    public, _ = nk.public_study(study, key=KEY)
    page = advice.render_suggestions(public)
    names = study.actors.loc[study.actors["kind"] != "category", "name"].dropna()
    assert not [name for name in names if re.search(rf"(?<!\w){re.escape(name)}(?!\w)", page) and len(name) > 4]


def test_a_public_page_takes_no_ledger(tmp_path):
    public, _ = nk.public_study(nk.load("horten"), key=KEY)
    file = record_introduction(tmp_path / "i.csv", "scanmar", "simrad", "met", "2006-03-01")
    with pytest.raises(NetklyngeError, match="leave the ledger out"):
        advice.render_suggestions(public, ledger=read_introductions(file))


def test_a_study_of_ids_and_rings_alone_has_a_page_too():
    actors = pd.DataFrame({"actor": list("abcdo"), "scale": ["local"] * 4 + ["national"]})
    ties = pd.DataFrame({"source": list("abo"), "target": ["c", "c", "a"], "layer": "supply"})
    written = advice.render_suggestions(nk.load({"actors": actors, "relations": ties}))
    assert "a – b" in written
    assert "d – c" in written
    assert "<NA>" not in written
    assert "&lt;NA&gt;" not in written
    assert ">nan<" not in written
