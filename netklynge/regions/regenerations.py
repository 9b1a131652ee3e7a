"""The published tables regenerated: each printed figure that follows from others, beside what it follows to."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from netklynge.regions.growth import target_path
from netklynge.regions.registers import figures, places, published
from netklynge.regions.rules import recomputed
from netklynge.regions.statistics import labelled, statistics
from netklynge.study.loading import surveys

__all__ = ["regenerate", "regenerated_tables", "regenerations_page"]

OWN = {  # tables whose figures follow from their own counts
    "4.1": "jobs_horten_and_region_1997_2005",
    "5.1": "establishments_and_jobs_kongsberg_1997_2005",
    "6.1": "jobs_raufoss_1997_2005",
    "v.3": "jobs_by_sector_1997_2005",
    "v.4": "establishments_and_jobs_by_size_2005",
    "v.5": "establishments_by_size_2005",
    "v.6": "firm_dynamics_1998_2005",
}
DYNAMICS = {
    "4.8": "firm_dynamics_ict_horten_1998_2005",
    "5.5": "firm_dynamics_kongsberg_1998_2005",
    "v.6": "firm_dynamics_1998_2005",
}
GROUPS = {  # the groups of table 3.4 as sectors of table v.3, as three of the four towns have them
    "high_and_medium_high_tech_manufacturing": "234",
    "related_medium_low_tech_manufacturing": "1",
    "knowledge_intensive_technology_services": "567",
    "technology_industries_total": "1234567",
}
REMARKS = {
    "3.4": "Kongsberg, all towns and the rest of the country draw two groups otherwise (D6)",
    "4.1": "17.0 for 16.9 (EH11)",
    "4.7": "only indices are printed: the base is 100; the counts are lost",
    "5.1": "735 for 736 (EK3)",
    "6.1": "-14.7 for -13.9 (ER5)",
    "v.2": "172 for 171 establishments (D18); the core of Halden mixes scopes (D7)",
    "v.4": "the core of Halden (D7)",
    "v.6": "the core of Halden (D7); 819 and -13 for the manufacturing cores (D10)",
    "figure 8.1": "new firms only, within 5 points; jobs follow from no single threshold, innovation and profitability "
    "are lost; '(+)' is not explained and counts as '+'",
    "target path": "27,000 grows to 33,000 at 1.556 % a year; the stated 1.5 % reaches 32,766",
}


_INTRODUCTION = """# Published tables regenerated

Made by `netklynge check --published`; a test holds this page against the code. Every figure that follows from other
printed figures is recomputed and compared to its last digit, with what the rounding of its parts explains. Tables 3.4
and v.2 follow from tables v.3 and v.4. The names of errors (D7, EH11, ...) are those of the list in
[statistics.md](statistics.md).
"""


class _Figure(NamedTuple):
    table: str
    about: str
    figure: str
    printed: str
    recomputed: str
    fits: bool


def regenerate() -> pd.DataFrame:
    """Recompute every figure of the bundled published tables that follows from other printed figures.

    Returns
    -------
    DataFrame
        ``table`` (as numbered in its source), ``about``, ``figure``, ``printed``, ``recomputed``, ``fits``; `fits`
        allows for the rounding of what is printed. A rate on a stock that is not printed fits when one whole stock
        gives all rates of its row.

    Examples
    --------
    >>> table = regenerate()
    >>> table.loc[(table["table"] == "6.1") & ~table["fits"], ["printed", "recomputed"]].values.tolist()
    [['-14.7', '-13.9']]
    """
    made = (_own, _groups, _index, _rates, _sizes, _signs, _new_firms, _target)
    return pd.DataFrame([figure for part in made for figure in part()], columns=_Figure._fields)


def regenerated_tables() -> pd.DataFrame:
    """One row per published table: how many figures were recomputed, how many agree, which do not, and why.

    Examples
    --------
    >>> regenerated_tables().set_index("table").loc["4.1", ["agree", "differ"]].tolist()
    [21, 1]
    """
    rows = []
    found = regenerate()
    order = ("3.4", "4.1", "4.7", "4.8", "5.1", "5.5", "6.1", "v.2", "v.3", "v.4", "v.5", "v.6")
    for name in (*order, "figure 8.1", "new firms' share", "target path"):
        own = found[found["table"] == name]
        off = own[~own["fits"]]
        told = "; ".join(f"{f.about}, {f.figure}: {f.printed} for {f.recomputed}" for f in off.itertuples())
        rows.append((name, len(own), int(own["fits"].sum()), len(off), told, REMARKS.get(name, "")))
    return pd.DataFrame(rows, columns=["table", "figures", "agree", "differ", "differences", "remark"])


def regenerations_page() -> str:
    """The published tables regenerated, as the Markdown of ``docs/published.md``."""
    from tabulate import tabulate

    table = regenerated_tables()
    counts = tabulate(
        table[["table", "figures", "agree", "differ", "remark"]],
        ["Table", "Figures", "Agree", "Differ", "What remains"],
        tablefmt="pipe",
        showindex=False,
        disable_numparse=True,
    )
    found = regenerate()
    off = found.loc[~found["fits"], ["table", "about", "figure", "printed", "recomputed"]]
    listed = tabulate(
        off,
        ["Table", "Where", "Figure", "Printed", "Recomputed"],
        tablefmt="pipe",
        showindex=False,
        disable_numparse=True,
    )
    total = f"{len(found)} figures follow from other printed figures; {int(found['fits'].sum())} agree."
    return f"{_INTRODUCTION}\n{total}\n\n{counts}\n\n## What differs\n\n{listed}\n"


def _compared(table: str, about: str, figure: str, printed: object, value: float, slack: float = 0.0) -> _Figure:
    """A printed number beside a computed one; `slack` is what the rounding of the parts explains."""
    digits = places(printed)
    off = abs(float(str(printed)) - value)
    return _Figure(table, about, figure, str(printed), f"{value:.{digits}f}", off <= 0.5 * 10.0**-digits + slack + 1e-9)


def _own() -> Iterator[_Figure]:
    for table, name in OWN.items():
        cells = published(name).cells
        for row in recomputed(published(name)).to_dict("records"):
            printed = cells.loc[row["row"], row["column"]]
            value = f"{row['recomputed']:.{places(printed)}f}"
            yield _Figure(table, row["about"], row["column"], printed, value, row["fits"])


def _groups() -> Iterator[_Figure]:
    sectors = published("jobs_by_sector_1997_2005").cells
    numbers = figures(sectors)
    for row in published("jobs_change_by_sector_group_1997_2005").cells.to_dict("records"):
        codes = GROUPS[row["sector"]]
        area = row["area"].removesuffix("_total")
        own = numbers[sectors["area"].str.startswith(area) & sectors["sector_no"].isin(list(codes))]
        start, change, slack = own["employees_1997"].sum(), own["abs_change"].sum(), 0.5 * len(codes)
        about = f"{row['area']}, {row['sector']}"
        yield _compared("3.4", about, "change", row["abs_change_employees_1997_2005"], change, slack)
        rate = 100 * change / start
        near = (100 * slack + abs(rate) * slack) / start
        yield _compared("3.4", about, "change, %", row["rel_change_pct_1997_2005"], rate, near)


def _index() -> Iterator[_Figure]:
    for row in published("ict_jobs_index_horten_1998_2005").cells.to_dict("records"):
        yield _compared("4.7", row["area"], "1998", row["1998"], 100.0)


def _rates() -> Iterator[_Figure]:
    """Rates of new firms, net rates and turbulence, on the whole stock at the start that the row's rates imply."""
    for table, name in DYNAMICS.items():
        found = next(s.table for s in statistics([_file(name)]) if s.name == "firm_dynamics")
        for row in labelled(found).to_dict("records"):
            about = f"{row['region']}, {row['industry']}"
            for rate in ("founded_pct", "net_pct", "turbulence"):
                printed = row.get(f"{rate}_printed")
                if printed is not None and row["stock"] > 0:
                    yield _compared(table, about, rate, f"{printed:g}", row[rate])
                elif printed and row["founded"] + row["closed"] > 0:
                    yield _Figure(table, about, rate, f"{printed:g}", "no stock gives all rates", False)


def _sizes() -> Iterator[_Figure]:
    name = "establishments_and_jobs_by_size_2005"
    sizes = labelled(next(s.table for s in statistics([_file(name)]) if s.name == "size_structure"))
    columns = {
        "establishments": "units",
        "employees": "jobs",
        "mean_establishment_size": "mean_size",
        **{f"pct_employees_{size}": f"pct_jobs_{size}" for size in ("small", "medium", "large")},
    }
    for row in published("main_figures_towns_2005").cells.to_dict("records"):
        core = row["scope"] == "technology_core"
        wanted = sizes["industry"].str.startswith("core") if core else sizes["industry"] == "total"
        same = sizes[(sizes["region"] == row["area"]) & wanted]
        if len(same) == 1 and row["scope"] != "all_other_industries":
            for printed, ours in columns.items():
                value = float(same[ours].iloc[0])
                slack = 0.0 if ours == "units" else 2.0 if ours == "jobs" else 2.5 * value / same["jobs"].iloc[0]
                yield _compared("v.2", f"{row['area']}, {row['scope']}", printed, row[printed], value, slack)


def _signs() -> Iterator[_Figure]:
    boards = statistics([_file("firm_dynamics_1998_2005")])
    board = next(s.table for s in boards if s.title == "scoreboard")
    core = board[board["indicator"].str.startswith("new firms: core(")].set_index("region")
    for row in published("scoreboard_towns").cells.to_dict("records"):
        town = next(region for region in core.index if region.startswith(row["town"]))
        printed, ours = row["new_firm_rates_1998_2005"], core.loc[town, "sign"]
        yield _Figure("figure 8.1", row["town"], "new firms", printed, ours, printed.strip("()") == ours)


def _new_firms() -> Iterator[_Figure]:
    new, whole = published("new_firm_value_creation_share").cells.to_dict("records")
    value, total = (float(row["value_creation_2011_mnok"]) for row in (new, whole))
    yield _compared(
        "new firms' share",
        f"{new['industry']}: {value:g} of {total:g} MNOK",
        "share, %",
        new["pct_of_value_creation_from_new"],
        100 * value / total,
    )


def _target() -> Iterator[_Figure]:
    """The path of the first target: the stated growth, and what the readers of the memo worked out from it."""
    row = published("sarpsborg_targets").cells.iloc[0]
    base, target, stated, seen = (
        _told(row[column]) for column in ("base_value", "target_value", "required_rate_stated", "observed_rate")
    )
    years = (int(row[column]) for column in ("base_year", "target_year"))
    (start, end), now = years, int(row["observed_period"].split("-")[1])
    path = target_path(start, float(base), end, float(target), float(seen), now).iloc[0]
    about = f"{base} {row['indicator']} in {start}, {target} in {end}"
    yield _compared("target path", about, "growth needed, % a year", stated, path["required_pct"])
    projected = _told(row["projection_2030_at_observed_rate_derived"])
    yield _compared("target path", about, f"{end} at {seen} % a year", projected, path["projection"])
    needed = _told(row["rate_needed_from_2021_derived"])
    yield _compared("target path", about, f"growth needed from {now}, %", needed, path["required_from_now_pct"])


def _told(text: str) -> str:
    """The first number of a cell that has words too."""
    found = re.search(r"[0-9.]+", text)
    return found[0] if found else ""


def _file(name: str) -> Path:
    """The file of a bundled table."""
    return surveys() / "published" / f"{name}.csv"
