"""Homophily: whether ties stay inside groups or cross them."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from netklynge.chance import two_sided
from netklynge.findings import NetklyngeError
from netklynge.networks.arrays import IndexedTies, distinct, frame_like, group_codes, is_undirected, labels_of

__all__ = ["assortativity", "coleman", "ei_index", "mixing", "orwg"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

_CHUNK = 1 << 20  # cells of a block of permutations: what stays in a processor's cache


class _Grouped(NamedTuple):
    """Ties between actors whose groups are known; loops are gone."""

    ties: IndexedTies
    codes: Ints  # group of each actor, -1 where unknown
    labels: npt.NDArray[Any]
    lost: IndexedTies  # ties left out because an end has no known group

    @property
    def ends(self) -> tuple[Ints, Ints]:
        """Groups at both ends of each tie."""
        return self.codes[self.ties.source], self.codes[self.ties.target]

    @property
    def members(self) -> Ints:
        """Number of actors in each group."""
        return np.bincount(self.codes[self.codes >= 0], minlength=len(self.labels))


def _grouped(ties: Any, groups: Any, pairs: bool = False, once: bool = False) -> _Grouped:
    """Ties as they stand, or each pair of actors with a tie once (`pairs`), or each distinct tie once (`once`)."""
    indexed, codes, labels = group_codes(ties, groups)
    source, target = indexed.source, indexed.target
    apart = source != target
    source, target = source[apart], target[apart]
    if pairs:
        source, target = np.minimum(source, target), np.maximum(source, target)
    if pairs or once:
        source, target = np.divmod(distinct(source * indexed.size + target), max(indexed.size, 1))
    known = (codes[source] >= 0) & (codes[target] >= 0)
    kept, lost = (IndexedTies(indexed.actors, source[rows], target[rows]) for rows in (known, ~known))
    return _Grouped(kept, codes, labels, lost)


def _mixing(found: _Grouped) -> Ints:
    """Number of ties from each group (rows) to each group (columns)."""
    number = len(found.labels)
    source, target = found.ends
    return np.bincount(source * number + target, minlength=number**2).reshape(number, number)


def mixing(ties: Any, groups: Any, directed: bool = True) -> Any:
    """Mixing matrix, in long form: ties from each group to each group.

    Parameters
    ----------
    ties, groups, directed
        As in :func:`ei_index`; every row of `ties` is one tie. Without directions a tie between two groups
        stands in one of the two cells only.

    Returns
    -------
    frame like `ties`
        ``from_group``, ``to_group``, ``ties``; a row for every pair of groups.

    Examples
    --------
    >>> ties = pd.DataFrame({"source": ["a", "a"], "target": ["b", "c"]})
    >>> mixing(ties, {"a": "x", "b": "x", "c": "y"})["ties"].tolist()
    [1, 1, 0, 0]
    """
    found = _grouped(ties, groups, not directed or is_undirected(ties))
    number = len(found.labels)
    table = pd.DataFrame(
        {
            "from_group": np.repeat(found.labels, number),
            "to_group": np.tile(found.labels, number),
            "ties": _mixing(found).ravel(),
        }
    )
    return frame_like(table, ties)


def ei_index(ties: Any, groups: Any, directed: bool = True, permutations: int = 0, seed: int | None = None) -> Any:
    """E-I index of the network, of each group and of each actor.

    ``E-I = (E - I) / (E + I)``, with E the ties to other groups and I those inside: -1 when all ties stay
    inside, 1 when all cross. Under random ties between N actors, n_g of them in group g, the network's value
    is expected to be ``2 Σ n_g (N - n_g) / (N (N - 1)) - 1``; a group's
    ``(n_g (N - n_g) - n_g (n_g - 1) / 2) / (n_g (N - n_g) + n_g (n_g - 1) / 2)``; an actor's
    ``(N - 2 n_g + 1) / (N - 1)``. Rescaled for group sizes, E and I are first divided by the pairs that could
    have had such a tie, so that 0 stands for ties that take no notice of groups.

    Parameters
    ----------
    ties : frame or networkx graph
        Columns ``source`` and ``target``. Every row counts as one tie, so that the counts of two halves of a
        table add up; loops are left out.
    groups : frame or mapping
        Columns ``actor`` and ``group``, or actor to group. Actors without ties count in the groups' sizes.
    directed : bool
        False: a pair with ties, whichever way and however many, counts as one tie. An undirected graph is
        always taken so.
    permutations : int
        How many times to deal the groups out anew over the actors; 0 leaves ``p`` blank.
    seed : int, optional
        Makes the permutations repeatable.

    Returns
    -------
    frame like `ties`
        ``level`` (network, group, actor), ``group``, ``actor``, ``internal``, ``external``, ``ei``,
        ``expected``, ``rescaled``, ``p`` and ``unknown``. A tie between two groups is external to both, and a
        tie belongs to both of its actors, so that groups and actors do not add up to the network. ``unknown``
        counts the ties left out because an end has no known group; an actor without a group has blanks.
        ``p`` is two-sided, with the observed network counted as one of the permutations (twice the smaller of
        the shares at most and at least as high, no more than 1); that of an actor is exact, from the
        hypergeometric distribution of its group mates among its distinct partners.

    Raises
    ------
    NetklyngeError
        A column is missing, an actor stands in two groups, or no actor with a tie has a group.

    References
    ----------
    Krackhardt, D. & Stern, R. N. (1988). Informal networks and organizational crises. *Social Psychology
    Quarterly* 51(2), 123-140. The observed value among the permutations: Davison, A. C. & Hinkley, D. V.
    (1997). *Bootstrap Methods and their Application*, Cambridge, section 4.2.

    Examples
    --------
    >>> ties = pd.DataFrame({"source": ["a", "a", "b", "c"], "target": ["b", "c", "c", "d"]})
    >>> table = ei_index(ties, {"a": "in", "b": "in", "c": "out", "d": "out"})
    >>> table[["level", "group", "internal", "external", "ei"]].head(3).round(2).values.tolist()
    [['network', <NA>, 2, 2, 0.0], ['group', 'in', 1, 2, 0.33], ['group', 'out', 1, 2, 0.33]]
    """
    if permutations < 0:
        raise NetklyngeError(f"permutations is {permutations}; it is 0 or the number of permutations to make")
    found = _grouped(ties, groups, not directed or is_undirected(ties))
    members = found.members.astype(np.float64)
    total, known = members.sum(), found.codes >= 0
    matrix = _mixing(found)
    inside, all_ties = np.diag(matrix), matrix.sum()
    touching = matrix.sum(axis=0) + matrix.sum(axis=1) - inside
    same = np.equal(*found.ends)
    own, other = (_per_actor(found.ties, rows).astype(float) for rows in (same, ~same))
    own[~known] = other[~known] = np.nan
    size = np.append(members, np.nan)[found.codes]
    within, across = members * (members - 1) / 2, members * (total - members)
    p_network, p_groups, p_actors = _p_values(found, inside, touching, permutations, seed)
    lost = found.lost
    lost_groups = found.codes[np.concatenate([lost.source, lost.target])]
    unknown = np.bincount(lost_groups[lost_groups >= 0], minlength=len(members))
    of_actor = labels_of(found.codes, found.labels)
    table = pd.concat(
        [
            _level(
                "network",
                [None],
                [None],
                [inside.sum()],
                [all_ties - inside.sum()],
                [within.sum()],
                [across.sum() / 2],
                [p_network],
                [len(lost.source)],
            ),
            _level(
                "group",
                found.labels,
                [None] * len(members),
                inside,
                touching - inside,
                within,
                across,
                p_groups,
                unknown,
            ),
            _level(
                "actor",
                of_actor,
                found.ties.actors,
                own,
                other,
                size - 1,
                total - size,
                p_actors,
                _per_actor(lost, slice(None)),
            ),
        ],
        ignore_index=True,
    )
    names = ["group", "actor"]
    return frame_like(table.assign(**table[names].convert_dtypes()), ties)


def _per_actor(ties: IndexedTies, rows: Any) -> Ints:
    """Ties of each actor, whichever end it is, among `rows`."""
    return np.bincount(np.concatenate([ties.source[rows], ties.target[rows]]), minlength=ties.size)


def _level(
    level: str,
    group: Any,
    actor: Any,
    internal: Any,
    external: Any,
    pairs_in: Any,
    pairs_out: Any,
    p: Any,
    unknown: Any,
) -> pd.DataFrame:
    """Rows of one level, from counts of ties and of the pairs that could have had one."""
    inside, outside, near, far = (np.asarray(x, dtype=float) for x in (internal, external, pairs_in, pairs_out))
    return pd.DataFrame(
        {
            "level": level,
            "group": np.asarray(group, dtype=object),
            "actor": np.asarray(actor, dtype=object),
            "internal": pd.array(inside, dtype="Int64"),
            "external": pd.array(outside, dtype="Int64"),
            "ei": _balance(outside, inside),
            "expected": _balance(far, near),
            "rescaled": _balance(_ratio(outside, far), _ratio(inside, near)),
            "p": np.asarray(p, dtype=float),
            "unknown": np.asarray(unknown, dtype=np.int64),
        }
    )


def _ratio(part: Any, whole: Any) -> Floats:
    """Part over whole; blank where there is no whole."""
    blank = np.full(np.shape(part), np.nan)
    return np.asarray(np.divide(part, whole, out=blank, where=np.asarray(whole) > 0))


def _balance(out: Any, inside: Any) -> Floats:
    return _ratio(out - inside, out + inside)


def _p_values(
    found: _Grouped, inside: Ints, touching: Ints, permutations: int, seed: int | None
) -> tuple[float, Floats, Floats]:
    """P-values of the network, of each group and of each actor; blank without permutations."""
    if not permutations:
        return np.nan, np.full(len(inside), np.nan), np.full(len(found.codes), np.nan)
    simulated_in, simulated_touching = _permuted(found, permutations, np.random.default_rng(seed))
    # more inside is a lower index at the same number of ties, so that the network's p needs counts only
    network = two_sided(-simulated_in.sum(axis=1)[:, None], -inside.sum()[None])
    simulated = _balance(simulated_touching - simulated_in, simulated_in)
    return float(network[0]), two_sided(simulated, _balance(touching - inside, inside)), _partners_p(found)


def _permuted(found: _Grouped, permutations: int, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Ties inside each group, and ties with an end in it, when groups are dealt out anew over the actors."""
    number = len(found.labels)
    placed = np.flatnonzero(found.codes >= 0)
    new_number = np.full(len(found.codes), -1)
    new_number[placed] = np.arange(len(placed))
    source, target = new_number[found.ties.source], new_number[found.ties.target]
    degree = _per_actor(IndexedTies(placed, source, target), slice(None))
    labels = (found.codes[placed] + 1).astype(np.min_scalar_type(-number - 1))  # 0 is for ties that cross
    block = max(1, _CHUNK // max(len(source), len(placed), 1))
    inside, touching = np.empty((permutations, number)), np.empty((permutations, number))
    for begin in range(0, permutations, block):
        rows = min(block, permutations - begin)
        dealt = _dealt(labels, rows, rng)
        at_source = dealt.take(source, axis=0)
        at_source *= at_source == dealt.take(target, axis=0)
        offset = np.arange(rows) * (number + 1)
        cells = rows * (number + 1)
        counts = np.bincount((at_source + offset).ravel(), minlength=cells)
        ends = np.bincount((dealt + offset).ravel(), weights=np.repeat(degree, rows), minlength=cells)
        part = slice(begin, begin + rows)
        inside[part] = counts.reshape(rows, number + 1)[:, 1:]
        touching[part] = ends.reshape(rows, number + 1)[:, 1:] - inside[part]
    return inside, touching


def _dealt(labels: npt.NDArray[Any], rows: int, rng: np.random.Generator) -> npt.NDArray[Any]:
    """Labels in random order, one order to a column.

    Each label rides in the low bits of a random number, and sorting the numbers shuffles the labels: three times
    as quick as shuffling. Two equal numbers, which would sort by label, have no chance worth naming.
    """
    low = int(labels.max(initial=0)).bit_length()
    keys = rng.integers(0, 1 << 64, size=(rows, len(labels)), dtype=np.uint64)
    keys &= ~np.uint64((1 << low) - 1)
    keys |= labels.astype(np.uint64)
    keys.sort(axis=1)
    keys &= np.uint64((1 << low) - 1)
    return np.ascontiguousarray(keys.astype(labels.dtype).T)


def _partners_p(found: _Grouped) -> Floats:
    """Exact two-sided p of each actor: its group mates among its distinct partners, drawn from all others."""
    from scipy.stats import hypergeom

    size = len(found.codes)
    ends = np.concatenate([found.ties.source * size + found.ties.target, found.ties.target * size + found.ties.source])
    actor, partner = np.divmod(distinct(ends), max(size, 1))
    partners = np.bincount(actor, minlength=size)
    mates = np.bincount(actor[found.codes[actor] == found.codes[partner]], minlength=size)
    drawn = partners > 0
    others = found.members.sum() - 1
    law = hypergeom(others, found.members[found.codes[drawn]] - 1, partners[drawn])
    tails = np.minimum(law.cdf(mates[drawn]), law.sf(mates[drawn] - 1))
    p = np.full(size, np.nan)
    p[drawn] = np.minimum(1, 2 * tails)
    return p


def coleman(ties: Any, groups: Any) -> Any:
    """Coleman's homophily index of each group.

    With s_g the ties that group g's actors send and ``e_g = s_g (n_g - 1) / (N - 1)`` those expected to stay
    inside: ``(I_g - e_g) / (s_g - e_g)`` when at least as many stay inside as expected, else
    ``(I_g - e_g) / e_g``. 1 when all stay inside, 0 as by chance, -1 when none does.

    Parameters
    ----------
    ties, groups
        As in :func:`ei_index`; every row of `ties` is one tie sent by its source, and an undirected graph has
        each tie in both directions.

    Returns
    -------
    frame like `ties`
        ``group``, ``actors``, ``sent``, ``internal``, ``expected`` (of ``internal``), ``coleman``.

    References
    ----------
    Coleman, J. S. (1958). Relational analysis: the study of social organizations with survey methods. *Human
    Organization* 17(4), 28-36.

    Examples
    --------
    >>> ties = pd.DataFrame({"source": ["a", "b", "c"], "target": ["b", "a", "a"]})
    >>> coleman(ties, {"a": "x", "b": "x", "c": "y"})["coleman"].tolist()
    [1.0, 0.0]
    """
    found = _grouped(ties, groups)
    matrix, members = _mixing(found), found.members
    sent, inside = matrix.sum(axis=1), np.diag(matrix)
    expected = sent * _ratio(members - 1, np.full(len(members), members.sum() - 1))
    above = inside >= expected
    table = pd.DataFrame(
        {
            "group": found.labels,
            "actors": members,
            "sent": sent,
            "internal": inside,
            "expected": expected,
            "coleman": _ratio(inside - expected, np.where(above, sent - expected, expected)),
        }
    )
    return frame_like(table, ties)


def assortativity(ties: Any, groups: Any, directed: bool = True) -> float:
    """Newman's assortativity by groups: ``r = (Σ e_gg - Σ a_g b_g) / (1 - Σ a_g b_g)``.

    e is the share of ties from each group to each group, a and b its row and column sums. 1 when all ties
    stay inside their group, 0 when the ends of a tie are independent, at least -1.

    Parameters
    ----------
    ties, groups
        As in :func:`ei_index`; every row of `ties` is one tie.
    directed : bool
        False: each pair with ties counts once, and both ways. An undirected graph is always taken so.

    Returns
    -------
    float
        Blank (nan) without ties, or when one group has all ends.

    References
    ----------
    Newman, M. E. J. (2003). Mixing patterns in networks. *Physical Review E* 67, 026126, equation 2.

    Examples
    --------
    >>> ties = pd.DataFrame({"source": ["a", "c", "a"], "target": ["b", "d", "c"]})
    >>> round(assortativity(ties, {"a": "x", "b": "x", "c": "y", "d": "y"}), 3)
    0.4
    """
    pairs = not directed or is_undirected(ties)
    matrix = _mixing(_grouped(ties, groups, pairs)).astype(np.float64)
    if pairs:
        matrix = matrix + matrix.T
    if not matrix.any():
        return np.nan
    share = matrix / matrix.sum()
    chance = float(share.sum(axis=0) @ share.sum(axis=1))
    return float((np.trace(share) - chance) / (1 - chance)) if chance < 1 else np.nan


def orwg(ties: Any, groups: Any, directed: bool = True) -> float:
    """Odds ratio for ties within groups: the odds of a tie inside a group over those across groups.

    ``ORWG = (I / (P_in - I)) / (E / (P_out - E))``, with I and E the pairs inside and across that have a tie,
    and P_in and P_out all such pairs. 1 when ties take no notice of groups; infinite when none crosses or
    every pair inside has one.

    Parameters
    ----------
    ties, groups
        As in :func:`ei_index`, but repeated ties count once, since a pair has a tie or none.
    directed : bool
        Whether pairs are ordered. Those of an undirected graph never are.

    References
    ----------
    Moody, J. (2001). Race, school integration, and friendship segregation in America. *American Journal of
    Sociology* 107(3), 679-716.

    Examples
    --------
    >>> ties = pd.DataFrame({"source": ["a", "c"], "target": ["b", "b"]})
    >>> round(orwg(ties, {"a": "x", "b": "x", "c": "y", "d": "y"}), 3)
    2.333
    """
    pairs = not directed or is_undirected(ties)
    found = _grouped(ties, groups, pairs, once=True)
    matrix, members = _mixing(found), found.members.astype(np.float64)
    halves = 2 if pairs else 1
    inside, all_ties = float(np.trace(matrix)), float(matrix.sum())
    pairs_in = (members * (members - 1)).sum() / halves
    pairs_out = members.sum() * (members.sum() - 1) / halves - pairs_in
    above = inside * (pairs_out - (all_ties - inside))
    below = (all_ties - inside) * (pairs_in - inside)
    return float(above / below) if below else (np.inf if above else np.nan)
