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
from netklynge.study.contracts import EVENT_LAYERS, UNSTATED
from netklynge.study.zones import NOT_RELEVANT, RINGS, UNKNOWN, rings_inside, zone_rings

if TYPE_CHECKING:
    from netklynge.study.study import Study

__all__ = ["InsideShare", "inside_share", "link_location", "locate", "tie_share"]

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
    order = nw.lit(len(RINGS))
    for k, name in enumerate(RINGS):
        order = nw.when(nw.col("ring") == name).then(nw.lit(k)).otherwise(order)
    table = (
        counts.with_columns(share.alias("share"))
        .with_columns((middle - half).clip(0, 1).alias("low"), (middle + half).clip(0, 1).alias("high"))
        .with_columns(order.alias("_order"))
        .sort(*groups, "_order", "ring", nulls_last=True)
    )
    return table.select(*by, "ring", "count", "n", "share", "low", "high").to_native()


# -- a study's table ---------------------------------------------------------------------------------


def locate(study: Study, layer: str | None = None) -> pd.DataFrame:
    """The link-location table of a study: its published answers item by item, and its ties layer by layer.

    Parameters
    ----------
    study : Study
    layer : str, optional
        Only this layer.

    Returns
    -------
    DataFrame
        One row per block (``layer``, ``flow``, ``item``, ``group``, ``table``, ``unit``) and ``ring``. ``count`` is
        the value as published or counted; ``n`` what the source gives as its base (respondents for published
        answers, ties with a known ring for ties), ``n_effective`` what it is worth where answers are weighted (Kish:
        the square of the sum of weights over the sum of their squares); ``share`` leaves "not relevant" out,
        ``share_of_answers`` keeps it in; ``low`` and ``high`` are the 95 % Wilson interval, on the links where an item
        counts them ring by ring, else on ``n``, in proportion to ``n_effective``, blank for shares of value and where
        no n is published; ``source`` is "published" or "ties".

    Raises
    ------
    NetklyngeError
        The layer is unknown.

    Notes
    -----
    A ring of a published row may be a zone of the survey's own. Items of one published table may be parts of a
    total row; nothing is added up here.

    Examples
    --------
    >>> import netklynge as nk
    >>> table = nk.locate(nk.load("kongsberg"), "supply")
    >>> total = table[table["item"] == "most important suppliers: all four supplier types"]
    >>> total.loc[total["ring"] == "local", ["share", "share_of_answers"]].round(3).values.tolist()
    [[0.204, 0.173]]
    """
    from netklynge.study.contracts import LAYERS

    if layer is not None:
        study.ties(layer)  # says so when the layer is unknown
    layer = "supply" if layer == "customer" else layer
    wanted = [name for name in (*LAYERS, UNSTATED) if layer in (None, name)]
    parts = []
    told = study.ties()
    counted = link_location(told[told["layer"].isin(set(wanted) - set(EVENT_LAYERS))])
    events = [link_location(study.ties(name)) for name in EVENT_LAYERS if name in wanted]
    counted = pd.concat([counted, *events])
    for name in wanted:
        parts += [_published_rows(block) for block in published_blocks(study, name)]
        parts.append(tie_rows(counted[counted["layer"] == name]))
    filled = [part.reindex(columns=_LOCATED) for part in parts if len(part)]
    return pd.concat(filled, ignore_index=True) if filled else pd.DataFrame(columns=_LOCATED)


_LOCATED = ["layer", "flow", "item", "group", "table", "ring", "count", "n", "n_effective", "share", "share_of_answers"]
_LOCATED += ["low", "high", "unit", "source"]


def tie_rows(counted: pd.DataFrame) -> pd.DataFrame:
    """Ties counted by :func:`link_location` as rows of a study's link-location table."""
    told = {"flow": "both", "item": "ties in force", "group": "actors", "table": "relations", "unit": "ties"}
    return counted.assign(**told, share_of_answers=counted["share"], n_effective=counted["n"], source="ties").reindex(
        columns=_LOCATED
    )


class Block(NamedTuple):
    """The published answers to one item: values by zone, the zones that each covers, and the base."""

    keys: dict[str, Any]
    zones: tuple[str, ...]
    rings: tuple[tuple[str, ...], ...]
    values: np.ndarray
    n: float
    n_effective: float = float("nan")

    @property
    def percent(self) -> bool:
        """Whether values are percentages."""
        return str(self.keys["unit"]).startswith("percent")

    @property
    def exhaustive(self) -> bool:
        """Whether the zones cover every ring, so that their values add up to all links.

        A zone that touches every ring ("Norway, Sweden and Finland") covers none of them wholly.
        """
        return {ring for rings in self.rings if len(rings) < len(RINGS) for ring in rings} == set(RINGS)

    @property
    def disjoint(self) -> bool:
        """Whether no zone lies within another ("local" within "Norway"): such values cannot be added up."""
        return not any(set(one) < set(other) for one in self.rings if one for other in self.rings)

    @property
    def relevant(self) -> float:
        """Base without "not relevant": the sum over an exhaustive set of zones, else 100 per cent or n."""
        placed = float(self.values[[bool(r) for r in self.rings]].sum())
        if self.exhaustive:
            return placed
        return max(self.answers - float(self.values[[z == NOT_RELEVANT for z in self.zones]].sum()), placed)

    @property
    def answers(self) -> float:
        """Base with "not relevant"."""
        if self.exhaustive:
            return float(self.values.sum())
        return 100.0 if self.percent else self.n

    @property
    def counted(self) -> float:
        """What an interval rests on: the links where they are counted, else n; nan for shares of value."""
        if self.keys["unit"] == "percent_of_value" or not self.relevant > 0:
            return float("nan")
        base = self.relevant if self.keys["unit"] == "count" and self.exhaustive else self.n
        # weighted answers tell as much as fewer unweighted ones (Kish)
        return base * self.n_effective / self.n if self.n_effective == self.n_effective else base

    def inside(self, cut: str) -> float:
        """Value inside `cut`; nan when a zone, or the part that no zone covers, lies on both sides of it."""
        within = set(rings_inside(cut))
        total = 0.0
        covered: set[str] = set()
        for rings, value in zip(self.rings, self.values, strict=True):
            covered |= set(rings)
            if set(rings) & within and not set(rings) <= within:
                return float("nan")
            total += float(value) if rings and set(rings) <= within else 0.0
        placed = float(self.values[[bool(r) for r in self.rings]].sum())
        rest = self.relevant - placed
        left = set(RINGS) - covered
        if not rest > 1e-9 * max(self.relevant, 1):
            return total
        if left & within and not left <= within:
            return float("nan")
        return total + (rest if left <= within else 0.0)


def published_blocks(study: Study, layer: str) -> list[Block]:
    """The blocks of published answers about one layer, in the order of the file."""
    return study.remember(("blocks", layer), lambda: _blocks(study, layer))


def _blocks(study: Study, layer: str) -> list[Block]:
    rows = study.links[(study.links["layer"] == layer).fillna(False) & study.links["value"].notna()]
    blocks = []
    for key, part in rows.groupby(_BLOCK, sort=False, dropna=False):
        zones = tuple(part["scale"])
        n = part["n"].max()
        blocks.append(
            Block(
                dict(zip(_BLOCK, (None if pd.isna(k) else k for k in key), strict=True)),
                zones,
                tuple(zone_rings(zone, study.own_zones) for zone in zones),
                part["value"].to_numpy(float),
                float("nan") if pd.isna(n) else float(n),
                _effective(part),
            )
        )
    return blocks


def _effective(part: pd.DataFrame) -> float:
    """The effective n of an item's rows; nan where its answers are not weighted."""
    told = pd.to_numeric(part["n_effective"], errors="coerce").max() if "n_effective" in part else float("nan")
    return float("nan") if pd.isna(told) else float(told)


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
            "n_effective": block.n_effective if block.n_effective == block.n_effective else block.n,
            "share": share,
            "share_of_answers": of_answers,
            "low": middle - half,
            "high": middle + half,
            "source": "published",
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
        and block.disjoint
        and block.relevant > 0
    ]
    flow = next((f for f in ("in", "both", "out") if any(block.keys["flow"] == f for block in usable)), None)
    told = [block for block in usable if block.keys["flow"] == flow]
    full = [block for block in told if block.exhaustive]
    tables = dict.fromkeys(block.keys["table"] for block in full)
    candidates = [_total([block for block in full if block.keys["table"] == table]) for table in tables]
    for blocks in (*candidates, *([block] for block in told)):
        found = _published_share(blocks, study.boundary)
        if found is not None:
            return found
    return tie_share(study, layer)


def tie_share(study: Study, layer: str) -> InsideShare:
    """Share of a layer's ties in force inside the cut, categories counted; ties without a ring are left out.

    Examples
    --------
    >>> import netklynge as nk
    >>> tie_share(nk.load("raufoss"), "supply")[:3]
    (19.0, 58.0, 58.0)
    """
    rings = study.ties(layer)["scale"].dropna()
    within = float(rings.isin(study.rings_inside()).sum())
    return InsideShare(within, float(len(rings)), float(len(rings)), "ties", "ties" if len(rings) else "none")


def _asked_all(group: str | None) -> bool:
    return group is None or str(group).lower().startswith("all respondents")


def _total(blocks: list[Block]) -> list[Block]:
    """The total row of a table's blocks if there is one, else all of them (of the first unit)."""
    blocks = [block for block in blocks if block.keys["unit"] == blocks[0].keys["unit"]]
    for block in blocks:
        others = [other for other in blocks if other is not block]
        if len(others) > 1 and all(other.zones == block.zones for other in others):
            off = np.abs(block.values - sum(other.values for other in others))
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
    ns = [n for block in blocks if (n := block.n if block.keys["unit"] == "percent_of_value" else block.counted) == n]
    return InsideShare(
        within,
        sum(block.relevant * weight for block, weight in zip(blocks, weights, strict=True)),
        max(ns) if ns else float("nan"),
        str(first.keys["unit"]),
        f"published: {label}, {name}",
    )
