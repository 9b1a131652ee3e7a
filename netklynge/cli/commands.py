"""The command line: parse arguments, call one function, print. Everything heavy is imported by the command."""

from __future__ import annotations

import json
import os
import sys
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import pandas as pd

    from netklynge.findings import Finding
    from netklynge.study.study import Study

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


class Tool(StrEnum):
    """What the next survey is made for."""

    excel = "excel"
    limesurvey = "limesurvey"
    nettskjema = "nettskjema"


StudyArgument = Annotated[
    str,
    typer.Argument(metavar="STUDY", help="A study folder, a workbook, a relations file, or a bundled study's name."),
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


def _published(study: Study, key: Path | None, k: int) -> tuple[Study, pd.DataFrame]:
    """The study as it may be published, and the table of what is hidden in it and why."""
    from netklynge.disclosure.anonymity import key_file, public_study

    return public_study(study, k, key_file(key or Path(typer.get_app_dir("netklynge")) / "key"))


@contextmanager
def _working(words: str) -> Iterator[None]:
    """Show on a terminal that something takes a while; stderr that is no terminal stays silent."""
    if not sys.stderr.isatty():
        yield
        return
    from rich.console import Console

    with Console(stderr=True).status(words):
        yield


def _without_plots() -> None:
    """Keep igraph from loading all of matplotlib, which takes a second: this process draws no figure with it."""
    sys.modules.setdefault("matplotlib", None)  # type: ignore[arg-type]


def _study(source: str, at: int | None = None, cut: str = "local") -> Study:
    from netklynge.study.study import load

    study = load(source)
    if at is not None:
        study = study.at(at)
    return study.cut(cut)


def _layers(given: str | None) -> list[str] | None:
    return None if given is None else [part.strip() for part in given.split(",") if part.strip()]


def _print_tables(tables: Mapping[str, pd.DataFrame], style: Format) -> None:
    """Print several tables, each under its name; one object of lists in JSON."""
    if style is Format.json:
        typer.echo(json.dumps({name: _records(table) for name, table in tables.items()}, ensure_ascii=False, indent=1))
        return
    for name, table in tables.items():
        typer.echo(f"\n{name}" if style is not Format.markdown else f"\n## {name}\n")
        _print(table, style)


def _is_national(source: str, at: int | None) -> bool:
    """Whether ties are too many for a study, so that they are counted from disk; said on stderr."""
    from netklynge.district.national import LARGEST_STUDY, is_national
    from netklynge.findings import InputError

    if not is_national(source):
        return False
    if at is not None:
        raise InputError(f"{source}: --at needs a study in memory, of at most {LARGEST_STUDY:,} ties")
    typer.echo(f"{source}: more than {LARGEST_STUDY:,} ties, counted from disk by DuckDB", err=True)
    return True


def _print(frame: pd.DataFrame, style: Format) -> None:
    """Print a table on standard output in the chosen style; blanks are blank, or null in JSON."""
    if style is Format.json:
        typer.echo(json.dumps(_records(frame), ensure_ascii=False, indent=1))
    elif style is Format.csv:
        from netklynge.files.outputs import safe_cells

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


def _tell_version(asked: bool) -> None:
    if asked:
        from netklynge import __version__

        typer.echo(__version__)
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version and stop.", is_eager=True, callback=_tell_version)
    ] = False,
) -> None: ...


@app.command()
def demo(
    output: Annotated[Path, typer.Option("-o", "--output", metavar="DIR", help="Folder to write to.")] = Path(
        "out/demo"
    ),
    lang: LangOption = Lang.en,
) -> None:
    """Do the main job on the bundled Horten study and print the path of the page."""
    _without_plots()
    from netklynge.pages.reports import write_report

    with _working("Writing the report on Horten"):
        page = write_report(_study("horten"), output, lang=lang.value, force=True)
    typer.echo(str(page.resolve()))


@app.command()
def report(
    study: StudyArgument,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="DIR", help="Folder; default STUDY-report.")
    ] = None,
    at: AtOption = None,
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
    _without_plots()
    from netklynge.files.outputs import file_name
    from netklynge.pages.reports import write_report
    from netklynge.regions.statistics import statistics

    if region and public:
        raise typer.BadParameter("register tables name the place: leave out --region or --public")
    seen = _study(study, at, cut.value)
    seen, hidden = _published(seen, key, threshold) if public else (seen, None)
    target = output or Path(f"{file_name(seen.name)}-report")
    with _working("Writing the report"):
        register = statistics(region) if region else ()
        page = write_report(seen, target, lang=lang.value, force=force, disclosure=hidden, register=register)
    typer.echo(str(page.resolve()))


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
    findings = _findings(sources, codebook)
    for finding in findings:
        typer.echo(str(finding))
    typer.echo(f"{len(findings)} finding{'s' if len(findings) != 1 else ''}", err=True)
    raise typer.Exit(1 if findings else 0)


def _findings(sources: list[str], codebook: str | None) -> Sequence[Finding]:
    """Findings by what the source is: survey microdata, a ledger, a study, else published tables."""
    from netklynge.parsers.sources import check_source
    from netklynge.regions.auditing import check_tables

    found = check_source(sources[0], codebook) if len(sources) == 1 else None
    return check_tables(sources) if found is None else found


@app.command()
def codebook(
    source: Annotated[Path, typer.Argument(metavar="SOURCE", help="A survey file.")],
    output: Annotated[Path, typer.Option("-o", "--output", metavar="FILE", help="The codebook to write.")],
    force: ForceOption = False,
) -> None:
    """Draft a codebook from the names and labels in a survey file; mend it by hand before you import."""
    from netklynge.files.outputs import refuse_overwrite, write_text
    from netklynge.parsers.drafts import draft

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
        from netklynge.parsers.microdata import write_import
        from netklynge.parsers.rosters import write_wave

        if wave_of is None:
            imported = write_import(source, output, codebook)
        else:
            imported = write_wave(source, output, codebook, _study(wave_of))
        for row in imported.counts.to_dict("records"):
            typer.echo(f"{row['unit']}: read {row['read']} = {row['accepted']} accepted + {row['rejected']} rejected")
        for finding in imported.findings:
            typer.echo(str(finding), err=True)
        asked = int((imported.matches["decision"] == "ask").sum())
        if asked:
            typer.echo(f"pairs of names to decide: {asked}, in {output / 'matches.csv'}", err=True)
    else:
        from netklynge.parsers.suppliers import write_import as write_ledger
        from netklynge.study.study import read_meta

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
def locate(
    study: StudyArgument,
    layer: Annotated[str | None, typer.Option("--layer", metavar="L", help="Only this layer.")] = None,
    at: AtOption = None,
    format: FormatOption = Format.table,
) -> None:
    """Link-location table: where the other ends of links sit, item by item, with n and intervals."""
    from netklynge.district.location import locate as table
    from netklynge.district.national import locate_national

    national = _is_national(study, at)
    _print(locate_national(study, layer) if national else table(_study(study, at), layer), format)


@app.command()
def profile(
    study: StudyArgument, cut: CutOption = Ring.local, at: AtOption = None, format: FormatOption = Format.table
) -> None:
    """Buzz and pipelines, layer by layer."""
    from netklynge.district.national import profile_national
    from netklynge.district.profiles import profile as table

    national = _is_national(study, at)
    _print(profile_national(study, cut.value) if national else table(_study(study, at, cut.value)), format)


@app.command()
def firms(
    study: StudyArgument, cut: CutOption = Ring.local, at: AtOption = None, format: FormatOption = Format.table
) -> None:
    """One row per actor inside the cut."""
    from netklynge.district.profiles import firms as table

    _print(table(_study(study, at, cut.value)), format)


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
    _without_plots()
    import threading
    import webbrowser

    from netklynge.app.server import serve

    def ready(address: str) -> None:
        typer.echo(address)
        if not no_browser:
            threading.Thread(target=webbrowser.open, args=(address,), daemon=True).start()

    serve(folder, port, lang.value if lang else None, ready)


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

    seen = _study(study, at, cut.value)
    if public:
        seen, _ = _published(seen, key, threshold)
    made = read_introductions(ledger, seen) if ledger else None
    if output is None:
        from netklynge.facilitation.suggestions import suggest as suggested

        _print(suggested(seen, made, number, lang=lang.value), format)
        return
    _without_plots()
    from netklynge.pages.suggestions import write_suggestions

    with _working("Writing the page"):
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

    seen = _study(study) if study else None
    path = record_introduction(ledger, actor, alter, state, on or date.today().isoformat(), note, seen)
    typer.echo(str(Path(path).resolve()))


@app.command()
def gaps(
    study: StudyArgument,
    stages: Annotated[
        Path | None,
        typer.Option("--stages", metavar="FILE", help="Stages of the value chain: a table with columns stage, nace."),
    ] = None,
    at: AtOption = None,
    cut: CutOption = Ring.local,
    format: FormatOption = Format.table,
) -> None:
    """What is missing: who stands alone, partners that peers have, stages without a firm."""
    from netklynge.facilitation.gaps import find_gaps
    from netklynge.files.tables import read_table
    from netklynge.findings import StudyError

    chain, findings = read_table(stages) if stages else (None, [])
    if findings:
        raise StudyError(findings)
    _print(find_gaps(_study(study, at, cut.value), chain).drop(columns="ties"), format)


@app.command()
def system(
    study: StudyArgument,
    layers: LayersOption = None,
    at: AtOption = None,
    cut: CutOption = Ring.local,
    public: PublicOption = False,
    key: KeyOption = None,
    threshold: ThresholdOption = 3,
    format: FormatOption = Format.table,
) -> None:
    """Print the region's innovation system: thin, fragmented or locked in, with its figures and remedies."""
    from netklynge.systems.innovation_system import system_tables

    seen = _study(study, at, cut.value)
    seen = _published(seen, key, threshold)[0] if public else seen
    _print_tables(system_tables(seen, _layers(layers)), format)


@app.command()
def sheet(
    study: StudyArgument,
    evidence: Annotated[
        Path | None, typer.Argument(metavar="EVIDENCE", help="A table of evidence: indicator, sign, statement, source.")
    ] = None,
    at: AtOption = None,
    cut: CutOption = Ring.local,
    format: FormatOption = Format.table,
) -> None:
    """Print the sheet of twelve cluster properties with the evidence behind each, and which labels fit."""
    import pandas as pd

    from netklynge.systems.property_sheet import cluster_labels, indicator_states, read_evidence, study_evidence

    seen = _study(study, at, cut.value)
    told = study_evidence(seen)
    if evidence is not None:
        told = pd.concat([told, read_evidence(evidence, seen.name)], ignore_index=True)
    labels = cluster_labels(seen)
    states = indicator_states(told, dict.fromkeys([seen.name, *told["milieu"]]))
    _print_tables({"sheet": states, "evidence": told, "labels": labels.labels, "figures": labels.figures}, format)


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
    several = [_study(studies[0], year, cut.value) for year in years] or [_study(s, None, cut.value) for s in studies]
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
    _print_tables(tables, format)


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
    from netklynge.parsers.rosters import write_roster

    seen = _study(study, None, cut.value)
    for path in write_roster(seen, output, tool.value, _layers(layers), lang.value, outside, year, force):
        typer.echo(str(path.resolve()))


@app.command()
def classify(
    study: StudyArgument,
    cut: Annotated[Cut, typer.Option("--cut", help="The last ring that counts as inside, or all.")] = Cut.local,
    at: AtOption = None,
    bootstrap: Annotated[int, typer.Option("--bootstrap", metavar="N", help="Replicates for the stability.")] = 0,
    seed: Annotated[int, typer.Option("--seed", metavar="S", help="Makes the replicates repeatable.")] = 0,
    opinion: Annotated[
        bool, typer.Option("--second-opinion", help="What a classifier trained on simulated districts says.")
    ] = False,
    anchors: Annotated[Path | None, typer.Option("--anchors", metavar="FILE", help="Anchors of your own.")] = None,
    format: FormatOption = Format.table,
) -> None:
    """District type with its evidence."""
    import pandas as pd

    from netklynge.study.zones import CUTS
    from netklynge.typology.stability import stability
    from netklynge.typology.verdicts import classify as verdict_of

    if opinion:
        from netklynge.typology.classifier import second_opinion

    seen = _study(study, at)
    cuts = CUTS if cut is Cut.all else (cut.value,)
    found = [
        stability(seen.cut(ring), bootstrap, seed, anchors) if bootstrap else verdict_of(seen.cut(ring), anchors)
        for ring in cuts
    ]
    if format is Format.json:
        content = [verdict.to_dict() for verdict in found]
        if opinion:
            content = [
                {**told, "second_opinion": second_opinion(seen.cut(verdict.cut), verdict).to_dict()}
                for told, verdict in zip(content, found, strict=True)
            ]
        typer.echo(json.dumps(content if cut is Cut.all else content[0], ensure_ascii=False, indent=1))
        return
    for verdict in found:
        if format is Format.table:
            typer.echo(f"{verdict.study}, {verdict.at or 'undated'}, cut {verdict.cut}: {verdict.label}")
            members = {t: "open" if m is None else f"{m:.2f}" for t, m in verdict.memberships.items()}
            typer.echo("  memberships: " + ", ".join(f"{t} {m}" for t, m in members.items()))
            for name, share in verdict.stability["share_by_type"].items():
                typer.echo(f"  {name}: {share:.1%} of {verdict.stability['replicates']} replicates")
            if opinion:
                second = second_opinion(seen.cut(verdict.cut), verdict)
                chance = max(second.probabilities.values())
                typer.echo(f"  second opinion: {second.type} ({chance:.2f}), {second.agreement}")
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

    several = [_seen(words, at, cut.value) for words in studies]
    hidden = None
    if public:
        import pandas as pd

        pairs = [_published(study, key, threshold) for study in several]
        several = [study for study, _ in pairs]
        hidden = pd.concat([told.assign(study=study.name) for study, told in pairs], ignore_index=True)
    if output is not None:
        from netklynge.pages.reports import write_comparison

        with _working("Writing the comparison"):
            page = write_comparison(several, output, lang=lang.value, force=force, disclosure=hidden)
        typer.echo(str(page.resolve()))
        return
    if format is Format.table:
        _print(compare_types(several), format)
        typer.echo()
    _print(side_by_side(several), format)


def _seen(words: str, at: int | None, cut: str) -> Study:
    """A study by NAME, NAME@YEAR, NAME:CUT or NAME@YEAR:CUT; a path that exists is taken as it is."""
    if not Path(words).exists():
        name, mark, ring = words.rpartition(":")
        if mark and ring in {r.value for r in Ring}:
            words, cut = name, ring
        name, mark, year = words.rpartition("@")
        if mark and year.isdigit():
            words, at = name, int(year)
    return _study(words, at, cut)


@app.command()
def view(
    study: StudyArgument,
    output: Annotated[Path, typer.Option("-o", "--output", metavar="FILE.html", help="The page to write.")],
    at: AtOption = None,
    cut: CutOption = Ring.local,
    lang: LangOption = Lang.en,
    public: PublicOption = False,
    key: KeyOption = None,
    threshold: ThresholdOption = 3,
    force: ForceOption = False,
) -> None:
    """Write the interactive network as one page that works offline."""
    from netklynge.pages.reports import write_view

    seen = _study(study, at, cut.value)
    seen, hidden = _published(seen, key, threshold) if public else (seen, None)
    with _working("Drawing the network"):
        page = write_view(seen, output, lang=lang.value, force=force, disclosure=hidden)
    typer.echo(str(page.resolve()))


class Target(StrEnum):
    """What a study is exported to."""

    graphml = "graphml"
    gexf = "gexf"
    gml = "gml"
    pajek = "pajek"
    dl = "dl"
    parquet = "parquet"
    xlsx = "xlsx"


@app.command()
def export(
    study: StudyArgument,
    to: Annotated[Target, typer.Option("--to", help="The format.")],
    output: Annotated[Path, typer.Option("-o", "--output", metavar="FILE", help="The file to write.")],
    at: AtOption = None,
    layer: Annotated[str | None, typer.Option("--layer", metavar="L", help="Only this layer (graph formats).")] = None,
    public: PublicOption = False,
    key: KeyOption = None,
    threshold: ThresholdOption = 3,
    force: ForceOption = False,
) -> None:
    """Write a study for Gephi, UCINET, Pajek, Excel or a data lake."""
    from netklynge.files.outputs import refuse_overwrite, write_csv
    from netklynge.parsers.graphfiles import export as write_graph

    refuse_overwrite([output], force)
    seen = _study(study, at)
    if public:
        seen, hidden = _published(seen, key, threshold)
        write_csv(output.with_name(f"{output.stem}-disclosure.csv"), hidden)
    for path in write_graph(seen, to.value, output, layer):
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
    from netklynge.parsers.synthetic import synthesize

    refuse_overwrite([output], force)
    with _working("Making synthetic answers"):
        made = synthesize(source, firms, seed, output)
    typer.echo(str(made.resolve()))


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

    with _working("Computing the region's tables"):
        written = write_region(tables, output, reference, force=force, lang=lang.value)
    for path in written:
        typer.echo(str(path.resolve()))


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
