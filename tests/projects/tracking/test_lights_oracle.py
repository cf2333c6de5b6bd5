"""Lights a second time, in plain Python: over random projects, rules and excuses, day by day."""

import calendar
import random
from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone

from projects.models import Funding, LightExcuse, LightRule, Milestone, Project, YearPlan
from tests.answers import API, codes, found, sign_in
from tests.factories import (
    FundingFactory,
    LightExcuseFactory,
    LightRuleFactory,
    MilestoneFactory,
    ParkFactory,
    ProgressNoteFactory,
    ProjectFactory,
    UserFactory,
    YearPlanFactory,
)
from tests.projects.oracle.reading import period
from tests.projects.oracle.terms import STAGES
from tests.samples import HERE, IS_LONG, IS_LONGEST

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]
STEPS = ["registered", "started", "in_statistics", "completed"]
FIRST = date(2025, 11, 1)
WORDS = ["red", "yellow", "green", "excused", "none"]


def back(day: date, months: int) -> date:
    month = day.year * 12 + day.month - 1 - months
    year, month = month // 12, month % 12 + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def is_met(rule: LightRule, project: Project, today: date) -> bool:
    milestones = [*Milestone.objects.filter(project=project)]
    limit = back(today, rule.threshold) - timedelta(days=int(rule.is_beyond))
    if rule.kind == "silent":
        heard = [project.news_on, project.latest_progress_on]
        return all(day is None or day < limit for day in heard)
    if rule.kind == "behind":
        judged = today.replace(day=1) - timedelta(days=1)
        plan = YearPlan.objects.filter(project=project, year=judged.year).first()
        if plan is None:
            return False
        flows = Funding.objects.filter(project=project, kind="completed")
        done = sum(
            flow.amount_cny or 0
            for flow in flows
            if flow.month.year == judged.year and flow.month <= judged
        )
        # In twelfths of a hundredth, exactly
        gap = 100 * judged.month * plan.planned_cny - 1200 * done
        least = 12 * rule.threshold * plan.planned_cny
        return gap > least if rule.is_beyond else gap >= least
    taken = any(each.type == rule.step and each.status == "met" for each in milestones)
    if rule.step in STAGES and project.stage:
        taken |= STAGES.index(project.stage) >= STAGES.index(rule.step)
    if taken:
        return False
    judged_by = {
        "late": ("planned_on", rule.step, "scheduled"),
        "promised": ("promised_on", rule.step, "scheduled"),
        "following": ("actual_on", rule.since_step, "met"),
    }
    name, step, status = judged_by[rule.kind]
    if rule.kind != "following" and rule.threshold == 0:
        limit = period(today, "month")[1]
    return any(
        period(getattr(each, name), getattr(each, f"{name}_precision"))[1] <= limit
        for each in milestones
        if each.type == step and each.status == status and getattr(each, name)
    )


def judge(project: Project, today: date) -> tuple[str, list[str]]:
    """The light of a project, and the codes of the rules that it meets."""
    own = [*LightRule.objects.filter(park=project.park_id)]
    rules = own or [*LightRule.objects.filter(park=None)]
    rules = sorted((rule for rule in rules if rule.is_active), key=lambda rule: rule.pk)
    is_over = project.stage in ("operating", "full_capacity") or project.standing != "active"
    if is_over or not rules:
        return "none", []
    met = [rule for rule in rules if is_met(rule, project, today)]
    excuses = LightExcuse.objects.filter(project=project)
    if met and any(each.from_on <= today <= each.until_on for each in excuses):
        light = "excused"
    else:
        light = next((c for c in ("red", "yellow") if c in {r.colour for r in met}), "green")
    alike = {(r.kind, r.step, r.since_step, r.threshold, r.is_beyond, r.colour): r for r in met}
    return light, sorted(rule.code for rule in alike.values())


def draw_day(some: random.Random) -> date:
    return FIRST + timedelta(days=some.randrange(240))


def draw_rule(some: random.Random, park: Any) -> None:
    kind = some.choice(["late", "late", "promised", "following", "behind", "silent"])
    step, since = some.sample(STEPS, 2)
    threshold = some.choice([10, 30]) if kind == "behind" else some.choice([0, 1, 2, 3])
    LightRuleFactory.create(
        park=park,
        kind=kind,
        step="" if kind in ("behind", "silent") else step,
        since_step=since if kind == "following" else "",
        threshold=threshold,
        is_beyond=bool(threshold) and some.random() < 0.4,
        colour=some.choice(["yellow", "red"]),
        is_active=some.random() < 0.9,
    )


def draw_project(some: random.Random, park: Any) -> Project:
    project = ProjectFactory.create(park=park, met={})
    for step in some.sample(["signed", *STEPS, "operating"], some.randrange(4)):
        day, precision = draw_day(some), some.choice(["month", "day"])
        day = day.replace(day=1) if precision == "month" else day
        when: dict[str, Any] = {"planned_on": day, "planned_on_precision": precision}
        status = "scheduled" if step != "signed" and some.random() < 0.6 else "met"
        if status == "met" and some.random() < 0.8:
            when = {"actual_on": day, "actual_on_precision": precision}
        if some.random() < 0.5:
            promised = draw_day(some)
            when |= {"promised_on": promised, "promised_on_precision": "day"}
        MilestoneFactory.create(project=project, type=step, status=status, **when)
    for year in some.sample([2025, 2026], some.randrange(3)):
        YearPlanFactory.create(project=project, year=year, planned_cny=1200)
        for month in some.sample(range(1, 8), 3):
            amount = 100 * some.randrange(5)
            on = f"{year}-{month:02}"
            FundingFactory.create(project=project, kind="completed", on=on, reported_cny=amount)
    if some.random() < 0.4:
        ProgressNoteFactory.create(project=project, noted_on=draw_day(some))
    if some.random() < 0.4:
        day = draw_day(some)
        LightExcuseFactory.create(project=project, from_on=day, until_on=day + timedelta(days=40))
    if some.random() < 0.1:
        Project.objects.filter(pk=project.pk).update(standing="suspended", standing_reason="停")
    return project


def list_bounds(some: random.Random) -> list[date]:
    """Days at which lights change, with the day before and the day after of each."""
    days = {draw_day(some) for _n in range(2)} | {date(2026, 1, 31), date(2026, 6, 30)}
    for each in some.sample([*LightExcuse.objects.order_by("id")], 2):
        days |= {each.from_on, each.until_on}
    for each in some.sample([*Milestone.objects.exclude(planned_on=None).order_by("id")], 2):
        days.add(period(each.planned_on, each.planned_on_precision)[1])
    near = {day + timedelta(days=n) for day in days for n in (-1, 0, 1)}
    return sorted(near) if IS_LONG else some.sample(sorted(near), 4)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(12 if IS_LONGEST else 4) if IS_LONG else [HERE])
def test_every_light_is_what_plain_python_says(seed: int) -> None:
    some = random.Random(seed)
    client = sign_in(UserFactory.create(is_superuser=True))
    parks = [ParkFactory.create() for _n in range(3)]
    for park, rules in zip([None, *parks], (4, 0, 3, 2), strict=True):
        for _n in range(rules):
            draw_rule(some, park)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(timezone, "localdate", lambda *args: date(2026, 12, 31))
        keys = [draw_project(some, park).pk for park in parks for _n in range(6)]
    seen = set()
    for today in list_bounds(some):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(timezone, "localdate", lambda *args, day=today: day)
            told = {p.code: judge(p, today) for p in Project.objects.filter(pk__in=keys)}
            by_light = {
                word: {code for code, (light, _rules) in told.items() if light == word}
                for word in WORDS
            }
            for word, expected in by_light.items():
                query = {"light": word, "limit": "100"}
                assert {*codes(client, "projects", **query)} == expected, (seed, today, word)
            shown = found(client.get(f"{API}/lights", {"limit": "100"}))["results"]
            explained = {
                row["code"]: (row["light"], sorted((row["rules"] or "").split(", ")))
                for row in shown
            }
            lit = {code: each for code, each in told.items() if each[0] != "none"}
            assert explained == {code: (word, rules or [""]) for code, (word, rules) in lit.items()}
            summary = found(client.get(f"{API}/projects/summary", {"group_by": "light"}))
            assert {row["light"]["value"]: row["count"] for row in summary["rows"]} == {
                word: len(each) for word, each in by_light.items() if each
            }
            seen |= {light for light, _rules in told.values()}
    assert len(seen) >= 3
