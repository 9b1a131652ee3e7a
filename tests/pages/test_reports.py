"""The report folder: complete, offline, escaped, the same again, and in both languages."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import networkx as nx
import pandas as pd
import pytest

import netklynge as nk
from netklynge.findings import NetklyngeError
from netklynge.language import language
from netklynge.pages import reports
from netklynge.pages.pages import shown
from netklynge.pages.suggestions import render_suggestions
from netklynge.pages.waves import waves_page

NAMESPACE = "http://www.w3.org/"
GRAPHML = "http://graphml.graphdrawing.org/"


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    folder = tmp_path_factory.mktemp("report")
    reports.write_report(nk.load("horten"), folder)
    return folder


def test_everything_is_there(written):
    for name in ("report.html", "report.xlsx", "report.md", "view.html", "result.json", "graph.graphml"):
        assert (written / name).stat().st_size > 0
    tables = {path.stem for path in (written / "tables").iterdir()}
    assert tables == {"location", "profile", "firms", "hubs", "hallmarks", "cluster", "national_overlap", "ties"}
    assert (written / "report.html").stat().st_size < 3_000_000


def test_pages_name_no_outside_address(written):
    for path in written.rglob("*"):
        if path.is_file() and path.suffix != ".xlsx":  # a workbook is a zip of parts with namespaces
            text = path.read_text(encoding="utf-8").replace(NAMESPACE, "").replace(GRAPHML, "")
            assert not re.search(r"(https?:)?//[a-z0-9-]+\.[a-z]", text, re.IGNORECASE), path.name


def test_the_verdict_comes_first_and_every_tie_is_told(written):
    page = (written / "report.html").read_text(encoding="utf-8")
    verdict = nk.classify(nk.load("horten"))
    assert verdict.headline() in page
    assert f"membership {verdict.memberships['hub_and_spoke']:.2f}" in page
    assert page.index("hub-and-spoke district with 5 hubs") < page.index("Hallmarks</h2>")
    study = nk.load("horten")
    assert f"All ties ({len(study.relations)})" in page
    for name in ("OSWO AS", "GE Vingmed Ultrasound AS", "SensoNor AS"):
        assert name in page


def test_the_graph_opens_with_every_tie_in_force(written):
    graph = nx.read_graphml(written / "graph.graphml", force_multigraph=True)
    assert graph.number_of_edges() == len(nk.load("horten").ties())
    assert graph.nodes["oswo"]["name"] == "OSWO AS"


def test_result_says_what_classify_says(written):
    result = json.loads((written / "result.json").read_text(encoding="utf-8"))
    study = nk.load("horten")
    assert result["verdicts"] == json.loads(
        json.dumps([v.to_dict() for v in reports.results(study)["verdicts"].values()])
    )
    assert [v["cut"] for v in result["verdicts"]] == ["local", "regional", "national"]


def test_tables_are_what_the_functions_give(written):
    table = pd.read_csv(written / "tables" / "location.csv")
    assert len(table) == len(nk.locate(nk.load("horten")))


def test_the_workbook_and_the_markdown_say_the_same(written):
    book = pd.read_excel(written / "report.xlsx", sheet_name=None, engine="calamine")
    assert {"location", "hallmarks", "ties"} <= set(book)
    assert len(book["ties"]) == len(nk.load("horten").relations)
    text = (written / "report.md").read_text(encoding="utf-8")
    assert nk.classify(nk.load("horten")).headline() in text


def test_an_earlier_report_is_kept_unless_forced(written):
    with pytest.raises(NetklyngeError, match="--force"):
        reports.write_report(nk.load("horten"), written)


def test_the_same_again_gives_the_same_bytes(written, tmp_path):
    reports.write_report(nk.load("horten"), tmp_path)
    for path in sorted(written.rglob("*")):
        if path.is_file():
            assert path.read_bytes() == (tmp_path / path.relative_to(written)).read_bytes(), path.name


EVIL = '<script>alert("x")</script>&\'"\u202e'


def test_every_name_is_escaped(tmp_path):
    study = nk.load(
        {
            "actors": pd.DataFrame(
                {"actor": ["a", "b"], "name": [EVIL, "=cmd()"], "kind": ["firm"] * 2, "scale": ["local"] * 2}
            ),
            "relations": pd.DataFrame(
                {"source": ["a"], "target": ["b"], "layer": ["supply"], "scale": ["local"], "content": [EVIL]}
            ),
        }
    )
    page = reports.render_report(study, reports.results(study))
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page
    reports.write_report(study, tmp_path)
    assert "'=cmd()" in (tmp_path / "tables" / "firms.csv").read_text(encoding="utf-8")


@pytest.mark.parametrize("town", ["horten", "kongsberg", "raufoss"])
def test_no_text_of_the_page_is_left_in_english(town, monkeypatch):
    study = nk.load(town)
    found = reports.results(study)
    said = language("nb")
    asked: set[str] = set()
    original = type(said).text

    def listening(self, message):
        asked.add(message)
        return original(self, message)

    monkeypatch.setattr(type(said), "text", listening)
    reports.render_report(study, found, "nb")
    told = {text for text in asked if text and said.translations.gettext(text) == text}
    same = {"latent", "investor", "register"}  # spelt alike in both languages
    ours = {text for text in told if text not in same and not _from_the_data(text, study)}
    assert ours == set()


def _from_the_data(text: str, study: nk.Study) -> bool:
    """Texts that the study's coders wrote: items, tables, zones of their own, sources naming them."""
    links = study.links
    return text in set(links["item"]) | set(links["table"]) | {
        str(z).replace("_", " ") for z in links["scale"]
    } or text.startswith("published: ")


def test_numbers_have_a_decimal_comma_in_norwegian():
    study = nk.load("horten")
    page = reports.render_report(study, reports.results(study), "nb")
    assert 'lang="nb"' in page
    assert f"{nk.classify(study).memberships['hub_and_spoke']:.2f}".replace(".", ",") in page


def test_every_page_of_synthetic_or_public_data_says_so(tmp_path):
    study = nk.load("horten")
    marked = replace(study, meta={**study.meta, "synthetic": True, "public": True})
    pages = {
        "report": reports.render_report(marked, reports.results(marked)),
        "comparison": reports.write_comparison([nk.load("kongsberg"), marked], tmp_path).read_text(encoding="utf-8"),
        "suggestions": render_suggestions(marked),
        "waves": waves_page(study, marked),
        "view": nk.view(marked).html.replace('"synthetic":true,"unringed":false,"public":true', "Public version"),
        "map": nk.map_view(marked).html.replace("PUBLIC VERSION", "Public version"),
    }
    assert [name for name, page in pages.items() if "SYNTHETIC" not in page] == []
    assert [name for name, page in pages.items() if "Public version" not in page] == []


PAGE = """<!doctype html><html lang="{lang}"><body>
<div class="scroll" tabindex="0" role="region" aria-label="small"><table class="sortable" data-name="x"><thead><tr>
<th scope="col">Jobs</th></tr></thead><tbody>{rows}</tbody></table></div>
<div class="scroll" tabindex="0" role="region" aria-label="wide" style="width:100px;overflow:auto">
<div style="width:400px">wide</div></div>
<template id="words" data-filter="f" data-download="d" data-shown="s"></template>
<script>{script}</script></body></html>"""


@pytest.mark.browser
@pytest.mark.parametrize(
    ("lang", "wanted"),
    [
        ("en", ["\N{MINUS SIGN}1,204.5", "872", "1,573", "1,234,567", "–"]),
        ("nb", ["\N{MINUS SIGN}1\xa0204,5", "872", "1\xa0573", "1\xa0234\xa0567", "–"]),
    ],
)
def test_numbers_sort_by_size_and_only_what_scrolls_takes_the_focus(browser, tmp_path, lang, wanted):
    script = (Path(reports.__file__).parent / "templates" / "page.js").read_text("utf-8")
    mixed = [wanted[k] for k in (3, 1, 4, 0, 2)]
    rows = "".join(f"<tr><td>{cell}</td></tr>" for cell in mixed)
    path = tmp_path / "page.html"
    path.write_text(PAGE.format(lang=lang, rows=rows, script=script), encoding="utf-8")
    page = browser.new_context(offline=True).new_page()
    page.goto(path.as_uri())
    page.click("th button")
    assert page.locator("td").all_text_contents() == wanted
    assert page.locator("[tabindex='0']").evaluate_all("boxes => boxes.map((b) => b.ariaLabel)") == ["wide"]


def test_reports_read_as_words(written):
    page = (written / "report.html").read_text(encoding="utf-8")
    assert "base-uri 'none'; form-action 'none'" in page
    assert "essential that it is low" in page
    assert "not essential" not in page
    assert not re.search(r">-\d", page)  # a hyphen before a number


@pytest.mark.parametrize(
    ("value", "text"),
    [(1.9, "1.9"), (3.8, "3.8"), (17.3, "17.3"), (0.56, "0.56"), (-1, "\N{MINUS SIGN}1"), (0.333, "0.33")],
)
def test_decimals_as_printed(value, text):
    assert shown(value, language("en")) == text


@pytest.mark.browser
@pytest.mark.parametrize("lang", ["en", "nb"])
def test_no_column_of_the_hallmarks_is_off_screen(browser, tmp_path, lang):
    report = reports.write_report(nk.load("horten"), tmp_path / lang, lang)
    page = browser.new_context(viewport={"width": 1280, "height": 800}, offline=True).new_page()
    page.goto(report.as_uri())
    wide = "boxes => boxes.map((b) => b.scrollWidth - b.clientWidth)"
    assert page.locator("#verdict .scroll, #hallmarks .scroll").evaluate_all(wide) == [0, 0]


def test_a_published_answer_that_falls_short_of_its_base_says_how_many_are_placed(tmp_path):
    rows = {"local": 9, "regional": 4, "national": 6, "international": 4}  # 23, asked of 24
    links = pd.DataFrame({"scale": list(rows), "value": list(rows.values())})
    links = links.assign(layer="supply", item="main supplier", unit="count", n=24, table="1")
    actors = pd.DataFrame({"actor": ["a", "b"], "scale": "local"})
    ties = pd.DataFrame({"source": ["a"], "target": ["b"], "layer": ["supply"]})
    for lang, words in (("en", "23 of 24 placed"), ("nb", "23 av 24 stedfestet")):
        study = nk.load({"actors": actors, "relations": ties, "links": links})
        page = reports.render_report(study, reports.results(study), lang)
        assert words in page


def test_no_raw_code_of_a_layer_or_hallmark_stands_on_the_page(written):
    page = re.sub(r"<(script|style).*?</\1>", "", (written / "report.html").read_text(encoding="utf-8"), flags=re.S)
    words = re.sub(r"<details><summary>Notes of those.*?</details>", "", page, flags=re.S)  # theirs, word for word
    assert not re.findall(r">[^<]*\b(rd|spin_off|joint_work|network_org|local_trade|peer_cooperation)\b[^<]*<", words)
