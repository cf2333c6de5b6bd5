"""The clock by which writes are dated, and the error where it is behind the ledger."""

import math
from datetime import datetime, timedelta

from django.core.management.base import CommandError
from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.exceptions import APIException

MOST_BEHIND = timedelta(seconds=5)  # how far the clock may be behind the newest write


def read_clock() -> datetime:
    """Return the time of the database server; on SQLite, which has none, of this process."""
    if connection.vendor != "postgresql":
        return timezone.now()
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        now: datetime = cursor.fetchone()[0]
    return now


class ClockBehindError(APIException, CommandError):
    """503: the clock is behind the newest write, so a new one cannot be dated.

    A management command prints it as any other `CommandError`.
    """

    status_code = 503
    default_code = "clock_behind"
    type = "clock-behind"
    returncode = 1

    def __init__(self, behind: timedelta) -> None:
        self.wait = max(math.ceil((behind - MOST_BEHIND).total_seconds()), 1)
        detail = _(
            "The clock is %(seconds)d seconds behind the newest write in the ledger, so nothing "
            "was written. Ask the administrator to correct the clock, or, if an earlier clock was "
            "ahead, to run manage.py verify_history --repair."
        )
        super().__init__(detail % {"seconds": math.ceil(behind.total_seconds())})
