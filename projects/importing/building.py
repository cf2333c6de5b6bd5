"""From drafts to rows: the columns of what an import writes, and new projects as a whole."""

from collections.abc import Collection, Mapping
from typing import Any

from config.dates import PartialDate
from parks.cell_lookup import Organisations
from parks.models import Nature
from projects.importing.cells.flow_columns import build_fundings
from projects.importing.cells.people_cells import build_people
from projects.importing.cells.progress_notes import build_note
from projects.importing.drafts import AmountClaim, RowDraft
from projects.importing.further_amounts import build_further
from projects.inserting import NewProject, Rows
from projects.lifecycle.words import (
    HEADLINE_INDICATOR,
    SIGNING_TYPES,
    AgreementType,
    Approval,
    InvestmentBasis,
    MilestoneStatus,
    Stage,
)
from projects.models import Investor, Participation, ProjectFigure, SigningEvent, role_at

_Columns = dict[str, Any]
# What new claims of a project say of its newest report: the day of it, and who made it
OF_REPORT = {
    "as_of": "reported_on",
    "as_of_precision": "reported_on_precision",
    "source_id": "source_id",
}
_NO_STEPS: frozenset[str] = frozenset()


def build_new_project(
    draft: RowDraft, organisations: Organisations, events: Mapping[int, SigningEvent]
) -> NewProject:
    """Build the project of a draft of which nothing is stored; its investors are stored."""
    columns = {"code": draft.code, **draft.columns}
    about = {name: columns[of] for name, of in OF_REPORT.items() if of in columns}
    figures = [build_claim(claim) | about for claim in draft.claims]
    figures += [build_further(name, money) | about for name, money in draft.further.items()]
    return NewProject(
        columns,
        milestones=[
            {"type": stage, **values} for stage, values in build_steps(draft, _NO_STEPS).items()
        ],
        figures=figures,
        investors=build_investors(draft, draft.columns["park_id"], organisations),
        participations=[
            {"event_id": event, "role": find_role(draft, events[event])}
            for event in sorted({each.pk for each in draft.events})
        ],
        fundings=build_fundings(draft.flows),
        notes=[build_note(draft.note)] if draft.note else [],
        tags=build_tags(draft),
        assignments=build_people(draft.people),
    )


def build_tags(draft: RowDraft) -> Rows:
    """Build the tags that a draft gives, with the source of the row where it has one."""
    source = draft.columns.get("source_id")
    return [{"tag_id": t.tag, "year": t.year, "source_id": source} for t in draft.tags]


def build_steps(draft: RowDraft, stored: Collection[str]) -> dict[Stage | Approval, _Columns]:
    """Build the columns that a draft gives each step; `stored` are the types that are there."""
    signing = _choose_signing(draft, stored)
    met = dict.fromkeys([*draft.milestones, *draft.documents, *([signing] if signing else [])])
    return {
        stage: _build_step(draft, stage, is_met=stage in met, is_signing=stage == signing)
        for stage in dict.fromkeys([*met, *draft.planned])
    }


def _build_step(draft: RowDraft, stage: Any, *, is_met: bool, is_signing: bool) -> _Columns:
    values: _Columns = {"status": MilestoneStatus.MET if is_met else MilestoneStatus.SCHEDULED}
    if stage in draft.milestones:
        values |= _build_day("actual_on", draft.milestones[stage])
    if stage in draft.documents:
        values["document_no"] = draft.documents[stage]
    if stage in draft.planned:
        values |= _build_day("planned_on", draft.planned[stage])
    if is_signing:
        values["agreement_type"] = draft.agreement_type or ""
    return values


def _build_day(name: str, day: PartialDate | None) -> _Columns:
    return {name: day.first if day else None, f"{name}_precision": day.precision if day else ""}


def _choose_signing(draft: RowDraft, stored: Collection[str]) -> Stage | None:
    """The signing that the type of agreement is said of: that of the contract before the intent."""
    if draft.agreement_type is None:
        return None
    there = [stage for stage in SIGNING_TYPES if stage in draft.milestones or stage in stored]
    if draft.agreement_type == AgreementType.INTENT:
        there = there[:1]
    return there[-1] if there else None


def build_claim(claim: AmountClaim) -> _Columns:
    """Build the columns of a claim of the investment, but for its project and report."""
    is_intended = claim.basis == InvestmentBasis.INTENDED
    money = claim.money
    return {
        "code": ProjectFigure.new_code(),
        "indicator_id": HEADLINE_INDICATOR,
        "amount_cny": money.cny,
        "value": money.value,
        "currency": money.currency,
        "qualifier": money.qualifier,
        "investment_basis": claim.basis,
        "nature": Nature.INTENDED if is_intended else Nature.PROJECTED,
        "as_reported": money.as_reported,
        "note": claim.note,
    }


def build_investors(
    draft: RowDraft,
    park: int,
    organisations: Organisations,
    kept: Collection[int] = (),
) -> Rows:
    """Build the investors that a draft adds to those that are `kept`; the first one leads."""
    there = [*kept]
    rows = []
    for share in draft.investors or ():
        organisation = organisations.get_key(share.name, park)
        if organisation in there:
            continue
        role = Investor.Role.CO if there else Investor.Role.LEAD
        there.append(organisation)
        rows.append({"organisation_id": organisation, "role": role, "share_bp": share.share_bp})
    return rows


def find_role(draft: RowDraft, event: SigningEvent) -> str:
    """Find what a project did at an event: it signed if its sheet has a signing on such a day."""
    role = role_at(event.kind)
    held = PartialDate.from_columns(event.held_on, event.held_on_precision)
    days = [draft.milestones[stage] for stage in SIGNING_TYPES if stage in draft.milestones]
    is_signed = any(
        day is None or held is None or (day.first <= held.last and held.first <= day.last)
        for day in days
    )
    return Participation.Role.SIGNED if is_signed and role == Participation.Role.ATTENDED else role
