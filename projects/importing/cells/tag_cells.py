"""Tags of a project in one cell: codes or names, each perhaps with the year of its list."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from config.dates import EARLIEST_YEAR, LATEST_YEAR
from config.imports import CellFault
from parks.models import Tag

_BEFORE = re.compile(r"((?:19|20)\d\d)(?:年度?|\s)")
_AFTER = re.compile(r"((?:19|20)\d\d)(?:年度?)?[)）\]]?\Z")


@dataclass(frozen=True, slots=True)
class SaidTag:
    """A tag by its code, and the year of its list where one is given; as files write it."""

    tag: str
    year: int | None = None

    def __str__(self) -> str:
        return self.tag if self.year is None else f"{self.tag} {self.year}"


def read_tag(text: str, find_tag: Callable[[str], str]) -> SaidTag:
    """Read one tag, whose code `find_tag` finds by its code or name; CellFault for what is none."""
    try:
        said = SaidTag(find_tag(text))
    except CellFault:
        name, year = _split_off_year(text)
        if not name:
            raise
        said = SaidTag(find_tag(name), year)
    tag = Tag.objects.get(pk=said.tag)
    if tag.bearer != Tag.Bearer.PROJECT:
        detail = _("“%(tag)s” is a tag of %(bearer)s.")
        told = {"tag": tag.name, "bearer": tag.get_bearer_display()}
        raise CellFault("other_bearer", detail % told)
    if tag.is_yearly and said.year is None:
        detail = _("Say of which year the list is, as in “%(text)s 2024”.")
        raise CellFault("without_year", detail % {"text": text})
    if said.year is not None and not EARLIEST_YEAR <= said.year <= LATEST_YEAR:
        raise CellFault("out_of_range", _("There is no such year."))
    return said


def _split_off_year(text: str) -> tuple[str, int]:
    """Split a tag into its name and year: 2024年名单, 名单（2024）; a blank name if it has none."""
    if before := _BEFORE.match(text):
        return text[before.end() :].strip(), int(before[1])
    if after := _AFTER.search(text):
        return text[: after.start()].rstrip(" \t\u3000\xa0（(["), int(after[1])
    return "", 0
