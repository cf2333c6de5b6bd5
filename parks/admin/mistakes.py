"""What is wrong on a page that was sent, in one list: each with the field that it is about."""

from collections.abc import Iterator
from typing import Any

from django.forms.utils import ErrorList
from django.utils.text import capfirst


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
