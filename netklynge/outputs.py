"""Files out: each is written under a temporary name beside its place and then moved into it, whole or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pandas as pd

from netklynge.findings import NetklyngeError

__all__ = ["folder", "safe_cells", "write_bytes", "write_csv", "write_text", "written"]

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


@contextmanager
def written(path: Path) -> Iterator[Path]:
    """Give a temporary path beside `path`; on leaving without an error it takes the place of `path`."""
    path = Path(path)
    temporary: Path | None = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=".", suffix=".part", dir=path.parent)
        os.close(handle)
        temporary = Path(name)
        yield temporary
        os.replace(temporary, path)
    except OSError as error:
        raise NetklyngeError(f"{path}: cannot be written: {error.strerror or error}") from None
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)


def write_bytes(path: Path, content: bytes) -> Path:
    """Write `content` to `path`, atomically; return `path`."""
    with written(path) as temporary:
        temporary.write_bytes(content)
    return Path(path)


def write_text(path: Path, text: str) -> Path:
    """Write `text` to `path` in UTF-8 with line feeds, atomically; return `path`."""
    return write_bytes(path, text.encode("utf-8"))


def write_csv(path: Path, frame: pd.DataFrame) -> Path:
    """Write a table for people to open in a spreadsheet: UTF-8, commas, formulas neutralised."""
    return write_text(path, safe_cells(frame).to_csv(index=False, lineterminator="\n"))


def safe_cells(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with an apostrophe before every text that a spreadsheet would run as a formula."""
    out = frame.copy()
    for column in out.columns:
        if pd.api.types.is_string_dtype(out[column].dtype) or out[column].dtype == object:
            texts = out[column].map(lambda v: "'" + v if isinstance(v, str) and v.startswith(_FORMULA_STARTS) else v)
            out[column] = texts
    return out.rename(columns=lambda c: "'" + c if isinstance(c, str) and c.startswith(_FORMULA_STARTS) else c)


def folder(path: Path) -> Path:
    """Make sure that the folder `path` is there and can be written to; return it."""
    path = Path(path)
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise NetklyngeError(f"{path}: cannot be made: {error.strerror}") from None
    return path
