"""REST resources of parks, vocabularies, organisations and sources; views for roles only."""

from collections.abc import Collection, Mapping
from typing import Any, ClassVar

from django.utils.translation import gettext as _
from rest_framework.exceptions import NotAuthenticated, PermissionDenied
from rest_framework.request import Request
from rest_framework.views import APIView

from api.views import WITH_PUT, LedgerViewSet
from parks.access import rights_of
from parks.claims.filters import IndicatorFilterSet
from parks.claims.serializers import IndicatorSerializer
from parks.columns import (
    INDICATORS,
    ORGANISATIONS,
    PARKS,
    REGION_GROUPS,
    REGIONS,
    SECTOR_GROUPS,
    SECTORS,
    SOURCES,
    TAGS,
)
from parks.filters import (
    GroupFilterSet,
    OrganisationFilterSet,
    ParkFilterSet,
    RegionFilterSet,
    SectorFilterSet,
    SourceFilterSet,
    TagFilterSet,
)
from parks.history.views import HistoryViewSet
from parks.merging.views import MergeViewSet
from parks.models import (
    Indicator,
    Organisation,
    Park,
    Region,
    RegionGroup,
    Sector,
    SectorGroup,
    Source,
    Tag,
)
from parks.serializers import (
    OrganisationSerializer,
    ParkDetailSerializer,
    ParkSerializer,
    RegionGroupSerializer,
    RegionSerializer,
    SectorGroupSerializer,
    SectorSerializer,
    SourceSerializer,
    TagSerializer,
)

# Problems of reading there, besides those of all reads
ROLE_PROBLEMS: Mapping[str, Collection[int]] = {
    **dict.fromkeys(("list", "retrieve", "csv", "history"), (403,)),
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
    """Terms by their official codes. They are added to and retire; there is no DELETE."""

    http_method_names = ["get", "post", "patch", "head", "options"]
    code_column = "code"
    code_case = "lower"
    ordering_fields = ["code", "name_zh", "name_en"]


class RegionViewSet(VocabularyViewSet):
    table = REGIONS
    code_case = "upper"
    queryset = Region.objects.all()
    serializer_class = RegionSerializer
    filterset_class = RegionFilterSet


class SectorViewSet(VocabularyViewSet):
    table = SECTORS
    code_case = "upper"
    queryset = Sector.objects.all()
    serializer_class = SectorSerializer
    filterset_class = SectorFilterSet


class RegionGroupViewSet(VocabularyViewSet):
    table = REGION_GROUPS
    queryset = RegionGroup.objects.all()
    serializer_class = RegionGroupSerializer
    filterset_class = GroupFilterSet


class SectorGroupViewSet(VocabularyViewSet):
    table = SECTOR_GROUPS
    queryset = SectorGroup.objects.all()
    serializer_class = SectorGroupSerializer
    filterset_class = GroupFilterSet


class TagViewSet(VocabularyViewSet):
    table = TAGS
    queryset = Tag.objects.all()
    serializer_class = TagSerializer
    filterset_class = TagFilterSet


class IndicatorViewSet(VocabularyViewSet):
    table = INDICATORS
    lookup_value_regex = "[A-Za-z0-9_-]+"
    queryset = Indicator.objects.all()
    serializer_class = IndicatorSerializer
    filterset_class = IndicatorFilterSet


class SourceViewSet(LedgerViewSet):
    http_method_names = WITH_PUT
    checks_as_added = True
    table = SOURCES
    queryset = Source.objects.all()
    serializer_class = SourceSerializer
    filterset_class = SourceFilterSet
    ordering_fields = ["code", "title", "published_on", "updated_at"]


class OrganisationViewSet(MergeViewSet):
    http_method_names = WITH_PUT
    checks_as_added = True
    table = ORGANISATIONS
    has_past = True
    queryset = Organisation.objects.all()
    serializer_class = OrganisationSerializer
    filterset_class = OrganisationFilterSet
    ordering_found = "code"
    ordering_fields = ["code", "name_zh", "name_en", "updated_at"]


class ParkViewSet(HistoryViewSet):
    http_method_names = WITH_PUT
    table = PARKS
    file_endings = ("csv", "xlsx", "geojson")
    point_properties = (
        *("code", "name_zh", "name_en", "kind", "region", "is_placeholder", "source"),
        *("address", "point_accuracy", "point_datum"),
    )
    has_past = True
    queryset = Park.objects.all()
    serializer_class = ParkSerializer
    detail_serializer_class = ParkDetailSerializer
    filterset_class = ParkFilterSet
    ordering_fields = ["code", "name_zh", "name_en", "updated_at"]
