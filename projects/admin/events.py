"""The admin of signing events and what they declared."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from parks.access import select_writable
from parks.admin import base
from parks.admin.claims import ClaimAdmin, NewClaimsInline, StoredClaimsInline, show_value
from parks.admin.rows import LedgerAdmin, RowsInline
from projects.models import EventFigure, Participation, SigningEvent


class PresentFormSet(base.BoundedRowsFormSet):
    def find_list_of_all(self) -> str:
        return f"{reverse('admin:projects_project_changelist')}?event={self.instance.code}"


class ProjectsInline(RowsInline, admin.TabularInline):
    """The projects that took part, the newest first."""

    model = Participation
    formset = PresentFormSet
    template = "admin/bounded_rows.html"
    ordering = ("-id",)
    names = ("event",)
    fields = ("project", "role", "agreement_type")

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """Leave out projects of parks that this user may not edit."""
        return select_writable(super().get_queryset(request), request.user)


class EventFiguresInline(StoredClaimsInline):
    model = EventFigure


class NewEventFiguresInline(NewClaimsInline):
    model = EventFigure
    fields = (*NewClaimsInline.fields, ("said_by", "said_by_text"), "attribution")


@admin.register(SigningEvent)
class SigningEventAdmin(LedgerAdmin):
    briefs_at = "events"
    list_display = (
        "code",
        "name",
        "kind",
        base.date_column("held_on", _("held on")),
        "place",
        base.link_column("park", _("park")),
        "publication",
    )
    list_filter = (
        ("kind", base.ChoicesOrUnknownFilter),
        "publication",
        base.ProvinceFilter,
        ("park", base.ParkFilter),
    )
    search_fields = (*LedgerAdmin.search_fields, "place", "host")
    inlines = (EventFiguresInline, NewEventFiguresInline, ProjectsInline)
    fieldsets = (
        base.section(
            None, "code", base.BOTH_NAMES, "kind", "held_on", "place", "region", "host", "park"
        ),
        base.section(_("Where this is known from"), "source", "publication", "note"),
    )


@admin.register(EventFigure)
class EventFigureAdmin(ClaimAdmin):
    list_display = (
        "code",
        base.link_column("event", _("event")),
        base.link_column("indicator", _("indicator")),
        show_value,
        "nature",
        base.date_column("as_of", _("as of")),
        base.link_column("source", _("source")),
    )
    search_fields = (*ClaimAdmin.search_fields, "event__name_zh", "event__name_en")
