"""Ties of a whole nation: Parquet too large for a study in memory, measured out of core by DuckDB.

What needs the whole net (density, components, gatekeepers) stays blank; what counts ties is the same as for a study.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from netklynge.district.location import link_location, tie_rows
from netklynge.district.profiles import PROFILE_COLUMNS
from netklynge.files.extras import require
from netklynge.findings import InputError, NetklyngeError
from netklynge.study.layers import EVENT_LAYERS, LAYERS, UNSTATED
from netklynge.study.loading import parquet_relations
from netklynge.study.zones import RINGS, check_cut, rings_inside

if TYPE_CHECKING:
    from duckdb import DuckDBPyRelation

__all__ = ["LARGEST_STUDY", "is_national", "locate_national", "profile_national"]

LARGEST_STUDY = 2_000_000  # ties; a study of more would take over 4 GB in memory
_MEMORY = "3GB"  # for DuckDB, so that the process stays under 4


def is_national(source: str | Path) -> bool:
    """Whether a source is a Parquet file, or a folder of Parquet parts, with more ties than a study should hold.

    Examples
    --------
    >>> is_national("horten")
    False
    """
    from pyarrow import ArrowException, parquet

    try:
        ties: int = sum(parquet.read_metadata(file).num_rows for file in parquet_relations(source))
    except (ArrowException, OSError) as error:
        raise InputError(f"{source}: cannot be read as Parquet: {error}") from None
    return ties > LARGEST_STUDY


def locate_national(source: str | Path, layer: str | None = None) -> pd.DataFrame:
    """The rows of :func:`netklynge.locate` for ties in force, counted out of core.

    Parameters
    ----------
    source : str or Path
        A Parquet file of ties, or a folder of its parts; columns ``source``, ``target``, ``scale`` and, each
        optional, ``layer`` and ``current``.
    layer : str, optional
        Only this layer.

    Raises
    ------
    InputError
        The files cannot be read, or a column is missing.
    NetklyngeError
        A layer or ring is none of those known, or DuckDB is not installed.

    Examples
    --------
    >>> import netklynge as nk
    >>> file = Path(tempfile.mkdtemp()) / "ties.parquet"
    >>> nk.load("horten").relations.to_parquet(file)
    >>> locate_national(file, "supply")[["ring", "count", "n"]].head(2).values.tolist()
    [['local', 22, 39], ['regional', 1, 39]]
    """
    return tie_rows(_counted(source, "supply" if layer == "customer" else layer))


def profile_national(source: str | Path, cut: str = "local") -> pd.DataFrame:
    """The columns of :func:`netklynge.profile` that count ties, layer by layer; the others are blank.

    Parameters and errors as of :func:`locate_national`; `cut` is the last ring that counts as inside.

    Examples
    --------
    >>> import netklynge as nk
    >>> file = Path(tempfile.mkdtemp()) / "ties.parquet"
    >>> nk.load("horten").relations.to_parquet(file)
    >>> table = profile_national(file).set_index("layer")
    >>> table.loc[["supply"], ["inside", "outside", "ei"]].round(3).values.tolist()
    [[22.0, 17.0, -0.128]]
    """
    from netklynge.chance import wilson

    within = rings_inside(check_cut(cut))
    rows = []
    for layer, part in _counted(source).groupby("layer", sort=False):
        count = part.set_index("ring")["count"]
        known = int(count.reindex(RINGS).sum())
        inside = int(count.reindex(within).sum())
        share = inside / known if known else float("nan")
        low, high = wilson(inside, known)
        told = {
            "share": share,
            "low": low,
            "high": high,
            "n": known,
            "n_effective": known,
            "unit": "ties",
            "source": "ties",
        }
        sides = {
            "inside": inside,
            "outside": known - inside,
            "unknown": int(count.sum()) - known,
            "between_outsiders": 0,
        }
        rows.append({"layer": layer, "cut": cut, **told, **sides, "ei": 1 - 2 * share})
    return pd.DataFrame(rows, columns=PROFILE_COLUMNS)


def _counted(source: str | Path, layer: str | None = None) -> pd.DataFrame:
    """Ties in force by layer and ring, in the order of the layers."""
    with _ties(source) as ties:
        counted: pd.DataFrame = link_location(ties, by=["layer"]).df()
    unknown = sorted(set(counted["layer"]) - {*LAYERS, UNSTATED})
    if unknown:
        raise NetklyngeError(f"{source}: layer '{unknown[0]}' is unknown; layers are {', '.join(LAYERS)}")
    if layer is not None and layer not in (*LAYERS, UNSTATED):
        raise NetklyngeError(f"layer '{layer}' is unknown; the file has {', '.join(pd.unique(counted['layer']))}")
    wanted = [name for name in (*LAYERS, UNSTATED) if layer in (None, name)]
    place = counted["layer"].map({name: k for k, name in enumerate(wanted)})
    return counted[place.notna()].iloc[place.dropna().argsort(kind="stable")].reset_index(drop=True)


@contextmanager
def _ties(source: str | Path) -> Iterator[DuckDBPyRelation]:
    """Layer and ring of each tie in force, as a relation that DuckDB reads when it is asked."""
    require("large", f"{source}: more than {LARGEST_STUDY:,} ties:")
    import duckdb

    files = [str(file) for file in parquet_relations(source)]
    if not files:
        raise InputError(f"{source}: no Parquet file of ties, and no folder of its parts")
    with tempfile.TemporaryDirectory() as spill, duckdb.connect() as connection:
        connection.execute(f"set memory_limit = '{_MEMORY}'")
        connection.execute("set temp_directory = ?", [spill])
        try:
            ties = connection.read_parquet(files)
            missing = [name for name in ("source", "target", "scale") if name not in ties.columns]
            if missing:
                raise InputError(f"{source}: column '{missing[0]}' is missing; it has {', '.join(ties.columns)}")
            yield ties.filter(_in_force(ties.columns)).project(", ".join(_columns(ties.columns)))
        except duckdb.Error as error:
            raise InputError(f"{source}: cannot be read as Parquet: {error}") from None


def _columns(names: list[str]) -> list[str]:
    layer = f"coalesce(nullif(cast(layer as varchar), ''), '{UNSTATED}')" if "layer" in names else f"'{UNSTATED}'"
    return [f"{layer} as layer", "nullif(cast(scale as varchar), '') as scale"]


def _in_force(names: list[str]) -> Any:
    """Blank counts as in force; events stay told after they happened."""
    if "current" not in names:
        return "true"
    over = "lower(cast(current as varchar)) in ('0', 'false')"
    events = ", ".join(f"'{layer}'" for layer in EVENT_LAYERS)
    return f"not coalesce({over}, false)" + (f" or layer in ({events})" if "layer" in names else "")
