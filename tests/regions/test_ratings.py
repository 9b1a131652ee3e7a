"""Ratings, rankings, rates and agreement."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netklynge.findings import NetklyngeError
from netklynge.regions.ratings import (
    barrier_groups,
    innovation_rates,
    kendall_w,
    mean_scores,
    rank_correlations,
    share_of_answer,
    top_three,
)
from netklynge.regions.registers import published


def _ranks(name: str, item: str) -> pd.DataFrame:
    cells = published(name).cells
    return pd.DataFrame(
        {
            "group": cells["group"],
            "item": cells[item].str.replace("institutions", "arenas"),
            "rank": cells["rank"].astype(float),
        }
    )


def test_rank_correlations_of_horten():
    # .812 over 11 information sources (table 4.5), .809 over 14 institutions (table 4.6): framework B1
    sources = rank_correlations(_ranks("information_sources_horten", "information_source")).iloc[0]
    assert (round(sources["rho"], 3), sources["n"]) == (0.812, 11)
    assert sources["low"] < sources["rho"] < sources["high"]
    actors = rank_correlations(_ranks("local_institution_importance_horten", "local_institution")).iloc[0]
    # the source words one item in two ways (meeting places / arenas, / institutions), named alike above
    assert (round(actors["rho"], 3), actors["n"]) == (0.809, 14)


def test_agreement_of_three_informants():
    # six work areas: W = .5385, uncorrected .4667, chi2 = 8.08 on 5; Spearman .169, .395, .359 (framework B6)
    cells = published("work_area_rankings").cells.set_index("area")
    raters = [c for c in cells.columns if c.endswith("_midrank")]
    ranks = (
        cells[raters].astype(float).rename_axis("item").reset_index().melt("item", var_name="group", value_name="rank")
    )
    out = kendall_w(ranks).iloc[0]
    assert (round(out["w"], 4), round(out["w_uncorrected"], 4)) == (0.5385, 0.4667)
    assert (round(out["chi2"], 2), out["df"]) == (8.08, 5)
    assert sorted(rank_correlations(ranks)["rho"].round(3)) == [0.169, 0.359, 0.395]


def test_kendall_agrees_with_friedman():
    from scipy import stats

    rng = np.random.default_rng(0)
    table = rng.integers(1, 5, (7, 5))
    ranks = pd.DataFrame(
        [(f"g{r}", f"i{i}", table[i, r]) for i in range(7) for r in range(5)],
        columns=["group", "item", "rank"],
    )
    assert kendall_w(ranks)["chi2"].item() == pytest.approx(stats.friedmanchisquare(*table).statistic)


def test_mean_scores_by_hand():
    answers = pd.DataFrame(
        {
            "item": ["a"] * 4 + ["b"] * 4,
            "answer": ["high", "high", "low", None, "medium", "not used", "not used", "low"],
        }
    )
    out = mean_scores(answers).set_index("item")
    assert out.loc["a", "mean"] == pytest.approx(7 / 3)
    assert out.loc["a", ["n", "n_with_zero", "rank"]].tolist() == [3, 3, 1]
    assert out.loc["b", ["mean", "mean_with_zero", "n", "n_with_zero"]].tolist() == [1.5, 0.75, 2, 4]
    assert out.loc["b", "share_zero"] == 0.5
    with pytest.raises(NetklyngeError, match="hihg"):
        mean_scores(pd.DataFrame({"item": ["a"], "answer": ["hihg"]}))


def test_mean_interval_is_students():
    from scipy import stats

    values = [3, 3, 2, 1, 2, 3]
    names = {3: "high", 2: "medium", 1: "low"}
    out = mean_scores(pd.DataFrame({"item": "a", "answer": [names[v] for v in values]})).iloc[0]
    low, high = stats.t.interval(0.95, 5, np.mean(values), stats.sem(values))
    assert (out["low"], out["high"]) == (pytest.approx(low), pytest.approx(high))
    # a weight common to all changes nothing; a firm of weight 2 counts as two in the mean
    weighted = mean_scores(pd.DataFrame({"item": "a", "answer": [names[v] for v in values], "weight": 7.0})).iloc[0]
    assert weighted["low"] == pytest.approx(out["low"])
    double = mean_scores(pd.DataFrame({"item": "a", "answer": ["high", "low"], "weight": [2.0, 1.0]})).iloc[0]
    assert double["mean"] == pytest.approx(7 / 3)


def test_very_important_of_figure_v21():
    # demanding customers 26 of 32 and 16 of 22, able subcontractors 25 and 14 (framework B3)
    cells = published("near_area_actor_importance").cells
    long = cells.melt(
        ["town", "actor"],
        [
            "very_important",
            "somewhat_important",
            "negative_effect_as_printed",
            "not_important_as_printed",
            "no_answer_inferred",
        ],
        "answer",
        "count",
    )
    long = long.rename(columns={"actor": "item"}).dropna(subset=["count"]).astype({"count": float})
    out = share_of_answer(long, "very_important", ["no_answer_inferred"], ["town"]).set_index(["town", "rank"])
    assert out.loc[[("Horten", 1)], ["item", "count", "n", "no_answer"]].iloc[0].tolist() == [
        "demanding_customers",
        26,
        31,
        1,
    ]
    assert out.loc[[("Horten", 2)], ["item", "count"]].iloc[0].tolist() == ["competent_subcontractors", 25]
    assert out.loc[[("Kongsberg", 1)], ["count", "n"]].iloc[0].tolist() == [16, 22]
    assert out.loc[[("Kongsberg", 2)], "count"].tolist() == [14]


def test_wilson_of_a_count():
    from scipy import stats

    table = pd.DataFrame({"item": "a", "answer": ["very important", "other"], "count": [22, 17]})
    out = share_of_answer(table).iloc[0]
    theirs = stats.binomtest(22, 39).proportion_ci(method="wilson")
    assert (out["low"], out["high"]) == (pytest.approx(theirs.low), pytest.approx(theirs.high))


def test_top_three_of_four_firms():
    # 4 firms, 11 ticks: shares add to 275 % (framework B2)
    ticks = pd.DataFrame({"respondent": [1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4], "item": list("abcabdabeac")})
    out = top_three(ticks)
    assert out["share"].sum() == pytest.approx(2.75)
    assert out.iloc[0][["item", "count", "n", "over"]].tolist() == ["a", 4, 4, 0]
    more = pd.concat([ticks, pd.DataFrame({"respondent": [1], "item": ["z"]})])
    assert top_three(more)["over"].iloc[0] == 1
    silent = pd.concat([ticks, pd.DataFrame({"respondent": [5], "item": [None]})])
    assert top_three(silent)["n"].iloc[0] == 5


def test_barrier_groups_of_chapter_86():
    groups = published("innovation_barrier_groups").cells
    ranks = published("innovation_barriers_horten").cells
    system = ranks[ranks["group"] == "systech"]
    scores = pd.DataFrame({"item": system["hampering_factor"], "mean": 8 - system["rank"].astype(float)})
    # the three economic items lead for system firms, ranks 1 to 3 (framework B4)
    assert barrier_groups(scores, groups)["group"].tolist() == ["economic", "local milieu"]
    answers = pd.DataFrame(
        {
            "respondent": [1, 1, 2, 2],
            "item": ["too great economic risk", "too high innovation costs"] * 2,
            "answer": ["high", "low", "low", "low"],
        }
    )
    one = barrier_groups(pd.DataFrame({"item": answers["item"].unique(), "mean": [2.0, 1.0]}), groups, answers).iloc[0]
    assert one[["count", "n", "share"]].tolist() == [1, 2, 0.5]


def test_innovation_rates_and_the_unknown():
    firms = pd.DataFrame({"product": [1, 0, 0, None, None], "process": [0, 1, 0, 0, 1], "town": list("aabbb")})
    out = innovation_rates(firms, nation=0.3).set_index("kind")
    # no product answer and no process innovation: unknown; no product answer and a process innovation: an innovator
    assert out.loc["any", ["count", "n"]].tolist() == [3, 4]
    assert out.loc["any", "gap"] == pytest.approx(0.45)
    assert set(innovation_rates(firms, by=["town"])["town"]) == {"a", "b"}


@settings(max_examples=40, deadline=None)
@given(st.lists(st.sampled_from(["high", "medium", "low", "not used"]), min_size=1, max_size=20))
def test_means_lie_among_the_scores(answers):
    out = mean_scores(pd.DataFrame({"item": "a", "answer": answers})).iloc[0]
    assert out["n_with_zero"] == len(answers)
    assert 0 <= out["mean_with_zero"] <= 3
    assert out["n"] == 0 or 1 <= out["mean"] <= 3
