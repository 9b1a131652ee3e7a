"""Industries that hold other industries of the same table: each job is counted once."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

import pandas as pd

__all__ = ["Counted", "count_once", "span"]

# the first division of each section of NACE Rev. 2 (SN2007), and where the last ends
_SECTIONS = dict(
    zip(
        "ABCDEFGHIJKLMNOPQRSTU",
        pairwise((1, 5, 10, 35, 36, 41, 45, 49, 55, 58, 64, 68, 69, 77, 84, 85, 86, 90, 94, 97, 99, 100)),
        strict=True,
    )
)
_ALL = re.compile(
    r"(?:total|totalt|totals|sum|all|i alt|alle n(?:æ|ae)ringer|all industries|all sectors|total, all industries)",
    re.IGNORECASE,
)
_CODE = re.compile(r"([A-U])?(\d{2}(?:\.?\d{1,3})?)|([A-U])")
Span = tuple[float, float]


@dataclass(frozen=True)
class Counted:
    """What :func:`count_once` gives.

    Attributes
    ----------
    jobs : DataFrame
        The register without industries that hold others.
    totals : DataFrame
        ``region, year, value`` of the industry that is the sum of all others; empty where there is none.
    said : tuple of str
        What was taken for what.
    """

    jobs: pd.DataFrame
    totals: pd.DataFrame
    said: tuple[str, ...]


def span(industry: object) -> Span | None:
    """Which part of NACE a code is, on a line on which division 10 runs from 10 to 11; None for what bears no code.

    Examples
    --------
    >>> span("C"), span("25 Metal goods"), span("01.11"), span("A-S"), span("00-99 Alle næringer"), span("metal")
    ((10, 35), (25.0, 26.0), (1.11, 1.12), (1, 97), (-inf, inf), None)
    """
    text = str(industry).strip()
    code = re.split(r"[\s_:]", text, maxsplit=1)[0]
    if code == "00-99" or _ALL.fullmatch(text):
        return float("-inf"), float("inf")
    parts = [_CODE.fullmatch(part) for part in re.split(r"[-–]", code)]
    if not 1 <= len(parts) <= 2 or not all(parts):
        return None
    ends = [_ends(part) for part in parts if part]
    return ends[0][0], ends[-1][1]


def _ends(code: re.Match[str]) -> Span:
    if code[3]:
        return _SECTIONS[code[3]]
    digits = code[2].replace(".", "")
    low = int(digits) / 10 ** (len(digits) - 2)
    return low, round(low + 10.0 ** (2 - len(digits)), 3)


def count_once(jobs: pd.DataFrame) -> Counted:
    """Take out industries that are sums of others in the table; what they hold beyond those stays as a rest.

    An industry holds another when its NACE code does (C holds 10, A-S holds C) or when it is called all or total.
    It is taken for nested only when it is nowhere less than its parts.

    Parameters
    ----------
    jobs : DataFrame
        ``region, industry, year, value``.

    Returns
    -------
    Counted
        ``jobs, totals, said``.

    Examples
    --------
    >>> jobs = pd.DataFrame({"region": "r", "industry": ["C", "10", "25", "46"], "year": 2020,
    ...                      "value": [9., 4., 3., 2.]})
    >>> count_once(jobs).jobs[["industry", "value"]].values.tolist()
    [['10', 4.0], ['25', 3.0], ['46', 2.0], ['C, the rest', 2.0]]
    """
    spans = {i: span(i) for i in jobs["industry"].dropna().unique()}
    wide = jobs.pivot_table(index=["region", "year"], columns="industry", values="value", dropna=False, sort=False)
    totals = pd.DataFrame(columns=["region", "year", "value"])
    said: list[str] = []
    dropped: list[str] = []
    rests: list[pd.DataFrame] = []
    known = {i: s for i, s in spans.items() if s is not None}
    for parent, (low, high) in sorted(known.items(), key=lambda item: item[1][1] - item[1][0]):
        everything = low == float("-inf")
        inside = [
            i
            for i, s in spans.items()
            if i != parent and (everything if s is None else low <= s[0] and s[1] <= high and s != (low, high))
        ]
        # parts of parts are in them already
        children = [i for i in inside if not any(o != i and _holds(spans.get(o), spans.get(i)) for o in inside)]
        if not children or (len(spans) - len(dropped) < 2):
            continue
        parts = wide[children].sum(axis=1, skipna=False)
        rest = wide[parent] - parts
        slack = 0.5 * len(children)
        if (rest < -slack).any():
            if everything:
                dropped.append(parent)
                said.append(f"{parent}: called a total but less than its parts; left out")
            continue
        dropped.append(parent)
        if (rest.dropna().abs() <= slack).all():
            said.append(f"{parent}: the sum of {len(children)} others, not counted again")
            if set(children) | {parent} | set(dropped) >= set(spans):
                totals = wide[parent].rename("value").reset_index()
            continue
        said.append(f"{parent}: holds {', '.join(map(str, children[:5]))}; what is left of it is '{parent}, the rest'")
        rests.append(rest.rename("value").reset_index().assign(industry=f"{parent}, the rest"))
    if not dropped:
        return Counted(jobs, totals, ())
    kept = jobs[~jobs["industry"].isin(dropped)]
    return Counted(pd.concat([kept, *rests], ignore_index=True) if rests else kept, totals, tuple(said))


def _holds(outer: Span | None, inner: Span | None) -> bool:
    return outer is not None and inner is not None and outer != inner and outer[0] <= inner[0] and inner[1] <= outer[1]
