"""Simulated districts of known type, as a study would see them.

A district is drawn from the intervals in ``districts.yaml`` (each with its source), then surveyed: some firms answer,
some partners are named, some hallmarks go missing. The same drawn district becomes a full study
(:func:`simulate`) or, without any frames, the vector of its hallmarks (:func:`vectors`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from netklynge.district.hubs import DEPENDENT, LARGE, SEVERAL
from netklynge.files.settings import bundled_settings
from netklynge.findings import NetklyngeError
from netklynge.study.layers import LAYERS
from netklynge.study.zones import RINGS
from netklynge.typology.anchors import TYPES
from netklynge.typology.counts import CATEGORY_INSIDE, ELSEWHERE, Arrays, count, sample

if TYPE_CHECKING:
    from netklynge.study.study import Study

__all__ = [
    "KINDS_OF_DISTRICT",
    "RANGES",
    "District",
    "draw",
    "measured",
    "ranges",
    "simulate",
    "study_of",
    "vector",
    "vectors",
]

NO_TYPE = "no_local_system"  # an ordinary place
KINDS_OF_DISTRICT: tuple[str, ...] = (*TYPES, "mixed", NO_TYPE)
RANGES: tuple[str, ...] = ("reference", "other")
TOLD_LAYERS: tuple[str, ...] = ("supply", "rd", "informal", "membership")  # ownership follows from the owners' seats
SUPPLY, RD, INFORMAL, MEMBERSHIP = range(4)
GROUP, STRANGER = -1, -2  # targets that are no actor of the district: a category, a named actor outside
LEADER_LINKS = 4
LEAST_LEADER = 120.0  # employees; districts.yaml says so
YEAR = 2005

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


class Firms(NamedTuple):
    """Firms and anchors of a district: one entry each."""

    size: Floats
    seat: Ints  # ring of the owner group's seat, 0 is local
    leader: Flags
    state: Flags  # owned by the state
    public: Flags  # a public body, not a firm
    part: Ints  # which of the district's types it belongs to


class Ties(NamedTuple):
    """Ties that the study tells, all in force, from a firm to a firm, a body (numbered after the firms) or outside."""

    source: Ints
    target: Ints
    layer: Ints
    ring: Ints
    strategic: Flags
    sells: Flags  # a supply tie that runs from its teller


class District(NamedTuple):
    """A drawn district as a study sees it."""

    kind: str
    firms: Firms
    ties: Ties
    known_size: Flags
    known_seat: Flags
    bodies: int  # told of; the first are associations, the last is a school
    tells_commitments: bool
    published: Ints | None  # per cent of supply links by ring
    answered: Flags  # the firms that answered the survey
    asks_cooperation: bool
    complete: bool = True  # whether the silence of those who answered means no


def ranges() -> Mapping[str, Any]:
    """What ``districts.yaml`` says: intervals by quantity and type, rings, the survey, mixtures."""
    return bundled_settings("netklynge.typology", "districts.yaml")


# -- drawing -----------------------------------------------------------------------------------------


def draw(
    kind: str, seed: int | Sequence[int], which: str = "reference", survey: Mapping[str, float] | None = None
) -> District:
    """Draw one district and survey it.

    Parameters
    ----------
    kind : str
        One of the four types, ``no_local_system`` (an ordinary place), ``mixed`` (two types at random) or two types
        joined by ``+``.
    seed : int or sequence of int
        The same kind, seed and ranges give the same district.
    which : {"reference", "other"}
        The set of intervals.
    survey : mapping, optional
        Values of the survey to use instead of drawn ones: ``response=1.0`` and so on.

    Raises
    ------
    NetklyngeError
        The kind or the set of intervals is unknown.

    Examples
    --------
    >>> district = draw("hub_and_spoke", seed=1)
    >>> bool(district.firms.leader.any()), district.ties.source.shape == district.ties.target.shape
    (True, True)
    """
    rng = np.random.default_rng(seed)
    types = kind.split("+")
    if kind == "mixed":
        types = [TYPES[k] for k in np.sort(rng.choice(len(TYPES), 2, replace=False))]
    if which not in RANGES:
        raise NetklyngeError(f"ranges '{which}' are unknown; choose one of {', '.join(RANGES)}")
    if not 1 <= len(types) <= 2 or len(set(types)) != len(types) or not set(types) <= {*TYPES, NO_TYPE}:
        raise NetklyngeError(
            f"district type '{kind}' is unknown; choose one of {', '.join(KINDS_OF_DISTRICT)}, or two "
            "different types joined by '+'"
        )
    values = [_values(t, which, rng) for t in types]
    parts = [_firms(v, round(v["firms"]), k, rng) for k, v in enumerate(values)]
    if len(types) == 2:
        counts = _balanced(parts, rng)
        parts = [_firms(v, n, k, rng) for k, (v, n) in enumerate(zip(values, counts, strict=True))]
    firms = Firms(*(np.concatenate(columns) for columns in zip(*parts, strict=True)))
    weights = np.array([ranges()["rings"][t] for t in types], dtype=float)
    asked = {**_survey_values(which, rng), **(survey or {})}
    return _surveyed("mixed" if len(types) == 2 else kind, firms, values, weights, asked, rng)


def _interval(entry: Mapping[str, Any], interval: Sequence[float], rng: np.random.Generator) -> float:
    low, high = interval
    if entry.get("scale") == "log":
        return float(np.exp(rng.uniform(np.log(low), np.log(high))))
    return float(rng.uniform(low, high))


def _values(kind: str, which: str, rng: np.random.Generator) -> dict[str, float]:
    return {name: _interval(entry, entry[which][kind], rng) for name, entry in ranges()["district"].items()}


def _survey_values(which: str, rng: np.random.Generator) -> dict[str, float]:
    return {n: _interval(e, e[which], rng) for n, e in ranges()["survey"].items() if isinstance(e, dict)}


def _lognormal(mean: float, spread: float, n: int, rng: np.random.Generator) -> Floats:
    """Sizes of a given expected mean, whole employees, at least one."""
    return np.maximum(1.0, np.rint(rng.lognormal(np.log(mean) - spread**2 / 2, spread, n)))


def _firms(values: Mapping[str, float], n: int, part: int, rng: np.random.Generator) -> Firms:
    """The firms of one type: ordinary ones, branches of outside groups, and leaders that hold their share of jobs."""
    leaders = round(values["leaders"])
    common = max(n - leaders, 3)
    branch = rng.random(common) < values["branches"]
    size = _lognormal(values["size"], values["spread"], common, rng)
    size[branch] = _lognormal(values["branch_size"], 0.5 * values["spread"], int(branch.sum()), rng)
    share = values["leader_share"]
    held = share / (1 - share) * size.sum() * rng.dirichlet(np.full(leaders, 4.0)) if leaders else np.empty(0)
    anchored = values["leader_outside"] == 0
    outside = np.concatenate([branch, np.full(leaders, anchored) | (rng.random(leaders) < values["leader_outside"])])
    leader = np.arange(common + leaders) >= common
    state = leader & anchored
    return Firms(
        size=np.concatenate([size, np.maximum(LEAST_LEADER, np.rint(held))]),
        seat=outside.astype(np.int64),  # which ring outside is drawn with the ties
        leader=leader,
        state=state,
        public=state & (rng.random(common + leaders) < 0.5),
        part=np.full(common + leaders, part),
    )


def _balanced(parts: Sequence[Firms], rng: np.random.Generator) -> list[int]:
    """Numbers of firms that give two types their shares of the jobs, as far as the limits allow."""
    rules = ranges()["mixture"]
    share = rng.uniform(*rules["jobs_share"])
    first, second = (float(part.size.sum()) for part in parts)
    factor = np.sqrt(share / (1 - share) * second / first)
    counts = np.array([len(parts[0].size) * factor, len(parts[1].size) / factor])
    return [int(c) for c in np.clip(np.rint(counts), *rules["part"])]


def _pick(pool: Ints, sources: Ints, rng: np.random.Generator) -> Ints:
    """For each source one member of the pool that is not itself; -1 where the pool holds nobody else."""
    if not len(pool):
        return np.full(len(sources), GROUP)
    chosen = pool[rng.integers(len(pool), size=len(sources))]
    again = chosen == sources
    chosen[again] = pool[(np.searchsorted(pool, chosen[again]) + 1) % len(pool)]
    return np.where(chosen == sources, GROUP, chosen)


def _outer(firms: Firms, weights: Floats, sources: Ints, rng: np.random.Generator) -> Ints:
    """A ring outside for each source, by the weights of its type."""
    steps = weights.cumsum(axis=1)[firms.part[sources]]
    above: Ints = (rng.random(len(sources))[:, None] > steps / steps[:, -1:]).sum(axis=1)
    return 1 + above


Columns = tuple[npt.NDArray[Any], ...]  # source, target, layer, ring, strategic


def _surveyed(
    kind: str,
    firms: Firms,
    values: Sequence[Mapping[str, float]],
    weights: Floats,
    survey: Mapping[str, float],
    rng: np.random.Generator,
) -> District:
    """Ask the firms: links, cooperation, bodies; then lose what surveys lose."""
    n = len(firms.size)
    each = {name: np.array([v[name] for v in values])[firms.part] for name in values[0]}
    answers = np.flatnonzero(rng.random(n) < survey["response"])
    supply, published = _supply(firms, each, weights, survey, answers, rng)
    bodies = round(float(each["bodies"].mean()))
    told_bodies = bodies + 1 if rng.random() < survey["asks_bodies"] else 0
    school = n + bodies if told_bodies else GROUP
    asks = bool(rng.random() < survey["asks_cooperation"])
    cooperation = _cooperation(firms, each, weights, answers, school, rng)
    columns = [supply, *(cooperation if asks else [])]
    if told_bodies:
        member, body = np.nonzero(rng.random((n, bodies)) < each["membership"][:, None])
        columns.append(_plain(member, n + body, MEMBERSHIP, 0))
    source, target, layer, ring, strategic = (np.concatenate(c) for c in zip(*columns, strict=True))
    target = np.where(ring > 0, STRANGER, target)
    named = (rng.random(len(source)) < survey["named"]) | (target >= n)
    target = np.where(named, target, GROUP)
    seat = np.where(firms.state, 2, np.where(firms.seat > 0, _outer(firms, weights, np.arange(n), rng), 0))
    return District(
        kind,
        firms._replace(seat=seat),
        Ties(source, target, layer, ring, strategic, rng.random(len(source)) < 0.5),
        known_size=((rng.random(n) < survey["sizes"]) | firms.leader) & (rng.random() < survey["asks_sizes"]),
        known_seat=(rng.random(n) < survey["seats"]) & ~firms.public & (rng.random() < survey["asks_owners"]),
        bodies=told_bodies,
        tells_commitments=bool(rng.random() < survey["asks_commitments"]),
        published=published,
        answered=np.isin(np.arange(n), answers),
        asks_cooperation=asks,
    )


def _supply(
    firms: Firms,
    each: Mapping[str, Floats],
    weights: Floats,
    survey: Mapping[str, float],
    answers: Ints,
    rng: np.random.Generator,
) -> tuple[Columns, Ints | None]:
    """Supply links of the answering firms as far as they are told, and their shares by ring if published.

    Some firms trade with neighbours alone, others with the world; inside ends are drawn to the leaders of the firm's
    own part.
    """
    everyone = np.arange(len(firms.size))
    total = 1 / each["unevenness"]
    inclination = rng.beta(np.maximum(each["inside"] * total, 1e-3), (1 - each["inside"]) * total)
    count = rng.poisson(each["links"] * np.where(firms.leader, LEADER_LINKS, 1))
    source = np.repeat(answers, count[answers])
    near = rng.random(len(source)) < inclination[source]
    target = _pick(everyone[~firms.leader], source, rng)
    drawn = (rng.random(len(source)) < each["pull"][source]) & ~firms.leader[source]
    for part in range(len(weights)):
        led = drawn & (firms.part[source] == part)
        target[led] = _pick(everyone[firms.leader & (firms.part == part)], source[led], rng)
    ring = np.where(near, 0, _outer(firms, weights, source, rng))
    shares = np.rint(100 * np.bincount(ring, minlength=4) / max(len(ring), 1)).astype(np.int64)
    published = shares if len(ring) and rng.random() < survey["publishes"] else None
    odds = np.where(near, each["strategic_inside"][source], each["strategic_outside"][source])
    told = rng.random(len(source)) < survey["told"]
    strategic = rng.random(len(source)) < odds
    layer = np.full(len(source), SUPPLY)
    return (source[told], target[told], layer[told], ring[told], strategic[told]), published


def _cooperation(
    firms: Firms,
    each: Mapping[str, Floats],
    weights: Floats,
    answers: Ints,
    school: int,
    rng: np.random.Generator,
) -> list[Columns]:
    """Ties to firms (R&D or informal) and to an R&D body inside, and R&D outside."""

    def some(name: str, more: float) -> Ints:
        """Firms that have such ties, once for each: one, and a Poisson number of further ones."""
        those = answers[rng.random(len(answers)) < each[name][answers]]
        return np.repeat(those, 1 + rng.poisson(more, len(those)))

    peers = some("peers", 1.0)
    partners = _pick(np.flatnonzero(~firms.leader), peers, rng)
    layers = np.where(rng.random(len(peers)) < 0.5, RD, INFORMAL)
    near = some("research_inside", 0.0)
    far = some("research_outside", 1.0)
    return [
        _plain(peers, partners, layers, 0),
        _plain(near, school, RD, 0),
        _plain(far, STRANGER, RD, _outer(firms, weights, far, rng)),
    ]


def _plain(source: Ints, target: Ints | int, layer: Ints | int, ring: Ints | int) -> Columns:
    """Columns of ties that nobody calls strategic."""
    n = len(source)
    return (source, *(np.broadcast_to(c, n).astype(np.int64) for c in (target, layer, ring)), np.zeros(n, dtype=bool))


# -- as a study --------------------------------------------------------------------------------------


def simulate(kind: str, seed: int | Sequence[int], which: str = "reference") -> Study:
    """A simulated district as a full study, to be used as any other.

    Parameters
    ----------
    kind, seed, which
        As in :func:`draw`.

    Returns
    -------
    Study
        Named after its kind and seed; ``meta`` holds both and the set of intervals.

    References
    ----------
    Markusen, A. (1996). Sticky places in slippery space: a typology of industrial districts. Economic Geography
    72(3), 293-313 (the types); the sources of each interval stand in ``districts.yaml``.

    Examples
    --------
    >>> import netklynge as nk
    >>> nk.classify(simulate("state_anchored", seed=4)).type
    'state_anchored'
    """
    return study_of(draw(kind, seed, which), f"{kind}-{seed}", {"simulated": kind, "seed": seed, "ranges": which})


def study_of(district: District, name: str = "simulated", meta: Mapping[str, Any] | None = None) -> Study:
    """A drawn district as a study: actors, ties and, if it has them, published shares."""
    from netklynge.study.study import Study

    firms, ties = district.firms, district.ties
    n = len(firms.size)
    names = [f"firm-{i + 1}" for i in range(n)] + [f"body-{i + 1}" for i in range(district.bodies)]
    ids = np.array(names, dtype=object)
    rings = np.array(RINGS, dtype=object)
    strangers = np.flatnonzero(ties.target == STRANGER)
    target = np.where(ties.target >= 0, ids[np.maximum(ties.target, 0)], "")
    target[strangers] = [f"partner-{i + 1}" for i in range(len(strangers))]
    groups = ties.target == GROUP
    target[groups] = [f"cat-partners-{ring}" for ring in rings[ties.ring[groups]]]
    kept = district.known_seat & (firms.seat > 0)
    owners = np.array([f"group-{i + 1}" for i in range(n)], dtype=object)
    owners[firms.state] = "the-state"

    outside = pd.DataFrame({"actor": target[strangers], "kind": "firm", "scale": rings[ties.ring[strangers]]})
    parents = pd.DataFrame(
        {
            "actor": owners[kept],
            "kind": np.where(firms.state[kept], "public", "parent"),
            "scale": rings[firms.seat[kept]],
        }
    ).drop_duplicates("actor")
    groups_by_ring = [f"cat-partners-{ring}" for ring in RINGS]
    categories = pd.DataFrame({"actor": groups_by_ring, "kind": "category", "scale": RINGS})
    schools = min(district.bodies, 1)
    kinds = np.array(["network_org"] * (district.bodies - schools) + ["education"] * schools, dtype=object)
    inside = pd.DataFrame(
        {
            "actor": ids,
            "kind": np.concatenate([np.where(firms.public, "public", "firm"), kinds]),
            "scale": "local",
            "employees": pd.Series(np.where(district.known_size, firms.size, np.nan)).reindex(range(len(ids))),
            "employees_year": pd.Series(np.where(district.known_size, YEAR, np.nan)).reindex(range(len(ids))),
            "owner_scale": pd.Series(rings[firms.seat]).where(district.known_seat).reindex(range(len(ids))),
        }
    )
    sells = ties.sells | (ties.layer != SUPPLY)
    told = pd.DataFrame(
        {
            "source": np.where(sells, ids[ties.source], target),
            "target": np.where(sells, target, ids[ties.source]),
            "layer": np.array(TOLD_LAYERS, dtype=object)[ties.layer],
            "scale": rings[ties.ring],
            "strategic": pd.Series(ties.strategic.astype(float)).where(
                (ties.layer == SUPPLY) & district.tells_commitments
            ),
        }
    )
    owned = pd.DataFrame(
        {"source": owners[kept], "target": ids[:n][kept], "layer": "ownership", "scale": rings[firms.seat[kept]]}
    )
    links = pd.DataFrame()
    if district.published is not None:
        links = pd.DataFrame(
            {
                "table": "simulated",
                "item": "supply links",
                "layer": "supply",
                "flow": "both",
                "group": "all respondents",
                "scale": RINGS,
                "value": district.published,
                "unit": "percent_of_links",
            }
        )
    actors = pd.concat([inside, outside, parents, categories], ignore_index=True)
    relations = pd.concat([told, owned], ignore_index=True).assign(directed=1, current=1)
    frames = {
        "actors": actors.assign(name=actors["actor"]),
        "relations": relations,
        "links": links,
        "answers": pd.DataFrame({"respondent": ids[:n][district.answered], "question": "survey"}),
    }
    given = {table: frame for table, frame in frames.items() if len(frame)}
    return Study.of(given, {**(meta or {}), "reference_year": YEAR, **_design(district)}, name=name)


# -- as a vector -------------------------------------------------------------------------------------


def _design(district: District) -> dict[str, Any]:
    """What ``study.yaml`` says of the survey: how many were asked, and of whom silence means no."""
    if not district.complete:
        return {"respondents": {}, "coverage": {}}
    layers = ["supply", *(("rd", "informal") if district.asks_cooperation else ())]
    coverage = {layer: {"of": "respondents"} for layer in layers}  # of bodies a study tells the members that matter
    n = len(district.firms.size)
    return {"respondents": {"asked": n, "answered": int(district.answered.sum())}, "coverage": coverage}


def arrays_of(district: District) -> Arrays:
    """A drawn district at the local cut as what is counted, without any frames."""
    firms, ties, n = district.firms, district.ties, len(district.firms.size)
    design = _design(district)
    bodies = np.zeros(district.bodies)
    kept = district.known_seat & (firms.seat > 0)
    owned = np.flatnonzero(kept)
    supply = ties.layer == SUPPLY
    inner = np.where(ties.ring == 0, CATEGORY_INSIDE, ELSEWHERE)
    target = np.where(ties.target >= 0, ties.target, np.where(ties.target == GROUP, inner, ELSEWHERE))
    turned = supply & ~ties.sells
    codes = np.array([LAYERS.index(layer) for layer in TOLD_LAYERS])
    outside = np.append(np.where(district.known_seat, firms.seat > 0, np.nan), bodies * np.nan)
    state = np.append(np.where(kept & firms.state, 1.0, np.where(district.known_seat, 0.0, np.nan)), bodies * np.nan)
    size = np.append(np.where(district.known_size, firms.size, np.nan), bodies * np.nan)
    school = np.arange(n + district.bodies) == n + district.bodies - 1 if district.bodies else np.zeros(n, dtype=bool)
    asked = np.zeros((n + district.bodies, len(LAYERS)), dtype=bool)
    sampled = np.zeros(len(LAYERS), dtype=bool)
    for layer, entry in design["coverage"].items():
        column = LAYERS.index(layer)
        sampled[column] = entry["of"] == "respondents"
        asked[: n if sampled[column] else None, column] = district.answered if sampled[column] else True
    told = design["respondents"].get("answered", 0)
    shrink = float(np.sqrt(1 - told / n)) if told else 1.0
    published = None
    if district.published is not None and told:
        inside = float(district.published[0] / district.published.sum())
        published = sample(inside * told, (1 - inside) * told, float("nan"), "published", told, shrink)
    a, b = np.where(turned, target, ties.source), np.where(turned, ties.source, target)
    near = ties.ring == 0
    return Arrays(
        firm=np.append(~firms.public, bodies > 0),
        public=np.append(firms.public, school[n:]),
        industrial=np.zeros(n + district.bodies, dtype=bool),
        body=np.append(np.zeros(n, dtype=bool), bodies == 0),
        hub=_hubs(a[supply], b[supply], near[supply], size, np.append(~firms.public, bodies > 0)),
        size=size,
        outside=outside,
        steered=outside,
        state=state,
        asked=asked,
        sampled=sampled,
        a=np.append(a, np.full(len(owned), ELSEWHERE)),
        b=np.append(b, owned),
        layer=np.append(codes[ties.layer], np.full(len(owned), LAYERS.index("ownership"))),
        near=np.append(near.astype(float), np.zeros(len(owned))),
        strategic=np.append(
            np.where(supply & district.tells_commitments, ties.strategic, np.nan), np.full(len(owned), np.nan)
        ),
        kin=np.zeros(len(a) + len(owned), dtype=bool),
        shrink=shrink,
        published=published,
    )


def _hubs(a: Ints, b: Ints, near: Flags, size: Floats, firm: Flags) -> Flags:
    """Hubs by the definition of :func:`netklynge.district.hubs.find_hubs`, on supply ties without amounts."""
    n = len(size)
    giver, taker = a[near], b[near]
    pairs = np.unique(np.stack([giver, taker], axis=1), axis=0) if len(giver) else np.zeros((0, 2), dtype=np.int64)
    both = (pairs >= 0).all(axis=1)
    several = np.zeros(n, dtype=bool)
    usual = np.full(n, np.nan)
    for own, other in ((0, 1), (1, 0)):
        mine = pairs[:, own] >= 0
        worth = np.where(pairs[mine, other] == CATEGORY_INSIDE, SEVERAL, 1)
        several |= np.bincount(pairs[mine, own], weights=worth, minlength=n) >= SEVERAL
    partners = np.unique(np.concatenate([pairs[both], pairs[both][:, ::-1]]), axis=0)
    for k in np.unique(partners[:, 0]):
        sizes = size[partners[partners[:, 0] == k, 1]]
        if not np.isnan(sizes).all():
            usual[k] = np.nanmedian(sizes)
    several |= _dependents(np.concatenate([a, b]), np.concatenate([b, a]), size, firm) >= SEVERAL
    return firm & (size >= LARGE) & several & ~(size < usual)


def _dependents(actor: Ints, partner: Ints, size: Floats, firm: Flags) -> Ints:
    """How many smaller firms have half or more of their told supply ties with each actor."""
    n = len(size)
    inner = actor >= 0
    actor, partner = actor[inner], partner[inner]
    told = np.bincount(actor, minlength=n)
    pairs, times = np.unique(np.stack([actor, partner], axis=1)[partner >= 0], axis=0, return_counts=True)
    who, whom = pairs[:, 0], pairs[:, 1]
    leans = (told[who] > 1) & (times >= DEPENDENT * told[who]) & firm[who] & ~(size[who] >= size[whom])
    return np.bincount(whom[leans], minlength=n)


def vector(district: District) -> dict[str, float]:
    """The hallmarks of a drawn district at the local cut.

    Equal to :func:`netklynge.typology.hallmarks.hallmarks` of :func:`study_of` the district (a test holds it to that),
    some hundred times quicker.
    """
    return {name: found.value for name, found in count(arrays_of(district)).items()}


def vectors(kinds: Iterable[str], count: int, seed: int = 0, which: str = "reference") -> pd.DataFrame:
    """Hallmarks of many simulated districts, without building studies.

    Parameters
    ----------
    kinds : iterable of str
        Types as in :func:`draw`.
    count : int
        Districts of each.
    seed : int
        District k of the i-th kind is ``draw(kind, [seed, i, k], which)``.
    which : {"reference", "other"}

    Returns
    -------
    DataFrame
        ``kind`` and one column per hallmark; ``count`` rows of each kind in turn.

    Examples
    --------
    >>> table = vectors(["small_firm", "satellite"], 20)
    >>> means = table.groupby("kind")["local_trade"].mean()
    >>> bool(means["small_firm"] > means["satellite"])
    True
    """
    rows = [
        {"kind": kind, **vector(draw(kind, [seed, i, k], which))} for i, kind in enumerate(kinds) for k in range(count)
    ]
    return pd.DataFrame(rows)


def measured(
    kinds: Iterable[str], count: int, seed: int = 0, which: str = "reference", progress: bool = False
) -> pd.DataFrame:
    """The districts of :func:`vectors`, each built as a study and measured as any study is; slow.

    Returns
    -------
    DataFrame
        ``kind``, one column per hallmark, and one per side and layer of :func:`netklynge.typology.levels.tied_shares`
        (``buzz_supply`` and so on).
    """
    from rich.console import Console
    from rich.progress import track

    from netklynge.typology.hallmarks import hallmarks
    from netklynge.typology.levels import tied_shares

    jobs = [(kind, [seed, i, k]) for i, kind in enumerate(kinds) for k in range(count)]
    rows = []
    for kind, seeds in track(jobs, "measuring", console=Console(stderr=True), disable=not progress):
        study = study_of(draw(kind, seeds, which))
        found = hallmarks(study).set_index("name")["value"]
        shares = tied_shares(study)
        sides = shares["side"] + "_" + shares["layer"]
        rows.append({"kind": kind, **found, **dict(zip(sides, shares["share"], strict=True))})
    return pd.DataFrame(rows)
