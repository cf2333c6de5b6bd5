"""A ModelViewSet with page numbers, django-filter and drf-csv."""

from typing import Any, ClassVar

from django.db.models import Q, QuerySet
from django.urls import path
from django_filters import rest_framework as filters
from rest_framework import pagination, serializers, viewsets
from rest_framework_csv.renderers import PaginatedCSVRenderer

from benchmarks.raw_sql import NAMES
from projects.models import Investor, Project

DERIVED = {"counts_in_totals", "is_stale"}


class Pages(pagination.PageNumberPagination):
    page_size = 100
    page_size_query_param = "page_size"
    max_page_size = 100_000


class ProjectFilters(filters.FilterSet):
    """The filters that are asked for, as django-filter has them."""

    origin = filters.CharFilter(method="filter_origin")
    sector = filters.CharFilter("sector__code", lookup_expr="startswith")
    investment_min = filters.NumberFilter("investment_cny", lookup_expr="gte")
    investment_max = filters.NumberFilter("investment_cny", lookup_expr="lte")

    def filter_origin(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        provinces = Q()
        for code in value.split(","):
            provinces |= Q(origin__code__startswith=code)
        return rows.filter(provinces)


class InvestorSerializer(serializers.ModelSerializer):
    organisation = serializers.CharField(source="organisation.code")
    organisation_name_zh = serializers.CharField(source="organisation.name_zh")
    organisation_name_en = serializers.CharField(source="organisation.name_en")

    class Meta:
        model = Investor
        fields: ClassVar[Any] = (
            *("organisation", "organisation_name_zh", "organisation_name_en"),
            *("role", "share_bp"),
        )


class ProjectSerializer(serializers.ModelSerializer):
    park = serializers.CharField(source="park.code")
    park_name_zh = serializers.CharField(source="park.name_zh")
    park_name_en = serializers.CharField(source="park.name_en")
    origin_name_zh = serializers.CharField(source="origin.name_zh", default=None)
    origin_name_en = serializers.CharField(source="origin.name_en", default=None)
    sector_name_zh = serializers.CharField(source="sector.name_zh", default=None)
    sector_name_en = serializers.CharField(source="sector.name_en", default=None)
    source = serializers.CharField(source="source.code", default=None)
    duplicate_of = serializers.CharField(source="duplicate_of.code", default=None)
    part_of = serializers.CharField(source="part_of.code", default=None)
    investors = InvestorSerializer(many=True)

    class Meta:
        model = Project
        fields: ClassVar[Any] = [*(name for name in NAMES if name not in DERIVED), "investors"]


class ProjectViewSet(viewsets.ModelViewSet):
    queryset = (
        Project.objects.filter(publication="published", park__publication="published")
        .select_related("park", "origin", "sector", "source", "duplicate_of", "part_of")
        .prefetch_related("investors__organisation")
        .order_by("code")
    )
    serializer_class = ProjectSerializer
    pagination_class = Pages
    filterset_class = ProjectFilters
    ordering_fields: ClassVar[Any] = ["code", "investment_cny", "updated_at"]


urlpatterns = [
    path("projects", ProjectViewSet.as_view({"get": "list"})),
    path(
        "projects.csv",
        ProjectViewSet.as_view({"get": "list"}, renderer_classes=[PaginatedCSVRenderer]),
    ),
]
