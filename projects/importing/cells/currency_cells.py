"""Which currency an amount is in, and where cell, header and column of currencies disagree."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from django.utils.translation import gettext as _

from config.amounts import (
    CURRENCY_WORDS,
    AmountError,
    Qualifier,
    format_cny,
    parse_amount,
)
from config.currencies import YUAN, say_currency
from config.currency_names import CURRENCIES
from config.imports import CellFault
from config.reading.headers import Match
from config.reading.units import YUAN_ALONE, find_column_unit, parse_currency
from projects.importing.cells.measured_cells import CurrencyDoubt, Money, find_unit

_WORDS = sorted(CURRENCY_WORDS, key=len, reverse=True)  # hk$ before $
_SCALE = re.compile(r"万|亿|千|million|billion|\d\s*[mb]n?\b", re.I)


def _find_word(text: str) -> str:
    """Find the currency that a text has a word of; blank if it has none."""
    lowered = text.lower()
    return next((CURRENCY_WORDS[word] for word in _WORDS if word in lowered), "")


def find_named_currency(match: Match | None) -> str:
    """Find the currency that a header or a title names: 万美元, 人民币万元; blank for 万元."""
    if match is None:
        return ""
    unit = find_column_unit(match.unit)
    if unit and unit[0] != YUAN:
        return unit[0]
    return match.currency if match.currency != YUAN_ALONE else ""


def find_own_currency(text: str) -> str:
    """Find the currency that the cell of an amount names; blank if it names none."""
    try:
        unit = parse_amount(text).unit
    except AmountError:
        return ""
    return unit if unit in CURRENCIES else ""


def refuse_other_currency(text: str, match: Match | None, column: str) -> None:
    """Raise CellFault if an amount names another currency than the column of currencies."""
    given = parse_currency(column)
    named = find_own_currency(text) or find_named_currency(match)
    if given and named and given != named:
        raise CellFault("currency_contradicts", _describe_contradiction(named, given))


@dataclass
class SheetCurrencies:
    """What a sheet says of the currencies of its amounts; `matches` are its columns of money."""

    matches: Mapping[str, Match]
    others: set[str] = field(default_factory=set)  # currencies in its cells, besides the yuan

    def __post_init__(self) -> None:
        self.named = {name: find_named_currency(match) for name, match in self.matches.items()}
        self.others |= {*self.named.values()} - {"", YUAN}

    def note(self, texts: Mapping[str, str]) -> None:
        """Note the currencies that the cells of a row name."""
        cells = [text for name in self.matches if not (text := texts.get(name, "")).isdecimal()]
        found = {parse_currency(texts.get("currency", "")), *map(_find_word, cells)}
        self.others |= found - {"", YUAN}

    def find_unit(self, name: str, unit: str, texts: Mapping[str, str]) -> str:
        """Find the unit of an amount: that of its column, or else of its row."""
        is_named = self.named.get(name, "") not in ("", parse_currency(texts.get("currency", "")))
        return find_unit(unit, texts, is_named=is_named)

    def doubt(self, name: str, text: str, texts: Mapping[str, str], money: Money) -> Money:
        """Add to an amount why its currency is doubtful, and what else may be meant."""
        given = parse_currency(texts.get("currency", ""))
        if not given and not self.others:
            return money
        match = self.matches.get(name)
        above = match.currency if match and match.currency != YUAN_ALONE else ""
        said, taken = (given, above, find_own_currency(text)), money.currency or YUAN
        if other := next((each for each in said if each not in ("", taken)), ""):
            detail = _describe_contradiction(taken, other)
            doubt = CurrencyDoubt("currency_contradicts", detail, _write_in(other, money))
            return replace(money, doubt=doubt)
        if any(said) or not self._is_unnamed(match, text, texts):
            return money
        detail = _(
            "This amount names no currency, and the sheet has amounts in others (%(others)s). It "
            "is taken as yuan."
        )
        told = {"others": ", ".join(say_currency(code) for code in sorted(self.others))}
        other = _write_in(next(iter(self.others)), money) if len(self.others) == 1 else ""
        return replace(money, doubt=CurrencyDoubt("currency_missing", detail % told, other))

    def _is_unnamed(self, match: Match | None, text: str, texts: Mapping[str, str]) -> bool:
        """Tell whether all that says the unit of an amount is a scale: 5000万."""
        if match and match.unit:
            return not match.currency
        unit = texts.get("unit", "")
        return bool(_SCALE.search(text) or unit) and not _find_word(unit)


def _describe_contradiction(taken: str, other: str) -> str:
    detail = _(
        "The amount is taken as %(taken)s, while its cell, its header, a line above the table or "
        "the column of currencies names %(other)s."
    )
    return detail % {"taken": say_currency(taken), "other": say_currency(other)}


def _write_in(currency: str, money: Money) -> str:
    """Write the number of an amount in another currency; blank if it is not whole."""
    value = money.value if money.cny is None else money.cny
    if value is None or value != int(value):
        return ""
    word = "元" if currency == YUAN else CURRENCIES[currency].split("|")[0]
    return format_cny(int(value), money.qualifier or Qualifier.EXACT).removesuffix("元") + word
