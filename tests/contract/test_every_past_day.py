"""`as_of` at every address: of what has a past it is answered, elsewhere it is not understood."""

import re

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from tests.answers import problem
from tests.samples import sample
from tests.site.test_access import NOTHING_TO_READ, QUESTIONS, ROUTES

pytestmark = pytest.mark.django_db

# The first parts of the addresses of what keeps no versions
TIMELESS = {
    *("regions", "region-groups", "sectors", "sector-groups", "indicators", "tags"),
    *("sources", "people", "timeline", "changes", "imports"),
}
READ = [route for route in ROUTES if (route, "GET") not in NOTHING_TO_READ]


def has_past(route: str) -> bool:
    first = route.split("/")[0].split(".")[0]
    is_of_projects = route.startswith("sector-groups/{code}/links")
    is_timeless = first in TIMELESS or route.endswith("/history")
    # The document of an edition is of the moment when it was closed
    is_timeless |= bool(re.fullmatch(r"editions/\{code\}\.(docx|pdf)", route))
    return is_of_projects or not is_timeless


def asked(addresses: dict[str, str], route: str, day: str) -> str:
    query = QUESTIONS.get(route, "")
    return f"{addresses[route]}{query}{'&' if query else '?'}as_of={day}"


def test_a_day_before_the_first_record_is_refused_by_whatever_has_a_past(
    admin_api: APIClient, addresses: dict[str, str]
) -> None:
    told = {}
    asked_for = sample(READ, 3)
    for route in asked_for:
        errors = problem(admin_api.get(asked(addresses, route, "1999-12-31")))["errors"]
        told[route] = {error["code"] for error in errors if error["parameter"] == "as_of"}
    assert told == {
        route: {"before_first_record" if has_past(route) else "unknown_parameter"}
        for route in asked_for
    }
    assert sum(map(has_past, READ)) > 40


@pytest.mark.slow
def test_today_is_answered_by_whatever_has_a_past(
    admin_api: APIClient, addresses: dict[str, str]
) -> None:
    today = timezone.localdate().isoformat()
    for route in filter(has_past, sample(READ, 3, 1)):
        answer = admin_api.get(asked(addresses, route, today))
        assert answer.status_code == 200, route
        assert "Memento-Datetime" in answer.headers, route
        answer.getvalue()  # a file that is closed unread takes the connection with it
