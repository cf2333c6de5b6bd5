"""What cells of money and land mean, in the unit of cell, row or column; CellFault if nothing."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal

from django.utils.translation import gettext as _

from config.amounts import (
    INVESTMENT_LABEL,
    Amount,
    AmountError,
    Qualifier,
    format_cny,
    parse_amount,
)
from config.currency_names import CURRENCIES
from config.imports import CellFault
from config.reading.units import (
    UNIT_WORDS,
    combine,
    find_column_unit,
    is_land,
    parse_currency,
    parse_unit,
)
from projects.importing.cells.faults import raise_cell_fault, refuse_exponent

MU = {"mu": Decimal(1), "ha": Decimal(15), "m2": Decimal("0.0015"), "km2": Decimal(1500)}
# What the words before an amount, or above it, say that it rests on; the first one that is found
BASIS_WORDS = {
    "intended": re.compile(
        "意向|框架|备忘|拟|intended|proposed|framework|of intent|(?<![a-z])mou", re.I
    ),
    "agreed": re.compile("协议|合同|agreed|contract", re.I),
    "planned": re.compile("计划|规划|预计|批复|概算|估算|匡算|planned|estimated|expected", re.I),
}
OF_BASIS_ALONE = re.compile(r"(?:意向|框架|协议|合同|批复|概算|估算|金|额|总|签约)+")
PART_WORDS = re.compile("一期|二期|首期|固定资产|注册|引进|到位|年度|今年|每年|累计")


@dataclass(frozen=True, slots=True)
class CurrencyDoubt:
    """Why the currency of an amount is doubtful; `suggestion` is the amount in another one."""

    code: str
    detail: str
    suggestion: str


@dataclass(frozen=True, slots=True)
class Money:
    """An amount of investment as a cell gives it; in another currency `cny` is None."""

    cny: int | None
    qualifier: str
    as_reported: str
    currency: str = ""
    value: Decimal | None = None
    basis: str = ""  # what the words before the number say that it rests on
    bare: Decimal | None = None  # the number as it stands, where its unit is that of the column
    doubt: CurrencyDoubt | None = None

    def __str__(self) -> str:
        if self.cny is None:
            return self.as_reported
        return format_cny(self.cny, self.qualifier)

    def with_qualifier(self, qualifier: str) -> "Money":
        return replace(self, qualifier=qualifier)


@raise_cell_fault()
def read_money(text: str, unit: str) -> Money:
    """Read an investment; the cell's own unit wins over that of the header."""
    refuse_exponent(text)
    default = find_column_unit(unit) or ("CNY", 1)
    amount = parse_amount(text, default_unit=default)
    basis = find_basis_of_label(amount.label)
    if amount.value < 0:
        raise AmountError("negative", text)
    is_bare = default != ("CNY", 1) and not parse_amount(text).unit
    value = parse_amount(text, default_unit=(default[0], 1)).value
    is_scaled = is_bare and (default[0] != "CNY" or value != amount.value)
    as_reported = _write_as_reported(text, amount, is_scaled, unit)
    qualifier = amount.qualifier.value
    if amount.unit != "CNY" and amount.unit in CURRENCIES:
        return Money(None, qualifier, as_reported, amount.unit, amount.value, basis)
    return Money(amount.cny, qualifier, as_reported, basis=basis, bare=value if is_scaled else None)


def read_unit(text: str) -> str:
    """Read a unit of money; CellFault if it is none."""
    unit = parse_unit(text)
    if not unit or is_land(unit):
        detail = _("“%(text)s” is not a unit of money: write 元, 万元, 亿元 or 万美元.")
        raise CellFault("unit_not_understood", detail % {"text": text})
    return unit


def read_currency(text: str) -> str:
    """Read a currency as its code; CellFault if it is none that is known."""
    currency = parse_currency(text)
    if not currency:
        detail = _("“%(text)s” is not a currency that is known: write 人民币, 美元 or USD.")
        raise CellFault("unknown_value", detail % {"text": text})
    return currency


def find_unit(unit: str, texts: Mapping[str, str], *, is_named: bool = False) -> str:
    """Find the unit of an amount: that of its column, or else of its row.

    It is in the currency of the row, unless the header names one (`is_named`).
    """
    currency = "" if is_named else parse_currency(texts.get("currency", ""))
    return combine(unit or parse_unit(texts.get("unit", "")), currency)


def check_unit(text: str, unit: str) -> None:
    """Raise CellFault for a number of which neither cell, row nor column says the unit."""
    try:
        amount = parse_amount(text)
        if unit or amount.unit or not amount.value:
            return
        if amount.value != parse_amount(text, default_unit=("CNY", 7)).value:
            detail = _("“%(text)s” has no unit: give it in the cell or in the column of units.")
            raise CellFault("unit_missing", detail % {"text": text})
    except AmountError:
        return


def refuse_unit(text: str, unit: str) -> None:
    """Raise CellFault for a number of things that stands below a unit of money."""
    if unit and parse_unit(unit):
        detail = _("“%(text)s” is a number of projects: 元 and 亿元 are no units of it.")
        raise CellFault("unit_not_understood", detail % {"text": text})


def _write_as_reported(text: str, amount: Amount, is_scaled: bool, unit: str) -> str:
    if is_scaled:
        return f"{text}{UNIT_WORDS.get(unit, unit)}"[:300]
    is_number = text.isdecimal() and amount.qualifier == Qualifier.EXACT
    return "" if is_number else text[:300]


def find_basis_of_words(text: str) -> str:
    """Find what an amount rests on by the words of its header; blank where they say nothing."""
    return next((basis for basis, words in BASIS_WORDS.items() if words.search(text)), "")


def find_basis_of_label(label: str) -> str:
    """Find what an amount rests on, by the words before it: 意向投资5亿元.

    Raises AmountError (`other_figure`) for words that name another figure than the investment.
    """
    if not label:
        return ""
    basis = find_basis_of_words(label)
    is_whole = INVESTMENT_LABEL.search(label) or (basis and OF_BASIS_ALONE.fullmatch(label))
    if PART_WORDS.search(label) or not is_whole:
        raise AmountError("other_figure", label)
    return basis


@dataclass(frozen=True, slots=True)
class LandArea:
    """An area of land in mu, to two decimals, as a cell gives it; `qualifier` may be exact."""

    mu: Decimal
    qualifier: str


@raise_cell_fault()
def read_area(text: str, unit: str) -> LandArea:
    """Read an area of land, in mu unless the cell or the unit of its column says another."""
    refuse_exponent(text)
    amount = parse_amount(text)
    own = amount.unit or (unit if is_land(unit) else "mu")
    if own not in MU:
        raise CellFault("not_an_area", _("“%(text)s” is not an area.") % {"text": text})
    value = amount.value * MU[own]
    rounded = value.quantize(Decimal("0.01"), ROUND_HALF_UP)
    if own == "mu" and rounded != value:
        raise CellFault("too_many_decimals", _("At most two decimals are allowed."), str(rounded))
    if not 0 <= rounded < 10**8:
        raise CellFault("out_of_range", _("This is not a plausible size of a site."))
    return LandArea(rounded, amount.qualifier.value)
