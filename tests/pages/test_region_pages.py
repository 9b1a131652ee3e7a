"""The page of a region, and a region's tables joined to the study of the same place."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest

import netklynge as nk
from netklynge.findings import NetklyngeError
from netklynge.language import language
from netklynge.pages.regions import render_region, verdicts, write_place, write_region
from netklynge.regions.statistics import labelled, places, quotients_of, register_place, statistics, with_register
from netklynge.study.loading import surveys
from netklynge.typology.cluster_question import cluster
from netklynge.typology.hallmarks import hallmarks
from netklynge.typology.stability import replicates

PUBLISHED = surveys() / "published"
MAIN = [
    PUBLISHED / f"{name}.csv"
    for name in (
        "jobs_by_sector_1997_2005",
        "establishments_and_jobs_by_size_2005",
        "firm_dynamics_1998_2005",
        "firm_dynamics_kongsberg_1998_2005",
    )
]


@pytest.fixture(scope="module")
def found():
    return statistics(MAIN)


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """The files of all tables in both languages."""
    place = tmp_path_factory.mktemp("regions")
    return {lang: write_region(MAIN, place / lang, lang=lang) for lang in ("en", "nb")}


class _Outline(HTMLParser):
    """Tags, addresses and text of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.addresses: list[str] = []
        self.ids: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        told = dict(attributes)
        self.tags.append(tag)
        self.addresses += [v for k, v in told.items() if k in ("href", "src") and v]
        self.ids += [told["id"]] if "id" in told else []


def _answers(found, place, lang="en"):
    return {v.question: v for v in verdicts(found, place, language(lang))}


# -- verdicts ----------------------------------------------------------------------------------------------


def test_kongsberg_as_the_report_tells_it(found):
    # tables v.3 (3,228 to 3,963 jobs, 22.8 %), v.6 (213 founded, 169 closed, 131 %, turbulence 236) and v.2 (71 % of
    # the jobs with large establishments, mean 17, 231 of them; the country 37 % and 5)
    told = _answers(found, "Kongsberg")
    assert told["specialised"].answer == "yes"
    assert "1,366 of 3,963 jobs" in told["specialised"].words
    assert "22.8%" in told["growth"].words
    assert "27.7%" in told["growth"].words
    assert told["growth"].answer == "about as the nation"  # within five points
    assert "213 firms were founded and 169 closed" in told["firms"].words
    assert "131 founded and 27 net per 100, turbulence 236" in told["firms"].words
    assert told["firms"].answer == "fewer new firms than in the nation"
    assert "71% of 3,963 jobs (in the nation 37%)" in told["sizes"].words
    assert "231 establishments is 17.2 employees (in the nation 5.1)" in told["sizes"].words


def test_growth_follows_the_tolerance():
    # Kongsberg grew 4.9 points less than the rest of the country
    for tolerance, answer in ((4.0, "slower than the nation"), (5.0, "about as the nation")):
        assert _answers(statistics(MAIN[:1], tolerance=tolerance), "Kongsberg")["growth"].answer == answer


def test_what_no_table_holds_is_not_assessed():
    told = _answers(statistics([PUBLISHED / "firm_dynamics_kongsberg_1998_2005.csv"]), "Kongsberg")
    assert [told[q].answer for q in ("specialised", "growth", "sizes")] == ["not assessed"] * 3
    assert "131 founded" in told["firms"].words


def test_a_place_has_one_page_under_several_names(found):
    # table 5.5 calls it Kongsberg and the country Norway; the four towns and their sum are left
    assert places(found) == ["Halden", "Raufoss_VestreToten", "Kongsberg", "Horten", "technology_towns"]
    both = statistics([MAIN[0], PUBLISHED / "jobs_change_by_sector_group_1997_2005.csv"])
    assert "Raufoss" not in places(both)


def test_every_sign_stands_beside_its_figures(found):
    board = next(one.table for one in found if one.title == "scoreboard")
    assert board[["value", "nation", "gap", "tolerance", "n", "source", "unit"]].notna().all(axis=None)
    gap = board["value"] - board["nation"]
    expected = np.select([gap > board["tolerance"], gap < -board["tolerance"]], ["+", "-"], "0")
    assert board["sign"].tolist() == expected.tolist()
    page = render_region(found, "Horten")
    # figure 8.1 prints - for new firms in Horten: 17 against 58 per cent in the same industry
    row = re.search(r"<td>New firms: core\(3\)</td>(.*?)</tr>", page, re.DOTALL)
    assert row
    assert re.findall(r">([^<>]+)<", row[1])[:3] == ["−", "17.0", "58.4"]


# -- the page ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", ["en", "nb"])
def test_the_page_is_whole_and_offline(folders, lang):
    files = folders[lang]
    names = {file.name for file in files}
    assert all(file.is_file() for file in files)
    assert {"region.html", "region-Kongsberg.html", "scoreboard.csv", "differences.csv"} <= names
    for file in files:
        if file.suffix != ".html":
            continue
        text = file.read_text(encoding="utf-8")
        page = _Outline(text)
        assert f'<html lang="{lang}">' in text
        assert "default-src 'none'" in text
        assert len(page.ids) == len(set(page.ids))
        for address in page.addresses:
            # every address is a place on the page or a file that was written beside it
            assert address[1:] in page.ids if address.startswith("#") else address in names
        assert "style=" not in text
        assert "onclick" not in text


def test_bokmal_leaves_no_english_sentence(found):
    page = render_region(found, "Kongsberg", "nb")
    body = re.sub(r"<(script|style).*?</\1>|<(li|tr) lang=\"en\">.*?</\2>", "", page, flags=re.DOTALL)
    plain = re.sub(r"<[^>]+>", " ", body)
    assert not re.search(
        r"\b(the|nation|jobs|founded|share|which|whose)\b", plain.replace("firms_", "").replace("_", "x")
    )
    assert "34\u00a0% av arbeidsplassene" in plain


def test_hostile_names_are_text(tmp_path):
    bad = "<script>alert(1)</script>"
    file = tmp_path / "jobs_2001_2005.csv"
    rows = [
        (place, name, 10 + k, 20 + 3 * k)
        for k, (place, name) in enumerate(
            (p, n) for p in (f'{bad}"', "../../up", "Norway") for n in ("=cmd()", f"'{bad}", "c")
        )
    ]
    table = pd.DataFrame(rows, columns=["area", "sector", "jobs_2001", "jobs_2005"])
    table.to_csv(file, index=False)
    files = write_region([file], tmp_path / "out")
    assert {f.resolve().parent for f in files} == {(tmp_path / "out").resolve()}
    for page in (f.read_text(encoding="utf-8") for f in files if f.suffix == ".html"):
        assert "<script>alert" not in page
        assert _Outline(page).tags.count("script") == 1


def test_one_region_gets_one_page(tmp_path):
    files = write_region([PUBLISHED / "firm_dynamics_kongsberg_1998_2005.csv"], tmp_path / "out")
    assert [f.name for f in files if f.suffix == ".html"] == ["region.html"]
    page = (tmp_path / "out" / "region.html").read_text(encoding="utf-8")
    assert "<h1>Kongsberg</h1>" in page
    assert 'id="differences"' in page
    with pytest.raises(NetklyngeError, match="force"):
        write_region([PUBLISHED / "firm_dynamics_kongsberg_1998_2005.csv"], tmp_path / "out")


def test_tables_without_regions_still_give_a_page(tmp_path):
    files = write_region([PUBLISHED / "education_regions.csv"], tmp_path / "out")
    assert "no signs" in next(f for f in files if f.name == "region.html").read_text(encoding="utf-8")


def test_rows_in_another_order_give_the_same_verdicts(tmp_path):
    lines = MAIN[0].read_text(encoding="utf-8").splitlines()
    head, rows = lines[:2], [line for line in lines[2:] if ",core" not in line and ",total" not in line]
    told = []
    for number, order in enumerate((rows, rows[::-1])):
        file = tmp_path / str(number) / "jobs_1997_2005.csv"
        file.parent.mkdir()
        file.write_text("\n".join([*head, *order]), encoding="utf-8")
        told.append({town: _answers(statistics([file]), town) for town in ("Halden", "Kongsberg", "Horten")})
    assert told[0] == told[1]


@pytest.mark.browser
def test_in_a_browser(browser, folders):
    page = browser.new_page(viewport={"width": 390, "height": 844})
    wrong: list[str] = []
    page.on("console", lambda message: wrong.append(message.text))
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.goto((folders["nb"][0].parent / "region.html").as_uri())
    page.get_by_role("link", name="Kongsberg", exact=True).click()
    page.wait_for_selector("h1:has-text('Kongsberg')")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    table = page.locator("table[data-name$=location_quotients]").first
    head = table.locator("thead th").filter(has_text="Lokaliseringskvotient")
    head.locator("button").click()
    page.wait_for_selector("th[aria-sort=ascending]")
    column = table.locator("thead th").all_inner_texts().index(head.inner_text())
    cells = [row.split("\t")[column] for row in table.locator("tbody tr").all_inner_texts()]
    shown = [float(cell.replace(",", ".")) for cell in cells]
    assert shown == sorted(shown)
    assert len(shown) == 7
    assert wrong == []
    page.close()


# -- joined to a study -------------------------------------------------------------------------------------


def _without_sizes(name):
    study = nk.load(name)
    study = replace(study, meta={key: value for key, value in study.meta.items() if key != "register"})
    return replace(study, actors=study.actors.assign(employees=pd.array([pd.NA] * len(study.actors), dtype="Float64")))


def test_the_register_fills_the_size_that_the_study_lacks(found):
    study = _without_sizes("kongsberg")
    assert np.isnan(hallmarks(study).set_index("name").loc["mean_size", "value"])
    row = hallmarks(with_register(study, found)).set_index("name").loc["mean_size"]
    # table v.2: 3,963 employees in 231 establishments, mean 17
    assert row["value"] == pytest.approx(3963 / 231)
    assert row["n"] == 231
    assert row["source"] == "register: establishments_and_jobs_by_size_2005"


def test_bands_that_do_not_end_at_50_tell_nothing_of_small_firms(found):
    # table v.4 has bands at 10, 30 and 100: the share under 50 is unknown, and stays so
    table = hallmarks(with_register(_without_sizes("kongsberg"), found)).set_index("name")
    assert np.isnan(table.loc["small_firm_jobs", "value"])


def test_bands_that_end_at_50_tell_it(tmp_path):
    file = tmp_path / "jobs_by_size_2005.csv"
    file.write_text(
        "area,sector_no,emp_lt10,emp_10_49,emp_50_250,emp_total,est_total\nKongsberg,total,20,30,150,200,9\n"
    )
    joined = with_register(_without_sizes("kongsberg"), statistics([file]))
    table = hallmarks(joined).set_index("name")
    assert table.loc["small_firm_jobs", ["value", "n"]].tolist() == [0.25, 200]
    assert (replicates(joined, 50, seed=1)["small_firm_jobs"] == 0.25).all()


def test_the_register_goes_before_the_firms_that_are_named(found):
    study = nk.load("kongsberg")
    named = replace(study, meta={key: value for key, value in study.meta.items() if key != "register"})
    sizes = [hallmarks(seen).set_index("name").loc["mean_size"] for seen in (named, with_register(named, found))]
    assert [row["evidence"] for row in sizes] == ["ties", "register"]
    assert sizes[0]["value"] > 100 > sizes[1]["value"]


def test_a_register_tells_of_its_place_and_time_only(found):
    joined = with_register(_without_sizes("kongsberg"), found)
    for seen in (joined.cut("regional"), joined.at(1975)):
        assert np.isnan(hallmarks(seen).set_index("name").loc["mean_size", "value"])
    assert "register" not in with_register(_without_sizes("kongsberg"), statistics(MAIN[:1])).meta


@pytest.mark.parametrize("told", ["x", {"jobs": "many", "units": 3}, {"jobs": 5, "units": 0}, {"units": 3}, None])
def test_a_broken_register_is_unknown(told):
    study = _without_sizes("kongsberg")
    table = hallmarks(replace(study, meta={**study.meta, "register": told})).set_index("name")
    assert np.isnan(table.loc["mean_size", "value"])


def test_the_cluster_is_specialised_by_its_register(found):
    # framework A7: an industry that is over-represented; Horten's electronics, 1,641 of 2,309 jobs
    study = nk.load("horten")
    quotients = quotients_of(study, found)
    assert set(quotients["region"]) == {"Horten"}
    row = cluster(study, quotients=quotients).set_index("question").loc["specialised"]
    assert row["answer"] == "yes"
    assert "1641 of 2309 jobs" in row["evidence"]
    assert quotients_of(study, statistics([MAIN[3]])) is None


def test_labels_are_called_the_same_in_all_tables(found):
    for one in found:
        table = labelled(one.table)
        if "scope" in table and one.name != "scoreboard":
            assert {"region", "industry"} <= set(table.columns)


def test_the_page_beside_a_network_report(found, tmp_path):
    study = nk.load("raufoss")
    place = register_place(study, found)
    assert place == "Raufoss_VestreToten"
    write_place(found, place, tmp_path, "nb", "../report.html")
    page = (tmp_path / "region.html").read_text(encoding="utf-8")
    assert 'href="../report.html"' in page
    files = [address for address in _Outline(page).addresses if address.endswith(".csv")]
    assert files
    assert all((tmp_path / file).is_file() for file in files)


def test_tables_of_other_places_are_refused(tmp_path):
    file = tmp_path / "jobs_1997_2005.csv"
    file.write_text("area,sector,jobs_1997,jobs_2005\nMoss,a,3,4\nMoss,b,5,6\nNorway,a,7,8\nNorway,b,9,9\n")
    with pytest.raises(NetklyngeError, match=r"'horten'.*Moss"):
        register_place(nk.load("horten"), statistics([file]))
