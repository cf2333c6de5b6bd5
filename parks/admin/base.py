"""Building blocks of the admin: pages, columns, sections, filters, dates, autocompletion."""

import re
from collections.abc import Callable, Iterator
from typing import Any, ClassVar

from django.contrib import admin
from django.contrib.admin.options import BaseModelAdmin
from django.contrib.admin.utils import flatten_fieldsets
from django.contrib.admin.views.autocomplete import AutocompleteJsonView
from django.contrib.admin.views.main import ORDER_VAR, ChangeList
from django.core.paginator import Paginator
from django.db.models import Case, IntegerField, Model, Q, QuerySet, Value, When
from django.forms import BaseInlineFormSet, CheckboxInput
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from config.texts import find_whole
from parks.access import select_worked_on
from parks.admin.history import reason_field
from parks.models import Region
from parks.models.claims import SUBJECTS
from parks.models.spellings import read_letters
from parks.models.vocabularies import UNUSED_FIELDS, is_abroad
from parks.names.choosing import load_choices
from parks.names.names import in_ranges
from parks.recording.recording import has_history
from sheets.amounts import TYPED_LANGUAGE
from sheets.dates import print_partial_date
from sheets.forms import SEEN_VERSION, RowSelect, TypedAmount


class StrictAdmin(BaseModelAdmin):
    """The base of each page and inline: rows are chosen by key and found by known fields."""

    def get_autocomplete_fields(self, request: HttpRequest) -> Any:
        """Return the references that the page can change to rows that can be searched."""
        shown = flatten_fieldsets(self.fieldsets or [(None, {"fields": self.fields or ()})])
        left_out = {*self.readonly_fields, *self.filter_horizontal}
        fields = (*self.model._meta.fields, *self.model._meta.many_to_many)
        return [
            field.name
            for field in fields
            if field.editable and field.name not in left_out and (not shown or field.name in shown)
            if self.is_searched(field.related_model)
        ]

    def is_searched(self, model: Any) -> bool:
        """Return whether the rows of a model can be searched in the admin."""
        site = self.admin_site
        return site.is_registered(model) and bool(site.get_model_admin(model).search_fields)

    def get_list_select_related(self, request: HttpRequest) -> Any:
        """Return the references that the list shows, unless the page names its own."""
        page: Any = self
        links = {field.name for field in page.opts.fields if field.is_relation}
        names = [getattr(column, "__name__", column) for column in page.list_display]
        return page.list_select_related or [name for name in names if name in links]

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name in self.get_autocomplete_fields(request) and "widget" not in kwargs:
            kwargs["widget"] = RowSelect(db_field, self.admin_site)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> Any:
        """Get the row of a page; an empty `_to_field` names no field."""
        return super().get_object(request, object_id, from_field or None)  # type: ignore[misc]


def show_page(
    admin: BaseModelAdmin, request: HttpRequest, template: str, title: Any, **shown: Any
) -> TemplateResponse:
    """Show a page of the admin that Django does not have."""
    context = {**admin.admin_site.each_context(request), **reason_field(request)}
    context |= {"opts": admin.opts, "title": title, **shown}
    return TemplateResponse(request, f"admin/{template}.html", context)


def admit_nobody(page: Any, request: HttpRequest, obj: Model | None = None) -> bool:
    """Refuse everybody: a permission of a page that nobody has."""
    return False


class ParkFilter(admin.RelatedFieldListFilter):
    """Filters a list by the parks that the user works on."""

    def field_choices(self, field: Any, request: HttpRequest, model_admin: Any) -> Any:
        parks = select_worked_on(field.related_model, request.user)
        limit = {"pk__in": parks.order_by()}
        return field.get_choices(include_blank=False, ordering=("code",), limit_choices_to=limit)


COUNTED_AT_MOST = 10_000


def count_up_to(rows: QuerySet, most: int) -> int:
    """Count rows, up to `most + 1`."""
    return rows.order_by().values("pk")[: most + 1].count()


class BoundedPaginator(Paginator):
    """Pages of the first COUNTED_AT_MOST rows of a list; no more are counted."""

    @cached_property
    def count(self) -> int:
        return min(self.counted, COUNTED_AT_MOST)

    @cached_property
    def counted(self) -> int:
        """The number of rows, up to COUNTED_AT_MOST + 1."""
        rows: Any = self.object_list
        return count_up_to(rows, COUNTED_AT_MOST)

    @property
    def is_cut(self) -> bool:
        return self.counted > COUNTED_AT_MOST


class IndexedList(ChangeList):
    """A list that is sorted only by the columns the page offers, which have an index.

    Related rows are prefetched: with a join SQLite would start from these and sort all rows.
    """

    def apply_select_related(self, qs: QuerySet) -> QuerySet:
        names: Any = self.list_select_related
        return qs.prefetch_related(*names) if names else qs

    def get_ordering(self, request: HttpRequest, queryset: QuerySet) -> list[Any]:
        """Return the requested order, with ties in the order of keys, as in an index."""
        if ORDER_VAR not in self.params:
            return super().get_ordering(request, queryset)
        order: list[Any] = super().get_ordering(request, queryset.order_by())
        if order[-1] == "-pk" and not str(order[0]).startswith("-"):
            order[-1] = "pk"
        return order

    def get_ordering_field(self, field_name: Any) -> Any:
        """Return what a column is sorted by; None if it is not sortable."""
        sortable: Any = self.sortable_by
        if field_name not in sortable:
            return None
        if field_name == "code" and hasattr(self.model, "code_key"):
            return "code_key"  # the indexed column
        return super().get_ordering_field(field_name)


ROWS_SHOWN = 50


class RowsFormSet(BaseInlineFormSet):
    """Caches the empty form, which Django builds four times for a page.

    What others changed in the rows since the page was opened is taken over.
    """

    deletion_widget = CheckboxInput({"aria-label": _("Delete")})  # type: ignore[assignment]

    @cached_property
    def empty_form(self) -> Any:
        return super().empty_form

    def clean(self) -> None:
        super().clean()
        sent: Any = self.data
        model: Any = self.model
        seen = sent.get(SEEN_VERSION, "")
        is_old = find_whole(seen) not in (None, getattr(self.instance, "version", None))
        if is_old and has_history(model):
            forms: list[Any] = self.initial_forms
            for form in forms:
                form.merge(form.instance.recall(seen, self.instance))


class BoundedRowsFormSet(RowsFormSet):
    """The first ROWS_SHOWN rows, or those of a submitted page."""

    @cached_property
    def first_rows(self) -> list[Any]:
        """The rows to show, and one more if there are more."""
        rows: Any = self.queryset
        if self.is_bound:
            return list(rows.filter(pk__in=self.find_sent_keys()))
        return list(rows[: ROWS_SHOWN + 1])

    def get_queryset(self) -> Any:
        return self.first_rows if self.is_bound else self.first_rows[:ROWS_SHOWN]

    @property
    def is_cut(self) -> bool:
        return not self.is_bound and len(self.first_rows) > ROWS_SHOWN

    def find_sent_keys(self) -> list[int]:
        """Find the keys of the stored rows in a submitted page."""
        name = re.compile(rf"{re.escape(str(self.prefix))}-[0-9]+-id")
        sent: Any = self.data
        keys = (find_whole(sent[field]) for field in sent if name.fullmatch(field))
        return [key for key in keys if key]

    def find_list_of_all(self) -> str:
        model: Any = self.model
        options = model._meta
        page = reverse(f"admin:{options.app_label}_{options.model_name}_changelist")
        return f"{page}?{self.fk.name}__id__exact={self.instance.pk}"


Words = tuple[str, ...]
BOTH_NAMES = ("name_en", "name_zh") if TYPED_LANGUAGE == "en" else ("name_zh", "name_en")
RECORD = ("version", "created_at", "updated_at")
_UNKNOWN = "unknown"


def keep_used(*names: Any) -> tuple[Any, ...]:
    """Keep the names of fields, some of them side by side, that this ledger uses."""
    lines = (keep_used(*name) if isinstance(name, tuple) else name for name in names)
    return tuple(line for line in lines if line and line not in UNUSED_FIELDS)


def section(title: Any, *lines: Any, is_rare: bool = False) -> Any:
    """Build a section of a page: each line is one field, or several side by side.

    A rare section is collapsed. Django opens it for errors of fields on lines of their own.
    """
    return (title, {"fields": keep_used(*lines), "classes": ["collapse"] if is_rare else []})


def complete_sections(model: type[Model], *parts: Any) -> tuple[Any, ...]:
    """Add a section with all editable fields that are in none of the others, such as new ones."""
    named: set[str] = set()
    for _title, options in parts:
        for line in options["fields"]:
            named.update([line] if isinstance(line, str) else line)
    fields = [
        field.name
        for field in (*model._meta.fields, *model._meta.many_to_many)
        if field.editable and not field.primary_key and not field.name.endswith("_precision")
    ]
    rest = [name for name in fields if name not in {*named, *RECORD}]
    return (*parts, section(_("Further"), *rest)) if keep_used(*rest) else parts


# Who sees a shared row
WHO_SEES_IT = section(_("Who sees it"), ("publication", "park"))


class ChoicesOrUnknownFilter(admin.ChoicesFieldListFilter):
    """The choices of a column, and the rows where it is blank."""

    def choices(self, changelist: ChangeList) -> Iterator[Any]:
        yield from super().choices(changelist)
        yield {
            "selected": self.lookup_val == [""],
            "query_string": changelist.get_query_string({self.lookup_kwarg: ""}),
            "display": _("unknown"),
        }


class ProvinceFilter(admin.SimpleListFilter):
    """A province with its parts, other countries, or no region."""

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
            return queryset.filter(is_abroad(self.column))
        region = Region(code=chosen, level=Region.Level.PROVINCE)
        return queryset.filter(in_ranges(self.column, region.prefixes))


class SubjectFilter(admin.SimpleListFilter):
    """The model of the subject."""

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
    return row.subject.name


SUBJECT_NAMES = tuple(f"{column}__{name}" for column in SUBJECTS for name in BOTH_NAMES)


def link_column(column: str, title: Any) -> Any:
    """Build a column that names another row, and wraps, unlike Django's own."""

    @admin.display(description=title, ordering=column)
    def show(row: Any) -> Any:
        other = getattr(row, column)
        return getattr(other, "name", other)

    show.__name__ = column  # Django makes the CSS class of its cells from it
    return show


def format_date(row: Any, column: str) -> str:
    """Format a date known in part as text, such as 2015-06, or nothing."""
    return print_partial_date(getattr(row, column), getattr(row, f"{column}_precision")) or ""


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


class ChosenByName(admin.ModelAdmin):
    """Rows that are found by all names in `parks.names.choosing`."""

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet, search_term: str
    ) -> tuple[QuerySet, bool]:
        if not search_term.strip():
            return queryset, False
        return queryset.filter(pk__in=self.find_best(search_term)), False

    def find_best(self, typed: str) -> list[Any]:
        """Find the keys of the matches, best first."""
        return load_choices(self.model).find(typed)


SORTED_AT_MOST = 1_000  # matches; more take too long to sort while somebody types


class ChoosingView(AutocompleteJsonView):
    """Autocompletion: rows with that name first, then names that begin so, then others."""

    names: ClassVar[tuple[str, ...]] = ("name_zh", "name_en", "title")

    def get_queryset(self) -> QuerySet:
        found = super().get_queryset()
        typed = self.term.strip()
        page: Any = self.model_admin
        if not typed:
            return found
        if isinstance(page, ChosenByName):
            places = enumerate(page.find_best(typed))
            order = [When(pk=key, then=Value(place)) for place, key in places]
        else:
            columns = {field.name for field in found.model._meta.concrete_fields}
            names = [name for name in self.names if name in columns]
            if not names or count_up_to(found, SORTED_AT_MOST) > SORTED_AT_MOST:
                return found
            called, begins = Q(), Q()
            for name in names:
                called |= Q(**{f"{name}__iexact": typed})
                begins |= Q(**{f"{name}__istartswith": typed})
            spellings, letters = getattr(page, "spellings", None), read_letters(typed)
            if spellings and letters:
                spelled = spellings.objects.filter(Q(whole=letters) | Q(initials=letters))
                called |= Q(pk__in=spelled.values("row"))
            order = [When(called, then=Value(0)), When(begins, then=Value(1))]
        if not order:
            return found
        best = Case(*order, default=Value(len(order)), output_field=IntegerField())
        return found.order_by(best, "pk")

    def serialize_result(self, obj: Any, to_field_name: str) -> dict[str, str]:
        described = super().serialize_result(obj, to_field_name)
        page: Any = self.model_admin
        if isinstance(page, ChosenByName):
            outer = load_choices(page.model).name_outer(obj.pk)
            outer = f" · {outer}" if outer else ""
            described["text"] = f"{obj.name}{outer} ({obj.code})"
        return described
