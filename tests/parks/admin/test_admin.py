"""The admin of parks and vocabularies, as a superuser fills it in."""

from datetime import date
from typing import Any

import pytest
from django.contrib import admin
from django.test import Client

from parks.models import (
    Delivery,
    Figure,
    Indicator,
    Organisation,
    Park,
    Region,
    RegionGroup,
    Sector,
    SectorGroup,
    Source,
)
from sheets.dates import print_partial_date
from tests import factories
from tests.admin_pages import address, refused, row, save, saved, shown, undrawn
from tests.together import together

pytestmark = pytest.mark.django_db


VOCABULARIES = [Region, RegionGroup, Sector, SectorGroup, Indicator]
FIGURES = Figure._meta.get_field("park").remote_field.get_accessor_name()  # prefix of the rows
ALL_LISTS = [model for model in admin.site._registry if model._meta.app_label != "auth"]


# --- Every page ------------------------------------------------------------------------------


@pytest.mark.slow
@together("model", ALL_LISTS)
def test_every_model_has_a_list_that_is_searched_and_a_form_to_add_one(
    desk: Client, model: Any
) -> None:
    searched = desk.get(address(model, "changelist"), {"q": "天津 1", "o": "1"})
    assert searched.status_code == 200
    with undrawn():  # it is drawn where its words are looked at
        # messages are queued, not entered
        added = 403 if model is Delivery else 200
        assert desk.get(address(model, "add")).status_code == added


# --- Codes and deletion ----------------------------------------------------------------------


@together("model", VOCABULARIES)
def test_a_term_of_a_vocabulary_is_never_deleted(desk: Client, model: Any) -> None:
    factories.FACTORIES[model].create()
    term = model.objects.first()
    assert desk.post(address(model, "delete", term.pk), {"post": "yes"}).status_code == 403
    assert "delete_selected" not in desk.get(address(model, "changelist")).content.decode()
    assert model.objects.filter(pk=term.pk).exists()


def test_a_code_is_given_once_and_then_only_shown(desk: Client) -> None:
    saved(save(desk, address(Organisation, "add"), code="sinochem", name_zh="中化"))
    organisation = Organisation.objects.get()
    change = address(Organisation, "change", organisation.pk)
    assert "code" not in shown(desk, change)
    saved(save(desk, change, code="other", name_en="Sinochem"))
    organisation.refresh_from_db()
    assert (organisation.code, organisation.name_en) == ("sinochem", "Sinochem")
    assert organisation.version == 2


# --- Dates known in part ---------------------------------------------------------------------


def test_a_date_is_typed_as_far_as_it_is_known(desk: Client) -> None:
    add = address(Source, "add")
    (message,) = refused(desk, add, title="宝坻新闻", published_on="2023.1")["published_on"]
    assert message.endswith("Write 2013, 2013-Q2, 2013-06 or 2013-06-30.")
    saved(save(desk, add, title="宝坻新闻", published_on=" ２０１５年第二季度 "))
    source = Source.objects.get()
    assert (source.published_on, source.published_on_precision) == (date(2015, 4, 1), "quarter")
    change = address(Source, "change", source.pk)
    assert shown(desk, change)["published_on"] == "2015-Q2"
    assert "2015-Q2" in desk.get(address(Source, "changelist")).content.decode()
    saved(save(desk, change, published_on=""))
    source.refresh_from_db()
    assert (source.published_on, source.published_on_precision) == (None, "")


# --- Figures ---------------------------------------------------------------------------------


@pytest.fixture
def park() -> Park:
    for code, kind, unit in (("invested", "money", "CNY"), ("area", "area", "km2")):
        factories.IndicatorFactory.create(code=code, name_en=code, kind=kind, unit=unit)
    return factories.ParkFactory.create()


def figure(**values: Any) -> dict[str, Any]:
    """The fields of a figure that a park's page is sent with."""
    standard = {"indicator": "invested", "nature": "actual", "qualifier": "exact"}
    return row(FIGURES, **{**standard, **values})


def test_a_stored_figure_is_shown_on_the_page_of_its_park_and_stays_as_it_is(
    desk: Client, park: Park
) -> None:
    stored = factories.FigureFactory.create(park=park, on="2024-Q1", value="14.5")
    change = address(Park, "change", park.pk)
    page = desk.get(change).content.decode()
    assert "2024-Q1" in page
    assert f'<a href="{address(Figure, "change", stored.pk)}" class="inlineviewlink">' in page
    assert not [name for name in shown(desk, change) if name.startswith(f"stored-{FIGURES}-0-va")]
    saved(save(desk, change, **{f"stored-{FIGURES}-0-value": "15", "note": "新的备注"}))
    stored.refresh_from_db()
    assert (
        stored.value,
        print_partial_date(stored.as_of, stored.as_of_precision),
        stored.version,
    ) == (14.5, "2024-Q1", 1)


@together(
    ("ended", "words"),
    [({}, "Yes"), ({"is_withdrawn": True}, "No: withdrawn"), (None, "No: superseded")],
)
def test_the_page_of_a_park_says_which_figures_hold(
    desk: Client, park: Park, ended: dict[str, Any] | None, words: str
) -> None:
    newer = {"superseded_by": factories.FigureFactory.create()}
    factories.FigureFactory.create(park=park, **(newer if ended is None else ended))
    page = desk.get(address(Park, "change", park.pk)).content.decode()
    assert f"<p>{words}</p>" in page
