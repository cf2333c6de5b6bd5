"""Obstacles: what blocks a project, who is to solve it by when, and what was solved."""

from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from parks.access import Role
from projects.models import Obstacle, Project
from tests.admin_pages import address, save, saved
from tests.answers import API, CarefulClient, codes, error, found, made, mistakes, sign_in
from tests.factories import MembershipFactory, ObstacleFactory, ProjectFactory, RegionFactory
from tests.projects.importing.imports import applied, faults, send, table, workbook
from tests.seeded import kept_rows
from tests.together import together

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mid_june")]
OBSTACLES = f"{API}/projects/fab/obstacles"


@kept_rows
def fab() -> Project:
    return ProjectFactory.create(code="fab", name_zh="芯片项目", park__code="town")


@kept_rows
def several(fab: Project) -> Project:
    """Obstacles open for 30 and 31 days, one of them overdue, and a solved one."""
    rows: list[dict[str, Any]] = [
        {"problem": "a", "raised_on": date(2026, 5, 16), "due_on": date(2026, 6, 14)},
        {"problem": "b", "raised_on": date(2026, 5, 15), "due_on": date(2026, 6, 15)},
        {"problem": "c", "raised_on": date(2026, 1, 1), "solved_on": date(2026, 6, 1)},
    ]
    rows[0] |= {"responsible_unit": "国土局", "kind": "land"}
    rows[1] |= {"responsible_unit": "电力公司", "responsible_person": "李四"}
    for each in rows:
        ObstacleFactory.create(project=fab, **each)
    ObstacleFactory.create(project__park__code="bay", problem="hidden")
    return fab


def list_problems(client: APIClient, **query: str) -> str:
    rows = found(client.get(f"{API}/obstacles", query))["results"]
    return "".join(each["problem"] for each in rows)


@pytest.mark.both_databases
@together(
    ("query", "problems"),
    [
        ({}, "cba"),
        ({"open": "true"}, "ba"),
        ({"open": "false"}, "c"),
        ({"open_days_min": "30"}, "ba"),
        ({"open_days_min": "31", "ordering": "responsible_unit"}, "b"),
        ({"open_days_min": "32"}, ""),
        ({"overdue": "true"}, "a"),
        ({"responsible_unit": "国土局,电力公司", "ordering": "responsible_unit"}, "ab"),
        ({"responsible_unit": "unknown"}, "c"),
        ({"responsible_unit_not": "国土局"}, "cb"),
        ({"responsible_person": "李四"}, "b"),
        ({"kind": "land"}, "a"),
        ({"kind": "unknown"}, "cb"),
        ({"raised_from": "2026-05-16"}, "a"),
        ({"raised_to": "2026-05-15"}, "cb"),
        ({"due_from": "2026-06-15"}, "b"),
        ({"due_to": "2026-06-14"}, "a"),
        ({"solved_from": "2026-06-01"}, "c"),
        ({"solved_to": "2026-05-31"}, ""),
        ({"park": "town", "project": "fab", "solved_to": "2026-06"}, "c"),
    ],
)
def test_obstacles_are_one_list(
    office: APIClient, several: Project, query: dict[str, str], problems: str
) -> None:
    assert list_problems(office, **query) == problems


def test_an_obstacle_is_open_until_it_is_solved(
    office: APIClient, api: APIClient, fab: Project
) -> None:
    given = made(office.post(OBSTACLES, {"problem": "未供地", "responsible_unit": "国土局"}))
    assert (given["raised_on"], given["open_days"], given["solved_on"]) == ("2026-06-15", 0, None)
    own = f"{OBSTACLES}/{given['id']}"
    assert found(office.patch(own, {"raised_on": "2026-05-15"}))["open_days"] == 31
    moment = timezone.now().isoformat().replace("+00:00", "Z")
    attention = found(office.get(f"{API}/attention"))["obstacles"]
    assert [each["code"] for each in found(office.get(attention["list_url"]))["results"]] == ["fab"]
    (shown,) = attention["results"]
    assert (shown["obstacle"], shown["obstacle_since"]) == ("未供地", "2026-05-15")
    page = office.get("/attention", headers={"Accept-Language": "zh-Hans"}).content.decode()
    assert "未供地" in page
    found(office.patch(own, {"raised_on": "2026-05-16"}))
    assert found(office.get(f"{API}/attention"))["obstacles"]["count"] == 0
    found(office.patch(own, {"raised_on": "2026-05-15"}))
    solved = found(office.patch(own, {"solved_on": "2026-06-10", "solution": "已挂牌"}))
    assert solved["open_days"] == 26
    assert found(office.get(f"{API}/attention"))["obstacles"]["count"] == 0
    assert list_problems(office, open="true") == ""
    assert list_problems(office, open="true", as_of=moment) == "未供地"
    assert codes(office, "projects", has_open_obstacle="true", as_of=moment) == ["fab"]
    assert len(found(office.get(f"{own}/history"))["results"]) == 5
    feed = f"{API}/changes?resource=obstacle"
    assert len(found(office.get(feed))["results"]) == 5
    assert found(api.get(feed))["results"] == []


@together(
    ("body", "wrong"),
    [
        ({}, {"#/problem": "required"}),
        ({"problem": "x" * 501}, {"#/problem": "max_length"}),
        ({"problem": "x", "kind": "lnad"}, {"#/kind": "unknown_value"}),
        ({"problem": "x", "raised_on": "2026-06-16"}, {"#/raised_on": "in_the_future"}),
        ({"problem": "x", "solved_on": "2026-06-16"}, {"#/solved_on": "in_the_future"}),
        ({"problem": "x", "solved_on": "2026-06-14"}, {"#": "out_of_order"}),
        ({"problem": "x", "solution": "已解决"}, {"#/solved_on": "required"}),
        ({"problem": "x", "solution": "销号"}, {"#/solved_on": "required"}),
        ({"problem": "x", "solution": "Resolved."}, {"#/solved_on": "required"}),
        ({"problem": "x", "raised_on": "1899-12-31"}, {"#/raised_on": "invalid"}),
        ({"problem": "x", "due_on": "2101-01-01"}, {"#/due_on": "invalid"}),
        ({"problem": "x", "due_on": "2026年9月"}, {"#/due_on": "invalid"}),
    ],
)
def test_a_wrong_obstacle_is_an_error(
    office: APIClient, fab: Project, body: dict[str, Any], wrong: dict[str, str]
) -> None:
    assert mistakes(office.post(OBSTACLES, body)) == wrong


@pytest.mark.slow
def test_days_are_read_as_people_write_them(office: APIClient, fab: Project) -> None:
    told = error(office.post(OBSTACLES, {"problem": "x", "due_on": "2026年9月"}))
    assert (told["pointer"], told["suggestion"]) == ("#/due_on", "2026-09-30")
    for day in ("1900-01-01", "2100-12-31", "2026年9月2日"):
        made(office.post(OBSTACLES, {"problem": day, "due_on": day}))
    page = address(Project, "change", fab.pk)
    desk = sign_in(MembershipFactory.create(park=fab.park).user, Client)
    typed = {"obstacles-0-due_on": "2026年9月"}
    assert "2026-09" in save(desk, page, **typed).content.decode()
    saved(save(desk, page, **{"obstacles-0-due_on": "2026年9月2日"}))
    assert Obstacle.objects.filter(due_on=date(2026, 9, 2)).count() == 2


def test_an_obstacle_as_long_as_allowed_is_stored_once(office: APIClient, fab: Project) -> None:
    made(office.post(OBSTACLES, {"problem": "x", "solution": "已解决一半"}))
    old = ObstacleFactory.create(project=fab, problem="y", solution="已解决")
    found(office.patch(f"{OBSTACLES}/{old.pk}", {"kind": "land"}))
    body = {"problem": "难" * 500, "responsible_unit": "局" * 200, "responsible_person": "人" * 100}
    for name, text in body.items():
        longer = office.post(OBSTACLES, body | {name: text + "长"})
        assert mistakes(longer) == {f"#/{name}": "max_length"}
    made(office.post(OBSTACLES, body))
    assert list(mistakes(office.post(OBSTACLES, body), 409).values()) == ["unique"]


HEAD = ["项目名称", "问题", "问题类型", "责任单位", "责任人", "提出时间", "完成时限"]
SHEET = [
    [*HEAD, "解决情况", "销号时间"],
    ["芯片项目", "未供地", "用地", "国土局", "张三", "2026-05-01", "2026-06-30", "", ""],
    ["芯片项目", "未通电", "", "电力公司", "", "2026-05-02", "", "已通电", "2026年6月1日"],
]


@together(
    ("name", "data"), [("list.csv", table(*SHEET)), ("list.xlsx", workbook(存在问题清单=SHEET))]
)
def test_a_list_of_obstacles_is_imported_once(
    office: APIClient, fab: Project, name: str, data: bytes
) -> None:
    options = {"resource": "obstacles"}
    report = applied(office, data, name, **options)
    assert report["counts"]["create"] == 2
    stored = Obstacle.objects.values_list(
        "problem", "kind", "responsible_unit", "responsible_person", "due_on"
    )
    assert stored.first() == ("未供地", "land", "国土局", "张三", date(2026, 6, 30))
    assert list_problems(office, open="true") == "未供地"
    assert applied(office, data, name, **options)["counts"]["same"] == 2
    # A weekly sheet without the days on which obstacles were raised finds them all the same
    week = table(["项目编码", "问题", "销号时间"], ["fab", "未供地", "2026-06-12"])
    assert applied(office, week, **options)["counts"]["update"] == 1
    assert Obstacle.objects.get(problem="未供地").solved_on == date(2026, 6, 12)
    wrong = table(["项目编码", "问题", "问题类型", "销号时间"], ["fab", "缺工", "人力", "昨天"])
    kinds = faults(made(send(office, wrong, **options)))
    assert {name for _line, name in kinds} == {"kind", "solved_on"}
    undone = office.post(f"{API}/imports/{report['code']}/undo", {"force": True})
    assert undone.status_code in (200, 409)


@together("role", [Role.VIEWER, Role.DISTRICT, "neighbour", "nobody"])
def test_obstacles_are_for_the_roles_of_the_park(fab: Project, api: APIClient, role: str) -> None:
    ObstacleFactory.create(project=fab, problem="未供地")
    client, reads = api, role in (Role.VIEWER, Role.DISTRICT)
    if role == Role.VIEWER:
        client = sign_in(MembershipFactory.create(park=fab.park, role=role).user, CarefulClient)
    elif role != "nobody":
        region = RegionFactory(code="120115" if reads else "330000")
        person = MembershipFactory.create(park=None, region=region, role=Role.DISTRICT).user
        client = sign_in(person, CarefulClient)
    refused = 401 if role == "nobody" else 403
    assert client.get(OBSTACLES).status_code == (200 if reads else refused)
    assert client.post(OBSTACLES, {"problem": "x"}).status_code == refused
    if role == "nobody":
        assert client.get(f"{API}/obstacles").status_code == refused
    elif role != "neighbour":
        assert list_problems(client) == "未供地"
    assert codes(client, "projects", has_open_obstacle="true") == (["fab"] if reads else [])


def test_a_merged_project_takes_its_obstacles_along(office: APIClient, fab: Project) -> None:
    mill = ProjectFactory.create(code="mill", park=fab.park)
    for project in (fab, mill):  # raised of both: the same row ends
        ObstacleFactory.create(project=project, problem="a", raised_on=date(2026, 5, 1))
    ObstacleFactory.create(project=fab, problem="b")
    found(office.post(f"{API}/projects/fab/merge", {"into": "mill"}, headers={"If-Match": "*"}))
    assert [*Obstacle.objects.order_by("problem").values_list("problem", "project__code")] == [
        ("a", "mill"),
        ("b", "mill"),
    ]
