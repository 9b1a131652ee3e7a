"""Hallmarks: the numbers that a district type is read from, each with its n and its source.

What every hallmark measures stands in ``anchors.yaml``; how it is computed stands here. A hallmark that the data
cannot give is blank, never zero.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

import pandas as pd

from netklynge.buzz import inside_ties, joint_bodies, owners_above, peer_cooperation
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
    """A hallmark's value, the n it rests on, and where it comes from."""

    value: float
    n: float
    source: str


_UNKNOWN = float("nan")


def hallmarks(study: Study) -> pd.DataFrame:
    """Measure every hallmark of the study's district at its cut and year.

    Returns
    -------
    DataFrame
        One row per hallmark: ``name``, ``value`` (blank when the data cannot give it), ``n``, ``source``.

    Examples
    --------
    >>> import netklynge as nk
    >>> table = hallmarks(nk.load("kongsberg")).set_index("name")
    >>> round(table.loc["local_trade", "value"], 3), table.loc["hub_jobs", "value"]
    (0.204, 0.0)
    """
    rows = [(name, *measure(study)) for name, measure in HALLMARKS.items()]
    return pd.DataFrame(rows, columns=["name", "value", "n", "source"])


def _share(part: float, whole: float, n: float, source: str) -> Measured:
    return Measured(part / whole, n, source) if whole > 0 else Measured(_UNKNOWN, 0, source)


def _sized(study: Study, sizes: pd.Series[float]) -> str:
    return f"sizes of {len(sizes)} of {len(study.firms)} firms"


def local_trade(study: Study) -> Measured:
    """Share of supply links inside the cut; see :func:`netklynge.location.inside_share`."""
    found = inside_share(study, "supply")
    return Measured(found.share, found.n, found.source)


def hub_jobs(study: Study) -> Measured:
    """Share of known jobs with hubs; see :func:`netklynge.hubs.hubs`."""
    sizes = study.firm_sizes()
    if not len(sizes) or not len(study.ties("supply")):
        return Measured(_UNKNOWN, 0, "sizes and supply ties")
    table = hubs(study)
    held = table.loc[table["hub"] & table["actor"].isin(sizes.index), "employees"].astype(float).sum()
    return _share(float(held), float(sizes.sum()), len(sizes), f"{_sized(study, sizes)}; supply ties")


def small_firm_jobs(study: Study) -> Measured:
    """Share of known jobs with firms under 50 employees."""
    sizes = study.firm_sizes()
    return _share(float(sizes[sizes < SMALL].sum()), float(sizes.sum()), len(sizes), _sized(study, sizes))


def mean_size(study: Study) -> Measured:
    """Mean employees of firms whose size is known."""
    sizes = study.firm_sizes()
    return _share(float(sizes.sum()), len(sizes), len(sizes), _sized(study, sizes))


def outside_control(study: Study) -> Measured:
    """Share of known jobs whose owner group's seat is told and lies outside the cut."""
    sizes = study.firm_sizes()
    seat = study.insiders.set_index("actor")["owner_scale"].reindex(sizes.index)
    told = sizes[seat.notna()]
    outside = told[~seat[seat.notna()].isin(study.rings_inside())]
    return _share(float(outside.sum()), float(told.sum()), len(told), f"owner seats of {len(told)} sized firms")


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
    owned = sizes.index.isin(ownership["target"])
    told = body | seat | owned
    anchored = body | sizes.index.isin(public_owned)
    jobs = sizes.to_numpy(float)
    return _share(
        float(jobs[anchored].sum()),
        float(jobs[told].sum()),
        int(told.sum()),
        f"owners of {int(told.sum())} of {len(sizes)} sized actors",
    )


def _cooperating(study: Study, layers: tuple[str, ...], cooperating: int, firms: int) -> Measured:
    told = study.ties()["layer"].isin(layers).any()
    return _share(cooperating if told else _UNKNOWN, firms if told else 0, firms, f"ties in {', '.join(layers)}")


def peer_share(study: Study) -> Measured:
    """Share of firms that cooperate with another firm inside; see :func:`netklynge.buzz.peer_cooperation`."""
    table = peer_cooperation(study)
    return _cooperating(study, COOPERATION, int(table["cooperates"].sum()), len(table))


def inside_innovation(study: Study) -> Measured:
    """Share of firms with an innovation partner of any kind inside, outside their own owner group."""
    firms = study.firms["actor"]
    rows = partners(study, INNOVATION_LAYERS)
    rows = rows[rows["inside"].fillna(False).astype(bool) & rows["actor"].isin(firms)]
    above = owners_above(study)
    apart = {a for a, p in zip(rows["actor"], rows["partner"], strict=True) if not above[a] & above[p]}
    return _cooperating(study, INNOVATION_LAYERS, len(apart), len(firms))


def local_commitments(study: Study) -> Measured:
    """Share of strategic supply ties with a ring whose other end is inside; blank below five of them."""
    ties = study.ties("supply")
    rings = ties.loc[ties["strategic"].fillna(False).astype(bool), "scale"].dropna()
    within = int(rings.isin(study.rings_inside()).sum())
    return _share(within, len(rings) if len(rings) >= FEWEST else 0, len(rings), "strategic supply ties")


def body_count(study: Study) -> Measured:
    """Number of joint bodies; blank when the study names no body inside at all."""
    bodies = study.insiders["kind"].isin(["network_org", "research", "education"]).sum()
    if not bodies:
        return Measured(_UNKNOWN, 0, "bodies inside")
    return Measured(float(len(joint_bodies(study))), float(bodies), "membership, ownership and alliance ties")


def evenness(study: Study) -> Measured:
    """One minus Freeman's degree centralisation of named supply ties inside; blank below five actors."""
    from netklynge.centrality import centralization

    ties = inside_ties(study, "supply")
    actors = pd.unique(pd.concat([ties["source"], ties["target"]]))
    if len(actors) < FEWEST:
        return Measured(_UNKNOWN, len(actors), "named supply ties inside")
    return Measured(1 - centralization(ties, "degree"), len(actors), "named supply ties inside")


def outside_reach(study: Study) -> Measured:
    """Share of firms with at least one pipeline out of the cut."""
    firms = study.firms["actor"]
    rows = partners(study, PIPELINE_LAYERS)
    holders = set(rows.loc[(~rows["inside"]).fillna(False).astype(bool), "actor"])
    return _share(float(firms.isin(holders).sum()), len(firms), len(firms), "ties in the pipeline layers")


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
