"""Loading `fixtures/`: vocabularies are updated by code, ledger rows are written once.

A ledger row is validated and written by the serializer of the API. It is written again only if its
line in the file changed and nobody has edited or deleted it since.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.db import IntegrityError, connection, models, transaction
from django.db.models import F
from rest_framework.exceptions import ValidationError
from rest_framework.serializers import BaseSerializer

from api.serializers import LedgerSerializer
from config.database.time_limits import renew_statistics
from parks.access import Publication
from parks.claims.serializers import (
    FigureSerializer,
    PersonSerializer,
    PostSerializer,
    TimelineEntrySerializer,
)
from parks.models import (
    Figure,
    Indicator,
    LedgerModel,
    Organisation,
    Park,
    Person,
    Region,
    RegionGroup,
    RegionGroupMember,
    RegionName,
    Sector,
    SectorGroup,
    SectorGroupMember,
    SeededRow,
    Source,
    Tag,
    TimelineEntry,
)
from parks.recording.recording import recorded
from parks.recording.records import Change
from parks.serializers import OrganisationSerializer, ParkSerializer, SourceSerializer
from projects.children.serializers import (
    EventFigureSerializer,
    MilestoneSerializer,
    ParticipationSerializer,
    ProjectFigureSerializer,
    ProjectTagSerializer,
)
from projects.models import LightRule, Project, SigningEvent
from projects.serializers import EventSerializer, ProjectSerializer
from projects.tracking.lights import LightRuleSerializer
from sheets.dates import DateError, PartialDate

WHOLE_FILE = "(file)"
SEEDING = {"is_seeding": True}  # claims may be changed; constraints are left to the database


class FixtureError(Exception):
    """A rejected line of a fixture file."""


@dataclass(frozen=True)
class VocabularyFile:
    """A file of coded terms."""

    file: str
    model: type[models.Model]
    members: type[models.Model] | None = None


@dataclass(frozen=True)
class Ledger:
    """A file of ledger rows, with the serializers of their child rows."""

    file: str
    model: type[LedgerModel]
    serializer: type[LedgerSerializer]
    owner: str = ""
    children: dict[str, type[LedgerSerializer]] = field(default_factory=dict)


VOCABULARIES = [
    VocabularyFile("regions.jsonl", Region),
    VocabularyFile("region_groups.jsonl", RegionGroup, RegionGroupMember),
    VocabularyFile("sectors.jsonl", Sector),
    VocabularyFile("sector_groups.jsonl", SectorGroup, SectorGroupMember),
    VocabularyFile("indicators.jsonl", Indicator),
    VocabularyFile("tags.jsonl", Tag),
]
LEDGERS = [
    Ledger("sources.jsonl", Source, SourceSerializer),
    Ledger("organisations.jsonl", Organisation, OrganisationSerializer),
    Ledger("people.jsonl", Person, PersonSerializer, "person", {"posts": PostSerializer}),
    Ledger("parks.jsonl", Park, ParkSerializer),
    Ledger("light_rules.jsonl", LightRule, LightRuleSerializer),
    Ledger("figures.jsonl", Figure, FigureSerializer),
    Ledger("timeline.jsonl", TimelineEntry, TimelineEntrySerializer),
    Ledger(
        "events.jsonl", SigningEvent, EventSerializer, "event", {"figures": EventFigureSerializer}
    ),
    Ledger(
        "projects.jsonl",
        Project,
        ProjectSerializer,
        "project",
        {
            "milestones": MilestoneSerializer,
            "participations": ParticipationSerializer,
            "tags": ProjectTagSerializer,
            "figures": ProjectFigureSerializer,
        },
    ),
]


def load_all(folder: Path, ledger: bool = True) -> Iterator[tuple[str, Counter[str]]]:
    """Load every file of the folder; yield its name and the number of rows by outcome.

    The outcomes are created, updated, same, edited (left alone) and deleted (stays deleted).
    """
    changed = 0
    files: list[Any] = [*VOCABULARIES, *(LEDGERS if ledger else [])]
    for each in files:
        load: Any = load_ledger if isinstance(each, Ledger) else load_vocabulary
        fates = load(folder / each.file, each)
        changed += fates["created"] + fates["updated"]
        yield each.file, fates
    if changed:
        analyse()
    renew_statistics()  # also of rows that an earlier version imported


def analyse() -> None:
    """Update the statistics of the database's planner.

    Until then, PostgreSQL keeps the plans that it made for empty tables.
    """
    # Only our own tables: those of the whole server would be locked until the transaction ends
    tables = [
        connection.ops.quote_name(model._meta.db_table)
        for app in ("parks", "projects")
        for model in apps.get_app_config(app).get_models(include_auto_created=True)
    ]
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"ANALYZE {table}")


def read_lines(path: Path) -> list[tuple[str, dict[str, Any]]]:
    """Read the rows of a JSON Lines file, each with the digest of its line."""
    rows = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            row = json.loads(line)
        except ValueError as error:
            raise FixtureError(f"{path.name}, line {number}: {error}") from error
        if not isinstance(row, dict) or not isinstance(row.get("code"), str):
            raise FixtureError(f"{path.name}, line {number}: not a row with a code")
        rows.append((hashlib.sha256(line.encode()).hexdigest(), row))
    return rows


@recorded(reason="load_fixtures")
def load_vocabulary(path: Path, vocabulary: VocabularyFile) -> Counter[str]:
    """Insert or update all terms of a file by code, unless the file is unchanged."""
    model = vocabulary.model
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    rows = [row for _digest, row in read_lines(path)]
    label = model._meta.label_lower
    if SeededRow.objects.filter(model=label, code_key=WHOLE_FILE, digest=digest).exists():
        return Counter(same=len(rows))
    members = {row["code"]: row.pop("members", []) for row in rows}
    terms = [term_of(vocabulary, row) for row in rows]
    known = set(model._default_manager.values_list("pk", flat=True))
    names = [f.name for f in model._meta.concrete_fields if not f.primary_key]
    model._default_manager.bulk_create(
        terms, batch_size=1000, update_conflicts=True, unique_fields=["code"], update_fields=names
    )
    if vocabulary.members:
        vocabulary.members._default_manager.filter(group__in=members).delete()
        vocabulary.members._default_manager.bulk_create(
            vocabulary.members(group_id=group, **columns_of(vocabulary.members, member))
            for group, rows_of_group in members.items()
            for member in rows_of_group
        )
    if model is Sector:  # projects derive `hitech` from their sectors
        classified = Project.objects.filter(sector__isnull=False)
        classified.exclude(hitech=F("sector__hitech")).derive()
    if model is Region:
        RegionName.rebuild(list(Region.objects.all()))
    SeededRow.objects.update_or_create(
        model=label, code_key=WHOLE_FILE, defaults={"digest": digest, "version": 1}
    )
    with recorded() as writer:
        writer.note(model, members.keys() - known, Change.Op.CREATE)
        writer.note(model, members.keys() & known)
    created = len(members.keys() - known)
    return Counter(created=created, updated=len(rows) - created)


def term_of(vocabulary: VocabularyFile, row: dict[str, Any]) -> models.Model:
    try:
        return vocabulary.model(**columns_of(vocabulary.model, row))
    except (FieldDoesNotExist, DateError) as error:
        raise FixtureError(f"{vocabulary.file}: {row['code']}: {error}") from error


def columns_of(model: type[models.Model], row: dict[str, Any]) -> dict[str, Any]:
    """Turn a line into arguments of the model."""
    columns = {}
    for name, value in row.items():
        column: Any = model._meta.get_field(name)
        if isinstance(column, models.DateField):
            # Vocabularies have days: the first or last one of a month or year
            period = PartialDate.parse(value)
            value = period.first if name == "valid_from" else period.last
        columns[column.attname] = value
    return columns


@transaction.atomic
def load_ledger(path: Path, ledger: Ledger) -> Counter[str]:
    """Write the rows of a file that are new, or that changed in the file alone."""
    label = ledger.model._meta.label_lower
    seeded = {row.code_key: row for row in SeededRow.objects.filter(model=label)}
    fates: Counter[str] = Counter()
    written: dict[str, str] = {}  # digests by code
    context = {**SEEDING, "found_rows": {}}
    with recorded(reason="load_fixtures"):
        for digest, row in read_lines(path):
            key = row["code"].lower()
            known = seeded.get(key)
            if known and known.digest == digest:
                fates["same"] += 1
                continue
            stored = ledger.model._default_manager.filter(code_key=key).first()
            if known is None and stored is None:
                fates["created"] += 1
            elif known and stored and stored.version == known.version:
                fates["updated"] += 1
            else:
                fates["edited" if stored else "deleted"] += 1
                continue
            write_row(ledger, row, stored, context)
            written[key] = digest
    # Read after the revision, which sets the versions
    rows = ledger.model._default_manager.filter(code_key__in=written)
    SeededRow.objects.bulk_create(
        (
            SeededRow(model=label, code_key=key, digest=written[key], version=version)
            for key, version in rows.values_list("code_key", "version")
        ),
        batch_size=1000,
        update_conflicts=True,
        unique_fields=["model", "code_key"],
        update_fields=["digest", "version"],
    )
    return fates


def write_row(
    ledger: Ledger, row: dict[str, Any], stored: LedgerModel | None, context: dict[str, Any]
) -> None:
    """Write one row with its children; `context` is that of the file's serializers."""
    children = {name: row.pop(name, []) for name in ledger.children}
    if hasattr(ledger.model, "publication"):
        row.setdefault("publication", Publication.PUBLISHED)
    code = row["code"]
    of_row = {**context, "is_replacement": stored is not None}
    saved = save(ledger.serializer(stored, data=row, context=of_row), f"{ledger.file}: {code}")
    for name, serializer in ledger.children.items():
        of_children = {**context, "parent_row": {ledger.owner: saved}}
        write_children(saved, ledger, serializer, name, children[name], of_children)


def write_children(
    parent: LedgerModel,
    ledger: Ledger,
    serializer: type[LedgerSerializer],
    name: str,
    rows: list[dict[str, Any]],
    context: dict[str, Any],
) -> None:
    """Write the child rows: update those with codes, and recreate the others."""
    named = {row["code"].lower() for row in rows if "code" in row}
    stored = {}
    for child in getattr(parent, name).all():
        key = getattr(child, "code_key", None)
        if key in named:
            stored[key] = child
        else:
            child.delete()  # before inserts that may conflict with it
    for row in rows:
        child = stored.get(row.get("code", "").lower())
        of_row = {**context, "is_replacement": child is not None}
        made = serializer(child, data=row, context=of_row)
        save(made, f"{ledger.file}: {parent.code}, {name}", **{ledger.owner: parent})


def save(serializer: BaseSerializer[Any], place: str, **owner: Any) -> Any:
    try:
        serializer.is_valid(raise_exception=True)
    except ValidationError as error:
        raise FixtureError(f"{place}: {json.dumps(error.detail, ensure_ascii=False)}") from error
    try:
        return serializer.save(**owner)
    except IntegrityError as error:
        raise FixtureError(f"{place}: {error}") from error
