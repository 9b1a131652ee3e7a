"""Local buzz: ties among actors inside the district, the bodies they share, and the shape of their net."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from netklynge.district.pipelines import partners
from netklynge.study.layers import COOPERATION, TAKING_PART
from netklynge.study.ties import district_ties, owners_above, parks

if TYPE_CHECKING:
    from netklynge.study.study import Study

__all__ = ["joint_bodies", "joint_body_rows", "peer_cooperation"]

BODY_KINDS = ("network_org", "research", "education")


def peer_cooperation(study: Study) -> pd.DataFrame:
    """Which firms inside the cut cooperate with other firms inside it, outside their own owner group.

    Cooperation is horizontal: the layers rd, alliance, informal and licence. A category as partner counts, since it
    says that there is at least one.

    Returns
    -------
    DataFrame
        One row per named firm inside the cut: ``actor``, ``peers`` (distinct named firms), ``cooperates``.

    References
    ----------
    Markusen, A. (1996). Sticky places in slippery space. Economic Geography 72(3), 293-313, table 1 (cooperation
    among local competitors high in Marshallian districts, low in the others; the count is ours).

    Examples
    --------
    >>> import netklynge as nk
    >>> peers = peer_cooperation(nk.load("horten"))
    >>> int(peers["cooperates"].sum()), len(peers)
    (3, 31)
    """
    firms = study.firms["actor"]
    rows = partners(study, COOPERATION)
    rows = rows[rows["inside"].fillna(False).astype(bool) & rows["actor"].isin(firms)]
    rows = rows[rows["category"] | rows["partner"].isin(firms)]
    above = owners_above(study)
    apart = [not above[a] & above[p] for a, p in zip(rows["actor"], rows["partner"], strict=True)]
    rows = rows[pd.Series(apart, index=rows.index, dtype=bool)]
    named = rows[~rows["category"]].groupby("actor")["partner"].nunique()
    return pd.DataFrame(
        {
            "actor": firms,
            "peers": firms.map(named).fillna(0).astype(int),
            "cooperates": firms.isin(rows["actor"]),
        }
    ).reset_index(drop=True)


def joint_body_rows(study: Study) -> pd.DataFrame:
    """Who takes part in which body inside the cut, tie by tie.

    Returns
    -------
    DataFrame
        ``tie`` (its label in the relations), ``body``, ``participant`` (an inside actor or category), ``firm``
        (whether it is a firm or a category).
    """
    actors = study.insiders
    bodies = set(actors.loc[actors["kind"].isin(BODY_KINDS), "actor"]) - parks(study)
    groups = study.actors[study.is_category & study.actors["scale"].isin(study.rings_inside())]
    near = set(actors["actor"]) | set(groups["actor"])
    ties = district_ties(study)
    ties = ties[ties["layer"].isin(TAKING_PART)]
    sides = [
        pd.DataFrame({"tie": ties.index, "body": ties[body].to_numpy(), "participant": ties[other].to_numpy()})
        for body, other in (("target", "source"), ("source", "target"))
    ]
    rows = pd.concat(sides, ignore_index=True)
    rows = rows[rows["body"].isin(bodies) & rows["participant"].isin(near)]
    firms = set(study.firms["actor"]) | study.categories
    return rows.assign(firm=rows["participant"].isin(firms)).reset_index(drop=True)


def joint_bodies(study: Study) -> pd.DataFrame:
    """Bodies inside the cut that at least two inside actors take part in, firms among them.

    Taking part is membership, part ownership or alliance. Bodies that only house firms (``houses_only``) are left
    out: co-location is no joint work.

    Returns
    -------
    DataFrame
        ``actor``, ``name``, ``kind``, ``role``, ``participants`` (inside actors and categories), ``firms`` (firms and
        categories among them).

    Examples
    --------
    >>> import netklynge as nk
    >>> joint_bodies(nk.load("horten"))["name"].tolist()
    ['Electronic Coast', 'Avanse', 'MicroTech Innovation AS', 'NCE pre-project in Horten']
    """
    rows = joint_body_rows(study)
    everyone = rows.groupby("body")["participant"].nunique()
    firms = rows[rows["firm"]].groupby("body")["participant"].nunique()
    table = study.insiders[["actor", "name", "kind", "role"]]
    table = table.assign(
        participants=table["actor"].map(everyone).fillna(0).astype(int),
        firms=table["actor"].map(firms).fillna(0).astype(int),
    )
    return table[(table["participants"] >= 2) & (table["firms"] >= 1)].reset_index(drop=True)
