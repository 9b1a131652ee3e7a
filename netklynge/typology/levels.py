"""How much buzz and how many pipelines: low, middle or high against simulated districts."""

from __future__ import annotations

from functools import lru_cache
from importlib import resources
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from netklynge.district.pipelines import partners
from netklynge.study.layers import BUZZ_LAYERS, PIPELINE_LAYERS
from netklynge.study.ties import district_ties
from netklynge.typology.anchors import TYPES

if TYPE_CHECKING:
    from netklynge.study.study import Study

__all__ = ["LEVELS", "levels", "reference_levels", "reference_table", "tied_shares"]

LEVELS: tuple[str, ...] = ("low", "middle", "high")
_SIDES = {"buzz": (BUZZ_LAYERS, True), "pipelines": (PIPELINE_LAYERS, False)}


def tied_shares(study: Study) -> pd.DataFrame:
    r"""Share of the firms inside that have a partner inside (buzz) and outside (pipelines), layer by layer.

    :math:`b_l = |\{i: i\ \text{has a partner inside in layer}\ l\}| / n`, and :math:`p_l` alike for partners outside,
    over the :math:`n` named firms inside the cut. A category counts as a partner; layers without ties are left out.

    Returns
    -------
    DataFrame
        ``side`` (buzz, pipelines), ``layer``, ``share``, ``firms`` (with a partner), ``n`` (firms).

    Examples
    --------
    >>> import netklynge as nk
    >>> table = tied_shares(nk.load("horten"))
    >>> table.loc[(table["side"] == "buzz") & (table["layer"] == "supply"), ["firms", "n"]].values.tolist()
    [[16, 31]]
    """
    firms = study.firms["actor"]
    rows = partners(study)
    rows = rows[rows["actor"].isin(firms)]
    told = set(district_ties(study)["layer"])
    table = []
    for side, (layers, within) in _SIDES.items():
        chosen = rows[(rows["inside"] == within).fillna(False).astype(bool)]
        held = chosen.groupby("layer")["actor"].nunique()
        table += [(side, layer, int(held.get(layer, 0))) for layer in layers if layer in told]
    frame = pd.DataFrame(table, columns=["side", "layer", "firms"])
    n = len(firms)
    return frame.assign(share=frame["firms"] / n if n else np.nan, n=n)[["side", "layer", "share", "firms", "n"]]


@lru_cache
def reference_table() -> pd.DataFrame:
    """The simulated districts that come with netklynge, measured as studies: ``kind``, hallmarks, tied shares.

    It is ``measured(KINDS_OF_DISTRICT, 120)`` of :mod:`netklynge.typology.simulation`; a test makes it again.
    """
    with resources.files("netklynge.typology").joinpath("districts.csv.gz").open("rb") as file:
        return pd.read_csv(file, compression="gzip")


def _told() -> dict[tuple[str, str], pd.Series[float]]:
    """Simulated shares by side and layer: of the four pure types, as many of each, where the layer was told."""
    table = reference_table()
    pure = table[table["kind"].isin(TYPES)]
    columns = [c for c in pure.columns if c.startswith(tuple(f"{side}_" for side in _SIDES))]
    parts = {tuple(column.split("_", 1)): pure[column].dropna() for column in columns}
    return {(side, layer): shares for (side, layer), shares in parts.items() if shares.nunique() > 2}


def reference_levels() -> pd.DataFrame:
    """Where low ends and high begins: the terciles of the simulated districts, by side and layer.

    Returns
    -------
    DataFrame
        ``side``, ``layer``, ``low_until`` and ``high_from`` (shares of firms), ``n`` (districts of the four types that
        tell of the layer).

    Notes
    -----
    The reference is as good as the intervals in ``districts.yaml``: it says how a share compares with districts like
    those, not with all districts there are. Layers that are not simulated have no level.

    Examples
    --------
    >>> table = reference_levels()
    >>> bool((table["low_until"] <= table["high_from"]).all())
    True
    """
    rows = [
        (side, layer, *(float(q) for q in shares.quantile([1 / 3, 2 / 3])), len(shares))
        for (side, layer), shares in _told().items()
    ]
    return pd.DataFrame(rows, columns=["side", "layer", "low_until", "high_from", "n"])


def levels(study: Study) -> pd.DataFrame:
    r"""Buzz and pipelines of a study, each low, middle or high against simulated districts.

    A layer's position is the share of simulated districts below it, ties counted half,
    :math:`P(r < x) + P(r = x)/2`; below 1/3 is low, above 2/3 high. A side's own position is the mean over its layers.

    Parameters
    ----------
    study : Study
        At any cut; the simulated districts are always seen at their local cut.

    Returns
    -------
    DataFrame
        One row per side and layer with a reference, and one per side with a blank layer: ``side``, ``layer``,
        ``share``, ``n``, ``position``, ``level``, ``low_until``, ``high_from``.

    References
    ----------
    Bathelt, H., Malmberg, A. & Maskell, P. (2004). Clusters and knowledge: local buzz, global pipelines and the
    process of knowledge creation. Progress in Human Geography 28(1), 31-56.

    Examples
    --------
    >>> import netklynge as nk
    >>> table = levels(nk.load("horten"))
    >>> sorted(set(table["side"]))
    ['buzz', 'pipelines']
    """
    reference = _told()
    table = tied_shares(study).merge(reference_levels().drop(columns="n"), on=["side", "layer"])
    position = [
        float((reference[side, layer] < share).mean() + (reference[side, layer] == share).mean() / 2)
        for side, layer, share in zip(table["side"], table["layer"], table["share"].round(9), strict=True)
    ]
    table = table.assign(position=pd.Series(position, index=table.index, dtype=float))
    whole = table.groupby("side", as_index=False).agg(position=("position", "mean"), n=("n", "first"))
    table = pd.concat([table, whole.assign(layer=pd.NA)], ignore_index=True)
    level = np.select([table["position"] < 1 / 3, table["position"] > 2 / 3], ["low", "high"], "middle")
    columns = ["side", "layer", "share", "n", "position", "level", "low_until", "high_from"]
    return table.assign(level=level)[columns].sort_values("side", kind="stable", ignore_index=True)
