"""What kind of source a file or folder is, and what is wrong in it: one room for ``check`` and ``import``."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path

from netklynge.exchange.opening import check as check_study
from netklynge.exchange.opening import is_openable, is_study_source
from netklynge.findings import Finding

__all__ = ["Kind", "check_source", "kind_of"]


class Kind(StrEnum):
    """What a source is taken for."""

    SURVEY = "survey microdata"
    STUDY = "a study"
    NETWORK = "a network"
    LEDGER = "a supplier list or ledger"
    TABLES = "published tables"


def kind_of(source: str | Path, codebook: str | Path | None = None) -> Kind:
    """What a source is: survey microdata where a codebook is given, else a study, a network, a ledger, or tables."""
    from netklynge.parsers.ledgers import is_ledger

    if codebook is not None:
        return Kind.SURVEY
    if is_study_source(source):
        return Kind.STUDY
    if is_openable(source):
        return Kind.NETWORK
    return Kind.LEDGER if is_ledger(source) else Kind.TABLES


def check_source(source: str | Path, codebook: str | Path | None = None) -> Sequence[Finding] | None:
    """Every finding in one source; None for published tables, which this wing does not know.

    Raises
    ------
    InputError
        The source cannot be read.
    """
    from netklynge.parsers.suppliers import check_ledger
    from netklynge.surveys.microdata import check_survey

    kind = kind_of(source, codebook)
    if kind is Kind.SURVEY and codebook is not None:
        return check_survey(source, codebook)
    if kind in (Kind.STUDY, Kind.NETWORK):
        return check_study(source)
    return check_ledger(source) if kind is Kind.LEDGER else None
