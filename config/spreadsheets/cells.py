"""One value as a cell: the plain text of a CSV file, and what a spreadsheet keeps typed."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from config.dates import Precision, print_partial_date
from config.spreadsheets.columns import MONEY_KINDS, UNIT_POWERS, Column, Layout
from config.spreadsheets.guard import guard


def csv_cells(columns: Sequence[Column], row: Sequence[Any], layout: Layout) -> list[str]:
    """Yield the cells of a CSV row: texts guarded, numbers exact, dates as far as known."""
    return [
        guard(value) if isinstance(value, str) else to_text(value)
        for value in plain_values(columns, row, layout)
    ]


def plain_values(columns: Sequence[Column], row: Sequence[Any], layout: Layout) -> Iterator[Any]:
    """Yield one value for each column: a partial date known to the day as date, else as text."""
    values = iter(row)
    for column in columns:
        value = next(values)
        if column.kind == "partial_date":
            precision = next(values)
            yield value if precision == Precision.DAY else print_partial_date(value, precision)
        elif column.kind == "month":
            yield None if value is None else f"{value:%Y-%m}"
        elif column.kind in MONEY_KINDS and value is not None:
            yield Decimal(value).scaleb(-UNIT_POWERS[layout.unit])
        else:
            yield value


def to_text(value: Any) -> str:
    """Write a value as text; blank for None."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        value = Decimal(repr(value))
    if isinstance(value, Decimal):
        plain = format(value, "f")
        return plain.rstrip("0").rstrip(".") if "." in plain else plain
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    return str(value)
