"""Times that go back: what a clock that was ahead left in the history, and the repair.

The repair only adds: what was recorded, its wrong time included, stays as it was sealed.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from django.core.checks import CheckMessage, Warning
from django.db import models
from django.db.models import Exists, OuterRef, Q

from config import history
from config.history import MOST_BEHIND
from parks.history.verification import Finding
from parks.models.records import Change, Revision
from parks.recording.change_rows import chunks
from parks.recording.recording import Unit, recorded
from parks.recording.seals import list_sealed_models

REPAIR = "verify_history --repair: a clock was ahead"  # the reason of the revision that repairs
_REMEDY = (
    "Correct the clock of the server first (of the database server, on PostgreSQL), then run "
    "manage.py verify_history --repair: docs/how-to/history.md."
)


def find_times() -> Iterator[Finding]:
    """Find revisions and newest versions in the future, and versions dated before earlier ones.

    What goes back is reported until a repair follows it.
    """
    now = history.read_clock()
    repaired = _find_repair()
    ahead = Revision.objects.filter(pk__gt=repaired, at__gt=now + MOST_BEHIND)
    for key, at in ahead.order_by("pk").values_list("pk", "at"):
        yield Finding("ahead", f"{Revision._meta.label_lower} {key} ({_write_time(at)})")
    for past in list_sealed_models().values():
        name = "code" if hasattr(past, "code") else "id"
        columns = ("pk", name, "version", "history_date")
        found = dict.fromkeys(_find_ahead(past, now).values_list(*columns), "ahead")
        found |= dict.fromkeys(_find_backwards(past, repaired).values_list(*columns), "back")
        for (key, value, version, at), what in sorted(found.items()):
            row = f"{name} {value}, version {version}, {_write_time(at)}"
            yield Finding(what, f"{past._meta.label_lower} {key} ({row})")


def _write_time(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def _find_repair() -> int:
    """Find the last revision that repaired times; 0 if none did."""
    by_command = Q(user_id=None, request_id="", batch="", reason=REPAIR)
    return Revision.objects.filter(by_command).aggregate(last=models.Max("pk"))["last"] or 0


def _find_ahead(past: Any, now: datetime) -> models.QuerySet[Any]:
    """Select the newest versions of rows that are dated in the future."""
    later = past.objects.filter(id=OuterRef("id"), version__gt=OuterRef("version"))
    return past.objects.filter(~Exists(later), history_date__gt=now + MOST_BEHIND).order_by()


def _find_backwards(past: Any, repaired: int) -> models.QuerySet[Any]:
    """Select the versions, since the last repair, that are dated before the one before them."""
    before = past.objects.filter(
        id=OuterRef("id"),
        version=OuterRef("version") - 1,
        history_date__gt=OuterRef("history_date"),
    )
    return past.objects.filter(Exists(before), revision__gt=repaired).order_by()


def repair_times() -> int:
    """Date what is ahead again, by new versions of one revision; return how many these are.

    Call it only if `find_times` found something: the revision is written also where no row is
    ahead, and ends the reports of versions that go back. It is dated by the clock.
    """
    now = history.read_clock()
    count = 0
    with recorded(reason=REPAIR, moment=now) as unit:
        for model_label, past in list_sealed_models().items():
            versions = [*_find_ahead(past, now)]
            gone = [each for each in versions if each.history_type == Change.Op.DELETE]
            _date_rows(past.instance_type, {each.id for each in versions}, now)
            for each in gone:
                _date_deletion(unit, model_label, each)
            count += len(versions)
        if not count:  # a revision without changes would not be sealed
            _repeat(unit, Change.objects.latest("pk"))
    return count


def _date_rows(model: Any, keys: set[int], moment: datetime) -> None:
    """Give rows that are dated in the future a new version of this moment."""
    for chunk in chunks(keys):
        model._default_manager.filter(pk__in=chunk).update(updated_at=moment)


def _date_deletion(unit: Unit, label: str, version: Any) -> None:
    """Record the deletion of a row, which is dated in the future, once more."""
    revision = unit.revision
    told = Change.objects.filter(resource=label, row_key=str(version.id)).latest("pk")
    version.pk, version._state.adding = None, True
    version.version += 1
    version.updated_at = version.history_date = revision.at
    version.revision, version.history_change_reason = revision, revision.reason
    version.history_user_id = None
    version.save(force_insert=True)
    told.version, told.was_public = version.version, False
    _repeat(unit, told)


def _repeat(unit: Unit, change: Change) -> None:
    """Add a stored change to this revision, too."""
    change.pk, change.number, change._state.adding = None, None, True
    change.revision = unit.revision
    unit.deletions.append(change)


def examine_times() -> Iterator[CheckMessage]:
    """Report W030: times of the history go back, or lie in the future."""
    found = [*find_times()]
    if found:
        yield Warning(
            f"Times in the history that go back or lie in the future: {len(found)}; the first: "
            f"{found[0].where}.",
            hint=_REMEDY,
            id="ledger.W030",
        )
