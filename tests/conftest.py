"""What tests of more than one wing share: the towns, the browser, the rules of accessibility.

Small districts stand in `small_districts`, networks of the literature in `graphs`, tables of statistical offices in
`registers`, the frame engines in `engines`: plain modules, since hypothesis draws from them outside of fixtures.
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

import netklynge as nk

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
    "--disable-sync",
]
PATIENCE = 300  # seconds that a page or a process may take to show its own sign; only a hang reaches it


# -- the towns: read once per process, and never changed by a test ---------------------------------------


@pytest.fixture(scope="session")
def horten() -> nk.Study:
    return nk.load("horten")


@pytest.fixture(scope="session")
def kongsberg() -> nk.Study:
    return nk.load("kongsberg")


@pytest.fixture(scope="session")
def raufoss() -> nk.Study:
    return nk.load("raufoss")


@pytest.fixture(scope="session")
def towns(horten: nk.Study, kongsberg: nk.Study, raufoss: nk.Study) -> dict[str, nk.Study]:
    """The three towns by name."""
    return {"horten": horten, "kongsberg": kongsberg, "raufoss": raufoss}


# -- a browser ---------------------------------------------------------------------------------------------


class _Patient:
    """A browser whose pages wait for their own sign, however busy the machine is."""

    def __init__(self, browser):
        self._browser = browser

    def new_context(self, **options):
        context = self._browser.new_context(**options)
        context.set_default_timeout(PATIENCE * 1000)
        return context

    def new_page(self, **options):
        page = self._browser.new_page(**options)
        page.set_default_timeout(PATIENCE * 1000)
        return page


@pytest.fixture(scope="session")
def browser():
    """Headless Chromium; without one its tests are skipped."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine")
    with playwright.sync_playwright() as running:
        chromium = running.chromium.launch(executable_path=CHROMIUM, args=FLAGS, timeout=PATIENCE * 1000)
        yield _Patient(chromium)
        chromium.close()


@pytest.fixture(scope="session")
def axe(tmp_path_factory):
    """The text of axe-core, packed from npm for this run; None when that cannot be had."""
    npm = shutil.which("npm")
    if npm is None:
        return None
    folder = tmp_path_factory.mktemp("axe")
    try:
        packed = subprocess.run([npm, "pack", "axe-core@4"], cwd=folder, capture_output=True, timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        return None
    if packed.returncode:
        return None
    shutil.unpack_archive(next(folder.glob("axe-core-*.tgz")), folder, "gztar")
    return (folder / "package" / "axe.min.js").read_text("utf-8")


# -- what takes long ---------------------------------------------------------------------------------------


def pytest_collection_modifyitems(items):
    """Mark what `slow.txt` lists, and whatever needs a browser, as slow; `make quick` runs the rest."""
    listed = (Path(__file__).parent / "slow.txt").read_text("utf-8").splitlines()
    slow = {line for line in listed if not line.startswith("#")}
    for item in items:
        if item.nodeid.split("[")[0] in slow or item.get_closest_marker("browser"):
            item.add_marker("slow")
