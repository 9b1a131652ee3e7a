"""Structural holes: how far an actor's partners are tied to each other."""

from __future__ import annotations

from typing import Any, overload

import numpy as np
import numpy.typing as npt
import pandas as pd
from narwhals.typing import IntoFrameT

from netklynge.networks.arrays import Ties, Weight, adjacency, frame_like, simple_ties, triangles
from netklynge.networks.inputs import Others

__all__ = ["constraint"]

Floats = npt.NDArray[np.float64]


@overload
def constraint(ties: IntoFrameT, weight: Weight = ...) -> IntoFrameT: ...
@overload
def constraint(ties: Others, weight: Weight = ...) -> pd.DataFrame: ...
def constraint(ties: Ties, weight: Weight = None) -> Any:
    """Burt's constraint, hierarchy, effective size and efficiency of each actor's network.

    With ``z_ij`` the number of directions (0 to 2) in which i and j are tied, or with `weight` what their ties in
    both directions weigh together, ``p_ij = z_ij / Σ_k z_ik`` and ``m_jq = z_jq / max_k z_jk``:

    - constraint ``c_i = Σ_j c_ij``, ``c_ij = (p_ij + Σ_q p_iq p_qj)²``: 1 for an actor with one partner, near 0
      with many partners that do not know each other, above 1 in small dense groups;
    - hierarchy ``Σ_j r_ij ln r_ij / (N ln N)``, ``r_ij = c_ij / (c_i / N)``, N the partners: 0 when all constrain
      alike, towards 1 when one partner is all of the constraint;
    - effective size ``Σ_j (1 - Σ_q p_iq m_jq)``: the number of partners less their redundancy;
    - efficiency, the effective size over the number of partners,

    j over i's partners and q over those of them that are also tied to j.

    Parameters
    ----------
    ties : frame, graph, matrix or pairs
        Columns ``source`` and ``target``. Loops are left out and repeated ties count once; a returned tie is
        twice as strong as one that is not. All nodes of a graph are counted.
    weight : str or bool, optional
        The column with the ties' weights; True for ``weight``. Those of repeated ties add up.

    Returns
    -------
    frame like `ties`
        ``actor``, ``partners`` (number of distinct ones), ``constraint`` (blank without partners),
        ``effective_size`` (0 without partners, from 1 to ``partners`` without weights), ``efficiency`` (a share;
        blank without partners), ``hierarchy`` (0 to 1; blank with fewer than two partners).

    Raises
    ------
    NetklyngeError
        The ties cannot be read, an end is blank, or a weight is blank or negative.

    References
    ----------
    Burt, R. S. (1992). *Structural Holes*, Harvard University Press, equations 2.2 (effective size), 2.4
    (constraint) and 2.9 (hierarchy, the Coleman-Theil disorder of the c_ij). Borgatti, S. P.
    (1997). Structural holes: unpacking Burt's redundancy measures. *Connections* 20(1), 35-38.

    Examples
    --------
    >>> import networkx as nx
    >>> graph = nx.Graph(["AB", "AF", "AG", "AE", "EG", "FG", "BG", "BD", "DG", "GC"])
    >>> constraint(graph).set_index("actor").loc["G"].round(2).to_dict()
    {'partners': 6.0, 'constraint': 0.4, 'effective_size': 4.67, 'efficiency': 0.78, 'hierarchy': 0.09}
    """
    network = simple_ties(ties, weight=weight)
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
    each = (p + indirect) ** 2
    squares = np.bincount(ego, weights=each, minlength=size)
    effective = partners - redundancy
    relative = each * partners[ego] / squares[ego]
    disorder = np.bincount(ego, weights=relative * np.log(relative), minlength=size)
    several = partners > 1
    hierarchy = np.full(size, np.nan)
    # 0 to the last digit where all constrain alike
    hierarchy[several] = np.maximum(0, disorder[several] / (partners[several] * np.log(partners[several])))
    table = pd.DataFrame(
        {
            "actor": pd.Series(network.actors).infer_objects(),
            "partners": partners,
            "constraint": np.where(partners > 0, squares, np.nan),
            "effective_size": effective,
            "efficiency": np.divide(effective, partners, out=np.full(size, np.nan), where=partners > 0),
            "hierarchy": hierarchy,
        }
    )
    return frame_like(table, ties)
