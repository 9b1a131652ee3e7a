"""The command line: what users and checks rely on."""

from __future__ import annotations

import csv
import io
import json
import pkgutil
import re
import subprocess
import sys

import pytest
from typer.testing import CliRunner

import netklynge as nk
from netklynge.cli.commands import app

RUN = CliRunner()


def run(*words: str):
    return RUN.invoke(app, list(words))


def shell(*words: str, **options) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "netklynge", *words]
    return subprocess.run(command, capture_output=True, text=True, check=False, encoding="utf-8", **options)


def test_the_version():
    done = shell("--version")
    assert (done.returncode, done.stdout.strip(), done.stderr) == (0, nk.__version__, "")


@pytest.mark.parametrize(
    "command", [["locate", "horten"], ["profile", "kongsberg"], ["firms", "raufoss"], ["classify", "horten"]]
)
def test_tables_print_in_every_format(command):
    for style, start in (("csv", None), ("json", ("[", "{")), ("markdown", "|"), ("table", None)):
        result = run(*command, "--format", style)
        assert result.exit_code == 0, result.output
        if start:
            assert result.stdout.startswith(start)
        if style == "json":
            json.loads(result.stdout)


def test_classify_prints_the_promised_object():
    found = json.loads(run("classify", "kongsberg", "--format", "json").stdout)
    assert {
        "study",
        "at",
        "cut",
        "type",
        "label",
        "memberships",
        "hallmarks",
        "missing",
        "operative",
        "stability",
    } <= set(found)
    assert set(found["memberships"]) == {"small_firm", "hub_and_spoke", "satellite", "state_anchored"}
    assert {"name", "value", "n", "unit", "source", "anchors", "memberships"} <= set(found["hallmarks"][0])
    assert {"level", "criteria"} <= set(found["operative"])
    assert {"replicates", "share_by_type"} <= set(found["stability"])
    assert found["type"] == "satellite"


def test_classify_at_all_cuts_is_a_list():
    found = json.loads(run("classify", "kongsberg", "--cut", "all", "--format", "json").stdout)
    assert [(v["cut"], v["type"] == "satellite") for v in found] == [
        ("local", True),
        ("regional", False),
        ("national", False),
    ]


def test_classify_at_a_year():
    found = json.loads(run("classify", "raufoss", "--at", "1985", "--format", "json").stdout)
    assert (found["at"], next(iter(found["candidates"]))) == (1985, "state_anchored")  # the likeliest, however open


def test_json_goes_to_stdout_alone_and_the_same_bytes_come_again():
    first, second = (shell("classify", "horten", "--format", "json") for _ in range(2))
    assert first.stdout == second.stdout
    assert first.stderr == ""


def test_check_exits_0_1_and_2(tmp_path):
    assert run("check", "horten").exit_code == 0
    (tmp_path / "relations.csv").write_text("source,target,layer\na,b,suply\n", encoding="utf-8")
    spoiled = run("check", str(tmp_path))
    assert spoiled.exit_code == 1
    assert spoiled.stdout.startswith("relations.csv:2:layer: 'suply': unknown layer; one of supply, rd")
    assert shell("check", str(tmp_path / "nothing")).returncode == 2


@pytest.mark.parametrize(
    "words",
    [
        ["classify", "nowhere"],
        ["locate", "horten", "--layer", "suply"],
        ["report", "horten", "--at", "0"],
        ["classify", "horten", "--anchors", "no.yaml"],
    ],
)
def test_what_goes_wrong_is_one_message_and_exit_2(words, tmp_path):
    result = shell(*words, cwd=tmp_path)
    assert result.returncode == 2
    assert result.stdout == ""
    assert result.stderr.startswith("netklynge: ")
    assert "Traceback" not in result.stderr


def test_demo_prints_the_path_of_its_page(tmp_path):
    result = shell("demo", "-o", str(tmp_path / "out"))
    assert result.returncode == 0, result.stderr
    assert result.stdout.strip() == str((tmp_path / "out" / "report.html").resolve())


def test_importing_netklynge_stays_light():
    heavy = "('pandas', 'pandera', 'sklearn', 'igraph', 'numpy')"
    code = f"import sys, netklynge.cli.commands; print([m for m in {heavy} if m in sys.modules])"
    assert (
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"
    )


WINGS = {module.name for module in pkgutil.iter_modules(nk.__path__) if module.ispkg}


def test_no_public_name_is_hidden_by_its_room():
    for name in set(nk.__all__) - WINGS:
        assert getattr(nk, name).__class__.__name__ != "module", name


def test_each_wing_hands_on_its_own_names():
    for wing in WINGS & set(nk.__all__):
        room = getattr(nk, wing)
        assert all(getattr(room, name).__class__.__name__ != "module" for name in room.__all__), wing


def test_a_name_of_old_still_works_and_says_what_it_is_called_now(monkeypatch):
    monkeypatch.setitem(nk._RENAMED, "once", "classify")
    with pytest.warns(DeprecationWarning, match=r"netklynge\.once is now called netklynge\.classify"):
        assert nk.once is nk.classify


COMMANDS = [
    "app",
    "check",
    "classify",
    "codebook",
    "compare",
    "demo",
    "export",
    "firms",
    "gaps",
    "import",
    "introduce",
    "locate",
    "profile",
    "region",
    "report",
    "roster",
    "sheet",
    "suggest",
    "synth",
    "system",
    "template",
    "view",
    "waves",
]


def test_every_command_there_ever_was_still_answers():
    told = CliRunner().invoke(app, ["--help"]).stdout
    assert sorted(re.findall(r"^  ([a-z]+) +[A-Z]", told.split("Commands:")[1], re.MULTILINE)) == COMMANDS
    for command in COMMANDS:
        assert CliRunner().invoke(app, [command, "--help"]).exit_code == 0


@pytest.mark.parametrize("style", ["csv", "markdown"])
def test_classify_tells_type_label_and_memberships_in_every_form(style):
    verdict = nk.classify(nk.load("horten"))
    told = CliRunner().invoke(app, ["classify", "horten", "--format", style]).stdout
    if style == "csv":
        rows = list(csv.DictReader(io.StringIO(told)))
        assert [r["value"] for r in rows if r["part"] == "verdict"] == [verdict.type, verdict.label]
        told_members = {r["name"]: float(r["value"]) if r["value"] else None for r in rows if r["part"] == "membership"}
        assert [r["name"] for r in rows if r["part"] == "hallmark"] == verdict.hallmarks["name"].tolist()
    else:
        cells = [[c.strip() for c in line.strip("|").split("|")] for line in told.splitlines() if line.startswith("| ")]
        assert ["verdict", "label", verdict.label] in [c[:3] for c in cells]
        told_members = {c[1]: float(c[2]) if c[2] else None for c in cells if c[0] == "membership"}
    assert told_members == {
        name: None if m is None else pytest.approx(m, abs=5e-4) for name, m in verdict.memberships.items()
    }
