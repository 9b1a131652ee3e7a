"""Industrial districts among labour-market areas, by the rule of Sforzi and ISTAT: a third opinion, from jobs alone."""

from __future__ import annotations

import numpy as np
import pandas as pd
from narwhals.typing import IntoFrame

from netklynge.findings import NetklyngeError
from netklynge.regions.registers import pandas_frame

__all__ = ["MANUFACTURING", "SIZES", "labour_systems"]

MANUFACTURING = "manufacturing"
SIZES: tuple[str, ...] = ("small", "medium", "large")  # under 50, 50 to 249, 250 and more employees
LEAST_JOBS = 250
_COLUMNS = ("area", "sector", "industry", "size", "jobs")


def labour_systems(jobs: IntoFrame) -> pd.DataFrame:
    r"""Which labour-market areas are manufacturing systems of small or of large firms, step by step.

    With :math:`e` the jobs of an area and :math:`E` those of all areas, a quotient is
    :math:`(e_{is}/e_s)/(E_i/E)` and an excess :math:`e_{is} - e_s E_i/E`.

    1. manufacturing: of all sectors it has the largest excess, and a quotient above 1;
    2. the size class of manufacturing with the highest quotient is small or medium;
    3. the main industry: in manufacturing the one with the largest excess, and a quotient above 1;
    4. firms under 250 employees hold over half of its jobs, and it has at least 250. If a single firm is all that the
       medium class holds there, it may not have more jobs than the small ones together.

    A system of large firms passes step 1, is strongest in large firms, and large firms hold over half of the jobs of
    its main industry.

    Parameters
    ----------
    jobs : frame
        ``area, sector, industry, size, jobs`` and, optional, ``firms``: one row per cell of all areas of the country.
        ``sector`` is ``manufacturing`` or any other sector; ``size`` (:data:`SIZES`) is needed in manufacturing.

    Returns
    -------
    DataFrame
        One row per area: ``area``, ``sector`` (largest excess), ``sector_quotient``, ``size_class``, ``industry``
        (main), ``industry_quotient``, ``industry_jobs``, ``under_250`` (share of its jobs), ``fails_at`` (the first
        step not passed, blank if none) and ``system``: ``small_firm`` (a district), ``large_firm`` or ``other``.

    Raises
    ------
    NetklyngeError
        A column is missing, a figure is unknown or negative, or a size class in manufacturing is none of the three.

    Notes
    -----
    A small-firm system agrees with the verdict small_firm; a large-firm system with hub_and_spoke or satellite, between
    which jobs cannot tell. The rule needs all areas and all sectors of a country.

    References
    ----------
    Boix, R. (2008). Industrial districts, innovation and I-district effect: territory or industrial specialization?
    Working Paper 08.07, Department of Applied Economics, Universitat Autònoma de Barcelona, annex 1 (the steps, after
    Sforzi and ISTAT 2006).

    Examples
    --------
    >>> cells = pd.DataFrame({"area": ["a", "a", "b", "b"], "sector": ["manufacturing", "trade"] * 2,
    ...     "industry": ["knitwear", "shops", "steel", "shops"], "size": ["small", None, "large", None],
    ...     "jobs": [600, 400, 100, 900]})
    >>> labour_systems(cells)[["area", "system"]].values.tolist()
    [['a', 'small_firm'], ['b', 'other']]
    """
    cells = _checked(jobs)
    making = cells[cells["sector"] == MANUFACTURING]
    sectors, sizes, industries = (
        _relative(frame, by) for frame, by in ((cells, "sector"), (making, "size"), (making, "industry"))
    )
    rows = []
    for area in cells["area"].unique():
        sector = _leading(sectors, area, "excess")
        size = _leading(sizes, area, "quotient")
        industry = _leading(industries, area, "excess")
        own = making[(making["area"] == area) & (making["industry"] == industry["name"])]
        by_size = own.groupby("size")["jobs"].sum().reindex(SIZES, fill_value=0.0)
        total = float(by_size.sum())
        minor = float(by_size["small"] + by_size["medium"])
        firms = own.loc[own["size"] == "medium", "firms"]
        alone = len(firms) > 0 and bool(firms.notna().all()) and float(firms.sum()) == 1
        steps = [
            sector["name"] == MANUFACTURING and sector["quotient"] > 1,
            size["name"] in ("small", "medium"),
            industry["quotient"] > 1,
            total >= LEAST_JOBS and minor > total / 2 and not (alone and by_size["medium"] > by_size["small"]),
        ]
        fails = next((k for k, passed in enumerate(steps, start=1) if not passed), None)
        led_by_large = steps[0] and size["name"] == "large" and minor < total / 2
        system = "small_firm" if fails is None else "large_firm" if led_by_large else "other"
        rows.append(
            (
                area,
                sector["name"],
                sector["quotient"],
                size["name"],
                industry["name"],
                industry["quotient"],
                total,
                minor / total if total else np.nan,
                fails,
                system,
            )
        )
    columns = [
        "area",
        "sector",
        "sector_quotient",
        "size_class",
        "industry",
        "industry_quotient",
        "industry_jobs",
        "under_250",
        "fails_at",
        "system",
    ]
    return pd.DataFrame(rows, columns=columns).astype({"fails_at": "Int64"})


def _checked(jobs: IntoFrame) -> pd.DataFrame:
    table = pandas_frame(jobs).reset_index(drop=True)
    for name in _COLUMNS:
        if name not in table.columns:
            raise NetklyngeError(f"jobs: column '{name}' is missing; it needs {', '.join(_COLUMNS)}")
    figures = pd.to_numeric(table["jobs"], errors="coerce")
    wrong = figures.isna() | (figures < 0)
    if wrong.any():
        row = int(np.flatnonzero(wrong)[0])
        value = table["jobs"].iloc[row]
        raise NetklyngeError(f"jobs: row {row + 1}: jobs: '{value}': no figure from 0 up; unknown is not 0")
    unsized = (table["sector"] == MANUFACTURING) & ~table["size"].isin(SIZES)
    if unsized.any():
        row = int(np.flatnonzero(unsized)[0])
        value = table["size"].iloc[row]
        raise NetklyngeError(f"jobs: row {row + 1}: size: '{value}': no size class; one of {', '.join(SIZES)}")
    firms = pd.to_numeric(table["firms"]) if "firms" in table.columns else np.nan
    return table.assign(jobs=figures.astype(float), firms=firms)


def _relative(cells: pd.DataFrame, by: str) -> pd.DataFrame:
    """Quotient and excess of each area's jobs in each group."""
    matrix = cells.pivot_table(index="area", columns=by, values="jobs", aggfunc="sum", fill_value=0.0)
    area, group, total = matrix.sum(axis=1), matrix.sum(axis=0), float(matrix.to_numpy().sum())
    expected = np.outer(area, group) / total if total else np.zeros(matrix.shape)
    with np.errstate(divide="ignore", invalid="ignore"):
        quotient = matrix / expected
    tables = {"quotient": quotient, "excess": matrix - expected}
    long = [t.melt(var_name="name", value_name=v, ignore_index=False).reset_index() for v, t in tables.items()]
    return long[0].merge(long[1], on=["area", "name"])


def _leading(table: pd.DataFrame, area: str, measure: str) -> pd.Series:
    """The group of an area that leads in a measure; blanks where the area has none."""
    rows = table[(table["area"] == area) & table[measure].notna()]
    if rows.empty:
        return pd.Series({"name": None, "quotient": np.nan, "excess": np.nan})
    return rows.loc[rows[measure].idxmax()]
