"""Link location: where the other ends of a district's links sit.

Two sources are kept apart. *Published answers* (``links``) have denominators; *ties* (``relations``) are what
somebody told by name or by category. Shares come from published answers where these say enough, else from
ties, and every row says which.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import narwhals as nw
import numpy as np
import pandas as pd

from netklynge.chance import _wilson
from netklynge.findings import NetklyngeError
from netklynge.study.ties import between_outsiders, district_ties
from netklynge.study.views import once_at_any_cut
from netklynge.study.zones import NOT_RELEVANT, RINGS, UNKNOWN, rings_inside, zone_rings

if TYPE_CHECKING:
    from netklynge.study.study import Study

__all__ = ["InsideShare", "inside_share", "link_location", "locate", "tie_share"]

TOLD, WITHHELD = "told", "withheld"  # states of a published answer
_COUNTED = ("ring", "count", "n", "share", "low", "high")
_BLOCK = ["table", "item", "layer", "flow", "group", "unit"]


def link_location(relations: Any, by: Sequence[str] = ("layer",), ring: str = "scale") -> Any:
    r"""Count links by ring, with shares and 95 % Wilson intervals.

    For a group of :math:`n` links with a known ring, :math:`k` of them in a ring, the share is :math:`p = k/n` and
    the interval :math:`\left(p + \frac{z^2}{2n} \pm z\sqrt{\frac{p(1-p)}{n} + \frac{z^2}{4n^2}}\right) / (1 + z^2/n)`,
    :math:`z = 1.96`.

    Parameters
    ----------
    relations : frame
        One row per link: pandas, polars (eager or lazy), pyarrow, DuckDB or Spark.
    by : sequence of str
        Columns that make the groups; an empty sequence makes one group.
    ring : str
        The column that holds the ring.

    Returns
    -------
    frame of the kind that came in
        Columns `by`, ``ring``, ``count`` (links), ``n`` (links of the group whose ring is known), ``share``,
        ``low``, ``high`` (0 to 1). Links with a blank ring are counted in a row ``unknown`` of their own, without
        a share: unknown is not outside.

    Raises
    ------
    NetklyngeError
        A column is missing.

    References
    ----------
    Wilson, E. B. (1927). Probable inference, the law of succession, and statistical inference. Journal of the
    American Statistical Association 22(158), 209-212.

    Examples
    --------
    >>> import netklynge as nk
    >>> ties = nk.load("horten").ties("supply")
    >>> nk.link_location(ties)[["ring", "count", "n"]].head(2).values.tolist()
    [['local', 22, 39], ['regional', 1, 39]]
    """
    frame = nw.from_native(relations)
    names = frame.collect_schema().names()
    for column in (*by, ring):
        if column not in names:
            raise NetklyngeError(f"column '{column}' is missing; the table has {', '.join(names)}")
    for column in by:
        if column in _COUNTED:
            raise NetklyngeError(f"by: '{column}' is a column of the result; rename it before links are counted by it")
    known = nw.col("ring").is_in(list(RINGS))
    groups = list(by) or ["_all"]
    if not by:
        frame = frame.with_columns(nw.lit(1).alias("_all"))
    counts = (
        frame.select(*groups, nw.col(ring).cast(nw.String).fill_null(UNKNOWN).alias("ring"))
        .group_by(*groups, "ring")
        .agg(nw.len().alias("count"))
        .with_columns(nw.col("count").cast(nw.Int64))
        .with_columns(nw.when(known).then(nw.col("count")).otherwise(0).alias("_k"))
    )
    counts = counts.with_columns(nw.col("_k").sum().over(*groups).cast(nw.Int64).alias("n"))
    share = nw.when(known & (nw.col("n") > 0)).then(nw.col("count") / nw.col("n"))
    middle, half = _wilson(nw.col("share"), nw.col("n"))

    def within(bound: nw.Expr) -> nw.Expr:  # narwhals 2.16 clips a missing bound to 1 on Arrow and DuckDB
        return nw.when(~nw.col("share").is_null()).then(bound.clip(0, 1))

    order = nw.lit(len(RINGS))
    for k, name in enumerate(RINGS):
        order = nw.when(nw.col("ring") == name).then(nw.lit(k)).otherwise(order)
    table = (
        counts.with_columns(share.alias("share"))
        .with_columns(within(middle - half).alias("low"), within(middle + half).alias("high"))
        .with_columns(order.alias("_order"))
        .sort(*groups, "_order", "ring", nulls_last=True)
    )
    return table.select(*by, "ring", "count", "n", "share", "low", "high").to_native()


# -- a study's table ---------------------------------------------------------------------------------


def locate(study: Study, layer: str | None = None, weight: str | None = None) -> pd.DataFrame:
    """The link-location table of a study: its published answers item by item, and its ties layer by layer.

    Parameters
    ----------
    study : Study
    layer : str, optional
        Only this layer.
    weight : str, optional
        A column of numbers in the relations, such as ``amount``: what the ties are worth, beside how many they are.

    Returns
    -------
    DataFrame
        One row per block (``layer``, ``flow``, ``item``, ``group``, ``table``, ``unit``) and ``ring``. ``count`` is
        the value as published or counted; ``n`` what the source gives as its base (respondents for published
        answers, ties with a known ring for ties); ``share`` leaves "not relevant" out, ``share_of_answers`` keeps
        it in; ``low`` and ``high`` are the 95 % Wilson interval, on the links where an item counts them ring by ring,
        else on ``n_effective``, blank for shares of value and where no n is published. ``n_effective`` is the number of
        unweighted answers that tells as much as the n weighted ones (Kish: the square of the sum of weights over the
        sum of their squares), equal to ``n`` without weights.
        ``unknown`` is what the block leaves unplaced: ties without a ring, or what the parts of a published answer fall
        short of its base (23 of 24 placed: 1), blank where its zones don't cover every ring. ``between_outsiders`` is
        the number of the layer's ties that have no end in the district and are counted nowhere. ``state`` is "told", or
        "withheld" for a published answer without its value, which is no zero. ``source`` is "published" or "ties".
        With `weight` also ``amount`` and ``amount_share`` (of the ties with an amount and a ring), ``priced`` and
        ``unpriced`` (ties with and without one), ``currency``.

    Raises
    ------
    NetklyngeError
        The layer is unknown; `weight` is no column of numbers, or its amounts are in several currencies.

    Notes
    -----
    A ring of a published row may be a zone of the survey's own. Zones that overlap are each a share of the same base;
    they do not add up. Items of one published table may be parts of a total row; nothing is added up here.

    Examples
    --------
    >>> import netklynge as nk
    >>> table = nk.locate(nk.load("kongsberg"), "supply")
    >>> total = table[table["item"] == "most important suppliers: all four supplier types"]
    >>> total.loc[total["ring"] == "local", ["share", "share_of_answers"]].round(3).values.tolist()
    [[0.204, 0.173]]
    """
    if layer is not None:
        study.ties(layer)  # says so when the layer is unknown
    layer = "supply" if layer == "customer" else layer
    wanted = [name for name in study.known_layers if layer in (None, name)]
    parts = []
    columns = [*_LOCATED, *WEIGHED] if weight else _LOCATED
    ties = {name: district_ties(study, name) for name in wanted}
    counted = link_location(pd.concat(ties.values(), ignore_index=True))  # by layer, all in one go
    for name in wanted:
        parts += [_published_rows(block) for block in published_blocks(study, name)]
        parts.append(_withheld(study, name))
        rows = tie_rows(counted[counted["layer"] == name].reset_index(drop=True), between_outsiders(study, name))
        parts.append(rows.join(_weighed(ties[name], weight), on="ring") if weight else rows)
    filled = [part.reindex(columns=columns) for part in parts if len(part)]
    table = pd.concat(filled, ignore_index=True) if filled else pd.DataFrame(columns=columns)
    return table.astype({"between_outsiders": "Int64"})


_LOCATED = ["layer", "flow", "item", "group", "table", "ring", "count", "n", "share", "share_of_answers"]
_LOCATED += ["low", "high", "unit", "source", "state", "n_effective", "unknown", "between_outsiders"]
WEIGHED = ["amount", "amount_share", "priced", "unpriced", "currency"]


def tie_rows(counted: pd.DataFrame, outsiders: int = 0) -> pd.DataFrame:
    """Ties counted by :func:`link_location` as rows of a study's link-location table.

    `outsiders` is the number of ties known to lie between outsiders, which were left out.
    """
    told = {"flow": "both", "item": "ties in force", "group": "actors", "table": "relations", "unit": "ties"}
    unknown = counted["count"].where(counted["ring"] == UNKNOWN, 0).groupby(counted["layer"]).transform("sum")
    return counted.assign(
        **told,
        share_of_answers=counted["share"],
        source="ties",
        state=TOLD,
        n_effective=counted["n"],
        unknown=unknown,
        between_outsiders=outsiders,
    ).reindex(columns=_LOCATED)


def _withheld(study: Study, layer: str) -> pd.DataFrame:
    """Published answers whose value is not given: asked, and not zero."""
    rows = study.links[(study.links["layer"] == layer).fillna(False) & study.links["value"].isna()]
    kept = rows[[*_BLOCK, "n", "n_effective"]].assign(ring=rows["scale"], source="published", state=WITHHELD)
    return kept.assign(n_effective=kept["n_effective"].fillna(kept["n"]))


def _weighed(ties: pd.DataFrame, weight: str) -> pd.DataFrame:
    """What ties are worth by ring, in :data:`WEIGHED`."""
    worth = amounts(ties, weight)
    rings = ties["scale"].fillna(UNKNOWN).astype(str)
    sums = worth.groupby(rings).sum(min_count=1)
    placed = worth[rings != UNKNOWN].sum()
    told = worth.notna()
    return pd.DataFrame(
        {
            "amount": sums,
            "amount_share": (sums / placed if placed else sums * np.nan).drop(UNKNOWN, errors="ignore"),
            "priced": told.groupby(rings).sum(),
            "unpriced": (~told).groupby(rings).sum(),
            "currency": currency(ties, worth),
        }
    )


def amounts(ties: pd.DataFrame, weight: str) -> pd.Series[float]:
    """What each tie is worth, blank where nobody tells.

    Raises
    ------
    NetklyngeError
        `weight` is no column of numbers, or the amounts are in several currencies.
    """
    if weight not in ties:
        raise NetklyngeError(
            f"weight: the ties have no column '{weight}'; they have {', '.join(map(str, ties.columns))}"
        )
    worth = pd.to_numeric(ties[weight], errors="coerce").astype(float)
    wrong = ties[weight].notna() & worth.isna()
    if wrong.any():
        first = ties[weight][wrong].iloc[0]
        raise NetklyngeError(f"weight: '{first}' in column '{weight}' is no number; give amounts with a decimal point")
    currency(ties, worth)
    return worth


def currency(ties: pd.DataFrame, worth: pd.Series[float]) -> str | None:
    """The currency of the amounts, None where it is not told."""
    told = sorted(ties.loc[worth.notna(), "currency"].dropna().unique())
    if len(told) > 1:
        raise NetklyngeError(f"weight: amounts are in {' and '.join(told)}, which do not add up; give one currency")
    return str(told[0]) if told else None


class Block(NamedTuple):
    """The published answers to one item: values by zone, the zones that each covers, and the base."""

    keys: dict[str, Any]
    zones: tuple[str, ...]
    rings: tuple[tuple[str, ...], ...]
    values: np.ndarray
    n: float
    n_effective: float

    @property
    def percent(self) -> bool:
        """Whether values are percentages."""
        return str(self.keys["unit"]).startswith("percent")

    @property
    def exhaustive(self) -> bool:
        """Whether the zones cover every ring, so that their values add up to all links.

        A zone that touches every ring ("Norway, Sweden and Finland") covers none of them wholly.
        """
        chosen = [rings for rings, part in zip(self.rings, self.parts, strict=True) if part and len(rings) < len(RINGS)]
        return {ring for rings in chosen for ring in rings} == set(RINGS)

    @property
    def disjoint(self) -> bool:
        """Whether no zone lies within another ("local" within "Norway"): such values cannot be added up."""
        return not any(set(one) < set(other) for one in self.rings if one for other in self.rings)

    @property
    def parts(self) -> list[bool]:
        """Which zones add up: those that no other of the zones lies within ("local" of "local" and "Norway")."""
        return [bool(r) and not any(set(o) < set(r) for o in self.rings if o) for r in self.rings]

    @property
    def placed(self) -> float:
        """The sum of what has a place, each answer once."""
        return float(self.values[self.parts].sum())

    @property
    def unknown(self) -> float:
        """What the parts of the whole fall short of its base; nan where they need not add up to it."""
        whole = 100.0 if self.percent else self.n
        if not self.exhaustive or not whole > 0:
            return float("nan")
        short = whole - self.placed - float(self.values[[z == NOT_RELEVANT for z in self.zones]].sum())
        figure = 0.5 if (self.values == np.round(self.values)).all() else 0.05  # half a unit of what is printed
        rounding = figure * len(self.values) if self.percent else 0.0
        return float("nan") if short < -rounding - 1e-9 else short if short > rounding + 1e-9 else 0.0

    @property
    def relevant(self) -> float:
        """Base without "not relevant": the sum over an exhaustive set of zones, else 100 per cent or n."""
        placed = self.placed
        if self.exhaustive:
            return placed
        return max(self.answers - float(self.values[[z == NOT_RELEVANT for z in self.zones]].sum()), placed)

    @property
    def answers(self) -> float:
        """Base with "not relevant"."""
        if self.exhaustive:
            return self.placed + float(self.values[[z == NOT_RELEVANT for z in self.zones]].sum())
        return 100.0 if self.percent else self.n

    @property
    def counted(self) -> float:
        """What an interval rests on: the links where they are counted, else n; nan for shares of value."""
        if self.keys["unit"] == "percent_of_value" or not self.relevant > 0:
            return float("nan")
        return self.base * self.worth

    @property
    def base(self) -> float:
        """How many the shares are of: the links where they are counted, else n."""
        return self.relevant if self.keys["unit"] == "count" and self.exhaustive else self.n

    @property
    def worth(self) -> float:
        """How much a weighted answer tells beside an unweighted one (Kish); 1 without weights."""
        return self.n_effective / self.n if self.n > 0 else 1.0

    def inside(self, cut: str) -> float:
        """Value inside `cut`; nan when a zone, or the part that no zone covers, lies on both sides of it."""
        within = set(rings_inside(cut))
        total = 0.0
        covered: set[str] = set()
        for rings, value, part in zip(self.rings, self.values, self.parts, strict=True):
            if not part:
                continue
            covered |= set(rings)
            if set(rings) & within and not set(rings) <= within:
                return float("nan")
            total += float(value) if rings and set(rings) <= within else 0.0
        rest = self.relevant - self.placed
        left = set(RINGS) - covered
        if not rest > 1e-9 * max(self.relevant, 1):
            return total
        if left & within and not left <= within:
            return float("nan")
        return total + (rest if left <= within else 0.0)


@once_at_any_cut
def published_blocks(study: Study, layer: str) -> list[Block]:
    """The blocks of published answers about one layer, in the order of the file."""
    rows = study.links[(study.links["layer"] == layer).fillna(False) & study.links["value"].notna()]
    blocks = []
    for key, part in rows.groupby(_BLOCK, sort=False, dropna=False):
        zones = tuple(part["scale"])
        n, effective = part["n"].max(), part["n_effective"].fillna(part["n"]).max()
        blocks.append(
            Block(
                dict(zip(_BLOCK, (None if pd.isna(k) else k for k in key), strict=True)),
                zones,
                tuple(zone_rings(zone, study.own_zones) for zone in zones),
                part["value"].to_numpy(float),
                float("nan") if pd.isna(n) else float(n),
                float("nan") if pd.isna(effective) else float(effective),
            )
        )
    return blocks


def _published_rows(block: Block) -> pd.DataFrame:
    relevant = np.array([zone != NOT_RELEVANT for zone in block.zones])
    share = np.where(relevant, block.values / block.relevant if block.relevant > 0 else np.nan, np.nan)
    of_answers = block.values / block.answers if block.answers > 0 else np.full(len(share), np.nan)
    middle, half = _wilson(share, block.counted if np.nanmax(share, initial=0) <= 1 else np.nan)
    return pd.DataFrame(
        {
            **block.keys,
            "ring": block.zones,
            "count": block.values,
            "n": block.n,
            "share": share,
            "share_of_answers": of_answers,
            "low": middle - half,
            "high": middle + half,
            "source": "published",
            "state": TOLD,
            "n_effective": block.n_effective,
            "unknown": block.unknown,
        }
    )


# -- one share per layer and cut ---------------------------------------------------------------------


class InsideShare(NamedTuple):
    """How much of a layer lies inside a cut, and where that is known from."""

    inside: float
    total: float
    n: float
    unit: str
    source: str
    n_effective: float = float("nan")
    unknown: float = float("nan")

    @property
    def share(self) -> float:
        """Between 0 and 1; nan when nothing is known."""
        return self.inside / self.total if self.total > 0 else float("nan")


def inside_share(study: Study, layer: str) -> InsideShare:
    """Share of a layer's links inside the study's cut: from published answers if they say it, else from ties.

    Published answers count when all respondents gave them, as shares of links or value, and when every zone lies
    on one side of the cut. Purchases are read, sales only where nothing is published on purchases. A table that
    covers every ring goes before single figures told in prose; its total row is used when it has one (the item that
    equals the sum of the others), else the sum of its items.

    Examples
    --------
    >>> import netklynge as nk
    >>> share = inside_share(nk.load("kongsberg"), "supply")
    >>> round(share.share, 3), share.n, share.source
    (0.204, 27.0, 'published: table 5.4, most important suppliers: all four supplier types')
    >>> round(inside_share(nk.load("kongsberg").cut("regional"), "supply").share, 2)
    0.52
    """
    usable = [
        block
        for block in published_blocks(study, layer)
        if block.keys["unit"] != "percent_of_firms"
        and _asked_all(block.keys["group"])
        and (block.disjoint or block.exhaustive)
        and block.relevant > 0
    ]
    flow = next((f for f in ("in", "both", "out") if any(block.keys["flow"] == f for block in usable)), None)
    told = [block for block in usable if block.keys["flow"] == flow]
    full = [block for block in told if block.exhaustive]
    # whichever row was typed first: the table and the figure with the most behind it, then by name
    full.sort(key=_most_behind)
    tables = dict.fromkeys(block.keys["table"] for block in full)
    candidates = [_total([block for block in full if block.keys["table"] == table]) for table in tables]
    for blocks in (*candidates, *([block] for block in sorted(told, key=_most_behind))):
        found = _published_share(blocks, study.boundary)
        if found is not None:
            return found
    return tie_share(study, layer)


def tie_share(study: Study, layer: str) -> InsideShare:
    """Share of the district's ties in force of a layer inside the cut, categories counted.

    Ties without a ring are left out, and counted as unknown.

    Examples
    --------
    >>> import netklynge as nk
    >>> tie_share(nk.load("raufoss"), "supply")[:3]
    (19.0, 58.0, 58.0)
    """
    told = district_ties(study, layer)["scale"]
    rings = told.dropna()
    within, n = float(rings.isin(study.rings_inside()).sum()), float(len(rings))
    return InsideShare(within, n, n, "ties", "ties" if len(rings) else "none", n, float(told.isna().sum()))


def _asked_all(group: str | None) -> bool:
    return group is None or str(group).lower().startswith("all respondents")


def _most_behind(block: Block) -> tuple[float, str]:
    return (-block.n if block.n == block.n else 0.0), str(sorted((k, str(v)) for k, v in block.keys.items()))


def _total(blocks: list[Block]) -> list[Block]:
    """The total row of a table's blocks if there is one, else all of them (of the first unit)."""
    blocks = [block for block in blocks if block.keys["unit"] == blocks[0].keys["unit"]]
    for block in blocks:
        others = [other for other in blocks if other is not block]
        if len(others) > 1 and all(set(other.zones) == set(block.zones) for other in others):
            parts = (dict(zip(other.zones, other.values, strict=True)) for other in others)
            sums = [
                sum(values) for values in zip(*([part[zone] for zone in block.zones] for part in parts), strict=True)
            ]
            off = np.abs(block.values - np.array(sums))
            if (off <= 0.05 * (len(others) + 1) + 1e-9).all():  # printed to one decimal: half a unit a figure
                return [block]
    return blocks


def _published_share(blocks: Iterable[Block], cut: str) -> InsideShare | None:
    blocks = list(blocks)
    # Items that each add up to 100 per cent weigh by how many answered them; parts of one total weigh as they are.
    apart = len(blocks) > 1 and all(block.percent and abs(block.answers - 100) < 2 for block in blocks)
    weights = [block.n / 100 if apart and block.n == block.n else 1.0 for block in blocks]
    within = sum(block.inside(cut) * weight for block, weight in zip(blocks, weights, strict=True))
    if within != within:
        return None
    first = blocks[0]
    name = first.keys["item"] if len(blocks) == 1 else f"{len(blocks)} items"
    where = first.keys["table"]
    label = "prose" if where == "prose" else f"table {where}" if where else "answers"
    largest = max((block for block in blocks if block.base == block.base), key=lambda b: b.base, default=first)
    return InsideShare(
        within,
        sum(block.relevant * weight for block, weight in zip(blocks, weights, strict=True)),
        largest.base,
        str(first.keys["unit"]),
        f"published: {label}, {name}",
        largest.base * largest.worth,
        first.unknown if len(blocks) == 1 else float("nan"),
    )
