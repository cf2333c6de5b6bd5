"""What an imported row may say of how far a project is and whether it goes on, and what not."""

import pytest
from rest_framework.test import APIClient

from projects.models import Project
from tests.answers import API, found
from tests.factories import ProjectFactory, SigningEventFactory
from tests.projects.importing.imports import applied, checked, faults, table

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("vocabularies", "town")]

HEADER = ["code", "name_zh", "park", "stage", "signed_on", "events"]


def test_a_sheet_says_that_a_project_took_part_and_what_it_did_follows(
    admin_api: APIClient,
) -> None:
    SigningEventFactory.create(code="forum", on="2024-03-05")
    SigningEventFactory.create(code="ground", kind="start")
    rows = [
        (["", "", "forum"], ["attended"]),
        (["signed", "", "forum"], ["signed"]),
        (["", "2024-03", "forum"], ["signed"]),
        (["", "2023-03", "forum"], ["attended"]),
        (["started", "", "forum、ground"], ["attended", "started"]),
        (["", "2024-03", "ground"], ["started"]),
    ]
    data = table(HEADER, *([f"p{n}", "厂", "town", *row] for n, (row, _roles) in enumerate(rows)))
    applied(admin_api, data, confirm="duplicates")
    for n, (row, roles) in enumerate(rows):
        shown = found(admin_api.get(f"{API}/projects/p{n}"))["participations"]
        assert [each["role"] for each in shown] == roles, row
    assert checked(admin_api, data)["counts"]["same"] == len(rows)
    applied(admin_api, table(["code", "signed_on"], ["p0", "2024-03-05"]))
    [row] = found(admin_api.get(f"{API}/projects/p0"))["participations"]
    assert (row["role"], row["is_first_signing"]) == ("signed", True)


def test_dates_contradict_each_other_only_where_their_periods_do_not_overlap(
    admin_api: APIClient,
) -> None:
    rows = [
        ("2024-03-05", "2024-03-04", True),
        ("2024-03-05", "2024-03-05", False),
        ("2024-03-31", "2024-03", False),
        ("2024-04-01", "2024-03", True),
        ("2024-03", "2024-02-29", True),
        ("2024-03", "2024-03-01", False),
        ("2024-Q2", "2024-03", True),
        ("2024-Q2", "2024-04", False),
        ("2024-06", "2024-Q2", False),
        ("2024", "2024-01-01", False),
        ("2024", "2023", True),
    ]
    dates = [[f"p{n}", "甲", "town", *days, ""] for n, (*days, _is_before) in enumerate(rows)]
    dates += [["p90", "甲", "town", "2024-03", "2024-04", "签约"]]
    dates += [["p91", "甲", "town", "2024-03", "2099", "在建"]]
    header = ["code", "name_zh", "park", "signed_on", "started_on", "项目阶段"]
    wrong = faults(checked(admin_api, table(header, *dates)))
    assert wrong.pop((13, "started_on")) == "beyond_stage"
    assert wrong.pop((14, "started_on")) == "in_the_future"
    assert wrong == {
        (n, "started_on"): "before_earlier_stage"
        for n, (_signed, _started, is_before) in enumerate(rows, start=2)
        if is_before
    }


STANDINGS = ["code", "name_zh", "park", "standing", "standing_reason"]


def test_a_row_that_ends_a_project_says_why_or_the_file_does(admin_api: APIClient) -> None:
    ProjectFactory.create(code="p1", park__code="bay")
    rows = [
        ["p1", "", "bay", "suspended", ""],
        ["p2", "厂", "town", "closed", ""],
        ["p3", "研发中心", "town", "terminated", "撤资"],
        ["p4", "仓库", "town", "active", ""],
        ["p5", "总部", "town", "active", "复工"],
        ["p6", "展厅", "town", "已黄", "撤资"],
    ]
    data = table(STANDINGS, *rows)
    assert faults(checked(admin_api, data)) == {
        (2, "standing"): "without_reason",
        (3, "standing"): "without_reason",
        (6, "standing_reason"): "contradiction",
        (7, "standing"): "unknown_value",
    }
    data = table(STANDINGS, *rows[:4])
    applied(admin_api, data, mapping='{"defaults": {"standing_reason": "市里来函"}}')
    reasons = dict(Project.objects.values_list("code", "standing_reason"))
    assert reasons == {"p1": "市里来函", "p2": "市里来函", "p3": "撤资", "p4": ""}


# --- Approvals and their papers ------------------------------------------------------------------

PAPERS = ["项目名称", "期数", "环评批复时间", "环评批复文号", "施工许可证编号", "纳统时间"]


def test_what_is_no_phase_and_no_day_is_refused(admin_api: APIClient) -> None:
    rows = table(PAPERS, ["芯片厂", "扩建", "已办", "文\n号", "x" * 101, "2098-01-01"])
    assert faults(checked(admin_api, rows, park="town")) == {
        (2, "phase_no"): "not_a_number",
        (2, "environmental_on"): "not_a_date",
        (2, "environmental_no"): "line_break",
        (2, "works_permit_no"): "too_long",
        (2, "in_statistics_on"): "in_the_future",
    }
