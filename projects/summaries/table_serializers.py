"""The tables that are computed from projects, as the schema describes them."""

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers


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
    """A share in percent with its numerator and denominator."""

    name_zh = serializers.CharField()
    numerator = serializers.IntegerField(allow_null=True)
    numerator_is = serializers.CharField()
    denominator = serializers.IntegerField(allow_null=True)
    denominator_is = serializers.CharField()
    percent = serializers.FloatField(allow_null=True)


class MeasuresSerializer(serializers.Serializer):
    """Counts, sums in whole yuan, and rates of a set of projects."""

    projects = serializers.IntegerField()
    signed = serializers.IntegerField(help_text="Reached a contract.")
    not_terminated = serializers.IntegerField(help_text="Of the signed.")
    started = serializers.IntegerField(help_text="Started construction or went further.")
    completed = serializers.IntegerField(help_text="Completed or went further.")
    operating = serializers.IntegerField(help_text="Operating or at full capacity.")
    investment_total_cny = serializers.IntegerField(allow_null=True)
    investment_exact = serializers.IntegerField()
    investment_qualified = serializers.IntegerField()
    investment_missing = serializers.IntegerField()
    agreed_total_cny = serializers.IntegerField(allow_null=True)
    paid_in_total_cny = serializers.IntegerField(allow_null=True)
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
