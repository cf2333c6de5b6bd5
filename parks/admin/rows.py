"""The base of admin pages: permissions, saving as one revision, and the history."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.contrib.admin.utils import quote, unquote
from django.contrib.admin.views.main import PAGE_VAR, ChangeList
from django.contrib.admin.widgets import AdminTextareaWidget, RelatedFieldWidgetWrapper
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import connection, transaction
from django.db.models import Model, Q, QuerySet, TextField
from django.forms import ModelForm, Textarea
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.text import capfirst
from django.utils.translation import gettext as _, gettext_lazy
from rest_framework.exceptions import APIException, ValidationError

from api.problems.errors import find_body_errors
from config.texts import find_whole
from parks import access, publishing
from parks.admin import base
from parks.admin.deletions import survey_deletion
from parks.admin.history import (
    NEWER,
    OLDER,
    REASON,
    RESTORE_CONFIRMED,
    VERSIONS_ON_A_PAGE,
    describe_between,
    is_gone,
    list_mistakes,
    name_operations,
    one_revision,
    reason_field,
)
from parks.history.restoring import Restoration, find_version, restore_version
from parks.history.versions import History, steps
from parks.recording.recording import clean_reason, has_history, recorded
from parks.recording.records import Change
from sheets.forms import SEEN_VERSION, KnownRowSelect, LedgerForm, ShortErrorsForm


class ChoicesByRole(base.StrictAdmin):
    """Shows the rows that a user works on, and offers such rows as links.

    `given` names the links without a button to add a row.
    """

    given: ClassVar[tuple[str, ...]] = ("park", "origin", "sector", "region", "indicator")

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return access.select_worked_on(super().get_queryset(request), request.user)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return access.works_on(request.user, self.model)

    def formfield_for_dbfield(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        """Make a field; links to other rows have at most the button to add one.

        Each further button is a stop of the tab key.
        """
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        widget = getattr(field, "widget", None)
        if isinstance(widget, RelatedFieldWidgetWrapper):
            widget.can_add_related = widget.can_add_related and db_field.name not in self.given
            widget.can_change_related = widget.can_delete_related = widget.can_view_related = False
        return field

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        rows = db_field.related_model._default_manager.all()
        is_owner = access.park_path(self.model).split("__")[0] in (db_field.name, db_field.attname)
        if access.is_shared(self.model) and db_field.name == "park":  # without one, all share it
            kwargs["queryset"] = access.select_writable(rows, request.user)
        elif is_owner and not access.is_shared(self.model):
            kwargs["queryset"] = access.select_writable(rows, request.user)
            if not access.rights_of(request.user).edits_shared:  # without a park it would be shared
                kwargs["required"] = True
        elif access.may_be_draft(rows.model) and not access.rights_of(request.user).is_superuser:
            # Links that somebody else has set must survive saving the page
            linked = access.select_writable(self.model, request.user).values(db_field.attname)
            kwargs["queryset"] = rows.filter(
                access.readable(request.user, rows.model) | Q(pk__in=linked)
            )
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


class RowAdmin(ChoicesByRole, admin.ModelAdmin):
    """Pages of rows, which users see, add, change and delete as their roles allow.

    All writes of a page, its inline rows included, are one revision, which is saved only if no
    published row refers to a hidden one. The page of a row shows its history and restores versions.

    `fixed` names the fields that cannot be changed later; `for_shared` those that only editors of
    shared rows may set; `with_preview` the actions that open or roll back their own revision;
    `refusals` the errors of a write that its page shows again.
    """

    formfield_overrides: ClassVar[dict[Any, Any]] = {
        TextField: {"widget": AdminTextareaWidget(attrs={"rows": 3})}
    }
    change_form_template = "admin/recorded_form.html"
    delete_confirmation_template = "admin/recorded_deletion.html"
    change_list_template = "admin/recorded_list.html"
    form = ShortErrorsForm
    list_per_page = 50
    paginator = base.BoundedPaginator
    show_full_result_count = False
    fixed: ClassVar[base.Words] = ("code",)
    for_shared: ClassVar[base.Words] = ()
    with_preview: ClassVar[base.Words] = ()
    briefs_at: ClassVar[str] = ""  # the list of the API whose rows have briefs
    refusals: ClassVar[tuple[type[Exception], ...]] = (
        publishing.HiddenLinkError,
        publishing.NeedsPublishingError,
    )

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return access.works_on(request.user, self.model)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return access.may_write_some(request.user, access.Write.ADD, self.model)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self.may(request, access.Write.CHANGE, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self.may(request, access.Write.DELETE, obj)

    def may(self, request: HttpRequest, write: access.Write, obj: Model | None) -> bool:
        if obj is None:
            return access.may_write_some(request.user, write, self.model)
        return access.may_write(request.user, write, obj)

    def save_form(self, request: HttpRequest, form: ModelForm, change: bool) -> Any:
        """Make the row; raise `PermissionDenied` if the user may not leave it so."""
        row = super().save_form(request, form, change)
        if not access.may_leave(
            request.user, access.Write.CHANGE if change else access.Write.ADD, row
        ):
            raise PermissionDenied
        return row

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Save the row, with a new version only if the form changes something."""
        if form.has_changed() or not change:
            super().save_model(request, obj, form, change)

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return base.IndexedList

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        return survey_deletion(objs, request)

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> base.Words:
        readonly = super().get_readonly_fields(request, obj)
        if not access.rights_of(request.user).edits_shared:
            readonly = (*readonly, *self.for_shared)
        return (*readonly, *self.fixed) if obj else (*readonly,)

    def get_fieldsets(self, request: HttpRequest, obj: Model | None = None) -> Any:
        return [*super().get_fieldsets(request, obj), *self.add_version(request, obj)]

    def add_version(self, request: HttpRequest, obj: Model | None) -> list[Any]:
        """Build the hidden section with the version that the page was opened with."""
        has_version = getattr(obj, "version", None) is not None
        if not has_version or not self.has_change_permission(request, obj):
            return []
        return [(None, {"fields": [SEEN_VERSION], "classes": ["hidden"]})]

    def get_object(self, request: HttpRequest, *args: Any) -> Model | None:
        """Get the row of the page, locked while the page is saved."""
        row = super().get_object(request, *args)
        if row is None or request.method != "POST" or not connection.in_atomic_block:
            return row
        rows = self.model._default_manager.select_for_update(no_key=True)
        rows.filter(pk=row.pk).first()
        return super().get_object(request, *args)

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        try:
            with one_revision(request):
                return super().changeform_view(request, *args, **kwargs)
        except self.refusals as error:
            # Rolled back. Show the page again, with the error in its form
            request.refusal = error  # type: ignore[attr-defined]
            with one_revision(request):
                return super().changeform_view(request, *args, **kwargs)

    def changelist_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if request.method == "POST" and request.POST.get("action") in self.with_preview:
            return super().changelist_view(request, *args, **kwargs)
        try:
            with one_revision(request):
                return super().changelist_view(request, *args, **kwargs)
        except (publishing.HiddenLinkError, publishing.NeedsPublishingError) as error:
            messages.error(request, describe(error))
            return HttpResponseRedirect(request.get_full_path())

    def get_form(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        form: Any = super().get_form(request, *args, **kwargs)  # a class of this request
        error = getattr(request, "refusal", None)
        form.refused = [*self.describe_refusal(error)] if error else []
        return form

    def describe_refusal(self, error: Any) -> Iterator[tuple[str | None, Any]]:
        """Describe what prevented the write: the texts, each with its field."""
        yield None, describe(error)

    def save_related(self, request: HttpRequest, *args: Any) -> None:
        """Save the rows below, too, and check all links to drafts."""
        super().save_related(request, *args)
        with recorded() as writer:
            writer.publishes_needed = publishing.PUBLISH_NEEDED in request.POST
            publishing.check_links(writer)

    def render_change_form(
        self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any
    ) -> Any:
        formsets = [each.formset for each in context["inline_admin_formsets"]]
        form = context["adminform"].form
        below = [each for formset in formsets for each in formset.forms]
        context |= {
            "briefs_at": self.briefs_at,
            "mistakes": list_mistakes(form, formsets),
            "conflicts": [
                each for part in (form, *below) for each in getattr(part, "conflicts", ())
            ],
        }
        return super().render_change_form(request, context | reason_field(request), *args, **kwargs)

    def delete_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        with one_revision(request):
            return super().delete_view(request, *args, **kwargs)

    def render_delete_form(self, request: HttpRequest, context: Any) -> HttpResponse:
        return super().render_delete_form(request, context | reason_field(request))

    def response_delete(self, request: HttpRequest, obj_display: str, obj_id: Any) -> HttpResponse:
        """Report the deletion, with a link to restore the row."""
        response = super().response_delete(request, obj_display, obj_id)
        if has_history(self.model):
            name = f"admin:{self.opts.app_label}_{self.opts.model_name}_history"
            address = reverse(name, args=[quote(obj_id)])
            link = format_html('<a href="{}">{}</a>', address, _("Its history: restore it"))
            messages.info(request, link)
        return response

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: Any = None
    ) -> HttpResponse:
        """Show the versions of a row, newest first; by POST, restore one."""
        if not has_history(self.model):
            return super().history_view(request, object_id, extra_context)
        if request.method == "POST":
            return self.restore_view(request, object_id)
        row = self.find_with_history(request, object_id)
        if row is None:
            return super().history_view(request, object_id, extra_context)  # reports it missing
        if OLDER in request.GET:
            return self.compare_view(request, row)
        shown = {
            "may_restore": self.may_restore(request, row),
            "older_name": OLDER,
            "newer_name": NEWER,
            **self.versions_of(request, row),
        }
        return self.show_row(request, row, "recorded_history", _("History of %s") % row, **shown)

    def find_with_history(self, request: HttpRequest, object_id: str) -> Any:
        """Find an existing or deleted row whose history the user may see."""
        row: Any = self.get_object(request, unquote(object_id))
        if row is not None:
            if not self.has_view_or_change_permission(request, row):
                raise PermissionDenied
            return row
        key = find_whole(unquote(object_id))
        past: Any = self.model.history.model
        last = past.objects.filter(id=key).order_by("-version").first()
        if last is None or last.history_type != Change.Op.DELETE:
            return None
        row = last.instance
        return row if access.sees_all_of(request.user, row) else None

    def may_restore(self, request: HttpRequest, row: Any) -> bool:
        """Return whether the user may change a row, or add a deleted one again."""
        return access.may_write(
            request.user, access.Write.ADD if is_gone(row) else access.Write.CHANGE, row
        )

    def show_row(
        self, request: HttpRequest, row: Any, template: str, title: str, **shown: Any
    ) -> HttpResponse:
        """Show a page of a row, below its history."""
        common = {
            "module_name": str(capfirst(self.opts.verbose_name_plural)),
            "object": row,
            "is_gone": is_gone(row),
            "preserved_filters": self.get_preserved_filters(request),
        }
        return base.show_page(self, request, template, title, **{**common, **shown})

    def versions_of(self, request: HttpRequest, row: Any) -> dict[str, Any]:
        """Build the context of one page of versions."""
        is_inside = access.sees_all_of(request.user, row)
        seen = steps(self.model, row.pk, is_inside=is_inside)
        newest = sorted(seen, reverse=True)
        paginator = Paginator(newest, VERSIONS_ON_A_PAGE)
        page = paginator.get_page(request.GET.get(PAGE_VAR, 1))
        past: Any = self.model.history.model
        rows = past.objects.filter(history_id__in=page.object_list).select_related("revision")
        versions = list(rows.order_by("-version"))
        history = History(self.model, versions, seen, request.user, is_inside=is_inside)
        described = history.describe()
        name_operations(described)
        for entry in described:
            name_operations(entry["rows"])
        return {
            "versions": described,
            "page": page,
            "page_var": PAGE_VAR,
            "page_range": paginator.get_elided_page_range(page.number),
        }

    def compare_view(self, request: HttpRequest, row: Any) -> HttpResponse:
        """Show two versions side by side, with the rows that belong to them."""
        pair = sorted({find_whole(request.GET.get(name, "")) for name in (OLDER, NEWER)})
        compared = describe_between(self.model, row, pair, request.user) if len(pair) == 2 else None
        if compared is None:
            messages.error(request, _("Choose two versions of this page to compare them."))
            return HttpResponseRedirect(request.path)
        name_operations(compared["rows"])
        numbers = {"older": pair[0], "newer": pair[1]}
        title = _("Versions %(older)d and %(newer)d") % numbers
        return self.show_row(
            request, row, "recorded_comparison", title, compared=compared, **numbers
        )

    def restore_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Show what restoring a version would change; if confirmed, do it."""
        is_preview = RESTORE_CONFIRMED not in request.POST
        try:
            restored = self.restore(request, object_id, is_preview=is_preview)
        except APIException as error:
            messages.error(request, self.what_is_wrong(error.detail))
        else:
            if is_preview:
                return self.show_restoration(request, restored)
            text = _("Version %(version)d was restored, as a new version.")
            messages.success(request, text % {"version": restored.restored})
        return HttpResponseRedirect(request.path)

    def show_restoration(self, request: HttpRequest, restored: Restoration) -> HttpResponse:
        """Ask for a confirmation of the previewed restoration."""
        name_operations(restored.rows)
        title = _("Restore version %(version)d") % {"version": restored.restored}
        shown = {
            "is_gone": not self.model._default_manager.filter(pk=restored.row.pk).exists(),
            "restored": restored,
            "sent": {name: request.POST[name] for name in ("version", "seen")},
            "confirmed_name": RESTORE_CONFIRMED,
            "doubts": getattr(request, "restoration_doubts", ()),
        }
        return self.show_row(request, restored.row, "recorded_restoration", title, **shown)

    def what_is_wrong(self, detail: Any) -> str:
        """Join the messages of an error, each after the name of its field."""
        return " ".join(
            f"{self.name_place(each.place['pointer'])}{each.message}"
            for each in find_body_errors(detail)
        )

    def name_place(self, pointer: str) -> str:
        """Name a field of the row or of one below it: “Milestones 12, Source: ”; "" for the row."""
        model: Any = self.model
        names: list[str] = []
        for step in pointer.removeprefix("#").strip("/").split("/"):
            field: Any = {each.name: each for each in model._meta.get_fields()}.get(step)
            if field is None:
                names[-1:] = [f"{each} {step}" for each in names[-1:]]
            elif field.auto_created:
                model = field.related_model
                names.append(str(capfirst(model._meta.verbose_name_plural)))
            else:
                names.append(str(capfirst(field.verbose_name)))
        return f"{', '.join(names)}: " if names else ""

    def restore(self, request: HttpRequest, object_id: str, *, is_preview: bool) -> Restoration:
        """Restore the version that the page names; raise `ValidationError` if it is outdated."""
        with transaction.atomic():
            row: Any = self.find_with_history(request, object_id)
            if row is None or not self.may_restore(request, row):
                raise PermissionDenied
            was_deleted = is_gone(row)
            number, seen = (find_whole(request.POST.get(name, "")) for name in ("version", "seen"))
            if seen != row.version:
                raise ValidationError(
                    [_("This has been changed since you opened the page. Nothing was restored.")]
                )
            restored = restore_version(
                find_version(self.model, row.pk, number),
                None if was_deleted else row,
                request.user,
                reason=clean_reason(request.POST.get(REASON, "")),
                is_preview=is_preview,
                guard=self.guard_restored(request, row),
            )
            write = access.Write.ADD if was_deleted else access.Write.CHANGE
            if not access.may_leave(request.user, write, restored.row):
                raise PermissionDenied  # such as back into a park of others
            if not is_preview:
                text = _("Restored version %(version)d") % {"version": number}
                self.log_change(request, restored.row, text)
        return restored

    def guard_restored(self, request: HttpRequest, row: Any) -> AbstractContextManager[Any]:
        """Return the context in which a row is restored; it raises what forbids that."""
        return nullcontext()


def describe(error: publishing.HiddenLinkError | publishing.NeedsPublishingError) -> Any:
    """Describe the error, with a checkbox that confirms the publication, if possible."""
    if not isinstance(error, publishing.NeedsPublishingError):
        return str(error.detail)
    names = ", ".join(f"{publishing.name_row(row)} ({row.code})" for row in error.needed)
    return format_html(
        '{} <label><input type="checkbox" name="{}"> {}</label>',
        _("This needs drafts to be published: %(names)s.") % {"names": names},
        publishing.PUBLISH_NEEDED,
        _("Publish them, too."),
    )


class VocabularyAdmin(RowAdmin):
    """Terms retire on their last day of validity; only mistakes are deleted."""

    list_display: base.Words = ("code", *base.BOTH_NAMES)
    list_display_links = ("code", *base.BOTH_NAMES)
    search_fields: ClassVar[base.Words] = ("code", *base.BOTH_NAMES)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        may = obj is not None and super().has_delete_permission(request, obj)
        return may and bool(obj.is_mistake())


class LedgerAdmin(RowAdmin):
    """Rows with a public code and a version; `derived` names computed columns."""

    form = LedgerForm
    search_fields: ClassVar[base.Words] = ("code", *base.BOTH_NAMES)
    derived: ClassVar[base.Words] = ()

    def get_list_display_links(self, request: HttpRequest, list_display: Any) -> Any:
        return self.list_display_links or [n for n in ("code", "name") if n in list_display]

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> base.Words:
        return (*super().get_readonly_fields(request, obj), *self.derived, *base.RECORD)

    def get_fieldsets(self, request: HttpRequest, obj: Model | None = None) -> Any:
        return [*super().get_fieldsets(request, obj), *self.ending(obj)]

    def ending(self, obj: Model | None) -> list[Any]:
        """Return the last sections of a stored row's page: columns that nobody types."""
        derived = [base.section(gettext_lazy("Derived"), *self.derived)] if self.derived else []
        return [*derived, base.section(gettext_lazy("Record"), base.RECORD)] if obj else []

    @admin.display(description=gettext_lazy("name"), ordering="name_zh")
    def name(self, row: Any) -> str:
        return row.name


class RowsInline(ChoicesByRole, admin.options.InlineModelAdmin):
    """Rows on the page of another one, for users who may change that one.

    `names` are the relations that the name of a row needs.
    """

    form = LedgerForm
    formset = base.RowsFormSet
    formfield_overrides: ClassVar[dict[Any, Any]] = {
        TextField: {"widget": Textarea(attrs={"rows": 1})}
    }
    extra = 0
    names: ClassVar[base.Words] = ()

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return access.works_on(request.user, self.parent_model)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        if obj is None:
            return access.may_write_some(request.user, access.Write.ADD, self.parent_model)
        return access.may_write(request.user, access.Write.CHANGE, obj)

    has_add_permission = has_delete_permission = has_change_permission

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> Any:
        # The version is that of the page, not of each row
        return [name for name in super().get_fields(request, obj) if name != SEEN_VERSION]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        related = (*self.get_autocomplete_fields(request), *self.names)
        rows = super().get_queryset(request)
        return rows.select_related(*related) if related else rows

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name in self.get_autocomplete_fields(request):
            kwargs["widget"] = KnownRowSelect(db_field, self.admin_site)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)
