"""Amounts beside the investment: claims of their own, never the headline of the project."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from projects.models import Project, ProjectFigure
from tests.factories import IndicatorFactory, ParkFactory
from tests.projects.importing.imports import applied, line, table
from tests.seeded import kept_rows

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("investment_indicator")]

HEADER = "项目名称 总投资（亿元） 固定资产投资（亿元） 引进资金（万元） 一期投资（亿元）".split()


@kept_rows(autouse=True)
def town() -> Any:
    for code in ("fixed_investment", "capital_attracted"):
        IndicatorFactory.create(code=code)
    return ParkFactory.create(code="town", name_zh="科技城")


def claims() -> set[Any]:
    """The standing claims: of what, how much, and in which words."""
    rows = ProjectFigure.objects.standing()
    return set(rows.values_list("indicator_id", "scope_text", "amount_cny", "as_reported"))


def test_each_is_a_claim_of_its_own(admin_api: APIClient) -> None:
    answer = applied(admin_api, table(HEADER, ["甲", "9", "约6", "80000", "3"]), park="town")
    assert line(answer, 2)["changes"]["fixed_investment_cny"] == ["", "约6亿元"]
    assert claims() == {
        ("investment", "", 900_000_000, "9亿元"),
        ("investment", "一期", 300_000_000, "3亿元"),
        ("fixed_investment", "", 600_000_000, "约6亿元"),
        ("capital_attracted", "", 800_000_000, "80000万元"),
    }
    assert Project.objects.get().investment_cny == 900_000_000


def test_what_is_new_supersedes_and_the_same_is_the_same(admin_api: APIClient) -> None:
    rows = [["甲", "9", "6", "80000", "3"], ["乙", "8", "", "", ""]]
    applied(admin_api, table(HEADER, *rows), park="town")
    assert applied(admin_api, table(HEADER, *rows), park="town")["counts"]["same"] == 2
    rows = [["甲", "9", "7", "80000", "3.5"], ["乙", "8", "5亿美元", "", "2"]]
    answer = applied(admin_api, table(HEADER, *rows), park="town")
    assert line(answer, 2)["changes"] == {
        "fixed_investment_cny": ["6亿元", "7亿元"],
        "phase_one_cny": ["3亿元", "3.5亿元"],
    }
    assert applied(admin_api, table(HEADER, *rows), park="town")["counts"]["same"] == 2
    of_first = {claim for claim in claims() if claim[2] in (700_000_000, 350_000_000)}
    assert len(of_first) == 2
    assert ProjectFigure.objects.filter(superseded_by__isnull=False).count() == 2
    foreign = ProjectFigure.objects.get(currency="USD")
    assert (foreign.indicator_id, foreign.value) == ("fixed_investment", 500_000_000)


def test_a_first_phase_never_takes_the_place_of_a_known_total(admin_api: APIClient) -> None:
    applied(admin_api, table(HEADER, ["甲", "9", "", "", ""]), park="town")
    applied(admin_api, table(HEADER, ["甲", "", "", "", "3"]), park="town")
    assert Project.objects.get().investment_cny == 900_000_000
    assert ("investment", "一期", 300_000_000, "3亿元") in claims()
