"""One value as a cell of CSV or XLSX; texts that a spreadsheet would run are guarded."""

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from sheets.dates import Precision, print_partial_date
from sheets.writing.columns import MONEY_KINDS, UNIT_POWERS, Column, Layout

# What counts as blank to str.isspace(), written out: databases differ in what `\s` is.
BLANKS = " \t\n\r\x0b\x0c\x1c-\x1f\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
# What makes a formula, or is handed on to another program. The hyphen stands last, as itself.
STARTERS = "=+@\t\r\n＝＋－＠-"
# The one rule, for Python and for databases (whose texts hold no NUL).
RUNNABLE = f"^'*[{BLANKS}\"]*[{STARTERS}]"
_RUNNABLE = re.compile(f"'*[{BLANKS}\"]*[\x00{STARTERS}]")


def guard(text: str) -> str:
    """Put one apostrophe, even before others, in front of a text that a spreadsheet might run."""
    return f"'{text}" if _RUNNABLE.match(text) else text


def unguard(text: str) -> str:
    """Restore a text as it was before `guard`."""
    return text[1:] if text.startswith("'") and _RUNNABLE.match(text[1:]) else text


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
