"""An empty table to be filled in: headers with notes, and drop-down lists where words are known."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import IO

import xlsxwriter
from django.utils.translation import gettext as _
from xlsxwriter.utility import xl_col_to_name

from config.spreadsheets.columns import Column, Layout
from config.spreadsheets.xlsx_writing import MADE_ON, column_width

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
