"""A name, or half a code, where a code is wanted: the refusal says which code was meant."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from projects.models import Project
from tests.answers import API, Row, error, found, problem
from tests.factories import InvestorFactory, OrganisationFactory, ParkFactory, SourceFactory
from tests.seeded import kept_rows
from tests.together import together

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("vocabularies")]


@kept_rows(autouse=True)
def parks(vocabularies: None) -> None:
    park = ParkFactory.create(
        code="baodi-zgc",
        region_id="120115",
        name_zh="宝坻京津中关村科技城",
        name_en="Baodi Town",
        aliases="中关村宝坻园\nZhongguancun Baodi",
    )
    ParkFactory.create(code="baoding", name_zh="保定高新区", name_en="Baoding Zone")
    ParkFactory.create(code="secret-zgc", name_zh="秘密园区", publication="draft")
    source = SourceFactory.create(code="daily-2023", title="The Daily")
    haier = OrganisationFactory.create(
        code="haier", name_en="Haier Co., Ltd.", aliases="小海\n海尔"
    )
    InvestorFactory.create(project__code="fab", project__park=park, organisation=haier)
    Project.objects.update(origin="330100", sector="C3973", source=source)


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
        *[("investment_basis", "计划", "planned"), ("investment_basis", "Planned", "planned")],
        *[("investment_basis", "agreed in contract", "agreed"), ("investment_basis", "x", None)],
    ],
)
def test_the_code_that_was_meant_in_a_body(
    admin_api: APIClient, field: str, given: str, code: str | None
) -> None:
    wrong = of_field(admin_api, **{field: given})
    assert wrong["code"] == "unknown_value"
    assert wrong.get("suggestion") == code


def test_a_name_of_several_rows_lists_them(admin_api: APIClient) -> None:
    wrong = of_field(admin_api, origin="suzhou")
    assert "suggestion" not in wrong
    assert {row["code"] for row in wrong["candidates"]} == {"320500", "341300"}


@together(
    ("name", "called"),
    [
        *[
            ("park", "宝坻京津中关村科技城"),
            ("park", "zhongguancun baodi"),
            ("park", "baoding,中关村宝坻园"),
        ],
        *[("organisation", "海尔"), ("organisation", "Haier Co., Ltd."), ("source", "The Daily")],
        *[("origin_group", "长三角"), ("origin_province", "浙江"), ("origin_country_not", "德国")],
        *[("sector_section", "制造业"), ("sector_group", "集成电路"), ("park_province", "天津")],
    ],
)
def test_a_filter_takes_every_name(api: APIClient, name: str, called: str) -> None:
    (row,) = found(api.get(f"{API}/projects", {name: called}))["results"]
    assert row["code"] == "fab"


@together(
    ("name", "given", "word"),
    [
        *[("stage", "正式签约", "signed"), ("stage", "contract signed", "signed")],
        *[("stage", "开工", "started"), ("investment_basis", "agreed in contract", "agreed")],
        *[("rate_not_known", "开工率", "start_rate"), ("has_source", "ture", "true")],
        ("stage", "x", None),
    ],
)
def test_the_word_that_was_meant_in_a_filter(
    api: APIClient, name: str, given: str, word: str | None
) -> None:
    assert error(api.get(f"{API}/projects", {name: given})).get("suggestion") == word


def test_what_a_stranger_may_not_see_is_not_suggested_to_him(
    api: APIClient, admin_api: APIClient
) -> None:
    for given in ("secret", "秘密园区"):
        assert "secret-zgc" not in str(error(api.get(f"{API}/projects", {"park": given})))
    assert error(admin_api.get(f"{API}/projects?park=secret"))["suggestion"] == "secret-zgc"
    assert found(admin_api.get(f"{API}/projects", {"park": "秘密园区"}))["results"] == []


def test_of_a_large_table_names_are_compared_as_written_and_codes_by_their_beginning(
    api: APIClient, admin_api: APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.problems.nearest_rows.MOST_ROWS", 1)
    assert of_field(admin_api, park="Baodi Town")["suggestion"] == "baodi-zgc"
    assert "suggestion" not in of_field(admin_api, park="baodi town")
    assert error(api.get(f"{API}/projects", {"park": "baodi-zgd"}))["suggestion"] == "baodi-zgc"
    assert "suggestion" not in error(api.get(f"{API}/projects", {"park": "xaodi-zgc"}))
