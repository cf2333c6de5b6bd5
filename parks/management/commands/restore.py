"""`restore`: load a backup into the database, or verify it in a temporary one."""

import time
from argparse import ArgumentParser
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from config.checks import has_roles
from parks.backups.backups import drill, restore_backup
from parks.backups.files import BackupError, list_backups, read_manifest


def find_newest() -> Path:
    """Return the newest backup in BACKUP_DIR."""
    made = list_backups(Path(settings.BACKUP_DIR), datetime.now(UTC)) if settings.BACKUP_DIR else []
    if not made:
        raise CommandError(_("Name a backup: there is none in BACKUP_DIR."))
    return made[0][1]


class Command(BaseCommand):
    help = (
        "Restores a backup into the database, which must be empty, and compares what it holds "
        "with what was noted when it was made: rows of each table, the end of the feed, every "
        "seal of the history. --verify does it in a new database and leaves ours alone."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "file",
            nargs="?",
            type=Path,
            help="ledger-....sqlite3.gz, .dump or .age; else the newest in BACKUP_DIR",
        )
        parser.add_argument(
            "--key-file", type=Path, metavar="FILE", help="the key of an encrypted one"
        )
        how = parser.add_mutually_exclusive_group()
        how.add_argument(
            "--verify", action="store_true", help="in a new database, which is gone afterwards"
        )
        how.add_argument(
            "--replace", action="store_true", help="in the place of all that the database holds"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        path, key_file = (options["file"] or find_newest()).resolve(), options["key_file"]
        key_file = key_file.resolve() if key_file else None
        begun = time.monotonic()
        try:
            if options["verify"]:
                drill(path, key_file)
            else:
                restore_backup(path, key_file, is_replacing=options["replace"])
            manifest = read_manifest(path)
        except (BackupError, OSError) as error:
            raise CommandError(str(error)) from error
        params = {
            "seconds": f"{time.monotonic() - begun:.1f}",
            "made_at": manifest.made_at,
            "tables": len(manifest.tables),
            "rows": sum(manifest.tables.values()),
            **manifest.ledger,
        }
        self.stdout.write(
            _(
                "Restored in %(seconds)s seconds, as of %(made_at)s: %(rows)d rows in %(tables)d "
                "tables, the feed up to change %(number)d, the history whole up to its digest "
                "%(digest)s."
            )
            % params
        )
        if options["verify"]:
            self.stdout.write(_("It was a drill: the database itself was not touched."))
        elif has_roles():
            self.stdout.write(
                _("Now give the application its rights: manage.py protect_history ROLE.")
            )
