"""What fields of the admin complete: by any name, in pinyin, by path and by group."""

from contextlib import suppress
from typing import Any

import pytest
from django.test import Client

from parks.models import OrganisationSpelling, Region, Sector
from parks.models.spellings import spell
from parks.names.choosing import load_choices
from parks.recording.recording import recorded
from projects.models import Project
from projects.writing.writing import StatedProject, write_projects
from tests.factories import (
    OrganisationFactory,
    ParkFactory,
    ProjectFactory,
    RegionFactory,
    SectorFactory,
    SectorGroupFactory,
)
from tests.seeded import kept_rows
from tests.together import together

REGIONS = {
    "110000": ("北京市", "Beijing", "province"),
    "110105": ("朝阳区", "Chaoyang District", "county"),
    "220104": ("朝阳区", "Chaoyang District", "county"),
    "220000": ("吉林省", "Jilin", "province"),
    "320400": ("常州市", "Changzhou", "prefecture"),
    "330000": ("浙江省", "Zhejiang", "province"),
    "330100": ("杭州市", "Hangzhou", "prefecture"),
    "330300": ("温州市", "Wenzhou", "prefecture"),
    "500000": ("重庆市", "Chongqing", "province"),
}


@kept_rows
def regions() -> None:
    for code, (name_zh, name_en, level) in REGIONS.items():
        aliases = ["Hangchow"] if code == "330100" else []
        RegionFactory.create(
            code=code, name_zh=name_zh, name_en=name_en, level=level, aliases=aliases
        )


def complete(desk: Client, field: str, typed: str, model: str = "project", **how: Any) -> list[str]:
    """What a field of a page of projects offers."""
    question = {"app_label": "projects", "model_name": model, "field_name": field, "term": typed}
    answer: Any = desk.get("/admin/autocomplete/", question, headers=how)
    return [each["text"] for each in answer.json()["results"]]


def offered(desk: Client, field: str, typed: str) -> list[str]:
    """What a field of an investor's line offers, without codes."""
    return [text.split(" (")[0] for text in complete(desk, field, typed, "investor")]


CHINESE = {"accept-language": "zh-hans"}


@together(
    ("name", "spelled"),
    [
        *[("杭州市", ("hangzhoushi", "hzs")), ("重庆", ("chongqing", "cq"))],
        *[("长沙", ("changsha", "cs")), ("宝坻区", ("baodiqu", "bdq"))],
        *[("中关村A区", ("zhongguancunaqu", "zgcaq")), ("（银行）", ("yinhang", "yh"))],
    ],
)
def test_names_are_spelled_as_they_are_read(name: str, spelled: tuple[str, str]) -> None:
    assert spell(name) == spelled


@together(
    ("typed", "first"),
    [
        *[("hangzhou", "杭州市"), ("hz", "杭州市"), ("杭州", "杭州市"), ("hangchow", "杭州市")],
        *[("浙江杭州", "杭州市"), ("浙江 温", "温州市"), ("zhejiang hangzhou", "杭州市")],
        *[("浙江", "浙江省"), ("zj", "浙江省"), ("cq", "重庆市"), ("330300", "温州市")],
    ],
)
def test_the_best_match_comes_first(regions: None, desk: Client, typed: str, first: str) -> None:
    assert complete(desk, "origin", typed, **CHINESE)[0].startswith(first)


def test_places_of_one_name_are_told_apart_and_new_ones_found_at_once(
    regions: None, desk: Client
) -> None:
    found = complete(desk, "origin", "朝阳", **CHINESE)
    assert found == ["朝阳区 · 北京市 (110105)", "朝阳区 · 吉林省 (220104)"]
    assert complete(desk, "origin", "北京朝阳") == ["Chaoyang District · Beijing (110105)"]
    assert complete(desk, "origin", "苏州") == []
    RegionFactory.create(code="320500", name_zh="苏州市", name_en="Suzhou", level="prefecture")
    assert complete(desk, "origin", "sz") == ["Suzhou (320500)"]


def test_writes_of_projects_leave_the_choices_of_regions_as_they_are(regions: None) -> None:
    project = ProjectFactory.create()
    before = load_choices(Region)
    project.save()
    assert load_choices(Region) is before


def test_regions_that_are_taken_back_are_not_kept(regions: None) -> None:
    with suppress(KeyError), recorded():
        RegionFactory.create(code="310000", name_zh="上海市", level="province")
        assert load_choices(Region).find("上海") == ["310000"]
        raise KeyError
    assert load_choices(Region).find("上海") == []


def test_words_of_use_find_what_their_groups_hold(vocabularies: None, desk: Client) -> None:
    batteries = SectorFactory.create(code="C384", name_zh="电池制造")
    SectorFactory.create(code="C3841", name_zh="锂离子电池制造", parent=batteries)
    SectorGroupFactory.create(code="medicine", aliases=["生物医药"], members=["C27"])
    for typed, wanted in (
        ("芯片", "集成电路制造 · 电子器件制造 (C3973)"),
        ("锂电池", "锂离子电池制造 · 电池制造 (C3841)"),
        ("生物医药", "医药制造业 · 制造业 (C27)"),
    ):
        assert wanted in complete(desk, "sector", typed, **CHINESE)
    delta = complete(desk, "origin", "长三角", **CHINESE)
    assert {"上海市 (310000)", "浙江省 (330000)"} <= {*delta}
    assert complete(desk, "sector", "C3973")[0].endswith("(C3973)")
    assert load_choices(Sector).find("jcdlzz")[0] == "C3973"
    assert load_choices(Region).find("bdq") == ["120115"]


def test_organisations_are_found_in_pinyin_with_their_place_or_without(
    regions: None, desk: Client
) -> None:
    company = OrganisationFactory.create(name_zh="杭州和利时公司", name_en="", aliases="和时")
    OrganisationFactory.create(name_zh="何丽世集团", name_en="")
    for typed in ("hangzhouheli", "helishigong", "heli'shigo", "hzhls", "hlsgs", "HESHI"):
        assert offered(desk, "organisation", typed) == ["杭州和利时公司"], typed
    assert offered(desk, "organisation", "helishi") == ["杭州和利时公司", "何丽世集团"]
    assert offered(desk, "organisation", "hl") == []
    listed = desk.get("/admin/parks/organisation/?q=hlsgs").content.decode()
    assert company.code in listed
    company.name_zh, company.aliases = "中控公司", ""
    company.save()
    assert offered(desk, "organisation", "hzhls") == offered(desk, "organisation", "heshi") == []
    assert offered(desk, "organisation", "zhongkong") == ["中控公司"]
    spelled = OrganisationSpelling.objects
    assert spelled.filter(row=company).count() == 1
    company.note = "x"
    company.save()
    assert spelled.filter(row=company).count() == 1
    company.delete()
    assert not spelled.filter(row_id=company.pk).exists()


def test_projects_are_found_in_pinyin_however_written(regions: None, desk: Client) -> None:
    town = ParkFactory.create(code="town")
    project = ProjectFactory.create(name_zh="杭州芯片封装基地", name_en="", park=town)
    names = {"p1": "锂电池1厂", "p2": "锂电池2厂"}
    rows = [{"code": code, "name_zh": name, "park_id": town.pk} for code, name in names.items()]
    write_projects([StatedProject(row) for row in rows])

    def found(typed: str) -> set[str]:
        return {*complete(desk, "project", typed, "milestone")}

    for typed in ("hangzhouxin", "xpfz", "hzxpfzjd", "xinpianfengzhuang"):
        assert found(typed) == {project.name_zh}, typed
    assert found("ldc") == {"锂电池1厂", "锂电池2厂"}
    assert found("lidianchi2") == {"锂电池2厂"}
    Project.objects.filter(code="p1").update(name_zh="钠电池厂")
    assert found("ldc") == {"锂电池2厂"}
    assert found("nadian") == {"钠电池厂"}


def test_many_names_written_at_once_are_found_without_their_places(
    regions: None, desk: Client
) -> None:
    town = ParkFactory.create(code="town")
    rows = [
        {"code": f"p{n}", "name_zh": f"杭州{n}号膜片工厂", "park_id": town.pk}
        for n in range(100, 500)  # with more beginnings than are asked for one by one
    ]
    write_projects([StatedProject(row) for row in rows])
    for typed in ("hangzhou499", "499haomo"):
        assert complete(desk, "project", typed, "milestone") == ["杭州499号膜片工厂"], typed


def test_a_list_that_many_letters_find_is_searched_without_their_keys(
    desk: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("parks.names.searching.MOST_KEYS", 1)
    for name in ("北京华芯集团", "华芯", "华芯天津公司", "中控公司"):
        OrganisationFactory.create(name_zh=name, name_en="")
    assert {*offered(desk, "organisation", "huaxin")} == {"华芯", "华芯天津公司"}
    # Those called so come before those that contain it
    assert offered(desk, "organisation", "华芯") == ["华芯", "华芯天津公司", "北京华芯集团"]
