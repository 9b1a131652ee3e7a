"""The pyvis network for notebooks: every tie, our places, and a saved page that loads nothing."""

import json
import re

import pandas as pd
import pytest

import netklynge as nk


def test_every_tie_is_an_edge_at_the_places_of_the_view():
    study = nk.load("kongsberg")
    net = nk.network(study)
    assert len(net.nodes) == len(study.actors)
    assert len(net.edges) == len(study.ties())
    page = nk.view(study).html
    data = json.loads(re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.S)[1])
    assert {n["id"]: (n["x"], n["y"]) for n in net.nodes} == {a["id"]: (a["x"], a["y"]) for a in data["actors"]}


def test_parallel_ties_stay_and_undirected_ones_have_no_arrow():
    ties = pd.DataFrame({"source": ["a", "a", "b"], "target": ["b", "b", "a"], "layer": "rd", "directed": [0, 0, 1]})
    assert [e["arrows"] for e in nk.network(nk.load(ties)).edges] == ["", "", "to"]


@pytest.mark.browser
def test_the_saved_page_draws_itself_without_the_net_and_names_run_nothing(browser, tmp_path):
    bad = "Ærø </script><script>window.bad=1</script><img src=x onerror=window.bad=2>"
    path = tmp_path / "net.html"
    nk.network(nk.load(pd.DataFrame({"source": [bad, "b"], "target": ["b", "c"], "layer": "supply"}))).write_html(
        str(path)
    )
    page = browser.new_context(offline=True).new_page()
    asked, errors = [], []
    page.on("request", lambda r: None if r.url.startswith(("file:", "data:", "blob:")) else asked.append(r.url))
    page.on("pageerror", lambda e: errors.append(str(e)))
    page.goto(path.as_uri())
    page.wait_for_function("typeof network !== 'undefined'")
    assert not asked
    assert not errors
    assert page.evaluate("window.bad") is None
    assert page.evaluate("nodes.get().filter((n) => n.label.startsWith('Ærø <')).length") == 1
    assert page.evaluate("nodes.length") == 3
