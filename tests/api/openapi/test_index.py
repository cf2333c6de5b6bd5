"""GET /api/v1: every resource with its address, and where the API is described."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from config import __version__
from tests.answers import API
from tests.openapi import read_snapshot

pytestmark = pytest.mark.django_db


def test_it_names_each_list_that_the_document_describes(api: APIClient) -> None:
    answer = api.get(API)
    found = answer.json()
    base = f"http://testserver{API}"
    lists = {
        path.removeprefix(f"{API}/")
        for path, item in read_snapshot()["paths"].items()
        if "{" not in path and item.get("get", {}).get("operationId", "").endswith("_list")
    }
    assert found["resources"] == {name: f"{base}/{name}" for name in found["resources"]}
    assert {*found["resources"]} == {*lists, "attention"}
    assert (found["version"], found["schema"]) == (__version__, f"{base}/schema")
    assert f'<{base}/docs>; rel="service-doc"' in answer.headers["Link"]


def test_every_address_of_it_answers(api: APIClient, admin_api: APIClient) -> None:
    found = api.get(API).json()
    assert found["schema"] == f"http://testserver{API}/schema"  # see `test_about.py`
    for address in (*found["resources"].values(), found["docs"]):
        assert admin_api.get(address).status_code == 200, address


def test_what_stands_above_leads_there(api: APIClient) -> None:
    assert api.get("/api").headers["Location"] == API
    assert api.get(f"{API}/").headers["Location"] == API


def test_it_is_open_where_the_ledger_is_not(api: APIClient, settings: Any) -> None:
    settings.PUBLIC_READ = False
    assert api.get(API).status_code == 200
    assert api.get(f"{API}/parks").status_code == 401
