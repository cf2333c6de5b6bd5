"""The admin saves what was opened; if it was saved since, the page shows both versions."""

from typing import Any

import pytest
from django.test import Client

from parks.models import Park
from projects.models import Milestone, Project
from tests.admin_pages import address, mistakes, row, saved, shown
from tests.factories import (
    EventFigureFactory,
    FigureFactory,
    FundingFactory,
    MilestoneFactory,
    OrganisationFactory,
    ParkFactory,
    PersonFactory,
    PostFactory,
    ProjectFactory,
    ProjectFigureFactory,
    SigningEventFactory,
    SourceFactory,
    TimelineEntryFactory,
)
from tests.samples import sample
from tests.together import together

pytestmark = pytest.mark.django_db

FACTORIES = [
    SourceFactory,
    OrganisationFactory,
    ParkFactory,
    FigureFactory,
    TimelineEntryFactory,
    PersonFactory,
    PostFactory,
    ProjectFactory,
    ProjectFigureFactory,
    SigningEventFactory,
    EventFigureFactory,
    MilestoneFactory,
    FundingFactory,
]


@together("factory", sample(FACTORIES, 3))
def test_a_page_that_was_saved_since_is_not_saved_again_unseen(desk: Client, factory: Any) -> None:
    stored = factory.create()
    page = address(type(stored), "change", stored.pk)
    form = shown(desk, page)
    assert form["seen_version"] == "1"
    saved(desk.post(page, form))
    refused = desk.post(page, form)
    assert any("since you opened it" in message for message in mistakes(refused)["__all__"])
    stored.refresh_from_db()
    assert stored.version == 2
    # The page that shows the conflict may be saved as it is
    again = refused.context_data["adminform"].form["seen_version"].value()
    saved(desk.post(page, {**form, "seen_version": again}))


def test_what_is_stored_and_what_was_typed_are_shown_side_by_side(desk: Client) -> None:
    park = ParkFactory.create(name_zh="旧园", note="old", kind="city_park")
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


def test_a_page_without_its_version_is_not_saved(desk: Client) -> None:
    park = ParkFactory.create()
    page = address(Park, "change", park.pk)
    form = {name: value for name, value in shown(desk, page).items() if name != "seen_version"}
    assert "__all__" in mistakes(desk.post(page, form))


def test_a_row_that_came_or_went_below_a_project_is_a_conflict_of_its_page(
    desk: Client,
) -> None:
    project = ProjectFactory.create()
    page = address(Project, "change", project.pk)
    form = shown(desk, page)
    MilestoneFactory.create(project=project)
    assert "__all__" in mistakes(desk.post(page, {**form, "note": "mine"}))
    assert Milestone.objects.count() == 1


def test_rows_that_were_typed_stay_on_the_page(desk: Client) -> None:
    project = ProjectFactory.create()
    page = address(Project, "change", project.pk)
    form = shown(desk, page) | row("milestones", type="signed", status="met")
    Project.objects.get(pk=project.pk).save()
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
