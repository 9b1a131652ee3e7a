"""Plain values: blanks of every sort are None, numbers are the same bytes, nothing else is touched."""

import json
import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from netklynge.files.plain import plain, records


@pytest.mark.parametrize("blank", [None, float("nan"), np.nan, pd.NA, pd.NaT, np.datetime64("NaT"), np.float32("nan")])
def test_every_sort_of_blank_is_none(blank):
    assert plain(blank) is None
    assert records(pd.DataFrame({"x": pd.Series([blank], dtype=object)})) == [{"x": None}]
    assert records(pd.DataFrame({"x": pd.Series([blank], dtype=object)}), blanks=False) == [{}]


@pytest.mark.parametrize(
    ("value", "kind", "wanted"),
    [
        (np.int64(3), int, 3),
        (np.bool_(False), bool, False),
        (True, bool, True),
        (3.0, int, 3),
        (-0.0, int, 0),
        (np.float64(2.5), float, 2.5),
        (0.1 + 0.2, float, 0.3),
        (1e-5, float, 1e-5),
        (9007199254740993, int, 9007199254740993),
        (1e300, float, 1e300),
        ("nan", str, "nan"),
        ("", str, ""),
    ],
)
def test_numbers_and_texts(value, kind, wanted):
    assert plain(value) == wanted
    assert type(plain(value)) is kind


def test_whole_numbers_stay_floats_where_a_column_needs_one_type():
    assert type(plain(3.0, whole=False)) is float


def test_what_lies_inside_is_plain_too():
    assert plain({"interval": (np.float64(0.25), np.nan), 1: np.array([1.0, 2.5])}) == {
        "interval": [0.25, None],
        "1": [1, 2.5],
    }


def test_nullable_columns():
    frame = pd.DataFrame(
        {
            "n": pd.array([1, None], dtype="Int64"),
            "said": pd.array(["a", None], dtype="string"),
            "held": pd.array([True, None], dtype="boolean"),
        }
    )
    assert records(frame) == [{"n": 1, "said": "a", "held": True}, {"n": None, "said": None, "held": None}]
    assert records(frame, blanks=False) == [{"n": 1, "said": "a", "held": True}, {}]


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_moves_by_less_than_its_tenth_figure_and_is_plain_twice_over(value):
    told = plain(value)
    assert math.isclose(told, value, rel_tol=1e-9)
    assert json.dumps(plain(told)) == json.dumps(told)
