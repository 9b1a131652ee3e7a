"""Economy of a region's firms: value creation, productivity, margin, wage capacity, and the milieu's size."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd
from narwhals.typing import IntoFrame

from netklynge.findings import NetklyngeError
from netklynge.regions.registers import pandas_frame

__all__ = ["against_nation", "milieu_size", "regional_accounts", "share_growth_factor"]

_SUMS = ("wage_cost", "operating_result", "turnover", "employees")


def regional_accounts(firms: IntoFrame, by: Sequence[str] = ("region", "industry", "year")) -> pd.DataFrame:
    r"""Value creation and what follows from it, summed over firms.

    * value creation = wage cost + operating result
    * productivity = value creation per employee
    * margin = operating result / turnover
    * wage level = wage cost per employee

    Parameters
    ----------
    firms : frame
        ``wage_cost, operating_result, turnover, employees``, one row per firm and year, and the columns of `by`.
    by : sequence of str

    Returns
    -------
    DataFrame
        The groups with ``firms, wage_cost, operating_result, turnover, employees, value_creation, productivity,
        margin, wage_level``. Negative results stay. No ratio over a base of 0.

    Raises
    ------
    NetklyngeError
        A column is missing, or a figure is unknown: a sum with a part left out is no sum.

    References
    ----------
    Østfoldforskning 2013, Klynger og klyngemekanismer i Nedre Glomma, chapters 4-5 (the margin as a result of
    turnover is our reading of "result per extra krone").

    Examples
    --------
    >>> firms = pd.DataFrame({"region": ["r", "r"], "wage_cost": [60.0, 30.0], "operating_result": [15.0, -5.0],
    ...                       "turnover": [150.0, 50.0], "employees": [100, 60]})
    >>> regional_accounts(firms, ["region"])[["value_creation", "productivity", "margin"]].values.tolist()
    [[100.0, 0.625, 0.05]]
    """
    table = pandas_frame(firms)
    for name in (*by, *_SUMS):
        if name not in table.columns:
            raise NetklyngeError(f"accounts: column '{name}' is missing; it needs {', '.join((*by, *_SUMS))}")
    unknown = table[list(_SUMS)].isna()
    if unknown.any(axis=None):
        column = unknown.any().idxmax()
        row = table.index[unknown[column]][0]
        raise NetklyngeError(f"accounts: row {row}: {column} is unknown; leave the firm out knowingly, or find it")
    groups = table.groupby(list(by), sort=False, dropna=False)
    sums = groups[list(_SUMS)].sum().astype(float)
    sums.insert(0, "firms", groups.size())
    value = sums["wage_cost"] + sums["operating_result"]
    heads = sums["employees"].where(sums["employees"] > 0)
    return sums.assign(
        value_creation=value,
        productivity=value / heads,
        margin=sums["operating_result"] / sums["turnover"].where(sums["turnover"] > 0),
        wage_level=sums["wage_cost"] / heads,
    ).reset_index()


def against_nation(table: IntoFrame, nation: str) -> pd.DataFrame:
    """Each region's accounts beside the nation's: shares, and gaps of what is per head.

    Parameters
    ----------
    table : frame
        As :func:`regional_accounts` gives it, with ``region`` among its groups.
    nation : str
        The region that is the nation; say whether it includes the others.

    Returns
    -------
    DataFrame
        The rows of the regions with ``value_share_pct`` (of the nation's value creation), ``productivity_gap_pct``,
        ``margin_gap`` in points and ``wage_capacity_pct``, wage cost per employee against the nation, all from the
        nation's row of the same industry and year.

    Examples
    --------
    >>> rows = pd.DataFrame({"region": ["r", "n"], "value_creation": [5.0, 100.0], "productivity": [0.9, 1.0],
    ...                      "margin": [0.05, 0.04], "wage_level": [0.465, 0.5]})
    >>> against_nation(rows, "n")[["value_share_pct", "wage_capacity_pct"]].round(1).values.tolist()
    [[5.0, -7.0]]
    """
    frame = pandas_frame(table)
    if nation not in set(frame["region"]):
        raise NetklyngeError(
            f"region '{nation}' is not there; there are {', '.join(map(str, frame['region'].unique()))}"
        )
    keys = [k for k in ("industry", "year") if k in frame.columns]
    measures = ["value_creation", "productivity", "margin", "wage_level"]
    theirs = frame.loc[frame["region"] == nation, [*keys, *measures]].rename(
        columns={m: f"nation_{m}" for m in measures}
    )
    own = frame[frame["region"] != nation]
    joined = own.merge(theirs, on=keys, how="left") if keys else own.merge(theirs, how="cross")
    return joined.assign(
        value_share_pct=100 * joined["value_creation"] / joined["nation_value_creation"],
        productivity_gap_pct=100 * (joined["productivity"] / joined["nation_productivity"] - 1),
        margin_gap=100 * (joined["margin"] - joined["nation_margin"]),
        wage_capacity_pct=100 * (joined["wage_level"] / joined["nation_wage_level"] - 1),
    )


def milieu_size(values: Iterable[float]) -> pd.DataFrame:
    r"""The size of a milieu as the sum of the square roots of its firms' value creation.

    .. math:: S = \sum_i \sqrt{V_i}

    Many firms weigh more than one of the same value: four of 25 give 20, one of 100 gives 10.

    Parameters
    ----------
    values : iterable of float
        Value creation per firm, all in one unit of money and one year; S changes with the square root of the unit.

    Returns
    -------
    DataFrame
        One row: ``size, firms, value, left_out`` (negative or unknown values), ``smallest_possible`` (all in one
        firm) and ``largest_possible`` (all firms alike) for that value.

    References
    ----------
    Østfoldforskning 2013, Klynger og klyngemekanismer i Nedre Glomma, table 2 (after Menon).

    Examples
    --------
    >>> milieu_size([25, 25, 25, 25, -1])[["size", "left_out"]].values.tolist()
    [[20.0, 1.0]]
    """
    given = np.asarray(list(values), dtype=float)
    used = given[given >= 0]  # a comparison with unknown is false
    total = float(used.sum())
    return pd.DataFrame(
        [
            {
                "size": float(np.sqrt(used).sum()),
                "firms": len(used),
                "value": total,
                "left_out": len(given) - len(used),
                "smallest_possible": total**0.5,
                "largest_possible": (total * len(used)) ** 0.5,
            }
        ]
    )


def share_growth_factor(before: float, after: float) -> float:
    r"""How much faster a part grew than the rest of the whole, from its shares alone.

    .. math:: \frac{s_1 / (1 - s_1)}{s_0 / (1 - s_0)}

    Parameters
    ----------
    before, after : float
        Shares between 0 and 1.

    Examples
    --------
    >>> round(share_growth_factor(0.51, 0.53), 3)
    1.083
    """
    if not (0 < before < 1 and 0 < after < 1):
        raise NetklyngeError("shares lie between 0 and 1, both ends excluded")
    return (after / (1 - after)) / (before / (1 - before))
