"""The ledger of introductions: who was brought together, when, and what came of it.

A ledger is a CSV file that a facilitator keeps beside the study, one line per event: a pair was proposed, met, fell
dormant, or refused. Nothing is ever taken out of it; what stands between two actors follows from their lines.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from netklynge.files.outputs import safe_text, write_text
from netklynge.files.tables import read_text_table
from netklynge.findings import Finding, InputError, NetklyngeError, StudyError

if TYPE_CHECKING:
    from netklynge.study.study import Study

__all__ = ["STATES", "brokered_share", "introduction_states", "pairs_in", "read_introductions", "record_introduction"]

STATES: tuple[str, ...] = ("proposed", "met", "dormant", "refused")
COLUMNS: tuple[str, ...] = ("actor", "alter", "state", "date", "note")
_REQUIRED = COLUMNS[:4]


def read_introductions(path: str | Path, study: Study | None = None) -> pd.DataFrame:
    """Read a ledger; every line that is wrong is told with its row and column.

    Parameters
    ----------
    path : path
        A CSV file with the columns ``actor``, ``alter``, ``state``, ``date`` (year-month-day) and, if wanted, ``note``.
    study : Study, optional
        Both ends of a line must then be actors of it, and no groups.

    Returns
    -------
    DataFrame
        Those columns, ``date`` as a date, in the order of the file.

    Raises
    ------
    InputError
        There is no such file.
    StudyError
        Lines are wrong; ``findings`` lists them all.

    Examples
    --------
    >>> import tempfile, netklynge as nk
    >>> ledger = Path(tempfile.mkdtemp()) / "introductions.csv"
    >>> _ = record_introduction(ledger, "oswo", "sensonor", "proposed", "2006-03-01")
    >>> read_introductions(ledger)["state"].tolist()
    ['proposed']
    """
    path = Path(path)
    if not path.is_file():
        raise InputError(f"{path}: no such file; a ledger is a CSV file with the columns {', '.join(COLUMNS)}")
    frame, findings = read_text_table(path)
    lacking = [column for column in _REQUIRED if column not in frame.columns]
    findings += [Finding(path.name, 1, column, "", "column_missing", name=column) for column in lacking]
    if not lacking:
        findings += _wrong_lines(frame, path.name, study)
    if findings:
        raise StudyError(findings)
    return _ledger(frame)


def _ledger(frame: pd.DataFrame) -> pd.DataFrame:
    ledger = frame.reindex(columns=list(COLUMNS)).reset_index(drop=True)
    ledger["note"] = ledger["note"].fillna("")
    return ledger.assign(date=pd.to_datetime(ledger["date"], format="%Y-%m-%d"))


def _wrong_lines(frame: pd.DataFrame, file: str, study: Study | None) -> list[Finding]:
    found = []
    groups = frozenset[str]() if study is None else study.categories
    known = None if study is None else set(study.actors["actor"])
    for row, line in zip(frame.index, frame[list(_REQUIRED)].fillna("").to_dict("records"), strict=True):
        for column in ("actor", "alter"):
            if not line[column]:
                found.append(Finding(file, int(row), column, "", "blank_actor"))
            elif known is not None and line[column] not in known:
                found.append(Finding(file, int(row), column, line[column], "no_such_member"))
            elif line[column] in groups:
                found.append(Finding(file, int(row), column, line[column], "a_group"))
        if line["actor"] and line["actor"] == line["alter"]:
            found.append(Finding(file, int(row), "alter", line["alter"], "with_itself"))
        if line["state"] not in STATES:
            found.append(Finding(file, int(row), "state", line["state"], "unknown_state", choices=STATES))
        if _day(line["date"]) is None:
            found.append(Finding(file, int(row), "date", line["date"], "no_date"))
    return found


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if day.isoformat() == text else None


def record_introduction(
    path: str | Path,
    actor: str,
    alter: str,
    state: str,
    on: date | str,
    note: str = "",
    study: Study | None = None,
) -> Path:
    """Add one line to a ledger, which is made when there is none; the file is replaced whole or not at all.

    Parameters
    ----------
    path : path
    actor, alter : str
        Ids of two actors; their order makes no difference.
    state : {"proposed", "met", "dormant", "refused"}
    on : date or str
        The day; as text year-month-day.
    note : str
    study : Study, optional
        The ends must be actors of it.

    Raises
    ------
    StudyError
        The new line, or one that is in the file already, is wrong.
    """
    path = Path(path)
    told = read_introductions(path, study) if path.is_file() else pd.DataFrame(columns=list(COLUMNS))
    days = pd.to_datetime(told["date"]).dt.strftime("%Y-%m-%d")
    line = dict(zip(COLUMNS, (actor, alter, state, str(on), safe_text(" ".join(note.split()))), strict=True))
    lines = pd.concat([told.assign(date=days), pd.DataFrame([line])], ignore_index=True).astype("string")
    findings = _wrong_lines(lines.tail(1).set_axis([len(lines) + 1]), path.name, study)
    if findings:
        raise StudyError(findings)
    return write_text(path, lines.to_csv(index=False, lineterminator="\n"))


def pairs_in(ledger: pd.DataFrame | None) -> frozenset[frozenset[str]]:
    """The pairs that a ledger holds, whatever came of them: they are not suggested again."""
    if ledger is None:
        return frozenset()
    return frozenset(map(frozenset, zip(ledger["actor"].astype(str), ledger["alter"].astype(str), strict=True)))


def introduction_states(
    ledger: pd.DataFrame, on: date | str | None = None, within: int = 90, dormant_after: int = 365
) -> pd.DataFrame:
    """What stands between the two of each pair: the facilitator's work list.

    Parameters
    ----------
    ledger : DataFrame
        From :func:`read_introductions`.
    on : date or str, optional
        The day that the list is made for; default the last day in the ledger.
    within : int
        Days, w: a first meeting at most so many days after a proposal is *brokered*, and a pair that has not met so
        many days after the first proposal is *blocked*.
    dormant_after : int
        Days, d: a pair whose last meeting is older is *dormant*.

    Returns
    -------
    DataFrame
        One row per pair, those that need something first: ``actor``, ``alter``, ``standing`` (blocked, dormant,
        proposed, met, refused), ``proposed`` and ``proposals`` (first day, how many), ``first_met``, ``last_met``,
        ``days`` (from the last proposal before the first meeting to that meeting), ``brokered`` (blank without a
        meeting), ``note`` (the last).
        Lines later than `on` are not yet known.

    Raises
    ------
    NetklyngeError
        `on` is no day, or `within` or `dormant_after` is negative.

    Notes
    -----
    That a meeting came after an introduction does not say that it came because of it; and relapse is quick, so ask
    dormant pairs again. The rules are ours, after the ledger of brokered, dormant and blocked ties in Westgaard, H. &
    Lexander, M. (2006), master's thesis on two cluster initiatives in Hedmark.

    Examples
    --------
    >>> ledger = pd.DataFrame({"actor": "a", "alter": "b", "state": ["proposed", "met"],
    ...     "date": pd.to_datetime(["2006-03-01", "2006-03-20"]), "note": ""})
    >>> introduction_states(ledger)[["standing", "days", "brokered"]].values.tolist()
    [['met', 19, True]]
    """
    if within < 0 or dormant_after < 0:
        raise NetklyngeError(f"within is {within} and dormant_after {dormant_after}; both are days from 0 up")
    day = _as_day(on, ledger)
    pairs = [tuple(sorted(map(str, pair))) for pair in zip(ledger["actor"], ledger["alter"], strict=True)]
    told = ledger.assign(pair=pairs, at=pd.to_datetime(ledger["date"]))
    told = told[told["at"] <= day].sort_values("at", kind="stable")
    rows = [(*pair, *_standing_of(lines, day, within, dormant_after)) for pair, lines in told.groupby("pair")]
    table = pd.DataFrame(rows, columns=_STANDING).astype({"days": "Int64", "brokered": "boolean"})
    table = table.sort_values(["actor", "alter"], kind="stable")
    return table.sort_values("standing", key=lambda s: s.map(_URGENCY.index), kind="stable", ignore_index=True)


_STANDING = [
    "actor",
    "alter",
    "standing",
    "proposed",
    "proposals",
    "first_met",
    "last_met",
    "days",
    "brokered",
    "note",
]
_URGENCY = ("blocked", "dormant", "proposed", "met", "refused")


def _as_day(on: date | str | None, ledger: pd.DataFrame) -> pd.Timestamp:
    if on is None:
        return pd.Timestamp(pd.to_datetime(ledger["date"]).max() if len(ledger) else pd.Timestamp.max)
    day = _day(str(on))
    if day is None:
        raise NetklyngeError(f"'{on}' is no day; give year-month-day such as 2006-03-01")
    return pd.Timestamp(day)


def _standing_of(lines: pd.DataFrame, day: pd.Timestamp, within: int, dormant_after: int) -> tuple[object, ...]:
    """One pair, from its lines in order of time: the columns after its two ends."""
    proposals, meetings = (lines.loc[lines["state"] == state, "at"] for state in ("proposed", "met"))
    proposed, first, last = proposals.min(), meetings.min(), meetings.max()
    before = proposals[proposals <= first].max() if len(meetings) else pd.NaT
    days = (first - before).days if pd.notna(before) else None
    final = lines["state"].iloc[-1]
    if final in ("refused", "dormant"):
        state = str(final)
    elif len(meetings):
        state = "dormant" if (day - last).days > dormant_after else "met"
    else:
        state = "blocked" if (day - proposed).days > within else "proposed"
    brokered = None if not len(meetings) else days is not None and days <= within
    return state, proposed, len(proposals), first, last, days, brokered, lines["note"].iloc[-1]


def brokered_share(work: pd.DataFrame) -> pd.DataFrame:
    """Of the pairs that have met, the share whose first meeting followed an introduction.

    Parameters
    ----------
    work : DataFrame
        From :func:`introduction_states`.

    Returns
    -------
    DataFrame
        One row: ``brokered``, ``n`` (pairs that have met), ``share`` (blank when none has).

    Examples
    --------
    >>> ledger = pd.DataFrame({"actor": "a", "alter": ["b", "c"], "state": "met",
    ...     "date": pd.to_datetime(["2006-03-20", "2006-03-20"]), "note": ""})
    >>> brokered_share(introduction_states(ledger)).values.tolist()
    [[0.0, 2.0, 0.0]]
    """
    met = work["brokered"].dropna()
    count, n = int(met.sum()), len(met)
    return pd.DataFrame({"brokered": [count], "n": [n], "share": [count / n if n else float("nan")]})
