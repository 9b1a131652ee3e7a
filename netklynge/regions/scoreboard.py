"""The scoreboard: a sign per region and figure, from thresholds that are stated beside it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from narwhals.typing import IntoFrame

from netklynge.findings import NetklyngeError
from netklynge.regions.registers import pandas_frame

__all__ = ["SIGNS", "signs"]

SIGNS = ("+", "0", "-")


def signs(figures: IntoFrame, tolerance: Mapping[str, float] | float) -> pd.DataFrame:
    """Better, level or worse than the nation, with the gap that says so.

    Parameters
    ----------
    figures : frame
        ``region, indicator, value, nation``; all of an indicator in one unit, more being better. Other columns, such
        as unit, n and source, are kept.
    tolerance : float or mapping
        The gap up to which a region is level with the nation, for all indicators or by indicator; in the unit of
        the figures. It is part of the result, since no source states one.

    Returns
    -------
    DataFrame
        The rows with ``gap, tolerance, sign``: + above, - below, 0 within the tolerance, blank where a figure is
        unknown.

    Raises
    ------
    NetklyngeError
        An indicator has no tolerance, or one below 0.

    References
    ----------
    NIBR-rapport 2005:11, figure 8.1. Of its columns only that of new firms follows from printed figures; the
    jobs column follows from no single threshold (a gap of +6.6 points is given "+", one of +19.9 "(+)"), and the
    figures behind innovation and profitability are lost.

    Examples
    --------
    >>> founding = pd.DataFrame({"region": ["Kongsberg", "Raufoss"], "indicator": "new firms",
    ...                          "value": [45, 89], "nation": [63, 63]})
    >>> signs(founding, 5)["sign"].tolist()
    ['-', '+']
    """
    table = pandas_frame(figures)
    for name in ("region", "indicator", "value", "nation"):
        if name not in table.columns:
            raise NetklyngeError(f"scoreboard: column '{name}' is missing")
    limits = table["indicator"].map(tolerance) if isinstance(tolerance, Mapping) else tolerance
    limits = pd.Series(limits, index=table.index, dtype=float)
    if limits.isna().any() or (limits < 0).any():
        wrong = table.loc[limits.isna() | (limits < 0), "indicator"].iloc[0]
        raise NetklyngeError(f"scoreboard: indicator '{wrong}' needs a tolerance from 0 up")
    gap = table["value"].astype(float) - table["nation"].astype(float)
    sign = np.select([gap > limits, gap < -limits, gap.notna()], ["+", "-", "0"], "")
    out = table.assign(gap=gap, tolerance=limits)
    out["sign"] = pd.array([s or None for s in sign], dtype="string")
    return out.reset_index(drop=True)
