"""The columns of a file: mapped by a person, or unknown, refused, repeated, without a unit."""

import json
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _, gettext_lazy

from config.mistakes import Mistake, nearest
from sheets.amounts import LEDGER_CURRENCY, lacks_unit
from sheets.reading.headers import HeaderRows, Match, Spellings, normalize_header
from sheets.reading.rows import ReadRow
from sheets.reading.units import find_column_unit, find_currency, is_land, parse_unit, pick_currency

_PARTS = ("columns", "values", "units", "defaults", "ignore")
ALL_OTHERS = "*"  # in place of a header: all columns that are not understood


@dataclass(frozen=True)
class Wishes:
    """How a person maps the columns of a sheet; keys are headers as the sheet has them.

    `columns` gives our column, `values` what a cell of that column stands for, `units` the unit of
    its amounts, `ignore` what is not read. `defaults` has values for our columns that the sheet
    lacks or leaves blank. ALL_OTHERS in `columns` names the column that keeps other texts.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    units: Mapping[str, str] = field(default_factory=dict)
    defaults: Mapping[str, str] = field(default_factory=dict)
    ignore: tuple[str, ...] = ()

    @property
    def named(self) -> list[str]:
        return [text for text in (*self.columns, *self.ignore) if text != ALL_OTHERS]

    def column_of(self, text: str) -> str | None:
        return _of(self.columns, text)

    def unit_of(self, text: str) -> str | None:
        """Find the unit of a column, as `units` names it: yi, mu, 千美元."""
        return parse_unit(_of(self.units, text) or "") or None

    def values_of(self, text: str) -> Mapping[str, str]:
        return _of(self.values, text) or {}

    def ignores(self, text: str) -> bool:
        return normalize_header(text) in {normalize_header(ignored) for ignored in self.ignore}

    def merge(self, other: "Wishes") -> "Wishes":
        """Merge two mappings; `other` wins."""
        return Wishes(
            {**self.columns, **other.columns},
            {**self.values, **other.values},
            {**self.units, **other.units},
            {**self.defaults, **other.defaults},
            (*self.ignore, *other.ignore),
        )


def _of(table: Mapping[str, Any], text: str) -> Any:
    wanted = normalize_header(text)
    given = ((normalize_header(key), table[key]) for key in table if key != ALL_OTHERS)
    return next((value for key, value in given if key == wanted), None)


def parse_mapping(text: str) -> Wishes:
    """Parse a mapping as a JSON file holds it; raises Mistake."""
    try:
        read = json.loads(text, object_pairs_hook=_each_once)
    except (ValueError, RecursionError) as error:
        detail = _("The mapping is not JSON: %(reason)s") % {"reason": error}
        raise Mistake("invalid_mapping", detail) from error
    if not isinstance(read, dict):
        raise Mistake("invalid_mapping", _("The mapping is not a JSON object."))
    for name, part in read.items():
        if name not in _PARTS:
            detail = _("A mapping has no part “%(name)s”.") % {"name": name}
            raise Mistake("invalid_mapping", detail, nearest(name, _PARTS))
        _check_part(name, part)
    parts = {name: part for name, part in read.items() if name != "ignore"}
    return Wishes(**parts, ignore=tuple(read.get("ignore", ())))


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Build an object; Mistake where one member would silently replace another."""
    names = Counter(name for name, _value in pairs)
    repeated = next((name for name, count in names.items() if count > 1), None)
    if repeated is not None:
        detail = _("The mapping names “%(name)s” more than once.")
        raise Mistake("invalid_mapping", detail % {"name": repeated})
    return dict(pairs)


def parse_pairs(columns: list[str], ignore: list[str], units: Sequence[str] = ()) -> Wishes:
    """Parse `旧名:column` and `总投资:万元` pairs, and names to ignore; raises Mistake."""
    names = _parse_each(columns, _("“%(pair)s” is not of the form header:column."))
    given = _parse_each(units, _("“%(pair)s” is not of the form header:unit."))
    _check_part("units", given)
    return Wishes(columns=names, units=given, ignore=tuple(ignore))


def _parse_each(pairs: Iterable[str], detail: str) -> dict[str, str]:
    found = {}
    for pair in pairs:
        text, _colon, name = pair.replace("：", ":").rpartition(":")
        if not text.strip() or not name.strip():
            raise Mistake("invalid_mapping", detail % {"pair": pair})
        found[text.strip()] = name.strip()
    return found


def _check_part(name: str, part: Any) -> None:
    if name == "ignore":
        is_right = isinstance(part, list) and _are_texts(part)
    elif name == "values":
        is_right = isinstance(part, dict) and all(
            isinstance(words, dict) and _are_texts(words.values()) for words in part.values()
        )
    else:
        is_right = isinstance(part, dict) and _are_texts(part.values())
    if not is_right:
        detail = _("The part “%(name)s” of the mapping does not have the right form.")
        raise Mistake("invalid_mapping", detail % {"name": name})
    if name == "units":
        for unit in part.values():
            if not parse_unit(unit):
                detail = _("“%(unit)s” is not a unit: write 元, 万元, 亿元 or 千美元.")
                raise Mistake("invalid_mapping", detail % {"unit": unit})


def _are_texts(values: Any) -> bool:
    return all(isinstance(value, str) for value in values)


MONEY, LAND = "money", "land"
JOINED = "lines"  # a text of several lines, for which several columns may stand
NAMES = "names"  # a list of names, which may go on in the row below
UNIT, CURRENCY = "unit", "currency"  # names of the columns that say it of each row
NEAREST = 3
MAY_BE_KEPT = ("unknown_column", "refused_column")  # codes of columns that can be kept as text


def find_problems(
    matches: Sequence[Match], wanted: Sequence[Match], spellings: Spellings, wishes: Wishes
) -> list[Mistake]:
    """Find what is wrong with the columns by their headers; `wanted` are those not ignored."""
    return [
        *_find_unknown(wanted, spellings),
        *find_repeated(wanted, spellings),
        *_find_not_there(matches, wishes),
    ]


def _find_unknown(matches: Iterable[Match], spellings: Spellings) -> Iterator[Mistake]:
    known = {heading.name for heading in spellings.values()}
    for match in matches:
        if match.name and match.name in known:
            continue
        if not match.text:
            detail = _("Column %(number)d has cells but no header.") % {"number": match.place + 1}
            yield Mistake("unnamed_column", detail).at(column=f"#{match.place + 1}")
        elif match.name:
            detail = _("“%(text)s” is mapped to “%(name)s”, which is not a column of the ledger.")
            named = {"text": match.text, "name": match.name}
            suggestion = nearest(match.name, known)
            yield Mistake("unknown_name", detail % named, suggestion).at(column=match.text)
        elif match.refused:
            yield describe_refused_column(match.text, match.refused)
        else:
            yield describe_unknown(match.text, find_nearest_names(match.text, spellings))


def describe_unknown(text: str, nearest_ones: Mapping[str, str]) -> Mistake:
    """Describe a column that is not known; `nearest_ones` have the header by which each is near."""
    names = [*nearest_ones]
    detail = _("The column “%(text)s” is not known; map it, or ignore it by name.")
    if names:
        detail = _(
            "The column “%(text)s” is not known; map it, or ignore it by name. Nearest are: "
            "%(names)s."
        )
    shown = [
        name if header == normalize_header(name) else f"{header} ({name})"
        for name, header in nearest_ones.items()
    ]
    detail %= {"text": text, "names": ", ".join(shown)}
    return Mistake(
        "unknown_column", detail, names[0] if names else None, suggestions=names or None
    ).at(column=text)


def describe_refused_column(text: str, reason: str | Promise) -> Mistake:
    detail = _(
        "“%(text)s” is not imported: %(reason)s Ignore it, or map it to `further_columns`, which "
        "keeps it as text."
    )
    return Mistake("refused_column", detail % {"text": text, "reason": str(reason)}).at(column=text)


def find_nearest_names(text: str, spellings: Spellings) -> dict[str, str]:
    """Find our columns spelled most like a text, three at most, with the header of each."""
    left = {plain: heading for plain, heading in spellings.items() if heading.name}
    plain = normalize_header(text)
    names: dict[str, str] = {}
    while len(names) < NEAREST and (found := nearest(plain, left)):
        names[left[found].name] = found
        left = {each: heading for each, heading in left.items() if heading.name not in names}
    return names


def find_joined(spellings: Spellings) -> set[str]:
    """Find the columns of ours for which several columns of a file may stand."""
    return {heading.name for heading in spellings.values() if heading.kind == JOINED}


def find_open(spellings: Spellings) -> set[str]:
    """Find the columns of ours whose cells may go on in the row below."""
    return {heading.name for heading in spellings.values() if heading.kind in (JOINED, NAMES)}


def find_repeated(matches: Sequence[Match], spellings: Spellings) -> Iterator[Mistake]:
    """Find the columns that stand for one of ours, as another one does."""
    joined = find_joined(spellings)
    names = Counter(match.name for match in matches if match.name and match.name not in joined)
    detail = _("More than one column stands for “%(name)s”; ignore all but one of them.")
    for match in matches:
        if names[match.name] > 1:
            yield Mistake("repeated_column", detail % {"name": match.name}).at(column=match.text)


def _find_not_there(matches: Sequence[Match], wishes: Wishes) -> Iterator[Mistake]:
    """Find the columns that the mapping names and the file lacks."""
    texts = [match.text for match in matches if match.text]
    there = Wishes(ignore=tuple(texts))
    detail = _("The mapping names a column “%(text)s” that the file does not have.")
    for text in [*wishes.named, *wishes.values, *wishes.units]:
        if not there.ignores(text):
            suggestion = nearest(text, texts)
            yield Mistake("column_not_there", detail % {"text": text}, suggestion).at(column=text)


def give_title_units(
    matches: Iterable[Match], header: HeaderRows, kinds: Mapping[str, str]
) -> list[Match]:
    """Give columns without a unit or currency those of a line above the table."""
    units = {MONEY: header.title.money, LAND: header.title.land}
    given = []
    for match in matches:
        unit = match.unit or ("" if match.unread else units.get(kinds.get(match.name, ""), ""))
        money = find_column_unit(unit)
        foreign = money[0] if money and money[0] != LEDGER_CURRENCY else ""
        own = pick_currency(foreign, match.currency, find_currency(match.text))
        currency = pick_currency(own, header.title.currency)
        given.append(replace(match, unit=unit, currency=currency))
    return given


def find_unit_problems(
    matches: Collection[Match],
    rows: Sequence[ReadRow],
    header: HeaderRows,
    kinds: Mapping[str, str],
    wishes: Wishes,
) -> Iterator[Mistake]:
    """Find columns of amounts or land whose numbers have no unit, or one that is not understood."""
    by_name = {match.name: match for match in matches}
    has_units = UNIT in by_name
    if has_units:
        match = by_name[UNIT]
        texts = [text for row in rows if (text := row.cell(match.place))]
        if texts and not any(map(parse_unit, texts)):  # 单位 may also mean organisations or places
            detail = _("“%(column)s” does not hold units, but “%(value)s”: map it, or ignore it.")
            params = {"column": match.text, "value": texts[0][:40]}
            yield Mistake("unknown_column", detail % params).at(column=match.text)
    for match in matches:
        kind = kinds.get(match.name)
        if kind not in (MONEY, LAND):
            continue
        unread = match.unread or (not match.unit and header.title.unread)
        if match.unit and is_land(match.unit) != (kind == LAND):
            yield _describe_unit("unit_not_understood", match, match.unit, kind)
        elif match.unit or (has_units and kind == MONEY):
            continue
        elif bare := _find_bare(match, rows, wishes):
            if unread:
                yield _describe_unit("unit_not_understood", match, str(unread), kind)
            else:
                yield _describe_unit("unit_missing", match, bare, kind)


_DETAILS = {
    ("unit_missing", MONEY): gettext_lazy(
        "“%(column)s” does not say its unit (%(value)s of what?): write it into the header, as "
        "in %(column)s（万元）, or give it as unit=%(column)s:万元."
    ),
    ("unit_missing", LAND): gettext_lazy(
        "“%(column)s” does not say its unit (%(value)s of what?): write it into the header, as "
        "in %(column)s（亩）, or give it as unit=%(column)s:亩."
    ),
    ("unit_not_understood", MONEY): gettext_lazy(
        "The unit “%(value)s” of “%(column)s” is not understood: write one such as 万元, 亿元 or "
        "万美元 into the header, or give it as unit=%(column)s:万元."
    ),
    ("unit_not_understood", LAND): gettext_lazy(
        "The unit “%(value)s” of “%(column)s” is not understood: write 亩, 公顷 or 平方米 into the "
        "header, or give it as unit=%(column)s:亩."
    ),
}


def _describe_unit(code: str, match: Match, value: str, kind: str) -> Mistake:
    params = {"column": match.text, "value": value}
    return Mistake(code, str(_DETAILS[code, kind] % params)).at(column=match.text)


def _find_bare(match: Match, rows: Iterable[ReadRow], wishes: Wishes) -> str:
    words = wishes.values_of(match.text)
    for row in rows:
        text = row.cell(match.place)
        text = words.get(text, text)
        if lacks_unit(text):
            return text[:40]
    return ""
