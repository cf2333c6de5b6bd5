"""Filters by where an origin or a park lies, and how far away the origin is."""

from typing import Any, ClassVar

from django.conf import settings
from django.db.models import Case, CharField, F, Q, QuerySet, Value, When
from django.db.models.lookups import Exact, In

from api.lists.filters import UNKNOWN, TermsFilter, WordsFilter
from parks.models import Park, Region
from parks.models.vocabularies import FIRST_OF_COUNTRIES, FOREIGN, in_range, is_abroad, is_beyond
from parks.names.names import FOREIGN_WORDS, REST, in_ranges, regions_of_level
from projects.models.words import OriginScope


class PlacesFilter(TermsFilter):
    """Rows whose column holds exactly one of these places, or `foreign`."""

    beside: ClassVar[dict[str, str]] = {FOREIGN.upper(): FOREIGN}

    def find_called(self, word: str) -> Any:
        return FOREIGN if word.casefold() in FOREIGN_WORDS else super().find_called(word)


class CountriesFilter(TermsFilter):
    """Rows whose region is one of these countries, or any division of China."""

    @property
    def beside(self) -> dict[str, str]:  # type: ignore[override]
        """The home country, which need not be a region of the vocabulary: its divisions are."""
        return {settings.PROFILE.country: settings.PROFILE.country}

    def get_nameable_rows(self) -> QuerySet:
        return super().get_nameable_rows().filter(level=Region.Level.COUNTRY)

    def condition(self, value: list[Any]) -> Q:
        chosen = Q(pk__in=[])
        for code in value:
            if code is None:
                chosen |= Q(**{f"{self.field_name}__isnull": True})
            else:
                chosen |= in_range(self.field_name, code)
        if settings.PROFILE.country in value:
            chosen |= Q(**{f"{self.field_name}__lt": FIRST_OF_COUNTRIES})
        return chosen


class LevelFilter(PlacesFilter):
    """Rows whose column holds exactly one of these places, or `foreign`."""

    def __init__(self, *args: Any, level: str, **kwargs: Any) -> None:
        self.level = level
        super().__init__(*args, **kwargs)

    def condition(self, value: list[Any]) -> Q:
        if settings.PROFILE.nested_codes:
            return super().condition(value)
        coded = [code for code in value if code is not None]
        words = coded if len(coded) == len(value) else [*coded, UNKNOWN, REST]
        return regions_of_level(self.level).condition("origin", words)


class ScopesFilter(WordsFilter):
    """Rows whose column holds one of the words; `unknown` finds the blank ones."""

    def condition(self, value: list[str]) -> Q:
        if settings.PROFILE.nested_codes:
            return super().condition(value)
        return Q(In(find_scope(), [*value, ""] if UNKNOWN in value else value))


def find_scope(project: str = "") -> Any:
    """Build the SQL of how far away the origin is: stored for six-digit codes, else worked out."""
    origin, place = f"{project}origin", f"{project}project_region"
    if settings.PROFILE.nested_codes:
        return F(f"{project}origin_scope")
    steps: list[When] = []
    for level, other in (
        (Region.Level.PROVINCE, OriginScope.OTHER_PROVINCE),
        (Region.Level.PREFECTURE, OriginScope.OTHER_CITY),
    ):
        groups = regions_of_level(level)
        coded = [key for key, label in enumerate(groups.labels) if label.groups]
        one, two = groups.key(origin), groups.key(place)
        steps.append(When(~Q(In(one, coded)) | ~Q(In(two, coded)), then=Value("")))
        steps.append(When(~Q(Exact(one, two)), then=Value(other.value)))
    return Case(
        When(**{f"{origin}__isnull": True}, then=Value("")),
        When(is_abroad(origin), then=Value(OriginScope.ABROAD.value)),
        When(is_beyond(origin), then=Value(OriginScope.HMT.value)),
        When(Q(**{f"{place}__isnull": True}) | is_abroad(place), then=Value("")),
        *steps,
        default=Value(OriginScope.SAME_CITY.value),
        output_field=CharField(),
    )


class ParkProvincesFilter(PlacesFilter):
    """Projects in a park of exactly these provinces; `foreign`: in a park abroad."""

    def get_nameable_rows(self) -> QuerySet:
        return super().get_nameable_rows().filter(level=Region.Level.PROVINCE)

    def condition(self, value: list[Any]) -> Q:
        inside = Q(pk__in=[])
        for code in filter(None, value):  # every park has its region: none is unknown
            province = Region(code=code, level=Region.Level.PROVINCE)
            abroad = code == FOREIGN
            inside |= is_abroad("region") if abroad else in_ranges("region", province.prefixes)
        return Q(**{f"{self.field_name}__in": Park.objects.filter(inside)})
