"""Catalogues: what the build compiles is what a checkout reads, and a wheel reads it without a compiler."""

import gettext
import io
import sys
from importlib import resources

import pytest
from babel.messages.pofile import read_po

from netklynge import language as language_room
from netklynge.catalogues import COMPILED, compiled
from netklynge.language import LANGUAGES


def rooms(code):
    folder = resources.files("netklynge").joinpath("locale", code)
    files = sorted((f for f in folder.iterdir() if f.name.endswith(".po")), key=lambda f: f.name)
    return [file.read_bytes() for file in files]


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_message_of_every_room_is_in_the_compiled_one(code):
    told = gettext.GNUTranslations(io.BytesIO(compiled(rooms(code), code)))
    for content in rooms(code):
        for message in read_po(io.BytesIO(content), locale=code):
            if message.id and message.string:
                one = message.id if isinstance(message.id, str) else message.id[0]
                assert (
                    told.gettext(one) != one or message.string in (one, (one, one)) or not isinstance(message.id, str)
                )
                if not isinstance(message.id, str):
                    assert (told.ngettext(*message.id, 1), told.ngettext(*message.id, 2)) == tuple(message.string)


@pytest.mark.parametrize("code", LANGUAGES)
def test_the_same_catalogues_give_the_same_bytes(code):
    assert compiled(rooms(code), code) == compiled(rooms(code), code)
    assert b"POT-Creation-Date: 2000-01-01" in compiled(rooms(code), code)


def test_a_compiled_file_is_read_without_babel(tmp_path, monkeypatch):
    place = tmp_path / "locale" / "nb"
    place.mkdir(parents=True)
    (place / COMPILED).write_bytes(compiled(rooms("nb"), "nb"))
    monkeypatch.setattr(language_room.resources, "files", lambda package: tmp_path)
    monkeypatch.setitem(sys.modules, "babel.messages.pofile", None)
    assert language_room._catalogue("nb").gettext("unknown ring") == "ukjent ring"
