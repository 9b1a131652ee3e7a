"""The desk: its owner's alone, one app on it, one hand at a time on a study."""

import json
import os
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from contextlib import suppress

import pytest
from starlette.testclient import TestClient

import netklynge as nk
from netklynge.app import desk, mending, running
from netklynge.app import server as app_room

HERE = "http://127.0.0.1:8000"
FAULTY = b"source,target,scale,start\nA,B,lokalt,x\nB,C,lokal,y\nC,D,lokall,z\n"
SERVE = """
import sys
from pathlib import Path
from netklynge.app.server import serve
say = lambda words: print(words, flush=True)
serve(Path(sys.argv[1]), 0, "en", say, say)
"""


# -- one hand at a time --------------------------------------------------------------------------------------


def test_two_that_save_at_once_lose_nothing(tmp_path, monkeypatch):
    """Each reads, then writes: without a lock the second would write what it had read before the first wrote."""
    name = desk.put_in(tmp_path, [("ties.csv", FAULTY)])
    home = tmp_path / name
    faults = mending.faults(home / "copy", desk.read_copy(home)[1])
    mine = [{f.key: "local"} if f.column == "scale" else {f.key: "2001"} for f in faults]
    both_read = threading.Barrier(len(mine), timeout=2)
    real = mending.faults

    def slow(*args):
        found = real(*args)
        with suppress(threading.BrokenBarrierError):  # wait until all have read, if they can
            both_read.wait()
        return found

    monkeypatch.setattr(mending, "faults", slow)
    hands = [threading.Thread(target=desk.mend, args=(home, entries)) for entries in mine]
    for hand in hands:
        hand.start()
    for hand in hands:
        hand.join()
    monkeypatch.undo()
    assert desk.read_copy(home)[1] == []
    log = (home / "changes" / "mended.csv").read_text("utf-8").splitlines()
    assert len(log) == 1 + len(mine)


def test_what_another_window_has_mended_is_said(tmp_path):
    with TestClient(app_room.make_app(tmp_path, "key"), base_url=HERE, headers={"origin": HERE}) as client:
        client.get("/?key=key")
        client.post("/put-in", files=[("files", ("ties.csv", FAULTY))])
        keys = {
            f.column + str(f.rows): f.key
            for f in mending.faults(tmp_path / "ties" / "copy", nk.check(tmp_path / "ties" / "copy" / "ties.csv"))
        }
        first = client.post("/study/ties/mend", data={f"v-{keys['scale(2,)']}": "local"})
        assert "another window" not in first.text
        late = client.post(
            "/study/ties/mend", data={f"v-{keys['scale(2,)']}": "national", f"v-{keys['start(2,)']}": "2001"}
        )
        assert "another window" in late.text
    rows = (tmp_path / "ties" / "copy" / "ties.csv").read_text("utf-8-sig").splitlines()
    assert rows[1] == "A,B,local,2001"


# -- one app on a desk ---------------------------------------------------------------------------------------


def started(place):
    command = [sys.executable, "-c", SERVE, str(place)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    """A running app: its desk, the address it wrote, the page it showed."""
    place = tmp_path_factory.mktemp("one") / "desk"
    process = started(place)
    address, page = process.stdout.readline().strip(), process.stdout.readline().strip()
    yield place, address, page
    process.kill()
    process.communicate()


def test_a_second_start_opens_the_one_that_runs_and_sweeps_nothing_away(app):
    place, address, _ = app
    half = place / ".abcd1234.part"
    half.write_text("what the first is writing", encoding="utf-8")
    second = started(place)
    said, trouble = second.communicate(timeout=300)
    assert (second.returncode, trouble) == (0, "")
    again = said.splitlines()[0]
    assert again.split("?")[0] == address.split("?")[0]
    assert again != address
    assert half.exists()
    half.unlink()


def test_the_desk_is_closed_to_other_users(app):
    place = app[0]
    assert place.stat().st_mode & 0o077 == 0
    for file in place.glob(".netklynge-*"):
        assert file.stat().st_mode & 0o077 == 0, file


def test_a_desk_of_an_earlier_version_is_closed_and_a_folder_of_other_things_left(tmp_path):
    old, other = tmp_path / "old", tmp_path / "other"
    (old / "fjord" / "original").mkdir(parents=True)
    (other / "holiday").mkdir(parents=True)
    for place in (old, other):
        place.chmod(0o755)
        running.private_folder(place)
    assert old.stat().st_mode & 0o777 == 0o700
    assert other.stat().st_mode & 0o777 == 0o755


def test_the_page_that_is_shown_has_the_key_inside_and_not_in_its_address(app):
    place, _, page = app
    assert page == (place / ".netklynge-open.html").as_uri()
    assert "?key=" in (place / ".netklynge-open.html").read_text("utf-8")


def test_a_key_opens_once_and_is_not_what_the_browser_bears(tmp_path):
    application = app_room.make_app(tmp_path, "first")
    with TestClient(application, base_url=HERE) as client:
        assert client.get("/?key=first").status_code == 200
        assert "first" not in "".join(client.cookies.values())
    with TestClient(application, base_url=HERE) as another:
        assert another.get("/?key=first").status_code == 403
        assert another.get(f"/?key={application.state.new_key()}").status_code == 200


def test_who_does_not_know_the_secret_gets_no_key(app):
    told = json.loads((app[0] / ".netklynge-running").read_text("utf-8"))
    for headers in ({}, {running.KNOCK: ""}, {running.KNOCK: told["secret"][:-1]}):
        with pytest.raises(urllib.error.HTTPError, match="403"):
            urllib.request.urlopen(urllib.request.Request(f"{told['address']}/knock", b"", headers), timeout=300)


def test_a_process_that_was_killed_leaves_no_lock(tmp_path):
    first = started(tmp_path / "desk")
    first.stdout.readline()
    first.kill()
    first.communicate()
    second = started(tmp_path / "desk")
    address = second.stdout.readline().strip()
    told = json.loads((tmp_path / "desk" / ".netklynge-running").read_text("utf-8"))
    assert address.startswith(told["address"])
    second.kill()
    second.communicate()


def test_nothing_that_is_put_in_is_laid_aside_elsewhere(tmp_path, monkeypatch):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(elsewhere))
    seen = []
    monkeypatch.setattr(desk, "put_in", lambda *args: seen.extend(os.listdir(elsewhere)) or "ties")
    large = b"source,target\n" + b"a,b\n" * (1 << 19)
    with TestClient(app_room.make_app(tmp_path / "desk", "key"), base_url=HERE, headers={"origin": HERE}) as client:
        client.get("/?key=key")
        opened = []
        monkeypatch.setattr(
            "tempfile.TemporaryFile", lambda *a, **k: opened.append(k.get("dir")) or pytest.fail("laid aside")
        )
        client.post("/put-in", files=[("files", ("ties.csv", large))], follow_redirects=False)
    assert (seen, opened) == ([], [])
