"""The REST resources of figures, indicators, timelines and people."""

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _, gettext_lazy
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from api.files import FILE_PARAMETERS
from api.lists.as_of import AS_OF
from api.lists.filters import FILTERS
from api.problems.nearest_rows import require_row
from api.readers import MEMBER, Query, Reader, Reading, array_like
from api.views import AnswerViewSet, LedgerViewSet
from config.mistakes import Mistake
from parks.access import select_readable
from parks.claims import filters, serializers
from parks.claims.headlines import comparison, total
from parks.columns import COMPARISON, FIGURES, PEOPLE, TIMELINE
from parks.history.views import HistoryViewSet
from parks.models import Figure, Indicator, Nature, Park

PARKS_PARAMETER = OpenApiParameter(
    "parks",
    array_like(MEMBER, minItems=2),
    required=True,
    description=gettext_lazy("Codes or names of two or more parks, separated by commas."),
)


class SummedReader(Reader[tuple[Any, str]]):
    """Reads the indicator and the nature of a sum; the filters of these names check the words."""

    parameters = ("indicator", "nature")

    def read(self, query: Query, view: Any) -> Reading[tuple[Any, str]]:
        errors = []
        for name in self.names(view):
            if name not in query:
                message = _("Name one %(name)s.") % {"name": name}
                allowed = Nature.values if name == "nature" else None
                errors.append(Mistake("required", message, None, allowed).at(parameter=name))
            elif "," in query[name]:
                message = _(
                    "A sum needs one %(name)s: what is, what is projected and what is "
                    "reached at full capacity are never added up."
                )
                errors.append(Mistake(f"one_{name}", message % {"name": name}).at(parameter=name))
        code = query.get("indicator", "").strip().lower()
        indicator = Indicator.objects.filter(code=code).first()
        if indicator is not None and not indicator.is_summable:
            message = _("“%(indicator)s” cannot be added up over subjects.") % {"indicator": code}
            errors.append(Mistake("not_summable", message).at(parameter="indicator"))
        return (indicator, query.get("nature", "").strip()), errors


class ComparedReader(Reader[list[Park]]):
    """Reads the parks in `parks`, in its order: two or more, no placeholder."""

    parameters = ("parks",)
    lists = ("parks",)

    def read(self, query: Query, view: Any) -> Reading[list[Park]]:
        readable = select_readable(Park, view.request.user)
        words = [word.strip() for word in query.get("parks", "").split(",") if word.strip()]
        found = readable.filter(code_key__in=[word.lower() for word in words])
        coded = {park.code_key: park for park in found}
        named = (coded.get(word.lower()) or require_row(word, readable) for word in words)
        try:
            parks = list(dict.fromkeys(named))
        except Mistake as mistake:
            return [], [mistake.at(parameter="parks")]
        stand_ins = ", ".join(park.code for park in parks if park.is_placeholder)
        if len(parks) < 2:
            message = _("Give two or more parks by codes or names, separated by commas.")
            return parks, [Mistake("required", message).at(parameter="parks")]
        if stand_ins:
            message = _("%(codes)s: a district that stands for no named park is not compared.")
            message %= {"codes": stand_ins}
            return parks, [Mistake("placeholder", message).at(parameter="parks")]
        return parks, []


SUMMED = SummedReader()
COMPARED = ComparedReader()


class FigureViewSet(HistoryViewSet):
    """Claims about parks, regions, groups and organisations. They are appended, not overwritten."""

    readers = {"summary": (AS_OF, FILTERS, SUMMED)}
    table = FIGURES
    serializer_class = serializers.FigureSerializer
    filterset_class = filters.FigureFilterSet
    ordering_fields = ["code", "as_of", "updated_at"]

    @extend_schema(
        summary=gettext_lazy("The sum of an indicator over its subjects"),
        description=gettext_lazy(
            "The newest standing claim of each subject, added up; of one indicator and one nature."
        ),
        parameters=[
            OpenApiParameter(
                "indicator",
                required=True,
                description=gettext_lazy("An indicator that may be summed."),
            ),
            OpenApiParameter(
                "nature",
                required=True,
                enum=Nature.values,
                description=gettext_lazy(
                    "Exactly one: what is and what is expected are never added up."
                ),
            ),
        ],
        responses=serializers.FigureTotalSerializer,
    )
    @action(detail=False, filterset_class=filters.FigureTotalFilterSet)
    def summary(self, request: Request) -> Response:
        indicator, nature = self.get_value(SUMMED)
        asked = {"indicator": indicator.code, "unit": indicator.unit, "nature": nature}
        return Response(asked | total(self.filter_queryset(self.get_queryset())))


class TimelineViewSet(LedgerViewSet):
    has_past = False
    table = TIMELINE
    serializer_class = serializers.TimelineEntrySerializer
    filterset_class = filters.TimelineFilterSet
    ordering_fields = ["code", "happened_on", "updated_at"]
    ordering_default = "happened_on"


class PersonViewSet(LedgerViewSet):
    has_past = False
    checks_as_added = True
    table = PEOPLE
    serializer_class = serializers.PersonSerializer
    filterset_class = filters.PersonFilterSet
    ordering_fields = ["code", "name_zh", "name_en", "updated_at"]


class ComparisonViewSet(AnswerViewSet):
    """Parks side by side by their headline figures."""

    summary = gettext_lazy("Compare parks by their headline figures")
    about = gettext_lazy(
        "For each indicator and nature the headline of every park named, null where unknown."
    )
    asks = (AS_OF, FILTERS, COMPARED)
    table = COMPARISON
    rows_are = Figure
    described_parameters = [PARKS_PARAMETER, *FILE_PARAMETERS]
    queryset = Figure.objects.all()
    serializer_class = serializers.ComparisonSerializer
    filterset_class = filters.ComparisonFilterSet
    ordering_fields = []
    pagination_class = None

    def compute_answer(self) -> dict[str, Any]:
        """Set parks side by side by their headline figures."""
        parks = self.get_value(COMPARED)
        rows = comparison(parks, self.filter_queryset(self.queryset.all()))
        shown = [
            {
                "indicator": row["indicator"].code,
                "name_zh": row["indicator"].name_zh,
                "name_en": row["indicator"].name_en,
                "unit": row["indicator"].unit,
                "nature": row["nature"],
                "parks": {
                    code: serializers.HeadlineSerializer(claim).data if claim else None
                    for code, claim in row["claims"].items()
                },
            }
            for row in rows
        ]
        return {"parks": [park.code for park in parks], "rows": shown}

    def compute_rows(self) -> Iterator[dict[str, Any]]:
        """Compute one row for each indicator, nature and park, also where nothing is known."""
        parks = self.get_value(COMPARED)
        for row in comparison(parks, self.filter_queryset(self.queryset.all())):
            for park in parks:
                yield {**row, "park": park, "claim": row["claims"][park.code]}
