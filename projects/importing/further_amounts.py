"""Amounts of a project beside its investment: claims of their own, never the headline."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple

from django.db.models import Q

from config.amounts import format_cny
from parks.cell_lookup import create_rows
from parks.models import Nature
from parks.models.claims import IS_WHOLE, ClaimQuerySet
from parks.recording.change_rows import chunks
from projects.importing.cells.measured_cells import Money
from projects.lifecycle.words import HEADLINE_INDICATOR, InvestmentBasis
from projects.models import ProjectFigure

PHASE_ONE = "一期"


@dataclass(frozen=True)
class Measured:
    """What a column claims: an indicator, of the whole project or of a part named in words."""

    indicator: str
    scope_text: str = ""


FURTHER_AMOUNTS: Mapping[str, Measured] = {
    "phase_one_cny": Measured(HEADLINE_INDICATOR, PHASE_ONE),
    "fixed_investment_cny": Measured("fixed_investment"),
    "capital_attracted_cny": Measured("capital_attracted"),
}
_NAMES = {measured: name for name, measured in FURTHER_AMOUNTS.items()}


class Said(NamedTuple):
    """An amount as it is compared: in yuan, or in another currency."""

    cny: int | None
    value: Decimal | None
    currency: str
    qualifier: str

    def __str__(self) -> str:
        if self.cny is None:
            return f"{self.value:f} {self.currency}"
        return format_cny(self.cny, self.qualifier)


def get_said(money: Money) -> Said:
    """Get what an amount of a cell says."""
    return Said(money.cny, money.value, money.currency, money.qualifier)


Known = dict[str, Said]  # by column


def find_further(projects: Collection[int], names: Collection[str]) -> dict[int, Known]:
    """Find the standing claims behind the columns, by project; of several the newest."""
    known: dict[int, Known] = defaultdict(dict)
    for chunk in chunks(projects if names else ()):
        columns = ("amount_cny", "value", "currency", "qualifier")
        rows = _find_standing(chunk).newest_first()
        for project, indicator, scope, *said in rows.values_list(
            "project_id", "indicator_id", "scope_text", *columns
        ):
            if name := _NAMES.get(Measured(indicator, scope)):
                known[project].setdefault(name, Said(*said))
    return known


def _find_standing(projects: Collection[int]) -> ClaimQuerySet:
    indicators = {each.indicator for each in FURTHER_AMOUNTS.values()}
    of_whole = IS_WHOLE & ~Q(indicator=HEADLINE_INDICATOR)
    of_phase = Q(indicator=HEADLINE_INDICATOR, scope_text=PHASE_ONE)
    rows = ProjectFigure.objects.standing().filter(of_whole | of_phase)
    return rows.filter(project__in=projects, indicator__in=indicators)


def write_further(
    amounts: Mapping[int, Mapping[str, Money]], about: Mapping[int, Mapping[str, Any]]
) -> None:
    """Write amounts by project and column; they supersede the standing claims of the same.

    `about` has by project the columns of a claim that say source and day.
    """
    standing: dict[tuple[int, str], list[int]] = defaultdict(list)
    for chunk in chunks(amounts):
        rows = _find_standing(chunk).values_list("pk", "project_id", "indicator_id", "scope_text")
        for key, project, indicator, scope in rows:
            if name := _NAMES.get(Measured(indicator, scope)):
                standing[project, name].append(key)
    new = [
        (project, name, money)
        for project, given in amounts.items()
        for name, money in given.items()
    ]
    claims = [
        {"project_id": project, **build_further(name, money), **about[project]}
        for project, name, money in new
    ]
    made = create_rows(ProjectFigure, claims)
    ProjectFigure.objects.supersede(
        {
            old: key
            for (project, name, _money), key in zip(new, made, strict=True)
            for old in standing[project, name]
        }
    )


def build_further(name: str, money: Money) -> dict[str, Any]:
    """Build the columns of the claim that a column makes, but for its project and report."""
    measured = FURTHER_AMOUNTS[name]
    is_investment = measured.indicator == HEADLINE_INDICATOR
    return {
        "code": ProjectFigure.new_code(),
        "indicator_id": measured.indicator,
        "amount_cny": money.cny,
        "value": money.value,
        "currency": money.currency,
        "qualifier": money.qualifier,
        "investment_basis": InvestmentBasis.REPORTED if is_investment else "",
        "nature": Nature.PROJECTED,
        "as_reported": money.as_reported,
        "scope_text": measured.scope_text,
    }
