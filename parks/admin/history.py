"""What the pages of rows say of versions, of reasons, and of the mistakes of a page."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.forms.utils import ErrorList
from django.http import HttpRequest
from django.utils.text import capfirst

from parks.access import sees_all_of
from parks.history.versions import History, Step, steps
from parks.recording.recording import MAX_REASON, clean_reason, recorded

REASON = "change_reason"  # the field of a page in which people say why
RESTORE_CONFIRMED = "restore_this"  # said of a preview
OLDER, NEWER = "older", "newer"  # versions that are to be compared
VERSIONS_ON_A_PAGE = 20


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
