"""The history in the admin: read in words, restored as a new version, and reasons given."""

import re
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.test import Client
from django.utils.html import strip_tags

from parks.accounts.erasure import erase
from parks.models import Figure, Organisation, Park, Source
from parks.recording.recording import has_history
from parks.recording.records import Revision
from projects.models import Milestone, Project, ProjectFigure
from tests.admin_pages import address, row, save, saved, told
from tests.factories import (
    FigureFactory,
    MembershipFactory,
    MilestoneFactory,
    OrganisationFactory,
    ParkFactory,
    ProjectFactory,
    ProjectFigureFactory,
    SectorGroupFactory,
    SourceFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db
RECORDED = [model for model in admin.site._registry if has_history(model)]


@pytest.fixture
def fab(investment_indicator: Any) -> Project:
    return ProjectFactory.create(code="fab", name_zh="旧名", name_en="Old name")


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


@pytest.mark.parametrize("model", RECORDED, ids=lambda model: model.__name__)
def test_every_recorded_model_with_pages_shows_its_history(desk: Client, model: Any) -> None:
    makers = {
        Park: ParkFactory,
        Organisation: OrganisationFactory,
        Figure: FigureFactory,
        Project: ProjectFactory,
        Milestone: MilestoneFactory,
        ProjectFigure: ProjectFigureFactory,
    }
    maker = makers.get(model)
    if maker is None:  # the others are of the same making
        assert desk.get(address(model, "history", 0)).status_code == 302
        return
    thing = maker.create()
    thing.save()
    text = page(desk, thing)
    assert "Version 2" in text
    assert "Version 1" in text
    assert "created" in text


def test_the_history_is_told_in_words_in_the_readers_language(desk: Client, fab: Project) -> None:
    saved(save(desk, address(Project, "change", fab.pk), investment="1.5亿", amount_basis="agreed"))
    text = page(desk, fab)
    assert "Investment (yuan) (derived) – 150 million yuan" in text
    assert "Project figure “Investment in a project”" in text
    response = desk.get(address(Project, "history", fab.pk), headers={"Accept-Language": "zh-hans"})
    assert "1.5亿元" in response.content.decode()


def test_what_is_never_public_is_shown_to_those_of_the_park(desk: Client, fab: Project) -> None:
    fab.contact = "138-0000"
    fab.save()
    assert "Contact – 138-0000" in page(desk, fab)


def test_rows_without_versions_keep_the_page_of_django(desk: Client) -> None:
    source = SourceFactory.create()
    saved(save(desk, address(Source, "change", source.pk), title="新题"))
    assert desk.get(address(Source, "history", source.pk)).status_code == 200


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
    with django_assert_num_queries(15):
        desk.get(url)
    write(42)
    with django_assert_num_queries(15):
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


def test_a_reason_is_kept_when_the_form_comes_back(desk: Client, fab: Project) -> None:
    url = address(Project, "change", fab.pk)
    response = save(desk, url, name_zh="", name_en="", change_reason="市里来函")
    assert response.status_code == 200
    assert 'value="市里来函"' in response.content.decode()
    assert len(versions(fab)) == 1


@pytest.mark.parametrize("sent", ["\x01bad\x07", "长" * 400])
def test_a_reason_that_cannot_be_kept_as_it_is_is_made_fit(
    desk: Client, fab: Project, sent: str
) -> None:
    saved(save(desk, address(Project, "change", fab.pk), note="x", change_reason=sent))
    assert versions(fab)[-1].revision.reason in ("bad", "长" * 300)


def test_a_deletion_asks_for_a_reason_and_says_what_becomes_of_it(
    desk: Client, fab: Project
) -> None:
    MilestoneFactory.create(project=fab)
    url = address(Project, "delete", fab.pk)
    text = desk.get(url).content.decode()
    assert "from there it can be restored" in text
    assert 'name="change_reason"' in text
    assert desk.post(url, {"post": "yes", "change_reason": "重复"}).status_code == 302
    last = versions(fab)[-1]
    assert (last.history_type, last.revision.reason) == ("-", "重复")
    assert Revision.objects.filter(reason="重复").count() == 1


def test_deleting_many_from_the_list_is_one_revision(desk: Client) -> None:
    things = [ProjectFactory.create() for _number in range(3)]
    chosen = {
        "action": "delete_selected",
        "_selected_action": [thing.pk for thing in things],
        "post": "yes",
    }
    assert desk.post(address(Project, "changelist"), chosen).status_code == 302
    assert not Project.objects.exists()
    assert len({versions(thing)[-1].revision_id for thing in things}) == 1


# --- Restoring ----------------------------------------------------------------------------------


def test_a_version_is_restored_as_a_new_one(desk: Client, fab: Project) -> None:
    step = MilestoneFactory.create(project=fab)
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


def test_a_deleted_row_is_had_back_from_its_history(desk: Client, fab: Project) -> None:
    MilestoneFactory.create(project=fab)
    response = desk.post(address(Project, "delete", fab.pk), {"post": "yes"}, follow=True)
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
    twin = ProjectFactory.create(park=fab.park, name_zh="旧名", name_en="Old name")
    asked = desk.post(history, {**values, "restore_this": "yes"}).content.decode()
    assert 'name="confirm" value="duplicates"' in asked
    assert twin.code in asked
    assert Project.objects.count() == 1
    confirmed = {**values, "restore_this": "yes", "confirm": "duplicates"}
    assert told(desk.post(history, confirmed))[-1].startswith("Version 2 was restored")
    back = Project.objects.get(code="fab")
    assert (back.pk, back.stage, back.version) == (fab.pk, "signed", 4)
    assert versions(fab)[-1].revision.reason == "Restored version 2: 误删"
    editor, viewer = (UserFactory.create(is_staff=True) for _role in range(2))
    MembershipFactory.create(user=viewer, park=fab.park, role="viewer")
    back.delete()
    for person, status in ((viewer, 200), (editor, 302)):
        client = Client()
        client.force_login(person)
        response = client.get(history)
        assert response.status_code == status
        assert "Restore this version" not in response.content.decode()
        assert client.post(history, confirmed).status_code == 403


def test_a_park_gets_its_sector_groups_back(desk: Client) -> None:
    group = SectorGroupFactory.create(members=["C3973"])
    park = ParkFactory.create()
    url = address(Park, "change", park.pk)
    saved(save(desk, url, leading_sectors=[group.pk]))
    saved(save(desk, url, leading_sectors=[], note="x"))
    restore(desk, park, 2)
    assert [*park.leading_sectors.all()] == [group]
    assert "Leading sectors – " in page(desk, park)


def test_what_somebody_else_changed_meanwhile_is_not_undone(desk: Client, fab: Project) -> None:
    fab.name_zh = "新名"
    fab.save()
    response = restore(desk, fab, 1, seen=1)
    assert told(response) == [
        "This has been changed since you opened the page. Nothing was restored."
    ]
    assert len(versions(fab)) == 2


def test_a_version_that_breaks_a_rule_by_now_is_refused_with_the_reason(desk: Client) -> None:
    maker = OrganisationFactory.create(uscc="91350100M000100Y43")
    maker.uscc = ""
    maker.save()
    OrganisationFactory.create(uscc="91350100M000100Y43")
    assert told(restore(desk, maker, 1)) == [
        "Unified social credit code: Another organisation has this credit code."
    ]
    assert len(versions(maker)) == 2


def test_restoring_needs_the_right_to_change_and_a_token_of_the_page(fab: Project) -> None:
    fab.note = "x"
    fab.save()
    viewer = UserFactory.create(is_staff=True)
    MembershipFactory.create(user=viewer, park=fab.park, role="viewer")
    client = Client()
    client.force_login(viewer)
    assert "Restore this version" not in page(client, fab)
    assert restore(client, fab, 1).status_code == 403
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(UserFactory.create(superuser=True))
    assert restore(strict, fab, 1).status_code == 403
    assert len(versions(fab)) == 2


def test_a_project_is_not_restored_into_a_park_of_others(fab: Project) -> None:
    fab.park = ParkFactory.create()
    fab.save()
    editor = UserFactory.create(is_staff=True)
    MembershipFactory.create(user=editor, park=fab.park)
    client = Client()
    client.force_login(editor)
    assert restore(client, fab, 1).status_code == 403
    assert len(versions(fab)) == 2


def test_the_history_outlives_the_account(desk: Client, fab: Project) -> None:
    person = UserFactory.create(username="wang-wu", superuser=True)
    other = Client()
    other.force_login(person)
    saved(save(other, address(Project, "change", fab.pk), note="x"))
    assert "wang-wu" in page(desk, fab)
    erase(person)
    text = page(desk, fab)
    assert "wang-wu" not in text
    assert "erased account" in text
    assert "Version 2" in text


def test_two_versions_stand_side_by_side_with_what_belongs_to_them(
    desk: Client, fab: Project
) -> None:
    change = address(Project, "change", fab.pk)
    saved(save(desk, change, name_zh="中名"))
    organisation = OrganisationFactory.create(name_zh="三一", name_en="Sany")
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
