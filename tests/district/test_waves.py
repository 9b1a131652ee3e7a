"""Two waves side by side: a case by hand, plain set arithmetic, and a test that knows who answered."""

import re
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_districts import FEW, district, in_force, insiders, records, tables

import netklynge as nk
from netklynge.district.waves import (
    actor_changes,
    respondent_test,
    tie_changes,
    wave_measures,
    wave_table,
)
from netklynge.findings import NetklyngeError
from netklynge.pages.waves import union_layout, waves_page, write_waves


def ties(*pairs, layer="rd", **more):
    return [{"source": a, "target": b, "layer": layer, **more} for a, b in pairs]


def wave(pairs, actors=None, **more):
    actors = actors or sorted({a for pair in pairs for a in pair})
    rows = [a if isinstance(a, dict) else {"actor": a, "kind": "firm", "scale": "local"} for a in actors]
    return district(rows, ties(*pairs, **more))


def answered(study, who):
    rows = pd.DataFrame({"respondent": list(who), "question": "q", "item": "i", "answer": "yes"})
    return replace(study, answers=rows)


ONE, TWO = wave(["ab", "bc", "cd"]), wave(["bc", "cd", "de"])


def test_four_ties_by_hand():
    """{ab, bc, cd} and {bc, cd, de}: kept 2, new 1, lost 1, Jaccard 1/2 on all actors."""
    table = wave_table(ONE, TWO)
    row = table[(table["scope"] == "all") & (table["ring"] == "all rings")].iloc[0]
    assert row[["before", "after", "kept", "new", "lost"]].tolist() == [3, 3, 2, 1, 1]
    assert (row["jaccard"], row["turnover"]) == (0.5, pytest.approx(2 / 6))
    both = table[(table["scope"] == "both") & (table["ring"] == "all rings")].iloc[0]
    assert both[["kept", "new", "lost"]].tolist() == [2, 0, 0]  # a and e are present in one wave only
    people = actor_changes(ONE, TWO).set_index("actor")
    assert people["state"].to_dict() == {"a": "left", "b": "stayed", "c": "stayed", "d": "stayed", "e": "joined"}
    assert people.loc["d", ["kept", "new", "lost"]].tolist() == [1, 1, 0]


def test_an_actor_that_moves_and_a_tie_that_moves_with_it():
    away = {"actor": "b", "kind": "firm", "scale": "national"}
    near = {"actor": "a", "kind": "firm", "scale": "local"}
    moved = wave(["ab"], [near, away])
    people = actor_changes(wave(["ab"]), moved).set_index("actor")
    assert people["moved"].to_dict() == {"a": False, "b": True}
    tie = tie_changes(wave(["ab"]), moved).iloc[0]
    assert (tie["state"], tie["ring_before"], tie["ring"]) == ("kept", "local", "national")
    measures = wave_measures(wave(["ab"]), moved).set_index(["scope", "wave"])
    assert measures.loc[("all", "before"), ["outside_share", "ei", "largest"]].tolist() == [0, -1, 2]
    assert measures.loc[("all", "after"), ["outside_share", "ei", "largest"]].tolist() == [1, 1, 0]


def test_direction_counts_unless_a_wave_says_that_there_is_none():
    assert tie_changes(wave(["ab"]), wave(["ba"]))["state"].tolist() == ["new", "lost"][::-1]
    assert tie_changes(wave(["ab"]), wave(["ba"], directed=0))["state"].tolist() == ["kept"]


def test_layers_stay_apart():
    table = wave_table(wave(["ab"], layer="rd"), wave(["ab"], layer="supply"))
    rows = table[(table["scope"] == "all") & (table["ring"] == "all rings")]
    assert rows[["layer", "new", "lost"]].values.tolist() == [["rd", 0, 1], ["supply", 1, 0]]


def test_waves_that_cannot_be_compared_are_told():
    raufoss = nk.load("raufoss")
    with pytest.raises(NetklyngeError, match="earlier first"):
        tie_changes(raufoss.at(2005), raufoss.at(1985))
    with pytest.raises(NetklyngeError, match="same one"):
        tie_changes(raufoss, raufoss.cut("regional"))
    with pytest.raises(NetklyngeError, match="no named actor stands in both"):
        tie_changes(ONE, wave(["xy"]))


@FEW
@given(tables(), tables(), st.sampled_from(["supply", "rd", "informal"]))
def test_kept_new_and_lost_are_sets(first, second, layer):
    one, two = district(*first), district(*second)

    def keys(study):
        named = {row["actor"] for row in records(study.actors) if row["kind"] != "category"}
        return [(t["source"], t["target"], t["directed"] is False) for t in in_force(study, layer)
                if {t["source"], t["target"]} <= named]  # fmt: skip

    loose = {frozenset((a, b)) for a, b, free in keys(one) + keys(two) if free}
    old, new = (
        {(min(a, b), max(a, b)) if frozenset((a, b)) in loose else (a, b) for a, b, _ in keys(s)} for s in (one, two)
    )
    found = tie_changes(one, two, [layer])
    for state, expected in (("kept", old & new), ("new", new - old), ("lost", old - new)):
        rows = found[found["state"] == state]
        assert set(zip(rows["source"], rows["target"], strict=True)) == expected
    turned = tie_changes(two, one, [layer])
    assert (
        turned["state"].value_counts().to_dict()
        == found["state"].map({"kept": "kept", "new": "lost", "lost": "new"}).value_counts().to_dict()
    )


@FEW
@given(tables())
def test_a_wave_against_itself_has_no_change(rows):
    study = district(*rows)
    changes = tie_changes(study, replace(study, name="again"))
    assert set(changes["state"]) <= {"kept"}
    people = actor_changes(study, replace(study, name="again"))
    assert set(people["state"]) <= {"stayed"}
    assert {row["actor"] for row in insiders(study)} <= set(people["actor"])


# -- change, or other respondents ------------------------------------------------------------------------------


def circle(names, step=1):
    return [(names[k], names[(k + step) % len(names)]) for k in range(len(names))]


NAMES = [f"f{k}" for k in range(16)]


def test_change_parts_exactly_into_the_same_and_the_others():
    before = answered(wave([*circle(NAMES), ("x", "f0"), ("x", "f1")]), [*NAMES, "x"])
    after = answered(wave([*circle(NAMES), *circle(NAMES, 3), ("y", "f2")]), [*NAMES, "y"])
    row = respondent_test(before, after).iloc[0]
    assert row[["change", "same_change", "other_change"]].tolist() == [15, 16, -1]
    assert row[["answered_both", "left", "joined"]].tolist() == [16, 1, 1]
    assert (row["finding"], row["p_same"] <= 0.001) == ("changed", True)  # all sixteen have two more


def test_other_respondents_alone_are_no_change():
    before = answered(wave(circle(NAMES)), NAMES[:10])
    new = [f"n{k}" for k in range(10)]
    after = answered(wave([*circle(NAMES), *zip(new, NAMES[:10], strict=True)]), [*NAMES[:10], *new])
    row = respondent_test(before, after).iloc[0]
    assert row[["change", "same_change", "other_change"]].tolist() == [10, 0, 10]
    assert (row["finding"], row["p_same"]) == ("not shown", 1)


def test_those_who_left_had_more_ties():
    """Six of the sixteen had nine ties each and are gone: p of that by exact counting is 2 / C(16, 6)."""
    hubs = NAMES[:6]
    more = [(h, f"o{k}") for h in hubs for k in range(7)]
    before = answered(wave([*circle(NAMES), *more]), NAMES)
    after = answered(wave(circle(NAMES)), NAMES[6:])
    row = respondent_test(before, after, permutations=999).iloc[0]
    assert row["p_left"] == pytest.approx(2 / 1000, abs=2e-3)
    assert np.isnan(row["p_joined"])


def test_signs_against_all_that_there_are():
    """Four respondents, each with one new tie: the sums of signs are as extreme in 2 of 16 cases."""
    four = list("abcd")
    before = answered(wave([("a", "z")], [*four, "z", *[f"o{k}" for k in range(4)]]), four)
    after = answered(wave([("a", "z"), *[(f, f"o{k}") for k, f in enumerate(four)]]), four)
    p = respondent_test(before, after, permutations=9999).iloc[0]["p_same"]
    assert p == pytest.approx(2 / 16, abs=0.015)


def test_false_alarms_stay_rare_when_nothing_has_changed():
    rng = np.random.default_rng(4)
    every = answered(wave([(f, f"o{k}") for f in NAMES for k in range(5)]), NAMES)
    alarms = []
    for _ in range(20):
        drawn = [replace(every, relations=every.relations[rng.random(len(every.relations)) < 0.4]) for _ in range(2)]
        alarms.append(respondent_test(*drawn, permutations=199).iloc[0]["p_same"] < 0.05)
    assert sum(alarms) <= 4  # under .05 each, five or more of twenty have a chance of 0.3 %


def test_who_answered_can_be_told_and_unknown_is_said():
    assert respondent_test(ONE, TWO)["finding"].tolist() == ["not assessable"]
    row = respondent_test(ONE, TWO, (["b", "c"], ["b", "c"])).iloc[0]
    assert row[["same_before", "same_after"]].tolist() == [3, 2]


# -- side by side ------------------------------------------------------------------------------------------------


class Circles(HTMLParser):
    def __init__(self):
        super().__init__()
        self.places, self.svg = [], -1

    def handle_starttag(self, tag, attrs):
        told = dict(attrs)
        if tag == "svg" and told.get("role") == "img":
            self.svg += 1
            self.places.append([])
        if tag == "circle" and "cx" in told:
            self.places[self.svg].append((told["cx"], told["cy"]))


def test_both_pictures_have_the_same_places():
    raufoss = nk.load("raufoss")
    page = Circles()
    page.feed(waves_page(raufoss.at(1985), raufoss.at(2005)))
    assert page.places[0] == page.places[1]
    layout = union_layout(raufoss.at(1985), raufoss.at(2005))
    assert len(page.places[0]) == len(layout)
    assert layout["actor"].is_unique


def test_waves_of_one_name_are_called_by_what_came_first():
    assert "<h1>study</h1>" in waves_page(ONE, TWO)
    assert "From study, before to study, after: 3 actors stayed, 1 joined, 1 left" in waves_page(ONE, TWO)
    assert "Fra study, før til study, etter" in waves_page(ONE, TWO, "nb")


@pytest.mark.parametrize("lang", ["en", "nb"])
def test_the_page_asks_for_nothing_outside_and_runs_no_name(lang, tmp_path):
    evil = '<script>alert(1)</script>"&'
    one, two = (wave(p) for p in (["ab"], ["ab", "bc"]))
    for study in (one, two):
        study.actors["name"] = evil
    page = write_waves(replace(one, name="w1"), replace(two, name="w2"), tmp_path / "w.html", lang).read_text("utf-8")
    assert "<script>alert" not in page
    assert "default-src 'none'" in page
    assert not re.search(r"https?://", page)
    assert f'lang="{lang}"' in page
    assert ("To runder" in page) == (lang == "nb")
    with pytest.raises(NetklyngeError, match="there already"):
        write_waves(replace(one, name="w1"), replace(two, name="w2"), tmp_path / "w.html", lang)


def test_two_public_years_of_one_study_are_compared_without_names():
    town = nk.load("kongsberg")
    public = [nk.public_study(town.at(year), key="a secret of the user")[0] for year in (2000, 2005)]
    with pytest.raises(NetklyngeError, match="no named actor"):  # two releases cannot be joined, on purpose
        waves_page(*public)
    one = public[1]
    page = waves_page(replace(one, name="w1"), replace(one, name="w2"))
    for name in town.actors.loc[~town.is_category, "name"]:
        assert len(name) < 5 or f">{name}<" not in page
