"""The admin of figures and timeline entries, each about one park, region, group or organisation."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from config.forms import PartialDatesForm
from parks.admin.base import (
    BOTH_NAMES,
    SUBJECT_NAMES,
    LedgerAdmin,
    SubjectFilter,
    date_column,
    link_column,
    section,
    show_subject,
)
from parks.admin.claims import ClaimAdmin, show_value
from parks.models import Figure, TimelineEntry
from parks.models.subjects import SUBJECTS

ABOUT_ONE = _("What it is about: exactly one of these")


@admin.register(Figure)
class FigureAdmin(ClaimAdmin):
    for_shared = tuple(SUBJECTS[1:])
    about_title = ABOUT_ONE
    list_display = (
        "code",
        show_subject,
        link_column("indicator", _("indicator")),
        show_value,
        "nature",
        date_column("as_of", _("as of")),
        link_column("source", _("source")),
    )
    list_filter = (SubjectFilter, *ClaimAdmin.list_filter)
    list_select_related = (*SUBJECTS, "indicator", "source")
    search_fields = (*ClaimAdmin.search_fields, *SUBJECT_NAMES)


class TimelineEntryForm(PartialDatesForm):
    partial_dates = ("happened_on",)


@admin.register(TimelineEntry)
class TimelineEntryAdmin(LedgerAdmin):
    form = TimelineEntryForm
    for_shared = tuple(SUBJECTS[1:])
    list_display = (
        "code",
        show_subject,
        "name",
        "kind",
        date_column("happened_on", _("date")),
        "nature",
        link_column("source", _("source")),
    )
    list_filter = (SubjectFilter, "kind", "nature")
    list_select_related = (*SUBJECTS, "source")
    search_fields = (*LedgerAdmin.search_fields, "as_reported", *SUBJECT_NAMES)
    autocomplete_fields = (*SUBJECTS, "said_by", "source")
    fieldsets = (
        section(ABOUT_ONE, *SUBJECTS),
        section(None, "code", BOTH_NAMES, ("kind", "nature"), ("happened_on", "happened_on_basis")),
        section(
            _("Where this is known from"),
            "source",
            "as_reported",
            ("said_by", "said_by_text"),
            "attribution",
            "note",
        ),
    )
