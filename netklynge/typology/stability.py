"""Stability of a verdict: who happened to answer, which anchors were chosen, which ties are doubted.

Draws are arrays: every hallmark is drawn for all of them at once, and the typology decides them together.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from netklynge.files.plain import plain
from netklynge.findings import NetklyngeError
from netklynge.typology.anchors import TYPES, Anchors, load_anchors
from netklynge.typology.decisions import decide, draw_box
from netklynge.typology.hallmarks import measure
from netklynge.typology.verdicts import Verdict, classify

if TYPE_CHECKING:
    from pathlib import Path

    from netklynge.study.study import Study

__all__ = ["Robustness", "replicates", "robustness", "stability", "turning_points"]

Floats = npt.NDArray[np.float64]


def replicates(study: Study, number: int, seed: int = 0) -> pd.DataFrame:
    """Values of every hallmark that the evidence allows, drawn.

    Parameters
    ----------
    study : Study
    number, seed : int

    Returns
    -------
    DataFrame
        One row per draw, one column per hallmark; nan where nothing is known that bounds it.

    Notes
    -----
    Where those who are known are a sample by design, a share is drawn from Jeffreys' posterior, Beta(k + 1/2, n - k +
    1/2), with n the independent observations that the clustered answers are worth, and its deviation shrunk by the
    finite-population factor where the study says how many were asked. All else is drawn evenly over its bounds.

    References
    ----------
    Brown, L. D., Cai, T. T. & DasGupta, A. (2001). Interval estimation for a binomial proportion. Statistical Science
    16(2), 101-133 (Jeffreys' interval).
    Cochran, W. G. (1977). Sampling Techniques, 3rd ed. Wiley.

    Examples
    --------
    >>> import netklynge as nk
    >>> values = replicates(nk.load("kongsberg"), 200, seed=1)
    >>> len(values), bool(values["local_trade"].between(0, 1).all())
    (200, True)
    """
    rng = np.random.default_rng(seed)
    return pd.DataFrame({name: found.drawn(rng, number) for name, found in measure(study).items()})


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
    now = decide({name: np.array([m]) for name, m in fixed.items()}, rules)[2][0]
    rows = []
    for hallmark in table[table["membership"].notna()].to_dict("records"):
        members = {name: np.full(len(grid), m) for name, m in fixed.items()} | {hallmark["name"]: grid}
        names = decide(members, rules)[2]
        other = np.flatnonzero(names != now)
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


def stability(study: Study, number: int = 1000, seed: int = 0, anchors: str | Path | Anchors | None = None) -> Verdict:
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
    >>> found["share_by_type"]["hub_and_spoke"] > 0.6
    True
    """
    if number < 1:
        raise NetklyngeError(f"{number} replicates are none; give at least 1")
    rules = anchors if isinstance(anchors, Anchors) else load_anchors(anchors)
    verdict = classify(study, rules, number, seed)
    found = measure(study)
    box = draw_box(found, rules, number, seed)
    moved = draw_box(found, rules, number, seed, values=False)
    turns = turning_points(verdict, rules)
    first = turns.iloc[0].to_dict() if len(turns) else None
    return replace(
        verdict,
        stability={
            "replicates": number,
            "share_by_type": box.shares(),
            "intervals": {name: _interval(v) for name, v in box.values.items()},
            "memberships": {t: _interval(box.types[t]) for t in TYPES},
            "decides": verdict.weakest(rules),
            "turns": None if first is None else plain(first),
            "anchors": moved.shares(),
            "without_doubtful": {
                "low": classify(_without(study, ("low",)), rules).type,
                "low_and_medium": classify(_without(study, ("low", "medium")), rules).type,
            },
        },
    )


def _interval(values: Floats) -> list[float] | None:
    known = values[~np.isnan(values)]
    return [round(float(q), 6) for q in np.quantile(known, [0.025, 0.975])] if len(known) else None


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
