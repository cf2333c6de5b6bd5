"""Files of which only a part is right: bringing in that part, and getting the sheet back marked."""

import io
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.core.management import CommandError
from django.urls import reverse
from rest_framework.test import APIClient

from parks.models import ImportBatch
from projects.models import Project
from tests.answers import API, found, problem, read_through
from tests.projects.importing.imports import (
    actions,
    applied,
    checked,
    faults,
    line,
    send,
    table,
    workbook,
)
from tests.projects.importing.test_import_command import run

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("vocabularies", "town")]

HEADER = ["序号", "项目名称", "园区", "总投资（亿元）", "签约日期", "编码"]
GOOD = ["1", "晶圆厂", "town", "12.5", "2024-03-01", "007"]
BAD = ["2", "电池厂", "town", "3", "2021.2.31", "008"]
MIXED = table(HEADER, GOOD, BAD)
WRONG = table(HEADER, BAD)


def sheet_of(client: APIClient, code: str, **headers: Any) -> bytes:
    answer = client.get(f"{API}/imports/{code}/sheet.xlsx", **headers)
    assert answer.status_code == 200, answer
    return read_through(answer)


def open_sheet(data: bytes) -> Any:
    return openpyxl.load_workbook(io.BytesIO(data)).active


# --- Over HTTP -----------------------------------------------------------------------------------


def test_skipping_is_no_success_where_nothing_is_written(admin_api: APIClient) -> None:
    told = problem(send(admin_api, WRONG, dry_run="false", on_error="skip"), 400)
    assert (told["good_rows"], told["counts"]["error"]) == (0, 1)
    batch = ImportBatch.objects.get()
    assert batch.state == "refused"
    address = f"{API}/imports/{batch.code}/apply"
    problem(admin_api.post(address, {"on_error": "skip"}, format="json"), 409)
    applied(admin_api, MIXED, on_error="skip")
    again = problem(send(admin_api, MIXED, dry_run="false", on_error="skip"), 400)
    assert again["counts"]["same"] == 1


def test_the_good_rows_of_a_refused_file_are_brought_in_afterwards(admin_api: APIClient) -> None:
    told = problem(send(admin_api, MIXED, dry_run="false"), 400)
    assert told["good_rows"] == 1
    assert "on_error" in told["detail"]
    address = f"{told['import_url']}/apply"
    problem(admin_api.post(address), 409)
    problem(admin_api.post(address, {"on_error": "all"}, format="json"), 400)
    problem(admin_api.post(address, {"skip": True}, format="json"), 400)
    assert not Project.objects.exists()
    answer = found(admin_api.post(address, {"on_error": "skip"}, format="json"))
    assert (answer["state"], answer["options"]["on_error"]) == ("applied", "skip")
    assert actions(answer) == {1: "skip", 2: "create", 3: "error"}
    assert Project.objects.get().name_zh == "晶圆厂"
    problem(admin_api.post(address, {"on_error": "skip"}, format="json"), 409)


# --- The sheet back ------------------------------------------------------------------------------


def test_the_sheet_comes_back_with_wrong_cells_coloured_and_reasons(admin_api: APIClient) -> None:
    code = checked(admin_api, MIXED)["code"]
    page = open_sheet(sheet_of(admin_api, code))
    assert [cell.value for cell in page[1]] == [*HEADER, "_error"]
    assert [cell.value for cell in page[2]] == [
        *(1, "晶圆厂", "town", 12.5, "2024-03-01", "007", None)
    ]
    assert page["E3"].fill.fgColor.rgb == "FFF8CBAD"
    assert page["E2"].fill.fgColor.rgb != "FFF8CBAD"
    assert "2021" in page["E3"].value
    assert page["G3"].value.startswith("签约日期: ")
    chinese = open_sheet(sheet_of(admin_api, code, HTTP_ACCEPT_LANGUAGE="zh-hans"))
    assert chinese["G1"].value == "_错误"
    assert chinese["G3"].value != page["G3"].value
    answer = admin_api.get(f"{API}/imports/{code}/errors.csv")
    assert read_through(answer)
    assert (answer["X-Row-Count"], answer["X-Left-Out"]) == ("1", "1")
    unknown = checked(admin_api, table([*HEADER, "奇怪"], [*GOOD, "x"]))
    data = sheet_of(admin_api, unknown["code"])
    page = open_sheet(data)
    assert page["G1"].fill.fgColor.rgb == "FFF8CBAD"
    assert "奇怪" in page["G1"].comment.text
    assert checked(admin_api, data, "projects.xlsx")["problems"] == unknown["problems"]


def test_the_sheet_is_the_same_import_again_and_after_repair_a_good_one(
    admin_api: APIClient,
) -> None:
    titled = workbook(
        ["重点项目表"], ["单位：亿元"], [*HEADER[:3], "总投资", *HEADER[4:]], GOOD, BAD
    )
    first = checked(admin_api, titled, "projects.xlsx")
    data = sheet_of(admin_api, first["code"])
    again = checked(admin_api, data, "projects.xlsx")
    assert (actions(again), faults(again)) == (actions(first), faults(first))
    assert line(again, 4)["changes"] == line(first, 4)["changes"]
    assert again["problems"] == []
    book = openpyxl.load_workbook(io.BytesIO(data))
    book.active["E5"] = "2021-02-28"
    repaired = io.BytesIO()
    book.save(repaired)
    applied(admin_api, repaired.getvalue(), "projects.xlsx")
    amounts = Project.objects.order_by("code").values_list("code", "investment_cny")
    assert [*amounts] == [("007", 1_250_000_000), ("008", 300_000_000)]


def test_a_sheet_that_was_applied_is_kept_no_longer(admin_api: APIClient) -> None:
    code = applied(admin_api, table(HEADER, GOOD))["code"]
    problem(admin_api.get(f"{API}/imports/{code}/sheet.xlsx"), 409)


# --- On the command line -------------------------------------------------------------------------


def test_the_command_ends_with_three_where_rows_were_left_out(tmp_path: Path) -> None:
    with pytest.raises(CommandError) as caught:
        run(tmp_path, MIXED, "--on-error", "skip")
    assert caught.value.returncode == 3
    assert Project.objects.count() == 1


def test_the_command_never_succeeds_with_nothing_written(tmp_path: Path) -> None:
    with pytest.raises(CommandError) as caught:
        run(tmp_path, WRONG, "--on-error", "skip")
    assert caught.value.returncode == 1
    with pytest.raises(CommandError, match="1 rows are right: --on-error skip"):
        run(tmp_path, MIXED)


# --- In the admin --------------------------------------------------------------------------------


def test_a_button_brings_in_the_good_rows(admin_client: Any, admin_api: APIClient) -> None:
    batch = ImportBatch.objects.get(code=checked(admin_api, MIXED)["code"])
    page = reverse("admin:parks_importbatch_change", args=[batch.pk])
    shown = admin_client.get(page).content.decode()
    assert "_apply_good" in shown
    assert f"/imports/{batch.code}/sheet.xlsx" in shown
    said = admin_client.post(page, {"_apply_good": "1"}, follow=True).content.decode()
    assert Project.objects.get().code == "007"
    assert "_apply_good" not in said
    batch.refresh_from_db()
    assert (batch.state, batch.left_out) == ("applied", 1)
