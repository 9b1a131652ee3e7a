"""Affinity: how close two members without a tie are already, by the partners that they share.

Each score is an array of members by members, in the order of :func:`netklynge.study.ties.members`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from netklynge.facilitation.contacts import named_contacts
from netklynge.networks.arrays import IndexedTies, adjacency, simple_ties
from netklynge.study.ties import members
from netklynge.study.views import once_per_view

if TYPE_CHECKING:
    from netklynge.study.study import Study

__all__ = ["adamic_adar", "common_neighbours", "partner_weights", "preferential_attachment", "suggested"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@once_per_view
def _network(study: Study) -> tuple[IndexedTies, int]:
    """Who is in touch with whom among named actors, both ways, members first; and how many members there are."""
    actors = list(members(study)["actor"])
    return simple_ties(named_contacts(study), actors, both_ways=True), len(actors)


def _degrees(network: IndexedTies) -> Ints:
    return np.bincount(network.source, minlength=network.size).astype(np.int64)


def partner_weights(study: Study) -> dict[str, float]:
    """Adamic and Adar's weight 1 / ln k of each named actor with k partners, as a partner that two others share.

    Examples
    --------
    >>> import netklynge as nk
    >>> weights = partner_weights(nk.load("raufoss"))
    >>> weights["volvo"] < weights["scania"]
    True
    """
    network, _ = _network(study)
    return dict(zip(network.actors, _weights(_degrees(network)).tolist(), strict=True))


def _weights(degree: Ints) -> Floats:
    return np.asarray(1 / np.log(np.maximum(degree, 2)), dtype=np.float64)


def _shared(study: Study, weigh: Callable[[Ints], Floats]) -> Floats:
    """For each two members the weights of the partners that both have, added up."""
    network, size = _network(study)
    rows = adjacency(network)[:size].astype(np.float64)
    return np.asarray((rows.multiply(weigh(_degrees(network))) @ rows.T).toarray(), dtype=np.float64)


def common_neighbours(study: Study) -> Floats:
    """Number of partners that each two members share."""
    return _shared(study, lambda degree: np.ones(len(degree)))


def adamic_adar(study: Study) -> Floats:
    r"""Adamic and Adar's sum :math:`\sum_z 1 / \ln k_z` over the partners z that each two members share.

    References
    ----------
    Adamic, L. A. & Adar, E. (2003). Friends and neighbors on the web. Social Networks 25(3), 211-230.
    """
    return _shared(study, _weights)


def preferential_attachment(study: Study) -> Floats:
    """Product of the numbers of partners of each two members."""
    network, size = _network(study)
    degree = _degrees(network)[:size].astype(np.float64)
    return np.outer(degree, degree)


def suggested(study: Study) -> Floats:
    """The order of :func:`netklynge.suggest` as one number: Adamic and Adar's sum, ties by the product."""
    product = preferential_attachment(study)
    score: Floats = np.round(adamic_adar(study), 9) + 1e-10 * product / max(product.max(initial=0), 1)
    return score
