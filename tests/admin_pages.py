"""Filling in the pages of the admin: what a form shows, what it is sent with, what it answers."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from django.forms import BoundField
from django.template.response import SimpleTemplateResponse
from django.test import Client
from django.urls import reverse


def address(model: Any, page: str, *key: Any) -> str:
    """The address of the `changelist`, `add`, `change`, `delete` or `history` of a model."""
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=key)


@contextmanager
def undrawn() -> Iterator[None]:
    """Answer with pages that are empty, whose forms say all that they would show.

    To have them drawn as well takes longer than all the rest.
    """
    with patch.object(SimpleTemplateResponse, "rendered_content", ""):
        yield


def shown(client: Client, url: str) -> dict[str, Any]:
    """All that the form at this address would send if it were saved as it is shown."""
    with undrawn():
        page = client.get(url)
    assert page.status_code == 200, page.content.decode()[:2000]
    return read_form(page)


def read_form(page: Any) -> dict[str, Any]:
    """All that the form of a page would send if it were saved as it is shown."""
    forms = [page.context_data["adminform"].form]
    for inline in page.context_data["inline_admin_formsets"]:
        forms += [inline.formset.management_form, *inline.formset.forms]
    return {field.html_name: value for form in forms for field in form if (value := sent(field))}


def sent(field: BoundField) -> Any:
    """What a browser sends for a field; nothing for an empty one."""
    value = field.value()
    if isinstance(value, bool):
        return "on" if value else None
    return value if isinstance(value, list | tuple) else None if value is None else str(value)


def row(prefix: str, number: int = 0, **values: Any) -> dict[str, Any]:
    """The fields of one further row that belongs to the page's own, `number` already there."""
    fields = {f"{prefix}-{number}-{name}": value for name, value in values.items()}
    return fields | {f"{prefix}-TOTAL_FORMS": number + 1}


def save(client: Client, url: str, **changes: Any) -> Any:
    """Fill in the form at this address with these changes and save it."""
    return client.post(url, {**shown(client, url), **changes})


def saved(response: Any) -> None:
    """The form was taken."""
    assert response.status_code == 302, mistakes(response)


def mistakes(response: Any) -> dict[str, list[str]]:
    """The messages of a form that was sent back, by the name of the field they stand at.

    Those of a whole form stand at `__all__`, those of all rows of a kind at its prefix.
    """
    assert response.status_code == 200, response.status_code
    found: dict[str, list[str]] = {}
    for name, messages in response.context_data["adminform"].form.errors.items():
        found[name] = list(messages)
    for inline in response.context_data["inline_admin_formsets"]:
        formset = inline.formset
        if formset.non_form_errors():
            found[formset.prefix] = list(formset.non_form_errors())
        for form in formset.forms:
            for name, messages in form.errors.items():
                found[form.add_prefix(name)] = list(messages)
    for message in (each for messages in found.values() for each in messages):
        assert "%(" not in message
        assert re.sub(r"\W", "", message)
    return found


def refused(client: Client, url: str, **changes: Any) -> dict[str, list[str]]:
    """The messages with which the form comes back that is filled in with these changes."""
    with undrawn():
        return mistakes(save(client, url, **changes))


def told(response: Any) -> list[str]:
    """The messages above the page that follows a saved form."""
    return [str(message) for message in response.wsgi_request._messages]
