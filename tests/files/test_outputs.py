"""Files out: whole or not at all, nothing replaced unasked, nothing that a spreadsheet would run."""

import os
import signal
import stat
import subprocess
import sys
import zipfile
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from netklynge.files import outputs
from netklynge.files.outputs import (
    file_name,
    folder,
    refuse_overwrite,
    safe_cells,
    safe_text,
    write_bytes,
    write_csv,
    write_text,
    write_workbook,
    written,
    written_folder,
)
from netklynge.findings import NetklyngeError


def names(place):
    return sorted(path.name for path in Path(place).iterdir())


def test_a_failed_write_leaves_the_old_file_and_no_other(tmp_path):
    target = write_text(tmp_path / "a.txt", "old")
    with pytest.raises(ZeroDivisionError), written(target) as temporary:
        temporary.write_text(f"half {1 / 0}")
    assert target.read_text() == "old"
    assert names(tmp_path) == ["a.txt"]


def test_a_file_is_private_while_it_is_written_and_then_as_the_umask_says(tmp_path):
    with written(tmp_path / "a.txt") as temporary:
        assert stat.S_IMODE(temporary.stat().st_mode) == 0o600
    mask = os.umask(0o022)
    try:
        write_text(tmp_path / "b.txt", "x")
    finally:
        os.umask(mask)
    assert stat.S_IMODE((tmp_path / "b.txt").stat().st_mode) == 0o644


@pytest.mark.parametrize("name", ["file/under/a/file", "nul\0byte", "n" * 300])
def test_a_place_that_cannot_be_written_is_one_clear_error(tmp_path, name):
    (tmp_path / "file").write_text("a file, no folder")
    with pytest.raises(NetklyngeError, match="cannot be written"):
        write_text(tmp_path / name, "x")
    assert names(tmp_path) == ["file"]


def test_a_folder_that_cannot_be_made_is_one_clear_error(tmp_path):
    (tmp_path / "file").write_text("a file, no folder")
    with pytest.raises(NetklyngeError, match="cannot be made"):
        folder(tmp_path / "file" / "under")
    with pytest.raises(NetklyngeError, match="cannot be written"), written_folder(tmp_path / "file" / "under"):
        pass


FULL = """
import resource, signal, sys
from pathlib import Path
from netklynge.findings import NetklyngeError
from netklynge.files.outputs import write_text
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (5000, 5000))
try:
    write_text(Path(sys.argv[1]), "x" * 100_000)
except NetklyngeError as error:
    print(error)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="needs a limit on file sizes")
def test_a_disk_that_fills_up_is_one_clear_error_and_the_old_file_stays(tmp_path):
    """A limit on the size of files stands for the full disk."""
    target = write_text(tmp_path / "a.txt", "old")
    run = subprocess.run([sys.executable, "-c", FULL, target], capture_output=True, text=True, check=True)
    assert "cannot be written" in run.stdout
    assert target.read_text() == "old"
    assert names(tmp_path) == ["a.txt"]


KILLED = """
import os, signal, sys
from pathlib import Path
from netklynge.files import outputs
target, step = Path(sys.argv[1]), int(sys.argv[2])
seen = 0
def dying(call):
    def wrapped(*args, **kwargs):
        global seen
        seen += 1
        if seen == step:
            os.kill(os.getpid(), signal.SIGKILL)
        return call(*args, **kwargs)
    return wrapped
for name in ("replace", "fsync", "chmod", "close"):
    setattr(os, name, dying(getattr(os, name)))
if sys.argv[3] == "twice":
    outputs._exchanged = lambda one, other: False
with outputs.written_folder(target, force=True) as place:
    outputs.write_text(place / "one.txt", "new")
    outputs.write_text(place / "two.txt", "new")
"""


@pytest.mark.skipif(sys.platform == "win32", reason="needs SIGKILL")
@pytest.mark.parametrize("renames", ["once", "twice"])
@pytest.mark.parametrize("step", range(1, 14, 2))
def test_whenever_it_is_killed_a_folder_is_all_old_or_all_new(tmp_path, step, renames):
    target = tmp_path / "out"
    with written_folder(target) as place:
        for name in ("one.txt", "two.txt"):
            write_text(place / name, "old")
    run = subprocess.run([sys.executable, "-c", KILLED, target, str(step), renames], check=False)
    assert run.returncode in (0, -signal.SIGKILL)
    if renames == "once" and sys.platform == "linux":
        assert target.exists()
    if not target.exists():  # between the two renames: the next call puts the old one back
        with pytest.raises(KeyboardInterrupt), written_folder(target):
            raise KeyboardInterrupt
    assert names(target) == ["one.txt", "two.txt"]
    assert len({(target / name).read_text() for name in names(target)}) == 1


def test_existing_output_is_not_replaced_without_force(tmp_path):
    target = write_text(tmp_path / "a.txt", "old")
    with pytest.raises(NetklyngeError, match=r"a\.txt: there already; give --force"):
        refuse_overwrite([tmp_path / "new.txt", target])
    refuse_overwrite([target], force=True)
    refuse_overwrite([tmp_path / "new.txt"])


def test_a_link_that_points_nowhere_is_there_too(tmp_path):
    link = tmp_path / "link"
    link.symlink_to(tmp_path / "nowhere")
    with pytest.raises(NetklyngeError, match="there already"):
        refuse_overwrite([link])
    with pytest.raises(NetklyngeError, match="is a link"):
        write_text(link, "x")
    assert link.is_symlink()
    assert not (tmp_path / "nowhere").exists()


def test_a_folder_is_replaced_with_force_only_and_other_files_in_it_stay(tmp_path):
    target = tmp_path / "out"
    target.mkdir()
    (target / "mine.doc").write_text("the user's")
    for expected in ("first", "second"):
        with written_folder(target, force=expected == "second") as place:
            write_text(place / "tables" / "a.csv", expected)
        assert (target / "tables" / "a.csv").read_text() == expected
        assert (target / "mine.doc").read_text() == "the user's"
    with pytest.raises(NetklyngeError, match="there already"), written_folder(target) as place:
        write_text(place / "tables" / "a.csv", "third")
    assert (target / "tables" / "a.csv").read_text() == "second"
    assert names(tmp_path) == ["out"]


def test_an_error_inside_leaves_no_folder(tmp_path):
    with pytest.raises(ZeroDivisionError), written_folder(tmp_path / "out") as place:
        write_text(write_text(place / "a.txt", "x"), f"half {1 / 0}")
    assert names(tmp_path) == []


# What spreadsheets run: the list of OWASP on CSV injection, and what a spreadsheet splitting at ; sees.
FORMULAS = ["=1+1", "+cmd|' /C calc'!A0", "-2+3+cmd|'x'!A1", "@SUM(A1)", "\t=1", "\r=1", " =1", "＝1", "a;=cmd()"]
TEXTS = ["-5", "+3", "-5,5", "- ", "a=b", "x@y.no", "R&D; -3 %", "Bang & Olufsen", "1-2", "'quoted'", "", "Ærø"]


@pytest.mark.parametrize("text", FORMULAS)
def test_formulas_are_neutralised(text):
    assert safe_text(text) != text
    assert safe_text(text).replace("'", "") == text.replace("'", "")


@pytest.mark.parametrize("text", [t for t in TEXTS if t != "- "])
def test_plain_texts_and_numbers_stay(text):
    assert safe_text(text) == text


@given(st.text())
def test_no_cell_starts_as_a_formula_whatever_splits_it(text):
    for mark in ",;|\t\n\r":
        for cell in safe_text(text).split(mark):
            lean = cell.lstrip(" \u00a0")
            assert not lean.startswith(("=", "@"))
            if lean.startswith(("+", "-")):
                assert lean[1:2].isdigit()


@given(st.text())
def test_neutralising_twice_is_neutralising_once(text):
    assert safe_text(safe_text(text)) == safe_text(text)


def test_frames_keep_numbers_and_lose_formulas_in_heads_too():
    frame = pd.DataFrame({"=head": ["=x", None], "number": [-1.5, 2.0], "flag": [True, False]})
    frame["group"] = pd.Categorical(["@y", "z"])
    frame["text"] = pd.array(["-", pd.NA], dtype="string")
    safe = safe_cells(frame)
    assert list(safe.columns) == ["'=head", "number", "flag", "group", "text"]
    assert safe["number"].tolist() == [-1.5, 2.0]
    assert safe.loc[0, ["'=head", "group", "text"]].tolist() == ["'=x", "'@y", "'-"]
    assert frame.loc[0, "=head"] == "=x"


def test_two_columns_of_one_name_are_both_made_safe(tmp_path):
    frame = pd.DataFrame([["=a", "=b"]], columns=["x", "x"])
    assert write_csv(tmp_path / "a.csv", frame).read_text() == "x,x\n'=a,'=b\n"


def hostile_frame():
    return pd.DataFrame(
        {
            "=name": ["=HYPERLINK(1)", "a\0b", "x" * 40_000, None],
            "n": [1.5, -2, float("nan"), float("inf")],
            "flag": pd.array([True, False, None, True], dtype="boolean"),
        }
    )


def test_a_workbook_holds_text_as_text(tmp_path):
    path = write_workbook(tmp_path / "a.xlsx", {"a/b[c]": hostile_frame()})
    sheet = openpyxl.load_workbook(path).active
    assert sheet.title == "a-b-c-"
    assert [cell.data_type for cell in sheet["A"]] == ["s"] * 4 + ["n"]
    assert sheet["A2"].value == "=HYPERLINK(1)"
    assert sheet["A3"].value == "a\ufffdb"
    assert len(sheet["A4"].value) == 32767
    assert [cell.value for cell in sheet["B"]][1:] == [1.5, -2, None, "inf"]
    assert [cell.value for cell in sheet["C"]][1:] == [True, False, None, True]
    assert b"<f>" not in zipfile.ZipFile(path).read("xl/worksheets/sheet1.xml")


def test_the_same_frames_make_the_same_bytes(tmp_path):
    first, second = (write_workbook(tmp_path / name, {"a": hostile_frame()}) for name in ("1.xlsx", "2.xlsx"))
    assert first.read_bytes() == second.read_bytes()


@given(st.text())
def test_a_file_name_stays_in_its_folder(text):
    name = file_name(text)
    assert name == Path(name).name
    assert not name.startswith((".", "-"))
    assert not set(name) & set('/\\:*?"<>|\0\n')
    assert name.split(".")[0].lower() not in {"con", "nul", "aux", "prn", "com1", "lpt1"}
    assert 1 <= len(name) <= 81


def test_bytes_and_lone_surrogates_are_written(tmp_path):
    assert write_bytes(tmp_path / "a", b"\0\xff").read_bytes() == b"\0\xff"
    assert write_text(tmp_path / "b", "a\ud800b").read_bytes() == b"a?b"


def test_a_folder_that_somebody_stands_in_stays_the_same_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.doc").write_text("the user's")
    before = tmp_path.stat().st_ino
    for expected in ("first", "second"):
        with written_folder(Path("."), force=True) as place:
            write_text(place / "tables" / "a.csv", expected)
        assert (tmp_path / "tables" / "a.csv").read_text() == expected
    assert names(tmp_path) == ["mine.doc", "tables"]
    assert tmp_path.stat().st_ino == before


@pytest.mark.skipif(sys.platform != "linux", reason="other systems rename twice")
def test_folders_change_places_in_one_step(tmp_path):
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "file").write_text(name)
    assert outputs._exchanged(tmp_path / "one", tmp_path / "two")
    assert (tmp_path / "one" / "file").read_text() == "two"
    assert not outputs._exchanged(tmp_path / "one", tmp_path / "nowhere")


# -- nothing but files and folders is replaced ---------------------------------------------------------------


def other_things(place):
    """A link to a file, one to a folder, one to nothing, and a pipe, by name; and what must stay as it is."""
    (place / "precious.txt").write_text("precious", encoding="utf-8")
    (place / "folder").mkdir()
    (place / "folder" / "inside.txt").write_text("precious", encoding="utf-8")
    for name, target in (("to_file", "precious.txt"), ("to_folder", "folder"), ("to_nothing", "nowhere")):
        (place / name).symlink_to(target)
    os.mkfifo(place / "pipe")
    return ["to_file", "to_folder", "to_nothing", "pipe"]


def state(place):
    return {p.name: (stat.S_IFMT(p.lstat().st_mode), p.lstat().st_ino) for p in place.rglob("*")}


def test_a_link_or_a_pipe_is_never_replaced(tmp_path):
    things = other_things(tmp_path)
    before = state(tmp_path)
    for name in things:
        with pytest.raises(NetklyngeError, match=f"{name}: (is a link|no regular file)"):
            write_text(tmp_path / name, "new")
        with (
            pytest.raises(NetklyngeError, match=f"{name}: (is a link|no folder)"),
            written_folder(tmp_path / name, force=True) as begun,
        ):
            write_text(begun / "a.txt", "new")
    assert state(tmp_path) == before
    assert (tmp_path / "precious.txt").read_text("utf-8") == "precious"


def test_a_file_is_no_place_for_a_folder_and_a_folder_none_for_a_file(tmp_path):
    other_things(tmp_path)
    before = state(tmp_path)
    for force in (False, True):
        with (
            pytest.raises(NetklyngeError, match=r"precious\.txt: no folder"),
            written_folder(tmp_path / "precious.txt", force=force) as begun,
        ):
            write_text(begun / "a.txt", "new")
    with pytest.raises(NetklyngeError, match="folder: no regular file"):
        write_text(tmp_path / "folder", "new")
    assert state(tmp_path) == before


@pytest.mark.skipif(not Path("/dev/null").exists(), reason="a system without /dev")
def test_a_device_is_never_replaced():
    before = os.lstat("/dev/null")
    with pytest.raises(NetklyngeError, match="no regular file"):
        write_text(Path("/dev/null"), "new")
    assert (os.lstat("/dev/null").st_ino, os.lstat("/dev/null").st_mode) == (before.st_ino, before.st_mode)
