"""Languages: complete catalogues, numbers as people write them, and no unknown language."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from netklynge.findings import NetklyngeError
from netklynge.language import language

CATALOGUES = sorted((Path(__file__).parent.parent / "netklynge" / "locale" / "nb").glob("*.po"))


def test_numbers_and_shares():
    nb, en = language("nb"), language("en")
    assert (en.number(1234.5, 1), nb.number(1234.5, 1)) == ("1,234.5", "1\u00a0234,5")
    assert (en.percent(0.174, 1), nb.percent(0.174, 1)) == ("17.4%", "17,4\u00a0%")
    assert nb.number(None) == nb.percent(float("nan")) == "–"
    assert en.text("rd") == "R&D"
    assert nb.plural("with one hub", "with {n} hubs", 3).format(n=3) == "med 3 nav"


def test_an_unknown_language_is_told():
    with pytest.raises(NetklyngeError, match="choose one of en, nb"):
        language("sv")


@pytest.mark.parametrize("file", CATALOGUES, ids=lambda f: f.stem)
def test_every_message_is_translated_with_its_placeholders(file):
    for message in read_po(file.open("rb"), locale="nb"):
        if not message.id:
            continue
        sources = message.id if isinstance(message.id, tuple) else (message.id,)
        told = message.string if isinstance(message.string, tuple) else (message.string,)
        assert all(told), message.id
        for text in told:
            assert set(re.findall(r"{\w+}", text)) <= set(re.findall(r"{\w+}", sources[-1])), message.id
