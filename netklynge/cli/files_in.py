"""Commands that take files in or check them, and that make the forms to fill in."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from netklynge.cli.opening import layer_names, open_study
from netklynge.cli.options import CutOption, ForceOption, Lang, LangOption, Ring, StudyArgument, Tool
from netklynge.cli.printing import working
from netklynge.cli.root import app

if TYPE_CHECKING:
    from collections.abc import Sequence

    from netklynge.findings import Finding


@app.command()
def check(
    sources: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="SOURCE...", help="A study, a survey file with its codebook, a ledger, or published tables."
        ),
    ] = None,
    codebook: Annotated[
        str | None, typer.Option("--codebook", metavar="FILE", help="What the columns of a survey file mean.")
    ] = None,
    published: Annotated[
        bool, typer.Option("--published", help="Regenerate the published tables that come with netklynge.")
    ] = False,
) -> None:
    """Print every finding on a line of its own; exit 0 with none, 1 with some, 2 if nothing can be read."""
    if published:
        from netklynge.regions.regenerations import regenerations_page

        typer.echo(regenerations_page(), nl=False)
        return
    if not sources:
        raise typer.BadParameter("name a SOURCE, or give --published")
    _tell_reading(sources, codebook)
    findings = _findings(sources, codebook)
    for finding in findings:
        typer.echo(str(finding))
    typer.echo(f"{len(findings)} finding{'s' if len(findings) != 1 else ''}", err=True)
    raise typer.Exit(1 if findings else 0)


def _tell_reading(sources: list[str], codebook: str | None) -> None:
    """Say on stderr as what the source is read, and of a network what was taken for what."""
    from netklynge.exchange.opening import network_receipt
    from netklynge.sources import Kind, kind_of

    kind = kind_of(sources[0], codebook) if len(sources) == 1 else Kind.TABLES
    receipt = network_receipt(sources[0]) if kind is Kind.NETWORK else None
    for line in receipt.lines() if receipt else [f"{', '.join(sources)}: read as {kind}"]:
        typer.echo(line, err=True)


def _findings(sources: list[str], codebook: str | None) -> Sequence[Finding]:
    """Findings by what the source is: survey microdata, a study, a ledger, else published tables."""
    from netklynge.sources import check_source

    found = check_source(sources[0], codebook) if len(sources) == 1 else None
    if found is not None:
        return found
    from netklynge.exchange.opening import not_a_network
    from netklynge.regions.auditing import check_tables, has_numbers

    if len(sources) == 1 and not has_numbers(sources[0]):
        raise not_a_network(Path(sources[0]))

    return check_tables(sources)


@app.command()
def codebook(
    source: Annotated[Path, typer.Argument(metavar="SOURCE", help="A survey file.")],
    output: Annotated[Path, typer.Option("-o", "--output", metavar="FILE", help="The codebook to write.")],
    force: ForceOption = False,
) -> None:
    """Draft a codebook from the names and labels in a survey file; mend it by hand before you import."""
    from netklynge.files.outputs import refuse_overwrite, write_text
    from netklynge.surveys.drafts import draft

    refuse_overwrite([output], force)
    typer.echo(str(write_text(output, draft(source)).resolve()))


@app.command("import")
def import_(
    source: Annotated[
        Path, typer.Argument(metavar="SOURCE", help="Survey microdata, a supplier list, or a folder of lists.")
    ],
    output: Annotated[Path, typer.Option("-o", "--output", metavar="STUDY", help="The study folder to write.")],
    codebook: Annotated[
        str | None, typer.Option("--codebook", metavar="FILE", help="What the columns of a survey file mean.")
    ] = None,
    owner: Annotated[str | None, typer.Option("--owner", help="The firm whose supplier list it is.")] = None,
    direction: Annotated[
        str | None, typer.Option("--direction", metavar="purchases|sales", help="For lists that do not tell.")
    ] = None,
    zones: Annotated[
        Path | None,
        typer.Option("--zones", metavar="FILE", help="A study.yaml with the zones that places are sorted by."),
    ] = None,
    wave_of: Annotated[
        str | None, typer.Option("--wave-of", metavar="STUDY", help="The study that the roster was made from.")
    ] = None,
    force: ForceOption = False,
) -> None:
    """Make a study of survey microdata or supplier lists; what is refused stands in rejected.csv with the reason."""
    from netklynge.files.outputs import refuse_overwrite

    refuse_overwrite([output / "relations.csv"], force)
    if codebook is not None:
        from netklynge.surveys.microdata import write_import
        from netklynge.surveys.rosters import write_wave

        if wave_of is None:
            imported = write_import(source, output, codebook)
        else:
            imported = write_wave(source, output, codebook, open_study(wave_of))
        for row in imported.counts.to_dict("records"):
            typer.echo(f"{row['unit']}: read {row['read']} = {row['accepted']} accepted + {row['rejected']} rejected")
        for finding in imported.findings:
            typer.echo(str(finding), err=True)
        asked = int((imported.matches["decision"] == "ask").sum())
        if asked:
            typer.echo(f"pairs of names to decide: {asked}, in {output / 'matches.csv'}", err=True)
    else:
        from netklynge.parsers.suppliers import write_import as write_ledger
        from netklynge.study.loading import read_meta

        options = {"owner": owner, "direction": direction, "progress": sys.stderr.isatty()}
        result = write_ledger(source, output, meta=read_meta(zones) if zones else None, **options)
        counts = result.study.meta["import"]
        typer.echo(f"rows: read {counts['read']} = {counts['accepted']} accepted + {counts['rejected']} rejected")
        for finding in result.findings:
            typer.echo(str(finding), err=True)
        words = result.matches["decision"].value_counts()
        typer.echo(
            f"pairs of names: {words.get('same', 0)} joined, {words.get('ask', 0)} to decide "
            f"in {output / 'matches.csv'}",
            err=True,
        )
        if len(result.unplaced):
            lost = int(result.unplaced["rows"].sum())
            typer.echo(f"rows without a ring: {lost}; their places are in {output / 'unplaced.csv'}", err=True)
    typer.echo(str(output.resolve()))


@app.command()
def template(
    output: Annotated[Path, typer.Option("-o", "--output", metavar="FILE.xlsx", help="The workbook to write.")],
    empty: Annotated[bool, typer.Option("--empty", help="Without the worked example.")] = False,
    force: ForceOption = False,
) -> None:
    """Write an Excel workbook to fill in: drop-downs, explanations, an example."""
    from netklynge.files.outputs import refuse_overwrite
    from netklynge.parsers.template import write_template

    refuse_overwrite([output], force)
    typer.echo(str(write_template(output, example=not empty).resolve()))


@app.command()
def roster(
    study: StudyArgument,
    output: Annotated[Path, typer.Option("-o", "--output", metavar="FILE", help="The form to write.")],
    tool: Annotated[Tool, typer.Option("--for", help="What it is made for.")] = Tool.excel,
    layers: Annotated[str | None, typer.Option("--layers", metavar="A,B", help="What to ask of.")] = None,
    outside: Annotated[bool, typer.Option("--outside", help="List the partners outside too.")] = False,
    year: Annotated[int | None, typer.Option("--year", help="The year that the answers are of.")] = None,
    cut: CutOption = Ring.local,
    lang: LangOption = Lang.en,
    force: ForceOption = False,
) -> None:
    """Write the next survey with the actors already in it, and beside it the codebook that reads the answers back."""
    from netklynge.surveys.rosters import write_roster

    seen = open_study(study, None, cut.value)
    for path in write_roster(seen, output, tool.value, layer_names(layers), lang.value, outside, year, force):
        typer.echo(str(path.resolve()))


@app.command()
def synth(
    source: Annotated[str, typer.Argument(metavar="CODEBOOK_OR_STUDY", help="Whose questions, or whose margins.")],
    firms: Annotated[int, typer.Option("--firms", metavar="N", help="How many firms to make.")],
    output: Annotated[Path, typer.Option("-o", "--output", metavar="FILE", help="The .sav or .csv to write.")],
    seed: Annotated[int, typer.Option("--seed", metavar="S", help="Makes the answers repeatable.")] = 0,
    force: ForceOption = False,
) -> None:
    """Make synthetic microdata that keep the published margins and describe nobody."""
    from netklynge.files.outputs import refuse_overwrite
    from netklynge.surveys.synthetic import synthesize

    refuse_overwrite([output], force)
    with working("Making synthetic answers"):
        made = synthesize(source, firms, seed, output)
    typer.echo(str(made.resolve()))
