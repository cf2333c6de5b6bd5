"""The admin of sources, organisations, parks and their figures."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from config.forms import PartialDatesForm
from parks.admin.base import (
    NAMES,
    ChoicesOrUnknownFilter,
    LedgerAdmin,
    ProvinceFilter,
    related,
    section,
    shown_date,
)
from parks.admin.claims import ClaimAdmin, ClaimsInline, claim_fieldsets
from parks.models import Figure, Organisation, Park, Source


class SourceForm(PartialDatesForm):
    partial_dates = ("published_on",)


@admin.register(Source)
class SourceAdmin(LedgerAdmin):
    form = SourceForm
    list_display = ("code", "title", "publisher", "published", "kind", "is_copy")
    list_display_links = ("code", "title")
    list_filter = (("kind", ChoicesOrUnknownFilter), "is_copy")
    search_fields = ("code", "title", "publisher", "author")
    fieldsets = (
        section(None, "code", "title", ("publisher", "author"), "published_on", "url"),
        section(None, "kind", "is_copy", "note"),
    )

    @admin.display(description=_("published on"), ordering="published_on")
    def published(self, source: Source) -> str:
        return shown_date(source, "published_on")


class OrganisationProvinceFilter(ProvinceFilter):
    title = _("registered in")


@admin.register(Organisation)
class OrganisationAdmin(LedgerAdmin):
    list_display = (
        "code",
        "name",
        "uscc",
        related("region", _("registered in")),
        related("parent", _("parent organisation")),
    )
    list_filter = (OrganisationProvinceFilter,)
    list_select_related = ("region", "parent")
    search_fields = (*LedgerAdmin.search_fields, "uscc")
    autocomplete_fields = ("region", "parent")
    fieldsets = (section(None, "code", NAMES, "uscc", "region", "parent", "note"),)


@admin.register(Figure)
class FigureAdmin(ClaimAdmin):
    fixed = ("code", "park")
    list_display = (
        "code",
        related("park", _("park")),
        related("indicator", _("indicator")),
        "shown_value",
        "nature",
        "shown_as_of",
        related("source", _("source")),
    )
    list_select_related = ("park", "indicator", "source")
    search_fields = (*ClaimAdmin.search_fields, "park__name_zh", "park__name_en")
    autocomplete_fields = ("park", "source", "superseded_by")
    fieldsets = claim_fieldsets("park")


class FiguresInline(ClaimsInline):
    model = Figure


@admin.register(Park)
class ParkAdmin(LedgerAdmin):
    list_display = (
        "code",
        "name",
        "kind",
        related("region", _("region")),
        related("operator", _("operator")),
        "publication",
    )
    list_filter = (
        ("kind", ChoicesOrUnknownFilter),
        "publication",
        "is_placeholder",
        ProvinceFilter,
    )
    list_select_related = ("region", "operator")
    search_fields = (*LedgerAdmin.search_fields, "brand", "region__name_zh", "region__name_en")
    autocomplete_fields = ("region", "operator", "leading_sectors", "source")
    inlines = (FiguresInline,)
    fieldsets = (
        section(None, "code", NAMES, "kind", "region", "is_placeholder"),
        section(None, "operator", "brand", "leading_sectors"),
        section(_("Where this is known from"), "source", "publication", "note"),
    )
