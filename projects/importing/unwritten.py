"""Columns that are understood, and not written: said once of each column, for all new rows."""

from collections import defaultdict
from collections.abc import Container, Iterator, Mapping

from django.utils.translation import gettext as _

from config.imports import ColumnWarning
from config.reading.headers import Match
from config.texts import shorten
from projects.importing.cells.columns import DERIVED_CELL, NAMES_OF, cell_kind
from projects.importing.cells.flow_columns import FLOW_COLUMNS, NEEDS_MONTH
from projects.importing.rows import Cells

# Columns that are not written and never missed
NOT_SAID = {"version", *(name for names in NAMES_OF.values() for name in names)}


class Unwritten:
    """The cells of new rows that are not written, by column."""

    def __init__(self, matches: Mapping[str, Match]) -> None:
        self.matches = matches
        self.lines: dict[str, list[int]] = defaultdict(list)

    def note(self, cells: Cells) -> None:
        """Note which columns of a new row are understood, and not written."""
        for name, text in cells.texts.items():
            is_written = cell_kind(name) != DERIVED_CELL or name in cells.values
            if text and not is_written and name in self.matches and name not in NOT_SAID:
                self.lines[name].append(cells.report.line)

    def describe(self, updated: Container[int]) -> Iterator[ColumnWarning]:
        """Describe each such column; of lines that turned out to be `updated` nothing is said."""
        for name, lines in self.lines.items():
            count = sum(line not in updated for line in lines)
            detail = _("“%(name)s” follows from other columns and is not written.")
            if name in FLOW_COLUMNS:
                detail = str(NEEDS_MONTH)
            text = self.matches[name].text
            if count:
                said = detail % {"name": shorten(text)}
                yield ColumnWarning(text, name, "not_written", said, count)
