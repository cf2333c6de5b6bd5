"""Pages of other sites: none may ask, unless the operator names the site."""

import os
import runpy
from functools import cache
from typing import Any
from unittest.mock import patch

import pytest
from django.test import Client

from tests.answers import API
from tests.openapi import inline, read_snapshot
from tests.paths import ROOT

pytestmark = pytest.mark.django_db

SITE = "https://dashboard.example.org"
LIST = f"{API}/regions"
PREFLIGHT = {
    "origin": SITE,
    "access-control-request-method": "PATCH",
    "access-control-request-headers": "authorization, change-reason, content-type, if-match",
}


@cache
def read_settings(origins: str) -> dict[str, Any]:
    """What a server takes of CORS whose operator set these origins."""
    told = {"CORS_ALLOWED_ORIGINS": origins, "ENV_FILE": os.devnull}
    with patch.dict(os.environ, told):
        found = runpy.run_path(str(ROOT / "config" / "settings.py"))
    return {name: value for name, value in found.items() if name.startswith("CORS_")}


def serve(settings: Any, origins: str) -> Client:
    settings.INSTALLED_APPS = [*settings.INSTALLED_APPS, "corsheaders"]
    settings.MIDDLEWARE = ["corsheaders.middleware.CorsMiddleware", *settings.MIDDLEWARE]
    for name, value in read_settings(origins).items():
        setattr(settings, name, value)
    return Client(raise_request_exception=False)


@pytest.fixture
def client(settings: Any) -> Client:
    """A client of a server that lets one other site in."""
    return serve(settings, SITE)


@pytest.fixture
def open_client(settings: Any) -> Client:
    """A client of a server that lets every page read."""
    return serve(settings, "*")


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
    described = {
        name.lower()
        for item in inline(read_snapshot())["paths"].values()
        for operation in item.values()
        for answer in operation["responses"].values()
        for name in answer.get("headers", ())
    }
    assert len(described) > 8
    assert described <= exposed
    assert "origin" in headers["Vary"].lower()


def test_it_may_edit_with_a_token_and_sends_no_cookies(client: Client) -> None:
    headers = client.options(LIST, headers=PREFLIGHT).headers
    assert "PATCH" in headers["Access-Control-Allow-Methods"]
    allowed = headers["Access-Control-Allow-Headers"]
    wanted = ("authorization", "change-reason", "if-match", "if-none-match")
    assert all(name in allowed for name in wanted)
    assert "Access-Control-Allow-Credentials" not in headers


def test_every_page_may_read_what_everybody_may_where_the_operator_says_so(
    open_client: Client,
) -> None:
    headers = open_client.get(LIST, headers={"origin": "https://any.example"}).headers
    assert headers["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Credentials" not in headers
    asked = open_client.options(LIST, headers=PREFLIGHT).headers
    assert "PATCH" not in asked["Access-Control-Allow-Methods"]
    assert "authorization" not in asked["Access-Control-Allow-Headers"]
    assert "if-none-match" in asked["Access-Control-Allow-Headers"]


@pytest.mark.parametrize(
    ("origins", "framed_by"), [("", "'self'"), (SITE, f"'self' {SITE}"), ("*", "'self' *")]
)
def test_the_pages_that_may_ask_may_frame_a_picture(
    settings: Any, origins: str, framed_by: str
) -> None:
    picture = f"{API}/projects/summary.svg?group_by=stage"
    headers = serve(settings, origins).get(picture).headers
    assert f"frame-ancestors {framed_by}" in headers["Content-Security-Policy"]
    assert "X-Frame-Options" not in headers
