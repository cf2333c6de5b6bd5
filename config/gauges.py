"""Gauges that are read when metrics are requested; apps add theirs."""

import shutil
import tempfile
from collections.abc import Callable
from typing import NamedTuple

from django.conf import settings

from config.database.replicas import count_away, read_lag


class ReadGauge(NamedTuple):
    """A gauge: its name and description, and the function that reads it."""

    name: str
    description: str
    read: Callable[[], float]


GAUGES: list[ReadGauge] = []


def register_gauge(name: str, description: str, read: Callable[[], float]) -> None:
    """Add a gauge."""
    GAUGES.append(ReadGauge(name, description, read))


register_gauge(
    "ledger_spool_free_bytes",
    "Room on the disk where files are made.",
    lambda: shutil.disk_usage(tempfile.gettempdir()).free,
)
if len(settings.DATABASES) > 1:
    register_gauge("ledger_standbys_away", "Standbys that do not answer.", count_away)
    register_gauge(
        "ledger_standby_lag_bytes",
        "What the slowest standby has yet to replay.",
        lambda: read_lag()[0],
    )
    register_gauge(
        "ledger_standby_lag_seconds",
        "Since when the slowest standby has replayed nothing, though there is something.",
        lambda: read_lag()[1],
    )
