"""A query to CSV: PostgreSQL copies it into the file, and of SQLite Python writes the cells."""

from collections.abc import Iterator, Sequence
from typing import IO, Any

import psycopg
from django.core.exceptions import EmptyResultSet
from django.db import OperationalError, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import QuerySet

from config.history import rewrite
from config.spreadsheets.columns import PLAIN, Column, Layout, RowProgress, Written, report_progress
from config.spreadsheets.csv_writing import CSVSink, Encoding, write_csv
from config.spreadsheets.sql import build_copied_cell

READ_AT_ONCE = 500  # rows


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
    """Write the same bytes as `write_csv`, of a queryset with the columns' `paths`."""
    connection = connections[rows.db]
    # Of a single column COPY and Python quote differently what is empty
    if connection.vendor != "postgresql" or len(columns) == 1:
        values = rows.values_list(*(path for column in columns for path in column.paths))
        found = report_progress(values.iterator(READ_AT_ONCE), progress)
        return write_csv(columns, found, file, bom=bom, encoding=encoding, layout=layout)
    sink = CSVSink(file, encoding)
    sink.write_header(columns, layout, bom=bom)
    cells = [build_copied_cell(column, layout) for column in columns]
    try:
        sql, params = rows.values_list(*cells).query.get_compiler(rows.db).as_sql()
    except EmptyResultSet:
        return sink.end()
    with connection.cursor() as cursor:
        cursor.execute("SET datestyle = ISO")  # whatever the server is set to
    return sink.write_lines(report_progress(_copy(connection, sql, params), progress))


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
