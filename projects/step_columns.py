"""Columns that take long to read: the steps of a project, what was approved, and its tags."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from config.spreadsheets import Column
from projects.column_values import join_tags, make_document_no, make_met_on, make_planned_on
from projects.lifecycle.words import Approval, Stage

_Label = str | Promise


def _show_met(name: str, label: _Label, step: Stage | Approval, headers: str = "") -> Column:
    """Show when a step was met."""
    return Column(name, label, "word", path=make_met_on(step), headers=headers)


def _show_planned(name: str, label: _Label, step: Stage, headers: str = "") -> Column:
    """Show for when a step is planned."""
    return Column(name, label, "word", path=make_planned_on(step), headers=headers)


def _show_number(name: str, label: _Label, step: Approval, headers: str) -> Column:
    """Show the number of the paper of an approval."""
    hint = _("As the paper has it; the approval may have no day.")
    path = make_document_no(step)
    return Column(name, label, path=path, cell="document", headers=headers, hint=hint)


# What the usual columns leave out of a project's milestones: they cost ten times as much to read
MILESTONE_COLUMNS = [
    _show_met("lead_on", _("lead on"), Stage.LEAD),
    _show_met("negotiating_on", _("in negotiation since"), Stage.NEGOTIATING),
    _show_met(
        "registered_on", _("entity registered on"), Stage.REGISTERED, "注册日期 注册时间 注册"
    ),
    _show_met(
        "approved_on",
        _("approved on"),
        Stage.APPROVED,
        "立项日期 立项时间 备案日期 备案时间 立项 备案",
    ),
    _show_met(
        "full_capacity_on",
        _("at full capacity since"),
        Stage.FULL_CAPACITY,
        "达产日期 达产时间 达产",
    ),
    _show_planned("intended_planned_on", _("intent planned for"), Stage.INTENDED),
    _show_planned("signed_planned_on", _("contract planned for"), Stage.SIGNED),
    _show_planned("registered_planned_on", _("registration planned for"), Stage.REGISTERED),
    _show_planned("approved_planned_on", _("approval planned for"), Stage.APPROVED),
    _show_planned(
        "started_planned_on",
        _("start planned for"),
        Stage.STARTED,
        "计划开工日期 计划开工时间 计划开工 拟开工时间",
    ),
    _show_planned(
        "completed_planned_on",
        _("completion planned for"),
        Stage.COMPLETED,
        "计划竣工日期 计划竣工时间 计划竣工",
    ),
    _show_planned(
        "operating_planned_on",
        _("operation planned for"),
        Stage.OPERATING,
        "计划投产日期 计划投产时间 计划投产",
    ),
    _show_planned("full_capacity_planned_on", _("full capacity planned for"), Stage.FULL_CAPACITY),
    _show_met(
        "land_granted_on",
        _("land granted on"),
        Approval.LAND_GRANTED,
        "供地日期 供地时间 土地出让日期 土地出让时间 拿地日期 拿地时间 摘牌日期 摘牌时间",
    ),
    _show_number(
        "land_granted_no",
        _("number of the land contract"),
        Approval.LAND_GRANTED,
        "土地出让合同编号 出让合同编号 供地文号 不动产权证号",
    ),
    _show_met(
        "environmental_on",
        _("environmental assessment approved on"),
        Approval.ENVIRONMENTAL,
        "环评批复日期 环评批复时间 环评批复 环评日期 环评时间 环评",
    ),
    _show_number(
        "environmental_no",
        _("number of the environmental approval"),
        Approval.ENVIRONMENTAL,
        "环评批复文号 环评文号",
    ),
    _show_met(
        "energy_review_on",
        _("energy review passed on"),
        Approval.ENERGY_REVIEW,
        "节能审查日期 节能审查时间 节能审查 能评日期 能评时间 节能审查批复日期 节能审查批复时间",
    ),
    _show_number(
        "energy_review_no",
        _("number of the energy review"),
        Approval.ENERGY_REVIEW,
        "节能审查文号 节能审查批复文号 能评文号",
    ),
    _show_met(
        "works_permit_on",
        _("construction permit issued on"),
        Approval.WORKS_PERMIT,
        "施工许可日期 施工许可时间 施工许可证日期 施工许可证时间 施工许可证取得时间 施工许可证",
    ),
    _show_number(
        "works_permit_no",
        _("number of the construction permit"),
        Approval.WORKS_PERMIT,
        "施工许可证号 施工许可证编号 施工许可编号",
    ),
    _show_met(
        "in_statistics_on",
        _("taken into the statistics on"),
        Approval.IN_STATISTICS,
        "纳统日期 纳统时间 纳统 入统日期 入统时间 纳统入库日期 纳统入库时间",
    ),
    _show_number(
        "in_statistics_no",
        _("number in the statistics"),
        Approval.IN_STATISTICS,
        "纳统编号 纳统入库编号 入统编号",
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
