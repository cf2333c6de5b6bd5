"""What is planned for when, what nobody has told of for long, and claims that contradict."""

from datetime import date, timedelta
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.lookups import GreaterThanOrEqual, LessThanOrEqual

from config import history
from parks.models.claims import IS_WHOLE
from projects.lifecycle.words import MilestoneStatus, Stage, is_silent_since, is_under_way
from projects.models import Funding, Milestone, ProjectFigure

DUE_DAYS = 90  # a step that is planned within so many days is due soon


def find_planned(stage: Stage) -> QuerySet:
    """Find the plans for a stage that hold, met ones too; of several the one that ends first."""
    plans = Milestone.objects.filter(
        project=OuterRef("pk"), type=stage, planned_on__isnull=False
    ).exclude(status=MilestoneStatus.REVOKED)
    return plans.order_by("planned_on_end", "id")


def is_planned_from(stage: Stage, first: date) -> Q:
    """Select the projects of which a stage is planned for a period that begins then or later."""
    return Q(GreaterThanOrEqual(_show_first(find_planned(stage), "planned_on"), Value(first)))


def is_planned_to(stage: Stage, last: date) -> Q:
    """Select the projects of which a stage is planned for a period that ends then or earlier."""
    return Q(LessThanOrEqual(_show_first(find_planned(stage), "planned_on_end"), Value(last)))


def is_next_from(first: date) -> Q:
    """Select the projects whose next step is planned for a period that begins then or later."""
    # What ends before cannot begin later: this alone is looked up for every project
    ends_later = Q(next_planned_on__gte=first)
    plans = Milestone.objects.filter(
        project=OuterRef("pk"),
        status=MilestoneStatus.SCHEDULED,
        planned_on_end=OuterRef("next_planned_on"),
        type_rank__gt=OuterRef("stage_rank"),
    ).order_by("id")
    return ends_later & Q(GreaterThanOrEqual(_show_first(plans, "planned_on"), Value(first)))


def is_due() -> Q:
    """Select the projects under way whose next step is planned for today or the 90 days after."""
    today = history.today()
    last = today + timedelta(days=DUE_DAYS)
    return is_under_way() & Q(next_planned_on__gte=today, next_planned_on__lte=last)


def has_claims_in_conflict() -> Q:
    """Select the projects of which two claims that hold say different numbers of the same thing.

    The same is: indicator, nature, basis, currency and day or period, each of the whole project,
    or an increase of the same amount.
    """
    same = (
        *("project", "indicator", "nature", "investment_basis", "currency"),
        *("as_of", "as_of_precision", "period_from", "period_to", "adds_to"),
    )
    claims = ProjectFigure.objects.standing().filter(IS_WHOLE).order_by()
    # Most projects have one claim of an indicator, which an index tells
    several = claims.values("project", "indicator").annotate(n=Count("pk")).filter(n__gt=1)
    numbers = claims.filter(value__isnull=False) | claims.filter(amount_cny__isnull=False)
    torn = (
        numbers.filter(project__in=several.values("project"))
        .values(*same)
        .annotate(amounts=Count("amount_cny", distinct=True), numbers=Count("value", distinct=True))
        .filter(Q(amounts__gt=1) | Q(numbers__gt=1))
    )
    return Q(pk__in=torn.values("project"))


def is_step_overdue() -> Q:
    """Select the projects of which the newest note has a next step for a day that has passed."""
    return Q(next_step_due_on__isnull=False, next_step_due_on__lt=history.today())


def is_unwritten_since(day: date, seen: Q) -> Q:
    """Select the projects of which nobody wrote on this day or later, or ever (未更新).

    What ends the silence is news, or a note; of those `seen` alone notes count.
    """
    return is_silent_since(day) & ~(seen & Q(latest_progress_on__gte=day))


def is_stalled_since(day: date) -> Q:
    """Select the projects that did not move on this day or later, or ever (无进展).

    To move is to meet a milestone, or money that flows; that somebody writes of it is not.
    """
    met = Milestone.objects.filter(
        project=OuterRef("pk"), status=MilestoneStatus.MET, actual_on_end__gte=day
    )
    # A flow of a month is one up to its last day
    flows = Funding.objects.of_money().filter(project=OuterRef("pk"), month__gte=day.replace(day=1))
    # Both are news: where there is none, nothing needs to be looked up
    return is_silent_since(day) | ~Q(Exists(met)) & ~Q(Exists(flows.that_moved()))


def _show_first(rows: QuerySet, column: str) -> Any:
    return Subquery(rows.values(column)[:1])
