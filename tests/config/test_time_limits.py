"""A request has so much time for all its statements together, and a write for each of them."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from django.db import OperationalError, connection, connections, transaction
from rest_framework.test import APIClient

from api.lists.planned_rows import execute_all
from config.database import time_limits
from config.database.time_limits import OutOfTimeError, database_seconds, file_seconds
from parks.models import Organisation
from tests.answers import API, CarefulClient, found, problem
from tests.factories import OrganisationFactory, ParkFactory, ProjectFactory
from tests.seeded import address_of

pytestmark = pytest.mark.both_databases

LONG = (
    "WITH RECURSIVE counted(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counted WHERE n < {})"
    " SELECT n FROM counted WHERE n % 99999 = 1"
)


class Clock:
    """A clock that goes on by so many seconds whenever somebody looks."""

    now = 0.0
    step = 0.25

    def __call__(self) -> float:
        self.now += self.step
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch, settings: Any) -> Clock:
    """Each statement takes a step of the clock."""
    settings.DATABASE_STATEMENT_TIMEOUT = 2
    made = Clock()
    monkeypatch.setattr(time_limits, "monotonic", made)
    return made


def ask(count: int) -> None:
    with connection.cursor() as cursor:
        for _number in range(count):
            cursor.execute("SELECT 1")


@pytest.mark.django_db
def test_statements_have_the_time_together(clock: Clock) -> None:
    with database_seconds(2, 2):
        ask(8)
        with pytest.raises(OutOfTimeError):
            ask(1)
    ask(20)


@pytest.mark.django_db
def test_each_statement_has_a_time_of_its_own_within_it(clock: Clock) -> None:
    with database_seconds(60, 2):
        ask(100)
    with database_seconds(0, 0):
        ask(500)


@pytest.mark.django_db
def test_what_reads_or_gives_a_file_has_its_own_time(clock: Clock) -> None:
    with database_seconds(2, 2):
        ask(7)
        with file_seconds():
            ask(100)
        ask(1)
        with pytest.raises(OutOfTimeError):
            ask(1)


@transaction.atomic
def write_many() -> None:
    for number in range(100):
        Organisation.objects.create(name_en=f"No. {number}")


def test_what_was_begun_is_taken_back_when_the_time_is_over(
    transactional_db: None, clock: Clock
) -> None:
    with database_seconds(2, 2), pytest.raises(OutOfTimeError):
        write_many()
    assert not Organisation.objects.exists()
    Organisation.objects.create(name_en="Afterwards")


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["projects/facets", "projects?count=exact", "parks/town"])
def test_a_request_that_takes_longer_is_a_503_that_says_when_to_come_again(
    api: APIClient, clock: Clock, address: str
) -> None:
    ProjectFactory.create(park=ParkFactory.create(code="town"))
    clock.step = 1.1
    answer = api.get(f"{API}/{address}")
    assert problem(answer, 503)["title"]
    assert answer.headers["Retry-After"]
    clock.step = 0
    found(api.get(f"{API}/{address}"))


@pytest.mark.django_db
def test_so_is_a_page_of_the_admin(admin_api: APIClient, clock: Clock) -> None:
    clock.step = 0.7
    admin_api.raise_request_exception = False
    answer = admin_api.get("/admin/parks/park/", headers={"Accept": "text/html"})
    assert answer.status_code == 503
    assert answer.headers["Retry-After"]
    clock.step = 0
    assert admin_api.get("/admin/parks/park/").status_code == 200


@pytest.mark.django_db
def test_a_write_has_its_time_for_each_statement(admin_api: CarefulClient, clock: Clock) -> None:
    row = OrganisationFactory.create()
    address = f"{API}/organisations/{row.code}"
    clock.step = 0.5
    changed = admin_api.patch(address, {"note": "changed"}, headers={"If-Match": "*"})
    assert found(changed)["version"] == 2


@pytest.fixture
def told(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """What PostgreSQL believes, on a connection as a server has it."""
    monkeypatch.setattr(time_limits, "_is_limited", lambda _database: True)
    connection.close()

    def read() -> str:
        raw: Any = connection.connection
        return str(raw.execute("SHOW statement_timeout").fetchone()[0])

    yield read
    connection.close()


@pytest.mark.only_postgresql
def test_postgresql_is_told_what_is_left_in_and_after_transactions(told: Any, clock: Clock) -> None:
    with database_seconds(2, 2):
        ask(2)
        assert told() == "1750ms"
        with transaction.atomic():
            ask(1)
            assert told() == "1500ms"
            with transaction.atomic():
                ask(1)
                transaction.set_rollback(True)
            ask(1)
            assert told() == "750ms"
            transaction.set_rollback(True)
        assert told() == "1750ms"
        ask(1)
        assert told() == "500ms"
    assert told() == "0"
    with database_seconds(3, 3), transaction.atomic():  # the next request on this connection
        ask(1)
        assert told() == "3s"
    with database_seconds(2, 2), file_seconds():
        assert told() == "1min"
        ask(9)
        assert told() == "58s"
    assert told() == "0"


@pytest.mark.only_postgresql
def test_postgresql_ends_a_statement_when_nothing_is_left(told: Any, clock: Clock) -> None:
    clock.step = 0.25
    with database_seconds(0.26, 0.26), connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        with pytest.raises(OperationalError, match="statement timeout"):
            cursor.execute("SELECT pg_sleep(10)")


@pytest.mark.only_postgresql
@pytest.mark.django_db
def test_what_a_pipeline_waits_for_is_taken_from_the_time_of_the_request() -> None:
    with database_seconds(0.3, 10):
        rests = [(f"SELECT 1 FROM pg_sleep({seconds})", ()) for seconds in (0.2, 0.2)]
        assert execute_all(rests) == [[(1,)], [(1,)]]
        with pytest.raises(OutOfTimeError):
            ask(1)


@pytest.mark.only_postgresql
@pytest.mark.django_db
def test_servers_have_each_question_planned_for_its_values(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(connections.settings["default"], "OPTIONS", {})
    time_limits.limit_connections()
    options = connections.settings["default"]["OPTIONS"]["options"]
    address = address_of(str(connection.settings_dict["NAME"]))
    with psycopg.connect(address, options=options) as server:
        names = ("plan_cache_mode", "jit")
        told = [server.execute(f"SHOW {name}").fetchone() for name in names]
    assert told == [("force_custom_plan",), ("off",)]


@pytest.mark.only_sqlite
@pytest.mark.django_db
def test_sqlite_ends_a_statement_whose_rows_come_late_and_counts_their_time(clock: Clock) -> None:
    clock.step = 0.5
    with database_seconds(60, 60), connection.cursor() as cursor:
        cursor.execute(LONG.format(100_000))
        assert cursor.fetchall() == [(1,), (100_000,)]
        ask(1)
        budget = time_limits._budget.get()
        assert budget is not None
        assert budget.spent > 2 * clock.step
    with database_seconds(3, 3), connection.cursor() as cursor:
        cursor.execute(LONG.format(100_000_000))
        with pytest.raises(OperationalError, match="interrupted"):
            cursor.fetchall()


@pytest.mark.only_sqlite
@pytest.mark.django_db
def test_the_time_between_the_rows_of_sqlite_is_not_counted(clock: Clock) -> None:
    clock.step = 0
    with database_seconds(3, 3), connection.cursor() as cursor:
        cursor.execute(LONG.format(1_000_000))
        for number in range(11):
            clock.now += 60
            assert cursor.fetchmany(1) == [(number * 99_999 + 1,)]
        ask(1)
