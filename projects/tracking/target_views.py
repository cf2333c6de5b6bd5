"""`/targets`: what parks and regions are to reach in a year, and how far they are."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext_lazy
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from config.amounts import Qualifier
from config.api.fields import WordField, WorkedOutField
from config.api.lists.code_filters import CodedFilterSet
from config.api.lists.filter_fields import RowsFilter, WordsFilter, YearsFilter
from config.api.lists.pagination import ORDERING, Ordering, build_ordering_keys
from config.api.serializers import CODE, RECORD_FIELDS, LedgerSerializer
from config.spreadsheets import Column, Table, derive_columns
from parks.access import Publication
from parks.filters import RegionFilter
from parks.history.views import HistoryViewSet
from parks.models import Park, Source
from projects.models import Target, TargetMeasure
from projects.tracking.reaching import Reached, narrow_target

MOST_IN_A_FILE = 100_000
TARGETS = Table(
    "targets",
    _("targets"),
    [
        Column("code", _("code")),
        Column("park", _("park")),
        Column("region", _("region"), "word"),
        Column("year", _("year"), "number"),
        Column("measure", _("measure"), "word"),
        Column("size_floor_cny", _("size from"), "money"),
        Column("origin_scope", _("distance of the origin")),
        Column("value", _("target (yuan, US dollars or projects)"), "number"),
        Column("qualifier", _("qualifier"), "word"),
        Column("reached", _("reached"), "number", path="reached.value"),
        Column("percent", _("reached (%)"), "number", path="reached.percent"),
        Column("months_percent", _("months gone (%)"), "number", path="reached.months_percent"),
        Column("gap_points", _("gap (points)"), "number", path="reached.gap_points"),
        Column("same_period", _("to this day"), "number", path="reached.same_period"),
        Column("previous", _("to this day a year before"), "number", path="reached.previous"),
        Column("change_percent", _("change (%)"), "number", path="reached.change_percent"),
        Column("left_out", _("in other currencies"), "number", path="reached.left_out"),
        Column("source", _("source")),
        Column("publication", _("publication"), "word"),
        Column("note", _("note")),
        *derive_columns(Target, "version created_at updated_at"),
    ],
)


class ReachedSerializer(serializers.Serializer):
    """How far a target is reached, and the list of what was counted or added up."""

    value = serializers.IntegerField(help_text=_("What is reached in the year so far."))
    percent = serializers.FloatField()
    months_percent = serializers.FloatField(help_text=_("Months that have ended, of twelve."))
    gap_points = serializers.FloatField(help_text=_("Percent less that of the months."))
    same_period = serializers.IntegerField(help_text=_("What is dated up to today."))
    previous = serializers.IntegerField(help_text=_("The same of the year before."))
    change_percent = serializers.FloatField(allow_null=True)
    list_url = serializers.URLField()
    left_out = serializers.IntegerField(
        help_text=_("Reports of the year in another currency: none is converted or in the sums.")
    )
    left_out_list_url = serializers.URLField(allow_null=True)


@extend_schema_field(ReachedSerializer)
class ReachedField(WorkedOutField):
    """How far a target is reached, for the person who asks."""

    of = ("year", "measure", "size_floor_cny", "origin_scope", "park", "region", "value")

    def work_out(self, context: Mapping[str, Any], *shown: Any) -> dict[str, Any]:
        year, measure, floor, scope, park, region, value = shown
        subject = {"park": park} if park else {"park_region": region}
        reached: Reached = context["reached"]
        return reached.describe(year, measure, narrow_target(floor, scope), subject, value)


class TargetSerializer(LedgerSerializer):
    """What a park or a region is to reach in a year.

    Money is in whole yuan, that of `foreign_usd` and `foreign_agreed_usd` in whole US dollars.
    """

    measure = WordField(choices=TargetMeasure.choices)
    reached = ReachedField()

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if self.instance and attrs.get("value", self.instance.value) != self.instance.value:
            attrs.setdefault("qualifier", Qualifier.AT_LEAST)  # the old one was of another value
        return super().validate(attrs)

    class Meta:
        model = Target
        fields = [
            *CODE,
            "park",
            "region",
            "year",
            "measure",
            "size_floor_cny",
            "origin_scope",
            "value",
            "qualifier",
            "reached",
            "source",
            "publication",
            "note",
            *RECORD_FIELDS,
        ]


class TargetFilterSet(CodedFilterSet):
    year = YearsFilter()
    park = RowsFilter(rows=Park)
    region = RegionFilter()
    measure = WordsFilter(choices=TargetMeasure, may_be_unknown=False)
    publication = WordsFilter(choices=Publication, may_be_unknown=False)
    source = RowsFilter(rows=Source)


class TargetViewSet(HistoryViewSet):
    """Targets of a year, each with what is reached, percent, gap to the months, and its list."""

    about = gettext_lazy("Each with what is reached so far, and the list behind it.")
    table = TARGETS
    rows_are = Target
    has_past = True
    queryset = Target.objects.all()
    serializer_class = TargetSerializer
    filterset_class = TargetFilterSet
    ordering_fields: Mapping[str, Ordering | str] | Sequence[str] = ["code", "year", "updated_at"]
    ordering_default = "-year"

    def get_serializer_context(self) -> dict[str, Any]:
        return {**super().get_serializer_context(), "reached": Reached(self.request)}

    def compute_rows(self) -> Iterator[dict[str, Any]]:
        """Compute the rows of a file: all targets that the filters select."""
        planned = self.plan_rows()
        keys = build_ordering_keys(self.get_value(ORDERING), self, Target)
        rows = self.filter_queryset(self.get_queryset())
        yield from planned.build(planned.find(rows, MOST_IN_A_FILE, keys))
