"""Sheets as offices keep them: what they say is read where it stands, or asked for by name."""

import pytest
from rest_framework.test import APIClient

from projects.models import Funding, ProgressNote, Project
from tests.factories import ParkFactory
from tests.projects.importing.imports import applied, checked, faults, table
from tests.together import together

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("investment_indicator", "town")]


def test_a_title_with_unit_and_day_gives_both(admin_api: APIClient) -> None:
    title = "重点项目表（金额单位：万元，截至2026年10月31日）"
    header = ["项目名称", "总投资", "到位资金", "最新进展"]
    applied(admin_api, table([title], header, ["晶圆厂", "2800", "120", "封顶"]), park="town")
    assert Project.objects.get().investment_cny == 28_000_000
    assert str(Funding.objects.get().month) == "2026-10-01"
    assert str(ProgressNote.objects.get().noted_on) == "2026-10-31"


# A header; a name under it; the name, the park, and what is wrong with that
PARKS_IN_BRACKETS = [
    ("项目名称（园区）", "晶圆厂（科技城）", "晶圆厂", "town", None),
    ("项目名称（园区）", "晶圆厂(town)", "晶圆厂", "town", None),
    ("项目名称（园区）", "晶圆厂（一期）（科技城）", "晶圆厂（一期）", "town", None),
    ("项目名称（园区）", "晶圆厂（二期）", "晶圆厂（二期）", "harbour", None),
    ("项目名称（园区）", "晶圆厂", "晶圆厂", "harbour", None),
    ("项目名称（园区）", "（科技城）", "（科技城）", "harbour", None),
    ("项目名称（园区）", "晶圆厂（科技诚）", "", "", {(2, "park"): "unknown_value"}),
    ("项目名称", "晶圆厂（科技城）", "晶圆厂（科技城）", "harbour", None),
]


@together(("header", "cell", "name", "park", "wrong"), PARKS_IN_BRACKETS)
def test_the_park_behind_a_name_is_read_if_it_is_asked_for(
    admin_api: APIClient, header: str, cell: str, name: str, park: str, wrong: object
) -> None:
    ParkFactory.create(code="harbour", name_zh="港区")
    sheet = table([header, "总投资（万元）"], [cell, "2800"])
    if wrong:
        assert faults(checked(admin_api, sheet, park="harbour")) == wrong
        return
    applied(admin_api, sheet, park="harbour")
    project = Project.objects.get()
    assert (project.name_zh, project.park.code) == (name, park)
    answer = checked(admin_api, sheet, park="harbour")
    assert answer["counts"]["same"] == 1


def test_a_mapping_asks_for_the_park_behind_a_name(admin_api: APIClient) -> None:
    sheet = table(["项目", "总投资（万元）"], ["晶圆厂（科技城）", "2800"])
    applied(admin_api, sheet, map="项目:name_and_park")
    assert Project.objects.get().name_zh == "晶圆厂"
    twice = table(["项目", "园区"], ["晶圆厂（科技城）", "科技城"])
    answer = checked(admin_api, twice, map="项目:name_and_park")
    assert [each["code"] for each in answer["problems"]] == ["repeated_column"]
