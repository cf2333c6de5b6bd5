"""Drafts of organisations, sources and people: who sees them, and with what they are published."""

from contextlib import nullcontext
from datetime import date
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from rest_framework.test import APIClient

from parks.models import Organisation, Park, Person, Post, Source
from parks.publishing import HiddenLinkError, list_references
from parks.recording.recording import recorded
from projects.models import Investor, Project
from tests import admin_pages
from tests.answers import API, CarefulClient, found, made, problem
from tests.factories import (
    FACTORIES,
    FigureFactory,
    InvestorFactory,
    MembershipFactory,
    MilestoneFactory,
    OrganisationFactory,
    ParkFactory,
    PersonFactory,
    PostFactory,
    ProjectFactory,
    SigningEventFactory,
    SourceFactory,
    UserFactory,
)
from tests.projects.importing.imports import applied, checked, faults, table
from tests.seeded import kept_rows
from tests.together import together

pytestmark = pytest.mark.django_db

USCC = "91110000600037341L"
HIDDEN = ("organisations/firm", "sources/memo", "people/boss")


@kept_rows
def town() -> Park:
    """A park with a draft of each kind, and another park beside it."""
    ParkFactory.create(code="bay")
    town = ParkFactory.create(code="town", default_publication="")
    draft = {"park": town, "publication": "draft"}
    OrganisationFactory.create(code="firm", name_zh="未名公司", name_en="", uscc=USCC, **draft)
    SourceFactory.create(code="memo", title="内部纪要", **draft)
    PostFactory.create(code="chief", person=PersonFactory.create(code="boss", **draft))
    return town


def client_in(code: str, role: str = "editor") -> APIClient:
    """A client of somebody with this role in a park; of the shared data without a park."""
    person, client = UserFactory.create(is_staff=True), CarefulClient()
    if code:
        MembershipFactory.create(user=person, park=Park.objects.get(code=code), role=role)
    else:
        person.user_permissions.add(Permission.objects.get(codename="edit_vocabularies"))
    client.force_login(person)
    return client


@pytest.mark.slow
def test_a_park_editor_changes_and_publishes_drafts_of_her_park_alone(town: Park) -> None:
    mine, other = client_in("town"), client_in("bay")
    viewer, shared = client_in("town", "viewer"), client_in("")
    assert viewer.patch(f"{API}/sources/memo", {"note": "x"}).status_code == 403
    for address in HIDDEN:
        path = f"{API}/{address}"
        assert found(mine.patch(path, {"note": "看过"}))["note"] == "看过"
        assert found(mine.patch(path, {"publication": "published"}))["publication"] == "published"
        assert mine.patch(path, {"note": "又"}).status_code == 403
        assert found(other.get(path))["park"] is None  # for whom it was made is told to them
        assert found(mine.get(path))["park"] == "town"
        assert found(shared.patch(path, {"note": "共"}))["note"] == "共"


def test_a_new_one_follows_the_park_it_was_made_for(town: Park) -> None:
    mine = client_in("town")
    name = {"name_zh": "新公司"}
    assert made(mine.post(f"{API}/organisations", {**name, "park": "town"}))["publication"] == (
        "draft"
    )
    assert made(mine.post(f"{API}/organisations", name))["publication"] == "published"
    assert mine.post(f"{API}/organisations", {**name, "park": "bay"}).status_code == 403
    assert mine.post(f"{API}/organisations", {**name, "publication": "draft"}).status_code == 403


def test_a_credit_code_of_a_hidden_draft_is_a_conflict_that_names_no_row(town: Park) -> None:
    body = {"name_zh": "另一公司", "uscc": USCC}
    told = client_in("bay").post(f"{API}/organisations", body)
    problem(told, 409)
    assert "未名" not in told.content.decode()
    assert "firm" not in told.content.decode()


def test_publishing_a_project_takes_along_what_it_needs_once_that_is_confirmed(town: Park) -> None:
    mine = client_in("town")
    body = {"name_zh": "甲", "code": "fab", "park": "town", "source": "memo"}
    made(mine.post(f"{API}/projects", {**body, "investors": [{"organisation": "firm"}]}))
    path = f"{API}/projects/fab"
    told = problem(mine.patch(path, {"publication": "published"}), 409)
    assert {each["confirm"] for each in told["errors"]} == {"publish_needed"}
    assert {each["code"] for each in told["errors"]} == {"needs_publishing"}
    assert [each["candidates"] for each in told["errors"]] == [
        [{"code": "memo", "name_zh": "内部纪要", "name_en": "内部纪要"}],
        [{"code": "firm", "name_zh": "未名公司", "name_en": ""}],
    ]
    remedy = "Send it again with confirm=publish_needed to publish it, too."
    assert [each["detail"] for each in told["errors"]] == [
        f"This needs the source “内部纪要” (memo), which is a draft. {remedy}",
        f"This needs the organisation “未名公司” (firm), which is a draft. {remedy}",
    ]
    assert Project.objects.get(code="fab").publication == "draft"
    found(mine.patch(f"{path}?confirm=publish_needed", {"publication": "published"}))
    assert found(APIClient().get(f"{API}/organisations/firm"))["code"] == "firm"
    assert found(APIClient().get(path))["source"] == "memo"


def test_what_is_written_by_a_program_names_the_drafts_that_it_needs(town: Park) -> None:
    SourceFactory.create(code="a-memo", title="另一纪要", park=town, publication="draft")

    @recorded()
    def write() -> None:
        for source in Source.objects.filter(park=town):
            ProjectFactory.create(park=town, source=source)
            SigningEventFactory.create(park=town, source=source)

    with pytest.raises(HiddenLinkError) as refused:
        write()
    named = "另一纪要 (a-memo), 内部纪要 (memo)"
    assert str(refused.value.detail) == f"Publish first what this refers to: {named}."
    assert refused.value.get_codes() == "refers_to_draft"


def test_what_others_refer_to_is_not_hidden(town: Park) -> None:
    source = SourceFactory.create(code="paper")
    ProjectFactory.create(code="fab", park=town, source=source)
    client = client_in("")
    told = client.patch(f"{API}/sources/paper", {"publication": "draft"})
    said = "1 row that others see still refers to it: project fab."
    assert problem(told, 409)["detail"] == said
    # What is hidden itself is counted, and not named
    ProjectFactory.create(code="secret", park=town, source=source, publication="draft")
    told = client.patch(f"{API}/sources/paper", {"publication": "draft"})
    said = "2 rows that others see still refer to it: project fab."
    assert problem(told, 409)["detail"] == said
    source.refresh_from_db()
    assert source.publication == "published"


@pytest.mark.slow
@together("at_once", [1_000, 0])
@together("hidden", (Source, Organisation, Person))
def test_no_row_refers_to_what_its_readers_do_not_see(
    monkeypatch: pytest.MonkeyPatch, town: Park, at_once: int, hidden: Any
) -> None:
    """Each foreign key to rows of which one is hidden, and no row of another kind."""
    monkeypatch.setattr("parks.publishing.MOST_TOUCHED", at_once)
    for model in {Source, Organisation, Person} - {hidden}:
        model.objects.update(publication="published")
    row = hidden.objects.get(park=town)
    drafts = {hidden: row, Post: row.posts.get()} if hidden is Person else {hidden: row}
    for model, field, target in list_references():
        is_claim_about = field.name == "organisation" and "park" in model.audience.under
        about: dict[str, Any] = {"park": None} if is_claim_about else {}  # it is about one alone
        if field.name == "promise_source":
            about = {"promised_on": date(2026, 5, 1), "promised_on_precision": "day"}
        if target in drafts:
            with pytest.raises(HiddenLinkError):
                FACTORIES[model].create(**{field.name: drafts[target]}, **about)


@together("at_once", [1_000, 0])
def test_a_row_that_changes_refers_to_nothing_that_is_hidden(
    monkeypatch: pytest.MonkeyPatch, town: Park, at_once: int
) -> None:
    """From a published row, and from a draft of another park."""
    monkeypatch.setattr("parks.publishing.MOST_TOUCHED", at_once)
    fab = ProjectFactory.create(park=Park.objects.get(code="bay"), publication="draft")
    for row in (FigureFactory.create(park=town), MilestoneFactory.create(project=fab), fab):
        row.refresh_from_db()
        row.source = Source.objects.get(park=town)
        with pytest.raises(HiddenLinkError):
            row.save()


@together(
    "written", [{"park": "bay"}, {"publication": "published"}, {"source": "other"}, {"note": "x"}]
)
def test_rows_that_change_at_once_refer_to_nothing_that_is_hidden(
    town: Park, written: dict[str, str]
) -> None:
    bay = Park.objects.get(code="bay")
    other = SourceFactory.create(code="other", park=bay, publication="draft")
    memo = Source.objects.get(code="memo")
    ProjectFactory.create(code="fab", park=town, publication="draft", source=memo)
    values = {"bay": bay, "other": other}
    changed = {name: values.get(text, text) for name, text in written.items()}
    with nullcontext() if written == {"note": "x"} else pytest.raises(HiddenLinkError):
        Project.objects.filter(code="fab").update(**changed)
    if "park" in written:  # nor does the draft leave it behind
        with pytest.raises(HiddenLinkError):
            Source.objects.filter(code="memo").update(park=bay)


def test_nobody_publishes_a_draft_of_another_park_along(town: Park, admin_api: APIClient) -> None:
    ProjectFactory.create(code="fab", park=Park.objects.get(code="bay"))
    path = f"{API}/projects/fab?confirm=publish_needed"
    told = problem(admin_api.patch(path, {"source": "memo"}, headers={"If-Match": "*"}), 409)
    assert "made for another park" in told["detail"]
    assert Source.objects.get(code="memo").publication == "draft"


def test_a_post_that_is_cited_does_not_pass_to_a_draft_of_a_person(town: Park) -> None:
    draft = Person.objects.get(park=town)
    cited = PostFactory.create()
    FigureFactory.create(park=town, said_by=cited)
    with pytest.raises(HiddenLinkError):
        Post.objects.filter(pk=cited.pk).update(person=draft)


@together(
    ("made_for", "of", "may_refer"),
    [
        ("town", "town", True),
        ("", "", True),
        ("town", "", False),
        ("", "town", False),
        ("town", "bay", False),
    ],
)
@together("at_once", [1_000, 0])
def test_a_draft_refers_to_drafts_of_its_park_or_both_are_of_none(
    monkeypatch: pytest.MonkeyPatch,
    town: Park,
    made_for: str,
    of: str,
    may_refer: bool,
    at_once: int,
) -> None:
    monkeypatch.setattr("parks.publishing.MOST_TOUCHED", at_once)
    parks = {"": None} | {park.code: park for park in Park.objects.all()}
    source = SourceFactory.create(park=parks[made_for], publication="draft")
    event = SigningEventFactory.create(park=parks[of], publication="draft")
    event.source = source
    with nullcontext() if may_refer else pytest.raises(HiddenLinkError):
        event.save()


@pytest.mark.slow
@together(
    ("kind", "park", "readers"),
    [
        ("events", "town", {"town"}),
        ("events", "", {""}),
        ("organisations", "town", {"town", ""}),
        ("organisations", "", {""}),
    ],
)
def test_what_it_was_as_a_draft_is_told_to_its_park_and_to_who_edits_shared_data(
    town: Park, kind: str, park: str, readers: set[str]
) -> None:
    factory: Any = {"events": SigningEventFactory, "organisations": OrganisationFactory}[kind]
    row = factory.create(
        code="late", park=Park.objects.filter(code=park).first(), publication="draft"
    )
    row.publication = "published"
    row.save()
    told = {
        each: len(found(client_in(each).get(f"{API}/{kind}/late/history"))["results"])
        for each in ("town", "bay", "")
    }
    assert told == {each: 2 if each in readers else 1 for each in told}


def test_publishing_a_park_shows_no_draft(town: Park) -> None:
    yard = ParkFactory.create(code="yard", publication="draft")
    memo = SourceFactory.create(code="plan", park=yard, publication="draft")
    ProjectFactory.create(park=yard, source=memo)
    yard.publication = "published"
    with pytest.raises(HiddenLinkError, match="plan"):
        yard.save()


def test_an_imported_investor_follows_its_project(town: Park, admin_api: APIClient) -> None:
    first = ["甲", "town", "新投公司", "draft"]
    second = ["乙", "bay", "未名公司", "published"]
    applied(admin_api, table(["name", "park", "investors", "publication"], first, second))
    new = Organisation.objects.get(name_zh="新投公司")
    assert (new.publication, new.park) == ("draft", town)
    twin = Investor.objects.get(project__name_zh="乙").organisation
    assert (twin.code != "firm", twin.publication, twin.park) == (True, "published", None)
    applied(
        admin_api, table(["code", "publication"], [new.investments.get().project.code, "published"])
    )
    new.refresh_from_db()
    assert new.publication == "published"


def test_an_import_does_not_confirm_the_name_of_a_hidden_source(town: Park) -> None:
    for text in ("内部纪要", "没有这篇"):
        rows = table(["name", "park", "source"], ["甲", "bay", text])
        assert faults(checked(client_in("bay"), rows)) == {(2, "source"): "unknown_value"}


@pytest.mark.slow
def test_a_page_of_the_admin_asks_before_it_publishes_what_is_needed(
    town: Park, desk: Client
) -> None:
    project = ProjectFactory.create(park=town, publication="draft")
    InvestorFactory.create(project=project, organisation=Organisation.objects.get(code="firm"))
    page = admin_pages.address(Project, "change", project.pk)
    told = admin_pages.save(desk, page, publication="published")
    assert "未名公司 (firm)" in str(admin_pages.mistakes(told))
    assert Project.objects.get(pk=project.pk).publication == "draft"
    typed = {"publication": "published", "publish_needed": "on"}
    admin_pages.saved(admin_pages.save(desk, page, **typed))
    assert Organisation.objects.get(code="firm").publication == "published"


def test_the_list_of_the_admin_names_what_is_published_along(town: Park, desk: Client) -> None:
    memo = Source.objects.get(code="memo")
    project = ProjectFactory.create(park=town, publication="draft", source=memo)
    address = admin_pages.address(Project, "changelist")
    chosen = {"action": "publish", "_selected_action": project.pk}
    shown: Any = desk.post(address, chosen)
    assert "内部纪要 (memo)" in shown.content.decode()
    digest = shown.context_data["digest"]
    desk.post(address, chosen | {"publication": "published", "_apply": digest})
    memo.refresh_from_db()
    assert memo.publication == "published"


@pytest.mark.slow
def test_an_editor_types_in_what_all_share_and_drafts_of_her_park(
    town: Park, client: Client
) -> None:
    editor = MembershipFactory.create(user__is_staff=True, park=town).user
    PersonFactory.create(code="mayor")
    client.force_login(editor)
    url = admin_pages.address(Organisation, "add")
    admin_pages.saved(admin_pages.save(client, url, code="open", name_zh="甲"))
    draft = {"park": town.pk, "publication": "draft"}
    admin_pages.saved(admin_pages.save(client, url, code="mine", name_zh="乙", **draft))
    other = {"park": Park.objects.get(code="bay").pk, "publication": "draft"}
    assert "park" in admin_pages.mistakes(admin_pages.save(client, url, name_zh="丙", **other))
    made_for = dict(Organisation.objects.values_list("code", "park"))
    assert (made_for["open"], made_for["mine"]) == (None, town.pk)
    mine = admin_pages.address(Organisation, "change", Organisation.objects.get(code="mine").pk)
    admin_pages.saved(admin_pages.save(client, mine, publication="published"))
    client.force_login(MembershipFactory.create(user__is_staff=True, park=town).user)
    assert client.post(mine, {"name_zh": "丁"}).status_code == 403  # it is her colleague's
    client.force_login(editor)
    posts = admin_pages.address(Post, "add")
    person = Person.objects.get(code="mayor").pk
    admin_pages.saved(admin_pages.save(client, posts, person=person, name_zh="市长"))
