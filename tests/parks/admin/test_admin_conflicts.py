"""The admin saves what was opened; if it was saved since, the page shows both versions."""

import pytest
from django.test import Client

from projects.models import Milestone, Project
from tests import factories
from tests.admin_pages import address, mistakes, read_form, row, saved, shown
from tests.samples import sample
from tests.together import together

pytestmark = pytest.mark.django_db

KINDS = """
Source Organisation Park Figure TimelineEntry Person Post Project ProjectFigure SigningEvent
EventFigure Milestone Funding
""".split()


@pytest.mark.slow
@together("kind", sample(KINDS, 3))
def test_a_page_that_was_saved_since_is_not_saved_again_unseen(desk: Client, kind: str) -> None:
    stored = getattr(factories, f"{kind}Factory").create()
    page = address(type(stored), "change", stored.pk)
    form = shown(desk, page)
    assert "__all__" in mistakes(desk.post(page, {**form, "seen_version": ""}))
    assert form["seen_version"] == "1"
    saved(desk.post(page, form))  # as it is shown: no version
    stored.refresh_from_db()
    assert stored.version == 1
    stored.save()
    refused = desk.post(page, form)
    assert any("since you opened it" in message for message in mistakes(refused)["__all__"])
    stored.refresh_from_db()
    assert stored.version == 2
    # The page that shows the conflict may be saved as it is
    again = refused.context_data["adminform"].form["seen_version"].value()
    saved(desk.post(page, {**form, "seen_version": again}))


@pytest.mark.slow
@pytest.mark.parametrize("kept", ["mine", "theirs"])
def test_only_what_both_changed_is_asked_and_the_rest_of_theirs_is_kept(
    desk: Client, kept: str
) -> None:
    project = factories.ProjectFactory.create(name_zh="旧名", note="old", address="a")
    step = factories.MilestoneFactory.create(project=project, type="signed", note="old")
    page = address(Project, "change", project.pk)
    form = shown(desk, page)
    stored = Project.objects.get(pk=project.pk)
    stored.note, stored.name_zh, stored.is_umbrella = "theirs", "新名", True
    stored.save()
    below = Milestone.objects.get(pk=step.pk)
    below.note = "theirs below"
    below.save()
    refused = desk.post(page, {**form, "note": "mine", "address": "b"})
    (conflict,) = refused.context_data["conflicts"]
    assert (conflict.name, conflict.stored, conflict.typed) == ("keep-note", "theirs", "mine")
    text = refused.content.decode()
    assert 'name="keep-note" value="theirs" required' in text
    again = read_form(refused) | {"keep-note": kept}
    saved(desk.post(page, again))
    project = Project.objects.get(pk=project.pk)
    assert (project.note, project.name_zh, project.address) == (kept, "新名", "b")
    assert project.is_umbrella
    assert Milestone.objects.get(pk=step.pk).note == "theirs below"


def test_rows_that_were_typed_stay_on_the_page(desk: Client) -> None:
    project = factories.ProjectFactory.create()
    page = address(Project, "change", project.pk)
    form = shown(desk, page) | row("milestones", type="signed", status="met")
    factories.InvestorFactory.create(project=project)  # below it, too
    refused = desk.post(page, form)
    assert "__all__" in mistakes(refused)
    (inline,) = (
        each.formset
        for each in refused.context_data["inline_admin_formsets"]
        if each.formset.prefix == "milestones"
    )
    assert inline.forms[0]["type"].value() == "signed"
    version = refused.context_data["adminform"].form["seen_version"].value()
    saved(desk.post(page, {**form, "seen_version": version}))
    assert Milestone.objects.get().type == "signed"
