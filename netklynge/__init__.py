"""netklynge: networks of regional industry clusters, their local buzz, pipelines and district types.

>>> import netklynge as nk
>>> study = nk.load("horten")
>>> study.cut("regional").boundary
'regional'
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

_ROOMS = {
    "NetklyngeError": "findings",
    "StudyError": "findings",
    "Study": "study",
    "load": "study",
    "check": "study",
    "bundled": "study",
    "locate": "location",
    "link_location": "location",
    "profile": "profiles",
    "firms": "profiles",
    "classify": "typology",
    "view": "views",
    "ei_index": "homophily",
    "brokerage": "brokers",
    "constraint": "holes",
    "centralization": "centrality",
    "core_periphery": "cores",
}

__all__ = ["__version__", *_ROOMS]


def __getattr__(name: str) -> Any:
    """Open a room only when somebody asks for something in it, so that importing netklynge stays quick."""
    room = _ROOMS.get(name)
    if room is None:
        raise AttributeError(f"module 'netklynge' has no attribute '{name}'")
    value = getattr(import_module(f"netklynge.{room}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
