"""Conditions of projects that are due, silent, incomplete or contradictory."""

from collections.abc import Iterable
from datetime import date, timedelta
from functools import reduce
from operator import or_
from typing import Any

from django.db import models
from django.db.models import (
    Case,
    Count,
    DateField,
    Exists,
    F,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Coalesce, Least
from django.db.models.lookups import GreaterThanOrEqual, IsNull
from django.utils.translation import gettext_lazy as _

from config.database import history
from parks.access import rights_of
from parks.models.claims import IS_WHOLE
from projects.models import Funding, Milestone, Obstacle, PlanMove, ProjectFigure, Return
from projects.models.money import SAME_THING
from projects.models.words import MilestoneStatus, is_silent_since, is_under_way
from sheets.dates import PeriodEnd


def meet_any(conditions: Iterable[Q]) -> Q:
    """Select the rows that meet one of these conditions; none without any."""
    return reduce(or_, conditions, Q(pk__in=[]))


def sees_work(actor: Any, project: str = "") -> Q:
    """Select the rows whose project, at this path, has work information that the actor sees."""
    rights = rights_of(actor)
    if rights.is_superuser:
        return Q(**{f"{project}pk__isnull": False})
    return Q(**{f"{project}park__in": rights.parks}) if rights.parks else Q(pk__in=[])


# Values that can be missing, with their columns
MISSING = {
    "amount": "investment_cny",
    "origin": "origin",
    "sector": "sector",
    "source": "source",
    "date": "stage_on",
}


class Completeness(models.TextChoices):
    """How many of amount, origin, sector, source and date are not known."""

    COMPLETE = "complete", _("complete")
    LACKS_ONE = "lacks_one", _("lacks one")
    LACKS_TWO = "lacks_two", _("lacks two")
    LACKS_MORE = "lacks_more", _("lacks three or more")


def is_missing(name: str, project: str = "") -> Q:
    """Select the rows whose project, at the end of this path, lacks a value of MISSING."""
    return Q(**{f"{project}{MISSING[name]}__isnull": True})


def count_missing(project: str = "") -> Least:
    """Build the SQL of a project's place in Completeness, for the path from the rows to it."""
    lacking = [
        Case(When(is_missing(name, project), then=Value(1)), default=Value(0)) for name in MISSING
    ]
    return Least(sum(lacking[1:], start=lacking[0]), Value(len(Completeness) - 1))


def find_news_day(news_on: date) -> date:
    """Return the day of the last news, given the end of its period."""
    return min(news_on, history.today())


def show_news(actor: Any) -> Case:
    """Build the SQL of the day of the last news."""
    today = history.today()
    is_to_come = When(news_on__gt=today, then=Value(today))
    return Case(is_to_come, default=F("news_on"), output_field=DateField())


def has_news_from(day: date) -> Q:
    """Select the projects whose last news is of this day or later."""
    return Q(news_on__gte=day) if day <= history.today() else Q(pk__in=[])


def has_news_to(day: date) -> Q:
    """Select the projects whose last news is of this day or earlier."""
    return Q(news_on__lte=day) if day < history.today() else Q(news_on__isnull=False)


DUE_DAYS = 90  # a step planned within so many days is due


def select_first(milestones: QuerySet, day: str) -> QuerySet:
    """Select the milestone of each project whose period, in this column, ends first."""
    end = f"{day}_end"
    is_before = Q(**{f"{end}__lt": OuterRef(end)}) | Q(
        **{end: OuterRef(end), "pk__lt": OuterRef("pk")}
    )
    return milestones.exclude(Exists(milestones.filter(is_before, project=OuterRef("project"))))


def find_plans(step: str) -> QuerySet:
    """Find the valid plans for a step, also those that were met."""
    plans = Milestone.objects.filter(type=step, planned_on__isnull=False)
    return plans.exclude(status=MilestoneStatus.REVOKED).order_by()


def is_planned_from(step: str, first: date) -> Q:
    """Select the projects with a step planned for a period that begins on this day or later.

    Of several plans the one that ends first counts.
    """
    plans = select_first(find_plans(step), "planned_on").filter(planned_on__gte=first)
    return Q(pk__in=plans.values("project"))


def is_planned_to(step: str, last: date) -> Q:
    """Select the projects with a step planned for a period that ends on this day or earlier."""
    return Q(pk__in=find_plans(step).filter(planned_on_end__lte=last).values("project"))


def find_dated(step: str) -> QuerySet:
    """Find the milestones by which projects took a step, with a day."""
    met = Milestone.objects.filter(type=step, status=MilestoneStatus.MET, actual_on__isnull=False)
    return met.order_by()


def find_taken(step: str) -> QuerySet:
    """Find the milestone by which each project took a step, of those with a day the first."""
    return select_first(find_dated(step), "actual_on")


def is_taken_by(step: str, last: date) -> Q:
    """Select the projects that took a step in a period that ends on this day or earlier."""
    return Q(pk__in=find_dated(step).filter(actual_on_end__lte=last).values("project"))


def is_taken(step: str, day: Q) -> Q:
    """Select the projects that took a step on a day, `actual_on`, that meets a condition."""
    return Q(pk__in=find_taken(step).filter(day).values("project"))


PROMISE_END = PeriodEnd("promised_on", "promised_on_precision")
# The day by which a step is due: as promised, or else as planned
DUE_END = Coalesce(PROMISE_END, "planned_on_end")


def find_open_steps(due: Any) -> QuerySet:
    """Find the steps that were not taken, with the last day by which they are `due`."""
    steps = Milestone.objects.filter(status=MilestoneStatus.SCHEDULED).annotate(due=due)
    met = Milestone.objects.filter(
        project=OuterRef("project"), type=OuterRef("type"), status=MilestoneStatus.MET
    )
    is_ahead = Q(type_rank__gt=F("project__stage_rank"))
    return steps.filter(is_ahead | Q(type_rank__isnull=True) & ~Q(Exists(met))).order_by()


def is_past_promise() -> Q:
    """Select the active projects of which a step was promised for a past day, and not taken."""
    steps = find_open_steps(PROMISE_END).filter(promised_on__lt=history.today())
    return Q(standing="active", pk__in=steps.filter(due__lt=history.today()).values("project"))


def is_late_by(days: int, below: int | None = None) -> Q:
    """Select the active projects with a step so many days late, and none `below` days or more."""
    steps, today = find_open_steps(DUE_END), history.today()
    late = steps.filter(due__lte=today - timedelta(days))
    chosen = Q(standing="active", pk__in=late.values("project"))
    if below is None:
        return chosen
    later = steps.filter(due__lte=today - timedelta(below), project=OuterRef("pk"))
    return chosen & ~Q(Exists(later))


class Lateness(models.TextChoices):
    """How late the step of a project is that is most late."""

    NOT_LATE = "not_late", _("not late")
    MONTH = "1-30", _("1 to 30 days late")
    QUARTER = "31-90", _("31 to 90 days late")
    HALF_YEAR = "91-180", _("91 to 180 days late")
    LONGER = "181-", _("181 days late or more")


# The least days late of each band
LATE_DAYS = [0, *(int(word.partition("-")[0]) for word in Lateness.values[1:])]


def find_lateness() -> QuerySet:
    """Find the active projects with a late step: the key, `of`, and the `place` in Lateness."""
    today = history.today()
    late = find_open_steps(DUE_END).filter(project__standing="active", due__lt=today)
    first = late.values(of=F("project_id")).annotate(first=Min("due"))
    bands = [*enumerate(LATE_DAYS)][:0:-1]
    whens = (When(first__lte=today - timedelta(days), then=Value(n)) for n, days in bands)
    return first.values("of", place=Case(*whens))


class TimesMoved(models.TextChoices):
    """How often the plan of a project's step moved, of the step that moved most often."""

    NEVER = "0", _("no plan moved")
    ONCE = "1", _("a plan moved once")
    TWICE = "2", _("a plan moved twice")
    OFTEN = "3-", _("a plan moved three times or more")


def has_moved(times: int, project: str = "") -> Q:
    """Select the rows whose project, at this path, has a step of which the plan moved so often."""
    moves = PlanMove.objects.filter(is_promise=False).order_by()
    often = moves.values("project", "step").annotate(n=Count("pk"))
    return Q(**{f"{project}pk__in": often.filter(n__gte=times).values("project")})


def show_times_moved(actor: Any, project: str = "") -> Case:
    """Build the SQL of a project's word of TimesMoved; blank where the actor may not see it."""
    seen = sees_work(actor, project)
    moved = [
        When(seen & has_moved(int(word[0]), project), then=Value(word))
        for word in TimesMoved.values[:0:-1]
    ]
    return Case(*moved, When(seen, then=Value(TimesMoved.NEVER.value)), default=Value(""))


def is_next_from(first: date) -> Q:
    """Select the projects with the next step planned for a period that begins then or later."""
    # Cheap to check for every project: what ends before cannot begin later
    ends_later = Q(next_planned_on__gte=first)
    plans = Milestone.objects.filter(
        project=OuterRef("pk"),
        status=MilestoneStatus.SCHEDULED,
        planned_on_end=OuterRef("next_planned_on"),
        type_rank__gt=OuterRef("stage_rank"),
    ).order_by("id")
    first_plan = Subquery(plans.values("planned_on")[:1])
    return ends_later & Q(GreaterThanOrEqual(first_plan, Value(first)))


def is_due() -> Q:
    """Select the projects under way whose next step is planned for today or the 90 days after."""
    today = history.today()
    last = today + timedelta(days=DUE_DAYS)
    return is_under_way() & Q(next_planned_on__gte=today, next_planned_on__lte=last)


def has_claims_in_conflict() -> Q:
    """Select the projects with two standing claims of different numbers about the same thing.

    The same indicator, nature, basis, currency and day or period, each of the whole project, or an
    increase of the same amount.
    """
    claims = ProjectFigure.objects.standing().filter(IS_WHOLE).order_by()
    is_same = Q()
    for name in SAME_THING:
        is_equal = Q(**{name: OuterRef(name)})
        if ProjectFigure._meta.get_field(name).null:
            is_equal |= Q(IsNull(OuterRef(name), True), **{f"{name}__isnull": True})
        is_same &= is_equal
    is_more = Q(amount_cny__gt=OuterRef("amount_cny")) | Q(value__gt=OuterRef("value"))
    return Q(pk__in=claims.filter(Exists(claims.filter(is_same, is_more))).values("project"))


def is_step_overdue() -> Q:
    """Select the projects whose newest note has a next step for a past day."""
    return Q(next_step_due_on__isnull=False, next_step_due_on__lt=history.today())


def is_returned() -> Q:
    """Select the projects that the district returned and nobody has answered."""
    return Q(Exists(Return.objects.filter(project=OuterRef("pk"), answer="")))


def is_open_for(days: int = 0) -> Q:
    """Select the obstacles that are not solved and were raised at least so many days ago."""
    return Q(solved_on__isnull=True, raised_on__lte=history.today() - timedelta(days=days))


def find_obstacles(days: int = 0) -> QuerySet:
    """Find the obstacles of a project that are open for at least so many days, oldest first."""
    obstacles = Obstacle.objects.filter(is_open_for(days), project=OuterRef("pk"))
    return obstacles.order_by("raised_on", "id")


def has_open_obstacle(days: int = 0) -> Q:
    """Select the projects with an obstacle that is open for at least so many days."""
    return Q(Exists(find_obstacles(days)))


def is_unwritten_since(day: date, seen: Q) -> Q:
    """Select the projects without news or notes on this day or later (未更新).

    Notes count only for the projects that are `seen`.
    """
    return is_silent_since(day) & ~(seen & Q(latest_progress_on__gte=day))


def is_stalled_since(day: date) -> Q:
    """Select the projects without a milestone or money on this day or later (无进展).

    Notes do not count.
    """
    met = Milestone.objects.filter(
        project=OuterRef("pk"), status=MilestoneStatus.MET, actual_on_end__gte=day
    )
    # The money of a month may have come on its last day
    flows = Funding.objects.of_money().filter(project=OuterRef("pk"), month__gte=day.replace(day=1))
    # Both are news: silent projects need no lookup
    return is_silent_since(day) | ~Q(Exists(met)) & ~Q(Exists(flows.that_moved()))
