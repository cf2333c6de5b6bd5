"""Searching the admin's lists: projects by what the API's `q` finds, by origin and sector; and rows
by their project.

It is the condition that has indexes; one over the texts of several tables would read them all.
"""

from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.http import HttpRequest

from api.lists.pagination import Hits
from config.database.searching import SHORTEST
from parks.admin.base import COUNTED_AT_MOST
from parks.names.names import spot_regions, spot_sectors
from parks.names.searching import SpelledSearch
from projects.filters import ProjectTextSearch
from projects.models import Project, ProjectSpelling
from projects.models.naming import normalise, validate_national_code


class WordSearch(SpelledSearch, ProjectTextSearch):
    """As the API searches; in pinyin; by words for where investors are from and what they do."""

    spellings = ProjectSpelling

    def elsewhere(self, word: str, by_index: bool) -> Hits:
        found = super().elsewhere(word, by_index)
        if len(word) < SHORTEST:
            return found
        for column, part in (("origin", spot_regions(word)), ("sector", spot_sectors(word))):
            if part:
                found |= self.in_terms(part.condition(column), by_index)
        return found

    def in_terms(self, condition: Q, by_index: bool) -> Hits:
        """Find the projects whose origin or sector is one of these, as many as a list counts."""
        if not by_index:
            return Hits(condition)
        rows = Project.objects.filter(condition).order_by().values_list("pk", flat=True)
        keys = frozenset(rows[: COUNTED_AT_MOST + 1])
        return Hits(condition, keys if len(keys) <= COUNTED_AT_MOST else None)


def search_projects(rows: QuerySet, words: str, actor: Any) -> QuerySet:
    """Select the project of this national code; else those in which each of the words is found."""
    code = normalise(words)
    try:
        validate_national_code(code)
    except ValidationError:
        return rows.filter(WordSearch(actor, words).found.narrow())
    return rows.filter(national_code=code)


BY_PROJECT = ("project__code",)  # there is a search; `search_by_project` says how


def search_by_project(
    page: Any, request: HttpRequest, queryset: QuerySet, search_term: str
) -> tuple[QuerySet, bool]:
    """Search rows of projects by the project, or by the code of the row: `get_search_results`."""
    words = search_term.strip()
    if not words:
        return queryset, False
    projects = search_projects(Project.objects.all(), words, request.user)
    found: Any = Q(project__in=projects.values("pk"))
    if hasattr(page.model, "code_key"):
        found |= Q(code_key=words.lower())
    return queryset.filter(found), False
