"""The hallmarks, counted on a district as arrays: one definition for studies and for simulated districts.

What is counted are units (firms, jobs, links) of which some are known to have a mark, some known not to have it, and
some untold. Nothing that is untold is a zero.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from netklynge.chance import wilson
from netklynge.district.hubs import LARGE
from netklynge.study.layers import COOPERATION, INNOVATION_LAYERS, LAYERS, PIPELINE_LAYERS, TAKING_PART

__all__ = ["CATEGORY_INSIDE", "ELSEWHERE", "HALLMARKS", "SMALL", "Arrays", "Count", "Register", "count"]

SMALL = 50  # employees: a small enterprise in the European definition has fewer
FEWEST = 5  # ties or actors below which a share of strategic ties or a centralisation is not computed
AT_LEAST = 2  # members of a category that has a tie to itself
CATEGORY_INSIDE, ELSEWHERE = -1, -2  # ends that are no named member: a group inside the cut, anybody else

HALLMARKS: tuple[str, ...] = (
    "local_trade",
    "hub_jobs",
    "small_firm_jobs",
    "mean_size",
    "outside_control",
    "outside_units",
    "state_control",
    "local_cooperation",
    "peer_cooperation",
    "local_commitments",
    "joint_bodies",
    "evenness",
    "hub_trade",
    "outside_reach",
    "inside_innovation",
)

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]


class Register(NamedTuple):
    """Establishments of the district's place by the register."""

    units: float
    jobs: float
    small: tuple[float, float]  # jobs with those under 50: least and greatest, where bands end elsewhere; nan if untold
    large: float  # jobs with those of 100 and over; nan where untold
    source: str


class Arrays(NamedTuple):
    """A district as arrays: its named members, one entry each, and its ties."""

    firm: Flags
    public: Flags  # a public or education body
    industrial: Flags  # such a body with an industrial role
    body: Flags  # firms and others can take part in it; no shared roof
    hub: Flags  # large, and leads others inside by trade; see netklynge.district.hubs
    size: Floats  # nan where untold
    outside: Floats  # the owner sits outside the cut: 1, 0, nan
    steered: Floats  # a branch, or owned or run from outside: 1, 0, nan
    state: Floats  # the first owner told is public: 1, 0, nan
    asked: Flags  # (members, layers): silence means no
    sampled: Flags  # by layer: those who were asked are a sample by design
    a: Ints
    b: Ints
    layer: Ints  # place in LAYERS
    near: Floats  # the other end is inside: 1, 0, nan
    strategic: Floats
    kin: Flags  # both ends in one owner group
    shrink: float = 1.0  # finite-population factor of the survey
    published: Count | None = None  # supply links inside, as published
    register: Register | None = None


@dataclass(frozen=True)
class Count:
    """What is known of one hallmark.

    Attributes
    ----------
    known, known_not, untold : float
        Units with the mark, without it, and untold.
    value : float
        Share (or mean) among the known; nan when nobody is known.
    low, high : float
        95 % interval where the known are a sample by design, else the bounds over the untold; nan when neither is
        known.
    evidence : str
        register, survey, list, statement or ties; blank where there is none.
    effective : float
        Independent observations that a sample is worth; nan where there is no sample.
    shrink : float
        Finite-population factor of the sample.
    """

    known: float
    known_not: float
    untold: float
    value: float
    low: float
    high: float
    evidence: str
    source: str
    effective: float = float("nan")
    shrink: float = 1.0
    units: float = float("nan")  # firms behind a share of jobs; nan where the units themselves are counted

    def thin(self, fewest: float) -> bool:
        """Whether it rests on fewer than `fewest` units, and these are not the greater part of all there are."""
        if self.evidence in ("", "register", "statement"):
            return not self.evidence
        return bool((self.units if self.units == self.units else self.n) < fewest and not self.untold < self.n)

    @property
    def n(self) -> float:
        """Units that are known either way."""
        return self.known + self.known_not

    def guess(self, widest: float = 0.5) -> float:
        """One number for methods that take no bounds: a value by design, else the middle of narrow bounds."""
        if self.evidence in ("register", "survey", "list"):
            return self.value
        return (self.low + self.high) / 2 if self.high - self.low <= widest else float("nan")

    def drawn(self, rng: np.random.Generator, number: int) -> Floats:
        """Values that the evidence allows: a sample's by Jeffreys' posterior, else even over the bounds."""
        if np.isnan(self.low):
            return np.full(number, np.nan)
        if self.effective > 0:
            n, p = self.effective, min(max(self.value, 0.0), 1.0)
            return np.asarray(p + self.shrink * (rng.beta(p * n + 0.5, (1 - p) * n + 0.5, number) - p))
        return rng.uniform(self.low, self.high, number)


def bounds(known: float, known_not: float, untold: float) -> tuple[float, float]:
    """Least and greatest share that the untold allow (Manski 1989).

    Examples
    --------
    >>> bounds(3, 1, 4)
    (0.375, 0.875)
    """
    whole = known + known_not + untold
    return (known / whole, (known + untold) / whole) if whole > 0 else (0.0, 1.0)


def share(known: float, known_not: float, untold: float, source: str, evidence: str = "ties") -> Count:
    """A share whose untold part is open."""
    low, high = bounds(known, known_not, untold)
    told = known + known_not
    value = known / told if told else float("nan")
    return Count(known, known_not, untold, value, low, high, evidence if told else "", source)


def sample(known: float, known_not: float, untold: float, source: str, effective: float, shrink: float) -> Count:
    """A share among those whom a survey reached by design."""
    value = known / (known + known_not)
    low, high = (value + shrink * (end - value) for end in wilson(value * effective, effective))
    return Count(known, known_not, untold, value, low, high, "survey", source, effective, shrink)


def count(d: Arrays) -> dict[str, Count]:
    """Every hallmark of a district."""
    found = {
        "local_trade": _local_trade(d),
        "hub_jobs": _hub_jobs(d),
        "small_firm_jobs": _small(d),
        "mean_size": _mean_size(d),
        "outside_control": _jobs(d, d.firm, d.outside, "firms with a known size and owner's seat"),
        "outside_units": _of_firms(d, d.steered == 1, d.steered == 0, (), 0, "owners' seats, branches, ownership ties"),
        "state_control": _state(d),
        "local_cooperation": _cooperates(d, COOPERATION, _between_firms(d)),
        "peer_cooperation": _cooperates(d, COOPERATION, _between_firms(d) & ~_trading(d)),
        "local_commitments": _commitments(d),
        "joint_bodies": _joint(d),
        "evenness": _evenness(d),
        "hub_trade": _hub_trade(d),
        "outside_reach": _reach(d),
        "inside_innovation": _cooperates(d, INNOVATION_LAYERS, np.ones(len(d.a), dtype=bool)),
    }
    return {name: found[name] for name in HALLMARKS}


def _codes(layers: Sequence[str]) -> list[int]:
    return [LAYERS.index(layer) for layer in layers]


def _in(d: Arrays, layers: Sequence[str]) -> Flags:
    return np.isin(d.layer, _codes(layers))


def _ends(d: Arrays, chosen: Flags) -> Flags:
    """Which members stand at an end of the chosen ties."""
    at = np.zeros(len(d.firm), dtype=bool)
    for end in (d.a, d.b):
        at[end[chosen & (end >= 0)]] = True
    return at


def _asked(d: Arrays, layers: Sequence[str]) -> Flags:
    """Members of whom silence in all of these layers means no."""
    codes = _codes(layers)
    return np.asarray(d.asked[:, codes].all(axis=1))


# -- shares of links ---------------------------------------------------------------------------------


def _local_trade(d: Arrays) -> Count:
    return d.published or _of_links(d, _in(d, ("supply",)), "supply ties", 1)


def _commitments(d: Arrays) -> Count:
    return _of_links(d, _in(d, ("supply",)) & (d.strategic == 1), "strategic supply ties", FEWEST)


def _of_links(d: Arrays, chosen: Flags, source: str, fewest: int) -> Count:
    """Share of links inside: of those who were asked where anybody was, else anything that the told ones allow."""
    chosen = chosen & ~np.isnan(d.near)
    told = np.append(_asked(d, ("supply",)), [False, False])
    mine = chosen & (told[d.a] | told[d.b])
    if mine.sum() >= fewest:
        known, known_not = float((d.near[mine] == 1).sum()), float((d.near[mine] == 0).sum())
        if d.sampled[LAYERS.index("supply")]:
            teller = np.where(told[d.a], d.a, d.b)[mine]
            effective = _effective(d.near[mine] == 1, teller)
            return sample(known, known_not, float("nan"), source, effective, d.shrink)
        return share(known, known_not, 0.0, source, "list")
    known, known_not = float((d.near[chosen] == 1).sum()), float((d.near[chosen] == 0).sum())
    value = known / (known + known_not) if known + known_not else float("nan")
    # how many links nobody told is itself untold, so the told ones bound no share
    return Count(known, known_not, float("nan"), value, 0.0, 1.0, "ties" if known + known_not else "", source)


def _effective(inside: Flags, teller: Ints) -> float:
    """Independent links that the links of clustered tellers are worth: p(1-p) over the variance of their ratio.

    The ratio estimator of Cochran (1977), Sampling Techniques; as many as tellers where all links agree.
    """
    number, first = np.unique(teller, return_inverse=True)
    links = np.bincount(first).astype(float)
    m, p = len(number), float(inside.mean())
    if m < 2 or p in (0.0, 1.0):
        return float(m)
    spread = np.bincount(first, weights=inside.astype(float)) - p * links
    variance = m / (m - 1) * (spread**2).sum() / links.sum() ** 2
    return float(np.clip(p * (1 - p) / variance, 1, links.sum())) if variance > 0 else float(links.sum())


# -- shares of jobs ----------------------------------------------------------------------------------


def _jobs(d: Arrays, whom: Flags, mark: Floats, source: str) -> Count:
    """Share of jobs with a mark (1, 0, nan).

    All jobs are those of the register; without one, who has no known size weighs as much as the mean of those who have.
    """
    size, mark = d.size[whom], mark[whom]
    sized = ~np.isnan(size)
    known, known_not = (float(size[sized & (mark == m)].sum()) for m in (1, 0))
    units = float((sized & ~np.isnan(mark)).sum())
    if d.register is not None:
        untold = max(d.register.jobs - known - known_not, 0.0)
        return replace(share(known, known_not, untold, f"{source}; {d.register.source}"), units=units)
    if not sized.any():
        return Count(0.0, 0.0, float(len(size)), float("nan"), 0.0, 1.0, "", source)
    whole = float(size[sized].sum() / sized.sum() * len(size))
    return replace(share(known, known_not, max(whole - known - known_not, 0.0), source), units=units)


def _hub_jobs(d: Arrays) -> Count:
    lacks = (d.size < LARGE) | _asked(d, ("supply",))
    mark = np.where(d.hub, 1.0, np.where(lacks, 0.0, np.nan))
    found = _jobs(d, d.firm, mark, "firms with a known size; supply ties")
    if d.register is None or np.isnan(d.register.large):
        return found
    large, jobs = d.register.large, d.register.jobs  # nobody smaller is a hub
    known = min(found.known, large)
    return share(known, jobs - large, large - known, found.source, "register" if known == large else "ties")


def _small(d: Arrays) -> Count:
    if d.register is not None and not np.isnan(d.register.small[0]):
        least, most = d.register.small
        jobs = d.register.jobs
        found = share(least, jobs - most, most - least, d.register.source, "register")
        return replace(found, value=(least + most) / 2 / jobs)
    return _jobs(d, d.firm, np.where(np.isnan(d.size), np.nan, d.size < SMALL), "firms with a known size")


def _mean_size(d: Arrays) -> Count:
    if d.register is not None:
        value = d.register.jobs / d.register.units
        return Count(d.register.units, 0.0, 0.0, value, value, value, "register", d.register.source)
    size = d.size[d.firm]
    known = size[~np.isnan(size)]
    untold = len(size) - len(known)
    if not len(known):
        nan = float("nan")
        return Count(0.0, 0.0, float(untold), nan, nan, nan, "", "firms with a known size")
    low, high = ((known.sum() + untold * end) / len(size) for end in (1.0, known.max()))
    mean = float(known.mean())
    kind = "list" if not untold else "ties"
    return Count(float(len(known)), 0.0, float(untold), mean, low, high, kind, "firms with a known size")


def _state(d: Arrays) -> Count:
    """Jobs with the state: firms by their owner, bodies only through trade with firms inside or an industrial role."""
    firm = np.append(d.firm, [False, True])  # the last two: anybody else, a group inside
    trade = _in(d, ("supply",)) & (firm[d.a] | firm[d.b])
    anchors = d.public & (d.industrial | _ends(d, trade))
    mark = np.where(anchors, 1.0, d.state)
    return _jobs(d, d.firm | anchors, mark, "actors with a known size and owner; ownership ties")


# -- shares of firms ---------------------------------------------------------------------------------


def _of_firms(d: Arrays, has: Flags, lacks: Flags, layers: Sequence[str], groups: float, source: str) -> Count:
    """Share of firms with a mark; `groups` are members of groups of whom it is told."""
    sampled = bool(layers) and all(d.sampled[_codes(layers)])
    asked = _asked(d, layers) & d.firm if layers else np.zeros(len(d.firm), dtype=bool)
    if sampled and asked.any():
        known = float((has & asked).sum())
        known_not = float(asked.sum()) - known
        untold = float((d.firm & ~asked).sum())
        return sample(known, known_not, untold, source, float(asked.sum()), d.shrink)
    known = float((has & d.firm).sum()) + groups
    known_not = float((lacks & ~has & d.firm).sum())
    untold = float(d.firm.sum()) + groups - known - known_not
    kind = "list" if layers and untold == 0 else "ties"
    return share(known, known_not, untold, source, kind)


def _between_firms(d: Arrays) -> Flags:
    firm = np.append(d.firm, [False, True])  # the last two: anybody else, a group inside, which is of firms
    return np.asarray(firm[d.a] & firm[d.b])


def _trading(d: Arrays) -> Flags:
    """Ties whose two ends also buy from or sell to one another: partners of a chain, no peers."""
    supply = _in(d, ("supply",))
    pairs = {tuple(sorted(pair)) for pair in zip(d.a[supply].tolist(), d.b[supply].tolist(), strict=True)}
    return np.array([tuple(sorted(p)) in pairs for p in zip(d.a.tolist(), d.b.tolist(), strict=True)], dtype=bool)


def _cooperates(d: Arrays, layers: Sequence[str], between: Flags) -> Count:
    """Firms with a partner inside outside their own owner group, by the ties that are `between` whom it is asked of."""
    chosen = _in(d, layers) & (d.near == 1) & ~d.kin & between
    itself = chosen & (d.a == CATEGORY_INSIDE) & (d.b == CATEGORY_INSIDE)
    groups = AT_LEAST if itself.any() else 0
    source = f"ties in the layers {', '.join(layers)}"
    return _of_firms(d, _ends(d, chosen), _told(d, layers), _surveyed(d, layers), groups, source)


def _told(d: Arrays, layers: Sequence[str]) -> Flags:
    """Members who were asked for all of the layers that anybody was asked for; nobody where nobody was."""
    known = _surveyed(d, layers)
    return _asked(d, known) if known else np.zeros(len(d.firm), dtype=bool)


def _surveyed(d: Arrays, layers: Sequence[str]) -> tuple[str, ...]:
    return tuple(layer for layer in layers if d.asked[:, LAYERS.index(layer)].any())


def _reach(d: Arrays) -> Count:
    reaching = _ends(d, _in(d, PIPELINE_LAYERS) & (d.near == 0)) | (d.outside == 1)
    known = _surveyed(d, ("supply", "rd"))
    asked = _asked(d, known) if len(known) == 2 else np.zeros(len(d.firm), dtype=bool)
    return _of_firms(d, reaching, asked, known if len(known) == 2 else (), 0, "ties in the pipeline layers")


def _joint(d: Arrays) -> Count:
    """Firms that take part in a body that at least two insiders take part in; a group that joins is a group."""
    taking = _in(d, TAKING_PART)
    has = np.zeros(len(d.firm), dtype=bool)
    groups = 0
    for k in np.flatnonzero(d.body):
        others = np.concatenate([d.a[taking & (d.b == k)], d.b[taking & (d.a == k)]])
        group = bool((others == CATEGORY_INSIDE).any())
        named = np.unique(others[others >= 0])
        if len(named) + (AT_LEAST if group else 0) >= 2:
            has[named] = True
            groups = max(groups, AT_LEAST if group else 0)
    layers = _surveyed(d, ("membership",))
    source = "membership, ownership and alliance ties of bodies"
    return _of_firms(d, has, _told(d, ("membership",)), layers, groups, source)


def _evenness(d: Arrays) -> Count:
    """One minus Freeman's degree centralisation of named supply ties inside, where most of the net is told."""
    source, nan = "named supply ties inside", float("nan")
    chosen = _in(d, ("supply",)) & (d.a >= 0) & (d.b >= 0)
    pairs = np.unique(np.sort(np.stack([d.a[chosen], d.b[chosen]]), axis=0), axis=1)
    degree = np.bincount(pairs.ravel(), minlength=len(d.firm)).astype(float)
    degree = degree[degree > 0]
    n = len(degree)
    asked = _asked(d, ("supply",)) & d.firm
    if n < FEWEST:
        return Count(0.0, 0.0, float(d.firm.sum()), nan, nan, nan, "", source)
    value = 1 - float((degree.max() - degree).sum()) / ((n - 1) * (n - 2))
    if asked.sum() * 2 < d.firm.sum():  # an author tells the leaders' ties: a star of his own making
        return Count(float(n), 0.0, float(d.firm.sum()) - n, value, nan, nan, "ties", source)
    kind = "survey" if d.sampled[LAYERS.index("supply")] else "list"
    return Count(float(n), 0.0, max(float(d.firm.sum()) - n, 0.0), value, value, value, kind, source)


def _hub_trade(d: Arrays) -> Count:
    """Share of named supply ties inside that have a hub at an end, where most of the net is told.

    A net of several stars is even by Freeman's centralisation; it is hierarchical all the same.
    """
    source, nan = "named supply ties inside", float("nan")
    chosen = _in(d, ("supply",)) & (d.a >= 0) & (d.b >= 0)
    led = d.hub[d.a[chosen]] | d.hub[d.b[chosen]]
    asked = _asked(d, ("supply",)) & d.firm
    known, known_not = float(led.sum()), float((~led).sum())
    if chosen.sum() < FEWEST or asked.sum() * 2 < d.firm.sum():
        value = known / (known + known_not) if known + known_not else nan
        return Count(known, known_not, nan, value, nan, nan, "ties" if known + known_not else "", source)
    if not d.sampled[LAYERS.index("supply")]:
        return share(known, known_not, 0.0, source, "list")
    told = np.append(asked, [False, False])
    teller = np.where(told[d.a[chosen]], d.a[chosen], d.b[chosen])
    return sample(known, known_not, nan, source, _effective(led, teller), d.shrink)
