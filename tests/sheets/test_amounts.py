"""Amounts and counts as people write them: each phrase of the press and of planners' sheets."""

from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.utils import translation
from hypothesis import given, settings, strategies as st

from config.mistakes import Mistake
from config.texts import MAX_LENGTH, as_plain, check_line, describe_refused
from sheets.amounts import (
    AMOUNT_MESSAGES,
    CURRENCY_NAMES,
    LONGEST_AMOUNT,
    MAX_CNY,
    AmountError,
    Qualifier,
    active_language,
    check_other_currency,
    format_cny,
    format_hedged,
    parse_amount,
    parse_cny,
    parse_cny_bound,
    say_currency,
    say_money,
)
from tests.together import together

# Investments of named projects and totals of signing events, as printed.
INVESTMENTS = [
    *[("近100亿元", 10_000_000_000, "nearly"), ("13.8亿元", 1_380_000_000, "exact")],
    *[("约7.62亿元", 762_000_000, "about"), ("300亿元", 30_000_000_000, "exact")],
    *[("一期总投资6亿元", 600_000_000, "exact"), ("一期总投资约2.4亿元", 240_000_000, "about")],
    *[("RMB 1 billion", 1_000_000_000, "exact"), ("400 million yuan", 400_000_000, "exact")],
    *[("3.5 billion", 3_500_000_000, "exact"), ("5亿元以上", 500_000_000, "at_least")],
    *[("上百亿元", 10_000_000_000, "at_least"), ("2 billion yuan", 2_000_000_000, "exact")],
    ("8.5 billion yuan", 8_500_000_000, "exact"),
    ("exceeding 100 billion yuan", 100_000_000_000, "over"),
    ("about 54.4 billion yuan", 54_400_000_000, "about"),
]

# Other sums of money in reports, with the words that say what they are of.
SUMS = [
    ("計劃總投資396.7億元", 39_670_000_000, "exact"),
    ("worth roughly 17 billion yuan", 17_000_000_000, "about"),
    ("total investment of two billion yuan", 2_000_000_000, "exact"),
    ("worth one billion yuan in total", 1_000_000_000, "exact"),
    *[("总投资超500亿元", 50_000_000_000, "over"), ("约为198.5亿元", 19_850_000_000, "about")],
    ("actual value of 5.76 billion yuan", 5_760_000_000, "exact"),
    *[("总投资已突破2000亿元", 200_000_000_000, "over"), ("资金55亿余元", 5_500_000_000, "over")],
    *[("投資規模達到150億元", 15_000_000_000, "exact"), ("年產值超百億元", 10_000_000_000, "over")],
    # 以上 includes the number, as in law.
    ("年銷售收入將達百億元以上", 10_000_000_000, "at_least"),
    ("CNY 104.5 billion", 104_500_000_000, "exact"),
    ("总投资达1.3万亿元", 1_300_000_000_000, "exact"),
]

# Counts, shares and measures: text, number, qualifier, unit.
COUNTS = [
    ("規劃面積14.5平方公里", "14.5", "exact", "km2"),
    ("常住人口規模約為5.8萬人", "58000", "about", "persons"),
    ("over 100 projects", "100", "over", "projects"),
    ("市场主体突破2000家", "2000", "over", "enterprises"),
    *[("签约6个项目", "6", "exact", "projects"), ("累计签约项目67个", "67", "exact", "")],
    *[("总规划面积62平方公里", "62", "exact", "km2"), ("占地8800畝", "8800", "exact", "mu")],
    ("建筑面积6.2万平方米", "62000", "exact", "m2"),
    ("approximately 30,000 square meters", "30000", "about", "m2"),
    *[("就业2000人", "2000", "exact", "persons"), ("290亩土地", "290", "exact", "mu")],
    *[("20余家企业", "20", "over", "enterprises"), ("累计签约项目210余个", "210", "over", "")],
    ("1万多个就业岗位", "10000", "over", "jobs"),
    *[("新开工项目54项", "54", "exact", ""), ("14 enterprises", "14", "exact", "enterprises")],
    *[("近万人", "10000", "nearly", "persons"), ("1,500余家", "1500", "over", "enterprises")],
    *[("over 1,500", "1500", "over", ""), ("近百家", "100", "nearly", "enterprises")],
    *[("nearly 10,000 jobs", "10000", "nearly", "jobs"), ("近80%", "80", "nearly", "percent")],
    *[("nearly 80 percent", "80", "nearly", "percent"), ("80.5％", "80.5", "exact", "percent")],
    *[("八成", "80", "exact", "percent"), ("超九成", "90", "over", "percent")],
    *[("百分之八十", "80", "exact", "percent"), ("-15 percent", "-15", "exact", "percent")],
    *[("约113亿日元", "11300000000", "about", "JPY"), ("€2.5 million", "2500000", "exact", "EUR")],
]

# Text, yuan, qualifier, where the field is in yuan.
PHRASES = [
    *[("超1.5亿元", 150_000_000, "over"), ("约176亿元", 17_600_000_000, "about")],
    *[("3000万元以上", 30_000_000, "at_least"), ("超千亿元", 100_000_000_000, "over")],
    *[("上百亿元", 10_000_000_000, "at_least"), ("过亿元", 100_000_000, "over")],
    *[("亿元以上", 100_000_000, "at_least"), ("20余亿元", 2_000_000_000, "over")],
    *[("二十多亿元", 2_000_000_000, "over"), ("3000多万元", 30_000_000, "over")],
    *[("超20余亿元", 2_000_000_000, "over"), ("100亿+", 10_000_000_000, "at_least")],
    *[("不低于5亿元", 500_000_000, "at_least"), ("不超过3亿", 300_000_000, "at_most")],
    *[("5亿元以内", 500_000_000, "at_most"), ("不足5亿元", 500_000_000, "under")],
    *[("2.4亿元左右", 240_000_000, "about"), ("约2.4亿元左右", 240_000_000, "about")],
    *[("將近904億元", 90_400_000_000, "nearly"), ("１２．５亿", 1_250_000_000, "exact")],
    *[("１２．５亿元", 1_250_000_000, "exact"), ("１７，６００　万元", 176_000_000, "exact")],
    *[("1亿", 100_000_000, "exact"), ("5000万", 50_000_000, "exact")],
    *[("5千万元", 50_000_000, "exact"), ("2万亿元", 2_000_000_000_000, "exact")],
    *[("3亿5000万元", 350_000_000, "exact"), ("三亿五千万元", 350_000_000, "exact")],
    *[("一亿元", 100_000_000, "exact"), ("十亿", 1_000_000_000, "exact")],
    *[("百亿", 10_000_000_000, "exact"), ("两亿", 200_000_000, "exact")],
    *[("三千二百零五万元", 32_050_000, "exact"), ("人民币约5亿元", 500_000_000, "about")],
    *[("三个多亿元", 300_000_000, "over"), ("二十多个亿", 2_000_000_000, "over")],
    *[("3个亿", 300_000_000, "exact"), ("1个亿5000万", 150_000_000, "exact")],
    *[("￥1.5 亿", 150_000_000, "exact"), ("〇", 0, "exact"), ("1e9", 1_000_000_000, "exact")],
    *[("1.5E8", 150_000_000, "exact"), ("17600000000", 17_600_000_000, "exact")],
    *[("17600000000.00", 17_600_000_000, "exact"), ("17,600,000,000", 17_600_000_000, "exact")],
    *[("17 600 000 000", 17_600_000_000, "exact"), ("0", 0, "exact")],
    ("over 100 billion yuan", 100_000_000_000, "over"),
    ("Exceeding 100 billion yuan", 100_000_000_000, "over"),
    ("17.6 billion yuan", 17_600_000_000, "exact"),
    ("17.6 billion yuan ($2.4 billion)", 17_600_000_000, "exact"),
    ("over a billion yuan", 1_000_000_000, "over"),
    ("no more than 3 million yuan", 3_000_000, "at_most"),
    ("not exceeding 3 million yuan", 3_000_000, "at_most"),
    *[("no less than RMB 30m", 30_000_000, "at_least"), ("RMB 1.2bn", 1_200_000_000, "exact")],
    *[("CNY104.5bn", 104_500_000_000, "exact"), (str(MAX_CNY), MAX_CNY, "exact")],
]

# The cells of planners' sheets under a header with a unit.
CELLS = [
    *[("wan", "138000", 1_380_000_000, "exact"), ("wan", "约1,000,000", 10_000_000_000, "about")],
    *[("wan", "10.9", 109_000, "exact"), ("wan", "约40亿元", 4_000_000_000, "about")],
    *[("wan", "约300亿", 30_000_000_000, "about"), ("yi", "约7.62亿", 762_000_000, "about")],
    *[("yi", "15000万元", 150_000_000, "exact"), ("yi", "１１.８", 1_180_000_000, "exact")],
    *[("yi", "不低于30", 3_000_000_000, "at_least"), ("yi", "超600", 60_000_000_000, "over")],
    *[("yi", "近百", 10_000_000_000, "nearly"), ("yi", "3000元", 3_000, "exact")],
    ("yi", "3.5 billion", 3_500_000_000, "exact"),
    # A currency before the number, a sign and a code are no unit
    *[("wan", "¥500", 5_000_000, "exact"), ("wan", "人民币约500", 5_000_000, "about")],
    *[("wan", "500 RMB", 5_000_000, "exact"), ("wan", "CNY 500", 5_000_000, "exact")],
    *[("wan", "人民币500元", 500, "exact"), ("wan", "500 yuan", 500, "exact")],
    *[("wan", "￥5亿", 500_000_000, "exact"), ("wan", "RMB 5 million", 5_000_000, "exact")],
    # From a thousand on, a scale in English replaces that of the header.
    *[("wan", "5 hundred", 5_000_000, "exact"), ("wan", "5 thousand", 5_000, "exact")],
]

# Each word that the reader knows, separated by `|`
QUALIFIERS_BEFORE = {
    "over": "超过|超出|超|逾|突破|过|高于|大于|多于|over|more than|exceeding|exceeds|in excess of"
    "|above|upwards of|>",
    "at_least": "不低于|不少于|不小于|至少|上|at least|no less than|not less than"
    "|no fewer than|>=|≥",
    "about": "约|大约|大概|about|around|roughly|approximately|approx.|some|circa|~|≈",
    "nearly": "接近|将近|近|nearly|almost|close to|just under",
    "at_most": "不超过|不高于|不多于|不大于|至多|最多|最高|at most|up to|no more than|not more than"
    "|not exceeding|<=|≤",
    "under": "低于|不足|少于|小于|不到|不满|under|less than|fewer than|below|<",
    "exact": "已达到|已达|已|可达|将达|达到|达|共|为|是",
}
QUALIFIERS_AFTER = {
    "over": "余|多",
    "at_least": "及以上|以上|or more|and above|and more|+",
    "about": "左右|上下|or so",
    "at_most": "及以下|以下|以内|or less",
}
LABELS = (
    "其中|一期|二期|首期|年度|今年|每年|年|累计|合计|新增|计划|规划|预计|协议|合同|意向|直接|固定资产|总|框架"
    "|批复|概算|估算|匡算|拟|引进|到位|投资|资金|资本|金|注册|额|规模|数量|社会|招商|产值|营收|营业|销售|收入|税收"
    "|纳税|利税|达产后|达产|可实现|实现|研发|投入|拉动|就业|岗位|人口|常住|企业|项目|市场主体|签约|新开工|开工|落地"
    "|占地|面积|建筑|an investment of|the investment|total planned investment of|a value"
    "|agreed value|the actual combined value of|worth"
)
UNITS = {
    "percent": "%|percent|per cent",
    "mu": "亩土地|亩|mu",
    "ha": "公顷|hectares|ha",
    "m2": "平方米|平米|square meters|square metres|m2|m²|㎡",
    "km2": "平方公里|平方千米|square kilometers|square kilometres|sq km|km2|km²",
    "persons": "人|名|位|people|persons|employees",
    "jobs": "个就业岗位|个岗位|就业岗位|jobs",
    "enterprises": "家企业|个企业|户企业|家|enterprises|companies|firms",
    "projects": "个项目|项目|projects",
    "entities": "家市场主体|户市场主体|户|market entities|entities",
    "": "个|项",
}
SCALES = {
    1: "yuan|元",
    10: "十元",
    100: "百元|hundred yuan",
    1_000: "千元|thousand yuan|k yuan",
    10_000: "万元",
    100_000: "十万元",
    1_000_000: "百万元|million yuan|mln yuan|mn yuan|m yuan",
    100_000_000: "亿元",
    1_000_000_000: "十亿元|billion yuan|bln yuan|bn yuan|b yuan",
    1_000_000_000_000: "万亿元|trillion yuan|tn yuan",
}
TRADITIONAL = {
    "計劃總投資5億圓": "计划总投资5亿元",
    "預計將達註冊資本額規產産稅銷": "预计将达注册资本额规产产税销",
    "餘約過畝個數幾兩業項積築實現間": "余约过亩个数几两业项积筑实现间",
    "萬圆幣歐鎊韓戶簽負為￥−": "万元币欧镑韩户签负为¥-",
    "\u30005\xa06\u20097\u202f8　亿 元": "5 6 7 8亿元",
    "！０Ａ～": "!0a~",
}

EMPTY = (
    " - -- — —— – / // \\ － 无 暂无 不详 未知 未公布 未披露 金额未公布 查无数据 N/A"
    " 待定 未定 待明确 待确定 待商定 待议 TBD TBC t.b.d."
)
REFUSED = {
    "empty": [*EMPTY.split(" "), "To be determined"],
    "not_a_number": "亿元|万|abc|NaN|inf|k|超|over m".split("|"),
    "ambiguous": "数十亿|几十亿元|二十几亿|several billion yuan|hundreds of millions of yuan"
    "|近20余亿元|约5亿元以上|1,5亿|1,500,00|1.500.000|一亿五|三千五|100亩，平均每亩投资额540万元"
    "|130亿元，占70.3%|US$5 yuan|2019年营收突破20亿元|17 projects over 100 million yuan".split("|"),
    "range": "10-20亿元|10～20亿元|5亿至10亿元|10—20亿|五到十亿元|between 10 and 20 billion yuan"
    "|10 billion to 20 billion yuan".split("|"),
    "unknown_words": "管理规模300亿元|300亿元管理规模|540万元/亩|10²|平均每亩投资额540万元|5亿元/年"
    f"|1亿万|A|{'9' * 101}".split("|"),
    "fraction_of_yuan": "1.5|0.00001万元|1.234567891亿元".split("|"),
    "other_currency": "3.81亿美元|38100万美元|约113亿日元|$5 million".split("|"),
    "not_money": "82个|近万人|80%|14.5平方公里|5个项目".split("|"),
    "other_figure": "注册资本5亿元|年产值25亿元|税收15亿元".split("|"),
    "too_large": [str(MAX_CNY + 1), "1e99", "9001万亿元", "1" * 30],
    "negative": "-5亿|−5亿元|负5亿元|-1".split("|"),
}


def read(text: str) -> tuple[int, str] | str:
    """What a form makes of a text: yuan and qualifier, or the code of the refusal."""
    try:
        return parse_cny(text)
    except AmountError as refusal:
        return refusal.code


@together(("text", "yuan", "qualifier"), [*INVESTMENTS, *PHRASES])
def test_an_investment_is_read_as_it_was_written(text, yuan, qualifier):
    assert parse_cny(text) == (yuan, qualifier)


@together(("text", "yuan", "qualifier"), SUMS)
def test_a_sum_is_read_with_what_it_is_of(text, yuan, qualifier):
    amount = parse_amount(text)
    assert (amount.cny, amount.qualifier, amount.as_reported) == (yuan, qualifier, text)


@together(("text", "value", "qualifier", "unit"), COUNTS)
def test_a_count_or_measure_is_read_with_its_unit(text, value, qualifier, unit):
    amount = parse_amount(text)
    assert (amount.value, amount.qualifier, amount.unit) == (Decimal(value), qualifier, unit)


@together(("unit", "text", "yuan", "qualifier"), CELLS)
def test_the_unit_in_a_cell_wins_over_that_of_its_header(unit, text, yuan, qualifier):
    assert parse_cny(text, default_unit=unit) == (yuan, qualifier)


@together(
    ("text", "qualifier"),
    [
        *[(f"{w} 5亿元", q) for q, words in QUALIFIERS_BEFORE.items() for w in words.split("|")],
        *[(f"5亿元 {w}", q) for q, words in QUALIFIERS_AFTER.items() for w in words.split("|")],
    ],
)
def test_each_word_beside_a_number_qualifies_it(text, qualifier):
    assert parse_cny(text) == (500_000_000, qualifier)


@together("label", LABELS.split("|"))
def test_each_word_before_a_number_says_what_it_is_of(label):
    assert parse_amount(f"{label} 5亿元").label == label
    is_investment = any(word in label for word in ("投资", "investment", "value", "worth"))
    assert read(f"{label} 5亿元") == ((500_000_000, "exact") if is_investment else "other_figure")


@together(("unit", "word"), [(u, w) for u, words in UNITS.items() for w in words.split("|")])
def test_each_word_behind_a_number_is_its_unit(unit, word):
    amount = parse_amount(f"3 {word}")
    assert (amount.unit, amount.value) == (unit, 3)


@together(("factor", "words"), [(f, w) for f, words in SCALES.items() for w in words.split("|")])
def test_each_scale_multiplies_the_number(factor, words):
    assert parse_cny(f"3 {words}") == (3 * factor, "exact")


@together(("text", "plain"), [*TRADITIONAL.items()])
def test_full_width_and_traditional_characters_are_folded(text, plain):
    assert as_plain(text) == plain


@together(
    ("text", "value"),
    [(word, n) for n, word in enumerate("零一二三四五六七八九十")]
    + [("两", 2), ("一百零五", 105), ("九千九百九十九", 9999), ("十五", 15), ("二十", 20)],
)
def test_a_chinese_number_is_read(text, value):
    assert parse_amount(text).value == value


@together(
    ("text", "value"),
    [
        (f"{word} million yuan", n * 10**6)
        for n, word in enumerate("one two three four five six seven eight nine ten".split(), 1)
    ],
)
def test_an_english_number_is_read(text, value):
    assert parse_cny(text) == (value, "exact")


def test_a_number_has_at_most_24_digits():
    assert parse_amount("9" * 24).value == 10**24 - 1
    with pytest.raises(AmountError) as refusal:
        parse_amount("9" * 25)
    assert refusal.value.code == "too_large"


@together(("code", "text"), [(code, text) for code, texts in REFUSED.items() for text in texts])
def test_what_is_not_one_amount_of_yuan_is_refused_with_its_reason(code, text):
    with pytest.raises(AmountError) as refusal:
        parse_cny(text)
    assert refusal.value.code == code
    assert "17600000000" in refusal.value.message


def test_each_reason_for_a_refusal_is_shown_by_an_example():
    assert {*REFUSED, "qualified"} == {*AMOUNT_MESSAGES}


def test_a_bare_number_has_no_unit_and_is_not_money():
    with pytest.raises(AmountError) as refusal:
        _ = parse_amount("1,500").cny
    assert refusal.value.code == "not_money"


def test_a_claim_may_be_negative():
    assert parse_amount("-3.2亿元").cny == -320_000_000


@together(
    ("text", "yuan"),
    [("1亿", 10**8), ("5000万", 5 * 10**7), ("1e9", 10**9), ("100000000", 10**8), ("0", 0)],
)
def test_a_bound_of_a_filter_is_read_in_yuan(text, yuan):
    assert parse_cny_bound(text) == yuan


@together("text", ["超1亿", "1亿以上", "over 5 million", "近亿元", "~5", "1亿+"])
def test_a_bound_takes_no_qualifier(text):
    with pytest.raises(AmountError) as refusal:
        parse_cny_bound(text)
    assert refusal.value.code == "qualified"


def test_a_refusal_speaks_the_language_active_when_it_is_shown():
    refusal = AmountError("range", "10-20亿元")
    with translation.override("en"):
        assert str(refusal).startswith("“10-20亿元” is a range; give one value. Write whole yuan")


@together(
    ("value", "qualifier", "chinese", "english"),
    [
        (150_000_000, "over", "超1.5亿元", "over 150 million yuan"),
        (17_600_000_000, "exact", "176亿元", "17.6 billion yuan"),
        (17_600_000_000, "about", "约176亿元", "about 17.6 billion yuan"),
        (104_547_000_000, "exact", "1045.47亿元", "104.547 billion yuan"),
        (10_400_000_000_000, "exact", "10.4万亿元", "10.4 trillion yuan"),
        (218_000_000, "at_least", "不低于2.18亿元", "at least 218 million yuan"),
        (371_250_000, "nearly", "近37125万元", "nearly 371.25 million yuan"),
        (12_345_678, "at_most", "不超过12,345,678元", "at most 12,345,678 yuan"),
        (250_000, "under", "低于25万元", "under 250,000 yuan"),
        (0, "exact", "0元", "0 yuan"),
        (-320_000_000, "exact", "-3.2亿元", "-320 million yuan"),
    ],
)
def test_an_amount_is_written_short_but_exact(value, qualifier, chinese, english):
    assert format_cny(value, qualifier) == chinese
    assert format_cny(value, qualifier, language="en") == english


# Round numbers as well as any: the writer chooses by the digits.
WHOLE_AMOUNTS = st.integers(0, MAX_CNY) | st.builds(
    lambda digits, zeros: min(digits * 10**zeros, MAX_CNY),
    st.integers(0, 99_999),
    st.integers(0, 12),
)
LANGUAGES = st.sampled_from(["zh", "en"])


@pytest.mark.slow
@settings(deadline=None, max_examples=500)
@given(value=WHOLE_AMOUNTS, qualifier=st.sampled_from(Qualifier.values), language=LANGUAGES)
def test_writing_and_reading_again_changes_nothing(value, qualifier, language):
    written = format_cny(value, qualifier, language=language)
    assert parse_cny(written) == (value, qualifier)


@pytest.mark.slow
@settings(deadline=None)
@given(value=WHOLE_AMOUNTS, language=LANGUAGES)
def test_a_loss_is_read_again_as_the_same_loss(value, language):
    assert parse_amount(format_cny(-value, language=language)).cny == -value


@settings(deadline=None)
@given(value=st.integers(0, MAX_CNY), unit=st.sampled_from(["yuan", "wan", "yi"]))
def test_an_export_in_any_unit_is_read_again_exactly(value, unit):
    factor = {"yuan": 1, "wan": 10**4, "yi": 10**8}[unit]
    cell = f"{Decimal(value) / factor:f}"
    assert parse_cny(cell, default_unit=unit) == (value, "exact")


@pytest.mark.slow
@settings(deadline=None, max_examples=500)
@given(
    st.text(max_size=LONGEST_AMOUNT + 5)
    | st.text("0123456789.,-+e 一十百千万亿元超约余以上总额k m$bn", max_size=LONGEST_AMOUNT)
)
def test_any_text_is_read_or_refused_and_never_a_crash(text):
    answer = read(text)
    assert answer in AMOUNT_MESSAGES or (
        0 <= answer[0] <= MAX_CNY and answer[1] in Qualifier.values
    )


# Each currency by the names that people give it, and in Chinese and English
CURRENCIES = {
    "CNY": "元 人民币 人民币元 元人民币 chinese_yuan yuan renminbi rmb cny ¥",
    "USD": "美元 美金 us_dollars u.s._dollars dollars usd us$ $",
    "HKD": "港元 港币 hong_kong_dollars hkd hk$",
    "TWD": "新台币 twd nt$",
    "JPY": "日元 japanese_yen yen jpy",
    "KRW": "韩元 korean_won won krw",
    "EUR": "欧元 euros euro eur €",
    "GBP": "英镑 pounds gbp £",
    "SGD": "新加坡元 singapore_dollars sgd",
    "AUD": "澳元 澳大利亚元 aud",
    "CAD": "加元 加拿大元 cad",
    "CHF": "瑞士法郎 瑞郎 chf",
    "THB": "泰铢 thb",
}


@together(("code", "names"), list(CURRENCIES.items()))
def test_each_currency_is_read_by_its_names(code: str, names: str) -> None:
    for name in names.split():
        assert parse_amount(f"300万{name.replace('_', ' ')}").unit == code, name


@together("code", [*CURRENCY_NAMES])
def test_every_currency_of_iso_4217_is_read_by_code_and_chinese_name(code: str) -> None:
    name = CURRENCY_NAMES[code][0]
    assert parse_amount(f"{code} 5 million").unit == code
    assert "（" in name or parse_amount(f"500万{name}").unit == code  # of other years


@together(
    ("code", "suggestion"),
    [("USD", ""), ("THB", ""), ("CNY", None), ("usd", "USD"), ("美元", "USD"), ("XYZ", None)],
)
def test_another_currency_is_a_code_of_iso_4217(code: str, suggestion: str | None) -> None:
    if suggestion == "":
        assert check_other_currency(code) is None
    else:
        with pytest.raises(Mistake) as refused:
            check_other_currency(code)
        assert (str(refused.value.code), refused.value.suggestion) == ("unknown_value", suggestion)


SIZES = (7, 20_000, 2_800_000, 20_000_000, 12_345_678, 150_000_000, 3 * 10**12, -2_000_000)


@together("currency", ["USD", "EUR", "HKD", "JPY", "GBP", "CHF", "ZWD", ""])
@together("qualifier", ["exact", "over", "about", "at_most"])
def test_money_that_is_written_is_read_back(currency: str, qualifier: str) -> None:
    for language in ("zh-hans", "en"):
        for size in SIZES if qualifier == "exact" else SIZES[:-1]:
            with translation.override(language):
                text = say_money(size, currency, qualifier)
            read = parse_amount(text)
            expected = (size, currency or "CNY", qualifier)
            assert (read.value, read.unit, str(read.qualifier)) == expected, text


def test_money_in_words_has_the_names_of_currencies() -> None:
    with translation.override("zh-hans"):
        assert [say_money(20_000_000, each) for each in ("USD", "EUR", "HKD", "JPY", "XYZ")] == [
            *("2000万美元", "2000万欧元", "2000万港元", "2000万日元", "20,000,000 XYZ")
        ]
        assert say_money(100_000_000, "USD", "over") == "超1亿美元"
        assert [say_money(size, "USD") for size in (20_000, 7_000)] == ["2万美元", "7,000美元"]


@together(
    ("language", "words"),
    [
        ("zh-hans", ("zh", "美元", "XYZ", "300万美元", "300万元", "近1,500.5")),
        ("en", ("en", "US Dollar", "XYZ", "3 million USD", "3 million yuan", "nearly 1,500.5")),
        ("de", ("en", "US Dollar", "XYZ", "3 million USD", "3 million yuan", "nearly 1,500.5")),
    ],
)
def test_money_is_written_in_the_active_language(language: str, words: tuple[str, ...]) -> None:
    with translation.override(language):
        said: Any = (
            active_language(),
            *map(say_currency, ("USD", "XYZ")),
            *(say_money(3_000_000, currency) for currency in ("USD", "")),
            format_hedged(Decimal("1500.50"), "nearly", language=active_language()),
        )
    assert said == words


@together(
    ("text", "code"),
    [
        ("园" * MAX_LENGTH, ""),
        ("园" * (MAX_LENGTH + 1), "max_length"),
        ("😀" * (MAX_LENGTH // 2) + "a", ""),  # two units of UTF-16 each
        ("😀" * (MAX_LENGTH // 2) + "ab", "max_length"),
        *((chr(plane << 16 | 0xFFFF), "control_character") for plane in (0, 1, 16)),
        *((chr(plane << 16 | 0xFFFD), "") for plane in (0, 1)),
        ("\ud800", "control_character"),
        ("\n", "control_character"),
    ],
)
def test_a_line_has_no_control_characters_and_fits_into_a_cell(text: str, code: str) -> None:
    if not code:
        assert check_line(text) is None
    else:
        with pytest.raises(ValidationError) as refused:
            check_line(text)
        assert refused.value.code == code
        assert refused.value.messages == [
            describe_refused(text)
            if code == "control_character"
            else "This has 32768 characters; at most 32767 are allowed."
        ]
