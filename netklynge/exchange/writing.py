"""Studies out: what Gephi, UCINET, NetDraw, Pajek, Kumu, R, Excel and data lakes read; same study, same bytes.

Each writer says a tie's direction in the format's own way where it has one, keeps the columns under their own names,
and never pools layers. What a format cannot hold stands in :data:`LOST`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from netklynge.exchange.opening import Source, as_study
from netklynge.exchange.outgoing import Outgoing, apart
from netklynge.exchange.textout import dl, gml, pajek, pajek_project, r_script, vna
from netklynge.exchange.xmlout import gexf, graphml
from netklynge.files.outputs import safe_cells, write_bytes, write_workbook, written
from netklynge.findings import NetklyngeError
from netklynge.study.contracts import TABLES
from netklynge.study.study import Study

__all__ = ["FORMATS", "LOST", "export"]

LOST: Mapping[str, str] = {
    "graphml": "",
    "gexf": "",
    "gml": "programs other than netklynge take a mixed network as all directed",
    "pajek": "line ends in text",
    "dl": "attributes; parallel ties are a cell's value; directions where a layer mixes them (both cells are filled)",
    "vna": "attributes of ties; parallel ties are a value; directions where a layer mixes them (both rows are there)",
    "gephi": "",
    "kumu": "",
    "kumu-json": "",
    "matrix": "attributes; parallel ties are a cell's value; directions where a layer mixes them (both cells filled)",
    "r": "",
    "parquet": "",
    "xlsx": "",
}


def export(study: Source, to: str, path: str | Path, layer: str | None = None) -> list[Path]:
    """Write the study for another program.

    Parameters
    ----------
    study : Study, or anything that :func:`netklynge.load` opens
    to : {"graphml", "gexf", "gml", "pajek", "dl", "vna", "gephi", "kumu", "kumu-json", "matrix", "r", "parquet",
    "xlsx"} Network formats hold all ties, past ones too, each with its layer: DL and the matrix workbook one matrix per
        layer, Pajek a layer at each tie (a file ending in .paj: one network per layer), NetDraw's VNA one column per
        layer. "gephi" writes a table of nodes and one of
        edges, "kumu" a workbook and "kumu-json" its JSON, "r" a script that loads the study into igraph and sna.
        Parquet holds the relations with the other tables in files beside it, Excel all tables; :func:`netklynge.load`
        reads all of them back.
    path : str or Path
    layer : str, optional
        Only this layer (network formats).

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
    GraphML and GEXF say the direction of each edge (``directed``, ``type``) where a study mixes both; networkx refuses
    such files, Gephi and igraph read them. Pajek has ``*Arcs`` and ``*Edges`` per relation; DL, VNA and matrices fill
    both cells of an undirected tie. GEXF writes years as ``start_year``, ``end_year``, since ``start`` and ``end``
    would hide edges behind a time line. :data:`netklynge.exchange.writing.LOST` lists what each format cannot hold.

    Examples
    --------
    >>> import tempfile
    >>> import netklynge as nk
    >>> file, = export(nk.load("horten"), "graphml", Path(tempfile.mkdtemp()) / "horten.graphml")
    >>> len(nk.load(file).relations)
    241
    """
    target = Path(path)
    opened = as_study(study)
    if to == "pajek" and target.suffix.lower() == ".paj":
        return [write_bytes(target, pajek_project(Outgoing.of(opened, layer)).encode())]
    if to in _TEXT:
        return [write_bytes(target, _TEXT[to](Outgoing.of(opened, layer)).encode())]
    if to in _BOOKS:
        return [write_workbook(target, _BOOKS[to](Outgoing.of(opened, layer)))]
    if to == "gephi":
        return _gephi(Outgoing.of(opened, layer), target)
    if to == "xlsx":
        return [write_workbook(target, _sheets(opened))]
    if to == "parquet":
        return _parquet(opened, target)
    raise NetklyngeError(f"format '{to}' is unknown; choose one of {', '.join(FORMATS)}")


def _gephi(out: Outgoing, target: Path) -> list[Path]:
    """Two tables as Gephi's spreadsheet import wants them: Id, Label; Source, Target, Type, Weight."""
    nodes = out.node_frame().rename(columns={"actor": "Id", "name": "Label"})
    ties = out.tie_frame()
    kinds = ["Undirected" if tie["directed"] == 0 else "Directed" for tie in out.ties]
    ties.insert(2, "Type", kinds)
    ties = ties.rename(columns={"source": "Source", "target": "Target", "weight": "Weight"})
    stem = target.stem.removesuffix("-edges")
    files = [target.with_name(f"{stem}-{part}{target.suffix or '.csv'}") for part in ("nodes", "edges")]
    for file, frame in zip(files, (nodes, ties), strict=True):
        write_bytes(file, safe_cells(frame).to_csv(index=False, lineterminator="\n").encode())
    return files


def _kumu(out: Outgoing) -> dict[str, pd.DataFrame]:
    """Kumu's import workbook: Elements with Label and Type, Connections with From, To, Type, Direction."""
    called = out.labels()
    elements = out.node_frame().rename(columns={"actor": "ID", "kind": "Type", "name": "Name"})
    elements.insert(0, "Label", [called[row["actor"]] for row in out.actors])
    ties = out.tie_frame()
    ends = [[called[tie[side]] for tie in out.ties] for side in ("source", "target")]
    ties = ties.drop(columns=["source", "target"])
    ties.insert(0, "From", ends[0])
    ties.insert(1, "To", ends[1])
    ties.insert(2, "Direction", ["mutual" if tie["directed"] == 0 else "directed" for tie in out.ties])
    ties = ties.rename(columns={"layer": "Type", "weight": "Strength"})
    return {"Elements": elements, "Connections": ties}


def _kumu_json(out: Outgoing) -> str:
    called = out.labels()
    elements = [
        {
            "_id": row["actor"],
            "label": called[row["actor"]],
            "attributes": {apart(k): v for k, v in row.items() if k != "actor"},
        }
        for row in out.actors
    ]
    connections = [
        {
            "from": tie["source"],
            "to": tie["target"],
            "direction": "mutual" if tie["directed"] == 0 else "directed",
            "type": tie["layer"],
            "attributes": {apart(k): v for k, v in tie.items() if k not in ("source", "target", "directed", "layer")},
        }
        for tie in out.ties
    ]
    return json.dumps({"elements": elements, "connections": connections}, ensure_ascii=False, indent=1) + "\n"


def _matrices(out: Outgoing) -> dict[str, pd.DataFrame]:
    """A sheet per layer, actors at its side and head, cells with how many ties there are."""
    names = [row["actor"] for row in out.actors]
    sheets: dict[str, pd.DataFrame] = {}
    for layer, cells in out.matrices().items():
        square = [[0] * len(names) for _ in names]
        for (row, column), value in cells.items():
            square[row][column] = value  # type: ignore[call-overload]
        frame = pd.DataFrame(square, columns=names)
        frame.insert(0, "", names, allow_duplicates=True)
        sheets[_sheet_name(layer, sheets)] = frame
    return sheets or {"ties": pd.DataFrame({"": names})}


def _sheet_name(layer: str, taken: Mapping[str, Any]) -> str:
    """At most 31 signs without those that Excel refuses."""
    plain = "".join("-" if sign in "[]:*?/\\" else sign for sign in layer).strip("'")[:28] or "ties"
    lower = {name.lower() for name in taken}
    names = (plain if k == 1 else f"{plain}-{k}" for k in range(1, len(taken) + 2))
    return next(name for name in names if name.lower() not in lower)


def _parquet(study: Study, target: Path) -> list[Path]:
    """The relations, each other table beside them; what the study says of itself in the file's head."""
    import pyarrow as pa
    from pyarrow import parquet

    told = json.dumps({**study.meta, "name": study.name}, ensure_ascii=False, sort_keys=True, default=str)
    files = []
    for table in ("relations", *(name for name in TABLES if name != "relations")):
        frame = getattr(study, table)
        if not len(frame) and table not in ("relations", "actors"):
            continue
        file = (
            target if table == "relations" else target.with_name(f"{target.stem}-{table}{target.suffix or '.parquet'}")
        )
        content = pa.Table.from_pandas(frame, preserve_index=False)
        if table == "relations":
            content = content.replace_schema_metadata({**(content.schema.metadata or {}), b"netklynge": told.encode()})
        with written(file) as temporary:
            parquet.write_table(content, temporary)
        files.append(file)
    return files


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


_TEXT: Mapping[str, Callable[[Outgoing], str]] = {
    "graphml": graphml,
    "gexf": gexf,
    "gml": gml,
    "pajek": pajek,
    "dl": dl,
    "vna": vna,
    "kumu-json": _kumu_json,
    "r": r_script,
}
_BOOKS: Mapping[str, Callable[[Outgoing], dict[str, pd.DataFrame]]] = {"kumu": _kumu, "matrix": _matrices}
FORMATS = (
    "graphml",
    "gexf",
    "gml",
    "pajek",
    "dl",
    "vna",
    "gephi",
    "kumu",
    "kumu-json",
    "matrix",
    "r",
    "parquet",
    "xlsx",
)
