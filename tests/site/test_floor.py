"""What a request costs: what is the same for all of a kind is made once; the rest is measured."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from statistics import median
from time import process_time
from typing import Any

import pytest
from django.core.cache import caches
from django.db.models.sql.compiler import SQLCompiler
from django.http import HttpRequest, JsonResponse
from django.urls import include, path
from django.utils import timezone
from rest_framework.fields import Field
from rest_framework.serializers import BaseSerializer
from rest_framework.test import APIClient

from parks.models import Park, Region
from parks.models.ledger import Recorded
from tests.answers import API
from tests.factories import FigureFactory, InvestorFactory, PostFactory, ProjectFactory
from tests.samples import IS_LONG
from tests.together import together

pytestmark = pytest.mark.django_db


@contextmanager
def counting(monkeypatch: pytest.MonkeyPatch, owner: Any, name: str) -> Iterator[list[Any]]:
    """The objects of which a method is called within the block, where no answer is kept."""
    caches["default"].clear()
    called: list[Any] = []
    method = getattr(owner, name)

    def counted(self: Any, *args: Any, **kwargs: Any) -> Any:
        called.append(self)
        return method(self, *args, **kwargs)

    with monkeypatch.context() as patch:
        patch.setattr(owner, name, counted)
        yield called


@together("address", ["regions/110000", "regions?limit=1", "projects?limit=1", "projects/prj-1"])
def test_no_field_is_made_to_read_with(
    api: APIClient, vocabularies: None, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    InvestorFactory.create(project=ProjectFactory.create(code="prj-1"))
    assert api.get(f"{API}/{address}").status_code == 200
    with counting(monkeypatch, Field, "__init__") as made:
        assert api.get(f"{API}/{address}").status_code == 200
    assert [field for field in made if not isinstance(field, BaseSerializer)] == []


def test_of_a_page_of_projects_only_its_conditions_are_compiled(
    api: APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    InvestorFactory.create(project=ProjectFactory.create())
    api.get(f"{API}/projects")
    with counting(monkeypatch, SQLCompiler, "as_sql") as compiled:
        assert len(api.get(f"{API}/projects").json()["results"]) == 1
    # In which parks everybody sees projects is a condition, too
    assert {each.query.model for each in compiled} <= {Park}


def test_an_answer_is_of_one_day(api: APIClient, monkeypatch: pytest.MonkeyPatch) -> None:
    InvestorFactory.create(project=ProjectFactory.create())
    caches["default"].clear()
    days: list[date] = []

    def pass_midnight(*_moment: Any) -> date:
        days.append(date(2026, 3, 1) + timedelta(days=len(days)))
        return days[-1]

    monkeypatch.setattr(timezone, "localdate", pass_midnight)
    assert len(api.get(f"{API}/projects?stale=false").json()["results"]) == 1
    # For its tag, to read by, and whether it is still to be kept
    assert len(days) <= 3


# What is asked, and how many times a plain view's processor time it may take: twice what it does
MOST = {
    "regions/110000": 4,
    "projects?limit=1&origin=110000&sector=C&investment_min=1": 8,
    "projects?limit=100": 12,
    "projects/prj-1": 7,
}


def plain(request: HttpRequest) -> JsonResponse:
    """One query and its row as JSON: the least that a view of Django does."""
    return JsonResponse(Region.objects.values().get(code="110000"))


urlpatterns = [path("api/v1/plain", plain), path("", include("config.urls"))]


@pytest.mark.long("a measurement")
@pytest.mark.urls(__name__)
@together("address", MOST)
def test_an_answer_takes_so_many_times_the_processor_time_of_a_plain_view(
    api: APIClient, vocabularies: None, settings: Any, address: str
) -> None:
    settings.CACHE_MAX_BYTES = 0  # what is asked again is worked out again
    project = ProjectFactory.create(code="prj-1", met={"signed": "2024-03"}, investment=10**8)
    ProjectFactory.create_batch(99 if "100" in address else 0, park=project.park)
    InvestorFactory.create(project=project)

    def measure(path: str) -> float:
        start = process_time()
        assert api.get(f"{API}/{path}").status_code == 200
        return process_time() - start

    turns = [measure(address) / measure("plain") for _turn in range(25 if IS_LONG else 9)]
    assert median(turns) < MOST[address]


@together("address", ["projects", "projects/prj-1", "parks", "figures", "people"])
def test_no_instance_is_made_of_a_row_that_is_read(
    api: APIClient, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    InvestorFactory.create(project=ProjectFactory.create(code="prj-1"))
    FigureFactory.create(said_by=PostFactory.create())
    with counting(monkeypatch, Recorded, "__init__") as made:
        assert api.get(f"{API}/{address}").status_code == 200
    assert made == []
