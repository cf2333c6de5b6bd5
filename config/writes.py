"""Write one row, or a few columns, by SQL of our own: for Django to compile it takes longer."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from django.db import connection
from django.db.models import Model


def insert_row(row: Model) -> None:
    """Insert a new row, which gets its key, as `save` does; nothing is told of it."""
    sql, fields = _write_insert(type(row), connection.vendor)
    values = [f.get_db_prep_save(f.pre_save(row, True), connection) for f in fields]
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        (row.pk,) = cursor.fetchone()
    row._state.adding, row._state.db = False, connection.alias


@cache
def _write_insert(model: Any, vendor: str) -> tuple[str, list[Any]]:
    """Write the statement that inserts a row and gives its key, and the fields of its values."""
    quote, key = connection.ops.quote_name, model._meta.pk
    fields = [f for f in model._meta.local_concrete_fields if not (f.generated or f is key)]
    columns = ", ".join(quote(f.column) for f in fields)
    values = ", ".join(["%s"] * len(fields))
    table = quote(model._meta.db_table)
    sql = f"INSERT INTO {table} ({columns}) VALUES ({values}) RETURNING {quote(key.column)}"  # noqa: S608 our own names
    return sql, fields


def update_row(model: Any, key: Any, values: Mapping[str, Any]) -> int:
    """Update columns of the row with a key to plain values; tells how many rows that are."""
    quote = connection.ops.quote_name
    fields: list[Any] = [model._meta.get_field(name) for name in values]
    columns = ", ".join(f"{quote(f.column)} = %s" for f in fields)
    table, pk = quote(model._meta.db_table), quote(model._meta.pk.column)
    stored = [
        f.get_db_prep_save(value, connection)
        for f, value in zip(fields, values.values(), strict=True)
    ]
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE {table} SET {columns} WHERE {pk} = %s", [*stored, key])  # noqa: S608
        return int(cursor.rowcount)
