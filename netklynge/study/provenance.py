"""Where a result comes from: versions, hashes of the inputs, the command, the seed. No dates and no paths."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

from netklynge.study.contracts import TABLES

if TYPE_CHECKING:
    from netklynge.study.study import Study

__all__ = ["LIBRARIES", "input_hashes", "provenance"]

LIBRARIES = ("networkx", "igraph", "numpy", "pandas", "pyvis", "scipy")  # those that numbers depend on


def provenance(study: Study, command: str | Sequence[str], seed: int | None = None) -> dict[str, Any]:
    """What it takes to get the same result again; the same inputs give the same record.

    Parameters
    ----------
    study : Study
    command : str or sequence of str
        The command and its options, without places: an absolute path is cut to its last part.
    seed : int, optional
        Blank when nothing was drawn.

    Returns
    -------
    dict
        ``netklynge`` and ``python`` (versions), ``libraries``, ``inputs`` (table to SHA-256), ``command``,
        ``seed``, ``at``, ``cut``.

    Examples
    --------
    >>> import netklynge as nk
    >>> record = provenance(nk.load("horten"), "report horten", seed=0)
    >>> record["command"], record["cut"], sorted(record["inputs"])
    ('report horten', 'local', ['actors', 'links', 'meta', 'relations', 'statements'])
    """
    words = command.split(" ") if isinstance(command, str) else list(command)
    return {
        "netklynge": _version("netklynge"),
        "python": ".".join(platform.python_version_tuple()[:2]),
        "libraries": {name: _version(name) for name in LIBRARIES},
        "inputs": input_hashes(study),
        "command": " ".join(_without_place(word) for word in words),
        "seed": seed,
        "at": study.when,
        "cut": study.boundary,
    }


def input_hashes(study: Study) -> dict[str, str]:
    """SHA-256 of each table that the study was given, and of what it says of itself.

    Tables are hashed as they were understood, so that a workbook, a folder with other line ends, and a frame
    of the same content have the same hash.
    """
    hashes = {}
    for table in TABLES:
        frame = getattr(study, table)
        if table in study.sources or len(frame):
            text = frame.to_csv(index=False, lineterminator="\n")
            hashes[table] = hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()
    hashes["meta"] = hashlib.sha256(_plain(study.meta).encode("utf-8", "replace")).hexdigest()
    return hashes


def _plain(meta: Mapping[str, Any]) -> str:
    return json.dumps(dict(meta), sort_keys=True, default=str, ensure_ascii=False)


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "unknown"


def _without_place(word: str) -> str:
    """A word of the command; of a path only its last part, since where a study lies is nobody's business."""
    parts = word.replace("\\", "/").rstrip("/").split("/")
    return parts[-1] if len(parts) > 1 else word
