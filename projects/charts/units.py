"""Which measure a chart draws, in which unit, and how its numbers are written."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

# Yuan in each unit, and what it is called: Chinese counts in steps of ten thousand.
MONEY = {
    "zh": [(10**8, "亿元"), (10**4, "万元"), (1, "元")],
    "en": [(10**9, "bn yuan"), (10**6, "m yuan"), (1, "yuan")],
}
NO_AMOUNT = "–"


@dataclass(frozen=True)
class Measure:
    """A number that a summary gives for each row: what titles call it, and its kind of unit."""

    name: str
    title: str | Promise
    kind: str  # money, count or percent


MEASURES = {
    measure.name: measure
    for measure in (
        Measure("count", _("Number of %(things)s"), "count"),
        Measure("count_at_least", _("Number of %(things)s of this size or larger"), "count"),
        Measure("investment_cny", _("Investment"), "money"),
        Measure("paid_in_cny", _("Investment paid in"), "money"),
        Measure("share", _("Share of projects"), "percent"),
        Measure("investment_share", _("Share of the investment"), "percent"),
        Measure("tax_at_capacity_cny", _("Tax a year at full capacity"), "money"),
        Measure("output_at_capacity_cny", _("Output a year at full capacity"), "money"),
        Measure("jobs_at_capacity", _("Jobs at full capacity"), "count"),
        Measure("amount_cny", _("Amount"), "money"),
    )
}


@dataclass(frozen=True)
class Unit:
    """What one step of the axis is worth, and its name (empty for bare numbers)."""

    scale: int
    name: str

    def of(self, amount: float | None) -> float:
        """An amount in this unit; an unknown one is drawn as nothing."""
        return 0 if amount is None else amount / self.scale

    def text(self, amount: float | None) -> str:
        """A number with thousands separators, to about three digits: `1,234`, `12.5`, `0.25`."""
        if amount is None:
            return NO_AMOUNT
        value = amount / self.scale
        decimals = 0 if abs(value) >= 1000 else 1 if abs(value) >= 100 else 2
        text = f"{value:,.{decimals}f}"
        if "." in text:
            text = text.rstrip("0").rstrip(".")
        return "<0.01" if text == "0" and amount else text

    def named(self, amount: float | None) -> str:
        """The number with its unit."""
        if amount is None:
            return NO_AMOUNT
        gap = "" if self.name == "%" or not self.name else " "
        return f"{self.text(amount)}{gap}{self.name}"


def unit_for(measure: Measure, amounts: Iterable[float | None], language: str) -> Unit:
    """The largest unit in which the largest of the amounts is at least one."""
    if measure.kind == "percent":
        return Unit(1, "%")
    if measure.kind == "count":
        return Unit(1, "")
    most = max((abs(amount) for amount in amounts if amount is not None), default=0)
    units = [Unit(scale, name) for scale, name in MONEY[language]]
    return next((unit for unit in units if most >= unit.scale), units[-1])
