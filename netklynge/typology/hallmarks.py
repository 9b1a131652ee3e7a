"""Hallmarks: the numbers that a district type is read from, each with its n and its source.

What every hallmark measures stands in ``anchors.yaml``; how it is computed stands here. A hallmark that the data
cannot give is blank, never zero. Each is a function of weights on what the study consists of (its actors, ties or
answers), all weights being one in the study itself, so that resampling asks the same definition again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from netklynge.district.buzz import BODY_KINDS, joint_body_rows, peer_cooperation
from netklynge.district.hubs import find_hubs
from netklynge.district.location import inside_share
from netklynge.district.pipelines import partners
from netklynge.study.layers import COOPERATION, INNOVATION_LAYERS, PIPELINE_LAYERS
from netklynge.study.study import SIZE_WINDOW
from netklynge.study.ties import district_ties, inside_ties, owners_above

if TYPE_CHECKING:
    from netklynge.study.study import Study

__all__ = ["HALLMARKS", "Measured", "hallmarks", "measure"]

SMALL = 50  # employees: a small enterprise in the European definition has fewer
FEWEST = 5  # ties or actors below which a share of strategic ties or a centralisation is not computed

Floats = npt.NDArray[np.float64]
Unit = Literal["actor", "tie", "answer"]


class Measured(NamedTuple):
    """A hallmark as a function of weights on units of the study.

    ``ids`` are the units (actors, index labels of ties, or the two sides of published answers); ``weigh`` takes weights
    of shape (replicates, units) and gives one value each. ``base`` holds the weights of the study itself.
    """

    n: float
    of: float
    source: str
    unit: Unit
    ids: npt.NDArray[Any]
    base: Floats
    weigh: Callable[[Floats], Floats]

    @property
    def value(self) -> float:
        """The hallmark in the study itself; nan when the data cannot give it."""
        return float("nan") if self.n == 0 else float(self.weigh(self.base[None, :])[0])


def measure(study: Study) -> dict[str, Measured]:
    """Every hallmark of the study's district at its cut and year."""
    return {name: define(study) for name, define in HALLMARKS.items()}


def hallmarks(study: Study) -> pd.DataFrame:
    """Measure every hallmark of the study's district at its cut and year.

    Returns
    -------
    DataFrame
        One row per hallmark: ``name``, ``value`` (blank when the data cannot give it), ``n`` (links, firms or bodies
        that it rests on), ``of`` (how many of them there are, known or not), ``source``.

    Examples
    --------
    >>> import netklynge as nk
    >>> table = hallmarks(nk.load("kongsberg")).set_index("name")
    >>> table.loc[["local_trade", "hub_jobs"], "value"].round(3).tolist()
    [0.204, 0.0]
    """
    rows = [(name, m.value, m.n, m.of, m.source) for name, m in measure(study).items()]
    return pd.DataFrame(rows, columns=["name", "value", "n", "of", "source"])


def _ratio(
    unit: Unit, ids: Iterable[Any], part: Any, whole: Any, of: float, source: str, n: float | None = None
) -> Measured:
    """A share or mean: the weighted sum of `part` over that of `whole`."""
    part, whole = np.asarray(part, dtype=float), np.asarray(whole, dtype=float)
    known = len(whole) if n is None else n
    if not whole.sum() > 0:
        known = 0

    def weigh(weights: Floats) -> Floats:
        below = weights @ whole
        share: Floats = np.divide(weights @ part, below, out=np.full(len(below), np.nan), where=below > 0)
        return share

    return Measured(known, of, source, unit, np.asarray(ids), np.ones(len(whole)), weigh)


def local_trade(study: Study) -> Measured:
    """Share of supply links inside the cut; see :func:`netklynge.district.location.inside_share`."""
    found = inside_share(study, "supply")
    if found.unit == "ties":
        ties = district_ties(study, "supply")
        return _ring_share(study, ties, found.source)
    sides = np.array([found.inside, found.total - found.inside]) / found.total
    made = _ratio("answer", ["inside", "outside"], [1, 0], [1, 1], found.n_effective, found.source, found.n_effective)
    return made._replace(base=sides)


def _ring_share(study: Study, ties: pd.DataFrame, source: str, fewest: int = 1) -> Measured:
    """Share of ties with a ring that is inside; blank below `fewest` of them."""
    rings = ties["scale"].dropna()
    within = rings.isin(study.rings_inside())
    known = len(rings) if len(rings) >= fewest else 0
    return _ratio("tie", rings.index, within, np.ones(len(rings)), len(ties), source, known)


def hub_jobs(study: Study) -> Measured:
    """Share of known jobs with hubs; see :func:`netklynge.district.hubs.find_hubs`."""
    sizes = study.firm_sizes()
    table = find_hubs(study)
    led = sizes.index.isin(table.loc[table["hub"], "actor"])
    known = len(sizes) if len(district_ties(study, "supply")) else 0
    source = "firms with a known size; supply ties"
    return _ratio("actor", sizes.index, sizes * led, sizes, len(study.firms), source, known)


def small_firm_jobs(study: Study) -> Measured:
    """Share of known jobs with firms under 50 employees; of a register's jobs where no firm's size is known."""
    sizes = study.firm_sizes()
    own = _ratio("actor", sizes.index, sizes * (sizes < SMALL), sizes, len(study.firms), "firms with a known size")
    return own if own.n else _of_register(study, "jobs_under_50", "jobs") or own


def mean_size(study: Study) -> Measured:
    """Mean employees of firms whose size is known; of a register's establishments where no firm's size is known."""
    sizes = study.firm_sizes()
    own = _ratio("actor", sizes.index, sizes, np.ones(len(sizes)), len(study.firms), "firms with a known size")
    return own if own.n else _of_register(study, "jobs", "units") or own


def _of_register(study: Study, part: str, whole: str) -> Measured | None:
    """A hallmark from the register of the study's place; None where the register does not tell it.

    A register tells of the place itself, so of no wider cut, and of a year as a size does. It is no sample: the
    hallmark is the same in every replicate.
    """
    told = study.meta.register
    if study.boundary != "local" or not told or not _near(study, told.get("year")):
        return None
    above, below = told.get(part), told.get(whole)
    if not isinstance(above, int | float) or not isinstance(below, int | float) or not below > 0:
        return None
    value, nobody = above / below, np.empty(0)
    source = f"register: {told.get('source', '')}"
    return Measured(below, below, source, "actor", nobody, nobody, lambda weights: np.full(len(weights), value))


def _near(study: Study, year: Any) -> bool:
    """Whether a register's year is near enough to the study's; without a year it counts for the reference year only."""
    taken = year if isinstance(year, int) else study.reference_year
    return study.when is None or (taken is not None and abs(taken - study.when) <= SIZE_WINDOW)


def outside_control(study: Study) -> Measured:
    """Share of known jobs whose owner group's seat is told and lies outside the cut."""
    sizes = study.firm_sizes()
    seat = study.firms.set_index("actor")["owner_scale"].reindex(sizes.index)
    told = sizes[seat.notna()]
    outside = ~seat.dropna().isin(study.rings_inside())
    source = "firms with a known size and owner's seat"
    return _ratio("actor", told.index, told * outside, told, len(study.firms), source)


def state_control(study: Study) -> Measured:
    """Share of known jobs with public and education bodies or with firms that have a public owner.

    The owner is the first one told: a firm owned by a group that the state partly owns is the group's. Firms of which
    no owner is told at all are left out.
    """
    sizes = study.sizes()
    kinds = study.actors.set_index("actor")["kind"]
    ownership = district_ties(study, "ownership")
    public_owned = set(ownership.loc[ownership["source"].map(kinds) == "public", "target"])
    body = kinds.reindex(sizes.index).isin(["public", "education"]).to_numpy()
    seat = study.insiders.set_index("actor")["owner_scale"].reindex(sizes.index).notna().to_numpy()
    told = body | seat | sizes.index.isin(ownership["target"])
    anchored = (body | sizes.index.isin(public_owned))[told]
    known = sizes[told]
    source = "actors with a known size and owner; ownership ties"
    return _ratio("actor", known.index, known * anchored, known, len(sizes), source)


def _firm_share(study: Study, layers: tuple[str, ...], those: Iterable[str], source: str) -> Measured:
    """Share of firms that are among `those`; blank when the study has no tie at all in the layers."""
    firms = study.firms["actor"]
    told = len(firms) if district_ties(study)["layer"].isin(layers).any() else 0
    return _ratio("actor", firms, firms.isin(set(those)), np.ones(len(firms)), len(firms), source, told)


def peer_share(study: Study) -> Measured:
    """Share of firms that cooperate with another firm inside; see :func:`netklynge.peer_cooperation`."""
    table = peer_cooperation(study)
    cooperating = table.loc[table["cooperates"], "actor"]
    return _firm_share(study, COOPERATION, cooperating, "ties in the layers rd, alliance, informal, licence")


def inside_innovation(study: Study) -> Measured:
    """Share of firms with an innovation partner of any kind inside, outside their own owner group."""
    rows = partners(study, INNOVATION_LAYERS)
    rows = rows[rows["inside"].fillna(False).astype(bool)]
    above = owners_above(study)
    apart = {a for a, p in zip(rows["actor"], rows["partner"], strict=True) if not above[a] & above[p]}
    return _firm_share(study, INNOVATION_LAYERS, apart, "ties in the layers rd, alliance, licence")


def outside_reach(study: Study) -> Measured:
    """Share of firms with at least one pipeline out of the cut."""
    rows = partners(study, PIPELINE_LAYERS)
    holders = rows.loc[(~rows["inside"]).fillna(False).astype(bool), "actor"]
    return _firm_share(study, PIPELINE_LAYERS, holders, "ties in the pipeline layers")


def local_commitments(study: Study) -> Measured:
    """Share of strategic supply ties with a ring whose other end is inside; blank below five of them."""
    ties = district_ties(study, "supply")
    return _ring_share(study, ties[ties["strategic"].fillna(False).astype(bool)], "strategic supply ties", FEWEST)


def _any_of(weights: Floats, group: npt.NDArray[np.int64], number: int) -> Floats:
    """Whether any unit of each group has weight: 1 or 0 by replicate and group."""
    member = np.zeros((len(group), number))
    member[np.arange(len(group)), group] = 1
    return np.asarray((weights > 0) @ member > 0, dtype=float)


def body_count(study: Study) -> Measured:
    """Number of joint bodies (see :func:`netklynge.joint_bodies`); blank when no body inside is named at all."""
    rows = joint_body_rows(study)
    bodies = int(study.insiders["kind"].isin(BODY_KINDS).sum())
    body, bodies_with_ties = pd.factorize(rows["body"])
    pair, pairs = pd.factorize(rows["body"] + "\0" + rows["participant"])
    first = pd.Series(pair).drop_duplicates().index
    of_pair, firm = body[first], rows["firm"].to_numpy(bool)[first]

    def weigh(weights: Floats) -> Floats:
        there = _any_of(weights, pair, len(pairs))
        member = np.zeros((len(pairs), len(bodies_with_ties)))
        member[np.arange(len(pairs)), of_pair] = 1
        shared = (there @ member >= 2) & (there @ (member * firm[:, None]) >= 1)
        return np.asarray(shared.sum(axis=1), dtype=float)

    source = "membership, ownership and alliance ties of bodies"
    return Measured(bodies, bodies, source, "tie", rows["tie"].to_numpy(), np.ones(len(rows)), weigh)


def evenness(study: Study) -> Measured:
    """One minus Freeman's degree centralisation of named supply ties inside; blank below five actors.

    The formula of :func:`netklynge.centralization`, over all replicates at once.
    """
    ties = inside_ties(study, "supply")
    ends, actors = pd.factorize(pd.concat([ties["source"], ties["target"]]))
    lower, upper = np.minimum(*ends.reshape(2, -1)), np.maximum(*ends.reshape(2, -1))
    pair, pairs = pd.factorize(lower * max(len(actors), 1) + upper)
    incidence = np.zeros((len(pairs), len(actors)))
    incidence[np.arange(len(pairs)), pairs // max(len(actors), 1)] = 1
    incidence[np.arange(len(pairs)), pairs % max(len(actors), 1)] = 1

    def weigh(weights: Floats) -> Floats:
        there = _any_of(weights, pair, len(pairs))
        degree = there @ incidence
        present = (degree > 0).sum(axis=1)
        spread = (degree.max(axis=1, initial=0)[:, None] - degree) * (degree > 0)
        most = (present - 1.0) * (present - 2.0)
        return np.asarray(1 - np.divide(spread.sum(axis=1), most, out=np.full(len(weights), np.nan), where=most > 0))

    known = len(actors) if len(actors) >= FEWEST else 0
    source = "named supply ties inside"
    return Measured(known, len(study.firms), source, "tie", ties.index.to_numpy(), np.ones(len(ties)), weigh)


HALLMARKS: dict[str, Callable[[Study], Measured]] = {
    "local_trade": local_trade,
    "hub_jobs": hub_jobs,
    "small_firm_jobs": small_firm_jobs,
    "mean_size": mean_size,
    "outside_control": outside_control,
    "state_control": state_control,
    "peer_cooperation": peer_share,
    "local_commitments": local_commitments,
    "joint_bodies": body_count,
    "evenness": evenness,
    "outside_reach": outside_reach,
    "inside_innovation": inside_innovation,
}
