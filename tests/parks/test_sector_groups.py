"""/sector-groups: named sets of sectors across sections, some parts of which may be taken out."""

import pytest
from rest_framework.test import APIClient

from tests.answers import API, Row, codes, found, made, mistakes
from tests.factories import ProjectFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("vocabularies")]

ELECTRONICS = {
    "code": "electronics",
    "name_zh": "电子与软件",
    "name_en": "Electronics and software",
    "aliases": ["数字经济"],
    "source": "our own",
    "members": [
        {"sector": "C39", "excluded": False},
        {"sector": "C3973", "excluded": True},
        {"sector": "I65", "excluded": False},
    ],
}


def test_a_group_is_answered_whole(api: APIClient) -> None:
    assert found(api.get(f"{API}/sector-groups/ic")) == {
        "code": "ic",
        "name_zh": "集成电路",
        "name_en": "Integrated circuits (manufacture and design)",
        "aliases": [
            "集成电路产业",
            "半导体",
            "芯片",
            "Integrated circuits",
            "Semiconductors",
            "Chips",
        ],
        "source": "GB/T 4754-2017 中集成电路制造与集成电路设计两个小类",
        "members": [
            {"sector": "C3973", "excluded": False},
            {"sector": "I6520", "excluded": False},
        ],
    }


def test_the_list_has_the_same_rows(api: APIClient) -> None:
    assert codes(api, "sector-groups", limit=1) == ["ic", "zgc-equipment"]
    assert codes(api, "sector-groups", q="装备") == ["zgc-equipment"]
    (row,) = found(api.get(f"{API}/sector-groups", {"q": "ic"}))["results"]
    assert row == found(api.get(f"{API}/sector-groups/IC"))


def test_a_group_is_added_with_its_members_and_finds_their_projects(admin_api: APIClient) -> None:
    for sector in ("C3972", "C3973", "I6513", "M7320"):
        ProjectFactory.create(code=f"in-{sector}", sector_id=sector)
    response = admin_api.post(f"{API}/sector-groups", ELECTRONICS)
    assert made(response) == ELECTRONICS
    assert found(admin_api.get(response.headers["Location"])) == ELECTRONICS
    for name in ("electronics", "电子与软件", "数字经济", "ELECTRONICS AND SOFTWARE"):
        assert codes(admin_api, "projects", sector=name) == ["in-C3972", "in-I6513"], name


def test_members_are_replaced_as_a_whole_and_stay_when_something_else_is_written(
    admin_api: APIClient,
) -> None:
    change = {"members": [{"sector": "C39"}]}
    changed = found(admin_api.patch(f"{API}/sector-groups/ic", change))
    assert changed["members"] == [{"sector": "C39", "excluded": False}]
    assert changed == found(admin_api.get(f"{API}/sector-groups/ic"))
    renamed = found(admin_api.patch(f"{API}/sector-groups/ic", {"name_zh": "电子"}))
    assert renamed == changed | {"name_zh": "电子"}


WRONG: list[tuple[Row, dict[str, str]]] = [
    ({"code": "Electronics"}, {"#/code": "invalid"}),
    ({"code": ""}, {"#/code": "blank"}),
    ({"name_zh": "", "name_en": ""}, {"#": "invalid"}),
    ({"members": [{"sector": "C99"}]}, {"#/members/0/sector": "unknown_value"}),
    ({"members": [{"sector": "C39", "excluded": 3}]}, {"#/members/0/excluded": "invalid"}),
    ({"members": [{"sector": "C39", "out": True}]}, {"#/members/0/out": "unknown_field"}),
    ({"aliases": "电子"}, {"#/aliases": "not_a_list"}),
    ({"aliases": ["电子", 5]}, {"#/aliases/1": "invalid"}),
]


def test_what_is_wrong_with_a_group_is_said_where_it_stands(admin_api: APIClient) -> None:
    for change, expected in WRONG:
        response = admin_api.post(f"{API}/sector-groups", ELECTRONICS | change)
        assert mistakes(response) == expected, change
    assert admin_api.get(f"{API}/sector-groups/electronics").status_code == 404
