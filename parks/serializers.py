"""Parks, vocabularies and sources as JSON."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.reverse import reverse

from config.api.fields import PartialDateField, RowField, TermField
from config.api.serializers import LedgerSerializer
from parks.models import (
    Claim,
    Figure,
    Indicator,
    Organisation,
    Park,
    Region,
    RegionGroup,
    RegionGroupMember,
    Sector,
    SectorGroup,
    SectorGroupMember,
    Source,
)

CODE = ["code"]
NAMES = ["name_zh", "name_en"]
RECORD = ["version", "created_at", "updated_at"]


class TermSerializer(LedgerSerializer):
    """A term of a vocabulary. Its code is its key: another code would be another term."""

    def validate_code(self, code: str) -> str:
        if self.instance is not None and code != self.instance.code:
            raise serializers.ValidationError(
                _("The code of a row never changes; it stays “%(code)s”.")
                % {"code": self.instance.code},
                code="immutable",
            )
        return code


class AliasesField(serializers.ListField):
    """Other names, by which filters find a term."""

    child = serializers.CharField(max_length=200)


class RegionSerializer(TermSerializer):
    parent = TermField(queryset=Region.objects.all(), allow_null=True, required=False)
    aliases = AliasesField(required=False)

    class Meta:
        model = Region
        fields = [
            *CODE,
            *NAMES,
            "level",
            "kind",
            "parent",
            "aliases",
            "valid_from",
            "valid_to",
            "is_statistical",
            "source",
        ]


class SectorSerializer(TermSerializer):
    parent = TermField(queryset=Sector.objects.all(), allow_null=True, required=False)

    class Meta:
        model = Sector
        fields = [*CODE, *NAMES, "level", "parent", "hitech", "valid_from", "valid_to"]


class GroupSerializer(TermSerializer):
    """A group with its members, which are written as a whole list."""

    aliases = AliasesField(required=False)

    def create(self, validated_data: dict[str, Any]) -> Any:
        return self.write(validated_data, super().create)

    def update(self, instance: Any, validated_data: dict[str, Any]) -> Any:
        return self.write(
            validated_data, lambda data: super(GroupSerializer, self).update(instance, data)
        )

    def write(self, data: dict[str, Any], save: Any) -> Any:
        members = data.pop("members", None)
        with transaction.atomic():
            group = save(data)
            if members is not None:
                group.members.all().delete()
                group.members.bulk_create(
                    group.members.model(group=group, **member) for member in members
                )
        return group


class RegionGroupMemberSerializer(LedgerSerializer):
    class Meta:
        model = RegionGroupMember
        fields = ["region", "valid_from", "valid_to"]


class RegionGroupSerializer(GroupSerializer):
    members = RegionGroupMemberSerializer(many=True, required=False)

    class Meta:
        model = RegionGroup
        fields = [*CODE, *NAMES, "family", "definition", "aliases", "source", "members"]


class SectorGroupMemberSerializer(LedgerSerializer):
    class Meta:
        model = SectorGroupMember
        fields = ["sector", "excluded"]


class SectorGroupSerializer(GroupSerializer):
    members = SectorGroupMemberSerializer(many=True, required=False)

    class Meta:
        model = SectorGroup
        fields = [*CODE, *NAMES, "aliases", "source", "members"]


class SourceSerializer(LedgerSerializer):
    published_on = PartialDateField()

    class Meta:
        model = Source
        fields = [
            *CODE,
            "title",
            "publisher",
            "author",
            "published_on",
            "url",
            "kind",
            "is_copy",
            "note",
            *RECORD,
        ]


class OrganisationSerializer(LedgerSerializer):
    parent = RowField(queryset=Organisation.objects.all(), allow_null=True, required=False)

    class Meta:
        model = Organisation
        fields = [*CODE, *NAMES, "uscc", "region", "parent", "note", *RECORD]


def plain_number(value: Decimal | None) -> int | float | None:
    """A decimal as the shortest JSON number: 14.5, and 1500 rather than 1500.0."""
    if value is None:
        return None
    return int(value) if value == value.to_integral_value() else float(value)


@extend_schema_field({"type": ["number", "string"]})
class ValueField(serializers.Field):
    """The value of a claim in one place: whole yuan, another number, or words."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(source="*", **kwargs)

    def to_representation(self, claim: Claim) -> int | float | str:
        if claim.amount_cny is not None:
            return claim.amount_cny
        number = plain_number(claim.value)
        return claim.value_text if number is None else number

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        """Sorted into the columns by `ClaimSerializer.validate`, which knows the indicator."""
        if isinstance(data, bool) or not isinstance(data, int | float | str):
            raise serializers.ValidationError(_("Give a number or words."), code="invalid")
        return {"given": data}


class ClaimSerializer(LedgerSerializer):
    """A claim with its value in one place, in the indicator's unit."""

    indicator_name_zh = serializers.CharField(source="indicator.name_zh", read_only=True)
    indicator_name_en = serializers.CharField(source="indicator.name_en", read_only=True)
    value = ValueField()
    unit = serializers.SerializerMethodField()
    as_of = PartialDateField()
    source = RowField(queryset=Source.objects.all(), allow_null=True, required=False)
    source_title = serializers.CharField(source="source.title", read_only=True, default=None)

    class Meta:
        model: type[Claim]
        fields = [
            *CODE,
            "indicator",
            "indicator_name_zh",
            "indicator_name_en",
            "value",
            "unit",
            "currency",
            "qualifier",
            "nature",
            "as_of",
            "as_reported",
            "said_by",
            "source",
            "source_title",
            "note",
        ]

    def get_unit(self, claim: Claim) -> str:
        return claim.currency or claim.indicator.unit

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if "given" in attrs:
            attrs |= self.sorted_value(attrs.pop("given"), attrs)
        return super().validate(attrs)

    def sorted_value(self, given: int | float | str, attrs: dict[str, Any]) -> dict[str, Any]:
        """The column that keeps the value: yuan, another number, or words."""
        columns: dict[str, Any] = {"amount_cny": None, "value": None, "value_text": ""}
        indicator = attrs.get("indicator") or self.instance.indicator
        is_money = indicator.kind == Indicator.Kind.MONEY and not attrs.get("currency")
        if isinstance(given, str):
            return columns | {"value_text": given}
        if is_money and given != int(given):
            raise serializers.ValidationError(
                {"value": [serializers.ErrorDetail(_("Give whole yuan."), "fraction_of_yuan")]}
            )
        return columns | (
            {"amount_cny": int(given)} if is_money else {"value": Decimal(str(given))}
        )


class HeadlineSerializer(ClaimSerializer):
    """The newest standing claim of an indicator and nature, and how many others there are."""

    others = serializers.IntegerField(read_only=True)

    class Meta(ClaimSerializer.Meta):
        model = Figure
        fields = [*ClaimSerializer.Meta.fields, "others"]


class FigureSerializer(ClaimSerializer):
    class Meta(ClaimSerializer.Meta):
        model = Figure


def headlines(claims: Iterable[Figure]) -> list[Figure]:
    """The newest standing claim of each indicator and nature; `others` counts all its rivals."""
    by_kind: dict[tuple[str, str], list[Figure]] = {}
    for claim in claims:
        by_kind.setdefault((claim.indicator_id, claim.nature), []).append(claim)
    chosen = []
    for rivals in by_kind.values():
        standing = [c for c in rivals if c.superseded_by_id is None and not c.is_withdrawn]
        if standing:
            newest = max(standing, key=lambda c: (str(c.as_of_end or ""), c.pk))
            newest.others = len(rivals) - 1  # type: ignore[attr-defined]
            chosen.append(newest)
    return chosen


class ParkSerializer(LedgerSerializer):
    region_name_zh = serializers.CharField(source="region.name_zh", read_only=True)
    region_name_en = serializers.CharField(source="region.name_en", read_only=True)
    operator = RowField(queryset=Organisation.objects.all(), allow_null=True, required=False)
    source = RowField(queryset=Source.objects.all(), allow_null=True, required=False)

    class Meta:
        model = Park
        fields = [
            *CODE,
            *NAMES,
            "kind",
            "region",
            "region_name_zh",
            "region_name_en",
            "brand",
            "operator",
            "leading_sectors",
            "is_placeholder",
            "publication",
            "source",
            "note",
            *RECORD,
        ]


class ParkDetailSerializer(ParkSerializer):
    """A park with its headline figures and its largest projects."""

    figures = serializers.SerializerMethodField()
    projects = serializers.SerializerMethodField()

    class Meta(ParkSerializer.Meta):
        fields = [*ParkSerializer.Meta.fields, "figures", "projects"]

    @extend_schema_field(HeadlineSerializer(many=True))
    def get_figures(self, park: Park) -> list[dict[str, Any]]:
        claims = park.figures.select_related("indicator", "source")
        return HeadlineSerializer(headlines(claims), many=True).data

    def get_projects(self, park: Park) -> dict[str, Any]:
        request = self.context["request"]
        visible = park.projects.visible_to(request.user)
        columns = [*CODE, *NAMES, "stage", "investment_cny", "investment_qualifier"]
        return {
            "count": visible.count(),
            "list_url": f"{reverse('project-list', request=request)}?park={park.code}",
            "largest": list(visible.order_by("-investment_rank", "-id").values(*columns)[:10]),
        }
