"""Claims as tables: what each is about, its words, who said it, and whether it still holds."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from projects.pages.language import say_name
from projects.pages.parts.blocks import (
    PageCell,
    PageColumn,
    PageTable,
    drop_empty_columns,
    name_cell,
    text_cell,
)
from projects.pages.parts.claims import (
    say_nature,
    say_time,
    source_cell,
    speaker_cell,
    value_cell,
)
from projects.pages.parts.numbers import write_amount
from projects.pages.parts.row_names import PART_LISTS, SUBJECT_LISTS, AskList, RowNames

ShownClaim = Mapping[str, Any]


@dataclass(frozen=True)
class ClaimPart:
    """A column of a table of claims: its head, and its cell of a claim."""

    head: str
    make_cell: Callable[[ShownClaim], PageCell]


def tabulate_all_claims(
    ask: AskList, claims: Sequence[ShownClaim], left_out: Iterable[str] = ()
) -> PageTable:
    """Make a table of claims about anything; those that hold no more are struck.

    `left_out` are columns that would say the same in each row: `subject`, `indicator`, `source`.
    """
    names = RowNames(ask, claims, {**SUBJECT_LISTS, **PART_LISTS})
    parts = {
        "subject": ClaimPart(_("About what"), lambda claim: subject_cell(claim, names)),
        "indicator": ClaimPart(
            _("Indicator"), lambda claim: name_cell(claim, "", "indicator_name")
        ),
        "value": ClaimPart(_("Value"), value_cell),
        "nature": ClaimPart(
            _("Statement, and of when"),
            lambda claim: PageCell(say_nature(claim), note=say_time(claim)),
        ),
        "part": ClaimPart(_("Of which part"), lambda claim: text_cell(say_part(claim, names))),
        "words": ClaimPart(_("Words as reported"), lambda claim: text_cell(claim["as_reported"])),
        "speaker": ClaimPart(_("Said by"), speaker_cell),
        "source": ClaimPart(_("Source"), source_cell),
    }
    shown = [part for name, part in parts.items() if name not in {*left_out}]
    columns = [PageColumn(part.head) for part in shown]
    rows = [[part.make_cell(claim) for part in shown] for claim in claims]
    return drop_empty_columns(PageTable(_("Claims"), columns, rows))


def subject_cell(claim: ShownClaim, names: RowNames) -> PageCell:
    """Make a cell of what a claim is about, which opens its page."""
    return names.link_row(claim, find_subject(claim))


def find_subject(claim: ShownClaim) -> str:
    """Find the field that says what a claim is about."""
    return next(name for name in SUBJECT_LISTS if claim.get(name))


def say_part(claim: ShownClaim, names: RowNames) -> str:
    """Say of which part of its subject a claim speaks: an origin, a sector, a place, a size."""
    said = [say_name(names.get_row(claim, name)) for name in PART_LISTS if claim[name]]
    if claim["size_floor_cny"]:
        said.append(_("from %(amount)s") % {"amount": write_amount(claim["size_floor_cny"])})
    said += [text for text in (claim["scope_text"], claim["condition"]) if text]
    return " · ".join(said)
