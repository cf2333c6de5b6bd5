"""Read the investors of one cell: names, divided somehow, with shares or without.

A name of an organisation of the ledger is never divided. A cell that cannot be divided with
certainty raises a Mistake with a proposal.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from config.mistakes import Mistake
from parks.models.vocabularies import name_key
from parks.names.cell_lookup import LONGEST_NAME, is_chinese_name
from projects.importing.cells.words import describe_open, is_open

OPEN, CLOSE = "[(（【", "])）】"
COMMA = re.compile(r"[,，]+")
EDGES = " \t:：,，、-—–/／\\＼"

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
    r"(?:(?:特殊)?(?:有限|普通)合伙|集团|控股|股份|筹|筹建|大中华区?|亚洲|亚太|国际|全球|[东西南北中华]{2}"
    r"|[\u4e00-\u9fff]{2,8}[区城]"
    r"|[a-z .&-]+|\d{1,4}[所厂院]?|[^:：]{2,20}分公司)",
    re.IGNORECASE,
)
_SUBSIDIARY = re.compile(r"[^:：]{2,20}子公司")  # of whom, which is no part of its name
# What an organisation is, which is no part of its name either
_STANDING = re.compile(
    r"(?:(?:世界|全球|中国|全国)?(?:民营)?(?:企业)?\d{2,3}强|[AH]股|(?:[AH]股|境内外?|境外|海外|香港|主板|创业板|科创板|新三板)?(?:主板)?上市"
    r"|(?:国家|省|市)?级?(?:高新技术|专精特新(?:[“\"]?小巨人[”\"]?|中小)?|(?:制造业)?单项冠军|瞪羚|独角兽|(?:农业产业化)?(?:重点)?龙头)"
    r"|中?[央国民外]|[国外内合]资|国有|民营)(?:企业|公司|示范企业)?|中?[央国民外]企|国家高企|高企"
    r"|(?:股票|证券)代码[:：]?\s?\d{4,6}(?:\.[A-Z]{2})?|\d{6}\.(?:SZ|SH|SS|BJ)|\d{4,5}\.HK"
    r"|(?:NASDAQ|NYSE)[:：]\s?[A-Z]{1,5}",
    re.IGNORECASE,
)
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
_PARTS = re.compile(r"[、,，；;/]")
UNCLEAR_BRACKET = "bracket_not_understood"
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
    """Split the brackets around a name off: returns the bare name, the role and other words.

    The role is `unknown` for other words, blank without any. Parts of the name stay: （有限合伙）.
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
    for role, pattern in ((LEAD, _LEAD), (CO, _CO), (ASIDE, _SUBSIDIARY)):
        if pattern.fullmatch(text):
            return role
    if all(map(_STANDING.fullmatch, _PARTS.split(text))):
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

    def __str__(self) -> str:
        return f"{self.name} [{Decimal(self.share_bp) / 100:g}%]" if self.share_bp else self.name


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


MOST_NAMES = 50
LONGEST_CELL = 5_000
LONGEST_PART = 1_000  # without ； or 、
_NUMBER = r"\d{1,7}(?:\.\d{1,9})?"
_BEFORE = (
    r"(?:(?:占|持|出资|投资|股权|股份|认缴)(?:股|比例|占比|比|股比例)?|控股|参股|比例)?"
    r"(?:为|是)?(?:(?<!\s)\s++)?(?:[:：]\s*+)?"
)
_AFTER = r"(?:的?(?:股权|股份|份额|股))?"
# No name: 拟由甲公司投资, 意向企业：甲公司
_ONLY_MEANT = re.compile(
    "(?:拟由|拟引[进入]|拟|暂定为?|意向(?:企业|投资方|单位)?[:：]?|计划由)(.+?)(?:投资建设|投资|建设|实施)?"
)
_SHARE = re.compile(
    rf"[{re.escape(OPEN)}]\s*+{_BEFORE}(?P<inside>{_NUMBER})\s*+[%％]\s*+{_AFTER}\s*+"
    rf"[{re.escape(CLOSE)}]|{_BEFORE}(?P<bare>{_NUMBER})\s*+[%％]{_AFTER}"
)
# A number that may be a share, without saying so
_UNSAID = re.compile(
    rf"^(?P<name>.*?[^\d.])(?:[{re.escape(OPEN)}]\s*+{_BEFORE}(?P<inside>{_NUMBER})\s*+"
    rf"[{re.escape(CLOSE)}]|(?P<bare>0?\.\d{{1,4}}))$"
)
# A bracket that holds a share and other words: （60%，牵头）
_REMARKED = re.compile(
    r"[\[(（【][^\])）】]{0,20}?(\d{1,3}(?:\.\d{1,2})?)\s?[%％][^\])）】]{0,20}[\])）】]"
)
# A share before its name: 60%甲公司
_SHARE_FIRST = re.compile(rf"({_NUMBER}\s*+[%％])\s*+的?([^\d%％；;、,，/\n]+)")
_HEDGED = re.compile(r"(?:大约|约|近|超过|超|不低于|不少于|不超过|至少|左右)$")
_DIVIDED = re.compile(r"[；;|\n]+")
_LISTED = re.compile(r"、+")
_SLASH = re.compile(r"[/／+＋\\＼]+")
_AMPERSAND = re.compile(r"[&＆]")
_BLANK = re.compile(r"(?<=[\u3007-\u9fff）)])\s+(?=[\u3007-\u9fff])")
_AND = re.compile(r"以及|和|与|及|暨|(?<!\S)and\s", re.IGNORECASE)
_LEADING_AND = re.compile(r"^and\s+", re.IGNORECASE)  # after a comma
# What begins like “and”, and more often is (a part of) a name or refers to the one before
_NO_AND = re.compile(r"和(?:平|谐|利|美|顺|田|县|合|信|泰|硕|记|林|达|源|众|创|静)|(?:及|与)?其")
# The numbers of a list, and who is a party to a contract, before a name
_LIST_NUMBERS = (
    re.compile(r"(?<![\d.])(?P<number>\d{1,2})\s?(?:[、)）]|[.．,，:：](?!\d))"),
    re.compile(r"[(（](?P<number>\d{1,2})[)）]"),
    re.compile(r"(?P<number>[①-⑳])[、.．]?"),
    re.compile(r"(?P<number>[一二三四五六七八九十])[、.．]"),
)
_PARTY = re.compile(r"(?:^|(?<=[\s；;、,，]))(?:[甲乙丙丁]方|投资(?:方|人|单位|主体|企业))\s?[:：]")
_ONLY_NUMBER = re.compile(r"[\d\s.．、①-⑳]+")
# From where the money comes, rather than from whom
_NO_INVESTOR = re.compile(
    "(?:企业|业主|公司|项目单位|建设单位|单位)?(?:自筹|自有)(?:资金)?|(?:各级|上级|地方|中央)?(?:政府|财政)性?(?:投资|资金|拨款|出资)"
    "|社会(?:资本|资金|投资)|(?:地方政府|政府)?专项债券?(?:资金)?|(?:银行)?贷款"
)
_ONLY_FORM = re.compile(r"(?:集团|股份|有限|责任|总|分|子)*公司|集团|\(?（?有限合伙）?\)?")
_AND_OTHERS = re.compile(r"^(.*?)等(?:[\d一二三四五六七八九十几多两]+[家个])?(?:企业|公司|单位)?$")
# A cell without any of these is one name
_SIGNS = re.compile(
    rf"(?i)[；;|\n、,，/／\\＼+＋&＆和与及暨%％等]|[\u3007-\u9fff）)]\s+[\u3007-\u9fff]"
    rf"|^[{re.escape(OPEN)}]|[{re.escape(CLOSE)}]$|\band\s|(?:[{re.escape(OPEN)}\s占][\d.]+|0?\.\d+)[{re.escape(CLOSE)}]?$|^{_ONLY_FORM.pattern}$"
)


class _UncertainError(Exception):
    """A text that may be several names, with what they would be."""

    def __init__(self, *names: str) -> None:
        super().__init__(*names)
        self.names = names


IsKnown = Callable[[str], bool]


def read_investors(
    text: str, is_known: IsKnown = lambda name: False, is_place: IsKnown = lambda name: False
) -> tuple[Share, ...]:
    """Read the investors of a cell; `is_known` says whether a name is one of the ledger's."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").strip()
    if len(text) > LONGEST_CELL:
        raise _refuse_many()
    listed = _PARTY.sub("\n", _divide_numbered(text)).strip() or text
    text = text if listed == text or is_known(text) else listed
    found, left_out, unclear = [Share(text)], "", {}
    if (_SIGNS.search(text) or _ONLY_MEANT.match(text)) and not is_known(text):
        cell = _Cell(text, is_known, is_place)
        found, left_out, unclear = cell.read(), cell.left_out, cell.unclear
    _check_names(found)
    _refuse_numbers(found, is_known)
    sources = [each for each in found if _is_source(each.name, is_known)]
    named = dict.fromkeys(each for each in found if not is_open(each.name) and each not in sources)
    shares = tuple(named)
    if unclear:
        raise _describe_bracket([*unclear.values()][0], found, [*unclear]).accept_as(shares)
    if sources:
        detail = _("“%(text)s” is a source of money, not an investor: it is left out.")
        raise Mistake("not_an_investor", detail % {"text": sources[0].name}).accept_as(shares)
    if left_out:
        detail = _("“%(text)s” is left out, as it is no part of the name.")
        if _SUBSIDIARY.fullmatch(left_out):
            detail = _(
                "“%(text)s” is left out, as it is no part of the name: give the parent of the "
                "organisation in its own record."
            )
        written = format_investors([*shares])
        raise Mistake("bracket_left_out", detail % {"text": left_out}, written).accept_as(shares)
    if len(shares) < len({*found}):
        opened = next(share.name for share in found if is_open(share.name))
        raise describe_open(opened).accept_as(shares)
    return shares


def _divide_numbered(text: str) -> str:
    """Replace the numbers of a list by ends of lines: 1、甲公司；2、乙公司. It begins with 1."""
    for pattern in _LIST_NUMBERS:
        lines: list[str] = []
        end = 0
        for each in pattern.finditer(text) if pattern.match(text) else ():
            number = each["number"]
            whole = int(number) if number.isdecimal() else unicodedata.numeric(number)
            if whole == len(lines) + 1:
                lines.append(text[end : each.start()])
                end = each.end()
        if lines and not lines[0]:
            return "\n".join(line.strip(f"{EDGES}；;") for line in [*lines[1:], text[end:]])
    return text


def _is_source(name: str, is_known: IsKnown) -> bool:
    return bool(_NO_INVESTOR.fullmatch(name)) and not is_known(name)


def _refuse_numbers(found: list[Share], is_known: IsKnown) -> None:
    """Raise Mistake for a name that is a number."""
    for each in found:
        if _ONLY_NUMBER.fullmatch(each.name) and not is_known(each.name):
            detail = _("“%(name)s” is a number, not the name of an organisation.")
            raise Mistake("name_missing", detail % {"name": each.name})


def _describe_bracket(text: str, found: list[Share], names: list[str]) -> Mistake:
    """Describe a bracket that may be a part of a name or a remark; `names` are with it."""
    detail = _(
        "“%(text)s” is not understood as a part of the name or as a role. Leave it out, or "
        "enter the organisation under this whole name first."
    )
    proposal = format_investors(found)
    return Mistake(UNCLEAR_BRACKET, detail % {"text": text}, proposal, names=names)


def _refuse_many() -> Mistake:
    return Mistake("too_many_names", _("There are too many names in this cell."))


def _check_names(found: list[Share]) -> None:
    if len(found) > MOST_NAMES:
        raise _refuse_many()
    if any(len(each.name) > LONGEST_NAME for each in found):
        raise Mistake("too_long", _("A name can have at most 200 characters."))
    shares: dict[str, int | None] = {}
    for each in found:
        if shares.setdefault(name_key(each.name), each.share_bp) != each.share_bp:
            detail = _("“%(name)s” stands here twice, with different shares.")
            raise Mistake("repeated_investor", detail % {"name": each.name})
    if sum(share or 0 for share in shares.values()) > 10_000:
        raise Mistake("shares_exceed_whole", _("The shares add up to more than 100 %."))


class _Cell:
    """The text of one cell, divided step by step."""

    def __init__(self, text: str, is_known: IsKnown, is_place: IsKnown) -> None:
        self.text = text
        self.is_known = is_known
        self.is_place = is_place
        self.left_out = ""  # what a bracket says that is no part of a name
        self.unclear: dict[str, str] = {}  # brackets that may be a part of a name, by that name
        # Who divides by a semicolon has said where names end.
        self.is_divided = bool(re.search("[；;]", text))
        self.is_list = bool(_LISTED.search(text))
        self.is_sure = True
        self.is_joined = False  # the names read last: by 和 or the like, not by 、
        self.shared = ""  # a share that may be of one name or of several
        self.found: list[Share] = []

    def read(self) -> list[Share]:
        text, ratio = split_ratio(self.text)
        for piece in split_outside(_DIVIDED, join_lines(text, _SHARE)):
            self.found += self.read_piece(piece)
            if len(self.found) > MOST_NAMES:
                raise _refuse_many()
        if not self.found:
            raise Mistake("name_missing", _("There is no name in this cell."))
        self.read_unsaid()
        self.read_roles()
        for place, each in enumerate(self.found):
            self.check_name(place, each)
        if not self.is_sure:
            detail = _(
                "It is not certain which names these are. Separate them by ；; enter a name that "
                "contains such a sign as an organisation first, or end it with ；."
            )
            raise Mistake("several_investors", detail, format_investors(self.found))
        if self.shared:
            detail = _("It is not certain whose share %(share)s is: write one after each name.")
            proposal = format_investors(self.found)
            raise Mistake("share_not_understood", detail % {"share": self.shared}, proposal)
        if ratio:
            self.share_by(ratio)
        return self.found

    def read_piece(self, piece: str) -> list[Share]:
        """Read what stands between two semicolons: names, each perhaps followed by a share."""
        if self.is_known(piece):
            return [Share(piece)]
        found: list[Share] = []
        end = 0
        for share in _SHARE.finditer(piece):
            text = piece[end : share.start()].rstrip(EDGES)
            names = self.read_names(text.removesuffix("各"), is_after_share=end > 0)
            found += self.give_share(names, share, is_each=text.endswith("各") and len(names) > 1)
            end = share.end()
        rest = piece[end:]
        if end and rest.strip(EDGES) and not re.match(r"\s*[、,，/／\\＼和与及暨&＆+＋\s]", rest):
            raise self.refuse_share()
        return [*found, *map(Share, self.read_names(rest, is_after_share=end > 0))]

    def give_share(
        self, names: list[str], share: re.Match[str], *, is_each: bool
    ) -> Iterator[Share]:
        """Give a share to the last of the names before it, or to each: 甲、乙各50%."""
        if not names or _HEDGED.search(names[-1]):
            raise self.refuse_share()
        share_bp = self.parse_share(share["inside"] or share["bare"])
        if self.is_joined and not is_each:
            self.shared = f"{share['inside'] or share['bare']}%"
        for name in names:
            yield Share(name, share_bp if is_each or name is names[-1] else None)

    def parse_share(self, number: str) -> int:
        basis_points = Decimal(number) * 100
        if basis_points > 10_000:
            raise Mistake("shares_exceed_whole", _("A share cannot be more than 100 %."))
        if basis_points != int(basis_points) or not basis_points:
            detail = _("A share must be more than 0 % and have at most two decimals.")
            suggestion = f"{Decimal(number):.2f}%" if basis_points >= 1 else None
            raise Mistake("share_not_understood", detail, suggestion)
        return int(basis_points)

    def read_names(self, text: str, *, is_after_share: bool) -> list[str]:
        """Read names without shares: 甲公司、乙公司和丙公司."""
        text = text.strip(EDGES)
        self.is_joined = False
        if not text or self.is_known(text):
            return [text] if text else []
        if is_after_share and (sign := _AND.match(text)):
            self.is_sure &= self.is_divided or not _NO_AND.match(text)
            text = text[sign.end() :].strip(EDGES)
        elif is_after_share:
            text = text.strip(f"{EDGES}&＆+＋")
        names: list[str] = []
        for part in split_outside(_LISTED, text):
            if len(names) > MOST_NAMES or len(part) > LONGEST_PART:
                raise _refuse_many()
            try:
                split = self.split_part(part)
                self.is_joined = len(split) > 1
                names += split
            except _UncertainError as error:
                if self.is_divided:
                    names.append(part)
                else:
                    self.is_sure = False
                    names += [name for name in error.names if name]
        return names

    def split_part(self, part: str) -> list[str]:
        """Split a text without 、 into names; _UncertainError where it may be one or several."""
        if self.is_known(part):
            return [part]
        for pattern in (COMMA, _SLASH, _AMPERSAND, _BLANK):
            pieces = [_LEADING_AND.sub("", piece) for piece in split_outside(pattern, part)]
            if len(pieces) < 2:
                continue
            known = [self.is_known(piece) for piece in pieces]
            if all(is_one or is_body(piece) for is_one, piece in zip(known, pieces, strict=True)):
                return [name for piece in pieces for name in self.split_part(piece)]
            is_sign = pattern in (COMMA, _SLASH)
            if is_sign and is_chinese_name(part):
                raise _UncertainError(*pieces)
        return self.split_at_and(part)

    def split_at_and(self, part: str) -> list[str]:
        """Split at 和 where a body ends before it and another one follows: not in 和利时."""
        names: list[str] = []
        start = 0
        for sign in find_outside(_AND, part):
            left, right = part[start : sign.start()].strip(), part[sign.end() :].strip()
            both = [self.is_known(left), self.is_known(right)]
            if not (has_form(left) or all(both)):
                continue
            is_name = bool(_NO_AND.match(part[sign.start() :])) or right.startswith("其")
            if not all(both) and (is_name or not (both[1] or is_body(right))):
                raise _UncertainError(*names, left, right)
            names.append(left)
            start = sign.end()
        last = part[start:].strip()
        for sign in find_outside(_AND, last) if self.is_list else ():
            left, right = last[: sign.start()].strip(), last[sign.end() :].strip()
            if left and right and not self.is_known(last):
                raise _UncertainError(*names, left, right)
        return [*names, last]

    def read_unsaid(self) -> None:
        """Read numbers without a sign of percent, where the others have one and all make 100 %."""
        places = {
            place: unsaid
            for place, each in enumerate(self.found)
            if each.share_bp is None
            and not self.is_known(each.name)
            and (unsaid := _UNSAID.match(each.name))
            and Decimal(unsaid["inside"] or unsaid["bare"]) <= 100
        }
        if not places:
            return
        said = sum(each.share_bp or 0 for each in self.found)
        numbers = [Decimal(each["inside"] or each["bare"]) for each in places.values()]
        wholes = [
            [int(number * factor) for number in numbers]
            for factor in (100, 10_000)
            if said + sum(number * factor for number in numbers) == 10_000
        ]
        is_ratio = all(number <= 1 for number in numbers)
        shares = wholes[0] if wholes else [int(n * (10_000 if is_ratio else 100)) for n in numbers]
        for (place, unsaid), share_bp in zip(places.items(), shares, strict=True):
            self.found[place] = Share(unsaid["name"].strip(EDGES), share_bp or None)
        if not (said and wholes):
            detail = _("Write a share with its sign: 60%.")
            raise Mistake("share_not_understood", detail, format_investors(self.found))

    def read_roles(self) -> None:
        """Take roles and other remarks off the names, and put the lead first."""
        roles: list[str] = []
        for place, each in enumerate(self.found):
            name, role, text = each.name, "", ""
            if not self.is_known(name):
                name, role, text = split_role(name, self.is_place)
                if meant := _ONLY_MEANT.fullmatch(name):
                    name, role, text = meant[1], UNKNOWN, meant[0]
            self.found[place] = Share(name, each.share_bp)
            roles.append(role)
            if role == UNKNOWN and name == each.name:  # nothing is left without the bracket
                raise _describe_bracket(text, self.found, [name])
            if role == UNKNOWN:
                self.unclear[each.name] = text
            self.left_out = self.left_out or text
        if roles.count(LEAD) > 1 or (roles[:1] == [CO] and LEAD not in roles):
            detail = _("It is not clear who leads: write （牵头） after one of the names.")
            raise Mistake("lead_not_clear", detail, format_investors(self.found))
        if LEAD in roles:
            self.found.insert(0, self.found.pop(roles.index(LEAD)))

    def share_by(self, ratio: list[int]) -> None:
        """Give all investors their shares by a ratio, which must add up to 100 to be certain."""
        whole = sum(ratio)
        is_even = whole > 0 and all(part and 10_000 * part % whole == 0 for part in ratio)
        has_shares = any(each.share_bp for each in self.found)
        if len(ratio) != len(self.found) or has_shares or not is_even:
            raise self.refuse_share()
        pairs = zip(self.found, ratio, strict=True)
        self.found = [Share(each.name, 10_000 * part // whole) for each, part in pairs]
        if whole != 100:
            raise self.refuse_share(format_investors(self.found))

    def check_name(self, place: int, each: Share) -> None:
        """Refuse what is left of a share or of a name that was broken apart."""
        name = each.name
        opened = [sum(name.count(sign) for sign in signs) for signs in (OPEN, CLOSE)]
        if "%" in name or "％" in name or opened[0] != opened[1]:
            raise self.refuse_share()
        if self.is_known(name):
            return
        if _ONLY_FORM.fullmatch(name):
            before = self.found[place - 1].name if place else ""
            proposal = [*self.found[: max(place - 1, 0)], Share(f"{before}{name}", each.share_bp)]
            detail = _("“%(name)s” is no name; is it a part of the one before?")
            raise Mistake(
                "name_in_parts",
                detail % {"name": name},
                format_investors([*proposal, *self.found[place + 1 :]]) if before else None,
            )
        others = _AND_OTHERS.match(name)
        if others and has_form(others[1]):
            proposal = [*self.found]
            proposal[place] = Share(others[1], each.share_bp)
            detail = _("Name every investor; “%(name)s” says that there are others.")
            raise Mistake("others_not_named", detail % {"name": name}, format_investors(proposal))

    def refuse_share(self, proposal: str | None = None) -> Mistake:
        """Say that a share is not understood, and how the cell may be meant."""
        detail = _("Write each share after its name: 甲公司[60%]；乙公司[40%].")
        return Mistake("share_not_understood", detail, proposal or self.propose())

    def propose(self) -> str | None:
        """Propose the cell with shares as they are read, if that makes it clear."""
        simpler = _REMARKED.sub(r"[\1%]", self.text)
        simpler = re.sub(r"(?:大约|约|近|超过|超|不低于|不少于|不超过|至少)(?=\s*\d)", "", simpler)
        turned = simpler
        if re.match(r"\d", simpler.strip()):
            turned = _SHARE_FIRST.sub(r"\2[\1]", simpler.strip())
        for tried in (simpler, turned):
            if tried == self.text:
                continue
            try:
                return format_investors([*read_investors(tried, self.is_known, self.is_place)])
            except Mistake as fault:
                if fault.code == "several_investors":
                    return fault.suggestion
        return None
