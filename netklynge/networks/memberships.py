"""Memberships: who meets whom in associations, boards and programmes, weighted by how many meet there."""

from __future__ import annotations

import numpy as np
import pandas as pd
from narwhals.typing import IntoFrameT

from netklynge.findings import NetklyngeError
from netklynge.networks.arrays import Weight, adjacency, frame_like, index_ties

__all__ = ["project_memberships"]


def project_memberships(memberships: IntoFrameT, largest: int | None = None, weight: Weight = None) -> IntoFrameT:
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
    weight : str or bool, optional
        The column with each membership's strength (meetings, years); True for ``weight``. Then
        ``w_ij = Σ_k (u_ik + u_jk) / 2 / (n_k - 1)`` over the bodies in common, u the strengths: the mean of what
        either side puts in, which with strengths of 1 is the formula above. Strengths of a repeated membership add
        up; one of strength 0 is none.

    Returns
    -------
    frame like `memberships`
        ``source``, ``target`` (each pair once, in order of first appearance), ``weight``, ``shared``
        (number of bodies in common).

    Raises
    ------
    NetklyngeError
        A column is missing, an end is blank, a strength is blank or negative, or `largest` is below 2.

    References
    ----------
    Newman, M. E. J. (2001). Scientific collaboration networks II. *Physical Review E* 64, 016132, equation 2.
    Strengths: Opsahl, T. (2013). Triadic closure in two-mode networks. *Social Networks* 35, 159-167, whose
    projection ``Σ_k u_ik / (n_k - 1)`` is another from either side.

    Examples
    --------
    >>> board = pd.DataFrame({"source": ["a", "b", "a", "b", "c"], "target": ["x", "x", "y", "y", "y"]})
    >>> project_memberships(board).values.tolist()
    [['a', 'b', 1.5, 2], ['a', 'c', 0.5, 1], ['b', 'c', 0.5, 1]]
    """
    if largest is not None and largest < 2:
        raise NetklyngeError(f"largest is {largest}; a body that ties anybody has at least 2 members")
    pairs = index_ties(memberships, weight=weight, as_given=True)
    # both ends are numbered together; rows are then taken as members, columns as bodies
    strength = adjacency(pairs).astype(float)
    strength.sum_duplicates()
    strength.eliminate_zeros()
    if not weight:
        strength.data[:] = 1
    belongs = strength.copy()
    belongs.data[:] = 1
    members = np.asarray(belongs.sum(axis=0)).ravel()
    counted = (members > 1) if largest is None else (members > 1) & (members <= largest)
    bodies = np.flatnonzero(counted)
    belongs, strength = belongs[:, bodies].tocsr(), strength[:, bodies].tocsr()
    one_way = strength.multiply(1 / (members[counted] - 1)).tocsr() @ belongs.T
    met, shared = ((one_way + one_way.T) / 2).tocsr(), (belongs @ belongs.T).tocsr()
    met.sort_indices()
    shared.sort_indices()
    rows = np.repeat(np.arange(pairs.size), np.diff(met.indptr))
    upper = rows < met.indices
    table = pd.DataFrame(
        {
            "source": pairs.actors[rows[upper]],
            "target": pairs.actors[met.indices[upper]],
            "weight": met.data[upper],
            "shared": shared.data[upper].astype(np.int64),
        }
    )
    found: IntoFrameT = frame_like(table.infer_objects(), memberships)
    return found
