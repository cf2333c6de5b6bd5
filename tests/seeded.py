"""The shipped fixtures, loaded for a module of tests and taken out again after it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.apps import apps
from django.core.management import call_command
from django.core.management.color import no_style
from django.db import connection, transaction
from django.db.models import Model

_copies: dict[type[Model], list[Model]] = {}


@contextmanager
def loaded_fixtures(blocker: Any) -> Iterator[None]:
    """Load `fixtures/` for good; the tests inside see it and undo what they do, each for itself.

    `blocker` is pytest-django's `django_db_blocker`.
    """
    with blocker.unblock():
        if _copies:
            write_copies()
        else:
            call_command("load_fixtures", verbosity=0)
            take_copies()
    try:
        yield
    finally:
        with blocker.unblock():
            call_command("flush", verbosity=0, interactive=False)


@contextmanager
def kept(blocker: Any) -> Iterator[None]:
    """What is made inside stands for all tests of a module, and is rolled back after them.

    Not for tests that need transactions of their own.
    """
    with blocker.unblock(), transaction.atomic():
        yield
        transaction.set_rollback(True)


def take_copies() -> None:
    """Keep what was loaded: writing all rows at once is much faster than loading them again."""
    for app in ("parks", "projects"):
        for model in apps.get_app_config(app).get_models(include_auto_created=True):
            _copies[model] = list(model._base_manager.all())


def write_copies() -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        for model, rows in _copies.items():
            model._base_manager.bulk_create(rows)
        for sql in connection.ops.sequence_reset_sql(no_style(), [*_copies]):
            cursor.execute(sql)
        # Of all tables it would wait, on PostgreSQL, for whoever analyses in another database.
        tables = ", ".join(f'"{model._meta.db_table}"' for model in _copies)
        cursor.execute(f"ANALYZE {tables}" if connection.vendor == "postgresql" else "ANALYZE")
