"""`/results`: what contracts promised of projects by the year, beside what was reached."""

from collections.abc import Callable, Iterator, Mapping
from operator import sub
from typing import Any, ClassVar

from django.db.models import Count, F, Q, QuerySet, Sum
from django.utils.translation import gettext_lazy as _
from django_cte import CTE, with_cte
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.reverse import reverse

from api.lists.filters import FILTERS, YearsFilter
from api.serializers import WorkedOutField
from api.views import AnswerViewSet, LedgerReadViewSet
from parks.claims.filters import LowerTermsFilter
from parks.models import Indicator
from projects.children.serializers import CountedListSerializer, OfProjectSerializer
from projects.dimensions.filters import WaysFilter
from projects.filters import OfProjectsFilterSet
from projects.models import ProjectFigure
from projects.summaries.answers import ListLinks
from sheets.amounts import find_percent, round_half_up
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
    labels: Mapping[str, Any] = {
        "reached": _("projects that reached their promise"),
        "short": _("projects short of their promise"),
        "no_actual": _("projects without a report"),
        "no_promise": _("projects without a promise"),
    }


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
    return float(round_half_up(number / float(land), 2)) if float(land) else None


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
        Column("land_mu", _("land (mu)"), "number", places=2),
        Column("promised_per_mu", _("promised value per mu"), "number", places=2),
        Column("actual_per_mu", _("actual value per mu"), "number", places=2),
        Column("promised_figure", _("figure with the promised value")),
        Column("actual_figure", _("figure with the actual value")),
    ],
)


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
        fields = ["id", *(column.name for column in RESULTS_TABLE.columns)]

    @classmethod
    def select_rows(cls, rows: QuerySet, person: Any) -> QuerySet:
        results: Any = rows
        return results.with_results()


class ResultTotalSerializer(serializers.Serializer):
    """How many results of an indicator and year have both numbers, and the sums of these."""

    indicator = serializers.CharField()
    year = serializers.IntegerField()
    count = serializers.IntegerField()
    list_url = serializers.URLField()
    counts = serializers.DictField(child=CountedListSerializer())
    promised = serializers.IntegerField(allow_null=True, help_text=_("Of those with both."))
    actual = serializers.IntegerField(allow_null=True, help_text=_("Of those with both."))
    percent = serializers.FloatField(allow_null=True)


class ResultTotalsSerializer(serializers.Serializer):
    """The sums of the matching results by indicator and year."""

    rows = ResultTotalSerializer(many=True)


# What totals count: the outcomes in a filter, and the label
OUTCOMES = {
    "both": ("reached,short", _("projects with both")),
    **{word: (word, label) for word, label in OutcomeFilter.labels.items()},
}
TOTALS_TABLE = Table(
    "results-summary",
    _("totals of results"),
    [
        Column("indicator", _("indicator")),
        Column("year", _("year"), "number"),
        Column("count", _("projects"), "number"),
        *(
            Column(name, label, "number", path=f"counts.{name}.count")
            for name, (_outcomes, label) in OUTCOMES.items()
        ),
        Column("promised", _("promised value, both known"), "number"),
        Column("actual", _("actual value, both known"), "number"),
        Column("percent", _("actual of promised value (%)"), "number"),
        Column("list_url", _("list")),
    ],
)


class ResultListViewSet(LedgerReadViewSet):
    """Promised and actual results of projects by the year, compared."""

    about = _("By project, indicator and year; each compares the newest standing claims of both.")
    table = RESULTS_TABLE
    rows_are = ProjectFigure
    serializer_class: Any = ResultSerializer
    filterset_class = ResultFilterSet
    ordering_fields = ["id"]
    ordering_default = "id"

    def get_queryset(self) -> QuerySet:
        rows: Any = super().get_queryset()
        return rows.compare_years()


class ResultTotalsViewSet(AnswerViewSet, ResultListViewSet):
    """Sums of promised and actual results by indicator and year."""

    summary = _("Totals of promised and actual results by indicator and year")
    about = _("Each number opens into the list of exactly its results.")
    answered_by = ResultTotalsSerializer
    table = TOTALS_TABLE

    def compute_answer(self) -> dict[str, Any]:
        return {"rows": [*self.compute_rows()]}

    def compute_rows(self) -> Iterator[dict[str, Any]]:
        links = ListLinks(self.get_value(FILTERS), reverse("result-list", request=self.request))
        rows = self.filter_queryset(self.get_queryset()).order_by()
        # Else both numbers would be looked up again for each sum
        known = CTE(
            rows.values("pk", "indicator", "year", "promised", "actual"),
            name="results",
            materialized=True,
        )
        results: Any = with_cte(known, select=known.queryset().order_by("indicator", "year"))
        ways = {f"sum_{word}": Count("pk", filter=way) for word, way in OutcomeFilter.ways.items()}
        sums = {name: Sum(name, filter=_HAS_BOTH) for name in ("promised", "actual")}
        sums = {f"sum_{name}": each for name, each in sums.items()}
        for row in results.values("indicator", "year").annotate(count=Count("pk"), **ways, **sums):
            cell = {"indicator": row["indicator"], "year": str(row["year"])}
            promised, actual = row["sum_promised"], row["sum_actual"]
            yield {
                **{name: row[name] for name in ("indicator", "year", "count")},
                "list_url": links.narrow(cell),
                "counts": {
                    name: {
                        "count": sum(row[f"sum_{word}"] for word in words.split(",")),
                        "list_url": links.narrow(cell, {"outcome": words}),
                    }
                    for name, (words, _label) in OUTCOMES.items()
                },
                **{"promised": promised, "actual": actual},
                "percent": find_percent(actual, promised) if promised else None,
            }
