"""How many queries each list makes: the same for one row and for a hundred."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from tests.answers import API, found
from tests.factories import (
    EventFigureFactory,
    FigureFactory,
    InvestorFactory,
    MilestoneFactory,
    OrganisationFactory,
    ParkFactory,
    ParticipationFactory,
    ProjectFactory,
    ProjectFigureFactory,
    RegionFactory,
    RegionGroupFactory,
    SectorFactory,
    SectorGroupFactory,
    SigningEventFactory,
    SourceFactory,
)

pytestmark = pytest.mark.django_db

MANY = 100


def make_region(number: int) -> None:
    RegionFactory.create(code=f"33{number:04}")


def make_sector(number: int) -> None:
    SectorFactory.create(code=f"C{1000 + number}")


def make_region_group(number: int) -> None:
    RegionGroupFactory.create(code=f"g{number:03}", members=[f"33{number:04}", "310000"])


def make_sector_group(number: int) -> None:
    SectorGroupFactory.create(code=f"g{number:03}", members=[f"C{1000 + number}", "I65"])


def make_source(number: int) -> None:
    SourceFactory.create(code=f"s{number:03}", on="2024-03")


def make_organisation(number: int) -> None:
    parent = OrganisationFactory.create(code=f"parent{number:03}")
    region = RegionFactory.create(code=f"33{number:04}")
    OrganisationFactory.create(code=f"child{number:03}", parent=parent, region=region)


def make_park(number: int) -> None:
    park = ParkFactory.create(
        code=f"park{number:03}",
        region=RegionFactory.create(code=f"33{number:04}"),
        operator=OrganisationFactory.create(),
        source=SourceFactory.create(),
    )
    park.leading_sectors.set([SectorGroupFactory.create(), SectorGroupFactory.create()])
    FigureFactory.create(park=park)


def make_project(number: int) -> None:
    """A project with everything that hangs on one, each row of its own."""
    others = {name: ProjectFactory.create(publication="draft") for name in ("part_of", "duplicate_of")}
    project = ProjectFactory.create(
        code=f"project{number:03}",
        origin=RegionFactory.create(code=f"33{number:04}"),
        sector=SectorFactory.create(code=f"C{1000 + number}"),
        source=SourceFactory.create(),
        **others,
    )
    InvestorFactory.create(project=project)
    InvestorFactory.create(project=project)


def make_event(number: int) -> None:
    event = SigningEventFactory.create(
        code=f"event{number:03}",
        park=ParkFactory.create(),
        region=RegionFactory.create(code=f"33{number:04}"),
        source=SourceFactory.create(),
    )
    ParticipationFactory.create(event=event)


def make_milestone(number: int) -> None:
    MilestoneFactory.create(
        project=the_project(),
        type="signed",
        event=SigningEventFactory.create(),
        source=SourceFactory.create(),
    )


def make_participation(number: int) -> None:
    ParticipationFactory.create(project=the_project(), event=SigningEventFactory.create())


def the_project() -> Any:
    """The project whose rows are listed."""
    return ProjectFactory._meta.model.objects.filter(code="fab").first() or ProjectFactory.create(
        code="fab"
    )
