"""The form by which a clerk sends a spreadsheet."""

from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from config.reading.columns import Wishes
from parks.access import select_writable
from parks.models import ImportBatch, ImportMapping, Park
from projects.admin.entering import find_usual
from projects.importing.batches import (
    FOR_ALL_ROWS,
    Upload,
    build_upload,
    mapping_of,
    restore_upload,
)

FIRST = ("file", "park")  # what is always shown; all else is folded


class UploadForm(forms.Form):
    """A spreadsheet; everything but the file may stay as it is.

    With `again`, an import of the same person, all is as it was said then.
    """

    file = forms.FileField(
        label=gettext_lazy("File"),
        help_text=gettext_lazy("Excel, WPS (.et), .ods or CSV, just as you keep it."),
        widget=forms.FileInput(attrs={"accept": ".xlsx,.xls,.et,.ods,.csv,.tsv,.txt"}),
    )
    park = forms.ModelChoiceField(
        Park.objects.none(),
        label=gettext_lazy("Park"),
        required=False,
        help_text=gettext_lazy("For the rows that name no park."),
    )
    month = forms.CharField(
        label=gettext_lazy("Money came in up to"),
        required=False,
        help_text=gettext_lazy(
            "A month such as 2023-11, where the sheet has 到位资金, 实际使用外资 or 合同外资."
        ),
    )
    noted_on = forms.CharField(
        label=gettext_lazy("Progress noted on"),
        required=False,
        help_text=gettext_lazy("A day such as 2023-11-20, where 最新进展 has none of its own."),
    )
    resource = forms.ChoiceField(
        label=gettext_lazy("What the rows are"),
        choices=[
            ("projects", gettext_lazy("projects")),
            ("parks", gettext_lazy("parks")),
            ("figures", gettext_lazy("figures of parks and regions")),
            ("fundings", gettext_lazy("money paid in, by month")),
            ("plans", gettext_lazy("planned investment, by year")),
            ("targets", gettext_lazy("targets of parks and regions")),
            ("organisation_tags", gettext_lazy("tags of organisations")),
            ("project_tags", gettext_lazy("tags of projects")),
            ("project_people", gettext_lazy("people in charge")),
        ],
        initial="projects",
        required=False,
    )
    blank = forms.ChoiceField(
        label=gettext_lazy("Blank cells"),
        choices=[
            ("keep", gettext_lazy("keep what is in the ledger")),
            ("clear", gettext_lazy("clear the field")),
        ],
    )
    on_error = forms.ChoiceField(
        label=gettext_lazy("Rows with errors"),
        choices=[
            ("abort", gettext_lazy("stop the whole file from being imported")),
            ("skip", gettext_lazy("are left out, the others are imported")),
        ],
    )
    overwrite = forms.BooleanField(
        label=gettext_lazy("Overwrite"),
        required=False,
        help_text=gettext_lazy("Rows, too, that somebody has changed since the file was exported."),
    )
    mapping = forms.ModelChoiceField(
        ImportMapping.objects.all(),
        label=gettext_lazy("Saved mapping"),
        required=False,
        help_text=gettext_lazy("How the columns of such a sheet were understood before."),
    )
    map = forms.CharField(
        label=gettext_lazy("Columns with other names"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "cols": 40}),
        help_text=gettext_lazy("One per line, header:column, such as 总投:investment_cny."),
    )
    unit = forms.CharField(
        label=gettext_lazy("Units of columns"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 2, "cols": 40}),
        help_text=gettext_lazy("One per line, header:unit, such as 总投资:万元."),
    )
    ignore = forms.CharField(
        label=gettext_lazy("Columns to leave out"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "cols": 40}),
        help_text=gettext_lazy("Their headers, one per line."),
    )

    save_mapping = forms.CharField(
        label=gettext_lazy("Save the mapping as"),
        required=False,
        max_length=64,
        help_text=gettext_lazy("A name, if more sheets like this one are to come."),
    )

    def __init__(
        self, request: HttpRequest, again: ImportBatch | None, data: Any = None, files: Any = None
    ) -> None:
        self.again = restore_upload(again) if again and again.packed_content else None
        parks: Any = select_writable(Park, request.user)
        usual = {"park": find_usual(request)["park"]}
        initial = _build_initial(self.again) if self.again else usual
        super().__init__(data, files, initial=initial)
        self.fields["park"].queryset = parks  # type: ignore[attr-defined]

    @property
    def first_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in FIRST]

    @property
    def further_fields(self) -> list[forms.BoundField]:
        return [field for field in self if field.name not in FIRST]

    @property
    def is_unfolded(self) -> bool:
        """Tell whether something stands in the folded fields that should be seen."""
        said = {name: value for name, value in self.initial.items() if name not in FIRST}
        return any(field.errors for field in self.further_fields) or said not in ({}, _UNSAID)

    def build_upload(self) -> Upload:
        """Build the upload that was filled in; Mistake for malformed pairs of columns."""
        data = self.cleaned_data
        wishes = mapping_of(data["mapping"].name) if data["mapping"] else Wishes()
        if self.again:  # words are on no field
            before = self.again.reading.wishes
            rest = {n: text for n, text in before.defaults.items() if n not in FOR_ALL_ROWS}
            wishes = Wishes(values=before.values, defaults=rest).merge(wishes)
        said = {
            **data,
            **{name: _lines(data[name]) for name in ("map", "ignore", "unit")},
            "park": data["park"].code if data["park"] else "",
        }
        return build_upload(data["file"].read(), data["file"].name, said, wishes)


_UNSAID = {
    **{"resource": "projects", "blank": "keep", "on_error": "abort", "overwrite": False},
    **dict.fromkeys(("month", "noted_on", "map", "unit", "ignore"), ""),
}


def _build_initial(before: Upload) -> dict[str, Any]:
    """What the fields showed, or might have shown, when that file was sent."""
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


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]
