"""Said in other words, a study gives the same numbers; and where one does not, the kit says which."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest
from hypothesis import given
from small_districts import FEW, district, tables

import netklynge as nk
from netklynge.study.zones import CUTS
from netklynge.testing import CHANGES, assert_unmoved, moved


@pytest.mark.parametrize("cut", CUTS)
@pytest.mark.parametrize("town", ["horten", "kongsberg", "raufoss"])
def test_nothing_moves_in_the_towns(town, cut):
    assert_unmoved(nk.load(town).cut(cut))


def test_nothing_moves_in_the_towns_of_another_year():
    assert_unmoved(nk.load("raufoss").at(1985))


@FEW
@given(tables())
def test_nothing_moves_in_any_district(rows):
    assert_unmoved(district(*rows), measures=["locate", "profile", "firms"])


def test_what_moves_is_told_with_its_row():
    def as_typed(study):  # one-way, in the order typed: the fault that this kit was made for
        return study.ties("rd")[["source", "target"]].value_counts().reset_index().rename(columns={"source": "actor"})

    found = moved(nk.load("raufoss"), {"as typed": as_typed}, ["turned_round"])
    assert set(found["change"]) == {"turned_round"}
    assert set(found["measure"]) == {"as typed"}
    with pytest.raises(AssertionError, match="numbers moved that must not"):
        assert_unmoved(nk.load("raufoss"), {"as typed": as_typed}, ["turned_round"])


def test_a_measure_that_pools_outsiders_is_found():
    def all_ties(study):
        return study.relations.groupby("layer").size().rename("ties").reset_index()

    found = moved(nk.load("horten"), {"all": all_ties})
    assert set(found["change"]) == {"between_outsiders"}
    assert len(found) == len(nk.load("horten").layers)


def test_a_measure_that_hangs_on_row_numbers_is_found():
    def first(study):
        return pd.DataFrame({"first": [study.relations["source"].iloc[0]]})

    assert {"shuffled", "split"} <= set(moved(nk.load("horten"), {"first": first})["change"])


def test_every_change_changes_something():
    study = nk.load("raufoss")
    import numpy as np

    for name, change in CHANGES.items():
        changed = change(study, np.random.default_rng(0)).study
        same = changed.relations.equals(study.relations) and changed.actors.equals(study.actors)
        assert not same, name


def test_unknown_names_are_refused():
    study = nk.load("horten")
    with pytest.raises(nk.NetklyngeError, match="no change 'turned'"):
        moved(study, ["locate"], ["turned"])
    with pytest.raises(nk.NetklyngeError, match="no measure 'location'"):
        moved(study, ["location"])


def test_the_study_itself_is_left_as_it_was():
    study = nk.load("horten")
    kept = replace(study, relations=study.relations.copy(), actors=study.actors.copy())
    moved(study, ["locate"])
    pd.testing.assert_frame_equal(study.relations, kept.relations)
    pd.testing.assert_frame_equal(study.actors, kept.actors)
