"""The second opinion: a proper scikit-learn estimator, calibrated, and never confident on half of the hallmarks."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.calibration import calibration_curve
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import check_estimator

from netklynge import load
from netklynge.typology.anchors import load_anchors
from netklynge.typology.classifier import (
    KNOWN_ABOVE,
    DistrictClassifier,
    calibration_error,
    forget,
    named,
    second_opinion,
    trained,
)
from netklynge.typology.decisions import decide
from netklynge.typology.hallmarks import HALLMARKS
from netklynge.typology.levels import reference_table
from netklynge.typology.simulation import KINDS_OF_DISTRICT, TYPES, simulate, vectors


@pytest.fixture(scope="module")
def held_out():
    """Districts drawn from the ranges that the classifier was not trained on."""
    return vectors(KINDS_OF_DISTRICT, 30, seed=9, which="other")


# -- as an estimator ---------------------------------------------------------------------------------


def test_it_passes_scikit_learns_checks():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        results = check_estimator(DistrictClassifier(trees=2, folds=2), on_skip=None)
    ran = {result["check_name"] for result in results if result["status"] == "passed"}
    assert {"check_classifiers_train", "check_fit_idempotent", "check_n_features_in"} <= ran


def test_it_works_in_a_pipeline_with_missing_hallmarks():
    table = reference_table()
    X, y = table[list(HALLMARKS)], table["kind"]
    assert X.isna().to_numpy().any()
    pipeline = make_pipeline(StandardScaler(), DistrictClassifier(trees=10, folds=2))
    assert cross_val_score(clone(pipeline), X, y, cv=2).mean() > 0.6  # five kinds: chance is 0.2


# -- how good it is on other ranges ------------------------------------------------------------------


def test_held_out_districts_are_told_apart(held_out):
    p = trained().predict_proba(held_out[list(HALLMARKS)])
    truth = held_out["kind"].to_numpy()
    hits = trained().classes_[p.argmax(axis=1)] == truth
    np.testing.assert_allclose(p.sum(axis=1), 1)
    assert hits.mean() > 0.6
    guess = 1 - 1 / len(KINDS_OF_DISTRICT)  # Brier score of five equal probabilities, by hand
    assert ((p - (truth[:, None] == trained().classes_)) ** 2).sum(axis=1).mean() < guess * 0.6
    assert hits[p.max(axis=1) > 0.8].mean() > 0.8


def test_calibration_error_against_scikit_learns_bins(held_out):
    p = trained().predict_proba(held_out[list(HALLMARKS)])
    top, hits = p.max(axis=1), trained().classes_[p.argmax(axis=1)] == held_out["kind"].to_numpy()
    share, mean = calibration_curve(hits, top, n_bins=10)
    n = np.histogram(top, bins=np.linspace(0, 1, 11))[0]
    assert calibration_error(top, hits) == pytest.approx((n[n > 0] * np.abs(share - mean)).sum() / n.sum())


def test_calibration_error_by_hand():
    # two districts at .9, both right; two at .6, one right: gaps .1 and .1, each half of the weight
    assert calibration_error(np.array([0.9, 0.9, 0.6, 0.6]), np.array([1, 1, 1, 0], bool)) == pytest.approx(0.1)


# -- few hallmarks, no confidence --------------------------------------------------------------------


def test_fewer_hallmarks_give_wider_answers(held_out):
    X = held_out[list(HALLMARKS)]
    tops = []
    for blank in (0, 6, 10, 12):
        rng = np.random.default_rng(1)
        order = rng.permuted(np.tile(np.arange(X.shape[1]), (len(X), 1)), axis=1)
        tops.append(trained().predict_proba(X.mask(order < blank)).max(axis=1).mean())
    assert tops == sorted(tops, reverse=True)
    assert tops[-1] < 0.5


@given(seed=st.integers(0, 10**6), kind=st.sampled_from(TYPES))
@settings(max_examples=8, deadline=None)
def test_half_of_the_hallmarks_never_give_a_name(seed, kind):
    X = vectors([kind], 1, seed=seed)[list(HALLMARKS)].astype(float)
    lost = np.random.default_rng(seed).permutation(X.shape[1])[: (X.shape[1] + 1) // 2]
    X.iloc[:, lost] = np.nan
    p = trained().predict_proba(X)[0]
    assert named(dict(zip(trained().classes_, p, strict=True)), float(X.notna().to_numpy().mean())) == "undetermined"


def test_half_of_the_hallmarks_leave_the_verdict_undetermined():
    rules = load_anchors()
    table = reference_table()[list(HALLMARKS)].astype(float)
    rng = np.random.default_rng(2)
    order = rng.permuted(np.tile(np.arange(table.shape[1]), (len(table), 1)), axis=1)
    gappy = table.mask(order < (table.shape[1] + 1) // 2)
    names = decide({name: rules.membership(name, gappy[name]) for name in HALLMARKS}, rules)[2]
    assert set(names) == {"undetermined"}


def test_a_study_with_half_of_its_hallmarks_is_undetermined_in_both_ways():
    study = simulate("hub_and_spoke", 5)
    ties = study.ties("supply")[["source", "target", "layer", "scale"]]
    bare = load({"relations": ties, "actors": study.actors[["actor", "kind", "scale"]]})
    opinion = second_opinion(bare)
    assert opinion.known <= KNOWN_ABOVE
    assert (opinion.type, opinion.verdict, opinion.agreement) == ("undetermined", "undetermined", "open")


def test_forget_blanks_no_more_than_it_may():
    X = pd.DataFrame(np.ones((400, 12)))
    lost = forget(X, 0.8, seed=0).isna().to_numpy()
    assert 0.3 < lost.mean() < 0.5  # the mean of a share drawn evenly from 0 to 0.8 is 0.4
    assert not forget(X, 0.0, seed=0).isna().to_numpy().any()


# -- beside the verdict ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "second", "said"),
    [
        ("satellite", "satellite", "agree"),
        ("satellite", "mixed", "differ"),
        ("undetermined", "mixed", "open"),
        ("satellite", "undetermined", "open"),
    ],
)
def test_agreement(first, second, said):
    from netklynge.typology.classifier import SecondOpinion

    assert SecondOpinion(first, {first: 1.0}, 1.0, second).agreement == said


def test_an_opinion_on_a_town():
    opinion = second_opinion(load("kongsberg"))
    assert set(opinion.probabilities) == set(KINDS_OF_DISTRICT)
    assert opinion.verdict == "satellite"
    assert opinion.to_dict()["agreement"] == opinion.agreement
    assert sum(opinion.to_dict()["probabilities"].values()) == pytest.approx(1, abs=1e-3)


def test_both_methods_know_clear_cases():
    for kind, seed in (("small_firm", 18), ("state_anchored", 4)):
        opinion = second_opinion(simulate(kind, seed))
        assert opinion.type == kind
        assert opinion.verdict in (kind, "undetermined")  # the verdict draws what the study does not tell
