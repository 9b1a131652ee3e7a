"""Reports: the whole main job on one study, as a page that people read and tables that they cite."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from netklynge.district.hubs import find_hubs
from netklynge.district.location import locate
from netklynge.district.profiles import firms, profile
from netklynge.files.outputs import refuse_overwrite, write_csv, write_text, write_workbook, written, written_folder
from netklynge.files.plain import records
from netklynge.language import Language, language
from netklynge.pages.pages import facts_of_several, references, render_page, shown, source_words, study_facts
from netklynge.pages.regions import write_place
from netklynge.pages.views import left_out, measured, partners_text, undated, view
from netklynge.regions.statistics import Statistic, quotients_of, register_place, with_register
from netklynge.study.network import exportable
from netklynge.study.provenance import provenance
from netklynge.study.ties import district_ties
from netklynge.study.zones import CUTS
from netklynge.typology.anchors import TYPES, load_anchors
from netklynge.typology.cluster_question import cluster, national_overlap
from netklynge.typology.comparisons import compare, compare_location, compare_types, name_studies
from netklynge.typology.hallmarks import HALLMARKS
from netklynge.typology.stability import stability
from netklynge.typology.verdicts import TYPE_WORDS, Verdict, classify

if TYPE_CHECKING:
    from netklynge.study.study import Study

__all__ = ["render_report", "write_comparison", "write_report", "write_view"]

REPORT_FILES = ("report.html", "report.xlsx", "report.md", "view.html", "result.json", "graph.graphml")


def write_report(
    study: Study,
    path: str | Path,
    lang: str = "en",
    force: bool = False,
    disclosure: pd.DataFrame | None = None,
    register: Sequence[Statistic] = (),
) -> Path:
    """Do the main job on a study and write it to a folder; return the path of the report page.

    Writes ``report.html``, ``view.html``, ``result.json``, ``tables/*.csv`` and ``graph.graphml``; ``report.xlsx`` and
    ``report.md`` hold the same tables for those who write on.

    Parameters
    ----------
    study : Study
        Seen at the cut and year that the report is to be about; the verdict is given for every cut all the same.
    path : path
        The folder; made if it is not there.
    lang : {"en", "nb"}
    force : bool
        Write over an earlier report.
    disclosure : DataFrame, optional
        Of a public study: what was hidden and why; written as ``disclosure.csv``.
    register : sequence of Statistic
        Of the place's tables, see :func:`netklynge.regions.statistics.statistics`: its page is written to ``region/``,
        it gives sizes that the study lacks, and says whether the place is specialised.

    Raises
    ------
    NetklyngeError
        A report is there already and `force` is not given, the folder cannot be written to, or no table is about the
        study's place.
    """
    import networkx as nx

    refuse_overwrite([Path(path) / name for name in REPORT_FILES], force)
    place = register_place(study, register) if register else None
    study = with_register(study, register)
    found = results(study, quotients_of(study, register))
    with written_folder(Path(path), force) as target:
        for name, table in found["tables"].items():
            write_csv(target / "tables" / f"{name}.csv", table)
        with written(target / "graph.graphml") as temporary:
            nx.write_graphml(exportable(study.graph()), temporary, prettyprint=True, named_key_ids=True)
        write_text(target / "result.json", json.dumps(_result(study, found), ensure_ascii=False, indent=1) + "\n")
        view(study, lang=lang, measures=found["measures"]).save(target / "view.html")
        write_workbook(target / "report.xlsx", found["tables"])
        write_text(target / "report.md", render_markdown(study, found, lang))
        if disclosure is not None:
            write_csv(target / "disclosure.csv", disclosure)
        if place is not None:
            write_place(register, place, target / "region", lang, "../report.html")
        write_text(target / "report.html", render_report(study, found, lang, "region/region.html" if place else None))
    return Path(path) / "report.html"


def write_view(
    study: Study, path: str | Path, lang: str = "en", force: bool = False, disclosure: pd.DataFrame | None = None
) -> Path:
    """Write the interactive view of a study as one page; return its path.

    What a public study hides, and why, stands beside it in ``<stem>-disclosure.csv``.
    """
    refuse_overwrite([path], force)
    if disclosure is not None:
        write_csv(Path(path).with_name(f"{Path(path).stem}-disclosure.csv"), disclosure)
    return view(study, lang=lang).save(Path(path))


def write_comparison(
    studies: Sequence[Study],
    path: str | Path,
    lang: str = "en",
    force: bool = False,
    seed: int = 0,
    disclosure: pd.DataFrame | None = None,
) -> Path:
    """Set districts, years or cuts side by side in a folder; return the path of the page ``compare.html``.

    Writes ``compare.html`` with the ternary plot of all of them and each one's boundary curve, and the tables
    ``types.csv``, ``hallmarks.csv`` and ``location.csv``; what public studies hide, and why, in ``disclosure.csv``.
    """
    from netklynge.pages.figures import as_svg, boundary_curve, ternary

    say = language(lang)
    named = name_studies(studies)
    tables = {"types": compare_types(studies), "hallmarks": compare(studies), "location": compare_location(studies)}
    drawn = [
        (ternary(studies, seed=seed, lang=lang), say.text("Small-firm, hub-and-spoke or satellite, with replicates"))
    ]
    drawn += [
        (boundary_curve(study, lang=lang), f"{name}: {say.text('membership against the boundary')}")
        for name, study in named.items()
    ]
    figures = [{"data": base64.b64encode(as_svg(ax)).decode("ascii"), "words": words} for ax, words in drawn]
    page = render_page(
        "compare.html",
        say,
        names=list(named),
        meta=facts_of_several(studies),
        verdicts={name: classify(study) for name, study in named.items()},
        figures=figures,
        hallmarks=tables["hallmarks"].to_dict("records"),
        location=tables["location"].to_dict("records"),
    )
    with written_folder(Path(path), force) as target:
        for name, table in tables.items():
            write_csv(target / f"{name}.csv", table)
        if disclosure is not None:
            write_csv(target / "disclosure.csv", disclosure)
        write_text(target / "compare.html", page)
    return Path(path) / "compare.html"


def results(study: Study, quotients: pd.DataFrame | None = None) -> dict[str, Any]:
    """Everything that report and view show: what is measured at every cut, and the tables."""
    at_cuts = measured(study)
    found = {cut: at_cut.verdict for cut, at_cut in at_cuts.items()}
    found[study.boundary] = stability(study)
    here = at_cuts.get(study.boundary)
    tables = {
        "location": locate(study),
        "profile": pd.concat([at_cut.profile for at_cut in at_cuts.values()], ignore_index=True),
        "firms": here.firms if here else firms(study),
        "hubs": find_hubs(study),
        "hallmarks": pd.concat([v.hallmarks.assign(cut=v.cut) for v in found.values()], ignore_index=True),
        "cluster": cluster(study, found[study.boundary], quotients),
        "national_overlap": national_overlap(study),
        "ties": study.relations,
    }
    return {
        "tables": tables,
        "profile": here.profile if here else profile(study),
        "verdicts": found,
        "measures": at_cuts,
    }


def _result(study: Study, found: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "provenance": provenance(study, f"report {study.name}"),
        "study": study.name,
        "title": study.title,
        "at": study.when,
        "cut": study.boundary,
        "verdicts": [verdict.to_dict() for verdict in found["verdicts"].values()],
        "profile": records(found["tables"]["profile"]),
    }


# -- the page ----------------------------------------------------------------------------------------


def render_report(study: Study, found: Mapping[str, Any], lang: str = "en", region: str | None = None) -> str:
    """The report page as HTML: verdict first, then its evidence, the tables, what the data lack, the method."""
    verdict = found["verdicts"][study.boundary]
    say = language(lang)
    return render_page(
        "report.html",
        say,
        study=study,
        region=region,
        meta=study_facts(study),
        verdict=verdict,
        verdicts=found["verdicts"],
        opening=opening(verdict, found["verdicts"], study, say),
        cuts=CUTS,
        hallmarks=_hallmark_rows(verdict, say),
        certainty=certainty(verdict, say),
        location=_location_blocks(found["tables"]["location"], study),
        profile=found["profile"],
        left_out=left_out(found["profile"], say),
        partners=lambda named, groups: partners_text(named, groups, say),
        firms=found["tables"]["firms"],
        ties=_tie_rows(study),
        cluster=found["tables"]["cluster"].to_dict("records"),
        overlap=found["tables"]["national_overlap"].to_dict("records"),
        lacking=lacking(study, verdict, say),
        references=_cited(),
    )


def render_markdown(study: Study, found: Mapping[str, Any], lang: str = "en") -> str:
    """The report as Markdown, to write on: verdict, hallmarks, layers, what the data lack."""
    from tabulate import tabulate

    say = language(lang)
    verdict = found["verdicts"][study.boundary]
    hallmarks = [
        [
            hallmark_words(h["name"], say),
            shown(h["value"], say),
            say.text(h["unit"]),
            shown(h["n"], say),
            say.number(h["membership"], 2),
            _unmarked(source_words(h["source"], say)),
        ]
        for h in verdict.hallmarks.to_dict("records")
    ]
    heads = [say.text(w) for w in ("Hallmark", "Value")] + ["", "n", say.text("Membership"), say.text("Source")]
    layers = [
        [
            say.text(p["layer"]),
            say.percent(p["share"]),
            shown(p["n"], say),
            p["inside"],
            p["outside"],
            say.number(p["ei"], 2),
            say.number(p["ei_expected"], 2),
            _unmarked(source_words(p["source"], say)),
        ]
        for p in found["profile"].to_dict("records")
    ]
    layer_heads = [
        say.text("Layer"),
        say.text("Share inside"),
        "n",
        say.text("Ties inside"),
        say.text("Ties outside"),
        "E-I",
        say.text("E-I expected"),
        say.text("Source"),
    ]
    parts = [
        f"# {_unmarked(study.title)}",
        _unmarked(" ".join(opening(verdict, found["verdicts"], study, say))),
        f"## {say.text('Hallmarks')}",
        tabulate(hallmarks, heads, tablefmt="pipe", disable_numparse=True),
        f"## {say.text('How sure is it?')}",
        "\n".join(f"- {_unmarked(line)}" for line in certainty(verdict, say)),
        f"## {say.text('Inside and outside, layer by layer')}",
        tabulate(layers, layer_heads, tablefmt="pipe", disable_numparse=True),
        *left_out(found["profile"], say),
        f"## {say.text('What the data lack')}",
        "\n".join(f"- {_unmarked(line)}" for line in lacking(study, verdict, say)),
        f"## {say.text('References')}",
        "\n".join(f"- {r['by']} ({r['year'] or 'n.d.'}). {r['title']}. {r['where']}." for r in _cited()),
    ]
    return "\n\n".join(parts) + "\n"


def _unmarked(text: str) -> str:
    """A text from the data on one line of Markdown, with nothing in it that would be markup."""
    return re.sub(r"([\\`*_\[\]<>|#])", r"\\\1", " ".join(text.split()))


def opening(verdict: Verdict, all_cuts: Mapping[str, Verdict], study: Study, say: Language) -> tuple[str, str]:
    """The verdict: the type, how sure it is and what stands against it; what happens when the boundary moves."""
    when = f" ({verdict.at})" if verdict.at else ""
    first = say.text("With the boundary drawn at “{cut}”, {study}{when}: {type}.").format(
        cut=say.text(verdict.cut), study=study.title, when=when, type=verdict.headline(say.code)
    )
    first += _weakest(verdict, say)
    others = [v for v in all_cuts.values() if v.cut != verdict.cut]
    same = all(v.type == verdict.type for v in others)
    if same:
        second = say.text("The type stays the same at every cut; it rests on {known} of {all} hallmarks.").format(
            known=len(HALLMARKS) - len(verdict.missing), all=len(HALLMARKS)
        )
    else:
        changed = "; ".join(f"{say.text(v.cut)}: {v.words(say.code)}" for v in others)
        second = say.text("It changes with the boundary ({changed}), and rests on {known} of {all} hallmarks.").format(
            changed=changed, known=len(HALLMARKS) - len(verdict.missing), all=len(HALLMARKS)
        )
    return first, second


def _weakest(verdict: Verdict, say: Language) -> str:
    """The condition that the named type stands or falls with, with its n and interval; blank where none is named."""
    name = verdict.weakest()
    if name is None:
        return ""
    row = verdict.hallmarks.set_index("name").loc[name]
    return " " + say.text(
        "It has membership {m}; the weakest condition is {hallmark}, {value} (n = {n}; between {low} and {high})."
    ).format(
        m=say.number(verdict.memberships[verdict.type], 2),
        hallmark=hallmark_words(name, say),
        value=shown(row["value"], say),
        n=shown(row["n"], say),
        low=shown(row["low"], say),
        high=shown(row["high"], say),
    )


def certainty(verdict: Verdict, say: Language) -> list[str]:
    """How sure the verdict is, one sentence each: other draws, other anchors, fewer ties, what would turn it."""
    told = verdict.stability

    def shares(by_type: Mapping[str, float]) -> str:
        return ", ".join(f"{say.percent(share, 1)} {_type_words(name, say)}" for name, share in by_type.items())

    out = [
        say.text("With answers or ties drawn anew {n} times: {shares}.").format(
            n=say.number(told["replicates"], 0), shares=shares(told["share_by_type"])
        ),
        say.text("With anchors moved within what can be defended: {shares}.").format(shares=shares(told["anchors"])),
    ]
    kept = {_type_words(name, say) for name in told["without_doubtful"].values()}
    if kept == {_type_words(verdict.type, say)}:
        out.append(say.text("Leaving out ties of low, or of low and medium, confidence changes nothing."))
    else:
        out.append(
            say.text("Without ties of low confidence: {low}; without those of medium too: {both}.").format(
                low=_type_words(told["without_doubtful"]["low"], say),
                both=_type_words(told["without_doubtful"]["low_and_medium"], say),
            )
        )
    if told["decides"]:
        words = hallmark_words(told["decides"], say)
        out.append(say.text("The hallmark that decides is {hallmark}.").format(hallmark=words))
    if told["turns"]:
        turn = told["turns"]
        out.append(
            say.text(
                "The smallest single change that would give another type: {hallmark} at {to}, not {now}: {type}."
            ).format(
                hallmark=hallmark_words(turn["name"], say),
                to=shown(turn["turns_at"], say),
                now=shown(turn["value"], say),
                type=_type_words(turn["to"], say),
            )
        )
    out += [
        say.text("What would decide: “{question}”, asked of {whom}.").format(
            question=say.text(ask["question"]), whom=say.text(ask["to"])
        )
        for ask in verdict.would_decide
    ]
    return out


def _type_words(name: str, say: Language) -> str:
    return say.text(TYPE_WORDS.get(name, name.replace("_", " ")))


def _hallmark_rows(verdict: Verdict, say: Language) -> list[dict[str, Any]]:
    rules = load_anchors()
    rows = []
    for row in verdict.hallmarks.to_dict("records"):
        uses = [
            {
                "type": say.text(TYPE_WORDS[t]),
                "role": row[t + "_role"],
                "membership": row[t],
            }
            for t in TYPES
            if rules.types[t].role(row["name"]) is not None
        ]
        entry = rules.hallmarks[row["name"]]
        rows.append({**row, "what": entry["what"], "why": entry["why"], "cited": entry["source"], "uses": uses})
    return rows


def _location_blocks(table: pd.DataFrame, study: Study) -> list[dict[str, Any]]:
    """Link-location rows gathered by item, rings in order."""
    blocks = []
    keys = ["layer", "flow", "item", "group", "table", "unit", "source"]
    for key, part in table.groupby(keys, sort=False, dropna=False):
        head = dict(zip(keys, (None if pd.isna(k) else k for k in key), strict=True))
        short = part["unknown"].max() if head["source"] == "published" else 0.0  # ties of no ring have a row
        whole = 100.0 if str(head["unit"]).startswith("percent") else part["n"].max()
        placed = None if not short > 0 else (whole - short, whole)
        blocks.append({**head, "n": part["n"].max(), "placed": placed, "rows": part.to_dict("records")})
    return blocks


def _tie_rows(study: Study) -> list[dict[str, Any]]:
    names = study.actors.set_index("actor")["name"]
    ties = study.relations
    table = ties.assign(
        source_name=ties["source"].map(names),
        target_name=ties["target"].map(names),
        held=ties["current"].fillna(True).astype(bool),
    )
    return [{k: None if pd.isna(v) else v for k, v in row.items()} for row in table.to_dict("records")]


def lacking(study: Study, verdict: Verdict, say: Language) -> list[str]:
    """What the data lack, one sentence each."""
    out = []
    for name in verdict.missing:
        row = verdict.hallmarks.set_index("name").loc[name]
        out.append(
            say.text("{hallmark} could not be computed: {source} give too little (n = {n}).").format(
                hallmark=hallmark_words(name, say),
                source=source_words(str(row["source"]), say),
                n=shown(row["n"], say),
            )
        )
    ties = district_ties(study)
    blank = ties[ties["scale"].isna()].groupby("layer").size()
    for layer in study.layers:
        if blank.get(layer, 0):
            out.append(
                say.text(
                    "Ring not stated for {k} of {n} ties in force in the layer “{layer}”; they are in no share."
                ).format(k=int(blank[layer]), n=int((ties["layer"] == layer).sum()), layer=say.text(layer))
            )
    nowhere = int((study.actors["scale"].isna() & ~study.is_category).sum())
    if nowhere:
        out.append(
            say.text("Nobody has said where {k} of {n} named actors sit.").format(
                k=nowhere, n=int((~study.is_category).sum())
            )
        )
    if len(study.firms):
        out.append(
            say.text("The size is known of {k} of {n} firms inside the cut.").format(
                k=len(study.firm_sizes()), n=len(study.firms)
            )
        )
    out += undated(study, say)
    told = study.meta.respondents
    if told.answered:
        of = f"{told.asked:g}" if told.asked else say.text("an unpublished number")
        out.append(say.text("{k} answered of {n} asked.").format(k=f"{told.answered:g}", n=of))
    if not len(study.links):
        out.append(say.text("There are no published answers: every share rests on ties that somebody told by name."))
    weak = int((ties["confidence"] == "low").fillna(False).sum())
    if weak:
        out.append(say.text("{k} of {n} ties in force are coded with low confidence.").format(k=weak, n=len(ties)))
    return out


def hallmark_words(name: str, say: Language) -> str:
    """A hallmark's name for readers."""
    return say.text(name.replace("_", " "))


def _cited() -> list[Mapping[str, Any]]:
    keys = [
        *("onsager2005", "markusen1996", "ragin2008", "kvist2007", "bathelt2004", "krackhardt1988", "freeman1979"),
        *("giuliani2005", "wilson1927", "efron1993", "cochran1977", "oana2024"),
    ]
    for entry in load_anchors().hallmarks.values():
        keys += entry["source"]
    book = references()
    return sorted(
        (book[key] for key in dict.fromkeys(keys) if key != "reasoning"), key=lambda r: (r["by"], r["year"] or 0)
    )
