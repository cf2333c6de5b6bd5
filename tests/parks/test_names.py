"""Regions and sectors are found by what people call them: in `origin=` and `sector=`."""

from datetime import date

import pytest
from rest_framework.test import APIClient

from tests.answers import API, Row, codes, error, walk
from tests.conftest import REGIONS, SECTORS
from tests.factories import ParkFactory, ProjectFactory, RegionFactory
from tests.samples import HERE, sample
from tests.seeded import kept_rows

pytestmark = pytest.mark.django_db


@kept_rows
def places(vocabularies: None) -> None:
    """A project from each region, one of unknown origin, and regions with further traps."""
    make_prefectures_named_like_their_cities()
    make_retired_regions()
    park = ParkFactory.create()
    for code in [*REGIONS, *MORE_REGIONS]:
        ProjectFactory.create(code=f"from-{code}", origin_id=code, park=park)
    ProjectFactory.create(code="from-somewhere", park=park)


MORE_REGIONS = ["422800", "422801", "422802", "110103", "330205", "500000", "500105"]


def make_prefectures_named_like_their_cities() -> None:
    prefecture = {"name_zh": "恩施土家族苗族自治州", "name_en": "Enshi", "aliases": ["恩施"]}
    RegionFactory.create(code="422800", **prefecture)
    RegionFactory.create(code="422801", name_zh="恩施市", name_en="Enshi City")
    RegionFactory.create(code="422802", name_zh="利川市", name_en="Lichuan")


def make_retired_regions() -> None:
    """A district that is gone, and one that shares its name with a district of today."""
    gone = {"valid_to": date(2010, 6, 30)}
    RegionFactory.create(code="110103", name_zh="崇文区", name_en="Chongwen", **gone)
    RegionFactory.create(code="330205", name_zh="江北区", name_en="Jiangbei")
    RegionFactory.create(code="500000", name_zh="重庆市", name_en="Chongqing")
    RegionFactory.create(code="500105", name_zh="江北区", name_en="Jiangbei", **gone)


def origins(api: APIClient, value: str, parameter: str = "origin") -> set[str | None]:
    return {row["origin"] for row in walk(api, "projects", **{parameter: value})}


def refused(api: APIClient, parameter: str, value: str) -> Row:
    found = error(api.get(f"{API}/projects", {parameter: value}))
    assert found["parameter"] == parameter
    return found


# The beginnings of the codes of what is found, and the names that find it; `?` is what is not known
NAMES_OF_REGIONS = {
    # by code, by full name, by the name without its type, in English in any case with any blanks
    "33": "330000|浙江省|浙江|Zhejiang|zhejiang|Zhejiang Province| ZHEJIANG ",
    "3303": "330300|温州市|温州|Wenzhou",
    "330302": "330302",
    "429004": "429004|仙桃",
    "11": "北京",
    "81": "香港特别行政区|香港|Hong  Kong",
    # by another name; all countries, and no place of China
    **{"DE": "DE|de|德国|Germany", "US": "USA", "DE US": "foreign|国外|Abroad"},
    "DE US 81": "foreign,香港",
    # a province wins over what it contains, a prefecture over the city inside it
    "22": "吉林|Jilin|吉林省",
    "13": "河北",  # not the district of Tianjin
    "2202": "吉林市|吉林吉林",
    "4228": "恩施|恩施土家族苗族自治州",
    "422801": "恩施市|恩施恩施市",
    # by a path, with or without a slash
    "110105": "北京市朝阳区|北京朝阳",
    "220104": "长春朝阳区|吉林省长春市朝阳区",
    "3205": "江苏苏州|江苏省苏州市|Jiangsu/Suzhou",
    "3413": "安徽宿州|Anhui/Suzhou",
    # what is retired is found by its code and name, unless the name is in use today
    **{"110103": "110103|崇文区", "330205": "江北区", "500105": "500105|重庆江北区"},
    # named groups; members that have left, or are still to come, do not count
    "31 32 33 34": "yrd|YRD|长三角|长江三角洲|Yangtze River Delta|温州, yrd",
    "11 12 13": "京津冀|jjj",
    "4401 4403": "prd|珠三角",
    "4401 4403 81": "gba",
    "110105 110108": "beijing-six",
    "130629": "雄安新区",
    "3301": "left-and-joined",
    # several at once, in either kind of comma
    "32 33": "江苏,浙江|江苏，浙江",
    "32 33 DE": "江苏、330000; DE",
    **{"?": "unknown", "33 ?": "Unknown,浙江"},
}


def by_name(table: dict[str, str], codes: list[str]) -> dict[str, set[str | None]]:
    """What each name finds of these codes; a beginning after a minus is left out."""
    found: dict[str, set[str | None]] = {}
    for beginnings, names in table.items():
        begun = tuple(each for each in beginnings.split() if each[0] not in "?-")
        out = tuple(each[1:] for each in beginnings.split() if each[0] == "-")
        chosen = {code for code in codes if code.startswith(begun) and not code.startswith(out)}
        for name in names.split("|"):
            found[name] = chosen | ({None} if "?" in beginnings else set())
    return found


REGIONS_BY_NAME = by_name(NAMES_OF_REGIONS, [*REGIONS, *MORE_REGIONS])


@pytest.mark.slow
@pytest.mark.both_databases
def test_a_region_is_found_by_whatever_it_is_called(api: APIClient, places: None) -> None:
    for name in sample(sorted(REGIONS_BY_NAME), 2, HERE):
        assert origins(api, name) == REGIONS_BY_NAME[name], name


@pytest.mark.slow
@pytest.mark.both_databases
def test_excluding_a_region_leaves_exactly_the_others_the_unknown_included(
    api: APIClient, places: None
) -> None:
    everything = {*REGIONS, *MORE_REGIONS, None}
    for name in ("浙江", "yrd", "unknown", "Unknown,浙江", "left-and-joined"):
        left_out = origins(api, name, "origin_not")
        assert left_out == everything - REGIONS_BY_NAME[name], name


def test_a_name_of_two_cities_is_refused_with_the_candidates(api: APIClient, places: None) -> None:
    found = refused(api, "origin", "suzhou")
    assert refused(api, "origin", " SUZHOU")["candidates"] == found["candidates"]
    assert found["code"] == "ambiguous_name"
    assert found["candidates"] == [
        {
            "code": "320500",
            "name_zh": "苏州市",
            "name_en": "Suzhou",
            "within": "320000",
            "within_name_zh": "江苏省",
        },
        {
            "code": "341300",
            "name_zh": "宿州市",
            "name_en": "Suzhou",
            "within": "340000",
            "within_name_zh": "安徽省",
        },
    ]
    assert "320500 (苏州市), 341300 (宿州市)" in found["detail"]


def suggestions(api: APIClient, parameter: str, words: dict[str, str | None]) -> Row:
    """What is suggested for each of these words, which name nothing."""
    suggested: Row = {}
    for word in words:
        found = refused(api, parameter, word)
        assert found["code"] == "unknown_value", word
        suggested[word] = found.get("suggestion")
    return suggested


NO_REGIONS = {
    "zhejang": "zhejiang",
    "Zhejiang Provinz": "zhejiang province",
    "330301": "330300",
    "3303": "330300",
    "长三角州": "长三角",
    "浙江,Wenzhuo": "wenzhou",
    "上海/温州": None,
    "Jiangsu/": "jiangsu",
    "/": None,
    "🙂": None,
    "33%": None,
    "100%s": None,
    "%(count)d": None,
}


def test_an_unknown_region_is_refused_with_the_nearest_name(
    api: APIClient, vocabularies: None
) -> None:
    assert suggestions(api, "origin", NO_REGIONS) == NO_REGIONS


def test_a_region_added_today_is_found_by_its_names(
    admin_api: APIClient, vocabularies: None
) -> None:
    region = {"code": "330400", "level": "prefecture", "name_zh": "嘉兴市", "aliases": ["禾城"]}
    assert admin_api.post(f"{API}/regions", region).status_code == 201
    ProjectFactory.create(code="from-jiaxing", origin_id="330400")
    for name in ("嘉兴市", "嘉兴", "禾城", "330400", "浙江嘉兴"):
        assert codes(admin_api, "projects", origin=name) == ["from-jiaxing"], name
    renamed = {"name_zh": "禾兴市", "aliases": []}
    assert admin_api.patch(f"{API}/regions/330400", renamed).status_code == 200
    assert codes(admin_api, "projects", origin="禾兴") == ["from-jiaxing"]
    assert refused(admin_api, "origin", "禾城")["code"] == "unknown_value"


# --- Sectors ------------------------------------------------------------------------------------


@kept_rows
def trades(vocabularies: None) -> None:
    """A project in each sector, and one whose sector is not known."""
    park = ParkFactory.create()
    for code in SECTORS:
        ProjectFactory.create(code=f"in-{code}", sector_id=code, park=park)
    ProjectFactory.create(code="in-something", park=park)


def sectors(api: APIClient, value: str, parameter: str = "sector") -> set[str | None]:
    return {row["sector"] for row in walk(api, "projects", **{parameter: value})}


NAMES_OF_SECTORS = {
    # by code, with or without the letter of the section, in any case; by name
    "C": "C",
    "C39": "C39|c39|39|计算机、通信和其他电子设备制造业",  # the name has a comma of its own
    "C397": "C397",
    "C3973": "3973|C3973|集成电路制造",
    "I65": "I65",
    "C35": (
        "专用设备制造业|Manufacture of Special Purpose Machinery|"
        "manufacture of special purpose machinery"
    ),
    # a group of one class has the name of its class: it wins, as a province does
    "I652": "集成电路设计",
    # groups go across sections, and may leave out a part of a member, unless it is asked for
    "C3973 I6520": "ic|IC|集成电路|芯片|Semiconductors",
    "C341 C351 -C3415": "高端装备",
    "C341 C351": "高端装备,C3415",
    "C27 I65": "C27, I65",
    **{"?": "unknown", "C3973 I6520 ?": "unknown,ic"},
}
SECTORS_BY_NAME = by_name(NAMES_OF_SECTORS, [*SECTORS])


@pytest.mark.slow
def test_a_sector_is_found_by_whatever_it_is_called(api: APIClient, trades: None) -> None:
    assert {name: sectors(api, name) for name in SECTORS_BY_NAME} == SECTORS_BY_NAME


def test_excluding_a_sector_leaves_exactly_the_others_the_unknown_included(
    api: APIClient, trades: None
) -> None:
    everything = {*SECTORS, None}
    for name in ("C39", "ic", "高端装备", "unknown", "unknown,ic"):
        left_out = sectors(api, name, "sector_not")
        assert left_out == everything - SECTORS_BY_NAME[name], name


NO_SECTORS = {
    "C3974": "C397",
    "集成电路制作": "集成电路制造",
    "semiconductor": "semiconductors",
    "Z": None,
    "9999": None,
    "C39%": None,
}


def test_an_unknown_sector_is_refused_with_the_nearest_name(
    api: APIClient, vocabularies: None
) -> None:
    assert suggestions(api, "sector", NO_SECTORS) == NO_SECTORS
