"""`backup`: a copy of the whole database in one file, made while the ledger is in use."""

import time
from argparse import ArgumentParser
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from parks.backups.backups import make_backup
from parks.backups.files import FAILED, BackupError, list_future_backups, make_key, prune_backups


def note_failure(folder: Path) -> None:
    """Touch the file `failed`, for `doctor` and metrics, until a backup succeeds."""
    with suppress(OSError):  # the folder itself may be what is wrong
        (folder / FAILED).touch()


class Command(BaseCommand):
    help = (
        "Copies the whole database into a new file in a folder, compressed, and encrypted if "
        "there is a key to do it for; then removes the backups there that are old. Others read "
        "and write meanwhile. What the copy holds is noted beside it, for `restore` to compare."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", nargs="?", type=Path, help="else BACKUP_DIR")
        parser.add_argument(
            "--recipient",
            metavar="age1...",
            help="encrypt for this public key; else BACKUP_RECIPIENT",
        )
        parser.add_argument(
            "--keep-days",
            type=float,
            metavar="N",
            help="then remove older ones; 0 keeps all; else BACKUP_KEEP_DAYS",
        )
        parser.add_argument(
            "--keep-count",
            type=int,
            metavar="N",
            help="but keep so many, however old; at least 1; else BACKUP_KEEP_COUNT",
        )
        parser.add_argument(
            "--make-key",
            type=Path,
            metavar="FILE",
            help="make a key there and print its public half",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            if options["make_key"]:
                self.stdout.write(make_key(options["make_key"]))
                return
            self.back_up(options)
        except (BackupError, OSError) as error:
            raise CommandError(str(error)) from error

    def back_up(self, options: dict[str, Any]) -> None:
        """Make the backup, report it, and prune old ones."""
        if not (folder := options["folder"] or settings.BACKUP_DIR):
            raise CommandError(_("Name a folder, or set BACKUP_DIR."))
        recipient = options["recipient"] or settings.BACKUP_RECIPIENT
        begun = time.monotonic()
        try:
            path, manifest = make_backup(Path(folder), recipient)
        except Exception:
            note_failure(Path(folder))
            raise
        (Path(folder) / FAILED).unlink(missing_ok=True)
        params = {
            "path": path,
            "rows": sum(manifest.tables.values()),
            "number": manifest.ledger["number"],
            "bytes": manifest.bytes,
            "seconds": f"{time.monotonic() - begun:.1f}",
        }
        self.stdout.write(
            _(
                "%(path)s: %(rows)d rows up to change %(number)d, %(bytes)d bytes in "
                "%(seconds)s seconds."
            )
            % params
        )
        self.prune(Path(folder), options)

    def prune(self, folder: Path, options: dict[str, Any]) -> None:
        """Remove old backups, and report those whose date cannot be right."""
        days, count = options["keep_days"], options["keep_count"]
        days = settings.BACKUP_KEEP_DAYS if days is None else days
        count = settings.BACKUP_KEEP_COUNT if count is None else count
        now = datetime.now(UTC)
        for old in prune_backups(folder, days, count, now) if days else ():
            self.stdout.write(
                _("Removed %(path)s, older than %(days)g days.") % {"path": old, "days": days}
            )
        for ahead in list_future_backups(folder, now):
            text = _("%(path)s is dated in the future: it is kept, and does not count.")
            self.stderr.write(text % {"path": ahead})
