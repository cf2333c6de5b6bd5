"""Write a sheet to be printed: a title, units, rows in groups, and sums as formulas."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext as _
from xlsxwriter.utility import xl_range_abs

from config.texts import measure_width
from sheets.writing.cells import to_text
from sheets.writing.columns import Column
from sheets.writing.xlsx_writing import Workbook, write_cell

PAPERS = {"a3": 8, "a4": 9}  # as Excel numbers them
_HEADER = 2  # the row of the headers, below the title and the units
_LINE = 17  # points, of Chinese text
_NARROW, _WIDE = 6, 30  # columns in characters; longer texts are wrapped
_CELL = {"border": 1, "valign": "vcenter", "text_wrap": True}
_FORMATS: Mapping[str, dict[str, Any]] = {
    "title": {"bold": True, "font_size": 18, "align": "center", "valign": "vcenter"},
    "units": {"align": "right"},
    "header": _CELL | {"bold": True, "align": "center"},
    "text": _CELL | {"num_format": "@"},
    "date": _CELL | {"num_format": "yyyy-mm-dd", "align": "left"},
    "whole": _CELL | {"num_format": "#,##0"},
    "decimal": _CELL | {"num_format": "#,##0.00##"},
    "label": _CELL | {"bold": True, "text_wrap": False},
}


@dataclass(frozen=True)
class PrintedSums:
    """A row of sums by column: of the rows since the last heading or, as a total, of all.

    `parts` are those of the first sum, by the words in the column `parted_by`.
    """

    of_columns: Mapping[str, Decimal]
    parted_by: str
    parts: Mapping[str, Decimal]
    is_total: bool


@dataclass(frozen=True)
class PrintedSheet:
    """A sheet whose rows are headings (texts), lists of values, and sums."""

    title: str
    columns: Sequence[Column]
    rows: Sequence[str | list[Any] | PrintedSums]
    day: str
    units: str
    notes: Sequence[str]
    paper: str


class PrintedPage:
    """A printed sheet being added to a workbook; sums have values, too, for mere viewers."""

    def __init__(self, book: Workbook, name: str, sheet: PrintedSheet) -> None:
        rows = (row for row in sheet.rows if isinstance(row, list))
        self.values = [[number, *row] for number, row in enumerate(rows, start=1)]
        self.sheet, self.page = sheet, book.add_page(name, len(self.values))
        self.columns = [Column("number", _("No."), "number"), *sheet.columns]
        self.formats = {name: book.book.add_format(of) for name, of in _FORMATS.items()}
        self.places = {column.name: at for at, column in enumerate(self.columns)}
        self.row = self.first = _HEADER + 1

    def write(self) -> None:
        """Write all rows in their order."""
        self.write_head()
        numbered = iter(self.values)
        for row in self.sheet.rows:
            if isinstance(row, str):
                last = len(self.sheet.columns)
                self.page.merge_range(self.row, 0, self.row, last, row, self.formats["label"])
                self.first = self.row + 1
            elif isinstance(row, PrintedSums):
                self.write_sums(row)
            else:
                self.write_values(next(numbered))
            self.row += 1
        for at, note in enumerate(self.sheet.notes, start=self.row):
            self.page.write_string(at, 0, note)

    def write_head(self) -> None:
        """Write what stands above the rows, and how the sheet is printed."""
        page, sheet, last = self.page, self.sheet, len(self.sheet.columns)
        page.set_landscape()
        page.set_paper(PAPERS[sheet.paper])
        page.fit_to_pages(1, 0)
        page.repeat_rows(_HEADER)
        page.freeze_panes(_HEADER + 1, 2)
        page.set_footer("&C" + _("Page %(page)s of %(pages)s") % {"page": "&P", "pages": "&N"})
        page.set_row(0, 2 * _LINE)
        page.merge_range(0, 0, 0, last, sheet.title, self.formats["title"])
        page.write_string(1, 0, sheet.day)
        page.write_string(1, last, sheet.units, self.formats["units"])
        for place, column in enumerate(self.columns):
            header = capfirst(str(column.label))
            page.write_string(_HEADER, place, header, self.formats["header"])
            widths = [measure_width(to_text(row[place])) + 2 for row in self.values]
            parts = [
                measure_width(line) + 3  # which are bold, and are not wrapped
                for row in sheet.rows
                if isinstance(row, PrintedSums) and row.parted_by == column.name
                for line in write_parts(row)
            ]
            half = measure_width(header) // 2 + 2
            width = max(_NARROW, min(_WIDE, max(widths, default=0)), half, *parts)
            page.set_column(place, place, width)

    def write_values(self, values: Sequence[Any]) -> None:
        for place, value in enumerate(values):
            if value is None or value == "":
                self.page.write_blank(self.row, place, None, self.formats["text"])
            else:
                formats = self.formats | {"number": self.formats[choose_format(value)]}
                at = (self.row, place)
                write_cell(self.page, at, value, self.columns[place], formats)

    def write_sums(self, sums: PrintedSums) -> None:
        """Write formulas of the rows above; SUBTOTAL leaves out the sums among them."""
        first, last = _HEADER + 1 if sums.is_total else self.first, self.row - 1
        ranges = {n: xl_range_abs(first, at, last, at) for n, at in self.places.items()}
        self.write_values([None] * len(self.places))
        label = _("Total") if sums.is_total else _("Subtotal")
        self.page.write_string(self.row, 0, label, self.formats["label"])
        for name, value in sums.of_columns.items():
            formula, style = f"=SUBTOTAL(9,{ranges[name]})", self.formats[choose_format(value)]
            self.page.write_formula(self.row, self.places[name], formula, style, float(value))
        if sums.parts:
            amounts, words = ranges[next(iter(sums.of_columns))], ranges[sums.parted_by]
            formula = "&CHAR(10)&".join(
                f'"{word} "&FIXED(SUMIF({words},"{word}",{amounts}),{count_decimals(value)})'
                for word, value in sums.parts.items()
            )
            at, text = (self.row, self.places[sums.parted_by]), "\n".join(write_parts(sums))
            self.page.write_formula(*at, f"={formula}", self.formats["header"], text)
            self.page.set_row(self.row, _LINE * len(sums.parts))


def count_decimals(value: Decimal) -> int:
    """Count the decimals of a number, at most 4."""
    return max(0, -int(round(value, 4).normalize().as_tuple().exponent))


def write_parts(sums: PrintedSums) -> list[str]:
    """Write the parts of sums, each a line of the cell."""
    return [f"{word} {value:,.{count_decimals(value)}f}" for word, value in sums.parts.items()]


def choose_format(value: Any) -> str:
    is_number = isinstance(value, int | Decimal)
    return "decimal" if is_number and value != int(value) else "whole"
