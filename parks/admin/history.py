"""The history in the admin: changes, going back to a version, reasons; and mistakes of a page."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import quote, unquote
from django.contrib.admin.views.main import PAGE_VAR
from django.core.exceptions import FieldDoesNotExist, PermissionDenied
from django.core.paginator import Paginator
from django.db import transaction
from django.forms.utils import ErrorList
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from rest_framework.exceptions import APIException, ValidationError

from config.api.problems.pointers import find_body_errors
from config.whole_numbers import find_whole
from parks.access import Write, may_leave, may_write, sees_all_of
from parks.history.restoring import Restoration, find_version, restore_version
from parks.history.versions import OPERATIONS, History
from parks.history.visibility import Step, steps
from parks.models.records import Change
from parks.recording.recording import MAX_REASON, clean_reason, has_history, recorded

REASON = "change_reason"  # the field of a page in which people say why
RESTORE_CONFIRMED = "restore_this"  # said of a preview
OLDER, NEWER = "older", "newer"  # versions that are to be compared
VERSIONS_ON_A_PAGE = 20


class RecordedPage(admin.ModelAdmin):
    """Pages of which each writes one revision, and whose rows show their history.

    What a page writes, its inline rows included, has one time, author and reason.
    """

    change_form_template = "admin/recorded_form.html"
    delete_confirmation_template = "admin/recorded_deletion.html"

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        with one_revision(request):
            return super().changeform_view(request, *args, **kwargs)

    def response_delete(self, request: HttpRequest, obj_display: str, obj_id: Any) -> HttpResponse:
        """Say, as Django does, that a row was deleted; and where it can be had back."""
        response = super().response_delete(request, obj_display, obj_id)
        if has_history(self.model):
            name = f"admin:{self.opts.app_label}_{self.opts.model_name}_history"
            link = '<a href="{}">{}</a>'
            address = reverse(name, args=[quote(obj_id)])
            messages.info(request, format_html(link, address, _("Its history: restore it")))
        return response

    def delete_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        with one_revision(request):
            return super().delete_view(request, *args, **kwargs)

    def changelist_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        with one_revision(request):
            return super().changelist_view(request, *args, **kwargs)

    def render_change_form(
        self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any
    ) -> Any:
        formsets = [each.formset for each in context["inline_admin_formsets"]]
        context |= {"mistakes": list_mistakes(context["adminform"].form, formsets)}
        return super().render_change_form(request, context | reason_field(request), *args, **kwargs)

    def render_delete_form(self, request: HttpRequest, context: Any) -> HttpResponse:
        return super().render_delete_form(request, context | reason_field(request))

    # --- History ---

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: Any = None
    ) -> HttpResponse:
        """Show the versions of a row, the newest first; by POST, restore one of them."""
        if not has_history(self.model):
            return super().history_view(request, object_id, extra_context)
        if request.method == "POST":
            return self.restore_view(request, object_id)
        row = self.find_told(request, object_id)
        if row is None:
            return super().history_view(request, object_id, extra_context)  # which says so
        if OLDER in request.GET:
            return self.compare_view(request, row)
        context = {
            **self.describe_page(request, row),
            "title": _("History of %s") % row,
            "may_restore": self.may_restore(request, row),
            "older_name": OLDER,
            "newer_name": NEWER,
            **reason_field(request),
            **self.versions_of(request, row),
            **(extra_context or {}),
        }
        return TemplateResponse(request, "admin/recorded_history.html", context)

    def find_told(self, request: HttpRequest, object_id: str) -> Any:
        """Find a row that is there, or else was deleted, whose history this person may see."""
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
        return row if sees_all_of(request.user, row) else None

    def may_restore(self, request: HttpRequest, row: Any) -> bool:
        """Tell whether the person may change a row, or add again one that was deleted."""
        return may_write(request.user, Write.ADD if is_gone(row) else Write.CHANGE, row)

    def describe_page(self, request: HttpRequest, row: Any) -> dict[str, Any]:
        """Describe what the pages of a row's history have in common."""
        return {
            **self.admin_site.each_context(request),
            "subtitle": None,
            "module_name": str(capfirst(self.opts.verbose_name_plural)),
            "object": row,
            "is_gone": is_gone(row),
            "opts": self.opts,
            "preserved_filters": self.get_preserved_filters(request),
        }

    def versions_of(self, request: HttpRequest, row: Any) -> dict[str, Any]:
        """Describe the versions of a page of the history, as this person may see them."""
        is_inside = sees_all_of(request.user, row)
        seen = steps(self.model, row.pk, is_inside=is_inside)
        newest = sorted(seen, reverse=True)
        paginator = Paginator(newest, VERSIONS_ON_A_PAGE)
        page = paginator.get_page(request.GET.get(PAGE_VAR, 1))
        past: Any = self.model.history.model
        rows = past.objects.filter(history_id__in=page.object_list).select_related("revision")
        versions = list(rows.order_by("-version"))
        history = History(self.model, versions, seen, request.user, is_inside=is_inside)
        told = history.describe()
        for entry in told:
            entry["op_text"] = OPERATIONS[entry["op"]]
            for below in entry["rows"]:
                below["op_text"] = OPERATIONS[below["op"]]
        return {
            "versions": told,
            "page": page,
            "page_var": PAGE_VAR,
            "page_range": paginator.get_elided_page_range(page.number),
        }

    def compare_view(self, request: HttpRequest, row: Any) -> HttpResponse:
        """Show two versions side by side, with the rows that belong to them."""
        asked = sorted({find_whole(request.GET.get(name, "")) for name in (OLDER, NEWER)})
        told = describe_between(self.model, row, asked, request.user) if len(asked) == 2 else None
        if told is None:
            messages.error(request, _("Choose two versions of this page to compare them."))
            return HttpResponseRedirect(request.path)
        for below in told["rows"]:
            below["op_text"] = OPERATIONS[below["op"]]
        context = {
            **self.describe_page(request, row),
            "title": _("Versions %(older)d and %(newer)d") % {"older": asked[0], "newer": asked[1]},
            "compared": told,
            "older": asked[0],
            "newer": asked[1],
        }
        return TemplateResponse(request, "admin/recorded_comparison.html", context)

    def restore_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Show what restoring a version would change; if that was confirmed, do it and say so."""
        is_preview = RESTORE_CONFIRMED not in request.POST
        try:
            restored = self.restore(request, object_id, is_preview=is_preview)
        except APIException as error:
            messages.error(request, self.what_is_wrong(error.detail))
        else:
            if is_preview:
                return self.show_restoration(request, restored)
            told = {"version": restored.restored}
            text = _("Version %(version)d was restored, as a new version.") % told
            messages.success(request, text)
        return HttpResponseRedirect(request.path)

    def show_restoration(self, request: HttpRequest, restored: Restoration) -> HttpResponse:
        """Ask, before a version is restored, whether all this is meant."""
        for row in restored.rows:
            row["op_text"] = OPERATIONS[row["op"]]
        context = {
            **self.describe_page(request, restored.row),
            "title": _("Restore version %(version)d") % {"version": restored.restored},
            "is_gone": not self.model._default_manager.filter(pk=restored.row.pk).exists(),
            "restored": restored,
            "sent": {name: request.POST[name] for name in ("version", "seen")},
            "confirmed_name": RESTORE_CONFIRMED,
            "doubts": getattr(request, "restoration_doubts", ()),
            **reason_field(request),
        }
        return TemplateResponse(request, "admin/recorded_restoration.html", context)

    def what_is_wrong(self, detail: Any) -> str:
        """List the messages of an error, each with the name of the field that it is about."""
        return " ".join(
            f"{self.name_place(each.place['pointer'])}{each.message}"
            for each in find_body_errors(detail)
        )

    def name_place(self, pointer: str) -> str:
        """Name a field of a row, or of one below it: “Milestones 12, Source: ”; "" for the row."""
        model: Any = self.model
        names: list[str] = []
        for step in pointer.removeprefix("#").strip("/").split("/"):
            field: Any = find_field(model, step)
            if field is None:
                names[-1:] = [f"{each} {step}" for each in names[-1:]]
            elif field.auto_created:
                model = field.related_model
                names.append(str(capfirst(model._meta.verbose_name_plural)))
            else:
                names.append(str(capfirst(field.verbose_name)))
        return f"{', '.join(names)}: " if names else ""

    def restore(self, request: HttpRequest, object_id: str, *, is_preview: bool) -> Restoration:
        """Restore the version that a page names; `ValidationError` where that cannot be."""
        with transaction.atomic():
            row: Any = self.find_told(request, object_id)
            if row is None or not self.may_restore(request, row):
                raise PermissionDenied
            was_deleted = is_gone(row)
            number, seen = (find_whole(request.POST.get(name, "")) for name in ("version", "seen"))
            if seen != row.version:
                raise ValidationError(
                    [_("This has been changed since you opened the page. Nothing was restored.")]
                )
            restored = restore_version(
                find_version(self.model, row.pk, number, None if was_deleted else row),
                request.user,
                reason=clean_reason(request.POST.get(REASON, "")),
                is_preview=is_preview,
                guard=self.guard_restored(request, row),
            )
            if not may_leave(
                request.user, Write.ADD if was_deleted else Write.CHANGE, restored.row
            ):
                raise PermissionDenied  # such as back into a park of others
            if not is_preview:
                text = _("Restored version %(version)d") % {"version": number}
                self.log_change(request, restored.row, text)
        return restored

    def guard_restored(self, request: HttpRequest, row: Any) -> AbstractContextManager[Any]:
        """Give the context in which a row is restored; it raises what forbids that."""
        return nullcontext()


def describe_between(model: Any, row: Any, numbers: list[int], actor: Any) -> dict[str, Any] | None:
    """Describe what is different between two versions of a row, as this person may see them.

    None where they may not see one of the two, or there is none of that number.
    """
    is_inside = sees_all_of(actor, row)
    seen = steps(model, row.pk, is_inside=is_inside)
    past: Any = model.history.model
    known = {each.version: each for each in past.objects.filter(history_id__in=seen)}
    if not {*numbers} <= {*known}:
        return None
    older, newer = (known[number] for number in numbers)
    between = (
        seen[each.history_id].revisions
        for number, each in known.items()
        if older.version < number <= newer.version
    )
    step = Step(older.history_id, frozenset().union(*between))
    history = History(model, [newer], {newer.history_id: step}, actor, is_inside=is_inside)
    told: dict[str, Any] = history.describe()[0]
    return told


def is_gone(row: Any) -> bool:
    """Tell whether a row that was read was deleted: it is made of its last version."""
    return bool(row._state.adding)


def find_field(model: Any, name: str) -> Any:
    """Find a field or relation of a model by its name; None if there is none."""
    try:
        return model._meta.get_field(name)
    except FieldDoesNotExist:
        return None


def one_revision(request: HttpRequest) -> AbstractContextManager[Any]:
    """Open one revision around what a page writes, with the reason that was typed in."""
    if request.method != "POST":
        return nullcontext()
    return recorded(reason=clean_reason(request.POST.get(REASON, "")))


def reason_field(request: HttpRequest) -> dict[str, Any]:
    """Give templates what they need to ask for the reason, and to keep what was typed."""
    return {
        "reason_name": REASON,
        "reason_length": MAX_REASON,
        "reason": request.POST.get(REASON, ""),
    }


def list_mistakes(form: Any, formsets: Any) -> list[dict[str, str]]:
    """List what is wrong with the fields of a page and of the rows below, in their order.

    Each has the label of its field, its text, and the id of its place on the page as `target`.
    Errors of the whole page are left out: Django shows them above the form.
    """
    found = list(_list_of_form(form, ""))
    for formset in formsets:
        rows = str(capfirst(formset.model._meta.verbose_name_plural))
        heading = f"{formset.prefix}-heading"
        found += [
            {"label": rows, "text": text, "target": heading}
            for text in _texts(formset.non_form_errors())
        ]
        for number, below in enumerate(formset.forms, 1):
            found += _list_of_form(below, f"{rows} {number}")
            whole = below.errors.get("__all__", ())
            found += [
                {"label": f"{rows} {number}", "text": text, "target": heading}
                for text in _texts(whole)
            ]
    return found


def _list_of_form(form: Any, place: str) -> Iterator[dict[str, str]]:
    for field in form:
        label = ": ".join(filter(None, (place, str(field.label))))
        for text in _texts(field.errors):
            yield {"label": label, "text": text, "target": field.id_for_label or field.auto_id}


def _texts(errors: Any) -> list[str]:
    return [*errors] if isinstance(errors, ErrorList | list | tuple) else []
