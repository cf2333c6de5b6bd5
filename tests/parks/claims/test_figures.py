"""/figures: claims about parks, regions, groups and organisations; appended, not overwritten."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from tests.answers import API, Row, codes, found, made, mistakes
from tests.factories import ParkFactory
from tests.parks.test_resources import BODIES, world  # noqa: F401 pytest finds it here

pytestmark = pytest.mark.django_db

CLAIM = BODIES["figures"]
MENDED = {
    **{"note": "", "source": None, "said_by": None, "said_by_text": "区政府"},
    **{"attribution": None, "is_withdrawn": True},
}
ENTITIES = {"park": "town", "indicator": "entities", "value": 1500, "qualifier": "over"}


def new(admin_api: APIClient, **fields: object) -> Row:
    return made(admin_api.post(f"{API}/figures", ENTITIES | fields))


def test_a_value_stays_the_number_or_the_words_that_were_given(admin_api: APIClient) -> None:
    for indicator, currency, value, unit in [
        *[("invested", "", 17_600_000_000, "CNY"), ("invested", "", -5, "CNY")],
        *[("invested", "USD", 2_400_000_000, "USD"), ("invested", "USD", 2.5, "USD")],
        *[("invested", "", "数亿元", "CNY"), ("entities", "", 1500, "enterprises")],
        *[("entities", "", "数千家", "enterprises"), ("area", "", 14.5, "km2")],
        *[("population_change", "", -3.25, "percent"), ("other", "", "世界一流", "")],
    ]:
        row = new(admin_api, indicator=indicator, currency=currency, value=value)
        assert (row["value"], row["unit"], row["currency"]) == (value, unit, currency)
        assert found(admin_api.get(f"{API}/figures/{row['code']}"))["value"] == value


def test_what_was_claimed_is_not_changed_afterwards(admin_api: APIClient) -> None:
    made(admin_api.post(f"{API}/figures", CLAIM))
    address = f"{API}/figures/{CLAIM['code']}"
    before = found(admin_api.get(address))
    closed = {name: value for name, value in CLAIM.items() if name not in MENDED}
    told = mistakes(admin_api.patch(address, closed | {"note": "新"}))
    assert told == {f"#/{name}": "append_only" for name in closed}
    assert found(admin_api.get(address)) == before


def test_a_newer_claim_supersedes_an_earlier_one_which_stays(admin_api: APIClient) -> None:
    old = new(admin_api, value=1200, as_of="2022")
    latest = new(admin_api, value=1500, as_of="2024", supersedes=old["code"].upper())
    assert "supersedes" not in latest
    kept = found(admin_api.get(f"{API}/figures/{old['code']}"))
    record = {"superseded_by": latest["code"], "version": 2, "updated_at": kept["updated_at"]}
    assert kept == old | record
    assert codes(admin_api, "figures", superseded="true") == [old["code"]]
    assert admin_api.delete(f"{API}/figures/{latest['code']}").status_code == 204
    assert codes(admin_api, "figures", superseded="false") == [old["code"]]


def test_only_a_standing_claim_about_the_same_is_superseded(admin_api: APIClient) -> None:
    ParkFactory.create(code="other")
    old = new(admin_api)["code"]
    others: list[Any] = [{"park": "other"}, {"park": None, "region": "120115"}]
    for change in (*others, {"indicator": "jobs"}):
        body = ENTITIES | change | {"supersedes": old}
        answer = mistakes(admin_api.post(f"{API}/figures", body))
        assert answer == {"#/supersedes": "not_about_the_same"}, change
    newer = new(admin_api, supersedes=old)["code"]
    again = mistakes(admin_api.post(f"{API}/figures", ENTITIES | {"supersedes": old}))
    assert again == {"#/supersedes": "already_superseded"}
    answer = mistakes(admin_api.patch(f"{API}/figures/{newer}", {"supersedes": old}))
    assert answer == {"#/supersedes": "append_only"}
