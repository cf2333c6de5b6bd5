"""Projects at each bound that the oracle judges, and the questions that ask there.

All of them are asked every day: a drawn question seldom meets a bound.
"""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.db.models import QuerySet

from parks.models import Organisation, Park, RegionGroup
from projects.models import (
    Funding,
    Investor,
    Milestone,
    Obstacle,
    ProgressNote,
    Project,
    ProjectFigure,
    ProjectTag,
)
from sheets.dates import months_before
from tests.factory_values import date_columns
from tests.projects.oracle.dimensions import EDGES, band_of
from tests.projects.oracle.terms import DATED
from tests.projects.oracle.tracking import today

PREFIX = "bound"  # of the codes of these projects
BESIDE = (-1, 0, 1)
MONTHS = (1, 12, settings.STALE_MONTHS)  # of silence
GROUP = "at-the-day"
# The first and the last days of periods, and periods that begin or end on them
DATES = [
    *("2023", "2023-Q1", "2023-Q4", "2023-10", "2023-12", "2023-01-01", "2023-09-30"),
    *("2023-10-01", "2023-11-30", "2023-12-01", "2023-12-31", "2024-01-01"),
]
INVESTOR_TAG_DAYS = ["2022-10-31", "2022-11-01", "2023-12-31", "2024-01-01", "2024-03-31"]
TAG_DAYS = ["2024-01-01", "2024-03-04", "2024-03-05", "2024-12-31", "2025-01-01"]
Below = tuple[Any, dict[str, Any]]  # a model, and the columns of a row of it
Draft = tuple[dict[str, Any], list[Below]]  # the columns of a project, and the rows below it


def in_days(days: int) -> date:
    return today() + timedelta(days=days)


def met(type_: str, on: str | None) -> Below:
    """A step that was met as it was planned, on a date or nobody knows when."""
    dates = date_columns("planned_on", on) | date_columns("actual_on", on)
    return Milestone, {"type": type_, "status": "met", **dates}


def planned(on: str) -> Below:
    dates = date_columns("planned_on", on)
    return Milestone, {"type": "started", "status": "scheduled", **dates}


def noted(on: date, due: date) -> Below:
    return ProgressNote, {"noted_on": on, "text": "设备进场", "next_step": "试产", "due_on": due}


def paid_in(yuan: int) -> Below:
    amounts = {"reported_cny": yuan, "amount_cny": yuan, "note": "核减" if yuan < 0 else ""}
    return Funding, {"kind": "paid_in", "month": date(2023, 12, 1), **amounts}


def claimed(yuan: int) -> Below:
    said = {"amount_cny": yuan, "investment_basis": "agreed", "qualifier": "exact"}
    return ProjectFigure, {"code": f"{PREFIX}-{yuan}", "indicator_id": "investment", **said}


def list_drafts() -> list[Draft]:
    """List the projects: of dates, of silence since a step, a note or a report, and of money."""
    ends = [months_before(today(), months) for months in MONTHS]
    silent = [end + timedelta(days=step) for end in ends for step in BESIDE]
    dated: list[Draft] = [({}, [met(name, text) for name in DATED]) for text in DATES]
    under_way: list[Draft] = [
        ({}, [met("signed", str(day)), met("registered", str(day))]) for day in silent
    ]
    under_way += [
        ({}, [met("signed", None), noted(day, in_days(place % 3 - 1))])
        for place, day in enumerate(silent)
    ]
    under_way += [
        ({"reported_on": day, "reported_on_precision": "day"}, [met("signed", None)])
        for day in silent
    ]
    under_way += [({}, [met("signed", None), paid_in(yuan)]) for yuan in BESIDE]
    # Today, the 90th day of "due", and a year that ends after it begins
    plans = [*(str(in_days(n)) for n in (-1, 0, 1, 89, 90, 91)), str(today().year)]
    for (_columns, below), text in zip(under_way, plans, strict=False):
        below.append(planned(text))
    amounts = [edge + step for edge in EDGES for step in BESIDE]
    for (_columns, below), yuan in zip(dated + under_way, amounts, strict=False):
        below.append(claimed(yuan))
    return dated + under_way


def add_bounds(moments: list[Any]) -> None:
    """Add the projects, changed at these moments, derived as the product derives them."""
    group = RegionGroup.objects.create(code=GROUP, name_zh="当日成员", name_en="At the day")
    group.members.create(region_id="330100", valid_to=today())
    group.members.create(region_id="320500", valid_to=in_days(-1))
    group.members.create(region_id="440300", valid_from=today())
    group.members.create(region_id="110000", valid_from=in_days(1))
    companies = [Organisation.objects.get(code=code) for code in ("Org-BOE", "org-quote")]
    tags = [("started-together", None, date(2024, 3, 5)), ("province-key", 2024, None)]
    drafts, park = list_drafts(), Park.objects.get(code="Park-Baodi")
    made = Project.objects.bulk_create(
        Project(
            code=f"{PREFIX}-{place}",
            name_zh=f"边界{place}",
            park=park,
            origin_id=("330100", "320500", "440300", "110000")[place % 4],
            origin_basis="stated",
            site_mode="land",
            land_mu=("9.99", "10", "10.01")[place % 3],
            phase_no=place % 3 + 1,
            floor_area_m2=("799.99", "800", "800.01")[place % 3],
            review_on=in_days(place % 3 - 1),
            review_on_precision="day",
            **columns,
        )
        for place, (columns, _below) in enumerate(drafts)
    )
    for place, (project, (_columns, below)) in enumerate(zip(made, drafts, strict=True)):
        if place % 3 < 2:
            tag, year, first = tags[place % 3]
            below.append((ProjectTag, {"tag_id": tag, "year": year, "valid_from": first}))
            below.append((Investor, {"organisation": companies[place % 3], "role": "lead"}))
        raised = in_days(-(0, 29, 30, 31)[place % 4])
        if place % 5:  # the others have none
            below.append((Obstacle, {"problem": "未供地", "raised_on": raised}))
        for model, columns in below:
            model._default_manager.bulk_create([model(project=project, **columns)])
    Project.objects.filter(pk__in=[project.pk for project in made]).derive()
    for place, project in enumerate(made):
        project.updated_at = moments[place % len(moments)]
    QuerySet(Project).bulk_update(made, ["updated_at"])


def ask_at_bounds(midnight: str) -> Iterator[dict[str, str]]:
    """List the questions; at the midnight at which 2024 began some of the projects changed."""
    day, last, edges = str(today()), str(in_days(90)), [str(edge) for edge in EDGES]
    ends = [str(months_before(today(), months)) for months in MONTHS]
    periods = {"year": "2023", "quarter": "2023-Q1", "month": "2023-01"}
    texts: dict[str, list[str]] = {
        **from_and_to(DATED, ["2023-Q4"]),
        **from_and_to(["signed"], DATES),
        **from_and_to([f"{name}_planned" for name in DATED], ["2023-12"]),
        **from_and_to(["planned", "next_step_due", "review"], [day]),
        "planned_to": [day, last],
        **from_and_to(["news", "latest_progress"], ends),
        **from_and_to(["updated"], [midnight, "2024-01-01"]),
        **{f"{name}_{unit}": [text] for name in DATED for unit, text in periods.items()},
        **{f"investment_{end}": edges for end in ("min", "max")},
        **{f"land_mu_{end}": ["10"] for end in ("min", "max")},
        **{f"floor_area_m2_{end}": ["800"] for end in ("min", "max")},
        **{f"phase_no_{end}": ["2"] for end in ("min", "max")},
        "obstacle_days_min": ["0", "30", "31"],
        "size_band": [str(band_of(yuan, EDGES)) for yuan in (0, *EDGES)],
        "silent_months_min": [*map(str, MONTHS)],
        **dict.fromkeys(("signed_months_min", "registered_months_min"), [*map(str, MONTHS)]),
        "met": ["registered"],
        "stalled_months_min": [*map(str, MONTHS)],
        **dict.fromkeys(("due", "overdue", "stale", "next_step_overdue", "fulfilled"), ["true"]),
        "past_review": ["true"],
        **dict.fromkeys(("days_late_min", "days_late_max"), ["1"]),
        "lateness": ["1-30"],
        "origin": [GROUP],
        "rate_not_known": ["start_rate"],
    }
    yield from ({name: text} for name, each in texts.items() for text in each)
    for on in INVESTOR_TAG_DAYS:
        yield {"investor_tag": "hnte", "investor_tag_on": on}
    for on in TAG_DAYS:
        yield {"tag": "started-together,province-key", "tag_on": on}


def from_and_to(names: Iterable[str], texts: list[str]) -> dict[str, list[str]]:
    return {f"{name}_{end}": texts for name in names for end in ("from", "to")}
