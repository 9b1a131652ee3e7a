"""What stands written: docstring examples, the bibliography, the README's commands, the notebook."""

from __future__ import annotations

import doctest
import pkgutil
from importlib import import_module
from pathlib import Path

import pytest
import yaml

import netklynge
from netklynge.pages.pages import references

ROOT = Path(__file__).parent.parent
ROOMS = sorted(
    module.name
    for module in pkgutil.walk_packages(netklynge.__path__, "netklynge.")
    if not module.ispkg and not module.name.endswith("__main__")
)


@pytest.mark.parametrize("room", ROOMS)
def test_examples_in_docstrings_run(room):
    module = import_module(room)
    result = doctest.testmod(module, optionflags=doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS)
    assert result.failed == 0


def test_every_source_is_listed_and_every_listed_source_is_cited():
    book = references()
    assert all({"by", "year", "title", "where"} <= set(entry) for entry in book.values())
    cited: set[str] = set()
    for file in (ROOT / "netklynge").glob("**/*.yaml"):
        cited |= _sources(yaml.safe_load(file.read_text(encoding="utf-8")))
    code = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "netklynge").glob("**/*.py"))
    assert cited <= set(book)
    assert {key for key in book if key not in cited and f'"{key}"' not in code} == set()


def _sources(content: object) -> set[str]:
    if isinstance(content, dict):
        own = set(content["source"]) if isinstance(content.get("source"), list) else set()
        return own | {key for value in content.values() for key in _sources(value)}
    if isinstance(content, list):
        return {key for value in content for key in _sources(value)}
    return set()


def test_the_notebook_runs(tmp_path):
    import nbformat
    from nbclient import NotebookClient

    (path,) = (ROOT / "notebooks").glob("*.ipynb")
    notebook = nbformat.read(path, as_version=4)
    NotebookClient(notebook, timeout=600, kernel_name="python3", resources={"metadata": {"path": tmp_path}}).execute()
    printed = "".join(
        str(o.get("text", "")) + str(o.get("data", "")) for c in notebook.cells for o in c.get("outputs", [])
    )
    assert "satellite" in printed
    assert "hub-and-spoke" in printed


def test_the_readme_tells_the_two_commands():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for words in ("make demo", "make test", "nk.classify", "docs/"):
        assert words in readme


def test_the_readme_shows_every_wing():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    wings = [module.name for module in pkgutil.iter_modules(netklynge.__path__) if module.ispkg]
    assert [wing for wing in wings if f"`{wing}/`" not in readme] == []
