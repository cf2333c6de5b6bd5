"""The moment of a revision: by the ledger's clock, and never before the newest revision."""

from datetime import datetime

from django.db import connection

from config import clock
from config.clock import MOST_BEHIND, ClockBehindError
from config.history import read_stored_time
from parks.models.records import Revision


def find_next_moment() -> datetime:
    """Return the moment of a revision that begins now.

    Writers that are a little apart, such as a database and its successor, keep their order.
    Raise `ClockBehindError` where the clock is further behind the newest revision.
    """
    now = clock.read_clock()
    table = connection.ops.quote_name(Revision._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT at FROM {table} ORDER BY id DESC LIMIT 1")  # noqa: S608
        found = cursor.fetchone()
    newest = read_stored_time(found[0]) if found else now
    if newest <= now:
        return now
    if newest - now > MOST_BEHIND:
        raise ClockBehindError(newest - now)
    return newest
