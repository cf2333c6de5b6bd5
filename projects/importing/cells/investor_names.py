"""Investors by name: the legal forms of bodies, what stands behind names, and how to write them."""

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal

OPEN, CLOSE = "[(（【", "])）】"
COMMA = re.compile(r"[,，]+")
EDGES = " \t:：,，、-—–/／"

_LATIN_FORMS = (
    r"(?:co|corp|inc|ltd|llc|llp|lp|plc|gmbh|ag|se|sa|s\.a|bv|b\.v|nv|kg|oy|ab|spa|pte|pty"
    r"|limited|company|corporation|group|holdings?|university|institute)\.?"
)
_LATIN_FORM = re.compile(rf"^\s*{_LATIN_FORMS}(?:\s|,|$)", re.IGNORECASE)
_FORM = re.compile(
    r"(?:公司|集团|企业|合伙|研究院|研究所|设计院|科学院|大学|学院|学校|医院|中心|银行|基金|联盟"
    r"|委员会|管委会|国资委|政府|协会|学会|联合会|总会|商会|工厂|总厂|厂|合作社|事务所|实验室"
    rf"|局|院|所)$|\b{_LATIN_FORMS}$",
    re.IGNORECASE,
)
_BRANCH = re.compile(
    r"(?:控股|科技|股份|资本|投资|实业|电力|能源|汽车|医药|电子|置业|地产|物流|生物|智能|重工|股)$"
)
IN_BRACKETS = re.compile(r"[(（\[【]([^()（）\[\]【】]*)[)）\]】]")
_LAST_BRACKET = re.compile(rf"{IN_BRACKETS.pattern}$")
# What may be a part of a name, behind it
_OF_NAME = re.compile(
    r"(?:(?:特殊)?(?:有限|普通)合伙|集团|控股|股份|筹|筹建|中国|大中华区?|亚洲|亚太|国际|全球|[东西南北中华]{2}"
    r"|(?:北京|天津|上海|重庆|河北|山西|辽宁|吉林|黑龙江|江苏|浙江|安徽|福建|江西|山东|河南|湖北|湖南|广东|海南"
    r"|四川|贵州|云南|陕西|甘肃|青海|台湾|内蒙古|广西|西藏|宁夏|新疆|香港|澳门|深圳|广州|苏州|无锡|杭州|宁波|南京"
    r"|武汉|成都|西安|青岛|大连|厦门|沈阳|长春|哈尔滨|济南|雄安)市?省?|[\u4e00-\u9fff]{2,8}[区城]"
    r"|[a-z .&-]+|\d{1,4}[所厂院]?|[^:：]{2,20}分公司)",
    re.IGNORECASE,
)
_SUBSIDIARY = re.compile(r"[^:：]{2,20}子公司")  # of whom, which is no part of its name
_LEAD = re.compile(
    r"(?:联合体)?牵头(?:方|人|单位|企业)?|主投(?:资方|方)?|领投(?:方)?|lead(?: investor| partner)?",
    re.IGNORECASE,
)
_CO = re.compile(r"[参跟]投(?:方)?|(?:联合体)?成员(?:单位|方)?|参与方|co-?investor", re.IGNORECASE)
# What is said of an investor, and is no part of any name
_REMARK = re.compile(
    r"拟|暂|待|意向|牵头|主投|领投|跟投|参投|参股|参与|股东|母公司|子公司|旗下|控制|关联|战略|联合|成员|合作|出资"
    r"|投资[方人者]|投资主体|业主|代建|[央国民外]企|[国外内]资|民营|上市|\d强|[甲乙丙]方|\d\s*[:：比]\s*\d"
    r"|\b(?:lead|parent|subsidiary|proposed|intended|tb[cd]|investor|partner|owner|listed)\b",
    re.IGNORECASE,
)
_RATIO = re.compile(r"[(（\[【](\d{1,3}(?:\s?[:：]\s?\d{1,3}){1,49})[)）\]】]\s*$")
LEAD, CO, UNKNOWN, ASIDE = "lead", "co", "unknown", "aside"
_MOST_BRACKETS = 5  # behind one name


def split_ratio(text: str) -> tuple[str, list[int]]:
    """Split the ratio of all shares off the end of a cell: 甲公司、乙公司（50:50）."""
    found = _RATIO.search(text[-300:])
    if not found:
        return text, []
    whole = len(text) - len(text[-300:]) + found.start()
    return text[:whole].strip(), [int(part) for part in re.split("[:：]", found[1])]


def split_role(name: str, is_place: Callable[[str], bool]) -> tuple[str, str, str]:
    """Split off a name what the brackets around it say: the bare name, a role, other words.

    The role is `unknown` where one says something else, and blank where none says any. What
    belongs to the name stays: （有限合伙）, （北京）.
    """
    rest, kept = name, ""
    said: dict[str, str] = {}
    first = IN_BRACKETS.match(name)
    if first and (role := _find_role(first[1].strip(), is_place)):
        said[role] = first[1].strip()
        rest = name[first.end() :].strip()
    for _turn in range(_MOST_BRACKETS):
        last = _LAST_BRACKET.search(rest)
        if last is None or not last.start():
            break
        rest = rest[: last.start()].strip()
        if role := _find_role(last[1].strip(), is_place):
            said.setdefault(role, last[1].strip())
        else:
            kept = last[0] + kept
    role = next((role for role in (UNKNOWN, LEAD, CO) if role in said), "")
    if not rest or IN_BRACKETS.fullmatch(rest):
        return name, UNKNOWN, name
    if not said:
        return name, "", ""
    return rest + kept, role, said.get(UNKNOWN) or said.get(ASIDE, "")


def _find_role(text: str, is_place: Callable[[str], bool]) -> str:
    """Find which role a bracket says, or `unknown`; blank where it may belong to a name."""
    for role, pattern in ((LEAD, _LEAD), (CO, _CO)):
        if pattern.fullmatch(text):
            return role
    if _SUBSIDIARY.fullmatch(text):
        return ASIDE
    is_of_name = _OF_NAME.fullmatch(text) or is_place(text)
    return "" if is_of_name and not _REMARK.search(text) else UNKNOWN


def _without_bracket(name: str) -> str:
    return _LAST_BRACKET.sub("", unicodedata.normalize("NFC", name)).strip()


def has_form(name: str) -> bool:
    """Tell whether a name ends as those of bodies do: 公司, 大学, Ltd."""
    bare = _without_bracket(name)
    found = _FORM.search(bare)
    return found is not None and len(bare) > len(found[0])


def is_body(name: str) -> bool:
    """Tell whether a name seems complete: its legal form, or a branch of industry at its end."""
    bare = _without_bracket(name)
    return has_form(name) or bool(_BRANCH.search(bare) and len(bare) > 3)


def find_outside(pattern: re.Pattern[str], text: str) -> Iterator[re.Match[str]]:
    """Find the matches of a pattern that do not stand in brackets."""
    depths = [0]
    for sign in text:
        depths.append(max(0, depths[-1] + (sign in OPEN) - (sign in CLOSE)))
    is_balanced = depths[-1] == 0
    for match in pattern.finditer(text):
        if not is_balanced or depths[match.start()] == 0:
            yield match


def split_outside(pattern: re.Pattern[str], text: str) -> list[str]:
    """Split a text at a pattern, not in brackets nor before 有限 or Ltd; blank parts left out."""
    parts, start = [], 0
    for match in find_outside(pattern, text):
        if pattern is COMMA and _LATIN_FORM.match(text[match.end() :]):
            continue
        parts.append(text[start : match.start()])
        start = match.end()
    parts.append(text[start:])
    return [part.strip() for part in parts if part.strip()]


@dataclass(frozen=True, slots=True)
class Share:
    """An investor by name, and its share in basis points where the cell gives one."""

    name: str
    share_bp: int | None = None


def format_investors(shares: list[Share]) -> str:
    """Write investors so that they are read without any doubt."""
    return "；".join(
        f"{each.name}[{Decimal(each.share_bp) / 100:f}%]" if each.share_bp else each.name
        for each in shares
    )


def join_lines(text: str, share: re.Pattern[str]) -> str:
    """Join a line that is nothing but a share or a bracket to the name above it."""
    lines: list[str] = []
    for line in (each.strip() for each in text.split("\n")):
        bare = line.strip(EDGES)
        if lines and (share.fullmatch(bare) or IN_BRACKETS.fullmatch(bare)):
            lines[-1] += bare
        elif line:
            lines.append(line)
    return "\n".join(lines)
