"""A second opinion on the district type: a classifier that has learnt from simulated districts.

It reads the same hallmarks as the verdict in :mod:`netklynge.typology.verdicts`, but no anchors: what makes a type is
learnt from :mod:`netklynge.typology.simulation`. Where the two agree, neither the anchors nor the simulated intervals
decide alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import ExtraTreesClassifier
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data

from netklynge.files.settings import bundled_settings
from netklynge.typology.hallmarks import HALLMARKS, measure
from netklynge.typology.levels import reference_table
from netklynge.typology.verdicts import Verdict, classify

if TYPE_CHECKING:
    from netklynge.study.study import Study

__all__ = ["DistrictClassifier", "SecondOpinion", "calibration_error", "forget", "second_opinion", "trained"]

NAMED_ABOVE = 0.5  # a type is named when its probability is above this
BANDS = (0.25, 0.4, 0.55, 0.7, 0.85)  # shares of hallmarks known, between which the exponents change
KNOWN_ABOVE = 0.5  # and more than this share of the hallmarks is known

Floats = npt.NDArray[np.float64]


class DistrictClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    r"""Calibrated forest of random trees over hallmarks, of which any may be missing.

    Trees are grown on random cuts of the hallmarks; a missing one is sent to either side as it serves the split, so
    nothing is imputed. The forest's shares of votes :math:`f_k` become probabilities by Platt's sigmoid
    :math:`1/(1 + e^{a_k f_k + b_k})`, fitted on folds that the trees have not seen, and scaled to sum to one.

    Parameters
    ----------
    trees : int
        Number of trees.
    leaf : int
        Fewest districts in a leaf.
    folds : int
        Folds of the calibration; fewer where the smallest class has fewer members, none where it has one.
    random_state : int, RandomState or None
        The same number gives the same classifier.

    Attributes
    ----------
    classes_ : array of shape (types,)
    model_ : the fitted, calibrated forest
    n_features_in_ : int

    References
    ----------
    Geurts, P., Ernst, D. & Wehenkel, L. (2006). Extremely randomized trees. Machine Learning 63(1), 3-42.
    Platt, J. (1999). Probabilistic outputs for support vector machines. Advances in Large Margin Classifiers, 61-74.

    Examples
    --------
    >>> import numpy as np
    >>> X = np.array([[0.1, np.nan], [0.2, 3.0], [0.8, 9.0], [0.9, np.nan]] * 5)
    >>> model = DistrictClassifier(trees=20).fit(X, ["satellite", "satellite", "small_firm", "small_firm"] * 5)
    >>> model.predict([[0.85, np.nan]]).tolist()
    ['small_firm']
    """

    def __init__(self, trees: int = 150, leaf: int = 3, folds: int = 4, random_state: Any = 0) -> None:
        self.trees = trees
        self.leaf = leaf
        self.folds = folds
        self.random_state = random_state

    def __sklearn_tags__(self) -> Any:
        """Say to scikit-learn that hallmarks may be missing."""
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        return tags

    def fit(self, X: Any, y: Any) -> DistrictClassifier:
        """Learn from districts of known type.

        Parameters
        ----------
        X : array or frame of shape (districts, hallmarks)
            nan where a hallmark is missing.
        y : array of shape (districts,)

        Raises
        ------
        ValueError
            The shapes do not fit, or y holds no classes (scikit-learn's own messages).
        """
        X, y = validate_data(self, X, y, ensure_all_finite="allow-nan")
        check_classification_targets(y)
        self.classes_, counts = np.unique(y, return_counts=True)
        forest = ExtraTreesClassifier(self.trees, min_samples_leaf=self.leaf, random_state=self.random_state)
        folds = min(self.folds, int(counts.min()))
        calibrates = folds >= 2 and len(counts) >= 2
        model = CalibratedClassifierCV(forest, method="sigmoid", cv=folds, ensemble=False) if calibrates else forest
        self.model_ = model.fit(X, y)
        return self

    def predict_proba(self, X: Any) -> Floats:
        """Probability of each type in ``classes_``, of shape (districts, types)."""
        check_is_fitted(self)
        X = validate_data(self, X, reset=False, ensure_all_finite="allow-nan")
        return np.asarray(self.model_.predict_proba(X))

    def predict(self, X: Any) -> npt.NDArray[Any]:
        """The most probable type of each district."""
        best = self.predict_proba(X).argmax(axis=1)
        return np.asarray(self.classes_[best])


def calibration_error(probabilities: Floats, hits: npt.NDArray[np.bool_], bins: int = 10) -> float:
    r"""Expected calibration error of the most probable class.

    :math:`\sum_b \frac{n_b}{n} |\bar h_b - \bar p_b|` over equal bins of the highest probability, with the share of
    hits :math:`\bar h_b` and the mean probability :math:`\bar p_b` of bin b.

    Parameters
    ----------
    probabilities : array of shape (districts,)
        Probability that was given to the class named.
    hits : array of shape (districts,)
        Whether it was the right one.
    bins : int

    References
    ----------
    Guo, C., Pleiss, G., Sun, Y. & Weinberger, K. Q. (2017). On calibration of modern neural networks. ICML, eq. 3.

    Examples
    --------
    >>> calibration_error(np.array([0.75, 0.75, 0.75, 0.75]), np.array([True, True, True, False]))
    0.0
    """
    which = np.minimum((probabilities * bins).astype(int), bins - 1)
    n = np.bincount(which, minlength=bins)
    gaps = np.abs(np.bincount(which, hits, bins) - np.bincount(which, probabilities, bins))
    return float(gaps.sum() / n.sum())


def forget(vectors: pd.DataFrame, most: float, seed: int) -> pd.DataFrame:
    """The same hallmarks with some blanked at random: of each row a share drawn between 0 and `most`."""
    rng = np.random.default_rng(seed)
    shares = rng.uniform(0, most, len(vectors))
    return vectors.mask(rng.random(vectors.shape) < shares[:, None])


@lru_cache
def trained() -> DistrictClassifier:
    """The classifier trained on the simulated districts that come with netklynge; a few seconds on first use.

    In every second district further hallmarks are blanked, so that the classifier knows what few of them can tell.
    """
    table = reference_table()
    X = table[list(HALLMARKS)].astype(float)
    X.iloc[1::2] = forget(X.iloc[1::2], 0.8, seed=1)
    with resources.files("netklynge.typology").joinpath("told.csv.gz").open("rb") as file:
        told = pd.read_csv(file, compression="gzip")
    both = pd.concat([X, told[list(HALLMARKS)]], ignore_index=True)
    return DistrictClassifier().fit(both, pd.concat([table["kind"], told["kind"]], ignore_index=True))


@lru_cache
def exponents() -> tuple[float, ...]:
    """What probabilities are raised to, by the band of the share of hallmarks that is known."""
    return tuple(float(g) for g in bundled_settings("netklynge.typology", "exponents.yaml")["exponents"])


def opinions(X: pd.DataFrame) -> Floats:
    r"""Probabilities of the types, sharpened or softened by how much is known: of shape (districts, types).

    :math:`p_k^g / \sum_j p_j^g` with g by the share of hallmarks that is known (Guo et al. 2017, temperature scaling).
    """
    g = np.array(exponents())[np.searchsorted(BANDS, X.notna().mean(axis=1).to_numpy())][:, None]
    raised = trained().predict_proba(X) ** g
    return np.asarray(raised / raised.sum(axis=1, keepdims=True))


@dataclass(frozen=True)
class SecondOpinion:
    """What the classifier makes of a study, beside the fuzzy-set verdict.

    Attributes
    ----------
    type : str
        The type with a probability above one half, if more than half of the hallmarks are known; else
        ``undetermined``.
    probabilities : mapping
        Of the four types and ``mixed``; they sum to 1.
    known : float
        Share of the hallmarks that the study gives.
    verdict : str
        The type by :func:`netklynge.classify`.
    """

    type: str
    probabilities: Mapping[str, float]
    known: float
    verdict: str

    @property
    def agreement(self) -> str:
        """``agree``, ``differ``, or ``open`` where one of the two is undetermined."""
        if "undetermined" in (self.type, self.verdict):
            return "open"
        return "agree" if self.type == self.verdict else "differ"

    def to_dict(self) -> dict[str, Any]:
        """As plain data, with probabilities to four digits."""
        return {
            "type": self.type,
            "probabilities": {t: round(p, 4) for t, p in self.probabilities.items()},
            "known": round(self.known, 4),
            "verdict": self.verdict,
            "agreement": self.agreement,
        }


def second_opinion(study: Study, verdict: Verdict | None = None) -> SecondOpinion:
    """The district type by the classifier, beside the fuzzy-set verdict.

    Parameters
    ----------
    study : Study
        At its cut and year. The simulated districts are seen at their local cut: at wider cuts the opinion says which
        type the wider district resembles.
    verdict : Verdict, optional
        That of :func:`netklynge.classify` on the same study, if it has been asked for already.

    Returns
    -------
    SecondOpinion

    References
    ----------
    Accuracy and calibration on held-out simulated districts: ``docs/second-opinion.md``.

    Examples
    --------
    >>> import netklynge as nk
    >>> opinion = second_opinion(nk.load("kongsberg"))
    >>> opinion.verdict, round(sum(opinion.probabilities.values()), 6)
    ('satellite', 1.0)
    """
    verdict = classify(study) if verdict is None else verdict
    values = pd.Series({name: found.guess() for name, found in measure(study).items()})[list(HALLMARKS)]
    chances = opinions(values.to_frame().T)[0]
    probabilities = {str(t): float(p) for t, p in zip(trained().classes_, chances, strict=True)}
    known = float(values.notna().mean())
    return SecondOpinion(named(probabilities, known), probabilities, known, verdict.type)


def named(probabilities: Mapping[str, float], known: float) -> str:
    """The type that probabilities give when a share `known` of the hallmarks is known."""
    best = max(probabilities, key=lambda t: probabilities[t])
    return best if probabilities[best] > NAMED_ABOVE and known > KNOWN_ABOVE else "undetermined"
