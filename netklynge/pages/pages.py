"""Pages: one template for all that people look at, with the words, numbers, style and script that pages share."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from importlib import resources
from typing import TYPE_CHECKING, Any

import pandas as pd
from markupsafe import Markup

from netklynge.files.settings import bundled_settings
from netklynge.language import Language
from netklynge.study.zones import NOT_RELEVANT, RINGS, UNKNOWN
from netklynge.typology.anchors import TYPES
from netklynge.typology.verdicts import TYPE_WORDS

if TYPE_CHECKING:
    from jinja2 import Environment

    from netklynge.study.study import Study

ROLE_WORDS: Mapping[str, str] = {
    "essential": "essential",
    "when_known": "when known",
    "supporting": "supporting",
    "not essential": "essential that it is low",
    "not when_known": "that it is low, when known",
    "not supporting": "supporting that it is low",
}  # how a hallmark counts for a type; "not" turns the hallmark round and leaves its weight

__all__ = [
    "ink",
    "page_environment",
    "page_of",
    "policy_hash",
    "references",
    "render_page",
    "shown",
    "source_words",
    "study_facts",
    "styled",
    "template_text",
]


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
    env.filters["embed"] = _embed
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
        role_words=ROLE_WORDS,
    )
    script = template_text("page.js")
    return env.get_template(template).render(
        script=script, script_hash=policy_hash(script), **styled("page"), **content
    )


def page_of(template: str, content: Mapping[str, Any], say: Language) -> str:
    """A page without scripts from one of the package's templates, in the style of the view."""
    return page_environment(say).get_template(template).render(**styled("view"), **content)


def styled(name: str) -> dict[str, str]:
    """The style of a sort of page, after the colours that all pages share, and its hash for the page's policy."""
    style = template_text("tokens.css") + template_text(f"{name}.css")
    return {"style": style, "style_hash": policy_hash(style)}


def ink(name: str) -> str:
    """A colour that pages and figures share, as it is on white paper: ``in``, ``far`` or ``nowhere``."""
    found = re.search(rf"--{name}:(#[0-9a-f]{{6}})", template_text("tokens.css"))
    if found is None:
        raise KeyError(name)
    return found[1]


def template_text(name: str) -> str:
    """A file among the templates, the same on every system."""
    return resources.files("netklynge.pages").joinpath("templates", name).read_text("utf-8").replace("\r\n", "\n")


def policy_hash(text: str) -> str:
    """What a page's policy names a script or style by."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode("ascii")


def _embed(value: Any) -> Markup:
    """JSON that can stand inside a script element whatever the names in it are."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return Markup(text)


def study_facts(study: Study) -> dict[str, Any]:
    """What the page tells of the study itself, whatever shape ``study.yaml`` has."""
    meta = study.meta
    return {
        "synthetic": meta.synthetic,
        "unringed": not study.knows_rings,
        "public": meta.public,
        "zones": meta.zones,
        "report": meta.report.cite("title", "number"),
        "notes": [*meta.notes, *([str(meta["inside"])] if "inside" in meta else [])],
    }


def facts_of_several(studies: Sequence[Study]) -> dict[str, bool]:
    """What a page about several studies warns of: true of the page where it is true of any of them."""
    return {
        "unringed": not all(study.knows_rings for study in studies),
        **{mark: any(study.meta.get(mark) for study in studies) for mark in ("synthetic", "public")},
    }


def shown(value: Any, say: Language) -> str:
    """A hallmark's value, n or share: three figures at most, no zeros that nobody printed, a dash for unknown."""
    if value is None or pd.isna(value):
        return "–"
    if isinstance(value, bool):
        return say.text("yes") if value else say.text("no")
    value = float(value)
    digits = 0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 2
    while digits and round(value, digits) == round(value, digits - 1):
        digits -= 1  # 1.9 as it was printed, not 1.90
    return say.number(value, digits)


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
