"""Columns of a sheet that the ledger has none for: kept as text, each under its own header."""

from collections.abc import Iterable

from config.reading.headers import Match, normalize_header
from config.reading.rows import ReadRow
from projects.importing.cells.columns import FILE_COLUMNS, FURTHER_COLUMN, list_spellings
from projects.importing.cells.faults import raise_cell_fault
from projects.importing.cells.wrapped_lines import unwrap
from projects.models.further_columns import (
    COLON,
    join_further,
    parse_further,
    read_stored_further,
)


class FurtherCells:
    """The further columns of one sheet: the header of each by its place, and where ours stands."""

    def __init__(self, columns: Iterable[Match]) -> None:
        of_files = list_spellings([FILE_COLUMNS[FURTHER_COLUMN]])
        self.headers: dict[int, str] = {}
        self.own: list[int] = []
        for match in (each for each in columns if each.name == FURTHER_COLUMN):
            if normalize_header(match.text) in of_files:
                self.own.append(match.place)
            else:
                self.headers[match.place] = self.name(match.text)

    def name(self, text: str) -> str:
        """Name a column by its header; a second one with that header has a number behind it."""
        header = " ".join(text.split()).replace(COLON, ":")
        names = [header, *(f"{header}（{number}）" for number in range(2, len(self.headers) + 2))]
        return next(name for name in names if name not in self.headers.values())

    def label(self, place: int, text: str) -> str:
        """Write a cell as the line that is kept of it."""
        return text and f"{self.headers[place]}{COLON}{' '.join(unwrap(text).split())}"

    def complete(self, said: str, row: ReadRow, stored: str, *, clears: bool) -> str:
        """Add to what a row says the stored columns that the sheet does not have.

        Nothing is added where our own column says them all. With `clears` blank cells empty theirs.
        """
        if any(map(row.cell, self.own)):
            return said
        new, kept = read_stored_further(said), read_stored_further(stored)
        blank = {*self.headers.values()} - new.keys() if clears else set()
        return join_further({h: text for h, text in (kept | new).items() if h not in blank})


@raise_cell_fault()
def read_further(text: str) -> str:
    """Read further columns, one a line."""
    return join_further(parse_further(text))
