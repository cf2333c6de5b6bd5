"""A park as the site shows it: with its largest projects, of which `parks` knows nothing."""

from typing import Any

from django.utils.translation import gettext_lazy
from drf_spectacular.utils import extend_schema, extend_schema_serializer
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from api.lists.as_of import AS_OF
from api.serializers import CODE, NAME_FIELDS
from config.database.prepared import snapshot
from parks.access import select_readable
from parks.models import Park
from parks.serializers import ParkDetailSerializer
from parks.views import ParkViewSet
from projects.models import Project
from projects.summaries import follow_through
from projects.summaries.serializers import ParkOverviewSerializer
from projects.summaries.views import PARK_FLOWS, PARK_PARTS, build_flows, build_part, link_projects


@extend_schema_serializer(component_name="ParkDetail")
class ParkWithProjectsSerializer(ParkDetailSerializer):
    """A park with its headline figures and its largest projects."""

    projects = serializers.SerializerMethodField()

    class Meta(ParkDetailSerializer.Meta):
        fields = [*ParkDetailSerializer.Meta.fields, "projects"]

    def get_projects(self, park: Park) -> dict[str, Any]:
        request = self.context["request"]
        visible = select_readable(Project, request.user).filter(park=park)
        words = ["stage", "investment_qualifier"]
        largest = visible.order_by("-investment_rank", "-id").values(
            *CODE, *NAME_FIELDS, "investment_cny", *words
        )[:10]
        return {
            "count": visible.count(),
            "list_url": f"{reverse('project-list', request=request)}?park={park.code}",
            "largest": [row | {word: row[word] or None for word in words} for row in largest],
        }


class ParkWithProjectsViewSet(ParkViewSet):
    readers = {"overview": (AS_OF,)}
    detail_serializer_class = ParkWithProjectsSerializer

    @extend_schema(
        summary=gettext_lazy("A park's totals in one answer"),
        description=gettext_lazy(
            "`signed` and `follow_through` are of the projects that count in totals."
        ),
        responses=ParkOverviewSerializer,
    )
    def overview(self, request: Request, code: str) -> Response:
        """Show the summaries that a page about the park needs."""
        with snapshot():
            park: Any = self.get_object()
            parts = {
                name: build_part(request, text, park=park.code) for name, text in PARK_PARTS.items()
            }
            projects = select_readable(Project, request.user).filter(park=park)
            links = link_projects(request, park=park.code, **follow_through.NOT_ELSEWHERE)
            return Response(
                {
                    "park": park.code,
                    "name_zh": park.name_zh,
                    "name_en": park.name_en,
                    **parts,
                    "flows": build_flows(request, PARK_FLOWS, park=park.code),
                    "follow_through": follow_through.measure(
                        projects.exclude(totals_exclusion__in=follow_through.COUNTED_ELSEWHERE),
                        links.narrow,
                    ),
                }
            )
