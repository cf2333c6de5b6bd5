"""The admin saves what was opened; if it was saved since, the page shows both versions."""

import pytest
from django.test import Client

from parks.models import Park
from projects.models import Milestone, Project
from tests import factories
from tests.admin_pages import address, mistakes, row, saved, shown
from tests.samples import sample
from tests.together import together

pytestmark = pytest.mark.django_db

KINDS = """
Source Organisation Park Figure TimelineEntry Person Post Project ProjectFigure SigningEvent
EventFigure Milestone Funding
""".split()


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


def test_what_is_stored_and_what_was_typed_are_shown_side_by_side(desk: Client) -> None:
    park = factories.ParkFactory.create(name_zh="旧园", note="old", kind="city_park")
    page = address(Park, "change", park.pk)
    form = shown(desk, page)
    Park.objects.get(pk=park.pk).save()
    stored = Park.objects.get(pk=park.pk)
    stored.note, stored.name_zh = "theirs", "新园"
    stored.save()
    refused = desk.post(page, {**form, "note": "mine"})
    told = " ".join(mistakes(refused)["__all__"])
    assert "stored “theirs”, typed “mine”" in told
    assert "stored “新园”, typed “旧园”" in told
    assert refused.context_data["adminform"].form["note"].value() == "mine"
    assert Park.objects.get(pk=park.pk).note == "theirs"


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
