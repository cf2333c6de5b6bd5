"""Every error, wherever it arises, is a problem document with the same shape."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.db import connection, transaction
from django.db.models import F
from django.http import HttpResponse
from django.test import Client

from tests.factories import UserFactory
from tests.together import together

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.api.urls_for_contract")]


@pytest.fixture
def calm_client() -> Client:
    """A client that shows the answer to an unhandled exception instead of raising it."""
    return Client(raise_request_exception=False)


def problem(response: HttpResponse) -> dict[str, Any]:
    """The problem document of `response`, whose general promises are checked on the way."""
    assert response.headers["Content-Type"] == "application/problem+json"
    document = json.loads(response.content)
    assert document["status"] == response.status_code
    assert document["type"].startswith("/problems/")
    assert document["title"]
    assert document["detail"]
    assert document["request_id"] == response.headers["X-Request-Id"]
    return document


@together(
    ("kind", "status", "slug"),
    [
        *[("missing", 404, "not-found"), ("denied", 403, "forbidden")],
        *[("not-found", 404, "not-found"), ("expired", 401, "not-authenticated")],
        *[("throttled", 429, "throttled"), ("model-invalid", 400, "validation-failed")],
        *[("model-taken", 409, "conflict"), ("protected", 409, "conflict")],
        *[("away", 503, "unavailable"), ("pool", 503, "unavailable")],
        *[("too-long", 400, "validation-failed"), ("too-big", 413, "too-large")],
        *[("suspicious", 400, "validation-failed"), ("bug", 500, "internal-error")],
    ],
)
@together("accept", ["application/json", "*/*", "application/problem+json, */*"])
def test_each_exception_has_its_status_and_type(
    calm_client: Client, kind: str, status: int, slug: str, accept: str
) -> None:
    response = calm_client.get(f"/api/v1/errors/{kind}", headers={"accept": accept})
    assert response.status_code == status
    assert problem(response)["type"] == f"/problems/{slug}"


def test_a_bug_reaches_what_listens_for_unhandled_exceptions(client: Client) -> None:
    with pytest.raises(RuntimeError):
        client.get("/api/v1/errors/bug")


def test_a_deletion_that_others_depend_on_says_how_many(client: Client) -> None:
    document = problem(client.get("/api/v1/errors/protected"))
    assert document["dependents"] == 2
    assert "2" in document["detail"]


def test_a_models_own_errors_point_at_its_fields(client: Client) -> None:
    errors = problem(client.get("/api/v1/errors/model-invalid"))["errors"]
    assert errors == [
        {"pointer": "#/signed_on", "code": "too_late", "detail": "Too late."},
        {"pointer": "#", "code": "invalid", "detail": "Whole row is wrong."},
    ]


@pytest.mark.django_db(transaction=True)
def test_a_taken_value_is_a_conflict_when_the_database_sees_it_first(client: Client) -> None:
    User.objects.create(username="ann")
    response = client.post("/api/v1/unchecked-users", {"username": "ann"}, "application/json")
    assert response.status_code == 409
    [error] = problem(response)["errors"]
    assert error["code"] == "unique"


@contextmanager
def locked_sessions() -> Iterator[None]:
    """Another writer who does not end: it holds the sessions on PostgreSQL, all on SQLite."""
    locked, done = Event(), Event()

    def hold() -> None:
        try:
            with transaction.atomic():
                Session.objects.update(expire_date=F("expire_date"))
                locked.set()
                done.wait(30)
        finally:
            connection.close()

    writer = Thread(target=hold)
    writer.start()
    assert locked.wait(10)
    try:
        yield
    finally:
        done.set()
        writer.join()


@pytest.mark.slow
@pytest.mark.parametrize("accept", ["application/json", "text/html"])
def test_a_session_that_cannot_be_saved_now_is_asked_for_again(
    database_in_a_file: None, accept: str
) -> None:
    client = Client()
    client.force_login(UserFactory.create())
    if connection.vendor == "postgresql":
        connection.cursor().execute("SET lock_timeout = 500")  # milliseconds, as deployed in short
    with locked_sessions():
        answer = client.get("/pages/noted", headers={"Accept": accept})
    connection.close()  # and its limit
    assert (answer.status_code, "Retry-After" in answer.headers) == (503, True)
    assert client.get("/pages/noted").status_code == 200
