"""Columns of the files of projects, in order, with their computed values."""

from collections.abc import Callable
from typing import Any

from django.db.models import (
    BooleanField,
    Case,
    DateField,
    ExpressionWrapper,
    F,
    Field,
    OuterRef,
    Q,
    Subquery,
    TextField,
    Value,
    When,
)
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from parks.access import rights_of, select_readable
from parks.columns import PLACE, either_name, join_tag_codes
from projects.dimensions.places import find_scope
from projects.lifecycle.due import show_news
from projects.models import Investor, Milestone, Project, ProjectTag
from projects.models.words import MilestoneStatus
from sheets.writing.cells import JoinedTexts, print_known_date
from sheets.writing.columns import Column, Table, derive_columns


def join_investor_names(actor: Any) -> JoinedTexts:
    """Build the SQL of the names of a project's investors in one text."""
    rows = Investor.objects.filter(project=OuterRef("pk")).order_by("id")
    return JoinedTexts(rows.values(text=either_name("organisation__")))


def show_code_if_visible(column: str) -> Callable[[Any], Case]:
    """Build the SQL of the code a column refers to; blank where the actor may not see it."""

    def code(actor: Any) -> Case:
        visible = select_readable(Project, actor).filter(pk=OuterRef(column))
        return Case(When(**{f"{column}__isnull": False}, then=Subquery(visible.values("code"))))

    return code


def show_work(column: str, kind: type[Field] = TextField) -> Callable[[Any], Any]:
    """Build the SQL of a column that only the roles of a project's park may see."""
    blank = Value("" if kind is TextField else None, output_field=kind())

    def cell(actor: Any) -> Any:
        rights = rights_of(actor)
        shown = F(column)
        if rights.is_superuser:
            return ExpressionWrapper(shown, output_field=kind())
        if not rights.parks:
            return blank
        return Case(When(park__in=rights.parks, then=shown), default=blank, output_field=kind())

    return cell


def show_step(name: str, label: str | Promise, headers: str = "") -> Column:
    """Show a column of the milestones of one type: `signed_on`, `signed_planned_on`, `…_no`.

    Of several milestones the one whose period ends first; dates as far as they are known.
    """
    is_number, is_planned = name.endswith("_no"), name.endswith("_planned_on")
    step = name.removesuffix("_no").removesuffix("_on").removesuffix("_planned")
    rows: Any = Milestone.objects.filter(project=OuterRef("pk"), type=step)
    if is_number:
        rows = rows.filter(status=MilestoneStatus.MET)
        rows = rows.order_by(F("actual_on_end").asc(nulls_last=True), "id").values("document_no")
        hint = _("As the paper has it; the approval may have no day.")
        options: dict[str, Any] = {"cell": "document", "hint": hint}
    else:
        column = "planned_on" if is_planned else "actual_on"
        statuses = [MilestoneStatus.MET, *([MilestoneStatus.SCHEDULED] if is_planned else [])]
        rows = rows.filter(**{f"{column}__isnull": False}, status__in=statuses)
        rows = rows.order_by(f"{column}_end", "id").values(text=print_known_date(column))
        options = {"kind": "word"}
    return Column(name, label, path=lambda actor: Subquery(rows[:1]), headers=headers, **options)


def show_promise(name: str, label: str | Promise, headers: str) -> Column:
    """Show the day promised for a step: `started_promised_on`; of several the first."""
    rows: Any = Milestone.objects.filter(
        project=OuterRef("pk"), type=name.removesuffix("_promised_on"), promised_on__isnull=False
    ).exclude(status=MilestoneStatus.REVOKED)
    text = rows.order_by("promised_on", "id").values(text=print_known_date("promised_on"))
    return Column(name, label, "word", path=lambda actor: Subquery(text[:1]), headers=headers)


# Not among the usual columns of a file: these take ten times as long to read
MILESTONE_COLUMNS = [
    show_step("lead_on", _("lead on")),
    show_step("negotiating_on", _("in negotiation since")),
    show_step("registered_on", _("entity registered on"), "注册日期 注册时间 注册"),
    show_step("approved_on", _("approved on"), "立项日期 立项时间 备案日期 备案时间 立项 备案"),
    show_step("full_capacity_on", _("at full capacity since"), "达产日期 达产时间 达产"),
    show_step("intended_planned_on", _("intent planned for")),
    show_step("signed_planned_on", _("contract planned for")),
    show_step("registered_planned_on", _("registration planned for")),
    show_step("approved_planned_on", _("approval planned for")),
    show_step(
        "started_planned_on",
        _("start planned for"),
        "计划开工日期 计划开工时间 计划开工 拟开工时间",
    ),
    show_step(
        "completed_planned_on", _("completion planned for"), "计划竣工日期 计划竣工时间 计划竣工"
    ),
    show_step(
        "operating_planned_on", _("operation planned for"), "计划投产日期 计划投产时间 计划投产"
    ),
    show_step("full_capacity_planned_on", _("full capacity planned for")),
    show_step(
        "land_granted_on",
        _("land granted on"),
        "供地日期 供地时间 土地出让日期 土地出让时间 拿地日期 拿地时间 摘牌日期 摘牌时间",
    ),
    show_step(
        "land_granted_no",
        _("number of the land contract"),
        "土地出让合同编号 出让合同编号 供地文号 不动产权证号",
    ),
    show_step(
        "environmental_on",
        _("environmental assessment approved on"),
        "环评批复日期 环评批复时间 环评批复 环评日期 环评时间 环评",
    ),
    show_step(
        "environmental_no", _("number of the environmental approval"), "环评批复文号 环评文号"
    ),
    show_step(
        "energy_review_on",
        _("energy review passed on"),
        "节能审查日期 节能审查时间 节能审查 能评日期 能评时间 节能审查批复日期 节能审查批复时间",
    ),
    show_step(
        "energy_review_no",
        _("number of the energy review"),
        "节能审查文号 节能审查批复文号 能评文号",
    ),
    show_step(
        "works_permit_on",
        _("construction permit issued on"),
        "施工许可日期 施工许可时间 施工许可证日期 施工许可证时间 施工许可证取得时间 施工许可证",
    ),
    show_step(
        "works_permit_no",
        _("number of the construction permit"),
        "施工许可证号 施工许可证编号 施工许可编号",
    ),
    show_step(
        "in_statistics_on",
        _("taken into the statistics on"),
        "纳统日期 纳统时间 纳统 入统日期 入统时间 纳统入库日期 纳统入库时间",
    ),
    show_step("in_statistics_no", _("number in the statistics"), "纳统编号 纳统入库编号 入统编号"),
    Column(
        "tags",
        _("tags"),
        path=lambda actor: join_tag_codes(ProjectTag.objects.filter(project=OuterRef("pk"))),
        is_list=True,
        cell="tags",
        headers="标签 项目标签 项目标识",
        hint=_("Codes or names of tags, separated by ；, each with the year of its list."),
    ),
    *(
        show_promise(
            f"{step}_promised_on",
            label,
            f"承诺{zh}日期 承诺{zh}时间 承诺{zh} 约定{zh}日期 约定{zh}时间",
        )
        for step, label, zh in (
            ("started", _("start promised for"), "开工"),
            ("completed", _("completion promised for"), "竣工"),
            ("operating", _("operation promised for"), "投产"),
            ("full_capacity", _("full capacity promised for"), "达产"),
        )
    ),
]


PROJECT_COLUMNS = derive_columns(
    Project,
    Column(
        "code",
        cell="code",
        headers="项目编码 项目编号 project_code",
        hint=_("Blank for a new project; for one that is to be changed, its code."),
    ),
    Column(
        "name_zh", headers="中文名称 项目中文名称", hint=_("Give at least one of the two names.")
    ),
    Column(
        "name_en", headers="英文名称 项目英文名称", hint=_("Give at least one of the two names.")
    ),
    Column(
        "park",
        cell="park",
        headers="园区 所在园区 园区名称 落地园区 所属园区 所在园区名称",
        hint=_("The code or the name of the park; required."),
    ),
    "park_name_zh park_name_en",
    Column(
        "national_code",
        cell="national_code",
        headers="国家项目代码 项目代码 项目统一代码 national_project_code",
        hint=_("国家项目代码 by GB/T 40058-2021: 2403-120115-89-05-123456."),
    ),
    Column("kind", headers="建设性质 项目性质"),
    Column("function", headers="项目功能 功能"),
    Column("site_mode", headers="用地方式 供地方式"),
    Column(
        "land_mu",
        cell="area",
        headers="用地 用地面积 占地 占地面积 土地面积",
        hint=_("In mu; or with another unit: 5公顷; or with a hedge: 170余亩."),
    ),
    "land_qualifier",
    Column("floor_area_m2", cell="floor", hint=_("In m²; or with another unit: 1.2万平方米.")),
    Column(
        "region",
        cell="region",
        headers="所在区县 所在地区 建设地区 项目所在地 项目所在区县 落地区县",
        hint=_("Only where it is not that of the park: a code (GB/T 2260) or a name."),
    ),
    Column("project_region", kind="word"),
    Column("site", headers="地块 地块编号 宗地 宗地编号 宗地号"),
    Column("building", headers="楼栋 楼栋号 楼号 所在楼栋 入驻楼栋"),
    *PLACE,
    Column(
        "origin",
        cell="region",
        headers="来源地 来源地区 投资方所在地 投资方来源地 资金来源地 投资来源地",
        hint=_(
            "Where the investor comes from: a code (GB/T 2260) or a name, such as 北京市海淀区."
        ),
    ),
    "origin_name_zh origin_name_en origin_basis origin_text",
    Column(
        "origin_scope",
        path=lambda _actor: find_scope(),
        meaning=_(
            "Whether the investor comes from the same city, another one, or from how far away."
        ),
    ),
    Column(
        "sector",
        cell="sector",
        headers="行业 所属行业 产业 所属产业 产业类别 行业类别 行业分类 industry",
        hint=_("A code of GB/T 4754-2017 such as C3973, or a name."),
    ),
    "sector_name_zh sector_name_en sector_basis sector_text",
    Column(
        "capital_type",
        meaning=_("As it is stated, or else as all investors and their owners are registered."),
    ),
    Column(
        "capital_type_stated",
        headers="资本类型 内外资 内外资类型 内外资属性 资金性质 资本性质 投资性质 投资类型",
        hint=_("Blank where it follows from where the investors are registered."),
    ),
    Column(
        "stage",
        meaning=_("The highest milestone that is met. Follows from the milestones."),
        headers="项目阶段 阶段 进展阶段 目前阶段 建设阶段 项目进度",
    ),
    "stage_on",
    Column("intended_on", headers="意向签约日期 意向签约时间"),
    Column(
        "signed_on",
        headers="签约日期 签约时间 签约 签订日期 签订时间 正式签约 正式签约日期 合同签订日期",
    ),
    Column("started_on", headers="开工日期 开工时间 开工 动工时间 started"),
    Column("completed_on", headers="竣工日期 竣工时间 竣工 建成时间 completed"),
    Column("operating_on", headers="投产日期 投产时间 投产 运营时间 operating"),
    Column(
        "agreement_type",
        meaning=_("The most binding paper that was signed; blank where no source says."),
    ),
    Column(
        "hitech",
        meaning=_("Whether the sector is in the official list of high-tech industries of 2017."),
    ),
    Column(
        "investment_cny",
        _("investment"),
        "money",
        _(
            "The headline amount: of the standing claims the one with the best basis, then "
            "the newest. Blank is unknown, never 0."
        ),
        headers="总投资 总投资额 投资额 投资总额 计划总投资 计划总投资额 投资规模 项目总投资 "
        "investment total_investment",
        hint=_("In yuan; or with its unit: 1.5亿元, 约5000万元. Leave unknown amounts blank."),
    ),
    "investment_qualifier",
    Column(
        "investment_basis",
        meaning=_("What the amount rests on. Amounts of different bases are not one sum."),
    ),
    Column("paid_in_cny", _("paid in"), "money", _("The sum of what came in month by month.")),
    Column(
        "counts_in_totals",
        _("counts in totals"),
        "flag",
        _(
            "Whether totals of signed projects count it: it reached a contract, and is no "
            "umbrella, part, duplicate or merged project."
        ),
        path=lambda actor: ExpressionWrapper(Q(totals_exclusion=""), output_field=BooleanField()),
    ),
    Column("totals_exclusion", _("why not in totals"), "word"),
    Column("news_on", path=show_news),
    "next_planned_on",
    Column("is_stale", _("stale"), "flag"),
    "standing standing_on",
    Column("standing_reason", headers="原因 暂停原因 终止原因"),
    Column(
        "is_umbrella",
        hint=_("true for an umbrella agreement whose amount is that of other projects."),
    ),
    Column("duplicate_of", path=show_code_if_visible("duplicate_of"), cell="project"),
    Column(
        "part_of",
        path=show_code_if_visible("part_of"),
        cell="project",
        hint=_("The code of the project that this one is a part of."),
    ),
    Column(
        "phase_no",
        cell="phase",
        headers="期数 第几期 建设期数 项目期数",
        hint=_("Which phase of the whole it is: 1, or 一期."),
    ),
    Column(
        "reported_on",
        headers="统计时间 截至日期 截至时间 数据截至",
        hint=_(
            "The day, month or year of which this row tells: 2013, 2013-Q2, 2013-06 or 2013-06-30."
        ),
    ),
    Column("review_on", headers="履约评价日期 履约评价时间 达产验收日期 达产验收时间"),
    Column(
        "source",
        cell="source",
        headers="信息来源 资料来源 数据来源",
        hint=_("The code of a source in the ledger."),
    ),
    "publication",
    Column("note", headers="备注 notes remark remarks comment comments"),
    Column("open_issues", path=show_work("open_issues"), headers="存在问题 问题"),
    Column(
        "responsible_unit",
        path=show_work("responsible_unit"),
        headers="责任单位 牵头单位 招商单位 责任部门",
    ),
    Column(
        "further_columns",
        _("further columns"),
        path=show_work("further_columns"),
        cell="further",
        hint=_("One per line, header and text: 首谈单位：市商务局. In no total."),
    ),
    Column(
        "lost_because",
        kind="word",
        path=show_work("lost_because"),
        headers="流失原因 未落地原因 丢单原因",
        hint=_("Of a project that is not active."),
    ),
    Column(
        "lost_to",
        kind="word",
        path=show_work("lost_to"),
        cell="region",
        headers="流失去向 流向地区 落户他处",
        hint=_("A code (GB/T 2260) or a name, of a project that is not active."),
    ),
    Column(
        "latest_progress",
        path=show_work("latest_progress"),
        headers="最新进展 最新进展情况 目前进展 目前进展情况 进展情况 项目进展情况 工作进展",
        hint=_("What was noted last, with its day; what was noted before stays."),
    ),
    Column(
        "latest_progress_on",
        path=show_work("latest_progress_on", DateField),
        cell="partial_date",
        headers="最新进展日期 进展日期 进展时间 进展更新日期 进展更新时间 调度日期 调度时间",
        hint=_("The day on which it was noted, such as 2023-06-30."),
    ),
    Column(
        "next_step",
        path=show_work("next_step"),
        headers="下一步计划 下步计划 下一步工作 下步工作 下一步工作计划 下步工作计划 下一步打算 "
        "下步打算 下一步工作安排 下步工作安排 下一步举措 下步举措",
        hint=_("What is to be done next; it belongs to the latest progress."),
    ),
    Column(
        "next_step_due_on",
        path=show_work("next_step_due_on", DateField),
        cell="partial_date",
        headers="完成时限 下一步完成时限 下步完成时限",
    ),
    Column(
        "investors",
        _("investors"),
        path=join_investor_names,
        is_list=True,
        cell="investors",
        headers="投资方 投资方名称 投资单位 投资企业 投资主体 投资商 投资人 企业名称 投资企业名称 "
        "投资方信息 investor",
        hint=_("Names of companies, separated by ；. The first one leads."),
    ),
    "version created_at updated_at",
)

# Derived values and values of other rows: an import compares them and never writes them
NOT_IMPORTED = {
    *("park_name_zh", "park_name_en", "origin_name_zh", "origin_name_en"),
    *("project_region", "origin_scope", "sector_name_zh", "sector_name_en"),
    *("capital_type", "hitech", "stage_on", "paid_in_cny"),
    *("counts_in_totals", "totals_exclusion", "news_on", "next_planned_on", "is_stale"),
    *("version", "created_at", "updated_at"),
}
PROJECTS = Table("projects", _("projects"), PROJECT_COLUMNS, MILESTONE_COLUMNS)
