"""Pages: one template for all that people look at, with the words, numbers, style and script that pages share."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from importlib import resources
from typing import TYPE_CHECKING, Any

import pandas as pd

from netklynge.files.settings import bundled_settings
from netklynge.language import Language
from netklynge.study.zones import NOT_RELEVANT, RINGS, UNKNOWN
from netklynge.typology.anchors import TYPES
from netklynge.typology.verdicts import TYPE_WORDS

if TYPE_CHECKING:
    from jinja2 import Environment

    from netklynge.study.study import Study

__all__ = ["page_environment", "references", "render_page", "shown", "source_words", "study_facts"]


def references() -> Mapping[str, Mapping[str, Any]]:
    """The bibliography: key to by, year, title and where."""
    return bundled_settings("netklynge.pages", "references.yaml")


def page_environment(say: Language, wing: str = "netklynge.pages") -> Environment:
    """Templates of a wing in one language: what is put in is escaped, and what is missing is an error."""
    import jinja2

    env = jinja2.Environment(
        loader=jinja2.PackageLoader(wing),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    env.filters["sentence"] = lambda text: text[:1].upper() + text[1:]
    env.globals.update(_=say.text, number=say.number, lang=say.code)
    return env


def render_page(template: str, say: Language, **content: Any) -> str:
    """A page from its template; it works offline, under a policy that runs nothing but our own script."""
    env = page_environment(say)
    env.globals.update(
        percent=say.percent,
        shown=lambda value: shown(value, say),
        source_words=lambda source: source_words(source, say),
        known_rings=(*RINGS, UNKNOWN, NOT_RELEVANT),
        types=TYPES,
        type_words=TYPE_WORDS,
    )
    style, script = (
        resources.files("netklynge.pages").joinpath("templates", f"page.{kind}").read_text(encoding="utf-8")
        for kind in ("css", "js")
    )
    return env.get_template(template).render(
        style=style, script=script, style_hash=_hash(style), script_hash=_hash(script), **content
    )


def study_facts(study: Study) -> dict[str, Any]:
    """What the page tells of the study itself, whatever shape ``study.yaml`` has."""
    meta = study.meta
    return {
        "synthetic": meta.synthetic,
        "public": meta.public,
        "zones": meta.zones,
        "report": meta.report.cite("title", "number"),
        "notes": list(meta.notes),
    }


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode("ascii")


def shown(value: Any, say: Language) -> str:
    """A hallmark's value, n or share for readers: three figures, a dash for unknown."""
    if value is None or pd.isna(value):
        return "–"
    if isinstance(value, bool):
        return say.text("yes") if value else say.text("no")
    value = float(value)
    return say.number(value, 0 if value == round(value) or abs(value) >= 100 else 1 if abs(value) >= 10 else 2)


def source_words(source: str, say: Language) -> str:
    """Where a number is from, for readers: part by part; names of tables, items and registers stay as published."""
    head, _, rest = source.partition(": ")
    if head == "published":
        first, _, item = rest.partition(" ")
        return f"{say.text('published')}: {say.text(first.rstrip(','))}{',' if first.endswith(',') else ''} {item}"
    if head == "register":
        return f"{say.text('register')}: {rest}"
    part, more, after = source.partition("; ")
    return _part_words(part, say) + (more + source_words(after, say) if more else "")


def _part_words(part: str, say: Language) -> str:
    number, _, noun = part.partition(" ")
    if noun in ("statement", "statements"):
        return say.plural("{n} statement", "{n} statements", int(number)).format(n=number)
    head, told, layers = part.partition("ties in the layers ")
    if told and not head:
        names = ", ".join(say.text(layer) for layer in layers.split(", "))
        return say.text("ties in the layers {layers}").format(layers=names)
    return say.text(part)
