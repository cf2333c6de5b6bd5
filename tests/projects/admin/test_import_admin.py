"""Importing in the admin: upload, read the report, confirm, take back."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from parks.models import ImportBatch
from projects.models import Project
from tests.factories import MembershipFactory, ParkFactory, ProjectFactory, UserFactory
from tests.projects.importing.imports import table
from tests.seeded import kept_rows

pytestmark = pytest.mark.django_db

ADD = "/admin/parks/importbatch/add/"
GOOD = table(["项目名称", "投资额（亿元）"], ["晶圆厂", "1.5"])
BAD = table(["项目名称", "投资额（亿元）"], ["晶圆厂", "1.5"], ["电池厂", "很多"])


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


def page(client: Client, response: Any) -> str:
    assert response.status_code == 302, response.content.decode()[:3000]
    shown = client.get(response.headers["Location"], headers={"Accept-Language": "zh-hans"})
    assert shown.status_code == 200
    return shown.content.decode()


def test_a_clerk_checks_a_file_and_then_confirms_it(clerk: Client, town: Any) -> None:
    response = upload(clerk, GOOD, park=town.pk)
    assert "1.5亿元" in page(clerk, response)
    assert not Project.objects.exists()
    confirmed = clerk.post(response.headers["Location"], {"_apply": "1"})
    assert "晶圆厂" in page(clerk, confirmed)
    project = Project.objects.get()
    assert (project.park, project.investment_cny) == (town, 150_000_000)


def test_what_is_wrong_stands_at_its_line_and_cannot_be_confirmed(clerk: Client, town: Any) -> None:
    response = upload(clerk, BAD, park=town.pk)
    text = page(clerk, response)
    assert "很多" in text
    assert 'name="_apply"' not in text
    assert f"/imports/{ImportBatch.objects.get().code}/errors.csv" in text
    clerk.post(response.headers["Location"], {"_apply": "1"})
    assert not Project.objects.exists()
    only = clerk.get(response.headers["Location"] + "?show=error").content.decode()
    assert "电池厂" in only
    assert "晶圆厂" not in only


def test_an_import_is_taken_back(clerk: Client, town: Any) -> None:
    where = upload(clerk, GOOD, park=town.pk).headers["Location"]
    clerk.post(where, {"_apply": "1"})
    clerk.post(where, {"_undo": "1"})
    assert not Project.objects.exists()
    assert ImportBatch.objects.get().state == "undone"


def test_a_file_that_cannot_be_read_is_said_at_its_field(clerk: Client) -> None:
    response = upload(clerk, b"\xff\xfe\xfd", "a.csv")
    assert response.status_code == 200
    assert response.context_data["form"].errors["file"]
    response = upload(clerk, GOOD, map="没有冒号")
    assert response.context_data["form"].errors["map"]


def test_columns_can_be_named_and_left_out(clerk: Client, town: Any) -> None:
    data = table(["项目名称", "总投", "杂"], ["晶圆厂", "3亿元", "x"])
    first = upload(clerk, data, park=town.pk)
    assert "总投" in page(clerk, first)
    named = upload(clerk, data, park=town.pk, map="总投:investment_cny", ignore="杂")
    clerk.post(named.headers["Location"], {"_apply": "1"})
    assert Project.objects.get().investment_cny == 300_000_000


def test_a_ledger_that_changed_in_between_is_looked_at_again(clerk: Client, town: Any) -> None:
    where = upload(clerk, GOOD, park=town.pk).headers["Location"]
    ProjectFactory.create(name_zh="晶圆厂", park=town)
    clerk.post(where, {"_apply": "1"})
    assert Project.objects.count() == 1
    assert ImportBatch.objects.get().counts["update"] == 1


def test_somebody_else_sees_neither_the_form_nor_the_report(
    clerk: Client, town: Any, admin_client: Client
) -> None:
    where = upload(clerk, GOOD, park=town.pk).headers["Location"]
    viewer = UserFactory.create(is_staff=True)
    MembershipFactory.create(user=viewer, park=town, role="viewer")
    other = UserFactory.create(is_staff=True)
    MembershipFactory.create(user=other, park=ParkFactory.create(), role="editor")
    clerk.force_login(viewer)
    assert clerk.get(ADD).status_code == 403
    clerk.force_login(other)
    assert clerk.get(where).status_code == 302
    assert ImportBatch.objects.get().code not in clerk.get(list_of_imports()).content.decode()
    assert admin_client.get(where).status_code == 200


def list_of_imports() -> str:
    return reverse("admin:parks_importbatch_changelist")


def test_the_list_counts_the_lines(clerk: Client, town: Any) -> None:
    upload(clerk, BAD, park=town.pk)
    text = clerk.get(list_of_imports()).content.decode()
    assert ImportBatch.objects.get().code in text


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
