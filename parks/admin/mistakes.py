"""What is wrong on a page that was sent, in one list: each with the field that it is about."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.forms.utils import ErrorList
from django.utils.text import capfirst


@dataclass(frozen=True)
class Mistake:
    """A message, the label of its field, and the id at which it stands on the page."""

    label: str
    text: str
    target: str


def list_mistakes(form: Any, formsets: Any) -> list[Mistake]:
    """List what is wrong with the fields of a page and of the rows below, in their order.

    What is about a whole page stands above it already.
    """
    found = list(_list_of_form(form, ""))
    for formset in formsets:
        rows = str(capfirst(formset.model._meta.verbose_name_plural))
        heading = f"{formset.prefix}-heading"
        found += [Mistake(rows, text, heading) for text in _texts(formset.non_form_errors())]
        for number, below in enumerate(formset.forms, 1):
            found += _list_of_form(below, f"{rows} {number}")
            whole = below.errors.get("__all__", ())
            found += [Mistake(f"{rows} {number}", text, heading) for text in _texts(whole)]
    return found


def _list_of_form(form: Any, place: str) -> Iterator[Mistake]:
    for field in form:
        label = ": ".join(filter(None, (place, str(field.label))))
        for text in _texts(field.errors):
            yield Mistake(label, text, field.id_for_label or field.auto_id)


def _texts(errors: Any) -> list[str]:
    return [*errors] if isinstance(errors, ErrorList | list | tuple) else []
