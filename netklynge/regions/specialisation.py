"""Specialisation: is an industry over-represented in a region, how far, and how sure is that."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from narwhals.typing import IntoFrame

from netklynge.chance import wilson
from netklynge.files.settings import bundled_settings, read_settings
from netklynge.findings import InputError, NetklyngeError
from netklynge.regions.nations import is_whole
from netklynge.regions.registers import pandas_frame
from netklynge.regions.withheld import cell_bounds, quotient_bounds

__all__ = [
    "ellison_glaeser",
    "hachman",
    "industry_matrix",
    "krugman",
    "location_quotients",
    "screen_industries",
    "screens",
]

_COMPARE: Mapping[str, Callable[[Fraction, Fraction], bool]] = {
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
}


def industry_matrix(jobs: IntoFrame, withheld: bool = False) -> pd.DataFrame:
    """Jobs as a matrix, regions in rows and industries in columns, in order of first appearance.

    Parameters
    ----------
    jobs : frame
        ``region, industry, value``, one row per cell; a cell without a row holds no jobs.
    withheld : bool
        Let a cell with a row but without a figure stay blank.

    Returns
    -------
    DataFrame
        Regions by industries.

    Raises
    ------
    NetklyngeError
        A column is missing, a cell stands twice, or a figure is unknown or negative.

    Examples
    --------
    >>> jobs = pd.DataFrame({"region": ["a", "b"], "industry": ["it", "food"], "value": [5, 7]})
    >>> industry_matrix(jobs).loc["a"].tolist()
    [5.0, 0.0]
    """
    table = pandas_frame(jobs)
    for name in ("region", "industry", "value"):
        if name not in table.columns:
            raise NetklyngeError(f"jobs: column '{name}' is missing; it needs region, industry and value")
    twice = table.duplicated(["region", "industry"])
    unknown = table["value"].isna()
    bad = (table["value"] < 0) | (unknown & (not withheld))
    for flags, what in (
        (twice, "stands twice; keep one year and one measure"),
        (bad, "has no figure from 0 up; unknown is not 0, so leave the industry out or estimate it"),
    ):
        if flags.any():
            cell = table[flags].iloc[0]
            raise NetklyngeError(f"jobs: {cell['region']}, {cell['industry']}: {what}")
    matrix = table.pivot_table(index="region", columns="industry", values="value", aggfunc="sum")
    matrix = matrix.reindex(index=table["region"].unique(), columns=table["industry"].unique()).fillna(0.0)
    for region, industry in table.loc[unknown, ["region", "industry"]].itertuples(index=False, name=None):
        matrix.loc[region, industry] = np.nan
    return matrix


def location_quotients(
    jobs: IntoFrame, reference: str | None = None, level: float = 0.95, totals: pd.Series[float] | None = None
) -> pd.DataFrame:
    r"""Location quotients of every region and industry, with intervals.

    .. math:: LQ_{ri} = \frac{E_{ri} / E_r}{E_i / E}

    Parameters
    ----------
    jobs : frame
        ``region, industry, value``, one year and one measure; a withheld figure is blank.
    reference : str, optional
        The region that stands for the nation, such as "rest of country"; it gets no rows of its own. By default
        the nation is the sum of all regions given.
    level : float
        Of the interval.
    totals : Series, optional
        Jobs in all industries by region, where the table prints them: they bound what is withheld.

    Returns
    -------
    DataFrame
        ``region, industry, jobs, region_jobs, region_share, nation_jobs, nation_total, nation_share, lq, low,
        high, lq_least, lq_most``. What rests on a withheld figure is blank, and lies for certain between ``lq_least``
        and ``lq_most`` (see :mod:`netklynge.regions.withheld`); where nothing is withheld both are the quotient. The
        interval is Wilson's of the region's share over the nation's share, which is taken as known:
        it says how far a small count could move by chance, not that jobs were sampled.

    Raises
    ------
    NetklyngeError
        A figure is negative, or the reference is no region.

    References
    ----------
    Wilson, E. B. 1927, JASA 22, 209-212 (the interval).

    Examples
    --------
    >>> jobs = pd.DataFrame({"region": ["a", "a", "n", "n"], "industry": ["x", "y", "x", "y"],
    ...                      "value": [51, 949, 30, 970]})
    >>> location_quotients(jobs, reference="n")[["industry", "lq"]].round(3).values.tolist()
    [['x', 1.7], ['y', 0.978]]
    """
    matrix = industry_matrix(jobs, withheld=True)
    nation, own = _against(matrix, reference)
    # the rest of a country does not hold its regions, so that it limits none of them
    whole = nation if reference is not None and is_whole(reference) else None
    least, most = quotient_bounds(*cell_bounds(matrix, totals, whole, reference), reference, totals)
    national = float(nation.sum(skipna=False))
    rows = []
    for region, row in own.iterrows():
        total = float(row.sum(skipna=False))
        if np.isnan(total) and totals is not None:
            total = float(totals.get(region, np.nan))
        for industry, count in row.items():
            share = count / total if total else np.nan
            base = nation[industry] / national if national else np.nan
            known = np.isfinite(share) and np.isfinite(base) and base > 0
            low, high = (b / base for b in wilson(count, total, level)) if known else (np.nan, np.nan)
            quotient = share / base if known else np.nan
            rows.append(
                (
                    region,
                    industry,
                    count,
                    total,
                    share,
                    nation[industry],
                    national,
                    base,
                    quotient,
                    low,
                    high,
                    quotient if known else least.loc[region, industry],
                    quotient if known else most.loc[region, industry],
                )
            )
    columns = [
        "region",
        "industry",
        "jobs",
        "region_jobs",
        "region_share",
        "nation_jobs",
        "nation_total",
        "nation_share",
        "lq",
        "low",
        "high",
        "lq_least",
        "lq_most",
    ]
    return pd.DataFrame(rows, columns=columns)


def _against(matrix: pd.DataFrame, reference: str | None) -> tuple[pd.Series[float], pd.DataFrame]:
    if reference is None:
        return matrix.sum(skipna=False), matrix
    if reference not in matrix.index:
        raise NetklyngeError(f"reference '{reference}' is no region; there are {', '.join(map(str, matrix.index))}")
    return matrix.loc[reference], matrix.drop(index=reference)


# -- screens -------------------------------------------------------------------------------------------


def screens(path: str | Path | None = None) -> Mapping[str, Any]:
    """The named screens: those that come with netklynge, or those of a file of the same form.

    Examples
    --------
    >>> screens()["technology_regions"]["tests"]
    [['jobs', '>', '1000'], ['lq', '>', '1.20']]
    """
    if path is None:
        return bundled_settings("netklynge.regions", "screens.yaml")
    found = read_settings(path, "screens")
    for name, rule in found.items():
        tests = rule.get("tests") if isinstance(rule, Mapping) else None
        if not isinstance(tests, list) or not all(isinstance(test, list) and len(test) == 3 for test in tests):
            raise InputError(f"{path}: {name}: tests: a list of [measure, operator, threshold] is needed")
    return found


def screen_industries(
    quotients: IntoFrame, rule: str | Mapping[str, Any], leave_out: Sequence[str] = ()
) -> pd.DataFrame:
    """Hold every cell of :func:`location_quotients` against a named screen.

    Parameters
    ----------
    quotients : frame
        As :func:`location_quotients` gives them.
    rule : str or mapping
        The name of a screen in :func:`screens`, or a screen (``tests``, ``needs``).
    leave_out : sequence of str
        Industries beside those that the screen names.

    Returns
    -------
    DataFrame
        The cells with one column per test (``lq >= 1.70``), ``stars`` (tests passed) and ``passes``. Thresholds
        are compared as fractions of whole numbers, so that a cell on the line falls on its right side.

    Raises
    ------
    NetklyngeError
        The screen or a measure in it is unknown.

    Notes
    -----
    A screen says where to look; it is no proof of a cluster.

    Examples
    --------
    >>> jobs = pd.DataFrame({"region": ["a", "a", "n", "n"], "industry": ["x", "y", "x", "y"],
    ...                      "value": [51, 949, 30, 970]})
    >>> screen_industries(location_quotients(jobs, "n"), "innlandet")["passes"].tolist()
    [True, False]
    """
    if isinstance(rule, str) and rule not in screens():
        raise NetklyngeError(f"screen '{rule}' is unknown; there are {', '.join(screens())}")
    chosen: Mapping[str, Any] = screens()[rule] if isinstance(rule, str) else rule
    cells = pandas_frame(quotients)
    cells = cells[~cells["industry"].isin([*leave_out, *chosen.get("leave_out", ())])].reset_index(drop=True)
    measures = _exact_measures(cells)
    passed = pd.DataFrame(index=cells.index)
    for measure, sign, threshold in chosen["tests"]:
        if measure not in measures or sign not in _COMPARE:
            raise NetklyngeError(
                f"screen: '{measure} {sign}' is unknown; measures are {', '.join(measures)}, "
                f"operators {' '.join(_COMPARE)}"
            )
        limit = Fraction(str(threshold))
        values = [v is not None and _COMPARE[sign](v, limit) for v in measures[measure]]
        passed[f"{measure} {sign} {threshold}"] = values
    stars = passed.sum(axis=1).astype(int)
    least = len(passed.columns) if chosen.get("needs", "all") == "all" else 1
    return cells.assign(**passed, stars=stars, passes=stars >= least)


def _exact_measures(cells: pd.DataFrame) -> dict[str, list[Fraction | None]]:
    """The measures of a screen as fractions; None where the base is 0."""

    def ratio(a: float, b: float) -> Fraction | None:
        return Fraction(a) / Fraction(b) if b else None

    jobs, totals = cells["jobs"], cells["region_jobs"]
    quotients: list[Fraction | None] = []
    for own, total, nation, all_jobs in zip(jobs, totals, cells["nation_jobs"], cells["nation_total"], strict=True):
        share, base = ratio(own, total), ratio(nation, all_jobs)
        quotients.append(share / base if share is not None and base else None)
    by_industry = cells.groupby("industry")
    size = by_industry["jobs"].rank(ascending=False, method="min")
    focus = by_industry["region_share"].rank(ascending=False, method="min")
    regions = by_industry["jobs"].transform("size")
    return {
        "jobs": [Fraction(v) for v in jobs],
        "region_share": [ratio(a, b) for a, b in zip(jobs, totals, strict=True)],
        "lq": quotients,
        "size_rank_share": [ratio(a, b) for a, b in zip(size, regions, strict=True)],
        "focus_rank_share": [ratio(a, b) if a == a else None for a, b in zip(focus, regions, strict=True)],
    }


# -- a region's whole profile ---------------------------------------------------------------------------


def krugman(jobs: IntoFrame, reference: str | None = None) -> pd.DataFrame:
    r"""Krugman's index of how far each region's mix of industries lies from the nation's.

    .. math:: K_r = \sum_i \left| \frac{E_{ri}}{E_r} - \frac{E_i}{E} \right|

    0 is the nation's own mix, 2 a mix that has nothing in common with it. (Half of it is the index of
    dissimilarity.)

    Parameters
    ----------
    jobs : frame
        ``region, industry, value``.
    reference : str, optional
        As in :func:`location_quotients`.

    Returns
    -------
    DataFrame
        ``region, krugman, jobs``.

    References
    ----------
    Krugman, P. 1991, Geography and Trade, MIT Press.

    Examples
    --------
    >>> jobs = pd.DataFrame({"region": ["a", "b"], "industry": ["x", "y"], "value": [10, 10]})
    >>> krugman(jobs)["krugman"].tolist()
    [1.0, 1.0]
    """
    nation, own = _against(industry_matrix(jobs, withheld=True), reference)
    shares = own.div(own.sum(axis=1, skipna=False), axis=0)
    index = (shares - nation / nation.sum(skipna=False)).abs().sum(axis=1, skipna=False)
    return pd.DataFrame(
        {"region": own.index, "krugman": index.to_numpy(), "jobs": own.sum(axis=1, skipna=False).to_numpy()}
    )


def hachman(jobs: IntoFrame, reference: str | None = None) -> pd.DataFrame:
    r"""Hachman's index: the inverse of the mean location quotient, weighted by the region's own jobs.

    .. math:: H_r = 1 \Big/ \sum_i \frac{E_{ri}}{E_r} LQ_{ri}

    1 is the nation's own mix; towards 0 the region is the more specialised.

    Parameters
    ----------
    jobs : frame
        ``region, industry, value``.
    reference : str, optional
        As in :func:`location_quotients`.

    Returns
    -------
    DataFrame
        ``region, hachman, jobs``; blank where the region has jobs in an industry that the reference lacks.

    Examples
    --------
    >>> jobs = pd.DataFrame({"region": ["a", "b"], "industry": ["x", "y"], "value": [10, 10]})
    >>> hachman(jobs)["hachman"].tolist()
    [0.5, 0.5]
    """
    nation, own = _against(industry_matrix(jobs, withheld=True), reference)
    shares = own.div(own.sum(axis=1, skipna=False), axis=0)
    base = nation / nation.sum(skipna=False)
    lacking = ((shares > 0) & (base == 0)).any(axis=1)
    weighted = (shares**2).div(base.where(base > 0), axis=1).sum(axis=1)
    # an industry that neither has is 0/0, and no part of the sum; a withheld one leaves the index unknown
    index = (1 / weighted).mask(lacking | shares.isna().any(axis=1) | base.isna().any())
    return pd.DataFrame(
        {"region": own.index, "hachman": index.to_numpy(), "jobs": own.sum(axis=1, skipna=False).to_numpy()}
    )


def ellison_glaeser(jobs: IntoFrame, plants: IntoFrame) -> pd.DataFrame:
    r"""Ellison and Glaeser's index: how much more an industry is concentrated than its few plants explain.

    .. math:: \gamma_i = \frac{G_i - (1 - \sum_r x_r^2) H_i}{(1 - \sum_r x_r^2)(1 - H_i)},
              \quad G_i = \sum_r (s_{ri} - x_r)^2

    with s the industry's share in region r, x the region's share of all jobs, H the sum of squared shares of the
    industry's plants. 0 is what dartboard chance gives; above 0.05 is read as strongly concentrated.

    Parameters
    ----------
    jobs : frame
        ``region, industry, value``.
    plants : frame
        ``industry, value``: the jobs of each plant.

    Returns
    -------
    DataFrame
        ``industry, gamma, g, herfindahl, plants, jobs``; gamma is blank for an industry of one plant.

    References
    ----------
    Ellison, G. & Glaeser, E. L. 1997, Journal of Political Economy 105(5), 889-927.

    Examples
    --------
    >>> jobs = pd.DataFrame({"region": ["a", "b", "a", "b"], "industry": ["x", "x", "y", "y"],
    ...                      "value": [20, 0, 30, 50]})
    >>> plants = pd.DataFrame({"industry": ["x"] * 2, "value": [10, 10]})
    >>> ellison_glaeser(jobs, plants)[["industry", "gamma"]].values.tolist()
    [['x', 1.0]]
    """
    matrix = industry_matrix(jobs)
    regions = matrix.sum(axis=1) / matrix.to_numpy().sum()
    spread = 1 - float((regions**2).sum())
    units = pandas_frame(plants)
    rows = []
    for industry, sizes in units.groupby("industry", sort=False)["value"]:
        if industry not in matrix.columns:
            raise NetklyngeError(f"plants: industry '{industry}' is not among the jobs")
        total = float(matrix[industry].sum())
        g = float(((matrix[industry] / total - regions) ** 2).sum()) if total else np.nan
        h = float(((sizes / sizes.sum()) ** 2).sum())
        gamma = (g - spread * h) / (spread * (1 - h)) if spread > 0 and h < 1 else np.nan
        rows.append((industry, gamma, g, h, len(sizes), total))
    return pd.DataFrame(rows, columns=["industry", "gamma", "g", "herfindahl", "plants", "jobs"])
