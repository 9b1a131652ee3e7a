"""Memberships: who meets whom in associations, boards and programmes, weighted by how many meet there."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from netklynge.findings import NetklyngeError
from netklynge.networks.arrays import adjacency, frame_like, index_ties

__all__ = ["project"]


def project(memberships: Any, largest: int | None = None) -> Any:
    """Projection of memberships on their members, with Newman's weights.

    ``w_ij = Σ_k b_ik b_jk / (n_k - 1)``, with b_ik whether i is a member of k and n_k the members of k: a
    body of two ties its members with weight 1, one of a hundred each pair with 1/99. So one large
    association is no clique of strong ties, and an actor's weights add up to the number of bodies where it
    meets somebody.

    Parameters
    ----------
    memberships : frame
        Columns ``source`` (the member) and ``target`` (what it is a member of); a repeated membership counts
        once. A name may stand in both columns and means two things.
    largest : int, optional
        Leave out bodies with more members than this: n members make ``n (n-1) / 2`` pairs.

    Returns
    -------
    frame like `memberships`
        ``source``, ``target`` (each pair once, in order of first appearance), ``weight``, ``shared``
        (number of bodies in common).

    Raises
    ------
    NetklyngeError
        A column is missing, an end is blank, or `largest` is below 2.

    References
    ----------
    Newman, M. E. J. (2001). Scientific collaboration networks II. *Physical Review E* 64, 016132, equation 2.

    Examples
    --------
    >>> board = pd.DataFrame({"source": ["a", "b", "a", "b", "c"], "target": ["x", "x", "y", "y", "y"]})
    >>> project(board).values.tolist()
    [['a', 'b', 1.5, 2], ['a', 'c', 0.5, 1], ['b', 'c', 0.5, 1]]
    """
    if largest is not None and largest < 2:
        raise NetklyngeError(f"largest is {largest}; a body that ties anybody has at least 2 members")
    pairs = index_ties(memberships)
    # both ends are numbered together; rows are then taken as members, columns as bodies
    belongs = adjacency(pairs)
    belongs.data = np.ones_like(belongs.data)
    members = np.asarray(belongs.sum(axis=0)).ravel()
    counted = (members > 1) if largest is None else (members > 1) & (members <= largest)
    belongs = belongs[:, np.flatnonzero(counted)].astype(float).tocsr()
    weighted = belongs.multiply(1 / (members[counted] - 1)).tocsr()
    weight, shared = (weighted @ belongs.T).tocsr(), (belongs @ belongs.T).tocsr()
    weight.sort_indices()
    shared.sort_indices()
    rows = np.repeat(np.arange(pairs.size), np.diff(weight.indptr))
    upper = rows < weight.indices
    table = pd.DataFrame(
        {
            "source": pairs.actors[rows[upper]],
            "target": pairs.actors[weight.indices[upper]],
            "weight": weight.data[upper],
            "shared": shared.data[upper].astype(np.int64),
        }
    )
    return frame_like(table.infer_objects(), memberships)
