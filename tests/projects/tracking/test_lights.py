"""Lights 红黄绿灯: derived from the rules of a park, explained, excused, and never public."""

from datetime import date
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from parks.access import Role
from projects.importing.asking.doubts import read_colour
from projects.models import LightExcuse, LightRule, Project
from tests.answers import API, CarefulClient, codes, found, made, mistakes, sign_in
from tests.factories import (
    FundingFactory,
    LightExcuseFactory,
    LightRuleFactory,
    MembershipFactory,
    MilestoneFactory,
    ParkFactory,
    ProjectFactory,
    RegionFactory,
    YearPlanFactory,
)
from tests.projects.importing.imports import checked, send, table, workbook
from tests.seeded import kept_rows
from tests.together import together

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mid_june")]
EXCUSES = f"{API}/projects/fab/excuses"
EXCUSE = {
    **{"reason": "土地指标未下达", "approved_by": "管委会"},
    **{"from_on": "2026-06-01", "until_on": "2026-06-15"},
}


@kept_rows
def fab() -> Project:
    return ProjectFactory.create(code="fab", park__code="town", met={"signed": "2025-12-31"})


def plan(project: Project, on: str, step: str = "started") -> None:
    MilestoneFactory.create(project=project, type=step, status="scheduled", planned=on)


def see(client: Any, code: str = "fab", **query: str) -> str:
    """The light of a project, as it is counted."""
    asked = {"group_by": "light", "code": code, **query}
    (row,) = found(client.get(f"{API}/projects/summary", asked))["rows"]
    return row["light"]["value"]


DUE = {"kind": "late", "step": "started", "threshold": 0, "colour": "yellow"}
BEHIND = {"kind": "behind", "step": "", "threshold": 10}
SILENT = {"kind": "silent", "step": "", "threshold": 6}


@pytest.mark.slow
@pytest.mark.both_databases
@together(
    ("today", "year", "month", "completed", "points"),
    [
        ("2026-07-01", 2026, "2026-06", 40, 10),
        ("2026-07-01", 2026, "2026-06", 41, None),
        ("2026-06-30", 2026, "2026-05", 31, 10.67),
        ("2026-07-31", 2026, "2026-07", 40, 50),  # the month that has not ended does not count
        ("2026-07-01", 2025, "2026-06", 0, None),
        ("2027-01-31", 2026, "2026-12", 89, 11),
        ("2027-01-31", 2026, "2025-12", 89, 100),
        ("2027-02-01", 2026, "2026-12", 0, None),
    ],
)
def test_a_project_is_behind_the_months_of_its_plan(
    office: Any, fab: Project, today: str, year: int, month: str, completed: int, points: float
) -> None:
    LightRuleFactory.create(**BEHIND)
    YearPlanFactory.create(project=fab, year=year, planned_cny=9_000_000_000_000_000)
    amount = 90_000_000_000_000 * completed
    FundingFactory.create(project=fab, kind="completed", on=month, reported_cny=amount)
    FundingFactory.create(project=fab, kind="paid_in", on=month, reported_cny=amount)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(timezone, "localdate", lambda *args: date.fromisoformat(today))
        assert see(office) == ("green" if points is None else "red")
        (shown,) = found(office.get(f"{API}/lights"))["results"]
    assert shown["points"] == points


def test_only_projects_under_way_with_rules_have_a_light(office: Any, fab: Project) -> None:
    plan(fab, "2026-01")
    assert see(office) == "none"
    LightRuleFactory.create()
    assert see(office) == "red"
    own = LightRuleFactory.create(**DUE, park=fab.park)
    assert see(office) == "yellow"  # those of all parks do not hold here any more
    LightRule.objects.filter(pk=own.pk).update(is_active=False)
    assert see(office) == "none"
    own.delete()
    for standing, reason, light in (("suspended", "停", "none"), ("active", "", "red")):
        Project.objects.filter(pk=fab.pk).update(standing=standing, standing_reason=reason)
        assert see(office) == light
    MilestoneFactory.create(project=fab, type="operating", on=None)
    assert see(office) == "none"


def test_an_excuse_holds_from_its_first_day_to_its_last(office: Any, fab: Project) -> None:
    LightRuleFactory.create()
    plan(fab, "2026-01")
    given = made(office.post(EXCUSES, EXCUSE))
    assert see(office) == "excused"
    (shown,) = found(office.get(f"{API}/lights"))["results"]
    told = {"excuse": EXCUSE["reason"], "approved_by": "管委会", "until_on": "2026-06-15"}
    assert {name: shown[name] for name in told} == told
    assert (shown["light"], shown["days"]) == ("excused", 135)
    own = f"{EXCUSES}/{given['id']}"
    for change, light in (
        ({"until_on": "2026-06-14"}, "red"),
        ({"from_on": "2026-06-15", "until_on": "2026-07-01"}, "excused"),
        ({"from_on": "2026-06-16"}, "red"),
    ):
        found(office.patch(own, change))
        assert see(office) == light
    assert mistakes(office.patch(own, {"until_on": "2026-06-15"}))
    assert mistakes(office.post(EXCUSES, {**EXCUSE, "approved_by": ""}))
    assert len(found(office.get(f"{own}/history"))["results"]) == 4
    assert "批准" in office.get(f"{EXCUSES}.csv?header=zh").getvalue().decode()
    LightRule.objects.all().delete()
    LightRuleFactory.create(**SILENT, colour="yellow")
    assert see(office) == "green"  # nothing to be excused


@pytest.mark.both_databases
def test_the_past_has_the_light_of_its_day(office: Any, fab: Project) -> None:
    rule = LightRuleFactory.create(**DUE)
    plan(fab, "2026-06")
    moments = []
    for change in (
        lambda: LightRule.objects.filter(pk=rule.pk).update(colour="red"),
        lambda: LightExcuseFactory.create(project=fab),
        lambda: LightExcuse.objects.all().delete(),
        lambda: fab.milestones.filter(status="scheduled").update(planned_on=date(2026, 8, 1)),
    ):
        moments.append(timezone.now().isoformat().replace("+00:00", "Z"))
        change()
    lights = [see(office, as_of=moment) for moment in moments]
    assert [*lights, see(office)] == ["yellow", "red", "excused", "red", "green"]
    shown = [found(office.get(f"{API}/lights", {"as_of": each}))["results"] for each in moments]
    assert [each[0]["light"] for each in shown] == lights


def count_by_light(client: Any, **query: str) -> dict[str | None, int]:
    body = found(client.get(f"{API}/projects/summary", {"group_by": "light", **query}))
    for each in body["rows"]:
        assert len(found(client.get(each["list_url"]))["results"]) == each["count"]
    return {each["light"]["value"]: each["count"] for each in body["rows"]}


@pytest.mark.slow
@together("role", ["nobody", Role.VIEWER, "neighbour", Role.DISTRICT])
def test_lights_are_for_the_roles_of_the_park(fab: Project, role: str) -> None:
    LightRuleFactory.create(code="all")
    LightRuleFactory.create(code="own", park=fab.park)
    plan(fab, "2026-01")
    LightExcuseFactory.create(project=fab)
    of: dict[str, Any] = {"park": fab.park, "role": Role.VIEWER}
    if role == "neighbour":
        of = {"park": ParkFactory.create(code="bay")}
    if role == Role.DISTRICT:
        of = {"park": None, "region": RegionFactory(code="120115"), "role": role}
    client = APIClient()
    if role != "nobody":
        client = sign_in(MembershipFactory.create(**of).user, CarefulClient)
    is_theirs = role in (Role.VIEWER, Role.DISTRICT)
    assert count_by_light(client) == {"excused" if is_theirs else None: 1}
    assert codes(client, "projects", light="none") == []
    statuses = {"nobody": 401, "neighbour": 200}
    for place in ("lights", "light-rules"):
        assert client.get(f"{API}/{place}").status_code == statuses.get(role, 200)
    assert client.get(EXCUSES).status_code == {"nobody": 401, "neighbour": 403}.get(role, 200)
    if role != "nobody":
        assert codes(client, "lights") == (["fab"] if is_theirs else [])
        assert {*codes(client, "light-rules")} == ({"all", "own"} if is_theirs else {"all"})
        for write in (client.post(EXCUSES, EXCUSE), client.delete(f"{API}/light-rules/own")):
            assert write.status_code in (403, 404)


def test_lights_are_unknown_where_they_may_not_be_seen(office: Any, fab: Project) -> None:
    ProjectFactory.create(code="done", park=fab.park, met={"operating": "2025-12-31"})
    ProjectFactory.create(code="far", park__code="bay", met={"signed": "2025-12-31"})
    LightRuleFactory.create(code="all")
    plan(fab, "2026-01")
    for client, counts in ((office, {"red": 1, "none": 1, None: 1}), (APIClient(), {None: 3})):
        assert count_by_light(client) == counts
        facets = found(client.get(f"{API}/projects/facets", {"facets": "light"}))["facets"]
        assert {row["value"]: row["count"] for row in facets["light"]} == counts
        assert len(codes(client, "projects", light="none,unknown")) == 3 - counts.get("red", 0)
        assert len(codes(client, "projects", light_not="unknown")) == 3 - counts[None]


def test_an_office_writes_the_rules_of_its_park(office: Any, fab: Project) -> None:
    default = LightRuleFactory.create(code="all")
    given: dict[str, Any] = {"code": "own", "park": "town", "kind": "late", "colour": "red"}
    given |= {"step": "started", "threshold": 2}
    for wrong, field in (
        ({"threshold": None}, "#/threshold"),
        ({"threshold": -1}, "#/threshold"),
        ({"threshold": 101}, "#/threshold"),
        ({"kind": "lat"}, "#/kind"),
        ({"step": ""}, None),
        ({"since_step": "signed"}, None),
        ({"kind": "following", "since_step": "started"}, None),
        ({"kind": "silent"}, None),
    ):
        problem = mistakes(office.post(f"{API}/light-rules", {**given, **wrong}))
        assert list(problem) == [field or "#"], problem
    for threshold in (0, 100):
        bound = {"code": f"own-{threshold}", "threshold": threshold}
        made(office.post(f"{API}/light-rules", given | bound))
    LightRule.objects.filter(park=fab.park).delete()
    made(office.post(f"{API}/light-rules", given))
    found(office.patch(f"{API}/light-rules/own", {"threshold": 1}))
    assert len(found(office.get(f"{API}/light-rules/own/history"))["results"]) == 2
    assert office.patch(f"{API}/light-rules/{default.code}", {"threshold": 1}).status_code == 403
    without_park = {**given, "code": "new", "park": None}
    assert office.post(f"{API}/light-rules", without_park).status_code == 403
    assert codes(office, "light-rules", park="town") == ["own"]
    assert "颜色" in office.get(f"{API}/light-rules.csv?header=zh").getvalue().decode()
    assert office.get(f"{API}/light-rules.xlsx").status_code == 200
    assert office.delete(f"{API}/light-rules/own").status_code == 204


@pytest.mark.slow
@together("is_book", [False, True])
def test_a_light_of_a_sheet_is_compared_and_never_stored(
    office: Any, fab: Project, is_book: bool
) -> None:
    LightRuleFactory.create(code="late")
    plan(fab, "2026-01")
    ProjectFactory.create(code="mill", park=fab.park, met={"signed": "2026-06"})
    ProjectFactory.create(code="done", park=fab.park, met={"operating": "2026-06"})
    make, name = (workbook, "sheet.xlsx") if is_book else (table, "sheet.csv")

    def ask(*lights: str, **options: str) -> list[Any]:
        rows = zip(("fab", "mill", "done"), lights, strict=True)
        body = checked(office, make(["code", "预警"], *map(list, rows)), name, **options)
        return [(each["line"], each["code"], each["confirm"]) for each in body["doubts"]]

    assert ask("红灯", "绿", "") == []
    assert ask("红", "正常", "绿灯") == []
    about = ("other_light", "lights")
    assert ask("黄灯", "红", "red") == [(line, *about) for line in (2, 3, 4)]
    assert ask("黄灯", "红", "red", confirm="lights") == []
    LightExcuseFactory.create(project=fab)
    assert ask("绿灯", "绿灯", "") == ask("有正当理由", "", "") == []
    assert ask("红灯", "", "") == [(2, *about)]
    data = make(["code", "亮灯情况", "备注"], ["fab", "黄灯", "改"])
    answer = send(office, data, name, dry_run="false")
    assert answer.status_code == 409
    assert "late" in answer.content.decode()
    made(send(office, data, name, dry_run="false", confirm="lights"))
    fab.refresh_from_db()
    assert fab.note == "改"
    assert see(office) == "excused"


@together(
    ("text", "colour"),
    [
        *[("红", "red"), ("红灯", "red"), (" Red ", "red"), ("Red light", "red")],
        *[("黄色", "yellow"), ("amber", "yellow")],
        *((text, None) for text in ("red7", "红灯或黄灯", "非红", "红黄", "灯", "")),
    ],
)
def test_a_colour_is_one_light_and_nothing_else(text: str, colour: str | None) -> None:
    assert read_colour(text) == colour
