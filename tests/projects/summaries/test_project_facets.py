"""GET /projects/facets: how many of the matching projects have each value, unknown included."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from tests.answers import API, Row, found
from tests.factories import ParkFactory, ProjectFactory
from tests.kept import check_kept
from tests.seeded import kept_rows

pytestmark = pytest.mark.django_db

DIMENSIONS = {
    *("park", "origin_province", "origin_city", "sector_section", "sector_division", "hitech"),
    *("stage", "standing", "kind", "function", "site_mode", "agreement_type"),
    *("investment_basis", "signed_year"),
}


@kept_rows
def ledger(vocabularies: None) -> None:
    town = ParkFactory.create(code="town", name_zh="科技城", name_en="Town")
    port = ParkFactory.create(code="port", name_zh="", name_en="Port")
    for number, (origin, sector, kind, met) in enumerate(
        [
            ("330300", "C3973", "new", {"signed": "2024-03"}),
            ("330106", "I6520", "new", {"signed": "2024", "operating": None}),
            ("310000", "C27", "expansion", {"signed": None}),
            ("DE", "C", "", {"started": "2023"}),
            (None, None, "", {}),
        ]
    ):
        ProjectFactory.create(
            code=f"p{number}",
            park=port if number == 3 else town,
            origin_id=origin,
            sector_id=sector,
            kind=kind,
            met=met,
            investment=number or None,
        )
    ProjectFactory.create(code="draft", park=town, kind="new", publication="draft")


def facets(api: APIClient, **parameters: str) -> dict[str, Any]:
    return found(api.get(f"{API}/projects/facets", parameters))


def counts(items: list[Row]) -> list[tuple[Any, int]]:
    return [(item["value"], item["count"]) for item in items]


def test_one_facet_is_answered_whole(api: APIClient, ledger: None) -> None:
    check_kept("facets", facets(api, facets="park"))


@pytest.mark.both_databases
def test_the_most_frequent_comes_first_and_unknown_last(api: APIClient, ledger: None) -> None:
    answer = facets(api)["facets"]
    assert {*answer} >= DIMENSIONS
    assert counts(answer["sector_section"]) == [("C", 3), ("I", 1), (None, 1)]
    for items in answer.values():
        known = [item["count"] for item in items if item["value"] is not None]
        assert known == sorted(known, reverse=True)
        assert None not in [item["value"] for item in items[:-1]]


def test_values_have_their_names_and_unknown_has_none(api: APIClient, ledger: None) -> None:
    answer = facets(api, facets="origin_city,sector_division,stage,signed_year")["facets"]
    names = {
        (item["value"], item["name_zh"], item["name_en"])
        for dimension in ("origin_city", "sector_division", "signed_year")
        for item in answer[dimension]
    }
    assert {("330300", "温州市", "Wenzhou"), (2024, "2024", "2024"), (None, None, None)} <= names
    assert ("I65", "软件和信息技术服务业", "") in {(v, zh, "") for v, zh, _en in names}
    assert {item["name_en"] for item in answer["stage"] if item["value"]} == {
        "contract signed",
        "operating",
        "construction started",
    }
