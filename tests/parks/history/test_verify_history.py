"""Tamper evidence: whatever is done to the history behind the application's back is found."""

import json
import random
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, models, transaction

from parks.history.verification import Finding, Head, read_verified, verify
from parks.models import Organisation, Park
from parks.recording.records import Change, Identity, Revision, Seal
from parks.recording.seals import list_sealed_models, settle
from projects.models import Project
from tests.factories import ParkFactory, ProjectFactory, SectorGroupFactory
from tests.samples import IS_LONG, IS_LONGEST
from tests.seeded import kept_rows
from tests.together import together

pytestmark = pytest.mark.django_db

TAMPERINGS = 1_000 if IS_LONGEST else 200 if IS_LONG else 15


@pytest.fixture(autouse=True)
def own_folder(settings: Any, tmp_path: Any) -> None:
    """What is kept beside the database is that of one test."""
    settings.VAR_DIR = tmp_path


@kept_rows
def ledger() -> None:
    """A history of several seals: rows written, changed and deleted."""
    park = ParkFactory.create()
    park.leading_sectors.add(SectorGroupFactory.create())
    park.save()
    for number in range(4):
        project = ProjectFactory.create(park=park, met=["signed"], name_en=f"Project {number}")
        settle()
        project.note = "Changed."
        project.save()
    Organisation.objects.create(name_en="Passing").delete()
    park.leading_sectors.add(SectorGroupFactory.create())
    park.save()
    settle()
    Project.objects.all()[0].delete()
    settle()


def checked(expected: str = "") -> tuple[list[Finding], Head]:
    findings: list[Finding] = []
    return findings, verify(findings, expected)


def test_a_history_that_nobody_touched_is_whole(ledger: None, capsys: Any) -> None:
    findings, head = checked()
    assert findings == []
    assert head.number == Change.objects.count()
    assert head.rows == Revision.objects.count() + sum(
        past.objects.count() for past in list_sealed_models().values()
    )
    call_command("verify_history", json=True, expect=head.digest)
    assert json.loads(capsys.readouterr().out)["digest"] == head.digest


@contextmanager
def undone() -> Iterator[None]:
    """Whatever is done inside is rolled back."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def any_row(chance: random.Random) -> tuple[Any, int]:
    """A row of the history or of the revisions, anywhere."""
    tables: list[Any] = [Revision, *list_sealed_models().values()]
    rows = [(t, key) for t in tables for key in t.objects.values_list("pk", flat=True)]
    return chance.choice(sorted(rows, key=lambda row: (row[0].__name__, row[1])))


def alter(chance: random.Random) -> str:
    """Another value in one column of one row."""
    model, key = any_row(chance)
    row = model.objects.filter(pk=key).values().get()
    columns = [
        f
        for f in model._meta.concrete_fields
        if not (f.generated or f.primary_key) and f.name not in ("history_type",)
    ]
    column = chance.choice(columns)
    value = row[column.attname]
    new: Any = chance.randrange(10**6, 10**7)
    kind = column.target_field if isinstance(column, models.ForeignKey) else column
    if isinstance(kind, models.CharField | models.TextField):
        new = "forged"[: kind.max_length]
    elif isinstance(column, models.DateTimeField | models.DateField):
        new = "2001-02-03T04:05:06Z" if isinstance(column, models.DateTimeField) else "2001-02-03"
    elif isinstance(column, models.BooleanField):
        new = not value
    elif isinstance(column, models.DecimalField):  # of as many digits as there may be
        new = Decimal(new).scaleb(column.max_digits - column.decimal_places - 7)
    rows = models.QuerySet(model).filter(pk=key)
    with connection.constraint_checks_disabled():
        rows.update(**{column.attname: new})
    return f"{model._meta.label_lower} {key}"


def remove(chance: random.Random) -> str:
    model, key = any_row(chance)
    models.QuerySet(model).filter(pk=key)._raw_delete("default")  # type: ignore[attr-defined]
    return f"{model._meta.label_lower} {key}"


def add(chance: random.Random) -> str:
    """A version that was never written, in a revision that was."""
    past = chance.choice([p for p in list_sealed_models().values() if p.objects.exists()])
    row = chance.choice(list(past.objects.order_by("pk")))
    row.pk = None
    row.history_id = None
    row._state.adding = True
    row.save()
    return f"{past._meta.label_lower} {row.pk}"


def swap(chance: random.Random) -> str:
    """Two versions in each other's place."""
    past = chance.choice([p for p in list_sealed_models().values() if p.objects.count() > 1])
    one, other = sorted(chance.sample(list(past.objects.values_list("pk", flat=True)), 2))
    rows = models.QuerySet(past)
    for old, new in ((one, -1), (other, one), (-1, other)):
        rows.filter(pk=old).update(history_id=new)
    return f"{past._meta.label_lower} {one}"


def break_seal(chance: random.Random) -> str:
    """A seal that is taken out of the middle, or whose manifest leaves a row out."""
    seals = list(Seal.objects.order_by("last_number"))
    seal = chance.choice(seals[:-1])
    if chance.random() < 0.5:
        models.QuerySet(Seal).filter(pk=seal.pk).delete()
    else:
        lines = bytes(seal.manifest).splitlines(keepends=True)
        lines.pop(chance.randrange(len(lines)))
        models.QuerySet(Seal).filter(pk=seal.pk).update(manifest=b"".join(lines))
    return ""


@pytest.mark.slow
@pytest.mark.both_databases
@together("tamper", [alter, remove, add, swap, break_seal])
def test_every_tampering_is_found_and_the_row_is_named(
    ledger: None, tamper: Callable[[random.Random], str]
) -> None:
    for seed in range(TAMPERINGS // 5):
        with undone():
            place = tamper(random.Random(seed))
            findings, _head = checked()
            assert findings, (tamper.__name__, seed)
            if tamper in (alter, remove, add):
                assert findings[0].where == place, (tamper.__name__, seed)
            assert not place or place in {each.where for each in findings}


@pytest.mark.only_sqlite
def test_a_number_that_sqlite_takes_and_nobody_can_read_is_found(ledger: None) -> None:
    past = Project.history.order_by("pk")[2]
    models.QuerySet(type(past)).filter(pk=past.pk).update(latitude=10**9)
    assert [f"{f.what} {f.where}" for f in checked()[0]] == [
        f"altered projects.historicalproject {past.pk}"
    ]


@pytest.mark.both_databases
def test_a_sector_taken_from_a_version_of_a_park_is_found(ledger: None) -> None:
    past: Any = list_sealed_models()["parks.park"]
    members = past.leading_sectors.model
    models.QuerySet(members).filter(pk=members.objects.order_by("pk")[0].pk).delete()
    assert checked()[0][0].where.startswith("parks.historicalpark ")


def test_a_tail_that_was_cut_off_is_revealed_by_the_digest_that_was_noted(ledger: None) -> None:
    noted = checked()[1].digest
    last = Seal.objects.order_by("-last_number")[0]
    revisions = list(
        Change.objects.filter(number__gte=last.first_number).values_list("revision_id", flat=True)
    )
    for past in list_sealed_models().values():
        for versions in past.objects.filter(revision__in=revisions):
            versions.delete()
    Change.objects.filter(number__gte=last.first_number).delete()
    models.QuerySet(Revision).filter(pk__in=revisions).delete()
    last.delete()
    assert checked()[0] == []
    assert [f.what for f in checked(noted)[0]] == ["missing"]


# --- What was found whole before ----------------------------------------------------------------


def forge(row: Any) -> str:
    """Alter a row of the history behind everybody's back; what is then said of it."""
    models.QuerySet(type(row)).filter(pk=row.pk).update(history_change_reason="forged")
    return f"{row._meta.label_lower} {row.pk}"


def say(**options: Any) -> str:
    """What the command finds first; blank if nothing."""
    try:
        call_command("verify_history", **options)
    except CommandError as error:
        return str(error)
    return ""


@pytest.mark.both_databases
def test_only_what_was_sealed_since_is_compared_again(ledger: None, capsys: Any) -> None:
    assert say(json=True) == ""
    rows = json.loads(capsys.readouterr().out)["rows"]
    ParkFactory.create()
    assert say(json=True) == ""
    second = json.loads(capsys.readouterr().out)
    assert 0 < second["rows"] < rows
    assert 0 < second["since"] < second["number"]
    ParkFactory.create()
    settle()
    newest = forge(Park.history.order_by("-pk")[0])
    assert newest in say()
    assert newest in say()  # what was not whole is not passed over the next time


def test_an_earlier_row_that_was_altered_is_found_where_all_are_compared(ledger: None) -> None:
    assert say() == ""
    altered = forge(Project.history.order_by("pk")[0])
    assert say() == ""
    assert altered in say(all=True)


def test_a_row_that_was_added_is_found_without_a_seal(ledger: None) -> None:
    assert say() == ""
    forged = Project.history.order_by("pk")[0]
    forged.pk = None
    models.Model.save(forged, force_insert=True)
    assert f"added projects.historicalproject {forged.pk}" in say()


def test_a_chain_that_was_cut_or_replaced_since_is_found_without_a_digest(ledger: None) -> None:
    assert say() == ""
    models.QuerySet(Seal).filter(pk=Seal.objects.order_by("-last_number")[0].pk).update(
        digest="0" * 64
    )
    assert "missing seal with the digest" in say()


def test_another_ledger_begins_at_its_start(ledger: None) -> None:
    assert say() == ""
    Identity.objects.update(uuid=uuid.uuid4())
    assert read_verified() == Head()
