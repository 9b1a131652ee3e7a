"""Hubs: large firms that local partners gather round.

Degree alone finds false hubs: parents of spin-offs, associations and research institutes lead the degree lists, and
each supplier of a giant trades inside. A hub here is a *large firm* that buys from or sells to *several* others inside
the cut, or on which smaller ones inside depend, and that is no smaller than its partners there usually are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from netklynge.district.pipelines import partners
from netklynge.study.views import once_per_view

if TYPE_CHECKING:
    from netklynge.study.study import Study

__all__ = ["DEPENDENT", "LARGE", "SEVERAL", "find_hubs"]

LARGE = 100  # employees: the report's upper size band; near the mean size in hub districts (see anchors.yaml)
SEVERAL = 2  # distinct partners on one side; a category is a group, so it counts as several
DEPENDENT = 0.5  # of a partner's supply ties, or of their amount where it is told, from which it depends on a firm


@once_per_view
def find_hubs(study: Study, large: float = LARGE) -> pd.DataFrame:
    """Inside actors with a known size or inside trade, and which of them are hubs.

    Parameters
    ----------
    study : Study
    large : float
        Employees from which an actor is large.

    Returns
    -------
    DataFrame
        One row per firm (and public, research or education body with trade or size) inside the cut, hubs first, then
        largest first: ``actor``, ``name``, ``employees``, ``jobs_share`` (of all known jobs of firms inside),
        ``suppliers`` and ``customers`` (distinct named partners inside, supply layer), ``supplier_groups`` and
        ``customer_groups`` (categories among them), ``dependents`` (smaller firms inside that have
        :data:`DEPENDENT` or more of their sales or purchases with it), ``partner_size`` (median known size of its named
        partners inside), ``trades_inside`` (a category counts), ``large`` (blank where no size is known) and ``hub``.

    Notes
    -----
    A hub is a firm, is large, is no smaller than its usual partner inside (where sizes are known), and has
    :data:`SEVERAL` suppliers inside, or as many customers, or as many dependents. A partner depends on the firm to
    which half or more of its sales go, or from which as much of its purchases come: in amount where all of it is
    priced, else in ties; with a single tie told nobody can say so.

    References
    ----------
    Markusen, A. (1996). Sticky places in slippery space. Economic Geography 72(3), 293-313 (hub-and-spoke: key firms
    act as anchors with suppliers spread around them like spokes). The thresholds are ours.

    Examples
    --------
    >>> import netklynge as nk
    >>> table = find_hubs(nk.load("raufoss"))
    >>> table.loc[table["hub"], "name"].tolist()[:2]
    ['Hydro Aluminium Structures Raufoss AS', 'Hydro Aluminium Profil Raufoss']
    """
    trade = partners(study, ["supply"])
    trade = trade[trade["inside"].fillna(False).astype(bool)]
    named, groups = trade[~trade["category"]], trade[trade["category"]]
    rows = study.insiders
    rows = rows[rows["actor"].isin(study.firms["actor"]) | rows["actor"].isin(trade["actor"])]
    ids = rows["actor"]
    sizes = study.sizes()
    employees = ids.map(sizes).astype("Float64")
    firm_jobs = study.firm_sizes().sum()
    pairs = named[["actor", "partner"]].drop_duplicates()
    usual = pairs.assign(size=pairs["partner"].map(sizes).astype("Float64")).dropna().groupby("actor")["size"].median()

    def distinct(part: pd.DataFrame) -> pd.Series[int]:
        return ids.map(part.groupby("actor")["partner"].nunique()).fillna(0).astype(int)

    table = pd.DataFrame(
        {
            "actor": ids,
            "name": rows["name"],
            "employees": employees,
            "jobs_share": employees / firm_jobs if firm_jobs else float("nan"),
            "suppliers": distinct(named[~named["gives"]]),
            "customers": distinct(named[named["gives"]]),
            "supplier_groups": distinct(groups[~groups["gives"]]),
            "customer_groups": distinct(groups[groups["gives"]]),
            "dependents": ids.map(_dependents(study)).fillna(0).astype(int),
            "partner_size": ids.map(usual).astype("Float64"),
            "trades_inside": ids.isin(trade["actor"]),
            "large": (employees >= large).astype("boolean").mask(employees.isna()),
        }
    )
    several = table["dependents"] >= SEVERAL
    for side in ("supplier", "customer"):
        several |= table[f"{side}s"] + SEVERAL * table[f"{side}_groups"] >= SEVERAL
    leads = (employees >= table["partner_size"]).fillna(True).astype(bool)
    firm = ids.isin(study.firms["actor"])
    table = table.assign(hub=firm & several & leads & table["large"].fillna(False).astype(bool))
    return table.sort_values(["hub", "employees", "actor"], ascending=[False, False, True], ignore_index=True)


def _dependents(study: Study) -> pd.Series[int]:
    """How many smaller firms inside depend on each actor inside, for their sales or for their purchases."""
    rows = partners(study, ["supply"])
    rows = rows[rows["actor"].isin(study.firms["actor"])]
    amount = rows["tie"].map(study.relations["amount"]).astype("Float64")
    side = [rows["actor"], rows["gives"]]
    priced = amount.notna().groupby(side).transform("all")
    rows = rows.assign(weight=amount.where(priced, 1.0).astype(float))
    whole = rows.groupby(["actor", "gives"])["weight"]
    rows = rows.assign(share=rows["weight"] / whole.transform("sum"), told=whole.transform("size") > 1)
    near = rows[rows["told"] & rows["inside"].fillna(False).astype(bool) & ~rows["category"]]
    shares = near.groupby(["actor", "partner", "gives"])["share"].sum().groupby(["actor", "partner"]).max()
    leaning = shares[shares >= DEPENDENT].reset_index()
    sizes = study.sizes()
    smaller = ~(leaning["actor"].map(sizes) >= leaning["partner"].map(sizes))
    return leaning[smaller].groupby("partner").size()
