"""Read CSV as rows of texts: decoded strictly, its delimiter found, its quotes checked."""

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from django.utils.translation import gettext as _

from config.mistakes import Mistake
from sheets.packing import PackedLines
from sheets.reading.rows import Limits, ReadRow, ReadSheet, check_size
from sheets.writing.cells import unguard

ENCODINGS = ("utf-8", "utf-16", "gb18030")
BOMS = [
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, ""),  # begins like the next one; nobody saves spreadsheets so
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
]
# All that XML does not allow either; a tab or a line end is text.
NO_TEXT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")
_NOT_STORED = re.compile("[\x00\ud800-\udfff]")
_ESCAPED = re.compile("[\udc80-\udcff]")
_BEYOND_ASCII = re.compile("[\x80-\ud7ff\ue000-\U0010ffff]")


def decode(data: bytes, encoding: str = "") -> tuple[str, str]:
    """Decode a text by its BOM, `encoding`, or as UTF-8 or GB 18030; returns text and encoding."""
    marked = next((name for bom, name in BOMS if data.startswith(bom)), None)
    if marked is not None and encoding and encoding != marked:
        detail = _("The first bytes of the file say that it is %(marked)s, not %(asked)s.")
        asked = {"marked": marked or "UTF-32", "asked": encoding}
        raise Mistake("contradicting_encoding", detail % asked)
    if marked == "":
        raise Mistake("unknown_encoding", _("UTF-32 cannot be read; save the file as UTF-8."))
    chosen = marked or encoding or ("utf-8" if _is_utf8(data) else "gb18030")
    try:
        text = data.decode("utf-8-sig" if chosen == "utf-8" else chosen)
    except UnicodeDecodeError as error:
        raise _undecodable(chosen, data, error.start) from error
    odd = NO_TEXT.search(text)
    if odd:
        line = text.count("\n", 0, odd.start()) + 1
        detail = _("Line %(line)d contains a control character: this is not a text file.")
        raise Mistake("not_text", detail % {"line": line}, line=line)
    return text, chosen


def replace_unstored(text: str) -> str:
    """Replace NUL and lone surrogates, which PostgreSQL cannot store, by U+FFFE: it is refused."""
    return _NOT_STORED.sub("\ufffe", text)


def _is_utf8(data: bytes) -> bool:
    """Tell whether the file is UTF-8; Mistake where few bytes are not, as GB 18030 is gibberish."""
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        escaped = data.decode("utf-8", errors="surrogateescape")
        broken = sum(1 for _match in _ESCAPED.finditer(escaped))
        whole = sum(1 for _match in islice(_BEYOND_ASCII.finditer(escaped), broken + 1))
        if whole > broken:
            raise _undecodable("utf-8", data, error.start) from error
        return False
    return True


def _undecodable(encoding: str, data: bytes, offset: int) -> Mistake:
    line = data.count(b"\n", 0, offset) + 1
    detail = _(
        "Byte %(offset)d, in line %(line)d, is not %(encoding)s. Save the file again as UTF-8."
    ) % {"offset": offset, "line": line, "encoding": encoding.upper()}
    return Mistake("undecodable", detail, line=line, offset=offset or None)


DELIMITERS = {",": ",", ";": ";", "\t": "tab"}
_DECLARED = re.compile(r'\A"?sep=(.)"?(?:\r\n|\r|\n|\Z)', re.IGNORECASE)
RECORDS_TRIED = 50


def read_csv(data: bytes, limits: Limits, encoding: str = "") -> ReadSheet:
    """Read the one table of a CSV file; raises Mistake."""
    text, found = decode(data, encoding)
    declared = _DECLARED.match(text)
    delimiter = declared[1] if declared else _delimiter(text)
    if delimiter not in DELIMITERS:
        detail = _("Columns are separated by comma, semicolon or tab, not by “%(sign)s”.")
        raise Mistake("unknown_delimiter", detail % {"sign": delimiter}, line=1)
    rows: PackedLines[ReadRow] = PackedLines()
    for line, record in enumerate(_records(text, delimiter, limits), start=1):
        if declared and line == 1:
            continue
        row = ReadRow(line, [unguard(cell).strip() for cell in record])
        check_size(row, len(rows), limits)
        rows.append(row)
    return ReadSheet("", rows, encoding=found, delimiter=DELIMITERS[delimiter])


def read_word_table(file: Path) -> list[list[str]]:
    """Read the rows of a table of words that stands beside a module of ours."""
    _names, *rows = read_csv(file.read_bytes(), Limits(), "utf-8").rows
    return [row.cells for row in rows]


def _records(text: str, delimiter: str, limits: Limits) -> Iterator[list[str]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    line = 1
    try:
        for record in reader:
            yield record
            line += 1
    except csv.Error as error:
        if "field limit" in str(error):
            detail = _("A cell contains more than %(max)d characters.")
            length = {"max": limits.cell_length}
            raise Mistake("cell_too_long", detail % length, line=line) from error
        detail = _("The quotation marks in record %(line)d do not match.") % {"line": line}
        raise Mistake("broken_quotes", detail, line=line) from error


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
