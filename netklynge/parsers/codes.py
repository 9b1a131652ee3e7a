"""Codes and labels as they are compared: one spelling for ``1``, ``1.0`` and ``" 1 "``."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pandas as pd

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["code_key", "code_keys", "word"]


def code_key(code: Any) -> str:
    """A code or label as it is compared: ``1``, ``1.0``, ``1,00`` and ``" 1 "`` are one code; case does not count.

    Examples
    --------
    >>> code_key(1.0), code_key(" Ikke  Valgt"), code_key(True)
    ('1', 'ikke valgt', 'yes')
    """
    text = " ".join(word(code).split()).casefold()
    match = re.fullmatch(r"([+-]?\d+)[.,]0+", text)
    return match[1] if match else text


def code_keys(values: pd.Series[str]) -> pd.Series[str]:
    """Every cell as codes are compared; each distinct text is looked at once."""
    return values.map({text: code_key(text) for text in values.dropna().unique()}).astype("string")


def word(value: Any) -> str:
    """A YAML scalar as its writer meant it: an unquoted yes or no is read as a logical value."""
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)
