"""What chance alone gives: p-values from permutations, intervals from resampling."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from netklynge.findings import NetklyngeError

__all__ = ["percentile_interval", "two_sided", "wilson"]

Floats = npt.NDArray[np.float64]

_CHUNK = 1 << 20


def two_sided(simulated: npt.ArrayLike, observed: npt.ArrayLike) -> Floats:
    """Two-sided p of each observed value among its column of permutations.

    Twice the smaller of the shares at most and at least as high as observed, no more than 1, the observed
    value counted as one of the permutations.

    Parameters
    ----------
    simulated : array, shape (permutations, values)
        Permutations without a value (nan) are left out.
    observed : array, shape (values,)

    Returns
    -------
    array, shape (values,)
        Above 0, at most 1; blank (nan) where nothing was observed.

    References
    ----------
    Davison, A. C. & Hinkley, D. V. (1997). *Bootstrap Methods and their Application*, Cambridge, section 4.2.

    Examples
    --------
    >>> two_sided([[1.0], [2.0], [3.0]], [4.0]).tolist()
    [0.5]
    """
    drawn, value = np.asarray(simulated, dtype=float), np.asarray(observed, dtype=float)
    valid = np.isfinite(drawn).sum(axis=0) + 1
    low, high = (drawn <= value).sum(axis=0) + 1, (drawn >= value).sum(axis=0) + 1
    return np.where(np.isfinite(value), np.minimum(1, 2 * np.minimum(low, high) / valid), np.nan)


def percentile_interval(
    values: Floats,
    measure: Callable[[Floats], Floats],
    replicates: int,
    level: float,
    rng: np.random.Generator,
) -> tuple[float, float]:
    """Percentile bootstrap interval of a measure of independent units; blank when undefined.

    Parameters
    ----------
    values : array, shape (n,)
        In any order.
    measure : callable
        From an array of shape (replicates, n) to one of shape (replicates,).
    replicates : int
    level : float
        Between 0 and 1.
    rng : numpy Generator

    Returns
    -------
    low, high : float
        Blank (nan) with fewer than two values, or without replicates.

    References
    ----------
    Efron, B. & Tibshirani, R. J. (1993). *An Introduction to the Bootstrap*, Chapman & Hall, section 13.3.
    """
    if len(values) < 2 or not replicates:
        return np.nan, np.nan
    values = np.sort(values)  # whichever row came first, the same are drawn
    block = max(1, _CHUNK // len(values))
    sizes = [min(block, replicates - done) for done in range(0, replicates, block)]
    found = np.concatenate([measure(values[rng.integers(0, len(values), (rows, len(values)))]) for rows in sizes])
    found = found[np.isfinite(found)]
    if not len(found):
        return np.nan, np.nan
    low, high = np.quantile(found, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


_Z95 = 1.959963984540054  # the 97.5 % point of the standard normal distribution


def _wilson(share: Any, n: Any, z: float = _Z95) -> tuple[Any, Any]:
    """Middle and half width of the Wilson interval, for numbers, arrays and expressions alike."""
    scale = 1 + z * z / n
    middle = (share + z * z / (2 * n)) / scale
    half = z * ((share * (1 - share) / n + z * z / (4 * n * n)) ** 0.5) / scale
    return middle, half


def wilson(successes: float, n: float, level: float = 0.95) -> tuple[float, float]:
    """The Wilson interval of a proportion.

    Parameters
    ----------
    successes, n : float
        ``0 <= successes <= n``.
    level : float
        Between 0 and 1.

    Returns
    -------
    low, high : float
        Between 0 and 1; blank (nan) when `n` is not positive.

    Raises
    ------
    NetklyngeError
        `successes` is not between 0 and `n`, or `level` not between 0 and 1.

    References
    ----------
    Wilson, E. B. (1927). Probable inference, the law of succession, and statistical inference. *Journal of the
    American Statistical Association* 22, 209-212.

    Examples
    --------
    >>> [round(x, 3) for x in wilson(22, 39)]
    [0.41, 0.707]
    """
    if not n > 0:
        return float("nan"), float("nan")
    if not 0 <= successes <= n:
        raise NetklyngeError(f"successes is {successes:g}; of {n:g} there are between 0 and {n:g}")
    if not 0 < level < 1:
        raise NetklyngeError(f"level is {level:g}; it is between 0 and 1, such as 0.95")
    from statistics import NormalDist

    middle, half = _wilson(successes / n, n, NormalDist().inv_cdf(0.5 + level / 2))
    return max(0.0, float(middle - half)), min(1.0, float(middle + half))
