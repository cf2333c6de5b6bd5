"""The admin by roles: which rows and choices somebody has there, and what is refused."""

from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.test import Client

from parks.models import (
    Figure,
    ImportBatch,
    Indicator,
    Organisation,
    Park,
    Region,
    Source,
    TimelineEntry,
)
from projects.models import EventFigure, Funding, Milestone, Project, ProjectFigure, SigningEvent
from tests import factories
from tests.admin_pages import address, refused, save, saved
from tests.answers import sign_in
from tests.samples import sample
from tests.seeded import kept_rows
from tests.together import together

pytestmark = pytest.mark.django_db

OF_PARKS = [
    *(Park, Figure, TimelineEntry, Project, Milestone, Funding, ProjectFigure),
    *(SigningEvent, EventFigure),
]


@kept_rows
def rows() -> dict[str, dict[type, Any]]:
    """One row of each kind in the parks `town` and `bay`, and some of no park."""

    def make(model: Any, name: str, **given: Any) -> Any:
        if {field.name for field in model._meta.fields} >= {"code", "name_zh", "name_en"}:
            given |= {"code": name, "name_zh": name, "name_en": ""}
        return factories.FACTORIES[model].create(**given)

    made: dict[str, dict[type, Any]] = {}
    for code in ("town", "bay"):
        park = make(Park, code)
        project = make(Project, f"{code}-fab", park=park)
        event = make(SigningEvent, f"{code}-fair", park=park)
        factories.ParticipationFactory.create(project=project, event=event)
        made[code] = {Park: park, Project: project, SigningEvent: event}
        made[code] |= {each: make(each, f"{code}-x", park=park) for each in (Figure, TimelineEntry)}
        for each in (Milestone, Funding, ProjectFigure):
            made[code][each] = make(each, "", project=project)
        made[code][EventFigure] = make(EventFigure, "", event=event)
    region = factories.RegionFactory.create(code="120115")
    made["shared"] = {
        SigningEvent: make(SigningEvent, "expo"),
        Figure: make(Figure, "", park=None, region=region),
    }
    return made


def member(role: str, park: Park) -> Client:
    return sign_in(factories.MembershipFactory.create(park=park, role=role).user, Client)


@pytest.fixture
def editor(rows: Any) -> Client:
    """The browser of the editor of `town`."""
    return member("editor", rows["town"][Park])


@pytest.fixture
def steward(db: None) -> Client:
    """The browser of somebody who edits what all parks share."""
    person = factories.UserFactory.create(is_staff=True)
    person.user_permissions.add(Permission.objects.get(codename="edit_vocabularies"))
    return sign_in(person, Client)


def listed(client: Client, model: type) -> set[Any]:
    page = client.get(address(model, "changelist"))
    assert page.status_code == 200
    return {each.pk for each in page.context_data["cl"].result_list}


# --- An editor -----------------------------------------------------------------------------------


@together("model", sample(OF_PARKS, 2))
def test_an_editor_lists_and_opens_the_rows_of_the_own_park_alone(
    editor: Client, rows: Any, model: type
) -> None:
    expected = {rows["town"][model].pk}
    if model is SigningEvent:  # where the own projects may have been signed
        expected.add(rows["shared"][SigningEvent].pk)
    assert listed(editor, model) == expected
    assert editor.get(address(model, "change", rows["town"][model].pk)).status_code == 200
    # Django sends back to the index, as for a row that is not there
    theirs = address(model, "change", rows["bay"][model].pk)
    for response in (editor.get(theirs), editor.post(theirs, {})):
        assert (response.status_code, response.url) == (302, "/admin/")
    for page in ("delete", "history"):
        response = editor.get(address(model, page, rows["bay"][model].pk))
        assert response.status_code in (302, 403), page


def test_an_editor_saves_the_own_park_and_its_project(editor: Client, rows: Any) -> None:
    assert editor.get(address(Park, "add")).status_code == 403
    page = address(Park, "delete", rows["town"][Park].pk)
    assert editor.post(page, {"post": "yes"}).status_code == 403
    page = address(SigningEvent, "change", rows["shared"][SigningEvent].pk)
    assert editor.post(page, {"name_zh": "x"}).status_code == 403
    for model in (Park, Project, SigningEvent, TimelineEntry, Milestone, Funding):
        saved(save(editor, address(model, "change", rows["town"][model].pk), note="核对过"))
        rows["town"][model].refresh_from_db()
        assert rows["town"][model].note == "核对过"


@pytest.mark.slow
def test_what_an_editor_writes_is_of_the_own_park(editor: Client, rows: Any) -> None:
    town, bay, shared = rows["town"][Park].pk, rows["bay"][Park].pk, rows["shared"]
    area = {"indicator": "area", "value": "3"}
    for page, values, field in (
        (address(Project, "change", rows["town"][Project].pk), {"park": bay}, "park"),
        (address(Project, "add"), {"name_zh": "新", "park": bay}, "park"),
        (address(Figure, "add"), {**area, "region": "120115"}, "park"),
        (address(SigningEvent, "add"), {"name_zh": "会"}, "park"),
        (address(EventFigure, "add"), {**area, "event": shared[SigningEvent].pk}, "event"),
    ):
        assert list(refused(editor, page, **values)) == [field]
    saved(save(editor, address(Project, "add"), name_zh="新", park=town))
    saved(save(editor, address(Figure, "add"), **area, park=town))


def test_an_editor_adds_sources_and_organisations_and_leaves_terms_alone(
    editor: Client, steward: Client, rows: Any
) -> None:
    saved(save(editor, address(Source, "add"), title="报道"))
    saved(save(editor, address(Organisation, "add"), name_zh="某公司"))
    # What she added she may correct, until somebody else has changed it
    (added,) = Organisation.objects.filter(name_zh="某公司")
    change = address(Organisation, "change", added.pk)
    saved(save(editor, change, name_zh="某某公司"))
    assert editor.post(address(Organisation, "delete", added.pk), {}).status_code == 403
    assert member("editor", rows["town"][Park]).post(change, {}).status_code == 403
    saved(save(steward, change, name_zh="某某有限公司"))
    assert editor.post(change, {}).status_code == 403
    stored = factories.OrganisationFactory.create()
    for model, key in ((Organisation, stored.pk), (Region, "120115"), (Indicator, "area")):
        assert editor.get(address(model, "change", key)).status_code == 200
        assert editor.post(address(model, "change", key), {}).status_code == 403
    assert editor.get(address(Region, "add")).status_code == 403


def test_a_link_that_somebody_else_made_is_kept(editor: Client, rows: Any) -> None:
    hidden = factories.ProjectFactory.create(park=rows["bay"][Park], publication="draft")
    project = rows["town"][Project]
    page = address(Project, "change", project.pk)
    assert list(refused(editor, page, part_of=hidden.pk)) == ["part_of"]
    Project.objects.filter(pk=project.pk).update(part_of=hidden)
    saved(save(editor, page, note="x"))
    project.refresh_from_db()
    assert project.part_of == hidden


def test_a_selection_is_deleted_where_the_editor_may_delete_all_of_it(
    editor: Client, rows: Any
) -> None:
    for chosen, is_deleted in (([rows["shared"], rows["town"]], False), ([rows["town"]], True)):
        rows["town"][Project].participations.all().delete()
        keys = [each[SigningEvent].pk for each in chosen]
        action = {"action": "delete_selected", "_selected_action": keys, "post": "yes"}
        editor.post(address(SigningEvent, "changelist"), action)
        assert SigningEvent.objects.filter(code="town-fair").exists() is not is_deleted
    assert SigningEvent.objects.filter(code="expo").exists()


# --- Others --------------------------------------------------------------------------------------


@pytest.mark.slow
@together("model", sample(OF_PARKS, 2, 1))
def test_without_a_role_that_writes_pages_are_refused(rows: Any, model: Any) -> None:
    viewer, own = member("viewer", rows["town"][Park]), rows["town"][model].pk
    page = address(model, "change", own)
    assert viewer.get(page).status_code == 200
    for each in (model, ImportBatch):
        assert viewer.get(address(each, "add")).status_code == 403
    for each in (page, address(model, "delete", own)):
        assert viewer.post(each, {"post": "yes"}).status_code == 403
    assert model.objects.filter(pk=own).exists()
    nobody = factories.UserFactory.create(is_staff=True)  # whatever Django permits
    nobody.user_permissions.set(Permission.objects.exclude(codename="edit_vocabularies"))
    client = sign_in(nobody, Client)
    assert "/admin/parks/" not in client.get("/admin/").content.decode()
    for each in (model, Region, Source):
        assert client.get(address(each, "changelist")).status_code == 403


def test_a_vocabulary_editor_edits_terms_and_what_belongs_to_no_park(
    steward: Client, rows: Any
) -> None:
    saved(save(steward, address(Region, "change", "120115"), name_en="Baodi"))
    saved(save(steward, address(Source, "add"), title="报道"))
    assert listed(steward, SigningEvent) == {rows["shared"][SigningEvent].pk}
    assert listed(steward, Figure) == {rows["shared"][Figure].pk}
    saved(save(steward, address(SigningEvent, "add"), name_zh="论坛"))
    for model in (Park, Project, Milestone, Funding, ProjectFigure):
        assert steward.get(address(model, "changelist")).status_code == 403
    assert list(
        refused(steward, address(SigningEvent, "add"), name_zh="x", park=rows["bay"][Park].pk)
    ) == ["park"]


def test_groups_and_rights_of_accounts_are_ticked_in_the_language_of_the_page(
    admin_client: Client,
) -> None:
    right = Permission.objects.get(codename="edit_vocabularies")
    group = Group.objects.create(name="词表组")
    stored = address(Group, "change", group.pk)
    account = factories.UserFactory.create().pk
    for page in (address(User, "change", account), address(Group, "add"), stored):
        text = admin_client.get(page, headers={"accept-language": "zh-hans"}).content.decode()
        assert "公共数据字典编辑者" in text
        assert "Can edit" not in text
        assert "selectfilter" not in text
    admin_client.post(stored, {"name": group.name, "permissions": [right.pk]})
    assert [*group.permissions.all()] == [right]
