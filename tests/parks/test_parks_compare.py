"""/parks/compare: parks side by side by their headline figures, null where nothing is known."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from parks.models import Figure, Indicator
from tests.answers import API, Row, error, found
from tests.factories import FigureFactory, ParkFactory
from tests.seeded import kept_rows

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("vocabularies")]


@kept_rows(autouse=True)
def parks(vocabularies: None) -> dict[str, Any]:
    return {code: ParkFactory.create(code=code) for code in ("Town", "bay", "hill")}


def claim(code: str, park: Any, value: Any, indicator: str = "entities", **fields: Any) -> Figure:
    fields = {"indicator_id": indicator, "indicator": None, "park": park, "value": value} | fields
    return FigureFactory.create(code=code, **fields)


def compare(api: APIClient, **parameters: str) -> Row:
    return found(api.get(f"{API}/parks/compare", parameters))


def cells(answer: Row) -> dict[tuple[str, str], dict[str, str | None]]:
    """The code of the claim in each cell."""
    return {
        (row["indicator"], row["nature"]): {
            park: claim and claim["code"] for park, claim in row["parks"].items()
        }
        for row in answer["rows"]
    }


def test_each_row_is_an_indicator_and_nature_with_a_cell_for_each_park(
    api: APIClient, parks: dict[str, Any]
) -> None:
    claim("t-old", parks["Town"], 900, on="2020")
    claim("t-new", parks["Town"], 1500, on="2024", qualifier="over")
    claim("b", parks["bay"], 20, on="2021")
    claim("b-jobs", parks["bay"], 7, "jobs", nature="projected")
    claim("h", parks["hill"], 1)
    answer = compare(api, parks="bay,town")
    assert answer["parks"] == ["bay", "Town"]
    assert cells(answer) == {
        ("entities", "actual"): {"bay": "b", "Town": "t-new"},
        ("jobs", "projected"): {"bay": "b-jobs", "Town": None},
    }
    row = answer["rows"][0]
    names = ("indicator", "name_zh", "name_en", "unit", "nature")
    entities = Indicator.objects.get(code="entities")
    shown = ["entities", entities.name_zh, entities.name_en, entities.unit, "actual"]
    assert [row[name] for name in names] == shown
    headline = row["parks"]["Town"]
    said = ("value", "qualifier", "as_of", "others", "source")
    assert [headline[name] for name in said] == [1500, "over", "2024", 1, None]
    detail = found(api.get(f"{API}/parks/town"))["figures"][0]
    detail.pop("claims_url")
    assert headline == detail


def test_a_comparison_can_be_narrowed_to_indicators_and_to_a_day(
    api: APIClient, parks: dict[str, Any]
) -> None:
    claim("t-old", parks["Town"], 900, on="2020")
    claim("t-new", parks["Town"], 1500, on="2024")
    claim("t-jobs", parks["Town"], 7, "jobs")
    claim("b-area", parks["bay"], 7, "area")
    both = "town,bay"
    shown = cells(compare(api, parks=both, indicators="JOBS,area"))
    assert {row[0] for row in shown} == {"jobs", "area"}
    shown = cells(compare(api, parks=both, indicators="entities", as_of_max="2023"))
    assert shown == {("entities", "actual"): {"Town": "t-old", "bay": None}}
    assert compare(api, parks=both, indicators="gdp") == {"parks": ["Town", "bay"], "rows": []}


def test_two_parks_or_more_are_named_once_each_in_the_order_asked_for(api: APIClient) -> None:
    assert compare(api, parks="hill, TOWN ,bay,hill")["parks"] == ["hill", "Town", "bay"]
    for parameters in ({}, {"parks": "town"}, {"parks": "town,TOWN"}):
        wrong = error(api.get(f"{API}/parks/compare", parameters))
        assert (wrong["parameter"], wrong["code"]) == ("parks", "required"), parameters


def test_a_district_that_stands_for_no_park_is_not_compared(api: APIClient) -> None:
    ParkFactory.create(code="district", is_placeholder=True)
    wrong = error(api.get(f"{API}/parks/compare", {"parks": "town,district"}))
    assert (wrong["parameter"], wrong["code"]) == ("parks", "placeholder")
    assert wrong["detail"].startswith("district:")
