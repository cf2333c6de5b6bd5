"""What the admin's list of projects is narrowed by, beside the words of its columns."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from config.api.lists.filter_fields import UNKNOWN
from parks.admin.base import ProvinceFilter
from projects.lifecycle.words import is_stale
from projects.models import Participation, Project, SigningEvent

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


class SignedYearListFilter(admin.SimpleListFilter):
    """The year of the contract; offered are all years between the first one and the last."""

    title = _("year of signing")
    parameter_name = "signed_year"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        # By the ends of an index: the years themselves would be read from every project
        days = Project.objects.exclude(signed_on=None).values_list("signed_on", flat=True)
        first, last = (days.order_by(key).first() for key in ("signed_on", "-signed_on"))
        years = range(first.year, last.year + 1) if first and last else ()
        return [*((str(year), str(year)) for year in years), (UNKNOWN, _("unknown"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet | None:
        chosen = self.value()
        if chosen == UNKNOWN:
            return queryset.filter(signed_year=None)
        return queryset.filter(signed_year=chosen) if chosen and chosen.isdecimal() else None


class EventListFilter(admin.SimpleListFilter):
    """The projects that took part in an event: chosen by a link on the page of the event."""

    title = _("event")
    parameter_name = "event"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        chosen = request.GET.get(self.parameter_name, "")
        if not chosen.isdecimal():
            return []
        events = SigningEvent.objects.filter(pk=chosen)
        return [(str(event.pk), event.name) for event in events]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet | None:
        chosen = self.value()
        if chosen is None or not chosen.isdecimal():
            return None
        present = Participation.objects.filter(event=int(chosen))
        return queryset.filter(pk__in=present.values("project"))
