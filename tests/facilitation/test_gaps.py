"""Gaps: who stands alone, which partners are missing beside peers, which stages have no firm."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import netklynge as nk
from netklynge.facilitation.gaps import (
    PARTNER_KINDS,
    chain_balance,
    chain_gaps,
    find_gaps,
    isolates,
    missing_kinds,
    partner_kinds,
    unfilled_kinds,
)
from netklynge.findings import NetklyngeError


def district(ties, **actors):
    """A study: actors as name = (kind, scale), ties as (source, target, layer)."""
    rows = [{"actor": a, "name": a.upper(), "kind": k, "scale": s, "role": "maker"} for a, (k, s) in actors.items()]
    frame = pd.DataFrame(ties, columns=["source", "target", "layer"])
    return nk.load({"actors": pd.DataFrame(rows), "relations": frame})


def answers(has):
    kinds = pd.DataFrame({"actor": [f"a{k}" for k in range(len(has))], "peers": "p", "partner_kind": "research"})
    return kinds.assign(has=pd.array(has, dtype="boolean"))


def test_three_of_four_peers_make_it_missing_one_of_four_does_not():
    """FRAMEWORKS E2, toy."""
    assert missing_kinds(answers([False, True, True, True, False]))[["actor", "have", "n"]].values.tolist() == [
        ["a0", 3, 4],
        ["a4", 3, 4],
    ]
    assert missing_kinds(answers([False, True, False, False, False])).empty


def test_not_asked_is_not_missing_and_counts_for_no_peer():
    table = missing_kinds(answers([None, False, True, True, None]))
    assert table[["actor", "have", "n"]].values.tolist() == [["a1", 2, 2]]


def test_too_few_peers_compare_with_nobody():
    assert missing_kinds(answers([False, True])).empty
    assert len(missing_kinds(answers([False, True]), fewest=1)) == 1


@settings(deadline=None, max_examples=30)
@given(st.lists(st.sampled_from([True, False, None]), max_size=9), st.floats(0, 1), st.integers(1, 4))
def test_missing_is_what_counting_by_hand_says(has, least, fewest):
    found = set(missing_kinds(answers(has), least, fewest)["actor"]) if has else set()
    expected = set()
    for k, own in enumerate(has):
        others = [h for j, h in enumerate(has) if j != k and h is not None]
        enough = len(others) >= fewest and sum(others) and sum(others) >= least * len(others)
        if own is False and enough:
            expected.add(f"a{k}")
    assert found == expected


def test_kinds_of_partner_and_who_has_nobody():
    study = district(
        [
            ("a", "b", "supply"),
            ("a", "r", "rd"),
            ("b", "o", "supply"),
            ("p", "c", "ownership"),
            ("a", "d", "competition"),
        ],
        a=("firm", "local"),
        b=("firm", "local"),
        c=("firm", "local"),
        d=("firm", "local"),
        p=("firm", "local"),
        r=("research", "national"),
        o=("firm", "national"),
    )
    kinds = partner_kinds(study).set_index(["actor", "partner_kind"])
    assert kinds.loc[("a", "customer"), ["has", "has_inside"]].tolist() == [True, True]
    assert kinds.loc[("b", "supplier"), "has"]
    assert kinds.loc[("b", "customer"), "has"]
    assert not kinds.loc[("b", "customer"), "has_inside"]
    assert kinds.loc[("c", "research"), "has"] is pd.NA  # of c no contact is told
    assert kinds.loc[("a", "research"), "ties"] == (1,)
    assert isolates(study)["actor"].tolist() == ["d"]  # c is owned inside; competition is no company
    unfilled = unfilled_kinds(study)
    assert unfilled[["partner_kind", "have", "n", "outside"]].values.tolist() == [["research", 1, 2, ("r",)]]


def test_a_partner_of_unknown_ring_fills_no_gap_and_makes_none():
    study = district([("a", "r", "rd")], a=("firm", "local"), r=("research", None))
    assert unfilled_kinds(study).empty


@pytest.mark.parametrize("town", ["horten", "kongsberg", "raufoss"])
def test_every_gap_leads_back_to_ties_of_the_study(town):
    study = nk.load(town)
    gaps = find_gaps(study)
    labels = set(study.relations.index)
    assert all(set(ties) <= labels for ties in gaps["ties"])
    told = gaps[gaps["gap"] != "isolate"]
    assert (told["ties"].map(len) > 0).all()
    assert set(told["what"]) <= set(PARTNER_KINDS)


def test_research_is_what_raufoss_firms_lack():
    """From the study: of seven core firms of 50 to 249 employees three are told to work with research."""
    table = missing_kinds(partner_kinds(nk.load("raufoss")))
    lack = table[(table["partner_kind"] == "research") & (table["peers"] == "core_firm; 50 to 249")]
    assert set(lack["actor"]) == {"plastal-raufoss", "raufoss-technology", "raufoss-metall", "ragasco"}
    assert lack[["have", "n"]].drop_duplicates().values.tolist() == [[3, 6]]


def test_an_order_of_rows_changes_nothing():
    study = nk.load("horten")
    shuffled = nk.load(
        {
            "actors": study.actors.sample(frac=1, random_state=1),
            "relations": study.relations.sample(frac=1, random_state=2),
        }
    )
    keys = ["gap", "actor", "what", "have", "n"]
    one, other = (find_gaps(s)[keys].astype("string").fillna("") for s in (study, shuffled))
    assert set(one.itertuples(index=False, name=None)) == set(other.itertuples(index=False, name=None))


MUSIC = {
    "creation": {"92310": 52},
    "production": {"22140": 9, "22150": 12, "22310": 0, "24650": 0, "51434": 6},
    "distribution": {"52452": 19, "52453": 15, "52614": 2, "92320": 13, "92340": 5},
    "machines_and_equipment": {"36300": 0},
}  # printed: Westgaard & Lexander 2006, figure 10


def music():
    rows = [(stage, code, n) for stage, codes in MUSIC.items() for code, n in codes.items()]
    table = pd.DataFrame(rows, columns=["stage", "nace", "firms"])
    return table[["nace", "firms"]], table[["stage", "nace"]]


def test_the_printed_stages_of_the_music_industry():
    firms, stages = music()
    table = chain_gaps(firms, stages)
    assert table["stage"].tolist() == list(MUSIC)
    assert table["firms"].tolist() == [52, 27, 54, 0]
    assert table["n"].tolist() == [133] * 4
    assert (100 * table["share"]).round(1).tolist() == [39.1, 20.3, 40.6, 0.0]
    assert table["gap"].tolist() == [False, False, False, True]


def test_beside_another_region_a_small_share_is_a_gap_too():
    firms, stages = music()
    other = pd.DataFrame({"nace": ["92310", "22140", "52452"], "firms": [10, 60, 30]})
    table = chain_gaps(firms, stages, other).set_index("stage")
    assert table.loc["production", "ratio"] == pytest.approx((27 / 133) / 0.6)
    assert table.loc["production", "gap"]
    assert not table.loc["distribution", "gap"]


def test_firms_outside_the_chain_and_without_a_code_stay():
    firms = pd.DataFrame({"actor": list("abc"), "nace": ["22.14", "01.11", None]})
    stages = pd.DataFrame({"stage": ["making", "selling"], "nace": ["22", "52"]})
    table = chain_gaps(firms, stages)
    assert table[["stage", "firms", "actors"]].values.tolist() == [
        ["making", 1, ("a",)],
        ["selling", 0, ()],
        ["outside the chain", 1, ("b",)],
        ["code not told", 1, ("c",)],
    ]


def test_a_code_in_two_stages_and_a_missing_column_are_told():
    stages = pd.DataFrame({"stage": ["making", "selling"], "nace": ["22.1", "221"]})
    with pytest.raises(NetklyngeError, match="'making' and in 'selling'"):
        chain_gaps(pd.DataFrame({"nace": []}), stages)
    with pytest.raises(NetklyngeError, match="actors: column 'nace' is missing"):
        find_gaps(nk.load("horten"), stages)


def test_stages_without_a_firm_stand_among_the_gaps():
    actors = pd.DataFrame({"actor": ["a"], "kind": ["firm"], "scale": ["local"], "nace": ["22.14"]})
    study = nk.load({"actors": actors, "relations": pd.DataFrame({"source": [], "target": []}, dtype="string")})
    stages = pd.DataFrame({"stage": ["making", "selling"], "nace": ["22", "52"]})
    assert find_gaps(study, stages)[["gap", "what"]].values.tolist()[-1] == ["empty_stage", "selling"]


def test_jobs_against_felling_in_the_inland():
    """Printed in IN04 chapter 4, computed: 18/28, 8/13 and 26/41."""
    wood = pd.DataFrame({"area": ["Hedmark", "Oppland"], "felling": [28, 13], "jobs": [18, 8]})
    table = chain_balance(wood, "felling", "jobs")
    assert table["ratio"].round(2).tolist() == [0.64, 0.62, 0.63]
    assert table["state"].tolist() == ["deficit"] * 3


def test_balance_and_surplus_and_no_first_stage():
    areas = pd.DataFrame({"area": list("abcd"), "one": [10, 10, 10, 0], "two": [8, 12.5, 12.6, 1]})
    states = chain_balance(areas, "one", "two")["state"].tolist()
    assert states[:3] == ["balance", "balance", "surplus"]
    assert states[3] is pd.NA
