"""Tags of organisations and projects as JSON and in files, each with its year or term."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from config.api.fields import RowField
from config.api.serializers import LedgerSerializer
from config.spreadsheets import Table, derive_columns
from parks.models import OrganisationTag

TAGGING_FIELDS = [
    *("tag", "tag_name_zh", "tag_name_en", "year", "valid_from", "valid_to"),
    *("detail", "source", "note"),
]
TAGGING_COLUMNS = derive_columns(
    OrganisationTag, "tag tag_name_zh tag_name_en year valid_from valid_to detail source note"
)


class TaggingSerializer(LedgerSerializer):
    """That something has a tag: of the list of a year, for a term, or without a date."""

    tag_name_zh = serializers.CharField(source="tag.name_zh", read_only=True)
    tag_name_en = serializers.CharField(source="tag.name_en", read_only=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        attrs = super().validate(attrs)
        return attrs | {"valid_to": self.drafted.valid_to}  # which may follow from the tag's term


class OrganisationTagSerializer(TaggingSerializer):
    organisation = RowField(read_only=True)
    organisation_name_zh = serializers.CharField(source="organisation.name_zh", read_only=True)
    organisation_name_en = serializers.CharField(source="organisation.name_en", read_only=True)

    class Meta:
        model = OrganisationTag
        fields = [
            *("id", "organisation", "organisation_name_zh", "organisation_name_en"),
            *TAGGING_FIELDS,
        ]


ORGANISATION_TAGS = Table(
    "tags",
    _("tags"),
    derive_columns(
        OrganisationTag,
        "organisation organisation_name_zh organisation_name_en id",
        *TAGGING_COLUMNS,
    ),
)
