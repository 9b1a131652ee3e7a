"""The workbook that a facilitator fills in: sheets of a study, with drop-downs, an example and a guide.

``surveys/template/study-template.xlsx`` is what :func:`write_template` writes; :func:`netklynge.load` reads it.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from netklynge.files.outputs import write_bytes
from netklynge.study.contracts import KINDS
from netklynge.study.layers import LAYERS
from netklynge.study.zones import RINGS

__all__ = ["write_template"]

_ROWS = 2000  # rows that have drop-downs
_SCALES = (*RINGS, "not_relevant")

# Column of a sheet: what to write there, in English and in bokmål; the choices of its drop-down.
_Columns = Mapping[str, tuple[str, str, Sequence[Any]]]
_ACTORS: _Columns = {
    "actor": ("short id, used in the other sheets", "kort id, brukes i de andre arkene", ()),
    "name": ("full name", "fullt navn", ()),
    "aka": ("other names, parted by ;", "andre navn, skilt med ;", ()),
    "kind": ("what it is; category = a group without names", "hva det er; category = en gruppe uten navn", KINDS),
    "role": ("its role, in your own words", "rollen, med egne ord", ()),
    "sector": ("industry", "bransje", ()),
    "place": ("town or municipality", "sted eller kommune", ()),
    "scale": ("where it sits, seen from the district", "hvor den holder til, sett fra distriktet", RINGS),
    "employees": ("number of employees; blank = unknown", "antall ansatte; tom = ukjent", ()),
    "employees_year": ("year of that number", "året tallet gjelder", ()),
    "founded": ("year", "årstall", ()),
    "closed": ("year; blank = still there", "årstall; tom = finnes fortsatt", ()),
    "owner_scale": ("where the owner sits", "hvor eieren holder til", RINGS),
    "owner_country": ("country code of the owner, such as NO", "eierens landkode, for eksempel NO", ()),
}
_RELATIONS: _Columns = {
    "source": ("who supplies, owns, gives: an id from 'actors'", "den som leverer, eier, gir: id fra 'actors'", ()),
    "target": ("who buys, is owned, gets: an id from 'actors'", "den som kjøper, eies, får: id fra 'actors'", ()),
    "layer": ("kind of tie", "type bånd", LAYERS),
    "directed": (
        "1 = runs from source to target, 0 = both ways",
        "1 = går fra source til target, 0 = begge veier",
        (1, 0),
    ),
    "scale": ("where the other end sits", "hvor den andre enden holder til", RINGS),
    "strategic": ("1 = strategic, 0 = not, blank = unknown", "1 = strategisk, 0 = ikke, tom = ukjent", (1, 0)),
    "start": ("first year it is known to hold", "første år det er kjent", ()),
    "end": ("last year; blank = still holds", "siste år; tom = varer fortsatt", ()),
    "current": ("1 = holds in the reference year, 0 = over", "1 = gjelder i referanseåret, 0 = slutt", (1, 0)),
    "content": ("what it is about, few words", "hva det gjelder, få ord", ()),
    "confidence": ("how sure you are", "hvor sikker du er", ("high", "medium", "low")),
}
_LINKS: _Columns = {
    "table": ("where the number stands", "hvor tallet står", ()),
    "item": ("kind of partner", "type partner", ()),
    "layer": ("kind of tie", "type bånd", LAYERS),
    "flow": ("in = purchases, out = sales, both", "in = kjøp, out = salg, both = begge", ("in", "out", "both")),
    "group": ("who answered", "hvem som svarte", ()),
    "n": ("how many answered", "hvor mange som svarte", ()),
    "scale": ("where the partners sit", "hvor partnerne holder til", _SCALES),
    "value": ("the number", "tallet", ()),
    "unit": (
        "what the number counts", "hva tallet teller",
        ("percent_of_firms", "percent_of_links", "percent_of_value", "count"),
    ),
}  # fmt: skip
_STUDY = (
    ("name", "my-district", "short name: a-z, digits, hyphens", "kort navn: a-z, tall, bindestrek"),
    ("title", "Example district (made up)", "title of the page", "tittel på siden"),
    ("reference_year", 2025, "the year that 'current' speaks of", "året som 'current' gjelder"),
    ("place", "Eksempelby", "the district's main town", "hovedstedet i distriktet"),
    ("country", "NO", "country code", "landkode"),
    ("zones.local", "Eksempelby and its neighbours", "what local means here", "hva local betyr her"),
    ("zones.regional", "the rest of the county", "what regional means here", "hva regional betyr her"),
    ("zones.national", "the rest of Norway", "what national means here", "hva national betyr her"),
    ("zones.international", "outside Norway", "what international means here", "hva international betyr her"),
)
_EXAMPLE: Mapping[str, Sequence[Mapping[str, Any]]] = {
    "actors": (
        {"actor": "fjordmek", "name": "Fjordmek AS", "kind": "firm", "role": "contract manufacturer",
         "sector": "machining", "place": "Eksempelby", "scale": "local", "employees": 42, "employees_year": 2025,
         "founded": 1987, "owner_scale": "local", "owner_country": "NO"},
        {"actor": "nordsonar", "name": "Nordsonar AS", "aka": "Sonar Nord", "kind": "firm", "role": "systems house",
         "sector": "maritime electronics", "place": "Eksempelby", "scale": "local", "employees": 310,
         "employees_year": 2025, "founded": 1969, "owner_scale": "international", "owner_country": "FR"},
        {"actor": "tech-university", "name": "The technical university", "kind": "education", "place": "Storby",
         "scale": "national"},
        {"actor": "cat-customers-abroad", "name": "Customers abroad", "kind": "category", "scale": "international"},
    ),
    "relations": (
        {"source": "fjordmek", "target": "nordsonar", "layer": "supply", "directed": 1, "scale": "local",
         "strategic": 1, "start": 1995, "current": 1, "content": "housings", "confidence": "high"},
        {"source": "nordsonar", "target": "cat-customers-abroad", "layer": "supply", "directed": 1,
         "scale": "international", "current": 1, "confidence": "high"},
        {"source": "nordsonar", "target": "tech-university", "layer": "rd", "directed": 0, "scale": "national",
         "start": 2010, "current": 1, "content": "signal processing", "confidence": "medium"},
    ),
    "links": (
        {"table": "own survey", "item": "suppliers", "layer": "supply", "flow": "in", "group": "firms", "n": 12,
         "scale": "local", "value": 25, "unit": "percent_of_links"},
        {"table": "own survey", "item": "suppliers", "layer": "supply", "flow": "in", "group": "firms", "n": 12,
         "scale": "national", "value": 75, "unit": "percent_of_links"},
    ),
}  # fmt: skip
_SHEETS: Mapping[str, _Columns] = {"actors": _ACTORS, "relations": _RELATIONS, "links": _LINKS}
_GUIDE = (
    ("How to fill in this workbook", "Slik fyller du ut arbeidsboken"),
    (
        "Sheet 'study': what the study is called, its year and what the rings mean.",
        "Arket 'study': hva studien heter, hvilket år den gjelder og hva ringene betyr.",
    ),
    (
        "Sheet 'actors': one row per firm, institute, public body or group. Every id once.",
        "Arket 'actors': én rad per bedrift, institutt, offentlig organ eller gruppe. Hver id bare én gang.",
    ),
    (
        "Sheet 'relations': one row per tie and kind of tie. Use the ids of 'actors'. A supplier is the source, "
        "its customer the target.",
        "Arket 'relations': én rad per bånd og type bånd. Bruk id-ene fra 'actors'. Leverandøren er source, "
        "kunden er target.",
    ),
    (
        "Sheet 'links': shares or counts from a survey whose partners have no names. Leave it empty if you have none.",
        "Arket 'links': andeler eller antall fra en undersøkelse der partnerne ikke har navn. La det stå tomt "
        "om du ikke har noen.",
    ),
    (
        "A blank cell means unknown, never zero. A group without names has kind 'category'.",
        "En tom celle betyr ukjent, aldri null. En gruppe uten navn har kind 'category'.",
    ),
    (
        "Rings, seen from the district: local, regional, national, international.",
        "Ringer, sett fra distriktet: local = lokalt, regional = regionen, national = resten av landet, "
        "international = utlandet.",
    ),
    (
        "The rows that are there are a made-up example: overwrite them. Do not rename sheets or columns.",
        "Radene som står der, er et oppdiktet eksempel: skriv over dem. Ikke gi ark eller kolonner nye navn.",
    ),
    ("Then: netklynge check study-template.xlsx", "Deretter: netklynge check study-template.xlsx"),
    ("and: netklynge report study-template.xlsx", "og: netklynge report study-template.xlsx"),
)


def write_template(path: str | Path, example: bool = True) -> Path:
    """Write the workbook that a facilitator fills in; the same bytes every time.

    Sheets ``readme`` (English and bokmål), ``study``, ``actors``, ``relations`` and ``links``, with drop-downs
    for what has a fixed choice and a note on every column.

    Parameters
    ----------
    path : str or Path
    example : bool
        Fill in a small made-up district.

    Returns
    -------
    Path

    Examples
    --------
    >>> import tempfile
    >>> import netklynge as nk
    >>> nk.load(write_template(Path(tempfile.mkdtemp()) / "study.xlsx"))
    Study('my-district', 2025, cut=local: 4 actors (1 categories), 3 ties in 2 layers, 2 published answers)
    """
    import xlsxwriter  # type: ignore[import-untyped]

    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True})
    book.set_properties({"title": "netklynge study", "created": datetime(2000, 1, 1)})
    head = book.add_format({"bold": True, "bg_color": "#DCE6F1", "bottom": 1})
    wrapped = book.add_format({"text_wrap": True, "valign": "top"})
    _guide(book.add_worksheet("readme"), wrapped, head)
    _study(book.add_worksheet("study"), head, example)
    for name, columns in _SHEETS.items():
        _table(book.add_worksheet(name), columns, _EXAMPLE[name] if example else (), head)
    book.close()
    return write_bytes(Path(path), buffer.getvalue())


def _guide(sheet: Any, wrapped: Any, head: Any) -> None:
    sheet.set_column(0, 1, 62)
    sheet.write_row(0, 0, ("English", "Norsk bokmål"), head)
    for row, texts in enumerate(_GUIDE, start=1):
        sheet.write_row(row, 0, texts, wrapped)
    row = len(_GUIDE) + 2
    for name, columns in _SHEETS.items():
        for column, (english, norwegian, _) in columns.items():
            sheet.write_row(row, 0, (f"{name}: {column}: {english}", f"{name}: {column}: {norwegian}"), wrapped)
            row += 1


def _study(sheet: Any, head: Any, example: bool) -> None:
    sheet.set_column(0, 0, 22)
    sheet.set_column(1, 3, 44)
    sheet.write_row(0, 0, ("key", "value", "what it is", "hva det er"), head)
    for row, (key, value, english, norwegian) in enumerate(_STUDY, start=1):
        sheet.write_row(row, 0, (key, value if example else None, english, norwegian))
    sheet.freeze_panes(1, 0)


def _table(sheet: Any, columns: _Columns, rows: Sequence[Mapping[str, Any]], head: Any) -> None:
    for place, (column, (english, norwegian, choices)) in enumerate(columns.items()):
        sheet.write_string(0, place, column, head)
        sheet.write_comment(0, place, f"{english}\n{norwegian}", {"author": "netklynge"})
        for row, cells in enumerate(rows, start=1):
            sheet.write(row, place, cells.get(column))
        if choices:
            told = {
                "validate": "list",
                "source": list(choices),
                "error_title": column,
                "error_message": f"{english}\n{norwegian}",
            }
            sheet.data_validation(1, place, _ROWS, place, told)
    sheet.set_column(0, len(columns) - 1, 18)
    sheet.freeze_panes(1, 1)
