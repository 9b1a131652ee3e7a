"""Triple and quadruple helix: do research, business and public bodies meet, and through whom."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from itertools import permutations as orders
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from netklynge.networks.arrays import simple_ties, to_igraph
from netklynge.systems.flow_model import near_ties, networks, system_words, tied_pairs

if TYPE_CHECKING:
    from netklynge.study.study import Study

__all__ = ["Helix", "helix"]

Tags = Mapping[str, frozenset[str]]


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
           if (g := system_words()["helix"].get(k))}  # fmt: skip
    given = {a: frozenset([g] if isinstance(g, str) else g) for a, g in (tags or {}).items()}
    groups: Tags = {**own, **{a: g for a, g in given.items() if a in set(actors["actor"])}}
    parts = [_helix(layer, near_ties(study, ties), groups) for layer, ties in networks(study, layers).items()]
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
    pairs = tied_pairs(near, told)
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
