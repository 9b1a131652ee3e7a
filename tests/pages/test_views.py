"""The interactive view: what is written into the page, and what a reader meets in a browser."""

import csv
import io
import json
import re
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import pandas as pd
import pytest

import netklynge as nk
from netklynge.district.pipelines import partners
from netklynge.language import language
from netklynge.pages.maps import map_view, pipeline_places
from netklynge.pages.views import Measured, measured, tie_reach, view, years_held
from netklynge.parsers.places import azimuthal
from netklynge.study.layers import BUZZ_LAYERS, PIPELINE_LAYERS
from netklynge.study.ties import district_ties
from netklynge.study.zones import CUTS

TOWNS = ("horten", "kongsberg", "raufoss")


FULL = "kongsberg"  # the town whose numbers are computed at every cut; the others' at one, to save time


@lru_cache
def _measured(name):
    study = nk.load(name)
    if name == FULL:
        return measured(study)
    return dict.fromkeys(CUTS, Measured(nk.profile(study), nk.firms(study), nk.classify(study)))


@lru_cache
def _page(name=FULL, lang="en"):
    return view(nk.load(name), lang=lang, measures=_measured(name)).html


def _data(page):
    return json.loads(re.search(r'id="data">(.*?)</script>', page, re.S).group(1))


# -- the page as text --------------------------------------------------------------------------------


def test_same_study_same_bytes():
    study = nk.load(FULL)
    assert view(study, measures=_measured(FULL)).html == _page()


def test_no_outside_address_and_no_code_from_text():
    addresses = set(re.findall(r"https?://[^\s\"'<>)\\]*", _page()))
    assert addresses <= {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"}
    assert not re.search(r"\beval\(|\bFunction\(\"|new Function\b", _page())
    assert not re.search(r"<(?:script|link|img|iframe)[^>]+(?:src|href)=[\"'](?!data:)", _page())


def test_scripts_and_style_match_the_hashes_of_the_policy():
    import base64
    import hashlib

    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', _page()).group(1)
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    assert len(re.findall(r"<script>", _page())) >= 2
    last = _page().rsplit("<script>", 1)[1].split("</script>")[0]
    style = _page().split("<style>")[1].split("</style>")[0]
    for text in (last, style):
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in policy


def test_every_actor_and_every_tie_is_in_the_page():
    for name in TOWNS:
        study, data = nk.load(name), _data(_page(name))
        assert [a["id"] for a in data["actors"]] == study.actors["actor"].tolist()
        assert [(e["from"], e["to"]) for e in data["ties"]] == list(
            zip(study.relations["source"], study.relations["target"], strict=True)
        )


@pytest.mark.parametrize("cut", CUTS)
def test_numbers_in_the_page_are_those_of_profile_classify_and_firms(cut):
    data = _data(_page())["numbers"][cut]
    study = nk.load(FULL).cut(cut)
    profile, verdict, firms = nk.profile(study).set_index("layer"), nk.classify(study), nk.firms(study)
    assert data["type"] == verdict.type
    assert {m["type"]: m["value"] for m in data["memberships"]} == pytest.approx(dict(verdict.memberships), rel=1e-9)
    assert [row["layer"] for row in data["profile"]] == profile.index.tolist()
    for row in data["profile"]:
        expected = profile.loc[row["layer"]]
        for column in ("inside", "outside", "share", "ei"):
            blank = pd.isna(expected[column])
            assert row[column] is None if blank else row[column] == pytest.approx(expected[column])
    for role in ("hub", "gatekeeper"):
        marked = {actor for actor, roles in data["roles"].items() if roles[role]}
        assert marked == set(firms.loc[firms[role], "actor"])


@pytest.mark.parametrize("cut", CUTS)
def test_ties_coloured_inside_are_those_that_profile_counts(cut):
    study = nk.load(FULL).cut(cut)
    ties = district_ties(study)  # the view draws those between two outsiders too; nothing counts them
    reach = tie_reach(study)[ties.index]
    rows = _measured(FULL)[cut].profile.set_index("layer")
    coded = ties["scale"].notna()
    for layer in ties["layer"].unique():
        of_layer = reach[(ties["layer"] == layer) & coded]
        assert (of_layer == "inside").sum() == rows.loc[layer, "inside"]
        assert of_layer.isin(["pipeline", "outside"]).sum() == rows.loc[layer, "outside"]


def test_reach_of_uncoded_ties_is_that_of_their_ends():
    actors = pd.DataFrame({"actor": list("abcd"), "scale": ["local", "local", "national", None]})
    ties = pd.DataFrame({"source": list("aacad"), "target": list("bccdd")}).iloc[[0, 1, 3]]
    study = nk.load({"actors": actors, "relations": ties})
    assert tie_reach(study).tolist() == ["inside", "pipeline", "unknown"]


@pytest.mark.parametrize("name", TOWNS)
def test_years_of_each_tie_are_those_that_the_study_tells(name):
    study = nk.load(name)
    held = years_held(study)
    for year in (1950, 1985, 1997, 2004, 2005):
        shown = {tie for tie, spans in held.items() if any(a <= year <= b for a, b in spans)}
        assert shown == set(study.at(year).relations.index)


def test_a_view_of_one_year_shows_that_year_only():
    study = nk.load("raufoss").at(1985)
    data = _data(view(study, measures=_measured("raufoss")).html)
    assert len(data["ties"]) == len(study.relations)
    assert all("years" not in tie for tie in data["ties"])


def test_hostile_names_stay_text():
    bad = "</script><script>alert(1)</script><img src=x onerror=alert(2)>\u2028&"  # a sign that ends lines in scripts
    ties = pd.DataFrame({"source": [bad, "b"], "target": ["b", "c"], "layer": "supply", "content": bad})
    page = view(nk.load(ties)).html
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert bad in {actor["name"] for actor in _data(page)["actors"]}


def test_relations_alone_make_a_view():
    ties = pd.DataFrame({"source": ["a", "b"], "target": ["b", "c"]})
    data = _data(view(nk.load(ties)).html)
    assert {a["ring"] for a in data["actors"]} == {"unknown"}
    assert data["layers"][0]["id"] == "unstated"


def test_every_message_of_the_page_is_translated():
    folder = Path(str(nk.__path__[0])) / "pages" / "templates"
    templates = "".join((folder / name).read_text("utf-8") for name in ("view.html", "map.html"))
    messages = {m for _, m in re.findall(r"\b_\((['\"])(.+?)\1\)", templates)} | set(_data(_page())["texts"])
    bokmaal = language("nb")
    known = bokmaal.translations
    untranslated = set()
    for message in messages:
        fallback = known
        found = False
        while fallback is not None and not found:
            found = message in getattr(fallback, "_catalog", {})
            fallback = getattr(fallback, "_fallback", None)
        if not found:
            untranslated.add(message)
    assert not untranslated


def test_saves_and_shows_itself_in_a_notebook(tmp_path):
    page = view(nk.load(FULL), measures=_measured(FULL))
    assert page.save(tmp_path / "deep" / "k.html").read_text("utf-8") == page.html
    frame = page._repr_html_()
    assert frame.startswith("<iframe")
    assert "<script>" not in frame  # escaped inside srcdoc


# -- the map -------------------------------------------------------------------------------------------


def test_distances_and_bearings():
    """Horten to Kongsberg from the places' coordinates with Vincenty's formula on a sphere, done by hand."""
    import math

    (a, b), (c, d) = [tuple(map(math.radians, p)) for p in ((59.417, 10.483), (59.669, 9.650))]
    cosine = math.sin(a) * math.sin(c) + math.cos(a) * math.cos(c) * math.cos(d - b)
    distance, bearing = azimuthal([59.669, 59.417], [9.650, 10.483], (59.417, 10.483))
    assert distance[0] == pytest.approx(6371 * math.acos(cosine), rel=1e-6)
    assert distance[1] == 0
    assert -90 < math.degrees(bearing[0]) < 0  # Kongsberg lies north-west of Horten
    assert azimuthal([90], [0], (0, 0))[0][0] == pytest.approx(6371 * math.pi / 2)


def test_no_pipeline_is_lost_on_the_map():
    study = nk.load(FULL)
    table = pipeline_places(study)
    outside = partners(study)["inside"].eq(False).fillna(False)
    assert table["ties"].sum() == outside.sum()
    page = map_view(study, "nb").html
    assert page.count("<tr>") == len(table) + 1
    assert not set(re.findall(r"https?://[^\s\"'<>)]*", page))
    assert "<script" not in page


def test_a_map_without_a_place_says_what_is_missing():
    ties = pd.DataFrame({"source": ["a"], "target": ["b"]})
    with pytest.raises(nk.NetklyngeError, match="place"):
        map_view(nk.load(ties))


# -- the page in a browser -----------------------------------------------------------------------------


@pytest.fixture
def opened(browser, tmp_path):
    """Open a study's view with the network off; errors, console messages and requests must stay away."""
    contexts, trouble = [], []

    def _open(name=FULL, lang="en", fragment="", width=1280, height=800, html=None):
        path = tmp_path / f"{name}-{lang}.html"
        path.write_text(html or _page(name, lang), encoding="utf-8")
        context = browser.new_context(viewport={"width": width, "height": height}, offline=True)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda m: trouble.append(m.text) if m.type in ("error", "warning") else None)
        page.on("pageerror", lambda e: trouble.append(str(e)))
        own = ("file:", "data:", "blob:")
        page.on("request", lambda r: None if r.url.startswith(own) else trouble.append(r.url))
        page.goto(path.as_uri() + fragment)
        page.wait_for_function("window.netklynge !== undefined")
        return page

    yield _open
    for context in contexts:
        context.close()
    assert not trouble


def _shown(page):
    return page.evaluate("netklynge.shown()")


@pytest.mark.browser
@pytest.mark.parametrize("lang", ["en", "nb"])
def test_moving_the_boundary_shows_what_python_computes(opened, lang):
    page = opened(FULL, lang)
    said = language(lang)
    for cut in CUTS:
        page.check(f'input[name="cut"][value="{cut}"]', force=True)
        profile, _, verdict = _measured(FULL)[cut]
        assert page.inner_text(".type").lower() == verdict.headline(lang).lower()
        shown = page.locator("#memberships td.num").all_inner_texts()
        assert shown == [said.number(m, 2) for m in verdict.memberships.values()]
        rows = page.locator("#profile tbody tr").all()
        assert len(rows) == len(profile)
        for row, (_, expected) in zip(rows, profile.iterrows(), strict=True):
            cells = [c.rstrip("*") for c in row.locator("td").all_inner_texts()]
            assert cells == [
                str(expected["inside"]),
                str(expected["outside"]),
                said.number(expected["ei"], 2),
                said.percent(expected["share"]),
            ]


@pytest.mark.browser
def test_switches_filter_picture_and_tables_alike(opened):
    page = opened("horten")
    study = nk.load("horten")
    ties = study.at(2005).relations
    assert len(_shown(page)["ties"]) == (ties["layer"] == "supply").sum()  # layers are not pooled unasked
    page.click('[data-all="layers"]')
    assert len(_shown(page)["ties"]) == len(ties)
    page.uncheck('#layers input[value="supply"]')
    assert len(_shown(page)["ties"]) == (ties["layer"] != "supply").sum()
    page.uncheck('#kinds input[value="category"]')
    named = ~ties["source"].isin(study.categories) & ~ties["target"].isin(study.categories)
    left = ties[named & (ties["layer"] != "supply")]
    assert len(_shown(page)["ties"]) == len(left)
    page.select_option("#confidence", "high")
    left = left[left["confidence"] == "high"]
    assert len(_shown(page)["ties"]) == len(left)
    page.click("#tie-table summary")
    page.wait_for_selector("#tie-table tbody tr")  # the table is filled by the event that opening it sends
    assert page.locator("#tie-table tbody tr").count() == len(left)
    assert page.inner_text("#tie-table .count") == f"({len(left)})"


@pytest.mark.browser
def test_year_slider_shows_the_ties_of_the_year(opened):
    page = opened("raufoss")
    page.evaluate("{const y = document.getElementById('year'); y.value = 1985; y.dispatchEvent(new Event('input'))}")
    study = nk.load("raufoss")
    numbered = replace(study, relations=study.relations.reset_index(drop=True))
    assert _shown(page)["ties"] == numbered.at(1985).ties("supply").index.tolist()
    page.click('[data-all="layers"]')
    assert _shown(page)["ties"] == numbered.at(1985).relations.index.tolist()
    page.check("#all-years")
    assert len(_shown(page)["ties"]) == len(study.relations)
    assert len(_shown(page)["actors"]) == len(study.actors)


@pytest.mark.browser
def test_buzz_and_pipelines_are_words_of_the_layers_so_defined(opened):
    page = opened("horten")

    def key(*layers):
        page.click('[data-none="layers"]')
        for layer in layers:
            page.check(f'#layers input[value="{layer}"]')
        return page.inner_text("#reach-key")

    assert BUZZ_LAYERS.count("supply") == PIPELINE_LAYERS.count("supply") == 1
    assert "(buzz)" in key("supply")
    assert "(pipelines)" in key("supply")
    assert "ownership" not in BUZZ_LAYERS
    assert "(buzz)" not in key("supply", "ownership")
    assert "inside the district" in key("supply", "ownership")
    assert "(pipelines)" in key("ownership")  # an owner outside is a pipeline, a subsidiary next door no buzz
    page.click('[data-all="layers"]')
    assert not [word for word in ("buzz", "pipelines") if word in page.inner_text("#reach-key")]
    assert "all layers" in page.inner_text("#subtitle")


@pytest.mark.browser
def test_the_address_keeps_one_layer_all_layers_and_none(opened):
    page = opened("horten")
    assert "off" not in page.url  # as it opens
    off = page.evaluate("[...netklynge.state.off]")
    layers = [layer["id"] for layer in _data(_page("horten"))["layers"]]
    assert sorted(off) == sorted(set(layers) - {"supply"})
    for button, expected in (("all", []), ("none", layers)):
        page.click(f'[data-{button}="layers"]')
        again = opened("horten", fragment="#" + page.url.split("#")[1])
        assert sorted(again.evaluate("[...netklynge.state.off]")) == sorted(expected)


@pytest.mark.browser
def test_a_layer_that_is_off_shows_how_many_ties_it_has(opened):
    page = opened("horten")
    in_force = nk.load("horten").at(2005).relations["layer"].value_counts()
    for layer in _data(_page("horten"))["layers"]:
        label = page.locator(f'#layers label:has(input[value="{layer["id"]}"])')
        assert label.locator(".n").inner_text() == str(in_force.get(layer["id"], 0))


def test_a_view_says_what_is_not_counted_and_what_has_no_year():
    data = _data(_page("raufoss"))
    told = data["numbers"]["local"]["leftOut"]
    assert told[0] == "Not counted, since both ends sit outside: ownership 15, funding 3."
    assert told[1].endswith("supply 1, R&D 1.")
    assert data["leftOut"] == []
    study = nk.load("raufoss").at(1985)
    early = _data(view(study, lang="nb", measures=_measured("raufoss")).html)["leftOut"]
    assert [line.rsplit(": ", 1)[1] for line in early] == [f"{study.undated}.", f"{study.undated_actors}."]


def test_groups_stand_beside_the_number_of_partners():
    facts = {r["actor"]: r for r in _measured("raufoss")[CUTS[0]].firms.to_dict("records")}
    for actor, role in _data(_page("raufoss"))["numbers"]["local"]["roles"].items():
        inside = dict(role["facts"])["Partners inside the district"]
        groups = facts[actor]["inside_groups"]
        assert inside.split(" + ")[0] == str(facts[actor]["inside"])
        assert (f"+ {groups} group" in inside) == (groups > 0)


def test_without_supply_in_force_the_layer_with_most_ties_opens():
    ties = pd.DataFrame({"source": list("aabc"), "target": list("bccd"), "layer": ["rd", "rd", "service", "supply"]})
    study = nk.load(ties.assign(current=[True, True, True, False]))
    assert _data(view(study).html)["opens"] == "rd"
    assert _data(view(nk.load(ties)).html)["opens"] == "supply"


@pytest.mark.browser
def test_search_by_keyboard_opens_the_ego_network_and_the_address_keeps_it(opened):
    page = opened("horten", fragment="#cut=regional&off=supply")
    page.focus("#search")
    page.keyboard.type("simrad")
    page.keyboard.press("Enter")
    assert page.inner_text("#actor h2") == "Simrad"
    assert "2954-2955" in page.inner_text("#actor")  # evidence lines
    fragment = "#" + page.url.split("#")[1]
    assert {"cut=regional", "off=supply", "actor=simrad"} <= set(fragment[1:].split("&"))
    state = page.evaluate("[netklynge.state.cut, [...netklynge.state.off], netklynge.state.actor]")
    again = opened("horten", fragment=fragment)
    assert again.evaluate("[netklynge.state.cut, [...netklynge.state.off], netklynge.state.actor]") == state
    again.keyboard.press("Escape")
    assert again.is_hidden("#actor")


@pytest.mark.browser
def test_no_card_says_null_where_a_study_lacks_columns(opened):
    ties = pd.DataFrame({"source": ["a", "b", "c"], "target": ["b", "c", "d"], "layer": ["supply", "rd", "supply"]})
    page = opened("bare", html=nk.view(nk.load(ties)).html)
    for actor in "abcd":
        page.evaluate("(actor) => { location.hash = 'actor=' + actor }", actor)
        page.wait_for_function("(actor) => document.querySelector('#actor h2')?.textContent === actor", arg=actor)
        said = page.inner_text("#actor")
        assert not [word for word in ("null", "undefined", "NaN") if word in said]


@pytest.mark.browser
@pytest.mark.parametrize("name", ["horten", FULL])
def test_no_card_of_a_town_says_null(opened, name):
    page = opened(name)
    told = page.evaluate(
        """() => netklynge.shown().actors.map((id) => {
          netklynge.show(id);
          return document.getElementById("actor").innerText;
        })"""
    )
    assert told
    assert not [card for card in told if "null" in card or "undefined" in card]


@pytest.mark.browser
def test_a_broken_address_opens_the_plain_view(opened):
    page = opened(fragment="#cut=moon&off=nothing&actor=nobody&year=abc&confidence=no")
    assert page.evaluate("netklynge.state.cut") == "local"
    assert page.is_hidden("#actor")


@pytest.mark.browser
def test_downloads(opened, tmp_path):
    page = opened(fragment="#off=")  # all layers
    files = {}
    for kind in ("csv", "svg", "png"):
        with page.expect_download() as waiting:
            page.click(f"#save-{kind}")
        files[kind] = tmp_path / waiting.value.suggested_filename
        waiting.value.save_as(files[kind])
    rows = list(csv.DictReader(io.StringIO(files["csv"].read_text("utf-8-sig"))))
    assert len(rows) == len(_shown(page)["ties"])
    assert {r["layer"] for r in rows} == set(nk.load(FULL).at(2005).relations["layer"])
    svg = files["svg"].read_text("utf-8")
    assert "ownership" in svg  # the legend
    assert nk.load(FULL).title in svg
    assert files["png"].read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"


@pytest.mark.browser
@pytest.mark.parametrize("name", TOWNS)
@pytest.mark.parametrize("width", [1280, 390])
def test_labels_do_not_touch_at_rest(opened, name, width):
    page = opened(name, width=width)
    for scale in (1, 2):
        page.evaluate(f"netklynge.network.moveTo({{scale: netklynge.network.getScale() * {scale}}})")
        page.click("#zoom-fit") if scale == 1 else page.click("#zoom-in")
        page.wait_for_timeout(200)
        boxes = page.evaluate("netklynge.labels().map(l => l.box)")
        assert len(boxes) > 10
        touching = [
            (p, q)
            for k, p in enumerate(boxes)
            for q in boxes[:k]
            if p[0] < q[2] and q[0] < p[2] and p[1] < q[3] and q[1] < p[3]
        ]
        assert not touching


@pytest.mark.browser
def test_a_crowd_is_drawn_as_groups_that_open_on_a_click(opened):
    """2,001 actors in 40 rows of 50 on one ring each: more than are drawn one by one."""
    names = [f"a{k:04d}" for k in range(2001)]
    actors = pd.DataFrame({"actor": names, "scale": "local"})
    heads = [names[50 * (k // 50)] for k in range(2000)]
    ties = pd.DataFrame({"source": names[1:], "target": heads, "layer": "supply"})
    ties = ties[ties["source"] != ties["target"]]
    study = nk.load({"actors": actors, "relations": ties})
    page = opened("crowd", html=view(study, measures=_measured(FULL)).html)
    closed = page.evaluate("netklynge.drawn()")
    assert len(closed) < 50
    assert "2001" in page.inner_text("#shown")
    spot = page.evaluate(
        "(([id]) => netklynge.network.canvasToDOM(netklynge.network.getPosition(id)))([netklynge.drawn()[0]])"
    )
    page.locator("#network canvas").click(position=spot)
    assert page.evaluate("netklynge.state.open.size") == 1
    assert set(page.evaluate("netklynge.drawn()")) & set(names)
    assert page.url.count("open=") == 1


@pytest.mark.browser
def test_hostile_names_run_nothing_in_the_browser(opened):
    bad = '<img src=x onerror="window.hit=1"><script>window.hit=1</script>'
    ties = pd.DataFrame({"source": [bad, "b"], "target": ["b", "c"], "layer": "supply", "content": bad, "lines": bad})
    page = opened("hostile", html=view(nk.load(ties)).html)
    page.click("#actor-table summary")
    page.click("#tie-table summary")
    page.locator("#actor-table .link").first.click()
    page.evaluate("netklynge.svg()")
    assert page.evaluate("window.hit") is None
    assert page.inner_text("#actor h2") == bad


@pytest.mark.browser
@pytest.mark.parametrize(("lang", "scheme"), [("en", "light"), ("nb", "dark")])
def test_axe_finds_no_violation(opened, axe, lang, scheme):
    if axe is None:
        pytest.skip("axe-core could not be had from npm")
    page = opened("horten", lang)
    page.emulate_media(color_scheme=scheme)
    page.click("#actor-table summary")
    page.click("#tie-table summary")
    page.locator("#actor-table .link").first.click()
    assert page.get_attribute("html", "lang") == lang
    page.evaluate(axe)
    tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]
    result = page.evaluate("tags => axe.run(document, {runOnly: tags})", tags)
    assert [(v["id"], v["nodes"][0]["html"]) for v in result["violations"]] == []
