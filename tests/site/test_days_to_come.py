"""A day in the future is refused of what is, on every door; what is stored stays editable."""

from datetime import date, datetime
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from parks.models import Figure, Nature, Park
from projects.models import Project
from tests.admin_pages import address, refused, save, saved
from tests.answers import API, CarefulClient, found, mistakes
from tests.factories import (
    FigureFactory,
    ParkFactory,
    ProjectFactory,
    ProjectFigureFactory,
    SigningEventFactory,
    TimelineEntryFactory,
)
from tests.projects.importing.imports import checked, faults, table
from tests.together import together

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("vocabularies")]

NOW = "2026-05-15T17:00:00+00:00"  # in Shanghai it is the 16th
TODAY = date(2026, 5, 16)
# A day, month, quarter or year, and whether it has begun in Shanghai
DAYS = [
    ("2026-05-15", True),
    ("2026-05-16", True),
    ("2026-05-17", False),
    ("2026-05", True),
    ("2026-06", False),
    ("2026-Q2", True),
    ("2026-Q3", False),
    ("2026", True),
    ("2027", False),
]
EDGES = DAYS[1:3]  # the last day that is taken, and the first that is not
KNOWN = (Nature.ACTUAL, Nature.INTEREST)
PARK_CLAIM = {"park": "town", "indicator": "entities", "value": 1500}
CLAIM = {"indicator": "entities", "value": 1500}


def list_days(place: str, nature: str) -> list[tuple[str, bool]]:
    """All days for one claim, both edges for what is, the day after today for what will be."""
    if (place, nature) == ("figures", Nature.ACTUAL):
        return DAYS
    return EDGES if nature in KNOWN else EDGES[1:]


@pytest.fixture(autouse=True)
def world(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timezone, "now", lambda: datetime.fromisoformat(NOW))
    park = ParkFactory.create(code="town")
    ProjectFactory.create(code="fab", park=park)
    SigningEventFactory.create(code="fair")
    assert timezone.localdate() == TODAY


def is_taken(answer: Any, column: str) -> bool:
    """Whether a write was taken; else it has to be refused for this day."""
    if answer.status_code in (200, 201):
        return True
    assert mistakes(answer) == {f"#/{column}": "in_the_future"}
    return False


@pytest.mark.slow
@together(
    ("place", "nature", "day", "has_begun"),
    [
        (place, nature, *each)
        for place in ("figures", "projects/fab/figures", "events/fair/figures", "timeline")
        for nature in Nature.values
        for each in list_days(place, nature)
    ],
)
def test_what_is_has_a_day_that_has_begun(
    admin_api: CarefulClient, place: str, day: str, has_begun: bool, nature: str
) -> None:
    may_be = has_begun or nature not in KNOWN
    if place == "timeline":
        body = {"park": "town", "kind": "opening", "name_zh": "开园", "nature": nature}
        answer = admin_api.post(f"{API}/timeline", {**body, "happened_on": day})
        assert is_taken(answer, "happened_on") is may_be
        return
    body = {**(PARK_CLAIM if place == "figures" else CLAIM), "nature": nature}
    columns = ("as_of", "period_to") if day.startswith("2026-05-1") else ("as_of",)
    for column in columns:
        answer = admin_api.post(f"{API}/{place}", {**body, column: day})
        assert is_taken(answer, column) is may_be, column


@together(
    ("nature", "day", "has_begun"),
    [(nature, *each) for nature in ("actual", "intended", "projected") for each in EDGES],
)
def test_an_amount_of_investment_is_known_by_its_day_whatever_its_nature(
    admin_api: CarefulClient, day: str, has_begun: bool, nature: str
) -> None:
    body = {"indicator": "investment", "value": 10**8, "investment_basis": "agreed"}
    said = {**body, "nature": nature, "as_of": day}
    answer = admin_api.post(f"{API}/projects/fab/figures", said)
    assert is_taken(answer, "as_of") is has_begun
    new = {
        "park": "town",
        "name_zh": "新项目",
        "figures": [{**said, "investment_basis": "planned"}],
    }
    answer = admin_api.post(f"{API}/projects?confirm=amounts,duplicates", new)
    assert is_taken(answer, "figures/0/as_of") is has_begun


@pytest.mark.slow
@together(("day", "has_begun"), DAYS)
def test_a_report_of_a_project_has_a_day_that_has_begun(
    admin_api: CarefulClient, day: str, has_begun: bool
) -> None:
    row = {"reported_on": day}
    assert is_taken(admin_api.patch(f"{API}/projects/fab", row), "reported_on") is has_begun
    new = {"park": "town", "name_zh": "新项目", "investment_cny": 10**8, **row}
    assert (
        is_taken(admin_api.post(f"{API}/projects?confirm=duplicates", new), "reported_on")
        is has_begun
    )
    many = {"projects": [{**new, "name_zh": "另一项目"}]}
    answer = admin_api.post(f"{API}/projects/bulk?confirm=amounts,duplicates", many)
    assert is_taken(answer, "projects/0/reported_on") is has_begun


@together(("day", "has_begun"), EDGES)
def test_a_sheet_of_projects_is_refused_at_the_cell(
    admin_api: APIClient, day: str, has_begun: bool
) -> None:
    header = ["name_zh", "park", "investment_cny", "investment_basis", "reported_on"]
    sheet = table(header, ["新项目", "town", "100000000", "agreed", day])
    refused = {} if has_begun else {(2, "reported_on"): "in_the_future"}
    assert faults(checked(admin_api, sheet)) == refused


@together(("day", "has_begun"), EDGES)
def test_the_admin_refuses_it_at_the_field(admin_client: Client, day: str, has_begun: bool) -> None:
    typed = {"park": Park.objects.get().pk, "indicator": "entities", "value": "1500"}
    page, typed = address(Figure, "add"), {**typed, "nature": "actual", "as_of": day}
    if has_begun:
        saved(save(admin_client, page, **typed))
    else:
        assert list(refused(admin_client, page, **typed)) == ["as_of"]


@pytest.mark.slow
def test_what_is_stored_stays_editable(admin_api: CarefulClient, admin_client: Client) -> None:
    figure = FigureFactory.create(park=Park.objects.get(), on="2027")
    claim = ProjectFigureFactory.create(project=Project.objects.get(), on="2027")
    entry = TimelineEntryFactory.create(happened_on=date(2027, 1, 1), happened_on_precision="year")
    Project.objects.update(reported_on=date(2027, 1, 1), reported_on_precision="year")
    addresses = [
        f"figures/{figure.code}",
        f"projects/fab/figures/{claim.code}",
        f"timeline/{entry.code}",
        "projects/fab",
    ]
    for each in addresses:
        found(admin_api.patch(f"{API}/{each}", {"note": "说明"}))
    saved(save(admin_client, address(Figure, "change", figure.pk), note="改"))
    saved(save(admin_client, address(Project, "change", Project.objects.get().pk), note="改"))
    moved = admin_api.patch(f"{API}/projects/fab", {"reported_on": "2028"})
    assert mistakes(moved) == {"#/reported_on": "in_the_future"}
    found(admin_api.patch(f"{API}/projects/fab", {"reported_on": "2026-05-16"}))
