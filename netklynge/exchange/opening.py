"""Opening anything that holds a study: what the study wing reads, and any network file or object."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import narwhals as nw
import pandas as pd

from netklynge.exchange.network import Network
from netklynge.exchange.objects import network_of
from netklynge.exchange.reading import Receipt, reaches, study_tables
from netklynge.exchange.recognising import format_of, read_network_file, read_network_tables
from netklynge.exchange.tabular import edge_heads
from netklynge.files.tables import (
    PARQUET_SUFFIXES,
    TEXT_SUFFIXES,
    WORKBOOK_SUFFIXES,
    read_parquet,
    read_table,
    text_frame,
)
from netklynge.findings import Finding, InputError, NetklyngeError, refuse
from netklynge.study import loading
from netklynge.study.contracts import TABLES
from netklynge.study.study import Study
from netklynge.study.zones import RINGS

if TYPE_CHECKING:
    import igraph as ig
    import networkx as nx
    from narwhals.typing import IntoFrame

__all__ = [
    "Source",
    "as_study",
    "check",
    "is_openable",
    "is_study_source",
    "load",
    "network_receipt",
    "not_a_network",
    "read",
    "read_graph",
    "with_insiders",
]


# a path, a bundled study's name, a study, a frame of any engine, tables by name, pairs, a graph of networkx or igraph
Source: TypeAlias = "str | Path | Study | IntoFrame | Mapping[str, Any] | Sequence[Any] | nx.Graph | ig.Graph"


def load(source: Source) -> Study:
    """Load a study: a folder, a workbook, a file of ties or of any network format, a bundled name, a graph, or frames.

    Parameters
    ----------
    source : str, Path, frame, mapping, graph, matrix or list of pairs
        A folder with ``relations.csv`` and, each optional, ``actors.csv``, ``links.csv``, ``answers.csv``,
        ``statements.csv``, ``study.yaml`` (tables may be ``.parquet``); a workbook with sheets of those names; a single
        file of relations; the name of a bundled study; a frame of relations; or a mapping of table name to frame.
        Or a network: GraphML, GEXF, GML, Pajek, DL, VNA, DOT, node and edge tables (Gephi, Kumu, Polinode), JSON
        (Kumu, Cytoscape, VOSviewer, node-link), a folder of Network Canvas, a matrix, a networkx or igraph graph, a
        square numpy or scipy matrix, pairs. Files are known by what they hold, not by their ending.

    Returns
    -------
    Study
        Of a network, ``meta["reading"]`` says what was taken for what and what could not be kept.

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
    >>> nk.load([("Simrad", "Techni"), ("Techni", "GE Vingmed")])
    Study('study', undated, cut=local: 3 actors (0 categories), 2 ties in 1 layers, 0 published answers)
    """
    study, findings = read(source)
    refuse(findings)
    assert study is not None
    return study


def as_study(source: Source) -> Study:
    """The study itself, or what :func:`load` makes of anything else."""
    return source if isinstance(source, Study) else load(source)


def check(source: Source) -> list[Finding]:
    """Every finding in a source that :func:`load` opens, sorted by file, row and column; notices are among them.

    Raises
    ------
    InputError
        Nothing can be read there.
    """
    return sorted(read(source)[1])


def read(source: Source) -> tuple[Study | None, list[Finding]]:
    """Read a study and all findings in it; the study is None when one of them is an error."""
    if isinstance(source, Study):
        return source, []
    network, name = _network(source)
    if network is None:
        given: Any = source
        return loading.read(given)
    tables, meta, receipt = study_tables(network, name)
    stem = Path(name).stem if isinstance(source, str | Path) else "study"
    told = {**meta, "reading": receipt.to_dict()}
    study, findings = loading.read({**tables, "meta": told})
    findings = [*network.findings, *(_at_home(finding, name) for finding in findings)]
    if study is None or any(finding.severity == "error" for finding in network.findings):
        return None, findings
    return replace(study, name=stem, sources=dict.fromkeys(("actors", "relations"), name)), findings


def _at_home(finding: Finding, file: str) -> Finding:
    return Finding(file, 0, finding.column, finding.value, finding.code, **dict(finding.args))


def network_receipt(source: Source) -> Receipt | None:
    """As what a network was read; None for a study.

    Examples
    --------
    >>> network_receipt([("a", "b")]).format
    'list of pairs'
    """
    network, name = _network(source)
    return None if network is None else study_tables(network, name)[2]


def read_graph(path: str | Path) -> dict[str, Any]:
    r"""Read a network file of any format into the tables of a study.

    Parameters
    ----------
    path : str or Path
        Known by what it holds; line ends may be LF, CRLF or CR alone.

    Returns
    -------
    dict
        ``actors`` and ``relations`` (frames) and ``meta``, for :func:`load`. Attributes named as columns of a study
        are those columns where they keep its contract, all others follow. The layer of a tie is its relation: one of
        ours by its name in English or Norwegian, else a layer of the file's own; a tie without one has the layer
        "unstated".

    Raises
    ------
    InputError
        The file cannot be read, is no network, is damaged, or declares XML entities (which may blow up when they are
        unfolded).

    Examples
    --------
    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp()) / "old.net"
    >>> _ = file.write_bytes(b'*Vertices 2\r1 "Simrad"\r2 "Techni"\r*Arcs\r1 2 3\r')
    >>> read_graph(file)["relations"][["source", "target", "layer", "weight"]].values.tolist()
    [['Simrad', 'Techni', 'unstated', 3]]
    """
    file = Path(path)
    if not file.exists():
        raise InputError(f"{file}: no such file")
    network = read_network_file(file)
    if network is None:
        raise not_a_network(file)
    try:
        tables, meta, told = study_tables(network, file.name)
    except InputError as error:
        raise InputError(f"{file}: {error}") from None
    relations = tables["relations"]
    for column in ("directed", "strategic", "current"):
        if column in relations:
            relations[column] = pd.to_numeric(relations[column]).astype("Int64")
    if "weight" in relations:
        weights = pd.to_numeric(relations["weight"], errors="coerce")
        if weights.notna().eq(relations["weight"].notna()).all():
            relations["weight"] = weights
    return {**tables, "meta": {**meta, "reading": told.to_dict()}}


def not_a_network(path: Path) -> InputError:
    """Why a file is neither a study nor a network, with the near misses."""
    known = "GraphML, GEXF, GML, Pajek, DL, VNA, DOT, JSON of a network, node and edge tables, or a matrix"
    if path.is_dir():
        return InputError(f"{path}: no relations.csv, and no node and edge tables; a study folder or {known} is read")
    if path.suffix.lower() in TEXT_SUFFIXES:
        columns = [str(column) for column in read_table(path)[0].columns]
        told = ", ".join(f"'{column}'" for column in columns[:8]) or "none"
        return InputError(
            f"{path}: not recognised: its columns are {told}; a table of ties has two ends (source and target, Source "
            "and Target, From and To), a matrix the same names at its side as at its head"
        )
    return InputError(f"{path}: not recognised; {known} is read, known by what it holds and not by its ending")


def is_openable(source: str | Path) -> bool:
    """Whether :func:`load` would find a study or a network there; a damaged file of a known format counts as one."""
    if is_study_source(source):
        return True
    path = Path(source)
    try:
        return read_network_file(path) is not None or _read_by_loading(path)
    except NetklyngeError:
        return path.is_file() and format_of(path.read_bytes()[:4096]) not in (None, "workbook", "parquet")


def is_study_source(source: str | Path) -> bool:
    """Whether the study wing reads it as it is: a bundled name, or tables with our columns."""
    path = Path(source)
    return not path.exists() or _is_study_file(path)


def _network(source: Any) -> tuple[Network | None, str]:
    """The network that a source holds, and what to call it; None for what the study wing reads."""
    if isinstance(source, str | Path):
        path = Path(source)
        if not path.exists() or _is_study_file(path):
            return None, str(source)
        network = read_network_file(path)
        if network is None and not _read_by_loading(path):
            raise not_a_network(path)
        return network, path.name
    if isinstance(source, Mapping):
        if set(source) & set(TABLES):
            return None, "study"
        frames = {str(name): _text(frame) for name, frame in source.items()}
        network = read_network_tables(frames, "frames")
        return network, "frames"
    try:
        network = network_of(source)
    except InputError as error:
        raise InputError(f"{type(source).__name__}: {error}") from None
    columns = _columns(source) if network is None else []
    if columns and not {"source", "target"} <= set(columns) and edge_heads(columns) is not None:
        network = read_network_tables({"ties": _text(source)}, "frame")
    return network, type(source).__name__


def _columns(source: Any) -> list[str]:
    """The columns of a frame of any engine; none of anything else."""
    known = nw.from_native(source, pass_through=True)
    return list(known.collect_schema().names()) if isinstance(known, nw.DataFrame | nw.LazyFrame) else []


def _text(frame: Any) -> pd.DataFrame:
    return text_frame(loading.as_pandas(frame))


def _is_study_file(path: Path) -> bool:
    """Whether the study wing reads it: source and target in small letters, and nothing that is another tool's."""
    if not path.is_dir() and path.suffix.lower() not in (*TEXT_SUFFIXES, *PARQUET_SUFFIXES):
        return loading.is_study(path) if path.suffix.lower() in WORKBOOK_SUFFIXES else False
    if not loading.is_study(path):
        return False
    if path.is_dir() or path.suffix.lower() in PARQUET_SUFFIXES:
        return True
    columns = {str(column) for column in read_table(path)[0].columns}
    return not ({"type", "Type"} & columns and not {"layer", "directed"} & columns)


def _read_by_loading(path: Path) -> bool:
    if path.suffix.lower() in PARQUET_SUFFIXES:
        return {"source", "target"} <= set(read_parquet(path).columns)
    return False


# -- who is inside ----------------------------------------------------------------------------------------


def with_insiders(study: Study, column: str, values: str | list[str], outside: str = "regional") -> Study:
    """The study with those actors inside whose column has one of the values, for networks that name no rings.

    Parameters
    ----------
    study : Study
    column : str
        A column of ``actors``: ``place``, ``actor``, an attribute of the file's own.
    values : str or list of str
        Compared without case and blanks around.
    outside : str
        The ring of all others that have none; those that have one keep it.

    Raises
    ------
    NetklyngeError
        There is no such column, or nobody has the value.

    Examples
    --------
    >>> import netklynge as nk
    >>> study = nk.load({"nodes": pd.DataFrame({"Id": ["a", "b"], "town": ["Horten", "Oslo"]}),
    ...                  "edges": pd.DataFrame({"Source": ["a"], "Target": ["b"]})})
    >>> nk.with_insiders(study, "town", "Horten").rings.to_dict()
    {'a': 'local', 'b': 'regional'}
    """
    actors = study.actors
    if column not in actors.columns:
        raise NetklyngeError(f"no column '{column}' in actors; there are {', '.join(map(str, actors.columns))}")
    if outside not in RINGS[1:]:
        raise NetklyngeError(f"'{outside}' is no ring outside; one of {', '.join(RINGS[1:])}")
    wanted = {value.strip().casefold() for value in ([values] if isinstance(values, str) else values)}
    cells = actors[column].astype("string").str.strip().str.casefold()
    inside = cells.isin(wanted).fillna(False).to_numpy(dtype=bool)
    if not inside.any():
        some = ", ".join(map(str, actors[column].dropna().unique()[:8])) or "blanks only"
        raise NetklyngeError(f"nobody has '{', '.join(sorted(wanted))}' in column '{column}'; it holds {some}")
    scale = actors["scale"].fillna(outside).where(~inside, "local")
    named = ", ".join(sorted(wanted))
    told = f"{int(inside.sum())} actors are inside by {column} = {named}; others without a ring: {outside}"
    actors = actors.assign(scale=scale.astype(actors["scale"].dtype))
    scales = reaches(actors, study.relations)
    ties = study.relations if scales is None else study.relations.assign(scale=scales.astype(actors["scale"].dtype))
    return replace(study, actors=actors, relations=ties, meta=type(study.meta).of({**study.meta, "inside": told}))
