"""Settling what others left behind: bit by bit, by whoever comes, and in nobody's way."""

from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection, connections, transaction
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from rest_framework.test import APIClient

from parks.history.verification import Finding, verify
from parks.models import Organisation
from parks.recording import recording, seals
from parks.recording.recording import RecordingMiddleware
from parks.recording.records import Change, Identity, Seal
from parks.recording.seals import settle
from tests.answers import API, Row, found
from tests.factories import ProjectFactory

pytestmark = pytest.mark.both_databases

BATCH = 40
BACKLOG = 150  # changes


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seals, "BATCH_CHANGES", BATCH)
    monkeypatch.setattr(seals, "SHORTLY", 0.05)


def leave_behind() -> None:
    """What a loader leaves that was killed: one large revision among small ones, not settled."""
    with transaction.atomic():
        for number in range(10):
            Organisation.objects.create(code=f"before-{number}", name_en="Before")
        Organisation.objects.bulk_create(
            Organisation(code=f"loaded-{number}", name_en="Loaded")
            for number in range(BACKLOG - 20)
        )
        for number in range(10):
            Organisation.objects.filter(code=f"loaded-{number}").update(note="after")
        connection.run_on_commit = []  # the process is gone
    assert count_unsettled() == BACKLOG


def count_unsettled() -> int:
    return Change.objects.filter(number__isnull=True).count()


def follow(api: APIClient, after: str = "") -> list[Row]:
    """All changes that the feed tells, as a program reads them that goes on while there is more."""
    rows: list[Row] = []
    has_more = True
    while has_more:
        page = found(
            api.get(f"{API}/changes", {"limit": 25, **({"after": after} if after else {})})
        )
        rows += page["results"]
        after, has_more = page["after"], page["has_more"]
    return rows


def check_told(rows: list[Row]) -> None:
    """Each change is told once, those of a row in the order of its versions, and all are sealed."""
    assert [row["number"] for row in rows] == list(range(1, BACKLOG + 1))
    assert len({(row["code"], row["version"]) for row in rows}) == BACKLOG
    seen: dict[str, int] = {}
    for row in rows:
        assert row["version"] == seen.get(row["code"], 0) + 1
        seen[row["code"]] = row["version"]
    findings: list[Finding] = []
    assert verify(findings).number == BACKLOG
    assert findings == []


@pytest.mark.django_db
def test_a_backlog_is_worked_off_by_those_who_read_a_batch_each_time(
    api: APIClient, small_batches: None
) -> None:
    leave_behind()
    first = found(api.get(f"{API}/changes", {"limit": 500}))
    assert (len(first["results"]), first["has_more"]) == (BATCH, True)
    assert count_unsettled() == BACKLOG - BATCH
    findings: list[Finding] = []
    assert verify(findings).number == BATCH
    assert findings == []  # half of a revision is sealed, and the rest awaited
    check_told(follow(api))
    assert Seal.objects.count() == BACKLOG // BATCH + 1


@pytest.mark.django_db
def test_who_is_behind_is_told_at_once_what_is_settled_already(
    api: APIClient, small_batches: None
) -> None:
    leave_behind()
    found(api.get(f"{API}/changes", {"limit": 1}))
    left = BACKLOG - BATCH
    for limit in (25, BATCH):
        page = found(api.get(f"{API}/changes", {"limit": limit}))
        assert (len(page["results"]), page["has_more"]) == (limit, True)
        assert count_unsettled() == left  # for which nobody had to wait
    page = found(api.get(f"{API}/changes", {"limit": 25}))
    following = found(api.get(f"{API}/changes", {"limit": 25, "after": page["after"]}))
    assert [row["number"] for row in following["results"]] == list(range(26, 51))
    assert count_unsettled() == left - BATCH  # 15 are no full page
    check_told(follow(api))


@pytest.mark.django_db
def test_the_command_settles_all_and_says_how_much(small_batches: None, capsys: Any) -> None:
    leave_behind()
    call_command("settle")
    assert capsys.readouterr().out == f"{BACKLOG} changes settled.\n"
    assert count_unsettled() == 0
    assert settle() == 0


def test_whoever_writes_is_answered_and_then_settles_no_more_than_a_batch(
    transactional_db: None, small_batches: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recording, "MANY_CHANGES", 1)  # on SQLite whoever writes settles then, too
    leave_behind()

    def write(request: HttpRequest) -> HttpResponse:
        Organisation.objects.create(code="written", name_en="Written")
        return HttpResponse("written")

    answer = RecordingMiddleware(write)(RequestFactory().post("/"))
    assert (answer.content, count_unsettled()) == (b"written", BACKLOG + 1)
    answer.close()  # as a server does that has sent it
    assert count_unsettled() == BACKLOG + 1 - BATCH


@pytest.mark.django_db
def test_what_appears_with_its_park_is_settled_without_a_version_of_its_own() -> None:
    project = ProjectFactory.create(park__publication="draft", publication="published")
    settle()
    project.park.publication = "published"
    project.park.save()
    assert settle() == 2
    assert [*Change.objects.filter(code=project.code).values_list("version", "op")] == [
        *((1, Change.Op.CREATE), (1, Change.Op.UPDATE))
    ]
    findings: list[Finding] = []
    verify(findings)
    assert findings == []


def settle_apart() -> int:
    count = settle()
    connections.close_all()
    return count


def test_while_several_settle_others_read_and_nothing_is_settled_twice(
    database_in_a_file: None, small_batches: None
) -> None:
    leave_behind()
    with ThreadPoolExecutor(3) as pool:
        settling = [pool.submit(settle_apart) for _who in range(3)]
        rows = follow(APIClient())
    assert sum(each.result() for each in settling) <= BACKLOG
    after = found(APIClient().get(f"{API}/changes", {"after": "latest"}))["after"]
    assert after.split("-")[1] == str(BACKLOG)
    assert [row["number"] for row in rows] == list(range(1, len(rows) + 1))
    check_told(follow(APIClient()))


def hold_lock(is_held: Event, may_end: Event) -> None:
    """Be the one who settles, or on SQLite the one who writes, for long."""
    with transaction.atomic():
        if connection.vendor == "postgresql":
            connection.cursor().execute("SELECT pg_advisory_xact_lock(%s)", [seals.LOCK])
        is_held.set()
        assert may_end.wait(10)
    connections.close_all()


def test_who_reads_while_another_settles_for_long_gets_what_is_settled(
    database_in_a_file: None, small_batches: None
) -> None:
    settle_one_and_leave_one()
    is_held, may_end = Event(), Event()
    with ThreadPoolExecutor(1) as pool:
        pool.submit(hold_lock, is_held, may_end)
        assert is_held.wait(10)
        rows = found(APIClient().get(f"{API}/changes"))["results"]
        may_end.set()
    assert [row["code"] for row in rows] == ["settled"]
    assert [row["code"] for row in follow(APIClient())] == ["settled", "left"]


def settle_one_and_leave_one() -> None:
    Identity.of_ledger()  # made at the first reading
    Organisation.objects.create(code="settled", name_en="Settled")
    settle()
    with transaction.atomic():
        Organisation.objects.create(code="left", name_en="Left behind")
        connection.run_on_commit = []


def test_a_server_for_reading_never_writes_and_tells_what_is_settled(
    database_in_a_file: None, small_batches: None
) -> None:
    settle_one_and_leave_one()
    is_postgresql = connection.vendor == "postgresql"
    say = "SET default_transaction_read_only =" if is_postgresql else "PRAGMA query_only ="
    connection.cursor().execute(f"{say} on")
    try:
        for parameters in ({}, {"after": "latest"}):
            page = found(APIClient().get(f"{API}/changes", parameters))
            assert not page["has_more"]
        rows = found(APIClient().get(f"{API}/changes"))["results"]
        assert [row["code"] for row in rows] == ["settled"]
        assert count_unsettled() == 1
    finally:
        connection.cursor().execute(f"{say} off")
    assert [row["code"] for row in follow(APIClient())] == ["settled", "left"]
