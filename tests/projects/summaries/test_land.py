"""Land in the summaries of projects: areas as they were hedged, and what a mu is to bring."""

import csv
import io
from typing import Any

import pytest
from rest_framework.test import APIClient

from tests.answers import API, found
from tests.conftest import make_vocabularies
from tests.factories import IndicatorFactory, ParkFactory, ProjectFactory, ProjectFigureFactory
from tests.seeded import kept_rows

pytestmark = pytest.mark.django_db

YI = 10**8
ALL = "land_mu,agreed_per_mu,investment_intensity"


@kept_rows(autouse=True)
def ledger() -> None:
    """Two that bought land by contract, one that bought it for an intent, two that lease."""
    make_vocabularies()
    IndicatorFactory.create(code="fixed_investment", kind="money", unit="CNY")
    town, port = (ParkFactory.create(code=code) for code in ("town", "port"))
    for code, park, mode, land, basis in [
        ("fab", town, "land", "100.50", "agreed"),
        ("mill", town, "land", "0.10", "agreed"),
        ("plan", town, "land", "40", "intended"),
        ("open", town, "land", None, "agreed"),
        ("shop", town, "lease", "2", "agreed"),
        ("desk", port, "lease", None, "agreed"),
    ]:
        project = ProjectFactory.create(
            code=code,
            park=park,
            site_mode=mode,
            land_mu=land,
            land_qualifier="over" if code == "plan" else "",
            investment=2 * YI,
            investment__basis=basis,
        )
        if code in ("fab", "plan", "shop"):
            for on, amount in (("2023", 9 * YI), ("2024", YI)):
                ProjectFigureFactory.create(
                    project=project,
                    indicator_id="fixed_investment",
                    amount_cny=amount,
                    investment_basis="",
                    nature="projected",
                    on=on,
                )


def test_a_file_says_the_numbers_from_which_it_is_worked_out(api: APIClient) -> None:
    answer = api.get(f"{API}/projects/summary.csv", {"group_by": "park", "measures": ALL})
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    rows = [*csv.DictReader(io.StringIO(text))]
    (town,) = [row for row in rows if row["park"] == "town"]
    names = ("land_mu", "agreed_per_mu_numerator", "agreed_per_mu_denominator")
    assert [float(town[name]) for name in names] == [142.6, 4 * YI, 100.6]
    assert (town["agreed_per_mu_leased"], town["land_mu_qualified"]) == ("1", "1")


@pytest.mark.parametrize(("measure", "unit"), [("land_mu", "亩"), ("agreed_per_mu", "万元/亩")])
def test_a_picture_says_the_unit_and_links_to_what_it_shows(
    api: APIClient, measure: str, unit: str
) -> None:
    query = {"group_by": "park", "measures": measure, "lang": "zh"}
    svg = api.get(f"{API}/projects/summary.svg", query).content.decode()
    assert unit in svg
    assert ("has_agreed_per_mu=true" in svg) == (measure == "agreed_per_mu")


def test_a_hedge_is_of_an_area_and_goes_with_it(admin_api: APIClient) -> None:
    url = f"{API}/projects/plan"

    def patch(body: dict[str, Any]) -> Any:
        tag = admin_api.get(url)["ETag"]
        return admin_api.patch(url, body, format="json", headers={"If-Match": tag})

    assert found(patch({"note": "x"}))["land_qualifier"] == "over"
    assert found(patch({"land_mu": 41}))["land_qualifier"] is None
    assert found(patch({"land_mu": 42, "land_qualifier": "about"}))["land_qualifier"] == "about"
    assert found(patch({"land_mu": None}))["land_qualifier"] is None
    refused = patch({"land_qualifier": "about"}).json()
    assert [error["code"] for error in refused["errors"]] == ["without_amount"]
