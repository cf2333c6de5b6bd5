"""/indicators: what figures measure, in which unit, and whether they may be added up."""

import pytest
from rest_framework.test import APIClient

from tests.answers import API, codes, found, made, mistakes
from tests.factories import IndicatorFactory
from tests.samples import sample
from tests.seeded import kept_rows
from tests.together import together

pytestmark = pytest.mark.django_db

INDICATOR = {
    "code": "patents",
    "name_zh": "专利数",
    "name_en": "Patents",
    "kind": "count",
    "unit": "patents",
    "is_summable": True,
    "definition_zh": "授权数，不是申请数",
    "definition_en": "Granted, not applied for",
    "headline_rank": 7,
}


@kept_rows
def indicators() -> None:
    IndicatorFactory.create(code="area", name_zh="面积", name_en="Area", kind="area", unit="km2")
    IndicatorFactory.create(code="gdp", name_zh="生产总值", name_en="Product", is_summable=False)
    IndicatorFactory.create(code="invested", name_zh="累计投资额", name_en="Invested")


def test_an_indicator_is_added_with_every_field_and_read_back(admin_api: APIClient) -> None:
    response = admin_api.post(f"{API}/indicators", INDICATOR)
    assert made(response) == INDICATOR
    assert response.headers["Location"] == f"http://testserver{API}/indicators/patents"
    assert found(admin_api.get(f"{API}/indicators/PATENTS")) == INDICATOR
    assert found(admin_api.get(f"{API}/indicators"))["results"] == [INDICATOR]


@pytest.mark.usefixtures("indicators")
@together(
    ("parameters", "expected"),
    sample(
        [
            ({}, ["area", "gdp", "invested"]),
            ({"kind": "money"}, ["gdp", "invested"]),
            ({"kind": "ratio"}, []),
            ({"is_summable": "true"}, ["area", "invested"]),
            ({"is_summable": "false"}, ["gdp"]),
            ({"q": "投资"}, ["invested"]),
            ({"q": "PRODUCT"}, ["gdp"]),
            ({"q": "nothing"}, []),
            ({"ordering": "-code", "limit": "1"}, ["invested", "gdp", "area"]),
            ({"ordering": "name_en"}, ["area", "invested", "gdp"]),
        ],
        2,
    ),
)
def test_the_list_can_be_narrowed_and_ordered(
    api: APIClient, parameters: dict[str, str], expected: list[str]
) -> None:
    assert codes(api, "indicators", **parameters) == expected


def test_what_is_wrong_with_an_indicator_is_said_where_it_stands(admin_api: APIClient) -> None:
    for change, expected in [
        ({"kind": "length_of_time"}, {"#/kind": "unknown_value"}),
        ({"code": "two words"}, {"#/code": "invalid"}),
        ({"code": "Patents"}, {"#/code": "invalid"}),
        ({"name_zh": "", "name_en": ""}, {"#": "invalid"}),
        ({"is_summable": None}, {"#/is_summable": "null"}),
        ({"units": "x"}, {"#/units": "unknown_field"}),
    ]:
        answer = mistakes(admin_api.post(f"{API}/indicators", INDICATOR | change))
        assert answer == expected, change
    made(admin_api.post(f"{API}/indicators", INDICATOR))
    assert mistakes(admin_api.post(f"{API}/indicators", INDICATOR), 409) == {"#/code": "unique"}


def test_an_indicator_is_described_better_but_its_code_never_changes(admin_api: APIClient) -> None:
    made(admin_api.post(f"{API}/indicators", INDICATOR))
    change = {"definition_en": "", "is_summable": False}
    assert found(admin_api.patch(f"{API}/indicators/patents", change)) == INDICATOR | change
    answer = admin_api.patch(f"{API}/indicators/patents", {"code": "inventions"})
    assert mistakes(answer) == {"#/code": "immutable"}
    assert codes(admin_api, "indicators") == ["patents"]
