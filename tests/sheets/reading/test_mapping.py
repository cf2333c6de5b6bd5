"""What a person says of the columns of a sheet, and what is wrong with columns."""

import json
from typing import Any

import pytest

from config.mistakes import Mistake
from sheets.packing import PackedLines
from sheets.reading.columns import (
    CURRENCY,
    JOINED,
    LAND,
    MAY_BE_KEPT,
    MONEY,
    NAMES,
    UNIT,
    Wishes,
    describe_unknown,
    find_joined,
    find_nearest_names,
    find_open,
    find_problems,
    find_unit_problems,
    give_title_units,
    parse_mapping,
    parse_pairs,
)
from sheets.reading.headers import HeaderRows, Heading, find_header
from sheets.reading.rows import Limits, ReadRow, ReadSheet
from tests.together import together

SPELLINGS = {
    **{"项目名称": Heading("name_zh"), "签约日期": Heading("signed_on")},
    **{"signedon": Heading("signed_on")},
    **{"总投资": Heading("investment_cny", kind=MONEY), "占地": Heading("land_mu", kind=LAND)},
    **{"备注": Heading("note", kind=JOINED), "投资方": Heading("investors", kind=NAMES)},
    **{"单位": Heading("unit"), "注册资本": Heading(refused="It is no investment.")},
}  # fmt: skip
KINDS = {"investment_cny": MONEY, "land_mu": LAND}


def refusal(text: str) -> Mistake:
    with pytest.raises(Mistake) as refused:
        parse_mapping(text)
    assert refused.value.code == "invalid_mapping"
    return refused.value


def test_a_mapping_is_read_with_all_its_parts() -> None:
    parts = {
        "columns": {"总投": "investment_cny"},
        "values": {"状态": {"在建": "started"}},
        "units": {"总投": "千美元"},
        "defaults": {"park": "town"},
    }
    wishes = parse_mapping(json.dumps({**parts, "ignore": ["杂", "再"]}))
    assert wishes == Wishes(**parts, ignore=("杂", "再"))
    assert wishes.named == ["总投", "杂", "再"]
    assert parse_mapping("{}") == Wishes()
    # Headers are compared as those of a sheet are
    assert (wishes.column_of(" 总投* "), wishes.column_of("总")) == ("investment_cny", None)
    assert (wishes.unit_of("总投："), wishes.unit_of("杂")) == ("千美元", None)
    assert (wishes.values_of("状 态"), wishes.values_of("杂")) == ({"在建": "started"}, {})
    assert [wishes.ignores(text) for text in ("再 ", "总投", "")] == [True, False, False]


def test_of_two_mappings_the_second_wins() -> None:
    first = Wishes({"a": "1", "b": "1"}, {"a": {"x": "1"}}, {"a": "yi"}, {"c": "1"}, ("i",))
    second = Wishes({"b": "2"}, {"a": {"y": "2"}}, {"d": "mu"}, {"c": "2"}, ("j",))
    assert first.merge(second) == Wishes(
        *[{"a": "1", "b": "2"}, {"a": {"y": "2"}}, {"a": "yi", "d": "mu"}, {"c": "2"}, ("i", "j")]
    )


@together(
    ("mapping", "said"),
    [
        *[("{", "JSON"), ("[" * 100_000, "JSON"), ("[]", "object"), ('"x"', "object")],
        *[('{"colums": {}}', "“colums”"), ('{"columns": []}', "“columns”")],
        *[('{"columns": {"a": 1}}', "“columns”"), ('{"defaults": {"a": null}}', "“defaults”")],
        *[('{"values": []}', "“values”"), ('{"values": {"a": "b"}}', "“values”")],
        *[('{"values": {"a": {"b": 1}}}', "“values”"), ('{"ignore": {}}', "“ignore”")],
        *[('{"ignore": "a"}', "“ignore”"), ('{"ignore": [1]}', "“ignore”")],
        *[('{"units": ["元"]}', "“units”"), ('{"units": {"a": "石"}}', "“石”")],
        *[('{"units": {"a": "元", "a": "元"}}', "“a”"), ('{"units": {"a": "元", "b": ""}}', "“”")],
    ],
)
def test_what_is_no_mapping_is_refused_with_its_place(mapping: str, said: str) -> None:
    assert said in str(refusal(mapping).message)


def test_a_part_that_is_misspelt_comes_with_the_right_one() -> None:
    assert refusal('{"colums": {}}').suggestion == "columns"


def test_pairs_are_of_a_header_and_what_it_is() -> None:
    wishes = parse_pairs(["总投: investment_cny", "a:b：name_zh"], ["杂"], ["总投：万元"])
    assert wishes == Wishes(
        columns={"总投": "investment_cny", "a:b": "name_zh"}, units={"总投": "万元"}, ignore=("杂",)
    )
    for columns, units, said in (
        (["总投"], [], "“总投” is not of the form header:column."),
        ([":name_zh"], [], "“:name_zh” is not of the form header:column."),
        (["总投: "], [], "“总投: ” is not of the form header:column."),
        ([], ["总投"], "“总投” is not of the form header:unit."),
        ([], ["总投:石"], "“石” is not a unit: write 元, 万元, 亿元 or 千美元."),
    ):
        with pytest.raises(Mistake) as refused:
            parse_pairs(columns, [], units)
        assert (refused.value.code, str(refused.value.message)) == ("invalid_mapping", said)


# --- Columns ---------------------------------------------------------------------------------


def header_of(*rows: list[str]) -> tuple[HeaderRows, list[ReadRow]]:
    lines = [ReadRow(number, cells) for number, cells in enumerate(rows, 1)]
    header = find_header(ReadSheet("", PackedLines(lines)), SPELLINGS, Limits())
    assert header is not None
    return header, [row for row in lines if row.line > header.last_line]


def problems(*cells: str, wishes: Wishes | None = None, named: Any = None) -> list[dict[str, Any]]:
    """What is wrong with the columns of a header, besides one of names."""
    matches = header_of(["项目名称", *cells])[0].matches
    if named:  # as a mapping names them
        matches = tuple(
            type(match)(match.place, match.text, named.get(match.text, match.name))
            for match in matches
        )
    return [
        each.as_dict() for each in find_problems(matches, matches, SPELLINGS, wishes or Wishes())
    ]


def test_columns_that_are_understood_have_no_problem() -> None:
    assert problems("总投资", "备注", "备注") == []
    assert find_joined(SPELLINGS) == {"note"}
    assert find_open(SPELLINGS) == {"note", "investors"}


def test_an_unknown_column_comes_with_the_nearest_of_ours() -> None:
    (told,) = problems("签约时期")
    assert told == {
        "column": "签约时期",
        "code": "unknown_column",
        "detail": "The column “签约时期” is not known; map it, or ignore it by name. Nearest are: "
        "签约日期 (signed_on).",
        "suggestion": "signed_on",
        "suggestions": ["signed_on"],
    }
    (told,) = problems("signed_onn")
    assert told["detail"].endswith("Nearest are: signed_on.")
    (told,) = problems("xyzxyzxyz")
    assert told == {
        "column": "xyzxyzxyz",
        "code": "unknown_column",
        "detail": "The column “xyzxyzxyz” is not known; map it, or ignore it by name.",
    }


def test_of_several_columns_the_nearest_is_suggested() -> None:
    told = describe_unknown("签约", {"signed_on": "签约日期", "note": "note"})
    assert (told.suggestion, told.further["suggestions"]) == ("signed_on", ["signed_on", "note"])
    assert str(told.message).endswith("Nearest are: 签约日期 (signed_on), note.")


def test_at_most_three_columns_are_near() -> None:
    many = {f"name{n}": Heading(f"n{n}") for n in range(5)} | {"namee": Heading(refused="No.")}
    assert len(find_nearest_names("name", many)) == 3
    assert set(find_nearest_names("name", many)) <= {f"n{n}" for n in range(5)}


def test_a_column_without_a_header_is_named_by_its_number() -> None:
    (told,) = problems("总投资", "")
    assert (told["column"], told["code"]) == ("#3", "unnamed_column")
    assert told["detail"] == "Column 3 has cells but no header."


def test_a_column_that_is_refused_says_why() -> None:
    (told,) = problems("注册资本")
    assert (told["column"], told["code"]) == ("注册资本", "refused_column")
    assert "It is no investment. Ignore it" in told["detail"]


def test_a_column_is_mapped_to_one_of_ours() -> None:
    (told,) = problems("总投资", named={"总投资": "investment"})
    assert (told["column"], told["code"]) == ("总投资", "unknown_name")
    assert "“总投资” is mapped to “investment”" in told["detail"]
    (told,) = problems("总投资", named={"总投资": "investment_cn"})
    assert told["suggestion"] == "investment_cny"


def test_two_columns_for_one_are_both_told() -> None:
    told = problems("签约日期", "signed_on", "总投资")
    assert [(each["column"], each["code"]) for each in told] == [
        ("签约日期", "repeated_column"),
        ("signed_on", "repeated_column"),
    ]
    assert "“signed_on”" in told[0]["detail"]


@pytest.mark.parametrize(
    "wishes",
    [
        *[Wishes(columns={"总投姿": "note"}), Wishes(values={"总投姿": {}})],
        *[Wishes(units={"总投姿": "元"}), Wishes(ignore=("总投姿",))],
    ],
)
def test_what_a_mapping_names_is_in_the_file(wishes: Wishes) -> None:
    (told,) = problems("总投资", wishes=wishes)
    assert (told["column"], told["code"]) == ("总投姿", "column_not_there")
    assert told["suggestion"] == "总投资"
    assert problems("总投资", "总投姿 ", wishes=wishes)[-1]["code"] != "column_not_there"


def test_only_what_is_not_known_may_be_kept_as_text() -> None:
    told = [each["code"] for each in problems("注册资本", "xyzxyzxyz", "", "签约日期", "签约日期")]
    assert [code for code in told if code in MAY_BE_KEPT] == ["refused_column", "unknown_column"]
    assert len(MAY_BE_KEPT) == 2


@together(
    ("title", "text", "currency"),
    [
        *[("", "总投资", ""), ("", "总投资（万元）", "元"), ("", "总投资（万美元）", "USD")],
        *[("", "总投资（USD 10,000）", "USD"), ("", "总投资（人民币）（万元）", "CNY")],
        *[("单位：万美元", "总投资", "USD"), ("单位：万美元", "总投资（万元）", "USD")],
        *[("单位：万美元", "总投资（万欧元）", "EUR"), ("单位：万元", "总投资", "元")],
        *[("币种：美元 单位：万元", "总投资", "USD"), ("币种：欧元", "总投资（万元）", "EUR")],
    ],
)
def test_a_column_has_the_currency_that_header_or_title_names(
    title: str, text: str, currency: str
) -> None:
    header, _rows = header_of(*([[title]] if title else []), ["项目名称", text])
    assert give_title_units(header.matches, header, KINDS)[1].currency == currency


def test_columns_of_units_and_currencies_are_found_by_name() -> None:
    assert (UNIT, CURRENCY) == ("unit", "currency")


def unit_problems(header: list[str], *rows: list[str], title: str = "", **wishes: Any) -> Any:
    lines = [[title], header, *rows] if title else [header, *rows]
    known, data = header_of(*lines)
    matches = give_title_units(known.matches, known, KINDS)
    found = find_unit_problems(matches, data, known, KINDS, Wishes(**wishes))
    return [(each.place["column"], each.code) for each in found]


MISSING, UNREAD = "unit_missing", "unit_not_understood"


@together(
    ("header", "cells", "title", "told"),
    [
        *[(["总投资（万元）"], ["28"], "", []), (["总投资（万元）"], ["28"], "单位：亿元", [])],
        *[(["总投资"], ["28"], "单位：万元", []), (["总投资"], ["28万元"], "", [])],
        *[(["总投资"], ["28万"], "", []), (["总投资"], ["0"], "", [])],
        *[(["总投资"], ["待定"], "", []), (["总投资"], [""], "", [])],
        (["总投资"], ["28"], "", [("总投资", MISSING)]),
        (["总投资"], ["约28"], "", [("总投资", MISSING)]),
        (["总投资"], ["-28"], "", [("总投资", MISSING)]),
        (["总投资"], ["28"], "单位：亩", [("总投资", MISSING)]),
        (["总投资"], ["28"], "单位：万元/亩", [("总投资", UNREAD)]),
        (["总投资"], ["28万元"], "单位：万元/亩", []),
        (["总投资（万吨）"], ["28"], "", [("总投资（万吨）", UNREAD)]),
        (["总投资（万吨）"], ["28"], "单位：万元", [("总投资（万吨）", UNREAD)]),
        (["总投资（亩）"], ["28"], "", [("总投资（亩）", UNREAD)]),
        *[(["占地（亩）"], ["28"], "", []), (["占地"], ["28"], "单位：亩", [])],
        *[(["占地"], ["28亩"], "", []), (["占地"], ["28"], "", [("占地", MISSING)])],
        (["占地"], ["28"], "单位：万元", [("占地", MISSING)]),
        (["占地（万元）"], ["28"], "", [("占地（万元）", UNREAD)]),
        (["总投资", "占地"], ["28", "28"], "单位：万元、公顷", []),
        (["总投资", "单位"], ["28", "万元"], "", []),
        (["总投资", "单位"], ["28", ""], "", []),
        (["总投资", "单位"], ["28", "招商局"], "", [("单位", "unknown_column")]),
        (["占地", "单位"], ["28", "亩"], "", [("占地", MISSING)]),
        (["签约日期"], ["28"], "", []),
    ],
)
def test_a_number_of_money_or_land_has_a_unit(
    header: list[str], cells: list[str], title: str, told: list[tuple[str, str]]
) -> None:
    assert unit_problems(["项目名称", *header], ["甲", *cells], title=title) == told
    assert unit_problems(["项目名称", *header], ["乙"], ["甲", *cells], title=title) == told


def test_a_cell_is_what_the_mapping_makes_of_it() -> None:
    header, row = ["项目名称", "总投资"], ["甲", "28"]
    assert unit_problems(header, row, values={"总投资": {"28": "28万元"}}) == []
    assert unit_problems(header, row, values={"总投资": {"29": "28万元"}}) == [("总投资", MISSING)]


def test_what_is_wrong_with_a_unit_shows_the_cell() -> None:
    known, rows = header_of(["项目名称", "总投资", "单位"], ["甲", "28", "局" * 41])
    (told,) = find_unit_problems(known.matches, rows, known, KINDS, Wishes())
    assert f"“{'局' * 40}”" in str(told.message)
    known, rows = header_of(["项目名称", "总投资"], ["甲", "0"], ["乙", "总投资" * 14 + "28"])
    (told,) = find_unit_problems(known.matches, rows, known, KINDS, Wishes())
    assert f"({('总投资' * 14)[:40]} of what?)" in str(told.message)
    known, rows = header_of(["项目名称", "总投资（万吨）"], ["甲", "28"])
    (told,) = find_unit_problems(known.matches, rows, known, KINDS, Wishes())
    assert "The unit “万吨” of “总投资（万吨）”" in str(told.message)
