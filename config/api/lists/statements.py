"""The SQL of a plan, compiled once for all who see the same: all but which rows are found."""

from collections.abc import Callable, Collection, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

import orjson
from django.core.exceptions import EmptyResultSet, FullResultSet
from django.db import connection
from django.db.models import BooleanField, DateField, DateTimeField, Model, QuerySet

from config.api.lists.plans import Cell, RowPlan, has_column
from config.api.load.time_limits import counting_wait
from config.clients import Client
from config.prepared import GivenKeys, prepare

Row = Sequence[Any]
BoundSQL = tuple[str, Collection[Any]]  # SQL with its parameters
_FLAGS = {0: False, 1: True}


@dataclass(frozen=True)
class Statement:
    """A SELECT of all that a plan shows, compiled, in the parts between which its rows are found.

    `where` is what selects the rows that may be shown at all; `fields` are what is shown of one: by
    its name, the place of its value, and what makes it of the row where it is not that value.
    """

    columns: str
    column_params: tuple[Any, ...]
    table: str
    joins: str
    join_params: tuple[Any, ...]
    where: str
    where_params: tuple[Any, ...]
    fields: list[tuple[str, int, Callable[[Row], Any] | None]]

    def build(self, row: Row) -> dict[str, Any]:
        """Build what is shown of a row that was found, in the order of the answer."""
        return {
            name: row[place] if make is None else make(row) for name, place, make in self.fields
        }


@lru_cache(maxsize=1024)  # of a few kinds of rows, by who sees what, of today and the day before
def compile_plan(
    plan: RowPlan, client: Client, using: str, day: date, stale_months: int
) -> Statement:
    """Compile a plan for those who see the same, on a day: the arguments are all it depends on."""
    model: Any = plan.model
    rows = model._default_manager.all()
    if plan.serializer is not None:
        rows = plan.serializer.select_rows(rows, client.person)
    paths = dict.fromkeys(path for path, _is_raw in plan.columns if _is_known(rows, path))
    compiler = rows.order_by().values_list(*paths).query.get_compiler(using)
    compiler.pre_sql_setup()
    compiled = {
        path: (expression, *sql)
        for path, (expression, sql, _alias) in zip(paths, compiler.select, strict=True)
    }
    none: tuple[Any, ...] = (None, "NULL", ())
    columns = [(*compiled.get(path, none), is_raw) for path, is_raw in plan.columns]
    (table, *joins), join_params = compiler.get_from_clause()
    where, where_params = _compile_where(compiler)
    conversions = {
        place: convert
        for place, (each, _sql, _params, is_raw) in enumerate(columns)
        if (convert := find_conversion(each, is_raw))
    }
    return Statement(
        ", ".join(_write_column(each, sql, is_raw) for each, sql, _params, is_raw in columns),
        tuple(param for _each, _sql, params, _is_raw in columns for param in params),
        table,
        "".join(f" {join}" for join in joins),
        tuple(join_params),
        where,
        tuple(where_params),
        [
            (name, places[0], _find_maker(part, [(each, conversions.get(each)) for each in places]))
            for name, part, places in zip(plan.names, plan.parts, plan.list_places(), strict=True)
        ],
    )


def _find_maker(part: Any, columns: Sequence[tuple[int, Any]]) -> Callable[[Row], Any] | None:
    """Find what makes a field of a row, of whose columns the places and conversions are given.

    None where it is the value of its only column. Where a field is no cell, that is a key.
    """
    (first, convert), *others = columns
    show = (part.make or part.convert) if isinstance(part, Cell) else None
    takes_null = isinstance(part, Cell) and part.make is not None and not part.is_raw
    if isinstance(part, Cell) and part.is_word:
        return lambda row: row[first] or None
    if show is None:
        return convert and (lambda row: None if row[first] is None else convert(row[first]))

    def make(row: Row) -> Any:
        value = row[first]
        if value is None and not takes_null:
            return None
        if convert and value is not None:
            value = convert(value)
        return show(
            value,
            *[
                row[place] if each is None or row[place] is None else each(row[place])
                for place, each in others
            ],
        )

    return make


def write_select(columns: Sequence[str]) -> str:
    """Write what a SELECT gives of each row; on SQLite the bytes of one text, a JSON array.

    Its driver takes a value at a time, which takes longer than to write and read JSON, and would
    decode a text only for it to be encoded again.
    """
    written = ", ".join(columns)
    return f"CAST(json_array({written}) AS BLOB)" if connection.vendor == "sqlite" else written


def read_selected(answer: list[Row]) -> list[Row]:
    """Read what a SELECT of `write_select` gave."""
    return [orjson.loads(text) for (text,) in answer] if connection.vendor == "sqlite" else answer


def _write_column(expression: Any, sql: str, is_raw: bool) -> str:
    """Write a column; of a raw date, or a moment in UTC, its text, as SQLite keeps it."""
    if connection.vendor == "sqlite" or not (is_raw and _is_date(expression)):
        return sql
    if isinstance(expression.output_field, DateTimeField):
        return f"to_char({sql} AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US')"
    return f"({sql})::text"


def _is_date(expression: Any) -> bool:
    return expression is not None and isinstance(expression.output_field, DateField)


def _is_known(rows: QuerySet, path: str) -> bool:
    return path in rows.query.annotations or has_column(rows.model, path)


def _compile_where(compiler: Any) -> tuple[str, Sequence[Any]]:
    try:
        return compiler.compile(compiler.where)
    except FullResultSet:
        return "", ()
    except EmptyResultSet:
        return "1 = 0", ()


def find_conversion(expression: Any, is_raw: bool = False) -> Callable[[Any], Any] | None:
    """Find how the driver's values of an expression are converted; None if they stay the same."""
    if expression is None or (is_raw and _is_date(expression)):
        return None
    converters = [
        *connection.ops.get_db_converters(expression),
        *expression.get_db_converters(connection),
    ]
    if len(converters) == 1:
        if isinstance(expression.output_field, BooleanField):
            return _FLAGS.get  # SQLite has numbers for them
        (only,) = converters
        return lambda value: only(value, expression, connection)

    def convert(value: Any) -> Any:
        for each in converters:
            value = each(value, expression, connection)
        return value

    return convert if converters else None


def compile_conditions(rows: QuerySet) -> tuple[str, str, list[Any]]:
    """Compile FROM and WHERE, with their parameters; EmptyResultSet if no row can match."""
    query = rows.query.chain()
    query.get_initial_alias()
    compiler: Any = query.get_compiler(rows.db)
    try:
        where, where_params = compiler.compile(query.where)
    except FullResultSet:
        where, where_params = "", ()
    tables, params = compiler.get_from_clause()
    return " ".join(tables), where, [*params, *where_params]


def read_codes(model: type[Model], client: Client, keys: Collection[Any]) -> dict[Any, str]:
    """Read the codes of those rows that a client may see, by their keys."""
    return dict(prepare(_select_visible, model, client).fetch(keys=[*keys]))


def _select_visible(model: Any, client: Client) -> QuerySet:
    rows = model._default_manager.visible_to(client.person).filter(pk__among=GivenKeys())
    return rows.order_by().values_list("pk", "code")


def execute(sql: str, params: Collection[Any]) -> list[Row]:
    with connection.cursor() as cursor:
        cursor.execute(sql, tuple(params))
        return list(cursor.fetchall())


def execute_all(questions: Sequence[BoundSQL]) -> list[list[Row]]:
    """Execute several SELECTs of `write_select` together: by one statement, or in one pipeline."""
    if connection.vendor != "postgresql":
        return _execute_together(questions) if questions else []
    connection.ensure_connection()
    with connection.connection.pipeline(), ExitStack() as held:
        cursors = [held.enter_context(connection.cursor()) for _question in questions]
        for cursor, (sql, params) in zip(cursors, questions, strict=True):
            cursor.execute(sql, tuple(params))
        with counting_wait():
            return [list(cursor.fetchall()) for cursor in cursors]


def _execute_together(questions: Sequence[BoundSQL]) -> list[list[Row]]:
    """Execute several SELECTs of `write_select` as one: each row begins with its question's place.

    With a limit SQLite keeps the order of each part.
    """
    together = " UNION ALL ".join(
        f"SELECT {place}, * FROM ({sql} LIMIT -1)"  # noqa: S608 made here
        for place, (sql, _params) in enumerate(questions)
    )
    answers: list[list[Row]] = [[] for _question in questions]
    for place, *row in execute(together, [each for _sql, params in questions for each in params]):
        answers[place].append(row)
    return answers


def mark_values(values: Collection[Any]) -> str:
    return ", ".join(["%s"] * len(values)) or "NULL"
