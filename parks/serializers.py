"""Parks, vocabularies, sources and tags as JSON."""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.reverse import reverse

from api.serializers import (
    CODE,
    NAME_FIELDS,
    RECORD_FIELDS,
    LedgerSerializer,
    RowField,
    TermField,
    TermSerializer,
)
from parks import models
from parks.claims.headlines import headlines
from parks.claims.serializers import HeadlineSerializer, ParkHeadlineSerializer, SharedRowSerializer
from parks.columns import PARKS, REGION_GROUPS, REGIONS, SECTORS, SOURCES, TAGS
from sheets.amounts import plain_number
from sheets.writing.columns import derive_columns, derive_table


class AliasesField(serializers.ListField):
    """Other names, by which filters find a term."""

    child = serializers.CharField(max_length=200)


class NameLinesField(AliasesField):
    """Other names, stored one per line, by which `q` finds a row."""

    def to_representation(self, data: Any) -> list[str]:
        return data.splitlines()

    def to_internal_value(self, data: Any) -> str:  # type: ignore[override]
        names = [" ".join(name.split()) for name in super().to_internal_value(data)]
        return "\n".join(dict.fromkeys(filter(None, names)))


@extend_schema_field({"type": "number"})
class NumberField(serializers.DecimalField):
    """A decimal as a JSON number."""

    default_error_messages = {"invalid": _("Give a number, without quotes and unit, such as 20.5.")}

    def to_representation(self, value: Any) -> Any:
        return plain_number(value)


DEGREES: Any = {"max_digits": 9, "decimal_places": 6, "allow_null": True, "required": False}


class RegionSerializer(TermSerializer):
    parent = TermField(queryset=models.Region.objects.all(), allow_null=True, required=False)
    aliases = AliasesField(required=False)

    class Meta:
        model = models.Region
        fields = REGIONS.names


class SectorSerializer(TermSerializer):
    parent = TermField(queryset=models.Sector.objects.all(), allow_null=True, required=False)

    class Meta:
        model = models.Sector
        fields = SECTORS.names


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


class MemberSerializer(LedgerSerializer):
    """A member of a group; in a body its code stands for a member without more."""

    is_named_by_code = True

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, str):
            return super().to_internal_value(data)
        name = self.Meta.fields[0]
        try:
            return super().to_internal_value({name: data})
        except serializers.ValidationError as error:
            told: Any = error.detail
            raise serializers.ValidationError(told[name]) from error


class RegionGroupMemberSerializer(MemberSerializer):
    class Meta:
        model = models.RegionGroupMember
        fields = ["region", "valid_from", "valid_to"]


class RegionGroupSerializer(GroupSerializer):
    members = RegionGroupMemberSerializer(many=True, required=False)

    def write(self, data: dict[str, Any], save: Any) -> Any:
        with transaction.atomic():
            group = super().write(data, save)
            group.require_apart()
        return group

    class Meta:
        model = models.RegionGroup
        fields = REGION_GROUPS.names


class SectorGroupMemberSerializer(MemberSerializer):
    class Meta:
        model = models.SectorGroupMember
        fields = ["sector", "position", "excluded"]


class SectorGroupSerializer(GroupSerializer):
    members = SectorGroupMemberSerializer(many=True, required=False)

    class Meta:
        model = models.SectorGroup
        fields = [*CODE, *NAME_FIELDS, "aliases", "source", "members"]


class TagSerializer(TermSerializer):
    class Meta:
        model = models.Tag
        fields = TAGS.names


class SourceSerializer(SharedRowSerializer):
    class Meta:
        model = models.Source
        fields = SOURCES.names


class OrganisationSerializer(SharedRowSerializer):
    aliases = NameLinesField(required=False)
    parent = RowField(queryset=models.Organisation.objects.all(), allow_null=True, required=False)

    class Meta:
        model = models.Organisation
        fields = [
            *CODE,
            *NAME_FIELDS,
            *("aliases uscc kind ownership region parent source note publication park").split(),
            *RECORD_FIELDS,
        ]


class ParkSerializer(LedgerSerializer):
    aliases = NameLinesField(required=False)
    latitude = NumberField(**DEGREES, min_value=-90, max_value=90)
    longitude = NumberField(**DEGREES, min_value=-180, max_value=180)

    class Meta:
        model = models.Park
        fields = PARKS.names


class ParkDetailSerializer(ParkSerializer):
    """A park with its headline figures."""

    figures = serializers.SerializerMethodField()

    class Meta(ParkSerializer.Meta):
        fields = [*ParkSerializer.Meta.fields, "figures"]

    @extend_schema_field(ParkHeadlineSerializer(many=True))
    def get_figures(self, park: models.Park) -> list[dict[str, Any]]:
        claims = park.figure_set.select_related("indicator", "source", "said_by__person")
        shown = HeadlineSerializer(headlines(claims), many=True).data
        figures_url = reverse("figure-list", request=self.context["request"])
        return [
            figure
            | {"claims_url": f"{figures_url}?park={park.code}&indicator={figure['indicator']}"}
            for figure in shown
        ]


TAGGING_COLUMNS = derive_columns(
    models.OrganisationTag,
    "tag tag_name_zh tag_name_en year valid_from valid_to detail source note",
)
TAGGING_FIELDS = [column.name for column in TAGGING_COLUMNS]


class TaggingSerializer(LedgerSerializer):
    """That something has a tag: of the list of a year, for a term, or without a date."""

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        attrs = super().validate(attrs)
        return attrs | {"valid_to": self.drafted.valid_to}  # which may follow from the tag's term


class OrganisationTagSerializer(TaggingSerializer):
    organisation = RowField(read_only=True)

    class Meta:
        model = models.OrganisationTag
        fields = [
            *("id", "organisation", "organisation_name_zh", "organisation_name_en"),
            *TAGGING_FIELDS,
        ]


ORGANISATION_TAGS = derive_table(
    "tags",
    models.OrganisationTag,
    "organisation organisation_name_zh organisation_name_en id",
    *TAGGING_COLUMNS,
    title=_("tags"),
)
