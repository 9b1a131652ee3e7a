"""Which ties count: outsiders, directions, years, statuses; what is told in older ways."""

from __future__ import annotations

import pandas as pd
import polars
import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_districts import AWAY, FEW, FIRM, district, tables

import netklynge as nk
from netklynge.district.buzz import joint_bodies
from netklynge.study.meta import Coverage
from netklynge.study.study import Study
from netklynge.study.ties import between_outsiders, district_ties, planned_ties
from netklynge.study.zones import RINGS

TOWNS = ("horten", "kongsberg", "raufoss")


def turned(study):
    """The same study with each undirected tie typed the other way round, and the rows in another order."""
    ties = study.relations
    loose = ~ties["directed"].fillna(True).astype(bool)
    ends = {"source": ties["source"].mask(loose, ties["target"]), "target": ties["target"].mask(loose, ties["source"])}
    rows = ties.assign(**ends).iloc[::-1].reset_index(drop=True)
    return Study.of({"actors": study.actors, "relations": rows, "links": study.links}, study.meta)


def with_outsiders(study, number, layer="supply"):
    """The same study with so many more ties between actors abroad."""
    names = [f"{side}-{k}" for k in range(number) for side in "xy"]
    actors = pd.concat([study.actors, pd.DataFrame({"actor": names, "name": names} | AWAY)], ignore_index=True)
    more = [{"source": f"x-{k}", "target": f"y-{k}", "layer": layer, "scale": AWAY["scale"]} for k in range(number)]
    ties = pd.concat([study.relations, pd.DataFrame(more)], ignore_index=True)
    told = {"links": study.links, "statements": study.statements}
    return Study.of({"actors": actors, "relations": ties} | told, study.meta)


# -- an undirected tie has no order; numbers of both ways by hand in the report on networks -------------------


@pytest.mark.parametrize(
    ("town", "layer", "coleman", "assortativity"),
    [
        ("raufoss", "rd", -0.521, -0.828),
        ("horten", "rd", -0.235, -0.652),
        ("horten", "alliance", 0.0, None),
        ("raufoss", "alliance", 0.22, None),
        ("raufoss", "education", 0.0, None),
    ],
)
def test_an_undirected_tie_runs_both_ways(town, layer, coleman, assortativity):
    row = nk.profile(nk.load(town)).set_index("layer").loc[layer]
    assert row["coleman"] == pytest.approx(coleman, abs=0.005)
    if assortativity is not None:
        assert row["assortativity"] == pytest.approx(assortativity, abs=0.0005)


def test_brokers_between_undirected_ties():
    roles = [nk.firms(nk.load(town), layer="rd").set_index("actor")["itinerant"] for town in ("horten", "raufoss")]
    assert roles[0][["ge-vingmed", "memscap-horten"]].tolist() == [12, 12]
    assert roles[1][["hap-raufoss", "hara", "nammo"]].tolist() == [42, 20, 12]


def test_the_order_in_which_an_undirected_tie_is_typed():
    actors = [{"actor": a, **FIRM} for a in "abc"] + [{"actor": a, "kind": "firm", "scale": "national"} for a in "xy"]
    pairs = ["ab", "ax", "by", "cx"]
    one, two = (
        nk.profile(
            district(actors, [{"source": p[i], "target": p[1 - i], "layer": "rd", "directed": 0} for p in pairs])
        )
        for i in (0, 1)
    )
    pd.testing.assert_frame_equal(one, two)
    assert one["coleman"].tolist() == pytest.approx([-0.2])


@pytest.mark.parametrize("town", TOWNS)
def test_turning_undirected_ties_round_changes_nothing_in_the_towns(town):
    study = nk.load(town)
    pd.testing.assert_frame_equal(nk.profile(study), nk.profile(turned(study)))


@FEW
@given(tables(), st.sampled_from(RINGS[:3]))
def test_turning_undirected_ties_round_changes_nothing(rows, cut):
    study = district(*rows)
    one, two = (nk.profile(s.cut(cut)).set_index("layer").sort_index() for s in (study, turned(study)))
    pd.testing.assert_frame_equal(one, two)


def test_directions_stay_as_typed():
    study = nk.load("kongsberg")
    assert len(study.ties("rd")) == study.graph("rd").number_of_edges()


# -- a tie between two outsiders is not the district's --------------------------------------------------------


def test_raufoss_ownership_without_ties_between_outsiders():
    row = nk.profile(nk.load("raufoss")).set_index("layer").loc["ownership"]
    assert row[["inside", "n", "between_outsiders"]].tolist() == [13, 34, 15]
    assert row["share"] == pytest.approx(13 / 34)
    assert row["ei"] == pytest.approx(0.24, abs=0.005)


@pytest.mark.parametrize("cut", RINGS[:3])
def test_ties_between_outsiders_change_nothing_but_their_count(cut):
    study = nk.load("horten")
    before, after = study.cut(cut), with_outsiders(study, 150).cut(cut)
    for measure in (nk.profile, nk.locate):
        one, two = measure(before), measure(after)
        more = two["between_outsiders"].fillna(0) - one["between_outsiders"].fillna(0)
        assert set(more[two["layer"] == "supply"]) <= {0, 150}
        assert more.max() == 150
        pd.testing.assert_frame_equal(*(t.drop(columns="between_outsiders") for t in (one, two)))
    assert nk.classify(before).memberships == nk.classify(after).memberships
    assert after.between_outsiders("supply") == before.between_outsiders("supply") + 150
    assert len(after.ties("supply")) == len(before.ties("supply")) + 150


def test_an_actor_of_unknown_place_is_no_outsider():
    actors = [{"actor": "a", **AWAY}, {"actor": "b", "kind": "firm"}, {"actor": "c", **AWAY}]
    study = district(actors, [{"source": "a", "target": end, "layer": "supply"} for end in "bc"])
    assert district_ties(study)["target"].tolist() == ["b"]
    assert between_outsiders(study) == 1


# -- statuses -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", ["planned", "absent"])
@pytest.mark.parametrize("current", [0, 1, None])
def test_what_is_not_there_is_neither_in_force_nor_over(status, current):
    actors = [{"actor": a, **FIRM} for a in "ab"]
    tie = {"source": "a", "target": "b", "layer": "rd", "status": status, "current": current}
    study = district(actors, [tie])
    assert [len(study.ties("rd", period)) for period in ("current", "past", "all")] == [0, 0, 1]
    assert len(planned_ties(study)) == (status == "planned")


def test_older_files_load_and_a_notice_names_the_column():
    actors = [
        {"actor": "bank", "kind": "network_org", "role": "Sparkasse foundation", "scale": "local"},
        {"actor": "roof", "kind": "network_org", "role": "industrial_park", "scale": "local"},
        {"actor": "author", "kind": "research", "role": "source_only", "scale": "local"},
        *({"actor": a, **FIRM} for a in "ab"),
    ]
    ties = [
        {"source": f, "target": body, "layer": "membership", "directed": 1} for f in "ab" for body in ("bank", "roof")
    ]
    ties += [{"source": "a", "target": "b", "layer": "rd", "current": 0, "content": "planned: a laboratory"}]
    study = district(actors, ties)
    assert joint_bodies(study)["actor"].tolist() == ["bank"]
    assert set(study.insiders["actor"]) == {"bank", "roof", "a", "b"}
    assert len(study.ties("rd", "past")) == 0
    assert {(f.column, f.severity) for f in study.notices} == {("role", "notice"), ("content", "notice")}
    assert "in a column 'houses_only'" in " ".join(map(str, study.notices))


def test_a_filled_column_goes_before_the_words(tmp_path):
    actors = [{"actor": "roof", "kind": "network_org", "role": "science park", "houses_only": 0, "scale": "local"}]
    study = district([*actors, {"actor": "a", **FIRM}], [{"source": "a", "target": "roof", "layer": "membership"}])
    assert not study.notices
    assert not study.actors["houses_only"].any()


# -- years ----------------------------------------------------------------------------------------------------


def dated(actors, ties):
    frames = {"actors": pd.DataFrame(actors), "relations": pd.DataFrame(ties)}
    return Study.of(frames, {"reference_year": 2005})


def test_a_tie_holds_only_while_both_actors_are_there():
    actors = [{"actor": "old", "founded": 1950, "closed": 1990}, {"actor": "new", "founded": 1980, "closed": None}]
    study = dated(actors, [{"source": "old", "target": "new", "layer": "supply", "start": 1970, "current": 0}])
    assert [len(study.at(year).ties()) for year in (1975, 1980, 1990, 1991)] == [0, 1, 1, 0]


@pytest.mark.parametrize(("current", "end"), [(1, None), (0, 1990)])
def test_a_blank_start_is_unknown_for_current_and_past_ties_alike(current, end):
    actors = [{"actor": "a", "founded": 1950}, {"actor": "b", "founded": 1960}]
    study = dated(actors, [{"source": "a", "target": "b", "layer": "rd", "current": current, "end": end}])
    assert [(len(study.at(y).ties()), study.at(y).undated) for y in (1955, 1985)] == [(0, 0), (0, 1)]
    known = study.at(end or 2005)
    assert (len(known.ties()), known.undated) == (1, 0)


def test_an_actor_without_a_founding_year_is_there_when_a_tie_names_it():
    actors = [{"actor": a, "founded": None} for a in "abc"]
    study = dated(actors, [{"source": "a", "target": "b", "layer": "rd", "start": 1980, "current": 1}])
    then = study.at(1985)
    assert (set(then.actors["actor"]), then.undated_actors) == ({"a", "b"}, 1)
    assert len(study.at(2005).actors) == 3


# -- frames, Parquet and meta ---------------------------------------------------------------------------------

FRAME = pd.DataFrame({"source": ["a", "b"], "target": ["b", "c"], "current": [True, False], "directed": [False, True]})
SIZES = pd.DataFrame({"actor": ["a", "b", "c"], "employees": [1e-5, 12.0, None]})


@pytest.mark.parametrize("engine", ["pandas", "polars", "lazy", "parquet"])
def test_frames_pass_what_their_parquet_passes(engine, tmp_path):
    if engine == "parquet":
        for name, frame in (("relations", FRAME), ("actors", SIZES)):
            frame.to_parquet(tmp_path / f"{name}.parquet")
        study = nk.load(tmp_path)
    else:
        make = {"pandas": lambda f: f, "polars": polars.from_pandas, "lazy": lambda f: polars.from_pandas(f).lazy()}
        assert len(nk.load(make[engine](FRAME)).relations) == 2
        study = nk.load({"relations": make[engine](FRAME), "actors": make[engine](SIZES)})
    assert study.relations["current"].tolist() == [True, False]
    assert study.relations["directed"].tolist() == [False, True]
    assert study.actors["employees"].fillna(-1).tolist() == [1e-5, 12, -1]


@pytest.mark.parametrize("blank", ["", "  ", None])
def test_a_blank_end_is_a_finding(blank):
    with pytest.raises(nk.StudyError, match="source: '': blank"):
        nk.load(pd.DataFrame({"source": ["a", blank], "target": ["b", "c"]}))


def test_coverage_is_typed_and_checked(tmp_path):
    told = {"supply": {"of": "respondents"}, "rd": {"of": ["a", "b"]}, "informal": {"of": "none"}}
    study = Study.of({"relations": FRAME}, {"coverage": told})
    assert study.meta.coverage["rd"] == Coverage("actors", ("a", "b"))
    FRAME.to_csv(tmp_path / "relations.csv", index=False)
    (tmp_path / "study.yaml").write_text("coverage: {suply: {of: all}, rd: {of: some}}")
    assert [f.code for f in nk.check(tmp_path) if f.file == "study.yaml"] == ["unknown_coverage", "unknown_layer"]


@pytest.mark.parametrize("town", TOWNS)
def test_what_authors_say_is_bundled(town):
    statements = nk.load(town).statements
    assert len(statements) == {"horten": 150, "kongsberg": 141, "raufoss": 164}[town]
    assert statements["statement"].is_unique
