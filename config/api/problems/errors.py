"""What can be wrong with a request, as data: errors of parameters, headers and places in a body."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from rest_framework import status
from rest_framework.exceptions import APIException

from config.texts import shorten_quotes

Text = str | Promise

MAX_ERRORS = 100  # that an answer lists


class ErrorCode(str):
    """A machine code that may carry a suggestion, candidates and what settles it along with it.

    Forms and serializers make their errors again on the way up but hand the `code` on as it is: so
    `ValidationError(text, ErrorCode("unknown_value", suggestion="signed"))`, Django's or DRF's,
    reaches the client, from a filter or from a body.
    """

    suggestion: str | None
    candidates: Sequence[Any] | None
    confirm: str | None

    def __new__(
        cls,
        code: str,
        suggestion: str | None = None,
        candidates: Sequence[Any] | None = None,
        confirm: str | None = None,
    ) -> "ErrorCode":
        self = super().__new__(cls, code)
        self.suggestion = suggestion
        self.candidates = candidates
        self.confirm = confirm
        return self


@dataclass(frozen=True)
class ParameterError:
    """What is wrong with one query parameter.

    `code` is stable and for machines, `detail` is localised and for people. `suggestion` is the
    nearest thing that would be understood; `candidates` are the choices of an ambiguous value.
    """

    parameter: str
    code: str
    detail: Text
    suggestion: str | None = None
    candidates: Sequence[Any] | None = None

    def as_dict(self) -> dict[str, Any]:
        return _without_nothing(
            parameter=self.parameter,
            code=str(self.code),
            detail=shorten_quotes(self.detail),
            suggestion=self.suggestion,
            candidates=self.candidates,
        )


@dataclass(frozen=True)
class BodyError:
    """What is wrong with one place in the request body, a JSON pointer such as `#/name_zh`."""

    pointer: str
    code: str
    detail: Text

    def as_dict(self) -> dict[str, Any]:
        return _without_nothing(
            pointer=self.pointer,
            code=str(self.code),
            detail=shorten_quotes(self.detail),
            suggestion=getattr(self.code, "suggestion", None),
            candidates=getattr(self.code, "candidates", None),
            confirm=getattr(self.code, "confirm", None),
        )


@dataclass(frozen=True)
class HeaderError:
    """What is wrong with one header of a request."""

    header: str
    code: str
    detail: Text

    def as_dict(self) -> dict[str, Any]:
        return {"header": self.header, "code": self.code, "detail": shorten_quotes(self.detail)}


class HeadersError(APIException):
    """400: headers ask for what is not offered. Carries every reason."""

    status_code = status.HTTP_400_BAD_REQUEST
    default_detail = _("The headers ask for what is not offered.")
    default_code = "invalid"

    def __init__(self, errors: Iterable[HeaderError]) -> None:
        self.errors = list(errors)
        super().__init__()


class QueryError(APIException):
    """400: the query string asks for something that is not understood. Carries every reason."""

    status_code = status.HTTP_400_BAD_REQUEST
    default_detail = _("The query is not understood.")
    default_code = "invalid"

    def __init__(self, errors: Iterable[ParameterError]) -> None:
        self.errors = list(errors)
        super().__init__()

    @property
    def type(self) -> str:
        unknown_only = all(error.code == "unknown_parameter" for error in self.errors)
        return "unknown-parameter" if unknown_only else "validation-failed"


class ConfirmationError(APIException):
    """409: what is to be written is doubtful. Carries every doubt and what settles it."""

    status_code = status.HTTP_409_CONFLICT
    default_detail = _("This is doubtful; nothing was written.")
    default_code = "confirmation_required"

    def __init__(self, errors: Iterable[BodyError]) -> None:
        self.errors = list(errors)
        super().__init__()


def _without_nothing(**members: Any) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value is not None}
