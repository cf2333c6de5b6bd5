"""The admin of notes of progress: added, then superseded or withdrawn, never overwritten."""

from typing import Any, ClassVar

from django.contrib import admin
from django.contrib.admin.widgets import AdminTextareaWidget
from django.core.exceptions import ValidationError
from django.db.models import Model, TextField
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from parks.access import select_worked_on
from parks.admin import claims
from parks.admin.base import day_column, link_column, section
from parks.admin.rows import LedgerAdmin, RowAdmin
from projects.admin.project_list import SEARCH_FIELDS, find_by_project
from projects.models import ProgressNote, Project, Return
from sheets.forms import LedgerForm

_TEXTS: dict[Any, Any] = {TextField: {"widget": AdminTextareaWidget(attrs={"rows": 2})}}
_SAID = ("noted_on", "text", "next_step", "due_on")


class NewNotesInline(claims.AddedRowsInline):
    """Notes that are added to a project."""

    model = ProgressNote
    verbose_name_plural = _("new progress notes")
    fields = (("noted_on", "noted_by"), "text", ("next_step", "due_on"), "source")
    formfield_overrides: ClassVar[Any] = _TEXTS


class StoredNotesInline(claims.StoredClaimsInline):
    """The stored notes of a project, the newest first, each with a link to its page."""

    model = ProgressNote
    names = ("source",)
    fields = (
        day_column("noted_on", _("noted on")),
        "text",
        "next_step",
        day_column("due_on", _("due on")),
        "noted_by",
        claims.show_standing,
    )


class NotePageForm(claims.SupersedingForm):
    supersedes_help = _("The earlier note that this one takes the place of.")

    def clean(self) -> None:
        super().clean()
        earlier, project = (self.cleaned_data.get(name) for name in ("supersedes", "project"))
        if earlier and project:
            try:
                ProgressNote(project=project).check_supersedes(earlier)
            except ValidationError as error:
                self.add_error("supersedes", error)


@admin.register(ProgressNote)
class ProgressNoteAdmin(LedgerAdmin):
    """The notes of all projects. The text of a stored note cannot be changed."""

    form = NotePageForm
    list_display = (
        "code",
        link_column("project", _("project")),
        day_column("noted_on", _("noted on")),
        "text",
        "next_step",
        day_column("due_on", _("due on")),
        claims.show_standing,
    )
    search_fields = SEARCH_FIELDS
    get_search_results = find_by_project
    ordering = ("-id",)
    list_filter = claims.SUPERSEDED_FILTERS
    sortable_by = ("code",)
    formfield_overrides: ClassVar[Any] = _TEXTS

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        form.supersede_earlier()

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        readonly = super().get_readonly_fields(request, obj)
        return (*readonly, "project", *_SAID, "superseded_by") if obj else readonly

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        known_from = section(_("Where this is known from"), "noted_by", "source")
        note = section(None, "code", "project", "noted_on", "text", ("next_step", "due_on"))
        if obj is None:
            earlier = section(_("Takes the place of an earlier note"), "supersedes", is_rare=True)
            return [note, known_from, earlier]
        ended = section(_("No longer holds"), "superseded_by", "is_withdrawn")
        return [note, known_from, ended, *self.ending(obj), *self.add_version(request, obj)]


@admin.register(Return)
class ReturnAdmin(RowAdmin):
    """The returns of all projects: a district adds them, the office of the park answers."""

    form = LedgerForm
    fixed = ("project", "returned_on", "reason")
    list_display = (
        link_column("project", _("project")),
        day_column("returned_on", _("returned on")),
        "reason",
        "answer",
    )
    list_display_links = ("reason",)
    search_fields = SEARCH_FIELDS
    get_search_results = find_by_project
    ordering = ("-id",)
    sortable_by = ()

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> Any:
        return (*self.fixed, "answer") if obj else ("project", "reason")

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        field: Any = super().formfield_for_foreignkey(db_field, request, **kwargs)
        field.queryset = select_worked_on(Project, request.user)  # a district writes no project
        return field
