"""What people write in queries, read a second time: periods, moments and amounts."""

from datetime import date, datetime, time, timedelta
from decimal import Decimal

from tests.projects.oracle.terms import SHANGHAI, RefusedError


def period(first: date, precision: str) -> tuple[date, date]:
    """The first and the last day of a date known to the year, quarter, month or day."""
    months = {"year": 12, "quarter": 3, "month": 1, "day": 0}[precision]
    if not months:
        return first, first
    after = first.year * 12 + first.month - 1 + months
    return first, date(after // 12, after % 12 + 1, 1) - timedelta(days=1)


def read_period(text: str) -> tuple[date, date]:
    """2023, 2023-Q2, 2023-06 or 2023-06-30 as its first and last day."""
    year, *rest = text.split("-")
    if not rest:
        return period(date(int(year), 1, 1), "year")
    if rest[0].startswith("Q"):
        return period(date(int(year), int(rest[0][1]) * 3 - 2, 1), "quarter")
    if len(rest) == 1:
        return period(date(int(year), int(rest[0]), 1), "month")
    return period(date.fromisoformat(text), "day")


def read_moments(text: str) -> tuple[datetime, datetime]:
    """The first and last moment of a period in Shanghai, or of a time with its offset."""
    if "T" in text:
        return (datetime.fromisoformat(text),) * 2
    first, last = read_period(text)
    after = datetime.combine(last + timedelta(days=1), time(), SHANGHAI)
    return datetime.combine(first, time(), SHANGHAI), after - timedelta(microseconds=1)


def read_yuan(text: str) -> int:
    """100000000, 1e8, 1亿, 1.5亿元 or 5000万 as yuan; more than the ledger holds is refused."""
    number, size = text.removesuffix("元").replace(",", ""), 1
    for unit, ten_thousands in (("亿", 2), ("万", 1)):
        if number.endswith(unit):
            number, size = number.removesuffix(unit), 10_000**ten_thousands
    yuan = int(Decimal(number) * size)
    if yuan > 9 * 10**15:
        raise RefusedError("too large")
    return yuan
