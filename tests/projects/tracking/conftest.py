"""The project that most tests of tracking are about, and an editor of its park."""

from typing import Any

from projects.models import Project
from tests.answers import CarefulClient, sign_in
from tests.factories import MembershipFactory, ProjectFactory
from tests.seeded import kept_rows


@kept_rows
def fab() -> Project:
    return ProjectFactory.create(code="fab", park__code="town")


@kept_rows
def office(fab: Project) -> Any:
    return sign_in(MembershipFactory.create(park=fab.park).user, CarefulClient)
