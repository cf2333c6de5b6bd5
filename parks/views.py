"""REST resources of parks, vocabularies, organisations and sources; views for roles only."""

from collections.abc import Collection, Mapping
from typing import Any, ClassVar

from django.utils.translation import gettext as _
from rest_framework.exceptions import NotAuthenticated, PermissionDenied
from rest_framework.request import Request
from rest_framework.views import APIView

from api.files import TABLE_ACTIONS
from api.views import WITH_PUT, LedgerViewSet
from parks import columns, filters, serializers
from parks.access import rights_of
from parks.claims.filters import IndicatorFilterSet
from parks.claims.serializers import IndicatorSerializer
from parks.history.views import HistoryViewSet
from parks.merging.views import MergeViewSet
from parks.models import Park

# Problems of reading there, besides those of all reads
ROLE_PROBLEMS: Mapping[str, Collection[int]] = {
    **dict.fromkeys(("list", "retrieve", "csv", "parquet", "history"), (403,)),
    "xlsx": (403, 413),
}


def require_role(actor: Any, park: int | None = None) -> None:
    """Raise `NotAuthenticated` or `PermissionDenied` without a role in this, or any, park."""
    if not actor.is_authenticated:
        raise NotAuthenticated
    rights = rights_of(actor)
    is_theirs = bool(rights.parks) if park is None else park in rights.parks
    if not (rights.is_superuser or is_theirs):
        raise PermissionDenied(_("This is for those who have a role in a park."))


def select_worked_parks(actor: Any) -> Any:
    """Select the parks in which the actor has a role; all of them for superusers."""
    rights = rights_of(actor)
    return Park.objects.all() if rights.is_superuser else Park.objects.filter(pk__in=rights.parks)


class ForRolesMixin(APIView):
    """Rejects users without a role in a park."""

    further_problems: ClassVar[Mapping[str, Collection[int]]] = ROLE_PROBLEMS

    def check_permissions(self, request: Request) -> None:
        super().check_permissions(request)
        self.require_role()

    def require_role(self) -> None:
        """Raise the error for users without a role in any park."""
        require_role(self.request.user)


class VocabularyViewSet(LedgerViewSet):
    """Terms by their official codes. They retire; DELETE is for those added by mistake."""

    has_past = False
    code_column = "code"
    code_case = "lower"
    ordering_fields = ["code", "name_zh", "name_en"]


class RegionViewSet(VocabularyViewSet):
    table = columns.REGIONS
    code_case = "upper"
    serializer_class = serializers.RegionSerializer
    filterset_class = filters.RegionFilterSet


class SectorViewSet(VocabularyViewSet):
    table = columns.SECTORS
    code_case = "upper"
    serializer_class = serializers.SectorSerializer
    filterset_class = filters.SectorFilterSet


class RegionGroupViewSet(VocabularyViewSet):
    table = columns.REGION_GROUPS
    serializer_class = serializers.RegionGroupSerializer
    filterset_class = filters.GroupFilterSet


class SectorGroupViewSet(VocabularyViewSet):
    table = columns.SECTOR_GROUPS
    serializer_class = serializers.SectorGroupSerializer
    filterset_class = filters.GroupFilterSet


class TagViewSet(VocabularyViewSet):
    table = columns.TAGS
    serializer_class = serializers.TagSerializer
    filterset_class = filters.TagFilterSet


class IndicatorViewSet(VocabularyViewSet):
    table = columns.INDICATORS
    lookup_value_regex = "[A-Za-z0-9_-]+"
    serializer_class = IndicatorSerializer
    filterset_class = IndicatorFilterSet


class SourceViewSet(LedgerViewSet):
    has_past = False
    http_method_names = WITH_PUT
    checks_as_added = True
    table = columns.SOURCES
    serializer_class = serializers.SourceSerializer
    filterset_class = filters.SourceFilterSet
    ordering_fields = ["code", "title", "published_on", "updated_at"]


class OrganisationViewSet(MergeViewSet):
    http_method_names = WITH_PUT
    checks_as_added = True
    table = columns.ORGANISATIONS
    serializer_class = serializers.OrganisationSerializer
    filterset_class = filters.OrganisationFilterSet
    ordering_found = "code"
    ordering_fields = ["code", "name_zh", "name_en", "updated_at"]


class ParkViewSet(HistoryViewSet):
    http_method_names = WITH_PUT
    table = columns.PARKS
    file_endings = (*TABLE_ACTIONS, "geojson")
    point_properties = (
        *("code", "name_zh", "name_en", "kind", "region", "is_placeholder", "source"),
        *("address", "point_accuracy", "point_datum"),
    )
    serializer_class = serializers.ParkSerializer
    detail_serializer_class = serializers.ParkDetailSerializer
    filterset_class = filters.ParkFilterSet
    ordering_fields = ["code", "name_zh", "name_en", "updated_at"]
