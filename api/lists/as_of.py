"""`as_of`: reading lists, details, sums and files as they stood at a moment."""

from collections.abc import Collection
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from api.lists.filters import parse_moments
from api.readers import Query, Reader, Reading
from config.database import history
from config.mistakes import Mistake

AS_OF_NAME = "as_of"


class AsOfReader(Reader[datetime | None]):
    """Reads `as_of`: None for now. What is read after it is read as of that moment.

    A day (month, year) means its end, in the time zone of the ledger.
    """

    def names(self, view: Any) -> Collection[str]:
        return (AS_OF_NAME,) if view.has_past else ()

    def read(self, query: Query, view: Any) -> Reading[datetime | None]:
        text = query.get(AS_OF_NAME)
        if text is None:
            return None, []
        try:
            moment = parse_moments(text.strip())[1]
        except ValidationError:
            detail = _("“%(value)s” is not a day such as 2024-03-31, or a time with its offset.")
            return None, [Mistake("invalid", detail % {"value": text}).at(parameter=AS_OF_NAME)]
        first = history.first_moment()
        now = history.read_clock()
        if timezone.localdate(moment) > timezone.localdate(now):
            detail = _("“%(value)s” is in the future.") % {"value": text}
            return None, [Mistake("in_the_future", detail).at(parameter=AS_OF_NAME)]
        if first is None or moment < first:
            detail = _(
                "Nothing had been recorded by then: the ledger’s first record is from %(day)s."
            )
            day = timezone.localdate(first or now).isoformat()
            return None, [
                Mistake("before_first_record", detail % {"day": day}).at(parameter=AS_OF_NAME)
            ]
        return min(moment, now), []

    def hold(self, value: datetime | None) -> AbstractContextManager[None]:
        return nullcontext() if value is None else history.as_of(value)


# Declared first: the rows that filters name are looked up as of that moment, too
AS_OF = AsOfReader()
