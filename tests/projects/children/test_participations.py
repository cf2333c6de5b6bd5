"""/projects/{code}/participations: the events at which a project was."""

from datetime import UTC, datetime

import pytest
from rest_framework.test import APIClient

from projects.models import Project, SigningEvent
from tests.answers import API, codes, error, found, made
from tests.clocks import Clock
from tests.factories import (
    MilestoneFactory,
    ParticipationFactory,
    ProjectFactory,
    SigningEventFactory,
)
from tests.seeded import kept_rows
from tests.together import together

pytestmark = pytest.mark.django_db

ROWS = f"{API}/projects/fab/participations"


@kept_rows(autouse=True)
def surroundings() -> None:
    ProjectFactory.create(code="fab", name_zh="晶圆厂", name_en="Fab")
    SigningEventFactory.create(code="forum", name_zh="论坛", name_en="Forum")


def test_a_participation_is_written_with_every_field_and_read_back(admin_api: APIClient) -> None:
    body = {"event": "forum", "role": "presented", "agreement_type": "intent"}
    response = admin_api.post(ROWS, body)
    row = made(response)
    names = {"event_name_zh": "论坛", "event_name_en": "Forum"}
    assert row == body | names | {"id": row["id"]}
    assert response.headers["Location"] == f"http://testserver{ROWS}/{row['id']}"
    assert found(admin_api.get(f"{ROWS}/{row['id']}")) == row
    assert found(admin_api.get(ROWS))["results"] == [row]
    shown = found(admin_api.get(f"{API}/projects/fab"))["participations"]
    assert shown == [row | {"is_first_signing": False}]
    assert found(admin_api.get(f"{API}/events/forum/participations"))["results"] == [
        {
            "id": row["id"],
            "project": "fab",
            "project_name_zh": "晶圆厂",
            "project_name_en": "Fab",
            "role": "presented",
            "agreement_type": "intent",
            "is_first_signing": False,
        }
    ]


def test_being_at_an_event_signs_nothing_by_itself(admin_api: APIClient) -> None:
    before = found(admin_api.get(f"{API}/projects/fab"))
    row = made(admin_api.post(ROWS, {"event": "FORUM"}))
    assert (row["role"], row["agreement_type"]) == ("attended", None)
    after = found(admin_api.get(f"{API}/projects/fab"))
    assert (after["stage"], after["signed_on"]) == (None, None)
    assert after["version"] == before["version"] + 1
    assert codes(admin_api, "projects", event="forum") == ["fab"]


@together(
    ("kind", "role"),
    [("start", "started"), ("opening", "opened"), ("promotion", "attended"), ("", "attended")],
)
def test_the_role_follows_from_the_kind_of_the_event(
    admin_api: APIClient, kind: str, role: str
) -> None:
    SigningEventFactory.create(code="day", kind=kind)
    assert made(admin_api.post(ROWS, {"event": "day"}))["role"] == role
    again = error(admin_api.post(ROWS, {"event": "day"}), 409)
    assert again["detail"] == "The project already has this role at the event."
    assert made(admin_api.post(ROWS, {"event": "day", "role": "signed"}))["role"] == "signed"


# --- Of an event ---

PRESENT = f"{API}/events/forum/participations"


def test_the_projects_of_an_event_are_a_list_of_their_own(api: APIClient) -> None:
    event = SigningEvent.objects.get(code="forum")
    for code, publication in [("b", "published"), ("a", "published"), ("c", "draft")]:
        project = ProjectFactory.create(
            code=code, name_zh=f"项目{code}", name_en="", publication=publication
        )
        row = ParticipationFactory.create(event=event, project=project, role="presented")
    ParticipationFactory.create(
        event=event, project__code="signs", role="signed", agreement_type="contract"
    )
    shown = found(api.get(f"{API}/events/forum"))["participations"]
    assert shown == {"count": 3, "list_url": f"http://testserver{PRESENT}"}
    page = found(api.get(PRESENT, {"limit": 2, "count": "exact"}))
    assert (page["count"], [row["project"] for row in page["results"]]) == (3, ["b", "a"])
    assert page["results"][1] == {
        "id": row.pk - 1,
        "project": "a",
        "project_name_zh": "项目a",
        "project_name_en": "",
        "role": "presented",
        "agreement_type": None,
        "is_first_signing": False,
    }
    (last,) = found(api.get(page["next"]))["results"]
    assert (last["project"], last["is_first_signing"]) == ("signs", True)
    assert [row["project"] for row in found(api.get(PRESENT, {"ordering": "-id"}))["results"]] == [
        *("signs", "a", "b")
    ]


def test_the_projects_of_an_event_are_a_file_too(api: APIClient) -> None:
    event = SigningEvent.objects.get(code="forum")
    for role in ("signed", "presented"):
        ParticipationFactory.create(
            event=event, project__code=role, project__name_zh="厂", role=role
        )
    response = api.get(f"{PRESENT}.csv", {"columns": "event,project,role,is_first_signing"})
    assert response.getvalue().decode("utf-8-sig").splitlines() == [
        "event,project,role,is_first_signing",
        "forum,signed,signed,true",
        "forum,presented,presented,false",
    ]
    assert "forum-participations.csv" in response.headers["Content-Disposition"]


def test_the_projects_of_an_event_are_read_as_they_stood(
    api: APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock(monkeypatch, datetime(2100, 3, 1, tzinfo=UTC))
    row = ParticipationFactory.create(event__code="fair", project__code="one", role="signed")
    clock.forward(days=61)
    row.delete()
    assert found(api.get(f"{API}/events/fair/participations"))["results"] == []
    shown = found(api.get(f"{API}/events/fair", {"as_of": "2100-03-31"}))["participations"]
    assert shown["count"] == 1
    (then,) = found(api.get(shown["list_url"]))["results"]
    assert (then["project"], then["is_first_signing"]) == ("one", True)


@pytest.mark.slow
@together(
    ("held", "type_", "on", "status", "event", "role"),
    [
        *[
            ("2024-05-10", "signed", on, "met", "", role)
            for on, role in (
                *[("2024-05-09", "attended"), ("2024-05-10", "signed"), ("2024-05-11", "attended")],
                *[("2024-04", "attended"), ("2024-05", "signed"), ("2024-06", "attended")],
            )
        ],
        *[("2024-05", "signed", f"2024-{on}", "met", "", "signed") for on in ("05-01", "05-31")],
        *[("2024-05", "signed", f"2024-{on}", "met", "", "attended") for on in ("04-30", "06-01")],
        (None, "signed", "2024-05-10", "met", "", "attended"),
        ("2024-05-10", "intended", "2024-05-10", "met", "", "signed"),
        ("2024-05-10", "started", "2024-05-10", "met", "", "attended"),
        ("2024-05-10", "signed", "2024-05-10", "revoked", "", "attended"),
        # Which event it was goes before the day
        ("2024-05-10", "signed", "2023", "met", "fair", "signed"),
        ("2024-05-10", "signed", "2024-05-10", "met", "forum", "attended"),
    ],
)
@together("before", ["attended", "presented"])
def test_who_signs_on_the_day_of_an_event_signed_there(
    held: str | None, type_: str, on: str, status: str, event: str, role: str, before: str
) -> None:
    fab = Project.objects.get(code="fab")
    fair = SigningEventFactory.create(code="fair", on=held)
    row = ParticipationFactory.create(event=fair, project=fab, role=before)
    named = SigningEvent.objects.filter(code=event).first()
    MilestoneFactory.create(project=fab, type=type_, on=on, status=status, event=named)
    row.refresh_from_db()
    assert row.role == (role if before == "attended" else before)
