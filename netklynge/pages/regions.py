"""The page of a region: four verdicts in plain words, its signs with the figures behind them, and every table.

One page per region, and, where tables hold several, one page that sets them side by side.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from netklynge.files.outputs import file_name, write_csv, write_text, written_folder
from netklynge.language import Language, language
from netklynge.pages.pages import references, render_page
from netklynge.regions.contradictions import same_place
from netklynge.regions.specialisation import screens
from netklynge.regions.statistics import Statistic, labelled, nation_rows, places, statistics

__all__ = ["render_region", "write_place", "write_region"]

QUESTIONS = {
    "specialised": "Is it specialised?",
    "growth": "Does it grow against the nation?",
    "firms": "How do firms come and go?",
    "sizes": "Who dominates?",
}
NEEDED = {
    "specialised": "jobs by industry, here and in the nation",
    "growth": "jobs by industry in two years, here and in the nation",
    "firms": "founded and closed firms with their rates",
    "sizes": "jobs by size of establishment",
}
SIZE_WORDS = {
    "small": "establishments under 10 employees",
    "medium": "establishments of 10 to 100 employees",
    "large": "establishments over 100 employees",
}
CITED = ("onsager2005", "wilson1927", "dunn1960", "krugman1991", "hachman1994")
# statistic: title, what it says, and its columns as name: (head, kind of figure)
BLOCKS: Mapping[str, tuple[str, str, Mapping[str, tuple[str, str]]]] = {
    "location_quotients": (
        "Specialisation",
        "A location quotient is the industry's share of the jobs here over its share in the nation. The interval is "
        "Wilson's, 95 %: how far a small count could move by chance. A screen says where to look; it proves nothing.",
        {
            "industry": ("Industry", "text"),
            "name": ("Name", "text"),
            "jobs": ("Jobs", "count"),
            "region_jobs": ("of", "count"),
            "region_share": ("Share here", "share"),
            "nation_share": ("Share in the nation", "share"),
            "lq": ("Location quotient", "ratio"),
            "low": ("from", "ratio"),
            "high": ("to", "ratio"),
            "screens": ("Passes the screens", "text"),
        },
    ),
    "profile": (
        "The region as a whole",
        "Krugman's index runs from 0 (the nation's mix of industries) to 2 (nothing in common); Hachman's from 0 to 1 "
        "(the nation's mix).",
        {"krugman": ("Krugman", "ratio"), "hachman": ("Hachman", "ratio"), "jobs": ("Jobs", "count")},
    ),
    "shift_share": (
        "What explains the change",
        "The change in jobs in three parts that add up: what the nation's growth gives, what the mix of industries "
        "gives, and what the region itself does better or worse.",
        {
            "industry": ("Industry", "text"),
            "name": ("Name", "text"),
            "start_value": ("Jobs at the start", "count"),
            "end_value": ("Jobs at the end", "count"),
            "change": ("Change", "count"),
            "national": ("The nation", "decimal"),
            "mix": ("Its industries", "decimal"),
            "competitive": ("The region itself", "decimal"),
        },
    ),
    "change": (
        "Change",
        "No rate is told from a start of nought.",
        {
            "industry": ("Industry", "text"),
            "name": ("Name", "text"),
            "start_value": ("Jobs at the start", "count"),
            "end_value": ("Jobs at the end", "count"),
            "change": ("Change", "count"),
            "change_pct": ("Change, %", "decimal"),
        },
    ),
    "firm_dynamics": (
        "Firms that come and go",
        "All rates are per 100 firms at the start. Turbulence is founded and closed firms together. A stock that is "
        "not printed is the whole number that gives all printed rates; the stock by count is end − founded + closed.",
        {
            "region": ("Region", "text"),
            "industry": ("Industry", "text"),
            "name": ("Name", "text"),
            "stock": ("Stock at the start", "count"),
            "stock_most": ("at most", "count"),
            "founded": ("Founded", "count"),
            "closed": ("Closed down", "count"),
            "stock_end": ("Stock at the end", "count"),
            "founded_pct": ("Founded, per 100", "decimal"),
            "closed_pct": ("Closed, per 100", "decimal"),
            "net_pct": ("Net, per 100", "decimal"),
            "turbulence": ("Turbulence", "decimal"),
            "balance_stock": ("Stock by count", "count"),
        },
    ),
    "size_structure": (
        "Sizes",
        "Shares of the jobs by size of establishment: under 10, 10 to 100, over 100 employees.",
        {
            "region": ("Region", "text"),
            "industry": ("Industry", "text"),
            "name": ("Name", "text"),
            "jobs": ("Jobs", "count"),
            "pct_jobs_small": ("Small, %", "decimal"),
            "pct_jobs_medium": ("Medium, %", "decimal"),
            "pct_jobs_large": ("Large, %", "decimal"),
            "units": ("Establishments", "count"),
            "mean_size": ("Mean size", "decimal"),
        },
    ),
}
WITH_NATION = ("firm_dynamics", "size_structure")
DIGITS = {"count": 0, "decimal": 1, "ratio": 2}


class Verdict(NamedTuple):
    """The answer to one question on a region: a word, and the figures behind it in a sentence."""

    question: str
    answer: str
    words: str


def write_region(
    paths: Iterable[str | Path],
    target: str | Path,
    reference: str | None = None,
    tolerance: float = 5.0,
    force: bool = False,
    lang: str = "en",
) -> list[Path]:
    """Write every table of :func:`netklynge.region` and the pages that tell them into a folder, all or none.

    Parameters
    ----------
    paths, reference, tolerance
        As for :func:`netklynge.region`.
    target : path
        The folder: one CSV file per table; ``region.html``; and, where the tables hold several regions, one page
        for each, ``region-<name>.html``.
    force : bool
        Write over what is there.
    lang : {"en", "nb"}

    Returns
    -------
    list of Path
        The files written.

    Raises
    ------
    InputError
        A file cannot be read.
    NetklyngeError
        Files there would be replaced and `force` is not given, or the folder cannot be written to.
    """
    found = statistics(paths, reference, tolerance)
    names = places(found, reference)
    several = {name: f"region-{file_name(name, 'region')}.html" for name in names} if len(names) > 1 else {}
    one = names[0] if len(names) == 1 else None
    written = {"region.html": render_region(found, one, lang, reference, several)}
    written |= {file: render_region(found, name, lang, reference, all_regions=True) for name, file in several.items()}
    with written_folder(Path(target), force) as folder:
        for statistic in found:
            write_csv(folder / _csv(statistic), statistic.table)
        for name, page in written.items():
            write_text(folder / name, page)
    return [Path(target) / name for name in (*map(_csv, found), *written)]


def write_place(
    found: Sequence[Statistic], place: str, folder: Path, lang: str = "en", report: str | None = None
) -> None:
    """Write the page of one place and the tables behind it into a folder; `report` is the network report to link to."""
    for statistic in found:
        write_csv(folder / _csv(statistic), statistic.table)
    write_text(folder / "region.html", render_region(found, place, lang, report=report))


def _csv(statistic: Statistic) -> str:
    return file_name(statistic.title, "table") + ".csv"


def render_region(
    found: Sequence[Statistic],
    name: str | None = None,
    lang: str = "en",
    reference: str | None = None,
    pages: Mapping[str, str] | None = None,
    all_regions: bool = False,
    report: str | None = None,
) -> str:
    """The page of one region as HTML, or, without a name, that of all regions side by side.

    Parameters
    ----------
    found : sequence of Statistic
        From :func:`netklynge.regions.statistics.statistics`.
    name : str, optional
        The region.
    lang : {"en", "nb"}
    reference : str, optional
        The region that stands for the nation.
    pages : mapping
        Region to the page that it has of its own.
    all_regions : bool
        Whether a page ``region.html`` beside this one has all of them, and what does not add up.
    report : str, optional
        The network report of the same place, to link to.

    Examples
    --------
    >>> from netklynge.study.loading import surveys
    >>> found = statistics([surveys() / "published" / "jobs_by_sector_1997_2005.csv"])
    >>> "562 of 1,551 jobs" in render_region(found, "Halden")
    True
    """
    say = language(lang)
    names = places(found, reference) if name is None else [name]
    by_place = {place: verdicts(found, place, say, reference) for place in names}
    return render_page(
        "region.html",
        say,
        title=name or say.text("Regions side by side"),
        verdicts=by_place,
        questions=QUESTIONS,
        pages=pages or {},
        all_regions=all_regions,
        report=report,
        board=_board(found, names, say),
        blocks=[] if name is None else _blocks(found, name, say, reference),
        differences=[] if all_regions else _differences(found),
        lacking=_lacking(found, by_place, say, reference),
        screens=[f"{key}: {rule['source']}, {rule['note']}" for key, rule in screens().items()],
        references=[references()[key] for key in CITED if key in references()],
    )


# -- verdicts ----------------------------------------------------------------------------------------------


def verdicts(found: Sequence[Statistic], place: str, say: Language, reference: str | None = None) -> list[Verdict]:
    """The four answers on a region, each from the first table that can give it."""
    made = {
        "specialised": _specialised(found, place, say),
        "growth": _growth(found, place, say),
        "firms": _firms(found, place, say, reference),
        "sizes": _sizes(found, place, say, reference),
    }
    missing = say.text("not assessed")
    return [
        Verdict(
            question,
            *(answer or (missing, say.text("No table holds {needed}.").format(needed=say.text(NEEDED[question])))),
        )
        for question, answer in made.items()
    ]


def _rows(found: Iterable[Statistic], name: str, place: str) -> list[tuple[Statistic, pd.DataFrame]]:
    """The rows on a region in every table of one kind that has any."""
    out = []
    for one in found:
        if one.name == name and "region" in (table := labelled(one.table)):
            rows = _on(table, [place])
            if len(rows):
                out.append((one, rows))
    return out


def _on(table: pd.DataFrame, names: Iterable[str]) -> pd.DataFrame:
    """The rows on these regions, whatever the table calls them."""
    own = [r for r in table["region"].dropna().unique() if any(same_place(r, name) for name in names)]
    return table[table["region"].isin(own)]


def _specialised(found: Sequence[Statistic], place: str, say: Language) -> tuple[str, str] | None:
    for source, rows in _rows(found, "location_quotients", place):
        if rows["low"].notna().any():
            best = rows.loc[rows["low"].idxmax()]
            words = say.text(
                "{industry} holds {share} of its jobs against {nation} in the nation: a location quotient of {lq} "
                "({low} to {high}; {jobs} of {all} jobs, {year}; {source})."
            ).format(
                industry=_industry(best),
                share=say.percent(best["region_share"], 0),
                nation=say.percent(best["nation_share"], 0),
                lq=say.number(best["lq"], 2),
                low=say.number(best["low"], 2),
                high=say.number(best["high"], 2),
                jobs=say.number(best["jobs"]),
                all=say.number(best["region_jobs"]),
                year=best["year"],
                source=source.source,
            )
            return say.text("yes") if best["low"] > 1 else say.text("no"), words
    return None


def _industry(row: pd.Series[Any]) -> str:
    """An industry by its name, or its code where it has none."""
    name = row.get("name")
    return f"{name} ({row['industry']})" if isinstance(name, str) else str(row["industry"])


def _growth(found: Sequence[Statistic], place: str, say: Language) -> tuple[str, str] | None:
    for source, rows in _rows(found, "shift_share", place):
        row = rows[rows["industry"] == "all"].iloc[0]
        if row["start_value"] > 0:
            own, nation = (row[part] / row["start_value"] for part in ("change", "national"))
            sign = _sign_of(found, place, f"jobs: {row['start']}-{row['end']}")
            words = say.text(
                "Jobs went from {first} in {start} to {last} in {end}: {own}, in the nation {nation}. Beside the "
                "nation's growth, its industries give {mix} jobs and the region itself {competitive} ({source})."
            ).format(
                first=say.number(row["start_value"]),
                last=say.number(row["end_value"]),
                start=row["start"],
                end=row["end"],
                own=say.percent(own, 1),
                nation=say.percent(nation, 1),
                mix=say.number(row["mix"]),
                competitive=say.number(row["competitive"]),
                source=source.source,
            )
            answers = {"+": "faster than the nation", "-": "slower than the nation", "0": "about as the nation"}
            return say.text(answers[sign]), words
    return None


def _sign_of(found: Sequence[Statistic], place: str, indicator: str) -> str:
    """The sign of a region and indicator on the scoreboard; blank where it has none."""
    board = _on(_scoreboard(found), [place])
    signs = board.loc[board["indicator"] == indicator, "sign"].dropna()
    return str(signs.iloc[0]) if len(signs) else ""


def _scoreboard(found: Iterable[Statistic]) -> pd.DataFrame:
    """The signs of all regions; an empty table where there are none."""
    empty = pd.DataFrame(columns=["region", "indicator", "sign"])
    return next((one.table for one in found if one.title == "scoreboard"), empty)


def _total(rows: pd.DataFrame) -> pd.Series[Any] | None:
    """The row that stands for all industries."""
    rows = rows[rows["scope"] == "total"]
    return rows.iloc[0] if len(rows) else None


def _nation_total(one: Statistic, reference: str | None) -> pd.Series[Any] | None:
    return _total(nation_rows(labelled(one.table), reference))


def _firms(found: Sequence[Statistic], place: str, say: Language, reference: str | None) -> tuple[str, str] | None:
    for source, rows in _rows(found, "firm_dynamics", place):
        row = _total(rows)
        if row is None or not row["stock"] > 0:
            continue
        words = say.text(
            "{founded} firms were founded and {closed} closed on a stock of {stock}: {rate} founded and {net} net "
            "per 100, turbulence {turbulence}{nation} ({source})."
        )
        nation, told = _nation_total(source, reference), ""
        if nation is not None:
            told = say.text("; in the nation {rate} and {net}, turbulence {turbulence}").format(**_rates(nation, say))
        counts = {key: say.number(row[key]) for key in ("founded", "closed", "stock")}
        sign = _sign_of(found, place, f"new firms: {row['industry']}")
        answers = {
            "+": "more new firms than in the nation",
            "-": "fewer new firms than in the nation",
            "0": "as many new firms as in the nation",
        }
        alone = {True: "more firms were founded than closed", False: "no more firms were founded than closed"}
        answer = answers.get(sign, alone[bool(row["net"] > 0)])
        return say.text(answer), words.format(**counts, **_rates(row, say), nation=told, source=source.source)
    return None


def _rates(row: pd.Series[Any], say: Language) -> dict[str, str]:
    names = {"rate": "founded_pct", "net": "net_pct", "turbulence": "turbulence"}
    return {key: say.number(row[column]) for key, column in names.items()}


def _sizes(found: Sequence[Statistic], place: str, say: Language, reference: str | None) -> tuple[str, str] | None:
    for source, rows in _rows(found, "size_structure", place):
        row = _total(rows)
        if row is None or not row["jobs"] > 0:
            continue
        shares = {size: row[f"pct_jobs_{size}"] for size in SIZE_WORDS}
        most = max(shares, key=lambda size: shares[size])
        answer = say.text(SIZE_WORDS[most]) if shares[most] > 50 else say.text("no size class holds half of the jobs")
        nation = _nation_total(source, reference)
        told = [say.percent(shares["large"] / 100, 0), say.number(row["jobs"])]
        words = say.text("Establishments over 100 employees hold {share} of {jobs} jobs").format(
            share=told[0], jobs=told[1]
        )
        if nation is not None:
            words += say.text(" (in the nation {share})").format(share=say.percent(nation["pct_jobs_large"] / 100, 0))
        if row.get("units", 0) > 0:
            words += say.text("; the mean of {units} establishments is {size} employees").format(
                units=say.number(row["units"]), size=say.number(row["mean_size"], 1)
            )
            if nation is not None:
                words += say.text(" (in the nation {size})").format(size=say.number(nation["mean_size"], 1))
        return answer, f"{words} ({source.source})."
    return None


# -- tables ------------------------------------------------------------------------------------------------


def _board(found: Sequence[Statistic], names: Sequence[str], say: Language) -> list[dict[str, Any]]:
    """The rows of the scoreboard on these regions, in words."""
    rows = []
    for row in _on(_scoreboard(found), names).to_dict("records"):
        head, _, rest = row["indicator"].partition(": ")
        digits = 2 if row["unit"] == "location quotient" else 1
        figures = {key: say.number(row[key], digits) for key in ("value", "nation", "gap", "tolerance")}
        sign = "" if pd.isna(row["sign"]) else str(row["sign"]).replace("-", "−")
        rows.append({**row, **figures, "head": say.text(head), "rest": rest, "sign": sign, "n": say.number(row["n"])})
    return rows


def _blocks(found: Sequence[Statistic], place: str, say: Language, reference: str | None) -> list[dict[str, Any]]:
    """Every table on a region as heads and cells in words; the same figures from two files are shown once."""
    out: dict[tuple[Any, ...], dict[str, Any]] = {}
    for name, (title, note, columns) in BLOCKS.items():
        for one, rows in _rows(found, name, place):
            if name == "location_quotients":
                rows = rows.assign(screens=_passed(found, one, rows))
            if name in WITH_NATION:
                rows = pd.concat([rows, nation_rows(labelled(one.table), reference)])
            kinds = {key: kind for key, (_, kind) in columns.items() if key in rows and rows[key].notna().any()}
            cells = [[_cell(row[key], kind, say) for key, kind in kinds.items()] for row in rows.to_dict("records")]
            figures = [tuple(rows[key].fillna(-1)) for key, kind in kinds.items() if kind != "text"]
            block = out.setdefault(
                (name, *figures),
                {
                    "id": one.title,
                    "title": say.text(title),
                    "note": say.text(note),
                    "heads": [(say.text(columns[key][0]), kind != "text") for key, kind in kinds.items()],
                    "rows": cells,
                    "when": _when(rows),
                    "files": {},
                },
            )
            block["files"][one.source] = _csv(one)
    return list(out.values())


def _when(rows: pd.DataFrame) -> str:
    """The years that a table tells of."""
    told = [str(rows[c].iloc[0]) for c in ("year", "start", "end") if c in rows]
    return "–".join(told)


def _cell(value: Any, kind: str, say: Language) -> str:
    if kind == "text":
        return "" if pd.isna(value) else str(value)
    if kind == "share":
        return say.percent(None if pd.isna(value) else value, 1)
    return say.number(None if pd.isna(value) else value, DIGITS[kind])


def _passed(found: Sequence[Statistic], quotients: Statistic, rows: pd.DataFrame) -> list[str]:
    """The screens that each cell passes, with its stars where a screen gives them."""
    table = next(one.table for one in found if one.name == "screens" and one.source == quotients.source)
    starred = {name for name, rule in screens().items() if rule["needs"] == "stars"}
    passed: dict[tuple[Any, Any], list[str]] = defaultdict(list)
    for row in table[table["passes"]].to_dict("records"):
        stars = f" {'★' * row['stars']}" if row["screen"] in starred else ""
        passed[row["region"], row["industry"]].append(row["screen"] + stars)
    return [", ".join(passed[key]) for key in zip(rows["region"], rows["industry"], strict=True)]


def _differences(found: Sequence[Statistic]) -> list[dict[str, Any]]:
    """What the checker finds in the tables."""
    table = next((one.table for one in found if one.name == "differences"), None)
    return [] if table is None else table.to_dict("records")


def _lacking(
    found: Sequence[Statistic], by_place: Mapping[str, Sequence[Verdict]], say: Language, reference: str | None
) -> list[str]:
    """What the data lack, one sentence each."""
    out = []
    for place, told in by_place.items():
        quotients = _rows(found, "location_quotients", place)
        if quotients:
            one, rows = quotients[0]
            out.append(
                say.text(
                    "{place}: shares are of the {jobs} jobs in the {n} industries of {source}, not of all jobs."
                ).format(place=place, jobs=say.number(rows["region_jobs"].iloc[0]), n=len(rows), source=one.source)
            )
        for one, rows in _rows(found, "firm_dynamics", place):
            out += _open_stocks(place, one, rows, say)
        missing = [say.text(NEEDED[v.question]) for v in told if v.answer == say.text("not assessed")]
        if missing:
            out.append(say.text("{place}: no table holds {needed}.").format(place=place, needed="; ".join(missing)))
    nations = {
        str(name)
        for one in found
        if "region" in (table := labelled(one.table))
        for name in nation_rows(table, reference)["region"].unique()
    }
    if nations:
        out.append(
            say.text("The nation is what the tables call {names}; whether it holds the regions is not told.").format(
                names=", ".join(sorted(nations))
            )
        )
    out.append(say.text("Register tables say nothing of innovation, profitability or who works with whom."))
    return out


def _open_stocks(place: str, one: Statistic, rows: pd.DataFrame, say: Language) -> list[str]:
    known = rows[rows["stock"].notna()]
    out = []
    few = known[known["few"].astype(bool)]
    if len(few):
        out.append(
            say.text("{place}: {k} of {n} rows of {source} rest on a small stock of firms, so that rates jump.").format(
                place=place, k=len(few), n=len(known), source=one.source
            )
        )
    if "balance_stock" in known:
        off = known[known["balance_stock"].lt(known["stock"]) | known["balance_stock"].gt(known["stock_most"])]
        if len(off):
            out.append(
                say.text(
                    "{place}: in {k} of {n} rows of {source} the stock at the start that the rates imply is not the "
                    "one that founded and closed firms lead back to; firms also move and change industry."
                ).format(place=place, k=len(off), n=len(known), source=one.source)
            )
    return out
