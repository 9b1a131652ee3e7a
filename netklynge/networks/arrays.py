"""From ties to graphs: networkx for users, igraph and integer arrays for measures."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import narwhals as nw
import numpy as np
import numpy.typing as npt
import pandas as pd

from netklynge.findings import NetklyngeError

if TYPE_CHECKING:
    import igraph as ig
    from scipy.sparse import csr_array


__all__ = [
    "IndexedTies",
    "adjacency",
    "columns_of",
    "distinct",
    "frame_like",
    "group_codes",
    "group_table",
    "index_ties",
    "is_undirected",
    "labels_of",
    "simple_ties",
    "to_igraph",
    "triangles",
]

Ints = npt.NDArray[np.int64]


class IndexedTies(NamedTuple):
    """Ties as integer arrays: tie k runs from ``actors[source[k]]`` to ``actors[target[k]]``."""

    actors: npt.NDArray[Any]
    source: Ints
    target: Ints

    @property
    def size(self) -> int:
        """Number of actors."""
        return len(self.actors)


def index_ties(ties: Any, actors: Iterable[Hashable] | None = None) -> IndexedTies:
    """Number the actors of any ties.

    Parameters
    ----------
    ties : frame or networkx graph
        Any frame that narwhals knows, with columns ``source`` and ``target``; or a networkx graph, whose
        undirected edges become ties in both directions.
    actors : iterable, optional
        Actors to number even if they have no tie (isolates); they come first, in this order.

    Returns
    -------
    IndexedTies
        Actors without a tie last in order of first appearance; ties in the order given. Nothing is merged.

    Raises
    ------
    NetklyngeError
        A column is missing, or an end of a tie is blank.

    Examples
    --------
    >>> ties = pd.DataFrame({"source": ["a", "b"], "target": ["b", "c"]})
    >>> index_ties(ties).target.tolist()
    [1, 2]
    """
    source, target = _ends(ties)
    first = _named(actors if actors is not None else ())
    # numbers stay numbers, which is several times quicker than numbers as objects
    columns = [column for column in (first, source, target) if len(column)]
    codes, names = pd.factorize(np.concatenate(columns) if columns else first)
    if (codes < 0).any():
        row = int(np.flatnonzero(codes < 0)[0] - len(first)) % max(len(source), 1)
        raise NetklyngeError(f"ties: row {row}: an end of the tie is blank; every tie needs a source and a target")
    ends = codes[len(first) :].astype(np.int64)
    return IndexedTies(np.asarray(names), ends[: len(source)], ends[len(source) :])


def _named(actors: Iterable[Hashable]) -> npt.NDArray[Any]:
    """Actors as an array of numbers where all are, else of objects; a tuple is one actor."""
    named: npt.NDArray[Any] = pd.Index(
        actors if isinstance(actors, np.ndarray) else list(actors), tupleize_cols=False
    ).to_numpy()
    return named


def columns_of(frame: Any, names: Sequence[str], what: str) -> pd.DataFrame:
    """These columns of any frame that narwhals knows, read at once into pandas; `what` names it in errors."""
    if isinstance(frame, pd.DataFrame) and set(names) <= set(frame.columns):
        return pd.DataFrame({name: frame[name].to_numpy() for name in names})
    native = nw.from_native(frame)
    lacking = [name for name in names if name not in native.collect_schema().names()]
    if lacking:
        raise NetklyngeError(f"{what}: column '{lacking[0]}' is missing; needed are {', '.join(names)}")
    native = native.select(*names)
    eager = native.collect() if isinstance(native, nw.LazyFrame) else native
    return pd.DataFrame({name: eager[name].to_numpy() for name in names})


def _ends(ties: Any) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
    if hasattr(ties, "is_directed") and hasattr(ties, "edges"):
        pairs = list(ties.edges())
        if not ties.is_directed():
            pairs += [(b, a) for a, b in pairs if a != b]
        ends = np.empty((len(pairs), 2), dtype=object)
        for k, pair in enumerate(pairs):
            ends[k] = pair
        return ends[:, 0], ends[:, 1]
    frame = columns_of(ties, ("source", "target"), "ties")
    return frame["source"].to_numpy(), frame["target"].to_numpy()


def is_undirected(ties: Any) -> bool:
    """Whether `ties` are an undirected networkx graph; the ties of a frame have a direction."""
    return hasattr(ties, "is_directed") and not ties.is_directed()


def simple_ties(ties: Any, actors: Iterable[Hashable] | None = None, both_ways: bool = False) -> IndexedTies:
    """Distinct ties between different actors: the binary network that structural measures are defined on.

    Parameters
    ----------
    ties : frame, networkx graph or IndexedTies
        As in :func:`index_ties`. All nodes of a graph are actors, isolates too.
    actors : iterable, optional
        Actors to count even if they have no tie.
    both_ways : bool
        Add every tie turned round (the network without directions).

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
        if hasattr(ties, "nodes"):
            actors = [*(actors if actors is not None else ()), *ties.nodes]
        ties = index_ties(ties, actors)
    source, target = ties.source, ties.target
    if both_ways:
        source, target = np.concatenate([source, target]), np.concatenate([target, source])
    apart = source != target
    source, target = np.divmod(distinct(source[apart] * ties.size + target[apart]), max(ties.size, 1))
    return IndexedTies(ties.actors, source, target)


def distinct(keys: Ints) -> Ints:
    """Distinct numbers, sorted; on many millions several times quicker than numpy.unique, which hashes."""
    ordered = np.sort(keys)
    new = np.ones(len(ordered), dtype=bool)
    np.not_equal(ordered[1:], ordered[:-1], out=new[1:])
    return ordered[new]


def adjacency(ties: IndexedTies) -> csr_array:
    """Sparse matrix with the number of ties from each actor (row) to each actor (column)."""
    from scipy.sparse import csr_array

    ones = np.ones(len(ties.source), dtype=np.int64)
    return csr_array((ones, (ties.source, ties.target)), shape=(ties.size, ties.size))


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


def group_table(groups: Any) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
    """Actors and their groups, as two arrays; None where the group is unknown.

    Parameters
    ----------
    groups : frame or mapping
        A frame with columns ``actor`` and ``group``, or a mapping from actor to group.

    Raises
    ------
    NetklyngeError
        A column is missing, or an actor is blank or stands in two groups.
    """
    if isinstance(groups, Mapping | pd.Series):
        pairs = pd.DataFrame(list(groups.items()), columns=["actor", "group"])
    else:
        pairs = columns_of(groups, ("actor", "group"), "groups")
    blank = np.flatnonzero(pairs["actor"].isna())
    if len(blank):
        raise NetklyngeError(f"groups: row {blank[0]}: the actor is blank; every row names an actor")
    pairs = pairs.drop_duplicates()
    twice = pairs.loc[pairs["actor"].duplicated(), "actor"]
    if len(twice):
        raise NetklyngeError(f"groups: actor '{twice.iloc[0]}' stands in two groups; give each one group")
    of_actor = pairs["group"].astype(object).where(pairs["group"].notna(), None)
    return _named(pairs["actor"].to_numpy()), of_actor.to_numpy(dtype=object)


def group_codes(ties: Any, groups: Any) -> tuple[IndexedTies, Ints, npt.NDArray[Any]]:
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
    indexed = index_ties(ties, [*actors, *ties.nodes] if hasattr(ties, "nodes") else actors)
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


def frame_like(result: pd.DataFrame, given: Any) -> Any:
    """The result as the kind of frame that was given; a pandas frame for a graph or a mapping.

    Examples
    --------
    >>> import polars as pl
    >>> type(frame_like(pd.DataFrame({"n": [1]}), pl.DataFrame({"source": ["a"]}))).__module__.split(".")[0]
    'polars'
    """
    frame = nw.from_native(given, pass_through=True)
    if not isinstance(frame, nw.DataFrame | nw.LazyFrame) or frame.implementation.is_pandas():
        return result
    arrow = nw.from_native(result, eager_only=True).to_arrow()  # which tells a blank from not a number
    if isinstance(frame, nw.DataFrame):
        return nw.from_arrow(arrow, backend=frame.implementation).to_native()
    if frame.implementation.is_pyspark():
        return given.sparkSession.createDataFrame(arrow)
    return nw.from_native(result).lazy(frame.implementation).to_native()


def to_igraph(indexed: IndexedTies, directed: bool = True) -> ig.Graph:
    """An igraph graph from integer arrays; vertex k is ``indexed.actors[k]`` (attribute ``name``)."""
    import igraph as ig

    edges = np.column_stack([indexed.source, indexed.target])
    graph = ig.Graph(n=indexed.size, edges=edges.tolist(), directed=directed)
    graph.vs["name"] = list(indexed.actors)
    return graph
