"""PostgreSQL plans once what finds rows by their keys, and all else for each question."""

from collections.abc import Callable, Iterator

import pytest
from django.db import connection, transaction
from rest_framework.test import APIClient

from config.database import time_limits
from config.database.time_limits import ANEW, ONCE, choose_planning, database_seconds
from parks.models import ApiToken, Organisation
from parks.names.cell_lookup import create_rows
from parks.recording.recording import MANY_ROWS
from tests.answers import API, CarefulClient, found
from tests.factories import OrganisationFactory, UserFactory

pytestmark = pytest.mark.only_postgresql

Read = Callable[[], str]


@pytest.fixture
def planning(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Read]:
    """How PostgreSQL plans, on a connection as a server has it."""
    monkeypatch.setattr(time_limits, "_is_limited", lambda _database: True)
    connection.close()
    connection.ensure_connection()
    connection.connection.execute(f"SET plan_cache_mode = {ANEW}")
    yield lambda: str(connection.connection.execute("SHOW plan_cache_mode").fetchone()[0])
    connection.close()


def ask() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def test_a_request_says_how_what_it_asks_is_planned(planning: Read) -> None:
    with database_seconds(2, 2):
        ask()
        assert planning() == ANEW
        choose_planning(finds_by_keys=True)
        ask()
        assert planning() == ONCE
    with database_seconds(2, 2):
        ask()
    assert planning() == ANEW


def test_a_transaction_that_is_rolled_back_leaves_it_as_it_is(planning: Read) -> None:
    with database_seconds(2, 2):
        choose_planning(finds_by_keys=True)
        with transaction.atomic():
            ask()
            assert planning() == ANEW
            transaction.set_rollback(True)
        assert planning() == ANEW
        ask()
        assert planning() == ONCE


def test_what_many_new_rows_refer_to_is_planned_once(planning: Read) -> None:
    for count, mode in ((1, ANEW), (MANY_ROWS + 1, ONCE)):
        rows = [{"code": f"org-{count}-{at}", "name_zh": "公司"} for at in range(count)]
        with transaction.atomic():
            create_rows(Organisation, rows)
            assert planning() == mode
        assert planning() == ANEW


def test_lists_are_planned_for_their_filters_and_single_rows_once(
    planning: Read, api: APIClient
) -> None:
    row = OrganisationFactory.create()
    for address, mode in ((f"organisations/{row.code}", ONCE), ("organisations", ANEW)) * 2:
        found(api.get(f"{API}/{address}"))
        assert planning() == mode


def test_after_some_edits_what_they_write_has_its_plan(planning: Read) -> None:
    _token, secret = ApiToken.issue(
        UserFactory.create(superuser=True), "edits", scope=ApiToken.Scope.WRITE, days=1
    )
    client = CarefulClient(headers={"Authorization": f"Bearer {secret}"})
    row = OrganisationFactory.create()
    for number in range(12):
        body = {"note": f"changed {number} times"}
        found(client.patch(f"{API}/organisations/{row.code}", body))
        assert planning() == ONCE
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT statement FROM pg_prepared_statements WHERE generic_plans > 0 "
            "AND statement LIKE 'INSERT INTO \"parks_historicalorganisation\"%'"
        )
        assert cursor.fetchone()
