"""Regions, sectors and groups: codes that roll up, names that are found, terms that retire."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from django.core.exceptions import ValidationError
from django.db.models import ProtectedError
from django.utils import timezone, translation

from parks.models import Region, RegionGroup, RegionGroupMember, RegionName, Sector
from parks.models.vocabularies import in_range, name_key, next_code, rank_names, without_type
from tests.conftest import REGIONS, SECTORS, read_fixture
from tests.factories import RegionFactory, RegionGroupFactory, SectorFactory, SectorGroupFactory
from tests.together import together

# --- Codes --------------------------------------------------------------------------------------


@together(
    ("prefix", "after"),
    [
        *[("33", "34"), ("3303", "3304"), ("330302", "330303"), ("01", "02"), ("39", "4")],
        *[("3399", "34"), ("99", ":"), ("C", "D"), ("C38", "C39"), ("C39", "C4"), ("C99", "D")],
        ("C3973", "C3974"),
        ("E479", "E48"),  # not E480, before which the division E48 comes
        ("DE", "DF"),
    ],
)
def test_a_range_ends_at_the_next_code(prefix: str, after: str) -> None:
    assert next_code(prefix) == after


@pytest.mark.parametrize("name", ["regions", "sectors"])
def test_the_range_of_a_code_holds_exactly_what_begins_with_it(name: str) -> None:
    codes = [row["code"] for row in read_fixture(name)]
    for prefix in {code[:length] for code in codes for length in (1, 2, 3, 4) if code[:length]}:
        inside = {code for code in codes if prefix <= code < next_code(prefix)}
        assert inside == {code for code in codes if code.startswith(prefix)}, prefix


@pytest.mark.django_db
@together(
    ("code", "below"),
    [
        ("330000", {"330000", "330100", "330106", "330300", "330302"}),
        *[("330300", {"330300", "330302"}), ("330302", {"330302"})],
        *[("110000", {"110000", "110105", "110108"}), ("420000", {"420000", "420100", "429004"})],
        *[("429004", {"429004"}), ("810000", {"810000"}), ("DE", {"DE"})],
    ],
)
def test_a_region_s_prefix_finds_it_and_all_below_it(
    vocabularies: None, code: str, below: set[str]
) -> None:
    region = Region.objects.get(code=code)
    found = Region.objects.filter(in_range("code", region.prefix))
    assert set(found.values_list("code", flat=True)) == below


@pytest.mark.django_db
def test_the_small_vocabulary_is_whole(vocabularies: None) -> None:
    assert set(Region.objects.values_list("code", flat=True)) == REGIONS
    assert set(Sector.objects.values_list("code", flat=True)) == SECTORS
    for row in (*Region.objects.all(), *Sector.objects.all()):
        row.full_clean()


@pytest.mark.django_db
@together("code", ["33", "3303000", "C39", "de", "DEU", "330300\n", ""])
def test_a_region_s_code_is_six_digits_or_two_capitals(code: str) -> None:
    with pytest.raises(ValidationError) as refused:
        Region(code=code, level="province", name_zh="某地").full_clean()
    assert list(refused.value.message_dict) == ["code"]


@pytest.mark.django_db
@together("code", ["39", "c39", "U", "C39731", "C39\n", ""])
def test_a_sector_s_code_is_led_by_its_section(code: str) -> None:
    with pytest.raises(ValidationError) as refused:
        Sector(code=code, level="division", name_zh="某业").full_clean()
    assert list(refused.value.message_dict) == ["code"]


@pytest.mark.django_db
@together("code", ["YRD", "长三角", "a b", "a_b", ""])
def test_a_group_s_code_is_in_lower_case(code: str) -> None:
    with pytest.raises(ValidationError) as refused:
        RegionGroup(code=code, name_zh="某地区").full_clean()
    assert list(refused.value.message_dict) == ["code"]


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


@together(
    ("written", "key"),
    [("  Hong  Kong ", "hong kong"), ("ZHEJIANG", "zhejiang"), ("温州市", "温州市")],
)
def test_case_and_blanks_of_a_name_do_not_count(written: str, key: str) -> None:
    assert name_key(written) == key


def test_official_names_rank_before_short_ones_and_aliases() -> None:
    jilin = Region(code="220200", name_zh="吉林市", name_en="Jilin", aliases=["Jilin City", "江城"])
    assert rank_names(jilin) == {"吉林市": 1, "jilin": 1, "吉林": 2, "jilin city": 2, "江城": 2}


def test_an_alias_that_is_the_official_name_stays_official() -> None:
    assert rank_names(Region(name_zh="上海市", aliases=["上海市"])) == {"上海市": 1, "上海": 2}


@pytest.mark.django_db
def test_saving_a_region_keeps_its_names_findable() -> None:
    region = RegionFactory.create(code="330300", name_zh="温州市", name_en="Wenzhou")
    assert set(region.names.values_list("key", flat=True)) == {"温州市", "温州", "wenzhou"}
    region.name_zh, region.aliases = "东瓯市", ["Ouzhou"]
    region.save()
    keys = {"东瓯市", "东瓯", "wenzhou", "ouzhou"}
    assert set(region.names.values_list("key", flat=True)) == keys


@pytest.mark.django_db
def test_an_ambiguous_name_is_kept_for_each_region_that_has_it(vocabularies: None) -> None:
    assert set(RegionName.objects.filter(key="suzhou").values_list("region", flat=True)) == {
        "320500",
        "341300",
    }
    assert RegionName.objects.filter(key="朝阳").count() == 2
    assert RegionName.objects.filter(key="吉林").count() == 2


@pytest.mark.django_db
def test_a_row_is_named_in_the_active_language_else_in_the_other() -> None:
    both = RegionFactory.create(code="330300", name_zh="温州市", name_en="Wenzhou")
    chinese = SectorFactory.create(code="C271", name_zh="化学药品原料药制造", name_en="")
    with translation.override("en"):
        assert (both.name, chinese.name) == ("Wenzhou", "化学药品原料药制造")
    with translation.override("zh-hans"):
        assert both.name == "温州市"


@pytest.mark.django_db
def test_a_group_is_found_by_its_code_names_and_aliases() -> None:
    group = RegionGroupFactory.create(
        code="yrd", name_zh="长江三角洲", name_en="Yangtze River Delta", aliases=["长三角"]
    )
    assert group.keys == {"yrd", "长江三角洲", "yangtze river delta", "长三角"}


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


@pytest.mark.django_db
def test_members_of_a_group_have_their_own_dates(vocabularies: None) -> None:
    members = RegionGroupMember.objects.filter(group="left-and-joined")
    assert members.count() == 3
    assert [member.region_id for member in members.in_force()] == ["330100"]


@pytest.mark.django_db
def test_a_region_in_a_group_or_above_another_is_not_deleted() -> None:
    RegionGroupFactory.create(members=["330300"])
    with pytest.raises(ProtectedError):
        Region.objects.get(code="330300").delete()
    RegionFactory.create(code="440300")
    RegionFactory.create(code="440305")
    with pytest.raises(ProtectedError):
        Region.objects.get(code="440300").delete()


@pytest.mark.django_db
def test_the_factories_find_level_and_parent_by_the_code() -> None:
    for code in ("420000", "420100", "429004", "DE"):
        RegionFactory.create(code=code)
    for code in ("C", "C39", "C397", "C3973"):
        SectorFactory.create(code=code)
    assert dict(Region.objects.values_list("code", "level")) == {
        "420000": "province",
        "420100": "prefecture",
        "429004": "county",
        "DE": "country",
    }
    assert Region.objects.get(code="429004").parent_id == "420000"
    chain = list(Sector.objects.order_by("code"))
    assert [sector.level for sector in chain] == ["section", "division", "group", "class"]
    assert all(below.parent_id == above.code for above, below in pairwise(chain))


@pytest.mark.django_db
def test_a_sector_group_may_take_a_sector_out() -> None:
    group = SectorGroupFactory.create(members=["C341"], excluded=["C3415"])
    taken_out = dict(group.members.values_list("sector", "excluded"))
    assert taken_out == {"C341": False, "C3415": True}


@pytest.mark.django_db
def test_a_group_of_regions_knows_its_dates(vocabularies: None) -> None:
    left = RegionGroupMember.objects.get(group="left-and-joined", region="320500")
    assert left.valid_to == date(2020, 12, 31)
