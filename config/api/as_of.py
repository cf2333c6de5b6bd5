"""`as_of`: reading lists, details, sums and files as they stood at a moment."""

from collections.abc import Collection, Iterator
from datetime import UTC
from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.http import http_date
from django.utils.translation import gettext as _
from rest_framework.request import Request

from config import history
from config.api.lists.filter_fields import MomentField
from config.api.problems.errors import ParameterError
from config.api.strict import StrictViewMixin

PARAMETER = "as_of"


class PastViewMixin(StrictViewMixin):
    """A view that is read as of now, or as of a past moment, through the same filters.

    A day (month, year) means its end, in the time zone of the ledger. The answer says which
    moment it is of in `Memento-Datetime` (RFC 7089).
    """

    has_past = False  # whether the past of what it shows is kept
    without_past: Collection[str] = ()  # actions that are of all times, or of now
    past_errors: list[ParameterError] = []
    action: str

    def get_query_parameters(self) -> Collection[str]:
        return {*super().get_query_parameters(), *self.past_parameters()}

    def past_parameters(self) -> set[str]:
        """`as_of`, where the action understands it."""
        return {PARAMETER} if self.reads_past() else set()

    def reads_past(self) -> bool:
        is_read = getattr(self.request, "method", "GET") in ("GET", "HEAD")
        return self.has_past and is_read and self.action not in self.without_past

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        # Before filters are read: the rows that they name are looked up as of that moment, too
        self.past_errors = []
        if PARAMETER in request.query_params and self.reads_past():
            self.go_back(request.query_params[PARAMETER])
        super().initial(request, *args, **kwargs)

    def go_back(self, text: str) -> None:
        """Read as of the moment that a text says, or remember what is wrong with it."""
        try:
            period: Any = MomentField().clean(text)
        except (ValidationError, TypeError):
            detail = _("“%(value)s” is not a day such as 2024-03-31, or a time with its offset.")
            self.refuse_moment("invalid", detail % {"value": text})
            return
        moment = period[1]
        first = history.first_moment()
        now = timezone.now()
        if timezone.localdate(moment) > timezone.localdate(now):
            detail = _("“%(value)s” is in the future.") % {"value": text}
            self.refuse_moment("in_the_future", detail)
        elif first is None or moment < first:
            detail = _(
                "Nothing had been recorded by then: the ledger’s first record is from %(day)s."
            )
            day = timezone.localdate(first or now).isoformat()
            self.refuse_moment("before_first_record", detail % {"day": day})
        else:
            self.held.enter_context(history.as_of(min(moment, now)))

    def refuse_moment(self, code: str, detail: str) -> None:
        self.past_errors = [ParameterError(PARAMETER, code, detail)]

    def query_errors(self, request: Request, view: Any) -> list[ParameterError]:
        return self.past_errors

    def _readers(self, understood: set[str]) -> Iterator[Any]:
        yield from super()._readers(understood)
        yield self

    def finalize_response(self, request: Any, response: Any, *args: Any, **kwargs: Any) -> Any:
        moment = history.moment()
        response = super().finalize_response(request, response, *args, **kwargs)
        if moment is not None:
            response.headers["Memento-Datetime"] = http_date(moment.astimezone(UTC).timestamp())
        return response
