"""What is sent to the ledger to see what it makes of it: sheets, bodies and forms, by subject."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

PARK = "town"
STORED = ("fab", "hub")  # the projects that are there already


@dataclass(frozen=True)
class Sheet:
    """A sheet of projects, sent through every door that takes files.

    `options` are those of the command, and of a file over REST; `looks` names what is shown of what
    was stored.
    """

    rows: Sequence[Sequence[str]]
    options: Mapping[str, str] = field(default_factory=dict)
    looks: str = "amounts"


@dataclass(frozen=True)
class Body:
    """A request over REST with a body of JSON, which may have been sent once before.

    `shown` are the fields of the answer that tell what was made of it.
    """

    method: str
    path: str
    body: Any
    headers: Mapping[str, str] = field(default_factory=dict)
    shown: Sequence[str] = ()
    is_sent_again: bool = False


@dataclass(frozen=True)
class Form:
    """What is typed into the form of a new project in the admin."""

    typed: Mapping[str, Any]


Sample = Sheet | Body | Form


def sheet(header: str, *lines: str, title: str = "", looks: str = "amounts", **more: str) -> Sheet:
    """Write a sheet as it looks: cells between bars, `↵` for a line break within a cell."""
    texts = [*([title] if title else []), header, *lines]
    rows = [[cell.strip().replace("↵", "\n") for cell in text.split("|")] for text in texts]
    return Sheet(rows, more, looks)


# The same where something else than amounts is shown of what was stored
names, steps, work = (partial(sheet, looks=looks) for looks in ("names", "steps", "work"))
headlines, investors = (partial(sheet, looks=looks) for looks in ("headlines", "investors"))


def project(**more: Any) -> Body:
    """A project that is created over REST."""
    return Body("POST", "projects", {"name_zh": "乙厂", "park": PARK, **more})


def edit(**changes: Any) -> Body:
    """A change of the stored project over REST."""
    return Body("PATCH", "projects/fab", changes)


def change_hub(**changes: Any) -> Body:
    """A change of the stored project whose amount is hedged."""
    shown = ["investment_cny", "investment_qualifier"]
    return Body("PATCH", "projects/hub", changes, shown=shown)


def milestone(**more: Any) -> Body:
    """A milestone of the stored project over REST."""
    return Body("POST", "projects/fab/milestones", more)


def funding(**more: Any) -> Body:
    """A flow of money of the stored project over REST."""
    said = {"kind": "paid_in", "is_cumulative": False}
    return Body("POST", "projects/fab/fundings", {**said, **more})


def typed(**fields: Any) -> Form:
    """A new project as it is typed into the form."""
    return Form({"name_zh": "乙厂", **fields})


CODE, HEDGED = "项目编码", "项目编码|investment_qualifier|investment_cny"
NAME, WAN = "项目名称", "项目名称|总投资（万元）"
WISH = "意向签约项目清单（单位：亿元）"
WEEK = "乙厂|市商务局|张三、李四|王五（副区长）"
FIGURE = {"indicator": "investment", "value": 80_000_000, "investment_basis": "agreed"}
FIGURE_OF_TOWN = {"park": PARK, "indicator": "entities", "value": 1500}
SIGNED = {"type": "signed", "status": "met", "actual_on": "2024-03"}

SAMPLES: dict[str, list[Sample]] = {
    "Amounts and their unit": [
        sheet(f"{NAME}|总投资（万元）", "乙厂|2800"),
        sheet(f"{NAME}|总投资/亿元", "乙厂|28"),
        sheet(f"{NAME}|总投资", "乙厂|2800"),
        sheet(f"{NAME}|总投资", "乙厂|2800", unit="总投资:万元"),
        sheet(f"{NAME}|总投资", "乙厂|2800", title="单位：百万元"),
        sheet(f"{NAME}|总投资", "乙厂|28", title="单位:亿"),
        sheet(f"{NAME}|总投资", "乙厂|28", title="金额单位：人民币亿元"),
        sheet(f"{NAME}|总投资", "乙厂|28000", title="单位：千元"),
        sheet(f"{NAME}|总投资", "乙厂|2800", title="单位：万美元"),
        sheet(f"{NAME}|总投资", "乙厂|2", title="单位：亿美元"),
        sheet(f"{NAME}|总投资", "乙厂|2800", title="单位：万元/亩"),
        sheet(f"{NAME}|总投资", "乙厂|2800", title="重点项目表（投资规模单位：百万元人民币）"),
        sheet(f"{NAME}|总投资", "乙厂|2800", title="金额单位∶万圆，截至2026年10月31日"),
        sheet(f"{NAME}|总投资|单位|币种", "乙厂|2800|万元|", "丙厂|900|万元|美元"),
        sheet(f"{NAME}|investment_cny", "乙厂|28000000"),
        sheet(f"{NAME}|总投资", "乙厂|2,200左右", unit="总投资:万元"),
        project(investment_cny="2.8亿元"),
        project(investment_cny="2.8亿美元"),
        sheet(f"{NAME}|总投资（万元）|币种", "乙厂|2800|CHF"),
        sheet(f"{NAME}|总投资（万瑞士法郎）", "乙厂|2800"),
        names(f"{NAME}|总投资（万元）", "乙厂|TBD"),
        typed(investment="28"),
        typed(investment="2.8亿元"),
    ],
    "Amounts that are hardly meant": [
        sheet(WAN, "乙厂|28000000"),
        sheet(f"{NAME}|总投资", "乙厂|0元"),
        sheet(f"{NAME}|总投资（亿元）", "乙厂|20000", "丙厂|30000", "丁厂|40000"),
        sheet(WAN, "乙厂|28000000", confirm="amounts"),
        project(investment_cny=28),
        Body("POST", "projects?confirm=amounts", project(investment_cny=28).body),
    ],
    "Amounts and areas with a hedge": [
        headlines(f"{CODE}|investment_cny", "hub|1000000000.0"),
        headlines(f"{CODE}|总投资", "hub|10亿元"),
        headlines(HEDGED, "hub|about|1200000000"),
        headlines(HEDGED, "hub|exact|1000000000"),
        headlines(f"{CODE}|总投资", "hub|12亿元"),
        headlines(f"{CODE}|总投资", "hub|超12亿元"),
        headlines(HEDGED, "hub|about|超12亿元"),
        headlines(f"{CODE}|land_mu", "hub|30.0"),
        headlines(f"{CODE}|land_mu", "hub|45"),
        change_hub(investment_cny=1_000_000_000),
        change_hub(investment_cny="12亿元"),
    ],
    "Amounts whose currency is not clear": [
        sheet(f"{NAME}|总投资（万美元）|币种", "乙厂|2800|人民币"),
        sheet(f"{NAME}|总投资（万美元）|币种", "乙厂|2800|人民币", confirm="amounts"),
        sheet(f"{NAME}|总投资（万美元）|币种", "乙厂|2800|人民币", choice="2=suggested"),
        sheet(f"{NAME}|总投资（万元）|币种", "乙厂|2800|美元"),
        sheet(f"{NAME}|总投资|币种", "乙厂|2800万元|美元"),
        sheet(f"{NAME}|总投资", "乙厂|2800万", "丁厂|900万美元"),
        sheet(f"{NAME}|总投资", "乙厂|2800万元", "丁厂|900万美元"),
        sheet(f"{NAME}|总投资（万）", "乙厂|2800", "丁厂|900万美元"),
    ],
    "What an amount rests on": [
        sheet(f"{NAME}|意向投资额（亿元）", "乙厂|2"),
        sheet(f"{NAME}|框架协议金额（亿元）", "乙厂|2"),
        sheet(f"{NAME}|合同投资额（亿元）", "乙厂|2"),
        sheet(f"{NAME}|协议投资（亿元）", "乙厂|2"),
        sheet(f"{NAME}|计划总投资（亿元）", "乙厂|2"),
        sheet(f"{NAME}|概算总投资（亿元）", "乙厂|2"),
        sheet(f"{NAME}|总投资（亿元）|固定资产投资（亿元）", "乙厂|2|1.5"),
        sheet(f"{NAME}|一期投资（亿元）", "乙厂|1"),
        sheet(f"{NAME}|引进资金（亿元）", "乙厂|1"),
        sheet(f"{NAME}|注册资本（万元）", "乙厂|1000"),
        sheet(f"{NAME}|总投资", "乙厂|一期投资3亿元"),
    ],
    "Columns of a weekly sheet": [
        work(f"{NAME}|首谈单位|责任人|包联领导", WEEK),
        work(f"{NAME}|责任人", "乙厂|张三 13800000001"),
        work(f"{NAME}|注册资本（万元）|杂项", "乙厂|1000|甲", map="*:further_columns"),
        work(f"{NAME}|杂项", "乙厂|甲"),
        work(f"{NAME}|2026年度计划投资（万元）", "乙厂|300"),
        work(f"{NAME}|年度计划投资（万元）", "乙厂|300", map="*:further_columns"),
        work(f"{NAME}|已完成投资（万元）", "乙厂|300"),
    ],
    "Intents, promises and contracts": [
        steps(f"{NAME}|意向投资额|签约时间", "乙厂|5|2024-05", title=WISH),
        steps(f"{NAME}|签约时间", "乙厂|2024-05", title="框架协议项目"),
        steps(f"{NAME}|签约时间", "乙厂|2027-05", title="拟签约项目"),
        steps(f"{NAME}|签约时间|开工时间", "乙厂|2024-05|2024-06", title=WISH),
        steps(f"{NAME}|合同签订时间", "乙厂|2024-05", title=WISH),
        steps(f"{NAME}|签约时间|备注", "乙厂|2024-05|已签合同", title=WISH),
        steps(f"{NAME}|签约时间|进展情况", "乙厂|2024-05|洽谈中", title=WISH),
        steps(f"{NAME}|项目阶段", "乙厂|已签订正式合同", title=WISH),
        sheet(f"{NAME}|合同金额（亿元）|项目阶段", "乙厂|5|洽谈中"),
        sheet(f"{NAME}|合同金额（亿元）|项目阶段", "乙厂|5|洽谈中", choice="2=intent"),
        steps(f"{NAME}|意向投资额（亿元）|签约时间", "乙厂|5|2024-05"),
        steps(f"{NAME}|意向投资额（亿元）|签约时间", "乙厂|5|2024-05", confirm="agreements"),
        steps(f"{NAME}|意向投资额（亿元）|签约时间", "乙厂|5|2024-05", choice="2=intent"),
        steps(f"{NAME}|协议类型|签约时间", "乙厂|框架协议|2024-05"),
        steps(f"{NAME}|签约时间|备注", "乙厂|2024-05|洽谈中"),
        steps(f"{NAME}|承诺开工时间", "乙厂|2024-05"),
        steps(f"{NAME}|承诺动工日", "乙厂|2024-05", map="承诺动工日:started_on"),
        steps(f"{NAME}|承诺动工日", "乙厂|2024-05"),
        steps(f"{NAME}|承诺拿地时间", "乙厂|2024-05", map="承诺拿地时间:land_granted_on"),
        steps(f"{NAME}|开工时间", "乙厂|2024-05", title="2024年计划开工项目"),
        steps(f"{NAME}|开工|竣工", "乙厂|2024-05|2025-05", title="开工、竣工计划表"),
        steps(f"{NAME}|签约时间", "乙厂|2024-05", title="促签约项目"),
        steps(f"{NAME}|签约时间", "乙厂|2024-05", title="签约项目（截至2024年3月）"),
        steps(f"{NAME}|签约时间", "乙厂|2024-05", "注：第1项为框架协议|"),
        steps(f"序号|{NAME}|签约时间", "一|拟签约项目|", "1|乙厂|2024-05", "|共1个项目|"),
        steps(f"{NAME}|开工时间|备注", "乙厂|2024-05|尚未开工"),
        steps(f"{NAME}|推进情况", "乙厂|洽谈", "丙厂|已签约"),
        steps(f"{NAME}|签约时间", "一、在谈项目|", "乙厂|2024-05"),
        sheet(f"{NAME}|协议投资总额（亿元）", "乙厂|5", map="协议投资总额（亿元）:investment_cny"),
        steps(f"{NAME}|合同投资额（亿元）|签约时间", "乙厂|5|2024-05"),
    ],
    "Columns and cells that are not stored": [
        sheet(f"{WAN}|到位资金（万元）", "乙厂|2800|120"),
        sheet(f"{WAN}|到位资金（万元）", "乙厂|2800|120", month="2024-03"),
        names(f"{NAME}|高技术产业|长期未更新|计入合计|最近消息日期", "乙厂|是|否|是|2024-03"),
        sheet(WAN, "乙厂|1|200"),
        sheet(f"{WAN}|备注", "乙厂|2800"),
        sheet(f"{NAME}|招商干部", "乙厂|王某"),
        sheet(WAN, "乙厂|2800", "共计|2800"),
        sheet(WAN, "乙厂|2800", "合计|=SUM(B2:B2)"),
        sheet(WAN, "乙厂|2800", "注：以上为初步统计|", "填表人：王某|审核人：李某"),
        names(WAN, "乙厂|2800", "丙厂|不详吨"),
        names(WAN, "乙厂|2800", "丙厂|不详吨", on_error="skip"),
    ],
    "Several tables on one sheet": [
        sheet(WAN, "乙厂|2800", "二、开工项目（单位：亿元）|", f"{NAME}|总投资", "丙厂|2"),
        sheet(WAN, "乙厂|2800", "续表|", WAN, "丙厂|2000"),
        names(WAN, "乙厂|2800", "2099年开工项目|", WAN, "丙厂|2000"),
        sheet(WAN, "乙厂|2800", "签约项目|", f"{NAME}|意向投资额（亿元）", "丙厂|2"),
        sheet(WAN, "乙厂|2800", "会议安排表|", "会议名称|地点", "大会|北京"),
        sheet(WAN, "乙厂|2800", "会议安排表|", "会议名称|地点", "大会|北京", on_error="skip"),
        sheet("乙厂|2800", WAN, "丙厂|900", on_error="skip"),
    ],
    "Cells of investors": [
        investors(f"{NAME}|投资方", "乙厂|甲公司60%、乙公司40%"),
        investors(f"{NAME}|投资方", "乙厂|甲公司占60%，乙公司占40%"),
        investors(f"{NAME}|投资方", "乙厂|甲公司/乙公司"),
        investors(f"{NAME}|投资方", "乙厂|甲公司和乙公司"),
        investors(f"{NAME}|投资方", "乙厂|甲公司（60%）、乙公司(40%)"),
        investors(f"{NAME}|投资方", "乙厂|甲公司↵（60%）"),
        investors(f"{NAME}|投资方", "乙厂|天津甲科技发↵展有限公司"),
        investors("项目↵名称|投资方", "乙↵厂|甲公司", "|乙公司"),
        investors(f"{NAME}|投资方|总投资（万元）", "乙厂|甲公司|2800", "|乙公司|900"),
        investors(f"{NAME}|投资方", "乙厂|和利时"),
        investors(f"{NAME}|投资方", "乙厂|A/B公司"),
        investors(f"{NAME}|投资方", "乙厂|甲公司和乙公司60%"),
        investors(f"{NAME}|投资方", "乙厂|甲公司、乙公司（牵头）"),
        investors(f"{NAME}|投资方", "乙厂|甲公司（拟）"),
        investors(f"{NAME}|投资方", "乙厂|甲公司（拟）", choice="2=left_out"),
        investors(f"{NAME}|投资方", "乙厂|甲公司（集团）"),
        investors(f"{NAME}|投资方", "乙厂|甲公司（西区厂）", choice="2=named"),
        investors(f"{NAME}|投资方", "乙厂|拟由甲公司投资"),
        investors(f"{NAME}|投资方", "乙厂|甲公司（母公司：丙集团）"),
        investors(f"{NAME}|投资方", "乙厂|甲公司、乙公司（50:50）"),
        investors(f"{NAME}|投资方", "乙厂|甲公司、乙公司（6:4）"),
        investors(f"{NAME}|投资方", "乙厂|丁中心（有限合伙）"),
        investors(f"{NAME}|投资方", "乙厂|Acme Co., Ltd. and Foo Inc."),
    ],
    "Places, bases and characters": [
        names("项目名称（园区）|总投资（万元）", "乙厂（科技城）|2800"),
        names("项目名称（园区）|总投资（万元）", "乙厂（科技诚）|2800"),
        *(
            sheet(f"{NAME}|来源地", f"乙厂|{place}", looks="origins")
            for place in ("北京", "某地", "粤", "美国加州", "河北雄安", "待定")
        ),
        names(f"{NAME}|园区", "乙厂|待定"),
        sheet(f"{NAME}|来源地", f"乙厂|{'北京' * 600}", looks="origins"),
        project(origin="110000"),
        project(origin="北京市"),
    ],
    "Milestones, events and standing": [
        milestone(**SIGNED),
        Body("POST", "projects/fab/milestones", SIGNED, is_sent_again=True, shown=["type"]),
        milestone(**{**SIGNED, "actual_on": "2099"}),
        Body("POST", "projects/fab/figures", {**FIGURE, "as_of": "2099"}),
        Body("POST", "figures", {**FIGURE_OF_TOWN, "as_of": "2099"}),
        Body("POST", "figures", {**FIGURE_OF_TOWN, "as_of": "2099", "nature": "target"}),
        edit(reported_on="2099"),
        names(f"{NAME}|截至日期", "乙厂|2099年"),
        Body("POST", "projects/fab/participations", {"event": "kick-off"}, shown=["role"]),
        Body("POST", "projects/fab/participations", {"event": "kick-off", "role": "signed"}),
        sheet(f"{NAME}|活动", "乙厂|开工仪式", looks="roles"),
        names(f"{NAME}|计划开工时间", "乙厂|2027年上半年"),
        names(f"{NAME}|开工时间", "乙厂|2099年上半年"),
        names(f"{NAME}|计划开工时间", "乙厂|年内"),
        names(f"{NAME}|计划开工时间", "乙厂|12月底前"),
        names(f"{NAME}|建设性质", "乙厂|续建"),
        names(f"{NAME}|项目阶段|备案时间", "乙厂|已注册|2024-03"),
        project(stage="signed"),
        edit(standing="suspended"),
        edit(standing="suspended", standing_reason="市里来函"),
        sheet(f"{NAME}|状态", "乙厂|终止", looks="standings"),
        sheet(f"{NAME}|状态|原因", "乙厂|终止|企业撤资", looks="standings"),
        typed(standing="closed"),
        project(investors=[{"organisation": who, "role": "lead"} for who in ("jia", "yi")]),
    ],
    "Flows of money": [
        funding(month="2024-03", reported_cny=0),
        funding(month="2099-01", reported_cny=5_000_000),
        funding(month="2024-03", reported_cny=-5_000_000),
        funding(month="2024-03", reported_cny=-5_000_000, note="核减：企业退回"),
    ],
    "Projects that may be there already": [
        names(WAN, "晶圆厂|2800"),
        names(WAN, "晶圆厂 项目|2800"),
        names(WAN, "晶圆厂 项目|2800", confirm="duplicates"),
        names(WAN, "晶圆厂 项目|2800", choice="2=same:fab"),
        names(WAN, "晶圆厂 项目|2800", choice="2=phase:fab"),
        names(f"{WAN}|投资方", "乙厂|5000|甲公司"),
        names(f"{WAN}|投资方", "乙厂|5000|丙公司", "丁厂|5000|丙公司"),
        names(f"{NAME}|总投资（亿元）", "乙厂|10", "乙厂一期|6"),
        names(f"{NAME}|总投资（亿元）", "乙厂|10", "其中：一期|6"),
        names(f"{NAME}|总投资（亿元）", "乙厂|10", "其中：一期|6", choice="3=phase:#2"),
        names(WAN, "晶圆厂（二期）|5000"),
        names(WAN, "晶圆厂（扩产）|5000"),
        names(WAN, "乙厂|2800", "招商引资重点项目|", "丙厂|900"),
        names(WAN, "晶圆厂（增资）|2000"),
        headlines(WAN, "晶圆厂（增资）|2000", choice="2=increase:fab"),
        names(f"{NAME}|投资方|总投资", "乙厂|丙公司|3000万美元", "丁厂|丙公司|3000万美元"),
        project(name_zh="晶圆厂（二期）"),
        typed(name_zh="晶圆厂（二期）"),
        project(name_zh="晶圆厂"),
        Body("POST", "projects?confirm=duplicates", project(name_zh="晶圆厂").body),
        Body("PUT", "projects/fab", {"name_zh": "晶圆厂", "park": PARK}, {"If-Match": "*"}),
        typed(name_zh="晶圆厂"),
    ],
}
