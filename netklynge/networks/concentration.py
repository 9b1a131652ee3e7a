"""Concentration: how far a total lies with few."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from netklynge.chance import percentile_interval
from netklynge.findings import NetklyngeError
from netklynge.networks.arrays import columns_of, frame_like

__all__ = ["concentration", "cr_k", "evenness", "gini", "hhi"]

Floats = npt.NDArray[np.float64]


def gini(values: Any) -> float:
    """Gini coefficient: ``Σ (2 i - n - 1) x_(i) / (n Σ x)``, x sorted upwards.

    0 when all have the same, ``(n-1)/n`` when one has all. Blanks are left out; blank (nan) when the total
    is 0.

    References
    ----------
    Cowell, F. A. (2011). *Measuring Inequality*, 3rd ed., Oxford, appendix A.4.

    Examples
    --------
    >>> gini([1, 2, 3, 4])
    0.25
    """
    return float(_gini(_known(values)[None])[0])


def hhi(values: Any) -> float:
    """Herfindahl-Hirschman index: the sum of squared shares, from 1/n to 1.

    Blanks are left out; blank (nan) when the total is 0.

    References
    ----------
    Hirschman, A. O. (1964). The paternity of an index. *American Economic Review* 54(5), 761.

    Examples
    --------
    >>> hhi([50, 50])
    0.5
    """
    return float(_hhi(_known(values)[None])[0])


def cr_k(values: Any, k: int = 4) -> float:
    """Concentration ratio: the share of the total that the k largest have.

    Blanks are left out; blank (nan) when the total is 0.

    Examples
    --------
    >>> cr_k([10, 20, 30, 40], 2)
    0.7
    """
    return float(_cr(k)(_known(values)[None])[0])


def concentration(
    frame: Any,
    value: str = "value",
    by: Sequence[str] = (),
    k: Sequence[int] = (1, 4),
    replicates: int = 1000,
    level: float = 0.95,
    seed: int | None = 0,
) -> Any:
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
        narrow: the largest unit is drawn again or not, but none larger can be.

    Returns
    -------
    frame like `frame`
        Columns of `by`, ``measure`` (gini, hhi, cr_<k>), ``value``, ``low``, ``high``, ``n`` (units with a
        number), ``missing`` (units without), ``total``.

    Raises
    ------
    NetklyngeError
        A column is missing, or a value is negative or no number.

    Examples
    --------
    >>> table = concentration(pd.DataFrame({"value": [10, 20, 30, 40]}), replicates=0)
    >>> table[["measure", "value", "n"]].round(3).values.tolist()
    [['gini', 0.25, 4], ['hhi', 0.3, 4], ['cr_1', 0.4, 4], ['cr_4', 1.0, 4]]
    """
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
    return frame_like(pd.DataFrame(rows, columns=columns), frame)


def _known(values: Any) -> Floats:
    """The numbers among `values`; blanks are left out."""
    try:
        numbers: Floats = pd.to_numeric(pd.Series(values)).astype(float).to_numpy(dtype=float, na_value=np.nan)
    except (TypeError, ValueError) as error:
        raise NetklyngeError(f"values: {error}; concentration needs numbers from 0 up, or blanks") from None
    numbers = numbers[~np.isnan(numbers)]
    if (numbers < 0).any():
        raise NetklyngeError(f"values: {numbers.min():g} is below 0; concentration needs numbers from 0 up")
    return numbers


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


def evenness(counts: Any) -> float:
    r"""Evenness of shares, :math:`-\sum p \ln p / \ln k` over k classes: 1 when all are alike, 0 when one has all.

    Classes with nothing count in k. Even is neither good nor bad.

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
