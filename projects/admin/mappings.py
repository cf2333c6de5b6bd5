"""The admin of saved mappings: how the columns and words of sheets are taken that come again."""

import json
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Model
from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from config.mistakes import Mistake
from config.reading.columns import parse_mapping
from parks.models import ImportMapping
from projects.admin.importers import ForImporters
from projects.importing.batches import as_name, content_of


class MappingForm(forms.ModelForm):
    """A mapping as JSON, in the form in which the reference describes it."""

    content = forms.CharField(
        label=gettext_lazy("Mapping"),
        widget=forms.Textarea(attrs={"rows": 24, "cols": 80}),
        help_text=gettext_lazy("JSON with columns, values, units, defaults and ignore."),
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
        try:
            return as_name(self.cleaned_data["name"])
        except Mistake as error:
            raise ValidationError(str(error), error.code) from error

    def clean_content(self) -> dict[str, Any]:
        try:
            return content_of(parse_mapping(self.cleaned_data["content"]))
        except Mistake as error:
            raise ValidationError(str(error), error.code) from error


@admin.register(ImportMapping)
class MappingAdmin(ForImporters):
    """Used by all who import; changed by who saved it."""

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
