"""Between tables: one quantity printed in two ways, groups drawn otherwise; silence where two places are alike."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netklynge.regions.auditing import audit
from netklynge.regions.contradictions import (
    RARE,
    band_columns,
    battery,
    contradictions,
    regroupings,
    respondents,
    same_place,
)
from netklynge.regions.registers import PublishedTable, published
from netklynge.regions.rules import Sheet


def _sheet(file: str, columns: dict[str, list[object]], comment: str = "") -> Sheet:
    cells = pd.DataFrame(columns).astype("string")
    cells.index = range(2, len(cells) + 2)
    return Sheet(PublishedTable(file, comment, cells, 1))


def _places(findings) -> set[tuple[str, int, str]]:
    return {(f.file, f.row, f.column) for f in findings}


AREAS = ["Halden", "Raufoss", "Kongsberg", "Horten"]
JOBS = [134, 290, 43, 284]


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        ("Horten", "Horten municipality", True),
        ("Raufoss", "Raufoss_VestreToten", True),
        ("Horten", "Tonsberg_Horten_region", False),
        ("Raufoss_VestreToten", "Raufoss_Gjovik", False),
        ("", "Horten", False),
    ],
)
def test_names_of_one_place(first, second, same):
    assert same_place(first, second) is same
    assert same_place(second, first) is same


# -- one quantity in two ways --------------------------------------------------------------------------------


def test_a_figure_printed_in_two_ways_is_told_once():
    one = _sheet("a_2005.csv", {"area": AREAS, "sector": ["metal"] * 4, "jobs": JOBS})
    two = _sheet("b_2005.csv", {"town": AREAS, "industry": ["metal"] * 4, "employees": [134, 290, 44, 284]})
    found = list(contradictions([one, two]))
    assert _places(found) == {("b_2005.csv", 4, "employees")}
    assert "43 in a_2005.csv (row 4)" in found[0].wrong


def test_the_odd_one_of_three_tables_is_told():
    # EK3: 232 establishments in one table, 231 in four
    sheets = [
        _sheet(f"{name}_2005.csv", {"area": ["Kongsberg"], "sector": ["technology"], "establishments": [value]})
        for name, value in (("a", 232), ("b", 231), ("c", 231))
    ]
    assert _places(contradictions(sheets)) == {("a_2005.csv", 2, "establishments")}


def test_other_years_and_other_counts_do_not_contradict():
    one = _sheet("a_1997.csv", {"area": AREAS, "sector": ["metal"] * 4, "jobs": JOBS})
    for file, column in (("b_2005.csv", "jobs"), ("b_1997.csv", "establishments"), ("b_1997.csv", "jobs_change_pct")):
        two = _sheet(file, {"area": AREAS, "sector": ["metal"] * 4, column: [v + 1 for v in JOBS]})
        assert list(contradictions([one, two])) == []


def test_two_places_with_one_figure_are_no_finding():
    # D21: Kongsberg and Raufoss both have 1,366 jobs in transport equipment
    one = _sheet("a_2005.csv", {"area": ["Kongsberg", "Raufoss"], "sector": ["transport"] * 2, "jobs": [1366, 1366]})
    two = _sheet("b_2005.csv", {"area": ["Raufoss", "Kongsberg"], "sector": ["transport"] * 2, "jobs": [1366, 1366]})
    assert list(contradictions([one, two])) == []
    assert audit([published("jobs_by_sector_1997_2005")]) == []


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        # D18: 172 establishments of Halden in table v.2, 171 in table v.5; 692 and 691 for the towns together
        (
            ["establishments_by_size_2005", "main_figures_towns_2005"],
            {
                ("main_figures_towns_2005.csv", 3, "establishments"),
                ("main_figures_towns_2005.csv", 11, "establishments"),
            },
        ),
        # ER5: the total of table 6.1 is 2,199, of table v.3 2,198
        (["jobs_by_sector_1997_2005", "jobs_raufoss_1997_2005"], {("jobs_raufoss_1997_2005.csv", 6, "employed_1997")}),
        # right beside each other: tables v.3 and 4.1 of Horten
        (["jobs_by_sector_1997_2005", "jobs_horten_and_region_1997_2005"], set()),
    ],
)
def test_published_tables(names, expected):
    sheets = [Sheet(published(name)) for name in names]
    found = _places(contradictions(sheets))
    assert expected <= found
    assert expected or not found


values = st.lists(st.integers(101, 9999), min_size=4, max_size=4, unique=True)


@settings(max_examples=40, deadline=None)
@given(values, st.integers(0, 3), st.integers(1, 50), st.randoms(use_true_random=False))
def test_a_copy_is_silent_and_a_changed_cell_is_told(jobs, row, slip, random):
    one = _sheet("a_2005.csv", {"area": AREAS, "sector": ["metal"] * 4, "jobs": jobs})
    order = random.sample(range(4), 4)
    copied = {"town": [AREAS[k] for k in order], "industry": ["metal"] * 4, "jobs": [jobs[k] for k in order]}
    assert list(contradictions([one, _sheet("b_2005.csv", copied)])) == []
    copied["jobs"][row] += slip
    assert _places(contradictions([one, _sheet("b_2005.csv", copied)])) == {("b_2005.csv", row + 2, "jobs")}


# -- groups ----------------------------------------------------------------------------------------------------


def _detail(areas: list[str], numbers: np.ndarray) -> Sheet:
    return _sheet(
        "detail_2005.csv",
        {
            "area": [a for a in areas for _ in range(5)],
            "sector": [str(k + 1) for _ in areas for k in range(5)],
            "jobs": list(numbers.ravel()),
        },
    )


def _groups(areas: list[str], numbers: list[int], label: str = "manufacturing") -> Sheet:
    return _sheet("groups_2005.csv", {"area": areas, "sector": [label] * len(areas), "jobs": numbers})


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6), st.integers(0, 4), st.integers(20, 90))
def test_a_group_of_another_scope_is_told(seed, odd, off):
    areas = [*AREAS, "Moss"]
    numbers = np.random.default_rng(seed).integers(1000, 90000, (5, 5))
    sums = numbers[:, [1, 2, 3]].sum(axis=1)
    assert list(regroupings([_groups(areas, list(sums)), _detail(areas, numbers)])) == []
    sums[odd] -= off
    found = list(regroupings([_groups(areas, list(sums)), _detail(areas, numbers)]))
    assert _places(found) == {("groups_2005.csv", odd + 2, "jobs")}
    assert "in 4 of 5 areas the group is 2+3+4 of detail_2005.csv" in found[0].wrong


@pytest.mark.parametrize("most", [5, 40, 3000])
def test_unrelated_tables_have_groups_as_seldom_as_stated(most):
    areas = [*AREAS, "Moss"]
    alarms = 0
    for seed in range(100):
        numbers = np.random.default_rng(seed)
        detail = _detail(areas, numbers.integers(0, most, (5, 5)))
        alarms += bool(list(regroupings([_groups(areas, list(numbers.integers(0, 3 * most, 5))), detail])))
    assert alarms / 100 <= RARE


def test_the_national_change_of_another_scope():
    # D6: -13.6 per cent in table 3.4, -9.3 in table v.3. In Halden, Raufoss and Horten the group is the sectors 2, 3
    # and 4; in the rest of the country these lost 7,623 jobs (3,927 + 993 + 2,703), not 6,022
    sheets = [Sheet(published(n)) for n in ("jobs_change_by_sector_group_1997_2005", "jobs_by_sector_1997_2005")]
    found = {f.row: f for f in regroupings(sheets)}
    assert "2+3+4" in found[23].wrong
    assert "-7623" in found[23].wrong
    # the services are the sectors 5 to 7 everywhere
    assert not {4 + 4 * k + 1 for k in range(6)} & set(found)


# -- surveys and size bands ---------------------------------------------------------------------------------------


def test_one_survey_has_one_number_of_respondents():
    # EH7: 32 firms of Horten in figure v.21, 36 in table 4.5 and 33 in table 4.9
    names = ["near_area_actor_importance", "information_sources_horten", "innovation_barriers_horten"]
    sheets = [Sheet(published(name)) for name in names]
    assert len(list(respondents(sheets))) == 1
    assert list(respondents(sheets[1:2])) == []


def test_answers_that_add_to_the_respondents():
    names, numbers = battery(Sheet(published("near_area_actor_importance")))
    assert len(names) >= 3
    assert numbers == {"Horten": 32, "Kongsberg": 22}
    assert battery(Sheet(published("jobs_by_sector_1997_2005"))) is None


def test_size_bands_and_their_ends():
    sheet = Sheet(published("establishments_and_jobs_by_size_2005"))
    assert band_columns(sheet) == [
        ("emp_lt10", 10.0),
        ("emp_10_30", 30.0),
        ("emp_30_100", 100.0),
        ("emp_gt100", np.inf),
    ]
