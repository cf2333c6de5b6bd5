"""What is computed from projects as the schema describes it: questions, summaries and tables."""

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiParameter, extend_schema_field
from rest_framework import serializers

from api.readers import MEMBER, array_like, array_of
from projects.children.serializers import CountedListSerializer
from projects.dimensions.dimensions import period_of
from projects.summaries.questions import (
    BAND_UNITS,
    COMPARISONS,
    FUNDING_VOCABULARY,
    MOST_BANDS,
    MOST_GROUPINGS,
    PROJECT_VOCABULARY,
    SummaryVocabulary,
)
from sheets.amounts import LEDGER_CURRENCY

# The same for summaries of any rows
FURTHER_PARAMETERS = [
    OpenApiParameter(
        "bands",
        array_like(MEMBER, maxItems=MOST_BANDS, uniqueItems=True),
        description=_("Bounds of size bands in ascending order, separated by commas: 1,5,10."),
    ),
    OpenApiParameter(
        "band_unit", description=_("The unit of the bounds: yi is 亿元."), enum=[*BAND_UNITS]
    ),
    OpenApiParameter(
        "order", description=_("A measure or dimension, with a minus for the largest first.")
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
        "compare", description=_("Each row beside the same row a year before."), enum=[*COMPARISONS]
    ),
    OpenApiParameter(
        "cumulative",
        description=_("Each row beside all periods up to its own."),
        enum=["true", "false"],
    ),
]


def build_question_parameters(vocabulary: SummaryVocabulary) -> list[OpenApiParameter]:
    return [
        OpenApiParameter(
            "group_by",
            description=_(
                "Up to three dimensions, separated by commas. Without any, only the total."
            ),
            type=array_of(vocabulary.dimensions, maxItems=MOST_GROUPINGS, uniqueItems=True),
        ),
        OpenApiParameter(
            "measures",
            description=_("What is added up, separated by commas."),
            type=array_of(vocabulary.measures, uniqueItems=True),
        ),
        *FURTHER_PARAMETERS,
    ]


SUMMARY_PARAMETERS = build_question_parameters(PROJECT_VOCABULARY)
FUNDING_PARAMETERS = build_question_parameters(FUNDING_VOCABULARY)


class AmountsSerializer(serializers.Serializer):
    """How many of the projects have an exact, a qualified, and no amount."""

    exact = serializers.IntegerField()
    qualified = serializers.IntegerField()
    missing = serializers.IntegerField()


class UnderstoodSerializer(serializers.Serializer):
    """A filter as it was given, and what it was understood as."""

    given = serializers.CharField()
    understood = serializers.JSONField()


class PerMuSerializer(serializers.Serializer):
    """What a number per mu is worked out from: yuan and mu of the same projects on bought land."""

    numerator = serializers.IntegerField(allow_null=True)
    numerator_list_url = serializers.URLField(allow_null=True)
    denominator = serializers.FloatField(allow_null=True)
    denominator_list_url = serializers.URLField(allow_null=True)
    projects = serializers.IntegerField()
    leased = serializers.IntegerField(help_text=_("Projects that lease, beside."))
    leased_list_url = serializers.URLField(allow_null=True)


class OtherCurrencySerializer(serializers.Serializer):
    """What was reported in another currency than the yuan: it is in no sum of yuan."""

    currency = serializers.CharField(help_text=_("ISO 4217, for money other than yuan."))
    count = serializers.IntegerField()
    value = serializers.IntegerField(
        allow_null=True,
        help_text=_("Whole units of the currency; null where they are of more than one kind."),
    )
    list_url = serializers.URLField(allow_null=True)


class FactsSerializer(serializers.Serializer):
    """The sums of a cell: those of the measures that are asked for."""

    count = serializers.IntegerField()
    investment_cny = serializers.IntegerField(allow_null=True, required=False)
    paid_in_cny = serializers.IntegerField(allow_null=True, required=False)
    paid_in_recognised_cny = serializers.IntegerField(allow_null=True, required=False)
    tax_at_capacity_cny = serializers.IntegerField(allow_null=True, required=False)
    output_at_capacity_cny = serializers.IntegerField(allow_null=True, required=False)
    jobs_at_capacity = serializers.IntegerField(allow_null=True, required=False)
    shared_count = serializers.FloatField(required=False)
    land_mu = serializers.FloatField(allow_null=True, required=False)
    floor_area_m2 = serializers.FloatField(allow_null=True, required=False)
    agreed_per_mu = serializers.IntegerField(allow_null=True, required=False)
    agreed_per_mu_of = PerMuSerializer(required=False)
    investment_intensity = serializers.IntegerField(allow_null=True, required=False)
    investment_intensity_of = PerMuSerializer(required=False)
    count_by_agreement = serializers.DictField(child=serializers.IntegerField())
    investment_by_basis = serializers.DictField(child=serializers.IntegerField(), required=False)
    amounts = serializers.DictField(child=AmountsSerializer())
    list_url = serializers.URLField(allow_null=True)
    if settings.PROFILE.other_currencies:
        other_currencies = OtherCurrencySerializer(many=True, required=False)


class CellSerializer(serializers.Serializer):
    """A value of a dimension: null for unknown, and `other` for what `top` leaves out."""

    value: serializers.Field = serializers.CharField(allow_null=True)
    name_zh = serializers.CharField()
    name_en = serializers.CharField()


class YearCellSerializer(CellSerializer):
    """A year as the value of a dimension: null for unknown."""

    value = serializers.IntegerField(allow_null=True)


def add_cells(
    fields: dict[str, serializers.Field], vocabulary: SummaryVocabulary
) -> dict[str, serializers.Field]:
    """Add a cell for each dimension, which is there where rows are grouped by it."""
    for name, dimension in vocabulary.dimensions.items():
        cell = YearCellSerializer if period_of(dimension) == "year" else CellSerializer
        fields[name] = cell(required=False)
    return fields


class SummaryRowSerializer(FactsSerializer):
    """One row, with a cell for each dimension by which rows are grouped."""

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

    def get_fields(self) -> dict[str, serializers.Field]:
        return add_cells(super().get_fields(), PROJECT_VOCABULARY)


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


class DraftsSerializer(CountedListSerializer):
    """How many of the projects are drafts, and the list of them."""


class SummarySerializer(AnswerSerializer):
    """Grouped totals of projects."""

    rows = SummaryRowSerializer(many=True)
    total = FactsSerializer()
    drafts = DraftsSerializer(
        required=False,
        help_text=_("For roles: the drafts in the total, which others see without them."),
    )


class FlowCountSerializer(serializers.Serializer):
    """How many flows there are, and the list of them."""

    count = serializers.IntegerField()
    list_url = serializers.URLField(allow_null=True)


class RecognisedCountsSerializer(serializers.Serializer):
    """Of how many flows an authority recognised the same amount, another one, or none."""

    same = FlowCountSerializer()
    differs = FlowCountSerializer()
    none = FlowCountSerializer()


class FlowFactsSerializer(serializers.Serializer):
    """The sums of a cell of flows: no amount where they are of more than one kind."""

    count = serializers.IntegerField()
    amount_cny = serializers.IntegerField(allow_null=True, required=False)
    amount_usd = serializers.IntegerField(allow_null=True, required=False)
    recognised_cny = serializers.IntegerField(allow_null=True, required=False)
    recognised_gap_cny = serializers.IntegerField(allow_null=True, required=False)
    recognised_counts = RecognisedCountsSerializer(required=False)
    other_currencies = OtherCurrencySerializer(many=True)
    planned_cny = serializers.IntegerField(allow_null=True, required=False)
    planned_list_url = serializers.URLField(allow_null=True, required=False)
    completed_cny = serializers.IntegerField(allow_null=True, required=False)
    completed_of_planned_cny = serializers.IntegerField(allow_null=True, required=False)
    completion_percent = serializers.FloatField(allow_null=True, required=False)
    list_url = serializers.URLField(allow_null=True)


class FlowRowSerializer(FlowFactsSerializer):
    """One row, with a cell for each dimension by which rows are grouped."""

    cumulative = FlowFactsSerializer(allow_null=True, required=False)
    previous = FlowFactsSerializer(allow_null=True, required=False)
    change_percent = serializers.DictField(
        child=serializers.FloatField(allow_null=True), allow_null=True, required=False
    )

    def get_fields(self) -> dict[str, serializers.Field]:
        return add_cells(super().get_fields(), FUNDING_VOCABULARY)


class FundingSummarySerializer(AnswerSerializer):
    """Grouped totals of flows of money."""

    rows = FlowRowSerializer(many=True)
    total = FlowFactsSerializer()


@extend_schema_field({"type": ["string", "integer", "null"]})
class FacetValueField(serializers.Field):
    """The code of a value, or a year."""


class FacetItemSerializer(serializers.Serializer):
    """One value of a dimension; null for the projects whose value is unknown."""

    value = FacetValueField()
    name_zh = serializers.CharField(allow_null=True)
    name_en = serializers.CharField(allow_null=True)
    count = serializers.IntegerField()
    list_url = serializers.URLField()


class FacetsSerializer(serializers.Serializer):
    """The number of matching projects, and by dimension the number of each value."""

    count = serializers.IntegerField()
    facets = serializers.DictField(child=FacetItemSerializer(many=True))


class RateSerializer(serializers.Serializer):
    """A share in percent with what it is worked out from, and the list of each of these numbers.

    Numbers are projects, or whole yuan, as `unit` says.
    """

    name_zh = serializers.CharField()
    name_en = serializers.CharField()
    meaning = serializers.CharField()
    unit = serializers.ChoiceField(["projects", LEDGER_CURRENCY])
    numerator = serializers.IntegerField(allow_null=True)
    numerator_list_url = serializers.URLField(allow_null=True)
    denominator = serializers.IntegerField(allow_null=True)
    denominator_list_url = serializers.URLField(allow_null=True)
    not_known = serializers.IntegerField(
        help_text=_("The part of the denominator of which nobody knows whether it got so far.")
    )
    not_known_list_url = serializers.URLField(allow_null=True)
    percent = serializers.FloatField(allow_null=True)
    percent_at_most = serializers.FloatField(
        allow_null=True, help_text=_("The percent if all that is not known had got so far.")
    )
    coverage_percent = serializers.FloatField(
        allow_null=True,
        help_text=_("The part of the denominator that belongs to projects that reported."),
    )
    withheld = serializers.CharField(
        allow_null=True, help_text=_("Why no percent is given though there is a denominator.")
    )


class MeasuresSerializer(serializers.Serializer):
    """Counts, sums in whole yuan, and rates of a set of projects."""

    projects = serializers.IntegerField()
    signed = serializers.IntegerField(help_text=_("Reached a contract."))
    not_terminated = serializers.IntegerField(help_text=_("Of the signed."))
    started = serializers.IntegerField(help_text=_("Started construction or went further."))
    completed = serializers.IntegerField(help_text=_("Completed or went further."))
    operating = serializers.IntegerField(help_text=_("Operating or at full capacity."))
    investment_total_cny = serializers.IntegerField(allow_null=True)
    investment_exact = serializers.IntegerField()
    investment_qualified = serializers.IntegerField()
    investment_missing = serializers.IntegerField()
    agreed_total_cny = serializers.IntegerField(allow_null=True)
    paid_in_total_cny = serializers.IntegerField(
        allow_null=True,
        help_text=_("Paid in by projects whose agreed amount is known, as in the rate of funds."),
    )
    paid_in_all_cny = serializers.IntegerField(
        allow_null=True, help_text=_("Paid in by all projects counted here, those of list_url.")
    )
    rates = serializers.DictField(child=RateSerializer())


class CohortSerializer(MeasuresSerializer):
    """The contracts of one year; `is_unfinished` where they had too little time to be judged."""

    signed_year = serializers.IntegerField(allow_null=True)
    is_unfinished = serializers.BooleanField(allow_null=True)
    list_url = serializers.URLField()


class CohortsSerializer(serializers.Serializer):
    """What became of the contracts of each year, and of all together."""

    group_by = serializers.CharField()
    rows = CohortSerializer(many=True)
    total = MeasuresSerializer()


class DeclaredTotalSerializer(serializers.Serializer):
    """A total as an event declared it."""

    value = serializers.IntegerField(allow_null=True)
    qualifier = serializers.CharField()
    nature = serializers.CharField()
    code = serializers.CharField()


class DeclaredSerializer(serializers.Serializer):
    """What an event declared as a whole, or null."""

    projects = DeclaredTotalSerializer(allow_null=True)
    investment_total_cny = DeclaredTotalSerializer(allow_null=True)


class CoverageSerializer(serializers.Serializer):
    """How much of what was declared is itemised, in percent, or null."""

    projects = serializers.FloatField(allow_null=True)
    investment_total_cny = serializers.FloatField(allow_null=True)


class FollowThroughSerializer(serializers.Serializer):
    """What became of what was signed at an event."""

    event = serializers.CharField()
    declared = DeclaredSerializer()
    itemised = MeasuresSerializer()
    first_signings = serializers.IntegerField()
    coverage_percent = CoverageSerializer()
    list_url = serializers.URLField()


class PartSerializer(SummarySerializer):
    """A summary of an overview, with the URL that gives it alone."""

    url = serializers.URLField()


class FlowPartSerializer(FundingSummarySerializer):
    """A summary of flows of an overview, with the URL that gives it alone."""

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
