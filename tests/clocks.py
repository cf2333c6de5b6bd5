"""A clock that the test turns: that of the process, and that of the database on PostgreSQL."""

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from config.database import history


class Clock:
    """What time it is for all that is tested."""

    def __init__(self, monkeypatch: Any, now: datetime) -> None:
        self.now = now
        monkeypatch.setattr(timezone, "now", lambda: self.now)
        monkeypatch.setattr(history, "read_clock", lambda: self.now)

    def forward(self, **duration: float) -> None:
        self.now += timedelta(**duration)
