"""csv_reading.py: bytes to rows, whatever wrote them, and broken files refused with a place."""

import io
import tracemalloc
from pathlib import Path

import pytest

from metrics.csv_problems import FileRefused, Limits
from metrics.csv_reading import Table, inspect

KPIS = Path(__file__).parent / "data" / "kpis"
SMALL = Limits(max_bytes=2_000_000)
GOOD = "date,value\n2026-01-01,1\n2026-01-02,2\n"
UMLAUT = "Datum;Ort;Wert\n01.01.2026;Kärnten;1\n02.01.2026;Österreich;2\n"


def read(data, limits=SMALL):
    """(format, rows, problems) of a file's bytes."""
    stream = io.BytesIO(data)
    table = Table(stream, inspect(stream, limits), limits)
    return table.format, list(table.rows()), table.problems


@pytest.mark.parametrize(
    ("name", "rows", "columns", "delimiter"),
    [
        ("boston_cityscore_311_pothole.csv", 1152, 24, ","),
        ("er_length_of_stay_weekly.csv", 346, 7, ","),
        ("ad_cost_per_click_hourly.csv", 1624, 2, ","),
        ("at_hospital_beds_daily.csv", 2420, 9, ";"),
        ("tsa_throughput_daily.csv", 44, 3, ","),
        ("us_employment_yearly.csv", 85, 12, ","),
    ],
)
def test_a_real_file_has_the_rows_its_readme_gives(name, rows, columns, delimiter):
    found, cells, problems = read((KPIS / name).read_bytes())

    assert (len(cells), len(found.names), found.delimiter) == (rows, columns, delimiter)
    assert {len(row) for _, row in cells} == {columns}
    assert problems == []


@pytest.mark.parametrize(
    ("encoding", "found"),
    [
        ("utf-8", "utf-8"), ("utf-8-sig", "utf-8-sig"), ("utf-16", "utf-16"),
        ("utf-16-le", "utf-16-le"), ("utf-16-be", "utf-16-be"), ("latin-1", "cp1252"),
        ("cp1252", "cp1252"), ("utf-32", "utf-32"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_encoding_and_line_end_gives_the_same_rows(encoding, found, end):
    described, rows, _ = read(UMLAUT.replace("\n", end).encode(encoding))

    assert described.encoding == found
    assert described.names == ("Datum", "Ort", "Wert")
    assert rows == [(2, ["01.01.2026", "Kärnten", "1"]), (3, ["02.01.2026", "Österreich", "2"])]


@pytest.mark.parametrize("mark", ["utf-16-le", "utf-16-be"])
def test_a_byte_order_mark_is_not_part_of_the_first_name(mark):
    described, _, _ = read(("\ufeff" + UMLAUT).encode(mark))

    assert described.names[0] == "Datum"


@pytest.mark.parametrize(
    ("text", "delimiter", "width"),
    [
        (GOOD, ",", 2),
        (GOOD.replace(",", ";"), ";", 2),
        (GOOD.replace(",", "\t"), "\t", 2),
        (GOOD.replace(",", "|"), "|", 2),
        ("date;value\n01.04.2020;1,5\n02.04.2020;2,5\n", ";", 2),
        ("01.04.2020;1,5\n02.04.2020;2,5\n", ";", 2),
        ('date,value\n4/13/2020,"102,184"\n4/12/2020,"90,510"\n', ",", 2),
        ("date,note,value\n2026-01-01,a; b; c,1\n2026-01-02,d|e,2\n", ",", 3),
        ("sep=;\ndate;value\n2026-01-01;1\n", ";", 2),
        ("value\n1\n2\n", ",", 1),
    ],
)
def test_the_delimiter_is_the_one_that_makes_rows_alike(text, delimiter, width):
    described, rows, problems = read(text.encode())

    assert (described.delimiter, len(described.names)) == (delimiter, width)
    assert problems == []
    assert all(len(cells) == width for _, cells in rows)


def test_a_file_without_a_heading_gets_names_for_its_columns():
    described, rows, _ = read(b"2026-01-01,1\n2026-01-02,2\n")

    assert described.names == ("column 1", "column 2")
    assert rows[0] == (1, ["2026-01-01", "1"])


def test_a_heading_of_years_is_a_row_of_data():
    described, _, _ = read(b"1941,9.9\n1942,4.7\n")

    assert described.first_row == 1


def test_rows_are_numbered_as_a_spreadsheet_numbers_them():
    data = b'\n\ndate,note,value\n\n2026-01-01,"two\nlines",1\n,,\n2026-01-02,x,2\n'

    described, rows, _ = read(data)

    assert described.first_row == 4
    assert [number for number, _ in rows] == [5, 6, 7]


def test_short_rows_are_filled_up_and_trailing_separators_are_dropped():
    _, rows, problems = read(b"date,value,note\n2026-01-01,1\n2026-01-02,2,x,,\n")

    assert [cells for _, cells in rows] == [["2026-01-01", "1", ""], ["2026-01-02", "2", "x"]]
    assert problems == []


def test_a_long_row_is_a_problem_of_that_row():
    _, rows, problems = read(b"date,value\n2026-01-01,1,5\n2026-01-02,2\n2026-01-03,3\n")

    assert [number for number, _ in rows] == [3, 4]
    assert [(p.row, p.code) for p in problems] == [(2, "long_row")]
    assert "decimal comma" in problems[0].remedy


BROKEN = {
    "nothing": (b"", "empty", None),
    "blanks only": (b" \r\n \n", "empty", None),
    "mark only": (b"\xef\xbb\xbf", "no_rows", None),
    "heading only": (b"date,value\n", "no_rows", None),
    "separators only": (b",,\n,,\n", "no_rows", None),
    "zip": (b"PK\x03\x04" + b"\0" * 50, "not_csv", None),
    "gzip": (b"\x1f\x8b\x08" + b"\0" * 50, "not_csv", None),
    "bzip2": (b"BZh91AY", "not_csv", None),
    "old workbook": (b"\xd0\xcf\x11\xe0" + b"\0" * 50, "not_csv", None),
    "pdf": (b"%PDF-1.7 x", "not_csv", None),
    "picture": (b"\x89PNG\r\n", "not_csv", None),
    "database": (b"SQLite format 3\0", "not_csv", None),
    "web page": (b"<!DOCTYPE html><html>", "not_csv", None),
    "web page behind blanks": (b"\n  <html><body>", "not_csv", None),
    "xml": (b"<?xml version='1.0'?>", "not_csv", None),
    "json object": (b'{"a": 1}', "not_csv", None),
    "json list": (b"[1, 2]", "not_csv", None),
    "NUL in the heading": (b"date,va\0lue\n2026-01-01,1\n", "nul", 1),
    "NUL in a row": (GOOD.encode() + b"2026-01-03,\0\n", "nul", 4),
    "NUL in UTF-16": (("\ufeff" + GOOD + "2026-01-03,\0\n").encode("utf-16-le"), "nul", 4),
    "open quote in the first row": (b'date,value\n"2026-01-01,1\n2026-01-02,2\n', "quote", 2),
    "open quote in the last row": (GOOD.encode() + b'2026-01-03,"3\n', "quote", 4),
    "open quote over many rows": (b'a,b\n1,"' + b"2026-01-01,1\n" * 20_000, "cell", 2),
    "text behind a quote": (b'date,value\n2026-01-01,"1"x\n', "quote", 2),
    "a cell too long": (b"date,value\n2026-01-01," + b"9" * 131_073 + b"\n", "cell", 2),
    "50,000 columns": (b",".join([b"x"] * 50_000) + b"\n1\n", "too_wide", None),
    "1,001 columns in a row": (GOOD.encode() + b"1," * 1001 + b"\n", "too_wide", None),
    "one name twice": (b"date,value,value\n2026-01-01,1,2\n", "heading", 1),
    "one name twice but for blanks": (b"date,a b, a  b\n2026-01-01,1,2\n", "heading", 1),
    "half a UTF-16 character": ("\ufeff" + GOOD).encode("utf-16-le")[:-1],
    "a lone surrogate in UTF-16": ("\ufeff" + GOOD).encode("utf-16-le") + b"\x00\xd8x\0\n\0",
    "bad bytes behind a UTF-8 mark": b"\xef\xbb\xbf" + GOOD.encode() + b"2026-01-03,\xff\n",
    "a byte too many": (GOOD.encode() + b"2026-01-03,3\n" * 153_845, "too_big", None),
}
BROKEN = {k: v if isinstance(v, tuple) else (v, "encoding", ...) for k, v in BROKEN.items()}


def test_the_catalogue_has_at_least_32_broken_files():
    assert len(BROKEN) >= 32


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_file_is_refused_with_reason_remedy_and_row(name):
    data, code, row = BROKEN[name]

    with pytest.raises(FileRefused) as refused:
        read(data)

    problem = refused.value.problem
    assert problem.code == code
    assert problem.reason.endswith(".")
    assert problem.remedy.endswith(".")
    assert row is ... or problem.row == row


def test_the_largest_file_allowed_is_read():
    data = GOOD.encode() + b"2026-01-03,3\n" * 153_000

    _, rows, _ = read(data)

    assert len(rows) == 153_002


def test_a_late_odd_byte_is_seen_however_far_down_it_stands():
    data = (
        b"date,note,value\n"
        + b"2026-01-01,x,1\n" * 40_000
        + "2026-01-02,Köln,2\n".encode("latin-1")
    )

    described, rows, _ = read(data)

    assert described.encoding == "cp1252"
    assert rows[-1][1][1] == "Köln"


def test_reading_takes_the_same_memory_for_ten_times_the_rows():
    def peak(count):
        stream = io.BytesIO(b"date,value\n" + b"2026-01-01,12.5\n" * count)
        tracemalloc.start()
        table = Table(stream, inspect(stream))
        assert sum(1 for _ in table.rows()) == count
        found = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return found

    assert peak(100_000) < peak(10_000) + 2_000_000
