"""Every parser of files that others made: a suffix to give the file, a call, and a small valid file to start from."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import netklynge as nk
from netklynge.parsers import codebook, surveyfiles
from netklynge.parsers.graphfiles import read_graph
from netklynge.parsers.matching import read_decisions
from netklynge.parsers.suppliers import import_ledger
from netklynge.regions.registers import read_register, read_statbank


class Parser(NamedTuple):
    """A parser: what it is called, the suffix of its files, how to call it, what a valid file looks like."""

    name: str
    suffix: str
    read: Callable[[Path], object]
    valid: bytes


def _meta(path: Path) -> object:
    """The file as the study.yaml of a small study."""
    (path.parent / "relations.csv").write_text("source,target,layer\na,b,supply\n")
    path.replace(path.parent / "study.yaml")
    return nk.load(path.parent)


def _exports() -> Iterator[Parser]:
    """Graph files of a small study, as netklynge writes them."""
    import tempfile

    ties = nk.load(
        {
            "relations": nk.load("horten").relations.head(4)[["source", "target", "layer"]],
        }
    )
    from netklynge.parsers.graphfiles import export

    suffixes = {"graphml": ".graphml", "gexf": ".gexf", "gml": ".gml", "pajek": ".net", "dl": ".dl"}
    with tempfile.TemporaryDirectory() as folder:
        for kind, suffix in suffixes.items():
            path = Path(folder) / f"g{suffix}"
            export(ties, kind, path)
            yield Parser(kind, suffix, read_graph, path.read_bytes())


TIES = b"source,target,layer,start,current\na,b,supply,2001,1\nb,c,rd,,0\n"
LEDGER = b"buyer;supplier;amount;place\nA AS;B AS;1 200,50;Horten\nA AS;C Ltd;30;Oslo\n"
SURVEY = b"id;S1_1;S1_2\n1;1;2\n2;;1\n"
REGISTER = b"kommune;n\xc3\xa6ring;2004;2005\n0701 Horten;30;12;13\n"
MATCHES = b"left,right,decision\na,b,same\n"
META = b"name: x\nreference_year: 2005\nzones:\n  own_zone_names:\n    norway: local, regional, national\n"
BOOK = b"name: x\nquestions:\n- id: q1\n  label: Suppliers\n"

PARSERS = [
    Parser("ties", ".csv", nk.load, TIES),
    Parser("workbook", ".xlsx", nk.load, b"PK\x03\x04"),
    Parser("old workbook", ".xls", nk.load, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"),
    Parser("study.yaml", ".yaml", _meta, META),
    Parser("codebook", ".yaml", codebook.read, BOOK),
    Parser("survey", ".csv", surveyfiles.read_survey, SURVEY),
    Parser("spss", ".sav", surveyfiles.read_survey, b"$FL2@(#) SPSS DATA FILE"),
    Parser("ledger", ".csv", import_ledger, LEDGER),
    Parser("register", ".csv", read_register, REGISTER),
    Parser("statbank", ".csv", read_statbank, REGISTER),
    Parser("decisions", ".csv", read_decisions, MATCHES),
    *_exports(),
]
