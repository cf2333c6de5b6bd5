"""The admin of imports: upload a spreadsheet, read what it would do, confirm or take it back."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.api.load.time_limits import file_seconds
from config.imports import ACTIONS, OnError
from config.mistakes import Mistake
from parks.access import select_readable
from parks.models import ImportBatch, Person, Source
from parks.models.records import Change
from projects.admin.import_columns import READ_AGAIN, read_columns
from projects.admin.import_form import UploadForm
from projects.admin.import_lines import ACTION_NAMES
from projects.admin.import_questions import read_answers
from projects.admin.import_report import build_import_page, name_import
from projects.admin.importers import ForImporters
from projects.importing.batches import OutcomeChangedError, apply_batch, read_again, run_import
from projects.importing.undoing import CannotUndoError, may_read, may_undo, undo
from projects.pages.language import page_language

# The fields at which errors are shown that are not the file's
FIELDS_OF_ERRORS = {
    "invalid_mapping": "map",
    "unknown_mapping": "mapping",
    "mapping_taken": "save_mapping",
    "invalid_month": "month",
    "invalid_day": "noted_on",
}


@admin.register(ImportBatch)
class ImportAdmin(ForImporters):
    """Imports are uploaded, looked at, applied and undone; nothing of them is edited."""

    list_display = ("code", "file_name", "show_state", "show_counts", "created_at")
    list_per_page = 50
    show_full_result_count = False
    ordering = ("-id",)

    @admin.display(description=gettext_lazy("state"), ordering="state")
    def show_state(self, batch: ImportBatch) -> str:
        return batch.get_state_display()

    @admin.display(description=gettext_lazy("rows"))
    def show_counts(self, batch: ImportBatch) -> str:
        return ", ".join(
            f"{ACTION_NAMES[action]} {batch.counts[action]}"
            for action in ACTIONS
            if batch.counts.get(action)
        )

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        rows: Any = ImportBatch.objects.defer("packed_rows", "packed_content", "summary")
        return select_readable(rows, request.user)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def add_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show the form, or check the file that was sent with it."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        again = self.get_queryset(request).filter(code=request.GET.get("again", "")).first()
        form = UploadForm(request, again, request.POST or None, request.FILES or None)
        if request.method == "POST" and form.is_valid():
            try:
                with file_seconds():
                    batch = run_import(form.build_upload(), request.user, apply=False)
                return HttpResponseRedirect(self.url(batch))
            except Mistake as error:
                form.add_error(FIELDS_OF_ERRORS.get(error.code, "file"), _add_place(error))
            except OutcomeChangedError as error:
                form.add_error("file", str(error))
        context = {
            **self.admin_site.each_context(request),
            "title": _("Import a spreadsheet"),
            "form": form,
            "opts": self.opts,
            "header": page_language(),
        }
        return TemplateResponse(request, "admin/projects/import_form.html", context)

    def change_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> Any:
        """Show the report, and do with the import what is asked for."""
        batch = self.get_object(request, object_id)
        if not isinstance(batch, ImportBatch) or not self.has_view_permission(request):
            return super().change_view(request, object_id, *args, **kwargs)
        if not may_read(batch, request.user):
            raise PermissionDenied
        if "_ask_undo" in request.POST:
            return self.ask_before_undoing(request, batch)
        if request.method == "POST":
            with file_seconds():
                self.act(request, batch)
            return HttpResponseRedirect(self.url(batch))
        context = {
            **self.admin_site.each_context(request),
            "title": name_import(batch),
            "opts": self.opts,
            **build_import_page(batch, request.GET),
        }
        return TemplateResponse(request, "admin/projects/import_report.html", context)

    def ask_before_undoing(self, request: HttpRequest, batch: ImportBatch) -> HttpResponse:
        """Say what undoing takes away, and ask whether it is meant."""
        context = {
            **self.admin_site.each_context(request),
            "title": _("Undo: %(what)s") % {"what": name_import(batch)},
            "opts": self.opts,
            "batch": batch,
            "created": batch.counts.get("create", 0),
            "changed": batch.counts.get("update", 0),
            "public": count_left_public(batch),
        }
        return TemplateResponse(request, "admin/projects/import_undoing.html", context)

    def act(self, request: HttpRequest, batch: ImportBatch) -> None:
        """Read again, apply or undo an import, and say so above the next page."""
        form = request.POST
        try:
            if "_undo" in form:
                self.undo(request, batch)
            elif READ_AGAIN in form and batch.is_open:
                read_again(batch, request.user, read_columns(form, batch), form.get("keep_as", ""))
                self.tell_read_again(request, batch)
            elif batch.may_be_applied or ("_apply_good" in form and batch.good_rows):
                on_error: OnError | None = "skip" if "_apply_good" in form else None
                confirm, answers = form.getlist("confirm"), read_answers(form)
                apply_batch(batch, request.user, confirm, answers, on_error=on_error)
                self.tell_applied(request, batch)
        except Mistake as error:
            messages.error(request, str(error))
        except OutcomeChangedError as error:
            messages.warning(request, str(error))

    def undo(self, request: HttpRequest, batch: ImportBatch) -> None:
        """Undo an import, and say whether that could be done."""
        if not may_undo(batch, request.user):
            raise PermissionDenied
        try:
            undo(batch, request.user)
            messages.success(request, _("The import was undone."))
        except CannotUndoError as error:
            messages.error(request, str(error))

    def tell_read_again(self, request: HttpRequest, batch: ImportBatch) -> None:
        if batch.summary["problems"]:
            messages.warning(request, _("Some columns are not understood yet."))
        else:
            messages.success(request, _("All columns are understood now."))

    def tell_applied(self, request: HttpRequest, batch: ImportBatch) -> None:
        if batch.state != ImportBatch.State.APPLIED:
            is_asked = bool(batch.doubts)
            asked = _("Answer or tick what is asked; nothing was imported yet.")
            messages.warning(request, asked if is_asked else _("Nothing was imported."))
        elif batch.left_out:
            left_out = _("The good rows were imported; %(count)d were left out.")
            messages.warning(request, left_out % {"count": batch.left_out})
        else:
            messages.success(request, _("The file was imported."))

    def url(self, batch: ImportBatch) -> str:
        return reverse("admin:parks_importbatch_change", args=[batch.pk])


def _add_place(error: Mistake) -> str:
    line = error.further.get("line")
    return f"{error} ({_('line %(line)s') % {'line': line}})" if line else str(error)


def count_left_public(batch: ImportBatch) -> int:
    """Count the sources and people that became public with what undoing takes back."""
    left = [model._meta.label_lower for model in (Source, Person)]
    published = Change.objects.filter(
        revision__batch=batch.code, resource__in=left, was_public=False, is_public=True
    )
    return published.values("resource", "row_key").distinct().count()
