"""What an import gives, whatever was imported."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from netklynge.findings import Finding
from netklynge.study.study import Study

__all__ = ["Imported"]


@dataclass(frozen=True)
class Imported:
    """What an import gives, from a survey or a ledger.

    Parameters
    ----------
    study : Study
        What was understood.
    rejected : DataFrame
        What was refused, with the reason.
    counts : DataFrame
        ``unit``, ``read``, ``accepted``, ``rejected``: of a ledger its ``rows``; of a survey a row each for
        ``respondents`` and ``answers``, an answer being one respondent's answer to one item of one question. Answers
        of refused respondents are not counted.
    findings : list of Finding
        Those that refuse nothing, such as columns that the codebook names and the file lacks.
    matches : DataFrame
        Pairs of actors joined, told apart, or for the user to decide; see :func:`netklynge.match_names`.
    unplaced : DataFrame
        Places that lie in no ring, with their number of rows.
    """

    study: Study
    rejected: pd.DataFrame
    counts: pd.DataFrame
    findings: list[Finding]
    matches: pd.DataFrame
    unplaced: pd.DataFrame
