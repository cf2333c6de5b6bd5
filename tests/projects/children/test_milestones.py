"""/projects/{code}/milestones: the steps of a project, from which its stage and dates follow."""

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from projects.models import Project
from tests import factories
from tests.answers import API, Row, error, found, made, mistakes, problem, walk
from tests.samples import sample
from tests.seeded import kept_rows
from tests.together import together

pytestmark = pytest.mark.django_db

ROWS = f"{API}/projects/fab/milestones"
SIGNED = {
    "type": "signed",
    "status": "met",
    "planned_on": "2023-Q4",
    "actual_on": "2024-03",
    "agreement_type": "contract",
    "event": "forum",
    "source": "S1",
    "document_no": "",
    "reason": "",
    "note": "第一行\n第二行",
    "promised_on": "2023-12",
    "promise_source": "S1",
}
NOT_MOVED = {"times_moved": 0, "days_moved": 0}  # what the ledger counts


@kept_rows(autouse=True)
def surroundings() -> None:
    """A project without milestones, and what `SIGNED` refers to."""
    factories.ProjectFactory.create(code="fab")
    factories.SigningEventFactory.create(code="forum", name_zh="论坛")
    factories.SourceFactory.create(code="S1")


def project(api: APIClient) -> Row:
    return found(api.get(f"{API}/projects/fab"))


def derived(api: APIClient) -> tuple[str | None, ...]:
    """Stage, the date of the stage, that of the signing, and the type of agreement."""
    row = project(api)
    return tuple(row[name] for name in ("stage", "stage_on", "signed_on", "agreement_type"))


# --- Writing ------------------------------------------------------------------------------------


def test_a_milestone_is_written_with_every_field_and_read_back(admin_api: APIClient) -> None:
    response = admin_api.post(ROWS, SIGNED)
    row = made(response)
    assert row == SIGNED | NOT_MOVED | {"id": row["id"]}
    assert response.headers["Location"] == f"http://testserver{ROWS}/{row['id']}"
    assert found(admin_api.get(f"{ROWS}/{row['id']}")) == row
    assert found(admin_api.get(ROWS))["results"] == [row]
    assert project(admin_api)["milestones"] == [row]


def test_a_milestone_posted_again_is_answered_with_the_stored_one(admin_api: APIClient) -> None:
    row = made(admin_api.post(ROWS, SIGNED))
    told = "type", "status", "planned_on", "actual_on", "source"
    before = project(admin_api), found(admin_api.get(f"{API}/changes"))["results"]
    for body in (SIGNED, {name: SIGNED[name] for name in told}):
        response = admin_api.post(ROWS, body)
        assert (found(response), response.headers.get("Location")) == (row, None)
    other = error(admin_api.post(ROWS, SIGNED | {"note": "另一行"}), 409)
    assert (other["pointer"], other["code"]) == ("#/note", "unique")
    assert f"number {row['id']}" in other["detail"]
    assert (project(admin_api), found(admin_api.get(f"{API}/changes"))["results"]) == before


def test_an_intent_is_no_contract_at_any_door(admin_api: APIClient, desk: Client) -> None:
    said = {"type": "signed", "actual_on": "2024-03", "agreement_type": "intent"}
    wrong = "contradicting"
    assert mistakes(admin_api.post(ROWS, said)) == {"#/agreement_type": wrong}
    fab = Project.objects.get()
    body = {"name_zh": "乙厂", "park": fab.park.code, "milestones": [said]}
    inside = {"#/milestones/0/agreement_type": wrong}
    assert mistakes(admin_api.post(f"{API}/projects", body)) == inside
    assert mistakes(admin_api.patch(f"{API}/projects/fab", {"milestones": [said]})) == inside
    many = admin_api.post(f"{API}/projects/bulk", {"projects": [body]})
    assert mistakes(many) == {"#/projects/0/milestones/0/agreement_type": wrong}

    planned = {**said, "status": "scheduled", "planned_on": "2026", "actual_on": None}
    address = f"{ROWS}/{made(admin_api.post(ROWS, planned))['id']}"
    assert mistakes(admin_api.patch(address, {"status": "met"})) == {"#/agreement_type": wrong}
    step = {"stage": "signed", "day": "2024-03"}
    page = f"/admin/projects/project/advance/?project={fab.pk}"
    assert desk.post(page, step).context_data["form"].non_field_errors()
    assert derived(admin_api)[0] is None
    for word in ("framework", "contract", "unknown"):
        made(admin_api.post(ROWS, {**said, "agreement_type": word}))


def test_an_intent_has_no_contract_as_its_paper(admin_api: APIClient) -> None:
    said = {"type": "intended", "actual_on": "2024", "agreement_type": "contract"}
    assert mistakes(admin_api.post(ROWS, said)) == {"#/agreement_type": "contradicting"}
    inside = {"#/milestones/0/agreement_type": "contradicting"}
    assert mistakes(admin_api.patch(f"{API}/projects/fab", {"milestones": [said]})) == inside
    for word in ("intent", "framework", "unknown"):
        made(admin_api.post(ROWS, {**said, "agreement_type": word}))


@together("step, paper", [("signed", "intent"), ("intended", "contract")])
def test_what_was_stored_before_stays_editable(admin_api: APIClient, step: str, paper: str) -> None:
    stored = factories.MilestoneFactory.create(
        project__code="old", type=step, status="met", agreement_type=paper
    )
    address = f"{API}/projects/old/milestones/{stored.pk}"
    assert found(admin_api.patch(address, {"note": "核对中"}))["agreement_type"] == paper


def test_a_step_that_is_planned_for_later_is_met_only_on_a_day(admin_api: APIClient) -> None:
    said = {"type": "operating", "status": "met", "planned_on": "2099-05"}
    wrong = {"#/planned_on": "in_the_future"}
    assert mistakes(admin_api.post(ROWS, said)) == wrong
    inside = {"#/milestones/0/planned_on": "in_the_future"}
    assert mistakes(admin_api.patch(f"{API}/projects/fab", {"milestones": [said]})) == inside
    made(admin_api.post(ROWS, {**said, "actual_on": "2024-05"}))
    made(admin_api.post(ROWS, {**said, "planned_on": "2024"}))
    planned = made(admin_api.post(ROWS, {**said, "status": "scheduled", "type": "completed"}))
    assert mistakes(admin_api.patch(f"{ROWS}/{planned['id']}", {"status": "met"})) == wrong


# --- What is refused ----------------------------------------------------------------------------

WRONG: list[tuple[Row, dict[str, str]]] = [
    ({"status": "revoked", "move_reason": "改"}, {"#": "invalid"}),
    ({"status": "scheduled"}, {"#": "invalid"}),
    ({"type": "started", "move_reason": "改"}, {"#": "invalid"}),
    (
        {"type": "started", "agreement_type": None, "status": "revoked", "move_reason": "改"},
        {"#": "invalid"},
    ),
    ({"actual_on": "2024-13"}, {"#/actual_on": "invalid_date"}),
]


def test_what_is_wrong_is_said_where_it_stands_and_nothing_is_written(admin_api: APIClient) -> None:
    row = made(admin_api.post(ROWS, SIGNED))
    for place, (change, expected) in enumerate(WRONG):
        ways = sample([(admin_api.post, ROWS), (admin_api.patch, f"{ROWS}/{row['id']}")], 2, place)
        for send, address in ways:
            body = SIGNED | change if address == ROWS else change
            assert mistakes(send(address, body)) == expected, change
    assert found(admin_api.get(ROWS))["results"] == [row]


# --- Reading ------------------------------------------------------------------------------------


@together(
    ("address", "factory"),
    [
        ("projects/fab/milestones", factories.MilestoneFactory),
        ("projects/fab/fundings", factories.FundingFactory),
        ("projects/fab/figures", factories.ProjectFigureFactory),
        ("events/forum/figures", factories.EventFigureFactory),
    ],
)
def test_the_rows_of_one_are_not_those_of_another(
    admin_api: APIClient, address: str, factory: Any
) -> None:
    row = factory.create()
    assert found(admin_api.get(f"{API}/{address}"))["results"] == []
    for ask in (admin_api.get, admin_api.patch, admin_api.delete):
        problem(ask(f"{API}/{address}/{getattr(row, 'code', row.pk)}"), 404)
    owner = getattr(row, "project", None) or row.event
    theirs = address.replace("fab", owner.code).replace("forum", owner.code)
    assert len(walk(admin_api, theirs)) == 1


def test_what_is_met_does_not_lie_in_the_future(admin_api: APIClient) -> None:
    future = admin_api.post(ROWS, {"type": "signed", "actual_on": "2099"})
    assert mistakes(future) == {"#/actual_on": "in_the_future"}
    this_year = str(timezone.localdate().year)
    made(admin_api.post(ROWS, {"type": "signed", "actual_on": this_year}))
