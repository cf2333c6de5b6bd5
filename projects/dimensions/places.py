"""Dimensions of places: where a project comes from, and where its park lies."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, F, Value, When
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from config.fields import CodeField
from parks.models import Park, Region
from parks.models.vocabularies import FIRST_OF_COUNTRIES, FOREIGN, is_abroad
from projects.dimensions.filters import CHINA, list_divided_regions
from projects.dimensions.groupings import Asked, BothNames, Grouping, in_both_languages, name_terms


def name_places(values: Collection[Any]) -> Mapping[Any, BothNames]:
    """Find the names of regions, of China, and of what lies abroad."""
    own = {FOREIGN: _("abroad"), CHINA: _("China")}
    named = {code: in_both_languages(name) for code, name in own.items() if code in values}
    return {**name_terms(Region)(values), **named}


@dataclass(frozen=True)
class OfPlaces:
    """A column that holds a province or city of China, or `foreign` for all that lies abroad."""

    label: str | Promise
    column: str
    is_ordered: bool = False

    def grouping(self, asked: Asked) -> Grouping:
        return Grouping(lambda project: F(project + self.column), name_places)


@dataclass(frozen=True)
class OfCountries:
    """The country of the region in a column: China for all its divisions."""

    label: str | Promise
    column: str
    is_ordered: bool = False

    def grouping(self, asked: Asked) -> Grouping:
        return Grouping(lambda project: self.key(project + self.column), name_places)

    def key(self, column: str) -> Case:
        return Case(
            When(**{f"{column}__isnull": True}, then=None),
            When(is_abroad(column), then=F(column)),
            default=Value(CHINA),
            output_field=CodeField(),
        )


@dataclass(frozen=True)
class OfProjectRegions:
    """The county in which a project stands; unknown where only what contains it is known.

    A city without counties stands for itself, and so does a country.
    """

    label: str | Promise = _("region of the project")
    is_ordered: bool = False

    def grouping(self, asked: Asked) -> Grouping:
        divided = {*list_divided_regions()}
        return Grouping(
            lambda project: F(f"{project}project_region"),
            name_places,
            lambda code: (None if code in divided else code,),
        )


@dataclass(frozen=True)
class OfParks:
    """The park of a project."""

    label: str | Promise = _("park")
    is_ordered: bool = False

    def grouping(self, asked: Asked) -> Grouping:
        parks = {
            pk: (code, (zh, en))
            for pk, code, zh, en in Park.objects.values_list("pk", "code", "name_zh", "name_en")
        }
        names = dict(parks.values())
        return Grouping(
            park_key, lambda values: names, lambda pk: (parks[pk][0],), may_be_unknown=False
        )


@dataclass(frozen=True)
class OfParkProvinces:
    """The province in which the park lies; `foreign` for parks abroad."""

    label: str | Promise = _("province of the park")
    is_ordered: bool = False

    def grouping(self, asked: Asked) -> Grouping:
        provinces = {
            pk: FOREIGN if region >= FIRST_OF_COUNTRIES else f"{region[:2]}0000"
            for pk, region in Park.objects.values_list("pk", "region_id")
        }
        return Grouping(park_key, name_places, lambda pk: (provinces[pk],))


def park_key(project: str) -> F:
    return F(f"{project}park_id")
