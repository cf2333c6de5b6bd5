"""Notes of progress in a sheet of projects: the newest of each project, on the day it was noted.

The day stands in a column, is given for the whole file, or in a line above the table
(截至2023年11月20日). The same sheet again says nothing new.
"""

import re
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from config.dates import DateError, Precision, parse_date_as_written
from config.reading.files import ReadTable
from config.reading.rows import FileError
from parks.cell_lookup import create_rows
from parks.recording.change_rows import chunks
from projects.lifecycle.words import FROM_PROGRESS
from projects.models import ProgressNote

TEXT_COLUMN, DAY_COLUMN, STEP_COLUMN, DUE_COLUMN = FROM_PROGRESS
_DAY = r"\s*(\d{4})\s*[年.\-/]\s*(\d{1,2})\s*[月.\-/]\s*(\d{1,2})"
_UP_TO = re.compile(rf"截[至止]到?{_DAY}")
_REPORTED_ON = re.compile(rf"(?:填报|报送|上报|统计|更新|调度|制表)(?:日期|时间)\s*[:：]{_DAY}")


@dataclass(frozen=True, slots=True)
class SaidNote:
    """What a row says of the progress of its project."""

    text: str
    noted_on: date
    next_step: str = ""
    due_on: date | None = None


KnownNotes = set[SaidNote]  # all that stand of a project


def find_day(table: ReadTable, given: str, *, is_of_notes: bool = False) -> str:
    """Find the day of the notes of a file; FileError if what is given is none, blank if unsaid.

    That the sheet was reported on (填报日期) counts, too, unless the day `is_of_notes` alone.
    """
    if given:
        try:
            day = parse_date_as_written(given)
        except DateError as error:
            raise FileError("invalid_day", error.message) from error
        if day.precision != Precision.DAY:
            raise FileError("invalid_day", _("Give a day, such as 2023-11-20."))
        return str(day)
    titles = [row for row in table.sheet.rows if row.line < table.header.first_line]
    texts = [cell for row in titles for cell in row.cells]
    for pattern in (_UP_TO,) if is_of_notes else (_UP_TO, _REPORTED_ON):
        if found := next(filter(None, map(pattern.search, texts)), None):
            return f"{found[1]}-{int(found[2]):02}-{int(found[3]):02}"
    return ""


def find_notes(projects: Collection[int]) -> dict[int, KnownNotes]:
    """Find what is noted of projects, by key."""
    known: dict[int, KnownNotes] = defaultdict(set)
    for chunk in chunks(projects):
        rows = ProgressNote.objects.standing().filter(project__in=chunk)
        for project, *said in rows.values_list("project_id", *FROM_PROGRESS.values()):
            known[project].add(SaidNote(*said))
    return known


def build_note(note: SaidNote) -> dict[str, Any]:
    """Build the columns of a note, but for its project."""
    names = ("text", "noted_on", "next_step", "due_on")
    return {"code": ProgressNote.new_code(), **{name: getattr(note, name) for name in names}}


def write_notes(notes: Mapping[int, SaidNote]) -> None:
    """Write notes by the key of their project."""
    create_rows(
        ProgressNote,
        [{"project_id": project, **build_note(note)} for project, note in notes.items()],
    )
