"""Core and periphery: a core whose members are tied to each other, and a periphery whose members are not."""

from __future__ import annotations

from typing import Any, NamedTuple, overload

import numpy as np
import numpy.typing as npt
import pandas as pd
from narwhals.typing import IntoFrameT

from netklynge.findings import NetklyngeError
from netklynge.networks.arrays import IndexedTies, Ties, adjacency, frame_like, in_order, simple_ties
from netklynge.networks.inputs import Others

__all__ = ["BETWEEN", "EXACT_UP_TO", "core_periphery"]

BETWEEN = ("ignore", "ties", "none")
EXACT_UP_TO = 18  # actors: 2^18 cores are compared at once
_STARTS = 5  # random starts of the continuous coreness, beside two that the ties give
_LIKELIEST = 50  # actors on either side that a swap looks at

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


@overload
def core_periphery(ties: IntoFrameT, between: str = ..., restarts: int = ..., seed: int = ...) -> IntoFrameT: ...
@overload
def core_periphery(ties: Others, between: str = ..., restarts: int = ..., seed: int = ...) -> pd.DataFrame: ...
def core_periphery(ties: Ties, between: str = "ignore", restarts: int = 50, seed: int = 0) -> Any:
    """Borgatti-Everett core and periphery, discrete and continuous.

    Discrete: the core is the set of actors for which the Pearson correlation between the ties and an ideal is
    highest. In the ideal all pairs in the core have ties and no pairs in the periphery do. Continuous: the
    coreness ``c_i >= 0`` with the least sum of squares ``Σ_{i≠j} (a_ij - c_i c_j)²`` (MINRES), then scaled
    to ``Σ c² = 1``. Both leave the diagonal out and take every ordered pair of actors as one cell.

    Borgatti and Everett's own continuous measure, the highest correlation, is not used: on most networks the
    correlation rises towards a limit that no coreness attains, so that a program's number is where its search
    stopped. Least squares have such a limit only where nothing fits better than all ties of a single actor (a
    star): its coreness is then 1 and that of the others 0, which is the limit; blank where several actors would do.

    Parameters
    ----------
    ties : frame, graph, matrix or pairs
        Columns ``source`` and ``target``. Loops are left out and repeated ties count once; all nodes of a
        graph are counted.
    between : {"ignore", "ties", "none"}
        How cells between core and periphery count in the discrete ideal: not at all, as ties, or as no ties.
    restarts : int
        Beyond :data:`EXACT_UP_TO` actors the best core is searched for from this many starts: the best of the
        cores made of the actors with most ties, then by turns random changes of the best core so far and
        random cores. Up to that number all cores are compared.
    seed : int
        Of the random starts, of both searches.

    Returns
    -------
    frame like `ties`
        ``actor``, ``core`` (logical), ``coreness`` (0 to 1, ``Σ c² = 1``), and, the same in each row, ``fit`` and
        ``fit_continuous`` (the correlations of the ties with the ideal and with ``c_i c_j``),
        ``exact`` (whether all cores were compared). Blank fit, and nobody in the core, when no core can be told
        (no ties, all ties, or fewer than three actors). Of
        equally good cores the one with fewest members is given, then that of the actors who come first in an order
        that the ties make, and names only where the ties leave actors alike: the order of rows changes nothing.

    Raises
    ------
    NetklyngeError
        `between` is unknown, `restarts` is below 1, or the ties cannot be read.

    References
    ----------
    Borgatti, S. P. & Everett, M. G. (2000). Models of core/periphery structures. *Social Networks* 21,
    375-395. Its "core-periphery ties missing" is ``ignore`` here. MINRES: Boyd, J. P., Fitzgerald, W. J.,
    Mahutga, M. C. & Smith, D. A. (2010). Computing continuous core/periphery structures for social relations
    data with MINRES/SVD. *Social Networks* 32, 125-137. The search: Lip, S. Z. W. (2011), arXiv:1102.5511, for
    the start.

    Examples
    --------
    >>> import networkx as nx
    >>> graph = nx.Graph(["ab", "ac", "bc", "ad", "be", "cf"])
    >>> table = core_periphery(graph, between="none")
    >>> "".join(table.loc[table["core"], "actor"]), round(float(table["fit"].iloc[0]), 3)
    ('abc', 0.612)
    """
    if between not in BETWEEN:
        raise NetklyngeError(f"between '{between}' is unknown; choose one of {', '.join(BETWEEN)}")
    if restarts < 1:
        raise NetklyngeError(f"restarts is {restarts}; the search has at least one start")
    given = simple_ties(ties)
    network, place = in_order(given)
    exact = network.size <= EXACT_UP_TO
    core = _all_cores(network, between) if exact else _search(network, between, restarts, seed)
    coreness, fit_continuous = _continuous(network, restarts, seed)
    table = pd.DataFrame(
        {
            "actor": pd.Series(given.actors).infer_objects(),
            "core": core[place],
            "coreness": coreness[place],
            "fit": _fit_of(network, core, between),
            "fit_continuous": fit_continuous,
            "exact": exact,
        }
    )
    return frame_like(table, ties)


def _fit(size: int, ties: int, members: Any, within_core: Any, within_periphery: Any, between: str) -> Any:
    """Correlation of ties with the ideal, from counts; -1 where it is undefined.

    With both sides binary it is ``(n a - t s) / sqrt(t (n - t) s (n - s))``: n cells, t ties, s cells where
    the ideal has a tie, a ties among those.
    """
    members = np.asarray(members, dtype=float)
    inner, outer = members * (members - 1), (size - members) * (size - members - 1)
    cells: Any = size * (size - 1)
    told: Any = ties
    if between == "ignore":
        cells, told, ideal, agreed = inner + outer, within_core + within_periphery, inner, within_core
    elif between == "ties":
        ideal, agreed = cells - outer, ties - within_periphery
    else:
        ideal, agreed = inner, within_core
    spread = np.asarray(told * (cells - told) * 1.0 * ideal * (cells - ideal))
    return np.divide(cells * agreed - told * ideal, np.sqrt(spread), out=np.full(spread.shape, -1.0), where=spread > 0)


def _fit_of(network: IndexedTies, core: Flags, between: str) -> float:
    if not core.any():
        return np.nan
    within = int((core[network.source] & core[network.target]).sum())
    outside = int((~core[network.source] & ~core[network.target]).sum())
    return float(_fit(network.size, len(network.source), core.sum(), within, outside, between))


def _all_cores(network: IndexedTies, between: str) -> Flags:
    """The best of all cores; bit i of a core's number says whether actor i is in it.

    Cores with actor i as their last member follow from those without it, so that each doubling of the arrays
    adds one actor.
    """
    n = network.size
    both = adjacency(network)
    both = np.asarray((both + both.T).todense())
    within, members = np.zeros(1, dtype=np.int64), np.zeros(1, dtype=np.int64)
    for i in range(n):
        to_core = np.zeros(1, dtype=np.int64)
        for j in range(i):
            to_core = np.concatenate([to_core, to_core + both[i, j]])
        within = np.concatenate([within, within + to_core])
        members = np.concatenate([members, members + 1])
    fit = np.asarray(_fit(n, len(network.source), members, within, within[::-1], between))
    best = fit >= fit.max() - 1e-12
    if fit.max() <= -1 or not n:
        return np.zeros(n, dtype=bool)
    numbers = np.flatnonzero(best)
    fewest = numbers[members[numbers] == members[numbers].min()]
    rows = (fewest[:, None] >> np.arange(n)) & 1
    return np.asarray(rows[np.lexsort(-rows.T[::-1])[0]], dtype=bool)


def _search(network: IndexedTies, between: str, restarts: int, seed: int) -> Flags:
    """The best core found by moving actors across, from several starts."""
    both = adjacency(network)
    both = (both + both.T).tocsr()
    best, best_fit = _climb(network, both, _by_degree(network, both, between), between)
    rng = np.random.default_rng(seed)
    for k in range(restarts - 1):
        # by turns a start far off, any core of any size, and one near the best so far
        start = rng.random(network.size) < rng.random() ** 2 if k % 2 else best ^ _some(rng, best)
        core, fit = _climb(network, both, start, between)
        if fit > best_fit + 1e-12:
            best, best_fit = core, fit
    return best


def _some(rng: np.random.Generator, core: Flags) -> Flags:
    """About three in ten of the core, and as many of the others."""
    share = min(0.3, 0.3 * core.sum() / max((~core).sum(), 1))
    return rng.random(len(core)) < np.where(core, 0.3, share)


def _by_degree(network: IndexedTies, both: Any, between: str) -> Flags:
    """The best of the cores made of the actors with most ties."""
    order = np.argsort(-np.asarray(both.sum(axis=1)).ravel(), kind="stable")
    place = np.empty_like(order)
    place[order] = np.arange(network.size)
    later = np.maximum(place[network.source], place[network.target])
    earlier = np.minimum(place[network.source], place[network.target])
    members = np.arange(1, network.size)
    within = np.cumsum(np.bincount(later, minlength=network.size))[:-1]
    touching = np.cumsum(np.bincount(earlier, minlength=network.size))[:-1]
    fit = _fit(network.size, len(network.source), members, within, len(network.source) - touching, between)
    return place <= int(np.argmax(fit))


class _State(NamedTuple):
    """A core, and what its fit is made of."""

    core: Flags
    to_core: Ints  # ties of each actor, in either direction, with the core
    to_rest: Ints  # and with the periphery
    members: int
    within: int
    outside: int
    fit: float


def _state(network: IndexedTies, both: Any, core: Flags, between: str) -> _State:
    to_core = np.asarray(both @ core.astype(np.int64)).ravel()
    to_rest = np.asarray(both @ (~core).astype(np.int64)).ravel()
    within, outside, members = int(to_core[core].sum()) // 2, int(to_rest[~core].sum()) // 2, int(core.sum())
    fit = float(_fit(network.size, len(network.source), members, within, outside, between))
    return _State(core, to_core, to_rest, members, within, outside, fit)


def _climb(network: IndexedTies, both: Any, core: Flags, between: str) -> tuple[Flags, float]:
    """Move actors across, those first whose move alone improves the fit most; swap two when no move helps.

    In a large network up to one in 200 moves at once as long as that improves the fit, half as many when it
    does not, so that it takes some hundreds of rounds.
    """
    now = _state(network, both, core, between)
    most = many = max(1, network.size // 200)
    while True:
        step = np.where(now.core, -1, 1)
        alone = _fit(
            network.size,
            len(network.source),
            now.members + step,
            now.within + step * now.to_core,
            now.outside - step * now.to_rest,
            between,
        )
        better = np.flatnonzero(alone > now.fit + 1e-12)
        if len(better):
            many = min(2 * many, most, len(better))
            moving = better[np.argsort(-alone[better], kind="stable")][:many]
        else:
            moving = _swap(network, both, now, alone, between)
            if not len(moving):
                return now.core, now.fit
        while (then := _state(network, both, _moved(now.core, moving), between)).fit <= now.fit:
            many //= 2
            moving = moving[:many]
        now = then


def _moved(core: Flags, actors: Ints) -> Flags:
    moved = core.copy()
    moved[actors] ^= True
    return moved


def _swap(network: IndexedTies, both: Any, now: _State, alone: Floats, between: str) -> Ints:
    """The core member and the other whose exchange improves the fit most, among the likeliest; or nobody."""
    order = np.argsort(-alone, kind="stable")
    leaving, joining = order[now.core[order]][:_LIKELIEST], order[~now.core[order]][:_LIKELIEST]
    if not len(leaving) or not len(joining):
        return np.empty(0, dtype=np.int64)
    shared = np.asarray(both[leaving][:, joining].todense())
    within = now.within - now.to_core[leaving][:, None] + now.to_core[joining] - shared
    outside = now.outside + now.to_rest[leaving][:, None] - now.to_rest[joining] - shared
    fit = _fit(network.size, len(network.source), np.full(shared.shape, now.members), within, outside, between)
    best = int(np.argmax(fit))
    if fit.flat[best] <= now.fit + 1e-12:
        return np.empty(0, dtype=np.int64)
    return np.array([leaving[best // len(joining)], joining[best % len(joining)]])


def _continuous(network: IndexedTies, restarts: int, seed: int) -> tuple[Floats, float]:
    """Coreness by least squares without the diagonal, scaled to ``Σ c² = 1``, and its correlation with the ties.

    The sum over ordered pairs ``Σ (a_ij - c_i c_j)²`` is ``Σ a² - 2 c'Ac + (Σ c²)² - Σ c⁴``, so that a step takes as
    long as there are ties. It has more than one valley where a network has several dense parts: the lowest is taken.
    """
    from scipy.optimize import minimize

    n, m = network.size, len(network.source)
    cells = n * (n - 1)
    if n < 3 or m in (0, cells):
        return np.full(n, np.nan), np.nan
    matrix = adjacency(network).astype(float)
    mean = ((matrix + matrix.T) / 2).tocsr()

    def loss(c: Floats) -> tuple[float, Floats]:
        pull, two = np.asarray(mean @ c), float((c**2).sum())
        return m - 2 * float(c @ pull) + two**2 - float((c**4).sum()), 4 * (two * c - c**3 - pull)

    degree = np.asarray(mean.sum(axis=1)).ravel()
    starts = [degree / degree.max(), np.full(n, np.sqrt(m / cells))]
    rng = np.random.default_rng(seed)
    starts += [rng.random(n) * (degree > 0) for _ in range(min(restarts - 1, _STARTS))]
    best: Any = None
    for start in starts:
        found = minimize(
            loss, start, jac=True, method="L-BFGS-B", bounds=[(0, 1e6)] * n,
            options={"maxiter": 5000, "maxfun": 20000, "ftol": 1e-15, "gtol": 1e-9},
        )  # fmt: skip
        if best is None or found.fun < best.fun - 1e-9 * m:
            best = found
    c = best.x
    total = 2 * np.asarray(mean.multiply(mean).sum(axis=1)).ravel()
    if best.fun >= m - total.max() - 1e-9 * m:
        # no coreness does better than the star of a single actor, which is reached in the limit only
        middle = np.flatnonzero(total == total.max())
        if len(middle) > 1:
            return np.full(n, np.nan), np.nan
        star = mean[[int(middle[0])]].toarray().ravel()
        c, shared = np.zeros(n), 2 * float(star @ star)
        c[middle] = 1.0
        row = 2 * float(star.sum())
        spread = (shared - row**2 / cells) * m * (1 - m / cells)
        return c, float((shared - m * row / cells) / np.sqrt(spread)) if spread > 0 else np.nan
    one, two, four = c.sum(), (c**2).sum(), (c**4).sum()
    products, squares = one**2 - two, two**2 - four  # of c_i c_j over ordered pairs
    spread = (squares - products**2 / cells) * m * (1 - m / cells)
    fit = float(c @ (mean @ c) - m * products / cells) / np.sqrt(spread) if spread > 0 else np.nan
    return c / np.linalg.norm(c), float(fit)
