"""Write rows or a query as CSV (RFC 4180) that Excel in China opens correctly."""

import csv
import hashlib
import io
from collections.abc import Iterable, Iterator, Sequence
from typing import IO, Any, Literal

import psycopg
from django.core.exceptions import EmptyResultSet
from django.db import OperationalError, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import QuerySet

from config.database.history import rewrite
from sheets.packing import split_up
from sheets.writing.cells import build_copied_cell, csv_cells
from sheets.writing.columns import PLAIN, Column, Layout, RowProgress, Written, report_progress

Encoding = Literal["utf-8", "gb18030"]
BOM = "\ufeff"


def write_csv(
    columns: Sequence[Column],
    rows: Iterable[Sequence[Any]],
    file: IO[bytes],
    *,
    bom: bool = True,
    encoding: Encoding = "utf-8",
    layout: Layout = PLAIN,
) -> Written:
    """Write rows with CRLF, in UTF-8 by default with a BOM, without which Excel guesses."""
    cells = (csv_cells(columns, row, layout) for row in rows)
    sink = CSVSink(file, encoding)
    sink.write_header(columns, layout, bom=bom)
    return sink.write_rows(cells)


class CSVSink:
    """A CSV file being written from cells that are texts already, and digested on the way."""

    def __init__(self, file: IO[bytes], encoding: Encoding = "utf-8") -> None:
        self.raw = DigestedFile(file)
        self.encoding = encoding
        self.text = io.TextIOWrapper(io.BufferedWriter(self.raw), encoding=encoding, newline="")
        self.writer = csv.writer(self.text, lineterminator="\r\n")
        self.rows = 0

    def write_header(self, columns: Sequence[Column], layout: Layout, *, bom: bool) -> None:
        if bom and self.encoding == "utf-8":
            self.text.write(BOM)
        self.writer.writerow([column.header(layout) for column in columns])

    def write_rows(self, rows: Iterable[Sequence[str | None]]) -> Written:
        """Write the rows and end the file."""
        for row in rows:
            self.writer.writerow(row)
            self.rows += 1
        return self.end()

    def write_lines(self, lines: Iterable[bytes]) -> Written:
        """Write rows that are CSV in UTF-8 already, each ending with LF; then end the file."""
        self.text.flush()
        for some in split_up(lines, _LINES_AT_ONCE):
            self.rows += len(some)
            block = b"\r\n".join([*(line[:-1] for line in some), b""])
            is_utf8 = self.encoding == "utf-8"
            self.raw.write(block if is_utf8 else block.decode().encode(self.encoding))
        return self.end()

    def end(self) -> Written:
        self.text.flush()
        self.text.detach()
        return Written(self.rows, self.raw.digest.digest())


_LINES_AT_ONCE = 500  # some hundred kilobytes


class DigestedFile(io.RawIOBase):
    """Passes bytes on to a file and digests them on the way."""

    def __init__(self, file: IO[bytes]) -> None:
        self.file = file
        self.digest = hashlib.sha256()

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self.digest.update(data)
        self.file.write(data)
        return len(data)


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
    """Yield the rows as COPY writes them, in UTF-8, each ending with LF."""
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
