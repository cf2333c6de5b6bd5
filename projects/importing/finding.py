"""Which stored project a row is about: by code, by national code, or by park, name and investor."""

from collections.abc import Set
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from config.imports import CellFault
from config.reading.rows import ReadRow
from parks.cell_lookup import Finder, FoundRow
from projects.importing.cells.cells import read_national_code
from projects.importing.rows import RowReader, choose_name
from projects.importing.stored import (
    Namesakes,
    find_by_national_code,
    find_projects_by_code,
    find_retired,
)
from projects.models import Project

_REFERENCES = ("part_of", "duplicate_of")


@dataclass(frozen=True)
class Chunk:
    """Some rows of a file, with the keys of the projects that their codes are of."""

    texts: dict[int, dict[str, str]]  # by line
    by_code: dict[str, int]  # of the projects that the person may see
    taken: Set[str]  # codes of the others, which no new project can have
    retired: set[str]  # codes of deleted projects
    by_national_code: dict[str, int]
    nameable: dict[str, int]  # the same of the projects that the person may see


@dataclass(frozen=True)
class RowFinder:
    """Finds what the rows of a file are about, among the projects that the person may see."""

    finder: Finder
    reader: RowReader
    namesakes: Namesakes
    visible: Any

    def look_up(self, rows: list[ReadRow]) -> Chunk:
        """Look up at once what the codes of rows are of."""
        texts = {row.line: self.reader.texts(row) for row in rows}
        codes = [code for each in texts.values() if (code := each.get("code"))]
        named = [each[name] for each in texts.values() for name in _REFERENCES if each.get(name)]
        nationals = [find_national_code(each) for each in texts.values()]
        by_code = find_projects_by_code([*codes, *named], self.visible)
        taken = find_projects_by_code(codes, Project.objects.all()).keys() - by_code.keys()
        return Chunk(
            texts,
            by_code,
            taken,
            find_retired(codes),
            find_by_national_code(nationals, Project.objects.all()),
            find_by_national_code(nationals, self.visible),
        )

    def find(self, texts: dict[str, str], chunk: Chunk) -> int | CellFault | None:
        """Find the key of the project that a row is about; a CellFault where several may be."""
        code = texts.get("code", "")
        if code:
            return chunk.by_code.get(code.lower())
        national = find_national_code(texts)
        if national in chunk.nameable:
            return chunk.nameable[national]
        park = self._find_park(texts)
        if park is None:
            return None
        investors = self._list_investors(texts)
        same = self.namesakes.same(park.pk, choose_name(texts), investors, national)
        if len(same) > 1:
            codes = ", ".join(each.code for each in same)
            detail = _("Several projects of the park have this name; give the code: %(codes)s.")
            return CellFault("ambiguous_project", detail % {"codes": codes})
        return same[0].pk if same else None

    def _find_park(self, texts: dict[str, str]) -> FoundRow | None:
        try:
            return self.finder.park(texts["park"])[0] if texts.get("park") else None
        except CellFault:
            return None

    def _list_investors(self, texts: dict[str, str]) -> list[str]:
        try:
            shares = self.reader.cells.read("investors", texts.get("investors") or "")
        except CellFault:
            return []
        return [share.name for share in shares]


def find_national_code(texts: dict[str, str]) -> str:
    """Find the national code of a row, as it is kept; blank where it has none of that shape."""
    text = texts.get("national_code")
    if not text:
        return ""
    try:
        return read_national_code(text)
    except CellFault:
        return ""
