"""`/lights`: the lights of projects, each with its rules; `/light-rules`: the rules of parks."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.lists.filters import CodedFilterSet, RowsFilter, WordsFilter
from api.serializers import RECORD_FIELDS, LedgerSerializer, WorkedOutField
from api.views import LedgerReadViewSet
from config.database.prepared import snapshot
from parks.history.views import HistoryViewSet
from parks.models import Park
from parks.views import ForRolesMixin
from projects.children.columns import join_responsible_people
from projects.filters import ProjectFilterSet
from projects.lifecycle.lights import Lights
from projects.models import LightRule, Project, RuleKind
from sheets.writing.columns import Column, Table, derive_columns, derive_table

_OF_RULES = "code park kind step since_step threshold is_beyond colour is_active source note"
LIGHT_RULES = derive_table("light-rules", LightRule, f"{_OF_RULES} version created_at updated_at")
LIGHTS = Table(
    "lights",
    _("lights"),
    [
        *derive_columns(Project, "code name_zh name_en"),
        Column("park", _("park")),
        Column("stage", _("stage"), "word"),
        Column("responsible_unit", _("responsible unit")),
        Column("light", _("light"), "word"),
        Column("rule", _("rule")),
        Column("kind", _("kind of the rule"), "word"),
        Column("step", _("step"), "word"),
        Column("days", _("days"), "number"),
        Column("points", _("points"), "number"),
        Column("rules", _("all rules met")),
        Column("excuse", _("excuse")),
        Column("approved_by", _("approved by")),
        Column("until_on", _("until"), "date"),
        Column("responsible_person", _("responsible person")),
    ],
)


class LightRuleSerializer(LedgerSerializer):
    """A rule by which projects get a yellow or red light; that of no park is a default."""

    class Meta:
        model = LightRule
        fields = [*_OF_RULES.split(), *RECORD_FIELDS]


class LightRuleFilterSet(CodedFilterSet):
    park = RowsFilter(rows=Park)
    kind = WordsFilter(choices=RuleKind, may_be_unknown=False)


class LightRuleViewSet(ForRolesMixin, HistoryViewSet):
    """The rules of lights: of parks, and of no park for all parks without their own."""

    about = _("Of a park, or of no park for all parks without rules of their own.")
    table = LIGHT_RULES
    serializer_class = LightRuleSerializer
    filterset_class = LightRuleFilterSet


@extend_schema_field({"type": ["string", "number", "null"]})
class LitField(WorkedOutField):
    """A part of the light of a project, which the view has explained for the whole page."""

    of = ("code",)

    def work_out(self, context: Mapping[str, Any], *shown: Any) -> Any:
        return context["lights"][shown[0]][self.field_name]


class LightSerializer(LedgerSerializer):
    """The light of a project under way, with the gravest rule that it meets, and its excuse."""

    light, rule, kind, step = LitField(), LitField(), LitField(), LitField()
    days, points, rules = LitField(), LitField(), LitField()
    excuse, approved_by, until_on = LitField(), LitField(), LitField()
    responsible_person = serializers.CharField(read_only=True, allow_null=True)

    class Meta:
        model = Project
        fields = [column.name for column in LIGHTS.columns]

    @classmethod
    def select_rows(cls, rows: QuerySet, person: Any) -> QuerySet:
        return rows.annotate(responsible_person=join_responsible_people(project="pk"))


class LightListViewSet(ForRolesMixin, LedgerReadViewSet):
    """The lights of the projects under way in the parks in which one has a role."""

    about = _("Of projects under way in the parks in which you have a role; derived, not stored.")
    table = LIGHTS
    rows_are = Project
    serializer_class = LightSerializer
    filterset_class = ProjectFilterSet

    def get_queryset(self) -> QuerySet:
        return super().get_queryset().filter(Lights(self.request.user).has_light)

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        with snapshot():  # the projects and their lights agree
            return super().list(request, *args, **kwargs)

    def build_rows(self, planned: Any, found: Sequence[Any]) -> Sequence[dict[str, Any]]:
        """Build the found projects with their lights, which one query explains."""
        keys = [planned.plan.read(row, "pk") for row in found]
        planned.context["lights"] = Lights(self.request.user).explain(keys)
        return super().build_rows(planned, found)
