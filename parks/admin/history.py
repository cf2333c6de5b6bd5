"""Versions, reasons and lists of mistakes on the pages of rows."""

from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from django.forms.utils import ErrorList
from django.http import HttpRequest
from django.utils.text import capfirst

from parks.access import sees_all_of
from parks.history.versions import OPERATIONS, History, Step, steps
from parks.recording.recording import MAX_REASON, clean_reason, recorded

REASON = "change_reason"  # the form field
RESTORE_CONFIRMED = "restore_this"  # the button of the preview
OLDER, NEWER = "older", "newer"  # the versions to compare
VERSIONS_ON_A_PAGE = 20


def describe_between(model: Any, row: Any, numbers: list[int], actor: Any) -> dict[str, Any] | None:
    """Describe the differences of two versions; None if the actor may not see one of them."""
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
    (described,) = history.describe()
    return described


def name_operations(rows: Iterable[dict[str, Any]]) -> None:
    """Add the operation of each described row in words."""
    for row in rows:
        row["op_text"] = OPERATIONS[row["op"]]


def is_gone(row: Any) -> bool:
    """Return whether a row was deleted, and made from its last version."""
    return bool(row._state.adding)


def one_revision(request: HttpRequest) -> AbstractContextManager[Any]:
    """Open a revision for the writes of a page, with the reason that was typed."""
    if request.method != "POST":
        return nullcontext()
    return recorded(reason=clean_reason(request.POST.get(REASON, "")))


def reason_field(request: HttpRequest) -> dict[str, Any]:
    """Return the template context of the field for the reason."""
    return {
        "reason_name": REASON,
        "reason_length": MAX_REASON,
        "reason": request.POST.get(REASON, ""),
    }


def list_mistakes(form: Any, formsets: Any) -> list[dict[str, str]]:
    """List the errors of the fields of a page and of the rows below, in their order.

    Each has the label of its field, its text, and the id of its element as `target`. Django shows
    errors of the whole page above the form.
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
