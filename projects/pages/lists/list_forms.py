"""The form above a list: its fields as they were sent, and what else narrows the list."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext as _


@dataclass(frozen=True)
class FormField:
    """A field of a form: the parameter, its label, an example, or the words to choose from."""

    name: str
    label: str | Promise
    example: str | Promise = ""
    choices: Sequence[tuple[str, str | Promise]] = ()


def build_list_form(path: str, query: QueryDict, fields: Iterable[FormField]) -> dict[str, Any]:
    """Build the form of a list as it was sent; conditions without a field are kept hidden."""
    shown = [
        {
            "name": field.name,
            "label": field.label,
            "value": query.get(field.name, ""),
            "example": field.example,
            "choices": list_options(field, str(query.get(field.name, ""))),
        }
        for field in fields
    ]
    own = {*(field["name"] for field in shown), "cursor"}
    kept = [(name, value) for name, value in query.items() if name not in own]
    return {"action": path, "fields": shown, "kept": kept}


def list_options(field: FormField, given: str) -> list[Mapping[str, Any]]:
    """List the words of a field to choose from, any of them first; none if it is typed into."""
    if not field.choices:
        return []
    words = {"": _("any"), **dict(field.choices)}
    if given and given not in words:
        words[given] = given
    return [
        {"value": word, "label": label, "is_chosen": word == given} for word, label in words.items()
    ]
