"""Numbers that are looked up when metrics are asked for; apps add theirs."""

import shutil
import tempfile
from collections.abc import Callable
from typing import NamedTuple

from django.conf import settings

from config.database.replicas import count_away, read_lag


class LookedUp(NamedTuple):
    """A number that is looked up: what metrics call it, what it says, and how it is found."""

    name: str
    said: str
    look_up: Callable[[], float]


LOOKED_UP = [
    LookedUp(
        "ledger_spool_free_bytes",
        "Room on the disk where files are made.",
        lambda: shutil.disk_usage(tempfile.gettempdir()).free,
    ),
]
if len(settings.DATABASES) > 1:
    LOOKED_UP += [
        LookedUp("ledger_standbys_away", "Standbys that do not answer.", count_away),
        LookedUp(
            "ledger_standby_lag_bytes",
            "What the slowest standby has yet to replay.",
            lambda: read_lag()[0],
        ),
        LookedUp(
            "ledger_standby_lag_seconds",
            "Since when the slowest standby has replayed nothing, though there is something.",
            lambda: read_lag()[1],
        ),
    ]


def register_gauge(name: str, said: str, look_up: Callable[[], float]) -> None:
    """Add a number of an app."""
    LOOKED_UP.append(LookedUp(name, said, look_up))
