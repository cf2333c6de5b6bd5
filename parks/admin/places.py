"""The admin of parks, sources, organisations and people."""

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AdminURLFieldWidget
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from parks.admin.base import (
    BOTH_NAMES,
    WHO_SEES_IT,
    ChoicesOrUnknownFilter,
    ChosenByName,
    ProvinceFilter,
    date_column,
    keep_used,
    link_column,
    section,
)
from parks.admin.claims import NewClaimsInline, StoredClaimsInline
from parks.admin.merging import MergingPage
from parks.admin.rows import LedgerAdmin, RowsInline
from parks.admin.vocabularies import TaggingsInline
from parks.merging.duplicates import find_organisation_pairs
from parks.models import (
    DistinctOrganisations,
    Figure,
    Organisation,
    OrganisationSpelling,
    OrganisationTag,
    Park,
    Person,
    Post,
    Source,
)
from parks.models.places import OF_POINT, POINT
from parks.names.searching import OrganisationTextSearch
from sheets.forms import LedgerForm, NamesField


class SourceForm(LedgerForm):
    url = forms.URLField(
        label=capfirst(_("address")),
        max_length=1000,
        required=False,
        assume_scheme="https",
        widget=AdminURLFieldWidget,
    )


@admin.register(Source)
class SourceAdmin(LedgerAdmin):
    form = SourceForm
    list_display = (
        "code",
        "title",
        "publisher",
        date_column("published_on", _("published on")),
        "kind",
        "is_copy",
    )
    list_display_links = ("code", "title")
    list_filter = (("kind", ChoicesOrUnknownFilter), "is_copy", "publication")
    search_fields = ("code", "title", "publisher", "author")
    fieldsets = (
        section(None, "code", "title", ("publisher", "author"), "published_on", "url"),
        section(None, "kind", "is_copy", "note"),
        WHO_SEES_IT,
    )


class OtherNamesForm(LedgerForm):
    """A form of a row with other names, one per line."""

    def clean_aliases(self) -> str:
        """Return the names as the API stores them; raise `ValidationError` if one is too long."""
        names = str(self.cleaned_data["aliases"])
        if "aliases" in self.changed_data:
            names = "\n".join(NamesField(required=False).clean(names))
        return names


class OrganisationProvinceFilter(ProvinceFilter):
    title = _("registered in")


class OrganisationTagsInline(TaggingsInline):
    model = OrganisationTag


@admin.register(Organisation)
class OrganisationAdmin(MergingPage, LedgerAdmin):
    briefs_at = "organisations"
    form = OtherNamesForm
    spellings = OrganisationSpelling
    to_alike = "parent"
    find_pairs = staticmethod(find_organisation_pairs)
    keep_distinct = staticmethod(DistinctOrganisations.keep)
    list_display = (
        "code",
        "name",
        *keep_used("uscc"),
        link_column("region", _("registered in")),
        link_column("parent", _("parent organisation")),
    )
    list_filter = (
        OrganisationProvinceFilter,
        ("kind", ChoicesOrUnknownFilter),
        ("ownership", ChoicesOrUnknownFilter),
        "publication",
    )
    search_fields = ("code",)  # see `get_search_results`
    fieldsets = (
        section(
            None, "code", BOTH_NAMES, "aliases", "uscc", ("kind", "ownership"), "region", "parent"
        ),
        section(_("Where this is known from"), "source", "note"),
        WHO_SEES_IT,
    )
    inlines = (OrganisationTagsInline,)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet, search_term: str
    ) -> tuple[QuerySet, bool]:
        found = OrganisationTextSearch(request.user, search_term).found
        return queryset.filter(found.narrow()), False


class FiguresInline(StoredClaimsInline):
    model = Figure


class NewFiguresInline(NewClaimsInline):
    model = Figure


@admin.register(Park)
class ParkAdmin(ChosenByName, LedgerAdmin):
    briefs_at = "parks"
    form = OtherNamesForm
    list_display = (
        "code",
        "name",
        "kind",
        link_column("region", _("region")),
        link_column("operator", _("operator")),
        "publication",
    )
    list_filter = (
        ("kind", ChoicesOrUnknownFilter),
        "publication",
        "is_placeholder",
        ProvinceFilter,
    )
    search_fields = ("code",)  # see `get_search_results`
    inlines = (FiguresInline, NewFiguresInline)
    fieldsets = (
        section(None, "code", BOTH_NAMES, "aliases", "kind", "region", "is_placeholder"),
        section(None, "operator", "brand", "leading_sectors"),
        section(_("Where it stands"), "address", *POINT, *OF_POINT, is_rare=True),
        section(_("Where this is known from"), "source", "note"),
        section(_("Who sees it"), "publication", "default_publication"),
    )


class PostsInline(RowsInline, admin.StackedInline):
    model = Post
    names = ("person",)
    fields = (BOTH_NAMES, "organisation", ("held_from", "held_to"), "source")
    show_change_link = True


@admin.register(Person)
class PersonAdmin(LedgerAdmin):
    list_display = ("code", "name", "note", "publication")
    list_filter = ("publication",)
    search_fields = (*LedgerAdmin.search_fields, "posts__name_zh", "posts__name_en")
    inlines = (PostsInline,)
    fieldsets = (section(None, "code", BOTH_NAMES, "source", "note"), WHO_SEES_IT)


@admin.register(Post)
class PostAdmin(LedgerAdmin):
    fixed = ("code", "person")
    list_display = (
        "code",
        link_column("person", _("person")),
        "name",
        link_column("organisation", _("organisation")),
        date_column("held_from", _("held from")),
        date_column("held_to", _("held to")),
    )
    search_fields = (*LedgerAdmin.search_fields, "person__name_zh", "person__name_en")
    fieldsets = (
        section(
            None, "code", "person", BOTH_NAMES, "organisation", ("held_from", "held_to"), "source"
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """Join the person, whose name is part of the post's name."""
        return super().get_queryset(request).select_related("person")
