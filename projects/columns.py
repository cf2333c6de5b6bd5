"""What files call the fields of a project, in the order in which they show them."""

from django.db.models import DateField
from django.utils.translation import gettext_lazy as _

from config.spreadsheets import Column, Table
from parks.columns import PLACE
from projects.column_values import (
    count_in_totals,
    join_investor_names,
    show_code_if_visible,
    show_work,
)
from projects.lifecycle.news import show_news
from projects.step_columns import MILESTONE_COLUMNS

PROJECT_COLUMNS = [
    Column(
        "code",
        _("code"),
        cell="code",
        headers="项目编码 项目编号 project_code",
        hint=_("Blank for a new project; for one that is to be changed, its code."),
    ),
    Column(
        "name_zh",
        _("Chinese name"),
        headers="中文名称 项目中文名称",
        hint=_("Give at least one of the two names."),
    ),
    Column(
        "name_en",
        _("English name"),
        headers="英文名称 项目英文名称",
        hint=_("Give at least one of the two names."),
    ),
    Column(
        "park",
        _("park"),
        path="park__code",
        cell="park",
        headers="园区 所在园区 园区名称 落地园区 所属园区 所在园区名称",
        hint=_("The code or the name of the park; required."),
    ),
    Column("park_name_zh", _("park (Chinese)"), path="park__name_zh"),
    Column("park_name_en", _("park (English)"), path="park__name_en"),
    Column(
        "national_code",
        _("national project code"),
        cell="national_code",
        headers="国家项目代码 项目代码 项目统一代码 national_project_code",
        hint=_("国家项目代码 by GB/T 40058-2021: 2403-120115-89-05-123456."),
    ),
    Column("kind", _("kind"), "word", headers="建设性质 项目性质"),
    Column("function", _("function"), "word", headers="项目功能 功能"),
    Column("site_mode", _("way of having its site"), "word", headers="用地方式 供地方式"),
    Column(
        "land_mu",
        _("land (mu)"),
        "number",
        cell="area",
        headers="用地 用地面积 占地 占地面积 土地面积",
        hint=_("In mu; or with another unit: 5公顷; or with a hedge: 170余亩."),
    ),
    Column("land_qualifier", _("qualifier of the land"), "word"),
    Column(
        "region",
        _("region"),
        "word",
        path="region_id",
        cell="region",
        headers="所在区县 所在地区 建设地区 项目所在地 项目所在区县 落地区县",
        hint=_("Only where it is not that of the park: a code (GB/T 2260) or a name."),
    ),
    Column("project_region", _("region of the project"), "word"),
    Column("site", _("plot"), headers="地块 地块编号 宗地 宗地编号 宗地号"),
    *PLACE,
    Column(
        "origin",
        _("origin"),
        "word",
        path="origin_id",
        cell="region",
        headers="来源地 来源地区 投资方所在地 投资方来源地 资金来源地 投资来源地",
        hint=_(
            "Where the investor comes from: a code (GB/T 2260) or a name, such as 北京市海淀区."
        ),
    ),
    Column("origin_name_zh", _("origin (Chinese)"), path="origin__name_zh"),
    Column("origin_name_en", _("origin (English)"), path="origin__name_en"),
    Column("origin_basis", _("basis of origin"), "word"),
    Column("origin_text", _("origin as reported")),
    Column(
        "origin_scope",
        _("distance of the origin"),
        "word",
        _("Whether the investor comes from the same city, another one, or from how far away."),
    ),
    Column(
        "sector",
        _("sector"),
        "word",
        path="sector_id",
        cell="sector",
        headers="行业 所属行业 产业 所属产业 产业类别 行业类别 行业分类 industry",
        hint=_("A code of GB/T 4754-2017 such as C3973, or a name."),
    ),
    Column("sector_name_zh", _("sector (Chinese)"), path="sector__name_zh"),
    Column("sector_name_en", _("sector (English)"), path="sector__name_en"),
    Column("sector_basis", _("basis of sector"), "word"),
    Column("sector_text", _("sector as reported")),
    Column(
        "capital_type",
        _("capital"),
        "word",
        _("As it is stated, or else as all investors and their owners are registered."),
    ),
    Column(
        "capital_type_stated",
        _("capital as stated"),
        "word",
        headers="资本类型 内外资 内外资类型 内外资属性 资金性质 资本性质 投资性质 投资类型",
        hint=_("Blank where it follows from where the investors are registered."),
    ),
    Column(
        "stage",
        _("stage"),
        "word",
        _("The highest milestone that is met. Follows from the milestones."),
        headers="项目阶段 阶段 进展阶段 目前阶段 建设阶段 项目进度",
    ),
    Column("stage_on", _("stage since"), "partial_date"),
    Column(
        "intended_on", _("intent signed on"), "partial_date", headers="意向签约日期 意向签约时间"
    ),
    Column(
        "signed_on",
        _("contract signed on"),
        "partial_date",
        headers="签约日期 签约时间 签约 签订日期 签订时间 正式签约 正式签约日期 合同签订日期",
    ),
    Column(
        "started_on",
        _("construction started on"),
        "partial_date",
        headers="开工日期 开工时间 开工 动工时间 started",
    ),
    Column(
        "completed_on",
        _("completed on"),
        "partial_date",
        headers="竣工日期 竣工时间 竣工 建成时间 completed",
    ),
    Column(
        "operating_on",
        _("operating since"),
        "partial_date",
        headers="投产日期 投产时间 投产 运营时间 operating",
    ),
    Column(
        "agreement_type",
        _("agreement"),
        "word",
        _("The most binding paper that was signed; blank where no source says."),
    ),
    Column(
        "hitech",
        _("high-tech industry"),
        "word",
        _("Whether the sector is in the official list of high-tech industries of 2017."),
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
    Column("investment_qualifier", _("qualifier of the investment"), "word"),
    Column(
        "investment_basis",
        _("basis of the investment"),
        "word",
        _("What the amount rests on. Amounts of different bases are not one sum."),
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
        path=count_in_totals,
    ),
    Column("totals_exclusion", _("why not in totals"), "word"),
    Column("news_on", _("last news on"), "date", path=show_news),
    Column("next_planned_on", _("next step planned for"), "date"),
    Column("is_stale", _("stale"), "flag"),
    Column("standing", _("standing"), "word"),
    Column("standing_on", _("standing since"), "partial_date"),
    Column("standing_reason", _("reason for standing"), headers="原因 暂停原因 终止原因"),
    Column(
        "is_umbrella",
        _("umbrella agreement"),
        "flag",
        hint=_("true for a framework agreement whose amount is that of other projects."),
    ),
    Column(
        "duplicate_of", _("duplicate of"), path=show_code_if_visible("duplicate_of"), cell="project"
    ),
    Column(
        "part_of",
        _("part of"),
        path=show_code_if_visible("part_of"),
        cell="project",
        hint=_("The code of the project that this one is a part of."),
    ),
    Column(
        "phase_no",
        _("phase"),
        "number",
        cell="phase",
        headers="期数 第几期 建设期数 项目期数",
        hint=_("Which phase of the whole it is: 1, or 一期."),
    ),
    Column(
        "reported_on",
        _("known as of"),
        "partial_date",
        headers="统计时间 截至日期 截至时间 数据截至",
        hint=_(
            "The day, month or year of which this row tells: 2013, 2013-Q2, 2013-06 or 2013-06-30."
        ),
    ),
    Column(
        "source",
        _("source"),
        path="source__code",
        cell="source",
        headers="信息来源 资料来源 数据来源",
        hint=_("The code of a source in the ledger."),
    ),
    Column("publication", _("publication"), "word"),
    Column("note", _("note"), headers="备注 notes remark remarks"),
    Column("open_issues", _("open issues"), path=show_work("open_issues"), headers="存在问题 问题"),
    Column(
        "responsible_unit",
        _("responsible unit"),
        path=show_work("responsible_unit"),
        headers="责任单位 牵头单位 招商单位 责任部门",
    ),
    Column(
        "latest_progress",
        _("latest progress"),
        path=show_work("latest_progress"),
        headers="最新进展 最新进展情况 目前进展 目前进展情况 进展情况 项目进展情况 工作进展",
        hint=_("What was noted last, with its day; what was noted before stays."),
    ),
    Column(
        "latest_progress_on",
        _("latest progress on"),
        "date",
        path=show_work("latest_progress_on", DateField),
        cell="partial_date",
        headers="最新进展日期 进展日期 进展时间 进展更新日期 进展更新时间 调度日期 调度时间",
        hint=_("The day on which it was noted, such as 2023-06-30."),
    ),
    Column(
        "next_step",
        _("next step"),
        path=show_work("next_step"),
        headers="下一步计划 下步计划 下一步工作 下步工作 下一步工作计划 下步工作计划 下一步打算 "
        "下步打算 下一步工作安排 下步工作安排 下一步举措 下步举措",
        hint=_("What is to be done next; it belongs to the latest progress."),
    ),
    Column(
        "next_step_due_on",
        _("next step due on"),
        "date",
        path=show_work("next_step_due_on", DateField),
        cell="partial_date",
        headers="完成时限 下一步完成时限 下步完成时限",
    ),
    Column(
        "investors",
        _("investors"),
        path=join_investor_names,
        cell="investors",
        headers="投资方 投资方名称 投资单位 投资企业 投资主体 投资商 投资人 企业名称 投资企业名称 "
        "投资方信息 investor",
        hint=_("Names of companies, separated by ；. The first one leads."),
    ),
    Column("version", _("version"), "number"),
    Column("created_at", _("created at"), "moment"),
    Column("updated_at", _("updated at"), "moment"),
]

# What the ledger works out, or says of another row: an import compares it and never writes it
NOT_IMPORTED = {
    *("park_name_zh", "park_name_en", "origin_name_zh", "origin_name_en"),
    *(
        "project_region",
        "origin_scope",
        "sector_name_zh",
        "sector_name_en",
        "capital_type",
        "hitech",
        "stage_on",
        "paid_in_cny",
    ),
    *("counts_in_totals", "totals_exclusion", "news_on", "next_planned_on", "is_stale"),
    *("version", "created_at", "updated_at"),
}
PROJECTS = Table("projects", _("projects"), PROJECT_COLUMNS, MILESTONE_COLUMNS)
