"""Hubs: large actors inside the district that trade with others inside it.

Degree alone finds false hubs: parents of spin-offs, associations and research institutes lead the degree lists.
A hub here is large *and* buys from or sells to somebody inside the cut, named or as a category.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from netklynge.district.pipelines import partners

if TYPE_CHECKING:
    from netklynge.study.study import Study

__all__ = ["LARGE", "hubs"]

LARGE = 100  # employees: the report's upper size band; near the mean size in hub districts (see anchors.yaml)


def hubs(study: Study, large: float = LARGE) -> pd.DataFrame:
    """Inside actors with a known size or inside trade, and which of them are hubs.

    Parameters
    ----------
    study : Study
    large : float
        Employees from which an actor is large.

    Returns
    -------
    DataFrame
        One row per firm (and public, research or education body with trade or size) inside the cut, largest first:
        ``actor``, ``name``, ``employees``, ``jobs_share`` (of all known jobs of firms inside), ``suppliers`` and
        ``customers`` (distinct named partners inside, supply layer), ``trades_inside`` (a category counts),
        ``large`` (blank where no size is known) and ``hub``.

    Examples
    --------
    >>> import netklynge as nk
    >>> table = hubs(nk.load("horten"))
    >>> table.loc[table["hub"], "name"].tolist()[:2]
    ['Kongsberg Maritime AS (Offshore & Merchant Marine)', 'SensoNor AS']
    """
    return study.remember(("hubs", large), lambda: _hubs(study, large))


def _hubs(study: Study, large: float) -> pd.DataFrame:
    trade = partners(study, ["supply"])
    trade = trade[trade["inside"].fillna(False).astype(bool)]
    named = trade[~trade["category"]]
    rows = study.insiders
    rows = rows[rows["actor"].isin(study.firms["actor"]) | rows["actor"].isin(trade["actor"])]
    ids = rows["actor"]
    employees = ids.map(study.sizes()).astype("Float64")
    firm_jobs = study.firm_sizes().sum()
    big = (employees >= large).astype("boolean").mask(employees.isna())
    table = pd.DataFrame(
        {
            "actor": ids,
            "name": rows["name"],
            "employees": employees,
            "jobs_share": employees / firm_jobs if firm_jobs else float("nan"),
            "suppliers": ids.map(named[~named["gives"]].groupby("actor")["partner"].nunique()).fillna(0).astype(int),
            "customers": ids.map(named[named["gives"]].groupby("actor")["partner"].nunique()).fillna(0).astype(int),
            "trades_inside": ids.isin(trade["actor"]),
            "large": big,
        }
    )
    table = table.assign(hub=table["trades_inside"] & table["large"].fillna(False).astype(bool))
    return table.sort_values(["hub", "employees", "actor"], ascending=[False, False, True], ignore_index=True)
