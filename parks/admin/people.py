"""The admin of people and their posts: who says what."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from config.forms import PartialDatesForm
from parks.admin.base import (
    BOTH_NAMES,
    WHO_SEES_IT,
    LedgerAdmin,
    RowsInline,
    date_column,
    link_column,
    section,
)
from parks.models import Person, Post


class PostForm(PartialDatesForm):
    partial_dates = ("held_from", "held_to")


class PostsInline(RowsInline, admin.StackedInline):
    model = Post
    form = PostForm
    names = ("person",)
    autocomplete_fields = ("organisation", "source")
    fields = (BOTH_NAMES, "organisation", ("held_from", "held_to"), "source")
    show_change_link = True


@admin.register(Person)
class PersonAdmin(LedgerAdmin):
    list_display = ("code", "name", "note", "publication")
    list_filter = ("publication",)
    search_fields = (*LedgerAdmin.search_fields, "posts__name_zh", "posts__name_en")
    inlines = (PostsInline,)
    autocomplete_fields = ("source", "park")
    fieldsets = (section(None, "code", BOTH_NAMES, "source", "note"), WHO_SEES_IT)


@admin.register(Post)
class PostAdmin(LedgerAdmin):
    form = PostForm
    fixed = ("code", "person")
    list_display = (
        "code",
        link_column("person", _("person")),
        "name",
        link_column("organisation", _("organisation")),
        date_column("held_from", _("held from")),
        date_column("held_to", _("held to")),
    )
    list_select_related = ("person", "organisation")
    search_fields = (*LedgerAdmin.search_fields, "person__name_zh", "person__name_en")
    autocomplete_fields = ("person", "organisation", "source")
    fieldsets = (
        section(
            None, "code", "person", BOTH_NAMES, "organisation", ("held_from", "held_to"), "source"
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """Join the person, whose name is a part of the post's: also where one is completed."""
        return super().get_queryset(request).select_related("person")
