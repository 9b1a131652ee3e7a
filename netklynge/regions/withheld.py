"""Withheld figures: unknown, not nought, and bounded by the totals that are known."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

__all__ = ["cell_bounds", "quotient_bounds"]

Floats = npt.NDArray[np.float64]
MANY = 400  # withheld cells up to which each is bounded by a linear programme; beyond, by each total alone


def cell_bounds(
    matrix: pd.DataFrame,
    region_totals: pd.Series[float] | None = None,
    nation: pd.Series[float] | None = None,
    reference: str | None = None,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    r"""The least and the greatest that each cell can be.

    For each withheld cell the least and the greatest :math:`y_c \ge 0` under which each region with a known total
    adds up to it and no industry has more jobs in the regions than in the nation; two linear programmes each
    (HiGHS).

    Parameters
    ----------
    matrix : DataFrame
        Jobs, regions by industries; blank where withheld.
    region_totals : Series, optional
        Jobs in all industries by region.
    nation : Series, optional
        Jobs in the nation by industry, when the regions are disjoint parts of it.
    reference : str, optional
        The nation's own row in `matrix`, which is no part of itself.

    Returns
    -------
    low, high : DataFrame
        As `matrix`; known cells are their own bounds; infinite where nothing limits a cell.

    Examples
    --------
    >>> m = pd.DataFrame([[1.0, np.nan], [3.0, 4.0]], index=["a", "b"], columns=["x", "y"])
    >>> low, high = cell_bounds(m, nation=pd.Series({"x": 9.0, "y": 10.0}))
    >>> float(low.loc["a", "y"]), float(high.loc["a", "y"])
    (0.0, 6.0)
    """
    from scipy.optimize import linprog
    from scipy.sparse import csr_array

    values = matrix.to_numpy(dtype=float)
    low, high = np.nan_to_num(values), np.where(np.isnan(values), np.inf, values)
    cells = np.argwhere(np.isnan(values))
    equal, equals, most, mosts = [], [], [], []
    for at in np.unique(cells[:, 0]):
        total = np.nan if region_totals is None else region_totals.get(matrix.index[at], np.nan)
        if np.isfinite(total):
            equal.append(cells[:, 0] == at)
            equals.append(max(total - np.nansum(values[at]), 0.0))
    part = matrix.index.to_numpy() != reference
    for at in np.unique(cells[part[cells[:, 0]], 1]):
        total = np.nan if nation is None else nation.get(matrix.columns[at], np.nan)
        if np.isfinite(total):
            most.append((cells[:, 1] == at) & part[cells[:, 0]])
            mosts.append(max(total - np.nansum(values[part, at]), 0.0))
    for flags, limit in zip([*equal, *most], [*equals, *mosts], strict=True):
        for row, column in cells[flags]:
            high[row, column] = min(high[row, column], limit)
    if (equal or most) and len(cells) <= MANY:
        law = {
            "A_eq": csr_array(np.array(equal, dtype=float)) if equal else None,
            "b_eq": equals or None,
            "A_ub": csr_array(np.array(most, dtype=float)) if most else None,
            "b_ub": mosts or None,
        }
        for goal, (row, column) in zip(np.eye(len(cells)), cells, strict=True):
            least, greatest = (linprog(sign * goal, **law) for sign in (1, -1))
            if least.status == 0:  # totals that contradict each other bound nothing: the simple bounds stay
                low[row, column] = round(float(least.fun), 6) + 0.0
            if greatest.status == 0:
                high[row, column] = round(-float(greatest.fun), 6) + 0.0
    return pd.DataFrame(low, matrix.index, matrix.columns), pd.DataFrame(high, matrix.index, matrix.columns)


def quotient_bounds(
    low: pd.DataFrame, high: pd.DataFrame, reference: str | None, region_totals: pd.Series[float] | None = None
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The certain range of each region's location quotient: whatever the withheld cells are, it lies within.

    Parameters
    ----------
    low, high : DataFrame
        From :func:`cell_bounds`, the nation among the regions if it has a row.
    reference : str, optional
        The nation's row; by default the nation is the sum of all.
    region_totals : Series, optional
        Jobs in all industries by region, where known.

    Returns
    -------
    low, high : DataFrame
        Regions (without the reference) by industries. The range holds for certain; it may be wider than need be,
        since own share and the nation's share are bounded apart.

    Examples
    --------
    >>> low = pd.DataFrame([[100.0, 0.0], [1000.0, 1000.0]], index=["a", "n"], columns=["x", "y"])
    >>> least, most = quotient_bounds(low, low.replace({0.0: 300.0}), "n")
    >>> least.loc["a"].tolist(), most.loc["a"].tolist()
    ([0.5, 0.0], [2.0, 1.5])
    """
    own_low, own_high = _shares(low, high, region_totals)
    if reference is None:
        all_low, all_high = (f.sum().to_frame().T for f in (low, high))
        base_low, base_high = _shares(all_low, all_high, None)
    else:
        base_low, base_high = own_low.loc[[reference]], own_high.loc[[reference]]
        own_low, own_high = own_low.drop(index=reference), own_high.drop(index=reference)
    with np.errstate(divide="ignore", invalid="ignore"):
        least = own_low.to_numpy() / base_high.to_numpy()
        most = own_high.to_numpy() / base_low.to_numpy()
    return pd.DataFrame(least, own_low.index, own_low.columns), pd.DataFrame(most, own_low.index, own_low.columns)


def _shares(
    low: pd.DataFrame, high: pd.DataFrame, totals: pd.Series[float] | None
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Bounds of each cell's share of its row: it grows with the cell and falls with the others."""
    least, most = low.to_numpy(), high.to_numpy()
    with np.errstate(divide="ignore", invalid="ignore"):
        others_least = least.sum(axis=1, keepdims=True) - least
        whole = most.sum(axis=1, keepdims=True)
        others_most = np.where(
            np.isinf(whole),
            np.where(
                np.isinf(most) & (np.isinf(most).sum(1, keepdims=True) == 1),
                np.where(np.isinf(most), 0, most).sum(axis=1, keepdims=True),
                np.inf,
            ),
            whole - most,
        )
        small = np.where(np.isinf(others_most), 0.0, least / (least + others_most))
        large = np.where(np.isinf(most), 1.0, most / (most + others_least))
    if totals is not None:
        total = totals.reindex(low.index).to_numpy(dtype=float)[:, None]
        told = np.isfinite(total) & (total > 0)
        small, large = np.where(told, least / total, small), np.where(told, most / total, large)
    return pd.DataFrame(small, low.index, low.columns), pd.DataFrame(large, low.index, low.columns)
