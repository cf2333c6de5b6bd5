"""The admin of imports: upload a spreadsheet, read what it would do, confirm or take it back."""

from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.api.load.time_limits import statement_seconds
from config.imports import ACTIONS
from config.reading.errors import FileError
from parks.models import ImportBatch
from projects.admin.import_form import UploadForm
from projects.admin.import_lines import NAMES, UNIT_LABELS, as_shown, label_of
from projects.admin.importers import ForImporters
from projects.importing.batches import OutcomeChangedError, apply_batch, run_import
from projects.importing.undoing import CannotUndoError, undo

LINES_SHOWN = 500
# At which field a mistake is told that is none of the file
PLACES = {
    "invalid_mapping": "map",
    "unknown_mapping": "mapping",
    "mapping_taken": "save_mapping",
}
IGNORED = {"numbering": gettext_lazy("numbers of lines"), "asked": gettext_lazy("as you asked")}


@admin.register(ImportBatch)
class ImportAdmin(ForImporters):
    """Imports are uploaded, looked at, applied and undone; nothing of them is edited."""

    list_display = ("code", "file_name", "shown_state", "shown_counts", "created_at")
    list_per_page = 50
    show_full_result_count = False
    ordering = ("-id",)

    @admin.display(description=gettext_lazy("state"), ordering="state")
    def shown_state(self, batch: ImportBatch) -> str:
        return batch.get_state_display()

    @admin.display(description=gettext_lazy("rows"))
    def shown_counts(self, batch: ImportBatch) -> str:
        return ", ".join(
            f"{NAMES[action]} {batch.counts[action]}"
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
        """The form, or the check of a file that was sent with it."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = UploadForm(request.user, request.POST or None, request.FILES or None)
        if request.method == "POST" and form.is_valid():
            try:
                with statement_seconds(settings.DATABASE_FILE_TIMEOUT):
                    batch = run_import(form.upload(), request.user, apply=False)
                return HttpResponseRedirect(self.address(batch))
            except FileError as error:
                form.add_error(PLACES.get(error.code, "file"), _with_place(error))
        context = {
            **self.admin_site.each_context(request),
            "title": _("Import a spreadsheet"),
            "form": form,
            "opts": self.opts,
        }
        return TemplateResponse(request, "admin/projects/import_form.html", context)

    def change_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> Any:
        """The report, and what may be done with the import."""
        batch = self.get_object(request, object_id)
        if not isinstance(batch, ImportBatch) or not self.has_view_permission(request):
            return self._get_obj_does_not_exist_redirect(  # type: ignore[attr-defined]
                request, self.opts, object_id
            )
        if request.method == "POST":
            with statement_seconds(settings.DATABASE_FILE_TIMEOUT):
                self.act(request, batch)
            return HttpResponseRedirect(self.address(batch))
        return TemplateResponse(
            request, "admin/projects/import_report.html", self.report(request, batch)
        )

    def act(self, request: HttpRequest, batch: ImportBatch) -> None:
        """Apply or undo it, and say so above the next page."""
        if "_undo" in request.POST:
            try:
                undo(batch)
                messages.success(request, _("The import is taken back."))
            except CannotUndoError as error:
                messages.error(request, str(error))
        elif batch.may_be_applied:
            try:
                apply_batch(batch, request.user)
                messages.success(request, _("The file is imported."))
            except OutcomeChangedError:
                messages.warning(
                    request,
                    _("The ledger has changed since the file was checked; look at it again."),
                )

    def address(self, batch: ImportBatch) -> str:
        return reverse("admin:parks_importbatch_change", args=[batch.pk])

    def report(self, request: HttpRequest, batch: ImportBatch) -> dict[str, Any]:
        """What the page of an import shows."""
        shown = request.GET.get("show", "")
        rows = [row for row in batch.rows if not shown or row["action"] == shown]
        return {
            **self.admin_site.each_context(request),
            "title": _("Import of %(file)s") % {"file": batch.file_name or batch.code},
            "opts": self.opts,
            "batch": batch,
            "counts": [
                {"action": action, "name": NAMES[action], "count": batch.counts.get(action, 0)}
                for action in ACTIONS
            ],
            "shown": shown,
            "rows": as_shown(batch.resource, rows[:LINES_SHOWN]),
            "left_out": max(0, len(rows) - LINES_SHOWN),
            "columns": [
                {
                    **column,
                    "label": label_of(batch.resource, column["name"]),
                    "unit": UNIT_LABELS.get(column.get("unit", ""), column.get("unit", "")),
                }
                for column in batch.summary["columns"]
            ],
            "ignored": [
                {"column": text, "reason": IGNORED.get(why, why)}
                for text, why in batch.summary["ignored"].items()
            ],
        }


def _with_place(error: FileError) -> str:
    line = error.where.get("line")
    return f"{error} ({_('line %(line)s') % {'line': line}})" if line else str(error)
