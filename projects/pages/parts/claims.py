"""Claims in words: value with qualifier and unit, what kind of statement, by whom, from where."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.amounts import active_language, format_hedged
from parks.models import Nature
from projects.lifecycle.words import InvestmentBasis
from projects.pages.addresses import find_row_page, join_address
from projects.pages.parts.blocks import (
    PageCell,
    PageColumn,
    PageTable,
    day_cell,
    fill_known_columns,
    name_cell,
    text_cell,
    text_column,
)
from projects.pages.parts.numbers import write_amount

# Units of indicators, as they follow a number. Units that a ledger adds are shown as they are.
_UNITS: Mapping[str, str | Promise] = {
    "percent": "%",
    "projects": gettext_lazy(" projects"),
    "enterprises": gettext_lazy(" enterprises"),
    "companies": gettext_lazy(" companies"),
    "km2": gettext_lazy(" km²"),
    "m2": gettext_lazy(" m²"),
    "mu": gettext_lazy(" mu"),
    "times": gettext_lazy(" times"),
    "jobs": gettext_lazy(" jobs"),
    "people": gettext_lazy(" people"),
    "participants": gettext_lazy(" participants"),
    "parties": gettext_lazy(" parties"),
    "markets and centres": gettext_lazy(" markets and centres"),
}
_YUAN_UNITS: Mapping[str, str | Promise] = {
    "CNY": "",
    "CNY per year": gettext_lazy(" a year"),
    "CNY per mu": gettext_lazy(" per mu"),
    "CNY per mu per year": gettext_lazy(" per mu a year"),
}


def write_claimed(claim: Mapping[str, Any]) -> str:
    """Write the value of a claim as it was said: 近1万个, 超1.5亿元, nearly 80%."""
    value, unit, currency = claim["value"], claim["unit"], claim["currency"]
    if not isinstance(value, int | float):
        return value or str(claim["as_reported"])
    if unit in _YUAN_UNITS and not currency and float(value).is_integer():
        return f"{write_amount(int(value), claim['qualifier'])}{_YUAN_UNITS[unit]}"
    number = format_hedged(Decimal(str(value)), claim["qualifier"], language=active_language())
    return f"{number}{f' {currency}' if currency else _UNITS.get(unit, f' {unit}')}"


def value_cell(claim: Mapping[str, Any]) -> PageCell:
    """Make a cell of the value of a claim, which opens all that is known of the claim."""
    cell = text_cell(
        write_claimed(claim), join_address("/figures", {"code": claim["code"]}), say_standing(claim)
    )
    number = claim["value"] if isinstance(claim["value"], int | float) else None
    measure = "" if number is None else "value"
    return replace(cell, value=number, measure=measure, is_struck=bool(cell.note))


def speaker_cell(claim: Mapping[str, Any]) -> PageCell:
    """Make a cell of who said what is claimed."""
    return text_cell(claim["said_by_name"] or claim["said_by_text"] or "")


def say_nature(claim: Mapping[str, Any]) -> str:
    """Say what kind of statement a claim is, on which basis an amount, and whether it adds."""
    nature = str(Nature(claim["nature"]).label)
    if claim.get("adds_to"):
        nature = _("increase of %(claim)s") % {"claim": claim["adds_to"]}
    basis = claim.get("investment_basis")
    said = [nature, str(InvestmentBasis(basis).label)] if basis else [nature]
    return " · ".join(dict.fromkeys(said))  # an intention is one by nature and by basis


def say_time(claim: Mapping[str, Any]) -> str:
    """Say of when a claim is: a day, or a period."""
    first, last = claim["period_from"], claim["period_to"]
    if first and last and first != last:
        return f"{first} – {last}"
    return str(claim["as_of"] or claim["period_text"] or "")


def source_cell(claim: Mapping[str, Any]) -> PageCell:
    """Make a cell of the source of a claim, which opens its page."""
    title = claim.get("source_title") or claim["source"] or ""
    return text_cell(title, find_row_page("sources", claim["source"]))


def tabulate_claims(claims: Sequence[Mapping[str, Any]]) -> PageTable:
    """Make a table of claims side by side, each with its words, speaker, day and source."""
    columns = [
        PageColumn(
            _("Indicator"), make_cell=lambda claim: name_cell(claim, prefix="indicator_name")
        ),
        PageColumn(_("Value"), make_cell=value_cell),
        PageColumn(_("Statement"), make_cell=lambda claim: PageCell(say_nature(claim))),
        PageColumn(_("As of"), make_cell=lambda claim: day_cell(say_time(claim))),
        text_column(_("Words as reported"), "as_reported"),
        PageColumn(_("Said by"), make_cell=speaker_cell),
        PageColumn(_("Source"), make_cell=source_cell),
    ]
    return fill_known_columns(_("Claims"), columns, claims)


def say_standing(claim: Mapping[str, Any]) -> str:
    """Say that a claim holds no more, if so; else of what part of its subject it speaks."""
    if claim["is_withdrawn"]:
        return _("withdrawn")
    return _("superseded") if claim["superseded_by"] else ""
