"""The funnel of projects between two days: where each one stood, what it entered and left.

The days are those of the milestones that are met, and of the standing. A step counts from the last
day of its period, as `_to` filters do; what is met counts in full from today on. A step without a
day comes after the dated steps before it. A revoked milestone counts on no day.
"""

from datetime import date
from typing import Any

from django.db import models
from django.db.models import Case, F, Max, Min, Q, QuerySet, Value, When
from django.db.models.functions import Coalesce
from django.db.models.lookups import GreaterThanOrEqual, LessThanOrEqual
from django.db.models.sql.constants import LOUTER
from django.utils.translation import gettext_lazy as _
from django_cte import CTE, with_cte

from config.database import history
from projects.lifecycle.due import sees_work
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
_FIRST = [STAGES.index(Stage(step)) for step in FUNNEL_STEPS[:-1]] + [
    STAGES.index(Stage.REGISTERED)
]
# The steps with their first rank, and the first rank of the next step
_RANKS = [*zip(FUNNEL_STEPS, _FIRST, [*_FIRST[1:], len(STAGES)], strict=True)]
_LONG_AGO = Value(date.min.replace(year=1000))
_ACTIVE = Q(standing=Project.Standing.ACTIVE)
_STANDING_END = PeriodEnd("standing_on", "standing_on_precision")


def place_projects(projects: QuerySet, actor: Any, *days: date) -> QuerySet:
    """Annotate projects with the days of their steps, and with their places on some days.

    For each step `_by` and `_from` are the last and the first day on which it, or a later one, may
    have been reached, `_own` is its own last day, `_day` that day if it is known exactly, `_after`
    the newest step before it. `at0`, `at1` are the places at the end of the days. Both are computed
    once: without statistics PostgreSQL plans to do so again for each project.
    """
    found: dict[str, Any] = {}
    for step, low, high in _RANKS:
        further, own = Q(type_rank__gte=low), Q(type_rank__gte=low, type_rank__lt=high)
        exact = own & Q(actual_on_precision=Precision.DAY)
        found[f"{step}_by"] = Min("actual_on_end", filter=further)
        found[f"{step}_from"] = Min(Coalesce("actual_on", _LONG_AGO), filter=further)
        found[f"{step}_own"] = Min("actual_on_end", filter=own)
        found[f"{step}_day"] = Min("actual_on_end", filter=exact)
        found[f"{step}_after"] = Max("actual_on", filter=Q(type_rank__lt=low))
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
    places = {f"at{n}": find_place(day) for n, day in enumerate(days)}
    of_standing = ("standing", "standing_on", "standing_on_precision")
    placed = CTE(
        dated.annotate(**places).values("id", *of_standing, "is_seen", *found, *places),
        name="funnel_places",
        materialized=True,
    )
    return with_cte(steps, placed, select=placed.queryset().order_by())


def is_shown(step: FunnelStep) -> Q:
    """Select the projects whose readers may know that they were at a step."""
    return Q(is_seen=True) if step in OF_ROLES_ONLY else Q()


def find_place(day: date) -> Case:
    """Build the SQL of where a project stood at the end of a day."""
    is_past = day < history.today()
    is_lost = Q(LessThanOrEqual(_STANDING_END, Value(day))) if is_past else Q()
    known = [
        When(Q(is_seen=False, intended_from__isnull=True), then=Value(BEFORE)),
        When(~_ACTIVE & is_lost, then=Value(LOST)),
        When(
            ~_ACTIVE & (Q(standing_on__isnull=True) | Q(standing_on__lte=day)), then=Value(UNPLACED)
        ),
    ]
    for step in reversed(FUNNEL_STEPS):
        begins = Q(**{f"{step}_from__lte": day})
        follows = Q(**{f"{step}_after__isnull": True}) | Q(**{f"{step}_after__lte": day})
        surely = Q(**{f"{step}_by__lte": day}) if is_past else Q(**{f"{step}_from__isnull": False})
        known.append(When(is_shown(step) & surely, then=Value(step.value)))
        known.append(When(is_shown(step) & begins & follows, then=Value(UNPLACED)))
    known.append(When(lead_from__isnull=True, then=Value(UNPLACED)))
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
        low, high = next(ranks for each, *ranks in _RANKS if each == step)
        gone = Milestone.objects.filter(
            status=MilestoneStatus.REVOKED,
            type_rank__gte=low,
            type_rank__lt=high,
            actual_on_end__gt=first,
            actual_on_end__lte=last,
        )
        return is_shown(step) & Q(pk__in=gone.values("project"))
    if flow == "undated":
        return Q(at0=UNPLACED, at1=step)
    entered = is_shown(step) & ~Q(at0__in=[step, UNPLACED])
    entered &= Q(at1=step) | has_come_to(step, first, last)
    if flow == "entered":
        return entered
    # Dates never lead back. Who came to a later step and was lost then was lost there alone.
    later = FUNNEL_STEPS[FUNNEL_STEPS.index(step) + 1 :]
    came = (When(has_come_to(each, first, last), then=True) for each in later)
    went_on = Q(Case(*came, default=False))
    left = Q(at1=flow) & ~went_on
    if flow == "onward":
        left = Q(at1__in=later) | Q(at1__in=[LOST, UNPLACED]) & went_on
    return (Q(at0=step) | entered) & left
