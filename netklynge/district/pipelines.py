"""Pipelines: the ties that actors inside the district have to partners outside it, and who holds them.

A pipeline is built on purpose to a chosen partner (Bathelt, Malmberg & Maskell 2004); the layers that carry
pipelines are named in :data:`PIPELINE_LAYERS`. Talks, visits and memberships are buzz, wherever they reach.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import pandas as pd

from netklynge.study.zones import inside

if TYPE_CHECKING:
    from netklynge.study.study import Study

__all__ = ["BUZZ_LAYERS", "PIPELINE_LAYERS", "neighbours_pipelines", "partner_counts", "partners"]

PIPELINE_LAYERS: tuple[str, ...] = ("supply", "rd", "ownership", "service", "funding", "licence", "alliance")
BUZZ_LAYERS: tuple[str, ...] = (
    "supply",
    "rd",
    "service",
    "funding",
    "education",
    "mobility",
    "membership",
    "informal",
    "licence",
    "alliance",
)


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
        (the partner is a group, not an actor). A tie between two insiders gives two rows.

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
    rows = study.remember("partners", lambda: _partners(study))
    return rows if layers is None else rows[rows["layer"].isin(list(layers))].reset_index(drop=True)


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
                }
            )
        )
    return pd.concat(sides, ignore_index=True)


def partner_counts(study: Study) -> pd.DataFrame:
    """Partners of each inside actor, inside and outside, per layer and as distinct actors.

    Returns
    -------
    DataFrame
        Indexed by actor (every named insider): ``inside`` and ``outside`` (distinct named partners in
        :data:`BUZZ_LAYERS` and :data:`PIPELINE_LAYERS`), ``inside_<layer>`` and ``outside_<layer>`` (distinct named
        partners in that layer), ``has_inside`` and ``has_outside`` (a category counts here: it says that there is at
        least one), and ``gatekeeper`` (both).

    References
    ----------
    Giuliani, E. & Bell, M. (2005). The micro-determinants of meso-level learning and innovation. Research Policy
    34(1), 47-68.

    Examples
    --------
    >>> import netklynge as nk
    >>> counts = partner_counts(nk.load("kongsberg"))
    >>> int(counts.loc["kongsberg-automotive", "outside_supply"])
    8
    """
    return study.remember("partner_counts", lambda: _partner_counts(study))


def _partner_counts(study: Study) -> pd.DataFrame:
    rows = partners(study)
    index = pd.Index(study.insiders["actor"], name="actor")
    near = rows[rows["inside"].fillna(False).astype(bool) & rows["layer"].isin(BUZZ_LAYERS)]
    far = rows[(~rows["inside"]).fillna(False).astype(bool) & rows["layer"].isin(PIPELINE_LAYERS)]
    sides = {"inside": near[~near["category"]], "outside": far[~far["category"]]}
    frame = pd.DataFrame(
        {side: part.groupby("actor")["partner"].nunique().reindex(index, fill_value=0) for side, part in sides.items()}
    )
    per_layer = {side: part.groupby(["layer", "actor"])["partner"].nunique() for side, part in sides.items()}
    for layer in study.layers:
        for side, counts in per_layer.items():
            if layer in counts.index.get_level_values(0):
                frame[f"{side}_{layer}"] = counts.loc[layer].reindex(index, fill_value=0)
    frame["has_inside"] = index.isin(near["actor"])
    frame["has_outside"] = index.isin(far["actor"])
    return frame.assign(gatekeeper=frame["has_inside"] & frame["has_outside"])


def neighbours_pipelines(study: Study) -> pd.Series[float]:
    r"""Mean number of outside partners among an actor's inside neighbours.

    :math:`\bar p_i = \frac{1}{|N_i|} \sum_{j \in N_i} p_j`, where :math:`N_i` are the named inside partners of
    :math:`i` in :data:`BUZZ_LAYERS` and :math:`p_j` the distinct named outside partners of :math:`j` in
    :data:`PIPELINE_LAYERS`; blank for an actor without inside partners.

    References
    ----------
    Bathelt, H., Malmberg, A. & Maskell, P. (2004). Clusters and knowledge: local buzz, global pipelines and the
    process of knowledge creation. Progress in Human Geography 28(1), 31-56 (the thesis; the formula is ours).
    """
    reach = partner_counts(study)["outside"]
    rows = partners(study, BUZZ_LAYERS)
    near = rows[rows["inside"].fillna(False).astype(bool) & ~rows["category"]]
    pairs = near[["actor", "partner"]].drop_duplicates()
    means = pairs.assign(reach=pairs["partner"].map(reach).astype("Float64")).groupby("actor")["reach"].mean()
    return means.reindex(reach.index).astype("Float64")
