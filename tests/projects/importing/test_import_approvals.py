"""Approvals and phases in sheets: a column for the day of each, and one for its paper."""

import csv
import io

import pytest
from rest_framework.test import APIClient

from projects.models import Milestone, Project
from tests.answers import API, codes
from tests.factories import ParkFactory
from tests.projects.importing.imports import actions, applied, checked, faults, line, table
from tests.together import together

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("vocabularies")]

HEADER = ["项目名称", "期数", "环评批复时间", "环评批复文号", "施工许可证编号", "纳统时间"]
FAB = ["芯片厂", "第二期", "2024年3月", "津环审〔2024〕12号", "12011520240001", "2024-05-06"]


@pytest.fixture(autouse=True)
def town(vocabularies: None) -> None:
    ParkFactory.create(code="town")


def steps() -> dict[str, tuple[str, str, str]]:
    """The steps of the one project: status, day and number of each by its type."""
    return {
        row.type: (row.status, str(row.actual or ""), row.document_no)
        for row in Milestone.objects.order_by("id")
    }


def test_approvals_come_in_beside_the_way_of_a_project(admin_api: APIClient) -> None:
    applied(admin_api, table(HEADER, FAB), park="town")
    project = Project.objects.get()
    assert (project.phase_no, project.stage) == (2, "")
    assert steps() == {
        "environmental": ("met", "2024-03", "津环审〔2024〕12号"),
        "works_permit": ("met", "", "12011520240001"),
        "in_statistics": ("met", "2024-05-06", ""),
    }
    again = checked(admin_api, table(HEADER, FAB), park="town")
    assert actions(again)[2] == "same"
    mended = checked(admin_api, table(HEADER, [*FAB[:4], "12011520240002", "2024-05"]), park="town")
    assert line(mended, 2)["changes"] == {
        "works_permit_no": ["12011520240001", "12011520240002"],
        "in_statistics_on": ["2024-05-06", "2024-05"],
    }
    applied(admin_api, table(HEADER, [*FAB[:4], "12011520240002", FAB[5]]), park="town")
    assert steps()["works_permit"] == ("met", "", "12011520240002")
    assert len(steps()) == Milestone.objects.count() == 3


def test_a_file_of_ours_brings_them_back(admin_api: APIClient) -> None:
    applied(admin_api, table(HEADER, FAB), park="town")
    file = admin_api.get(f"{API}/projects.csv?columns=all").getvalue().decode("utf-8-sig")
    (row,) = csv.DictReader(io.StringIO(file))
    shown = (
        "phase_no",
        "environmental_on",
        "environmental_no",
        "works_permit_on",
        "land_granted_no",
    )
    assert [row[name] for name in shown] == ["2", "2024-03", "津环审〔2024〕12号", "", ""]
    assert actions(checked(admin_api, file.encode()))[2] == "same"
    Milestone.objects.all().delete()
    back = checked(admin_api, file.encode(), overwrite="true")
    assert {*line(back, 2)["changes"]} == {
        *("environmental_on", "environmental_no", "works_permit_no", "in_statistics_on")
    }


@together(
    ("cell", "phase"),
    [("2", 2), ("二期", 2), ("第三期工程", 3), ("Phase 4", 4), ("１期", 1), ("十", 10)],
)
def test_a_phase_is_read_as_people_write_it(admin_api: APIClient, cell: str, phase: int) -> None:
    applied(admin_api, table(["项目名称", "期数"], ["芯片厂", cell]), park="town")
    assert Project.objects.get().phase_no == phase
    assert len(codes(admin_api, "projects", phase_no_min=phase, phase_no_max=phase)) == 1
    assert codes(admin_api, "projects", phase_no_min=phase + 1) == []


def test_what_is_no_phase_and_no_day_is_refused(admin_api: APIClient) -> None:
    rows = table(HEADER, ["芯片厂", "扩建", "已办", "文\n号", "x" * 101, "2098-01-01"])
    assert faults(checked(admin_api, rows, park="town")) == {
        (2, "phase_no"): "not_a_number",
        (2, "environmental_on"): "not_a_date",
        (2, "environmental_no"): "line_break",
        (2, "works_permit_no"): "too_long",
        (2, "in_statistics_on"): "in_the_future",
    }
