"""Building blocks of the admin: pages, columns, sections, filters, dates, completing fields."""

import re
from collections.abc import Callable, Iterator
from typing import Any, ClassVar

from django.contrib import admin
from django.contrib.admin.options import BaseModelAdmin
from django.contrib.admin.views.autocomplete import AutocompleteJsonView
from django.contrib.admin.views.main import ORDER_VAR, ChangeList
from django.core.paginator import Paginator
from django.db.models import Case, IntegerField, Model, Q, QuerySet, Value, When
from django.forms import BaseInlineFormSet
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.html import format_html
from django.utils.translation import gettext_lazy

from config.texts import find_whole
from parks.access import select_worked_on
from parks.models import Region
from parks.models.claims import SUBJECTS
from parks.models.spellings import read_letters
from parks.models.vocabularies import in_range
from parks.names.choosing import load_choices
from sheets.dates import print_partial_date
from sheets.forms import RowSelect, TypedAmount


class StrictAdmin(BaseModelAdmin):
    """The base of each page and inline: rows are chosen by keys, and found by known fields."""

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
    """Show a page of the admin for which Django has none."""
    context = {**admin.admin_site.each_context(request), "opts": admin.opts, "title": title}
    return TemplateResponse(request, f"admin/{template}.html", {**context, **shown})


class ParkFilter(admin.RelatedFieldListFilter):
    """Narrows a list by park; names those alone that the person works on."""

    def field_choices(self, field: Any, request: HttpRequest, model_admin: Any) -> Any:
        parks = select_worked_on(field.related_model, request.user)
        limit = {"pk__in": parks.order_by()}
        return field.get_choices(include_blank=False, ordering=("code",), limit_choices_to=limit)


COUNTED_AT_MOST = 10_000


def has_at_most(rows: QuerySet, most: int) -> bool:
    """Tell whether there are at most so many rows, without counting all that are more."""
    return count_up_to(rows, most) <= most


def count_up_to(rows: QuerySet, most: int) -> int:
    """Count rows; one more than `most` stands for all that are more."""
    return rows.order_by().values("pk")[: most + 1].count()


class BoundedPaginator(Paginator):
    """Pages of a list, of which the first COUNTED_AT_MOST rows are counted and shown."""

    @cached_property
    def count(self) -> int:
        return min(self.counted, COUNTED_AT_MOST)

    @cached_property
    def counted(self) -> int:
        """How many rows there are; one more than COUNTED_AT_MOST for all that are more."""
        rows: Any = self.object_list
        return count_up_to(rows, COUNTED_AT_MOST)

    @property
    def is_cut(self) -> bool:
        return self.counted > COUNTED_AT_MOST


class IndexedList(ChangeList):
    """A list that is sorted by those columns alone that the page offers: they have an index.

    What its rows refer to is read for the rows of the page: SQLite would begin with what is joined,
    and sort all rows.
    """

    def apply_select_related(self, qs: QuerySet) -> QuerySet:
        names: Any = self.list_select_related
        return qs.prefetch_related(*names) if names else qs

    def get_ordering(self, request: HttpRequest, queryset: QuerySet) -> list[Any]:
        """Give the order that is asked for; equal rows in that of their keys, as in an index."""
        if ORDER_VAR not in self.params:
            return super().get_ordering(request, queryset)
        order: list[Any] = super().get_ordering(request, queryset.order_by())
        if order[-1] == "-pk" and not str(order[0]).startswith("-"):
            order[-1] = "pk"
        return order

    def get_ordering_field(self, field_name: Any) -> Any:
        """Give what a column is sorted by; None if it is not."""
        sortable: Any = self.sortable_by
        if field_name not in sortable:
            return None
        if field_name == "code" and hasattr(self.model, "code_key"):
            return "code_key"  # codes are the same in either case, and so is their index
        return super().get_ordering_field(field_name)


ROWS_SHOWN = 50


class RowsFormSet(BaseInlineFormSet):
    """Makes the form of a further row once, which Django does again for each who looks at it.

    A page looks four times at each: for what it sends, its scripts, its headings and itself.
    """

    @cached_property
    def empty_form(self) -> Any:
        return super().empty_form


class BoundedRowsFormSet(RowsFormSet):
    """The first ROWS_SHOWN rows; of a page that is sent, those that it shows."""

    @cached_property
    def first_rows(self) -> list[Any]:
        """The rows to show, and one more if there are any further."""
        rows: Any = self.queryset
        if self.is_bound:
            return list(rows.filter(pk__in=self.find_sent_keys()))
        return list(rows[: ROWS_SHOWN + 1])

    def get_queryset(self) -> Any:
        return self.first_rows if self.is_bound else self.first_rows[:ROWS_SHOWN]

    @property
    def is_cut(self) -> bool:
        """Whether there are rows that are not shown."""
        return not self.is_bound and len(self.first_rows) > ROWS_SHOWN

    def find_sent_keys(self) -> list[int]:
        """Find the keys of the stored rows that the page was sent with."""
        name = re.compile(rf"{re.escape(str(self.prefix))}-[0-9]+-id")
        sent: Any = self.data
        keys = (find_whole(sent[field]) for field in sent if name.fullmatch(field))
        return [key for key in keys if key]

    def find_list_of_all(self) -> str:
        """Find the address of the list of all the rows."""
        model: Any = self.model
        options = model._meta
        page = reverse(f"admin:{options.app_label}_{options.model_name}_changelist")
        return f"{page}?{self.fk.name}__id__exact={self.instance.pk}"


Words = tuple[str, ...]
BOTH_NAMES = ("name_zh", "name_en")
RECORD = ("version", "created_at", "updated_at")
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
    rest = [name for name in fields if name not in {*named, *RECORD}]
    return (*parts, section(gettext_lazy("Further"), *rest)) if rest else parts


# Who sees a shared row
WHO_SEES_IT = section(gettext_lazy("Who sees it"), ("publication", "park"))


class ChoicesOrUnknownFilter(admin.ChoicesFieldListFilter):
    """The words of a column, and the rows where it is blank."""

    def choices(self, changelist: ChangeList) -> Iterator[Any]:
        yield from super().choices(changelist)
        yield {
            "selected": self.lookup_val == [""],
            "query_string": changelist.get_query_string({self.lookup_kwarg: ""}),
            "display": gettext_lazy("unknown"),
        }


class ProvinceFilter(admin.SimpleListFilter):
    """A province with all below it, other countries, or no region given."""

    title = gettext_lazy("province")
    parameter_name = "province"
    column = "region"
    ABROAD = "abroad"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        provinces = Region.objects.filter(level=Region.Level.PROVINCE).order_by("code")
        named = [(province.code, province.name) for province in provinces]
        return [
            *named,
            (self.ABROAD, gettext_lazy("other countries")),
            (_UNKNOWN, gettext_lazy("unknown")),
        ]

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

    title = gettext_lazy("subject")
    parameter_name = "about"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        fields = model_admin.opts
        return [(column, fields.get_field(column).verbose_name) for column in SUBJECTS]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet | None:
        chosen = self.value()
        return queryset.filter(**{f"{chosen}__isnull": False}) if chosen in SUBJECTS else None


@admin.display(description=gettext_lazy("subject"))
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
    """Rows that are found by all that `parks.names.choosing` knows of their names."""

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet, search_term: str
    ) -> tuple[QuerySet, bool]:
        if not search_term.strip():
            return queryset, False
        return queryset.filter(pk__in=self.find_best(search_term)), False

    def find_best(self, typed: str) -> list[Any]:
        """Find the keys of what is meant, the best first."""
        return load_choices(self.model).find(typed)

    def describe_choice(self, row: Any) -> str:
        """Name a row to choose, with what it lies in."""
        outer = load_choices(self.model).name_outer(row.pk)
        return f"{row.name} · {outer} ({row.code})" if outer else f"{row.name} ({row.code})"


# So many can be sorted while somebody types; of more, those that come first are shown as they come
SORTED_AT_MOST = 1_000


class ChoosingView(AutocompleteJsonView):
    """What a field can be completed to: rows called so, then rows that begin so, then others."""

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
            if not names or not has_at_most(found, SORTED_AT_MOST):
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
            described["text"] = page.describe_choice(obj)
        return described
