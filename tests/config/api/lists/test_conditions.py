"""Conditions whose names are resolved once select the same rows, by the same SQL, as Django's."""

from datetime import date
from decimal import Decimal

import pytest
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Value

from config.api.lists.conditions import keep_subqueries, select_by
from parks.models import Park
from projects.models import Investor, Project

CONDITIONS = {
    "nothing": Q(),
    "equal": Q(code_key="prj-1"),
    "the key": Q(pk=3),
    "a key of another row": Q(park_id=3) & Q(origin="110000"),
    "a range": Q(origin__gte="31", origin__lt="35"),
    "either of ranges": Q(origin__gte="31", origin__lt="32") | Q(origin__gte="34", origin__lt="35"),
    "either within all": Q(stage="signed") & (Q(hitech="yes") | Q(signed_on__isnull=True)),
    "one within one": Q(Q(Q(stage="signed"))),
    "a list": Q(stage__in=["signed", ""]) & Q(park__in={4}),
    "an empty list": Q(pk__in=[]) | Q(stage="signed"),
    "a column that is derived": Q(investment_rank__gte=5),
    "a number too large": Q(pk__gt=2**70) | Q(stage="signed"),
    "a day, an amount": Q(signed_on__lte=date(2024, 3, 1), land_mu__gt=Decimal("1.5")),
    "the opposite": ~Q(signed_on__gte=date(2024, 3, 1)),
    "one of two": Q(stage="signed") ^ Q(hitech="yes"),
    "null": Q(signed_on=None),
    "a null in a list": Q(origin__in=["11", None]),
    "another table": Q(park__code_key="prk-1"),
    "many of another": Q(investors__role="lead"),
    "a transform": Q(signed_on__year=2024),
    "a text in any case": Q(name_zh__icontains="湖"),
    "another column": Q(signed_on__gte=F("stage_on")),
    "rows of another": Q(park__in=Park.objects.filter(brand="a").values("pk")),
    "whether there are": Q(Exists(Investor.objects.filter(project=OuterRef("pk")))),
    "a row": Q(park=Park(pk=4)),
}


def write(rows: QuerySet) -> str:
    return str(rows.values("pk").query)


@pytest.mark.parametrize("condition", CONDITIONS.values(), ids=[*CONDITIONS])
def test_what_is_selected_by_a_condition_is_what_a_filter_selects(condition: Q) -> None:
    rows = Project.objects.filter(publication="published")
    before = write(rows)
    assert write(select_by(rows, condition)) == write(rows.filter(condition))
    assert write(rows) == before


def test_a_name_that_the_rows_are_given_means_that() -> None:
    rows = Project.objects.annotate(named=Value("x"))
    assert write(select_by(rows, Q(named="x"))) == write(rows.filter(named="x"))


def test_what_was_selected_can_be_asked_for_within_another_question() -> None:
    parks = [
        Project.objects.filter(park__in=select(Park.objects.all(), Q(brand="a")).values("pk"))
        for select in (select_by, QuerySet.filter)
    ]
    assert write(parks[0]) == write(parks[1])


def test_of_a_part_of_a_list_nothing_is_selected() -> None:
    with pytest.raises(TypeError, match="slice"):
        select_by(Project.objects.all()[:5], Q(stage="signed"))


def test_what_is_kept_of_a_subquery_says_the_same_wherever_it_stands() -> None:
    rows = Project.objects.filter(park__in=Park.objects.filter(brand="a").values("pk"), stage="x")
    kept = rows.all()
    keep_subqueries(kept.query.where)
    for _again in range(2):  # compiled, and kept
        assert write(kept) == write(rows)
        below = [Investor.objects.filter(project__in=each.values("pk")) for each in (kept, rows)]
        assert write(below[0]) == write(below[1])
