"""Public codes: made up when blank, one whatever the case, unchangeable, and never given again."""

import re

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Model

from parks.models import LedgerModel, Park, RetiredCode, Source
from parks.models.ledger import CODE_ALPHABET, RESERVED_CODES
from projects.models import Project, ProjectFigure
from tests.factories import (
    FACTORIES,
    EventFigureFactory,
    FigureFactory,
    MilestoneFactory,
    OrganisationFactory,
    ParkFactory,
    PostFactory,
    ProjectFactory,
    ProjectFigureFactory,
    SourceFactory,
    TimelineEntryFactory,
)
from tests.together import together

pytestmark = pytest.mark.django_db

OF_LEDGER = [factory for model, factory in FACTORIES.items() if issubclass(model, LedgerModel)]


def retired(model: type[Model]) -> set[str]:
    return set(
        RetiredCode.objects.filter(model=model._meta.label_lower).values_list("code_key", flat=True)
    )


@together("factory", OF_LEDGER)
def test_a_blank_code_is_made_up(factory: type) -> None:
    row = factory.create(code="")
    prefix = type(row).code_prefix
    assert prefix
    assert re.fullmatch(f"{prefix}[{CODE_ALPHABET}]{{8}}", row.code)
    row.full_clean()


@together("code", ["京津", "a b", "a/b", "a.b", "a\n", " a"])
def test_a_code_with_other_signs_is_refused(code: str) -> None:
    park = ParkFactory.create()
    park.pk, park._state.adding, park.code = None, True, code
    with pytest.raises(ValidationError) as refused:
        park.full_clean()
    assert "code" in refused.value.message_dict


@together("code", sorted(RESERVED_CODES) + ["Summary", "UNKNOWN"])
def test_the_words_of_addresses_and_filters_are_reserved(code: str) -> None:
    source = SourceFactory.build(code=code)
    with pytest.raises(ValidationError) as refused:
        source.full_clean()
    assert refused.value.message_dict == {
        "code": [f"“{code}” is reserved for URLs; choose another code."]
    }


@together("factory", OF_LEDGER)
def test_a_code_never_changes(factory: type) -> None:
    factory.create(code="first")
    row = type(factory.build()).objects.get(code="first")
    row.code = "second"
    for attempt in (row.full_clean, row.save):
        with pytest.raises(ValidationError, match="it stays “first”"):
            attempt()
    assert type(row).objects.get(pk=row.pk).code == "first"


def test_two_rows_of_one_model_share_no_code_whatever_the_case() -> None:
    assert SourceFactory.create(code="Tianjin-Daily").code == "Tianjin-Daily"
    with pytest.raises(ValidationError, match="This code is taken."):
        SourceFactory.build(code="tianjin-daily").full_clean()
    with pytest.raises(IntegrityError), transaction.atomic():
        SourceFactory.create(code="TIANJIN-DAILY")


@together("code", ["Gone", "gone", "GONE"])
def test_the_code_of_a_deleted_row_is_refused_for_ever(code: str) -> None:
    SourceFactory.create(code="Gone").delete()
    assert retired(Source) == {"gone"}
    again = SourceFactory.build(code=code)
    for attempt in (again.full_clean, again.save):
        with pytest.raises(ValidationError, match="belonged to a deleted row"):
            attempt()
    OrganisationFactory.create(code=code)  # another model's codes are its own


def test_a_row_that_stays_retires_nothing() -> None:
    park = ParkFactory.create(code="stays")
    ProjectFactory.create(park=park)
    with pytest.raises(IntegrityError), transaction.atomic():
        park.delete()
    assert Park.objects.filter(code="stays").exists()
    assert retired(Park) == set()


def test_rows_that_go_with_another_retire_their_codes() -> None:
    project = ProjectFactory.create(code="plant", investment=5, investment__code="plant-amount")
    MilestoneFactory.create(project=project)
    project.delete()
    assert (retired(Project), retired(ProjectFigure)) == ({"plant"}, {"plant-amount"})
    PostFactory.create(code="mayor").person.delete()
    TimelineEntryFactory.create(code="founding").park.delete()
    FigureFactory.create(code="area").park.delete()
    EventFigureFactory.create(code="total").event.delete()
    codes = RetiredCode.objects.values_list("code_key", flat=True)
    assert {"mayor", "founding", "area", "total"} <= set(codes)


def test_claims_that_supersede_one_another_are_deleted_with_their_project() -> None:
    project = ProjectFactory.create(investment=5)
    newer = ProjectFigureFactory.create(project=project)
    project.figures.exclude(pk=newer.pk).update(superseded_by=newer)
    project.delete()
    assert not ProjectFigure.objects.exists()


@together("factory", OF_LEDGER)
def test_every_save_counts_a_version(factory: type) -> None:
    row = factory.create()
    assert row.version == 1
    row.save()
    assert row.version == 2
    row.save(update_fields=["updated_at"])
    row.refresh_from_db()
    assert row.version == 3


def test_a_touched_row_has_a_new_version_and_time() -> None:
    park = ParkFactory.create()
    written = park.updated_at
    assert Park.objects.filter(pk=park.pk).touch() == 1
    park.refresh_from_db()
    assert park.version == 2
    assert park.updated_at > written


def test_every_ledger_model_has_a_factory() -> None:
    models = {model for model in apps.get_models() if issubclass(model, LedgerModel)}
    assert {factory._meta.model for factory in OF_LEDGER} == models
    assert len(models) > 10
