"""Commands that write pages and files for readers, and the app that does it all."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from netklynge.cli.opening import open_study, published, study_by_words
from netklynge.cli.options import (
    AtOption,
    CutOption,
    ForceOption,
    Format,
    FormatOption,
    InsideOption,
    KeyOption,
    Lang,
    LangOption,
    PublicOption,
    Ring,
    StudyArgument,
    Target,
    ThresholdOption,
)
from netklynge.cli.printing import print_table, print_tables, working
from netklynge.cli.root import app


@app.command()
def demo(
    output: Annotated[Path, typer.Option("-o", "--output", metavar="DIR", help="Folder to write to.")] = Path(
        "out/demo"
    ),
    lang: LangOption = Lang.en,
) -> None:
    """Do the main job on the bundled Horten study and print the path of the page."""
    from netklynge.pages.reports import write_report

    with working("Writing the report on Horten"):
        page = write_report(open_study("horten"), output, lang=lang.value, force=True)
    typer.echo(str(page.resolve()))


@app.command()
def report(
    study: StudyArgument,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="DIR", help="Folder; default STUDY-report.")
    ] = None,
    at: AtOption = None,
    inside: InsideOption = None,
    cut: CutOption = Ring.local,
    lang: LangOption = Lang.en,
    public: PublicOption = False,
    key: KeyOption = None,
    threshold: ThresholdOption = 3,
    region: Annotated[
        list[Path] | None, typer.Option("--region", metavar="TABLE", help="Register tables of the place; repeat it.")
    ] = None,
    force: ForceOption = False,
) -> None:
    """Write report.html, view.html, result.json, tables and graph.graphml; print the page's path."""
    from netklynge.files.outputs import file_name
    from netklynge.pages.reports import write_report
    from netklynge.regions.statistics import statistics

    if region and public:
        raise typer.BadParameter("register tables name the place: leave out --region or --public")
    seen = open_study(study, at, cut.value, inside)
    seen, hidden = published(seen, key, threshold) if public else (seen, None)
    target = output or Path(f"{file_name(seen.name)}-report")
    with working("Writing the report"):
        register = statistics(region) if region else ()
        page = write_report(seen, target, lang=lang.value, force=force, disclosure=hidden, register=register)
    typer.echo(str(page.resolve()))


@app.command()
def view(
    study: StudyArgument,
    output: Annotated[Path, typer.Option("-o", "--output", metavar="FILE.html", help="The page to write.")],
    at: AtOption = None,
    inside: InsideOption = None,
    cut: CutOption = Ring.local,
    lang: LangOption = Lang.en,
    public: PublicOption = False,
    key: KeyOption = None,
    threshold: ThresholdOption = 3,
    force: ForceOption = False,
) -> None:
    """Write the interactive network as one page that works offline."""
    from netklynge.pages.reports import write_view

    seen = open_study(study, at, cut.value, inside)
    seen, hidden = published(seen, key, threshold) if public else (seen, None)
    with working("Drawing the network"):
        page = write_view(seen, output, lang=lang.value, force=force, disclosure=hidden)
    typer.echo(str(page.resolve()))


@app.command()
def compare(
    studies: Annotated[
        list[str], typer.Argument(metavar="STUDY...", help="Studies; NAME@YEAR and NAME:CUT see one so.")
    ],
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="DIR", help="Write compare.html and tables here.")
    ] = None,
    at: AtOption = None,
    cut: CutOption = Ring.local,
    lang: LangOption = Lang.en,
    public: PublicOption = False,
    key: KeyOption = None,
    threshold: ThresholdOption = 3,
    force: ForceOption = False,
    format: FormatOption = Format.table,
) -> None:
    """Set districts, years or cuts side by side, for example: compare raufoss@1985 raufoss kongsberg:regional."""
    from netklynge.typology.comparisons import compare as side_by_side
    from netklynge.typology.comparisons import compare_types

    several = [study_by_words(words, at, cut.value) for words in studies]
    hidden = None
    if public:
        import pandas as pd

        pairs = [published(study, key, threshold) for study in several]
        several = [study for study, _ in pairs]
        hidden = pd.concat([told.assign(study=study.name) for study, told in pairs], ignore_index=True)
    if output is not None:
        from netklynge.pages.reports import write_comparison

        with working("Writing the comparison"):
            page = write_comparison(several, output, lang=lang.value, force=force, disclosure=hidden)
        typer.echo(str(page.resolve()))
        return
    if format is Format.table:
        print_table(compare_types(several), format)
        typer.echo()
    print_table(side_by_side(several), format)


@app.command()
def waves(
    studies: Annotated[list[str], typer.Argument(metavar="STUDY [STUDY]", help="Two waves, or one and --at twice.")],
    at: Annotated[list[int] | None, typer.Option("--at", metavar="YEAR", help="Twice: two years of one study.")] = None,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="FILE.html", help="Write the page instead.")
    ] = None,
    cut: CutOption = Ring.local,
    lang: LangOption = Lang.en,
    format: FormatOption = Format.table,
    force: ForceOption = False,
) -> None:
    """Set two waves or two years side by side: ties kept, new and lost, who moved, and whether others just answered."""
    from netklynge.district.waves import (
        actor_changes,
        respondent_test,
        wave_measures,
        wave_table,
    )
    from netklynge.findings import NetklyngeError
    from netklynge.pages.waves import write_waves

    years = at or []
    if (len(studies), len(years)) not in ((2, 0), (1, 2)):
        raise NetklyngeError("give two studies, or one study and two years: --at 2000 --at 2005")
    several = [open_study(studies[0], year, cut.value) for year in years]
    several = several or [open_study(name, None, cut.value) for name in studies]
    before, after = several
    if output is not None:
        typer.echo(str(write_waves(before, after, output, lang.value, force).resolve()))
        return
    tables = {
        "ties": wave_table(before, after),
        "respondents": respondent_test(before, after),
        "measures": wave_measures(before, after),
        "actors": actor_changes(before, after),
    }
    print_tables(tables, format)


@app.command()
def region(
    tables: Annotated[list[Path], typer.Argument(metavar="TABLE...", help="Published tables or statbank files.")],
    output: Annotated[Path, typer.Option("-o", "--output", metavar="DIR", help="Folder to write to.")],
    reference: Annotated[
        str | None, typer.Option("--reference", metavar="REGION", help="The region that stands for the nation.")
    ] = None,
    lang: LangOption = Lang.en,
    force: ForceOption = False,
) -> None:
    """Compute what the studies rest on, in tables and pages: specialisation, growth, shift-share, dynamics, size."""
    from netklynge.pages.regions import write_region

    with working("Computing the region's tables"):
        written = write_region(tables, output, reference, force=force, lang=lang.value)
    for path in written:
        typer.echo(str(path.resolve()))


@app.command()
def suggest(
    study: StudyArgument,
    ledger: Annotated[
        Path | None,
        typer.Option("--ledger", metavar="FILE", help="Introductions made so far; their pairs are left out."),
    ] = None,
    number: Annotated[int, typer.Option("-n", "--number", metavar="N", min=0, help="How many pairs.")] = 20,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="FILE.html", help="Write the page instead.")
    ] = None,
    at: AtOption = None,
    inside: InsideOption = None,
    cut: CutOption = Ring.local,
    lang: LangOption = Lang.en,
    public: PublicOption = False,
    key: KeyOption = None,
    threshold: ThresholdOption = 3,
    format: FormatOption = Format.table,
    force: ForceOption = False,
) -> None:
    """Who should meet whom: pairs of members without a tie, with the reasons in words; or the page of it."""
    from netklynge.facilitation.introductions import read_introductions

    seen = open_study(study, at, cut.value, inside)
    if public:
        seen, _ = published(seen, key, threshold)
    made = read_introductions(ledger, seen) if ledger else None
    if output is None:
        from netklynge.facilitation.suggestions import suggest as suggested

        print_table(suggested(seen, made, number, lang=lang.value), format)
        return
    from netklynge.pages.suggestions import write_suggestions

    with working("Writing the page"):
        page = write_suggestions(seen, output, lang.value, made, force)
    typer.echo(str(page.resolve()))


@app.command()
def introduce(
    ledger: Annotated[Path, typer.Argument(metavar="LEDGER", help="The .csv that remembers them; made if not there.")],
    actor: Annotated[str, typer.Argument(metavar="ACTOR", help="Id of one of the two.")],
    alter: Annotated[str, typer.Argument(metavar="ALTER", help="Id of the other.")],
    state: Annotated[str, typer.Argument(metavar="STATE", help="proposed, met, dormant or refused.")],
    on: Annotated[str | None, typer.Option("--on", metavar="DATE", help="When, as 2026-03-01; default today.")] = None,
    note: Annotated[str, typer.Option("--note", metavar="TEXT", help="What came of it.")] = "",
    study: Annotated[
        str | None, typer.Option("--study", metavar="STUDY", help="Whose actors the two must be among.")
    ] = None,
) -> None:
    """Remember that two members were proposed to each other, met, fell silent or said no."""
    from datetime import date

    from netklynge.facilitation.introductions import record_introduction

    seen = open_study(study) if study else None
    path = record_introduction(ledger, actor, alter, state, on or date.today().isoformat(), note, seen)
    typer.echo(str(Path(path).resolve()))


@app.command()
def export(
    study: StudyArgument,
    to: Annotated[Target, typer.Option("--to", help="The format.")],
    output: Annotated[Path, typer.Option("-o", "--output", metavar="FILE", help="The file to write.")],
    at: AtOption = None,
    inside: InsideOption = None,
    layer: Annotated[str | None, typer.Option("--layer", metavar="L", help="Only this layer (graph formats).")] = None,
    public: PublicOption = False,
    key: KeyOption = None,
    threshold: ThresholdOption = 3,
    force: ForceOption = False,
) -> None:
    """Write a study for Gephi, UCINET, Pajek, Excel or a data lake."""
    from netklynge.exchange.writing import export as write_graph
    from netklynge.files.outputs import refuse_overwrite, write_csv

    refuse_overwrite([output], force)
    seen = open_study(study, at, inside=inside)
    if public:
        seen, hidden = published(seen, key, threshold)
        write_csv(output.with_name(f"{output.stem}-disclosure.csv"), hidden)
    for path in write_graph(seen, to.value, output, layer):
        typer.echo(str(path.resolve()))


@app.command("app")
def local_app(
    folder: Annotated[Path, typer.Option("--folder", metavar="DIR", help="Where everything is kept.")] = Path(
        "netklynge-desk"
    ),
    port: Annotated[int, typer.Option("--port", metavar="N", min=0, max=65535, help="Default: one that is free.")] = 0,
    lang: Annotated[Lang | None, typer.Option("--lang", help="Language of the pages; default: the browser's.")] = None,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Only print the address.")] = False,
) -> None:
    """Put in, mend, see and share a study on pages of this machine alone; for those who write no commands."""
    import os
    import threading
    import webbrowser

    from netklynge.app.server import ASIDE, serve

    def show(page: str) -> None:
        if not no_browser:
            threading.Thread(target=webbrowser.open, args=(page,)).start()

    os.environ.setdefault("MPLCONFIGDIR", str(folder.absolute() / ASIDE))  # what matplotlib keeps stays there too
    serve(folder, port, lang.value if lang else None, typer.echo, show)
