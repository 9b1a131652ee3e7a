"""Hostile input: a clear error or a clean result, bounded memory and time, nothing outside the output folder."""

import io
import re
import zipfile
from pathlib import Path

import openpyxl
import pytest
import yaml

import netklynge as nk
from netklynge.files.limits import check_archive, check_size, parse_yaml
from netklynge.files.outputs import file_name, write_csv
from netklynge.files.tables import read_text_table, read_workbook
from netklynge.findings import InputError, NetklyngeError
from netklynge.regions.specialisation import screens

HEAD = "source,target,layer\n"
TIE = HEAD + "a,b,supply\n"

# What a name may hold: markup, quotes, marks that turn text round, a name as long as a page, formulas.
NAMES = {
    "script": "<script>alert(1)</script>",
    "image": "<img src=x onerror=alert(1)>",
    "closing": "</script></style><h1>",
    "quotes": 'O\'Neill "& Sons" `x`',
    "right_to_left": "\u202eexe.sAlruoF\u202c \u2067abc\u2069",
    "template": "{{7*7}} ${x} %s {0}",
    "long": "n" * 10_000,
    "formula": "=cmd|' /C calc'!A0",
    "lines": "two\nlines",
    "entity": "&lt;b&gt; &#60;",
    "separators": "a\u2028b\u2029c",
}


def study_of(folder, name="a", meta=None):
    quoted = '"' + name.replace('"', '""') + '"'
    (folder / "relations.csv").write_text(HEAD + f"{quoted},b,supply\n", encoding="utf-8", newline="")
    if meta is not None:
        (folder / "study.yaml").write_text(meta, encoding="utf-8")
    return folder


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
def test_a_name_is_kept_as_it_is_and_written_safely(tmp_path, name):
    study = nk.load(study_of(tmp_path, name))
    assert study.actors["actor"][0] == name
    text = write_csv(tmp_path / "out.csv", study.relations).read_text()
    assert not re.search(r"(^|[,\n])\"?=", text)
    assert nk.load(study.save(tmp_path / "again")).actors["actor"][0] == name


def message(path):
    """What a user is told about a source; nothing when it loads. Any other exception is a failure."""
    try:
        nk.load(path)
    except NetklyngeError as error:
        return str(error)
    return ""


BOMB = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{chr(98 + k)}: &{chr(98 + k)} [{','.join(['*' + chr(97 + k)] * 9)}]\n" for k in range(9)
)
METAS = {
    "tag": "name: !!python/object/apply:os.system ['touch pwned']",
    "local_tag": "name: !include /etc/passwd",
    "bomb": BOMB,
    "alias": "a: &a 1\nb: *a",
    "deep_list": "a: " + "[" * 5000 + "]" * 5000,
    "deep_map": "a: " + "{a: " * 200 + "1" + "}" * 200,
    "no_date": "name: 2001-99-99",
    "digits": "name: " + "9" * 5000,
    "list": "- a\n- b",
    "scalar": "just text",
    "nul": "name: a\0b",
    "twice_nested_key": "? [a, b]\n: c",
    "unclosed": "name: 'x",
    "tabs": "a:\n\t- b",
}


@pytest.mark.parametrize("meta", [m for m in METAS if m not in ("list", "scalar")])
def test_yaml_that_is_more_than_plain_values_is_refused(meta, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(yaml.YAMLError):
        parse_yaml(METAS[meta])
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("meta", METAS)
def test_a_study_with_a_hostile_study_yaml_is_one_clear_error(tmp_path, monkeypatch, meta):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "study").mkdir()
    with pytest.raises(NetklyngeError, match=r"study\.yaml"):
        nk.load(study_of(tmp_path / "study", meta=METAS[meta]))
    assert [path.name for path in tmp_path.iterdir()] == ["study"]


@pytest.mark.parametrize("name", ["../../../up", "/etc/passwd", "..\\..\\up", "C:\\up", "nul\\u0000", ".hidden", "~"])
def test_a_name_in_study_yaml_leads_to_no_other_folder(tmp_path, name):
    (tmp_path / "study").mkdir()
    study = nk.load(study_of(tmp_path / "study", meta=f'name: "{name}"'.replace("\\", "\\\\")))
    target = (tmp_path / f"{file_name(study.name)}-report").resolve()
    assert target.parent == tmp_path.resolve()


TABLES = {
    "nothing": b"",
    "blanks": b"\n\n  \n",
    "nuls": b"\0" * 4096,
    "every_byte": bytes(range(256)) * 16,
    "long_line": b"source,target\n" + b"x" * 3_000_000 + b",b\n",
    "one_long_line": b"x" * 3_000_000,
    "many_columns": b"source,target" + b",c" * 20_000 + b"\n",
    "unclosed_quote": b'source,target\n"a,b\n' + b"c,d\n" * 10_000,
    "many_marks": b",;|\t" * 20_000,
    "half_utf16": b"\xff\xfes\0o\0u",
    "wrong_utf8": b"source,target\n\xc3\x28,b\n",
}


@pytest.mark.parametrize("table", TABLES)
def test_a_hostile_table_is_an_error_or_findings_or_a_table(tmp_path, table):
    path = tmp_path / "relations.csv"
    path.write_bytes(TABLES[table])
    told = message(path)
    assert ("relations" in told) == (table != "wrong_utf8")  # Windows-1252 has a letter for every byte
    assert len(told) < 10_000


def test_control_characters_are_findings(tmp_path):
    with pytest.raises(NetklyngeError, match="control character"):
        nk.load(study_of(tmp_path, "a\0b\x1b[31m"))


@pytest.mark.parametrize(
    ("column", "cell"),
    [("start", "2٠٠٥"), ("start", "1e3"), ("employees", "9" * 400), ("employees", "٣"), ("employees", "nan")],
)
def test_numbers_are_digits_and_no_more_than_a_number_holds(tmp_path, column, cell):
    study_of(tmp_path)
    if column == "start":
        (tmp_path / "relations.csv").write_text(f"source,target,start\na,b,{cell}\n", encoding="utf-8")
    else:
        (tmp_path / "actors.csv").write_text(f"actor,employees\na,{cell}\nb,1\n", encoding="utf-8")
    with pytest.raises(NetklyngeError, match=f":{column}:"):
        nk.load(tmp_path)


# -- sizes -------------------------------------------------------------------------------------------


def test_a_file_of_two_gigabytes_is_refused_unread(tmp_path):
    path = tmp_path / "relations.csv"
    with path.open("wb") as file:
        file.write(TIE.encode())
        file.truncate(2 * 2**30)  # a hole: it takes no room on the disk
    with pytest.raises(InputError, match=r"2,147,483,648 bytes; at most"):
        check_size(path)
    with pytest.raises(InputError, match="at most"):
        read_text_table(path)


def test_a_device_that_never_ends_is_refused():
    with pytest.raises(InputError, match="no regular file"):
        check_size(Path("/dev/zero"))


def bomb(path, entry="xl/worksheets/sheet1.xml", size=600 * 2**20):
    """A small workbook that states to unpack to `size` bytes."""
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open(entry, "w", force_zip64=True) as part,
    ):
        for _ in range(size // 2**20):
            part.write(b" " * 2**20)
    return path


def test_a_workbook_that_unpacks_to_too_much_is_refused(tmp_path):
    path = bomb(tmp_path / "study.xlsx")
    assert path.stat().st_size < 2**20
    with pytest.raises(InputError, match="unpacks to"):
        check_archive(path)
    with pytest.raises(InputError, match="unpacks to"):
        read_workbook(path)


def workbook_with(part, content):
    """A workbook with two sheets of a study, one part replaced."""
    book = openpyxl.Workbook()
    book.active.title = "relations"
    for row in (["source", "target", "layer"], ["a", "b", "supply"]):
        book.active.append(row)
    plain, hostile = io.BytesIO(), io.BytesIO()
    book.save(plain)
    with zipfile.ZipFile(plain) as old, zipfile.ZipFile(hostile, "w") as new:
        for name in old.namelist():
            new.writestr(name, content if name == part else old.read(name))
    return hostile.getvalue()


LAUGHS = (
    '<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY lol "lol">'
    + "".join(f'<!ENTITY lol{k} "{f"&lol{k - 1 or str()};" * 10}">' for k in range(1, 10))
    + ']><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row r="1">'
    '<c r="A1" t="inlineStr"><is><t>&lol9;</t></is></c></row></sheetData></worksheet>'
)
OUTSIDE = (
    '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY out SYSTEM "file:///etc/passwd">]>'
    '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row r="1">'
    '<c r="A1" t="inlineStr"><is><t>&out;</t></is></c></row></sheetData></worksheet>'
)


@pytest.mark.parametrize("content", [LAUGHS, OUTSIDE], ids=["laughs", "outside"])
def test_entities_in_a_workbook_are_not_expanded(tmp_path, content):
    path = tmp_path / "study.xlsx"
    path.write_bytes(workbook_with("xl/worksheets/sheet1.xml", content))
    with pytest.raises(NetklyngeError) as told:
        nk.load(path)
    assert "root:" not in str(told.value)
    assert len(str(told.value)) < 10_000


@pytest.mark.parametrize("raw", [b"", b"PK\x03\x04", b"PK\x05\x06" + b"\0" * 18, b"\xd0\xcf\x11\xe0" * 200])
def test_a_damaged_workbook_is_one_clear_error(tmp_path, raw):
    path = tmp_path / "study.xlsx"
    path.write_bytes(raw)
    with pytest.raises(InputError, match=r"study\.xlsx"):
        read_workbook(path)


def test_workbook_cells_that_lie_far_out_cost_nothing(tmp_path):
    """One cell in the last row and column of a sheet must not make seventeen thousand million cells."""
    book = openpyxl.Workbook()
    book.active.title = "relations"
    book.active["A1"], book.active["B1"] = "source", "target"
    book.active.cell(1_048_576, 16_384, "far")
    book.save(tmp_path / "study.xlsx")
    with pytest.raises(InputError, match="spans more than"):
        check_archive(tmp_path / "study.xlsx")


def test_workbooks_of_usual_size_pass_and_office_files_of_repeated_blanks_too(tmp_path):
    path = tmp_path / "study.xlsx"
    path.write_bytes(workbook_with("none", b""))
    check_archive(path)
    sheet = '<table:table-row table:number-rows-repeated="1048570"><table:table-cell %s/></table:table-row>'
    for attributes, refused in (
        ('table:number-columns-repeated="16384"', False),
        ('office:value-type="float" office:value="1" table:number-columns-repeated="16384"', True),
        ('office:value-type="float" office:value="1"', True),
    ):
        with zipfile.ZipFile(tmp_path / "study.ods", "w") as archive:
            archive.writestr("content.xml", sheet % attributes)
        if refused:
            with pytest.raises(InputError, match="spans more than"):
                check_archive(tmp_path / "study.ods")
        else:
            check_archive(tmp_path / "study.ods")


SHEETS = {"dotted": [("a", "1"), ("a.b", "2")], "digits": [("reference_year", "9" * 5000)], "square": [("x", "²")]}


@pytest.mark.parametrize("rows", SHEETS)
def test_a_hostile_study_sheet_is_read_or_refused_clearly(tmp_path, rows):
    book = openpyxl.Workbook()
    book.active.title = "relations"
    for row in (["source", "target"], ["a", "b"]):
        book.active.append(row)
    sheet = book.create_sheet("study")
    for row in (("key", "value"), *SHEETS[rows]):
        sheet.append(row)
    book.save(tmp_path / "study.xlsx")
    assert len(message(tmp_path / "study.xlsx")) < 10_000


# -- graph files -------------------------------------------------------------------------------------

GRAPHML = '<graphml xmlns="http://graphml.graphdrawing.org/xmlns">%s</graphml>'
GRAPHS = {
    "laughs.graphml": LAUGHS.split("<worksheet")[0] + GRAPHML % '<graph><node id="&lol9;"/></graph>',
    "laughs.gexf": LAUGHS.split("<worksheet")[0] + "<gexf><graph><nodes><node id='&lol9;'/></nodes></graph></gexf>",
    "outside.graphml": OUTSIDE.split("<worksheet")[0] + GRAPHML % '<graph><node id="&out;"/></graph>',
    "deep.graphml": GRAPHML % ("<graph>" * 20_000 + "</graph>" * 20_000),
    "deep.gml": "graph [" + " a [" * 5000 + "]" * 5000 + "]",
    "many.net": "*vertices 999999999\n1 a\n*arcs\n1 2\n",
    "far.net": "*vertices 2\n*arcs\n1 999999999999\n",
    "minus.dl": "dl n=-5\ndata:\n1 2 3\n",
    "many.dl": "dl n=99999999 format=fullmatrix\ndata:\n0 1\n",
    "nul.gml": "graph [\0]",
    "empty.graphml": "",
    "blank.dl": "\n\n",
}


@pytest.mark.parametrize("name", GRAPHS)
def test_a_hostile_graph_file_is_one_clear_error_or_a_graph(tmp_path, name):
    from netklynge.exchange.opening import read_graph

    path = tmp_path / name
    path.write_text(GRAPHS[name], encoding="utf-8")
    try:
        tables = read_graph(path)
    except NetklyngeError as error:
        told = str(error)
    else:
        told = str(tables)
    assert "root:" not in told
    assert "lollol" not in told
    assert len(told) < 10_000


# -- few bytes that stand for many -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("column", "rows", "match"),
    [
        (["a"], 20_000_000, "20,000,000 rows"),  # 119 kB that took 4.4 GB before they were refused
        (["a" * 100_000], 1_000_000, "unfolds to more than"),  # one text a million times: 100 GB
    ],
)
def test_a_small_parquet_that_stands_for_gigabytes_is_refused_in_little_memory(tmp_path, column, rows, match):
    import pyarrow as pa
    from pyarrow import parquet

    same = pa.DictionaryArray.from_arrays(pa.repeat(pa.scalar(0, pa.int32()), rows), pa.array(column))
    table = pa.table({"source": same, "target": same})
    path = tmp_path / "ties.parquet"
    parquet.write_table(table, path, compression="zstd", store_schema=False)
    assert path.stat().st_size < 500_000
    before = pa.total_allocated_bytes()
    with pytest.raises(InputError, match=match):
        nk.check(path)
    assert pa.default_memory_pool().max_memory() is None or pa.total_allocated_bytes() - before < 2**28


@pytest.mark.parametrize("read", [nk.load_anchors, screens], ids=["anchors", "screens"])
def test_a_users_yaml_of_aliases_is_refused(tmp_path, read):
    levels = "".join(f"a{k}: &a{k} [{', '.join([f'*a{k - 1}'] * 10)}]\n" for k in range(1, 9))
    path = tmp_path / "own.yaml"
    path.write_text(f"a0: &a0 [x, x, x]\n{levels}")
    with pytest.raises(InputError, match=r"line 2: .*alias"):
        read(path)


@pytest.mark.parametrize(
    ("read", "text", "match"),
    [
        (nk.load_anchors, "hallmarks: 3", "a mapping is needed"),
        (nk.load_anchors, "hallmarks: {hub_jobs: [1, 2, 3]}", "a mapping is needed"),
        (nk.load_anchors, "rules: {named_above: half}", "a number is needed"),
        (nk.load_anchors, "types: {satellite: {essential: hub_jobs}}", "a list of hallmarks"),
        (screens, "mine: [lq]", "a list of"),
        (screens, "- mine", "is a mapping of names"),
    ],
)
def test_a_users_yaml_of_another_form_says_what_is_wrong(tmp_path, read, text, match):
    path = tmp_path / "own.yaml"
    path.write_text(text)
    with pytest.raises(InputError, match=match):
        read(path)
