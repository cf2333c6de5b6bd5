"""Who answers for a project, and what was noted of its progress, in a sheet of projects.

A cell lists all people who have a role. Their numbers are not kept: how to reach them stays with
the office. Of notes it has the newest of each project; the day stands in a column, is given for
the whole file, or in a line above the table (截至2023年11月20日). The same sheet again says nothing
new.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from config.dates import DateError, Precision, parse_date_as_written
from config.mistakes import Mistake
from config.reading.files import ReadTable
from config.texts import TOO_LONG_MESSAGE
from parks.cell_lookup import create_rows
from parks.recording.change_rows import chunks
from projects.changing import change_lists
from projects.importing.cells.columns import PEOPLE_COLUMNS
from projects.importing.cells.investors import MOST_NAMES
from projects.lifecycle.words import FROM_PROGRESS
from projects.models import Assignment, ProgressNote

_SEPARATOR = re.compile(r"[、；;，,/|\n]+")
_NUMBER = re.compile(r"[(（]?\+?\d[\d\- ]{5,}\d[)）]?")
_WITH_OFFICE = re.compile(r"([^()（）]+)[(（]([^()（）]+)[)）]")
_PADDED = re.compile(r"([\u4e00-\u9fff])\s+([\u4e00-\u9fff])")  # 张　三 is one name


@dataclass(frozen=True, slots=True)
class SaidPerson:
    """A person by name, and the unit or post where a cell says it: 张三（副区长）."""

    name: str
    office: str = ""

    def __str__(self) -> str:
        return f"{self.name}（{self.office}）" if self.office else self.name


KnownPeople = dict[str, tuple[SaidPerson, ...]]  # by column


def read_people(text: str) -> tuple[SaidPerson, ...]:
    """Read the people of a cell; Mistake, understood as them without numbers, if it has any."""
    bare = _NUMBER.sub(" ", unicodedata.normalize("NFKC", text))
    found = (_read_person(part.strip()) for part in _SEPARATOR.split(bare) if part.strip())
    people = tuple({person.name: person for person in found}.values())
    if not people:
        raise Mistake("unknown_value", _("This names nobody."))
    if len(people) > MOST_NAMES:
        raise Mistake("too_many_names", _("There are too many names in this cell."))
    if _NUMBER.search(text):
        told = "、".join(map(str, people))
        detail = _("Telephone numbers of officers are not kept: “%(people)s” is stored.")
        raise Mistake("number_not_kept", detail % {"people": told}, told).accept_as(people)
    return people


def _read_person(text: str) -> SaidPerson:
    text = _PADDED.fullmatch(text) and _PADDED.sub(r"\1\2", text) or text
    divided = _WITH_OFFICE.fullmatch(text)
    person = SaidPerson(divided[1].strip(), divided[2].strip()) if divided else SaidPerson(text)
    for name in ("name", "office"):
        column: Any = Assignment._meta.get_field(name)
        length = len(getattr(person, name))
        if length > column.max_length:
            told = {"length": length, "max": column.max_length}
            raise Mistake("too_long", str(TOO_LONG_MESSAGE) % told)
    return person


def find_people(projects: Collection[int]) -> dict[int, KnownPeople]:
    """Find who answers for projects, by key."""
    columns = {role: name for name, role in PEOPLE_COLUMNS.items()}
    known: dict[int, KnownPeople] = defaultdict(dict)
    for chunk in chunks(projects):
        rows = Assignment.objects.filter(project__in=chunk).order_by("id")
        for project, role, *said in rows.values_list("project_id", "role", "name", "office"):
            name = columns[Assignment.Role(role)]
            known[project][name] = (*known[project].get(name, ()), SaidPerson(*said))
    return known


def is_known(people: Sequence[SaidPerson], known: Sequence[SaidPerson]) -> bool:
    """Tell whether just these have a role already; an office that is not said is not compared."""
    offices = {person.name: person.office for person in known}
    said = {person.name: person.office or offices.get(person.name, "") for person in people}
    return said == offices


def build_people(said: Mapping[str, Sequence[SaidPerson]]) -> list[dict[str, Any]]:
    """Build the columns of those who answer for a new project."""
    return [
        {"role": PEOPLE_COLUMNS[name], "name": person.name, "office": person.office}
        for name, people in said.items()
        for person in people
    ]


def write_people(said: Mapping[int, Mapping[str, Sequence[SaidPerson]]]) -> None:
    """Write who has the roles that sheets name, by key of project, in place of who had them."""
    stored: dict[int, list[Assignment]] = {project: [] for project in said}
    for chunk in chunks(said):
        for row in Assignment.objects.filter(project__in=chunk).order_by("id"):
            if any(PEOPLE_COLUMNS[name] == row.role for name in said[row.project_id]):
                stored[row.project_id].append(row)
    listed = {}
    for project, roles in said.items():
        rows: list[Assignment] = []
        for name, people in roles.items():
            role = PEOPLE_COLUMNS[name]
            named = {row.name: copy(row) for row in stored[project] if row.role == role}
            for person in people:
                row = named.get(person.name) or Assignment(role=role, name=person.name)
                row.office = person.office or row.office
                rows.append(row)
        listed[project] = (stored[project], rows)
    change_lists(Assignment, listed)


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
    """Find the day of the notes of a file; Mistake if what is given is none, blank if unsaid.

    That the sheet was reported on (填报日期) counts, too, unless the day `is_of_notes` alone.
    """
    if given:
        try:
            day = parse_date_as_written(given)
        except DateError as error:
            raise Mistake("invalid_day", error.message) from error
        if day.precision != Precision.DAY:
            raise Mistake("invalid_day", _("Give a day, such as 2023-11-20."))
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
