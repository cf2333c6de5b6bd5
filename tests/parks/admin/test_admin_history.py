"""The history in the admin: read in words, restored as a new version, and reasons given."""

import re
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.test import Client
from django.utils.html import strip_tags

from parks.recording.recording import has_history
from parks.recording.records import Revision
from projects.models import Milestone, Project, Target
from tests import factories
from tests.admin_pages import address, row, save, saved, told
from tests.answers import sign_in
from tests.together import together

pytestmark = pytest.mark.django_db


@pytest.fixture
def fab(investment_indicator: Any) -> Project:
    return factories.ProjectFactory.create(code="fab", name_zh="旧名", name_en="Old name")


def page(client: Client, thing: Any, **query: Any) -> str:
    """The words of a history page, on one line."""
    response = client.get(address(type(thing), "history", thing.pk), query)
    assert response.status_code == 200
    return re.sub(r"\s+", " ", strip_tags(response.content.decode()))


def restore(client: Client, thing: Any, number: int, **fields: Any) -> Any:
    thing.refresh_from_db()
    values = {"version": number, "seen": thing.version, "restore_this": "yes", **fields}
    return client.post(address(type(thing), "history", thing.pk), values)


def versions(thing: Any) -> list[Any]:
    past: Any = type(thing).history.model
    return list(past.objects.filter(id=thing.pk).order_by("version"))


@pytest.mark.slow
@together("model", [model for model in admin.site._registry if model._meta.app_label != "auth"])
def test_every_model_with_pages_shows_its_history(desk: Client, model: Any) -> None:
    factory = factories.FACTORIES.get(model)
    if factory is None:
        assert desk.get(address(model, "history", 0)).status_code == 302
        return
    stored = factory.create(**({"park": factories.ParkFactory.create()} if model is Target else {}))
    stored.save()
    text = page(desk, stored)
    if has_history(model):  # the others keep the page of Django
        assert "Version 2" in text
        assert "Version 1" in text
        assert "created" in text


@pytest.mark.slow
def test_long_histories_have_pages_of_as_many_queries(
    desk: Client, fab: Project, django_assert_num_queries: Any
) -> None:
    url = address(Project, "history", fab.pk)

    def write(times: int) -> None:
        for number in range(times):
            fab.note = str(number)
            fab.save()

    write(2)
    desk.get(url)
    with django_assert_num_queries(19):
        desk.get(url)
    write(42)
    with django_assert_num_queries(19):
        desk.get(url, {"p": 3})
    text = page(desk, fab)
    assert "45 versions" in text
    assert "Version 45 " in text
    assert "Version 26 " in text
    assert "Version 25 " not in text
    assert "Version 25 " in page(desk, fab, p=2)


# --- One page, one revision ---------------------------------------------------------------------


def test_all_that_a_page_writes_is_one_revision_with_its_reason(desk: Client, fab: Project) -> None:
    before = Revision.objects.count()
    changed = {
        "name_zh": "新名",
        "investment": "2亿",
        "change_reason": "  市里\n来函 ",
        **row("milestones", type="signed", status="met", actual_on="2024-03"),
    }
    saved(save(desk, address(Project, "change", fab.pk), **changed))
    revision = Revision.objects.order_by("pk").last()
    assert Revision.objects.count() == before + 1
    assert (revision.reason, revision.role) == ("市里 来函", "superuser")
    assert [version.version for version in versions(fab)] == [1, 2]
    (milestone,), (figure,) = fab.milestones.all(), fab.figures.all()
    for thing in (fab, milestone, figure):
        assert versions(thing)[-1].revision_id == revision.pk
    fab.refresh_from_db()
    assert (fab.stage, fab.investment_cny, fab.version) == ("signed", 200_000_000, 2)


# --- Restoring ----------------------------------------------------------------------------------


def test_a_version_is_restored_as_a_new_one(desk: Client, fab: Project) -> None:
    step = factories.MilestoneFactory.create(project=fab)
    saved(save(desk, address(Project, "change", fab.pk), name_zh="新名", note="x", land_mu="5"))
    asked = desk.post(address(Project, "history", fab.pk), {"version": 2, "seen": 3})
    shown = re.sub(r"\s+", " ", strip_tags(asked.content.decode()))
    assert "新名 旧名" in shown
    assert len(versions(fab)) == 3
    response = restore(desk, fab, 2, change_reason="打错了")
    assert told(response)[-1] == "Version 2 was restored, as a new version."
    fab.refresh_from_db()
    assert (fab.name_zh, fab.note, fab.land_mu, fab.version) == ("旧名", "", None, 4)
    assert fab.stage == "signed"  # derived from the milestone, which the version knew
    last = versions(fab)[-1]
    assert last.revision.reason == "Restored version 2: 打错了"
    assert last.revision.user_id == User.objects.get(is_superuser=True).pk
    assert Revision.objects.filter(pk__gte=last.revision_id).count() == 1
    assert "Reason: Restored version 2: 打错了" in page(desk, fab)
    restore(desk, fab, 1)
    assert not Milestone.objects.filter(pk=step.pk).exists()  # which that one did not know


@pytest.mark.slow
def test_a_deleted_row_is_had_back_from_its_history(desk: Client, fab: Project) -> None:
    factories.MilestoneFactory.create(project=fab)
    url, sent = address(Project, "delete", fab.pk), {"post": "yes", "change_reason": "重复"}
    text = desk.get(url).content.decode()
    assert "from there it can be restored" in text
    assert 'name="change_reason"' in text
    response = desk.post(url, sent, follow=True)
    last = versions(fab)[-1]
    assert (last.history_type, last.revision.reason) == ("-", "重复")
    assert Revision.objects.filter(reason="重复").count() == 1
    history = address(Project, "history", fab.pk)
    assert f'href="{history}"' in response.content.decode()
    shown = desk.get(history).content.decode()
    assert "This was deleted." in shown
    assert shown.count('name="seen" value="3"') == 2
    values = {"version": 2, "seen": 3, "change_reason": "误删"}
    asked = desk.post(history, values).content.decode()
    assert "It comes back under its own code" in asked
    assert "Milestone “contract signed" in asked
    assert not Project.objects.exists()
    # What is doubtful is named on that page; to go on from there settles it
    twin = factories.ProjectFactory.create(park=fab.park, name_zh="旧名", name_en="Old name")
    asked = desk.post(history, {**values, "restore_this": "yes"}).content.decode()
    assert 'name="confirm" value="duplicates"' in asked
    assert twin.code in asked
    assert Project.objects.count() == 1
    confirmed = {**values, "restore_this": "yes", "confirm": "duplicates"}
    assert told(desk.post(history, confirmed))[-1].startswith("Version 2 was restored")
    back = Project.objects.get(code="fab")
    assert (back.pk, back.stage, back.version) == (fab.pk, "signed", 4)
    assert versions(fab)[-1].revision.reason == "Restored version 2: 误删"
    viewer = factories.MembershipFactory.create(park=fab.park, role="viewer").user
    editor = factories.UserFactory.create(is_staff=True)
    back.delete()
    for person, status in ((viewer, 200), (editor, 302)):
        client = sign_in(person, Client)
        response = client.get(history)
        assert response.status_code == status
        assert "Restore this version" not in response.content.decode()
        assert client.post(history, confirmed).status_code == 403


def test_restoring_needs_the_right_to_change_and_a_token_of_the_page(fab: Project) -> None:
    fab.note = "x"
    fab.save()
    viewer = factories.MembershipFactory.create(park=fab.park, role="viewer").user
    client = sign_in(viewer, Client)
    assert "Restore this version" not in page(client, fab)
    assert restore(client, fab, 1).status_code == 403
    fab.park = factories.ParkFactory.create()
    fab.save()
    client.force_login(factories.MembershipFactory.create(park=fab.park).user)
    assert restore(client, fab, 1).status_code == 403  # back into a park of others
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(factories.UserFactory.create(superuser=True))
    assert restore(strict, fab, 1).status_code == 403
    assert len(versions(fab)) == 3


@pytest.mark.slow
def test_two_versions_stand_side_by_side_with_what_belongs_to_them(
    desk: Client, fab: Project
) -> None:
    change = address(Project, "change", fab.pk)
    saved(save(desk, change, name_zh="中名"))
    organisation = factories.OrganisationFactory.create(name_zh="三一", name_en="Sany")
    lead = row("investors", 0, organisation=organisation.pk, role="lead", share_bp="66.67")
    saved(save(desk, change, name_zh="新名", **lead))
    shown = page(desk, fab, older=1, newer=3)
    assert "旧名 新名" in shown
    assert "中名" not in shown
    assert "66.67%" in shown
    assert "Sany" in shown
    assert "6667" not in shown
    for wrong in ({"older": 1, "newer": 9}, {"older": 2, "newer": 2}, {"older": "x"}):
        refused = desk.get(address(Project, "history", fab.pk), wrong)
        assert refused.status_code == 302
