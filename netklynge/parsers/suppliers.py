"""Supplier and customer lists, purchase and sales ledgers: who trades with whom, for how much, in which years.

A list belongs to a firm, its owner, and names the other ends; a ledger may name both ends. Columns are known
by their Norwegian or English names. Every row is either accepted or rejected with a reason.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from netklynge.files.outputs import write_csv
from netklynge.findings import Finding, from_refusals, refusal
from netklynge.parsers.identities import clusters, number_marks, records_of, slug
from netklynge.parsers.imported import Imported
from netklynge.parsers.ledgers import BUYER, PARTY, SUPPLIER, Direction, progress_bars, read_entries
from netklynge.parsers.matching import match_names, read_decisions
from netklynge.parsers.numbers import company_number, lost_digits
from netklynge.parsers.places import PLACE_COLUMNS, country_code, ring_of, unplaced
from netklynge.study.loading import load
from netklynge.study.meta import Meta

__all__ = ["check_ledger", "import_ledger", "write_import"]


# -- what the user calls ---------------------------------------------------------------------------------


def import_ledger(
    source: str | Path,
    *,
    owner: str | None = None,
    direction: Direction | None = None,
    meta: Mapping[str, Any] | None = None,
    decisions: pd.DataFrame | None = None,
    progress: bool = False,
) -> Imported:
    r"""Make a study of a supplier list, a customer list, a ledger, or a folder of several firms' lists.

    Parameters
    ----------
    source : str or Path
        A text file, a workbook (every sheet whose columns are known) or a folder of such files.
    owner : str, optional
        The firm whose list it is; default the file's name without words such as "suppliers". A list that
        names both supplier and buyer needs none.
    direction : {"purchases", "sales"}, optional
        Whether the other ends sell to the owner or buy from it, for lists whose columns and name do not tell.
    meta : mapping
        What ``study.yaml`` holds; ``zones: places`` and ``country`` say which place lies in which ring.
    decisions : DataFrame, optional
        The user's ``matches.csv``, see :func:`netklynge.parsers.matching.read_decisions`.
    progress : bool
        Show a progress bar on stderr.

    Returns
    -------
    Imported
        ``study``, its ``relations`` one supply tie per supplier and buyer, with ``start``, ``end`` (first and last
        year), ``current`` (seen in the reference year), ``entries`` (rows), ``priced`` (rows with an amount) and
        ``amount`` (their sum; ``amount_eur`` and so on where the list has several currencies), its ``actors`` with
        ``orgnr`` and the spellings met as ``aka``; ``rejected`` with ``file, row, column, value, wrong, right, rows``,
        `rows` saying how many rows of the list it stands for; ``counts`` of rows; the ``matches`` joined, told apart
        or to decide, and the places ``unplaced``; ``findings`` of what was read but not understood.

    Raises
    ------
    InputError
        Nothing can be read there, no column names a supplier or customer, or the direction is not told.

    Notes
    -----
    The owners of lists are the firms of the district: those whose place is not told count as local.
    Read = accepted + rejected: ``relations["entries"].sum() + rejected["rows"].sum()``. Actors are joined as
    :func:`netklynge.match_names` says; what it only suspects stays apart.

    Examples
    --------
    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp()) / "Jotron leverandører.csv"
    >>> _ = file.write_text("Leverandør;Beløp;Dato;Poststed\nMectro A/S;1 200,50;03.02.2024;Horten\n"
    ...     "MECTRO;100;05.02.2025;HORTEN\nScantech;ti;;Oslo\n", encoding="utf-8")
    >>> imported = import_ledger(file, meta={"zones": {"places": {"local": "Horten"}}})
    >>> imported.study.relations[["source", "target", "scale", "start", "end", "amount"]].values.tolist()
    [['mectro', 'jotron', 'local', 2024, 2025, 1300.5]]
    >>> imported.rejected[["row", "column", "value", "wrong"]].values.tolist()
    [[4, 'Beløp', 'ti', 'no number']]
    """
    with progress_bars(progress) as bar:
        entries, rejected = read_entries(Path(source), owner, direction, bar)
        bar.add_task("matching names", total=None)
        return _study(entries, rejected, dict(meta or {}), decisions, Path(source).stem)


def write_import(
    source: str | Path, folder: str | Path, *, meta: Mapping[str, Any] | None = None, **options: Any
) -> Imported:
    """Import `source` into a study folder, with ``rejected.csv``, ``matches.csv`` and ``unplaced.csv`` beside it.

    What the user wrote into ``matches.csv`` of an earlier run is kept and obeyed.
    """
    target = Path(folder)
    matches = target / "matches.csv"
    decisions = read_decisions(matches) if matches.is_file() else None
    result = import_ledger(source, meta=meta, decisions=decisions, **options)
    result.study.save(target)
    write_csv(target / "rejected.csv", result.rejected)
    write_csv(matches, result.matches)
    write_csv(target / "unplaced.csv", result.unplaced)
    return result


def check_ledger(source: str | Path, **options: Any) -> list[Finding]:
    """Every row of a ledger that would be rejected, and every organisation number whose check digit fails.

    Raises
    ------
    InputError
        As :func:`import_ledger`.
    """
    entries, rejected = read_entries(Path(source), options.get("owner"), options.get("direction"), progress_bars(False))
    cells = rejected[["file", "row", "column", "value", "code", "args"]]
    findings = from_refusals(cells.itertuples(index=False, name=None))
    findings += _numberless(entries)
    return sorted(findings)


# -- lists in --------------------------------------------------------------------------------------------


# -- from entries to a study -----------------------------------------------------------------------------


def _study(
    entries: pd.DataFrame,
    rejected: pd.DataFrame,
    meta: dict[str, Any],
    decisions: pd.DataFrame | None,
    name: str,
) -> Imported:
    read = int(entries["entries"].sum()) + len(rejected)
    parties, of_entry = _parties(entries)
    records = records_of(parties)
    matches = match_names(records, decisions=decisions)
    heads = clusters(matches, records["actor"], number_marks(records))
    parties["actor"] = parties["record"].map(records["actor"].map(heads))
    stated = meta.get("zones")
    zones = stated.get("places") if isinstance(stated, Mapping) else None
    parties["scale"] = ring_of(parties, zones, str(meta.get("country") or "NO"))
    entries = entries.assign(**{role: parties["actor"].to_numpy()[of_entry[role]] for role in (SUPPLIER, BUYER)})
    owners = set(entries[BUYER][entries["list"] == BUYER]) | set(entries[SUPPLIER][entries["list"] == SUPPLIER])
    own = entries[SUPPLIER] == entries[BUYER]
    rejected = pd.concat([rejected, _self_traded(entries[own])], ignore_index=True)
    actors = _actors(parties, records, heads, owners)
    relations = _relations(entries[~own], actors)
    year = meta.get("reference_year") or relations["end"].max()
    relations["current"] = (relations["end"] >= year).astype("Int64") if year is not pd.NA else pd.NA
    accepted = int(relations["entries"].sum())
    counts = {"read": read, "accepted": accepted, "rejected": int(rejected["rows"].sum())}
    told = {"reference_year": int(year)} if not pd.isna(year) else {}
    study = load({"actors": actors, "relations": relations})
    sums = [column for column in relations if column in ("entries", "priced") or "amount" in column]
    study = replace(
        study,
        relations=study.relations.assign(
            **{c: pd.to_numeric(study.relations[c]).astype(relations[c].dtype) for c in sums}
        ),
        name=str(meta.get("name") or slug(name)),
        meta=Meta.of({**meta, **told, "import": counts}),
    )
    lost = parties[~parties["actor"].isin(owners)]
    unit = pd.DataFrame([{"unit": "rows", **counts}])
    where = unplaced(lost, lost["scale"], lost["entries"])
    return Imported(study, rejected, unit, _numberless(entries), matches, where)


def _numberless(entries: pd.DataFrame) -> list[Finding]:
    """Organisation numbers that are none, each distinct one once, where it stands first."""
    findings = []
    for role in (SUPPLIER, BUYER):
        told = entries.loc[entries[f"{role}_orgnr"] != "", ["file", "row", f"{role}_orgnr", f"{role}_country"]]
        for file, row, number, country in told.drop_duplicates(f"{role}_orgnr").itertuples(index=False, name=None):
            if company_number(number, country_code(country) or "") is not None:
                continue
            code = "check_digit" if re.fullmatch(r"[\s.]*(?:\d[\s.]*){9}", number) else "company_number"
            code = "digits_cut" if lost_digits(number) else code
            findings.append(Finding(file, int(row), f"{role} organisation number", number, code))
    return findings


def _parties(entries: pd.DataFrame) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Each distinct party with its number of entries, and which party each entry's supplier and buyer is."""
    ends = [entries[[f"{role}_{f}" for f in PARTY]].set_axis(list(PARTY), axis=1) for role in (SUPPLIER, BUYER)]
    both = pd.concat(ends, ignore_index=True)
    groups = both.groupby(list(PARTY), sort=False)
    number = groups.ngroup()
    parties = both.loc[~number.duplicated()].reset_index(drop=True)
    weights = pd.concat([entries["entries"]] * 2, ignore_index=True)
    parties["entries"] = weights.groupby(number).sum()
    parties["name"] = parties["name"].str.split().str.join(" ").where(parties["name"] != "", parties["orgnr"])
    parties["country"] = parties["country"].map(lambda cell: country_code(cell) or cell)
    numbers = [company_number(n, c) if n else None for n, c in zip(parties["orgnr"], parties["country"], strict=True)]
    parties["orgnr"] = pd.array(numbers, dtype="string")
    parties["orgnr"] = parties["orgnr"].fillna("")
    coded = parties["place"].str.fullmatch(r"\d{3,4}") & (parties["municipality"] == "")
    parties["municipality"] = parties["municipality"].mask(coded, parties["place"])
    parties["place"] = parties["place"].mask(coded, "")
    codes = number.to_numpy()
    return parties, {SUPPLIER: codes[: len(entries)], BUYER: codes[len(entries) :]}


def _self_traded(entries: pd.DataFrame) -> pd.DataFrame:
    """Rows in which an actor trades with itself; one line for those that were summed together."""
    return pd.DataFrame(
        {
            "file": entries["file"],
            "row": entries["row"],
            "column": "",
            "value": entries[f"{SUPPLIER}_name"],
            **refusal("self_trade"),
            "rows": entries["entries"],
        }
    )


def _actors(parties: pd.DataFrame, records: pd.DataFrame, heads: Mapping[str, str], owners: set[str]) -> pd.DataFrame:
    first = records.set_index("actor")
    names = records.assign(head=records["actor"].map(heads)).groupby("head", sort=False)["name"].agg(dict.fromkeys)
    actors = pd.DataFrame({"actor": names.index, "name": first.loc[names.index, "name"].to_numpy()})
    others = [
        ";".join(k for k in spellings if k != name) for spellings, name in zip(names, actors["name"], strict=True)
    ]
    actors["aka"] = others
    actors["kind"] = "firm"
    for column in ("scale", "orgnr", *PLACE_COLUMNS):
        actors[column] = actors["actor"].map(_most(parties, column)).astype("string")
    actors.loc[actors["scale"].isna() & actors["actor"].isin(owners), "scale"] = "local"
    return actors.replace("", pd.NA).sort_values("actor", ignore_index=True)


def _most(parties: pd.DataFrame, column: str) -> pd.Series[Any]:
    """The value with most entries of each actor, blanks aside; the first by name where two have as many."""
    told = parties[parties[column].fillna("") != ""]
    weights = told.groupby(["actor", column])["entries"].sum().reset_index()
    best = weights.sort_values(["entries", column], ascending=[False, True]).drop_duplicates("actor")
    return best.set_index("actor")[column]


def _relations(entries: pd.DataFrame, actors: pd.DataFrame) -> pd.DataFrame:
    """One tie per supplier and buyer.

    Where both ends' lists tell of a tie, the amount is the buyer's, since the two tell of the same trade.
    """
    ends = [SUPPLIER, BUYER]
    ties = entries.groupby(ends).agg(
        start=("year", "min"), end=("year", "max"), entries=("entries", "sum"), lists=("list", "min")
    )  # fmt: skip
    files = entries[[*ends, "file"]].drop_duplicates().sort_values("file")
    ties["lines"] = files.drop_duplicates(ends).set_index(ends)["file"]
    several = files[files.duplicated(ends, keep=False)]
    ties["lines"] = several.groupby(ends)["file"].agg("; ".join).reindex(ties.index).fillna(ties["lines"])
    currencies = sorted(set(entries["currency"]) - {""})
    by_list = entries.groupby([*ends, "currency", "list"])[["priced", "amount"]].sum().reset_index()
    told = by_list[by_list["priced"] > 0].drop_duplicates([*ends, "currency"])  # "buyer" sorts before "supplier"
    ties["priced"] = told.groupby(ends)["priced"].sum()
    ties["priced"] = ties["priced"].fillna(0).astype("int64")
    for currency, sums in told.groupby("currency"):
        label = "amount" if not currency or len(currencies) < 2 else f"amount_{str(currency).lower()}"
        amounts = sums.set_index(ends)["amount"]
        ties[label] = amounts if label not in ties else ties[label].fillna(0) + amounts
    ties = ties.reset_index().rename(columns={SUPPLIER: "source", BUYER: "target"})
    rings = actors.set_index("actor")["scale"]
    other = ties["source"].where(ties["lists"] == BUYER, ties["target"])
    amounts = [column for column in ties.columns if str(column).startswith("amount")]
    ties[amounts] = ties[amounts].astype("float64")
    return ties.assign(layer="supply", directed=1, scale=other.map(rings)).drop(columns="lists")
