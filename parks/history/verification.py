"""Verify the history against its seals, and that its times never go back."""

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
from parks.recording.recording import RevisionWriter, recorded
from parks.recording.records import Change, Identity, Revision, Seal
from parks.recording.seals import START, chain_digest, digests, list_sealed_models

_CHUNK = 2_000  # rows that are read at once


@dataclass(frozen=True)
class Finding:
    """A difference between the history and its seals, or a wrong time."""

    what: str  # altered, missing, added, broken, ahead or back
    where: str  # parks.historicalpark 12, or a seal


@dataclass(frozen=True)
class Head:
    """The end of the chain of seals. Keep it elsewhere: a chain that was cut short verifies, too.

    `rows` is the number of rows compared, `newest` the newest sealed key by table.
    """

    number: int = 0
    digest: str = START
    rows: int = 0
    newest: Mapping[str, int] = field(default_factory=dict)


def verify(findings: list[Finding], expected: str = "", since: Head = Head()) -> Head:  # noqa: B008
    """Verify the seals and rows of the history, and append what is wrong to `findings`.

    The chain must contain `expected`, a digest noted earlier, and continue from `since`; rows
    sealed up to there are not compared again.
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
    """The set of sealed keys of a table after `first`; a byte for each key."""

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
    # Of a row that cannot be read the digest is "", which no seal has
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
    """Read up to where the history of this ledger has been verified; kept outside the database."""
    kept = _read_kept().get(str(Identity.of_ledger()))
    return Head(**kept) if kept else Head()


def keep_verified(head: Head) -> None:
    """Store up to where the history has been verified."""
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

    The latter are reported until the next repair.
    """
    now = history.read_clock()
    by_command = Q(user_id=None, request_id="", batch="", reason=REPAIR)
    repaired = Revision.objects.filter(by_command).aggregate(last=Max("pk"))["last"] or 0
    ahead = Revision.objects.filter(pk__gt=repaired, at__gt=now + MOST_BEHIND)
    for key, at in ahead.order_by("pk").values_list("pk", "at"):
        yield Finding("ahead", f"{Revision._meta.label_lower} {key} ({_write_time(at)})")
    for past in list_sealed_models().values():
        name = "code" if hasattr(past, "code") else "id"
        columns = ("pk", name, "version", "history_date")
        found = dict.fromkeys(_find_ahead(past, now).values_list(*columns), "ahead")
        before = past.objects.filter(
            id=OuterRef("id"),
            version=OuterRef("version") - 1,
            history_date__gt=OuterRef("history_date"),
        )
        back = past.objects.filter(Exists(before), revision__gt=repaired).order_by()
        found |= dict.fromkeys(back.values_list(*columns), "back")
        for (key, value, version, at), what in sorted(found.items()):
            row = f"{name} {value}, version {version}, {_write_time(at)}"
            yield Finding(what, f"{past._meta.label_lower} {key} ({row})")


def _write_time(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def _find_ahead(past: Any, now: datetime) -> models.QuerySet[Any]:
    later = past.objects.filter(id=OuterRef("id"), version__gt=OuterRef("version"))
    return past.objects.filter(~Exists(later), history_date__gt=now + MOST_BEHIND).order_by()


def repair_times() -> int:
    """Give rows dated in the future new versions dated now, in one revision; return how many.

    Call it only if `find_times` found something: the revision is also written if no row is ahead,
    and ends the reports of versions that go back.
    """
    now = history.read_clock()
    count = 0
    with recorded(reason=REPAIR, moment=now) as writer:
        for model_label, past in list_sealed_models().items():
            versions = [*_find_ahead(past, now)]
            gone = [each for each in versions if each.history_type == Change.Op.DELETE]
            for chunk in chunks({each.id for each in versions}):
                rows = past.instance_type._default_manager.filter(pk__in=chunk)
                rows.update(updated_at=now)
            for each in gone:
                _date_deletion(writer, model_label, each)
            count += len(versions)
        if not count:  # a revision without changes would not be sealed
            _repeat(writer, Change.objects.latest("pk"))
    return count


def _date_deletion(writer: RevisionWriter, label: str, version: Any) -> None:
    revision = writer.revision
    change = Change.objects.filter(resource=label, row_key=str(version.id)).latest("pk")
    version.pk, version._state.adding = None, True
    version.version += 1
    version.updated_at = version.history_date = revision.at
    version.revision, version.history_change_reason = revision, revision.reason
    version.history_user_id = None
    version.save(force_insert=True)
    change.version, change.was_public = version.version, False
    _repeat(writer, change)


def _repeat(writer: RevisionWriter, change: Change) -> None:
    change.pk, change.number, change._state.adding = None, None, True
    change.revision = writer.revision
    writer.deletions.append(change)


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
