"""One value as a cell of CSV or XLSX; texts that a spreadsheet would run are guarded.

SQL prints the same: the cells of `csv_cells` in PostgreSQL, and joined texts.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from django.db.models import F, Subquery, TextField

from sheets.dates import PortableFunc, Precision, print_partial_date
from sheets.writing.columns import MONEY_KINDS, UNIT_POWERS, Column, Layout

# What counts as blank to str.isspace(), written out: databases differ in what `\s` is.
LIST_SEPARATOR = "；"  # between the texts of a list in one cell
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


_RULE = "'{}'".format(RUNNABLE.replace("'", "''"))
# Most texts begin with a character of these ranges, none of which the rule matches; comparing bytes
# is much faster than the rule.
_HARMLESS = " OR ".join(
    f"({{x}} COLLATE \"C\" >= '{first}' AND {{x}} COLLATE \"C\" < '{end}')"
    for first, end in ("、！", "A\x80", "0=")
)
_TEXT = (
    f"CASE WHEN {{x}} IS NULL OR {{x}} = '' THEN NULL WHEN {_HARMLESS} THEN {{x}} "
    f"WHEN {{x}} COLLATE \"C\" ~ {_RULE} THEN '''' || {{x}} ELSE {{x}} END"
)
# A costly expression, such as a subquery, appears once and is evaluated once
_MADE_TEXT = " ".join(
    ["(SELECT", _TEXT.replace("{x}", "one.x"), "FROM (SELECT {x} AS x OFFSET 0) AS one)"]
)
_PARTIAL_DATE = (
    "CASE {y} WHEN 'day' THEN ({x})::text "
    "WHEN 'month' THEN left(({x})::text, 7) WHEN 'year' THEN left(({x})::text, 4) "
    "WHEN 'quarter' THEN to_char({x}, 'YYYY-\"Q\"Q') END"
)
# The SQL of the first and the second source of a column goes to {x} and {y}
_COPIED = {
    "text": _TEXT,
    "word": "NULLIF({x}, '')",
    "number": "trim_scale(({x})::numeric)",
    "date": "({x})::text",  # `write_query_csv` sets the style of days
    "partial_date": _PARTIAL_DATE,
    "month": "left(({x})::text, 7)",
    "moment": "to_char({x} AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')",
    "flag": "({x})::text",
}


class Printed(PortableFunc):
    """A text made of one or two sources by a template for each database; NULL if it is empty."""

    output_field = TextField()

    def __init__(self, *sources: Any, postgresql: str, sqlite: str = "") -> None:
        super().__init__(*sources)
        self.postgresql, self.sqlite = postgresql, sqlite


def build_copied_cell(column: Column, layout: Layout) -> Printed:
    """Build the expression of a column's cell, for a queryset that has the column's `paths`."""
    sources = [F(path) for path in column.paths]
    if column.kind in MONEY_KINDS:
        power = UNIT_POWERS[layout.unit]
        return Printed(*sources, postgresql=f"trim_scale(({{x}}) * 1e-{power}::numeric)")
    is_made = column.kind == "text" and not isinstance(column.path, str)
    return Printed(*sources, postgresql=_MADE_TEXT if is_made else _COPIED[column.kind])


def print_known_date(column: str) -> Printed:
    """Print a date as far as it is known, of its first day and its precision."""
    sqlite = (
        "CASE {y} WHEN 'day' THEN {x} WHEN 'month' THEN substr({x}, 1, 7) "
        "WHEN 'year' THEN substr({x}, 1, 4) "
        "WHEN 'quarter' THEN substr({x}, 1, 4) || '-Q' || ((substr({x}, 6, 2) + 2) / 3) END"
    )
    sources = F(column), F(f"{column}_precision")
    return Printed(*sources, postgresql=_PARTIAL_DATE, sqlite=sqlite)


def join_list(column: str) -> Printed:
    """Join the texts of a JSON list, in their order."""
    return Printed(
        F(column),
        postgresql="(SELECT string_agg(one.value, '；') FROM jsonb_array_elements_text({x}) one)",
        sqlite="(SELECT group_concat(one.value, '；') FROM json_each({x}) one)",
    )


class JoinedTexts(Subquery):
    """The column `text` of all rows of a query in one text, separated, in the order of the query.

    An aggregate alone takes the rows as an index yields them; SQLite cannot order them within it.
    """

    template = "(SELECT %(function)s(ordered.text, '；') FROM (%(subquery)s) AS ordered)"
    output_field = TextField()

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> tuple[str, Any]:
        return self.as_sql(compiler, connection, function="GROUP_CONCAT", **context)

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> tuple[str, Any]:
        return self.as_sql(compiler, connection, function="STRING_AGG", **context)
