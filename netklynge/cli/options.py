"""What commands are asked with: each option written once, its choices beside it."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class Format(StrEnum):
    """How a table is printed."""

    table = "table"
    csv = "csv"
    json = "json"
    markdown = "markdown"


class Ring(StrEnum):
    """Where somebody sits, seen from the district."""

    local = "local"
    regional = "regional"
    national = "national"
    international = "international"


class Cut(StrEnum):
    """The last ring that counts as inside, or all cuts in turn."""

    local = "local"
    regional = "regional"
    national = "national"
    international = "international"
    all = "all"


class Lang(StrEnum):
    """Language of what is written for readers."""

    en = "en"
    nb = "nb"


class Tool(StrEnum):
    """What the next survey is made for."""

    excel = "excel"
    limesurvey = "limesurvey"
    nettskjema = "nettskjema"


class Target(StrEnum):
    """What a study is exported to."""

    graphml = "graphml"
    gexf = "gexf"
    gml = "gml"
    pajek = "pajek"
    dl = "dl"
    vna = "vna"
    gephi = "gephi"
    kumu = "kumu"
    kumu_json = "kumu-json"
    matrix = "matrix"
    r = "r"
    parquet = "parquet"
    xlsx = "xlsx"


StudyArgument = Annotated[
    str,
    typer.Argument(metavar="STUDY", help="A study folder, a workbook, a network file, or a bundled study's name."),
]
InsideOption = Annotated[
    str | None,
    typer.Option(
        "--inside",
        metavar="COLUMN=VALUE",
        help="Who is inside, for a network that names no rings: place=Horten, or actor=a|b|c.",
    ),
]
AtOption = Annotated[int | None, typer.Option("--at", metavar="YEAR", help="See the study as it was in this year.")]
CutOption = Annotated[Ring, typer.Option("--cut", help="The last ring that counts as inside.")]
FormatOption = Annotated[Format, typer.Option("--format", help="How the table is printed.")]
LangOption = Annotated[Lang, typer.Option("--lang", help="Language of the pages.")]
ForceOption = Annotated[bool, typer.Option("--force", help="Write over what is there.")]
PublicOption = Annotated[
    bool, typer.Option("--public", help="Only what may be published: pseudonyms, classes, no small counts.")
]
KeyOption = Annotated[
    Path | None,
    typer.Option("--key", metavar="FILE", help="Secret behind the pseudonyms; made there when there is none."),
]
ThresholdOption = Annotated[
    int,
    typer.Option("--threshold", metavar="K", help="With --public: the least number that anything shown stands for."),
]
LayersOption = Annotated[
    str | None,
    typer.Option("--layers", metavar="A,B", help="Layers to read as one network; without it each is one of its own."),
]
