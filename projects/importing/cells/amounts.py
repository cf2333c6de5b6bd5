"""Read cells of numbers: money with its unit and currency, land, flows."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.utils.translation import gettext as _

from config.mistakes import Mistake
from parks.models.claims import OTHER_UNIT
from projects.models.words import find_basis_of_words
from sheets import amounts
from sheets.reading.headers import Match
from sheets.reading.rows import LOST_DIGITS
from sheets.reading.units import (
    UNIT_WORDS,
    YUAN_ALONE,
    combine,
    find_column_unit,
    find_measure,
    is_land,
    parse_currency,
    parse_unit,
)

_EXPONENT = re.compile(r"[+-]?\d(?:\.\d+)?[Ee]\+?\d+")


def refuse_exponent(text: str) -> None:
    """Raise Mistake for 9.1E+17, which a spreadsheet makes of a long number."""
    if _EXPONENT.fullmatch(text):
        detail = _("“%(text)s” is how a spreadsheet shortens a long number: digits are lost.")
        raise Mistake(LOST_DIGITS, detail % {"text": text})


_MU = {"mu": "1", "ha": "15", "acre": "6.0702846336", "m2": "0.0015", "km2": "1500"}
LAND_SIZES = {unit: Decimal(mu) / Decimal(_MU[amounts.LEDGER_LAND]) for unit, mu in _MU.items()}
M2 = {"m2": Decimal(1), "ha": Decimal(10_000)}  # as 万平方米 is read; 亩 is of land alone
OF_BASIS_ALONE = re.compile(r"(?:意向|框架|协议|合同|批复|概算|估算|匡算|预计|计划|金|额|总|签约)+")
PART_WORDS = re.compile("一期|二期|首期|固定资产|注册|引进|到位|年度|今年|每年|累计")


@dataclass(frozen=True, slots=True)
class Money:
    """An amount of investment as a cell gives it; in another currency `cny` is None."""

    cny: int | None
    qualifier: str
    as_reported: str
    currency: str = ""
    value: Decimal | None = None
    basis: str = ""  # by the words before the number
    bare: Decimal | None = None  # the number of the cell, where its unit is that of the column
    doubt: Mistake | None = None  # about its currency, with the amount in another one

    def __str__(self) -> str:
        if self.cny is None:
            return self.as_reported
        return amounts.format_cny(self.cny, self.qualifier)

    @property
    def claimed(self) -> tuple[int | None, Decimal | None, str, str]:
        """The claimed value: in yuan, or in another currency."""
        return self.cny, self.value, self.currency, self.qualifier

    def with_qualifier(self, qualifier: str) -> "Money":
        return replace(self, qualifier=qualifier)


def read_money(text: str, unit: str) -> Money:
    """Read an investment; the cell's own unit wins over that of the header."""
    refuse_exponent(text)
    default = find_column_unit(unit) or (amounts.LEDGER_CURRENCY, 1)
    amount = amounts.parse_amount(text, default_unit=default)
    basis = find_basis_of_label(amount.label)
    if amount.value < 0:
        raise amounts.AmountError("negative", text)
    value = amounts.parse_amount(text, default_unit=(default[0], 1)).value
    is_scaled = default != (amounts.LEDGER_CURRENCY, 1) and value != amount.value
    as_reported = _complete(text, unit, default[0], is_scaled=is_scaled)
    if not is_scaled and text.isdecimal() and amount.qualifier == amounts.Qualifier.EXACT:
        as_reported = ""
    as_reported, qualifier = as_reported[:300], amount.qualifier.value
    if amount.unit != amounts.LEDGER_CURRENCY and amount.unit in amounts.CURRENCIES:
        return Money(None, qualifier, as_reported, amount.unit, amount.value, basis)
    return Money(amount.cny, qualifier, as_reported, basis=basis, bare=value if is_scaled else None)


def _complete(text: str, unit: str, currency: str, *, is_scaled: bool) -> str:
    """Complete the text of a cell by what only its column says: the unit, or the currency alone."""
    word, is_named = UNIT_WORDS.get(unit, unit), bool(amounts.parse_amount(text).unit)
    if is_scaled:
        return f"{text}（{word.strip()}）" if is_named else f"{text}{word}"
    is_known = is_named or currency == amounts.LEDGER_CURRENCY
    return text if is_known else f"{text}{_name_currency(currency)}"


def read_unit(text: str) -> str:
    """Read a unit of money; Mistake if it is none."""
    unit = parse_unit(text)
    if not unit or is_land(unit):
        detail = _("“%(text)s” is not a unit of money: write 元, 万元, 亿元 or 万美元.")
        raise Mistake("unit_not_understood", detail % {"text": text})
    return unit


def read_currency(text: str) -> str:
    """Read a currency as its code; Mistake if it is unknown."""
    currency = parse_currency(text)
    if not currency:
        detail = _("“%(text)s” is not a currency that is known: write 人民币, 美元 or USD.")
        raise Mistake("unknown_value", detail % {"text": text})
    return currency


def find_unit(unit: str, texts: Mapping[str, str], *, is_named: bool = False) -> str:
    """Find the unit of an amount, in the currency of its row unless the header names one."""
    currency = "" if is_named else parse_currency(texts.get("currency", ""))
    return combine(unit or parse_unit(texts.get("unit", "")), currency)


def check_unit(text: str, unit: str) -> None:
    """Raise Mistake for a number without a unit in its cell, row or column."""
    if not unit and amounts.lacks_unit(text):
        detail = _("“%(text)s” has no unit: give it in the cell or in the column of units.")
        raise Mistake("unit_missing", detail % {"text": text})


def find_basis_of_label(label: str) -> str:
    """Find the basis of an amount by the words before it; AmountError for another figure."""
    if not label:
        return ""
    basis = find_basis_of_words(label)
    is_whole = amounts.INVESTMENT_LABEL.search(label) or (basis and OF_BASIS_ALONE.fullmatch(label))
    if PART_WORDS.search(label) or not is_whole:
        raise amounts.AmountError("other_figure", label)
    return basis


@dataclass(frozen=True, slots=True)
class LandArea:
    """An area in the ledger's unit, to two decimals, as a cell gives it with its qualifier."""

    size: Decimal
    qualifier: str


def read_area(text: str, unit: str) -> LandArea:
    """Read an area of land, in the ledger's unit unless the cell or its column says another."""
    value, qualifier = _read_size(text, unit, LAND_SIZES, amounts.LEDGER_LAND)
    return LandArea(value, qualifier.value)


def read_floor_area(text: str, unit: str) -> Decimal:
    """Read a floor area, in m² unless the cell or the unit of its column says another."""
    value, qualifier = _read_size(text, unit, M2, "m2")
    if qualifier != amounts.Qualifier.EXACT:
        detail = _("“%(text)s” is stored as %(value)s m²: a floor area has no qualifier.")
        raise Mistake("hedge_dropped", detail % {"text": text, "value": value}).accept_as(value)
    return value


def _read_size(
    text: str, unit: str, units: Mapping[str, Decimal], usual: str
) -> tuple[Decimal, amounts.Qualifier]:
    """Read an area in its usual unit; that of its column counts if it is one of `units`."""
    refuse_exponent(text)
    try:
        amount = amounts.parse_amount(text)
    except amounts.AmountError as error:
        raise amounts.AmountError(error.code, text, amounts.AREA_HINT) from None
    own = amount.unit or (unit if unit in units else usual)
    if own not in units:
        raise Mistake("not_an_area", _("“%(text)s” is not an area.") % {"text": text})
    value = amount.value * units[own]
    rounded = value.quantize(Decimal("0.01"), ROUND_HALF_UP)
    if own == usual and rounded != value:
        raise Mistake("too_many_decimals", _("At most two decimals are allowed."), str(rounded))
    if not 0 <= rounded < 10**8:
        raise Mistake("out_of_range", _("This is not a plausible size of a site."))
    return rounded, amount.qualifier


_WORDS = sorted(amounts.CURRENCY_WORDS, key=len, reverse=True)  # hk$ before $
_SCALE = re.compile(r"万|亿|千|million|billion|\d\s*[mb]n?\b", re.I)


def _find_word(text: str) -> str:
    """Find the first currency named in a text; blank if there is none."""
    lowered = text.lower()
    return next((amounts.CURRENCY_WORDS[word] for word in _WORDS if word in lowered), "")


def find_named_currency(match: Match | None) -> str:
    """Find the currency that a header or a title names: 万美元, 人民币万元; blank for 万元."""
    if match is None:
        return ""
    unit = find_column_unit(match.unit)
    if unit and unit[0] != amounts.LEDGER_CURRENCY:
        return unit[0]
    return match.currency if match.currency != YUAN_ALONE else ""


def find_own_currency(text: str) -> str:
    """Find the currency that the cell of an amount names; blank if it names none."""
    try:
        unit = amounts.parse_amount(text).unit
    except amounts.AmountError:
        return ""
    return unit if unit in amounts.CURRENCIES else ""


def refuse_other_currency(text: str, match: Match | None, column: str) -> None:
    """Raise Mistake if an amount names another currency than the column of currencies."""
    given = parse_currency(column)
    named = find_own_currency(text) or find_named_currency(match)
    if given and named and given != named:
        raise Mistake("currency_contradicts", _describe_contradiction(named, given))


@dataclass
class SheetCurrencies:
    """The currencies named in a sheet; `matches` are its columns of money."""

    matches: Mapping[str, Match]
    others: set[str] = field(default_factory=set)  # currencies in its cells, besides the yuan

    def __post_init__(self) -> None:
        self.named = {name: find_named_currency(match) for name, match in self.matches.items()}
        self.others |= {*self.named.values()} - {"", amounts.LEDGER_CURRENCY}

    def note(self, texts: Mapping[str, str]) -> None:
        """Note the currencies named in the cells of a row."""
        cells = [text for name in self.matches if not (text := texts.get(name, "")).isdecimal()]
        found = {parse_currency(texts.get("currency", "")), *map(_find_word, cells)}
        self.others |= found - {"", amounts.LEDGER_CURRENCY}

    def find_unit(self, name: str, unit: str, texts: Mapping[str, str]) -> str:
        """Find the unit of an amount: that of its column, or else of its row."""
        is_named = self.named.get(name, "") not in ("", parse_currency(texts.get("currency", "")))
        return find_unit(unit, texts, is_named=is_named)

    def doubt(self, name: str, text: str, texts: Mapping[str, str], money: Money) -> Money:
        """Add to an amount why its currency is doubtful, with a suggestion."""
        given = parse_currency(texts.get("currency", ""))
        own = "" if text.isdecimal() else find_own_currency(text)
        if not given and not own and not self.others:
            return money
        match = self.matches.get(name)
        above = match.currency if match else ""
        if above == YUAN_ALONE:  # 万元 contradicts a sign that takes its scale alone: $500
            above = amounts.LEDGER_CURRENCY if own and money.as_reported != text else ""
        said = (given, above, own)
        taken = money.currency or amounts.LEDGER_CURRENCY
        if other := next((each for each in said if each not in ("", taken)), ""):
            detail = _describe_contradiction(taken, other)
            doubt = Mistake("currency_contradicts", detail, _write_in(other, money))
            return replace(money, doubt=doubt)
        if any(said) or not self._is_unnamed(match, text, texts):
            return money
        detail = _(
            "This amount names no currency, and the sheet has amounts in others (%(others)s). It "
            "is taken as yuan."
        )
        params = {"others": ", ".join(amounts.say_currency(code) for code in sorted(self.others))}
        other = _write_in(next(iter(self.others)), money) if len(self.others) == 1 else ""
        return replace(money, doubt=Mistake("currency_missing", detail % params, other))

    def _is_unnamed(self, match: Match | None, text: str, texts: Mapping[str, str]) -> bool:
        """Tell whether the unit of an amount is a scale without a currency: 5000万."""
        if match and match.unit:
            return not match.currency
        unit = texts.get("unit", "")
        return bool(_SCALE.search(text) or unit) and not _find_word(unit)


def _describe_contradiction(taken: str, other: str) -> str:
    detail = _(
        "The amount is taken as %(taken)s, while its cell, its header, a line above the table or "
        "the column of currencies names %(other)s."
    )
    return detail % {"taken": amounts.say_currency(taken), "other": amounts.say_currency(other)}


def _name_currency(code: str) -> str:
    """Name another currency than the ledger's, as it follows a number."""
    return amounts.CURRENCIES[code].split("|")[0] if amounts.TYPED_LANGUAGE == "zh" else f" {code}"


def _write_in(currency: str, money: Money) -> str:
    """Write the number of an amount in another currency; blank if it is not whole."""
    value = money.value if money.cny is None else money.cny
    if value is None or value != int(value):
        return ""
    own = word = amounts.WRITTEN_CURRENCY[amounts.TYPED_LANGUAGE]
    if currency != amounts.LEDGER_CURRENCY:
        word = _name_currency(currency)
    written = amounts.format_cny(int(value), money.qualifier or amounts.Qualifier.EXACT)
    return written.removesuffix(own) + word


def read_yuan_cell(text: str, unit: str) -> Any:
    """Read whole yuan; a text with a qualifier is left to the serializer."""
    refuse_exponent(text)
    amount = amounts.parse_amount(text, default_unit=find_column_unit(unit) or "yuan")
    return amount.cny if amount.qualifier == amounts.Qualifier.EXACT else text


def read_hedged_cell(text: str, kind: str, unit: str, wanted: str = "") -> tuple[Any, str]:
    """Read a number and its qualifier; Mistake if it has another unit than the one `wanted`."""
    refuse_exponent(text)
    default: amounts.ColumnUnit | None = None
    if kind == "money":
        default = find_column_unit(unit) or (amounts.LEDGER_CURRENCY, 1)
    amount = amounts.parse_amount(text, default_unit=default)
    if kind == "money":
        return amount.cny, amount.qualifier.value
    own = amount.unit or unit
    if own and wanted and find_measure(own) != find_measure(wanted):
        params = {"text": text, "unit": UNIT_WORDS.get(wanted, wanted)}
        raise Mistake("unit_not_understood", str(OTHER_UNIT) % params)
    value = int(amount.value) if amount.value == int(amount.value) else float(amount.value)
    return value, amount.qualifier.value


def read_flow(name: str, text: str, unit: str) -> list[tuple[str, Any]]:
    """Read the columns of a flow; Mistake for a hedge."""
    if name == "currency":
        return [(name, amounts.store_currency(read_currency(text)))]
    refuse_exponent(text)
    whole = read_whole_amount(text, unit)
    if whole is None:
        detail = _("Give the amount that was paid in; leave out words such as 约 or over.")
        raise Mistake("qualified", detail)
    value, currency = whole
    if not currency:
        return [("reported_cny", value)]
    return [("reported_value", value), ("currency", currency)]


def read_whole_amount(text: str, unit: str) -> tuple[int, str] | None:
    """Read an amount in whole units of its currency, blank for yuan; None where it has a hedge."""
    amount = amounts.parse_amount(
        text, default_unit=find_column_unit(unit) or (amounts.LEDGER_CURRENCY, 1)
    )
    if amount.qualifier != amounts.Qualifier.EXACT:
        return None
    if amount.unit == amounts.LEDGER_CURRENCY or amount.unit not in amounts.CURRENCIES:
        return amount.cny, ""
    if amount.value != int(amount.value):
        raise amounts.AmountError("fraction_of_yuan", text)
    return int(amount.value), amount.unit
