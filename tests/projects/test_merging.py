"""Putting together what is one, over the API: references follow, codes lead on, and back again."""

from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.utils import timezone
from rest_framework.exceptions import NotFound
from rest_framework.test import APIClient

from parks.access import Role
from parks.merging.merging import find_merge, lock_both, merge as merge_rows, undo_merge
from parks.models import Organisation
from projects.models import Investor, Milestone, Project
from tests.answers import API, CarefulClient, codes, error, found, problem, sign_in
from tests.factories import (
    InvestorFactory,
    MembershipFactory,
    MilestoneFactory,
    OrganisationFactory,
    ParkFactory,
    ProgressNoteFactory,
    ProjectFactory,
    UserFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("vocabularies")]


def merge(api: Any, kind: str, code: str, into: str, **query: Any) -> Any:
    """Merge as one should: at the version that was read."""
    seen = api.get(f"{API}/{kind}/{code}").headers["ETag"]
    address = f"{API}/{kind}/{code}/merge" + ("?dry_run=true" if query else "")
    return api.post(address, {"into": into}, headers={"If-Match": seen})


@pytest.fixture
def companies() -> tuple[Organisation, Organisation]:
    """The same company twice, each an investor somewhere, and in one project both."""
    one = OrganisationFactory.create(code="one", name_zh="华芯公司", name_en="")
    two = OrganisationFactory.create(code="two", name_zh="华芯股份", name_en="Huaxin")
    child = OrganisationFactory.create(code="child", parent=one)
    assert child.parent == one
    InvestorFactory.create(project=ProjectFactory.create(code="a"), organisation=one, role="lead")
    both = ProjectFactory.create(code="both")
    InvestorFactory.create(project=both, organisation=one, role="fund")
    InvestorFactory.create(project=both, organisation=two, role="fund")
    return one, two


@pytest.mark.slow
@pytest.mark.both_databases
def test_organisations_become_one_and_their_references_follow(
    admin_api: CarefulClient, companies: Any
) -> None:
    before = timezone.now().isoformat()
    after = found(admin_api.get(f"{API}/changes"))["after"]
    said = found(merge(admin_api, "organisations", "one", "two", dry_run=True))
    assert Organisation.objects.filter(code="one").exists()
    told = found(merge(admin_api, "organisations", "one", "two"))
    assert (told["into"], told["retired"]) == ("two", "one")
    assert {(row["resource"], row["op"]) for row in told["rows"]} == {
        *(("organisation", "deleted"), ("organisation", "changed"), ("project", "changed")),
        *(("investor", "changed"), ("investor", "deleted")),
    }
    assert [change["field"] for change in told["changes"]] == ["aliases"]
    assert len(said["rows"]) == len(told["rows"])
    row = found(admin_api.get(f"{API}/organisations/two"))
    assert row["aliases"] == ["华芯公司"]
    assert codes(admin_api, "projects", organisation="two") == ["a", "both"]
    assert found(admin_api.get(f"{API}/organisations/child"))["parent"] == "two"
    assert Investor.objects.filter(organisation__code="two").count() == 2
    # What it was is still known
    then = found(admin_api.get(f"{API}/organisations/one", {"as_of": before}))
    assert then["name_zh"] == "华芯公司"
    history = found(admin_api.get(f"{API}/organisations/one/history"))["results"]
    assert history[0]["op"] == "deleted"
    feed = found(admin_api.get(f"{API}/changes", {"after": after}))["results"]
    (gone,) = [each for each in feed if each["code"] == "one" and each["op"] == "delete"]
    assert gone["successor"] == "two"
    assert {each["successor"] for each in feed if each["code"] != "one"} == {None}


def test_a_retired_code_leads_to_its_successor(admin_api: CarefulClient, api: APIClient) -> None:
    for code in ("one", "two", "three"):
        ProjectFactory.create(code=code)
    merge(admin_api, "projects", "one", "two")
    merge(admin_api, "projects", "two", "three")
    for path in ("", "/milestones", "/figures?limit=5"):
        moved = api.get(f"{API}/projects/one{path}")
        assert problem(moved, 308)["type"] == "/problems/moved"
        assert moved.headers["Location"] == f"http://testserver{API}/projects/three{path}"
    problem(api.get(f"{API}/projects/four"), 404)
    edit = admin_api.patch(f"{API}/projects/one", {"note": "x"}, headers={"If-Match": "*"})
    assert problem(edit, 308)["detail"] == "It was merged into “three”."
    page = api.get("/projects/one")
    assert (page.status_code, page.headers["Location"].partition("?")[0]) == (
        302,
        "/projects/three",
    )
    Project.objects.filter(code="three").update(publication="draft")
    problem(api.get(f"{API}/projects/one"), 404)


@pytest.fixture
def fabs() -> tuple[Project, Project]:
    park = ParkFactory.create(code="town")
    one = ProjectFactory.create(
        code="one", park=park, land_mu="42.5", met={"signed": "2024-03"}, investment=10**8
    )
    two = ProjectFactory.create(code="two", park=park, met={"signed": "2024-03"})
    MilestoneFactory.create(project=one, type="started", on="2024-05")
    lead, other = OrganisationFactory.create(code="lead"), OrganisationFactory.create(code="other")
    InvestorFactory.create(project=one, organisation=other, role="lead")
    InvestorFactory.create(project=two, organisation=lead, role="lead")
    ProjectFactory.create(code="part", part_of=one)
    ProgressNoteFactory.create(project=one, text="主体封顶")
    Project.objects.filter(pk=two.pk).update(part_of=one)
    return one, two


@pytest.mark.both_databases
def test_projects_become_one_with_all_that_is_known_of_both(
    admin_api: CarefulClient, fabs: Any
) -> None:
    told = found(merge(admin_api, "projects", "one", "two"))
    row = found(admin_api.get(f"{API}/projects/two"))
    assert (row["stage"], row["investment_cny"], row["land_mu"]) == ("started", 10**8, 42.5)
    assert row["latest_progress"] == "主体封顶"
    assert row["part_of"] is None
    assert [step["type"] for step in row["milestones"]] == ["signed", "started"]
    roles = {each["organisation"]: each["role"] for each in row["investors"]}
    assert roles == {"lead": "lead", "other": "co"}
    assert found(admin_api.get(f"{API}/projects/part"))["part_of"] == "two"
    ends = {(each["resource"], each["op"]) for each in told["rows"]}
    assert {("milestone", "deleted"), ("project", "deleted")} <= ends


@pytest.mark.both_databases
def test_a_merge_is_taken_back_as_a_whole(admin_api: CarefulClient, fabs: Any) -> None:
    names = ("milestones", "investors", "investment_cny", "land_mu", "part_of", "latest_progress")
    names += ("stage", "stage_on")
    before = [found(admin_api.get(f"{API}/projects/{code}")) for code in ("one", "two", "part")]
    merge(admin_api, "projects", "one", "two")
    back = admin_api.post(f"{API}/projects/one/merge/undo")
    assert found(back)["code"] == "one"
    after = [found(admin_api.get(f"{API}/projects/{code}")) for code in ("one", "two", "part")]
    for old, new in zip(before, after, strict=True):
        for name in names:
            was, now = old[name], new[name]
            if isinstance(was, list):
                key = "type" if name == "milestones" else "organisation"
                was = sorted((each[key], each.get("role")) for each in was)
                now = sorted((each[key], each.get("role")) for each in now)
            assert now == was, name
    problem(admin_api.post(f"{API}/projects/one/merge/undo"), 404)


def test_organisations_stand_apart_again(admin_api: CarefulClient, companies: Any) -> None:
    merge(admin_api, "organisations", "one", "two")
    found(admin_api.post(f"{API}/organisations/one/merge/undo"))
    assert found(admin_api.get(f"{API}/organisations/two"))["aliases"] == []
    assert codes(admin_api, "projects", organisation="one") == ["a", "both"]
    assert codes(admin_api, "projects", organisation="two") == ["both"]
    assert found(admin_api.get(f"{API}/organisations/child"))["parent"] == "one"


def test_a_merge_stays_once_something_followed(admin_api: CarefulClient, fabs: Any) -> None:
    merge(admin_api, "projects", "one", "two")
    milestone = Milestone.objects.get(project__code="two", type="started")
    milestone.note = "说明"
    milestone.save()
    refused = error(admin_api.post(f"{API}/projects/one/merge/undo"), 409)
    assert (refused["code"], refused["pointer"]) == ("changed_since", "#")
    changed = f"project {fabs[1]}, milestone {milestone}"
    said = f"The merge cannot be undone, since this has been changed: {changed}."
    assert refused["detail"] == said
    assert not Project.objects.filter(code="one").exists()


def test_another_park_is_not_told_what_became_of_a_merge(
    admin_api: CarefulClient, fabs: Any
) -> None:
    ProjectFactory.create(code="three", park=fabs[1].park)
    for code, into in (("one", "two"), ("two", "three")):
        found(merge(admin_api, "projects", code, into))
    other = sign_in(MembershipFactory.create(park=ParkFactory.create(), role=Role.EDITOR).user)
    for client, status in ((other, 403), (admin_api, 409)):
        problem(client.post(f"{API}/projects/one/merge/undo"), status)


def test_what_says_it_is_two_is_not_made_one(admin_api: CarefulClient) -> None:
    park = ParkFactory.create(code="town")
    codes_of = {"one": "2403-120115-89-05-123456", "two": "2403-120115-89-05-123457"}
    for code, national in codes_of.items():
        ProjectFactory.create(code=code, park=park)
        Project.objects.filter(code=code).update(national_code=national)
    ProjectFactory.create(code="draft", park=park, publication="draft")
    for into, code, said in (
        ("two", "contradiction", "They are two: each has a national project code of its own."),
        ("one", "circle", "This is the row itself."),
        (
            "draft",
            "refers_to_draft",
            "Everybody sees the one, and not the other: publish that first.",
        ),
    ):
        refused = error(merge(admin_api, "projects", "one", into), 409)
        assert (refused["code"], refused["pointer"]) == (code, "#/into")
        assert refused["detail"] == said
    found(merge(admin_api, "projects", "draft", "two"))
    assert error(merge(admin_api, "projects", "one", "none"))["code"] == "unknown_value"
    seen = admin_api.post(f"{API}/projects/one/merge", {"into": "two"})
    assert problem(seen, 428)["type"] == "/problems/precondition-required"


def test_names_of_both_become_aliases_each_once(admin_api: CarefulClient) -> None:
    of_one = {"name_zh": "甲", "name_en": "A", "aliases": "乙\n丙\n戊"}
    OrganisationFactory.create(code="One", **of_one)
    OrganisationFactory.create(code="two", name_zh="丁", name_en="A", aliases="丙\n己")
    told = found(merge(admin_api, "organisations", "one", "two"))
    assert [change["field"] for change in told["changes"]] == ["aliases"]
    row = found(admin_api.get(f"{API}/organisations/two"))
    assert (row["name_zh"], row["name_en"]) == ("丁", "A")
    assert row["aliases"] == ["丙", "己", "甲", "乙", "戊"]
    reasons = [
        found(admin_api.get(f"{API}/organisations/two/history"))["results"][0]["reason"]
        for undone in (False, True)
        if not undone or found(admin_api.post(f"{API}/organisations/ONE/merge/undo"))
    ]
    assert reasons == ["“One” merged into “two”", "Merge of “One” into “two” undone"]
    # What is said of both already changes nothing
    OrganisationFactory.create(code="three", name_zh="丁", name_en="", aliases="己")
    assert found(merge(admin_api, "organisations", "three", "two"))["changes"] == []


def test_a_reason_is_kept_with_a_merge_and_its_end(admin_api: CarefulClient, fabs: Any) -> None:
    one, two = lock_both(*fabs)
    person = UserFactory.create(superuser=True)
    assert merge_rows(one, two, person, reason="同一项目")["retired"] == "one"
    done = find_merge(Project, "one", person)
    undo_merge(done, person, reason="不是")
    with pytest.raises(NotFound):  # somebody was quicker
        undo_merge(done, person)
    history = found(admin_api.get(f"{API}/projects/two/history"))["results"]
    said = {row["reason"] for row in history}
    assert {"“one” merged into “two”: 同一项目", "Merge of “one” into “two” undone: 不是"} <= said


def test_an_editor_ends_a_draft_of_hers_in_a_row_that_all_share(api: APIClient) -> None:
    park = ParkFactory.create(code="mine")
    draft = {"park": park, "publication": "draft"}
    OrganisationFactory.create(code="hers", name_zh="草稿公司", name_en="Draft", **draft)
    OrganisationFactory.create(code="shared", name_zh="华芯公司", name_en="")
    OrganisationFactory.create(code="foreign", park=ParkFactory.create(), publication="draft")
    api.force_authenticate(MembershipFactory.create(park=park, role=Role.EDITOR).user)
    problem(merge(api, "organisations", "shared", "hers"), 403)
    assert error(merge(api, "organisations", "hers", "foreign"))["code"] == "unknown_value"
    assert found(merge(api, "organisations", "hers", "shared"))["changes"] == []
    row = found(api.get(f"{API}/organisations/shared"))
    assert (row["name_en"], row["aliases"]) == ("", [])
    undo = f"{API}/organisations/hers/merge/undo"
    other = sign_in(MembershipFactory.create(park=ParkFactory.create(), role=Role.EDITOR).user)
    problem(other.post(undo), 404)
    assert found(api.post(undo))["code"] == "hers"


def test_a_merge_that_changed_nothing_else_is_not_undone_without_the_right(
    admin_api: CarefulClient,
) -> None:
    for code in ("one", "two"):
        OrganisationFactory.create(code=code, name_zh="华芯公司", name_en="")
    assert found(merge(admin_api, "organisations", "one", "two"))["changes"] == []
    editor = sign_in(MembershipFactory.create(role=Role.EDITOR).user)
    problem(editor.post(f"{API}/organisations/one/merge/undo"), 403)


def test_a_merge_tells_nothing_of_hidden_rows_that_follow(
    api: APIClient, companies: tuple[Organisation, Organisation]
) -> None:
    Project.objects.filter(code="both").update(publication="draft")
    steward = UserFactory.create()
    steward.user_permissions.add(Permission.objects.get(codename="edit_vocabularies"))
    api.force_authenticate(steward)
    for query in ({"dry_run": "true"}, {}):
        merged = merge(api, "organisations", "one", "two", **query)
        assert {row["resource"] for row in found(merged)["rows"]} == {
            *("organisation", "project", "investor")
        }
        assert "both" not in merged.content.decode()
    assert Investor.objects.filter(project__code="both").count() == 1
