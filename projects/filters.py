"""What projects and events can be narrowed by: one set for lists, facets, files and pages.

Every filter of projects for equality has a `..._not` twin, its exact complement: unknown included.
"""

from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from config.api.lists.code_filters import CodedFilterSet, CodesFilter
from config.api.lists.filter_fields import (
    UNKNOWN,
    ConditionFilter,
    FlagFilter,
    FromFilter,
    MomentFilter,
    RelatedRowsFilter,
    RowsFilter,
    SearchFilter,
    TermsFilter,
    ToFilter,
    WordsField,
    WordsFilter,
)
from config.api.lists.number_filters import NumberFilter
from config.api.lists.ranked import RankedSearchFilter
from parks.access import Publication
from parks.code_groups import region_groups, sector_groups
from parks.filters import BoundsForm, RegionFilter, SectorFilter, in_names
from parks.models import HiTech, Organisation, Park, Region, Sector, Source
from parks.models.vocabularies import in_range
from projects.dimensions.dimensions import load_clusters, load_economic_regions
from projects.dimensions.filters import (
    BandsFilter,
    CountriesFilter,
    GroupsFilter,
    InvestmentFilter,
    ParkProvincesFilter,
    PlacesFilter,
    ProjectRegionFilter,
)
from projects.dimensions.period_filters import PeriodsFilterSet
from projects.lifecycle.land import HAS_AGREED_PER_MU, has_investment_intensity
from projects.lifecycle.rates import FOLLOWED, HAS_PAID_IN, RATES, WITH_INTENT
from projects.lifecycle.words import (
    AgreementType,
    CapitalType,
    InvestmentBasis,
    OriginScope,
    Stage,
    is_overdue,
    is_stale,
    list_stages_from,
)
from projects.models import Investor, Participation, Project, SigningEvent
from projects.national_codes import normalise, validate_national_code
from projects.searching import ProjectTextSearch
from projects.tagging.filters import TaggedFilterSet
from projects.tracking.due import has_claims_in_conflict, is_due, is_step_overdue
from projects.tracking.filters import (
    CompletenessFilter,
    DayToFilter,
    MissingFilter,
    NewsFromFilter,
    NewsToFilter,
    NextFromFilter,
    PeopleFilter,
    PlannedFromFilter,
    PlannedToFilter,
    SilentMonthsFilter,
    StalledMonthsFilter,
    UnitsFilter,
    WorkFlagFilter,
    WorkFromFilter,
    WorkToFilter,
)


class ReachedFilter(WordsFilter):
    """Projects at this stage or further."""

    def condition(self, value: list[str]) -> Q:
        return Q(
            **{f"{self.field_name}__in": {s for word in value for s in list_stages_from(word)}}
        )


class RateNotKnownFilter(ConditionFilter):
    """Projects in the denominator of a rate of which nobody knows whether they have reached it."""

    field_class = WordsField

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, words=[*RATES], **kwargs)

    def condition(self, value: list[str]) -> Q:
        chosen = Q(pk__in=[])
        for name in value:
            chosen |= RATES[name].is_not_known()
        return chosen


class NationalCodesField(WordsField):
    """National project codes, separated by commas, as they are kept; `unknown` as blank."""

    def read(self, word: str) -> str:
        if word == UNKNOWN:
            return ""
        code = normalise(word)
        validate_national_code(code)
        return code


class NationalCodesFilter(ConditionFilter):
    """Projects with one of these national codes; `unknown` finds those without."""

    field_class = NationalCodesField

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
        within = Q(pk__in=[])
        for code in value:
            if len(code) == _DIVISION_DIGITS:
                within |= in_range("sector", code)
        return within


class ProjectFilterSet(TaggedFilterSet, PeriodsFilterSet):
    code_not = CodesFilter(exclude=True)
    origin = RegionFilter()
    origin_not = RegionFilter("origin", exclude=True)
    origin_group = GroupsFilter("origin", load=load_clusters)
    origin_group_not = GroupsFilter("origin", load=load_clusters, exclude=True)
    origin_economic_region = GroupsFilter("origin", load=load_economic_regions)
    origin_economic_region_not = GroupsFilter("origin", load=load_economic_regions, exclude=True)
    origin_named_group = GroupsFilter("origin", load=region_groups)
    origin_named_group_not = GroupsFilter("origin", load=region_groups, exclude=True)
    origin_country = CountriesFilter("origin", rows=Region)
    origin_country_not = CountriesFilter("origin", rows=Region, exclude=True)
    origin_province = PlacesFilter(rows=Region)
    origin_province_not = PlacesFilter("origin_province", rows=Region, exclude=True)
    origin_city = PlacesFilter(rows=Region)
    origin_city_not = PlacesFilter("origin_city", rows=Region, exclude=True)
    origin_scope = WordsFilter(choices=OriginScope)
    origin_scope_not = WordsFilter("origin_scope", choices=OriginScope, exclude=True)
    sector = SectorFilter()
    sector_not = SectorFilter("sector", exclude=True)
    sector_section = TermsFilter(rows=Sector)
    sector_section_not = TermsFilter("sector_section", rows=Sector, exclude=True)
    sector_division = DivisionsFilter(rows=Sector)
    sector_division_not = TermsFilter("sector_division", rows=Sector, exclude=True)
    sector_group = GroupsFilter("sector", load=sector_groups)
    sector_group_not = GroupsFilter("sector", load=sector_groups, exclude=True)
    hitech = WordsFilter(choices=HiTech)
    hitech_not = WordsFilter("hitech", choices=HiTech, exclude=True)
    capital_type = WordsFilter(choices=CapitalType)
    capital_type_not = WordsFilter("capital_type", choices=CapitalType, exclude=True)
    park = RowsFilter(rows=Park, may_be_unknown=False)
    park_not = RowsFilter("park", rows=Park, may_be_unknown=False, exclude=True)
    park_region = RegionFilter("park__region")
    park_region_not = RegionFilter("park__region", exclude=True)
    park_province = ParkProvincesFilter("park", rows=Region)
    park_province_not = ParkProvincesFilter("park", rows=Region, exclude=True)
    project_region = ProjectRegionFilter()
    project_region_not = ProjectRegionFilter("project_region", exclude=True)
    national_code = NationalCodesFilter()
    national_code_not = NationalCodesFilter("national_code", exclude=True)
    stage = WordsFilter(choices=Stage)
    stage_not = WordsFilter("stage", choices=Stage, exclude=True)
    reached = ReachedFilter("stage", choices=Stage, may_be_unknown=False)
    standing = WordsFilter(choices=Project.Standing, may_be_unknown=False)
    standing_not = WordsFilter(
        "standing", choices=Project.Standing, may_be_unknown=False, exclude=True
    )
    publication = WordsFilter(choices=Publication, may_be_unknown=False)
    publication_not = WordsFilter(
        "publication", choices=Publication, may_be_unknown=False, exclude=True
    )
    kind = WordsFilter(choices=Project.Kind)
    kind_not = WordsFilter("kind", choices=Project.Kind, exclude=True)
    function = WordsFilter(choices=Project.Function)
    function_not = WordsFilter("function", choices=Project.Function, exclude=True)
    site_mode = WordsFilter(choices=Project.SiteMode)
    site_mode_not = WordsFilter("site_mode", choices=Project.SiteMode, exclude=True)
    land_mu_min = NumberFilter("land_mu", lookup_expr="gte", whole_digits=8, decimals=2)
    land_mu_max = NumberFilter("land_mu", lookup_expr="lte", whole_digits=8, decimals=2)
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
    agreement_type_not = WordsFilter("agreement_type", choices=AgreementType, exclude=True)
    investment_min = InvestmentFilter("investment_cny", lookup_expr="gte")
    investment_max = InvestmentFilter("investment_cny", lookup_expr="lte")
    size_band = BandsFilter("investment_cny")
    size_band_not = BandsFilter("investment_cny", exclude=True)
    investment_basis = WordsFilter(choices=InvestmentBasis)
    investment_basis_not = WordsFilter("investment_basis", choices=InvestmentBasis, exclude=True)
    event = RelatedRowsFilter(rows=SigningEvent, through=Participation, of="project")
    event_not = RelatedRowsFilter(
        "event", rows=SigningEvent, through=Participation, of="project", exclude=True
    )
    organisation = RelatedRowsFilter(rows=Organisation, through=Investor, of="project")
    organisation_not = RelatedRowsFilter(
        "organisation", rows=Organisation, through=Investor, of="project", exclude=True
    )
    source = RowsFilter(rows=Source)
    source_not = RowsFilter("source", rows=Source, exclude=True)
    counts_in_totals = FlagFilter(when=Q(totals_exclusion=""))
    totals_exclusion = WordsFilter(choices=Project.TotalsExclusion, may_be_unknown=False)
    totals_exclusion_not = WordsFilter(
        "totals_exclusion", choices=Project.TotalsExclusion, may_be_unknown=False, exclude=True
    )
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
        help_text=_("Projects of which somebody reported what was paid in, even if nothing."),
    )
    rate_not_known = RateNotKnownFilter()
    rate_not_known_not = RateNotKnownFilter(exclude=True)
    stale = FlagFilter(when=is_stale, help_text=_("Projects of which there should have been news."))
    overdue = FlagFilter(
        when=is_overdue, help_text=_("Projects under way for whose next step a day has passed.")
    )
    due = FlagFilter(
        when=is_due, help_text=_("Projects under way whose next step is planned within 90 days.")
    )
    planned_from = NextFromFilter("next_planned_on")
    planned_to = DayToFilter("next_planned_on")
    intended_planned_from = PlannedFromFilter(stage=Stage.INTENDED)
    intended_planned_to = PlannedToFilter(stage=Stage.INTENDED)
    signed_planned_from = PlannedFromFilter(stage=Stage.SIGNED)
    signed_planned_to = PlannedToFilter(stage=Stage.SIGNED)
    started_planned_from = PlannedFromFilter(stage=Stage.STARTED)
    started_planned_to = PlannedToFilter(stage=Stage.STARTED)
    completed_planned_from = PlannedFromFilter(stage=Stage.COMPLETED)
    completed_planned_to = PlannedToFilter(stage=Stage.COMPLETED)
    operating_planned_from = PlannedFromFilter(stage=Stage.OPERATING)
    operating_planned_to = PlannedToFilter(stage=Stage.OPERATING)
    news_from = NewsFromFilter("news_on")
    news_to = NewsToFilter("news_on")
    silent_months_min = SilentMonthsFilter()
    stalled_months_min = StalledMonthsFilter()
    latest_progress_from = WorkFromFilter("latest_progress_on")
    latest_progress_to = WorkToFilter("latest_progress_on")
    next_step_due_from = WorkFromFilter("next_step_due_on")
    next_step_due_to = WorkToFilter("next_step_due_on")
    next_step_overdue = WorkFlagFilter(
        when=is_step_overdue,
        help_text=_("Projects of which the next step was noted for a day that has passed."),
    )
    missing = MissingFilter()
    missing_not = MissingFilter(exclude=True)
    completeness = CompletenessFilter()
    completeness_not = CompletenessFilter(exclude=True)
    claims_in_conflict = FlagFilter(
        when=has_claims_in_conflict,
        help_text=_("Projects of which two claims that hold say different numbers of one thing."),
    )
    responsible_unit = UnitsFilter()
    responsible_unit_not = UnitsFilter(exclude=True)
    responsible = PeopleFilter()
    responsible_not = PeopleFilter(exclude=True)
    has_open_issues = WorkFlagFilter(
        when=lambda: ~Q(open_issues=""),
        help_text=_("Projects with open issues; only the roles of their park find them."),
    )
    has_source = FlagFilter(when=Q(source__isnull=False))
    updated_from = MomentFilter("updated_at", lookup_expr="gte")
    updated_to = MomentFilter("updated_at", lookup_expr="lte")
    q = RankedSearchFilter(search=ProjectTextSearch)

    class Meta:
        form = BoundsForm


class EventFilterSet(CodedFilterSet):
    kind = WordsFilter(choices=SigningEvent.Kind)
    kind_not = WordsFilter("kind", choices=SigningEvent.Kind, exclude=True)
    park = RowsFilter(rows=Park)
    park_not = RowsFilter("park", rows=Park, exclude=True)
    region = RegionFilter()
    region_not = RegionFilter("region", exclude=True)
    held_from = FromFilter("held_on")
    held_to = ToFilter("held_on")
    source = RowsFilter(rows=Source)
    source_not = RowsFilter("source", rows=Source, exclude=True)
    q = SearchFilter(condition=in_names)

    class Meta:
        form = BoundsForm
