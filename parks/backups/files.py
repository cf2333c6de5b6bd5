"""Files of backups: names, manifests, encryption, age; what `doctor` and metrics report.

A backup is a file `ledger-20261127T114500Z.sqlite3.gz` or `.dump`, with `.age` if it is encrypted,
and a manifest of the same name with `.json`. Backups are encrypted for a public key (age,
https://age-encryption.org), so that an intruder cannot read old ones, and `age --decrypt` opens
them.
"""

import gzip
import hashlib
import json
import math
import os
import re
import shutil
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO

import pyrage
from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning
from django.utils.translation import gettext as _

from config.examinations import ReadGauge

ENDINGS = {"sqlite": "sqlite3.gz", "postgresql": "dump"}
_NAME = re.compile(r"ledger-(\d{8}T\d{6}Z)\.(sqlite3\.gz|dump)(\.age)?")
_TIME = "%Y%m%dT%H%M%SZ"
FAILED = "failed"
_CHUNK = 2**20
_ABANDONED = 3600  # seconds in which nothing was written


class BackupError(Exception):
    """Why a backup cannot be made or restored, for the operator."""


@dataclass(frozen=True)
class Manifest:
    """The contents of a backup; `ledger` has the ends of the feed and the history."""

    made_at: str
    version: str
    vendor: str
    bytes: int
    sha256: str
    migrations: list[str]
    tables: dict[str, int]
    ledger: dict[str, Any]


def name_backup(vendor: str, at: datetime, *, is_encrypted: bool) -> str:
    ending = f".{ENDINGS[vendor]}{'.age' if is_encrypted else ''}"
    return f"ledger-{at.astimezone(UTC):{_TIME}}{ending}"


def make_key(path: Path) -> str:
    """Write a new key to `path` (mode 0600); return the public half."""
    key = pyrage.x25519.Identity.generate()
    public = str(key.to_public())
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise BackupError(f"{path}: {error.strerror}") from error
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(f"# public key: {public}\n{key}\n")
    return public


@contextmanager
def finish(path: Path) -> Iterator[Path]:
    """Yield a temporary path; rename it to `path` when the file is complete and on disk.

    Raise `BackupError` if the file exists or is being written.
    """
    part = path.with_name(f".{path.name}.part")
    taken = _("%(path)s is there already.") % {"path": path}
    try:
        part.touch(mode=0o600, exist_ok=False)
    except FileExistsError as error:
        raise BackupError(taken) from error
    try:
        if path.exists():
            raise BackupError(taken)
        yield part
        with part.open("rb") as file:
            os.fsync(file.fileno())
        part.rename(path)
    finally:
        part.unlink(missing_ok=True)


def pack(reader: BinaryIO, path: Path, recipient: str) -> None:
    """Copy a stream to a file, encrypted for `recipient` if given."""
    with path.open("wb") as writer:
        if recipient:
            try:
                public = pyrage.x25519.Recipient.from_str(recipient)
            except pyrage.RecipientError as error:
                text = _("“%(text)s” is no public key: it begins with age1.") % {"text": recipient}
                raise BackupError(text) from error
            pyrage.encrypt_io(reader, writer, [public])
        else:
            shutil.copyfileobj(reader, writer, _CHUNK)


@contextmanager
def unpack(path: Path, key_file: Path | None, folder: Path) -> Iterator[Path]:
    """Yield a decrypted and decompressed copy of a backup in `folder`, or the file itself."""
    found = path
    if path.suffix == ".age":
        found = folder / path.stem
        if key_file is None:
            raise BackupError(_("It is encrypted: give the key with --key-file."))
        try:
            lines = map(str.strip, key_file.read_text(encoding="ascii").splitlines())
            keys = [
                pyrage.x25519.Identity.from_str(line)
                for line in lines
                if line and not line.startswith("#")
            ]
            with path.open("rb") as sealed, found.open("wb") as opened:
                pyrage.decrypt_io(sealed, opened, keys)
        except (pyrage.IdentityError, pyrage.DecryptError) as error:
            text = _("%(file)s does not open it: %(error)s")
            raise BackupError(text % {"file": key_file, "error": error}) from error
    if found.suffix == ".gz":
        plain = folder / found.stem
        try:
            with gzip.open(found) as packed, plain.open("wb") as opened:
                shutil.copyfileobj(packed, opened, _CHUNK)
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            raise BackupError(_("The copy is damaged: %(found)s") % {"found": error}) from error
        found = plain
    yield found


def digest_file(path: Path) -> str:
    """Digest a file (SHA-256)."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_manifest(path: Path, manifest: Manifest) -> None:
    text = json.dumps(asdict(manifest), indent=1, ensure_ascii=False)
    with finish(_find_manifest(path)) as part:
        part.write_text(text + "\n", encoding="utf-8")


def read_manifest(path: Path) -> Manifest:
    """Read the manifest of a backup; raise `BackupError` if that is impossible."""
    try:
        return Manifest(**json.loads(_find_manifest(path).read_text(encoding="utf-8")))
    except (OSError, TypeError, ValueError) as error:
        text = _("%(path)s, which says what the backup holds, cannot be read.")
        raise BackupError(text % {"path": _find_manifest(path)}) from error


def _find_manifest(path: Path) -> Path:
    return path.with_name(f"{path.name}.json")


def list_backups(folder: Path, now: datetime) -> list[tuple[datetime, Path]]:
    """List the complete backups in a folder with their times, newest first.

    Backups dated after `now` are left out: a wrong clock made them.
    """
    return [(at, path) for at, path in _list_complete(folder) if at <= now]


def list_future_backups(folder: Path, now: datetime) -> list[Path]:
    """List the complete backups dated after `now`."""
    return [path for at, path in _list_complete(folder) if at > now]


def _list_complete(folder: Path) -> list[tuple[datetime, Path]]:
    if not folder.is_dir():
        return []
    named = [(_NAME.fullmatch(path.name), path) for path in folder.iterdir()]
    found = []
    for match, path in named:
        if match and _find_manifest(path).exists():
            with suppress(ValueError):  # no date, such as the 31st of June
                found.append((datetime.strptime(match[1], _TIME).replace(tzinfo=UTC), path))
    return sorted(found, reverse=True)


def prune_backups(folder: Path, days: float, count: int, now: datetime) -> list[Path]:
    """Remove, and return, the backups older than `days` that are not among the newest `count`.

    The newest one always stays, and so do those dated after `now`. Ages are relative to the last
    backup but one, so that a clock that was ahead for one backup does not make others old.
    """
    made = list_backups(folder, now)
    old = [path for at, path in made[max(count, 1) :] if made[1][0] - at > timedelta(days=days)]
    for path in old:
        path.unlink()
        _find_manifest(path).unlink()
    return old


def remove_partial(folder: Path, now: datetime) -> None:
    """Remove incomplete files of backups that were killed, which would fill the disk."""
    for path in folder.glob(".ledger-*.part"):
        if now.timestamp() - path.stat().st_mtime > _ABANDONED:
            path.unlink(missing_ok=True)


def measure_age(folder: Path) -> float:
    """Return the age of the newest backup in seconds; infinite without one."""
    now = datetime.now(UTC)
    made = list_backups(folder, now)
    return (now - made[0][0]).total_seconds() if made else math.inf


def read_failure(folder: Path) -> datetime | None:
    """Return when the last backup failed; None if a good one followed.

    The unattended job touches the file `failed` after a failure.
    """
    mark = folder / FAILED
    return datetime.fromtimestamp(mark.stat().st_mtime, UTC) if mark.exists() else None


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
            hint="Run manage.py backup now, and see whether manage.py work runs.",
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
    ReadGauge(
        "ledger_backup_age_seconds",
        "Age of the newest backup; Inf where there is none.",
        lambda: measure_age(Path(settings.BACKUP_DIR)),
    ),
    ReadGauge(
        "ledger_backup_failed_timestamp_seconds",
        "When the last backup failed, since 1970; 0 if it succeeded.",
        lambda: failed.timestamp() if (failed := read_failure(Path(settings.BACKUP_DIR))) else 0,
    ),
]
