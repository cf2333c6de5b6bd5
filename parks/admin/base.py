"""What the admin of all rows shares: lists, fixed codes, filters, and how dates are shown."""

from collections.abc import Iterator
from typing import Any, ClassVar

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.contrib.admin.widgets import AdminTextareaWidget
from django.db.models import Model, QuerySet, TextField
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from config.dates import PartialDate, Precision
from config.forms import LedgerForm
from parks.models import Region
from parks.models.vocabularies import in_range

Words = tuple[str, ...]
NAMES = ("name_zh", "name_en")
RECORD = ("version", "created_at", "updated_at")
UNKNOWN = "unknown"


def section(title: Any, *lines: str | Words) -> Any:
    """A part of a page: on each line one field, or several side by side."""
    return (title, {"fields": lines})


class RowAdmin(admin.ModelAdmin):
    """Rows that are listed in pages of 50, without counting the whole table twice.

    `fixed` names the fields that are given once, when the row is added.
    """

    list_per_page = 50
    show_full_result_count = False
    fixed: ClassVar[Words] = ("code",)

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> Words:
        readonly = super().get_readonly_fields(request, obj)
        return (*readonly, *self.fixed) if obj else (*readonly,)


class VocabularyAdmin(RowAdmin):
    """Terms are never deleted; they retire on their last day of validity."""

    list_display: Words = ("code", *NAMES)
    list_display_links = ("code", *NAMES)
    search_fields: ClassVar[Words] = ("code", *NAMES)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class LedgerAdmin(RowAdmin):
    """Rows with a public code and a version; `derived` names what is computed from other rows."""

    form = LedgerForm
    formfield_overrides: ClassVar[dict[Any, Any]] = {
        TextField: {"widget": AdminTextareaWidget(attrs={"rows": 3})}
    }
    list_display_links: Words = ("code", "name")
    search_fields: ClassVar[Words] = ("code", *NAMES)
    derived: ClassVar[Words] = ()

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> Words:
        return (*super().get_readonly_fields(request, obj), *self.derived, *RECORD)

    def get_fieldsets(self, request: HttpRequest, obj: Model | None = None) -> Any:
        fieldsets = list(super().get_fieldsets(request, obj))
        if obj and self.derived:
            fieldsets.append(section(_("Derived"), *self.derived))
        if obj:
            fieldsets.append(section(_("Record"), RECORD))
        return fieldsets

    @admin.display(description=_("name"), ordering="name_zh")
    def name(self, row: Any) -> str:
        return row.name


class ChoicesOrUnknownFilter(admin.ChoicesFieldListFilter):
    """The words of a column, and the rows where it is blank."""

    def choices(self, changelist: ChangeList) -> Iterator[Any]:
        yield from super().choices(changelist)
        yield {
            "selected": self.lookup_val == [""],
            "query_string": changelist.get_query_string({self.lookup_kwarg: ""}),
            "display": _("unknown"),
        }


class ProvinceFilter(admin.SimpleListFilter):
    """A province with all below it, other countries, or no region given."""

    title = _("province")
    parameter_name = "province"
    column = "region"
    ABROAD = "abroad"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        provinces = Region.objects.filter(level=Region.Level.PROVINCE).order_by("code")
        named = [(province.code, province.name) for province in provinces]
        return [*named, (self.ABROAD, _("other countries")), (UNKNOWN, _("unknown"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet | None:
        chosen = self.value()
        if chosen is None:
            return None
        if chosen == UNKNOWN:
            return queryset.filter(**{f"{self.column}__isnull": True})
        if chosen == self.ABROAD:
            return queryset.filter(**{f"{self.column}__gte": "A"})  # digits come before letters
        return queryset.filter(in_range(self.column, chosen[:2]))


def related(column: str, title: Any) -> Any:
    """A column of a list that shows another row; Django's own would never break its lines."""

    @admin.display(description=title, ordering=column)
    def shown(row: Any) -> Any:
        return getattr(row, column)

    return shown


def shown_date(row: Any, column: str) -> str:
    """A date known in part, for lists: 2015-06; `-` by Django when there is none."""
    first = getattr(row, column)
    return str(PartialDate(first, Precision(getattr(row, f"{column}_precision")))) if first else ""
