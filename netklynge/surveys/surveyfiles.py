"""Survey files in: SPSS, Stata, SAS, tables, and the exports of survey tools with their quirks.

Whatever the format, a survey file becomes a frame of text cells with what the file says of its columns:
question texts, labels of codes, and codes that mean a missing answer. Well-kept readers do the reading
(pyreadstat, calamine, pyarrow); this room knows which tool wrote a table, and takes its quirks away.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pandas as pd

from netklynge.files.extras import require
from netklynge.files.tables import (
    PARQUET_SUFFIXES,
    TEXT_SUFFIXES,
    WORKBOOK_SUFFIXES,
    cell_text,
    read_table,
    read_text_table,
    read_workbook,
    text_frame,
)
from netklynge.findings import Finding, InputError

__all__ = ["LABELLED_SUFFIXES", "MISSING_KINDS", "SYNTHETIC", "SurveyFile", "missing_kind", "read_survey"]

LABELLED_SUFFIXES = (".sav", ".zsav", ".por", ".dta", ".sas7bdat")
MISSING_KINDS = ("no_answer", "do_not_know", "not_relevant", "not_asked")
SYNTHETIC = "synthetic"  # the column, and in capitals the file label, that mark made-up answers

# Whole labels, or whole parts of one ("Vet ikke / ubesvart"): "Mangler kompetanse" is an answer.
_KIND_WORDS: Mapping[str, str] = {
    "not_asked": r"(?:question |was )?not (?:asked|shown|seen|presented)|ikke (?:spurt|stilt|vist)"
    r"|ikkje (?:spurd|stilt|vist)"
    r"|filter(?:ed)?(?: out)?|skip(?:ped)?|filtrert(?: bort)?|system[ -]?missing",
    "do_not_know": r"(?:i )?(?:do not|don't|dont|don’t) know|dk|vet ikke|veit ikkje|vet ej|vet inte|ved ikke"
    r"|usikker|unsure"
    r"|not sure|er usikker",
    "not_relevant": r"(?:is |er )?(?:not relevant|not applicable|ikk(?:e|je) relevant|ikk(?:e|je) aktuelt)"
    r"|uaktuel\w*|n/?a|ikke aktuell",
    "no_answer": r"no answer|not answered|no response|non-?response|refus(?:ed|al)(?: to answer)?|(?:er )?ubesvart"
    r"|(?:har )?(?:ikke|ikkje) (?:be)?svar(?:t|a)?|ingen svar|(?:vil|ønsker) ikke (?:å )?svare"
    r"|missing(?: values?| data| answer)?|prefer not to (?:say|answer)"
    r"|mangl(?:er|ende)(?: svar| data| verdi)?|uoppgitt|ikke oppgitt|blank|nan|null",
}
_NOT_AVAILABLE = dict.fromkeys(("NA", "NaN", "<NA>", "#N/A", "NULL"), "no_answer")  # R, pandas and Excel


@dataclass(frozen=True)
class SurveyFile:
    """A survey as its file tells it.

    Parameters
    ----------
    file : str
        The name that findings bear.
    tool : str
        What wrote it: spss, stata, sas, nettskjema, limesurvey, qualtrics, surveyxact, questback, or table.
    frame : DataFrame of strings
        One row per respondent, indexed by editor row (the header is row 1).
    labels : mapping
        Column to question text, where the file has one.
    values : mapping
        Column to its labelled codes: code to label.
    missing : mapping
        Column to its codes for a missing answer: code to one of :data:`MISSING_KINDS`. The column ``*``
        stands for all.
    note : str
        What the file says of itself.
    findings : tuple of Finding
        What is wrong with the file itself; rows that no table could hold are among them.
    """

    file: str
    tool: str
    frame: pd.DataFrame
    labels: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    missing: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    note: str = ""
    findings: tuple[Finding, ...] = ()

    @property
    def synthetic(self) -> bool:
        """Whether the file says that its answers are made up."""
        marked = SYNTHETIC in self.frame.columns and (self.frame[SYNTHETIC] == "1").fillna(False).any()
        return bool(marked) or SYNTHETIC.upper() in self.note


def read_survey(source: str | Path) -> SurveyFile:
    """Read a survey file of any known format or tool.

    Parameters
    ----------
    source : str or Path
        ``.sav``, ``.zsav``, ``.por``, ``.dta``, ``.sas7bdat`` (labels from a ``.sas7bcat`` of the same name beside
        it), a text table, a workbook, Parquet; or a folder with SurveyXact's dataset, structure and labels.

    Raises
    ------
    InputError
        The file cannot be read, is cut off, is protected by a password, or holds no respondents' table.
    """
    path = Path(source)
    if path.is_dir():
        return _surveyxact_folder(path)
    if not path.exists():
        raise InputError(f"{source}: no such file or folder")
    suffix = path.suffix.lower()
    if suffix in LABELLED_SUFFIXES:
        return _labelled(path, suffix)
    if suffix in WORKBOOK_SUFFIXES:
        return _of_workbook(path)
    if suffix in (*TEXT_SUFFIXES, *PARQUET_SUFFIXES):
        if suffix in TEXT_SUFFIXES and _parts(path.parent, path) is not None:
            return _surveyxact_folder(path.parent, path)
        frame, findings = read_table(path)
        return _recognised(path.name, frame, findings)
    known = ", ".join((*LABELLED_SUFFIXES, *TEXT_SUFFIXES, *WORKBOOK_SUFFIXES, *PARQUET_SUFFIXES))
    raise InputError(f"{path}: a survey is a file ending in one of {known}, or a folder that SurveyXact exported")


def missing_kind(label: str) -> str | None:
    """The kind of missing answer that a label tells of, in English or Norwegian; None if it is an answer.

    The whole label must say so, or each of its parts.

    Examples
    --------
    >>> missing_kind("Vet ikke"), missing_kind("Ikke relevant"), missing_kind("Lokalt")
    ('do_not_know', 'not_relevant', None)
    >>> missing_kind("Vet ikke/ubesvart"), missing_kind("Mangler kompetanse")
    ('do_not_know', None)
    """
    parts = [part.strip(" .:;!?-–[]<>*\"'") for part in re.split(r"[/,()|]|\b(?:or|eller|and|og)\b", label.casefold())]
    kinds = [_kind_of(part) for part in (label.casefold().strip(), *filter(None, parts))]
    if kinds[0]:
        return kinds[0]
    return kinds[1] if len(kinds) > 1 and all(kinds[1:]) else None


def _kind_of(words: str) -> str | None:
    return next((kind for kind, pattern in _KIND_WORDS.items() if re.fullmatch(pattern, words)), None)


# -- statistical packages ----------------------------------------------------------------------------


def _labelled(path: Path, suffix: str) -> SurveyFile:
    """SPSS, Stata and SAS files, with pyreadstat."""
    require("survey", f"{path}: reading {suffix}")
    import pyreadstat

    tool = {".dta": "stata", ".sas7bdat": "sas"}.get(suffix, "spss")
    options: dict[str, Any] = {"apply_value_formats": False}
    if tool == "sas":
        catalog = path.with_suffix(".sas7bcat")
        options = {"catalog_file": str(catalog)} if catalog.is_file() else {}
    reader = getattr(pyreadstat, f"read_{'por' if suffix == '.por' else 'sav' if tool == 'spss' else suffix[1:]}")
    if suffix != ".por":
        options["user_missing"] = True
    try:
        frame, meta = _mending_encoding(lambda **more: reader(str(path), **options, **more))
    except (pyreadstat.ReadstatError, pyreadstat.PyreadstatError, OSError, ValueError) as error:
        why = f"{path}: cannot be read as {tool.upper()} data: {error}"
        raise InputError(f"{why}; the file may be cut off or damaged: export it again") from None
    if meta.number_rows is not None and meta.number_rows >= 0 and len(frame) != meta.number_rows:
        why = f"{path}: is cut off: {len(frame)} of the {meta.number_rows} rows that it announces can be read"
        raise InputError(f"{why}; export it again")
    if not len(frame.columns):
        raise InputError(f"{path}: the file has no columns")
    names = [str(name) for name in frame.columns]
    values = {
        name: {cell_text(code): _line(str(label)) for code, label in codes.items()}
        for name, codes in (meta.variable_value_labels or {}).items()
    }
    return SurveyFile(
        file=path.name,
        tool=tool,
        frame=text_frame(frame.set_axis(names, axis=1)),
        labels={name: _line(text) for name, text in meta.column_names_to_labels.items() if text},
        values=values,
        missing=_declared_missing(meta, values, frame),
        note=" ".join(filter(None, [str(meta.file_label or ""), *(str(n) for n in meta.notes or ())])),
    )


def _mending_encoding(read: Callable[..., tuple[pd.DataFrame, Any]]) -> tuple[pd.DataFrame, Any]:
    """Read; where text is not in the encoding that the file names, read bytes one by one and mend each text.

    A research file may hold labels in UTF-8 and in Latin-1 side by side; a strict reader stops there.
    """
    import pyreadstat

    try:
        return read()
    except (UnicodeDecodeError, pyreadstat.ReadstatError) as error:
        if isinstance(error, pyreadstat.ReadstatError) and "invalid byte" not in str(error).lower():
            raise
    frame, meta = read(encoding="LATIN1")
    for name in frame.columns:
        if frame[name].dtype == object or pd.api.types.is_string_dtype(frame[name].dtype):
            frame[name] = frame[name].map(lambda v: _mended(v) if isinstance(v, str) else v)
    meta.column_names_to_labels = {n: _mended(text) for n, text in meta.column_names_to_labels.items() if text}
    meta.variable_value_labels = {
        n: {code: _mended(str(label)) for code, label in codes.items()}
        for n, codes in (meta.variable_value_labels or {}).items()
    }
    return frame, meta


def _mended(text: str) -> str:
    """The text that UTF-8 bytes stand for when they were read as Latin-1; other text as it is."""
    try:
        return text.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return text


def _declared_missing(
    meta: Any, values: Mapping[str, Mapping[str, str]], frame: pd.DataFrame
) -> dict[str, dict[str, str]]:
    """Codes that the file declares missing, each with the kind that its label tells, else no answer.

    A declared range counts whole: for its ends, its labelled codes and every cell that lies in it.
    """
    found: dict[str, dict[str, str]] = {}
    for name, ranges in (getattr(meta, "missing_ranges", None) or {}).items():
        for part in ranges:
            low, high = (part["lo"], part["hi"]) if isinstance(part, dict) else (part, part)
            codes = {cell_text(low), cell_text(high)}
            cells = map(cell_text, frame[name].dropna().unique()) if name in frame else ()
            codes |= {code for code in (*values.get(name, {}), *cells) if _within(code, low, high)}
            kinds = found.setdefault(name, {})
            for code in sorted(codes):
                kinds[code] = missing_kind(values.get(name, {}).get(code, "")) or "no_answer"
    for name, codes in (getattr(meta, "missing_user_values", None) or {}).items():
        for code in map(str, codes):
            found.setdefault(name, {})[code] = missing_kind(values.get(name, {}).get(code, "")) or "no_answer"
    return found


def _within(code: str, low: Any, high: Any) -> bool:
    try:
        return float(low) <= float(code) <= float(high)
    except ValueError:
        return False


# -- tables and the tools that wrote them ------------------------------------------------------------


def _of_workbook(path: Path) -> SurveyFile:
    """The survey in a workbook: SurveyXact's sheets, sheets that continue one another, or the first sheet."""
    sheets = {name: sheet for name, sheet in read_workbook(path).items() if len(sheet[0].columns)}
    if not sheets:
        raise InputError(f"{path}: every sheet is empty; a header row with column names is needed")
    by_name = {name.lower(): sheet for name, sheet in sheets.items()}
    (frame, findings), *others = sheets.values()
    if {"dataset", "structure"} <= set(by_name):
        parts = [sheet for name, sheet in by_name.items() if name.startswith("dataset")]
        labels = by_name.get("labels", (None, []))[0]
        dataset = _side_by_side([part[0] for part in parts])
        found = [finding for part in parts for finding in part[1]]
        return _surveyxact(path.name, dataset, found, by_name["structure"][0], labels)
    continued = [sheet for sheet in others if len(sheet[0]) == len(frame) and len(frame)]
    if "dispcode" in frame.columns and continued:
        frame = _side_by_side([frame, *(sheet[0] for sheet in continued)])
    return _recognised(path.name, frame, findings)


def _side_by_side(frames: list[pd.DataFrame]) -> pd.DataFrame:
    """Sheets that hold further columns of the same rows; a repeated column is kept once."""
    joined = pd.concat(frames, axis=1)
    return joined.loc[:, ~joined.columns.duplicated()]


def _recognised(file: str, frame: pd.DataFrame, findings: list[Finding]) -> SurveyFile:
    """The survey in a table, its tool recognised by the marks that it leaves."""
    survey = SurveyFile(file, "table", _distinct(frame), findings=tuple(findings))
    names = list(map(str, survey.frame.columns))
    if {"$submission_id", "$created"} & set(names):
        return replace(survey, tool="nettskjema")
    if _is_import_ids(survey.frame):
        return _qualtrics(survey, heads=2)
    if names[:1] == ["V1"] and len(frame) and survey.frame.iloc[0, 0] == "ResponseID":
        return _qualtrics(survey, heads=1)
    if "dispcode" in names:
        return replace(survey, tool="questback", missing={"*": _QUESTBACK})
    if {"id", "submitdate"} <= {_code_of(name).lower() for name in names} or any("[SQ" in name for name in names):
        return _limesurvey(survey)
    if {"respnokk", "c_1"} & set(names):
        return replace(survey, tool="surveyxact")
    return replace(survey, missing={"*": _NOT_AVAILABLE})


_QUESTBACK = {"-77": "not_asked", "-66": "not_asked", "-99": "no_answer"}
_LIMESURVEY = {"NULL": "not_asked", "N/A": "not_asked"}
_CODE_AND_TEXT = re.compile(r"(?P<code>[A-Za-z]\w*(?:\[[^\]]*\])*)\.\s+(?P<text>.+)", flags=re.DOTALL)


def _is_import_ids(frame: pd.DataFrame) -> bool:
    return len(frame) > 1 and bool(frame.iloc[1].str.startswith('{"ImportId"').fillna(False).any())


def _qualtrics(survey: SurveyFile, heads: int) -> SurveyFile:
    """Qualtrics: below the names stand the question texts and, since 2017, a row of import ids."""
    texts = survey.frame.iloc[0].dropna()
    labels = {str(name): _line(text) for name, text in texts.items()}
    return replace(survey, tool="qualtrics", frame=survey.frame.iloc[heads:], labels=labels)


def _limesurvey(survey: SurveyFile) -> SurveyFile:
    """LimeSurvey: code and text may share a header cell; an apostrophe guards texts that look like formulas."""
    names, labels = [], {}
    for name in map(str, survey.frame.columns):
        match = _CODE_AND_TEXT.fullmatch(name)
        names.append(match["code"] if match else name)
        if match:
            labels[match["code"]] = match["text"]
    frame = survey.frame.set_axis(names, axis=1)
    frame = frame.apply(lambda column: column.str.replace(r"^'(?=[=+\-@])", "", regex=True))
    return replace(survey, tool="limesurvey", frame=_distinct(frame), labels=labels, missing={"*": _LIMESURVEY})


def _code_of(name: str) -> str:
    match = _CODE_AND_TEXT.fullmatch(name)
    return match["code"] if match else name


# -- SurveyXact --------------------------------------------------------------------------------------


def _parts(folder: Path, dataset: Path | None = None) -> tuple[Path, Path, Path | None] | None:
    """SurveyXact's three files in a folder: dataset, structure, labels; None if they are not there."""
    files = [file for file in sorted(folder.iterdir()) if file.suffix.lower() in TEXT_SUFFIXES]

    def of(word: str) -> Path | None:
        return next((file for file in files if file.stem.lower().endswith(word)), None)

    data, structure = of("dataset"), of("structure")
    if data is None or structure is None or (dataset is not None and dataset != data):
        return None
    return data, structure, of("labels")


def _surveyxact_folder(folder: Path, dataset: Path | None = None) -> SurveyFile:
    parts = _parts(folder, dataset)
    if parts is None:
        raise InputError(
            f"{folder}: a folder is a survey only when it holds SurveyXact's dataset.csv and structure.csv"
        )
    data, structure, labels = parts
    frame, findings = read_text_table(data)
    names = _headless(labels) if labels is not None else None
    return _surveyxact(data.name, frame, findings, read_text_table(structure)[0], names)


def _headless(path: Path) -> pd.DataFrame:
    """A table without a header row, its columns named by their place."""
    frame, _ = read_text_table(path)
    first = pd.DataFrame([list(frame.columns)], columns=frame.columns, dtype="string")
    return pd.concat([first, frame]).set_axis([str(i) for i in range(len(frame.columns))], axis=1)


def _surveyxact(
    file: str,
    frame: pd.DataFrame,
    findings: list[Finding],
    structure: pd.DataFrame,
    labels: pd.DataFrame | None,
) -> SurveyFile:
    """SurveyXact: labels come from its structure; names that were cut are listed, never guessed."""
    frame = _distinct(frame)
    texts: dict[str, str] = {}
    values: dict[str, dict[str, str]] = {}
    if {"variableName", "choiceValue", "choiceText"} <= set(structure.columns):
        known = structure[structure["variableName"].notna()]
        asked = known.get("questionText", known["variableName"]).fillna("")
        for name, text in zip(known["variableName"], asked, strict=True):
            texts.setdefault(name, _line(text))
        choices = known[known["choiceValue"].notna()]
        for name, code, text in zip(
            choices["variableName"], choices["choiceValue"], choices["choiceText"], strict=True
        ):
            values.setdefault(name, {})[code] = _line(text) if isinstance(text, str) else ""
    if labels is not None and labels.shape[1] == 2:
        texts |= {name: _line(text) for name, text in labels.dropna().itertuples(index=False) if name in frame}
    found = [*findings, *_cut_names(file, frame, list(texts))]
    return SurveyFile(file, "surveyxact", frame, texts, values, findings=tuple(found))


def _cut_names(file: str, frame: pd.DataFrame, known: list[str]) -> list[Finding]:
    """Columns that the structure does not know, each with the name that stands at its place there.

    An export may cut names to eight characters and number them anew.
    """
    data = [name for name in frame.columns if name not in ("respnokk", "c_1")]
    strange = [name for name in data if name not in known]
    unseen = [name for name in known if name not in data]
    if len(strange) != len(unseen):
        return [Finding(file, 1, name, name, "variable_unknown") for name in strange]
    return [Finding(file, 1, a, a, "variable_cut", full=full) for a, full in zip(strange, unseen, strict=True)]


def _distinct(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with every column named, and no name twice: blanks by their place, repeats by a number."""
    seen: dict[str, int] = {}
    names = []
    for place, name in enumerate(map(str, frame.columns), start=1):
        base = name or f"column {place}"
        seen[base] = seen.get(base, 0) + 1
        names.append(base if seen[base] == 1 else f"{base} ({seen[base]})")
    return frame.set_axis(names, axis=1)


def _line(text: str) -> str:
    """A label on one line, without blanks at its ends."""
    return " ".join(text.split())
