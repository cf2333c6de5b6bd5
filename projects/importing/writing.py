"""Writing the drafts of an import, set by set, inside of one recorded transaction."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from operator import itemgetter
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F

from config.dates import PartialDate
from parks.cell_lookup import Organisations, create_rows
from parks.models import Nature, Park
from parks.recording.change_rows import chunks, is_public
from parks.recording.recording import recorded
from projects.importing.cells.investor_cells import Share
from projects.importing.cells.paid_in import write_paid_in
from projects.importing.drafts import AmountClaim, RowDraft
from projects.importing.further_amounts import write_further
from projects.lifecycle.words import (
    HEADLINE_INDICATOR,
    SIGNING_TYPES,
    InvestmentBasis,
    MilestoneStatus,
    Stage,
)
from projects.models import (
    Investor,
    Milestone,
    Participation,
    Project,
    ProjectFigure,
    SigningEvent,
    keep_distinct,
    role_at,
)

DRAFTS_AT_ONCE = 5_000  # of whose rows there are copies in memory
MOST_SEARCHED = 10_000  # among which the one is looked for that the database refuses


class MovedError(Exception):
    """Somebody changed some of the projects after they were compared."""


def write(drafts: list[RowDraft], batch: str, actor: Any = None) -> None:
    """Write all drafts as one revision; raises MovedError when the ledger is not as it was.

    A new investor follows the project: it is a draft of the same park until one of its projects
    is published. `actor` None sees all organisations.
    """
    with recorded(batch=batch) as unit:
        unit.publishes_needed = True
        _lock(drafts)
        organisations = Organisations(actor, sees_all=actor is None)
        organisations.look_up(share.name for draft in drafts for share in draft.investors or ())
        parts = [drafts[n : n + DRAFTS_AT_ONCE] for n in range(0, len(drafts), DRAFTS_AT_ONCE)]
        for part in parts:
            _create_projects(part)
        _keep_apart(drafts)
        for part in parts:  # now that all are there, of which others may be a part
            _update_projects(part)
            _write_milestones(part)
            _write_claims(part)
            _write_further(part)
            _write_investors(part, organisations)
            _write_participations(part)
            write_paid_in({draft.project_id: draft.paid_in for draft in part if draft.paid_in})
        unit.postpone(Project, {draft.project_id for draft in drafts})
        unit.note(Project, [draft.project_id for draft in drafts])


def find_line(drafts: list[RowDraft], actor: Any = None) -> int | None:
    """Find the line of the first draft that the database refuses, by halves; None if it takes all.

    Whatever is tried is taken back. Of very many drafts it is not looked for.
    """
    if len(drafts) > MOST_SEARCHED or not _is_refused(drafts, actor):
        return None
    good, bad = 0, len(drafts)
    while bad - good > 1:
        middle = (good + bad) // 2
        if _is_refused(drafts[:middle], actor):
            bad = middle
        else:
            good = middle
    return drafts[bad - 1].line


def _is_refused(drafts: list[RowDraft], actor: Any) -> bool:
    # What the drafts that are not tried would be referred to by is not there.
    alone = [replace(draft, references={}) for draft in drafts]
    try:
        with transaction.atomic():
            write(alone, "", actor)
            transaction.set_rollback(True)
    except IntegrityError:
        return True
    return False


def _lock(drafts: list[RowDraft]) -> None:
    """Hold the projects that change, at the versions at which they were compared."""
    versions = {d.project_id: d.version for d in drafts if d.version is not None}
    moved = []
    for chunk in chunks(versions):
        rows = Project.objects.filter(pk__in=chunk).order_by("pk").select_for_update()
        found = dict(rows.values_list("pk", "version"))
        moved += [key for key in chunk if found.get(key) != versions[key]]
    if moved:
        raise MovedError(len(moved))


def _create_projects(drafts: list[RowDraft]) -> None:
    new = [draft for draft in drafts if draft.version is None]
    parks = Park.objects.in_bulk({draft.columns["park_id"] for draft in new})
    for draft in new:
        draft.code = draft.code or Project.new_code()
        park = parks[draft.columns["park_id"]]
        draft.columns.setdefault("publication", park.publication_of_new)
    keys = create_rows(Project, [{"code": draft.code, **draft.columns} for draft in new])
    for draft, key in zip(new, keys, strict=True):
        draft.project_id = key


def _keep_apart(drafts: list[RowDraft]) -> None:
    """Remember of which others new projects were said to be no part and no copy."""
    keys = {-draft.line: draft.project_id for draft in drafts}
    keep_distinct(
        (draft.project_id, key)
        for draft in drafts
        for other in draft.apart_from
        if (key := keys.get(other, other)) > 0
    )


def _update_projects(drafts: list[RowDraft]) -> None:
    """Write the changed columns; rows in which the same ones change are written together."""
    alike: dict[tuple[str, ...], list[Project]] = defaultdict(list)
    projects = _find_keys({code for draft in drafts for code in draft.references.values()})
    for draft in drafts:
        columns = {} if draft.version is None else dict(draft.columns)
        for name, code in draft.references.items():
            columns[f"{name}_id"] = projects[code.lower()]
        if columns:
            alike[tuple(sorted(columns))].append(Project(pk=draft.project_id, **columns))
    for names, rows in alike.items():
        Project.objects.bulk_update(rows, [_find_field(name) for name in names], batch_size=200)


def _find_keys(codes: set[str]) -> dict[str, int]:
    """The keys of projects by their codes in lower case, now that all of them are there."""
    keys: dict[str, int] = {}
    for chunk in chunks({code.lower() for code in codes}):
        rows = Project.objects.filter(code_key__in=chunk)
        keys |= dict(rows.values_list("code_key", "pk"))
    return keys


def _find_field(column: str) -> str:
    return Project._meta.get_field(column.removesuffix("_id")).name


def _write_milestones(drafts: list[RowDraft]) -> None:
    changing = {
        d.project_id: d for d in drafts if d.milestones or d.planned or d.agreement_type is not None
    }
    old = [key for key, draft in changing.items() if draft.version is not None]
    stored, planned = _find_milestones(old)
    new: list[dict[str, Any]] = []
    changed: dict[int, Milestone] = {}
    for key, draft in changing.items():
        signing = _choose_signing(draft, stored)
        met = dict.fromkeys([*draft.milestones, *([signing] if signing else [])])
        for stage in dict.fromkeys([*met, *draft.planned]):
            there = {} if stage in met else planned
            milestone = there.get((key, stage)) or stored.get((key, stage))
            values = _build_milestone(
                draft, stage, is_met=stage in met, is_signing=stage == signing
            )
            if milestone is None:
                new.append({"project_id": key, "type": stage, **values})
                continue
            changed[milestone.pk] = milestone
            for name, value in values.items():
                setattr(milestone, name, value)
    create_rows(Milestone, new)
    fields = ["status", "agreement_type"]
    fields += [f"{name}_on{end}" for name in ("actual", "planned") for end in ("", "_precision")]
    Milestone.objects.bulk_update(list(changed.values()), fields, batch_size=200)


Milestones = dict[tuple[int, str], Milestone]


def _find_milestones(keys: list[int]) -> tuple[Milestones, Milestones]:
    """The milestone of each project and type that says when it was met, and when it is planned.

    Of several the ones that files show: met before scheduled, and the first to end.
    """
    stored: Milestones = {}
    planned: Milestones = {}
    for chunk in chunks(keys):
        rows = Milestone.objects.filter(project__in=chunk).exclude(status=MilestoneStatus.REVOKED)
        for row in rows.order_by("status", F("actual_on_end").asc(nulls_last=True), "id"):
            stored.setdefault((row.project_id, row.type), row)
        for row in rows.filter(planned_on__isnull=False).order_by("planned_on_end", "id"):
            same = stored[row.project_id, row.type]
            planned.setdefault((row.project_id, row.type), same if same.pk == row.pk else row)
    return stored, planned


def _build_milestone(
    draft: RowDraft, stage: Stage, *, is_met: bool, is_signing: bool
) -> dict[str, Any]:
    """The columns that a draft gives a step."""
    values: dict[str, Any] = {} if is_met else {"status": MilestoneStatus.SCHEDULED}
    if is_met:
        values["status"] = MilestoneStatus.MET
    if stage in draft.milestones:
        values |= _build_day("actual_on", draft.milestones[stage])
    if stage in draft.planned:
        values |= _build_day("planned_on", draft.planned[stage])
    if is_signing:
        values["agreement_type"] = draft.agreement_type or ""
    return values


def _build_day(name: str, day: PartialDate | None) -> dict[str, Any]:
    return {name: day.first if day else None, f"{name}_precision": day.precision if day else ""}


def _choose_signing(draft: RowDraft, stored: dict[Any, Milestone]) -> Stage | None:
    """The signing that the type of agreement is said of: that of the contract before the intent."""
    if draft.agreement_type is None:
        return None
    there = [s for s in SIGNING_TYPES if s in draft.milestones or (draft.project_id, s) in stored]
    return there[-1] if there else None


def _write_claims(drafts: list[RowDraft]) -> None:
    """New claims supersede the standing ones of their basis, as those of a person would."""
    claiming = [draft for draft in drafts if draft.claims or draft.withdraws]
    keys = {d.project_id: d for d in claiming if d.version is not None}
    standing: list[ProjectFigure] = []
    for chunk in chunks(keys):
        rows = ProjectFigure.objects.standing().of_the_whole()
        standing += rows.filter(project__in=chunk, indicator=HEADLINE_INDICATOR)
    about = dict(
        row
        for chunk in chunks([draft.project_id for draft in claiming])
        for row in _find_reports(chunk)
    )
    new = [(draft, claim) for draft in claiming for claim in draft.claims]
    made = create_rows(ProjectFigure, [_build_figure(d, c, about[d.project_id]) for d, c in new])
    latest = {
        (draft.project_id, claim.basis): key for (draft, claim), key in zip(new, made, strict=True)
    }
    ProjectFigure.objects.supersede(
        {
            figure.pk: latest[key]
            for figure in standing
            if (key := (figure.project_id, figure.investment_basis)) in latest
        }
    )
    ends = [f for f in standing if f.amount_cny is not None and keys[f.project_id].withdraws]
    for figure in ends:
        figure.is_withdrawn = True
    ProjectFigure.objects.bulk_update(ends, ["is_withdrawn"], batch_size=200)


def _write_further(drafts: list[RowDraft]) -> None:
    amounts = {draft.project_id: draft.further for draft in drafts if draft.further}
    about = dict(row for chunk in chunks(amounts) for row in _find_reports(chunk))
    write_further(amounts, about)


def _find_reports(keys: list[int]) -> Iterable[tuple[int, dict[str, Any]]]:
    """Source and day of the newest report by project: those of its new claims."""
    names = ("reported_on", "reported_on_precision", "source_id")
    for pk, *values in Project.objects.filter(pk__in=keys).values_list("pk", *names):
        yield pk, dict(zip(("as_of", "as_of_precision", "source_id"), values, strict=True))


def _build_figure(draft: RowDraft, claim: AmountClaim, about: dict[str, Any]) -> dict[str, Any]:
    is_intended = claim.basis == InvestmentBasis.INTENDED
    money = claim.money
    return {
        "code": ProjectFigure.new_code(),
        "project_id": draft.project_id,
        "indicator_id": HEADLINE_INDICATOR,
        "amount_cny": money.cny,
        "value": money.value,
        "currency": money.currency,
        "qualifier": money.qualifier,
        "investment_basis": claim.basis,
        "nature": Nature.INTENDED if is_intended else Nature.PROJECTED,
        "as_reported": money.as_reported,
        "note": claim.note,
        **about,
    }


def _create_investors(drafts: Iterable[RowDraft], organisations: Organisations) -> dict[int, int]:
    """Write the organisations that are not known yet; the park of each project by its key."""
    parks: dict[int, int] = {}
    wanted: list[tuple[str, int, bool]] = []
    names = {draft.project_id: draft.investors or () for draft in drafts}
    for chunk in chunks(names):
        rows = Project.objects.filter(pk__in=chunk).annotate(seen=is_public(Project.audience))
        for key, park, is_seen in rows.values_list("pk", "park_id", "seen"):
            parks[key] = park
            wanted += [(share.name, park, is_seen) for share in names[key]]
    organisations.create(wanted)
    return parks


def _keep_investor(
    row: Investor, shares: Iterable[Share], organisations: Organisations, park: int
) -> set[tuple[int, int]]:
    """The project and organisation of an investor that stays, with its new share; else nothing."""
    given = {organisations.get_key(share.name, park): share.share_bp for share in shares}
    if row.organisation_id not in given:
        row.delete()
        return set()
    share_bp = given[row.organisation_id]
    if share_bp is not None and share_bp != row.share_bp:
        row.share_bp = share_bp
        row.save()
    return {(row.project_id, row.organisation_id)}


def _write_investors(drafts: list[RowDraft], organisations: Organisations) -> None:
    changing = {d.project_id: d for d in drafts if d.investors is not None}
    parks = _create_investors(changing.values(), organisations)
    kept: set[tuple[int, int]] = set()
    for chunk in chunks([key for key, d in changing.items() if d.version is not None]):
        for row in Investor.objects.filter(project__in=chunk):
            given = changing[row.project_id].investors or ()
            kept |= _keep_investor(row, given, organisations, parks[row.project_id])
    led = {project for project, _organisation in kept}
    new = []
    for key, draft in changing.items():
        for share in draft.investors or ():
            organisation = organisations.get_key(share.name, parks[key])
            if (key, organisation) in kept:
                continue
            kept.add((key, organisation))
            role = Investor.Role.CO if key in led else Investor.Role.LEAD
            led.add(key)
            new.append(
                {
                    "project_id": key,
                    "organisation_id": organisation,
                    "role": role,
                    "share_bp": share.share_bp,
                }
            )
    create_rows(Investor, new)


def _write_participations(drafts: list[RowDraft]) -> None:
    """Being at an event is added, never taken away; what was done there follows the event.

    The sheet says that a project was signed there where it says that it was signed, on no other
    day than that of the event.
    """
    wanted = {(d.project_id, event.pk): d for d in drafts for event in d.events}
    for chunk in chunks({project for project, _event in wanted}):
        rows = Participation.objects.filter(project__in=chunk)
        for place in rows.values_list("project_id", "event_id"):
            wanted.pop(place, None)
    events = SigningEvent.objects.in_bulk({event for _project, event in wanted})
    create_rows(
        Participation,
        [
            {"project_id": project, "event_id": event, "role": _find_role(draft, events[event])}
            for (project, event), draft in sorted(wanted.items(), key=itemgetter(0))
        ],
    )


def _find_role(draft: RowDraft, event: SigningEvent) -> str:
    role = role_at(event.kind)
    held = PartialDate.from_columns(event.held_on, event.held_on_precision)
    days = [draft.milestones[stage] for stage in SIGNING_TYPES if stage in draft.milestones]
    is_signed = any(
        day is None or held is None or (day.first <= held.last and held.first <= day.last)
        for day in days
    )
    return Participation.Role.SIGNED if is_signed and role == Participation.Role.ATTENDED else role
