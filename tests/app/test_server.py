"""The local app: who is let in, what is mended, what is handed out, and the whole way in a browser."""

import csv
import io
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
import zipfile
from pathlib import Path

import openpyxl
import pytest
from starlette.testclient import TestClient

import netklynge as nk
from netklynge.app import desk, mending, running
from netklynge.app import server as app_room
from netklynge.findings import Finding, NetklyngeError
from netklynge.language import language
from netklynge.pages.reports import REPORT_FILES
from netklynge.parsers.template import write_template
from netklynge.study.loading import surveys

TOKEN = "a token of this test"
HERE = "http://127.0.0.1:8000"
SAME = {"origin": HERE}
FAULTY = (
    b"source,target,layer,scale,start\nA,B,supply,lokalt,1998\nB,C,rd,national,ca. 2001\nB,C,rd,lokalt,\n,C,rd,local,\n"
)


@pytest.fixture
def stranger(tmp_path):
    with TestClient(app_room.make_app(tmp_path, TOKEN), base_url=HERE, follow_redirects=False) as client:
        yield client


@pytest.fixture
def client(stranger):
    stranger.get("/", params={"key": TOKEN})
    stranger.headers.update(SAME)
    stranger.follow_redirects = True
    return stranger


def put_in(client, name, content, codebook=None):
    more = [] if codebook is None else [("codebook", ("codebook.yaml", codebook))]
    return client.post("/put-in", files=[("files", (name, content)), *more])


def keys(home):
    """The faults of a study by column and rows."""
    found = desk.read_copy(home)[1]
    return {(fault.column, fault.rows): fault for fault in mending.faults(home / "copy", found)}


def untranslated(messages):
    """Messages that no bokmål catalogue holds."""
    catalogues, one = [], language("nb").translations
    while one is not None:
        catalogues.append(one._catalog)
        one = getattr(one, "_fallback", None)
    known = {key if isinstance(key, str) else key[0] for catalogue in catalogues for key in catalogue}
    return set(messages) - known


# -- who is let in -----------------------------------------------------------------------------------------

ADDRESSES = ["/", "/app.css", "/app.js", "/workbook.xlsx", "/study/x", "/study/x/making.json", "/study/x/results.zip"]


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("key", [None, "", "guess", TOKEN[:-1], TOKEN + "x"])
def test_nobody_is_let_in_without_the_key(stranger, tmp_path, address, key):
    answer = stranger.get(address, params={} if key is None else {"key": key})
    assert answer.status_code == 403
    assert str(tmp_path) not in answer.text
    assert "set-cookie" not in answer.headers


def test_the_key_becomes_a_cookie_and_leaves_the_address(stranger):
    answer = stranger.get("/", params={"key": TOKEN})
    cookie = answer.headers["set-cookie"].lower()
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert stranger.get("/").status_code == 200


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "evil.example:8000", ""])
def test_a_name_that_is_not_this_machine_is_not_answered(client, host):
    answer = client.get("/", headers={"host": host})
    assert answer.status_code == 400
    assert "netklynge" not in answer.text


@pytest.mark.parametrize(
    "origin", [None, "null", "http://evil.example", "http://127.0.0.1:9999", "https://127.0.0.1:8000"]
)
def test_a_change_must_come_from_these_pages(client, tmp_path, origin):
    del client.headers["origin"]
    headers = {} if origin is None else {"origin": origin}
    for address in ("/try/horten", "/stop", "/put-in"):
        assert client.post(address, headers=headers).status_code == 403
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_changed_by_looking(client, tmp_path):
    for address in ("/try/horten", "/stop", "/put-in", "/study/x/mend", "/study/x/make"):
        assert client.get(address).status_code == 405
    assert list(tmp_path.iterdir()) == []


def test_every_answer_bears_the_policy(client):
    client.post("/try/raufoss")
    for address in ("/", "/study/raufoss", "/study/none", "/study/raufoss/copy/actors.csv"):
        answer = client.get(address)
        assert answer.headers["content-security-policy"].startswith("default-src 'none'")
        assert "unsafe" not in answer.headers["content-security-policy"]
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"] == "no-store"
        assert not re.search(r"(?:src|href|action)=\"(?:https?:)?//", answer.text)


# -- putting in --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["../../out.csv", "..\\..\\out.csv", "/etc/out.csv", "C:\\x\\out.csv", "out.csv"])
def test_a_name_cannot_leave_the_desk(client, tmp_path, name):
    assert put_in(client, name, FAULTY).url.path == "/study/out"
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
    assert not (tmp_path.parent / "out.csv").exists()


@pytest.mark.parametrize(
    "path", ["../settings.json", "%2e%2e/settings.json", "..%2f..%2f.key", "../../.key", "tables/../../settings.json"]
)
def test_only_what_was_made_is_handed_out(client, tmp_path, path):
    client.post("/try/raufoss")
    (tmp_path / ".key").write_text("secret")
    (tmp_path / "raufoss" / "settings.json").write_text("secret")
    for part in ("results", "public", "copy", "changes", "original", ".."):
        answer = client.get(f"/study/raufoss/{part}/{path}")
        assert answer.status_code == 404
        assert "secret" not in answer.text
    assert client.get("/study/raufoss/original/actors.csv").status_code == 404
    assert client.get("/study/%2e%2e/copy/actors.csv").status_code == 404


def test_too_much_is_refused_before_it_is_read(client, tmp_path, monkeypatch):
    monkeypatch.setattr(app_room, "MAX_UPLOAD", 1 << 20)
    answer = put_in(client, "large.csv", b"x" * (1 << 20))
    assert answer.status_code == 413
    assert "1 MB" in answer.text

    def endless():
        yield b"source,target\n"

    assert client.post("/put-in", content=endless()).status_code == 413  # no length told
    assert list(tmp_path.iterdir()) == []


def bomb():
    """A workbook whose directory says that one part of it unpacks to four gigabytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("xl/workbook.xml", b"0")
    content = bytearray(out.getvalue())
    size = content.index(b"PK\x01\x02") + 24  # of the uncompressed part, in the central directory
    content[size : size + 4] = b"\xf0\xff\xff\xff"
    return bytes(content)


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("bomb.xlsx", bomb, "unpacks to"),
        ("damaged.xlsx", lambda: b"PK\x03\x04 no workbook", "damaged"),
        ("broken.sav", lambda: b"$FL2 no survey", "broken.sav"),
        ("empty.csv", lambda: b"", "the file is empty"),
        ("program.exe", lambda: b"MZ", "cannot be read"),
        ("page.html", lambda: b"<script>alert(1)</script>", "outermost element is &lt;script&gt;"),
        ("wide.csv", lambda: b"a," * 20_000 + b"\n", "columns"),
    ],
)
def test_a_hostile_file_is_told_and_leaves_nothing(client, tmp_path, name, content, told):
    answer = put_in(client, name, content())
    assert answer.status_code == 422
    assert told in answer.text
    assert "Traceback" not in answer.text
    assert str(tmp_path) + "/." not in answer.text
    assert list(tmp_path.iterdir()) == []


def test_hostile_text_stays_text(client):
    bad = "<script>alert(1)</script>"
    page = put_in(client, "ties.csv", f"source,target,scale\n{bad},b,{bad}\n".encode()).text
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page


def test_a_second_file_of_the_same_name_does_not_replace_the_first(client, tmp_path):
    put_in(client, "ties.csv", b"source,target\na,b\n")
    assert put_in(client, "TIES.csv", b"source,target\nc,d\n").url.path == "/study/TIES-2"
    assert (tmp_path / "ties" / "copy" / "ties.csv").read_bytes() == b"source,target\na,b\n"


def test_tables_of_one_study_are_put_in_together(client, tmp_path):
    folder = Path(surveys()) / "raufoss"
    files = [("files", (path.name, path.read_bytes())) for path in folder.iterdir() if path.name in desk.TABLE_FILES]
    assert client.post("/put-in", files=files).url.path == "/study/study"
    assert len(desk.read_copy(tmp_path / "study")[0].relations) == len(nk.load("raufoss").relations)
    mixed = [("files", ("a.csv", b"source,target\na,b\n")), ("files", ("b.csv", b"source,target\na,b\n"))]
    assert "one file at a time" in client.post("/put-in", files=mixed).text
    assert "no file was chosen" in client.post("/put-in", files=[("files", ("", b""))]).text


def test_a_list_with_columns_of_its_own_becomes_ties(client, tmp_path):
    page = put_in(client, "liste.csv", "leverandør;kunde;år\nA;B;1999\nB;C;2001\n".encode("cp1252"))
    assert "leverandør" in page.text
    again = client.post("/study/liste/columns", data={"source": "leverandør", "target": "leverandør", "kind": "ties"})
    assert again.status_code == 422
    client.post("/study/liste/columns", data={"source": "leverandør", "target": "kunde", "kind": "ties"})
    study, found = desk.read_copy(tmp_path / "liste")
    assert (found, study.name) == ([], "liste")
    assert (tmp_path / "liste" / "original" / "liste.csv").read_bytes().startswith(b"leverand\xf8r")
    assert study.relations[["source", "target", "år"]].to_numpy().tolist() == [["A", "B", "1999"], ["B", "C", "2001"]]


SURVEY = "id;kommune;ansatte;q1_local;q1_national\n" + "".join(
    f"{k};Horten;{10 * k};{k % 2};{(k + 1) % 2}\n" for k in range(1, 9)
)


def test_no_row_of_a_list_of_ties_is_lost(client, tmp_path):
    page = put_in(client, "liste.csv", b"fra,til\nA,B\nB,C,too much\n\nC,A\n")  # known as ties by its headings
    assert page.status_code == 422
    assert "liste.csv:3" in page.text
    assert "3 cells in a table of 2 columns" in page.text


def test_a_workbook_with_names_of_its_own_becomes_ties(client, tmp_path):
    book = openpyxl.Workbook()
    ties = book.create_sheet("Kontakter")
    for row in ([], ["Fra", "Til", "Hva"], ["A", "B", "=1+1"], ["B", "C", "x"]):
        ties.append(row)
    book.save(tmp_path / "kontakter.xlsx")
    put_in(client, "kontakter.xlsx", (tmp_path / "kontakter.xlsx").read_bytes())
    client.post("/study/kontakter/columns", data={"source": "Fra", "target": "Til", "kind": "ties"})
    study, found = desk.read_copy(tmp_path / "kontakter")
    assert found == []
    assert study.relations[["source", "target"]].to_numpy().tolist() == [["A", "B"], ["B", "C"]]


def test_a_survey_is_read_with_a_drafted_codebook(client, tmp_path):
    assert "Answers to a survey" in put_in(client, "answers.csv", SURVEY.encode()).text
    page = client.post("/study/answers/columns", data={"kind": "survey"})
    assert "respondent:" in page.text
    home = tmp_path / "answers"
    book = (home / "codebook.yaml").read_text(encoding="utf-8")
    broken = client.post("/study/answers/survey", data={"codebook": "no: [codebook"})
    assert "no YAML" in broken.text
    assert 'name="go-on"' not in broken.text
    aliases = client.post("/study/answers/survey", data={"codebook": "a: &a [x]\nb: [*a, *a]", "go-on": "1"})
    assert "alias" in aliases.text
    empty = client.post("/study/answers/survey", data={"codebook": "respondent: {id: id}"})
    assert "must be mended in the codebook" in empty.text
    assert 'name="go-on"' not in empty.text
    page = client.post("/study/answers/survey", data={"codebook": book, "go-on": "1"})
    assert "Nothing is left to mend" in page.text
    study, _ = desk.read_copy(home)
    assert len(study.answers["respondent"].unique()) == 8
    assert client.get("/study/answers/copy/rejected.csv").status_code == 200


def test_a_survey_with_labels_and_one_with_a_codebook_go_straight_to_it(client, tmp_path):
    import pandas as pd
    import pyreadstat

    answers = pd.read_csv(io.StringIO(SURVEY), sep=";")
    pyreadstat.write_sav(answers, tmp_path / "x.sav", column_labels=["", "", "", "Local?", "National?"])
    page = put_in(client, "labelled.sav", (tmp_path / "x.sav").read_bytes())
    assert "respondent:" in page.text
    book = (tmp_path / "labelled" / "codebook.yaml").read_bytes()
    page = put_in(client, "plain.csv", SURVEY.encode(), codebook=book)
    assert page.url.path == "/study/plain"
    assert "respondent:" in page.text


# -- mending -----------------------------------------------------------------------------------------------


def test_findings_are_shown_and_mended(client, tmp_path):
    page = put_in(client, "ties.csv", FAULTY)
    assert "4 things to mend" in page.text
    home = tmp_path / "ties"
    faults = keys(home)
    assert faults["scale", (2, 4)].perhaps == "local"
    assert faults["start", (3,)].perhaps == "2001"
    entries = {
        f"v-{faults['scale', (2, 4)].key}": "local",
        f"v-{faults['start', (3,)].key}": "2002",
        f"d-{faults['source', (5,)].key}": "on",
        "v-0123456789abcdef": "a fault that is gone",
    }
    page = client.post("/study/ties/mend", data=entries)
    assert "Nothing is left to mend" in page.text
    study, found = desk.read_copy(home)
    assert found == []
    assert study.relations["scale"].tolist() == ["local", "national", "local"]
    assert study.relations["start"].tolist()[1] == 2002
    assert (home / "original" / "ties.csv").read_bytes() == FAULTY
    noted = list(csv.DictReader((home / "changes" / "mended.csv").open(encoding="utf-8")))
    assert [(c["row"], c["column"], c["was"], c["now"]) for c in noted] == [
        ("2", "scale", "lokalt", "local"),
        ("4", "scale", "lokalt", "local"),
        ("3", "start", "ca. 2001", "2002"),
        ("5", "", "", ""),
    ]
    assert client.get("/study/ties/changes/mended.csv").status_code == 200


def test_what_is_still_wrong_is_shown_again(client, tmp_path):
    put_in(client, "ties.csv", FAULTY)
    fault = keys(tmp_path / "ties")["start", (3,)]
    page = client.post("/study/ties/mend", data={f"v-{fault.key}": "soon"})
    assert "1 cell was changed" in page.text
    assert keys(tmp_path / "ties")["start", (3,)].value == "soon"
    same = client.post("/study/ties/mend", data={f"v-{keys(tmp_path / 'ties')['start', (3,)].key}": "soon"})
    assert "0 cells were changed" in same.text


def faulty_workbook(path):
    book = openpyxl.load_workbook(write_template(path))
    actors, ties = book["actors"], book["relations"]
    heads = [cell.value for cell in ties[1]]
    actors["I2"] = "42 stk"
    for column, value in zip("ABCH", ("fjordmek", "Fjordmek again", "firm", "local"), strict=True):
        actors[f"{column}6"] = value
    for row, column, value in ((2, "scale", "lokalt"), (3, "source", "Nordsonar AS"), (4, "start", "ca. 2010")):
        ties.cell(row, heads.index(column) + 1).value = value
    book.save(path)
    return path


def test_a_workbook_keeps_its_form(client, tmp_path):
    content = faulty_workbook(tmp_path / "fjord.xlsx").read_bytes()
    put_in(client, "fjord.xlsx", content)
    home = tmp_path / "fjord"
    faults = keys(home)
    assert faults["source", (3,)].perhaps == "nordsonar"  # by the name that stands in the sheet of actors
    assert faults["employees", (2,)].perhaps == "42"
    entries = {f"v-{fault.key}": fault.perhaps for fault in faults.values() if fault.perhaps}
    page = client.post("/study/fjord/mend", data={**entries, f"d-{faults['actor', (6,)].key}": "on"})
    assert "Nothing is left to mend" in page.text
    book = openpyxl.load_workbook(home / "copy" / "fjord.xlsx")
    fresh = openpyxl.load_workbook(write_template(tmp_path / "fresh.xlsx"))
    for sheet in ("actors", "relations", "links"):
        assert len(book[sheet].data_validations.dataValidation) == len(fresh[sheet].data_validations.dataValidation)
        assert book[sheet]["A1"].comment.text == fresh[sheet]["A1"].comment.text
    assert book["actors"]["I2"].value == 42
    assert (home / "original" / "fjord.xlsx").read_bytes() == content


# -- making ------------------------------------------------------------------------------------------------


def wait(client, name):
    while not client.get(f"/study/{name}/making.json").json()["over"]:
        time.sleep(0.05)
    return client.get(f"/study/{name}/making")


def test_one_thing_is_made_at_a_time_and_its_progress_is_told(client, monkeypatch):
    go_on = threading.Event()

    def slowly(home, seen, tell):
        tell("Reading the study")
        go_on.wait(300)
        raise NetklyngeError(f"{home}/copy/ties.csv: no good <b>")

    monkeypatch.setattr(desk, "make", slowly)
    put_in(client, "ties.csv", b"source,target\na,b\n")
    page = client.post("/study/ties/make", data={"cut": "local"})
    assert "<progress" in page.text
    second = client.post("/study/ties/make", data={"cut": "local", "public": "1"})
    assert second.status_code == 422
    assert "already" in second.text
    far = client.get("/study/ties/making.json", headers={"accept-language": "nb-NO"}).json()
    assert far == {"step": 1, "steps": 3, "words": "Leser studien", "over": False}
    go_on.set()
    page = wait(client, "ties")
    assert "ties.csv: no good &lt;b&gt;" in page.text
    assert "/copy/" not in page.text


def test_a_fault_of_our_own_is_told_without_a_traceback(client, monkeypatch):
    def broken(*_):
        raise ZeroDivisionError("by {nothing}")

    put_in(client, "ties.csv", b"source,target\na,b\n")
    monkeypatch.setattr(desk, "make", broken)
    client.post("/study/ties/make", data={"cut": "local"})
    assert "ZeroDivisionError" in wait(client, "ties").text
    monkeypatch.setattr(desk, "read_copy", broken)
    answer = client.get("/study/ties")
    assert answer.status_code == 500
    assert "ZeroDivisionError: by {nothing}" in answer.text
    assert "Traceback" not in answer.text


@pytest.mark.parametrize("year", ["0", "20050", "now", "-5"])
def test_a_year_that_is_none_is_refused(client, year):
    put_in(client, "ties.csv", b"source,target\na,b\n")
    assert "four digits" in client.post("/study/ties/make", data={"cut": "local", "year": year}).text


def test_an_introduction_is_noted_and_handed_on(client, tmp_path, monkeypatch):
    put_in(client, "ties.csv", b"source,target\na,c\nb,c\n")
    told = {"actor": "a", "alter": "b", "state": "met", "day": "2026-03-01", "note": "=at the fair"}
    assert "1 introduction is noted" in client.post("/study/ties/introduce", data=told).text
    ledger = client.get("/study/ties/introductions/introductions.csv").text
    assert ledger == "actor,alter,state,date,note\na,b,met,2026-03-01,'=at the fair\n"
    for wrong in ({"alter": "a"}, {"alter": "nobody"}, {"state": "married"}, {"day": "soon"}):
        assert client.post("/study/ties/introduce", data={**told, **wrong}).status_code == 422
    assert client.get("/study/ties/introductions/introductions.csv").text == ledger

    handed = []
    monkeypatch.setattr(desk, "write_report", lambda *_, **__: None)
    monkeypatch.setattr("netklynge.pages.suggestions.write_suggestions", lambda *_, ledger, **__: handed.append(ledger))
    monkeypatch.setattr(
        "netklynge.facilitation.suggestions.suggest", lambda _, ledger, **__: handed.append(ledger) or ledger
    )
    desk.make(tmp_path / "ties", desk.Settings(), print)
    assert [ledger[["actor", "alter"]].to_numpy().tolist() for ledger in handed] == [[["a", "b"]]] * 2


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A client, and the folder of a study whose results and public version it has made."""
    place = tmp_path_factory.mktemp("made")
    with TestClient(app_room.make_app(place, TOKEN), base_url=HERE, headers=SAME) as client:
        client.get("/", params={"key": TOKEN})
        put_in(client, "fjord.xlsx", write_template(place / "template.xlsx").read_bytes())
        (place / "fjord" / "public").mkdir()
        (place / "fjord" / "public" / "notes.txt").write_text("her own, with Fjordmek AS in it")
        client.post("/study/fjord/make", data={"cut": "regional", "year": "", "lang": "nb"})
        wait(client, "fjord")
        client.post("/study/fjord/make", data={"cut": "regional", "lang": "nb", "public": "1", "k": "3"})
        wait(client, "fjord")
        yield client, place / "fjord"


def unpacked(client, part):
    archive = zipfile.ZipFile(io.BytesIO(client.get(f"/study/fjord/{part}.zip").content))
    return {name.removeprefix(f"fjord-{part}/"): archive.read(name) for name in archive.namelist()}


def test_results_are_seen_as_was_chosen_and_handed_out(made):
    client, home = made
    assert desk.settings(home) == desk.Settings("regional", None, "nb")
    assert 'value="regional" checked' in client.get("/study/fjord").text
    report = client.get("/study/fjord/results/report.html")
    assert 'lang="nb"' in report.text
    assert report.headers["content-security-policy"] == (
        re.search(r'Policy" content="([^"]*)"', report.text).group(1) + "; frame-ancestors 'none'"
    )
    saved = client.get("/study/fjord/results/view.html?save=1")
    assert saved.headers["content-disposition"] == 'attachment; filename="fjord-view.html"'
    assert saved.content == (home / "results" / "view.html").read_bytes()
    packed = unpacked(client, "results")
    assert {*REPORT_FILES, "suggestions.html", "suggestions.csv"} <= set(packed)
    assert packed == {name: (home / "results" / name).read_bytes() for name in desk.made(home, "results")}


def test_the_public_download_holds_public_output_only(made):
    client, home = made
    packed = unpacked(client, "public")
    tables = {f"tables/{path.name}" for path in (home / "public" / "tables").iterdir()}
    assert set(packed) == {*REPORT_FILES, "disclosure.csv", *tables}
    assert client.get("/study/fjord/public/notes.txt").status_code == 404
    names = desk.read_copy(home)[0].actors.query("kind != 'category'")[["actor", "name"]]
    for file, content in packed.items():
        text = " ".join(_cells(content)) if file.endswith(".xlsx") else content.decode("utf-8")
        assert [name for name in names.to_numpy().ravel() if name in text] == [], file


def _cells(content):
    book = openpyxl.load_workbook(io.BytesIO(content), read_only=True)
    return [str(cell) for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row]


def test_results_older_than_the_study_are_not_handed_out(made):
    client, home = made
    later = (home / "public" / "report.html").stat().st_mtime_ns + 10**9
    before = (home / "copy" / "fjord.xlsx").stat().st_mtime_ns
    os.utime(home / "copy" / "fjord.xlsx", ns=(later, later))
    try:
        assert desk.made(home, "results") == desk.made(home, "public") == []
        assert client.get("/study/fjord/results/report.html").status_code == 404
        assert client.get("/study/fjord/public.zip").status_code == 404
    finally:
        os.utime(home / "copy" / "fjord.xlsx", ns=(before, before))


# -- words -------------------------------------------------------------------------------------------------


def test_every_word_of_the_pages_is_translated():
    folder = Path(app_room.__file__).parent
    pages = "".join(path.read_text("utf-8") for path in (folder / "templates").glob("app*.html"))
    code = "".join((folder / name).read_text("utf-8") for name in ("server.py", "desk.py"))
    said = [text for _, text in re.findall(r"\b_\(([\"'])(.+?)\1\)", pages)]
    said += [one for one, _ in re.findall(r"plural\(\"(.+?)\", \"(.+?)\"", pages)]
    said += re.findall(r"tell\(\"(.+?)\"\)", code)
    said += re.findall(r"_problem\(request, \"(.+?)\"", code) + re.findall(r"\.text\(\"(.+?)\"\)", code)
    assert len(said) > 100
    assert untranslated([*said, *app_room.STEPS]) == set()


def test_a_sheet_is_called_a_sheet():
    finding = Finding("x", 2, "source", "a", "no_such_actor", table="my file (1).xlsx[actors]")
    for code, words in (("en", "no such actor in the sheet actors"), ("nb", "ingen slik aktør i arket actors")):
        assert app_room._environment(code).filters["wrong"](finding) == words


def test_the_language_is_that_of_the_browser_until_one_is_chosen(client):
    assert 'lang="nb"' in client.get("/", headers={"accept-language": "no, en"}).text
    assert 'lang="en"' in client.get("/", headers={"accept-language": "de"}).text
    assert 'lang="nb"' in client.get("/?lang=nb").text
    assert 'lang="nb"' in client.get("/").text
    assert 'lang="nb"' in client.get("/?lang=../../x").text


# -- the server --------------------------------------------------------------------------------------------

SERVE = """
import os, sys
from pathlib import Path
from netklynge.app.server import ASIDE, serve
os.environ["MPLCONFIGDIR"] = str(Path(sys.argv[1], ASIDE))  # as the command line does
say = lambda words: print(words, flush=True)
serve(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3], say, say)
"""


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """The app on a folder of its own: the folder, the address with the key, the process."""
    place = tmp_path_factory.mktemp("served") / "desk"
    half, foreign = place / "old" / ".abcd1234.part", place / "mine" / ".abcd1234.part"
    for file in (half, foreign, place / "old" / "original" / "ties.csv"):
        file.parent.mkdir(parents=True)
        file.touch()
    command = [sys.executable, "-c", SERVE, str(place), "0", "en"]
    elsewhere = {name: str(place.parent / name) for name in ("HOME", "TMPDIR")}
    for folder in elsewhere.values():
        Path(folder).mkdir()
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    process = subprocess.Popen(command, env={**os.environ, **elsewhere}, **pipes)
    yield place, process.stdout.readline().strip(), process
    process.kill()
    process.communicate()


def test_it_listens_on_this_machine_only(served):
    port = int(re.fullmatch(r"http://127\.0\.0\.1:(\d+)/\?key=[\w-]{43}", served[1]).group(1))
    socket.create_connection(("127.0.0.1", port)).close()
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.2", port))


def test_what_an_earlier_run_left_half_made_is_removed_and_nothing_else(served):
    assert not (served[0] / "old" / ".abcd1234.part").exists()
    assert (served[0] / "old" / "original").is_dir()
    assert (served[0] / "mine" / ".abcd1234.part").exists()  # no study of ours


def test_a_port_that_is_taken_is_told(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(NetklyngeError, match="port"):
            app_room.serve(tmp_path, taken.getsockname()[1], None, lambda _: None)


# -- in a browser ------------------------------------------------------------------------------------------


class Visitor:
    """Somebody at a browser: every page she comes to is held to the rules."""

    def __init__(self, page, axe, width=390):
        self.page, self.axe, self.width, self.trouble = page, axe, width, []
        page.context.on("console", lambda m: self.trouble.append(m.text) if m.type in ("error", "warning") else None)
        page.context.on("weberror", lambda e: self.trouble.append(str(e.error)))
        own = ("http://127.0.0.1:", "data:", "blob:")
        page.context.on("request", lambda r: None if r.url.startswith(own) else self.trouble.append(r.url))

    def look(self):
        """No accessibility fault, nothing wider than a screen or a phone."""
        for width, height in ((1280, 800), (390, 844)):
            self.page.set_viewport_size({"width": width, "height": height})
            assert self.page.evaluate("document.documentElement.scrollWidth") <= width
            if self.axe and width == self.width:
                with_rules = "tags => axe.run(document, {runOnly: tags})"
                self.page.evaluate(self.axe)
                found = self.page.evaluate(with_rules, ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"])
                assert [(v["id"], v["nodes"][0]["html"]) for v in found["violations"]] == []

    def save(self, selector, folder):
        with self.page.expect_download() as waiting:
            self.page.click(selector)
        path = folder / waiting.value.suggested_filename
        waiting.value.save_as(path)
        return path


DROP = """([selector, name, bytes]) => {
  const files = new DataTransfer();
  files.items.add(new File([Uint8Array.from(bytes)], name));
  const drop = document.querySelector(selector);
  for (const kind of ["dragover", "drop"]) {
    drop.dispatchEvent(new DragEvent(kind, { dataTransfer: files, bubbles: true, cancelable: true }));
  }
}"""


@pytest.mark.browser
@pytest.mark.parametrize(("lang", "scheme", "width"), [("en", "light", 1280), ("nb", "dark", 390)])
def test_from_drop_to_download(served, browser, axe, tmp_path, lang, scheme, width):
    say = language(lang).text
    context = browser.new_context(color_scheme=scheme, accept_downloads=True)
    page = context.new_page()
    visitor = Visitor(page, axe, width)
    page.goto(running.knock(served[0]))
    page.wait_for_selector("h1")
    assert "key" not in page.url
    page.click(f"a[hreflang={lang}]")
    page.wait_for_selector(f"a[hreflang={lang}][aria-current]")
    assert page.get_attribute("html", "lang") == lang
    visitor.look()

    template = visitor.save("a[href='/workbook.xlsx']", tmp_path)
    assert "relations" in openpyxl.load_workbook(template).sheetnames
    name = f"fjord-{lang}"
    content = faulty_workbook(tmp_path / f"{name}.xlsx").read_bytes()
    page.evaluate(DROP, [".drop", f"{name}.xlsx", list(content)])

    page.wait_for_selector(".faults")
    assert say("What is wrong") in page.inner_text(".faults thead")
    visitor.look()
    for perhaps in page.locator("button.perhaps").all():
        perhaps.click()
    page.locator("tr", has_text="already stands" if lang == "en" else "allerede").locator("[type=checkbox]").check()
    page.click(".sticky button")

    page.wait_for_selector("fieldset.choices")
    visitor.look()
    page.check("input[value=regional]")
    page.click(f"button:text-is('{say('Make the pages')}')")
    page.wait_for_selector("#making")
    page.wait_for_selector(".card")
    visitor.look()
    assert page.is_checked("input[value=regional]")

    for card, seen in (("view", "#network canvas"), ("report", "#verdict"), ("suggestions", "main")):
        with context.expect_page() as waiting:
            page.click(f".card[href$='{card}.html']")
        waiting.value.wait_for_selector(seen)
        assert waiting.value.get_attribute("html", "lang") == lang
        waiting.value.close()
    saved = visitor.save(f"a:text-is('{say('Download the network')}')", tmp_path)
    assert "Fjordmek AS" in saved.read_text("utf-8")

    page.click("button[name=public]")
    page.wait_for_selector("a[href$='public.zip']")
    visitor.look()
    public = zipfile.ZipFile(visitor.save("a[href$='public.zip']", tmp_path))
    assert f"{name}-public/disclosure.csv" in public.namelist()
    assert b"Fjordmek" not in b"".join(public.read(file) for file in public.namelist())
    mended = visitor.save(f"a[href$='{name}.xlsx?save=1']", tmp_path / "saved")
    assert nk.check(mended) == []

    context.close()
    assert visitor.trouble == []


@pytest.mark.browser
def test_the_keyboard_alone_is_enough(served, browser, tmp_path):
    place = served[0]
    page = browser.new_context().new_page()
    page.goto(running.knock(place))
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    path = tmp_path / "ties.csv"
    path.write_bytes(FAULTY)
    page.set_input_files("#files", path)

    def go_to(words):
        """Tab on until what has the focus says this."""
        for _ in range(60):
            page.keyboard.press("Tab")
            said = "(e => e.getAttribute('aria-label') || e.labels?.[0]?.innerText || e.innerText || '')"
            if words in page.evaluate(f"{said}(document.activeElement)"):
                return page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        raise AssertionError(f"no tab leads to {words}")

    assert go_to("Put in") == "solid"
    page.keyboard.press("Enter")
    page.wait_for_selector(".faults")
    for words in ("local", "2001"):
        go_to(f"Perhaps: {words}")
        page.keyboard.press("Enter")
    go_to("Leave this row out")
    page.keyboard.press("Space")
    while page.evaluate("document.activeElement.name.slice(2)") != keys(place / "ties")["source", (5,)].key:
        page.keyboard.press("Space")
        go_to("Leave this row out")
        page.keyboard.press("Space")
    go_to("Save and check again")
    page.keyboard.press("Enter")
    page.wait_for_selector("fieldset.choices")
    assert desk.read_copy(place / "ties")[1] == []


@pytest.mark.browser
def test_it_is_closed_from_the_page_and_leaves_nothing_half_made(served, browser):
    place, _, process = served
    visitor = Visitor(browser.new_context().new_page(), None)
    visitor.page.goto(running.knock(place))
    visitor.page.click("footer button")
    visitor.page.wait_for_selector("h1:text-is('netklynge is closed')")
    assert visitor.page.evaluate("getComputedStyle(document.body).marginTop") == "0px"  # it has its style
    assert process.wait(300) == 0
    assert process.stderr.read() == ""
    assert visitor.trouble == []
    left = {path.name for path in place.rglob("*") if path.name.startswith(".")}
    assert left <= {".key", ".abcd1234.part"}
    elsewhere = [path for name in ("HOME", "TMPDIR") for path in (place.parent / name).rglob("*")]
    assert elsewhere == []  # nothing is stored outside the folder


def test_ctrl_c_stops_it_without_a_word(tmp_path):
    command = [sys.executable, "-c", SERVE, str(tmp_path), "0", "nb"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    with pytest.raises(urllib.error.HTTPError, match="403"):  # it answers before it is stopped; no cookie, no page
        urllib.request.urlopen(process.stdout.readline().strip(), timeout=300)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=300)
    assert (process.returncode, said) == (0, "")
    assert list(tmp_path.iterdir()) == []
