"""What is the same for every request of a kind is made once: counted, since time is not steady."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.core.cache import caches
from django.db.models.sql.compiler import SQLCompiler
from django.forms import Field as FormField
from rest_framework.fields import Field
from rest_framework.serializers import BaseSerializer
from rest_framework.test import APIClient

from parks.models import Park
from parks.models.ledger import Recorded
from tests.answers import API
from tests.factories import (
    FigureFactory,
    InvestorFactory,
    ParkFactory,
    PostFactory,
    ProjectFactory,
)

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


@pytest.mark.parametrize(
    "address", ["regions/110000", "regions?limit=1", "projects?limit=1", "projects/prj-1"]
)
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


@pytest.mark.parametrize("query", ["stage=unknown", "park=prk-1", "investment_min=0"])
def test_no_form_field_is_made_to_filter_with(
    api: APIClient, monkeypatch: pytest.MonkeyPatch, query: str
) -> None:
    ParkFactory.create(code="prk-1")
    assert api.get(f"{API}/projects?{query}").status_code == 200
    with counting(monkeypatch, FormField, "__init__") as made:
        assert api.get(f"{API}/projects?{query}").status_code == 200
    assert made == []


@pytest.mark.parametrize("address", ["projects", "projects/prj-1", "parks", "figures", "people"])
def test_no_instance_is_made_of_a_row_that_is_read(
    api: APIClient, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    InvestorFactory.create(project=ProjectFactory.create(code="prj-1"))
    FigureFactory.create(said_by=PostFactory.create())
    with counting(monkeypatch, Recorded, "__init__") as made:
        assert api.get(f"{API}/{address}").status_code == 200
    assert made == []
