"""The sheet that was sent, given back as XLSX: wrong cells coloured, the reasons beside them.

Titles, header and numbers stay where they are, so that it is the same import again once it is
repaired; the column of reasons is not read.
"""

import re
from collections.abc import Iterator, Mapping
from typing import IO, Any

from django.utils.translation import get_language

from config.imports import BLOCKING, Report, RowReport
from config.reading.files import ReadTable
from config.reading.rows import Merged, ReadRow
from config.spreadsheets import Written
from config.spreadsheets.xlsx_writing import Workbook
from parks.models import ImportBatch
from projects.importing.batches import read_upload, recheck, restore_upload
from projects.importing.cells.columns import NAMES_OF, cell_kind
from projects.importing.sheets.failures import join_reasons

WRONG, DOUBTFUL = "#F8CBAD", "#FFF2CC"
_NUMBER = re.compile(r"-?(?:0|[1-9]\d{0,14})(?:\.\d{0,9}[1-9])?")
_NUMBERS = ("money", "area", "number", "derived")
_REASON_WIDTH = 60


def write_marked_sheet(batch: ImportBatch, actor: Any, file: IO[bytes]) -> Written:
    """Write the file of a batch as a workbook of one sheet, with what is wrong with it by now.

    Raises FileError when the file is not kept any more.
    """
    upload = restore_upload(batch)
    report = recheck(batch, actor)
    table = read_upload(upload)
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
        wrong = {problem.text: problem.detail for problem in self.report.problems}
        headings = {m.place: wrong[m.text] for m in header.matches if m.text in wrong}
        said = {row.line: row for row in self.report.rows if row.errors or row.warnings}
        self.page.set_column(self.end, self.end, _REASON_WIDTH)
        for row in self.table.sheet.rows:
            is_header = header.first_line <= row.line <= header.last_line
            colours = dict.fromkeys(headings, WRONG) if is_header else {}
            if report := said.get(row.line):
                colours = self.colour(report)
            self.write_row(row, colours)
            if row.line == header.last_line:
                for place, detail in headings.items():
                    self.page.write_comment(row.line - 1, place, detail)
                chinese = (get_language() or "").startswith("zh")
                self.page.write_string(row.line - 1, self.end, "_错误" if chinese else "_error")
            if report and report.action in BLOCKING:
                self.page.write_string(row.line - 1, self.end, join_reasons(report.as_dict()))
        for area in self.find_merged():
            # Not `merge_range`, which goes back to rows that are written already
            self.page.merge.append(
                [area.first_line - 1, area.first_place, area.last_line - 1, area.last_place]
            )

    def colour(self, report: RowReport) -> dict[int, str]:
        """Choose the colours of the cells of a row by place."""
        colours: dict[int, str] = {}
        places = self.find_places(report.line)
        for errors, colour in ((report.warnings, DOUBTFUL), (report.errors, WRONG)):
            for error in errors:
                for name in (error.name, *NAMES_OF.get(error.name, ())):
                    if name in places:
                        colours[places[name]] = colour
        return colours

    def find_places(self, line: int) -> Mapping[str, int]:
        """Find where the columns stand in the table of a line, which may be a later one."""
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

    def find_merged(self) -> Iterator[Merged]:
        """Find the merged cells of titles and header; those of rows were filled in."""
        last = self.table.header.last_line
        return (area for area in self.table.sheet.merged if area.last_line <= last)
