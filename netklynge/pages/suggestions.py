"""The page for those who bring people together: who should meet whom, what is missing, on whom much depends.

One page that works offline; every number on it opens the ties behind it.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from netklynge.facilitation.backtest import evaluate_suggestions
from netklynge.facilitation.dependence import if_leaves, pipeline_holders, pipeline_reach, sole_partners
from netklynge.facilitation.gaps import isolates, missing_kinds, partner_kinds, unfilled_kinds
from netklynge.facilitation.introductions import introduction_states
from netklynge.facilitation.suggestions import REASONS, listed, names_of, ranked, reason_words, suggestion_reasons
from netklynge.files.outputs import refuse_overwrite, write_text
from netklynge.findings import NetklyngeError
from netklynge.language import Language, language
from netklynge.pages.pages import references, render_page, study_facts
from netklynge.study.ties import members

if TYPE_CHECKING:
    from netklynge.study.study import Study

__all__ = ["render_suggestions", "write_suggestions"]

ROWS = 100  # of each other table on the page
SHOWN = 12  # pairs on the page for each reason, and rows of each table of dependence
TITLES: Mapping[str, str] = {
    "same_supplier": "Buy from the same supplier outside",
    "same_supplier_group": "Buy from the same group of suppliers outside",
    "same_input": "Buy the same thing outside",
    "sells_what_is_bought": "One offers what the other buys outside",
    "shared_partners": "Have partners in common",
    "bridge": "Would be the only bridge between two groups",
    "newcomer": "One stands alone",
    "outside_knowledge": "One has partners outside, the other and all round it none",
    "missing_kind": "One lacks a kind of partner that its peers have",
}
HIDDEN = 0.2  # share of the ties that the test on the page hides
REPEATS = 50  # of that test
MANY = 500  # members above which fewer repeats of the test must do


def write_suggestions(
    study: Study, path: str | Path, lang: str = "en", ledger: pd.DataFrame | None = None, force: bool = False
) -> Path:
    """Write the page of suggestions, gaps and dependence; return its path.

    Parameters
    ----------
    study : Study
        Seen at the cut and year that the page is to be about; a public study gives a page that may be published.
    path : path
        The HTML file.
    lang : {"en", "nb"}
    ledger : DataFrame, optional
        From :func:`netklynge.read_introductions`: its pairs are a work list, and are not suggested.
    force : bool
        Write over an earlier page.

    Raises
    ------
    NetklyngeError
        There is such a file already and `force` is not given, it cannot be written, or a ledger is given with a public
        study.
    """
    refuse_overwrite([path], force)
    return write_text(Path(path), render_suggestions(study, lang, ledger))


def render_suggestions(study: Study, lang: str = "en", ledger: pd.DataFrame | None = None) -> str:
    """The page as HTML; see :func:`write_suggestions`."""
    if ledger is not None and study.meta.public:
        raise NetklyngeError("a ledger names actors, and this is a public study: leave the ledger out")
    say, names = language(lang), names_of(study)
    found = suggestion_reasons(study, ledger)
    pairs = ranked(study, found)
    alone, lacking, unfilled = isolates(study), missing_kinds(partner_kinds(study)), unfilled_kinds(study)
    return render_page(
        "suggestions.html",
        say,
        study=study,
        meta=study_facts(study),
        names=names,
        listed=lambda actors: listed([names[actor] for actor in actors], say),
        tie_lines=_tie_lines(study, names, say),
        members=len(members(study)),
        pairs=len(pairs),
        reason_titles=TITLES,
        groups=_by_reason(pairs, found, names, say),
        test=_test(study),
        rows=ROWS,
        isolates=alone.to_dict("records"),
        lacking=lacking.to_dict("records"),
        unfilled=unfilled.to_dict("records"),
        sole=sole_partners(study).to_dict("records"),
        leaves=if_leaves(study, top=SHOWN).to_dict("records"),
        holders=pipeline_holders(study).head(SHOWN).to_dict("records"),
        reach=pipeline_reach(study).to_dict("records")[0],
        work=[] if ledger is None else introduction_states(ledger).to_dict("records"),
        cited=[references()[key] for key in ("bathelt2004", "freeman1979", "onsager2005")],
    )


def _by_reason(
    pairs: pd.DataFrame, found: pd.DataFrame, names: Mapping[str, str], say: Language
) -> list[dict[str, Any]]:
    """The pairs under the first of their reasons, in the order of the list, and what to show of them."""
    first = found.drop_duplicates(["actor", "alter"])[["actor", "alter", "reason", "first"]]
    placed = pairs.merge(first, on=["actor", "alter"]).sort_values("rank")
    groups = []
    for code in REASONS:
        under = placed[placed["reason"] == code]
        shown = under.head(SHOWN)
        told = found.merge(shown[["actor", "alter"]])
        lines: dict[tuple[str, str], list[dict[str, Any]]] = {}
        for row in told.to_dict("records"):
            line = {"words": reason_words(row, names, say), "ties": row["ties"]}
            lines.setdefault((row["actor"], row["alter"]), []).append(line)
        cards = [
            {
                "rank": pair["rank"],
                "ends": [names[end] for end in sorted((pair["actor"], pair["alter"]), key=pair["first"].__ne__)],
                "lines": lines[pair["actor"], pair["alter"]],
            }
            for pair in shown.to_dict("records")
        ]
        if cards:
            groups.append({"code": code, "count": len(under), "pairs": cards})
    return groups


def _test(study: Study) -> dict[str, Any]:
    """How good the order of the list is, by hidden ties."""
    repeats = REPEATS if len(members(study)) <= MANY else 3
    table = evaluate_suggestions(study, hidden=HIDDEN, repeats=repeats)
    first = table.iloc[0]
    return {
        "rows": table.to_dict("records"),
        "possible": bool(pd.notna(first["auc"])),
        **first.drop("method").to_dict(),
        "by_chance": float(table["precision_at_10"].iloc[-1]),
    }


def _tie_lines(study: Study, names: Mapping[str, str], say: Language) -> dict[Any, dict[str, str]]:
    """Each tie as it is shown when a number is opened."""
    lines = {}
    for label, row in zip(study.relations.index, study.relations.to_dict("records"), strict=True):
        tie: dict[Any, Any] = {column: None if pd.isna(value) else value for column, value in row.items()}
        years = "–".join(str(year or "") for year in (tie["start"], tie["end"])) if tie["start"] or tie["end"] else ""
        facts = [say.text(tie[column]) for column in ("layer", "scale") if tie[column]]
        lines[label] = {
            "ends": f"{names[tie['source']]} {'–' if tie['directed'] is False else '→'} {names[tie['target']]}",
            "facts": ", ".join([*facts, *([years] if years else [])]),
            "content": tie["content"] or "",
            "lines": tie["lines"] or "",
        }
    return lines
