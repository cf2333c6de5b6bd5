"""/events/{code}/figures: what an event declared, beside the projects that are itemised."""

import pytest
from rest_framework.test import APIClient

from tests.answers import API, found, made, mistakes
from tests.factories import EventFigureFactory, SigningEventFactory, SourceFactory
from tests.seeded import kept_rows

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("vocabularies")]

FIGURES = f"{API}/events/forum/figures"
CLAIM = {
    "code": "forum-projects",
    "indicator": "declared_projects",
    "value": 152,
    "qualifier": "exact",
    "nature": "intended",
    "as_of": "2023-11",
    "as_reported": "152个意向项目",
    "source": "S1",
    "place": "120115",
    "sector": "C39",
    "size_floor_cny": 100_000_000,
    "scope_text": "",
}
AMOUNT = CLAIM | {
    "code": "forum-amount",
    "indicator": "declared_investment",
    "value": 100_000_000_000,
    "qualifier": "over",
}


@kept_rows(autouse=True)
def surroundings(vocabularies: None) -> None:
    SigningEventFactory.create(code="forum")
    SourceFactory.create(code="S1")


def test_what_an_event_declared_is_written_and_read_back(admin_api: APIClient) -> None:
    response = admin_api.post(FIGURES, CLAIM)
    row = made(response)
    assert {name: row[name] for name in CLAIM} == CLAIM
    assert "investment_basis" not in row
    assert response.headers["Location"] == f"http://testserver{FIGURES}/forum-projects"
    amount = made(admin_api.post(FIGURES, AMOUNT))
    assert (amount["value"], amount["unit"]) == (100_000_000_000, "CNY")
    assert found(admin_api.get(f"{FIGURES}/FORUM-projects")) == row
    assert found(admin_api.get(FIGURES))["results"] == [amount, row]
    assert found(admin_api.get(f"{API}/events/forum"))["figures"] == [amount, row]


def test_declared_totals_are_appended_and_superseded(admin_api: APIClient) -> None:
    made(admin_api.post(FIGURES, CLAIM))
    for name in {*CLAIM} - {"source"}:
        answer = admin_api.patch(f"{FIGURES}/forum-projects", {name: CLAIM[name]})
        assert mistakes(answer) == {f"#/{name}": "append_only"}, name
    newer = CLAIM | {"code": "forum-projects-2", "value": 160, "supersedes": "forum-projects"}
    made(admin_api.post(FIGURES, newer))
    assert found(admin_api.get(f"{FIGURES}/forum-projects"))["superseded_by"] == "forum-projects-2"
    other = EventFigureFactory.create()
    answer = admin_api.post(FIGURES, CLAIM | {"code": "x", "supersedes": other.code})
    assert mistakes(answer) == {"#/supersedes": "not_about_the_same"}
