"""A query to CSV without a detour through Python's values: by COPY, or in lines of SQLite."""

import secrets
from collections.abc import Iterator, Sequence
from typing import IO, Any

import psycopg
from django.core.exceptions import EmptyResultSet
from django.db import OperationalError, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import QuerySet

from config.history import rewrite
from config.spreadsheets.columns import PLAIN, Column, Layout, RowProgress, Written, report_progress
from config.spreadsheets.csv_writing import CSVSink, Encoding
from config.spreadsheets.sql import JoinedCells, build_cell


def write_query_csv(
    columns: Sequence[Column],
    rows: QuerySet,
    file: IO[bytes],
    *,
    bom: bool = True,
    encoding: Encoding = "utf-8",
    layout: Layout = PLAIN,
    progress: RowProgress | None = None,
) -> Written:
    """Write the same bytes as `write_csv`, of a queryset with the columns' `paths`, but faster."""
    sink = CSVSink(file, encoding)
    sink.write_header(columns, layout, bom=bom)
    connection = connections[rows.db]
    cells = [build_cell(column, layout) for column in columns]
    # Nobody who writes texts into the ledger can know it
    separator = f"\x1f{secrets.token_hex(4)}\x1f"
    is_joined = connection.vendor == "sqlite" and len(columns) > 1
    wanted = [JoinedCells(*cells, separator=separator)] if is_joined else cells
    try:
        sql, params = rows.values_list(*wanted).query.get_compiler(rows.db).as_sql()
    except EmptyResultSet:
        return sink.end()
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET datestyle = ISO")  # whatever the server is set to
    # Of a single column COPY and Python quote differently what is empty.
    if connection.vendor == "postgresql" and len(columns) > 1:
        return sink.write_lines(report_progress(_copy(connection, sql, params), progress))
    with connection.chunked_cursor() as cursor:
        cursor.execute(sql, params)
        found = report_progress(cursor, progress)
        return sink.write_joined(found, separator) if is_joined else sink.write_rows(found)


def _copy(connection: BaseDatabaseWrapper, sql: str, params: Any) -> Iterator[bytes]:
    """The rows as COPY writes them: one by one, in UTF-8, each with LF at its end."""
    connection.ensure_connection()
    # COPY takes no parameters, so they are written into its text by the driver.
    query = psycopg.ClientCursor(connection.connection).mogrify(*rewrite(sql, params))
    statement = f"COPY ({query}) TO STDOUT (FORMAT csv, ENCODING 'UTF8')"
    with connection.cursor() as cursor, cursor.copy(statement) as lines:
        try:
            yield from map(bytes, lines)
        except psycopg.ProgrammingError as error:
            if connection.connection.closed:  # which the driver takes for our mistake
                raise OperationalError("the connection ended while rows were copied") from error
            raise
