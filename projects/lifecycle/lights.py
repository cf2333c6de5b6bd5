"""Lights 红黄绿灯 of projects: conditions in SQL, built from the rules of their parks.

Rules, excuses, steps and money are those of the day that is read. What nobody reported is not
completed. Of `behind` the judged months are those that have ended, so January judges last year.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import (
    Case,
    DateField,
    Exists,
    F,
    FloatField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Coalesce, Greatest

from config.database import history
from parks.access import select_readable
from projects import models
from projects.lifecycle.due import PROMISE_END, is_unwritten_since, meet_any, sees_work
from projects.models.words import STAGES, is_under_way, list_stages_from
from sheets.dates import PartialDate, Precision, first_day, months_before

EVERYWHERE = Q(pk__isnull=False)
_DEFINING = ("kind", "step", "since_step", "threshold", "is_beyond", "colour")
_NEVER = Value(date.min, output_field=DateField())


@dataclass(frozen=True)
class AppliedRule:
    """A rule with its codes by park, None for parks without rules of their `own`."""

    rule: models.LightRule
    codes: dict[int | None, str]
    own: frozenset[int]

    def is_in_force(self) -> Q:
        """Select the projects of the parks in which it holds."""
        parks = Q(park__in=self.codes.keys() - {None})
        return parks | ~Q(park__in=self.own) if None in self.codes else parks

    def find_bound(self) -> date:
        """Return the last day on which something must have happened for the rule to be met."""
        is_of_plan = self.rule.kind in (models.RuleKind.LATE, models.RuleKind.PROMISED)
        if is_of_plan and not self.rule.threshold:
            return PartialDate.containing(history.today(), Precision.MONTH).last
        bound = months_before(history.today(), self.rule.threshold)
        return bound - timedelta(days=self.rule.is_beyond)

    def find_days(self) -> tuple[QuerySet, str]:
        """Find the milestones from whose days it counts, and the column of these days."""
        own = models.Milestone.objects.filter(project=OuterRef("pk")).order_by()
        if self.rule.kind == models.RuleKind.FOLLOWING:
            return own.filter(type=self.rule.since_step, status="met"), "actual_on_end"
        own = own.filter(type=self.rule.step, status="scheduled")
        if self.rule.kind == models.RuleKind.PROMISED:
            return own.filter(promised_on__isnull=False).annotate(end=PROMISE_END), "end"
        return own, "planned_on_end"

    def is_met(self) -> Q:
        """Select the projects to which the rule gives its light, wherever they are."""
        if self.rule.kind == models.RuleKind.SILENT:
            return is_unwritten_since(self.find_bound(), EVERYWHERE)
        if self.rule.kind == models.RuleKind.BEHIND:
            month = find_judged_month()
            # In parts of 300, so that no product exceeds 64 bits
            least = F("planned_cny") * (25 * month.month - 3 * self.rule.threshold)
            compared = "part__lt" if self.rule.is_beyond else "part__lte"
            done = find_plan(month).annotate(part=F("completed") * 300)
            return Q(Exists(done.filter(**{compared: least})))
        rows, column = self.find_days()
        late = rows.filter(**{f"{column}__lte": self.find_bound()})
        return Q(Exists(late)) & ~has_taken(self.rule.step)

    def show_fact(self) -> Any:
        """Build the SQL of the day, or of the completed percent, by which a rule is met."""
        if self.rule.kind == models.RuleKind.SILENT:
            return Greatest(Coalesce("news_on", _NEVER), Coalesce("latest_progress_on", _NEVER))
        if self.rule.kind == models.RuleKind.BEHIND:
            percent = F("completed") * 100.0 / F("planned_cny")
            plan = find_plan(find_judged_month()).annotate(percent=percent)
            return Subquery(plan.values("percent"), output_field=FloatField())
        rows, column = self.find_days()
        return Subquery(rows.order_by(F(column).asc(nulls_last=True)).values(column)[:1])


def has_taken(step: str) -> Q:
    """Select the projects that took a step: a stage also if they have reached a later one."""
    if step in STAGES:
        return Q(stage__in=list_stages_from(step))
    met = models.Milestone.objects.filter(project=OuterRef("pk"), type=step, status="met")
    return Q(Exists(met.order_by()))


def find_judged_month() -> date:
    """Return the last day of the month before this one."""
    return first_day(history.today(), Precision.MONTH) - timedelta(days=1)


def find_plan(month: date) -> QuerySet:
    """Find the plan of a project for a year, with what was `completed` until a month of it."""
    flows = models.Funding.objects.order_by().filter(
        **{"project": OuterRef("project"), "kind": models.Funding.Kind.COMPLETED},
        **{"month__gte": month.replace(month=1, day=1), "month__lte": month},
    )
    total = flows.values("project").annotate(total=Sum("amount_cny")).values("total")
    plans = models.YearPlan.objects.order_by().filter(project=OuterRef("pk"), year=month.year)
    return plans.annotate(completed=Coalesce(Subquery(total), Value(0)))


def find_excuse() -> QuerySet:
    """Find the excuses of a project that hold on the day being read, the longest first."""
    today = history.today()
    held = models.LightExcuse.objects.filter(from_on__lte=today, until_on__gte=today)
    return held.filter(project=OuterRef("pk")).order_by("-until_on", "id")


class Lights:
    """The lights that a person sees on the day being read."""

    def __init__(self, actor: Any) -> None:
        rules = [*select_readable(models.LightRule, actor).order_by("id")]
        own = frozenset(rule.park_id for rule in rules if rule.park_id)
        alike: dict[Any, AppliedRule] = {}
        for rule in rules:
            if rule.is_active:
                key = tuple(getattr(rule, name) for name in _DEFINING)
                alike.setdefault(key, AppliedRule(rule, {}, own)).codes[rule.park_id] = rule.code
        # The red ones first, whose facts are shown
        self.rules = sorted(alike.values(), key=lambda each: each.rule.colour != models.Light.RED)
        in_force = meet_any(each.is_in_force() for each in self.rules)
        self.seen = sees_work(actor)
        self.has_light = self.seen & is_under_way() & in_force

    def is_lit(self, colour: str) -> Q:
        """Select the projects that meet a rule of a colour."""
        rules = [each for each in self.rules if each.rule.colour == colour]
        return meet_any(each.is_in_force() & each.is_met() for each in rules)

    def find_conditions(self) -> dict[models.Light, Q]:
        """Build the conditions of the lights of projects that have one; each meets one of them."""
        red, yellow = self.is_lit(models.Light.RED), self.is_lit(models.Light.YELLOW)
        excused = Q(Exists(find_excuse()))
        return {
            models.Light.RED: red & ~excused,
            models.Light.YELLOW: yellow & ~red & ~excused,
            models.Light.EXCUSED: (red | yellow) & excused,
            models.Light.GREEN: ~(red | yellow),
        }

    def show(self) -> Case:
        """Build the SQL of the light of projects that have one."""
        whens = [When(each, then=Value(light)) for light, each in self.find_conditions().items()]
        return Case(*whens, default=Value(models.Light.NONE.value))

    def has_one_of(self, words: Collection[str]) -> Q:
        """Select the projects with one of these lights that the actor may see."""
        asked = [each for light, each in self.find_conditions().items() if light in words]
        chosen = self.has_light & meet_any(asked)
        unlit = self.seen & ~self.has_light
        return chosen | unlit if models.Light.NONE in words else chosen

    def explain(self, keys: Collection[int]) -> dict[str, dict[str, Any]]:
        """Explain the lights of some projects that have one, by their codes.

        The days or points are those of the gravest rule, `rules` the codes of all that are met.
        """
        columns = {"excuse": "reason", "approved_by": "approved_by", "until_on": "until_on"}
        shown: dict[str, Any] = {
            "light": self.show(),
            **{
                name: Subquery(find_excuse().values(column)[:1]) for name, column in columns.items()
            },
        }
        facts: dict[str, Any] = {}
        for n, each in enumerate(self.rules):
            facts[f"met{n}"] = Case(When(each.is_in_force() & each.is_met(), then=Value(True)))
            facts[f"fact{n}"] = each.show_fact()
        rows = models.Project.objects.filter(pk__in=keys).order_by().annotate(**shown, **facts)
        return {
            row["code"]: {**{name: row[name] for name in shown}, **self.describe_rules(row)}
            for row in rows.values("code", "park_id", *shown, *facts)
        }

    def describe_rules(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """Describe the gravest rule that a project meets, and list all of them."""
        met = [n for n in range(len(self.rules)) if row[f"met{n}"]]
        if not met:
            return dict.fromkeys(("rule", "kind", "step", "days", "points", "rules"))
        of_parks = [self.rules[n].codes for n in met]
        codes = [each.get(row["park_id"]) or each[None] for each in of_parks]
        rule, fact, days, points = self.rules[met[0]].rule, row[f"fact{met[0]}"], None, None
        if rule.kind == models.RuleKind.BEHIND:
            points = round(100 * find_judged_month().month / 12 - fact, 2)
        elif fact > date.min:
            days = (history.today() - fact).days
        gravest = {"rule": codes[0], "kind": rule.kind, "step": rule.step or None}
        return {**gravest, "days": days, "points": points, "rules": ", ".join(codes)}
