"""Change: growth against the nation, shift-share that adds up, sub-periods, and the path to a target."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np
import pandas as pd
from narwhals.typing import IntoFrame

from netklynge.findings import NetklyngeError
from netklynge.regions.registers import pandas_frame

__all__ = [
    "change",
    "dynamic_shift_share",
    "growth_gaps",
    "growth_index",
    "relative_growth",
    "shift_share",
    "target_path",
]


def change(jobs: IntoFrame, start: int, end: int) -> pd.DataFrame:
    """Absolute and relative change of every region and industry between two years.

    Parameters
    ----------
    jobs : frame
        ``region, industry, year, value``.
    start, end : int

    Returns
    -------
    DataFrame
        ``region, industry, start_value, end_value, change, change_pct``; no rate from a base of 0.

    Examples
    --------
    >>> jobs = pd.DataFrame({"region": "Horten", "industry": "ICT", "year": [1997, 2005], "value": [1644, 1641]})
    >>> change(jobs, 1997, 2005)["change_pct"].round(1).tolist()
    [-0.2]
    """
    table = _years(jobs, [start, end])
    difference = table[end] - table[start]
    rate = 100 * difference / table[start].where(table[start] != 0)
    out = pd.DataFrame({"start_value": table[start], "end_value": table[end], "change": difference, "change_pct": rate})
    return out.reset_index()


def _years(jobs: IntoFrame, years: Sequence[int]) -> pd.DataFrame:
    """Regions and industries in rows, years in columns."""
    table = pandas_frame(jobs)
    for name in ("region", "industry", "year", "value"):
        if name not in table.columns:
            raise NetklyngeError(f"jobs: column '{name}' is missing; it needs region, industry, year and value")
    table = table[table["year"].isin(list(years))]
    twice = table.duplicated(["region", "industry", "year"])
    if twice.any():
        row = table[twice].iloc[0]
        raise NetklyngeError(f"jobs: {row['region']}, {row['industry']}, {row['year']} stands twice; keep one measure")
    lacking = [y for y in years if y not in set(table["year"])]
    if lacking:
        raise NetklyngeError(f"jobs: no figures for {lacking[0]}")
    wide = table.astype({"value": float}).pivot_table(
        index=["region", "industry"], columns="year", values="value", aggfunc="first", dropna=False
    )
    keys = pd.MultiIndex.from_frame(table[["region", "industry"]].drop_duplicates())
    return wide.reindex(keys)


def growth_index(jobs: IntoFrame, base: int, reference: str | None = None) -> pd.DataFrame:
    """Indices with a base year of 100, and each beside the reference.

    Parameters
    ----------
    jobs : frame
        ``region, industry, year, value``.
    base : int
        The base year.
    reference : str, optional
        A region, such as the nation or the rest of the country.

    Returns
    -------
    DataFrame
        ``region, industry, year, value, base_value, index``, and with a reference ``reference_index``, ``gap`` in
        points and ``ratio`` of the indices.

    Raises
    ------
    NetklyngeError
        The base year or the reference is not in the table, or a cell stands twice (two measures in one table).

    Examples
    --------
    >>> jobs = pd.DataFrame({"region": ["a", "a", "n", "n"], "industry": "x", "year": [1998, 2005] * 2,
    ...                      "value": [200, 210, 1000, 900]})
    >>> growth_index(jobs, 1998, "n")[["year", "index", "gap"]].values.tolist()
    [[1998.0, 100.0, 0.0], [2005.0, 105.0, 15.0]]
    """
    table = pandas_frame(jobs)
    if base not in set(table["year"]):
        raise NetklyngeError(f"jobs: no figures for the base year {base}")
    twice = table.duplicated(["region", "industry", "year"])
    if twice.any():
        row = table[twice].iloc[0]
        raise NetklyngeError(f"jobs: {row['region']}, {row['industry']}, {row['year']} stands twice; keep one measure")
    at_base = table[table["year"] == base].set_index(["region", "industry"])["value"].rename("base_value")
    out = table[["region", "industry", "year", "value"]].join(at_base, on=["region", "industry"])
    out["index"] = 100 * out["value"] / out["base_value"].where(out["base_value"] != 0)
    if reference is None:
        return out.reset_index(drop=True)
    if reference not in set(out["region"]):
        raise NetklyngeError(f"reference '{reference}' is no region; there are {', '.join(out['region'].unique())}")
    theirs = out[out["region"] == reference].set_index(["industry", "year"])["index"].rename("reference_index")
    own = out[out["region"] != reference].join(theirs, on=["industry", "year"])
    return own.assign(
        gap=own["index"] - own["reference_index"], ratio=own["index"] / own["reference_index"]
    ).reset_index(drop=True)


# -- shift-share ---------------------------------------------------------------------------------------


def shift_share(jobs: IntoFrame, start: int, end: int, reference: str | None = None) -> pd.DataFrame:
    r"""Shift-share: what of a region's change the nation, its mix of industries, and the region itself explain.

    .. math:: \Delta E_{ri} = \underbrace{e_{ri} G}_{national}
              + \underbrace{e_{ri} (g_i - G)}_{mix}
              + \underbrace{e_{ri} (r_{ri} - g_i)}_{competitive}

    Parameters
    ----------
    jobs : frame
        ``region, industry, year, value``; the industries are to add up to all that is meant.
    start, end : int
    reference : str, optional
        The region that stands for the nation (say whether it includes the others); by default all regions.

    Returns
    -------
    DataFrame
        ``region, industry, start_value, end_value, change, national, mix, competitive``; the three add up to
        the change of every row, also for an industry that started from 0 (all competitive). The last row of a
        region is the sum, industry "all".

    Raises
    ------
    NetklyngeError
        A figure is unknown, or the reference is missing or empty in the first year.

    References
    ----------
    Dunn, E. S. 1960, Papers of the Regional Science Association 6, 97-112.

    Examples
    --------
    >>> jobs = pd.DataFrame({"region": ["r"] * 2 + ["n"] * 2, "industry": "x", "year": [1, 2] * 2,
    ...                      "value": [100, 130, 1000, 1100]})
    >>> shift_share(jobs, 1, 2, "n")[["industry", "change", "national", "competitive"]].round(6).values.tolist()
    [['x', 30.0, 10.0, 20.0], ['all', 30.0, 10.0, 20.0]]
    """
    table = _years(jobs, [start, end])
    if table.isna().any(axis=None):
        region, industry = table.index[table.isna().any(axis=1)][0]
        raise NetklyngeError(
            f"jobs: {region}, {industry}: a figure is unknown in {start} or {end}; shift-share needs them all"
        )
    if reference is None:
        nation = table.groupby(level="industry").sum()
        own = table
    elif reference in table.index.get_level_values("region"):
        nation = table.xs(reference, level="region")
        own = table.drop(index=reference, level="region")
    else:
        raise NetklyngeError(f"reference '{reference}' is no region")
    base = nation[start].sum()
    if not base > 0:
        raise NetklyngeError(f"the reference holds no jobs in {start}")
    total_growth = nation[end].sum() / base - 1
    growth = (nation[end] / nation[start].where(nation[start] > 0) - 1).rename("g")
    first, last = own[start], own[end]
    theirs = pd.Series(own.index.get_level_values("industry").map(growth), index=own.index, dtype=float)
    # an industry that the nation did not have has no growth of its own: its mix part is nought
    theirs = theirs.fillna(total_growth)
    parts = pd.DataFrame(
        {
            "start_value": first,
            "end_value": last,
            "change": last - first,
            "national": first * total_growth,
            "mix": first * (theirs - total_growth),
        }
    )
    parts["competitive"] = parts["change"] - parts["national"] - parts["mix"]
    return _with_sums(parts.reset_index())


def _with_sums(parts: pd.DataFrame) -> pd.DataFrame:
    blocks = []
    for region, block in parts.groupby("region", sort=False):
        sums = block.drop(columns=["region", "industry"]).sum()
        blocks += [block, pd.DataFrame([{"region": region, "industry": "all", **sums}])]
    return pd.concat(blocks, ignore_index=True)


def dynamic_shift_share(
    jobs: IntoFrame, reference: str | None = None, years: Sequence[int] | None = None
) -> pd.DataFrame:
    """Shift-share from year to year, summed: the mix is that of each year, not that of the first.

    Parameters
    ----------
    jobs : frame
        ``region, industry, year, value``.
    reference : str, optional
        As in :func:`shift_share`.
    years : sequence of int, optional
        By default all years of the table.

    Returns
    -------
    DataFrame
        As :func:`shift_share`; start and end are the first and last year.

    References
    ----------
    Barff, R. A. & Knight, P. L. 1988, Growth and Change 19(2), 1-10.

    Examples
    --------
    >>> jobs = pd.DataFrame({"region": ["r"] * 3 + ["n"] * 3, "industry": "x", "year": [1, 2, 3] * 2,
    ...                      "value": [100, 130, 130, 1000, 1100, 1210]})
    >>> dynamic_shift_share(jobs, "n")[["industry", "change", "national", "competitive"]].round(6).values.tolist()
    [['x', 30.0, 23.0, 7.0], ['all', 30.0, 23.0, 7.0]]
    """
    found = sorted({int(y) for y in (years or pandas_frame(jobs)["year"].unique())})
    if len(found) < 2:
        raise NetklyngeError("dynamic shift-share needs two years at the least")
    steps = [shift_share(jobs, a, b, reference) for a, b in pairwise(found)]
    keys = ["region", "industry"]
    flows = pd.concat(steps).groupby(keys, sort=False)[["change", "national", "mix", "competitive"]].sum()
    ends = steps[0].set_index(keys)[["start_value"]].join(steps[-1].set_index(keys)[["end_value"]])
    return ends.join(flows).reset_index()


# -- against others --------------------------------------------------------------------------------------


def growth_gaps(jobs: IntoFrame, periods: Sequence[tuple[int, int]], reference: str) -> pd.DataFrame:
    """Own growth less growth of the same industry elsewhere, by sub-period: strong, variable or weak.

    Parameters
    ----------
    jobs : frame
        ``region, industry, year, value``.
    periods : sequence of (int, int)
        Sub-periods.
    reference : str
        The same industry elsewhere.

    Returns
    -------
    DataFrame
        ``region, industry``, one ``gap_<start>_<end>`` in points per sub-period, and ``verdict``: strong when all
        gaps are positive, weak when all are negative, else variable; blank when one is unknown. The rule is
        ours; its source (NIBR-notat 2004:116, chapter 2.3) states no threshold.

    Examples
    --------
    >>> jobs = pd.DataFrame({"region": ["a"] * 3 + ["n"] * 3, "industry": "x", "year": [1, 2, 3] * 2,
    ...                      "value": [100, 103, 110, 100, 100, 100]})
    >>> growth_gaps(jobs, [(1, 2), (2, 3)], "n")["verdict"].tolist()
    ['strong']
    """
    gaps: dict[str, pd.Series[float]] = {}
    for start, end in periods:
        rates = change(jobs, start, end).set_index(["region", "industry"])["change_pct"]
        theirs = rates.xs(reference, level="region")
        own = rates.drop(index=reference, level="region")
        gaps[f"gap_{start}_{end}"] = own - pd.Series(
            own.index.get_level_values("industry").map(theirs), index=own.index
        )
    table = pd.DataFrame(gaps)
    verdict = np.select(
        [table.isna().any(axis=1), (table > 0).all(axis=1), (table < 0).all(axis=1)],
        ["", "strong", "weak"],
        "variable",
    )
    return table.assign(verdict=pd.array(verdict, dtype="string")).replace({"verdict": {"": pd.NA}}).reset_index()


def relative_growth(place: float, nation: float) -> Mapping[str, float]:
    """Growth against the nation both ways, since sources seldom say which they mean.

    Parameters
    ----------
    place, nation : float
        Rates in per cent.

    Returns
    -------
    mapping
        ``difference`` in points and ``ratio`` of the growth factors.

    Examples
    --------
    >>> {name: round(v, 5) for name, v in relative_growth(0.9, 1.5).items()}
    {'difference': -0.6, 'ratio': 0.99409}
    """
    return {"difference": place - nation, "ratio": (100 + place) / (100 + nation)}


def target_path(
    base_year: int,
    base: float,
    target_year: int,
    target: float,
    rate: float | None = None,
    now_year: int | None = None,
    now: float | None = None,
) -> pd.DataFrame:
    r"""What yearly growth a goal needs, and where today's growth leads.

    .. math:: g^* = (T / B)^{1/n} - 1, \quad B (1 + g)^n

    Parameters
    ----------
    base_year, base, target_year, target
        Where one started and where one wants to be.
    rate : float, optional
        Observed (or stated) growth in per cent a year.
    now_year, now : optional
        Where one stands; without `now` it is what the observed growth has led to.

    Returns
    -------
    DataFrame
        One row: ``years, required_pct, projection, gap`` (projection less target), ``now_value,
        required_from_now_pct``; blank what was not asked for.

    Raises
    ------
    NetklyngeError
        The target year is not after the base year, or a value is not positive.

    Examples
    --------
    >>> path = target_path(2017, 27000, 2030, 33000, rate=0.9, now_year=2021)
    >>> path[["required_pct", "projection", "required_from_now_pct"]].round(3).values.tolist()
    [[1.556, 30335.344, 1.848]]
    """
    if not (base > 0 and target > 0 and target_year > base_year):
        raise NetklyngeError("a target path needs positive values and a target year after the base year")
    years = target_year - base_year
    factor = None if rate is None else 1 + rate / 100
    projection = np.nan if factor is None else base * factor**years
    if now is None and factor is not None and now_year is not None:
        now = base * factor ** (now_year - base_year)
    left = target_year - now_year if now_year is not None else 0
    from_now = 100 * ((target / now) ** (1 / left) - 1) if now and left > 0 else np.nan
    return pd.DataFrame(
        [
            {
                "years": years,
                "required_pct": 100 * ((target / base) ** (1 / years) - 1),
                "projection": projection,
                "gap": projection - target,
                "now_value": np.nan if now is None else now,
                "required_from_now_pct": from_now,
            }
        ]
    )
