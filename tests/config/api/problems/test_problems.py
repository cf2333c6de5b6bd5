"""Every error, wherever it arises, is a problem document with the same shape."""

import json
import logging
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
from django.test import Client, RequestFactory, override_settings

from config.api.problems.handlers import csrf_failure
from config.api.problems.problems import problem_response
from tests.factories import UserFactory
from tests.together import together

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.config.api.urls_for_contract")]


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


def test_a_bug_tells_nothing_of_the_inside_but_is_logged_with_its_traceback(
    calm_client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR, "django.request"):
        document = problem(calm_client.get("/api/v1/errors/bug"))
    assert document["errors"] == []
    assert "inside" not in json.dumps(document)
    [record] = [record for record in caplog.records if record.exc_info]
    assert record.exc_info is not None
    assert "inside" in str(record.exc_info[1])


def test_a_bug_reaches_what_listens_for_unhandled_exceptions(client: Client) -> None:
    with pytest.raises(RuntimeError):
        client.get("/api/v1/errors/bug")


@pytest.mark.parametrize("kind", ["away", "pool"])
def test_an_absent_database_says_when_to_try_again(client: Client, kind: str) -> None:
    response = client.get(f"/api/v1/errors/{kind}")
    assert int(response.headers["Retry-After"]) >= 1


def test_a_refusal_for_want_of_a_login_names_the_way_to_sign_in(client: Client) -> None:
    response = client.get("/api/v1/secret")
    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"]
    assert problem(response)["type"] == "/problems/not-authenticated"


def test_wrong_credentials_are_answered_like_missing_ones(client: Client) -> None:
    wrong = problem(client.get("/api/v1/errors/expired"))
    missing = problem(client.get("/api/v1/secret"))
    assert wrong["detail"] == missing["detail"]


def test_throttling_says_how_long_to_wait(client: Client) -> None:
    response = client.get("/api/v1/errors/throttled")
    assert response.headers["Retry-After"] == "7"


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


def test_a_taken_value_is_a_conflict_when_we_see_it_first(client: Client) -> None:
    User.objects.create(username="ann")
    response = client.post("/api/v1/users", {"username": "ann"}, "application/json")
    assert response.status_code == 409
    [error] = problem(response)["errors"]
    assert (error["pointer"], error["code"]) == ("#/username", "unique")


@pytest.mark.django_db(transaction=True)
def test_a_taken_value_is_a_conflict_when_the_database_sees_it_first(client: Client) -> None:
    User.objects.create(username="ann")
    response = client.post("/api/v1/unchecked-users", {"username": "ann"}, "application/json")
    assert response.status_code == 409
    [error] = problem(response)["errors"]
    assert error["code"] == "unique"


def test_an_unknown_address_under_api_is_a_problem(client: Client) -> None:
    response = client.get("/api/v1/nowhere")
    assert response.status_code == 404
    assert problem(response)["type"] == "/problems/not-found"


@together("address", ["/api/v1/users", "/api/v1/users/ann", "/api/v1/users/facets"])
def test_a_trailing_slash_is_not_found_and_told_the_right_address(
    client: Client, address: str
) -> None:
    response = client.get(f"{address}/")
    assert response.status_code == 404
    assert problem(response)["detail"].endswith(f" {address}")


@pytest.mark.parametrize("address", ["/api/anything", "/api/anything/"])
def test_the_last_route_answers_any_method_with_a_problem(address: str) -> None:
    response = Client(enforce_csrf_checks=True).post(address)
    assert response.status_code == 404
    assert problem(response)["type"] == "/problems/not-found"


@together(
    ("kind", "status"),
    [
        *[("missing", 404), ("denied", 403), ("suspicious", 400), ("too-big", 413), ("away", 503)],
        ("bug", 500),
    ],
)
def test_plain_views_under_api_answer_with_problems_too(
    calm_client: Client, kind: str, status: int
) -> None:
    response = calm_client.get(f"/api/v1/plain/{kind}")
    assert response.status_code == status
    problem(response)


@together(
    ("kind", "status"),
    [("missing", 404), ("denied", 403), ("suspicious", 400), ("away", 503), ("bug", 500)],
)
def test_pages_for_people_keep_djangos_own_errors(
    calm_client: Client, kind: str, status: int
) -> None:
    response = calm_client.get(f"/pages/{kind}", headers={"accept": "text/html"})
    assert response.status_code == status
    assert response.headers["Content-Type"].startswith("text/html")


def test_a_failed_csrf_check_is_a_problem_under_api_and_a_page_elsewhere(
    rf: RequestFactory,
) -> None:
    refused = csrf_failure(rf.post("/api/v1/users"))
    assert refused.status_code == 403
    assert json.loads(refused.content)["type"] == "/problems/forbidden"
    page = csrf_failure(rf.post("/admin/", headers={"accept": "text/html"}))
    assert page.status_code == 403
    assert page.headers["Content-Type"].startswith("text/html")


def test_a_forged_host_is_a_problem(client: Client) -> None:
    with override_settings(ALLOWED_HOSTS=["example.org"]):
        response = client.get("/api/v1/users", headers={"host": "evil.example"})
    assert response.status_code == 400
    problem(response)


def test_a_method_that_is_not_allowed_is_answered_with_those_that_are(client: Client) -> None:
    response = client.put("/api/v1/users/ann", {}, "application/json")
    assert response.status_code == 405
    assert "PUT" not in response.headers["Allow"]
    assert "PATCH" in response.headers["Allow"]
    assert problem(response)["type"] == "/problems/method-not-allowed"


def test_a_media_type_that_cannot_be_written_is_not_acceptable(client: Client) -> None:
    response = client.get("/api/v1/users", headers={"accept": "application/xml"})
    assert response.status_code == 406
    assert problem(response)["type"] == "/problems/not-acceptable"


def test_a_media_type_that_cannot_be_read_is_unsupported(client: Client) -> None:
    response = client.post("/api/v1/users", "<xml/>", "application/xml")
    assert response.status_code == 415
    assert problem(response)["type"] == "/problems/unsupported-media-type"


@together(
    "body", [b"{", b"\xff", b"[" * 100_000, b'{"title": NaN}', b'{"title": "a", "title": "b"}']
)
def test_a_body_that_is_not_json_is_refused(client: Client, body: bytes) -> None:
    response = client.post("/api/v1/notes", body, "application/json")
    assert response.status_code == 400
    [error] = problem(response)["errors"]
    assert (error["pointer"], error["code"]) == ("#", "parse_error")


def test_text_is_in_the_language_of_the_request(client: Client) -> None:
    english = problem(client.post("/api/v1/notes", {}, "application/json"))
    chinese = problem(
        client.post("/api/v1/notes", {}, "application/json", headers={"accept-language": "zh-hans"})
    )
    assert english["errors"][0]["detail"] == "This field is required."
    assert chinese["errors"][0]["detail"] != english["errors"][0]["detail"]
    assert chinese["errors"][0]["code"] == english["errors"][0]["code"] == "required"


def test_further_members_and_a_title_of_its_own_can_be_given(rf: RequestFactory) -> None:
    response = problem_response(
        rf.get("/"),
        409,
        "conflict",
        "Taken",
        "By another.",
        headers={"X-Why": "race"},
        existing="/x",
    )
    document = json.loads(response.content)
    assert document["title"] == "Taken"
    assert document["detail"] == "By another."
    assert document["existing"] == "/x"
    assert response.headers["X-Why"] == "race"


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
