"""Homophily: whether ties stay inside groups or cross them."""

from __future__ import annotations

from typing import Any, NamedTuple, overload

import numpy as np
import numpy.typing as npt
import pandas as pd
from narwhals.typing import IntoFrameT

from netklynge.chance import two_sided
from netklynge.findings import NetklyngeError
from netklynge.networks.arrays import (
    Groups,
    IndexedTies,
    Ties,
    Weight,
    distinct,
    frame_like,
    group_codes,
    in_order,
    is_undirected,
    labels_of,
)
from netklynge.networks.inputs import Others

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


def _grouped(
    ties: Ties, groups: Groups, pairs: bool = False, once: bool = False, weight: Weight = None, as_given: bool = False
) -> _Grouped:
    """Ties as they stand, or each pair of actors with a tie once (`pairs`), or each distinct tie once (`once`).

    Weights of a pair's ties add up. A pair stands with the end first whose group comes first, whoever was typed first.
    """
    indexed, codes, labels = group_codes(ties, groups, weight, as_given or pairs)
    indexed = indexed.only(indexed.source != indexed.target)
    source, target, strength = indexed.source, indexed.target, indexed.weight
    if pairs:
        turned = (codes[source] > codes[target]) | ((codes[source] == codes[target]) & (source > target))
        source, target = np.where(turned, target, source), np.where(turned, source, target)
    if pairs or once:
        keys = source * indexed.size + target
        if strength is not None:
            order = np.lexsort((strength, keys))  # sums do not hang on the order of rows
            keys, first = np.unique(keys[order], return_index=True)
            strength = np.add.reduceat(strength[order], first) if len(first) else strength
        else:
            keys = distinct(keys)
        source, target = np.divmod(keys, max(indexed.size, 1))
    counted = IndexedTies(indexed.actors, source, target, strength)
    known = (codes[source] >= 0) & (codes[target] >= 0)
    return _Grouped(counted.only(known), codes, labels, counted.only(~known))


def _mixing(found: _Grouped) -> npt.NDArray[Any]:
    """Number, or weight, of ties from each group (rows) to each group (columns)."""
    number = len(found.labels)
    source, target = found.ends
    cells = np.bincount(source * number + target, weights=found.ties.weight, minlength=number**2)
    return cells.reshape(number, number)


def _counts(found: _Grouped) -> _Grouped:
    """The same ties, each counting 1."""
    return found._replace(ties=found.ties._replace(weight=None))


@overload
def mixing(ties: IntoFrameT, groups: Groups, directed: bool = ..., weight: Weight = ...) -> IntoFrameT: ...
@overload
def mixing(ties: Others, groups: Groups, directed: bool = ..., weight: Weight = ...) -> pd.DataFrame: ...
def mixing(ties: Ties, groups: Groups, directed: bool = True, weight: Weight = None) -> Any:
    """Mixing matrix, in long form: ties from each group to each group.

    ``m_gh`` is the number of ties from an actor of group g to one of group h, or the sum of their weights.

    Parameters
    ----------
    ties, groups, weight
        As in :func:`ei_index`; every row of `ties` is one tie, and an undirected row one in each direction.
    directed : bool
        False: a pair with ties counts once, in the cell whose ``from_group`` comes first; so the other cell of two
        groups is 0. An undirected graph is always taken so.

    Returns
    -------
    frame like `ties`
        ``from_group``, ``to_group``, ``ties``, and with `weight` their sum as ``weight``; a row for every ordered
        pair of groups. Ties with an end of unknown group are left out (``unknown`` of :func:`ei_index` counts them).

    Raises
    ------
    NetklyngeError
        As in :func:`ei_index`.

    References
    ----------
    Newman, M. E. J. (2003). Mixing patterns in networks. *Physical Review E* 67, 026126, section II.

    Examples
    --------
    >>> ties = pd.DataFrame({"source": ["a", "a"], "target": ["b", "c"]})
    >>> mixing(ties, {"a": "x", "b": "x", "c": "y"})["ties"].tolist()
    [1, 1, 0, 0]
    """
    found = _grouped(ties, groups, not directed or is_undirected(ties), weight=weight)
    number = len(found.labels)
    table = pd.DataFrame(
        {
            "from_group": np.repeat(found.labels, number),
            "to_group": np.tile(found.labels, number),
            "ties": _mixing(_counts(found)).ravel(),
        }
    )
    if weight:
        table["weight"] = _mixing(found).ravel()
    return frame_like(table, ties)


@overload
def ei_index(
    ties: IntoFrameT,
    groups: Groups,
    directed: bool = ...,
    permutations: int = ...,
    seed: int = ...,
    weight: Weight = ...,
) -> IntoFrameT: ...
@overload
def ei_index(
    ties: Others, groups: Groups, directed: bool = ..., permutations: int = ..., seed: int = ..., weight: Weight = ...
) -> pd.DataFrame: ...
def ei_index(
    ties: Ties,
    groups: Groups,
    directed: bool = True,
    permutations: int = 0,
    seed: int = 0,
    weight: Weight = None,
) -> Any:
    """E-I index of the network, of each group and of each actor.

    ``E-I = (E - I) / (E + I)``, with E the ties to other groups and I those inside: -1 when all ties stay
    inside, 1 when all cross. Under random ties between N actors, n_g of them in group g, the network's value
    is expected to be ``2 Σ n_g (N - n_g) / (N (N - 1)) - 1``; a group's
    ``(n_g (N - n_g) - n_g (n_g - 1) / 2) / (n_g (N - n_g) + n_g (n_g - 1) / 2)``; an actor's
    ``(N - 2 n_g + 1) / (N - 1)``. Rescaled for group sizes, E and I are first divided by the pairs that could
    have had such a tie, so that 0 stands for ties that take no notice of groups.

    Parameters
    ----------
    ties : frame, graph, matrix or pairs
        Columns ``source`` and ``target`` (see :func:`netklynge.networks.inputs.tie_rows` for the rest). Every row
        counts as one tie, directed or not, so that the counts of two halves of a table add up; loops are left out.
    groups : frame or mapping
        Columns ``actor`` and ``group``, or actor to group. Actors without ties count in the groups' sizes.
    directed : bool
        False: a pair with ties, whichever way and however many, counts as one tie. An undirected graph is
        always taken so.
    permutations : int
        How many times to deal the groups out anew over the actors; 0 leaves ``p`` blank.
    seed : int
        Of the permutations.
    weight : str or bool, optional
        The column with the ties' amounts or strengths; True for ``weight``. E and I are then sums of weights, the
        permutations keep each tie's weight, and ``ties`` says how many ties stand behind the sums. ``expected`` and
        the p of actors are as without weights.

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
        A column is missing, an actor stands in two groups, no actor with a tie has a group, a weight is blank or
        negative, or `permutations` is.

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
    found = _grouped(ties, groups, not directed or is_undirected(ties), weight=weight, as_given=True)
    members = found.members.astype(np.float64)
    total, known = members.sum(), found.codes >= 0
    matrix = _mixing(found)
    inside, all_ties = np.diag(matrix), matrix.sum()
    touching = matrix.sum(axis=0) + matrix.sum(axis=1) - inside
    same = np.equal(*found.ends)
    own, other = (_per_actor(found.ties, rows).astype(float) for rows in (same, ~same))
    own[~known] = other[~known] = np.nan
    plain = _counts(found)
    counts = _mixing(plain)
    ends = counts.sum(axis=0) + counts.sum(axis=1) - np.diag(counts)
    behind = np.concatenate([[counts.sum()], ends, _per_actor(plain.ties, slice(None))])
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
                _per_actor(lost._replace(weight=None), slice(None)),
            ),
        ],
        ignore_index=True,
    )
    names = ["group", "actor"]
    table = table.assign(**table[names].convert_dtypes())
    if weight:
        table["ties"] = behind
    else:
        table = table.astype({"internal": "Int64", "external": "Int64"})
    return frame_like(table, ties)


def _per_actor(ties: IndexedTies, rows: Any) -> npt.NDArray[Any]:
    """Ties of each actor, or their weight, whichever end it is, among `rows`."""
    part = ties.only(rows)
    weights = None if part.weight is None else np.tile(part.weight, 2)
    return np.bincount(np.concatenate([part.source, part.target]), weights=weights, minlength=ties.size)


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
            "internal": pd.array(inside, dtype="Float64"),
            "external": pd.array(outside, dtype="Float64"),
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
    found: _Grouped, inside: npt.NDArray[Any], touching: npt.NDArray[Any], permutations: int, seed: int
) -> tuple[float, Floats, Floats]:
    """P-values of the network, of each group and of each actor; blank without permutations."""
    if not permutations:
        return np.nan, np.full(len(inside), np.nan), np.full(len(found.codes), np.nan)
    simulated_in, simulated_touching = _permuted(found, permutations, np.random.default_rng(seed))
    # sums of weights differ in the last digits by their order, and must not differ from what was observed
    digits = 12 - int(np.ceil(np.log10(max(float(found.ties.strength.sum()), 1.0))))
    inside, touching = np.round(inside, digits), np.round(touching, digits)
    simulated_in, simulated_touching = np.round(simulated_in, digits), np.round(simulated_touching, digits)
    # more inside is a lower index at the same number of ties, so that the network's p needs counts only
    network = two_sided(-simulated_in.sum(axis=1).round(digits)[:, None], -inside.sum().round(digits)[None])
    simulated = _balance(simulated_touching - simulated_in, simulated_in)
    return float(network[0]), two_sided(simulated, _balance(touching - inside, inside)), _partners_p(found)


def _permuted(found: _Grouped, permutations: int, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Ties (their weight) inside each group, and with an end in it, when groups are dealt out anew over the actors."""
    number = len(found.labels)
    placed = np.flatnonzero(found.codes >= 0)
    new_number = np.full(len(found.codes), -1)
    new_number[placed] = np.arange(len(placed))
    among = IndexedTies(
        found.ties.actors[placed], new_number[found.ties.source], new_number[found.ties.target], found.ties.weight
    )
    among, place = in_order(among)
    source, target, weight = among.source, among.target, among.weight
    degree = _per_actor(among, slice(None))
    dealing = np.empty(len(placed), dtype=np.int64)
    dealing[place] = found.codes[placed]
    labels = (np.sort(dealing) + 1).astype(np.min_scalar_type(-number - 1))  # 0 is for ties that cross
    block = max(1, _CHUNK // max(len(source), len(placed), 1))
    inside, touching = np.empty((permutations, number)), np.empty((permutations, number))
    for begin in range(0, permutations, block):
        rows = min(block, permutations - begin)
        dealt = _dealt(labels, rows, rng)
        at_source = dealt.take(source, axis=0)
        at_source *= at_source == dealt.take(target, axis=0)
        offset = np.arange(rows) * (number + 1)
        cells = rows * (number + 1)
        weights = None if weight is None else np.repeat(weight, rows)
        counts = np.bincount((at_source + offset).ravel(), weights=weights, minlength=cells)
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


@overload
def coleman(ties: IntoFrameT, groups: Groups, weight: Weight = ...) -> IntoFrameT: ...
@overload
def coleman(ties: Others, groups: Groups, weight: Weight = ...) -> pd.DataFrame: ...
def coleman(ties: Ties, groups: Groups, weight: Weight = None) -> Any:
    """Coleman's homophily index of each group.

    With s_g the ties that group g's actors send and ``e_g = s_g (n_g - 1) / (N - 1)`` those expected to stay
    inside: ``(I_g - e_g) / (s_g - e_g)`` when at least as many stay inside as expected, else
    ``(I_g - e_g) / e_g``. 1 when all stay inside, 0 as by chance, -1 when none does.

    Parameters
    ----------
    ties, groups
        As in :func:`ei_index`; every row of `ties` is one tie sent by its source. An undirected tie (an edge of
        an undirected graph, a row with 0 in ``directed``) is sent by both its ends.
    weight : str or bool, optional
        As in :func:`ei_index`: s_g and I_g are sums of weights, and ``ties`` is the number of ties sent.

    Returns
    -------
    frame like `ties`
        ``group``, ``actors``, ``sent``, ``internal``, ``expected`` (of ``internal``), ``coleman`` (-1 to 1; blank
        where nothing is sent or the group has everybody).

    Raises
    ------
    NetklyngeError
        As in :func:`ei_index`.

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
    found = _grouped(ties, groups, weight=weight)
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
    if weight:
        table["ties"] = _mixing(_counts(found)).sum(axis=1)
    return frame_like(table, ties)


def assortativity(ties: Ties, groups: Groups, directed: bool = True, weight: Weight = None) -> float:
    """Newman's assortativity by groups: ``r = (Σ e_gg - Σ a_g b_g) / (1 - Σ a_g b_g)``.

    e is the share of ties from each group to each group, a and b its row and column sums. 1 when all ties
    stay inside their group, 0 when the ends of a tie are independent, at least -1.

    Parameters
    ----------
    ties, groups
        As in :func:`ei_index`; every row of `ties` is one tie, and an undirected row one in each direction.
    directed : bool
        False: each pair with ties counts once, and both ways. An undirected graph is always taken so.
    weight : str or bool, optional
        As in :func:`ei_index`; e is then the share of all weight.

    Returns
    -------
    float
        Blank (nan) without ties, or when one group has all ends.

    Raises
    ------
    NetklyngeError
        As in :func:`ei_index`.

    References
    ----------
    Newman, M. E. J. (2003). Mixing patterns in networks. *Physical Review E* 67, 026126, equation 2. With weights:
    Newman, M. E. J. (2004). Analysis of weighted networks. *Physical Review E* 70, 056131, which takes a weight for
    so many ties.

    Examples
    --------
    >>> ties = pd.DataFrame({"source": ["a", "c", "a"], "target": ["b", "d", "c"]})
    >>> round(assortativity(ties, {"a": "x", "b": "x", "c": "y", "d": "y"}), 3)
    0.4
    """
    pairs = not directed or is_undirected(ties)
    matrix = _mixing(_grouped(ties, groups, pairs, weight=weight)).astype(np.float64)
    if pairs:
        matrix = matrix + matrix.T
    if not matrix.any():
        return np.nan
    share = matrix / matrix.sum()
    chance = float(share.sum(axis=0) @ share.sum(axis=1))
    return float((np.trace(share) - chance) / (1 - chance)) if chance < 1 else np.nan


def orwg(ties: Ties, groups: Groups, directed: bool = True) -> float:
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

    Returns
    -------
    float
        From 0 up; infinite as said, blank (nan) when 0 stands over 0.

    Raises
    ------
    NetklyngeError
        As in :func:`ei_index`.

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
