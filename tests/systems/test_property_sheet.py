"""The sheet of twelve indicators, the tests beside it, and what a study's own ties may and may not say."""

from itertools import product

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_districts import FEW, district, tables

import netklynge as nk
from netklynge.findings import NetklyngeError, StudyError
from netklynge.systems.property_sheet import (
    EVIDENCE_COLUMNS,
    INDICATORS,
    cluster_labels,
    co_location,
    evidence_of,
    four_properties,
    indicator_states,
    label_figures,
    read_evidence,
    related_variety,
    sheet_matrix,
    study_evidence,
)

TOWNS = {"Horten": (59.42, 10.48), "Kongsberg": (59.67, 9.65), "Raufoss": (60.72, 10.61), "Gjøvik": (60.80, 10.69)}


@pytest.fixture(autouse=True)
def few_towns(monkeypatch):
    """Looking a place up among all towns of the world takes seconds; a handful of them is enough here."""

    def found(places, country="NO"):
        spots = [TOWNS.get(place, (np.nan, np.nan)) for place in places["place"]]
        return pd.DataFrame(spots, index=places.index, columns=["latitude", "longitude"])

    monkeypatch.setattr("netklynge.parsers.places.coordinates", found)


def evidence(*rows, **more):
    """Rows of (indicator, sign)."""
    table = pd.DataFrame(rows, columns=["indicator", "sign"])
    return read_evidence(table.assign(statement="so", source="p. 1", **more), "town")


def states(told):
    return indicator_states(told).set_index("indicator")["state"]


def test_four_indicators_give_the_four_states():
    found = states(evidence(("S2", "+"), ("S3", "-"), ("I1", "+"), ("I1", "-")))
    assert found[["S1", "S2", "S3", "I1"]].tolist() == ["not assessed", "present", "absent", "conflicting"]
    assert len(found) == 12
    assert found.index.tolist() == list(INDICATORS)


@pytest.mark.parametrize("more", [{"status": "planned"}, {"status": "possible"}, {"kind": "co-location"}])
def test_what_is_planned_and_what_is_mere_nearness_decides_nothing(more):
    told = evidence(("S1", "+"), **more)
    assert states(told)["S1"] == "not assessed"
    assert indicator_states(told).set_index("indicator").loc["S1", "doubtful"] == 1
    assert states(evidence(("S1", "?")))["S1"] == "not assessed"


def test_the_evidence_stands_behind_each_cell():
    told = evidence(("S1", "+"), ("I1", "-"), ("S1", "+"))
    table = indicator_states(told)
    row = table.set_index("indicator").loc["S1"]
    assert (row["evidence"], row["rows_for"], row["rows_against"]) == ("0; 2", 2, 0)
    assert evidence_of(told, "town", "S1").index.tolist() == [0, 2]
    assert not {"total", "score"} & set(table.columns)


def test_milieus_side_by_side_and_one_that_nobody_told_of():
    told = pd.concat([evidence(("S1", "+")), evidence(("S1", "-")).assign(milieu="city")])
    wide = sheet_matrix(indicator_states(told, ["town", "city", "village"])).set_index("indicator")
    assert wide.loc["S1", ["town", "city", "village"]].tolist() == ["present", "absent", "not assessed"]


@FEW
@given(st.lists(st.tuples(st.sampled_from(INDICATORS), st.sampled_from("+-?")), max_size=20), st.randoms())
def test_order_does_not_matter_and_doubt_never_decides(rows, random):
    told = evidence(*rows)
    shuffled = list(rows)
    random.shuffle(shuffled)
    milieus = ["town"]
    found, again = (indicator_states(t, milieus)["state"].tolist() for t in (told, evidence(*shuffled)))
    assert found == again
    certain = evidence(*(row for row in rows if row[1] != "?"))
    assert indicator_states(certain, milieus)["state"].tolist() == found


def test_every_wrong_row_is_told_with_its_place(tmp_path):
    path = tmp_path / "evidence.csv"
    path.write_text(
        "indicator,sign,statement,source,kind\nS1,+,They trade,p. 3,document\nS9,+,x,p. 3,document\n"
        "S2,yes,x,p. 3,document\nR3,+,x,p. 3,data\nI1,+,,p. 3,document\n",
        "utf-8",
    )
    with pytest.raises(StudyError) as error:
        read_evidence(path)
    assert [(f.row, f.column) for f in error.value.findings] == [
        (3, "indicator"),
        (4, "sign"),
        (5, "kind"),
        (6, "statement"),
    ]
    path.write_text("indicator;sign;statement;source\nS1;−;De handler ikke;s. 3\n", "utf-8")
    assert read_evidence(path, "by")[["milieu", "sign", "kind"]].values.tolist() == [["by", "-", "judgement"]]
    with pytest.raises(StudyError, match="source"):
        read_evidence(pd.DataFrame({"indicator": ["S1"], "sign": ["+"], "statement": ["x"]}))


# -- from a study's ties -----------------------------------------------------------------------------------------


def firms(*names, **more):
    return [{"actor": name, "kind": "firm", "scale": "local", **more} for name in names]


def tie(source, target, layer, **more):
    return {"source": source, "target": target, "layer": layer, **more}


def told_by(actors, ties):
    return indicator_states(study_evidence(district(actors, ties)), ["study"]).set_index("indicator")["state"]


def test_members_of_one_park_have_no_cluster_property():
    park = {"actor": "park", "kind": "network_org", "role": "industrial park", "scale": "local"}
    found = told_by([*firms(*"abc"), park], [tie(a, "park", "membership") for a in "abc"])
    assert set(found) == {"not assessed"}


def test_each_kind_of_tie_speaks_for_its_indicator():
    away = {"actor": "far", "kind": "firm", "scale": "international"}
    school = {"actor": "school", "kind": "education", "scale": "local"}
    fund = {"actor": "fund", "kind": "investor", "scale": "national"}
    club = {"actor": "club", "kind": "network_org", "scale": "local"}
    actors = [*firms("a", "b"), away, school, fund, club]
    for ties, expected in (
        ([tie("a", "b", "supply")], "S1"),
        ([tie("a", "b", "competition")], "S2"),
        ([tie("a", "b", "rd")], "I1"),
        ([tie("a", "far", "supply")], "I2"),
        ([tie("a", "school", "education")], "I3"),
        ([tie("fund", "a", "funding")], "I4"),
        ([tie("a", "b", "mobility")], "I5"),
        ([tie("a", "b", "spin_off")], "I5"),
        ([tie("a", "club", "membership"), tie("b", "club", "membership")], "R4"),
    ):
        found = told_by(actors, ties)
        assert found.index[found == "present"].tolist() == [expected]


def test_planned_ties_and_ties_within_an_owner_group_do_not_count():
    found = told_by(firms("a", "b"), [tie("a", "b", "supply", content="planned: parts")])
    assert found["S1"] == "not assessed"
    owner = {"actor": "owner", "kind": "parent", "scale": "national"}
    owned = [tie("owner", "a", "ownership"), tie("owner", "b", "ownership"), tie("a", "b", "rd")]
    assert told_by([*firms("a", "b"), owner], owned)["I1"] == "not assessed"


def test_size_is_told_and_decides_only_against_a_stated_size():
    study = district(firms(*"abcd"), [tie("a", "b", "supply")])
    values = dict.fromkeys("abcd", 25.0)  # four firms of 25 give 20, by the formula of the source
    row = evidence_of(study_evidence(study, values), "study", "S3").iloc[0]
    assert (row["sign"], row["n"]) == ("?", 4)
    assert "size 20.0" in row["statement"]
    assert states(study_evidence(study, values, size=20))["S3"] == "present"
    assert states(study_evidence(study, values, size=21))["S3"] == "absent"


def test_what_a_joint_body_alone_holds_together():
    """A club of three who have no other tie: without it all three pairs come apart."""
    club = {"actor": "club", "kind": "network_org", "scale": "local"}
    joined = [tie(a, "club", "membership") for a in "abc"]
    row = study_evidence(district([*firms(*"abc"), club], joined)).iloc[0]
    assert "3 pairs" in row["statement"]
    tied = study_evidence(district([*firms(*"abc"), club], [*joined, tie("a", "b", "supply")]))
    assert "2 pairs" in evidence_of(tied, "study", "R4")["statement"].item()


@FEW
@given(tables())
def test_any_study_gives_evidence_that_reads_back(rows):
    found = study_evidence(district(*rows))
    assert read_evidence(found).equals(found[list(EVIDENCE_COLUMNS)].astype("string"))
    assert not found["indicator"].isin(["R1", "R2", "R3"]).any()
    assert (found["n"] <= found["of"]).all()
    assert set(cluster_labels(district(*rows)).labels["fits"]) <= {"yes", "no", "cannot tell"}


def test_three_towns():
    told = pd.concat([study_evidence(nk.load(name)) for name in nk.bundled()])
    wide = sheet_matrix(indicator_states(told)).set_index("indicator")
    assert set(wide.loc[["R1", "R2", "R3"], list(nk.bundled())].to_numpy().ravel()) == {"not assessed"}
    assert not (wide == "absent").any(axis=None)  # a report that is silent says nothing
    assert wide.loc["S2"].tolist()[-3:] == ["not assessed", "not assessed", "present"]


# -- tests -------------------------------------------------------------------------------------------------------


def test_four_properties_by_hand_and_in_full():
    assert four_properties(True, True, None, True).verdict == "cannot tell"
    assert four_properties(True, False, None, True).verdict == "no"
    for answers in product([True, False, None], repeat=4):
        expected = "no" if False in answers else "cannot tell" if None in answers else "yes"
        assert four_properties(*answers).verdict == expected
    judged = four_properties(True, True, True, False)
    assert (judged.verdict, judged.reasons.set_index("item").loc["without success", "answer"]) == ("no", "yes")


def test_three_cases_of_a_shared_site():
    assert co_location(0, None, None, 20).verdict == "co-location only"
    assert co_location(3, True, 25, 20).verdict == "may be a cluster"
    assert co_location(3, True, None, 20).verdict == "cannot tell"
    assert co_location(3, False, 25, 20).verdict == "co-location only"


def test_related_variety_of_four_codes():
    """Four equal codes, two in each of two divisions: 1 bit within, 1 between, 2 together."""
    assert related_variety(["25110", "25620", "26510", "26702"]) == (1.0, 1.0)
    assert related_variety(["25110"] * 3) == (0.0, 0.0)
    assert np.isnan(related_variety([])).all()


@FEW
@given(st.lists(st.sampled_from(["25110", "25620", "26510", "26702", "30113"]), min_size=1, max_size=12))
def test_variety_within_and_between_is_the_entropy_of_the_codes(codes):
    from scipy.stats import entropy

    within, between = related_variety(codes)
    assert within + between == pytest.approx(entropy(pd.Series(codes).value_counts(), base=2))
    assert within >= -1e-12


CLUSTER = {"near": 5, "networked": 0.8, "one_branch": 0.9, "competitors": 0.05, "funded": False, "related": 0}


def fits(**told):
    return cluster_labels(told=told).labels.set_index("label")["fits"].to_dict()


def test_labels_by_hand():
    assert fits(**CLUSTER) == {"cluster": "yes", "initiative": "no", "platform": "no"}
    assert fits(funded=True, largest_component=0.3, formal=0.4)["initiative"] == "yes"
    assert fits(related=1.0, competitors=0.0, flat=0.9) == {
        "cluster": "cannot tell",
        "initiative": "cannot tell",
        "platform": "yes",
    }
    both = fits(**{**CLUSTER, "funded": True, "small": 5, "formal": 0.1})
    assert (both["cluster"], both["initiative"]) == ("yes", "yes")
    with pytest.raises(NetklyngeError, match="colour"):
        cluster_labels(told={"colour": 1})


def test_ties_that_nobody_told_show_nothing():
    study = nk.load("horten")
    open_ = cluster_labels(study)
    assert open_.labels.set_index("label")["fits"]["cluster"] == "cannot tell"
    asked = cluster_labels(study, whole=True)
    assert asked.labels.set_index("label")["fits"]["cluster"] == "no"
    assert open_.figures["value"].equals(asked.figures["value"])


def test_figures_of_a_small_place_by_hand():
    actors = firms("a", "b", "c", "d", place="Horten", sector="26.51") + firms("e", place="Kongsberg", sector="25.62")
    ties = [tie("a", "b", "supply"), tie("b", "c", "rd"), tie("a", "d", "competition"), tie("d", "e", "membership")]
    figures = label_figures(district(actors, ties))
    assert figures["networked"] == (0.6, 3, 5)
    assert figures["one_branch"] == (0.8, 4, 5)
    assert figures["largest_component"] == (1.0, 3, 3)
    assert figures["competitors"] == (pytest.approx(1 / 3), 1, 3)
    assert figures["flat"][0] == pytest.approx(0)  # a path of three is a star
    assert figures["near"][0] == 0  # six of the ten pairs share a town
    apart = label_figures(district(firms("a", place="Horten") + firms("b", place="Kongsberg"), ties[:1]))
    assert apart["near"][0] == pytest.approx(54.4, abs=0.5)  # km, haversine by hand


def test_figures_do_not_depend_on_names_or_order():
    study = nk.load("raufoss")
    ids = sorted(study.actors["actor"])
    new = dict(zip(ids, [f"z{k}" for k in range(len(ids))][::-1], strict=True))
    actors = study.actors.assign(actor=study.actors["actor"].map(new)).sample(frac=1, random_state=2)
    ties = study.relations.assign(**{end: study.relations[end].map(new) for end in ("source", "target")})
    other = nk.load({"actors": actors, "relations": ties})
    found, again = label_figures(study), label_figures(other)
    for name in set(found) - {"near"}:  # places need the country of study.yaml
        assert again[name] == pytest.approx(found[name])


@pytest.mark.parametrize("name", ["horten", "kongsberg"])
def test_public_studies_have_a_sheet_without_names(name):
    study = nk.load(name)
    public, _ = nk.public_study(study, key="a secret of the user")
    told = study_evidence(public)
    assert len(indicator_states(told, [name])) == 12
    cluster_labels(public)
    hidden = [n for n in study.actors["name"] if len(n) > 5 and n not in set(public.actors["name"])]
    words = " ".join(told["statement"])
    assert not any(f" {n} " in f" {words} " for n in hidden)
