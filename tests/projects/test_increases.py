"""Increases (增资): claims that add to another, each counted once, as long as the other holds."""

from typing import Any

import pytest

from projects.models import Project, ProjectFigure
from tests.answers import API, CarefulClient, codes, found, made, mistakes, problem
from tests.factories import ParkFactory, ProjectFactory
from tests.seeded import kept_rows

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("vocabularies")]

YI = 100_000_000
FIGURES = f"{API}/projects/fab/figures"


@pytest.fixture
def api(admin_api: CarefulClient) -> CarefulClient:
    """A superuser, who reads before they write."""
    return admin_api


@kept_rows(autouse=True)
def fab(vocabularies: None) -> Project:
    town = ParkFactory.create(code="town")
    ProjectFactory.create(code="lab", park=town)
    return ProjectFactory.create(code="fab", park=town)


def claim(api: CarefulClient, yi: float, on: str | None = "2023-03", **further: Any) -> str:
    """Claim an agreed amount; returns the code of the claim."""
    said = {"indicator": "investment", "nature": "projected", "investment_basis": "agreed"}
    body = {**said, "value": int(yi * YI), "as_of": on, **further}
    return made(api.post(f"{FIGURES}?confirm=amounts", body))["code"]


def total(api: CarefulClient) -> tuple[float, str]:
    """The headline amount, in 亿, and its qualifier."""
    row = found(api.get(f"{API}/projects/fab"))
    return row["investment_cny"] / YI, row["investment_qualifier"]


def test_an_increase_adds_to_the_amount_and_each_keeps_its_source(api: CarefulClient) -> None:
    base = claim(api, 10)
    more = claim(api, 5, "2024-06", adds_to=base)
    claim(api, 1.5, "2025-01-10", adds_to=base, qualifier="over")
    assert total(api) == (16.5, "over")
    row = found(api.get(f"{FIGURES}/{more}"))
    assert (row["adds_to"], row["value"]) == (base, 5 * YI)
    assert codes(api, "projects", investment_min="16.5亿") == ["fab"]
    file = api.get(f"{FIGURES}.csv?columns=code,adds_to&ordering=code").getvalue().decode()
    assert f"{more},{base}" in file
    summary = found(api.get(f"{API}/projects/summary?group_by=park&measures=investment_cny"))
    assert summary["total"]["investment_cny"] == int(16.5 * YI)
    withdrawn = api.patch(f"{FIGURES}/{more}", {"is_withdrawn": True})
    assert found(withdrawn)["is_withdrawn"]
    assert total(api) == (11.5, "over")


def test_one_increase_of_two_sources_is_counted_once(api: CarefulClient) -> None:
    base = claim(api, 10)
    claim(api, 5, "2024-06", adds_to=base)
    claim(api, 5, "2024-06", adds_to=base)
    assert total(api) == (15, "exact")
    assert codes(api, "projects", claims_in_conflict="true") == []
    claim(api, 6, "2024-06", adds_to=base, qualifier="about")
    assert total(api) == (16, "about")
    assert codes(api, "projects", claims_in_conflict="true") == ["fab"]
    claim(api, 1, "2024-07", adds_to=base, qualifier="over")
    assert total(api) == (17, "about")


def test_who_says_a_new_total_ends_the_increases(api: CarefulClient) -> None:
    base = claim(api, 10)
    claim(api, 5, "2024-06", adds_to=base)
    same = api.patch(f"{API}/projects/fab", {"investment_cny": 15 * YI})
    assert found(same)["version"] == found(api.get(f"{API}/projects/fab"))["version"]
    assert total(api) == (15, "exact")
    assert found(api.get(f"{FIGURES}/{base}"))["superseded_by"] is None
    found(api.patch(f"{API}/projects/fab", {"investment_cny": 18 * YI}))
    assert total(api) == (18, "exact")
    assert found(api.get(f"{FIGURES}/{base}"))["superseded_by"]


def test_a_claim_that_knows_of_no_increase_does_not_hide_it(api: CarefulClient) -> None:
    base = claim(api, 10, "2023-03")
    claim(api, 5, "2024-06", adds_to=base)
    claim(api, 10, "2023-09")
    assert total(api) == (15, "exact")
    claim(api, 14, "2024-12")  # newer than the increase: it has it in it
    assert total(api) == (14, "exact")
    claim(api, 20, "2025-01", investment_basis="reported")
    assert total(api) == (14, "exact")


def test_an_increase_adds_to_what_it_can_add_to(api: CarefulClient) -> None:
    base = claim(api, 10, "2023-03")
    more = claim(api, 5, "2024-06", adds_to=base)
    said = {"indicator": "investment", "investment_basis": "agreed", "value": YI}

    def refusal(project: str = "fab", **further: Any) -> Any:
        body = {**said, **further}
        return mistakes(api.post(f"{API}/projects/{project}/figures?confirm=amounts", body))

    apart = {"#/adds_to": "not_about_the_same"}
    assert refusal(adds_to=more) == apart
    assert refusal("lab", adds_to=base) == apart
    assert refusal(adds_to=base, investment_basis="planned") == apart
    assert refusal(adds_to=base, as_of="2023-01") == {"#/adds_to": "counted_already"}
    assert refusal(adds_to="no-such") == {"#/adds_to": "unknown_value"}
    words = refusal(adds_to=base, value="若干", indicator="investment", investment_basis="")
    assert words == apart
    other = claim(api, 11, "2024-09", supersedes=base)
    assert refusal(adds_to=base) == apart
    assert total(api) == (11, "exact")
    kept = api.delete(f"{FIGURES}/{base}")
    problem(kept, 409)
    assert api.delete(f"{FIGURES}/{more}").status_code == 204
    assert api.delete(f"{FIGURES}/{other}").status_code == 204
    assert total(api) == (10, "exact")


def test_a_project_goes_with_its_increases_and_a_merge_takes_them_along(api: CarefulClient) -> None:
    base = claim(api, 10)
    claim(api, 5, "2024-06", adds_to=base)
    merged = api.post(f"{API}/projects/fab/merge", {"into": "lab"}, headers={"If-Match": "*"})
    assert found(merged)["into"] == "lab"
    assert found(api.get(f"{API}/projects/lab"))["investment_cny"] == 15 * YI
    assert api.delete(f"{API}/projects/lab").status_code == 204
    assert not ProjectFigure.objects.exists()
