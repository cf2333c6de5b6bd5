"""Increases (增资) in a sheet: as an answer about a line, and as a column of the project's row."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from parks.models import Membership, Park
from projects.models import Project, ProjectFigure
from tests.answers import API, found
from tests.factories import MembershipFactory
from tests.projects.importing.imports import applied, checked, faults, line, send, table
from tests.projects.importing.test_import_duplicates import answers
from tests.together import together

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("investment_indicator", "fab")]

YI = 100_000_000
HEADER = ["项目名称", "投资方", "总投资（亿元）", "签约日期", "备注"]
MORE = ["晶圆厂项目", "华虹", "5", "2024-06", "二次"]  # has the name of a stored one


def total(code: str = "fab") -> Any:
    return Project.objects.values_list("investment_cny", flat=True).get(code=code)


def increases() -> list[Any]:
    """The increases that hold: of which project, how much, of when, by which words."""
    rows = ProjectFigure.objects.standing().filter(adds_to__isnull=False).order_by("amount_cny")
    return [
        (row.project.name, row.amount_cny, str(row.as_of or ""), row.as_reported) for row in rows
    ]


# --- As an answer --------------------------------------------------------------------------------


def test_a_line_that_increases_a_project_adds_its_amount_once(
    admin_api: APIClient, fab: Project
) -> None:
    data, given = table(HEADER, MORE), {"park": "town", "choices": answers(_2="increase:fab")}
    asked = checked(admin_api, data, park="town")["doubts"][0]
    assert asked["choices"] == ["new", "same:fab", "phase:fab", "increase:fab"]
    answer = applied(admin_api, data, **given)
    row = line(answer, 2)
    assert (row["action"], row["code"]) == ("update", "fab")
    assert row["changes"] == {"increase_cny": ["", "5亿元"]}
    assert [each["code"] for each in row["warnings"]] == ["not_taken"]
    assert "备注" in row["warnings"][0]["detail"]
    assert Project.objects.get() == fab
    assert (total(), Project.objects.get().note) == (8 * YI, fab.note)
    assert increases() == [("晶圆厂", 5 * YI, "2024-06-01", "5亿元")]
    assert applied(admin_api, data, **given)["counts"]["same"] == 1
    other = table(HEADER, [*MORE[:2], "6", *MORE[3:]])
    answer = applied(admin_api, other, **given)
    warned = {each["code"] for each in line(answer, 2)["warnings"]}
    assert (warned, total()) == ({"same_day", "not_taken"}, 9 * YI)
    found(admin_api.post(f"{API}/imports/{answer['code']}/undo"))
    assert (total(), len(increases())) == (8 * YI, 1)


@together("role, publication", [("viewer", "published"), (None, "draft")])
def test_only_who_writes_the_projects_of_its_park_increases_a_project(
    fab: Project, role: str | None, publication: str
) -> None:
    Park.objects.update(publication="published")
    Project.objects.update(publication=publication)
    user = MembershipFactory.create(park__code="mine", role="editor").user
    if role:
        MembershipFactory.create(user=user, park=fab.park, role=role)
    client = APIClient()
    client.force_login(user)
    data, given = table(HEADER, MORE), {"park": "town", "choices": answers(_2="increase:fab")}
    assert faults(checked(client, data, **given)) == {(2, "park"): "forbidden"}
    assert send(client, data, dry_run="false", **given).status_code == 400
    assert (increases(), total()) == ([], 3 * YI)
    Membership.objects.update_or_create(user=user, park=fab.park, defaults={"role": "editor"})
    applied(client, data, **given)
    assert total() == 8 * YI


def test_what_would_be_counted_already_or_once_is_refused(
    admin_api: APIClient, fab: Project
) -> None:
    ProjectFigure.objects.update(as_of="2025-01-01", as_of_precision="year")
    given = {"park": "town", "choices": answers(_2="increase:fab", _3="increase:fab")}
    rows = [MORE, ["晶圆厂工程", "长鑫", "6", "2024-06", ""]]
    answer = checked(admin_api, table(HEADER, *rows), **given)
    assert faults(answer) == {
        (2, "investment_cny"): "counted_already",
        (3, "investment_cny"): "counted_already",
    }
    ProjectFigure.objects.update(as_of=None, as_of_precision="")
    answer = checked(admin_api, table(HEADER, *rows), **given)
    assert faults(answer) == {(3, "investment_cny"): "contradicts_line"}


# --- As a column ---------------------------------------------------------------------------------

COLUMNS = ["项目名称", "投资方", "总投资（亿元）", "增资额（亿元）"]


def test_a_column_of_increases_adds_to_the_total_of_its_row(admin_api: APIClient) -> None:
    rows = [["甲", "新方", "10", "约2"], ["晶圆厂", "中芯国际", "", "1"], ["乙", "别家", "4", ""]]
    data = table(COLUMNS, *rows)
    answer = applied(admin_api, data, park="town")
    assert line(answer, 2)["changes"]["increase_cny"] == ["", "约2亿元"]
    assert [(each["code"], each["rows"]) for each in answer["warnings"]] == [("added", 2)]
    assert Project.objects.get(name_zh="甲").investment_cny == 12 * YI
    assert Project.objects.get(name_zh="甲").investment_qualifier == "about"
    assert total() == 4 * YI
    assert increases() == [("晶圆厂", YI, "", "1亿元"), ("甲", 2 * YI, "", "约2亿元")]
    assert applied(admin_api, data, park="town")["counts"]["same"] == 3
