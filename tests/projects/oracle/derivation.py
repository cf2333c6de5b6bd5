"""What derives from the rows of a project, said once more: the rule of `lifecycle`, without SQL."""

from collections.abc import Iterable, Sequence
from datetime import date
from functools import cache
from typing import Any

from config.dates import PartialDate, Precision
from projects.lifecycle.words import (
    BINDING,
    DATED_STAGES,
    FROM_PROGRESS,
    HEADLINE_INDICATOR,
    SIGNING_TYPES,
    STAGES,
    InvestmentBasis,
    MilestoneStatus,
    Stage,
)
from projects.models import Funding

_STAGE_RANKS: dict[Any, int] = {stage: place for place, stage in enumerate(STAGES)}
_BINDING_RANKS: dict[Any, int] = {word: place for place, word in enumerate(BINDING)}
_BASIS_RANKS: dict[Any, int] = {basis: place for place, basis in enumerate(InvestmentBasis)}
_NARROWING = ("origin_id", "origin_group_id", "sector_id", "sector_group_id", "place_id")


def derive_project(
    project: dict[str, Any],
    milestones: Iterable[dict[str, Any]],
    figures: Iterable[dict[str, Any]],
    fundings: Iterable[dict[str, Any]],
    hitech: str,
    notes: Iterable[dict[str, Any]] = (),
) -> dict[str, Any]:
    """Work out what derives of a project, by column.

    `project` has its own columns; the other rows are those that belong to it, in the order of their
    keys; `hitech` is what its sector is. All of the `notes` stand.
    """
    by_status: dict[Any, list[dict[str, Any]]] = {status: [] for status in MilestoneStatus}
    for each in milestones:
        by_status[each.get("status", MilestoneStatus.MET)].append(each)
    met = by_status[MilestoneStatus.MET]
    reached = max((_STAGE_RANKS.get(each["type"], -1) for each in met), default=-1)
    return {
        **_derive_dates(met, reached),
        "agreement_type": _choose_agreement(met),
        "has_intent": any(each["type"] == Stage.INTENDED for each in met),
        "hitech": hitech,
        **_choose_headline(figures),
        **_derive_flows(project, met, fundings),
        **_choose_note(notes),
        "next_planned_on": min(
            (
                find_last_day(each["planned_on"], each["planned_on_precision"])
                for each in by_status[MilestoneStatus.SCHEDULED]
                if _STAGE_RANKS.get(each["type"], -1) > reached and each.get("planned_on")
            ),
            default=None,
        ),
    }


@cache  # of the days of some centuries
def find_last_day(first: date, precision: str) -> date:
    """Find the last day of a partial date."""
    return PartialDate(first, Precision(precision)).last


def _derive_dates(met: Sequence[dict[str, Any]], reached: int) -> dict[str, Any]:
    """The stage that is reached, and the day of each: of several the one that ends first."""
    first: dict[Any, tuple[date, dict[str, Any]]] = {}
    for each in met:
        if each.get("actual_on"):
            end = find_last_day(each["actual_on"], each["actual_on_precision"])
            if each["type"] not in first or end < first[each["type"]][0]:
                first[each["type"]] = (end, each)
    stage = STAGES[reached].value if reached >= 0 else ""
    derived: dict[str, Any] = {"stage": stage}
    for column, of in (("stage_on", stage), *DATED_STAGES.items()):
        _end, milestone = first.get(of, (None, {}))
        derived[column] = milestone.get("actual_on")
        derived[f"{column}_precision"] = milestone.get("actual_on_precision", "")
    return derived


def _choose_agreement(met: Sequence[dict[str, Any]]) -> str:
    """The most binding of what was signed, where that is known."""
    said = (each.get("agreement_type", "") for each in met if each["type"] in SIGNING_TYPES)
    known = (each for each in said if _BINDING_RANKS.get(each))
    return max(known, key=_BINDING_RANKS.__getitem__, default="")


def _choose_headline(figures: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """Of the standing claims of the whole the best basis, then the newest."""
    chosen: dict[str, Any] = {}
    best: tuple[Any, ...] = ()
    for place, each in enumerate(figures):
        if _may_be_headline(each):
            newness = _find_newness(each)
            order = (-_BASIS_RANKS[each["investment_basis"]], newness is not None, newness, place)
            if not chosen or order > best:
                chosen, best = each, order
    return {
        "investment_cny": chosen.get("amount_cny"),
        "investment_qualifier": chosen.get("qualifier", "exact") if chosen else "",
        "investment_basis": chosen.get("investment_basis", ""),
    }


def _may_be_headline(figure: dict[str, Any]) -> bool:
    amount = figure.get("amount_cny")
    is_standing = figure.get("superseded_by_id") is None and not figure.get("is_withdrawn")
    is_whole = not figure.get("scope_text") or figure.get("scope_is_whole") is True
    is_whole = is_whole and figure.get("size_floor_cny") is None
    is_whole = is_whole and all(figure.get(name) is None for name in _NARROWING)
    is_investment = figure["indicator_id"] == HEADLINE_INDICATOR
    return is_investment and is_standing and is_whole and amount is not None and amount >= 0


def _find_newness(figure: dict[str, Any]) -> date | None:
    for name in ("as_of", "period_to"):
        if figure.get(name):
            return find_last_day(figure[name], figure[f"{name}_precision"])
    return None


def _derive_flows(
    project: dict[str, Any], met: Sequence[dict[str, Any]], fundings: Iterable[dict[str, Any]]
) -> dict[str, Any]:
    """What was paid in, whether any money came, and the last day of which anything is known."""
    days = [
        find_last_day(row[name], row[f"{name}_precision"])
        for row, name in ((project, "reported_on"), *((each, "actual_on") for each in met))
        if row.get(name)
    ]
    paid_in, has_money = None, False
    for each in fundings:
        days.append(find_last_day(each["month"], Precision.MONTH))
        is_money = each["kind"] != Funding.Kind.FOREIGN_AGREED
        in_yuan = each.get("amount_cny")
        flow = each["amount_value"] if in_yuan is None else in_yuan
        has_money = has_money or (is_money and flow > 0)
        if each["kind"] == Funding.Kind.PAID_IN and in_yuan is not None:
            paid_in = (paid_in or 0) + in_yuan
    news_on = max(days, default=None)
    return {"paid_in_cny": paid_in, "has_money": has_money, "news_on": news_on}


def _choose_note(notes: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """What the newest note says: of the same day the last one."""
    newest: dict[str, Any] = {}
    for each in notes:
        if not newest or each["noted_on"] >= newest["noted_on"]:
            newest = each
    said = {"next_step": "", **newest} if newest else {}
    return {name: said.get(column) for name, column in FROM_PROGRESS.items()}
