"""Pipelines against counting by hand: who has which partner on which side of the cut."""

from collections import Counter, defaultdict
from itertools import pairwise

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_districts import AWAY, FEW, FIRM, district, insiders, sides, star, tables

import netklynge as nk
from netklynge.district.pipelines import mean_pipelines_around, partner_counts, partners
from netklynge.study.layers import BUZZ_LAYERS, PIPELINE_LAYERS
from netklynge.study.zones import RINGS


@FEW
@given(tables(), st.sampled_from(RINGS[:3]))
def test_partners_counted_by_hand(rows, cut):
    study = district(*rows).cut(cut)
    found = partners(study)
    expected = Counter(sides(study))
    columns = found[["actor", "partner", "layer", "gives", "inside", "category"]].astype(object)
    columns = columns.where(columns.notna(), None)
    assert Counter(tuple(row) for row in columns.itertuples(index=False)) == expected
    near, far = defaultdict(set), defaultdict(set)
    for actor, partner, layer, _, side, group in expected:
        for where, layers, wanted in ((near, BUZZ_LAYERS, True), (far, PIPELINE_LAYERS, False)):
            if layer in layers and side is wanted:
                where[actor].add((layer, partner, group))
    counts = partner_counts(study).set_index("actor")
    assert counts.index.tolist() == [row["actor"] for row in insiders(study)]
    for actor, row in counts.iterrows():
        for name, where in (("inside", near), ("outside", far)):
            named = [(layer, partner) for layer, partner, group in where[actor] if not group]
            assert row[name] == len({partner for _, partner in named})
            for layer in study.layers:
                assert row.get(f"{name}_{layer}", 0) == sum(1 for own, _ in named if own == layer)
        assert row["has_inside"] == bool(near[actor])
        assert row["has_outside"] == bool(far[actor])
        assert row["gatekeeper"] == (bool(near[actor]) and bool(far[actor]))
    reach = mean_pipelines_around(study)
    for actor in counts.index:
        neighbours = {partner for _, partner, group in near[actor] if not group}
        known = [counts.loc[n, "outside"] for n in neighbours if n in counts.index]
        assert reach[actor] == pytest.approx(sum(known) / len(known)) if known else pd.isna(reach[actor])


def test_neighbours_by_hand():
    actors, ties = star(a=0, b=3, c=1)
    ties += [{"source": "a", "target": "b", "layer": "rd"}, {"source": "c", "target": "a", "layer": "informal"}]
    reach = mean_pipelines_around(district(actors, ties))
    assert reach.to_dict() == {"a": 2.0, "b": 0.0, "c": 0.0}


def test_a_talk_or_visit_abroad_is_no_pipeline():
    actors, _ = star(a=1)
    for layer, outside in (("informal", 0), ("membership", 0), ("supply", 1), ("rd", 1), ("ownership", 1)):
        counts = partner_counts(district(actors, [{"source": "a", "target": "a-0", "layer": layer}])).set_index("actor")
        assert counts.loc["a", "outside"] == outside


def test_unknown_is_neither_inside_nor_outside():
    actors = [{"actor": "a", **FIRM}, {"actor": "b", "kind": "firm"}]
    study = district(actors, [{"source": "a", "target": "b", "layer": "supply"}])
    assert partners(study)["inside"].isna().tolist() == [True]
    assert partner_counts(study).set_index("actor").loc["a", ["inside", "outside"]].tolist() == [0, 0]


def test_ring_of_the_tie_unless_the_partner_is_inside():
    actors = [{"actor": "a", **FIRM}, {"actor": "b", **FIRM}, {"actor": "c", **AWAY}]
    ties = [
        {"source": "a", "target": "b", "layer": "supply", "scale": "national"},
        {"source": "a", "target": "c", "layer": "supply", "scale": "national"},
    ]
    rings = partners(district(actors, ties)).query("actor == 'a'").set_index("partner")["ring"]
    assert rings.to_dict() == {"b": "local", "c": "national"}


def test_a_category_says_that_there_is_one_and_counts_as_none():
    actors = [
        {"actor": "a", **FIRM},
        {"actor": "cat-near", "kind": "category", "scale": "local"},
        {"actor": "cat-far", "kind": "category", "scale": "international"},
    ]
    ties = [{"source": "a", "target": other, "layer": "supply"} for other in ("cat-near", "cat-far")]
    row = partner_counts(district(actors, ties)).set_index("actor").loc["a"]
    assert row[["inside", "outside"]].tolist() == [0, 0]
    assert row[["has_inside", "has_outside", "gatekeeper"]].tolist() == [True, True, True]


def test_a_tie_that_is_over_and_repeated_ties():
    actors, ties = star(a=2)
    ties[0]["current"] = 0
    assert partner_counts(district(actors, [*ties, ties[1]])).set_index("actor").loc["a", "outside"] == 1


@pytest.mark.parametrize("town", nk.bundled())
def test_a_wider_cut_leaves_fewer_ties_outside(town):
    study = nk.load(town)
    told = [partners(study.cut(cut)) for cut in RINGS]
    outside = [table.loc[table["inside"].eq(False), "actor"].value_counts() for table in told]
    for narrow, wide in pairwise(outside):
        for actor in study.insiders["actor"]:
            assert wide.get(actor, 0) <= narrow.get(actor, 0)
    assert outside[0].sum() > 0
    assert outside[-1].sum() == 0
