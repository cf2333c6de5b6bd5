"""Insert many rows: by COPY on PostgreSQL, by one prepared statement on SQLite.

Several times faster than `bulk_create`, which builds SQL for every value. Only the constraints of
the database are checked.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from itertools import chain, islice
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connection, connections, models

_ROWS_AT_ONCE = 1_000  # Django keeps the parameters of executemany in memory
# After each statement, SQLite's text index writes what its triggers have gathered: with one row a
# statement, that takes several times as long
_ROWS_A_STATEMENT = 100
# Fields whose values databases accept unchanged; days and decimals are texts on SQLite
_AS_THEY_ARE = (
    *(models.CharField, models.TextField, models.ForeignKey),
    *(models.IntegerField, models.BooleanField),
)
_ON_POSTGRESQL = (models.DateField, models.DecimalField)  # on PostgreSQL alone
_PLAIN = (str, int, bool, date, Decimal, type(None))
# The first key, and all of them if they are not consecutive
_RESERVE = """
    WITH own AS MATERIALIZED (SELECT pg_get_serial_sequence(%s, %s)::regclass AS sequence)
    SELECT MIN(key), CASE WHEN MAX(key) - MIN(key) >= COUNT(*) THEN ARRAY_AGG(key) END
    FROM (SELECT NEXTVAL(own.sequence) AS key FROM own, generate_series(1, %s)) AS taken"""
RowValues = Mapping[str, Any]  # by column (attname); the others have the field's default


def insert_rows(
    model: type[models.Model], rows: Sequence[RowValues], keys: Sequence[int] = ()
) -> Sequence[int]:
    """Insert the rows and return their keys, in order. Must run inside a transaction.

    `keys` are reserved keys. Raises IntegrityError as `bulk_create` would.
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
                elif type(value) not in _PLAIN:  # a word of a vocabulary
                    value = str(value)
                row_values[places[name]] = value
            row_values[places[key_name]] = key
            yield row_values

    _write(model, [field.column for field in fields], values())
    return keys


def _build_blank(model: type[models.Model], fields: Sequence[Any]) -> list[Any]:
    """Return the default values of a row."""
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
    """Return the conversion of values for the database; None if they stay the same."""
    if isinstance(field, _AS_THEY_ARE):
        return None
    is_plain = isinstance(field, _ON_POSTGRESQL) and not isinstance(field, models.DateTimeField)
    if is_plain and connection.vendor == "postgresql":
        return None
    database = connections[DEFAULT_DB_ALIAS]  # looked up once, not for every value
    return lambda value: None if value is None else field.get_db_prep_save(value, database)


def reserve_keys(model: type[models.Model], count: int) -> Sequence[int]:
    """Reserve keys until the transaction ends; mostly a range."""
    table = model._meta.db_table
    quoted = connection.ops.quote_name(table)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(_RESERVE, [quoted, model._meta.pk.column, count])
            first, keys = cursor.fetchone()
            return keys or range(first, first + count)
        # SQLite has no other writer, as transactions are IMMEDIATE
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
