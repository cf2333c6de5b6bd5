"""Filters by the values of dimensions, by tags of investors, and by what is due or missing."""

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from copy import copy
from datetime import date, timedelta
from functools import partial, reduce
from operator import or_
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db import connection
from django.db.models import Case, Exists, F, OuterRef, Q, QuerySet, Value, When
from django.db.models.functions import Coalesce
from django.db.models.lookups import In
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django_filters import Filter
from django_filters.constants import EMPTY_VALUES
from django_filters.filterset import FilterSetMetaclass

from api.lists.filters import (
    UNKNOWN,
    AmountFilter,
    CodedFilterSet,
    ConditionFilter,
    FlagFilter,
    FromFilter,
    NumberFilter,
    RowsFilter,
    SingleFilter,
    ToFilter,
    WordsFilter,
    YearsFilter,
    negate,
    split_values,
)
from api.readers import FILLED_LINE, PERIODS, list_of
from config.database import history
from config.mistakes import Mistake, nearest, require_word
from config.texts import read_whole
from parks.access import Publication, rights_of
from parks.filters import RegionFilter
from parks.models import Organisation, OrganisationTag, Region
from parks.models.tags import holds_on
from parks.names.names import REST, CodeGroups, Selection
from parks.views import select_worked_parks
from projects.dimensions.groupings import WITHOUT_YUAN, Band
from projects.dimensions.places import PlacesFilter
from projects.lifecycle import due, stocks
from projects.lifecycle.lights import Lights
from projects.models import Assignment, Investor, Milestone, PlanMove, Project
from projects.models.words import DATED_STAGES, MILESTONE_TYPES, STEPS, MilestoneStatus
from sheets.amounts import AmountError, parse_cny_bound
from sheets.dates import DateError, PartialDate, Precision, first_day, months_before

# The precisions of dates that are exact enough for each kind of period
EXACT_ENOUGH = {
    Precision.YEAR: [Precision.YEAR, Precision.QUARTER, Precision.MONTH, Precision.DAY],
    Precision.QUARTER: [Precision.QUARTER, Precision.MONTH, Precision.DAY],
    Precision.MONTH: [Precision.MONTH, Precision.DAY],
}
EXAMPLES = {Precision.YEAR: "2023", Precision.QUARTER: "2023-Q4", Precision.MONTH: "2023-11"}


class GroupsFilter(ConditionFilter):
    """Rows whose code is in one of the groups."""

    may_be_unknown = True

    def __init__(self, *args: Any, load: Callable[[], CodeGroups], **kwargs: Any) -> None:
        self.load = load
        super().__init__(*args, **kwargs)

    def parse(self, text: str) -> tuple[CodeGroups, list[str]]:
        """Parse codes or names of groups, `rest` for what is in none of them, or `unknown`."""
        groups = self.load()
        words = [*groups.groups, REST, UNKNOWN]
        return groups, [
            groups.find(word) or require_word(word.lower(), words) for word in split_values(text)
        ]

    def condition(self, value: tuple[CodeGroups, list[str]]) -> Q:
        groups, words = value
        return groups.condition(self.field_name, words)


class PeriodsFilter(ConditionFilter):
    """Rows whose date lies in one of these periods and is known as exactly as that.

    `unknown` finds those without a date, and those whose date is too coarse: a year is no month.
    """

    def __init__(
        self, *args: Any, unit: Precision, may_be_unknown: bool = True, **kwargs: Any
    ) -> None:
        self.unit = unit
        self.may_be_unknown = may_be_unknown
        self.pattern = list_of(PERIODS[unit] + (f"|{UNKNOWN}" if may_be_unknown else ""))
        super().__init__(*args, **kwargs)

    def read(self, word: str) -> PartialDate | None:
        known = [UNKNOWN] if self.may_be_unknown else []
        if word in known:
            return None
        try:
            period = PartialDate.parse(word)
        except DateError as error:
            raise Mistake("invalid", error.message, error.suggestion) from error
        if period.precision != self.unit:
            detail = _("“%(word)s” is not a %(unit)s such as %(example)s.")
            values = {"word": word, "unit": self.unit.label, "example": EXAMPLES[self.unit]}
            raise Mistake("invalid", detail % values, nearest(word, known))
        return period

    def condition(self, value: list[PartialDate | None]) -> Q:
        name = self.field_name
        is_exact = Q()
        if self.unit != Precision.YEAR and self.may_be_unknown:
            is_exact = Q(**{f"{name}_precision__in": EXACT_ENOUGH[self.unit]})
        chosen = Q(pk__in=[])
        for period in value:
            if period is None:
                chosen |= ~is_exact if is_exact else Q(**{f"{name}__isnull": True})
            else:
                chosen |= is_exact & Q(
                    **{f"{name}__gte": period.first, f"{name}__lte": period.last}
                )
        return chosen


def bound_investment(lookup: str, amount: int) -> Q:
    """Select the projects whose investment is known and within a bound.

    On PostgreSQL the bound is one of the rank, in whose order lists by amount are read from an
    index: they begin, or end, at the bound. SQLite would read lists in any order from there.
    """
    if connection.vendor != "postgresql":
        return Q(**{f"investment_cny__{lookup}": amount})
    return Q(investment_rank__gte=0) & Q(**{f"investment_rank__{lookup}": amount})


class InvestmentFilter(AmountFilter):
    """Rows whose amount is known and within the bound."""

    def condition(self, value: Any) -> Q:
        return bound_investment(self.lookup_expr, value)


_BAND = re.compile(r"(?P<low>[^-]+)-(?P<high>[^-]*)")


class BandsFilter(ConditionFilter):
    """Rows with an amount in one of these bands; `unknown` finds those without one in yuan."""

    may_be_unknown = True

    def read(self, word: str) -> Band | None:
        """Read a band, `100000000-500000000` or `1亿-5亿` or `5亿-`; `unknown` as None."""
        if word == UNKNOWN:
            return None
        match = _BAND.fullmatch(word)
        try:
            if match is None:
                raise AmountError("not_a_number", word)
            low = parse_cny_bound(match["low"])
            high = parse_cny_bound(match["high"]) if match["high"].strip() else None
        except AmountError as error:
            detail = _("“%(word)s” is not a band such as 100000000-500000000, 1亿-5亿 or 5亿-.")
            suggestion = nearest(word, [UNKNOWN])
            raise Mistake("invalid", detail % {"word": word}, suggestion) from error
        if high is not None and high <= low:
            raise ValidationError(
                _("The band “%(word)s” ends where it begins, or before."),
                code="out_of_range",
                params={"word": word},
            )
        return low, high

    def name_value(self, word: str) -> str:
        return str(WITHOUT_YUAN) if word == UNKNOWN else super().name_value(word)

    def condition(self, value: list[Band | None]) -> Q:
        chosen = Q(pk__in=[])
        for band in value:
            if band is None:
                chosen |= Q(**{f"{self.field_name}__isnull": True})
            else:
                low, high = band
                inside = bound_investment("gte", low)
                chosen |= inside if high is None else inside & bound_investment("lt", high)
        return chosen


def list_divided_regions() -> QuerySet:
    """List the codes of regions that contain others: of them no county is known."""
    return Region.objects.filter(children__isnull=False).order_by().values_list("code", flat=True)


class ProjectRegionFilter(RegionFilter):
    """Projects that stand in a region; `unknown`: of which no county is known."""

    def condition(self, value: Selection) -> Q:
        chosen = super().condition(value)
        divided = Q(**{f"{self.field_name}__in": list_divided_regions()})
        return chosen | divided if value.is_unknown else chosen


class MonthsToFilter(ToFilter):
    """Rows whose whole month lies on or before the last day of the given period."""

    def condition(self, value: PartialDate) -> Q:
        after = first_day(value.last + timedelta(days=1), Precision.MONTH)
        return Q(**{f"{self.field_name}__lt": after})


class TwinsMetaclass(FilterSetMetaclass):
    """Give each filter that takes several values a `_not` twin, right behind it.

    A filter set names those without one in `without_twin`. One with `steps` also gets the filters
    of each step.
    """

    @classmethod
    def get_declared_filters(
        cls, bases: tuple[type, ...], attrs: dict[str, Any]
    ) -> Mapping[str, Filter]:
        for step in attrs.get("steps", ()):
            for name, each in build_step_filters(step).items():
                attrs.setdefault(name, each)
        for name, each in [*attrs.items()]:
            if not isinstance(each, ConditionFilter) or each.takes_one or each.exclude:
                continue
            if name not in attrs.get("without_twin", ()):
                twin = copy(each)
                twin.exclude, twin.field_name = True, each.field_name or name
                attrs.setdefault(f"{name}_not", twin)
        return super().get_declared_filters(bases, attrs)


MOST_MONTHS = 600
MOST_TIMES, MOST_DAYS_LATE = 999, 9_999
_UP_TO = {
    MOST_MONTHS: "^([1-9][0-9]?|[1-5][0-9]{2}|600)$",
    MOST_TIMES: "^([1-9][0-9]{0,2})$",
    MOST_DAYS_LATE: "^([1-9][0-9]{0,3})$",
}


class SelectFromFilter(FromFilter):
    def __init__(self, select: Callable[[date], Q], help_text: str | Promise) -> None:
        super().__init__(help_text=help_text)
        self.select = select

    def condition(self, value: PartialDate) -> Q:
        return self.select(value.first)


class SelectToFilter(SelectFromFilter):
    def condition(self, value: PartialDate) -> Q:
        return self.select(value.last)


class DayToFilter(ToFilter):
    """Rows whose day is on or before the one given, or the last day of a month or year."""

    def condition(self, value: PartialDate) -> Q:
        return Q(**{f"{self.field_name}__lte": value.last})


class WholeFilter(SingleFilter):
    """Rows that a condition selects by a whole number, 1 to `most`."""

    def __init__(
        self, most: int, select: Callable[[Any, int], Q], help_text: str | Promise
    ) -> None:
        super().__init__(help_text=help_text)
        self.most, self.select = most, select
        self.pattern = _UP_TO[most]

    def parse(self, text: str) -> int:
        return read_whole(text, 1, self.most)

    def condition(self, value: int) -> Q:
        return self.select(self.get_actor(), value)


def has_silence(actor: Any, months: int) -> Q:
    """Select the projects of which nobody wrote for so many months (未更新).

    A note ends the silence for those who may see it.
    """
    return due.is_unwritten_since(months_before(history.today(), months), due.sees_work(actor))


def has_stalled(actor: Any, months: int) -> Q:
    """Select the projects that did not move for so many months (无进展)."""
    return due.is_stalled_since(months_before(history.today(), months))


class TakenFilter(PeriodsFilter):
    """Projects that took a step in one of these periods, by a day known as exactly as that.

    `unknown` finds those that did not take it, or on a day that is unknown or too coarse.
    """

    def __init__(self, step: str, unit: Precision) -> None:
        super().__init__("actual_on", unit=unit)
        self.step = step

    def condition(self, value: list[PartialDate | None]) -> Q:
        within = super().condition([period for period in value if period])
        if None in value:
            is_exact = Q(actual_on_precision__in=EXACT_ENOUGH[self.unit])
            return negate(due.is_taken(self.step, is_exact & ~within))
        return due.is_taken(self.step, within)


class StepsFilter(ConditionFilter):
    """Rows of one of these steps."""

    words = dict(MILESTONE_TYPES)

    def condition(self, value: list[str]) -> Q:
        return Q(**{f"{self.field_name}__in": value})


class MetFilter(StepsFilter):
    """Projects with a milestone of one of these types that is met, even on an unknown day."""

    def condition(self, value: list[str]) -> Q:
        met = Milestone.objects.filter(status=MilestoneStatus.MET, type__in=value)
        return Q(Exists(met.filter(project=OuterRef("pk"))))


_BEFORE = _("Projects that took a step at least so many months ago.")
_BEGAN = _("Projects that took a step in a period that began then or later.")
_ENDED = _("Projects that took a step in a period that ended then or earlier.")
_BEGINS = _("Projects of which a stage is planned for a period that begins then or later.")
_ENDS = _("Projects of which a stage is planned for a period that ends then or earlier.")


def build_step_filters(step: str) -> dict[str, ConditionFilter]:
    """Build the filters by the day of a step, and by the day that is planned for it.

    Of the contract: `signed_year`, `signed_quarter`, `signed_month`, `signed_from`, `signed_to`,
    `signed_months_min`, `signed_planned_from` and `signed_planned_to`.
    """
    day = f"{step}_on"
    periods: dict[str, ConditionFilter]
    begins: FromFilter
    ends: FromFilter
    if day in DATED_STAGES:
        periods = {unit: PeriodsFilter(day, unit=unit) for unit in EXACT_ENOUGH}
        begins, ends = FromFilter(day), ToFilter(day)
    else:
        periods = {unit: TakenFilter(step, unit) for unit in EXACT_ENOUGH}
        begins = SelectFromFilter(lambda first: due.is_taken(step, Q(actual_on__gte=first)), _BEGAN)
        ends = SelectToFilter(partial(due.is_taken_by, step), _ENDED)

    def took_before(_actor: Any, months: int) -> Q:
        return ends.condition(PartialDate(months_before(history.today(), months), Precision.DAY))

    filters = {
        **periods,
        **{
            "from": begins,
            "to": ends,
            "months_min": WholeFilter(MOST_MONTHS, took_before, _BEFORE),
        },
        "planned_from": SelectFromFilter(partial(due.is_planned_from, step), _BEGINS),
        "planned_to": SelectToFilter(partial(due.is_planned_to, step), _ENDS),
    }
    return {f"{step}_{name}": each for name, each in filters.items()}


class StepsFilterSet(CodedFilterSet, metaclass=TwinsMetaclass):
    """The days at which projects took their steps, and the days planned for them."""

    steps = (*STEPS,)
    signed_year = YearsFilter()
    met = MetFilter()


class WorkFromFilter(FromFilter):
    """Projects with such a day on or after the one given, as far as the person may see it."""

    def condition(self, value: PartialDate) -> Q:
        return due.sees_work(self.get_actor()) & super().condition(value)


class WorkToFilter(DayToFilter):
    """Projects with such a day on or before the one given, as far as the person may see it."""

    def condition(self, value: PartialDate) -> Q:
        return due.sees_work(self.get_actor()) & super().condition(value)


class WorkFlagFilter(FlagFilter):
    """`true` for the projects of a condition that the person may see, `false` for all others."""

    def find_when(self) -> Q:
        return due.sees_work(self.get_actor()) & super().find_when()


class WorkWordsFilter(WordsFilter):
    """Projects with one of these words, as far as the person may see it.

    `unknown` finds those without one, and those of which it is not for this person.
    """

    def condition(self, value: list[str]) -> Q:
        seen, name = due.sees_work(self.get_actor()), self.field_name
        chosen = seen & Q(**{f"{name}__in": value})
        return chosen | ~seen | Q(**{f"{name}__isnull": True}) if UNKNOWN in value else chosen


class LightFilter(WordsFilter):
    """Projects with one of these lights today; `unknown` where it is not for this person."""

    def condition(self, value: list[str]) -> Q:
        lights = Lights(self.get_actor())
        chosen = lights.has_one_of(value)
        return chosen | ~lights.seen if UNKNOWN in value else chosen


class WorkPlacesFilter(PlacesFilter):
    """Projects with exactly one of these places, as far as the person may see it.

    `unknown` finds those without one, and those of which it is not for this person.
    """

    beside: ClassVar[dict[str, str]] = {}

    def refer(self, to: Q) -> Q:
        return due.sees_work(self.get_actor()) & to

    def refer_to_none(self) -> Q:
        return ~due.sees_work(self.get_actor()) | super().refer_to_none()


_PLACES = "|".join([*stocks.FUNNEL_STEPS, stocks.LOST, stocks.UNPLACED])
_FLOW = f"({'|'.join(stocks.FUNNEL_STEPS)})[.]({'|'.join(stocks.FLOWS)})|{stocks.UNPLACED}"
_DAY = PERIODS["day"]


class FunnelFilter(SingleFilter):
    """Projects at a step of the funnel on a day, or of one flow of a step between two days.

    `signed@2026-06-30`, `signed.entered@2026-01-01..2026-06-30`; opening stock is of the day before
    the first one.
    """

    pattern = f"^(({_PLACES})@{_DAY}|({_FLOW})@{_DAY}[.]{{2}}{_DAY})$"

    def parse(self, text: str) -> tuple[list[str], list[date]]:
        """Parse a step with its flow, if any, and the days at whose ends projects are placed."""
        where, _at, days = text.partition("@")
        try:
            first, *last = [PartialDate.parse(day).first for day in days.split("..")]
        except DateError as error:
            raise ValidationError(error.message, code="invalid") from error
        if not re.fullmatch(FunnelFilter.pattern, text) or [first] > last > []:
            detail = _("“%(text)s” is not like %(one)s or %(two)s.")
            one, two = "signed@2026-06-30", "signed.entered@2026-01-01..2026-06-30"
            raise Mistake("invalid", detail % {"text": text, "one": one, "two": two})
        return where.split("."), [first - timedelta(days=1), *last] if last else [first]

    def name_value(self, word: str) -> str:
        """Name the step, its flow, if any, and the days."""
        where, _at, days = word.partition("@")
        labels = dict(stocks.FunnelStep.choices) | stocks.FLOW_LABELS
        named = " · ".join(str(labels.get(part, part)) for part in where.split("."))
        return f"{named} · {days.replace('..', ' – ')}"

    def filter(self, queryset: QuerySet, value: Any) -> QuerySet:
        """Select of the projects that earlier filters leave: only these are placed."""
        if value in EMPTY_VALUES:
            return queryset
        (place, *flow), days = value
        if flow:
            chosen = stocks.select_flow(stocks.FunnelStep(place), flow[0], *days)
        else:
            chosen = Q(at0=place) | (Q(at1=place) if len(days) > 1 else Q())
        placed = stocks.place_projects(queryset, self.get_actor(), *days)
        return queryset.filter(pk__in=placed.filter(chosen).values("pk"))


class WorkedParksFilter(RowsFilter):
    """Rows of parks in which the person has a role; no other park can be named."""

    def get_nameable_rows(self) -> Any:
        return select_worked_parks(self.get_actor())


def find_moved(one: ConditionFilter) -> Q:
    """Select the projects with a move in the period of both bounds that the person may see."""
    given = one.parent.form.cleaned_data
    moves = PlanMove.objects.filter(project=OuterRef("pk"))
    if first := given.get("moved_from"):
        moves = moves.filter(moved_on__gte=first.first)
    if last := given.get("moved_to"):
        moves = moves.filter(moved_on__lte=last.last)
    return due.sees_work(one.get_actor()) & Q(Exists(moves))


class MovedFromFilter(FromFilter):
    """Projects of which a plan was moved on or after this day, and up to `moved_to`."""

    def condition(self, value: PartialDate) -> Q:
        return find_moved(self)


class MovedToFilter(ToFilter):
    """Projects of which a plan was moved on or before this day, and from `moved_from`."""

    def condition(self, value: PartialDate) -> Q:
        return find_moved(self)


class TimesMovedFilter(WordsFilter):
    """Projects by how often the plan of a step moved; `unknown` where it is not for this person."""

    def condition(self, value: list[str]) -> Q:
        words = ["" if word == UNKNOWN else word for word in value]
        return Q(In(due.show_times_moved(self.get_actor()), words))


class LatenessFilter(WordsFilter):
    """Projects in one of these bands of days late."""

    def condition(self, value: list[str]) -> Q:
        chosen = Q(pk__in=[])
        for place in map(due.Lateness.values.index, value):
            days = due.LATE_DAYS[place : place + 2]
            chosen |= due.is_late_by(*days) if place else negate(due.is_late_by(days[1]))
        return chosen


class NamesFilter(ConditionFilter):
    """Rows with one of these names; `unknown` finds those without one."""

    pattern = FILLED_LINE
    may_be_unknown = True

    def parse(self, text: str) -> tuple[str, list[str]]:
        """Parse names, separated by commas, or one name that has commas itself."""
        return text, split_values(text)

    def condition(self, value: tuple[str, list[str]]) -> Q:
        whole, parts = value
        known = self.model._default_manager.filter(**{self.field_name: whole})
        names = [whole] if len(parts) > 1 and known.exists() else parts
        stored = ["" if name == UNKNOWN else name for name in names]
        return Q(**{f"{self.field_name}__in": stored})


class OpenDaysFilter(NumberFilter):
    """Obstacles that are open for so many days or longer, or the projects with one."""

    def __init__(self, *, of_projects: bool = False) -> None:
        super().__init__(whole_digits=4)
        self.of_projects = of_projects

    def condition(self, value: Any) -> Q:
        if not self.of_projects:
            return due.is_open_for(int(value))
        return due.sees_work(self.get_actor()) & due.has_open_obstacle(int(value))


class WaysFilter(ConditionFilter):
    """Rows that meet the condition of one of the words."""

    ways: ClassVar[Mapping[str, Q]] = {}

    def condition(self, value: list[str]) -> Q:
        return reduce(or_, (self.ways[word] for word in value))


class RecognisedFilter(WaysFilter):
    """Flows of which an authority recognised the `same` amount, another one, or `none`."""

    ways: ClassVar[Mapping[str, Q]] = {
        "same": Q(recognised_cny=F("amount_cny")),
        "differs": Q(recognised_cny__isnull=False) & ~Q(recognised_cny=F("amount_cny")),
        "none": Q(recognised_cny__isnull=True),
    }
    words = tuple(ways)


class MissingFilter(ConditionFilter):
    """Projects of which at least one of these is not known; `amount`: none in yuan."""

    words = tuple(due.MISSING)

    def condition(self, value: list[str]) -> Q:
        return due.meet_any(map(due.is_missing, value))


class CompletenessFilter(WordsFilter):
    """Projects of which so many of the five are not known, the amount in yuan among them."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, choices=due.Completeness, may_be_unknown=False, **kwargs)

    def condition(self, value: list[str]) -> Q:
        return Q(In(due.count_missing(), [due.Completeness.values.index(word) for word in value]))


class UnitsFilter(NamesFilter):
    """Projects for which one of these offices is responsible, as far as the person may see it.

    `unknown` finds those for which none is named, and those of which it is not for this person.
    """

    def condition(self, value: tuple[str, list[str]]) -> Q:
        """Build the condition; a name with commas that a project has is not split."""
        whole, parts = value
        seen = due.sees_work(self.get_actor())
        is_one = len(parts) > 1 and Project.objects.filter(seen, self.match([whole])[0]).exists()
        names = [whole] if is_one else parts
        chosen, nobody = self.match([name for name in names if name != UNKNOWN])
        return seen & chosen | ~seen | nobody if UNKNOWN in names else seen & chosen

    def match(self, names: list[str]) -> tuple[Q, Q]:
        """Build the conditions of projects with one of these names, and of those without a name."""
        return Q(responsible_unit__in=names), Q(responsible_unit="")


class PeopleFilter(UnitsFilter):
    """Projects for which one of these people answers, as far as one may see it.

    `unknown` finds those for which nobody is named, and those of which it is not for this person.
    """

    def __init__(self, column: str = "name", otherwise: str = "", **of: Any) -> None:
        super().__init__()
        self.column, self.otherwise, self.of = column, otherwise, of

    def match(self, names: list[str]) -> tuple[Q, Q]:
        there = Assignment.objects.filter(project=OuterRef("pk"), **self.of)
        chosen, nobody = Q(Exists(there.filter(**{f"{self.column}__in": names}))), ~Q(Exists(there))
        if self.otherwise:  # the column of projects that counts where there are no rows
            chosen |= nobody & Q(**{f"{self.otherwise}__in": names})
            nobody &= Q(**{self.otherwise: ""})
        return chosen, nobody


# From an investor to its organisation, its parent, and the parent of that
_OWN = "organisation__"
_GROUPS = ("organisation__parent__", "organisation__parent__parent__")


def list_tagged_investors(
    actor: Any, on: date | None, codes: Collection[str] | None = None, **of: Any
) -> Iterator[tuple[QuerySet, str]]:
    """List the investors with their own tags, then those with tags of their groups.

    Each with the path to its tags. A tag must hold on the day `on`, by default on the day of the
    contract, or today for unsigned projects. A date known in part is its first day.
    """
    today = history.today()
    day: Any = on or Coalesce(F("project__signed_on"), Value(today))
    year: Any = on.year if on else Coalesce(F("project__signed_year"), Value(today.year))
    for path in (_OWN, *_GROUPS):
        tags = f"{path}tags__"
        condition = Q(**{f"{tags}tag__in": codes} if codes else {f"{path}tags__isnull": False})
        if path != _OWN:
            condition &= Q(**{f"{tags}tag__is_of_group": True})
        condition &= holds_on(day, year, tags) & _is_seen(actor, path)
        if codes:
            condition &= _is_narrowed_to(path, codes)
        investors = Investor.objects.exclude(role=Investor.Role.VEHICLE)
        yield investors.filter(condition, **of).order_by(), tags


def _is_narrowed_to(path: str, codes: Collection[str]) -> Q:
    """Select the investors that may have one of these tags.

    Redundant with the joins, but it shows the planner that few investors have a tag.
    """
    bearers: QuerySet = (
        OrganisationTag.objects.filter(tag__in=codes).order_by().values("organisation")
    )
    for _step in range(path.count("parent__")):
        bearers = Organisation.objects.filter(parent__in=bearers).order_by().values("pk")
    return Q(organisation__in=bearers)


def list_owned_investors(owners: Collection[str] = ()) -> QuerySet:
    """List the investors with one of these owners, or any; without project companies."""
    is_owned = Q(organisation__ownership__in=owners) if owners else ~Q(organisation__ownership="")
    return Investor.objects.exclude(role=Investor.Role.VEHICLE).filter(is_owned).order_by()


def find_tagged_projects(
    actor: Any, on: date | None, codes: Collection[str] | None = None
) -> QuerySet:
    """Find the keys of the projects with an investor that has one of these tags, or any tag."""
    own, *of_groups = [
        investors.values("project") for investors, _tags in list_tagged_investors(actor, on, codes)
    ]
    return own.union(*of_groups)


def _is_seen(actor: Any, path: str) -> Q:
    rights = rights_of(actor)
    if rights.edits_shared:
        return Q()
    is_open = Q(**{f"{path}publication__in": ["", Publication.PUBLISHED]})
    is_seen = is_open | Q(**{f"{path}park__in": rights.parks}) if rights.parks else is_open
    # CASE hides the condition from planners: where most organisations are drafts, which have no
    # tags, they would expect few rows and look each project up
    return Q(Case(When(is_seen, then=True), default=False))
