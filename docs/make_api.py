"""Writes ``docs/api.md``, the index of all public names, from their docstrings: ``make docs``."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import netklynge as nk

HEAD = """# All public names

One line each, from the docstrings; `help(nk.name)` tells the formula, the source and an example that runs. This page is
written by `make docs` and held by a test.
"""


def index() -> str:
    """The page: public names by wing, in the order of the alphabet."""
    wings: dict[str, list[str]] = {}
    for name in sorted(set(nk.__all__), key=str.lower):
        thing = getattr(nk, name)
        if inspect.ismodule(thing) or name.startswith("_"):
            continue
        module = getattr(thing, "__module__", "netklynge")
        wing = module.split(".")[1] if module.count(".") else module
        wings.setdefault(wing, []).append(f"- `nk.{name}{_arguments(thing)}`: {_first_sentence(thing)}")
    parts = [f"## {wing}\n\n" + "\n".join(lines) for wing, lines in sorted(wings.items())]
    return HEAD + "\n" + "\n\n".join(parts) + "\n"


def _arguments(thing: object) -> str:
    if not inspect.isfunction(thing):
        return ""
    return "(" + ", ".join(inspect.signature(thing).parameters) + ")"


def _first_sentence(thing: object) -> str:
    if not callable(thing):
        return "a constant."
    first = " ".join((inspect.getdoc(thing) or "").split("\n\n")[0].split())
    return re.sub(r":\w+:`~?([^`]+)`", r"`\1`", first)


if __name__ == "__main__":
    (Path(__file__).parent / "api.md").write_text(index(), encoding="utf-8", newline="\n")
