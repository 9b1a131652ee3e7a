"""Which region of a table is the nation: by its exact name or code, or since it equals the sum of the others."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from netklynge.findings import NetklyngeError

__all__ = ["Base", "find_nation", "is_nation", "is_whole"]

CODES = frozenset({"0", "00", "000", "0000", "no", "us000", "00000"})
# whole names only: "Nord-Norge" and "Northern Norway" are regions
WHOLE = frozenset(
    (
        "nation",
        "the nation",
        "national",
        "country",
        "the country",
        "whole country",
        "the whole country",
        "entire country",
        "hele landet",
        "heile landet",
        "landet",
        "norge",
        "noreg",
        "norway",
        "sverige",
        "sweden",
        "hela riket",
        "riket",
        "danmark",
        "denmark",
        "hele danmark",
        "finland",
        "suomi",
        "island",
        "iceland",
        "deutschland",
        "germany",
        "tyskland",
        "france",
        "frankrike",
        "italia",
        "italy",
        "españa",
        "spain",
        "portugal",
        "nederland",
        "netherlands",
        "the netherlands",
        "belgium",
        "austria",
        "österreich",
        "switzerland",
        "schweiz",
        "ireland",
        "poland",
        "polska",
        "estonia",
        "latvia",
        "lithuania",
        "united kingdom",
        "great britain",
        "england",
        "united states",
        "u.s. total",
        "us total",
        "usa",
        "canada",
    )
)
REST = frozenset(
    (
        "rest of country",
        "rest of the country",
        "rest of norway",
        "rest of the nation",
        "resten av landet",
        "landet ellers",
        "landet for øvrig",
        "landet forøvrig",
        "øvrige landet",
    )
)
NEAR = 1e-3  # a row that comes this near to the sum of the others, in every industry, is their sum


@dataclass(frozen=True)
class Base:
    """The region that stands for the nation, and why; ``name`` is None where all regions together do."""

    name: str | None
    why: str


def is_nation(region: object) -> bool:
    """Whether a region's whole name or its code is that of a nation.

    Examples
    --------
    >>> [is_nation(name) for name in ("Hele landet", "0 Hele landet", "NO", "rest_of_country", "Nord-Norge")]
    [True, True, True, True, False]
    """
    words = re.sub(r"[_\s]+", " ", str(region)).strip().casefold()
    return is_whole(region) or words in REST


def is_whole(region: object) -> bool:
    """Whether a name or code is that of a nation with all its regions in it, unlike the rest of a country.

    Examples
    --------
    >>> is_whole("0 Hele landet"), is_whole("rest_of_country")
    (True, False)
    """
    words = re.sub(r"[_\s]+", " ", str(region)).strip().casefold()
    code, _, name = words.partition(" ")
    return words in CODES or words in WHOLE or (code in CODES and name in WHOLE)


def find_nation(jobs: pd.DataFrame, reference: str | None = None) -> Base:
    """The region of a table that stands for the nation.

    Parameters
    ----------
    jobs : DataFrame
        ``region`` and, for a nation that only its figures tell, ``industry`` and ``value`` (one year).
    reference : str, optional
        What the user says; taken where the table has it.

    Returns
    -------
    Base
        ``name`` and ``why``.

    Raises
    ------
    NetklyngeError
        Several regions fit.

    Examples
    --------
    >>> find_nation(pd.DataFrame({"region": ["Nord-Norge", "Vestlandet", "Hele landet"]}))
    Base(name='Hele landet', why='by its name')
    """
    names = [str(r) for r in jobs["region"].dropna().unique()]
    if reference in names:
        return Base(reference, "as asked for")
    named = [name for name in names if is_nation(name)]
    named = named or [n for n in names if len(names) > 2 and len(n) == 2 and n.isupper() and _heads(n, names)]
    if len(named) == len(names):  # a table of nations has none of its own
        return Base(None, "all regions together")
    if len(named) > 1:
        raise NetklyngeError(f"{len(named)} regions could be the nation: {', '.join(named)}; say which by --reference")
    if named:
        return Base(named[0], "by its name")
    summed = _sums(jobs) if {"industry", "value"} <= set(jobs.columns) else []
    if len(summed) > 1:
        raise NetklyngeError(
            f"{len(summed)} regions could be the nation: {', '.join(summed)}; say which by --reference"
        )
    return Base(summed[0], "it is the sum of the others") if summed else Base(None, "all regions together")


def _heads(code: str, names: Iterable[str]) -> bool:
    """Whether all other regions bear codes that start with this one, as NO01 does with NO."""
    return all(n == code or re.fullmatch(rf"{code}[0-9A-Z]{{1,3}}", n) for n in names)


def _sums(jobs: pd.DataFrame) -> list[str]:
    table = jobs.pivot_table(
        index="region", columns="industry", values="value", aggfunc="sum", dropna=False, sort=False
    )
    values = table.to_numpy(dtype=float)
    if len(values) < 3:
        return []
    others = np.nansum(values, axis=0) - values
    told = np.isfinite(values) & np.isfinite(table).all(axis=0).to_numpy()
    same = (np.abs(others - values) <= np.maximum(NEAR * values, 0.5)) | ~told
    return [
        str(r)
        for r, row, known in zip(table.index, same, told, strict=True)
        if row.all() and (known & (others[0] >= 0)).any()
    ]
