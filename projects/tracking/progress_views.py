"""GET /progress and /plans: notes and plans of all projects of the reader's parks, as lists."""

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy

from config.api.lists.filter_fields import RowsFilter, YearsFilter
from config.api.views import LedgerReadViewSet
from parks.roles import ROLE_PROBLEMS, ForRolesMixin
from projects.children.columns import PLANS, PROGRESS
from projects.children.serializers import ProgressNoteSerializer, YearPlanSerializer
from projects.funding_filters import FundingFilterSet
from projects.models import ProgressNote, Project, YearPlan
from projects.tracking.filters import ProgressFilterSet


class ProgressListViewSet(ForRolesMixin, LedgerReadViewSet):
    """The notes that stand, of the parks in which one has a role: the week of a park, say."""

    about = gettext_lazy("The notes that stand, of the parks in which you have a role.")
    table = PROGRESS
    further_problems = ROLE_PROBLEMS
    has_past = True
    queryset = ProgressNote.objects.standing()
    serializer_class = ProgressNoteSerializer
    filterset_class = ProgressFilterSet
    ordering_fields = ["noted_on", "due_on", "code"]
    ordering_default = "-noted_on"


class PlanFilterSet(FundingFilterSet):
    """Plans by what flows of money are narrowed by: a sum of plans opens into their list."""

    project = RowsFilter(rows=Project, may_be_unknown=False)
    year = YearsFilter()

    def filter_queryset(self, queryset: QuerySet) -> QuerySet:
        for name, value in self.form.cleaned_data.items():
            if name not in FundingFilterSet.base_filters:
                queryset = self.filters[name].filter(queryset, value)
        return self.narrow_plans(queryset)


class PlanListViewSet(ForRolesMixin, LedgerReadViewSet):
    """What is to be invested in the projects of one's parks in a year, and what was completed."""

    about = gettext_lazy("Planned and completed, of the parks in which you have a role.")
    table = PLANS
    further_problems = ROLE_PROBLEMS
    has_past = True
    queryset = YearPlan.objects.all()
    serializer_class = YearPlanSerializer
    filterset_class = PlanFilterSet
    ordering_fields = ["id", "year"]
    ordering_default = "-year"
