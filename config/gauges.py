"""Numbers that are looked up when metrics are asked for; apps add theirs."""

import shutil
import tempfile
from collections.abc import Callable
from typing import NamedTuple


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


def register_gauge(name: str, said: str, look_up: Callable[[], float]) -> None:
    """Add a number of an app."""
    LOOKED_UP.append(LookedUp(name, said, look_up))
