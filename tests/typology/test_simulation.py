"""Simulated districts: reproducible, valid studies, and the quick vector equal to the measured hallmarks."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from netklynge import load
from netklynge.findings import NetklyngeError
from netklynge.typology.hallmarks import HALLMARKS, hallmarks
from netklynge.typology.levels import LEVELS, levels, reference_levels, reference_table, tied_shares
from netklynge.typology.simulation import (
    KINDS_OF_DISTRICT,
    RANGES,
    TYPES,
    draw,
    measured,
    ranges,
    simulate,
    study_of,
    vector,
    vectors,
)

# -- the intervals -----------------------------------------------------------------------------------


def test_every_quantity_has_both_sets_for_all_types_and_sources_that_exist():
    from importlib import resources

    known = yaml.safe_load(resources.files("netklynge.pages").joinpath("references.yaml").read_text(encoding="utf-8"))
    told = ranges()
    for name, entry in told["district"].items():
        for which in RANGES:
            assert set(entry[which]) == {*TYPES, "no_local_system"}, name
            assert all(low <= high for low, high in entry[which].values()), name
        assert set(entry["source"]) <= set(known) | set(told["sources"]), name
        assert entry["what"], name
        assert entry["why"], name
    assert set(told["rings"]["source"]) <= set(known)


def test_the_sets_differ_wherever_a_type_is_marked():
    for name, entry in ranges()["district"].items():
        for kind in TYPES:
            if entry["reference"][kind] != [0, 0]:
                same = entry["reference"][kind] == entry["other"][kind]
                assert not same or name in ("bodies",), (name, kind)


def test_no_interval_rests_on_the_towns_of_the_founding_study():
    assert not {"onsager2005", "onsager2005v2"} & {s for e in ranges()["district"].values() for s in e["source"]}


# -- drawing -----------------------------------------------------------------------------------------


@given(kind=st.sampled_from(KINDS_OF_DISTRICT), seed=st.integers(0, 10**6), which=st.sampled_from(RANGES))
@settings(max_examples=40, deadline=None)
def test_a_drawn_district_is_whole(kind, seed, which):
    one, two = draw(kind, seed, which), draw(kind, seed, which)
    pd.testing.assert_series_equal(pd.Series(vector(one)), pd.Series(vector(two)))
    n = len(one.firms.size)
    assert one.firms.size.min() >= 1
    assert (one.ties.target < n + one.bodies).all()
    assert (one.ties.source != one.ties.target).all()
    assert not one.firms.public[one.known_seat].any()
    assert one.kind == kind
    if kind == "hub_and_spoke":
        assert (one.firms.size[one.firms.leader] >= 100).all()
        assert one.firms.leader.any()
    if kind in ("small_firm", "satellite", "no_local_system"):
        assert not one.firms.leader.any()
    found = vector(one)
    for name in set(HALLMARKS) - {"mean_size", "joint_bodies"}:
        assert np.isnan(found[name]) or 0 <= found[name] <= 1


def test_a_mixture_holds_two_types_with_a_share_of_jobs_each():
    shares = []
    for seed in range(40):
        firms = draw("hub_and_spoke+satellite", seed).firms
        shares.append(firms.size[firms.part == 0].sum() / firms.size.sum())
    assert 0.3 < np.median(shares) < 0.7  # districts.yaml: 0.35 to 0.65 as nearly as whole firms allow


@pytest.mark.parametrize(
    ("kind", "which", "said"),
    [
        ("village", "reference", "'village' is unknown"),
        ("satellite+satellite", "reference", "two different types"),
        ("satellite", "tiny", "'tiny' are unknown"),
    ],
)
def test_unknown_kinds_are_named(kind, which, said):
    with pytest.raises(NetklyngeError, match=said):
        draw(kind, 1, which)


def test_types_differ_as_the_table_of_types_says():
    """Signs from Markusen 1996, table 1, as told in the project's table of types."""
    means = vectors(TYPES, 60, seed=5).groupby("kind").mean()
    assert means["local_trade"].idxmin() == "satellite"
    assert means["peer_cooperation"].idxmax() == means["local_cooperation"].idxmax() == "small_firm"
    assert means["state_control"].idxmax() == "state_anchored"
    assert means["hub_jobs"].idxmax() == "hub_and_spoke"
    assert means["outside_control"].idxmax() == means["outside_reach"].idxmax() == "satellite"
    assert means["evenness"].idxmax() == means["small_firm_jobs"].idxmax() == "small_firm"


# -- as a study --------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS_OF_DISTRICT)
def test_the_vector_is_what_the_hallmark_functions_measure(kind):
    for seed, which in ((1, "reference"), (2, "other")):
        district = draw(kind, seed, which)
        counted = pd.Series(vector(district))
        told = hallmarks(study_of(district)).set_index("name")["value"]
        pd.testing.assert_series_equal(counted, told.astype(float), check_names=False)


def test_a_simulated_study_keeps_the_contract_and_survives_a_round_trip(tmp_path):
    study = simulate("hub_and_spoke", 3)
    again = load(study.save(tmp_path / "study"))
    pd.testing.assert_frame_equal(hallmarks(again), hallmarks(study))
    assert again.meta["simulated"] == "hub_and_spoke"


def test_hallmarks_go_missing():
    share = vectors(["hub_and_spoke"], 60, which="other").isna().mean()
    assert (share[["peer_cooperation", "local_commitments", "joint_bodies"]] > 0.05).all()
    assert share["outside_reach"] == 0


# -- the table that comes along ----------------------------------------------------------------------


def test_the_reference_table_can_be_made_again():
    """Every hallmark of the table by the quick way, some rows through the full measuring; nine digits are kept."""
    table = reference_table()
    count = len(table) // len(KINDS_OF_DISTRICT)
    again = vectors(KINDS_OF_DISTRICT, count)
    pd.testing.assert_frame_equal(table[list(again.columns)], again, check_dtype=False, rtol=1e-8)
    rows = measured(KINDS_OF_DISTRICT[:2], 1)
    kept = table.iloc[[0, count]].reset_index(drop=True)
    pd.testing.assert_frame_equal(kept[list(rows.columns)], rows, check_dtype=False, rtol=1e-8)


# -- levels ------------------------------------------------------------------------------------------


def test_reference_levels_part_the_simulated_districts_in_three():
    table = reference_table()
    table = table[table["kind"].isin(TYPES)]
    rows = reference_levels()
    assert {"buzz", "pipelines"} == set(rows["side"])
    for row in rows.itertuples():
        shares = table[f"{row.side}_{row.layer}"].dropna()
        assert row.n == len(shares)
        assert (shares < row.low_until).mean() <= 1 / 3 + 0.01
        assert (shares > row.high_from).mean() <= 1 / 3 + 0.01


def test_a_satellite_has_less_buzz_than_a_small_firm_district():
    wide = {}
    for kind in ("small_firm", "satellite"):
        table = levels(simulate(kind, 8))
        assert set(table["level"]) <= set(LEVELS)
        wide[kind] = table[table["layer"].isna()].set_index("side")
    assert wide["small_firm"].loc["buzz", "level"] == "high"
    assert wide["satellite"].loc["buzz", "level"] == "low"


def test_levels_of_a_study_without_reference_layers():
    ties = pd.DataFrame({"source": ["a", "b"], "target": ["b", "c"], "layer": "funding", "scale": "local"})
    assert levels(load(ties)).empty


def test_tied_shares_by_hand():
    actors = pd.DataFrame({"actor": ["a", "b", "c", "x"], "kind": "firm", "scale": ["local"] * 3 + ["national"]})
    ties = pd.DataFrame(
        {
            "source": ["a", "a", "x"],
            "target": ["b", "x", "c"],
            "layer": ["supply", "supply", "rd"],
            "scale": ["local", "national", "national"],
        }
    )
    table = tied_shares(load({"actors": actors, "relations": ties})).set_index(["side", "layer"])["firms"]
    assert table.to_dict() == {
        ("buzz", "supply"): 2,
        ("buzz", "rd"): 0,
        ("pipelines", "supply"): 1,
        ("pipelines", "rd"): 1,
    }
