"""Who is responsible for a project, and which units share the work on it."""

from datetime import date
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from projects.models import Assignment, Project
from tests.answers import API, codes, found, made, mistakes
from tests.factories import (
    AssignmentFactory,
    LightRuleFactory,
    PlanMoveFactory,
    ProgressNoteFactory,
    ProjectFactory,
    YearPlanFactory,
)
from tests.seeded import kept_rows

pytestmark = pytest.mark.django_db
PEOPLE = f"{API}/projects/fab/people"


@kept_rows
def fab() -> Project:
    """A project that two units share, beside one of one unit and one of nobody."""
    fab: Project = ProjectFactory.create(code="fab", park__code="town", responsible_unit="一局")
    ProjectFactory.create(code="mill", park=fab.park, responsible_unit="一局")
    ProjectFactory.create(code="yard", park=fab.park)
    for name, office, share in (("张三", "一局", 6_000), ("Li, Si", "二局", 2_500)):
        AssignmentFactory.create(project=fab, name=name, office=office, share_bp=share)
    AssignmentFactory.create(project=fab, name="王五", role="promoter", office="三局")
    return fab


@pytest.mark.both_databases
def test_a_name_with_a_comma_comes_before_its_parts(office: APIClient, fab: Project) -> None:
    yard = Project.objects.get(code="yard")

    def find(name: str, value: str) -> list[str]:
        return sorted(codes(office, "projects", **{name: value}))

    assert find("working_unit", "一局, 二局") == ["fab", "mill"]
    assert find("responsible_person", "Li, 张三") == ["fab"]
    AssignmentFactory.create(project=yard, name="Li, 张三", office="一局, 二局", share_bp=1)
    assert find("working_unit", "一局, 二局") == find("responsible_person", "Li, 张三") == ["yard"]
    assert find("working_unit", "一局,二局") == ["fab", "mill"]
    assert sum_up(office, "working_unit")["一局, 二局"] == (1, 0.0001)


def sum_up(client: APIClient, group_by: str, **more: str) -> dict[str | None, tuple[int, float]]:
    """The counts of each value, whole and by share; each opens into its list."""
    query = {"group_by": group_by, "measures": "count,shared_count", **more}
    answer = found(client.get(f"{API}/projects/summary", query))
    for each in answer["rows"]:
        assert len(found(client.get(each["list_url"]))["results"]) == each["count"]
    rows = {each[group_by]["value"]: each for each in answer["rows"]}
    sums = {name: (each["count"], each["shared_count"]) for name, each in rows.items()}
    return sums | {"total": (answer["total"]["count"], answer["total"]["shared_count"])}


@pytest.mark.both_databases
def test_a_shared_project_counts_by_its_shares(office: APIClient, api: APIClient) -> None:
    moment = timezone.now().isoformat().replace("+00:00", "Z")
    by_unit = {"一局": (2, 1.6), "二局": (1, 0.25), None: (1, 1.0), "total": (3, 2.85)}
    assert sum_up(office, "working_unit") == by_unit
    assert sum_up(office, "working_unit", working_unit="二局") == {
        "二局": (1, 0.25),
        "total": (1, 0.85),
    }
    top = sum_up(office, "working_unit", top="1")
    assert (top["一局"], top["other"][1], top["total"]) == ((2, 1.6), 0.25, (3, 2.85))
    assert sum_up(office, "responsible_unit") == {
        "一局": (2, 1.85),
        None: (1, 1.0),
        "total": (3, 2.85),
    }
    people = {"张三": (1, 0.85), "Li, Si": (1, 0.85), None: (2, 2.0), "total": (3, 2.85)}
    assert sum_up(office, "responsible_person") == people
    for group_by in ("working_unit", "responsible_person"):  # nobody else sees who it is
        assert sum_up(api, group_by) == {None: (3, 3.0), "total": (3, 3.0)}
    Assignment.objects.filter(office="二局").get().delete()
    assert sum_up(office, "working_unit")["total"] == (3, 2.6)
    assert sum_up(office, "working_unit", as_of=moment) == by_unit
    file = office.get(f"{API}/projects/summary.csv?group_by=working_unit&measures=shared_count")
    assert "1.6" in file.getvalue().decode()


def test_units_share_at_most_the_whole(office: APIClient, fab: Project) -> None:
    body = {"role": "service", "name": "赵六", "office": "三局"}
    mill = f"{API}/projects/mill/people"
    for people, share, wrong in (
        (PEOPLE, 1_501, "shares_exceed_whole"),
        (mill, 0, "not_a_share"),
        (mill, 10_001, "not_a_share"),
        (mill, 2**31 - 1, "not_a_share"),
        (mill, 2**31, "max_value"),
    ):
        assert [*mistakes(office.post(people, body | {"share_bp": share})).values()] == [wrong]
    assert Assignment.objects.count() == 3
    for share in (1, 10_000):
        made(office.post(mill, body | {"share_bp": share}))
        Assignment.objects.filter(project__code="mill").get().delete()
    no_unit = body | {"office": "", "share_bp": 1}
    assert [*mistakes(office.post(PEOPLE, no_unit)).values()] == ["not_a_share"]
    assert Assignment.objects.count() == 3
    given = made(office.post(PEOPLE, body | {"share_bp": 1_500}))
    assert found(office.patch(f"{PEOPLE}/{given['id']}", {"share_bp": 1}))["share_bp"] == 1
    assert found(office.get(f"{PEOPLE}/{given['id']}/history"))["results"]


def test_a_merged_project_keeps_shares_within_the_whole(office: APIClient, fab: Project) -> None:
    mill = Project.objects.get(code="mill")
    AssignmentFactory.create(project=mill, name="甲", office="四局", share_bp=1_501)
    merge: Any = {"path": f"{API}/projects/mill/merge", "data": {"into": "fab"}}
    AssignmentFactory.create(project=mill, name="乙", office="五局", share_bp=1_500)
    found(office.post(**merge, headers={"If-Match": "*"}))
    shares = dict(Assignment.objects.filter(project=fab).values_list("office", "share_bp"))
    assert shares == {"一局": 6_000, "二局": 2_500, "三局": None, "四局": None, "五局": 1_500}


def test_lists_of_what_is_due_name_who_is_responsible(office: APIClient, fab: Project) -> None:
    note = {"next_step": "供地", "due_on": date(2026, 1, 1), "noted_on": date(2025, 12, 1)}
    ProgressNoteFactory.create(project=fab, **note)
    YearPlanFactory.create(project=fab)
    PlanMoveFactory.create(project=fab)
    LightRuleFactory.create(park=fab.park)
    due = found(office.get(f"{API}/attention"))["steps_due"]["results"]
    progress = found(office.get(f"{API}/progress"))["results"]
    plans = found(office.get(f"{API}/plans"))["results"]
    moves = found(office.get(f"{API}/plan-moves"))["results"]
    lights = found(office.get(f"{API}/lights", {"code": "fab"}))["results"]
    for (shown,) in (due, progress, plans, moves, lights):
        told = (shown["responsible_unit"], shown["responsible_person"])
        assert told == ("一局", "张三；Li, Si")
    for name in ("progress", "plans", "plan-moves", "lights"):
        assert "张三；Li, Si" in office.get(f"{API}/{name}.csv").getvalue().decode()
    assert "张三" in office.get("/attention").content.decode()
