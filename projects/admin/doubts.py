"""Doubtful writes on the pages of the admin: each doubt in words, and a tick that settles it."""

from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from typing import Any, ClassVar

from django import forms
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext_lazy as _

from config.forms import LedgerForm
from parks.admin.base import section
from parks.admin.history import RESTORE_CONFIRMED
from parks.admin.rows import RowAdmin
from projects.doubts.doubts import Doubt, DoubtfulWriteError, DoubtKind
from projects.writing.writing import open_revision

CONFIRM_FIELD = "confirm"  # the field that holds what is settled
LINKED_AT_MOST = 10
REMEDIES = {
    DoubtKind.AMOUNTS: _("If the amount is right, tick the box and save again."),
    DoubtKind.DUPLICATES: _(
        "If it is the same project, change that one; if it is a phase of it, choose it as "
        "“part of”; if it is an increase, add a figure to it. If it is another project, tick the "
        "box and save again."
    ),
}


class TickedDoubtsField(forms.MultipleChoiceField):
    """The kinds of doubts that are settled, each by a tick; no change of the row itself."""

    widget = forms.CheckboxSelectMultiple

    def has_changed(self, initial: Any, data: Any) -> bool:
        return False


class DoubtedForm(LedgerForm):
    """A form that says what is doubtful about what was typed, and then alone asks for a tick."""

    doubts: ClassVar[Sequence[Doubt]] = ()  # of this request
    confirm = TickedDoubtsField(
        label=_("To be confirmed"), required=False, choices=DoubtKind.choices
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        ticked = self.data.getlist(CONFIRM_FIELD) if self.is_bound else []  # type: ignore[attr-defined]
        asked = {*ticked, *(doubt.kind.value for doubt in self.doubts)}
        if asked:
            field: Any = self.fields[CONFIRM_FIELD]
            field.choices = [each for each in DoubtKind.choices if each[0] in asked]
        else:
            del self.fields[CONFIRM_FIELD]

    def clean(self) -> None:
        super().clean()
        for doubt in self.doubts:
            self.add_error(CONFIRM_FIELD, describe_doubt(doubt))


def link_candidates(doubt: Doubt) -> str:
    """Write a doubt with links to what the project may be."""
    links = format_html_join(
        " ",
        '<a href="{}">{}</a>',
        (
            (reverse("admin:projects_project_change", args=[each.pk]), each.code)
            for each in doubt.candidates[:LINKED_AT_MOST]
        ),
    )
    return format_html("{} {}", doubt.detail, links)


def describe_doubt(doubt: Doubt) -> str:
    """Write a doubt with links to what the project may be, and with what can be done."""
    return format_html("{} {}", link_candidates(doubt), REMEDIES[doubt.kind])


class DoubtedPage(RowAdmin):
    """Pages on which nothing doubtful is saved before somebody has ticked it off."""

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        try:
            return super().changeform_view(request, *args, **kwargs)
        except DoubtfulWriteError as error:
            # All is undone. The same page again: by now its form knows what is doubtful.
            request.doubts = error.doubts  # type: ignore[attr-defined]
            return super().changeform_view(request, *args, **kwargs)

    def get_form(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        form: Any = super().get_form(request, *args, **kwargs)
        form.doubts = get_doubts(request)
        return form

    def get_fieldsets(self, request: HttpRequest, obj: Model | None = None) -> Any:
        parts = super().get_fieldsets(request, obj)
        is_asked = get_doubts(request) or CONFIRM_FIELD in request.POST
        return [section(None, CONFIRM_FIELD), *parts] if is_asked else parts

    def ask(self, request: HttpRequest, stored: Iterable[int]) -> AbstractContextManager[Any]:
        """Ask about what is written inside; `stored` has the keys of projects that may change."""
        confirmed = request.POST.getlist(CONFIRM_FIELD)
        return open_revision(request.user, lambda project: confirmed, stored)

    def guard_restored(self, request: HttpRequest, row: Any) -> AbstractContextManager[Any]:
        return self.ask(request, [getattr(row, "project_id", row.pk)])

    def restore_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        try:
            return super().restore_view(request, object_id)
        except DoubtfulWriteError as error:
            # All is undone. The page that asks whether it is meant names the doubts, and who goes
            # on from there settles them.
            request.restoration_doubts = [  # type: ignore[attr-defined]
                {"kind": doubt.kind.value, "text": link_candidates(doubt)} for doubt in error.doubts
            ]
            values = request.POST.copy()
            values.pop(RESTORE_CONFIRMED, None)
            values.setlist(CONFIRM_FIELD, [*DoubtKind])
            request.POST = values  # type: ignore[assignment]
            return super().restore_view(request, object_id)


def get_doubts(request: HttpRequest) -> Sequence[Doubt]:
    """Get what was doubtful about what this request wanted to save."""
    return getattr(request, "doubts", ())
