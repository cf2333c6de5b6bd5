"""Rows to CSV by RFC 4180, as Excel in China reads it."""

import csv
import hashlib
import io
from collections.abc import Iterable, Sequence
from typing import IO, Any, Literal

from config.spreadsheets.cells import csv_cells
from config.spreadsheets.columns import PLAIN, Column, Layout, Written

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
    """Write rows with CRLF, and in UTF-8 by default with a BOM, without which Excel guesses.

    A row holds the values of the columns' `paths`, in order. Returns how many rows there are and
    the SHA-256 of the bytes.
    """
    cells = (csv_cells(columns, row, layout) for row in rows)
    sink = CSVSink(file, encoding)
    sink.write_header(columns, layout, bom=bom)
    return sink.write_rows(cells)


class CSVSink:
    """A CSV file being written from cells that are texts already, and digested on the way."""

    def __init__(self, file: IO[bytes], encoding: Encoding = "utf-8") -> None:
        self.raw = _Digested(file)
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
        self.writer.writerows(self._count(rows))
        return self.end()

    def write_lines(self, lines: Iterable[bytes]) -> Written:
        """Write rows that are CSV in UTF-8 already, each ending with LF; then end the file."""
        self.text.flush()
        pieces: list[bytes] = []
        for line in lines:
            pieces.append(line[:-1])
            self.rows += 1
            if len(pieces) == _LINES_AT_ONCE:
                self._write_pieces(pieces)
        self._write_pieces(pieces)
        return self.end()

    def end(self) -> Written:
        self.text.flush()
        self.text.detach()
        return Written(self.rows, self.raw.digest.digest())

    def _count(self, rows: Iterable[Sequence[str | None]]) -> Iterable[Sequence[str | None]]:
        for row in rows:
            self.rows += 1
            yield row

    def _write_pieces(self, pieces: list[bytes]) -> None:
        if not pieces:
            return
        block = b"\r\n".join([*pieces, b""])
        pieces.clear()
        self.raw.write(block if self.encoding == "utf-8" else block.decode().encode(self.encoding))


_LINES_AT_ONCE = 500  # some hundred kilobytes


class _Digested(io.RawIOBase):
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
