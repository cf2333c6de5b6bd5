"""Many new rows at once: by COPY on PostgreSQL, by one prepared statement on SQLite.

Several times faster than `bulk_create`, which makes SQL text for every value. Nothing is
validated; the constraints of the database hold.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from itertools import chain, islice
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connection, connections, models

_ROWS_AT_ONCE = 1_000  # Django keeps what it has handed to SQLite until all of it is written
# After each statement with a trigger SQLite writes what a text index has gathered: with one row in
# each that takes several times as long, and the longer the more the index holds
_ROWS_A_STATEMENT = 100
# Fields whose values databases take as Python has them; days and decimals are texts on SQLite
_AS_THEY_ARE = (
    *(models.CharField, models.TextField, models.ForeignKey),
    *(models.IntegerField, models.BooleanField),
)
_AS_POSTGRESQL_TAKES_THEM = (models.DateField, models.DecimalField)
_PLAIN = (str, int, bool, date, Decimal, type(None))
# The first key, and all of them if somebody else took one in between; the sequence is found once
_RESERVE = """
    WITH own AS MATERIALIZED (SELECT pg_get_serial_sequence(%s, %s)::regclass AS sequence)
    SELECT MIN(key), CASE WHEN MAX(key) - MIN(key) >= COUNT(*) THEN ARRAY_AGG(key) END
    FROM (SELECT NEXTVAL(own.sequence) AS key FROM own, generate_series(1, %s)) AS taken"""
RowValues = Mapping[str, Any]  # by column (attname); what is not given has the field's default


def insert_rows(
    model: type[models.Model], rows: Sequence[RowValues], keys: Sequence[int] = ()
) -> Sequence[int]:
    """Insert the rows and return their keys, in order. Must run inside a transaction.

    `keys` are those that were reserved for them. Raises IntegrityError as `bulk_create` would.
    """
    if not rows:
        return []
    fields: list[Any] = [f for f in model._meta.local_concrete_fields if not f.generated]
    names = [field.attname for field in fields]
    blank = _build_blank(model, fields)
    prepare = {field.attname: found for field in fields if (found := _find_preparer(field))}
    keys = keys or reserve_keys(model, len(rows))
    key_name = model._meta.pk.attname
    places = {name: place for place, name in enumerate(names)}

    def values() -> Iterator[list[Any]]:
        for key, row in zip(keys, rows, strict=True):
            row_values = blank.copy()
            for name, value in row.items():
                if name in prepare:
                    value = prepare[name](value)
                elif type(value) not in _PLAIN:  # a word of a vocabulary is a text for databases
                    value = str(value)
                row_values[places[name]] = value
            row_values[places[key_name]] = key
            yield row_values

    _write(model, [field.column for field in fields], values())
    return keys


def _build_blank(model: type[models.Model], fields: Sequence[Any]) -> list[Any]:
    """Build the values of a row of which nothing is given."""
    blank = model()
    empty = []
    for field in fields:
        is_moment = getattr(field, "auto_now", False) or getattr(field, "auto_now_add", False)
        if is_moment:
            value = field.pre_save(blank, True)
        else:
            value = None if field.primary_key else field.get_default()
        empty.append(field.get_db_prep_save(value, connection))
    return empty


def _find_preparer(field: Any) -> Callable[[Any], Any] | None:
    """What makes of a value what the database takes; None where that is the value itself."""
    if isinstance(field, _AS_THEY_ARE):
        return None
    is_taken = isinstance(field, _AS_POSTGRESQL_TAKES_THEM)
    if (
        connection.vendor == "postgresql"
        and is_taken
        and not isinstance(field, models.DateTimeField)
    ):
        return None
    database = connections[DEFAULT_DB_ALIAS]  # looked up once, not for every value
    return lambda value: None if value is None else field.get_db_prep_save(value, database)


def reserve_keys(model: type[models.Model], count: int) -> Sequence[int]:
    """Reserve so many keys that nobody else gets, until the transaction ends; a range mostly."""
    table = model._meta.db_table
    quoted = connection.ops.quote_name(table)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(_RESERVE, [quoted, model._meta.pk.column, count])
            first, keys = cursor.fetchone()
            return keys or range(first, first + count)
        # The only writer there is: SQLite's transactions are IMMEDIATE.
        cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [table])
        found = cursor.fetchone()
        first = (found[0] if found else 0) + 1
        return range(first, first + count)


def _write(model: type[models.Model], columns: Sequence[str], rows: Iterator[list[Any]]) -> None:
    quote = connection.ops.quote_name
    table, names = quote(model._meta.db_table), ", ".join(map(quote, columns))
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            statement = f"COPY {table} ({names}) FROM STDIN"
            with connection.wrap_database_errors, cursor.copy(statement) as copy:
                for row in rows:
                    copy.write_row(row)
            return
        into = f"INSERT INTO {table} ({names}) VALUES "  # noqa: S608 our own names
        marks = f"({', '.join(['%s'] * len(columns))})"
        several = into + ", ".join([marks] * _ROWS_A_STATEMENT)
        while some := list(islice(rows, _ROWS_AT_ONCE)):
            whole = len(some) - len(some) % _ROWS_A_STATEMENT
            parts = (some[at : at + _ROWS_A_STATEMENT] for at in range(0, whole, _ROWS_A_STATEMENT))
            cursor.executemany(several, [[*chain.from_iterable(part)] for part in parts])
            cursor.executemany(into + marks, some[whole:])
