"""Which format a source is in, by what it holds and not by its ending, and the reader for it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path

import pandas as pd

from netklynge.exchange.canvas import is_canvas, read_canvas
from netklynge.exchange.dl import read_dl
from netklynge.exchange.gml import read_gml
from netklynge.exchange.jsonfiles import read_json_network
from netklynge.exchange.network import Network
from netklynge.exchange.pajek import read_pajek
from netklynge.exchange.tabular import (
    edge_heads,
    is_matrix,
    joined,
    node_heads,
    read_matrix,
    read_node_and_edge_tables,
)
from netklynge.exchange.vna import read_dot, read_vna
from netklynge.exchange.xmlfiles import read_gexf, read_graphml
from netklynge.files.limits import check_size
from netklynge.files.tables import TEXT_SUFFIXES, decode, read_text_table, read_workbook
from netklynge.findings import Finding, InputError

__all__ = ["format_of", "read_network_file", "read_network_tables"]

_UCINET = (".##h", ".##d")
_UCINET_WORDS = (
    "is one of UCINET's own pair of files (##h, ##d), which only UCINET reads; in UCINET choose Data > Export > DL and "
    "open that file"
)
_COMMENTS = re.compile(r"\A(?:\s+|//[^\n]*\n|/\*.*?\*/|#[^\n]*\n)*", re.DOTALL)
_BOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
_PROBE = 1 << 16
_TEXTS: Mapping[str, Callable[[str], Network]] = {
    "dl": read_dl,
    "pajek": read_pajek,
    "vna": read_vna,
    "gml": read_gml,
    "dot": read_dot,
    "json": read_json_network,
}
_BY_ENDING: Mapping[str, str] = {
    ".graphml": "graphml",
    ".gexf": "gexf",
    ".gml": "gml",
    ".net": "pajek",
    ".paj": "pajek",
    ".dl": "dl",
    ".vna": "vna",
    ".dot": "dot",
    ".gv": "dot",
    ".json": "json",
}  # asked only of what does not say what it is, so that its reader says what is missing


def format_of(raw: bytes) -> str | None:
    """The format that bytes are in by how they begin; None where it is none of these, perhaps a table.

    Examples
    --------
    >>> format_of(b"*Vertices 2"), format_of(b"dl n=2"), format_of(b"source,target")
    ('pajek', 'dl', None)
    """
    if raw.startswith(_BOOKS):
        return "workbook"
    if raw.startswith(b"PAR1"):
        return "parquet"
    text = decode(raw[:_PROBE])[0].lstrip("\ufeff").lstrip()
    if text.startswith("<"):
        found = re.search(r"<(?:[\w.-]+:)?(graphml|gexf)\b", text)
        return found[1].lower() if found else "xml"
    if text.startswith(("{", "[")):
        return "json"
    if re.match(r"dl\b(?!\s*[;,|])", text, re.IGNORECASE):
        return "dl"
    if text.startswith(("*", "%")):
        word = next((line.strip().lower() for line in text.splitlines() if line.strip().startswith("*")), "")
        if re.match(r"\*\s*(node|tie)\s+(data|properties)", word):
            return "vna"
        return "pajek" if re.match(r"\*\s*(vertices|network|partition|vector|arcs|edges|matrix)", word) else None
    bare = text[_COMMENTS.match(text).end() :]  # type: ignore[union-attr]
    if re.search(r"(?im)^\s*graph\s*\[", bare) or re.match(r"(?i)(creator|version)\s", bare):
        return "gml" if re.search(r"(?i)\bgraph\s*\[", text) else None
    if re.match(r'(?i)(strict\s+)?(di)?graph\b\s*("[^"]*"|[\w.-]+)?\s*\{', bare):
        return "dot"
    return None


def read_network_file(path: Path) -> Network | None:
    """The network in a file or folder; None where it is none of the formats, perhaps a study or another table.

    Raises
    ------
    InputError
        It is in one of the formats and cannot be read.
    """
    if path.is_dir():
        return _folder(path)
    check_size(path)
    try:
        return _file(path)
    except InputError as error:
        told = str(error)
        raise InputError(told if told.startswith(str(path)) else f"{path}: {told}") from None
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from None
    except (RecursionError, ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
        # damaged files fail in every way there is; nothing of theirs may reach the user raw
        raise InputError(f"{path}: cannot be read as a network: {error or type(error).__name__}") from None


def _file(path: Path) -> Network | None:
    if path.suffix.lower() in _UCINET:
        raise InputError(_UCINET_WORDS)
    raw = path.read_bytes()
    kind = format_of(raw) or (_BY_ENDING.get(path.suffix.lower()) if path.suffix.lower() not in TEXT_SUFFIXES else None)
    if kind in (None, "parquet"):
        return _text_table(path) if kind is None else None
    if kind == "workbook":
        return _of_tables(read_workbook(path), "workbook")
    if kind == "graphml":
        return read_graphml(raw)
    if kind == "gexf":
        return read_gexf(raw)
    if kind == "xml":
        read_graphml(raw)  # says what it is not
    text = lines_of(raw)
    return _TEXTS[str(kind)](text)


def lines_of(raw: bytes) -> str:
    """Text with line ends LF, without a mark at its head."""
    return decode(raw)[0].lstrip("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def _text_table(path: Path) -> Network | None:
    if path.suffix.lower() not in TEXT_SUFFIXES and path.suffix:
        return None
    return _of_tables({path.name: read_text_table(path)}, "table")


def _of_tables(tables: Mapping[str, tuple[pd.DataFrame, list[Finding]]], kind: str) -> Network | None:
    """The network in tables, with what their reader found wrong in them."""
    network = read_network_tables({name: frame for name, (frame, _) in tables.items()}, kind)
    if network is not None:
        told = [finding for _, found in tables.values() for finding in found]
        network.findings = [one for one in told if one.code != "no_column_name"]  # a matrix has a blank corner
    return network


def _folder(path: Path) -> Network | None:
    """Gephi's or Kumu's two tables, Network Canvas' files, or a folder that holds one network file alone."""
    files = sorted(file for file in path.iterdir() if file.is_file() and not file.name.startswith("."))
    texts = [file for file in files if file.suffix.lower() in TEXT_SUFFIXES]
    if len(files) == 1:
        return read_network_file(files[0])
    try:
        return _of_tables({file.name: read_text_table(file) for file in texts if file.stat().st_size}, "folder")
    except InputError as error:
        raise InputError(f"{path}: {error}") from None


def read_network_tables(tables: Mapping[str, pd.DataFrame], kind: str) -> Network | None:
    """The network in tables: node and edge tables, matrices, Network Canvas' lists; None if there is none.

    Examples
    --------
    >>> edges = pd.DataFrame({"From": ["a"], "To": ["b"]}, dtype="string")
    >>> read_network_tables({"Connections": edges}, "workbook").kind
    'Kumu'
    """
    if is_canvas(tables):
        return read_canvas(tables)
    filled = {name: frame for name, frame in tables.items() if len(frame.columns)}
    edges = {name: frame for name, frame in filled.items() if edge_heads([str(c) for c in frame.columns]) is not None}
    if edges:
        nodes = [
            (name, frame)
            for name, frame in filled.items()
            if name not in edges and node_heads([str(c) for c in frame.columns]) is not None
        ]
        if len(edges) > 1:
            names = ", ".join(f"'{name}'" for name in edges)
            raise InputError(
                f"{len(edges)} tables hold ties ({names}); put in one file at a time, or one table with a column "
                "'relation' that says which is which"
            )
        first = next(iter(edges))
        heads = edge_heads([str(c) for c in edges[first].columns])
        assert heads is not None
        called = "Kumu" if heads[0].lower() == "from" else "Gephi" if kind == "folder" or nodes else "edge table"
        network = read_node_and_edge_tables(edges[first], nodes[0][1] if nodes else None, called)
        for name, _ in nodes[1:]:
            network.note(0, f"table '{name}' is not read; ties stand in '{first}'")
        return network
    matrices = {name: frame for name, frame in filled.items() if is_matrix(frame)}
    if not matrices:
        return None
    if len(matrices) == 1:
        return read_matrix(next(iter(matrices.values())))
    return joined({name: read_matrix(frame) for name, frame in matrices.items()}, "matrices")
