"""Plans of years: what is to be invested in a project, beside what was completed of it."""

from io import BytesIO
from typing import Any

import pytest
from django.test import Client
from openpyxl import load_workbook
from rest_framework.test import APIClient

from projects.models import Project, YearPlan
from tests.admin_pages import address, row, save, saved
from tests.answers import API, found, made, mistakes
from tests.factories import FundingFactory, YearPlanFactory
from tests.projects.importing.imports import applied, table

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mid_june")]
PLANS = f"{API}/projects/fab/plans"
YI = 100_000_000


def test_a_plan_stands_beside_what_was_completed(office: APIClient, fab: Project) -> None:
    for kind, on, amount in (
        ("completed", "2026-01", YI // 2),
        ("completed", "2026-05", YI // 4),
        ("completed", "2025-12", YI),
        ("paid_in", "2026-01", YI),
    ):
        FundingFactory.create(project=fab, kind=kind, on=on, reported_cny=amount)
    plan = made(office.post(PLANS, {"year": 2026, "planned_cny": YI}))
    assert (plan["completed_cny"], plan["completion_percent"]) == (75_000_000, 75.0)
    flows = found(office.get(plan["list_url"]))["results"]
    assert sum(flow["amount_cny"] for flow in flows) == plan["completed_cny"]
    again = office.post(PLANS, {"year": 2026, "planned_cny": 1})
    assert list(mistakes(again, 409).values()) == ["unique"]
    own = f"{PLANS}/{plan['id']}"
    assert found(office.patch(own, {"planned_cny": 3 * YI}))["completion_percent"] == 25.0
    found(office.post(f"{own}/history/1/restore", headers={"If-Match": "*"}))
    assert YearPlan.objects.get().planned_cny == YI
    unsaid = made(office.post(PLANS, {"year": 2027, "planned_cny": YI}))
    assert (unsaid["completed_cny"], unsaid["completion_percent"]) == (None, None)


def test_the_year_of_a_park_is_one_list_and_one_sheet(office: APIClient, fab: Project) -> None:
    YearPlanFactory.create(project=fab)
    YearPlanFactory.create(project=fab, year=2025)
    YearPlanFactory.create(project__park__code="bay")
    FundingFactory.create(project=fab, kind="completed", on="2026-01", reported_cny=YI)
    (plan,) = found(office.get(f"{API}/plans", {"park": "town", "year": "2026"}))["results"]
    assert (plan["project"], plan["completion_percent"]) == ("fab", 50.0)
    assert found(office.get(f"{API}/plans", {"park": "bay"}))["results"] == []
    book = office.get(f"{API}/plans.xlsx", {"year": "2026", "header": "zh"}).getvalue()
    head, line = load_workbook(BytesIO(book), read_only=True).worksheets[0].values
    told = dict(zip(head, line, strict=True))
    assert (told["计划投资（元）"], told["完成投资（元）"]) == (2 * YI, YI)


def test_plans_are_imported_and_typed_in(office: APIClient, fab: Project, desk: Client) -> None:
    sheet = table(["项目编码", "年度", "年度计划投资（亿元）"], ["fab", "2026", "1.5"])
    applied(office, sheet, resource="plans")
    assert YearPlan.objects.get().planned_cny == 150_000_000
    assert applied(office, sheet, resource="plans")["counts"]["same"] == 1
    page = address(Project, "change", fab.pk)
    saved(save(desk, page, **row("plans", 1, year="2027", planned_cny="2亿")))
    assert YearPlan.objects.get(year=2027).planned_cny == 2 * YI


def test_a_sum_of_plans_opens_into_the_plans_that_give_it(office: APIClient, fab: Project) -> None:
    elsewhere = YearPlanFactory.create(project__park__code="bay", planned_cny=9)
    other = YearPlanFactory.create(project__park=fab.park, year=2025, planned_cny=7)
    YearPlanFactory.create(project=fab, planned_cny=YI)
    YearPlanFactory.create(project=other.project, planned_cny=3)
    FundingFactory.create(project=fab, kind="completed", on="2026-01", reported_cny=YI)

    def ask(**question: str) -> Any:
        query = {"measures": "planned_cny,completion_percent", **question}
        return found(office.get(f"{API}/fundings/summary", query))

    def add_up(url: str) -> int:
        plans = found(office.get(url))["results"]
        return sum(plan["planned_cny"] for plan in plans)

    # Of a park that is not one's own there are flows to be seen, and no plans
    park = f"{fab.park.code},{elsewhere.project.park.code}"
    answer = ask(group_by="funding_year,park", park=park)
    told = {each["funding_year"]["value"]: each["planned_cny"] for each in answer["rows"]}
    assert told == {2025: 7, 2026: YI + 3}
    for each in (*answer["rows"], answer["total"]):
        assert add_up(each["planned_list_url"]) == each["planned_cny"]
    one = ask(funding_from="2026", code=fab.code)["total"]
    assert (one["planned_cny"], add_up(one["planned_list_url"])) == (YI, YI)
    none = ask(funding_kind="paid_in")["total"]
    assert (none["planned_cny"], none["planned_list_url"]) == (None, None)
