"""What is not installed is said plainly, and the light core does the main job without it."""

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import netklynge as nk
from netklynge.files.extras import EXTRAS, require

ROOT = Path(__file__).parents[2]
HIDE = "import sys\nfor name in {names!r}: sys.modules[name] = None\n"


def hidden(code, *extras):
    """What a new process says that has none of the extras' modules."""
    names = [name for extra in extras for name in EXTRAS[extra]]
    command = [sys.executable, "-c", HIDE.format(names=names) + code]
    return subprocess.run(command, capture_output=True, text=True, env={**os.environ, "PYTHONPATH": str(ROOT)})


@pytest.mark.parametrize("extra", EXTRAS)
def test_the_message_names_the_extra(extra, monkeypatch):
    for name in EXTRAS[extra]:
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(
        nk.NetklyngeError, match=re.escape(f'this needs {EXTRAS[extra][0]}: pip install "netklynge[{extra}]"')
    ):
        require(extra, "this")


def test_every_extra_is_declared():
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"]
    for extra, modules in EXTRAS.items():
        brought = {re.split(r"[><=\[;]", words)[0].replace("-", "_") for words in declared[extra]}
        assert brought == set(modules)
    core = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["dependencies"]
    founder = {"networkx", "igraph", "pandas", "pyvis", "scikit-learn"}  # what the project's founder asked for
    assert founder <= {re.split(r"[><=\[;]", words)[0] for words in core}


@pytest.mark.parametrize(
    ("code", "extra"),
    [
        ("nk.map_view(nk.load('kongsberg'))", "maps"),
        ("nk.synthesize('nibr-2004', 5, 0, 'never.sav')", "survey"),
        ("import netklynge.app", "app"),
    ],
)
def test_what_needs_an_extra_says_so(code, extra, tmp_path):
    told = hidden(f"import os; os.chdir({str(tmp_path)!r}); import netklynge as nk; {code}", extra)
    assert told.returncode == 1
    assert f'pip install "netklynge[{extra}]"' in told.stderr.splitlines()[-1]


def test_the_readmes_ten_lines_and_a_report_need_no_extra(tmp_path):
    readme = (ROOT / "README.md").read_text("utf-8")
    code = re.search(r"```python\n(.*?)```", readme, re.DOTALL).group(1)
    code = f"import os; os.chdir({str(tmp_path)!r})\n{code}\nnk.write_report(study, 'out')\n"
    told = hidden(code, *EXTRAS)
    assert told.returncode == 0, told.stderr
    assert (tmp_path / "horten.html").exists()
    assert (tmp_path / "out" / "report.html").exists()


def test_the_command_without_the_app_says_how_to_get_it():
    told = hidden("from netklynge.cli import main; sys.argv = ['netklynge', 'app']; main()", "app")
    assert told.returncode == 2
    assert told.stderr.strip() == 'netklynge: the local app needs starlette: pip install "netklynge[app]"'
