"""`make_demo` fills a database of its own with plenty of plainly synthetic rows."""

from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db.models import F, Model
from rest_framework.test import APIClient

from parks.history.verification import Finding, verify
from parks.merging.duplicates import find_organisation_pairs
from parks.models import Organisation, OrganisationTag, Park, Source
from parks.recording.records import Change
from parks.recording.seals import settle
from projects.lifecycle import derivation
from projects.lifecycle.due import has_claims_in_conflict
from projects.models import (
    Assignment,
    EventFigure,
    Funding,
    Investor,
    Milestone,
    Obstacle,
    Participation,
    PlanMove,
    ProgressNote,
    Project,
    ProjectFigure,
    ProjectTag,
    Return,
    SigningEvent,
    YearPlan,
)
from projects.seeding.demo import make_projects
from projects.seeding.demo_world import World
from tests.answers import API, found
from tests.factories import ProjectFactory, TagFactory
from tests.samples import IS_LONG
from tests.seeded import kept_rows

BELOW = (
    Assignment,
    ProjectTag,
    Milestone,
    ProjectFigure,
    Investor,
    Participation,
    ProgressNote,
    Funding,
    YearPlan,
    Return,
    PlanMove,
    Obstacle,
)
pytestmark = pytest.mark.django_db


def make_demo(projects: int, **options: Any) -> str:
    out = StringIO()
    call_command("make_demo", projects=projects, stdout=out, **options)
    return out.getvalue()


def count_drawn() -> int:
    """Count the synthetic projects without those of the weekly meeting."""
    return Project.objects.exclude(park__code="demo-meeting").count()


def contents(count: int) -> list[dict[str, Any]]:
    """What the first projects say, without keys and times."""
    left_out = {"id", "created_at", "updated_at", "park_id", "source_id"}
    rows = Project.objects.order_by("code").annotate(
        park_code=F("park__code"), amounts=F("figures__amount_cny"), steps=F("milestones__type")
    )
    codes = [f"demo-{n:06}" for n in range(1, count + 1)]
    return [
        {name: value for name, value in row.items() if name not in left_out}
        for row in rows.filter(code__in=codes).order_by("code", "figures", "milestones").values()
    ]


@kept_rows
def words(vocabularies: None) -> None:
    """The vocabularies, with tags of either bearer."""
    for code in ("province-key", "city-key", "started-together"):
        TagFactory.create(code=code, bearer="project", is_yearly=code != "started-together")
    for code in ("fortune-500", "unicorn", "hnte", "little-giant"):
        TagFactory.create(code=code, bearer="organisation", is_yearly=code == "fortune-500")


@kept_rows
def demo(words: None) -> str:
    """Twenty projects in all that they stand in; what the command says of them."""
    return make_demo(20)


@pytest.mark.slow
def test_it_makes_as_many_projects_as_asked_for(demo: str) -> None:
    assert demo.startswith("Made 20 synthetic projects in ")
    assert count_drawn() == 20


@pytest.mark.slow
def test_the_seed_decides_what_is_made(demo: str) -> None:
    first = contents(20)
    Project.objects.update(part_of=None, duplicate_of=None)
    for model in (*BELOW, Project):
        model._default_manager.all()._raw_delete("default")
    make_demo(20)
    assert contents(20) == first
    for model in (*BELOW, Project):
        model._default_manager.all()._raw_delete("default")
    make_demo(20, seed=2)
    assert contents(20) != first


def test_a_ledger_of_other_projects_is_refused(vocabularies: None) -> None:
    ProjectFactory.create()
    with pytest.raises(CommandError, match="contains 1 projects that are not synthetic"):
        make_demo(5)
    assert Project.objects.count() == 1


def test_whatever_is_made_says_that_it_is_synthetic(demo: str) -> None:
    named: list[type[Model]] = [Organisation, Park, Project, SigningEvent]
    for row in (row for model in named for row in model._default_manager.all()):
        assert row.code.startswith("demo-")
        assert not row.name_zh or row.name_zh.startswith("演示")
        assert not row.name_en or row.name_en.startswith("Demo ")
    for person in Assignment.objects.all():
        assert person.name.startswith("演示人员")


def test_every_row_is_one_that_a_form_would_take(demo: str) -> None:
    for model in (Source, Park, SigningEvent, EventFigure, OrganisationTag, Project, *BELOW):
        for row in model._default_manager.order_by("pk")[: 30 if IS_LONG else 10]:
            row.full_clean()


@pytest.mark.slow
def test_it_holds_what_makes_real_rows_hard(words: None) -> None:
    make_demo(400)
    projects = Project.objects.all()
    for trap in (
        {"origin": None},
        {"origin__level": "country"},
        {"origin__level": "province"},
        {"sector": None},
        {"sector_division": None, "sector__isnull": False},
        {"stage": ""},
        {"stage": "signed", "signed_on": None},
        {"signed_on_precision": "year"},
        {"signed_on_precision": "quarter"},
        {"investment_cny": None, "figures__currency": "USD"},
        {"investment_qualifier": "over"},
        {"name_en": ""},
        {"publication": "draft"},
        {"park__publication": "draft"},
        {"standing": "terminated"},
        {"milestones__status": "revoked"},
        {"milestones__status": "scheduled"},
        {"figures__superseded_by__isnull": False},
        {"tags__tag": "province-key"},
        {"milestones__type": "environmental", "stage_rank__gt": 0},
        {"assignments__role": "responsible"},
        {"latitude__isnull": False, "point_datum": "gcj02"},
        {"capital_type_stated": "joint"},
        {"land_qualifier": "over"},
        {"figures__indicator": "fixed_investment", "site_mode": "land", "land_mu__gt": 0},
        {"part_of__isnull": False, "phase_no": 1},
        {"investors__role": "vehicle"},
        {"investors__organisation__tags__tag": "fortune-500"},
        {"figures__adds_to__amount_cny__lt": F("investment_cny")},
    ):
        assert projects.filter(**trap).exists(), trap
    assert projects.filter(has_claims_in_conflict()).exists()
    assert [*find_organisation_pairs(Organisation.objects.all())]
    assert any(derivation.doubts(project) for project in projects)


def test_it_is_broken_off_and_goes_on(vocabularies: None) -> None:
    world = World(1)
    assert [*make_projects(world, 4)] == [4]
    assert [*make_projects(world, 7)] == [3]
    assert contents(7) == [*contents(4), *contents(7)[len(contents(4)) :]]


def test_every_row_has_a_version_and_a_place_in_the_feed(demo: str) -> None:
    findings: list[Finding] = []
    for model in (Project, Milestone, ProjectFigure, Investor, Participation, OrganisationTag):
        rows: Any = model._default_manager.all()
        past: Any = model.history.model.objects  # type: ignore[attr-defined]
        assert past.count() == sum(rows.values_list("version", flat=True))
        told = Change.objects.filter(resource=model._meta.label_lower)
        assert told.values("row_key").distinct().count() == rows.count()
    settle()
    verify(findings)
    assert findings == []


def test_its_park_of_meetings_has_closed_two_months(api: APIClient, demo: str) -> None:
    before, now = (
        {row["measure"]: row for row in found(api.get(f"{API}/editions/{code}"))["figures"]}
        for code in ("demo-meeting-before", "demo-meeting-month")
    )
    assert {name: row["last"] for name, row in now.items()} == {
        name: row["figure"] for name, row in before.items()
    }
    paid = [now["paid_in_cny"][part] for part in ("last", "new", "corrections", "figure")]
    assert paid == [20_000_000, 30_000_000, 0, 50_000_000]
