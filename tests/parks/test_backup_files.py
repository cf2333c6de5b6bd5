"""Which backups stay, which count, and what is known after one failed; whatever clocks do."""

import io
import math
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from parks.backups.files import (
    FAILED,
    BackupError,
    finish,
    list_backups,
    list_future_backups,
    measure_age,
    prune_backups,
    read_failure,
    remove_partial,
)
from tests.together import together

NOW = datetime(2026, 11, 27, 2, 0, 0, tzinfo=UTC)
YEARS = 365 * 4


def make(folder: Path, *ages: float, now: datetime = NOW) -> None:
    """Backups that are so many days old; negative ones are dated in the future."""
    for days in ages:
        at = now - timedelta(days=days)
        for ending in ("", ".json"):
            (folder / f"ledger-{at:%Y%m%dT%H%M%SZ}.dump{ending}").touch()


def read_ages(folder: Path, now: datetime = NOW) -> list[float]:
    """How old, in days, the backups in a folder are, whether they count or not."""
    names = sorted(path.name[7:23] for path in folder.glob("*.dump"))
    dates = [datetime.strptime(each, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC) for each in names]
    return [(now - at) / timedelta(days=1) for at in reversed(dates)]


SECOND = 1 / 86_400


@together(
    ("ages", "days", "count", "kept"),
    [
        ([], 30, 7, []),
        # The newest stays, however old and whatever is asked
        ([400], 30, 0, [400]),
        ([0, 1, 400], 30, -1, [0, 1]),
        ([400, 401, 500], 30, 1, [400, 401]),
        # So many stay, however old
        ([0, 1, 400, 500], 30, 2, [0, 1]),
        ([0, 1, 400, 500], 30, 3, [0, 1, 400]),
        ([0, 1, 400, 500], 30, 4, [0, 1, 400, 500]),
        # More than that only if they are young: just young enough, just too old
        ([0, 1, 2, 3, 4], 30, 2, [0, 1, 2, 3, 4]),
        *[([0, 1, 31 - SECOND], 30, 1, [0, 1, 31 - SECOND]), ([0, 1, 31], 30, 1, [0, 1, 31])],
        ([0, 1, 31 + SECOND], 30, 1, [0, 1]),
        # One of this second counts, one of the next does not: it protects nothing and is kept
        ([0, 1, 40], 30, 2, [0, 1]),
        ([-SECOND, 1, 40], 30, 2, [-SECOND, 1, 40]),
        ([-SECOND, 1, 2, 40], 30, 2, [-SECOND, 1, 2]),
        ([-YEARS, -1, 1, 2, 40, 41], 30, 3, [-YEARS, -1, 1, 2, 40]),
        ([-YEARS], 30, 7, [-YEARS]),
        # One that was made while the clock was ahead makes no other old; two leave so many
        ([0, YEARS, YEARS + 1, YEARS + 30, YEARS + 31], 30, 1, [0, YEARS, YEARS + 1, YEARS + 30]),
        ([0, 1, YEARS, YEARS + 1], 30, 3, [0, 1, YEARS]),
    ],
)
def test_what_stays_of_so_many_days_and_so_many_files(
    tmp_path_factory: pytest.TempPathFactory,
    ages: list[float],
    days: float,
    count: int,
    kept: list[float],
) -> None:
    folder = tmp_path_factory.mktemp("backups")
    make(folder, *ages)
    gone = prune_backups(folder, days, count, NOW)
    assert read_ages(folder) == pytest.approx(kept)
    assert len(gone) == len(ages) - len(kept)
    assert len([*folder.iterdir()]) == 2 * len(kept)


def test_what_is_no_complete_backup_neither_counts_nor_goes(tmp_path: Path) -> None:
    others = ["ledger-old.dump", "ledger-20200101T000000Z.dump", "failed", "public-key"]
    for name in [*others, "ledger-20260631T000000Z.dump", "ledger-20260631T000000Z.dump.json"]:
        (tmp_path / name).touch()
    make(tmp_path, 0, 1, 41)
    assert prune_backups(tmp_path, 30, 1, NOW) == [tmp_path / "ledger-20261017T020000Z.dump"]
    assert all((tmp_path / name).exists() for name in others)
    assert list_backups(tmp_path / "nowhere", NOW) == []


def run_daily(folder: Path, clock: datetime, days: int) -> datetime:
    """A backup a day for so many days, each followed by what `backup` removes."""
    for _day in range(days):
        make(folder, 0, now=clock)
        prune_backups(folder, 30, 7, clock)
        clock += timedelta(days=1)
    return clock


def test_a_clock_that_was_ahead_costs_no_good_backup(tmp_path: Path) -> None:
    today = run_daily(tmp_path, NOW, 40)
    before = {*tmp_path.iterdir()}
    run_daily(tmp_path, today + timedelta(days=YEARS), 1)
    assert len(before - {*tmp_path.iterdir()}) == 2  # the one that was due
    # Believed for days, it makes all others old: the newest seven stay
    run_daily(tmp_path, today + timedelta(days=YEARS + 1), 3)
    assert len({*tmp_path.iterdir()} & before) == 2 * 3
    ahead = list_future_backups(tmp_path, today)
    today = run_daily(tmp_path, today, 40)
    assert list_future_backups(tmp_path, today) == ahead
    assert list_backups(tmp_path, today)[0][0] == today - timedelta(days=1)
    assert len(list_backups(tmp_path, today)) == 32


def test_the_command_reports_what_is_dated_in_the_future(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = datetime.now(UTC)
    make(tmp_path, -YEARS, 50, 51, 99, now=now)
    (tmp_path / FAILED).touch()
    made = (tmp_path / "new.dump", Manifest())
    monkeypatch.setattr("parks.management.commands.backup.make_backup", lambda *_: made)
    said, warned = io.StringIO(), io.StringIO()
    call_command("backup", str(tmp_path), keep_days=30, keep_count=1, stdout=said, stderr=warned)
    assert f"{now + timedelta(days=YEARS):ledger-%Y%m%dT%H%M%SZ}.dump is dated" in warned.getvalue()
    assert said.getvalue().count("Removed") == 1
    assert read_ages(tmp_path, now.replace(microsecond=0)) == [-YEARS, 50, 51]
    assert read_failure(tmp_path) is None


class Manifest:
    """What a backup holds of which nothing else is asked."""

    tables: dict[str, int] = {}
    ledger = {"number": 0}
    bytes = 0


def test_a_backup_that_fails_notes_its_failure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_arguments: Any) -> None:
        raise OSError("no room")

    (tmp_path / FAILED).touch()
    os.utime(tmp_path / FAILED, (NOW.timestamp(), NOW.timestamp()))
    monkeypatch.setattr("parks.management.commands.backup.make_backup", fail)
    with pytest.raises(CommandError, match="no room"):
        call_command("backup", str(tmp_path))
    failed = read_failure(tmp_path)
    assert failed
    assert datetime.now(UTC) - failed < timedelta(minutes=5)


def test_two_that_are_made_in_the_same_second_do_not_spoil_each_other(tmp_path: Path) -> None:
    path = tmp_path / "ledger-20261128T022228Z.dump"
    with finish(path) as part:
        with pytest.raises(BackupError, match="is there already"), finish(path):
            pass
        part.write_text("whole")
    with pytest.raises(BackupError, match="is there already"), finish(path):
        pass
    assert [each.read_text() for each in tmp_path.iterdir()] == ["whole"]


def test_what_a_killed_backup_left_is_removed_an_hour_later(tmp_path: Path) -> None:
    for seconds in (0, 3600, 3601, -YEARS * 86_400):
        path = tmp_path / f".ledger-{seconds}.dump.part"
        path.touch()
        os.utime(path, (NOW.timestamp() - seconds,) * 2)
    remove_partial(tmp_path, NOW)
    assert {path.name for path in tmp_path.iterdir()} == {
        f".ledger-{seconds}.dump.part" for seconds in (0, 3600, -YEARS * 86_400)
    }


def test_the_age_is_that_of_the_newest_that_is_not_of_the_future(tmp_path: Path) -> None:
    assert measure_age(tmp_path / "nowhere") == measure_age(tmp_path) == math.inf
    make(tmp_path, -YEARS, now=datetime.now(UTC))
    assert measure_age(tmp_path) == math.inf
    make(tmp_path, 2, 3, now=datetime.now(UTC))
    assert measure_age(tmp_path) / 86_400 == pytest.approx(2, abs=0.01)
