"""The feed while many write at once: none is missed and none is seen twice."""

import random
import time
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest
from django.db import OperationalError, connection, connections, transaction
from rest_framework.test import APIClient

from parks.models import Organisation
from parks.recording.records import Change
from tests.answers import API, found
from tests.samples import IS_LONG

pytestmark = pytest.mark.both_databases

ROUNDS = 10 if IS_LONG else 1
WRITERS, TRANSACTIONS = 12, 15 if ROUNDS > 1 else 4


class AbortError(Exception):
    """A writer thinks better of it."""


def write(writer: int, seed: int) -> list[tuple[str, str]]:
    """Transactions of many lengths, some of them given up; returns what was committed."""
    chance = random.Random(seed * 100 + writer)
    committed: list[tuple[str, str]] = []
    mine: list[Organisation] = []
    for number in range(TRANSACTIONS):
        try:
            with transaction.atomic():
                done, kept = transact(chance, mine, f"o-{seed}-{writer}-{number}")
                time.sleep(chance.choice([0, 0, 0.005, 0.02]))
                if chance.random() < 0.2:
                    raise AbortError
        except (AbortError, OperationalError):  # the other: SQLite was busy for two seconds
            continue
        committed += done
        mine = kept
    connections.close_all()
    return committed


def transact(
    chance: random.Random, mine: list[Organisation], code: str
) -> tuple[list[tuple[str, str]], list[Organisation]]:
    """Create some rows, and change or delete one of one's own; what it did, and what is left."""
    made = [
        Organisation.objects.create(code=f"{code}-{n}", name_en=code)
        for n in range(chance.randrange(1, 4))
    ]
    done = [("create", row.code) for row in made]
    left = mine + made
    if mine:
        row = chance.choice(mine)
        if chance.random() < 0.3:
            Organisation.objects.get(pk=row.pk).delete()
            left = [other for other in left if other.pk != row.pk]
            done.append(("delete", row.code))
        else:
            Organisation.objects.filter(pk=row.pk).update(note=code)
            done.append(("update", row.code))
    return done, left


def follow(after: str, writers: list["Future[Any]"]) -> tuple[list[dict[str, Any]], str]:
    """Poll as a program does, until all writers are done and nothing is left."""
    api = APIClient(raise_request_exception=False)
    seen: list[dict[str, Any]] = []
    while True:
        are_done = all(writer.done() for writer in writers)
        answer = api.get(f"{API}/changes", {"after": after, "limit": 7})
        if answer.status_code == 503:
            continue
        page = found(answer)
        seen += page["results"]
        after = page["after"]
        if are_done and not page["results"] and not page["has_more"]:
            return seen, after
        if not page["results"]:
            time.sleep(0.005)  # the writers have the processor


@pytest.mark.slow
def test_a_poller_under_twelve_writers_misses_none_and_sees_none_twice(
    database_in_a_file: None,
) -> None:
    after = found(APIClient().get(f"{API}/changes", {"after": "latest"}))["after"]
    for seed in range(ROUNDS):
        with ThreadPoolExecutor(WRITERS) as pool:
            writers = [pool.submit(write, writer, seed) for writer in range(WRITERS)]
            seen, after = follow(after, writers)
        committed = [event for writer in writers for event in writer.result()]
        told = [(row["op"], row["code"]) for row in seen]
        assert sorted(told) == sorted(committed)
        assert len(committed) > WRITERS * TRANSACTIONS / 4
        numbers = [row["number"] for row in seen]
        assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
        in_order(seen)
    assert not Change.objects.filter(number__isnull=True).exists()


def in_order(seen: list[dict[str, Any]]) -> None:
    """The changes of one row come in the order of its versions."""
    versions: dict[str, int] = {}
    for row in seen:
        assert row["version"] > versions.get(row["code"], 0)
        versions[row["code"]] = row["version"]


@pytest.mark.slow
def test_who_waits_holds_no_connection_to_the_database(
    database_in_a_file: None, monkeypatch: Any
) -> None:
    start = found(APIClient().get(f"{API}/changes", {"after": "latest"}))["after"]
    held: list[bool] = []
    monkeypatch.setattr(
        "api.load.time.sleep", lambda _s: held.append(connection.connection is not None)
    )
    with monkeypatch.context() as clock:
        ticks = iter(range(1000))
        clock.setattr("parks.history.feed_views.time.monotonic", lambda: next(ticks) / 4)
        answer = found(APIClient().get(f"{API}/changes", {"after": start, "wait": 30}))
    assert answer == {"results": [], "after": start, "has_more": False}
    assert held
    assert not any(held)
