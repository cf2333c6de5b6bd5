"""Changing many projects at once in the admin: seen before it is done, and undone as one."""

from datetime import date
from typing import Any

import pytest
from django.test import Client

from parks.models import ImportBatch
from parks.recording.records import Revision
from projects.admin import many
from projects.models import ProgressNote, Project, ProjectTag
from tests.admin_pages import address, told
from tests.factories import (
    ParkFactory,
    ProjectFactory,
    ProjectTagFactory,
    SourceFactory,
    TagFactory,
)

pytestmark = pytest.mark.django_db

LIST = "/admin/projects/project/"


def preview(desk: Client, projects: list[Project], **fields: Any) -> dict[str, Any]:
    """What the page says that it would do."""
    return send(desk, projects, _preview="1", **fields).context_data


def send(desk: Client, projects: list[Project], **fields: Any) -> Any:
    chosen = {"action": "change_many", "_selected_action": [each.pk for each in projects]}
    return desk.post(LIST, chosen | fields)


def apply(desk: Client, projects: list[Project], **fields: Any) -> Any:
    """Look at what would be done, and do it."""
    seen = preview(desk, projects, **fields)
    return send(desk, projects, _apply=seen["digest"], seen=seen["seen"], **fields)


def changes_of(seen: dict[str, Any]) -> dict[str, dict[str, list[str | None]]]:
    return {
        each.project.code: {
            change["field"]: [change["old_text"], change["new_text"]] for change in each.changes
        }
        for each in seen["outcome"].changed
    }


def test_what_changes_and_what_is_refused_is_shown_before_anything_is_written(desk: Client) -> None:
    good = ProjectFactory.create(code="good")
    same = ProjectFactory.create(code="same", standing="suspended", standing_reason="no land")
    seen = preview(desk, [good, same], standing="suspended", standing_reason="no land")
    assert changes_of(seen) == {
        "good": {"standing": ["active", "suspended"], "standing_reason": [None, "no land"]}
    }
    assert [each.code for each in seen["outcome"].same] == ["same"]
    refused = preview(desk, [good, same], standing="suspended", standing_on="2024-06")
    assert [project.code for project, _reason in refused["refused"]] == ["good"]
    assert "Say why the project is suspended" in refused["refused"][0][1]
    assert changes_of(refused) == {"same": {"standing_on": [None, "2024-06"]}}
    assert not ImportBatch.objects.exists()
    assert not Project.objects.exclude(version=1).exists()


def test_ten_projects_are_suspended_as_one_revision_and_undone(desk: Client) -> None:
    projects = [ProjectFactory.create() for _each in range(10)]
    fields = {"standing": "suspended", "standing_reason": "资金未到位", "change_reason": "例会"}
    response = apply(desk, projects, **fields)
    assert response.status_code == 302
    (batch,) = ImportBatch.objects.all()
    page = address(ImportBatch, "change", batch.pk)
    assert told(response) == [
        f'10 projects were changed. <a href="{page}">Look at it, or undo it</a>'
    ]
    assert set(Project.objects.values_list("standing", "standing_reason", "version")) == {
        ("suspended", "资金未到位", 2)
    }
    (revision,) = Revision.objects.filter(batch=batch.code)
    assert revision.reason == "例会"
    report = desk.get(page).content.decode()
    assert "<li>Standing: <del>active</del> → suspended</li>".lower() in report.lower()
    assert "<h1>Change of 10 projects</h1>" in report
    assert "How the file was read" not in report  # there is none
    question = desk.post(page, {"_ask_undo": "1"}).content.decode()
    assert "<h1>Undo: Change of 10 projects</h1>" in question
    desk.post(page, {"_undo": "1"})
    assert set(Project.objects.values_list("standing", "standing_reason")) == {("active", "")}


def test_a_note_a_source_and_the_unit_are_given_together(desk: Client) -> None:
    projects = [ProjectFactory.create() for _each in range(2)]
    source = SourceFactory.create(code="memo", title="Memo")
    fields = {
        "source": source.pk,
        "responsible_unit": "招商一局",
        "text": "已约谈",
        "noted_on": "2024-06-20",
        "next_step": "催办",
        "due_on": "2024-07-01",
    }
    seen = preview(desk, projects, **fields)
    (first, _second) = changes_of(seen).values()
    assert first["responsible_unit"] == [None, "招商一局"]
    assert first["latest_progress"] == [None, "已约谈"]
    assert not ProgressNote.objects.exists()
    apply(desk, projects, **fields)
    for project in Project.objects.all():
        assert (project.source, project.responsible_unit) == (source, "招商一局")
        assert (project.latest_progress_on, project.next_step) == (date(2024, 6, 20), "催办")
    (batch,) = ImportBatch.objects.all()
    desk.post(address(ImportBatch, "change", batch.pk), {"_undo": "1"})
    assert not ProgressNote.objects.exists()
    assert {project.latest_progress for project in Project.objects.all()} == {None}


def test_a_tag_is_given_to_those_that_do_not_have_it_and_taken_back(desk: Client) -> None:
    tag = TagFactory.create(code="key", name_en="key project", bearer="project", is_yearly=True)
    had = ProjectTagFactory.create(tag=tag, year=2026, project__code="had")
    new = ProjectFactory.create(code="new")
    fields = {"tag": "key", "tag_year": "2026"}
    seen = preview(desk, [had.project, new], **fields)
    assert changes_of(seen) == {"new": {"tags": [None, "key project 2026"]}}
    assert [each.code for each in seen["outcome"].same] == ["had"]
    assert not new.tags.exists()
    apply(desk, [had.project, new], **fields)
    assert new.tags.get().year == 2026
    (batch,) = ImportBatch.objects.all()
    desk.post(address(ImportBatch, "change", batch.pk), {"_undo": "1"})
    assert [*ProjectTag.objects.values_list("project__code", flat=True)] == ["had"]


def test_it_is_said_what_stays_public_when_a_publication_is_undone(desk: Client) -> None:
    park = ParkFactory.create(publication="published")
    source = SourceFactory.create(publication="draft", park=park)
    project = ProjectFactory.create(park=park, publication="draft", source=source)
    apply(desk, [project], publication="published")
    source.refresh_from_db()
    assert source.is_open
    (batch,) = ImportBatch.objects.all()
    asked = desk.post(address(ImportBatch, "change", batch.pk), {"_ask_undo": "1"})
    assert asked.context_data["public"] == 1
    assert "1 source or person that was published with it stays public" in asked.rendered_content
    desk.post(address(ImportBatch, "change", batch.pk), {"_undo": "1"})
    project.refresh_from_db()
    source.refresh_from_db()
    assert (project.publication, source.publication) == ("draft", "published")


@pytest.mark.slow
def test_a_project_that_moved_since_is_left_out_and_told(desk: Client) -> None:
    moved, kept = ProjectFactory.create(name_zh="", name_en="Moved"), ProjectFactory.create()
    seen = preview(desk, [moved, kept], responsible_unit="一局")
    other = {"_apply": seen["digest"], "seen": seen["seen"], "responsible_unit": "二局"}
    again = send(desk, [kept], **other)  # what was not shown is shown first
    assert changes_of(again.context_data)[kept.code] == {"responsible_unit": [None, "二局"]}
    moved.note = "x"
    moved.save()
    response = send(
        desk, [moved, kept], _apply=seen["digest"], seen=seen["seen"], responsible_unit="一局"
    )
    _done, left_out = told(response)
    assert left_out.startswith("Moved: ")
    assert "version 2" in left_out
    assert Project.objects.get(responsible_unit="一局") == kept


def test_no_more_are_changed_together_than_a_form_can_name(
    desk: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(many, "CHANGED_AT_ONCE", 1)
    projects = ProjectFactory.create_batch(2)
    assert told(send(desk, projects)) == ["Choose at most 1 projects."]
