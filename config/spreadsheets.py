"""Tables as files: what a column is, and rows to CSV that a spreadsheet cannot run."""

import csv
import hashlib
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import IO, Any, Literal

from django.utils.functional import Promise

from config.dates import PartialDate, Precision

Kind = Literal["text", "number", "date", "partial_date", "moment", "flag"]
BOM = "\ufeff"

# What a spreadsheet may run as a formula, also after blanks, quotes or apostrophes before it.
_RUNNABLE = re.compile(r"""'*[\s"]*[=+\-@\t\r\n\x00＝＋－＠]""")


@dataclass(frozen=True)
class Column:
    """A column of a file: its name (the same as in JSON), its label for people, and its source.

    `path` is a lookup path of the ORM or the name of an annotation; a `partial_date` also reads
    `<path>_precision`.
    """

    name: str
    label: str | Promise
    path: str
    kind: Kind = "text"

    @property
    def paths(self) -> list[str]:
        return [self.path, f"{self.path}_precision"] if self.kind == "partial_date" else [self.path]


def guarded(text: str) -> str:
    """The text with one more apostrophe in front if a spreadsheet might run it.

    Texts that already begin with apostrophes before such a sign get one, too: taking exactly one
    away (`unguarded`) gives every text back.
    """
    return f"'{text}" if _RUNNABLE.match(text) else text


def unguarded(text: str) -> str:
    """The text as it was before `guarded`."""
    return text[1:] if text.startswith("'") and _RUNNABLE.match(text[1:]) else text


def write_csv(
    columns: Sequence[Column], rows: Iterable[Sequence[Any]], file: IO[bytes], *, bom: bool = True
) -> "Written":
    """Write rows as RFC 4180 CSV in UTF-8, with CRLF and by default a BOM, which Excel needs.

    A row holds the values of the columns' `paths`, in order. Returns how many rows there are and
    the SHA-256 of the bytes.
    """
    sink = _Sink(file)
    text = io.TextIOWrapper(
        io.BufferedWriter(sink), encoding="utf-8", newline="", write_through=False
    )
    if bom:
        text.write(BOM)
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([column.name for column in columns])
    count = 0
    for row in rows:
        writer.writerow(_cells(columns, iter(row)))
        count += 1
    text.flush()
    text.detach()
    return Written(count, sink.digest.digest())


@dataclass(frozen=True)
class Written:
    """What was written: the number of rows, and the SHA-256 of the file."""

    rows: int
    sha256: bytes


class _Sink(io.RawIOBase):
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


def _cells(columns: Sequence[Column], values: Iterator[Any]) -> list[Any]:
    return [
        _partial_date(next(values), next(values))
        if column.kind == "partial_date"
        else _cell(next(values))
        for column in columns
    ]


def _cell(value: Any) -> Any:
    if value is None:
        return ""
    if isinstance(value, str):
        return guarded(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        plain = format(value, "f")
        return plain.rstrip("0").rstrip(".") if "." in plain else plain
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds").replace("+00:00", "Z")
    return value


def _partial_date(first: Any, precision: str) -> str:
    return str(PartialDate(first, Precision(precision))) if first else ""
