"""`/results`: what contracts promised of projects by the year, beside what was reached."""

from collections.abc import Callable, Iterator, Mapping
from operator import sub
from typing import Any, ClassVar

from django.db.models import Count, F, Q, QuerySet, Sum
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from api.files import FILE_OPTIONS
from api.lists.as_of import AS_OF
from api.lists.filters import FILTERS, YearsFilter
from api.readers import Readers
from api.serializers import WorkedOutField
from api.views import LedgerReadViewSet
from config.database.prepared import snapshot
from parks.claims.filters import LowerTermsFilter
from parks.models import Indicator
from projects.children.serializers import OfProjectSerializer
from projects.dimensions.filters import WaysFilter
from projects.filters import OfProjectsFilterSet
from projects.models import ProjectFigure
from projects.summaries.answers import ListLinks
from projects.tracking.targets import find_percent
from sheets.writing.columns import Column, Table

_HAS_BOTH = Q(promised__isnull=False, actual__isnull=False)


class OutcomeFilter(WaysFilter):
    """Results that `reached` their promise, are `short` of it, or lack one of the two."""

    ways: ClassVar[Mapping[str, Q]] = {
        "reached": Q(actual__gte=F("promised")),
        "short": Q(actual__lt=F("promised")),
        "no_actual": Q(actual__isnull=True),
        "no_promise": Q(promised__isnull=True),
    }
    words = tuple(ways)


class ResultFilterSet(OfProjectsFilterSet):
    without_twin: tuple[str, ...] = ("outcome",)
    indicator = LowerTermsFilter(rows=Indicator, may_be_unknown=False)
    year = YearsFilter()
    outcome = OutcomeFilter()


@extend_schema_field({"type": ["number", "null"]})
class ComparedField(WorkedOutField):
    """A number computed from two others; null where one of them is not known."""

    def __init__(self, compute: Callable[[Any, Any], float | None], *of: str) -> None:
        super().__init__()
        self.compute, self.of = compute, of

    def work_out(self, context: Mapping[str, Any], *shown: Any) -> float | None:
        return None if None in shown else self.compute(*shown)


def find_per_mu(number: float, land: Any) -> float | None:
    """Divide a number by an area in mu; None where that is 0."""
    return round(number / float(land), 2) if float(land) else None


class ResultSerializer(OfProjectSerializer):
    """What was promised of a project for a year and what was reached, in yuan or jobs."""

    unit = serializers.CharField(source="indicator.unit", read_only=True)
    year = serializers.IntegerField(read_only=True)
    promised = serializers.IntegerField(read_only=True, allow_null=True)
    promised_qualifier = serializers.CharField(read_only=True, allow_null=True)
    promised_figure = serializers.CharField(read_only=True, allow_null=True)
    actual = serializers.IntegerField(read_only=True, allow_null=True)
    actual_qualifier = serializers.CharField(read_only=True, allow_null=True)
    actual_figure = serializers.CharField(read_only=True, allow_null=True)
    difference = ComparedField(sub, "actual", "promised")
    land_mu = serializers.DecimalField(
        10, 2, source="project.land_mu", read_only=True, allow_null=True
    )
    promised_per_mu = ComparedField(find_per_mu, "promised", "land_mu")
    actual_per_mu = ComparedField(find_per_mu, "actual", "land_mu")

    class Meta:
        model = ProjectFigure
        fields = [
            *("id", "project", "project_name_zh", "project_name_en", "park", "indicator", "unit"),
            *("year", "promised", "promised_qualifier", "promised_figure", "actual"),
            *("actual_qualifier", "actual_figure", "difference", "land_mu", "promised_per_mu"),
            "actual_per_mu",
        ]

    @classmethod
    def select_rows(cls, rows: QuerySet, person: Any) -> QuerySet:
        results: Any = rows
        selected: QuerySet = results.with_results()
        return selected


class ResultTotalSerializer(serializers.Serializer):
    """How many results of an indicator and year have a promise, a report and both; sums of both."""

    indicator = serializers.CharField()
    year = serializers.IntegerField()
    count = serializers.IntegerField(help_text=_("Projects with a promise or a report."))
    list_url = serializers.URLField()
    promised_count = serializers.IntegerField()
    promised_list_url = serializers.URLField()
    actual_count = serializers.IntegerField()
    actual_list_url = serializers.URLField()
    both_count = serializers.IntegerField(help_text=_("Projects that can be compared."))
    both_promised = serializers.IntegerField(allow_null=True)
    both_actual = serializers.IntegerField(allow_null=True)
    both_percent = serializers.FloatField(allow_null=True)
    both_list_url = serializers.URLField()
    short_count = serializers.IntegerField(help_text=_("Projects short of their promise."))
    short_list_url = serializers.URLField()


class ResultTotalsSerializer(serializers.Serializer):
    """The sums of the matching results by indicator and year."""

    rows = ResultTotalSerializer(many=True)


# The outcomes of what each count counts
_COUNTED = {
    "promised": "reached,short,no_actual",
    "actual": "reached,short,no_promise",
    "both": "reached,short",
    "short": "short",
}
RESULTS_TABLE = Table(
    "results",
    _("promised and actual results"),
    [
        Column("project", _("project")),
        Column("project_name_zh", _("project (Chinese)")),
        Column("project_name_en", _("project (English)")),
        Column("park", _("park")),
        Column("indicator", _("indicator")),
        Column("unit", _("unit")),
        Column("year", _("year"), "number"),
        Column("promised", _("promised value"), "number"),
        Column("promised_qualifier", _("qualifier of the promised value"), "word"),
        Column("actual", _("actual value"), "number"),
        Column("actual_qualifier", _("qualifier of the actual value"), "word"),
        Column("difference", _("actual less promised value"), "number"),
        Column("land_mu", _("land (mu)"), "number"),
        Column("promised_per_mu", _("promised value per mu"), "number"),
        Column("actual_per_mu", _("actual value per mu"), "number"),
        Column("promised_figure", _("figure with the promised value")),
        Column("actual_figure", _("figure with the actual value")),
    ],
)
TOTALS_TABLE = Table(
    "results-summary",
    _("totals of results"),
    [
        Column("indicator", _("indicator")),
        Column("year", _("year"), "number"),
        Column("count", _("projects"), "number"),
        Column("promised_count", _("projects with a promise"), "number"),
        Column("actual_count", _("projects with a report"), "number"),
        Column("both_count", _("projects with both"), "number"),
        Column("both_promised", _("promised value, both known"), "number"),
        Column("both_actual", _("actual value, both known"), "number"),
        Column("both_percent", _("actual of promised value (%)"), "number"),
        Column("short_count", _("projects short of their promise"), "number"),
        Column("list_url", _("list")),
    ],
)


def sum_results(results: QuerySet) -> QuerySet:
    """Add up results by indicator and year."""
    groups = results.order_by("indicator", "year").values("indicator", "year")
    return groups.annotate(
        count=Count("pk"),
        promised_count=Count("promised"),
        actual_count=Count("actual"),
        both_count=Count("pk", filter=_HAS_BOTH),
        both_promised=Sum("promised", filter=_HAS_BOTH),
        both_actual=Sum("actual", filter=_HAS_BOTH),
        short_count=Count("pk", filter=OutcomeFilter.ways["short"]),
    )


class ResultListViewSet(LedgerReadViewSet):
    """Promised and actual results of projects by the year, compared."""

    about = _("By project, indicator and year; each compares the newest standing claims of both.")
    readers: ClassVar[Readers] = {"summary": (AS_OF, FILTERS)}
    table = RESULTS_TABLE
    rows_are = ProjectFigure
    has_past = True
    queryset = ProjectFigure.objects.all()
    serializer_class: Any = ResultSerializer
    filterset_class = ResultFilterSet
    ordering_fields = ["id"]
    ordering_default = "id"

    def get_queryset(self) -> QuerySet:
        rows: Any = super().get_queryset()
        results: QuerySet = rows.compare_years()
        return results

    @extend_schema(
        summary=_("Totals of promised and actual results by indicator and year"),
        description=_("Each number opens into the list of exactly its results."),
        responses=ResultTotalsSerializer,
    )
    def summary(self, request: Request) -> Response:
        """Add up results by indicator and year."""
        with snapshot():
            return Response({"rows": [*self.compute_totals()]})

    def compute_totals(self) -> Iterator[dict[str, Any]]:
        links = ListLinks(self.get_value(FILTERS), reverse("result-list", request=self.request))
        for row in sum_results(self.filter_queryset(self.get_queryset())):
            cell = {"indicator": row["indicator"], "year": str(row["year"])}
            promised, actual = row["both_promised"], row["both_actual"]
            urls = {
                f"{name}_list_url": links.narrow(cell, {"outcome": words})
                for name, words in _COUNTED.items()
            }
            percent = find_percent(actual, promised) if promised else None
            yield {**row, "both_percent": percent, "list_url": links.narrow(cell), **urls}


class ResultTotalFilesViewSet(ResultListViewSet):
    table = TOTALS_TABLE
    readers: ClassVar[Readers] = dict.fromkeys(("csv", "xlsx"), (AS_OF, FILTERS, FILE_OPTIONS))

    def compute_rows(self) -> Iterator[dict[str, Any]]:
        """Compute one row for each indicator and year."""
        return self.compute_totals()
