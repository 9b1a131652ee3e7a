"""Barriers of a region's innovation system: is it thin, fragmented, locked in, and what is the remedy."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from netklynge.chance import two_sided
from netklynge.findings import NetklyngeError
from netklynge.networks.arrays import simple_ties, to_igraph
from netklynge.networks.communities import components
from netklynge.networks.concentration import evenness
from netklynge.systems.flow_model import (
    OUTSIDE,
    SUBSYSTEMS,
    UNTAGGED,
    near_ties,
    networks,
    subsystem_of,
    subsystems,
    system_words,
    tied_pairs,
)

if TYPE_CHECKING:
    import igraph as ig

    from netklynge.study.study import Study

__all__ = ["Barriers", "barriers"]

REQUIRED = ("generation", "exploitation", "mediation")  # one municipality is enough to govern a town
YES, NO, OPEN = "yes", "no", "not assessable"
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
    limit = {**system_words()["thresholds"], **thresholds}
    strange = sorted({*thresholds} - {*system_words()["thresholds"]}) or sorted({*required} - {*SUBSYSTEMS})
    if strange:
        raise NetklyngeError(f"'{strange[0]}' is unknown; thresholds are {', '.join(limit)}; subsystems {SUBSYSTEMS}")
    if permutations < 1:
        raise NetklyngeError(f"permutations is {permutations}; it takes at least one random network to tell chance")
    tags = subsystems(study, kinds)
    found = [_thin(study, tags, required, limit)]
    for layer, ties in networks(study, layers).items():
        near = near_ties(study, ties)
        found += [
            _fragmented(layer, near, subsystem_of(tags), limit, permutations, seed),
            _locked_in(study, layer, ties, near, subsystem_of(tags), limit),
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
    told = system_words()["barriers"][barrier]
    row = (layer, barrier, finding, why, told["wrong"], told["remedy"], system_words()["source"])
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
    hidden = study.meta.public
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


def _fragmented(
    layer: str, near: pd.DataFrame, group: Mapping[str, str], limit: Mapping[str, float], permutations: int, seed: int
) -> Barriers:
    parts = components(near[["source", "target"]])
    tied, largest = len(parts), int(parts["size"].max()) if len(parts) else 0
    enough = len(tied_pairs(near, dict.fromkeys(parts["actor"], ""))) >= limit["pairs"]
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
    pairs, possible = len(tied_pairs(near, dict.fromkeys(actors, ""))), len(actors) * (len(actors) - 1) // 2
    density = pairs / possible if possible else None
    dense = None if density is None or pairs < limit["pairs"] else density >= limit["dense"]
    whole = tied_pairs(touching, {**dict.fromkeys({*ties["source"], *ties["target"]}, UNTAGGED), **group})
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
