"""Contacts: who each actor inside the district is in touch with, tie by tie.

A contact is a tie in force in a layer that people meet in (:data:`~netklynge.district.pipelines.BUZZ_LAYERS`). Being
owned, being a competitor and being housed in the same park are no contacts: co-location is no joint work.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from netklynge.district.pipelines import partners
from netklynge.study.layers import BUZZ_LAYERS, PIPELINE_LAYERS
from netklynge.study.ties import members, named_ties, parks
from netklynge.study.views import once_per_view

if TYPE_CHECKING:
    from netklynge.study.study import Study

__all__ = ["contacts", "inside_contacts", "named_contacts", "outside_ties", "sides", "ties_behind"]


def sides(study: Study) -> pd.DataFrame:
    """Each tie in force as the insiders at its ends see it, traceable.

    Returns
    -------
    DataFrame
        As :func:`netklynge.partners` (``actor``, ``partner``, ``layer``, ``gives``, ``ring``, ``inside``,
        ``category``), and ``tie``, the label of the row in ``study.relations``.

    Examples
    --------
    >>> import netklynge as nk
    >>> study = nk.load("horten")
    >>> rows = sides(study)
    >>> study.relations.loc[rows.loc[rows["actor"] == "oswo", "tie"], "layer"].unique().tolist()
    ['supply', 'ownership']
    """
    return partners(study)


@once_per_view
def contacts(study: Study) -> pd.DataFrame:
    """Those of :func:`sides` that are contacts between a member and somebody else who can be met."""
    rows = sides(study)
    housed = parks(study)
    kept = rows["layer"].isin(BUZZ_LAYERS) & ~rows["actor"].isin(housed) & ~rows["partner"].isin(housed)
    return rows[kept & (rows["actor"] != rows["partner"])].reset_index(drop=True)


def named_contacts(study: Study) -> pd.DataFrame:
    """All ties of the district that are contacts between named actors; at least one of them may be inside."""
    ties = named_ties(study)
    housed = parks(study)
    return ties[ties["layer"].isin(BUZZ_LAYERS) & ~ties["source"].isin(housed) & ~ties["target"].isin(housed)]


def inside_contacts(study: Study) -> pd.DataFrame:
    """Contacts between two members, each tie once: ``source``, ``target``, ``layer``, ``tie``."""
    rows = contacts(study)
    near = rows[rows["partner"].isin(members(study)["actor"]) & rows["gives"]]
    return near.rename(columns={"actor": "source", "partner": "target"})[["source", "target", "layer", "tie"]]


def outside_ties(study: Study) -> pd.DataFrame:
    """Ties of members to named partners outside, in the layers that carry pipelines; rows as in :func:`sides`."""
    rows = sides(study)
    rows = rows[rows["actor"].isin(members(study)["actor"]) & rows["layer"].isin(PIPELINE_LAYERS)]
    return rows[(~rows["inside"]).fillna(False).astype(bool) & ~rows["category"]]


def ties_behind(rows: pd.DataFrame, by: str | list[str]) -> pd.Series:
    """For each group of contacts the labels of its ties, as sorted tuples: what a number can be traced back to."""
    return rows.groupby(by)["tie"].agg(lambda ties: tuple(sorted(set(ties))))
