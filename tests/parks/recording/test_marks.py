"""The version of the ledger: another one after each commit, and never one again."""

import random
import time
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event
from typing import Any

import pytest
from django.db import OperationalError, connection, connections, transaction
from django.db.models import Q
from django.test.utils import CaptureQueriesContext

from config.database.history import ledger_version
from config.database.prepared import snapshot
from parks.models import Organisation
from parks.recording.recording import leave_marks, read_ledger_version
from parks.recording.records import WriteMark
from tests.factories import ParkFactory, ProjectFactory
from tests.samples import IS_LONG
from tests.together import together

pytestmark = pytest.mark.both_databases

WRITERS, TRANSACTIONS = (6, 12) if IS_LONG else (4, 5)


def test_what_is_given_up_leaves_no_mark(transactional_db: None) -> None:
    Organisation.objects.create(name_en="Here before")
    before = ledger_version()
    with transaction.atomic():
        Organisation.objects.create(name_en="Passing")
        assert ledger_version() != before
        transaction.set_rollback(True)
    assert ledger_version() == before


@pytest.mark.django_db
def test_it_is_read_by_one_query_that_asks_nothing_of_the_changes() -> None:
    Organisation.objects.bulk_create(Organisation(name_en=f"No. {n}") for n in range(50))
    with CaptureQueriesContext(connection) as queries:
        ledger_version()
    (query,) = queries
    assert WriteMark._meta.db_table in query["sql"]
    assert WriteMark.objects.count() == 1


def write_until(is_written: Event, may_end: Event) -> None:
    """Write a row, and commit only when somebody says so."""
    with transaction.atomic():
        Organisation.objects.create(name_en="Begun first")
        is_written.set()
        assert may_end.wait(10)
    connections.close_all()


def test_who_began_first_and_ends_last_changes_it_too_and_nobody_waits(
    database_in_a_file: None,
) -> None:
    versions = [ledger_version()]
    is_written, may_end = Event(), Event()
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(write_until, is_written, may_end)
        assert is_written.wait(10)
        versions.append(ledger_version())
        assert versions[1] == versions[0]  # nothing is committed
        if connection.vendor == "postgresql":  # SQLite has one writer at a time
            Organisation.objects.create(name_en="Begun last")
            versions.append(ledger_version())
        may_end.set()
        first.result()
    versions.append(ledger_version())
    assert len(set(versions)) == len(versions) - 1


def write_at_random(seed: int) -> None:
    """Transactions of several rows, of different lengths, and some of them given up."""
    chance = random.Random(seed)
    for _number in range(TRANSACTIONS):
        try:
            with transaction.atomic():
                rows = [Organisation.objects.create(name_en=f"of {seed}") for _n in range(2)]
                time.sleep(chance.choice([0, 0.002, 0.01]))
                Organisation.objects.filter(pk=rows[0].pk).update(note="changed")
                transaction.set_rollback(chance.random() < 0.2)
        except OperationalError:  # SQLite was busy for two seconds
            continue
    connections.close_all()


def read_until(writers: list["Future[Any]"]) -> list[tuple[str, Any]]:
    """States of the ledger, each with its version."""
    states = []
    while not all(writer.done() for writer in writers):
        with snapshot():
            rows = tuple(Organisation.objects.order_by("pk").values_list("pk", "version"))
            states.append((ledger_version(), rows))
        time.sleep(0.01)
    connections.close_all()
    return states


def test_states_have_the_same_version_if_and_only_if_they_are_the_same(
    database_in_a_file: None,
) -> None:
    with ThreadPoolExecutor(WRITERS + 2) as pool:
        writers = [pool.submit(write_at_random, seed) for seed in range(WRITERS)]
        readers = [pool.submit(read_until, writers) for _reader in range(2)]
    states = {state for reader in readers for state in reader.result()}
    assert len(states) > WRITERS
    assert len({version for version, _rows in states}) == len(states)
    assert len({rows for _version, rows in states}) == len(states)
    assert WriteMark.objects.count() <= 2 * WRITERS  # as many as write at once


@pytest.mark.django_db
@together("count", [0, 1, 2, 3, 4, 5])
def test_a_write_leaves_one_mark_on_the_ledger_and_on_each_of_its_parks(
    monkeypatch: pytest.MonkeyPatch, count: int
) -> None:
    monkeypatch.setattr("parks.recording.recording._AT_ONCE", 2)
    parks = [*range(9_001, 9_007)]
    marked = {None, *parks[:count]}
    states = []
    for _time in range(2):
        leave_marks(parks[:count])
        rows = WriteMark.objects.filter(Q(park_id__in=parks) | Q(park_id=None))
        states.append({row.park_id: (row.pk, row.number) for row in rows})
        assert len(rows) == len(states[-1])
    first, second = states
    assert {park for park in first if first[park] != second[park]} == marked
    assert {park: key for park, (key, _number) in first.items()} == {
        park: key for park, (key, _number) in second.items()
    }
    assert len({second[park][1] for park in marked}) == 1 + (max(count, 1) - 1) // 2


@pytest.mark.django_db
def test_a_write_marks_the_parks_where_its_rows_were_and_where_they_are() -> None:
    ParkFactory.create()
    bay, town = ParkFactory.create(), ParkFactory.create()
    fab = ProjectFactory.create(park=bay)
    before = dict(WriteMark.objects.values_list("park_id", "number"))
    fab.park = town
    fab.save()
    after = dict(WriteMark.objects.values_list("park_id", "number"))
    assert {park for park in after if after[park] != before[park]} == {None, bay.pk, town.pk}


@pytest.mark.django_db
def test_the_numbers_of_a_version_stand_apart() -> None:
    for numbers in ((1, 23), (12, 3)):
        WriteMark.objects.all().delete()
        WriteMark.objects.bulk_create(WriteMark(number=number) for number in numbers)
        assert read_ledger_version() == ".".join(map(str, numbers))
