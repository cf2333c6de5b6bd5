"""The moment of a revision: by the ledger's clock, and never before the newest revision."""

from datetime import datetime

from config import clock
from config.clock import MOST_BEHIND, ClockBehindError
from parks.models.records import Revision


def find_next_moment() -> datetime:
    """Return the moment of a revision that begins now.

    Writers that are a little apart, such as a database and its successor, keep their order.
    Raise `ClockBehindError` where the clock is further behind the newest revision.
    """
    now = clock.read_clock()
    newest = Revision.objects.order_by("-pk").values_list("at", flat=True).first()
    if newest is None or newest <= now:
        return now
    if newest - now > MOST_BEHIND:
        raise ClockBehindError(newest - now)
    return newest
