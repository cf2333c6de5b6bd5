"""How pages write numbers and days: one unit a column, thousands apart, unknown as a dash."""

from collections.abc import Iterable, Mapping
from typing import Any

from config.amounts import active_language, format_cny
from config.currencies import write_money
from projects.charts.units import CHART_MEASURES, NO_AMOUNT, ChartUnit, choose_unit


def choose_money_unit(amounts: Iterable[float | None]) -> ChartUnit:
    """Choose the unit of a column of yuan, as charts do: 亿元, or billions."""
    return choose_unit(CHART_MEASURES["investment_cny"], amounts, active_language())


def write_count(number: int | None) -> str:
    """Write a count: 1,234; a dash where it is not known."""
    return NO_AMOUNT if number is None else f"{number:,}"


def write_percent(number: float | None, decimals: int = 1) -> str:
    """Write a percentage without its sign, which stands in the head of the column."""
    return NO_AMOUNT if number is None else f"{number:.{decimals}f}"


def write_sum(yuan: int | None) -> str:
    """Write a sum of money with its unit, to about three digits: 4,177亿元."""
    if yuan is None:
        return NO_AMOUNT
    return choose_money_unit([yuan]).write_with_unit(yuan)


def write_flow(row: Mapping[str, Any]) -> str:
    """Write what came in during a month as it was reported: 1.5亿元, or 3,000,000 USD."""
    if row["currency"]:
        return write_money(row["amount_value"], row["currency"])
    return write_amount(row["amount_cny"])


def write_amount(yuan: int | None, qualifier: str | None = None) -> str:
    """Write one amount as it was said, never rounded: 超1.5亿元."""
    if yuan is None:
        return NO_AMOUNT
    return format_cny(yuan, qualifier or "exact", language=active_language())
