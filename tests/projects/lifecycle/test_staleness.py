"""`is_stale`: projects of which there should have been news. It is inferred and changes nothing."""

from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from projects.models import Project
from tests.answers import API, codes, found, walk
from tests.factories import MilestoneFactory, ProjectFactory, first_day, precision
from tests.samples import sample
from tests.together import together

pytestmark = pytest.mark.django_db

TODAY = date(2026, 6, 15)  # 24 months earlier: 2024-06-15


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    settings.STALE_MONTHS = 24
    monkeypatch.setattr(timezone, "localdate", lambda *args: TODAY)


def project(code: str = "fab", reported: str | None = None, **fields: Any) -> Project:
    dates = {
        "reported_on": first_day(reported),
        "reported_on_precision": precision(reported),
    }
    return ProjectFactory.create(code=code, **dates, **fields)


def is_stale(api: APIClient, code: str = "fab") -> bool:
    """What the project says, its list says, and both sides of the filter say."""
    field = found(api.get(f"{API}/projects/{code}"))["is_stale"]
    (listed,) = [row for row in walk(api, "projects") if row["code"] == code]
    assert listed["is_stale"] is field
    assert (code in codes(api, "projects", stale="true")) is field
    assert (code in codes(api, "projects", stale="false")) is not field
    return field


@together(
    ("reported", "expected"),
    sample(
        [
            ("2024-06-14", True),
            ("2024-06-15", False),
            ("2026-06-15", False),
            ("2024-05", True),
            ("2024-06", False),  # it may have been on its last day
            ("2024-Q1", True),
            ("2024-Q2", False),
            ("2023", True),
            ("2024", False),
        ],
        2,
    ),
)
def test_after_twenty_four_months_without_news_a_project_is_stale(
    api: APIClient, reported: str, expected: bool
) -> None:
    project(reported=reported, met=["signed"])
    assert is_stale(api) is expected


@pytest.mark.parametrize(("on", "expected"), [("2024-06-14", True), ("2024-06-15", False)])
def test_a_milestone_met_is_news(api: APIClient, on: str, expected: bool) -> None:
    project(met={"signed": on})
    assert is_stale(api) is expected


def test_the_newest_news_counts(api: APIClient) -> None:
    project("reported-later", reported="2025-01", met={"signed": "2020"})
    project("started-later", reported="2020", met={"signed": "2020", "started": "2025-03"})
    project("all-old", reported="2020", met={"signed": "2021-02", "started": None})
    shown = {row["code"]: (row["news_on"], row["is_stale"]) for row in walk(api, "projects")}
    assert shown == {
        "reported-later": ("2025-01-31", False),
        "started-later": ("2025-03-31", False),
        "all-old": ("2021-02-28", True),
    }
    assert codes(api, "projects", stale="true") == ["all-old"]


def test_what_is_revoked_or_only_planned_is_no_news(api: APIClient) -> None:
    fab = project(met={"signed": "2020"})
    MilestoneFactory.create(project=fab, type="started", status="revoked", on="2026-01")
    MilestoneFactory.create(project=fab, type="completed", status="scheduled", planned="2027")
    row = found(api.get(f"{API}/projects/fab"))
    assert (row["news_on"], row["next_planned_on"]) == ("2020-12-31", "2027-12-31")
    assert is_stale(api)


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


@together(
    ("planned", "expected"),
    [
        *[("2026-06-14", True), ("2026-06-15", False), ("2026-06", False), ("2026-05", True)],
        *[("2025", True), ("2026", False)],
    ],
)
def test_past_the_day_planned_for_the_next_step_a_project_is_stale(
    api: APIClient, planned: str, expected: bool
) -> None:
    fab = project(reported="2026-06", met=["signed"])
    MilestoneFactory.create(project=fab, type="started", status="scheduled", planned=planned)
    assert is_stale(api) is expected


def test_a_plan_that_was_overtaken_no_longer_matters(api: APIClient) -> None:
    fab = project(reported="2026-06", met=["signed"])
    MilestoneFactory.create(project=fab, type="started", status="scheduled", planned="2025")
    MilestoneFactory.create(project=fab, type="operating", status="scheduled", planned="2028")
    assert is_stale(api)
    MilestoneFactory.create(project=fab, type="completed", on="2026-03")
    assert found(api.get(f"{API}/projects/fab"))["next_planned_on"] == "2028-12-31"
    assert not is_stale(api)


@pytest.mark.parametrize("stage", ["operating", "full_capacity"])
def test_a_project_that_operates_is_never_stale(api: APIClient, stage: str) -> None:
    fab = project(reported="2015", met={stage: "2014"})
    MilestoneFactory.create(project=fab, type="full_capacity", status="scheduled", planned="2016")
    assert not is_stale(api)


@together("stage", ["lead", "intended", "signed", "completed"])
def test_a_project_at_any_earlier_stage_may_be(api: APIClient, stage: str) -> None:
    project(met={stage: "2014"})
    assert is_stale(api)


@together("standing", ["suspended", "terminated", "merged", "closed"])
def test_a_project_that_is_not_active_is_never_stale(api: APIClient, standing: str) -> None:
    project(reported="2015", met=["signed"], standing=standing)
    assert not is_stale(api)


def test_where_no_date_is_known_nothing_is_inferred(api: APIClient) -> None:
    project("unknown")
    project("undated", met=["signed"])
    assert not is_stale(api, "unknown")
    assert not is_stale(api, "undated")


def test_staleness_changes_nothing(api: APIClient) -> None:
    project(reported="2015", met=["signed"])
    row = found(api.get(f"{API}/projects/fab"))
    assert (row["is_stale"], row["standing"], row["stage"]) == (True, "active", "signed")


def test_it_depends_on_the_day_that_is_asked(
    api: APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    project(reported="2024-06-15", met=["signed"])
    assert not is_stale(api)
    monkeypatch.setattr(timezone, "localdate", lambda *args: date(2026, 6, 16))
    assert is_stale(api)


def test_the_number_of_months_is_a_setting(api: APIClient, settings: Any) -> None:
    project(reported="2025-06-14", met=["signed"])
    assert not is_stale(api)
    settings.STALE_MONTHS = 12
    assert is_stale(api)
