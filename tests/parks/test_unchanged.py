"""What an edit leaves as it is stored is not checked again; what it changes is."""

from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.test.utils import CaptureQueriesContext

from parks.models.ledger import ChecksAtOnce, Recorded, find_columns_of_constraints
from tests.answers import API, CarefulClient, found, mistakes
from tests.factories import ParkFactory, ProjectFactory
from tests.together import together

MODELS: list[Any] = [model for model in apps.get_models() if issubclass(model, Recorded)]


def list_constraints(row: Any) -> list[Any]:
    """All constraints that are checked, also those that are at once."""
    ((_model, found),) = row.get_constraints()
    at_once = [each.checks for each in found if isinstance(each, ChecksAtOnce)]
    alone = [each for each in found if not isinstance(each, ChecksAtOnce)]
    return [each for checks in at_once for each, _columns in checks] + alone


@together("model", MODELS)
def test_a_constraint_is_checked_if_any_of_its_columns_changes(model: Any) -> None:
    every = {column.name for column in model._meta.concrete_fields}
    for constraint, columns in find_columns_of_constraints(model):
        assert columns
        for changed in columns:
            row = model()
            row.unchanged = frozenset(every - {changed})
            assert constraint in list_constraints(row)
        row.unchanged = frozenset(every)
        assert row.get_constraints() == [(model, [])]
    names = [each.name for each in list_constraints(model())]
    assert sorted(names) == sorted(each.name for each in model._meta.constraints)


@pytest.mark.django_db
def test_an_edit_asks_the_database_nothing_about_what_it_leaves(admin_api: CarefulClient) -> None:
    project = ProjectFactory.create(origin_id=None)
    address = f"{API}/projects/{project.code}"
    questions = []
    for body in ({"note": "edited"}, {"note": "again", "land_mu": 12.5}):
        with CaptureQueriesContext(connection) as queries:
            found(admin_api.patch(address, body, headers={"If-Match": "*"}))
        questions.append(sum('AS "_check"' in query["sql"] for query in queries))
    assert questions == [0, 1]  # an area is in two rules, which are asked at once


@pytest.mark.django_db
def test_an_edit_of_a_part_does_not_look_at_the_whole(admin_api: CarefulClient) -> None:
    whole = ProjectFactory.create()
    counts = []
    for project in (ProjectFactory.create(), ProjectFactory.create(part_of=whole)):
        address = f"{API}/projects/{project.code}"
        with CaptureQueriesContext(connection) as queries:
            found(admin_api.patch(address, {"note": "edited"}, headers={"If-Match": "*"}))
        counts.append(len(queries))
    assert counts[1] == counts[0] + 1  # its code, which is shown


@pytest.mark.django_db
def test_what_it_changes_is_checked_with_what_it_leaves(admin_api: CarefulClient) -> None:
    project = ProjectFactory.create(name_zh="厂", name_en="")
    address = f"{API}/projects/{project.code}"
    assert mistakes(admin_api.patch(address, {"name_zh": ""}))
    assert mistakes(admin_api.patch(address, {"standing": "suspended"}))
    assert mistakes(admin_api.patch(address, {"park": "nowhere"})) == {"#/park": "unknown_value"}
    taken = ParkFactory.create(code="taken")
    assert mistakes(admin_api.put(f"{API}/parks/{taken.code}", {"code": "taken"}))
