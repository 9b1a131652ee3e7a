"""Hallmarks: the numbers that a district type is read from, each with its n and its source.

What every hallmark measures stands in ``anchors.yaml``; how it is computed stands here. A hallmark that the data
cannot give is blank, never zero.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

import pandas as pd

from netklynge.buzz import BODY_KINDS, inside_ties, joint_bodies, owners_above, peer_cooperation
from netklynge.contracts import COOPERATION
from netklynge.hubs import hubs
from netklynge.location import inside_share
from netklynge.pipelines import PIPELINE_LAYERS, partners

if TYPE_CHECKING:
    from netklynge.study import Study

__all__ = ["HALLMARKS", "Measured", "hallmarks"]

SMALL = 50  # employees: a small enterprise in the European definition has fewer
FEWEST = 5  # ties or actors below which a share of strategic ties or a centralisation is not computed
INNOVATION_LAYERS = ("rd", "alliance", "licence")


class Measured(NamedTuple):
    """A hallmark's value, the n it rests on, out of how many, and where it comes from."""

    value: float
    n: float
    of: float
    source: str


_UNKNOWN = float("nan")


def hallmarks(study: Study) -> pd.DataFrame:
    """Measure every hallmark of the study's district at its cut and year.

    Returns
    -------
    DataFrame
        One row per hallmark: ``name``, ``value`` (blank when the data cannot give it), ``n`` (links, firms or bodies
        that it rests on), ``of`` (how many of them there are, known or not), ``source``.

    Examples
    --------
    >>> import netklynge as nk
    >>> table = hallmarks(nk.load("kongsberg")).set_index("name")
    >>> round(table.loc["local_trade", "value"], 3), table.loc["hub_jobs", "value"]
    (0.204, 0.0)
    """
    rows = [(name, *measure(study)) for name, measure in HALLMARKS.items()]
    return pd.DataFrame(rows, columns=["name", "value", "n", "of", "source"])


def _share(part: float, whole: float, n: float, of: float, source: str) -> Measured:
    return Measured(part / whole if whole > 0 else _UNKNOWN, n, of, source)


def local_trade(study: Study) -> Measured:
    """Share of supply links inside the cut; see :func:`netklynge.location.inside_share`."""
    found = inside_share(study, "supply")
    told = len(study.ties("supply")) if found.unit == "ties" else found.n
    return Measured(found.share, found.n, told, found.source)


def hub_jobs(study: Study) -> Measured:
    """Share of known jobs with hubs; see :func:`netklynge.hubs.hubs`."""
    sizes = study.firm_sizes()
    table = hubs(study)
    held = table.loc[table["hub"] & table["actor"].isin(sizes.index), "employees"].sum()
    known = float(sizes.sum()) if len(study.ties("supply")) else 0.0
    return _share(float(held), known, len(sizes), len(study.firms), "firms with a known size; supply ties")


def small_firm_jobs(study: Study) -> Measured:
    """Share of known jobs with firms under 50 employees."""
    sizes = study.firm_sizes()
    small = float(sizes[sizes < SMALL].sum())
    return _share(small, float(sizes.sum()), len(sizes), len(study.firms), "firms with a known size")


def mean_size(study: Study) -> Measured:
    """Mean employees of firms whose size is known."""
    sizes = study.firm_sizes()
    return _share(float(sizes.sum()), len(sizes), len(sizes), len(study.firms), "firms with a known size")


def outside_control(study: Study) -> Measured:
    """Share of known jobs whose owner group's seat is told and lies outside the cut."""
    sizes = study.firm_sizes()
    seat = study.firms.set_index("actor")["owner_scale"].reindex(sizes.index)
    told = sizes[seat.notna()]
    outside = told[~seat[seat.notna()].isin(study.rings_inside())]
    return _share(
        float(outside.sum()), float(told.sum()), len(told), len(study.firms), "firms with a known size and owner's seat"
    )


def state_control(study: Study) -> Measured:
    """Share of known jobs with public and education bodies or with firms that have a public owner.

    The owner is the first one told: a firm owned by a group that the state partly owns is the group's. Firms of which
    no owner is told at all are left out.
    """
    sizes = study.sizes()
    kinds = study.actors.set_index("actor")["kind"]
    ownership = study.ties("ownership")
    public_owned = set(ownership.loc[ownership["source"].map(kinds) == "public", "target"])
    body = kinds.reindex(sizes.index).isin(["public", "education"]).to_numpy()
    seat = study.insiders.set_index("actor")["owner_scale"].reindex(sizes.index).notna().to_numpy()
    told = body | seat | sizes.index.isin(ownership["target"])
    anchored = body | sizes.index.isin(public_owned)
    jobs = sizes.to_numpy(float)
    return _share(
        float(jobs[anchored].sum()),
        float(jobs[told].sum()),
        int(told.sum()),
        len(sizes),
        "actors with a known size and owner; ownership ties",
    )


def _cooperating(study: Study, layers: tuple[str, ...], cooperating: int, source: str) -> Measured:
    """A share of firms; blank when the study has no tie at all in the layers."""
    firms = len(study.firms)
    told = firms if study.ties()["layer"].isin(layers).any() else 0
    return _share(cooperating, told, told, firms, source)


def peer_share(study: Study) -> Measured:
    """Share of firms that cooperate with another firm inside; see :func:`netklynge.buzz.peer_cooperation`."""
    count = int(peer_cooperation(study)["cooperates"].sum())
    return _cooperating(study, COOPERATION, count, "ties in the layers rd, alliance, informal, licence")


def inside_innovation(study: Study) -> Measured:
    """Share of firms with an innovation partner of any kind inside, outside their own owner group."""
    rows = partners(study, INNOVATION_LAYERS)
    rows = rows[rows["inside"].fillna(False).astype(bool) & rows["actor"].isin(study.firms["actor"])]
    above = owners_above(study)
    apart = {a for a, p in zip(rows["actor"], rows["partner"], strict=True) if not above[a] & above[p]}
    return _cooperating(study, INNOVATION_LAYERS, len(apart), "ties in the layers rd, alliance, licence")


def local_commitments(study: Study) -> Measured:
    """Share of strategic supply ties with a ring whose other end is inside; blank below five of them."""
    ties = study.ties("supply")
    strategic = ties.loc[ties["strategic"].fillna(False).astype(bool), "scale"]
    rings = strategic.dropna()
    within = int(rings.isin(study.rings_inside()).sum())
    enough = len(rings) if len(rings) >= FEWEST else 0
    return _share(within, enough, len(rings), len(strategic), "strategic supply ties")


def body_count(study: Study) -> Measured:
    """Number of joint bodies; blank when the study names no body inside at all."""
    bodies = int(study.insiders["kind"].isin(BODY_KINDS).sum())
    found = float(len(joint_bodies(study))) if bodies else _UNKNOWN
    return Measured(found, bodies, bodies, "membership, ownership and alliance ties of bodies")


def evenness(study: Study) -> Measured:
    """One minus Freeman's degree centralisation of named supply ties inside; blank below five actors."""
    from netklynge.centrality import centralization

    ties = inside_ties(study, "supply")
    actors = len(pd.unique(pd.concat([ties["source"], ties["target"]])))
    even = 1 - centralization(ties, "degree") if actors >= FEWEST else _UNKNOWN
    return Measured(even, actors, len(study.firms), "named supply ties inside")


def outside_reach(study: Study) -> Measured:
    """Share of firms with at least one pipeline out of the cut."""
    firms = study.firms["actor"]
    rows = partners(study, PIPELINE_LAYERS)
    holders = set(rows.loc[(~rows["inside"]).fillna(False).astype(bool), "actor"])
    return _share(float(firms.isin(holders).sum()), len(firms), len(firms), len(firms), "ties in the pipeline layers")


HALLMARKS: dict[str, Callable[[Study], Measured]] = {
    "local_trade": local_trade,
    "hub_jobs": hub_jobs,
    "small_firm_jobs": small_firm_jobs,
    "mean_size": mean_size,
    "outside_control": outside_control,
    "state_control": state_control,
    "peer_cooperation": peer_share,
    "local_commitments": local_commitments,
    "joint_bodies": body_count,
    "evenness": evenness,
    "outside_reach": outside_reach,
    "inside_innovation": inside_innovation,
}
