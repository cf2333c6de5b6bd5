"""Columns that take long to read: the steps of a project, what was approved, and its tags."""

from django.utils.translation import gettext_lazy as _

from config.spreadsheets import Column
from projects.column_values import join_tags, make_document_no, make_met_on, make_planned_on
from projects.lifecycle.words import Approval, Stage

# What the usual columns leave out of a project's milestones: they cost ten times as much to read
MILESTONE_COLUMNS = [
    Column("lead_on", _("lead on"), "word", path=make_met_on(Stage.LEAD)),
    Column(
        "negotiating_on", _("in negotiation since"), "word", path=make_met_on(Stage.NEGOTIATING)
    ),
    Column(
        "registered_on",
        _("entity registered on"),
        "word",
        path=make_met_on(Stage.REGISTERED),
        headers="注册日期 注册时间 注册",
    ),
    Column(
        "approved_on",
        _("approved on"),
        "word",
        path=make_met_on(Stage.APPROVED),
        headers="立项日期 立项时间 备案日期 备案时间 立项 备案",
    ),
    Column(
        "full_capacity_on",
        _("at full capacity since"),
        "word",
        path=make_met_on(Stage.FULL_CAPACITY),
        headers="达产日期 达产时间 达产",
    ),
    Column(
        "intended_planned_on", _("intent planned for"), "word", path=make_planned_on(Stage.INTENDED)
    ),
    Column(
        "signed_planned_on", _("contract planned for"), "word", path=make_planned_on(Stage.SIGNED)
    ),
    Column(
        "registered_planned_on",
        _("registration planned for"),
        "word",
        path=make_planned_on(Stage.REGISTERED),
    ),
    Column(
        "approved_planned_on",
        _("approval planned for"),
        "word",
        path=make_planned_on(Stage.APPROVED),
    ),
    Column(
        "started_planned_on",
        _("start planned for"),
        "word",
        path=make_planned_on(Stage.STARTED),
        headers="计划开工日期 计划开工时间 计划开工 拟开工时间",
    ),
    Column(
        "completed_planned_on",
        _("completion planned for"),
        "word",
        path=make_planned_on(Stage.COMPLETED),
        headers="计划竣工日期 计划竣工时间 计划竣工",
    ),
    Column(
        "operating_planned_on",
        _("operation planned for"),
        "word",
        path=make_planned_on(Stage.OPERATING),
        headers="计划投产日期 计划投产时间 计划投产",
    ),
    Column(
        "full_capacity_planned_on",
        _("full capacity planned for"),
        "word",
        path=make_planned_on(Stage.FULL_CAPACITY),
    ),
    Column(
        "land_granted_on",
        _("land granted on"),
        "word",
        path=make_met_on(Approval.LAND_GRANTED),
        headers="供地日期 供地时间 土地出让日期 土地出让时间 拿地日期 拿地时间 摘牌日期 摘牌时间",
    ),
    Column(
        "land_granted_no",
        _("number of the land contract"),
        path=make_document_no(Approval.LAND_GRANTED),
        cell="document",
        headers="土地出让合同编号 出让合同编号 供地文号 不动产权证号",
        hint=_("As the paper has it; the approval may have no day."),
    ),
    Column(
        "environmental_on",
        _("environmental assessment approved on"),
        "word",
        path=make_met_on(Approval.ENVIRONMENTAL),
        headers="环评批复日期 环评批复时间 环评批复 环评日期 环评时间 环评",
    ),
    Column(
        "environmental_no",
        _("number of the environmental approval"),
        path=make_document_no(Approval.ENVIRONMENTAL),
        cell="document",
        headers="环评批复文号 环评文号",
        hint=_("As the paper has it; the approval may have no day."),
    ),
    Column(
        "energy_review_on",
        _("energy review passed on"),
        "word",
        path=make_met_on(Approval.ENERGY_REVIEW),
        headers="节能审查日期 节能审查时间 节能审查 能评日期 能评时间 节能审查批复日期 "
        "节能审查批复时间",
    ),
    Column(
        "energy_review_no",
        _("number of the energy review"),
        path=make_document_no(Approval.ENERGY_REVIEW),
        cell="document",
        headers="节能审查文号 节能审查批复文号 能评文号",
        hint=_("As the paper has it; the approval may have no day."),
    ),
    Column(
        "works_permit_on",
        _("construction permit issued on"),
        "word",
        path=make_met_on(Approval.WORKS_PERMIT),
        headers="施工许可日期 施工许可时间 施工许可证日期 施工许可证时间 "
        "施工许可证取得时间 施工许可证",
    ),
    Column(
        "works_permit_no",
        _("number of the construction permit"),
        path=make_document_no(Approval.WORKS_PERMIT),
        cell="document",
        headers="施工许可证号 施工许可证编号 施工许可编号",
        hint=_("As the paper has it; the approval may have no day."),
    ),
    Column(
        "in_statistics_on",
        _("taken into the statistics on"),
        "word",
        path=make_met_on(Approval.IN_STATISTICS),
        headers="纳统日期 纳统时间 纳统 入统日期 入统时间 纳统入库日期 纳统入库时间",
    ),
    Column(
        "in_statistics_no",
        _("number in the statistics"),
        path=make_document_no(Approval.IN_STATISTICS),
        cell="document",
        headers="纳统编号 纳统入库编号 入统编号",
        hint=_("As the paper has it; the approval may have no day."),
    ),
    Column(
        "tags",
        _("tags"),
        path=join_tags,
        cell="tags",
        headers="标签 项目标签 项目标识",
        hint=_("Codes or names of tags, separated by ；, each with the year of its list."),
    ),
]
