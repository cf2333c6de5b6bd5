"""What is planned, silent, incomplete or contradictory, and in whose hands a project is."""

from datetime import date
from typing import Any

import pytest
from rest_framework.test import APIClient

from parks.access import Role
from projects.models import Project
from tests.answers import API, codes, error, found
from tests.factories import (
    FundingFactory,
    IndicatorFactory,
    MembershipFactory,
    MilestoneFactory,
    ParkFactory,
    ProgressNoteFactory,
    ProjectFactory,
    ProjectFigureFactory,
    UserFactory,
    first_day,
    precision,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mid_june")]


def plan(code: str, on: str, stage: str = "started", **fields: Any) -> Project:
    """A signed project of which a further stage is planned."""
    fields = {"met": {"signed": "2026-01"}, **fields}
    project = ProjectFactory.create(code=code, **fields)
    MilestoneFactory.create(
        project=project,
        type=stage,
        status="scheduled",
        planned_on=first_day(on),
        planned_on_precision=precision(on),
    )
    return project


def test_a_step_within_ninety_days_is_due(api: APIClient) -> None:
    plan("today", "2026-06-15")
    plan("last", "2026-09-13")
    plan("after", "2026-09-14")
    plan("suspended", "2026-07", standing="suspended", standing_reason="停工")
    assert codes(api, "projects", due="true") == ["last", "today"]


@pytest.mark.both_databases
def test_silence_is_counted_in_months(api: APIClient) -> None:
    for code, on in (("spring", "2026-03-15"), ("winter", "2026-03-14"), ("old", "2020")):
        ProjectFactory.create(code=code, met={"signed": on})
    ProjectFactory.create(code="never", met=[])
    assert codes(api, "projects", silent_months_min="3") == ["never", "old", "winter"]
    assert codes(api, "projects", news_to="2020-12") == ["old"]
    assert codes(api, "projects", news_from="2026-03-15") == ["spring"]
    for text, code in (("0", "out_of_range"), ("601", "out_of_range"), ("three", "invalid")):
        assert error(api.get(f"{API}/projects", {"silent_months_min": text}))["code"] == code


def test_a_project_stalls_without_milestones_and_money(api: APIClient) -> None:
    for code, on in (("met", "2026-03-15"), ("late", "2026-03-14"), ("month", "2026-03")):
        ProjectFactory.create(code=code, met={"signed": on})
    for code, on, amount in (
        ("paid", "2026-03", 1),
        ("before", "2026-02", 1),
        ("nothing", "2026-03", 0),
    ):
        project = ProjectFactory.create(code=code, met={"signed": "2020"})
        FundingFactory.create(project=project, on=on, reported_cny=amount)
    ProjectFactory.create(code="never", met=[])
    for code, day in (("noted", 15), ("noted-before", 14)):
        project = ProjectFactory.create(code=code, met={"signed": "2020"})
        ProgressNoteFactory.create(project=project, noted_on=date(2026, 3, day))
    stalled = codes(api, "projects", stalled_months_min="3")
    assert stalled == ["before", "late", "never", "noted", "noted-before", "nothing"]
    # Notes are for the roles of a park: others are told of news alone
    silent = ["before", "late", "never", "noted", "noted-before"]
    assert codes(api, "projects", silent_months_min="3") == silent
    api.force_authenticate(UserFactory.create(is_superuser=True))
    silent.remove("noted")
    assert codes(api, "projects", silent_months_min="3") == silent


@pytest.mark.both_databases
def test_claims_of_one_day_and_basis_that_differ_are_in_conflict(api: APIClient) -> None:
    said = {"indicator_id": "investment", "as_of": date(2024, 1, 1), "as_of_precision": "year"}
    for code, other in (
        ("torn", {}),
        ("newer", {"as_of": date(2025, 1, 1)}),
        ("planned", {"investment_basis": "planned"}),
        ("same", {"amount_cny": 100}),
        ("part", {"scope_text": "一期"}),
        ("withdrawn", {"is_withdrawn": True}),
        ("coarser", {"as_of_precision": "month"}),
        ("target", {"nature": "target"}),
        ("since", {"period_from": date(2023, 1, 1), "period_from_precision": "year"}),
        ("until", {"period_to": date(2023, 1, 1), "period_to_precision": "year"}),
    ):
        project = ProjectFactory.create(code=code, met=["signed"])
        first = {**said, "investment_basis": "agreed"}
        claim = ProjectFigureFactory.create(project=project, amount_cny=100, **first)
        ProjectFigureFactory.create(project=project, **{**first, "amount_cny": 200, **other})
    added = {**first, "amount_cny": 200, "adds_to": claim}
    ProjectFigureFactory.create(project=claim.project, **added)
    assert codes(api, "projects", claims_in_conflict="true") == ["torn"]


def test_numbers_of_one_indicator_and_currency_that_differ_are_in_conflict(api: APIClient) -> None:
    jobs, land = (IndicatorFactory.create(code=code) for code in ("jobs", "land"))
    for code, claims in (
        ("torn-jobs", [(jobs, 1, ""), (jobs, 2, "")]),
        ("torn-dollars", [(jobs, 1, "USD"), (jobs, 2, "USD")]),
        ("currencies", [(jobs, 1, "USD"), (jobs, 2, "EUR")]),
        ("indicators", [(jobs, 1, ""), (jobs, 1, ""), (land, 2, ""), (land, 2, "")]),
    ):
        project = ProjectFactory.create(code=code, met=["signed"])
        for indicator, value, currency in claims:
            claim = {"indicator": indicator, "value": value, "currency": currency, "on": "2024"}
            ProjectFigureFactory.create(project=project, amount_cny=None, **claim)
    torn = codes(api, "projects", claims_in_conflict="true")
    assert torn == ["torn-dollars", "torn-jobs"]


def test_who_is_responsible_is_for_the_roles_of_the_park(api: APIClient) -> None:
    mine, other = ParkFactory.create(), ParkFactory.create()
    for code, park, unit in (
        ("a", mine, "招商一局"),
        ("b", mine, "招商一局, 二处"),
        ("c", mine, ""),
        ("d", other, "招商一局"),
    ):
        ProjectFactory.create(
            code=code, park=park, responsible_unit=unit, open_issues=unit and "用地未批"
        )
    asked = {"responsible_unit": "招商一局"}
    assert codes(api, "projects", **asked) == []
    assert codes(api, "projects", responsible_unit="unknown") == ["a", "b", "c", "d"]
    assert codes(api, "projects", has_open_issues="true") == []
    api.force_authenticate(MembershipFactory.create(park=mine, role=Role.VIEWER).user)
    assert codes(api, "projects", **asked) == ["a"]
    assert codes(api, "projects", responsible_unit="招商一局, 二处") == ["b"]
    assert codes(api, "projects", responsible_unit="招商一局,unknown") == ["a", "c", "d"]
    assert codes(api, "projects", responsible_unit_not="unknown") == ["a", "b"]
    assert codes(api, "projects", has_open_issues="true") == ["a", "b"]
    summary = found(api.get(f"{API}/projects/summary", {"group_by": "responsible_unit"}))
    cells = {row["responsible_unit"]["value"]: row for row in summary["rows"]}
    assert {unit: row["count"] for unit, row in cells.items()} == {
        "招商一局": 1,
        "招商一局, 二处": 1,
        None: 2,
    }
    for row in summary["rows"]:
        listed = found(api.get(f"{row['list_url']}&count=exact"))
        assert listed["count"] == row["count"]
