"""Investors as people write them in one cell: names, divided somehow, with shares or without.

What equals the name of an organisation of the ledger is that one; dividing is tried only after.
What cannot be divided with certainty is a CellFault that proposes how to write it.
"""

import re
from collections.abc import Callable, Iterator
from decimal import Decimal

from django.utils.translation import gettext as _

from config.imports import CellFault, UnderstoodFault
from parks.cell_lookup import LONGEST_NAME, is_chinese_name
from parks.models.naming import name_key
from projects.importing.cells.investor_names import (
    CLOSE,
    CO,
    COMMA,
    EDGES,
    LEAD,
    OPEN,
    UNKNOWN,
    Share,
    find_outside,
    format_investors,
    has_form,
    is_body,
    join_lines,
    split_outside,
    split_ratio,
    split_role,
)

MOST_NAMES = 50
LONGEST_CELL = 5_000
LONGEST_PART = 1_000  # without ； or 、
_NUMBER = r"\d{1,7}(?:\.\d{1,9})?"
_BEFORE = (
    r"(?:(?:占|持|出资|投资|股权|股份|认缴)(?:股|比例|占比|比|股比例)?|控股|参股|比例)?"
    r"(?:为|是)?(?:(?<!\s)\s++)?(?:[:：]\s*+)?"
)
_AFTER = r"(?:的?(?:股权|股份|份额|股))?"
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
_SLASH = re.compile(r"[/／+＋]+")
_AMPERSAND = re.compile(r"[&＆]")
_BLANK = re.compile(r"(?<=[\u3007-\u9fff）)])\s+(?=[\u3007-\u9fff])")
_AND = re.compile(r"以及|和|与|及|暨|(?<!\S)and\s", re.IGNORECASE)
_LEADING_AND = re.compile(r"^and\s+", re.IGNORECASE)  # after a comma
# What begins like “and”, and more often is (a part of) a name or refers to the one before
_NO_AND = re.compile(r"和(?:平|谐|利|美|顺|田|县|合|信|泰|硕|记|林|达|源|众|创|静)|(?:及|与)?其")
_ONLY_FORM = re.compile(r"(?:集团|股份|有限|责任|总|分|子)*公司|集团|\(?（?有限合伙）?\)?")
_AND_OTHERS = re.compile(r"^(.*?)等(?:[\d一二三四五六七八九十几多两]+[家个])?(?:企业|公司|单位)?$")
# A cell without any of these is one name
_SIGNS = re.compile(
    rf"(?i)[；;|\n、,，/／+＋&＆和与及暨%％等]|[\u3007-\u9fff）)]\s+[\u3007-\u9fff]"
    rf"|^[{re.escape(OPEN)}]|[{re.escape(CLOSE)}]$|\band\s|(?:[{re.escape(OPEN)}\s占][\d.]+|0?\.\d+)[{re.escape(CLOSE)}]?$|^{_ONLY_FORM.pattern}$"
)


class _UncertainError(Exception):
    """A text that may be several names, with what they would be."""

    def __init__(self, *names: str) -> None:
        super().__init__(*names)
        self.names = names


IsKnown = Callable[[str], bool]


def read_investors(
    text: str,
    is_known: IsKnown = lambda name: False,
    is_place: IsKnown = lambda name: False,
) -> tuple[Share, ...]:
    """Read the investors of a cell; `is_known` says whether a name is one of the ledger's."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").strip()
    if len(text) > LONGEST_CELL:
        raise _refuse_many()
    found, left_out = [Share(text)], ""
    if _SIGNS.search(text) and not is_known(text):
        cell = _Cell(text, is_known, is_place)
        found, left_out = cell.read(), cell.left_out
    _check_names(found)
    shares = tuple(dict.fromkeys(found))
    if left_out:
        detail = _(
            "“%(text)s” is left out, as it is no part of the name: give the parent of the "
            "organisation in its own record."
        )
        written = format_investors([*shares])
        raise UnderstoodFault(shares, "bracket_left_out", detail % {"text": left_out}, written)
    return shares


def _refuse_many() -> CellFault:
    return CellFault("too_many_names", _("There are too many names in this cell."))


def _check_names(found: list[Share]) -> None:
    if len(found) > MOST_NAMES:
        raise _refuse_many()
    if any(len(each.name) > LONGEST_NAME for each in found):
        raise CellFault("too_long", _("A name can have at most 200 characters."))
    shares: dict[str, int | None] = {}
    for each in found:
        if shares.setdefault(name_key(each.name), each.share_bp) != each.share_bp:
            detail = _("“%(name)s” stands here twice, with different shares.")
            raise CellFault("repeated_investor", detail % {"name": each.name})
    if sum(share or 0 for share in shares.values()) > 10_000:
        raise CellFault("shares_exceed_whole", _("The shares add up to more than 100 %."))


class _Cell:
    """The text of one cell, divided step by step."""

    def __init__(self, text: str, is_known: IsKnown, is_place: IsKnown) -> None:
        self.text = text
        self.is_known = is_known
        self.is_place = is_place
        self.left_out = ""  # what a bracket says that is no part of a name
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
            raise CellFault("name_missing", _("There is no name in this cell."))
        self.read_unsaid()
        self.read_roles()
        for place, each in enumerate(self.found):
            self.check_name(place, each)
        if not self.is_sure:
            detail = _(
                "It is not certain which names these are. Separate them by ；; enter a name that "
                "contains such a sign as an organisation first, or end it with ；."
            )
            raise CellFault("several_investors", detail, format_investors(self.found))
        if self.shared:
            detail = _("It is not certain whose share %(share)s is: write one after each name.")
            proposal = format_investors(self.found)
            raise CellFault("share_not_understood", detail % {"share": self.shared}, proposal)
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
        if end and rest.strip(EDGES) and not re.match(r"\s*[、,，/／和与及暨&＆+＋\s]", rest):
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
            raise CellFault("shares_exceed_whole", _("A share cannot be more than 100 %."))
        if basis_points != int(basis_points) or not basis_points:
            detail = _("A share must be more than 0 % and have at most two decimals.")
            suggestion = f"{Decimal(number):.2f}%" if basis_points >= 1 else None
            raise CellFault("share_not_understood", detail, suggestion)
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
            raise CellFault("share_not_understood", detail, format_investors(self.found))

    def read_roles(self) -> None:
        """Take roles off the names, and put the lead first; CellFault for any other remark."""
        roles: list[str] = []
        unknown = ""
        for place, each in enumerate(self.found):
            name, role, text = each.name, "", ""
            if not self.is_known(name):
                name, role, text = split_role(name, self.is_place)
            self.found[place] = Share(name, each.share_bp)
            roles.append(role)
            unknown = unknown or (text if role == UNKNOWN else "")
            self.left_out = self.left_out or text
        if unknown:
            detail = _(
                "“%(text)s” is not understood as a part of the name or as a role. Leave it out, or "
                "enter the organisation under this whole name first."
            )
            proposal = format_investors(self.found)
            raise CellFault("bracket_not_understood", detail % {"text": unknown}, proposal)
        if roles.count(LEAD) > 1 or (roles[:1] == [CO] and LEAD not in roles):
            detail = _("It is not clear who leads: write （牵头） after one of the names.")
            raise CellFault("lead_not_clear", detail, format_investors(self.found))
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
            raise CellFault(
                "name_in_parts",
                detail % {"name": name},
                format_investors([*proposal, *self.found[place + 1 :]]) if before else None,
            )
        others = _AND_OTHERS.match(name)
        if others and has_form(others[1]):
            proposal = [*self.found]
            proposal[place] = Share(others[1], each.share_bp)
            detail = _("Name every investor; “%(name)s” says that there are others.")
            raise CellFault("others_not_named", detail % {"name": name}, format_investors(proposal))

    def refuse_share(self, proposal: str | None = None) -> CellFault:
        """Say that a share is not understood, and how the cell may be meant."""
        detail = _("Write each share after its name: 甲公司[60%]；乙公司[40%].")
        return CellFault("share_not_understood", detail, proposal or self.propose())

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
            except CellFault as fault:
                if fault.code == "several_investors":
                    return fault.suggestion
        return None
