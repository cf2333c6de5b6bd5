"""The columns that an import of projects understands, and what people call them."""

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Literal, get_args

from config.reading.headers import Spellings, plain
from config.spreadsheets import Column, Layout
from config.spreadsheets.columns import Header, Unit
from projects.columns import MILESTONE_COLUMNS, PROJECT_COLUMNS
from projects.lifecycle.words import Stage

Kind = Literal[
    "code",
    "national_code",
    "text",
    "word",
    "flag",
    "date",
    "milestone",
    "planned",
    "number",
    "money",
    "region",
    "sector",
    "park",
    "source",
    "project",
    "investors",
    "events",
    "derived",
]
MILESTONES: Mapping[str, Stage] = {f"{stage.value}_on": stage for stage in Stage}
PLANNED: Mapping[str, Stage] = {f"{stage.value}_planned_on": stage for stage in Stage}
KINDS: Mapping[str, Kind] = {
    "code": "code",
    "national_code": "national_code",
    "park": "park",
    "land_mu": "number",
    "origin": "region",
    "sector": "sector",
    "stage": "word",
    "status": "word",  # the stage or the standing, whichever the word is one of
    "agreement_type": "word",
    "investment_cny": "money",
    "phase_one_cny": "money",
    "investment_qualifier": "word",
    "investment_basis": "word",
    "standing_on": "date",
    "reported_on": "date",
    "is_umbrella": "flag",
    "duplicate_of": "project",
    "part_of": "project",
    "source": "source",
    "investors": "investors",
    "events": "events",
    **dict.fromkeys(
        ("kind", "function", "site_mode", "origin_basis", "sector_basis", "standing"), "word"
    ),
    "publication": "word",
    **dict.fromkeys(MILESTONES, "milestone"),
    **dict.fromkeys(PLANNED, "planned"),
    **dict.fromkeys(
        (
            *("name", "name_zh", "name_en", "origin_text", "sector_text", "standing_reason"),
            *("note", "open_issues", "responsible_unit", "contact"),
        ),
        "text",
    ),
}
# Where a file has names alone, these find what the column of codes would have named.
NAMES_OF = {
    "park": ("park_name_zh", "park_name_en"),
    "origin": ("origin_name_zh", "origin_name_en"),
    "sector": ("sector_name_zh", "sector_name_en"),
}
# As planners call them; the labels of files are known besides. Headers of two rows have a slash.
HEADERS: Mapping[str, str] = {
    "code": "项目编码 项目编号 project_code",
    "national_code": "国家项目代码 项目代码 项目统一代码 national_project_code",
    "name": "项目名称 项目 名称 project_name project name",
    "name_zh": "中文名称 项目中文名称",
    "name_en": "英文名称 项目英文名称",
    "park": "园区 所在园区 园区名称 落地园区 所属园区 所在园区名称",
    "investors": "投资方 投资方名称 投资单位 投资企业 投资主体 投资商 投资人 企业名称 投资企业名称"
    " 投资方信息 investor",
    "origin": "来源地 来源地区 投资方所在地 投资方来源地 资金来源地 投资来源地",
    "sector": "行业 所属行业 产业 所属产业 产业类别 行业类别 行业分类 industry",
    "investment_cny": "总投资 总投资额 投资额 投资总额 计划总投资 计划总投资额 投资规模 项目总投资"
    " investment total_investment",
    "phase_one_cny": "其中一期 一期投资 一期投资额 其中:一期 其中一期投资",
    "intended_on": "意向签约日期 意向签约时间",
    "signed_on": "签约日期 签约时间 签约 签订日期 签订时间 正式签约 正式签约日期 合同签订日期",
    "registered_on": "注册日期 注册时间 注册",
    "approved_on": "立项日期 立项时间 备案日期 备案时间 立项 备案",
    "started_planned_on": "计划开工日期 计划开工时间 计划开工 拟开工时间",
    "completed_planned_on": "计划竣工日期 计划竣工时间 计划竣工",
    "operating_planned_on": "计划投产日期 计划投产时间 计划投产",
    "started_on": "开工日期 开工时间 开工 动工时间 started",
    "completed_on": "竣工日期 竣工时间 竣工 建成时间 completed",
    "operating_on": "投产日期 投产时间 投产 运营时间 operating",
    "full_capacity_on": "达产日期 达产时间 达产",
    "stage": "项目阶段 阶段 进展阶段 目前阶段 建设阶段 项目进度",
    "status": "项目状态 状态 status",
    "kind": "建设性质 项目性质",
    "function": "项目功能 功能",
    "site_mode": "用地方式 供地方式",
    "land_mu": "用地 用地面积 占地 占地面积 土地面积",
    "source": "信息来源 资料来源 数据来源",
    "events": "签约活动 签约仪式 活动 event",
    "reported_on": "统计时间 截至日期 截至时间 数据截至",
    "note": "备注 notes remark remarks",
    "open_issues": "存在问题 问题",
    "responsible_unit": "责任单位 牵头单位 招商单位 责任部门",
    "contact": "联系人 联系方式 联系电话",
    "standing_reason": "原因 暂停原因 终止原因",
}


def kind_of(name: str) -> Kind:
    """What is read from a column; `derived` for what the ledger works out by itself."""
    return KINDS.get(name, "derived")


@cache
def file_columns() -> dict[str, Column]:
    """The columns of our own files by name."""
    return {column.name: column for column in [*PROJECT_COLUMNS, *MILESTONE_COLUMNS]}


@cache
def spellings() -> Spellings:
    """Every header that is understood: of our files in any layout, and of people's own sheets."""
    known: dict[str, tuple[str, str]] = {plain(name): (name, "") for name in KINDS}
    for name, texts in HEADERS.items():
        known |= {plain(text): (name, "") for text in texts.split(" ")}
    known |= {plain("project name"): ("name", "")}
    return {**known, **spellings_of(file_columns().values())}


def spellings_of(columns: Iterable[Column]) -> Spellings:
    """The headers of columns as our files write them, in any layout."""
    known: dict[str, tuple[str, str]] = {}
    for column in columns:
        for header in get_args(Header):
            for unit in get_args(Unit):
                text = plain(column.header(Layout(header, unit)))
                known[text] = (column.name, unit if column.kind == "money" else "")
        known[plain(column.name)] = (column.name, "")
    return known
