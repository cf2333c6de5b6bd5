"""What `manage.py doctor` and the metrics say of backups."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning

from config.backups.files import list_backups, list_future_backups, measure_age, read_failure
from config.gauges import LookedUp

_OLDEST_BACKUP = timedelta(hours=36)


def check_backups() -> Iterator[CheckMessage]:
    """Report W015, E015, W016, E030, W031: no folder, old, not encrypted, failed, wrong date."""
    folder, now = Path(settings.BACKUP_DIR), datetime.now(UTC)
    if not settings.BACKUP_DIR:
        yield Warning(
            "BACKUP_DIR is not set, so nobody can say whether there are backups.",
            hint="Set it, and run manage.py backup every day: docs/how-to/backup.md.",
            id="ledger.W015",
        )
        return
    made = list_backups(folder, now)
    if not made or now - made[0][0] > _OLDEST_BACKUP:
        newest = f"The newest backup is of {made[0][0]:%Y-%m-%d %H:%M} UTC" if made else "No backup"
        yield Error(
            f"{newest}: {folder}.",
            hint="Run manage.py backup now, and see why its timer does not.",
            id="ledger.E015",
        )
    if failed := read_failure(folder):
        yield Error(
            f"The last backup failed, at {failed:%Y-%m-%d %H:%M} UTC.",
            hint="Its log says why: docs/how-to/backup.md#notice-a-failure.",
            id="ledger.E030",
        )
    if ahead := list_future_backups(folder, now):
        yield Warning(
            f"{len(ahead)} backups are dated in the future, such as {ahead[0]}.",
            hint="The clock was wrong when they were made. They do not count and are never "
            "removed: try the newest good one, then delete them.",
            id="ledger.W031",
        )
    if made and made[0][1].suffix != ".age":
        yield Warning(
            "The newest backup is not encrypted.",
            hint="manage.py backup --make-key FILE, then set BACKUP_RECIPIENT.",
            id="ledger.W016",
        )


BACKUP_GAUGES = [
    LookedUp(
        "ledger_backup_age_seconds",
        "Age of the newest backup; Inf where there is none.",
        lambda: measure_age(Path(settings.BACKUP_DIR)),
    ),
    LookedUp(
        "ledger_backup_failed_timestamp_seconds",
        "When the last backup failed, since 1970; 0 if it succeeded.",
        lambda: failed.timestamp() if (failed := read_failure(Path(settings.BACKUP_DIR))) else 0,
    ),
]
