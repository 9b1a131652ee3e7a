"""Organisation numbers of companies, in Norway and abroad: as files have them, their check digits tested."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from importlib import import_module
from typing import Any

__all__ = ["company_number", "lost_digits", "organisation_number"]

# Country to the modules of python-stdnum that know its company numbers, the register's own before the tax office's.
_ABROAD: Mapping[str, tuple[str, ...]] = {
    "AT": ("at.businessid", "at.uid"), "BE": ("be.vat",), "CH": ("ch.uid",), "CZ": ("cz.dic",),
    "DE": ("de.vat", "de.handelsregisternummer"), "DK": ("dk.cvr",), "EE": ("ee.registrikood", "ee.kmkr"),
    "ES": ("es.cif",), "FI": ("fi.ytunnus",), "FR": ("fr.siren",), "GB": ("gb.vat",), "IE": ("ie.vat",),
    "IS": ("is_.kennitala",), "IT": ("it.iva",), "LT": ("lt.pvm",), "LV": ("lv.pvn",), "NL": ("nl.btw",),
    "PL": ("pl.nip", "pl.regon"), "PT": ("pt.nif",), "SE": ("se.orgnr",), "US": ("us.ein",),
}  # fmt: skip
_FLOAT = re.compile(r"(\d+)[.,]0+")
_SCIENTIFIC = re.compile(r"(\d)(?:[.,](\d*))?[eE]\+?(\d+)")
_COMPANIES_HOUSE = re.compile(r"(?:[A-Z]{2}\d{6}|\d{8})")


def organisation_number(text: Any) -> str | None:
    """The Norwegian organisation number in a cell, or None if there is none whose MOD11 check digit fits.

    Spaces, dots, a leading ``NO``, a trailing ``MVA`` and the ``.0`` of a spreadsheet do not matter.

    References
    ----------
    Brønnøysund Register Centre, "Organisasjonsnummeret": weights 3 2 7 6 5 4 3 2, modulus 11.

    Examples
    --------
    >>> organisation_number("NO 988 077 917 MVA"), organisation_number("988077917.0")
    ('988077917', '988077917')
    >>> organisation_number("988077918") is None, organisation_number("9.88E+08") is None
    (True, True)
    """
    if isinstance(text, str) and not text:  # most cells of most lists
        return None
    from stdnum.no import orgnr

    digits = re.sub(r"^NO|MVA$|[\s.\-]", "", _whole(text).upper())
    digits = re.sub(r"^NO|MVA$", "", digits)
    return digits if digits.isascii() and orgnr.is_valid(digits) else None


@lru_cache(maxsize=1 << 16)
def company_number(text: str, country: str = "") -> str | None:
    """The number that a company is registered by, in one form; None if no check digit fits.

    Parameters
    ----------
    text : str
        A Norwegian organisation number, a VAT number with its country's letters, or, where `country` is told, the
        number of that country's register (CVR, organisationsnummer, Y-tunnus, SIREN, Companies House ...).
    country : str
        ISO 3166-1 code of the company's country.

    Returns
    -------
    str or None
        Nine digits for Norway, else the country's letters and the number.

    Examples
    --------
    >>> company_number("988 077 917"), company_number("DK13585628"), company_number("13 58 56 28", "DK")
    ('988077917', 'DK13585628', 'DK13585628')
    >>> company_number("556012-5790"), company_number("SE556012579001"), company_number("13585628") is None
    ('SE5560125790', 'SE5560125790', True)
    """
    plain = re.sub(r"[\s.]", "", _whole(text)).upper()
    if not plain:
        return None
    prefix = plain[:2] if plain[:2] in _ABROAD and any(c.isdigit() for c in plain[2:]) else ""
    if prefix:
        found = _abroad(plain[2:], prefix)
        if found:
            return found
    if country in _ABROAD:
        found = _abroad(plain, country)
        if found:
            return found
    norwegian = organisation_number(text)
    if norwegian or country:
        return norwegian
    if re.fullmatch(r"\d{6}-\d{4}", plain):  # how Swedes write theirs
        return _abroad(plain, "SE")
    return _abroad(plain, "FI") if re.fullmatch(r"\d{7}-\d", plain) else None


def _abroad(plain: str, country: str) -> str | None:
    if country == "SE" and re.fullmatch(r"\d{10}01", plain):  # a VAT number is the register's and 01
        plain = plain[:10]
    if country == "FR" and re.fullmatch(r"\d{14}|[0-9A-Z]{2}\d{9}", plain):  # SIRET, VAT
        plain = plain[:9] if len(plain) == 14 else plain[2:]
    for name in _ABROAD[country]:
        module = import_module(f"stdnum.{name}")
        if module.is_valid(plain):
            digits = re.sub(r"[^0-9A-Z]", "", str(module.compact(plain)).upper()).removeprefix(country)
            return f"{country}{digits}"
    if country == "GB" and _COMPANIES_HOUSE.fullmatch(plain):  # bears no check digit
        return f"GB{plain}"
    return None


def lost_digits(text: Any) -> bool:
    """Whether a spreadsheet wrote a number as ``9.88E+08``, so that digits are lost.

    Examples
    --------
    >>> lost_digits("9.88078E+08"), lost_digits("9.88077917E+08"), lost_digits("988077917")
    (True, False, False)
    """
    match = _SCIENTIFIC.fullmatch(str(text).strip())
    return match is not None and len(match[2] or "") < int(match[3])


def _whole(text: Any) -> str:
    """The cell without the marks of a number that a spreadsheet left: ``.0`` at its end, or an exponent."""
    cell = str(text).strip()
    if match := _FLOAT.fullmatch(cell):
        return match[1]
    match = _SCIENTIFIC.fullmatch(cell)
    if match and len(match[2] or "") >= int(match[3]) and not (match[2] or "")[int(match[3]) :].strip("0"):
        return f"{match[1]}{(match[2] or '')[: int(match[3])]}"
    return cell
