"""Every filter has a label in English and in Chinese: conditions are shown in words."""

import pytest
from django.contrib.auth.models import User
from django.utils.translation import override

from projects.condition_words import (
    find_filter_label,
    label_condition,
    name_choices,
    say_conditions,
)
from tests.factories import ParkFactory, SourceFactory
from tests.together import together
from tools.docs import tables

FILTERS = sorted(
    {name for _prefix, view in tables.find_lists() for name in view.filterset_class.base_filters}
)


@together("name", FILTERS)
def test_every_filter_of_every_list_has_a_label_in_both_languages(name: str) -> None:
    plain = name.removesuffix("_not")
    with override("en"):
        label = find_filter_label(plain)
    assert label
    assert label.replace("²", "2").isascii()
    with override("zh-hans"):
        label = label_condition(name)
    assert any("\u4e00" <= sign <= "\u9fff" for sign in label), label
    assert "_" not in label


def test_filters_of_every_resource_are_meant() -> None:
    assert {"phase_no_min", "is_narrowed", "happened_from", "held_to", "bearer"} <= {*FILTERS}


@pytest.mark.django_db
def test_codes_have_the_names_that_the_reader_may_see() -> None:
    SourceFactory.create(code="s1", title="Annual report")
    ParkFactory.create(code="p1", name_en="Science Town", publication="draft")
    filters = {"source": {"given": "S1"}, "park_not": {"given": "p1"}}
    with override("en"):
        assert [*say_conditions(filters)] == ["source: Annual report", "park other than: p1"]
        assert name_choices("park_not", "p1", User(is_superuser=True)) == "Science Town"
