"""Actors on rings round their district: where each one is drawn, so that few ties cross.

Radii are given by the ring that an actor sits in; only the order along each ring is free. It is found in two
steps, both seeded: circular barycentres (each actor is drawn to the mean direction of its neighbours), then
swaps of places as long as crossings fall. Categories are placed afterwards, on a circle of their own beside
each ring, so that hiding them leaves the picture of the named actors as it is.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from netklynge.networks.arrays import IndexedTies, index_ties
from netklynge.networks.communities import leiden
from netklynge.study.contracts import CATEGORY
from netklynge.study.zones import RINGS, UNKNOWN

__all__ = ["SPACING", "communities", "crossings", "ring_layout"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

SPACING = 30.0  # between neighbours on a ring, in the units of x and y
_DISTRICT = 150.0  # radius of the innermost circle
_GAP = 105.0  # between a ring and the next
_BESIDE = 44.0  # from a ring's last row out to its categories
_ARC = (np.pi / 4, 3 * np.pi / 4)  # where actors of unknown ring stand: below the world (y points down)
_OWN = 0.15  # how much an actor's own place counts beside its neighbours'
_TOGETHER = 1.5  # how much the mean place of an actor's community counts
_TRACKS = len(RINGS) + 1
_ROUNDS = 60
_PASSES = 6
_REACH = 3  # how far apart two actors on a ring may stand and still trade places
_SWAPPED_TIES = 600  # with more ties the swaps would take minutes, and barycentres alone are good


class _Slots(NamedTuple):
    """Places in the picture: track, angle along it and coordinates; every actor takes one of its track.

    Tracks are the four rings and the arc of unknown ring, then the same five for categories.
    """

    track: Ints
    angle: Floats
    xy: Floats


def crossings(positions: pd.DataFrame, ties: pd.DataFrame, sample: int | None = None, seed: int = 0) -> int:
    r"""Number of pairs of ties that cross when each is drawn as a straight line.

    Two ties ab and cd cross when c and d lie on different sides of the line ab and a and b on different sides
    of the line cd. Ties between the same two actors count once, ties that share an actor never cross, and
    loops are left out.

    Parameters
    ----------
    positions : DataFrame
        Columns ``actor``, ``x``, ``y``.
    ties : DataFrame
        Columns ``source``, ``target``; ties with an end that has no position are left out.
    sample : int, optional
        Count among so many ties drawn at random (seeded) instead of all.
    seed : int

    Returns
    -------
    int

    References
    ----------
    Cormen, Leiserson, Rivest & Stein 2009, Introduction to Algorithms, section 33.1 (crossing by orientation).

    Examples
    --------
    >>> square = pd.DataFrame({"actor": list("abcd"), "x": [0, 1, 1, 0], "y": [0, 0, 1, 1]})
    >>> crossings(square, pd.DataFrame({"source": ["a", "b"], "target": ["c", "d"]}))
    1
    """
    placed = positions.set_index("actor")[["x", "y"]].astype(float)
    drawn = ties[ties["source"].isin(placed.index) & ties["target"].isin(placed.index)]
    indexed = index_ties(drawn, placed.index)
    pairs = _pairs(indexed)
    if sample is not None and sample < len(pairs):
        pairs = pairs[np.random.default_rng(seed).choice(len(pairs), sample, replace=False)]
    xy = placed.to_numpy()
    rows = 512
    parts = (_crossing(pairs[k : k + rows], pairs, xy).sum() for k in range(0, len(pairs), rows))
    return int(sum(parts)) // 2


def communities(ties: pd.DataFrame, actors: pd.Series[str]) -> pd.Series[int]:
    """Community of each actor, numbered from the largest; one for each actor without ties.

    Parameters
    ----------
    ties : DataFrame
        Columns ``source``, ``target``, as for :func:`netklynge.leiden`.
    actors : Series
        Actors to place in communities.

    Returns
    -------
    Series of int
        Indexed by actor.

    Examples
    --------
    >>> ties = pd.DataFrame({"source": list("abxy"), "target": list("bcyz")})
    >>> communities(ties, pd.Series(list("abcxyz"))).tolist()
    [0, 0, 0, 1, 1, 1]
    """
    inner = ties[ties["source"].isin(actors) & ties["target"].isin(actors)]
    found = leiden(inner[["source", "target"]]).set_index("actor")["community"] - 1
    alone = actors[~actors.isin(found.index)]
    lonely = pd.Series(np.arange(len(alone)) + len(set(found)), index=alone, dtype="int64")
    return pd.concat([found, lonely]).loc[actors].rename("community").rename_axis("actor")


def ring_layout(actors: pd.DataFrame, ties: pd.DataFrame, seed: int = 0, starts: int = 8) -> pd.DataFrame:
    r"""Places for actors on rings round the district: local innermost, then regional, national, international.

    Parameters
    ----------
    actors : DataFrame
        Columns ``actor``, ``scale`` (ring, blank when unknown) and ``kind``.
    ties : DataFrame
        Columns ``source``, ``target``; direction and repetition do not count.
    seed : int
        Same study, same seed, same picture.
    starts : int
        Random orders to begin from; that with the fewest crossings is kept.

    Returns
    -------
    DataFrame
        One row per actor, in the order given: ``actor``, ``ring`` (``unknown`` where nobody has said: these
        stand on an arc below the world), ``community`` (blank for categories), ``x``, ``y`` (y points down,
        the district's centre is 0, 0) and ``radius`` of the ring's circle.

    Notes
    -----
    Barycentre step: :math:`z_i = \sum_{j \sim i} e^{i\theta_j} + 0.15\,e^{i\theta_i} + 1.5\,m_{c(i)}`
    with :math:`m_c` the mean direction of the actor's community; each ring is sorted by :math:`\arg z`,
    spaced evenly and turned to fit. The swaps that follow count crossings of straight lines exactly; they are
    left out above 600 distinct ties.

    References
    ----------
    Sugiyama, Tagawa & Toda 1981, IEEE Transactions on Systems, Man, and Cybernetics 11(2) (barycentres).
    Bachmaier 2007, IEEE Transactions on Visualization and Computer Graphics 13(3) (levels as circles).

    Examples
    --------
    >>> import netklynge as nk
    >>> study = nk.load("horten")
    >>> places = ring_layout(study.actors, study.relations)
    >>> len(places) == len(study.actors)
    True
    """
    ring = actors["scale"].where(actors["scale"].isin(RINGS), UNKNOWN).astype(str).to_numpy()
    number = np.array([(*RINGS, UNKNOWN).index(r) for r in ring], dtype=np.int64)
    category = (actors["kind"] == CATEGORY).fillna(False).to_numpy(dtype=bool)
    ids = actors["actor"].reset_index(drop=True)
    known = ties[ties["source"].isin(ids) & ties["target"].isin(ids)]
    group = np.arange(len(ids))  # a category is a community of its own
    group[~category] = communities(known, ids[~category])
    group[category] += len(ids)

    track = np.where(category, number + _TRACKS, number)
    by_track = np.argsort(track, kind="stable")  # places are numbered track by track, so actors are too
    place = np.argsort(by_track)
    inner, outer = _radii(number[~category])
    slots = _slots(track[by_track], inner, outer)
    pairs = place[_pairs(index_ties(known, ids))]
    at = _ordered(pairs, slots, group[by_track], np.random.default_rng(seed), starts)
    xy = slots.xy[at[place]].round(1)
    circle = (outer + 0.7 * _GAP)[number].round(1)
    community = pd.Series(group, dtype="Int64").mask(category)
    return pd.DataFrame(
        {"actor": ids, "ring": ring, "community": community, "x": xy[:, 0], "y": xy[:, 1], "radius": circle}
    )


def _pairs(indexed: IndexedTies) -> Ints:
    """Distinct pairs of actors that are tied, loops left out, as an array of two columns."""
    low = np.minimum(indexed.source, indexed.target)
    high = np.maximum(indexed.source, indexed.target)
    pairs: Ints = np.unique(np.column_stack([low, high]), axis=0)
    return np.asarray(pairs[pairs[:, 0] != pairs[:, 1]])


def _crossing(some: Ints, pairs: Ints, xy: Floats) -> npt.NDArray[np.bool_]:
    """Whether tie k of `some` crosses tie l of `pairs`: one row per tie of `some`.

    Ties that share an end give a cross product of exactly zero, so they never cross.
    """
    x, y = xy[:, 0], xy[:, 1]
    ax, ay, bx, by = (v[some[:, end], None] for end in (0, 1) for v in (x, y))
    cx, cy, dx, dy = (v[pairs[:, end]] for end in (0, 1) for v in (x, y))
    abx, aby, cdx, cdy = bx - ax, by - ay, dx - cx, dy - cy
    acx, acy = cx - ax, cy - ay
    c_side = abx * acy - aby * acx
    d_side = abx * (dy - ay) - aby * (dx - ax)
    a_side = cdy * acx - cdx * acy
    b_side = cdx * (by - cy) - cdy * (bx - cx)
    return np.asarray((c_side * d_side < 0) & (a_side * b_side < 0))


def _rows(count: int, radius: float, span: float) -> int:
    """Rows that `count` actors need when the innermost has this radius and spans this angle."""
    return max(1, int(np.ceil(count * SPACING / (radius * span))))


def _radii(ring: Ints) -> tuple[Floats, Floats]:
    """Radius of the first and of the last row of named actors of each ring, those of unknown ring last."""
    counts = np.bincount(ring, minlength=_TRACKS)
    inner, outer = np.empty(_TRACKS), np.empty(_TRACKS)
    edge = max(_DISTRICT, SPACING * np.sqrt(counts[0]) / 4)
    for k, count in enumerate(counts):
        inner[k] = edge
        outer[k] = edge + SPACING * (_rows(int(count), edge, _span(k)[1] - _span(k)[0]) - 1)
        edge = outer[k] + _GAP
    return inner, outer


def _stride(rows: int) -> int:
    """A step through so many rows that meets each and puts neighbours far apart: near the golden section."""
    return next(step for step in range(round(0.618 * rows), rows + 1) if math.gcd(step, rows) == 1)


def _span(track: int) -> tuple[float, float]:
    """The angles that a track covers: a full turn, or the arc of those whose ring is unknown."""
    return _ARC if track % _TRACKS == _TRACKS - 1 else (0.0, 2 * np.pi)


def _slots(track: Ints, inner: Floats, outer: Floats) -> _Slots:
    counts = np.bincount(track, minlength=2 * _TRACKS)
    first = np.concatenate([inner, outer + _BESIDE])
    angles, radii = [], []
    for k, count in enumerate(counts):
        start, end = _span(k)
        rows = _rows(int(count), first[k], end - start)
        number = np.arange(count)
        angles.append(start + (end - start) * (number + 0.5) / max(count, 1))
        radii.append(first[k] + SPACING * (number * _stride(rows) % rows))
    angle, radius = np.concatenate(angles), np.concatenate(radii)
    xy = radius[:, None] * np.column_stack([np.cos(angle), np.sin(angle)])
    return _Slots(np.repeat(np.arange(len(counts)), counts), angle, xy)


def _ordered(pairs: Ints, slots: _Slots, group: Ints, random: np.random.Generator, starts: int) -> Ints:
    """The slot of each actor: named actors first and by themselves, then the categories round them."""
    named, beside = range(_TRACKS), range(_TRACKS, 2 * _TRACKS)
    between = pairs[(slots.track[pairs] < _TRACKS).all(axis=1)]
    few = len(between) <= _SWAPPED_TIES
    drawn = between if few else random.permutation(between)[:_SWAPPED_TIES]
    orders = [_barycentres(between, slots, group, _shuffled(slots, named, random), named) for _ in range(starts)]
    at = min(orders, key=lambda order: int(_crossing(drawn, drawn, slots.xy[order]).sum()))
    if few:
        at = _swapped(between, slots, at, named)
    at = _barycentres(pairs, slots, group, at, beside)
    return _swapped(pairs, slots, at, beside) if len(pairs) <= 2 * _SWAPPED_TIES else at


def _shuffled(slots: _Slots, tracks: range, random: np.random.Generator) -> Ints:
    """A random order of the actors of `tracks`; the others as they come."""
    at = np.arange(len(slots.track))
    for k in tracks:
        place = np.flatnonzero(slots.track == k)
        at[place] = random.permutation(place)
    return at


def _barycentres(pairs: Ints, slots: _Slots, group: Ints, at: Ints, tracks: range) -> Ints:
    """Slots after rounds of moving the actors of `tracks` towards their neighbours and their community."""
    places = [(np.flatnonzero(slots.track == k), _span(k)) for k in tracks]
    ends = np.concatenate([pairs, pairs[:, ::-1]])
    size = np.maximum(np.bincount(group), 1)
    at = at.copy()
    for _ in range(_ROUNDS):
        here = np.exp(1j * slots.angle[at])
        wish = _OWN * here + _TOGETHER * (_summed(group, here, len(size)) / size)[group]
        wish += _summed(ends[:, 0], here[ends[:, 1]], len(at))
        for place, span in places:
            at[place] = _sorted_ring(place, wish[place], slots.angle, span)
    return at


def _summed(index: Ints, values: npt.NDArray[np.complex128], length: int) -> npt.NDArray[np.complex128]:
    real = np.bincount(index, weights=values.real, minlength=length)
    return np.asarray(real + 1j * np.bincount(index, weights=values.imag, minlength=length))


def _sorted_ring(places: Ints, wish: npt.NDArray[np.complex128], angle: Floats, span: tuple[float, float]) -> Ints:
    """The places of one track in the order its actors wish for, turned to fit; an arc cannot be turned."""
    if not len(places):
        return places
    middle = (span[0] + span[1]) / 2
    direction = np.angle(wish * np.exp(-1j * middle))
    order = np.argsort(direction, kind="stable")
    turn = 0
    if span != _ARC:
        misfit = np.exp(1j * (direction[order] + middle - angle[places])).sum()
        turn = round(float(np.angle(misfit)) / (2 * np.pi / len(places)))
    out = np.empty(len(places), dtype=np.int64)
    out[order] = np.roll(places, -turn)
    return out


def _swapped(pairs: Ints, slots: _Slots, at: Ints, tracks: range) -> Ints:
    """Slots after trading places of actors that stand near each other on a track, while crossings fall.

    From the second pass on only actors are tried that moved in the pass before, or are tied to one that did.
    """
    at = at.copy()
    xy = slots.xy[at]
    crossed = _crossing(pairs, pairs, xy)
    ties_of = [np.flatnonzero((pairs == i).any(axis=1)) for i in range(len(at))]
    stirred = set(range(len(at)))
    for _ in range(_PASSES):
        moved: set[int] = set()
        for a, b in _neighbours(at, slots, tracks):
            if not (a in stirred or b in stirred):
                continue
            ties = np.union1d(ties_of[a], ties_of[b])
            xy[[a, b]] = xy[[b, a]]
            new = _crossing(pairs[ties], pairs, xy)
            change = 2 * (int(new.sum()) - int(crossed[ties].sum()))
            change -= int(new[:, ties].sum()) - int(crossed[np.ix_(ties, ties)].sum())
            if change < 0:
                crossed[ties], crossed[:, ties] = new, new.T
                at[[a, b]] = at[[b, a]]
                moved |= {a, b, *pairs[ties].ravel().tolist()}
            else:
                xy[[a, b]] = xy[[b, a]]
        stirred = moved
        if not stirred:
            break
    return at


def _neighbours(at: Ints, slots: _Slots, tracks: range) -> list[tuple[int, int]]:
    """Pairs of actors of one track that stand at most so many places apart."""
    actor = np.argsort(at)  # who stands in each slot
    found: list[tuple[int, int]] = []
    for k in tracks:
        track = actor[slots.track == k]
        for step in range(1, min(_REACH, len(track) // 2) + 1):
            found += zip(track.tolist(), np.roll(track, -step).tolist(), strict=True)
    return found
