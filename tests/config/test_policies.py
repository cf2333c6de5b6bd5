"""Every answer says what may be loaded, by the policy of the site or by one of its own."""

from typing import Any

import pytest
from csp.decorators import csp_update
from csp.middleware import CSPMiddleware
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from config.policies import PolicyMiddleware

HEADER = "Content-Security-Policy"


def answer_plainly(request: HttpRequest) -> HttpResponse:
    return HttpResponse("plain")


@csp_update({"img-src": ["https://tiles.example.org"]})
def answer_with_a_map(request: HttpRequest) -> HttpResponse:
    return HttpResponse("a map")


def answer_with_a_script(request: Any) -> HttpResponse:
    return HttpResponse(f"<script nonce={request.csp_nonce}></script>")


def answer_with_its_own(request: HttpRequest) -> HttpResponse:
    return HttpResponse("a picture", headers={HEADER: "default-src 'none'"})


@pytest.mark.parametrize("is_debugged", [False, True])
@pytest.mark.parametrize(
    "view", [answer_plainly, answer_with_a_map, answer_with_a_script, answer_with_its_own]
)
def test_it_is_the_policy_that_django_csp_writes(
    rf: RequestFactory, settings: Any, view: Any, is_debugged: bool
) -> None:
    settings.DEBUG = is_debugged
    ours, theirs = (
        {*answer.headers[HEADER].split("; ")}
        for middleware in (PolicyMiddleware, CSPMiddleware)
        if isinstance(answer := middleware(view)(rf.get("/")), HttpResponse)
    )
    assert ours == theirs
