"""Every request has an id of our own making, found in its answer and in its log lines."""

import logging
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client, RequestFactory

from api import requests
from api.requests import RequestIdFilter, get_request_id

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.api.urls_for_contract")]

HEX = re.compile(r"[0-9a-f]{32}")


class RequestIds(logging.Handler):
    """Collects the request id of each line logged."""

    def __init__(self) -> None:
        super().__init__()
        self.addFilter(RequestIdFilter())
        self.ids: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.ids.append(record.request_id)  # type: ignore[attr-defined]


@pytest.fixture
def log() -> Iterator[RequestIds]:
    handler = RequestIds()
    logger = logging.getLogger("django.request")
    logger.addHandler(handler)
    yield handler
    logger.removeHandler(handler)


def test_a_clients_own_id_is_not_taken_over(client: Client) -> None:
    response = client.get("/api/v1/users", headers={"x-request-id": "mine\nforged"})
    assert HEX.fullmatch(response.headers["X-Request-Id"])


def test_outside_a_request_there_is_no_id(client: Client, log: RequestIds) -> None:
    client.get("/api/v1/users")
    logging.getLogger("django.request").warning("later")
    assert log.ids == ["-"]
    assert get_request_id() == ""


@pytest.mark.parametrize(
    ("peer", "proxies", "count"), [("10.0.0.2", 0, 1), ("10.0.0.2", 1, 0), ("8.8.4.4", 0, 0)]
)
def test_a_proxy_that_is_not_counted_on_is_told_once(
    settings: Any, caplog: pytest.LogCaptureFixture, peer: str, proxies: int, count: int
) -> None:
    settings.TRUSTED_PROXIES = proxies
    requests._warn_of_proxy.cache_clear()
    for address in ("198.51.100.1", "198.51.100.2"):
        asked = RequestFactory().get("/", REMOTE_ADDR=peer, HTTP_X_FORWARDED_FOR=address)
        assert requests.client_address(asked) == (address if proxies else peer)
    told = [record.getMessage() for record in caplog.records if "TRUSTED_PROXIES" in record.msg]
    assert len(told) == count
    assert "198.51" not in "".join(told)
