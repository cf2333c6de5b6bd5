"""Files that mean harm, or are none of ours: each is a clear 400, soon and with little memory."""

import io
import tracemalloc
import zipfile
from collections.abc import Callable
from time import process_time

import pytest
from rest_framework.test import APIClient

from api.problems.errors import MAX_ERRORS
from config.mistakes import Mistake
from parks.models import ImportBatch
from parks.names import cell_lookup
from parks.names.names import Selection, find_regions
from projects.models import Project
from sheets.reading.workbooks import OLE_MAGIC
from tests.answers import problem
from tests.messy_sheet import DATA
from tests.projects.importing.imports import send, table
from tests.sheets.reading.test_workbooks import XLS, pack, write_cell, write_row
from tests.sheets.reading.test_xlsx_files import ONE, SHEET, package

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("vocabularies")]

SECONDS = 5  # of the processor
MEGABYTES = 150
ENTITIES = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
LAUGHS = f'<!DOCTYPE x [<!ENTITY e0 "ha">{ENTITIES}]><worksheet>&e9;</worksheet>'
OUTSIDE = '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><worksheet>&e;</worksheet>'


def bomb() -> bytes:
    """A sheet of a few kilobytes that unpacks to a thousand times as much."""
    return package(SHEET.format(" " * (64 * 2**20)))


def encrypted() -> bytes:
    data = bytearray(package(ONE))
    for signature, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = data.find(signature)
        while at >= 0:
            data[at + place] |= 1
            at = data.find(signature, at + 4)
    return bytes(data)


def lying() -> bytes:
    """A package whose directory says less than what is in it."""
    sheet = SHEET.format("<row/>" * 2_000_000)
    return package(sheet).replace(len(sheet).to_bytes(4, "little"), (1000).to_bytes(4, "little"))


def many_rows() -> bytes:
    return package(SHEET.format("<row/>" * 1_100_000))


def zip_of_a_table() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as parts:
        parts.writestr("projects.csv", "name_zh,park\n")
    return file.getvalue()


def repeat(what: str) -> bytes:
    """An ODS of a few hundred bytes."""
    more = f'table:number-{what}-repeated="1000000000"'
    cell = write_cell("甲", more if what == "columns" else "")
    return pack(write_row(cell, more if what == "rows" else ""))


HEADER = "name_zh,park\n"
CORPUS: dict[str, tuple[str, str, Callable[[], bytes]]] = {
    "zip bomb": ("a.xlsx", "unpacked_too_large", bomb),
    "billion laughs": ("a.xlsx", "doctype", lambda: package(LAUGHS)),
    "file of the server": ("a.xlsx", "doctype", lambda: package(OUTSIDE)),
    "zip slip": ("a.xlsx", "path_outside", lambda: package(ONE, **{"../../evil.py": "x"})),
    "drive letter": ("a.xlsx", "path_outside", lambda: package(ONE, **{"C:/evil": "x"})),
    "macros": ("a.xlsx", "macros", lambda: package(ONE, **{"xl/vbaProject.bin": b"x"})),
    "macros by name": ("a.xlsm", "macros", lambda: package(ONE)),
    "encrypted parts": ("a.xlsx", "encrypted", encrypted),
    "encrypted": ("a.xlsx", "encrypted", lambda: (DATA / "encrypted.xlsx").read_bytes()),
    "encrypted XLS": ("a.et", "encrypted", lambda: (DATA / "encrypted.xls").read_bytes()),
    "encrypted ODS": ("a.ods", "encrypted", lambda: (DATA / "encrypted.ods").read_bytes()),
    "half of an XLS": ("a.xls", "broken_file", lambda: XLS[:4_000]),
    "an XLS by its first bytes": ("a.xls", "broken_file", lambda: OLE_MAGIC * 9),
    "a table called et": ("a.et", "wrong_extension", HEADER.encode),
    "a billion cells": ("a.ods", "too_many_columns", lambda: repeat("columns")),
    "a billion rows": ("a.ods", "too_many_rows", lambda: repeat("rows")),
    "bomb of an ODS": ("a.ods", "unpacked_too_large", lambda: pack(" " * (64 * 2**20))),
    "lies of its size": ("a.xlsx", "broken_file", lying),
    "a million rows": ("a.xlsx", "unpacked_too_large", many_rows),
    "half of a package": ("a.xlsx", "broken_file", lambda: package(ONE)[:200]),
    "no workbook": ("a.xlsx", "broken_file", zip_of_a_table),
    "a table called xlsx": ("a.xlsx", "wrong_extension", HEADER.encode),
    "a workbook called csv": ("a.csv", "wrong_extension", lambda: package(ONE)),
    "a web page": ("a.csv", "not_a_table", lambda: b"<html><table><tr><td>1</td></tr></table>"),
    "nothing": ("a.csv", "empty_file", lambda: b"\r\n"),
    "a picture": ("a.csv", "undecodable", lambda: b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40),
    "null characters": ("a.csv", "not_text", lambda: HEADER.encode() + b"\x00,town\n"),
    "a quote without end": ("a.csv", "cell_too_long", lambda: b'name_zh,park\n"' + b"x\n" * 99_999),
    "a very long line": ("a.csv", "too_many_columns", lambda: b"," * 1_000_000),
    "no header": ("a.csv", "no_header", lambda: b"1,2\n3,4\n"),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", CORPUS)
def test_a_hostile_file_is_refused_soon_and_with_little_memory(
    admin_api: APIClient, name: str
) -> None:
    file_name, code, make = CORPUS[name]
    data = make()
    tracemalloc.start()
    started = process_time()
    try:
        answer = problem(send(admin_api, data, file_name, dry_run="false"))
        seconds, (_now, peak) = process_time() - started, tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert [(each["pointer"], each["code"]) for each in answer["errors"]] == [("#/file", code)]
    assert answer["errors"][0]["detail"]
    assert peak < MEGABYTES * 2**20
    assert seconds < SECONDS * 4  # tracing costs most of it
    assert not ImportBatch.objects.exists()
    assert not Project.objects.exists()


def test_a_column_of_strangers_is_given_up_before_each_is_searched_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    searched: list[str] = []

    def note(text: str) -> Selection:
        searched.append(text)
        return find_regions(text)

    monkeypatch.setattr(cell_lookup, "find_regions", note)
    monkeypatch.setattr(cell_lookup, "MOST_UNKNOWN", 20)
    finder = cell_lookup.Finder(None)
    codes = []
    for number in range(cell_lookup.MOST_UNKNOWN + 50):
        with pytest.raises(Mistake) as told:
            finder.region(f"哪里{number}")
        codes.append(told.value.code)
    assert len(searched) == cell_lookup.MOST_UNKNOWN + 1
    assert {*codes[cell_lookup.MOST_UNKNOWN :]} == {"too_many_unknown"}
    assert "too_many_unknown" not in codes[: cell_lookup.MOST_UNKNOWN]


def test_a_refused_file_lists_the_first_errors_and_counts_the_rest(admin_api: APIClient) -> None:
    rows = [[f"坏行{n}", "town", "多少"] for n in range(MAX_ERRORS)]
    data = table(["name_zh", "park", "investment_cny"], *rows)
    answer = problem(send(admin_api, data, dry_run="false"))
    assert len(answer["errors"]) == MAX_ERRORS
    assert answer["errors"][0]["line"] == 2
    left_out = answer["counts"]["errors"] - MAX_ERRORS
    assert answer.get("errors_left_out", 0) == left_out > 0
