"""The desk: a folder of the user's own where studies are put in, mended, and made into pages.

Each study has a folder there: ``original`` holds the files as they were put in and is never written again,
``copy`` what is mended, ``changes`` the list of what was, ``results`` and ``public`` what was made of it,
``introductions`` the ledger of who was brought together, ``codebook.yaml`` what the columns of a survey mean.
Nothing is kept elsewhere; the key of the pseudonyms is the file ``.key`` on the desk.
"""

from __future__ import annotations

import io
import json
import re
import shutil
import threading
import zipfile
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import wraps
from pathlib import Path
from typing import Concatenate, NamedTuple, ParamSpec, TypeVar

import pandas as pd
import yaml

from netklynge.app import mending
from netklynge.exchange.opening import is_study_source, load
from netklynge.exchange.recognising import format_of
from netklynge.exchange.tabular import edge_heads
from netklynge.files.limits import parse_yaml
from netklynge.files.outputs import file_name, folder, write_bytes, write_csv, write_text, written_folder
from netklynge.files.tables import TEXT_SUFFIXES, WORKBOOK_SUFFIXES, decode, read_table
from netklynge.findings import Finding, InputError, NetklyngeError
from netklynge.pages.reports import REPORT_FILES, write_report
from netklynge.sources import Kind, kind_of
from netklynge.study.contracts import TABLES
from netklynge.study.loading import bundled, is_study, read, surveys
from netklynge.study.study import Study
from netklynge.surveys.surveyfiles import LABELLED_SUFFIXES

__all__ = [
    "Settings",
    "draft_codebook",
    "import_answers",
    "introduce",
    "introductions",
    "keep_codebook",
    "made",
    "make",
    "make_public",
    "mend",
    "name_columns",
    "packed",
    "put_in",
    "read_copy",
    "settings",
    "stage",
    "studies",
    "survey_findings",
    "try_bundled",
    "unnamed_columns",
]

TABLE_FILES = (*(f"{table}.csv" for table in TABLES), "study.yaml")
TIE_COLUMNS = ("source", "target", "layer", "scale")
SUGGESTION_FILES = ("suggestions.html", "suggestions.csv")


_LOCKS: defaultdict[Path, threading.RLock] = defaultdict(threading.RLock)

P = ParamSpec("P")
R = TypeVar("R")


def _one_at_a_time(write: Callable[Concatenate[Path, P], R]) -> Callable[Concatenate[Path, P], R]:
    """Let nobody write to a study while somebody else does: who comes second sees what the first has written."""

    @wraps(write)
    def locked(home: Path, /, *args: P.args, **kwargs: P.kwargs) -> R:
        with _LOCKS[home.resolve()]:
            return write(home, *args, **kwargs)

    return locked


class Settings(NamedTuple):
    """How a study is seen: the last ring inside, the year (None: as coded), and the language of the pages."""

    cut: str = "local"
    year: int | None = None
    lang: str = "en"


# -- putting in ------------------------------------------------------------------------------------------


def studies(desk: Path) -> list[str]:
    """Names of the studies on the desk."""
    return sorted(path.parent.name for path in desk.glob("[!.]*/original"))


def put_in(
    desk: Path, files: Sequence[tuple[str, bytes]], codebook: bytes | None = None, name: str | None = None
) -> str:
    r"""Put files on the desk as a new study; return its name there.

    Parameters
    ----------
    desk : Path
    files : sequence of (name, content)
        A workbook, the tables of a study, one list of ties, or a survey's files. Of a name only a plain file name
        is kept.
    codebook : bytes, optional
        Of a survey.
    name : str, optional
        What to call the study; default is the name of its file.

    Raises
    ------
    NetklyngeError
        There is no file, two have the same name, or one cannot be read; then nothing is left on the desk.

    Examples
    --------
    >>> import tempfile
    >>> desk = Path(tempfile.mkdtemp())
    >>> put_in(desk, [("../My ties.csv", b"source,target\na,b\n")])
    'My-ties'
    >>> stage(desk / "My-ties")
    'study'
    """
    named = {_plain(file): content for file, content in files}
    _refuse(named, len(files), alone=codebook is None)
    home = _free(desk, name or ("study" if "relations.csv" in named else Path(next(iter(named))).stem))
    with written_folder(home) as begun:
        for file, content in named.items():
            write_bytes(begun / "original" / file, content)
        if codebook is not None:
            write_bytes(begun / "codebook.yaml", codebook)
        elif any(Path(file).suffix in LABELLED_SUFFIXES for file in named):
            draft_codebook(begun)
        elif is_network(begun / "original"):
            load(_network_source(begun / "original")).save(begun / "copy")
            _name_study(begun / "copy", home.name)
        elif is_study(_only(begun / "original")):
            shutil.copytree(begun / "original", begun / "copy")
            _name_study(begun / "copy", home.name)
    return home.name


def _plain(name: str) -> str:
    """The name of an uploaded file without folders, as any system writes them, and without what a system reserves."""
    path = Path(re.split(r"[/\\]", name)[-1])
    return file_name(path.stem) + path.suffix.lower()


def _refuse(named: Mapping[str, bytes], given: int, alone: bool) -> None:
    """Refuse files that cannot be read, or not together."""
    known = (*TEXT_SUFFIXES, *WORKBOOK_SUFFIXES, *LABELLED_SUFFIXES)
    if not named:
        raise NetklyngeError("no file was chosen; choose a workbook, the tables of a study, or a survey")
    if len(named) < given:
        raise NetklyngeError("two of the files have the same name; give each a name of its own")
    for name in named:
        if not name.endswith((*known, ".sas7bcat")) and name not in TABLE_FILES and not format_of(named[name]):
            raise InputError(
                "{name}: cannot be read; choose a file that ends in one of {known}", name=name, known=known
            )
    # Gephi's nodes and edges, Network Canvas' lists: together, if one of them alone holds ties
    tables = all(name.endswith(TEXT_SUFFIXES) for name in named) and sum(map(_holds_ties, named.values())) < 2
    if len(named) > 1 and alone and not set(named) <= set(TABLE_FILES) and not tables:
        raise NetklyngeError(
            "several files at once must be the tables of one study ({tables}); else put in one file at a time",
            tables=TABLE_FILES,
        )


def _holds_ties(content: bytes) -> bool:
    """Whether the first line of a text table names both ends of a tie."""
    first = decode(content)[0].lstrip("\ufeff").split("\n", 1)[0]
    return edge_heads([head.strip(' "\r') for head in re.split(r"[;,\t]", first)]) is not None


def try_bundled(desk: Path, name: str) -> str:
    """Put a bundled study on the desk, unless it lies there; return its name.

    Raises
    ------
    NetklyngeError
        There is no such study.
    """
    if name not in bundled():
        raise NetklyngeError("no bundled study '{name}'; there are {names}", name=name, names=bundled())
    if name in studies(desk):
        return name
    source = surveys() / name
    files = [(file, (source / file).read_bytes()) for file in TABLE_FILES if (source / file).is_file()]
    return put_in(desk, files, name=name)


def _free(desk: Path, stem: str) -> Path:
    """A folder on the desk that is not there yet: stem, stem-2, stem-3 ..."""
    taken = {path.name.casefold() for path in folder(desk).iterdir()}
    names = (stem if n == 1 else f"{stem}-{n}" for n in range(1, len(taken) + 2))
    return desk / next(name for name in names if name.casefold() not in taken)


def _only(place: Path) -> Path:
    """The one file in a folder, or the folder itself when there are several or a table of relations."""
    files = sorted(path for path in place.iterdir() if not path.name.startswith("."))
    return files[0] if len(files) == 1 and files[0].name != "relations.csv" else place


def _network_source(place: Path) -> Path:
    """The one network file, or the folder of node and edge tables."""
    files = [path for path in place.iterdir() if not path.name.startswith(".")]
    return files[0] if len(files) == 1 else place


def is_network(place: Path) -> bool:
    """Whether what was put in is a network of another program, and no study in our columns."""
    source = _network_source(place)
    return not is_study_source(source) and kind_of(source) is Kind.NETWORK


def _name_study(copy: Path, name: str) -> None:
    """Tables without a study.yaml would be called after their folder."""
    if (copy / "relations.csv").is_file() and not (copy / "study.yaml").exists():
        write_text(copy / "study.yaml", f"name: {name}\n")


# -- what comes next -------------------------------------------------------------------------------------


def stage(home: Path) -> str:
    """What a study waits for: ``unclear`` to be told what it is, ``survey`` to be read, ``study`` to be made."""
    return "study" if (home / "copy").is_dir() else "survey" if (home / "codebook.yaml").is_file() else "unclear"


def unnamed_columns(home: Path) -> list[str]:
    """Columns of a file that is no study yet."""
    return [str(name) for name in read_table(_only(home / "original"))[0].columns if name]


@_one_at_a_time
def name_columns(home: Path, names: Mapping[str, str]) -> None:
    """Make a file a list of ties by saying which of its columns is the source, the target, the layer and the scale.

    Raises
    ------
    NetklyngeError
        Source or target is not said, one column is given twice, or the file cannot be written to.
    """
    chosen = {names[ours]: ours for ours in TIE_COLUMNS if names.get(ours)}
    if not {"source", "target"} <= set(chosen.values()):
        raise NetklyngeError("say which column tells who supplies or gives, and which one who buys or gets")
    if len(chosen) < sum(bool(names.get(ours)) for ours in TIE_COLUMNS):
        raise NetklyngeError("a column was chosen twice; give each a meaning of its own")
    with written_folder(home / "copy") as copy:
        file = Path(shutil.copy(_only(home / "original"), copy))
        mending.name_columns(file, chosen, "relations")


@_one_at_a_time
def draft_codebook(home: Path) -> str:
    """The codebook of a survey; drafted from its file when there is none."""
    from netklynge.surveys.drafts import draft

    book = home / "codebook.yaml"
    if not book.is_file():
        write_text(book, draft(_only(home / "original")))
    return book.read_text(encoding="utf-8", errors="replace")


@_one_at_a_time
def keep_codebook(home: Path, text: str) -> None:
    """Keep a codebook that was changed on the page."""
    write_text(home / "codebook.yaml", text.replace("\r\n", "\n"))


def survey_findings(home: Path) -> tuple[list[Finding], bool]:
    """What is wrong in a survey file and its codebook, and whether the answers can be read all the same.

    Raises
    ------
    InputError
        One of them cannot be read.
    """
    from netklynge.surveys.codebook import check as check_codebook
    from netklynge.surveys.microdata import check_survey

    book = _plain_codebook(home)
    wrong = check_codebook(book)
    return (wrong, False) if wrong else (check_survey(_only(home / "original"), book), True)


@_one_at_a_time
def import_answers(home: Path) -> None:
    """Make the survey a study in ``copy``; what is refused stands in its ``rejected.csv``."""
    from netklynge.surveys.microdata import write_import

    with written_folder(home / "copy") as copy:
        write_import(_only(home / "original"), copy, _plain_codebook(home))


def _plain_codebook(home: Path) -> Path:
    """The file of the codebook, once it is known to be plain: a few lines of aliases keep a parser busy for hours."""
    book = home / "codebook.yaml"
    try:
        parse_yaml(book.read_text(encoding="utf-8-sig"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f"line {mark.line + 1}: " if mark else ""
        raise InputError(f"codebook.yaml: {where}no YAML: {getattr(error, 'problem', None) or error}") from None
    return book


# -- mending ---------------------------------------------------------------------------------------------


def read_copy(home: Path) -> tuple[Study | None, list[Finding]]:
    """The study in the copy, None while something must be mended; and what that is."""
    study, found = read(_only(home / "copy"))
    return study, sorted(found)


@_one_at_a_time
def mend(home: Path, entries: Mapping[str, str], dropped: Iterable[str] = ()) -> tuple[int, bool]:
    """Write what was entered into the copy, see :func:`netklynge.app.mending.mend`.

    Every change is added to ``changes/mended.csv``.

    Returns
    -------
    tuple
        How many cells were changed; whether something entered is there no more, since it was mended meanwhile.
    """
    gathered = mending.faults(home / "copy", read_copy(home)[1])
    changes = pd.DataFrame(mending.mend(home / "copy", gathered, entries, dropped), columns=mending.Change._fields)
    if len(changes):
        noted = home / "changes" / "mended.csv"
        earlier = [pd.read_csv(noted, dtype="string", keep_default_na=False)] if noted.is_file() else []
        write_csv(noted, pd.concat([*earlier, changes.astype("string")], ignore_index=True))
    return len(changes), not {*entries, *dropped} <= {fault.key for fault in gathered}


# -- making ----------------------------------------------------------------------------------------------


def settings(home: Path) -> Settings | None:
    """How the results were last made; None if they never were."""
    try:
        return Settings(**json.loads((home / "results" / "settings.json").read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


@_one_at_a_time
def introduce(home: Path, actor: str, alter: str, state: str, day: str, note: str = "") -> None:
    """Note in the study's ledger that two were brought together, see :mod:`netklynge.facilitation.introductions`.

    Raises
    ------
    StudyError
        One of the values cannot be noted.
    """
    from netklynge.facilitation.introductions import record_introduction

    ledger = folder(home / "introductions") / "introductions.csv"
    record_introduction(ledger, actor, alter, state, day, note, load(_only(home / "copy")))


def introductions(home: Path) -> pd.DataFrame | None:
    """The study's ledger of introductions; None while nothing is noted."""
    from netklynge.facilitation.introductions import read_introductions

    ledger = home / "introductions" / "introductions.csv"
    return read_introductions(ledger) if ledger.is_file() else None


def make(home: Path, seen: Settings, tell: Callable[[str], None]) -> None:
    """Make the view, the report and the suggestions in ``results``; `tell` hears what is begun.

    Raises
    ------
    NetklyngeError
        The study cannot be seen so, or the folder cannot be written to.
    """
    from netklynge.facilitation.suggestions import suggest
    from netklynge.pages.suggestions import write_suggestions

    tell("Reading the study")
    study, ledger = _seen(home, seen), introductions(home)
    with written_folder(home / "results", force=True) as begun:
        tell("Drawing the network and writing the report")
        write_report(study, begun, lang=seen.lang, force=True)
        tell("Looking for who should meet whom")
        write_suggestions(study, begun / "suggestions.html", lang=seen.lang, ledger=ledger)
        write_csv(begun / "suggestions.csv", suggest(study, ledger, n=None, lang=seen.lang))
        write_text(begun / "settings.json", json.dumps(seen._asdict()))


def make_public(home: Path, seen: Settings, k: int, tell: Callable[[str], None]) -> None:
    """Make what may be published in ``public``: the report on the public study, and what is hidden in it and why.

    Raises
    ------
    NetklyngeError
        As :func:`make`, or as :func:`netklynge.public_study`.
    """
    from netklynge.disclosure.anonymity import key_file, public_study

    tell("Reading the study")
    study = _seen(home, seen)
    tell("Hiding who is who")
    public, hidden = public_study(study, k, key_file(home.parent / ".key"))
    tell("Drawing the network and writing the report")
    write_report(public, home / "public", lang=seen.lang, force=True, disclosure=hidden)


def _seen(home: Path, seen: Settings) -> Study:
    study = load(_only(home / "copy"))
    return (study if seen.year is None else study.at(seen.year)).cut(seen.cut)


def made(home: Path, part: str) -> list[str]:
    """Files of a study that may be handed out.

    Of ``copy``, ``changes`` and ``introductions`` all; of ``results`` and ``public`` those that are made of the copy
    as it is now; of anything else none.
    """
    place = home / part
    if part in ("copy", "changes", "introductions"):
        return sorted(path.name for path in place.glob("[!.]*") if path.is_file())
    if part not in ("results", "public") or not (place / "report.html").is_file():
        return []
    changed = max(path.stat().st_mtime_ns for path in (home / "copy").iterdir())
    if (place / "report.html").stat().st_mtime_ns < changed:
        return []
    also = SUGGESTION_FILES if part == "results" else ("disclosure.csv",)
    tables = sorted(f"tables/{path.name}" for path in (place / "tables").glob("*.csv"))
    return [name for name in (*REPORT_FILES, *also, *tables) if (place / name).is_file()]


def packed(home: Path, part: str) -> bytes:
    """The files that :func:`made` lists, as one zip archive; the same files give the same bytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in made(home, part):
            entry = zipfile.ZipInfo(f"{home.name}-{part}/{name}")
            archive.writestr(entry, (home / part / name).read_bytes(), zipfile.ZIP_DEFLATED)
    return out.getvalue()
