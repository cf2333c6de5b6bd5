"""Summaries as the schema describes them: what they are asked, and what they answer."""

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers

from projects.summaries.questions import COMPARISONS, FUNDINGS, PROJECTS, UNITS, Vocabulary
from projects.summaries.table_serializers import FollowThroughSerializer, MeasuresSerializer

# The same for summaries of any rows
FURTHER_PARAMETERS = [
    OpenApiParameter(
        "bands",
        description=_("Bounds of size bands in ascending order, with commas: 1,5,10."),
    ),
    OpenApiParameter(
        "band_unit", description=_("The unit of the bounds: yi is 亿元."), enum=[*UNITS]
    ),
    OpenApiParameter(
        "order",
        description=_("A measure or dimension, with a minus for the largest first."),
    ),
    OpenApiParameter(
        "top",
        {"type": "integer", "minimum": 1, "maximum": 100},
        description=_(
            "Only so many values of the first dimension that is not of time, 1 to 100; the "
            "others together are “other”."
        ),
    ),
    OpenApiParameter(
        "compare",
        description=_("Each row beside the same row a year before."),
        enum=[*COMPARISONS],
    ),
    OpenApiParameter(
        "cumulative",
        description=_("Each row beside all periods up to its own."),
        enum=["true", "false"],
    ),
]


def question_parameters(vocabulary: Vocabulary) -> list[OpenApiParameter]:
    """The parameters of a summary, with the words that each takes."""
    return [
        OpenApiParameter(
            "group_by",
            description=_("Up to three dimensions, with commas. Without any only the total."),
            enum=[*vocabulary.dimensions],
            many=True,
            explode=False,
        ),
        OpenApiParameter(
            "measures",
            description=_("What is added up, with commas."),
            enum=[*vocabulary.measures],
            many=True,
            explode=False,
        ),
        *FURTHER_PARAMETERS,
    ]


SUMMARY_PARAMETERS = question_parameters(PROJECTS)
FUNDING_PARAMETERS = question_parameters(FUNDINGS)


class AmountsSerializer(serializers.Serializer):
    """How many of the projects have an exact, a hedged, and no amount."""

    exact = serializers.IntegerField()
    qualified = serializers.IntegerField()
    missing = serializers.IntegerField()


class UnderstoodSerializer(serializers.Serializer):
    """A filter as it was given, and what it was understood as."""

    given = serializers.CharField()
    understood = serializers.JSONField()


class FactsSerializer(serializers.Serializer):
    """The sums of a cell: those of the measures that are asked for."""

    count = serializers.IntegerField()
    investment_cny = serializers.IntegerField(allow_null=True, required=False)
    paid_in_cny = serializers.IntegerField(allow_null=True, required=False)
    tax_at_capacity_cny = serializers.IntegerField(allow_null=True, required=False)
    output_at_capacity_cny = serializers.IntegerField(allow_null=True, required=False)
    jobs_at_capacity = serializers.IntegerField(allow_null=True, required=False)
    count_by_agreement = serializers.DictField(child=serializers.IntegerField())
    investment_by_basis = serializers.DictField(child=serializers.IntegerField(), required=False)
    amounts = serializers.DictField(child=AmountsSerializer())
    list_url = serializers.URLField(allow_null=True)


class SummaryRowSerializer(FactsSerializer):
    """One row; besides, for each dimension, by its name, `value`, `name_zh` and `name_en`.

    `value` is null for unknown, and `other` for what `top` leaves out.
    """

    share = serializers.FloatField(allow_null=True, required=False)
    share_of = serializers.IntegerField(required=False)
    investment_share = serializers.FloatField(allow_null=True, required=False)
    investment_share_of = serializers.IntegerField(required=False)
    count_at_least = serializers.IntegerField(allow_null=True, required=False)
    at_least_url = serializers.URLField(allow_null=True, required=False)
    cumulative = FactsSerializer(allow_null=True, required=False)
    previous = FactsSerializer(allow_null=True, required=False)
    change_percent = serializers.DictField(
        child=serializers.FloatField(allow_null=True), allow_null=True, required=False
    )


class AnswerSerializer(serializers.Serializer):
    """What all summaries answer with."""

    group_by = serializers.ListField(child=serializers.CharField())
    measures = serializers.ListField(child=serializers.CharField())
    additive = serializers.BooleanField(help_text=_("Whether the rows add up to the total."))
    bands = serializers.ListField(
        child=serializers.IntegerField(), required=False, help_text=_("Bounds in yuan.")
    )
    filters = serializers.DictField(child=UnderstoodSerializer())
    definitions = serializers.DictField(child=serializers.CharField())
    as_of = serializers.CharField(allow_null=True)
    generated_on = serializers.DateField()


class SummarySerializer(AnswerSerializer):
    """Grouped totals of projects."""

    rows = SummaryRowSerializer(many=True)
    total = FactsSerializer()


class FlowFactsSerializer(serializers.Serializer):
    """The sums of a cell of flows: no amount where they are of more than one kind."""

    count = serializers.IntegerField()
    amount_cny = serializers.IntegerField(allow_null=True, required=False)
    list_url = serializers.URLField(allow_null=True)


class FlowRowSerializer(FlowFactsSerializer):
    """One row; besides, for each dimension, by its name, `value`, `name_zh` and `name_en`."""

    cumulative = FlowFactsSerializer(allow_null=True, required=False)
    previous = FlowFactsSerializer(allow_null=True, required=False)
    change_percent = serializers.DictField(
        child=serializers.FloatField(allow_null=True), allow_null=True, required=False
    )


class FundingSummarySerializer(AnswerSerializer):
    """Grouped totals of flows of money."""

    rows = FlowRowSerializer(many=True)
    total = FlowFactsSerializer()


class PartSerializer(SummarySerializer):
    """A summary of an overview, with the address that gives it alone."""

    url = serializers.URLField()


class FlowPartSerializer(FundingSummarySerializer):
    """A summary of flows of an overview, with the address that gives it alone."""

    url = serializers.URLField()


class ParkOverviewSerializer(serializers.Serializer):
    """What a park has signed, from where, in which industries, and what became of it."""

    park = serializers.CharField()
    name_zh = serializers.CharField()
    name_en = serializers.CharField()
    stages = PartSerializer(help_text=_("All projects by stage."))
    origins = PartSerializer(help_text=_("By group of the origin and year of the contract."))
    sectors = PartSerializer()
    sizes = PartSerializer()
    signed = PartSerializer(help_text=_("By year of the contract, and cumulative."))
    at_capacity = PartSerializer(help_text=_("What full capacity is to bring."))
    flows = FlowPartSerializer(help_text=_("Money by quarter and kind, and cumulative."))
    follow_through = MeasuresSerializer()


class EventOverviewSerializer(serializers.Serializer):
    """What was signed at an event, and what became of it."""

    event = serializers.CharField()
    name_zh = serializers.CharField()
    name_en = serializers.CharField()
    stages = PartSerializer()
    origins = PartSerializer()
    sectors = PartSerializer()
    sizes = PartSerializer()
    parks = PartSerializer()
    follow_through = FollowThroughSerializer()
