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
from config.reading.errors import FileError
from parks.models import ImportBatch
from projects.admin.import_form import UploadForm
from projects.admin.import_lines import ACTION_NAMES, describe_rows, find_label
from projects.admin.import_questions import describe_doubts, read_answers
from projects.admin.importers import ForImporters
from projects.importing.batches import OutcomeChangedError, apply_batch, run_import
from projects.importing.cells.measured_cells import UNIT_WORDS
from projects.importing.rights import may_read, may_undo
from projects.importing.undoing import CannotUndoError, undo

MOST_SHOWN_ROWS = 500
# The fields at which errors are shown that are not the file's
FIELDS_OF_ERRORS = {
    "invalid_mapping": "map",
    "unknown_mapping": "mapping",
    "mapping_taken": "save_mapping",
    "invalid_month": "month",
    "invalid_day": "noted_on",
}
WHY_IGNORED = {"numbering": gettext_lazy("row numbers"), "asked": gettext_lazy("as you asked")}


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
        rows: Any = ImportBatch.objects.defer("packed_rows", "packed_content")
        return rows.visible_to(request.user)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def add_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show the form, or check the file that was sent with it."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = UploadForm(request.user, request.POST or None, request.FILES or None)
        if request.method == "POST" and form.is_valid():
            try:
                with file_seconds():
                    batch = run_import(form.build_upload(), request.user, apply=False)
                return HttpResponseRedirect(self.url(batch))
            except FileError as error:
                form.add_error(FIELDS_OF_ERRORS.get(error.code, "file"), _add_place(error))
        context = {
            **self.admin_site.each_context(request),
            "title": _("Import a spreadsheet"),
            "form": form,
            "opts": self.opts,
        }
        return TemplateResponse(request, "admin/projects/import_form.html", context)

    def change_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> Any:
        """Show the report, and do with the import what is asked for."""
        batch = self.get_object(request, object_id)
        if not isinstance(batch, ImportBatch) or not self.has_view_permission(request):
            return self._get_obj_does_not_exist_redirect(  # type: ignore[attr-defined]
                request, self.opts, object_id
            )
        if not may_read(batch, request.user):
            raise PermissionDenied
        if request.method == "POST":
            with file_seconds():
                self.act(request, batch)
            return HttpResponseRedirect(self.url(batch))
        return TemplateResponse(
            request, "admin/projects/import_report.html", self.build_report(request, batch)
        )

    def act(self, request: HttpRequest, batch: ImportBatch) -> None:
        """Apply or undo an import, and say so above the next page."""
        if "_undo" in request.POST:
            if not may_undo(batch, request.user):
                raise PermissionDenied
            try:
                undo(batch)
                messages.success(request, _("The import was undone."))
            except CannotUndoError as error:
                messages.error(request, str(error))
        elif batch.may_be_applied or ("_apply_good" in request.POST and batch.good_rows):
            on_error: OnError | None = "skip" if "_apply_good" in request.POST else None
            try:
                confirm, answers = request.POST.getlist("confirm"), read_answers(request.POST)
                apply_batch(batch, request.user, confirm, answers, on_error=on_error)
                self.tell_applied(request, batch)
            except FileError as error:
                messages.error(request, str(error))
            except OutcomeChangedError:
                messages.warning(
                    request,
                    _("The ledger has changed since the file was checked; look at it again."),
                )

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

    def build_report(self, request: HttpRequest, batch: ImportBatch) -> dict[str, Any]:
        """Build what the page of an import shows, MOST_SHOWN_ROWS rows at most."""
        shown = request.GET.get("show", "")
        rows = [row for row in batch.rows if not shown or row["action"] == shown]
        return {
            **self.admin_site.each_context(request),
            "title": _("Import of %(file)s") % {"file": batch.file_name or batch.code},
            "opts": self.opts,
            "batch": batch,
            "counts": [
                {
                    "action": action,
                    "name": ACTION_NAMES[action],
                    "count": batch.counts.get(action, 0),
                }
                for action in ACTIONS
            ],
            "shown": shown,
            **describe_doubts(batch),
            "rows": describe_rows(batch.resource, rows[:MOST_SHOWN_ROWS]),
            "left_out": max(0, len(rows) - MOST_SHOWN_ROWS),
            "columns": [
                {
                    **column,
                    "label": find_label(batch.resource, column["name"]),
                    "unit": UNIT_WORDS.get(column.get("unit", ""), column.get("unit", "")),
                }
                for column in batch.summary["columns"]
            ],
            "ignored": [
                {"column": text, "reason": WHY_IGNORED.get(why, why)}
                for text, why in batch.summary["ignored"].items()
            ],
        }


def _add_place(error: FileError) -> str:
    line = error.where.get("line")
    return f"{error} ({_('line %(line)s') % {'line': line}})" if line else str(error)
