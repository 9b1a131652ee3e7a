"""The codebook: what the columns of a questionnaire mean, written once, in YAML, by somebody who knows the survey.

A codebook says who the respondents are and lists the questions. Whatever its kind, a question becomes items, and
an item becomes a mapping of roles to columns; that is all that :mod:`netklynge.surveys.microdata` needs.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from pathlib import Path

import yaml

from netklynge.files.limits import parse_yaml
from netklynge.findings import Finding, InputError, StudyError
from netklynge.study.loading import surveys as surveys_folder
from netklynge.surveys.codebook_reader import Reader
from netklynge.surveys.questionnaire import Codebook
from netklynge.surveys.surveyfiles import SurveyFile

__all__ = ["bundled", "check", "load", "resolve"]


_MOST = 100_000  # values of a codebook; aliases spare writing the same codes for each question


def bundled() -> tuple[str, ...]:
    """Names of the codebooks that come with the package.

    Examples
    --------
    >>> "nibr-2004" in bundled()
    True
    """
    folder = surveys_folder()
    own = [path.parent.name for path in folder.glob("*/codebook.yaml")]
    waves = [f"{path.parent.name}/{path.stem}" for path in folder.glob("cis/*.yaml")]
    return tuple(sorted(own + waves))


def load(source: str | Path | Codebook) -> Codebook:
    """Load a codebook: a YAML file, a folder that holds ``codebook.yaml``, or the name of a bundled one.

    Raises
    ------
    InputError
        There is no such file, or it is no YAML.
    StudyError
        The codebook says something that cannot be; ``findings`` lists every place.

    Examples
    --------
    >>> load("nibr-2004").questions[0].kind
    'choice'
    """
    if isinstance(source, Codebook):
        return source
    book, findings = read(source)
    if findings:
        raise StudyError(findings)
    assert book is not None
    return book


def check(source: str | Path | Codebook, survey: SurveyFile | None = None) -> list[Finding]:
    """Every finding in a codebook, by itself and, where a survey file is given, against that file's columns."""
    if isinstance(source, Codebook):
        book: Codebook | None = source
        findings: list[Finding] = []
    else:
        book, findings = read(source)
    return findings + (resolve(book, survey)[1] if book is not None and survey is not None else [])


def read(source: str | Path) -> tuple[Codebook | None, list[Finding]]:
    """Read a codebook and all findings in it; the codebook is None when there are findings."""
    path = _path(source)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: cannot be read as UTF-8 text: {error}") from None
    try:
        content = parse_yaml(text, most=_MOST)
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except (yaml.YAMLError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f":{mark.line + 1}" if mark else ""
        raise InputError(f"{path}{where}: no YAML: {getattr(error, 'problem', None) or error}") from None
    if not isinstance(content, dict):
        raise InputError(f"{path}: no codebook; it needs at least 'respondent:' and 'questions:'")
    lines = dict(_lines(root, ())) if root is not None else {}
    return Reader(path, lines).codebook(content)


def resolve(book: Codebook, survey: SurveyFile) -> tuple[dict[str, str], list[Finding]]:
    """The column of the survey file for each column of the codebook, and a finding for each that is not there.

    A name counts as it stands, else by an alias, else without regard to case when only one column fits. Columns of
    optional questions may be missing.
    """
    present = set(survey.frame.columns)
    by_case: dict[str, list[str]] = {}
    for name in present:
        by_case.setdefault(str(name).casefold(), []).append(name)
    found: dict[str, str] = {}
    for column in book.columns:
        names = [column, *book.aliases.get(column, ())]
        exact = [name for name in names if name in present]
        loose = [match[0] for name in names if len(match := by_case.get(name.casefold(), [])) == 1]
        if exact or loose:
            found[column] = (exact or loose)[0]
    findings = [_missing_column(book, survey, present, *place) for place in _absent(book, found)]
    return found, findings


def _absent(book: Codebook, found: Mapping[str, str]) -> Iterator[tuple[tuple[str, ...], str, bool]]:
    """Columns that the file lacks: their place in the codebook, their name, whether that name is documented."""
    for role, column in book.respondent.items():
        if column not in found:
            yield ("respondent", role), column, True
    if book.completed and book.completed[0] not in found:
        yield ("respondent", "completed"), book.completed[0], True
    for question in book.questions:
        if question.optional:
            continue
        gate = [question.asked_if[0]] if question.asked_if else []
        for column in dict.fromkeys([*gate, *question.columns]):
            if column not in found:
                yield ("questions", question.id), column, question.documented


def _missing_column(
    book: Codebook,
    survey: SurveyFile,
    present: set[str],
    place: tuple[str, ...],
    column: str,
    documented: bool,
) -> Finding:
    near = difflib.get_close_matches(column, present, n=1, cutoff=0.75) if len(present) < 2000 else []
    code = f"no_such_column{'' if documented else '_doubt'}{'_near' if near else ''}"
    args = {"survey": survey.file} | ({"near": near[0]} if near else {})
    return Finding(book.file, book.lines.get(place, 0), ".".join(place), column, code, **args)


def _path(source: str | Path) -> Path:
    path = Path(source)
    if path.is_dir():
        path = path / "codebook.yaml"
    if not path.exists() and str(source) in bundled():
        folder = surveys_folder()
        path = folder / f"{source}.yaml"
        path = path if path.is_file() else folder / str(source) / "codebook.yaml"
    if not path.is_file():
        raise InputError(f"{source}: no such codebook, and none of the bundled ones ({', '.join(bundled())})")
    return path


def _lines(node: yaml.Node, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], int]]:
    """The line of every key in a YAML tree, by its path."""
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            here = (*path, str(key.value))
            yield here, key.start_mark.line + 1
            if len(here) < 5:
                yield from _lines(value, here)
