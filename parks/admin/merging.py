"""Merging rows in the admin: probable duplicates, a preview, and undoing a merge."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import quote
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.text import capfirst
from django.utils.translation import gettext as _, gettext_lazy
from rest_framework.exceptions import APIException

from api.problems.errors import QueryError
from config.texts import find_whole
from parks.access import Write, may_write, may_write_some, select_readable, select_worked_on
from parks.admin.base import show_page
from parks.admin.history import REASON, is_gone, name_operations
from parks.admin.rows import RowAdmin
from parks.merging.duplicates import PAIRS_SHOWN, list_duplicates
from parks.merging.merging import find_merge, lock_both, merge, require_merge, undo_merge
from parks.models import Park
from parks.recording.recording import clean_reason
from sheets.forms import RowSelect

MERGE_CONFIRMED = "merge_these"  # the button of the preview


class MergingPage(RowAdmin):
    """Rows that can be merged; `to_alike` is a foreign key to such rows, for autocompletion.

    `find_pairs` finds probable duplicates; `keep_distinct` stores pairs of keys that are none.
    """

    to_alike = ""
    find_pairs: Any
    keep_distinct: Any

    def get_urls(self) -> list[Any]:
        wrap, name = self.admin_site.admin_view, f"{self.opts.app_label}_{self.opts.model_name}"
        return [
            path("duplicates/", wrap(self.duplicates_view), name=f"{name}_duplicates"),
            path("<path:object_id>/merge/", wrap(self.merge_view), name=f"{name}_merge"),
            *super().get_urls(),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        way = {"has_duplicates": may_write_some(request.user, Write.DELETE, self.model)}
        return super().changelist_view(request, {**way, **(extra_context or {})})

    def duplicates_view(self, request: HttpRequest) -> HttpResponse:
        """Show probable duplicates, each with a link to the preview of its merge."""
        if not may_write_some(request.user, Write.DELETE, self.model):
            raise PermissionDenied
        if request.method == "POST":
            self.keep_apart(request)
            return HttpResponseRedirect(request.get_full_path())
        rows = select_worked_on(self.model, request.user)
        if park := request.GET.get("park"):
            rows = rows.filter(park__code=park)
        shown: dict[str, Any] = {"shown_at_most": PAIRS_SHOWN, "count": 0}
        try:
            count, pairs = list_duplicates(request.user, rows, type(self).find_pairs)
            named = [
                {"row": row, "into": into, "reasons": reasons, "url": self.link_to("merge", row.pk)}
                for row, into, reasons in pairs
            ]
            shown |= {"count": count, "pairs": named}
        except QueryError as error:
            shown |= {"too_many": error.errors[0].message, "parks": Park.objects.order_by("code")}
        title = _("Probable duplicates")
        return show_page(self, request, "recorded_duplicates", title, **shown)

    def keep_apart(self, request: HttpRequest) -> None:
        """Store that the two rows that were sent are distinct."""
        rows = select_worked_on(self.model, request.user)
        keys = map(find_whole, request.POST.getlist("pair")[:2])
        pair = list(rows.filter(pk__in=keys).order_by("pk"))
        if len(pair) != 2 or not any(may_write(request.user, Write.DELETE, row) for row in pair):
            raise PermissionDenied
        type(self).keep_distinct([(pair[0].pk, pair[1].pk)])
        text = _("“%(one)s” and “%(other)s” are kept apart from now on.")
        messages.success(request, text % {"one": pair[0], "other": pair[1]})

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kw: Any) -> Any:
        row = kw.get("obj")
        if row is not None and may_write(request.user, Write.DELETE, row):
            context["merge_url"] = self.link_to("merge", row.pk)
        return super().render_change_form(request, context, *args, **kw)

    def link_to(self, page: str, key: Any) -> str:
        name = f"{self.opts.app_label}_{self.opts.model_name}_{page}"
        return reverse(f"{self.admin_site.name}:{name}", args=[quote(key)])

    def merge_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Ask for the other row, preview the merge, do it; for a merged row, undo it."""
        row = self.find_with_history(request, object_id)
        if row is None or not may_write(request.user, Write.DELETE, row):
            raise PermissionDenied
        if is_gone(row):
            return self.undo_view(request, row)
        form = build_merge_form(self.model, self.to_alike, request)
        shown: dict[str, Any] = {}
        if request.method == "POST" and form.is_valid():
            into = form.cleaned_data["into"]
            is_preview = MERGE_CONFIRMED not in request.POST
            reason = clean_reason(request.POST.get(REASON, ""))
            try:
                with transaction.atomic():
                    row, into = lock_both(row, into)
                    require_merge(request.user, row, into)
                    merger = merge(row, into, request.user, reason=reason, is_preview=is_preview)
            except APIException as error:
                messages.error(request, str(error.detail))
            else:
                if not is_preview:
                    return self.report_merge(request, row, into)
                name_operations(merger["rows"])
                shown = {"merger": {**merger, "row": into}}
        return self.show_merging(request, row, form=form, **shown)

    def report_merge(self, request: HttpRequest, row: Any, into: Any) -> HttpResponse:
        """Report the merge on the page of the remaining row, with a link to undo it."""
        text = _("“%(row)s” was merged into “%(into)s”.") % {"row": row.code, "into": into.code}
        link = '{} <a href="{}">{}</a>'
        back = self.link_to("merge", row.pk)
        messages.success(request, format_html(link, text, back, _("Take it back")))
        self.log_change(request, into, text)
        return HttpResponseRedirect(self.link_to("change", into.pk))

    def undo_view(self, request: HttpRequest, row: Any) -> HttpResponse:
        """Ask whether to undo the merge of a row; if confirmed, do it."""
        try:
            merged = find_merge(self.model, row.code, request.user)
            if request.method == "POST":
                reason = clean_reason(request.POST.get(REASON, ""))
                row = undo_merge(merged, request.user, reason=reason)
                messages.success(request, _("Both rows stand as they stood before."))
                return HttpResponseRedirect(self.link_to("change", row.pk))
        except APIException as error:
            messages.error(request, str(error.detail))
            return HttpResponseRedirect(self.link_to("history", row.pk))
        return self.show_merging(request, row, merged=merged.retired)

    def show_merging(self, request: HttpRequest, row: Any, **shown: Any) -> HttpResponse:
        title = _("Merge “%(row)s” into another") % {"row": row}
        shown |= {"confirmed_name": MERGE_CONFIRMED}
        return self.show_row(request, row, "recorded_merging", title, **shown)


def build_merge_form(model: Any, to_alike: str, request: HttpRequest) -> forms.Form:
    form = forms.Form(request.POST or None)
    form.fields["into"] = forms.ModelChoiceField(
        select_readable(model, request.user),
        label=capfirst(gettext_lazy("the row that stays")),
        widget=RowSelect(model._meta.get_field(to_alike), admin.site),
    )
    return form
