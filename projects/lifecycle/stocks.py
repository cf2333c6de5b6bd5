"""The funnel of projects between two days: where each one stood, what it entered and left.

The days are those of the milestones that are met, and of the standing. A step counts from the last
day of its period, as `_to` filters do; what is met counts in full from today on. A step without a
day comes after the dated steps before it. A revoked milestone counts on no day.
"""

from datetime import date
from typing import Any

from django.db import models
from django.db.models import Case, F, Max, Min, Q, QuerySet, Value, When
from django.db.models.lookups import GreaterThanOrEqual, LessThanOrEqual
from django.db.models.sql.constants import LOUTER
from django.utils.translation import gettext_lazy as _
from django_cte import CTE, with_cte

from config.database import history
from projects.lifecycle.due import meet_any, sees_work
from projects.models import Milestone, Project
from projects.models.words import STAGES, MilestoneStatus, Stage
from sheets.dates import PeriodEnd, Precision


class FunnelStep(models.TextChoices):
    """The steps of the funnel; landed is a registered entity or any later stage."""

    LEAD = "lead", Stage.LEAD.label
    NEGOTIATING = "negotiating", Stage.NEGOTIATING.label
    INTENDED = "intended", Stage.INTENDED.label
    SIGNED = "signed", Stage.SIGNED.label
    LANDED = "landed", _("landed: registered or further")


FUNNEL_STEPS = list(FunnelStep)
OF_ROLES_ONLY = FUNNEL_STEPS[:2]  # leads, which only the roles of their park see
LOST, BEFORE, UNPLACED = "lost", "before", "unplaced"  # beside the steps
FLOW_LABELS = {
    "entered": _("entered"),
    "undated": _("come, day unknown"),
    "onward": _("went on"),
    LOST: _("lost"),
    UNPLACED: _("left, where to unknown"),
    "revoked": _("revoked"),
}
FLOWS = tuple(FLOW_LABELS)
# The rank with which each step begins
_RANKS = {step: STAGES.index(Stage(step)) for step in FUNNEL_STEPS[:-1]}
_RANKS[FunnelStep.LANDED] = STAGES.index(Stage.REGISTERED)
_ACTIVE = Q(standing=Project.Standing.ACTIVE)
_STANDING_END = PeriodEnd("standing_on", "standing_on_precision")


def place_projects(projects: QuerySet, actor: Any, *days: date) -> QuerySet:
    """Annotate projects with their places on one or two days, and with what happened between.

    `at0` and `at1` are the places at the end of each day. With two days, each step also has
    `_came`, whether the project came to it after the first day; `_own`, the last day on which it
    may have been reached; and `_day`, the same if it is known exactly. Both queries are
    materialized: without statistics PostgreSQL would run them again for each project.
    """
    found: dict[str, Any] = {"highest_rank": Max("type_rank")}
    for n, day in enumerate(days):
        found |= find_ranks(n, day)
    flows: list[str] = []
    if len(days) > 1:
        for step, low in _RANKS.items():
            own = is_of(step)
            exact = own & Q(actual_on_precision=Precision.DAY)
            found[f"{step}_by"] = Min("actual_on_end", filter=Q(type_rank__gte=low))
            found[f"{step}_own"] = Min("actual_on_end", filter=own)
            found[f"{step}_day"] = Min("actual_on_end", filter=exact)
            flows += [f"{step}_own", f"{step}_day"]
    chosen = projects.order_by().values("pk")
    met = Milestone.objects.order_by().filter(status=MilestoneStatus.MET, project__in=chosen)
    steps = CTE(
        met.values(of=F("project_id")).annotate(**found), name="funnel_steps", materialized=True
    )
    joined: Any = steps.join(projects.order_by(), _join_type=LOUTER, pk=steps.col.of)
    dated = joined.annotate(
        is_seen=Case(When(sees_work(actor), then=True), default=False),
        **{name: getattr(steps.col, name) for name in found},
    )
    places = {f"at{n}": find_place(n, day) for n, day in enumerate(days)}
    if flows:
        came = {f"{step}_came": has_come_to(step, *days) for step in FUNNEL_STEPS}
        places |= {name: Case(When(each, then=True), default=False) for name, each in came.items()}
    placed = CTE(
        dated.annotate(**places).values("id", "is_seen", *flows, *places),
        name="funnel_places",
        materialized=True,
    )
    return with_cte(steps, placed, select=placed.queryset().order_by())


def is_of(step: FunnelStep) -> Q:
    """Select the milestones of a step of the funnel."""
    is_last = step == FunnelStep.LANDED
    return Q(**{"type_rank__gte" if is_last else "type_rank": _RANKS[step]})


def find_ranks(n: int, day: date) -> dict[str, Any]:
    """Build the SQL of the ranks that a project had reached at the end of day number `n`.

    `sure_rank` is the highest rank that it had certainly reached. For a past day `possible_rank`
    is the highest that it may have reached, `later_rank` the lowest that it reached after the day.
    """
    if day >= history.today():
        return {f"sure_rank{n}": Max("type_rank")}
    undated = Q(actual_on__isnull=True)
    return {
        f"sure_rank{n}": Max("type_rank", filter=Q(actual_on_end__lte=day)),
        f"possible_rank{n}": Max("type_rank", filter=undated | Q(actual_on__lte=day)),
        f"later_rank{n}": Min("type_rank", filter=Q(actual_on__gt=day)),
    }


def is_shown(step: FunnelStep) -> Q:
    """Select the projects whose readers may know that they were at a step."""
    return Q(is_seen=True) if step in OF_ROLES_ONLY else Q()


def find_place(n: int, day: date) -> Case:
    """Build the SQL of where a project stood at the end of day number `n`."""
    is_past = day < history.today()
    is_lost = Q(LessThanOrEqual(_STANDING_END, Value(day))) if is_past else Q()
    is_hidden = Q(highest_rank__isnull=True) | Q(highest_rank__lt=_RANKS[FunnelStep.INTENDED])
    known = [
        When(is_hidden & Q(is_seen=False), then=Value(BEFORE)),
        When(~_ACTIVE & is_lost, then=Value(LOST)),
        When(
            ~_ACTIVE & (Q(standing_on__isnull=True) | Q(standing_on__lte=day)), then=Value(UNPLACED)
        ),
    ]
    for step, low in reversed(_RANKS.items()):
        surely = Q(**{f"sure_rank{n}__gte": low})
        known.append(When(is_shown(step) & surely, then=Value(step.value)))
        if is_past:
            possible = Q(**{f"possible_rank{n}__gte": low})
            follows = Q(**{f"later_rank{n}__isnull": True}) | Q(**{f"later_rank{n}__gte": low})
            known.append(When(is_shown(step) & possible & follows, then=Value(UNPLACED)))
    known.append(When(highest_rank__isnull=True, then=Value(UNPLACED)))
    return Case(*known, default=Value(BEFORE), output_field=models.CharField())


def has_come_to(step: FunnelStep, first: date, last: date) -> Q:
    """Select the projects that came to a step after the first day, whatever followed."""
    own = f"{step}_own"
    came = Q(**{f"{own}__gt": first})
    if last < history.today():
        came &= Q(**{f"{own}__lte": last})
    for later in FUNNEL_STEPS[FUNNEL_STEPS.index(step) + 1 :][:1]:
        came &= Q(**{f"{later}_by__isnull": True}) | Q(**{f"{later}_by__gte": F(own)})
    return came & (_ACTIVE | Q(GreaterThanOrEqual(_STANDING_END, F(own))))


def select_flow(step: FunnelStep, flow: str, first: date, last: date) -> Q:
    """Select the projects of `place_projects` of one flow of a step, from one day to another.

    opening + entered + undated - onward - lost - unplaced = closing.
    """
    if flow == "revoked":
        revoked = Milestone.objects.filter(is_of(step), status=MilestoneStatus.REVOKED)
        gone = revoked.filter(actual_on_end__gt=first, actual_on_end__lte=last)
        return is_shown(step) & Q(pk__in=gone.values("project"))
    if flow == "undated":
        return Q(at0=UNPLACED, at1=step)
    entered = is_shown(step) & ~Q(at0__in=[step, UNPLACED])
    entered &= Q(at1=step) | Q(**{f"{step}_came": True})
    if flow == "entered":
        return entered
    # Dates never lead back. Who came to a later step and was lost then was lost there alone.
    later = FUNNEL_STEPS[FUNNEL_STEPS.index(step) + 1 :]
    went_on = meet_any(Q(**{f"{each}_came": True}) for each in later)
    left = Q(at1=flow) & ~went_on
    if flow == "onward":
        left = Q(at1__in=later) | Q(at1__in=[LOST, UNPLACED]) & went_on
    return (Q(at0=step) | entered) & left
