"""Calibration, ideal types, and the verdicts on the three towns."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import netklynge as nk
from netklynge.findings import InputError, NetklyngeError
from netklynge.pages.pages import references
from netklynge.typology.anchors import TYPES, calibrate, load_anchors
from netklynge.typology.decisions import decide
from netklynge.typology.hallmarks import HALLMARKS, measure
from netklynge.typology.verdicts import verdicts

# Lipset's 18 countries (data of the R package QCA, after Lipset 1959): DEV URB LIT IND STB SURV, and the memberships
# printed in Ragin (2009), which are those of the direct method with log odds 3 at the outer anchors.
LIPSET_ANCHORS = [(400, 550, 900), (25, 50, 65), (50, 75, 90), (20, 30, 40), (15, 9.5, 5), (-9, 0, 10)]
LIPSET = """
720 33.4 98 33.4 10 -9     | .81 .12 .99 .73 .43 .05
662 25 95 14.5 5 8         | .72 .05 .98 .01 .95 .92
1098 60.5 94.4 48.9 4 10   | .99 .89 .98 1 .98 .95
517 31.4 72.1 29.6 9 -9    | .34 .10 .41 .47 .58 .05
586 69 95.9 37.4 6 7       | .58 .98 .98 .90 .91 .89
1008 78.8 99.9 39.3 2 10   | .98 1 .99 .94 .99 .95
468 28.5 95 14 6 -6        | .16 .07 .98 .01 .91 .12
350 37 76.9 11.2 21 -6     | .02 .17 .59 0 0 .12
590 22 99.1 22 9 4         | .58 .03 .99 .08 .58 .77
320 15.3 38 23.1 19 -9     | .01 .02 .01 .11 .01 .05
983 21.2 96.2 34.8 5 10    | .98 .03 .99 .81 .95 .95
331 21.9 61.8 12.2 7 -4    | .01 .03 .17 0 .84 .21
795 56.5 98 40.4 11 -9     | .89 .79 .99 .96 .31 .05
367 43 55.6 25.5 12 -8     | .03 .30 .09 .21 .20 .06
390 31.1 59.2 28.1 10 -8   | .04 .09 .13 .36 .43 .06
897 34 99.9 32.3 6 10      | .95 .13 .99 .67 .91 .95
424 36.3 85 21.6 13 -1     | .07 .16 .88 .07 .13 .42
1038 74 99.9 49.9 4 10     | .98 .99 .99 1 .98 .95
"""


def _lipset(logit: float) -> tuple[np.ndarray, np.ndarray]:
    rows = [line.split("|") for line in LIPSET.strip().splitlines()]
    data = np.array([[float(x) for x in left.split()] for left, _ in rows])
    printed = np.array([[float(x) for x in right.split()] for _, right in rows])
    found = np.column_stack([calibrate(data[:, k], a, logit) for k, a in enumerate(LIPSET_ANCHORS)])
    return found, printed


def test_lipset_all_108_memberships():
    found, printed = _lipset(3)
    assert (np.abs(found - printed) <= 0.005 + 1e-9).all()


def test_the_other_log_odds_differ_in_24_of_them():
    found, printed = _lipset(np.log(19))
    assert int((np.round(found, 2) != printed).sum()) == 24


def test_anchors_give_their_memberships():
    # Ragin 2008: .0474 and .9526 at the outer anchors, .5 at the crossover, rising and falling sets alike
    for anchors in ((0, 1, 5), (5, 1, 0)):
        assert calibrate(anchors, anchors).round(4).tolist() == [0.0474, 0.5, 0.9526]
    assert np.isnan(calibrate([np.nan], (0, 1, 2)))[0]
    with pytest.raises(NetklyngeError, match="rise or fall"):
        calibrate([1], (0, 0, 1))


@given(st.lists(st.floats(-50, 50), min_size=2, max_size=9), st.floats(0.1, 5), st.floats(0.1, 5))
def test_membership_never_falls_as_the_value_rises(values, left, right):
    members = calibrate(np.sort(values), (-left, 0, right))
    assert (np.diff(members) >= 0).all()
    assert ((members >= 0) & (members <= 1)).all()


def _all_hallmarks(**values: float) -> dict[str, np.ndarray]:
    return {name: np.array([values.get(name, np.nan)]) for name in HALLMARKS}


def test_a_type_is_the_minimum_of_its_essential_hallmarks():
    # Kvist 2007: (.8, .3, .6) has membership .6 in the corner 1 0 1, that is min(.8, 1 - .3, .6)
    members = _all_hallmarks(**dict.fromkeys(HALLMARKS, 0.5))
    members.update(
        small_firm_jobs=np.array([0.8]),
        outside_control=np.array([0.3]),
        local_trade=np.array([0.6]),
        joint_bodies=np.array([0.9]),
        evenness=np.array([0.9]),
    )
    low, high, _ = decide(members, load_anchors())
    assert low["small_firm"][0] == high["small_firm"][0] == pytest.approx(0.6)


def test_what_is_missing_makes_bounds_and_no_name():
    # everything that is known speaks for a hub district, but nobody knows the owners
    members = _all_hallmarks(
        local_trade=0.7,
        hub_jobs=0.9,
        small_firm_jobs=0.1,
        mean_size=0.9,
        outside_control=0.2,
        peer_cooperation=0.1,
        joint_bodies=0.6,
        outside_reach=0.8,
    )
    low, high, names = decide(members, load_anchors())
    assert (low["state_anchored"][0], high["state_anchored"][0]) == (0, 1)
    assert names[0] == "undetermined"
    members["state_control"] = np.array([0.1])
    assert decide(members, load_anchors())[2][0] == "hub_and_spoke"


def test_two_types_close_together_are_mixed_and_none_is_no_system():
    rules = load_anchors()
    base = dict.fromkeys(HALLMARKS, 0.1)
    two = base | {
        "state_control": 0.45,
        "hub_jobs": 0.9,
        "small_firm_jobs": 0.56,
        "outside_control": 0.4,
        "local_trade": 0.8,
        "joint_bodies": 0.9,
        "evenness": 0.9,
        "hub_trade": 0.9,
    }
    assert decide(_all_hallmarks(**two), rules)[2][0] == "mixed"
    none = base | {"state_control": 0.6, "local_trade": 0.2}
    none["state_control"] = 0.5
    assert decide(_all_hallmarks(**none), rules)[2][0] == "no_local_system"
    assert decide(_all_hallmarks(**(none | {"local_trade": 0.7})), rules)[2][0] == "no_type_fits"


def test_half_of_the_hallmarks_are_not_enough():
    known = {"small_firm_jobs": 0.9, "outside_control": 0.1, "local_trade": 0.9, "state_control": 0.1, "hub_jobs": 0.1}
    assert decide(_all_hallmarks(**known), load_anchors())[2][0] == "undetermined"


# -- the three towns ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("town", "year", "cut", "expected"),
    [
        ("kongsberg", None, "local", "satellite"),
        ("horten", None, "local", "hub_and_spoke"),
    ],
)
def test_verdicts_of_the_report(town, year, cut, expected):
    study = nk.load(town) if year is None else nk.load(town).at(year)
    verdict = nk.classify(study.cut(cut))
    assert verdict.type == expected
    assert verdict.memberships[expected] > 0.5


def test_raufoss_stays_open_between_what_its_report_says_and_no_local_system():
    # the report's hub-and-spoke (R09) hangs on a quarter of purchases inside, of 31 answers: about the crossover
    verdict = nk.classify(nk.load("raufoss"))
    assert verdict.type == "undetermined"
    assert verdict.candidates["hub_and_spoke"] > 0.25
    assert verdict.candidates.get("satellite", 0) < verdict.candidates["hub_and_spoke"]
    assert verdict.candidates.get("small_firm", 0) == 0
    assert verdict.would_decide[0]["hallmark"] == "local_trade"


def test_one_firm_of_four_names_no_type():
    # Raufoss in 1985: the size is known of the state's works alone, and three more firms are told
    verdict = nk.classify(nk.load("raufoss").at(1985))
    state = measure(nk.load("raufoss").at(1985))["state_control"]
    assert (state.units, state.thin(5)) == (1, True)
    assert verdict.type == "undetermined"
    assert max(verdict.candidates, key=verdict.candidates.get) == "state_anchored"
    assert verdict.would_decide[0]["hallmark"] == "state_control"


def test_kongsberg_is_less_of_a_satellite_when_ostlandet_is_local():
    local, regional, _ = verdicts(nk.load("kongsberg"))
    assert regional.memberships["satellite"] < 0.5 < local.memberships["satellite"]


def test_kongsbergs_regional_verdict_comes_from_the_survey():
    rows = nk.classify(nk.load("kongsberg").cut("regional")).hallmarks.set_index("name")
    assert rows.loc["local_trade", "source"].startswith("published: table 5.4")
    assert round(rows.loc["local_trade", "value"], 2) == 0.52  # the report: about half when Østlandet counts


def test_horten_has_several_hubs_and_is_the_most_operative():
    grades = {town: nk.classify(nk.load(town)).operative["grade"] for town in ("horten", "raufoss", "kongsberg")}
    assert nk.classify(nk.load("horten")).hubs > 1
    assert grades["horten"] > grades["raufoss"] > grades["kongsberg"]


def test_a_study_of_ties_alone_is_undetermined_and_says_what_is_missing(tmp_path):
    path = tmp_path / "relations.csv"
    path.write_text("source,target,layer,scale\na,b,supply,local\nb,c,supply,national\n", encoding="utf-8")
    verdict = nk.classify(nk.load(path))
    assert verdict.type == "undetermined"
    assert {"hub_jobs", "small_firm_jobs", "state_control"} <= set(verdict.missing)


def test_order_of_rows_and_names_of_actors_change_nothing():
    study = nk.load("raufoss")
    rename = {a: f"x{k}" for k, a in enumerate(reversed(study.actors["actor"].tolist()))}
    turned = nk.load(
        {
            "actors": study.actors.assign(actor=study.actors["actor"].map(rename)).sample(frac=1, random_state=1),
            "relations": study.relations.assign(
                source=study.relations["source"].map(rename), target=study.relations["target"].map(rename)
            ).sample(frac=1, random_state=2),
        }
    )
    bare = nk.load({"actors": study.actors, "relations": study.relations})
    one, other = (nk.classify(s).hallmarks["value"].to_numpy(float) for s in (turned, bare))
    np.testing.assert_allclose(one, other)


# -- anchors as data ---------------------------------------------------------------------------------


def test_every_anchor_has_a_source_an_interval_and_a_reason():
    rules = load_anchors()
    assert set(rules.hallmarks) == set(HALLMARKS)
    for name, entry in rules.hallmarks.items():
        assert entry["source"], name
        assert set(entry["source"]) <= set(references()), name
        assert entry["why"], name
        for anchor, (least, most) in zip(entry["anchors"], entry["range"], strict=True):
            assert least <= anchor <= most, name
    for name, ideal in rules.types.items():
        assert name in TYPES
        assert ideal.essential


def test_users_anchors_replace_a_part(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text("hallmarks: {hub_jobs: {anchors: [0.7, 0.85, 0.95]}}", encoding="utf-8")
    verdict = nk.classify(nk.load("horten"), anchors=path)
    assert verdict.type != "hub_and_spoke"
    assert verdict.hallmarks.set_index("name").loc["hub_jobs", "anchors"] == (0.7, 0.85, 0.95)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("hallmarks: {hub_job: {anchors: [0, 1, 2]}}", "'hub_job' is no hallmark"),
        ("hallmarks: {hub_jobs: {anchors: [0, 2, 1]}}", "rise or fall"),
        ("hallmarks: {hub_jobs: {anchors: [0, 1]}}", "rise or fall"),
        ("types: {hub_and_spoke: {essential: [hubs]}}", "is no hallmark"),
        ("types: {hub: {essential: []}}", "is no type"),
        ("- a", "is a mapping"),
        ("a: [", "cannot be read"),
    ],
)
def test_wrong_anchors_files_say_what_is_wrong(tmp_path, text, words):
    path = tmp_path / "mine.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=words):
        nk.classify(nk.load("horten"), anchors=path)
