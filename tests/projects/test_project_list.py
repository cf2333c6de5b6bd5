"""GET /projects: orders with an index, cursors, and what is refused.

Filters, orders and pages: `tests/projects/oracle`.
"""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db.models import Index
from rest_framework.test import APIClient

from api.lists.pagination import build_ordering_keys, build_segments
from parks.claims.views import FigureViewSet
from parks.views import OrganisationViewSet
from projects.models import Funding, ProjectFigure
from projects.summaries.views import FundingListViewSet
from projects.views import ProjectViewSet
from tests import factories
from tests.answers import API, error, found, mistakes, problem
from tests.seeded import kept_rows
from tests.together import together

pytestmark = pytest.mark.django_db

YI = 100_000_000


def test_the_contact_is_shown_to_nobody(admin_api: APIClient) -> None:
    factories.ProjectFactory.create(code="fab", contact="王先生 13800000000")
    for address in ("projects", "projects/fab", "projects.csv"):
        response = admin_api.get(f"{API}/{address}")
        text = b"".join(response) if response.streaming else response.content
        assert b"13800000000" not in text
        assert b"contact" not in text
    for refused in (admin_api.post, admin_api.patch):
        address = "projects" if refused == admin_api.post else "projects/fab"
        assert mistakes(refused(f"{API}/{address}", {"contact": "x"}))["#/contact"]


@kept_rows
def ledger(vocabularies: None) -> None:
    """Four projects in two parks."""
    town, port = (factories.ParkFactory.create(code=code) for code in ("town", "port"))
    for code, park in (("chips", town), ("Design", port), ("pills", town), ("vague", port)):
        factories.ProjectFactory.create(code=code, park=park)


def test_an_order_without_an_index_is_refused_with_those_that_have_one(api: APIClient) -> None:
    for name in ("land_mu", "intended_on", "started_on", "completed_on", "operating_on"):
        refused = problem(api.get(f"{API}/projects", {"ordering": f"-{name}"}))["errors"][0]
        assert (refused["parameter"], refused["code"]) == ("ordering", "unknown_value")
        assert refused["candidates"] == [*ProjectViewSet.ordering_fields]


def test_every_order_of_a_long_list_begins_as_an_index_does() -> None:
    long_lists: list[tuple[Any, Any]] = [
        *((view, view.queryset.model) for view in (ProjectViewSet, OrganisationViewSet)),
        *((FundingListViewSet, Funding), (FigureViewSet, ProjectFigure)),
    ]
    for view, model in long_lists:
        begins = {index_begin(index) for index in model._meta.indexes} | {model._meta.pk.name}
        begins |= {rule.fields[0] for rule in model._meta.total_unique_constraints}
        for name in view.ordering_fields:
            for term in (name, f"-{name}"):
                keys = build_ordering_keys(term, view, model)
                known = build_segments(keys, None, backward=False)[0]
                assert known.keys[0].path in begins, (model, term)


def index_begin(index: Index) -> str:
    """The column that an index begins with."""
    if index.fields:
        return index.fields[0].removeprefix("-")
    first = index.expressions[0]
    return getattr(getattr(first, "expression", first), "name", "")


REFUSED: list[tuple[dict[str, str], str, str, str | None]] = [
    ({"park": "unknown"}, "park", "unknown_value", None),
    ({"park": "town,"}, "park", "empty_value", None),
    ({"national_code": "2403-120115"}, "national_code", "invalid_national_code", None),
    ({"reached": "unknown"}, "reached", "unknown_value", None),
    ({"origin_country": "330000"}, "origin_country", "unknown_value", None),
    ({"investment_min": "lots"}, "investment_min", "invalid", None),
    ({"investment_min": "超1亿"}, "investment_min", "invalid", None),
    ({"investment_min": "-1"}, "investment_min", "out_of_range", None),
    ({"investment_max": "9" * 40}, "investment_max", "out_of_range", None),
    ({"land_mu_min": "5公顷"}, "land_mu_min", "invalid", None),
    ({"land_mu_min": "1e3"}, "land_mu_min", "invalid", None),
    ({"land_mu_min": "１２"}, "land_mu_min", "invalid", None),
    ({"land_mu_min": "1,000"}, "land_mu_min", "invalid", None),
    ({"land_mu_min": "42."}, "land_mu_min", "invalid", None),
    ({"land_mu_min": "-1"}, "land_mu_min", "out_of_range", None),
    ({"land_mu_max": "100000000"}, "land_mu_max", "out_of_range", None),
    ({"land_mu_min": "42.505"}, "land_mu_min", "too_many_decimals", None),
    ({"updated_from": "2026-03-31T23:30:00"}, "updated_from", "invalid", None),
    ({"updated_from": "0001-01-01T00:00:00+14:00"}, "updated_from", "invalid", None),
    ({"updated_to": "9999-12-31T23:59:59-12:00"}, "updated_to", "invalid", None),
    ({"stage": "signed,"}, "stage", "empty_value", None),
    ({"origin": "DE,,US"}, "origin", "empty_value", None),
    ({"park": ","}, "park", "empty_value", None),
    ({"signed_year": "24"}, "signed_year", "invalid", None),
    ({"signed_year": "unkown"}, "signed_year", "invalid", "unknown"),
    ({"land_mu_max": "042.50"}, "land_mu_max", "invalid", None),
    ({"signed_year": "0999"}, "signed_year", "invalid", None),
    ({"ordering": "-invesment_cny"}, "ordering", "unknown_value", "-investment_cny"),
    ({"ordering": "code,-code"}, "ordering", "repeated_value", None),
]


def test_what_is_not_understood_is_refused_with_the_nearest_spelling(
    api: APIClient, ledger: None
) -> None:
    for parameters, parameter, code, suggestion in REFUSED:
        wrong = error(api.get(f"{API}/projects", parameters))
        said = (wrong["parameter"], wrong["code"], wrong.get("suggestion"))
        assert said == (parameter, code, suggestion), parameters


def test_all_mistakes_of_a_query_are_named_at_once(api: APIClient, ledger: None) -> None:
    response = api.get(f"{API}/projects?orgin=yrd&stage=sigend&limit=0&q=a&q=b&origin=suzhou")
    assert mistakes(response) == {
        "orgin": "unknown_parameter",
        "stage": "unknown_value",
        "limit": "out_of_range",
        "q": "repeated_parameter",
        "origin": "ambiguous_name",
    }


@together(
    "more",
    [{"limit": "1"}, {"count": "exact"}, {"fields": "code"}, {"expand": "figures"}]
    + [{"ordering": "code"}, {"ordering": ""}],
)
def test_a_cursor_serves_however_much_is_asked_of_its_list(
    api: APIClient, ledger: None, more: dict[str, str]
) -> None:
    asked = {"park": "port,town", "limit": "2", "ordering": "code", **more}
    first = found(api.get(f"{API}/projects", {"park": "port,town", "limit": "2"}))
    cursor = parse_qs(urlsplit(first["next"]).query)["cursor"][0]
    given = {name: value for name, value in asked.items() if value}
    page = found(api.get(f"{API}/projects", {**given, "cursor": cursor}))
    rest = ["pills", "vague"][: int(given["limit"])]
    assert [row["code"] for row in page["results"]] == rest
    back = found(api.get(page["previous"]))
    assert len(back["results"]) == int(given["limit"])
