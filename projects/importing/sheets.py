"""Sheets for download: the template, the failing rows, the sheet with its faults marked."""

import re
from collections.abc import Mapping
from typing import IO, Any

from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy as _

from parks.access import select_readable
from parks.models import ImportBatch, Park
from parks.models.vocabularies import UNUSED_FIELDS
from projects.importing.batches import check, read_upload, restore_upload
from projects.importing.cells.columns import (
    DERIVED_CELL,
    FILE_COLUMNS,
    NAMES_OF,
    PLANNED_DAYS,
    PROMISED_DAYS,
    cell_kind,
)
from projects.importing.cells.words import CHOICES
from projects.models.words import Approval
from sheets.imports import BLOCKING, Report, RowReport
from sheets.reading.files import ReadTable
from sheets.reading.headers import Match
from sheets.reading.rows import ReadRow
from sheets.reading.units import UNIT_WORDS
from sheets.writing.columns import Column, HeaderKind, Written
from sheets.writing.csv_writing import write_csv
from sheets.writing.xlsx_writing import Field, Workbook

# What to write in a column that has no hint of its own, by the kind of its cells
HINTS: Mapping[str, str | Promise] = {
    "text": _("In your own words."),
    "word": _("Choose from the list; leave it blank where it is not known."),
    "number": _("A number in digits, without its unit."),
    "flag": _("true or false."),
    "partial_date": (date := _("As far as it is known: 2013, 2013-Q2, 2013-06 or 2013-06-30.")),
    "milestone": date,
}
# Understood in a file, and too much for a sheet that is filled in by hand
NOT_ASKED = {
    *("origin_text", "sector_text", "duplicate_of", "tags"),
    *("lead_on", "negotiating_on", "registered_on", *PLANNED_DAYS, *PROMISED_DAYS),
    *(name for approval in Approval for name in (f"{approval}_on", f"{approval}_no")),
}
# Where people know a column to stand, if not where files have it
AFTER = {
    "investors": "national_code",
    "investment_cny": "sector_basis",
    "investment_qualifier": "investment_cny",
    "investment_basis": "investment_qualifier",
    "approved_on": "signed_on",
    "full_capacity_on": "operating_on",
    "note": "responsible_unit",
    "publication": "note",
}


def list_template_columns() -> list[Column]:
    """List every column that can be imported, but for those that a template does not ask for."""
    asked = [
        name
        for name in FILE_COLUMNS
        if cell_kind(name) != DERIVED_CELL and name not in NOT_ASKED and name not in AFTER
    ]
    for name, before in AFTER.items():
        asked.insert(asked.index(before) + 1, name)
    return [FILE_COLUMNS[name] for name in asked if name not in UNUSED_FIELDS]


def build_template_fields(header: HeaderKind, actor: Any) -> list[Field]:
    """Build the columns with hints and lists in the active language; codes where headers are."""
    return [
        Field(
            column,
            str(column.hint or HINTS[cell_kind(column.name)]),
            list_choices(column, header, actor),
        )
        for column in list_template_columns()
    ]


def list_choices(column: Column, header: HeaderKind, actor: Any) -> list[str]:
    """List what can be chosen in a column: words, or the parks that this person sees."""
    if column.name == "park":
        parks = select_readable(Park, actor).order_by("code_key")
        return [park.code if header == "code" else park.name for park in parks]
    if column.kind == "flag":
        return ["true", "false"]
    choices = CHOICES.get(column.name, ())
    return [word if header == "code" else str(label) for word, label in choices]


def write_failures(batch: ImportBatch, file: IO[bytes]) -> tuple[Written, int]:
    """Write the failing rows with `_line` and `_error`; returns also how many rows are left out."""
    table = read_upload(restore_upload(batch))
    failing = (row for row in batch.read_rows() if row["action"] in BLOCKING)
    reasons = {row["line"]: join_reasons(row) for row in failing}
    matches = [match for match in table.header.matches if match.text]
    read = {match.place: match.unit for match in table.columns}
    headers = [write_header(match, read.get(match.place, "")) for match in matches]
    columns = [Column(header, "", path="text") for header in headers]
    columns += [Column("_line", "", "number", path="number"), Column("_error", "", path="text")]
    rows = [row for row in table.rows if row.line in reasons]
    cells = (
        [*(row.cell(match.place) for match in matches), row.line, reasons[row.line]] for row in rows
    )
    written = write_csv(columns, cells, file)
    return written, len(table.rows) - len(rows)


def write_header(match: Match, unit: str) -> str:
    """Write the header of a column, with the unit that a line above the table or a person gave."""
    return match.text if match.unit or not unit else f"{match.text}（{UNIT_WORDS.get(unit, unit)}）"


def join_reasons(row: dict[str, Any]) -> str:
    if row["action"] == "conflict":
        return "conflict"
    return "; ".join(
        f"{error['column'] or error['name']}: {error['detail']}" for error in row["errors"]
    )


WRONG, DOUBTFUL = "#F8CBAD", "#FFF2CC"
_NUMBER = re.compile(r"-?(?:0|[1-9]\d{0,14})(?:\.\d{0,9}[1-9])?")
_NUMBERS = ("money", "area", "floor", "number", "derived")
_REASON_WIDTH = 60


def write_marked_sheet(batch: ImportBatch, actor: Any, file: IO[bytes]) -> Written:
    """Write the file of a batch as a workbook, with its current faults marked."""
    checked = check(restore_upload(batch), actor)
    table, report = checked.table, checked.report
    with Workbook(file) as book:
        page = book.add_page(table.sheet.name or "Sheet1", len(table.rows))
        formats = {
            colour: book.book.add_format({"bg_color": colour, "num_format": "@"})
            for colour in (WRONG, DOUBTFUL)
        }
        _Marking(table, report, page, book.formats | formats).write()
        return book.close()


class _Marking:
    """A table being written with the marks that a report gives it."""

    def __init__(
        self, table: ReadTable, report: Report, page: Any, formats: Mapping[str, Any]
    ) -> None:
        self.table = table
        self.report = report
        self.page = page
        self.formats = formats
        self.places = {match.name: match.place for match in table.columns}
        self.typed = {
            match.place
            for match in table.header.matches
            if match.is_numbering or (match.name and cell_kind(match.name) in _NUMBERS)
        }
        self.end = max(len(row.cells) for row in table.sheet.rows)  # where the reasons stand

    def write(self) -> None:
        header = self.table.header
        wrong = {each.place.get("column"): str(each.message) for each in self.report.problems}
        headings = {m.place: wrong[m.text] for m in header.matches if m.text in wrong}
        reports = {row.line: row for row in self.report.rows if row.errors or row.warnings}
        self.page.set_column(self.end, self.end, _REASON_WIDTH)
        for row in self.table.sheet.rows:
            is_header = header.first_line <= row.line <= header.last_line
            colours = dict.fromkeys(headings, WRONG) if is_header else {}
            if report := reports.get(row.line):
                colours = self.colour(report)
            self.write_row(row, colours)
            if row.line == header.last_line:
                for place, detail in headings.items():
                    self.page.write_comment(row.line - 1, place, detail)
                chinese = (get_language() or "").startswith("zh")
                self.page.write_string(row.line - 1, self.end, "_错误" if chinese else "_error")
            if report and report.action in BLOCKING:
                self.page.write_string(row.line - 1, self.end, join_reasons(report.as_dict()))
        for area in self.table.sheet.merged:
            if area.last_line <= header.last_line:  # the cells of merged rows were filled in
                # Not `merge_range`, which goes back to rows that are written already
                self.page.merge.append(
                    [area.first_line - 1, area.first_place, area.last_line - 1, area.last_place]
                )

    def colour(self, report: RowReport) -> dict[int, str]:
        """Choose the colours of the cells of a row, by place."""
        colours: dict[int, str] = {}
        places = self.find_places(report.line)
        for errors, colour in ((report.warnings, DOUBTFUL), (report.errors, WRONG)):
            for error in errors:
                ours = error.place["name"]
                for name in (ours, *NAMES_OF.get(ours, ())):
                    if name in places:
                        colours[places[name]] = colour
        return colours

    def find_places(self, line: int) -> Mapping[str, int]:
        """Find the places of the columns in the table of a line, which may be a later one."""
        later = (each for each in reversed(self.table.blocks[1:]) if each.first_line <= line)
        block = next(later, None)
        return {m.name: m.place for m in block.header.known} if block else self.places

    def write_row(self, row: ReadRow, colours: Mapping[int, str]) -> None:
        is_data = row.line > self.table.header.last_line
        for place in range(len(row.cells)):
            text = row.cell(place)
            form = self.formats.get(colours.get(place, ""))
            if not text:
                if form:
                    self.page.write_blank(row.line - 1, place, None, form)
            elif is_data and place in self.typed and _NUMBER.fullmatch(text):
                self.page.write_number(row.line - 1, place, float(text), form)
            else:
                self.page.write_string(row.line - 1, place, text, form or self.formats["text"])
