"""Names and numbers as they are compared: letters folded, legal forms set aside, check digits tested."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple

import pandas as pd

__all__ = ["Name", "fold", "name_key", "organisation_number", "parsed"]


_LETTERS = str.maketrans({"æ": "a", "ø": "o", "ß": "ss", "ł": "l", "đ": "d"})  # NFKD parts all others

# Legal form to the country whose law knows it; blank where several do.
_FORMS: Mapping[str, str] = {
    **dict.fromkeys(("as", "asa", "ans", "enk", "nuf", "ba", "al", "kf", "iks", "sf", "ks", "hf"), "NO"),
    **dict.fromkeys(("aksjeselskap", "aksjeselskapet"), "NO"),
    **dict.fromkeys(("ab", "aktiebolag", "publ"), "SE"),
    **dict.fromkeys(("aps", "aktieselskab"), "DK"),
    **dict.fromkeys(("oy", "oyj", "abp"), "FI"),
    **dict.fromkeys(("gmbh", "ag", "kg", "kgaa"), "DE"),
    **dict.fromkeys(("ltd", "limited", "plc", "llp"), "GB"),
    **dict.fromkeys(("inc", "incorporated", "corp", "corporation", "llc"), "US"),
    **dict.fromkeys(("bv", "nv"), "NL"),
    **dict.fromkeys(("sas", "sarl"), "FR"),
    **dict.fromkeys(("spa", "srl"), "IT"),
    **dict.fromkeys(("sa", "da", "co", "se", "company"), ""),
}
_LEADING_FORMS = ("as", "ab", "aktieselskabet", "aksjeselskapet")


class Name(NamedTuple):
    """A name as it is compared: its words without legal forms, and the countries of those forms."""

    words: tuple[str, ...]
    law: frozenset[str]

    @property
    def joined(self) -> str:
        """Its words as one."""
        return "".join(self.words)


@lru_cache(maxsize=1 << 16)
def fold(text: Any) -> str:
    """Text as it is compared: no case, punctuation or accents; å and aa are a, ø and oe are o, æ and ae are a.

    Examples
    --------
    >>> fold("Vinghøg, HORTEN"), fold("VINGHOEG Horten")
    ('vinghog horten', 'vinghog horten')
    """
    if text is None or text is pd.NA or text != text:
        return ""
    parted = unicodedata.normalize("NFKD", str(text).casefold().translate(_LETTERS))
    plain = "".join(c for c in parted if not unicodedata.combining(c))
    plain = re.sub(r"['’`´]", "", plain).replace("&", " og ")
    plain = re.sub(r"oe+", "o", re.sub(r"a[ae]+", "a", plain))  # how keyboards without å, æ, ø write them
    return " ".join(re.sub(r"[\W_]+", " ", plain).split())


def parsed(text: Any) -> Name:
    """A name as it is compared."""
    words: list[str] = []
    single = False
    for word in fold(text).split():
        if single and len(word) == 1 and not word.isdigit():  # "A/S", "N.V.", "Å.S.V.": letters of one word
            words[-1] += word
            continue
        single = len(word) == 1 and not word.isdigit()
        words.append("og" if word == "and" else word)
    law: set[str] = set()
    while len(words) > 1 and words[-1] in _FORMS:
        law.add(_FORMS[words.pop()])
    if len(words) > 1 and words[0] in _LEADING_FORMS:
        law.add(_FORMS.get(words.pop(0), ""))
    if len(words) > 1 and words[-1] == "og":  # "GmbH & Co KG"
        words.pop()
        while len(words) > 1 and words[-1] in _FORMS:
            law.add(_FORMS[words.pop()])
    return Name(tuple(words), frozenset(law - {""}))


def name_key(name: Any) -> str:
    """What is left of a name when letters, spaces and legal forms no longer matter.

    Examples
    --------
    >>> name_key("A/S Norautron") == name_key("NORAUTRON AS") == name_key("Nor-Autron")
    True
    >>> name_key("Kongsberg Automotive Raufoss")
    'kongsbergautomotiveraufoss'
    """
    return parsed(name).joined


def organisation_number(text: Any) -> str | None:
    """The Norwegian organisation number in a cell, or None if there is none whose MOD11 check digit fits.

    Spaces, dots, a leading ``NO`` and a trailing ``MVA`` do not matter.

    References
    ----------
    Brønnøysund Register Centre, "Organisasjonsnummeret": weights 3 2 7 6 5 4 3 2, modulus 11.

    Examples
    --------
    >>> organisation_number("NO 988 077 917 MVA")
    '988077917'
    >>> organisation_number("988077918") is None
    True
    """
    if isinstance(text, str) and not text:  # most cells of most lists
        return None
    from stdnum.no import orgnr

    digits = re.sub(r"^NO|MVA$|[\s.\-]", "", str(text).strip().upper())
    digits = re.sub(r"^NO|MVA$", "", digits)
    return digits if digits.isascii() and orgnr.is_valid(digits) else None
