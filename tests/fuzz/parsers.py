"""Every parser of files that others made: a suffix to give the file, a call, and a small valid file to start from."""

import io
import json
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pandas as pd
from registers import STATBANK

import netklynge as nk
from netklynge.exchange.opening import read_graph
from netklynge.facilitation.introductions import read_introductions
from netklynge.findings import StudyError
from netklynge.parsers.matching import read_decisions
from netklynge.parsers.suppliers import import_ledger
from netklynge.regions.auditing import check_tables
from netklynge.regions.registers import read_register, read_statbank
from netklynge.regions.specialisation import screens
from netklynge.study.loading import read_meta
from netklynge.surveys import codebook, surveyfiles
from netklynge.surveys.synthetic import synthesize
from netklynge.systems.property_sheet import read_evidence
from netklynge.typology.anchors import load_anchors


class Parser(NamedTuple):
    """A parser: what it is called, the suffix of its files, how to call it, what a valid file looks like."""

    name: str
    suffix: str
    read: Callable[[Path], object]
    valid: bytes  # read without a finding, so that what is changed in it lies inside


def _meta(path: Path) -> object:
    """The file as the study.yaml of a small study."""
    (path.parent / "relations.csv").write_text("source,target,layer\na,b,supply\n")
    path.replace(path.parent / "study.yaml")
    return nk.load(path.parent)


def _codebook(path: Path) -> object:
    """A codebook without findings."""
    book, findings = codebook.read(path)
    if findings:
        raise StudyError(findings)
    return book


def _sheet(path: Path) -> object:
    """The file as the one sheet of a workbook, which hides it from whoever changes the bytes of the archive."""
    workbook = path.with_suffix(".xlsx")
    with zipfile.ZipFile(io.BytesIO(WORKBOOK)) as old, zipfile.ZipFile(workbook, "w") as new:
        for part in old.namelist():
            new.writestr(part, path.read_bytes() if part == SHEET else old.read(part))
    return nk.load(workbook)


def _written(name: str, write: Callable[[Path], object]) -> bytes:
    """The bytes of a file that a function writes."""
    with tempfile.TemporaryDirectory() as folder:
        write(Path(folder) / name)
        return (Path(folder) / name).read_bytes()


def _inside(archive: bytes, part: str) -> bytes:
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        return opened.read(part)


def _workbook(path: Path) -> None:
    import xlsxwriter  # cells that hold their own text, so that a sheet alone says what it says

    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("relations")
        for row, cells in enumerate([["source", "target", "start"], ["a", "b", 2001], ["b", "c", 2002]]):
            for column, cell in enumerate(cells):
                sheet.write(row, column, cell)


def _exports() -> Iterator[Parser]:
    """Graph files of a small study, as netklynge writes them."""
    ties = nk.load(
        {
            "relations": nk.load("horten").relations.head(4)[["source", "target", "layer"]],
        }
    )
    from netklynge.exchange.writing import export

    suffixes = {"graphml": ".graphml", "gexf": ".gexf", "gml": ".gml", "pajek": ".net", "dl": ".dl", "vna": ".vna"}
    suffixes |= {"kumu-json": ".json"}
    with tempfile.TemporaryDirectory() as folder:
        for kind, suffix in suffixes.items():
            path = Path(folder) / f"g{suffix}"
            export(ties, kind, path)
            yield Parser(kind, suffix, read_graph, path.read_bytes())
    for name in CORPUS:
        path = Path(__file__).parents[1] / "corpus" / name
        yield Parser(name, path.suffix, nk.load, path.read_bytes())


CORPUS = (
    "quotes.net",
    "project.paj",
    "wrapped.dl",
    "edgearray.dl",
    "parallel.gml",
    "mixed.graphml",
    "gephi13.gexf",
    "netdraw.vna",
    "graph.dot",
    "cytoscape.json",
    "vosviewer.json",
    "d3.json",
    "matrix.csv",
    "two_mode.csv",
    "kumu.csv",
)  # network files, one for each reader


TIES = b"source,target,layer,start,current\na,b,supply,2001,1\nb,c,rd,,0\n"
LEDGER = b"buyer;supplier;amount;place\nA AS;B AS;1 200,50;Horten\nA AS;C Ltd;30;Oslo\n"
SURVEY = b"id;S1_1;S1_2\n1;1;2\n2;;1\n"
REGISTER = b"region;industry;2004;2005\n0701 Horten;30;12;13\n"
DATASET = json.dumps(STATBANK).encode()
MATCHES = b"left_name,right_name,decision\na,b,same\n"
META = b"name: x\nreference_year: 2005\nzones:\n  own_zone_names:\n    norway: local, regional, national\n"
BOOK = b"""name: x
year: 2024
missing: {no_answer: [99]}
respondent: {id: firm, name: firm_name, employees: size}
questions:
  where:
    kind: grid
    layer: supply
    flow: in
    columns: "w_{item}_{ring}"
    rings: {loc: local, nat: national}
    items: {parts: Parts, food: {text: Food, layer: service}}
  who:
    kind: partners
    layer: rd
    slots: 2
    columns: {name: "p{slot}", ring: "r{slot}"}
    codes: {1: local, 2: international}
  best:
    kind: choice
    column: best
    codes: {1: "yes", 2: "no"}
"""
ANCHORS = b"""hallmarks:
  hub_jobs:
    anchors: [0.15, 0.4, 0.6]
types:
  satellite:
    essential: [outside_reach, not local_trade]
rules: {named_above: 0.5}
"""
SCREENS = b"mine:\n  needs: all\n  leave_out: [farms]\n  tests:\n  - [lq, '>=', '1.2']\n"
EVIDENCE = b"indicator,sign,statement,source,kind\nS1,+,Many firms,p. 4,document\nR3,?,They meet,p. 5,interview\n"
INTRODUCED = b"actor,alter,state,date\nx,y,met,2024-03-01\n"
TABLE = b"region,jobs_2000,jobs_2005\nHorten,100,110\nMoss,50,40\nTotal,150,150\n"
PARQUET = _written("t.parquet", pd.DataFrame({"source": ["a", "b"], "target": ["b", "c"], "start": [1, 2]}).to_parquet)
WORKBOOK = _written("t.xlsx", _workbook)
SHEET = "xl/worksheets/sheet1.xml"
SPSS = _written("t.sav", lambda path: synthesize("nibr-2004", 4, 0, path))

PARSERS = [
    Parser("ties", ".csv", nk.load, TIES),
    Parser("parquet", ".parquet", nk.load, PARQUET),
    Parser("workbook", ".xlsx", nk.load, WORKBOOK),
    Parser("sheet", ".xml", _sheet, _inside(WORKBOOK, SHEET)),
    Parser("old workbook", ".xls", nk.load, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"),
    Parser("study.yaml", ".yaml", _meta, META),
    Parser("zones", ".yaml", read_meta, META),
    Parser("codebook", ".yaml", _codebook, BOOK),
    Parser("survey", ".csv", surveyfiles.read_survey, SURVEY),
    Parser("spss", ".sav", surveyfiles.read_survey, SPSS),
    Parser("ledger", ".csv", import_ledger, LEDGER),
    Parser("register", ".csv", read_register, REGISTER),
    Parser("statbank", ".json", read_statbank, DATASET),
    Parser("published table", ".csv", lambda path: check_tables([path]), TABLE),
    Parser("decisions", ".csv", read_decisions, MATCHES),
    Parser("anchors", ".yaml", load_anchors, ANCHORS),
    Parser("screens", ".yaml", screens, SCREENS),
    Parser("evidence", ".csv", read_evidence, EVIDENCE),
    Parser("introductions", ".csv", read_introductions, INTRODUCED),
    *_exports(),
]
