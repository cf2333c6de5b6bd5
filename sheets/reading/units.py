"""Units of money and land as people write them: behind a header, above a table, in a column."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from django.conf import settings

from config.texts import as_plain
from sheets import amounts

# Units that have a name of ours; any other is written in Chinese: 百万元, 万美元
_NAMED = {1: "yuan", 10**4: "wan", 10**8: "yi"}
_CHINESE_SCALES = {
    **{"千": 10**3, "万": 10**4, "十万": 10**5, "百万": 10**6, "千万": 10**7},
    **{"亿": 10**8, "十亿": 10**9, "百亿": 10**10},
}
_SCALES = _CHINESE_SCALES | {
    word: 10**power
    for power, words in {
        3: "thousand thousands '000 ’000 '000s ’000s",
        4: "10,000 10000 10k wan",
        6: "million millions mn mln m",
        8: "100million 100millions 100m yi",
        9: "billion billions bn",
    }.items()
    for word in words.split()
}
_ENGLISH_SCALES = {10**3: "thousand", 10**6: "million", 10**9: "billion"}
# Scales that mean yuan even without a currency
_SCALES_OF_YUAN = {"万", "百万", "千万", "亿", "十亿", "百亿", "wan", "yi"}
_LAND = {
    "mu": "亩 mu",
    "acre": "英亩 acres acre ac",
    "ha": "公顷 ha hectare hectares 万平方米 万平米 万平方 万m2",
    "m2": "平方米 平米 平方 米2 m2 m² sqm squaremeters squaremetres",
    "km2": "平方公里 平方千米 km2 km²",
}
_OWN = {"yuan": "", "wan": "万", "yi": "亿"}
_WRITTEN: Mapping[amounts.Language, Mapping[str, str]] = {
    "zh": {
        **{name: f"{scale}{settings.PROFILE.currency_zh}" for name, scale in _OWN.items()},
        amounts.LEDGER_LAND: settings.PROFILE.land_zh,
        **{"mu": "亩", "ha": "公顷", "m2": "平方米", "km2": "平方公里"},
    },
    "en": {
        "yuan": f" {amounts.LEDGER_CURRENCY}",
        "wan": f" 10k {amounts.LEDGER_CURRENCY}",
        "yi": f" 100m {amounts.LEDGER_CURRENCY}",
        amounts.LEDGER_LAND: f" {settings.PROFILE.land_en}",
        **{"mu": " mu", "ha": " hectares", "m2": " m²", "km2": " km²"},
    },
}
UNIT_WORDS = _WRITTEN[amounts.TYPED_LANGUAGE]  # as they follow a number
LAND_UNITS = {spelling: unit for unit, texts in _LAND.items() for spelling in texts.split()}
_MEASURED_TOO = re.compile(r"[个%人户家套项吨台辆]|万吨|平方米")  # beside money in a title line


_CURRENCY_WORDS = {word.replace(" ", ""): code for word, code in amounts.CURRENCY_WORDS.items()}
_CURRENCY = amounts.match_one(_CURRENCY_WORDS)
_MONEY = re.compile(
    f"(?P<first>{_CURRENCY})?(?:in)?(?P<scale>{amounts.match_one(_SCALES)})?"
    f"(?P<second>{_CURRENCY})?(?P<third>{_CURRENCY})?"
)
YUAN_ALONE = "元"  # 万元 may be of the currency that stands beside it
_NOT_NAMED = {YUAN_ALONE, "yuan", "won"}
_NAMES = {word for words in amounts.USUAL_CURRENCIES.values() for word in words.split("|")}
# Codes that are rarely written are words as well: all, top, try
_NAMES |= {word for word in amounts.CURRENCY_WORDS if not word.isascii()}
# But not 3000万美元以上, which is an amount
_NAMED_CURRENCY = re.compile(
    r"(?<![a-z\d])(?<!\d[十百千万亿])(?<!\d[十百千]万)"
    rf"(?:{amounts.match_one(_NAMES - _NOT_NAMED)})(?![a-z]|及?以[上下内])"
)
_YUAN_ALONE = re.compile("(?:元|yuan)(?!及?以[上下内])")
_CURRENCY_LINE = re.compile(rf"(?:币种|币别|货币)[:为]?\s?({_CURRENCY})", re.I)
_BLANKS = re.compile(r"[\s()\[\]【】:：]+")
_PREFIX = re.compile(r"^(?:金额|货币|投资额?|资金|规模|计量|计价)?单位为?")
_UNIT_WORD = re.compile(r"\bunits?\s*:")
_TITLE = re.compile(r"(?:单位|\bunits?(?=\s*:))\s*+[:为]?", re.I)
# Words before 单位 that make it one of amounts, not an organisation
_BEFORE_UNITS = re.compile(
    r"(?:^|[\s():,;、]|金额|货币|投资额?|资金|规模|面积|用地|计量|计价|数量|表|表格|一览)$"
)
_IN_BRACKETS = re.compile(r"\(([^()]*)\)")
_WORD = re.compile(r"[^\s()\[\]:、,;。]+")
_COLONS = str.maketrans("∶꞉", "::")  # which NFKC keeps
LONGEST_UNIT = 100  # characters of a text that may be a unit
LONGEST_NAMING = 500  # characters of a text that may name a currency
_MOST_WORDS = 8  # of a unit at the beginning of a text
_UNIT_LIKE = re.compile(
    r"元|币|万|亿|亩|顷|平方|平米|㎡|m2|rmb|cny|usd|[$€£¥]|million|billion|thousand|yuan",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class TitleUnits:
    """The units and the currency named above a table; `unread` is one that is not understood."""

    money: str = ""
    land: str = ""
    unread: str = ""
    currency: str = ""


def parse_unit(text: str) -> str:
    """Parse a unit of money or land as people write it: 亿元, （单位：百万元）, RMB'000, 公顷.

    `yuan`, `wan`, `yi`, `mu`, `ha`, `m2`, `km2`, or 百万元, 万美元; blank where it is no unit.
    """
    return _parse_short_text(text) if len(text) <= LONGEST_UNIT else ""


@lru_cache(maxsize=1_000)
def _parse_short_text(text: str) -> str:
    plain = as_plain(narrow(text))
    plain = _PREFIX.sub("", _BLANKS.sub("", _UNIT_WORD.sub("", plain)))
    if plain in LAND_UNITS:
        return LAND_UNITS[plain]
    found = _MONEY.fullmatch(plain)
    if not plain or found is None:
        return ""
    words = [word for name in ("first", "second", "third") if (word := found[name])]
    foreign = {_CURRENCY_WORDS[word] for word in words if word != YUAN_ALONE}
    if len(foreign) > 1 or not (words or found["scale"] in _SCALES_OF_YUAN):
        return ""
    return write_unit(
        next(iter(foreign), "CNY" if YUAN_ALONE in words else amounts.LEDGER_CURRENCY),
        _SCALES.get(found["scale"] or "", 1),
    )


def write_unit(currency: str, factor: int) -> str:
    """Write a unit of money as this module names it."""
    if currency == amounts.LEDGER_CURRENCY and factor in _NAMED:
        return _NAMED[factor]
    if amounts.TYPED_LANGUAGE == "en" and factor in _ENGLISH_SCALES:
        return f" {_ENGLISH_SCALES[factor]} {currency}"
    scales = {number: word for word, number in _CHINESE_SCALES.items()}
    word = YUAN_ALONE if currency == "CNY" else amounts.CURRENCIES[currency].split("|")[0]
    return f"{scales.get(factor, '')}{word}"


def find_column_unit(unit: str) -> amounts.ColumnUnit | None:
    """Find the currency and the factor of a unit of money; None for one of land, or none."""
    if unit in amounts.DEFAULT_UNITS:
        return amounts.DEFAULT_UNITS[unit]
    found = _MONEY.fullmatch(unit.replace(" ", "").lower())
    if not unit or found is None or unit in LAND_UNITS:
        return None
    word = found["first"] or found["second"] or ""
    if not word:
        return None
    return _CURRENCY_WORDS[word], _SCALES.get(found["scale"] or "", 1)


def is_land(unit: str) -> bool:
    return unit in _LAND


def find_measure(unit: str) -> str:
    """Find what a unit measures, and how much of it; blank for things, which are only counted."""
    unit = (parse_unit(unit) or unit).partition(" per ")[0]
    if is_land(unit) or unit in amounts.CURRENCIES or unit == "percent":
        return unit
    currency, factor = find_column_unit(unit) or ("", 1)
    return currency if factor == 1 else unit


def is_like_unit(text: str) -> bool:
    """Tell whether a text has to do with units, understood or not."""
    return bool(_UNIT_LIKE.search(text))


def parse_currency(text: str) -> str:
    """Parse a cell of a column of currencies: 人民币, USD; blank where it is none."""
    return _CURRENCY_WORDS.get(_BLANKS.sub("", as_plain(text)), "")


def combine(unit: str, currency: str) -> str:
    """Combine the unit of an amount with a currency that is given beside it."""
    column_unit = find_column_unit(unit)
    return write_unit(currency, column_unit[1]) if column_unit and currency else unit


def find_currency(text: str) -> str:
    """Find the currency that a header or a title names; `元` for 元 alone, blank for none."""
    plain = as_plain(narrow(text[:LONGEST_NAMING]))
    found = {amounts.CURRENCY_WORDS[word] for word in _NAMED_CURRENCY.findall(plain)}
    if len(found) == 1:
        return found.pop()
    return YUAN_ALONE if _YUAN_ALONE.search(plain) else ""


def pick_currency(*found: str) -> str:
    """Pick the first currency that is named, or else `元`."""
    return next((each for each in found if each not in ("", YUAN_ALONE)), max(found))


def narrow(text: str) -> str:
    """Fold full-width characters and the colons that look like one."""
    return unicodedata.normalize("NFKC", text).translate(_COLONS)


def find_title_units(cells: Iterable[str]) -> TitleUnits:
    """Find the units that the cells above a table give: 单位：万元、亩 or (RMB million).

    The first cell that gives a unit wins. 编制单位：万元通公司 names an organisation. Two units of
    money, or a ratio, are not understood. 币种：美元 holds for the unit beside it.
    """
    money = land = unread = currency = given = ""
    for cell in map(narrow, cells):
        given = given or "".join(map(parse_currency, _CURRENCY_LINE.findall(cell)[:1]))
        currency = pick_currency(given, currency, find_currency(cell))
        for found in _find_in_title(_CURRENCY_LINE.sub("", cell).strip()):
            money, land = money or found.money, land or found.land
            unread = unread or found.unread
    return TitleUnits(combine(money, given), land, unread, currency)


def _find_in_title(cell: str) -> Iterator[TitleUnits]:
    """Find the units behind each 单位 of a cell; without any, those in brackets."""
    if len(cell) > 1 and (unit := parse_unit(cell)):
        yield _of_several([unit], cell)
        return
    has_word = False
    lines = cell.split("\n")
    for line, next_line in zip(lines, [*lines[1:], ""], strict=True):
        for before, rest in pairwise(_TITLE.split(line)):
            has_word = True
            units = _read_title_unit(rest.strip() or next_line.strip())
            if not units.unread or _BEFORE_UNITS.search(before):
                yield units
    for found in () if has_word else _IN_BRACKETS.finditer(cell):
        units = _read_title_unit(found[1])
        if not units.unread:
            yield units


def _read_title_unit(rest: str) -> TitleUnits:
    """Read the units at the beginning of a text: 万元, 截至2026年10月31日 or 亿元、亩."""
    text = rest[: 2 * LONGEST_UNIT].strip(" .")
    places = [found.span() for found in _WORD.finditer(text)]
    units: list[str] = []
    at = 0
    while at < len(places):
        first = places[at][0]
        tried = range(min(len(places), at + _MOST_WORDS), at, -1)
        read = ((end, parse_unit(text[first : places[end - 1][1]])) for end in tried)
        end, unit = next((each for each in read if each[1]), (at + 1, ""))
        word = text[slice(*places[at])]
        is_measured = bool(_MEASURED_TOO.fullmatch(word))
        if not unit and not is_measured and (not units or is_like_unit(word)):
            return TitleUnits(unread=rest[:40] if is_like_unit(rest) else "")
        units.append(unit)
        at = end
    return _of_several(units, rest)


def _of_several(units: Iterable[str], text: str) -> TitleUnits:
    money = {unit for unit in units if unit and not is_land(unit)}
    land = {unit for unit in units if is_land(unit)}
    if len(money) > 1 or len(land) > 1:
        return TitleUnits(unread=text[:40])
    return TitleUnits(next(iter(money), ""), next(iter(land), ""))
