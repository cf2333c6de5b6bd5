"""Pages of other sites: none may ask, unless the operator names the site."""

from typing import Any

import pytest
from django.test import Client

from tests.answers import API

pytestmark = pytest.mark.django_db

SITE = "https://dashboard.example.org"
LIST = f"{API}/regions"
PREFLIGHT = {
    "origin": SITE,
    "access-control-request-method": "PATCH",
    "access-control-request-headers": "authorization, content-type, if-match",
}


@pytest.fixture
def client(settings: Any) -> Client:
    """A client of a server that lets one other site in."""
    settings.INSTALLED_APPS = [*settings.INSTALLED_APPS, "corsheaders"]
    settings.MIDDLEWARE = ["corsheaders.middleware.CorsMiddleware", *settings.MIDDLEWARE]
    settings.CORS_ALLOWED_ORIGINS = [SITE]
    return Client(raise_request_exception=False)


def test_without_a_setting_no_other_site_may_ask(settings: Any) -> None:
    assert settings.CORS_ALLOWED_ORIGINS == []
    for response in (
        Client().get(LIST, headers={"origin": SITE}),
        Client().options(LIST, headers=PREFLIGHT),
    ):
        assert not {name for name in response.headers if name.startswith("Access-Control")}


def test_a_named_site_may_ask_and_read_the_headers_it_needs(client: Client) -> None:
    headers = client.get(LIST, headers={"origin": SITE}).headers
    assert headers["Access-Control-Allow-Origin"] == SITE
    exposed = {name.lower() for name in headers["Access-Control-Expose-Headers"].split(", ")}
    assert {"etag", "link", "ratelimit-remaining", "retry-after", "x-request-id"} <= exposed
    assert "origin" in headers["Vary"].lower()


def test_it_may_edit_with_a_token_and_sends_no_cookies(client: Client) -> None:
    headers = client.options(LIST, headers=PREFLIGHT).headers
    assert "PATCH" in headers["Access-Control-Allow-Methods"]
    allowed = headers["Access-Control-Allow-Headers"]
    assert all(name in allowed for name in ("authorization", "if-match", "if-none-match"))
    assert "Access-Control-Allow-Credentials" not in headers


def test_a_refusal_can_be_read_by_the_page_as_well(client: Client) -> None:
    for address in (f"{LIST}?levl=1", f"{API}/nowhere"):
        response = client.get(address, headers={"origin": SITE})
        assert response.status_code in (400, 404)
        assert response.headers["Access-Control-Allow-Origin"] == SITE


@pytest.mark.parametrize(
    ("address", "site"),
    [(LIST, "https://evil.example"), (LIST, "null"), ("/admin/login/", SITE), ("/healthz", SITE)],
)
def test_no_other_site_and_no_other_address(client: Client, address: str, site: str) -> None:
    response = client.get(address, headers={"origin": site})
    assert "Access-Control-Allow-Origin" not in response.headers
