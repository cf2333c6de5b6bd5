"""Who is responsible for a project, and which units share the work on it."""

from datetime import date
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from parks.access import Role
from projects.models import Assignment, Project
from tests.answers import API, CarefulClient, codes, found, made, mistakes, sign_in
from tests.factories import (
    AssignmentFactory,
    LightRuleFactory,
    MembershipFactory,
    PlanMoveFactory,
    ProgressNoteFactory,
    ProjectFactory,
    YearPlanFactory,
)
from tests.seeded import kept_rows
from tests.together import together

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


@kept_rows
def editor(fab: Project) -> APIClient:
    return sign_in(MembershipFactory.create(park=fab.park, role=Role.EDITOR).user, CarefulClient)


@together(
    ("query", "projects"),
    [
        ({"responsible_person": "张三"}, "fab"),
        ({"responsible_person": "Li, Si"}, "fab"),
        ({"responsible_person": "王五"}, ""),
        ({"responsible_person": "unknown"}, "mill yard"),
        ({"responsible_person_not": "张三"}, "mill yard"),
        ({"responsible_unit": "一局"}, "fab mill"),
        ({"responsible_unit_not": "一局"}, "yard"),
        ({"responsible_unit": "unknown"}, "yard"),
        ({"working_unit": "一局"}, "fab mill"),
        ({"working_unit": "二局"}, "fab"),
        ({"working_unit": "三局"}, ""),
        ({"working_unit_not": "二局"}, "mill yard"),
        ({"working_unit": "unknown"}, "yard"),
    ],
)
def test_projects_are_found_by_who_is_responsible(
    editor: APIClient, api: APIClient, query: dict[str, str], projects: str
) -> None:
    assert sorted(codes(editor, "projects", **query)) == projects.split()
    is_all = "unknown" in query.values() or any(name.endswith("_not") for name in query)
    assert sorted(codes(api, "projects", **query)) == (["fab", "mill", "yard"] if is_all else [])


@pytest.mark.both_databases
def test_a_name_with_a_comma_comes_before_its_parts(editor: APIClient, fab: Project) -> None:
    yard = Project.objects.get(code="yard")

    def find(name: str, value: str) -> list[str]:
        return sorted(codes(editor, "projects", **{name: value}))

    assert find("working_unit", "一局, 二局") == ["fab", "mill"]
    assert find("responsible_person", "Li, 张三") == ["fab"]
    AssignmentFactory.create(project=yard, name="Li, 张三", office="一局, 二局", share_bp=1)
    assert find("working_unit", "一局, 二局") == find("responsible_person", "Li, 张三") == ["yard"]
    assert find("working_unit", "一局,二局") == ["fab", "mill"]
    assert sum_up(editor, "working_unit")["一局, 二局"] == (1, 0.0001)


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
def test_a_shared_project_counts_by_its_shares(editor: APIClient, api: APIClient) -> None:
    moment = timezone.now().isoformat().replace("+00:00", "Z")
    by_unit = {"一局": (2, 1.6), "二局": (1, 0.25), None: (1, 1.0), "total": (3, 2.85)}
    assert sum_up(editor, "working_unit") == by_unit
    assert sum_up(editor, "working_unit", working_unit="二局") == {
        "二局": (1, 0.25),
        "total": (1, 0.85),
    }
    top = sum_up(editor, "working_unit", top="1")
    assert (top["一局"], top["other"][1], top["total"]) == ((2, 1.6), 0.25, (3, 2.85))
    assert sum_up(editor, "responsible_unit") == {
        "一局": (2, 1.85),
        None: (1, 1.0),
        "total": (3, 2.85),
    }
    people = {"张三": (1, 0.85), "Li, Si": (1, 0.85), None: (2, 2.0), "total": (3, 2.85)}
    assert sum_up(editor, "responsible_person") == people
    for group_by in ("working_unit", "responsible_person"):  # nobody else sees who it is
        assert sum_up(api, group_by) == {None: (3, 3.0), "total": (3, 3.0)}
    Assignment.objects.filter(office="二局").get().delete()
    assert sum_up(editor, "working_unit")["total"] == (3, 2.6)
    assert sum_up(editor, "working_unit", as_of=moment) == by_unit
    file = editor.get(f"{API}/projects/summary.csv?group_by=working_unit&measures=shared_count")
    assert "1.6" in file.getvalue().decode()


def test_units_share_at_most_the_whole(editor: APIClient, fab: Project) -> None:
    body = {"role": "service", "name": "赵六", "office": "三局"}
    mill = f"{API}/projects/mill/people"
    for people, share, wrong in (
        (PEOPLE, 1_501, "shares_exceed_whole"),
        (mill, 0, "not_a_share"),
        (mill, 10_001, "not_a_share"),
        (mill, 2**31 - 1, "not_a_share"),
        (mill, 2**31, "max_value"),
    ):
        assert [*mistakes(editor.post(people, body | {"share_bp": share})).values()] == [wrong]
    assert Assignment.objects.count() == 3
    for share in (1, 10_000):
        made(editor.post(mill, body | {"share_bp": share}))
        Assignment.objects.filter(project__code="mill").get().delete()
    no_unit = body | {"office": "", "share_bp": 1}
    assert [*mistakes(editor.post(PEOPLE, no_unit)).values()] == ["not_a_share"]
    assert Assignment.objects.count() == 3
    given = made(editor.post(PEOPLE, body | {"share_bp": 1_500}))
    assert found(editor.patch(f"{PEOPLE}/{given['id']}", {"share_bp": 1}))["share_bp"] == 1
    assert found(editor.get(f"{PEOPLE}/{given['id']}/history"))["results"]


def test_a_merged_project_keeps_shares_within_the_whole(editor: APIClient, fab: Project) -> None:
    mill = Project.objects.get(code="mill")
    AssignmentFactory.create(project=mill, name="甲", office="四局", share_bp=1_501)
    merge: Any = {"path": f"{API}/projects/mill/merge", "data": {"into": "fab"}}
    AssignmentFactory.create(project=mill, name="乙", office="五局", share_bp=1_500)
    found(editor.post(**merge, headers={"If-Match": "*"}))
    shares = dict(Assignment.objects.filter(project=fab).values_list("office", "share_bp"))
    assert shares == {"一局": 6_000, "二局": 2_500, "三局": None, "四局": None, "五局": 1_500}


def test_lists_of_what_is_due_name_who_is_responsible(editor: APIClient, fab: Project) -> None:
    note = {"next_step": "供地", "due_on": date(2026, 1, 1), "noted_on": date(2025, 12, 1)}
    ProgressNoteFactory.create(project=fab, **note)
    YearPlanFactory.create(project=fab)
    PlanMoveFactory.create(project=fab)
    LightRuleFactory.create(park=fab.park)
    due = found(editor.get(f"{API}/attention"))["steps_due"]["results"]
    progress = found(editor.get(f"{API}/progress"))["results"]
    plans = found(editor.get(f"{API}/plans"))["results"]
    moves = found(editor.get(f"{API}/plan-moves"))["results"]
    lights = found(editor.get(f"{API}/lights", {"code": "fab"}))["results"]
    for (shown,) in (due, progress, plans, moves, lights):
        told = (shown["responsible_unit"], shown["responsible_person"])
        assert told == ("一局", "张三；Li, Si")
    for name in ("progress", "plans", "plan-moves", "lights"):
        assert "张三；Li, Si" in editor.get(f"{API}/{name}.csv").getvalue().decode()
    assert "张三" in editor.get("/attention").content.decode()
