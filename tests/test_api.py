"""The grammar of the public functions, as CONTRIBUTING tells it, held over every one of them."""

from __future__ import annotations

import importlib.util
import inspect
import re
from pathlib import Path
from typing import get_overloads

import pytest

import netklynge as nk

ROOT = Path(__file__).parent.parent
FUNCTIONS = {name: thing for name in nk.__all__ if inspect.isfunction(thing := getattr(nk, name))}

# What a function may be of, said by its first parameter. A study or ties wherever there are any.
FIRST = {
    "a study": {"study", "studies", "before"},
    "ties or what stands for them": {"ties", "matrix", "relations", "memberships", "partners"},
    "files": {"source", "path", "paths", "ledger", "table", "reports"},
    "statistics": {
        "jobs",
        "firms",
        "areas",
        "register",
        "quotients",
        "ranks",
        "sizes",
        "base_year",
        "frame",
        "work",
        "scores",
        "founded",
        "codes",
        "place",
        "figures",
    },
    "evidence and answers": {"evidence", "answers", "ticks", "states", "kinds", "found", "verdict", "left"},
    "plain numbers": {"values", "successes", "like_and_related", "initial", "firm_firm"},
    "a kind to make": {"kind"},
}

# Not yet of the grammar. Only ever take a line away.
SEED = {"replicates", "simulate", "synthesize"}  # no seed of 0 by default
UNTYPED = {  # a frame called Any or object
    "accounts", "against_nation", "calibrate", "dynamic_shift_share", "ellison_glaeser",
    "firm_dynamics", "group_industries", "growth_index", "hachman", "innovation_rates", "kendall_w",
    "krugman", "leave_one_out", "leaving", "link_location", "location_quotients", "mean_scores",
    "new_firms_share", "openings", "rank_correlations", "robustness", "screen", "share_of_answer",
    "shift_share", "size_structure", "top_three",
}  # fmt: skip
TUPLE = {"bundled", "complexity", "public_study", "wilson", "write_roster"}  # several things without names
NO_EXAMPLE = {  # no example in the docstring
    "answer_table", "bundled", "check", "import_survey", "load_anchors", "map_view",
    "mean_pipelines_around", "partner_kinds", "read_register", "read_roster", "read_statbank",
    "read_survey", "record_introduction", "verdicts", "write_region", "write_report",
    "write_suggestions", "write_waves",
}  # fmt: skip
NO_PARAMETERS = {  # several parameters, and no section that describes them
    "actor_changes", "profile_national", "read_register", "thickness", "turning_points", "verdicts",
    "wave_measures", "write_waves",
}  # fmt: skip


def _frames_untyped(function):
    # what a type checker sees: the overloads, where there are any
    seen = [inspect.signature(one) for one in get_overloads(inspect.unwrap(function)) or [function]]
    told = [str(p.annotation) for signature in seen for p in signature.parameters.values()]
    told += [str(signature.return_annotation) for signature in seen]
    # what is held by a mapping or a column may be anything
    return any(re.search(r"\b(Any|object)\b", re.sub(r"(Mapping|dict|Series|Sequence)\[[^]]*\]*", "", t)) for t in told)


def _section(function, title):
    return re.search(rf"^{title}\n-+", inspect.getdoc(function) or "", re.MULTILINE)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_first_parameter_says_what_it_is_of(name):
    first = next(iter(inspect.signature(FUNCTIONS[name]).parameters), None)
    assert first is None or first in set().union(*FIRST.values())


@pytest.mark.parametrize("name", FUNCTIONS)
def test_chance_is_repeatable_unless_asked_otherwise(name):
    seeds = [p for p in inspect.signature(FUNCTIONS[name]).parameters.values() if p.name in ("seed", "rng")]
    assert name in SEED or all((p.name, p.default) == ("seed", 0) for p in seeds)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_frames_are_typed_and_parts_have_names(name):
    assert name in UNTYPED or not _frames_untyped(FUNCTIONS[name])
    assert name in TUPLE or not str(inspect.signature(FUNCTIONS[name]).return_annotation).startswith("tuple")


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_docstring_describes_and_shows(name):
    text = inspect.getdoc(FUNCTIONS[name]) or ""
    assert name in NO_EXAMPLE or ">>>" in text
    several = len(inspect.signature(FUNCTIONS[name]).parameters) > 1
    assert name in NO_PARAMETERS or not several or _section(FUNCTIONS[name], "Parameters")


def test_every_public_name_stands_in_the_index_as_it_is_today():
    spec = importlib.util.spec_from_file_location("make_api", ROOT / "docs" / "make_api.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    page = (ROOT / "docs" / "api.md").read_text("utf-8")
    assert page == module.index(), "the index is of another day: make docs"
    assert [name for name in FUNCTIONS if f"`nk.{name}(" not in page] == []
