"""Importing in the admin: upload, read the report, confirm, take back."""

import re
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from parks.models import ImportBatch, ImportMapping
from projects.models import Project
from tests.answers import read_through
from tests.factories import MembershipFactory, ParkFactory, ProjectFactory, UserFactory
from tests.projects.importing.imports import table
from tests.seeded import kept_rows

pytestmark = pytest.mark.django_db

ADD = "/admin/parks/importbatch/add/"
GOOD = table(["项目名称", "投资额（亿元）"], ["晶圆厂", "1.5"])


@kept_rows
def town(investment_indicator: Any) -> Any:
    return ParkFactory.create(code="town", name_zh="科技城")


@pytest.fixture
def clerk(client: Client, town: Any) -> Client:
    """The browser of somebody who edits the projects of one park."""
    person = UserFactory.create(is_staff=True)
    MembershipFactory.create(user=person, park=town, role="editor")
    client.force_login(person)
    return client


def upload(client: Client, data: bytes, name: str = "台账.csv", **fields: Any) -> Any:
    filled = {"blank": "keep", "on_error": "abort", **fields}
    return client.post(ADD, {"file": SimpleUploadedFile(name, data), **filled})


def test_the_usual_park_is_chosen_and_what_was_said_is_kept_on_another_try(
    clerk: Client, town: Any
) -> None:
    page = clerk.get(ADD)
    (link,) = re.findall(r'href="(/api/v1/imports/template\.xlsx[^"]*)"', page.content.decode())
    assert read_through(clerk.get(link))
    form = page.context_data["form"]
    assert form["park"].initial == town.pk
    assert not form.is_unfolded
    said = {"map": "总投:investment_cny", "ignore": "杂", "month": "2023-11"}
    data = table(["项目名称", "总投", "杂"], ["晶圆厂", "3亿元", "x"])
    where = upload(clerk, data, park=town.pk, **said).headers["Location"]
    again = re.search(r"add/\?again=imp-\w+", clerk.get(where).content.decode())
    assert again
    form = clerk.get(f"/admin/parks/importbatch/{again[0]}").context_data["form"]
    assert {name: form[name].initial for name in said} == said
    assert form["park"].initial == town
    assert form.is_unfolded
    person = get_user_model().objects.get(pk=clerk.session["_auth_user_id"])
    MembershipFactory.create(user=person, park=ParkFactory.create(), role="editor")
    assert clerk.get(ADD).context_data["form"]["park"].initial == town.pk  # of the last import


def page(client: Client, response: Any) -> str:
    assert response.status_code == 302, response.content.decode()[:3000]
    shown = client.get(response.headers["Location"], headers={"Accept-Language": "zh-hans"})
    assert shown.status_code == 200
    return shown.content.decode()


def test_a_clerk_checks_a_file_confirms_it_and_takes_it_back(clerk: Client, town: Any) -> None:
    response = upload(clerk, GOOD, park=town.pk)
    checked = page(clerk, response)
    assert "1.5亿元" in checked
    assert "<td>晶圆厂</td>" in checked
    assert not Project.objects.exists()
    where = response.headers["Location"]
    confirmed = page(clerk, clerk.post(where, {"_apply": "1"}))
    project = Project.objects.get()
    assert f'<a href="/admin/projects/project/{project.pk}/change/">晶圆厂</a>' in confirmed
    assert (project.park, project.investment_cny) == (town, 150_000_000)
    question = clerk.post(where, {"_ask_undo": "1"}).content.decode()
    assert "1 new row is deleted." in question
    assert "<h1>Undo: Import of " in question
    assert Project.objects.exists()
    clerk.post(where, {"_undo": "1"})
    assert not Project.objects.exists()
    assert ImportBatch.objects.get().state == "undone"


def test_a_file_that_cannot_be_read_is_said_at_its_field(clerk: Client) -> None:
    response = upload(clerk, b"\xff\xfe\xfd", "a.csv")
    assert response.status_code == 200
    assert response.context_data["form"].errors["file"]
    response = upload(clerk, GOOD, map="没有冒号")
    assert response.context_data["form"].errors["map"]


def test_a_header_that_is_not_known_is_mapped_from_a_list_and_kept(
    clerk: Client, town: Any
) -> None:
    data = table(["项目名称", "总投", "杂"], ["晶圆厂", "3", "x"])
    where = upload(clerk, data, park=town.pk).headers["Location"]
    shown = clerk.get(where).context_data
    first, second = shown["problems"]
    assert "investment_cny" in [each["value"] for each in [*first["nearest"], *first["others"]]]
    chosen = {first["column_field"]: "investment_cny", second["column_field"]: "-"}
    clerk.post(where, {"_read_again": "1", "keep_as": "月报", **chosen})
    (unit,) = clerk.get(where).context_data["problems"]  # it is money by now, without a unit
    assert not ImportMapping.objects.exists()
    clerk.post(where, {"_read_again": "1", "keep_as": "月报", unit["unit_field"]: "亿元"})
    clerk.post(where, {"_apply": "1"})
    assert Project.objects.get().investment_cny == 300_000_000
    assert ImportMapping.objects.get(name="月报").content == {
        "columns": {"总投": "investment_cny"},
        "units": {"总投": "亿元"},
        "ignore": ["杂"],
    }
    kept = upload(clerk, data, park=town.pk, mapping=ImportMapping.objects.get().pk)
    assert not clerk.get(kept.headers["Location"]).context_data["problems"]


def test_one_click_keeps_columns_that_are_not_understood(clerk: Client, town: Any) -> None:
    header = ["项目名称", "线上线下", "注册资本（万元）", "杂", "日期"]
    data = table(header, ["晶圆厂", "线上", "500", "x", "2024-05"])
    where = upload(clerk, data, park=town.pk).headers["Location"]
    shown = clerk.get(where).context_data
    assert shown["kept"] == header[1:]
    fields = {each["column"]: each["column_field"] for each in shown["problems"]}
    chosen = {fields["杂"]: "-", fields["日期"]: "signed_on"}
    clerk.post(where, {"_read_again": "keep", "keep_as": "周报", **chosen})
    clerk.post(where, {"_apply": "1"})
    project = Project.objects.get()
    assert project.further_columns == "线上线下：线上\n注册资本（万元）：500"
    assert f"{project.signed_on}" == "2024-05-01"
    again = upload(clerk, data, park=town.pk, mapping=ImportMapping.objects.get().pk)
    shown = clerk.get(again.headers["Location"]).context_data
    assert (shown["problems"], shown["batch"].counts["same"]) == ([], 1)
    other = table(["指标", "杂"], ["x", "y"])
    figures = upload(clerk, other, resource="figures").headers["Location"]
    assert not clerk.get(figures).context_data["kept"]


def test_lines_stand_under_tabs_and_those_that_weigh_most_first(clerk: Client, town: Any) -> None:
    ProjectFactory.create(name_zh="电池厂", park=town)
    rows = [["新厂", "2亿元"], ["电池厂", "3亿元"], ["药厂", "很多"], ["电池厂项目", "9亿元"]]
    where = upload(clerk, table(["项目名称", "总投资"], *rows), park=town.pk).headers["Location"]
    shown = clerk.get(where).context_data
    assert [(tab["word"], tab["count"]) for tab in shown["tabs"]] == [
        *[("", 5), ("wrong", 1), ("asked", 1), ("changed", 1), ("new", 1), ("skipped", 1)]
    ]
    assert [row["line"] for row in shown["rows"]] == [4, 5, 3, 2, 1]
    (question,) = shown["rows"][1]["questions"]
    assert [answer["value"].partition(":")[0] for answer in question["answers"]] == [
        *("new", "same", "phase", "increase")
    ]


def test_the_report_says_codes_and_words_in_the_language_of_the_clerk(
    clerk: Client, town: Any
) -> None:
    data = table(
        ["单位：亿元"], ["项目名称", "总投资", "项目阶段", "计划竣工"], ["甲", "2", "在建", "2030"]
    )
    data += table(["合计", "3", "", ""])
    where = upload(clerk, data, park=town.pk).headers["Location"]
    text = " ".join(clerk.get(where, headers={"Accept-Language": "en"}).content.decode().split())
    assert "stage: construction started" in text
    assert f"{town.name_en} (town)" in text
    assert "总投资 → investment (亿元)" in text
    assert "项目名称 → name </li>" in text.replace("</li>", " </li>").replace("  ", " ")
    assert "计划竣工 → completion planned for" in text
    assert "3亿元; <strong>its rows add up to 2亿元" in text
