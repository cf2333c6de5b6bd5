"""/parks: a park with its headline figures and its largest projects."""

import pytest
from rest_framework.test import APIClient

from tests.answers import API, Row, codes, found, made, mistakes
from tests.factories import (
    FigureFactory,
    OrganisationFactory,
    ParkFactory,
    ProjectFactory,
    RegionFactory,
    SectorGroupFactory,
    SourceFactory,
)
from tests.seeded import kept_rows

pytestmark = pytest.mark.django_db

YI = 100_000_000
TOWN = {
    "code": "zgc-town",
    "name_zh": "京津中关村科技城",
    "name_en": "Zhongguancun Science Town",
    "aliases": ["宝坻中关村科技城", "Baodi Science Town"],
    "kind": "science_town",
    "region": "120115",
    "address": "京津新城",
    "latitude": 39.61,
    "longitude": 117.32,
    "point_accuracy": "area",
    "point_datum": "bd09",
    "brand": "zhongguancun",
    "operator": "zgc-company",
    "leading_sectors": ["ai", "ic"],
    "is_placeholder": False,
    "publication": "published",
    "default_publication": "draft",
    "source": "S1",
    "note": "第一行\n第二行",
}


@kept_rows
def surroundings() -> None:
    """What `TOWN` refers to."""
    RegionFactory.create(code="120000", name_zh="天津市", name_en="Tianjin")
    RegionFactory.create(code="120115", name_zh="宝坻区", name_en="Baodi District")
    OrganisationFactory.create(code="zgc-company")
    SectorGroupFactory.create(code="ic")
    SectorGroupFactory.create(code="ai")
    SourceFactory.create(code="S1", title="报道")


def test_a_row_of_the_list_is_whole(admin_api: APIClient, surroundings: None) -> None:
    row = made(admin_api.post(f"{API}/parks", TOWN))
    assert found(admin_api.get(f"{API}/parks"))["results"] == [
        TOWN
        | {"region_name_zh": "宝坻区", "region_name_en": "Baodi District", "version": 1}
        | {name: row[name] for name in ("created_at", "updated_at")}
    ]


def test_a_park_is_answered_whole(api: APIClient, surroundings: None) -> None:
    park = ParkFactory.create(code="town", name_zh="科技城", name_en="", region_id="120115")
    FigureFactory.create(park=park, code="area-2024")
    ProjectFactory.create(
        park=park, code="big", name_zh="大", name_en="Big", investment=3 * YI, met=["signed"]
    )
    ProjectFactory.create(park=park, code="unsized", name_zh="未知", name_en="")
    ProjectFactory.create(
        park=park, code="small", name_zh="小", investment=YI, investment__qualifier="over"
    )
    answer = found(api.get(f"{API}/parks/town"))
    largest = answer["projects"].pop("largest")
    (listed,) = found(api.get(f"{API}/parks"))["results"]
    assert answer == listed | {
        "figures": answer["figures"],
        "projects": {"count": 3, "list_url": f"http://testserver{API}/projects?park=town"},
    }
    (figure,) = answer["figures"]
    assert (figure["code"], figure["value"], figure["others"]) == ("area-2024", 14.5, 0)
    assert [row["code"] for row in largest] == ["big", "small", "unsized"]
    assert largest[0] == {
        "code": "big",
        "name_zh": "大",
        "name_en": "Big",
        "stage": "signed",
        "investment_cny": 3 * YI,
        "investment_qualifier": "exact",
    }
    unknown = {"stage": None, "investment_cny": None, "investment_qualifier": None}
    assert unknown.items() <= largest[2].items()
    assert largest[1]["investment_qualifier"] == "over"
    assert codes(api, "projects", park="town") == ["big", "small", "unsized"]


def test_of_many_projects_the_ten_largest_are_shown(api: APIClient) -> None:
    park = ParkFactory.create(code="town")
    for number in range(12):
        ProjectFactory.create(park=park, code=f"p{number:02}", investment=number * YI)
    projects = found(api.get(f"{API}/parks/town"))["projects"]
    assert projects["count"] == 12
    assert [row["code"] for row in projects["largest"]] == [f"p{n:02}" for n in range(11, 1, -1)]


def test_a_field_is_changed_and_the_rest_stays(admin_api: APIClient, surroundings: None) -> None:
    before = made(admin_api.post(f"{API}/parks", TOWN))
    change = {"leading_sectors": ["ic"], "operator": None, "kind": None}
    changed = found(admin_api.patch(f"{API}/parks/zgc-town", change))
    record = {"version": 2, "updated_at": changed["updated_at"]}
    assert changed == before | change | record
    assert found(admin_api.get(f"{API}/parks/zgc-town")) == changed


def test_the_list_can_be_narrowed_and_ordered(admin_api: APIClient, surroundings: None) -> None:
    made(admin_api.post(f"{API}/parks", TOWN))
    RegionFactory.create(code="310000", name_zh="上海市", name_en="Shanghai")
    lingang = {"name_zh": "临港", "region_id": "310000", "kind": "new_area"}
    ParkFactory.create(code="Lingang", **lingang)
    ParkFactory.create(code="a-district", kind="district", is_placeholder=True)
    source = SourceFactory.create(code="S9")
    ParkFactory.create(code="nameless", name_zh="", name_en="Nameless", source=source)
    for parameters, expected in [
        ({"region": "天津"}, ["a-district", "nameless", "zgc-town"]),
        ({"region": "上海,宝坻"}, ["Lingang", "a-district", "nameless", "zgc-town"]),
        ({"region_not": "天津"}, ["Lingang"]),
        ({"kind": "new_area,science_town"}, ["Lingang", "zgc-town"]),
        ({"kind": "unknown"}, ["nameless"]),
        ({"kind_not": "district"}, ["Lingang", "nameless", "zgc-town"]),
        ({"brand": "zhongguancun"}, ["zgc-town"]),
        ({"brand_not": "zhongguancun"}, ["Lingang", "a-district", "nameless"]),
        ({"brand": "unknown"}, ["Lingang", "a-district", "nameless"]),
        ({"operator": "zgc-company"}, ["zgc-town"]),
        ({"operator": "unknown"}, ["Lingang", "a-district", "nameless"]),
        ({"is_placeholder": "true"}, ["a-district"]),
        ({"is_placeholder": "false"}, ["Lingang", "nameless", "zgc-town"]),
        ({"source": "s9"}, ["nameless"]),
        ({"source_not": "S9,unknown"}, ["zgc-town"]),
        ({"q": "关村"}, ["zgc-town"]),
        ({"q": "LING"}, ["Lingang"]),
        ({"ordering": "code", "limit": "1"}, ["Lingang", "a-district", "nameless", "zgc-town"]),
        ({"ordering": "-code"}, ["zgc-town", "nameless", "a-district", "Lingang"]),
    ]:
        expected = sorted(expected, key=str.lower) if "ordering" not in parameters else expected
        shown = codes(admin_api, "parks", **parameters)
        assert sorted(shown, key=str.lower) == sorted(expected, key=str.lower), parameters
        if "ordering" in parameters:
            assert shown == expected


WRONG: list[tuple[Row, dict[str, str]]] = [
    ({"region": None}, {"#/region": "null"}),
    ({"region": "999999"}, {"#/region": "unknown_value"}),
    ({"kind": "park"}, {"#/kind": "unknown_value"}),
    ({"operator": "nobody"}, {"#/operator": "unknown_value"}),
    ({"operator": 7}, {"#/operator": "unknown_value"}),
    ({"leading_sectors": "ic"}, {"#/leading_sectors": "not_a_list"}),
    ({"leading_sectors": ["ic", "C39"]}, {"#/leading_sectors": "unknown_value"}),
    ({"publication": "public"}, {"#/publication": "unknown_value"}),
    ({"publication": ""}, {"#/publication": "unknown_value"}),
    ({"is_placeholder": None}, {"#/is_placeholder": "null"}),
    ({"name_zh": "", "name_en": ""}, {"#": "invalid"}),
    ({"code": "Export"}, {"#/code": "reserved_code"}),
]


def test_what_is_wrong_with_a_park_is_said_where_it_stands(
    admin_api: APIClient, surroundings: None
) -> None:
    for change, expected in WRONG:
        assert mistakes(admin_api.post(f"{API}/parks", TOWN | change)) == expected, change
    missing = admin_api.post(f"{API}/parks", {"name_zh": "某园"})
    assert mistakes(missing) == {"#/region": "required"}
    assert codes(admin_api, "parks") == []


def test_a_park_with_projects_cannot_be_deleted(admin_api: APIClient) -> None:
    park = ParkFactory.create(code="town")
    projects = [ProjectFactory.create(park=park) for _number in range(2)]
    response = admin_api.delete(f"{API}/parks/town")
    assert response.status_code == 409
    document = response.json()
    assert document["type"] == "/problems/conflict"
    assert document["dependents"] == 2
    assert "2 other records depend" in document["detail"]
    for project in projects:
        assert admin_api.delete(f"{API}/projects/{project.code}").status_code == 204
    assert admin_api.delete(f"{API}/parks/town").status_code == 204
    assert admin_api.get(f"{API}/parks/town").status_code == 404
