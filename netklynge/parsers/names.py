"""Names as they are compared: letters folded, legal forms set aside, and words that name nobody known."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple

import pandas as pd

__all__ = ["Name", "fold", "name_key", "nobody", "parsed"]


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
# Forms that are one under two names, and words at a name's end that are none.
_ONE_FORM: Mapping[str, str] = {
    **dict.fromkeys(("aksjeselskap", "aksjeselskapet", "aktieselskab", "aktieselskabet"), "as"),
    **{"aktiebolag": "ab", "limited": "ltd", "incorporated": "inc", "corporation": "inc", "corp": "inc", "abp": "oyj"},
}
_NO_FORM = frozenset({"publ", "co", "company"})
_NOBODY = frozenset(
    [
        "na",
        "n a",
        "nan",
        "null",
        "none",
        "nil",
        "nobody",
        "no one",
        "unknown",
        "not known",
        "dont know",
        "do not know",
        "no answer",
        "not answered",
        "refused",
        "not applicable",
        "not relevant",
        "various",
        "misc",
        "miscellaneous",
        "others",
        "ingen",
        "ingen spesielle",
        "ingen bestemte",
        "ingen svar",
        "ingenting",
        "vet ikke",
        "veit ikkje",
        "nei",
        "ukjent",
        "ukjend",
        "diverse",
        "div",
        "ubesvart",
        "ikke svart",
        "ikke besvart",
        "ikke relevant",
        "ikke aktuelt",
        "ikke oppgitt",
        "uaktuelt",
        "mangler",
        "annet",
        "ymse",
        "vet ej",
        "vet inte",
        "inga",
        "okand",
        "ved ikke",
        "ukendt",
        "ei tieda",
        "ei mitan",
        "keine",
        "keine angabe",
        "unbekannt",
        "aucun",
        "ninguno",
        "desconocido",
        "inconnu",
    ]
)
_LEADING_FORMS = ("as", "ab", "aktieselskabet", "aksjeselskapet")


class Name(NamedTuple):
    """A name as it is compared: its words without legal forms, the forms, and the countries whose law knows them."""

    words: tuple[str, ...]
    law: frozenset[str]
    forms: frozenset[str] = frozenset()

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
    forms: set[str] = set()
    while len(words) > 1 and words[-1] in _FORMS:
        forms.add(words.pop())
    if len(words) > 1 and words[0] in _LEADING_FORMS:
        forms.add(words.pop(0))
    if len(words) > 1 and words[-1] == "og":  # "GmbH & Co KG"
        words.pop()
        while len(words) > 1 and words[-1] in _FORMS:
            forms.add(words.pop())
    law = frozenset(_FORMS.get(form, "") for form in forms) - {""}
    return Name(tuple(words), law, frozenset(_ONE_FORM.get(form, form) for form in forms) - _NO_FORM)


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


@lru_cache(maxsize=1 << 16)
def nobody(text: Any) -> bool:
    """Whether a cell that should name somebody, or some place, names none: blank, signs alone, "ingen", "NA".

    Examples
    --------
    >>> [nobody(cell) for cell in ("-", "Ingen", "N/A", "vet ikke", "NaN", "Ingeniør AS", "Шпунт")]
    [True, True, True, True, True, False, False]
    """
    if text is None or text is pd.NA or text != text:
        return True
    plain = fold(text)
    if not plain:
        return all(unicodedata.category(sign)[0] in "PZC" or sign in "+<>=|~^`" for sign in str(text))
    return plain in _NOBODY
