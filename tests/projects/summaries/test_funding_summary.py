"""GET /fundings and /fundings/summary: flows of money of all projects, and their totals."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from projects.models import Project
from tests.answers import API, Row, found, mistakes
from tests.conftest import make_vocabularies
from tests.factories import FundingFactory, ParkFactory, ProjectFactory, YearPlanFactory
from tests.seeded import kept_rows

pytestmark = pytest.mark.django_db

YI = 10**8


@kept_rows
def flows() -> None:
    """What the questions are about."""
    make_vocabularies()
    town, port = ParkFactory.create(code="town"), ParkFactory.create(code="port")
    chips = ProjectFactory.create(code="chips", park=town, origin_id="330300")
    pills = ProjectFactory.create(code="pills", park=port)
    draft = ProjectFactory.create(code="draft", park=town, publication="draft")
    for project, kind, on, amount in [
        (chips, "paid_in", "2023-11", YI),
        (chips, "paid_in", "2024-01", 2 * YI),
        (chips, "completed", "2024-01", 5 * YI),
        (pills, "paid_in", "2023-12", 3 * YI),
        (pills, "foreign", "2024-06", -1),
        (draft, "paid_in", "2023-11", 9 * YI),
    ]:
        FundingFactory.create(project=project, kind=kind, on=on, reported_cny=amount)


def summary(api: APIClient, **parameters: Any) -> Row:
    return found(api.get(f"{API}/fundings/summary", parameters))


def months(api: APIClient, **parameters: Any) -> list[str]:
    rows = found(api.get(f"{API}/fundings", parameters))["results"]
    return [f"{row['project']} {row['kind']} {row['month']}" for row in rows]


def test_flows_are_listed_with_their_projects(api: APIClient, flows: None) -> None:
    assert months(api, ordering="month", funding_kind="paid_in") == [
        "chips paid_in 2023-11",
        "pills paid_in 2023-12",
        "chips paid_in 2024-01",
    ]
    assert months(api, origin="yrd", funding_kind_not="paid_in") == ["chips completed 2024-01"]
    assert months(api, funding_quarter="2023-Q4", park="port") == ["pills paid_in 2023-12"]
    assert months(api, funding_year="2024", funding_month="2024-06") == ["pills foreign 2024-06"]


def test_a_month_lies_inside_a_bound_as_a_whole(api: APIClient, flows: None) -> None:
    assert len(months(api, funding_to="2023-12-30")) == 1
    assert len(months(api, funding_to="2023-12-31")) == 2
    assert len(months(api, funding_from="2023-12-01")) == 4
    assert len(months(api, funding_from="2023-12-02")) == 3
    wrong = mistakes(api.get(f"{API}/fundings?funding_from=2024&funding_to=2023"))
    assert wrong == {"funding_to": "out_of_range"}


@pytest.mark.both_databases
def test_flows_run_up_over_the_periods(api: APIClient, flows: None) -> None:
    answer = summary(api, group_by="funding_month", funding_kind="paid_in", cumulative="true")
    assert [row["cumulative"]["amount_cny"] for row in answer["rows"]] == [YI, 4 * YI, 6 * YI]
    answer = summary(api, group_by="funding_year", compare="previous_year", park="town")
    assert answer["rows"][1]["previous"]["amount_cny"] == YI


@pytest.mark.both_databases
def test_plans_stand_beside_what_was_completed(
    api: APIClient, admin_api: APIClient, flows: None
) -> None:
    chips, pills = (Project.objects.get(code=code) for code in ("chips", "pills"))
    for project, year, planned in [(chips, 2024, 10 * YI), (pills, 2024, 2 * YI), (chips, 2023, 1)]:
        YearPlanFactory.create(project=project, year=year, planned_cny=planned)
    FundingFactory.create(project=pills, kind="completed", on="2023-02", reported_cny=3 * YI)
    measures = "planned_cny,completed_cny,completion_percent"

    def plans(client: APIClient, *groups: str, **filters: str) -> dict[Any, Any]:
        by = {"group_by": ",".join(groups)} if groups else {}
        answer = summary(client, measures=measures, **by, **filters)
        return {
            tuple(row[name]["value"] for name in groups): tuple(
                row[name] for name in (*measures.split(","), "completed_of_planned_cny")
            )
            for row in [*answer["rows"], *([] if groups else [answer["total"]])]
        }

    assert plans(admin_api, "funding_year") == {
        (2023,): (1, 3 * YI, None, None),  # what was completed was of a project without a plan
        (2024,): (12 * YI, 5 * YI, 41.67, 5 * YI),
    }
    assert plans(admin_api, "park", "funding_kind", funding_year="2024") == {
        ("town", "completed"): (10 * YI, 5 * YI, 50.0, 5 * YI),
        ("town", "paid_in"): (None, None, None, None),
        ("port", "completed"): (2 * YI, None, None, None),  # planned, and nobody reported
        ("port", "foreign"): (None, None, None, None),
    }
    assert plans(admin_api, funding_from="2024", funding_to="2024") == {
        (): (12 * YI, 5 * YI, 41.67, 5 * YI)
    }
    assert plans(admin_api, funding_from="2024-02")[()][0] is None
    assert plans(admin_api, origin="yrd")[()][0] == 10 * YI + 1
    assert plans(admin_api, funding_kind="paid_in")[()] == (None,) * 4
    assert plans(api, "funding_year")[(2024,)] == (None, 5 * YI, None, None)  # work of the parks
    question = {"measures": measures, "group_by": "funding_quarter"}
    wrong = mistakes(admin_api.get(f"{API}/fundings/summary", question))
    assert wrong == {"group_by": "needs_years"}
    file = admin_api.get(
        f"{API}/fundings/summary.csv", {"measures": measures, "group_by": "funding_year"}
    )
    assert file.getvalue().decode().splitlines()[2].split(",")[4:8] == [
        *("1200000000", "500000000", "41.67", "500000000")
    ]


def test_the_files_hold_the_same_rows(api: APIClient, flows: None) -> None:
    response = api.get(
        f"{API}/fundings/summary.csv?group_by=funding_kind&columns=funding_kind,count"
    )
    lines = b"".join(response.streaming_content).decode("utf-8-sig").splitlines()
    assert lines == ["funding_kind,count", "paid_in,3", "completed,1", "foreign,1"]
    response = api.get(f"{API}/fundings.csv?funding_kind=foreign&columns=project,amount_cny")
    assert b"".join(response.streaming_content).decode("utf-8-sig").split() == [
        "project,amount_cny",
        "pills,-1",
    ]
