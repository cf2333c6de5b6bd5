"""Recurring work: what is due by WORK_SCHEDULE, done by one process at a time.

A task is a command of `manage.py`. A lease in the database keeps others from doing it twice; it is
renewed while the command runs, and runs out if the process is killed.
"""

import logging
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from difflib import get_close_matches
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.core.checks import CheckMessage, Error, Info, Warning
from django.db import DatabaseError
from django.utils import timezone

from config.database import history
from config.examinations import ReadGauge
from parks.models import RecurringTask

COMMANDS = {
    "backup": ["backup"],
    "drill": ["restore", "--verify"],
    "write_messages": ["write_messages"],
    "clearsessions": ["clearsessions"],
    "prune_changes": ["prune_changes"],
    "verify_history": ["verify_history"],
}
LEASE = timedelta(minutes=2)
RETRY = timedelta(minutes=15)  # after a failure
LATE = timedelta(hours=1)
LONGEST_ERROR = 500  # characters
_RENEWAL_SECONDS = 30
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MOMENT = re.compile(rf"(?:({'|'.join(_DAYS)}) )?([01]\d|2[0-3]):([0-5]\d)")
_OFF = "off"
_logger = logging.getLogger("work")


def list_schedule() -> dict[str, str]:
    """Return the time of each task that is switched on, such as `02:00` or `Sun 04:00`."""
    return {name: at for name, at in settings.WORK_SCHEDULE.items() if at != _OFF}


def check_schedule(app_configs: Any, **kwargs: Any) -> Iterator[CheckMessage]:
    """Report E032: a task that there is not, or a time that cannot be read."""
    for name, at in list_schedule().items():
        if name not in COMMANDS:
            near = get_close_matches(name, COMMANDS, 1)
            said = f"WORK_SCHEDULE has no task “{name}”."
            hint = f"Is {near[0]} meant?" if near else f"There are {', '.join(COMMANDS)}."
            yield Error(said, hint=hint, id="ledger.E032")
        elif not _MOMENT.fullmatch(at):
            said = f"WORK_SCHEDULE: “{at}” is no time for {name}."
            hint = f"02:00 for every day, Sun 04:00 for every week, or {_OFF}."
            yield Error(said, hint=hint, id="ledger.E032")


def find_due(at: str, now: datetime) -> datetime:
    """Return the last moment, up to now, at which a task was due."""
    found = _MOMENT.fullmatch(at)
    assert found  # noqa: S101 as `check_schedule` has seen to it
    day, hour, minute = found.groups()
    local = timezone.localtime(now)
    due = local.replace(hour=int(hour), minute=int(minute), second=0, microsecond=0)
    back = (due.weekday() - _DAYS.index(day)) % 7 if day else 0
    due -= timedelta(days=back)
    return due if due <= now else due - timedelta(days=7 if day else 1)


def run_due() -> int:
    """Run each task that is due and that no other process has; return how many were run."""
    return sum(_run_if_due(name, at) for name, at in list_schedule().items())


def _run_if_due(name: str, at: str) -> bool:
    task, _is_new = RecurringTask.objects.get_or_create(name=name)
    now, holder = history.read_clock(), uuid4().hex
    is_done = task.succeeded_at is not None and task.succeeded_at >= find_due(at, now)
    waits = task.failed_at is not None and now - task.failed_at < RETRY
    if is_done or waits or not task.lease(holder, now, LEASE):
        return False
    error = _run(task, holder)
    task.finish(holder, history.read_clock(), error)
    return True


def _run(task: RecurringTask, holder: str) -> str | None:
    """Run the command, and log its output; return why it failed, or None."""
    command = [sys.executable, str(settings.BASE_DIR / "manage.py"), *COMMANDS[task.name]]
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(command, stdout=output, stderr=output)  # noqa: S603
        try:
            while process.poll() is None:
                with suppress(subprocess.TimeoutExpired):
                    process.wait(_RENEWAL_SECONDS)
                with suppress(DatabaseError):  # it may come back before the lease ends
                    if not task.lease(holder, history.read_clock(), LEASE):
                        return "Another process took it over."
        finally:
            process.terminate()
            process.wait()
        output.seek(0)
        said = output.read().decode(errors="replace").strip()
    level = logging.ERROR if process.returncode else logging.INFO
    _logger.log(level, "%s: %s", task.name, said or f"ended with {process.returncode}")
    reason = said.rpartition("CommandError: ")[2]  # behind warnings of settings
    return reason[-LONGEST_ERROR:] if process.returncode else None


def measure_overdue(now: datetime) -> dict[str, timedelta]:
    """Return how long each task has been due without success; zero if it is done."""
    done = dict(RecurringTask.objects.values_list("name", "succeeded_at"))
    found = {}
    for name, at in list_schedule().items():
        due = find_due(at, now)
        is_done = (succeeded := done.get(name)) is not None and succeeded >= due
        found[name] = timedelta() if is_done else now - due
    return found


def examine_work() -> Iterator[CheckMessage]:
    """Report the last successes; W033: nothing works; W034: a task is late; E033: it fails."""
    if [*check_schedule(None)] or not list_schedule():
        return  # what is wrong is reported with the settings
    now, tasks = history.read_clock(), RecurringTask.objects.in_bulk()
    if not any(task.succeeded_at or task.failed_at for task in tasks.values()):
        yield Warning(
            "No recurring work was ever done: nothing is backed up or cleared away by itself.",
            hint="Let manage.py work run beside the server: docs/how-to/deploy.md.",
            id="ledger.W033",
        )
        return
    for name, overdue in measure_overdue(now).items():
        task = tasks.get(name, RecurringTask())
        done = (
            f"{timezone.localtime(task.succeeded_at):%Y-%m-%d %H:%M}"
            if task.succeeded_at
            else "never"
        )
        said = f"{name}: last success {done}."
        if task.failed_at:
            failed = f"{timezone.localtime(task.failed_at):%Y-%m-%d %H:%M}"
            reason = f"It failed at {failed}: {' '.join(task.error.split())}"
            yield Error(
                f"{said} {reason}", hint=f"manage.py {' '.join(COMMANDS[name])}", id="ledger.E033"
            )
        elif overdue > LATE:
            yield Warning(
                f"{said} It has been due for {overdue.total_seconds() / 3600:.0f} hours.",
                hint="Does manage.py work run? Its log says what it does.",
                id="ledger.W034",
            )
        else:
            yield Info(said, id="ledger.I035")


def _read_successes() -> dict[str, float]:
    tasks = RecurringTask.objects.filter(name__in=list_schedule())
    return {task.name: done.timestamp() for task in tasks if (done := task.succeeded_at)}


WORK_GAUGES = [
    ReadGauge(
        "ledger_work_success_timestamp_seconds",
        "When recurring work last succeeded, since 1970.",
        _read_successes,
    ),
    ReadGauge(
        "ledger_work_overdue_seconds",
        "For how long recurring work has been due; 0 if it is done.",
        lambda: {
            name: overdue.total_seconds()
            for name, overdue in measure_overdue(history.read_clock()).items()
        },
    ),
]
