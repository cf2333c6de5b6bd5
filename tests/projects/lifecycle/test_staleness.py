"""`is_stale`: projects of which there should have been news. It is inferred and changes nothing."""

from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from projects.models import Project
from tests.answers import API, codes, found, walk
from tests.factories import ProjectFactory, first_day, precision

pytestmark = pytest.mark.django_db

TODAY = date(2026, 6, 15)  # 24 months earlier: 2024-06-15


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    settings.STALE_MONTHS = 24
    monkeypatch.setattr(timezone, "localdate", lambda *args: TODAY)


def project(code: str = "fab", reported: str | None = None, **fields: Any) -> Project:
    dates = {"reported_on": first_day(reported), "reported_on_precision": precision(reported)}
    return ProjectFactory.create(code=code, **dates, **fields)


def test_news_is_never_of_a_day_to_come(api: APIClient, admin_client: Client) -> None:
    """A month that is not over is kept with its last day, and is news of today."""
    fab = project(reported="2026-06")
    project("older", reported="2026-05")
    rows = {row["code"]: row["news_on"] for row in walk(api, "projects")}
    assert rows == {"fab": "2026-06-15", "older": "2026-05-31"}
    assert found(api.get(f"{API}/projects/fab"))["news_on"] == "2026-06-15"
    file = api.get(f"{API}/projects.csv?columns=code,news_on")
    lines = b"".join(file.streaming_content).decode("utf-8-sig").splitlines()
    assert lines[1:] == ["fab,2026-06-15", "older,2026-05-31"]
    page = admin_client.get(f"/admin/projects/project/{fab.pk}/change/").content.decode()
    assert "2026-06-15" in page
    assert "2026-06-30" not in page
    assert codes(api, "projects", news_from="2026-06-15") == ["fab"]
    assert codes(api, "projects", news_from="2026-06-16") == []
    assert codes(api, "projects", news_to="2026-06-15") == ["fab", "older"]
    assert codes(api, "projects", news_to="2026-06-14") == ["older"]


def test_the_number_of_months_is_a_setting(api: APIClient, settings: Any) -> None:
    project(reported="2025-06-14", met=["signed"])
    assert found(api.get(f"{API}/projects/fab"))["is_stale"] is False
    settings.STALE_MONTHS = 12
    assert found(api.get(f"{API}/projects/fab"))["is_stale"] is True
    assert codes(api, "projects", stale="true") == ["fab"]
