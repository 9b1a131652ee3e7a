"""Stability of a verdict: who happened to answer, which anchors were chosen, which ties are doubted.

Replicates are matrices: every hallmark is asked once for all of them, and the typology decides them together.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from netklynge.files.plain import plain
from netklynge.findings import NetklyngeError
from netklynge.study.ties import district_ties
from netklynge.typology.hallmarks import Measured, measure
from netklynge.typology.verdicts import TYPES, Anchors, Verdict, calibrate, classify, decide, load_anchors

if TYPE_CHECKING:
    from pathlib import Path

    from netklynge.study.study import Study

__all__ = ["Robustness", "anchor_draws", "replicates", "robustness", "stability", "turning_points"]

Floats = npt.NDArray[np.float64]


def replicates(study: Study, number: int, seed: int | None = None) -> dict[str, Floats]:
    r"""Values of every hallmark in resampled studies.

    Parameters
    ----------
    study : Study
    number : int
        Replicates.
    seed : int, optional

    Returns
    -------
    dict
        Hallmark to `number` values; nan where a hallmark is not known.

    Notes
    -----
    What is resampled is what the study consists of. Actors inside are drawn with replacement, and all hallmarks that
    count actors see the same draw; ties are drawn within their layers; published answers are drawn from a binomial
    distribution on their n (on the number of respondents where no n is published; a share without either stays as it
    is). Where the study says how many were asked and how many answered, deviations shrink by the finite-population
    factor :math:`\sqrt{1 - n/N}`.

    References
    ----------
    Efron, B. & Tibshirani, R. (1993). An Introduction to the Bootstrap. Chapman & Hall, ch. 8 (units other than single
    observations).
    Cochran, W. G. (1977). Sampling Techniques, 3rd ed. Wiley, section 2.6 (finite-population correction).

    Examples
    --------
    >>> import netklynge as nk
    >>> values = replicates(nk.load("kongsberg"), 200, seed=1)
    >>> values["local_trade"].shape
    (200,)
    """
    rng = np.random.default_rng(seed)
    shrink, answered = _correction(study)
    ties = district_ties(study)
    strata = {
        "actor": [study.insiders["actor"].to_numpy()],
        "tie": [g.index.to_numpy() for _, g in ties.groupby("layer")],
    }
    drawn = {unit: _drawn(groups, number, shrink, rng) for unit, groups in strata.items()}
    out = {}
    for name, hallmark in measure(study).items():
        if hallmark.unit == "answer":
            weights = _answers(hallmark, number, answered, shrink, rng)
        else:
            weights = drawn[hallmark.unit].reindex(hallmark.ids).to_numpy().T
        out[name] = hallmark.weigh(weights) if hallmark.n != 0 else np.full(number, np.nan)
    return out


def _correction(study: Study) -> tuple[float, float]:
    """The finite-population factor and the number of respondents, where the study gives them."""
    told = study.meta.respondents
    asked, answered = (float("nan") if number is None else number for number in (told.asked, told.answered))
    return (float(np.sqrt(1 - answered / asked)) if 0 < answered <= asked else 1.0), answered


def _drawn(groups: list[npt.NDArray[Any]], number: int, shrink: float, rng: np.random.Generator) -> pd.DataFrame:
    """How often each unit is drawn (rows) in each replicate (columns), group by group."""
    parts = [
        pd.DataFrame(rng.multinomial(len(ids), np.full(len(ids), 1 / len(ids)), size=number).T, index=ids)
        for ids in groups
        if len(ids)
    ]
    counts = pd.concat(parts) if parts else pd.DataFrame(columns=range(number))
    return 1 + shrink * (counts - 1)


def _answers(hallmark: Measured, number: int, answered: float, shrink: float, rng: np.random.Generator) -> Floats:
    n = hallmark.n if hallmark.n == hallmark.n else answered
    share = hallmark.base[0]
    found = rng.binomial(int(n), share, size=number) / int(n) if n == n else np.full(number, share)
    inside = share + shrink * (found - share)
    return np.column_stack([inside, 1 - inside])


def anchor_draws(
    values: Mapping[str, float], rules: Anchors, number: int, seed: int | None = None
) -> dict[str, Floats]:
    """Memberships of the hallmarks' values under anchors drawn evenly from their defensible intervals."""
    rng = np.random.default_rng(seed)
    out = {}
    for name, value in values.items():
        ends = np.asarray(rules.hallmarks[name]["range"], dtype=float)
        drawn = rng.uniform(ends[:, 0], ends[:, 1], size=(number, 3))
        x = np.full(number, value)
        if rules.logarithmic(name):
            with np.errstate(divide="ignore"):
                drawn, x = np.log(drawn), np.log(x)
        out[name] = calibrate(x, drawn) if value == value else np.full(number, np.nan)
    return out


def _shares(names: npt.NDArray[Any]) -> dict[str, float]:
    values, counts = np.unique(names.astype(str), return_counts=True)
    order = np.argsort(-counts, kind="stable")
    return {str(values[k]): plain(counts[k] / len(names)) for k in order}


def turning_points(verdict: Verdict, anchors: Anchors | None = None) -> pd.DataFrame:
    """For each known hallmark, the nearest values that would turn the verdict, all else as it is.

    Returns
    -------
    DataFrame
        ``name``, ``value``, ``turns_at`` (the nearest value that gives another type), ``to`` (that type), ``moved``
        (how far its membership moves); hallmarks that cannot turn it alone are left out; nearest first.

    Examples
    --------
    >>> import netklynge as nk
    >>> first = turning_points(nk.classify(nk.load("kongsberg"))).iloc[0]
    >>> first["name"], round(float(first["turns_at"]), 3)
    ('local_trade', 0.275)
    """
    rules = anchors or load_anchors()
    table = verdict.hallmarks
    grid = np.linspace(0.0005, 0.9995, 2000)
    fixed = dict(zip(table["name"], table["membership"], strict=True))
    rows = []
    for hallmark in table[table["value"].notna()].to_dict("records"):
        members = {name: np.full(len(grid), m) for name, m in fixed.items()} | {hallmark["name"]: grid}
        names = decide(members, rules)[2]
        other = np.flatnonzero(names != verdict.type)
        if len(other):
            nearest = other[np.argmin(np.abs(grid[other] - hallmark["membership"]))]
            rows.append(
                {
                    "name": hallmark["name"],
                    "value": hallmark["value"],
                    "turns_at": float(rules.value(hallmark["name"], grid[nearest])),
                    "to": str(names[nearest]),
                    "moved": abs(float(grid[nearest]) - hallmark["membership"]),
                }
            )
    columns = ["name", "value", "turns_at", "to", "moved"]
    return pd.DataFrame(rows, columns=columns).sort_values("moved", kind="stable", ignore_index=True)


def stability(
    study: Study, number: int = 1000, seed: int | None = 0, anchors: str | Path | Anchors | None = None
) -> Verdict:
    """The verdict of a study with its stability filled in.

    Parameters
    ----------
    study : Study
    number : int
        Replicates.
    seed : int, optional
    anchors : path or Anchors, optional

    Returns
    -------
    Verdict
        ``stability`` holds ``replicates``, ``share_by_type``, ``intervals`` (2.5 and 97.5 per cent of each hallmark),
        ``memberships`` (the same of each type), ``decides`` (the hallmark that sets the named type's membership),
        ``turns`` (the smallest single change that gives another type), ``anchors`` (share of types when anchors are
        drawn from their defensible intervals) and ``without_doubtful`` (the type without ties of low, and of low and
        medium, confidence).

    Raises
    ------
    NetklyngeError
        `number` is not positive.

    Examples
    --------
    >>> import netklynge as nk
    >>> found = stability(nk.load("horten"), 200, seed=1).stability
    >>> found["share_by_type"]["hub_and_spoke"] > 0.9
    True
    """
    if number < 1:
        raise NetklyngeError(f"{number} replicates are none; give at least 1")
    rules = anchors if isinstance(anchors, Anchors) else load_anchors(anchors)
    verdict = classify(study, rules)
    values = replicates(study, number, seed)
    members = {name: rules.membership(name, v) for name, v in values.items()}
    low, _, names = decide(members, rules)
    own = dict(zip(verdict.hallmarks["name"], verdict.hallmarks["value"], strict=True))
    moved = decide(anchor_draws(own, rules, number, seed), rules)[2]
    turns = turning_points(verdict, rules)
    first = turns.iloc[0].to_dict() if len(turns) else None
    return replace(
        verdict,
        stability={
            "replicates": number,
            "share_by_type": _shares(names),
            "intervals": {name: _interval(v) for name, v in values.items()},
            "memberships": {t: _interval(low[t]) for t in TYPES},
            "decides": _deciding(verdict, rules),
            "turns": None if first is None else plain(first),
            "anchors": _shares(moved),
            "without_doubtful": {
                "low": classify(_without(study, ("low",)), rules).type,
                "low_and_medium": classify(_without(study, ("low", "medium")), rules).type,
            },
        },
    )


def _interval(values: Floats) -> list[float] | None:
    known = values[~np.isnan(values)]
    return plain(np.quantile(known, [0.025, 0.975])) if len(known) else None


def _deciding(verdict: Verdict, rules: Anchors) -> str | None:
    """The essential hallmark whose membership is the named type's."""
    if verdict.type not in TYPES:
        return None
    ideal = rules.types[verdict.type]
    parts = {part.hallmark for part in (*ideal.essential, *ideal.when_known)}
    table = verdict.hallmarks[verdict.hallmarks["name"].isin(parts)]
    return str(table.loc[table[verdict.type].astype(float).idxmin(), "name"])


def _without(study: Study, confidences: tuple[str, ...]) -> Study:
    doubted = study.relations["confidence"].isin(confidences)
    return replace(study, relations=study.relations[~doubted])


# -- the set-theoretic measures of robustness ------------------------------------------------------


class Robustness(NamedTuple):
    """Fit-oriented and case-oriented robustness of a solution against alternatives."""

    rf_cons: float
    rf_cov: float
    rf_sc_min: float
    rf_sc_max: float
    rcr_typical: float
    rcr_deviant: float
    rank: int


def robustness(initial: Any, alternatives: Any, outcome: Any) -> Robustness:
    r"""Robustness of a set of memberships against alternative calibrations or solutions.

    With IS the initial memberships, minTS and maxTS the cellwise minimum and maximum over all alternatives, and Core =
    min(IS, minTS): :math:`RF_{cons} = cons(IS)/cons(Core)`, :math:`RF_{cov} = cov(Core)/cov(IS)`,
    :math:`RF_{SC} = \sum\min(IS, TS)/\sum\max(IS, TS)` for minTS and maxTS, where
    :math:`cons(X) = \sum\min(X, Y)/\sum X` and :math:`cov(X) = \sum\min(X, Y)/\sum Y`. Cases are robust when
    min(IS, minTS) > .5, shaky when min(IS, 1 - minTS) > .5, possible when min(1 - IS, maxTS) > .5; RCR is robust over
    all three, for Y > .5 and for Y < .5. Rank 1: no shaky, no possible; 2: possible only; 3: shaky only; 4: both.

    Parameters
    ----------
    initial : array of shape (cases,)
    alternatives : array of shape (alternatives, cases)
    outcome : array of shape (cases,)

    References
    ----------
    Oana, I.-E. & Schneider, C. Q. (2024). A robustness test protocol for applied QCA: theory and R software
    application. Sociological Methods & Research 53(1), 57-88.

    Examples
    --------
    >>> round(robustness([0.9, 0.2], [[0.8, 0.3]], [1, 0.1]).rf_cov, 3)
    0.9
    """
    own, y = np.asarray(initial, dtype=float), np.asarray(outcome, dtype=float)
    least, most = (np.asarray(alternatives, dtype=float).min(axis=0), np.asarray(alternatives, dtype=float).max(axis=0))
    core = np.minimum(own, least)
    robust = core > 0.5
    shaky = np.minimum(own, 1 - least) > 0.5
    possible = np.minimum(1 - own, most) > 0.5

    def consistency(x: Floats) -> float:
        return float(np.minimum(x, y).sum() / x.sum())

    def alike(other: Floats) -> float:
        return float(np.minimum(own, other).sum() / np.maximum(own, other).sum())

    def ratio(cases: npt.NDArray[np.bool_]) -> float:
        every = int((robust | shaky | possible)[cases].sum())
        return float(robust[cases].sum() / every) if every else float("nan")

    return Robustness(
        consistency(own) / consistency(core),
        float(np.minimum(core, y).sum() / np.minimum(own, y).sum()),
        alike(least),
        alike(most),
        ratio(y > 0.5),
        ratio(y < 0.5),
        1 + int(possible.any()) + 2 * int(shaky.any()),
    )
