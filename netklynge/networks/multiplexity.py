"""Multiplexity: whether the ties of one layer run where those of another do."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from itertools import combinations
from typing import Any, overload

import numpy as np
import numpy.typing as npt
import pandas as pd
from narwhals.typing import IntoFrameT

from netklynge.chance import two_sided
from netklynge.findings import NetklyngeError
from netklynge.networks.arrays import IndexedTies, Ties, distinct, frame_like, in_order, index_rows, name_order
from netklynge.networks.inputs import Others, tie_rows

__all__ = ["layer_overlap", "qap"]

Ints = npt.NDArray[np.int64]

_CHUNK = 1 << 20


@overload
def layer_overlap(ties: IntoFrameT, directed: bool = ...) -> IntoFrameT: ...
@overload
def layer_overlap(ties: Others, directed: bool = ...) -> pd.DataFrame: ...
def layer_overlap(ties: Ties, directed: bool = True) -> Any:
    """Ties that two layers share, for every pair of layers.

    Parameters
    ----------
    ties : frame or graph
        Columns ``source``, ``target``, ``layer``, or a graph whose edges have an attribute ``layer``. Loops are left
        out and repeated ties of a layer count once; an undirected tie runs both ways.
    directed : bool
        False: a tie either way is the same tie.

    Returns
    -------
    frame like `ties`
        ``first``, ``second`` (layers, in alphabetical order), ``ties_first``, ``ties_second``, ``both``,
        ``either`` (numbers of ties), ``jaccard`` (both / either), ``share_of_first``, ``share_of_second`` (both
        over each; shares, blank where a layer has no ties but loops).

    Raises
    ------
    NetklyngeError
        A column is missing, or a tie has no layer.

    References
    ----------
    Wasserman, S. & Faust, K. (1994). *Social Network Analysis*, Cambridge, page 225 (multiplexity). The index
    is that of Jaccard, P. (1912), *New Phytologist* 11, 37-50.

    Examples
    --------
    >>> ties = pd.DataFrame({"source": list("aab"), "target": list("bcc"), "layer": ["rd", "rd", "supply"]})
    >>> layer_overlap(ties)[["both", "either", "jaccard"]].values.tolist()
    [[0.0, 3.0, 0.0]]
    """
    keys = _layer_keys(ties, directed)[1]
    rows = []
    for first, second in combinations(keys, 2):
        one, two = keys[first], keys[second]
        both = len(np.intersect1d(one, two, assume_unique=True))
        either = len(one) + len(two) - both
        shares = [both / n if n else np.nan for n in (either, len(one), len(two))]
        rows.append((first, second, len(one), len(two), both, either, *shares))
    columns = [
        "first",
        "second",
        "ties_first",
        "ties_second",
        "both",
        "either",
        "jaccard",
        "share_of_first",
        "share_of_second",
    ]
    return frame_like(pd.DataFrame(rows, columns=columns), ties)


@overload
def qap(
    ties: IntoFrameT,
    permutations: int = ...,
    seed: int = ...,
    directed: bool = ...,
    actors: Iterable[Hashable] | None = ...,
) -> IntoFrameT: ...
@overload
def qap(
    ties: Others,
    permutations: int = ...,
    seed: int = ...,
    directed: bool = ...,
    actors: Iterable[Hashable] | None = ...,
) -> pd.DataFrame: ...
def qap(
    ties: Ties,
    permutations: int = 1000,
    seed: int = 0,
    directed: bool = True,
    actors: Iterable[Hashable] | None = None,
) -> Any:
    """Correlation between layers, with its p by the quadratic assignment procedure.

    The Pearson correlation between the cells of two layers' matrices, the diagonal left out; for ties that
    are there or not it is ``(N b - m₁ m₂) / sqrt(m₁ (N - m₁) m₂ (N - m₂))``, with N the pairs of actors, m
    the ties of each layer and b those that both have. p comes from dealing the actors of one layer out
    anew, rows and columns together, so that each layer keeps its structure.

    Parameters
    ----------
    ties : frame or graph
        As in :func:`layer_overlap`.
    permutations : int
        0 leaves p blank.
    seed : int
        Of the permutations.
    directed : bool
        Whether pairs are ordered.
    actors : iterable, optional
        Actors to count even if they have no tie; by default all with a tie in any layer, and all
        nodes of a graph.

    Returns
    -------
    frame like `ties`
        ``first``, ``second``, ``both``, ``expected`` (ties in common, ``m₁ m₂ / N``), ``correlation``, ``p``
        (two-sided; see :func:`netklynge.chance.two_sided`), ``actors``. Blank correlation where a layer has
        no tie or all.

    Raises
    ------
    NetklyngeError
        A column is missing, or `permutations` is negative.

    References
    ----------
    Krackhardt, D. (1988). Predicting with networks: nonparametric multiple regression analysis of dyadic
    data. *Social Networks* 10, 359-381. Hubert, L. & Schultz, J. (1976), *British Journal of Mathematical and
    Statistical Psychology* 29, 190-241.

    Examples
    --------
    >>> ties = pd.DataFrame({"source": list("abab"), "target": list("bcbc"), "layer": list("rrss")})
    >>> qap(ties, permutations=0)["correlation"].tolist()
    [1.0]
    """
    if permutations < 0:
        raise NetklyngeError(f"permutations is {permutations}; it is 0 or the number of permutations to make")
    size, keys = _layer_keys(ties, directed, actors)
    pairs = size * (size - 1) // (1 if directed else 2)
    rng = np.random.default_rng(seed)
    rows = []
    for first, second in combinations(keys, 2):
        one, two = keys[first], keys[second]
        both = len(np.intersect1d(one, two, assume_unique=True))
        spread = float(len(one)) * (pairs - len(one)) * len(two) * (pairs - len(two))
        r = (pairs * both - len(one) * len(two)) / np.sqrt(spread) if spread > 0 else np.nan
        p = np.nan
        if permutations and spread > 0:
            # the correlation grows with the ties in common, and with nothing else that a permutation changes
            fewer, more = (one, two) if len(one) <= len(two) else (two, one)
            common = _common_ties(fewer, more, size, directed, permutations, rng)
            p = float(two_sided(common[:, None], [both])[0])
        expected = len(one) * len(two) / pairs if pairs else np.nan
        rows.append((first, second, both, expected, r, p, size))
    columns = ["first", "second", "both", "expected", "correlation", "p", "actors"]
    return frame_like(pd.DataFrame(rows, columns=columns), ties)


def _common_ties(
    moved: Ints, fixed: Ints, size: int, directed: bool, permutations: int, rng: np.random.Generator
) -> Ints:
    """Ties in common after each permutation of the actors of `moved`; both are sorted keys of ties."""
    source, target = np.divmod(moved, size)
    block = max(1, _CHUNK // max(size, len(moved)))
    found = []
    for begin in range(0, permutations, block):
        rows = min(block, permutations - begin)
        order = rng.permuted(np.tile(np.arange(size), (rows, 1)), axis=1)
        a, b = order[:, source], order[:, target]
        if not directed:
            a, b = np.minimum(a, b), np.maximum(a, b)
        keys = a * size + b
        place = np.minimum(np.searchsorted(fixed, keys), len(fixed) - 1)
        found.append((fixed[place] == keys).sum(axis=1))
    return np.concatenate(found)


def _layer_keys(ties: Ties, directed: bool, actors: Iterable[Hashable] | None = None) -> tuple[int, dict[Any, Ints]]:
    """Number of actors, and the sorted keys of each layer's distinct ties; actors in order of structure, then name."""
    read = tie_rows(ties, ("layer",))
    layer = pd.Series(read.columns["layer"])
    blank = np.flatnonzero(layer.isna())
    if len(blank):
        raise NetklyngeError(f"ties: row {blank[0]} has no layer; name it, since layers are never pooled")
    labels = layer.unique()
    labels = labels[name_order(np.asarray(labels, dtype=object))]
    code = pd.Index(labels).get_indexer(pd.Index(layer)).astype(np.int64)
    indexed = index_rows(read, actors)
    if not directed:
        both = np.concatenate([indexed.source, indexed.target]), np.concatenate([indexed.target, indexed.source])
        indexed, code = IndexedTies(indexed.actors, *both), np.tile(code, 2)
    # each layer's distinct ties first, so that a row that stands twice tells no actor from another
    keys = distinct((indexed.source * indexed.size + indexed.target) * len(labels) + code)
    key, code = np.divmod(keys, max(len(labels), 1))
    source, target = np.divmod(key, max(indexed.size, 1))
    apart = source != target
    union = IndexedTies(indexed.actors, source[apart], target[apart])
    _, place = in_order(union, code[apart])
    source, target, code = place[union.source], place[union.target], code[apart]
    forth = np.ones(len(source), dtype=bool) if directed else source < target
    return indexed.size, {
        label: np.sort((source * indexed.size + target)[forth & (code == k)]) for k, label in enumerate(labels)
    }
