"""/healthz and /readyz: what load balancers and containers ask."""

from types import SimpleNamespace
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.db.migrations.executor import MigrationExecutor
from django.test import Client

pytestmark = pytest.mark.both_databases


def test_the_process_answers_without_asking_the_database(client: Client) -> None:
    # Without the `db` fixture any query would fail.
    response = client.get("/healthz")
    assert (response.status_code, response.content) == (200, b"ok\n")


@pytest.mark.django_db
def test_ready_means_that_the_database_answers_and_has_every_migration(client: Client) -> None:
    response = client.get("/readyz")
    assert (response.status_code, response.content) == (200, b"ready\n")


@pytest.mark.django_db
def test_a_full_disk_is_told_and_keeps_nobody_from_reading(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda _path: SimpleNamespace(free=2**20))
    response = client.get("/readyz")
    assert response.status_code == 200
    assert response.content.startswith(b"degraded: ")
    assert b"/" not in response.content  # which folder, the doctor says


def refused(response: Any) -> str:
    """The detail of a 503 that says when to come back."""
    assert response.status_code == 503
    assert response.headers["Content-Type"] == "application/problem+json"
    assert int(response.headers["Retry-After"]) > 0
    problem = response.json()
    assert problem["type"] == "/problems/unavailable"
    assert problem["request_id"] == response.headers["X-Request-Id"]
    return problem["detail"]


@pytest.mark.django_db
def test_not_ready_while_a_migration_is_pending(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(MigrationExecutor, "migration_plan", lambda *_: [("parks.9999_new", False)])
    assert "migrations" in refused(client.get("/readyz"))


@pytest.mark.django_db
def test_not_ready_while_the_database_is_away_and_why_is_not_told(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cursor(*_: Any, **__: Any) -> None:
        raise OperationalError("connection to server at 10.1.2.3 as ledger failed")

    monkeypatch.setattr(connection, "cursor", cursor)
    response = client.get("/readyz")
    assert "does not answer" in refused(response)
    assert b"10.1.2.3" not in response.content


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/healthz", "/readyz"])
def test_answers_are_never_kept_and_only_read(client: Client, address: str) -> None:
    assert "no-store" in client.get(address).headers["Cache-Control"]
    assert client.head(address).status_code == 200
    assert client.post(address).status_code == 405


def test_health_can_be_asked_by_http_where_the_site_is_served_by_https(
    client: Client, settings: Any
) -> None:
    settings.SECURE_SSL_REDIRECT = True
    assert client.get("/healthz").status_code == 200
    assert client.get("/").status_code == 301
