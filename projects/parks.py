"""A park as the site shows it: with its largest projects, of which `parks` knows nothing."""

from typing import Any

from drf_spectacular.utils import extend_schema_serializer
from rest_framework import serializers
from rest_framework.reverse import reverse

from config.api.serializers import CODE, NAME_FIELDS
from parks.access import select_readable
from parks.models import Park
from parks.serializers import ParkDetailSerializer
from parks.views import ParkViewSet
from projects.models import Project


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
    detail_serializer_class = ParkWithProjectsSerializer
