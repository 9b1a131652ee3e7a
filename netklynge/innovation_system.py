"""The region's innovation system: who makes knowledge, uses it, governs and mediates, and what is wrong with it.

A subsystem is what an actor does in the flow model: generation (research, education), exploitation (firms),
governance (public bodies), mediation; everybody beyond the cut is *outside*. Which kind of actor belongs where
stands in ``innovation_system.yaml`` and is an argument. Layers are kept apart: each function that reads ties takes
`layers`, and pools those, and only those, that it is given there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from importlib import resources
from itertools import permutations as orders
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
import yaml

from netklynge.buzz import CO_LOCATION
from netklynge.chance import two_sided
from netklynge.communities import components
from netklynge.contracts import EVENT_LAYERS
from netklynge.findings import NetklyngeError
from netklynge.graphs import named_ties, simple_ties, to_igraph
from netklynge.zones import RINGS, UNKNOWN, inside

if TYPE_CHECKING:
    import igraph as ig

    from netklynge.study import Study

__all__ = [
    "OUTSIDE",
    "SUBSYSTEMS",
    "UNTAGGED",
    "Barriers",
    "Helix",
    "actual_ties",
    "barriers",
    "coalitions",
    "completeness",
    "evenness",
    "flow_matrix",
    "helix",
    "nearest_type",
    "outside_shares",
    "ring_sectors",
    "subsystems",
    "system_position",
    "system_tables",
    "thickness",
]

SUBSYSTEMS = ("generation", "exploitation", "governance", "mediation")
REQUIRED = ("generation", "exploitation", "mediation")  # one municipality is enough to govern a town
OUTSIDE, UNTAGGED = "outside", "untagged"
YES, NO, OPEN = "yes", "no", "not assessable"
JOINING = ("membership", "alliance", "rd")  # being paid by a body is no membership of it
PLANNED = "planned:"  # in the content of a tie that is not there yet

Tags = Mapping[str, frozenset[str]]


class Barriers(NamedTuple):
    """What is wrong with the system: the findings, the figures behind them, and the actors that they concern.

    ``findings``: ``layer``, ``barrier`` (thin, fragmented, locked_in), ``finding`` (yes, no, not assessable), ``why``,
    ``wrong``, ``remedy``, ``source``.
    ``signs``: ``layer``, ``barrier``, ``sign``, ``value``, ``n`` (numerator), ``of`` (denominator), ``expected`` and
    ``p`` (against chance, where a sign is held against it), ``threshold``, ``holds`` (blank when not known).
    ``actors``: ``layer``, ``barrier``, ``actor``, ``why``.
    """

    findings: pd.DataFrame
    signs: pd.DataFrame
    actors: pd.DataFrame


class Helix(NamedTuple):
    """Business, research and public side together.

    ``balance``: one row per network: ``layer``, ``pairs`` (tied pairs of tagged actors inside), ``cross_kind`` (pairs
    whose ends have no group in common), ``share``, ``triads`` (triangles of three different groups), ``triple_helix``
    (those of research, business and public), ``tetrads`` (of four groups, all tied), ``untagged`` (actors inside).
    ``mixing``: ``layer``, ``from_group``, ``to_group``, ``pairs``.
    ``bridges``: ``layer``, ``actor``, ``group``, ``partners``, ``other_groups`` (that its partners belong to).
    """

    balance: pd.DataFrame
    mixing: pd.DataFrame
    bridges: pd.DataFrame


@lru_cache
def _words() -> Mapping[str, Any]:
    text = resources.files("netklynge").joinpath("innovation_system.yaml").read_text("utf-8")
    words: Mapping[str, Any] = yaml.safe_load(text)
    return words


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
    kinds = _words()["subsystems"] if kinds is None else kinds
    strange = sorted(set(kinds.values()) - set(SUBSYSTEMS))
    if strange:
        raise NetklyngeError(f"subsystem '{strange[0]}' is unknown; give one of {', '.join(SUBSYSTEMS)}")
    actors = study.actors[~study.is_category].reset_index(drop=True)
    own = actors["actor"].isin(study.insiders["actor"])
    beyond = (~inside(actors["scale"], study.boundary)).fillna(False).astype(bool)
    tag = actors["kind"].map(dict(kinds)).astype("string").fillna(UNTAGGED).where(own, UNTAGGED).mask(beyond, OUTSIDE)
    gone = inside(actors["scale"], study.boundary).fillna(False).astype(bool) & ~own
    return actors[["actor", "name", "kind"]].assign(subsystem=tag)[~gone].reset_index(drop=True)


def actual_ties(study: Study, named: bool = True) -> pd.DataFrame:
    """Ties that are there: neither planned nor events (spin-offs), and none to categories where `named`.

    Examples
    --------
    >>> import netklynge as nk
    >>> bool(actual_ties(nk.load("horten"))["layer"].eq("spin_off").any())
    False
    """
    ties = named_ties(study) if named else study.ties()
    planned = ties["content"].str.startswith(PLANNED).fillna(False).astype(bool)
    return ties[~planned & ~ties["layer"].isin(EVENT_LAYERS)]


def _networks(study: Study, layers: Iterable[str] | None, named: bool = True) -> dict[str, pd.DataFrame]:
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


def _pairs(ties: pd.DataFrame, group: Mapping[str, str]) -> pd.DataFrame:
    """Distinct pairs of actors with a group, with the group at each end and the number of their ties."""
    known = ties[ties["source"].isin(group) & ties["target"].isin(group) & (ties["source"] != ties["target"])]
    ends = np.sort(known[["source", "target"]].to_numpy(dtype=str), axis=1) if len(known) else np.empty((0, 2), str)
    pairs = pd.DataFrame(ends, columns=["a", "b"]).value_counts(sort=False).rename("weight").reset_index()
    return pairs.assign(a_group=pairs["a"].map(group), b_group=pairs["b"].map(group))


def _groups(tags: pd.DataFrame) -> dict[str, str]:
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
    group = _groups(tags)
    size = tags["subsystem"].value_counts()
    order = (*SUBSYSTEMS, OUTSIDE, UNTAGGED)
    rows = []
    for layer, ties in _networks(study, layers).items():
        pairs = _pairs(ties, group)
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
    group = _groups(tags)
    size = tags["subsystem"].value_counts()
    rows = []
    for layer, ties in _networks(study, layers).items():
        pairs = _pairs(ties, group)
        for part in SUBSYSTEMS:
            touching = pairs[(pairs["a_group"] == part) | (pairs["b_group"] == part)]
            others = touching["b_group"].where(touching["a_group"] == part, touching["a_group"])
            tied = {*pairs.loc[pairs["a_group"] == part, "a"], *pairs.loc[pairs["b_group"] == part, "b"]}
            out, lost = int((others == OUTSIDE).sum()), int((others == UNTAGGED).sum())
            rows.append((layer, part, int(size.get(part, 0)), len(tied), out, len(others) - lost, lost))
    columns = ["layer", "part", "actors", "tied", "outside", "pairs", "untagged"]
    table = pd.DataFrame(rows, columns=columns)
    return table.assign(share=table["outside"] / table["pairs"].where(table["pairs"] > 0))


# -- three types of innovation system ------------------------------------------------------------------------


def nearest_type(firm_firm: float, firm_support: float, outside: float) -> pd.DataFrame:
    r"""Position between three ideal types of innovation system: distances to each, nearest first.

    With the shares :math:`s` of ties between firms inside, between firms and knowledge or support inside, and to the
    outside, the distance to an ideal point :math:`p` is :math:`\sqrt{\sum (s_i - p_i)^2}`.

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
    told = _words()["types"]
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
    :func:`netklynge.location.locate` before reading much into the position.

    Examples
    --------
    >>> import netklynge as nk
    >>> system_position(nk.load("raufoss"), ["rd"])[["nearest", "pairs"]].values.tolist()
    [['RIS3', 25]]
    """
    support = tuple(_words()["support"] if support is None else support)
    group = _groups(subsystems(study, kinds))
    firms = {actor for actor, tag in group.items() if tag == "exploitation"}
    rows = []
    for layer, ties in _networks(study, layers, named=False).items():
        pairs = _pairs(ties, group)
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


# -- thin, fragmented, locked in -----------------------------------------------------------------------------


def barriers(
    study: Study,
    layers: Iterable[str] | None = None,
    kinds: Mapping[str, str] | None = None,
    required: Iterable[str] = REQUIRED,
    permutations: int = 199,
    seed: int = 0,
    **thresholds: float,
) -> Barriers:
    r"""Is the innovation system thin, fragmented or locked in? Three findings, each with its figures and its remedy.

    *Thin* (whatever the layer): a required subsystem has fewer than ``fewest`` named actors inside.

    *Fragmented*: at least two of three signs hold. The largest component has less than ``largest_component`` of the
    actors with a tie inside; fewer pairs of generation and exploitation are tied than chance gives; modularity is
    higher than chance gives.

    *Locked in*: all of these hold. At least ``dense`` of the possible pairs of tied actors inside are tied; less than
    ``outside`` of the pairs with an end inside lead out; less than ``recent`` of the ties of known age began in the
    last ``recent_years`` years. Industries that are spread evenly (above ``evenness``) contradict it.

    A finding is ``yes`` or ``no`` only when what is not known could not turn it; else it is ``not assessable``. Fewer
    than ``pairs`` tied pairs are too few to know.

    Parameters
    ----------
    study, layers, kinds
        As in :func:`flow_matrix`; *fragmented* and *locked in* are found for each network by itself.
    required : iterable of str
        Subsystems that the system needs.
    permutations : int
        Random networks that the two signs are held against: same actors, each with as many partners as it has, partners
        dealt anew by swaps of ends (the configuration model).
    seed : int
    **thresholds : float
        Others than those in ``innovation_system.yaml``; all of them are ours, since the sources give none.

    Returns
    -------
    Barriers

    Raises
    ------
    NetklyngeError
        A threshold, layer or subsystem is unknown, or `permutations` is below 1.

    Notes
    -----
    *Thin* counts the actors that the study names. In a public study the small groups are hidden, so that a subsystem
    with too few is not assessable there. A start that is only the first year a tie was seen makes ties younger than
    they are. Density falls with the number of actors: compare it with districts of the same size only, or give
    ``dense``.

    References
    ----------
    Tödtling, F. & Trippl, M. (2005). One size fits all? Towards a differentiated regional innovation policy approach.
    *Research Policy* 34(8), 1203-1219. Grabher, G. (1993). The weakness of strong ties. In *The Embedded Firm*,
    Routledge, 255-277 (lock-in). Maslov, S. & Sneppen, K. (2002). *Science* 296, 910-913 (swaps of ends). The signs and
    thresholds are ours.

    Examples
    --------
    >>> import netklynge as nk
    >>> found = barriers(nk.load("raufoss"), ["rd", "service", "education"])
    >>> found.findings[["barrier", "finding"]].values.tolist()
    [['thin', 'no'], ['fragmented', 'no'], ['locked_in', 'no']]
    """
    limit = {**_words()["thresholds"], **thresholds}
    strange = sorted({*thresholds} - {*_words()["thresholds"]}) or sorted({*required} - {*SUBSYSTEMS})
    if strange:
        raise NetklyngeError(f"'{strange[0]}' is unknown; thresholds are {', '.join(limit)}; subsystems {SUBSYSTEMS}")
    if permutations < 1:
        raise NetklyngeError(f"permutations is {permutations}; it takes at least one random network to tell chance")
    tags = subsystems(study, kinds)
    found = [_thin(study, tags, required, limit)]
    for layer, ties in _networks(study, layers).items():
        near = _near(study, ties)
        found += [
            _fragmented(layer, near, _groups(tags), limit, permutations, seed),
            _locked_in(study, layer, ties, near, _groups(tags), limit),
        ]
    return Barriers(*(pd.concat(parts, ignore_index=True) for parts in zip(*found, strict=True)))


_SIGN = ("sign", "value", "n", "of", "expected", "p", "threshold", "holds")


def _found(
    layer: str, barrier: str, signs: list[tuple[Any, ...]], needed: int, concerned: list[tuple[str, str]]
) -> Barriers:
    """A finding from its signs: yes when `needed` of them hold, whatever is not known; no when they cannot."""
    holds = [sign[-1] for sign in signs]
    true, unknown = holds.count(True), holds.count(None)
    finding = YES if true >= needed else NO if true + unknown < needed else OPEN
    why = f"{true} of {len(signs)} signs hold, {unknown} not known; {needed} needed"
    told = _words()["barriers"][barrier]
    row = (layer, barrier, finding, why, told["wrong"], told["remedy"], _words()["source"])
    names = ["layer", "barrier"]
    table = pd.DataFrame([(layer, barrier, *sign) for sign in signs], columns=[*names, *_SIGN])
    numeric = ["value", "n", "of", "expected", "p", "threshold"]
    concerned = concerned if finding == YES else []
    return Barriers(
        pd.DataFrame([row], columns=[*names, "finding", "why", "wrong", "remedy", "source"]),
        table.astype({**dict.fromkeys(numeric, "Float64"), "holds": "boolean"}),
        pd.DataFrame([(layer, barrier, *one) for one in concerned], columns=[*names, "actor", "why"], dtype="string"),
    )


def _thin(study: Study, tags: pd.DataFrame, required: Iterable[str], limit: Mapping[str, float]) -> Barriers:
    size = tags["subsystem"].value_counts()
    hidden = bool(study.meta.get("public"))
    untagged = tags[(tags["subsystem"] == UNTAGGED) & tags["actor"].isin(study.insiders["actor"])]
    signs, concerned = [], []
    for part in required:
        n = int(size.get(part, 0))
        few: bool | None = n < limit["fewest"]
        if few and (hidden or n + len(untagged) >= limit["fewest"]):
            few = None  # those that are hidden, or whose kind nobody has told, may be what seems to be missing
        signs.append((f"actors: {part}", n, n, None, None, None, limit["fewest"], few))
        if few:
            concerned += [(actor, f"one of {n}: {part}") for actor in tags.loc[tags["subsystem"] == part, "actor"]]
    return _found("", "thin", signs, 1, concerned)


def _near(study: Study, ties: pd.DataFrame) -> pd.DataFrame:
    """Ties between two actors inside the cut."""
    own = set(study.insiders["actor"])
    return ties[ties["source"].isin(own) & ties["target"].isin(own)]


def _fragmented(
    layer: str, near: pd.DataFrame, group: Mapping[str, str], limit: Mapping[str, float], permutations: int, seed: int
) -> Barriers:
    parts = components(near[["source", "target"]])
    tied, largest = len(parts), int(parts["size"].max()) if len(parts) else 0
    enough = len(_pairs(near, dict.fromkeys(parts["actor"], ""))) >= limit["pairs"]
    few = bool(largest / tied < limit["largest_component"]) if enough else None
    share = largest / tied if tied else None
    signs: list[tuple[Any, ...]] = [
        ("largest component", share, largest, tied, None, None, limit["largest_component"], few)
    ]
    graph = to_igraph(simple_ties(near[["source", "target"]]), directed=False).simplify()
    tag = np.array([group.get(actor, UNTAGGED) for actor in graph.vs["name"]])
    knowing, using = tag == "generation", tag == "exploitation"

    def figures(net: ig.Graph) -> tuple[float, float]:
        ends = np.array(net.get_edgelist(), dtype=int).reshape(-1, 2)
        cross = knowing[ends[:, 0]] & using[ends[:, 1]] | knowing[ends[:, 1]] & using[ends[:, 0]]
        return float(cross.sum()), float(net.community_fastgreedy().as_clustering().modularity)

    if graph.ecount() >= 2:
        drawn = _rewired(graph, figures, permutations, seed)
        seen = np.array(figures(graph))
        p, expected = two_sided(drawn, seen), drawn.mean(axis=0)
        both = bool(knowing.any() and using.any())
        unlike = p < limit["chance"]  # too few pairs can show a difference, and never that there is none
        fewer = bool(both and unlike[0] and seen[0] < expected[0]) or (False if enough and both else None)
        apart = bool(unlike[1] and seen[1] > expected[1]) or (False if enough else None)
        pairs = int(graph.ecount())
        signs += [
            ("generation-exploitation pairs", seen[0], seen[0], pairs, expected[0], p[0], limit["chance"], fewer),
            ("modularity", seen[1], None, pairs, expected[1], p[1], limit["chance"], apart),
        ]
    else:
        missing = (None, None, graph.ecount(), None, None, limit["chance"], None)
        signs += [("generation-exploitation pairs", *missing), ("modularity", *missing)]
    beside = parts.loc[parts["component"] > 1, "actor"] if len(parts) else []
    return _found(layer, "fragmented", signs, 2, [(actor, "outside the largest component") for actor in beside])


def _rewired(
    graph: ig.Graph, figures: Callable[[ig.Graph], tuple[float, ...]], number: int, seed: int
) -> npt.NDArray[np.float64]:
    """Figures of networks in which every actor keeps its number of partners and the partners are dealt anew."""
    import random

    import igraph as ig

    ig.set_random_number_generator(random.Random(seed))
    try:
        rows = []
        for _ in range(number):
            other = graph.copy()
            other.rewire(10 * graph.ecount())
            rows.append(figures(other))
    finally:
        ig.set_random_number_generator(random)
    return np.array(rows, dtype=float).reshape(number, -1)


def _locked_in(
    study: Study,
    layer: str,
    ties: pd.DataFrame,
    near: pd.DataFrame,
    group: Mapping[str, str],
    limit: Mapping[str, float],
) -> Barriers:
    own = set(study.insiders["actor"])
    touching = ties[ties["source"].isin(own) | ties["target"].isin(own)]
    actors = {*near["source"], *near["target"]}
    pairs, possible = len(_pairs(near, dict.fromkeys(actors, ""))), len(actors) * (len(actors) - 1) // 2
    density = pairs / possible if possible else None
    dense = None if density is None or pairs < limit["pairs"] else density >= limit["dense"]
    whole = _pairs(touching, {**dict.fromkeys({*ties["source"], *ties["target"]}, UNTAGGED), **group})
    placed = whole[(whole["a"].isin(own) | (whole["a_group"] == OUTSIDE))
                   & (whole["b"].isin(own) | (whole["b_group"] == OUTSIDE))]  # fmt: skip
    out = int((~(placed["a"].isin(own) & placed["b"].isin(own))).sum())
    share = out / len(placed) if len(placed) else None
    closed = None if share is None or len(placed) < limit["pairs"] else share < limit["outside"]
    began = touching["start"].dropna()
    new = dated = None
    if study.when is not None:
        new, dated = int((began > study.when - limit["recent_years"]).sum()), len(began)
    recent = new / dated if dated and new is not None else None
    enough = dated is not None and dated >= max(limit["dated"] * len(touching), limit["pairs"])
    still = None if recent is None or not enough else recent < limit["recent"]
    signs: list[tuple[Any, ...]] = [
        ("density inside", density, pairs, possible, None, None, limit["dense"], dense),
        ("outside share", share, out, len(placed), None, None, limit["outside"], closed),
        ("new ties", recent, new, dated, None, None, limit["recent"], still),
    ]
    industries = _divisions(study)
    if len(industries):
        spread = evenness(industries.value_counts())
        narrow = bool(spread <= limit["evenness"])
        n, of = len(industries), len(study.firms)
        signs.append(("evenness of industries", spread, n, of, None, None, limit["evenness"], narrow))
    told_out = {*placed.loc[placed["b_group"] == OUTSIDE, "a"], *placed.loc[placed["a_group"] == OUTSIDE, "b"]}
    concerned = [(actor, "no tie out of the district") for actor in sorted(actors - told_out)]
    return _found(layer, "locked_in", signs, len(signs), concerned)


def _divisions(study: Study) -> pd.Series[str]:
    """NACE division (two digits) of the firms inside whose sector is a code."""
    return study.firms["sector"].str.extract(r"^\s*(\d{2})(?:\.\d|\d{1,3}\b|\b)", expand=False).dropna()


# -- helix ---------------------------------------------------------------------------------------------------


def helix(
    study: Study, layers: Iterable[str] | None = None, tags: Mapping[str, str | Iterable[str]] | None = None
) -> Helix:
    """Triple and quadruple helix: how often ties inside join research, business, public side, and civil society.

    Parameters
    ----------
    study, layers
        As in :func:`flow_matrix`; only ties between two actors inside the cut count.
    tags : mapping, optional
        Actor to its group, or to several for hybrid bodies: research, business, public, culture_voluntary. It goes
        before what the actor's kind says; network organisations have no group unless they get one here.

    Returns
    -------
    Helix

    Notes
    -----
    A triangle is of three different groups when its corners can each be given a group of their own. What a programme
    demands is no co-operation by choice: look at what the ties are before praising a triad.

    References
    ----------
    Etzkowitz, H. & Leydesdorff, L. (2000). The dynamics of innovation: from national systems and "Mode 2" to a triple
    helix. *Research Policy* 29(2), 109-123. The counts are ours.

    Examples
    --------
    >>> import netklynge as nk
    >>> helix(nk.load("raufoss"), ["rd", "service", "education", "membership"]).balance["share"].round(2).tolist()
    [0.38]
    """
    actors = study.insiders
    own = {str(a): frozenset([g]) for a, k in zip(actors["actor"], actors["kind"], strict=True)
           if (g := _words()["helix"].get(k))}  # fmt: skip
    given = {a: frozenset([g] if isinstance(g, str) else g) for a, g in (tags or {}).items()}
    groups: Tags = {**own, **{a: g for a, g in given.items() if a in set(actors["actor"])}}
    parts = [_helix(layer, _near(study, ties), groups) for layer, ties in _networks(study, layers).items()]
    untagged = len(actors) - len(groups)
    names = ["layer", "pairs", "cross_kind", "share", "triads", "triple_helix", "tetrads"]
    balance = pd.DataFrame([part[0] for part in parts], columns=names).assign(untagged=untagged)
    mixing = pd.DataFrame(
        [row for part in parts for row in part[1]], columns=["layer", "from_group", "to_group", "pairs"]
    )
    bridges = pd.DataFrame(
        [row for part in parts for row in part[2]], columns=["layer", "actor", "group", "partners", "other_groups"]
    )
    order = ["layer", "other_groups", "partners"]
    bridges = bridges.sort_values(order, ascending=[True, False, False], kind="stable", ignore_index=True)
    return Helix(balance, mixing, bridges)


def _helix(
    layer: str, near: pd.DataFrame, groups: Tags
) -> tuple[tuple[Any, ...], list[tuple[Any, ...]], list[tuple[Any, ...]]]:
    told = {a: "+".join(sorted(g)) for a, g in groups.items()}
    pairs = _pairs(near, told)
    ends = [(groups[a], groups[b]) for a, b in zip(pairs["a"], pairs["b"], strict=True)]
    cross = sum(not one & other for one, other in ends)
    apart = pairs[np.array([len(one | other) > 1 for one, other in ends], dtype=bool)]  # no others make a triad
    graph = to_igraph(simple_ties(apart.rename(columns={"a": "source", "b": "target"})), directed=False)
    names = graph.vs["name"]
    cliques = [[groups[names[v]] for v in c] for c in graph.simplify().cliques(3, 4)]
    rainbow = [c for c in cliques if _distinct(c)]
    wanted = ("research", "business", "public")
    triple = sum(len(c) == 3 and any(all(w in g for w, g in zip(o, c, strict=True)) for o in orders(wanted))
                 for c in rainbow)  # fmt: skip
    counts = [sum(len(c) == size for c in rainbow) for size in (3, 4)]
    share = cross / len(pairs) if len(pairs) else float("nan")
    balance = (layer, len(pairs), cross, share, counts[0], triple, counts[1])
    mixed = Counter(tuple(sorted(both)) for both in zip(pairs["a_group"], pairs["b_group"], strict=True))
    mixing = [(layer, *both, n) for both, n in sorted(mixed.items())]
    both = pd.concat([pairs[["a", "b"]], pairs[["b", "a"]].set_axis(["a", "b"], axis=1)])
    bridges = []
    for actor, partners in both.groupby("a")["b"]:
        others = frozenset().union(*(groups[p] for p in partners)) - groups[str(actor)]
        if others:
            bridges.append((layer, actor, told[str(actor)], len(partners), len(others)))
    return balance, mixing, bridges


def _distinct(members: list[frozenset[str]]) -> bool:
    """Whether each member can be given a group that no other one gets."""
    if not members:
        return True
    first, *rest = members
    return any(_distinct([other - {g} for other in rest]) for g in first)


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
    told = _words()["roles"]
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
    for layer, ties in _networks(study, layers).items():
        near = _near(study, ties)
        among = _pairs(near, dict.fromkeys(others["actor"], ""))
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
    joint &= ~role.str.contains(CO_LOCATION, case=False)
    chosen = set(actors.loc[joint, "actor"] if bodies is None else bodies)
    ties = _networks(study, JOINING, named=False)[" + ".join(JOINING)]
    turned = ties.set_axis([{"source": "target", "target": "source"}.get(c, c) for c in ties.columns], axis=1)
    rows = pd.concat([ties, turned])[["source", "target"]].set_axis(["participant", "body"], axis=1).drop_duplicates()
    near = study.actors[study.is_category & study.actors["scale"].isin(study.rings_inside())]
    rows = rows[rows["body"].isin(chosen) & rows["participant"].isin([*study.insiders["actor"], *near["actor"]])]
    kind = actors.set_index("actor")["kind"].map(_words()["helix"])
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


def evenness(counts: Any) -> float:
    r"""Evenness of shares, :math:`-\sum p \ln p / \ln k` over k classes: 1 when all are alike, 0 when one has all.

    Classes with nothing count in k. Even is neither good nor bad.

    References
    ----------
    Pielou, E. C. (1966). *Journal of Theoretical Biology* 13, 131-144.

    Examples
    --------
    >>> round(evenness([1, 1, 2]), 3)
    0.946
    """
    values = np.asarray(counts, dtype=float)
    if (values < 0).any() or not values.sum() > 0:
        raise NetklyngeError("evenness needs counts of 0 or more, and not all 0")
    if len(values) == 1:
        return 0.0
    shares = values[values > 0] / values.sum()
    return float(-(shares * np.log(shares)).sum() / np.log(len(values)))


def ring_sectors(study: Study, layers: Iterable[str] | None = None) -> pd.DataFrame:
    """Partners of the actors inside by ring and by public or private side, with the evenness over the rings.

    Categories count here, as in all shares.

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
    for layer, ties in _networks(study, layers, named=False).items():
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
