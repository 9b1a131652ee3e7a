"""Rings round a district, and the cut that says which of them count as inside.

A *ring* is where somebody sits, seen from the district: local, regional, national, international.
A *cut* names the last ring that counts as inside. A survey may use zones of its own ("rest of Norway");
each such zone covers one or several rings, and is inside a cut only when all its rings are.
"""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from netklynge.findings import NetklyngeError

__all__ = ["CUTS", "NOT_RELEVANT", "RINGS", "UNKNOWN", "check_cut", "inside", "rings_inside", "zone_rings"]

RINGS: tuple[str, ...] = ("local", "regional", "national", "international")
CUTS: tuple[str, ...] = RINGS[:-1]
NOT_RELEVANT = "not_relevant"
UNKNOWN = "unknown"


def check_cut(cut: str) -> str:
    """Return `cut` if it names a ring; raise :class:`NetklyngeError` that lists the rings if not."""
    if cut not in RINGS:
        raise NetklyngeError(f"cut '{cut}' is not a ring; choose one of {', '.join(RINGS)}")
    return cut


def rings_inside(cut: str) -> tuple[str, ...]:
    """Rings that count as inside at `cut`, innermost first.

    Examples
    --------
    >>> rings_inside("regional")
    ('local', 'regional')
    """
    return RINGS[: RINGS.index(check_cut(cut)) + 1]


def inside(rings: pd.Series[str], cut: str) -> pd.Series[bool]:
    """Whether each ring lies inside `cut`; a blank ring stays blank (unknown is not outside).

    Examples
    --------
    >>> inside(pd.Series(["local", "national", None], dtype="string"), "local").tolist()
    [True, False, <NA>]
    """
    within = rings.isin(rings_inside(cut)).astype("boolean")
    return within.mask(rings.isna() | ~rings.isin(RINGS))


def zone_rings(zone: str, own_zones: Mapping[str, str]) -> tuple[str, ...]:
    """Rings that a zone covers: itself if it is a ring, else what the study says of its own zone name.

    Parameters
    ----------
    zone : str
        A ring, or a zone name of the survey.
    own_zones : mapping
        Zone name to comma-separated rings, from ``zones: own_zone_names`` in ``study.yaml``.

    Returns
    -------
    tuple of str
        Empty when the zone is no place ("not_relevant") or nobody has said where it lies.

    Examples
    --------
    >>> zone_rings("norway_elsewhere", {"norway_elsewhere": "regional, national"})
    ('regional', 'national')
    """
    if zone in RINGS:
        return (zone,)
    named = {part.strip() for part in str(own_zones.get(zone, "")).split(",")}
    return tuple(ring for ring in RINGS if ring in named)
