"""Read and write amounts, counts and currencies as people write them: 超1.5亿元, 近万人, 万美元.

The names of currencies in `currencies.csv` are those of the Unicode CLDR (Unicode License v3),
read with Babel 2.19.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any, Literal

from django.conf import settings
from django.db import models
from django.utils.translation import get_language, gettext_lazy as _

from config.mistakes import Mistake, describe_later
from config.texts import EMPTY_CELLS, as_plain, shorten

_FILE = Path(__file__).with_name("currencies.csv")
_ROWS = [line.split(",") for line in _FILE.read_text(encoding="utf-8").splitlines()[1:]]
CURRENCY_NAMES = {code: (chinese, english) for code, chinese, english in _ROWS}

# Amounts in it are stored without a currency, in the columns that end in `_cny`
LEDGER_CURRENCY: str = settings.PROFILE.currency
# Areas in it are stored in the columns of land that end in `_mu`
LEDGER_LAND: str = settings.PROFILE.land_unit
# How amounts name them, the printed name first
USUAL_CURRENCIES = {
    "CNY": "元人民币|人民币元|人民币|元|chinese yuan|yuan|renminbi|rmb|cny|¥",
    "USD": "美元|美金|us dollars|u.s. dollars|dollars|usd|us$|$",
    "HKD": "港元|港币|hong kong dollars|hkd|hk$",
    "TWD": "新台币|twd|nt$",
    "JPY": "日元|japanese yen|yen|jpy",
    "KRW": "韩元|korean won|won|krw",
    "EUR": "欧元|euros|euro|eur|€",
    "GBP": "英镑|pounds|gbp|£",
    "SGD": "新加坡元|singapore dollars|sgd",
    "AUD": "澳元|澳大利亚元|aud",
    "CAD": "加元|加拿大元|cad",
    "CHF": "瑞士法郎|瑞郎|chf",
}
if settings.PROFILE.currency_words:
    USUAL_CURRENCIES[LEDGER_CURRENCY] = "|".join(settings.PROFILE.currency_words)
CURRENCIES = {
    code: f"{chinese}|{code.lower()}" for code, (chinese, _english) in CURRENCY_NAMES.items()
} | USUAL_CURRENCIES


# Whole yuan; below 2**53, so that every reader of JSON keeps it exact.
MAX_CNY = 9_000_000_000_000_000
LONGEST_AMOUNT = 100
_MOST_DIGITS = 24  # with more Decimal would begin to round

DefaultUnit = Literal["yuan", "wan", "yi"]
ColumnUnit = tuple[str, int]  # a currency, and how many of it one is
Language = Literal["zh", "en"]
# In which people type names and amounts
TYPED_LANGUAGE: Language = "en" if settings.PROFILE.language == "en" else "zh"


class Qualifier(models.TextChoices):
    """How exactly a number was meant by those who gave it."""

    EXACT = "exact", _("exact")
    OVER = "over", _("over")
    AT_LEAST = "at_least", _("at least")
    ABOUT = "about", _("about")
    NEARLY = "nearly", _("nearly")
    AT_MOST = "at_most", _("at most")
    UNDER = "under", _("under")


AMOUNT_MESSAGES: dict[str, Any] = {
    "empty": _("No amount is given."),
    "not_a_number": _("“%(text)s” contains no number."),
    "unknown_words": _("“%(text)s” contains words or a unit that are not understood."),
    "ambiguous": _("“%(text)s” can be read in more than one way."),
    "range": _("“%(text)s” is a range; give one value."),
    "fraction_of_yuan": _("“%(text)s” is not a whole number of yuan."),
    "other_currency": _("“%(text)s” is not in yuan; other currencies are not converted."),
    "not_money": _("“%(text)s” is not an amount of money."),
    "other_figure": _("“%(text)s” is not an investment."),
    "too_large": _("“%(text)s” is more than %(max)s yuan."),
    "negative": _("“%(text)s” is below zero."),
    "qualified": _("“%(text)s” is not a bound; leave out words such as 超, 约, over or about."),
}
AMOUNT_HINT = _(
    "Write whole yuan, or a number with 万, 亿, million or billion,"
    " for example 17600000000, 1.5亿元 or 17.6 billion yuan."
)
AREA_HINT = _("Write one area, such as 150, 10.5公顷 or 20 hectares.")


class AmountError(Mistake):
    """A text that is not one amount; `code` is a key of AMOUNT_MESSAGES."""

    def __init__(self, code: str, text: str = "", hint: Any = AMOUNT_HINT) -> None:
        named = {"text": shorten(text), "max": MAX_CNY}
        super().__init__(code, describe_later(AMOUNT_MESSAGES[code], named, hint))


@dataclass(frozen=True)
class Amount:
    """A number with its qualifier and unit, as read from `as_reported`.

    `unit` is a currency code (CNY), `percent`, a measure (mu, ha, acre, m2, km2), what is counted
    (persons, jobs, enterprises, projects, entities), or "" for a bare number. `label` has the words
    before the number (总投资, 年产值), or "".
    """

    value: Decimal
    qualifier: Qualifier
    unit: str
    as_reported: str
    label: str = ""

    @property
    def cny(self) -> int:
        """Whole yuan; AmountError for other units, fractions and amounts past MAX_CNY."""
        if self.unit != LEDGER_CURRENCY:
            code = "other_currency" if self.unit in CURRENCIES else "not_money"
            raise AmountError(code, self.as_reported)
        if abs(self.value) > MAX_CNY:
            raise AmountError("too_large", self.as_reported)
        if self.value != int(self.value):
            raise AmountError("fraction_of_yuan", self.as_reported)
        return int(self.value)


QUALIFIERS_BEFORE = {
    Qualifier.OVER: "超过|超出|超|逾|突破|过|高于|大于|多于|over|more than|exceeding|exceeds"
    "|in excess of|above|upwards of|>",
    Qualifier.AT_LEAST: "不低于|不少于|不小于|至少|上|at least|no less than|not less than"
    "|no fewer than|>=|≥",
    Qualifier.ABOUT: "约|大约|大概|about|around|roughly|approximately|approx.|some|circa|~|≈",
    Qualifier.NEARLY: "接近|将近|近|nearly|almost|close to|just under",
    Qualifier.AT_MOST: "不超过|不高于|不多于|不大于|至多|最多|最高|at most|up to|no more than"
    "|not more than|not exceeding|<=|≤",
    Qualifier.UNDER: "低于|不足|少于|小于|不到|不满|under|less than|fewer than|below|<",
}
# 以上, 以下 and 以内 include the number itself.
QUALIFIERS_AFTER = {
    Qualifier.OVER: "余|多",
    Qualifier.AT_LEAST: "及以上|以上|or more|and above|and more|+",
    Qualifier.ABOUT: "左右|上下|or so",
    Qualifier.AT_MOST: "及以下|以下|以内|or less",
}
OTHER_UNITS = {
    "percent": "%|percent|per cent|百分之|成",
    "mu": "亩土地|亩|mu",
    "ha": "公顷|hectares|ha",
    "acre": "英亩|acres|acre",
    "m2": "平方米|平米|square meters|square metres|m2|m²|㎡",
    "km2": "平方公里|平方千米|square kilometers|square kilometres|sq km|km2|km²",
    "persons": "人|名|位|people|persons|employees",
    "jobs": "个就业岗位|个岗位|就业岗位|jobs",
    "enterprises": "家企业|个企业|户企业|家|enterprises|companies|firms",
    "projects": "个项目|项目|projects",
    "entities": "家市场主体|户市场主体|户|market entities|entities",
    "": "个|项",
}
CHINESE_SCALES = {"十": 10, "百": 100, "千": 1000, "万": 10**4, "亿": 10**8}
ENGLISH_SCALES = {
    word: 10**power
    for power, words in {
        2: "hundred",
        3: "thousand k",
        6: "million mln mn m",
        9: "billion bln bn b",
        12: "trillion tn",
    }.items()
    for word in words.split()
}
CHINESE_DIGITS = {digit: n for n, digit in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
ENGLISH_NUMBERS = {
    word: n
    for n, word in enumerate("one two three four five six seven eight nine ten".split(), start=1)
} | {"a": 1}
DEFAULT_UNITS = {
    name: (LEDGER_CURRENCY, factor)
    for name, factor in {"yuan": 1, "wan": 10**4, "yi": 10**8}.items()
}
LABEL_WORDS = (
    "其中|一期|二期|首期|年度|今年|每年|年|累计|合计|新增|计划|规划|预计|协议|合同|意向|直接|固定资产|总"
    "|框架|批复|概算|估算|匡算|拟|引进|到位|投资|资金|资本|金|注册|额|规模|数量|社会|招商|产值|营收|营业|销售|收入|税收|纳税|利税|达产后|达产"
    "|可实现|实现|研发|投入|拉动|就业|岗位|人口|常住|企业|项目|市场主体|签约|新开工|开工|落地|占地|面积|建筑"
)
ENGLISH_LABEL = (
    "(?:(?:an? |the )?(?:total |planned |agreed |actual |combined )*(?:investment|value)(?: of)?"
    "|worth) "
)
# An import cell may say 总投资 or 一期投资 before its number, but not 注册资本 or 年产值.
INVESTMENT_LABEL = re.compile("投资|investment|value|worth")


def _key_by_word(table: dict[Any, str]) -> dict[str, Any]:
    """{"CNY": "元|yuan"} becomes {"元": "CNY", "yuan": "CNY"}."""
    return {word: meaning for meaning, words in table.items() for word in words.split("|")}


def match_one(words: Iterable[str]) -> str:
    """Build a pattern for one of the words, the longest first."""
    return "(?:" + "|".join(map(re.escape, sorted(words, key=len, reverse=True))) + ")"


_BEFORE = _key_by_word(QUALIFIERS_BEFORE)
_AFTER = _key_by_word(QUALIFIERS_AFTER)
CURRENCY_WORDS = _key_by_word(CURRENCIES)
# Signs and codes, before or after a number, name a currency; 5元 and 5 dollars are units
_CURRENCIES_ALONE = {
    word
    for word, code in CURRENCY_WORDS.items()
    if word in (code.lower(), "rmb") or not word[-1].isalpha()
}
_UNITS = CURRENCY_WORDS | _key_by_word(OTHER_UNITS)

_DIGIT = "[零〇一二两三四五六七八九]"
# Below ten thousand. 三千五 is not taken: it may be 3,500 or 3,005.
_CHINESE_NUMBER = (
    f"(?=[零〇一二两三四五六七八九十百千])(?:(?:{_DIGIT}?千)?(?:零?{_DIGIT}?百)?"
    f"(?:零?{_DIGIT}?十{_DIGIT}?)?(?:零{_DIGIT})?|{_DIGIT})"
)
_ARABIC_NUMBER = r"(?:\d{1,3}(?:,\d{3})+|\d{1,3}(?: \d{3})+|\d+)(?:\.\d+)?(?:e\+?\d{1,2})?"
_FILLING = "(?:已达到|已达|已|可达|将达|达到|达|共|为|是)?"
_CURRENCY = match_one(CURRENCY_WORDS)
_AMOUNT = re.compile(
    f"(?P<label>{match_one(LABEL_WORDS.split('|'))}*+|{ENGLISH_LABEL})"
    f"(?P<currency>{_CURRENCY}?) ?"
    f"{_FILLING}(?P<before>{match_one(_BEFORE)}?){_FILLING} ?"
    f"(?P<unit_before>(?:{_CURRENCY}|百分之)?) ?"
    "(?P<sign>[-+负]?)"
    # 1亿5000万: whole 亿, then 万.
    rf"(?:(?P<yi>\d{{1,6}}|{_CHINESE_NUMBER})个?亿(?=[^亿]+万))?"
    f"(?P<number>(?:{_ARABIC_NUMBER}|{_CHINESE_NUMBER}|{match_one(ENGLISH_NUMBERS)}(?= ))?)"
    "(?:个(?=[余多]?万?亿))?(?P<within>[余多+]?)(?:个(?=万?亿))? ?"  # 3个亿, 二十多个亿
    # Not the k of km2, nor the m of mu.
    f"(?P<scale>(?:[十百千]?(?:万亿|亿|万)|[十百千]|{match_one(ENGLISH_SCALES)}(?![a-z0-9²]))?)"
    "(?P<within_scale>[余多+]?) ?"
    f"(?P<unit>{match_one(_UNITS)}?) ?"
    f"(?P<after>{match_one(_AFTER)}?)"
    # A printed conversion, as in 17.6 billion yuan ($2.4 billion), is not the amount.
    r"(?: in total)?(?: ?\((?:us)?\$ ?[\d.,]+ ?(?:million|billion|trillion)\))?",
    re.ASCII,
)
_NUMERAL = r"[\d零〇一二两三四五六七八九十百千万亿]"
_WHY_NOT = [
    (code, re.compile(pattern, re.ASCII))
    for code, pattern in (
        ("ambiguous", rf"[数几]|若干|several|dozens|\b[a-z]+s of\b|[百千万亿]{_DIGIT}$"),
        ("not_a_number", rf"^(?!.*{_NUMERAL})(?!.*\b{match_one(ENGLISH_NUMBERS)}\b)"),
        ("range", rf"{_NUMERAL}[^\d-]*?(?:[-~至到—–]| to )+ ?[a-z$¥]* ?{_NUMERAL}|between .+ and"),
        ("ambiguous", r"\d,(?=\d)(?!\d{3}(?!\d))|\d\.\d+\.\d|\d\D*[^\d.,]\D*\d"),
    )
]


def parse_amount(text: str, *, default_unit: DefaultUnit | ColumnUnit | None = None) -> Amount:
    """Read one amount or count, with its qualifier and unit; raises AmountError.

    `default_unit` is the unit of the column or field (元, 万元, 万美元) for numbers without one; a
    number with its own 万, 亿, million ... only takes its currency, and one with a currency that is
    no unit (US$5, 5 USD) only its scale. Without it they stay bare.
    """
    plain = as_plain(text)
    if plain in EMPTY_CELLS:
        raise AmountError("empty", text)
    match = _AMOUNT.fullmatch(plain) if len(plain) <= LONGEST_AMOUNT else None
    if match is None:
        tried = _WHY_NOT if len(plain) <= LONGEST_AMOUNT else []
        code = next((code for code, pattern in tried if pattern.search(plain)), "unknown_words")
        raise AmountError(code, text)
    parts = {name: part or "" for name, part in match.groupdict().items()}
    value = _work_out_value(parts, text)
    unit_words = [word for word in (parts["currency"], parts["unit_before"], parts["unit"]) if word]
    units = {_UNITS[word] for word in unit_words}
    if len(units) > 1:
        raise AmountError("ambiguous", text)
    unit = units.pop() if units else ""
    if parts["unit"] == "成":
        value *= 10
    is_scaled = bool(parts["unit"]) and parts["unit"] not in _CURRENCIES_ALONE
    if default_unit and not is_scaled:
        given = DEFAULT_UNITS[default_unit] if isinstance(default_unit, str) else default_unit
        unit, factor = unit or given[0], given[1]
        # 万, 亿 and million are units of their own; 百 and 千 are only part of the number
        scale = parts["scale"]
        if ENGLISH_SCALES.get(scale, 0) < 1000 and {*scale}.isdisjoint("万亿"):
            value *= factor
    if value == int(value):
        value = Decimal(int(value))
    return Amount(value, _find_qualifier(parts, text), unit, text, parts["label"].strip())


def parse_cny(text: str, *, default_unit: DefaultUnit = "yuan") -> tuple[int, str]:
    """Read whole yuan, 0 to MAX_CNY, and the qualifier; raises AmountError.

    For form fields and import cells of money: a label before the number (总投资6亿元) must be one
    of an investment.
    """
    amount = parse_amount(text, default_unit=default_unit)
    if amount.label and not INVESTMENT_LABEL.search(amount.label):
        raise AmountError("other_figure", text)
    if amount.value < 0:
        raise AmountError("negative", text)
    return amount.cny, amount.qualifier.value


def lacks_unit(text: str) -> bool:
    """Tell whether a text is a number, other than zero, that needs the unit of its column."""
    try:
        bare = parse_amount(text)
        # 2.5万 means the same in every column of yuan
        scaled = parse_amount(text, default_unit=(LEDGER_CURRENCY, 7)).value
        return bool(bare.value) and not bare.unit and bare.value != scaled
    except AmountError:
        return False


def parse_cny_bound(text: str) -> int:
    """Read a bound of a filter, in whole yuan: 100000000, 1e9, 1亿, 5000万; raises AmountError."""
    value, qualifier = parse_cny(text)
    if qualifier != Qualifier.EXACT:
        raise AmountError("qualified", text)
    return value


def _work_out_value(parts: dict[str, str], text: str) -> Decimal:
    """Multiply the number by its scale: 3千 and 万, 1.5 and 亿, 上 and 百 and 亿."""
    number, scale = parts["number"], parts["scale"]
    if number[:1].isdigit():
        if sum(character.isdigit() for character in number) > _MOST_DIGITS:
            raise AmountError("too_large", text)
        value = Decimal(re.sub("[, ]", "", number))
    elif number in ENGLISH_NUMBERS:
        value = Decimal(ENGLISH_NUMBERS[number])
    elif number:
        value = Decimal(_read_chinese_number(number))
    elif {*scale} & {*"万亿"} and not parts["yi"] and (parts["before"] or parts["after"]):
        value = Decimal(1)  # 近万人, 亿元以上
    else:
        raise AmountError("not_a_number", text)
    if scale in ENGLISH_SCALES:
        value *= ENGLISH_SCALES[scale]
    else:
        for character in scale:
            value *= CHINESE_SCALES[character]
    if whole := parts["yi"]:
        value += 10**8 * (int(whole) if whole.isdigit() else _read_chinese_number(whole))
    return -value if parts["sign"] in ("-", "负") else value


def _read_chinese_number(text: str) -> int:
    """三千二百 -> 3200, 十 -> 10; `text` fits the pattern _CHINESE_NUMBER."""
    total, digit = 0, None
    for character in text.replace("零", "") or "零":
        if character in CHINESE_SCALES:
            total += CHINESE_SCALES[character] * (1 if digit is None else digit)
            digit = None
        else:
            digit = CHINESE_DIGITS[character]
    return total + (digit or 0)


def _find_qualifier(parts: dict[str, str], text: str) -> Qualifier:
    """Find the one qualifier before, within or after the number; AmountError if there are more."""
    found = {_BEFORE[parts["before"]]} if parts["before"] else set()
    found |= {_AFTER[parts[at]] for at in ("within", "within_scale", "after") if parts[at]}
    if len(found) > 1:
        raise AmountError("ambiguous", text)
    return found.pop() if found else Qualifier.EXACT


_IN_ORDER: dict[Language, str] = {
    "zh": "|超|不低于|约|近|不超过|低于",
    "en": "|over |at least |about |nearly |at most |under ",
}
WRITTEN_BEFORE = {
    language: dict(zip(Qualifier.values, words.split("|"), strict=True))
    for language, words in _IN_ORDER.items()
}
# The scales that are written, largest first, and the most decimals that read well there.
WRITTEN_SCALES: dict[Language, tuple[int, dict[int, str]]] = {
    "zh": (2, {12: "万亿", 8: "亿", 4: "万"}),
    "en": (3, {12: " trillion", 9: " billion", 6: " million"}),
}
WRITTEN_CURRENCY: dict[Language, str] = {
    "zh": settings.PROFILE.currency_zh,
    "en": f" {settings.PROFILE.currency_en}",
}


def active_language() -> Language:
    """Return the active language as files, pictures and amounts name it."""
    return "zh" if (get_language() or "").startswith("zh") else "en"


def format_hedged(
    value: Decimal, qualifier: str = Qualifier.EXACT, *, language: Language = "zh"
) -> str:
    """Write a number without a unit, never rounded: 近80, about 1,500."""
    return f"{WRITTEN_BEFORE[language][qualifier]}{value.normalize():,f}"


def format_cny(
    value: int, qualifier: str = Qualifier.EXACT, *, language: Language = TYPED_LANGUAGE
) -> str:
    """Write whole yuan, never rounded: 超1.5亿元, over 150 million yuan.

    parse_cny reads it back unchanged (parse_amount where `value` is negative).
    """
    return format_money(value, "", qualifier, language=language)


def format_money(value: int, currency: str, qualifier: str, *, language: Language) -> str:
    """Write whole units of a currency (blank is yuan), never rounded: 超2000万美元.

    parse_amount reads it back unchanged.
    """
    before = WRITTEN_BEFORE[language][str(qualifier)]
    sign = "-" if value < 0 else ""
    most_decimals, scales = WRITTEN_SCALES[language]
    written = WRITTEN_CURRENCY[language]
    if currency:
        name = CURRENCY_NAMES.get(currency, (currency, currency))[0]
        has_name = language == "zh" and name != currency and "（" not in name  # of other years
        written = name if has_name else f" {currency}"
        scales = scales if has_name or language == "en" else {}
    for power, unit in scales.items():
        whole, rest = divmod(abs(value), 10**power)
        decimals = f"{rest:0{power}d}".rstrip("0")
        if whole and len(decimals) <= most_decimals:
            return f"{before}{sign}{whole}{'.' if decimals else ''}{decimals}{unit}{written}"
    return f"{before}{sign}{abs(value):,}{written}"


def round_half_up(number: float | Decimal, places: int = 1) -> Decimal:
    """Round as people and Excel do: 31.25 is 31.3, and zero has no sign."""
    return Decimal(str(number)).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP) + 0


def find_percent(part: float, whole: float) -> float:
    """Compute a percentage to two decimals."""
    return float(round_half_up(100 * part / whole, 2))


def store_currency(code: str) -> str:
    """Return the stored form of a currency code: blank for that of the ledger."""
    return "" if code == LEDGER_CURRENCY else code


def is_currency(code: str) -> bool:
    return code in CURRENCY_NAMES


def check_other_currency(currency: str) -> None:
    """Accept the code of a currency other than the ledger's; Mistake for all else."""
    code = CURRENCY_WORDS.get(currency.casefold(), currency)
    if code == LEDGER_CURRENCY:
        message = _("An amount without a currency is in yuan: leave the currency out.")
        raise Mistake("unknown_value", message)
    if not is_currency(currency):
        message = _("“%(word)s” is no currency of ISO 4217, such as USD.")
        suggestion = code if code != currency else None
        raise Mistake("unknown_value", message % {"word": currency}, suggestion)


def say_currency(code: str) -> str:
    """Return the name of a currency in the active language, or its code if it is unknown."""
    chinese, english = CURRENCY_NAMES.get(code, (code, code))
    return chinese if active_language() == "zh" else english


def write_money(value: int, currency: str) -> str:
    """Write whole units of another currency for files and fields: 3,000,000 USD."""
    return f"{value:,} {currency}"


def say_money(value: int, currency: str, qualifier: str = Qualifier.EXACT) -> str:
    """Write whole units of a currency (blank is yuan) in the active language."""
    return format_money(value, currency, qualifier, language=active_language())


def plain_number(value: Decimal | None) -> int | float | None:
    """Write a decimal as the shortest JSON number: 14.5, and 1500 rather than 1500.0."""
    if value is None:
        return None
    return int(value) if value == value.to_integral_value() else float(value)
