"""The next survey: a study's own actors as a roster that they fill in, and the codebook that reads the answers back.

Three forms of the same questions: a workbook with a row per respondent and drop-downs of names (Excel), a questionnaire
that LimeSurvey imports (a tab-separated survey structure), and a text to build a form from in Nettskjema, which imports
no file. Each comes with its codebook, which :func:`netklynge.import_survey` reads; :func:`read_roster` also gives known
actors their ids back, so that the new wave can be held against the old one.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pandas as pd
import yaml

from netklynge.files.outputs import refuse_overwrite, write_bytes, write_csv, write_text
from netklynge.findings import NetklyngeError
from netklynge.language import Language, language
from netklynge.parsers.imported import Imported
from netklynge.parsers.names import fold
from netklynge.study.contracts import TABLES
from netklynge.study.layers import LAYER_TABLE
from netklynge.study.ties import actual_ties
from netklynge.surveys.microdata import import_survey

if TYPE_CHECKING:
    from netklynge.study.study import Study
    from netklynge.surveys.questionnaire import Codebook
    from netklynge.surveys.surveyfiles import SurveyFile

__all__ = ["TOOLS", "read_roster", "roster_actors", "roster_codebook", "roster_questions", "write_roster", "write_wave"]

TOOLS = ("excel", "limesurvey", "nettskjema")
SLOTS = 8  # names that a respondent can give to one question in the workbook
_OTHERS = 3  # names beside the list in a questionnaire
_ROWS = 500  # rows of the workbook that have drop-downs
_SUFFIX = {"excel": ".xlsx", "limesurvey": ".txt", "nettskjema": ".md"}


class _Asked(NamedTuple):
    """One question: the heading of its columns, and what is asked; what flows in comes from the other."""

    layer: str
    flow: str
    head: str
    text: str


_QUESTIONS = tuple(_Asked(layer.name, *question) for layer in LAYER_TABLE for question in layer.questions)


def roster_questions(study: Study, layers: Iterable[str] | None = None, lang: str = "en") -> pd.DataFrame:
    """Questions of the roster, in order.

    Parameters
    ----------
    study : Study
    layers : iterable of str, optional
        By default those that the study has ties in. Spin-offs are events and are not asked.
    lang : {"en", "nb"}

    Returns
    -------
    DataFrame
        ``question`` (a short code), ``layer``, ``flow`` (in, out, both), ``head``, ``text``.

    Raises
    ------
    NetklyngeError
        No question asks for one of the layers.

    Examples
    --------
    >>> import netklynge as nk
    >>> roster_questions(nk.load("horten"), ["supply"])["question"].tolist()
    ['supply_in', 'supply_out']
    """
    say = language(lang)
    asked = [q.layer for q in _QUESTIONS]
    wanted = [layer for layer in study.layers if layer in asked] if layers is None else list(layers)
    strange = sorted(set(wanted) - set(asked))
    if strange:
        known = ", ".join(dict.fromkeys(asked))
        raise NetklyngeError(f"no question asks for layer '{strange[0]}'; give some of {known}")
    rows = [
        (f"{q.layer}_{q.flow}", q.layer, q.flow, say.text(q.head), say.text(q.text))
        for q in _QUESTIONS
        if q.layer in wanted
    ]
    return pd.DataFrame(rows, columns=["question", "layer", "flow", "head", "text"])


def roster_actors(study: Study, outside: bool = False) -> pd.DataFrame:
    """Actors of the roster: all that are inside the cut, who also answer; and those outside that they are tied to.

    Returns
    -------
    DataFrame
        ``actor``, ``label`` (the name, with the id where two would read alike), ``code`` (a001, ...), ``kind``,
        ``ring``, ``answers`` (is asked). Sorted by label.

    Examples
    --------
    >>> import netklynge as nk
    >>> roster_actors(nk.load("kongsberg"))[["label", "code"]].values.tolist()[0]
    ['Danfoss Esco AS', 'a001']
    """
    own = set(study.insiders["actor"])
    listed = study.actors[~study.is_category].copy()
    ties = actual_ties(study)
    near = ties[ties["source"].isin(own) | ties["target"].isin(own)]
    wanted = own | ({*near["source"], *near["target"]} if outside else set())
    listed = listed[listed["actor"].isin(wanted)]
    name = listed["name"].fillna(listed["actor"]).map(_plain)
    key = name.map(fold)
    label = name.where(~key.duplicated(keep=False) & (key != ""), name + " (" + listed["actor"].map(_plain) + ")")
    table = pd.DataFrame(
        {
            "actor": listed["actor"],
            "label": label,
            "kind": listed["kind"],
            "ring": listed["scale"],
            "answers": listed["actor"].isin(own),
        }
    )
    order = table["label"].str.casefold()
    table = table.iloc[order.argsort(kind="stable")].reset_index(drop=True)
    table.insert(2, "code", [f"a{k:03d}" for k in range(1, len(table) + 1)])
    return table


def _plain(name: str) -> str:
    """A name on one line that no survey tool takes for a command: no tags, and no braces that it would fill in."""
    return " ".join(str(name).split()).translate(str.maketrans("<>{}|\t", "‹›()/ "))


# -- the codebook ------------------------------------------------------------------------------------------------


def roster_codebook(
    study: Study,
    tool: str,
    layers: Iterable[str] | None = None,
    lang: str = "en",
    outside: bool = False,
    year: int | None = None,
) -> dict[str, Any]:
    """Codebook of the roster, as ``docs/codebook.md`` explains it.

    Parameters
    ----------
    study, layers, lang, outside
        As in :func:`write_roster`.
    tool : {"excel", "limesurvey", "nettskjema"}
    year : int, optional
        The year that the answers are of.

    Examples
    --------
    >>> import netklynge as nk
    >>> book = roster_codebook(nk.load("kongsberg"), "limesurvey", ["supply"])
    >>> book["questions"]["supply_in"]["columns"], book["respondent"]
    ('supplyin[{item}]', {'name': 'firmname'})
    """
    say = language(_known(tool, lang))
    asked = roster_questions(study, layers, lang)
    actors = roster_actors(study, outside)
    book: dict[str, Any] = {"name": study.name, "title": study.title}
    if year is not None:
        book["year"] = year
    if isinstance(study.meta.get("zones"), Mapping):
        book["zones"] = study.meta["zones"]
    who = {"excel": {"name": _own(say)}, "limesurvey": {"name": "firmname"}, "nettskjema": {"id": "firm"}}
    book["respondent"] = who[tool]
    book["questions"] = {}
    for q in asked.itertuples():
        ask = {"text": q.text, "layer": q.layer, "flow": q.flow}
        if tool == "excel":
            columns = {"name": f"{q.head} {{slot}}"}
            book["questions"][q.question] = {"kind": "partners", **ask, "slots": SLOTS, "columns": columns}
            continue
        code = _column(q.question, tool)
        items = dict(zip(_codes(actors, tool), _items(actors), strict=True))
        ticks = f"{code}[{{item}}]" if tool == "limesurvey" else f"{code}.{{item}}"
        book["questions"][q.question] = {"kind": "roster", **ask, "columns": ticks, "items": items}
        other = f"{code}other[{{slot}}]" if tool == "limesurvey" else f"{code}_other_{{slot}}"
        more = {"kind": "partners", **ask, "slots": _OTHERS, "columns": {"name": other}, "optional": True}
        book["questions"][f"{q.question}_other"] = more
    if tool == "excel":  # a respondent who names nobody has answered all the same
        book["questions"]["finished"] = {"kind": "yes_no", "text": say.text("Finished"), "column": say.text("Finished")}
    return book


def _known(tool: str, lang: str) -> str:
    if tool not in TOOLS:
        raise NetklyngeError(f"tool '{tool}' is unknown; choose one of {', '.join(TOOLS)}")
    return lang


def _own(say: Language) -> str:
    return say.text("Your organisation")


def _column(question: str, tool: str) -> str:
    """A question's code; LimeSurvey takes letters and digits only."""
    return question.replace("_", "") if tool == "limesurvey" else question


def _codes(actors: pd.DataFrame, tool: str) -> list[str]:
    """Codes of the actors: short ones where a tool allows no more, else words that stand for the name."""
    if tool == "limesurvey":
        return list(actors["code"])
    return [fold(label).replace(" ", "_") or code for label, code in zip(actors["label"], actors["code"], strict=True)]


def _items(actors: pd.DataFrame) -> list[dict[str, str]]:
    rows = actors[["label", "kind", "ring"]].itertuples(index=False, name=None)
    return [{k: str(v) for k, v in zip(("name", "kind", "ring"), row, strict=True) if not pd.isna(v)} for row in rows]


# -- the forms ---------------------------------------------------------------------------------------------------


def write_roster(
    study: Study,
    path: str | Path,
    tool: str = "excel",
    layers: Iterable[str] | None = None,
    lang: str = "en",
    outside: bool = False,
    year: int | None = None,
    force: bool = False,
) -> tuple[Path, Path]:
    """Write the roster of a study's actors, and its codebook beside it; return both paths.

    Parameters
    ----------
    study : Study
        Actors inside its cut answer, and stand in the list.
    path : path
        ``.xlsx`` for Excel, ``.txt`` for LimeSurvey, ``.md`` for Nettskjema.
    tool : {"excel", "limesurvey", "nettskjema"}
        Excel: a row per respondent, who picks its own name and up to eight others for each question; names that are
        not in the list can be written in. LimeSurvey: import the file as a survey; export the answers as CSV with
        question codes as headings. Nettskjema: a text to build the form from, with the codes to set in its codebook,
        since it imports no file.
    layers : iterable of str, optional
        As in :func:`roster_questions`.
    lang : {"en", "nb"}
        Language of the questions.
    outside : bool
        List the named partners outside the cut too.
    year : int, optional
        The year that the answers are of.
    force : bool
        Write over what is there.

    Raises
    ------
    NetklyngeError
        The tool or a layer is unknown, nobody is inside the cut, or a file is there already.

    Examples
    --------
    >>> import tempfile
    >>> import netklynge as nk
    >>> files = write_roster(nk.load("horten"), Path(tempfile.mkdtemp()) / "roster.xlsx", layers=["rd"])
    >>> [file.name for file in files]
    ['roster.xlsx', 'roster-codebook.yaml']
    """
    chosen = None if layers is None else list(layers)
    book = roster_codebook(study, tool, chosen, lang, outside, year)
    target = Path(path)
    target = target if target.suffix else target.with_suffix(_SUFFIX[tool])
    beside = target.with_name(f"{target.stem}-codebook.yaml")
    asked, actors = roster_questions(study, chosen, lang), roster_actors(study, outside)
    if not actors["answers"].any():
        raise NetklyngeError(f"nobody is inside the cut '{study.boundary}' of {study.name}; there is nobody to ask")
    refuse_overwrite([target, beside], force)
    say = language(lang)
    if tool == "excel":
        write_bytes(target, _workbook(study, asked, actors, say))
    elif tool == "limesurvey":
        write_text(target, "\ufeff" + _limesurvey(study, asked, actors, say))
    else:
        write_text(target, _nettskjema(study, asked, actors, say))
    write_text(beside, yaml.safe_dump(book, sort_keys=False, allow_unicode=True, width=110))
    return target, beside


def _workbook(study: Study, asked: pd.DataFrame, actors: pd.DataFrame, say: Language) -> bytes:
    """Sheets ``answers`` (which the codebook reads), ``help`` and ``actors``; the same bytes every time."""
    import xlsxwriter  # type: ignore[import-untyped]

    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties({"title": study.title, "created": datetime(2000, 1, 1)})
    head = book.add_format({"bold": True, "bg_color": "#DCE6F1", "bottom": 1, "text_wrap": True, "valign": "top"})
    band = book.add_format({"bold": True, "bg_color": "#EEF3E2", "bottom": 1, "text_wrap": True, "valign": "top"})
    wrapped = book.add_format({"text_wrap": True, "valign": "top"})
    sheet, guide, names = (book.add_worksheet(name) for name in ("answers", "help", "actors"))
    first, last = int((~actors["answers"]).sum()), len(actors)
    ordered = actors.iloc[actors["answers"].argsort(kind="stable")]  # those who answer stand together, at the end
    everybody = f"=actors!$A$2:$A${last + 1}"
    answering = f"=actors!$A${first + 2}:$A${last + 1}"
    columns: list[tuple[str, str, str | list[str], str]] = []  # heading, question, names to choose from, other names
    columns.append((_own(say), say.text("Pick your own name."), answering, "stop"))
    for q in asked.itertuples():
        columns += [(f"{q.head} {slot}", q.text, everybody, "information") for slot in range(1, SLOTS + 1)]
    columns.append((say.text("Finished"), say.text("Say yes when you have named all, or have nobody to name."),
                    [say.text("yes"), say.text("no")], "stop"))  # fmt: skip
    for place, (name, text, source, strict) in enumerate(columns):
        question = (place - 1) // SLOTS
        sheet.write_string(0, place, name, band if place and question % 2 else head)
        sheet.write_comment(0, place, text, {"author": "netklynge"})
        told = {"validate": "list", "source": source, "error_type": strict, "error_title": name[:32],
                "error_message": say.text("This name is not in the list; check its spelling.")[:255]}  # fmt: skip
        sheet.data_validation(1, place, _ROWS, place, told)
    sheet.set_column(0, 0, 34)
    sheet.set_column(1, len(columns) - 1, 24)
    sheet.freeze_panes(1, 1)
    guide.set_column(0, 0, 90)
    for row, text in enumerate((
        study.title,
        say.text("Sheet 'answers': one row for each organisation. Pick your own name, then a name for each tie."),
        say.text("A name that is missing from the list can be written in. Leave a cell empty when you have no more."),
        say.text("Do not change the headings."),
        *(f"{q.head}: {q.text}" for q in asked.itertuples()),
    )):  # fmt: skip
        guide.write_string(row, 0, text, head if row == 0 else wrapped)
    names.set_column(0, 0, 40)
    for place, column in enumerate(("label", "actor", "kind", "ring")):
        names.write_string(0, place, column, head)
        for row, cell in enumerate(ordered[column].fillna(""), start=1):
            names.write_string(row, place, str(cell))
    book.close()
    return buffer.getvalue()


_TSV = ("class", "type/scale", "name", "relevance", "text", "help", "language", "validation", "mandatory", "other",
        "default", "same_default", "hidden")  # fmt: skip


def _limesurvey(study: Study, asked: pd.DataFrame, actors: pd.DataFrame, say: Language) -> str:
    """A survey structure for LimeSurvey: tab-separated rows for survey, groups, questions, their parts and answers.

    Answer codes may have five characters, and a list tells its answer by its code; the hidden question ``firmname``
    therefore keeps the text that was picked.
    """
    rows: list[dict[str, str]] = []

    def add(what: str, kind: str, name: str, text: str, mandatory: str = "N", hidden: str = "") -> None:
        told = {"class": what, "type/scale": kind, "name": name, "relevance": "1", "text": text, "language": say.code}
        rows.append({**told, "mandatory": mandatory, "other": "N", "hidden": hidden})

    rows += [{"class": "S", "name": key, "relevance": "1", "text": value}
             for key, value in (("sid", "100001"), ("language", say.code), ("format", "G"))]  # fmt: skip
    add("SL", "", "surveyls_title", _plain(study.title))
    add("G", "G0", say.text("Who are you?"), "")
    add("Q", "!", "firm", say.text("Pick your own name."), "Y")
    for actor in actors[actors["answers"]].itertuples():
        add("A", "0", actor.code, actor.label)
    add("Q", "*", "firmname", "{firm.shown}", hidden="1")
    add("G", "G1", say.text("Who do you work with?"), "")
    for q in asked.itertuples():
        code = _column(str(q.question), "limesurvey")
        add("Q", "M", code, str(q.text))
        for actor in actors.itertuples():
            add("SQ", "0", actor.code, actor.label)
        add("Q", "Q", f"{code}other", f"{q.text} {say.text('Others, not in the list:')}")
        for slot in range(1, _OTHERS + 1):
            add("SQ", "0", str(slot), str(slot))
    out = io.StringIO()
    writer = csv.DictWriter(out, _TSV, restval="", delimiter="\t", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def _nettskjema(study: Study, asked: pd.DataFrame, actors: pd.DataFrame, say: Language) -> str:
    """A text to build a form from: each question with its kind, its code, its options on one line, and their codes."""
    codes = dict(zip(actors["actor"], _codes(actors, "nettskjema"), strict=True))
    own = actors[actors["answers"]]
    lines = [
        f"# {_plain(study.title)}",
        "",
        say.text("Nettskjema imports no file. Make a form with the questions below, and paste the options as text."),
        say.text("Then switch the codebook on, and give each question and each option its code there."),
        "",
        f"## 1. {say.text('Pick your own name.')}",
        f"{say.text('kind')}: {say.text('drop-down list')} · {say.text('code')}: `firm`",
        "",
        " | ".join(own["label"]),
    ]
    number = 1
    for q in asked.itertuples():
        number += 1
        kind = f"{say.text('kind')}: {say.text('check boxes')} · {say.text('code')}: `{q.question}`"
        lines += ["", f"## {number}. {q.text}", kind, "", " | ".join(actors["label"])]
        for slot in range(1, _OTHERS + 1):
            number += 1
            kind = f"{say.text('kind')}: {say.text('text')} · {say.text('code')}: `{q.question}_other_{slot}`"
            lines += ["", f"## {number}. {q.text} {say.text('Others, not in the list:')} {slot}", kind]
    lines += ["", f"## {say.text('Codes of the options')}", ""]
    lines += [f"- {row.label}: `{codes[row.actor]}`" for row in actors.itertuples()]
    return "\n".join(lines) + "\n"


# -- reading back --------------------------------------------------------------------------------------------------


def read_roster(source: str | Path | SurveyFile, codebook: str | Path | Codebook, study: Study) -> Imported:
    """Read the answers to a roster as the next wave of its study.

    As :func:`netklynge.import_survey`, and known actors get their ids back with all that the study knows of them. A tie
    that both of its actors tell is one tie; ``told_by`` counts who told it.

    Parameters
    ----------
    source : path or SurveyFile
        The workbook that was filled in, or the export of the survey tool.
    codebook : path or Codebook
        The one that :func:`write_roster` wrote.
    study : Study
        The study that the roster was made from.

    Raises
    ------
    InputError
        The file or the codebook cannot be read.
    """
    imported = import_survey(source, codebook)
    new = imported.study
    known = roster_actors(study, outside=True)
    ids = {fold(label): actor for label, actor in zip(known["label"], known["actor"], strict=True)}
    told = new.actors["name"].fillna(new.actors["actor"])
    of = {a: ids.get(fold(name), a) for a, name in zip(new.actors["actor"], told, strict=True)}
    ours = study.actors[study.actors["actor"].isin([*of.values()])]
    others = new.actors[~new.actors["actor"].map(of).isin(ours["actor"])]
    columns = list(dict.fromkeys([*TABLES["actors"], *ours.columns]))
    actors = pd.concat([ours, others], ignore_index=True).reindex(columns=columns)
    ties = new.relations.assign(**{end: new.relations[end].map(of) for end in ("source", "target")})
    answers = new.answers.assign(respondent=new.answers["respondent"].map(lambda a: of.get(a, a)))
    wave = replace(new, actors=actors, relations=_once(ties), answers=answers.astype(new.answers.dtypes.to_dict()))
    return replace(imported, study=wave)


def write_wave(
    source: str | Path | SurveyFile, folder: str | Path, codebook: str | Path | Codebook, study: Study
) -> Imported:
    """Read the answers to a roster into a study folder, with ``rejected.csv`` beside its tables; return what was read.

    As :func:`read_roster`.
    """
    imported = read_roster(source, codebook, study)
    imported.study.save(folder)
    write_csv(Path(folder) / "rejected.csv", imported.rejected)
    return imported


def _once(ties: pd.DataFrame) -> pd.DataFrame:
    """Each tie once, with how many told it; a tie without direction runs from the id that comes first."""
    turned = ~ties["directed"].fillna(True).astype(bool) & (ties["source"] > ties["target"])
    low, high = ties["source"].mask(turned, ties["target"]), ties["target"].mask(turned, ties["source"])
    ties = ties.assign(source=low.astype("string"), target=high.astype("string"))
    key = ["source", "target", "layer", "directed"]
    tellers = ties.groupby(key, sort=False, dropna=False).size().rename("told_by").reset_index()
    once = ties.drop_duplicates(key).reset_index(drop=True)
    return once.assign(told_by=tellers["told_by"].astype("string").array)
