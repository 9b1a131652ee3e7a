"""Firms that come, go and weigh: founding and closing, size structure, what is new, what one firm explains."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd
from narwhals.typing import IntoFrame

from netklynge.findings import NetklyngeError
from netklynge.regions.registers import pandas_frame

__all__ = [
    "FEW",
    "firm_dynamics",
    "implied_stocks",
    "incumbents_and_entrants",
    "leave_one_out",
    "new_firms_share",
    "size_structure",
]

FEW = 20  # a stock below this is told in counts; its rates are marked


def firm_dynamics(firms: IntoFrame, few: int = FEW) -> pd.DataFrame:
    r"""Founding, closing and net rate and turbulence, all per 100 of the stock at the start.

    .. math:: \text{turbulence} = 100 \cdot \frac{\text{founded} + \text{closed}}{\text{stock at the start}}

    Parameters
    ----------
    firms : frame
        ``stock`` (at the start), ``founded``, ``closed``; all other columns are kept. Optionally ``stock_end``.
    few : int
        A stock below it is marked in ``few``.

    Returns
    -------
    DataFrame
        The rows with ``net, founded_pct, closed_pct, net_pct, turbulence, few`` and, where the stock at the end is
        known, ``balance_stock`` (end - founded + closed), the stock that the counts themselves imply. No rate
        from a stock of 0 or unknown.

    References
    ----------
    NIBR-rapport 2005:11, table v.6 and its footnote (turbulence).

    Examples
    --------
    >>> firms = pd.DataFrame({"town": ["Kongsberg"], "stock": [162], "founded": [213], "closed": [169],
    ...                       "stock_end": [231]})
    >>> out = firm_dynamics(firms).round(0)
    >>> out[["founded_pct", "net_pct", "turbulence", "balance_stock"]].values.tolist()
    [[131.0, 27.0, 236.0, 187.0]]
    """
    table = pandas_frame(firms)
    for name in ("stock", "founded", "closed"):
        if name not in table.columns:
            raise NetklyngeError(f"firms: column '{name}' is missing; it needs stock, founded and closed")
    stock, founded, closed = (table[c].astype(float) for c in ("stock", "founded", "closed"))
    base = stock.where(stock > 0)
    out = table.assign(
        net=founded - closed,
        founded_pct=100 * founded / base,
        closed_pct=100 * closed / base,
        net_pct=100 * (founded - closed) / base,
        turbulence=100 * (founded + closed) / base,
        few=stock < few,
    )
    if "stock_end" in table:
        out["balance_stock"] = table["stock_end"].astype(float) - founded + closed
    return out


def implied_stocks(
    founded: int,
    closed: int,
    founded_pct: float | None = None,
    net_pct: float | None = None,
    turbulence: float | None = None,
    digits: int = 0,
) -> list[int]:
    """Every whole stock at the start from which the printed rates follow.

    Parameters
    ----------
    founded, closed : int
        Counts over the period.
    founded_pct, net_pct, turbulence : float, optional
        Printed rates, per 100 of the stock.
    digits : int
        Their decimals.

    Returns
    -------
    list of int
        Empty when no stock fits them all, or when every rate is 0 or unknown, so that any stock would.

    Examples
    --------
    >>> implied_stocks(213, 169, 131, 27, 236)
    [162]
    >>> implied_stocks(43, 57, 44, -14, 819)
    []
    """
    half = 0.5 * 10.0**-digits
    pairs = [
        (n, r)
        for n, r in ((founded, founded_pct), (founded - closed, net_pct), (founded + closed, turbulence))
        if r is not None and r == r
    ]
    telling = [(n, r) for n, r in pairs if n and r]
    if not telling or any((n == 0) != (r == 0) and abs(r) > half for n, r in pairs):
        return []
    count, rate = max(telling, key=lambda pair: abs(pair[1]))
    low, high = (100 * abs(count) / (abs(rate) + sign * half) for sign in (1, -1))
    tolerance = half * (1 + 1e-9)
    return [
        s for s in range(max(1, int(low)), int(high) + 2) if all(abs(100 * n / s - r) <= tolerance for n, r in pairs)
    ]


# -- size ----------------------------------------------------------------------------------------------


def size_structure(
    sizes: IntoFrame,
    bands: Mapping[str, tuple[float, float]] | None = None,
    by: str | None = None,
) -> pd.DataFrame:
    """Units and jobs by size band, mean size, and the largest unit's share of the jobs.

    Parameters
    ----------
    sizes : frame
        ``employees``, one row per unit; optionally a column of groups.
    bands : mapping
        Name to (from, below); by default small under 10, medium 10 to under 100, large from 100 up.
    by : str, optional
        The column of groups.

    Returns
    -------
    DataFrame
        One row per group and band: ``band, units, jobs, pct_jobs, total_units, total_jobs, mean_size,
        largest_pct, unknown`` (units without a size, counted nowhere else), ``disclosive`` (one or two units).

    Examples
    --------
    >>> units = pd.DataFrame({"employees": [4, 6, 40, 150]})
    >>> size_structure(units)[["band", "units", "pct_jobs"]].values.tolist()
    [['small', 2, 5.0], ['medium', 1, 20.0], ['large', 1, 75.0]]
    """
    table = pandas_frame(sizes)
    if "employees" not in table.columns:
        raise NetklyngeError("sizes: column 'employees' is missing")
    bands = bands or {"small": (0, 10), "medium": (10, 100), "large": (100, np.inf)}
    groups = [(None, table)] if by is None else list(table.groupby(by, sort=False))
    rows = []
    for group, block in groups:
        known = block["employees"].dropna().astype(float)
        total = known.sum()
        for band, (low, below) in bands.items():
            inside = known[(known >= low) & (known < below)]
            rows.append(
                {
                    **({by: group} if by else {}),
                    "band": band,
                    "units": len(inside),
                    "jobs": inside.sum(),
                    "pct_jobs": 100 * inside.sum() / total if total else np.nan,
                    "total_units": len(known),
                    "total_jobs": total,
                    "mean_size": total / len(known) if len(known) else np.nan,
                    "largest_pct": 100 * known.max() / total if total else np.nan,
                    "unknown": int(block["employees"].isna().sum()),
                    "disclosive": 0 < len(inside) <= 2,
                }
            )
    return pd.DataFrame(rows)


# -- what is new ---------------------------------------------------------------------------------------


def new_firms_share(firms: IntoFrame, since: int, value: str = "value") -> pd.DataFrame:
    """Which share of the units, and of a value, comes from units founded since a year.

    Parameters
    ----------
    firms : frame
        ``founded`` and a column of values, one row per unit alive at the end.
    since : int
        The first founding year that counts as new.
    value : str
        The column of values.

    Returns
    -------
    DataFrame
        One row: ``units, new_units, pct_units, value, new_value, pct_value, value_per_new, value_per_old,
        unknown`` (units without a founding year or value: in no share).

    Notes
    -----
    Only survivors are seen; what was founded and closed in between is not.

    Examples
    --------
    >>> firms = pd.DataFrame({"founded": [1990, 2006, 2008], "value": [8.0, 1.0, 1.0]})
    >>> new_firms_share(firms, 2005)[["new_units", "pct_value"]].values.tolist()
    [[2.0, 20.0]]
    """
    table = pandas_frame(firms)
    known = table[table["founded"].notna() & table[value].notna()]
    new = known["founded"] >= since
    total, fresh = known[value].sum(), known.loc[new, value].sum()
    count, fresh_count = len(known), int(new.sum())
    return pd.DataFrame(
        [
            {
                "units": count,
                "new_units": fresh_count,
                "pct_units": 100 * fresh_count / count if count else np.nan,
                "value": total,
                "new_value": fresh,
                "pct_value": 100 * fresh / total if total else np.nan,
                "value_per_new": fresh / fresh_count if fresh_count else np.nan,
                "value_per_old": (total - fresh) / (count - fresh_count) if count > fresh_count else np.nan,
                "unknown": len(table) - count,
            }
        ]
    )


def incumbents_and_entrants(before: IntoFrame, after: IntoFrame, value: str = "value") -> pd.DataFrame:
    """Growth as incumbents + entrants - leavers; the three add up to the change.

    Parameters
    ----------
    before, after : frame
        ``firm`` and a column of values, one row per firm, at two dates.
    value : str
        The column of values.

    Returns
    -------
    DataFrame
        ``part`` (incumbents, entrants, leavers, all), ``firms, before, after, change, pct_of_change``.

    Raises
    ------
    NetklyngeError
        A firm stands twice, or a value is unknown.

    Examples
    --------
    >>> first = pd.DataFrame({"firm": ["a", "b"], "value": [10.0, 5.0]})
    >>> last = pd.DataFrame({"firm": ["a", "c"], "value": [14.0, 3.0]})
    >>> incumbents_and_entrants(first, last)[["part", "change"]].values.tolist()
    [['incumbents', 4.0], ['entrants', 3.0], ['leavers', -5.0], ['all', 2.0]]
    """
    ends = []
    for name, frame in (("before", before), ("after", after)):
        table = pandas_frame(frame)
        if table["firm"].duplicated().any() or table[value].isna().any():
            raise NetklyngeError(f"{name}: each firm once, with a known value")
        ends.append(table.set_index("firm")[value].astype(float).rename(name))
    both = pd.concat(ends, axis=1)
    stays = both.notna().all(axis=1)
    masks = {
        "incumbents": stays,
        "entrants": both["before"].isna(),
        "leavers": both["after"].isna(),
        "all": stays | True,
    }
    rows = []
    whole = both["after"].sum() - both["before"].sum()
    for part, mask in masks.items():
        old, new = both.loc[mask, "before"].sum(), both.loc[mask, "after"].sum()
        rows.append((part, int(mask.sum()), old, new, new - old, 100 * (new - old) / whole if whole else np.nan))
    return pd.DataFrame(rows, columns=["part", "firms", "before", "after", "change", "pct_of_change"])


def leave_one_out(firms: IntoFrame, measure: Callable[[pd.DataFrame], float], name: str = "firm") -> pd.DataFrame:
    r"""What one firm explains: a measure of all firms less the same without each.

    .. math:: \theta - \theta_{(-i)}

    Parameters
    ----------
    firms : frame
        One row per firm.
    measure : callable
        From such a frame to a number.
    name : str
        The column that names the firm.

    Returns
    -------
    DataFrame
        ``firm, with_all, without, effect``, the largest effect first.

    Notes
    -----
    The result is about named firms; it must not stand in public output.

    Examples
    --------
    >>> firms = pd.DataFrame({"firm": ["a", "b"], "value": [290.0, 2610.0]})
    >>> leave_one_out(firms, lambda f: f["value"].sum())["without"].tolist()
    [290.0, 2610.0]
    """
    table = pandas_frame(firms).reset_index(drop=True)
    whole = float(measure(table))
    without = [float(measure(table.drop(index=k))) for k in range(len(table))]
    out = pd.DataFrame({"firm": table[name], "with_all": whole, "without": without})
    out["effect"] = out["with_all"] - out["without"]
    return out.sort_values("effect", key=abs, ascending=False, kind="stable", ignore_index=True)
