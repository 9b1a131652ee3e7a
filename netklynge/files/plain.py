"""Plain values: what goes out as JSON or into a page, as Python's own numbers and texts, the same bytes each time."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["plain", "records"]

_DIGITS = 10  # figures kept: more differ between machines, fewer lose money and identifiers
_SAFE = 10**15  # whole numbers above lose figures as floats


def plain(value: Any, whole: bool = True) -> Any:
    """A value as Python's own: None for unknown, numbers to ten figures.

    Parameters
    ----------
    value : object
        A number of numpy's, a blank of any sort (None, NaN, NaT, pandas' NA), a text; lists and mappings of these too.
    whole : bool
        Give floats without decimals as int: a column with blanks is float in pandas, whatever it counts.

    Examples
    --------
    >>> plain(float("nan")), plain(12.0), plain(1 / 3)
    (None, 12, 0.3333333333)
    >>> plain({"share": [0.1 + 0.2, None]})
    {'share': [0.3, None]}
    """
    if isinstance(value, dict):
        return {str(k): plain(v, whole) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [plain(v, whole) for v in value]
    if hasattr(value, "tolist"):  # numpy's scalars and arrays
        value = value.tolist()
        if isinstance(value, list):
            return plain(value, whole)
    if value is None or isinstance(value, str | bool | int):
        return value
    if _blank(value):
        return None
    if isinstance(value, float):
        if not value.is_integer() or abs(value) >= _SAFE:
            rounded = float(f"{value:.{_DIGITS}g}")
            value = rounded if math.isfinite(rounded) else value  # the largest floats round up to infinity
        return int(value) if whole and value.is_integer() and abs(value) < _SAFE else value
    return value


def _blank(value: Any) -> bool:
    """NaN and NaT differ from themselves; of pandas' NA nobody can say even that."""
    try:
        return bool(value != value)
    except TypeError:
        return True


def records(frame: pd.DataFrame, blanks: bool = True) -> list[dict[str, Any]]:
    """Rows of a frame as dicts of plain values.

    Parameters
    ----------
    frame : DataFrame
    blanks : bool
        Keep what is unknown, as None; else it is left out of its row, and so is empty text.

    Examples
    --------
    >>> import pandas as pd
    >>> records(pd.DataFrame({"actor": ["a", "b"], "employees": [12, None]}))
    [{'actor': 'a', 'employees': 12}, {'actor': 'b', 'employees': None}]
    """
    rows = [{str(k): plain(v) for k, v in row.items()} for row in frame.astype(object).to_dict("records")]
    return rows if blanks else [{k: v for k, v in row.items() if v not in (None, "")} for row in rows]
