"""The package as a whole: one version, a complete citation, lists of versions without addresses."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
import yaml

import netklynge as nk

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]


def test_the_version_stands_in_one_place_and_is_the_one_cited():
    assert "version" in PROJECT["dynamic"]
    assert "version" not in PROJECT
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
    assert citation["version"] == nk.__version__


def test_the_citation_is_complete():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
    assert set(citation) >= {"cff-version", "message", "title", "authors", "license", "type"}
    assert citation["license"] == PROJECT["license"]
    assert citation["repository-code"] == PROJECT["urls"]["Repository"]
    assert sorted(citation["keywords"]) == sorted(PROJECT["keywords"])
    assert all("name" in author for author in citation["authors"])  # an entity, not a person


def test_a_release_has_a_date_and_what_is_not_released_has_none():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
    heading = re.search(r"^## (.+)$", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE).group(1)
    dated = re.fullmatch(rf"{re.escape(nk.__version__)} \((\d{{4}}-\d{{2}}-\d{{2}})\)", heading)
    assert citation.get("date-released") == (dated.group(1) if dated else None), heading


@pytest.mark.parametrize("name", ["constraints.txt", "constraints-oldest.txt"])
def test_lists_of_versions_hold_names_and_versions_only(name):
    lines = [line for line in (ROOT / name).read_text("utf-8").splitlines() if not line.startswith("#")]
    assert [line for line in lines if not re.fullmatch(r"[\w.-]+==[\w.+!]+", line)] == []


def test_the_oldest_versions_are_those_declared():
    text = (ROOT / "constraints-oldest.txt").read_text("utf-8").lower().replace("_", "-")
    oldest = dict(line.split("==") for line in text.splitlines() if "==" in line and not line.startswith("#"))
    extras = PROJECT["optional-dependencies"]
    asked = [*PROJECT["dependencies"], *(words for e in ("app", "large", "maps", "survey") for words in extras[e])]
    for words in asked:
        name, least = re.match(r"([\w.-]+)(?:\[\w+\])?>=([\d.]+)", words).groups()
        assert (oldest[name.lower()] + ".0.0").startswith(least), words
    assert {"pyyaml", "pandas"} <= set(oldest)


def test_pictures_of_the_readme_have_whole_addresses():
    pictures = re.findall(r"!\[[^]]*\]\(([^)]+)\)", (ROOT / "README.md").read_text("utf-8"))
    assert pictures
    for address in pictures:  # a package page has no files beside it
        assert address.startswith("https://")
        assert (ROOT / address.split("/main/")[1]).is_file()
