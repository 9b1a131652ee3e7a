"""What may be published of a table: which cells are unsafe, which more to hide, what a reader can still tell.

The rules are those of the handbooks on statistical disclosure control: a threshold for counts, dominance
(n, k) and p % for amounts. They are computed with fractions, since with floating shares two tables that lie
exactly on the line get different answers.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from itertools import product
from typing import Any

import pandas as pd

from netklynge.disclosure.suppression import Sums, bounds, suppress
from netklynge.findings import NetklyngeError
from netklynge.study.zones import zone_rings

__all__ = [
    "TOTAL",
    "Rules",
    "audit_table",
    "dominated",
    "narrow",
    "protect_links",
    "protect_table",
    "table_sums",
    "tabulate",
    "unsafe_because",
]

TOTAL = "total"  # the label of a margin
Number = int | float | Fraction | Decimal


@dataclass(frozen=True)
class Rules:
    """When a cell is unsafe in itself.

    Parameters
    ----------
    threshold : int
        A count, or the number of contributors to an amount, below this is unsafe (3, as Statistics Norway
        has it).
    zeros : bool
        Whether a count of 0 is below the threshold too: that nobody does something can be a secret.
    p : number, optional
        The p % rule, see :func:`narrow`.
    n, k : int and number, optional
        The dominance rule, see :func:`dominated`.
    at_least : bool
        Whether dominance begins at k % (as GaussSuppression has it) or above it (as τ-Argus has it).
    """

    threshold: int = 3
    zeros: bool = True
    p: Number | None = None
    n: int | None = None
    k: Number | None = None
    at_least: bool = False

    def __post_init__(self) -> None:
        if self.threshold < 1:
            raise NetklyngeError(f"threshold {self.threshold} protects nothing; give a number from 1 up")
        if (self.n is None) != (self.k is None):
            raise NetklyngeError("the dominance rule needs both n and k; give both or neither")


def _exact(number: Number) -> Fraction:
    return Fraction(repr(number)) if isinstance(number, float) else Fraction(number)


def _shares(contributions: Iterable[Number], owners: Iterable[Hashable] | None) -> list[Fraction]:
    """What each contributor (each owner, when told) gives, largest first."""
    amounts = [_exact(number) for number in contributions]
    if any(amount < 0 for amount in amounts):
        raise NetklyngeError("a contribution is negative; the rules hold for amounts from 0 up")
    if owners is not None:
        by_owner: Counter[Hashable] = Counter()
        for owner, amount in zip(owners, amounts, strict=True):
            by_owner[owner] += amount  # type: ignore[assignment]
        amounts = [Fraction(amount) for amount in by_owner.values()]
    return sorted((amount for amount in amounts if amount), reverse=True)


def narrow(contributions: Iterable[Number], p: Number = 10, owners: Iterable[Hashable] | None = None) -> bool:
    r"""Whether the second largest contributor can tell the largest to within p %.

    Unsafe iff :math:`T - x_1 - x_2 < \frac{p}{100} x_1`, strictly, in exact arithmetic.

    Parameters
    ----------
    contributions : iterable of numbers
    p : number
        Per cent.
    owners : iterable, optional
        Who stands behind each contribution; those of one owner are added first.

    References
    ----------
    Hundepool, A. et al. (2012). Statistical Disclosure Control. Wiley, section 4.2.2.

    Examples
    --------
    >>> narrow([80, 20]), narrow([80, 10, 10]), narrow([100, 10, 10])
    (True, False, False)
    >>> narrow([700, 200, 60, 40, 10]), narrow([700, 200, 60, 40, 10], owners=[6, 6, 7, 8, 9])
    (False, True)
    """
    return _lacking(_shares(contributions, owners), _exact(p)) > 0


def _lacking(shares: Sequence[Fraction], p: Fraction) -> Fraction:
    """How much more the rest would have to be for the p % rule: the protection above that the cell needs."""
    if not shares:
        return Fraction(0)
    return max(p / 100 * shares[0] - sum(shares[2:]), Fraction(0))


def dominated(
    contributions: Iterable[Number],
    n: int,
    k: Number,
    at_least: bool = False,
    owners: Iterable[Hashable] | None = None,
) -> bool:
    r"""Whether the n largest contributors give more than k % of the total (at least k %, when asked).

    Parameters
    ----------
    contributions : iterable of numbers
    n, k : int and number
    at_least : bool
        A cell on the line is safe by default (τ-Argus), unsafe with `at_least` (GaussSuppression).
    owners : iterable, optional
        Who stands behind each contribution; those of one owner are added first.

    References
    ----------
    Hundepool, A. et al. (2012). Statistical Disclosure Control. Wiley, section 4.2.2.

    Examples
    --------
    >>> dominated([80, 10, 10], n=2, k=90), dominated([80, 10, 10], n=2, k=90, at_least=True)
    (False, True)
    """
    shares = _shares(contributions, owners)
    largest, line = sum(shares[:n], Fraction(0)), _exact(k) / 100 * sum(shares, Fraction(0))
    return bool(shares) and (largest > line or (at_least and largest == line))


def unsafe_because(
    contributions: Sequence[Number],
    rules: Rules,
    owners: Sequence[Hashable] | None = None,
    amounts: bool = True,
) -> str:
    """Name the rule that a cell breaks, or nothing: ``threshold``, ``p_percent``, ``dominance``.

    Parameters
    ----------
    contributions : sequence of numbers
    rules : Rules
    owners : sequence, optional
    amounts : bool
        Whether the cell shows their sum; else it shows how many they are, and only the threshold counts.

    Examples
    --------
    >>> unsafe_because([90, 10, 1], Rules(p=10)), unsafe_because([5, 5], Rules())
    ('p_percent', 'threshold')
    """
    count = len(set(owners)) if owners is not None else len(contributions)
    if count < rules.threshold and (count or (rules.zeros and not amounts)):
        return "threshold"
    if amounts and rules.p is not None and narrow(contributions, rules.p, owners):
        return "p_percent"
    if amounts and rules.n is not None and rules.k is not None:
        return "dominance" if dominated(contributions, rules.n, rules.k, rules.at_least, owners) else ""
    return ""


def tabulate(
    records: pd.DataFrame,
    by: Sequence[str],
    value: str | None = None,
    owner: str | None = None,
    rules: Rules | None = None,
) -> pd.DataFrame:
    """A table with all its margins from records, and which of its cells are unsafe.

    Parameters
    ----------
    records : DataFrame
        One row per contribution.
    by : sequence of columns
        What the table is crossed by; a margin bears the label ``total``.
    value : column, optional
        The amount; default: records are counted.
    owner : column, optional
        Who stands behind each record.
    rules : Rules, optional

    Returns
    -------
    DataFrame
        The columns of `by`; value; contributors (owners when told); reason, the rule that the cell breaks,
        blank if none; lone, the contributor of an amount that has only one, who is taken to know it;
        above, how far an attacker's upper bound must lie above the value.

    Examples
    --------
    >>> firms = pd.DataFrame({"ring": ["local"] * 4 + ["national"]})
    >>> tabulate(firms, ["ring"])[["ring", "value", "reason"]].values.tolist()
    [['local', 4, ''], ['national', 1, 'threshold'], ['total', 5, '']]
    """
    rules = rules or Rules()
    labels = [[*sorted(records[column].dropna().unique()), TOTAL] for column in by]
    rows = []
    for cell in product(*labels):
        picked = records
        for column, label in zip(by, cell, strict=True):
            picked = picked if label == TOTAL else picked[picked[column] == label]
        given = picked[value].tolist() if value else [1] * len(picked)
        who = picked[owner].tolist() if owner else list(picked.index)
        reason = unsafe_because(given, rules, who, amounts=value is not None)
        above = _lacking(_shares(given, who), _exact(rules.p or 0)) if value and reason else 0
        lone = who[0] if value and len(set(who)) == 1 else None
        rows.append((*cell, sum(given), len(set(who)), reason, lone, float(above)))
    return pd.DataFrame(rows, columns=[*by, "value", "contributors", "reason", "lone", "above"])


def table_sums(table: pd.DataFrame, by: Sequence[str]) -> list[tuple[Hashable, list[Hashable]]]:
    """What adds up in a crossed table: every ``total`` is the sum over its column of labels.

    Cells are tuples of labels. A total whose parts are not in the table is no sum.
    """
    cells = list(table[list(by)].itertuples(index=False, name=None))
    sums: list[tuple[Hashable, list[Hashable]]] = []
    for place in range(len(by)):
        parts: dict[Hashable, list[Hashable]] = {}
        for cell in cells:
            if cell[place] != TOTAL:
                parts.setdefault((*cell[:place], TOTAL, *cell[place + 1 :]), []).append(cell)
        sums += [(cell, parts[cell]) for cell in cells if cell in parts]
    return sums


def protect_table(
    table: pd.DataFrame,
    by: Sequence[str],
    rules: Rules | None = None,
    width: float = 1,
    hide_totals: bool = False,
    sums: Sums = (),
) -> pd.DataFrame:
    """The table as it may be published: unsafe cells hidden, and so many more that none can be worked out.

    Parameters
    ----------
    table : DataFrame
        The columns of `by`, ``value``, and, each optional, ``reason``, ``lone`` and ``above`` as
        :func:`tabulate` gives them. Without ``reason`` the values are counts and the threshold decides.
        Margins bear the label ``total``; those that stand in the table are published.
    by : sequence of columns
    rules : Rules, optional
    width : float
        How wide the interval of each unsafe cell must stay.
    hide_totals : bool
        Whether totals may be hidden too.
    sums : sequence of (total, parts), optional
        What else adds up, cells as tuples of labels: links to other tables.

    Returns
    -------
    DataFrame
        The columns of `by`; value, blank where hidden; hidden (``primary``, ``secondary`` or blank); reason.

    Raises
    ------
    NetklyngeError
        The table does not add up, or cannot be protected while its totals are shown.

    References
    ----------
    Fischetti, M. and Salazar, J. J. (2001). Management Science 47(7), 1008-1027.

    Examples
    --------
    >>> links = pd.DataFrame({"ring": ["local", "national", "abroad", "total"], "value": [9, 4, 2, 15]})
    >>> protect_table(links, ["ring"])[["ring", "value", "hidden"]].values.tolist()
    [['local', 9, ''], ['national', <NA>, 'secondary'], ['abroad', <NA>, 'primary'], ['total', 15, '']]
    """
    rules = rules or Rules()
    values, reasons = _values(table, by), _reasons(table, by, rules)
    lone, above = (
        {cell: told for cell, told in zip(values.index, table[name], strict=True) if pd.notna(told)}
        if name in table.columns
        else {}
        for name in ("lone", "above")
    )
    every = [*table_sums(table, by), *sums]
    hidden = set(
        suppress(
            values,
            every,
            primary=[cell for cell, reason in reasons.items() if reason],
            width=width,
            above=above,
            owners=lone,
            may_hide=list(values.index) if hide_totals else None,
        )
    )
    out = table[list(by)].copy()
    shown = pd.Series(table["value"].to_numpy(), index=table.index).convert_dtypes()
    out["value"] = shown.mask(values.index.isin(list(hidden)))
    out["hidden"] = ["primary" if reasons[c] else "secondary" if c in hidden else "" for c in values.index]
    out["reason"] = [reasons[c] or ("secondary" if c in hidden else "") for c in values.index]
    return out


def audit_table(
    table: pd.DataFrame, protected: pd.DataFrame, by: Sequence[str], integer: bool = False, sums: Sums = ()
) -> pd.DataFrame:
    """What a reader of the protected table can work out: columns of `by`, low, high, per hidden cell.

    Examples
    --------
    >>> links = pd.DataFrame({"ring": ["local", "national", "abroad", "total"], "value": [9, 4, 2, 15]})
    >>> audit_table(links, protect_table(links, ["ring"]), ["ring"]).values.tolist()
    [['national', 0.0, 6.0], ['abroad', 0.0, 6.0]]
    """
    values = _values(table, by)
    hidden = [cell for cell, mark in zip(values.index, protected["hidden"], strict=True) if mark]
    told = bounds(values, [*table_sums(table, by), *sums], hidden, integer=integer)
    labels = pd.DataFrame(told["cell"].tolist(), columns=list(by), index=told.index)
    return pd.concat([labels, told[["low", "high"]]], axis=1)


def _values(table: pd.DataFrame, by: Sequence[str]) -> pd.Series:
    lacking = [column for column in (*by, "value") if column not in table.columns]
    if lacking:
        needed = ", ".join((*by, "value"))
        raise NetklyngeError(f"the table lacks the column '{lacking[0]}'; it needs {needed}")
    cells = list(table[list(by)].itertuples(index=False, name=None))
    twice = [cell for cell, count in Counter(cells).items() if count > 1]
    if twice:
        raise NetklyngeError(f"cell {' / '.join(map(str, twice[0]))} stands twice; one row per cell")
    return pd.Series(table["value"].tolist(), index=pd.Index(cells, tupleize_cols=False))


def _reasons(table: pd.DataFrame, by: Sequence[str], rules: Rules) -> Mapping[Any, str]:
    values = _values(table, by)
    if "reason" in table.columns:
        return dict(zip(values.index, table["reason"].fillna(""), strict=True))
    small = (values < rules.threshold) & ((values > 0) | rules.zeros)
    return {cell: "threshold" if unsafe else "" for cell, unsafe in small.items()}


# -- published answers -------------------------------------------------------------------------------

_BLOCK = ["table", "layer", "flow", "group", "unit"]
_PRINTED = 0.05  # half of the last digit of a percentage with one decimal


def protect_links(
    links: pd.DataFrame,
    own_zones: Mapping[str, str] | None = None,
    answered: float | None = None,
    rules: Rules | None = None,
) -> pd.DataFrame:
    """Published answers (a study's ``links``) with small counts hidden and what would tell them.

    A value is unsafe when fewer than the threshold answered (or nobody says how many), and, for counts and
    shares of firms or links, when it stands for fewer than that: ``value``, or ``value / 100 * n``, rounded.
    What adds up is found in the values: items or zones that add to n or 100, an item that is the sum of the
    others, a zone that covers others.

    Parameters
    ----------
    links : DataFrame
        As in :data:`netklynge.study.contracts.TABLES`.
    own_zones : mapping, optional
        See :func:`netklynge.study.zones.zone_rings`.
    answered : number, optional
        How many answered the survey: the base where a share of all respondents tells none.
    rules : Rules, optional

    Returns
    -------
    DataFrame
        The same rows, ``value`` blank where hidden, and a column ``reason``: threshold, secondary or blank.

    Examples
    --------
    >>> import netklynge as nk
    >>> shown = protect_links(nk.load("horten").links)
    >>> shown.loc[shown["table"] == "4.3", ["value", "reason"]].values.tolist()
    [[5.0, ''], [<NA>, 'secondary'], [<NA>, 'threshold']]
    """
    rules = rules or Rules()
    out = links.assign(reason="")
    everybody = links["group"].str.startswith("all respondents").fillna(False).astype(bool)
    based = links.assign(n=links["n"].mask(everybody & links["n"].isna(), answered))
    for _, block in based[based["value"].notna()].groupby(_BLOCK, sort=False, dropna=False):
        unsafe = block.index[_too_few(block, rules)]
        hidden = _hidden_answers(block, list(unsafe), own_zones or {})
        out.loc[hidden, "reason"] = "secondary"
        out.loc[unsafe, "reason"] = "threshold"
    out["value"] = out["value"].mask(out["reason"] != "")
    return out


def _too_few(block: pd.DataFrame, rules: Rules) -> Any:
    """Which answers stand for too few."""
    n, value = block["n"].astype(float), block["value"].astype(float)
    unit = block["unit"].fillna("")
    stands_for = value.where(unit == "count", value / 100 * n).where(unit != "percent_of_value", n).round()
    small = (stands_for < rules.threshold) & ((stands_for > 0) | rules.zeros)
    return (small | n.isna() | (n < rules.threshold)).to_numpy()


def _hidden_answers(block: pd.DataFrame, unsafe: list[Hashable], own_zones: Mapping[str, str]) -> list[Hashable]:
    """All rows of the block to hide; the whole block if nothing less protects it."""
    base = float(block["n"].astype(float).max())
    percent = str(block["unit"].iloc[0]).startswith("percent")
    whole = 100.0 if percent else base
    sums = list(_answer_sums(block, own_zones, whole))
    values = pd.concat([block["value"].astype(float), pd.Series({_ALL: whole}, dtype=float).fillna(0)])
    rounding = _PRINTED if percent else 0.0
    try:
        width = 100 / base if percent and base > 0 else 1
        return suppress(values, sums, unsafe, width, may_hide=list(block.index), rounding=rounding)
    except NetklyngeError:
        return list(block.index) if unsafe else []


_ALL = "all answers"  # the cell that stands for n, or 100 %


def _answer_sums(
    block: pd.DataFrame, own_zones: Mapping[str, str], whole: float
) -> Iterable[tuple[Hashable, list[Hashable]]]:
    """What adds up among published answers, as far as the values show it."""
    rings = {row: frozenset(zone_rings(str(zone), own_zones)) for row, zone in block["scale"].items()}
    lines = [*block.groupby("item", dropna=False).groups.values(), *block.groupby("scale").groups.values()]
    candidates = [(_ALL, list(line)) for line in [*lines, block.index] if len(line) > 1]
    for row, item, zone in zip(block.index, block["item"], block["scale"], strict=True):
        same_zone = block.index[(block["scale"] == zone) & (block["item"] != item).fillna(False)]
        same_item = block.index[(block["item"] == item).fillna(False) & (block["scale"] != zone)]
        within = [other for other in same_item if rings[other] and rings[other] < rings[row]]
        candidates += [(row, list(same_zone)), (row, within)]
    value = {**block["value"].astype(float), _ALL: whole}
    for total, parts in candidates:
        off = abs(value[total] - sum(value[part] for part in parts))
        if len(parts) > 1 and off <= _PRINTED * (len(parts) + 1):
            yield total, parts
