"""What the admin's list of projects is narrowed by, beside the words of its columns."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from parks.admin.base import ProvinceFilter
from projects.lifecycle.words import is_stale
from projects.models import Project

YES, NO = "true", "false"


class OriginListFilter(ProvinceFilter):
    title = _("origin")
    parameter_name = "origin"
    column = "origin"


class TotalsListFilter(admin.SimpleListFilter):
    """Whether signed totals count a project, and for which reason not."""

    title = _("counts in totals")
    parameter_name = "counts_in_totals"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(YES, _("Yes")), (NO, _("No")), *Project.TotalsExclusion.choices]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet | None:
        chosen = self.value()
        if chosen is None:
            return None
        if chosen == NO:
            return queryset.exclude(totals_exclusion="")
        return queryset.filter(totals_exclusion="" if chosen == YES else chosen)


class StaleListFilter(admin.SimpleListFilter):
    """Whether there should have been news of a project."""

    title = _("stale")
    parameter_name = "stale"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(YES, _("Yes")), (NO, _("No"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet | None:
        chosen = self.value()
        if chosen is None:
            return None
        return queryset.filter(is_stale()) if chosen == YES else queryset.exclude(is_stale())
