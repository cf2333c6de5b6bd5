"""What is wrong with a request, a file or a cell: raised, carried up, and shown to its reader."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, Self, cast

from django.core.exceptions import ValidationError
from django.utils.functional import Promise

from config.texts import shorten_quotes

Text = str | Promise
_NOTHING: Mapping[str, Any] = MappingProxyType({})


class _Code(str):
    """A machine code that carries what else a mistake says.

    Serializers rebuild the errors that they collect, but keep the `code` object of each.
    """

    further: Mapping[str, Any]

    def __new__(cls, code: str, further: Mapping[str, Any]) -> Self:
        self = super().__new__(cls, code)
        self.further = further
        return self

    def __reduce__(self) -> Any:
        return _Code, (str(self), self.further)


class Mistake(ValidationError):  # noqa: N818 it is also listed without having been raised
    """What is wrong at one place: a stable `code` for programs and a `message` for people.

    `suggestion` is the nearest value that would be accepted, `candidates` are the choices of an
    ambiguous value, and `further` has any other member of the answer, such as `confirm`. All of it
    survives a form or a serializer, whose errors become mistakes again by their message and code.
    """

    code: _Code
    place: Mapping[str, Any] = _NOTHING  # such as {"parameter": "limit"} or {"pointer": "#/code"}
    understood: Any = None  # the value that a cell is read as in spite of the mistake

    def __init__(
        self,
        code: str,
        message: Text,
        suggestion: str | None = None,
        candidates: Sequence[Any] | None = None,
        **further: Any,
    ) -> None:
        members = {"suggestion": suggestion, "candidates": candidates, **further}
        given = {name: value for name, value in members.items() if value is not None}
        super().__init__(
            cast(Any, message), _Code(code, {**getattr(code, "further", _NOTHING), **given})
        )

    def __reduce__(self) -> Any:
        return _rebuild, (self.code, str(self.message), dict(self.place), self.understood)

    def __str__(self) -> str:
        return shorten_quotes(self.message)

    @property
    def further(self) -> Mapping[str, Any]:
        return self.code.further

    @property
    def suggestion(self) -> str | None:
        return self.further.get("suggestion")

    @property
    def candidates(self) -> Sequence[Any] | None:
        return self.further.get("candidates")

    def at(self, **place: Any) -> "Mistake":
        """Copy the mistake for a place, without the traceback, which would keep its frames."""
        return _rebuild(self.code, self.message, place, self.understood)

    def accept_as(self, value: Any) -> Self:
        """Note the value that is stored with a warning; a reader without warnings reports both."""
        self.understood = value
        return self

    def as_dict(self) -> dict[str, Any]:
        """Write the mistake as responses and reports show it."""
        said = {"code": str(self.code), "detail": str(self)}
        return {**self.place, **said, **self.further}


def _rebuild(code: str, message: Text, place: Mapping[str, Any], understood: Any) -> Mistake:
    mistake = Mistake(code, message)
    mistake.place, mistake.understood = place, understood
    return mistake
