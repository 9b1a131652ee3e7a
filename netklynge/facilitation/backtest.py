"""The honest test of suggestions: ties are hidden, and it is counted how many of them a ranking finds again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from netklynge.facilitation.affinity import adamic_adar, common_neighbours, preferential_attachment, suggested
from netklynge.facilitation.contacts import inside_contacts
from netklynge.facilitation.suggestions import open_pairs
from netklynge.findings import NetklyngeError
from netklynge.study.ties import members, owners_above

if TYPE_CHECKING:
    from netklynge.study.study import Study

__all__ = ["METHODS", "evaluate_suggestions"]

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Scorer = Callable[["Study"], Floats]


METHODS: Mapping[str, Scorer] = {
    "suggestions": suggested,
    "adamic_adar": adamic_adar,
    "common_neighbours": common_neighbours,
    "preferential_attachment": preferential_attachment,
}
AT = 10  # the precision is that of the first ten pairs


def evaluate_suggestions(
    study: Study,
    hidden: float = 0.1,
    repeats: int = 50,
    seed: int = 0,
    layer: str | None = None,
    methods: Mapping[str, Scorer] = METHODS,
    level: float = 0.95,
) -> pd.DataFrame:
    r"""How well each method finds ties again that were hidden from it.

    Some pairs of members in touch with one another are drawn, all their ties taken away, and all pairs without a tie
    ranked. Precision at ten is the share of hidden pairs among the first ten; the area under the curve is the chance
    that a hidden pair stands before one that never had a tie, equals counting half.

    Parameters
    ----------
    study : Study
    hidden : float
        Share of the tied pairs to hide each time, at least one pair.
    repeats : int
        How many times.
    seed : int
    layer : str, optional
        Hide only pairs with a tie in this layer; default any layer of contacts.
    methods : mapping
        Name to a function from a study to a score of each two members, in the order of
        :func:`netklynge.study.ties.members`.
    level : float
        Part of the repeats that the intervals hold.

    Returns
    -------
    DataFrame
        One row per method, and ``chance``: ``method``, ``precision_at_10``, ``precision_low``, ``precision_high``,
        ``ceiling`` (the best that ten pairs could do), ``auc``, ``auc_low``, ``auc_high``, ``tied`` (pairs that may be
        hidden), ``hidden`` (each time), ``pairs`` (ranked each time), ``repeats``. Intervals are percentiles over the
        repeats: they tell how much hangs on which pairs were hidden, nothing of other districts. Blank where fewer than
        two pairs are tied.

    Raises
    ------
    NetklyngeError
        `hidden` is not between 0 and 1, or `repeats` is below 1.

    References
    ----------
    Liben-Nowell, D. & Kleinberg, J. (2007). The link-prediction problem for social networks. Journal of the American
    Society for Information Science and Technology 58(7), 1019-1031.
    Hanley, J. A. & McNeil, B. J. (1982). The meaning and use of the area under a receiver operating characteristic
    (ROC) curve. Radiology 143(1), 29-36.

    Examples
    --------
    >>> import netklynge as nk
    >>> table = evaluate_suggestions(nk.load("raufoss"), repeats=5).set_index("method")
    >>> bool(table.loc["suggestions", "auc"] > table.loc["chance", "auc"])
    True
    """
    if not 0 < hidden < 1 or repeats < 1:
        raise NetklyngeError(f"hidden is {hidden:g} and repeats {repeats}; hide a part between 0 and 1, at least once")
    actors = list(members(study)["actor"])
    untied = np.triu(open_pairs(study))
    tied = _tied_pairs(study, actors, layer)
    count = max(1, round(hidden * len(tied)))
    rng = np.random.default_rng(seed)
    found: list[tuple[str, float, float]] = []
    for _ in range(repeats if len(tied) > 1 else 0):
        chosen = tied[rng.choice(len(tied), count, replace=False)]
        truth = np.zeros_like(untied)
        truth[chosen[:, 0], chosen[:, 1]] = True
        places = np.nonzero(untied | truth)
        left = _without_pairs(study, [(actors[i], actors[j]) for i, j in chosen])
        found += [(name, *_hits(score(left)[places], truth[places], rng)) for name, score in methods.items()]
    return (
        _summary(found, list(methods), level)
        .assign(tied=len(tied), hidden=count, pairs=int(untied.sum()) + count, repeats=repeats)
        .pipe(_with_chance)
    )


def _tied_pairs(study: Study, actors: list[str], layer: str | None) -> npt.NDArray[np.int64]:
    """Pairs of members in touch and not in one owner group, as places in `actors`, sorted."""
    ties = inside_contacts(study)
    ties = ties if layer is None else ties[ties["layer"] == layer]
    place, above = {actor: k for k, actor in enumerate(actors)}, owners_above(study)
    apart = {
        tuple(sorted((place[a], place[b])))
        for a, b in zip(ties["source"], ties["target"], strict=True)
        if not above[a] & above[b]
    }
    return np.array(sorted(apart), dtype=np.int64).reshape(-1, 2)


def _without_pairs(study: Study, pairs: list[tuple[str, str]]) -> Study:
    """The study without any tie between the two of each pair."""
    gone = set(pairs) | {(b, a) for a, b in pairs}
    ties = study.relations
    kept = [pair not in gone for pair in zip(ties["source"], ties["target"], strict=True)]
    return replace(study, relations=ties[kept])


def _hits(score: Floats, truth: Flags, rng: np.random.Generator) -> tuple[float, float]:
    """Precision at ten, equal scores in random order, and the area under the curve, equal scores counting half."""
    from scipy.stats import rankdata

    order = np.lexsort((rng.random(len(score)), -score))
    positive, negative = int(truth.sum()), int((~truth).sum())
    rank = rankdata(score)[truth].sum() - positive * (positive + 1) / 2
    area = rank / (positive * negative) if positive and negative else float("nan")
    return float(truth[order[:AT]].sum() / AT), float(area)


def _summary(found: list[tuple[str, float, float]], methods: list[str], level: float) -> pd.DataFrame:
    """Mean and percentiles of each method over the repeats."""
    table = pd.DataFrame(found, columns=["method", "precision", "auc"]).astype({"precision": float, "auc": float})
    table = table.groupby("method")
    low, high = table.quantile((1 - level) / 2), table.quantile((1 + level) / 2)
    mean = table.mean()
    return (
        pd.DataFrame(
            {
                "precision_at_10": mean["precision"],
                "precision_low": low["precision"],
                "precision_high": high["precision"],
                "auc": mean["auc"],
                "auc_low": low["auc"],
                "auc_high": high["auc"],
            }
        )
        .reindex(methods)
        .rename_axis("method")
        .reset_index()
    )


def _with_chance(table: pd.DataFrame) -> pd.DataFrame:
    """A row for the order of pure chance, and the best that ten pairs could do."""
    one = table.iloc[:1]
    chance = one.assign(method="chance", precision_at_10=one["hidden"] / one["pairs"], auc=0.5)
    chance = chance.assign(**dict.fromkeys(["precision_low", "precision_high", "auc_low", "auc_high"], np.nan))
    whole = pd.concat([table, chance], ignore_index=True)
    whole.insert(4, "ceiling", whole["hidden"].clip(upper=AT) / AT)
    return whole
