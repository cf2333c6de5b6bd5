"""One row is written by SQL of our own as Django writes it."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from config.writes import insert_row, update_row
from parks.models import Source
from projects.models import Project
from tests.factories import ProjectFactory

pytestmark = pytest.mark.django_db


def test_an_inserted_row_has_its_key_and_stands_as_django_writes_it() -> None:
    said = {"title": "报纸", "published_on": date(2024, 5, 1), "published_on_precision": "day"}
    row = Source(code="paper", **said)
    insert_row(row)
    other = Source.objects.create(code="other", **said)
    kept, usual = Source.objects.get(pk=row.pk), Source.objects.get(pk=other.pk)
    differing = {"id", "code", "code_key", "created_at", "updated_at"}
    for field in Source._meta.concrete_fields:
        if field.name not in differing:
            assert getattr(kept, field.attname) == getattr(usual, field.attname)
    assert kept.created_at == row.created_at
    assert not row._state.adding


def test_what_a_constraint_refuses_is_not_inserted() -> None:
    insert_row(Source(code="paper", title="报纸"))
    with pytest.raises(IntegrityError), transaction.atomic():
        insert_row(Source(code="Paper", title="报纸"))


def test_columns_of_a_row_are_updated_whatever_their_types() -> None:
    row, other = ProjectFactory.create(), ProjectFactory.create()
    source = Source.objects.create(title="报纸")
    values = {
        "note": "两行\n字",
        "land_mu": Decimal("12.50"),
        "reported_on": date(2024, 5, 1),
        "reported_on_precision": "day",
        "source_id": source.pk,
        "is_umbrella": True,
        "standing": Project.Standing.ACTIVE,
    }
    assert update_row(Project, row.pk, values) == 1
    kept = Project.objects.get(pk=row.pk)
    assert {name: getattr(kept, name) for name in values} == values
    assert Project.objects.get(pk=other.pk).note == other.note
    assert update_row(Project, 0, values) == 0
