"""The filters of parks, vocabularies, organisations and sources, and by region and sector."""

from collections.abc import Callable
from datetime import date
from functools import lru_cache, reduce
from operator import or_
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from api.lists import filters
from api.lists.pagination import RankedSearchFilter
from config.mistakes import Mistake, nearest
from parks.models import HiTech, Organisation, OrganisationTag, Park, Region, Sector, Source, Tag
from parks.models.tags import holds_on
from parks.names.choosing import SCATTERED, find_terms_state, load_choices
from parks.names.names import Selection, find_regions, find_sectors
from parks.names.searching import OrganisationTextSearch
from sheets.dates import PartialDate


@lru_cache(maxsize=1024)  # finding takes some queries
def _find_once(find: Callable[[str], Selection], text: str, state: Any) -> Selection:
    return find(text)


class SelectionFilter(filters.ConditionFilter):
    """Rows whose code is selected, everything below included; `unknown` finds those without."""

    longest = 500
    may_be_unknown = True
    find: Callable[[str], Selection]

    def parse(self, text: str) -> Selection:
        """Find what codes, groups or names, separated by commas, select."""
        return _find_once(self.find, text, find_terms_state())

    def condition(self, value: Selection) -> Q:
        return value.condition(self.field_name)


class RegionFilter(SelectionFilter):
    """A region or group of regions by code or by Chinese or English name."""

    find = staticmethod(find_regions)


class SectorFilter(SelectionFilter):
    """A sector or group of sectors by code or name."""

    find = staticmethod(find_sectors)


def search_columns(*columns: str) -> Callable[[str], Q]:
    """Build the condition of a search: a word is contained in one of these columns."""
    return lambda word: reduce(or_, (Q(**{f"{column}__icontains": word}) for column in columns))


in_names = search_columns("code", "name_zh", "name_en")


class NameSearchFilter(filters.SearchFilter):
    """Rows in whose code or names every one of the words is found, or a name in pinyin.

    All names that filters take count, and initials of pinyin.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, condition=in_names, **kwargs)

    def condition(self, value: str) -> Q:
        called = load_choices(self.model).find_matching(value, range(SCATTERED))
        return super().condition(value) | Q(pk__in=called)


class TermFilterSet(filters.LedgerFilterSet):
    """Filters of a vocabulary, whose codes are in capitals."""

    code = filters.CodesFilter("code", fold=str.upper)


class LowerTermFilterSet(filters.LedgerFilterSet):
    """Filters of a vocabulary, whose codes are in lower case."""

    code = filters.CodesFilter("code")


class RegionFilterSet(TermFilterSet):
    level = filters.WordsFilter(choices=Region.Level, may_be_unknown=False)
    within = RegionFilter(field_name="code", label="part of")
    q = NameSearchFilter()


class SectorFilterSet(TermFilterSet):
    level = filters.WordsFilter(choices=Sector.Level, may_be_unknown=False)
    within = SectorFilter(field_name="code")
    hitech = filters.WordsFilter(choices=HiTech)
    q = NameSearchFilter()


class GroupFilterSet(LowerTermFilterSet):
    q = NameSearchFilter()


class TagFilterSet(LowerTermFilterSet):
    bearer = filters.WordsFilter(choices=Tag.Bearer, may_be_unknown=False)
    q = filters.SearchFilter(condition=in_names)


class SourceFilterSet(filters.CodedFilterSet):
    kind = filters.WordsFilter(choices=Source.Kind)
    published_from = filters.FromFilter("published_on")
    published_to = filters.ToFilter("published_on")
    q = filters.SearchFilter(condition=search_columns("code", "title", "publisher"))


# The actor, the day on which tags hold (None: the default), and the tags (None: any)
HavingTags = Callable[[Any, date | None, list[str] | None], Q]


class TagsFilter(filters.RowsFilter):
    """Rows with one of these tags; `unknown` finds those without any.

    The filter of the same name with `_on` says on which day.
    """

    key = "code"

    def __init__(self, *args: Any, having: HavingTags, bearer: Tag.Bearer, **kwargs: Any) -> None:
        self.having = having
        self.bearer = bearer
        super().__init__(*args, rows=Tag, **kwargs)

    def get_nameable_rows(self) -> QuerySet:
        return super().get_nameable_rows().filter(bearer=self.bearer)

    def condition(self, value: list[Any]) -> Q:
        given: PartialDate | None = self.parent.form.cleaned_data.get(f"{self.field_name}_on")
        day, actor = given.first if given else None, self.get_actor()
        codes = [code for code in value if code is not None]
        chosen = self.having(actor, day, codes) if codes else Q(pk__in=[])
        return chosen | filters.negate(self.having(actor, day, None)) if None in value else chosen


class TagDayFilter(filters.FromFilter):
    """Rows with a tag on the first day of the given period, by which tags are judged then."""

    def __init__(self, *args: Any, having: HavingTags, **kwargs: Any) -> None:
        self.having = having
        super().__init__(*args, **kwargs)

    def condition(self, value: PartialDate) -> Q:
        return self.having(self.get_actor(), value.first, None)


def have_tags(taggings: QuerySet, day: date | None, codes: list[str] | None) -> Q:
    """Select the rows with one of these tags, or any: at any time, or on a day."""
    if codes is not None:
        taggings = taggings.filter(tag__in=codes)
    return Q(Exists(taggings if day is None else taggings.filter(holds_on(day, day.year))))


def have_organisation_tags(actor: Any, day: date | None, codes: list[str] | None) -> Q:
    return have_tags(OrganisationTag.objects.filter(organisation=OuterRef("pk")), day, codes)


OF_ORGANISATIONS: dict[str, Any] = {
    "having": have_organisation_tags,
    "bearer": Tag.Bearer.ORGANISATION,
}


class OrganisationFilterSet(filters.CodedFilterSet):
    region = RegionFilter(field_name="region")
    region_not = RegionFilter(field_name="region", exclude=True)
    kind = filters.WordsFilter(choices=Organisation.Kind)
    kind_not = filters.WordsFilter("kind", choices=Organisation.Kind, exclude=True)
    ownership = filters.WordsFilter(choices=Organisation.Ownership)
    ownership_not = filters.WordsFilter("ownership", choices=Organisation.Ownership, exclude=True)
    tag = TagsFilter(**OF_ORGANISATIONS)
    tag_not = TagsFilter("tag", exclude=True, **OF_ORGANISATIONS)
    tag_on = TagDayFilter(having=have_organisation_tags)
    parent = filters.RowsFilter("parent", rows=Organisation)
    source = filters.RowsFilter(rows=Source)
    source_not = filters.RowsFilter("source", rows=Source, exclude=True)
    q = RankedSearchFilter(search=OrganisationTextSearch)


class BrandsFilter(filters.RowsFilter):
    """Parks of one of these brands; `unknown` finds those without."""

    key = "brand"

    def as_key(self, word: str) -> str:
        return "" if word == filters.UNKNOWN else word

    def find_called(self, word: str) -> None:
        """Find no park: the words are brands."""

    def describe_unknown_row(self, word: str) -> Mistake:
        named = self.get_nameable_rows().exclude(brand="").order_by()
        detail = _("No park has the brand “%(word)s”.") % {"word": word}
        return Mistake(
            "unknown_value", detail, nearest(word, {*named.values_list("brand", flat=True)})
        )

    def condition(self, value: list[int | None]) -> Q:
        named = Park.objects.filter(pk__in=[key for key in value if key is not None])
        chosen = Q(brand__in=named.exclude(brand="").order_by().values("brand"))
        return chosen | Q(brand="") if None in value else chosen


class ParkFilterSet(filters.CodedFilterSet):
    region = RegionFilter(field_name="region")
    region_not = RegionFilter(field_name="region", exclude=True)
    kind = filters.WordsFilter(choices=Park.Kind)
    kind_not = filters.WordsFilter("kind", choices=Park.Kind, exclude=True)
    brand = BrandsFilter(rows=Park)
    brand_not = BrandsFilter("brand", rows=Park, exclude=True)
    operator = filters.RowsFilter("operator", rows=Organisation)
    is_placeholder = filters.FlagFilter(when=Q(is_placeholder=True))
    source = filters.RowsFilter(rows=Source)
    source_not = filters.RowsFilter("source", rows=Source, exclude=True)
    q = NameSearchFilter()
