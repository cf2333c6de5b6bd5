"""Values of factories: days with their precision, and where a region is by its code."""

from datetime import date
from typing import Any

from parks.models import Region
from sheets.dates import PartialDate


def first_day(text: str | None) -> date | None:
    """The stored day of a partial date such as `2024-03`; nothing for nothing."""
    return PartialDate.parse(text).first if text else None


def precision(text: str | None) -> str:
    """The stored precision of a partial date such as `2024-03`; blank for nothing."""
    return PartialDate.parse(text).precision if text else ""


def date_columns(name: str, text: str | None) -> dict[str, Any]:
    """The columns of a partial date such as `2024-03`, by the name of the first."""
    return {name: first_day(text), f"{name}_precision": precision(text)}


def region_level(code: str) -> str:
    """The level that a region's code shows."""
    if not code.isdigit():
        return Region.Level.COUNTRY
    if code.endswith("0000"):
        return Region.Level.PROVINCE
    return Region.Level.PREFECTURE if code.endswith("00") else Region.Level.COUNTY


def region_above(code: str) -> Region | None:
    """The nearest region above a code, of those that the test has made."""
    if not code.isdigit():
        return None
    above = [f"{code[:4]}00", f"{code[:2]}0000"]
    return Region.objects.filter(code__in=above).exclude(code=code).order_by("-code").first()
