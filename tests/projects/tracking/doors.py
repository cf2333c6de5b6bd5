"""How each item of tracking is written and read: what `test_doors.py` takes through every door.

`ITEMS` has the items. `ELSEWHERE` names the test of a cell that another file has, or says why a
cell has none.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from parks.access import Role
from projects.models import Edition, Funding, LightRule, Milestone, Project, ProjectFigure, Return
from tests.admin_pages import row
from tests.answers import Row
from tests.factories import LightRuleFactory, MilestoneFactory


@dataclass(frozen=True)
class Item:
    """How an item is written and read; before that its project is made `ready`.

    `write` has the method, address and body of the API; `ask` the address and parameters where
    `value` is then read at the path `read`; `file` a column of its file and the cell there.
    `sheet` has the resource, headers and a row of an import, or says why there is none; `form` the
    model, the key and the fields of a page of the admin. `change` is a later edit that its history
    names. `words` are in the header of the file, `screen` on a page, in English and Chinese. {step}
    is the key of a scheduled step.
    """

    number: int
    title: str
    write: tuple[str, str, Row]
    ask: tuple[str, Row]
    read: str
    value: Any
    file: tuple[str, str]
    sheet: tuple[str, list[str], list[str]] | str
    form: tuple[Any, str | None, Row]
    change: Row
    words: tuple[str, str]
    screen: tuple[str, str, str]
    role: str = ""
    ready: Callable[[Project], Any] = bool


def rule_lights(fab: Project) -> None:
    """Make what should have started three months ago red."""
    LightRuleFactory.create(park=fab.park, kind="late", step="started", threshold=3, colour="red")


def plan_start(fab: Project) -> None:
    """Plan the start of the project for May."""
    MilestoneFactory.create(project=fab, type="started", status="scheduled", planned="2026-05")


ITEMS = {
    "result": Item(
        number=2,
        title="results by year",
        write=("post", "projects/fab/figures", {
            "indicator": "tax_per_year", "nature": "promised", "value": "2万元",
            "period_from": "2025", "period_to": "2025",
        }),
        ask=("results", {"code": "fab", "year": "2025"}),
        read="results.0.promised",
        value=20_000,
        file=("promised", "20000"),
        sheet=(
            "project_figures",
            ["项目编码", "指标", "性质", "年度", "金额（万元）"],
            ["fab", "tax_per_year", "承诺", "2025", "2"],
        ),
        form=(ProjectFigure, None, {
            "indicator": "tax_per_year", "nature": "promised", "amount_cny": "2万",
            "period_from": "2025", "period_to": "2025",
        }),
        change={"note": "核对"},
        words=("promised value", "承诺值"),
        screen=("/admin/projects/projectfigure/add/", "promised", "承诺"),
    ),
    "review": Item(
        number=2,
        title="days of review",
        write=("patch", "projects/fab", {"review_on": "2026-05"}),
        ask=("projects", {"past_review": "true"}),
        read="results.0.review_on",
        value="2026-05",
        file=("review_on", "2026-05"),
        sheet=("projects", ["项目编码", "履约评价日期"], ["fab", "2026年5月"]),
        form=(Project, "fab", {"review_on": "2026-05"}),
        change={"review_on": "2026-04"},
        words=("day of review", "履约评价"),
        screen=("/projects?past_review=true", "past the day of review", "履约评价"),
    ),
    "step": Item(
        number=3,
        title="steps by month",
        write=("post", "projects/fab/milestones", {
            "type": "in_statistics", "actual_on": "2026-03",
        }),
        ask=("projects/summary", {"group_by": "in_statistics_month"}),
        read="rows.0.in_statistics_month.value",
        value="2026-03",
        file=("in_statistics_month", "2026-03"),
        sheet=("projects", ["项目编码", "纳统时间"], ["fab", "2026年3月"]),
        form=(Milestone, None, {"type": "in_statistics", "status": "met", "actual_on": "2026-03"}),
        change={"actual_on": "2026-04"},
        words=("month of entry into the statistics", "纳统入库月份"),
        screen=("/projects?in_statistics_month=2026-03", "statistics", "纳统入库"),
    ),
    "recognised": Item(
        number=6,
        title="recognised beside reported",
        write=("post", "projects/fab/fundings", {
            "kind": "paid_in", "month": "2026-04", "reported_cny": 90_000, "recognised_cny": 70_000,
        }),
        ask=("fundings", {"recognised": "differs"}),
        read="results.0.recognised_cny",
        value=70_000,
        file=("recognised_cny", "70000"),
        sheet=(
            "fundings",
            ["项目编码", "月份", "上报到位资金（万元）", "认定到位资金（万元）"],
            ["fab", "2026-04", "9", "7"],
        ),
        form=(Funding, None, {
            "kind": "paid_in", "month": "2026-04", "reported_cny": "9万", "recognised_cny": "7万",
        }),
        change={"recognised_cny": 80_000},
        words=("recognised", "认定金额"),
        screen=("/fundings?recognised=differs", "recognised", "认定金额"),
    ),
    "funnel": Item(
        number=8,
        title="funnel",
        write=("post", "projects/fab/milestones", {
            "type": "signed", "actual_on": "2026-03-01", "agreement_type": "contract",
        }),
        ask=("projects/funnel", {"from": "2026-01-01", "to": "2026-05-31"}),
        read="rows.3.entered.count",
        value=1,
        file=("entered", "1"),
        sheet=("projects", ["项目编码", "签约时间"], ["fab", "2026-03-01"]),
        form=(Milestone, None, {
            "type": "signed", "status": "met", "actual_on": "2026-03-01",
            "agreement_type": "contract",
        }),
        change={"actual_on": "2026-03-02"},
        words=("opening stock", "期初"),
        screen=("/projects?funnel=signed.entered@2026-01-01..2026-05-31", "funnel", "漏斗"),
    ),
    "lost": Item(
        number=8,
        title="lost projects",
        write=("patch", "projects/fab", {
            "standing": "terminated", "standing_reason": "去了外地",
            "lost_because": "elsewhere", "lost_to": "320500",
        }),
        ask=("projects", {"lost_because": "elsewhere"}),
        read="results.0.lost_to",
        value="320500",
        file=("lost_to", "320500"),
        sheet=(
            "projects",
            ["项目编码", "项目状态", "原因", "流失原因", "流失去向"],
            ["fab", "终止", "去了外地", "选址他处", "苏州市"],
        ),
        form=(Project, "fab", {
            "standing": "terminated", "standing_reason": "去了外地",
            "lost_because": "elsewhere", "lost_to": "320500",
        }),
        change={"lost_because": "land"},
        words=("lost to", "流失去向"),
        screen=("/projects?lost_because=elsewhere", "lost because", "流失原因"),
    ),
    "chain": Item(
        number=9,
        title="industry chains",
        write=("patch", "projects/fab", {"sector": "C397"}),
        ask=("sector-groups/chips/links", {}),
        read="rows.0.count",
        value=1,
        file=("position", "upstream"),
        sheet=("projects", ["项目编码", "行业"], ["fab", "C397"]),
        form=(Project, "fab", {"sector": "C397"}),
        change={"sector": "C3972"},
        words=("position in the chain", "产业链环节"),
        screen=("/admin/parks/sectorgroup/chips/change/", "position in the chain", "产业链环节"),
    ),
    "floor": Item(
        number=10,
        title="floor area",
        write=("patch", "projects/fab", {"site_mode": "lease", "floor_area_m2": 1200.5}),
        ask=("projects/summary", {"group_by": "site_mode", "measures": "count,floor_area_m2"}),
        read="total.floor_area_m2",
        value=1200.5,
        file=("floor_area_m2", "1200.5"),
        sheet=("projects", ["项目编码", "用地方式", "载体面积"], ["fab", "租赁", "1200.5㎡"]),
        form=(Project, "fab", {"site_mode": "lease", "floor_area_m2": "1200.5"}),
        change={"floor_area_m2": 900},
        words=("floor area", "载体面积"),
        screen=("/projects/fab", "floor area", "载体面积"),
    ),
    "return": Item(
        number=11,
        title="a district returns",
        write=("post", "projects/fab/returns", {"reason": "投资额不符"}),
        ask=("projects/fab/returns", {}),
        read="results.0.reason",
        value="投资额不符",
        file=("reason", "投资额不符"),
        sheet=("projects", ["项目编码", "备注"], ["fab", "面积不符"]),
        form=(Return, None, {"reason": "投资额不符"}),
        change={"answer": "已改"},
        words=("reason of the return", "退回原因"),
        screen=("/projects?returned=true", "returned", "退回"),
        role=Role.DISTRICT,
    ),
    "light": Item(
        number=4,
        title="lights",
        write=("post", "projects/fab/milestones", {
            "type": "started", "status": "scheduled", "planned_on": "2026-02",
        }),
        ask=("lights", {"light": "red"}),
        read="results.0.days",
        value=107,
        file=("days", "107"),
        sheet=("projects", ["项目编码", "计划开工时间"], ["fab", "2026年2月"]),
        form=(Milestone, None, {"type": "started", "status": "scheduled", "planned_on": "2026-02"}),
        change={"note": "核对"},
        words=("light", "亮灯"),
        screen=("/projects?light=red", "red", "红灯"),
        ready=rule_lights,
    ),
    "rule": Item(
        number=4,
        title="rules of lights",
        write=("post", "light-rules", {
            "park": "town", "kind": "late", "step": "started", "threshold": 2, "colour": "red",
        }),
        ask=("light-rules", {}),
        read="results.0.threshold",
        value=2,
        file=("threshold", "2"),
        sheet=(
            "light_rules",
            ["园区编码", "规则类型", "节点", "月数或百分点", "颜色"],
            ["town", "late", "started", "2", "红"],
        ),
        form=(LightRule, None, {
            "kind": "late", "step": "started", "threshold": "2", "colour": "red",
        }),
        change={"threshold": 1},
        words=("colour", "颜色"),
        screen=("/admin/projects/lightrule/add/", "red", "红灯"),
    ),
    "excuse": Item(
        number=4,
        title="excuses",
        write=("post", "projects/fab/excuses", {
            "reason": "土地指标未下达", "approved_by": "管委会",
            "from_on": "2026-06-01", "until_on": "2026-06-15",
        }),
        ask=("projects/fab/excuses", {}),
        read="results.0.reason",
        value="土地指标未下达",
        file=("approved_by", "管委会"),
        sheet=(
            "excuses",
            ["项目编码", "理由", "批准人", "起始日期", "截止日期"],
            ["fab", "土地指标未下达", "管委会", "2026-06-01", "2026-06-15"],
        ),
        form=(Project, "fab", row(
            "excuses", reason="土地指标未下达", approved_by="管委会", from_on="2026-06-01",
            until_on="2026-06-15",
        )),
        change={"until_on": "2026-06-30"},
        words=("approved by", "批准"),
        screen=("/projects?light=excused", "excused", "正当理由"),
    ),
    "edition": Item(
        number=12,
        title="editions",
        write=("post", "editions", {"park": "town", "month": "2026-05", "name": "五月期报"}),
        ask=("editions", {"park": "town"}),
        read="results.0.name",
        value="五月期报",
        file=("name", "五月期报"),
        sheet="closed in the ledger",
        form=(Edition, None, {"month": "2026-05", "name": "五月期报"}),
        change={"note": "核对"},
        words=("closed at", "结账时间"),
        screen=("/admin/projects/edition/add/", "edition", "期报"),
    ),
    "obstacle": Item(
        number=5,
        title="obstacles",
        write=("post", "projects/fab/obstacles", {
            "problem": "未供地", "responsible_unit": "国土局", "raised_on": "2026-05-01",
        }),
        ask=("obstacles", {"open_days_min": "31"}),
        read="results.0.problem",
        value="未供地",
        file=("responsible_unit", "国土局"),
        sheet=(
            "obstacles",
            ["项目编码", "问题", "责任单位", "提出时间"],
            ["fab", "未供地", "国土局", "2026-05-01"],
        ),
        form=(Project, "fab", row(
            "obstacles", problem="未供地", responsible_unit="国土局", raised_on="2026-05-01"
        )),
        change={"solved_on": "2026-06-01"},
        words=("problem", "问题"),
        screen=("/projects?obstacle_days_min=31", "obstacle", "问题"),
    ),
    "who": Item(
        number=7,
        title="who is responsible",
        write=("patch", "projects/fab", {"responsible_unit": "招商一局"}),
        ask=("projects/summary", {"group_by": "responsible_unit"}),
        read="rows.0.responsible_unit.value",
        value="招商一局",
        file=("responsible_unit", "招商一局"),
        sheet=("projects", ["项目编码", "责任单位"], ["fab", "招商一局"]),
        form=(Project, "fab", {"responsible_unit": "招商一局"}),
        change={"responsible_unit": "招商二局"},
        words=("responsible unit", "责任单位"),
        screen=("/projects?responsible_unit=招商一局", "responsible unit", "责任单位"),
    ),
    "share": Item(
        number=7,
        title="units that share a project",
        write=("post", "projects/fab/people", {
            "role": "responsible", "name": "张三", "office": "一局", "share_bp": 6_000,
        }),
        ask=("projects/summary", {"group_by": "working_unit", "measures": "count,shared_count"}),
        read="rows.0.working_unit.value",
        value="一局",
        file=("shared_count", "0.6"),
        sheet=(
            "project_people",
            ["项目编码", "角色", "姓名", "单位职务", "单位份额（基点）"],
            ["fab", "responsible", "张三", "一局", "6000"],
        ),
        form=(Project, "fab", row(
            "assignments", role="responsible", name="张三", office="一局", share_bp="60"
        )),
        change={"share_bp": 5_000},
        words=("share", "份额"),
        screen=("/projects?working_unit=一局", "unit", "单位"),
    ),
    "move": Item(
        number=1,
        title="moves of plans",
        write=("patch", "projects/fab/milestones/{step}", {
            "planned_on": "2027-05", "move_reason": "征地延期",
        }),
        ask=("plan-moves", {}),
        read="results.0.days_moved",
        value=365,
        file=("days_moved", "365"),
        sheet=("projects", ["项目编码", "计划开工时间", "调整原因"], ["fab", "2027-05", "征地"]),
        form=(Milestone, "step", {"planned_on": "2027-05", "move_reason": "征地延期"}),
        change={"planned_on": "2027-06", "move_reason": "再次延期"},
        words=("days moved", "调整天数"),
        screen=("/projects?times_moved_min=1", "times", "调整"),
        ready=plan_start,
    ),
    "promise": Item(
        number=1,
        title="promised days",
        write=("patch", "projects/fab/milestones/{step}", {"promised_on": "2026-05"}),
        ask=("projects/fab/milestones", {}),
        read="results.0.promised_on",
        value="2026-05",
        file=("promised_on", "2026-05"),
        sheet=("projects", ["项目编码", "承诺开工时间"], ["fab", "2026年5月"]),
        form=(Milestone, "step", {"promised_on": "2026-05"}),
        change={"promised_on": "2026-04", "move_reason": "承诺有误"},
        words=("promised", "承诺"),
        screen=("/projects?overdue_promise=true", "promise", "承诺"),
        ready=plan_start,
    ),
}  # fmt: skip
RECONCILING = "test_reconciling.py::"
IN_FILES = f"{RECONCILING}test_the_comparison_is_a_file_in_both_languages"
CODEBOOK = "test_editions.py::test_the_codebook_says_what_is_known_of_the_projects_of_the_edition"
# Cells of another test, or without one and why
ELSEWHERE: dict[tuple[int, str], dict[str, str]] = {
    (4, "lights"): {
        "import": "test_lights.py::test_a_light_of_a_sheet_is_compared_and_never_stored"
    },
    (9, "industry chains"): {
        "admin": "test_doors.py::test_the_position_of_a_link_is_entered_in_the_admin"
    },
    (12, "codebook of an edition"): {
        **dict.fromkeys(("API", "file", "as_of", "English", "Chinese"), CODEBOOK),
        **dict.fromkeys(("import", "history", "admin"), "computed"),
    },
    (13, "reconciliation"): {
        "API": f"{RECONCILING}test_a_list_is_matched_suggested_absent_and_contradictory",
        "file": IN_FILES,
        "import": f"{RECONCILING}test_json_and_a_workbook_say_what_the_csv_file_says",
        "history": f"{RECONCILING}test_a_list_is_matched_suggested_absent_and_contradictory",
        "as_of": "test_doors.py::test_a_comparison_is_with_the_ledger_of_today",
        "admin": f"{RECONCILING}test_the_admin_and_the_command_line_compare",
        "English": IN_FILES,
        "Chinese": IN_FILES,
    },
}
