"""A source as the site shows it: with all that cites it, of which `parks` knows only a part."""

from collections.abc import Mapping
from typing import Any

from drf_spectacular.utils import extend_schema_field, extend_schema_serializer
from rest_framework import serializers
from rest_framework.reverse import reverse

from config.api.lists.filters import LedgerFilterSet
from parks.access import select_readable
from parks.claims.filters import PersonFilterSet, SpeakersOfSourceFilter, TimelineFilterSet
from parks.claims.views import PersonViewSet
from parks.filters import OrganisationFilterSet, ParkFilterSet
from parks.models import Figure, Organisation, Park, Person, Source, TimelineEntry
from parks.serializers import SourceSerializer
from parks.views import SourceViewSet
from projects.claims import ClaimFilterSet
from projects.filters import EventFilterSet, ProjectFilterSet
from projects.models import EventFigure, Project, ProjectFigure, SigningEvent

SAYINGS = [Figure, ProjectFigure, EventFigure, TimelineEntry]


class SpeakerFilterSet(PersonFilterSet):
    source = SpeakersOfSourceFilter("source", sayings=SAYINGS)
    source_not = SpeakersOfSourceFilter("source", sayings=SAYINGS, exclude=True)


class SpeakerViewSet(PersonViewSet):
    filterset_class = SpeakerFilterSet


# By the list of what cites a source: its filters, and the tables of its rows
Citing = tuple[str, type[LedgerFilterSet], list[type[Any]]]
CITING: Mapping[str, Citing] = {
    "figures": ("figure-list", ClaimFilterSet, [Figure, ProjectFigure, EventFigure]),
    "timeline": ("timeline-entry-list", TimelineFilterSet, [TimelineEntry]),
    "projects": ("project-list", ProjectFilterSet, [Project]),
    "events": ("event-list", EventFilterSet, [SigningEvent]),
    "parks": ("park-list", ParkFilterSet, [Park]),
    "people": ("person-list", SpeakerFilterSet, [Person]),
    "organisations": ("organisation-list", OrganisationFilterSet, [Organisation]),
}


class CitingSerializer(serializers.Serializer):
    """How many rows of a list cite a source, of those that the client sees."""

    count = serializers.IntegerField()
    list_url = serializers.URLField()


class CitedBySerializer(serializers.Serializer):
    """What cites a source, by the list that it stands in."""

    figures = CitingSerializer()
    timeline = CitingSerializer()
    projects = CitingSerializer()
    events = CitingSerializer()
    parks = CitingSerializer()
    people = CitingSerializer()
    organisations = CitingSerializer()


@extend_schema_serializer(component_name="SourceDetail")
class SourceDetailSerializer(SourceSerializer):
    """A source with what cites it, as far as the client sees it."""

    cited_by = serializers.SerializerMethodField()

    class Meta(SourceSerializer.Meta):
        fields = [*SourceSerializer.Meta.fields, "cited_by"]

    @extend_schema_field(CitedBySerializer)
    def get_cited_by(self, source: Source) -> dict[str, Any]:
        request = self.context["request"]
        counted = {}
        for name, (url, filters, kinds) in CITING.items():
            parts = [
                filters({"source": source.code}, queryset=rows, request=request).qs
                for rows in (select_readable(model, request.user) for model in kinds)
            ]
            counted[name] = {
                "count": sum(part.order_by().count() for part in parts),
                "list_url": f"{reverse(url, request=request)}?source={source.code}",
            }
        return counted


class SourceWithRowsViewSet(SourceViewSet):
    detail_serializer_class = SourceDetailSerializer
