"""The history in the admin: changes in words, going back to a version, and giving reasons."""

from contextlib import AbstractContextManager, nullcontext
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.contrib.admin.views.main import PAGE_VAR
from django.core.exceptions import NON_FIELD_ERRORS, PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from rest_framework.exceptions import APIException

from parks.access import Write, may_leave, sees_all_of
from parks.history.versions import OPERATIONS, History, restore, restore_members
from parks.history.visibility import steps
from parks.recording.recording import MAX_REASON, clean_reason, has_history, recorded

REASON = "change_reason"  # the field of a page in which people say why
VERSIONS_ON_A_PAGE = 20


class RecordedPage(admin.ModelAdmin):
    """Pages of which each writes one revision, and whose rows show their history.

    What a page writes, its inline rows included, has one time, author and reason.
    """

    change_form_template = "admin/recorded_form.html"
    delete_confirmation_template = "admin/recorded_deletion.html"

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        with one_revision(request):
            return super().changeform_view(request, *args, **kwargs)

    def delete_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        with one_revision(request):
            return super().delete_view(request, *args, **kwargs)

    def changelist_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        with one_revision(request):
            return super().changelist_view(request, *args, **kwargs)

    def render_change_form(
        self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any
    ) -> Any:
        return super().render_change_form(request, context | reason_field(request), *args, **kwargs)

    def render_delete_form(self, request: HttpRequest, context: Any) -> HttpResponse:
        return super().render_delete_form(request, context | reason_field(request))

    # --- History ---

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: Any = None
    ) -> HttpResponse:
        """Show the versions of a row, the newest first; by POST, restore one of them."""
        if not has_history(self.model):
            return super().history_view(request, object_id, extra_context)
        if request.method == "POST":
            return self.restore_view(request, object_id)
        row = self.get_object(request, unquote(object_id))
        if row is None:
            return super().history_view(request, object_id, extra_context)  # which says so
        if not self.has_view_or_change_permission(request, row):
            raise PermissionDenied
        context = {
            **self.admin_site.each_context(request),
            "title": _("History of %s") % row,
            "subtitle": None,
            "module_name": str(capfirst(self.opts.verbose_name_plural)),
            "object": row,
            "opts": self.opts,
            "preserved_filters": self.get_preserved_filters(request),
            "may_restore": self.has_change_permission(request, row),
            **reason_field(request),
            **self.versions_of(request, row),
            **(extra_context or {}),
        }
        return TemplateResponse(request, "admin/recorded_history.html", context)

    def versions_of(self, request: HttpRequest, row: Any) -> dict[str, Any]:
        """Describe the versions of a page of the history, as this person may see them."""
        is_inside = sees_all_of(request.user, row)
        seen = steps(self.model, row.pk, is_inside=is_inside)
        newest = sorted(seen, reverse=True)
        paginator = Paginator(newest, VERSIONS_ON_A_PAGE)
        page = paginator.get_page(request.GET.get(PAGE_VAR, 1))
        past: Any = self.model.history.model
        rows = past.objects.filter(history_id__in=page.object_list).select_related("revision")
        versions = list(rows.order_by("-version"))
        history = History(self.model, versions, seen, request.user, is_inside=is_inside)
        told = history.describe()
        for entry in told:
            entry["op_text"] = OPERATIONS[entry["op"]]
            for below in entry["rows"]:
                below["op_text"] = OPERATIONS[below["op"]]
        return {
            "versions": told,
            "page": page,
            "page_var": PAGE_VAR,
            "page_range": paginator.get_elided_page_range(page.number),
        }

    def restore_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Write the fields of an earlier version as a new one, and say what came of it."""
        try:
            with one_revision(request) as unit:
                number = self.restore(request, object_id, unit)
        except ValidationError as error:
            messages.error(request, self.what_is_wrong(error))
        except APIException as error:  # what it would refer to is hidden
            messages.error(request, str(error.detail))
        else:
            text = _("Version %(version)d was restored, as a new version.")
            messages.success(request, text % {"version": number})
        return HttpResponseRedirect(request.path)

    def what_is_wrong(self, error: ValidationError) -> str:
        """List the messages of an error, those of a field with its name before them."""
        if not hasattr(error, "error_dict"):
            return " ".join(error.messages)
        told = []
        for name, found in error.message_dict.items():
            field: Any = None if name == NON_FIELD_ERRORS else self.opts.get_field(name)
            before = f"{capfirst(field.verbose_name)}: " if field else ""
            told += [f"{before}{message}" for message in found]
        return " ".join(told)

    def restore(self, request: HttpRequest, object_id: str, unit: Any) -> int:
        """Restore the version that a page names; `ValidationError` where that cannot be."""
        row: Any = self.get_object(request, unquote(object_id))
        if row is None or not self.has_change_permission(request, row):
            raise PermissionDenied
        number, seen = (_read_version(request.POST.get(name, "")) for name in ("version", "seen"))
        if seen != row.version:
            raise ValidationError(
                _("This has been changed since you opened the page. Nothing was restored.")
            )
        past: Any = self.model.history.model
        version = past.objects.filter(id=row.pk, version=number).first()
        allowed = steps(self.model, row.pk, is_inside=sees_all_of(request.user, row))
        if version is None or version.history_id not in allowed:
            raise ValidationError(_("There is no such version."))
        restore(row, version)
        if not may_leave(request.user, Write.CHANGE, row):
            raise PermissionDenied  # such as back into a park of others
        text = _("Restored version %(version)d") % {"version": number}
        unit.reason = clean_reason(f"{text}: {unit.reason}" if unit.reason else text)
        row.save()
        restore_members(row, version)
        self.log_change(request, row, text)
        return number


def one_revision(request: HttpRequest) -> AbstractContextManager[Any]:
    """Open one revision around what a page writes, with the reason that was typed in."""
    if request.method != "POST":
        return nullcontext()
    return recorded(reason=clean_reason(request.POST.get(REASON, "")))


def reason_field(request: HttpRequest) -> dict[str, Any]:
    """Give templates what they need to ask for the reason, and to keep what was typed."""
    return {
        "reason_name": REASON,
        "reason_length": MAX_REASON,
        "reason": request.POST.get(REASON, ""),
    }


def _read_version(text: str) -> int:
    """A whole number of a form; -1 for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1
