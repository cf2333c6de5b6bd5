"""Stored rows that a file of ours has no longer: they are reported, and stay as they are."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from django.utils.translation import gettext as _

from config.imports import ColumnWarning
from config.reading.files import ReadTable
from config.reading.headers import OURS
from projects.importing.resources import Resource
from projects.importing.rows import Cells

MOST_TOLD = 100  # codes of rows that are missing
_SUBJECTS = ("park", "region", "region_group", "organisation", "project")
Scope = tuple[str, ...]


def find_missing_projects(exported: Mapping[int, int], visible: Any) -> Iterator[str]:
    """Find the codes of visible projects that are in the parks of exported ones, but not of these.

    `exported` has the park of each stored project that the file has, both by key.
    """
    rows = visible.filter(park_id__in={*exported.values()}).order_by("code_key")
    return (code for pk, code in rows.values_list("pk", "code") if pk not in exported)


class ExportedRows:
    """The stored rows that a file has, and what they are about; known by version or number."""

    def __init__(self, resource: Resource) -> None:
        self.key = resource.key
        self.subject = [name for name in self.key if name in _SUBJECTS]
        self.keys: set[Any] = set()  # of all stored rows that the file has
        self.scopes: set[Scope] = set()

    def note(self, cells: Cells, stored: Mapping[str, str]) -> None:
        """Note what a stored row of the file is about; the person may write it."""
        number = cells.texts.get("id")
        if cells.texts.get("version") or (number and number == stored.get("id")):
            self.scopes.add(self.find_scope(stored))

    def find_scope(self, stored: Mapping[str, str]) -> Scope:
        return tuple(stored[name] for name in self.subject)

    def find_missing(self, rows: Iterable[tuple[Any, Mapping[str, str]]]) -> Iterator[str]:
        """Find the codes, or else the keys, of stored rows about the same that the file lacks."""
        for pk, stored in dict(rows).items() if self.scopes else ():
            if pk not in self.keys and self.find_scope(stored) in self.scopes:
                words = (stored[name] for name in self.key if stored[name])
                yield stored.get("code") or " ".join(words)


def describe_missing_rows(table: ReadTable, missing: Iterable[str]) -> Iterator[ColumnWarning]:
    """Describe the rows that are missing in a file; a file of failing rows has no others."""
    if any(match.text in OURS for match in table.header.matches):
        return
    codes = [*missing]
    if codes:
        shown = ", ".join(codes[:10]) + (" ..." if len(codes) > 10 else "")
        detail = _("%(count)d stored rows are not in the file. They stay as they are: %(codes)s")
        told = {"count": len(codes), "codes": shown}
        code = "rows_missing"
        match = next(each for each in table.columns if each.name in ("code", "id"))
        detail %= told
        yield ColumnWarning(match.text, match.name, code, detail, len(codes), codes[:MOST_TOLD])
