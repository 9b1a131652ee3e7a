"""Answers of all respondents to counts of links by ring, and mean shares; what weights make of n."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from netklynge.findings import NetklyngeError
from netklynge.study.contracts import TABLES
from netklynge.study.zones import NOT_RELEVANT
from netklynge.surveys.questionnaire import NONE, Codebook, Question
from netklynge.surveys.questions import NOT_ASKED
from netklynge.surveys.surveyfiles import MISSING_KINDS

__all__ = ["ALL", "effective_n", "links"]


ALL = "all respondents"


def links(book: Codebook, people: pd.DataFrame, answers: pd.DataFrame) -> pd.DataFrame:
    """What all respondents answered: counts by ring for grids, mean percentages for shares."""
    weight = people["weight"].astype(float).fillna(1.0) if "weight" in people else pd.Series(1.0, index=people.index)
    rows: list[dict[str, Any]] = []
    for question in book.questions:
        given = answers[(answers["question"] == question.id) & ~answers["answer"].isin((*MISSING_KINDS[:2], NOT_ASKED))]
        if question.kind not in ("grid", "shares") or not len(given):
            continue
        given = given.assign(weight=given["row"].map(weight))
        groups: list[tuple[str, pd.DataFrame]] = [(ALL, given)]
        if question.by is not None:
            if question.by not in people:
                raise NetklyngeError(
                    f"{book.file}: question '{question.id}' is told by '{question.by}', which respondents lack"
                )
            groups += [(str(name), part) for name, part in given.groupby(given["row"].map(people[question.by]))]
        for group, part in groups:
            rows += (
                _grid_links(question, part, group) if question.kind == "grid" else _share_links(question, part, group)
            )
    return pd.DataFrame(rows, columns=list(TABLES["links"]))


def _effective(weight: pd.Series[float]) -> dict[str, str]:
    """Kish's effective number of respondents, where weights differ from one another."""
    return {"n_effective": f"{effective_n(weight):.10g}" if weight.min() < weight.max() else ""}


def effective_n(weights: npt.ArrayLike) -> float:
    r"""Kish's effective sample size: how many equally weighted respondents would tell as much.

    .. math:: n_{\text{eff}} = \frac{\left(\sum_i w_i\right)^2}{\sum_i w_i^2}

    References
    ----------
    Kish, L. (1965). Survey Sampling. Wiley, section 11.7.

    Examples
    --------
    >>> round(effective_n([10, 10, 1, 1, 1, 1]), 2), effective_n([50] * 20)
    (2.82, 20.0)
    """
    w = np.asarray(weights, dtype=float)
    return float(w.sum() ** 2 / (w**2).sum())


def _grid_links(question: Question, given: pd.DataFrame, group: str) -> list[dict[str, Any]]:
    """Counts by item and zone, zeros too; and of all items of a layer where there are several."""
    coded = [meaning for meaning in question.codes.values() if meaning not in (NONE, *MISSING_KINDS)]
    blocks = [
        (f"{question.text}: {item.text}" if item.id else question.text, item.layer, item.flow, [item.id])
        for item in question.items
    ]
    for layer, flow in dict.fromkeys((item.layer, item.flow) for item in question.items):
        ids = [item.id for item in question.items if (item.layer, item.flow) == (layer, flow)]
        if len(ids) > 1:
            blocks.append((f"{question.text}: all kinds", layer, flow, ids))
    rows = []
    for text, layer, flow, ids in blocks:
        part = given[given["item"].isin(ids)]
        asked = [role for item in question.items if item.id in ids for role in item.columns if role != "answer"]
        zones = [z for z in dict.fromkeys([*asked, *coded]) if z != NOT_RELEVANT]  # not asked for is not zero
        zones += [NOT_RELEVANT] if NOT_RELEVANT in {*asked, *coded, *part["answer"]} else []
        weight = part.drop_duplicates("row")["weight"]
        n = len(weight)
        # weighted shares of n: the sum of weights of a ring over that of all who answered
        scale = n / float(weight.sum()) if n else 1.0
        value = (part["amount"].astype(float) * part["weight"] * scale).groupby(part["answer"]).sum()
        rows += [
            {
                "table": question.id,
                "item": text,
                "layer": layer,
                "flow": flow,
                "group": group,
                "n": n,
                **_effective(weight),
                "scale": zone,
                "value": f"{float(value.get(zone, 0)):.10g}",
                "unit": "count",
            }
            for zone in zones
            if n
        ]
    return rows


def _share_links(question: Question, given: pd.DataFrame, group: str) -> list[dict[str, Any]]:
    """Mean percentage by zone over the respondents who answered."""
    item = question.items[0]
    given = given[given["answer"] != NOT_RELEVANT]
    rows = []
    for zone in item.columns:
        part = given[given["item"] == zone]
        if len(part):
            mean = float(np.average(part["amount"].astype(float), weights=part["weight"])) * 100 / question.total
            rows.append(
                {
                    "table": question.id,
                    "item": f"{question.text} (mean of respondents)",
                    "layer": item.layer,
                    "flow": item.flow,
                    "group": group,
                    "n": part["row"].nunique(),
                    **_effective(part.drop_duplicates("row")["weight"]),
                    "scale": zone,
                    "value": f"{mean:.10g}",
                    "unit": "percent_of_value",
                }
            )
    return rows
