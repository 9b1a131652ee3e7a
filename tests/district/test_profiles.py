"""Profiles: concentration by hand, categories kept out of degrees, names that do not matter."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_districts import AWAY, FEW, FIRM, district, in_force, insiders, sides, star, tables

import netklynge as nk
from netklynge.chance import wilson
from netklynge.district.pipelines import partner_counts
from netklynge.study.zones import RINGS

NET = ["actors", "pairs", "density", "reciprocity", "centralization", "pipelines", "holders", "top_share", "hhi"]
CUT = st.sampled_from(RINGS[:3])


def test_who_holds_the_pipelines():
    # toy: 6, 3 and 1 outside ties give sum of squared shares .36 + .09 + .01 = .46
    row = nk.profile(district(*star(a=6, b=3, c=1, d=0))).set_index("layer").loc["supply"]
    assert row["hhi"] == pytest.approx(0.46)
    assert row[["pipelines", "holders"]].tolist() == [10, 3]
    assert row["top_share"] == pytest.approx(0.6)


def test_concentration_is_told_layer_by_layer():
    actors, ties = star(a=6, b=3, c=1)
    ties += [{"source": "a", "target": "b-0", "layer": "rd"}]
    table = nk.profile(district(actors, ties)).set_index("layer")
    assert table["hhi"].to_dict() == pytest.approx({"supply": 0.46, "rd": 1.0})


@FEW
@given(tables(), CUT)
def test_profile_counted_by_hand(rows, cut):
    study = district(*rows).cut(cut)
    table = nk.profile(study).set_index("layer")
    within = RINGS[: RINGS.index(cut) + 1]
    own = {row["actor"] for row in insiders(study)}
    for layer, row in table.iterrows():
        ties = in_force(study, layer, events=layer == "spin_off")
        rings = [tie["scale"] for tie in ties]
        near = sum(ring in within for ring in rings)
        far = sum(ring is not None for ring in rings) - near
        assert row[["inside", "outside", "unknown"]].tolist() == [near, far, rings.count(None)]
        if near + far:
            assert row["ei"] == pytest.approx((far - near) / (far + near))
            assert row["share"] == pytest.approx(near / (near + far))
            assert row[["low", "high"]].tolist() == pytest.approx(wilson(near, near + far))
        pairs = {frozenset((t["source"], t["target"])) for t in ties if {t["source"], t["target"]} <= own}
        assert row["pairs"] == len(pairs)
        assert row["actors"] == len(frozenset().union(*pairs))
        assert len(pairs) or pd.isna(row["density"])
        if pairs:
            assert row["density"] == pytest.approx(len(pairs) / (len(own) * (len(own) - 1) / 2))
        seen = sides(study, layer)
        held = {(a, p) for a, p, _, _, side, group in seen if side is False and not group}
        per_actor = pd.Series([a for a, _ in held], dtype=object).value_counts(normalize=True)
        assert row[["pipelines", "holders"]].tolist() == [len(held), len(per_actor)]
        if held:
            assert row["hhi"] == pytest.approx((per_actor**2).sum())
        both = [{a for a, _, _, _, side, _ in seen if side is wanted} for wanted in (True, False)]
        assert row["gatekeepers"] == len(both[0] & both[1])


@FEW
@given(tables(), CUT)
def test_categories_never_count_in_degrees(rows, cut):
    actors, ties = rows
    groups = {row["actor"] for row in actors if row["kind"] == "category"}
    named = [t for t in ties if t["source"] not in groups and t["target"] not in groups]
    if not named:
        return
    full = district(actors, ties).cut(cut)
    bare = district([row for row in actors if row["actor"] not in groups], named).cut(cut)
    table, without = (nk.profile(study).set_index("layer") for study in (full, bare))
    pd.testing.assert_frame_equal(table.loc[without.index, NET], without[NET], check_dtype=False)
    one, other = (partner_counts(study).set_index("actor") for study in (full, bare))
    assert one[["inside", "outside"]].equals(other[["inside", "outside"]])


@FEW
@given(tables(), CUT, st.randoms(use_true_random=False))
def test_names_do_not_matter(rows, cut, random):
    actors, ties = rows
    new = [f"x{k}" for k in range(len(actors))]
    random.shuffle(new)
    names = dict(zip((row["actor"] for row in actors), new, strict=True))
    renamed = district(
        [row | {"actor": names[row["actor"]]} for row in actors],
        [tie | {"source": names[tie["source"]], "target": names[tie["target"]]} for tie in ties],
    ).cut(cut)
    study = district(actors, ties).cut(cut)
    pd.testing.assert_frame_equal(nk.profile(study), nk.profile(renamed))
    if not insiders(study):
        return
    one, other = nk.firms(study), nk.firms(renamed)
    one = one.assign(actor=one["actor"].map(names), name=one["name"].map(names))
    by_name = [
        frame.sort_values("actor", ignore_index=True).astype({"actor": object, "name": object})
        for frame in (one, other)
    ]
    pd.testing.assert_frame_equal(*by_name)


def test_published_shares_go_before_ties():
    table = nk.profile(nk.load("kongsberg")).set_index("layer")
    supply = table.loc["supply"]
    assert supply["source"].startswith("published: table 5.4")
    assert supply["share"] == pytest.approx(17.3 / 84.6)
    assert supply[["low", "high"]].tolist() == pytest.approx(wilson(27 * 17.3 / 84.6, 27))
    assert supply[["inside", "outside", "unknown"]].tolist() == [2, 27, 8]


def test_shares_of_value_bear_no_interval():
    supply = nk.profile(nk.load("raufoss")).set_index("layer").loc["supply"]
    assert supply["unit"] == "percent_of_value"
    assert supply[["low", "high"]].isna().all()


def test_firms_are_the_named_insiders_firms_first():
    study = nk.load("horten")
    table = nk.firms(study)
    assert set(table["actor"]) == set(study.insiders["actor"])
    assert table["actor"].is_unique
    assert not set(table["actor"]) & study.categories
    firm = table["kind"].eq("firm")
    assert firm.is_monotonic_decreasing
    assert table.loc[firm, "outside"].is_monotonic_decreasing
    # customers of Memscap abroad in the relations file: Boeing, Airbus, Lockheed Martin, BAE; its owner makes five
    assert table.set_index("actor").loc["memscap-horten", ["outside", "outside_supply"]].tolist() == [5, 4]


def test_firms_bear_the_size_of_the_year():
    sizes = nk.firms(nk.load("raufoss").at(1985)).set_index("actor")["employees"].dropna()
    assert sizes.to_dict() == {"raufoss-ammunisjonsfabrikk": 2600}  # told for 1987


def test_relations_alone_are_enough():
    ties = pd.DataFrame({"source": ["a", "b"], "target": ["b", "c"], "layer": "supply", "scale": ["local", "national"]})
    study = nk.load(ties)
    row = nk.profile(study).iloc[0]
    assert row[["inside", "outside", "actors", "pipelines"]].tolist() == [1, 1, 0, 0]
    assert nk.firms(study).empty


def test_a_district_of_one():
    study = district(
        [{"actor": "a", **FIRM}, {"actor": "b", **AWAY}], [{"source": "a", "target": "b", "layer": "supply"}]
    )
    row = nk.firms(study).iloc[0]
    assert row[["inside", "outside", "gatekeeper"]].tolist() == [0, 1, False]
    assert pd.isna(row["neighbours_pipelines"])
