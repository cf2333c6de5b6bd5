"""What the admin of all rows shares: access, lists, fixed codes, filters and dates."""

import re
from collections.abc import Callable, Iterator
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.contrib.admin.views.main import ORDER_VAR, ChangeList
from django.contrib.admin.widgets import AdminTextareaWidget, RelatedFieldWidgetWrapper
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import connection
from django.db.models import Field, Model, Q, QuerySet, TextField
from django.forms import BaseInlineFormSet, CheckboxInput, ModelForm
from django.http import HttpRequest, HttpResponseRedirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.dates import PartialDate, Precision
from config.forms import SEEN_VERSION, KnownRowSelect, LedgerForm, ShortErrorsForm, TypedAmount
from config.strict_admin import StrictAdmin
from config.whole_numbers import find_whole
from parks.access import (
    Write,
    is_shared,
    may_be_draft,
    may_leave,
    may_write,
    may_write_some,
    park_path,
    readable,
    rights_of,
    select_worked_on,
    select_writable,
    works_on,
)
from parks.admin.deletions import survey_deletion
from parks.admin.history import RecordedPage
from parks.models import Region
from parks.models.subjects import SUBJECTS
from parks.models.vocabularies import in_range
from parks.publishing import (
    PUBLISH_NEEDED,
    HiddenLinkError,
    NeedsPublishingError,
    check_links,
    name_row,
)
from parks.recording.recording import recorded


class ChoicesByRole(StrictAdmin):
    """Rows are those that a person works on; so are the rows that others can be linked to.

    `given` names the links to rows that nobody adds in passing.
    """

    given: ClassVar[tuple[str, ...]] = ("park", "origin", "sector", "region", "indicator")

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return select_worked_on(super().get_queryset(request), request.user)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return works_on(request.user, self.model)

    def formfield_for_dbfield(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        """Make a field; beside a link to another row one can add such a row, and nothing else.

        Each further sign is a stop for whoever goes on by the tab key.
        """
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        widget = getattr(field, "widget", None)
        if isinstance(widget, RelatedFieldWidgetWrapper):
            widget.can_add_related = widget.can_add_related and db_field.name not in self.given
            widget.can_change_related = widget.can_delete_related = widget.can_view_related = False
        return field

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        rows = db_field.related_model._default_manager.all()
        is_owner = park_path(self.model).split("__")[0] in (db_field.name, db_field.attname)
        if is_shared(self.model) and db_field.name == "park":  # without one, all share it
            kwargs["queryset"] = select_writable(rows, request.user)
        elif is_owner and not is_shared(self.model):
            kwargs["queryset"] = select_writable(rows, request.user)
            if not rights_of(request.user).edits_shared:  # without a park it would be shared
                kwargs["required"] = True
        elif may_be_draft(rows.model) and not rights_of(request.user).is_superuser:
            kwargs["queryset"] = rows.filter(self.linkable(db_field, rows, request.user))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def linkable(self, db_field: Field, rows: QuerySet, person: Any) -> Q:
        """Select what the person may read, and whatever rows of theirs are linked to already.

        Somebody else may have set that link; saving the page must not lose it.
        """
        linked = select_writable(self.model, person).values(db_field.attname)
        return readable(person, rows.model) | Q(pk__in=linked)


class PageByRole(ChoicesByRole, admin.ModelAdmin):
    """Pages of rows that a person sees, adds, changes and deletes as their roles allow.

    `for_shared` names the fields that take a row out of all parks: for those who edit what all
    parks share.
    """

    for_shared: ClassVar[tuple[str, ...]] = ()

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return works_on(request.user, self.model)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return may_write_some(request.user, Write.ADD, self.model)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self.may(request, Write.CHANGE, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self.may(request, Write.DELETE, obj)

    def may(self, request: HttpRequest, write: Write, obj: Model | None) -> bool:
        if obj is None:
            return may_write_some(request.user, write, self.model)
        return may_write(request.user, write, obj)

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> Any:
        readonly = super().get_readonly_fields(request, obj)
        return readonly if rights_of(request.user).edits_shared else (*readonly, *self.for_shared)

    def save_form(self, request: HttpRequest, form: ModelForm, change: bool) -> Any:
        """Make the row, if this person may have it so: the choices allow no other."""
        row = super().save_form(request, form, change)
        if not may_leave(request.user, Write.CHANGE if change else Write.ADD, row):
            raise PermissionDenied
        return row


class RowsByRole(ChoicesByRole, admin.options.InlineModelAdmin):
    """Rows on the page of another one: whoever changes that one changes them."""

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return works_on(request.user, self.parent_model)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        if obj is None:
            return may_write_some(request.user, Write.ADD, self.parent_model)
        return may_write(request.user, Write.CHANGE, obj)

    has_add_permission = has_delete_permission = has_change_permission


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


class CarryingPage(admin.ModelAdmin):
    """A page that is saved only where nothing that is published refers to what is hidden."""

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        try:
            return super().changeform_view(request, *args, **kwargs)
        except (HiddenLinkError, NeedsPublishingError) as error:
            # All is undone. The same page again: by now its form knows what is in the way.
            request.in_the_way = describe(error)  # type: ignore[attr-defined]
            return super().changeform_view(request, *args, **kwargs)

    def changelist_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        try:
            return super().changelist_view(request, *args, **kwargs)
        except (HiddenLinkError, NeedsPublishingError) as error:
            messages.error(request, describe(error))
            return HttpResponseRedirect(request.get_full_path())

    def get_form(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        form: Any = super().get_form(request, *args, **kwargs)
        told = getattr(request, "in_the_way", "")
        return type(form.__name__, (RefusedForm, form), {"in_the_way": told}) if told else form

    def save_related(self, request: HttpRequest, *args: Any) -> None:
        """Save the rows below, too, and look what all of it refers to."""
        super().save_related(request, *args)
        settle_needed(request)


class RefusedForm:
    """A form that says what is in the way of saving it."""

    in_the_way: ClassVar[Any] = ""

    def clean(self) -> Any:
        cleaned = super().clean()  # type: ignore[misc]
        self.add_error(None, self.in_the_way)  # type: ignore[attr-defined]
        return cleaned


def settle_needed(request: HttpRequest, *, is_settled: bool = False) -> None:
    """Publish what the page needs if that is ticked off; raise for any other link to a draft."""
    with recorded() as unit:
        unit.publishes_needed = is_settled or PUBLISH_NEEDED in request.POST
        check_links(unit)


def describe(error: HiddenLinkError | NeedsPublishingError) -> Any:
    """Say what is in the way, and offer the tick that settles it, if there is one."""
    if not isinstance(error, NeedsPublishingError):
        return str(error.detail)
    names = ", ".join(f"{name_row(row)} ({row.code})" for row in error.needed)
    return format_html(
        '{} <label><input type="checkbox" name="{}"> {}</label>',
        _("This needs drafts to be published: %(names)s.") % {"names": names},
        PUBLISH_NEEDED,
        _("Publish them, too."),
    )


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
    return (*parts, section(gettext_lazy("Further"), *rest)) if rest else parts


# Who sees a shared row
WHO_SEES_IT = section(gettext_lazy("Who sees it"), ("publication", "park"))


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
        derived = [section(gettext_lazy("Derived"), *self.derived)] if self.derived else []
        return [*derived, section(gettext_lazy("Record"), _RECORD)] if obj else []

    @admin.display(description=gettext_lazy("name"), ordering="name_zh")
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
        formset.deletion_widget = CheckboxInput(
            {"aria-label": gettext_lazy("Delete")}
        )  # it has no label
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
