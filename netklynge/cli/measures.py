"""Commands that print what a study shows."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from netklynge.cli.opening import is_national_file, layer_names, open_study, published
from netklynge.cli.options import (
    AtOption,
    Cut,
    CutOption,
    Format,
    FormatOption,
    InsideOption,
    KeyOption,
    LayersOption,
    PublicOption,
    Ring,
    StudyArgument,
    ThresholdOption,
)
from netklynge.cli.printing import print_table, print_tables
from netklynge.cli.root import app

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from netklynge.typology.classifier import SecondOpinion
    from netklynge.typology.verdicts import Verdict


@app.command()
def locate(
    study: StudyArgument,
    layer: Annotated[str | None, typer.Option("--layer", metavar="L", help="Only this layer.")] = None,
    at: AtOption = None,
    inside: InsideOption = None,
    format: FormatOption = Format.table,
) -> None:
    """Link-location table: where the other ends of links sit, item by item, with n and intervals."""
    from netklynge.district.location import locate as table
    from netklynge.district.national import locate_national

    national = is_national_file(study, at)
    print_table(
        locate_national(study, layer) if national else table(open_study(study, at, inside=inside), layer), format
    )


@app.command()
def profile(
    study: StudyArgument,
    cut: CutOption = Ring.local,
    at: AtOption = None,
    inside: InsideOption = None,
    format: FormatOption = Format.table,
) -> None:
    """Buzz and pipelines, layer by layer."""
    from netklynge.district.national import profile_national
    from netklynge.district.profiles import profile as table

    national = is_national_file(study, at)
    print_table(
        profile_national(study, cut.value) if national else table(open_study(study, at, cut.value, inside)), format
    )


@app.command()
def firms(
    study: StudyArgument,
    cut: CutOption = Ring.local,
    at: AtOption = None,
    inside: InsideOption = None,
    format: FormatOption = Format.table,
) -> None:
    """One row per actor inside the cut."""
    from netklynge.district.profiles import firms as table

    print_table(table(open_study(study, at, cut.value, inside)), format)


@app.command()
def classify(
    study: StudyArgument,
    cut: Annotated[Cut, typer.Option("--cut", help="The last ring that counts as inside, or all.")] = Cut.local,
    at: AtOption = None,
    inside: InsideOption = None,
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

    seen = open_study(study, at, inside=inside)
    cuts = CUTS if cut is Cut.all else (cut.value,)
    found = [
        stability(seen.cut(ring), bootstrap, seed, anchors) if bootstrap else verdict_of(seen.cut(ring), anchors)
        for ring in cuts
    ]
    second: list[SecondOpinion | None] = [None] * len(found)
    if opinion:
        from netklynge.typology.classifier import second_opinion

        second = [second_opinion(seen.cut(verdict.cut), verdict) for verdict in found]
    pairs = list(zip(found, second, strict=True))
    if format is Format.json:
        content = [
            {**verdict.to_dict(), **({} if other is None else {"second_opinion": other.to_dict()})}
            for verdict, other in pairs
        ]
        typer.echo(json.dumps(content if cut is Cut.all else content[0], ensure_ascii=False, indent=1))
        return
    hallmarks = _by_cut([_hallmark_rows(verdict) for verdict in found], cuts)
    if format is Format.table:
        for verdict, other in pairs:
            _tell(verdict, other)
        print_table(hallmarks.drop(columns="part"), format)
        return
    verdicts = _by_cut([_verdict_rows(verdict, other) for verdict, other in pairs], cuts)
    # one table, so that it can be read as one
    print_table(pd.concat([verdicts, hallmarks], ignore_index=True)[hallmarks.columns], format)


def _by_cut(parts: Sequence[pd.DataFrame], cuts: Sequence[str]) -> pd.DataFrame:
    """The tables of several cuts as one, with a column that tells them apart where there are several."""
    import pandas as pd

    if len(parts) > 1:
        for part, ring in zip(parts, cuts, strict=True):
            part.insert(0, "cut", ring)
    return pd.concat(parts, ignore_index=True)


def _hallmark_rows(verdict: Verdict) -> pd.DataFrame:
    columns = ["name", "value", "n", "of", "unit", "anchors", "membership", "source"]
    rows = verdict.hallmarks[columns].assign(
        anchors=lambda t: t["anchors"].map(lambda a: " ".join(f"{x:g}" for x in a)), part="hallmark"
    )
    return rows[["part", *columns]]


def _verdict_rows(verdict: Verdict, second: SecondOpinion | None) -> pd.DataFrame:
    """Type, label, memberships, and how sure they are, as rows of ``part``, ``name`` and ``value``."""
    import pandas as pd

    rows: list[tuple[str, str, object]] = [("verdict", "type", verdict.type), ("verdict", "label", verdict.label)]
    rows += [("membership", name, value) for name, value in verdict.memberships.items()]
    rows += [("replicates", name, share) for name, share in verdict.stability["share_by_type"].items()]
    if second is not None:
        rows.append(("second opinion", "type", second.type))
        rows += [("second opinion", name, chance) for name, chance in second.probabilities.items()]
    rows += [("cluster", name, verdict.operative[name]) for name in ("level", "grade")]
    return pd.DataFrame(rows, columns=["part", "name", "value"]).astype({"value": object})


def _tell(verdict: Verdict, second: SecondOpinion | None) -> None:
    """The verdict in lines for a reader at a terminal."""
    typer.echo(f"{verdict.study}, {verdict.at or 'undated'}, cut {verdict.cut}: {verdict.label}")
    members = {t: "open" if m is None else f"{m:.2f}" for t, m in verdict.memberships.items()}
    typer.echo("  memberships: " + ", ".join(f"{t} {m}" for t, m in members.items()))
    for name, share in verdict.stability["share_by_type"].items():
        typer.echo(f"  {name}: {share:.1%} of {verdict.stability['replicates']} replicates")
    if second is not None:
        typer.echo(f"  second opinion: {second.type} ({max(second.probabilities.values()):.2f}), {second.agreement}")
    grade = verdict.operative["grade"]
    typer.echo(f"  cluster: {verdict.operative['level']}" + ("" if grade is None else f" ({grade:.2f})"))


@app.command()
def gaps(
    study: StudyArgument,
    stages: Annotated[
        Path | None,
        typer.Option("--stages", metavar="FILE", help="Stages of the value chain: a table with columns stage, nace."),
    ] = None,
    at: AtOption = None,
    inside: InsideOption = None,
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
    print_table(find_gaps(open_study(study, at, cut.value, inside), chain).drop(columns="ties"), format)


@app.command()
def system(
    study: StudyArgument,
    layers: LayersOption = None,
    at: AtOption = None,
    inside: InsideOption = None,
    cut: CutOption = Ring.local,
    public: PublicOption = False,
    key: KeyOption = None,
    threshold: ThresholdOption = 3,
    format: FormatOption = Format.table,
) -> None:
    """Print the region's innovation system: thin, fragmented or locked in, with its figures and remedies."""
    from netklynge.systems.innovation_system import system_tables

    seen = open_study(study, at, cut.value, inside)
    seen = published(seen, key, threshold)[0] if public else seen
    print_tables(system_tables(seen, layer_names(layers)), format)


@app.command()
def sheet(
    study: StudyArgument,
    evidence: Annotated[
        Path | None, typer.Argument(metavar="EVIDENCE", help="A table of evidence: indicator, sign, statement, source.")
    ] = None,
    at: AtOption = None,
    inside: InsideOption = None,
    cut: CutOption = Ring.local,
    format: FormatOption = Format.table,
) -> None:
    """Print the sheet of twelve cluster properties with the evidence behind each, and which labels fit."""
    import pandas as pd

    from netklynge.systems.property_sheet import cluster_labels, indicator_states, read_evidence, study_evidence

    seen = open_study(study, at, cut.value, inside)
    told = study_evidence(seen)
    if evidence is not None:
        told = pd.concat([told, read_evidence(evidence, seen.name)], ignore_index=True)
    labels = cluster_labels(seen)
    states = indicator_states(told, dict.fromkeys([seen.name, *told["milieu"]]))
    print_tables({"sheet": states, "evidence": told, "labels": labels.labels, "figures": labels.figures}, format)
