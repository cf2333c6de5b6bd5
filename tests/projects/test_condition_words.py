"""Every filter has a label in English and in Chinese: conditions are shown in words."""

import re

import pytest
from django.contrib.auth.models import User
from django.utils.translation import override

from projects.condition_words import (
    find_filter_label,
    label_condition,
    name_choices,
    say_condition,
    say_conditions,
)
from tests.factories import (
    OrganisationFactory,
    ParkFactory,
    PostFactory,
    RegionFactory,
    SourceFactory,
)
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


SAID = [  # the list, a filter, its value, and what a Chinese page says
    ("projects", "rate_not_known", "start_rate", "情况不明：开工率"),
    ("projects", "funnel", "signed@2026-06-30", "漏斗环节：正式签约 · 2026-06-30"),
    (
        "projects",
        "funnel",
        "signed.entered@2026-01-01..2026-06-30",
        "漏斗环节：正式签约 · 新进 · 2026-01-01 – 2026-06-30",
    ),
    ("projects", "stage", "signed,unknown", None),
    ("projects", "investment_min", "150000000", "1.5亿元"),
    ("projects", "investment_min", "1亿", "1亿元"),
    ("projects", "land_mu_min", "20", "20"),
    ("projects", "investor_ownership", "central_state", None),
    ("events", "kind_not", "signing", None),
    ("organisations", "kind", "company", None),
    ("organisations", "ownership", "central_state", None),
    ("figures", "qualifier", "about", None),
    ("figures", "nature", "actual", None),
    ("figures", "subject_type", "park", None),
    ("results", "outcome", "short", None),
    ("regions", "within", "120000", "天津市"),
    ("parks", "operator", "o1", "开发公司"),
    ("figures", "said_by", "p1", "王浩"),
    ("parks", "q", "signing", "signing"),
    ("figures", "code", "signing", "signing"),
]


@pytest.mark.django_db
@pytest.mark.parametrize(("resource", "name", "value", "said"), SAID)
def test_the_values_of_a_filter_have_the_words_that_it_declares(
    resource: str, name: str, value: str, said: str | None
) -> None:
    RegionFactory.create(code="120000", name_zh="天津市")
    OrganisationFactory.create(code="o1", name_zh="开发公司")
    PostFactory.create(code="p1", person__name_zh="王浩")
    lists = dict(tables.find_lists())
    declared = lists[resource].filterset_class.base_filters
    with override("zh-hans"):
        found = say_condition(name, value, filters=declared)
    if said is None:
        assert not re.search("[a-z]{3}", found), found
    else:
        assert found == said or found.endswith(f"：{said}")


@pytest.mark.django_db
def test_codes_have_the_names_that_the_reader_may_see() -> None:
    SourceFactory.create(code="s1", title="Annual report")
    ParkFactory.create(code="p1", name_en="Science Town", publication="draft")
    filters = {"source": {"given": "S1"}, "park_not": {"given": "p1"}}
    with override("en"):
        assert [*say_conditions(filters)] == ["source: Annual report", "park other than: p1"]
        assert name_choices("park_not", "p1", User(is_superuser=True)) == "Science Town"
