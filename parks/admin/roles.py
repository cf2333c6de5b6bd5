"""What each person sees and does in the admin: `parks.access` decides, not Django's permissions."""

from typing import Any, ClassVar

from django.contrib import admin
from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
from django.core.exceptions import PermissionDenied
from django.db.models import Field, Model, Q, QuerySet
from django.forms import ModelForm
from django.http import HttpRequest

from config.strict_admin import StrictAdmin
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

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self.may_change_page(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self.may_change_page(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self.may_change_page(request, obj)

    def may_change_page(self, request: HttpRequest, obj: Model | None) -> bool:
        if obj is None:
            return may_write_some(request.user, Write.ADD, self.parent_model)
        return may_write(request.user, Write.CHANGE, obj)


class ParkFilter(admin.RelatedFieldListFilter):
    """Narrows a list by park; names those alone that the person works on."""

    def field_choices(self, field: Any, request: HttpRequest, model_admin: Any) -> Any:
        parks = select_worked_on(field.related_model, request.user)
        limit = {"pk__in": parks.order_by()}
        return field.get_choices(include_blank=False, ordering=("code",), limit_choices_to=limit)
