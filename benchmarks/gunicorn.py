"""The ledger's own settings of gunicorn for what is measured beside it."""

from config.environment import collect_seldom
from config.gunicorn import *  # noqa: F403


def when_ready(server: object) -> None:
    """Spare the garbage collector what is loaded, as the ledger does; it has no URLs to load."""
    collect_seldom()
