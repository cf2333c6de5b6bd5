"""CSV to rows: the delimiter is found, quotes must be in order, and every record is counted."""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from itertools import islice

from django.utils.translation import gettext as _

from config.packing import PackedLines
from config.reading.decoding import decode
from config.reading.errors import FileError
from config.reading.rows import Limits, ReadRow, ReadSheet, check_size
from config.spreadsheets import unguard

DELIMITERS = {",": ",", ";": ";", "\t": "tab"}
_DECLARED = re.compile(r'\A"?sep=(.)"?(?:\r\n|\r|\n|\Z)', re.IGNORECASE)
RECORDS_TRIED = 50


def read_csv(data: bytes, limits: Limits, encoding: str = "") -> ReadSheet:
    """Read the one table of a CSV file; raises FileError."""
    text, found = decode(data, encoding)
    declared = _DECLARED.match(text)
    delimiter = declared[1] if declared else _delimiter(text)
    if delimiter not in DELIMITERS:
        detail = _("Columns are separated by comma, semicolon or tab, not by “%(sign)s”.")
        raise FileError("unknown_delimiter", detail % {"sign": delimiter}, line=1)
    rows: PackedLines[ReadRow] = PackedLines()
    for line, record in enumerate(_records(text, delimiter, limits), start=1):
        if declared and line == 1:
            continue
        row = ReadRow(line, [unguard(cell).strip() for cell in record])
        check_size(row, len(rows), limits)
        rows.append(row)
    return ReadSheet("", rows, encoding=found, delimiter=DELIMITERS[delimiter])


def _records(text: str, delimiter: str, limits: Limits) -> Iterator[list[str]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    count = 0
    try:
        for record in reader:
            count += 1
            yield record
    except csv.Error as error:
        line = count + 1
        if "field limit" in str(error):
            detail = _("A cell contains more than %(max)d characters.") % {
                "max": limits.cell_length
            }
            raise FileError("cell_too_long", detail, line=line) from error
        detail = _("The quotation marks in record %(line)d do not match.") % {"line": line}
        raise FileError("broken_quotes", detail, line=line) from error


def _delimiter(text: str) -> str:
    """Find the character that divides most records into equally many cells, more than one."""
    best, most = ",", 0
    for delimiter in DELIMITERS:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        try:
            widths = Counter(len(record) for record in islice(reader, RECORDS_TRIED) if record)
        except csv.Error:
            continue
        weight = max((width * count for width, count in widths.items() if width > 1), default=0)
        if weight > most:
            best, most = delimiter, weight
    return best
