"""Every column of a project is imported, or is said not to be: none is forgotten in silence."""

import pytest

from parks.names.cell_lookup import Finder
from projects.columns import MILESTONE_COLUMNS, NOT_IMPORTED, PROJECT_COLUMNS
from projects.importing.cells.cells import OF_A_COLUMN, WITH_A_UNIT, CellReader
from projects.importing.cells.columns import (
    COLUMNS,
    DERIVED_CELL,
    FILE_COLUMNS,
    cell_kind,
    read_headings,
)
from projects.importing.sheets import NOT_ASKED, list_template_columns
from projects.models.words import FROM_PROGRESS
from projects.serializers import ProjectSerializer
from sheets.reading.headers import Heading, normalize_header

# JSON has these of the milestones alone; a file has a column of each.
OF_MILESTONES = {
    *("stage", "agreement_type"),
    *("intended_on", "signed_on", "started_on", "completed_on", "operating_on"),
}
IMPORTED = {name for name in FILE_COLUMNS if cell_kind(name) != DERIVED_CELL}


def test_no_header_is_gathered_that_a_column_names_itself() -> None:
    """Unless it says more there, such as a basis."""
    named = {
        normalize_header(text): column.name
        for column in COLUMNS.values()
        for text in column.headers.split()
    }
    gathered = read_headings().items()
    twice = {text for text, heading in gathered if heading == Heading(named.get(text, ""))}
    assert len(gathered) > 500
    assert twice == set()


def test_a_column_is_imported_or_derived() -> None:
    assert {column.name for column in [*PROJECT_COLUMNS, *MILESTONE_COLUMNS]} == {*FILE_COLUMNS}
    assert {*FILE_COLUMNS} == IMPORTED | NOT_IMPORTED
    assert IMPORTED.isdisjoint(NOT_IMPORTED)


# JSON shows them of the newest note; a file writes one.
OF_NOTES = {*FROM_PROGRESS}


def test_what_json_takes_an_import_takes() -> None:
    fields = ProjectSerializer().fields
    written = {name for name, field in fields.items() if not field.read_only}
    assert (
        IMPORTED - {column.name for column in MILESTONE_COLUMNS}
        == written | OF_MILESTONES | OF_NOTES
    )
    assert written.isdisjoint(OF_MILESTONES | OF_NOTES)


@pytest.mark.django_db
def test_cells_of_every_kind_can_be_read() -> None:
    reader = CellReader(Finder(None))
    kinds = {cell_kind(name) for name in IMPORTED}
    assert kinds <= {*OF_A_COLUMN, *WITH_A_UNIT, *reader.readers}


def test_a_template_asks_for_every_column_that_is_imported() -> None:
    names = [column.name for column in list_template_columns()]
    assert len(names) == len({*names})
    assert {*names} | NOT_ASKED & IMPORTED == IMPORTED
