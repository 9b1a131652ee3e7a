"""YAML that comes with netklynge, and YAML of users who put their own in its place."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import Any

import yaml

from netklynge.files.limits import MAX_SETTINGS, check_size, parse_yaml
from netklynge.findings import InputError

__all__ = ["bundled_settings", "read_settings"]


@lru_cache
def bundled_settings(wing: str, name: str) -> Mapping[str, Any]:
    """A YAML file that comes with a wing; the same object each time, so leave it as it is.

    Examples
    --------
    >>> sorted(bundled_settings("netklynge.typology", "anchors.yaml"))
    ['cluster', 'hallmarks', 'operative', 'rules', 'types']
    """
    text = resources.files(wing).joinpath(name).read_text(encoding="utf-8")
    return dict(yaml.safe_load(text))


def read_settings(path: str | Path, what: str) -> dict[str, Any]:
    """A YAML file of a user's: a mapping of plain values, small, without aliases.

    Parameters
    ----------
    path : str or Path
    what : str
        What the file is meant to hold, for the message.

    Raises
    ------
    InputError
        The file cannot be read, is too large, is no YAML, or holds no mapping.
    """
    file = Path(path)
    check_size(file, MAX_SETTINGS)
    try:
        content = parse_yaml(file.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        mark = getattr(error, "problem_mark", None)
        where = "" if mark is None else f", line {mark.line + 1}"
        why = getattr(error, "problem", None) or error
        raise InputError(f"{path}{where}: cannot be read as {what}: {why}") from None
    if not isinstance(content, dict) or not all(isinstance(key, str) for key in content):
        raise InputError(f"{path}: a file of {what} is a mapping of names")
    return content
