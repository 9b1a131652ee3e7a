"""What chance alone gives: p-values from permutations, intervals from resampling."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    pass

__all__ = ["percentile_interval", "two_sided", "wilson"]

Floats = npt.NDArray[np.float64]

_CHUNK = 1 << 20


def two_sided(simulated: Any, observed: Any) -> Floats:
    """Two-sided p of each observed value among its column of permutations.

    Twice the smaller of the shares at most and at least as high as observed, no more than 1, the observed
    value counted as one of the permutations. Permutations without a value are left out; blank where nothing
    was observed.

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
    measure : callable
        From an array of shape (replicates, n) to one of shape (replicates,).

    References
    ----------
    Efron, B. & Tibshirani, R. J. (1993). *An Introduction to the Bootstrap*, Chapman & Hall, section 13.3.
    """
    if len(values) < 2 or not replicates:
        return np.nan, np.nan
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
    """The Wilson interval of a proportion; (nan, nan) when `n` is not positive.

    Examples
    --------
    >>> [round(x, 3) for x in wilson(22, 39)]
    [0.41, 0.707]
    """
    if not n > 0:
        return float("nan"), float("nan")
    from statistics import NormalDist

    middle, half = _wilson(successes / n, n, NormalDist().inv_cdf(0.5 + level / 2))
    return max(0.0, float(middle - half)), min(1.0, float(middle + half))
