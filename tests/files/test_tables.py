"""Tables in: what a file says arrives unchanged, whatever program wrote it."""

from __future__ import annotations

import csv
import io
import shutil
import zipfile
from datetime import date
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from netklynge.files.tables import decode, numbers, read_table, read_text_table, read_workbook, text_blocks
from netklynge.findings import InputError

ROWS = [["firma", "sted", "andel"], ["Ålesund Skipsverft A/S", "Ålesund", "12,5"], ["Bøe & Sønn", "Tønsberg", "3"]]


def _write(path, rows, encoding, delimiter, newline):
    quoting = csv.QUOTE_ALL if delimiter == "," else csv.QUOTE_MINIMAL
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter, lineterminator=newline, quoting=quoting).writerows(rows)
    path.write_bytes(text.getvalue().encode(encoding))
    return path


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1", "cp1252", "utf-16", "utf-16-le", "utf-16-be"])
def test_text_tables_of_every_dialect_read_alike(tmp_path, encoding, delimiter, newline):
    frame, findings = read_text_table(_write(tmp_path / "t.csv", ROWS, encoding, delimiter, newline))
    assert findings == []
    assert [list(frame.columns), *frame.to_numpy().tolist()] == ROWS
    assert frame.index.tolist() == [2, 3]


_CELLS = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zs", "Zl", "Zp"]), min_size=1, max_size=6
)


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(st.lists(_CELLS, min_size=3, max_size=3), min_size=1, max_size=5),
    delimiter=st.sampled_from(",;\t"),
    newline=st.sampled_from(["\n", "\r\n", "\r"]),
)
def test_cells_survive_the_way_through_a_file(tmp_path, rows, delimiter, newline):
    # "ø" in the header keeps the delimiter findable and the encoding UTF-8 whatever the cells are
    path = _write(tmp_path / "t.csv", [["ø1", "ø2", "ø3"], *rows], "utf-8", delimiter, newline)
    frame, findings = read_text_table(path)
    assert findings == []
    assert frame.to_numpy().tolist() == [[cell.strip() or pd.NA for cell in row] for row in rows]


def test_blocks_are_the_whole_table_and_keep_row_numbers(tmp_path):
    rows = [["a", "b"], *[[str(i), "x"] for i in range(10)]]
    rows.insert(4, ["", ""])  # a blank row counts in what an editor shows
    path = _write(tmp_path / "t.csv", rows, "utf-8", ";", "\n")
    blocks = [frame for frame, _ in text_blocks(path, rows=3)]
    assert [len(block) for block in blocks] == [3, 2, 3, 2]  # of three lines each
    assert pd.concat(blocks).index.tolist() == [2, 3, 4, 6, 7, 8, 9, 10, 11, 12]


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(alphabet='ab;;" \n\r\té', max_size=60), st.integers(1, 4))
@example('"\r;', 1)  # a quote that is open at the end of a block
@example(';\r"\r;', 2)  # and in a row that is narrower than the header
def test_lines_that_arrow_parses_are_read_as_the_standard_library_reads_them(tmp_path, text, size):
    text = "p;q\n" + text
    file = tmp_path / "t.csv"
    file.write_text(text, encoding="utf-8", newline="")
    given = [
        (row, tuple(None if pd.isna(cell) else cell for cell in cells))
        for frame, _ in text_blocks(file, rows=size)
        for row, *cells in frame.itertuples(name=None)
    ]
    expected = []
    for number, row in enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=";"), start=1):
        cells = tuple(cell.strip() or None for cell in [*row, "", ""][:2])
        if number > 1 and any(cells) and not any(cell.strip() for cell in row[2:]):
            expected.append((number, cells))
    assert given == expected


def test_a_row_with_too_many_cells_is_found_and_left_out(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("a,b\n1,2\n1,2,3\n4\n", encoding="utf-8")
    frame, (finding,) = read_text_table(path)
    assert frame["a"].tolist() == ["1", "4"]
    assert (finding.file, finding.row, finding.value) == ("t.csv", 3, "3")


@pytest.mark.parametrize(
    ("text", "number"),
    # Norwegian and English ways of writing; the last four are no numbers
    [
        ("12,5", 12.5),
        ("1 234,5", 1234.5),
        ("1\u00a0234,5", 1234.5),
        ("1.234,50", 1234.5),
        ("1,234.5", 1234.5),
        ("77.0", 77.0),
        ("−3", -3.0),
        ("1e3", 1000.0),
        (".5", 0.5),
        ("", None),
        ("ca. 10", None),
        ("1;2", None),
        ("12-13", None),
    ],
)
def test_numbers_as_people_write_them(text, number):
    (got,) = numbers(pd.Series([text], dtype="string"))
    assert (None if pd.isna(got) else got) == number


def test_undefined_bytes_do_not_stop_the_reading():
    text, encoding = decode(b"K\xf8ln\x81")
    assert (text[:4], encoding) == ("Køln", "cp1252")


def test_workbooks_read_as_text_and_dates_as_iso(tmp_path):
    book = openpyxl.Workbook()
    book.active.append(["firm", "size", "since", "share", "open"])
    book.active.append(["A", 12, date(2004, 3, 1), 0.25, True])
    book.save(tmp_path / "b.xlsx")
    frame, findings = read_table(tmp_path / "b.xlsx")
    assert findings == []
    assert frame.iloc[0].tolist() == ["A", "12", "2004-03-01", "0.25", "1"]


def test_ods_reads_like_xlsx(tmp_path):
    frame = pd.DataFrame({"firma": ["Bøe"], "ansatte": [12]})
    frame.to_excel(tmp_path / "b.ods", index=False, engine="odf")
    assert read_table(tmp_path / "b.ods")[0].to_dict("list") == {"firma": ["Bøe"], "ansatte": ["12"]}


def test_parquet_reads_as_text(tmp_path):
    pd.DataFrame({"firm": ["A", None], "size": [12.0, None]}).to_parquet(tmp_path / "t.parquet")
    frame, _ = read_table(tmp_path / "t.parquet")
    assert frame.index.tolist() == [2, 3]
    assert frame.loc[2].tolist() == ["A", "12"]
    assert frame.loc[3].isna().all()


def test_merged_headers_and_cells_are_named_by_their_range(tmp_path):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["id", "partners", None, "size"])
    sheet.append([1, "x", "y", 3])
    sheet.append([None, "x", "y", 3])
    sheet.merge_cells("B1:C1")
    sheet.merge_cells("A2:A3")
    book.save(tmp_path / "b.xlsx")
    header, body = read_table(tmp_path / "b.xlsx")[1]
    assert (header.file, header.row, header.column, header.value) == ("b.xlsx[Sheet]", 1, "partners", "partners")
    assert "B1:C1" in header.wrong
    assert (body.row, body.column) == (2, "id")
    assert "A2:A3" in body.wrong


def _encrypted_xlsx(path):
    shutil.copy(Path(__file__).parents[1] / "data" / "protected.xlsx", path)  # encrypted by Excel (agile)


def _encrypted_ods(path):
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("META-INF/manifest.xml", "<manifest:encryption-data/>")


@pytest.mark.parametrize(("name", "make"), [("b.xlsx", _encrypted_xlsx), ("b.ods", _encrypted_ods)])
def test_a_password_is_named_as_the_reason(tmp_path, name, make):
    make(tmp_path / name)
    with pytest.raises(InputError, match="password"):
        read_workbook(tmp_path / name)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("t.csv", b""),
        ("t.csv", b"\xef\xbb\xbf\r\n"),
        ("t.xlsx", b"PK\x03\x04cut"),
        ("t.xlsx", b""),
        ("t.parquet", b"PAR1"),
    ],
)
def test_what_cannot_be_read_says_so_with_its_name(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match=name):
        read_table(tmp_path / name)


def test_ten_thousand_columns(tmp_path):
    names = [f"v{i}" for i in range(10_000)]
    path = _write(tmp_path / "t.csv", [names, ["1"] * 10_000], "utf-8", ";", "\n")
    frame, findings = read_text_table(path)
    assert (frame.shape, findings) == ((1, 10_000), [])


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the peak of a process is read from /proc")
@pytest.mark.parametrize(
    ("rows", "text"), [(20_000_000, "a text of thirty letters or so"), (3_900_000, "a long text " * 40)]
)
def test_a_small_parquet_that_unfolds_to_gigabytes_is_refused_before_it_does(tmp_path, rows, text):
    import subprocess
    import sys

    import pyarrow as pa
    from pyarrow import parquet

    part = rows // 20
    column = pa.DictionaryArray.from_arrays(pa.array([0] * part, "int32"), pa.array([text])).cast("string")
    table = pa.table({"source": column, "target": column})
    with parquet.ParquetWriter(tmp_path / "t.parquet", table.schema, compression="zstd") as writer:
        for _ in range(20):
            writer.write_table(table)
    assert (tmp_path / "t.parquet").stat().st_size < 500_000
    child = """
import re, sys
from pathlib import Path
import pandas, pyarrow.parquet
from netklynge.files.tables import read_parquet
from netklynge.findings import InputError
peak = lambda: int(re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text()).group(1)) // 1024
before = peak()
try:
    read_parquet(Path(sys.argv[1]))
except InputError:
    print(peak() - before)
"""
    words = [sys.executable, "-c", child, str(tmp_path / "t.parquet")]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    assert int(done.stdout) < 400  # megabytes beyond what starting takes
