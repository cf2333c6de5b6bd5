"""Which server answers: a standby that has all that is committed, or the primary in its place.

What lag, kills and failovers do is tried with real standbys: `tests/faults/test_standbys.py`.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection, connections, transaction
from django.test import Client

from config.database import replicas
from config.database.replicas import reading_elsewhere
from tests.factories import SourceFactory

ALIAS = "replica_1"
pytestmark = [
    pytest.mark.django_db(transaction=True, databases=["default", ALIAS]),
    pytest.mark.only_postgresql,
]


@pytest.fixture(scope="module", autouse=True)
def replica(django_db_setup: None) -> Iterator[None]:
    """A further connection to the same server: a standby that lags by nothing."""
    own = connections["default"].settings_dict
    connections.settings[ALIAS] = {**own, "TEST": {**own["TEST"], "MIRROR": "default"}}
    yield
    forget_connections()
    del connections.settings[ALIAS]


def forget_connections() -> None:
    connections[ALIAS].close()
    connections[ALIAS].close_pool()
    del connections[ALIAS]
    replicas._left_out.clear()


def ask(client: Client) -> tuple[Any, list[str]]:
    """The list of sources, and the tables that the replica was asked for meanwhile."""
    asked: list[str] = []

    def watch(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if context["connection"].alias == ALIAS:
            asked.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(watch):
        answer = client.get("/api/v1/sources")
    return answer, asked


def test_an_answer_is_read_from_a_standby_that_has_all(client: Client) -> None:
    SourceFactory.create(code="report")
    answer, asked = ask(client)
    assert [row["code"] for row in answer.json()["results"]] == ["report"]
    assert any("parks_source" in sql for sql in asked)
    assert connection.alias == "default"


def test_the_primary_answers_in_the_place_of_one_that_is_away(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    SourceFactory.create(code="report")
    forget_connections()
    monkeypatch.setitem(connections.settings[ALIAS], "PORT", "1")  # nobody answers there
    answer = client.get("/api/v1/sources?limit=7")
    assert [row["code"] for row in answer.json()["results"]] == ["report"]
    assert ALIAS in replicas._left_out
    assert replicas.count_away() == 1
    assert client.get("/readyz").content.startswith(b"degraded: A standby is away")
    forget_connections()


def test_neither_a_transaction_nor_a_block_within_goes_elsewhere() -> None:
    with transaction.atomic(), reading_elsewhere() as found:
        assert found is None
    with reading_elsewhere() as found, reading_elsewhere() as within:
        assert (found, within) == (ALIAS, None)
        assert connection.alias == ALIAS
    assert connection.alias == "default"
