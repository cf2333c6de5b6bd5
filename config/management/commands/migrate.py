"""Django's `migrate`, with short waits for locks on PostgreSQL, and fast for new ledgers.

Django renders all models again after each CreateModel, which doubles the processor time.
"""

import time
from functools import partial
from itertools import takewhile
from typing import Any

from django.core.management.base import CommandError
from django.core.management.commands import migrate
from django.db import OperationalError, connections
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations import CreateModel, Migration
from django.db.migrations.state import ProjectState
from django.utils.translation import gettext as _
from psycopg.errors import LockNotAvailable

LOCK_TIMEOUT = "1s"  # other transactions wait behind a waiting migration
TRIES = 30
PAUSE_SECONDS = 1


def apply_at_once(
    migration: Migration, state: ProjectState, editor: BaseDatabaseSchemaEditor
) -> ProjectState:
    """Apply a migration, and render the models that it begins with only once."""
    created = [*takewhile(lambda each: type(each) is CreateModel, migration.operations)]
    if len(created) < 2 or not editor.atomic_migration:
        return Migration.apply(migration, state, editor)
    state.__dict__.pop("apps", None)  # else it would be updated after each model
    for each in created:
        each.state_forwards(migration.app_label, state)
    for each in created:
        each.database_forwards(migration.app_label, editor, state, state)
    others = Migration(migration.name, migration.app_label)
    vars(others)["operations"] = migration.operations[len(created) :]
    return Migration.apply(others, state, editor)


class Command(migrate.Command):
    """Repeats a migration that cannot lock its tables; earlier migrations stay applied."""

    def migration_progress_callback(
        self, action: str, migration: Any = None, fake: bool = False
    ) -> None:
        if action == "apply_start":
            migration.apply = partial(apply_at_once, migration)
        super().migration_progress_callback(action, migration, fake)

    def handle(self, *args: Any, **options: Any) -> None:
        connection = connections[options["database"]]
        if not connection.features.has_select_for_update:  # SQLite
            super().handle(*args, **options)
            return
        for number in range(TRIES):
            if number:
                time.sleep(PAUSE_SECONDS)  # for waiting transactions
            with connection.cursor() as cursor:
                cursor.execute("SELECT set_config('lock_timeout', %s, false)", [LOCK_TIMEOUT])
            try:
                super().handle(*args, **options)
            except OperationalError as error:
                if not isinstance(error.__cause__, LockNotAvailable):
                    raise
                self.stderr.write(_("Somebody holds a table; the migration waits for it."))
            else:
                with connection.cursor() as cursor:
                    cursor.execute("RESET lock_timeout")
                return
        raise CommandError(_("Somebody held a table all the time: run migrate again later."))
