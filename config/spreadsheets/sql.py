"""Cells made by the database: the same texts as `cells.csv_cells` makes, without Python between."""

import re
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Case, F, Func, IntegerField, Subquery, TextField, When
from django.db.models.sql.compiler import SQLCompiler

from config.spreadsheets.columns import MONEY_KINDS, UNIT_POWERS, Column, Layout
from config.spreadsheets.guard import RUNNABLE

_RULE = "'{}'".format(RUNNABLE.replace("'", "''"))
# Most texts begin with a character of these ranges, which have none of the rule's. To compare bytes
# takes a small part of the time that the rule does, for which SQLite asks Python.
_HARMLESS = " OR ".join(
    f"({{x}} >= '{first}' AND {{x}} < '{end}')" for first, end in ("、！", "A\x80", "0=")
)


class FileCell(Func):
    """The text of a cell, or NULL where it is empty.

    The templates have the SQL of the first and the second source in the places of {x} and {y}.
    """

    output_field = TextField()
    postgresql = ""
    sqlite = ""

    def as_postgresql(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **context: Any
    ) -> tuple[str, Any]:
        return self.fill(compiler, self.postgresql)

    def as_sqlite(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **context: Any
    ) -> tuple[str, Any]:
        return self.fill(compiler, self.sqlite)

    def fill(self, compiler: SQLCompiler, template: str) -> tuple[str, list[Any]]:
        made = [compiler.compile(source) for source in self.get_source_expressions()]
        sources = dict(zip("xy", made, strict=False))
        places = re.findall(r"\{([xy])\}", template)
        params = [param for name in places for param in sources[name][1]]
        return template.format(**{name: sql for name, (sql, _params) in sources.items()}), params


# Empty texts are sorted out first: for them, too, SQLite would ask Python for the rule.
_GUARDED = (
    f"CASE WHEN {{x}} IS NULL OR {{x}} = '' THEN NULL WHEN {_HARMLESS} THEN {{x}} "
    f"WHEN {{x}} {{like}} {_RULE} THEN '''' || {{x}} ELSE {{x}} END"
)


class TextCell(FileCell):
    """A text, guarded where a spreadsheet might run it."""

    postgresql = _GUARDED.replace("{like}", "~").replace("{x} ", '{x} COLLATE "C" ')
    sqlite = _GUARDED.replace("{like}", "REGEXP")


class CostlyTextCell(TextCell):
    """The same of a subquery, which is written once, so that it is read once."""

    postgresql = " ".join(
        [
            "(SELECT",
            TextCell.postgresql.replace("{x}", "one.x"),
            "FROM (SELECT {x} AS x OFFSET 0) AS one)",
        ]
    )
    sqlite = " ".join(
        ["(SELECT", TextCell.sqlite.replace("{x}", "one.x"), "FROM (SELECT {x} AS x) AS one)"]
    )

    def fill(self, compiler: SQLCompiler, template: str) -> tuple[str, list[Any]]:
        (source,) = self.get_source_expressions()
        if not isinstance(source, Case):
            return super().fill(compiler, template)
        # Guarded within: where there is nothing, nothing is read, nor made of it
        choice = source.copy()
        choice.cases = [When(e.condition, then=CostlyTextCell(e.result)) for e in choice.cases]
        choice.default = CostlyTextCell(choice.default)
        sql, params = compiler.compile(choice)
        return sql, [*params]


class WordCell(FileCell):
    """A word from a closed list, which nothing runs."""

    postgresql = "NULLIF({x}, '')"
    sqlite = "{x}"  # Python's csv writes nothing for either


class NumberCell(FileCell):
    """A number without zeros at the end of its fraction."""

    def as_postgresql(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **context: Any
    ) -> tuple[str, Any]:
        (source,) = self.get_source_expressions()
        is_whole = isinstance(source.output_field, IntegerField)
        return self.fill(compiler, "{x}" if is_whole else "trim_scale(({x})::numeric)")

    def as_sqlite(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **context: Any
    ) -> tuple[str, Any]:
        (source,) = self.get_source_expressions()
        places = getattr(source.output_field, "decimal_places", None)
        if places is None:
            return self.fill(compiler, "{x}")
        # SQLite keeps a fraction as a float
        text = f"rtrim(rtrim(printf('%%.{places}f', {{x}}), '0'), '.')"
        return self.fill(compiler, f"CASE typeof({{x}}) WHEN 'real' THEN {text} ELSE {{x}} END")


class MoneyCell(FileCell):
    """Whole yuan in a larger unit, exactly."""

    def __init__(self, source: Any, power: int) -> None:
        super().__init__(source)
        self.power = power

    def as_postgresql(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **context: Any
    ) -> tuple[str, Any]:
        return self.fill(compiler, f"trim_scale(({{x}}) * 1e-{self.power}::numeric)")

    def as_sqlite(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **context: Any
    ) -> tuple[str, Any]:
        unit = 10**self.power
        sign = "CASE WHEN {x} < 0 THEN '-' ELSE '' END"
        text = (
            f"printf('%%s%%d.%%0{self.power}d', {sign}, abs({{x}}) / {unit}, abs({{x}}) %% {unit})"
        )
        return self.fill(
            compiler,
            f"CASE WHEN {{x}} IS NOT NULL THEN rtrim(rtrim({text}, '0'), '.') END",
        )


class DateCell(FileCell):
    """A day as 2015-06-30, which is how `write_query_csv` has PostgreSQL write days."""

    postgresql = "({x})::text"
    sqlite = "{x}"


class PartialDateCell(FileCell):
    """A date as far as it is known, of its first day and its precision."""

    postgresql = (
        "CASE {y} WHEN 'day' THEN ({x})::text "
        "WHEN 'month' THEN left(({x})::text, 7) WHEN 'year' THEN left(({x})::text, 4) "
        "WHEN 'quarter' THEN to_char({x}, 'YYYY-\"Q\"Q') END"
    )
    sqlite = (
        "CASE {y} WHEN 'day' THEN {x} WHEN 'month' THEN substr({x}, 1, 7) "
        "WHEN 'year' THEN substr({x}, 1, 4) "
        "WHEN 'quarter' THEN substr({x}, 1, 4) || '-Q' || ((substr({x}, 6, 2) + 2) / 3) END"
    )


class MonthCell(FileCell):
    """A month as 2015-06, of its first day."""

    postgresql = "left(({x})::text, 7)"
    sqlite = "substr({x}, 1, 7)"


class MomentCell(FileCell):
    """A moment in UTC, to the second."""

    postgresql = "to_char({x} AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')"
    sqlite = "replace(substr({x}, 1, 19), ' ', 'T') || 'Z'"


class FlagCell(FileCell):
    """`true` or `false`."""

    postgresql = "({x})::text"
    sqlite = "CASE ({x}) WHEN 1 THEN 'true' WHEN 0 THEN 'false' END"


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


class JoinedList(FileCell):
    """The texts of a JSON list in one text, in their order."""

    postgresql = "(SELECT string_agg(one.value, '；') FROM jsonb_array_elements_text({x}) one)"
    sqlite = "(SELECT group_concat(one.value, '；') FROM json_each({x}) one)"


class JoinedCells(Func):
    """The cells of a row in one text, with a separator between: reading each takes longer."""

    output_field = TextField()

    def __init__(self, *cells: Any, separator: str) -> None:
        super().__init__(*cells)
        self.separator = separator

    def as_sqlite(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **context: Any
    ) -> tuple[str, Any]:
        made = [compiler.compile(source) for source in self.get_source_expressions()]
        texts: list[str] = []
        params: list[Any] = []
        for start in range(0, len(made), _MOST_ARGUMENTS):
            some = made[start : start + _MOST_ARGUMENTS]
            texts.append(f"printf(%s, {', '.join(sql for sql, _params in some)})")
            pattern = self.separator.join(["%s"] * len(some))
            params += [pattern if start == 0 else self.separator + pattern]
            params += [param for _sql, own in some for param in own]
        return " || ".join(texts), params


_MOST_ARGUMENTS = 100  # of a function of SQLite, with the pattern 127 at most


def build_cell(column: Column, layout: Layout) -> Any:
    """Build the expression of a column's cell, for a queryset that has the column's `paths`."""
    sources = [F(path) for path in column.paths]
    if column.kind == "text":
        return (TextCell if isinstance(column.path, str) else CostlyTextCell)(*sources)
    if column.kind in MONEY_KINDS:
        power = UNIT_POWERS[layout.unit]
        return MoneyCell(sources[0], power) if power else sources[0]
    return _CELLS[column.kind](*sources)


_CELLS: dict[str, type[FileCell]] = {
    "word": WordCell,
    "number": NumberCell,
    "date": DateCell,
    "partial_date": PartialDateCell,
    "month": MonthCell,
    "moment": MomentCell,
    "flag": FlagCell,
}
