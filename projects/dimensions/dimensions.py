"""The dimensions of projects and of flows of money."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from functools import cache, partial
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import (
    Aggregate,
    Case,
    Exists,
    F,
    OuterRef,
    Q,
    QuerySet,
    TextField,
    Value,
    When,
)
from django.db.models.functions import Coalesce, Concat, Substr
from django.db.models.sql.constants import LOUTER
from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from django_cte import CTE, with_cte

from api.lists.filters import ConditionFilter
from api.readers import list_of
from config.mistakes import Mistake
from parks.models import HiTech, Organisation, Park, Region, Sector, Tag
from parks.models.tags import holds_on
from parks.models.vocabularies import FOREIGN, is_abroad
from parks.names.names import REST, CodeGroups, region_groups, regions_of_level, sector_groups
from projects.dimensions import filters
from projects.dimensions.groupings import (
    WITHOUT_YUAN,
    BothNames,
    Dimension,
    Grouping,
    GroupingContext,
    NamesOf,
    build_bands,
    in_both_languages,
    label_words,
    name_as_written,
    name_band,
    name_terms,
    write_band,
)
from projects.dimensions.places import find_scope
from projects.lifecycle import due
from projects.lifecycle.lights import Lights
from projects.models import Assignment, Funding, Light, Participation, Project, ProjectTag, words
from sheets import amounts
from sheets.dates import MONTHS_IN, MonthOf, Precision, YearOf
from sheets.fields import CodeField


def name_places(values: Collection[Any]) -> Mapping[Any, BothNames]:
    """Find the names of regions, of the home country, and of `foreign`."""
    profile = settings.PROFILE
    home = {profile.country: (profile.country_zh, profile.country_en)}
    abroad = {FOREIGN: in_both_languages(_("abroad"))}
    own = {code: names for code, names in {**home, **abroad}.items() if code in values}
    return {**name_terms(Region)(values), **own}


@dataclass(frozen=True)
class OfColumn(Dimension):
    """A column of codes, with the function that names them."""

    column: str
    names: NamesOf

    def grouping(self, context: GroupingContext) -> Grouping:
        return Grouping(lambda project: F(project + self.column), self.names)


@dataclass(frozen=True)
class OfCountries(Dimension):
    """The country of the region in a column: the home country for all its divisions."""

    column: str

    def grouping(self, context: GroupingContext) -> Grouping:
        return Grouping(lambda project: self.key(project + self.column), name_places)

    def key(self, column: str) -> Case:
        return Case(
            When(**{f"{column}__isnull": True}, then=None),
            When(is_abroad(column), then=Substr(column, 1, 2)),
            default=Value(settings.PROFILE.country),
            output_field=CodeField(),
        )


@dataclass(frozen=True)
class OfLevel(OfColumn):
    """The place of a level in which the origin lies: stored where codes have six digits."""

    level: str

    def grouping(self, context: GroupingContext) -> Grouping:
        if settings.PROFILE.nested_codes:
            return super().grouping(context)
        groups = regions_of_level(self.level)
        return Grouping(
            lambda project: groups.key(f"{project}origin"),
            name_places,
            lambda key: leave_rest(groups.values(key)),
        )


def leave_rest(values: tuple[str | None, ...]) -> tuple[str | None, ...]:
    """Make unknown what is in no group."""
    return tuple(None if value == REST else value for value in values)


class OfProjectRegions(Dimension):
    """The county of a project, or a region without counties; unknown for other regions."""

    def grouping(self, context: GroupingContext) -> Grouping:
        divided = {*filters.list_divided_regions()}
        return Grouping(
            lambda project: F(f"{project}project_region"),
            name_places,
            lambda code: (None if code in divided else code,),
        )


class OfParks(Dimension):
    def grouping(self, context: GroupingContext) -> Grouping:
        parks = {
            pk: (code, (zh, en))
            for pk, code, zh, en in Park.objects.values_list("pk", "code", "name_zh", "name_en")
        }
        names = dict(parks.values())
        return Grouping(
            park_key, lambda values: names, lambda pk: (parks[pk][0],), may_be_unknown=False
        )


class OfParkProvinces(Dimension):
    """The province of the park; `foreign` for parks abroad."""

    def grouping(self, context: GroupingContext) -> Grouping:
        groups = regions_of_level(Region.Level.PROVINCE)

        @cache
        def find_provinces(region: str) -> tuple[str | None, ...]:
            return leave_rest(groups.label(region).values)

        regions = dict(Park.objects.values_list("pk", "region_id"))
        return Grouping(park_key, name_places, lambda pk: find_provinces(regions[pk]))


def park_key(project: str) -> F:
    return F(f"{project}park_id")


def name_currencies(codes: Collection[Any]) -> Mapping[Any, BothNames]:
    """Name currencies in both languages; unknown ones by their code."""
    return {code: amounts.CURRENCY_NAMES.get(code, (str(code), str(code))) for code in codes}


class OfCurrencies(Dimension):
    """The currency of a flow; blank is the yuan."""

    def grouping(self, context: GroupingContext) -> Grouping:
        return Grouping(
            lambda project: F("currency"),
            name_currencies,
            lambda key: (key or amounts.LEDGER_CURRENCY,),
            may_be_unknown=False,
        )


class CurrencyFilter(ConditionFilter):
    """Flows that were reported in one of these currencies; CNY are those in yuan."""

    pattern = list_of("[A-Z]{3}")

    def read(self, word: str) -> str:
        """Read the code of a currency as it is stored."""
        if amounts.is_currency(word):
            return amounts.store_currency(word)
        message = _("“%(word)s” is no currency of ISO 4217, such as CNY or USD.")
        meant = amounts.CURRENCY_WORDS.get(word.casefold())
        raise Mistake("unknown_value", message % {"word": word}, meant)

    def condition(self, value: list[str]) -> Q:
        return Q(currency__in=value)


_SEPARATOR = ","  # in no code and no word


class JoinedSet(Aggregate):
    """The distinct codes or words of a group in one text."""

    function = "STRING_AGG"
    template = f"%(function)s(DISTINCT %(expressions)s, '{_SEPARATOR}')"
    output_field = TextField()

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> tuple[str, Any]:
        # Which takes no separator here: it is a comma
        whole = "GROUP_CONCAT(DISTINCT %(expressions)s)"
        return self.as_sql(compiler, connection, template=whole, **context)


class SetsDimension(Dimension):
    """A dimension with any number of values for each project.

    The sets are made once and then joined: as subqueries, they would be looked up project by
    project.
    """

    def build(self, names: NamesOf, first: QuerySet, *further: QuerySet, of: str = "") -> Grouping:
        """Build the grouping of querysets with a project `of` and a `text`."""
        name = type(self).__name__.lower() + of  # one question may have several
        values = CTE(first.union(*further) if further else first, name=f"{name}_values")
        of_each = values.queryset().values("of").annotate(texts=JoinedSet("text"))
        sets = CTE(of_each, name=f"{name}_sets")

        def join(rows: Any, project: str) -> QuerySet:
            joined = sets.join(rows, _join_type=LOUTER, **{f"{project}pk": sets.col.of})
            return with_cte(values, sets, select=joined)

        return Grouping(
            lambda project: sets.col.texts,
            names,
            lambda text: tuple(sorted(text.split(_SEPARATOR))) if text else (None,),
            sets=join,
            is_additive=False,
        )


class OfTags(SetsDimension):
    """The tags of a project: of any time, or those that hold on the given day."""

    def grouping(self, context: GroupingContext) -> Grouping:
        day = context.days.get("tag")
        taggings = ProjectTag.objects.order_by()
        if day is not None:
            taggings = taggings.filter(holds_on(day, day.year))
        return self.build(name_terms(Tag), taggings.values(of=F("project_id"), text=F("tag_id")))


class OfInvestorTags(SetsDimension):
    """The tags of investors and their groups, on the day of the contract or on the given day."""

    def grouping(self, context: GroupingContext) -> Grouping:
        day = context.days.get("investor_tag")
        tagged = [
            investors.values(of=F("project_id"), text=F(f"{tags}tag_id"))
            for investors, tags in filters.list_tagged_investors(context.reader, day)
        ]
        return self.build(name_terms(Tag), *tagged)


class OfInvestorOwnership(SetsDimension):
    """The owners of investors: the state, private persons, from abroad."""

    def grouping(self, context: GroupingContext) -> Grouping:
        known = filters.list_owned_investors()
        owners = known.values(of=F("project_id"), text=F("organisation__ownership"))
        return self.build(label_words(Organisation.Ownership), owners)


_NAME_END = "\x1f"  # in no name, unlike the separator


def split_names(text: str | None) -> tuple[str | None, ...]:
    """Split joined names, each of which has its end."""
    if not text:
        return (None,)
    return tuple(sorted(text.removesuffix(_NAME_END).split(_NAME_END + _SEPARATOR)))


@dataclass(frozen=True)
class OfPeople(SetsDimension):
    """The names in a column of the people of projects; unknown where the reader may not see them.

    Where there are none, the name in the column `otherwise` of the project.
    """

    column: str
    of: Q
    otherwise: str = ""

    def grouping(self, context: GroupingContext) -> Grouping:
        people = Assignment.objects.filter(self.of).order_by()
        names = Concat(self.column, Value(_NAME_END), output_field=TextField())
        grouping = self.build(
            name_as_written, people.values(of=F("project_id"), text=names), of=self.column
        )

        def key(project: str) -> Case:
            shown = grouping.key(project)
            if self.otherwise:
                shown = Coalesce(shown, F(project + self.otherwise), output_field=TextField())
            seen = When(due.sees_work(context.reader, project), then=shown)
            return Case(seen, default=Value(""), output_field=TextField())

        return replace(grouping, key=key, values=split_names)


@dataclass(frozen=True)
class OfWork(OfColumn):
    """A column of work information; unknown where the reader may not see it."""

    def grouping(self, context: GroupingContext) -> Grouping:
        def key(project: str) -> Case:
            shown = F(project + self.column)
            return Case(When(due.sees_work(context.reader, project), then=shown), default=Value(""))

        return Grouping(key, self.names)


@dataclass(frozen=True)
class OfPlaces(Dimension):
    """Words in an order, of which SQL finds the place of each project."""

    choices: type[models.TextChoices]
    find_place: Callable[[str], Any]

    def grouping(self, context: GroupingContext) -> Grouping:
        return Grouping(
            self.find_place,
            label_words(self.choices),
            lambda place: (self.choices.values[place],),
            place=self.choices.values.index,
            may_be_unknown=False,
        )


class OfLateness(Dimension):
    """How late the step of a project is that is most late."""

    def grouping(self, context: GroupingContext) -> Grouping:
        late = CTE(due.find_lateness(), name="late")
        return Grouping(
            lambda project: late.col.place,
            label_words(due.Lateness),
            lambda place: (due.Lateness.values[place or 0],),
            place=due.Lateness.values.index,
            sets=build_join(late),
            may_be_unknown=False,
        )


class OfTimesMoved(Dimension):
    """How often the plan of a step moved; unknown where the reader may not see it."""

    def grouping(self, context: GroupingContext) -> Grouping:
        return Grouping(
            partial(due.show_times_moved, context.reader),
            label_words(due.TimesMoved),
            place=due.TimesMoved.values.index,
        )


_MOST_NAMED = 1_000  # events in a statement


@dataclass(frozen=True)
class OfWords(Dimension):
    """A column that holds a word of a vocabulary."""

    column: str
    choices: type[models.TextChoices]
    of_project: bool = True
    may_be_unknown: bool = True

    def grouping(self, context: GroupingContext) -> Grouping:
        return Grouping(
            lambda project: F(project + self.column if self.of_project else self.column),
            label_words(self.choices),
            place=self.choices.values.index,
            may_be_unknown=self.may_be_unknown,
        )


class OfScopes(OfWords):
    """How far away the origin is."""

    def grouping(self, context: GroupingContext) -> Grouping:
        return replace(super().grouping(context), key=find_scope)


@dataclass(frozen=True)
class OfPeriods(Dimension):
    """The year, quarter or month of a date; unknown where the date is coarser than that."""

    column: str
    unit: Precision
    of_project: bool = True
    stored: str = ""  # a generated column that holds the year
    is_ordered: bool = field(default=True, kw_only=True)

    def grouping(self, context: GroupingContext) -> Grouping:
        if self.unit == Precision.YEAR:
            return Grouping(self.key, name_as_written)
        in_year, text = (4, "{:04}-Q{}") if self.unit == Precision.QUARTER else (12, "{:04}-{:02}")

        def write(number: int | None) -> tuple[str | None]:
            if number is None:
                return (None,)
            return (text.format(number // in_year, number % in_year + 1),)

        return Grouping(self.key, name_as_written, write)

    def key(self, project: str) -> Any:
        """Build the SQL of the period's number, NULL where the date does not say it."""
        column = project + self.column if self.of_project else self.column
        if self.unit == Precision.YEAR:
            return F(project + self.stored) if self.stored else YearOf(column)
        number: Any = MonthOf(column)
        if self.unit == Precision.QUARTER:
            number = number / Value(MONTHS_IN[Precision.QUARTER])
        if not self.of_project:
            return number
        exact = Q(**{f"{column}_precision__in": filters.EXACT_ENOUGH[self.unit]})
        return Case(When(exact, then=number), output_field=models.IntegerField())


@dataclass(frozen=True)
class OfTaken(OfPeriods):
    """The same of a step whose day is no column of projects, but of their milestones."""

    step: str = field(kw_only=True)

    def grouping(self, context: GroupingContext) -> Grouping:
        taken = due.find_taken(self.step).values(of=F("project_id"), period=self.key(""))
        periods = CTE(taken, name=f"{self.step}_{self.unit}")
        grouping, sets = super().grouping(context), build_join(periods)
        return replace(grouping, key=lambda project: periods.col.period, sets=sets)


class OfLight(Dimension):
    """The light of a project on the day being read; unknown where the reader may not see it."""

    def grouping(self, context: GroupingContext) -> Grouping:
        lights = Lights(context.reader)
        lit = Project.objects.filter(lights.has_light).order_by()
        found = CTE(lit.values(of=F("pk"), light=lights.show()), name="lights")
        shown = Coalesce(found.col.light, Value(Light.NONE.value), output_field=TextField())

        def key(project: str) -> Case:
            seen = When(due.sees_work(context.reader, project), then=shown)
            return Case(seen, default=Value(""), output_field=TextField())

        return Grouping(key, label_words(Light), place=Light.values.index, sets=build_join(found))


def build_join(values: CTE) -> Callable[[Any, str], QuerySet]:
    """Build the function that joins one value, at most, of each project `of` to its rows."""

    def join(rows: Any, project: str) -> QuerySet:
        joined = values.join(rows, _join_type=LOUTER, **{f"{project}pk": values.col.of})
        return with_cte(values, select=joined)

    return join


_OF_STEPS = {
    Precision.YEAR: _("year of {step}"),
    Precision.QUARTER: _("quarter of {step}"),
    Precision.MONTH: _("month of {step}"),
}


def build_step_dimension(step: str, unit: Precision) -> OfPeriods:
    """Build the dimension of the day of a step: `signed_year`, `signed_quarter`, `signed_month`."""
    label, day = format_lazy(_OF_STEPS[unit], step=words.STEPS[step]), f"{step}_on"
    if day not in words.DATED_STAGES:
        return OfTaken(label, "actual_on", unit, step=step)
    stored = "signed_year" if (step, unit) == ("signed", Precision.YEAR) else ""
    return OfPeriods(label, day, unit, stored=stored)


@dataclass(frozen=True)
class OfGroups(Dimension):
    """Named groups of the regions or sectors in a column."""

    column: str
    load: Callable[[], CodeGroups]
    rest: str | Promise

    def grouping(self, context: GroupingContext) -> Grouping:
        groups = self.load()
        names = {**groups.names, REST: in_both_languages(self.rest)}
        return Grouping(
            lambda project: groups.key(project + self.column),
            lambda values: names,
            groups.values,
            place=[*names].index,
            is_additive=not groups.overlaps,
        )


class OfEvents(Dimension):
    """The events at which a project took part: none, one or several."""

    def grouping(self, context: GroupingContext) -> Grouping:
        events = {
            pk: (code, (zh, en))
            for pk, code, zh, en in context.events.values_list("pk", "code", "name_zh", "name_en")
        }
        names = dict(events.values())
        named = [*events] if len(events) <= _MOST_NAMED else context.events.values("pk")
        grouping = Grouping(
            lambda project: F(f"{project}participations__event_id"),
            lambda values: names,
            # An event that the reader may not see counts as none
            lambda pk: (events[pk][0] if pk in events else None,),
            joined=lambda rows, project: join_participations(rows, named, project),
            is_additive=False,
        )
        if context.was_there:
            return grouping
        return replace(
            grouping, beyond=lambda rows, project: leave_out_events(rows, named, project)
        )


def join_participations(rows: Any, events: Any, project: str) -> Any:
    """Join the rows to each of some events of their projects, once whatever their roles there."""
    path = f"{project}participations"
    before = Participation.objects.order_by().filter(
        project=OuterRef(f"{project}pk"), event=OuterRef(f"{path}__event"), pk__lt=OuterRef(path)
    )
    # Checked for each: SQLite would scan a list of keys for each project
    return rows.filter(Q(**{f"{path}__event__in": events}) & ~Q(Exists(before)))


def leave_out_events(rows: Any, events: Any, project: str) -> Any:
    """Select the rows whose projects were at none of some events."""
    own = Participation.objects.order_by().filter(project=OuterRef(f"{project}pk"))
    return rows.filter(~Exists(own.filter(event__in=events)))


class OfBands(Dimension):
    """Bands of investment: from one bound, below the next; the last is open."""

    def grouping(self, context: GroupingContext) -> Grouping:
        names = {write_band(band): name_band(band) for band in build_bands(context.edges)}
        order = [*names]
        without = {None: in_both_languages(WITHOUT_YUAN)}

        def key(project: str) -> Any:
            amount = f"{project}investment_cny"
            below = [
                When(**{f"{amount}__lt": high, "then": Value(place)})
                for place, high in enumerate(context.edges)
            ]
            return Case(
                When(**{f"{amount}__isnull": True, "then": None}),
                *below,
                default=Value(len(context.edges)),
                output_field=models.IntegerField(),
            )

        return Grouping(
            key,
            lambda values: {**names, **without},
            lambda place: (None if place is None else order[place],),
            place=order.index,
        )


# Groups of one family do not overlap
load_clusters = partial(region_groups, "clusters")
load_economic_regions = partial(region_groups, "economic-regions")
HAS_SHARE = Q(share_bp__isnull=False)
ELSEWHERE = _("elsewhere")
OTHER_SECTORS = _("other sectors")

DIMENSIONS: dict[str, Dimension] = {
    "park": OfParks(_("park")),
    "park_province": OfParkProvinces(_("province of the park")),
    "project_region": OfProjectRegions(_("region of the project")),
    "origin_group": OfGroups(_("group of the origin"), "origin", load_clusters, ELSEWHERE),
    "origin_economic_region": OfGroups(
        _("economic region of the origin"), "origin", load_economic_regions, ELSEWHERE
    ),
    "origin_named_group": OfGroups(
        _("every named group of the origin"), "origin", region_groups, ELSEWHERE
    ),
    "origin_country": OfCountries(_("country of the origin"), "origin"),
    "origin_province": OfLevel(
        _("province of the origin"), "origin_province", name_places, Region.Level.PROVINCE
    ),
    "origin_city": OfLevel(
        _("city of the origin"), "origin_city", name_places, Region.Level.PREFECTURE
    ),
    "origin_scope": OfScopes(
        _("distance of the origin"), "origin_scope", words.OriginScope, is_ordered=True
    ),
    "sector_section": OfColumn(_("section of the sector"), "sector_section", name_terms(Sector)),
    "sector_division": OfColumn(_("division of the sector"), "sector_division", name_terms(Sector)),
    "sector_group": OfGroups(_("group of the sector"), "sector", sector_groups, OTHER_SECTORS),
    "hitech": OfWords(_("high-tech industry"), "hitech", HiTech),
    "capital_type": OfWords(_("capital"), "capital_type", words.CapitalType),
    "stage": OfWords(_("stage"), "stage", words.Stage, is_ordered=True),
    "standing": OfWords(_("standing"), "standing", Project.Standing, may_be_unknown=False),
    "kind": OfWords(_("kind"), "kind", Project.Kind),
    "function": OfWords(_("function"), "function", Project.Function),
    "site_mode": OfWords(_("way of having its site"), "site_mode", Project.SiteMode),
    "agreement_type": OfWords(_("agreement"), "agreement_type", words.AgreementType),
    "investment_basis": OfWords(
        _("basis of the investment"), "investment_basis", words.InvestmentBasis
    ),
    "responsible_unit": OfWork(_("responsible unit"), "responsible_unit", name_as_written),
    "responsible_person": OfPeople(
        _("responsible person"), "name", Q(role=Assignment.Role.RESPONSIBLE)
    ),
    "working_unit": OfPeople(_("working unit"), "office", HAS_SHARE, "responsible_unit"),
    "lost_because": OfWork(_("lost because of"), "lost_because", label_words(words.LostBecause)),
    "lost_to": OfWork(_("lost to"), "lost_to", name_places),
    "light": OfLight(_("light"), is_ordered=True),
    "completeness": OfPlaces(
        _("completeness"), due.Completeness, due.count_missing, is_ordered=True
    ),
    "lateness": OfLateness(_("days late"), is_ordered=True),
    "times_moved": OfTimesMoved(_("times moved"), is_ordered=True),
    "tag": OfTags(_("tag")),
    "investor_tag": OfInvestorTags(_("tag of an investor")),
    "investor_ownership": OfInvestorOwnership(_("ownership of an investor")),
    "event": OfEvents(_("event")),
    "size_band": OfBands(_("size of the investment"), is_ordered=True),
    **{
        f"{step}_{unit}": build_step_dimension(step, unit)
        for step in words.STEPS
        for unit in _OF_STEPS
    },
}
# Dimensions of flows of money, besides those of their projects
FUNDING_DIMENSIONS: dict[str, Dimension] = {
    "funding_kind": OfWords(
        _("kind of funding"), "kind", Funding.Kind, of_project=False, may_be_unknown=False
    ),
    "currency": OfCurrencies(_("currency")),
    "funding_year": OfPeriods(_("year"), "month", Precision.YEAR, of_project=False),
    "funding_quarter": OfPeriods(_("quarter"), "month", Precision.QUARTER, of_project=False),
    "funding_month": OfPeriods(_("month"), "month", Precision.MONTH, of_project=False),
}


def period_of(dimension: Dimension) -> Precision | None:
    """Return the unit of a dimension of time; None for other dimensions."""
    return dimension.unit if isinstance(dimension, OfPeriods) else None
