"""The funnel of leads, talks, contracts and landed projects between two days."""

import random
from datetime import date, timedelta
from statistics import median
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from parks.access import Role
from projects.models import Milestone, Project
from sheets.dates import PartialDate
from tests.answers import API, CarefulClient, codes, found, mistakes
from tests.factories import MembershipFactory, MilestoneFactory, ParkFactory, ProjectFactory
from tests.samples import HERE, sample
from tests.seeded import kept_rows

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mid_june", "investment_indicator")]
FUNNEL = f"{API}/projects/funnel"
STEPS = ["lead", "negotiating", "intended", "signed", "landed"]
LANDED = ["registered", "approved", "started", "completed", "operating", "full_capacity"]
STAGES = [*STEPS[:4], *LANDED]
HALF = {"from": "2026-01-01", "to": "2026-05-31"}


class Oracle:
    """The funnel a second time, in plain Python, for somebody who sees all or nothing inside."""

    def __init__(self, first: date, last: date, *, sees: bool) -> None:
        self.days = (first - timedelta(days=1), last)
        self.sees, self.today = sees, timezone.localdate()

    def span(self, day: date | None, precision: str) -> tuple[date, date] | None:
        known = PartialDate.from_columns(day, precision)
        return (known.first, known.last) if known else None

    def steps(self, project: Project) -> list[tuple[int, tuple[date, date] | None, str]]:
        """The met steps: the place in STEPS, first and last day, precision."""
        return [
            (
                min(STAGES.index(row.type), 4),
                self.span(row.actual_on, row.actual_on_precision),
                row.actual_on_precision,
            )
            for row in project.milestones.all()
            if row.status == "met" and row.type in STAGES
        ]

    def place(self, project: Project, day: date) -> str:
        steps = self.steps(project)
        is_past = day < self.today
        if not self.sees and not any(step >= 2 for step, _span, _how in steps):
            return "before"
        if project.standing != "active":
            since = self.span(project.standing_on, project.standing_on_precision)
            if not is_past or (since and since[1] <= day):
                return "lost"
            if since is None or since[0] <= day:
                return "unplaced"
        for step in (4, 3, 2, 1, 0) if self.sees else (4, 3, 2):
            spans = [span for place, span, _how in steps if place >= step]
            if spans and (not is_past or any(span and span[1] <= day for span in spans)):
                return STEPS[step]
            earlier = [span[0] for place, span, _how in steps if place < step and span]
            may_be = any(span is None or span[0] <= day for span in spans)
            if may_be and (not earlier or max(earlier) <= day):
                return "unplaced"
        return "before" if steps else "unplaced"

    def own(self, project: Project, step: int) -> date | None:
        ends = [span[1] for place, span, _how in self.steps(project) if place == step and span]
        return min(ends, default=None)

    def came(self, project: Project, step: int) -> bool:
        """Whether it came to a step after the first day, whatever followed by the last."""
        own = self.own(project, step)
        if own is None or own <= self.days[0] or (self.days[1] < self.today and own > self.days[1]):
            return False
        further = [span[1] for place, span, _h in self.steps(project) if place > step and span]
        since = self.span(project.standing_on, project.standing_on_precision)
        is_there = project.standing == "active" or (since is not None and since[1] >= own)
        return is_there and (not further or min(further) >= own)

    def flows(self, project: Project, step: int) -> set[str]:
        """The cells of a step that count a project."""
        name = STEPS[step]
        before, after = (self.place(project, day) for day in self.days)
        found = {"opening"} if before == name else set()
        is_shown = self.sees or step > 1
        if is_shown and before not in (name, "unplaced"):
            found |= {"entered"} if after == name or self.came(project, step) else set()
        if found and after != name:
            later = range(step + 1, 5)  # whoever was lost after that was lost there, and once
            went_on = after in STEPS[step + 1 :] or any(self.came(project, n) for n in later)
            found.add("onward" if went_on else after)
        if before == "unplaced" and after == name:
            found.add("undated")
        if after == name:
            found.add("closing")
        for row in project.milestones.all():
            is_this = row.status == "revoked" and min(STAGES.index(row.type), 4) == step
            span = self.span(row.actual_on, row.actual_on_precision)
            if is_shown and is_this and span and self.days[0] < span[1] <= self.days[1]:
                found.add("revoked")
        return found

    def median(self, projects: list[Project], step: int) -> tuple[float | None, int]:
        days = []
        for project in projects:
            ends = []
            for each in (step - 1, step):
                exact = [
                    s[1] for p, s, how in self.steps(project) if p == each and how == "day" and s
                ]
                ends.append(min(exact) if exact and min(exact) == self.own(project, each) else None)
            if step and (self.sees or step > 2) and None not in ends and ends[0] <= ends[1]:
                days.append((ends[1] - ends[0]).days)
        return (median(days) if days else None), len(days)


def throw_projects(dice: random.Random, count: int) -> None:
    """Write projects with random steps in two parks, with days of every precision or none."""
    parks = [ParkFactory.create(code=code) for code in ("town", "port")]
    days = [None, "2025", "2026", "2025-Q4", "2026-Q1", "2025-12", "2026-01", "2026-05", "2026-06"]
    days += ["2025-12-31", "2026-01-01", "2026-02-10", "2026-05-31", "2026-06-01", "2024-07-01"]
    for n in range(count):
        standing = dice.choice(["active"] * 3 + ["suspended", "terminated", "merged", "closed"])
        is_dated = standing != "active" and dice.random() < 0.7
        since = PartialDate.parse(dice.choice(days[1:-2])) if is_dated else None
        project = ProjectFactory.create(
            code=f"p{n}",
            park=dice.choice(parks),
            standing=standing,
            standing_on=since and since.first,
            standing_on_precision=since.precision if since else "",
            is_umbrella=dice.random() < 0.1,
        )
        for stage in dice.sample(STAGES[:6], dice.randrange(4)):
            status = dice.choice(["met", "met", "met", "revoked", "scheduled"])
            on = dice.choice(days)
            if on and PartialDate.parse(on).first > timezone.localdate() or status == "scheduled":
                on = None
            MilestoneFactory.create(project=project, type=stage, on=on, status=status)


def list_codes(client: APIClient, cell: dict[str, Any]) -> set[str]:
    """The codes of the list of a number."""
    rows = found(client.get(f"{cell['list_url']}&limit=500&fields=code"))["results"]
    return {row["code"] for row in rows}


@kept_rows
def thrown(mid_june: None, investment_indicator: Any) -> None:
    throw_projects(random.Random(8), 70)


@pytest.mark.slow
@pytest.mark.both_databases
@pytest.mark.parametrize("sees", sample([True, False], 2, HERE))
def test_every_number_is_that_of_its_list_and_of_plain_python(
    api: APIClient, admin_api: CarefulClient, thrown: None, sees: bool
) -> None:
    client = admin_api if sees else api
    for asked in (HALF, {"from": "2026"}, {"from": "2025-12", "to": "2026-06-14"}):
        answer = found(client.get(FUNNEL, asked))
        days = [date.fromisoformat(answer[name]) for name in ("opening_on", "closing_on")]
        oracle = Oracle(days[0] + timedelta(days=1), days[1], sees=sees)
        projects = list(Project.objects.filter(is_umbrella=False).prefetch_related("milestones"))
        assert [row["step"] for row in answer["rows"]] == STEPS
        for n, row in enumerate(answer["rows"]):
            cells = {name: each for name, each in row.items() if isinstance(each, dict)}
            for name, cell in cells.items():
                wanted = {each.code for each in projects if name in oracle.flows(each, n)}
                assert cell["count"] == len(wanted), (asked, row["step"], name, wanted)
                if asked is HALF:
                    assert list_codes(client, cell) == wanted, (row["step"], name)
            count = {name: each["count"] for name, each in cells.items()}
            entered = [each for each in projects if "entered" in oracle.flows(each, n)]
            assert (row["median_days"], row["days_known"]) == oracle.median(entered, n)
            came = count["opening"] + count["entered"] + count["undated"]
            assert came - count["onward"] - count["lost"] - count["unplaced"] == count["closing"]
        places = {each.code: {oracle.place(each, day) for day in oracle.days} for each in projects}
        unplaced = {code for code, found_at in places.items() if "unplaced" in found_at}
        assert answer["unplaced"]["count"] == len(unplaced)
        assert list_codes(client, answer["unplaced"]) == unplaced


def test_leads_are_counted_for_the_roles_of_their_park_alone(api: APIClient) -> None:
    town, port = (ParkFactory.create(code=code) for code in ("town", "port"))
    for park in (town, port):
        ProjectFactory.create(code=f"lead-{park.code}", park=park, met={"lead": "2026-02-01"})
        ProjectFactory.create(code=f"talk-{park.code}", park=park, met={"negotiating": None})
        old = {"lead": "2025-01-01", "signed": "2026-03-01"}
        ProjectFactory.create(code=f"signed-{park.code}", park=park, met=old)
        ended = {"standing": "terminated", "lost_because": "land", "met": {"lead": None}}
        ProjectFactory.create(code=f"gone-{park.code}", park=park, **ended)
    answer = found(api.get(FUNNEL, HALF))
    counts = {
        row["step"]: {n: c["count"] for n, c in row.items() if isinstance(c, dict)}
        for row in answer["rows"]
    }
    assert {*counts["lead"].values(), *counts["negotiating"].values()} == {0}
    assert (answer["unplaced"]["count"], counts["signed"]["entered"]) == (0, 2)
    for where in ("lead@2026-05-31", "unplaced@2026-05-31", "lead.entered@2026-01-01..2026-05-31"):
        assert codes(api, "projects", funnel=where) == [], where
    api.force_authenticate(MembershipFactory.create(park=town, role=Role.VIEWER).user)
    answer = found(api.get(FUNNEL, HALF))
    lead = answer["rows"][0]
    assert list_codes(api, lead["entered"]) == {"lead-town"}
    assert list_codes(api, lead["opening"]) == list_codes(api, lead["onward"]) == {"signed-town"}
    assert list_codes(api, answer["unplaced"]) == {"talk-town", "gone-town"}


def test_a_project_is_lost_at_the_last_step_it_came_to(admin_api: CarefulClient) -> None:
    met = {"lead": "2025-12-01", "negotiating": "2026-02-01", "intended": "2026-03-01"}
    since = {"standing_on": date(2026, 4, 1), "standing_on_precision": "day"}
    ProjectFactory.create(code="gone", met=met, standing="terminated", **since)
    rows = found(admin_api.get(FUNNEL, HALF))["rows"]
    assert [row["onward"]["count"] for row in rows] == [1, 1, 0, 0, 0]
    assert [row["lost"]["count"] for row in rows] == [0, 0, 1, 0, 0]
    assert list_codes(admin_api, rows[2]["lost"]) == {"gone"}


def test_what_was_known_on_a_day_is_answered_as_of_that_day(admin_api: CarefulClient) -> None:
    project = ProjectFactory.create(met={"signed": "2026-02-01"})
    moment = timezone.now().isoformat()
    MilestoneFactory.create(project=project, type="registered", on="2026-03-01")
    Milestone.objects.filter(type="signed").update(actual_on=date(2026, 1, 15))
    now, then = (
        found(admin_api.get(FUNNEL, {**HALF, **asked}))["rows"] for asked in ({}, {"as_of": moment})
    )
    assert [row["closing"]["count"] for row in now] == [0, 0, 0, 0, 1]
    assert [row["closing"]["count"] for row in then] == [0, 0, 0, 1, 0]
    assert list_codes(admin_api, then[3]["closing"]) == {project.code}
    assert list_codes(admin_api, now[3]["onward"]) == {project.code}


def test_what_is_no_funnel_is_refused(api: APIClient) -> None:
    for asked, wrong in [
        ({"from": "2026-06", "to": "2026-05"}, "to"),
        ({"from": "soon"}, "from"),
        ({"funnel": "lead@2026-01-01"}, "funnel"),
    ]:
        assert {*mistakes(api.get(FUNNEL, asked))} == {wrong}
    assert found(api.get(FUNNEL, {"from": "2026-06-15", "to": "2026-06-15"}))
    for text in ("signed", "signed@2026", "paid@2026-01-01", "lead.opening@2026-01-01..2026-01-02"):
        assert mistakes(api.get(f"{API}/projects", {"funnel": text})) == {"funnel": "invalid"}
    for text in ("signed.lost@2026-01-01", "signed.lost@2026-01-02..2026-01-01"):
        assert mistakes(api.get(f"{API}/projects", {"funnel": text})) == {"funnel": "invalid"}
    assert codes(api, "projects", funnel="signed.lost@2026-01-01..2026-01-01") == []
