"""The admin of templates of documents: upload one, and take each that was in use."""

from io import BytesIO
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import FileResponse, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from api.renderers import DOCX
from pages.papers.filling import open_template
from pages.papers.views import PAPER_FORMS
from parks.access import rights_of, select_readable, select_writable
from parks.admin.base import StrictAdmin, admit_nobody
from parks.models import Park
from projects.models import PaperTemplate
from sheets.forms import ShortErrorsForm


class TemplateForm(ShortErrorsForm):
    """A template, and of which documents and park it is."""

    file = forms.FileField(
        label=_("File"),
        required=False,
        help_text=_("A .docx with {{tags}}; without a file the ledger's own layout is used again."),
        widget=forms.FileInput(attrs={"accept": ".docx"}),
    )

    class Meta:
        model = PaperTemplate
        fields: ClassVar[Any] = ("kind", "park")

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        file, kind = cleaned.get("file"), cleaned.get("kind")
        self.instance.content = file.read() if file else b""
        self.instance.file_name = file.name[:200] if file else ""
        if file and kind:
            try:
                open_template(self.instance.content, PAPER_FORMS[kind])
            except forms.ValidationError as error:
                self.add_error("file", error)
        return cleaned


@admin.register(PaperTemplate)
class TemplateAdmin(StrictAdmin, admin.ModelAdmin):
    """Templates of one's parks, and of all parks for superusers; none is changed or deleted."""

    form = TemplateForm
    list_display = ("kind", "park", "link_file", "uploaded_at")
    fields = ("kind", "park", "file")

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return select_readable(super().get_queryset(request), request.user)

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(self.download)
        return [path("<int:key>/file", view, name="template-file"), *super().get_urls()]

    def download(self, request: HttpRequest, key: int) -> HttpResponseBase:
        row = get_object_or_404(self.get_queryset(request), pk=key)
        return FileResponse(BytesIO(row.content), True, row.file_name, content_type=DOCX)

    @admin.display(description=_("file"))
    def link_file(self, row: PaperTemplate) -> Any:
        address = reverse("admin:template-file", args=[row.pk])
        return format_html('<a href="{}">{}</a>', address, row.file_name) if row.content else "–"

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        parks = select_writable(Park, request.user)
        field = super().formfield_for_foreignkey(db_field, request, queryset=parks, **kwargs)
        field.required = not rights_of(request.user).is_superuser
        return field

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        rights = rights_of(request.user)
        return rights.is_superuser or bool(rights.edited_parks)

    has_module_permission = has_add_permission = has_view_permission
    has_change_permission = has_delete_permission = admit_nobody

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        obj.user_id = request.user.pk
        super().save_model(request, obj, form, change)
