"""What will go away is told in every answer to a request that uses it, and in OpenAPI."""

from datetime import date
from typing import Any

import pytest
from django.urls import include, path
from drf_spectacular.generators import SchemaGenerator
from rest_framework.test import APIClient

from api.strict import WHOLE, Deprecation
from config.urls import api
from parks.views import RegionViewSet
from tests.answers import API
from tests.openapi import inline

pytestmark = pytest.mark.django_db

LATER = Deprecation(date(2026, 1, 1), date(2028, 1, 1))
SOONER = Deprecation(
    date(2026, 1, 1),
    date(2027, 1, 1),
    successor="/api/v1/places",
    docs="https://example.org/moving",
)
LIST = f"{API}/regions"


def told(api: APIClient, address: str, **parameters: str) -> dict[str, str]:
    """The headers that tell of what will go away."""
    headers = api.get(address, parameters).headers
    return {name: headers[name] for name in ("Deprecation", "Sunset") if name in headers}


def test_nothing_is_told_of_what_stays(api: APIClient) -> None:
    assert told(api, LIST, level="county") == {}


def test_a_whole_resource_is_told_of_with_its_dates_and_what_follows_it(
    api: APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(RegionViewSet, "deprecations", {WHOLE: SOONER})
    response = api.get(LIST)
    assert response.headers["Deprecation"] == "@1767225600"
    assert response.headers["Sunset"] == "Fri, 01 Jan 2027 00:00:00 GMT"
    assert '</api/v1/places>; rel="successor-version"' in response.headers["Link"]
    assert '<https://example.org/moving>; rel="deprecation"' in response.headers["Link"]
    assert told(api, f"{LIST}/000000")  # a 404 tells of it, too
    assert told(api, LIST, levle="county")


def test_one_action_is_told_of(api: APIClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(RegionViewSet, "deprecations", {"list": LATER})
    assert told(api, LIST)
    assert told(api, f"{LIST}/000000") == {}


def test_a_parameter_is_told_of_when_it_is_used_and_the_first_to_go_wins(
    api: APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(RegionViewSet, "deprecated_parameters", {"level": LATER, "q": SOONER})
    assert told(api, LIST, limit="1") == {}
    later = {"Deprecation": "@1767225600", "Sunset": "Sat, 01 Jan 2028 00:00:00 GMT"}
    assert told(api, LIST, level="county") == later
    both = told(api, LIST, level="county", q="a")
    assert both["Sunset"] == "Fri, 01 Jan 2027 00:00:00 GMT"


def test_openapi_marks_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(RegionViewSet, "deprecations", {"list": SOONER})
    monkeypatch.setattr(RegionViewSet, "deprecated_parameters", {"level": LATER})
    routes = [route for route in api if str(route.pattern).startswith("^regions")]
    made = SchemaGenerator(patterns=[path("api/v1/", include(routes))]).get_schema(public=True)
    document: Any = inline(made)
    operation = document["paths"][LIST]["get"]
    assert operation["deprecated"] is True
    assert {each["name"] for each in operation["parameters"] if each.get("deprecated")} == {"level"}
    assert "deprecated" not in document["paths"][f"{LIST}/{{code}}"]["get"]
