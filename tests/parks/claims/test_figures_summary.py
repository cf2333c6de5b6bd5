"""/figures/summary: the newest standing claim of each subject, added up, of one kind alone."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from parks.models import Figure
from tests.answers import API, error, found, mistakes
from tests.factories import FigureFactory, ParkFactory
from tests.samples import sample
from tests.seeded import kept_rows
from tests.together import together

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("vocabularies")]

YI = 100_000_000


@kept_rows(autouse=True)
def parks(vocabularies: None) -> dict[str, Any]:
    return {code: ParkFactory.create(code=code) for code in ("town", "bay", "hill")}


def claim(code: str, park: Any, value: Any, indicator: str = "entities", **fields: Any) -> Figure:
    is_money = indicator == "invested" and "currency" not in fields
    columns = {"amount_cny": value, "value": None} if is_money else {"value": value}
    fields = {"indicator_id": indicator, "indicator": None, "park": park} | columns | fields
    return FigureFactory.create(code=code, **fields)


def total(api: APIClient, **parameters: str) -> Any:
    asked = {"indicator": "entities", "nature": "actual"} | parameters
    return found(api.get(f"{API}/figures/summary", asked))


@pytest.mark.both_databases
def test_the_newest_claim_of_each_subject_is_added_up(
    api: APIClient, parks: dict[str, Any]
) -> None:
    claim("old", parks["town"], 900, on="2020")
    claim("new", parks["town"], 1500, on="2024", qualifier="over")
    claim("bay", parks["bay"], 20, on="2021")
    claim("words", parks["hill"], None, value_text="数百家")
    claim("baodi", None, "3", region_id="120115")
    assert total(api) == {
        "indicator": "entities",
        "unit": "enterprises",
        "nature": "actual",
        "sum": 1523,
        "count": 4,
        "exact": 2,
        "qualified": 1,
        "missing": 1,
        "other_currency": 0,
        "claims": ["baodi", "bay", "new", "words"],
    }


def test_of_nothing_the_sum_is_unknown(api: APIClient) -> None:
    empty = total(api)
    assert (empty["sum"], empty["count"], empty["claims"]) == (None, 0, [])


@pytest.mark.both_databases
def test_money_is_added_up_to_the_yuan(api: APIClient, parks: dict[str, Any]) -> None:
    claim("town", parks["town"], 900_000_000_000_001, "invested")
    claim("bay", parks["bay"], 900_000_000_000_000, "invested")
    assert total(api, indicator="invested")["sum"] == 1_800_000_000_000_001


def test_another_currency_is_never_in_a_total(api: APIClient, parks: dict[str, Any]) -> None:
    claim("town", parks["town"], 176 * YI, "invested", on="2022")
    claim("town-usd", parks["town"], 24, "invested", on="2024", currency="USD")
    claim("bay-usd", parks["bay"], 24, "invested", currency="USD")
    answer = total(api, indicator="invested")
    assert (answer["sum"], answer["count"]) == (176 * YI, 1)
    assert (answer["claims"], answer["other_currency"]) == (["town"], 2)


@together(
    "narrowed",
    [
        {"origin_id": "110000"},
        {"origin_group_id": "jjj"},
        {"sector_id": "C39"},
        {"sector_group_id": "ic"},
        {"place_id": "120115"},
        {"size_floor_cny": YI},
        {"scope_text": "央企"},
    ],
)
def test_a_part_is_never_added_to_the_whole(
    api: APIClient, parks: dict[str, Any], narrowed: dict[str, Any]
) -> None:
    claim("whole", parks["town"], 1500, on="2020")
    claim("part", parks["town"], 400, on="2024", **narrowed)
    claim("part-alone", parks["bay"], 30, **narrowed)
    answer = total(api)
    assert (answer["sum"], answer["claims"]) == (1500, ["whole"])


def test_what_does_not_stand_is_not_added_up(api: APIClient, parks: dict[str, Any]) -> None:
    old = claim("old", parks["town"], 900, on="2025")
    old.superseded_by = claim("new", parks["town"], 800, on="2024")
    old.save()
    claim("gone", parks["bay"], 20, is_withdrawn=True)
    answer = total(api)
    assert (answer["sum"], answer["claims"]) == (800, ["new"])


def test_what_is_reached_at_capacity_is_never_added_to_what_is(
    api: APIClient, parks: dict[str, Any]
) -> None:
    claim("actual", parks["town"], 3000, "jobs", on="2024")
    claim("capacity", parks["town"], 10_000, "jobs", on="2024", nature="at_capacity")
    claim("projected", parks["bay"], 500, "jobs", nature="projected")
    for nature, amount, code in [
        ("actual", 3000, "actual"),
        ("at_capacity", 10_000, "capacity"),
        ("projected", 500, "projected"),
    ]:
        answer = total(api, indicator="jobs", nature=nature)
        assert (answer["sum"], answer["claims"]) == (amount, [code])
    for natures in ("actual,at_capacity", "actual,projected", "at_capacity,projected"):
        wrong = error(api.get(f"{API}/figures/summary", {"indicator": "jobs", "nature": natures}))
        assert (wrong["parameter"], wrong["code"]) == ("nature", "one_nature")
        assert "never added up" in wrong["detail"]


@together(
    ("parameters", "expected"),
    sample(
        [
            ({}, {"indicator": "required", "nature": "required"}),
            ({"indicator": "jobs"}, {"nature": "required"}),
            ({"nature": "actual"}, {"indicator": "required"}),
            ({"indicator": "jobs,entities", "nature": "actual"}, {"indicator": "one_indicator"}),
            ({"indicator": "occupancy_rate", "nature": "actual"}, {"indicator": "not_summable"}),
            ({"indicator": "gdp", "nature": "actual"}, {"indicator": "not_summable"}),
            (
                {"indicator": "declared_investment", "nature": "intended"},
                {"indicator": "not_summable"},
            ),
            ({"indicator": "job", "nature": "actual"}, {"indicator": "unknown_value"}),
            ({"indicator": "jobs", "nature": "real"}, {"nature": "unknown_value"}),
        ],
        2,
    ),
)
def test_a_sum_that_would_mean_nothing_is_refused(
    api: APIClient, parameters: dict[str, str], expected: dict[str, str]
) -> None:
    assert mistakes(api.get(f"{API}/figures/summary", parameters)) == expected


def test_the_sum_can_be_narrowed_to_some_subjects_and_days(
    api: APIClient, parks: dict[str, Any]
) -> None:
    claim("town-old", parks["town"], 900, on="2020")
    claim("town-new", parks["town"], 1500, on="2024")
    claim("bay", parks["bay"], 20, on="2021")
    claim("baodi", None, 3, region_id="120115", on="2021")
    for parameters, expected in [
        *[({"park": "town"}, 1500), ({"park": "town,bay"}, 1520), ({"park": "hill"}, None)],
        *[({"region": "天津"}, 3), ({"as_of_max": "2023"}, 923)],
        ({"park": "town", "as_of_max": "2023"}, 900),
    ]:
        assert total(api, **parameters)["sum"] == expected, parameters


def test_parks_that_are_not_published_are_not_in_the_sum(
    api: APIClient, admin_api: APIClient, parks: dict[str, Any]
) -> None:
    claim("seen", parks["town"], 1500)
    claim("unseen", ParkFactory.create(publication="draft"), 20)
    assert total(api)["sum"] == 1500
    assert total(admin_api)["sum"] == 1520
