"""What projects are counted by: one list for facets and summaries; each is a filter, too.

A dimension is made ready for a question as a `Grouping`: the SQL to group by, what its keys stand
for, and the names of those values in both languages. It groups by columns of the project itself;
codes get their names afterwards. None is unknown.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from django.db import models
from django.db.models import Case, Exists, F, OuterRef, Q, Value, When
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from config.dates import MONTHS_IN, MonthOf, Precision, YearOf
from parks.code_groups import REST, CodeGroups, region_groups, sector_groups
from parks.models import HiTech, Sector
from projects.dimensions.bands import build_bands, name_band, write_band
from projects.dimensions.currencies import OfCurrencies
from projects.dimensions.filters import EXACT_ENOUGH
from projects.dimensions.groupings import (
    Asked,
    Dimension,
    Grouping,
    in_both_languages,
    label_words,
    name_as_written,
    name_terms,
)
from projects.dimensions.places import (
    OfCountries,
    OfParkProvinces,
    OfParks,
    OfPlaces,
    OfProjectRegions,
)
from projects.lifecycle.words import AgreementType, CapitalType, InvestmentBasis, OriginScope, Stage
from projects.models import Funding, Participation, Project
from projects.tagging.dimensions import OfInvestorOwnership, OfInvestorTags, OfTags
from projects.tracking.dimensions import OfCompleteness, OfUnits

_MOST_NAMED = 1_000  # events in a statement


@dataclass(frozen=True)
class OfWords:
    """A column that holds a word of a vocabulary."""

    label: str | Promise
    column: str
    choices: type[models.TextChoices]
    is_ordered: bool = False
    of_project: bool = True
    may_be_unknown: bool = True

    def grouping(self, asked: Asked) -> Grouping:
        return Grouping(
            lambda project: F(project + self.column if self.of_project else self.column),
            label_words(self.choices),
            place=self.choices.values.index,
            may_be_unknown=self.may_be_unknown,
        )


@dataclass(frozen=True)
class OfTerms:
    """A column that holds the code of a vocabulary's term."""

    label: str | Promise
    column: str
    model: type[models.Model]
    is_ordered: bool = False

    def grouping(self, asked: Asked) -> Grouping:
        return Grouping(lambda project: F(project + self.column), name_terms(self.model))


@dataclass(frozen=True)
class OfPeriods:
    """The year, quarter or month of a date; unknown where the date is coarser than that."""

    label: str | Promise
    column: str
    unit: Precision
    of_project: bool = True
    stored: str = ""  # a generated column that holds the year
    is_ordered: bool = True

    def grouping(self, asked: Asked) -> Grouping:
        grouping = Grouping(self.key, name_as_written)
        values = {Precision.QUARTER: _write_quarter, Precision.MONTH: _write_month}.get(self.unit)
        return replace(grouping, values=values) if values else grouping

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
        exact = Q(**{f"{column}_precision__in": EXACT_ENOUGH[self.unit]})
        return Case(When(exact, then=number), output_field=models.IntegerField())


def _write_quarter(number: int | None) -> tuple[str | None]:
    return (None if number is None else f"{number // 4:04}-Q{number % 4 + 1}",)


def _write_month(number: int | None) -> tuple[str | None]:
    return (None if number is None else f"{number // 12:04}-{number % 12 + 1:02}",)


@dataclass(frozen=True)
class OfGroups:
    """Named groups of the regions or sectors in a column."""

    label: str | Promise
    column: str
    load: Callable[[], CodeGroups]
    rest: str | Promise
    is_ordered: bool = False

    def grouping(self, asked: Asked) -> Grouping:
        groups = self.load()
        names = {**groups.names, REST: in_both_languages(self.rest)}
        return Grouping(
            lambda project: groups.key(project + self.column),
            lambda values: names,
            groups.values,
            place=[*names].index,
            is_additive=not groups.overlaps,
        )


@dataclass(frozen=True)
class OfEvents:
    """The events at which a project took part: none, one or several."""

    label: str | Promise = _("event")
    is_ordered: bool = False

    def grouping(self, asked: Asked) -> Grouping:
        events = {
            pk: (code, (zh, en))
            for pk, code, zh, en in asked.events.values_list("pk", "code", "name_zh", "name_en")
        }
        names = dict(events.values())

        named = [*events] if len(events) <= _MOST_NAMED else asked.events.values("pk")
        grouping = Grouping(
            lambda project: F(f"{project}participations__event_id"),
            lambda values: names,
            # What the person may not see must leave no trace: it counts as none.
            lambda pk: (events[pk][0] if pk in events else None,),
            joined=lambda rows, project: join_participations(rows, named, project),
            is_additive=False,
        )
        if asked.was_there:
            return grouping
        return replace(
            grouping, beyond=lambda rows, project: leave_out_events(rows, named, project)
        )


def join_participations(rows: Any, events: Any, project: str) -> Any:
    """Join the rows to each of some events at which their projects were, once for each.

    Whatever roles a project had at an event, it is there once.
    """
    path = f"{project}participations"
    before = Participation.objects.order_by().filter(
        project=OuterRef(f"{project}pk"), event=OuterRef(f"{path}__event"), pk__lt=OuterRef(path)
    )
    # Looked up for each: of lists of keys SQLite would go through all for each project
    return rows.filter(Q(**{f"{path}__event__in": events}) & ~Q(Exists(before)))


def leave_out_events(rows: Any, events: Any, project: str) -> Any:
    """Select the rows whose projects were at none of some events."""
    own = Participation.objects.order_by().filter(project=OuterRef(f"{project}pk"))
    return rows.filter(~Exists(own.filter(event__in=events)))


@dataclass(frozen=True)
class OfBands:
    """Bands of investment: from one bound, below the next; the last is open."""

    label: str | Promise = _("size of the investment")
    is_ordered: bool = True

    def grouping(self, asked: Asked) -> Grouping:
        names = {write_band(band): name_band(band) for band in build_bands(asked.edges)}
        order = [*names]

        def key(project: str) -> Any:
            amount = f"{project}investment_cny"
            below = [
                When(**{f"{amount}__lt": high, "then": Value(place)})
                for place, high in enumerate(asked.edges)
            ]
            return Case(
                When(**{f"{amount}__isnull": True, "then": None}),
                *below,
                default=Value(len(asked.edges)),
                output_field=models.IntegerField(),
            )

        return Grouping(
            key,
            lambda values: names,
            lambda place: (None if place is None else order[place],),
            place=order.index,
        )


def load_clusters() -> CodeGroups:
    """Load Beijing-Tianjin-Hebei, the Yangtze and the Pearl River Delta; they do not overlap."""
    return region_groups("clusters")


def load_economic_regions() -> CodeGroups:
    """Load east, centre, west and northeast."""
    return region_groups("economic-regions")


ELSEWHERE = _("elsewhere")
OTHER_SECTORS = _("other sectors")

DIMENSIONS: dict[str, Dimension] = {
    "park": OfParks(),
    "park_province": OfParkProvinces(),
    "project_region": OfProjectRegions(),
    "origin_group": OfGroups(_("group of the origin"), "origin", load_clusters, ELSEWHERE),
    "origin_economic_region": OfGroups(
        _("economic region of the origin"), "origin", load_economic_regions, ELSEWHERE
    ),
    "origin_named_group": OfGroups(
        _("every named group of the origin"), "origin", region_groups, ELSEWHERE
    ),
    "origin_country": OfCountries(_("country of the origin"), "origin"),
    "origin_province": OfPlaces(_("province of the origin"), "origin_province"),
    "origin_city": OfPlaces(_("city of the origin"), "origin_city"),
    "origin_scope": OfWords(
        _("distance of the origin"), "origin_scope", OriginScope, is_ordered=True
    ),
    "sector_section": OfTerms(_("section of the sector"), "sector_section", Sector),
    "sector_division": OfTerms(_("division of the sector"), "sector_division", Sector),
    "sector_group": OfGroups(_("group of the sector"), "sector", sector_groups, OTHER_SECTORS),
    "hitech": OfWords(_("high-tech industry"), "hitech", HiTech),
    "capital_type": OfWords(_("capital"), "capital_type", CapitalType),
    "stage": OfWords(_("stage"), "stage", Stage, is_ordered=True),
    "standing": OfWords(_("standing"), "standing", Project.Standing, may_be_unknown=False),
    "kind": OfWords(_("kind"), "kind", Project.Kind),
    "function": OfWords(_("function"), "function", Project.Function),
    "site_mode": OfWords(_("way of having its site"), "site_mode", Project.SiteMode),
    "agreement_type": OfWords(_("agreement"), "agreement_type", AgreementType),
    "investment_basis": OfWords(_("basis of the investment"), "investment_basis", InvestmentBasis),
    "responsible_unit": OfUnits(),
    "completeness": OfCompleteness(),
    "tag": OfTags(),
    "investor_tag": OfInvestorTags(),
    "investor_ownership": OfInvestorOwnership(),
    "event": OfEvents(),
    "size_band": OfBands(),
    "intended_year": OfPeriods(_("year of the intent"), "intended_on", Precision.YEAR),
    "intended_quarter": OfPeriods(_("quarter of the intent"), "intended_on", Precision.QUARTER),
    "intended_month": OfPeriods(_("month of the intent"), "intended_on", Precision.MONTH),
    "signed_year": OfPeriods(
        _("year of the contract"), "signed_on", Precision.YEAR, stored="signed_year"
    ),
    "signed_quarter": OfPeriods(_("quarter of the contract"), "signed_on", Precision.QUARTER),
    "signed_month": OfPeriods(_("month of the contract"), "signed_on", Precision.MONTH),
    "started_year": OfPeriods(_("year of the start"), "started_on", Precision.YEAR),
    "started_quarter": OfPeriods(_("quarter of the start"), "started_on", Precision.QUARTER),
    "started_month": OfPeriods(_("month of the start"), "started_on", Precision.MONTH),
    "completed_year": OfPeriods(_("year of completion"), "completed_on", Precision.YEAR),
    "completed_quarter": OfPeriods(_("quarter of completion"), "completed_on", Precision.QUARTER),
    "completed_month": OfPeriods(_("month of completion"), "completed_on", Precision.MONTH),
    "operating_year": OfPeriods(_("year of operation"), "operating_on", Precision.YEAR),
    "operating_quarter": OfPeriods(_("quarter of operation"), "operating_on", Precision.QUARTER),
    "operating_month": OfPeriods(_("month of operation"), "operating_on", Precision.MONTH),
}
# What flows of money are counted by, besides the dimensions of their projects
FUNDING_DIMENSIONS: dict[str, Dimension] = {
    "funding_kind": OfWords(
        _("kind of funding"), "kind", Funding.Kind, of_project=False, may_be_unknown=False
    ),
    "currency": OfCurrencies(),
    "funding_year": OfPeriods(_("year"), "month", Precision.YEAR, of_project=False),
    "funding_quarter": OfPeriods(_("quarter"), "month", Precision.QUARTER, of_project=False),
    "funding_month": OfPeriods(_("month"), "month", Precision.MONTH, of_project=False),
}


def period_of(dimension: Dimension) -> Precision | None:
    """Find the length of the periods of a dimension of time; None for all others."""
    return dimension.unit if isinstance(dimension, OfPeriods) else None
