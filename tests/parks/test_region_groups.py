"""/region-groups: named sets of regions, whose members are written as a whole list."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from tests.answers import API, Row, codes, error, found, made, mistakes
from tests.factories import ProjectFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("vocabularies")]

HANGZHOU_BAY = {
    "code": "hangzhou-bay",
    "name_zh": "环杭州湾",
    "name_en": "Hangzhou Bay",
    "family": "",
    "definition_zh": "上海和环杭州湾各市",
    "definition_en": "Shanghai and the cities around the bay",
    "aliases": ["杭州湾区"],
    "source": "",
    "has_countries": False,
    "members": [
        {"region": "310000", "valid_from": None, "valid_to": None},
        {"region": "330100", "valid_from": "2003-01-01", "valid_to": "2099-12-31"},
    ],
}


def test_a_group_is_answered_whole(api: APIClient) -> None:
    members = ["310000", "320000", "330000", "340000"]
    assert found(api.get(f"{API}/region-groups/yrd")) == {
        "code": "yrd",
        "name_zh": "长江三角洲",
        "name_en": "Yangtze River Delta",
        "family": "clusters",
        "definition_zh": "上海、江苏、浙江、安徽三省一市全域（2019年规划纲要的范围）",
        "definition_en": "Shanghai, Jiangsu, Zhejiang and Anhui, whole (outline of 2019)",
        "aliases": ["长三角", "长三角地区", "长江三角洲地区", "Yangtze Delta"],
        "source": "《长江三角洲区域一体化发展规划纲要》（2019年）",
        "has_countries": False,
        "members": [{"region": c, "valid_from": None, "valid_to": None} for c in members],
    }
    assert found(api.get(f"{API}/region-groups/YRD"))["code"] == "yrd"


def test_the_list_has_the_same_rows(api: APIClient) -> None:
    everything = ["beijing-six", "gba", "jjj", "left-and-joined", "prd", "xiongan", "yrd"]
    assert codes(api, "region-groups", limit=2) == everything
    (row,) = found(api.get(f"{API}/region-groups", {"q": "Yangtze"}))["results"]
    assert row == found(api.get(f"{API}/region-groups/yrd"))


def test_a_group_is_added_with_its_members_and_finds_their_projects(admin_api: APIClient) -> None:
    for region in ("310115", "330106", "330300", "440300"):
        ProjectFactory.create(code=f"from-{region}", origin_id=region)
    response = admin_api.post(f"{API}/region-groups", HANGZHOU_BAY)
    assert made(response) == HANGZHOU_BAY
    assert found(admin_api.get(response.headers["Location"])) == HANGZHOU_BAY
    for name in ("hangzhou-bay", "环杭州湾", "杭州湾区", "hangzhou bay"):
        assert codes(admin_api, "projects", origin=name) == ["from-310115", "from-330106"], name


def test_members_are_replaced_as_a_whole(admin_api: APIClient) -> None:
    change: dict[str, Any] = {"members": [{"region": "330000"}, {"region": "310000"}]}
    changed = found(admin_api.patch(f"{API}/region-groups/yrd", change))
    assert changed == found(admin_api.get(f"{API}/region-groups/yrd"))
    assert [member["region"] for member in changed["members"]] == ["310000", "330000"]
    assert changed["name_zh"] == "长江三角洲"


def test_a_group_may_have_all_countries_besides_its_members(admin_api: APIClient) -> None:
    for region in ("DE", "US", "810000", "330300", None):
        ProjectFactory.create(code=f"from-{region}", origin_id=region)
    overseas: dict[str, Any] = {"code": "overseas", "name_zh": "境外", "has_countries": True}
    made(admin_api.post(f"{API}/region-groups", overseas | {"members": [{"region": "810000"}]}))
    there = ["from-810000", "from-DE", "from-US"]
    assert codes(admin_api, "projects", origin="境外") == there
    assert codes(admin_api, "projects", origin_not="overseas") == ["from-330300", "from-None"]
    assert codes(admin_api, "projects", origin_named_group="overseas") == there
    question = {"group_by": "origin_named_group", "origin": "overseas"}
    rows = found(admin_api.get(f"{API}/projects/summary", question))["rows"]
    counted = {row["origin_named_group"]["value"]: row["count"] for row in rows}
    assert counted == {"overseas": 3, "gba": 1}


def test_a_region_may_leave_a_group_and_come_back(admin_api: APIClient) -> None:
    members = [
        {"region": "310000", "valid_from": "2001-01-01", "valid_to": "2005-12-31"},
        {"region": "310000", "valid_from": "2019-01-01", "valid_to": None},
    ]
    changed = found(admin_api.patch(f"{API}/region-groups/yrd", {"members": members}))
    assert changed["members"] == members


WRONG: list[tuple[Row, dict[str, str]]] = [
    ({"code": "Hangzhou"}, {"#/code": "invalid"}),
    ({"name_zh": "", "name_en": ""}, {"#": "invalid"}),
    ({"members": {}}, {"#/members": "not_a_list"}),
    ({"members": ["310000"]}, {"#/members/0": "invalid"}),
    ({"members": [{"region": "319999"}]}, {"#/members/0/region": "unknown_value"}),
    ({"members": [{}]}, {"#/members/0/region": "required"}),
    ({"members": [{"region": "310000", "since": 2}]}, {"#/members/0/since": "unknown_field"}),
    (
        {"members": [{"region": "310000", "valid_from": "2019-01-01", "valid_to": "2018-1-1"}]},
        {"#/members/0": "invalid"},
    ),
    ({"aliases": [7, ["x"]]}, {"#/aliases/0": "invalid", "#/aliases/1": "invalid"}),
]


def test_what_is_wrong_with_a_group_is_said_where_it_stands(admin_api: APIClient) -> None:
    for change, expected in WRONG:
        response = admin_api.post(f"{API}/region-groups", HANGZHOU_BAY | change)
        assert mistakes(response) == expected, change
    assert admin_api.get(f"{API}/region-groups/hangzhou-bay").status_code == 404


def test_a_region_is_in_a_group_only_once(admin_api: APIClient) -> None:
    before = found(admin_api.get(f"{API}/region-groups/yrd"))
    twice = {"name_zh": "包邮区", "members": [{"region": "310000"}, {"region": "310000"}]}
    wrong = error(admin_api.patch(f"{API}/region-groups/yrd", twice), 409)
    assert wrong["detail"] == "This region is already in the group."
    assert found(admin_api.get(f"{API}/region-groups/yrd")) == before
