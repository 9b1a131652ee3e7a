"""Graph files out and in: GraphML and GEXF (Gephi), GML, Pajek, DL (UCINET), Parquet and Excel.

Out: every writer gets only what it can hold (no blanks, text without control characters), and the same study
gives the same bytes. In: GraphML, GEXF, GML, Pajek and DL become the tables ``actors`` and ``relations``.
"""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from netklynge.files.limits import check_size
from netklynge.files.outputs import write_bytes, write_workbook, written
from netklynge.files.tables import decode
from netklynge.findings import InputError, NetklyngeError
from netklynge.study.contracts import TABLES
from netklynge.study.layers import UNSTATED
from netklynge.study.network import exportable, to_networkx
from netklynge.study.study import Study

if TYPE_CHECKING:
    import networkx as nx

__all__ = ["FORMATS", "GRAPH_SUFFIXES", "export", "read_graph"]

GRAPH_SUFFIXES: Mapping[str, str] = {
    ".graphml": "graphml",
    ".gexf": "gexf",
    ".gml": "gml",
    ".net": "pajek",
    ".paj": "pajek",
    ".dl": "dl",
}
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def export(study: Study, to: str, path: str | Path, layer: str | None = None) -> list[Path]:
    """Write the study for another program.

    Parameters
    ----------
    study : Study
    to : {"graphml", "gexf", "gml", "pajek", "dl", "parquet", "xlsx"}
        Graph formats hold all ties, past ones too, each with its layer; DL has one matrix per layer. Parquet
        holds the relations, with the actors in a file beside it; Excel all tables and what
        :func:`netklynge.load` reads back.
    path : str or Path
    layer : str, optional
        Only this layer (graph formats).

    Returns
    -------
    list of Path
        The files written.

    Raises
    ------
    NetklyngeError
        There is no such format, or the place cannot be written to.

    Notes
    -----
    GraphML and GEXF bear edge ids of their own and a node attribute ``label`` (the name), as Gephi expects;
    it merges parallel edges on import unless told otherwise. Pajek keeps text only, so numbers are written
    as text. GEXF writes years as ``start_year``, ``end_year``, since ``start`` and ``end`` would hide edges
    behind a time line. DL keeps ties and labels only.

    Examples
    --------
    >>> import netklynge as nk
    >>> file, = export(nk.load("horten"), "graphml", Path(tempfile.mkdtemp()) / "horten.graphml")
    >>> len(read_graph(file)["relations"])
    241
    """
    target = Path(path)
    if to in _WRITERS:
        return [write_bytes(target, _WRITERS[to](study, layer))]
    if to == "xlsx":
        return [write_workbook(target, _sheets(study))]
    if to == "parquet":
        beside = target.with_name(f"{target.stem}-actors{target.suffix or '.parquet'}")
        for file, frame in ((target, study.relations), (beside, study.actors)):
            with written(file) as temporary:
                frame.to_parquet(temporary, index=False)
        return [target, beside]
    raise NetklyngeError(f"format '{to}' is unknown; choose one of {', '.join(FORMATS)}")


def read_graph(path: str | Path) -> dict[str, pd.DataFrame]:
    r"""Read a GraphML, GEXF, GML, Pajek or DL file into the tables of a study.

    Parameters
    ----------
    path : str or Path
        Known by its ending: .graphml, .gexf, .gml, .net, .paj, .dl. Line ends may be LF, CRLF or CR alone.

    Returns
    -------
    dict of str to DataFrame
        ``actors`` and ``relations``, for :func:`netklynge.load`. Attributes named as columns of a study are
        those columns, all others follow. The layer of a Pajek relation or DL matrix is its name if that is a
        layer of ours; a tie without one has the layer "unstated".

    Raises
    ------
    InputError
        The file cannot be read, has no known ending, is damaged, or declares XML entities (which may blow up
        when they are unfolded).

    Examples
    --------
    >>> file = Path(tempfile.mkdtemp()) / "old.net"
    >>> _ = file.write_bytes(b'*Vertices 2\r1 "Simrad"\r2 "Techni"\r*Arcs\r1 2 3\r')
    >>> read_graph(file)["relations"][["source", "target", "layer", "weight"]].values.tolist()
    [['Simrad', 'Techni', 'unstated', 3.0]]
    """
    file = Path(path)
    kind = GRAPH_SUFFIXES.get(file.suffix.lower())
    if kind is None:
        raise InputError(f"{file}: a graph file ends in one of {', '.join(GRAPH_SUFFIXES)}")
    check_size(file)
    try:
        raw = file.read_bytes()
    except OSError as error:
        raise InputError(f"{file}: cannot be read: {error.strerror}") from None
    try:
        return _tables(_READERS[kind](raw))
    except InputError as error:
        raise InputError(f"{file}: {error}") from None
    except Exception as error:  # readers of damaged files fail in every way there is
        raise InputError(f"{file}: cannot be read as {kind}: {error or type(error).__name__}") from None


# -- out -------------------------------------------------------------------------------------------------


def _graph(study: Study, layer: str | None, rename: Mapping[str, str] | None = None) -> nx.MultiDiGraph:
    """All ties as a graph that writers accept: text without control characters, edge ids, labels."""
    import networkx as nx

    plain = exportable(to_networkx(study, layer, "all"))
    names = {node: _CONTROL.sub("\ufffd", str(node)) for node in plain}
    graph = nx.MultiDiGraph(name=study.name)
    for node, data in plain.nodes(data=True):
        label = data.get("name", names[node])
        graph.add_node(names[node], label=_clean(label), **{k: _clean(v) for k, v in data.items() if k != "label"})
    for k, (source, target, data) in enumerate(plain.edges(data=True)):
        told = {(rename or {}).get(key, key): _clean(value) for key, value in data.items()}
        graph.add_edge(names[source], names[target], key=f"e{k}", **told)
    return graph


def _clean(value: Any) -> Any:
    return _CONTROL.sub("\ufffd", value) if isinstance(value, str) else value


def _graphml(study: Study, layer: str | None) -> bytes:
    import networkx as nx

    buffer = io.BytesIO()
    nx.write_graphml_xml(_graph(study, layer), buffer)
    return buffer.getvalue()


def _gexf(study: Study, layer: str | None) -> bytes:
    import networkx as nx

    graph = _graph(study, layer, {"start": "start_year", "end": "end_year"})
    text = "\n".join(nx.generate_gexf(graph))
    return re.sub(r' lastmodifieddate="[^"]*"', "", text, count=1).encode()  # else bytes change by the day


def _gml(study: Study, layer: str | None) -> bytes:
    import networkx as nx

    return "\n".join(nx.generate_gml(_graph(study, layer))).encode()


def _pajek(study: Study, layer: str | None) -> bytes:
    import networkx as nx

    graph = _graph(study, layer)
    for _, data in graph.nodes(data=True):
        data.update({key: _pajek_text(value) for key, value in data.items()})
        data.pop("label")
    for *_, data in graph.edges(data=True):
        data.update({key: _pajek_text(value) for key, value in data.items()})
    return "\n".join(nx.generate_pajek(graph)).encode()


def _pajek_text(value: Any) -> str:
    """Text that keeps its line and its quotes: Pajek knows neither escapes nor values that are not text."""
    text = str(int(value)) if isinstance(value, bool) else str(value)
    return " ".join(text.replace('"', "'").split()) or "-"


def _dl(study: Study, layer: str | None) -> bytes:
    """UCINET's edge list, one matrix per layer; labels are quoted, ids not names since those must be unique."""
    ties = study.ties(layer, "all")
    ids = list(dict.fromkeys([*study.actors["actor"], *ties["source"], *ties["target"]]))
    number = {actor: k for k, actor in enumerate(ids, start=1)}
    layers = list(dict.fromkeys(ties["layer"]))
    lines = [f"dl n={len(ids)} nm={max(len(layers), 1)}", "format=edgelist1", "labels:"]
    lines += [_quoted(actor) for actor in ids]
    if layers:
        lines += ["matrix labels:", *map(_quoted, layers)]
    lines.append("data:")
    for k, name in enumerate(layers):
        lines += ["!"] * (k > 0)
        one = ties[ties["layer"] == name]
        pairs = one.groupby(["source", "target"], sort=False).size()
        lines += [f"{number[a]} {number[b]} {count}" for (a, b), count in pairs.items()]
    return ("\n".join(lines) + "\n").encode()


def _quoted(text: str) -> str:
    return '"' + " ".join(_CONTROL.sub(" ", text).replace('"', "'").split()) + '"'


def _sheets(study: Study) -> dict[str, pd.DataFrame]:
    sheets = {"study": pd.DataFrame(list(_flat(study.meta)), columns=["key", "value"])}
    for table in TABLES:
        frame = getattr(study, table)
        flags = {c: frame[c].astype("Int64") for c in frame.columns if frame[c].dtype == "boolean"}
        sheets[table] = frame.assign(**flags)
    return {name: frame for name, frame in sheets.items() if len(frame) or name == "relations"}


def _flat(meta: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Keys with dots and single values, as a sheet "study" holds them; what is no single value is left out."""
    for key, value in meta.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{key}.")
        elif isinstance(value, list):
            yield f"{prefix}{key}", ", ".join(map(str, value))
        elif value is not None:
            yield f"{prefix}{key}", value


_WRITERS: Mapping[str, Callable[[Study, str | None], bytes]] = {
    "graphml": _graphml,
    "gexf": _gexf,
    "gml": _gml,
    "pajek": _pajek,
    "dl": _dl,
}
FORMATS = (*_WRITERS, "parquet", "xlsx")


# -- in --------------------------------------------------------------------------------------------------


def _safe_xml(raw: bytes) -> io.BytesIO:
    """The bytes, once it is known that they are XML without entities of their own."""
    from defusedxml import ElementTree  # type: ignore[import-untyped]
    from defusedxml.common import DefusedXmlException  # type: ignore[import-untyped]

    try:
        ElementTree.fromstring(raw, forbid_dtd=False)
    except DefusedXmlException:
        raise InputError("declares XML entities, which graph files need not; save it anew without them") from None
    except ElementTree.ParseError as error:
        raise InputError(f"is no well-formed XML: {error}") from None
    return io.BytesIO(raw)


def _read_graphml(raw: bytes) -> nx.Graph:
    import networkx as nx

    return nx.read_graphml(_safe_xml(raw), force_multigraph=True)


def _read_gexf(raw: bytes) -> nx.Graph:
    import networkx as nx

    graph = nx.read_gexf(_safe_xml(raw))
    years = {"start_year": "start", "end_year": "end"}
    for *_, data in graph.edges(data=True):
        data.update({name: data.pop(key) for key, name in years.items() if key in data})
    return graph


def _read_gml(raw: bytes) -> nx.Graph:
    import networkx as nx

    graph = nx.parse_gml(_lines(raw), label="id")
    labels = nx.get_node_attributes(graph, "label")
    if len(set(labels.values())) == len(graph):  # else the numbers are what tells nodes apart
        graph = nx.relabel_nodes(graph, labels)
    return graph


def _read_pajek(raw: bytes) -> nx.MultiDiGraph:
    """All lists of ties of a Pajek file, each read by itself so that *Edges does not turn *Arcs undirected."""
    import networkx as nx

    sections: list[list[str]] = []
    for line in _lines(raw):
        if line.lstrip().startswith("*"):
            sections.append([])
        if sections and line.strip() and not line.lstrip().startswith("%"):
            sections[-1].append(line.strip())
    vertices = next((s for s in sections if s[0].lower().startswith("*vertices")), None)
    if vertices is None:
        raise InputError("is no Pajek network: *Vertices is missing")
    graph = nx.MultiDiGraph()
    for section in sections:
        head = section[0].lower()
        if head.startswith(("*arcslist", "*edgeslist")):
            section = [section[0].replace("list", "", 1), *_pairs_of_lists(section[1:])]
        if head.startswith(("*arcs", "*edges", "*matrix")):
            one = nx.parse_pajek([*vertices, *section])
            layer = re.sub(r"^\*\w+\s*(?::?\s*\d+)?\s*", "", section[0]).strip(' "')
            graph.add_nodes_from(one.nodes(data=True))
            extra = {"directed": one.is_directed()} | ({"layer": layer} if layer else {})
            graph.add_edges_from((u, v, {**extra, **data}) for u, v, data in one.edges(data=True))
    graph.add_nodes_from(nx.parse_pajek(vertices).nodes(data=True))
    return graph


def _pairs_of_lists(lines: list[str]) -> Iterator[str]:
    for line in lines:
        first, *others = line.split()
        yield from (f"{first} {other}" for other in others)


def _read_dl(raw: bytes) -> nx.MultiDiGraph:
    """A UCINET file; matrices beyond the first, which igraph does not know, are read one by one."""
    import networkx as nx

    text = "\n".join(_lines(raw))
    match = re.search(r"(?i)\bdata\s*:", text)
    if not match or not text.lstrip().lower().startswith("dl"):
        raise InputError("is no DL file: it must start with 'dl' and have a line 'data:'")
    head, data = text[: match.end()], text[match.end() :]
    size = re.search(r"(?i)\bn\s*=\s*(\d+)", head)
    if size and (len(size.group(1)) > 9 or int(size.group(1)) > max(len(raw), 10_000)):
        raise InputError(f"says that it has {size.group(1)[:20]} actors and is too short for them")
    names = re.search(r"(?is)matrix labels\s*:(.*?)(?=(?:row |column )?labels\s*:|data\s*:)", head)
    layers = re.findall(r'"[^"]*"|[^\s,"]+', names.group(1)) if names else []
    head = head.replace(names.group(0), "") if names else head
    count = re.search(r"(?i)\bnm\s*=\s*(\d+)", head)
    head = re.sub(r"(?i)[ ,]*\bnm\s*=\s*\d+", "", head)
    head = re.sub(r"(?i)[\s,]*\b(format\s*=|(?:row |column )?labels|data\s*:)", r"\n\1", head)  # as igraph wants it
    parts = [f"{head}\n{part.strip()}\n" for part in _matrices(data, int(count.group(1)) if count else 1)]
    graph = nx.MultiDiGraph()
    for k, (labels, edges) in enumerate(_dl_edges(parts)):
        nodes = [str(label).strip('"') for label in labels]
        graph.add_nodes_from(nodes)
        layer = {"layer": layers[k].strip('"')} if k < len(layers) else {}
        for source, target, attributes in edges:
            graph.add_edge(nodes[source], nodes[target], **layer, **attributes)
    return graph


_DL_CHILD = """
import json, sys
sys.modules["matplotlib"] = None  # which igraph would load to draw
import igraph
out = []
for path in sys.argv[1:]:
    one = igraph.Graph.Read_DL(path, directed=True)
    named = "name" in one.vs.attributes()
    labels = one.vs["name"] if named else [str(v + 1) for v in range(one.vcount())]
    out.append([labels, [[e.source, e.target, e.attributes()] for e in one.es]])
json.dump(out, sys.stdout)
"""


def _dl_edges(parts: list[str]) -> list[tuple[list[str], list[tuple[int, int, dict[str, Any]]]]]:
    """Labels and edges of DL matrices, read in a process of its own: igraph aborts on some damaged files."""
    with tempfile.TemporaryDirectory() as folder:
        files = [Path(folder) / f"{k}.dl" for k in range(len(parts))]
        for file, part in zip(files, parts, strict=True):
            file.write_text(part, encoding="utf-8")
        command = [sys.executable, "-c", _DL_CHILD, *map(str, files)]
        try:
            done = subprocess.run(command, capture_output=True, timeout=60, check=True, text=True, encoding="utf-8")
        except (subprocess.SubprocessError, OSError):
            raise InputError("is damaged, or not in a DL format that can be read") from None
    read: list[tuple[list[str], list[tuple[int, int, dict[str, Any]]]]] = json.loads(done.stdout)
    return read


def _matrices(data: str, count: int) -> list[str]:
    """The data of each matrix: parted by lines with "!", or, of full matrices, of as many rows each."""
    parts = re.split(r"(?m)^\s*!\s*$", data)
    if len(parts) > 1 or count < 2:
        return parts
    rows = [line for line in data.split("\n") if line.strip()]
    size = max(len(rows) // count, 1)
    return ["\n".join(rows[k : k + size]) for k in range(0, len(rows), size)]


def _lines(raw: bytes) -> list[str]:
    return decode(raw)[0].lstrip("\ufeff").replace("\r\n", "\n").replace("\r", "\n").split("\n")


_READERS: Mapping[str, Callable[[bytes], nx.Graph]] = {
    "graphml": _read_graphml,
    "gexf": _read_gexf,
    "gml": _read_gml,
    "pajek": _read_pajek,
    "dl": _read_dl,
}


def _tables(graph: nx.Graph) -> dict[str, pd.DataFrame]:
    """The frames of a graph: attributes of nodes and edges as columns, those of the study first."""
    actors = pd.DataFrame([{**_attributes(data), "actor": str(node)} for node, data in graph.nodes(data=True)])
    if "name" not in actors and "label" in actors:
        actors["name"] = actors["label"]
    ties = [
        {"directed": graph.is_directed(), **_attributes(data), "source": str(source), "target": str(target)}
        for source, target, data in graph.edges(data=True)
    ]
    relations = pd.DataFrame(ties, columns=None if ties else ["source", "target"])
    layers = TABLES["relations"]["layer"].pattern
    if "layer" in relations:
        known = relations["layer"].astype("string").str.fullmatch(layers).fillna(False).astype(bool)
        relations["layer"] = relations["layer"].where(known, UNSTATED)
    else:
        relations["layer"] = UNSTATED
    flags = ("directed", "strategic", "current")
    for column in (flag for flag in flags if flag in relations):
        relations[column] = relations[column].map(_flag).astype("Int64")
    return {"actors": _ordered(actors, "actors"), "relations": _ordered(relations, "relations")}


def _attributes(data: Mapping[str, Any]) -> dict[str, Any]:
    """Attributes as columns: blanks and what writers add for themselves left out."""
    return {str(k): v for k, v in data.items() if k not in ("networkx_key", "id", "key") and v not in (None, "")}


def _flag(value: Any) -> int | None:
    told = str(value).strip().lower()
    return 1 if told in ("1", "1.0", "true") else 0 if told in ("0", "0.0", "false") else None


def _ordered(frame: pd.DataFrame, table: str) -> pd.DataFrame:
    own = [column for column in TABLES[table] if column in frame.columns]
    return frame[[*own, *(column for column in frame.columns if column not in own)]]
