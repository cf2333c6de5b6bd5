"""What an import asks about before it writes: amounts that no project is likely to have."""

from collections.abc import Iterator, Mapping, Sequence
from statistics import median
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from config.forms import TypedAmount
from config.reading.headers import Match
from projects.doubts.amounts import describe_improbable, is_improbable
from projects.doubts.doubts import DoubtKind
from projects.importing.drafts import RowDraft
from projects.lifecycle.words import HEADLINE_INDICATOR
from projects.models import ProjectFigure

COLUMN = "investment_cny"
FEWEST_OF_MEDIAN = 3  # of fewer amounts a median says nothing
_Asked = dict[str, Any]  # a doubt as reports show it


def find_doubts(drafts: Sequence[RowDraft], matches: Mapping[str, Match]) -> list[_Asked]:
    """Find what is doubtful of the new amounts of a file: its whole column once, else each row."""
    amounts = {draft.line: draft.new_amount for draft in drafts if draft.new_amount is not None}
    match = matches.get(COLUMN)
    header = match.text if match else ""
    if len(amounts) >= FEWEST_OF_MEDIAN:
        middle = int(median(amounts.values()))
        low, high = settings.INVESTMENT_PROBABLE_FROM, settings.INVESTMENT_MEDIAN_TO
        if not low <= middle <= high:
            return [_describe("improbable_column", header, _describe_column(middle, low, high))]
    doubtful = [draft for draft in drafts if draft.line in amounts and is_doubtful(draft)]
    stored = _find_claimed(doubtful)
    return [
        {**_describe("improbable_amount", header, describe_improbable(amount)), "line": draft.line}
        for draft in doubtful
        if (amount := amounts[draft.line]) is not None and (draft.project_id, amount) not in stored
    ]


def is_doubtful(draft: RowDraft) -> bool:
    """Whether the new amount of a row is improbable."""
    return draft.new_amount is not None and is_improbable(draft.new_amount)


def _find_claimed(drafts: Sequence[RowDraft]) -> set[tuple[int, int | None]]:
    """The projects and the amounts that were claimed of them before: these are not asked again."""
    keys = [draft.project_id for draft in drafts if draft.version is not None]
    claims = ProjectFigure.objects.of_the_whole().filter(indicator=HEADLINE_INDICATOR)
    rows = claims.filter(project__in=keys).values_list("project_id", "amount_cny") if keys else ()
    return set(rows)


def _describe(code: str, header: str, detail: str) -> _Asked:
    return {
        "column": header,
        "name": COLUMN,
        "code": code,
        "detail": detail,
        "confirm": DoubtKind.AMOUNTS.value,
    }


def _describe_column(middle: int, low: int, high: int) -> str:
    detail = _(
        "Half of the amounts of this column are above %(middle)s, half below: total investments "
        "usually lie between %(low)s and %(high)s. Perhaps the unit is another one."
    )
    amounts = {"middle": middle, "low": low, "high": high}
    return detail % {name: TypedAmount(amount) for name, amount in amounts.items()}


def list_open(doubts: Sequence[_Asked], confirmed: Sequence[str]) -> Iterator[_Asked]:
    """List the doubts that nobody has confirmed."""
    return (doubt for doubt in doubts if doubt["confirm"] not in confirmed)
