"""The exceptions by which a view refuses a request with every mistake that was found in it."""

from collections.abc import Iterable

from django.utils.translation import gettext_lazy as _
from rest_framework import status
from rest_framework.exceptions import APIException

from config.mistakes import Mistake

MAX_ERRORS = 100  # that an answer lists


class QueryError(APIException):
    """400: the query or a header asks for something that is not understood."""

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
    """409: what is to be written is doubtful. Carries every doubt and what settles it."""

    status_code = status.HTTP_409_CONFLICT
    default_detail = _("This is doubtful; nothing was written.")
    default_code = "confirmation_required"

    def __init__(self, errors: Iterable[Mistake]) -> None:
        self.errors = list(errors)
        super().__init__()
