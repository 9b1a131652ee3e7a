"""docs/measures.md: its examples run, and every measure of the wing stands in it."""

import doctest
from pathlib import Path

import pytest

import netklynge as nk

PAGE = Path(__file__).parents[2] / "docs" / "measures.md"


def test_examples_of_the_page_run():
    result = doctest.testfile(str(PAGE), module_relative=False, optionflags=doctest.NORMALIZE_WHITESPACE)
    assert result.attempted >= 5
    assert result.failed == 0


@pytest.mark.parametrize("name", [name for name in nk.networks.__all__ if callable(getattr(nk.networks, name))])
def test_every_measure_stands_on_the_page(name):
    assert f"`{name}(" in PAGE.read_text(encoding="utf-8")
