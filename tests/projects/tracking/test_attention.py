"""`GET /attention`: what those who work on a park should look at today."""

from datetime import date
from typing import Any

import pytest
from rest_framework.test import APIClient

from parks.access import Role
from parks.models import ImportBatch
from projects.models import Project
from tests.answers import API, error, found
from tests.factories import (
    MembershipFactory,
    MilestoneFactory,
    ParkFactory,
    ProgressNoteFactory,
    ProjectFactory,
    ProjectFigureFactory,
    UserFactory,
)
from tests.seeded import kept_rows

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mid_june")]
KINDS = (
    *("overdue", "due", "silent", "stalled", "steps_due", "returned", "red_lights", "obstacles"),
    "reviews",
    *("incomplete", "drafts", "conflicts"),
)


def plan_start(project: Project, on: str) -> None:
    MilestoneFactory.create(project=project, type="started", status="scheduled", planned=on)


@kept_rows
def parks() -> list[Any]:
    """Two parks with the same projects: a late one, a silent one, and a draft."""
    parks = [ParkFactory.create(code=code) for code in ("mine", "theirs")]
    for park in parks:
        late = ProjectFactory.create(
            **{"code": f"{park.code}-late", "park": park, "responsible_unit": "招商一局"},
            **{"met": {"signed": "2026-06-01"}, "investment": 1},
        )
        plan_start(late, "2026-05")
        ProjectFactory.create(code=f"{park.code}-silent", park=park, met={"signed": "2025"})
        ProjectFactory.create(code=f"{park.code}-draft", park=park, publication="draft", met=[])
    return parks


def test_a_viewer_is_shown_what_concerns_their_park(api: APIClient, parks: list[Any]) -> None:
    api.force_authenticate(MembershipFactory.create(park=parks[0], role=Role.VIEWER).user)
    body = found(api.get(f"{API}/attention"))
    assert (body["day"], body["parks"]) == ("2026-06-15", ["mine"])
    assert {kind: [row["code"] for row in body[kind]["results"]] for kind in KINDS} == {
        "overdue": ["mine-late"],
        "due": [],
        "silent": ["mine-draft", "mine-silent"],
        "stalled": ["mine-draft", "mine-silent"],
        "steps_due": [],
        "returned": [],
        "red_lights": [],
        "obstacles": [],
        "reviews": [],
        "incomplete": ["mine-late", "mine-silent", "mine-draft"],
        "drafts": ["mine-draft"],
        "conflicts": [],
    }
    assert body["overdue"]["results"] == [
        {
            "code": "mine-late",
            "name_zh": body["overdue"]["results"][0]["name_zh"],
            "name_en": body["overdue"]["results"][0]["name_en"],
            "park": "mine",
            "stage": "signed",
            "next_planned_on": "2026-05-31",
            "news_on": "2026-06-01",
            "responsible_unit": "招商一局",
            **dict.fromkeys(("latest_progress_on", "next_step", "next_step_due_on")),
            **dict.fromkeys(("return_reason", "obstacle", "obstacle_since", "responsible_person")),
            **dict.fromkeys(("promised_step", "promised_until", "days_late")),
        }
    ]
    for kind in KINDS:
        listed = found(api.get(f"{body[kind]['list_url']}&count=exact"))
        assert listed["count"] == body[kind]["count"], kind
        assert {row["code"] for row in listed["results"]} == {
            row["code"] for row in body[kind]["results"]
        }
    assert error(api.get(f"{API}/attention", {"park": "theirs"}))["code"] == "unknown_value"


def test_a_step_that_was_noted_is_overdue_while_the_project_goes_on(
    api: APIClient, parks: list[Any]
) -> None:
    signed = {"park": parks[0], "met": {"signed": "2020"}}
    noted = [("late", "active", 14), ("today", "active", 15), ("shut", "closed", 1)]
    for code, standing, day in noted:
        project = ProjectFactory.create(code=code, standing=standing, **signed)
        step = {"next_step": "设备进场", "due_on": date(2026, 6, day)}
        ProgressNoteFactory.create(project=project, **step)
    ProjectFactory.create(code="open", park=parks[0], met={"operating": "2020"})
    api.force_authenticate(MembershipFactory.create(park=parks[0], role=Role.VIEWER).user)
    body = found(api.get(f"{API}/attention"))
    assert [row["code"] for row in body["steps_due"]["results"]] == ["late"]
    of = {kind: {row["code"] for row in body[kind]["results"]} for kind in KINDS}
    assert [kind for kind in KINDS if "shut" in of[kind]] == []
    assert [kind for kind in KINDS if "open" in of[kind]] == ["incomplete"]


def test_what_is_most_urgent_comes_first(api: APIClient) -> None:
    park = ParkFactory.create(code="mine")
    # Of each kind the second one is more urgent
    for kind, days in (("overdue", ("05-02", "05-01")), ("due", ("07-02", "07-01"))):
        for number, day in enumerate(days):
            late = {"code": f"{kind}-{number}", "park": park, "met": {"signed": "2026-06-01"}}
            plan_start(ProjectFactory.create(**late), f"2026-{day}")
    for number, day in enumerate((2, 1)):
        project = ProjectFactory.create(code=f"steps_due-{number}", park=park, met=["signed"])
        step = {"next_step": "设备进场", "due_on": date(2026, 6, day)}
        ProgressNoteFactory.create(project=project, **step)
        stalled = {"signed": f"201{9 - number}"}
        ProjectFactory.create(code=f"stalled-{number}", park=park, met=stalled)
        ProjectFactory.create(code=f"drafts-{number}", park=park, publication="draft", met=[])
        review = {"review_on": date(2026, 6, day), "review_on_precision": "day"}
        signed = {"signed": "2026-06-01"}
        ProjectFactory.create(code=f"reviews-{number}", park=park, met=signed, **review)
        torn = ProjectFactory.create(code=f"conflicts-{number}", park=park, met=["signed"])
        for amount in (1, 2):
            ProjectFigureFactory.create(project=torn, amount_cny=amount * 10**number, on="2024")
    api.force_authenticate(MembershipFactory.create(park=park, role=Role.VIEWER).user)
    body = found(api.get(f"{API}/attention"))
    dated = ("overdue", "due", "steps_due", "stalled", "silent", "reviews")
    for kind in (*dated, "drafts", "conflicts"):
        shown = [row["code"] for row in body[kind]["results"]]
        of_kind = "stalled" if kind == "silent" else kind
        both = [code for code in shown if code.startswith(f"{of_kind}-")]
        assert both == [f"{of_kind}-1", f"{of_kind}-0"], kind
    incomplete = [row["code"] for row in body["incomplete"]["results"]]
    assert incomplete[:2] == ["conflicts-1", "conflicts-0"]


def test_the_ten_that_come_first_are_shown(api: APIClient, parks: list[Any]) -> None:
    for number in range(10):
        met = {"signed": "2025"} if number % 2 else []
        ProjectFactory.create(code=f"quiet-{number}", park=parks[0], met=met)
    api.force_authenticate(MembershipFactory.create(park=parks[0], role=Role.VIEWER).user)
    silent = found(api.get(f"{API}/attention"))["silent"]
    assert (silent["count"], len(silent["results"])) == (12, 10)


def test_a_superuser_is_shown_all_parks_or_one(api: APIClient, parks: list[Any]) -> None:
    api.force_authenticate(UserFactory.create(is_superuser=True))
    body = found(api.get(f"{API}/attention"))
    assert (body["overdue"]["count"], body["overdue"]["list_url"].count("park=")) == (2, 0)
    assert found(api.get(f"{API}/attention", {"park": "theirs"}))["overdue"]["count"] == 1


def test_files_that_were_checked_wait_for_who_checked_them(
    api: APIClient, parks: list[Any]
) -> None:
    member = MembershipFactory.create(park=parks[0], role=Role.EDITOR).user
    for code, person, state in (
        ("imp-mine", member.pk, "checked"),
        ("imp-done", member.pk, "applied"),
        ("imp-other", member.pk + 1, "checked"),
    ):
        ImportBatch.objects.create(
            code=code, resource="projects", file_name="台账.xlsx", user_id=person, state=state
        )
    api.force_authenticate(member)
    answer = api.get(f"{API}/attention")
    assert answer.headers["Cache-Control"] == "no-store"
    waiting = found(answer)["imports"]
    assert (waiting["count"], [row["code"] for row in waiting["results"]]) == (1, ["imp-mine"])
    assert found(api.get(waiting["results"][0]["url"]))["code"] == "imp-mine"


def test_the_number_of_queries_is_fixed(
    api: APIClient, parks: list[Any], django_assert_num_queries: Any
) -> None:
    api.force_authenticate(UserFactory.create(is_superuser=True))
    api.get(f"{API}/attention")
    with django_assert_num_queries(23):
        api.get(f"{API}/attention")
