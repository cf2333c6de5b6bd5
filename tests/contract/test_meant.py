"""A name, or half a code, where a code is wanted: the refusal says which code was meant."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from tests.answers import API, Row, error, problem
from tests.factories import ParkFactory, SourceFactory
from tests.seeded import kept_rows
from tests.together import together

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("vocabularies")]


@kept_rows(autouse=True)
def parks(vocabularies: None) -> None:
    ParkFactory.create(
        code="baodi-zgc",
        name_zh="宝坻京津中关村科技城",
        name_en="Baodi Town",
        aliases="中关村宝坻园\nZhongguancun Baodi",
    )
    ParkFactory.create(code="baoding", name_zh="保定高新区", name_en="Baoding Zone")
    ParkFactory.create(code="secret-zgc", name_zh="秘密园区", publication="draft")
    SourceFactory.create(code="daily-2023", title="The Daily")


def of_field(client: APIClient, **body: Any) -> Row:
    """The error of the one field that is wrong."""
    (name,) = body
    response = client.post(f"{API}/projects", {"name_zh": "项目", "park": "baoding", **body})
    errors = {each["pointer"]: each for each in problem(response)["errors"]}
    return errors[f"#/{name}"]


@together(
    ("field", "given", "code"),
    [
        *[("origin", "北京市", "110000"), ("origin", "北京", "110000")],
        *[("origin", "Beijing", "110000"), ("origin", "110001", "110000")],
        *[("sector", "3973", "C3973"), ("sector", "集成电路制造", "C3973")],
        *[("sector", "c3973", "C3973"), ("park", "宝坻京津中关村科技城", "baodi-zgc")],
        *[("park", "BAODI TOWN", "baodi-zgc"), ("park", "baodi", "baodi-zgc")],
        *[("park", "中关村宝坻园", "baodi-zgc"), ("park", "zhongguancun baodi", "baodi-zgc")],
        *[("park", "zgc", None), ("source", "the daily", "daily-2023")],
    ],
)
def test_the_code_that_was_meant_in_a_body(
    admin_api: APIClient, field: str, given: str, code: str | None
) -> None:
    wrong = of_field(admin_api, **{field: given})
    assert wrong["code"] == "unknown_value"
    assert wrong.get("suggestion") == code


@together(
    ("given", "code"),
    [("usd", "USD"), ("美元", "USD"), ("$", "USD"), ("CNY", None), ("元", None), ("Xx", None)],
)
def test_the_currency_that_was_meant(admin_api: APIClient, given: str, code: str | None) -> None:
    claim = {"park": "baoding", "indicator": "investment", "value": 5, "currency": given}
    errors = problem(admin_api.post(f"{API}/figures", claim))["errors"]
    (wrong,) = [each for each in errors if each["pointer"] == "#/currency"]
    assert (wrong["code"], wrong.get("suggestion")) == ("unknown_value", code)


def test_a_name_of_several_rows_lists_them(admin_api: APIClient) -> None:
    wrong = of_field(admin_api, origin="吉林")
    assert "suggestion" not in wrong
    assert {row["code"] for row in wrong["candidates"]} == {"220000", "220200"}


def test_what_a_stranger_may_not_see_is_not_suggested_to_him(
    api: APIClient, admin_api: APIClient
) -> None:
    for given in ("secret", "秘密园区"):
        assert "secret-zgc" not in str(error(api.get(f"{API}/projects", {"park": given})))
        assert (
            error(admin_api.get(f"{API}/projects", {"park": given}))["suggestion"] == "secret-zgc"
        )


def test_of_a_large_table_names_are_compared_as_they_are_written(
    admin_api: APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.problems.nearest_rows.MOST_ROWS", 1)
    assert of_field(admin_api, park="Baodi Town")["suggestion"] == "baodi-zgc"
    assert "suggestion" not in of_field(admin_api, park="baodi town")


def test_of_a_large_table_only_what_begins_alike_is_compared(
    api: APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.problems.nearest_rows.MOST_ROWS", 1)
    assert error(api.get(f"{API}/projects", {"park": "baodi-zgd"}))["suggestion"] == "baodi-zgc"
    assert "suggestion" not in error(api.get(f"{API}/projects", {"park": "xaodi-zgc"}))
