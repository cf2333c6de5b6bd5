"""Regions, sectors and groups: codes that roll up, names that are found, terms that retire."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone, translation
from rest_framework.test import APIClient

from parks.models import Region, RegionGroup, Sector
from parks.models.vocabularies import next_code, without_type
from tests.admin_pages import read_form
from tests.answers import API, codes, found, made, mistakes
from tests.conftest import read_fixture
from tests.factories import ProjectFactory, RegionFactory, SectorFactory
from tests.together import together

# --- Codes --------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("name", ["regions", "sectors"])
def test_the_range_of_a_code_holds_exactly_what_begins_with_it(name: str) -> None:
    codes = [row["code"] for row in read_fixture(name)]
    for prefix in {code[:length] for code in codes for length in (1, 2, 3, 4) if code[:length]}:
        inside = {code for code in codes if prefix <= code < next_code(prefix)}
        assert inside == {code for code in codes if code.startswith(prefix)}, prefix


@pytest.mark.django_db
@together(
    ("row", "codes"),
    [
        (Region(level="province"), ["33", "3303000", "C39", "de", "DEU", "330300\n", ""]),
        (Sector(level="division"), ["39", "c39", "U", "C39731", "C39\n", ""]),
        (RegionGroup(), ["YRD", "长三角", "a b", "a_b", ""]),
    ],
)
def test_a_code_has_the_form_of_its_vocabulary(row: Any, codes: list[str]) -> None:
    row.name_zh = "某"
    for row.code in codes:
        with pytest.raises(ValidationError) as refused:
            row.full_clean()
        assert [*refused.value.message_dict] == ["code"]


# --- Names --------------------------------------------------------------------------------------


@together(
    ("full", "short"),
    [
        *[("浙江省", "浙江"), ("温州市", "温州"), ("浦东新区", "浦东"), ("香港特别行政区", "香港")],
        *[("内蒙古自治区", "内蒙古"), ("延边朝鲜族自治州", "延边朝鲜族")],
        ("雄县", ""),  # one sign alone is no name
        *[("吉县", ""), ("德国", ""), ("baodi district", "baodi"), ("zhejiang", "")],
        ("xiong county", "xiong"),
    ],
)
def test_a_name_without_its_type_is_a_name_too(full: str, short: str) -> None:
    assert without_type(full) == short


@pytest.mark.django_db
def test_saving_a_region_keeps_its_names_findable() -> None:
    region = RegionFactory.create(code="330300", name_zh="温州市", name_en="Wenzhou")
    assert set(region.names.values_list("key", flat=True)) == {"温州市", "温州", "wenzhou"}
    region.name_zh, region.aliases = "东瓯市", ["Ouzhou"]
    region.save()
    keys = {"东瓯市", "东瓯", "wenzhou", "ouzhou"}
    assert set(region.names.values_list("key", flat=True)) == keys


@pytest.mark.django_db
def test_a_row_is_named_in_the_active_language_else_in_the_other() -> None:
    both = RegionFactory.create(code="330300", name_zh="温州市", name_en="Wenzhou")
    chinese = SectorFactory.create(code="C271", name_zh="化学药品原料药制造", name_en="")
    with translation.override("en"):
        assert (both.name, chinese.name) == ("Wenzhou", "化学药品原料药制造")
    with translation.override("zh-hans"):
        assert both.name == "温州市"


# --- Retirement ---------------------------------------------------------------------------------


@pytest.mark.django_db
@together(
    ("start", "end", "holds"),
    [(None, None, True), (0, None, True), (None, 0, True), (1, None, False), (None, -1, False)],
)
def test_a_term_is_in_force_from_its_first_to_its_last_day(
    start: int | None, end: int | None, holds: bool
) -> None:
    today = timezone.localdate()
    days = [None if n is None else today + timedelta(days=n) for n in (start, end)]
    SectorFactory.create(code="C39", valid_from=days[0], valid_to=days[1])
    assert Sector.objects.in_force().exists() is holds


# --- Mistakes -----------------------------------------------------------------------------------


@pytest.mark.django_db
@together(
    ("path", "body", "column"),
    [
        ("regions", {"code": "990000", "level": "province"}, "origin"),
        ("sectors", {"code": "S", "level": "section"}, "sector"),
    ],
)
def test_a_term_to_which_a_past_version_refers_is_not_deleted(
    admin_api: APIClient, vocabularies: None, path: str, body: dict[str, Any], column: str
) -> None:
    address = f"{API}/{path}/{body['code']}"
    made(admin_api.post(f"{API}/{path}", {"name_zh": "错", **body}))
    project = ProjectFactory.create(code=f"of-{column}")
    for code in (body["code"], None):
        found(admin_api.patch(f"{API}/projects/{project.code}", {column: code}))
        assert mistakes(admin_api.delete(address), 409) == {"#/code": "term_in_use"}
    found(admin_api.get(address))


@pytest.mark.django_db
def test_a_term_that_came_with_the_ledger_is_not_deleted(
    admin_api: APIClient, vocabularies: None
) -> None:
    for term in ("regions/429004", "sectors/M7320", "sector-groups/ic"):
        assert mistakes(admin_api.delete(f"{API}/{term}"), 409) == {"#/code": "term_in_use"}


@pytest.mark.django_db
def test_the_admin_deletes_only_mistakes_and_keeps_families_apart(
    admin_client: Client, admin_api: APIClient, vocabularies: None
) -> None:
    page = "/admin/parks/regiongroup/{}/{}/"
    body: Any = {"code": "bay", "name_zh": "湾", "members": [{"region": "310115"}]}
    made(admin_api.post(f"{API}/region-groups", body))
    form = read_form(admin_client.get(page.format("bay", "change")))
    refused = admin_client.post(page.format("bay", "change"), form | {"family": "clusters"})
    assert "“Yangtze River Delta”, of the same family, has" in refused.content.decode()
    assert RegionGroup.objects.get(code="bay").family == ""
    assert admin_client.post(page.format("yrd", "delete"), {"post": "yes"}).status_code == 403
    assert admin_client.post(page.format("bay", "delete"), {"post": "yes"}).status_code == 302
    assert not RegionGroup.objects.filter(code="bay").exists()


@pytest.mark.django_db
def test_members_are_codes_or_objects_and_valid_from_a_year_until_a_month(
    admin_client: Client, admin_api: APIClient, vocabularies: None
) -> None:
    dated = {"region": "330100", "valid_from": "2019", "valid_to": "2020-02"}
    undated = {"region": "310000", "valid_from": None, "valid_to": None}
    body: Any = {"code": "bay", "name_zh": "湾", "members": ["310000", dated]}
    group = made(admin_api.post(f"{API}/region-groups", body))
    stored = {"region": "330100", "valid_from": "2019-01-01", "valid_to": "2020-02-29"}
    assert group["members"] == [undated, stored]
    page = "/admin/parks/regiongroup/bay/change/"
    typed = {"members-1-valid_from": "2021-05", "members-1-valid_to": "2022年"}
    admin_client.post(page, read_form(admin_client.get(page)) | typed)
    stored |= {"valid_from": "2021-05-01", "valid_to": "2022-12-31"}
    assert found(admin_api.get(f"{API}/region-groups/bay"))["members"] == [undated, stored]
    for members, where in ((["nowhere"], "0"), ([dated | {"valid_from": "19"}], "0/valid_from")):
        refused = admin_api.patch(f"{API}/region-groups/bay", {"members": members})
        assert [*mistakes(refused)] == [f"#/members/{where}"]
    chips: Any = {"code": "chips", "name_zh": "电子", "members": ["C39"]}
    made(admin_api.post(f"{API}/sector-groups", chips))
    tagged = ProjectFactory.create().code
    made(admin_api.post(f"{API}/tags", {"code": "ours", "name_zh": "我们的", "bearer": "project"}))
    tag = {"tag": "ours", "valid_from": "2024", "valid_to": "2024-02"}
    row = made(admin_api.post(f"{API}/projects/{tagged}/tags", tag))
    assert (row["valid_from"], row["valid_to"]) == ("2024-01-01", "2024-02-29")


# --- Families -----------------------------------------------------------------------------------


@pytest.mark.django_db
@together(
    ("members", "has_countries", "is_refused"),
    [
        ([{"region": "310115"}], False, True),  # a part of Shanghai
        ([{"region": "330000", "valid_to": "2009-12-31"}], False, False),
        ([{"region": "330000", "valid_to": "2010-01-01"}], False, True),
        ([{"region": "110000"}], False, False),
        ([], True, True),  # Germany is a member of the other
    ],
)
def test_groups_of_one_family_do_not_overlap(
    admin_api: APIClient,
    vocabularies: None,
    members: list[dict[str, Any]],
    has_countries: bool,
    is_refused: bool,
) -> None:
    bay: Any = {"code": "bay", "name_zh": "湾", "family": "ours"}
    theirs = [{"region": "310000"}, {"region": "330100", "valid_from": "2010-01-01"}]
    made(admin_api.post(f"{API}/region-groups", bay | {"members": [*theirs, {"region": "DE"}]}))
    other: Any = {"code": "other", "name_zh": "别", "has_countries": has_countries}
    made(admin_api.post(f"{API}/region-groups", other | {"members": members}))
    joined = admin_api.patch(f"{API}/region-groups/other", {"family": "ours"})
    if is_refused:
        assert mistakes(joined) == {"#/family": "groups_overlap"}
    else:
        found(joined)


# --- Projects follow ----------------------------------------------------------------------------


@pytest.mark.django_db
def test_projects_follow_the_name_and_the_high_tech_mark_of_their_sector(
    admin_api: APIClient, vocabularies: None
) -> None:
    ProjectFactory.create(code="chips", sector_id="C3973")
    before = found(admin_api.get(f"{API}/projects/chips"))
    change = {"name_en": "Making of chips", "hitech": "no"}
    found(admin_api.patch(f"{API}/sectors/C3973", change))
    after = found(admin_api.get(f"{API}/projects/chips"))
    assert (before["hitech"], after["hitech"]) == ("yes", "no")
    assert after["version"] > before["version"]
    assert codes(admin_api, "projects", sector="making of CHIPS") == ["chips"]


@pytest.mark.django_db
def test_a_group_finds_the_projects_of_its_members_by_each_of_its_names(
    admin_api: APIClient, vocabularies: None
) -> None:
    for region in ("310115", "330106", "330300"):
        ProjectFactory.create(code=f"from-{region}", origin_id=region)
    for sector in ("C3972", "C3973", "M7320"):
        ProjectFactory.create(code=f"in-{sector}", sector_id=sector)
    bay = {"code": "bay", "name_zh": "环杭州湾", "name_en": "Hangzhou Bay", "aliases": ["湾区"]}
    members: Any = [{"region": "310000"}, {"region": "330100", "valid_from": "2003-01-01"}]
    made(admin_api.post(f"{API}/region-groups", {**bay, "members": members}))
    chips = {"code": "chips", "name_zh": "电子", "name_en": "Electronics", "aliases": ["数字"]}
    members = [{"sector": "C39"}, {"sector": "C3973", "excluded": True}]
    made(admin_api.post(f"{API}/sector-groups", {**chips, "members": members}))
    for name in ("bay", "环杭州湾", "湾区", "hangzhou bay"):
        assert codes(admin_api, "projects", origin=name) == ["from-310115", "from-330106"], name
    for name in ("chips", "电子", "数字", "ELECTRONICS"):
        assert codes(admin_api, "projects", sector=name) == ["in-C3972"], name


@pytest.mark.django_db
def test_a_group_may_have_all_countries_besides_its_members(
    admin_api: APIClient, vocabularies: None
) -> None:
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
