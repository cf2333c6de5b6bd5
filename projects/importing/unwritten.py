"""Columns that are understood, and not written: said once of each column, for all new rows."""

from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping

from django.utils.translation import gettext_lazy

from config.imports import CellFault, ColumnWarning
from config.reading.headers import Match
from config.spreadsheets import Column
from config.spreadsheets.cells import to_text
from config.texts import shorten
from projects.importing.cells.columns import DERIVED_CELL, NAMES_OF, cell_kind
from projects.importing.cells.flow_columns import FLOW_COLUMNS, NEEDS_MONTH
from projects.importing.cells.words import CHOICES, FLAGS, find_word
from projects.importing.rows import Cells
from projects.importing.sameness import is_same_text

FOLLOWS = gettext_lazy("“%(name)s” follows from other columns and is not written.")
# Columns that are not written and never missed
NOT_SAID = {"version", *(name for names in NAMES_OF.values() for name in names)}


class Unwritten:
    """The cells of new rows that are not written, by column."""

    def __init__(self, matches: Mapping[str, Match]) -> None:
        self.matches = matches
        self.lines: dict[str, list[int]] = defaultdict(list)

    def note(self, cells: Cells) -> None:
        """Note which columns of a new project are understood, and not written."""
        kinds = {name: cell_kind(name) for name in cells.texts}
        derived = [name for name, kind in kinds.items() if kind == DERIVED_CELL]
        self.note_columns(cells, (name for name in derived if name not in cells.values))

    def note_columns(self, cells: Cells, derived: Iterable[str]) -> None:
        """Note which of the derived columns a new row fills in."""
        for name in derived:
            if cells.texts.get(name) and name in self.matches and name not in NOT_SAID:
                self.lines[name].append(cells.report.line)

    def describe(self, updated: Container[int] = ()) -> Iterator[ColumnWarning]:
        """Describe each such column; of lines that turned out to be `updated` nothing is said."""
        for name, lines in self.lines.items():
            count = sum(line not in updated for line in lines)
            detail = str(FOLLOWS)
            if name in FLOW_COLUMNS:
                detail = str(NEEDS_MONTH)
            text = self.matches[name].text
            if count:
                said = detail % {"name": shorten(text)}
                yield ColumnWarning(text, name, "not_written", said, count)


def warn_of_unwritten(cells: Cells, name: str, stored: str) -> None:
    """Warn of a cell that differs from what the ledger works out, which is not written."""
    cells.warn(name, CellFault("not_written", str(FOLLOWS % {"name": name}), stored))


def says_stored(column: Column, text: str, stored: str) -> bool:
    """Tell whether a cell of a project holds what is stored, or the word for it in a language."""
    if column.kind == "flag":
        text = to_text(FLAGS.get(text.casefold(), text))
    elif column.name in CHOICES:
        text = find_word(column.name, text) or text
    return is_same_text(text, stored)
