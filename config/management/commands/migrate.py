"""Migrates as Django does; on PostgreSQL it lets nobody wait long for a table that it waits for.

A new ledger is made in half of the processor time: Django works out all models again after each
one that is created.
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

LOCK_TIMEOUT = "1s"  # whoever comes after a migration that waits, waits as long
TRIES = 30
PAUSE_SECONDS = 1


def apply_at_once(
    migration: Migration, state: ProjectState, editor: BaseDatabaseSchemaEditor
) -> ProjectState:
    """Apply a migration; the models that it begins with are worked out once, not each anew."""
    created = [*takewhile(lambda each: type(each) is CreateModel, migration.operations)]
    if len(created) < 2 or not editor.atomic_migration:
        return Migration.apply(migration, state, editor)
    state.__dict__.pop("apps", None)  # it would work out anew what each is related to
    for each in created:
        each.state_forwards(migration.app_label, state)
    for each in created:
        each.database_forwards(migration.app_label, editor, state, state)
    others = Migration(migration.name, migration.app_label)
    vars(others)["operations"] = migration.operations[len(created) :]
    return Migration.apply(others, state, editor)


class Command(migrate.Command):
    """Try a migration again whose tables somebody holds; what was done before it stays done."""

    def migration_progress_callback(
        self, action: str, migration: Any = None, fake: bool = False
    ) -> None:
        if action == "apply_start":
            migration.apply = partial(apply_at_once, migration)
        super().migration_progress_callback(action, migration, fake)

    def handle(self, *args: Any, **options: Any) -> None:
        connection = connections[options["database"]]
        if not connection.features.has_select_for_update:  # nobody else holds a table
            super().handle(*args, **options)
            return
        for number in range(TRIES):
            if number:
                time.sleep(PAUSE_SECONDS)  # in which those who waited read and write
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
                    cursor.execute("RESET lock_timeout")  # what comes next may wait
                return
        raise CommandError(_("Somebody held a table all the time: run migrate again later."))
