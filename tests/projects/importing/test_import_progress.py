"""Notes of progress from a sheet: written once, on the day that the sheet says."""

from datetime import date
from typing import Any

import pytest
from rest_framework.test import APIClient

from projects.models import ProgressNote, Project
from tests.answers import API, found
from tests.projects.importing.imports import applied, checked, faults, line, table

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mid_june", "town")]
HEADER = ["项目名称", "最新进展", "最新进展日期", "下一步计划", "完成时限"]
ROWS = [["甲", "主体封顶", "2026年6月8日", "设备进场", "2026年8月"], ["乙", "", "", "", ""]]


def notes() -> list[Any]:
    names = ("project__name_zh", "text", "noted_on", "next_step", "due_on")
    return [*ProgressNote.objects.order_by("id").values_list(*names)]


def test_a_sheet_brings_a_note_and_the_same_sheet_no_second(admin_api: APIClient) -> None:
    answer = applied(admin_api, table(HEADER, *ROWS), park="town")
    assert line(answer, 2)["changes"]["next_step_due_on"] == ["", "2026-08-31"]
    first = ("甲", "主体封顶", date(2026, 6, 8), "设备进场", date(2026, 8, 31))
    assert notes() == [first]
    assert applied(admin_api, table(HEADER, *ROWS), park="town")["counts"]["same"] == 2
    later = [["甲", "设备进场", "2026-06-15", "", ""], ["乙", "桩基", "2026.6.10", "", ""]]
    answer = applied(admin_api, table(HEADER, *later), park="town")
    assert line(answer, 2)["changes"]["latest_progress"] == ["主体封顶", "设备进场"]
    assert applied(admin_api, table(HEADER, *later), park="town")["counts"]["same"] == 2
    # Last week's sheet once more: it was noted already
    assert applied(admin_api, table(HEADER, *ROWS), park="town")["counts"]["same"] == 2
    assert [note[:3] for note in notes()] == [
        first[:3],
        ("甲", "设备进场", date(2026, 6, 15)),
        ("乙", "桩基", date(2026, 6, 10)),
    ]
    latest = dict(Project.objects.values_list("name_zh", "latest_progress"))
    assert latest == {"甲": "设备进场", "乙": "桩基"}
    found(admin_api.post(f"{API}/imports/{answer['code']}/undo"))
    assert [note[:3] for note in notes()] == [first[:3]]


def test_what_is_no_note_is_refused_or_said(admin_api: APIClient) -> None:
    rows = [
        ["甲", "长" * 2001, "2026-06-08", "", ""],
        ["乙", "封顶", "2026-06", "", ""],
        ["丙", "封顶", "2026-06-16", "", ""],
        ["丁", "封顶", "2026-06-08", "", "2026-07"],
        ["戊", "", "", "设备进场", ""],
    ]
    answer = checked(admin_api, table(HEADER, *rows), park="town")
    assert faults(answer) == {
        (2, "latest_progress"): "too_long",
        (3, "latest_progress_on"): "not_a_day",
        (4, "latest_progress_on"): "in_the_future",
        (5, "next_step_due_on"): "without_step",
    }
    said = line(answer, 6)["warnings"]
    assert [(each["name"], each["code"]) for each in said] == [("next_step", "not_written")]
