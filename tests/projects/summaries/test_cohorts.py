"""/projects/cohorts: what became of the contracts of each year."""

from datetime import date
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from tests.answers import API, Row, error, found
from tests.factories import FundingFactory, ParkFactory, ProjectFactory
from tests.seeded import kept_rows

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("vocabularies")]

YI = 100_000_000


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    settings.STALE_MONTHS = 24
    monkeypatch.setattr(timezone, "localdate", lambda *args: date(2026, 6, 15))


def cohorts(api: APIClient, **parameters: str) -> Row:
    return found(api.get(f"{API}/projects/cohorts", parameters))


def by_year(answer: Row, name: str) -> dict[int | None, Any]:
    return {row["signed_year"]: row[name] for row in answer["rows"]}


@kept_rows
def projects(vocabularies: None) -> None:
    town, bay = ParkFactory.create(code="town"), ParkFactory.create(code="bay")
    signed_2020 = {"signed": "2020-03"}
    paid = ProjectFactory.create(
        code="a", park=town, investment=10 * YI, investment__basis="agreed",
        met={**signed_2020, "started": "2021", "operating": None}, origin_id="330300",
    )  # fmt: skip
    FundingFactory.create(project=paid, reported_cny=4 * YI)
    ProjectFactory.create(code="b", park=town, met=signed_2020, standing="terminated")
    other = ProjectFactory.create(
        code="c", park=bay, investment=3 * YI, investment__qualifier="over",
        met={"signed": "2020", "started": None},
    )  # fmt: skip
    FundingFactory.create(project=other, reported_cny=7 * YI)
    ProjectFactory.create(code="d", park=bay, investment=5 * YI, met={"signed": "2024-Q1"})
    ProjectFactory.create(code="e", park=town, met=["started"], origin_id="110108")
    ProjectFactory.create(code="f", park=town, met=["intended"], investment=99 * YI)
    ProjectFactory.create(code="g", park=town, met=signed_2020, is_umbrella=True)
    ProjectFactory.create(code="h", park=town, met=signed_2020, part_of=paid)
    ProjectFactory.create(code="i", park=town, met=signed_2020, publication="draft")


def test_a_cohort_younger_than_two_years_is_unfinished(api: APIClient) -> None:
    for year in ("2022", "2023", "2024", "2025", "2026"):
        ProjectFactory.create(met={"signed": year})
    ProjectFactory.create(met=["signed"])
    assert by_year(cohorts(api), "is_unfinished") == {
        2022: False,
        2023: False,  # its last contract is of 2023-12-31 at the latest: more than 24 months ago
        2024: True,
        2025: True,
        2026: True,
        None: None,
    }


def test_each_year_of_contracts_is_a_row_and_the_unknown_year_is_the_last(
    api: APIClient, projects: None
) -> None:
    answer = cohorts(api)
    assert by_year(answer, "projects") == {2020: 3, 2024: 1, None: 1}
    assert [row["signed_year"] for row in answer["rows"]] == [2020, 2024, None]
    first, total = answer["rows"][0], answer["total"]
    names = ("investment_total_cny", "agreed_total_cny", "paid_in_total_cny", "paid_in_all_cny")
    assert [first[name] for name in names] == [13 * YI, 10 * YI, 4 * YI, 11 * YI]
    assert {name: rate["name_zh"] for name, rate in first["rates"].items()} == {
        "fulfilment_rate": "履约率（有后续进展）",
        "survival_rate": "存续率（未终止）",
        "registration_rate": "注册率",
        "start_rate": "开工率",
        "completion_rate": "建成率",
        "operation_rate": "投产率（占签约）",
        "funds_in_place_rate": "到位率",
        "reported_funds_in_place_rate": "已报项目到位率",
    }
    for name in ("projects", "signed", "not_terminated", "started", "completed", "operating"):
        assert total[name] == sum(row[name] for row in answer["rows"]), name
    assert "conversion_rate" in total["rates"]  # of years it is not told
    assert "is_unfinished" not in total


def test_cohorts_are_formed_by_the_year_of_signing_alone(api: APIClient, projects: None) -> None:
    assert cohorts(api, group_by="signed_year") == cohorts(api)
    for group_by in ("started_year", "park", "signed_month", "signed_year,park"):
        wrong = error(api.get(f"{API}/projects/cohorts", {"group_by": group_by}))
        said = (wrong["parameter"], wrong["code"], wrong["suggestion"])
        assert said == ("group_by", "unknown_value", "signed_year")
