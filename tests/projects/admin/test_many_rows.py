"""The admin where there are many rows: what it counts, lists, sorts and names stays bounded."""

from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from parks.admin import base, deletions
from parks.models import Park, Person, RegionGroup, RetiredCode, Source
from projects.models import EventFigure, Participation, Project, SigningEvent
from tests import factories
from tests.admin_pages import address, refused, row, save, saved, shown, told
from tests.samples import sample

pytestmark = pytest.mark.django_db


# --- Deleting ----------------------------------------------------------------------------------


def test_what_is_in_the_way_is_named_up_to_a_number(
    desk: Client, django_assert_num_queries: Any, django_assert_max_num_queries: Any
) -> None:
    source = factories.SourceFactory.create()
    factories.ProjectFactory.create_batch(deletions.MOST_NAMED + 1, source=source)
    page = address(Source, "delete", source.pk)
    with django_assert_max_num_queries(30) as few:
        desk.get(page)
    factories.ProjectFactory.create_batch(4, source=source)
    with django_assert_num_queries(len(few)):
        response = desk.get(page)
    named = response.context_data["protected"]
    assert len(named) == deletions.MOST_NAMED + 1
    assert named[-1] == "and 5 more: projects"
    assert desk.post(page, {"post": "yes"}).status_code == 200
    assert Source.objects.filter(pk=source.pk).exists()


def test_what_goes_along_is_counted_and_the_first_of_it_named(
    desk: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deletions, "MOST_NAMED", 1)
    project = factories.ProjectFactory.create(met={"signed": "2024-06", "started": "2024-07"})
    factories.MilestoneFactory.create(project=project, type="completed")
    response = desk.get(address(Project, "delete", project.pk))
    counts = dict(response.context_data["model_count"])
    assert (counts["projects"], counts["milestones"]) == (1, 3)
    (_project, below) = response.context_data["deleted_objects"]
    assert "pelling" not in response.content.decode()
    assert "and 2 more: milestones" in below
    saved(desk.post(address(Project, "delete", project.pk), {"post": "yes"}))


def test_no_more_rows_are_deleted_together_than_a_page_can_name(
    desk: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deletions, "DELETED_AT_ONCE", 2)
    factories.SourceFactory.create_batch(3)
    keys = [source.pk for source in Source.objects.all()]
    action = {"action": "delete_selected", "_selected_action": keys, "post": "yes"}
    response = desk.post(address(Source, "changelist"), action)
    assert told(response) == ["Choose at most 2 rows to delete."]
    assert Source.objects.count() == 3
    codes = {*Source.objects.filter(pk__in=keys[:2]).values_list("code", flat=True)}
    saved(desk.post(address(Source, "changelist"), action | {"_selected_action": keys[:2]}))
    assert Source.objects.count() == 1
    assert {*RetiredCode.objects.values_list("code_key", flat=True)} == codes
    for code in codes:
        (said,) = refused(desk, address(Source, "add"), code=code, title="又一篇")["code"]
        assert "belonged to a deleted row" in said


# --- The page of an event ----------------------------------------------------------------------


def test_the_page_of_an_event_shows_the_projects_that_were_entered_last(
    desk: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(base, "ROWS_SHOWN", 2)
    event = factories.SigningEventFactory.create()
    rows = [
        factories.ParticipationFactory.create(event=event, role="presented") for _row in range(3)
    ]
    others = factories.ParticipationFactory.create()
    page = address(SigningEvent, "change", event.pk)
    text = desk.get(page).content.decode()
    every = f"{address(Project, 'changelist')}?event={event.code}"
    assert f'href="{every}"' in text
    found = desk.get(every).context_data["cl"].result_list
    assert {project.pk for project in found} == {each.project_id for each in rows}
    assert others.project not in found
    sent = shown(desk, page)
    assert [sent[f"participations-{n}-id"] for n in (0, 1)] == [str(rows[2].pk), str(rows[1].pk)]
    saved(save(desk, page, **{"participations-1-role": "attended"}, **row_of_new(desk)))
    assert Participation.objects.filter(event=event).count() == 4
    rows[1].refresh_from_db()
    assert rows[1].role == "attended"


def row_of_new(desk: Client) -> dict[str, Any]:
    """A further project of the page, after the two that it shows."""
    return row("participations", 2, project=factories.ProjectFactory.create().pk, role="presented")


def test_the_page_of_an_event_shows_the_first_of_its_figures(
    desk: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(base, "ROWS_SHOWN", 1)
    event = factories.SigningEventFactory.create()
    factories.EventFigureFactory.create_batch(2, event=event)
    factories.EventFigureFactory.create()
    every = f"{address(EventFigure, 'changelist')}?event__id__exact={event.pk}"
    assert f'href="{every}"' in desk.get(address(SigningEvent, "change", event.pk)).content.decode()
    assert len(desk.get(every).context_data["cl"].result_list) == 2


# --- Lists -------------------------------------------------------------------------------------


def test_a_list_counts_so_far_and_says_that_there_are_more(
    desk: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(base, "COUNTED_AT_MOST", 3)
    factories.SourceFactory.create_batch(3)
    whole = desk.get(address(Source, "changelist"))
    assert (whole.context_data["cl"].result_count, "there are more" in text_of(whole)) == (3, False)
    factories.SourceFactory.create_batch(2)
    cut = desk.get(address(Source, "changelist"))
    assert (cut.context_data["cl"].result_count, "there are more" in text_of(cut)) == (3, True)


def text_of(response: Any) -> str:
    return response.content.decode()


def test_a_list_of_projects_is_sorted_by_what_has_an_index(
    desk: Client, investment_indicator: Any
) -> None:
    first = factories.ProjectFactory.create(code="B-1", name_zh="丙", investment=1_000_000)
    second = factories.ProjectFactory.create(code="a-1", name_zh="乙")
    page = address(Project, "changelist")
    found = {
        key: list(desk.get(page, {"o": key}).context_data["cl"].result_list)
        for key in ("1", "-1", "2", "-2", "4", "-4")
    }
    assert found["1"] == [second, first]
    assert found["-1"] == found["-4"] == [first, second]
    assert found["4"] == [second, first]
    assert found["2"] == found["-2"]  # not by name


# --- Queries -----------------------------------------------------------------------------------

LISTED = """
Region RegionGroup Sector SectorGroup Source Organisation Park Figure TimelineEntry Person Post
Project Milestone Funding ProjectFigure SigningEvent EventFigure
""".split()


@pytest.mark.parametrize("kind", sample(LISTED, 3))
def test_a_list_asks_the_database_as_often_for_10_rows_as_for_one(
    desk: Client, kind: str, django_assert_num_queries: Any, django_assert_max_num_queries: Any
) -> None:
    factory = getattr(factories, f"{kind}Factory")
    region = factories.RegionFactory.create(code="330300")
    complete: dict[str, Any] = {"Project": {"origin": region}, "Region": {"parent": region}}
    given = complete.get(kind, {})
    page = address(type(factory.create(**given)), "changelist")
    # SQLite counts the values of each filter of projects by itself
    with django_assert_max_num_queries(29 if kind == "Project" else 15) as one:
        desk.get(page)
    factory.create_batch(10, **given)
    with django_assert_num_queries(len(one)):
        desk.get(page)


def add_rows(whole: Any, count: int) -> None:
    """Add rows of each kind to the page of a park, a person, a group, a project or an event."""
    make: Any = {"source": factories.SourceFactory.create()}
    for number in range(count):
        if isinstance(whole, Park):
            factories.FigureFactory.create(park=whole, **make)
        elif isinstance(whole, Person):
            organisation = factories.OrganisationFactory.create()
            factories.PostFactory.create(person=whole, organisation=organisation)
        elif isinstance(whole, RegionGroup):
            member = f"12{whole.members.count():02d}00"
            factories.RegionGroupFactory.create(code=whole.code, members=[member])
        elif isinstance(whole, SigningEvent):
            factories.ParticipationFactory.create(event=whole)
            factories.EventFigureFactory.create(event=whole, **make)
        else:
            event = factories.SigningEventFactory.create()
            factories.MilestoneFactory.create(project=whole, event=event, **make)
            factories.InvestorFactory.create(project=whole)
            factories.ParticipationFactory.create(project=whole)
            factories.ProjectFigureFactory.create(project=whole, **make)
            month = date(2000 + whole.fundings.count(), number + 1, 1)
            factories.FundingFactory.create(project=whole, month=month, **make)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["Park", "Person", "RegionGroup", "Project", "SigningEvent"])
def test_a_page_asks_the_database_as_often_for_5_rows_of_each_kind_as_for_one(
    desk: Client, investment_indicator: Any, kind: str, django_assert_num_queries: Any
) -> None:
    whole = getattr(factories, f"{kind}Factory").create()
    page = address(type(whole), "change", whole.pk)
    add_rows(whole, 1)
    desk.get(page)  # the first page of all looks up what later ones know
    with CaptureQueriesContext(connection) as one:
        desk.get(page)
    add_rows(whole, 4)
    with django_assert_num_queries(len(one)):
        answer = desk.get(page)
    for inline in answer.context_data["inline_admin_formsets"]:  # each costs as much as a row
        assert inline.formset.empty_form is inline.formset.empty_form
