"""Which measure a chart draws, in which unit, and how its numbers are written."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

# Yuan in each unit, and what it is called: Chinese counts in steps of ten thousand.
_MONEY_UNITS = {
    "zh": [(10**8, "亿元"), (10**4, "万元"), (1, "元")],
    "en": [(10**9, "bn yuan"), (10**6, "m yuan"), (1, "yuan")],
}
_DOLLAR_UNITS = {
    "zh": [(10**8, "亿美元"), (10**4, "万美元"), (1, "美元")],
    "en": [(10**9, "bn US$"), (10**6, "m US$"), (1, "US$")],
}
_MU = {"zh": "亩", "en": "mu"}
NO_AMOUNT = "–"


@dataclass(frozen=True)
class ChartMeasure:
    """A number that a summary gives for each row: what titles call it, and its kind of unit."""

    name: str
    title: str | Promise
    kind: str  # money, usd, count, percent, land or per_mu


CHART_MEASURES = {
    measure.name: measure
    for measure in (
        ChartMeasure("count", _("Number of %(things)s"), "count"),
        ChartMeasure("count_at_least", _("Number of %(things)s of this size or larger"), "count"),
        ChartMeasure("investment_cny", _("Investment"), "money"),
        ChartMeasure("paid_in_cny", _("Investment paid in"), "money"),
        ChartMeasure("share", _("Share of projects"), "percent"),
        ChartMeasure("investment_share", _("Share of the investment"), "percent"),
        ChartMeasure("tax_at_capacity_cny", _("Tax a year at full capacity"), "money"),
        ChartMeasure("output_at_capacity_cny", _("Output a year at full capacity"), "money"),
        ChartMeasure("jobs_at_capacity", _("Jobs at full capacity"), "count"),
        ChartMeasure("land_mu", _("Land"), "land"),
        ChartMeasure("agreed_per_mu", _("Agreed investment per mu"), "per_mu"),
        ChartMeasure("investment_intensity", _("Intensity of investment"), "per_mu"),
        ChartMeasure("amount_cny", _("Amount"), "money"),
        ChartMeasure("amount_usd", _("Amount in US dollars"), "usd"),
        ChartMeasure("planned_cny", _("Planned investment"), "money"),
        ChartMeasure("completed_cny", _("Investment completed"), "money"),
        ChartMeasure("completion_percent", _("Completion of plans"), "percent"),
    )
}


@dataclass(frozen=True)
class ChartUnit:
    """What one step of the axis is worth, and its name (empty for bare numbers)."""

    scale: int
    name: str

    def convert(self, amount: float | None) -> float:
        """Convert an amount to this unit; an unknown one is drawn as nothing."""
        return 0 if amount is None else amount / self.scale

    def write(self, amount: float | None) -> str:
        """Write a number with thousands separators, about three digits: `1,234`, `12.5`, `0.25`."""
        if amount is None:
            return NO_AMOUNT
        value = amount / self.scale
        decimals = 0 if abs(value) >= 1000 else 1 if abs(value) >= 100 else 2
        text = f"{value:,.{decimals}f}"
        if "." in text:
            text = text.rstrip("0").rstrip(".")
        return "<0.01" if text == "0" and amount else text

    def write_with_unit(self, amount: float | None) -> str:
        """Write the number with its unit."""
        if amount is None:
            return NO_AMOUNT
        gap = "" if self.name == "%" or not self.name else " "
        return f"{self.write(amount)}{gap}{self.name}"


def choose_unit(measure: ChartMeasure, amounts: Iterable[float | None], language: str) -> ChartUnit:
    """Choose the largest unit in which the largest of the amounts is at least one."""
    if measure.kind == "percent":
        return ChartUnit(1, "%")
    if measure.kind == "count":
        return ChartUnit(1, "")
    if measure.kind == "land":
        return ChartUnit(1, _MU[language])
    most = max((abs(amount) for amount in amounts if amount is not None), default=0)
    of = f"/{_MU[language]}" if measure.kind == "per_mu" else ""
    money = (_DOLLAR_UNITS if measure.kind == "usd" else _MONEY_UNITS)[language]
    units = [ChartUnit(scale, f"{name}{of}") for scale, name in money]
    return next((unit for unit in units if most >= unit.scale), units[-1])
