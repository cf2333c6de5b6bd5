"""Write XLSX: typed rows, a sheet that explains the file, and empty templates."""

import hashlib
import re
import shutil
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Any, Self

import xlsxwriter
from django.core.exceptions import FieldDoesNotExist
from django.db.models import Model
from django.utils.translation import gettext as _, gettext_lazy, pgettext_lazy
from xlsxwriter.exceptions import FileCreateError
from xlsxwriter.format import Format
from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import Worksheet

from config.texts import MAX_LENGTH, measure_length, measure_width
from sheets.writing.cells import plain_values, to_text
from sheets.writing.columns import MONEY_KINDS, PLAIN, Column, ColumnKind, Layout, Sheet, Written

_COLUMNS = [
    Column("about", pgettext_lazy("of a line", "about")),
    Column("name", gettext_lazy("name")),
    Column("text", gettext_lazy("text")),
    Column("details", gettext_lazy("details")),
]
Line = tuple[str, Any, Any, Any]


@dataclass(frozen=True)
class About:
    """The facts about a file on its last sheet. `newest` is the latest change of its rows."""

    title: str
    address: str
    query: Sequence[tuple[str, str]]
    count: int
    columns: Sequence[Column]
    model: type[Model]
    newest: datetime | None = None
    sources: Sequence[tuple[str, str, str]] = field(default_factory=list)


def about_sheet(about: About, layout: Layout) -> Sheet:
    """Build the sheet from data and question alone: equal data make equal sheets."""
    return Sheet(_("About"), _COLUMNS, _lines(about, layout))


def _lines(about: About, layout: Layout) -> Iterator[Line]:
    yield _("file"), about.title, about.address, None
    for name, value in about.query:
        yield _("asked"), name, value, None
    yield _("rows"), None, about.count, None
    if about.newest is not None:
        yield _("newest change"), None, about.newest, None
    for column in about.columns:
        yield _("column"), column.header(layout), str(column.label), str(column.meaning) or None
    for column in about.columns:
        for word, label in list_column_words(column, about.model):
            yield _("word"), column.header(layout), word, str(label)
    for code, title, details in about.sources:
        yield _("source"), code, title, details or None


def list_column_words(column: Column, model: type[Model]) -> Iterator[tuple[str, Any]]:
    """List the words and labels of a column that holds one of a closed list."""
    if column.kind != "word" or not isinstance(column.path, str):
        return
    try:
        found: Any = model._meta.get_field(column.path.rpartition(".")[2])
    except FieldDoesNotExist:
        return
    found = getattr(found, "output_field", None) or found
    yield from ((word, label) for word, label in found.choices or () if word)


MAX_SHEET_ROWS = 1_048_575  # below the header
MAX_DIGITS = 15  # of a number: Excel would make zeros of the rest
# Before, Excel counts a 29 February 1900 that never was.
_FIRST_DAY = date(1900, 3, 1)
# A file holds nothing of when it was asked for: equal data give equal bytes.
MADE_ON = datetime(2000, 1, 1)  # noqa: DTZ001 the format knows no time zones
WIDTHS: dict[ColumnKind, int] = {
    "text": 24,
    "word": 14,
    "number": 12,
    "money": 18,
    "foreign": 18,
    "date": 12,
    "partial_date": 12,
    "month": 10,
    "moment": 21,
    "flag": 8,
}
WIDEST = 60
_LIKE_ESCAPE = re.compile("_(?=x[0-9A-Fa-f]{4}_)")
_NOT_IN_XML = re.compile("[\x00-\x08\x0b-\x1f\ufffe\uffff]")


class DoesNotFit(ValueError):  # noqa: N818 it reads as what it says
    """The data are more than the format holds; `limit` and `actual` count rows or characters."""

    def __init__(self, message: str, limit: int, actual: int) -> None:
        super().__init__(message)
        self.limit = limit
        self.actual = actual


class _Page(Worksheet):
    """A sheet whose texts are read back as they are, whatever is in them."""

    @staticmethod
    def _escape_control_characters(string: str) -> str:
        """Escape what XML cannot hold as `_x0007_`, and texts that look like such an escape.

        XlsxWriter itself misses such look-alikes where they overlap, and takes a text that begins
        with <r> and ends with </r> for markup of its own: that would make cells of our texts.
        """
        text = _LIKE_ESCAPE.sub("_x005F_", string)
        text = _NOT_IN_XML.sub(lambda found: f"_x{ord(found[0]):04X}_", text)
        return f"_x003C_{text[1:]}" if text.startswith("<r>") else text


class Workbook:
    """A workbook being written, sheet by sheet, in a temporary folder; `close` makes it a file."""

    def __init__(self, file: IO[bytes], layout: Layout = PLAIN) -> None:
        self.file = file
        self.layout = layout
        self.folder = TemporaryDirectory(prefix="ledger-xlsx-")
        self.path = Path(self.folder.name, "book.xlsx")
        self.book = xlsxwriter.Workbook(
            self.path,
            {
                "constant_memory": True,
                "tmpdir": self.folder.name,
                "strings_to_formulas": False,
                "strings_to_numbers": False,
                "strings_to_urls": False,
            },
        )
        self.book.set_properties({"created": MADE_ON})
        self.formats = {
            "header": self.book.add_format({"bold": True, "num_format": "@"}),
            # What is typed in stays as it is typed: Excel would make a day of 2015-06
            "text": self.book.add_format({"num_format": "@"}),
            "date": self.book.add_format({"num_format": "yyyy-mm-dd"}),
        }
        self.counts: list[int] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *failure: object) -> None:
        for page in self.book.worksheets():
            if page.row_data_fh:
                with suppress(OSError):  # on a full disk closing fails, too
                    page.row_data_fh.close()
        self.folder.cleanup()

    def add(self, sheet: Sheet) -> int:
        """Write a sheet; returns its rows. DoesNotFit where it or a cell is too long for Excel."""
        page = self.book.add_worksheet(sheet.title[:31], worksheet_class=_Page)
        self.counts.append(_write_sheet(page, sheet, self.layout, self.formats))
        return self.counts[-1]

    def add_page(self, title: str, rows: int) -> Worksheet:
        """Add a sheet whose cells the caller writes, row by row; `rows` is what it counts as."""
        self.counts.append(rows)
        return self.book.add_worksheet(title[:31], worksheet_class=_Page)

    def close(self) -> Written:
        """End the file: the rows of the first sheet, and the SHA-256 of the bytes."""
        try:
            self.book.close()
        except FileCreateError as error:
            # Whoever answers has to know which failure of the system it was
            raise error.__context__ or error from None
        with self.path.open("rb") as made:
            digest = hashlib.file_digest(made, "sha256").digest()
            made.seek(0)
            shutil.copyfileobj(made, self.file)
        return Written(self.counts[0], digest)


def _write_sheet(page: Worksheet, sheet: Sheet, layout: Layout, formats: dict[str, Format]) -> int:
    """Write one sheet with its header; returns how many rows it has."""
    for place, column in enumerate(sheet.columns):
        header = column.header(layout)
        page.write_string(0, place, header, formats["header"])
        is_number = column.kind in ("number", *MONEY_KINDS)
        style = None if is_number else formats["text"]  # of cells that are filled in later
        page.set_column(place, place, column_width(column, header), style)
    page.freeze_panes(1, 1)
    count = 0
    for count, row in enumerate(sheet.rows, start=1):
        if count > MAX_SHEET_ROWS:
            raise too_many_rows(count)
        for place, value in enumerate(plain_values(sheet.columns, row, layout)):
            write_cell(page, (count, place), value, sheet.columns[place], formats)
    if count:
        page.autofilter(0, 0, count, len(sheet.columns) - 1)
    return count


def too_many_rows(count: int) -> DoesNotFit:
    message = _(
        "%(count)d rows are more than an XLSX sheet can hold (%(limit)d): narrow the list with "
        "filters, or take the CSV file."
    )
    return DoesNotFit(message % {"count": count, "limit": MAX_SHEET_ROWS}, MAX_SHEET_ROWS, count)


def write_cell(
    page: Worksheet, at: tuple[int, int], value: Any, column: Column, formats: dict[str, Format]
) -> None:
    """Write a value as a number or day where Excel keeps it unchanged, else as text."""
    if value is None or value == "":
        return
    if isinstance(value, str):
        _check_length(value, column)
        page.write_string(*at, value, formats["text"])
    elif isinstance(value, date) and not isinstance(value, datetime) and value >= _FIRST_DAY:
        page.write_datetime(*at, value, formats["date"])
    elif isinstance(value, int | float | Decimal) and _is_exact(value):
        page.write_number(*at, value, formats.get("number"))
    else:
        page.write_string(*at, to_text(value), formats["text"])


def _is_exact(value: int | float | Decimal) -> bool:
    """Tell whether Excel keeps the number unchanged."""
    if isinstance(value, bool):
        return False  # LibreOffice makes the formula =TRUE() of a typed one
    if isinstance(value, int):
        return abs(value) < 10**MAX_DIGITS
    return isinstance(value, float) or len(value.normalize().as_tuple().digits) <= MAX_DIGITS


def _check_length(text: str, column: Column) -> None:
    length = measure_length(text)
    if length > MAX_LENGTH:
        message = _(
            "A text of “%(column)s” has %(length)d characters; an XLSX cell can hold %(limit)d. "
            "Leave the column out with `columns=`, or take the CSV file."
        )
        named = {"column": column.name, "length": length, "limit": MAX_LENGTH}
        raise DoesNotFit(message % named, MAX_LENGTH, length)


def column_width(column: Column, header: str) -> int:
    """Measure a column in characters."""
    return min(WIDEST, max(WIDTHS[column.kind], measure_width(header) + 4))  # for the arrow


_ROWS = 5_000  # that have the drop-down lists
LISTS = "lists"  # the hidden sheet that holds the words
NOTE_SIZE = {"x_scale": 2, "y_scale": 1.5}


@dataclass(frozen=True)
class Field:
    """A column to be filled in: what to write there, and the words to choose from, if any."""

    column: Column
    note: str
    words: Sequence[str] = ()


def write_template(title: str, fields: Sequence[Field], file: IO[bytes], layout: Layout) -> None:
    """Write a workbook with one sheet to be filled in. Every cell is a text, so it stays as typed.

    Another word than those of a list is warned of, not refused: the import reads more spellings.
    """
    book = xlsxwriter.Workbook(file, {"in_memory": True, "strings_to_formulas": False})
    book.set_properties({"created": MADE_ON})
    text = book.add_format({"num_format": "@"})
    bold = book.add_format({"num_format": "@", "bold": True})
    page, lists = book.add_worksheet(title[:31]), book.add_worksheet(LISTS)
    lists.hide()
    page.freeze_panes(1, 1)
    for place, asked in enumerate(fields):
        header = asked.column.header(layout)
        page.write_string(0, place, header, bold)
        page.write_comment(0, place, asked.note, {"author": "", **NOTE_SIZE})
        page.set_column(place, place, column_width(asked.column, header), text)
        if not asked.words:
            continue
        for row, word in enumerate(asked.words):
            lists.write_string(row, place, word, text)
        letter = xl_col_to_name(place)
        page.data_validation(
            1,
            place,
            _ROWS,
            place,
            {
                "validate": "list",
                "source": f"={LISTS}!${letter}$1:${letter}${len(asked.words)}",
                "error_type": "warning",
                "error_title": header[:32],
                "error_message": _("This is not one of the words in the list."),
            },
        )
    book.close()
