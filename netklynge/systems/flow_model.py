"""The flow model of a region's innovation system: who makes knowledge, uses it, governs and mediates.

A subsystem is what an actor does in the flow model: generation (research, education), exploitation (firms),
governance (public bodies), mediation; everybody beyond the cut is *outside*. Which kind of actor belongs where
stands in ``innovation_system.yaml`` and is an argument. Layers are kept apart: each function that reads ties takes
`layers`, and pools those, and only those, that it is given there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from netklynge.files.settings import bundled_settings
from netklynge.findings import NetklyngeError
from netklynge.study.ties import actual_ties
from netklynge.study.zones import inside

if TYPE_CHECKING:
    from netklynge.study.study import Study

__all__ = [
    "OUTSIDE",
    "SUBSYSTEMS",
    "UNTAGGED",
    "flow_matrix",
    "near_ties",
    "networks",
    "outside_shares",
    "subsystem_of",
    "subsystems",
    "system_words",
    "tied_pairs",
]

SUBSYSTEMS = ("generation", "exploitation", "governance", "mediation")
OUTSIDE, UNTAGGED = "outside", "untagged"


def system_words() -> Mapping[str, Any]:
    """What ``innovation_system.yaml`` says: subsystems, types, barriers with their remedies, thresholds, roles."""
    return bundled_settings("netklynge.systems", "innovation_system.yaml")


# -- who belongs where, and the ties between them ----------------------------------------------------------


def subsystems(study: Study, kinds: Mapping[str, str] | None = None) -> pd.DataFrame:
    """Part of the innovation system that each named actor belongs to, seen from the study's cut.

    Parameters
    ----------
    study : Study
    kinds : mapping, optional
        Kind of actor to subsystem; default as in ``innovation_system.yaml``.

    Returns
    -------
    DataFrame
        ``actor``, ``name``, ``kind``, ``subsystem``: one of :data:`SUBSYSTEMS` for actors inside the cut, ``outside``
        beyond it, ``untagged`` where the kind has no subsystem or nobody has said where the actor sits. Actors that
        are closed and mere sources are left out.

    Raises
    ------
    NetklyngeError
        `kinds` names a subsystem that is not there.

    Examples
    --------
    >>> import netklynge as nk
    >>> subsystems(nk.load("raufoss"))["subsystem"].value_counts().loc[["generation", "governance"]].tolist()
    [7, 5]
    """
    kinds = system_words()["subsystems"] if kinds is None else kinds
    strange = sorted(set(kinds.values()) - set(SUBSYSTEMS))
    if strange:
        raise NetklyngeError(f"subsystem '{strange[0]}' is unknown; give one of {', '.join(SUBSYSTEMS)}")
    actors = study.actors[~study.is_category].reset_index(drop=True)
    own = actors["actor"].isin(study.insiders["actor"])
    beyond = (~inside(actors["scale"], study.boundary)).fillna(False).astype(bool)
    tag = actors["kind"].map(dict(kinds)).astype("string").fillna(UNTAGGED).where(own, UNTAGGED).mask(beyond, OUTSIDE)
    gone = inside(actors["scale"], study.boundary).fillna(False).astype(bool) & ~own
    return actors[["actor", "name", "kind"]].assign(subsystem=tag)[~gone].reset_index(drop=True)


def networks(study: Study, layers: Iterable[str] | None, named: bool = True) -> dict[str, pd.DataFrame]:
    """Ties by what their network is called: each layer on its own, or those of `layers` together."""
    ties = actual_ties(study, named)
    if isinstance(layers, str):
        layers = [layers]
    if layers is None:
        return {layer: part for layer in study.layers if len(part := ties[ties["layer"] == layer])}
    chosen = list(layers)
    for layer in chosen:
        study.ties(layer)  # an unknown layer is an error there
    return {" + ".join(chosen): ties[ties["layer"].isin(chosen)]}


def tied_pairs(ties: pd.DataFrame, group: Mapping[str, str]) -> pd.DataFrame:
    """Distinct pairs of actors with a group, with the group at each end and the number of their ties."""
    known = ties[ties["source"].isin(group) & ties["target"].isin(group) & (ties["source"] != ties["target"])]
    ends = np.sort(known[["source", "target"]].to_numpy(dtype=str), axis=1) if len(known) else np.empty((0, 2), str)
    pairs = pd.DataFrame(ends, columns=["a", "b"]).value_counts(sort=False).rename("weight").reset_index()
    return pairs.assign(a_group=pairs["a"].map(group), b_group=pairs["b"].map(group))


def subsystem_of(tags: pd.DataFrame) -> dict[str, str]:
    """Actor to subsystem, from the table of :func:`subsystems`."""
    return dict(zip(tags["actor"], tags["subsystem"], strict=True))


def flow_matrix(
    study: Study, layers: Iterable[str] | None = None, kinds: Mapping[str, str] | None = None
) -> pd.DataFrame:
    r"""Mixing matrix of the innovation system: which subsystems are tied to which, and how densely.

    Density of a block is tied pairs over possible pairs: :math:`t_{AB} / (n_A n_B)` between two subsystems and
    :math:`t_{AA} / (n_A (n_A - 1) / 2)` inside one.

    Parameters
    ----------
    study : Study
        Its cut says who is inside.
    layers : iterable of str, optional
        Layers to pool into one network; by default each layer is a network of its own.
    kinds : mapping, optional
        As in :func:`subsystems`.

    Returns
    -------
    DataFrame
        One row per network and unordered pair of parts: ``layer``, ``part``, ``other``, ``pairs`` (tied), ``ties``
        (rows of the relations behind them), ``possible``, ``density`` (blank towards ``outside`` and ``untagged``,
        whose size nobody knows, and where no pair is possible).

    References
    ----------
    Coenen, L. (2006). *Faraway, so close!*, Lund University (the flow model). Autio, E. (1998). Evaluation of RTD in
    regional systems of innovation. *European Planning Studies* 6(2), 131-140.

    Examples
    --------
    >>> import netklynge as nk
    >>> table = flow_matrix(nk.load("raufoss"), ["rd", "service", "education"])
    >>> table[(table["part"] == "generation") & (table["other"] == "exploitation")]["pairs"].tolist()
    [3]
    """
    tags = subsystems(study, kinds)
    group = subsystem_of(tags)
    size = tags["subsystem"].value_counts()
    order = (*SUBSYSTEMS, OUTSIDE, UNTAGGED)
    rows = []
    for layer, ties in networks(study, layers).items():
        pairs = tied_pairs(ties, group)
        ends = pairs[["a_group", "b_group"]].apply(lambda c: c.map(order.index)).to_numpy(dtype=int)
        low, high = ends.min(axis=1, initial=len(order)), ends.max(axis=1, initial=0)
        for k, part in enumerate(order):
            for m, other in enumerate(order[k:], start=k):
                found = pairs[(low == k) & (high == m)]
                n, o = int(size.get(part, 0)), int(size.get(other, 0))
                possible = n * (n - 1) // 2 if part == other else n * o
                bounded = m < len(SUBSYSTEMS)
                rows.append((layer, part, other, len(found), int(found["weight"].sum()), possible if bounded else None))
    table = pd.DataFrame(rows, columns=["layer", "part", "other", "pairs", "ties", "possible"])
    table = table.astype({"possible": "Int64"})
    return table.assign(density=table["pairs"] / table["possible"].where(table["possible"] > 0).astype("Float64"))


def outside_shares(
    study: Study, layers: Iterable[str] | None = None, kinds: Mapping[str, str] | None = None
) -> pd.DataFrame:
    """Share of each subsystem's tied pairs that lead out of the district: outside / all, a pair inside counted once.

    Parameters
    ----------
    study, layers, kinds
        As in :func:`flow_matrix`.

    Returns
    -------
    DataFrame
        ``layer``, ``part``, ``actors`` (of the subsystem), ``tied`` (those with a tie), ``outside``, ``pairs`` (all
        that touch the subsystem; those with an untagged end are left out and stand in ``untagged``), ``share``.

    Examples
    --------
    >>> import netklynge as nk
    >>> table = outside_shares(nk.load("horten"), ["rd"]).set_index("part")
    >>> table.loc["exploitation", ["outside", "pairs"]].tolist()
    [15, 19]
    """
    tags = subsystems(study, kinds)
    group = subsystem_of(tags)
    size = tags["subsystem"].value_counts()
    rows = []
    for layer, ties in networks(study, layers).items():
        pairs = tied_pairs(ties, group)
        for part in SUBSYSTEMS:
            touching = pairs[(pairs["a_group"] == part) | (pairs["b_group"] == part)]
            others = touching["b_group"].where(touching["a_group"] == part, touching["a_group"])
            tied = {*pairs.loc[pairs["a_group"] == part, "a"], *pairs.loc[pairs["b_group"] == part, "b"]}
            out, lost = int((others == OUTSIDE).sum()), int((others == UNTAGGED).sum())
            rows.append((layer, part, int(size.get(part, 0)), len(tied), out, len(others) - lost, lost))
    columns = ["layer", "part", "actors", "tied", "outside", "pairs", "untagged"]
    table = pd.DataFrame(rows, columns=columns)
    return table.assign(share=table["outside"] / table["pairs"].where(table["pairs"] > 0))


def near_ties(study: Study, ties: pd.DataFrame) -> pd.DataFrame:
    """Ties between two actors inside the cut."""
    own = set(study.insiders["actor"])
    return ties[ties["source"].isin(own) & ties["target"].isin(own)]
