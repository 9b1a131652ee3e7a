"""Concentration: how far a total lies with few."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd
from narwhals.typing import IntoFrameT

from netklynge.chance import percentile_interval
from netklynge.findings import NetklyngeError
from netklynge.networks.arrays import columns_of, frame_like

__all__ = ["concentration_table", "cr_k", "evenness", "gini", "hhi"]

Floats = npt.NDArray[np.float64]
Values: TypeAlias = "Sequence[Any] | npt.NDArray[Any] | pd.Series[Any]"


def gini(values: Values, weight: Values | None = None) -> float:
    """Gini coefficient: ``Σ (2 i - n - 1) x_(i) / (n Σ x)``, x sorted upwards.

    0 when all have the same, ``(n-1)/n`` when one has all.

    Parameters
    ----------
    values : sequence of numbers
        From 0 up; blanks are left out.
    weight : sequence of numbers, optional
        How many units each value stands for (a survey's weights), as long as `values`:
        ``1 - Σ f_i (S_i + S_(i-1)) / (S_n Σ f)``, S the running sum of f x. 2 is the same as the value twice.

    Returns
    -------
    float
        Blank (nan) when the total is 0.

    Raises
    ------
    NetklyngeError
        A value or a weight is negative or no number, or a value that counts has no weight.

    References
    ----------
    Cowell, F. A. (2011). *Measuring Inequality*, 3rd ed., Oxford, appendix A.4.

    Examples
    --------
    >>> gini([1, 2, 3, 4])
    0.25
    """
    if weight is not None:
        x, f = _weighted(values, weight)
        order = np.argsort(x, kind="stable")
        x, f = x[order], f[order]
        running = np.cumsum(f * x)
        if not len(x) or not running[-1] > 0:
            return np.nan
        return float(1 - (f * (2 * running - f * x)).sum() / (running[-1] * f.sum()))
    return float(_gini(_known(values)[None])[0])


def hhi(values: Values, weight: Values | None = None) -> float:
    """Herfindahl-Hirschman index: the sum of squared shares, from 1/n to 1.

    Parameters
    ----------
    values : sequence of numbers
        From 0 up; blanks are left out.
    weight : sequence of numbers, optional
        As in :func:`gini`: ``Σ f_i (x_i / Σ f x)²``.

    Returns
    -------
    float
        Blank (nan) when the total is 0.

    Raises
    ------
    NetklyngeError
        As in :func:`gini`.

    References
    ----------
    Hirschman, A. O. (1964). The paternity of an index. *American Economic Review* 54(5), 761.

    Examples
    --------
    >>> hhi([50, 50])
    0.5
    """
    if weight is not None:
        x, f = _weighted(values, weight)
        total = (f * x).sum()
        return float((f * (x / total) ** 2).sum()) if total > 0 else np.nan
    return float(_hhi(_known(values)[None])[0])


def cr_k(values: Values, k: int = 4) -> float:
    """Concentration ratio: the share of the total that the k largest have.

    Parameters
    ----------
    values : sequence of numbers
        From 0 up; blanks are left out.
    k : int
        From 1 up; with fewer units than that the share is 1.

    Returns
    -------
    float
        From 0 to 1; blank (nan) when the total is 0.

    Raises
    ------
    NetklyngeError
        `k` is below 1, or as in :func:`gini`.

    References
    ----------
    Curry, B. & George, K. D. (1983). Industrial concentration: a survey. *Journal of Industrial Economics* 31(3),
    203-255.

    Examples
    --------
    >>> cr_k([10, 20, 30, 40], 2)
    0.7
    """
    if k < 1:
        raise NetklyngeError(f"k is {k}; the k largest are at least 1")
    return float(_cr(k)(_known(values)[None])[0])


def concentration_table(
    frame: IntoFrameT,
    value: str = "value",
    by: Sequence[str] = (),
    k: Sequence[int] = (1, 4),
    replicates: int = 1000,
    level: float = 0.95,
    seed: int = 0,
) -> IntoFrameT:
    """Gini, HHI and CR-k of a column, with bootstrap intervals.

    Parameters
    ----------
    frame : frame
        One row per unit; a column named by `value` with numbers from 0 up, or blank.
    value : str
    by : sequence of str
        Columns within whose groups to compute, each group by itself.
    k : sequence of int
        For which CR-k.
    replicates, level, seed
        Of the percentile bootstrap over units. With few units, or one that dominates, such intervals are too
        narrow: the largest unit is drawn again or not, but none larger can be. The order of rows changes nothing.

    Returns
    -------
    frame like `frame`
        Columns of `by`, ``measure`` (gini, hhi, cr_<k>), ``value``, ``low``, ``high``, ``n`` (units with a
        number), ``missing`` (units without), ``total``.

    Raises
    ------
    NetklyngeError
        A column is missing, a value is negative or no number, or a `k` is below 1.

    References
    ----------
    As in :func:`gini`, :func:`hhi` and :func:`cr_k`. Efron, B. & Tibshirani, R. J. (1993). *An Introduction to the
    Bootstrap*, Chapman & Hall, section 13.3.

    Examples
    --------
    >>> table = concentration_table(pd.DataFrame({"value": [10, 20, 30, 40]}), replicates=0)
    >>> table[["measure", "value", "n"]].round(3).values.tolist()
    [['gini', 0.25, 4], ['hhi', 0.3, 4], ['cr_1', 0.4, 4], ['cr_4', 1.0, 4]]
    """
    if min(k, default=1) < 1:
        raise NetklyngeError(f"k is {min(k)}; the k largest are at least 1")
    pandas = columns_of(frame, (value, *by), "concentration")
    rng = np.random.default_rng(seed)
    measures: dict[str, Callable[[Floats], Floats]] = {"gini": _gini, "hhi": _hhi}
    measures.update({f"cr_{size}": _cr(size) for size in k})
    parts = pandas.groupby(list(by), dropna=False, sort=True) if by else [((), pandas)]
    rows = []
    for key, part in parts:
        numbers = _known(part[value])
        for name, measure in measures.items():
            low, high = percentile_interval(numbers, measure, replicates, level, rng)
            found = float(measure(numbers[None])[0])
            rows.append((*key, name, found, low, high, len(numbers), len(part) - len(numbers), numbers.sum()))
    columns = [*by, "measure", "value", "low", "high", "n", "missing", "total"]
    like: IntoFrameT = frame_like(pd.DataFrame(rows, columns=columns), frame)
    return like


def _known(values: Values) -> Floats:
    """The numbers among `values`; blanks are left out."""
    numbers = _numbers(values)
    return numbers[~np.isnan(numbers)]


def _numbers(values: Values) -> Floats:
    """`values` as numbers from 0 up, blanks as nan."""
    try:
        numbers: Floats = pd.to_numeric(pd.Series(values)).astype(float).to_numpy(dtype=float, na_value=np.nan)
    except (TypeError, ValueError) as error:
        raise NetklyngeError(f"values: {error}; concentration needs numbers from 0 up, or blanks") from None
    if (numbers < 0).any():
        raise NetklyngeError(f"values: {np.nanmin(numbers):g} is below 0; concentration needs numbers from 0 up")
    return numbers


def _weighted(values: Values, weight: Values) -> tuple[Floats, Floats]:
    """Values that are known, and what each stands for."""
    x, f = _numbers(values), _numbers(weight)
    if len(x) != len(f):
        raise NetklyngeError(f"weight: {len(f)} weights for {len(x)} values; each value has one")
    known = ~np.isnan(x)
    if np.isnan(f[known]).any():
        raise NetklyngeError(f"weight: {int(np.isnan(f[known]).sum())} of {int(known.sum())} values have no weight")
    return x[known], f[known]


def _shares(values: Floats) -> Floats:
    total = values.sum(axis=1, keepdims=True)
    return np.asarray(np.divide(values, total, out=np.full(values.shape, np.nan), where=total > 0))


def _gini(values: Floats) -> Floats:
    n = values.shape[1]
    if not n:
        return np.full(len(values), np.nan)
    weights = (2 * np.arange(1, n + 1) - n - 1) / n
    return np.asarray(_shares(np.sort(values, axis=1)) @ weights, dtype=float)


def _hhi(values: Floats) -> Floats:
    if not values.shape[1]:
        return np.full(len(values), np.nan)
    return np.asarray((_shares(values) ** 2).sum(axis=1), dtype=float)


def _cr(k: int) -> Callable[[Floats], Floats]:
    def measure(values: Floats) -> Floats:
        if not values.shape[1]:
            return np.full(len(values), np.nan)
        return np.asarray(-np.sort(-_shares(values), axis=1)[:, :k].sum(axis=1))

    return measure


def evenness(counts: Values) -> float:
    r"""Evenness of shares, :math:`-\sum p \ln p / \ln k` over k classes: 1 when all are alike, 0 when one has all.

    Classes with nothing count in k. Even is neither good nor bad.

    Parameters
    ----------
    counts : sequence of numbers
        One for each class, from 0 up.

    Returns
    -------
    float
        From 0 to 1; 0 for a single class.

    Raises
    ------
    NetklyngeError
        A count is negative, or all are 0.

    References
    ----------
    Pielou, E. C. (1966). *Journal of Theoretical Biology* 13, 131-144.

    Examples
    --------
    >>> round(evenness([1, 1, 2]), 3)
    0.946
    """
    values = np.asarray(counts, dtype=float)
    if (values < 0).any() or not values.sum() > 0:
        raise NetklyngeError("evenness needs counts of 0 or more, and not all 0")
    if len(values) == 1:
        return 0.0
    shares = values[values > 0] / values.sum()
    return float(-(shares * np.log(shares)).sum() / np.log(len(values)))
