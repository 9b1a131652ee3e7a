"""Structural holes: how far an actor's partners are tied to each other."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from netklynge.networks.arrays import adjacency, frame_like, simple_ties, triangles

__all__ = ["constraint"]

Floats = npt.NDArray[np.float64]


def constraint(ties: Any) -> Any:
    """Burt's constraint and effective size of each actor's network.

    With ``z_ij`` the number of directions (0 to 2) in which i and j are tied, ``p_ij = z_ij / Σ_k z_ik`` and
    ``m_jq = z_jq / max_k z_jk``:

    - constraint ``c_i = Σ_j (p_ij + Σ_q p_iq p_qj)²``: 1 for an actor with one partner, near 0 with many
      partners that do not know each other, above 1 in small dense groups;
    - effective size ``Σ_j (1 - Σ_q p_iq m_jq)``: the number of partners less their redundancy,

    j over i's partners and q over those of them that are also tied to j.

    Parameters
    ----------
    ties : frame or networkx graph
        Columns ``source`` and ``target``. Loops are left out and repeated ties count once; a returned tie is
        twice as strong as one that is not. All nodes of a graph are counted.

    Returns
    -------
    frame like `ties`
        ``actor``, ``partners`` (number of distinct ones), ``constraint`` (blank without partners),
        ``effective_size`` (0 without partners).

    References
    ----------
    Burt, R. S. (1992). *Structural Holes*, Harvard University Press, equations 2.2 and 2.4. Borgatti, S. P.
    (1997). Structural holes: unpacking Burt's redundancy measures. *Connections* 20(1), 35-38.

    Examples
    --------
    >>> import networkx as nx
    >>> graph = nx.Graph(["AB", "AF", "AG", "AE", "EG", "FG", "BG", "BD", "DG", "GC"])
    >>> constraint(graph).set_index("actor").loc["G"].round(2).tolist()
    [6.0, 0.4, 4.67]
    """
    network = simple_ties(ties)
    once = adjacency(network)
    strength = (once + once.T).tocsr()  # z
    strength.sort_indices()
    size, start, partner = network.size, strength.indptr.astype(np.int64), strength.indices.astype(np.int64)
    partners = np.diff(start)
    ego = np.repeat(np.arange(size), partners)
    keys = ego * size + partner
    total = np.asarray(strength.sum(axis=1)).ravel().astype(float)
    strongest = np.zeros(size)
    np.maximum.at(strongest, ego, strength.data)
    p = strength.data / total[ego]
    marginal = strength.data / strongest[ego]
    indirect, redundancy = np.zeros(len(keys)), np.zeros(size)
    for u, v, w, *_ in triangles(network):
        sides = ((u, v), (u, w), (v, w))
        uv, uw, vw = (np.searchsorted(keys, a * size + b) for a, b in sides)
        vu, wu, wv = (np.searchsorted(keys, b * size + a) for a, b in sides)
        # i and j are partners, and q is a partner of both
        for i, ij, iq, jq, qj in (
            (u, uv, uw, vw, wv),
            (u, uw, uv, wv, vw),
            (v, vu, vw, uw, wu),
            (v, vw, vu, wu, uw),
            (w, wu, wv, uv, vu),
            (w, wv, wu, vu, uv),
        ):
            np.add.at(indirect, ij, p[iq] * p[qj])
            np.add.at(redundancy, i, p[iq] * marginal[jq])
    squares = np.bincount(ego, weights=(p + indirect) ** 2, minlength=size)
    table = pd.DataFrame(
        {
            "actor": pd.Series(network.actors).infer_objects(),
            "partners": partners,
            "constraint": np.where(partners > 0, squares, np.nan),
            "effective_size": partners - redundancy,
        }
    )
    return frame_like(table, ties)
