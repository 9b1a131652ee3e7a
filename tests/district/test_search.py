"""Search breadth and depth, counted by hand from answers."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import netklynge as nk
from netklynge.study.zones import RINGS

ANSWERS = [*RINGS, "none", "not_relevant", "no_answer", "do_not_know", "not_asked", "strong", "little"]
ROW = st.tuples(st.sampled_from(["f1", "f2", "f3"]), st.sampled_from(["a", "b", "c"]), st.sampled_from(ANSWERS))


def study_of(rows):
    answers = pd.DataFrame(rows, columns=["respondent", "item", "answer"]).assign(question="q")
    return replace(nk.load("horten"), answers=answers)


@settings(deadline=None)
@given(st.lists(ROW, min_size=1, max_size=20))
def test_counted_by_hand(rows):
    asked = [row for row in rows if row[2] != "not_asked"]
    strong = any(answer == "strong" for *_, answer in asked)
    found = nk.search_breadth(study_of(rows), "q", deep=["strong"] if strong else ()).set_index("actor")
    assert set(found.index) == {firm for firm, *_ in asked}
    for firm, row in found.iterrows():
        told = {(item, answer) for f, item, answer in asked if f == firm and answer not in ("no_answer", "do_not_know")}
        used = {(item, answer) for item, answer in told if answer not in ("none", "not_relevant")}
        placed = {(item, answer) for item, answer in used if answer in RINGS}
        assert row["items"] == len({item for item, _ in told})
        assert row["untold"] == len({item for f, item, _ in asked if f == firm}) - row["items"]
        assert row["breadth"] == len({item for item, _ in used})
        assert pd.isna(row["depth"]) if not strong else row["depth"] == len({i for i, a in used if a == "strong"})
        if any(answer in RINGS for *_, answer in asked):
            assert row["geographical_breadth"] == len(placed)
            assert row["rings"] == len({ring for _, ring in placed})
        else:
            assert pd.isna(row["geographical_breadth"])


def test_what_is_not_there_is_told():
    study = study_of([("f1", "a", "local")])
    with pytest.raises(nk.NetklyngeError, match="no question 'x'; it has q"):
        nk.search_breadth(study, "x")
    with pytest.raises(nk.NetklyngeError, match="no answer is one of strong; it has local"):
        nk.search_breadth(study, "q", deep=["strong"])
    with pytest.raises(nk.NetklyngeError, match="has no answers"):
        nk.search_breadth(nk.load("horten"), "q")


def test_firms_bear_how_varied_their_partners_are():
    ties = [{"source": s, "target": "a", "layer": "supply", "scale": r} for s, r in (("b", "local"), ("c", "national"))]
    ties.append({"source": "d", "target": "a", "layer": "supply", "scale": "local"})
    kinds = {"a": "firm", "b": "firm", "c": "firm", "d": "research"}
    rings = {"a": "local", "b": "local", "c": "national", "d": "local"}
    actors = [{"actor": a, "kind": kinds[a], "scale": rings[a]} for a in kinds]
    table = nk.firms(nk.load({"actors": pd.DataFrame(actors), "relations": pd.DataFrame(ties)})).set_index("actor")
    row = table.loc["a"]
    assert row["partner_kinds"] == 2
    assert row["blau"] == pytest.approx(1 - (4 + 1) / 9)  # two firms, one institute
    assert row["iqv"] == pytest.approx((1 - 5 / 9) / (1 - 1 / 2))
    assert row["breadth"] == 3  # local firm, national firm, local institute
    assert row["efficiency"] == pytest.approx(1.0)  # no two of its partners are tied (Burt: effective size 3 of 3)
