"""What flows of money can be narrowed by: by what they are, and by what their projects are."""

from datetime import timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet

from config.api.lists.filter_fields import FromFilter, WordsFilter
from config.dates import Precision
from parks.access import select_readable
from projects.dimensions.currencies import CurrencyFilter
from projects.dimensions.filters import MonthsToFilter, PeriodsFilter
from projects.filters import ProjectFilterSet
from projects.models import Funding, Project, YearPlan


class FundingFilterSet(ProjectFilterSet):
    """Flows of money, narrowed by what they are and by what their projects are."""

    funding_kind = WordsFilter("kind", choices=Funding.Kind, may_be_unknown=False)
    funding_kind_not = WordsFilter("kind", choices=Funding.Kind, may_be_unknown=False, exclude=True)
    currency = CurrencyFilter()
    currency_not = CurrencyFilter("currency", exclude=True)
    funding_year = PeriodsFilter("month", unit=Precision.YEAR, may_be_unknown=False)
    funding_quarter = PeriodsFilter("month", unit=Precision.QUARTER, may_be_unknown=False)
    funding_month = PeriodsFilter("month", unit=Precision.MONTH, may_be_unknown=False)
    funding_from = FromFilter("month")
    funding_to = MonthsToFilter("month")

    def filter_queryset(self, queryset: QuerySet) -> QuerySet:
        return self.filter_flows(queryset).filter(self.select_projects())

    def filter_flows(self, queryset: QuerySet) -> QuerySet:
        """Filter flows by what they are, whatever their projects are."""
        for name, value in self.form.cleaned_data.items():
            if name not in ProjectFilterSet.base_filters:
                queryset = self.filters[name].filter(queryset, value)
        return queryset

    def select_projects(self) -> Q:
        """Select rows by their project, if the filters of projects select it."""
        projects = self.find_projects()
        if self.has_few_projects():  # whose flows are found
            return Q(project__in=projects)
        # Of each flow, and not the other way round: there are more projects than flows
        return Q(Exists(projects.filter(pk=OuterRef("project"))))

    def find_projects(self) -> QuerySet:
        """Find the projects that the filters of projects select, in no order."""
        projects = select_readable(Project, getattr(self.request, "user", None))
        for name, value in self.form.cleaned_data.items():
            if name in ProjectFilterSet.base_filters:
                projects = self.filters[name].filter(projects, value)
        return projects.order_by()

    def has_few_projects(self) -> bool:
        """Tell whether the projects are found by a park or an event."""
        asked = self.form.cleaned_data
        return bool(asked.get("park") or asked.get("event"))

    def select_plans(self) -> QuerySet:
        """Select the plans that a person sees beside these flows: see `narrow_plans`."""
        return self.narrow_plans(select_readable(YearPlan, getattr(self.request, "user", None)))

    def narrow_plans(self, plans: QuerySet) -> QuerySet:
        """Narrow plans to the years that lie in the periods, and to the projects selected.

        Of a part of a year nobody planned anything, and all plans are of what is completed.
        """
        asked = self.form.cleaned_data
        completed = Funding.Kind.COMPLETED
        kinds, kinds_not = asked.get("funding_kind"), asked.get("funding_kind_not")
        if (kinds and completed not in kinds) or (kinds_not and completed in kinds_not):
            return plans.none()
        if "" not in (asked.get("currency") or [""]) or "" in (asked.get("currency_not") or []):
            return plans.none()  # they are in yuan
        if asked.get("funding_quarter") or asked.get("funding_month"):
            return plans.none()
        if years := asked.get("funding_year"):
            plans = plans.filter(year__in=[year.first.year for year in years])
        if first := asked.get("funding_from"):
            plans = plans.filter(year__gte=(first.first - timedelta(days=1)).year + 1)
        if last := asked.get("funding_to"):
            plans = plans.filter(year__lte=(last.last + timedelta(days=1)).year - 1)
        return plans.filter(self.select_projects())
