"""`/sector-groups/{code}/links`: the links of an industry chain (产业链), also without projects."""

from collections.abc import Iterator
from typing import Any, ClassVar

from django.http import Http404
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.files import FILE_OPTIONS, FILE_PARAMETERS
from api.lists.as_of import AS_OF
from api.lists.filters import FILTERS
from api.readers import Readers
from api.serializers import WordField
from config.database import history
from config.database.prepared import snapshot
from parks.models import SectorGroup, SectorGroupMember
from parks.names.names import gather_sector_groups
from projects.dimensions.dimensions import OfColumn
from projects.dimensions.groupings import GroupingContext, name_as_written
from projects.filters import ProjectFilterSet
from projects.models import Project
from projects.summaries.measures import add_tallies, build_project_sums, state_project_facts
from projects.summaries.serializers import FactsSerializer
from projects.summaries.sums import query_sums
from projects.summaries.views import ProjectSumsViewSet
from sheets.writing.columns import Column, Table

_MEASURES = ("count", "investment_cny")
_POSITIONS = [*SectorGroupMember.Position.values, ""]


class ChainFilterSet(ProjectFilterSet):
    """The filters of projects but `sector`, by which the links are listed."""

    sector: Any = None


class LinkSerializer(FactsSerializer):
    """A sector of the chain with its projects."""

    position = WordField(choices=SectorGroupMember.Position.choices, allow_null=True)
    sector = serializers.CharField()
    sector_name_zh = serializers.CharField()
    sector_name_en = serializers.CharField()


class LinksSerializer(serializers.Serializer):
    """The links of a chain, upstream first, and all of it; projects in several count once there."""

    as_of = serializers.CharField(allow_null=True)
    rows = LinkSerializer(many=True)
    total = FactsSerializer()


class ChainViewSet(ProjectSumsViewSet):
    """How many projects, and how much investment, each link of an industry chain has."""

    table = Table(
        "sector-group-links",
        _("links of the chain"),
        [
            Column("position", _("position in the chain"), "word"),
            Column("sector", _("sector")),
            Column("sector_name_zh", _("Chinese name")),
            Column("sector_name_en", _("English name")),
            Column("count", _("projects"), "number"),
            Column("investment_cny", _("investment"), "money"),
            Column("list_url", _("list")),
        ],
    )
    rows_are = Project
    filterset_class = ChainFilterSet
    readers: ClassVar[Readers] = {
        "links": (AS_OF, FILTERS),
        **dict.fromkeys(("csv", "xlsx"), (AS_OF, FILTERS, FILE_OPTIONS)),
    }
    described_parameters = FILE_PARAMETERS

    @extend_schema(
        summary=_("The links of an industry chain with their projects"),
        description=_(
            "Each sector of the group, upstream first, also those without a project. A project "
            "whose sector is coarser than the links is in none."
        ),
        responses=LinksSerializer,
    )
    def links(self, request: Request, code: str) -> Response:
        """Count the projects of each link of a chain."""
        with snapshot():
            return Response(self.describe_chain(code))

    def compute_rows(self) -> Iterator[dict[str, Any]]:
        """Compute one row for each link."""
        yield from self.describe_chain(self.kwargs["code"])["rows"]

    def describe_chain(self, code: str) -> dict[str, Any]:
        """Add up the projects of each link, and of the whole chain."""
        group = SectorGroup.objects.filter(code=code.lower()).first()
        if group is None:
            raise Http404
        members = [*group.members.select_related("sector")]
        members.sort(key=lambda each: (_POSITIONS.index(each.position), each.sector_id))
        whole = gather_sector_groups([group])[group.code]
        tallies = query_sums(
            self.find_summed_rows().filter(whole.condition("sector")).order_by(),
            [OfColumn(_("sector"), "sector", name_as_written).grouping(GroupingContext())],
            build_project_sums(_MEASURES),
            "",
        )

        def state(above: str, list_of: str, without: list[str]) -> dict[str, Any]:
            """State the facts of the sectors below a code, with the list of their projects."""
            tally = add_tallies(each for (own,), each in tallies.items() if own.startswith(above))
            url = self.list_links().link(
                {"sector": list_of}, {"sector": ",".join(without)} if without else {}
            )
            facts = state_project_facts(tally, _MEASURES, lambda _more: None)
            return {**facts, "list_url": url}

        moment = history.moment()
        return {
            "as_of": moment.isoformat() if moment else None,
            "rows": [
                {
                    "position": link.position or None,
                    "sector": (own := link.sector_id),
                    "sector_name_zh": link.sector.name_zh,
                    "sector_name_en": link.sector.name_en,
                    **state(own, own, [each for each in whole.without if each.startswith(own)]),
                }
                for link in members
                if not link.excluded
            ],
            "total": state("", group.code, []),
        }
