"""Claims as tables: what each is about, its words, who said it, and whether it still holds."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from projects.pages.language import say_name
from projects.pages.parts.blocks import (
    PageCell,
    PageColumn,
    PageTable,
    fill_known_columns,
    name_cell,
    text_cell,
    text_column,
)
from projects.pages.parts.claims import say_nature, say_time, source_cell, speaker_cell, value_cell
from projects.pages.parts.numbers import write_amount
from projects.pages.parts.row_names import PART_LISTS, SUBJECT_LISTS, AskList, RowNames

ShownClaim = Mapping[str, Any]


def tabulate_all_claims(
    ask: AskList, claims: Sequence[ShownClaim], left_out: Iterable[str] = ()
) -> PageTable:
    """Make a table of claims about anything; those that hold no more are struck.

    `left_out` are columns that would say the same in each row: `subject`, `indicator`, `source`.
    """
    names = RowNames(ask, claims, {**SUBJECT_LISTS, **PART_LISTS})

    def name_indicator(claim: ShownClaim) -> PageCell:
        return name_cell(claim, "", "indicator_name")

    def time_statement(claim: ShownClaim) -> PageCell:
        return PageCell(say_nature(claim), note=say_time(claim))

    columns = {
        "subject": PageColumn(_("About what"), make_cell=lambda claim: subject_cell(claim, names)),
        "indicator": PageColumn(_("Indicator"), make_cell=name_indicator),
        "value": PageColumn(_("Value"), make_cell=value_cell),
        "nature": PageColumn(_("Statement, and of when"), make_cell=time_statement),
        "part": PageColumn(
            _("Of which part"), make_cell=lambda claim: text_cell(say_part(claim, names))
        ),
        "words": text_column(_("Words as reported"), "as_reported"),
        "speaker": PageColumn(_("Said by"), make_cell=speaker_cell),
        "source": PageColumn(_("Source"), make_cell=source_cell),
    }
    shown = [column for name, column in columns.items() if name not in {*left_out}]
    return fill_known_columns(_("Claims"), shown, claims)


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
