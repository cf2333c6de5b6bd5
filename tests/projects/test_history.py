"""/projects/{code}/history, and that of events and of the rows below a project."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from parks.accounts.erasure import erase
from parks.recording.recording import recorded
from projects.models import Milestone, Project
from tests import factories
from tests.answers import API, Row, found, made, problem, sign_in, walk

pytestmark = pytest.mark.django_db

FAB = f"{API}/projects/fab"
HISTORY = "projects/fab/history"


@pytest.fixture
def fab(investment_indicator: Any) -> Project:
    """A project of the park `town`."""
    park = factories.ParkFactory.create(code="town", name_zh="科技城", name_en="Town")
    return factories.ProjectFactory.create(code="fab", park=park, name_zh="晶圆厂", name_en="Fab")


def versions(client: APIClient, address: str = HISTORY, **parameters: Any) -> list[Row]:
    return walk(client, address, **parameters)


def newest(client: APIClient, address: str = HISTORY) -> Row:
    return versions(client, address)[0]


def changes(entry: Row, *, derived: bool | None = None) -> dict[str, tuple[Any, Any]]:
    """The old and the new value of each field that a version changed."""
    return {
        each["field"]: (each["old"], each["new"])
        for each in entry["changes"]
        if derived is None or each["derived"] == derived
    }


def words(entry: Row) -> dict[str, tuple[Any, Any]]:
    return {each["label"]: (each["old_text"], each["new_text"]) for each in entry["changes"]}


def editor_of(*parks: Any) -> APIClient:
    person = factories.UserFactory.create(username="li-lei")
    for park in parks:
        factories.MembershipFactory.create(user=person, park=park)
    return sign_in(person)


# --- What a version says ------------------------------------------------------------------------


def test_a_version_says_what_was_changed_as_data_and_in_words(
    fab: Project, admin_api: APIClient
) -> None:
    factories.RegionFactory.create(code="330300", name_zh="温州市", name_en="Wenzhou")
    source = factories.SourceFactory.create(code="report", title="报道")
    body = {
        "origin": "330300",
        "standing": "suspended",
        "standing_on": "2024-Q2",
        "standing_reason": "停工",
        "land_mu": 120.5,
        "is_umbrella": True,
        "source": source.code,
    }
    found(admin_api.patch(FAB, body))
    entry = newest(admin_api)
    assert (entry["version"], entry["op"], entry["rows"]) == (2, "changed", [])
    assert changes(entry) == {
        "origin": (None, "330300"),
        "land_mu": (None, 120.5),
        "standing": ("active", "suspended"),
        "standing_on": (None, "2024-Q2"),
        "standing_reason": ("", "停工"),
        "is_umbrella": (False, True),
        "source": (None, "report"),
    }
    assert words(entry) == {
        "origin": (None, "Wenzhou (330300)"),
        "land (mu)": (None, "120.5"),
        "standing": ("active", "suspended"),
        "standing since": (None, "2024-Q2"),
        "reason for standing": (None, "停工"),
        "umbrella agreement": ("No", "Yes"),
        "source": (None, "报道 (report)"),
    }


def test_what_is_derived_is_marked_and_stands_beside_the_row_it_comes_from(
    fab: Project, admin_api: APIClient
) -> None:
    body = {"type": "signed", "actual_on": "2024-03", "agreement_type": "contract"}
    number = made(admin_api.post(f"{FAB}/milestones", body))["id"]
    entry = newest(admin_api)
    assert changes(entry, derived=False) == {}
    assert changes(entry, derived=True) == {
        "stage": (None, "signed"),
        "stage_on": (None, "2024-03"),
        "signed_on": (None, "2024-03"),
        "agreement_type": (None, "contract"),
        "news_on": (None, "2024-03-31"),
    }
    (row,) = entry["rows"]
    assert {**row, "changes": changes(row)} == {
        "resource": "milestone",
        "kind": "milestone",
        "code": None,
        "id": number,
        "name": "contract signed",
        "op": "created",
        "changes": {
            "type": (None, "signed"),
            "status": (None, "met"),
            "actual_on": (None, "2024-03"),
            "agreement_type": (None, "contract"),
        },
    }


def test_every_kind_of_row_of_a_project_is_told_of(fab: Project, admin_api: APIClient) -> None:
    maker = factories.OrganisationFactory.create(code="maker", name_zh="", name_en="Maker")
    with recorded():
        factories.MilestoneFactory.create(project=fab, type="started")
        factories.InvestorFactory.create(project=fab, organisation=maker, share_bp=6000)
        factories.ParticipationFactory.create(
            project=fab, event__code="forum", event__name_en="Forum"
        )
        factories.FundingFactory.create(project=fab, on="2024-03", reported_cny=5_000_000)
    found(admin_api.patch(f"{FAB}?confirm=amounts", {"investment_cny": 7}))
    last, before, *_rest = versions(admin_api)
    assert [(row["resource"], row["name"]) for row in before["rows"]] == [
        ("milestone", "construction started"),
        ("participation", "Forum · signed"),
        ("investor", "Maker · lead investor"),
        ("funding", "paid in · 2024-03"),
    ]
    assert changes(before["rows"][2]) == {
        "organisation": (None, "maker"),
        "role": (None, "lead"),
        "share_bp": (None, 6000),
    }
    assert changes(before["rows"][3])["month"] == (None, "2024-03")
    assert changes(before["rows"][3])["reported_cny"] == (None, 5_000_000)
    (figure,) = last["rows"]
    assert (figure["resource"], figure["id"]) == ("project_figure", None)
    assert changes(figure)["value"] == (None, 7)


def test_amounts_are_written_with_the_qualifier_of_their_version(
    fab: Project, admin_api: APIClient
) -> None:
    for amount, land, qualifier in ((120, 80, "about"), (180, 90, "about"), (180, 90, "over")):
        body: Row = {"investment_cny": amount * 10**6, "land_mu": land}
        qualifiers = {"investment_qualifier": qualifier, "land_qualifier": qualifier}
        found(admin_api.patch(f"{FAB}?confirm=amounts", body | qualifiers))
    told = versions(admin_api)
    assert words(told[1]) == {
        "investment (yuan)": ("about 120 million yuan", "about 180 million yuan"),
        "land (mu)": ("about 80", "about 90"),
    }
    assert words(told[0]) == {
        "qualifier of the investment": ("about", "over"),
        "qualifier of the land": ("about", "over"),
    }
    claim = next(row for row in told[1]["rows"] if row["op"] == "created")
    assert words(claim)["value"] == (None, "about 180 million yuan")


def test_the_contact_is_told_to_nobody(fab: Project, api: APIClient, admin_api: APIClient) -> None:
    fab.contact = "secret-number"
    fab.save()
    for client in (api, admin_api):
        entry = newest(client)
        assert (entry["version"], entry["changes"]) == (2, [])
        assert "secret-number" not in client.get(f"{API}/{HISTORY}").content.decode()


def test_a_deleted_row_that_a_version_refers_to_is_still_named(
    fab: Project, admin_api: APIClient
) -> None:
    maker = factories.OrganisationFactory.create(code="maker", name_zh="", name_en="Maker")
    report = factories.SourceFactory.create(code="report")
    investor = factories.InvestorFactory.create(project=fab, organisation=maker)
    found(admin_api.patch(FAB, {"source": "report"}))
    found(admin_api.patch(FAB, {"source": None}))
    investor.delete()
    maker.delete()
    report.delete()
    told = versions(admin_api)
    (row,) = told[-2]["rows"]
    assert changes(row)["organisation"] == (None, "maker")
    assert row["name"] == "Maker · lead investor"
    assert words(told[1]) == {"source": ("(deleted)", None)}  # sources have no history


# --- Who, when and why --------------------------------------------------------------------------


def test_others_learn_the_role_and_neither_account_nor_token_nor_request(
    fab: Project, api: APIClient
) -> None:
    editor = editor_of(fab.park)
    found(editor.patch(FAB, {"note": "x"}, headers={"If-Match": "*"}))
    entry = newest(api)
    assert (entry["by"], entry["role"]) == ("editor", "editor")
    assert (entry["token"], entry["request_id"]) == (None, None)
    assert newest(editor)["by"] == "li-lei"
    stranger = APIClient()
    stranger.force_login(factories.UserFactory.create())
    assert newest(stranger)["by"] == "editor"


def test_an_import_is_told_by_its_code_and_a_command_as_a_program(
    fab: Project, api: APIClient, admin_api: APIClient
) -> None:
    with recorded(batch="imp-1", reason="周报"):
        fab.note = "x"
        fab.save()
    imported, by_command = versions(api)
    assert (imported["batch"], imported["role"], imported["by"]) == ("imp-1", "import", "import")
    assert imported["reason"] == "周报"
    assert (by_command["role"], by_command["by"]) == ("program", "program on the server")
    assert newest(admin_api)["by"] == "import"


def test_erasing_an_account_leaves_the_history_and_takes_the_name(
    fab: Project, api: APIClient, admin_api: APIClient
) -> None:
    person = factories.UserFactory.create(username="wang-wu", superuser=True)
    client = APIClient()
    client.force_login(person)
    found(client.patch(FAB, {"note": "x"}, headers={"If-Match": "*"}))
    before = versions(admin_api)
    tag = admin_api.get(f"{API}/{HISTORY}").headers["ETag"]
    assert before[0]["by"] == "wang-wu"
    erase(person)
    asked = admin_api.get(f"{API}/{HISTORY}", headers={"If-None-Match": tag})
    after = found(asked)["results"]  # not a 304: the name is gone
    assert after[0]["by"] == "erased account"
    assert [{**entry, "by": ""} for entry in after] == [{**entry, "by": ""} for entry in before]
    assert newest(api)["role"] == "superuser"  # what the account was when it wrote
    person.delete()
    assert newest(admin_api)["by"] == "deleted account"
    assert [each["version"] for each in versions(admin_api)] == [2, 1]


# --- Which versions -----------------------------------------------------------------------------


def test_others_see_only_the_versions_that_were_public(
    fab: Project, api: APIClient, admin_api: APIClient
) -> None:
    def save(**values: str) -> None:
        found(admin_api.patch(FAB, values))

    save(publication="draft", note="secret-1")
    save(note="secret-2")
    made(admin_api.post(f"{FAB}/milestones", {"type": "signed"}))
    save(note="open", publication="published")
    inside, outside = versions(admin_api), versions(api)
    assert [entry["version"] for entry in inside] == [5, 4, 3, 2, 1]
    assert [entry["version"] for entry in outside] == [5, 1]
    # What happened in between is told at once, and nothing of how it came about.
    assert changes(outside[0]) == {"note": ("", "open"), "stage": (None, "signed")}
    assert [row["op"] for row in outside[0]["rows"]] == ["created"]
    assert "secret" not in api.get(f"{API}/{HISTORY}").content.decode()


def test_a_project_that_was_first_a_draft_begins_with_its_publication(
    api: APIClient, admin_api: APIClient
) -> None:
    fab = factories.ProjectFactory.create(code="fab", publication="draft", note="secret")
    factories.MilestoneFactory.create(project=fab)
    found(admin_api.patch(FAB, {"note": "open", "publication": "published"}))
    (entry,) = versions(api)
    assert (entry["version"], entry["op"]) == (3, "created")
    assert changes(entry)["note"] == (None, "open")
    assert [row["op"] for row in entry["rows"]] == ["created"]
    problem(api.get(f"{API}/projects/none/history"), 404)


def test_a_version_is_public_only_while_its_park_is(api: APIClient, admin_api: APIClient) -> None:
    park = factories.ParkFactory.create(code="town", publication="draft")
    fab = factories.ProjectFactory.create(code="fab", park=park, note="secret")
    fab.note = "known"
    fab.save()
    problem(api.get(f"{API}/{HISTORY}"), 404)
    found(admin_api.patch(f"{API}/parks/town", {"publication": "published"}))
    assert [entry["version"] for entry in versions(api)] == [2]  # which stood when it opened
    found(admin_api.patch(FAB, {"note": "newer"}))
    found(admin_api.patch(f"{API}/parks/town", {"publication": "withdrawn"}))
    problem(api.get(f"{API}/{HISTORY}"), 404)
    found(admin_api.patch(FAB, {"note": "secret again"}))
    found(admin_api.patch(FAB, {"note": "open again"}))
    found(admin_api.patch(f"{API}/parks/town", {"publication": "published"}))
    assert [entry["version"] for entry in versions(api)] == [5, 3, 2]
    assert [entry["version"] for entry in versions(editor_of(park))] == [5, 4, 3, 2, 1]


def test_of_what_the_reader_may_not_see_not_even_the_code_is_told(
    fab: Project, api: APIClient, admin_api: APIClient
) -> None:
    hidden = factories.ProjectFactory.create(
        code="secret-whole", name_en="secret", publication="draft"
    )
    event = factories.SigningEventFactory.create(code="secret-event", publication="draft")
    with recorded():
        fab.part_of = hidden
        fab.save()
        factories.MilestoneFactory.create(project=fab, event=event)
        factories.ParticipationFactory.create(project=fab, event=event)
    hidden.publication = "withdrawn"
    hidden.save()
    assert changes(newest(admin_api))["part_of"] == (None, "secret-whole")
    assert {row["resource"] for row in newest(admin_api)["rows"]} == {"milestone", "participation"}
    told = newest(api)
    assert "part_of" not in changes(told)
    assert [row["resource"] for row in told["rows"]] == ["milestone"]
    assert "secret" not in api.get(f"{API}/{HISTORY}").content.decode()


# --- Deleted rows -------------------------------------------------------------------------------


def test_the_history_of_a_deleted_project_can_still_be_read(
    fab: Project, api: APIClient, admin_api: APIClient
) -> None:
    factories.MilestoneFactory.create(project=fab)
    assert admin_api.delete(FAB).status_code == 204
    problem(api.get(FAB), 404)
    for client in (api, admin_api, editor_of(fab.park)):
        last, *rest = versions(client, "projects/FAB/history")
        assert (last["version"], last["op"], last["changes"]) == (3, "deleted", [])
        assert [row["op"] for row in last["rows"]] == ["deleted"]
        assert [entry["version"] for entry in rest] == [2, 1]


def test_the_history_of_a_draft_that_was_deleted_is_for_those_of_its_park(
    fab: Project, api: APIClient, admin_api: APIClient
) -> None:
    park = fab.park
    fab.publication = "draft"
    fab.save()
    fab.delete()
    problem(api.get(f"{API}/{HISTORY}"), 404)
    problem(editor_of(factories.ParkFactory.create()).get(f"{API}/{HISTORY}"), 404)
    person = factories.UserFactory.create()
    factories.MembershipFactory.create(user=person, park=park, role="viewer")
    viewer = APIClient()
    viewer.force_login(person)
    for client in (admin_api, viewer):
        assert [entry["version"] for entry in versions(client)] == [3, 2, 1]


# --- Other rows ---------------------------------------------------------------------------------


def test_the_rows_below_a_project_tell_their_own_history(
    fab: Project, api: APIClient, admin_api: APIClient
) -> None:
    milestone = factories.MilestoneFactory.create(project=fab, type="signed")
    funding = factories.FundingFactory.create(project=fab)
    hidden = factories.ParticipationFactory.create(project=fab, event__publication="draft")
    found(admin_api.patch(f"{FAB}?confirm=amounts", {"investment_cny": 7}))
    figure = fab.figures.get().code
    found(admin_api.patch(f"{FAB}/milestones/{milestone.pk}", {"actual_on": "2024-03"}))
    rows = f"milestones/{milestone.pk}"
    last, first = versions(api, f"projects/fab/{rows}/history")
    assert changes(last) == {"actual_on": (None, "2024-03")}
    assert (first["version"], first["op"], first["rows"]) == (1, "created", [])
    for address in (f"fundings/{funding.pk}", f"figures/{figure}"):
        (only,) = versions(api, f"projects/fab/{address}/history")
        assert only["op"] == "created"
        assert "project" not in changes(only)  # it is that of the address
    problem(api.get(f"{FAB}/participations/{hidden.pk}/history"), 404)
    other = factories.ProjectFactory.create(code="other")
    problem(api.get(f"{API}/projects/other/{rows}/history"), 404)
    Milestone.objects.get(pk=milestone.pk).delete()
    assert newest(api, f"projects/fab/{rows}/history")["op"] == "deleted"
    problem(api.get(f"{API}/projects/{other.code}/{rows}/history"), 404)
