"""Reading a file and trying all its cells, in a process that has limits and no database.

An importer reads the same cells again beside what the ledger has. By then each of them is known to
be read soon: no text of a file meets a server process first.
"""

from collections import deque
from collections.abc import Callable
from time import process_time
from typing import Any

from django.utils.translation import gettext as _

from config.imports import CellFault, ImportOptions, RowReport
from config.reading.columns import Wishes
from config.reading.files import ReadOptions, ReadTable, read_table
from config.reading.headers import Spellings
from config.reading.rows import FileError, ReadRow
from parks.cell_lookup import Finder
from projects.importing.cells.cells import CellReader
from projects.importing.cells.flow_columns import find_flow_months
from projects.importing.cells.investor_cells import read_investors
from projects.importing.cells.investor_names import Share
from projects.importing.cells.names_with_parks import divide_names
from projects.importing.interpreting import interpret
from projects.importing.plain import PlainImporter
from projects.importing.resources import IMPORT_RESOURCES
from projects.importing.rows import Cells, RowReader

ROW_SECONDS = 1.0  # of the processor; the longest cells take a few hundredths


def read_and_try(
    data: bytes,
    file_name: str,
    known: Spellings,
    reading: ReadOptions,
    trial: Callable[[ReadTable], None],
) -> ReadTable:
    """Read a table and try its cells; raises FileError."""
    table = read_table(data, file_name, known, reading)
    divide_names(table)
    trial(table)
    return table


def try_cells(resource: str, options: ImportOptions, wishes: Wishes, table: ReadTable) -> None:
    """Read all cells as their importer would; FileError for a row that takes too long."""
    plain = IMPORT_RESOURCES.get(resource)
    if plain:
        try_row = _PlainTrial(plain, table, None, options, wishes).try_row
    else:
        months = find_flow_months(table, wishes.defaults.get("month", ""))
        columns = interpret(table, wishes).table.columns
        reader = RowReader(_CellTrial(_FindsNothing()), columns, wishes, options, {}, months)

        def try_row(row: ReadRow) -> None:
            reader.read(row, reader.texts(row), None)

    for row in table.rows:
        started = process_time()
        try_row(row)
        if process_time() - started > ROW_SECONDS:
            detail = _("The cells of line %(line)d take too long to read.") % {"line": row.line}
            raise FileError("too_costly", detail, line=row.line)


class _FindsNothing(Finder):
    """Looks nothing up."""

    def __init__(self) -> None:
        super().__init__(None, sees_all=True)

    def _once(self, kind: str, text: str, find: Callable[[str], Any]) -> Any:
        raise CellFault("unknown_value", "")


class _CellTrial(CellReader):
    """Reads cells beside an empty ledger."""

    def read_investors(self, text: str) -> tuple[Share, ...]:
        return read_investors(text, lambda _name: False)


class _PlainTrial(PlainImporter):
    """Reads the cells of rows that are no projects beside an empty ledger."""

    def load(self) -> dict[tuple[str, ...], list[Any]]:
        self.finder = _FindsNothing()
        return {}

    def try_row(self, row: ReadRow) -> None:
        cells = Cells(RowReport(row.line, "create"), self.texts(row), matches=self.matches)
        deque(self.values(cells, row), maxlen=0)
