"""Bounds of what texts, cells and files are read as: just below, at and just above each."""

import io
import zipfile
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.test import override_settings

from config.checks import check_secret_key
from config.mistakes import Mistake, nearest
from config.texts import find_whole, shorten, shorten_quotes
from projects.importing.batches import clean_mapping_name
from projects.importing.cells.cells import read_names, read_partial_date
from projects.importing.cells.investors import read_investors, split_role
from projects.importing.cells.words import find_in_cell
from projects.models.naming import list_wholes
from sheets.amounts import AmountError, parse_amount, parse_cny
from sheets.dates import DateError, parse_date_as_written
from sheets.reading.files import ReadOptions, read_table
from sheets.reading.headers import Heading, match_column
from sheets.reading.package import classify_format, format_digits, format_number
from sheets.reading.rows import Limits
from sheets.reading.units import parse_unit
from sheets.writing.columns import Column, Layout, Sheet
from tests.sheets.reading.test_xlsx_files import SHEET, package, rows
from tests.sheets.writing.test_xlsx_writing import book, cell, read
from tests.together import together

KNOWN = {"code": Heading("code"), "name": Heading("name_zh")}
ROW = '<row r="1"><c r="A1"><v>1</v></c></row>'
PACKAGED = zipfile.ZipFile(io.BytesIO(package(SHEET.format(ROW)))).infolist()
LEFT = 2**20 - sum(part.file_size for part in PACKAGED)
MOST = 9 * 10**15
INVESTORS = "；".join(f"{number:0>2}{'甲' * 97}" for number in range(50))
FIFTY_NAMES = {49: 49, 50: 50, 51: "too_many_names"}


def read_file(text: str, **limits: int) -> int:
    found = read_table(text.encode(), "a.csv", KNOWN, ReadOptions(limits=Limits(**limits)))
    return len(found.rows)


def read_sheet(cells: str, **more: str) -> Any:
    [row] = rows(package(SHEET.format(f'<row r="1">{cells}</row>'), **more))
    return [*row.faults.values()]


def number(text: str) -> str:
    return f'<c r="A1"><v>{text}</v></c>'


def measure_width(header: str) -> float:
    content, _written = book(Sheet("s", [Column("a", header)], []), layout=Layout("en"))
    return int(read(content).active.column_dimensions["A"].width)


def is_key_safe(key: str) -> bool:
    with override_settings(SECRET_KEY=key):
        return [*check_secret_key(None)] == []


def is_password(text: str) -> bool:
    try:
        validate_password(text)
    except ValidationError:
        return False
    return True


# What reads, and what it makes of each value; a refusal by its code
READ: list[tuple[Callable[[Any], Any], Mapping[Any, Any]]] = [
    # sheets/amounts.py
    (lambda more: parse_cny(f"{MOST + more}")[0] - MOST, {-1: -1, 0: 0, 1: "too_large"}),
    (
        lambda digits: parse_amount("0." + "1" * (digits - 1)).value < 1,
        {23: True, 24: True, 25: "too_large"},
    ),
    (
        lambda length: parse_amount(f"1元 (${'9' * (length - 13)} billion)").value,
        {99: 1, 100: 1, 101: "unknown_words"},
    ),
    # sheets/dates.py
    (
        lambda text: str(parse_date_as_written(text)),
        {
            **{"1899": "out_of_range", "1900": "1900", "1901": "1901", "2099": "2099"},
            **{"2100": "2100", "2101": "out_of_range", "2100-12-31": "2100-12-31"},
        },
    ),
    # config/texts.py
    (lambda length: len(shorten("x" * length)), {79: 79, 80: 80, 81: 81, 82: 81}),
    (lambda length: shorten_quotes("x" * length)[-1], {1999: "x", 2000: "x", 2001: "…"}),
    (lambda more: find_whole(f"{2**63 + more}"), {-2: 2**63 - 2, -1: 2**63 - 1, 0: 0}),
    # config/mistakes.py: of 20 letters in common
    (lambda n: nearest("a" * n, ["a" * 190]) is None, {199: False, 200: False, 201: True}),
    (lambda n: nearest("a" * 20 + "b" * 13, ["a" * 20 + "c" * n]) is None, {13: False, 14: True}),
    (lambda more: nearest("aaa" + "b" * more, ["aaacc"]) is None, {1: False, 2: False, 3: True}),
    # config/checks.py
    (lambda length: is_key_safe(f"{'abcdefgh':x<{length}}"), {31: False, 32: True, 33: True}),
    (lambda count: is_key_safe("abcdefghi"[:count].ljust(40, "a")), {7: False, 8: True, 9: True}),
    # config/settings.py
    (lambda length: is_password("Xq7?kz!m4Wp9t"[:length]), {11: False, 12: True, 13: True}),
    (lambda count: is_password("Xq7?kz!"[:count] * 4), {5: False, 6: True, 7: True}),
    # sheets/reading/units.py, sheets/reading/headers.py
    (lambda length: parse_unit(f"万元{'':{length - 2}}"), {99: "wan", 100: "wan", 101: ""}),
    (
        lambda count: match_column(0, ["/".join(["code"] * count)], KNOWN).name,
        {9: "code", 10: "code", 11: ""},
    ),
    (lambda n: match_column(0, [f"{'code':{n}}"], KNOWN).name, {499: "code", 500: "code", 501: ""}),
    # sheets/reading/package.py
    (format_digits, {1 / 3: "0.333333333333333", 2 / 3: "0.666666666666667"}),
    (
        lambda text: format_number(text, "day", is_1904=False),
        {
            **{"0": "0", "1": "1900-01-01", "59": "1900-02-28", "2958464": "9999-12-30"},
            **{"2958465": "9999-12-31", "2958466": "2958466"},
        },
    ),
    (
        lambda text: format_number(text, "day", is_1904=True),
        {"2957002": "9999-12-30", "2957003": "9999-12-31", "2957004": "2957004"},
    ),
    (lambda length: classify_format(f"{'d':0>{length}}"), {254: "day", 255: "day", 256: "number"}),
    (lambda n: read_sheet(number(f"{n}")), {10**15 - 1: [], 10**15: ["lost_digits"]}),
    # sheets/reading/rows.py, sheets/reading/csv_files.py
    (lambda count: read_file("code\n" + "a\n" * count, rows=4), {2: 2, 3: 3, 4: "too_many_rows"}),
    (
        lambda count: read_file("code" + ",x" * (count - 1) + "\na\n"),
        {255: 1, 256: 1, 257: "too_many_columns"},
    ),
    (
        lambda line: read_file("台账\n" * (line - 1) + "code,name\na,b\n"),
        {29: 1, 30: 1, 31: "no_header"},
    ),
    (
        lambda size: read_file("x" * size),
        {20 * 2**20: "cell_too_long", 20 * 2**20 + 1: "file_too_large"},
    ),
    (
        lambda count: read_sheet(number("1"), **{f"part{n}": "x" for n in range(count - 5)}),
        {199: [], 200: [], 201: "too_many_members"},
    ),
    (
        lambda more: read_sheet(number("1"), bomb="0" * (LEFT + more)),
        {-1: [], 0: [], 1: "unpacked_too_large"},
    ),
    # sheets/writing/xlsx_writing.py
    (
        lambda value: cell(value, "number").value,
        {
            **{999_999_999_999_999: 999_999_999_999_999, 10**15: "1000000000000000"},
            **{Decimal("1.00000000000001"): 1.00000000000001},
            **{Decimal("1.000000000000001"): "1.000000000000001"},
        },
    ),
    (
        lambda day: cell(date.fromisoformat(day), "date").value,
        {
            "1900-02-28": "1900-02-28",
            **{day: datetime.fromisoformat(day) for day in ("1900-03-01", "1900-03-02")},
        },
    ),
    (lambda length: measure_width("x" * length), {55: 59, 56: 60, 57: 60}),
    # projects/importing
    (
        lambda text: str(read_partial_date(text)),
        {"73049": "date_serial", "73050": "date_serial", "73051": "not_a_date"},
    ),
    (lambda count: len(read_names("；".join(map(str, range(count))))), FIFTY_NAMES),
    (lambda n: len(read_investors("；".join(map("甲{}公司".format, range(n))))), FIFTY_NAMES),
    (lambda n: len(read_investors(INVESTORS + "乙" * n)), {0: 50, 1: 50, 2: "too_many_names"}),
    (lambda n: read_investors(f"丙公司、{'乙' * n}"), {1000: "too_long", 1001: "too_many_names"}),
    (lambda length: len(read_investors("乙" * length)), {199: 1, 200: 1, 201: "too_long"}),
    (
        lambda count: split_role("甲公司（牵头）" + "（北京）" * count, bool)[1],
        {3: "lead", 4: "lead", 5: ""},
    ),
    (lambda length: len(find_in_cell(f"{'意向':x<{length}}")), {15: 1, 16: 1, 17: 0}),
    (lambda length: len(find_in_cell(f"{'意向书':x>{length}}")), {1999: 1, 2000: 1, 2001: 0}),
    (lambda n: clean_mapping_name("x" * n), {63: "x" * 63, 64: "x" * 64, 65: "invalid_mapping"}),
    (lambda count: len(list_wholes("厂" + "二期" * count)), {2: 2, 3: 3, 4: 3}),
]


@pytest.mark.slow
@together(("ask", "outcomes"), READ)
def test_just_below_at_and_just_above(
    ask: Callable[[Any], Any], outcomes: Mapping[Any, Any]
) -> None:
    for value, outcome in outcomes.items():
        try:
            found = ask(value)
        except (AmountError, Mistake, DateError) as error:
            found = error.code
        assert found == outcome, value
