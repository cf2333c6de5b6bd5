"""`manage.py doctor`: silent on a sound installation, and a remedy for each fault of another."""

import io
import os
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.recorder import MigrationRecorder

from tests.config.test_checks import SOUND_KEY

pytestmark = pytest.mark.django_db

SECOND = timedelta(seconds=1)
ON_POSTGRESQL = connection.vendor == "postgresql"


def make_backup(folder: Path, age: timedelta, ending: str = ".dump.age") -> None:
    at = datetime.now(UTC) - age
    for name in (ending, f"{ending}.json"):
        (folder / f"ledger-{at:%Y%m%dT%H%M%SZ}{name}").touch()


@pytest.fixture
def sound(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An installation in which nothing is wrong."""
    tmp_path.chmod(0o700)
    (tmp_path / "secret-key").touch(mode=0o600)
    make_backup(tmp_path, timedelta(hours=5))
    settings.SECRET_KEY = SOUND_KEY
    settings.VAR_DIR = tmp_path
    settings.BACKUP_DIR = str(tmp_path)
    settings.ALLOWED_HOSTS = ["localhost"]
    settings.WORK_SCHEDULE = {}
    monkeypatch.setattr("shutil.disk_usage", lambda _path: SimpleNamespace(free=2**40))
    return tmp_path


def examine(**options: Any) -> tuple[str, bool]:
    """What the doctor says, and whether it serves."""
    told = io.StringIO()
    try:
        call_command("doctor", stdout=told, **options)
    except CommandError:
        return told.getvalue(), False
    return told.getvalue(), True


@pytest.mark.both_databases
def test_of_a_sound_installation_nothing_is_said(sound: Path) -> None:
    told, is_well = examine()
    assert is_well
    faults = [line for line in told.splitlines() if "ERROR" in line or "warning" in line]
    # The tests own the tables, as no service should
    assert ["W017" in line for line in faults] == ([True] if ON_POSTGRESQL else [])
    assert told.count("\nok ") + told.startswith("ok ") == (17 if ON_POSTGRESQL else 18)


@pytest.mark.both_databases
def test_every_fault_of_a_broken_installation_is_named_with_its_remedy(
    sound: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.SECRET_KEY = "guess"
    settings.DEBUG, settings.ALLOWED_HOSTS = True, ["*"]
    (sound / "secret-key").chmod(0o644)
    for path in sound.glob("ledger-*"):
        path.unlink()
    make_backup(sound, timedelta(days=3), ".dump")
    monkeypatch.setenv("BACKUP_DIRS", "elsewhere")
    monkeypatch.setattr("shutil.disk_usage", lambda _path: SimpleNamespace(free=2**20))
    monkeypatch.setattr(MigrationExecutor, "migration_plan", lambda *_: [("parks.9999_new", False)])
    monkeypatch.setattr("config.examinations.read_clock", lambda: datetime.now(UTC) + SECOND)
    MigrationRecorder(connection).record_applied("parks", "9998_newer")
    monkeypatch.setattr("config.examinations._SLOTS", "SELECT 'one, two'")
    settings.CACHE_URL = "dummy://"
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}
    monkeypatch.setattr("config.examinations.gettext", str)  # as without compiled translations
    monkeypatch.setattr("pages.charts.drawing._artist.has_chinese", lambda: False)
    told, is_well = examine()
    assert not is_well
    numbers = "E001 E002 E007 W008 E010 W012 E013 E015 W016 W022 W029 W014 W037 E038".split()
    for number in [*numbers, *(["W040"] if ON_POSTGRESQL else [])]:
        before, found, after = told.partition(f"ledger.{number}: ")
        assert found, number
        assert after.splitlines()[1].startswith("           "), number  # the remedy
    assert "chmod 600" in told
    assert SOUND_KEY not in told


def test_without_backups_or_with_none_that_is_said(sound: Path, settings: Any) -> None:
    settings.BACKUP_DIR = ""
    assert "ledger.W015" in examine()[0]
    settings.BACKUP_DIR = str(sound / "nowhere")
    told, is_well = examine()
    assert ("No backup" in told, is_well) == (True, False)


@pytest.mark.both_databases
def test_a_database_that_does_not_answer_is_one_fault_among_others(
    sound: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> None:
        raise OperationalError("no connection to the server\n")

    monkeypatch.setattr(connection, "cursor", fail)
    told, is_well = examine()
    assert not is_well
    assert "ledger.E003" in told or "ledger.E018" in told
    assert "room on disks" in told


def test_a_backup_that_failed_or_has_a_wrong_date_is_named(sound: Path) -> None:
    (sound / "failed").touch()
    told, is_well = examine()
    assert ("ledger.E030" in told, is_well) == (True, False)
    (sound / "failed").unlink()
    make_backup(sound, timedelta(days=-400))
    told, is_well = examine()
    assert ("ledger.W031: 1 backups are dated" in told, is_well) == (True, True)
    for path in sound.glob("ledger-*.dump.age*"):
        if str(datetime.now(UTC).year) in path.name[:12]:
            path.unlink()
    told, is_well = examine()
    assert ("No backup" in told, is_well) == (True, False)  # one of the future is none


class Front(BaseHTTPRequestHandler):
    """Stands for a proxy that passes on to the ledger."""

    def do_GET(self) -> None:
        self.send_response(200)
        if self.path == "/healthz":
            self.send_header("X-Request-Id", "0" * 32)
        self.end_headers()

    def log_message(self, format: str, *arguments: Any) -> None:
        pass


@pytest.fixture
def proxy() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), Front)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_what_stands_in_front_is_asked(sound: Path, proxy: str, settings: Any) -> None:
    settings.TRUSTED_PROXIES = 0
    assert "ledger.W021" in examine(url=proxy)[0]
    settings.TRUSTED_PROXIES = 1
    told, is_well = examine(url=proxy)
    assert is_well
    assert "ok   proxy" in told
    assert "is not the ledger" in examine(url=f"{proxy}/elsewhere")[0]
    told, is_well = examine(url="http://127.0.0.1:1")
    assert (is_well, "ledger.E019" in told) == (False, True)


def test_a_file_that_cannot_be_written_is_named(
    sound: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    if ON_POSTGRESQL:
        return  # it has no file
    database = sound / "ledger.sqlite3"
    database.touch(mode=0o600)
    monkeypatch.setitem(connection.settings_dict, "NAME", database)
    monkeypatch.setattr(os, "access", lambda path, _mode: path != database)
    told, is_well = examine()
    assert (is_well, "sudo chown" in told) == (False, True)
