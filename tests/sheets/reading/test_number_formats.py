"""What a number in a workbook shows, by its number format."""

import pytest

from sheets.reading.number_formats import read_format
from sheets.reading.package import (
    BUILT_IN,
    FIRST_LOST,
    classify_format,
    format_digits,
    format_number,
)
from tests.together import together

# ECMA-376, 18.8.30, and the dates of Chinese, Japanese and Korean editions
KINDS = {
    "percent": {9, 10},
    "day": {14, 15, 16, *range(28, 32), 51, 53, 54, 58},
    "month": {17, 27, 36, 50, 52, 57},
    "moment": {*range(18, 23), *range(32, 36), 45, 46, 47, 55, 56},
}


def test_a_number_of_a_built_in_format_is_of_its_kind() -> None:
    found = {number: classify_format(BUILT_IN.get(number, "General")) for number in range(100)}
    by_number = {number: kind for kind, numbers in KINDS.items() for number in numbers}
    assert found == {number: by_number.get(number, "number") for number in range(100)}


@together(
    ("kind", "codes"),
    [
        ("number", ["general", "General", "0", "#,##0.00", "0.0E+00", "#m", "0m", "?m", "#y"]),
        ("number", ["", "@", '0"d"', r"0\d", "0_d", "0*d", "[Red]0", "0;yyyy", "0y"]),
        ("number", ['"%"0', "0" * 255 + "d"]),
        ("percent", ["0%", "0.00%", "0%;yyyy"]),
        ("year", ["yyyy", "YYYY", 'yyyy"年"', "e", "yyyy;0"]),
        ("month", ["yyyy-mm", "mmm-yy", 'yyyy"年"m"月"', "[$-804]yyyy-mm"]),
        ("day", ["yyyy-mm-dd", "d", "d-mmm", "mm", "m/d/yy", "0d", " " * 254 + "d"]),
        ("moment", ["h", "mm:ss", "yyyy-mm-dd hh:mm", "[h]:mm", "[hh]", "[ss]", "s.0"]),
        ("day", ["[m]", "[mm]"]),
    ],
)
def test_a_format_of_ones_own_is_of_its_kind(kind: str, codes: list[str]) -> None:
    assert {code: classify_format(code) for code in codes} == dict.fromkeys(codes, kind)


@together(
    ("raw", "kind", "text", "text_of_1904"),
    [
        *[("45471", "number", "45471", "45471"), ("45471", "day", "2024-06-28", "2028-06-29")],
        *[("45471", "month", "2024-06", "2028-06"), ("45471", "year", "2024", "2028")],
        ("45471", "moment", "2024-06-28", "2028-06-29"),
        ("45471.5625", "moment", "2024-06-28T13:30:00", "2028-06-29T13:30:00"),
        ("45471.000011574", "day", "2024-06-28T00:00:01", "2028-06-29T00:00:01"),
        # Lotus has a 29 February 1900
        *[("0.5", "day", "0.5", "0.5"), ("1", "day", "1900-01-01", "1904-01-02")],
        *[("59", "day", "1900-02-28", "1904-02-29"), ("60", "day", "1900-02-28", "1904-03-01")],
        ("61", "day", "1900-03-01", "1904-03-02"),
        # The last day of each calendar
        ("2957003", "day", "9995-12-30", "9999-12-31"),
        *[("2957004", "day", "9995-12-31", "2957004"), ("2958465", "day", "9999-12-31", "2958465")],
        *[("2958466", "day", "2958466", "2958466"), ("-1", "day", "-1", "-1")],
        *[("0.05", "percent", "5%", "5%"), ("0.12345", "percent", "12.345%", "12.345%")],
        (" 5 ", "number", "5", "5"),
        # More than a number of Excel holds
        (" inf ", "number", "inf", "inf"),
        ("1e307", "percent", "1e307", "1e307"),
        ("1e305", "percent", f"1{'0' * 307}%", f"1{'0' * 307}%"),
        ("1e306", "percent", f"1{'0' * 308}%", f"1{'0' * 308}%"),
        ("1.7976e306", "percent", f"17976{'0' * 304}%", f"17976{'0' * 304}%"),
        ("1.7977e306", "percent", "1.7977e306", "1.7977e306"),
    ],
)
def test_a_number_is_written_as_it_shows(raw: str, kind: str, text: str, text_of_1904: str) -> None:
    assert format_number(raw, kind, is_1904=False) == text
    assert format_number(raw, kind, is_1904=True) == text_of_1904


@together("raw", ["1_0", "１", "x", "1 0"])
def test_what_is_no_number_is_refused(raw: str) -> None:
    with pytest.raises(ValueError, match=raw):
        format_number(raw, "number", is_1904=False)


@together(
    ("value", "text"),
    [
        *[(0.0, "0"), (-5.0, "-5"), (10.9, "10.9"), (0.1 + 0.2, "0.3"), (1e-7, "0.0000001")],
        *[(100.0, "100"), (1e15, "1000000000000000"), (123456789012345.6, "123456789012346")],
        *[(2.0**53 - 1, "9007199254740991"), (2.0**53, "9007199254740990")],
        *[(1.5e300, "15" + "0" * 299), (1e16, "1" + "0" * 16), (1 / 7, "0.142857142857143")],
    ],
)
def test_digits_are_those_that_excel_keeps(value: float, text: str) -> None:
    assert format_digits(value) == text
    assert FIRST_LOST == 1_000_000_000_000_000


@together(
    ("code", "text"),
    [
        # A scale, a hedge, a currency, an area
        *[('0"亿"', "500亿"), ('General"亿"', "500亿")],
        *[('G/通用格式"亿"', "500亿"), ("0亿", "500亿")],
        *[('"约"0', "约500"), ('0"以上"', "500以上"), ("0\\亿", "500亿"), ('0"元"', "500元")],
        *[('"$"#,##0', "$500"), ("[$€-2] #,##0", "€500"), ('0"万美元"', "500万美元")],
        *[('0"公顷"', "500公顷"), ('0.00"亩"', "500亩"), ('0"元/人"', "500元/人")],
        *[("_-[$US$-409]* #,##0_-", "US$500"), ("$#,##0_);[Red]($#,##0)", "$500")],
        # What says nothing of an amount
        *[("_ ¥* #,##0.00_ ", "500"), ("[$¥-804]#,##0", "500"), ('"￥"#,##0', "500")],
        *[('0"人"', "500"), ('"第"0"期"', "500"), ('0"号楼"', "500"), ('"XM"000', "500")],
        *[('0" "', "500"), ("#,##0_);[Red](#,##0)", "500"), ('0"%"', "500"), ('0;"亿"0', "500")],
        *[("0.00E+00", "500"), ("# ?/?", "500"), ("00000", "500"), ("@", "500"), ("", "500")],
        # Which words are shown depends on the number, or they are within it
        *[('[>=5]0"亿";0', "500"), ('0"亿"0000"万"', "500"), ("0%", "50000%")],
        # Shown in thousands and more
        *[('0!.0,"万"', "0.05万"), ('0\\.0000"万"', "0.05万"), ("#,##0,", "0.5")],
        *[('0.00,,"百万"', "0.0005百万"), ('0!.00,,"亿"', "0.000005亿")],
        # So much that nobody means it
        *[("0,,,,,", "0.0000000000005"), ("0,,,,,,", "500"), (f"0{',' * 250}", "500")],
    ],
)
def test_words_beside_a_number_that_say_what_it_means_are_read(code: str, text: str) -> None:
    assert read_format(code).read("500") == (text, "")
    assert read_format(code).read("-500")[0].startswith("-")
    assert read_format(code).read("0")[0] in ("0", "0%")
