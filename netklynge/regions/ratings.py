"""Answers beyond place: ratings, top threes, barriers, sources of information, innovation rates, agreement."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from narwhals.typing import IntoFrame

from netklynge.chance import wilson
from netklynge.findings import NetklyngeError
from netklynge.regions.registers import pandas_frame

__all__ = [
    "SCORES",
    "barrier_groups",
    "innovation_rates",
    "kendall_w",
    "mean_scores",
    "rank_correlations",
    "share_of_answer",
    "top_three",
]

SCORES: Mapping[str, float] = {"high": 3, "medium": 2, "low": 1}


def mean_scores(
    answers: IntoFrame,
    scores: Mapping[str, float] | None = None,
    zero: Sequence[str] = ("not used",),
    by: Sequence[str] = (),
    level: float = 0.95,
) -> pd.DataFrame:
    """Items ranked by their mean score, as information sources and barriers are.

    Parameters
    ----------
    answers : frame
        ``item, answer``, one row per respondent and item; optionally ``weight`` and the columns of `by`. A blank
        answer counts nowhere.
    scores : mapping, optional
        Answer to score; by default high 3, medium 2, low 1.
    zero : sequence of str
        Answers that have no score of their own and are 0 in ``mean_with_zero``.
    by : sequence of str
        Groups of respondents.
    level : float
        Of the interval of ``mean``.

    Returns
    -------
    DataFrame
        ``*by, item, mean, low, high, rank`` (ties share the better rank), ``n`` (answers with a score),
        ``mean_with_zero, n_with_zero, share_high`` (the best score among ``n_with_zero``), ``share_zero``. Leaving
        the unscored out flatters what few use, so both means stand. The interval is Student's t, on Kish's
        effective n when there are weights.

    Raises
    ------
    NetklyngeError
        An answer is neither scored nor in `zero`; the message names it.

    References
    ----------
    NIBR-rapport 2005:11, table 4.5 (scores of 3, 2, 1, "not used" left out).

    Examples
    --------
    >>> answers = pd.DataFrame({"item": ["customers"] * 3, "answer": ["high", "low", "not used"]})
    >>> mean_scores(answers)[["mean", "n", "mean_with_zero"]].round(3).values.tolist()
    [[2.0, 2.0, 1.333]]
    """
    points = dict(scores or SCORES)
    table = _answers(answers, {*points, *zero}, by)
    best = max(points.values())
    rows = []
    for key, block in table.groupby([*by, "item"], sort=False):
        value = block["answer"].map({**points, **dict.fromkeys(zero, 0.0)}).astype(float)
        scored = block["answer"].isin(points)
        mean, low, high = _mean(value[scored], block.loc[scored, "weight"], level)
        weight = block["weight"]
        rows.append(
            {
                **dict(zip([*by, "item"], key, strict=True)),
                "mean": mean,
                "low": low,
                "high": high,
                "n": int(scored.sum()),
                "mean_with_zero": float(np.average(value, weights=weight)),
                "n_with_zero": len(block),
                "share_high": float(weight[value == best].sum() / weight.sum()),
                "share_zero": float(weight[~scored].sum() / weight.sum()),
            }
        )
    out = pd.DataFrame(rows)
    groups = out.groupby(list(by))["mean"] if by else out["mean"]
    out.insert(len(by) + 4, "rank", groups.rank(ascending=False, method="min"))
    return out.sort_values([*by, "rank", "item"], ignore_index=True)


def _answers(answers: IntoFrame, known: set[str], by: Sequence[str]) -> pd.DataFrame:
    table = pandas_frame(answers)
    for name in (*by, "item", "answer"):
        if name not in table.columns:
            raise NetklyngeError(f"answers: column '{name}' is missing")
    table = table[table["answer"].notna()]
    strange = set(table["answer"].astype(str)) - known
    if strange:
        raise NetklyngeError(f"answers: '{min(strange)}' has no score; known are {', '.join(sorted(known))}")
    weight = table["weight"].astype(float) if "weight" in table.columns else 1.0
    return table.assign(weight=weight)


def _mean(values: pd.Series[float], weights: pd.Series[float], level: float) -> tuple[float, float, float]:
    from scipy import stats

    if values.empty:
        return np.nan, np.nan, np.nan
    mean = float(np.average(values, weights=weights))
    n = _effective(weights)
    if n <= 1:
        return mean, np.nan, np.nan
    variance = float(np.average((values - mean) ** 2, weights=weights)) * n / (n - 1)
    half = float(stats.t.ppf(0.5 + level / 2, n - 1)) * (variance / n) ** 0.5
    return mean, mean - half, mean + half


def _effective(weights: pd.Series[float]) -> float:
    """Kish's effective number: as many equal weights would tell as much."""
    squares = float((weights**2).sum())
    return float(weights.sum()) ** 2 / squares if squares else 0.0


def share_of_answer(
    answers: IntoFrame,
    answer: str = "very important",
    no_answer: Sequence[str] = ("no answer",),
    by: Sequence[str] = (),
    level: float = 0.95,
) -> pd.DataFrame:
    """Items sorted by how many gave one answer, such as "very important", with an interval.

    Parameters
    ----------
    answers : frame
        ``item, answer``; optionally ``weight``, ``count`` (answers already counted), the columns of `by`.
    answer : str
        The answer that is counted.
    no_answer : sequence of str
        Answers that stand outside the base of the share.
    by : sequence of str
        Groups of respondents.
    level : float

    Returns
    -------
    DataFrame
        ``*by, item, count, n, share, low, high, no_answer, rank``, most often named first; n is the weighted number
        of answers, Wilson's interval is taken on the effective number.

    References
    ----------
    NIBR-rapport 2005:11, figure v.21 (sorted by the number of "very important").

    Examples
    --------
    >>> counts = pd.DataFrame({"item": ["customers"] * 3, "answer": ["very important", "not important", "no answer"],
    ...                        "count": [26, 5, 1]})
    >>> share_of_answer(counts)[["count", "n", "no_answer"]].values.tolist()
    [[26.0, 31.0, 1.0]]
    """
    table = pandas_frame(answers)
    table = table[table["answer"].notna()]
    counts = table["count"].astype(float) if "count" in table.columns else pd.Series(1.0, index=table.index)
    weights = table["weight"].astype(float) if "weight" in table.columns else pd.Series(1.0, index=table.index)
    table = table.assign(told=counts * weights, squared=counts * weights**2)
    rows = []
    for key, block in table.groupby([*by, "item"], sort=False):
        silent = block["answer"].isin(list(no_answer))
        base = block[~silent]
        n = float(base["told"].sum())
        count = float(base.loc[base["answer"] == answer, "told"].sum())
        effective = n**2 / base["squared"].sum() if n else 0.0
        low, high = wilson(count / n * effective if n else 0.0, effective, level)
        rows.append(
            {
                **dict(zip([*by, "item"], key, strict=True)),
                "count": count,
                "n": n,
                "share": count / n if n else np.nan,
                "low": low,
                "high": high,
                "no_answer": float(block.loc[silent, "told"].sum()),
            }
        )
    out = pd.DataFrame(rows)
    groups = out.groupby(list(by))["count"] if by else out["count"]
    out["rank"] = groups.rank(ascending=False, method="min")
    return out.sort_values([*by, "rank", "item"], ignore_index=True)


def top_three(ticks: IntoFrame, by: Sequence[str] = (), most: int = 3, level: float = 0.95) -> pd.DataFrame:
    """Share of respondents that name an item among their three most important.

    Parameters
    ----------
    ticks : frame
        ``respondent, item``, one row per tick; a respondent with a blank item answered and ticked nothing.
    by : sequence of str
        Groups of respondents.
    most : int
        How many ticks were allowed.
    level : float

    Returns
    -------
    DataFrame
        ``*by, item, count, n, share, low, high, rank, over``; n is the respondents that answered, `over` how many of
        them gave more than `most` ticks. Shares add to more than 1.

    Examples
    --------
    >>> ticks = pd.DataFrame({"respondent": [1, 1, 2], "item": ["customers", "suppliers", "customers"]})
    >>> top_three(ticks)[["item", "count", "share"]].values.tolist()
    [['customers', 2, 1.0], ['suppliers', 1, 0.5]]
    """
    table = pandas_frame(ticks).drop_duplicates([*by, "respondent", "item"])
    rows = []
    groups = list(table.groupby(list(by), sort=False)) if by else [((), table)]
    for key, block in groups:
        per_head = block.groupby("respondent")["item"].count()
        n = len(per_head)
        for item, count in block["item"].value_counts().items():
            low, high = wilson(count, n, level)
            rows.append(
                {
                    **dict(zip(by, key, strict=True)),
                    "item": item,
                    "count": int(count),
                    "n": n,
                    "share": count / n,
                    "low": low,
                    "high": high,
                    "over": int((per_head > most).sum()),
                }
            )
    out = pd.DataFrame(rows)
    counts = out.groupby(list(by))["count"] if by else out["count"]
    out.insert(len(out.columns) - 1, "rank", counts.rank(ascending=False, method="min"))
    return out.sort_values([*by, "rank", "item"], ignore_index=True)


def barrier_groups(
    scores: IntoFrame, groups: IntoFrame, answers: IntoFrame | None = None, high: str = "high"
) -> pd.DataFrame:
    """Barriers in groups: the mean of the items' means, and who meets one high barrier at least.

    Parameters
    ----------
    scores : frame
        ``item, mean`` as :func:`mean_scores` gives them.
    groups : frame
        ``item, group``; items without a group are left out and counted.
    answers : frame, optional
        ``respondent, item, answer``, for the share of respondents with one `high` item of the group.
    high : str

    Returns
    -------
    DataFrame
        ``group, mean, items, rank`` and, with answers, ``count, n, share, low, high``; highest first.

    References
    ----------
    NIBR-rapport 2005:11, chapter 8.6 (economic, outside pressure, local milieu).

    Examples
    --------
    >>> scores = pd.DataFrame({"item": ["risk", "costs", "staff"], "mean": [2.5, 2.1, 1.5]})
    >>> groups = pd.DataFrame({"item": ["risk", "costs", "staff"], "group": ["economic", "economic", "local"]})
    >>> barrier_groups(scores, groups)[["group", "mean"]].values.tolist()
    [['economic', 2.3], ['local', 1.5]]
    """
    member = pandas_frame(groups).dropna(subset=["group"]).set_index("item")["group"]
    table = pandas_frame(scores)
    table = table.assign(group=table["item"].map(member)).dropna(subset=["group"])
    out = table.groupby("group").agg(mean=("mean", "mean"), items=("item", "nunique")).reset_index()
    out["rank"] = out["mean"].rank(ascending=False, method="min")
    if answers is not None:
        told = pandas_frame(answers).dropna(subset=["answer"])
        told = told.assign(group=told["item"].map(member), hit=told["answer"] == high).dropna(subset=["group"])
        heads = told.groupby(["group", "respondent"])["hit"].any().groupby("group").agg(["sum", "size"])
        heads = heads.rename(columns={"sum": "count", "size": "n"})
        out = out.merge(heads, left_on="group", right_index=True, how="left")
        bounds = [wilson(c, n) for c, n in zip(out["count"], out["n"], strict=True)]
        out = out.assign(share=out["count"] / out["n"], low=[b[0] for b in bounds], high=[b[1] for b in bounds])
    return out.sort_values("rank", ignore_index=True)


def innovation_rates(
    firms: IntoFrame,
    kinds: Sequence[str] = ("product", "process"),
    by: Sequence[str] = (),
    nation: float | None = None,
    level: float = 0.95,
) -> pd.DataFrame:
    """Share of firms that innovated, with Wilson's interval, and against the nation.

    Parameters
    ----------
    firms : frame
        One row per firm, one column of 1, 0 or blank per kind of innovation; optionally ``weight``.
    kinds : sequence of str
        The columns; "any" is added: 1 if one is 1, 0 if all are 0, else unknown.
    by : sequence of str
        Groups of firms.
    nation : float, optional
        The nation's rate of "any", between 0 and 1. (National surveys may have another population.)
    level : float

    Returns
    -------
    DataFrame
        ``*by, kind, count, n, rate, low, high`` and with a nation ``gap`` and ``differs`` (the nation's rate lies
        outside the interval). n is the firms that answered.

    Raises
    ------
    NetklyngeError
        A cell is neither 1, 0 nor blank, such as 2 for no.

    References
    ----------
    Wilson, E. B. 1927, JASA 22, 209-212.

    Examples
    --------
    >>> firms = pd.DataFrame({"product": [1, 0, 0, None], "process": [0, 1, 0, 0]})
    >>> innovation_rates(firms)[["kind", "count", "n"]].values.tolist()
    [['product', 1.0, 3.0], ['process', 1.0, 4.0], ['any', 2.0, 3.0]]
    """
    table = pandas_frame(firms)
    for kind in kinds:
        told = table[kind].dropna()
        odd = told[~told.isin([0, 1])]
        if len(odd):
            raise NetklyngeError(
                f"innovation_rates: row {odd.index[0]}: {kind}: '{odd.iloc[0]}' is neither 1, 0 nor blank; "
                "code yes as 1 and no as 0"
            )
    flags = table[list(kinds)].astype("Float64").astype("boolean")
    yes = flags.fillna(False).any(axis=1)
    table = table.assign(
        **{k: flags[k] for k in kinds},
        any=yes.astype("boolean").mask(~yes & flags.isna().any(axis=1)),
        weight=table["weight"].astype(float) if "weight" in table.columns else 1.0,
    )
    rows = []
    for key, block in list(table.groupby(list(by), sort=False)) if by else [((), table)]:
        for kind in (*kinds, "any"):
            told = block[block[kind].notna()]
            n = float(told["weight"].sum())
            count = float(told.loc[told[kind].astype(bool), "weight"].sum())
            effective = _effective(told["weight"])
            low, high = wilson(count / n * effective if n else 0.0, effective, level)
            row = {
                **dict(zip(by, key, strict=True)),
                "kind": kind,
                "count": count,
                "n": n,
                "rate": count / n if n else np.nan,
                "low": low,
                "high": high,
            }
            if nation is not None:
                compared = kind == "any" and n > 0
                row["gap"] = count / n - nation if compared else np.nan
                row["differs"] = not low <= nation <= high if compared else None
            rows.append(row)
    return pd.DataFrame(rows)


# -- agreement -------------------------------------------------------------------------------------------


def rank_correlations(ranks: IntoFrame, level: float = 0.95) -> pd.DataFrame:
    r"""Spearman's rank correlation of every pair of groups or informants over the same items.

    Parameters
    ----------
    ranks : frame
        ``group, item`` and ``rank`` (or any score); ties are given their mean rank.
    level : float
        Of the interval, by Fisher's z with the variance :math:`(1 + r^2/2)/(n-3)`.

    Returns
    -------
    DataFrame
        ``first, second, rho, n, low, high``; only items that both have. No interval below four items.

    References
    ----------
    Bonett, D. G. & Wright, T. A. 2000, Psychometrika 65, 23-28 (the variance).

    Examples
    --------
    >>> ranks = pd.DataFrame({"group": list("aaabbb"), "item": list("xyzxyz"), "rank": [1, 2, 3, 3, 2, 1]})
    >>> rank_correlations(ranks)["rho"].round(6).tolist()
    [-1.0]
    """
    from itertools import combinations

    from scipy import stats

    wide = pandas_frame(ranks).pivot_table(index="item", columns="group", values="rank", sort=False)
    z = float(stats.norm.ppf(0.5 + level / 2))
    rows = []
    for first, second in combinations(wide.columns, 2):
        both = wide[[first, second]].dropna()
        n = len(both)
        rho = float(stats.spearmanr(both[first], both[second]).statistic) if n > 1 else np.nan
        low = high = np.nan
        if n > 3 and abs(rho) < 1:
            half = z * ((1 + rho**2 / 2) / (n - 3)) ** 0.5
            low, high = np.tanh(np.arctanh(rho) - half), np.tanh(np.arctanh(rho) + half)
        rows.append((first, second, rho, n, low, high))
    return pd.DataFrame(rows, columns=["first", "second", "rho", "n", "low", "high"])


def kendall_w(ranks: IntoFrame) -> pd.DataFrame:
    r"""Kendall's coefficient of concordance of several raters, corrected for ties.

    .. math:: W = \frac{12 S}{m^2 (n^3 - n) - m \sum_j T_j}, \quad T_j = \sum (t^3 - t)

    with m raters, n items, S the sum of squared deviations of the rank sums, t the sizes of a rater's ties.

    Parameters
    ----------
    ranks : frame
        ``group`` (the rater), ``item``, ``rank`` (or any score; ties get their mean rank).

    Returns
    -------
    DataFrame
        One row: ``w, w_uncorrected, chi2, df, p, raters, items``. Three raters illustrate, they do not test.

    Raises
    ------
    NetklyngeError
        A rater has left an item out, or there are fewer than two raters or items.

    References
    ----------
    Kendall, M. G. & Babington Smith, B. 1939, Annals of Mathematical Statistics 10(3), 275-287.

    Examples
    --------
    >>> ranks = pd.DataFrame({"group": list("aaabbb"), "item": list("xyzxyz"), "rank": [1, 2, 3, 1, 2, 3]})
    >>> kendall_w(ranks)["w"].tolist()
    [1.0]
    """
    from scipy import stats

    wide = pandas_frame(ranks).pivot_table(index="item", columns="group", values="rank", sort=False)
    n, m = wide.shape
    if wide.isna().any(axis=None) or n < 2 or m < 2:
        raise NetklyngeError("Kendall's W needs two raters and items at the least, and each item from each rater")
    places = wide.rank()
    sums = places.sum(axis=1)
    s = float(((sums - sums.mean()) ** 2).sum())
    ties = sum(float((c**3 - c).sum()) for c in (places[r].value_counts() for r in places.columns))
    full, corrected = m**2 * (n**3 - n), m**2 * (n**3 - n) - m * ties
    w = 12 * s / corrected if corrected else np.nan
    chi2 = m * (n - 1) * w
    return pd.DataFrame(
        [
            {
                "w": w,
                "w_uncorrected": 12 * s / full,
                "chi2": chi2,
                "df": n - 1,
                "p": float(stats.chi2.sf(chi2, n - 1)),
                "raters": m,
                "items": n,
            }
        ]
    )
