"""Every filter and every order of every list is answered, whatever its value is."""

from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from django.urls import resolve
from rest_framework.test import APIClient

from api.lists.filters import (
    AmountFilter,
    CodesFilter,
    ConditionFilter,
    FlagFilter,
    FromFilter,
    MomentFilter,
    NumberFilter,
    SearchFilter,
    ToFilter,
    YearsFilter,
)
from parks.claims.filters import LatestFilter, LowerTermsFilter
from parks.filters import RegionFilter, SectorFilter
from projects.dimensions.dimensions import CurrencyFilter
from projects.dimensions.filters import (
    BandsFilter,
    FunnelFilter,
    GroupsFilter,
    PeriodsFilter,
    WholeFilter,
)
from projects.filters import NationalCodesFilter
from sheets.dates import Precision
from tests.answers import API
from tests.factories import ParkFactory
from tests.samples import HERE, sample
from tests.site.test_access import ROUTES
from tests.together import together

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


AT_ONCE = 5  # parameters of a request, orders of a list
LISTS = [route for route in ROUTES if "{" not in route and "." not in route and "/" not in route]
GOOD: dict[type[ConditionFilter], str] = {
    RegionFilter: "浙江, unknown",
    SectorFilter: "C39, unknown",
    NumberFilter: "42",  # before the filter that it is a kind of
    AmountFilter: "1亿",
    FromFilter: "2024-Q2",
    ToFilter: "2024-Q2",
    MomentFilter: "2024-03-31T10:00:00Z",
    CodesFilter: "town, fab",
    CurrencyFilter: "CNY,USD",
    SearchFilter: "晶圆 fab",
    FunnelFilter: "signed@2024-06-30",
    FlagFilter: "true",
    YearsFilter: "2024,unknown",
    LatestFilter: "1",
    WholeFilter: "3",
    GroupsFilter: "rest, unknown",
    NationalCodesFilter: "2403-120115-89-05-123456, unknown",
    BandsFilter: "1亿-5亿, 50亿-, unknown",
}
PERIODS = {
    Precision.YEAR: "2023,2024",
    Precision.QUARTER: "2023-Q4,2024-Q1",
    Precision.MONTH: "2023-12,2024-01",
}


def filters(route: str) -> Iterator[tuple[str, ConditionFilter]]:
    filterset = getattr(resolve(f"{API}/{route}").func.cls, "filterset_class", None)
    yield from (filterset.base_filters if filterset else {}).items()


def take_some(asked: Sequence[Any]) -> Iterator[Sequence[Any]]:
    """Take as many at a time as a request is asked with."""
    for start in range(0, len(asked), AT_ONCE):
        yield asked[start : start + AT_ONCE]


def good_value(kind: ConditionFilter) -> str:
    """A value that this filter understands."""
    for of, text in GOOD.items():
        if isinstance(kind, of):
            return text
    if isinstance(kind, PeriodsFilter):
        return PERIODS[kind.unit]
    if kind.words:
        return ",".join(kind.words)
    if kind.may_be_unknown:
        return "unknown"
    return "area" if isinstance(kind, LowerTermsFilter) else "town"


@pytest.mark.slow
@pytest.mark.usefixtures("vocabularies")
@together("route", LISTS)
def test_every_filter_answers_a_value_that_it_understands(api: APIClient, route: str) -> None:
    """Half of them on one database, half on the other; several in a request."""
    ParkFactory.create(code="town")
    for some in take_some(sample([*filters(route)], 2, HERE)):
        parameters = {name: good_value(kind) for name, kind in some}
        response = api.get(f"{API}/{route}", {**parameters, "limit": 1})
        assert response.status_code == 200, (parameters, response.content.decode())


@pytest.mark.usefixtures("vocabularies")
def test_every_filter_but_the_bounds_has_a_twin_that_excludes() -> None:
    bounds = (AmountFilter, FromFilter, ToFilter, MomentFilter, WholeFilter)
    one_sided = (*bounds, SearchFilter, FlagFilter)
    names = dict(filters("projects"))
    lonely = {
        name
        for name, kind in names.items()
        if not isinstance(kind, one_sided) and f"{name.removesuffix('_not')}_not" not in names
    }
    assert lonely == {"reached", "funnel"}  # a bound, and a cell of a table


@pytest.mark.usefixtures("vocabularies")
@together("route", LISTS)
def test_every_order_of_every_list_is_answered(api: APIClient, route: str) -> None:
    view = resolve(f"{API}/{route}").func.cls
    names = getattr(view, "ordering_fields", ())  # the feed has its own order
    for sign in sample(["", "-"], 2, HERE):
        for some in take_some([*names]):
            ordering = ",".join(f"{sign}{name}" for name in some)
            response = api.get(f"{API}/{route}", {"ordering": ordering, "limit": 2})
            assert response.status_code == 200, ordering
