"""How many queries a page of a history makes: the same for one version and for a hundred."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from parks.recording.recording import recorded
from projects.models import Project, Target
from tests.answers import API, found
from tests.factories import (
    EditionFactory,
    EventFigureFactory,
    FigureFactory,
    FundingFactory,
    IndicatorFactory,
    InvestorFactory,
    MilestoneFactory,
    OrganisationFactory,
    OrganisationTagFactory,
    ParkFactory,
    ParticipationFactory,
    ProjectFactory,
    ProjectFigureFactory,
    ProjectTagFactory,
    RegionFactory,
    SectorFactory,
    SectorGroupFactory,
    SigningEventFactory,
    SourceFactory,
    TargetFactory,
)
from tests.samples import sample
from tests.seeded import kept_rows
from tests.site.test_access import WITH_HISTORY

pytestmark = pytest.mark.django_db


# Every kind of row that a version may refer to
LINKS = {
    "park": ParkFactory,
    "region": RegionFactory,
    "origin": RegionFactory,
    "sector": SectorFactory,
    "source": SourceFactory,
    "operator": OrganisationFactory,
    "parent": OrganisationFactory,
    "part_of": ProjectFactory,
}


def write_version(row: Any) -> None:
    """Save a row with other links than before."""
    columns = {field.name for field in type(row)._meta.concrete_fields}
    is_of_one = hasattr(type(row), "indicator") or isinstance(row, Target)
    fixed = {"park", "region"} if is_of_one else set()
    for name, factory in LINKS.items():
        if name in columns - fixed:
            setattr(row, name, factory.create())
    row.note = f"{row.note}x" if "note" in columns else ""
    if hasattr(row, "leading_sectors"):
        row.leading_sectors.add(SectorGroupFactory.create())
    row.save()


def write_rows(project: Project, number: int) -> None:
    """A row of each kind below a project, each with rows of its own that it refers to."""
    event = SigningEventFactory.create()
    MilestoneFactory.create(project=project, event=event, source=SourceFactory.create())
    ParticipationFactory.create(project=project, event=event)
    InvestorFactory.create(project=project)
    month = f"{2000 + number // 12}-{number % 12 + 1:02}"
    FundingFactory.create(project=project, on=month, source=SourceFactory.create())
    indicator = IndicatorFactory.create(code=f"seen-{number}", kind="count")
    ProjectFigureFactory.create(project=project, indicator=indicator, amount_cny=None, value=1)


@kept_rows
def rows() -> dict[str, Any]:
    project = ProjectFactory.create(code="fab")
    event = SigningEventFactory.create(code="forum")
    return {
        "parks/{code}": ParkFactory.create(),
        "organisations/{code}": OrganisationFactory.create(),
        "figures/{code}": FigureFactory.create(),
        "projects/{code}": project,
        "projects/{project}/milestones/{id}": MilestoneFactory.create(project=project),
        "projects/{project}/participations/{id}": ParticipationFactory.create(project=project),
        "projects/{project}/fundings/{id}": FundingFactory.create(project=project),
        "projects/{project}/figures/{code}": ProjectFigureFactory.create(project=project),
        "events/{code}": event,
        "events/{event}/figures/{code}": EventFigureFactory.create(event=event),
        "editions/{code}": EditionFactory.create(),
        "targets/{code}": TargetFactory.create(park=ParkFactory.create()),
        "organisations/{organisation}/tags/{id}": OrganisationTagFactory.create(
            organisation__code="maker"
        ),
        "projects/{project}/tags/{id}": ProjectTagFactory.create(project=project),
    }


# For others and for a superuser: the state of the ledger before and after (with the names of
# accounts for who sees them), the row, its park, when it was public, the versions, those before
# them, the rows below, and what all of these refer to.
BUDGETS: dict[str, tuple[int, int]] = {
    "parks/{code}": (12, 15),
    "organisations/{code}": (10, 14),
    "figures/{code}": (12, 14),
    "projects/{code}": (22, 31),  # with six more kinds of rows for the roles of its park
    "projects/{project}/milestones/{id}": (11, 12),
    "projects/{project}/participations/{id}": (12, 12),
    "projects/{project}/fundings/{id}": (11, 12),
    "projects/{project}/figures/{code}": (14, 15),
    "events/{code}": (11, 13),
    "events/{event}/figures/{code}": (13, 15),
    "targets/{code}": (9, 11),
    "editions/{code}": (8, 10),
    "organisations/{organisation}/tags/{id}": (11, 13),
    "projects/{project}/tags/{id}": (12, 13),
}


def test_every_history_has_its_budget() -> None:
    assert {*BUDGETS} == {*WITH_HISTORY}


@pytest.mark.parametrize("route", sample([*BUDGETS], 5))
def test_a_page_makes_as_many_queries_for_many_versions_as_for_few(
    api: APIClient, admin_api: APIClient, rows: dict[str, Any], route: str
) -> None:
    row = rows[route]
    code = getattr(row, "code", None)
    path = route.format(code=code, id=row.pk, project="fab", event="forum", organisation="maker")
    address = f"{API}/{path}/history"

    def write(numbers: range) -> None:
        for number in numbers:
            with recorded():
                write_version(row)
                if isinstance(row, Project):
                    write_rows(row, number)

    def queries(client: APIClient) -> int:
        client.get(address)  # what is looked up once in a session is looked up now
        with CaptureQueriesContext(connection) as captured:
            assert len(found(client.get(address, {"limit": 500}))["results"]) > 1
        return len(captured)

    write(range(1, 3))
    few = (queries(api), queries(admin_api))
    write(range(3, 6))
    assert few == (queries(api), queries(admin_api)) == BUDGETS[route]
