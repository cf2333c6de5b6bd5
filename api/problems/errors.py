"""Exceptions that refuse a request, and nested errors as a list with JSON pointers."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import quote

from django.core.exceptions import NON_FIELD_ERRORS
from django.core.exceptions import ValidationError as DjangoValidationError
from django.utils.translation import gettext_lazy as _
from rest_framework import status
from rest_framework.exceptions import APIException
from rest_framework.fields import get_error_detail
from rest_framework.settings import api_settings

from config.mistakes import Mistake

MAX_ERRORS = 100  # in one response
_SAFE = "~!$&'()*+,;=:@-._"  # need no encoding in a pointer


class QueryError(APIException):
    """400: invalid parameters or headers."""

    status_code = status.HTTP_400_BAD_REQUEST
    default_detail = _("The query is not understood.")
    default_code = "invalid"

    def __init__(self, errors: Iterable[Mistake]) -> None:
        self.errors = list(errors)
        super().__init__()

    @property
    def type(self) -> str:
        unknown_only = all(error.code == "unknown_parameter" for error in self.errors)
        return "unknown-parameter" if unknown_only else "validation-failed"


class ConfirmationError(APIException):
    """409: a write raises doubts; it carries each with the word that confirms it."""

    status_code = status.HTTP_409_CONFLICT
    default_detail = _("This is doubtful; nothing was written.")
    default_code = "confirmation_required"

    def __init__(self, errors: Iterable[Mistake]) -> None:
        self.errors = list(errors)
        super().__init__()


def json_pointer(*steps: str | int) -> str:
    """Build an RFC 6901 pointer, as URI: `json_pointer("members", 0)` is `#/members/0`."""
    texts = (str(step).replace("~", "~0").replace("/", "~1") for step in steps)
    return "#" + "".join(f"/{quote(text, safe=_SAFE, errors='replace')}" for text in texts)


def find_body_errors(detail: Any, *steps: str | int) -> Iterator[Mistake]:
    """Find each message in a DRF `ValidationError.detail`, with the JSON pointer of its place."""
    if isinstance(detail, Mapping):
        for name, inner in detail.items():
            is_whole = name in (NON_FIELD_ERRORS, api_settings.NON_FIELD_ERRORS_KEY)
            yield from find_body_errors(inner, *(steps if is_whole else (*steps, name)))
    elif isinstance(detail, list | tuple):
        for index, inner in enumerate(detail):
            # A list holds either messages about this place or one mapping for each item.
            place = (*steps, index) if isinstance(inner, Mapping | list) else steps
            yield from find_body_errors(inner, *place)
    else:
        code = getattr(detail, "code", None) or "invalid"
        yield Mistake(code, str(detail)).at(pointer=json_pointer(*steps))


def find_model_errors(error: DjangoValidationError) -> list[Mistake]:
    """Find each message of Django's own ValidationError, as `full_clean()` raises it."""
    return list(find_body_errors(get_error_detail(error)))
