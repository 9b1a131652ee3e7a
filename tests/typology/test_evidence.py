"""What nobody told is no zero, and what is told of a group is heard."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import netklynge as nk
from netklynge.study.study import Study
from netklynge.typology.anchors import load_anchors
from netklynge.typology.counts import bounds, count
from netklynge.typology.hallmarks import arrays, measure
from netklynge.typology.statements import fused, quantities


def study(actors, relations, meta=None, **tables):
    frames = {"actors": pd.DataFrame(actors), "relations": pd.DataFrame(relations), **tables}
    return Study.of(frames, {"reference_year": 2005, **(meta or {})}, name="told")


def silent_firms():
    """Repro (a): thirty small firms of which no owner is told, and one college."""
    sizes = np.linspace(5, 40, 30).round().astype(int)
    actors = [{"actor": f"f{k}", "kind": "firm", "scale": "local", "employees": n} for k, n in enumerate(sizes)]
    actors += [{"actor": f"a{k}", "kind": "network_org", "scale": "local"} for k in range(3)]
    actors += [{"actor": "college", "kind": "education", "scale": "local", "employees": 120}]
    ties = []
    for k in range(30):
        for step in (1, 2, 3):
            ties.append({"source": f"f{k}", "target": f"f{(k + step) % 30}", "layer": "supply", "scale": "local"})
        ties.append({"source": f"f{k}", "target": f"f{(k + 7) % 30}", "layer": "informal", "scale": "local"})
        ties.append({"source": f"f{k}", "target": f"a{k % 3}", "layer": "membership", "scale": "local"})
    return study(actors, ties)


def cooperating_group():
    """Repro (b): a group whose members cooperate with one another, and three firms that sell to one customer."""
    actors = [{"actor": "f1", "kind": "firm", "scale": "local", "employees": 60, "owner_scale": "national"}]
    actors += [{"actor": f"f{k}", "kind": "firm", "scale": "local"} for k in range(2, 8)]
    actors += [
        {"actor": "club", "kind": "network_org", "scale": "local"},
        {"actor": "cat-firms", "kind": "category", "scale": "local"},
        {"actor": "buyer", "kind": "firm", "scale": "international"},
    ]
    ties = [{"source": f"f{k}", "target": "buyer", "layer": "supply", "scale": "international"} for k in (1, 2, 3)]
    ties += [{"source": "cat-firms", "target": "cat-firms", "layer": y, "scale": "local"} for y in ("informal", "rd")]
    ties += [{"source": "cat-firms", "target": "club", "layer": "membership", "scale": "local"}]
    return study(actors, ties)


def test_one_college_does_not_speak_for_thirty_silent_firms():
    verdict = nk.classify(silent_firms())
    assert verdict.type in ("undetermined", "small_firm")
    state = verdict.hallmarks.set_index("name").loc["state_control"]
    assert (state["low"], state["high"]) == (0.0, 1.0)
    assert state["known"] == state["known_not"] == 0


def test_a_college_is_no_anchor_but_one_that_trades_with_firms_is():
    quiet = silent_firms()
    actors = quiet.actors
    trade = pd.DataFrame([{"source": "f1", "target": "college", "layer": "supply", "scale": "local"}])
    busy = study(actors, pd.concat([quiet.relations, trade], ignore_index=True))
    jobs = quiet.firm_sizes().sum()
    assert measure(quiet)["state_control"].known == 0
    assert measure(busy)["state_control"].low == pytest.approx(120 / (120 + jobs))


def test_a_group_that_cooperates_is_at_least_two_firms_that_do():
    told = cooperating_group()
    verdict = nk.classify(told)
    assert verdict.type != "satellite"
    found = verdict.hallmarks.set_index("name").loc["peer_cooperation"]
    assert found["known"] == 2
    assert found["known_not"] == 0  # nobody was asked
    assert found["high"] == 1
    joint = verdict.hallmarks.set_index("name").loc["joint_bodies"]
    assert joint["known"] == 2


def test_silence_is_no_until_somebody_was_asked():
    told = cooperating_group()
    asked = {"coverage": {"rd": {"of": "all"}, "informal": {"of": "all"}}}
    sure = study(told.actors, told.relations, asked)
    assert measure(told)["peer_cooperation"].known_not == 0
    assert measure(sure)["peer_cooperation"].known_not == 7


@given(st.integers(0, 6), st.integers(0, 6), st.integers(0, 6))
def test_bounds_are_those_of_every_way_to_fill_in_the_untold(k, a, u):
    if k + a + u == 0:
        assert bounds(k, a, u) == (0, 1)
        return
    ways = [(k + more) / (k + a + u) for more in range(u + 1)]  # Manski 1989: all completions of the data
    assert bounds(k, a, u) == (min(ways), max(ways))


@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)).map(lambda p: (min(p), max(p))), min_size=1, max_size=6))
def test_claims_are_joined_by_what_most_of_them_hold(intervals):
    low, high = fused(intervals)
    points = np.unique(np.concatenate([np.ravel(intervals), np.linspace(0, 1, 21)]))
    held = np.array([sum(a <= p <= b for a, b in intervals) for p in points])
    most = points[held > len(intervals) // 2]
    if len(most):
        assert (low, high) == (most.min(), most.max())


def test_quantity_words_keep_their_order():
    words = quantities()["words"]
    order = ["none", "hardly_any", "few", "some", "about_half", "most", "nearly_all", "all"]
    middles = [sum(words[word]) / 2 for word in order]
    assert middles == sorted(middles)


def test_a_statement_narrows_and_a_survey_stands():
    told = cooperating_group()
    most = {
        "statement": "s1",
        "subject": "firms",
        "measure": "members",
        "topic": "alliance",
        "peers": "1",
        "scale": "local",
        "quantity": "most",
        "confidence": "high",
    }
    one = study(told.actors, told.relations, statements=pd.DataFrame([most]))
    alone = measure(one)["local_cooperation"]
    assert (alone.low, alone.high) == (0.25, 0.99)  # half-way to nothing known: .5 and .98 of one half
    both = pd.DataFrame([most, most | {"statement": "s2", "topic": "informal"}])
    said = study(told.actors, told.relations, statements=both)
    found = measure(said)["local_cooperation"]
    assert (found.low, found.high) == tuple(quantities()["words"]["most"])
    assert found.evidence == "statement"
    asked = {"coverage": {"rd": {"of": "all"}, "informal": {"of": "all"}}}
    sure = study(told.actors, told.relations, asked, statements=both)
    assert measure(sure)["local_cooperation"].evidence == "list"


def test_much_cooperation_says_nothing_of_peers_and_little_does():
    told = cooperating_group()
    row = {"subject": "firms", "measure": "members", "topic": "alliance", "peers": "1", "scale": "local"}
    for word, high in (("most", 1.0), ("few", quantities()["words"]["few"][1])):
        said = [row | {"statement": f"s{k}", "quantity": word, "confidence": "high", "voice": "author"} for k in (1, 2)]
        said[1]["topic"] = "informal"
        one = study(told.actors[told.actors["actor"] != "cat-firms"], told.relations[:3], statements=pd.DataFrame(said))
        assert measure(one)["peer_cooperation"].high == high, word


def test_firms_that_trade_are_no_peers():
    actors = [{"actor": a, "kind": "firm", "scale": "local"} for a in "abc"]
    ties = [{"source": s, "target": t, "layer": y, "scale": "local"} for s, t, y in ("abr", "bcr")]
    ties = [t | {"layer": "rd"} for t in ties]
    alone = measure(study(actors, ties))
    assert (alone["local_cooperation"].known, alone["peer_cooperation"].known) == (3, 3)
    trade = {"source": "b", "target": "a", "layer": "supply", "scale": "local"}
    chain = measure(study(actors, [*ties, trade]))
    assert (chain["local_cooperation"].known, chain["peer_cooperation"].known) == (3, 2)  # b and c only


def test_the_register_wins_over_the_firms_that_happen_to_be_named():
    # the means of the census in the same report (table v.4), against 147, 301 and 138 from named firms
    means = {town: measure(nk.load(town))["mean_size"] for town in ("horten", "kongsberg", "raufoss")}
    assert {town: round(found.value) for town, found in means.items()} == {"horten": 10, "kongsberg": 17, "raufoss": 38}
    assert {found.evidence for found in means.values()} == {"register"}


def test_what_is_planned_or_a_shared_roof_is_no_body():
    told = cooperating_group()
    for column, value in (("status", "planned"), ("houses_only", True)):
        actors = told.actors.copy()
        actors[column] = actors[column].astype(object)
        actors.loc[actors["actor"] == "club", column] = value
        assert measure(study(actors, told.relations))["joint_bodies"].known == 0, column


def test_an_ordinary_place_is_no_satellite():
    # 5 to 25 per cent of firms owned outside, a tenth to a fifth of trade inside, everybody asked
    rng = np.random.default_rng(1)
    for _ in range(10):
        owned = rng.uniform(0.05, 0.25)
        seats = np.where(rng.random(40) < owned, "national", "local")
        actors = [
            {
                "actor": f"f{k}",
                "kind": "firm",
                "scale": "local",
                "employees": int(rng.lognormal(2.5, 1)) + 1,
                "owner_scale": s,
            }
            for k, s in enumerate(seats)
        ]
        actors += [{"actor": "far", "kind": "category", "scale": "national"}]
        ties = [
            {"source": f"f{k}", "target": f"f{(k + 3) % 40}" if near else "far", "layer": "supply", "scale": s}
            for k in range(40)
            for near, s in [(True, "local") if rng.random() < rng.uniform(0.1, 0.2) else (False, "national")] * 3
        ]
        meta = {"coverage": {layer: {"of": "all"} for layer in ("supply", "rd", "informal", "membership")}}
        verdict = nk.classify(study(actors, pd.DataFrame(ties).drop_duplicates(), meta))
        assert verdict.type != "satellite"


def test_every_hallmark_has_a_question_that_would_decide():
    for name, entry in load_anchors().hallmarks.items():
        assert entry["ask"]["question"].endswith("?"), name
        assert entry["ask"]["to"], name
    verdict = nk.classify(nk.load("raufoss"))
    assert {ask["hallmark"] for ask in verdict.would_decide} <= set(load_anchors().hallmarks)


def test_the_order_of_actors_changes_nothing():
    told = silent_firms()
    turned = study(told.actors.iloc[::-1], told.relations.iloc[::-1])
    one, other = (
        {name: np.array([c.known, c.known_not, c.untold]) for name, c in count(arrays(s)).items()}
        for s in (told, turned)
    )
    for name in one:
        np.testing.assert_allclose(one[name], other[name], err_msg=name)
