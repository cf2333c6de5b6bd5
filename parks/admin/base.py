"""What the admin of all rows shares: lists, fixed codes, filters, and how dates are shown."""

from collections.abc import Callable, Iterator
from typing import Any, ClassVar

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.contrib.admin.widgets import AdminTextareaWidget
from django.db import connection
from django.db.models import Model, QuerySet, TextField
from django.forms import CheckboxInput
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from config.dates import PartialDate, Precision
from config.forms import SEEN_VERSION, KnownRowSelect, LedgerForm, ShortErrorsForm, TypedAmount
from parks.admin.bounded_rows import RowsFormSet
from parks.admin.deletions import survey_deletion
from parks.admin.history import RecordedPage
from parks.admin.lists import BoundedPaginator, IndexedList
from parks.admin.needed import CarryingPage
from parks.admin.roles import PageByRole, RowsByRole
from parks.models import Region
from parks.models.subjects import SUBJECTS
from parks.models.vocabularies import in_range

Words = tuple[str, ...]
BOTH_NAMES = ("name_zh", "name_en")
_RECORD = ("version", "created_at", "updated_at")
_UNKNOWN = "unknown"


def section(title: Any, *lines: Any, is_rare: bool = False) -> Any:
    """Build a part of a page: on each line one field, or several side by side.

    A rare one is closed at first. Django opens it by itself when a field in it is wrong, provided
    that each stands on a line of its own.
    """
    return (title, {"fields": lines, "classes": ["collapse"] if is_rare else []})


def complete_sections(model: type[Model], *parts: Any) -> tuple[Any, ...]:
    """Add a part with all that can be typed in and stands in none of the others.

    So what a model gets later is on its page without another word.
    """
    named: set[str] = set()
    for _title, options in parts:
        for line in options["fields"]:
            named.update([line] if isinstance(line, str) else line)
    fields = [
        field.name
        for field in (*model._meta.fields, *model._meta.many_to_many)
        if field.editable and not field.primary_key and not field.name.endswith("_precision")
    ]
    rest = [name for name in fields if name not in {*named, *_RECORD}]
    return (*parts, section(_("Further"), *rest)) if rest else parts


# Who sees a shared row
WHO_SEES_IT = section(_("Who sees it"), ("publication", "park"))


class RowAdmin(CarryingPage, RecordedPage, PageByRole):
    """Rows that are listed in pages of 50, without counting the whole table twice.

    `fixed` names the fields that are given once, when the row is added.
    """

    formfield_overrides: ClassVar[dict[Any, Any]] = {
        TextField: {"widget": AdminTextareaWidget(attrs={"rows": 3})}
    }
    change_list_template = "admin/recorded_list.html"
    form = ShortErrorsForm
    list_per_page = 50
    paginator = BoundedPaginator
    show_full_result_count = False
    fixed: ClassVar[Words] = ("code",)

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return IndexedList

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        return survey_deletion(objs, request)

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> Words:
        readonly = super().get_readonly_fields(request, obj)
        return (*readonly, *self.fixed) if obj else (*readonly,)

    def get_fieldsets(self, request: HttpRequest, obj: Model | None = None) -> Any:
        return [*super().get_fieldsets(request, obj), *self.add_version(request, obj)]

    def add_version(self, request: HttpRequest, obj: Model | None) -> list[Any]:
        """Add the version that the page was opened with, for whoever can save it."""
        has_version = getattr(obj, "version", None) is not None
        if not has_version or not self.has_change_permission(request, obj):
            return []
        return [(None, {"fields": [SEEN_VERSION], "classes": ["hidden"]})]

    def get_object(self, request: HttpRequest, *args: Any) -> Model | None:
        """Get the row of the page; while it is saved, nobody else saves it."""
        row = super().get_object(request, *args)
        if row is None or request.method != "POST" or not connection.in_atomic_block:
            return row
        rows = self.model._default_manager.select_for_update(no_key=True)
        rows.filter(pk=row.pk).first()
        return super().get_object(request, *args)


class VocabularyAdmin(RowAdmin):
    """Terms are never deleted; they retire on their last day of validity."""

    list_display: Words = ("code", *BOTH_NAMES)
    list_display_links = ("code", *BOTH_NAMES)
    search_fields: ClassVar[Words] = ("code", *BOTH_NAMES)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class LedgerAdmin(RowAdmin):
    """Rows with a public code and a version; `derived` names what is computed from other rows."""

    form = LedgerForm
    list_display_links: Words = ("code", "name")
    search_fields: ClassVar[Words] = ("code", *BOTH_NAMES)
    derived: ClassVar[Words] = ()

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> Words:
        return (*super().get_readonly_fields(request, obj), *self.derived, *_RECORD)

    def get_fieldsets(self, request: HttpRequest, obj: Model | None = None) -> Any:
        return [*super().get_fieldsets(request, obj), *self.ending(obj)]

    def ending(self, obj: Model | None) -> list[Any]:
        """Give the last parts of a stored row's page: what nobody types in."""
        derived = [section(_("Derived"), *self.derived)] if self.derived else []
        return [*derived, section(_("Record"), _RECORD)] if obj else []

    @admin.display(description=_("name"), ordering="name_zh")
    def name(self, row: Any) -> str:
        return row.name


class RowsInline(RowsByRole):
    """Rows of another row: read in one query with all that they refer to.

    `names` are the relations that a row needs for its own name.
    """

    form = LedgerForm
    formset = RowsFormSet
    extra = 0
    names: ClassVar[Words] = ()

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> Any:
        # The version is that of the page, not of each of its rows.
        return [name for name in super().get_fields(request, obj) if name != SEEN_VERSION]

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        formset: Any = super().get_formset(request, obj, **kwargs)
        formset.deletion_widget = CheckboxInput({"aria-label": _("Delete")})  # it has no label
        return formset

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        related = (*self.get_autocomplete_fields(request), *self.names)
        rows = super().get_queryset(request)
        return rows.select_related(*related) if related else rows

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name in self.get_autocomplete_fields(request):
            kwargs["widget"] = KnownRowSelect(db_field, self.admin_site)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


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
        return [*named, (self.ABROAD, _("other countries")), (_UNKNOWN, _("unknown"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet | None:
        chosen = self.value()
        if chosen is None:
            return None
        if chosen == _UNKNOWN:
            return queryset.filter(**{f"{self.column}__isnull": True})
        if chosen == self.ABROAD:
            return queryset.filter(**{f"{self.column}__gte": "A"})  # digits come before letters
        return queryset.filter(in_range(self.column, chosen[:2]))


class SubjectFilter(admin.SimpleListFilter):
    """What kind of row it is about."""

    title = _("subject")
    parameter_name = "about"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        fields = model_admin.opts
        return [(column, fields.get_field(column).verbose_name) for column in SUBJECTS]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet | None:
        chosen = self.value()
        return queryset.filter(**{f"{chosen}__isnull": False}) if chosen in SUBJECTS else None


@admin.display(description=_("subject"))
def show_subject(row: Any) -> str:
    """Build a column of a list that names the one row that this is about."""
    return row.subject.name


SUBJECT_NAMES = tuple(f"{column}__{name}" for column in SUBJECTS for name in BOTH_NAMES)


def link_column(column: str, title: Any) -> Any:
    """Build a column that names another row; Django's own would never break its lines."""

    @admin.display(description=title, ordering=column)
    def show(row: Any) -> Any:
        other = getattr(row, column)
        return getattr(other, "name", other)

    show.__name__ = column  # of which Django makes the class of its cells
    return show


def format_date(row: Any, column: str) -> str:
    """Format a date known in part as text, such as 2015-06, or nothing."""
    first = getattr(row, column)
    return str(PartialDate(first, Precision(getattr(row, f"{column}_precision")))) if first else ""


def date_column(column: str, title: Any) -> Any:
    """Build a column of a list that shows a date known in part, on one line."""

    @admin.display(description=title, ordering=column)
    def show(row: Any) -> Any:
        text = format_date(row, column)
        return text and format_html('<span class="nowrap">{}</span>', text)

    return show


def amount_column(column: str, title: Any) -> Any:
    """Build a column that shows whole yuan as people write them, without a qualifier."""

    @admin.display(description=title, ordering=column)
    def show(row: Any) -> str:
        cny = getattr(row, column)
        return admin.site.empty_value_display if cny is None else str(TypedAmount(cny))

    return show


def day_column(column: str, title: Any, find: Callable[[Any], Any] | None = None) -> Any:
    """Build a column that shows a day as 2015-06-30, or the day that is found from it."""

    @admin.display(description=title, ordering=column)
    def show(row: Any) -> str:
        day = getattr(row, column)
        day = find(day) if find and day else day
        return day.isoformat() if day else admin.site.empty_value_display

    return show
