"""Verify that the history is what was sealed, and that its times never go back."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Warning
from django.db import models
from django.db.models import Exists, Max, OuterRef, Q

from config.database import history
from config.database.history import MOST_BEHIND
from parks.recording.change_rows import chunks
from parks.recording.recording import Unit, recorded
from parks.recording.records import Change, Identity, Revision, Seal
from parks.recording.seals import START, chain_digest, digests, list_sealed_models

_CHUNK = 2_000  # rows that are read at once


@dataclass(frozen=True)
class Finding:
    """Something that is not as it was sealed: where, and what about it."""

    what: str  # altered, missing, added or broken
    where: str  # parks.historicalpark 12, or a seal


@dataclass(frozen=True)
class Head:
    """The end of the chain: to be kept elsewhere, since a chain that was cut is whole.

    `rows` says how many were compared, `newest` has by table the newest key that is sealed.
    """

    number: int = 0
    digest: str = START
    rows: int = 0
    newest: Mapping[str, int] = field(default_factory=dict)


def verify(findings: list[Finding], expected: str = "", since: Head = Head()) -> Head:  # noqa: B008
    """Check seals and rows of the history; `findings` gets what is wrong, in order.

    `expected` is a digest that was noted earlier: the chain must still hold it. What was sealed
    up to `since` is not compared again, but the chain must go on from there.
    """
    histories = list_sealed_models().values()
    models: dict[str, Any] = {past._meta.label_lower: past for past in histories}
    models[Revision._meta.label_lower] = Revision
    newest = since.newest
    sealed = {label: SealedKeys(each, newest.get(label, 0)) for label, each in models.items()}
    before, number = since.digest, since.number
    for seal in Seal.objects.filter(last_number__gt=number).order_by("last_number").iterator(10):
        manifest = bytes(seal.manifest)
        if seal.first_number != number + 1 or chain_digest(before, manifest) != seal.digest:
            findings.append(Finding("broken", f"seal {seal.first_number}-{seal.last_number}"))
        lines = [line.split(" ") for line in manifest.decode(errors="replace").splitlines()]
        lines = [line for line in lines if len(line) == 3 and line[0] in models]
        findings += _compare(models, lines)
        for label, key, _digest in lines:
            sealed[label].add(int(key))
        before, number = seal.digest, seal.last_number
    findings += _find_unsealed(models, sealed, number)
    for digest in dict.fromkeys((since.digest, expected)):
        if digest not in ("", START) and not Seal.objects.filter(digest=digest).exists():
            findings.append(Finding("missing", f"seal with the digest {digest}"))
    rows = sum(keys.count for keys in sealed.values())
    return Head(number, before, rows, {label: keys.newest for label, keys in sealed.items()})


class SealedKeys:
    """Which rows of a table are sealed, of those after the first ones: a byte for each."""

    def __init__(self, model: Any, first: int) -> None:
        last = model.objects.aggregate(last=Max("pk"))["last"] or 0
        self.first = first
        self.flags = bytearray(max(last - first, 0) + 1)

    def add(self, key: int) -> None:
        if 0 < key - self.first < len(self.flags):
            self.flags[key - self.first] = 1

    def __contains__(self, key: int) -> bool:
        return bool(self.flags[key - self.first])

    @property
    def count(self) -> int:
        return self.flags.count(1)

    @property
    def newest(self) -> int:
        return self.first + max(self.flags.rfind(1), 0)


def _compare(models: dict[str, Any], lines: list[list[str]]) -> Iterator[Finding]:
    """The rows of a manifest that are gone or say something else, in its order."""
    for start in range(0, len(lines), _CHUNK):
        part = lines[start : start + _CHUNK]
        found: dict[tuple[str, str], str] = {}
        for label in {line[0] for line in part}:
            keys = [int(line[1]) for line in part if line[0] == label]
            for row, digest in _digest(models[label], keys).items():
                found[label, str(row)] = digest
        for label, key, digest in part:
            stored = found.get((label, key))
            if stored != digest:
                yield Finding("missing" if stored is None else "altered", f"{label} {key}")


def _digest(model: Any, keys: list[int]) -> dict[int, str]:
    """Digest what rows say, by key; "" for one that cannot be read, as no ledger wrote it so."""
    try:
        return dict(digests(model, keys))
    except (ArithmeticError, ValueError):  # such as a number with more digits than its column
        if len(keys) == 1:
            return {keys[0]: ""}
        middle = len(keys) // 2
        return _digest(model, keys[:middle]) | _digest(model, keys[middle:])


def _find_unsealed(
    models: dict[str, Any], sealed: dict[str, SealedKeys], number: int
) -> Iterator[Finding]:
    """Rows that no seal knows, other than those of changes that are not settled yet."""
    waiting = set(
        Change.objects.filter(number__isnull=True).values_list("revision_id", flat=True).distinct()
    )
    for label, model in models.items():
        column = "pk" if model is Revision else "revision_id"
        rows = model.objects.filter(pk__gt=sealed[label].first).order_by("pk")
        rows = rows.values_list("pk", column)
        for key, revision in rows.iterator(_CHUNK):
            if key not in sealed[label] and revision not in waiting:
                yield Finding("added", f"{label} {key}")
    beyond = Change.objects.filter(number__gt=number).order_by("number").first()
    if beyond is not None:
        yield Finding("missing", f"seal after number {number}")


def read_verified() -> Head:
    """Read up to where the history of this ledger was found whole; the start if it never was.

    It is kept beside the database: who writes there cannot say that it was found whole.
    """
    kept = _read_kept().get(str(Identity.of_ledger()))
    return Head(**kept) if kept else Head()


def keep_verified(head: Head) -> None:
    """Keep up to where the history was found whole."""
    kept = {**_read_kept(), str(Identity.of_ledger()): asdict(head)}
    path = _find_path()
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_suffix(".new")
    beside.write_text(json.dumps(kept, indent=1), encoding="utf-8")
    beside.replace(path)


def _find_path() -> Path:
    return Path(settings.VAR_DIR) / "verified.json"


def _read_kept() -> dict[str, Any]:
    path = _find_path()
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


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
