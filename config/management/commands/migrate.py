"""Migrates as Django does; on PostgreSQL it lets nobody wait long for a table that it waits for."""

import time
from typing import Any

from django.core.management.base import CommandError
from django.core.management.commands import migrate
from django.db import OperationalError, connections
from django.utils.translation import gettext as _
from psycopg.errors import LockNotAvailable

LOCK_TIMEOUT = "1s"  # whoever comes after a migration that waits, waits as long
TRIES = 30
PAUSE_SECONDS = 1


class Command(migrate.Command):
    """Try a migration again whose tables somebody holds; what was done before it stays done."""

    def handle(self, *args: Any, **options: Any) -> None:
        connection = connections[options["database"]]
        if connection.vendor != "postgresql":
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
