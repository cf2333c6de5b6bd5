"""Imports as JSON: what is sent with a file, and what is said of it."""

from collections.abc import Iterable
from io import BytesIO
from typing import Any

from django.core.files.base import ContentFile
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail

from api.readers import PERIODS
from api.serializers import MomentField, WordField
from api.strict import StrictSerializerMixin
from parks.models import ImportBatch
from projects.importing.asking.answers import read_choices
from projects.importing.batches import Upload, build_upload, load_mapping
from projects.importing.plain import IMPORT_RESOURCES
from projects.writing.doubts import DoubtKind
from sheets.imports import ACTIONS
from sheets.reading.columns import Wishes
from sheets.reading.csv_files import ENCODINGS
from sheets.writing.columns import Column
from sheets.writing.csv_writing import write_csv

MODES = ("upsert", "create", "update")
ON_ERROR = ("abort", "skip")
BLANK = ("keep", "clear")


def list_texts(help_text: Any) -> serializers.ListField:
    """Build the field of a part of the form that may be repeated."""
    child = serializers.CharField()
    return serializers.ListField(child=child, required=False, help_text=help_text)


def list_objects(help_text: Any) -> serializers.ListField:
    """Build the field of a list of objects of any members."""
    return serializers.ListField(child=serializers.DictField(), help_text=help_text)


@extend_schema_field({"type": "string", "pattern": f"^{PERIODS['month']}$"})
class PaidInMonthField(serializers.CharField):
    """The month up to which money was paid in, such as 2023-11."""


@extend_schema_field({"type": "string", "pattern": f"^{PERIODS['day']}$"})
class NotedDayField(serializers.CharField):
    """The day of notes of progress, such as 2023-11-20."""


class UploadSerializer(StrictSerializerMixin, serializers.Serializer):
    """A spreadsheet, and how it is to be taken."""

    file = serializers.FileField(
        help_text=_("XLSX, XLS, ET, ODS or CSV (UTF-8, UTF-16, GB 18030).")
    )
    resource = serializers.ChoiceField(choices=[*IMPORT_RESOURCES], default="projects")
    dry_run = serializers.BooleanField(
        default=True, help_text=_("Only report what would be done; true by default.")
    )
    mode = serializers.ChoiceField(choices=MODES, default="upsert")
    on_error = serializers.ChoiceField(
        choices=ON_ERROR,
        default="abort",
        help_text=_("With `skip` the correct rows are written and the others left out."),
    )
    blank = serializers.ChoiceField(
        choices=BLANK,
        default="keep",
        help_text=_("Whether a blank cell keeps what is there, or clears it."),
    )
    overwrite = serializers.BooleanField(
        default=False, help_text=_("Write rows that were changed since the file was exported, too.")
    )
    confirm = serializers.ListField(
        child=serializers.ChoiceField(choices=DoubtKind.choices),
        required=False,
        help_text=_("What is right although it is doubtful: a kind of `doubts`; may be repeated."),
    )
    choices = serializers.CharField(
        required=False,
        style={"base_template": "textarea.html"},
        help_text=_("What each line is that may be a project of the ledger; JSON: see `doubts`."),
    )
    encoding = serializers.ChoiceField(choices=ENCODINGS, required=False)
    sheet = serializers.CharField(required=False, help_text=_("The sheet of a workbook."))
    park = serializers.CharField(
        required=False, help_text=_("The park of the rows that name none: its code or name.")
    )
    month = PaidInMonthField(
        required=False,
        help_text=_("Up to which month money came in, such as 2023-11: it is written then."),
    )
    noted_on = NotedDayField(
        required=False,
        help_text=_("The day of the notes of progress that have none of their own: 2023-11-20."),
    )
    map = list_texts(_("`header:column` for a header that is not known; may be repeated."))
    ignore = list_texts(_("A header that is not read; may be repeated."))
    unit = list_texts(
        _(
            "`header:unit` for a column of amounts or land that does not say its unit, such as "
            "总投资:万元; may be repeated."
        )
    )
    mapping = serializers.CharField(
        required=False,
        style={"base_template": "textarea.html"},
        help_text=_("The name of a saved mapping, or one as JSON."),
    )
    save_mapping = serializers.CharField(
        required=False,
        help_text=_("Keep the mapping, with `map`, `ignore` and `unit`, under this name."),
    )

    def upload(self, confirm: Iterable[str] = ()) -> Upload:
        """Build the upload, confirming further kinds of doubts; Mistake for an invalid mapping."""
        data: dict[str, Any] = self.validated_data
        wishes = load_mapping(data["mapping"]) if "mapping" in data else Wishes()
        said = {
            **data,
            "confirm": tuple(sorted({*data.get("confirm", ()), *confirm})),
            "choices": read_choices(data.get("choices", "{}")),
        }
        return build_upload(data["file"].read(), data["file"].name, said, wishes)


class ReconciliationSerializer(UploadSerializer):
    """A list to compare with the ledger: a spreadsheet, or projects as JSON."""

    resource = dry_run = mode = on_error = blank = overwrite = confirm = choices = None
    month = noted_on = save_mapping = None

    file = serializers.FileField(
        required=False, help_text=UploadSerializer().fields["file"].help_text
    )
    projects = serializers.ListField(
        child=serializers.DictField(
            child=serializers.CharField(allow_null=True, allow_blank=True, trim_whitespace=False)
        ),
        required=False,
        allow_empty=False,
        help_text=_("The list, in place of a file: fields by the names of columns of files."),
    )

    def validate_projects(self, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        names = {name for row in rows for name in row}
        if unknown := names.difference(IMPORT_RESOURCES["projects"].known_columns):
            detail = _("There is no column “%(name)s”.") % {"name": min(unknown)}
            raise serializers.ValidationError(detail, "unknown_field")
        return rows

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("file" in attrs) == ("projects" in attrs):
            detail = _("Give a file or a list of projects, and not both.")
            raise serializers.ValidationError({"file": [ErrorDetail(str(detail), "required")]})
        if rows := attrs.get("projects"):
            names, file = [*dict.fromkeys(name for row in rows for name in row)], BytesIO()
            cells = ([row.get(name) for name in names] for row in rows)
            write_csv([Column(name) for name in names], cells, file)
            attrs["file"] = ContentFile(file.getvalue(), "list.csv")
        return attrs


_ANSWER = "(new|right|suggested|met|intent|planned|(same|phase|increase):#?[A-Za-z0-9_-]+)"
_LINES = "[0-9]+(-[0-9]+)?"


@extend_schema_field(
    {
        "type": "object",
        "propertyNames": {"pattern": f"^{_LINES}(, ?{_LINES})*$"},
        "additionalProperties": {"type": "string", "pattern": f"^{_ANSWER}( *, *{_ANSWER})*$"},
    }
)
class ChoicesField(serializers.DictField):
    """What lines are, by their numbers: 12, or 2-81, 90."""

    child = serializers.CharField()


class ApplySerializer(StrictSerializerMixin, serializers.Serializer):
    """How an import that was checked is to be applied; all of it may be left out."""

    on_error = serializers.ChoiceField(
        choices=["abort", "skip"],
        required=False,
        help_text=_("`skip` brings in the good rows now, in place of what was said with the file."),
    )
    choices = ChoicesField(
        required=False,
        help_text=_("What each line is that may be a project of the ledger: see `doubts`."),
    )


class CellErrorSerializer(serializers.Serializer):
    """What is wrong, or in doubt, about one cell."""

    line = serializers.IntegerField()
    column = serializers.CharField(help_text=_("Its header in the file."))
    name = serializers.CharField(help_text=_("The ledger's name of the column."))
    value = serializers.CharField()
    code = serializers.CharField()
    detail = serializers.CharField()
    suggestion = serializers.CharField(required=False)
    candidates = serializers.ListField(required=False)


class RowReportSerializer(serializers.Serializer):
    """What becomes of one line. What does not apply is left out."""

    line = serializers.IntegerField(help_text=_("The row of the sheet, or record of the CSV file."))
    action = serializers.ChoiceField(choices=list(ACTIONS))
    code = serializers.CharField(required=False)
    name = serializers.CharField(required=False)
    reason = serializers.CharField(required=False, help_text=_("Why a line is skipped."))
    of_line = serializers.IntegerField(required=False, help_text=_("The line that it repeats."))
    changes = serializers.DictField(
        child=serializers.ListField(child=serializers.CharField()),
        required=False,
        help_text=_("The old and the new value of each field."),
    )
    errors = CellErrorSerializer(many=True, required=False)
    warnings = CellErrorSerializer(many=True, required=False)


class KeptMappingSerializer(serializers.Serializer):
    """What was said of a sheet beforehand, by its headers; `defaults` by our columns."""

    columns = serializers.DictField(child=serializers.CharField())
    values = serializers.DictField(child=serializers.DictField(child=serializers.CharField()))
    units = serializers.DictField(child=serializers.CharField())
    defaults = serializers.DictField(child=serializers.CharField())
    ignore = serializers.ListField(child=serializers.CharField())


class KeptOptionsSerializer(serializers.Serializer):
    """How a file was to be taken: the words of the form, as they are kept."""

    mode = serializers.ChoiceField(choices=MODES)
    on_error = serializers.ChoiceField(choices=ON_ERROR)
    blank = serializers.ChoiceField(choices=BLANK)
    overwrite = serializers.BooleanField()
    confirm = serializers.ListField(child=serializers.ChoiceField(choices=DoubtKind.choices))
    choices = serializers.DictField(child=serializers.CharField(), required=False)
    encoding = serializers.CharField(allow_blank=True)
    sheet = serializers.CharField(allow_blank=True)
    mapping = KeptMappingSerializer()


@extend_schema_field(KeptOptionsSerializer)
class KeptOptionsField(serializers.JSONField):
    """The options of an import."""


class ImportSerializer(serializers.ModelSerializer):
    """One import in a list."""

    options = KeptOptionsField(read_only=True)

    state = WordField(choices=ImportBatch.State.choices, read_only=True)
    created_at = MomentField(read_only=True)
    applied_at = MomentField(read_only=True, allow_null=True)
    undone_at = MomentField(read_only=True, allow_null=True)
    counts = serializers.DictField(child=serializers.IntegerField(), read_only=True)

    class Meta:
        model = ImportBatch
        fields = [
            *("code", "resource", "file_name", "sha256", "state", "options", "counts"),
            *("created_at", "applied_at", "undone_at"),
        ]
        read_only_fields = fields


class ImportDetailSerializer(ImportSerializer):
    """An import with how its file was read, and a page of its lines."""

    columns = list_objects(_("Which header was taken for which column."))
    problems = list_objects(_("Columns that have to be mapped or ignored."))
    ignored = serializers.DictField(help_text=_("Columns that were not read, and why."))
    read = serializers.DictField(help_text=_("Encoding, delimiter, sheet, lines of the header."))
    checks = list_objects(_("Totals in the file against the sum of its rows."))
    doubts = list_objects(_("What is asked before it is written, each with what would confirm it."))
    warnings = list_objects(
        _("What is said of a column as a whole, such as that it is not written.")
    )
    rows = RowReportSerializer(many=True)
    next = serializers.CharField(allow_null=True, help_text=_("The URL of further rows."))

    class Meta(ImportSerializer.Meta):
        fields = [
            *ImportSerializer.Meta.fields,
            *("columns", "problems", "ignored", "read", "checks", "doubts", "warnings"),
            *("rows", "next"),
        ]
        read_only_fields = fields


class ReconciledSerializer(serializers.Serializer):
    """A list beside the ledger, with a row for each contradiction, candidate or missing project."""

    counts = serializers.DictField(
        child=serializers.IntegerField(), help_text=_("How many lines, and of our projects.")
    )
    problems = list_objects(_("Columns that were not understood, and not compared."))
    rows = list_objects(
        _("`line`, `outcome`, `code` and so on, as in the file; in JSON lines begin with 2.")
    )
