"""Cells of investors: as people write them, read with certainty or refused with a proposal."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from config.mistakes import Mistake
from parks.models import Organisation
from projects.importing import writing
from projects.importing.cells.investors import Share, format_investors, read_investors
from projects.models import Project
from tests.factories import OrganisationFactory, ParkFactory, RegionFactory
from tests.projects.importing.imports import actions, applied, checked, line, table
from tests.seeded import kept_rows
from tests.together import together

KNOWN = {
    "丁公司（战略投资者）",
    "和利时",
    "A/B公司",
    "中石油",
    "中石化",
    "大唐和电",
    "Smith, Jones",
    "甲方、乙方联合体",
}

# What an organisation is, as offices write it behind its name
STANDING = (
    *("世界500强", "中国500强企业", "民营企业500强", "上市公司", "A股上市", "香港上市公司"),
    *("央企", "中央企业", "国企", "外资企业", "民企", "国家级高新技术企业", "高新技术企业"),
    *("专精特新企业", "国家级专精特新小巨人企业", "独角兽企业", "300750.SZ", "0700.HK"),
    "股票代码：300750",
)
PLACES = {"廊坊", "北京", "天津"}
READ = {
    "甲公司": "甲公司",
    "甲公司60%、乙公司40%": "甲公司[60%]；乙公司[40%]",
    "甲公司占股60%；乙公司占股40%": "甲公司[60%]；乙公司[40%]",
    "甲公司持股60%;乙公司持股40%": "甲公司[60%]；乙公司[40%]",
    "甲公司（60%）": "甲公司[60%]",
    "甲公司[60%]": "甲公司[60%]",
    "甲公司（持股比例：60%）": "甲公司[60%]",
    "甲公司 60%": "甲公司[60%]",
    "甲公司:60% 乙公司:40%": "甲公司[60%]；乙公司[40%]",
    "甲公司60%乙公司40%": "甲公司[60%]；乙公司[40%]",
    "甲公司\n（60%）": "甲公司[60%]",
    "甲公司\n（60%）\n乙公司\n（40%）": "甲公司[60%]；乙公司[40%]",
    "甲公司\r\n乙公司": "甲公司；乙公司",
    "甲公司60%；乙公司": "甲公司[60%]；乙公司",
    "甲公司、乙公司60%": "甲公司；乙公司[60%]",
    "甲公司（60%）、乙公司（40）": "甲公司[60%]；乙公司[40%]",
    "甲公司60%、乙公司0.4": "甲公司[60%]；乙公司[40%]",
    "甲公司/乙公司": "甲公司；乙公司",
    "甲公司和乙公司": "甲公司；乙公司",
    "甲公司、乙公司和丙公司": "甲公司；乙公司；丙公司",
    "甲公司 乙公司": "甲公司；乙公司",
    "甲公司、": "甲公司",
    # Numbers of a list, and digits of a name
    "1、天津甲公司；2、天津乙公司": "天津甲公司；天津乙公司",
    "1.甲公司\n2.乙公司": "甲公司；乙公司",
    "1.甲公司 2.乙公司": "甲公司；乙公司",
    "1．华为2．中兴": "华为；中兴",
    "1)甲公司60%，2)乙公司40%": "甲公司[60%]；乙公司[40%]",
    "①华为②中兴": "华为；中兴",
    "（1）华为（2）中兴": "华为；中兴",
    "一、华为 二、中兴": "华为；中兴",
    "1、3M中国；2、360集团": "3M中国；360集团",
    "1.甲公司": "甲公司",
    **{name: name for name in ("360集团", "3M中国", "58同城", "7-Eleven", "1.5度公司", "51.com")},
    **{name: name for name in ("1号店", "一汽", "三一重工")},
    "甲公司\\乙公司": "甲公司；乙公司",
    # Parties to a contract
    "甲方：华为": "华为",
    "甲方：华为；乙方：中兴": "华为；中兴",
    "甲方：华为 乙方：中兴": "华为；中兴",
    "投资方：华为": "华为",
    "甲公司；甲公司": "甲公司",
    "北京大学和协和医院": "北京大学；协和医院",
    "北京和利时系统工程有限公司": "北京和利时系统工程有限公司",
    "北京和利时公司和乙公司": "北京和利时公司；乙公司",
    "中国石油和化学工业联合会": "中国石油和化学工业联合会",
    "和利时": "和利时",
    "甲公司和和利时": "甲公司；和利时",
    "A/B公司（60%）、乙公司（40%）": "A/B公司[60%]；乙公司[40%]",
    "中石油和中石化": "中石油；中石化",
    "甲方、乙方联合体": "甲方、乙方联合体",
    "Smith, Jones": "Smith, Jones",
    "X/Y公司；": "X/Y公司",  # the semicolon says where the name ends
    "甲（北京、天津）有限公司": "甲（北京、天津）有限公司",
    "Acme Co., Ltd., Foo Inc.": "Acme Co., Ltd.；Foo Inc.",
    "Procter & Gamble": "Procter & Gamble",
    "Huaneng Power [60.5%]; Datang Group [39.5%]": "Huaneng Power[60.5%]；Datang Group[39.5%]",
    "阿里巴巴（1688）": "阿里巴巴（1688）",
    "360公司": "360公司",
    "甲公司（牵头）、乙公司": "甲公司；乙公司",
    "甲公司、（牵头）乙公司": "乙公司；甲公司",
    "甲公司、乙公司（牵头）（北京）": "乙公司（北京）；甲公司",
    "甲公司[40%]；乙公司（联合体牵头人）[60%]": "乙公司[60%]；甲公司[40%]",
    "甲公司【牵头单位】、乙公司（参投）": "甲公司；乙公司",
    "Acme Ltd. (lead), Foo Inc. (co-investor)": "Acme Ltd.；Foo Inc.",
    "甲公司、乙公司（50:50）": "甲公司[50%]；乙公司[50%]",
    "甲公司/乙公司/丙公司(50:30:20)": "甲公司[50%]；乙公司[30%]；丙公司[20%]",
    "Acme Co., Ltd. and Foo Inc.": "Acme Co., Ltd.；Foo Inc.",
    "Acme Inc., Foo Ltd., and Bar GmbH": "Acme Inc.；Foo Ltd.；Bar GmbH",
    "Johnson and Johnson": "Johnson and Johnson",
    "Sandvik AG": "Sandvik AG",
    "甲基金（有限合伙）": "甲基金（有限合伙）",
    "中国石油大学（华东）": "中国石油大学（华东）",
    "设备研究所（518所）": "设备研究所（518所）",
    "华为（廊坊）": "华为（廊坊）",
    "华为（天津生态城）": "华为（天津生态城）",
    "华为（集团）": "华为（集团）",
    "华为（HUAWEI）": "华为（HUAWEI）",
    "和利时（天津）科技": "和利时（天津）科技",
    "天津和利时（X方）科技": "天津和利时（X方）科技",  # within the name
    "中国电信公司（天津分公司）": "中国电信公司（天津分公司）",
    "丁公司（战略投资者）": "丁公司（战略投资者）",  # which the ledger knows by this name
}

REFUSED = {
    "X/Y公司": ("several_investors", "X；Y公司"),
    "甲方，乙方": ("several_investors", "甲方；乙方"),
    "北京大学和平医院": ("several_investors", "北京大学；平医院"),
    "甲公司及其子公司": ("several_investors", "甲公司；其子公司"),
    "甲公司、中石和中海": ("several_investors", "甲公司；中石；中海"),
    "甲公司和乙公司60%": ("share_not_understood", "甲公司；乙公司[60%]"),
    "丙公司40%、甲公司与乙公司60%": ("share_not_understood", "丙公司[40%]；甲公司；乙公司[60%]"),
    "甲公司约60%": ("share_not_understood", "甲公司[60%]"),
    "60%甲公司": ("share_not_understood", "甲公司[60%]"),
    "甲公司（60）": ("share_not_understood", "甲公司[60%]"),
    "甲公司0.6、乙公司0.4": ("share_not_understood", "甲公司[60%]；乙公司[40%]"),
    "甲公司33.333%": ("share_not_understood", "33.33%"),
    "甲公司0%": ("share_not_understood", None),
    "甲公司60%控股": ("share_not_understood", None),
    "甲公司（60%、乙公司40%": ("share_not_understood", None),
    "甲公司60%、乙公司50%": ("shares_exceed_whole", None),
    "甲公司60%；甲公司40%": ("repeated_investor", None),
    "北京某某科技\n有限公司": ("name_in_parts", "北京某某科技有限公司"),
    "甲公司等3家企业": ("others_not_named", "甲公司"),
    "甲公司、乙公司等": ("others_not_named", "甲公司；乙公司"),
    "甲公司（拟）": ("bracket_not_understood", "甲公司"),
    "（北京）甲公司（拟）": ("bracket_not_understood", "（北京）甲公司"),
    "（牵头）": ("bracket_not_understood", "（牵头）"),
    "华为（牵头人甲）": ("bracket_not_understood", "华为"),
    "拟由甲公司投资": ("bracket_not_understood", "甲公司"),
    "拟引进甲公司": ("bracket_not_understood", "甲公司"),
    "意向企业：甲公司": ("bracket_not_understood", "甲公司"),
    "暂定甲公司": ("bracket_not_understood", "甲公司"),
    "贝特瑞（835185）": ("bracket_not_understood", "贝特瑞"),
    "甲公司（乙集团全资子公司）": ("bracket_left_out", "甲公司"),
    "甲公司（牵头）（乙集团子公司）60%、丙公司": ("bracket_left_out", "甲公司[60%]；丙公司"),
    "甲公司（乙集团子公司）（拟）": ("bracket_not_understood", "甲公司"),
    "甲公司（母公司：乙集团）": ("bracket_not_understood", "甲公司"),
    "甲公司（战略投资者）60%、乙公司40%": ("bracket_not_understood", "甲公司[60%]；乙公司[40%]"),
    "甲公司、乙公司（联合体）": ("bracket_not_understood", "甲公司；乙公司"),
    "甲公司（牵头）、乙公司（牵头）": ("lead_not_clear", "甲公司；乙公司"),
    "甲公司（参投）": ("lead_not_clear", "甲公司"),
    "甲公司（50:50）": ("share_not_understood", None),
    "甲公司、乙公司（6:4）": ("share_not_understood", "甲公司[60%]；乙公司[40%]"),
    "甲公司、乙公司（0:100）": ("share_not_understood", None),
    "Acme Ltd. and partners": ("several_investors", "Acme Ltd.；partners"),
    "；".join(f"第{number}公司" for number in range(51)): ("too_many_names", None),
    "、": ("name_missing", None),
    **dict.fromkeys(("1", "12345", "①", "2、甲公司"), ("name_missing", None)),
    **{text: ("not_an_investor", None) for text in ("企业自筹", "自筹", "政府投资", "财政资金")},
    "甲公司、企业自筹40%": ("not_an_investor", None),
    **{f"甲公司（{text}）": ("bracket_left_out", "甲公司") for text in STANDING},
    "甲公司（世界500强、上市公司）（牵头）": ("bracket_left_out", "甲公司"),
    "甲公司（某上市公司旗下）": ("bracket_not_understood", "甲公司"),
    "和" * 5_000: ("too_many_names", None),
    "（60%" * 1_250: ("too_many_names", None),
    "长" * 201: ("too_long", None),
}


def written(shares: tuple[Share, ...]) -> str:
    return format_investors([*shares])


def read(text: str, known: Any = KNOWN) -> Any:
    """What a cell is read as, or the code of its error and what it proposes."""
    try:
        return written(read_investors(text, known.__contains__, PLACES.__contains__))
    except Mistake as fault:
        return fault.code, fault.suggestion


def test_investors_are_read_as_people_write_them() -> None:
    assert {text: read(text) for text in READ} == READ


def test_what_is_uncertain_is_refused_with_a_proposal() -> None:
    assert {text: read(text) for text in REFUSED} == REFUSED


def test_what_is_proposed_is_read_as_it_stands() -> None:
    several = {text for text in READ.values() if "；" in text}
    several |= {text for _code, text in REFUSED.values() if text and "；" in text}
    assert {text: read(text, ()) for text in several} == {text: text for text in several}


@kept_rows
def wide_table(vocabularies: None) -> Any:
    ParkFactory.create(code="town", name_zh="科技城")
    return lambda *cells: table(
        ["项目名称", "园区", "投资方"], *([f"项目{n}", "town", c] for n, c in enumerate(cells))
    )


@pytest.mark.django_db
def test_places_stay_in_names_and_parents_do_not(admin_api: APIClient, wide_table: Any) -> None:
    RegionFactory.create(code="131000", name_zh="廊坊市")
    file = wide_table("华为（廊坊）", "甲公司（乙集团子公司）")
    assert [each["code"] for each in line(applied(admin_api, file), 3)["warnings"]] == [
        "bracket_left_out"
    ]
    assert {*Organisation.objects.values_list("name_zh", flat=True)} == {"华为（廊坊）", "甲公司"}
    assert actions(checked(admin_api, file)) == {1: "skip", 2: "same", 3: "same"}


@pytest.mark.django_db
def test_numbers_and_sources_of_money_are_no_organisations(
    admin_api: APIClient, wide_table: Any
) -> None:
    file = wide_table("1、甲公司；2、乙公司", "企业自筹", "丙公司（世界500强）", "财政资金、丁公司")
    answer = applied(admin_api, file)
    warned = [[each["code"] for each in line(answer, number)["warnings"]] for number in (3, 4, 5)]
    assert warned == [["not_an_investor"], ["bracket_left_out"], ["not_an_investor"]]
    names = {*Organisation.objects.values_list("name_zh", flat=True)}
    assert names == {"甲公司", "乙公司", "丙公司", "丁公司"}


@pytest.mark.django_db
def test_a_stored_name_is_one_however_it_is_written(admin_api: APIClient, wide_table: Any) -> None:
    OrganisationFactory.create(name_zh="X/Y公司")
    OrganisationFactory.create(name_zh="和利时")
    applied(admin_api, wide_table("X/Y公司60%、和利时40%", "和利时"))
    names = Organisation.objects.values_list("name_zh", flat=True)
    assert {*names} == {"X/Y公司", "和利时"}
    first = Project.objects.get(name_zh="项目0")
    assert [*first.investors.values_list("share_bp", flat=True)] == [6_000, 4_000]


def test_investors_are_looked_up_before_any_is_written(
    admin_api: APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writing, "DRAFTS_AT_ONCE", 1)
    ParkFactory.create(code="town")
    data = table(
        ["项目名称", "园区", "投资方"], *([f"项目{n}", "town", f"公司{n}"] for n in range(3))
    )
    with CaptureQueriesContext(connection) as queries:
        applied(admin_api, data)
    assert Organisation.objects.count() == 3
    told = [query["sql"] for query in queries]
    written = next(place for place, sql in enumerate(told) if "INSERT" in sql or "COPY" in sql)
    assert not [sql for sql in told[written:] if "name_en IN" in sql]
    assert [sql for sql in told[:written] if "name_en IN" in sql]


@together(
    ("text", "code", "shares"),
    [
        ("甲公司、待定", "left_open", "甲公司"),
        ("甲公司60%；待定40%", "left_open", "甲公司[60%]"),
        ("TBD", "left_open", ""),
        ("待定（某央企）", "bracket_not_understood", ""),
        ("待定（某央企）、甲公司", "bracket_not_understood", "甲公司"),
    ],
)
def test_what_is_undecided_is_no_investor(text: str, code: str, shares: str) -> None:
    with pytest.raises(Mistake) as refused:
        read_investors(text)
    assert (refused.value.code, format_investors(refused.value.understood)) == (code, shares)
