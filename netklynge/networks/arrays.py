"""From ties to graphs: networkx for users, igraph and integer arrays for measures."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from netklynge.findings import NetklyngeError
from netklynge.networks.inputs import (
    Groups,
    TieRows,
    Ties,
    Weight,
    blank_names,
    columns_of,
    frame_like,
    group_table,
    is_undirected,
    tie_rows,
)

if TYPE_CHECKING:
    import igraph as ig
    from scipy.sparse import csr_array


__all__ = [
    "Groups",
    "IndexedTies",
    "Ties",
    "Weight",
    "adjacency",
    "columns_of",
    "distinct",
    "frame_like",
    "group_codes",
    "group_table",
    "in_order",
    "index_rows",
    "index_ties",
    "is_undirected",
    "labels_of",
    "name_order",
    "simple_ties",
    "to_igraph",
    "triangles",
]

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


class IndexedTies(NamedTuple):
    """Ties as integer arrays: tie k runs from ``actors[source[k]]`` to ``actors[target[k]]``."""

    actors: npt.NDArray[Any]
    source: Ints
    target: Ints
    weight: Floats | None = None

    @property
    def size(self) -> int:
        """Number of actors."""
        return len(self.actors)

    @property
    def strength(self) -> Floats:
        """Weight of each tie; 1 for ties that are there or not."""
        return np.ones(len(self.source)) if self.weight is None else self.weight

    def only(self, rows: Any) -> IndexedTies:
        """These ties, between the same actors."""
        weight = None if self.weight is None else self.weight[rows]
        return IndexedTies(self.actors, self.source[rows], self.target[rows], weight)


def index_ties(
    ties: Ties, actors: Iterable[Hashable] | None = None, weight: Weight = None, as_given: bool = False
) -> IndexedTies:
    """Number the actors of any ties.

    Parameters
    ----------
    ties : frame, graph, matrix or pairs
        As in :func:`netklynge.networks.inputs.tie_rows`: undirected edges, and rows with 0 in a column
        ``directed``, become ties in both directions.
    actors : iterable, optional
        Actors to number even if they have no tie (isolates); they come first, in this order, then all nodes of a
        graph or a matrix.
    weight : str or bool, optional
        The column with each tie's weight; True for ``weight``.
    as_given : bool
        Leave undirected ties once, in the order they were typed.

    Returns
    -------
    IndexedTies
        Actors without a tie last in order of first appearance; ties in the order given. Nothing is merged.

    Raises
    ------
    NetklyngeError
        The ties cannot be read, a column is missing, or an end of a tie is blank.

    Examples
    --------
    >>> ties = pd.DataFrame({"source": ["a", "b"], "target": ["b", "c"]})
    >>> index_ties(ties).target.tolist()
    [1, 2]
    """
    return index_rows(tie_rows(ties, weight=weight, as_given=as_given), actors)


def index_rows(rows: TieRows, actors: Iterable[Hashable] | None = None) -> IndexedTies:
    """Number the actors of ties that have been read, as :func:`index_ties` does."""
    first = _named([*(actors if actors is not None else ()), *rows.nodes] if rows.nodes is not None else actors)
    # numbers stay numbers, which is several times quicker than numbers as objects
    columns = [column for column in (first, rows.source, rows.target) if len(column)]
    codes, names = pd.factorize(np.concatenate(columns) if columns else first)
    names = np.asarray(names)
    blank = np.append(blank_names(names), True)[codes]  # a code of -1 is a missing name
    if blank.any():
        place = int(np.flatnonzero(blank)[0]) - len(first)
        if place < 0:
            raise NetklyngeError("actors: an actor's name is blank; every actor has a name")
        row = place % max(len(rows.source), 1)
        raise NetklyngeError(f"ties: row {row}: an end of the tie is blank; every tie needs a source and a target")
    ends = codes[len(first) :].astype(np.int64)
    return IndexedTies(names, ends[: len(rows.source)], ends[len(rows.source) :], rows.weight)


def _named(actors: Iterable[Hashable] | None) -> npt.NDArray[Any]:
    """Actors as an array of numbers where all are, else of objects; a tuple is one actor."""
    listed = actors if isinstance(actors, np.ndarray) else list(actors if actors is not None else ())
    named: npt.NDArray[Any] = pd.Index(listed, tupleize_cols=False).to_numpy()
    return named


def simple_ties(
    ties: Ties | IndexedTies,
    actors: Iterable[Hashable] | None = None,
    both_ways: bool = False,
    weight: Weight = None,
) -> IndexedTies:
    """Distinct ties between different actors: the network that structural measures are defined on.

    Parameters
    ----------
    ties : frame, graph, matrix, pairs or IndexedTies
        As in :func:`index_ties`. All nodes of a graph are actors, isolates too.
    actors : iterable, optional
        Actors to count even if they have no tie.
    both_ways : bool
        Add every tie turned round (the network without directions).
    weight : str or bool, optional
        The column with each tie's weight; True for ``weight``. Weights of repeated ties add up, with `both_ways`
        those of both directions too; a weight of 0 is no tie.

    Returns
    -------
    IndexedTies
        Sorted by source and target; loops are left out, repeated ties count once.

    Examples
    --------
    >>> ties = simple_ties(pd.DataFrame({"source": ["a", "a", "b"], "target": ["b", "b", "b"]}))
    >>> ties.source.tolist(), ties.target.tolist()
    ([0], [1])
    """
    if not isinstance(ties, IndexedTies):
        ties = index_ties(ties, actors, weight)
    source, target, strength = ties.source, ties.target, ties.weight
    if both_ways:
        source, target = np.concatenate([source, target]), np.concatenate([target, source])
        strength = None if strength is None else np.tile(strength, 2)
    apart = source != target if strength is None else (source != target) & (strength > 0)
    keys = source[apart] * ties.size + target[apart]
    if strength is not None:
        order = np.argsort(keys, kind="stable")
        # of equal ties the smaller weights are added first, whichever row came first
        order = order[np.lexsort((strength[apart][order], keys[order]))]
        once, first = np.unique(keys[order], return_index=True)
        strength = np.add.reduceat(strength[apart][order], first) if len(first) else np.empty(0)
        keys = once
    else:
        keys = distinct(keys)
    source, target = np.divmod(keys, max(ties.size, 1))
    return IndexedTies(ties.actors, source, target, strength)


def name_order(actors: npt.NDArray[Any]) -> Ints:
    """Places of the actors in order of their names: numbers by size, then other kinds, text by letters."""
    if actors.dtype.kind in "iuf":
        return np.argsort(actors, kind="stable")
    keys = [
        ("", float(name), "") if isinstance(name, int | float | np.number) else (type(name).__name__, 0.0, str(name))
        for name in actors
    ]
    return np.array(sorted(range(len(keys)), key=keys.__getitem__), dtype=np.int64)


def in_order(network: IndexedTies, marks: Ints | None = None) -> tuple[IndexedTies, Ints]:
    """The same network, its actors numbered by what the ties make of them, and only then by name.

    What is random or greedy starts here, so that neither the order of rows nor, where the ties tell actors apart,
    their names change a result. Actors are told apart by their ties, then by those of their partners and so on,
    as long as that tells more apart (colour refinement; Weisfeiler, B. & Leman, A. (1968), *Nauchno-Technicheskaya
    Informatsia* 2(9), 12-16).

    Parameters
    ----------
    network : IndexedTies
    marks : array of int, optional
        A kind of each tie (its layer) that tells ties apart; by default their weights do.

    Returns
    -------
    ordered : IndexedTies
        Ties sorted by source and target.
    place : array of int
        ``place[i]`` is the new number of actor i.
    """
    size = network.size
    by_name = np.empty(size, dtype=np.int64)
    by_name[name_order(network.actors)] = np.arange(size)
    kind = np.unique(network.strength, return_inverse=True)[1] if marks is None else marks
    colour, classes = np.zeros(size, dtype=np.int64), 1
    while True:
        sums = [colour.astype(np.uint64)]
        for here, there, side in ((network.source, network.target, 1), (network.target, network.source, 2)):
            words = _mixed(colour[there].astype(np.uint64) * np.uint64(3) + np.uint64(side), kind.astype(np.uint64))
            total = np.zeros(size, dtype=np.uint64)
            np.add.at(total, here, words)
            sums.append(total)
        order = np.lexsort((sums[2], sums[1], sums[0]))
        new = np.zeros(size, dtype=np.int64)
        if size:
            steps = np.any([column[order][1:] != column[order][:-1] for column in sums], axis=0)
            new[order[1:]] = np.cumsum(steps)
        number = int(new.max(initial=-1)) + 1
        if number <= classes:
            break
        colour, classes = new, number
    place = np.empty(size, dtype=np.int64)
    ordered = np.lexsort((by_name, colour))
    place[ordered] = np.arange(size)
    source, target = place[network.source], place[network.target]
    rows = np.lexsort((network.strength, target, source) if marks is None else (marks, target, source))
    weight = None if network.weight is None else network.weight[rows]
    return IndexedTies(network.actors[ordered], source[rows], target[rows], weight), place


def _mixed(colour: npt.NDArray[np.uint64], kind: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """A number for each pair of numbers that looks random and is always the same (splitmix64)."""
    with np.errstate(over="ignore"):
        word = colour * np.uint64(0x9E3779B97F4A7C15) + (kind + np.uint64(1)) * np.uint64(0xD1B54A32D192ED03)
        word = (word ^ (word >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        word = (word ^ (word >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return np.asarray(word ^ (word >> np.uint64(31)))


def distinct(keys: Ints) -> Ints:
    """Distinct numbers, sorted; on many millions several times quicker than numpy.unique, which hashes."""
    ordered = np.sort(keys)
    new = np.ones(len(ordered), dtype=bool)
    np.not_equal(ordered[1:], ordered[:-1], out=new[1:])
    return ordered[new]


def adjacency(ties: IndexedTies) -> csr_array:
    """Sparse matrix with the number, or weight, of ties from each actor (row) to each actor (column)."""
    from scipy.sparse import csr_array

    cells = np.ones(len(ties.source), dtype=np.int64) if ties.weight is None else ties.weight
    small = max(ties.size, len(cells)) < np.iinfo(np.int32).max  # shortest paths want small indices where they will do
    ends = (ties.source, ties.target)
    rows, columns = (np.asarray(end, dtype=np.int32 if small else np.int64) for end in ends)
    return csr_array((cells, (rows, columns)), shape=(ties.size, ties.size))


def triangles(ties: IndexedTies, candidates: int = 1 << 20) -> Iterator[tuple[Ints, Ints, Ints, Ints, Ints, Ints]]:
    """List the triangles of the network without directions, each once.

    Every tie points from the actor with fewer neighbours to the one with more, so that no actor has more than
    about ``sqrt(2 * ties)`` neighbours ahead; for each tie the shorter of its ends' two lists is looked up in
    the other's (the forward algorithm of Latapy, M. (2008), *Theoretical Computer Science* 407, 458-473).

    Parameters
    ----------
    ties : IndexedTies
        From :func:`simple_ties`, with directions or both ways.
    candidates : int
        How many pairs to look up at a time; bounds the memory.

    Yields
    ------
    u, v, w, uv, uw, vw : arrays of int
        The three corners, and what runs along each side: 1 a tie from the first to the second corner, 2 one
        back, 3 both.
    """
    from scipy.sparse import csr_array

    size = ties.size
    degree = np.bincount(ties.source, minlength=size) + np.bincount(ties.target, minlength=size)
    by_rank = np.argsort(degree, kind="stable")
    rank = np.empty(size, dtype=np.int64)
    rank[by_rank] = np.arange(size)
    # from here on actors are numbered by rank, and each pair is one entry: its flags add up
    source, target = rank[ties.source], rank[ties.target]
    onward = source < target
    ahead = csr_array(
        (np.where(onward, np.int8(1), np.int8(2)), (np.minimum(source, target), np.maximum(source, target))),
        shape=(size, size),
    )
    ahead.sum_duplicates()
    start, heads, flags = ahead.indptr.astype(np.int64), ahead.indices.astype(np.int64), ahead.data
    tails = np.repeat(np.arange(size), np.diff(start))
    # a third corner lies ahead of both ends of its side: in the tail's list after the head, or in the head's list
    rest, width = start[tails + 1] - np.arange(len(tails)) - 1, np.diff(start)[heads]
    from_head = width < rest
    begin = np.where(from_head, start[heads], np.arange(len(tails)) + 1)
    width, other = np.where(from_head, width, rest), np.where(from_head, tails, heads)
    ends = np.cumsum(width)
    first = 0
    while first < len(tails):
        done = ends[first - 1] if first else 0
        stop = max(first + 1, int(np.searchsorted(ends, done + candidates, side="right")))
        wide = width[first:stop]
        side = np.repeat(np.arange(first, stop), wide)
        near = np.arange(len(side)) + np.repeat(begin[first:stop] - (ends[first:stop] - wide - done), wide)
        third = heads[near]
        far = np.asarray(ahead[other[side], third]).ravel() if len(side) else np.empty(0, dtype=np.int8)
        closed = far != 0
        side, near, third, far = side[closed], near[closed], third[closed], far[closed]
        by_tail, by_head = np.where(from_head[side], (far, flags[near]), (flags[near], far))
        yield (
            by_rank[tails[side]],
            by_rank[heads[side]],
            by_rank[third],
            flags[side].astype(np.int64),
            by_tail.astype(np.int64),
            by_head.astype(np.int64),
        )
        first = stop


def group_codes(
    ties: Ties, groups: Groups, weight: Weight = None, as_given: bool = False
) -> tuple[IndexedTies, Ints, npt.NDArray[Any]]:
    """Number ties and groups together.

    Returns
    -------
    indexed : IndexedTies
        All actors of `groups`, then the others of `ties`; ties as given.
    codes : array of int
        Number of each actor's group; -1 where it is unknown.
    labels : array
        The groups, sorted where they can be.

    Raises
    ------
    NetklyngeError
        No actor with a tie has a known group, so that actors are named in two ways.
    """
    actors, of_actor = group_table(groups)
    indexed = index_ties(ties, actors, weight, as_given)
    known, labels = pd.factorize(of_actor, sort=len({type(g) for g in of_actor if g is not None}) == 1)
    codes = np.full(indexed.size, -1, dtype=np.int64)
    codes[: len(known)] = known
    if len(indexed.source) and (codes[indexed.source] < 0).all() and (codes[indexed.target] < 0).all():
        raise NetklyngeError(
            f"groups: no actor with a tie has a group; ties name actors such as '{indexed.actors[indexed.source[0]]}', "
            f"groups such as '{indexed.actors[0]}'"
        )
    return indexed, codes, np.asarray(labels)


def labels_of(codes: Ints, labels: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Groups from :func:`group_codes` by name; None where unknown."""
    named: npt.NDArray[Any] = np.array([*labels, None], dtype=object)[codes]
    return named


def to_igraph(indexed: IndexedTies, directed: bool = True) -> ig.Graph:
    """An igraph graph from integer arrays; vertex k is ``indexed.actors[k]`` (attribute ``name``)."""
    import igraph as ig

    edges = np.column_stack([indexed.source, indexed.target])
    graph = ig.Graph(n=indexed.size, edges=edges.tolist(), directed=directed)
    graph.vs["name"] = list(indexed.actors)
    if indexed.weight is not None:
        graph.es["weight"] = indexed.weight.tolist()
    return graph
