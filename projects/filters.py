"""Filters and search of projects, events and flows, for lists, facets, files and pages."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.lookups import In
from django.utils.translation import gettext_lazy as _

from api.lists.filters import (
    UNKNOWN,
    CodedFilterSet,
    CodesFilter,
    ConditionFilter,
    FlagFilter,
    FromFilter,
    MomentFilter,
    NumberFilter,
    RelatedRowsFilter,
    RowsFilter,
    TermsFilter,
    ToFilter,
    WordsFilter,
    negate,
)
from api.lists.pagination import NO_HITS, Hits, Ordering, RankedSearchFilter, match_any
from config.database.indexes import Likely
from config.database.searching import MOST_KEYS, match_text
from parks.access import Publication, rights_of, select_readable
from parks.filters import (
    NameSearchFilter,
    RegionFilter,
    SectorFilter,
    TagDayFilter,
    TagsFilter,
    have_tags,
)
from parks.models import HiTech, Organisation, Park, Region, Sector, Source, Tag
from parks.models.vocabularies import ORGANISATION_TEXTS, in_range
from parks.names.names import region_groups, sector_groups
from parks.names.searching import SpelledSearch
from projects import models
from projects.dimensions import filters, places
from projects.dimensions.dimensions import CurrencyFilter, load_clusters, load_economic_regions
from projects.lifecycle.derivation import HAS_AGREED_PER_MU, has_investment_intensity
from projects.lifecycle.due import (
    Lateness,
    TimesMoved,
    has_claims_in_conflict,
    has_moved,
    has_news_from,
    has_news_to,
    has_open_obstacle,
    is_due,
    is_late_by,
    is_next_from,
    is_past_promise,
    is_returned,
    is_step_overdue,
    meet_any,
    sees_work,
)
from projects.lifecycle.rates import FOLLOWED, HAS_PAID_IN, RATES, WITH_INTENT
from projects.models.naming import PROJECT_TEXTS, normalise, validate_national_code
from projects.models.words import (
    AgreementType,
    CapitalType,
    InvestmentBasis,
    LostBecause,
    OriginScope,
    Stage,
    is_overdue,
    is_past_review,
    is_review_by,
    is_stale,
    list_stages_from,
)
from sheets.dates import Precision

NAMES_OF_INVESTORS = ("name_zh", "name_en", "aliases")


class ProjectTextSearch(SpelledSearch):
    """In code, names, their pinyin, note and investors; inside also in who is responsible."""

    index = PROJECT_TEXTS
    names = PROJECT_TEXTS.parts["names"]
    spellings = models.ProjectSpelling

    def elsewhere(self, word: str, by_index: bool) -> Hits:
        found = super().elsewhere(word, by_index) | self.in_part("note", "note", word, by_index)
        rights = rights_of(self.actor)
        if rights.is_superuser or rights.parks:
            inside = Q() if rights.is_superuser else Q(park__in=rights.parks)
            found |= self.in_part("work", "responsible_unit", word, by_index) & Hits(inside)
        return found | self.of_investors(word, by_index)

    def in_part(self, part: str, column: str, word: str, by_index: bool) -> Hits:
        keys = self.look_up(part, [word]) if by_index else None
        return Hits(match_text(column, word), keys)

    def of_investors(self, word: str, by_index: bool) -> Hits:
        """Find the projects with a folded word in the name of an investor."""
        investors = models.Investor.objects.filter(project=OuterRef("pk"))
        keys = ORGANISATION_TEXTS.find("names", [word]) if by_index else None
        if keys is None:
            columns = [f"organisation__{name}" for name in NAMES_OF_INVESTORS]
            return Hits(Q(Exists(investors.filter(match_any(columns, word)))))
        named = Organisation.objects.filter(match_any(NAMES_OF_INVESTORS, word), pk__in=keys)
        organisations = list(named.values_list("pk", flat=True)) if keys else []
        if not organisations:
            return NO_HITS
        invested = models.Investor.objects.filter(organisation__in=organisations).order_by()
        projects = frozenset(invested.values_list("project_id", flat=True)[: MOST_KEYS + 1])
        condition = Q(Exists(investors.filter(organisation__in=organisations)))
        return Hits(condition, projects if len(projects) <= MOST_KEYS else None)


def have_project_tags(actor: Any, day: date | None, codes: list[str] | None) -> Q:
    """Select the projects with one of these tags, or any tag, at any time or on a day."""
    return have_tags(models.ProjectTag.objects.filter(project=OuterRef("pk")), day, codes)


def have_investor_tags(actor: Any, day: date | None, codes: list[str] | None) -> Q:
    """Select the projects with an investor that has one of these tags, or any tag.

    By default on the day of the contract, or today for unsigned projects.
    """
    return Q(pk__in=filters.find_tagged_projects(actor, day, codes))


class InvestorOwnershipFilter(WordsFilter):
    """Projects of which an investor is owned so; `unknown` where of none it is known."""

    def condition(self, value: list[str]) -> Q:
        is_known = Q(pk__in=filters.list_owned_investors().values("project"))
        chosen = Q(pk__in=filters.list_owned_investors(value).values("project"))
        return chosen | negate(is_known) if UNKNOWN in value else chosen


_OWN: dict[str, Any] = {"having": have_project_tags, "bearer": Tag.Bearer.PROJECT}
_OF_INVESTORS: dict[str, Any] = {"having": have_investor_tags, "bearer": Tag.Bearer.ORGANISATION}


class ReachedFilter(WordsFilter):
    """Projects at this stage or further."""

    def condition(self, value: list[str]) -> Q:
        return Q(
            **{f"{self.field_name}__in": {s for word in value for s in list_stages_from(word)}}
        )


class RateNotKnownFilter(ConditionFilter):
    """Projects in the denominator of a rate of which nobody knows whether they have reached it."""

    words = tuple(RATES)
    labels: Mapping[str, Any] = {name: rate.label for name, rate in RATES.items()}

    def condition(self, value: list[str]) -> Q:
        return meet_any(RATES[name].is_not_known() for name in value)


class NationalCodesFilter(ConditionFilter):
    """Projects with one of these national codes; `unknown` finds those without."""

    may_be_unknown = True

    def read(self, word: str) -> str:
        if word == UNKNOWN:
            return ""
        code = normalise(word)
        validate_national_code(code)
        return code

    def condition(self, value: list[str]) -> Q:
        return Q(**{f"{self.field_name}__in": value})


_DIVISION_DIGITS = 3  # with the letter of the section: C39


class DivisionsFilter(TermsFilter):
    """Projects of one of these divisions.

    They are found by the ranges of their codes, which indexes serve, and by these alone: of two
    conditions that say the same, PostgreSQL expects too few rows. Not so sections: of half of all
    projects no index of sectors finds the first ones.
    """

    def condition(self, value: list[Any]) -> Q:
        if None in value:
            return super().condition(value)
        divisions = [code for code in value if len(code) == _DIVISION_DIGITS]
        return meet_any(in_range("sector", code) for code in divisions)


DAYS_LATE = _("Projects of which the step that is most late is so many days late.")


PROJECT_ORDERINGS: Mapping[str, Ordering | str] = {
    "code": "code_key",
    "name_zh": "name_zh",
    "name_en": "name_en",
    "investment_cny": Ordering("investment_cny", rank="investment_rank"),
    "stage_on": "stage_on",
    "signed_on": "signed_on",
    "created_at": "created_at",
    "updated_at": "updated_at",
}


class InvestmentCurrencyFilter(CurrencyFilter):
    """Projects without an amount in the ledger's currency, by that of their newest amount."""

    def condition(self, value: list[str]) -> Q:
        claims = models.ProjectFigure.objects.of_other_currencies().filter(project=OuterRef("pk"))
        newest = Subquery(claims.newest_first().values("currency")[:1])
        return Q(In(newest, value), investment_cny=None)


class ProjectFilterSet(filters.StepsFilterSet):
    without_twin: tuple[str, ...] = ("reached", "investment_currency")
    tag = TagsFilter(**_OWN)
    tag_on = TagDayFilter(having=have_project_tags)
    investor_tag = TagsFilter(**_OF_INVESTORS)
    investor_tag_on = TagDayFilter(having=have_investor_tags)
    investor_ownership = InvestorOwnershipFilter(choices=Organisation.Ownership)
    code_not = CodesFilter(exclude=True)
    origin = RegionFilter()
    origin_group = filters.GroupsFilter("origin", load=load_clusters)
    origin_economic_region = filters.GroupsFilter("origin", load=load_economic_regions)
    origin_named_group = filters.GroupsFilter("origin", load=region_groups)
    origin_country = places.CountriesFilter("origin", rows=Region)
    origin_province = places.LevelFilter(rows=Region, level=Region.Level.PROVINCE)
    origin_city = places.LevelFilter(rows=Region, level=Region.Level.PREFECTURE)
    origin_scope = places.ScopesFilter(choices=OriginScope)
    sector = SectorFilter()
    sector_section = TermsFilter(rows=Sector)
    sector_division = DivisionsFilter(rows=Sector)
    sector_division_not = TermsFilter("sector_division", rows=Sector, exclude=True)
    sector_group = filters.GroupsFilter("sector", load=sector_groups)
    hitech = WordsFilter(choices=HiTech)
    capital_type = WordsFilter(choices=CapitalType)
    if settings.PROFILE.other_currencies:
        investment_currency = InvestmentCurrencyFilter()
    park = RowsFilter(rows=Park, may_be_unknown=False)
    park_region = RegionFilter("park__region")
    park_province = places.ParkProvincesFilter("park", rows=Region)
    project_region = filters.ProjectRegionFilter()
    national_code = NationalCodesFilter()
    stage = WordsFilter(choices=Stage)
    reached = ReachedFilter("stage", choices=Stage, may_be_unknown=False)
    standing = WordsFilter(choices=models.Project.Standing, may_be_unknown=False)
    publication = WordsFilter(choices=Publication, may_be_unknown=False)
    kind = WordsFilter(choices=models.Project.Kind)
    function = WordsFilter(choices=models.Project.Function)
    site_mode = WordsFilter(choices=models.Project.SiteMode)
    land_mu_min = NumberFilter("land_mu", lookup_expr="gte", whole_digits=8, decimals=2)
    land_mu_max = NumberFilter("land_mu", lookup_expr="lte", whole_digits=8, decimals=2)
    floor_area_m2_min = NumberFilter("floor_area_m2", lookup_expr="gte", whole_digits=8, decimals=2)
    floor_area_m2_max = NumberFilter("floor_area_m2", lookup_expr="lte", whole_digits=8, decimals=2)
    phase_no_min = NumberFilter("phase_no", lookup_expr="gte", whole_digits=2)
    phase_no_max = NumberFilter("phase_no", lookup_expr="lte", whole_digits=2)
    has_agreed_per_mu = FlagFilter(
        when=HAS_AGREED_PER_MU,
        help_text=_("Projects on bought land of which area and agreed investment are known."),
    )
    has_investment_intensity = FlagFilter(
        when=has_investment_intensity,
        help_text=_("Projects on bought land of which area and fixed-asset investment are known."),
    )
    agreement_type = WordsFilter(choices=AgreementType)
    investment_min = filters.InvestmentFilter("investment_cny", lookup_expr="gte")
    investment_max = filters.InvestmentFilter("investment_cny", lookup_expr="lte")
    size_band = filters.BandsFilter("investment_cny")
    investment_basis = WordsFilter(choices=InvestmentBasis)
    event = RelatedRowsFilter(rows=models.SigningEvent, through=models.Participation, of="project")
    organisation = RelatedRowsFilter(rows=Organisation, through=models.Investor, of="project")
    source = RowsFilter(rows=Source)
    counts_in_totals = FlagFilter(when=Q(Likely(Q(totals_exclusion=""))))
    totals_exclusion = WordsFilter(choices=models.Project.TotalsExclusion, may_be_unknown=False)
    fulfilled = FlagFilter(
        when=FOLLOWED,
        help_text=_("Signed projects that reached a later stage, or to which money came."),
    )
    has_intent = FlagFilter(
        when=WITH_INTENT,
        help_text=_("Projects for which an intent was signed, whatever came of it."),
    )
    has_paid_in = FlagFilter(
        when=HAS_PAID_IN,
        help_text=_("Projects that reported in yuan what was paid in, even if nothing."),
    )
    rate_not_known = RateNotKnownFilter()
    stale = FlagFilter(when=is_stale, help_text=_("Projects of which there should have been news."))
    overdue = FlagFilter(
        when=is_overdue, help_text=_("Projects under way for whose next step a day has passed.")
    )
    overdue_promise = FlagFilter(
        when=is_past_promise,
        help_text=_("Active projects of which a step was promised for a past day, and not taken."),
    )
    days_late_min = filters.WholeFilter(
        filters.MOST_DAYS_LATE, lambda _actor, days: is_late_by(days), DAYS_LATE
    )
    days_late_max = filters.WholeFilter(
        filters.MOST_DAYS_LATE, lambda _actor, days: is_late_by(1, days + 1), DAYS_LATE
    )
    lateness = filters.LatenessFilter(choices=Lateness, may_be_unknown=False)
    times_moved = filters.TimesMovedFilter(choices=TimesMoved)
    times_moved_min = filters.WholeFilter(
        filters.MOST_TIMES,
        lambda actor, times: sees_work(actor) & has_moved(times),
        _("Projects of which the plan of one step moved at least so often."),
    )
    moved_from = filters.MovedFromFilter()
    moved_to = filters.MovedToFilter()
    due = FlagFilter(
        when=is_due, help_text=_("Projects under way whose next step is planned within 90 days.")
    )
    review_from = FromFilter("review_on")
    review_to = filters.SelectToFilter(is_review_by, _("Projects to be reviewed then or earlier."))
    past_review = FlagFilter(
        when=is_past_review,
        help_text=_("Active projects before full capacity whose day of review has passed."),
    )
    planned_from = filters.SelectFromFilter(
        is_next_from,
        _("Projects whose next step is planned for a period that begins then or later."),
    )
    planned_to = filters.DayToFilter("next_planned_on")
    news_from = filters.SelectFromFilter(
        has_news_from, _("Projects whose last news is of then or later; never of a day to come.")
    )
    news_to = filters.SelectToFilter(
        has_news_to, _("Projects whose last news is of then or earlier.")
    )
    silent_months_min = filters.WholeFilter(
        filters.MOST_MONTHS,
        filters.has_silence,
        _(
            "Projects of which nobody wrote for so many months, or of which no date is known "
            "(未更新)."
        ),
    )
    stalled_months_min = filters.WholeFilter(
        filters.MOST_MONTHS,
        filters.has_stalled,
        _("Projects that did not move for so many months (无进展): no milestone, no money."),
    )
    latest_progress_from = filters.WorkFromFilter("latest_progress_on")
    latest_progress_to = filters.WorkToFilter("latest_progress_on")
    next_step_due_from = filters.WorkFromFilter("next_step_due_on")
    next_step_due_to = filters.WorkToFilter("next_step_due_on")
    next_step_overdue = filters.WorkFlagFilter(
        when=is_step_overdue,
        help_text=_("Projects of which the next step was noted for a day that has passed."),
    )
    returned = filters.WorkFlagFilter(
        when=is_returned,
        help_text=_("Projects that the district returned and the office has not answered."),
    )
    has_open_obstacle = filters.WorkFlagFilter(
        when=has_open_obstacle, help_text=_("Projects with an obstacle that is not solved.")
    )
    obstacle_days_min = filters.OpenDaysFilter(of_projects=True)
    missing = filters.MissingFilter()
    completeness = filters.CompletenessFilter()
    claims_in_conflict = FlagFilter(
        when=has_claims_in_conflict,
        help_text=_("Projects of which two claims that hold say different numbers of one thing."),
    )
    responsible_unit = filters.UnitsFilter()
    responsible = filters.PeopleFilter()
    responsible_person = filters.PeopleFilter(role=models.Assignment.Role.RESPONSIBLE)
    working_unit = filters.PeopleFilter("office", "responsible_unit", share_bp__isnull=False)
    lost_because = filters.WorkWordsFilter(choices=LostBecause)
    lost_to = filters.WorkPlacesFilter(rows=Region)
    funnel = filters.FunnelFilter()
    light = filters.LightFilter(choices=models.Light)
    has_open_issues = filters.WorkFlagFilter(
        when=lambda: ~Q(open_issues=""),
        help_text=_("Projects with open issues; only the roles of their park find them."),
    )
    has_source = FlagFilter(when=Q(source__isnull=False))
    updated_from = MomentFilter("updated_at", lookup_expr="gte")
    updated_to = MomentFilter("updated_at", lookup_expr="lte")
    q = RankedSearchFilter(search=ProjectTextSearch)


class EventFilterSet(CodedFilterSet, metaclass=filters.TwinsMetaclass):
    kind = WordsFilter(choices=models.SigningEvent.Kind)
    park = RowsFilter(rows=Park)
    region = RegionFilter()
    held_from = FromFilter("held_on")
    held_to = ToFilter("held_on")
    source = RowsFilter(rows=Source)
    q = NameSearchFilter()


class OfProjectsFilterSet(ProjectFilterSet):
    """Rows of projects, narrowed by what they are and by what their projects are."""

    def filter_queryset(self, queryset: QuerySet) -> QuerySet:
        for name, value in self.form.cleaned_data.items():
            if name not in ProjectFilterSet.base_filters:
                queryset = self.filters[name].filter(queryset, value)
        return queryset.filter(self.select_projects())

    def select_projects(self) -> Q:
        """Select the rows whose project the filters of projects select."""
        asked = self.form.cleaned_data
        projects = select_readable(models.Project, getattr(self.request, "user", None))
        for name, value in asked.items():
            if name in ProjectFilterSet.base_filters:
                projects = self.filters[name].filter(projects, value)
        projects = projects.order_by()  # a search orders them by rank
        if any(asked.get(name) for name in ("code", "park", "event")):
            return Q(project__in=projects)  # few projects, whose flows are looked up
        # Checked for each flow: there are more projects than flows
        return Q(Exists(projects.filter(pk=OuterRef("project"))))


class FundingFilterSet(OfProjectsFilterSet):
    """Flows of money, narrowed by what they are and by what their projects are."""

    without_twin: tuple[str, ...] = ("funding_year", "funding_quarter", "funding_month")
    funding_kind = WordsFilter("kind", choices=models.Funding.Kind, may_be_unknown=False)
    currency = CurrencyFilter()
    recognised = filters.RecognisedFilter()
    funding_year = filters.PeriodsFilter("month", unit=Precision.YEAR, may_be_unknown=False)
    funding_quarter = filters.PeriodsFilter("month", unit=Precision.QUARTER, may_be_unknown=False)
    funding_month = filters.PeriodsFilter("month", unit=Precision.MONTH, may_be_unknown=False)
    funding_from = FromFilter("month")
    funding_to = filters.MonthsToFilter("month")

    def narrow_plans(self, plans: QuerySet) -> QuerySet:
        """Filter plans by the years within the periods, and by the selected projects.

        Plans are of whole years, of completed money, in yuan.
        """
        asked = self.form.cleaned_data
        completed = models.Funding.Kind.COMPLETED
        kinds, kinds_not = asked.get("funding_kind"), asked.get("funding_kind_not")
        if (kinds and completed not in kinds) or (kinds_not and completed in kinds_not):
            return plans.none()
        if "" not in (asked.get("currency") or [""]) or "" in (asked.get("currency_not") or []):
            return plans.none()
        of_flows = ("funding_quarter", "funding_month", "recognised", "recognised_not")
        if any(asked.get(name) for name in of_flows):
            return plans.none()
        if years := asked.get("funding_year"):
            plans = plans.filter(year__in=[year.first.year for year in years])
        if first := asked.get("funding_from"):
            plans = plans.filter(year__gte=(first.first - timedelta(days=1)).year + 1)
        if last := asked.get("funding_to"):
            plans = plans.filter(year__lte=(last.last + timedelta(days=1)).year - 1)
        return plans.filter(self.select_projects())
