"""netklynge: networks of regional industry clusters, their local buzz, pipelines and district types.

>>> import netklynge as nk
>>> study = nk.load("horten")
>>> study.cut("regional").boundary
'regional'
"""

import warnings as _warnings

import lazy_loader as _lazy_loader

__version__ = "0.1.0"

# What is public stands in __init__.pyi, for readers, editors and type checkers alike; rooms open when asked for.
_attribute, __dir__, __all__ = _lazy_loader.attach_stub(__name__, __file__)

# Names that were public once, and what they are called now.
_RENAMED: dict[str, str] = {
    "accounts": "regional_accounts",
    "concentration": "concentration_table",
    "leaving": "leaving_effects",
    "neighbours_pipelines": "mean_pipelines_around",
    "openings": "industry_openings",
    "overlap": "layer_overlap",
    "project": "project_memberships",
    "reasons": "suggestion_reasons",
    "response": "response_rates",
    "screen": "screen_industries",
    "standing": "introduction_states",
}


def __getattr__(name: str) -> object:
    """Open the room of a public name; a name of old still works and says what it is called now."""
    if name in _RENAMED:
        now = _RENAMED[name]
        _warnings.warn(f"netklynge.{name} is now called netklynge.{now}", DeprecationWarning, stacklevel=2)
        name = now
    return _attribute(name)
