"""The weekly sheet (调度表): people by their roles, and columns that the ledger keeps as text."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from parks.access import Role
from projects.models import Assignment, Funding, Project
from tests.answers import API, CarefulClient, codes, found, made, sign_in
from tests.factories import MembershipFactory
from tests.projects.importing.imports import actions, applied, checked, faults, line, send, table
from tests.together import together

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("vocabularies", "town")]
KEEP = {"map": "*:further_columns", "park": "town"}
WEEKLY = (
    "序号 项目名称 投资方 总投资（亿元） 建设内容 用地（亩） 载体面积（㎡） 签约时间 最新进展 "
    "存在问题 下一步计划 责任单位 责任人 联系人 联系电话 首谈单位 线索来源 招商专班 包联领导 "
    "计划开工时间 年度计划投资（亿元） 已完成投资（亿元） 备注"
).split()
ROW = (
    "1 智能产线 北辰装备有限公司 3.2 产线两条 45 3200 2024-05 初审完成 环评未批 报环评 招商一局 "
    "张三、李四 王先生 022-12345678 市商务局 以商招商 装备专班 陈五（副区长） 2027-03 1.2 0.3 重点"
).split()
TITLES = [["科技城招商项目周调度表"], ["单位：亿元、亩", "", "填报日期：2024年11月20日"]]


@pytest.fixture
def editor(town: Any) -> APIClient:
    return sign_in(MembershipFactory.create(park=town, role=Role.EDITOR).user, CarefulClient)


def sheet(*cells: str, header: str = "首谈单位", name: str = "智能产线") -> bytes:
    """A sheet of one project with a further column or more, divided by blanks."""
    return table(["项目名称", *header.split()], [name, *cells])


def read(api: APIClient) -> dict[str, str]:
    """Read the further columns of the only project."""
    (row,) = found(api.get(f"{API}/projects"))["results"]
    kept: dict[str, str] = row["further_columns"]
    return kept


def people() -> set[tuple[str, str, str]]:
    return {*Assignment.objects.values_list("role", "name", "office")}


def test_a_weekly_sheet_asks_one_question_and_the_second_one_nothing(editor: APIClient) -> None:
    weekly = table(*TITLES, WEEKLY, ROW)
    asked = checked(editor, weekly, park="town")["problems"]
    assert {each["column"] for each in asked} == {"年度计划投资（亿元）"}
    answer = applied(editor, weekly, save_mapping="周调度表", month="2024-11", **KEEP)
    assert read(editor) == {
        "首谈单位": "市商务局",
        "线索来源": "以商招商",
        "招商专班": "装备专班",
        "年度计划投资（亿元）": "1.2",
    }
    assert [*Funding.objects.values_list("kind", "amount_cny")] == [("completed", 30_000_000)]
    assert people() == {
        ("responsible", "张三", ""),
        ("responsible", "李四", ""),
        ("sponsor", "陈五", "副区长"),
    }
    (project,) = Project.objects.all()
    assert project.floor_area_m2 == 3200
    assert project.contact == "王先生 022-12345678"
    assert (project.responsible_unit, project.latest_progress) == ("招商一局", "初审完成")
    assert f"{project.latest_progress_on}" == "2024-11-20"
    again = checked(editor, weekly, park="town", mapping="周调度表", month="2024-11")
    assert (again["problems"], again["doubts"], again["counts"]["same"]) == ([], [], 1)
    found(editor.post(f"{API}/imports/{answer['code']}/undo"))
    assert (Project.objects.count(), people()) == (0, set())


def test_a_sheet_leaves_alone_the_columns_that_it_does_not_have(editor: APIClient) -> None:
    applied(editor, sheet("市商务局", "校友", header="首谈单位 线索来源"), park="town")
    told = line(
        checked(editor, sheet("北京办", "二班", header="招商专班 首谈单位"), park="town"), 2
    )
    before = "首谈单位：市商务局\n线索来源：校友"
    after = "首谈单位：二班\n线索来源：校友\n招商专班：北京办"
    assert told["changes"] == {"further_columns": [before, after]}
    assert actions(checked(editor, sheet("市商务局"), park="town"))[2] == "same"
    assert actions(checked(editor, sheet(""), park="town"))[2] == "same"
    applied(editor, sheet(""), park="town", blank="clear")
    assert read(editor) == {"线索来源": "校友"}
    applied(editor, sheet("", header="线索来源"), park="town", blank="clear")
    assert read(editor) == {}


@pytest.mark.parametrize("suffix", ["csv", "xlsx"])
def test_our_own_file_is_the_same_and_says_all_of_them(editor: APIClient, suffix: str) -> None:
    applied(editor, sheet("市商务局", "=校友", header="首谈单位 线索来源"), park="town")
    file = editor.get(f"{API}/projects.{suffix}").getvalue()
    assert actions(checked(editor, file, f"projects.{suffix}"))[2] == "same"
    (project,) = Project.objects.all()
    ours = table(["code", "further_columns"], [project.code, "线索来源：校友"])
    applied(editor, ours)
    assert read(editor) == {"线索来源": "校友"}
    wrong = table(["code", "further_columns"], [project.code, "没有表头"])
    assert faults(checked(editor, wrong)) == {(2, "further_columns"): "without_header"}


def test_a_cell_is_kept_on_one_line_and_two_columns_of_one_header_apart(editor: APIClient) -> None:
    header = ["项目名称", "谈判：要点", "来源渠道", "来源渠道"]
    applied(editor, table(header, ["智能产线", "一是\n二是", "甲", "乙"]), **KEEP)
    assert read(editor) == {"谈判:要点": "一是二是", "来源渠道": "甲", "来源渠道（2）": "乙"}


@together(("size", "code"), [(1_999, ""), (2_000, ""), (2_001, "max_length")])
def test_a_cell_has_so_many_characters(editor: APIClient, size: int, code: str) -> None:
    answer = checked(editor, sheet("长" * size), park="town")
    assert faults(answer) == ({(2, "further_columns"): code} if code else {})


def test_talks_in_a_further_column_of_progress_contradict_a_contract(editor: APIClient) -> None:
    data = sheet("2024-05", "洽谈中", header="签约时间 谈判推进情况")
    assert send(editor, data, dry_run="false", **KEEP).status_code == 409
    applied(editor, sheet("2024-05", "投洽会", header="签约时间 线索来源"), **KEEP)


def test_a_sheet_says_who_has_a_role_now(editor: APIClient) -> None:
    applied(editor, sheet("张三（二处）、李四", header="责任人"), park="town")
    assert people() == {("responsible", "张三", "二处"), ("responsible", "李四", "")}
    (project,) = Project.objects.all()
    made(editor.post(f"{API}/projects/{project.code}/people", {"role": "sponsor", "name": "王五"}))
    same = sheet("李　四，张三", header="责任人")
    assert actions(checked(editor, same, park="town"))[2] == "same"
    assert actions(checked(editor, sheet("", header="责任人"), park="town"))[2] == "same"
    later = sheet("张三、赵六", header="责任人")
    told = line(checked(editor, later, park="town"), 2)["changes"]
    assert told == {"people_responsible": ["张三（二处）；李四", "张三；赵六"]}
    second = applied(editor, later, park="town")
    now = {("responsible", "张三", "二处"), ("responsible", "赵六", ""), ("sponsor", "王五", "")}
    assert people() == now
    assert codes(editor, "projects", responsible="赵六") == [project.code]
    found(editor.post(f"{API}/imports/{second['code']}/undo"))
    assert people() == now - {("responsible", "赵六", "")} | {("responsible", "李四", "")}
    assert actions(checked(editor, same, park="town"))[2] == "same"


def test_numbers_of_officers_are_not_kept(editor: APIClient) -> None:
    data = sheet("张三 138-0000-0001、李四（022）12345678", header="责任人")
    warnings = line(checked(editor, data, park="town"), 2)["warnings"]
    assert [each["code"] for each in warnings] == ["number_not_kept"]
    applied(editor, data, park="town")
    assert {name for _role, name, _office in people()} == {"张三", "李四"}
    many = "、".join(map("王{}".format, range(51)))
    for cell, code in (
        ("13800000001", "unknown_value"),
        ("名" * 101, "too_long"),
        (many, "too_many_names"),
    ):
        answer = checked(editor, sheet(cell, header="责任人"), park="town")
        assert faults(answer) == {(2, "people_responsible"): code}


def test_people_and_further_columns_are_for_the_roles_of_the_park(editor: APIClient) -> None:
    data = sheet("市商务局", "张三", header="首谈单位 责任人")
    applied(editor, data, park="town")
    neighbour = sign_in(MembershipFactory.create(role=Role.EDITOR).user, CarefulClient)
    Project.objects.update(publication="published")
    answer = checked(neighbour, data, park="town")
    assert faults(answer) == {(2, "park"): "forbidden"}
    assert "changes" not in line(answer, 2)
    assert read(neighbour) == {}
