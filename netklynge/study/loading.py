"""Loading a study: from a folder, a workbook, a file of relations, a bundled name, or frames."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from typing import Any

import narwhals as nw
import pandas as pd
import yaml
from narwhals.typing import IntoFrame

from netklynge.files.limits import check_size, parse_yaml
from netklynge.files.tables import (
    PARQUET_SUFFIXES,
    TEXT_SUFFIXES,
    WORKBOOK_SUFFIXES,
    read_parquet,
    read_table,
    read_workbook,
    text_frame,
)
from netklynge.findings import Finding, InputError, refuse
from netklynge.study import contracts
from netklynge.study.meta import Meta, check_meta
from netklynge.study.study import Study

__all__ = ["as_pandas", "bundled", "check", "is_study", "load", "parquet_relations", "read", "read_meta", "surveys"]


def bundled() -> tuple[str, ...]:
    """Names of the studies that come with the package."""
    return tuple(sorted(path.name for path in surveys().iterdir() if (path / "relations.csv").is_file()))


def surveys() -> Path:
    """The folder of the bundled surveys: inside the package when installed, beside it in a checkout."""
    inside_package = Path(str(resources.files("netklynge"))) / "data" / "studies"
    return inside_package if inside_package.is_dir() else Path(__file__).resolve().parents[2] / "surveys"


def load(source: str | Path | IntoFrame | Mapping[str, Any]) -> Study:
    """Load a study: a folder, a workbook, a relations file, the name of a bundled study, or frames.

    Parameters
    ----------
    source : str, Path, DataFrame or mapping
        A folder with ``relations.csv`` and, each optional, ``actors.csv``, ``links.csv``, ``answers.csv``,
        ``study.yaml`` (tables may be ``.parquet``, and relations the Parquet parts of one table); an ``.xlsx`` or
        ``.ods`` workbook with sheets of those names; a single file of relations; the name of a bundled study; a
        frame of relations; or a mapping of table name to frame.

    Returns
    -------
    Study

    Raises
    ------
    InputError
        Nothing can be read there.
    StudyError
        The tables do not keep their contracts; ``findings`` lists every failure.

    Examples
    --------
    >>> import netklynge as nk
    >>> nk.load("kongsberg").title
    'Defence, maritime, subsea, car and aircraft part industry at Kongsberg'
    >>> len(nk.load("kongsberg").relations)
    178
    """
    study, findings = read(source)
    refuse(findings)
    assert study is not None
    return study


def check(source: str | Path) -> list[Finding]:
    """Every finding in a study's files, sorted by file, row and column.

    Notices are among them: facts that the files tell in an older way, which :func:`load` understands.

    Raises
    ------
    InputError
        Nothing can be read there.
    """
    return sorted(read(source)[1])


def is_study(source: str | Path) -> bool:
    """Whether a source looks like a study: a bundled name, a folder or workbook with relations, a file of ties."""
    path = Path(source)
    if not path.exists():
        return True  # so that reading it says what there is
    if path.is_dir():
        return (path / "relations.csv").is_file() or bool(parquet_relations(path))
    if path.suffix.lower() in WORKBOOK_SUFFIXES:
        return any(sheet.strip().lower() == "relations" for sheet in read_workbook(path))
    if path.suffix.lower() in (*TEXT_SUFFIXES, *PARQUET_SUFFIXES):
        return {"source", "target"} <= set(read_table(path)[0].columns)
    return False


def read_meta(path: str | Path) -> dict[str, Any]:
    """What a ``study.yaml`` says.

    Raises
    ------
    InputError
        It is not there.
    StudyError
        It cannot be understood.
    """
    if not Path(path).is_file():
        raise InputError(f"{path}: no such file; give a study.yaml")
    meta, findings = _read_meta(Path(path))
    refuse(findings)
    return meta or {}


def read(source: str | Path | IntoFrame | Mapping[str, Any]) -> tuple[Study | None, list[Finding]]:
    """Read a study and all findings in it; the study is None when one of them is an error."""
    tables, files, meta, name, findings = _read_source(source)
    if "relations" not in tables:
        raise InputError(
            f"{source if isinstance(source, str | Path) else 'the frames'}: no relations; a study is at least a "
            "table 'relations' with columns source and target"
        )
    told = None if meta is None else Meta.of(meta)
    own_zones, own_layers = (None, ()) if told is None else (told.own_zones, told.own_layers)
    frames, found = contracts.understood(tables, files, own_zones, own_layers)
    findings += found
    if meta is None or frames is None or any(finding.severity == "error" for finding in findings):
        return None, findings
    return Study._of_typed(frames, Meta.of(meta), name, files, findings), findings


Source = tuple[dict[str, pd.DataFrame], dict[str, str], dict[str, Any] | None, str, list[Finding]]


def _read_source(
    source: str | Path | IntoFrame | Mapping[str, Any],
) -> Source:
    """Tables as text, their file names, the meta data (None if unreadable), a name, findings of the files."""
    if not isinstance(source, str | Path | Mapping):
        source = {"relations": source}
    if isinstance(source, Mapping):
        frames = {table: text_frame(as_pandas(frame)) for table, frame in source.items() if table in contracts.TABLES}
        told: Any = source.get("meta")
        meta = dict(told) if isinstance(told, Mapping) else {}
        return frames, {table: table for table in frames}, meta, "study", check_meta(meta, "meta")
    path = Path(source)
    if not path.exists() and str(source) in bundled():
        path = surveys() / str(source)
    if path.is_dir():
        return _read_folder(path)
    if not path.exists():
        raise InputError(f"{source}: no such file or folder, and no bundled study ({', '.join(bundled())})")
    if path.suffix.lower() in WORKBOOK_SUFFIXES:
        return _read_book(path)
    if path.suffix.lower() in PARQUET_SUFFIXES:
        return _read_parquet_study(path)
    if path.suffix.lower() in TEXT_SUFFIXES:
        frame, findings = read_table(path)
        return {"relations": frame}, {"relations": path.name}, {}, path.stem, findings
    known = ", ".join((*TEXT_SUFFIXES, *WORKBOOK_SUFFIXES, *PARQUET_SUFFIXES))
    raise InputError(f"{path}: a study is a folder or a file ending in one of {known}")


def _read_parquet_study(path: Path) -> Source:
    """Relations in Parquet, the other tables beside them (ties.parquet, ties-actors.parquet), as export writes."""
    from pyarrow import parquet

    files = {"relations": path}
    for table in contracts.TABLES:
        beside = path.with_name(f"{path.stem}-{table}{path.suffix}")
        if table != "relations" and beside.is_file():
            files[table] = beside
    tables = {table: read_parquet(file) for table, file in files.items()}
    told = (parquet.read_schema(path).metadata or {}).get(b"netklynge")
    try:
        meta = json.loads(told) if told else {}
    except (ValueError, RecursionError):
        meta = {}
    if not isinstance(meta, dict):
        meta = {}
    return tables, {table: file.name for table, file in files.items()}, meta, path.stem, check_meta(meta, path.name)


def as_pandas(frame: Any) -> pd.DataFrame:
    """Any frame that narwhals knows as a pandas frame."""
    if isinstance(frame, pd.DataFrame):
        return frame
    try:
        known = nw.from_native(frame)
    except TypeError:
        raise InputError(
            f"a {type(frame).__name__} is no study; give a path, a bundled name, a frame of relations, or a mapping of "
            "table name to frame"
        ) from None
    return (known.collect() if isinstance(known, nw.LazyFrame) else known).to_pandas()


def parquet_relations(source: str | Path) -> list[Path]:
    """The Parquet files that hold a source's ties: the file itself, a folder's ``relations.parquet``, or its parts."""
    path = Path(source)
    if path.is_file() and path.suffix.lower() in PARQUET_SUFFIXES:
        return [path]
    if not path.is_dir() or (path / "relations.csv").is_file():
        return []
    parts = sorted(file for file in path.iterdir() if file.suffix.lower() in PARQUET_SUFFIXES)
    return [file for file in parts if file.stem == "relations"] or [
        file for file in parts if file.stem not in contracts.TABLES
    ]


def _read_folder(path: Path) -> Source:
    tables: dict[str, pd.DataFrame] = {}
    files: dict[str, str] = {}
    findings: list[Finding] = []
    for table in contracts.TABLES:
        file = next((f for end in (".csv", ".parquet") if (f := path / f"{table}{end}").is_file()), None)
        if file is not None:
            tables[table], found = read_table(file)
            files[table] = file.name
            findings += found
    if "relations" not in tables and (parts := parquet_relations(path)):
        whole = pd.concat([read_parquet(part) for part in parts])
        tables["relations"] = whole.set_axis(pd.RangeIndex(2, len(whole) + 2, name="row"))
        files["relations"] = f"{path.name}/*.parquet"
    meta, found = _read_meta(path / "study.yaml")
    return tables, files, meta, path.resolve().name, findings + found


def _read_book(path: Path) -> Source:
    tables: dict[str, pd.DataFrame] = {}
    files: dict[str, str] = {}
    findings: list[Finding] = []
    meta: dict[str, Any] = {}
    for sheet, (frame, found) in read_workbook(path).items():
        table = sheet.strip().lower()
        if table in contracts.TABLES:
            tables[table], files[table] = frame, f"{path.name}[{sheet}]"
            findings += found
        elif table == "study" and len(frame.columns) >= 2:
            meta = _meta_of_sheet(frame)
    return tables, files, meta, path.stem, findings


def _meta_of_sheet(frame: pd.DataFrame) -> dict[str, Any]:
    """A sheet 'study' of two columns, key and value; a dotted key (``zones.local``) nests."""
    meta: dict[str, Any] = {}
    for key, value in zip(frame.iloc[:, 0].dropna(), frame.iloc[:, 1], strict=False):
        if value is pd.NA:
            continue
        here = meta
        *parents, last = str(key).split(".")
        for parent in parents:
            if not isinstance(here.get(parent), dict):
                here[parent] = {}
            here = here[parent]
        here[last] = int(value) if re.fullmatch(r"[0-9]{1,9}", str(value)) else value
    return meta


def _read_meta(path: Path) -> tuple[dict[str, Any] | None, list[Finding]]:
    if not path.is_file():
        return {}, []
    check_size(path)
    try:
        meta = parse_yaml(path.read_text(encoding="utf-8-sig"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or str(error)
        return None, [Finding(path.name, mark.line + 1 if mark else 0, "", "", "no_yaml", problem=problem)]
    if meta is None:
        return {}, []
    if not isinstance(meta, dict):
        return None, [Finding(path.name, 1, "", str(meta), "no_mapping")]
    return meta, check_meta(meta, path.name)
