"""`POST /reconciliations`: a list from another platform beside the ledger, with nothing written."""

import json
from io import BytesIO, StringIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.test import Client
from openpyxl import load_workbook
from rest_framework.test import APIClient

from parks.access import Role
from projects.importing import reconciling
from tests.answers import API, Row, found, problem, sign_in
from tests.factories import MembershipFactory, ParkFactory, ProjectFactory
from tests.projects.importing.imports import table, workbook
from tests.seeded import kept_rows
from tests.site.test_access import contents
from tests.together import together

pytestmark = pytest.mark.django_db
PATH = f"{API}/reconciliations"
CODE, OTHER = "2018-120115-73-03-002536", "2105-440402-04-01-638475"
HEAD = ["项目代码", "项目名称", "总投资（万元）", "进展阶段"]
LIST = table(
    HEAD,
    [CODE, "晶圆厂（一期）", "12000", "签约"],  # ours is of 1亿, and has started
    ["", "面粉厂", "500", ""],
    ["", "面粉加工厂", "", ""],
    [OTHER, "藏起来的项目", "100", ""],
    ["", "从未听说", "很多", ""],
)


@kept_rows
def town() -> Any:
    town = ParkFactory.create(code="town")
    met = {"signed": "2024", "started": "2025-03"}
    ProjectFactory.create(
        code="fab", park=town, name_zh="晶圆厂", national_code=CODE, investment=10**8, met=met
    )
    ProjectFactory.create(code="mill", park=town, name_zh="面粉厂", publication="draft")
    ProjectFactory.create(code="dock", park=town, name_zh="码头")
    ProjectFactory.create(
        code="secret", park__code="bay", name_zh="藏起来的项目", national_code=OTHER
    )
    return town


@kept_rows
def viewer(town: Any) -> APIClient:
    return sign_in(MembershipFactory.create(park=town, role=Role.VIEWER).user)


def post(client: APIClient, data: bytes = LIST, name: str = "a.csv", end: str = "") -> Any:
    """Send a file; `end` follows the path."""
    return client.post(f"{PATH}{end}", {"file": SimpleUploadedFile(name, data)}, format="multipart")


def compared(client: APIClient, *file: Any, end: str = "") -> Row:
    return found(post(client, *file, end=end))


def told(answer: Row, *names: str) -> list[tuple[Any, ...]]:
    return [tuple(row[name] for name in names) for row in answer["rows"]]


@pytest.mark.both_databases
def test_a_list_is_matched_suggested_absent_and_contradictory(viewer: APIClient) -> None:
    before = contents()
    answer = compared(viewer)
    assert contents() == before
    rows = told(answer, "line", "outcome", "code", "field", "ours", "theirs")
    assert rows == [
        (2, "matched", "fab", "investment_cny", "1亿元", "1.2亿元"),
        (2, "matched", "fab", "stage", "started", "签约"),
        (3, "suggested", "mill", None, None, None),
        (3, "suggested", "mill", "investment_cny", "", "500万元"),
        (4, "absent", None, None, None, None),
        (5, "absent", None, None, None, None),  # that of another park is as if it was not there
        (6, "absent", None, "investment_cny", None, "很多"),
        (None, "missing", "dock", None, None, None),
    ]
    assert answer["counts"] == {
        **{"matched": 1, "suggested": 1, "absent": 3, "missing": 1, "unread": 0},
        "contradictory": 2,
    }
    assert [row["likeness"] for row in answer["rows"] if row["likeness"]] == [100]
    assert compared(viewer) == answer
    assert contents() == before


@pytest.mark.both_databases
def test_json_and_a_workbook_say_what_the_csv_file_says(viewer: APIClient) -> None:
    names = ("national_code", "name_zh", "investment_cny")
    rows = [(CODE, "晶圆工厂", 120_000_000), (None, "面粉厂", 5_000_000)]
    listed = [dict(zip(names, row, strict=True)) for row in rows]
    by_json = found(viewer.post(PATH, {"projects": listed}, format="json"))
    book = workbook(names, *[[cell or "" for cell in row] for row in rows])
    assert compared(viewer, book, "a.xlsx")["rows"] == by_json["rows"]
    assert told(by_json, "line", "outcome", "field", "theirs")[:2] == [
        (2, "matched", "name_zh", "晶圆工厂"),
        (2, "matched", "investment_cny", "1.2亿元"),
    ]


@together(
    ("body", "pointer"),
    [
        ({}, "#/file"),
        ({"projects": []}, "#/projects"),
        ({"projects": [{"colour": "red"}]}, "#/projects"),
        ({"projects": [{"name_zh": ["甲"]}]}, "#/projects"),
        ({"projects": [{"name_zh": "甲"}], "dry_run": False}, "#/dry_run"),
    ],
)
def test_a_wrong_list_is_refused(viewer: APIClient, body: Row, pointer: str) -> None:
    (error, *_more) = problem(viewer.post(PATH, body, format="json"))["errors"]
    assert error["pointer"].startswith(pointer)


def test_parameters_choose_which_projects_may_be_missing(viewer: APIClient) -> None:
    def missing(query: str) -> set[str]:
        answer = compared(viewer, table(["项目名称"], ["无名"]), end=f"?{query}")
        return {row["code"] for row in answer["rows"] if row["outcome"] == "missing"}

    assert missing("") == {"fab", "mill", "dock"}
    assert missing("park=town&publication=draft") == {"mill"}
    assert missing("park=bay") == set()  # published, but of a park in which the person has no role
    assert problem(viewer.post(f"{PATH}?colour=red", {}))["errors"][0]["parameter"] == "colour"


def test_more_projects_than_an_answer_holds_are_refused(
    viewer: APIClient, monkeypatch: Any
) -> None:
    data = table(["项目名称"], ["无名"])
    for most, is_right in ((4, True), (3, True), (2, False)):
        monkeypatch.setattr(reconciling, "MOST_MISSING", most)
        response = post(viewer, data)
        assert response.status_code == (200 if is_right else 400), most
    assert problem(response)["errors"][0]["code"] == "too_many_rows"


def test_likely_duplicates_are_suggested(viewer: APIClient, town: Any) -> None:
    data = table(["项目名称", "园区"], ["面粉厂建设工程", ""], ["码头二期", "town"])
    rows = told(compared(viewer, data), "line", "outcome", "code", "likeness")
    assert rows[:2] == [(2, "suggested", "mill", 100), (3, "suggested", "dock", 67)]


@together(("day", "is_other"), [("2025-03-02", False), ("2025", False), ("2025-04", True)])
def test_a_coarser_day_contradicts_nothing(viewer: APIClient, day: str, is_other: bool) -> None:
    data = table(["项目代码", "项目名称", "开工时间"], [CODE, "晶圆厂项目", day])
    fields = [row["field"] for row in compared(viewer, data)["rows"] if row["code"] == "fab"]
    assert fields == ["started_on" if is_other else None]


@together("role", ["nobody", "stranger", "district", Role.EDITOR])
def test_only_roles_of_a_park_compare_and_see_their_parks(
    town: Any, api: APIClient, role: str
) -> None:
    client = api
    if role == "stranger":
        client = sign_in(MembershipFactory.create(park__code="cove").user)
    elif role == "district":
        region = {"park": None, "region": town.region, "role": Role.DISTRICT}
        client = sign_in(MembershipFactory.create(**region).user)
    elif role == Role.EDITOR:
        client = sign_in(MembershipFactory.create(park=town).user)
    response = post(client)
    if role == "nobody":
        assert response.status_code == 401
        return
    codes = {row["code"] for row in found(response)["rows"]} - {None}
    both = {"fab", "mill", "dock"}
    assert codes == {"stranger": set(), "district": both | {"secret"}, Role.EDITOR: both}[role]


@pytest.mark.both_databases
def test_the_comparison_is_a_file_in_both_languages(viewer: APIClient) -> None:
    text = post(viewer, end=".csv?header=zh").getvalue().decode()
    head, first = text.splitlines()[:2]
    assert head.startswith("\ufeff行号,结果,说明,清单中的名称")
    assert first.startswith("2,matched,编码相符,晶圆厂（一期）,fab,晶圆厂,,investment_cny,")
    unread = table(["项目名称", "神秘列"], ["码头", "7"])
    text = post(viewer, unread, end=".csv").getvalue().decode()
    assert "unread" in text
    assert "神秘列" in text
    response = post(viewer, end=".xlsx?header=en")
    lines = [*load_workbook(BytesIO(response.getvalue()), read_only=True).worksheets[0].values]
    assert lines[1][:3] == (2, "matched", "matched by its code")
    assert len(lines) == 9


@pytest.mark.both_databases
def test_the_admin_and_the_command_line_compare(town: Any, tmp_path: Any) -> None:
    desk = sign_in(MembershipFactory.create(park=town).user, Client)
    before = contents()
    page = "/admin/parks/importbatch/add/"
    form = {"file": SimpleUploadedFile("a.csv", LIST), "blank": "keep", "on_error": "abort"}
    zh = {"Accept-Language": "zh-Hans"}
    assert "仅对账" in desk.get(page, headers=zh).content.decode()
    sent = {**form, "park": town.pk, "_compare": "1"}
    book = load_workbook(BytesIO(desk.post(page, sent, headers=zh).getvalue()))
    assert book.worksheets[0]["C2"].value == "编码相符"
    path, out = tmp_path / "a.csv", StringIO()
    path.write_bytes(LIST)
    call_command("import_projects", path, "--compare", "--park", "town", stdout=out)
    answer = json.loads(out.getvalue())
    assert {row["code"] for row in answer["rows"]} == {None, "fab", "mill", "dock", "secret"}
    assert contents() == before
