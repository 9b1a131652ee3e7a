"""Synthetic microdata: made-up respondents whose answers give back published tables to their printed rounding.

Published margins become whole counts in three steps. Iterative proportional fitting (Deming & Stephan 1940) gives the
expected table. Controlled rounding (Cox 1987), here as a small integer programme, gives the nearest table of whole
numbers that *prints* as published. The counts are then dealt out to respondents at random, with a seed. Whatever
has no published margin is filled at random and means nothing.

References
----------
Deming, W. E. & Stephan, F. F. (1940). On a least squares adjustment of a sampled frequency table when the expected
marginal totals are known. Annals of Mathematical Statistics 11(4), 427-444.
Cox, L. H. (1987). A constructive procedure for unbiased controlled rounding. Journal of the American Statistical
Association 82(398), 520-524.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import yaml

from netklynge.files.extras import require
from netklynge.files.outputs import write_csv, write_text, written
from netklynge.files.tables import read_text_table
from netklynge.findings import InputError, NetklyngeError
from netklynge.parsers.codes import code_key
from netklynge.study.loading import load as load_study
from netklynge.study.study import Study
from netklynge.study.zones import NOT_RELEVANT
from netklynge.surveys import codebook as codebooks
from netklynge.surveys.margins import fit_margins, printed_counts
from netklynge.surveys.questionnaire import NONE, Codebook, Item, Question
from netklynge.surveys.surveyfiles import MISSING_KINDS, SYNTHETIC

__all__ = ["synthesize"]

TICKS_PER_FIRM = {"grid": 3.0, "yes_no": 1.2}  # where the number of ticks is not published
COOPERATING = 0.6  # share of a group's firms that the ticks of a gated grid are dealt to
_NOTE = "SYNTHETIC answers made by netklynge; no firm gave them"
_MARGINS = ("table", "question", "item", "group", "answer", "value", "base")


def synthesize(source: str | Path | Study | Codebook, firms: int, seed: int, path: str | Path) -> Path:
    """Write synthetic microdata that keep published margins.

    Parameters
    ----------
    source : str, Path, Study or Codebook
        A codebook (its ``margins`` name a file beside it), or a study with published answers; a codebook of its
        questions is then written beside the microdata.
    firms : int
        Number of respondents, dealt to the codebook's ``groups`` in proportion.
    seed : int
        The same seed gives the same bytes.
    path : str or Path
        ``.sav`` or ``.zsav`` (with labels) or ``.csv``.

    Returns
    -------
    Path
        The file, marked SYNTHETIC in its label and in a column ``synthetic``.

    Raises
    ------
    NetklyngeError
        Nothing is published to be kept, or the file cannot be written.

    Warns
    -----
    UserWarning
        So few firms cannot give the published numbers of a question; its answers are then as near as can be.

    Examples
    --------
    >>> import tempfile
    >>> from netklynge.surveys.microdata import import_survey
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = synthesize("nibr-2004", 147, 1, Path(folder) / "answers.sav")
    ...     study = import_survey(file, "nibr-2004").study
    >>> study.meta["synthetic"], len(study.actors[study.actors["kind"] == "firm"])
    (True, 147)
    """
    target = Path(path)
    if target.suffix.lower() not in (".sav", ".zsav", ".csv"):
        raise NetklyngeError(f"{target}: synthetic microdata are written as .sav, .zsav or .csv")
    if firms < 1:
        raise NetklyngeError(f"{firms} firms: give a number from 1 up")
    book, margins = _source(source, firms, target)
    random = np.random.default_rng(seed)
    groups = _groups(book, firms)
    columns = _respondent_columns(book, groups, random)
    answers: dict[str, pd.Series[Any]] = {}
    for question in book.questions:
        if question.synthetic:
            own = margins[margins["question"] == question.id]
            answers |= (
                _fitted(book, question, own, groups, random) if len(own) else _filled(book, question, firms, random)
            )
            if question.asked_if is not None and question.asked_if[0] in answers:
                _open_gate(question, answers)
    _close_gates(book, {**columns, **answers})
    frame = pd.DataFrame({SYNTHETIC: 1, **{**answers, **columns}}, index=range(firms))
    return _write(target, frame.copy(), book)


# -- from margins to counts --------------------------------------------------------------------------


# -- from counts to respondents ----------------------------------------------------------------------


def _source(source: str | Path | Study | Codebook, firms: int, target: Path) -> tuple[Codebook, pd.DataFrame]:
    """The codebook and its margins as text; for a study, a codebook of its published answers, written beside."""
    if not isinstance(source, Study | Codebook):
        try:
            source = codebooks.load(source)
        except InputError as no_codebook:
            try:
                source = load_study(str(source))
            except InputError:
                raise no_codebook from None
    if isinstance(source, Codebook):
        if source.margins is None or source.folder is None:
            return source, pd.DataFrame(columns=list(_MARGINS))
        margins, findings = read_text_table(source.folder / source.margins)
        if findings:
            raise InputError(f"{source.folder / source.margins}: {findings[0]}")
        return source, margins.fillna("")
    content, margins = _of_study(source, firms)
    file = write_text(
        target.with_name(f"{target.stem}.codebook.yaml"),
        yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=110),
    )
    return codebooks.load(file), margins


def _of_study(study: Study, firms: int) -> tuple[dict[str, Any], pd.DataFrame]:
    """A questionnaire that asks what a study's published answers tell, and its margins."""
    questions: dict[str, Any] = {}
    margins = []
    keys = ["table", "item", "layer", "flow", "group", "unit"]
    links = study.links[study.links["value"].notna() & ~study.links["item"].fillna("").str.endswith(": all kinds")]
    for key, rows in links.groupby(keys, sort=False, dropna=False):
        told = {name: "" if pd.isna(value) else str(value) for name, value in zip(keys, key, strict=True)}
        total = float(rows["value"].sum())
        if told["unit"] == "percent_of_firms" or (told["unit"] != "count" and not 97 <= total <= 103):
            continue
        name = f"q{len(questions) + 1:02d}"
        question: dict[str, Any] = {
            "kind": "grid",
            "text": ", ".join(filter(None, [told["item"], told["group"]])),
            "layer": told["layer"],
            "flow": told["flow"] or "both",
        }
        zones = list(dict.fromkeys(rows["scale"]))
        if told["unit"] == "percent_of_value":
            question |= {"kind": "shares", "columns": {zone: f"{name}_{zone}" for zone in zones}}
        elif told["unit"] == "count" and total > firms:
            question |= {"columns": f"{name}_{{ring}}", "rings": zones}
            if NOT_RELEVANT in zones:
                zones.remove(NOT_RELEVANT)
                question |= {"rings": zones, "not_relevant": f"{name}_{NOT_RELEVANT}"}
        else:
            question |= {"column": name, "codes": dict(enumerate(zones, start=1))}
        questions[name] = question
        base = {"count": "", "percent_of_links": "item", "percent_of_value": "item"}[told["unit"]]
        margins += [
            (told["table"], name, "", "", zone, f"{float(value):g}", base)
            for zone, value in zip(rows["scale"], rows["value"], strict=True)
        ]
    if not questions:
        raise NetklyngeError(f"study '{study.name}' publishes no counts or shares by ring, so there is nothing to keep")
    meta = {key: study.meta[key] for key in ("country", "place", "zones") if key in study.meta}
    if study.reference_year is not None:
        meta["year"] = study.reference_year
    content = {
        "name": f"{study.name}-synthetic",
        "title": study.title,
        **meta,
        "missing": {"no_answer": [99], "not_asked": [98]},
        "respondent": {"id": "firm", "name": "firm_name"},
        "questions": questions,
    }
    return content, pd.DataFrame(margins, columns=list(_MARGINS))


def _groups(book: Codebook, firms: int) -> pd.Series[str]:
    """The group of each respondent, in proportion to the codebook's groups (largest remainders)."""
    if not book.groups:
        return pd.Series([""] * firms, dtype="string")
    sizes = pd.Series(book.groups, dtype=float)
    exact = sizes / sizes.sum() * firms
    whole = np.floor(exact).astype(int)
    rest = (exact - whole).sort_values(ascending=False, kind="stable").index[: firms - int(whole.sum())]
    whole[rest] += 1
    return pd.Series(np.repeat(whole.index.to_numpy(str), whole), dtype="string")


def _respondent_columns(
    book: Codebook, groups: pd.Series[str], random: np.random.Generator
) -> dict[str, pd.Series[Any]]:
    """Columns that describe respondents; organisation numbers, owners and weights are left out, never invented."""
    firms = len(groups)
    number = pd.Series(range(1, firms + 1)).astype(str).str.zfill(max(3, len(str(firms))))
    fill: dict[str, pd.Series[Any]] = {
        "id": "S" + number,
        "name": "Synthetic firm " + number,
        "employees": pd.Series(np.ceil(random.lognormal(2.8, 1.2, firms))),
    }
    if book.groups:
        fill |= {"group": groups, "place": groups}
    if book.head_office and "head_office" in book.respondent:
        fill["head_office"] = _codes(pd.Series(random.choice(list(book.head_office), firms)))
    return {column: fill[role] for role, column in book.respondent.items() if role in fill}


def _fitted(
    book: Codebook,
    question: Question,
    margins: pd.DataFrame,
    groups: pd.Series[str],
    random: np.random.Generator,
) -> dict[str, pd.Series[Any]]:
    """Answers to a question whose margins are published."""
    if question.kind == "shares":
        return _fitted_shares(question, margins, len(groups), random)
    ticks = not any("answer" in item.columns for item in question.items) or question.kind == "yes_no"
    told = [name for name in dict.fromkeys(margins["group"]) if name] or [""]
    if told == [""]:
        groups = pd.Series("", index=groups.index)
    firms = {**dict.fromkeys(told, 0), **groups.value_counts().to_dict(), "": len(groups)}
    answers = [name for name in dict.fromkeys(margins["answer"]) if name]
    cells = pd.DataFrame(
        [(item.id, group, answer) for group in told for item in question.items for answer in answers],
        columns=["item", "group", "answer"],
    )
    of_firms = bool((margins["base"] == "firms").any())
    each = TICKS_PER_FIRM[question.kind] / len(question.items) if ticks and not of_firms else 1.0
    expected = fit_margins(cells, margins, cells["group"].map(firms) * each)
    try:
        cells["count"] = printed_counts(cells, margins, expected, firms, single=not ticks)
        by = ["item", "group"] if not ticks else ["item", "group", "answer"]
        if (cells.groupby(by)["count"].transform("sum") > cells["group"].map(firms)).any():
            raise NetklyngeError("it has more answers than there are firms")
    except NetklyngeError as error:
        warnings.warn(f"question '{question.id}' is only near to what is published: {error}", stacklevel=3)
        cells["count"] = _nearest_counts(cells, expected, firms, single=not ticks)
    if NOT_RELEVANT in answers and ticks:
        return _dealt_rows(question, cells, groups, random)
    return (_dealt_ticks if ticks else _dealt_codes)(book, question, cells, groups, random)


def _nearest_counts(
    cells: pd.DataFrame, expected: pd.Series[float], firms: Mapping[str, int], single: bool
) -> pd.Series[int]:
    """Expected counts rounded, no more than there are firms."""
    most = cells["group"].map(firms).astype(float)
    if single:
        totals = expected.groupby([cells["item"], cells["group"]]).transform("sum")
        scaled = expected * np.minimum(1, most / totals.where(totals > 0, 1))
        before = scaled.groupby([cells["item"], cells["group"]]).cumsum()
        return (np.rint(before) - np.rint(before - scaled)).astype(int)
    return np.minimum(np.rint(expected), most).astype(int)


def _dealt_rows(
    question: Question, cells: pd.DataFrame, groups: pd.Series[str], random: np.random.Generator
) -> dict[str, pd.Series[Any]]:
    """Ticks beside a "not relevant": some respondents tick that, each other one a place, and some a second place."""
    columns = {column: pd.Series(0.0, index=groups.index) for column in question.columns}
    for group in dict.fromkeys(cells["group"]):
        for item in question.items:
            rows = cells[(cells["group"] == group) & (cells["item"] == item.id)].set_index("answer")["count"]
            firms = random.permutation(np.flatnonzero((groups == group).to_numpy(bool)))
            apart, rest = np.split(firms, [rows[NOT_RELEVANT]])
            columns[item.columns[NOT_RELEVANT]].iloc[apart] = 1.0
            places = rows.drop(NOT_RELEVANT)
            for turn, place in enumerate(random.permutation(np.repeat(places.index.to_numpy(str), places))):
                column = columns[item.columns[place]]
                free = rest[turn : turn + 1] if turn < len(rest) else rest[column.to_numpy()[rest] == 0]
                if len(free):  # none are left only where so few firms cannot print as published
                    column.iloc[random.choice(free)] = 1.0
    return columns


def _dealt_codes(
    book: Codebook,
    question: Question,
    cells: pd.DataFrame,
    groups: pd.Series[str],
    random: np.random.Generator,
) -> dict[str, pd.Series[Any]]:
    """One answer per respondent and item: in each group the same respondents answer, the others did not.

    A published count of missing answers is kept too. Groups without published numbers were not asked.
    """
    code_of = _code_of(book, question)
    columns = {
        item.columns["answer"]: pd.Series(code_of.get("not_asked"), index=groups.index, dtype=object)
        for item in question.items
    }
    counted = cells.groupby(["group", "item"], sort=False)["count"].sum()
    exact = "no_answer" in set(cells["answer"])  # then who is not counted was not asked
    for group in dict.fromkeys(cells["group"]):
        firms = random.permutation(np.flatnonzero((groups == group).to_numpy(bool)))
        for item in question.items:
            rows = cells[(cells["group"] == group) & (cells["item"] == item.id)]
            deck = random.permutation(np.repeat([code_of[a] for a in rows["answer"]], rows["count"]))
            column = columns[item.columns["answer"]]
            column.iloc[firms[: counted[group, item.id]]] = deck
            column.iloc[firms[counted[group, item.id] :]] = code_of.get("not_asked" if exact else "no_answer")
    return {name: _codes(column) for name, column in columns.items()}


def _dealt_ticks(
    book: Codebook,
    question: Question,
    cells: pd.DataFrame,
    groups: pd.Series[str],
    random: np.random.Generator,
) -> dict[str, pd.Series[Any]]:
    """Ticks: each cell is dealt to as many different respondents, some of whom tick more than others."""
    yes_no = question.kind == "yes_no"
    code_of = _code_of(book, question) if yes_no else {"yes": "1", "no": "0"}
    columns = {column: pd.Series(code_of["no"], index=groups.index, dtype=object) for column in question.columns}
    by_item = {item.id: item for item in question.items}
    for group, rows in cells.groupby("group", sort=False):
        firms = random.permutation(np.flatnonzero((groups == group).to_numpy(bool)))
        share = COOPERATING if question.asked_if is not None else 1.0
        pool = firms[: max(int(np.ceil(share * len(firms))), int(rows["count"].max()))]
        eager = random.gamma(2.0, size=len(pool)) + 0.1
        for row in rows[rows["count"] > 0].itertuples():
            chosen = random.choice(pool, size=row.count, replace=False, p=eager / eager.sum())
            item = by_item[row.item]
            columns[item.columns["answer" if yes_no else row.answer]].iloc[chosen] = code_of["yes"]
    return {name: _codes(column) for name, column in columns.items()}


def _fitted_shares(
    question: Question, margins: pd.DataFrame, firms: int, random: np.random.Generator
) -> dict[str, pd.Series[Any]]:
    """Shares of every respondent that add up to the total and whose means are the published ones (fitted)."""
    item = question.items[0]
    zones = [zone for zone in margins["answer"] if zone in item.columns]
    means = margins.set_index("answer")["value"].astype(float).reindex(zones).to_numpy()
    means = means / means.sum() * question.total
    x = random.dirichlet(np.full(len(zones), 1.5), firms)
    for _ in range(200):
        x *= means / x.mean(axis=0)
        x *= question.total / x.sum(axis=1, keepdims=True)
    return {item.columns[zone]: pd.Series(np.round(x[:, k], 2)) for k, zone in enumerate(zones)}


def _filled(book: Codebook, question: Question, firms: int, random: np.random.Generator) -> dict[str, pd.Series[Any]]:
    """Answers at random, where nothing is published; named partners are never invented."""
    if question.kind == "partners":
        return {column: pd.Series(pd.NA, index=range(firms), dtype="string") for column in question.columns}
    if question.kind == "shares":
        item = question.items[0]
        parts = random.multinomial(int(question.total), random.dirichlet(np.ones(len(item.columns)), firms))
        return {column: pd.Series(parts[:, k].astype(float)) for k, column in enumerate(item.columns.values())}
    if question.kind == "number":
        low = question.minimum or 0.0
        high = question.maximum if question.maximum is not None else low + 100.0
        return {column: pd.Series(np.round(random.uniform(low, high, firms))) for column in question.columns}
    columns = {}
    for item in question.items:
        for role, column in item.columns.items():
            if role == "answer":
                answers = [code for code, meaning in question.codes.items() if meaning not in (NONE, *MISSING_KINDS)]
                columns[column] = _codes(pd.Series(random.choice(answers, firms) if answers else [pd.NA] * firms))
            else:
                rate = 0.0 if role == NOT_RELEVANT else 0.15
                columns[column] = pd.Series((random.random(firms) < rate).astype(float))
    return columns


def _open_gate(question: Question, columns: dict[str, pd.Series[Any]]) -> None:
    """Let the gate of a question say who ticked something in it."""
    assert question.asked_if is not None
    gate, codes = question.asked_if
    answered = np.logical_or.reduce([pd.to_numeric(columns[c], errors="coerce") == 1 for c in question.columns])
    others = set(columns[gate].dropna().map(code_key)) - set(codes)
    columns[gate] = _codes(pd.Series(codes[0], index=columns[gate].index).where(answered, min(others, default=pd.NA)))


def _close_gates(book: Codebook, columns: Mapping[str, pd.Series[Any]]) -> None:
    """Blank the answers of those who were not asked."""
    for question in book.questions:
        if question.asked_if is None or question.asked_if[0] not in columns:
            continue
        column, codes = question.asked_if
        asked = columns[column].map(code_key, na_action="ignore").isin(codes)
        for name in question.columns:
            if name in columns:
                columns[name].loc[~asked] = np.nan


def _code_of(book: Codebook, question: Question) -> dict[str, str]:
    """Answer to code, missing answers too; the first code where several mean the same."""
    codes = [*question.codes.items(), *question.missing.items(), *book.missing.items()]
    return {meaning: code for code, meaning in reversed(codes)}


def _codes(column: pd.Series[Any]) -> pd.Series[Any]:
    """Codes as numbers when all of them are."""
    numeric = pd.to_numeric(column, errors="coerce")
    return numeric.astype(float) if numeric.notna().sum() == column.notna().sum() else column.astype("string")


# -- files out ---------------------------------------------------------------------------------------


def _write(target: Path, frame: pd.DataFrame, book: Codebook) -> Path:
    if target.suffix.lower() == ".csv":
        return write_csv(target, frame.map(lambda v: int(v) if isinstance(v, float) and v.is_integer() else v))
    require("survey", f"{target}: writing {target.suffix}")
    import pyreadstat

    labels, values, missing = _labels(book, frame)
    objects = frame.astype({name: object for name in frame if pd.api.types.is_string_dtype(frame[name].dtype)})
    with written(target) as temporary:
        pyreadstat.write_sav(
            objects.where(objects.notna(), None),
            str(temporary),
            file_label=_NOTE[:60],
            column_labels=labels,
            variable_value_labels=values,
            missing_ranges=missing,
            compress=target.suffix.lower() == ".zsav",
            note=[_NOTE, f"codebook: {book.name}"[:80]],
        )
        raw = bytearray(temporary.read_bytes())
        raw[92:109] = b"01 Jan 0000:00:00"  # the time of writing, so that the same seed gives the same bytes
        temporary.write_bytes(raw)
    return target


def _labels(
    book: Codebook, frame: pd.DataFrame
) -> tuple[dict[str, str], dict[str, dict[Any, str]], dict[str, list[Any]]]:
    """Variable labels, value labels and user-missing codes as SPSS keeps them."""
    labels = {
        SYNTHETIC: _NOTE,
        **{column: role.replace("_", " ") for role, column in book.respondent.items()},
    }
    values: dict[str, dict[Any, str]] = {SYNTHETIC: {1: "made-up answers"}}
    missing: dict[str, list[Any]] = {}
    for question in book.questions:
        for item in question.items:
            for role, column in item.columns.items():
                if column not in frame:
                    continue
                labels[column] = _label(question, item, role)
                if pd.api.types.is_string_dtype(frame[column].dtype) or question.kind in ("shares", "number"):
                    continue
                codes = dict(question.codes) if role == "answer" else {"0": "not ticked", "1": "ticked"}
                used = {code: kind for code, kind in {**book.missing, **question.missing}.items() if role == "answer"}
                values[column] = {
                    float(c): meaning.replace("_", " ") for c, meaning in {**used, **codes}.items() if _numeric(c)
                }
                absent = sorted(float(c) for c in used if _numeric(c) and c not in codes)[:3]
                if absent:
                    missing[column] = [*absent]
    return labels, values, missing


def _label(question: Question, item: Item, role: str) -> str:
    return ": ".join(
        part for part in (question.text, item.text if item.id else "", "" if role == "answer" else role) if part
    )


def _numeric(code: str) -> bool:
    return re.fullmatch(r"[+-]?\d+", code) is not None
