"""The admin of notes of progress: added on the page of a project, superseded on their own."""

from datetime import date

import pytest
from django.test import Client

from projects.models import ProgressNote, Project
from tests.admin_pages import address, row, save, saved, shown
from tests.factories import ProjectFactory

pytestmark = pytest.mark.django_db


def test_a_note_is_added_to_its_project_and_stays_as_it_is(desk: Client) -> None:
    project = ProjectFactory.create()
    page = address(Project, "change", project.pk)
    said = {"noted_on": "2026-06-08", "text": "主体封顶", "next_step": "设备进场"}
    saved(save(desk, page, **row("progress", **said, due_on="2026-08-31")))
    note = ProgressNote.objects.get()
    assert (note.text, note.due_on) == ("主体封顶", date(2026, 8, 31))
    project.refresh_from_db()
    assert (project.latest_progress, project.next_step) == ("主体封顶", "设备进场")
    assert "主体封顶" in desk.get(page).content.decode()
    assert not any("主体封顶" in str(value) for value in shown(desk, page).values())
    own = address(ProgressNote, "change", note.pk)
    assert {"text", "noted_on", "next_step"}.isdisjoint(shown(desk, own))
    saved(save(desk, own, is_withdrawn="on", noted_by="李工"))
    project.refresh_from_db()
    assert project.latest_progress is None
