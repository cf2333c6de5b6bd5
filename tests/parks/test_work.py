"""`manage.py work`: what is due is done once, by whichever process, and failures are told."""

import io
import subprocess
import sys
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.management import CommandError, call_command, get_commands
from django.db import connection

from config.database import history
from parks.models import RecurringTask
from parks.operating import work
from tests.contract.servers import environment
from tests.paths import ROOT
from tests.seeded import address_of
from tests.together import together

NOW = datetime(2026, 11, 27, 12, 0, tzinfo=ZoneInfo("Asia/Shanghai"))  # a Friday
SECOND = timedelta(seconds=1)


@pytest.mark.slow
@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
def test_two_processes_do_each_task_once(
    database_in_a_file: None, tmp_path: Path, settings: Any
) -> None:
    name = str(connection.settings_dict["NAME"])
    url = address_of(name) if connection.vendor == "postgresql" else f"sqlite:///{name}"
    schedule = "backup=off,drill=off,clearsessions=off,prune_changes=off"
    given = {"DATABASE_URL": url, "WORK_SCHEDULE": schedule, "LOG_LEVEL": "INFO"}

    def work_once() -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "manage.py", "work", "--once"],
            cwd=ROOT,
            env=environment(tmp_path, **given),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    both = [work_once(), work_once()]
    said = [process.communicate(timeout=120) for process in both]
    assert [process.returncode for process in both] == [0, 0], said
    assert sum(int(out.split()[0]) for out, _log in said) == 1, said
    assert "".join(log for _out, log in said).count("sealed up to change") == 1
    done = RecurringTask.objects.filter(succeeded_at__isnull=False, leased_until=None)
    assert {*done.values_list("name", flat=True)} == {"verify_history"}
    settings.WORK_SCHEDULE = {"verify_history": "03:30"}
    assert work.run_due() == 0
    assert {command[0] for command in work.COMMANDS.values()} <= {*get_commands()}


@pytest.fixture
def clock(settings: Any, monkeypatch: pytest.MonkeyPatch, db: None) -> Any:
    """Set the time, with one task that is due at 10:00."""
    settings.WORK_SCHEDULE = {"backup": "10:00", "drill": "off"}

    def set_clock(now: datetime) -> None:
        monkeypatch.setattr(history, "read_clock", lambda: now)

    set_clock(NOW)
    return set_clock


def test_a_task_of_another_process_is_left_until_its_lease_has_ended(
    clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", "true")
    lost = RecurringTask.objects.create(name="backup")
    assert lost.lease("killed", NOW, work.LEASE)
    for later, count in ((work.LEASE, 0), (work.LEASE + SECOND, 1), (timedelta(hours=21), 0)):
        clock(NOW + later)
        assert work.run_due() == count, later
    clock(NOW + timedelta(hours=22))  # 10:00 of the next day
    assert work.run_due() == 1


@pytest.mark.slow
def test_a_failure_is_told_and_tried_again_after_a_while(
    clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "ledger.W033" in examine()
    monkeypatch.setenv("SITEURL", "misspelt")  # of which each command warns
    monkeypatch.setitem(work.COMMANDS, "backup", ["restore", "nothing.dump"])
    assert work.run_due() == 1
    told = examine()
    assert "ledger.E033: backup: last success never. It failed at 2026-11-27 12:00" in told
    reason = RecurringTask.objects.get().error
    assert "nothing.dump" in reason
    assert "SITEURL" not in reason
    assert len(reason) <= work.LONGEST_ERROR
    monkeypatch.setattr(sys, "executable", "true")
    clock(NOW + work.RETRY - SECOND)
    assert work.run_due() == 0
    clock(NOW + work.RETRY)
    assert work.run_due() == 1
    assert "ok   recurring work\n     backup: last success 2026-11-27 12:15." in examine()
    due = NOW + timedelta(hours=22)
    for later, is_late in ((work.LATE, False), (work.LATE + SECOND, True)):
        clock(due + later)
        assert ("ledger.W034" in examine()) is is_late
    assert dict(work.WORK_GAUGES[1].read()) == {"backup": 3601}
    assert dict(work.WORK_GAUGES[0].read()) == {"backup": (NOW + work.RETRY).timestamp()}


def examine() -> str:
    told = io.StringIO()
    with suppress(CommandError):
        call_command("doctor", stdout=told)
    return told.getvalue()


@together(
    ("at", "due"),
    [
        ("12:00", "2026-11-27 12:00"),
        ("12:01", "2026-11-26 12:01"),
        ("Fri 12:00", "2026-11-27 12:00"),
        ("Fri 12:01", "2026-11-20 12:01"),
        ("Thu 23:59", "2026-11-26 23:59"),
        ("Sat 00:00", "2026-11-21 00:00"),
    ],
)
def test_a_task_is_due_at_the_last_such_moment(at: str, due: str) -> None:
    assert f"{work.find_due(at, NOW):%Y-%m-%d %H:%M}" == due


@together(
    ("schedule", "hint"),
    [
        ({"bakup": "02:00"}, "Is backup meant?"),
        ({"mend": "02:00"}, "There are backup, drill,"),
        ({"backup": "24:00"}, "02:00 for every day"),
        ({"backup": "Son 02:00"}, "02:00 for every day"),
    ],
)
def test_a_schedule_that_cannot_be_kept_is_named(
    settings: Any, schedule: dict[str, str], hint: str
) -> None:
    settings.WORK_SCHEDULE = schedule
    (found,) = work.check_schedule(None)
    assert (found.id, hint in str(found.hint)) == ("ledger.E032", True)
