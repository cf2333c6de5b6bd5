"""What is planned, silent, incomplete or contradictory, and in whose hands a project is."""

from datetime import date
from typing import Any

import pytest
from rest_framework.test import APIClient

from parks.access import Role
from projects.models import Project
from tests import factories
from tests.answers import API, codes, found

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mid_june")]


def plan(code: str, on: str, stage: str = "started", **fields: Any) -> Project:
    """A signed project of which a further stage is planned."""
    fields = {"met": {"signed": "2026-01"}, **fields}
    project = factories.ProjectFactory.create(code=code, **fields)
    factories.MilestoneFactory.create(
        project=project,
        type=stage,
        status="scheduled",
        planned_on=factories.first_day(on),
        planned_on_precision=factories.precision(on),
    )
    return project


@pytest.mark.slow
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
        project = factories.ProjectFactory.create(code=code, met=["signed"])
        first = {**said, "investment_basis": "agreed"}
        claim = factories.ProjectFigureFactory.create(project=project, amount_cny=100, **first)
        factories.ProjectFigureFactory.create(
            project=project, **{**first, "amount_cny": 200, **other}
        )
    added = {**first, "amount_cny": 200, "adds_to": claim}
    factories.ProjectFigureFactory.create(project=claim.project, **added)
    assert codes(api, "projects", claims_in_conflict="true") == ["torn"]


def test_numbers_of_one_indicator_and_currency_that_differ_are_in_conflict(api: APIClient) -> None:
    jobs, land = (factories.IndicatorFactory.create(code=code) for code in ("jobs", "land"))
    for code, claims in (
        ("torn-jobs", [(jobs, 1, ""), (jobs, 2, "")]),
        ("torn-dollars", [(jobs, 1, "USD"), (jobs, 2, "USD")]),
        ("currencies", [(jobs, 1, "USD"), (jobs, 2, "EUR")]),
        ("indicators", [(jobs, 1, ""), (jobs, 1, ""), (land, 2, ""), (land, 2, "")]),
    ):
        project = factories.ProjectFactory.create(code=code, met=["signed"])
        for indicator, value, currency in claims:
            claim = {"indicator": indicator, "value": value, "currency": currency, "on": "2024"}
            factories.ProjectFigureFactory.create(project=project, amount_cny=None, **claim)
    torn = codes(api, "projects", claims_in_conflict="true")
    assert torn == ["torn-dollars", "torn-jobs"]


def test_who_is_responsible_is_for_the_roles_of_the_park(api: APIClient) -> None:
    mine, other = factories.ParkFactory.create(), factories.ParkFactory.create()
    for code, park, unit in (
        ("a", mine, "招商一局"),
        ("b", mine, "招商一局, 二处"),
        ("c", mine, ""),
        ("d", other, "招商一局"),
    ):
        factories.ProjectFactory.create(
            code=code, park=park, responsible_unit=unit, open_issues=unit and "用地未批"
        )
    asked = {"responsible_unit": "招商一局"}
    assert codes(api, "projects", **asked) == []
    assert codes(api, "projects", responsible_unit="unknown") == ["a", "b", "c", "d"]
    assert codes(api, "projects", has_open_issues="true") == []
    api.force_authenticate(factories.MembershipFactory.create(park=mine, role=Role.VIEWER).user)
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
