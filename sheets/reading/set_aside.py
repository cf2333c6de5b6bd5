"""Lines of a sheet that are not data, such as totals, remarks and signatures, with the reason."""

import re
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from sheets.packing import PackedLines
from sheets.reading.headers import HeaderRows, Match, repeats
from sheets.reading.rows import Merged, ReadRow

SKIPPED: Mapping[str, str | Promise] = {
    "title": gettext_lazy("stands above the table"),
    "header": gettext_lazy("is the header"),
    "repeated_header": gettext_lazy("is the header again"),
    "empty": gettext_lazy("is empty"),
    "total": gettext_lazy("is a total"),
    "continued": gettext_lazy("belongs to the row above"),
    "section": gettext_lazy("is the heading of the rows below"),
    "remark": gettext_lazy("is a remark"),
    "signature": gettext_lazy("says who made or signed the sheet"),
}
_COUNTED = r"(?:[:：(]?\d+[个项家]?(?:项目)?\)?|\([^()]*\)?|[:：].*)?"
_TOTAL = re.compile(
    rf"(?:.{{0,12}}(?:合计|总计|小计|共计)|累计|grand ?totals?|sub-?totals?|totals?|sum){_COUNTED}",
    re.IGNORECASE,
)
_TOTAL_BEHIND_COUNT = re.compile(
    rf"(?:总|本页|全[区市县])?(?:合计|总计|小计|共计){_COUNTED}|(?:grand|sub)?-?total",
    re.IGNORECASE,
)
# In place of a name, without a number in 序号 and with nothing but sums beside it
_SUM = re.compile(
    r"(?:.{0,8}项目)?(?:总?共有?)?\d{1,5}[个项家](?:项目)?"
    r"|(?:项目|投资|全[区市县])?(?:总[数额量]|汇总|平均[数值]?|均值)(?:[:：].*)?|averages?",
    re.IGNORECASE,
)
_SUM_FORMULA = re.compile(r"=(?:sum|subtotal|sumif)\(", re.IGNORECASE)
# At the beginning of the only cell of a line, unless it stands in the column of names
_REMARK = re.compile(
    r"(?:注|备注|说明|填表|填报|制表|审核|审批|负责人|资料来源|数据来源|来源|单位|查无数据|无数据"
    r"|notes?\b|remarks?\b|source\b|nodata$)",
    re.IGNORECASE,
)
# These say it by themselves, wherever they stand
_REMARK_WITH_COLON = re.compile(
    r"(?:注|备注|附注|注释|注记|说明|特别说明|填表说明|填报说明|资料来源|数据来源|来源|抄送"
    r"|notes?|remarks?|sources?)\d{0,2}[:：]",
    re.IGNORECASE,
)
_REMARK_ALONE = re.compile(
    r"标[\"“”‘’']?[★▲*]|[▲★*※][为指是:：]|第\d+页|page\d+|[-—]+\d+[-—]+$|\(?续(?:上?表)\)?$|接上页"
    r"|\(?(?:以下|此页)(?:空白|无内容|无正文)|(?:本月)?(?:无|无新增|无变化)$|共\d+个.{0,40}项目"
    r"|\(?(?:盖章|公章)\)?$|年月日$|.{0,20}印发$",
    re.IGNORECASE,
)
_SIGNATURE = re.compile(
    r"(?:填表|填报|审核|复核|审批|制表|经办|统计|上报|联系|承办|审定|签发|单位负责|统计负责|主要负责"
    r"|分管负责|项目负责|负责)人(?:签[字章名])?[:：]"
    r"|(?:分管领导|法定代表人|联系电话|联系方式|电话|手机|电子邮箱|邮箱|制表|审核|复核|审批|填表|填报"
    r"|(?:填报|填表|编制|报送|制表)单位(?:\(.{1,6}\))?"
    r"|(?:报出|填报|填表|上报|报送|制表|打印|导出|统计)(?:日期|时间))[:：]"
    r"|(?:填表|填报|审核|复核|制表)人$|(?:prepared|reviewed|approved|checked)by|contact:",
    re.IGNORECASE,
)
_SECTION = re.compile(
    r"[一二三四五六七八九十]{1,3}[、.．]|\([一二三四五六七八九十]{1,3}\)|——|[ivx]{1,4}、"
    r"|.{2,20}\(\d{1,5}[个项]?(?:项目)?\)$|其中[:：]?$"
    r"|(?:其中[:：]?)?(?:计划|拟|本年)?(?:新开工|续建|预备|竣工|竣工投产|储备|在建|投产|开工|前期|谋划|签约|在谈)(?:类|重点)?(?:项目)?$"
    r"|【.{1,10}】(?:\(\d+个\))?$",
    re.IGNORECASE,
)
# A heading where nothing stands beside it
_HEADING = re.compile(
    r"(?:招商引资|重点|重大|[国省市区县]级|产业|工业|农业|民生|外资|内资|新建|\d*亿元以上){1,4}"
    r"(?:(?:类|建设|签约|在建|推进)项目|项目)(?:清单|名单|表|\(\d+[个项]?\))?"
)
# 一 or （二） under 序号, with the heading in the next cell
_ORDINAL = re.compile(r"\(?[一二三四五六七八九十]{1,3}\)?[、.．]?")
_NUMBER = re.compile(r"[\d.,，%\s-]+|[\d,]+[个项]|#[A-Z/0]+[!?]?")
_DAY = re.compile(r"\d{4}-\d{1,2}(?:-\d{1,2})?")  # which _NUMBER takes for one
_COUNT = re.compile(r"\(?\d[\d.-]{0,9}\)?[、.]?")
_COLUMN_NUMBER = re.compile(r"\(?\d{1,2}\)?|[甲乙丙丁戊]")


@dataclass(frozen=True)
class Skipped:
    """A line that is no row of data; `reason` is a key of SKIPPED."""

    line: int
    reason: str


def divide(
    lines: Collection[ReadRow], header: HeaderRows, merged: Sequence[Merged] = ()
) -> tuple[PackedLines[ReadRow], list[Skipped]]:
    """Divide lines into rows of data and all others, with what those are."""
    # Three cells of a line or more are merged for a heading rather than a name
    wide = {
        area.first_line
        for area in merged
        if area.first_line == area.last_line and area.last_place > area.first_place + 1
    }
    rows: PackedLines[ReadRow] = PackedLines()
    skipped: list[Skipped] = []
    is_below_remark = False
    # 一, 二, 三 count sections only where 1, 2, 3 count the rows
    is_counted = any(map(_may_count, header.matches))
    has_ordinals = is_counted and any(_has_number(row, header) for row in lines)
    for row in lines:
        reason = _find_reason(row, header)
        if not reason and has_ordinals and _is_ordinal(row, header):
            reason = "section"
        elif not reason and len(row.filled) == 1:
            if is_below_remark and len(header.known) > 1 and not _has_code(row, header):
                reason = "remark"  # the next point of the remark: 2., 3.
            elif row.line in wide or _HEADING.fullmatch(_narrow(row.filled[0])):
                reason = "section"
        if reason:
            skipped.append(Skipped(row.line, reason))
        else:
            rows.append(row)
        if reason != "empty":
            is_below_remark = reason in ("remark", "signature")
    return rows, skipped


def _find_reason(row: ReadRow, header: HeaderRows) -> str:
    if row.is_empty:
        return "empty"
    if row.line < header.first_line:
        return "title"
    if row.line <= header.last_line:
        return "header"
    filled = row.filled
    first = _narrow(filled[0])
    if _TOTAL.fullmatch(first):
        return "total"
    if _has_code(row, header):
        return "repeated_header" if repeats(header, row) else ""
    if _is_total(row, header, filled):
        return "total"
    if _SIGNATURE.match(first):
        return "signature"
    if len(filled) <= 2 and _is_remark(row, header, first, is_alone=len(filled) == 1):
        return "remark"
    if _is_section(row, header, filled):
        return "section"
    return "repeated_header" if _counts_columns(row, header) or repeats(header, row) else ""


def _counts_columns(row: ReadRow, header: HeaderRows) -> bool:
    """Tell whether the row right below the header numbers the columns: 甲, (1), (2)."""
    return (
        row.line == header.last_line + 1
        and len(row.filled) > 2
        and all(_COLUMN_NUMBER.fullmatch(_narrow(text)) for text in row.filled)
    )


def _has_code(row: ReadRow, header: HeaderRows) -> bool:
    """Tell whether the row has a code; a number may be a count."""
    codes = [row.cell(match.place) for match in header.matches if match.name == "code"]
    return any(code and not code.isdecimal() for code in codes)


def _narrow(text: str) -> str:
    """Remove all blanks after NFKC, which leaves ASCII as it is."""
    return "".join((text if text.isascii() else unicodedata.normalize("NFKC", text)).split())


def _is_total(row: ReadRow, header: HeaderRows, filled: list[str]) -> bool:
    """Tell whether 合计 stands after a count or in place of a name, or all cells are sums."""
    places = [match.place for match in header.matches if names_rows(match)]
    texts = (*filled[:2], *map(row.cell, places))
    if any(_TOTAL_BEHIND_COUNT.fullmatch(_narrow(text)) for text in texts):
        return True
    is_sum = _SUM.fullmatch(_narrow(filled[0])) and _are_sums(filled[1:])
    if is_sum and not _has_number(row, header):
        return True
    return all(_SUM_FORMULA.match(_narrow(text)) for text in filled)


def _are_sums(texts: list[str]) -> bool:
    narrow = [*map(_narrow, texts)]
    return all(_NUMBER.fullmatch(text) and not _DAY.fullmatch(text) for text in narrow)


def _may_count(match: Match) -> bool:
    """Tell whether a column is 序号, or a first one that is not known, such as 编号."""
    return match.is_numbering or (match.place == 0 and not match.name)


def _has_number(row: ReadRow, header: HeaderRows) -> bool:
    """Tell whether a row below the header has a number under 序号: 1, 2.1, (3)."""
    if row.line <= header.last_line or _counts_columns(row, header):
        return False
    counts = (_narrow(row.cell(m.place)) for m in header.matches if _may_count(m))
    return any(map(_COUNT.fullmatch, counts))


def _is_ordinal(row: ReadRow, header: HeaderRows) -> bool:
    """Tell whether 一 stands under 序号 and a heading in the next cell, with sums beside it."""
    first, *others = row.filled
    is_counted = any(row.cell(m.place) == first for m in header.matches if _may_count(m))
    is_heading = is_counted and len(others) > 0 and bool(_ORDINAL.fullmatch(_narrow(first)))
    return is_heading and not _has_code(row, header) and _are_sums(others[1:])


def _is_remark(row: ReadRow, header: HeaderRows, first: str, *, is_alone: bool) -> bool:
    if _REMARK_WITH_COLON.match(first):
        return True
    if not is_alone:
        return False
    if _REMARK_ALONE.match(first):
        return True
    is_name = any(names_rows(match) and row.cell(match.place) for match in header.matches)
    return bool(_REMARK.match(first)) and not is_name


def names_rows(match: Match) -> bool:
    """Tell whether a column names what its row is about: code, name, name_zh ..."""
    return match.name.partition("_")[0] in ("name", "code")


def _is_section(row: ReadRow, header: HeaderRows, filled: list[str]) -> bool:
    """Tell whether the row is 一、基础设施 or 续建项目(3个), with counts or sums beside it."""
    numbering = {match.place for match in header.matches if match.is_numbering}
    if any(row.cell(place).isdecimal() for place in numbering):
        return False
    marked = next((n for n, text in enumerate(filled[:2]) if _SECTION.match(_narrow(text))), None)
    if marked is None:
        return False
    others = [_narrow(text) for text in (*filled[:marked], *filled[marked + 1 :])]
    if _narrow(filled[marked]).rstrip("、.") in "一二三四五六七八九十" and others:
        others = others[1:]  # 一 under 序号, and the heading in the next cell
    return all(_NUMBER.fullmatch(text) for text in others)
