"""Units of money and land as people write them in headers, in columns and above tables."""

from dataclasses import replace
from typing import Any

import pytest

from sheets import amounts
from sheets.reading.units import (
    UNIT_WORDS,
    TitleUnits,
    combine,
    find_column_unit,
    find_currency,
    find_measure,
    find_title_units,
    is_land,
    is_like_unit,
    parse_currency,
    parse_unit,
    pick_currency,
    write_unit,
)
from tests.together import together

SPELLINGS = {
    "yuan": "元|人民币|RMB|CNY|￥|单位：元|units: yuan|unit: RMB|元元",
    "wan": "万|万元|万圆|（万元）|【万元】|[万元]|单位：万元|单位为万元|金额单位：万元"
    "|货币单位:万元|投资单位：万元|投资额单位：万元|资金单位：万元|规模单位：万元|计量单位：万元"
    "|计价单位：万元|人民币：万元|万元人民币|RMB 10,000|RMB 10000|RMB 10k|wan yuan|wan"
    f"|{'万元':100}",
    "yi": "亿|亿元|RMB 100 million|RMB 100millions|RMB 100m|yi yuan|yi|人民币亿元人民币",
    "千元": "千元|RMB'000|RMB ’000|RMB '000s|RMB’000s|thousand yuan|thousands RMB|in thousand yuan",
    "十万元": "十万元",
    "百万元": "百万|百万元|RMB million|millions yuan|mn yuan|RMB mln|RMB m",
    "千万元": "千万|千万元",
    "十亿元": "十亿|十亿元|RMB billion|RMB billions|RMB bn",
    "百亿元": "百亿|百亿元",
    "万美元": "万美元|USD 10,000|美元：万元",
    "美元": "美元|USD",
    "mu": "亩|mu|单位：亩",
    "ha": "公顷|ha|hectare|hectares|万平方米|万平米|万平方|万m2|万㎡",
    "m2": "平方米|平米|平方|米2|m2|m²|㎡|sqm|square meters|square metres",
    "km2": "平方公里|平方千米|km2|km²",
    # Not a unit, or none of one currency
    "": f"|石|十万|千|million|thousand|美元欧元|万元/亩|万元通公司|{'元' * 101}|{'万元':101}",
}


@together(
    ("unit", "text"), [(unit, t) for unit, all_ in SPELLINGS.items() for t in all_.split("|")]
)
def test_a_unit_is_read_in_each_of_its_spellings(unit: str, text: str) -> None:
    assert parse_unit(text) == unit


@pytest.mark.parametrize(
    ("factor", "unit"),
    [(10**3, " thousand USD"), (10**6, " million USD"), (10**9, " billion USD"), (10**4, "万美元")],
)
def test_a_unit_is_written_in_english_where_amounts_are(
    monkeypatch: pytest.MonkeyPatch, factor: int, unit: str
) -> None:
    assert write_unit("USD", factor).endswith("美元")
    monkeypatch.setattr(amounts, "TYPED_LANGUAGE", "en")
    assert write_unit("USD", factor) == unit


@together(
    ("unit", "column_unit"),
    [
        *[("yuan", ("CNY", 1)), ("wan", ("CNY", 10**4)), ("yi", ("CNY", 10**8))],
        *[("千元", ("CNY", 10**3)), ("十万元", ("CNY", 10**5)), ("百万元", ("CNY", 10**6))],
        *[("千万元", ("CNY", 10**7)), ("十亿元", ("CNY", 10**9)), ("百亿元", ("CNY", 10**10))],
        *[("美元", ("USD", 1)), ("万美元", ("USD", 10**4)), ("亿欧元", ("EUR", 10**8))],
        *[(unit, None) for unit in ("", "mu", "ha", "m2", "km2", "百万", "石")],
    ],
)
def test_a_unit_of_money_is_a_currency_and_a_factor_and_written_again(
    unit: str, column_unit: Any
) -> None:
    assert find_column_unit(unit) == column_unit
    if column_unit:
        assert write_unit(*column_unit) == unit
    assert is_land(unit) is (unit in ("mu", "ha", "m2", "km2"))


def test_the_word_of_a_unit_is_read_as_that_unit() -> None:
    assert [*UNIT_WORDS.values()] == "元 万元 亿元 亩 公顷 平方米 平方公里".split()
    assert [parse_unit(word) for word in UNIT_WORDS.values()] == [*UNIT_WORDS]


@together(
    ("unit", "currency", "combined"),
    [
        *[("wan", "USD", "万美元"), ("万美元", "CNY", "wan"), ("yi", "CNY", "yi")],
        *[("wan", "", "wan"), ("", "USD", ""), ("mu", "USD", "mu")],
    ],
)
def test_a_currency_beside_an_amount_changes_its_unit(
    unit: str, currency: str, combined: str
) -> None:
    assert combine(unit, currency) == combined


def test_a_currency_is_read_with_brackets_and_blanks() -> None:
    texts = ("人民币", "（USD）", "美 元", "US dollars", "贝壳", "万元")
    assert [parse_currency(text) for text in texts] == ["CNY", "USD", "USD", "USD", "", ""]


@together("text", ["万吨公里", "元", "平方", "RMB", "us$", "HK$", "€", "亩均", "公顷", "thousand"])
def test_a_text_with_a_word_of_units_is_like_one(text: str) -> None:
    assert is_like_unit(text)
    assert not is_like_unit("招商局 28")


@together(
    ("text", "currency"),
    [
        *[("总投资（美元）", "USD"), ("投资 万 美元", "USD"), ("US$ million", "USD")],
        *[("人民币万元", "CNY"), ("RMB", "CNY"), ("总投资（元）", "元"), ("million yuan", "元")],
        *[("韩元", "KRW"), ("波兰兹罗提", "PLN"), ("won", ""), ("总投资", ""), ("", "")],
        *[("usd", "USD"), ("all projects", ""), ("try", ""), ("贝壳", "")],
        *[("美元、欧元", "元"), ("usd or eur", ""), ("usda", ""), ("3usd", "")],
        # Amounts name no currency of a column
        *[("3000万美元以上", ""), ("美元以上", ""), ("5亿元及以上", ""), ("美元及以下", "")],
        *[("5百万美元", "元"), ("5百美元", "元"), ("5千万美元", "元")],
        *[(" " * 497 + "usd", "USD"), (" " * 498 + "usd", "")],
    ],
)
def test_a_text_names_one_currency(text: str, currency: str) -> None:
    assert find_currency(text) == currency


@together(
    ("found", "picked"),
    [
        *[(("", ""), ""), (("", "元"), "元"), (("元", ""), "元"), (("元", "USD"), "USD")],
        *[(("EUR", "USD"), "EUR"), (("", "USD"), "USD"), (("USD", "元"), "USD")],
    ],
)
def test_a_currency_that_is_named_goes_before_yuan_alone(found: Any, picked: str) -> None:
    assert pick_currency(*found) == picked


@together(
    ("unit", "measure"),
    [
        *[("亩", "mu"), ("mu", "mu"), ("CNY", "CNY"), ("USD", "USD"), ("percent", "percent")],
        *[("元", "CNY"), ("美元", "USD"), ("万元", "wan"), ("万美元", "万美元"), ("家", "")],
        *[("mu per project", "mu"), ("CNY per year", "CNY"), ("", ""), ("亩均", "")],
    ],
)
def test_a_unit_measures_money_land_or_nothing(unit: str, measure: str) -> None:
    assert find_measure(unit) == measure


@together(
    ("cells", "currency"),
    [
        *[(["单位：万美元"], "USD"), (["单位：万元"], "元"), (["币种：美元", "单位：万元"], "USD")],
        *[(["币种：美元 币种：欧元"], "USD"), (["单位：欧元", "币别：美元"], "USD"), (["表"], "")],
        *[(["货币为港币", "USD"], "HKD"), (["制表", "RMB million"], "CNY")],
    ],
)
def test_lines_above_a_table_name_its_currency(cells: list[str], currency: str) -> None:
    assert find_title_units(cells).currency == currency


_BEFORE_UNIT = "金额 货币 投资 资金 规模 面积 用地 计量 计价 数量 表 表格 一览 投资额 、".split()
# What cells above a table give: money, land, what is not understood. A second cell follows ↵
TITLES = {
    ("wan", "", ""): "万元|单位∶万元|单位꞉万元|单位为万元|编制单位：招商局  单位：万元"
    "|单位：\n万元|制表\n单位：万元\n招商局|单位：个、万元|单位：万元，截至2026年"
    "|单位：万元↵单位：亿元",
    ("百万元", "", ""): "Unit: RMB million|Units : RMB million",
    # A unit has at most eight words
    ("yi", "", ""): "一览表 单位：人 民 币 亿 元 人 民 币",
    ("", "", "人 民 币 百 万 元 人 民 币"): "一览表 单位：人 民 币 百 万 元 人 民 币",
    ("", "ha", ""): "公顷",
    ("wan", "mu", ""): "单位：万元、亩|单位：亩、万元。|单位：亩（万元）",
    ("yi", "mu", ""): "重点项目（亿元、亩）|重点项目（亿元）（亩）|单位：亩↵单位：公顷、亿元",
    ("yi", "m2", ""): "单位：台、万吨、平方米、亿元",
    # One character may be anything
    ("", "", ""): "元|编制单位：万元通公司|单位：招商局|编制单位：万元/亩|重点项目（亿元/亩）"
    "|填报单位：招商局（万元）",
    ("", "", "万元,截至2026年,万吨公里"): "单位：万元，截至2026年，万吨公里",
    ("", "", "万元、亿元"): "单位：万元、亿元",
    ("", "", "亿元(外资项目:万美元)"): "单位：亿元（外资项目：万美元）",
    ("", "", "亩、公顷"): "单位：亩、公顷",
    ("", "", ("万元/" * 30)[:40]): f"单位：{'万元/' * 30}",
    ("", "", "万元/亩"): "单位：万元/亩|单位：万元/亩↵单位：亿元/亩"
    + "".join(f"|{word}单位：万元/亩" for word in _BEFORE_UNIT),
}


@together(
    ("units", "text"), [(units, t) for units, all_ in TITLES.items() for t in all_.split("|")]
)
def test_units_above_a_table_are_found(units: tuple[str, ...], text: str) -> None:
    found = find_title_units(text.split("↵"))
    assert replace(found, currency="") == TitleUnits(*units)
