"""What an import asks about before it writes: amounts that no project is likely to have."""

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from statistics import median
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from config.amounts import format_cny
from config.forms import TypedAmount
from config.reading.headers import Match
from projects.doubts.amounts import describe_improbable, is_improbable
from projects.doubts.doubts import DoubtKind
from projects.importing.asking.choices import RIGHT, SUGGESTED
from projects.importing.cells.columns import INCREASE_COLUMN
from projects.importing.cells.measured_cells import CurrencyDoubt, Money
from projects.importing.drafts import RowDraft
from projects.lifecycle.words import HEADLINE_INDICATOR
from projects.models import ProjectFigure

FEWEST_OF_MEDIAN = 3  # of fewer amounts a median says nothing
_UNITS = (10**8, 10**4, 1)  # in yuan
_Asked = dict[str, Any]  # a doubt as reports show it


def find_doubts(drafts: Iterable[RowDraft], matches: Mapping[str, Match]) -> list[_Asked]:
    """Find what is doubtful of the new amounts of a file: its whole column once, else each row."""
    amounts: list[int] = []
    doubtful: list[tuple[RowDraft, str, Money]] = []
    asked: list[_Asked] = []
    for draft in drafts:
        if draft.new_amount is not None:
            amounts.append(draft.new_amount)
        for name, money in _list_amounts(draft):
            if money.doubt:
                asked.append(_ask_currency(draft.line, matches, name, money.doubt))
            elif money.cny is not None and is_improbable(money.cny):
                doubtful.append((draft, name, money))
    if len(amounts) >= FEWEST_OF_MEDIAN:
        middle = int(median(amounts))
        low, high = settings.INVESTMENT_PROBABLE_FROM, settings.INVESTMENT_MEDIAN_TO
        if not low <= middle <= high:
            detail = _describe_column(middle, low, high)
            return [*asked, _describe("improbable_column", matches, "investment_cny", detail)]
    stored = _find_claimed([draft for draft, _name, _money in doubtful])
    return asked + [
        {
            "line": draft.line,
            **_describe("improbable_amount", matches, name, describe_improbable(money.cny or 0)),
            **_suggest(money),
        }
        for draft, name, money in doubtful
        if (draft.project_id, money.cny) not in stored
    ]


def _list_amounts(draft: RowDraft) -> Iterator[tuple[str, Money]]:
    """List the amounts that a row claims, with their columns."""
    for claim in draft.claims:
        yield ("phase_one_cny" if claim.note else "investment_cny", claim.money)
    if draft.increase:
        yield ("investment_cny" if draft.increase.of else INCREASE_COLUMN, draft.increase.money)
    yield from draft.further.items()


def _ask_currency(
    line: int, matches: Mapping[str, Match], name: str, doubt: CurrencyDoubt
) -> _Asked:
    meant = {"suggestion": doubt.suggestion} if doubt.suggestion else {}
    return {
        "line": line,
        **_describe(doubt.code, matches, name, doubt.detail),
        **meant,
        "answers": [RIGHT, SUGGESTED] if meant else [RIGHT],
    }


def _suggest(money: Money) -> _Asked:
    """Suggest the amount in the unit in which it would be probable, if the column said the unit."""
    bare = money.bare or 0
    probable = [int(bare * unit) for unit in _UNITS if not is_improbable(int(bare * unit))]
    if not probable:
        return {"answers": [RIGHT]}
    suggestion = format_cny(probable[0], money.qualifier)
    return {"suggestion": suggestion, "answers": [RIGHT, SUGGESTED]}


def find_corrections(doubts: Iterable[_Asked], lines: Container[int]) -> dict[int, dict[str, str]]:
    """Find the amounts that are meant on these lines: what was suggested, by line and column."""
    found: dict[int, dict[str, str]] = {}
    for doubt in doubts:
        if doubt.get("line") in lines and "suggestion" in doubt:
            found.setdefault(doubt["line"], {})[doubt["name"]] = doubt["suggestion"]
    return found


def _find_claimed(drafts: Sequence[RowDraft]) -> set[tuple[int, int | None]]:
    """The projects and the amounts that were claimed of them before: these are not asked again."""
    keys = [draft.project_id for draft in drafts if draft.version is not None]
    claims = ProjectFigure.objects.of_the_whole().filter(indicator=HEADLINE_INDICATOR)
    rows = claims.filter(project__in=keys).values_list("project_id", "amount_cny") if keys else ()
    return set(rows)


def _describe(code: str, matches: Mapping[str, Match], name: str, detail: str) -> _Asked:
    return {
        "column": matches[name].text if name in matches else "",
        "name": name,
        "code": code,
        "detail": detail,
        "confirm": DoubtKind.AMOUNTS.value,
    }


def _describe_column(middle: int, low: int, high: int) -> str:
    detail = _(
        "The median of this column is %(middle)s: that of total investments usually lies between "
        "%(low)s and %(high)s. Check the unit."
    )
    amounts = {"middle": middle, "low": low, "high": high}
    return detail % {name: TypedAmount(amount) for name, amount in amounts.items()}


def list_open(
    doubts: Sequence[_Asked], confirmed: Sequence[str], right: Container[int]
) -> Iterator[_Asked]:
    """List the doubts that nobody has confirmed; those of the lines `right` are."""
    return (
        doubt
        for doubt in doubts
        if doubt["confirm"] not in confirmed and doubt.get("line") not in right
    )
