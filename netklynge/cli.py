"""The command line: parse arguments, call one function, print. Everything heavy is imported by the command."""

from __future__ import annotations

import json
import os
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    import pandas as pd

    from netklynge.study import Study

app = typer.Typer(
    name="netklynge",
    help="Networks of regional industry clusters: who works with whom, how much of it is local, what kind of district.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


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


StudyArgument = Annotated[
    str,
    typer.Argument(metavar="STUDY", help="A study folder, a workbook, a relations file, or a bundled study's name."),
]
AtOption = Annotated[int | None, typer.Option("--at", metavar="YEAR", help="See the study as it was in this year.")]
CutOption = Annotated[Ring, typer.Option("--cut", help="The last ring that counts as inside.")]
FormatOption = Annotated[Format, typer.Option("--format", help="How the table is printed.")]
LangOption = Annotated[Lang, typer.Option("--lang", help="Language of the pages.")]
ForceOption = Annotated[bool, typer.Option("--force", help="Write over what is there.")]


def _study(source: str, at: int | None = None, cut: str = "local") -> Study:
    from netklynge.study import load

    study = load(source)
    if at is not None:
        study = study.at(at)
    return study.cut(cut)


def _print(frame: pd.DataFrame, style: Format) -> None:
    """Print a table on standard output in the chosen style; blanks are blank, or null in JSON."""
    if style is Format.json:
        typer.echo(json.dumps(_records(frame), ensure_ascii=False, indent=1))
    elif style is Format.csv:
        from netklynge.outputs import safe_cells

        typer.echo(safe_cells(frame).to_csv(index=False, lineterminator="\n"), nl=False)
    else:
        from tabulate import tabulate

        rows = [
            ["" if v is None else f"{v:.3f}".rstrip("0").rstrip(".") if isinstance(v, float) else v for v in r.values()]
            for r in _records(frame)
        ]
        kind = "pipe" if style is Format.markdown else "simple"
        typer.echo(tabulate(rows, headers=[str(c) for c in frame.columns], tablefmt=kind, disable_numparse=True))


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows as plain values: None for unknown, numbers to ten digits so that the same input gives the same bytes."""
    plain = frame.astype(object).where(frame.notna(), None)
    return [{str(k): _plain(v) for k, v in row.items()} for row in plain.to_dict("records")]


def _plain(value: Any) -> Any:
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, float):
        return int(value) if value.is_integer() and abs(value) < 1e15 else float(f"{value:.10g}")
    return value


@app.callback()
def _root(
    version: Annotated[bool, typer.Option("--version", help="Print the version and stop.", is_eager=True)] = False,
) -> None:
    if version:
        from netklynge import __version__

        typer.echo(__version__)
        raise typer.Exit


@app.command()
def demo(
    output: Annotated[Path, typer.Option("-o", "--output", metavar="DIR", help="Folder to write to.")] = Path(
        "out/demo"
    ),
    lang: LangOption = Lang.en,
) -> None:
    """Do the main job on the bundled Horten study and print the path of the page."""
    from netklynge.reports import write_report

    typer.echo(str(write_report(_study("horten"), output, lang=lang.value, force=True).resolve()))


@app.command()
def report(
    study: StudyArgument,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="DIR", help="Folder; default STUDY-report.")
    ] = None,
    at: AtOption = None,
    cut: CutOption = Ring.local,
    lang: LangOption = Lang.en,
    force: ForceOption = False,
) -> None:
    """Write report.html, view.html, result.json, tables and graph.graphml; print the page's path."""
    from netklynge.outputs import file_name
    from netklynge.reports import write_report

    seen = _study(study, at, cut.value)
    target = output or Path(f"{file_name(seen.name)}-report")
    typer.echo(str(write_report(seen, target, lang=lang.value, force=force).resolve()))


@app.command()
def check(
    source: Annotated[str, typer.Argument(metavar="SOURCE", help="A study, or a survey file with its codebook.")],
) -> None:
    """Print every finding on a line of its own; exit 0 with none, 1 with some, 2 if nothing can be read."""
    from netklynge.study import check as check_study

    findings = check_study(source)
    for finding in findings:
        typer.echo(str(finding))
    typer.echo(f"{len(findings)} finding{'s' if len(findings) != 1 else ''}", err=True)
    raise typer.Exit(1 if findings else 0)


@app.command()
def locate(
    study: StudyArgument,
    layer: Annotated[str | None, typer.Option("--layer", metavar="L", help="Only this layer.")] = None,
    at: AtOption = None,
    format: FormatOption = Format.table,
) -> None:
    """Link-location table: where the other ends of links sit, item by item, with n and intervals."""
    from netklynge.location import locate as table

    _print(table(_study(study, at), layer), format)


@app.command()
def profile(
    study: StudyArgument, cut: CutOption = Ring.local, at: AtOption = None, format: FormatOption = Format.table
) -> None:
    """Buzz and pipelines, layer by layer."""
    from netklynge.profiles import profile as table

    _print(table(_study(study, at, cut.value)), format)


@app.command()
def firms(
    study: StudyArgument, cut: CutOption = Ring.local, at: AtOption = None, format: FormatOption = Format.table
) -> None:
    """One row per actor inside the cut."""
    from netklynge.profiles import firms as table

    _print(table(_study(study, at, cut.value)), format)


@app.command()
def classify(
    study: StudyArgument,
    cut: Annotated[Cut, typer.Option("--cut", help="The last ring that counts as inside, or all.")] = Cut.local,
    at: AtOption = None,
    bootstrap: Annotated[int, typer.Option("--bootstrap", metavar="N", help="Replicates for the stability.")] = 0,
    seed: Annotated[int, typer.Option("--seed", metavar="S", help="Makes the replicates repeatable.")] = 0,
    anchors: Annotated[Path | None, typer.Option("--anchors", metavar="FILE", help="Anchors of your own.")] = None,
    format: FormatOption = Format.table,
) -> None:
    """District type with its evidence."""
    import pandas as pd

    from netklynge.stability import stability
    from netklynge.typology import classify as verdict_of
    from netklynge.zones import CUTS

    seen = _study(study, at)
    cuts = CUTS if cut is Cut.all else (cut.value,)
    found = [
        stability(seen.cut(ring), bootstrap, seed, anchors) if bootstrap else verdict_of(seen.cut(ring), anchors)
        for ring in cuts
    ]
    if format is Format.json:
        content = [verdict.to_dict() for verdict in found]
        typer.echo(json.dumps(content if cut is Cut.all else content[0], ensure_ascii=False, indent=1))
        return
    for verdict in found:
        if format is Format.table:
            typer.echo(f"{verdict.study}, {verdict.at or 'undated'}, cut {verdict.cut}: {verdict.label}")
            members = {t: "open" if m is None else f"{m:.2f}" for t, m in verdict.memberships.items()}
            typer.echo("  memberships: " + ", ".join(f"{t} {m}" for t, m in members.items()))
            for name, share in verdict.stability["share_by_type"].items():
                typer.echo(f"  {name}: {share:.1%} of {verdict.stability['replicates']} replicates")
            grade = verdict.operative["grade"]
            typer.echo(f"  cluster: {verdict.operative['level']}" + ("" if grade is None else f" ({grade:.2f})"))
    columns = ["name", "value", "n", "of", "unit", "anchors", "membership", "source"]
    parts = [
        verdict.hallmarks[columns].assign(anchors=lambda t: t["anchors"].map(lambda a: " ".join(f"{x:g}" for x in a)))
        for verdict in found
    ]
    for part, verdict in zip(parts, found, strict=True):
        if len(parts) > 1:
            part.insert(0, "cut", verdict.cut)
    _print(pd.concat(parts, ignore_index=True), format)


@app.command()
def view(
    study: StudyArgument,
    output: Annotated[Path, typer.Option("-o", "--output", metavar="FILE.html", help="The page to write.")],
    at: AtOption = None,
    cut: CutOption = Ring.local,
    lang: LangOption = Lang.en,
    force: ForceOption = False,
) -> None:
    """Write the interactive network as one page that works offline."""
    from netklynge.reports import write_view

    typer.echo(str(write_view(_study(study, at, cut.value), output, lang=lang.value, force=force).resolve()))


def main() -> None:
    """Run the command line: one clear message and exit code 2 for what goes wrong."""
    from netklynge.findings import NetklyngeError

    try:
        app()
    except NetklyngeError as error:
        typer.echo(f"netklynge: {error}", err=True)
        sys.exit(2)
    except BrokenPipeError:  # the reader of a pipe has had enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except KeyboardInterrupt:
        typer.echo("netklynge: stopped", err=True)
        sys.exit(130)
    except Exception as error:
        if os.environ.get("NETKLYNGE_DEBUG"):
            raise
        text = f"{type(error).__name__}: {error}"
        typer.echo(f"netklynge: a fault of netklynge's own: {text} (NETKLYNGE_DEBUG=1 shows where)", err=True)
        sys.exit(2)
