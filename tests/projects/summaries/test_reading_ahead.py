"""Columns that take longer to read than a request may wait are read beside requests."""

import random
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest
from django.db import OperationalError, connection, connections
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from parks.recording.recording import recorded
from projects.models import Project
from projects.summaries import by_columns, reading_ahead
from projects.summaries.by_columns import forget_columns, wait_for_columns
from tests.answers import API, clear_kept, found
from tests.factories import ParkFactory, ProjectFactory
from tests.projects.summaries.test_by_columns import GROUPED, many

__all__ = ["many"]

pytestmark = pytest.mark.django_db(transaction=True)

STAGES, YEARS = "summary?group_by=stage,standing,kind", "summary?group_by=signed_year"


@pytest.fixture(autouse=True)
def nothing_at_once(many: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """However little it is, no request waits for it; and the reader neither waits nor rests."""
    monkeypatch.setattr(reading_ahead, "_DELAY", 0)
    monkeypatch.setattr(reading_ahead, "_REST", 0)
    for _number in range(2):
        ProjectFactory.create(park=ParkFactory.create())
    token = by_columns.MOST_READ.set(0)
    yield
    by_columns.MOST_READ.reset(token)
    forget_columns()


def is_in_memory(api: APIClient, question: str) -> bool:
    """Whether the database groups no projects for an answer; for the next one columns are there."""
    clear_kept()
    with CaptureQueriesContext(connection) as queries:
        found(api.get(f"{API}/projects/{question}"))
    wait_for_columns()
    return not any(GROUPED.search(query["sql"]) for query in queries)


def test_the_next_one_who_asks_has_what_was_missed(api: APIClient) -> None:
    assert [is_in_memory(api, STAGES) for _turn in range(2)] == [False, True]
    with recorded():
        Project.objects.all()[0].save()
    assert [is_in_memory(api, STAGES) for _turn in range(2)] == [False, True]


def test_the_reader_rests_after_it_has_read(
    api: APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading_ahead, "_REST", 10**6)
    is_in_memory(api, STAGES)
    assert [is_in_memory(api, YEARS) for _turn in range(3)] == [False] * 3
    forget_columns()
    assert [is_in_memory(api, YEARS) for _turn in range(2)] == [False, True]


def test_one_process_reads_at_a_time(api: APIClient) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [reading_ahead.READING_LOCK])
        assert [is_in_memory(api, STAGES) for _turn in range(3)] == [False] * 3
        cursor.execute("SELECT pg_advisory_unlock(%s)", [reading_ahead.READING_LOCK])
    assert [is_in_memory(api, STAGES) for _turn in range(2)] == [False, True]


# --- While others write --------------------------------------------------------------------------


def swap_parks(seed: int) -> None:
    """Let two projects move into each other's park, in one transaction."""
    chance = random.Random(seed)
    for _step in range(15):
        try:
            with recorded():
                one, other = chance.sample([*Project.objects.select_for_update()], 2)
                one.park_id, other.park_id = other.park_id, one.park_id
                one.save()
                other.save()
        except OperationalError:  # each waited for the other
            continue
    connections.close_all()


def read_until(writers: list["Future[Any]"], by: str) -> int:
    """Ask again and again: each park has one project in every answer."""
    by_columns.MOST_READ.set(0)
    api, number = APIClient(), 0
    while not all(writer.done() for writer in writers):
        rows = found(api.get(f"{API}/projects/summary?group_by=park,{by}"))["rows"]
        parks = [row["park"]["value"] for row in rows if row["count"]]
        assert len(parks) == len({*parks}) == Project.objects.count(), parks
        number += 1
        time.sleep(0.01)
    connections.close_all()
    return number


def test_readers_beside_writers_see_one_state(api: APIClient, settings: Any) -> None:
    settings.CACHE_MAX_BYTES = 0  # so that every answer is of columns, if they are there
    for number in range(4):
        ProjectFactory.create(park=ParkFactory.create(code=f"park-{number}"))
    with ThreadPoolExecutor(5) as pool:
        writers = [pool.submit(swap_parks, seed) for seed in range(3)]
        by = ("stage,kind", "signed_year,function")
        readers = [pool.submit(read_until, writers, each) for each in by]
        assert sum(reader.result() for reader in readers) > 2
    assert [is_in_memory(api, STAGES) for _turn in range(3)][-1]
