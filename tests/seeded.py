"""The shipped fixtures, loaded once for a module of tests and taken out again after it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.management import call_command


@contextmanager
def loaded_fixtures(blocker: Any) -> Iterator[None]:
    """Load `fixtures/` for good; the tests inside see it and undo what they do, each for itself.

    `blocker` is pytest-django's `django_db_blocker`.
    """
    with blocker.unblock():
        call_command("load_fixtures", verbosity=0)
    try:
        yield
    finally:
        with blocker.unblock():
            call_command("flush", verbosity=0, interactive=False)
