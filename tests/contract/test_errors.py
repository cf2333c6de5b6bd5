"""Every kind of error of every route is a problem document, and the log knows it by its id."""

import logging
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.signals import request_finished
from django.http import HttpResponse
from django.test import Client
from django.utils.translation import override

from api.problems.problems import PROBLEM_TYPES
from api.requests import RequestIdFilter
from parks.views import RegionViewSet, SourceViewSet
from tests.answers import API, Row, problem
from tests.factories import ParkFactory, SourceFactory
from tests.together import together

pytestmark = pytest.mark.django_db

JSON = "application/json"


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    """What is logged, with the request ids that stand in front of each line."""
    names = RequestIdFilter()
    caplog.handler.addFilter(names)
    with caplog.at_level(logging.INFO):
        yield caplog
    caplog.handler.removeFilter(names)


@pytest.fixture
def client() -> Client:
    """A client that takes the answer to an unhandled exception as a stranger would."""
    return Client(raise_request_exception=False)


@pytest.fixture
def writer(client: Client, superuser: User) -> Client:
    client.force_login(superuser)
    return client


def is_logged(log: pytest.LogCaptureFixture, request_id: str) -> bool:
    return request_id in {record.request_id for record in log.records}


def assert_problem(log: pytest.LogCaptureFixture, response: HttpResponse, status: int) -> Row:
    document = problem(response, status)
    slug = document["type"].removeprefix("/problems/")
    assert PROBLEM_TYPES[slug].status == document["status"] == status
    assert document["title"]
    assert document["detail"]
    assert document["request_id"] == response.headers["X-Request-Id"]
    assert is_logged(log, document["request_id"])
    return document


# Method, address, what is sent with it, and the status.
REFUSED: list[tuple[str, str, Row, int]] = [
    ("GET", f"{API}/regions?levl=county", {}, 400),
    ("GET", f"{API}/regions?level=%ff", {}, 400),
    ("POST", f"{API}/sources", {"data": "{", "content_type": JSON}, 400),
    ("POST", f"{API}/sources", {"data": b"\xd6\xd0", "content_type": JSON}, 400),
    ("POST", f"{API}/sources", {"data": "[1]", "content_type": JSON}, 400),
    ("POST", f"{API}/sources", {"data": '{"kind": "pres"}', "content_type": JSON}, 400),
    ("GET", f"{API}/regions", {"headers": {"host": "evil.example"}}, 400),
    ("GET", "/", {"headers": {"host": "evil.example"}}, 400),
    ("GET", f"{API}/parks/nowhere", {}, 404),
    ("GET", f"{API}/nowhere", {}, 404),
    ("GET", f"{API}/nothing", {}, 404),
    ("DELETE", "/api/", {}, 404),
    ("GET", "/nowhere", {}, 404),
    ("GET", "/admin/nowhere", {}, 404),
    ("TRACE", f"{API}/regions", {}, 405),
    ("PUT", f"{API}/schema", {}, 405),
    ("POST", "/healthz", {}, 405),
    ("POST", "/readyz", {}, 405),
    ("GET", f"{API}/regions", {"headers": {"accept": "application/xml"}}, 406),
    ("GET", f"{API}/projects.csv", {"headers": {"accept": "image/png"}}, 406),
    ("GET", f"{API}/schema", {"headers": {"accept": "image/png"}}, 406),
    ("POST", f"{API}/sources", {"data": '{"code": "report"}', "content_type": JSON}, 400),
    ("DELETE", f"{API}/sources/report", {"headers": {"if-match": "*"}}, 409),
    ("POST", f"{API}/sources", {"headers": {"transfer-encoding": "chunked"}}, 411),
    ("DELETE", f"{API}/sources/report", {"headers": {"if-match": '"99"'}}, 412),
    ("POST", f"{API}/sources", {"data": b"x" * (2 * 2**20 + 1), "content_type": JSON}, 413),
    ("POST", f"{API}/sources", {"data": "<a/>", "content_type": "text/xml"}, 415),
    ("POST", f"{API}/sources", {"data": "{}", "content_type": f"{JSON}; charset=gb18030"}, 415),
    (
        "POST",
        f"{API}/sources",
        {"data": "{}", "content_type": JSON, "headers": {"content-encoding": "gzip"}},
        415,
    ),
    ("DELETE", f"{API}/sources/report", {}, 428),
]


@together(("method", "address", "sent", "status"), REFUSED)
def test_what_is_refused_is_a_problem_that_the_log_knows(
    log: pytest.LogCaptureFixture, writer: Client, method: str, address: str, sent: Row, status: int
) -> None:
    ParkFactory.create(source=SourceFactory.create(code="report"))
    response = writer.generic(method, address, **sent)
    document = assert_problem(log, response, status)
    if status == 405:
        assert response.headers["Allow"]
    if status == 400 and "regions?" in address:
        assert document["errors"]


def test_a_request_whose_answer_becomes_a_problem_ends_once(client: Client) -> None:
    ended: list[Any] = []

    def note(**told: Any) -> None:
        ended.append(told)

    request_finished.connect(note)
    try:
        problem(client.post("/healthz"), 405)
    finally:
        request_finished.disconnect(note)
    assert len(ended) == 1


@together("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_a_stranger_who_writes_is_asked_who_he_is(
    log: pytest.LogCaptureFixture, client: Client, method: str
) -> None:
    response = client.generic(method, f"{API}/parks/town", "{}", JSON)
    assert_problem(log, response, 401)
    assert response.headers["WWW-Authenticate"]


def test_a_write_without_the_csrf_token_is_a_problem(
    log: pytest.LogCaptureFixture, superuser: User
) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(superuser)
    assert_problem(log, client.post(f"{API}/sources", "{}", JSON), 403)
    assert_problem(log, client.post("/admin/login/"), 403)


@pytest.mark.parametrize("address", [f"{API}/regions", f"{API}/sources/report"])
def test_a_bug_is_a_problem_that_says_nothing_of_the_inside(
    log: pytest.LogCaptureFixture, client: Client, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    def err(view: Any) -> Any:
        raise RuntimeError("the inside of the program")

    monkeypatch.setattr(RegionViewSet, "get_queryset", err)
    monkeypatch.setattr(SourceViewSet, "get_queryset", err)
    document = assert_problem(log, client.get(address), 500)
    assert "inside" not in str(document)
    assert "inside of the program" in "".join(str(record.exc_info) for record in log.records)


def test_a_bug_in_a_middleware_is_a_problem(
    log: pytest.LogCaptureFixture, client: Client, settings: Any
) -> None:
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, "tests.contract.test_errors.broken_middleware"]
    for address in (f"{API}/regions", "/healthz", "/nowhere"):
        assert_problem(log, client.get(address), 500)


def broken_middleware(get_response: Any) -> Any:
    def answer(request: Any) -> Any:
        raise RuntimeError("the inside of the program")

    return answer


@pytest.mark.parametrize(
    ("method", "address"), [("GET", "/nowhere"), ("GET", "/"), ("POST", "/admin/login/")]
)
def test_browsers_get_pages_outside_the_api(method: str, address: str) -> None:
    client = Client(enforce_csrf_checks=True)
    headers = {"accept": "text/html,application/xhtml+xml", "host": "localhost"}
    if address == "/":
        headers["host"] = "evil.example"
    response = client.generic(method, address, headers=headers)
    assert response.status_code >= 400
    assert response.headers["Content-Type"].startswith("text/html")


def test_a_refusal_is_told_in_the_language_of_whoever_asks(client: Client) -> None:
    answers = [
        client.get(f"{API}/regions?levl=county", headers={"accept-language": language}).json()
        for language in ("en", "zh-hans")
    ]
    details = [answer["errors"][0].pop("detail") for answer in answers]
    assert details[0] != details[1]
    assert answers[0]["errors"] == answers[1]["errors"]


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_type_of_each_problem_leads_to_a_page_that_explains_it(
    client: Client, language: str
) -> None:
    for slug, kind in PROBLEM_TYPES.items():
        page = client.get(f"/problems/{slug}", headers={"Accept-Language": language})
        with override(language):
            assert page.status_code == 200
            assert str(kind.title) in page.content.decode()
            assert f"{kind.status}" in page.content.decode()
    assert client.get("/problems/nothing").status_code == 404
