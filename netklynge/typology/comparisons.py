"""Districts, years or cuts side by side."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import pandas as pd

from netklynge.chance import wilson
from netklynge.district.location import inside_share
from netklynge.findings import NetklyngeError
from netklynge.typology.anchors import TYPES
from netklynge.typology.verdicts import Verdict, classify

if TYPE_CHECKING:
    from pathlib import Path

    from netklynge.study.study import Study
    from netklynge.typology.anchors import Anchors

__all__ = ["compare", "compare_location", "compare_types", "name_studies"]


def _column(study: Study, others: Sequence[Study]) -> str:
    """What a study is called in a comparison: its name, and its year and cut where these tell it from others."""
    words = [study.name]
    alike = [other for other in others if other.name == study.name]
    if len({other.when for other in alike}) > 1:
        words.append(str(study.when))
    if len({other.boundary for other in alike}) > 1:
        words.append(study.boundary)
    return ", ".join(words)


def name_studies(studies: Iterable[Study]) -> dict[str, Study]:
    """Studies by what they are called in a comparison; the same one twice is an error."""
    several = list(studies)
    named = {_column(study, several): study for study in several}
    if len(named) < len(several):
        raise NetklyngeError("two of the studies are the same study at the same year and cut")
    if not named:
        raise NetklyngeError("nothing to compare: give at least one study")
    return named


def compare(studies: Iterable[Study], anchors: str | Path | Anchors | None = None) -> pd.DataFrame:
    """Hallmarks of several studies side by side.

    Parameters
    ----------
    studies : iterable of Study
        Different districts, or the same one at several years or cuts.
    anchors : path or Anchors, optional

    Returns
    -------
    DataFrame
        One row per hallmark and study: ``hallmark``, ``unit``, ``study``, ``value``, ``low``, ``high``, ``n``, ``of``,
        ``membership``, ``source``.

    Raises
    ------
    NetklyngeError
        No study is given, or one twice.

    Examples
    --------
    >>> import netklynge as nk
    >>> table = nk.compare([nk.load("horten"), nk.load("raufoss")])
    >>> table[table["hallmark"] == "hub_jobs"]["value"].round(2).tolist()
    [0.53, 0.74]
    """
    named = name_studies(studies)
    parts = [classify(study, anchors).hallmarks.assign(study=name) for name, study in named.items()]
    table = pd.concat(parts, ignore_index=True).rename(columns={"name": "hallmark"})
    order = list(parts[0]["name"])
    table = table.sort_values("hallmark", key=lambda names: names.map(order.index), kind="stable", ignore_index=True)
    return table[["hallmark", "unit", "study", "value", "low", "high", "n", "of", "membership", "source"]]


def compare_types(studies: Iterable[Study], anchors: str | Path | Anchors | None = None) -> pd.DataFrame:
    """Types of several studies side by side: ``study``, ``at``, ``cut``, the answer, memberships, cluster."""
    rows = []
    for name, study in name_studies(studies).items():
        verdict: Verdict = classify(study, anchors)
        members = {t: verdict.memberships[t] for t in TYPES}
        rows.append(
            {
                "study": name,
                "at": verdict.at,
                "cut": verdict.cut,
                "type": verdict.type,
                "label": verdict.label,
                "word": verdict.word.replace("_", " "),
                "certainty": verdict.certainty,
                **members,
                "cluster": verdict.operative["level"],
                "grade": verdict.operative["grade"],
            }
        )
    return pd.DataFrame(rows)


def compare_location(studies: Iterable[Study], layers: Sequence[str] = ("supply", "rd")) -> pd.DataFrame:
    """Share of links inside the cut, layer by layer, of several studies, with interval, n, unit and source."""
    rows = []
    named = name_studies(studies)
    for layer in layers:
        for name, study in named.items():
            found = inside_share(study, layer)
            counted = found.unit != "percent_of_value"
            low, high = wilson(found.share * found.n, found.n) if counted else (float("nan"), float("nan"))
            rows.append(
                {
                    "layer": layer,
                    "study": name,
                    "share": found.share,
                    "low": low,
                    "high": high,
                    "n": found.n,
                    "unit": found.unit,
                    "source": found.source,
                }
            )
    return pd.DataFrame(rows)
