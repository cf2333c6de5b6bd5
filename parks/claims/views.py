"""The REST resources of figures, indicators, timelines and people."""

from collections.abc import Collection, Iterator
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from config.api.caching.revalidation import RevalidatedViewMixin
from config.api.files.computed_files import ComputedFilesMixin
from config.api.files.list_files import FILE_PARAMETERS
from config.api.lists.filters import StrictFilterBackend
from config.api.problems.errors import ParameterError, QueryError
from config.api.views import LedgerViewSet
from parks.claims.filters import (
    ComparisonFilterSet,
    FigureFilterSet,
    IndicatorFilterSet,
    PersonFilterSet,
    TimelineFilterSet,
)
from parks.claims.headlines import comparison, total
from parks.claims.serializers import (
    ComparisonSerializer,
    FigureSerializer,
    FigureTotalSerializer,
    HeadlineSerializer,
    IndicatorSerializer,
    PersonSerializer,
    TimelineEntrySerializer,
)
from parks.columns import COMPARISON, FIGURES, INDICATORS, PEOPLE, TIMELINE
from parks.file_views import FilesMixin
from parks.history.views import HistoryViewMixin
from parks.models import Figure, Indicator, Nature, Park, Person, TimelineEntry
from parks.views import VocabularyViewSet

CLAIM_JOINS = ["indicator", "source", "said_by__person", "superseded_by"]
SUBJECT_JOINS = ["park", "organisation"]
# A sum is of the newest standing claims of the whole: what would choose others is not understood
NOT_SUMMED_BY = {"latest", "superseded", "is_narrowed", "origin", "sector", "place"}

PARKS = OpenApiParameter(
    "parks",
    required=True,
    pattern=r"^[^,]+(,[^,]+)+$",
    description=gettext_lazy("Codes of two or more parks, separated by commas."),
)


def about_visible(queryset: QuerySet, actor: Any) -> QuerySet:
    """The rows about a park that this person may see, or about something that is no park."""
    parks = queryset.model._meta.get_field("park").related_model.objects.visible_to(actor)
    return queryset.filter(Q(park__isnull=True) | Q(park__in=parks))


class IndicatorViewSet(VocabularyViewSet):
    table = INDICATORS
    code_case = "lower"
    lookup_value_regex = "[A-Za-z0-9_-]+"
    queryset = Indicator.objects.all()
    serializer_class = IndicatorSerializer
    filterset_class = IndicatorFilterSet


class FigureViewSet(FilesMixin, HistoryViewMixin, LedgerViewSet):
    """Claims about parks, regions, groups and organisations. They are appended, not overwritten."""

    table = FIGURES
    has_past = True
    queryset = Figure.objects.select_related(*CLAIM_JOINS, *SUBJECT_JOINS)
    serializer_class = FigureSerializer
    filterset_class = FigureFilterSet
    ordering_fields = ["code", "as_of", "updated_at"]

    def get_queryset(self) -> QuerySet:
        return about_visible(super().get_queryset(), self.request.user)

    def get_query_parameters(self) -> Collection[str]:
        if self.action == "summary":
            return self.past_parameters() | self.get_filter_parameters() - NOT_SUMMED_BY
        return super().get_query_parameters()

    @extend_schema(
        summary="The sum of an indicator over its subjects",
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
        responses=FigureTotalSerializer,
    )
    @action(detail=False)
    def summary(self, request: Request) -> Response:
        """The newest standing claim of each subject, added up; of one indicator and one nature."""
        indicator = self.summed_indicator(request.query_params)
        claims = about_visible(Figure.objects.all(), request.user)
        return Response(
            {
                "indicator": indicator.code,
                "unit": indicator.unit,
                "nature": request.query_params["nature"].strip(),
                **total(self.filter_queryset(claims)),
            }
        )

    def summed_indicator(self, query: Any) -> Indicator:
        """The one indicator that is asked for; QueryError where a sum would mean nothing."""
        errors = []
        for name in ("indicator", "nature"):
            if name not in query:
                message = _("Name one %(name)s.") % {"name": name}
                allowed = Nature.values if name == "nature" else None
                errors.append(ParameterError(name, "required", message, None, allowed))
            elif "," in query[name]:
                errors.append(
                    ParameterError(
                        name,
                        f"one_{name}",
                        _(
                            "A sum needs one %(name)s: what is, what is projected and what is "
                            "reached at full capacity are never added up."
                        )
                        % {"name": name},
                    )
                )
        if errors:
            raise QueryError(errors)
        indicator = Indicator.objects.get(code=query["indicator"].strip().lower())
        if not indicator.is_summable:
            raise QueryError(
                [
                    ParameterError(
                        "indicator",
                        "not_summable",
                        _("“%(indicator)s” cannot be added up over subjects.")
                        % {"indicator": indicator.code},
                    )
                ]
            )
        return indicator


class TimelineViewSet(FilesMixin, LedgerViewSet):
    table = TIMELINE
    queryset = TimelineEntry.objects.select_related("said_by", "source", *SUBJECT_JOINS)
    serializer_class = TimelineEntrySerializer
    filterset_class = TimelineFilterSet
    ordering_fields = ["code", "happened_on", "updated_at"]
    ordering_default = "happened_on"

    def get_queryset(self) -> QuerySet:
        return about_visible(super().get_queryset(), self.request.user)


class PersonViewSet(FilesMixin, LedgerViewSet):
    table = PEOPLE
    queryset = Person.objects.prefetch_related("posts__organisation")
    serializer_class = PersonSerializer
    filterset_class = PersonFilterSet
    ordering_fields = ["code", "name_zh", "name_en", "updated_at"]


class ComparisonViewSet(ComputedFilesMixin, RevalidatedViewMixin, GenericViewSet):
    """Parks side by side by their headline figures."""

    table = COMPARISON
    rows_are = Figure
    described_parameters = [PARKS, *FILE_PARAMETERS]
    has_past = True
    queryset = Figure.objects.all()
    serializer_class = ComparisonSerializer
    filter_backends = [StrictFilterBackend]
    filterset_class = ComparisonFilterSet
    pagination_class = None

    def get_query_parameters(self) -> Collection[str]:
        if self.action == "compare":
            return self.get_filter_parameters() | self.past_parameters()
        return super().get_query_parameters()

    @extend_schema(summary="Compare parks by their headline figures")
    def compare(self, request: Request) -> Response:
        """For each indicator and nature the headline of every park named, null where unknown."""
        parks = self.compared_parks(request.query_params.get("parks", ""))
        rows = comparison(parks, self.filter_queryset(self.get_queryset()))
        shown = [
            {
                "indicator": row["indicator"].code,
                "name_zh": row["indicator"].name_zh,
                "name_en": row["indicator"].name_en,
                "unit": row["indicator"].unit,
                "nature": row["nature"],
                "parks": {
                    code: HeadlineSerializer(claim).data if claim else None
                    for code, claim in row["claims"].items()
                },
            }
            for row in rows
        ]
        return Response({"parks": [park.code for park in parks], "rows": shown})

    def computed_rows(self) -> Iterator[dict[str, Any]]:
        """One row for each indicator, nature and park, also where nothing is known."""
        parks = self.compared_parks(self.request.query_params.get("parks", ""))
        for row in comparison(parks, self.filter_queryset(self.get_queryset())):
            for park in parks:
                yield {**row, "park": park, "claim": row["claims"][park.code]}

    def compared_parks(self, text: str) -> list[Park]:
        """The parks that `parks=` names, in its order; at least two, none of them a stand-in."""
        codes = list(dict.fromkeys(code.strip().lower() for code in text.split(",") if code))
        found = Park.objects.visible_to(self.request.user).filter(code_key__in=codes)
        parks = sorted(found, key=lambda park: codes.index(park.code_key))
        stand_ins = [park.code for park in parks if park.is_placeholder]
        if len(parks) < 2:
            raise QueryError(
                [
                    ParameterError(
                        "parks",
                        "required",
                        _("Name two or more parks by their codes, separated by commas."),
                    )
                ]
            )
        if stand_ins:
            raise QueryError(
                [
                    ParameterError(
                        "parks",
                        "placeholder",
                        _("%(codes)s: a district that stands for no named park is not compared.")
                        % {"codes": ", ".join(stand_ins)},
                    )
                ]
            )
        return parks
