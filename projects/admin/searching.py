"""Searching the admin's lists: projects by what the API's `q` finds, and rows by their project.

It is the condition that has indexes; one over the texts of several tables would read them all.
"""

from typing import Any, ClassVar

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.http import HttpRequest

from projects.models import Project
from projects.national_codes import normalise, validate_national_code
from projects.searching import ProjectTextSearch


def search_projects(rows: QuerySet, words: str, actor: Any) -> QuerySet:
    """Select the project of this national code; else those in which each of the words is found."""
    code = normalise(words)
    try:
        validate_national_code(code)
    except ValidationError:
        return rows.filter(ProjectTextSearch(actor, words).found.narrow())
    return rows.filter(national_code=code)


class ProjectSearch(admin.ModelAdmin):
    """A list of projects, searched as the API searches them."""

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet, search_term: str
    ) -> tuple[QuerySet, bool]:
        return search_projects(queryset, search_term, request.user), False


class SearchByProject(admin.ModelAdmin):
    """A list of rows of projects, searched by the project, or by the code of the row itself."""

    search_fields: ClassVar[Any] = (
        "project__code",
    )  # there is a search; `get_search_results` says how

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet, search_term: str
    ) -> tuple[QuerySet, bool]:
        words = search_term.strip()
        if not words:
            return queryset, False
        projects = search_projects(Project.objects.all(), words, request.user)
        found: Any = Q(project__in=projects.values("pk"))
        if hasattr(self.model, "code_key"):
            found |= Q(code_key=words.lower())
        return queryset.filter(found), False
