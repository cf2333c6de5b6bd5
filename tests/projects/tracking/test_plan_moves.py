"""What was promised for a step, what is planned for it now, and how often and why that moved."""

from datetime import date, timedelta
from random import Random
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from projects.models import Milestone, PlanMove, Project
from tests.admin_pages import address, save, saved
from tests.answers import API, CarefulClient, codes, found, made, mistakes, sign_in
from tests.factories import MembershipFactory, ProjectFactory, SourceFactory
from tests.projects.importing.imports import (
    actions,
    applied,
    checked,
    faults,
    line,
    table,
    workbook,
)
from tests.projects.oracle.reading import read_period
from tests.samples import HERE

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mid_june")]
TODAY = date(2026, 6, 15)
OWN = f"{API}/projects/fab/milestones"
PLAN = {"type": "started", "status": "scheduled", "planned_on": "2026-05"}
WHY = {"move_reason": "征地延期"}


def moves(client: APIClient, **asked: str) -> list[tuple[Any, ...]]:
    """The moves that a person reads: step, from, to, days, reason."""
    rows = found(client.get(f"{API}/plan-moves", {"ordering": "id", **asked}))["results"]
    return [
        tuple(row[name] for name in ("step", "from_on", "to_on", "days_moved", "reason"))
        for row in rows
    ]


def test_a_plan_moves_only_with_a_reason_and_the_promise_stays(
    office: APIClient, api: APIClient, fab: Project
) -> None:
    SourceFactory.create(code="S9")
    step = made(office.post(OWN, {**PLAN, "promised_on": "2026-05", "promise_source": "S9"}))
    own = f"{OWN}/{step['id']}"
    assert (step["times_moved"], step["days_moved"], moves(office)) == (0, 0, [])
    assert codes(api, "projects", overdue="true") == ["fab"]
    assert mistakes(office.patch(own, {"planned_on": "2027-05"})) == {
        "#/move_reason": "without_reason"
    }
    assert found(office.patch(own, {"planned_on": "2026-05-20"}))["times_moved"] == 0  # more exact
    moment = timezone.now().isoformat().replace("+00:00", "Z")
    moved = found(office.patch(own, {"planned_on": "2027-05", **WHY}))
    assert (moved["times_moved"], moved["days_moved"], moved["promised_on"]) == (1, 376, "2026-05")
    assert moves(office) == [("started", "2026-05-20", "2027-05", 376, "征地延期")]
    assert codes(api, "projects", overdue="true") == []
    assert codes(api, "projects", overdue_promise="true") == ["fab"]
    assert found(office.get(f"{API}/plan-moves", {"as_of": moment}))["results"] == []
    assert found(office.get(OWN, {"as_of": moment}))["results"][0]["times_moved"] == 0
    gone = {"planned_on": None, **WHY}
    assert mistakes(office.patch(own, {"planned_on": None})) == {"#/move_reason": "without_reason"}
    assert found(office.patch(own, gone))["times_moved"] == 2
    assert moves(office)[-1] == ("started", "2027-05", None, None, "征地延期")
    (row,) = found(api.get(OWN))["results"]
    assert (row["promised_on"], row["times_moved"], row["days_moved"]) == ("2026-05", None, None)
    assert mistakes(office.patch(own, {"promised_on": None, **WHY})) == {
        "#": "invalid"
    }  # of its source
    found(office.patch(own, {"status": "met", "actual_on": "2026-06"}))
    assert codes(api, "projects", overdue_promise="true") == []


def test_who_moved_a_plan_is_told_to_the_roles_of_the_park_alone(
    office: APIClient, api: APIClient, fab: Project
) -> None:
    step = made(office.post(OWN, PLAN))
    found(office.patch(f"{OWN}/{step['id']}", {"planned_on": "2026-06-30", **WHY}))
    (row,) = found(office.get(f"{API}/plan-moves"))["results"]
    mover = PlanMove.objects.get().history.get().history_user_id
    assert row["moved_by"] == fab.park.memberships.get(user=mover).user.username
    assert (row["project"], row["park"], row["moved_on"]) == ("fab", "town", "2026-06-15")
    text = office.get(f"{API}/plan-moves.csv?header=zh").getvalue().decode()
    assert row["moved_by"] in text
    assert "调整原因" in text
    assert office.get(f"{API}/plan-moves.xlsx").status_code == 200
    stranger = sign_in(MembershipFactory.create().user, CarefulClient)
    assert api.get(f"{API}/plan-moves").status_code == 401
    assert moves(stranger) == []
    assert codes(stranger, "projects", times_moved="unknown") == ["fab"]
    for asked in (
        {"times_moved": "1"},
        {"times_moved_min": "1"},
        {"moved_from": "2026-06"},
        {"moved_to": "2026-06"},
    ):
        assert codes(office, "projects", **asked) == ["fab"]
        assert codes(stranger, "projects", **asked) == []
        assert codes(api, "projects", **asked) == []
    for client in (stranger, api):
        changes = client.get(f"{API}/changes").content.decode()
        assert "plan_move" not in changes
        assert "征地" not in client.get(f"{API}/projects/fab/history").content.decode()
    assert "征地" in office.get(f"{API}/projects/fab/history").content.decode()


def test_moves_are_found_by_their_day(office: APIClient, fab: Project) -> None:
    step = made(office.post(OWN, PLAN))
    found(office.patch(f"{OWN}/{step['id']}", {"planned_on": "2026-07", **WHY}))
    for first, last, is_found in (
        ("2026-06-15", "", True),
        ("2026-06-16", "", False),
        ("", "2026-06-15", True),
        ("", "2026-06-14", False),
        ("2026-06-15", "2026-06-15", True),
        ("2026-06", "2026-06", True),
        ("2026-05", "2026-05", False),
    ):
        bounds = {"moved_from": first, "moved_to": last}
        asked = {name: day for name, day in bounds.items() if day}
        assert codes(office, "projects", **asked) == (["fab"] if is_found else [])
        assert len(moves(office, **asked)) == is_found
    assert moves(office, step="completed", park="town", project="fab") == []


def test_a_project_written_whole_moves_its_plans_with_a_reason(
    office: APIClient, fab: Project
) -> None:
    made(office.post(OWN, {**PLAN, "promised_on": "2026-05"}))
    whole = f"{API}/projects/fab"
    later = {**PLAN, "planned_on": "2026-09"}
    place = "#/milestones/0/move_reason"
    assert mistakes(office.patch(whole, {"milestones": [later]})) == {place: "without_reason"}
    assert [*mistakes(office.patch(whole, {"milestones": []})).values()] == ["met_left_out"]
    (kept,) = found(office.patch(whole, {"milestones": [{**later, **WHY}]}))["milestones"]
    assert (kept["promised_on"], kept["times_moved"]) == ("2026-05", 1)
    moved = {"code": "fab", "milestones": [{**later, "planned_on": "2026-10"}]}
    refused = office.post(f"{API}/projects/bulk?on_existing=update", {"projects": [moved]})
    assert mistakes(refused) == {"#/projects/0/milestones/0/move_reason": "without_reason"}
    met = {"type": "started", "actual_on": "2026-06"}
    (kept,) = found(office.patch(whole, {"milestones": [met]}))["milestones"]
    assert (kept["promised_on"], kept["planned_on"], kept["status"]) == (
        *("2026-05", "2026-09"),
        "met",
    )
    assert len(moves(office)) == 1


PROMISED = {"type": "started", "status": "scheduled", "promised_on": "2026-05"}


@pytest.mark.slow
def test_a_promise_moves_only_with_a_reason_through_every_door(
    office: APIClient, api: APIClient, fab: Project
) -> None:
    step = made(office.post(OWN, PROMISED))
    own, whole = f"{OWN}/{step['id']}", f"{API}/projects/fab"
    desk = sign_in(MembershipFactory.create(park=fab.park).user, Client)
    page = address(Milestone, "change", step["id"])
    form = address(Project, "change", fab.pk)
    later = {**PROMISED, "id": step["id"], "promised_on": "2027-05"}
    for change in ({"promised_on": "2027-05"}, {"promised_on": None}, {"type": "completed"}):
        assert mistakes(office.patch(own, change)) == {"#/move_reason": "without_reason"}
        refused = mistakes(office.patch(whole, {"milestones": [later | change]}))
        assert refused == {"#/milestones/0/move_reason": "without_reason"}
        typed = {name: value or "" for name, value in change.items()}
        assert "move_reason" in save(desk, page, **typed).content.decode()
        typed = {f"milestones-0-{name}": value for name, value in typed.items()}
        assert save(desk, form, **typed).status_code == 200
    bulk = {"projects": [{"code": "fab", "milestones": [later]}]}
    refused = mistakes(office.post(f"{API}/projects/bulk?on_existing=update", bulk))
    assert [*refused.values()] == ["without_reason"]
    sheet = table(("项目编码", "承诺开工时间"), ("fab", "2027-05"))
    assert faults(checked(office, sheet)) == {(2, "started_promised_on"): "without_reason"}
    assert codes(api, "projects", overdue_promise="true") == ["fab"]
    assert found(office.patch(own, {"promised_on": "2026-05-20"}))["promised_on"] == "2026-05-20"
    applied(office, table(("项目编码", "承诺开工时间", "调整原因"), ("fab", "2027-06", "补充协议")))
    found(office.patch(own, {"promised_on": "2027-07", **WHY}))
    saved(save(desk, page, promised_on="2027-08", move_reason="第二份补充协议"))
    reasons = [row[-1] for row in moves(office, is_promise="true")]
    assert reasons == ["补充协议", "征地延期", "第二份补充协议"]
    assert moves(office, is_promise="false") == []
    assert found(office.get(own))["times_moved"] == 0  # of its plan
    assert codes(office, "projects", times_moved="0") == ["fab"]
    assert codes(office, "projects", moved_from="2026-06-15") == ["fab"]


@pytest.mark.slow
def test_a_promised_step_is_revoked_and_not_deleted(office: APIClient, fab: Project) -> None:
    step = made(office.post(OWN, PROMISED))
    own = f"{OWN}/{step['id']}"
    desk = sign_in(MembershipFactory.create(park=fab.park).user, Client)
    assert mistakes(office.delete(own)) == {"#/promised_on": "without_reason"}
    page = desk.get(address(Milestone, "delete", step["id"])).content.decode()
    assert "take the promise back" in page
    desk.post(address(Milestone, "delete", step["id"]), {"post": "yes"})
    chosen = {"action": "delete_selected", "_selected_action": step["id"], "post": "yes"}
    desk.post(address(Milestone, "changelist"), chosen)
    form = save(desk, address(Project, "change", fab.pk), **{"milestones-0-DELETE": "on"})
    assert "take the promise back" in form.content.decode()
    assert Milestone.objects.filter(pk=step["id"]).exists()
    found(office.patch(own, {"promised_on": None, **WHY}))
    assert office.delete(own).status_code == 204
    assert moves(office) == [("started", "2026-05", None, None, "征地延期")]
    step = made(office.post(OWN, PROMISED))
    revoked = {"status": "revoked", "reason": "协议已撤回"}
    found(office.patch(f"{OWN}/{step['id']}", revoked))
    found(office.patch(f"{OWN}/{step['id']}", {"reason": "另有安排"}))
    assert moves(office)[1:] == [("started", "2026-05", None, None, "协议已撤回")]
    version = found(office.get(f"{API}/projects/fab"))["version"]
    assert office.delete(f"{API}/projects/fab").status_code == 204
    address_then = f"{API}/projects/fab/history/{version}/restore"
    made(office.post(address_then, headers={"If-None-Match": "*"}))
    assert len(moves(office)) == 2


def test_restoring_and_merging_keep_the_moves(office: APIClient, fab: Project) -> None:
    step = made(office.post(OWN, PLAN))
    own = f"{OWN}/{step['id']}"
    found(office.patch(own, {"planned_on": "2026-07", **WHY}))
    restored = office.post(f"{own}/history/1/restore", headers={"If-Match": "*"})
    assert found(restored)["version"] == 3
    assert [row[1:4] for row in moves(office)] == [
        ("2026-05", "2026-07", 61),
        ("2026-07", "2026-05", -61),
    ]
    version = found(office.get(f"{API}/projects/fab"))["version"]
    assert office.delete(f"{API}/projects/fab").status_code == 204
    assert moves(office) == []
    address = f"{API}/projects/fab/history/{version}/restore"
    made(office.post(address, headers={"If-None-Match": "*"}))
    assert len(moves(office)) == 2
    ProjectFactory.create(code="mill", park=fab.park)
    found(office.post(f"{API}/projects/fab/merge", {"into": "mill"}, headers={"If-Match": "*"}))
    assert len(moves(office, project="mill")) == 2


def test_no_restoration_and_no_undo_drops_a_promise_untold(office: APIClient, fab: Project) -> None:
    whole = f"{API}/projects/fab"
    version = found(office.get(whole))["version"]
    step = made(office.post(OWN, PROMISED))
    other = made(office.post(OWN, {**PLAN, "type": "completed"}))
    found(office.post(f"{whole}/history/{version}/restore", headers={"If-Match": "*"}))
    assert [row["id"] for row in found(office.get(OWN))["results"]] == [step["id"]]
    assert office.get(f"{OWN}/{other['id']}").status_code == 404
    assert moves(office) == []
    sheet = table(("项目编码", "承诺竣工时间"), ("fab", "2027-12"))
    batch = applied(office, sheet)["code"]
    assert office.post(f"{API}/imports/{batch}/undo").status_code == 200
    ((step_type, day, to_day, _days, reason),) = moves(office)
    assert (step_type, day, to_day) == ("completed", "2027-12", None)
    assert batch in reason
    again = found(office.post(OWN, {"type": "started", "status": "scheduled"}))
    assert again["id"] == step["id"]
    later = made(office.post(OWN, {**PROMISED, "promised_on": "2026-08"}))
    assert later["promised_on"] == "2026-08"


@pytest.mark.slow
def test_a_sheet_promises_plans_and_moves_with_a_reason(office: APIClient, fab: Project) -> None:
    SourceFactory.create(code="S9")
    first = table(
        ("项目编码", "承诺开工时间", "计划开工时间", "承诺竣工时间", "信息来源"),
        ("fab", "2026-05", "2026-05", "2027-12", "S9"),
    )
    applied(office, first)
    rows = {row["type"]: row for row in found(office.get(OWN))["results"]}
    told = {n: (r["promised_on"], r["planned_on"], r["promise_source"]) for n, r in rows.items()}
    assert told == {"started": ("2026-05", "2026-05", "S9"), "completed": ("2027-12", None, "S9")}
    later = ("fab", "2027-05")
    refused = checked(office, table(("项目编码", "计划开工时间"), later))
    assert faults(refused) == {(2, "started_planned_on"): "without_reason"}
    assert "调整原因" in str(refused)
    sheet = workbook(("项目编码", "计划开工时间", "计划调整原因"), (*later, "征地延期"))
    batch = applied(office, sheet, "b.xlsx")
    assert moves(office) == [("started", "2026-05", "2027-05", 365, "征地延期")]
    assert codes(office, "projects", overdue_promise="true") == ["fab"]
    file = office.get(
        f"{API}/projects.csv", {"code": "fab", "header": "zh", "columns": "all"}
    ).getvalue()
    assert "承诺开工" in file.decode()
    assert actions(applied(office, file))[2] == "same"
    assert len(moves(office)) == 1
    assert office.post(f"{API}/imports/{batch['code']}/undo").status_code == 200
    back = moves(office)[1:]
    assert [row[:4] for row in back] == [("started", "2027-05", "2026-05", -365)]
    assert batch["code"] in back[0][-1]
    reason = '{"defaults": {"move_reason": "统一调整"}}'
    applied(office, table(("项目编码", "计划开工时间"), later), mapping=reason)
    assert moves(office)[2:] == [("started", "2026-05", "2027-05", 365, "统一调整")]
    head = ("项目编码", "项目名称", "计划开工时间", "延期原因")
    rows = [("fab", "", "2028", "因" * 301), ("fab", "", "2029", "/")]
    rows += [("", "新厂", "2028", "缺地"), ("", "厂", "2028", "/")]
    answers = [checked(office, table(head, row), park="town") for row in rows]
    assert faults(answers[0])[2, "move_reason"] == "too_long"
    assert faults(answers[1]) == {(2, "started_planned_on"): "without_reason"}
    warned = [line(answer, 2).get("warnings", ()) for answer in answers[2:]]
    assert [[each["code"] for each in some] for some in warned] == [["not_written"], []]


@pytest.mark.slow
def test_the_admin_asks_why_a_plan_moves(office: APIClient, fab: Project) -> None:
    step = made(office.post(OWN, PLAN))
    desk = sign_in(MembershipFactory.create(park=fab.park).user, Client)
    page = address(Milestone, "change", step["id"])
    refused = save(desk, page, planned_on="2026-09", promised_on="2026-05")
    assert refused.status_code == 200
    assert "move_reason" in refused.content.decode()
    saved(save(desk, page, planned_on="2026-09", promised_on="2026-05", **WHY))
    whole = address(Project, "change", fab.pk)
    assert save(desk, whole, **{"milestones-0-planned_on": "2026-10"}).status_code == 200
    reason = {"milestones-0-move_reason": "环评补件"}
    saved(save(desk, whole, **{"milestones-0-planned_on": "2026-10"}, **reason))
    assert [row[1:] for row in moves(office)] == [
        ("2026-05", "2026-09", 122, "征地延期"),
        ("2026-09", "2026-10", 31, "环评补件"),
    ]
    (row,) = found(office.get(OWN))["results"]
    assert (row["promised_on"], row["times_moved"], row["days_moved"]) == ("2026-05", 2, 153)
    page = desk.get(whole, headers={"Accept-Language": "zh-hans"}).content.decode()
    assert "环评补件" in page
    assert "承诺时间" in page


def last_day(text: str) -> date:
    """The last day of a period: 2026, 2026-Q2, 2026-05 or 2026-05-20."""
    return read_period(text)[1]


ORDER = ["registered", "started", "completed"]  # stages, and an approval without a rank
STEPS = [*ORDER, "works_permit"]


def is_moved(old: str | None, new: str | None) -> bool:
    """Whether a day moves: not from none, nor to a day within the period."""
    if old is None:
        return False
    first, last = read_period(old)
    return new is None or not (first <= read_period(new)[0] and last_day(new) <= last)


class Told:
    """One step as plain Python: what was promised, is planned, moved and done."""

    def __init__(self) -> None:
        self.plan: str | None = None
        self.promise: str | None = None
        self.is_met = False
        self.times, self.days = 0, 0

    def move(self, plan: str | None) -> None:
        if is_moved(self.plan, plan):
            self.times += 1
            self.days += (last_day(plan) - last_day(self.plan or "")).days if plan else 0
        self.plan = plan

    def due(self, *, promised: bool) -> date | None:
        text = self.promise if promised else self.promise or self.plan
        return last_day(text) if text else None


def open_steps(steps: dict[str, Told]) -> list[Told]:
    """The steps that were neither taken nor passed by a later one."""
    reached = max((ORDER.index(n) for n in ORDER if steps[n].is_met), default=-1)
    return [
        each
        for name, each in steps.items()
        if not each.is_met and (name not in ORDER or ORDER.index(name) > reached)
    ]


def is_late(steps: dict[str, Told], days: int, *, promised: bool = False) -> bool:
    due = [each.due(promised=promised) for each in open_steps(steps)]
    return any(day is not None and day <= TODAY - timedelta(days=days) for day in due)


def is_overdue(steps: dict[str, Told]) -> bool:
    """Whether the day planned for the next stage has passed."""
    plans = [s.plan for n, s in steps.items() if n in ORDER and s in open_steps(steps)]
    return min((last_day(plan) for plan in plans if plan), default=TODAY) < TODAY


World = dict[str, dict[str, Told]]


def edit_at_random(
    office: APIClient, chance: Random, own: dict[tuple[str, str], str], world: World
) -> None:
    """Promise, plan, move, drop or meet one step, by the API and in plain Python."""
    code, step = chance.choice([*own])
    told = world[code][step]
    near = TODAY + timedelta(days=chance.choice([-200, -181, -180, -91, -31, -30, -1, 0, 40]))
    quarter = f"{near.year}-Q{(near.month + 2) // 3}"
    day = chance.choice([str(near), f"{near:%Y-%m}", quarter, str(near.year)])
    what = chance.choice(["plan", "plan", "plan", "promise", "drop", "meet", "", ""])
    if what == "promise":
        body = {"promised_on": day}
        if is_moved(told.promise, day):
            refused = mistakes(office.patch(own[code, step], body))
            assert refused == {"#/move_reason": "without_reason"}
            body |= WHY
        found(office.patch(own[code, step], body))
        told.promise = day
    elif what == "meet" and chance.random() < 0.3:
        found(office.patch(own[code, step], {"status": "met"}))
        told.is_met = True
    elif what in ("plan", "drop"):
        plan = None if what == "drop" else day
        body = {"planned_on": plan}
        if is_moved(told.plan, plan):
            if chance.random() < 0.2:
                refused = mistakes(office.patch(own[code, step], body))
                assert refused == {"#/move_reason": "without_reason"}
            body |= WHY
        found(office.patch(own[code, step], body))
        told.move(plan)


def select_lists(every: list[dict[str, Told]]) -> dict[tuple[str, str], list[bool]]:
    """Which projects plain Python selects, by the name and the value of a filter."""
    past = [is_late(steps, 1, promised=True) for steps in every]
    lists = {
        ("overdue", "true"): [is_overdue(steps) for steps in every],
        ("overdue_promise", "true"): past,
        ("overdue_promise", "false"): [not is_past for is_past in past],
    }
    for days in (1, 30, 31, 90, 91, 180, 181):
        lists["days_late_min", str(days)] = [is_late(steps, days) for steps in every]
        lists["days_late_max", str(days)] = [
            is_late(steps, 1) and not is_late(steps, days + 1) for steps in every
        ]
    bands = {"not_late": (0, 1), "1-30": (1, 31), "31-90": (31, 91), "91-180": (91, 181)}
    for word, (low, high) in {**bands, "181-": (181, 99_999)}.items():
        lists["lateness", word] = [
            (not low or is_late(steps, low)) and not is_late(steps, high) for steps in every
        ]
    for times in (1, 2, 3):
        lists["times_moved_min", str(times)] = [
            any(each.times >= times for each in steps.values()) for steps in every
        ]
    most = [max(each.times for each in steps.values()) for steps in every]
    for word in ("0", "1", "2"):
        lists["times_moved", word] = [times == int(word) for times in most]
    lists["times_moved", "3-"] = [times >= 3 for times in most]
    lists["times_moved_not", "0,2"] = [times not in (0, 2) for times in most]
    return lists


@pytest.mark.slow
@pytest.mark.both_databases
@pytest.mark.parametrize("seed", [HERE])
def test_moves_and_lateness_equal_those_of_plain_python(
    office: APIClient, fab: Project, seed: int
) -> None:
    chance = Random(seed)
    world = {code: {step: Told() for step in STEPS} for code in ("a", "b", "c", "d")}
    own: dict[tuple[str, str], str] = {}
    for code in world:
        ProjectFactory.create(code=code, park=fab.park)
        for step in STEPS:
            body = {"type": step, "status": "scheduled"}
            row = made(office.post(f"{API}/projects/{code}/milestones", body))
            own[code, step] = f"{API}/projects/{code}/milestones/{row['id']}"
    for _edit in range(60):
        edit_at_random(office, chance, own, world)
    for code, steps in world.items():
        rows = found(office.get(f"{API}/projects/{code}/milestones"))["results"]
        assert {row["type"]: (row["times_moved"], row["days_moved"]) for row in rows} == {
            name: (each.times, each.days) for name, each in steps.items()
        }
    these = {"code": ",".join(world)}
    counted = {
        (name, row[name]["value"]): row
        for name in ("lateness", "times_moved")
        for row in found(office.get(f"{API}/projects/summary", {"group_by": name, **these}))["rows"]
    }
    for (name, value), chosen in select_lists([*world.values()]).items():
        expected = [code for code, is_chosen in zip(world, chosen, strict=True) if is_chosen]
        asked = {name: value, "ordering": "code", **these}
        assert codes(office, "projects", **asked) == expected, (name, value)
        if name in ("lateness", "times_moved") and expected:
            assert counted[name, value]["count"] == len(expected)


def test_the_office_is_shown_what_is_past_its_promise(office: APIClient, fab: Project) -> None:
    step = made(office.post(OWN, {**PLAN, "planned_on": "2027", "promised_on": "2026-06-14"}))
    for until, days in (("2026-06-14", 1), ("2026-05-31", 15)):
        late = found(office.get(f"{API}/attention"))["past_promise"]
        (row,) = late["results"]
        assert (late["count"], row["code"], row["promised_step"]) == (1, "fab", "started")
        assert (row["promised_until"], row["days_late"]) == (until, days)
        page = office.get("/attention", headers={"Accept-Language": "zh-hans"}).content.decode()
        assert "已过承诺" in page
        assert f"开工，逾期{days}天" in page
        found(office.patch(f"{OWN}/{step['id']}", {"promised_on": "2026-05", **WHY}))
