"""The region's innovation system as a whole: its type, roles, institutions and coalitions, and all its tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from netklynge.findings import NetklyngeError
from netklynge.networks.arrays import simple_ties, to_igraph
from netklynge.networks.concentration import evenness
from netklynge.study.layers import JOINING
from netklynge.study.ties import actual_ties, parks
from netklynge.study.zones import RINGS, UNKNOWN, inside
from netklynge.systems.flow_model import (
    OUTSIDE,
    flow_matrix,
    near_ties,
    networks,
    outside_shares,
    subsystem_of,
    subsystems,
    system_words,
    tied_pairs,
)
from netklynge.systems.helices import helix
from netklynge.systems.system_barriers import barriers

if TYPE_CHECKING:
    from netklynge.study.study import Study

__all__ = [
    "coalitions",
    "completeness",
    "nearest_type",
    "ring_sectors",
    "system_position",
    "system_tables",
    "thickness",
]


# -- three types of innovation system ------------------------------------------------------------------------


def nearest_type(firm_firm: float, firm_support: float, outside: float) -> pd.DataFrame:
    r"""Position between three ideal types of innovation system: distances to each, nearest first.

    With the shares :math:`s` of ties between firms inside, between firms and knowledge or support inside, and to the
    outside, the distance to an ideal point :math:`p` is :math:`\sqrt{\sum (s_i - p_i)^2}`.

    Parameters
    ----------
    firm_firm, firm_support, outside : float
        Numbers of ties, or their shares: between firms inside, between firms and knowledge or support inside, to the
        outside.

    Returns
    -------
    DataFrame
        ``type``, ``name``, ``distance``, ``margin`` (to the next nearest; blank for the last). It is a position and
        no label: a small margin says that the system stands between types.

    Raises
    ------
    NetklyngeError
        A count is negative, or all are zero.

    References
    ----------
    Asheim, B. T. & Gertler, M. S. (2005). The geography of innovation. *Oxford Handbook of Innovation*, ch. 11. Cooke,
    P. (1998). In *Regional Innovation Systems*, UCL Press, 2-25. The ideal points are ours.

    Examples
    --------
    >>> nearest_type(6, 3, 1)[["type", "distance"]].round(3).values.tolist()
    [['RIS2', 0.245], ['RIS1', 0.51], ['RIS3', 1.122]]
    """
    counts = np.array([firm_firm, firm_support, outside], dtype=float)
    if (counts < 0).any() or not counts.sum() > 0:
        raise NetklyngeError(f"counts {counts.tolist()} give no position; they are 0 or more, and not all 0")
    shares = counts / counts.sum()
    told = system_words()["types"]
    far = [float(np.linalg.norm(shares - np.array(spec["at"], dtype=float))) for spec in told.values()]
    table = pd.DataFrame({"type": list(told), "name": [spec["name"] for spec in told.values()], "distance": far})
    table = table.sort_values("distance", kind="stable", ignore_index=True)
    return table.assign(margin=table["distance"].shift(-1) - table["distance"])


def system_position(
    study: Study,
    layers: Iterable[str] | None = None,
    kinds: Mapping[str, str] | None = None,
    support: Iterable[str] | None = None,
) -> pd.DataFrame:
    """Where the firms' ties put the system between the three ideal types.

    Parameters
    ----------
    study, layers, kinds
        As in :func:`flow_matrix`.
    support : iterable of str, optional
        Subsystems that count as knowledge or support; default generation and mediation.

    Returns
    -------
    DataFrame
        One row per network in which a firm inside has a tie: ``layer``, ``firm_firm``, ``firm_support``, ``outside``
        (tied pairs), ``pairs`` (their sum), ``left_out`` (pairs of firms with governance or untagged actors, and ties
        to categories, which nobody can place), ``nearest``, ``name``, ``distance``, ``margin``.

    Notes
    -----
    Ties told in prose are those its author mentions; hold them against the published answers of
    :func:`netklynge.locate` before reading much into the position.

    Examples
    --------
    >>> import netklynge as nk
    >>> system_position(nk.load("raufoss"), ["rd"])[["nearest", "pairs"]].values.tolist()
    [['RIS3', 25]]
    """
    support = tuple(system_words()["support"] if support is None else support)
    group = subsystem_of(subsystems(study, kinds))
    firms = {actor for actor, tag in group.items() if tag == "exploitation"}
    rows = []
    for layer, ties in networks(study, layers, named=False).items():
        pairs = tied_pairs(ties, group)
        mine = pairs[pairs["a"].isin(firms) | pairs["b"].isin(firms)]
        other = mine["b_group"].where(mine["a_group"] == "exploitation", mine["a_group"])
        counts = [int(found.sum()) for found in (other == "exploitation", other.isin(support), other == OUTSIDE)]
        if not sum(counts):
            continue
        near = nearest_type(*counts).iloc[0]
        lost = len(mine) - sum(counts) + _to_categories(ties, firms, study.categories)
        rows.append((layer, *counts, sum(counts), lost, near["type"], near["name"], near["distance"], near["margin"]))
    columns = ["layer", "firm_firm", "firm_support", "outside", "pairs", "left_out", "nearest", "name", "distance"]
    return pd.DataFrame(rows, columns=[*columns, "margin"])


def _to_categories(ties: pd.DataFrame, firms: set[str], groups: frozenset[str]) -> int:
    gives, takes = (ties[a].isin(firms) & ties[b].isin(groups) for a, b in (("source", "target"), ("target", "source")))
    return int((gives | takes).sum())


# -- roles, institutions, coalitions, levels -------------------------------------------------------------------


def completeness(
    study: Study, roles: Mapping[str, str | Iterable[str]] | None = None, core_share: float = 0.5
) -> pd.DataFrame:
    """Which of the four roles of a cluster are filled: core firms, supporting firms, soft and hard infrastructure.

    Parameters
    ----------
    study : Study
    roles : mapping, optional
        Actor to its role or roles, when somebody has told them. By default they are read from the ties in the layer
        supply: a firm is core when at least `core_share` of its customers of known place sit outside the cut, and
        supporting when fewer do; schools, universities and research institutes are soft infrastructure.
    core_share : float
        Ours: the source names no share.

    Returns
    -------
    DataFrame
        ``role``, ``what``, ``state`` (filled, empty, not assessed), ``actors`` (how many), ``names``, ``several``
        (actors of the role that have other roles too), ``unknown`` (firms inside without a customer whose place is
        known). Hard infrastructure is seldom an actor of a network: without `roles` it is not assessed, and so is a
        role that nobody fills as long as firms are unknown.

    Raises
    ------
    NetklyngeError
        A role is not one of the four.

    References
    ----------
    Ffowcs-Williams, I. (2006), as Westgaard & Lexander (2006) tell him.

    Examples
    --------
    >>> import netklynge as nk
    >>> completeness(nk.load("horten"))[["role", "state"]].values.tolist()[0]
    ['core_firms', 'filled']
    """
    told = system_words()["roles"]
    given, unknown = _told_roles(study, core_share) if roles is None else (roles, 0)
    held = {str(a): {r} if isinstance(r, str) else set(r) for a, r in given.items()}
    strange = sorted(set().union(*held.values()) - set(told)) if held else []
    if strange:
        raise NetklyngeError(f"role '{strange[0]}' is unknown; give one of {', '.join(told)}")
    names = study.actors.set_index("actor")["name"]
    rows = []
    for role, what in told.items():
        who = sorted(actor for actor, mine in held.items() if role in mine)
        firms = role in ("core_firms", "supporting_firms")
        open_ = roles is None and (role == "hard_infrastructure" or (firms and unknown > 0))
        state = "filled" if who else "not assessed" if open_ else "empty"
        several = sum(len(held[actor]) > 1 for actor in who)
        rows.append((role, what, state, len(who), "; ".join(str(names.get(a, a)) for a in who), several, unknown))
    return pd.DataFrame(rows, columns=["role", "what", "state", "actors", "names", "several", "unknown"])


def _told_roles(study: Study, core_share: float) -> tuple[dict[str, str], int]:
    """Roles as the ties tell them, and how many firms they leave unknown."""
    own, firms = set(study.insiders["actor"]), set(study.firms["actor"])
    sales = actual_ties(study, named=False)
    sales = sales[(sales["layer"] == "supply") & sales["source"].isin(firms)]
    ring = sales["scale"].fillna(sales["target"].map(study.rings)).mask(sales["target"].isin(own), RINGS[0])
    beyond = (~inside(ring.astype("string"), study.boundary)).dropna().astype(float)
    share = beyond.groupby(sales["source"]).mean()
    roles = {str(a): "core_firms" if s >= core_share else "supporting_firms" for a, s in share.items()}
    soft = study.insiders.loc[study.insiders["kind"].isin(["education", "research"]), "actor"]
    return {**roles, **dict.fromkeys(soft, "soft_infrastructure")}, len(firms - set(roles))


def thickness(study: Study, layers: Iterable[str] | None = None) -> pd.DataFrame:
    """Institutional thickness of a learning region and how far knowledge has to travel among its actors.

    Returns
    -------
    DataFrame
        One row per network: ``layer``, ``kinds`` (kinds of actor inside beside firms), ``institutions`` (such
        actors), ``institution_pairs`` (tied), ``tied`` (actors with a tie inside), ``largest`` (actors of the largest
        component), ``mean_distance`` (of its pairs), ``reach_two`` (share of its pairs within two steps).

    References
    ----------
    Florida, R. (1995). Toward the learning region. *Futures* 27(5), 527-536. Amin, A. & Thrift, N. (1994).
    *Globalization, Institutions, and Regional Development in Europe*, Oxford (thickness). The measures are ours.

    Examples
    --------
    >>> import netklynge as nk
    >>> thickness(nk.load("raufoss"), ["rd", "service"])[["kinds", "institutions"]].values.tolist()
    [[5, 27]]
    """
    actors = study.insiders
    others = actors[~actors["kind"].isin(["firm", "parent"]) & actors["kind"].notna()]
    rows = []
    for layer, ties in networks(study, layers).items():
        near = near_ties(study, ties)
        among = tied_pairs(near, dict.fromkeys(others["actor"], ""))
        graph = to_igraph(simple_ties(near[["source", "target"]]), directed=False).simplify()
        whole = graph.components().giant() if graph.vcount() else graph
        size = whole.vcount()
        steps = np.array(whole.distances(), dtype=float).reshape(size, size)[np.triu_indices(size, 1)]
        far = (steps.mean(), (steps <= 2).mean()) if len(steps) else (np.nan, np.nan)
        counts = (others["kind"].nunique(), len(others), len(among), graph.vcount(), size)
        rows.append((layer, *counts, *map(float, far)))
    columns = ["layer", "kinds", "institutions", "institution_pairs", "tied", "largest", "mean_distance", "reach_two"]
    return pd.DataFrame(rows, columns=columns)


def coalitions(study: Study, bodies: Iterable[str] | None = None) -> pd.DataFrame:
    """Development coalitions: bodies that join at least one firm, one public and one knowledge actor from inside.

    Parameters
    ----------
    study : Study
    bodies : iterable of str, optional
        Actors that are joint bodies or projects; by default network organisations and whoever has project or
        programme for a role. Parks, which house firms, are left out.

    Returns
    -------
    DataFrame
        One row per body with a participant: ``actor``, ``name``, ``participants`` (named), ``business``, ``public``,
        ``research`` (how many of each), ``unnamed`` (categories inside that take part), ``coalition`` (blank when one
        of the unnamed may be what it lacks), ``lacks``. Taking part is membership, alliance or joint research; money
        alone is none, and planned ties do not count.

    References
    ----------
    Johnstad, T. (2004). NIBR-notat 2004:116 (development coalitions). The rule is ours.

    Examples
    --------
    >>> import netklynge as nk
    >>> table = coalitions(nk.load("raufoss"))
    >>> int(table["coalition"].sum()), int(table["unnamed"].max())
    (0, 3)
    """
    actors = study.actors[~study.is_category]
    role = actors["role"].fillna("")
    joint = (actors["kind"] == "network_org").fillna(False) | role.str.contains("project|programme", case=False)
    joint &= ~actors["actor"].isin(parks(study))
    chosen = set(actors.loc[joint, "actor"] if bodies is None else bodies)
    ties = networks(study, JOINING, named=False)[" + ".join(JOINING)]
    turned = ties.set_axis([{"source": "target", "target": "source"}.get(c, c) for c in ties.columns], axis=1)
    rows = pd.concat([ties, turned])[["source", "target"]].set_axis(["participant", "body"], axis=1).drop_duplicates()
    near = study.actors[study.is_category & study.actors["scale"].isin(study.rings_inside())]
    rows = rows[rows["body"].isin(chosen) & rows["participant"].isin([*study.insiders["actor"], *near["actor"]])]
    kind = actors.set_index("actor")["kind"].map(system_words()["helix"])
    rows = rows[rows["participant"] != rows["body"]].assign(group=rows["participant"].map(kind))
    names = actors.set_index("actor")["name"]
    sides = ("business", "public", "research")
    out = []
    for body, part in rows.groupby("body"):
        counts = [int((part["group"] == side).sum()) for side in sides]
        unnamed = int(part["participant"].isin(study.categories).sum())
        lacks = [side for side, n in zip(sides, counts, strict=True) if not n]
        whole = None if lacks and unnamed else not lacks
        out.append((body, names.get(body), len(part) - unnamed, *counts, unnamed, whole, ", ".join(lacks)))
    columns = ["actor", "name", "participants", *sides, "unnamed", "coalition", "lacks"]
    return pd.DataFrame(out, columns=columns).astype({"coalition": "boolean"})


def ring_sectors(study: Study, layers: Iterable[str] | None = None) -> pd.DataFrame:
    """Partners of the actors inside by ring and by public or private side, with the evenness over the rings.

    Categories count here, as in all shares.

    Parameters
    ----------
    study : Study
    layers : iterable of str, optional
        Layers to read as one network; without it each is one of its own.

    Returns
    -------
    DataFrame
        ``layer``, ``ring`` (unknown too), ``private``, ``public``, ``other`` (ties whose partner is neither, or
        nobody knows), ``ties``, ``evenness`` (over the four rings, the same in each row of a network). A tie between
        two insiders counts once for each.

    Examples
    --------
    >>> import netklynge as nk
    >>> int(ring_sectors(nk.load("kongsberg"), ["rd"])["ties"].sum())
    8
    """
    own = set(study.insiders["actor"])
    kind = study.actors.set_index("actor")["kind"]
    rows = []
    for layer, ties in networks(study, layers, named=False).items():
        ends = [ties[[a, b, "scale"]].set_axis(["actor", "partner", "scale"], axis=1)
                for a, b in (("source", "target"), ("target", "source"))]  # fmt: skip
        seen = pd.concat(ends)
        seen = seen[seen["actor"].isin(own)]
        place = seen["partner"].map(study.rings)
        ring = place.where(seen["partner"].isin(own), seen["scale"].fillna(place)).fillna(UNKNOWN)
        of = seen["partner"].map(kind)
        side = np.select([of.isin(["firm", "parent", "investor"]), of.isin(["public"])], ["private", "public"], "other")
        table = pd.crosstab(ring, side).reindex(index=[*RINGS, UNKNOWN], columns=["private", "public", "other"])
        table = table.fillna(0).astype(int).rename_axis(None, axis=1)
        told = table.loc[list(RINGS)].sum(axis=1)
        spread = evenness(told) if told.sum() else np.nan
        table = table.assign(ties=table.sum(axis=1), evenness=spread, layer=layer).rename_axis("ring").reset_index()
        rows.append(table[["layer", "ring", "private", "public", "other", "ties", "evenness"]])
    columns = ["layer", "ring", "private", "public", "other", "ties", "evenness"]
    return pd.concat(rows, ignore_index=True) if rows else pd.DataFrame(columns=columns)


def system_tables(
    study: Study, layers: Iterable[str] | None = None, permutations: int = 199
) -> dict[str, pd.DataFrame]:
    """Everything that this room tells of a study, by name; what :command:`netklynge system` prints.

    Examples
    --------
    >>> import netklynge as nk
    >>> list(system_tables(nk.load("kongsberg"), ["rd", "service"]))[:4]
    ['findings', 'signs', 'concerned', 'flows']
    """
    chosen = None if layers is None else list(layers)
    found, sides = barriers(study, chosen, permutations=permutations), helix(study, chosen)
    flows = flow_matrix(study, chosen)
    return {
        "findings": found.findings,
        "signs": found.signs,
        "concerned": found.actors,
        "flows": flows[flows["pairs"] > 0].reset_index(drop=True),
        "outside": outside_shares(study, chosen),
        "position": system_position(study, chosen),
        "helix": sides.balance,
        "bridges": sides.bridges,
        "roles": completeness(study),
        "coalitions": coalitions(study),
        "thickness": thickness(study, chosen),
        "rings": ring_sectors(study, chosen),
    }
