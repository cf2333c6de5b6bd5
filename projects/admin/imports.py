"""The admin of imports: upload a spreadsheet, see what it would do, confirm it or undo it."""

import json
from functools import partial
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext, gettext_lazy as _

from api.files import build_file
from api.renderers import XLSX
from config.database.time_limits import file_seconds
from config.mistakes import Mistake
from parks.access import Write, may_write_some, select_readable, select_writable
from parks.admin.base import StrictAdmin, admit_nobody, show_page
from parks.models import ImportBatch, ImportMapping, Park, Person, Source
from parks.recording.records import Change
from projects.admin.entering import find_usual
from projects.admin.import_report import (
    ACTION_NAMES,
    READ_AGAIN,
    build_import_page,
    name_import,
    read_answers,
    read_wishes,
)
from projects.importing import batches
from projects.importing.plain import IMPORT_RESOURCES
from projects.importing.reconciling import RECONCILIATION, reconcile, write_comparison
from projects.importing.undoing import CannotUndoError, may_read, may_undo, undo
from projects.models import Project
from sheets.amounts import active_language
from sheets.imports import ACTIONS, OnError
from sheets.reading.columns import Wishes, parse_mapping
from sheets.writing.columns import Layout


class ForImporters(StrictAdmin, admin.ModelAdmin):
    """A page for everybody who may write projects of some park."""

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return may_write_some(request.user, Write.ADD, Project)

    has_module_permission = has_add_permission = has_view_permission


class MappingForm(forms.ModelForm):
    """A mapping as JSON, as the reference describes it."""

    content = forms.CharField(
        label=_("Mapping"),
        widget=forms.Textarea(attrs={"rows": 24, "cols": 80}),
        help_text=_("JSON with columns, values, units, defaults and ignore."),
    )

    class Meta:
        model = ImportMapping
        fields = ("name", "content")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            text = json.dumps(self.instance.content, ensure_ascii=False, indent=2)
            self.initial["content"] = text

    def clean_name(self) -> str:
        return batches.clean_mapping_name(self.cleaned_data["name"])

    def clean_content(self) -> dict[str, Any]:
        return batches.list_mapping_parts(parse_mapping(self.cleaned_data["content"]))


@admin.register(ImportMapping)
class MappingAdmin(ForImporters):
    """Everybody who imports uses a mapping; only its owner changes it."""

    form = MappingForm
    list_display = ("name", "updated_at")
    ordering = ("name",)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        if not self.has_add_permission(request):
            return False
        return not isinstance(obj, ImportMapping) or obj.may_be_changed_by(request.user)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return obj is not None and self.has_change_permission(request, obj)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if not change:
            obj.user_id = request.user.pk
        super().save_model(request, obj, form, change)


FIRST = ("file", "park")  # always shown; the other fields are folded


def _text_field(label: Any, help_text: Any, rows: int = 0) -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": rows, "cols": 40}) if rows else forms.TextInput()
    return forms.CharField(label=label, help_text=help_text, required=False, widget=widget)


class UploadForm(forms.Form):
    """A spreadsheet; only the file is required.

    `again` is an earlier import of the same user, whose options are the initial values.
    """

    file = forms.FileField(
        label=_("File"),
        help_text=_("Excel, WPS (.et), .ods or CSV, just as you keep it."),
        widget=forms.FileInput(attrs={"accept": ".xlsx,.xls,.et,.ods,.csv,.tsv,.txt"}),
    )
    park = forms.ModelChoiceField(
        Park.objects.none(),
        label=_("Park"),
        required=False,
        help_text=_("For the rows that name no park."),
    )
    month = _text_field(
        _("Money came in up to"),
        _("A month such as 2023-11, where the sheet has 到位资金, 实际使用外资 or 合同外资."),
    )
    noted_on = _text_field(
        _("Progress noted on"), _("A day such as 2023-11-20, where 最新进展 has none of its own.")
    )
    resource = forms.ChoiceField(
        label=_("What the rows are"),
        choices=[
            (name, each.model._meta.verbose_name_plural) for name, each in IMPORT_RESOURCES.items()
        ],
        initial="projects",
        required=False,
    )
    blank = forms.ChoiceField(
        label=_("Blank cells"),
        choices=[("keep", _("keep what is in the ledger")), ("clear", _("clear the field"))],
    )
    on_error = forms.ChoiceField(
        label=_("Rows with errors"),
        choices=[
            ("abort", _("stop the whole file from being imported")),
            ("skip", _("are left out, the others are imported")),
        ],
    )
    overwrite = forms.BooleanField(
        label=_("Overwrite"),
        required=False,
        help_text=_("Rows, too, that somebody has changed since the file was exported."),
    )
    mapping = forms.ModelChoiceField(
        ImportMapping.objects.all(),
        label=_("Saved mapping"),
        required=False,
        help_text=_("How the columns of such a sheet were understood before."),
    )
    map = _text_field(
        _("Columns with other names"),
        _("One per line, header:column, such as 总投:investment_cny."),
        rows=3,
    )
    unit = _text_field(
        _("Units of columns"), _("One per line, header:unit, such as 总投资:万元."), rows=2
    )
    ignore = _text_field(_("Columns to leave out"), _("Their headers, one per line."), rows=3)

    save_mapping = forms.CharField(
        label=_("Save the mapping as"),
        required=False,
        max_length=64,
        help_text=_("A name, if more sheets like this one are to come."),
    )

    def __init__(
        self, request: HttpRequest, again: ImportBatch | None, data: Any = None, files: Any = None
    ) -> None:
        self.again = batches.restore_upload(again) if again and again.packed_content else None
        usual = {"park": find_usual(request)["park"]}
        initial = _build_initial(self.again) if self.again else usual
        super().__init__(data, files, initial=initial)
        park: Any = self.fields["park"]
        park.queryset = select_writable(Park, request.user)

    @property
    def first_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in FIRST]

    @property
    def further_fields(self) -> list[forms.BoundField]:
        return [field for field in self if field.name not in FIRST]

    @property
    def is_unfolded(self) -> bool:
        """Return whether a folded field has an error or another value than the default."""
        values = {name: value for name, value in self.initial.items() if name not in FIRST}
        return any(field.errors for field in self.further_fields) or values not in ({}, _DEFAULTS)

    def build_upload(self) -> batches.Upload:
        """Build the upload; raise Mistake for malformed pairs of columns."""
        data = self.cleaned_data
        wishes = batches.load_mapping(data["mapping"].name) if data["mapping"] else Wishes()
        if self.again:  # the form has no fields for words
            before = self.again.reading.wishes
            rest = {n: text for n, text in before.defaults.items() if n not in batches.FOR_ALL_ROWS}
            wishes = Wishes(values=before.values, defaults=rest).merge(wishes)
        options = {
            **data,
            **{
                name: [line for line in map(str.strip, data[name].splitlines()) if line]
                for name in ("map", "ignore", "unit")
            },
            "park": data["park"].code if data["park"] else "",
        }
        return batches.build_upload(data["file"].read(), data["file"].name, options, wishes)


_DEFAULTS = {
    **{"resource": "projects", "blank": "keep", "on_error": "abort", "overwrite": False},
    **dict.fromkeys(("month", "noted_on", "map", "unit", "ignore"), ""),
}


def _build_initial(before: batches.Upload) -> dict[str, Any]:
    """Return the values of the fields with which that file was uploaded."""
    wishes, options = before.reading.wishes, before.options
    pairs = {"map": wishes.columns, "unit": wishes.units}
    return {
        "park": Park.objects.filter(code_key=wishes.defaults.get("park", "").lower()).first(),
        "month": wishes.defaults.get("month", ""),
        "noted_on": wishes.defaults.get("noted_on", ""),
        "resource": before.resource,
        "blank": options.blank,
        "on_error": options.on_error,
        "overwrite": options.overwrite,
        **{
            name: "\n".join(f"{header}:{meaning}" for header, meaning in given.items())
            for name, given in pairs.items()
        },
        "ignore": "\n".join(wishes.ignore),
    }


FIELDS_OF_MISTAKES = {**batches.PARTS_OF_MISTAKES, "invalid_mapping": "map"}


@admin.register(ImportBatch)
class ImportAdmin(ForImporters):
    """Imports are uploaded, shown, applied and undone, but never edited."""

    list_display = ("code", "file_name", "state", "show_counts", "created_at")
    list_per_page = 50
    show_full_result_count = False
    ordering = ("-id",)

    @admin.display(description=_("rows"))
    def show_counts(self, batch: ImportBatch) -> str:
        return ", ".join(
            f"{ACTION_NAMES[action]} {batch.counts[action]}"
            for action in ACTIONS
            if batch.counts.get(action)
        )

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        rows: Any = ImportBatch.objects.defer("packed_rows", "packed_content", "summary")
        return select_readable(rows, request.user)

    has_change_permission = has_delete_permission = admit_nobody

    def add_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Show the form, or check the file that was sent with it."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        again = self.get_queryset(request).filter(code=request.GET.get("again", "")).first()
        form = UploadForm(request, again, request.POST or None, request.FILES or None)
        if request.method == "POST" and form.is_valid():
            try:
                with file_seconds():
                    if "_compare" in request.POST:
                        return self.compare(request, form)
                    batch = batches.run_import(form.build_upload(), request.user, apply=False)
                return HttpResponseRedirect(self.url(batch))
            except Mistake as error:
                line, text = error.further.get("line"), str(error)
                text = f"{text} ({gettext('line %(line)s') % {'line': line}})" if line else text
                part = FIELDS_OF_MISTAKES.get(error.code)
                form.add_error(part if part in form.fields else "file", text)
            except batches.OutcomeChangedError as error:
                form.add_error("file", str(error))
        shown = {"form": form, "header": active_language()}
        return show_page(
            self, request, "projects/import_form", gettext("Import a spreadsheet"), **shown
        )

    def compare(self, request: HttpRequest, form: UploadForm) -> FileResponse:
        """Answer with a workbook of what the file contradicts, or lacks of the chosen park."""
        park = form.cleaned_data["park"]
        chosen = Project.objects.filter(park=park) if park else Project.objects.all()
        compared = reconcile(form.build_upload(), request.user, chosen)
        write = partial(write_comparison, compared, Layout(active_language()))
        return build_file(write, "reconciliation.xlsx", XLSX, str(RECONCILIATION.title))

    def change_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> Any:
        """Show the report; POST applies, undoes or reads the import again."""
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
        shown = build_import_page(batch, request.GET)
        return show_page(self, request, "projects/import_report", name_import(batch), **shown)

    def ask_before_undoing(self, request: HttpRequest, batch: ImportBatch) -> HttpResponse:
        """Show what undoing takes away, and ask for confirmation."""
        # Sources and people that were published with the import stay public
        left = [model._meta.label_lower for model in (Source, Person)]
        published = Change.objects.filter(
            revision__batch=batch.code, resource__in=left, was_public=False, is_public=True
        )
        shown = {
            "batch": batch,
            "created": batch.counts.get("create", 0),
            "changed": batch.counts.get("update", 0),
            "public": published.values("resource", "row_key").distinct().count(),
        }
        title = gettext("Undo: %(what)s") % {"what": name_import(batch)}
        return show_page(self, request, "projects/import_undoing", title, **shown)

    def act(self, request: HttpRequest, batch: ImportBatch) -> None:
        """Read again, apply or undo an import, and add a message."""
        form = request.POST
        try:
            if "_undo" in form:
                self.undo(request, batch)
            elif READ_AGAIN in form and batch.is_open:
                batches.read_again(
                    batch, request.user, read_wishes(form, batch), form.get("keep_as", "")
                )
                if batch.summary["problems"]:
                    messages.warning(request, gettext("Some columns are not understood yet."))
                else:
                    messages.success(request, gettext("All columns are understood now."))
            elif batch.may_be_applied or ("_apply_good" in form and batch.good_rows):
                on_error: OnError | None = "skip" if "_apply_good" in form else None
                confirm, answers = form.getlist("confirm"), read_answers(form)
                batches.apply_batch(batch, request.user, confirm, answers, on_error=on_error)
                self.report_applied(request, batch)
        except Mistake as error:
            messages.error(request, str(error))
        except batches.OutcomeChangedError as error:
            messages.warning(request, str(error))

    def undo(self, request: HttpRequest, batch: ImportBatch) -> None:
        if not may_undo(batch, request.user):
            raise PermissionDenied
        try:
            undo(batch, request.user)
            messages.success(request, gettext("The import was undone."))
        except CannotUndoError as error:
            messages.error(request, str(error))

    def report_applied(self, request: HttpRequest, batch: ImportBatch) -> None:
        if batch.state != ImportBatch.State.APPLIED:
            asked = gettext("Answer or tick what is asked; nothing was imported yet.")
            messages.warning(request, asked if batch.doubts else gettext("Nothing was imported."))
        elif batch.left_out:
            left_out = gettext("The good rows were imported; %(count)d were left out.")
            messages.warning(request, left_out % {"count": batch.left_out})
        else:
            messages.success(request, gettext("The file was imported."))

    def url(self, batch: ImportBatch) -> str:
        return reverse("admin:parks_importbatch_change", args=[batch.pk])
