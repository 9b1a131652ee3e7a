"""Pipelines: the ties that actors inside the district have to partners outside it, and who holds them.

A pipeline is built on purpose to a chosen partner (Bathelt, Malmberg & Maskell 2004); the layers that carry
pipelines are named in :mod:`netklynge.study.layers`. Talks, visits and memberships are buzz, wherever they reach.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import pandas as pd

from netklynge.study.layers import BUZZ_LAYERS, PIPELINE_LAYERS
from netklynge.study.views import once_per_view
from netklynge.study.zones import inside

if TYPE_CHECKING:
    from netklynge.study.study import Study

__all__ = ["mean_pipelines_around", "partner_counts", "partners"]


def partners(study: Study, layers: Iterable[str] | None = None) -> pd.DataFrame:
    """Each tie in force as its inside actors see it: who the partner is and on which side of the cut.

    Parameters
    ----------
    study : Study
        Its cut says what counts as inside.
    layers : iterable of str, optional
        Only these layers; default all.

    Returns
    -------
    DataFrame
        One row per tie and named inside actor at an end of it: ``actor``, ``partner``, ``layer``, ``gives`` (the
        tie runs from the actor), ``ring`` of the partner, ``inside`` (blank where the ring is), ``category``
        (the partner is a group, not an actor), ``tie`` (the label of its row in ``study.relations``). A tie between
        two insiders gives two rows.

    Notes
    -----
    The ring is that of the tie where one is coded and the partner is not itself inside, else the partner's own.

    Examples
    --------
    >>> import netklynge as nk
    >>> rows = partners(nk.load("kongsberg"), ["supply"])
    >>> int((rows["actor"] == "kongsberg-automotive").sum())
    8
    """
    rows = _partners(study)
    return rows if layers is None else rows[rows["layer"].isin(list(layers))].reset_index(drop=True)


@once_per_view
def _partners(study: Study) -> pd.DataFrame:
    ties = study.ties()
    within = set(study.insiders["actor"])
    own = study.rings
    sides = []
    for actor, partner in (("source", "target"), ("target", "source")):
        side = ties[ties[actor].isin(within)]
        ring = side["scale"].fillna(side[partner].map(own))
        ring = ring.mask(side[partner].isin(within), side[partner].map(own))
        sides.append(
            pd.DataFrame(
                {
                    "actor": side[actor],
                    "partner": side[partner],
                    "layer": side["layer"],
                    "gives": actor == "source",
                    "ring": ring.astype("string"),
                    "inside": inside(ring.astype("string"), study.boundary),
                    "category": side[partner].isin(study.categories),
                    "tie": side.index,
                }
            )
        )
    return pd.concat(sides, ignore_index=True)


@once_per_view
def partner_counts(study: Study) -> pd.DataFrame:
    """Partners of each inside actor, inside and outside, per layer and as distinct actors.

    Returns
    -------
    DataFrame
        One row per named insider: ``actor``; ``inside`` and ``outside`` (distinct named partners in
        :data:`~netklynge.study.layers.BUZZ_LAYERS` and :data:`~netklynge.study.layers.PIPELINE_LAYERS`);
        ``inside_groups`` and ``outside_groups`` (distinct partners there that are told as a category: at least one
        partner each, and nobody says how many); ``inside_<layer>`` and ``outside_<layer>`` (distinct named partners in
        that layer); ``has_inside`` and ``has_outside`` (a named partner or a group), and ``gatekeeper`` (both).

    References
    ----------
    Giuliani, E. & Bell, M. (2005). The micro-determinants of meso-level learning and innovation. Research Policy
    34(1), 47-68.

    Examples
    --------
    >>> import netklynge as nk
    >>> counts = partner_counts(nk.load("kongsberg")).set_index("actor")
    >>> int(counts.loc["kongsberg-automotive", "outside_supply"])
    8
    """
    rows = partners(study)
    index = pd.Index(study.insiders["actor"], name="actor")
    near = rows[rows["inside"].fillna(False).astype(bool) & rows["layer"].isin(BUZZ_LAYERS)]
    far = rows[(~rows["inside"]).fillna(False).astype(bool) & rows["layer"].isin(PIPELINE_LAYERS)]
    sides = {"inside": near, "outside": far}
    named = {side: part[~part["category"]] for side, part in sides.items()}
    groups = {f"{side}_groups": part[part["category"]] for side, part in sides.items()}
    frame = pd.DataFrame(
        {
            name: part.groupby("actor")["partner"].nunique().reindex(index, fill_value=0)
            for name, part in {**named, **groups}.items()
        }
    )
    per_layer = {side: part.groupby(["layer", "actor"])["partner"].nunique() for side, part in named.items()}
    for layer in study.layers:
        for side, counts in per_layer.items():
            if layer in counts.index.get_level_values(0):
                frame[f"{side}_{layer}"] = counts.loc[layer].reindex(index, fill_value=0)
    for side in sides:
        frame[f"has_{side}"] = (frame[side] > 0) | (frame[f"{side}_groups"] > 0)
    return frame.assign(gatekeeper=frame["has_inside"] & frame["has_outside"]).reset_index()


def mean_pipelines_around(study: Study) -> pd.Series[float]:
    r"""Mean number of outside partners among an actor's inside neighbours, by actor.

    :math:`\bar p_i = \frac{1}{|N_i|} \sum_{j \in N_i} p_j`, where :math:`N_i` are the named inside partners of
    :math:`i` in :data:`~netklynge.study.layers.BUZZ_LAYERS` and :math:`p_j` the distinct named outside partners of
    :math:`j` in :data:`~netklynge.study.layers.PIPELINE_LAYERS`; blank for an actor without inside partners.

    References
    ----------
    Bathelt, H., Malmberg, A. & Maskell, P. (2004). Clusters and knowledge: local buzz, global pipelines and the
    process of knowledge creation. Progress in Human Geography 28(1), 31-56 (the thesis; the formula is ours).

    Examples
    --------
    >>> import netklynge as nk
    >>> around = mean_pipelines_around(nk.load("horten"))
    >>> bool((around.dropna() >= 0).all())
    True
    """
    reach = partner_counts(study).set_index("actor")["outside"]
    rows = partners(study, BUZZ_LAYERS)
    near = rows[rows["inside"].fillna(False).astype(bool) & ~rows["category"]]
    pairs = near[["actor", "partner"]].drop_duplicates()
    means = pairs.assign(reach=pairs["partner"].map(reach).astype("Float64")).groupby("actor")["reach"].mean()
    return means.reindex(reach.index).astype("Float64")
