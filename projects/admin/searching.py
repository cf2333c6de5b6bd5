"""Search in the admin's lists: projects as by the API's `q`, by origin and sector; rows by project.

The search uses indexes; a condition on the texts of several tables would read all rows.
"""

from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.http import HttpRequest

from api.lists.pagination import Hits
from config.database.searching import SHORTEST
from parks.admin.base import COUNTED_AT_MOST
from parks.admin.rows import RowAdmin
from parks.names.names import spot_regions, spot_sectors
from projects.filters import ProjectTextSearch
from projects.models import Project
from projects.models.naming import normalise, validate_national_code


class WordSearch(ProjectTextSearch):
    """The search of the API, also by the names of origins and sectors."""

    def elsewhere(self, word: str, by_index: bool) -> Hits:
        found = super().elsewhere(word, by_index)
        if len(word) < SHORTEST:
            return found
        for column, part in (("origin", spot_regions(word)), ("sector", spot_sectors(word))):
            if part:
                found |= self.in_terms(part.condition(column), by_index)
        return found

    def in_terms(self, condition: Q, by_index: bool) -> Hits:
        """Find the projects whose origin or sector meets the condition."""
        if not by_index:
            return Hits(condition)
        rows = Project.objects.filter(condition).order_by().values_list("pk", flat=True)
        keys = frozenset(rows[: COUNTED_AT_MOST + 1])
        return Hits(condition, keys if len(keys) <= COUNTED_AT_MOST else None)


def search_projects(rows: QuerySet, words: str, actor: Any) -> QuerySet:
    """Select the project with this national code, or else the projects that match all words."""
    code = normalise(words)
    try:
        validate_national_code(code)
    except ValidationError:
        return rows.filter(WordSearch(actor, words).found.narrow())
    return rows.filter(national_code=code)


SEARCH_FIELDS = ("project__code",)  # shows the field


def find_by_project(
    model_admin: RowAdmin, request: HttpRequest, queryset: QuerySet, search_term: str
) -> tuple[QuerySet, bool]:
    """Find rows by their project or their own code: a `get_search_results`."""
    words = search_term.strip()
    if not words:
        return queryset, False
    projects = search_projects(Project.objects.all(), words, request.user)
    found: Any = Q(project__in=projects.values("pk"))
    if hasattr(model_admin.model, "code_key"):
        found |= Q(code_key=words.lower())
    return queryset.filter(found), False
