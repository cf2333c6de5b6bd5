"""`/sector-groups/{code}/links`: the links of an industry chain (产业链), also without projects."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from api.problems.nearest_rows import find_no_row
from api.serializers import WordField
from config.database import history
from parks.models import SectorGroup, SectorGroupMember
from parks.names.names import gather_sector_groups
from projects.dimensions.dimensions import OfColumn
from projects.dimensions.groupings import GroupingContext, name_as_written
from projects.filters import ProjectFilterSet
from projects.summaries.measures import add_tallies, build_project_sums, state_project_facts
from projects.summaries.serializers import FactsSerializer
from projects.summaries.sums import query_sums
from projects.summaries.views import ProjectAnswerViewSet
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


class ChainViewSet(ProjectAnswerViewSet):
    """How many projects, and how much investment, each link of an industry chain has."""

    summary = _("The links of an industry chain with their projects")
    about = _(
        "Each sector of the group, upstream first, also those without a project. A project "
        "whose sector is coarser than the links is in none."
    )
    answered_by = LinksSerializer
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
    filterset_class = ChainFilterSet

    def compute_answer(self) -> dict[str, Any]:
        """Add up the projects of each link, and of the whole chain."""
        group = SectorGroup.objects.filter(code=self.kwargs["code"].lower()).first()
        if group is None:
            raise find_no_row("code", self.kwargs["code"], SectorGroup.objects.all())
        members = [*group.members.select_related("sector")]
        members.sort(key=lambda each: (_POSITIONS.index(each.position), each.sector_id))
        whole = gather_sector_groups([group])[group.code]
        tallies = query_sums(
            self.find_projects().filter(whole.condition("sector")).order_by(),
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
