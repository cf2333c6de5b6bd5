"""Notes of progress: who writes and reads them, what of them a project shows, what they end."""

from datetime import date
from io import BytesIO
from typing import Any

import pytest
from django.utils import timezone
from openpyxl import load_workbook
from rest_framework.test import APIClient

from parks.models import Park
from projects.models import ProgressNote, Project
from tests import factories
from tests.answers import API, codes, error, found, made, mistakes, sign_in
from tests.seeded import kept_rows

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mid_june")]
NOTES = f"{API}/projects/fab/progress"
SAID = {
    "noted_on": "2026-06-08",
    "text": "厂房主体封顶\n设备招标完成",
    "next_step": "设备进场",
    "due_on": "2026-08-31",
    "noted_by": "招商二处 李工",
}
SHOWN = {
    "latest_progress": SAID["text"],
    "latest_progress_on": SAID["noted_on"],
    "next_step": SAID["next_step"],
    "next_step_due_on": SAID["due_on"],
}


@kept_rows
def fab() -> Project:
    met = {"signed": "2025"}
    return factories.ProjectFactory.create(code="fab", park__code="town", met=met)


def test_a_note_is_shown_with_its_project_and_the_newest_is_the_latest(office: APIClient) -> None:
    note = made(office.post(NOTES, SAID))
    assert {name: note[name] for name in SAID} == SAID
    assert (note["project"], note["park"], note["superseded_by"]) == ("fab", "town", None)
    made(office.post(NOTES, {"noted_on": "2026-05-01", "text": "旧事"}))
    for row in (
        found(office.get(f"{API}/projects/fab")),
        *found(office.get(f"{API}/projects"))["results"],
    ):
        assert {name: row[name] for name in SHOWN} == SHOWN
    assert [row["text"] for row in found(office.get(NOTES))["results"]] == [SAID["text"], "旧事"]
    columns = f"code,{','.join(SHOWN)}"
    file = office.get(f"{API}/projects.csv", {"columns": columns}).getvalue().decode()
    assert file.splitlines()[1:] == [
        'fab,"厂房主体封顶',
        '设备招标完成",2026-06-08,设备进场,2026-08-31',
    ]


def test_a_note_is_superseded_or_withdrawn_and_never_overwritten(office: APIClient) -> None:
    wrong = made(office.post(NOTES, SAID))
    address = f"{NOTES}/{wrong['code']}"
    assert error(office.patch(address, {"text": "改写"}))["code"] == "append_only"
    right = made(office.post(NOTES, {**SAID, "text": "尚未封顶", "supersedes": wrong["code"]}))
    assert found(office.get(address))["superseded_by"] == right["code"]
    assert found(office.get(f"{API}/projects/fab"))["latest_progress"] == "尚未封顶"
    assert codes(office, "progress") == [right["code"]]
    again = {**SAID, "supersedes": wrong["code"]}
    assert error(office.post(NOTES, again))["code"] == "already_superseded"
    other = factories.ProgressNoteFactory.create(project__park=Park.objects.get(code="town"))
    assert error(office.post(NOTES, {**SAID, "supersedes": other.code}))["code"] == (
        "not_about_the_same"
    )
    found(office.patch(f"{NOTES}/{right['code']}", {"is_withdrawn": True, "noted_by": "王工"}))
    assert found(office.get(f"{API}/projects/fab"))["latest_progress"] is None
    assert office.delete(f"{NOTES}/{right['code']}").status_code == 204
    assert found(office.get(f"{API}/projects/fab"))["latest_progress"] == SAID["text"]


def test_what_cannot_be_noted_is_refused(office: APIClient) -> None:
    assert mistakes(office.post(NOTES, {"noted_on": "2026-06-16", "text": "明天"})) == {
        "#/noted_on": "in_the_future"
    }
    undone = {"noted_on": "2026-06-01", "text": "无", "due_on": "2026-07-01"}
    assert list(mistakes(office.post(NOTES, undone)).values()) == ["without_step"]
    told = error(office.patch(f"{API}/projects/fab", {"latest_progress": "封顶"}))
    assert told["code"] == "read_only_field"
    assert "/progress" in told["detail"]


def test_who_sees_no_notes_is_told_nothing_of_them(api: APIClient, fab: Project) -> None:
    factories.ProgressNoteFactory.create(project=fab, **SAID)
    history = found(api.get(f"{API}/projects/fab/history"))["results"]
    assert {row["resource"] for each in history for row in each["rows"]} <= {"milestone"}
    assert {each["field"] for version in history for each in version["changes"]}.isdisjoint(SHOWN)
    viewer = sign_in(factories.MembershipFactory.create(park=fab.park, role="viewer").user)
    inside = found(viewer.get(f"{API}/projects/fab/history"))["results"]
    assert "progress_note" in {row["resource"] for each in inside for row in each["rows"]}
    for name in ("latest_progress_from", "next_step_due_to"):
        assert codes(api, "projects", **{name: "2026-09" if "to" in name else "2026"}) == []
    assert codes(api, "projects", next_step_overdue="true") == []
    assert codes(api, "projects", silent_months_min="3") == ["fab"]


def test_a_note_ends_the_silence_and_money_alone_that_a_project_stalls(office: APIClient) -> None:
    both = {"silent_months_min": "3", "stalled_months_min": "3"}
    assert codes(office, "projects", **both) == ["fab"]
    made(office.post(NOTES, SAID))
    assert codes(office, "projects", silent_months_min="3") == []
    assert codes(office, "projects", stalled_months_min="3") == ["fab"]
    fab = Project.objects.get()
    factories.FundingFactory.create(project=fab, on="2026-05", reported_cny=0)
    assert codes(office, "projects", stalled_months_min="3") == ["fab"]  # a report of nothing
    factories.FundingFactory.create(project=fab, on="2026-04")
    assert codes(office, "projects", stalled_months_min="3") == []
    assert codes(office, "projects", stalled_months_min="1") == ["fab"]
    assert codes(office, "projects", latest_progress_from="2026-06-08") == ["fab"]
    assert codes(office, "projects", latest_progress_to="2026-06-07") == []
    assert codes(office, "projects", next_step_due_to="2026-08") == ["fab"]
    assert codes(office, "projects", next_step_due_from="2026-09") == []
    assert codes(office, "projects", next_step_overdue="true") == []
    made(office.post(NOTES, {**SAID, "noted_on": "2026-06-10", "due_on": "2026-06-14"}))
    assert codes(office, "projects", next_step_overdue="true") == ["fab"]
    concerns = found(office.get(f"{API}/attention"))
    counts = {name: concerns[name]["count"] for name in ("silent", "stalled", "steps_due")}
    assert counts == {"silent": 0, "stalled": 0, "steps_due": 1}
    assert concerns["steps_due"]["results"][0]["next_step"] == SAID["next_step"]


def test_the_week_of_a_park_is_one_list_and_one_sheet(office: APIClient, fab: Project) -> None:
    Project.objects.filter(pk=fab.pk).update(responsible_unit="招商二处")
    factories.ProgressNoteFactory.create(project=fab, **SAID)
    factories.ProgressNoteFactory.create(project=fab, noted_on=date(2026, 5, 31), text="上月")
    factories.ProgressNoteFactory.create(project__park__code="bay", text="别处")
    week = {"park": "town", "noted_from": "2026-06-08", "noted_to": "2026-06-14"}
    (row,) = found(office.get(f"{API}/progress", week))["results"]
    assert (row["project"], row["text"], row["responsible_unit"]) == (
        *("fab", SAID["text"], "招商二处"),
    )
    for until, number in (("2026-08-30", 0), ("2026-08-31", 1)):
        assert len(codes(office, "progress", due_from="2026-08", due_to=until)) == number
    assert codes(office, "progress", due_from="2026-09") == []
    assert error(office.get(f"{API}/progress", {"park": "bay"}))["code"] == "unknown_value"
    book = office.get(f"{API}/progress.xlsx", {**week, "header": "zh"}).getvalue()
    rows = list(load_workbook(BytesIO(book), read_only=True).worksheets[0].values)
    assert {"项目", "责任单位", "进展", "下一步计划", "完成时限"} <= {*rows[0]}
    assert len(rows) == 2
    assert SAID["text"] in rows[1]


def test_a_deleted_project_comes_back_with_its_notes(office: APIClient) -> None:
    wrong = made(office.post(NOTES, SAID))
    made(office.post(NOTES, {**SAID, "text": "更正", "supersedes": wrong["code"]}))
    version = found(office.get(f"{API}/projects/fab"))["version"]
    assert office.delete(f"{API}/projects/fab").status_code == 204
    assert not ProgressNote.objects.exists()
    address = f"{API}/projects/fab/history/{version}/restore"
    made(office.post(address, headers={"If-None-Match": "*"}))
    assert found(office.get(f"{API}/projects/fab"))["latest_progress"] == "更正"
    assert ProgressNote.objects.standing().count() == 1
    first = {"If-Match": office.get(f"{API}/projects/fab").headers["ETag"]}
    found(office.post(f"{API}/projects/fab/history/1/restore", headers=first))
    assert ProgressNote.objects.count() == 2  # what was noted stays noted


def test_the_past_shows_what_was_the_latest_then(office: APIClient, fab: Project) -> None:
    moment = timezone.now().isoformat().replace("+00:00", "Z")
    made(office.post(NOTES, SAID))
    then = {"as_of": moment}
    assert found(office.get(f"{API}/projects/fab", then))["latest_progress"] is None
    assert found(office.get(NOTES, then))["results"] == []


def test_the_list_takes_a_fixed_number_of_queries(
    api: APIClient, fab: Project, django_assert_num_queries: Any
) -> None:
    api.force_authenticate(factories.MembershipFactory.create(park=fab.park).user)
    api.get(f"{API}/progress")
    for n in (1, 5):
        for _each in range(n):
            factories.ProgressNoteFactory.create(project=fab)
        with django_assert_num_queries(3):
            assert len(found(api.get(f"{API}/progress"))["results"]) in (1, 6)
