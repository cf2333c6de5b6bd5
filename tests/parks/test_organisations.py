"""/organisations: who invests, and who runs a park."""

import pytest
from rest_framework.test import APIClient

from tests.answers import API, Row, codes, found, made, mistakes
from tests.factories import (
    InvestorFactory,
    OrganisationFactory,
    ParkFactory,
    ProjectFactory,
    RegionFactory,
    SourceFactory,
)
from tests.seeded import kept_rows

pytestmark = pytest.mark.django_db

USCC = "91110108551385082Q"
XIAOMI = {
    "code": "xiaomi",
    "name_zh": "小米通讯技术有限公司",
    "name_en": "Xiaomi Communications",
    "aliases": ["小米", "Mi Home"],
    "uscc": USCC,
    "kind": "company",
    "ownership": "private",
    "region": "110108",
    "parent": "xiaomi-group",
    "source": "S1",
    "note": "第一行\n第二行",
}


@kept_rows
def registry() -> None:
    """The places and the parent that `XIAOMI` refers to."""
    for code, name in [("110000", "北京市"), ("110108", "海淀区"), ("120000", "天津市")]:
        RegionFactory.create(code=code, name_zh=name)
    OrganisationFactory.create(code="xiaomi-group", name_zh="小米集团", name_en="")
    SourceFactory.create(code="S1")


def test_an_organisation_is_added_with_every_field_and_answered_whole(
    admin_api: APIClient, registry: None
) -> None:
    response = admin_api.post(f"{API}/organisations", XIAOMI)
    row = made(response)
    record = {name: row.pop(name) for name in ("version", "created_at", "updated_at")}
    assert row == XIAOMI | {"publication": "published", "park": None}
    detail = found(admin_api.get(f"{API}/organisations/XIAOMI"))
    assert detail == row | record
    assert response.headers["Location"].endswith("/organisations/xiaomi")
    for word in ("通讯", "mi home"):
        (listed,) = found(admin_api.get(f"{API}/organisations", {"q": word}))["results"]
        assert listed == detail


def test_the_list_can_be_narrowed_and_ordered(admin_api: APIClient, registry: None) -> None:
    made(admin_api.post(f"{API}/organisations", XIAOMI))
    OrganisationFactory.create(code="port", name_zh="天津港", region_id="120000")
    for parameters, expected in [
        ({"region": "北京"}, ["xiaomi"]),
        ({"region": "120000,110000"}, ["port", "xiaomi"]),
        ({"region": "unknown"}, ["xiaomi-group"]),
        ({"region_not": "北京"}, ["port", "xiaomi-group"]),
        ({"parent": "XIAOMI-group"}, ["xiaomi"]),
        ({"parent": "unknown"}, ["port", "xiaomi-group"]),
        ({"source": "s1"}, ["xiaomi"]),
        ({"source": "unknown"}, ["port", "xiaomi-group"]),
        ({"source_not": "S1"}, ["port", "xiaomi-group"]),
        ({"q": "小米"}, ["xiaomi", "xiaomi-group"]),
        ({"q": "小米 communications"}, ["xiaomi"]),
        ({"q": USCC[4:12]}, ["xiaomi"]),
        ({"ordering": "-code", "limit": "1"}, ["xiaomi-group", "xiaomi", "port"]),
    ]:
        assert codes(admin_api, "organisations", **parameters) == expected, parameters


WRONG: list[tuple[Row, dict[str, str]]] = [
    ({"uscc": USCC[:-1] + "R"}, {"#/uscc": "invalid_uscc"}),
    ({"uscc": USCC[:-1]}, {"#/uscc": "invalid_uscc"}),
    ({"uscc": f"{USCC}0"}, {"#/uscc": "max_length"}),
    ({"region": "11010"}, {"#/region": "unknown_value"}),
    ({"parent": "xiaomi"}, {"#/parent": "unknown_value"}),
    ({"name_zh": "", "name_en": ""}, {"#": "invalid"}),
    ({"name_zh": " ", "name_en": "\u3000"}, {"#": "invalid"}),
    ({"code": "小米"}, {"#/code": "invalid"}),
    ({"code": "a/b"}, {"#/code": "invalid"}),
    ({"code": "Unknown"}, {"#/code": "reserved_code"}),
    ({"code": "XIAOMI-GROUP"}, {"#/code": "unique"}),
]


def test_what_is_wrong_with_an_organisation_is_said_where_it_stands(
    admin_api: APIClient, registry: None
) -> None:
    for change, expected in WRONG:
        response = admin_api.post(f"{API}/organisations", XIAOMI | change)
        status = 409 if "unique" in expected.values() else 400
        assert mistakes(response, status) == expected, change
    assert admin_api.get(f"{API}/organisations/xiaomi").status_code == 404


def test_a_credit_code_belongs_to_one_organisation(admin_api: APIClient, registry: None) -> None:
    made(admin_api.post(f"{API}/organisations", XIAOMI))
    again = admin_api.post(f"{API}/organisations", XIAOMI | {"code": "other"})
    assert mistakes(again, 409) == {"#/uscc": "unique"}


def test_an_organisation_that_others_need_cannot_be_deleted(admin_api: APIClient) -> None:
    investor = InvestorFactory.create(project=ProjectFactory.create())
    operator = OrganisationFactory.create()
    ParkFactory.create(operator=operator)
    for needed in (investor.organisation, operator):
        response = admin_api.delete(f"{API}/organisations/{needed.code}")
        assert response.status_code == 409
        assert response.json()["dependents"] == 1
    free = OrganisationFactory.create(code="free")
    assert admin_api.delete(f"{API}/organisations/{free.code}").status_code == 204
    again = admin_api.post(f"{API}/organisations", {"name_zh": "又一家", "code": "FREE"})
    assert mistakes(again, 409) == {"#/code": "code_retired"}
