"""Copies the projects of a database with all that belongs to them, by SQL: a million in minutes.

What copies have of their own are keys, codes and names. Their versions are copied, too, but not
what the feed tells of them.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from time import perf_counter
from typing import Any

from django.apps import apps
from django.db import connection, models

from projects.models import Investor, Project

WHOLE = 1_000_000  # up to here with everything; beyond projects and investors alone
SEARCHED = "projects_project_texts"  # takes longer to build than all the others together


def multiply(copies: int, *, is_whole: bool) -> None:
    """Write so many copies of each project that there is; without constraints between tables.

    `is_whole` is whether all that belongs to a project is copied, and can be searched.
    """
    copied = list_models() if is_whole else [Project, Investor]
    with connection.cursor() as cursor, unchecked(cursor):
        last = {model: find_last(cursor, model) for model in copied}
        step = 10 ** len(str(max(last.values())))
        for model in copied:
            start = perf_counter()
            sql = write_copying(model, copied)
            with without_indexes(cursor, model, is_whole=is_whole):
                for copy in range(1, copies + 1):
                    cursor.execute(sql.format(copy=copy, shift=copy * step), [last[model]])
            go_on_after(cursor, model)
            print(f"  {model.__name__}: {perf_counter() - start:.0f} s", flush=True)


def list_models() -> Sequence[type[models.Model]]:
    """Projects and what belongs to each of them, with the versions of both."""
    own = [Project, *(each for each in apps.get_models() if is_of_project(each))]
    return [*own, *(each.history.model for each in own if hasattr(each, "history"))]


def is_of_project(model: type[Any]) -> bool:
    below = getattr(model, "project", None) or getattr(model, "row", None)
    target = getattr(below, "field", None)
    is_version = model.__name__.startswith("Historical")
    return target is not None and target.related_model is Project and not is_version


def list_columns(model: type[models.Model]) -> Sequence[Any]:
    return [field for field in model._meta.local_concrete_fields if not field.generated]


def write_copying(model: type[models.Model], copied: Sequence[type[models.Model]]) -> str:
    """Write the SQL that copies a table up to a key, with `{copy}` and `{shift}`."""
    quote, columns = connection.ops.quote_name, list_columns(model)
    table, key = quote(model._meta.db_table), quote(model._meta.pk.column)
    names = ", ".join(quote(field.column) for field in columns)
    values = ", ".join(write_value(field, copied) for field in columns)
    return f"INSERT INTO {table} ({names}) SELECT {values} FROM {table} WHERE {key} <= %s"  # noqa: S608


def write_value(field: Any, copied: Sequence[type[models.Model]]) -> str:
    """What stands in a column of a copy, as SQL with `{copy}` and `{shift}`."""
    column = connection.ops.quote_name(field.column)
    is_key = field.primary_key or field.name == "id"
    if is_key or getattr(field, "related_model", None) in copied:
        return f"{column} + {{shift}}"
    if field.name in ("code", "name_zh", "name_en"):
        return f"CASE {column} WHEN '' THEN '' ELSE {column} || '-{{copy}}' END"
    if field.name == "national_code":
        return "''"
    return str(column)


@contextmanager
def unchecked(cursor: Any) -> Iterator[None]:
    """Have this connection check nothing but each row's own constraints."""
    if connection.vendor == "postgresql":
        begin, end = "SET session_replication_role = replica", "RESET session_replication_role"
    else:
        begin, end = "PRAGMA foreign_keys = OFF", "PRAGMA foreign_keys = ON"
    cursor.execute(begin)
    try:
        yield
    finally:
        cursor.execute(end)


def find_last(cursor: Any, model: type[models.Model]) -> int:
    key = connection.ops.quote_name(model._meta.pk.column)
    table = connection.ops.quote_name(model._meta.db_table)
    cursor.execute(f"SELECT COALESCE(MAX({key}), 0) FROM {table}")  # noqa: S608 our own names
    last: int = cursor.fetchone()[0]
    return last


@contextmanager
def without_indexes(cursor: Any, model: type[models.Model], *, is_whole: bool) -> Iterator[None]:
    """Drop the indexes that no constraint needs, and make them again."""
    table = model._meta.db_table
    if connection.vendor == "postgresql":
        cursor.execute(
            "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = %s AND indexname NOT IN"
            " (SELECT conname FROM pg_constraint WHERE conrelid = %s::regclass)",
            [table, table],
        )
    else:
        cursor.execute(
            "SELECT name, sql FROM sqlite_master"
            " WHERE type = 'index' AND tbl_name = %s AND sql IS NOT NULL",
            [table],
        )
    found = [(name, [sql, *list_statistics(cursor, name)]) for name, sql in cursor.fetchall()]
    for name, _statements in found:
        cursor.execute(f"DROP INDEX {connection.ops.quote_name(name)}")
    yield
    for name, statements in found:
        if is_whole or name != SEARCHED:
            for sql in statements:
                cursor.execute(sql)


def list_statistics(cursor: Any, index: str) -> Sequence[str]:
    """The statements that say of columns of an index how much is known of them, where we say so."""
    if connection.vendor != "postgresql":
        return []
    name = connection.ops.quote_name(index)
    cursor.execute(
        "SELECT attnum, attstattarget FROM pg_attribute"
        " WHERE attrelid = %s::regclass AND attstattarget >= 0",
        [name],
    )
    return [
        f"ALTER INDEX {name} ALTER COLUMN {column} SET STATISTICS {target}"
        for column, target in cursor.fetchall()
    ]


def go_on_after(cursor: Any, model: type[models.Model]) -> None:
    """Have the next key of a table follow the last one; SQLite does so itself."""
    if connection.vendor == "postgresql":
        table, key = connection.ops.quote_name(model._meta.db_table), model._meta.pk.column
        cursor.execute(
            "SELECT setval(pg_get_serial_sequence(%s, %s), %s)",
            [table, key, max(find_last(cursor, model), 1)],
        )
