"""The filters of figures, timeline entries, indicators and people."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Exists, Model, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from api.lists import filters
from config.texts import read_whole
from parks.access import select_readable
from parks.claims.headlines import keep_newest
from parks.filters import (
    LowerTermFilterSet,
    NameSearchFilter,
    RegionFilter,
    SectorFilter,
    in_names,
    search_columns,
)
from parks.models import (
    Claim,
    Figure,
    Indicator,
    Nature,
    Organisation,
    Park,
    Post,
    RegionGroup,
    Source,
    TimelineEntry,
)
from parks.models.claims import IS_WHOLE
from parks.models.ledger import IS_STANDING
from parks.names.names import Selection, region_groups
from sheets.amounts import Qualifier

MOST_LATEST = 100


class LowerTermsFilter(filters.TermsFilter):
    """Rows whose column holds exactly one of these terms, by code or name."""

    def as_key(self, word: str) -> str:
        return word.lower()


class GroupsWithMembersFilter(LowerTermsFilter):
    """Rows about one of these groups of regions, or about what lies in it today."""

    def condition(self, value: list[Any]) -> Q:
        groups = region_groups().groups
        chosen = super().condition(value)
        for code in filter(None, value):
            chosen |= groups[code].condition("region")
        return chosen


class RegionWithGroupsFilter(RegionFilter):
    """Rows about a region, about what lies in it, or about a group that it is in today."""

    def condition(self, value: Selection) -> Q:
        places = [prefix for part in value.parts for prefix in part.prefixes]
        groups = [
            code
            for code, part in region_groups().groups.items()
            for prefix in places
            if prefix.startswith(part.prefixes) and not prefix.startswith(part.without)
        ]
        inside = value.condition("region") | value.condition("park__region")
        return inside | Q(region_group__in=groups)


_SPEAKERS = ("code_key", "person__code_key", "person__name_zh", "person__name_en")


class SpeakersFilter(filters.RowsFilter):
    """Claims of one of these people, or from one of these posts; `unknown`: of nobody by name."""

    def parse(self, text: str) -> list[Any]:
        """Find the keys of the posts with these codes, and of all posts of people so called."""
        words = filters.split_values(text)
        keys = [self.as_key(word) for word in words]
        named: dict[str, list[int | None]] = {filters.UNKNOWN: [None]}
        posts, chosen = self.get_nameable_rows(), Q()
        for column in _SPEAKERS:
            chosen |= Q(**{f"{column}__in": [*keys, *words]})
        for pk, *names in posts.filter(chosen).values_list("pk", *_SPEAKERS):
            for name in {self.as_key(name) for name in names}:
                named.setdefault(name, []).append(pk)
        for word, key in zip(words, keys, strict=True):
            if key not in named:
                raise self.describe_unknown_row(word)
        return [pk for key in keys for pk in named[key]]


class LatestFilter(filters.SingleFilter):
    """So many of the newest claims about the same thing; what the other filters leave is ranked."""

    def parse(self, text: str) -> int:
        return read_whole(text, 1, MOST_LATEST)

    def describe_values(self) -> dict[str, Any]:
        return {"type": "integer", "minimum": 1, "maximum": MOST_LATEST}

    def filter(self, queryset: QuerySet, value: int | None) -> QuerySet:
        return keep_newest(queryset, value) if value else queryset


class FigureFilterSet(filters.CodedFilterSet):
    park = filters.RowsFilter(rows=Park)
    region = RegionFilter(help_text=_("Figures about a region, or one below it."))
    region_group = LowerTermsFilter(rows=RegionGroup)
    organisation = filters.RowsFilter(rows=Organisation)
    indicator = LowerTermsFilter(rows=Indicator, may_be_unknown=False)
    indicator_not = LowerTermsFilter(
        "indicator", rows=Indicator, may_be_unknown=False, exclude=True
    )
    nature = filters.WordsFilter(choices=Nature, may_be_unknown=False)
    nature_not = filters.WordsFilter("nature", choices=Nature, may_be_unknown=False, exclude=True)
    qualifier = filters.WordsFilter(choices=Qualifier, may_be_unknown=False)
    as_of_min = filters.FromFilter("as_of")
    as_of_max = filters.ToFilter("as_of")
    origin = RegionFilter()
    sector = SectorFilter()
    place = RegionFilter()
    is_narrowed = filters.FlagFilter(
        when=~IS_WHOLE,
        help_text=_("Whether a dimension narrows the claim to a part of its subject."),
    )
    said_by = SpeakersFilter(rows=Post)
    attribution = filters.WordsFilter(choices=Claim.Attribution)
    source = filters.RowsFilter(rows=Source)
    superseded = filters.FlagFilter(
        when=~IS_STANDING, help_text=_("Whether another claim took its place, or it is withdrawn.")
    )
    latest = LatestFilter(help_text=_("At most so many of the newest claims about the same thing."))
    q = filters.SearchFilter(
        condition=search_columns(
            *"indicator__name_zh indicator__name_en code as_reported value_text".split(),
            *"scope_text said_by_text note".split(),
        )
    )


class FigureTotalFilterSet(FigureFilterSet):
    """Filters of a sum, without those that contradict its choice of claims.

    A sum adds the newest standing claims about the whole of each subject.
    """

    code: Any = None
    origin: Any = None
    sector: Any = None
    place: Any = None
    is_narrowed: Any = None
    superseded: Any = None
    latest: Any = None
    q: Any = None


class ComparisonFilterSet(filters.LedgerFilterSet):
    parks = filters.RowsFilter("park", rows=Park, may_be_unknown=False)
    indicators = LowerTermsFilter("indicator", rows=Indicator, may_be_unknown=False)
    as_of_max = filters.ToFilter("as_of")


class IndicatorFilterSet(LowerTermFilterSet):
    kind = filters.WordsFilter(choices=Indicator.Kind, may_be_unknown=False)
    is_summable = filters.FlagFilter(when=Q(is_summable=True))
    q = filters.SearchFilter(condition=in_names)


class TimelineFilterSet(filters.CodedFilterSet):
    park = filters.RowsFilter(rows=Park)
    region = RegionFilter()
    region_group = GroupsWithMembersFilter(rows=RegionGroup)
    related_region = RegionWithGroupsFilter(may_be_unknown=False)
    organisation = filters.RowsFilter(rows=Organisation)
    kind = filters.WordsFilter(choices=TimelineEntry.Kind, may_be_unknown=False)
    kind_not = filters.WordsFilter(
        "kind", choices=TimelineEntry.Kind, may_be_unknown=False, exclude=True
    )
    nature = filters.WordsFilter(choices=Nature, may_be_unknown=False)
    happened_from = filters.FromFilter("happened_on")
    happened_to = filters.ToFilter("happened_on")
    said_by = SpeakersFilter(rows=Post)
    attribution = filters.WordsFilter(choices=Claim.Attribution)
    source = filters.RowsFilter(rows=Source)
    q = filters.SearchFilter(condition=in_names)


class SpeakersOfSourceFilter(filters.RowsFilter):
    """People known from one of these sources: by themselves, by a post, or by what they say there.

    `sayings` are the models of what is said. What somebody may not see leaves no trace.
    """

    def __init__(self, *args: Any, sayings: Sequence[type[Model]], **kwargs: Any) -> None:
        self.sayings = sayings
        super().__init__(*args, rows=Source, **kwargs)

    def refer(self, to: Q) -> Q:
        known = to | Q(Exists(Post.objects.filter(to, person=OuterRef("pk"))))
        for model in self.sayings:
            rows = select_readable(model, self.get_actor())
            known |= Q(Exists(rows.filter(to, said_by__person=OuterRef("pk"))))
        return known

    def refer_to_none(self) -> Q:
        return ~self.refer(Q(source__isnull=False))


class PersonFilterSet(filters.CodedFilterSet):
    source = SpeakersOfSourceFilter("source", sayings=[Figure, TimelineEntry])
    source_not = SpeakersOfSourceFilter("source", sayings=[Figure, TimelineEntry], exclude=True)
    q = NameSearchFilter()
