"""The language of what readers see: English, or Norwegian bokmål with a decimal comma.

Messages are written in English where they are used; the catalogues lie in ``locale``, one per language
and room; the English one holds words for coded values only.
"""

from __future__ import annotations

import gettext
import io
from functools import lru_cache
from importlib import resources

from netklynge.catalogues import COMPILED, compiled
from netklynge.findings import NetklyngeError

__all__ = ["LANGUAGES", "Language", "language"]

LANGUAGES = ("en", "nb")
_NO_BREAK = "\u00a0"
_MINUS = "\N{MINUS SIGN}"


class Language:
    """Texts and numbers in one language; get one from :func:`language`."""

    def __init__(self, code: str, translations: gettext.NullTranslations) -> None:
        self.code = code
        self.translations = translations

    def text(self, message: str) -> str:
        """The message in this language; the English one where no translation is known."""
        return self.translations.gettext(message) if message else ""

    def plural(self, one: str, many: str, count: int) -> str:
        """The form of the message that fits `count`."""
        return self.translations.ngettext(one, many, count)

    def number(self, value: float | None, digits: int = 0) -> str:
        """A number with `digits` decimals and grouped thousands; a dash for unknown."""
        from babel.numbers import format_decimal

        if value is None or value != value:
            return "–"
        pattern = "#,##0" + ("." + "0" * digits if digits else "")
        return str(format_decimal(value, format=pattern, locale=self.code)).replace("-", _MINUS)

    def percent(self, share: float | None, digits: int = 0) -> str:
        """A share between 0 and 1 as per cent; a dash for unknown."""
        if share is None or share != share:
            return "–"
        return self.number(100 * share, digits) + (_NO_BREAK + "%" if self.code == "nb" else "%")


@lru_cache
def language(code: str = "en") -> Language:
    r"""The language with this code.

    Raises
    ------
    NetklyngeError
        There is no such language; the message lists those there are.

    Examples
    --------
    >>> language("nb").percent(0.174, 1)
    '17,4\xa0%'
    """
    if code not in LANGUAGES:
        raise NetklyngeError(f"language '{code}' is unknown; choose one of {', '.join(LANGUAGES)}")
    return Language(code, _catalogue(code))


def _catalogue(code: str) -> gettext.NullTranslations:
    """The catalogue that the build compiled; in a checkout, which has none, it is compiled now."""
    folder = resources.files("netklynge").joinpath("locale", code)
    ready = folder.joinpath(COMPILED)
    if ready.is_file():
        return gettext.GNUTranslations(io.BytesIO(ready.read_bytes()))
    rooms = sorted((file for file in folder.iterdir() if file.name.endswith(".po")), key=lambda file: file.name)
    return gettext.GNUTranslations(io.BytesIO(compiled((file.read_bytes() for file in rooms), code)))
