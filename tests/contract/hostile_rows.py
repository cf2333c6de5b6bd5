"""One row of every resource, also of those that roles alone see, to send hostile values to."""

from typing import Any

from django.test import Client

from parks.models import Delivery, Park, Subscription
from projects.models import Project
from tests.answers import API, sign_in
from tests.factories import (
    AssignmentFactory,
    LightExcuseFactory,
    LightRuleFactory,
    ObstacleFactory,
    OrganisationFactory,
    ProgressNoteFactory,
    ProjectFactory,
    ReturnFactory,
    YearPlanFactory,
)
from tests.projects.importing.imports import checked, table
from tests.site.test_access import COMPARED, IMPORTS, MERGES, OF_ROLES, QUESTIONS, make_addresses


def make_all_addresses(superuser: Any) -> dict[str, str]:
    """Make a row for every route; return its address, with what must be asked with it."""
    made = make_addresses()
    project = Project.objects.get(code="fab")
    ProjectFactory.create(code="fab-2", park=Park.objects.get(code="town"))
    OrganisationFactory.create(code="maker-2")
    note = ProgressNoteFactory.create(project=project)
    address = "https://example.org/"
    subscription = Subscription(user=superuser, name="n", channel="webhook", address=address)
    subscription.save()
    delivery = Delivery.add(subscription, Delivery.TEST, {}, subscription.created_at)
    rows = {
        "progress": note.code,
        "plans": YearPlanFactory.create(project=project).pk,
        "people": AssignmentFactory.create(project=project).pk,
        "excuses": LightExcuseFactory.create(project=project).pk,
        "light-rules": LightRuleFactory.create(park=project.park).code,
        "obstacles": ObstacleFactory.create(project=project).pk,
        "returns": ReturnFactory.create(project=project).pk,
        "subscriptions": subscription.pk,
    }
    client = sign_in(superuser, Client)
    row = {"code": "new", "name_zh": "甲", "park": "town"}
    batch = checked(client, table([*row], [*row.values()]))  # type: ignore[arg-type]
    for route in {*OF_ROLES, *IMPORTS, *MERGES, *COMPARED}:
        kind = route.split("/")[2] if "{project}" in route else route.split("/")[0]
        code = {"imports": batch["code"], "projects": "fab", "organisations": "maker"}
        key = rows.get(kind, code.get(kind, ""))
        keys = {"code": key, "id": key, "project": "fab", "version": 1, "event": delivery.event}
        made[route] = f"{API}/{route}".format(**keys)
    assert {*QUESTIONS} <= {*made}
    return made
