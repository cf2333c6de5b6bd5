"""Examinations of the server for `manage.py doctor`: files, disks, clocks, backups; and gauges.

Each examination yields what is wrong with a hint how to fix it, like the system checks, which it
adds to.
"""

import os
import shutil
import stat
import tempfile
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from django.conf import settings
from django.core.cache import cache
from django.core.checks import CheckMessage, Error, Info, Warning, run_checks
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils.translation import gettext, override

from config.checks import LOOPBACK, examine_mail, examine_provider, has_roles, read_value
from config.database.history import read_clock
from config.database.replicas import count_away, read_lag

NO_ROOM = 200 * 2**20  # bytes: less than a large file and its copy take
_LITTLE_ROOM = 2**30
_CLOCKS_APART = 0.1  # seconds

Examination = Callable[[], Iterator[CheckMessage]]


def check_settings() -> Iterator[CheckMessage]:
    """Run the system checks; those of deployments only if other machines are served."""
    is_public = bool(set(settings.ALLOWED_HOSTS) - LOOPBACK)
    found = run_checks(include_deployment_checks=is_public, databases=["default"])
    yield from (message for message in found if not message.is_silenced())


def check_profile() -> Iterator[CheckMessage]:
    """Report I039: what the profile says of the place; its mistakes keep all from starting."""
    profile = settings.PROFILE
    words = f"{profile.name_zh} ({profile.name_en}), {profile.country}, {profile.time_zone}"
    yield Info(f"{profile.path}: {words}", id="ledger.I039")


def find_pending_migrations() -> list[str]:
    """Find the migrations that the database lacks, in their order."""
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [str(migration) for migration, _is_backwards in plan]


def find_newer_migrations() -> list[str]:
    """Find the applied migrations of our apps that this code does not have."""
    loader = MigrationExecutor(connection).loader
    ours = {app for app, _name in loader.disk_migrations}
    unknown = loader.applied_migrations.keys() - loader.disk_migrations.keys()
    return sorted(f"{app}.{name}" for app, name in unknown if app in ours)


def check_migrations() -> Iterator[CheckMessage]:
    """Report E010: tables are not as the program needs them; W037: they are of a newer one."""
    if newer := find_newer_migrations():
        yield Warning(
            f"The database has migrations of a newer version: {', '.join(newer)}.",
            hint="Upgrade this machine, too: docs/how-to/more-machines.md.",
            id="ledger.W037",
        )
    if pending := find_pending_migrations():
        yield Error(
            f"{len(pending)} migrations are not applied yet, first {pending[0]}.",
            hint="manage.py migrate; on PostgreSQL then manage.py protect_history ROLE.",
            id="ledger.E010",
        )


def check_permissions() -> Iterator[CheckMessage]:
    """Report E011: we may not write there; W012: other users of the machine may read it."""
    folder = Path(settings.VAR_DIR)
    private = [folder, folder / "secret-key", folder / "admin-password"]
    database = Path(connection.settings_dict["NAME"])
    if database.is_file():  # of SQLite
        private += [database.with_name(database.name + end) for end in ("", "-wal", "-shm")]
        for path in (database.parent, database):
            if path.exists() and not os.access(path, os.W_OK):
                yield Error(
                    f"{path} cannot be written.",
                    hint=f"sudo chown -R USER {database.parent}, with the user that serves.",
                    id="ledger.E011",
                )
    for path in private:
        if path.exists() and stat.S_IMODE(path.stat().st_mode) & 0o077:
            mode = "700" if path.is_dir() else "600"
            yield Warning(
                f"Other users of this machine can reach {path}.",
                hint=f"chmod {mode} {path}",
                id="ledger.W012",
            )


def list_room() -> dict[Path, int]:
    """Return the free bytes of each folder that the site writes to."""
    named = [tempfile.gettempdir(), settings.VAR_DIR, settings.BACKUP_DIR]
    folders = sorted({Path(name) for name in named if name})
    return {path: shutil.disk_usage(path).free for path in folders if path.exists()}


def check_room() -> Iterator[CheckMessage]:
    """Report W013 and E013: little or no room on the disks that are written to."""
    for path, free in list_room().items():
        if free < _LITTLE_ROOM:
            kind, number = (Error, "E013") if free < NO_ROOM else (Warning, "W013")
            yield kind(
                f"Only {free // 2**20} MiB are free where {path} is.",
                hint="Remove what is old there, or enlarge the disk; TMPDIR moves the files made "
                "for downloads.",
                id=f"ledger.{number}",
            )


def check_clock() -> Iterator[CheckMessage]:
    """Report W014: the clock of the database differs from ours."""
    read_clock()  # connects
    before, there, after = datetime.now(UTC), read_clock(), datetime.now(UTC)
    apart = max(before - there, there - after).total_seconds()
    if apart > _CLOCKS_APART:
        yield Warning(
            f"The clock of the database is {apart:.1f} seconds from ours.",
            hint="Let both machines follow a time server: timedatectl set-ntp true.",
            id="ledger.W014",
        )


def check_cache() -> Iterator[CheckMessage]:
    """Report E038: the shared cache of CACHE_URL does not keep what it is given."""
    if not settings.CACHE_URL:
        return
    name, value = "doctor", datetime.now(UTC).isoformat()
    reason = "it lost what it was given"
    try:
        cache.set(name, value, 60)
        if cache.get(name) == value:
            return
    except Exception as error:  # noqa: BLE001 whatever a cache raises
        reason = str(error)
    yield Error(
        f"The cache of CACHE_URL cannot be used: {reason.rstrip('.')}.",
        hint="Is the address right, and does it run? Until then answers are not kept, and each "
        "machine counts requests for itself.",
        id="ledger.E038",
    )


def check_translations() -> Iterator[CheckMessage]:
    """Report W029: the Chinese texts are missing, so everybody reads English."""
    with override("zh-hans"):
        is_missing = gettext("The database does not answer.").isascii()
    if is_missing:
        yield Warning(
            "The Chinese texts are missing: everybody reads English.",
            hint=f"Put {settings.LOCALE_PATHS[0]} there again, as the release has it.",
            id="ledger.W029",
        )


def check_owner() -> Iterator[CheckMessage]:
    """Report W017: we own the tables, so that a mistake of the program can rewrite the history."""
    if not has_roles():
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT 1 FROM pg_tables WHERE schemaname = 'public'"
            " AND pg_has_role(current_user, tableowner, 'USAGE')), current_user"
        )
        is_owner, role = cursor.fetchone()
    if is_owner:
        yield Warning(
            f"The role {role} owns the tables: a mistake could rewrite the history.",
            hint="manage.py protect_history ROLE, and that role in DATABASE_URL.",
            id="ledger.W017",
        )


_STANDBY = """
SELECT current_setting('synchronous_standby_names') <> '' AND NOT EXISTS
           (SELECT FROM pg_stat_replication),
       (SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep')
"""
_SLOTS = """
SELECT string_agg(slot_name::text, ', ') FROM pg_replication_slots
WHERE current_setting('max_slot_wal_keep_size') = '-1'
"""


def read_waits() -> tuple[bool, int]:
    """Return whether no standby follows though writes wait for one, and how many wait now."""
    with connection.cursor() as cursor:
        cursor.execute(_STANDBY)
        is_away, waiting = cursor.fetchone()
    return is_away, waiting


def check_standby() -> Iterator[CheckMessage]:
    """Report E036: writes wait for a standby that is away; W040: its slot may fill the disk."""
    if not has_roles():
        return
    is_away, waiting = read_waits()
    if is_away:
        yield Error(
            f"No standby follows, and writes wait for one (now {waiting}): they are answered 503.",
            hint="Start it, or ALTER SYSTEM SET synchronous_standby_names = '' and reload: "
            "docs/how-to/more-machines.md.",
            id="ledger.E036",
        )
    if slots := read_value(connection, _SLOTS):
        yield Warning(
            f"While a standby is away, its slot ({slots}) keeps changes until the disk is full.",
            hint="max_slot_wal_keep_size = 20GB on the primary: docs/how-to/more-machines.md.",
            id="ledger.W040",
        )


# By title; apps add theirs
EXAMINATIONS: dict[str, Examination] = {
    "settings and database": check_settings,
    "profile": check_profile,
    "migrations": check_migrations,
    "files are ours alone": check_permissions,
    "rights in the database": check_owner,
    "synchronous standby": check_standby,
    "room on disks": check_room,
    "clock": check_clock,
    "shared cache": check_cache,
    "Chinese texts": check_translations,
    "provider of sign-ins": examine_provider,
    "mail": examine_mail,
}


def register_examination(title: str, examine: Examination) -> None:
    EXAMINATIONS[title] = examine


class ReadGauge(NamedTuple):
    """A metric that is read when metrics are requested; one with several values, by task."""

    name: str
    description: str
    read: Callable[[], float | Mapping[str, float]]


# Apps add theirs
GAUGES = [
    ReadGauge(
        "ledger_spool_free_bytes",
        "Room on the disk where files are made.",
        lambda: shutil.disk_usage(tempfile.gettempdir()).free,
    )
]
if has_roles():
    GAUGES += [
        ReadGauge(
            "ledger_synchronous_standby_away",
            "1 if writes wait for a standby and none follows, else 0.",
            lambda: int(read_waits()[0]),
        ),
        ReadGauge(
            "ledger_writes_waiting",
            "Writes that wait for a standby to confirm them.",
            lambda: read_waits()[1],
        ),
    ]
if len(settings.DATABASES) > 1:
    said = "Since when the slowest standby has replayed nothing, though there is something."
    GAUGES += [
        ReadGauge("ledger_standbys_away", "Standbys that do not answer.", count_away),
        ReadGauge(
            "ledger_standby_lag_bytes",
            "What the slowest standby has yet to replay.",
            lambda: read_lag()[0],
        ),
        ReadGauge("ledger_standby_lag_seconds", said, lambda: read_lag()[1]),
    ]
