"""Doubtful amounts over REST: asked about once, written when confirmed, never asked again."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from projects.models import Project, ProjectFigure
from tests.answers import API, Row, found, made
from tests.factories import ParkFactory, ProjectFactory
from tests.seeded import kept_rows
from tests.together import together

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("investment_indicator")]

PROJECTS = f"{API}/projects"
BULK = f"{PROJECTS}/bulk"
LOW, HIGH = 1_000_000, 100_000_000_000


@kept_rows(autouse=True)
def town() -> None:
    ParkFactory.create(code="town")


def body(amount: Any = 28, **more: Any) -> Row:
    return {"code": "fab", "name_zh": "厂", "park": "town", "investment_cny": amount, **more}


def doubts(response: Any) -> dict[str, str]:
    """The codes of what a 409 asks about, by pointer; each with the word that settles it."""
    assert response.status_code == 409, response.content.decode()
    problem = response.json()
    assert problem["type"] == "/problems/confirmation-required"
    assert all(error["confirm"] == "amounts" for error in problem["errors"])
    assert all("confirm=amounts" in error["detail"] for error in problem["errors"])
    return {error["pointer"]: error["code"] for error in problem["errors"]}


ASKED = {"#/investment_cny": "improbable_amount"}


@together("amount", [0, 28, LOW - 1, HIGH + 1, "28元"])
def test_an_improbable_total_is_asked_about_and_nothing_is_written(
    admin_api: APIClient, amount: Any
) -> None:
    assert doubts(admin_api.post(PROJECTS, body(amount))) == ASKED
    assert not Project.objects.exists()
    assert not ProjectFigure.objects.exists()


@together("amount", [LOW, HIGH, None, "1.5亿元"])
def test_a_probable_total_is_not(admin_api: APIClient, amount: Any) -> None:
    made(admin_api.post(PROJECTS, body(amount)))


def test_what_is_confirmed_is_written_and_not_asked_again(admin_api: APIClient) -> None:
    assert made(admin_api.post(f"{PROJECTS}?confirm=amounts", body()))["investment_cny"] == 28
    fab = f"{PROJECTS}/fab"
    found(admin_api.patch(fab, {"note": "x"}))
    found(admin_api.patch(fab, {"investment_cny": 28}))
    found(admin_api.put(fab, body()))
    found(admin_api.patch(fab, {"investment_cny": LOW}))
    found(admin_api.patch(fab, {"investment_cny": 28}))  # it was said before


@pytest.mark.slow
def test_put_asks_too_and_a_retry_is_harmless(admin_api: APIClient) -> None:
    fab = f"{PROJECTS}/fab"
    assert doubts(admin_api.put(fab, body())) == ASKED
    confirmed = f"{fab}?confirm=amounts,duplicates"
    made(admin_api.put(confirmed, body()))
    again = found(admin_api.put(confirmed, body(), headers={"If-Match": "*"}))
    assert again["investment_cny"] == 28
    assert ProjectFigure.objects.count() == 1


def test_to_confirm_needlessly_is_no_error_and_an_unknown_word_is(admin_api: APIClient) -> None:
    made(admin_api.post(f"{PROJECTS}?confirm=amounts", body(LOW)))
    response = admin_api.post(f"{PROJECTS}?confirm=amount,duplicates", body(LOW, code="b"))
    assert response.status_code == 400
    (error,) = response.json()["errors"]
    assert (error["parameter"], error["code"]) == ("confirm", "unknown_value")
    assert error["suggestion"] == "amounts"


def test_a_claimed_investment_is_asked_about_and_other_figures_are_not(
    admin_api: APIClient,
) -> None:
    ProjectFactory.create(code="fab")
    figures = f"{PROJECTS}/fab/figures"
    said = {"indicator": "investment", "investment_basis": "agreed"}
    claim = {**said, "nature": "projected", "value": 28}
    assert doubts(admin_api.post(figures, claim)) == {"#/value": "improbable_amount"}
    made(admin_api.post(figures, {**claim, "scope_text": "一期"}))
    made(admin_api.post(figures, {**claim, "currency": "USD"}))
    made(admin_api.post(f"{figures}?confirm=amounts", claim))
    made(admin_api.post(figures, {**claim, "investment_basis": "planned"}))


def test_bulk_asks_about_every_row_at_once(admin_api: APIClient) -> None:
    ProjectFactory.create(code="old", investment=28)
    rows = [
        body(code="a"),
        body(LOW, code="b", name_zh="乙"),
        {"code": "old", "version": 1, "investment_cny": 29},
        body(0, code="d", name_zh="丁", confirm=["amounts"]),
    ]
    asked = {
        "#/projects/0/investment_cny": "improbable_amount",
        "#/projects/2/investment_cny": "improbable_amount",
    }
    assert doubts(admin_api.post(BULK, {"projects": rows})) == asked
    assert Project.objects.count() == 1
    rows[0]["confirm"] = ["amounts", "duplicates"]
    del asked["#/projects/0/investment_cny"]
    assert doubts(admin_api.post(BULK, {"projects": rows})) == asked
    assert found(admin_api.post(f"{BULK}?confirm=amounts", {"projects": rows}))["created"] == 3
